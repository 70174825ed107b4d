"""How the text of a cell is read: its value, the rule it breaks, the repairs it needed.

A table has far fewer distinct texts than cells, so each distinct text of a column is read once and
the answer is carried back to every row that holds it.
"""

import re
from collections.abc import Callable, Mapping, Set
from datetime import date
from functools import cache
from typing import NamedTuple

from features.codes import code_set
from features.records.upn import upn_fault
from features.table import Column

EPOCH = date(1970, 1, 1).toordinal()
MAX_URN = 999_999
MIDNIGHT = re.compile(r"[ T]0?0:00(:00([.,]0+)?)?Z?$")  # a database's day, which is no time
RESULTS = {"met": "met", "not met": "not_met", "absent": "absent"}
PHONICS_MARKS = 40  # of the phonics screening check
SCALED = (80, 120)  # scaled scores of key stage 2, and wider than those of key stage 1 (85 to 115)
TRUTHS = {"y": 1, "n": 0, "1": 1, "0": 0, "true": 1, "false": 0}


class Cell(NamedTuple):
    """One text as read.

    Attributes
    ----------
    value : str, int or None
        Canonical text, whole number, days since 1970-01-01, or 1 and 0 for yes and no; None where
        the text is blank or breaks a rule.
    text : str
        The text in its one spelling: two cells with the same `text` say the same.
    fault : str
        The rule that the text breaks; "" for none.
    repairs : tuple of str
        The rules under which it was repaired.
    """

    value: str | int | None
    text: str
    fault: str = ""
    repairs: tuple[str, ...] = ()


BLANK = Cell(None, "")


def read_cell(
    column: Column,
    text: str,
    *,
    own_values: Mapping[str, str] | None = None,
    is_day_first: bool = False,
    blank: Set[str] = frozenset(),
) -> Cell:
    """Read one distinct text of a column of the contract.

    Parameters
    ----------
    own_values : mapping of str to str
        The extract's own values to the contract's, from `authority.toml`.
    is_day_first : bool
        How the whole column writes its dates.
    blank : set of str
        The extract's own words for a blank cell, from `authority.toml`; one that is a code of the column stays that code.
    """
    trimmed = text.strip()
    meant = (own_values or {}).get(trimmed, trimmed)
    if not meant or (trimmed in blank and not _is_code(column, meant)):
        return BLANK
    cell = _date(meant, is_day_first) if column.kind == "date" else _READERS[column.kind](column, meant)
    if trimmed == text or cell.fault:
        return cell
    return cell._replace(repairs=("trimmed", *cell.repairs))


def _upn(column: Column, text: str) -> Cell:
    capital = text.upper()
    if fault := upn_fault(capital):
        return Cell(None, text, fault)
    return Cell(capital, capital, repairs=("case",) if capital != text else ())


def _text(column: Column, text: str) -> Cell:
    return Cell(text, text)


def _whole_number(text: str) -> tuple[int | None, tuple[str, ...]]:
    whole, point, zeros = text.partition(".")
    digits = whole.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 9 or zeros.strip("0"):
        return None, ()
    return int(whole), ("integer_text",) if point else ()


def _urn(column: Column, text: str) -> Cell:
    number, repairs = _whole_number(text)
    if number is None or not 100_000 <= number <= MAX_URN:
        return Cell(None, text, "unknown_school")
    return Cell(number, str(number), repairs=repairs)


def _integer(column: Column, text: str) -> Cell:
    number, repairs = _whole_number(text)
    low, high = column.low, column.high
    if number is None or (low is not None and number < low) or (high is not None and number > high):
        return Cell(None, text, "out_of_range")
    return Cell(number, str(number), repairs=repairs)


def _school_year(column: Column, text: str) -> Cell:
    """The calendar year in which a school year ends, from `2025` or `2024/25`."""
    start, slash, end = text.partition("/")
    if slash and start.isdecimal() and end.isdecimal() and len(start) == 4 and len(end) in (2, 4):
        year = int(start) + 1
        return (
            _integer(column, str(year)) if year % 100 == int(end) % 100 else Cell(None, text, "out_of_range")
        )
    return _integer(column, text)


def _result(column: Column, text: str) -> Cell:
    """A scaled score as its number, a mark in phonics (up to 40), or one of `RESULTS`."""
    word = RESULTS.get(" ".join(text.casefold().replace("_", " ").split()))
    if word:
        return Cell(word, word, repairs=() if text in (word, word.replace("_", " ")) else ("case",))
    number, repairs = _whole_number(text)
    if number is None or not (0 <= number <= PHONICS_MARKS or SCALED[0] <= number <= SCALED[1]):
        return Cell(None, text, "out_of_range" if number is not None else "unknown_code")
    return Cell(str(number), str(number), repairs=repairs)


def _boolean(column: Column, text: str) -> Cell:
    truth = TRUTHS.get(text.lower())
    return Cell(None, text, "unknown_code") if truth is None else Cell(truth, str(truth))


@cache
def _spellings(column: Column) -> dict[str, str]:
    """Every way to write a code, letter case aside, to the code that is stored."""
    if column.allowed:
        return {code.casefold(): code for code in column.allowed}
    codes = code_set(column.codes)
    stored = (
        codes["read_as"].where(codes["read_as"] != "", codes["code"]) if "read_as" in codes else codes["code"]
    )
    return {code.casefold(): kept for code, kept in zip(codes["code"], stored, strict=True)}


def _code(column: Column, text: str) -> Cell:
    stored = _spellings(column).get(text.casefold())
    if stored is None:
        return Cell(None, text, "unknown_code")
    return Cell(stored, stored, repairs=() if text in _as_published(column) else ("case",))


def _is_code(column: Column, text: str) -> bool:
    return column.kind == "code" and text.casefold() in _spellings(column)


@cache
def _as_published(column: Column) -> frozenset[str]:
    return frozenset(column.codes_known)


def _date(text: str, is_day_first: bool) -> Cell:
    plain = MIDNIGHT.sub("", text)
    day = day_first(plain) if is_day_first else iso(plain)
    if day is None:
        return Cell(None, text, "bad_date")
    return Cell(day, f"day {day}", repairs=() if plain == text else ("midnight",))


def iso(text: str) -> int | None:
    """Days since 1970-01-01 of `2024-09-02`; None for anything else."""
    parts = text.split("-")
    return _days(parts) if [len(part) for part in parts] == [4, 2, 2] else None


def day_first(text: str) -> int | None:
    """Days since 1970-01-01 of `02/09/2024`, also with dots or hyphens; None for anything else."""
    parts = text.replace("-", "/").replace(".", "/").split("/")
    if len(parts) != 3 or len(parts[2]) != 4 or not all(1 <= len(part) <= 2 for part in parts[:2]):
        return None
    return _days(parts[::-1])


def _days(parts: list[str]) -> int | None:
    if not all(part.isascii() and part.isdigit() for part in parts):
        return None
    try:
        return date(*map(int, parts)).toordinal() - EPOCH
    except ValueError:
        return None


def month_first(text: str) -> int | None:
    """Days since 1970-01-01 of a text with the month first, `09/02/2024`; None for anything else. No cell is read so."""
    parts = text.replace("-", "/").replace(".", "/").split("/")
    return day_first("/".join((parts[1], parts[0], parts[2]))) if len(parts) == 3 else None


_READERS: dict[str, Callable[[Column, str], Cell]] = {
    "upn": _upn,
    "urn": _urn,
    "text": _text,
    "integer": _integer,
    "boolean": _boolean,
    "code": _code,
    "school_year": _school_year,
    "result": _result,
}
