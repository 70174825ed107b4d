"""The spool: every register row as one packed number on disk, and what one pass over them found."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from features.records.authority import Authority
from features.records.check import Verdict
from features.records.extract import File
from features.records.identities import Pupils
from features.records.packing import Packing
from features.records.read import Rows

REJECTED = -1


@dataclass(frozen=True)
class Block:
    """A stretch of the spool, and its rows by academic year."""

    start: int
    size: int
    years: Mapping[int, int]


@dataclass
class Registers:
    """What one pass over the registers found.

    Attributes
    ----------
    spool : Path
        Every row as one packed number, in order of file and row; `REJECTED` where it broke a rule.
    starts : list of int
        Where each file's rows begin in the spool; one more for the end.
    recorded : Counter
        Rows by the day they were recorded, in days since 1970-01-01.
    """

    files: list[File]
    packing: Packing
    authority: Authority
    pupils: Pupils
    spool: Path
    day_first_files: Mapping[str, frozenset[int]]
    starts: list[int] = field(default_factory=lambda: [0])
    blocks: list[Block] = field(default_factory=list)
    rejected: list[tuple[Rows, Verdict]] = field(default_factory=list)
    repaired: Counter = field(default_factory=Counter)
    recorded: Counter = field(default_factory=Counter)

    @property
    def num_rows(self) -> int:
        return self.starts[-1]

    @property
    def years(self) -> dict[int, int]:
        """Kept rows of each academic year, by the calendar year it began in; repeats counted."""
        years: Counter = Counter()
        for block in self.blocks:
            years.update(block.years)
        return dict(sorted(years.items()))

    def rows(self, year: int | None = None) -> Iterator[tuple[Block, np.ndarray]]:
        """The spool block by block; only blocks that hold rows of a year, where one is asked for."""
        with self.spool.open("rb") as spool:
            for block in self.blocks:
                if year is None or year in block.years:
                    spool.seek(8 * block.start)
                    yield block, np.fromfile(spool, "int64", block.size)
