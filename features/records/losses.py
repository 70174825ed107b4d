"""What rejected rows cost: by school and by file, and how many children are on no roll any more."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from features.records.cells import day_first, iso, read_cell
from features.records.check import BLANK, KEPT, RULES, Read, Verdict
from features.records.checked import Checked, closings
from features.records.lags import LONGEST_AHEAD
from features.records.read import Rows
from features.records.rejected import places
from features.tables import ELSEWHERE, SCHOOL_STATUSES, TABLES

FEWEST = 5  # rows, below which the loss of a school or a file is not named
MOST_LOSSES = 10  # files or schools named in one sentence
HALF = 0.5  # of the rows of a school or a file, above which import stops
RECENT = 60  # days before the extract, about a half-term and its holiday
LONGEST_AFTER = 10  # school days after a closing on which its registers may go on


@dataclass(frozen=True)
class Loss:
    """Rows of one table that one school or one file loses; `rule` is that which most of them break."""

    table: str
    file: str
    urn: int | None
    rows: int
    rejected: int
    rule: str

    def is_above(self, share: float) -> bool:
        """Does it lose more than a share of its rows?"""
        return self.rejected > share * self.rows

    @property
    def where(self) -> str:
        return self.file or f"{self.table}, school {self.urn}"

    @property
    def sentence(self) -> str:
        every = "every one" if self.rejected == self.rows else f"{self.rejected:,}"
        was = "was" if self.rejected == self.rows else "were"  # never of one row alone: see `FEWEST`
        return f"{self.where}: {every} of {self.rows:,} rows {was} rejected, most by {self.rule}."

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        place = {"file": self.file} if self.file else {"urn": self.urn}
        return {"table": self.table, **place, "rows": self.rows, "rejected": self.rejected, "rule": self.rule}


def together(some: Sequence[Loss]) -> str:
    """One sentence of what the files, or the schools, of one table lose."""
    if len(some) == 1:
        return some[0].sentence
    named = [
        f"{loss.file or loss.urn} ({loss.rejected:,} of {loss.rows:,} rows)" for loss in some[:MOST_LOSSES]
    ]
    more = f" and {len(some) - MOST_LOSSES} more" if len(some) > MOST_LOSSES else ""
    rules = " and ".join(dict.fromkeys(loss.rule for loss in some))
    what = "files" if some[0].file else "schools"
    return f"{some[0].table}: {len(some)} {what} lose more than half of their rows, most by {rules}: {', '.join(named)}{more}."


@dataclass(frozen=True)
class Contradiction:
    """What the records say of a whole school that others of them contradict, in a column of a table.

    Attributes
    ----------
    share : float
        Of the school's rows or children that it would cost.
    """

    table: str
    column: str
    urn: int
    share: float
    sentence: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {"table": self.table, "column": self.column, "urn": self.urn, "share": round(self.share, 3)}


def losses(
    table: str, lost: tuple[Rows, Verdict], by_file: np.ndarray, by_school: Mapping[int, int]
) -> list[Loss]:
    """What each file and each school of a table loses, where that is five rows or more.

    Parameters
    ----------
    lost : tuple of Rows and Verdict
        The rejected rows.
    by_file : array of int64
        Rows read of each file.
    by_school : mapping of int to int
        Rows read of each school that the schools table has.
    """
    rows, verdict = lost
    if len(rows) < FEWEST:
        return []
    found = []
    for file, count, rule in _counted(rows.file, verdict):
        found.append(Loss(table, rows.files[file].name, None, int(by_file[file]), count, rule))
    if by_school:
        for urn, count, rule in _counted(urns_of(table, rows), verdict):
            if urn in by_school:
                found.append(Loss(table, "", urn, by_school[urn], count, rule))
    return [loss for loss in found if loss.rejected >= FEWEST]


def _counted(of: np.ndarray, verdict: Verdict) -> list[tuple[int, int, str]]:
    """Each file or school, its rejected rows, and the rule that most of them break."""
    found = []
    for one in np.unique(of).tolist():
        rules = verdict.rule[of == one]
        found.append((one, len(rules), RULES[int(np.bincount(rules).argmax())]))
    return found


def urns_of(table: str, rows: Rows) -> np.ndarray:
    """The URN of each row as it can be read; 0 where it cannot, or the table has none."""
    if "urn" not in rows.text.column_names:
        return np.zeros(len(rows), "int64")
    column = TABLES[table].column("urn")
    texts = rows.text["urn"].to_pylist()
    read = {text: read_cell(column, text or "").value for text in set(texts)}
    return np.array([read[text] or 0 for text in texts], "int64")


def rows_by_school(checked: Checked) -> dict[int, int]:
    """Rows read of each school, whether they were kept or not; empty for a table without schools."""
    if "urn" not in checked.columns or checked.table.name == "schools":
        return {}
    urn = checked.columns["urn"].values
    urns, counts = np.unique(urn[urn != BLANK], return_counts=True)
    return dict(zip(urns.tolist(), counts.tolist(), strict=True))


def on_no_roll(roll: Checked, schools: Checked, extracted_on: int) -> list[dict[str, Any]]:
    """By school, how many children are on no roll any more: the row that put them there was rejected, or the school closed.

    A child whose UPN cannot be read counts once for each text of it, and once for each row without one. A child
    whose only open spell was ended by its school's closing counts too. A rejected row is current unless it gives a
    leaving that can be meant, or an entry that is planned: a leaving before the entry is a placeholder, and nobody's
    admission is planned a year ahead.

    Returns
    -------
    list of dict
        urn and name of the school (None where the row names none that is known), children, and how many of them
        are `by_closing`.
    """
    columns, rule = roll.columns, roll.verdict.rule
    entry, leaving = columns["entry_date"].values, columns["leaving_date"].values
    is_own = _is_own(columns["enrolment_status"])
    is_open = (leaving == BLANK) | (leaving >= extracted_on)
    is_lost = (is_open | (leaving < entry)) & (
        (entry <= extracted_on) | (entry > extracted_on + LONGEST_AHEAD)
    )
    is_lost &= is_own & (rule != KEPT) & (rule != RULES.index("duplicate"))
    is_open &= (entry <= extracted_on) & is_own
    is_closed = roll.changed["closing_ended"] & is_own & ~is_open
    still = set(roll.pupil[is_open & (rule == KEPT)].tolist())
    names = dict(zip(schools.values("urn").tolist(), schools.texts("name").tolist(), strict=True))
    spelling = columns["upn"].spelling
    gone: dict[int | None, set[tuple[str, int]]] = {}
    closed: dict[int | None, set[tuple[str, int]]] = {}
    for row in np.flatnonzero(is_lost | is_closed).tolist():
        pupil, text = int(roll.pupil[row]), int(spelling[row])
        if pupil in still and pupil:
            continue
        urn = int(columns["urn"].values[row])
        child = ("pupil", pupil) if pupil else ("text", text) if text else ("row", row)
        found = gone if is_lost[row] else closed
        found.setdefault(urn if urn in names else None, set()).add(child)
    of_schools = {urn: (gone.get(urn, set()), closed.get(urn, set())) for urn in gone.keys() | closed.keys()}
    return [
        {
            "urn": urn,
            "name": names.get(urn) if urn is not None else None,
            "children": len(lost | ended),
            "by_closing": len(ended - lost),
        }
        for urn, (lost, ended) in sorted(of_schools.items(), key=lambda item: (item[0] is None, item[0] or 0))
    ]


def without_row(
    census: Checked, registers: tuple[Rows, Verdict], schools: Checked, extracted_on: int
) -> Counter[int]:
    """By school, how many children are in the latest census or in recent registers, and in no row of the roll.

    Parameters
    ----------
    registers : tuple of Rows and Verdict
        The rejected rows of attendance.
    """
    rule = RULES.index("unknown_pupil")
    days = census.columns["census_date"].values
    latest = days[days <= extracted_on].max(initial=BLANK)
    rows, verdict = registers
    at_fault = rows.take(np.flatnonzero(verdict.rule == rule))
    read = {text: _day(text or "") for text in pc.unique(at_fault.text["date"]).to_pylist()}
    recent = np.array([read[text] for text in at_fault.text["date"].to_pylist()], "int64")
    found: set[tuple[int, str]] = set()
    for name, some in (
        ("census", census.rows.take(np.flatnonzero((census.verdict.rule == rule) & (days == latest)))),
        ("attendance", at_fault.take(np.flatnonzero(recent > extracted_on - RECENT))),
    ):
        upns = pc.utf8_upper(pc.utf8_trim_whitespace(some.text["upn"])).to_pylist()
        found |= set(zip(urns_of(name, some).tolist(), upns, strict=True))
    known = set(schools.values("urn").tolist())
    return Counter(urn for urn, _ in found if urn in known)


def without_main(roll: Checked, schools: Checked, extracted_on: int) -> Counter[int]:
    """By school, how many children with a registration there on the day of the extract have none as single or main.

    Such a child is in no cohort. A subsidiary registration needs a main one, so each alone counts; guests and those of
    another provider are often nobody else's, and count where they are five or more and more than half of a school's children.
    """
    columns = roll.columns
    entry, leaving = columns["entry_date"].values, columns["leaving_date"].values
    is_now = roll.verdict.is_kept & (entry <= extracted_on)
    is_now &= (leaving == BLANK) | (leaving >= extracted_on)
    status = columns["enrolment_status"]
    is_of = {
        code: np.isin(status.values, np.flatnonzero(np.isin(status.words, code)))
        for code in (SCHOOL_STATUSES, "S")
    }
    is_alone = is_now & ~np.isin(roll.pupil, roll.pupil[is_now & is_of[SCHOOL_STATUSES]])
    urn = columns["urn"].values

    def children(rows: np.ndarray) -> Counter[int]:
        return Counter(of for of, _ in set(zip(urn[rows].tolist(), roll.pupil[rows].tolist(), strict=True)))

    every, guests = children(is_now), children(is_alone & ~is_of["S"])
    many = {of: num for of, num in guests.items() if num >= FEWEST and num > HALF * every[of]}
    known = set(schools.values("urn").tolist())
    return Counter(
        {of: num for of, num in (children(is_alone & is_of["S"]) + Counter(many)).items() if of in known}
    )


def _day(text: str) -> int:
    """The day of a register row that was rejected; `BLANK` where it cannot be read."""
    day = iso(text.strip())
    day = day_first(text.strip()) if day is None else day
    return BLANK if day is None else day


def _is_own(status: Read) -> np.ndarray:
    """Which rows do not say that the child is on no school's own roll; bool, shape (rows,)."""
    return ~np.isin(status.values, np.flatnonzero(np.isin(status.words, ELSEWHERE)))


