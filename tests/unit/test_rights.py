"""What a family can ask: everything held in one export; and after an erasure a byte search finds nothing."""

import html
import json
import re
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import markupsafe
import openpyxl
import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import insert, select, text

from features.errors import IdentitiesRefused
from features.records.identities import pseudonym
from features.records.importing import import_extract
from features.records.write import write_table
from models.errors import ModelRefused
from models.manifest import verify_manifest, write_manifest
from serving.corrections import service as wrong_facts
from serving.database.base import Row
from serving.database.connection import shrink
from serving.database.retention import CLASSES
from serving.database.tables import Referral, RightsRequest, Step
from serving.errors import NotThere, RecordsRefused
from serving.lists.printed import write_lists
from serving.referrals import service as referrals
from serving.rights import service as requests
from serving.rights.erase import erase as erase_and_note
from serving.rights.found import found_in
from serving.rights.held import Places, everything_held
from serving.rights.identity import Identity, find_pupil
from serving.rights.kept import KEPT
from serving.rights.page import rights_page, write_export
from serving.rights.record import ErasureProof
from serving.rights.removed import remove_from
from serving.rights.searched import search, search_tables
from serving.screening import service as screenings
from serving.security.access_log.chain import Entry, tokens_of
from serving.security.access_log.verify import verify
from serving.security.access_log.write import AccessLog
from serving.security.rolls import load_roll
from serving.wording import pseudonym as as_code
from tests import extracts, meetings
from tests.officers import (
    AMY,
    AS_OF,
    BEN,
    MEETING,
    ROLL,
    SCHOOLS,
    STATUSES,
    WHOLE,
    asks,
    but,
    furnish,
    raised,
    wrong,
)
from tests.served import keep_identities


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A record store with its identities, lists with names, a prepared date, an export and an MLflow database."""
    top = tmp_path_factory.mktemp("held")
    reading = meetings.reading(120, 4, 2)
    write_lists(top / "lists", meetings.AS_OF, reading, meetings.model(), "spring 1a2b")
    listed = json.loads((top / "lists" / "lists.json").read_text())["states"]["listed"]
    pupil = listed[0]["pupil"]
    named = reading.names.set_index("pupil")
    same = (named["forename"] == named.loc[pupil, "forename"]) & (
        named["surname"] == named.loc[pupil, "surname"]
    )
    upn, forename, surname = named.loc[pupil, ["upn", "forename", "surname"]]
    who = Identity(pupil, (upn,), forename, surname, int(same.sum()) > 1)
    for folder, frames in (
        ("store/attendance", {"2024-25": _marks(reading.matrix["pupil"])}),
        (
            "store/rejected",
            {
                "census": pd.DataFrame(
                    {
                        "file": ["c.csv", "c.csv"],
                        "line": [3, 4],
                        "upn": [upn.lower(), "Z99"],
                        "sex": ["?", "?"],
                    }
                )
            },
        ),
        (
            "prepared/2025-05-23",
            {
                "matrix": reading.matrix.drop(columns="as_of"),
                "facts": reading.facts,
                "contributions": reading.contributions,
            },
        ),
    ):
        (top / folder).mkdir(parents=True)
        for name, frame in frames.items():
            write_table(top / folder / f"{name}.parquet", pa.Table.from_pandas(frame, preserve_index=False))
    keep_identities(top / "identities", reading)
    (top / "store" / "store.json").write_text(json.dumps({"format": 1, "data_hash": "before"}) + "\n")
    (top / "prepared/2025-05-23" / "lists.json").write_bytes((top / "lists" / "lists.json").read_bytes())
    write_manifest(top / "prepared/2025-05-23")
    (top / "exports").mkdir()
    (top / "exports" / "support.csv").write_text(f"upn,kind\nA399000000999,targeted\n{upn},intensive\n")
    (top / "exports" / "note.txt").write_text(f"About {as_code(pupil)}.\n")
    with sqlite3.connect(top / "mlflow.db") as tracking:
        tracking.execute("CREATE TABLE runs (name TEXT)")
        tracking.execute("INSERT INTO runs VALUES ('candidate')")
    tracking.close()
    return top, who


def _marks(pupils: pd.Series) -> pd.DataFrame:
    rows = pd.DataFrame(
        {"pupil": pupils.to_numpy().repeat(3), "urn": 100001, "date": date(2025, 3, 3), "am": "/", "pm": "N"}
    )
    return rows.sort_values("pupil", ignore_index=True)


@pytest.fixture
def held(made, tmp_path):
    """A copy of it that a test may change, as `Places`, with the pupil."""
    top, who = made
    shutil.copytree(top, tmp_path / "held")
    folders = tuple(
        tmp_path / "held" / name
        for name in ("store", "lists", "prepared", "exports", "mlflow.db", "identities")
    )
    return Places(folders, tmp_path / "held" / "identities"), who


@pytest.fixture
def office(database, held, tmp_path):
    """People who wrote and read about the pupil, in the database and the log."""
    places, who = held
    people = furnish(database)
    log = AccessLog(database, tmp_path / "access_log.head")
    with database.writing() as session:
        roll = ROLL.assign(pupil=[who.pupil, *ROLL["pupil"][1:]])
        statuses = STATUSES.assign(pupil=[who.pupil, *STATUSES["pupil"][1:]])
        load_roll(session, AS_OF + timedelta(days=1), SCHOOLS, roll, statuses)
    for pupil in (who.pupil, BEN):
        with database.writing() as session:
            referral = referrals.refer(
                session, people["ash"], pupil, raised("family", "mother", "Hardly sleeps.")
            )
            screening = screenings.begin(
                session, people["ash"], pupil, MEETING, WHOLE, screenings.Prompted(referral=referral.referral)
            )
            screenings.open_frequency(session, people["ash"], pupil, AS_OF)
            screenings.record(
                session, people["north"], screening.screening, 1, but(WHOLE, view="Another view.")
            )
            wrong_facts.say_wrong(
                session, people["ash"], pupil, wrong("attendance", "Absent.", "Present.", "mother")
            )
            requests.ask(session, people["governance"], asks("object", pupil, "Objects."))
        log.write(Entry("ash", "officer", "explain", "card", [pupil]))
        log.write(Entry("north", "officer", "list", "school 100001", [pupil, AMY]))
    yield people, log
    log.close()


class Noted(set[int]):
    """The list of erasures, in memory."""

    note = set.add


def erase(database, person, who, places, request, erasures=None):
    """An erasure without backups."""
    return erase_and_note(database, person, who, places, request, Noted() if erasures is None else erasures)


def granted(database, people, pupil, by: str = "granter") -> int:
    """A request for erasure, granted by somebody else than whoever carries it out in these tests."""
    granter = replace(people["governance"], name=by)
    with database.writing() as session:
        made = requests.ask(session, granter, asks("erase", pupil, "Asks for erasure."))
        requests.answer_request(session, granter, made.request, 1, True, "Granted.")
    return made.request


def test_the_export_holds_everything(database, held, office):
    places, who = held
    found = everything_held(database, who, places)
    rows = {name: len(held) for name, held in found["service"].items()}
    assert rows == {
        "placements": 1, "pupil_statuses": 1, "screenings": 1, "screening_versions": 2, "frequency_openings": 1, "referrals": 1,
        "wrong_facts": 1, "rights_requests": 1, "objections": 1, "steps": 4,
    }  # fmt: skip
    assert [(row["person"], row["action"], row["what"]) for row in found["viewers"]] == [
        ("ash", "explain", "card"),
        ("north", "list", "school 100001"),
    ]
    assert {(row["list_of"], row["state"]) for row in found["lists"]} >= {
        ("authority", "listed"),
        ("schools", "listed"),
    }
    assert all(row["as_of"] == "2025-05-23" and row["release"] == "spring 1a2b" for row in found["lists"])
    files = {each["file"]: len(each["rows"]) for each in found["files"]}
    assert files["store/attendance/2024-25.parquet"] == 3
    assert files["store/rejected/census.parquet"] == 1
    assert (
        files["identities/names.parquet"]
        == files["identities/upn.parquet"]
        == files["exports/support.csv"]
        == 1
    )
    assert files["prepared/2025-05-23/contributions.parquet"] == 5
    assert files["prepared/2025-05-23/matrix.parquet"] == 1
    assert files["exports/note.txt"] == 0
    assert [name for name in files if name.endswith(".html")]
    assert [name for name in files if name.endswith(".xlsx")]


def test_the_export_holds_nothing_of_anybody_else(database, held, office):
    places, who = held
    text = json.dumps(everything_held(database, who, places), default=str)
    others = pq.read_table(places.folders[-1] / "upn.parquet").to_pandas()
    others = others[others["pupil"] != who.pupil]
    told = [each for each in (*others["upn"], *map(str, others["pupil"]), str(AMY), str(BEN)) if each in text]
    assert told == []
    assert "hash" not in text.replace("data_hash", "")


def test_the_page_can_be_read_and_says_that_it_is_made_up(database, held, office, tmp_path):
    places, who = held
    found = everything_held(database, who, places)
    page = rights_page(found, is_made_up=True)
    for word in (
        "Another view.",
        "Hardly sleeps.",
        who.surname,
        "Who looked",
        "Lists",
        "Attendance marks, 2024-25",
        "MADE-UP DATA",
        "not to be used",
    ):
        assert word.lower() in page.lower(), word
    assert not re.search(r"<(script|link|img)|https?://(?!ico)", page)
    facts, written = write_export(tmp_path / "out", found, True)
    assert json.loads(facts.read_text())["about"]["upns"] == list(who.upns)
    assert written.read_text() == page
    assert {path.stat().st_mode & 0o077 for path in (facts, written, facts.parent)} == {0}


def test_somebody_of_whom_nothing_is_held(database, held, tmp_path):
    places, _ = held
    found = everything_held(database, Identity(1234567890123456789), places)
    assert not any(found["service"].values())
    assert (found["viewers"], found["lists"], found["files"]) == ([], [], [])
    assert "Nothing." in rights_page(found, is_made_up=False)


def test_after_an_erasure_a_search_finds_nothing(database, held, office):
    places, who = held
    people, log = office
    with database.reading() as session:
        token = tokens_of(session, [who.pupil])[who.pupil]
    assert search(places.folders, who).held_in
    done = erase(database, people["governance"], who, places, granted(database, people, who.pupil))
    assert done.is_proven, (done.searched, done.held_in_tables)
    assert done.searched.num_files > 20
    assert done.rows["screening_versions"] == 2
    after = everything_held(database, who, places)
    assert not any(after["service"].values())
    assert (after["viewers"], after["lists"], after["files"]) == ([], [], [])
    # The log still holds, with the token that nobody can tell any more.
    log.write(Entry("ash", "officer", "explain", "card", [BEN]))
    assert verify(database, log.head_file).broken_at is None
    with database.reading() as session:
        assert who.pupil not in tokens_of(session, [who.pupil])
    assert token
    record = done.proof(places).model_dump_json()
    assert not [text for text in (*who.texts, *who.names) if text in record]


def test_after_an_erasure_the_tables_of_postgresql_hold_no_byte_of_the_pupil(database, held, office):
    """Its write-ahead log is the server's to recycle, and the erasure says so."""
    if database.path is not None:
        return
    places, who = held
    people, _ = office
    with psycopg.connect(
        database.engine.url.render_as_string(False).replace("+psycopg", ""), autocommit=True
    ) as server:
        server.execute("ANALYZE")
        (folder,) = server.execute("SHOW data_directory").fetchone()
        (number,) = server.execute(
            "SELECT oid FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        tables = Path(folder) / "base" / str(number)
        server.execute("CHECKPOINT")
        assert search([tables], who).held_in
        done = erase(database, people["governance"], who, places, granted(database, people, who.pupil))
        server.execute("CHECKPOINT")
        assert search([tables], who).held_in == ()
    assert any("write-ahead" in sentence for sentence in done.not_reached)


def test_an_erasure_leaves_everybody_else(database, held, office):
    places, who = held
    people, _ = office
    before = {
        path: pq.read_table(path).to_pandas()
        for folder in places.folders
        for path in folder.rglob("*.parquet")
    }
    accounts = {
        level: json.loads((places.folders[1] / "lists.json").read_text())[level]
        for level in ("on_roll", "not_listed")
    }
    with database.reading() as session:
        held_on_ben = screenings.screenings_of(session, people["ash"], BEN)
    erase(database, people["governance"], who, places, granted(database, people, who.pupil))
    for path, frame in before.items():
        after = pq.read_table(path).to_pandas()
        mine = frame["pupil"] == who.pupil if "pupil" in frame else frame["upn"].str.upper() == who.upns[0]
        pd.testing.assert_frame_equal(after, frame[~mine].reset_index(drop=True))
    facts = json.loads((places.folders[1] / "lists.json").read_text())
    assert {level: facts[level] for level in accounts} == accounts
    for one in (facts, *facts["schools"].values(), *facts["districts"].values()):
        assert sum(map(len, one["states"].values())) + one["not_listed"] == one["on_roll"]
    with database.reading() as session:
        assert screenings.screenings_of(session, people["ash"], BEN) == held_on_ben
    assert verify_manifest(places.folders[2] / "2025-05-23")
    assert json.loads((places.folders[0] / "store.json").read_text())["data_hash"] != "before"
    support = (places.folders[3] / "support.csv").read_text()
    assert support == "upn,kind\nA399000000999,targeted\n"
    kept = [path for path in places.folders[1].rglob("*.xlsx")]
    assert kept
    assert openpyxl.load_workbook(kept[0])


def test_an_erasure_can_be_given_again(database, held, office):
    places, who = held
    people, _ = office
    request = granted(database, people, who.pupil)
    erasures = Noted()
    erase(database, people["governance"], who, places, request, erasures)
    again = erase(database, people["governance"], who, places, request, erasures)
    assert (again.is_proven, sum(again.rows.values()), again.files) == (True, 0, {})


def test_what_was_answered_stays_without_the_pupil(database, held, office):
    places, who = held
    people, _ = office
    request = granted(database, people, who.pupil)
    erase(database, people["governance"], who, places, request)
    with database.reading() as session:
        row = session.get(RightsRequest, request)
        assert (row.pupil, row.words) == (None, "")
        found = requests.read_request(session, people["governance"], request)
        assert (found.state, found.kind) == ("erased", "erase")
        steps = session.scalars(select(Step).where(Step.kind == "rights_request", Step.record == request))
        *before, last = sorted(steps, key=lambda step: step.version)
        assert {step.words for step in before} == {""}
        assert ErasureProof.model_validate_json(last.words).still_held_in == ()
        assert BEN in set(session.scalars(select(RightsRequest.pupil)))


def test_only_a_granted_request_of_this_pupil_erases(database, held, office):
    places, who = held
    people, _ = office
    with database.writing() as session:
        waiting = requests.ask(session, people["governance"], asks("erase", who.pupil, "Asks.")).request
        declined = requests.ask(session, people["governance"], asks("erase", who.pupil, "Asks.")).request
        requests.answer_request(session, people["governance"], declined, 1, False, "Needed by law.")
    for request, refused in (
        (waiting, RecordsRefused),
        (declined, RecordsRefused),
        (1, RecordsRefused),
        (granted(database, people, BEN), NotThere),
        (10**30, NotThere),
    ):
        with pytest.raises(refused):
            erase(database, people["governance"], who, places, request)
    with pytest.raises(NotThere):
        erase(database, people["ash"], who, places, waiting)
    assert search(places.folders, who).held_in


def test_whoever_granted_an_erasure_does_not_carry_it_out(database, held, office):
    places, who = held
    people, _ = office
    request = granted(database, people, who.pupil, by="governance")
    with pytest.raises(RecordsRefused, match="Two people"):
        erase(database, people["governance"], who, places, request)
    assert search(places.folders, who).held_in
    assert erase(database, replace(people["governance"], name="other"), who, places, request).is_proven


def test_an_erasure_that_was_interrupted_erases_nobody_else(database, held, office):
    """The request no longer says whose it is: only a child who is on the list of erasures already is erased with it."""
    places, who = held
    people, _ = office
    request, erasures = granted(database, people, who.pupil), Noted()
    erase(database, people["governance"], who, places, request, erasures)
    with pytest.raises(NotThere):
        erase(database, people["governance"], Identity(BEN), places, request, erasures)
    with database.reading() as session:
        assert screenings.screenings_of(session, people["ash"], BEN)


def test_a_complaint_is_acknowledged_and_still_waits_for_its_answer(database):
    people = furnish(database)
    with database.writing() as session:
        made = requests.ask(session, people["governance"], asks("complain", AMY, "Complains."))
        done = requests.acknowledge(session, people["governance"], made.request, 1)
        assert done.state == "acknowledged"
        assert [each.request for each in requests.requests(session, people["governance"])] == [made.request]
        for request, version in (
            (made.request, 2),
            (requests.ask(session, people["governance"], asks("export", AMY)).request, 1),
        ):
            with pytest.raises(RecordsRefused, match="Only a complaint"):
                requests.acknowledge(session, people["governance"], request, version)
        assert (
            requests.answer_request(session, people["governance"], made.request, 2, True, "So.").state
            == "granted"
        )
        with pytest.raises(RecordsRefused, match="answered already"):
            requests.answer_request(session, people["governance"], made.request, 3, False, "No.")


def test_a_fact_that_a_family_says_is_wrong_goes_to_its_owner(database):
    people = furnish(database)
    with database.writing() as session:
        made = requests.ask(session, people["governance"], asks("rectify", AMY, "A wrong day."))
        found, fact = requests.pass_on_fact(session, people["governance"], made.request, wrong())
        assert (found.request, fact.pupil, fact.state) == (made.request, AMY, "reported")
        other = requests.ask(session, people["governance"], asks("export", AMY)).request
        with pytest.raises(RecordsRefused, match="put a fact right"):
            requests.pass_on_fact(session, people["governance"], other, wrong())
        assert len(wrong_facts.wrong_facts(session, people["governance"])) == 1


def test_every_table_says_why_it_is_kept_who_is_shown_it_and_how_long():
    tables = [table for each in KEPT for table in each.tables]
    assert sorted(tables) == sorted(Row.metadata.tables)
    classes = {each.name for each in CLASSES}
    assert {each.record_class for each in KEPT} - {""} == classes
    assert all(
        each.basis and each.shared_with and bool(each.record_class) != bool(each.while_there) for each in KEPT
    )


def test_a_name_in_somebody_elses_text_is_told_and_not_called_proof(database, held, office):
    places, who = held
    people, _ = office
    if not who.names:
        pytest.fail("the pupil of this test must have a name of their own")
    with database.writing() as session:
        screenings.record(session, people["ash"], 2, 2, but(WHOLE, view=f"Sits beside {who.names[0]}."))
    done = erase(database, people["governance"], who, places, granted(database, people, who.pupil))
    assert not done.is_proven
    assert done.held_in_tables == ("screening_versions",)


@pytest.mark.parametrize("is_of_an_earlier_version", [False, True])
@pytest.mark.parametrize(
    ("forename", "surname"), [("Zoë", "O'Neil"), ("Zoë", "Brown"), ("Zoe", "O'Neil"), ('Ann "Nan"', "Łódź")]
)
def test_a_name_is_found_in_what_was_said_of_somebody_else(
    database, forename, surname, is_of_an_earlier_version
):
    """With accents, an apostrophe and quotation marks; earlier versions stored JSON with every accent escaped."""
    who = Identity(5, (extracts.upn(0),), forename, surname)
    assert search_tables(database, who) == ()
    said = {
        "route": "family",
        "referred_by": "mother",
        "reasons": f'Her friend {who.names[0]} said "no"; it\'s so.',
    }
    with database.writing() as session:
        row = {"pupil": 77, "urn": 1, "content": said, "made_by": "ash", "made_at": datetime.now(UTC)}
        session.execute(insert(Referral).values(row))
        if is_of_an_earlier_version:
            kind = "text" if database.path else "json"
            session.execute(
                text(f"UPDATE referrals SET content = CAST(:said AS {kind})"), {"said": json.dumps(said)}
            )
        stored = session.execute(text("SELECT CAST(content AS text) FROM referrals")).scalar_one()
    assert ("\\u" in stored) == (is_of_an_earlier_version and not who.names[0].isascii())
    assert search_tables(database, who) == ("referrals",)
    if database.path:
        shrink(database)
        assert search([database.path], who).held_in == (database.path,)


@pytest.mark.parametrize(
    "said",
    [
        lambda name: json.dumps({"x": name}),
        lambda name: json.dumps({"x": name}, ensure_ascii=False),
        lambda name: f"<p>{markupsafe.escape(name)}</p>",
        lambda name: f"<p>{html.escape(name)}</p>",
    ],
)
def test_a_name_is_found_as_json_and_pages_write_it(tmp_path, said):
    who = Identity(5, (), 'Zoë "Zo"', "O'Neil")
    path = tmp_path / "note.log"
    path.write_text(said(who.names[1]))
    assert search([tmp_path], who).held_in == (path,)
    assert [each.file for each in remove_from([tmp_path], who)] == [path]
    assert search([tmp_path], who).held_in == ()


@pytest.mark.parametrize(
    "where",
    [
        "store/attendance/x.parquet",
        "mlflow.db",
        "exports/deep/note.md",
        "lists/copy.xlsx",
        "exports/old.json",
    ],
)
def test_the_search_finds_a_pupil_wherever_one_hides(held, where):
    places, who = held
    remove_from(places.folders, who)
    assert search(places.folders, who).held_in == ()
    top = places.folders[0].parent
    path = top / where
    path.parent.mkdir(parents=True, exist_ok=True)
    if where.endswith(".parquet"):
        write_table(path, pa.table({"anything": pa.array([1, who.pupil], pa.int64())}))
    elif where.endswith(".db"):
        with sqlite3.connect(path) as other:
            other.execute("CREATE TABLE t (n INTEGER)")
            other.execute("INSERT INTO t VALUES (?)", (who.pupil,))
        other.close()
    elif where.endswith(".xlsx"):
        book = openpyxl.Workbook()
        book.active["A1"] = who.upns[0]
        book.save(path)
    elif where.endswith(".json"):
        path.write_text(json.dumps({"x": [{"y": who.pupil}]}))
    else:
        path.write_text(f"{who.upns[0]}\n")
    assert search(places.folders, who).held_in == (path,)
    assert [each.file for each in found_in(places.folders, who)] == (
        [path] if not where.endswith(".db") else []
    )


def test_a_mark_that_ends_no_line_of_a_csv_takes_nobody_else_along(held):
    places, who = held
    path = places.folders[3] / "support.csv"
    others = "A399000000999,targeted\u2028on Mondays\nA399000000997,with\x0ca page\n"
    path.write_text(f"upn,kind\n{others}{who.upns[0]},intensive\nA399000000996,other\n")
    remove_from([path], who)
    assert path.read_text() == f"upn,kind\n{others}A399000000996,other\n"


def test_a_upn_in_small_letters_is_the_pupil_too(held):
    places, who = held
    remove_from(places.folders, who)
    small = who.upns[0].lower()
    table, note = places.folders[3] / "support.csv", places.folders[3] / "typed.txt"
    table.write_text(f"upn,kind\n{small},intensive\n")
    note.write_text(f"Asked about {small}.\n")
    assert set(search(places.folders, who).held_in) == {table, note}
    assert {each.file for each in found_in(places.folders, who)} == {table, note}
    remove_from(places.folders, who)
    assert search(places.folders, who).held_in == () and table.read_text() == "upn,kind\n"


def test_a_folder_that_was_altered_is_not_sealed_again(held):
    places, who = held
    prepared = places.folders[2] / "2025-05-23"
    (prepared / "facts.parquet").unlink()
    remove_from([prepared], who)
    with pytest.raises(ModelRefused):
        verify_manifest(prepared)


def test_a_pupil_is_found_by_upn_former_upn_code_and_number(tmp_path):
    tables = extracts.base()
    former, now = extracts.upn(7), extracts.upn(0)
    tables["roll"][0]["former_upn"] = former
    import_extract(
        extracts.write_extract(tmp_path / "extract", {**tables, "names": extracts.names()}),
        tmp_path / "store",
        tmp_path / "identities",
    )
    identities = tmp_path / "identities"
    who = find_pupil(now, identities)
    assert set(who.upns) == {former, now}
    assert (who.forename, who.surname) == ("Ottoline", "Quillfeather")
    for asked in (former, f" {now.lower()} ", as_code(who.pupil), str(who.pupil)):
        assert find_pupil(asked, identities) == who, asked
    unknown = find_pupil(extracts.upn(99), identities)
    key = (identities / "key").read_bytes()
    assert (unknown.pupil, unknown.upns) == (pseudonym(key, extracts.upn(99)), (extracts.upn(99),))
    rows = {each.file.parent.name: len(each.rows) for each in found_in([tmp_path / "store"], who)}
    assert rows == {"attendance": 3, "census": 1, "involvements": 1, "roll": 1, "suspensions": 1}
    remove_from([tmp_path / "store", identities], who)
    assert search([tmp_path / "store", identities], who).held_in == ()


@pytest.mark.parametrize("asked", ["", "Amy", "../../etc", "77ab-", "9" * 25])
def test_what_is_no_pupil_is_refused_without_being_repeated(asked, tmp_path):
    with pytest.raises(RecordsRefused) as refused:
        find_pupil(asked, None)
    assert not asked or asked not in str(refused.value)


def test_a_upn_needs_the_identities(tmp_path):
    with pytest.raises(RecordsRefused, match="identities"):
        find_pupil(extracts.upn(0), None)
    with pytest.raises(IdentitiesRefused):
        find_pupil(extracts.upn(0), tmp_path)


@pytest.mark.parametrize(
    ("kind", "received", "due"),
    [
        ("export", date(2026, 1, 31), date(2026, 2, 28)),
        ("erase", date(2026, 3, 15), date(2026, 4, 15)),
        ("complain", date(2026, 1, 31), date(2026, 3, 2)),
    ],
)
def test_a_request_is_due_as_the_law_says(kind, received, due):
    assert requests.due_on(kind, received) == due


def test_requests_are_governances_alone(database):
    people = furnish(database)
    for name in ("ash", "scientist", "reviewer", "administrator"):
        with pytest.raises(NotThere), database.writing() as session:
            requests.ask(session, people[name], asks("object", AMY, "Objects."))
    with database.writing() as session:
        made = requests.ask(session, people["governance"], asks("complain", AMY, "Complains."))
        for broken in ({"kind": "forget"}, {"words": ""}, {"received_on": date.today() + timedelta(days=1)}):
            with pytest.raises(RecordsRefused):
                requests.ask(session, people["governance"], asks(**{"kind": "erase", "pupil": AMY, **broken}))
        with pytest.raises(RecordsRefused):
            requests.answer_request(session, people["governance"], made.request, 1, True, " ")
        assert [each.request for each in requests.requests(session, people["governance"])] == [made.request]
        requests.answer_request(session, people["governance"], made.request, 1, True, "Looked into.")
        assert requests.requests(session, people["governance"]) == []
        assert len(requests.requests(session, people["governance"], is_open=False)) == 1
