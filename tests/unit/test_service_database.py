"""The service's database: made and brought up to date in one call, the same on both engines."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError

import serving.database.tables as tables
from serving.database.base import Row
from serving.database.connection import open_database
from serving.errors import DatabaseRefused
from tests.officers import AMY, MEETING, WHOLE, furnish, raised

MACHINES = re.compile(
    r"(decision|decided|verdict|grade|score|estimate|risk|rank|flag|band|probab|predict|frequency$|recommend)"
)


@pytest.mark.empty
def test_migrations_make_exactly_the_tables_of_the_models(database):
    with database.engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), Row.metadata)
    assert found == []


def test_opening_again_changes_nothing(database, address):
    open_database(address).close()
    assert len(inspect(database.engine).get_table_names()) == len(Row.metadata.tables) + 1


@pytest.mark.empty
def test_many_may_open_an_empty_database_at_once(address):
    with ThreadPoolExecutor(6) as pool:
        for opened in pool.map(open_database, [address] * 6):
            opened.close()


def test_a_newer_database_is_refused(database, address):
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseRefused, match="newer"):
        open_database(address)


@pytest.mark.empty
def test_somebody_elses_database_is_refused(address, tmp_path):
    opened = open_database(address)
    with opened.writing() as session:
        session.execute(text("DROP TABLE alembic_version"))
    opened.close()
    with pytest.raises(DatabaseRefused, match="not this service's"):
        open_database(address)


@pytest.mark.parametrize(
    "url", ["sqlite://", "postgresql+psycopg://nobody@localhost:9/none", "sqlite:////proc/no/where.db"]
)
def test_a_database_that_cannot_be_is_refused(url):
    with pytest.raises(DatabaseRefused):
        open_database(url)


def test_a_password_is_in_no_message():
    with pytest.raises(DatabaseRefused) as refused:
        open_database("postgresql+psycopg://somebody:very-secret@localhost:9/none")
    assert "very-secret" not in str(refused.value)


def test_a_new_sqlite_file_is_its_owners_alone(tmp_path):
    open_database(f"sqlite:///{tmp_path / 'new' / 'service.db'}").close()
    assert (tmp_path / "new" / "service.db").stat().st_mode & 0o077 == 0


def test_what_is_not_committed_is_not_kept(database):
    with pytest.raises(RuntimeError), database.writing() as session:
        session.add(tables.PupilKey(pupil=AMY, key=b"k"))
        session.flush()
        raise RuntimeError
    with database.reading() as session:
        assert session.get(tables.PupilKey, AMY) is None


def test_no_column_can_hold_what_a_computer_made_of_a_child():
    """Every column that could is named here, with whose words it holds; a new one must be argued for."""
    found = [
        f"{table.name}.{column.name}"
        for table in Row.metadata.tables.values()
        for column in table.columns
        if MACHINES.search(column.name)
    ]
    assert found == []


def test_every_record_about_a_pupil_names_a_person():
    authors = {"begun_by", "author", "opened_by", "made_by"}
    told_by_people = [table for table in Row.metadata.tables.values() if table.name in
                      ("screenings", "screening_versions", "frequency_openings", "referrals", "wrong_facts", "rights_requests", "steps")]  # fmt: skip
    assert len(told_by_people) == 7
    for table in told_by_people:
        assert [column for column in table.columns if column.name in authors and not column.nullable], (
            table.name
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE screening_versions SET content = '{}'",
        "UPDATE steps SET words = 'another'",
        "UPDATE access_log SET what = 'another'",
        "DELETE FROM access_log",
    ],
)
def test_the_database_itself_refuses_to_change_what_is_only_appended(database, tmp_path, statement):
    from serving.referrals import service as referrals
    from serving.screening import service as screenings
    from serving.security.access_log.write import AccessLog, Entry

    who = furnish(database)
    log = AccessLog(database, tmp_path / "head")
    log.write(Entry("ash", "officer", "estimate", "one pupil"))
    log.close()
    with database.writing() as session:
        screenings.begin(session, who["ash"], AMY, MEETING, WHOLE)
        referrals.refer(session, who["ash"], AMY, raised("family", "mother", "Worried."))
    with pytest.raises(DBAPIError, match="only appended"), database.writing() as session:
        session.execute(text(statement))
