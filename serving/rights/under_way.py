"""Erasures that this process carries out: each in a thread of its own, so that no request waits for it, and how far it is.

An erasure reads and searches every file that the service knows of: minutes of a big authority. One at a time: each seals folders
again. Nothing here outlives the process: an erasure that was interrupted is told by its request, and is given again.
"""

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock, Thread

from features.errors import PathwaysError
from serving.desk import told
from serving.errors import Breach, RecordsRefused
from serving.rights.record import ErasureProof

BEGINS = "It begins."
MISTAKE = (
    "A mistake of this program stopped it ({kind}). See the service’s messages, then carry it out again."
)
logger = logging.getLogger("pathways")


@dataclass
class UnderWay:
    """An erasure that was begun here.

    Attributes
    ----------
    begun_at : datetime
    done : Future of ErasureProof
        The proof, or why there is none.
    step : str
        What it is at, in words that name nobody.
    """

    begun_at: datetime
    done: Future[ErasureProof] = field(default_factory=Future)
    step: str = BEGINS

    def tell(self, step: str) -> None:
        self.step = step

    @property
    def why_not(self) -> tuple[str, ...]:
        """Why it ended without its proof; empty while it goes on, and where it has it."""
        error = self.done.exception() if self.done.done() else None
        if error is None:
            return ()
        if isinstance(error, RecordsRefused):
            return tuple(each.text for each in error.broken)
        return (
            told(error) if isinstance(error, PathwaysError) else MISTAKE.format(kind=type(error).__name__),
        )


class Erasures:
    """What is under way or ended without its proof, by home and request."""

    def __init__(self) -> None:
        self._one = Lock()
        self._begun: dict[tuple[Path, int], UnderWay] = {}

    def begin(
        self, home: Path, request: int, prepare: Callable[[], Callable[[UnderWay], ErasureProof]]
    ) -> UnderWay:
        """Begin an erasure in a thread of its own.

        Parameters
        ----------
        prepare : callable
            All that may still be refused, in the caller's own thread; it gives back what is then carried out.

        Raises
        ------
        RecordsRefused
            Another one is under way.
        """
        if not self._one.acquire(blocking=False):
            raise RecordsRefused(
                Breach("", "under_way", "Another erasure is under way. Wait until it is done.")
            )
        try:
            carry_out = prepare()
        except BaseException:
            self._one.release()
            raise
        made = self._begun[home, request] = UnderWay(datetime.now(UTC))
        Thread(target=self._go, args=(home, request, made, carry_out), name="erasure", daemon=True).start()
        return made

    def at(self, home: Path) -> dict[int, UnderWay]:
        """Of a home the erasures that go on, or ended without their proof, by request, as they are now."""
        return {request: each for (of, request), each in list(self._begun.items()) if of == home}

    def _go(
        self, home: Path, request: int, made: UnderWay, carry_out: Callable[[UnderWay], ErasureProof]
    ) -> None:
        try:
            proof = carry_out(made)
        except BaseException as error:
            logger.error("erasure, request %d: %s", request, type(error).__name__)
            self._one.release()
            made.done.set_exception(error)
            return
        del self._begun[home, request]
        self._one.release()
        made.done.set_result(proof)


ERASURES = Erasures()
