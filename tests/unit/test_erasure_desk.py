"""An erasure from the desk, by two people: afterwards no byte of database, write-ahead log, lists, prepared dates, exports, MLflow and backups."""

import json
import shutil
import sqlite3
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from models.manifest import verify_manifest
from serving.backups.erased import ERASED_FILE, ErasureList
from serving.backups.make import DATABASE, back_up, listed_backups
from serving.backups.restore import restore
from serving.database.tables import LogEntry
from serving.errors import BackupRefused, NotThere, RecordsRefused
from serving.lists.printed import write_lists
from serving.opening import open_desk
from serving.rights import from_backups, service
from serving.rights.erase import SEARCHES, erase
from serving.rights.held import places_of
from serving.rights.identity import find_pupil
from serving.rights.record import ErasureCarriedOut
from serving.security.access import Role
from serving.security.access_log.chain import Entry
from serving.security.access_log.verify import verify
from serving.security.accounts import add_user
from serving.settings import read_settings
from tests import meetings
from tests.officers import asks
from tests.served import keep_identities, make_home, reading_of


@pytest.fixture
def office(tmp_path):
    """A home with everything that can hold a child, its desk, three people, and the child with a granted request."""
    home, reading = tmp_path / "home", reading_of()
    make_home(home, reading, identities="identities", holds=["lists", "exports", "mlflow.db"])
    keep_identities(home / "identities", reading)
    write_lists(home / "lists", meetings.AS_OF, reading, meetings.model(), "spring 1a2b")
    pupil = json.loads((home / "lists" / "lists.json").read_text())["states"]["listed"][0]["pupil"]
    who = find_pupil(str(pupil), home / "identities")
    (home / "exports").mkdir()
    (home / "exports" / "support.csv").write_text(
        f"upn,kind\nA399000000999,targeted\n{who.upns[0]},intensive\n"
    )
    with sqlite3.connect(home / "mlflow.db") as tracking:
        tracking.execute("CREATE TABLE runs (name TEXT)")
    tracking.close()
    desk = open_desk(read_settings(home))
    with desk.database.writing() as session:
        people = {name: add_user(session, name, Role.INFORMATION_GOVERNANCE) for name in ("one", "two")}
        people["officer"] = add_user(session, "officer", Role.OFFICER, [int(reading.schools["urn"].iloc[0])])
    yield desk, people, who, granted(desk, people, who)
    desk.close()


def granted(desk, people, who) -> int:
    with desk.database.writing() as session:
        made = service.ask(session, people["one"], asks("erase", who.pupil, "Asks for it."))
        service.answer_request(session, people["one"], made.request, 1, True, "No reason to keep.")
    return made.request


def meant(who, **changes) -> ErasureCarriedOut:
    return ErasureCarriedOut(**{"asked": who.upns[0], "is_meant": True, **changes})


def carry_out(desk, person, request, asked):
    """Begun at the desk, and waited for: its proof, or why there is none."""
    return service.begin_erasure(desk, person, request, asked).done.result(120)


def holding(folder: Path, who) -> list[Path]:
    """Files that hold the child, read without the code that erases: bytes as they are, and tables row by row."""
    wanted = [each.encode() for each in (*who.upns, *who.codes)] + list(who.raw)
    found = []
    for path in sorted(folder.rglob("*")):
        if not path.is_file():
            continue
        rows = pq.read_table(path).to_pylist() if path.suffix == ".parquet" else []
        is_in_rows = any({who.pupil, *who.upns} & set(row.values()) for row in rows)
        if is_in_rows or any(each in path.read_bytes() for each in wanted):
            found.append(path)
    return found