def without_roll(roll: Checked, schools: Checked, extracted_on: int) -> list[dict[str, Any]]:
    """Schools open on the day of the extract of which no row of the roll, kept or rejected, puts a child on its own roll that day.

    A guest's, a previous or another provider's registration puts nobody on it.

    Returns
    -------
    list of dict
        urn and name, in order of urn.
    """
    columns = roll.columns
    leaving = columns["leaving_date"].values
    is_now = ((leaving == BLANK) | (leaving >= extracted_on)) & (columns["entry_date"].values <= extracted_on)
    is_now &= _is_own(columns["enrolment_status"])
    opened, closed = (schools.values(name) for name in ("opened_on", "closed_on"))
    is_open = ((opened == BLANK) | (opened <= extracted_on)) & ((closed == BLANK) | (closed > extracted_on))
    is_empty = is_open & ~np.isin(schools.values("urn"), columns["urn"].values[is_now])
    found = zip(schools.values("urn")[is_empty].tolist(), schools.texts("name")[is_empty], strict=True)
    return [{"urn": urn, "name": name} for urn, name in sorted(found)]


def after_closing(
    roll: Checked, schools: Checked, school_days: pd.DataFrame, days: np.ndarray, extracted_on: int
) -> list[Contradiction]:
    """Schools whose registers or entries go on for more than ten school days after the day on which they closed.

    Parameters
    ----------
    school_days : pandas.DataFrame
        urn, day, rows, and `possible`: the sessions of each school and day that count as possible.
    days : array of int64, sorted
        School days.

    Returns
    -------
    list of Contradiction
        A school with fewer than five rows after its closing is not among them, nor one whose closing ends no spell.
    """
    is_closed, urns = roll.changed["closing_ended"], roll.values("urn")
    found = []
    for urn, closed in sorted(closings(schools).items()):
        if closed > extracted_on:
            continue
        is_after = (school_days["urn"] == urn) & (school_days["day"] > closed) & (school_days["possible"] > 0)
        marks, entry = school_days[is_after], roll.values("entry_date")[urns == urn]
        entry = entry[(entry > closed) & (entry <= extracted_on)]
        if marks["rows"].sum() + len(entry) < FEWEST:
            continue
        last = max(closed, *marks["day"].tolist(), *entry.tolist())
        since = int(np.searchsorted(days, last, side="right") - np.searchsorted(days, closed, side="right"))
        if since <= LONGEST_AFTER:
            continue
        children = len(np.unique(roll.pupil[is_closed & (roll.columns["urn"].values == urn)]))
        if not children:
            continue
        day = np.datetime64(closed, "D")
        (where,) = places(schools.rows.take(schools.kept[schools.values("urn") == urn]))
        found.append(
            Contradiction(
                "schools", "closed_on", urn, 1.0,
                f"{where}, column closed_on: school {urn} is said to have closed on {day}, and its registers or entries go on for {since} school "
                f"days after it. The closing ends the spells of {children:,} {'child' if children == 1 else 'children'}, who would be on no list. Put the "
                "day right, or name the school as the predecessor_urn of the one that it went on as.",
            )
        )  # fmt: skip
    return found


def far_year_groups(far: Mapping[str, pd.DataFrame]) -> list[Contradiction]:
    """Schools of which more than half of the rows of a table, and five or more, give a year group far from the child's age.

    Parameters
    ----------
    far : mapping of str to pandas.DataFrame
        By table: `asked` and `far` by URN.
    """
    meant = {"roll": "On the roll it is the year group at entry. "}
    return [
        Contradiction(
            table, "nc_year", int(urn), far / asked,
            f"{table}, column nc_year: {far:,} of {asked:,} rows of school {urn} give a year group two years or more from that of the child's age, so "
            f"its children would be compared with those of another age. {meant.get(table, '')}Put nc_year or birth_date right.",
        )
        for table, counts in far.items()
        for urn, asked, far in counts.itertuples(name=None)
        if far >= FEWEST and far > HALF * asked
    ]  # fmt: skip
