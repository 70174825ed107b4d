"""Records as known: a spell is two facts, and its end and reason come with the second."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from features.about import About
from features.as_of import AsOf
from features.calendar import Calendar
from features.cohort import cohort
from features.known import _roll, involvement_spells, once, roll_spells
from serving.database.connection import open_database
from serving.database.tables import Objection, RightsRequest
from serving.into_records import with_people
from tests import small

RECORDS = small.records(
    roll="""
    pupil | urn    | enrolment_status | entry_date | leaving_date | leaving_reason | end_known_on
    1     | 100002 | C                | 2024-09-02 | 2025-01-31   | ehe            | 2025-02-13
    2     | 100002 | C                | 2024-09-02 | 2025-01-31   | ehe            | 2025-02-14
    3     | 100002 | C                | 2024-09-02 | 2025-02-14   | moved          | 2025-01-06
    4     | 100002 | C                | 2025-02-14 |              |                |
    5     | 100004 | C                | 2022-09-05 | 2023-08-31   | moved          | 2023-09-01
    6     | 100005 | C                | 2023-09-08 |              |                |
    7     | 100005 | C                | 2023-09-09 |              |                |
    """
)


def test_an_end_and_its_reason_are_known_only_after_both_its_dates():
    rows = (
        roll_spells(RECORDS, AsOf(date(2025, 2, 14), Calendar.of(RECORDS.authority)).alone)
        .to_pyarrow()
        .to_pylist()
    )
    told = {row["pupil"]: (row["is_open"], row["leaving_date"], row["leaving_reason"]) for row in rows}
    assert told[1] == (False, date(2025, 1, 31), "ehe")
    assert told[2] == told[3] == (True, None, None)
    assert 4 not in told


def test_history_follows_a_school_that_became_an_academy():
    rows = (
        roll_spells(RECORDS, AsOf(date(2025, 2, 14), Calendar.of(RECORDS.authority)).alone)
        .to_pyarrow()
        .to_pylist()
    )
    told = {row["pupil"]: (row["cluster"], row["is_continued"]) for row in rows}
    assert (told[5], told[6], told[7]) == ((100005, False), (100005, True), (100005, False))


def test_what_is_held_of_some_pupils_is_not_taken_for_the_whole_authority_nor_the_other_way():
    as_of = AsOf(date(2025, 2, 14), Calendar.of(RECORDS.authority))

    def pupils(rows) -> set[int]:
        return set(rows.to_pandas()["pupil"])

    everyone = pupils(roll_spells(RECORDS, as_of.alone))
    assert pupils(About(RECORDS, as_of, [1, 6]).people) <= {1, 6}
    assert pupils(roll_spells(About(RECORDS, as_of, [1, 6]).records, as_of.alone)) == {1, 6}
    assert pupils(roll_spells(RECORDS, as_of.alone)) == everyone


def known(records, *, of: str) -> set[int]:
    """Pupils of two views, one of as-of dates and one of none, as a run computes and holds them."""
    dates = AsOf(date(2025, 2, 14), Calendar.of(records.authority)).alone
    view = roll_spells(records, dates) if of == "dated" else _roll(records)
    return set(view.to_pyarrow()["pupil"].to_pylist())


@pytest.mark.parametrize("of", ["dated", "dateless"])
def test_records_of_other_tables_never_get_views_of_these(of):
    """However they are made, and whichever is asked first."""
    whole = known(RECORDS, of=of)
    some = sorted(whole)[:1]
    rows = RECORDS.tables["roll"]
    narrowed = replace(RECORDS, tables={**RECORDS.tables, "roll": rows.filter(rows.pupil.isin(some))})
    assert known(narrowed, of=of) == set(some)
    assert known(RECORDS, of=of) == whole
    assert known(replace(narrowed, tables=RECORDS.tables), of=of) == whole


def test_the_tables_of_records_cannot_be_exchanged_under_its_views():
    with pytest.raises(TypeError):
        RECORDS.tables["roll"] = RECORDS.tables["census"]
    with pytest.raises(ValueError, match="init=False"):
        replace(RECORDS, held=RECORDS.held)
    tables = dict(RECORDS.tables)
    mine = replace(RECORDS, tables=tables)
    tables["roll"] = tables["roll"].limit(0)
    assert known(mine, of="dated") == known(RECORDS, of="dated")


def test_two_views_of_one_name_are_two():
    def view(records, dates):
        return records.tables["roll"]

    first, dates = view, AsOf(date(2025, 2, 14), Calendar.of(RECORDS.authority)).alone

    def view(records, dates):
        return records.tables["schools"]

    assert "pupil" in once(first)(RECORDS, dates).columns
    assert "pupil" not in once(view)(RECORDS, dates).columns


def test_objections_laid_over_records_are_in_views_asked_of_them_before(tmp_path):
    """A list withholds who objected, though the records were looked at before."""
    database = open_database(f"sqlite:///{tmp_path / 'service.db'}")
    with database.writing() as session:
        made = RightsRequest(
            kind="object", pupil=4, received_on=date(2025, 1, 1), due_on=date(2025, 2, 1), words="", made_by="governance",
            made_at=datetime.now(UTC),
        )  # fmt: skip
        session.add(made)
        session.flush()
        session.add(Objection(request=made.id, pupil=4, from_on=date(2025, 1, 1), to_on=None))
    dates = AsOf(date(2025, 2, 20), Calendar.of(RECORDS.authority)).alone
    before = cohort(RECORDS, dates).to_pyarrow().to_pylist()
    after = cohort(with_people(RECORDS, database), dates).to_pyarrow().to_pylist()
    database.close()
    reasons = [{row["pupil"]: row["not_assessed_reason"] for row in rows} for rows in (before, after)]
    assert reasons[1][4] == "objection" != reasons[0][4]


SNAPSHOTS = {  # rows of one involvement, what is known of it on 3 March 2025
    "open, then ended": ("2024-10-07 | | 2024-10-14 |", "2024-10-07 | 2025-01-31 | 2024-10-14 | 2025-02-07", date(2025, 1, 31)),
    "open, then ended, not known yet": ("2024-10-07 | | 2024-10-14 |", "2024-10-07 | 2025-02-28 | 2024-10-14 | 2025-03-03", None),
    "ended, then opened again": ("2024-10-07 | 2025-01-31 | 2024-10-14 | 2025-02-07", "2024-10-07 | | 2025-02-08 |", None),
    "ended, and opened again on the day that it was told": ("2024-10-07 | 2025-01-31 | 2024-10-14 | 2025-02-07", "2024-10-07 | | 2025-02-07 |", date(2025, 1, 31)),
    "two ends told on one day": ("2024-10-07 | 2025-01-31 | 2024-10-14 | 2025-02-07", "2024-10-07 | 2025-02-03 | 2024-10-14 | 2025-02-07", date(2025, 2, 3)),
}  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("case", SNAPSHOTS)
def test_an_involvement_that_snapshots_tell_again_counts_once_as_last_told(case, turned):
    one, other, end = SNAPSHOTS[case]
    rows = [f"1 | cin | {each}" for each in ((other, one) if turned else (one, other))]
    other_kind = "1 | early_help | 2024-10-07 | | 2024-10-14 |"
    records = small.records(
        involvements="\n".join(
            ["pupil | kind | start_date | end_date | known_on | end_known_on", *rows, other_kind]
        )
    )
    told = (
        involvement_spells(records, AsOf(date(2025, 3, 3), Calendar.of(records.authority)).alone)
        .to_pyarrow()
        .to_pylist()
    )
    assert sorted((row["kind"], row["is_open"], row["end_date"]) for row in told) == [
        ("cin", end is None, end), ("early_help", True, None)
    ]  # fmt: skip
