"""The service's own commands, from an empty home to an erasure that is proven; nothing of a pupil in what they print."""

import csv
import json
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update
from typer.testing import CliRunner

from features.records.identities import names_for
from features.records.importing import import_extract
from models.reviewing import keep_with_model
from pathways import demo
from serving import starting
from serving.backups.erased import read_erased
from serving.backups.make import back_up
from serving.commands import app
from serving.commands.office import office
from serving.database.connection import open_database, unlocked
from serving.database.tables import LogEntry, LogHead
from serving.errors import BackupRefused, LogRefused, NotSignedIn, NotThere, RecordsRefused, ServiceRefused
from serving.rights.identity import find_pupil
from serving.screening import service as screenings
from serving.security import accounts
from serving.security.access_log.chain import Entry, append, open_key
from serving.security.access_log.write import AccessLog
from serving.security.rolls import load_roll
from serving.settings import read_settings
from tests import extracts, released
from tests.full_disk import as_on_a_full_disk
from tests.officers import AS_OF, MEETING, ROLL, SCHOOLS, STATUSES, WHOLE

UPN = extracts.upn(0)
SETTINGS = """
release = "inclusive-pathways:spring-1a2b"
is_demonstration = true
identities = "../identities"
holds = ["../store"]
"""


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    tables = {**extracts.base(), "names": extracts.names()}
    import_extract(
        extracts.write_extract(tmp_path / "extract", tables), tmp_path / "store", tmp_path / "identities"
    )
    (tmp_path / "service" / "prepared").mkdir(parents=True)
    (tmp_path / "service" / "service.toml").write_text(SETTINGS)
    monkeypatch.setenv("PATHWAYS_HOME", str(tmp_path / "service"))
    return tmp_path / "service"


