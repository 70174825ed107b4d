"""The law by version: every row whole, guidance told by the rules of its day, *check* where the facts page has it."""

from datetime import date

import pytest

from features.contract.law import DOCUMENTS, EXCLUSIONS, STANDINGS, cited_in, exclusions_guidance, law, laws
from features.records import private


def test_every_row_is_whole():
    wrong = [
        one.name
        for one in laws()
        if one.standing not in STANDINGS
        or not (one.title and one.version and one.means and one.certainty)
        or not set(one.documents) <= set(DOCUMENTS)
        or (one.first_day is None) != (one.standing in ("draft", "not in force"))
        or (one.last_day is not None) != (one.standing == "replaced")
    ]
    assert not wrong
    assert len({one.name for one in laws()}) == len(laws())


def test_every_document_cites_the_guidance_in_force_and_none_what_was_replaced():
    for document in DOCUMENTS:
        cited = [one.name for one in cited_in(document)]
        assert "exclusions_guidance_2026" in cited and "exclusions_guidance_2024" not in cited, document


def test_what_the_facts_page_says_to_check_says_so():
    to_check = {one.name for one in laws() if one.must_check}
    assert {
        "exclusions_guidance_2026",
        "behaviour_regulations_2026",
        "consistent_identifier",
        "ico_adm_guidance",
    } <= to_check
    assert not {"uk_gdpr_22a", "dpa_s164a", "attendance_regulations_2024"} & to_check


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2020, 1, 6), "August 2024"), (date(2025, 2, 14), "August 2024"), (date(2026, 7, 25), "August 2024"),
        (date(2026, 7, 26), "published 26 May 2026"), (date(2026, 11, 1), "published 26 May 2026"),
    ],
)  # fmt: skip
def test_a_record_is_told_by_the_guidance_of_its_day(on, version):
    assert version in exclusions_guidance(on)


def test_versions_of_the_guidance_follow_each_other_without_a_gap():
    before, after = (law(name) for name in EXCLUSIONS)
    assert before.last_day is not None and after.first_day is not None
    assert (after.first_day - before.last_day).days == 1


def test_a_citation_has_version_days_and_what_to_check():
    found = law("exclusions_guidance_2026").citation
    assert (
        found
        == "DfE, Suspension and permanent exclusion, statutory guidance, published 26 May 2026 (from 26 July 2026; check)"
    )
    assert (
        law("dpa_s164a").citation == "Data Protection Act 2018, section 164A (complaints) (from 19 June 2026)"
    )
    assert law("consistent_identifier").citation.endswith("(not in force; check)")


def test_nhs_numbers_are_refused_with_the_law_that_is_not_in_force():
    """The dated setting: while the row has no first day the words say so, and the day that it has stands in them."""
    assert law("consistent_identifier").first_day is None
    assert private.NHS_REFUSED.startswith(
        "holds NHS numbers, which are refused: Children's Wellbeing and Schools Act 2026"
    )
    assert "not in force (as of November 2026: check)" in private.NHS_REFUSED
