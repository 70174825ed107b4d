"""A field, a kind of involvement and a rate are each added in one file, and are everywhere: docs/how-to/extend.md, tried out."""

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
KIND = """    InvolvementKind(
        "mentoring", "A mentor has met with the child since {}.", "Mentoring", is_protective=True,
        feature="A mentor is involved.", is_service=True,
    ),
"""
RATE = """    Rate(
        "true_negative_rate", "Had no place, of those without the outcome",
        ((NEGATIVES, 1), (NEEDLESS, -1)), ((NEGATIVES, 1),), BOTH, "negative", True,
        ("with neither the outcome nor a place", "with a place and without the outcome"),
        "Of those not followed by the outcome, the share without a place. 1: nobody was listed without need.", harm=-1, is_shown=True,
    ),
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


# Reads what import takes, and what a card, the model's rows and the reference say of the new kind.
LOOK_AT_KIND = """
import json
from datetime import date
import pandas as pd
from docs.generated import involvements
from features.as_of import AsOf
from features.calendar import Calendar
from features.facts import facts
from features.matrix import feature_matrix
from features.tables import TABLES
from serving.cards import gather
from tests import small

ROLL = "pupil | urn | enrolment_status | entry_date | leaving_date\\n1 | 100002 | C | 2022-09-05 |"
SPELL = "pupil | kind | start_date | end_date\\n1 | mentoring | 2024-10-07 | {}"
ON = date(2025, 3, 3)
no_status, moved = pd.DataFrame(columns=["pupil", "status", "since"]), pd.DataFrame(
    columns=["pupil", "family", "contribution", "is_sign_stable"])
found = {}
for name, end in (("open", ""), ("ended", "2025-01-31")):
    records = small.records(roll=ROLL, involvements=SPELL.format(end))
    told = facts(records, AsOf(ON, Calendar.of(records.authority)), [1])
    card = gather([1], told, no_status, moved, {}, ON).sections(1)
    found[name] = {section: [line.sentence for line in lines] for section, lines in card.items()}
    (row,) = [row for table in feature_matrix(records, [ON]) for row in table.to_pylist()]
    found[name + " feature"] = row["is_mentoring_open"]
(kind,) = [column for column in TABLES["involvements"].columns if column.name == "kind"]
print(json.dumps({**found, "import": list(kind.allowed), "reference": "\\n".join(involvements())}))
"""
# Audits a made-up list, and reads all that is written of it.
LOOK_AT_RATE = """
import json
from datetime import date
from pathlib import Path
import numpy as np
from pathways.models import write_audited
from tests.audits import simulated
from training.audit.from_file import audit_file

simulated(1).assign(estimate=np.linspace(0, 1, 9000)).to_csv("scores.csv", index=False)
facts = audit_file(Path("scores.csv"), "y", ["group"], listed="listed", cluster="school", audited_on=date(2026, 9, 1))
write_audited(Path("audited"), facts)
print(json.dumps({path.name: path.read_text() for path in Path("audited").iterdir()}))
"""


def extended(folder: Path, file: str, before: str, declaration: str, look: str) -> dict:
    """What is seen once a declaration is put into one file, before a line, and nothing else is changed."""
    room, path = file.split("/")[0], folder / file
    shutil.copytree(TOP / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    was = path.read_text(encoding="utf-8")
    now = re.sub(rf"^{re.escape(before)}", lambda at: declaration + at[0], was, count=1, flags=re.M)
    assert now != was
    path.write_text(now, encoding="utf-8")
    paths = os.pathsep.join((str(folder), str(TOP)))
    done = subprocess.run(
        [sys.executable, "-c", look], cwd=folder, env={**os.environ, "PYTHONPATH": paths},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def looked(tmp_path_factory) -> dict:
    """What the service shows once `attendees` is declared."""
    folder = tmp_path_factory.mktemp("extended")
    return extended(folder, "serving/screening/record.py", "    view: Annotated[", FIELD, LOOK)


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


@pytest.fixture(scope="module")
def kind(tmp_path_factory) -> dict:
    """What is said of a child with a spell of a kind that is declared in features/involvements.py alone."""
    folder = tmp_path_factory.mktemp("kind")
    return extended(folder, "features/involvements.py", ")  # fmt: skip\nBY_CODE = {", KIND, LOOK_AT_KIND)


def test_a_new_kind_of_involvement_is_taken_by_import_and_is_in_the_reference(kind):
    assert "mentoring" in kind["import"]
    assert re.search(r"mentoring.*A mentor has met with the child since", kind["reference"])


def test_a_new_kind_of_involvement_is_on_the_card_open_and_ended(kind):
    (section,) = [name for name, lines in kind["open"].items() if any("mentor" in line for line in lines)]
    assert kind["open"][section] == ["A mentor has met with the child since 7 October 2024."]
    assert "Mentoring ended on 31 January 2025. It began on 7 October 2024." in sum(
        kind["ended"].values(), []
    )


def test_a_new_kind_of_involvement_is_a_feature(kind):
    assert (kind["open feature"], kind["ended feature"]) == (1.0, 0.0)


@pytest.fixture(scope="module")
def rate(tmp_path_factory) -> dict[str, str]:
    """The files of an audit once a rate is declared in models/audit_rates.py, and nothing else is changed."""
    folder = tmp_path_factory.mktemp("rate")
    return extended(folder, "models/audit_rates.py", ")  # fmt: skip\nHARM = {", RATE, LOOK_AT_RATE)


def test_a_new_rate_is_in_the_facts_with_ranges_and_its_gaps_are_tested(rate):
    facts = json.loads(rate["audit.json"])
    for row in facts["groups"]:
        told = row["metrics"]["true_negative_rate"]
        assert told["status"] == "estimated" and told["low"] < told["estimate"] < told["high"]
        assert told["estimate"] == pytest.approx(
            1 - row["metrics"]["false_positive_rate"]["estimate"], abs=2e-6
        )
        assert "is_gap" in row["gaps"]["true_negative_rate"]
    assert facts["rates"]["true_negative_rate"].startswith("Of those not followed by the outcome")


def test_a_new_rate_is_in_every_table_and_in_what_may_leave(rate):
    title = "Had no place, of those without the outcome"
    for page in ("audit.html", "audit_published.html"):
        assert re.search(rf"<th[^>]*>{title}", rate[page]), page
        assert "Of those not followed by the outcome, the share without a place." in rate[page], page
    assert "true_negative_rate" in rate["groups.csv"]
    for row in json.loads(rate["audit_published.json"])["groups"]:
        assert row["metrics"]["true_negative_rate"]["status"] == "estimated"
