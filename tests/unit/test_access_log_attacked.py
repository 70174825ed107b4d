"""The access log as somebody attacks it who may write to the database, and to more: what each leaves to be found.

Every attack here seals its rows anew and puts the database's own head right, as somebody who knows the code would.
"""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, insert, select, text, update

from serving.database.connection import open_database, unlocked
from serving.database.tables import LogEntry, LogHead
from serving.errors import LogRefused
from serving.security.access_log import purge as purging
from serving.security.access_log.chain import FIELDS, Entry, append, seal
from serving.security.access_log.head import begin_head, read_note
from serving.security.access_log.key import START, new_key
from serving.security.access_log.purge import Terms, carry_out_purge, plan_purge, propose_purge
from serving.security.access_log.removal import PURGED, Removal, unsealed_words
from serving.security.access_log.repair import new_head_file, replace_key
from serving.security.access_log.verify import read_written_down, verify
from serving.security.access_log.write import MOST_AT_ONCE, AccessLog
from tests.officers import AMY

DAYS = 2190
TODAY = datetime.now(UTC).date()
GOVERNANCE = "information_governance"


@pytest.fixture
def log(database, tmp_path):
    opened = AccessLog(database, tmp_path / "access_log.head")
    yield opened
    opened.close()


def fill(log: AccessLog, *ages: float) -> None:
    """Rows of so many days ago each, as if the service had written them then."""
    now = datetime.now(UTC)
    entries = [
        (Entry("ash", "officer", "list", f"list {number}", (AMY,)), stamp(now - timedelta(days=age)))
        for number, age in enumerate(ages)
    ]
    append(entries, log.database, log.head_file, log.key())


def stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")


def on_day(day: date, hour: int = 12) -> float:
    """How many days ago a day's hour was."""
    return (datetime.now(UTC) - datetime(day.year, day.month, day.day, hour, tzinfo=UTC)) / timedelta(days=1)


def leaps(log: AccessLog) -> list[int]:
    """Rows before which nothing was asked for months, as both people say they looked into."""
    return [step.row for step in check(log).leaps]


def purge(log: AccessLog, one: str = "governance 1", other: str = "governance 2", **given) -> Removal:
    given["clock_was_wrong"] = (*given.get("clock_was_wrong", ()), *leaps(log))
    row, _ = propose_purge(Terms(log, DAYS, **given), one, GOVERNANCE)
    return carry_out_purge(Terms(log, DAYS, **given), row, other, GOVERNANCE)


def check(log: AccessLog, *sent, **given):
    return verify(log.database, log.head_file, sent=sent, **given)


class forging:
    """The database's rows, with its triggers out of the way and everything sealed anew at the end."""

    def __init__(self, log: AccessLog) -> None:
        self.log = log

    def __enter__(self):
        self.writing = self.log.database.writing()
        self.session = self.writing.__enter__()
        self.locks = [unlocked(self.session, "access_log", what) for what in ("UPDATE", "DELETE")]
        for lock in self.locks:
            lock.__enter__()
        return self.session

    def __exit__(self, *error):
        if error[0] is None:
            previous = None
            for row in self.session.scalars(select(LogEntry).order_by(LogEntry.number)):
                row.previous = row.previous if previous is None else previous
                row.hash = previous = seal({name: getattr(row, name) for name in FIELDS})
                last = (row.number, row.hash)
            self.session.flush()
            self.session.execute(update(LogHead).values(number=last[0], hash=last[1]))
        for lock in reversed(self.locks):
            lock.__exit__(*error)
        return self.writing.__exit__(*error)


def cut_front(session, keep_from: int) -> tuple[int, str]:
    gone = session.get(LogEntry, keep_from - 1)
    end = (gone.number, gone.hash)
    session.expunge_all()
    session.execute(delete(LogEntry).where(LogEntry.number < keep_from))
    return end


