"""A small authority in the service's database: two districts, three schools, six pupils, and people of every role."""

from datetime import date

import pandas as pd
from sqlalchemy.orm import Session

from serving.corrections.record import FactWrongContent
from serving.database.connection import Database
from serving.http.fields import made_of
from serving.referrals.record import ReferralContent
from serving.rights.record import RightAsked
from serving.screening.record import ScreeningContent
from serving.security import accounts
from serving.security.access import Person, Role
from serving.security.rolls import load_roll

AS_OF = date(2025, 5, 23)
MEETING = date(2025, 6, 10)
ASH, ELM, OAK = 100001, 100002, 100003
# Six pseudonyms as import makes them, some negative: at Ash, Ash, Elm, Elm, Oak, Oak.
AMY, BEN, CAT, DAN, EVE, FAY = (
    -8489641372067146940, 1204813349127712381, -4611686018427387905, 7170312385412349991, -12884901889123456, 3458764513820540929,
)  # fmt: skip
NOBODY = 5555555555555555555
SCHOOLS = pd.DataFrame({
    "urn": [ASH, ELM, OAK], "name": ["Ash Primary", "Elm School", "Oak School"], "district": ["North", "North", "South"],
    "phase": ["primary", "secondary", "secondary"],
})  # fmt: skip
ROLL = pd.DataFrame(
    {
        "pupil": [AMY, BEN, CAT, DAN, EVE, FAY],
        "urn": [ASH, ASH, ELM, ELM, OAK, OAK],
        "nc_year": [3, 4, 8, 9, 10, 11],
    }
)
STATUSES = pd.DataFrame({
    "pupil": [AMY, DAN, FAY, FAY], "status": ["looked_after", "sen_support", "looked_after", "social_worker"],
    "since": [date(2024, 9, 1), None, None, date(2025, 1, 6)],
})  # fmt: skip
WHOLE = ScreeningContent(
    considered=("list", "family"), considered_words="What her mother told us.", view="She is settling in.", was_known=False,
    outcome="targeted", needs=("attendance",), review_on=date(2025, 9, 30),
)  # fmt: skip


def but(content: ScreeningContent = WHOLE, **changes: object) -> ScreeningContent:
    """What a screening says with something else in it; checked as any other."""
    return made_of(ScreeningContent, **{**dict(content.content_of()), **changes})


def raised(route: str, referred_by: str, reasons: str) -> ReferralContent:
    return ReferralContent(route=route, referred_by=referred_by, reasons=reasons)


def wrong(
    family: str = "attendance",
    fact: str = "Absent.",
    what_is_right: str = "Present.",
    told_by: str = "mother",
) -> FactWrongContent:
    return made_of(FactWrongContent, family=family, fact=fact, what_is_right=what_is_right, told_by=told_by)


def asks(kind: str, pupil: int, words: str = "Asks.", **more: object) -> RightAsked:
    return made_of(RightAsked, kind=kind, pupil=pupil, words=words, **more)


def load(session: Session) -> None:
    load_roll(session, AS_OF, SCHOOLS, ROLL, STATUSES)


def people(session: Session) -> dict[str, Person]:
    """Somebody of every role, and officers of every kind of scope."""
    add = accounts.add_user
    return {
        "ash": add(session, "ash", Role.OFFICER, schools=[ASH]),
        "elm": add(session, "elm", Role.OFFICER, schools=[ELM]),
        "north": add(session, "north", Role.OFFICER, districts=["North"]),
        "south": add(session, "south", Role.OFFICER, districts=["South"]),
        "virtual": add(session, "virtual", Role.OFFICER, statuses=["looked_after"]),
        "scientist": add(session, "scientist", Role.DATA_SCIENTIST),
        "reviewer": add(session, "reviewer", Role.REVIEWER),
        "governance": add(session, "governance", Role.INFORMATION_GOVERNANCE),
        "administrator": add(session, "administrator", Role.ADMINISTRATOR),
        "manager": add(session, "manager", Role.MANAGER),
    }


def furnish(database: Database) -> dict[str, Person]:
    """Schools, pupils and people, kept."""
    with database.writing() as session:
        load(session)
        return people(session)
