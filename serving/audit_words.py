"""Phrases of the audit page, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.audit_attributes import AUDIT_ATTRIBUTES

MADE_UP_AUDIT = "MADE-UP DATA. No child, school or figure on this page is real."
ATTRIBUTES = {each.name: each.title for each in AUDIT_ATTRIBUTES}
FRAMEWORK_FIRST = {each.name for each in AUDIT_ATTRIBUTES if each.of_framework}
SEVERITY = {"blocks": "Blocks a release", "matters": "Matters", "noted": "Noted"}
FAMILIES = {
    "attendance": "Attendance",
    "suspensions": "Suspensions",
    "sen": "Special needs",
    "context": "Moves and services",
    "school": "School’s past rates",
    "attainment": "Assessments",
}
# What a finding is, where its sentence may not leave: it holds exact figures.
FOUND = {
    "need": "Groups differ in need, and so in these rates",
    "calibration": "Estimates are off within this group",
    "ranking": "Estimates tell less within this group",
    "tells_less": "Estimates tell less within this group, or its need differs less",
    "not_assessed": "More of those with the outcome could not be assessed",
    "stale_records": "Records are older than of everyone",
    "missing_records": "More facts are missing than of everyone",
    "list": "The list does not follow the estimates, and this group loses by it",
    "missed_more": "Missed more often than everyone",
    "missed_less": "Missed less often than everyone",
    "need_unmet": "More of those without a place had the outcome",
    "listed_without_need": "Had a place without the outcome more often",
    "severity_length": "Longer suspensions for the same recorded reason",
    "severity_permanent": "More exclusions permanent for the same recorded reason",
    "sanctioned_often": "Suspended more often than other records lead one to expect",
    "code_e": "Registers show suspensions that are not on record",
    "cannot_tell": "Some groups are too small to tell",
    "proxy": "The features alone can tell this group",
}
METHODS = {
    "ranges": "Ranges",
    "estimability": "When a figure is given at all",
    "pooling": "Small groups",
    "gaps": "Gaps and chance",
    "against": "Beside a chosen group",
    "tolerance": "Within the tolerance",
    "parts": "What a gap is made of",
    "tables": "Tables",
}
HOW_TO_READ = (
    "A place on the list is an offer of help, so being missed is the first harm. A range holds 19 times in 20. Where a "
    "group has too few pupils the answer is “cannot tell”. That is not the same as no difference."
)
HOW_TO_READ_A_FILE = (
    "Groups are as the file names them. Whether a place is a help or a burden the file does not say: where it is a help, being "
    "missed is the first harm; where it is a burden, being listed without need. A range holds 19 times in 20. Where a group has too "
    "few people the answer is “cannot tell”. That is not the same as no difference."
)
BY_DESIGN = (
    "Children in alternative provision and referral units are on no list, by design: {num} on roll on the days of these lists, {events} of whom "
    "had the outcome. They need to be found without a list."
)
NOTHING_OF_THE_MODEL = "No part of any gap could be laid to the model or its records."
NO_GAP = "No group was told apart from everyone in this. That shows no more than the smallest gap that could have been seen."
APART = (
    "Told apart from everyone in this: {groups}. What each gap is made of stands in the parts of each gap."
)
POOLED_NOTE = "it leans on the group’s own figure only as far as chance could not explain the difference."
LOW_RATES = "Ranges are told in steps of 5 of 100. Where a whole range lies within the lowest step, the rate stands alone. “Under 1%” is not none."
NO_SWEEP = "Only one list was given, so other numbers of places cannot be told."
DO = {
    "need": "give places and support where need is greater",
    "calibration": "train again with records that hold what these estimates miss, or recalibrate for everyone and audit again",
    "ranking": "find out what the records of this group lack, and raise its children at meetings without a list",
    "tells_less": "find out whether the records of this group hold less",
    "not_assessed": "raise these children at meetings without a list, and mend what keeps them from being assessed",
    "stale_records": "ask these schools for newer registers before a list is used",
    "missing_records": "find out why these facts are missing",
    "list": "find out by what rule places were given",
    "missed_more": "find out what the records of these pupils lack, and raise them at meetings without a list",
    "missed_less": "watch",
    "need_unmet": "consider more places where need is greater",
    "listed_without_need": "check how places are used, and what in the records lifts their estimates",
    "severity_length": "look at these sanctions with schools, before the list learns more from them",
    "severity_permanent": "look at these exclusions with schools, before the list learns more from them",
    "sanctioned_often": "look with schools at what these suspensions answered, and at what the records do not measure",
    "code_e": "ask these schools for the suspensions that their registers show",
    "cannot_tell": "ask families and schools what figures cannot tell",
    "proxy": "watch",
}
DO_WITH_A_FILE = {
    "ranking": "find out what the records of this group lack, and look at its people without a list",
    "missed_more": "find out what the records of this group lack, and look at its people without a list",
    "not_assessed": "look at these people without a list, and mend what keeps them from being assessed",
    "stale_records": "ask for newer records before a list is used",
    "cannot_tell": "ask people of these groups what figures cannot tell",
}
APPENDIX = {
    "foundrows": "Found and missed, in numbers",
    "partrows": "The parts of each gap, in numbers",
    "rates": "Every rate of every group",
    "crossed": "Two attributes at once",
    "against": "Beside a chosen group",
    "tolerance": "Within the tolerance?",
    "beside": "The lists side by side",
    "calibration": "Do the estimates mean the same for every group?",
    "capacity": "With fewer and with more places",
    "labels": "Are the outcomes themselves even-handed?",
    "proxies": "What stands in for a group?",
    "coverage": "Missing, stale, not assessed, arbitrary",
    "mitigation": "What would even it out, and at what cost?",
    "methods": "How the figures were made",
}
PARTS = {
    "need": "Need",
    "calibration": "Calibration",
    "ranking": "Ranking",
    "not_assessed": "Not assessed",
    "list": "The list’s own order",
    "chance": "Chance",
}
WHAT_PARTS_ARE = (
    "Where need differs, the best list that could be has gaps as well. So each gap is taken apart. **Need**: the gap that the same "
    "rule leaves with well-calibrated chances. **Calibration**: what recalibrating the estimates within the group would change. "
    "**Ranking**: what estimates as telling as elsewhere would change. **Not assessed**: who could get no estimate. **Chance**: luck, and "
    "whatever the others do not explain. They add up to the gap. Need asks for places and support; the others ask for a better list."
)
NOT_SEEN_IN_PARTS = (
    "Recalibration is a straight line on the log-odds: estimates that are off in a curve (right in the middle, wrong at both ends) stand in "
    "**chance**. Where the range of chance does not include 0, look there."
)
NOT_SEEN_IN_A_FILE = (
    "**Records kept back for one group** cannot be named from a file: estimates that vary less within a group are "
    "either of a group whose need varies less or of one whose records hold less, and a file holds no records. Such a group is asked about "
    "here; only the audit of a release, which has the records, can name it."
)
BY_PART = {
    "need": "by need alone",
    "calibration": "by the estimates’ calibration",
    "ranking": "by how little they order the group",
    "not_assessed": "by who could not be assessed",
    "list": "by a list that does not follow the estimates",
}
CALIBRATION = {
    "is_too_low": "The estimates are too low for this group.",
    "is_too_high": "The estimates are too high for this group.",
    "is_too_steep": "They vary more here than outcomes do.",
    "is_too_flat": "They vary less here than outcomes do.",
}
TELLS_LESS = "They say less of this group than they could."
CANNOT_SAY_WHY_LESS = (
    "They say less of this group; whether its records hold less or its need differs less cannot be said."
)
NO_PARTS = "No gap can be laid to need or to the list here"
NOTHING_TO_DO = "No finding asks for action before a release."


@dataclass(frozen=True)
class Naming:
    """How one audit calls what it is about: an authority's children, or the people and columns of somebody's file.

    Attributes
    ----------
    people, pupils : str
        In a sentence, and over a column of counts.
    how_to_read : str
    do : mapping of str to str
        Kind of a finding to what follows from it.
    """

    people: str
    pupils: str
    how_to_read: str
    is_file: bool
    do: Mapping[str, str]

    def attribute(self, name: str) -> str:
        """A heading; a file's column keeps its name."""
        return name if self.is_file else attribute(name)

    def within(self, name: str) -> str:
        """The same inside a sentence."""
        heading = self.attribute(name)
        return heading if self.is_file else heading[:1].lower() + heading[1:]


OF_A_MODEL = Naming("children", "Pupils", HOW_TO_READ, is_file=False, do=DO)
OF_A_FILE = Naming("people", "People", HOW_TO_READ_A_FILE, is_file=True, do=DO | DO_WITH_A_FILE)


def naming(audit: Mapping[str, Any]) -> Naming:
    return OF_A_MODEL if audit["kind"] == "model" else OF_A_FILE


def crossings(audit: Mapping[str, Any]) -> set[str]:
    """Attributes that are made of two; any column's own name may hold the word that joins them."""
    return {row["attribute"] for row in audit["groups"] if row["is_crossing"]}


def attribute(name: str) -> str:
    """An attribute or a crossing of two, as a heading."""
    parts = [ATTRIBUTES.get(part, part.replace("_", " ")) for part in name.split(" x ")]
    return parts[0] if len(parts) == 1 else f"{parts[0]} by {parts[1][:1].lower()}{parts[1][1:]}"
