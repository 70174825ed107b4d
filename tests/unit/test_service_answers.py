"""What the service answers: everything an estimate must carry, abstentions, scopes, and the same bytes again."""

import json
from itertools import pairwise

import pytest

from serving.http.records import NO_DECISION, PURPOSE
from serving.wording import NOT_FOR
from tests.served import AS_OF, Served, never_screened, served

DAY = AS_OF.isoformat()


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


def estimates(service: Served, pupils: list[str], who: str = "officer") -> dict:
    found = service.ask("POST", "/v1/estimate", who, {"as_of": DAY, "pupils": pupils})
    assert found.status_code == 200, found.text
    return found.json()


def test_every_estimate_carries_what_it_may_not_be_read_without(service):
    listed = service.pupils(service.school, "listed")[-1]
    found = estimates(service, [listed])["estimates"][0]
    assert found["purpose"] == PURPOSE
    assert found["is_not_a_decision"] == NO_DECISION
    assert tuple(found["not_to_be_used_for"]) == NOT_FOR
    assert found["as_of"] == DAY and found["expires_on"] == "2025-09-01"
    assert found["release"].startswith("demonstration-1 ")
    assert found["at_school"]["state"] == "listed"
    assert "MADE-UP DATA" in found["made_up"]
    assert found["frequency"] is None and found["range"] is None and "own view" in found["frequency_note"]


def test_requested_is_estimated_and_not_assessed(service):
    ours, others = service.pupils(service.school), service.pupils(service.other_school)
    strangers = ["0123-4567-89ab-cdef"]
    asked = ours[:60] + others[:5] + strangers
    found = estimates(service, asked)
    assert found["requested"] == len(asked) == found["estimated"] + found["not_assessed"]
    assert found["estimated"] == len(found["estimates"]) and found["not_assessed"] == len(
        found["abstentions"]
    )
    assert {each["pupil"] for each in found["estimates"]} | {
        each["pupil"] for each in found["abstentions"]
    } == set(asked)


def test_other_schools_and_nobody_are_told_apart_by_nobody(service):
    other, nobody = service.pupils(service.other_school)[0], "0123-4567-89ab-cdef"
    found = estimates(service, [other, nobody])["abstentions"]
    assert [{**each, "pupil": ""} for each in found[:1]] == [{**each, "pupil": ""} for each in found[1:]]


@pytest.mark.parametrize(
    "reason", ["objection", "year_group_unknown", "alternative_provision", "registers_stopped"]
)
def test_who_is_not_assessed_is_told_with_the_reason(service, reason):
    matrix = service.reading.matrix
    row = matrix[matrix["not_assessed_reason"] == reason].iloc[0]
    pupil = next(code for code in service.pupils(int(row["urn"]), reason=reason))
    found = estimates(service, [pupil], "data_scientist")
    assert found["abstentions"][0]["reason"] == reason and not found["estimates"]


def test_a_restricted_pupil_is_as_nobody(service):
    matrix = service.reading.matrix
    urn = int(matrix[matrix["not_assessed_reason"] == "restricted"]["urn"].iloc[0])
    restricted = service.pupils(urn, reason="restricted")[0]
    assert estimates(service, [restricted], "data_scientist")["abstentions"][0]["reason"] == "not_found"
    every = b"".join(path.read_bytes() for path in (service.home / "prepared").rglob("*") if path.is_file())
    number = int(restricted.replace("-", ""), 16)
    assert number.to_bytes(8, "little") not in every and restricted.encode() not in every


def test_the_same_request_gives_the_same_bytes(service):
    asked = {"as_of": DAY, "pupils": service.pupils(service.school)[:20]}
    for path, body in (
        ("/v1/estimate", asked),
        ("/v1/list", {"as_of": DAY, "of": {"school": service.school}}),
    ):
        answers = [service.ask("POST", path, "officer", body).content for _ in range(4)]
        assert all(first == second for first, second in pairwise(answers))


def test_a_list_adds_up_to_the_roll_and_is_in_order_of_name(service):
    found = service.ask(
        "POST", "/v1/list", "officer", {"as_of": DAY, "of": {"school": service.school}}
    ).json()
    counts = found["counts"]
    assert counts["on_roll"] == (service.reading.matrix["urn"] == service.school).sum()
    assert sum(count for state, count in counts.items() if state != "on_roll") == counts["on_roll"]
    surnames = [each["name"].split()[-1] for each in found["listed"]]
    assert found["listed"] and surnames == sorted(
        surnames, key=lambda name: name.replace("É", "E").casefold()
    )
    assert found["frequencies"] and "not" in found["frequencies"][0]


def test_a_data_scientist_sees_pseudonyms_only(service):
    body = {"as_of": DAY, "of": {"school": service.school}}
    ours = service.ask("POST", "/v1/list", "officer", body).json()
    theirs = service.ask("POST", "/v1/list", "data_scientist", body).text
    names = {each["name"] for each in ours["listed"]}
    assert names and "" not in names and not any(name in theirs for name in names)
    assert all(each["pupil"] in theirs for each in ours["listed"])