def run(*given: object, asked: str = "") -> str:
    """What a command prints; an error of ours comes out as it is, for the front door to say."""
    result = CliRunner().invoke(app, [str(each) for each in given], input=asked, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    words = result.output
    for secret in (UPN, "Ottoline", "Quillfeather"):
        assert secret not in words, f"{given[0]} prints a pupil's value"
    return " ".join(words.split())


@pytest.fixture
def recorded(home):
    """One officer's screening of the pupil of the UPN."""
    who = find_pupil(UPN, home.parent / "identities")
    database = open_database(f"sqlite:///{home / 'service.db'}")
    with database.writing() as session:
        load_roll(session, AS_OF, SCHOOLS, ROLL.assign(pupil=[who.pupil, *ROLL["pupil"][1:]]), STATUSES)
        ana = accounts.add_user(session, "ana", accounts.Role.OFFICER, [100001])
        screenings.begin(session, ana, who.pupil, MEETING, WHOLE)
    yield who
    database.close()


def test_users_come_and_go(home):
    words = run("users", "add", "ana", "--role", "officer", "--school", 100001, "--status", "looked_after")
    token = words.split()[-1]
    database = open_database(f"sqlite:///{home / 'service.db'}")
    with database.writing() as session:
        assert accounts.person_of(session, accounts.redeem(session, token)).statuses == {"looked_after"}
    database.close()
    assert "ana officer 100001" in run("users", "list").replace("│", "").replace("  ", " ")
    assert len(run("users", "token", "ana", "--hours", 2).split()[-1]) == 43
    assert "provider" in run(
        "users", "add", "eve", "--role", "reviewer", "--subject", "https://provider.example 77"
    )
    run("users", "close", "ana")
    assert "ana" not in run("users", "list")
    with pytest.raises(NotThere):
        run("users", "token", "ana")
    with pytest.raises(RecordsRefused, match="Allowed values are officer"):
        run("users", "add", "ben", "--role", "headteacher")


def test_the_log_of_all_that_verifies_until_somebody_changes_it(home):
    for name in ("ana", "ben", "cat"):
        run("users", "add", name, "--role", "reviewer")
    words = run("verify-log")
    assert words.startswith("3 rows")
    head = words.split()[-1]
    assert run("verify-log", "--written-down", head).startswith("3 rows")
    database = open_database(f"sqlite:///{home / 'service.db'}")
    with database.writing() as session, unlocked(session, "access_log", "DELETE"):
        session.execute(delete(LogEntry).where(LogEntry.number == 2))
    database.close()
    with pytest.raises(LogRefused, match="broken at row 2: row 2 is missing"):
        run("verify-log")


def test_a_copy_of_everything(home, recorded, tmp_path):
    words = run("rights", "export", UPN, "--out", tmp_path / "copy")
    assert "everything_held.html" in words
    held = json.loads((tmp_path / "copy" / "everything_held.json").read_text())
    assert held["about"]["upns"] == [UPN]
    assert [each["what"] for each in held["viewers"]] == ["export"]
    assert len(held["service"]["screening_versions"]) == 1
    assert {each["file"].split("/")[1] for each in held["files"] if each["file"].startswith("store")} >= {
        "roll",
        "census",
        "attendance",
    }
    with pytest.raises(RecordsRefused, match="already there"):
        run("rights", "export", UPN, "--out", tmp_path / "copy")


def test_a_pupil_can_be_asked_for_so_that_no_shell_remembers(home, recorded, tmp_path):
    run("rights", "export", "-", "--out", tmp_path / "copy", asked=f"{UPN}\n")
    assert (tmp_path / "copy" / "everything_held.html").is_file()


def test_an_objection_and_its_answer(home, recorded):
    words = run("rights", "object", UPN, "--words", "Their father objects.")
    assert "Request 1" in words
    assert "object" in run("rights", "list")
    assert "declined" in run("rights", "answer", 1, "--declined", "--words", "Public task.")
    assert "None." in run("rights", "list")


def test_a_wrong_fact_from_a_family(home, recorded):
    words = run(
        "rights",
        "rectify",
        UPN,
        "--family",
        "attendance",
        "--fact",
        "Absent on 3 March.",
        "--right",
        "On a trip.",
    )
    assert "goes to the owner of the attendance records" in words
    with pytest.raises(RecordsRefused):
        run("rights", "rectify", UPN, "--family", "weather", "--fact", "a", "--right", "b")


def test_an_erasure_with_proof(home, recorded, tmp_path):
    assert "Nothing is erased yet" in run("rights", "erase", UPN)
    with pytest.raises(RecordsRefused, match="not a granted request"):
        run("rights", "erase", UPN, "--request", 1, asked=f"{code_of('early')}\n")
    run("rights", "answer", 1, "--granted", "--words", "No reason to keep.")
    officer = run("users", "token", "ana").split()[-1]
    with pytest.raises(NotThere):
        run("rights", "erase", UPN, "--request", 1, asked=f"{officer}\n")
    words = run(
        "rights",
        "erase",
        UPN,
        "--request",
        1,
        "--record",
        tmp_path / "record.json",
        asked=f"{code_of('dpo')}\n",
    )
    assert "found nothing" in words
    record = json.loads((tmp_path / "record.json").read_text())
    assert record["still_held_in"] == record["still_held_in_tables"] == []
    assert record["rows_deleted"]["screenings"] == 1
    assert record["files_changed"]["identities/names.parquet"] == 1
    assert recorded.pupil not in names_for(home.parent / "identities").index
    assert run("verify-log").startswith("9 rows")
    for path in home.iterdir():
        if path.is_file():
            assert UPN.encode() not in path.read_bytes()
            assert not [raw for raw in recorded.raw if raw in path.read_bytes()]


def erase_granted(home: Path) -> None:
    run("rights", "erase", UPN)
    run("rights", "answer", 1, "--granted", "--words", "No reason to keep.")
    run("rights", "erase", UPN, "--request", 1, asked=f"{code_of('dpo')}\n")


def backed_up_elsewhere(tmp_path: Path) -> str:
    """A backup that is no longer where it was made: an erasure does not reach it. What the command says."""
    words = run("backup", tmp_path / "made")
    (tmp_path / "made").rename(tmp_path / "backup")
    return words


def holds(folder: Path, who) -> list[Path]:
    """Files under a folder in which the pupil's UPN or code stands, as text or as bytes."""
    asked = [text.encode() for text in who.texts] + list(who.raw)
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(each in path.read_bytes() for each in asked)
    ]


