"""Sessions marked suspended without a record, by school: cards and the audit count them in one place."""

from datetime import date

import pandas as pd
import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.untold import marked_by_school, schools_that_do_not_tell
from tests.small import records, rows
from tests.spec.test_facts import ATTENDANCE, TABLES, marks
from training.audit.label_bias import code_e


def held(*days: tuple[str, str], suspended: str = ""):
    tables = {name: rows(text) for name, text in TABLES.items() if isinstance(text, str)}
    tables["attendance"] = [*ATTENDANCE, *(row for day in days for row in marks(5, 100002, *day, "E", "E"))]
    if suspended:
        told = {"pupil": "5", "urn": "100002", "category": "SUSP", "start_date": suspended, "sessions": "10"}
        tables["suspensions"] = [*tables["suspensions"], told]
    return records(**tables)


def told_at(found, on: date, since: date | None = None) -> dict[int, int]:
    marked = marked_by_school(found, AsOf(on, Calendar.of(found.authority)), since)
    return {int(urn): int(row["untold"]) for urn, row in marked.iterrows()}


WEEK = ("2024-11-18", "2024-11-22")


@pytest.mark.parametrize(
    ("on", "since", "suspended", "untold"),
    [
        (date(2025, 2, 14), None, "", 10),
        (date(2025, 2, 14), date(2024, 11, 20), "", 6),  # marks from that day on
        (date(2025, 2, 14), None, "2024-11-18", 0),  # told
        (date(2024, 11, 25), None, "", 0),  # so new that its record may be on the way
    ],
)
def test_sessions_without_a_record_are_counted_by_school(on, since, suspended, untold):
    found = held(WEEK, suspended=suspended)
    assert told_at(found, on, since).get(100002, 0) == untold


@pytest.mark.parametrize(
    ("marked", "untold", "is_named"), [(10, 10, True), (9, 9, False), (50, 10, False), (49, 10, True)]
)
def test_a_school_is_named_from_ten_sessions_that_are_more_than_a_fifth(marked, untold, is_named):
    frame = pd.DataFrame({"marked": [marked], "untold": [untold]}, index=pd.Index([100002], name="urn"))
    assert schools_that_do_not_tell(frame) == ({100002} if is_named else set())


def test_every_school_that_a_card_names_is_in_the_audit():
    found = held(WEEK)
    on = found.authority.authority.extracted_on
    named = schools_that_do_not_tell(marked_by_school(found, AsOf(on, Calendar.of(found.authority))))
    assert 100002 in named and named <= {row["urn"] for row in code_e(found)["schools"]}
