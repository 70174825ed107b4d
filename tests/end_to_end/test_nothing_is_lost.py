"""What was acknowledged is kept: through a kill, and with fifty officers at once; on both engines."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import select

from serving.database.connection import open_database
from serving.database.tables import ScreeningVersion
from serving.errors import Stale
from serving.screening import service as screenings
from serving.security import accounts
from serving.security.access import Role
from serving.security.access_log.chain import Entry
from serving.security.access_log.verify import verify
from serving.security.access_log.write import AccessLog
from serving.security.rolls import load_roll
from tests.officers import AS_OF, ASH, MEETING, ROLL, SCHOOLS, STATUSES, WHOLE, but

TOP = Path(__file__).parents[2]


def roll_of(database, pupils) -> None:
    with database.writing() as session:
        roll = ROLL.iloc[[0] * len(pupils)].assign(pupil=list(pupils))
        load_roll(session, AS_OF, SCHOOLS, roll, STATUSES)


@pytest.mark.parametrize("after", [3, 30])
def test_killed_while_recording_no_acknowledged_screening_is_lost(database, address, after):
    roll_of(database, range(1, 200))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.recorder", address, str(ASH)], cwd=TOP, stdout=subprocess.PIPE, text=True,
        env=os.environ | {"PYTHONPATH": str(TOP)},
    )  # fmt: skip
    acknowledged = [int(process.stdout.readline()) for _ in range(after)]
    process.send_signal(signal.SIGKILL)
    rest, _ = process.communicate(timeout=30)
    acknowledged += [int(line) for line in rest.split("\n")[:-1]]  # a last line cut short was not said
    again = open_database(address)
    with again.reading() as session:
        held = set(session.scalars(select(ScreeningVersion.screening)))
    again.close()
    assert set(acknowledged) <= held
    assert len(held) <= len(acknowledged) + 1


def test_fifty_officers_record_at_once_and_nothing_is_lost(database, tmp_path):
    """Each records two children; eight edit one shared screening until their edit is in; every answer is logged."""
    pupils = list(range(1, 101))
    roll_of(database, [*pupils, 999])
    log = AccessLog(database, tmp_path / "access_log.head")
    with database.writing() as session:
        officers = [
            accounts.add_user(session, f"officer {number}", Role.OFFICER, [ASH]) for number in range(50)
        ]
        shared = screenings.begin(session, officers[0], 999, MEETING, WHOLE).screening

    def work(number: int) -> list[int]:
        person, made = officers[number], []
        for pupil in pupils[number * 2 : number * 2 + 2]:
            with database.writing() as session:
                found = screenings.begin(
                    session, person, pupil, MEETING, but(WHOLE, view=f"{number} on {pupil}")
                )
            log.write(
                Entry(
                    person.name,
                    person.role,
                    "record_screening",
                    f"screening {found.screening}",
                    [pupil],
                    "recorded",
                )
            )
            made.append(found.screening)
        while number < 8:
            with database.reading() as session:
                now = screenings.read(session, person, shared).now
            try:
                with database.writing() as session:
                    screenings.record(
                        session,
                        person,
                        shared,
                        now.version,
                        but(now, words=now.words + f"[{number}]"),
                    )
                return made
            except Stale:
                continue
        return made

    with ThreadPoolExecutor(50) as pool:
        acknowledged = [number for made in pool.map(work, range(50)) for number in made]
    log.close()
    assert len(set(acknowledged)) == 100
    with database.reading() as session:
        held = {pupil: screenings.screenings_of(session, officers[0], pupil) for pupil in pupils}
        words = screenings.read(session, officers[0], shared).now.words
        every = screenings.versions(session, officers[0], shared)
    assert {found[0].screening for found in held.values()} == set(acknowledged)
    assert all(found[0].now.view == f"{(pupil - 1) // 2} on {pupil}" for pupil, found in held.items())
    assert [version.version for version in every] == list(range(1, 10))
    assert all(f"[{number}]" in words for number in range(8))
    found = verify(database, tmp_path / "access_log.head")
    assert (found.num_rows, found.broken_at) == (100, None)
