"""The withheld table, which fails closed: what cannot be read there protects the child more, never less."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from features.records.check import BLANK, KEPT, RULES, Read, Verdict
from features.records.read import Rows
from features.records.rejected import places

if TYPE_CHECKING:
    from features.records.checked import Checked

BEGINNING = int(np.datetime64("1900-01-01", "D").astype("int64"))  # before anybody on a roll was born
FIRST_END = int(
    np.datetime64("2000-01-01", "D").astype("int64")
)  # an end before it is a placeholder, not a day
FROM, TO, REASON = "open_from", "open_to", "as_restricted"
SENTENCES = {
    FROM: "the first day cannot be used (blank, unreadable, ahead of the extract, or after the last), so the child is protected from the beginning",
    TO: "the last day cannot be used (unreadable, before the first, or before the child was on any roll), so the child is protected for good",
    REASON: "the reason is none that the contract knows, so the child is restricted: never named anywhere",
}


def failing_closed(
    columns: Mapping[str, Read], extracted_on: int, entry: np.ndarray
) -> tuple[dict[str, Read], dict[str, np.ndarray]]:
    """The columns of withheld with every cell that cannot be used read as the more protecting one.

    A blank or unreadable `from` means from the beginning, a blank or unreadable `to` for ever, and any other
    reason restricted. A `from` after the extract was made, and an end before its start or before the child
    was on any roll (a placeholder, not a day), cannot be meant.

    Parameters
    ----------
    entry : array of int64, shape (rows,)
        The first day on which each row's child was on a roll; `BLANK` where no roll says.

    Returns
    -------
    tuple of dict and dict
        The columns; and by `open_from`, `open_to` and `as_restricted` the rows that were read so.
    """
    start, reason = columns["from"], columns["reason"]
    end = columns.get("to")
    to = end.values if end else np.full(len(start.values), BLANK)
    is_contrary = (to != BLANK) & (start.values != BLANK) & (to < start.values)
    is_open = (start.values == BLANK) | (start.values > extracted_on) | is_contrary
    is_unknown = reason.values == BLANK
    words = np.append(reason.words, "restricted").astype(object)
    restricted = np.flatnonzero(words == "restricted")[0]
    found = {
        **columns,
        "from": _read_so(start, is_open, BEGINNING, FROM),
        "reason": replace(_read_so(reason, is_unknown, restricted, REASON), words=words),
    }
    changed = {FROM: is_open, REASON: is_unknown}
    if end:
        is_early = (to != BLANK) & (to < np.maximum(entry, FIRST_END))  # `BLANK` is less than any day
        changed[TO] = (end.faults != KEPT) | is_contrary | is_early
        found["to"] = _read_so(end, changed[TO], BLANK, TO)
    return found, changed


def _read_so(read: Read, rows: np.ndarray, value: int, rule: str) -> Read:
    faults = np.full(len(rows), KEPT, "int8")
    repaired = read.repaired + Counter({rule: int(rows.sum())})
    return replace(read, values=np.where(rows, value, read.values), faults=faults, repaired=repaired)


def is_unnamed(verdict: Verdict) -> np.ndarray:
    """Which rows of withheld protect nobody, as their UPN cannot be read or is on no roll; bool, shape (rows,)."""
    return (verdict.rule != KEPT) & (verdict.rule != RULES.index("duplicate"))


def refused(lost: tuple[Rows, Verdict]) -> list[str]:
    """What stops an import, of the rejected rows of withheld."""
    rows, verdict = lost
    at_fault = np.flatnonzero(is_unnamed(verdict))
    if not len(at_fault):
        return []
    one = len(at_fault) == 1
    return [
        f"{'; '.join(places(rows.take(at_fault)))}: {'a row protects' if one else f'{len(at_fault):,} rows protect'} nobody, as the UPN "
        f"cannot be read or is on no school's roll, and {'a child' if one else 'children'} who should be withheld would be scored and "
        "could be named. Put each UPN right, or take the row out once you know whom it is about."
    ]


@dataclass(frozen=True)
class Protected:
    """How many children are protected on the day of the extract, and what was read as more protecting.

    Attributes
    ----------
    num_by_claim : int
        Of them, those whom no row names: a claim to a former UPN, believed or not, links them with one who is.
    repaired : mapping of str to list of str
        `open_from`, `open_to` and `as_restricted`, each with the places of its rows.
    """

    num_restricted: int
    num_objections: int
    num_by_claim: int
    repaired: Mapping[str, list[str]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "restricted": self.num_restricted,
            "objection": self.num_objections,
            "by_claim": self.num_by_claim,
            "read_as_more": {rule: places for rule, places in self.repaired.items() if places},
        }


def protected(checked: "Checked", extracted_on: int) -> Protected:
    """Count who is protected, of the rows of withheld."""
    end, reason = checked.values("to"), checked.texts("reason")
    is_now = (end == BLANK) | (end >= extracted_on)
    pupil = checked.pupil[checked.kept]
    restricted = set(pupil[is_now & (reason == "restricted")].tolist())
    objections = set(pupil[is_now & (reason == "objection")].tolist())
    named = restricted | objections
    for some in (restricted, objections):
        some |= {other for one in some for other in checked.others.get(one, ())}
    found = {
        rule: places(checked.rows.take(np.flatnonzero(rows & checked.verdict.is_kept)))
        for rule, rows in checked.changed.items()
    }
    by_claim = (restricted | objections) - named
    return Protected(len(restricted), len(objections - restricted), len(by_claim), found)
