"""Which people could help, from a status in the records and never from an estimate.

Each row keeps its source: the draft Inclusive Pathways Framework, or the guidance or Act that it
rests on. `service` is the key under [signposts] in authority.toml for a local name or contact.
"""

from dataclasses import dataclass
from datetime import date

from features.contract.law import exclusions_guidance

FRAMEWORK = "Inclusive Pathways Framework (draft)"
EXCLUSIONS = "{exclusions guidance}"  # the version in force on the day of the list


@dataclass(frozen=True)
class Signpost:
    """One status and what people should think about.

    Parameters
    ----------
    status : str
        What the records show, as a title.
    text : str
        What to think about.
    source : str
        Where the advice comes from.
    service : str
        Key of the local name or contact.
    dated : str
        What the day that comes with the status is.
    """

    status: str
    text: str
    source: str
    service: str
    dated: str = "since {day}"

    def source_on(self, day: date) -> str:
        """Where the advice comes from, with the version of the exclusions guidance in force on a day."""
        return self.source.replace(EXCLUSIONS, exclusions_guidance(day))


SIGNPOSTS = {
    "ehc_plan_and_suspension": Signpost(
        "EHC plan, and a suspension",
        "Ask for an early or emergency annual review with the SEND casework officer. Ask each agency for new advice. The aim is that no child with a plan is permanently excluded.",
        f"{FRAMEWORK}; {EXCLUSIONS}",
        "send",
        "the last from {day}",
    ),
    "ehc_plan": Signpost(
        "EHC plan",
        "Ask if the plan still fits. Think about an early annual review.",
        f"{FRAMEWORK}; {EXCLUSIONS}",
        "send",
    ),
    "ehc_assessment": Signpost(
        "EHC needs assessment under way",
        "Tell the SEND team about this meeting. Support can start now. It need not wait for a diagnosis.",
        FRAMEWORK,
        "send",
    ),
    "sen_support": Signpost(
        "SEN support",
        "Look again at assess, plan, do, review. Think about the SEN toolkits, the SEND advisory team and the educational psychologist.",
        FRAMEWORK,
        "send_advisory",
    ),
    "looked_after": Signpost(
        "Looked after",
        "Tell the Virtual School, the social worker and the designated teacher at once.",
        FRAMEWORK,
        "virtual_school",
    ),
    "previously_looked_after": Signpost(
        "Looked after in the past",
        "Ask the Virtual School and the designated teacher for advice.",
        FRAMEWORK,
        "virtual_school",
        "on record since {day}",
    ),
    "social_worker": Signpost(
        "Has a social worker",
        "The social worker and the Virtual School head must hear of any suspension. Ask the social worker to the meeting.",
        EXCLUSIONS,
        "social_care",
    ),
    "excluded_before": Signpost(
        "Permanently excluded before",
        "Make a full plan of risks and needs. Bring the child back into school in steps. Keep the way back open.",
        FRAMEWORK,
        "inclusion",
        "on {day}",
    ),
    "alternative_provision": Signpost(
        "In alternative provision",
        "Plan the way back to a mainstream school, in steps and with dates. Keep the way back open.",
        FRAMEWORK,
        "inclusion",
    ),
    "fair_access_or_returning": Signpost(
        "New through the access panel, or coming back",
        "Plan before the first day. Start in steps and review. Share what is known about the child.",
        FRAMEWORK,
        "inclusion",
    ),
    "custody_or_youth_justice": Signpost(
        "Leaving custody, or with youth justice",
        "Put school at the heart of the plan. Have a place ready on the day of release.",
        FRAMEWORK,
        "youth_justice",
    ),
    "health_absence": Signpost(
        "Away for health reasons",
        "A child too ill for school still has a right to be taught. The council must set this up, at home, in hospital or in another place (Section 19).",
        "Education Act 1996, section 19",
        "health_education",
    ),
    "safeguarding_separation": Signpost(
        "Away under a safeguarding separation",
        "This is no suspension. The council has a duty to see that the child is taught meanwhile (Section 19). Ask who teaches, since when, and when it will be looked at again.",
        f"Education Act 1996, section 19; {EXCLUSIONS}",
        "inclusion",
    ),
    "off_site_direction": Signpost(
        "Learning off site, as the school directed",
        "The aim is to come back. Check that parents were told in writing two school days before, and on which day a governor or trustee looks at it again. With an EHC plan, ask the council to that meeting.",
        EXCLUSIONS,
        "inclusion",
    ),
    "managed_move": Signpost(
        "On a managed move",
        "A managed move has no trial period. Check that the family agreed to it, and that the new school knows what helps. Time off site on two rolls can come first.",
        EXCLUSIONS,
        "inclusion",
    ),
    "persistent_absence": Signpost(
        "Misses one session in ten, or more",
        "First ask what makes school hard. Give one trusted adult. Then ask the attendance service.",
        "Working together to improve school attendance (DfE)",
        "attendance",
    ),
    "severe_absence": Signpost(
        "Misses half of sessions, or more",
        "Ask the attendance service now. Make one plan with the family and every service that knows them.",
        "Working together to improve school attendance (DfE)",
        "attendance",
    ),
    "near_15_days": Signpost(
        "More than 5 school days suspended in a term",
        "If parents ask, governors must think about letting the child back after more than 5 days. After more than 15 days they must do so.",
        EXCLUSIONS,
        "exclusions",
        "the last from {day}",
    ),
    "over_15_days": Signpost(
        "More than 15 school days suspended in a term",
        "Governors must meet and think about letting the child back. Check that this has been set up.",
        EXCLUSIONS,
        "exclusions",
        "the last from {day}",
    ),
    "near_45_days": Signpost(
        "Near 45 school days suspended in a year",
        "The law allows no more than 45 days in a school year, at all schools put together.",
        EXCLUSIONS,
        "exclusions",
        "the last from {day}",
    ),
    "sixth_day": Signpost(
        "Sixth day out of school",
        "Full-time teaching must start by day six: from the school if suspended, from the council if permanently excluded. For a looked-after child aim for day one.",
        EXCLUSIONS,
        "exclusions",
        "counted from {day}",
    ),
    "primary_age": Signpost(
        "Primary age",
        "Young children at risk of losing their place come first. Ask for help early.",
        FRAMEWORK,
        "inclusion",
    ),
    "transition": Signpost(
        "Moving school or new to school",
        "Plan visits, a one-page profile and a buddy. Meet with the child at the centre. Share records early.",
        FRAMEWORK,
        "transition",
    ),
    "mental_health": Signpost(
        "Wellbeing or mental health",
        "Ask the Mental Health Support Team or a trained support assistant (ELSA). Think about nurture work, and what the child has been through.",
        FRAMEWORK,
        "mental_health",
    ),
    "secondary_school": Signpost(
        "Secondary age",
        "If the place is at risk, talk to the Local Sharing Panel. People there can look at other ways to keep the child in school.",
        FRAMEWORK,
        "sharing_panel",
    ),
    "already_supported": Signpost(
        "Help is in place",
        "Ask those who help now how it goes. Agree a day to look at it again.",
        FRAMEWORK,
        "inclusion",
    ),
    "family_advice": Signpost(
        "Advice for the family",
        "SENDIASS gives free advice that is not part of the council. The family can ask how to object or complain.",
        FRAMEWORK,
        "sendiass",
    ),
}
