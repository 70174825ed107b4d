"""A kind of involvement is declared once: whatever import takes is on the card, or says why it is not."""

from datetime import date
from itertools import product

import pytest

from features.as_of import AsOf
from features.calendar import Calendar
from features.facts import facts
from features.involvements import BY_CODE, KINDS
from features.tables import TABLES
from tests import small

ON = date(2025, 3, 3)


OPEN, ENDED = range(2)
Said = dict[tuple[str, int], list[str]]


def said(lawful: str) -> Said:
    """What a card says of a pupil with one spell of each kind, open or ended, and not of a pupil with none."""
    who = {
        (kind.code, state): 2 + number for number, (kind, state) in enumerate(product(KINDS, (OPEN, ENDED)))
    }
    ends = {OPEN: "", ENDED: "2025-01-31"}
    roll = "".join(f"{pupil} | 100002 | C | 2022-09-05 |\n" for pupil in (1, *who.values()))
    spells = "".join(
        f"{pupil} | {kind} | 2024-10-07 | {ends[state]}\n" for (kind, state), pupil in who.items()
    )
    records = small.records(
        roll="pupil | urn | enrolment_status | entry_date | leaving_date\n" + roll,
        involvements="pupil | kind | start_date | end_date\n" + spells,
        toml=small.AUTHORITY.replace('youth_justice = "a made-up condition"', lawful),
    )
    told = facts(records, AsOf(ON, Calendar.of(records.authority)), [1, *who.values()])
    of = told.groupby("pupil")["sentence"].agg(set).to_dict()
    return {one: sorted(of[pupil] - of[1]) for one, pupil in who.items()}


@pytest.fixture(scope="module")
def sentences() -> Said:
    return said("\n".join(f'{kind.sensitivity} = "a condition"' for kind in KINDS if kind.sensitivity))


@pytest.fixture(scope="module")
def without_basis() -> Said:
    return said("")


def test_import_takes_exactly_the_kinds_that_are_declared():
    (kind,) = [column for column in TABLES["involvements"].columns if column.name == "kind"]
    assert set(kind.allowed) == set(BY_CODE)
    assert len(BY_CODE) == len(KINDS)
    assert {"family_help", "safeguarding_separation"} <= set(BY_CODE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_kind_has_its_sentences_or_says_why_not(kind):
    assert bool(kind.is_open) != bool(kind.not_shown_open), (
        f"{kind.code}: a card says nothing of an open spell, and not why"
    )
    assert bool(kind.ended) != bool(kind.not_shown_ended), (
        f"{kind.code}: a card says nothing of an ended spell, and not why"
    )
    assert not kind.is_open or kind.is_open.count("{}") == 1, f"{kind.code}: when it began is not told"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_whatever_is_taken_is_on_the_card_open_and_ended(kind, sentences):
    if kind.is_open:
        assert kind.is_open.format("7 October 2024") in sentences[kind.code, OPEN]
    ended = [sentence for sentence in sentences[kind.code, ENDED] if "31 January 2025" in sentence]
    assert bool(ended) == bool(kind.ended)
    assert all(sentence.startswith(kind.ended) for sentence in ended)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.sensitivity], ids=lambda kind: kind.code)
def test_a_sensitive_kind_is_on_no_card_without_its_lawful_basis(kind, without_basis):
    for state in (OPEN, ENDED):
        assert not [sentence for sentence in without_basis[kind.code, state] if "7 October 2024" in sentence]
