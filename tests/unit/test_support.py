"""What screenings led to, as spells; and what people said, laid beside the records for lists."""

import csv
from datetime import date, timedelta

import pandas as pd
import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.cohort import cohort
from features.records.identities import names_for
from features.records.importing import import_extract
from serving.errors import RecordsRefused
from serving.into_records import with_people
from serving.rights import service as requests
from serving.screening import service as reviews
from serving.screening import service as screenings
from serving.screening.record import ScreeningContent
from serving.screening.support import support_spells, support_table, write_support
from serving.security.rolls import load_roll
from tests import extracts, small
from tests.officers import AMY, BEN, CAT, MEETING, ROLL, SCHOOLS, STATUSES, WHOLE, asks, but, furnish
from tests.officers import AS_OF as LOADED

JUNE, SEPTEMBER, DECEMBER = MEETING, date(2025, 9, 30), date(2025, 12, 9)
UNTIL_REVIEW = date(2026, 3, 3)


@pytest.fixture
def who(database):
    return furnish(database)


def outcome(name: str | None, review_on=None) -> ScreeningContent:
    return but(WHOLE, outcome=name, review_on=review_on)


def of_review(name: str) -> ScreeningContent:
    return but(outcome(name), review_found="As told.", review_next="ends")


def course(database, person, pupil, *steps) -> None:
    """A screening: the first outcome, then reviews (with the day held) and edits (without one)."""
    with database.writing() as session:
        made = screenings.begin(session, person, pupil, JUNE, outcome(steps[0]), is_second=True)
    for version, step in enumerate(steps[1:], 1):
        with database.writing() as session:
            if isinstance(step, tuple):
                reviews.hold_review(session, person, made.screening, version, step[1], of_review(step[0]))
            else:
                screenings.record(session, person, made.screening, version, outcome(step))


@pytest.mark.parametrize(
    ("steps", "spells"),
    [
        (("targeted",), [("targeted", JUNE, None)]),
        (("no_action",), []),
        (("need_information",), []),
        (("refer",), [("other", JUNE, None)]),
        (("targeted", ("targeted", SEPTEMBER)), [("targeted", JUNE, None)]),
        (("targeted", ("no_action", SEPTEMBER)), [("targeted", JUNE, SEPTEMBER)]),
        (
            ("targeted", ("intensive", SEPTEMBER)),
            [("targeted", JUNE, SEPTEMBER), ("intensive", SEPTEMBER, None)],
        ),
        (
            ("universal_plus", ("no_action", SEPTEMBER), ("targeted", DECEMBER)),
            [("universal_plus", JUNE, SEPTEMBER), ("targeted", DECEMBER, None)],
        ),
        (("intensive", "targeted"), [("targeted", JUNE, None)]),  # an edit puts right what was written
        (("targeted", "no_action"), []),
        (("universal",), []),  # what every school gives every child is no help given after a screening
        (("targeted", ("universal", SEPTEMBER)), [("targeted", JUNE, SEPTEMBER)]),
        (("targeted", ("intensive", SEPTEMBER), "no_action"), [("targeted", JUNE, SEPTEMBER)]),
    ],
)
def test_spells_of_help(database, who, steps, spells):
    course(database, who["ash"], AMY, *steps)
    with database.reading() as session:
        found = [(each.kind, each.start_date, each.end_date) for each in support_spells(session)]
    assert found == spells


def test_a_screening_set_aside_gives_no_help(database, who):
    with database.writing() as session:
        made = screenings.begin(session, who["ash"], AMY, JUNE, outcome(None))
        screenings.set_aside(session, who["ash"], made.screening, 1, "Later.")
    with database.reading() as session:
        assert support_spells(session) == []


