"""Registers are summed alike in whatever order and parts they come."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.as_of import AsOfDates
from features.calendar import Calendar
from features.day import marks
from features.errors import StoreRefused
from features.marks import stage_marks
from features.records import parts
from features.records.parts import by_pupils
from features.runs import longest_run
from features.segments import WIDEST, Cut
from features.summing import DAYS, Summing
from tests import small

CALENDAR = Calendar.of(small.authority())
DATES = AsOfDates.of([date(2024, 5, 24), date(2025, 2, 14)], CALENDAR)
CUT = Cut(DATES, (0, 20, 60, 190), beyond=(380,))
SPREAD = 2**61  # between pseudonyms


@given(st.lists(st.integers(0, 2**61 - 1), min_size=1))
def test_the_longest_run_is_that_of_the_text_of_the_number(numbers):
    longest = [max(len(run) for run in f"{number:b}".split("0")) for number in numbers]
    assert longest_run(np.array(numbers, "int64")).tolist() == longest


def registers() -> pa.Table:
    """Five pupils' marks of a year and a half, some at two schools on the same days, some told late."""
    rng = np.random.default_rng(1)
    days = CALENDAR.days[
        (CALENDAR.days >= np.datetime64("2023-09-01")) & (CALENDAR.days < np.datetime64("2025-02-14"))
    ]
    pupil, day = (each.ravel() for each in np.meshgrid(np.arange(-2, 3) * SPREAD, days, indexing="ij"))
    urn = np.where(pupil == 0, 100002, 100001)
    twice = rng.random(len(pupil)) < 0.3 * (pupil > 0)
    pupil, day, urn = (
        np.concatenate([each, each[twice] if each is not urn else urn[twice] + 1])
        for each in (pupil, day, urn)
    )
    known_on = day + rng.choice([2, 40], len(day), p=[0.9, 0.1])
    am, pm = (
        rng.choice([marks().index(mark) for mark in common], len(day)).astype("int8")
        for common in ("/IO/N#", "\\IO\\N#")
    )
    columns = (pupil, urn.astype("int32"), day, known_on, am, pm)
    return pa.table(dict(zip(DAYS, columns, strict=True))).sort_by(
        [("pupil", "ascending"), ("date", "ascending")]
    )


def sums(batches: list[pa.RecordBatch]) -> dict[str, list[dict]]:
    """Rows by table, in order."""
    made = {"pupils": [], "schools": []}
    for name, batch in Summing(CUT)(iter(batches)):
        made[name] += batch.to_pylist()
    return {
        name: sorted(rows, key=lambda row: tuple(row.values())[:2] + (str(row),))
        for name, rows in made.items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_any_order_and_any_batches_sum_the_same(seed):
    whole = registers()
    order = np.random.default_rng(seed).permutation(whole.num_rows)
    assert sums(whole.take(order).to_batches(max_chunksize=97)) == sums(whole.to_batches())


@pytest.mark.parametrize(
    ("told", "on"),
    [("2024-05-23", ["2024-05-24", "2025-02-14"]), ("2024-05-24", ["2025-02-14"]), ("2025-02-14", [])],
)
def test_a_mark_counts_from_the_first_date_after_it_was_known(told, on):
    day = np.array(["2024-05-20"], "datetime64[D]")
    known_on, mark = np.array([told], "datetime64[D]"), np.array([marks().index("I")], "int8")
    columns = (np.array([1]), np.array([100001], "int32"), day, known_on, mark, mark)
    made = sums(pa.table(dict(zip(DAYS, columns, strict=True))).to_batches())
    as_of = CUT.spans.set_index("span").as_of.astype(str)
    assert [as_of[row["span"]] for row in made["pupils"]] == on


def test_a_mark_that_is_no_code_is_refused():
    known = small.records(attendance="pupil | urn | date | am | pm\n1 | 100001 | 2025-01-06 | / | ?")
    with pytest.raises(StoreRefused, match="no attendance code"):
        stage_marks(known, DATES, {20})


def test_pupils_in_parts_sum_the_same(monkeypatch):
    known = small.records()
    rows = known.connection.create_table("days_of_five_pupils", registers(), temp=True)
    monkeypatch.setattr(parts, "TOGETHER", 1)
    monkeypatch.setattr(type(known), "num_pupils", 8)
    summing = Summing(CUT)
    made = by_pupils(known, rows, summing, summing.schemas)
    told = made["pupils"].to_pyarrow()
    known.connection.drop_table("days_of_five_pupils")
    key = [("pupil", "ascending"), ("span", "ascending")]
    expected = pa.Table.from_batches(
        [batch for name, batch in Summing(CUT)(iter(registers().to_batches())) if name == "pupils"]
    )
    assert told.sort_by(key).to_pylist() == expected.sort_by(key).to_pylist()
    assert made["schools"].possible.sum().to_pyarrow().as_py() > 0


def test_no_span_is_wider_than_its_bits():
    spans = Cut(DATES, (0, 380)).spans
    ends = spans.groupby("as_of").day_of_bit.shift(-1).fillna(spans["index"])
    assert (ends - spans.day_of_bit).max() <= WIDEST
