"""Dated facts: a small table in, sentences out."""

import re
from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd
import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.codes import code_set
from features.facts import COLUMNS, facts
from features.involvements import KINDS
from features.telling import context, suspensions, words
from tests.small import AUTHORITY, records, rows

FRIDAY = date(2025, 2, 14)  # the last school day of a half-term
BANNED = re.compile(
    r"\b(accuracy|guilty|offender|high-risk child|because|caused|due to|would reduce)\b", re.IGNORECASE
)


def marks(pupil: int, urn: int, first: str, last: str, am: str = "/", pm: str = "\\") -> list[dict[str, str]]:
    """The same two marks on every weekday of a span."""
    start = date.fromisoformat(first)
    span = [start + timedelta(days=gap) for gap in range((date.fromisoformat(last) - start).days + 1)]
    return [
        {"pupil": str(pupil), "urn": str(urn), "date": day.isoformat(), "am": am, "pm": pm}
        for day in span
        if day.weekday() < 5
    ]


ATTENDANCE = [
    # 1: ten days of illness in this half-term, none missed before
    *marks(1, 100002, "2024-09-02", "2024-10-25"), *marks(1, 100002, "2024-11-04", "2024-12-20"),
    *marks(1, 100002, "2025-01-06", "2025-01-17", "I", "I"), *marks(1, 100002, "2025-01-20", "2025-02-13"),
    # 2: came always; the newest week is not yet settled
    *marks(2, 100002, "2024-09-02", "2024-10-25"), *marks(2, 100002, "2025-01-06", "2025-02-06"),
    *marks(2, 100002, "2025-02-10", "2025-02-13", "N", "N"),
    # 3: at a school whose registers stopped; two kinds of missed session
    *marks(3, 100001, "2024-11-04", "2024-12-13"), *marks(3, 100001, "2024-12-16", "2024-12-20", "E", "E"),
    *marks(3, 100001, "2025-01-06", "2025-01-17", "G", "\\"),
    # 5: better than the half-term before
    *marks(5, 100002, "2024-11-04", "2024-11-15", "O", "O"), *marks(5, 100002, "2024-11-18", "2024-12-20"),
    *marks(5, 100002, "2025-01-06", "2025-01-06", "M", "I"), *marks(5, 100002, "2025-01-07", "2025-02-13"),
    # 6: too few marks to tell
    *marks(6, 100002, "2025-02-10", "2025-02-13", "I", "\\"),
    *marks(8, 100005, "2023-09-04", "2023-12-22", "O", "\\"), *marks(8, 100005, "2025-01-06", "2025-02-13"),
    *marks(8, 100005, "2024-11-04", "2024-11-08", "M", "\\"),
    # 7: a part-time timetable and marks from a feed that ended for this child alone
    *marks(7, 100002, "2024-09-02", "2024-09-27", "/", "C2"), *marks(7, 100002, "2024-09-30", "2024-10-25"),
    *marks(7, 100002, "2024-11-04", "2024-12-20"), *marks(7, 100002, "2025-01-06", "2025-01-10"),
]  # fmt: skip
TABLES: Mapping[str, str | list[dict[str, str]]] = {
    "roll": """
pupil | urn    | enrolment_status | entry_date | leaving_date | leaving_reason       | nc_year | birth_date | end_known_on
1     | 100002 | C                | 2020-09-07 |              |                      | 7       | 2009-01-01 |
2     | 100002 | C                | 2020-09-07 |              |                      | 7       | 2009-01-01 |
3     | 100001 | C                | 2022-09-05 |              |                      | R       | 2018-01-01 |
4     | 100002 | C                | 2020-09-07 |              |                      | 7       | 2009-01-01 |
5     | 100002 | C                | 2020-09-07 |              |                      | 7       | 2009-01-01 |
6     | 100002 | C                | 2025-02-03 |              |                      | 9       |            |
7     | 100002 | M                | 2020-09-07 |              |                      | 7       | 2009-01-01 |
7     | 100003 | S                | 2025-01-13 |              |                      | 11      | 2009-01-01 |
8     | 100004 | C                | 2020-09-07 | 2023-08-31   | moved                | R       | 2016-01-01 |
8     | 100005 | C                | 2023-09-01 |              |                      | 3       | 2016-01-01 |
9     | 100001 | C                | 2020-09-07 | 2024-10-04   | ehe                  | 3       | 2012-01-01 |
9     | 100002 | C                | 2025-01-20 | 2025-02-10   | permanently_excluded | 8       | 2012-01-01 | 2025-02-20
10    | 100001 | C                | 2020-09-07 | 2024-11-15   | custody              | 3       | 2012-01-01 |
10    | 100002 | C                | 2024-11-18 |              |                      | 8       | 2012-01-01 |
""",
    "census": """
pupil | census_date | urn    | birth_date | sen_provision | sen_need_1 | sen_need_2 | nc_year | known_on
1     | 2024-10-03  | 100002 | 2009-01-01 | N             |            |            | 11      |
1     | 2025-01-16  | 100002 | 2009-01-01 | K             | SEMH       | ASD        | 11      |
2     | 2023-05-18  | 100002 | 2009-01-01 | N             |            |            | 9       |
3     | 2025-01-16  | 100001 | 2018-01-01 | E             | SLCN       |            | 2       |
4     | 2024-10-03  | 100002 | 2009-01-01 | K             | SEMH       |            | 11      |
4     | 2025-01-16  | 100002 | 2009-01-01 | E             | SEMH       |            | 11      | 2025-02-14
""",
    "suspensions": """
pupil | urn    | category | start_date | sessions | reason_1 | reason_2 | outcome    | outcome_on | known_on
1     | 100002 | SUSP     | 2024-09-10 | 1        | DB       |          |            |            |
1     | 100002 | SUSP     | 2024-11-12 | 2        | ZZ       |          |            |            |
1     | 100002 | SUSP     | 2025-01-20 | 9        | PP       | DS       |            |            | 2025-01-22
1     | 100002 | SUSP     | 2025-01-20 | 5        | PP       | DS       |            |            | 2025-01-27
1     | 100002 | SUSP     | 2025-02-04 | 7        | DB       |          | reinstated | 2025-02-13 |
1     | 100002 | SUSP     | 2025-02-06 | 4        | BU       |          | cancelled  | 2025-02-13 |
1     | 100002 | LNCH     | 2025-01-31 |          | DB       |          |            |            |
2     | 100002 | SUSP     | 2024-09-03 | 20       | DM       |          |            |            |
5     | 100002 | LNCH     | 2024-09-10 |          | DB       |          |            |            |
3     | 100001 | PERM     | 2025-01-20 |          | VA       |          | upheld     | 2025-02-14 |
7     | 100002 | SUSP     | 2025-02-03 |          |          |          |            |            |
9     | 100001 | PERM     | 2024-02-05 |          | PA       |          | withdrawn  | 2024-03-01 |
4     | 100002 | SUSP     | 2020-09-08 | 1        | DB       |          |            |            |
""",
    "involvements": """
pupil | kind           | start_date | end_date   | end_known_on
1     | early_help     | 2024-10-01 |            |
1     | cin            | 2023-10-01 | 2024-11-01 |
1     | ehc_assessment | 2025-01-08 |            |
2     | mhst           | 2024-10-01 | 2025-02-01 | 2025-02-14
3     | ehcp           | 2023-03-01 | 2025-01-31 |
4     | youth_justice  | 2024-12-02 |            |
4     | custody        | 2025-01-02 |            |
5     | ehcp           | 2023-03-01 |            |
""",
    "support": """
pupil | kind     | start_date | end_date
1     | targeted | 2025-01-10 |
2     | other    | 2024-11-04 | 2024-12-20
""",
}
LATER: Mapping[str, list[dict[str, str]]] = {
    "roll": [
        {
            "pupil": "1",
            "urn": "100003",
            "enrolment_status": "C",
            "entry_date": "2025-02-10",
            "known_on": "2025-02-14",
            "nc_year": "3",
        },
        {"pupil": "1", "urn": "100003", "enrolment_status": "S", "entry_date": "2025-02-14"},
    ],
    "census": [
        {
            "pupil": "2",
            "census_date": "2025-01-16",
            "urn": "100002",
            "sen_provision": "E",
            "nc_year": "5",
            "known_on": "2025-02-14",
        }
    ],
    "attendance": [
        {**row, "known_on": "2025-02-14"} for row in marks(4, 100002, "2024-09-02", "2025-02-13", "G", "G")
    ],
    "suspensions": [
        {
            "pupil": "1",
            "urn": "100002",
            "category": "SUSP",
            "start_date": "2025-01-20",
            "sessions": "40",
            "known_on": "2025-02-14",
        },
        {"pupil": "2", "urn": "100002", "category": "PERM", "start_date": "2025-02-14"},
    ],
    "involvements": [{"pupil": "1", "kind": "cpp", "start_date": "2025-01-02", "known_on": "2025-02-14"}],
    "support": [{"pupil": "4", "kind": "intensive", "start_date": "2025-02-14"}],
}