def add_row(session, action: str, what: str, person: str = "governance 2") -> None:
    last = session.scalars(select(LogEntry).order_by(LogEntry.number.desc()).limit(1)).one()
    row = {name: getattr(last, name) for name in FIELDS} | {
        "number": last.number + 1, "at": stamp(datetime.now(UTC)), "person": person, "role": GOVERNANCE, "action": action,
        "what": what, "tokens": "", "outcome": "recorded", "previous": last.hash,
    }  # fmt: skip
    session.execute(insert(LogEntry).values(**row, hash=seal(row)))


def forged(end: tuple[int, str], seal_of: str = "0" * 64) -> str:
    """A purge as the service would write it, without the key."""
    now = datetime.now(UTC)
    return Removal(
        kind=PURGED, first=1, last=end[0], last_hash=end[1], dated_from=stamp(now - timedelta(days=3000)),
        dated_to=stamp(now - timedelta(days=2500)), before=TODAY - timedelta(days=DAYS), kept_days=DAYS, by="governance 2",
        proposed_by="governance 1", proposal=1, at=stamp(now), seal=seal_of,
    ).model_dump_json()  # fmt: skip


# The front is cut, and a purge row appended


@pytest.mark.parametrize("rows", [50, 1500])
@pytest.mark.parametrize("words", ["as the service writes them", "as they were before logs had keys"])
def test_a_cut_front_is_found_though_a_purge_row_was_appended(log, rows, words):
    fill(log, *[1.0] * (rows + 20))
    kept = verify(log.database).head
    with forging(log) as session:
        end = cut_front(session, rows + 1)
        add_row(session, PURGED, forged(end) if words.startswith("as the") else unsealed_words(end))
    found = check(log)
    assert any("no purge is in the log" in why for _, why in found.findings), found.findings
    assert any("the log's key did not seal it" in why for _, why in found.findings), found.findings
    assert found.broken_at == 1
    log.write(Entry("ash", "officer", "list", "another"))
    assert check(log, kept).broken_at == 1, "writing on hid it"


def test_a_real_purges_seal_does_not_stand_for_another(log):
    fill(log, *[DAYS + 9.0] * 50, *[1.0] * 20)
    purge(log)
    with forging(log) as session:
        real = session.scalars(select(LogEntry).where(LogEntry.action == PURGED)).one()
        end = cut_front(session, 61)
        moved = Removal.model_validate_json(real.what).model_copy(
            update={"last": end[0], "last_hash": end[1]}
        )
        add_row(session, PURGED, moved.model_dump_json())
    assert check(log).broken_at == 1
    assert any("did not seal it" in why for _, why in check(log).findings)


def test_a_front_cut_beyond_what_a_real_purge_took_is_found(log):
    fill(log, *[DAYS + 9.0] * 50, *[1.0] * 20)
    purge(log)
    assert check(log).findings == ()
    with forging(log) as session:
        cut_front(session, 61)
    assert check(log).broken_at == 1


def test_a_proposal_cannot_be_forged_to_be_carried_out_alone(log):
    fill(log, *[DAYS + 9.0] * 50, *[1.0] * 2)
    plan = plan_purge(Terms(log, DAYS))
    with forging(log) as session:
        what = forged((plan.last, plan.last_hash)).replace('"purge_log"', '"propose_log_purge"')
        add_row(session, "propose_log_purge", what, "governance 1")
    with pytest.raises(LogRefused, match="proposes no purge"):
        carry_out_purge(Terms(log, DAYS), 53, "governance 2", GOVERNANCE)


# Heads that were written down, and sent


def test_a_written_down_row_that_went_by_its_purge_is_no_finding(log):
    fill(log, *[DAYS + 9.0] * 50)
    fill(log, *[1.0] * 3)
    kept = verify(log.database).head
    with log.database.reading() as session:
        rows = {row.number: (row.number, row.hash) for row in session.scalars(select(LogEntry))}
    purge(log)
    assert check(log, kept, rows[7], rows[50]).findings == ()
    assert "was not the one" in check(log, (50, "1" * 64)).why


