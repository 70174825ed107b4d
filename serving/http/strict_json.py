"""What pydantic does not refuse in JSON: a field that is named twice, of which it would take the last.

All else that two parsers could read two ways harms nobody, since what goes on is the record, written anew; why, and what
was measured, is in docs/decisions/strict-json.md.
"""

import json
from typing import Any

from serving.http.problems import Problem


def check_named_once(body: bytes) -> None:
    """Problem where a body names a field twice: which of the two was meant is not ours to guess.

    Parameters
    ----------
    body : bytes
        JSON that pydantic has read: its depth and the length of its numbers are bounded by then.
    """
    json.loads(body, object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem("not-json", "It names a field twice.")
    return found
