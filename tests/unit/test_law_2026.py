"""What changed in 2026, on either side of each day: free school meals, Family Help, the outcome, schools that moved inside."""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.contract.breaks import breaks
from features.groups import groups
from features.matrix import feature_matrix
from features.outcome import outcomes
from features.status import statuses
from serving.cards import gather
from serving.signposts import SIGNPOSTS
from tests import small
from training.audit.attributes import expected as expected_groups
from training.audit.attributes import labels
from training.comparators import Side, english_rule_pack
from training.evaluate import first_lines
from training.evidence.breaks import break_facts, line_of, straddled
from training.monitor.expected import CAME_FROM, features_explained, groups_explained, reasons_explained
from training.moved import has_moved, named

REAL = small.AUTHORITY.replace("is_made_up = true\n", "").replace("2025-08-31", "2026-12-31")
LATER = REAL.replace(
    "[closures]",
    """[terms."2025/26"]
autumn_1 = [2025-09-01, 2025-10-24]
autumn_2 = [2025-11-03, 2025-12-19]
spring_1 = [2026-01-05, 2026-02-13]
spring_2 = [2026-02-23, 2026-03-27]
summer_1 = [2026-04-13, 2026-05-22]
summer_2 = [2026-06-01, 2026-07-21]
[terms."2026/27"]
autumn_1 = [2026-09-01, 2026-10-23]
autumn_2 = [2026-11-02, 2026-12-18]
spring_1 = [2027-01-04, 2027-02-12]
spring_2 = [2027-02-22, 2027-03-25]
summer_1 = [2027-04-12, 2027-05-28]
summer_2 = [2027-06-07, 2027-07-21]
[closures]""",
)

# -- free school meals ----------------------------------------------------------------------------

ROLL = "pupil|urn|enrolment_status|entry_date|birth_date\n" + "\n".join(
    f"{pupil}|100001|C|2024-09-02|2017-01-01" for pupil in range(1, 8)
)
MEALS = """
pupil | census_date | urn    | birth_date | sex | ethnicity | fsm_eligible | fsm_category | sen_provision | nc_year
1     | 2026-08-31  | 100001 | 2017-01-01 | F   | WBRI      | true         |              | N             | 4
2     | 2026-08-31  | 100001 | 2017-01-01 | F   | WBRI      | false        |              | N             | 4
3     | 2026-09-01  | 100001 | 2017-01-01 | F   | WBRI      | true         | TFSM         | N             | 5
4     | 2026-09-01  | 100001 | 2017-01-01 | F   | WBRI      | true         | EFSM         | N             | 5
5     | 2026-09-01  | 100001 | 2017-01-01 | F   | WBRI      | true         | OFSM         | N             | 5
6     | 2026-09-01  | 100001 | 2017-01-01 | F   | ABRI      | true         |              | N             | 5
7     | 2026-09-01  | 100001 | 2017-01-01 | F   | WBRI      | false        |              | N             | 5
"""


def groups_in_2026() -> pd.DataFrame:
    records = small.records(toml=LATER, roll=ROLL, census=MEALS)
    return groups(records, AsOf(date(2026, 10, 23), Calendar.of(records.authority)).alone).set_index("pupil")


def test_targeted_free_meals_are_the_series_that_goes_on_and_expanded_ones_a_group_of_their_own():
    assert groups_in_2026().fsm_eligible.to_dict() == {
        1: "yes", 2: "no", 3: "yes", 4: "expanded", 5: "other_category", 6: "category_not_told", 7: "no",
    }  # fmt: skip


def test_a_new_ethnicity_code_is_a_group_of_its_own():
    found = groups_in_2026()
    assert (found.ethnicity[6], found.ethnicity_major[6]) == ("ABRI", "Asian")


def test_later_groups_have_words_and_no_row_before_anybody_is_in_them():
    assert expected_groups("fsm_eligible") == ["yes", "no", "not known"]
    assert "cannot compare with earlier years" in labels("fsm_eligible")["category_not_told"]
    assert set(groups_in_2026().fsm_eligible) <= set(labels("fsm_eligible"))


@pytest.mark.parametrize(
    ("group", "signs"), [("yes", 1), ("expanded", 0), ("category_not_told", 1), ("no", 0)]
)
def test_the_rule_pack_reads_targeted_meals_and_takes_no_sign_from_whoever_is_not_told(group, signs):
    class Nothing:
        nc_year = np.array([9])

        def __len__(self):
            return 1

    one = Side(Nothing(), {}, pd.DataFrame({"fsm_eligible": [group], "idaci_decile": ["1"]}))  # type: ignore[arg-type]
    assert english_rule_pack(one, one).tolist() == [signs]