def told(
    pupils: list[int],
    toml: str = AUTHORITY,
    as_of: date = FRIDAY,
    more: Mapping[str, list[dict[str, str]]] | None = None,
) -> pd.DataFrame:
    tables = {name: rows(text) for name, text in TABLES.items() if isinstance(text, str)} | {
        "attendance": ATTENDANCE
    }
    for name, cells in (more or {}).items():
        tables[name] = [*tables[name], *cells]
    found = records(toml=toml, **tables)
    return facts(found, AsOf(as_of, Calendar.of(found.authority)), pupils)


@pytest.fixture(scope="module")
def everyone() -> pd.DataFrame:
    return told(list(range(1, 11)))


def said(frame: pd.DataFrame, pupil: int, family: str) -> list[tuple[str, str | None, str]]:
    mine = frame[(frame.pupil == pupil) & (frame.family == family)]
    return [(row.kind, row.dated_on and row.dated_on.isoformat(), row.sentence) for row in mine.itertuples()]


SPECS = {
    "the school year before": (8, "attendance", [
        ("fact", "2025-02-13", "Missed 7 % of sessions since 2 September 2024 (5 of 68). In the school year before: 50 %."),
        ("protective", "2025-02-13", "Came to every session since 6 January 2025."),
    ]),
    "what was missed, of what kind, how it moved, the longest time away": (1, "attendance", [
        ("fact", "2025-02-13", "Missed 10 % of sessions since 2 September 2024 (20 of 208)."),
        ("fact", "2025-02-13", "All 20 sessions missed since 2 September 2024 were for illness."),
        ("change", "2025-02-13", "Missed 34 % of sessions since 6 January 2025, 0 % in the half-term before."),
        ("fact", "2025-01-17", "Away for 10 whole school days in a row, from 6 January 2025 to 17 January 2025."),
    ]),
    "full attendance goes well, and N marks of the newest week are not absence": (2, "attendance", [
        ("protective", "2025-02-13", "Came to every session since 2 September 2024."),
    ]),
    "half days, suspended days apart from other absence, and a school whose registers stopped": (3, "attendance", [
        ("fact", "2025-01-17", "Missed 22 % of sessions since 2 September 2024 (20 of 90)."),
        ("fact", "2025-01-17", "Of the 20 sessions missed since 2 September 2024, 10 were for suspension and 10 with no agreed reason."),
        ("change", "2025-01-17", "Missed 50 % of sessions since 6 January 2025, 14 % in the half-term before."),
        ("fact", "2024-12-20", "Away for 5 whole school days in a row, from 16 December 2024 to 20 December 2024."),
        ("stale", "2025-01-17", "The newest register from this school is of 17 January 2025, 20 school days before this list."),
    ]),
    "no register is not full attendance": (4, "attendance", [
        ("missing", None, "No register for this child since 2 September 2024 is known. That does not mean full attendance."),
    ]),
    "attendance that went up is told as going well": (5, "attendance", [
        ("fact", "2025-02-13", "Missed 17 % of sessions since 2 September 2024 (22 of 128)."),
        ("fact", "2025-02-13", "Of the 22 sessions missed since 2 September 2024, 1 was for illness, 20 with no agreed reason and 1 for other agreed reasons."),
        ("protective", "2025-02-13", "Has missed no session since 6 January 2025: 28 school days."),
        ("protective", "2025-02-13", "Attendance went up: missed 3 % of sessions since 6 January 2025, 29 % in the half-term before."),
        ("fact", "2024-11-15", "Away for 10 whole school days in a row, from 4 November 2024 to 15 November 2024."),
    ]),
    "too few marks to tell": (6, "attendance", [
        ("missing", None, "Too few sessions since 2 September 2024 are known to tell how attendance goes: 8."),
    ]),
    "part-time sessions are not blamed, and marks that end for one child alone": (7, "attendance", [
        ("fact", "2025-01-10", "Missed 13 % of sessions since 2 September 2024 (20 of 160)."),
        ("fact", "2025-01-10", "All 20 sessions missed since 2 September 2024 were on a part-time timetable."),
        ("protective", "2024-12-20", "Came to every session in the half-term that began on 4 November 2024. Missed 25 % in the half-term before."),
        ("stale", "2025-01-10", "This child’s newest mark is of 10 January 2025. The school’s registers go on to 13 February 2025."),
    ]),
    "a line a term, and each in its latest version; cancelled ones are absent; unknown codes are left out": (1, "suspensions", [
        ("missing", None, "The suspensions on record since 2 September 2024 come to 15 sessions, and the registers mark 0 as suspended. A register may have another code for those days. Ask the school."),
        ("fact", "2025-02-04", "Suspended 4 times in the last two school years, 7.5 days in all."),
        ("fact", "2024-11-12", "In the autumn term of 2024/25: twice, 1.5 days in all."),
        ("fact", "2025-02-04", "In the spring term of 2024/25: twice, 6 days in all."),
        ("each", "2024-09-10", "Suspended for half a day on 10 September 2024. The school’s reason: persistent or general disruptive behaviour."),
        ("each", "2024-11-12", "Suspended for 1 day on 12 November 2024."),
        ("each", "2025-01-20", "Suspended for 2.5 days from 20 January 2025. The school’s reason: physical assault against a pupil; abuse relating to disability."),
        ("each", "2025-02-04", "Suspended for 3.5 days from 4 February 2025. The school’s reason: persistent or general disruptive behaviour. Governors brought the child back."),
        ("fact", "2025-01-31", "Suspended at lunchtime once, on 31 January 2025."),
        ("fact", "2025-02-04", "Suspended for 6.5 days so far this term. At more than 15 days governors must meet."),
        ("change", "2025-02-04", "Suspended 3 times in the last 60 school days, once in the 60 before."),
    ]),
    "a long quiet time goes well": (2, "suspensions", [
        ("fact", "2024-09-03", "Suspended for 10 days from 3 September 2024. The school’s reason: damage to property."),
        ("protective", "2024-09-03", "No suspension or exclusion for 103 school days, since 3 September 2024."),
    ]),
    "a quiet time since a lunchtime suspension is told as that": (5, "suspensions", [
        ("fact", "2024-09-10", "Suspended at lunchtime once, on 10 September 2024."),
        ("protective", "2024-09-10", "No suspension or exclusion for 98 school days, since a lunchtime suspension on 10 September 2024."),
    ]),
    "a permanent exclusion whose outcome is not known until the day itself": (3, "suspensions", [
        ("fact", "2025-01-20", "Permanently excluded on 20 January 2025. The school’s reason: verbal abuse or threatening behaviour against an adult. What was decided in the end is not known yet."),
    ]),
    "nothing in two years, though something before": (4, "suspensions", [
        ("protective", None, "No suspension or exclusion is known in the last two school years."),
    ]),
    "a blank length": (7, "suspensions", [
        ("fact", "2025-02-03", "Suspended from 3 February 2025. How long is not recorded."),
        ("change", "2025-02-03", "The suspension of 3 February 2025 is the first in two school years."),
    ]),
    "who joined lately has no quiet time yet": (6, "suspensions", []),
    "withdrawn, at another school": (9, "suspensions", [
        ("fact", "2024-02-05", "Permanently excluded on 5 February 2024, at another school. The school’s reason: physical assault against an adult. The school later withdrew it."),
        ("protective", "2024-02-05", "No suspension or exclusion for 204 school days, since 5 February 2024."),
    ]),
    "provision, needs, and a step up": (1, "sen", [
        ("fact", "2025-01-08", "An EHC needs assessment has been under way since 8 January 2025."),
        ("fact", "2025-01-16", "At the census of 16 January 2025: SEN support. Recorded need: social, emotional and mental health; autism."),
        ("change", "2025-01-16", "SEN provision was stepped up from no SEN provision (3 October 2024) to SEN support (16 January 2025)."),
    ]),
    "an old census is stale": (2, "sen", [
        ("fact", "2023-05-18", "No special educational need was recorded at the census of 18 May 2023."),
        ("stale", "2023-05-18", "The newest census with this child is of 18 May 2023. Needs may have changed."),
    ]),
    "a plan that ended": (3, "sen", [
        ("change", "2025-01-31", "The EHC plan that began on 1 March 2023 ended on 31 January 2025. No plan is open now."),
        ("fact", "2025-01-16", "At the census of 16 January 2025: an education, health and care (EHC) plan. Recorded need: speech, language and communication needs. The council has no open plan on record."),
    ]),
    "a census known on the day itself is not known": (4, "sen", [
        ("fact", "2024-10-03", "At the census of 3 October 2024: SEN support. Recorded need: social, emotional and mental health."),
    ]),
    "no census": (5, "sen", [
        ("fact", "2023-03-01", "Has an EHC plan, since 1 March 2023."),
        ("missing", None, "No school census with this child is known, so needs may be missing."),
    ]),
    "services that help go well; one that ended is a change": (1, "context", [
        ("change", "2024-11-01", "Social work support (child in need) ended on 1 November 2024. It began on 1 October 2023."),
        ("protective", "2024-10-01", "Early Help has worked with the family since 1 October 2024."),
        ("protective", "2025-01-10", "Targeted support has been in place since 10 January 2025."),
    ]),
    "an end not yet known reads as open": (2, "context", [
        ("protective", "2024-10-01", "The mental health support team has been involved since 1 October 2024."),
        ("change", "2024-12-20", "Support ended on 20 December 2024. It began on 4 November 2024."),
    ]),
    "sensitive services only where the lawful basis is named": (4, "context", [
        ("fact", "2024-12-02", "The youth justice service has been involved since 2 December 2024."),
    ]),
    "newly here": (6, "context", [
        ("change", "2025-02-03", "Joined this school on 3 February 2025, after the school year had begun."),
        ("missing", None, "No birth date is known."),
        ("missing", "2025-02-03", "First on a school roll here on 3 February 2025. What came before is not in these records."),
    ]),
    "two rolls": (7, "context", [
        ("fact", "2025-01-13", "On the roll of two schools since 13 January 2025."),
    ]),
    "a school that became an academy is no move": (8, "context", []),
    "weeks on no roll, and a leaving that is not known yet": (9, "context", [
        ("change", "2025-01-20", "Joined this school on 20 January 2025, after the school year had begun."),
        ("fact", "2024-10-04", "Left a school on 4 October 2024 to be taught at home."),
        ("fact", "2025-01-20", "On no school roll here from 4 October 2024 to 20 January 2025: 61 school days."),
    ]),
    "custody is not told as the reason of a move without a lawful basis": (10, "context", [
        ("change", "2024-11-18", "Joined this school on 18 November 2024, after the school year had begun."),
    ]),
}  # fmt: skip


