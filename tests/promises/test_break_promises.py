"""The promise about internal suspension: schools that move sanctions inside are named, and in ordinary times none is.

Simulated as records of suspensions: 24 secondary schools over two years, each with a rate of its own that wanders from year
to year; a pupil who is suspended often is suspended often in the next term too. In a known term half of the schools begin
to answer most incidents inside. Where behaviour is worse both kinds rise together, as the one study of both found.
"""

from datetime import date

import ibis
import numpy as np
import pandas as pd
import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.records.layout import STORED
from features.records.store import Records
from tests import small
from training.from_store import moved_between
from training.moved import compare, named, of_a_year_ago

pytestmark = pytest.mark.promise
SEEDS = 20
SCHOOLS, PUPILS, MOVERS = 24, 900, 12
INCIDENTS = 0.12  # a pupil a term, before pupils and schools differ
INSIDE, INSIDE_AFTER = 0.4, 0.85  # share of incidents answered inside
MOVES_ON = date(2025, 1, 6)  # the first day of a spring term
AS_OF, OPENS = date(2025, 5, 23), date(2024, 7, 19)
CALENDAR = Calendar.of(small.authority())


def world(seed: int, moves: bool, recorded_from: date = date(2022, 9, 5)) -> tuple[Records, set[int]]:
    """Records of two years and more, and the URNs of the schools that move."""
    rng = np.random.default_rng([seed, 7])
    urns = 100101 + np.arange(SCHOOLS)
    school = np.repeat(np.arange(SCHOOLS), PUPILS)
    frailty = rng.gamma(0.35, 1 / 0.35, SCHOOLS * PUPILS)  # few children have most of them
    level = rng.normal(0, 0.4, SCHOOLS)
    halves = [half for half in CALENDAR.half_terms if half.first >= date(2022, 9, 5) and half.last <= AS_OF]
    parts = []
    for half in halves:
        level = level * 0.97 + rng.normal(0, 0.08, SCHOOLS)  # a school is no machine
        num = rng.poisson(INCIDENTS / 2 * frailty * np.exp(level[school]))
        pupil = np.repeat(np.arange(len(num)), num)
        days = CALENDAR.days[CALENDAR.index(half.first) : CALENDAR.index(half.last) + 1]
        day = rng.choice(days, len(pupil))
        has_moved = moves & (school[pupil] < MOVERS) & (day >= np.datetime64(MOVES_ON))
        is_inside = rng.random(len(pupil)) < np.where(has_moved, INSIDE_AFTER, INSIDE)
        parts.append(
            pd.DataFrame({"pupil": pupil, "urn": urns[school[pupil]], "start_date": day, "inside": is_inside})
        )
    rows = pd.concat(parts, ignore_index=True)
    rows["start_date"] = rows["start_date"].astype("datetime64[s]").dt.date
    rows = rows.assign(sessions=2, known_on=rows["start_date"], category="SUSP")
    inside = rows["inside"] & (rows["start_date"] >= recorded_from)
    text = "urn | name | phase | type | district\n" + "\n".join(
        f"{urn} | S | secondary | academy | North" for urn in urns
    )
    records = small.records(schools=text)
    held = dict(records.tables)
    for name, some in (("suspensions", rows[~rows["inside"]]), ("internal_suspensions", rows[inside])):
        schema = ibis.schema(STORED[name])
        blank = {column: None for column in schema if column not in some}
        held[name] = ibis.memtable(
            some.assign(**blank)[list(schema)].astype(dict.fromkeys(blank, object)), schema=schema
        )
    made = Records(records.authority, records.connection, held, records.coverage)
    return made, set(urns[:MOVERS].tolist())


def in_monitor(records: Records) -> list[dict]:
    now = AsOf(AS_OF, CALENDAR)
    return compare(records, now, *of_a_year_ago(now, 60))


def in_evidence(records: Records) -> list[dict]:
    return moved_between(records, AsOf(OPENS, CALENDAR), AsOf(AS_OF, CALENDAR))


def moved(rows: list[dict]) -> set[int]:
    return {row["urn"] for row in rows if row["is_moved"]}


@pytest.mark.parametrize("seed", range(SEEDS))
def test_schools_that_moved_inside_are_named_and_no_other(seed):
    records, movers = world(seed, moves=True)
    for rows in (in_monitor(records), in_evidence(records)):
        found = moved(rows)
        assert named(rows, {}).startswith(
            f"Suspensions fall as internal suspensions rise at {len(found)} of {SCHOOLS} schools"
        )
        assert len(found - movers) == 0, f"named though it did not move: {found - movers}"
    assert len(moved(in_monitor(records)) & movers) >= 9  # of twelve: a small school's fall may not tell


@pytest.mark.parametrize("seed", range(SEEDS))
def test_in_ordinary_times_no_school_is_named(seed):
    records, _ = world(seed, moves=False)
    assert named(in_monitor(records), {}) == ""
    assert named(in_evidence(records), {}) == ""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_where_records_of_them_only_begin_no_school_is_named_for_that(seed):
    records, _ = world(seed, moves=False, recorded_from=MOVES_ON)
    assert named(in_monitor(records), {}) == ""
    assert named(in_evidence(records), {}) == ""