def test_two_people_erase_a_child_and_no_byte_is_left_in_any_place(office, tmp_path):
    desk, people, who, request = office
    home, backup, lost = desk.settings.home, tmp_path / "backup", tmp_path / "lost"
    for folder in (backup, lost):
        back_up(desk.settings, desk.database, desk.log.key(), folder)
    shutil.rmtree(lost)
    assert [each.is_there for each in listed_backups(home)] == [True, False]
    before = {path.relative_to(tmp_path).parts[:2] for path in holding(tmp_path, who)}
    assert before >= {("home", "service.db-wal"), ("home", "lists"), ("home", "prepared"), ("home", "exports"), ("home", "identities"),
                      ("backup", "service.db"), ("backup", "identities"), ("backup", "prepared")}  # fmt: skip
    proof = carry_out(desk, people["two"], request, meant(who))
    assert holding(tmp_path, who) == []
    assert (proof.still_held_in, proof.still_held_in_tables, proof.num_backups) == ((), (), 1)
    assert any(each.startswith("The backup of 20") for each in proof.not_reached)
    told = proof.model_dump_json()
    assert not [each for each in (*who.texts, *who.names) if each in told]
    with desk.database.reading() as session:
        found, _, kept = service.steps_taken(session, people["one"], request)
        whats = list(session.scalars(select(LogEntry.what)))
    assert (found.state, found.pupil, kept) == ("erased", None, proof)
    assert f"erasure, request {request}" in whats
    assert verify(desk.database, desk.settings.head_file, key_file=desk.settings.key_file).broken_at is None
    assert who.pupil not in desk.names
    # The backup is sealed as before, brings everybody else back, and needs no list to leave the child out.
    assert verify_manifest(backup)
    shutil.move(home, tmp_path / "was")
    assert restore(backup, tmp_path / "new", None).held_in == ()
    assert holding(tmp_path / "new", who) == []
    assert len(pq.read_table(tmp_path / "new" / "identities" / "upn.parquet")) > 500


def test_a_child_who_is_shown_to_somebody_meanwhile_is_erased_all_the_same(office):
    """A look makes the key of the log's token anew: it goes too, before the proof."""
    desk, people, who, request = office

    def looks(step: str) -> None:
        if step == SEARCHES:
            desk.log.write(Entry("officer", "officer", "explain", "card", (who.pupil,)))

    erasures = ErasureList(desk.settings.home / ERASED_FILE, desk.log.key())
    places = places_of(desk.settings)
    done = erase(desk.database, people["two"], who, places, request, erasures, (), looks)
    assert done.is_proven and holding(desk.settings.home, who) == []


@pytest.mark.parametrize(
    ("who_asks", "changes", "refused", "says"),
    [
        ("one", {}, RecordsRefused, "You granted this erasure"),
        ("officer", {}, NotThere, ""),
        ("two", {"asked": ""}, RecordsRefused, "Type it"),
        ("two", {"is_meant": None}, RecordsRefused, "Say yes"),
        ("two", {"is_meant": False}, RecordsRefused, "Say yes"),
        ("two", {"asked": "not a pupil"}, RecordsRefused, "no pupil"),
        ("two", {"asked": "0123-4567-89ab-cdef"}, NotThere, ""),
    ],
)
def test_nothing_is_erased_unless_a_second_person_names_this_very_child(
    office, who_asks, changes, refused, says
):
    desk, people, who, request = office
    before = holding(desk.settings.home, who)
    with pytest.raises(refused, match=says or None):
        carry_out(desk, people[who_asks], request, meant(who, **changes))
    assert holding(desk.settings.home, who) == before
    with desk.database.reading() as session:
        assert not [what for what in session.scalars(select(LogEntry.what)) if what.startswith("erasure")]


def test_an_erasure_interrupted_in_a_backup_is_given_again_and_the_backup_sealed(
    office, tmp_path, monkeypatch
):
    desk, people, who, request = office
    backup = tmp_path / "backup"
    back_up(desk.settings, desk.database, desk.log.key(), backup)

    def killed(*given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(from_backups, "write_manifest", killed)
        with pytest.raises(KeyboardInterrupt):
            carry_out(desk, people["two"], request, meant(who))
    with pytest.raises(BackupRefused, match="Nothing was restored"):
        restore(backup, tmp_path / "new", None)
    carry_out(desk, people["two"], request, meant(who))
    assert holding(tmp_path, who) == [] and verify_manifest(backup)


def test_a_backup_that_was_altered_is_erased_from_and_not_sealed_again(office, tmp_path):
    desk, people, who, request = office
    backup = tmp_path / "backup"
    back_up(desk.settings, desk.database, desk.log.key(), backup)
    with sqlite3.connect(backup / DATABASE) as altered:
        altered.execute("DELETE FROM users")
    altered.close()
    carry_out(desk, people["two"], request, meant(who))
    assert holding(backup, who) == []
    with pytest.raises(BackupRefused):
        restore(backup, tmp_path / "new", None)


def test_a_list_of_backups_that_cannot_be_read_stops_an_erasure_before_it_begins(office):
    desk, people, who, request = office
    before = holding(desk.settings.home, who)
    (desk.settings.home / "backups.jsonl").write_text("not a backup\n")
    with pytest.raises(BackupRefused, match="nobody knows which backups"):
        carry_out(desk, people["two"], request, meant(who))
    assert holding(desk.settings.home, who) == before