def test_a_written_down_row_that_is_gone_without_its_purge_is_found(log):
    fill(log, *[1.0] * 60)
    kept = verify(log.database).head
    with forging(log) as session:
        end = cut_front(session, 61 - 10)
        add_row(session, PURGED, forged(end))
    with log.database.reading() as session:
        assert session.get(LogEntry, 50) is None
    assert "no sealed purge took it" in " ".join(why for _, why in check(log, (50, "1" * 64)).findings)
    assert check(log, kept).broken_at is not None


# What a purge takes, and what it refuses


def test_rows_of_this_month_stay_whatever_one_row_says_of_the_clock(log):
    """500 rows of this month, one dated 1970 and one more: none is past its period."""
    fill(log, *[10.0] * 500)
    fill(log, on_day(date(1970, 1, 1)))
    fill(log, 1.0)
    plan = plan_purge(Terms(log, DAYS))
    assert plan.num == 0
    assert "Times run backwards: row 501" in " ".join(plan.refusals)
    with pytest.raises(LogRefused, match="--clock-was-wrong 501"):
        propose_purge(Terms(log, DAYS), "governance 1", GOVERNANCE)
    with pytest.raises(LogRefused, match="nothing is due"):
        propose_purge(Terms(log, DAYS, clock_was_wrong=(501,)), "governance 1", GOVERNANCE)
    found = check(log)
    assert (found.num_rows, found.findings, [step.row for step in found.clock]) == (502, (), [501])


def test_a_purge_stops_at_the_first_row_that_is_not_old(log):
    fill(log, DAYS + 30.0, DAYS + 20.0, DAYS - 4.0, DAYS - 5.0, 1.0)
    assert purge(log).end[0] == 2
    found = check(log)
    assert (found.num_rows, found.front[0], found.findings) == (5, 2, ())
    assert [(each.first, each.last, each.kept_days) for each in found.purges] == [(1, 2, DAYS)]


def test_an_old_row_after_one_that_is_not_stays(log):
    fill(log, DAYS + 30.0, DAYS - 5.0, DAYS + 20.0, 1.0)
    assert plan_purge(Terms(log, DAYS)).num == 1
    assert purge(log, clock_was_wrong=[3]).end[0] == 1


@pytest.mark.parametrize(("before", "goes"), [(-1, 1), (0, 0), (1, 0)])
def test_a_row_of_exactly_the_retention_day_stays(log, before, goes):
    """A period of n days keeps a row on the nth day after its own, from its first minute to its last."""
    day = TODAY - timedelta(days=DAYS) + timedelta(days=before)
    fill(log, on_day(day, 23), 0.0)
    assert plan_purge(Terms(log, DAYS)).num == goes
    fill(log, 0.0)
    assert check(log).findings == ()


@pytest.mark.parametrize(("back", "is_refused"), [(5.0, False), (10.0, False), (10.01, True), (120.0, True)])
def test_times_may_run_backwards_by_minutes_and_no_more(log, back, is_refused):
    now = datetime.now(UTC)
    old = now - timedelta(days=DAYS + 10)
    rows = [old, old - timedelta(minutes=back), old + timedelta(minutes=1), now]
    entries = [(Entry("ash", "officer", "list", "a list"), stamp(at)) for at in rows]
    append(entries, log.database, log.head_file, log.key())
    assert len(check(log).clock) == int(is_refused)
    if not is_refused:
        assert purge(log).end[0] == 3
        return
    with pytest.raises(LogRefused, match="clock was set"):
        purge(log)
    with pytest.raises(LogRefused, match="Look into each"):
        row, _ = propose_purge(Terms(log, DAYS, clock_was_wrong=(2, 4)), "governance 1", GOVERNANCE)
        carry_out_purge(Terms(log, DAYS), row, "governance 2", GOVERNANCE)
    assert purge(log, clock_was_wrong=[2]).clock_was_wrong == (2, 4)
    assert check(log).findings == ()