def test_a_backup_brings_back_everything_but_whoever_was_erased_since(home, recorded, tmp_path):
    words = backed_up_elsewhere(tmp_path)
    assert "rows of" in words and "Not in it: The record store" in words
    assert holds(tmp_path / "backup", recorded)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "backup").rglob("*"))
    erase_granted(home)
    new = tmp_path / "new" / "service"
    with pytest.raises(BackupRefused, match="would come back"):
        run("restore", tmp_path / "backup", new)
    assert not new.exists()
    words = run("restore", tmp_path / "backup", new, "--erased", home / "erased.list")
    assert words.startswith("1 erased since are erased")
    assert not holds(tmp_path / "new", recorded)
    others = names_for(tmp_path / "new" / "identities").index
    assert len(others) > 3 and set(others) == set(names_for(home.parent / "identities").index)
    assert run("verify-log", "--home", new).startswith("1 rows")
    assert read_erased(new / "erased.list") == read_erased(home / "erased.list") != set()
    assert run("backup", tmp_path / "again", "--home", new)  # and goes on as any home


def test_without_the_list_a_restore_says_who_comes_back(home, recorded, tmp_path):
    backed_up_elsewhere(tmp_path)
    erase_granted(home)
    assert run("restore", tmp_path / "backup", tmp_path / "new" / "service", "--list-lost").startswith(
        "0 erased since"
    )
    assert holds(tmp_path / "new", recorded)
    with pytest.raises(BackupRefused, match="is not there"):
        run("restore", tmp_path / "backup", tmp_path / "newer" / "service", "--erased", tmp_path / "nowhere")
    assert not (tmp_path / "newer" / "service").exists() and not holds(tmp_path / "newer", recorded)


