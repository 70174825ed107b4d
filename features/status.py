"""Statuses: what the records show that a service answers to. From facts, never from an estimate.

Each row of `STATUSES` is a rule in words, where it comes from, and the expression that finds it. A list
points to a service from these alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
import pandas as pd

from features import status_rules as rules
from features.about import About
from features.as_of import AsOf
from features.contract.law import law
from features.records.store import Records

FRAMEWORK = "Inclusive Pathways Framework (draft)"
EXCLUSIONS = "DfE statutory guidance on suspension and permanent exclusion, in the version in force on the day (features/contract/law.csv)"
ATTENDANCE = "DfE, Working together to improve school attendance (2024)"
HEALTH = "Education Act 1996 s.19; DfE statutory guidance on education for children with health needs (2023): 15 days"
SEPARATION = f"Education Act 1996 s.19; {law('exclusions_guidance_2026').citation}"
SINCE_2026 = law("exclusions_guidance_2026").citation
ADMISSIONS = "School Admissions Code (2021) 3.17"


@dataclass(frozen=True)
class Status:
    """One status.

    Attributes
    ----------
    name : str
        Its key; `serving/signposts.py` has the words for it.
    rule : str
        When it holds, in words.
    source : str
        Where the rule comes from; figures that it does not name are this project's.
    find : callable of About to ibis Table
        pupil, since (date, or null where no day can be told); one pupil may have several rows.
    instead_of : tuple of str
        Weaker statuses that this one stands in for.
    """

    name: str
    rule: str
    source: str
    find: rules.Find
    instead_of: tuple[str, ...] = ()


def statuses(records: Records, as_of: AsOf, pupils: Sequence[int] | None = None) -> pd.DataFrame:
    """The statuses of some pupils of the cohort, or of all of it.

    Parameters
    ----------
    pupils : sequence of int, optional
        Whose; those who are not in the cohort have none. None means everyone.

    Returns
    -------
    pandas.DataFrame
        pupil (int64), status (a name of `STATUSES`), since (date; None where no day can be told), in order
        of pupil and then as declared.
    """
    about = About(records, as_of, pupils)
    found = [
        status.find(about).select(
            "pupil", since=ibis._.since.cast("date"), place=ibis.literal(place, "int16")
        )
        for place, status in enumerate(STATUSES)
    ]
    rows = ibis.union(*found).semi_join(about.people, "pupil")
    rows = rows.group_by("pupil", "place").agg(since=lambda t: t.since.min())
    frame = rows.order_by("pupil", "place").to_pandas()
    held = set(zip(frame.pupil, frame.place, strict=True))
    places = {status.name: place for place, status in enumerate(STATUSES)}
    stood_in_for = {(pupil, places[weaker]) for pupil, place in held for weaker in STATUSES[place].instead_of}
    kept = [key not in stood_in_for for key in zip(frame.pupil, frame.place, strict=True)]
    frame = frame[kept].reset_index(drop=True)
    days = [None if pd.isna(day) else pd.Timestamp(day).date() for day in frame.since]
    return pd.DataFrame({
        "pupil": frame.pupil.astype("int64"),
        "status": [STATUSES[place].name for place in frame.place],
        "since": pd.Series(days, dtype=object),
    })  # fmt: skip


STATUSES = (
    Status("ehc_plan_and_suspension", "An EHC plan, and a suspension or permanent exclusion in the last 190 school days.",
           f"{FRAMEWORK}; {EXCLUSIONS}", rules.ehc_plan_and_suspension, instead_of=("ehc_plan",)),
    Status("ehc_plan", "An open EHC plan in the council's record, or at the last census where the council has not ended one since.",
           f"{FRAMEWORK}; {EXCLUSIONS}", rules.ehc_plan),
    Status("ehc_assessment", "An EHC needs assessment under way.", FRAMEWORK, rules.open_spell("ehc_assessment")),
    Status("sen_support", "SEN support at the last census, and no EHC plan.", FRAMEWORK, rules.sen_support),
    Status("looked_after", "Looked after by the authority.", FRAMEWORK, rules.open_spell("cla"), instead_of=("previously_looked_after",)),
    Status("previously_looked_after", "Recorded as previously looked after, or looked after until some day of the last two school years.",
           FRAMEWORK, rules.previously_looked_after),
    Status("social_worker", "A child in need, or with a child protection plan.", EXCLUSIONS, rules.open_spell("cin", "cpp")),
    Status("excluded_before", "A permanent exclusion of the last two school years that stands, or a roll left for one; not one in progress.",
           FRAMEWORK, rules.excluded_before),
    Status("alternative_provision", "On the roll of alternative provision or a PRU, placed there, or directed off site.",
           FRAMEWORK, rules.alternative_provision),
    Status("fair_access_or_returning", "Joined this school in the last 60 school days after a permanent exclusion, a managed move, home "
           "education, custody, alternative provision, or more than 20 school days on no roll. Looked-after children and children "
           "with a plan have their own admission routes.", f"{FRAMEWORK}; {ADMISSIONS}", rules.returning),
    Status("custody_or_youth_justice", "With youth justice or in custody, or released in the last 60 school days; only where "
           "authority.toml names the lawful basis of each.", FRAMEWORK, rules.custody_or_youth_justice),
    Status("health_absence", "Taught otherwise for health, or marked ill for 15 school days or more this school year.", HEALTH, rules.health_absence),
    Status("safeguarding_separation", "Learning away from school under a safeguarding separation: no suspension.", SEPARATION,
           rules.open_spell("safeguarding_separation")),
    Status("off_site_direction", "Directed off site by a school, begun on or after 26 July 2026.", SINCE_2026,
           rules.open_spell_since("exclusions_guidance", "off_site_direction")),
    Status("managed_move", "On a managed move that began on or after 26 July 2026.", SINCE_2026,
           rules.open_spell_since("exclusions_guidance", "managed_move")),
    Status("severe_absence", "Missed half or more of possible sessions in the last 190 school days (of at least 20).", ATTENDANCE, rules.missed(5, 11)),
    Status("persistent_absence", "Missed 10 % or more, and under half, of possible sessions in the last 190 school days (of at least 20).",
           ATTENDANCE, rules.missed(1, 5)),
    Status("over_15_days", "Suspended for more than 15 school days this term; a lunchtime counts as half a day.",
           EXCLUSIONS, rules.suspended_days("is_this_term", 30, 10_000)),
    Status("near_15_days", "Suspended for more than 5 and up to 15 school days this term.", EXCLUSIONS, rules.suspended_days("is_this_term", 10, 30)),
    Status("near_45_days", "Suspended for more than 30 school days this school year, of the 45 that the law allows.",
           EXCLUSIONS, rules.suspended_days("is_this_year", 60, 10_000)),
    Status("sixth_day", "Serving suspensions of more than five school days without a break, or a permanent exclusion in progress.",
           EXCLUSIONS, rules.sixth_day),
    Status("primary_age", "Reception to Year 6.", FRAMEWORK, rules.primary_age),
    Status("transition", "Year 6 or 7, or joined this school in the last 60 school days.", FRAMEWORK, rules.transition),
    Status("mental_health", "A mental health support team is involved, or the need recorded is social, emotional and mental health.",
           FRAMEWORK, rules.mental_health),
    Status("secondary_school", "Years 7 to 11, not in alternative provision.", FRAMEWORK, rules.secondary_school),
    Status("already_supported", "An open spell of help given after a screening.", "docs/reference/records-contract.md: support", rules.already_supported),
    Status("family_advice", "Everyone.", FRAMEWORK, rules.everyone),
)  # fmt: skip
