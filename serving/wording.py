"""Every phrase that a list or a card shows, in plain words, and the rules for saying a number.

A phrase is about records, services and meetings; none says what a child did or will do. The tests
hold each one to a reading age of about twelve and to the words this project never uses.
Sources: DESIGN sections 1 and 11; the draft Inclusive Pathways Framework of Birmingham City Council.
"""

from dataclasses import dataclass
from datetime import date
from math import floor

MADE_UP = "MADE-UP DATA. Nobody on this page is real."
MADE_UP_MODEL = "DEMONSTRATION. The model learned from made-up data. Do not use this list for real children."
PSEUDONYMS = "This page has no names. Each pupil has a code instead. To print names, make the list with the identities folder."

STANDING = (
    "This list prompts a talk. It decides nothing.",
    "It comes from past records and shows what schools did. It does not show what a child did or will do.",
    "A child on it may be one the meeting has not yet thought about. A child who is not on it may need help just as much.",
    "Anyone can raise any child at the meeting. No list is needed for that.",
    "A place on the list is an offer to think about help. The list gets some children wrong, and those children carry the cost.",
)
# GOVERNANCE, "What the list may not be used for".
NOT_FOR = (
    "deciding to suspend or exclude",
    "a managed move or off-site direction",
    "admission or transfer",
    "evidence to a governing board or review panel",
    "taking anyone to court over attendance",
    "sharing with police or immigration",
    "ranking schools or staff",
)
HOW_SURE = "How sure each is stands beside it. “Check” marks what to read before it is relied on."
NOT_FOR_LINE = f"Not to be used for: {'; '.join(NOT_FOR)}."

STATES = {
    "listed": (
        "Listed",
        "The meeting has time for a set number of children. The records of these children look most like those of children who later lost time or a place at school. They are in order of name.",
    ),
    "could_go_either_way": (
        "Could go either way",
        "These children came close. A model that had learned from slightly other records could have listed them. Look at them in the same way.",
    ),
    "already_supported": (
        "Already supported",
        "Help is in place or a review is booked. They take no place on the list.",
    ),
    "exclusion_in_progress": (
        "Exclusion in progress",
        "A permanent exclusion has been issued and is not yet settled. They take no place on the list.",
    ),
    "not_assessed": (
        "Not assessed",
        "No estimate was made. This says nothing about need. Ask someone who knows them.",
    ),
}
NOT_LISTED = (
    "Not listed",
    "Pupils who are not listed are counted and not named. It does not mean that they are safe or need no help.",
)
NEAR_THE_LINE = "near the line"
NEAR_THE_LINE_NOTE = "“Near the line” means the child was listed, but only just."

NOT_ASSESSED = {
    "alternative_provision": "In alternative provision. Plan the way back to a mainstream school.",
    "registers_stopped": "The school’s registers stopped coming in. Ask the school to send them.",
    "year_11_after_easter": "Year 11 after Easter. School is nearly over, so no list is made.",
    "year_group_unknown": "The year group is not known. Ask the school to check it.",
    "withheld": "Held back. Counted here and never named.",
    "other": "The records do not say enough.",
}

FAMILIES = {
    "attendance": "Attendance",
    "suspensions": "Suspensions",
    "sen": "Special educational needs",
    "context": "Moves and services",
    "school": "The school’s own past rates",
    "attainment": "Results of assessments",
}

CARD = {
    "facts": "What the records say",
    "each": "Each suspension",
    "changed": "What has changed",
    "protective": "What is going well",
    "gaps": "What is missing or out of date",
    "moved": "What moved the estimate",
    "signposts": "Who could help",
    "since": "Since the last list",
    "view": "The meeting’s own view",
}
STRIP = (
    "Each column is a school week, the oldest at the left; a gap stands between half-terms. A full column is a week in which the child came to every session. A lower one is a week missed in part.",
    "Nothing above the line is a week missed whole. A dash at half height is a time of which no register is known: nothing was counted then, and it does not mean that the child was away. A mark below the line is a week in which a suspension or exclusion began.",
)
STRIP_NUMBERS = (
    "Each number is the sessions missed in one week, of ten; 1/8 is one missed of eight. S is a suspension or exclusion begun in it, "
    "– a week without a known register. A session is half a school day."
)
STRIP_TABLE = "Sessions missed, week by week, in each half-term"
NEWEST = "Newest: "
NO_FACTS = "No dated fact stands out. Ask the people who know this child."
NO_CHANGE = "No change for the worse stands out."
NO_PROTECTIVE = "The records hold little about strengths. Ask the child, the family and a trusted adult."
NO_GAPS = "Nothing known to be missing."
PROMPTS = "What the records point to"
NO_SIGNPOSTS = "No status in the records points to a service."
RAISED = "Raised it: {families}."
LOWERED = "Lowered it: {families}."
NOT_MOVED = "No kind of record moved it in a steady way."
MOVED_NOTE = (
    "Against the average for {year}. A kind can count though no fact of it is told here. It tells how the model did its sum (in log-odds, before the last adjustment), not why "
    "things happened in a child’s life."
)
FACT_WRONG = "If a fact here is wrong, tell the school or the data team, so that it can be put right."

