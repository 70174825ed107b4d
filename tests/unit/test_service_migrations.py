"""What earlier versions stored is carried over by the migrations, word for word, on both engines."""

from datetime import UTC, date, datetime

import pytest
from alembic import command
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from serving.corrections import service as corrections
from serving.database.connection import open_database
from serving.database.migrations import settings
from serving.referrals import service as referrals
from serving.rights.held import in_database
from serving.screening import service as screenings
from tests.officers import AMY, ASH, furnish

AT = datetime(2025, 6, 10, 9, 30, tzinfo=UTC)
SCREENED = {
    "considered": '["list", "family"]', "considered_words": "Her mother’s words.", "view": "Bright; “lonely”.\nTwo lines.",
    "was_known": False, "outcome": "targeted", "needs": '["attendance", "friendships"]', "review_on": date(2025, 9, 30),
    "words": "Führt: Frau Ö.",
}  # fmt: skip
OPEN = {
    "considered": "[]", "considered_words": "", "view": "", "was_known": None, "outcome": None, "needs": "[]",
    "review_on": None, "words": "x" * 10_000,
}  # fmt: skip


def before_content(address: str) -> None:
    """A database as it was before `content`, with rows that an officer wrote."""
    engine = create_engine(address)
    json = "" if engine.dialect.name == "sqlite" else "::json"
    with engine.begin() as connection:
        config = settings()
        config.attributes["connection"] = connection
        command.upgrade(config, "0004")

        def add(table: str, **row: object) -> None:
            values = ", ".join(f":{name}" for name in row)
            for name in ("considered", "needs"):
                values = values.replace(f":{name}, ", f"CAST(:{name} AS json), " if json else f":{name}, ")
            connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"), row)

        add("referrals", id=1, pupil=AMY, urn=ASH, referred_by="mother", route="family", reasons="Hardly sleeps.",
            made_by="ash", made_at=AT)  # fmt: skip
        add("wrong_facts", id=1, pupil=AMY, urn=ASH, family="attendance", fact="Absent.", what_is_right="On a trip.",
            told_by="her aunt", made_by="ash", made_at=AT)  # fmt: skip
        for kind, state in (("referral", "screened"), ("wrong_fact", "reported")):
            add("steps", kind=kind, record=1, version=1, state=state, words="", author="ash", at=AT)
        add("screenings", id=1, pupil=AMY, urn=ASH, meeting_on=AT.date(), prompt="no_list", list_as_of=None, release="",
            referral=1, begun_by="ash", begun_at=AT)  # fmt: skip
        for version, state, said in ((1, "open", OPEN), (2, "done", SCREENED)):
            add("screening_versions", screening=1, version=version, state=state, review_held_on=None, author="ash", at=AT,
                **said)  # fmt: skip
    engine.dispose()


@pytest.mark.empty
def test_what_was_written_before_reads_the_same_after(address):
    before_content(address)
    opened = open_database(address)
    try:
        who = furnish(opened)
        with opened.reading() as session:
            first, second = screenings.versions(session, who["ash"], 1)
            (raised,) = referrals.referrals(session, who["ash"], None)
            (wrong,) = corrections.wrong_facts(session, who["ash"])
            due = screenings.reviews_due(session, who["ash"], date(2025, 9, 30))
            tables = {name: len(rows) for name, rows in in_database(session, AMY)}
        assert (second.considered, second.needs) == (("list", "family"), ("attendance", "friendships"))
        assert (second.view, second.words) == (SCREENED["view"], SCREENED["words"])
        assert (second.considered_words, second.was_known) == (SCREENED["considered_words"], False)
        assert (second.outcome, second.review_on, second.at) == ("targeted", date(2025, 9, 30), AT)
        # Recorded when a text could be longer than today's limit: it is read all the same.
        assert (first.words, first.outcome, first.was_known) == ("x" * 10_000, None, None)
        assert (raised.route, raised.referred_by, raised.reasons, raised.state) == (
            "family", "mother", "Hardly sleeps.", "screened",
        )  # fmt: skip
        assert (wrong.family, wrong.fact, wrong.what_is_right, wrong.told_by) == (
            "attendance", "Absent.", "On a trip.", "her aunt",
        )  # fmt: skip
        assert [each.screening for each in due] == [1]
        assert (tables["screening_versions"], tables["referrals"], tables["wrong_facts"]) == (2, 1, 1)
        with pytest.raises(DBAPIError, match="only appended"), opened.writing() as session:
            session.execute(text("UPDATE screening_versions SET content = '{}'"))
    finally:
        opened.close()
