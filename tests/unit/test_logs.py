"""What the process writes of itself: each line a JSON object, and no child in any."""

import io
import json
import logging

import pytest

from serving import logs
from serving.errors import ServiceRefused

UPN = "A399123420001"


@pytest.fixture
def lines(monkeypatch):
    """What is logged meanwhile, set up as in the worker; afterwards all loggers are as they were."""
    names = (None, *logging.Logger.manager.loggerDict, logs.OURS, *logs.TAKEN_OVER)
    loggers = [logging.getLogger(name) for name in names]
    for one in loggers:  # Optuna's migrations, in another test, disable whatever logger is there
        monkeypatch.setattr(one, "disabled", False)
    before = [(one.handlers[:], one.level, one.propagate) for one in loggers]
    stream = io.StringIO()
    logs.write_json_lines(stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    for one, (handlers, level, propagates) in zip(loggers, before, strict=True):
        one.handlers, one.propagate = handlers, propagates
        one.setLevel(level)


def test_an_answer_is_a_line_with_endpoint_status_and_time(lines):
    logs.answered("read_list", 200, 0.01234)
    (line,) = lines()
    assert {name: line[name] for name in ("level", "logger", "message", *logs.FIELDS)} == {
        "level": "info", "logger": "pathways.requests", "message": "answered",
        "endpoint": "read_list", "status": 200, "milliseconds": 12.3,
    }  # fmt: skip
    assert line["time"].endswith("+00:00")


@pytest.mark.parametrize("name", ["pathways", "bentoml", "uvicorn.error", "asyncio", "sqlalchemy.pool"])
def test_what_an_exception_says_is_on_no_line(name, lines):
    try:
        raise ValueError(f"no such pupil: {UPN}")
    except ValueError:
        logging.getLogger(name).exception("it failed")
    (line,) = lines()
    assert line["exception"] == "ValueError" and line["message"] == "it failed"
    assert line["at"][0].startswith("unit/test_logs.py:")
    assert UPN not in json.dumps(line)


def test_what_an_error_of_ours_says_is_said_whoever_logs_it(lines):
    try:
        raise ServiceRefused("service.toml, [hosts]: say which")
    except ServiceRefused:
        logging.getLogger("bentoml.serve").exception("Initializing service error")
    assert lines()[0]["said"] == "service.toml, [hosts]: say which"


@pytest.mark.parametrize("name", ["bentoml", "uvicorn.error", "asyncio", "sqlalchemy.engine"])
def test_of_other_peoples_loggers_only_fixed_words_are_kept(name, lines):
    logging.getLogger(name).error("statement failed: %s", UPN)
    logging.getLogger(name).error(f"Task exception was never retrieved\nfuture: {UPN}")
    assert [line["message"] for line in lines()] == [
        "statement failed: %s",
        "Task exception was never retrieved",
    ]


@pytest.mark.usefixtures("lines")
def test_a_logger_with_lines_of_its_own_has_them_no_longer():
    theirs, stream, own = logging.getLogger("theirs"), io.StringIO(), io.StringIO()
    theirs.addHandler(logging.StreamHandler(own))
    theirs.propagate = False
    logs.write_json_lines(stream)
    theirs.error("statement failed: %s", UPN)
    assert own.getvalue() == "" and json.loads(stream.getvalue())["message"] == "statement failed: %s"


def test_our_own_notes_are_said_whole(lines):
    logging.getLogger("pathways").error("the database does not answer: %s", "OperationalError")
    assert lines()[0]["message"] == "the database does not answer: OperationalError"
