"""What a reader is told: plain, both ways round, and never what this project does not say."""

import re
from datetime import date
from pathlib import Path

import pytest

from features.status import STATUSES
from features.telling.words import listing
from serving import evidence_words, signposts, wording
from serving.wording import Interval, both_framings, missed, pseudonym, year_group

BANNED = (
    "accuracy",
    "guilty",
    "offender",
    "high-risk child",
    "because",
    "caused",
    "due to",
    "would reduce",
    "fair",
    "unbiased",
    "compliant",
)
# The field's own words, which a reader at a meeting must meet; each counts as a word of two syllables.
TERMS = (
    "education", "educational", "special", "alternative provision", "provision", "permanently excluded", "permanent", "exclusion",
    "suspended", "suspension", "attendance", "diagnosis", "psychologist", "governing board", "governors", "authority",
    "in alternative provision", "needs assessment", "assessment", "advisory team", "designated", "SENDIASS", "ELSA",
    "identities", "emergency annual review", "annual review", "casework officer", "immigration", "managed move",
    "off-site direction", "social worker", "Virtual School", "Mental Health Support Team", "admission or transfer", "evidence",
)  # fmt: skip
MAX_GRADE = 7.0  # a US school grade of 7 is a reader of twelve to thirteen


def phrases() -> list[str]:
    """Every text of `wording` and `signposts`, whatever it is kept in."""

    def texts(value: object) -> list[str]:
        if isinstance(value, str):
            return [value]
        if isinstance(value, dict):
            return [text for each in value.values() for text in texts(each)]
        if isinstance(value, tuple | list):
            return [text for each in value for text in texts(each)]
        if isinstance(value, signposts.Signpost):
            return [value.status, value.text]  # its source is a title, as its authors wrote it
        return []

    constants = [
        value
        for module in (wording, signposts, evidence_words)
        for name, value in vars(module).items()
        if name.isupper() and value not in (signposts.FRAMEWORK, signposts.EXCLUSIONS)
    ]
    rates = Interval(0.33, 0.2, 0.45)
    said = [say(rates, outcome, 365) for say in (both_framings, missed) for outcome in wording.OUTCOMES]
    return [*(text for value in constants for text in texts(value)), *said]


def syllables(word: str) -> int:
    """Groups of vowels, less a silent e: within one of a dictionary's count for nearly every English word."""
    word = word.lower()
    groups = len(re.findall(r"[aeiouy]+", word))
    return max(
        1,
        groups
        - (word.endswith(("e", "es", "ed")) and not word.endswith(("le", "ted", "ded")) and groups > 1),
    )


def grade(text: str) -> float:
    """Flesch-Kincaid grade level (Kincaid et al. 1975): 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    for term in sorted(TERMS, key=len, reverse=True):
        text = re.sub(rf"\b{re.escape(term)}\b", "matter", text, flags=re.IGNORECASE)
    sentences = max(1, len(re.findall(r"[.?!:;](?:\s|$)", text)))
    words = re.findall(r"[A-Za-z’'-]+", text)
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_grade_tells_easy_from_hard() -> None:
    assert grade("The cat sat on the mat.") < 1
    assert (
        grade(
            "Notwithstanding organisational considerations, multidisciplinary professionals collaboratively deliberate."
        )
        > 15
    )


def test_every_phrase_can_be_read_at_about_twelve() -> None:
    hard = [
        (round(grade(text), 1), text)
        for text in phrases()
        if len(text.split()) >= 7 and grade(text) > MAX_GRADE
    ]
    assert hard == []


def test_on_the_whole_phrases_are_easier_than_that() -> None:
    long = [text for text in phrases() if len(text.split()) >= 7]
    assert sum(map(grade, long)) / len(long) < 5.5


def test_no_phrase_or_template_says_what_is_never_said() -> None:
    pages = [path.read_text() for path in (Path(wording.__file__).parent / "templates").iterdir()]
    found = {
        (word, text[:60])
        for text in [*phrases(), *pages]
        for word in BANNED
        if re.search(rf"\b{word}\b", text, re.IGNORECASE)
    }
    assert found == set()


def test_both_framings_count_the_same_people() -> None:
    said = both_framings(Interval(0.325, 0.2, 0.45), "serious_exclusion", 365, "secondary", whole=40)
    assert "on past lists of secondary schools, about 13 (8 to 18) were" in said
    assert "About 27 (22 to 32) were not" in said
    assert "in the year after" in said
    assert "six months after" in both_framings(Interval(0.325, 0.2, 0.45), "serious_exclusion", 182)


def test_missed_says_how_many_had_not_been_listed() -> None:
    assert "about 45 (38 to 52) had been on it. About 55 (48 to 62) had not" in missed(
        Interval(0.45, 0.38, 0.52), "any_suspension", 365
    )


@pytest.mark.parametrize(
    ("words", "said"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_listing(words: list[str], said: str) -> None:
    assert listing(words) == said


@pytest.mark.parametrize(("year", "said"), [(-1, "Year not known"), (0, "Reception"), (11, "Year 11")])
def test_year_group(year: int, said: str) -> None:
    assert year_group(year) == said


def test_a_pseudonym_is_sixteen_digits_for_any_pupil_and_no_formula() -> None:
    assert pseudonym(0) == "0000-0000-0000-0000"
    assert pseudonym(-1) == "ffff-ffff-ffff-ffff"
    assert pseudonym(-(2**63)) != pseudonym(2**63 - 1)


def test_a_day_is_said_as_people_say_it() -> None:
    assert wording.day(date(2025, 3, 3)) == "3 March 2025"


def test_there_is_a_signpost_for_every_status() -> None:
    assert set(signposts.SIGNPOSTS) == {status.name for status in STATUSES}
