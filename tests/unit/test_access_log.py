"""The access log: sealed row by row, on disk before an answer, by token, and a broken link is found wherever it is."""

import datetime
import resource
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, select, update

from serving.database.connection import Database, open_database, unlocked
from serving.database.tables import LogEntry, LogHead, Placement, PupilKey, PupilStatus
from serving.errors import LogRefused
from serving.security.access_log.chain import Entry, tokens_of
from serving.security.access_log.head import begin_head, read_note
from serving.security.access_log.verify import read_written_down, verify
from serving.security.access_log.write import AccessLog
from tests.officers import AMY, BEN, CAT


@pytest.fixture
def log(database, tmp_path):
    opened = AccessLog(database, tmp_path / "access_log.head")
    yield opened
    opened.close()


def entry(number: int = 0, pupils=(AMY,)) -> Entry:
    return Entry("ash", "officer", "estimate", f"question {number}", pupils, request=f"r{number}")


def filled(log, rows: int = 6) -> None:
    for number in range(rows):
        log.write(entry(number, (AMY, BEN) if number % 2 else (CAT,)))


def test_a_row_says_who_what_and_when_and_nothing_of_a_pupil(log, database):
    assert [log.write(entry(1, (AMY, BEN))), log.write(entry(2))] == [1, 2]
    with database.reading() as session:
        row = session.get(LogEntry, 1)
        said = " ".join(str(getattr(row, column.name)) for column in LogEntry.__table__.columns)
        tokens = tokens_of(session, [AMY, BEN])
    assert (row.person, row.role, row.action, row.what, row.outcome) == (
        "ash",
        "officer",
        "estimate",
        "question 1",
        "shown",
    )
    assert set(row.tokens.split()) == set(tokens.values())
    for pupil in (AMY, BEN):
        assert str(pupil) not in said
        assert f"{pupil & (2**64 - 1):016x}" not in said


def test_tokens_of_two_pupils_and_of_one_pupil_in_two_databases_differ(log, database, tmp_path):
    log.write(entry(1, (AMY, BEN)))
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    with database.reading() as here, other.writing() as there:
        mine, yours = tokens_of(here, [AMY, BEN]), tokens_of(there, [AMY, BEN], make=True)
    other.close()
    assert len({*mine.values(), *yours.values()}) == 4


def test_a_sound_log_verifies_and_names_its_head(log, database):
    filled(log)
    found = verify(database, log.head_file)
    assert (found.num_rows, found.broken_at, found.why) == (6, None, "")
    assert found.head[0] == 6
    assert read_note(log.head_file).head == found.head


def test_an_empty_log_verifies(log, database):
    assert verify(database, log.head_file).broken_at is None


def changed(session, column):
    session.execute(update(LogEntry).where(LogEntry.number == 3).values({column: "another"}))


def reordered(session):
    rows = {number: session.get(LogEntry, number) for number in (3, 4)}
    values = {
        number: {name: getattr(row, name) for name in ("at", "person", "what", "tokens", "previous", "hash")}
        for number, row in rows.items()
    }
    session.expunge_all()
    for number, other in ((3, 4), (4, 3)):
        session.execute(update(LogEntry).where(LogEntry.number == number).values(**values[other]))


def resealed(session):
    """Somebody changes a row and seals it, and all after it, anew: only the end tells."""
    from serving.security.access_log.chain import FIELDS, seal

    previous = None
    for row in session.scalars(select(LogEntry).order_by(LogEntry.number)):
        if row.number == 3:
            row.what = "another"
        if previous is not None:
            row.previous = previous
        row.hash = previous = seal({name: getattr(row, name) for name in FIELDS})
    session.flush()


TAMPERINGS = {
    "a row in the middle deleted": (lambda s: s.execute(delete(LogEntry).where(LogEntry.number == 3)), 3),
    "the first row deleted": (lambda s: s.execute(delete(LogEntry).where(LogEntry.number == 1)), 1),
    "the last row cut off": (lambda s: s.execute(delete(LogEntry).where(LogEntry.number == 6)), 6),
    "the last three cut off": (lambda s: s.execute(delete(LogEntry).where(LogEntry.number > 3)), 4),
    "all deleted": (lambda s: s.execute(delete(LogEntry)), 1),
    "who changed": (lambda s: changed(s, "person"), 3),
    "when changed": (lambda s: changed(s, "at"), 3),
    "what changed": (lambda s: changed(s, "what"), 3),
    "about whom changed": (lambda s: changed(s, "tokens"), 3),
    "outcome changed": (lambda s: changed(s, "outcome"), 3),
    "a hash changed": (lambda s: changed(s, "hash"), 3),
    "two rows changed places": (reordered, 3),
    "everything sealed anew": (resealed, 6),
    "the head of the database deleted": (lambda s: s.execute(delete(LogHead)), 7),
    "a row renumbered": (lambda s: s.execute(update(LogEntry).where(LogEntry.number == 6).values(number=9)), 6),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERINGS)
