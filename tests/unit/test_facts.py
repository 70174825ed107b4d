"""The records that training hands to serving: what is written is what was found, and what is wrong is refused."""

import json
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

from models.errors import ModelRefused
from models.facts.evidence import Evidence
from models.facts.fact import Figure
from models.facts.monitor import Monitor
from models.facts.schemas import RECORDS, schema
from tests.watched import closed, facts

EXAMPLE = json.loads((Path(__file__).parents[1] / "example_evidence.json").read_text())
TOLD = {"status": "estimated", "estimate": 0.5, "low": 0.4, "high": 0.6, "reason": ""}
UNTOLD = {"status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": "too few"}


@pytest.mark.parametrize("name", RECORDS)
def test_each_schema_is_one_and_lets_nothing_else_pass(name):
    made = schema(name)
    jsonschema.Draft202012Validator.check_schema(made)
    assert not jsonschema.Draft202012Validator(made).is_valid({})


@pytest.mark.parametrize(
    ("record", "plain"), [(Evidence, EXAMPLE), (Monitor, facts()), (Monitor, facts(performance=closed()))]
)
def test_nothing_is_lost_or_turned_into_another_kind(record, plain):
    again = json.loads(record.checked(plain).text())
    assert again == plain
    assert json.dumps(again, sort_keys=True) == json.dumps(plain, sort_keys=True)  # 3 is not 3.0


@pytest.mark.parametrize(
    "change",
    [
        {"low": None},  # estimated, without a range
        {"estimate": None},
        {"estimate": "0.5"},  # no number
        {"estimate": float("nan")},
        {"low": True},
        {"pupil": 1},  # not declared
    ],
)
def test_a_figure_that_is_none_is_refused(change):
    Figure.checked(TOLD)
    with pytest.raises(ValidationError):
        Figure.checked(TOLD | change)


@pytest.mark.parametrize("change", [{"reason": ""}, {"low": 0.1}])
def test_what_cannot_be_told_says_why_and_has_no_range(change):
    Figure.checked(UNTOLD)
    with pytest.raises(ValidationError):
        Figure.checked(UNTOLD | change)


def test_a_file_that_is_wrong_is_refused_with_every_field_and_no_value(tmp_path):
    path = tmp_path / "evidence.json"
    path.write_text(json.dumps(EXAMPLE | {"window_days": 777, "is_made_up": "secret"}))
    with pytest.raises(ModelRefused) as refused:
        Evidence.read(path)
    told = str(refused.value)
    assert "window_days" in told and "is_made_up" in told
    assert "777" not in told and "secret" not in told
    path.write_text("{")
    with pytest.raises(ModelRefused, match="not readable JSON"):
        Evidence.read(path)