UNTOLD = (
    "The registers mark {} sessions since 2 September 2024 as suspended, and the suspensions on record come to {}. "
    "The school may have marked suspensions that it has not told the council of. Ask it."
)
DOES_NOT_TELL = (
    "The registers mark {} sessions since 2 September 2024 as suspended, and the suspensions on record come to 0. This school marks "
    "suspensions this year that it does not tell the council of, so the two differ; 1 other school does too. Ask it."
)
OTHERWISE = (
    "The suspensions on record since 2 September 2024 come to {} sessions, and the registers mark {} as suspended. "
    "A register may have another code for those days. Ask the school."
)
E_MARKS = marks(5, 100002, "2024-09-02", "2024-09-06", "E", "E")
NO_MARKS_OF_E = marks(5, 100002, "2024-09-02", "2024-09-27")


def suspension(start: str, sessions: str, **more: str) -> dict[str, str]:
    told = {"pupil": "5", "urn": "100002", "category": "SUSP", "start_date": start, **more}
    return told | ({"sessions": sessions} if sessions else {})


CONTRADICTIONS = {
    "ten sessions apart is no matter": (E_MARKS, [], None),
    "one more is": ([*E_MARKS, *marks(5, 100002, "2024-09-09", "2024-09-09", "E")], [], UNTOLD.format(11, 0)),
    "what was told counts": ([*E_MARKS, *marks(5, 100002, "2024-09-09", "2024-09-09", "E")], [suspension("2024-09-02", "1")], None),
    "a length that is not recorded": ([*E_MARKS, *marks(5, 100002, "2024-09-09", "2024-09-09", "E")], [suspension("2024-09-02", "")], None),
    "a permanent exclusion has marks of its own": (
        [*E_MARKS, *marks(5, 100002, "2024-09-09", "2024-09-09", "E")], [suspension("2024-09-02", "", category="PERM")], None),
    "a school that marks without telling, beside the others that do": (
        [*E_MARKS, *marks(5, 100002, "2024-09-16", "2024-09-19", "E", "E")], [], DOES_NOT_TELL.format(18)),
    "from the sixth day the child is taught elsewhere": (NO_MARKS_OF_E, [suspension("2024-09-02", "30")], None),
    "no mark of eleven sessions": (NO_MARKS_OF_E, [suspension("2024-09-02", "10"), suspension("2024-09-16", "1")], OTHERWISE.format(11, 0)),
    "at another school": (NO_MARKS_OF_E, [suspension("2024-09-02", "10", urn="100001"), suspension("2024-09-16", "1")], None),
    "before there are registers": ([], [suspension("2024-09-02", "10"), suspension("2024-09-16", "1")], None),
    "still going on": (NO_MARKS_OF_E, [suspension("2024-09-02", "10"), suspension("2025-02-13", "3")], None),
}  # fmt: skip


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_registers_and_suspensions_that_differ_are_explained(kind: str) -> None:
    attendance, suspensions, expected = CONTRADICTIONS[kind]
    frame = told([5], more={"attendance": attendance, "suspensions": suspensions})
    found = [sentence for kind, _, sentence in said(frame, 5, "suspensions") if kind == "missing"]
    assert found == ([expected] if expected else [])


