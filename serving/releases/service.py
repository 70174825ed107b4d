"""What the live release carries for its reviewer: the whole audit, its evidence, and the decisions on it."""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from models.errors import ModelRefused
from models.facts.audit import Audit, Finding
from models.facts.evidence import Evidence
from models.facts.fact import Fact
from models.facts.review import Review
from models.release import Release, ReleaseFacts

AUDIT_FILE, EVIDENCE_FILE, REVIEWS_FILE = "audit.json", "evidence.json", "reviews.jsonl"
SEVERITY = ("blocks", "matters", "noted")
logger = logging.getLogger("pathways")
Kind = TypeVar("Kind", bound=Fact)


@dataclass(frozen=True)
class FindingShown:
    """A finding, and whether its day has passed while it is open."""

    finding: Finding
    is_overdue: bool

    @property
    def due_on(self) -> date:
        return date.fromisoformat(self.finding.due)


@dataclass(frozen=True)
class Reviewed:
    """The live release as its reviewer reads it.

    Attributes
    ----------
    audit, evidence : record or None
        None where the release carries none that can be read.
    findings : sequence of FindingShown
        Open ones first, those that block before others, the first due first.
    reviews : sequence of Review
        Newest first.
    """

    facts: ReleaseFacts
    stamp: str
    expires_on: date
    audit: Audit | None
    evidence: Evidence | None
    findings: Sequence[FindingShown]
    reviews: Sequence[Review]

    @property
    def num_open(self) -> int:
        return sum(each.finding.state == "open" for each in self.findings)

    @property
    def num_overdue(self) -> int:
        return sum(each.is_overdue for each in self.findings)


def reviewed(release: Release, today: date) -> Reviewed:
    """What a release carries; what cannot be read is left out, and the service's own log says why."""
    audit = carried(release.folder / AUDIT_FILE, Audit)
    return Reviewed(
        release.facts, release.stamp, release.expires_on, audit, carried(release.folder / EVIDENCE_FILE, Evidence),
        in_order(audit.findings if audit else (), today), reviews_of(release.folder / REVIEWS_FILE),
    )  # fmt: skip


def carried(path: Path, kind: type[Kind]) -> Kind | None:
    """A record that a release carries; None where there is none that can be read."""
    if not path.is_file():
        return None
    try:
        return kind.read(path)
    except (OSError, ModelRefused) as error:
        logger.error("%s cannot be read: %s", path.name, error)
        return None


def in_order(findings: Sequence[Finding], today: date) -> list[FindingShown]:
    """Open findings first, those that block before others, the first due first."""
    shown = [
        FindingShown(each, each.state == "open" and date.fromisoformat(each.due) < today) for each in findings
    ]
    return sorted(
        shown,
        key=lambda each: (
            each.finding.state != "open",
            SEVERITY.index(each.finding.severity),
            each.finding.due,
            each.finding.id,
        ),
    )


def reviews_of(path: Path) -> list[Review]:
    """The decisions that a release carries, newest first."""
    if not path.is_file():
        return []
    try:
        found = [Review.checked(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
    except (OSError, ValueError, ValidationError):
        logger.error("%s cannot be read", path.name)
        return []
    return found[::-1]
