"""The service under generated requests, good and bad, as every role: all of schemathesis's checks.

A few examples an endpoint and role in `make test`; `make attack` asks for many more (PATHWAYS_EXAMPLES).
"""

import os
from collections.abc import Callable, Iterator
from typing import get_origin

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import CHECKS
from schemathesis.config import SchemathesisConfig

from serving.endpoints import BY_NAME, ENDPOINTS
from serving.http.application import document
from serving.http.forms import is_form
from serving.security import sign_ins
from tests.served import served

EXAMPLES = int(os.environ.get("PATHWAYS_EXAMPLES", "2"))
ROLES = ("officer", "data_scientist", "reviewer", "information_governance", "administrator", "manager")
# They end the very sign-in that asks, or somebody's of another test, or change about whom they may ask, or send a browser to a provider that is not there.
APART = (
    "sign_out",
    "sign_out_form",
    "begin_sign_in",
    "end_sign_in",
    "code_form",
    "change_scopes_form",
    "close_account_form",
)
ASKED = tuple(each for each in ENDPOINTS if each.name not in APART)
schema = schemathesis.openapi.from_dict(document(ASKED), config=SchemathesisConfig())
# A well-formed screening can still break a rule of screening (422) or ask for a list that is too old (410).
RULES = ("rule-of-screening", "too-old")


@pytest.fixture(scope="module", autouse=True)
def _nobody_is_slowed() -> Iterator[None]:
    """Each answer that is given is asked for with a wrong token too, which waits eight seconds from one address."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sign_ins, "LONGEST_WAIT_S", 0.0)  # test_sign_ins.py holds that it waits
        yield


def no_request_finds_a_fault_as_any_role(case):
    service = served()
    for role in ROLES:
        headers = {"Authorization": f"Bearer {service.tokens[role]}"}
        found = case.call(base_url=service.url, headers=headers, timeout=30)
        # A form takes any text, and says beside the field what is wrong with it.
        is_page = "text/html" in str(found.headers.get("content-type", ""))
        kept_no_rule = found.status_code in (410, 422) and (is_page or found.json()["type"].endswith(RULES))
        # To JSON Schema 7.0 is an integer; to a strict record it is none (docs/decisions/strict-json.md), and it says so.
        has_float = not is_page and found.status_code == 422 and {
            each["code"] for each in found.json()["breaches"]
        } == {"int_type"}  # fmt: skip
        excluded = [CHECKS.get_one("positive_data_acceptance")] if kept_no_rule or has_float else []
        if names_one_of_many(case):
            excluded.append(CHECKS.get_one("negative_data_rejection"))
        case.validate_response(found, headers=headers, excluded_checks=excluded)


def of_endpoint(name: str) -> Callable[..., None]:
    """The test of one endpoint, under a name of its own: schemathesis gives those of one function the same."""

    @schema.include(operation_id=name).parametrize()
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 10, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )  # fmt: skip
    def test(case):
        no_request_finds_a_fault_as_any_role(case)

    return test


for each in ASKED:
    globals()[f"test_no_request_finds_a_fault_in_{each.name}_as_any_role"] = of_endpoint(each.name)


def names_one_of_many(case: schemathesis.Case) -> bool:
    """Whether a form sends one value for a field that can be sent many times: as a form it is the same as a list of one."""
    of = BY_NAME[case.operation.definition.raw["operationId"]].body
    if not is_form(of) or not isinstance(case.body, dict):
        return False
    many = {name for name, each in of.model_fields.items() if get_origin(each.annotation) is list}
    return any(isinstance(case.body[name], str | bool | int | float) for name in many & set(case.body))
