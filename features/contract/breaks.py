"""Breaks in time: the days on which what a column means changed, and what each reader does about it.

`breaks.csv` has those of England, one row each, with their source and how certain they are; an authority adds its
own, or its own day of a national one, under `[[breaks]]` of `authority.toml`. Features, training, monitor, audit,
cards and documents read them here and nowhere else.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Literal, get_args

import pandas as pd

if TYPE_CHECKING:
    from features.records.authority import Authority

Kind = Literal["label", "feature", "group", "vocabulary", "level"]
Hit = Literal[
    "label", "attendance", "suspensions", "involvements", "hidden_exit", "fsm_eligible", "ethnicity", "sen_provision", "idaci_decile"
]  # fmt: skip
KINDS: tuple[str, ...] = get_args(Kind)
HITS: tuple[str, ...] = get_args(Hit)
DOES = {
    "features": ("missing", "by_code", "none"),
    "training": ("named", "none"),
    "monitor": ("expected", "none"),
    "audit": ("no_comparison", "new_group", "none"),
    "cards": ("sentence", "none"),
    "documents": ("cited", "none"),
}
SCOPES = ("national", "authority", "school")


@dataclass(frozen=True)
class Break:
    """One break.

    Attributes
    ----------
    name : str
        Its key.
    first_day : date
        The first day on which things are otherwise.
    last_day : date or None
        The last such day of what passed again; None where it stays.
    kind : {"label", "feature", "group", "vocabulary", "level"}
        What changes: the outcome that is learned, what a feature counts, who is in a group, which codes are written,
        or how common something is.
    hits : tuple of str
        What it changes the meaning of (`HITS`).
    scope : {"national", "authority", "school"}
        Whose day it is; of a school's, `first_day` is the first on which any school may have moved.
    features : {"missing", "by_code", "none"}
        Look-backs that reach in are missing; codes are read by their families; or nothing.
    training : {"named", "none"}
        Evidence names it where training and test lie on two sides.
    monitor : {"expected", "none"}
        A shift that it explains is said and is no alarm.
    audit : {"no_comparison", "new_group", "none"}
        The group on its two sides is not compared; or has new groups beside it.
    cards : {"sentence", "none"}
        `on_card` is said where a fact straddles.
    documents : {"cited", "none"}
    sentence, on_card : str
        For reports, and for a card.
    certainty, source : str
    schools : tuple of int
        URNs of those it is about; empty for every one.
    """

    name: str
    first_day: date
    last_day: date | None
    kind: str
    hits: tuple[str, ...]
    scope: str
    features: str
    training: str
    monitor: str
    audit: str
    cards: str
    documents: str
    sentence: str
    on_card: str
    certainty: str
    source: str
    schools: tuple[int, ...] = ()

    @property
    def must_check(self) -> bool:
        """Is some of it still to be checked against the primary text?"""
        return "check" in self.certainty or "check" in self.source

    def touches(self, first: date, last: date) -> bool:
        """Does some day from `first` to `last`, both inside, lie in what passed again, or does the lasting day lie between?

        A lasting break is straddled where `first` is before it and `last` is not.
        """
        if self.last_day is None:
            return first < self.first_day <= last
        return first <= self.last_day and self.first_day <= last

    def as_facts(self) -> dict[str, str]:
        """What evidence, audit and monitor write of it."""
        return {
            "name": self.name,
            "first_day": self.first_day.isoformat(),
            "last_day": self.last_day.isoformat() if self.last_day else "",
            "kind": self.kind,
            "sentence": self.sentence,
            "certainty": self.certainty,
            "source": self.source,
        }


@cache
def declared() -> pd.DataFrame:
    """`breaks.csv` as text, one row a break. Treat as read-only."""
    with files("features.contract").joinpath("breaks.csv").open(encoding="utf-8") as file:
        return pd.read_csv(file, keep_default_na=False, dtype=str)


def names() -> tuple[str, ...]:
    """The breaks that `breaks.csv` has."""
    return tuple(declared()["name"])


def first_day(name: str) -> date:
    """The first day of a break of England; KeyError where there is none, ValueError where each authority has its own."""
    return date.fromisoformat(str(declared().set_index("name").loc[name, "first_day"]))


def breaks(authority: "Authority") -> tuple[Break, ...]:
    """Every break that an authority's records have, in order of first day.

    A made-up authority has only those that it was made with. A national break without a day of its own (Family Help) is there only
    where the authority names its day.
    """
    own = {one.name: one for one in authority.breaks}
    found = []
    for row in (
        {str(name): str(text) for name, text in one.items()} for one in declared().to_dict("records")
    ):
        day = own[row["name"]].first_day if row["name"] in own else _day(row["first_day"])
        is_there = row["in_made_up"] == "yes" or not authority.authority.is_made_up
        if day is not None and (is_there or row["name"] in own):
            found.append(_national(row, day))
    found = [
        replace(one, schools=own[one.name].schools, last_day=own[one.name].last_day or one.last_day)
        if one.name in own
        else one
        for one in found
    ]
    local = [
        Break(
            one.name, one.first_day, one.last_day, str(one.kind), one.hits, "school" if one.schools else "authority",
            one.features, "named", "expected", "no_comparison" if one.kind == "group" else "none", "none", "cited",
            one.sentence, "", "as the authority says", "authority.toml", one.schools,
        )
        for one in authority.breaks
        if one.name not in names()
    ]  # fmt: skip
    return tuple(sorted([*found, *local], key=lambda one: (one.first_day, one.name)))


def hitting(some: Iterable[Break], hits: Collection[str]) -> tuple[Break, ...]:
    """Those breaks that change the meaning of any of some things."""
    return tuple(one for one in some if set(one.hits) & set(hits))


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _national(row: dict[str, str], day: date) -> Break:
    return Break(
        name=row["name"],
        first_day=day,
        last_day=_day(row["last_day"]),
        kind=row["kind"],
        hits=tuple(row["hits"].split()),
        scope=row["scope"],
        features=row["features"],
        training=row["training"],
        monitor=row["monitor"],
        audit=row["audit"],
        cards=row["cards"],
        documents=row["documents"],
        sentence=row["sentence"],
        on_card=row["on_card"],
        certainty=row["certainty"],
        source=row["source"],
    )
