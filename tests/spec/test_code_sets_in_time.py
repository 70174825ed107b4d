"""Code sets with versions: SEN provision, the vintage of IDACI, and codes by each school's first use."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from features import census, codes
from features.as_of import AsOf
from features.calendar import Calendar
from features.codes import Provision, code_set, new_codes, provisions
from features.first_use import first_uses
from features.groups import groups
from features.matrix import feature_matrix
from features.telling.sen import way
from models.audit_attributes import BY_NAME, NOT_KNOWN
from tests import small
from tests.unit.test_audit_attributes import panel_of
from tests.unit.test_law_2026 import LATER
from training.audit.attributes import first_use_notes
from training.comparators import Side, area_only

ON = date(2026, 12, 18)
ROLL = "pupil|urn|enrolment_status|entry_date|birth_date\n" + "\n".join(
    f"{pupil}|100001|C|2020-09-07|2016-01-01" for pupil in range(1, 7)
)

# -- SEN provision --------------------------------------------------------------------------------

SEN = """
pupil | census_date | urn    | sen_provision | nc_year
1     | 2026-05-21  | 100001 | K             | 5
1     | 2026-10-01  | 100001 | E             | 6
2     | 2026-05-21  | 100001 | K             | 5
2     | 2026-10-01  | 100001 | N             | 6
3     | 2026-05-21  | 100001 | N             | 5
3     | 2026-10-01  | 100001 | N             | 6
9     | 2021-01-21  | 100001 | N             | 1
"""
STEPS = ("sen_provision", "is_sen_stepped_up", "is_sen_stepped_down", "days_since_sen_differed")


def steps() -> dict[int, tuple]:
    back = "9|young_carer|2020-09-07|2020-09-08"
    spells = f"pupil|kind|start_date|end_date\n{back}"
    (table,) = feature_matrix(small.records(toml=LATER, roll=ROLL, census=SEN, involvements=spells), [ON])
    return {row["pupil"]: tuple(row[name] for name in STEPS) for row in table.to_pylist() if row["pupil"] < 4}


def test_provision_is_its_level_in_the_code_set():
    assert {one.code: one.level for one in provisions().values()} == {"N": 0, "K": 1, "E": 2}
    found = steps()
    assert [found[pupil][:3] for pupil in (1, 2, 3)] == [(2, 1, 0), (0, 0, 1), (0, 0, 0)]
    assert found[1][3] is not None and found[3][3] is None


def test_between_two_versions_of_the_code_set_no_step_is_told(monkeypatch):
    """K in a version of its own, as a reform would bring: the levels of two versions are no one order."""
    later = dict(provisions())
    later["K"] = Provision("K", "2029", 1, "targeted", "targeted support")
    monkeypatch.setattr(census, "provisions", lambda: later)
    found = steps()
    assert [found[pupil] for pupil in (1, 2)] == [(2, 0, 0, None), (0, 0, 0, None)]


def test_a_card_says_recorded_anew_between_versions():
    k, e = provisions()["K"], provisions()["E"]
    assert (way(k, e), way(e, k), way(k, replace(e, version="2029"))) == (
        "stepped up",
        "stepped down",
        "recorded anew",
    )


def test_every_version_has_its_days_and_the_audit_has_every_level():
    rows = code_set("sen_provision").astype(str)
    assert not ((rows["in_force_from"] == "") & (rows["withdrawn_on"] == "")).any()
    assert not (rows["level"] == "").any()
    assert set(BY_NAME["sen_provision"].groups) == set(provisions())


# -- IDACI ----------------------------------------------------------------------------------------

AREAS = """
pupil | census_date | urn    | idaci_decile | nc_year
1     | 2025-10-29  | 100001 | 3            | 4
2     | 2025-10-30  | 100001 | 3            | 4
3     | 2025-10-30  | 100001 |              | 4
4     | 2018-10-04  | 100001 | 3            | 4
"""


def vintages(toml: str = LATER, on: date = date(2025, 12, 19)) -> dict[int, str]:
    records = small.records(toml=toml, roll=ROLL, census=AREAS)
    found = groups(records, AsOf(on, Calendar.of(records.authority)).alone)
    return found.set_index("pupil").idaci_vintage.to_dict()


def test_a_decile_is_of_the_vintage_in_force_at_its_census():
    found = vintages()
    assert [found[pupil] for pupil in (1, 2, 3, 6)] == ["2019", "2025", NOT_KNOWN, NOT_KNOWN]


def test_an_authority_that_took_the_new_vintage_later_says_so():
    own = '\n[[breaks]]\nname = "idaci_vintage"\nfirst_day = 2026-01-05\n'
    assert vintages(LATER + own)[2] == "2019"


def area_of(vintage: str, y: list[float]) -> Side:
    panel = panel_of(4)
    panel = replace(panel, y=np.array(y), district=np.array(["a", "a", "b", "b"]), standing=np.full(4, ""))
    rows = {"fsm_eligible": ["no"] * 4, "idaci_decile": ["1", "2", "1", "2"], "idaci_vintage": [vintage] * 4}
    return Side(panel, {}, pd.DataFrame(rows))


def test_the_area_rule_reads_no_decile_of_another_vintage():
    learned, same, other = area_of("2019", [1, 0, 0, 0]), area_of("2019", [0] * 4), area_of("2025", [0] * 4)
    known = area_only(learned, same)
    assert known[0] > known[1]  # a decile of the vintage that was learned from says something
    alone = area_only(learned, other)
    assert alone[0] == alone[1] > alone[2] == alone[3]  # of another only the district does


# -- codes by school ------------------------------------------------------------------------------

ETHNICITY = """
pupil | census_date | urn    | ethnicity | nc_year | known_on
1     | 2026-10-01  | 100001 | AIND      | 4       |
2     | 2026-10-01  | 100001 | ABRI      | 4       |
2     | 2026-05-21  | 100001 | AIND      | 4       |
3     | 2026-05-21  | 100004 | BWEL      | 4       |
4     | 2026-10-01  | 100002 | ABRI      | 4       | 2026-12-18
"""
REASONS = """
pupil | urn    | category | start_date | sessions | reason_1 | reason_2
1     | 100002 | SUSP     | 2026-09-10 | 2        | DB       | LD
2     | 100002 | SUSP     | 2026-09-11 | 2        | LD       |
"""


def test_each_schools_first_use_is_its_own_break_and_nobody_is_moved():
    records = small.records(toml=LATER, roll=ROLL, census=ETHNICITY, suspensions=REASONS)
    on = AsOf(ON, Calendar.of(records.authority))
    found = list(first_uses(records, on).itertuples(index=False, name=None))
    assert found == [
        ("ethnicity", "ABRI", 100001, date(2026, 10, 1), 1),
        ("ethnicity", "BWEL", 100005, date(2026, 5, 21), 1),  # the school that it is today
        ("reason", "LD", 100002, date(2026, 9, 10), 2),
    ]
    told = groups(records, on.alone).set_index("pupil").ethnicity
    assert (told[1], told[2]) == ("AIND", "ABRI")  # each as the newest census has it


def test_an_audit_names_the_schools_and_where_children_came_from():
    records = small.records(toml=LATER, roll=ROLL, census=ETHNICITY, suspensions=REASONS)
    calendar = Calendar.of(records.authority)
    known = pd.concat([groups(records, AsOf(day, calendar).alone) for day in (date(2026, 7, 21), ON)])
    note, of_reasons = first_use_notes(records, ON, known)
    assert re.search(r"2 schools \(.*\(100001\), .*\(100005\)\)", note) and "the first on 2026-05-21" in note
    assert "Asian - British (ABRI), Black - Welsh (BWEL)" in note
    assert "Some came from: Indian." in note
    assert re.search(
        r"^Reasons of suspensions: 1 school \(.*\(100002\)\) began .* 2026-09-10: .*\(LD\)", of_reasons
    )
    assert "keeps the reason of its day" in of_reasons
    assert first_use_notes(small.records(toml=LATER, roll=ROLL, census=SEN), ON, known) == []


def test_where_no_school_uses_one_nothing_is_told():
    records = small.records(toml=LATER, roll=ROLL, census=SEN)
    assert first_uses(records, AsOf(ON, Calendar.of(records.authority))).empty


@pytest.mark.parametrize(("name", "num"), [("ethnicity", 4), ("exclusion_reason", 13)])
def test_the_codes_that_came_are_those_of_the_facts_page(name, num):
    assert len(new_codes(name)) == num
    assert codes.new_codes("ethnicity").keys() == {"ABRI", "AWEL", "BBRI", "BWEL"}
