"""The access log: who asked for what, when, about whom, and what came of it. Reads are in it too.

A row is on disk before an answer leaves; where it cannot be written, nothing is shown. Many answers share one
write (group commit), so that one write to disk a moment is enough for all who wait.
"""

import queue
import threading
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path

from serving.database.connection import Database
from serving.errors import LogRefused
from serving.security.access_log.chain import Entry, append, open_key
from serving.security.access_log.key import KEY_FILE, LogKey

MOST_AT_ONCE = 256  # entries in one write
MOST_WAITING = 5_000


class AccessLog:
    """The log of one process; several processes may write one log.

    Parameters
    ----------
    database : Database
    head_file : Path
        Where the last row's number and hash are noted outside the database, so that a log cut short is seen.
        Best on another disk.
    key_file : Path or None
        Of the key that seals purges and the head file; None is the usual name next to the head file.
    """

    def __init__(self, database: Database, head_file: Path, key_file: Path | None = None) -> None:
        self.database = database
        self.head_file = head_file
        self.key_file = key_file or head_file.with_name(KEY_FILE)
        self._key: LogKey | None = None
        self._waiting: queue.Queue[tuple[Entry, str, Future[int]] | None] = queue.Queue(MOST_WAITING)
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._is_closed = False

    def submit(self, entry: Entry) -> Future[int]:
        """Queue an entry; the future gives its number once it is on disk, or raises LogRefused.

        In a coroutine: `await asyncio.wrap_future(log.submit(entry))`. Show nothing before that.

        Raises
        ------
        LogRefused
            The log is closed, or more wait than it can write.
        """
        future: Future[int] = Future()
        with self._lock:
            if self._is_closed:
                raise LogRefused("The access log is closed, so nothing is shown. Start the service again.")
            if self._writer is None:
                self._writer = threading.Thread(target=self._write_on, name="access log", daemon=True)
                self._writer.start()
            try:
                self._waiting.put_nowait(
                    (entry, datetime.now(UTC).isoformat(timespec="microseconds"), future)
                )
            except queue.Full:
                raise LogRefused(
                    "More is asked than the access log can write, so nothing is shown. Try again shortly."
                ) from None
        return future

    def write(self, entry: Entry) -> int:
        """Write an entry, on disk when this returns.

        Raises
        ------
        LogRefused
            It could not be written: show nothing (503, Retry-After).
        """
        return self.submit(entry).result()

    def key(self) -> LogKey:
        """The key that seals the log, made where the log never had one.

        Raises
        ------
        LogRefused
            The log was sealed with a key that is not there.
        """
        if self._key is None:
            self._key = open_key(self.database, self.head_file, self.key_file)
        return self._key

    def close(self) -> None:
        """Write what is queued, then stop."""
        with self._lock:
            self._is_closed = True
            writer = self._writer
            if writer is not None:
                self._waiting.put(None)
        if writer is not None:
            writer.join()

    def _write_on(self) -> None:
        is_open = True
        while is_open:
            batch = [self._waiting.get()]
            while len(batch) < MOST_AT_ONCE and not self._waiting.empty():
                batch.append(self._waiting.get())
            is_open = None not in batch
            self._write_all([each for each in batch if each is not None])

    def _write_all(self, batch: list[tuple[Entry, str, Future[int]]]) -> None:
        """Write a batch in one transaction; whoever waits is told its number, or that nothing may be shown."""
        if not batch:
            return
        try:
            numbers = append(
                [(entry, at) for entry, at, _ in batch], self.database, self.head_file, self.key()
            )
        except LogRefused as error:
            _refuse(batch, error)
            return
        except Exception as error:
            # Whatever it was, whoever waits must not wait for ever; a driver's own words can hold values.
            reason = type(getattr(error, "orig", None) or error).__name__
            _refuse(
                batch,
                LogRefused(
                    f"The access log could not be written ({reason}), so nothing is shown. Look at its disk."
                ),
            )
            return
        for number, (_, _, future) in zip(numbers, batch, strict=True):
            future.set_result(number)


def _refuse(batch: list[tuple[Entry, str, Future[int]]], error: LogRefused) -> None:
    for _, _, future in batch:
        future.set_exception(error)
