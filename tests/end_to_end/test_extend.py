"""A field is added to a screening in one file, and is everywhere: the walk-through of docs/how-to/extend.md, tried out."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
FIELD = """    attendees: Annotated[
        Text, Question("Who was there", "Their part, not their name, is enough.", part=VIEW, rows=2)
    ] = ""
"""
# Asks the changed service what a newcomer would look at, and prints it.
LOOK = """
import json
from tests.served import served
from serving.rights.page import rights_page

service = served()
pupil = service.pupils(service.school, "listed")[0]
said = {"pupil": pupil, "meeting_on": "2025-06-10", "attendees": "Her mother; the head of year."}
made = service.ask("POST", "/v1/screenings", "officer", said).json()
path = f"/screenings/{made['screening']}"
page = service.ask("GET", path, "officer").text
typed = {"version": "1", "attendees": "Typed into the form."}
sent = service.ask("POST", path, "officer", data=typed)
export = service.ask("POST", "/v1/rights/export", "information_governance", {"pupil": pupil}).json()
print(json.dumps({
    "answer": made["now"].get("attendees"), "page": page, "sent": sent.status_code,
    "now": service.ask("GET", "/v1" + path, "officer").json()["now"]["attendees"],
    "document": service.ask("GET", "/v1/openapi.json", "officer").json()["components"]["schemas"],
    "export": export["service"]["screening_versions"], "copy": rights_page(export, True),
}))
"""


@pytest.fixture(scope="module")
def looked(tmp_path_factory) -> dict:
    """What the service shows once `attendees` is declared in serving/screening/record.py, and nothing else is changed."""
    folder = tmp_path_factory.mktemp("extended")
    shutil.copytree(TOP / "serving", folder / "serving", ignore=shutil.ignore_patterns("__pycache__"))
    record = folder / "serving" / "screening" / "record.py"
    before = record.read_text(encoding="utf-8")
    after = re.sub(r"^    view: Annotated\[", FIELD + "    view: Annotated[", before, count=1, flags=re.M)
    assert after != before
    record.write_text(after, encoding="utf-8")
    paths = os.pathsep.join((str(folder), str(TOP)))
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=folder, env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def test_it_is_in_the_form_and_on_the_page(looked):
    assert re.search(r'<label for="attendees">Who was there</label>', looked["page"])
    assert re.search(r'<textarea id="attendees"[^>]*maxlength="4000"', looked["page"])
    assert "<dt>Who was there</dt>" in looked["page"] and "Her mother; the head of year." in looked["page"]
    assert (looked["sent"], looked["now"]) == (303, "Typed into the form.")


def test_it_is_in_the_answer_and_the_document(looked):
    assert looked["answer"] == "Her mother; the head of year."
    for name in ("ScreeningBegun", "ScreeningEdit", "ReviewHeld", "ScreeningVersionRecord"):
        told = looked["document"][name]["properties"]["attendees"]
        assert (told["title"], told["maxLength"]) == ("Who was there", 4_000)
    for name in ("ScreeningForm", "ReviewForm"):
        assert "attendees" in looked["document"][name]["properties"]


def test_it_is_in_the_export_and_in_the_familys_copy(looked):
    assert [row["attendees"] for row in looked["export"]] == [
        "Her mother; the head of year.",
        "Typed into the form.",
    ]
    assert "Who was there" in looked["copy"] and "Typed into the form." in looked["copy"]
