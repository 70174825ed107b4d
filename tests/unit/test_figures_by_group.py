"""Figures by a group of the audit: the front door reads groups, and counts leave only as they may."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from features.groups import NOT_KNOWN
from pathways.commands import app
from serving.commands.keeping import say_figures
from serving.database.connection import open_database
from serving.figures.service import figures
from serving.screening.record import Prompted
from serving.screening.service import begin
from tests.officers import AMY, AS_OF, CAT, MEETING, WHOLE, furnish
from tests.spec.test_groups import CENSUS, FRIDAY, ROLL, records
from training.audit.attributes import names_of_groups
from training.audit.errors import AuditRefused

GROUPS = {AMY: "Black African", CAT: "White British"}
SINCE, UNTIL = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture
def database(tmp_path):
    opened = open_database(f"sqlite:///{tmp_path / 'service.db'}")
    people = furnish(opened)
    with opened.writing() as session:
        for pupil, how_many in ((AMY, 40), (CAT, 4)):
            for _ in range(how_many):
                prompted = Prompted("listed", AS_OF, "release-1")
                begin(session, people["north"], pupil, MEETING, WHOLE, prompted, is_second=True)
    yield opened, people
    opened.close()


def test_a_pupils_group_is_told_in_words():
    held = records(roll=ROLL, census=CENSUS)
    ethnicity = names_of_groups(held, FRIDAY, "ethnicity")
    assert ethnicity[2].startswith("White") and "British" in ethnicity[2] and ethnicity[3] == NOT_KNOWN
    assert names_of_groups(held, FRIDAY, "sex")[1] == "Girls"
    with pytest.raises(AuditRefused, match="fsm_eligible"):
        names_of_groups(held, FRIDAY, "religion")


def test_a_small_group_is_suppressed_and_a_large_one_rounded(database):
    opened, people = database
    with opened.reading() as session:
        told = figures(session, people["reviewer"], SINCE, UNTIL, GROUPS)["groups"]
        by_phase = figures(session, people["reviewer"], SINCE, UNTIL)["groups"]
    assert list(told) == ["all", "Black African", "White British"] and list(by_phase) == [
        "all",
        "primary",
        "secondary",
    ]
    assert (
        told["White British"]["screened_listed"] is None
        and told["White British"]["share_new_to_meeting"] is None
    )
    assert (
        told["Black African"]["new_to_meeting"] % 5 == 0
        and 35 <= told["Black African"]["new_to_meeting"] <= 45
    )


def test_the_command_prints_groups_and_writes_to_the_log_first(database, tmp_path, capsys):
    (tmp_path / "service.toml").write_text('release = "a:b"\n')
    say_figures(tmp_path, GROUPS, "ethnicity", SINCE, UNTIL)
    printed = " ".join(capsys.readouterr().out.split())
    assert "Black" in printed and "African" in printed and "not shown" in printed and "2025-01-01" in printed
    assert (tmp_path / "access_log.head").exists()
    told = CliRunner().invoke(app, ["figures", "--help"])
    assert told.exit_code == 0 and "ethnicity" in told.output and json.dumps(str(AMY)) not in told.output