# -- Family Help ----------------------------------------------------------------------------------

GO_LIVE = '\n[[breaks]]\nname = "family_help"\nfirst_day = 2025-01-06\n'
BACK = "pupil|kind|start_date|end_date|end_known_on\n9|young_carer|2020-09-07|2020-09-08|2020-09-08\n"
AS_BEFORE = BACK + "1|cin|2024-03-04||\n2|early_help|2024-03-04|2025-02-03|2025-02-04\n"


def converted(ended: str) -> str:
    """The same spells, converted on the day of Family Help after ending on another."""
    return (
        BACK
        + f"1|cin|2024-03-04|{ended}|2025-01-08\n1|family_help|2025-01-06||\n"
        + f"2|early_help|2024-03-04|{ended}|2025-01-08\n2|family_help|2025-01-06|2025-02-03|2025-02-04\n"
    )


def matrix(involvements: str, toml: str, *on: date) -> list[dict]:
    roll = "pupil|urn|enrolment_status|entry_date|birth_date\n" + "\n".join(
        f"{pupil}|100002|C|2020-09-07|2010-01-01" for pupil in (1, 2, 9)
    )
    tables = feature_matrix(small.records(toml=toml, roll=roll, involvements=involvements), on)
    return [row for table in tables for row in table.to_pylist()]


AFTER = (date(2025, 1, 24), date(2025, 2, 14), date(2025, 7, 18))


@pytest.fixture(scope="module")
def as_before() -> list[dict]:
    return matrix(AS_BEFORE, small.AUTHORITY, *AFTER)


@pytest.mark.parametrize("ended", ["2025-01-06", "2025-01-05", "2024-12-30"])
def test_a_conversion_to_family_help_changes_no_feature(ended, as_before):
    assert {row["as_of"] for row in as_before} == set(AFTER)
    assert matrix(converted(ended), small.AUTHORITY + GO_LIVE, *AFTER) == as_before


def test_a_spell_that_ended_earlier_was_no_conversion():
    now = matrix(converted("2024-12-29"), small.AUTHORITY + GO_LIVE, date(2025, 2, 14))
    assert [row["is_cin_open"] for row in now] == [0, 0, 0]
    assert [row["has_had_social_worker_380"] for row in now] == [1, 0, 0]


def test_where_the_authority_names_no_day_an_end_is_an_end():
    now = matrix(converted("2025-01-05"), small.AUTHORITY, date(2025, 2, 14))
    assert now[0]["is_cin_open"] == 0


# -- the outcome ----------------------------------------------------------------------------------

EVENTS = """
pupil | urn    | category | start_date | sessions
1     | 100002 | SUSP     | 2024-11-05 | 10
2     | 100002 | SUSP     | 2024-11-05 | 10
"""
INSIDE = """
pupil | urn    | start_date | sessions
1     | 100002 | 2024-11-12 | 10
2     | 100002 | 2024-11-12 | 9
3     | 100002 | 2024-10-24 | 40
"""


def told(**tables: str) -> list[dict]:
    roll = "pupil|urn|enrolment_status|entry_date|birth_date\n" + "\n".join(
        f"{pupil}|100002|C|2020-09-07|2010-01-01" for pupil in (1, 2, 3)
    )
    records = small.records(roll=roll, suspensions=EVENTS, **tables)
    moment = AsOf(date(2024, 10, 25), Calendar.of(records.authority))
    frame = pd.DataFrame({"pupil": [1, 2, 3], "as_of": [moment.on] * 3, "nc_year": [9] * 3})

    rows = ibis.memtable(frame, schema=ibis.schema({"pupil": "int64", "as_of": "date", "nc_year": "int8"}))
    return (
        outcomes(records, rows, [moment], 182, date(2025, 8, 31)).order_by("pupil").to_pyarrow().to_pylist()
    )


def test_internal_suspensions_count_in_a_sensitivity_and_in_no_outcome():
    """Twenty sessions together, at exactly, are serious there; nineteen are not; one before the window counts for nothing."""
    found = told(internal_suspensions=INSIDE)
    assert [row["serious_with_internal"] for row in found] == [1, 0, 0]
    assert [{k: v for k, v in row.items() if k != "serious_with_internal"} for row in found] == told()
    assert [row["serious_exclusion"] for row in found] == [0, 0, 0]


