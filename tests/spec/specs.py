"""What a spec is: a little pipe table in, a dict out; all of one date run together.

In a spec's tables pupils and schools are small numbers of its own: they get numbers that no other spec has, so
that one matrix answers all of them. Its schools are 1 (primary) and 2 (secondary) unless it has its own; a
pupil without a roll row has been at school 2 since before the calendar begins. A date may be written `20 ago`:
the school day that was 20 school days before the as-of date. A row of marks may run `until` a later date.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from features.matrix import feature_matrix
from features.records.layout import STORED
from features.records.store import Records
from tests import small
from tests.reference import World
from tests.reference_features import matrix_row

FRIDAY = date(2025, 2, 14)  # the last school day of a half-term
SCHOOLS = """
urn | name | phase     | type       | district
1   | One  | primary   | maintained | North
2   | Two  | secondary | maintained | North
"""
SINCE_2020 = {
    "roll": "pupil|urn|enrolment_status|entry_date|birth_date\n1|100002|C|2020-09-07|2010-01-01",
    "census": "pupil|urn|census_date|birth_date|sen_provision|nc_year\n1|100002|2020-10-01|2010-01-01|N|6",
    "attendance": "pupil|urn|date|am|pm\n1|100002|2020-09-07|/|\\",
    "suspensions": "pupil|urn|category|start_date|sessions\n1|100002|SUSP|2020-09-08|1",
    "involvements": "pupil|kind|start_date|end_date\n1|young_carer|2020-09-07|2020-09-08",
}
SINCE_2024 = {name: text.replace("2020-", "2024-") for name, text in SINCE_2020.items()}
BACKGROUNDS: dict[str, Mapping[str, str]] = {
    "since 2020": SINCE_2020,
    "since 2024": SINCE_2024,
    "nothing": {},
    "custody named": SINCE_2020,
}
CUSTODY_NAMED = small.AUTHORITY.replace("[lawful_basis]", '[lawful_basis]\ncustody = "a made-up condition"')


@dataclass(frozen=True)
class Spec:
    """One spec.

    Attributes
    ----------
    words : str
        What it shows.
    expect : dict of str to dict of int to float or None
        By feature and pupil; None is missing.
    tables : dict of str to str
        Pipe tables by name.
    as_of : date
    background : {"since 2020", "since 2024", "nothing", "custody named"}
        How far the authority's other records reach; the last reaches as far as the first, and the authority
        names a condition for custody.
    """

    words: str
    expect: Mapping[str, Mapping[int, float | None]]
    tables: Mapping[str, str]
    as_of: date = FRIDAY
    background: str = "since 2020"


def spec(words: str, expect, *, as_of: date = FRIDAY, background: str = "since 2020", **tables: str) -> Spec:
    return Spec(words, expect, tables, as_of, background)


def world(tables: dict[str, list[dict]], as_of: date, toml: str = small.AUTHORITY) -> World:
    """The oracle over the same rows."""
    authority = tomllib.loads(toml)
    return World(tables, authority["terms"], authority["closures"], set(authority["lawful_basis"]), as_of)


def toml_of(background: str) -> str:
    """The authority.toml of a background."""
    return CUSTODY_NAMED if background == "custody named" else small.AUTHORITY


def own_number(number: int, column: str, text: str) -> str:
    """A spec's own small pupil or school number as one that no other spec has."""
    if column == "pupil":
        return str(1000 * (number + 1) + int(text))
    return str(200000 + 100 * number + int(text)) if int(text) < 100 else text


def rows_of(number: int, one: Spec, calendar: World) -> dict[str, list[dict[str, str]]]:
    """A spec's tables as rows of text, dates and numbers written out."""
    made = {name: small.rows(text) for name, text in {"schools": SCHOOLS, **one.tables}.items()}
    pupils = {str(pupil) for told in one.expect.values() for pupil in told}
    enrolled = {row["pupil"] for row in made.get("roll", [])}
    default = "pupil|urn|enrolment_status|entry_date|birth_date\n{}|2|C|2019-09-02|2011-03-04"
    made["roll"] = made.get("roll", []) + [
        row for pupil in sorted(pupils - enrolled) for row in small.rows(default.format(pupil))
    ]
    for table, rows in made.items():
        for row in rows:
            for column, cell in row.items():
                if column in ("pupil", "urn", "predecessor_urn"):
                    row[column] = own_number(number, column, cell)
                elif match := re.fullmatch(r"(\d+) ago", cell):
                    row[column] = calendar.school_days[calendar.today - int(match[1])].isoformat()
        if table == "attendance":
            made[table] = [day for row in rows for day in spread(row, calendar)]
    return made


def spread(row: dict[str, str], calendar: World) -> list[dict[str, str]]:
    """A row of marks for every school day until its last."""
    until = row.get("until", row["date"])
    days = [day.isoformat() for day in calendar.school_days if row["date"] <= day.isoformat() <= until]
    return [{**row, "date": day} for day in days or [row["date"]]]


def collect(specs: Sequence[Spec], as_of: date, background: str) -> dict[str, list[dict]]:
    """All rows of the specs of one date and background, typed."""
    calendar = world({}, as_of)
    made = {
        name: small.rows(text) for name, text in {"schools": small.SCHOOLS, **BACKGROUNDS[background]}.items()
    }
    for number, one in enumerate(specs):
        if (one.as_of, one.background) == (as_of, background):
            for name, rows in rows_of(number, one, calendar).items():
                made[name] = made.get(name, []) + rows
    return {name: small.typed_rows(name, made.get(name, [])) for name in STORED}


def matrix(records: Records, *as_of: date) -> dict[int, dict]:
    """The matrix's rows by pupil (of the last date that has the pupil)."""
    return {row["pupil"]: row for table in feature_matrix(records, as_of) for row in table.to_pylist()}


def reference(tables: dict[str, list[dict]], as_of: date, toml: str = small.AUTHORITY) -> dict[int, dict]:
    """The oracle's rows by pupil, of everyone in the cohort."""
    told = world(tables, as_of, toml)
    pupils = sorted({row["pupil"] for row in tables["roll"]})
    return {pupil: row for pupil in pupils if (row := matrix_row(told, pupil)) is not None}
