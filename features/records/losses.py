"""What rejected rows cost: by school and by file, and how many children are on no roll any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from features.records.cells import read_cell
from features.records.check import BLANK, KEPT, RULES, Verdict
from features.records.checked import Checked
from features.records.read import Rows
from features.tables import TABLES

FEWEST = 5  # rows, below which the loss of a school or a file is not named
HALF = 0.5  # of the rows of a school or a file, above which import stops
ELSEWHERE = ("F", "O", "G", "P")  # registrations that put nobody on a school's own roll


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
        return f"{self.where}: {every} of {self.rows:,} rows was rejected, most by {self.rule}."

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        place = {"file": self.file} if self.file else {"urn": self.urn}
        return {"table": self.table, **place, "rows": self.rows, "rejected": self.rejected, "rule": self.rule}


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
    """By school, how many children are on no roll any more as the row that put them there was rejected.

    A child whose UPN cannot be read counts once for each text of it, and once for each row without one.

    Returns
    -------
    list of dict
        urn and name of the school (None where the row names none that is known), and children.
    """
    columns, rule = roll.columns, roll.verdict.rule
    leaving = columns["leaving_date"].values
    status = columns["enrolment_status"]
    is_open = (leaving == BLANK) | (leaving >= extracted_on)
    is_open &= columns["entry_date"].values <= extracted_on
    is_open &= ~np.isin(status.values, np.flatnonzero(np.isin(status.words, ELSEWHERE)))
    is_lost = is_open & (rule != KEPT) & (rule != RULES.index("duplicate"))
    still = set(roll.pupil[is_open & (rule == KEPT)].tolist())
    names = dict(zip(schools.values("urn").tolist(), schools.texts("name").tolist(), strict=True))
    spelling = columns["upn"].spelling
    gone: dict[int | None, set[tuple[str, int]]] = {}
    for row in np.flatnonzero(is_lost).tolist():
        pupil, text = int(roll.pupil[row]), int(spelling[row])
        if pupil in still and pupil:
            continue
        urn = int(columns["urn"].values[row])
        child = ("pupil", pupil) if pupil else ("text", text) if text else ("row", row)
        gone.setdefault(urn if urn in names else None, set()).add(child)
    return [
        {"urn": urn, "name": names.get(urn) if urn is not None else None, "children": len(children)}
        for urn, children in sorted(gone.items(), key=lambda item: (item[0] is None, item[0] or 0))
    ]