def test_the_support_table_is_one_that_import_takes(tmp_path, database, who):
    tables = extracts.base()
    import_extract(
        extracts.write_extract(tmp_path / "extract", tables), tmp_path / "store", tmp_path / "identities"
    )
    upns = names_for(tmp_path / "identities")["upn"]
    pupil, other = (int(upns.index[upns == extracts.upn(number)][0]) for number in (0, 1))
    with database.writing() as session:
        roll = ROLL.assign(pupil=[pupil, other, *ROLL["pupil"][2:]])
        load_roll(session, LOADED + timedelta(days=1), SCHOOLS, roll, STATUSES)
    course(database, who["ash"], pupil, "targeted", ("no_action", SEPTEMBER))
    course(database, who["ash"], other, "intensive")
    course(database, who["elm"], CAT, "intensive")  # somebody whom these identities do not know
    with database.reading() as session:
        table, unknown = support_table(session, tmp_path / "identities")
    assert unknown == 1
    out = tmp_path / "support.csv"
    write_support(out, table)
    with out.open() as file:
        rows = list(csv.DictReader(file))
    assert [(row["upn"], row["kind"], row["start_date"], row["end_date"]) for row in sorted(rows, key=lambda row: row["kind"])] == [
        (extracts.upn(1), "intensive", "2025-06-10", ""), (extracts.upn(0), "targeted", "2025-06-10", "2025-09-30"),
    ]  # fmt: skip
    # The next extract, taken after the screenings were recorded, carries them.
    later = tmp_path / "later"
    extracts.write_extract(later, {**tables, "support": rows})
    toml = later / "authority.toml"
    toml.write_text(toml.read_text().replace("2025-08-31", date.today().isoformat()))
    found = import_extract(later, tmp_path / "later_store", tmp_path / "identities")
    assert found.as_dict()["tables"]["support"]["kept"] == 2
    with pytest.raises(RecordsRefused):
        write_support(out, table)


AS_OF = date(2025, 7, 18)
ROLL_ROWS = [
    {"pupil": pupil, "urn": urn, "enrolment_status": "C", "entry_date": "2020-09-07", "birth_date": "2012-05-01", "sex": "F", "nc_year": "3"}
    for pupil, urn in ((AMY, 100002), (BEN, 100002), (CAT, 100002))
]  # fmt: skip


def states(records) -> pd.DataFrame:
    rows = cohort(records, AsOf(AS_OF, Calendar.of(records.authority)).alone).to_pandas().set_index("pupil")
    return rows[["not_assessed_reason", "is_supported"]]


def test_an_objection_pauses_scoring_until_it_is_declined(database, who):
    records = small.records(roll=ROLL_ROWS)
    assert states(with_people(records, database))["not_assessed_reason"].isna().all()
    with database.writing() as session:
        made = requests.ask(session, who["governance"], asks("object", AMY, "Her father objects."))
    found = states(with_people(records, database))
    assert found.loc[AMY, "not_assessed_reason"] == "objection"
    assert found["not_assessed_reason"].isna().sum() == 2
    with database.writing() as session:
        assert requests.objecting(session, [AMY, BEN]) == {AMY}
        requests.answer_request(session, who["governance"], made.request, 1, False, "Public task outweighs.")
        assert requests.objecting(session) == {AMY}  # to the end of the day
        assert requests.objecting(session, None, date.today() + timedelta(days=1)) == set()


def test_an_objection_that_is_granted_stays(database, who):
    with database.writing() as session:
        made = requests.ask(session, who["governance"], asks("object", AMY, "Her father objects."))
        requests.answer_request(session, who["governance"], made.request, 1, True, "Agreed.")
        assert requests.objecting(session, None, date.today() + timedelta(days=3650)) == {AMY}


def test_help_agreed_and_a_review_ahead_make_a_pupil_already_supported(database, who):
    course(database, who["ash"], AMY, "targeted")
    with database.writing() as session:
        screenings.begin(
            session, who["ash"], BEN, JUNE, outcome("need_information", AS_OF + timedelta(days=1))
        )
    with database.writing() as session:
        screenings.begin(
            session, who["elm"], CAT, JUNE, outcome("need_information", AS_OF - timedelta(days=1))
        )
    found = states(with_people(small.records(roll=ROLL_ROWS), database))
    assert found["is_supported"].to_dict() == {AMY: True, BEN: True, CAT: False}


def test_what_people_said_is_in_no_store(database, who, tmp_path):
    """Records read without the service's database are as they were."""
    records = small.records(roll=ROLL_ROWS)
    course(database, who["ash"], AMY, "targeted")
    with_people(records, database)
    assert states(records)["is_supported"].sum() == 0
