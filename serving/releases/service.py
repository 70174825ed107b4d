"""What the live release and the candidate carry for their reviewer, and what the reviewer decides on the candidate.

Signing in words is done here and from the command line alike (`models.reviewing`). The signature of a release takes the
reviewer's private key, which never comes near the service.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from models.errors import ModelError, ModelRefused
from models.facts.audit import Audit, Finding
from models.facts.comparison import Comparison
from models.facts.evidence import Evidence
from models.facts.fact import Fact
from models.facts.pooled import POOLED_FILE, PooledEvidence, resting
from models.facts.review import Review
from models.manifest import sha256, verify_manifest
from models.release import Release, ReleaseFacts
from models.reviewing import (
    AUDIT_FILE,
    BLOCKS,
    EVIDENCE_FILE,
    OPEN,
    REVIEWS_FILE,
    SHORTEST_REASON,
    audit_of,
    close_finding,
    review,
    standing_in_the_way,
    trained_by,
)
from models.signature import plain
from serving.desk import Desk
from serving.errors import Breach, NotThere, RecordsRefused, Stale
from serving.releases.record import Decided, FindingClosed
from serving.security.access import Action, Person, require

COMPARE_FILE = "compare.json"
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
class Carried:
    """What a model's folder carries for its reviewer.

    Attributes
    ----------
    audit, evidence : record or None
        None where the folder carries none that can be read.
    findings : sequence of FindingShown
        Open ones first, those that block before others, the first due first.
    reviews : sequence of Review
        Newest first.
    """

    audit: Audit | None
    evidence: Evidence | None
    findings: Sequence[FindingShown]
    reviews: Sequence[Review]

    @property
    def num_open(self) -> int:
        return sum(each.finding.state == OPEN for each in self.findings)

    @property
    def num_overdue(self) -> int:
        return sum(each.is_overdue for each in self.findings)

    @property
    def num_blocking(self) -> int:
        return sum(each.finding.state == OPEN and each.finding.severity == BLOCKS for each in self.findings)


@dataclass(frozen=True)
class Reviewed(Carried):
    """The live release as its reviewer reads it."""

    facts: ReleaseFacts
    stamp: str
    expires_on: date


@dataclass(frozen=True)
class Candidate(Carried):
    """The candidate that waits for its reviewer.

    Attributes
    ----------
    name : str
        Of its folder.
    trained_by : str
        Who may not review it; empty where it does not say, and then nobody may.
    audit_hash : str
        SHA-256 of the audit that is shown: a decision is on this very audit.
    in_the_way : sequence of str
        Why it cannot be signed now; empty where it can.
    why_not : str
        Why nothing can be decided on it at all; empty where something can.
    comparison : Comparison or None
        With the live release, where one was made.
    """

    name: str
    trained_by: str
    audit_hash: str
    in_the_way: Sequence[str]
    why_not: str
    comparison: Comparison | None

    def is_trained_by(self, person: Person) -> bool:
        """Did this very person train it?"""
        return plain(person.name) == plain(self.trained_by)


def reviewed(release: Release, today: date) -> Reviewed:
    """What a release carries; what cannot be read is left out, and the service's own log says why."""
    held = of_folder(release.folder, today)
    return Reviewed(
        held.audit,
        held.evidence,
        held.findings,
        held.reviews,
        release.facts,
        release.stamp,
        release.expires_on,
    )


def of_folder(folder: Path, today: date) -> Carried:
    """What a model's folder carries for its reviewer."""
    audit, evidence = carried(folder / AUDIT_FILE, Audit), carried(folder / EVIDENCE_FILE, Evidence)
    pooled = carried(folder / POOLED_FILE, PooledEvidence) if (folder / POOLED_FILE).is_file() else None
    return Carried(
        audit, resting(evidence, pooled) if evidence else None, in_order(audit.findings if audit else (), today), reviews_of(folder / REVIEWS_FILE),
    )  # fmt: skip


