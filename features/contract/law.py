"""The law and guidance that this service rests on, by version, each with its days and how sure they are.

`law.csv` has them, one row a version. Guidance is dated: what was recorded under one version is told by that version
(`exclusions_guidance`). Documents cite what `documents` names them for; where a row says *check*, they say so too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import pandas as pd

COLLECTED = "November 2026"  # when the rows were collected from published sources
Standing = Literal["in force", "replaced", "policy", "draft", "not in force"]
STANDINGS: tuple[str, ...] = get_args(Standing)
DOCUMENTS = ("card", "record", "notice", "data_protection")
EXCLUSIONS = ("exclusions_guidance_2024", "exclusions_guidance_2026")  # in order of time


@dataclass(frozen=True)
class Law:
    """One version of one text.

    Attributes
    ----------
    name : str
        Its key.
    title, version : str
    first_day : date or None
        The first day on which it holds; None where it does not hold yet.
    last_day : date or None
        The last one; None where it still holds.
    standing : {"in force", "replaced", "policy", "draft", "not in force"}
        As it was when the rows were collected.
    means : str
        What follows from it here.
    certainty : str
    documents : tuple of str
        Those that cite it (`DOCUMENTS`).
    """

    name: str
    title: str
    version: str
    first_day: date | None
    last_day: date | None
    standing: str
    means: str
    certainty: str
    documents: tuple[str, ...]

    @property
    def must_check(self) -> bool:
        """Is some of it still to be checked against the primary text?"""
        return "check" in self.certainty

    def holds(self, on: date) -> bool:
        """Does it hold on a day? What has no first day holds on none."""
        return (
            self.first_day is not None
            and self.first_day <= on
            and (self.last_day is None or on <= self.last_day)
        )

    @property
    def days(self) -> str:
        """Its days in words."""
        if self.first_day is None:
            return self.standing
        first = f"{self.first_day.day} {self.first_day:%B %Y}"
        if self.last_day is None:
            return f"from {first}"
        return f"from {first} to {self.last_day.day} {self.last_day:%B %Y}"

    @property
    def citation(self) -> str:
        """Title, version and days, with *check* where they are to be checked."""
        version = "" if self.version in f"{self.title} {self.days}" else f", {self.version}"
        check = "; check" if self.must_check else ""
        return f"{self.title}{version} ({self.days}{check})"


@cache
def laws() -> tuple[Law, ...]:
    """Every row of `law.csv`, in its order."""
    with files("features.contract").joinpath("law.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file, keep_default_na=False, dtype=str)
    return tuple(
        _law({str(name): str(cell) for name, cell in row.items()}) for row in table.to_dict("records")
    )


def law(name: str) -> Law:
    """One row by its key; KeyError where there is none."""
    return {one.name: one for one in laws()}[name]


def cited_in(document: str) -> Iterator[Law]:
    """What a document cites, in the order of the table."""
    return (one for one in laws() if document in one.documents)


def exclusions_guidance(on: date) -> str:
    """The version of the statutory exclusions guidance by whose rules a record of a day is told, as a source.

    Before the first version known it is that one.
    """
    versions = [law(name) for name in EXCLUSIONS]
    return next((one for one in reversed(versions) if one.holds(on)), versions[0]).citation


def _law(row: dict[str, str]) -> Law:
    first, last = (date.fromisoformat(row[name]) if row[name] else None for name in ("first_day", "last_day"))
    return Law(
        row["name"], row["title"], row["version"], first, last, row["standing"], row["means"], row["certainty"],
        tuple(row["documents"].split()),
    )  # fmt: skip