@pytest.mark.parametrize(("start", "hidden"), [("2026-07-25", 0), ("2026-07-26", 1)])
def test_a_direction_off_site_hides_an_exit_from_the_day_of_the_guidance_and_not_before(start, hidden):
    roll = "pupil|urn|enrolment_status|entry_date|birth_date\n1|100002|C|2020-09-07|2014-01-01"
    spells = f"pupil|kind|start_date|end_date\n1|off_site_direction|{start}|"
    records = small.records(toml=LATER, roll=roll, involvements=spells)
    moment = AsOf(date(2026, 7, 21), Calendar.of(records.authority))
    frame = pd.DataFrame({"pupil": [1], "as_of": [moment.on], "nc_year": [7]})
    rows = ibis.memtable(frame, schema=ibis.schema({"pupil": "int64", "as_of": "date", "nc_year": "int8"}))
    (row,) = outcomes(records, rows, [moment], 182, date(2027, 8, 31)).to_pyarrow().to_pylist()
    assert row["hidden_exit"] == hidden


def test_a_safeguarding_separation_points_to_section_19_and_is_no_suspension():
    roll = "pupil|urn|enrolment_status|entry_date|birth_date\n1|100002|C|2020-09-07|2014-01-01"
    spells = "pupil|kind|start_date|end_date\n1|safeguarding_separation|2026-09-07|\n1|young_carer|2020-09-07|2020-09-08"
    other = "pupil|urn|category|start_date|sessions\n9|100002|SUSP|2020-09-08|1"
    records = small.records(toml=LATER, roll=roll, involvements=spells, suspensions=other)
    on = AsOf(date(2026, 10, 23), Calendar.of(records.authority))
    found = statuses(records, on).set_index("status").since.to_dict()
    assert found["safeguarding_separation"] == date(2026, 9, 7)
    assert not {"near_15_days", "over_15_days", "sixth_day"} & set(found)
    assert "Section 19" in SIGNPOSTS["safeguarding_separation"].text
    (table,) = feature_matrix(records, [on.on])
    assert table.to_pylist()[0]["num_suspensions_60"] == 0


@pytest.mark.parametrize(
    ("kind", "start", "found"),
    [
        ("off_site_direction", "2026-07-25", {"alternative_provision"}),
        ("off_site_direction", "2026-07-26", {"alternative_provision", "off_site_direction"}),
        ("managed_move", "2026-07-25", set()),
        ("managed_move", "2026-07-26", {"managed_move"}),
    ],
)
def test_directions_and_moves_point_to_the_guidance_from_its_day_and_not_before(kind, start, found):
    roll = "pupil|urn|enrolment_status|entry_date|birth_date\n1|100002|C|2020-09-07|2014-01-01"
    spells = f"pupil|kind|start_date|end_date\n1|{kind}|{start}|\n1|young_carer|2020-09-07|2020-09-08"
    records = small.records(toml=LATER, roll=roll, involvements=spells)
    names = set(statuses(records, AsOf(date(2026, 10, 23), Calendar.of(records.authority))).status)
    assert names & {"alternative_provision", "off_site_direction", "managed_move"} == found


def test_a_signpost_cites_the_guidance_in_force_on_the_day_of_the_list():
    one = SIGNPOSTS["near_15_days"]
    assert "August 2024" in one.source_on(date(2026, 7, 25))
    assert one.source_on(date(2026, 7, 26)).endswith("published 26 May 2026 (from 26 July 2026; check)")
    assert "two school days" in SIGNPOSTS["off_site_direction"].text
    assert "no trial period" in SIGNPOSTS["managed_move"].text


# -- evidence -------------------------------------------------------------------------------------


def of(toml: str):
    return breaks(small.authority(toml))


def test_a_break_between_training_and_test_is_named_and_one_on_neither_side_is_not():
    days = [date(2025, 10, 24), date(2025, 12, 19)]
    names = {one.name for one in straddled(of(REAL), days, date(2027, 7, 21))}
    assert {"exclusions_guidance", "internal_suspension", "free_school_meals"} <= names
    assert "attendance_codes" not in names
    assert not [
        one for one in straddled(of(REAL), days, date(2026, 7, 25)) if one.name == "exclusions_guidance"
    ]
    assert [one for one in straddled(of(REAL), days, date(2026, 7, 26)) if one.name == "exclusions_guidance"]


def test_the_line_says_what_changed_when_and_that_it_is_to_be_checked():
    line = line_of(next(one for one in of(REAL) if one.name == "exclusions_guidance"))
    assert "2026-07-26" in line
    assert "safeguarding separation is no suspension" in line
    assert "checked against the primary text" in line


MOVED = [
    {"urn": 1, "suspended_before": 100, "suspended_after": 30, "internal_before": 20, "internal_after": 90, "is_moved": True},
    {"urn": 2, "suspended_before": 100, "suspended_after": 99, "internal_before": 20, "internal_after": 21, "is_moved": False},
]  # fmt: skip


