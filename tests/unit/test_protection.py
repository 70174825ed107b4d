"""The withheld table fails closed, cell by cell; `test_import_withheld.py` has the same on whole extracts."""

from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from features.records.check import BLANK, KEPT, RULES, Read, Verdict
from features.records.checked import Checked
from features.records.extract import File
from features.records.protection import failing_closed, is_unnamed, protected, refused
from features.records.read import Rows
from features.tables import TABLES

WITHHELD = TABLES["withheld"]
EXTRACTED, ON_ROLL = date(2025, 8, 31), date(2020, 9, 1)
BEGINNING = date(1900, 1, 1)
BAD_DATE = RULES.index("bad_date")


def number(day: str | date | None) -> int:
    """A day as the import holds it; blank where there is none."""
    return int(np.datetime64(day, "D").astype("int64")) if day else BLANK


def read(name, values, words=(), faults=()):
    num = len(values)
    held = np.array(values, dtype="int64")
    fault = np.array(faults or [KEPT] * num, dtype="int8")
    return Read(WITHHELD.column(name), held, (held != BLANK).astype("int64"), fault, Counter({"trimmed": 1}), np.array(words, dtype=object))  # fmt: skip


def closed(start="2021-01-01", end=None, reason=0, entry: str | date | None = ON_ROLL, fault=KEPT):
    """One row of withheld after the rule: first and last day, reason, and what was read as more protecting."""
    columns = {
        "from": read("from", [number(start)], faults=[fault if not start else KEPT]),
        "to": read("to", [number(end)], faults=[fault if not end else KEPT]),
        "reason": read("reason", [reason], ["objection", "restricted"]),
    }
    found, changed = failing_closed(columns, number(EXTRACTED), np.array([number(entry)]))
    assert {rule: found[name].repaired[rule] for name, rule in (("from", "open_from"), ("to", "open_to"), ("reason", "as_restricted"))} == {
        rule: int(rows.sum()) for rule, rows in changed.items()
    }  # fmt: skip
    assert all(
        (found[name].faults == KEPT).all() and found[name].repaired["trimmed"] == 1 for name in columns
    )
    days = [found[name].values[0] for name in ("from", "to")]
    return (
        *[np.datetime64(int(day), "D").astype(object) if day != BLANK else None for day in days],
        found["reason"].words[found["reason"].values[0]],
        {rule for rule, rows in changed.items() if rows[0]},
    )


@pytest.mark.parametrize(
    ("cells", "start", "end", "more"),
    [
        ({}, date(2021, 1, 1), None, set()),
        ({"start": None}, BEGINNING, None, {"open_from"}),
        ({"start": None, "fault": BAD_DATE}, BEGINNING, None, {"open_from", "open_to"}),
        ({"start": "2025-08-31"}, date(2025, 8, 31), None, set()),  # on the day of the extract
        ({"start": "2025-09-01"}, BEGINNING, None, {"open_from"}),  # the day after
        ({"end": "2021-01-01"}, date(2021, 1, 1), date(2021, 1, 1), set()),  # one day
        ({"end": "2020-12-31"}, BEGINNING, None, {"open_from", "open_to"}),  # over before it begins
        ({"start": None, "end": "2020-09-01"}, BEGINNING, date(2020, 9, 1), {"open_from"}),  # first day on a roll
        ({"start": None, "end": "2020-08-31"}, BEGINNING, None, {"open_from", "open_to"}),  # the day before it
        ({"start": "1999-01-01", "end": "2000-01-01", "entry": None}, date(1999, 1, 1), date(2000, 1, 1), set()),
        ({"start": "1999-01-01", "end": "1999-12-31", "entry": None}, date(1999, 1, 1), None, {"open_to"}),  # a placeholder
        ({"end": None, "fault": BAD_DATE}, date(2021, 1, 1), None, {"open_to"}),
    ],
)  # fmt: skip
def test_a_day_that_cannot_be_used_protects_for_longer(cells, start, end, more):
    assert closed(**cells) == (start, end, "objection", more)


