"""The service's document: no field could hold a decision about a child, and every error is in it."""

import re

import jsonschema
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from serving.endpoints import ENDPOINTS, THROUGH_BENTOML
from serving.http.application import document, kinds_of
from serving.http.problems import KINDS
from serving.http.records import NO_DECISION
from tests.served import AS_OF, served

# Words of a verdict, a rank or a number of a child's own; none names a field or a value anywhere.
VERDICT = re.compile(
    r"decision|decide|verdict|judg|recommend|action_required|approve|eligib|threshold|score|risk|grade|rank|percentile|probabilit|"
    r"estimate_value|likelihood|chance|priority|flag|colour|color|severity|tier|level_of_response|exclude|sanction|prosecut",
    re.IGNORECASE,
)
# What a meeting's people settled on stands only here, and the first is a sentence that says what this is not.
HUMAN = {
    "outcome": {
        "MeetingSaid",
        "ScreeningBegun",
        "ScreeningEdit",
        "ReviewHeld",
        "ScreeningVersionRecord",
        "ScreeningForm",
        "ReviewForm",
    }  # fmt: skip
}
# The audit of groups, this document, counts by group, what is ready, and what is held already, given to the family.
OPEN = {"Audit", "Document", "Figures", "Health", "Holding"}
SAID_TO_BE_NONE = {"is_not_a_decision"}
ALLOWED_VALUES = {"exclusion_in_progress"}


@pytest.fixture(scope="module")
def told() -> dict:
    return document(ENDPOINTS)


def properties(told: dict):
    for name, schema in told["components"]["schemas"].items():
        for field, of in schema.get("properties", {}).items():
            yield name, field, of


def test_no_field_could_hold_a_decision(told):
    found = [
        f"{name}.{field}"
        for name, field, _ in properties(told)
        if VERDICT.search(field) and field not in SAID_TO_BE_NONE
    ]
    assert not found, found
    of_people = {name for name, field, _ in properties(told) if field == "outcome"}
    assert of_people <= HUMAN["outcome"]
    assert not any(name in ("Estimate", "Card", "Explanation", "MeetingListAnswer") for name in of_people)


def test_no_record_takes_or_gives_a_field_that_it_does_not_name(told):
    """A record that anything could be put into could hold a decision: these alone are open, and none is made by a model of a child."""
    is_open = {
        name
        for name, schema in told["components"]["schemas"].items()
        for of in (schema, *schema.get("properties", {}).values())
        if of.get("type") == "object" and of.get("additionalProperties", True) is not False
        or of.get("type") == "array" and not of.get("items")
    }  # fmt: skip
    assert is_open == OPEN


def test_no_value_of_a_field_is_a_verdict(told):
    def values(of):
        if isinstance(of, dict):
            yield from of.get("enum", [])
            yield from [of["const"]] if "const" in of else []
            for each in of.values():
                yield from values(each)
        elif isinstance(of, list):
            for each in of:
                yield from values(each)

    found = {
        v
        for v in values(told["components"]["schemas"])
        if isinstance(v, str) and " " not in v and VERDICT.search(v)
    }
    assert found <= ALLOWED_VALUES, found


def test_an_estimate_has_no_number_of_the_pupils_own(told):
    schemas = told["components"]["schemas"]
    for name in ("Estimate", "Card", "Listing", "Listed"):
        kinds = [of.get("type") for of in schemas[name]["properties"].values()]
        assert "number" not in kinds and "integer" not in kinds
    assert set(schemas["Share"]["properties"]) == {"of", "about", "low", "high"}
    sentence = schemas["Estimate"]["properties"]["is_not_a_decision"]
    assert sentence["const"] == NO_DECISION


def test_nothing_comes_in_as_a_file_an_image_or_an_address(told):
    text = str(told["components"]["schemas"])
    assert not re.search(r"'format': '(binary|byte|uri|url|image|tensor|dataframe)", text)
    for path, methods in told["paths"].items():
        taken = {kind for of in methods.values() for kind in of.get("requestBody", {}).get("content", {})}
        assert taken <= (
            {"application/json"} if path.startswith("/v1/") else {"application/x-www-form-urlencoded"}
        )


def test_the_test_can_tell_a_verdict():
    for word in (
        "is_high_risk",
        "decision",
        "recommended_action",
        "rank",
        "probability",
        "exclude_pupil",
        "priority",
    ):
        assert VERDICT.search(word)


def test_every_error_is_in_it_with_its_document(told):
    for endpoint in ENDPOINTS:
        answers = told["paths"][endpoint.path][endpoint.method.lower()]["responses"]
        for kind in kinds_of(endpoint):
            answer = answers[str(KINDS[kind].status)]
            assert kind in answer["description"]
            if endpoint.is_page:
                assert list(answer["content"]) == ["text/html"]
            else:
                problem = answer["content"]["application/problem+json"]["schema"]
                assert problem["$ref"].endswith("ProblemDocument")
            assert ("headers" in answer) == (KINDS[kind].status in (429, 503))


def test_it_is_a_document_of_openapi_3_1(told):
    assert told["openapi"].startswith("3.1") and not list(OPENAPI_31_VALIDATOR.iter_errors(told))
    for schema in told["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)
    names = [endpoint.name for endpoint in ENDPOINTS]
    assert len(names) == len(set(names))


def test_bentoml_answers_the_three_and_nothing_else():
    from serving.service import Pathways

    routes = {api.route for api in Pathways.apis.values()}
    assert (
        routes == {endpoint.path for endpoint in ENDPOINTS if endpoint.name in THROUGH_BENTOML}
        and len(routes) == 3
    )


def test_answers_are_as_the_document_says(told):
    service = served()
    registry = {"$defs": told["components"]["schemas"]}
    pupil = service.pupils(service.school, "listed")[0]
    day = AS_OF.isoformat()
    for path, body in (
        ("/v1/estimate", {"as_of": day, "pupils": service.pupils(service.school)[:50]}),
        ("/v1/list", {"as_of": day, "of": {"school": service.school}}),
        ("/v1/explain", {"as_of": day, "pupil": pupil}),
    ):
        found = service.ask("POST", path, "officer", body).json()
        ref = told["paths"][path]["post"]["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
        schema = {"$ref": ref.replace("#/components/schemas/", "#/$defs/"), **_moved(registry)}
        jsonschema.Draft202012Validator(schema).validate(found)


def _moved(of):
    if isinstance(of, dict):
        return {
            key: value.replace("#/components/schemas/", "#/$defs/") if key == "$ref" else _moved(value)
            for key, value in of.items()
        }
    return [_moved(each) for each in of] if isinstance(of, list) else of
