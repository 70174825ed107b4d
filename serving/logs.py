"""What the service's process writes of itself: one JSON object a line, without a child in it.

A line has `time` (UTC), `level`, `logger` and `message`; a request's has `endpoint`, `status` and `milliseconds`, never a path,
a person or an address; an error's has `exception`, the type, and `at`, where it was raised, and `said` where it is an error of this project's, which never
quotes a record. What any other exception says is left out, as it may, and of other people's loggers so is all that stands in a
message but its fixed words.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from features.errors import PathwaysError

OURS = "pathways"  # the logger whose messages this project writes, and keeps free of children
FIELDS = ("endpoint", "status", "milliseconds")
TAKEN_OVER = (
    "bentoml",
    "uvicorn",
    "uvicorn.error",
    "circus",
)  # set up by BentoML, each with lines of its own
requests = logging.getLogger(f"{OURS}.requests")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _words(record),
        }
        line |= {name: getattr(record, name) for name in FIELDS if hasattr(record, name)}
        if record.exc_info and record.exc_info[0] is not None:
            kind, error, trace = record.exc_info
            line |= {
                "exception": kind.__name__,
                "at": [f"{_short(at.filename)}:{at.lineno}" for at in traceback.extract_tb(trace)],
            }
            if isinstance(error, PathwaysError):
                line["said"] = str(error)
        return json.dumps(line)


def write_json_lines(stream: TextIO = sys.stdout) -> None:
    """Write everything that this process logs as JSON lines, warnings and this project's own notes.

    Called in the worker, once BentoML has set up its own logs. Every logger is taken over, whoever set it up: lines of its
    own would say whatever stands in a message.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(OURS).setLevel(logging.INFO)
    for name in {*logging.Logger.manager.loggerDict, *TAKEN_OVER}:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in TAKEN_OVER:
        logging.getLogger(name).setLevel(logging.WARNING)


def answered(endpoint: str, status: int, seconds: float) -> None:
    """Note one answer."""
    about = {"endpoint": endpoint, "status": status, "milliseconds": round(1000 * seconds, 1)}
    requests.info("answered", extra=about)


def _words(record: logging.LogRecord) -> str:
    if record.name.split(".")[0] == OURS:
        return record.getMessage()
    first, *_ = str(record.msg).splitlines() or [""]
    return first


def _short(path: str) -> str:
    """The last two parts of a file's path: enough to find it, and no machine's folders."""
    return "/".join(Path(path).parts[-2:])
