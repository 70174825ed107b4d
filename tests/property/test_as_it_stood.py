"""An extract as it stood on a day gives, for that day, the cohort and every feature as a later extract does."""

import tempfile
from datetime import date, timedelta
from pathlib import Path
from shutil import copy

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from features.errors import ExtractRefused
from features.matrix import feature_matrix
from features.records.importing import import_extract
from features.records.store import open_store
from tests.as_it_stood import Tables, invent, is_one_already, stood
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


def matrix(
    folder: Path, name: str, tables: Tables, extracted_on: date, as_of: date
) -> tuple[list[dict], dict[str, int]]:
    """The matrix of a date, and the pupil of each UPN."""
    authority = AUTHORITY.replace("extracted_on = 2025-08-31", f"extracted_on = {extracted_on}")
    extract = write_extract(folder / name, tables, authority=authority)
    identities = folder / f"{name}-identities"
    if name == "then":
        identities.mkdir()
        copy(folder / "now-identities/key", identities)
    import_extract(extract, folder / f"{name}-store", identities, reject_limit=1)
    (made,) = feature_matrix(open_store(folder / f"{name}-store"), [as_of])
    who = pq.read_table(identities / "upn.parquet").to_pylist()
    return made.to_pylist(), {one["upn"]: one["pupil"] for one in who}


def check(seed: int, later: int, num_pupils: int) -> None:
    as_of = date(2023, 9, 20) + timedelta(later)
    tables = invent(seed, num_pupils)
    before = stood(tables, as_of)
    with tempfile.TemporaryDirectory() as work:
        try:
            now, pupils = matrix(Path(work), "now", tables, LAST, as_of)
            then, pupils_then = matrix(Path(work), "then", before, as_of, as_of)
        except ExtractRefused as refused:
            assert "column former_upn" in str(refused)
            event("refused")
            return
    event("compared")
    unsettled: set[int] = (
        set()
    )  # who stands under both numbers, as nobody could know yet that they are one child
    for row in tables["roll"]:
        old, new = row["former_upn"], row["upn"]
        if not {old, new} <= pupils_then.keys() or is_one_already(before, old, new):
            continue
        if (pupils_then[old] == pupils_then[new]) != (pupils[old] == pupils[new]):
            event("two numbers, not one child yet")
            unsettled |= {pupils[old], pupils[new]}
    today = {pupils_then[upn]: pupils[upn] for upn in sorted(pupils_then, key=lambda upn: upn in pupils)}
    was = {today[row["pupil"]]: row for row in then if today[row["pupil"]] not in unsettled}
    found = {row["pupil"]: row for row in now if row["pupil"] not in unsettled}
    assert was.keys() == found.keys()
    wrong = {
        (pupil, name): (was[pupil][name], value)
        for pupil, row in found.items()
        for name, value in row.items()
        if name != "pupil" and was[pupil][name] != value
    }
    assert not wrong


@few(4)
@given(worlds)
def test_an_extract_as_it_stood_gives_what_a_later_one_gives(seed_later):
    check(*seed_later, 40)


@pytest.mark.promise
@few(20)  # most of the cost is of the queries, whoever is in them
@given(worlds)
def test_many_extracts_as_they_stood_give_what_later_ones_give(seed_later):
    check(*seed_later, 120)
