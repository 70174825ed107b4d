"""What is carried from one year of a made-up authority to the next, and its open files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from features.synthetic import assumptions as assume
from features.synthetic.identity import Register
from features.synthetic.pupils import NO_DAY
from features.synthetic.schools import Schools
from features.synthetic.switches import Switches
from features.synthetic.writing import Csv


@dataclass
class Maker:
    """What is carried from one year to the next."""

    out: Path
    seed: int
    switches: Switches
    schools: Schools
    first_recorded: int
    register: Register = field(default_factory=Register)
    files: dict[str, Csv] = field(default_factory=dict)
    pupils: np.ndarray = field(default_factory=lambda: np.zeros(0))
    marks: int = 0
    truth_dates: Sequence[date] = ()
    last: int = assume.LAST_YEAR_STARTS
    extracted_on: np.datetime64 = field(default_factory=lambda: np.datetime64(date(*assume.EXTRACTED_ON)))

    def file(self, name: str) -> Csv:
        return self.files.setdefault(name, Csv(self.out / f"{name}.csv"))


def no_later(maker: Maker, dates: np.ndarray) -> np.ndarray:
    """Dates up to the extract; not-a-time in place of later ones, which nobody knows yet."""
    return np.where(dates <= maker.extracted_on, dates, NO_DAY)


def delayed(
    rng: np.random.Generator, dates: np.ndarray, usual: float, share_late: float, late: int
) -> np.ndarray:
    """The days on which facts became known: mostly within days, some much later."""
    size = len(dates)
    days = rng.exponential(usual, size).astype(int)
    return dates + np.where(rng.random(size) < share_late, rng.integers(late // 3, late, size), days)


def write_csv(path: Path, columns: Mapping[str, np.ndarray]) -> None:
    file = Csv(path)
    file.write(columns)
    file.close()
