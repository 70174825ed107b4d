"""An extract as it stood on a day gives, for that day, the cohort and every feature as a later extract does."""

import tempfile
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from features.matrix import feature_matrix
from features.records.importing import import_extract
from features.records.store import open_store
from tests.as_it_stood import Tables, invent, stood
from tests.extracts import write_extract
from tests.small import AUTHORITY

LAST = date(2025, 8, 31)
worlds = st.tuples(st.integers(0, 10**6), st.integers(0, 240))


def few(examples: int):
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        suppress_health_check=checks,
        phases=[Phase.explicit, Phase.generate],  # a smaller seed is no simpler authority
    )


def matrix(folder: Path, name: str, tables: Tables, extracted_on: date, as_of: date) -> list[dict]:
    authority = AUTHORITY.replace("extracted_on = 2025-08-31", f"extracted_on = {extracted_on}")
    extract = write_extract(folder / name, tables, authority=authority)
    import_extract(extract, folder / f"{name}-store", folder / "identities", reject_limit=1)
    (made,) = feature_matrix(open_store(folder / f"{name}-store"), [as_of])
    return made.to_pylist()


def check(seed: int, later: int, num_pupils: int) -> None:
    as_of = date(2023, 9, 20) + timedelta(later)
    tables = invent(seed, num_pupils)
    with tempfile.TemporaryDirectory() as work:
        now = matrix(Path(work), "now", tables, LAST, as_of)
        then = matrix(Path(work), "then", stood(tables, as_of), as_of, as_of)
    assert [row["pupil"] for row in then] == [row["pupil"] for row in now]
    wrong = {
        (row["pupil"], name): (was[name], value)
        for was, row in zip(then, now, strict=True)
        for name, value in row.items()
        if was[name] != value
    }
    assert not wrong


@few(6)
@given(worlds)
def test_an_extract_as_it_stood_gives_what_a_later_one_gives(seed_later):
    check(*seed_later, 14)


@pytest.mark.promise
@few(150)
@given(worlds)
def test_many_extracts_as_they_stood_give_what_later_ones_give(seed_later):
    check(*seed_later, 24)