def test_a_clock_that_runs_ahead_takes_nothing(log):
    fill(log, *[10.0] * 20)
    plan = plan_purge(Terms(log, DAYS, today=TODAY + timedelta(days=9000)))
    assert (plan.num, plan.before) == (
        0,
        (datetime.now(UTC) - timedelta(days=10)).date() - timedelta(days=DAYS),
    )


@pytest.fixture
def ahead(monkeypatch):
    """This machine's clock, six years and more ahead."""

    class Ahead(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(days=DAYS + 110)

    monkeypatch.setattr(purging, "datetime", Ahead)
    return -(DAYS + 110.0)


def test_a_clock_that_runs_ahead_takes_nothing_though_a_row_is_dated_by_it(log, ahead):
    """Whoever proposes a purge signs in first, and that row is dated by the same clock."""
    fill(log, *[10.0] * 20, 1.0, ahead)
    plan = plan_purge(Terms(log, DAYS))
    assert "Times leap ahead: row 22" in " ".join(plan.refusals)
    with pytest.raises(LogRefused, match="--clock-was-wrong 22"):
        propose_purge(Terms(log, DAYS), "governance 1", GOVERNANCE)
    assert check(log).num_rows == 22


def test_a_purge_by_a_clock_that_ran_ahead_is_found_once_the_clock_is_right(log, ahead):
    fill(log, *[10.0] * 20, 1.0, ahead)
    assert purge(log).end[0] == 21
    fill(log, 0.0)
    assert "by a clock that ran ahead it took rows that were 1 days old" in check(log).why


@pytest.mark.parametrize(("hours", "is_named"), [(0, False), (1, True)])
def test_a_log_may_stand_still_for_sixty_days_and_no_longer(log, hours, is_named):
    now = datetime.now(UTC)
    entries = [
        (Entry("ash", "officer", "list", "a list"), stamp(at))
        for at in (now - timedelta(days=DAYS + 9), now - timedelta(days=DAYS + 9 - 60, hours=-hours))
    ]
    append(entries, log.database, log.head_file, log.key())
    assert leaps(log) == [2] * is_named


def test_two_people_take_it(log):
    fill(log, *[DAYS + 9.0] * 5, 1.0)
    named = leaps(log)
    row, proposed = propose_purge(Terms(log, DAYS, clock_was_wrong=named), "governance 1", GOVERNANCE)
    assert verify(log.database).num_rows == 7, "a proposal deleted something"
    with pytest.raises(LogRefused, match="Somebody else"):
        carry_out_purge(Terms(log, DAYS, clock_was_wrong=named), row, "governance 1", GOVERNANCE)
    with pytest.raises(LogRefused, match="proposes no purge"):
        carry_out_purge(Terms(log, DAYS, clock_was_wrong=named), row - 1, "governance 2", GOVERNANCE)
    done = carry_out_purge(Terms(log, DAYS, clock_was_wrong=named), row, "governance 2", GOVERNANCE)
    assert (done.proposed_by, done.by, done.proposal, done.end) == (
        "governance 1",
        "governance 2",
        row,
        proposed.end,
    )
    with log.database.reading() as session:
        said = [
            (each.action, each.person) for each in session.scalars(select(LogEntry).order_by(LogEntry.number))
        ]
    assert said[-2:] == [("propose_log_purge", "governance 1"), ("purge_log", "governance 2")]
    with pytest.raises(LogRefused, match="nothing is due"):
        carry_out_purge(Terms(log, DAYS, clock_was_wrong=named), row, "governance 2", GOVERNANCE)
    with pytest.raises(Exception, match="only appended"), log.database.writing() as session:
        session.execute(text("DELETE FROM access_log"))


@pytest.mark.parametrize(("days", "is_taken"), [(30, True), (31, False)])
def test_a_proposal_lasts_thirty_days(log, monkeypatch, days, is_taken):
    fill(log, *[DAYS + 99.0] * 5, 1.0)
    named = leaps(log)
    row, proposed = propose_purge(Terms(log, DAYS, clock_was_wrong=named), "governance 1", GOVERNANCE)

    class Later(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.fromisoformat(proposed.at) + timedelta(days=days)

    monkeypatch.setattr(purging, "datetime", Later)
    if is_taken:
        carry_out_purge(Terms(log, DAYS, clock_was_wrong=named), row, "governance 2", GOVERNANCE)
        return
    with pytest.raises(LogRefused, match="Propose it again"):
        carry_out_purge(Terms(log, DAYS, clock_was_wrong=named), row, "governance 2", GOVERNANCE)


def test_a_log_that_is_not_in_order_is_not_purged(log):
    fill(log, *[DAYS + 9.0] * 50, 1.0)
    with forging(log) as session:
        session.execute(update(LogEntry).where(LogEntry.number == 30).values(person="somebody else"))
    with pytest.raises(LogRefused, match="not in order"):
        purge(log)
    assert verify(log.database).num_rows == 51


def test_a_purge_of_anything_younger_than_its_period_is_a_finding(log):
    """The command cannot; somebody who has the key and the database can, and it shows."""
    fill(log, *[400.0] * 30, 1.0)
    row, _ = propose_purge(Terms(log, 365, clock_was_wrong=(31,)), "governance 1", GOVERNANCE)
    carry_out_purge(Terms(log, 365, clock_was_wrong=(31,)), row, "governance 2", GOVERNANCE)
    assert check(log, kept_days=365).findings == ()
    assert check(log, kept_days=399).findings == ()
    found = check(log, kept_days=400)
    assert "400 days old" in found.why and "kept 400 days" in found.why
    assert "proposed by governance 1, carried out by governance 2" in found.why


def test_a_killed_purge_is_either_done_or_not(log, monkeypatch):
    fill(log, *[DAYS + 9.0] * 5, 1.0)
    row, _ = propose_purge(Terms(log, DAYS, clock_was_wrong=(6,)), "governance 1", GOVERNANCE)

    def killed(*given):
        raise KeyboardInterrupt

    monkeypatch.setattr(purging, "delete", killed)
    with pytest.raises(KeyboardInterrupt):
        carry_out_purge(Terms(log, DAYS, clock_was_wrong=(6,)), row, "governance 2", GOVERNANCE)
    found = check(log)
    assert (found.num_rows, found.findings, found.purges) == (7, (), ())


# The head file and the key


def test_a_head_file_taken_away_shows_nothing_and_is_never_made_again_by_itself(log):
    fill(log, *[1.0] * 6)
    kept = verify(log.database).head
    log.head_file.unlink()
    for _ in range(2):
        with pytest.raises(LogRefused, match="access-log note-head"):
            log.write(Entry("ash", "officer", "list", "a list"))
    assert not log.head_file.exists()
    assert "not there" in check(log).why
    with pytest.raises(LogRefused, match="not in order"):
        new_head_file(log, [(kept[0] + 4, "1" * 64)], "root", "administrator", "repair_log", "A disk broke.")
    assert new_head_file(log, [kept], "root", "administrator", "repair_log", "A disk broke.") == kept
    assert check(log, kept).findings == ()
    with pytest.raises(LogRefused, match="it is evidence"):
        new_head_file(log, [], "root", "administrator", "repair_log", "Again.")


def test_a_head_file_without_the_keys_seal_is_found_and_stays(log):
    """Somebody with the head file and the database, and without the key, cuts the end and notes what is left."""
    fill(log, *[1.0] * 6)
    with forging(log) as session:
        session.execute(delete(LogEntry).where(LogEntry.number > 4))
    number, sealed = verify(log.database).head
    forged_note = f"{number:020d} {sealed} {'0' * 64}\n"
    log.head_file.write_text(forged_note)
    assert "seal of the log's key" in check(log).why
    log.write(Entry("ash", "officer", "list", "a list"))
    assert log.head_file.read_text() == forged_note
    assert check(log).findings


def test_without_its_key_nothing_is_shown(log):
    fill(log, *[1.0] * 6)
    log.key_file.unlink()
    again = AccessLog(log.database, log.head_file)
    with pytest.raises(LogRefused, match="nothing is shown: without it nobody can tell a purge from a cut"):
        again.write(Entry("ash", "officer", "list", "a list"))
    again.close()
    assert not log.key_file.exists(), "a new key was made in silence"
    assert "sealed with a key that is not at" in check(log).why


def test_a_key_taken_away_with_the_databases_word_for_it_makes_no_new_one(log):
    """The sealed head file says that the log had a key, though the database says that it never did."""
    fill(log, *[1.0] * 20)
    log.key_file.unlink()
    with forging(log) as session:
        end = cut_front(session, 11)
        add_row(session, PURGED, unsealed_words(end))
        session.execute(update(LogHead).values(key=""))
    assert "sealed with a key that is not at" in " ".join(why for _, why in check(log).findings)
    again = AccessLog(log.database, log.head_file)
    with pytest.raises(LogRefused, match="nothing is shown"):
        again.write(Entry("ash", "officer", "list", "a list"))
    again.close()
    assert not log.key_file.exists(), "a new key was made in silence"
    assert check(log).findings


def test_a_first_start_that_was_killed_before_its_key_was_written_starts_again(log):
    begin_head(log.head_file, (0, START), new_key((0, START), (0, START)))
    log.write(Entry("ash", "officer", "list", "the first row"))
    assert check(log).findings == ()


@pytest.mark.parametrize(("behind", "is_found"), [(MOST_AT_ONCE, False), (MOST_AT_ONCE + 1, True)])
def test_an_old_copy_of_the_head_file_is_found_where_it_lags_by_more_than_one_write(log, behind, is_found):
    fill(log, 1.0)
    old = log.head_file.read_bytes()
    fill(log, *[1.0] * behind)
    log.head_file.write_bytes(old)
    assert [f"names row 1, {behind} rows before" in why for _, why in check(log).findings] == [
        True
    ] * is_found


def test_another_key_in_its_place_is_refused(log, tmp_path):
    fill(log, *[1.0] * 6)
    other = open_database(f"sqlite:///{tmp_path / 'other' / 'service.db'}")
    AccessLog(other, tmp_path / "other" / "access_log.head").key()
    other.close()
    log.key_file.write_bytes((tmp_path / "other" / "access_log.key").read_bytes())
    again = AccessLog(log.database, log.head_file)
    with pytest.raises(LogRefused, match="nothing is shown"):
        again.write(Entry("ash", "officer", "list", "a list"))
    again.close()
    assert check(log).findings


def test_the_key_is_its_owners_alone_and_one_that_others_read_is_refused(log):
    fill(log, 1.0)
    assert log.key_file.stat().st_mode & 0o777 == 0o600
    assert log.head_file.stat().st_mode & 0o777 == 0o600
    log.key_file.chmod(0o644)
    with pytest.raises(LogRefused, match="chmod 600"):
        check(log)


def test_a_key_is_in_no_message_and_no_representation(log):
    fill(log, 1.0)
    secret = log.key().secret.hex()
    assert secret not in repr(log.key())
    assert secret not in log.head_file.read_text()
    with log.database.reading() as session:
        assert secret not in str(session.scalars(select(LogHead)).one().key)


def test_taking_the_databases_word_for_the_key_away_accepts_no_cut_front(log):
    """As if the log never had a key: the key's file says how it stood, and a restart moves nothing."""
    fill(log, *[1.0] * 20)
    with forging(log) as session:
        end = cut_front(session, 11)
        add_row(session, PURGED, unsealed_words(end))
        session.execute(update(LogHead).values(key=""))
    again = AccessLog(log.database, log.head_file)
    again.write(Entry("ash", "officer", "list", "a list"))
    again.close()
    assert check(log).broken_at == 1


def test_everything_deleted_with_the_head_file_is_found(log):
    fill(log, *[1.0] * 20)
    with log.database.writing() as session, unlocked(session, "access_log", "DELETE"):
        session.execute(delete(LogEntry))
        session.execute(update(LogHead).values(number=0, hash="0" * 64))
    log.head_file.unlink()
    assert check(log).findings
    with pytest.raises(LogRefused):
        log.write(Entry("ash", "officer", "list", "a list"))


def test_a_key_that_is_lost_for_good_is_replaced_with_a_row_that_says_so(log):
    fill(log, *[DAYS + 9.0] * 5, 1.0)
    purge(log)
    with pytest.raises(LogRefused, match="is not lost"):
        replace_key(log, "root", "administrator", "repair_log", "Why not.")
    log.key_file.unlink()
    again = AccessLog(log.database, log.head_file)
    replace_key(again, "root", "administrator", "repair_log", "A disk broke.")
    found = check(again)
    assert (found.findings, found.purges, found.is_front_unsealed) == ((), (), True)
    with log.database.reading() as session:
        last = session.scalars(select(LogEntry).order_by(LogEntry.number.desc()).limit(1)).one()
    assert (last.person, "A disk broke." in last.what) == ("root", True)
    again.close()


# Logs from before logs had keys


@pytest.fixture
def before(database, tmp_path):
    """A log as the version before wrote it: 12 rows of which 5 were purged, its head file, and no key."""
    rows, previous = [], "0" * 64
    for number in range(1, 13):
        row = {
            "number": number, "at": stamp(datetime.now(UTC) - timedelta(days=30 - number)), "person": "ash", "role": "officer",
            "action": "list", "what": f"list {number}", "tokens": "", "outcome": "shown", "release": "", "request": "", "previous": previous,
        }  # fmt: skip
        if number == 11:
            end = (5, rows[4]["hash"])
            row |= {"action": PURGED, "what": unsealed_words(end), "person": "command line"}
        row["hash"] = previous = seal(row)
        rows.append(row)
    with database.writing() as session:
        session.execute(insert(LogEntry), rows[5:])
        session.execute(update(LogHead).values(number=12, hash=previous, key=""))
    head_file = tmp_path / "access_log.head"
    head_file.write_text(f"{12:020d} {previous}\n")
    opened = AccessLog(database, head_file)
    yield opened
    opened.close()


def test_a_log_from_before_verifies_and_says_that_no_seal_vouches_for_its_purge(before):
    found = check(before)
    assert (found.num_rows, found.front[0], found.findings, found.is_front_unsealed) == (7, 5, (), True)
    before.write(Entry("ash", "officer", "list", "the first row of this version"))
    assert before.key().front[0] == 5 and before.key().head[0] == 12
    found = check(before)
    assert (found.num_rows, found.findings, found.is_front_unsealed) == (8, (), True)
    assert read_note(before.head_file).is_sealed_by(before.key())


def test_once_it_has_a_key_no_more_goes_without_a_seal(before):
    before.write(Entry("ash", "officer", "list", "the first row of this version"))
    with forging(before) as session:
        end = cut_front(session, 9)
        add_row(session, PURGED, unsealed_words(end))
    assert check(before).broken_at == 1


def test_a_log_from_before_whose_end_was_cut_does_not_become_whole_by_a_key(before):
    with forging(before) as session:
        session.execute(delete(LogEntry).where(LogEntry.number > 11))
    before.write(Entry("ash", "officer", "list", "the first row of this version"))
    assert check(before).findings


def test_a_log_from_before_without_its_head_file_shows_nothing(before):
    before.head_file.unlink()
    with pytest.raises(LogRefused, match="note-head"):
        before.write(Entry("ash", "officer", "list", "the first row of this version"))


def test_a_written_down_row_from_before_that_no_seal_vouches_for_is_said(before):
    found = check(before, read_written_down(f"3:{'1' * 64}"))
    assert "row 3, which a head that was sent names, is gone" in found.why
