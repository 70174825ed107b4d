"""Properties of the matrix and the outcomes over invented records: time, order, presence, and the oracle.

One example holds dozens of pupils; a failing one shrinks to the fewest that still fail.
"""

import random
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.as_of import AsOf
from features.calendar import Calendar
from features.cohort import cohort
from features.matrix import feature_matrix
from features.outcome import OUTCOMES, outcomes
from tests import small
from tests.invented import Tables, invent
from tests.spec.specs import reference, world

AS_OF = (
    date(2024, 2, 9),
    date(2023, 12, 22),
    date(2024, 4, 30),
    date(2024, 7, 19),
    date(2024, 8, 10),
    date(2021, 2, 12),
)
EARLIER = date(2023, 10, 27)
EXTRACTED = date(2025, 8, 31)
DATED = {"roll": "entry_date", "census": "census_date", "attendance": "date", "suspensions": "start_date", "involvements": "start_date", "support": "start_date"}  # fmt: skip

worlds = st.tuples(st.integers(1, 48), st.integers(0, 10**6), st.sampled_from(AS_OF))


def few(examples: int):
    """A small, settled number of examples: each is a whole authority, and costs seconds."""
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=examples, deadline=None, derandomize=True, suppress_health_check=checks)


def matrix(tables: Tables, *as_of: date) -> list[pa.Table]:
    return list(feature_matrix(small.records(**tables), as_of))


def told(tables: Tables, as_of: date, window: int = 365, known_by: date = EXTRACTED) -> list[dict]:
    """Outcomes in order of pupil."""
    records = small.records(**tables)
    moment = AsOf(as_of, Calendar.of(records.authority))
    rows = outcomes(records, cohort(records, moment.alone), [moment], window, known_by)
    return sorted(rows.to_pyarrow().to_pylist(), key=lambda row: row["pupil"])


def known_before(tables: Tables, day: date) -> Tables:
    """The records as they stood on a day: no row, end or decision that became known on it or later."""
    kept: Tables = {name: rows for name, rows in tables.items() if name not in DATED}
    for name, own in DATED.items():
        kept[name] = [dict(row) for row in tables[name] if row["known_on"] < day and row[own] < day]
        for row in kept[name]:
            for end, end_known_on, reason in (("leaving_date", "end_known_on", "leaving_reason"), ("end_date", "end_known_on", ""), ("outcome_on", "outcome_on", "outcome")):  # fmt: skip
                if row.get(end) is not None and (row[end] >= day or row[end_known_on] >= day):
                    row[end] = row[end_known_on] = None
                    if reason:
                        row[reason] = None
    return kept


@few(4)
@given(worlds)
def test_matrix_is_what_the_oracle_says(size_seed_date):
    """Two dates at once, so that segments of time are cut by both; and every pupil on roll comes out once."""
    size, seed, as_of = size_seed_date
    tables = invent(seed, size, as_of)
    for made, day in zip(matrix(tables, as_of, EARLIER), sorted({as_of, EARLIER}), strict=True):
        oracle = reference(tables, day)
        rows = made.to_pylist()
        assert [row["pupil"] for row in rows] == sorted(oracle)
        wrong = [
            f"{name} of pupil {row['pupil']} on {day}: {row[name]}, where the oracle says {value}"
            for row in rows
            for name, value in oracle[row["pupil"]].items()
            if row[name] != value
        ]
        assert not wrong, "\n".join(wrong)


@few(3)
@given(worlds, st.sampled_from((365, 182)), st.sampled_from((EXTRACTED, date(2024, 10, 1))))
def test_outcomes_are_what_the_oracle_says(size_seed_date, window, known_by):
    size, seed, as_of = size_seed_date
    tables = invent(seed, size, as_of)
    oracle = world(tables, as_of)
    made = told(tables, as_of, window, known_by)
    assert [row["pupil"] for row in made] == sorted(reference(tables, as_of))
    assert made == [oracle.outcome(row["pupil"], window, known_by) for row in made]


@few(3)
@given(worlds)
def test_what_becomes_known_later_changes_no_bit(size_seed_date):
    size, seed, as_of = size_seed_date
    tables = invent(seed, size, as_of)
    then = known_before(tables, as_of)
    assert sum(map(len, then.values())) < sum(map(len, tables.values()))
    assert matrix(then, as_of) == matrix(tables, as_of)


@few(2)
@given(worlds)
def test_outcomes_hold_nothing_known_later(size_seed_date):
    size, seed, as_of = size_seed_date
    known_by = date(as_of.year, 12, 20)
    tables = invent(seed, size, as_of)
    assert told(known_before(tables, known_by), as_of, 365, known_by) == told(tables, as_of, 365, known_by)


@few(2)
@given(worlds)
def test_order_of_rows_changes_no_bit(size_seed_date):
    size, seed, as_of = size_seed_date
    tables = invent(seed, size, as_of)
    chance = random.Random(seed)
    shuffled = {name: chance.sample(rows, len(rows)) for name, rows in tables.items()}
    assert matrix(shuffled, as_of, EARLIER) == matrix(tables, as_of, EARLIER)
    assert told(shuffled, as_of) == told(tables, as_of)


@few(2)
@given(worlds)
def test_ethnicity_sex_and_meals_change_no_bit(size_seed_date):
    size, seed, as_of = size_seed_date
    tables = invent(seed, size, as_of)
    swapped = {name: [dict(row) for row in rows] for name, rows in tables.items()}
    chance = random.Random(seed)
    for row in swapped["census"]:
        row |= {"ethnicity": chance.choice(("WBRI", "BCRB")), "sex": "M" if row["sex"] == "F" else "F", "fsm_eligible": not row["fsm_eligible"]}  # fmt: skip
        row["idaci_decile"] = chance.randrange(1, 11)
    for row in swapped["roll"]:
        row["sex"] = "M" if row["sex"] == "F" else "F"
    assert swapped != tables
    assert matrix(swapped, as_of) == matrix(tables, as_of)


@pytest.mark.parametrize("seed", [1])
def test_invented_records_hold_what_matters(seed):
    """A property over records in which nothing happens would hold and mean nothing."""
    as_of = date(2024, 2, 9)
    tables = invent(seed, 200, as_of)
    rows = reference(tables, as_of).values()
    constant = {name for name in next(iter(rows)) if len({row[name] for row in rows}) == 1}
    assert constant <= {"as_of", "half_term", "num_sessions_part_time_60"}
    oracle = world(tables, as_of)
    seen = [oracle.outcome(row["pupil"], 365, EXTRACTED) for row in rows]
    for name in OUTCOMES:
        assert {row[name] for row in seen} == {0, 1, None}
    reasons = {row["not_assessed_reason"] for row in rows}
    assert reasons >= {None, "restricted", "objection", "year_group_unknown", "alternative_provision"}
    assert any(row["is_exclusion_in_progress"] for row in rows)
    assert any(row["is_supported"] for row in rows)
