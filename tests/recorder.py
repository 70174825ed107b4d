"""An officer's program that records screenings one after another and says so after each: to be killed meanwhile."""

import sys
from datetime import date

from serving.database.connection import open_database
from serving.screening import service as screenings
from serving.screening.record import ScreeningContent
from serving.security.access import Person, Role

SAID = ScreeningContent(
    considered=("family",), considered_words="What her mother said.", view="She is settling in.", was_known=True,
    outcome="targeted", needs=("attendance",),
)  # fmt: skip


def main(address: str, urn: int) -> None:
    database = open_database(address)
    person = Person(0, "killed", Role.OFFICER, frozenset({urn}))
    while True:
        for pupil in range(1, 200):
            with database.writing() as session:
                made = screenings.begin(session, person, pupil, date(2025, 6, 10), SAID)
            print(made.screening, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