def test_a_backup_that_was_changed_or_would_write_over_something_restores_nothing(home, recorded, tmp_path):
    run("backup", tmp_path / "backup")
    with pytest.raises(BackupRefused, match="never written over"):
        run("backup", tmp_path / "backup")
    with pytest.raises(BackupRefused, match="a home is never written over"):
        run("restore", tmp_path / "backup", home, "--list-lost")
    with pytest.raises(BackupRefused, match="identities is already there"):
        run(
            "restore", tmp_path / "backup", home.parent / "beside", "--list-lost"
        )  # its identities would be those of `home`
    assert not (home.parent / "beside").exists()
    path = tmp_path / "backup" / "service.db"
    changed = bytearray(path.read_bytes())
    changed[len(changed) // 2] ^= 1
    path.write_bytes(changed)
    with pytest.raises(BackupRefused, match="SHA-256 differs"):
        run("restore", tmp_path / "backup", tmp_path / "new" / "service", "--list-lost")
    assert not (tmp_path / "new").exists()


def test_a_backup_of_a_log_that_was_cut_is_refused(home, recorded, tmp_path):
    run("rights", "list")
    run("rights", "list")
    database = open_database(f"sqlite:///{home / 'service.db'}")
    with database.writing() as session, unlocked(session, "access_log", "DELETE"):
        last = session.scalars(select(LogEntry).order_by(LogEntry.number)).all()[-1]
        session.execute(delete(LogEntry).where(LogEntry.number == last.number))
        session.execute(update(LogHead).values(number=last.number - 1, hash=last.previous))
    database.close()
    with pytest.raises(BackupRefused, match="verify-log"):
        run("backup", tmp_path / "backup")
    assert not (tmp_path / "backup").exists()


def test_a_backup_is_of_one_moment_while_others_write(home, recorded, tmp_path):
    """Rows are written all the while; each copy's log verifies, and none of its rows is half there."""
    database = open_database(f"sqlite:///{home / 'service.db'}")
    log, is_over = AccessLog(database, home / "access_log.head"), threading.Event()

    def write_on() -> None:
        while not is_over.is_set():
            log.write(Entry("ana", "officer", "look", "a page", (recorded.pupil,)))

    writer = threading.Thread(target=write_on)
    writer.start()
    try:
        for number in range(3):
            run("backup", tmp_path / f"backup-{number}")
    finally:
        is_over.set()
        writer.join()
        log.close()
        database.close()
    for number in range(3):
        new = tmp_path / f"new-{number}" / "service"
        run("restore", tmp_path / f"backup-{number}", new, "--list-lost")
        assert "each sealed by the next" in run("verify-log", "--home", new)


def test_a_backup_on_a_full_disk_leaves_nothing(home, recorded, tmp_path):
    with office(home) as at:
        key = at.log.key()
        with pytest.raises(BackupRefused, match="Make room"), as_on_a_full_disk(20_000):
            back_up(at.settings, at.database, key, tmp_path / "backup")
    assert not list(tmp_path.rglob("*backup*"))


def test_what_was_not_named_could_not_be_searched(home, recorded):
    (home / "service.toml").write_text(SETTINGS.replace('holds = ["../store"]', ""))
    with pytest.raises(RecordsRefused, match="under holds"):
        run("rights", "export", UPN, "--out", home / "copy")
    with pytest.raises(RecordsRefused, match="is not there"):
        run("rights", "export", UPN, "--out", home / "copy", "--folder", home / "nowhere")


def test_purge_counts_first(home, recorded):
    words = run("purge", "--keep", "placements=0")
    assert "Nothing was deleted" in words and words == run("purge", "--dry-run", "--keep", "placements=0")
    for name in ("screenings", "access_log", "lists", "rights_requests"):
        assert name in words
    assert run("verify-log").startswith("0 rows")
    run("purge", "--carry-out")
    assert run("verify-log").startswith("1 rows")  # who had records deleted, and when
    with pytest.raises(RecordsRefused):
        run("purge", "--keep", "diaries=3")
    with pytest.raises(RecordsRefused, match="kept_days under"):
        run("purge", "--keep", "access_log=3")


def code_of(name: str, role: str = "information_governance") -> str:
    """A new account's one-time code."""
    return run("users", "add", name, "--role", role).split()[-1]


def test_two_people_take_old_rows_of_the_log_and_the_new_head_is_sent(home):
    long_ago = datetime.now(UTC) - timedelta(days=6 * 365 + 9)
    with (home / "service.toml").open("a") as settings:
        settings.write('[[access_log.send]]\nfile = "../elsewhere/heads.log"\n')
    (home.parent / "elsewhere").mkdir()
    database = open_database(f"sqlite:///{home / 'service.db'}")
    key = open_key(database, home / "access_log.head", home / "access_log.key")
    rows = [(Entry("ash", "officer", "list", "a list"), long_ago.isoformat(timespec="microseconds"))] * 30
    append(rows, database, home / "access_log.head", key)
    database.close()
    ana, ben, officer = code_of("ana"), code_of("ben"), code_of("dia", "reviewer")
    assert "30 rows would go: 1 to 30" in run("access-log", "purge")
    with pytest.raises(NotThere):
        run("access-log", "purge", "--propose", asked=f"{officer}\n")
    with pytest.raises(NotSignedIn):
        run("access-log", "purge", "--propose", asked="no such code\n")
    with pytest.raises(LogRefused, match="leap ahead: row 31"):
        run("access-log", "purge", "--propose", asked=f"{run('users', 'token', 'ana').split()[-1]}\n")
    ana, looked_into = run("users", "token", "ana").split()[-1], ("--clock-was-wrong", "31")
    words = run("access-log", "purge", "--propose", *looked_into, asked=f"{ana}\n")
    number = words.split()[-1]
    assert "Nothing is deleted yet" in words
    again = run("users", "token", "ana").split()[-1]
    with pytest.raises(LogRefused, match="Two people"):
        run("access-log", "purge", "--carry-out", number, *looked_into, asked=f"{again}\n")
    assert "rows 1 to 30" in run("access-log", "purge", "--carry-out", number, *looked_into, asked=f"{ben}\n")
    heads = home.parent / "elsewhere" / "heads.log"
    words = run("verify-log", "--sent", heads)
    assert "Purged, and sealed: rows 1 to 30" in words
    assert "proposed by ana, carried out by ben" in words
    assert "after a period of 2,190 days" in words
    assert "1 places" in run("access-log", "send")
    assert len(heads.read_text().splitlines()) == 2


def test_a_lost_head_file_and_a_lost_key_are_put_right_in_words(home):
    code_of("ana")
    head = run("verify-log").split()[-1]
    (home / "access_log.head").unlink()
    with pytest.raises(LogRefused, match="note-head"):
        run("users", "list")
    assert "made anew" in run("access-log", "note-head", "--why", "A disk broke.", "--written-down", head)
    assert run("verify-log", "--written-down", head).startswith("2 rows")
    (home / "access_log.key").unlink()
    with pytest.raises(LogRefused, match="access-log new-key"):
        run("users", "list")
    assert "new key" in run("access-log", "new-key", "--why", "A disk broke.")
    assert run("verify-log").startswith("3 rows")


def test_a_new_code_ends_the_lost_one_and_whoever_signed_in_with_it(home):
    lost = code_of("ana", "reviewer")
    database = open_database(f"sqlite:///{home / 'service.db'}")
    with database.writing() as session:
        found_by_another = accounts.redeem(session, code_of("ben", "reviewer"))
        accounts.person_of(session, found_by_another)
    for name in ("ana", "ben"):
        run("users", "token", name)
    with database.writing() as session:
        with pytest.raises(NotSignedIn):
            accounts.redeem(session, lost)
        with pytest.raises(NotSignedIn):
            accounts.person_of(session, found_by_another)
    database.close()


def test_the_support_table_goes_to_the_next_extract(home, recorded, tmp_path):
    assert "1 spells" in run("export-support", "--out", tmp_path / "support.csv")
    with (tmp_path / "support.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert (row["upn"], row["kind"], row["start_date"], row["end_date"]) == (
        UPN,
        "targeted",
        "2025-06-10",
        "",
    )
    assert row["recorded_on"] == date.today().isoformat()


def test_a_home_that_is_not_there(tmp_path):
    with pytest.raises(ServiceRefused, match=r"service\.toml"):
        run("verify-log", "--home", tmp_path / "nowhere")


def test_where_the_log_cannot_be_written_nothing_is_done(home, recorded, tmp_path, monkeypatch):
    import serving.security.access_log.write as room

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room, "append", full)
    with pytest.raises(LogRefused):
        run("rights", "export", UPN, "--out", tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


def test_a_demonstration_is_set_up_though_a_finding_blocks(tmp_path, monkeypatch):
    """As `make serve` after `make demo`: released, installed, and everything that may hold a pupil is named."""
    result, service = tmp_path / "demo" / "result", tmp_path / "demo" / "service"
    today = str(date.today())
    model = released.candidate(
        result / "model",
        released.model(is_made_up=True),
        released.evidence(True, made_on=today),
        is_signed=False,
    )
    blocks = {
        "id": "F001",
        "kind": "severity",
        "attribute": "sex",
        "group": "M",
        "owner": "lead",
        "severity": "blocks",
        "state": "open",
        "due": today,
        "sentence": "Boys.",
    }
    keep_with_model(model, released.audit(model, audited_on=today, is_made_up=True, findings=[blocks]))
    for name in ("store", "lists", "identities", "mlflow-artifacts"):
        (result / name).mkdir()
    (result / "mlflow.db").touch()
    monkeypatch.setattr(starting, "install", lambda release: f"inclusive-pathways:{release.name}")
    prepared = []
    monkeypatch.setattr(demo, "prepare", lambda *given: prepared.append(given))
    demo.demonstrate(tmp_path / "demo", service)
    settings = read_settings(service)
    assert settings.is_demonstration and settings.release == "inclusive-pathways:demonstration-1"
    held = {(service / each).resolve() for each in settings.holds}
    assert held == {path for path in result.iterdir() if path.name != "identities"}
    assert prepared == [(result / "store", service / "releases" / "demonstration-1", service / "prepared")]