SINCE = {
    "listed": "Was on the last list",
    "could_go_either_way": "Could have gone either way last time",
    "already_supported": "Was already supported last time",
    "exclusion_in_progress": "Had an exclusion in progress last time",
    "not_assessed": "Was not assessed last time",
    "not_listed": "New: was not listed last time",
    "": "",
}
NO_EARLIER_LIST = "There is no earlier list to compare this one with."
MODEL_CHANGED = (
    "The model changed since the last list, so some changes come from the model and not from the records."
)
LEFT_LIST = {
    "already_supported": "now already supported",
    "exclusion_in_progress": "now with an exclusion in progress",
    "not_assessed": "now not assessed",
    "could_go_either_way": "now could go either way",
    "not_listed": "now not listed",
    "gone": "no longer on this roll",
}

START = {
    "title": "Lists for the meeting",
    "sign_in": "Sign in",
    "provider": "Sign in with your council account",
    "one_time": "One-time code",
    "signed_in": "You are signed in as {name}.",
    "sign_out": "Sign out",
    "lists": "Lists of {day}",
    "no_lists": "Your account reads no lists.",
    "wrong_code": "That code does not sign in. It may have been used, or be too old. Ask for a new one.",
}

NO_PUPILS = "No pupils from Reception to Year 11 were on roll on this date, so there is nobody to list."
ALL_NOT_ASSESSED = "No estimate was made for anyone at this school. Use what the school knows."
NO_PLACES = "No places are set for this kind of school, so no list is made."
EMPTY_PLACES = "Some places are empty. Nobody else’s records pointed to a need strongly enough, though some may have come close. An empty place is an honest answer."
NOBODY_LISTED = "Nobody is listed."
NOBODY = "Nobody."
IN_WORKBOOK = "Their names are in the workbook."

WARNINGS = {
    "far_from_trained": "The model learned from the last days of half-terms. This date is more than 15 school days from any of them, so trust the list less.",
    "looks_back": "The model has seen what came after this date. Do not use this list to judge how well the model works.",
    "candidate": "No second person has released this model. Its list is to look at: do not show it to anyone in a school.",
    "shadow": "This release is on trial. Its lists are kept and compared. Do not show this list to anyone in a school.",
    "records_behind": "The records stop {days} days before this date. What happened since is not in the list.",
}

OUTCOMES = {
    "serious_exclusion": (
        "were permanently excluded, or suspended for ten school days or more in all,",
        "were not",
    ),
    "permanent_exclusion": ("were permanently excluded", "were not"),
    "upheld_permanent": ("were permanently excluded, and it was upheld,", "were not"),
    "any_suspension": ("were suspended at least once", "were not"),
    "hidden_exit": ("left the roll in a way that can hide an exclusion", "did not"),
}
AFTER = "What came after past lists"
NO_RATES = "It cannot be said yet what comes after lists from this model."


@dataclass(frozen=True)
class Interval:
    """A share with its 95 % interval, each from 0 to 1."""

    estimate: float
    low: float
    high: float

    def of(self, whole: int) -> "tuple[int, int, int]":
        """Whole people out of `whole`: estimate, low, high; halves are rounded up."""
        estimate, low, high = (floor(share * whole + 0.5) for share in (self.estimate, self.low, self.high))
        return estimate, low, high


def both_framings(
    precision: Interval, outcome: str, window_days: int, phase: str = "", whole: int = 100
) -> str:
    """What came after past lists, for those with the outcome and for those without, as counts of people.

    Both are said, since a reader hears "13 of 40" and "27 of 40" differently (natural frequencies:
    Gigerenzer and Hoffrage 1995). `phase` says whose lists; empty means all schools'.
    """
    estimate, low, high = precision.of(whole)
    did, did_not = OUTCOMES[outcome]
    return (
        f"Of every {whole} children on past lists of {schools_of(phase)}, about {estimate} ({low} to {high}) {did} "
        f"in the {span(window_days)} after. About {whole - estimate} ({whole - high} to {whole - low}) {did_not}. "
        "The list cannot say which."
    )


def missed(recall: Interval, outcome: str, window_days: int, phase: str = "", whole: int = 100) -> str:
    """How many of those who later had the outcome were on no list, as counts of people."""
    estimate, low, high = recall.of(whole)
    return (
        f"Of every {whole} children at {schools_of(phase)} who {OUTCOMES[outcome][0]} in the {span(window_days)} after a past list, "
        f"about {estimate} ({low} to {high}) had been on it. About {whole - estimate} ({whole - high} to {whole - low}) had not."
    )


def schools_of(phase: str) -> str:
    return f"{phase.replace('_', '-')} schools" if phase else "all schools"


def span(window_days: int) -> str:
    return "year" if window_days == 365 else "six months" if window_days == 182 else f"{window_days} days"


def day(value: date) -> str:
    """A date as read aloud: 3 March 2025."""
    return f"{value.day} {value:%B %Y}"


def year_group(nc_year: int) -> str:
    return "Year not known" if nc_year < 0 else "Reception" if nc_year == 0 else f"Year {nc_year}"


def pseudonym(pupil: int) -> str:
    """A pupil's pseudonym as text: its 64 bits in hexadecimal, in fours.

    A signed integer of nineteen digits loses its end in a spreadsheet and may begin with a minus sign.
    """
    digits = f"{pupil & (2**64 - 1):016x}"
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def pupil_of(code: str) -> int:
    """A pupil from the pseudonym that lists show."""
    number = int(code.replace("-", ""), 16)
    return number - 2**64 if number >= 2**63 else number
