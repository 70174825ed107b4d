"""Whether the dates of a column have the day or the month first: by proof, never by a guess.

`04/09/2023` is the fourth of September or the ninth of April, and read the wrong way it moves a child's
history by months. A column shows its order where one of its days is above 12. One that does not takes the
order that the other date columns and files of the same table and school show beyond doubt, or that
`[dates.TABLE]` in authority.toml declares; else the import stops.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from features.errors import ExtractRefused
from features.records.authority import FILE_NAME
from features.records.cells import MIDNIGHT, day_first, iso, month_first
from features.records.extract import File
from features.records.read import numbered

FORMS = "Dates are read as 2024-09-02, or with the day first as 02/09/2024."
MOST_SCHOOLS = 5
Place = tuple[int, str]  # a file by its index, and a date column of it


@dataclass(frozen=True)
class Shown:
    """What the distinct texts of a date column of one file show of its order.

    Attributes
    ----------
    is_iso : bool
        A date is written as 2024-09-02.
    day, month : frozenset of str
        Texts that only the day-first style can read, and that only the month-first style can.
    open : frozenset of str
        Texts that either can read, as different days.
    is_other : bool
        A date reads as the same day in both styles, as 05/05/2024.
    """

    is_iso: bool = False
    day: frozenset[str] = frozenset()
    month: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    is_other: bool = False

    @classmethod
    def by(cls, texts: Iterable[str]) -> "Shown":
        """What some texts show; one that no style can read says nothing."""
        is_iso = is_other = False
        found: dict[str, set[str]] = {"day": set(), "month": set(), "open": set()}
        for text in texts:
            plain = MIDNIGHT.sub("", text.strip())
            by_day, by_month = day_first(plain), month_first(plain)
            is_iso = is_iso or iso(plain) is not None
            is_other = is_other or (by_day is not None and by_day == by_month)
            if by_day is not None and by_month is None:
                found["day"].add(text)
            elif by_month is not None and by_day is None:
                found["month"].add(text)
            elif by_day != by_month:
                found["open"].add(text)
        return cls(is_iso, is_other=is_other, **{name: frozenset(some) for name, some in found.items()})


def day_first_files(
    table: str,
    files: Sequence[File],
    shown: Mapping[Place, Shown],
    schools: Callable[[int], frozenset[str]],
    is_declared: bool,
) -> dict[str, frozenset[int]]:
    """Files whose dates have the day first, by column.

    Parameters
    ----------
    shown : mapping of (int, str) to Shown
        Of each date column of each file.
    schools : callable of int to frozenset of str
        The schools of whose rows a file has any; empty for a table without schools.
    is_declared : bool
        authority.toml says that the table's dates have the day first.

    Raises
    ------
    ExtractRefused
        A column has the month first, contradicts itself or others, or shows no order; every one at once.
    """
    turned: dict[str, set[int]] = {}
    breaches = []
    for (index, column), one in shown.items():
        if one.is_iso:  # the others are unreadable, each in its row
            continue
        where = f"{files[index].name}, column {column}"
        others = [other for other in _others((index, column), shown, schools) if not other.is_iso]
        if one.month and one.day:
            breaches.append(
                f"{where}: some dates can only have the month first ({_line(files[index], column, one.month)}) and some only the day "
                f"({_line(files[index], column, one.day)}), so what the others mean is not known. Export the column as 2024-09-02. {FORMS}"
            )
        elif one.month:
            breaches.append(
                f"{where}: dates have the month first ({_line(files[index], column, one.month)}). Export the column as 2024-09-02. {FORMS}"
            )
        elif one.day or (one.is_other and not one.open):
            turned.setdefault(column, set()).add(index)
        elif one.open:
            months, days = any(other.month for other in others), any(other.day for other in others)
            if (days or is_declared) and not months:
                turned.setdefault(column, set()).add(index)
                continue
            why = (
                "other dates of the same table and school have the month first"
                if months
                else "no date shows which comes first"
            )
            breaches.append(
                f"{where}: every day and month is 12 or less ({_line(files[index], column, one.open)}{_of(schools(index))}), and {why}; read the wrong "
                f"way, children's dates would move by months. Export the column as 2024-09-02"
                + (
                    "."
                    if months
                    else f', or, if the day does stand first, say so in {FILE_NAME}: [dates.{table}] order = "day_first".'
                )
                + f" {FORMS}"
            )
    if breaches:
        raise ExtractRefused(*breaches)
    return {column: frozenset(indexes) for column, indexes in turned.items()}


def _others(
    place: Place, shown: Mapping[Place, Shown], schools: Callable[[int], frozenset[str]]
) -> list[Shown]:
    """What the other date columns of a file show, and those of other files that have rows of all its schools."""
    index = place[0]
    return [
        one
        for other, one in shown.items()
        if other != place and (other[0] == index or schools(index) <= schools(other[0]))
    ]


def _line(file: File, column: str, texts: frozenset[str]) -> str:
    """The first line on which one of some texts stands in a column."""
    if file.traits is not None:
        place = file.positions[column]
        for line, row in numbered(file):
            if len(row) > place and row[place] in texts:
                return f"line {file.original_lines(np.array([line]))[0]}"
    return "in Parquet, so no line can be named"


def _of(schools: frozenset[str]) -> str:
    if not schools:
        return ""
    named = sorted(schools)[:MOST_SCHOOLS]
    more = f" and {len(schools) - len(named)} more" if len(schools) > len(named) else ""
    return f"; rows of school{'' if len(schools) == 1 else 's'} {', '.join(named)}{more}"
