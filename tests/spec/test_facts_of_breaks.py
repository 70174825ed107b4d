"""What a card says where its facts straddle a break: a child on either side of each day, to the day."""

from datetime import date

import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.facts import facts
from tests import small
from tests.unit.test_law_2026 import LATER

GUIDANCE = "Guidance on suspension and exclusion changed on 26 July 2026. What was recorded before is told by the rules of its day."
INSIDE = (
    "Schools may use internal suspension in place of suspension since January 2026. Fewer suspensions since then do not mean that "
    "things are better."
)
HELP = "Child in need and Early Help became Family Help here on 5 January 2026. A spell that begins that day may have gone on before."
GO_LIVE = '\n[[breaks]]\nname = "family_help"\nfirst_day = 2026-01-05\n'
ELSEWHERE = "pupil | urn | category | start_date | sessions\n9 | 100002 | SUSP | 2021-01-04 | 1\n"
NOBODYS = "pupil | kind | start_date | end_date\n9 | young_carer | 2021-01-04 | 2021-01-05\n"


def told(
    entry="2020-09-07", events="", spells="", on=date(2026, 10, 23), toml=LATER
) -> list[tuple[str, str]]:
    """Family and sentence of what a card says of breaks."""
    roll = (
        f"pupil | urn | enrolment_status | entry_date | birth_date\n1 | 100002 | C | {entry} | 2014-01-01\n"
    )
    roll += "9 | 100002 | C | 2020-09-07 | 2014-01-01"
    records = small.records(
        toml=toml, roll=roll, suspensions=ELSEWHERE + events, involvements=NOBODYS + spells
    )
    found = facts(records, AsOf(on, Calendar.of(records.authority)), [1])
    return [
        (row.family, row.sentence) for row in found.itertuples() if row.sentence in (GUIDANCE, INSIDE, HELP)
    ]


def susp(day: str) -> str:
    return f"1 | 100002 | SUSP | {day} | 2\n"


@pytest.mark.parametrize(("day", "says"), [("2026-07-21", True), ("2026-07-25", True), ("2026-07-26", False)])
def test_an_event_of_before_the_guidance_is_told_by_the_rules_of_its_day(day, says):
    assert (("suspensions", GUIDANCE) in told(events=susp(day))) is says


@pytest.mark.parametrize(("on", "says"), [(date(2026, 7, 26), False), (date(2026, 7, 27), True)])
def test_before_the_day_nothing_is_said(on, says):
    assert (("suspensions", GUIDANCE) in told(events=susp("2026-07-01"), on=on)) is says


@pytest.mark.parametrize(("start", "says"), [("2026-07-25", True), ("2026-07-26", False)])
def test_a_direction_off_site_of_before_is_of_the_rules_of_before(start, says):
    found = told(entry="2026-07-01", spells=f"1 | off_site_direction | {start} |")
    assert (("context", GUIDANCE) in found) is says


@pytest.mark.parametrize(("entry", "says"), [("2026-01-28", True), ("2026-01-29", False)])
def test_no_suspension_is_no_proof_where_the_look_back_reaches_over_the_day(entry, says):
    """Even with nothing counted: that is what the sentence is about. Who came on the day has no before."""
    assert (("suspensions", INSIDE) in told(entry=entry)) is says


@pytest.mark.parametrize(
    ("spells", "says"),
    [
        ("1 | family_help | 2026-01-05 |", True),
        ("1 | cin | 2025-03-03 | 2026-01-05", True),
        ("1 | cin | 2025-03-03 | 2026-01-04", False),
        ("1 | early_help | 2025-03-03 |", True),
        ("1 | young_carer | 2025-03-03 |", False),
        ("1 | family_help | 2026-01-06 |", False),
    ],
)
def test_family_help_is_explained_to_whom_it_came_on_the_day(spells, says):
    assert (("context", HELP) in told(spells=spells, toml=LATER + GO_LIVE)) is says


def test_where_the_authority_names_no_day_of_family_help_none_is_told():
    assert ("context", HELP) not in told(spells="1 | family_help | 2026-01-05 |")


def test_in_a_year_before_every_break_a_card_says_nothing_of_them():
    assert told(events=susp("2025-01-06"), on=date(2025, 2, 14)) == []