def test_the_first_broken_link_is_found(log, database, what):
    tamper, broken_at = TAMPERINGS[what]
    filled(log)
    _unlock(database, tamper)
    found = verify(database, log.head_file)
    assert found.broken_at == broken_at, found
    assert found.why


def _unlock(database: Database, tamper) -> None:
    with (
        database.writing() as session,
        unlocked(session, "access_log", "UPDATE"),
        unlocked(session, "access_log", "DELETE"),
    ):
        tamper(session)


def _cut(session, keep: int) -> None:
    """Cut rows off and set the head of the database back, as somebody who knows it would."""
    session.execute(delete(LogEntry).where(LogEntry.number > keep))
    last = session.get(LogEntry, keep)
    session.execute(update(LogHead).values(number=keep, hash=last.hash))


def test_rows_cut_off_with_the_databases_own_head_are_found_by_the_head_file(log, database):
    filled(log)
    _unlock(database, lambda session: _cut(session, 4))
    found = verify(database, log.head_file)
    assert (found.broken_at, "head file" in found.why) == (5, True)


def test_writing_on_after_a_cut_does_not_hide_it(log, database, tmp_path):
    filled(log)
    _unlock(database, lambda session: _cut(session, 4))
    log.close()
    again = AccessLog(database, log.head_file)
    for number in range(10):
        again.write(entry(number))
    again.close()
    found = verify(database, log.head_file)
    assert found.broken_at == 6, found


def test_a_head_written_down_finds_a_cut_of_rows_and_both_heads(log, database):
    filled(log)
    kept = verify(database, log.head_file).head
    _unlock(database, lambda session: _cut(session, 4))
    begin_head(log.head_file, verify(database).head, log.key())
    assert verify(database, log.head_file).broken_at is None
    found = verify(database, log.head_file, read_written_down(f"{kept[0]}:{kept[1]}"))
    assert (found.broken_at, "written down" in found.why) == (5, True)


def test_a_head_file_that_is_gone_or_spoilt_is_told(log, database):
    filled(log)
    log.head_file.write_text("nonsense")
    assert verify(database, log.head_file).broken_at is not None
    log.head_file.unlink()
    assert "not there" in verify(database, log.head_file).why


@pytest.mark.parametrize("given", ["", "6", "6:abc", "x:" + "0" * 64])
def test_what_is_no_head_is_refused(given):
    with pytest.raises(LogRefused):
        read_written_down(given)


def test_many_processes_and_threads_write_one_chain(database, tmp_path, address):
    logs = [AccessLog(open_database(address), tmp_path / "access_log.head") for _ in range(3)]
    with ThreadPoolExecutor(24) as pool:
        numbers = list(pool.map(lambda number: logs[number % 3].write(entry(number, (AMY, BEN))), range(240)))
    for log in logs:
        log.close()
        log.database.close()
    assert sorted(numbers) == list(range(1, 241))
    found = verify(database, tmp_path / "access_log.head")
    assert (found.num_rows, found.broken_at) == (240, None)
    with database.reading() as session:
        assert len(session.scalars(select(PupilKey)).all()) == 2


def test_what_waits_is_written_together(log, database, monkeypatch):
    """One write to disk serves all who wait: group commit."""
    import serving.security.access_log.write as room

    sizes, gate, append = [], threading.Event(), room.append

    def slowly(entries, *rest):
        sizes.append(len(entries))
        if len(sizes) == 1:
            assert gate.wait(20)
        return append(entries, *rest)

    monkeypatch.setattr(room, "append", slowly)
    first = log.submit(entry(0))
    rest = [log.submit(entry(number)) for number in range(1, 41)]
    gate.set()
    assert [future.result(20) for future in [first, *rest]] == list(range(1, 42))
    assert sum(sizes) == 41
    assert len(sizes) <= 3


def test_nothing_is_shown_before_the_row_is_on_disk(log, database, monkeypatch):
    import serving.security.access_log.write as room

    started, gate, append = threading.Event(), threading.Event(), room.append

    def slowly(*given):
        started.set()
        assert gate.wait(20)
        return append(*given)

    monkeypatch.setattr(room, "append", slowly)
    waiting = log.submit(entry())
    assert started.wait(20)
    assert not waiting.done()
    gate.set()
    assert waiting.result(20) == 1