def candidate(desk: Desk, today: date) -> Candidate | None:
    """The candidate that waits; None where the settings name none, or it is gone.

    Raises
    ------
    NoRoom
    """
    settings = desk.settings
    folder = settings.home / settings.candidate if settings.candidate else None
    if folder is None or not folder.is_dir():
        return None
    held, trainer, in_the_way, why_not, hashed = of_folder(folder, today), "", [], "", ""
    try:
        verify_manifest(folder)
        facts = audit_of(folder)
        hashed = sha256(folder / AUDIT_FILE)
        trainer, in_the_way = trained_by(folder, facts), standing_in_the_way(facts, today)
    except ModelError as error:
        why_not = " ".join(error.breaches)
    comparison = (
        carried(settings.home / settings.comparison / COMPARE_FILE, Comparison)
        if settings.comparison
        else None
    )
    return Candidate(
        held.audit, held.evidence, held.findings, held.reviews, folder.name, trainer, hashed, in_the_way, why_not, comparison
    )  # fmt: skip


def close(desk: Desk, person: Person, number: int, asked: FindingClosed) -> str:
    """Close a finding of the candidate with what was done, in the person's name; its number as the audit has it.

    Raises
    ------
    NotThere
        No candidate waits, or its audit has no such finding.
    Stale
        The audit is another than the one that was read.
    RecordsRefused
    """
    folder = _as_read(desk, person, asked.audit)
    finding = f"F{number:03d}"
    if finding not in {each["id"] for each in audit_of(folder)["findings"]}:
        raise NotThere
    if len(asked.words.strip()) < SHORTEST_REASON:
        raise RecordsRefused(
            Breach("words", "too_short", f"Say what was done, in at least {SHORTEST_REASON} letters.")
        )
    with _refused_in_words():
        close_finding(folder, finding, person.name, asked.words)
    return finding


def decide(desk: Desk, person: Person, asked: Decided) -> None:
    """Sign or refuse the candidate, in the person's name and words; never whoever trained it.

    Raises
    ------
    NotThere
    Stale
    RecordsRefused
        Nothing is decided, no reason is given, the person trained it, or a finding stands in the way of signing.
    """
    folder = _as_read(desk, person, asked.audit)
    broken = (
        [] if asked.sign_or_refuse else [Breach("sign_or_refuse", "missing", "Choose one of those shown.")]
    )
    if len(asked.reason.strip()) < SHORTEST_REASON:
        broken.append(Breach("reason", "too_short", f"Say why, in at least {SHORTEST_REASON} letters."))
    if broken:
        raise RecordsRefused(*broken)
    with _refused_in_words():
        review(folder, person.name, str(asked.sign_or_refuse), asked.reason)


def _as_read(desk: Desk, person: Person, audit_hash: str) -> Path:
    """The candidate's folder, whose audit is the one that was read."""
    require(person, Action.REVIEW_RELEASE)
    settings = desk.settings
    folder = settings.home / settings.candidate if settings.candidate else None
    if folder is None or not (folder / AUDIT_FILE).is_file():
        raise NotThere
    if sha256(folder / AUDIT_FILE) != audit_hash:
        raise Stale(0)
    return folder


@contextmanager
def _refused_in_words() -> Iterator[None]:
    """What `models.reviewing` refuses, as rules of a form."""
    try:
        yield
    except ModelError as error:
        raise RecordsRefused(*error.breaches) from None


def new_and_gone(live: Audit | None, other: Audit | None) -> tuple[list[Finding], list[Finding]]:
    """Findings of another audit that the live one has not, and the reverse: by kind, attribute and group."""

    def told(audit: Audit | None) -> dict[tuple[str, str, str], Finding]:
        return {(each.kind, each.attribute, each.group): each for each in (audit.findings if audit else ())}

    before, now = told(live), told(other)
    return [now[key] for key in now if key not in before], [before[key] for key in before if key not in now]


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
        FindingShown(each, each.state == OPEN and date.fromisoformat(each.due) < today) for each in findings
    ]
    return sorted(
        shown,
        key=lambda each: (
            each.finding.state != OPEN,
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
