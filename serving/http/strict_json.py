"""JSON as the service takes it: one object, in UTF-8, with nothing that two parsers could read two ways."""

import json
import re
from math import isfinite
from typing import Any

from serving.http.problems import Problem

DEEPEST = 16
LARGEST = 2**63 - 1
EXACT = 2**53  # up to which a float holds every whole number
# Text that never ends is one match to the end of the body: without that, each quotation mark in it would be tried anew.
_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.?)*+"?|[\[{]|[\]}]', re.DOTALL)


def strict_json(body: bytes) -> bytes:
    """The body once more, as JSON that every parser reads alike.

    Raises
    ------
    Problem
        not-json: not UTF-8, not an object, nested deeper than `DEEPEST`, NaN or Infinity, a number beyond 64
        bits, a key twice, or half a character. Nothing of the body is told.
    """
    if _depth(body) > DEEPEST:
        raise Problem("not-json", f"It is nested deeper than {DEEPEST}.")
    try:
        found = json.loads(
            body.decode("utf-8"),
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_whole,
            object_pairs_hook=_each_once,
        )
        if not isinstance(found, dict):
            raise Problem("not-json", "It is not an object.")
        return json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise Problem("not-json", "It is not UTF-8, or holds half a character.") from None
    except (ValueError, RecursionError):
        raise Problem("not-json", "It cannot be parsed.") from None


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for match in _STRUCTURE.finditer(body):
        first = match[0][:1]
        if first in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in b"]}":
            depth -= 1
    return deepest


def _no_constant(text: str) -> Any:
    raise Problem("not-json", "It holds NaN or Infinity.")


def _finite(text: str) -> float:
    if not isfinite(number := float(text)):
        raise Problem("not-json", "It holds a number too large to be one.")
    # To JSON Schema 7.0 is the integer 7.
    return int(number) if number.is_integer() and abs(number) <= EXACT else number


def _whole(text: str) -> int:
    # Twenty digits are beyond 64 bits; int() itself would take long over thousands.
    if len(text) > 20 or abs(number := int(text)) > LARGEST:
        raise Problem("not-json", "It holds a whole number beyond 64 bits.")
    return number


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Problem("not-json", "It names a field twice.")
    return found
