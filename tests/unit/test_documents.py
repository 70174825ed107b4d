"""Documents from one record of facts: nothing published that was not measured, every field there, nobody's name."""

import csv
import io
import json
import re
import shutil

import pytest

from features.errors import AuthorityRefused
from features.records.authority import Documents, read_authority
from models.disclosure import FEWEST
from models.manifest import write_manifest
from models.reviewing import keep_with_model, review
from pathways.models import documents
from serving import document_words
from serving.documents import data_protection, family_notice, model_card, transparency_page
from serving.numbers import percent
from tests.end_to_end.test_pages import Page
from tests.house.test_words import BANNED
from tests.published import audit_of, candidate_with_audit
from tests.small import AUTHORITY, authority
from tests.unit.test_wording import MAX_GRADE, grade
from training.documents.about import leaving
from training.documents.errors import DocumentsRefused
from training.documents.gather import gather
from training.documents.record import IN_PART, OPEN, WHOLE, template, transparency_record
from training.documents.write import write_documents

CONFIRMED = [
    "0.1",
    "0.2",
    "0.3",
    "0.4",
    "0.5",
    "1.1",
    "1.2",
    "1.3",
    "1.4",
    "2.1.1",
    "2.1.2",
    "2.1.3",
    "2.1.4",
    "2.2.1",
    "2.3.2",
    "2.4.1.2",
    "2.4.1.3",
    "2.4.1.5",
    "2.4.2.2",
    "2.4.3.1",
    "2.4.3.4",
    "2.4.4.2",
    "2.5.1",
    "2.5.2",
]
UNCONFIRMED = [
    "2.1.4.1",
    "2.1.4.2",
    "2.1.4.3",
    "2.1.4.4",
    "2.1.4.5",
    "2.2.2",
    "2.2.3",
    "2.2.4",
    "2.3.1",
    "2.3.3",
    "2.3.4",
    "2.3.5",
    "2.4.1.1",
    "2.4.1.4",
    "2.4.2.1",
    "2.4.2.3",
    "2.4.2.4",
    "2.4.2.5",
    "2.4.2.6",
    "2.4.2.7",
    "2.4.2.8",
    "2.4.2.9",
    "2.4.3.2",
    "2.4.3.3",
    "2.4.3.5",
    "2.4.3.6",
    "2.4.3.7",
    "2.4.3.8",
    "2.4.3.9",
    "2.4.4.1",
    "2.4.4.3",
    "2.4.4.4",
    "2.4.4.5",
]
PEOPLE = """
[documents]
team = "Inclusion data team"
complaints = "complaints@example.org"
kept = "Two school years"
legal_basis = "Education Act 1996 s.13, read with DPA 2018, version of 2026-09"
record = { "2.2.3" = "Meetings talked about the children whom somebody remembered.", "0.3" = "Development" }
[signposts]
sendiass = "SENDIASS, 0300 000 0000"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return candidate_with_audit(tmp_path_factory.mktemp("documents"))


@pytest.fixture(scope="module")
def facts(folder):
    return gather(folder, authority(AUTHORITY.replace("Smallshire", "Simulated") + PEOPLE))


@pytest.fixture(scope="module")
def pages(facts):
    return {
        "model_card": model_card(facts),
        "transparency_record": transparency_page(facts, transparency_record(facts)),
        "family_notice": family_notice(facts),
        "data_protection": data_protection(facts),
    }


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "candidate")


def refused(folder, *args) -> str:
    with pytest.raises(DocumentsRefused) as error:
        gather(folder, *args)
    return "\n".join(error.value.breaches)


def test_every_field_of_the_template_is_there_once_and_marked_as_confirmed_or_not():
    rows = template()
    assert rows["id"].is_unique
    assert set(rows["id"][rows["is_confirmed"] == "1"]) == set(CONFIRMED)
    assert set(rows["id"][rows["is_confirmed"] == "0"]) == set(UNCONFIRMED)


def test_every_field_is_filled_or_says_who_has_to(facts):
    for row in transparency_record(facts):
        assert bool(row["text"]) == (row["status"] in (WHOLE, IN_PART)), row["id"]
        assert bool(row["to_complete"]) == (row["status"] in (IN_PART, OPEN)), row["id"]
        assert not row["to_complete"] or re.fullmatch(
            r"to be completed by the [a-z ]+: .+", row["to_complete"]
        )


def test_what_people_wrote_stands_in_the_record(facts):
    rows = {row["id"]: row for row in transparency_record(facts)}
    assert rows["2.2.3"]["text"] == "Meetings talked about the children whom somebody remembered."
    assert (rows["0.3"]["status"], rows["0.3"]["to_complete"]) == (WHOLE, "")
    assert rows["2.1.2"]["text"] == "Inclusion data team"
    assert rows["2.1.2"]["status"] == WHOLE
    assert "version of 2026-09" in rows["2.5.1"]["text"]
    assert rows["2.5.1"]["status"] == IN_PART  # the assessments themselves are a person's


def test_without_authority_toml_more_is_left_to_people(folder, facts):
    less, more = (
        sum(row["status"] == WHOLE for row in transparency_record(each)) for each in (gather(folder), facts)
    )
    assert less < more


def test_law_that_could_not_be_read_says_so_where_it_is_used(facts):
    rows = {row["id"]: row["text"] for row in transparency_record(facts)}
    assert "(check its final text)" in rows["2.5.1"]
    assert "check with a lawyer" in rows["2.5.2"]
    assert "acknowledged within 30 days" in rows["2.3.5"]


def test_every_document_cites_the_law_by_version_with_its_day(pages, facts):
    """The guidance in force on 26 July 2026, what is to be checked of it, and nothing that was replaced."""
    for name, page in pages.items():
        text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
        assert "26 July 2026" in text and "published 26 May 2026" in text, name
        assert "check" in text, name
        assert "from 5 February 2026" in text.replace("in force ", "from "), name
    (row,) = (row for row in transparency_record(facts) if row["id"] == "2.5.1")
    assert "statutory guidance, published 26 May 2026 (from 26 July 2026; check)" in row["text"]
    assert "not in force; check" in row["text"]


def test_what_changed_since_the_records_it_learned_from_is_cited_with_how_sure_it_is(facts, folder):
    found = {one["name"] for one in facts["breaks"]}
    assert {"exclusions_guidance", "free_school_meals", "internal_suspension"} <= found
    assert "covid_closures" not in found
    assert gather(folder)["breaks"] == []  # whose records they are is not known
    card = " ".join(re.sub(r"<[^>]+>", " ", model_card(facts)).split())
    assert "26 July 2026: Statutory guidance in force" in card and "primary text: check" in card


def test_the_page_for_data_protection_is_read_without_a_key_to_its_codes(pages):
    """What A, B and C mean stands beside them, a source has its name in words, and no version says its day twice."""
    text = " ".join(re.sub(r"<[^>]+>", " ", pages["data_protection"].rpartition("</style>")[2]).split())
    assert "primary text or official list read" in text and not re.search(r"\b[ABC](;|,| for\b|$)", text)
    assert "Youth justice a made-up condition" in text
    assert not re.search(r"\b\w+_\w+\b", text.replace("consistent_identifier", ""))
    assert not re.search(r"(\d+ \w+ 20\d\d); from \1", text)


def test_the_page_for_data_protection_says_what_is_not_in_force_and_why_nhs_numbers_are_refused(pages):
    text = " ".join(re.sub(r"<[^>]+>", " ", pages["data_protection"]).split())
    assert "NHS numbers are refused" in text and "not in force" in text
    assert "holds NHS numbers stops an import" in text
    assert "Education Act 1996 s.13" in text


def test_figures_stand_with_their_range(facts):
    (row,) = (row for row in transparency_record(facts) if row["id"] == "2.4.2.7")
    assert dict(row["figures"])["Had the outcome, of those with a place"] == facts["evidence"]["precision"]
    assert facts["evidence"]["precision"]["low"] is not None


def test_everything_missing_is_named_at_once(copy):
    (copy / "evidence.json").unlink()
    (copy / "audit.json").unlink()
    said = refused(copy)
    assert "neither precision nor recall was measured" in said
    assert "No rate of any group was measured" in said
    assert "evidence.json is named in manifest.json and is not there" in said
    assert "No document was written" in said


def test_unmeasured_precision_and_recall_and_what_was_not_audited_are_named(copy):
    evidence = json.loads((copy / "evidence.json").read_text())
    for name in ("precision", "recall_at_capacity"):
        evidence["headline"][name] |= {
            "estimate": None,
            "low": None,
            "high": None,
            "reason": "no pupil had the outcome",
        }
    (copy / "evidence.json").write_text(json.dumps(evidence))
    write_manifest(copy)
    audit = audit_of(copy)
    audit["groups"] = [row for row in audit["groups"] if row["attribute"] != "sex"]
    keep_with_model(copy, audit)
    said = refused(copy)
    assert "Recall at capacity was not measured (no pupil had the outcome)" in said
    assert "Precision was not measured" in said
    assert "Not audited: sex, though" in said


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": {"folder_hash": "0" * 64}}, "is of another model than this folder's"),
        ({"data_hash": "f" * 64}, "The audit is of data ffffffffffff"),
    ],
)
def test_an_audit_of_something_else_is_no_audit(copy, changes, says):
    keep_with_model(copy, audit_of(copy, **changes))
    assert says in refused(copy)


def test_another_places_authority_toml_is_refused(folder):
    assert "authority.toml is of Smallshire" in refused(folder, authority())


def test_published_counts_are_suppressed_and_rounded(facts):
    numbers = [row[name] for row in facts["groups"] for name in ("n", "events")]
    numbers += [
        count for part in facts["counts"].values() for name, count in part.items() if name != "num_schools"
    ]
    assert None in numbers
    assert all(number is None or (number >= 10 and number % 5 == 0) for number in numbers)


def test_of_few_helped_children_not_even_that_there_were_none_is_told():
    none = {
        "status": "cannot_tell",
        "estimate": None,
        "low": None,
        "high": None,
        "events": 0,
        "reason": "no pupil had the outcome",
    }
    few = {"status": "estimated", "estimate": 0.31, "low": 0.1, "high": 0.5, "events": 4, "reason": ""}
    assert leaving(none, FEWEST) == leaving(few, FEWEST)
    assert leaving(none, FEWEST)["reason"] == "too few to show"


@pytest.mark.parametrize(
    ("share", "words"), [(0.0, "0%"), (0.01, "1%"), (0.0104, "1.0%"), (0.05, "5%"), (0.25, "25%")]
)
def test_a_share_that_was_rounded_to_a_hundredth_claims_no_decimal(share, words):
    assert percent(share) == words


def test_nobody_is_named_but_by_their_own_words(folder, facts):
    trained_by = json.loads((folder / "evidence.json").read_text())["data"]["trained_by"]
    assert trained_by
    assert f'"{trained_by}"' not in json.dumps(facts)


def test_a_signed_audit_is_told_without_the_reviewers_name(copy):
    review(copy, "Grace Hopper", "refuse", "Looked at with two schools; the gap by district is too wide.")
    told = gather(copy)
    assert told["audit"]["review"]["decision"] == "refuse"
    assert "Grace" not in json.dumps(told)
    assert "decided to refuse" in model_card(told)


def test_pages_are_stamped_where_data_are_made_up(pages, facts):
    real = {**facts, "is_made_up": False}
    for name, page in pages.items():
        assert page.count(document_words.MADE_UP_DOCUMENT) == 2, name
        assert "http" not in page
    assert "MADE-UP" not in family_notice(real)


def test_the_card_has_every_group_and_no_zero_for_what_cannot_be_told(pages, facts):
    card = re.sub(r"<[^>]+>", " ", pages["model_card"])
    assert all(row["label"] in card for row in facts["groups"])
    assert "cannot tell" in card
    assert "Ethnicity, sex and free school meals are never among them" in card
    few = [row for row in facts["groups"] if row["group"] == "c"]
    assert few
    assert all(row["metrics"]["recall"]["estimate"] is None for row in few)


def test_the_card_says_of_which_attributes_no_gap_would_be_seen(facts):
    def untold(row):
        cannot = {"status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": "too few"}
        return row | {"metrics": row["metrics"] | {"recall": row["metrics"]["recall"] | cannot}}

    ethnicity = [row for row in facts["groups"] if row["attribute"] == "ethnicity"]
    assert any(row["metrics"]["recall"]["status"] == "estimated" for row in ethnicity)
    without = [untold(row) if row["attribute"] == "ethnicity" else row for row in facts["groups"]]
    said = re.compile(r"can be told for no group of: ([^.]*)\.")
    assert "Ethnic group" not in "".join(said.findall(model_card(facts)))
    assert "Ethnic group" in said.findall(model_card(facts | {"groups": without}))[0]


def test_the_record_page_shows_what_is_left_to_do(pages, facts):
    rows = transparency_record(facts)
    assert pages["transparency_record"].count('class="open"') == sum(bool(row["to_complete"]) for row in rows)
    assert pages["transparency_record"].count("(check name)") == len(UNCONFIRMED)


def test_the_notice_can_be_read_at_about_twelve():
    said = [text for _, sentences in document_words.NOTICE for text in sentences]
    said += [
        *document_words.RIGHTS,
        *document_words.COMPLAIN,
        *document_words.WHO_SEES_IT,
        *document_words.EXCLUSION_MEANS,
        document_words.SENDIASS,
        document_words.NOT_LISTED,
    ]
    hard = [
        (round(grade(text), 1), text) for text in said if len(text.split()) >= 7 and grade(text) > MAX_GRADE
    ]
    assert hard == []


def test_the_notice_tells_how_to_object_and_complain(pages, folder):
    notice = re.sub(r"<[^>]+>", " ", pages["family_notice"])
    assert "You can object" in notice
    assert "within 30 days" in notice
    assert "complaints@example.org" in notice
    assert "SENDIASS, 0300 000 0000" in notice
    blank = re.sub(r"<[^>]+>", " ", family_notice(gather(folder)))
    assert blank.count("to be completed by") == 5
    assert "Education Act 1996 s.13" in notice
    assert "Two school years" in notice


def test_the_folder_is_whole_or_not_there(facts, tmp_path):
    write_documents(tmp_path / "out", facts, {"model_card.html": "<p>"})
    assert json.loads((tmp_path / "out" / "facts.json").read_text()) == json.loads(json.dumps(facts))
    rows = list(csv.DictReader(io.StringIO((tmp_path / "out" / "transparency_record.csv").read_text())))
    assert [row["id"] for row in rows] == template()["id"].tolist()
    with pytest.raises(DocumentsRefused, match="already there"):
        write_documents(tmp_path / "out", facts, {})
    with pytest.raises(TypeError):
        write_documents(tmp_path / "torn", facts, {"model_card.html": 3})
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_pages_are_whole_and_can_be_read_by_everyone(pages):
    for name, text in pages.items():
        page = Page(text)
        assert not page.misnested and not page.open, name
        levels = [int(tag[1]) for tag, _, _ in page.all("h1", "h2", "h3", "h4")]
        assert levels[0] == 1 and levels.count(1) == 1, name
        assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:], strict=False)), name
        assert len(page.all("table")) == len(page.all("caption")), name
        ids = [attrs["id"] for _, attrs, _ in page.elements if "id" in attrs]
        assert len(ids) == len(set(ids)), name
        assert "size: A4" in text
        assert not BANNED.search(re.sub(r"<[^>]+>", " ", text)), name


@pytest.mark.parametrize("wrong", ['record = { "two" = "x" }', 'owner = "x"'])
def test_a_field_that_is_none_is_refused(wrong, tmp_path):
    (tmp_path / "authority.toml").write_text(AUTHORITY + f"\n[documents]\n{wrong}\n")
    with pytest.raises(AuthorityRefused, match="documents"):
        read_authority(tmp_path)


def test_the_command_writes_every_document(folder, tmp_path):
    out = tmp_path / "out"
    documents(folder, out)
    assert sorted(path.name for path in out.iterdir()) == [
        "data_protection.html", "evidence.html", "facts.json", "family_notice.html", "model_card.html", "transparency_record.csv", "transparency_record.html",
    ]  # fmt: skip
    with pytest.raises(DocumentsRefused, match="already there"):
        documents(folder, out)


def test_a_text_for_a_field_that_the_record_does_not_have_is_refused():
    said = {"2.3.5": "Write to us.", "2.3.9": "x", "9": "y"}
    people = {"documents": Documents(record=said).model_dump()}
    with pytest.raises(AuthorityRefused) as refused:
        transparency_record({"people": people})
    first, second = refused.value.breaches
    assert "documents.record: the record has no field 2.3.9." in first
    assert "no field 9." in second
