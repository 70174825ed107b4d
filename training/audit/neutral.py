"""An audit's own words for somebody else's file: people and clusters, not pupils and schools.

Only texts that hold nothing of the file are put so: why a figure cannot be told, and how figures are made. A
group or a column called Schools stays as it is.
"""

import re
from collections.abc import Mapping
from typing import Any

PUT_AS = {
    "pupils": "people", "pupil": "person", "children": "people", "child": "person", "schools": "clusters", "school": "cluster",
}  # fmt: skip
OWN_TEXTS = ("reason", "methods")
WORD = re.compile(rf"\b({'|'.join(PUT_AS)})\b", re.IGNORECASE)


def neutral(text: str) -> str:
    """A text of our own, about people and clusters."""

    def put(found: re.Match[str]) -> str:
        word = PUT_AS[found[0].lower()]
        return word.capitalize() if found[0][0].isupper() else word

    return WORD.sub(put, text)


def of_a_file(facts: Any, is_ours: bool = False) -> Any:
    """The facts of an audit with every reason and method in neutral words.

    Parameters
    ----------
    facts : JSON value
    is_ours : bool
        The value is a text of our own, or holds only such.
    """
    if isinstance(facts, Mapping):
        return {name: of_a_file(value, is_ours or name in OWN_TEXTS) for name, value in facts.items()}
    if isinstance(facts, list):
        return [of_a_file(value, is_ours) for value in facts]
    return neutral(facts) if is_ours and isinstance(facts, str) else facts