def test_more_than_can_wait_is_refused_at_once(log, monkeypatch):
    import serving.security.access_log.write as room

    gate, append = threading.Event(), room.append
    monkeypatch.setattr(room, "append", lambda *given: (gate.wait(20), append(*given))[1])
    log._waiting.maxsize = 3
    held = [log.submit(entry(0))]
    with pytest.raises(LogRefused, match="Try again"):
        for number in range(10):
            held.append(log.submit(entry(number)))
    gate.set()
    assert all(future.result(20) for future in held)


def test_a_closed_log_has_written_all_and_takes_no_more(log, database):
    waiting = [log.submit(entry(number)) for number in range(50)]
    log.close()
    assert [future.result(0) for future in waiting] == list(range(1, 51))
    with pytest.raises(LogRefused):
        log.write(entry())


def test_a_full_disk_shows_nothing_and_writing_goes_on_when_there_is_room(tmp_path):
    """The database's files may not grow: the operating system itself refuses, as on a full disk."""
    database = open_database(f"sqlite:///{tmp_path / 'service.db'}")
    log = AccessLog(database, tmp_path / "access_log.head")
    log.write(entry())
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    full = max(path.stat().st_size for path in tmp_path.iterdir())
    resource.setrlimit(resource.RLIMIT_FSIZE, (full, hard))
    try:
        refused = 0
        for number in range(2000):
            try:
                log.write(Entry("ash", "officer", "list", f"list {number}" + "x" * 500, (AMY,)))
            except LogRefused as error:
                refused += 1
                assert "nothing is shown" in str(error)
                break
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused == 1
    assert log.write(entry()) > 1
    log.close()
    assert verify(database, tmp_path / "access_log.head").broken_at is None
    database.close()


def test_a_head_file_that_cannot_be_written_shows_nothing(database, tmp_path):
    log = AccessLog(database, tmp_path / "no such folder" / "access_log.head")
    with pytest.raises(LogRefused):
        log.write(entry())
    log.close()


def test_a_log_without_its_head_shows_nothing(log, database):
    filled(log, 2)
    with database.writing() as session:
        session.execute(delete(LogHead))
    with pytest.raises(LogRefused, match="verify-log"):
        log.write(entry())


def test_an_error_tells_no_value(log, database):
    with pytest.raises(LogRefused) as refused:
        log.write(Entry("ash", "officer", "estimate", object(), (AMY,)))  # type: ignore[arg-type]
    assert str(AMY) not in str(refused.value)
    assert log.write(entry()) == 1


def test_the_key_destroyed_nobody_can_tell_whom_and_the_chain_holds(log, database):
    filled(log)
    with database.writing() as session:
        before = tokens_of(session, [AMY])[AMY]
        session.execute(delete(PupilKey).where(PupilKey.pupil == AMY))
    log.write(entry(7))
    with database.reading() as session:
        assert tokens_of(session, [AMY])[AMY] != before
    assert verify(database, log.head_file).broken_at is None


def test_being_refused_makes_no_key(log, database):
    """Whoever asks about a pupil who is not there, or was erased, leaves nothing of them behind."""
    log.write(Entry("ash", "officer", "explain", "card", (AMY,), "refused"))
    with database.reading() as session:
        assert session.scalars(select(PupilKey)).all() == []
    log.write(entry(1))
    log.write(Entry("ash", "officer", "explain", "card", (AMY,), "refused"))
    with database.reading() as session:
        rows = session.scalars(select(LogEntry.tokens).order_by(LogEntry.number)).all()
    assert rows[0] == ""
    assert rows[1] == rows[2] != ""


@pytest.mark.parametrize("named_by", ["pupils", "asked"])
def test_being_refused_about_a_child_on_whom_something_is_held_says_whom(log, database, named_by):
    """A child who was never shown has no key yet: the token still tells who asked about them."""
    with database.writing() as session:
        session.add(
            Placement(pupil=AMY, urn=100001, nc_year=8, is_on_roll=True, as_of=datetime.date(2026, 1, 1))
        )
        session.add(PupilStatus(pupil=CAT, status="looked_after"))
    asked = {named_by: (AMY, BEN, CAT)}
    log.write(Entry("ash", "officer", "explain", "card", **asked, outcome="refused"))
    with database.reading() as session:
        tokens = tokens_of(session, [AMY, BEN, CAT])
        assert set(tokens) == {AMY, CAT}, "nothing is held on BEN"
        assert set(session.get(LogEntry, 1).tokens.split()) == set(tokens.values())