@pytest.mark.parametrize(("newest", "is_told"), [("\\", False), ("E", True)])
def test_marks_so_new_that_their_suspension_may_not_be_known_yet_are_no_contradiction(
    newest: str, is_told: bool
) -> None:
    """Two school days lie in the lag of three days: four sessions more than the ten are no matter, and a fifth is."""
    new = [
        *marks(5, 100002, "2025-02-24", "2025-02-24", "E", "E"),
        *marks(5, 100002, "2025-02-25", "2025-02-25", "E", newest),
    ]
    attendance = [*E_MARKS, *marks(5, 100002, "2024-09-09", "2024-09-09", "E"), *new]
    frame = told([5], as_of=date(2025, 2, 26), more={"attendance": attendance})
    assert any("may have marked" in sentence for _, _, sentence in said(frame, 5, "suspensions")) == is_told


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (["10", "4"], "Suspended twice in the last two school years, 7 days in all, all in the autumn term of 2024/25."),
        (["10", ""], "Suspended twice in the last two school years, 5 days in all without 1 of unrecorded length, all in the autumn term of 2024/25."),
        (["", ""], "Suspended twice in the last two school years, how long is not recorded, all in the autumn term of 2024/25."),
    ],
)  # fmt: skip
def test_suspensions_of_one_term_are_one_line(more: list[str], expected: str) -> None:
    events = [
        suspension(start, sessions)
        for start, sessions in zip(("2024-09-10", "2024-10-28"), more, strict=True)
    ]
    frame = told([5], more={"suspensions": events})
    lines = [sentence for kind, _, sentence in said(frame, 5, "suspensions") if kind == "fact"]
    assert lines == [expected, "Suspended at lunchtime once, on 10 September 2024."]
    assert [kind for kind, _, _ in said(frame, 5, "suspensions")].count("each") == 2


