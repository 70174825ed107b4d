"""Wrong sign-ins: each a row or counted in one, an alarm where they are many, slow to the caller and to nobody else."""

import asyncio
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from serving.database.tables import LogEntry
from serving.errors import LogRefused, NotSignedIn
from serving.http import slowing
from serving.http.slowing import Slowed, address_of
from serving.security import accounts
from serving.security.access_log.write import AccessLog
from serving.security.sign_ins import (
    FREE,
    LONGEST_WAIT_S,
    MANY,
    ROWS_A_MINUTE,
    WrongSignIns,
    sign_in_with_code,
)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def log(database, tmp_path):
    opened = AccessLog(database, tmp_path / "access_log.head")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


def rows(log: AccessLog) -> list[LogEntry]:
    with log.database.reading() as session:
        return list(session.scalars(select(LogEntry).order_by(LogEntry.number)))


def test_signing_in_is_a_row_right_or_wrong(log):
    with log.database.writing() as session:
        accounts.add_user(session, "ana", accounts.Role.REVIEWER)
        code = accounts.one_time_token(session, "ana")
    sign_in_with_code(log.database, log, code, "page", "r1")
    for wrong in (code, "no such code"):
        with pytest.raises(NotSignedIn):
            sign_in_with_code(log.database, log, wrong, "page", "r2")
    said = [(row.person, row.role, row.action, row.outcome, row.request) for row in rows(log)]
    assert (
        said
        == [("ana", "reviewer", "sign_in", "recorded", "r1")] + [("", "", "sign_in", "refused", "r2")] * 2
    )
    assert not [row for row in rows(log) if code in row.what]


def test_where_the_row_cannot_be_written_the_code_still_works(log, monkeypatch):
    with log.database.writing() as session:
        accounts.add_user(session, "ana", accounts.Role.REVIEWER)
        code = accounts.one_time_token(session, "ana")

    def full(entry):
        raise LogRefused("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(log, "write", full)
        with pytest.raises(LogRefused):
            sign_in_with_code(log.database, log, code, "page")
    assert sign_in_with_code(log.database, log, code, "page")


def test_many_are_an_alarm_until_some_time_after_the_last(log, clock):
    wrong = WrongSignIns(clock)
    for number in range(MANY + 1):
        assert not wrong.are_many, number
        wrong.refused(log, "one-time code not known")
    assert wrong.are_many
    clock.now += 601
    assert not wrong.are_many


def test_nobody_can_fill_the_disk_with_rows_and_each_is_counted(log, clock):
    wrong = WrongSignIns(clock)
    for _ in range(ROWS_A_MINUTE + 500):
        wrong.refused(log, "one-time code not known")
    assert len(rows(log)) == ROWS_A_MINUTE
    clock.now += 61
    wrong.refused(log, "one-time code not known")
    assert rows(log)[-1].what == "one-time code not known; 500 more before it have no row of their own"


def test_an_address_waits_longer_the_more_it_tries_and_another_does_not(clock):
    wrong = WrongSignIns(clock)
    waits = [wrong.wait_s("203.0.113.9") for _ in range(30)]
    assert waits[:FREE] == [0.0] * FREE and waits[FREE] > 0
    assert waits == sorted(waits) and waits[-1] == LONGEST_WAIT_S
    assert wrong.wait_s("203.0.113.10") == 0.0
    clock.now += 601
    assert wrong.wait_s("203.0.113.9") == 0.0


def test_whoever_has_a_network_of_addresses_is_one(clock):
    wrong = WrongSignIns(clock)
    assert [wrong.wait_s(f"2001:db8::{number:x}") for number in range(FREE + 1)][-1] > 0
    assert wrong.wait_s("2001:db8:0:1::1") == 0.0
    assert {wrong.wait_s(f"::ffff:203.0.113.{number}") for number in range(FREE + 2)} == {0.0}


def test_addresses_take_no_memory_without_end(clock, monkeypatch):
    import serving.security.sign_ins as room

    monkeypatch.setattr(room, "MOST_ADDRESSES", 10)
    wrong = WrongSignIns(clock)
    for number in range(100):
        wrong.wait_s(f"198.51.100.{number}")
    assert len(wrong._of_address) == 10


@pytest.mark.parametrize(
    ("client", "passed_on", "is_behind_tls", "wanted"),
    [
        (("203.0.113.9", 1), b"", False, "203.0.113.9"),
        (("203.0.113.9", 1), b"198.51.100.1", False, "203.0.113.9"),
        (("127.0.0.1", 1), b"6.6.6.6, 198.51.100.1", True, "198.51.100.1"),
        (("127.0.0.1", 1), b"", True, "127.0.0.1"),
        (None, b"", False, ""),
    ],
)
def test_whose_request_it_is(client, passed_on, is_behind_tls, wanted):
    headers = {b"x-forwarded-for": passed_on} if passed_on else {}
    assert address_of(client, headers, is_behind_tls) == wanted


def answered(status: int, is_sign_in: bool, tries: int, clock) -> tuple[list[str], list[float]]:
    """What left before and after the wait, and how long each waited, of so many answers one after another."""
    order: list[str] = []
    waited: list[float] = []

    async def send(message):
        order.append(message["type"].rsplit(".", 1)[-1])

    async def sleep(seconds):
        waited.append(seconds)

    async def go():
        wrong = WrongSignIns(clock)
        for _ in range(tries):
            slowed = Slowed(send)
            slowed.is_sign_in = is_sign_in
            await slowed({"type": "http.response.start", "status": status})
            await slowed({"type": "http.response.body", "body": b""})
            order.append("done")
            await slowed.let_go(wrong, "203.0.113.9")

    with pytest.MonkeyPatch.context() as patch:
        # only this module's name for it: services of other tests, in threads of this process, sleep too
        patch.setattr(slowing, "asyncio", SimpleNamespace(sleep=sleep))
        asyncio.run(go())
    return order, waited


def test_a_wrong_answer_leaves_after_the_request_let_go_of_its_place(clock):
    order, waited = answered(401, True, FREE + 3, clock)
    assert order == ["done", "start", "body"] * (FREE + 3)
    assert len(waited) == 3


@pytest.mark.parametrize(("status", "is_sign_in"), [(200, True), (303, True), (401, False)])
def test_a_right_one_and_whoever_tried_nothing_wait_for_nobody(clock, status, is_sign_in):
    order, waited = answered(status, is_sign_in, FREE + 9, clock)
    assert order == ["start", "body", "done"] * (FREE + 9)
    assert waited == []


def test_beyond_what_may_wait_nothing_is_sent_and_the_gate_says_later(clock, monkeypatch):
    monkeypatch.setattr(Slowed, "waiting", 10**6)
    order, waited = answered(401, True, FREE + 1, clock)
    assert order == ["done", "start", "body"] * FREE + ["done"]
    assert waited == []
