"""Kinds of involvement, each declared once: what import takes, what a card says, and what is made a feature of it.

Who adds a kind adds a record here. Import then takes it, cards show it open and ended, and where it has a `feature`
the model can use it. A kind without its sentences, or without the reason why one is not shown, fails a test by name.

Source: docs/reference/records-contract.md, table involvements.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class InvolvementKind:
    """A kind of spell with a service or plan.

    Attributes
    ----------
    code : str
        As the table `involvements` holds it.
    is_open : str
        A card's sentence on an open spell; `{}` stands for the day on which it began.
    ended : str
        What ended, as the beginning of a card's sentence on a spell that is over.
    family : "context" or "sen"
        Where on a card it stands.
    is_protective : bool
        Whether people work with child and family, so that it is told as going well.
    feature : str
        The sentence of the feature `is_CODE_open`; "" where no model uses it, or another family declares its features.
    past : str
        Which of the features `has_had_PAST_380` counts a spell that is over; "" for none.
    is_service : bool
        Whether its beginning counts in `num_involvements_begun_190`.
    sensitivity : str
        The source that authority.toml must name a lawful basis for; without one it is on no card and in no model.
    not_shown_open, not_shown_ended : str
        Why a card does not say that a spell is open, or is over; "" where it does.
    """

    code: str
    is_open: str = ""
    ended: str = ""
    family: Literal["context", "sen"] = "context"
    is_protective: bool = False
    feature: str = ""
    past: str = ""
    is_service: bool = False
    sensitivity: str = ""
    not_shown_open: str = ""
    not_shown_ended: str = ""


KINDS = (
    InvolvementKind("ehcp", "Has an EHC plan, since {}.", "The EHC plan", family="sen"),
    InvolvementKind(
        "ehc_assessment", "An EHC needs assessment has been under way since {}.", "The EHC needs assessment", family="sen"
    ),
    InvolvementKind(
        "cin", "Has a social worker (child in need), since {}.", "Social work support (child in need)",
        feature="A child in need.", past="social_worker", is_service=True,
    ),
    InvolvementKind(
        "cpp", "Has a social worker and a child protection plan, since {}.", "The child protection plan",
        feature="Has a child protection plan.", past="social_worker", is_service=True,
    ),
    InvolvementKind(
        "cla", "Has been looked after by the council since {}.", "Being looked after by the council",
        feature="Looked after by the authority.", past="social_worker", is_service=True,
    ),
    InvolvementKind(
        "plac", "Was looked after in the past. On record since {}.", feature="Was looked after before.",
        not_shown_ended="Having been looked after does not end: an end on record is a change of the record.",
    ),
    InvolvementKind(
        "early_help", "Early Help has worked with the family since {}.", "Early Help", is_protective=True,
        feature="Early Help is open.", past="early_help", is_service=True,
    ),
    InvolvementKind(
        "young_carer", "Helps to care for someone at home. On record since {}.", "Helping to care for someone at home",
        feature="A young carer.",
    ),
    InvolvementKind(
        "s19_medical", "Has been taught out of school for health reasons since {}.", "Teaching out of school for health reasons",
        feature="Taught otherwise for health (section 19).",
    ),
    InvolvementKind(
        "ap_placement", "Has had a place in alternative provision since {}.", "The place in alternative provision",
        feature="Placed in alternative provision.", past="alternative",
    ),
    InvolvementKind(
        "off_site_direction", "Has been learning off site, as the school directed, since {}.", "Learning off site",
        feature="Directed off site.", past="alternative",
    ),
    InvolvementKind(
        "managed_move", "Has been on a managed move since {}.", "The managed move", feature="On a managed move.", past="alternative"
    ),
    InvolvementKind(
        "part_time_timetable", "Has been on a part-time timetable since {}.", "The part-time timetable",
        feature="On a part-time timetable.",
    ),
    InvolvementKind(
        "mhst", "The mental health support team has been involved since {}.", "Work with the mental health support team",
        is_protective=True, feature="A mental health support team is involved.", is_service=True,
    ),
    InvolvementKind(
        "youth_justice", "The youth justice service has been involved since {}.", "Work with the youth justice service",
        feature="Youth justice is involved.", sensitivity="youth_justice",
    ),
    InvolvementKind(
        "custody", "Has been in custody since {}.", "Time in custody", feature="In custody.", past="custody", sensitivity="custody"
    ),
    # No feature: child in need and targeted Early Help become this on each authority's own date, and a spell that a
    # conversion opened is no event. A model taught on either side of that day would learn the day.
    InvolvementKind(
        "family_help", "Family Help has worked with the family since {}.", "Family Help", is_protective=True
    ),
    # No feature: guidance in force from 26 July 2026, so that no past record has it; and never a suspension.
    InvolvementKind(
        "safeguarding_separation",
        "Has been learning away from school under a safeguarding separation since {}. It is no suspension; the council has a duty "
        "to see to education meanwhile (section 19).",
        "The safeguarding separation",
    ),
)  # fmt: skip
BY_CODE = {kind.code: kind for kind in KINDS}
SENSITIVE = tuple(sorted({kind.sensitivity for kind in KINDS} - {""}))  # sources that need a condition in law


def codes(family: str) -> tuple[str, ...]:
    """Kinds that a family tells of."""
    return tuple(kind.code for kind in KINDS if kind.family == family)