@pytest.mark.parametrize("words_of", SPECS)
def test_facts(everyone: pd.DataFrame, words_of: str) -> None:
    pupil, family, expected = SPECS[words_of]
    assert said(everyone, pupil, family) == expected


def test_nothing_known_later_is_told(everyone: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(told(list(range(1, 11)), more=LATER), everyone)


def test_who_else_is_asked_for_changes_nothing(everyone: pd.DataFrame) -> None:
    alone = told([3, 999])
    pd.testing.assert_frame_equal(alone, everyone[everyone.pupil == 3].reset_index(drop=True))


def test_no_lawful_basis_no_sensitive_service() -> None:
    frame = told([4], toml=AUTHORITY.replace('youth_justice = "a made-up condition"', ""))
    assert said(frame, 4, "context") == []


def test_custody_is_told_where_it_has_a_lawful_basis() -> None:
    frame = told(
        [4, 10], toml=AUTHORITY.replace("[lawful_basis]", '[lawful_basis]\ncustody = "a made-up condition"')
    )
    assert "Has been in custody since 2 January 2025." in set(frame.sentence)
    assert "Left a school on 15 November 2024 for custody." in set(frame.sentence)


def test_the_first_days_of_a_year_speak_of_the_year_before_and_await_no_register() -> None:
    frame = told(
        [2, 4],
        as_of=date(2024, 9, 3),
        more={"attendance": marks(2, 100002, "2023-09-04", "2023-12-22", "I", "\\")},
    )
    assert tuple(frame.columns) == COLUMNS
    assert said(frame, 2, "attendance") == [
        ("fact", "2024-09-02", "Missed 50 % of sessions in the last school year.")
    ]
    assert said(frame, 4, "attendance") == []


def test_the_year_before_is_told_whole_though_its_first_days_lie_beyond_every_look_back() -> None:
    frame = told(
        [2],
        as_of=date(2025, 7, 18),  # 388 school days after the first of 2023/24
        more={
            "attendance": [
                *marks(2, 100002, "2023-09-04", "2023-09-13", "O", "O"),
                *marks(2, 100002, "2023-09-14", "2023-10-27"),
                *marks(2, 100002, "2023-11-06", "2023-11-17"),
                *marks(2, 100002, "2025-06-02", "2025-06-06", "I", "I"),
                *marks(2, 100002, "2025-06-09", "2025-07-10"),
            ]  # fmt: skip
        },
    )
    assert [sentence for _, _, sentence in said(frame, 2, "attendance") if "year before" in sentence] == [
        "Missed 9 % of sessions since 2 September 2024 (18 of 194). In the school year before: 16 %."
    ]


def test_no_pupil_is_no_fact() -> None:
    assert told([999]).empty


def test_sentences_are_plain(everyone: pd.DataFrame) -> None:
    reasons = [words.reasons([code])[0] for code in code_set("exclusion_reason").code]
    needs = [words.need(code) for code in code_set("sen_need").code]
    sentences = [
        *everyone.sentence, *reasons, *needs, *suspensions.STATES.values(), *context.LEFT.values(),
        *(text for kind in KINDS for text in (kind.is_open, kind.ended) if text),
    ]  # fmt: skip
    assert [text for text in sentences if BANNED.search(text)] == []
    long = [part for text in everyone.sentence for part in text.split(". ") if len(part.split()) > 24]
    assert long == []


@pytest.mark.parametrize(
    ("part", "of", "text"),
    [
        (0, 10, "0 %"),
        (1, 400, "under 1 %"),
        (1, 200, "1 %"),
        (25, 1000, "3 %"),
        (399, 400, "over 99 %"),
        (400, 400, "100 %"),
    ],
)
def test_percent(part: int, of: int, text: str) -> None:
    assert words.percent(part, of) == text


@pytest.mark.parametrize(
    ("sessions", "text"), [(1, "half a day"), (2, "1 day"), (3, "1.5 days"), (20, "10 days")]
)
def test_days_of(sessions: int, text: str) -> None:
    assert words.days_of(sessions) == text


@pytest.mark.parametrize(("year", "school", "said_so"), [
    ("6", 100001, False), ("7", 100001, True), ("6", 100002, True), ("7", 100002, False), ("R", 100002, True), ("3", 100003, False),
])  # fmt: skip
def test_a_year_group_that_the_school_does_not_teach_is_told(year, school, said_so):
    roll = f"pupil | urn | enrolment_status | entry_date | nc_year | birth_date\n1 | {school} | C | 2024-09-02 | {year} | 2013-05-05"
    known = records(roll=roll)
    frame = facts(known, AsOf(date(2025, 2, 14), Calendar.of(known.authority)), [1])
    assert any("may be out of date" in sentence for sentence in frame.sentence) == said_so