def test_a_reason_that_cannot_be_read_is_the_stricter_one():
    assert closed(reason=BLANK)[2:] == ("restricted", {"as_restricted"})
    assert closed(reason=1)[2:] == ("restricted", set())


def test_a_table_without_last_days_protects_for_good():
    columns = {"from": read("from", [number("2021-01-01"), BLANK]), "reason": read("reason", [0, BLANK], ["objection"])}  # fmt: skip
    found, changed = failing_closed(columns, number(EXTRACTED), np.array([number(ON_ROLL)] * 2))
    assert set(found) == {"from", "reason"}
    assert {rule: rows.tolist() for rule, rows in changed.items()} == {
        "open_from": [False, True],
        "as_restricted": [False, True],
    }
    assert found["reason"].words[found["reason"].values].tolist() == ["objection", "restricted"]


def checked(lines, rule=None, others=None, changed=None):
    """Rows of withheld as (pupil, reason, last day)."""
    num = len(lines)
    reasons = ["objection", "restricted"]
    file = File(Path("withheld.parquet"), "withheld.parquet", "withheld", ("upn",), {"upn": 0})
    rows = Rows([file], pa.table({"upn": ["A"] * num}), np.zeros(num, "int32"), np.arange(num))
    verdict = Verdict(np.array(rule or [KEPT] * num, "int8"), np.zeros(num, "int8"))
    columns = {
        "reason": read("reason", [reasons.index(reason) for _, reason, _ in lines], reasons),
        "to": read("to", [number(end) for _, _, end in lines]),
    }
    pupils = np.array([pupil for pupil, _, _ in lines])
    return Checked(WITHHELD, rows, columns, verdict, pupils, changed=changed or {}, others=others or {})


def counts(*given, **more):
    found = protected(checked(*given, **more), number(EXTRACTED))
    return found.num_restricted, found.num_objections, found.num_by_claim


def test_who_is_protected_on_the_day_of_the_extract():
    lines = [
        (1, "restricted", None),
        (1, "restricted", None),  # the same child twice
        (2, "restricted", "2025-08-31"),  # up to that day and with it
        (3, "restricted", "2025-08-30"),  # over
        (4, "objection", None),
        (1, "objection", None),  # never named: the stricter counts
        (5, "objection", "2025-08-30"),
    ]
    assert counts(lines) == (2, 1, 0)
    assert counts(lines, rule=[*[KEPT] * 4, 0, KEPT, KEPT]) == (2, 0, 0)  # a row that is not kept


def test_a_claim_protects_others_whom_no_row_names():
    lines = [(1, "restricted", None), (4, "objection", None), (6, "objection", None)]
    assert counts(lines, others={1: [2, 4], 4: [5], 9: [8]}) == (3, 2, 2)


def test_what_was_read_as_more_is_told_by_its_place():
    rule = [KEPT, 0, KEPT]
    changed = {"open_from": np.array([True, True, False]), "open_to": np.zeros(3, bool)}
    found = protected(checked([(1, "restricted", None)] * 3, rule, changed=changed), number(EXTRACTED))
    assert found.as_dict() == {
        "restricted": 1,
        "objection": 0,
        "by_claim": 0,
        "read_as_more": {"open_from": ["withheld.parquet, row 1"]},
    }


def test_a_row_of_nobody_stops_the_import_and_a_duplicate_does_not():
    rule = [KEPT, RULES.index("duplicate"), RULES.index("upn_form"), RULES.index("unknown_pupil")]
    held = checked([(1, "restricted", None)] * 4, rule)
    assert is_unnamed(held.verdict).tolist() == [False, False, True, True]

    def said(*places):
        taken = np.array(places, dtype=int)
        some = Verdict(held.verdict.rule[taken], held.verdict.column[taken])
        return refused((held.rows.take(taken), some))

    assert said(0, 1) == []
    (one,) = said(1, 2)
    assert one.startswith("withheld.parquet, row 3: a row protects nobody, as the UPN")
    assert "and a child who should be withheld" in one
    (two,) = said(0, 2, 3)
    assert two.startswith("withheld.parquet, rows 3 to 4: 2 rows protect nobody")
    assert "and children who should be withheld" in two
