"""Import as it is lived with: no value leaks, and a run that is stopped leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from features.records.importing import import_extract
from features.records.store import open_store
from pathways.commands import app
from tests.extracts import FORENAMES, SURNAME, base, names, upn, write_csv, write_extract
from tests.running import STARTS_WITHIN_S

TOP = Path(__file__).parents[2]
PLANTED = "Xanthippe-Zz"  # stands in cells of every kind; so do the UPNs and names


def planted(folder: Path) -> Path:
    """An extract that breaks every table, with values that must not come out again."""
    tables = base() | {"names": names()}
    tables["census"][0]["ethnicity"] = PLANTED
    tables["census"][1]["birth_date"] = PLANTED
    tables["attendance"][0]["am"] = PLANTED
    tables["attendance"][1]["upn"] = PLANTED
    tables["attendance"].append(tables["attendance"][4] | {"am": "I"})
    tables["suspensions"][0]["sessions"] = PLANTED
    tables["roll"].append(tables["roll"][2] | {"urn": "100003", "entry_date": "2024-01-08"})
    tables["involvements"][0]["upn"] = upn(500)
    tables["names"].append({"upn": PLANTED, "forename": FORENAMES[0], "surname": SURNAME})
    tables["census"][2]["Form"] = PLANTED
    return write_extract(folder, tables)


def values() -> list[bytes]:
    upns = [upn(number) for number in (*range(6), 500)]
    return [text.encode() for text in (*upns, *FORENAMES, SURNAME, PLANTED)]


def leaks(content: bytes) -> list[bytes]:
    return [value for value in values() if value.lower() in content.lower()]


def written_outside(top: Path, *inside: Path) -> bytes:
    paths = (
        path
        for path in top.rglob("*")
        if path.is_file() and not any(place in path.parents for place in inside)
    )
    return b"".join(path.read_bytes() for path in paths)


COMMANDS = {
    "import": [
        "import",
        "extract",
        "store",
        "--identities",
        "identities",
        "--reject-limit",
        "1",
        "--report",
        "report.json",
    ],
    "import that is refused": [
        "import",
        "extract",
        "store",
        "--identities",
        "identities",
        "--report",
        "report.json",
    ],
    "check": ["check", "extract", "--reject-limit", "1", "--pages", "pages", "--report", "report.json"],
    "check that is refused": ["check", "extract", "--pages", "pages"],
}


@pytest.mark.parametrize("case", COMMANDS)
def test_no_value_of_a_pupil_is_written_outside_store_and_identities(case, tmp_path, monkeypatch):
    planted(tmp_path / "extract")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, COMMANDS[case])
    assert (result.exit_code != 0) == ("refused" in case)
    assert leaks(result.output.encode()) == []
    inside = (tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert leaks(written_outside(tmp_path, *inside)) == []


def break_columns(extract: Path) -> None:
    path = extract / "roll.csv"
    path.write_text(path.read_text() + f"{upn(1)},{PLANTED}\n")


def break_quotes(extract: Path) -> None:
    path = extract / "attendance.csv"
    path.write_text(path.read_text() + f'"{upn(1)},{PLANTED}\n{upn(2)}')


def break_bytes(extract: Path) -> None:
    with (extract / "census.csv").open("ab") as file:
        file.write(f"{upn(1)},{PLANTED},".encode() + b"\x81\xff\n")


@pytest.mark.parametrize("damage", [break_columns, break_quotes, break_bytes])
def test_no_value_in_the_error_of_a_file_that_cannot_be_parsed(damage, tmp_path):
    damage(planted(tmp_path / "extract"))
    script = (
        "from pathlib import Path; from features.records.importing import import_extract; "
        "import_extract(Path('extract'), Path('store'), Path('identities'))"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(TOP)},
    )
    assert run.returncode != 0
    assert b"ExtractRefused" in run.stderr
    assert leaks(run.stdout + run.stderr) == []
    assert {path.name for path in tmp_path.iterdir()} == {"extract"}


STOPPED = """
import signal, sys, time
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a test runner in the background has it ignored
from features.records.importing import import_extract
def wait(table, rows, total):
    if table == "attendance":
        Path("reached").write_text("here")
        time.sleep(600)
import_extract(Path("extract"), Path("store"), Path("identities"), progress=wait)
"""


@pytest.mark.skipif(os.name == "nt", reason="signals of another kind")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_is_stopped_leaves_no_store_and_the_next_one_succeeds(number, tmp_path):
    write_extract(tmp_path / "extract", base() | {"names": names()})
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(TOP)},
        stderr=subprocess.PIPE,
    ) as run:
        until = time.monotonic() + STARTS_WITHIN_S
        while not (tmp_path / "reached").exists() and run.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        run.send_signal(number)
        _, errors = run.communicate(timeout=STARTS_WITHIN_S)
    assert run.returncode != 0
    assert leaks(errors) == []
    left = {path.name for path in tmp_path.iterdir()} - {"extract", "reached"}
    if number == signal.SIGKILL:
        locks = {".store.lock", ".identities.lock"}  # of a process that is gone: they hold nothing
        assert all(name.startswith(".") and ".unfinished-" in name for name in left - locks)
        assert not list(tmp_path.rglob("store.json"))
    else:
        assert left == set()
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert {path.name for path in tmp_path.iterdir()} == {"extract", "reached", "store", "identities"}
    assert open_store(tmp_path / "store").tables["roll"].count().execute() == 6


def test_two_imports_of_one_name_do_not_disturb_each_other(tmp_path):
    from features.records.disk import workspace

    write_extract(tmp_path / "extract")
    with workspace(tmp_path / "store") as held:
        other = held.with_name(held.name.rsplit("-", 1)[0] + "-99999999")
        held.rename(other)
        (tmp_path / "identities-before").mkdir()
        import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
        assert other.exists()
        other.rename(held)


def test_hundreds_of_small_files_read_as_one_table(tmp_path):
    tables = base()
    write_extract(tmp_path / "whole", tables)
    write_extract(tmp_path / "parts", {name: rows for name, rows in tables.items() if name != "attendance"})
    for place, row in enumerate(tables["attendance"]):
        write_csv(
            tmp_path / f"parts/attendance/{place:03d}.csv",
            [row],
            header=list(row),
            newline="\r\n" if place % 2 else "\n",
        )
    stores = []
    for name in ("whole", "parts"):
        import_extract(tmp_path / name, tmp_path / f"{name}-store", tmp_path / "identities")
        stores.append(open_store(tmp_path / f"{name}-store").data_hash)
    assert stores[0] == stores[1]
