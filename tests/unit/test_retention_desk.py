"""The retention run at the desk: what is past its period goes at once, rows of the access log by two people, and a visit reads no log."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, func, select

from serving.accounts.record import NothingForm
from serving.database.connection import open_database
from serving.database.tables import LogEntry
from serving.errors import NotThere
from serving.guidance.pages import privacy
from serving.http.calls import Call
from serving.opening import open_desk
from serving.rights import pages, past_period
from serving.rights.record import LogRowsGo
from serving.security.access import Role
from serving.security.access_log.chain import Entry, append
from serving.security.access_log.verify import verify
from serving.security.access_log.write import AccessLog
from serving.security.accounts import add_user
from serving.settings import read_settings
from tests.served import make_home, reading_of

KEPT_DAYS = 400
BY_NAME = {each.name: each for each in pages.PAGES}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("retention") / "home", reading_of())


@pytest.fixture
def desk(home):
    """A desk with 30 rows of its access log past their period, and 21 that are not."""
    for name in ("service.db", "service.db-wal", "service.db-shm", "access_log.key", "access_log.head"):
        (home / name).unlink(missing_ok=True)
    settings = read_settings(home)
    log_settings = settings.access_log.model_copy(update={"kept_days": KEPT_DAYS})
    now = datetime.now(UTC)
    ages = [*(KEPT_DAYS + 31 - at for at in range(30)), *range(380, -1, -19)]
    rows = [
        (
            Entry("ash", "officer", "list", "list"),
            (now - timedelta(days=age)).isoformat(timespec="microseconds"),
        )
        for age in ages
    ]
    database = open_database(settings.database_url)
    log = AccessLog(database, settings.head_file, settings.key_file)
    append(rows, database, log.head_file, log.key())
    database.close()
    desk = open_desk(settings.model_copy(update={"access_log": log_settings}))
    yield desk
    desk.close()


@pytest.fixture
def people(desk):
    with desk.database.writing() as session:
        found = {name: add_user(session, name, Role.INFORMATION_GOVERNANCE) for name in ("one", "two")}
        return {**found, "administrator": add_user(session, "keeper", Role.ADMINISTRATOR)}


def asks(desk, person, name: str, body=None, **numbers: int):
    """A page asked for, or a form sent, as the gate lets it in: status and text."""
    endpoint = BY_NAME[name]
    body = body if body is not None or endpoint.method == "GET" else NothingForm(form_token="t")
    answered = endpoint.handle(desk, Call(endpoint, body, numbers, person, "token"))
    return answered.record.status_code, bytes(answered.record.body).decode(), answered.what


def num_rows(desk) -> int:
    with desk.database.reading() as session:
        return session.scalar(select(func.count()).select_from(LogEntry)) or 0


def test_two_people_take_rows_of_the_log_at_the_desk(desk, people):
    num = num_rows(desk)
    status, page, _ = asks(desk, people["one"], "plan_log_purge_form")
    assert status == 200 and "30 rows would go: 1 to 30" in page and "Propose that these rows go" in page
    assert asks(desk, people["one"], "propose_log_purge_form", form())[0] == 303
    (proposal,) = past_period.log_proposals(desk, people["two"])
    own = asks(desk, people["one"], "kept_page")[1]
    assert (
        "You proposed it, so somebody else" in own
        and f'action="/rights/log-purges/{proposal.row}"' not in own
    )
    status, page, what = asks(desk, people["one"], "carry_out_log_purge_form", form(), row=proposal.row)
    assert status == 422 and "Two people take rows of the access log" in page and "not recorded" in what
    assert num_rows(desk) == num + 1
    others = asks(desk, people["two"], "kept_page")[1]
    assert f'action="/rights/log-purges/{proposal.row}"' in others and "rows 1 to 30" in others
    assert asks(desk, people["two"], "carry_out_log_purge_form", form(), row=proposal.row)[0] == 303
    assert num_rows(desk) == num - 30 + 2
    assert past_period.log_proposals(desk, people["one"]) == []
    found = verify(desk.database, desk.log.head_file, key_file=desk.log.key_file, kept_days=KEPT_DAYS)
    assert found.findings == () and [(each.proposed_by, each.by) for each in found.purges] == [("one", "two")]
    again = asks(desk, people["two"], "carry_out_log_purge_form", form(), row=proposal.row)
    assert again[0] == 422 and "nothing is due" in again[1]


def form(clock_was_wrong: str = "") -> object:
    return pages.LogRowsGoForm(form_token="t", clock_was_wrong=clock_was_wrong)


@pytest.mark.parametrize(
    ("row", "typed", "says"),
    [
        (1, "", "proposes no purge"),
        (10**18, "", "proposes no purge"),
        (1, "row 6", "Give the numbers of rows alone"),
    ],
)
def test_what_nobody_proposed_is_not_carried_out(desk, people, row, typed, says):
    num = num_rows(desk)
    status, page, _ = asks(desk, people["two"], "carry_out_log_purge_form", form(typed), row=row)
    assert status == 422 and says in page and num_rows(desk) == num


def test_a_clock_that_ran_backwards_is_named_by_both(desk, people):
    now = datetime.now(UTC) - timedelta(hours=2)
    early = [(Entry("ash", "officer", "list", "list"), (now).isoformat(timespec="microseconds"))]
    append([(early[0][0], datetime.now(UTC).isoformat(timespec="microseconds")), *early], desk.database, desk.log.head_file, desk.log.key())  # fmt: skip
    row = num_rows(desk)
    page = asks(desk, people["one"], "plan_log_purge_form")[1]
    assert "None of it may go as the log stands" in page and f"both people name row {row}" in page
    assert asks(desk, people["one"], "propose_log_purge_form", form())[0] == 422
    assert asks(desk, people["one"], "propose_log_purge_form", form(f" {row}\n"))[0] == 303
    (proposal,) = past_period.log_proposals(desk, people["two"])
    assert asks(desk, people["two"], "carry_out_log_purge_form", form(), row=proposal.row)[0] == 422
    assert asks(desk, people["two"], "carry_out_log_purge_form", form(str(row)), row=proposal.row)[0] == 303
    assert past_period.log_proposals(desk, people["two"]) == []


def test_a_visit_reads_a_few_rows_of_the_log_however_long_it_is(desk, people):
    """Only whoever asks for it has the whole log read."""
    read = []

    @event.listens_for(desk.database.engine, "after_cursor_execute")
    def seen(connection, cursor, statement, *rest):
        if "FROM access_log" in statement and "access_log_head" not in statement:
            read.append(statement)

    asks(desk, people["one"], "kept_page")
    assert read and len(read) < 12
    assert all("LIMIT" in each or "access_log.action IN" in each for each in read)
    assert not any("access_log.tokens" in each and "LIMIT" in each for each in read)


def test_the_period_of_the_log_is_what_the_settings_say(desk, people):
    page = asks(desk, people["one"], "kept_page")[1]
    assert f"{KEPT_DAYS} days from the row" in re.sub(r"\s+", " ", page)

    answered = privacy(desk, Call(BY_NAME["kept_page"], None))
    assert f"{KEPT_DAYS} days from the row" in bytes(answered.record.body).decode()


@pytest.mark.parametrize("what", ["past_period", "past_period_of_log", "log_proposals", "purge_past_period"])
def test_nobody_else_sees_or_takes_anything(desk, people, what):
    with pytest.raises(NotThere):
        getattr(past_period, what)(desk, people["administrator"])
    with pytest.raises(NotThere):
        past_period.propose_log_purge(desk, people["administrator"], LogRowsGo())
    with pytest.raises(NotThere):
        past_period.carry_out_log_purge(desk, people["administrator"], 1, LogRowsGo())