def test_first_lines_hold_the_break_before_the_gate():
    class Panel:
        dates = (date(2025, 10, 24),)
        y = np.array([0.0, 1.0, np.nan])
        is_known = ~np.isnan(y)
        as_of = np.array(["2025-10-24"] * 3, "datetime64[D]")
        cluster = np.array([1, 1, 2])

    found = break_facts(of(REAL), MOVED, {"1": "Ash School"}, Panel(), Panel(), date(2026, 10, 23))  # type: ignore[arg-type]
    assert [row["share"] for row in found["by_date"]] == [0.5, 0.5]
    assert found["by_school"] == [
        {"urn": 1, "training": 0.5, "test": 0.5},
        {"urn": 2, "training": None, "test": None},
    ]
    evidence = {
        "breaks": found, "gate": {"reasons": ["no gain."]}, "stability": {"is_largely_arbitrary": False},
        "leak_alarm": {"alarms": []},
    }  # fmt: skip
    lines = first_lines(evidence, "", is_made_up=False)
    assert lines[0].startswith("What counts as the outcome changed on 2026-07-26")
    assert "at 1 of 2 schools (Ash School (1))" in lines[1]
    assert lines[2] == "No gain."


def test_where_no_school_moved_the_day_of_policy_makes_no_line():
    assert named([MOVED[1]], {}) == ""
    assert named([], {}) == ""


@pytest.mark.parametrize(
    ("counts", "moved"),
    [
        ((100, 30, 20, 90), True),
        ((100, 30, 90, 90), False),
        ((100, 95, 20, 90), False),
        ((9, 0, 0, 60), False),
        ((40, 10, 0, 60), False),
        ((100, 30, 0, 90), True),
        ((100, 170, 20, 90), False),
        ((100, 30, 0, 0), False),
    ],
    ids=[
        "one falls, the other rises", "no rise", "no fall", "too few to tell", "records begin, and the fall tells too little",
        "records begin, and the fall tells", "both rise", "nothing recorded",
    ],
)  # fmt: skip
def test_a_school_has_moved_where_both_tell(counts, moved):
    assert has_moved(*counts) is moved


# -- the monitor ----------------------------------------------------------------------------------


def group(attribute, name):
    return {"attribute": attribute, "name": name, "status": "outside", "low": 0.1, "high": 0.2, "reason": ""}


def test_groups_on_two_sides_of_the_expansion_are_not_compared_and_targeted_meals_are():
    rows = [group("fsm_eligible", "yes"), group("fsm_eligible", "no"), group("sex", "F")]
    groups_explained(rows, of(REAL))
    assert [row["status"] for row in rows] == ["outside", "cannot_tell", "outside"]
    assert rows[1]["reason"].startswith("cannot compare with earlier years")


def test_where_the_category_is_not_told_no_group_by_free_meals_is_compared():
    rows = [group("fsm_eligible", "yes"), group("fsm_eligible", "category_not_told")]
    groups_explained(rows, of(REAL))
    assert [row["status"] for row in rows] == ["cannot_tell", "cannot_tell"]


def test_an_alarm_before_the_expansion_stays_one():
    rows = [group("fsm_eligible", "no")]
    groups_explained(rows, [])
    assert rows[0]["status"] == "outside"


def test_what_moves_on_the_authoritys_own_day_of_family_help_is_said_and_no_alarm():
    rows = [
        {"name": name, "status": "outside"}
        for name in ("is_cin_open", "share_missed_20", "num_suspensions_60")
    ]
    features_explained(rows, of(REAL + GO_LIVE))
    assert [row["status"] for row in rows] == ["cannot_tell", "outside", "outside"]


def test_new_reasons_are_counted_with_the_one_they_came_from_or_said():
    assert CAME_FROM["LD"] == "DB"
    rows = [{"kind": "reason", "name": name, "status": "outside"} for name in ("MB", "DB")]
    reasons_explained(rows, of(REAL))
    assert [row["status"] for row in rows] == ["cannot_tell", "outside"]


@pytest.mark.parametrize("since", [date(2025, 9, 1), None])
@pytest.mark.parametrize(
    ("on", "cited"), [(date(2026, 7, 25), "August 2024"), (date(2026, 7, 26), "published 26 May 2026")]
)
def test_a_card_cites_the_guidance_of_the_lists_day_whenever_the_status_began(since, on, cited):
    statuses = pd.DataFrame({"pupil": [1], "status": ["ehc_plan_and_suspension"], "since": [since]})
    facts = pd.DataFrame(columns=["pupil", "family", "kind", "dated_on", "sentence"])
    moved = pd.DataFrame(columns=["pupil", "family", "contribution", "is_sign_stable"])
    (found,) = gather([1], facts, statuses, moved, {}, on).signposts[1]
    assert cited in found.source and found.on == since