def test_a_card_tells_facts_and_no_number(service):
    listed = service.pupils(service.school, "listed")[0]
    found = service.ask("POST", "/v1/explain", "officer", {"as_of": DAY, "pupil": listed}).json()
    card = found["card"]
    assert found["abstention"] is None and card["pupil"] == listed and card["signposts"] is not None
    assert card["what_moved_the_estimate"][-1].startswith("Against the average")
    unlisted = service.pupils(service.school, "not_listed")[0]
    none = service.ask("POST", "/v1/explain", "officer", {"as_of": DAY, "pupil": unlisted}).json()
    assert none["card"] is None and none["abstention"] is None and "raise any child" in none["note"]


def test_the_frequency_waits_for_the_meetings_own_view(service):
    who, pupil = "officer", never_screened(service.pupils(service.school, "listed"))
    service.put_aside(who)
    asked = {"as_of": DAY, "pupil": pupil}
    assert service.ask("POST", "/v1/frequency", who, asked).status_code == 409
    begun = service.ask("POST", "/v1/screenings", who, {"pupil": pupil, "meeting_on": DAY, "as_of": DAY})
    assert begun.status_code == 201 and begun.json()["prompt"] == "listed"
    number = begun.json()["screening"]
    assert service.ask("POST", "/v1/frequency", who, asked).json()["type"].endswith("view-first")
    said = {
        "version": 1,
        "considered": ["family"],
        "considered_words": "Mother came.",
        "view": "New sibling; tired.",
    }
    assert service.ask("POST", f"/v1/screenings/{number}/versions", who, said).status_code == 201
    found = service.ask("POST", "/v1/frequency", who, asked).json()
    share = found["frequency"]
    assert share["with_outcome"] + share["without_outcome"] == share["children"]
    assert share["share"]["low"] <= share["share"]["about"] <= share["share"]["high"] < 100
    assert "were not" in share["words"] and found["range"]["words"]
    assert estimates(service, [pupil])["estimates"][0]["frequency"] == share
    assert estimates(service, [pupil], "data_scientist")["estimates"][0]["frequency"] is None
    done = {**said, "version": 2, "outcome": "no_action", "was_known": True}
    assert (
        service.ask("POST", f"/v1/screenings/{number}/versions", who, done).json()["now"]["state"] == "done"
    )


def test_an_objection_silences_at_once(service):
    pupil = service.pupils(service.school, "could_go_either_way")[0]
    body = {"pupil": pupil, "kind": "object", "words": "We object."}
    listed = {"as_of": DAY, "of": {"school": service.school}}
    before = service.ask("POST", "/v1/list", "officer", listed).json()["counts"]
    assert service.ask("POST", "/v1/rights", "information_governance", body).status_code == 201
    assert estimates(service, [pupil])["abstentions"][0]["reason"] == "objection"
    assert (
        service.ask("POST", "/v1/explain", "officer", {"as_of": DAY, "pupil": pupil}).json()["card"] is None
    )
    after = service.ask("POST", "/v1/list", "officer", listed)
    assert pupil not in after.text
    counts = after.json()["counts"]
    assert counts["on_roll"] == before["on_roll"] and counts["not_assessed"] == before["not_assessed"] + 1


def test_a_caseload_is_the_callers_own(service):
    asked = {"as_of": DAY, "status": "looked_after"}
    found = service.ask("POST", "/v1/caseload", "caseload", asked).json()
    held = service.reading.statuses
    silent = service.reading.matrix[
        service.reading.matrix["not_assessed_reason"].isin(["objection", "restricted"])
    ]["pupil"]
    expected = set(held[held["status"] == "looked_after"]["pupil"]) - set(silent)
    assert 0 < len(found["pupils"]) <= len(expected)
    own = service.ask("POST", "/v1/caseload", "officer", asked).json()
    assert {each["school"] for each in own["pupils"]} <= {each["school"] for each in found["pupils"]}
    assert (
        service.ask("POST", "/v1/caseload", "officer", {**asked, "status": "primary_age"}).status_code == 404
    )


def test_a_profile_suppresses_and_rounds(service):
    district = service.district(service.school)
    found = service.ask("POST", "/v1/profile", "reviewer", {"as_of": DAY, "district": district}).json()
    counts = [need["pupils"] for phase in found["phases"] for need in phase["needs"]]
    assert None in counts and all(count is None or (count >= 10 and count % 5 == 0) for count in counts)
    for phase in found["phases"]:
        for need in phase["needs"]:
            told = [phase["on_roll"] or 0, need["pupils"] or 0, need["no_help_entered"] or 0]
            assert told == sorted(told, reverse=True)  # nobody is without help who is not of those counted


def test_no_answer_tells_an_estimate_as_a_number(service):
    """No number in an answer about a child is a share or a place: integers of dates and counts alone."""
    pupil = service.pupils(service.school, "listed")[0]
    for path, body in (
        ("/v1/estimate", {"as_of": DAY, "pupils": [pupil]}),
        ("/v1/explain", {"as_of": DAY, "pupil": pupil}),
    ):
        found = json.loads(
            service.ask("POST", path, "officer", body).content, parse_float=lambda text: pytest.fail(text)
        )
        assert found
