"""What is told of the live release, and what a reviewer decides on the candidate: the only place that names a field of either."""

from typing import Annotated, Any

from models.reviewing import SHORTEST_REASON
from serving.http.fields import Question, Vocabulary
from serving.http.records import Asked, Record, Text

DECISIONS = Vocabulary({"sign": "Sign it", "refuse": "Refuse it"})


class FindingClosed(Asked):
    """What was done about a finding, on the audit that was read."""

    audit: Text
    words: Annotated[
        Text, Question("What was done", f"In words, at least {SHORTEST_REASON} letters.", rows=3)
    ] = ""


class Decided(Asked):
    """What a reviewer decides on the candidate, on the audit that was read."""

    audit: Text
    sign_or_refuse: Annotated[
        Annotated[str, DECISIONS] | None, Question("Your decision", empty="Not decided")
    ] = None
    reason: Annotated[
        Text,
        Question(
            "Why",
            f"What you looked at, and why this decision. At least {SHORTEST_REASON} letters: a yes is no reason.",
            rows=4,
        ),
    ] = ""


class Audit(Record):
    """The live release's fairness audit, as facts that may be published."""

    release: str
    made_up: str
    facts: dict[str, Any]


class ReleaseCard(Record):
    """The live release's model card."""

    release: str
    made_up: str
    markdown: str
