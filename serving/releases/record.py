"""What is told of the live release: its audit and its model card."""

from typing import Any

from serving.http.records import Record


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
