"""Whether evidence, audit and a second person have earned a model its release; every reason why not, at once."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from models.facts.pooled import POOLED_FILE, PooledEvidence, pooled_of, with_pooled
from models.manifest import FILE_NAME, sha256
from models.release import is_release, load_release
from models.reviewing import AUDIT_FILE, reviews_of, standing_in_the_way, trained_by
from models.risk_model import RiskModel, load_model
from models.signature import plain
from training.candidate import EVIDENCE_FILE
from training.pooled.resting import against
from training.settings import REFITS_FOR_RELEASE

VALID_DAYS = 120
AUDIT_PARTS = ("model", "data_hash", "audited_on", "findings")


@dataclass(frozen=True)
class Earned:
    """What stands for and against a release.

    Attributes
    ----------
    model : RiskModel
    model_hash : str
        Of the candidate's manifest, also where a release of it is asked about.
    evidence, audit : dict
        Empty where there is none to read.
    review : dict
        The last of this audit; empty where there is none.
    against : tuple of str
        Reasons to refuse, a sentence each.
    would_refuse : tuple of str
        Of a demonstration: what would refuse a release of real records.
    pooled : PooledEvidence or None
        What the gate rests on in place of the model's own test; `evidence` is then told with it.
    """

    model: RiskModel
    model_hash: str
    evidence: Mapping[str, Any]
    audit: Mapping[str, Any]
    review: Mapping[str, Any]
    against: tuple[str, ...]
    would_refuse: tuple[str, ...]
    pooled: PooledEvidence | None = None

    @property
    def is_demonstration(self) -> bool:
        """Learned from made-up records."""
        return self.model.facts.is_made_up


def earned(folder: Path, on: date, refits: int | None = None) -> Earned:
    """Look at everything a release needs.

    Parameters
    ----------
    folder : Path
        A candidate's, or a release's that is to move from shadow to live.
    on : date
    refits : int or None
        How many the release will carry; None: as many as the model has.

    Raises
    ------
    ModelRefused
        The folder is altered or holds no model: then nothing can be said of it.
    """
    if is_release(folder):
        released = load_release(folder)
        model, model_hash = released.model, released.facts.candidate_hash
    else:
        model, model_hash = load_model(folder), sha256(folder / FILE_NAME)
    evidence, audit = read(folder / EVIDENCE_FILE), read(folder / AUDIT_FILE)
    reviews = reviews_of(folder, model_hash)
    review = reviews[-1] if reviews else {}
    pooled = pooled_of(folder) if evidence else None
    of_pool = against_pooled(pooled, evidence, review, model_hash, folder, on) if pooled else []
    evidence = with_pooled(evidence, pooled) if pooled else evidence
    of_evidence = [*against_evidence(evidence, model, folder, on), *of_pool]
    of_audit = against_audit(audit, model, model_hash, folder, on)
    of_person = against_review(review, trained_by(folder, audit), folder)
    real = against_the_real(evidence, model, refits or len(model.refit_texts), on)
    is_demonstration = model.facts.is_made_up
    return Earned(
        model, model_hash, evidence, audit, review,
        (*of_evidence, *of_audit, *of_person, *(() if is_demonstration else real)),
        tuple(real) if is_demonstration else (), pooled,
    )  # fmt: skip


def read(path: Path) -> dict[str, Any]:
    """A file's facts; empty where it is not there or not readable."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def against_evidence(evidence: Mapping[str, Any], model: RiskModel, folder: Path, on: date) -> list[str]:
    """What is wrong with the evidence, the gate apart."""
    again = "Train again on records of today."
    if not evidence:
        return [
            f"Evidence is missing: {folder / EVIDENCE_FILE} is not there or not readable. Train again with this version."
        ]
    found = []
    facts, data = model.facts, evidence["data"]
    if (data["data_hash"], evidence["outcome"], evidence["window_days"]) != (
        facts.data_hash,
        facts.outcome,
        facts.window_days,
    ):
        found.append(f"Evidence is of other records, or of another outcome, than the model's. {again}")
    found += stale("Evidence", data.get("made_on"), on, again)
    gate = evidence["gate"]["reasons"]
    found += [
        f"Evidence blocks a release: {each.rstrip('.')}."
        for each in evidence["release"]["blockers"]
        if each not in gate
    ]
    return found


def against_pooled(
    pooled: PooledEvidence,
    evidence: Mapping[str, Any],
    review: Mapping[str, Any],
    model_hash: str,
    folder: Path,
    on: date,
) -> list[str]:
    """What is wrong with pooled evidence that the gate rests on; `evidence` is the model's own."""
    found = against(pooled, evidence, model_hash)
    found += stale("The oldest test of the pooled evidence", pooled.made_on, on, "Pool tests of today.")
    if review and review.get("pooled_hash") != sha256(folder / POOLED_FILE):
        found.append(
            "The review is of other evidence than the pooled that the gate rests on now. Let the reviewer look again: "
            f"pathways review {folder}"
        )
    return found


def against_audit(
    audit: Mapping[str, Any], model: RiskModel, model_hash: str, folder: Path, on: date
) -> list[str]:
    """What is wrong with the audit, open findings among it."""
    again = f"Audit it: pathways audit {folder} STORE --out DIR"
    if any(audit.get(part) is None for part in AUDIT_PARTS):
        return [f"The audit is missing: {folder / AUDIT_FILE} is not there or not readable. {again}"]
    found = []
    if audit["model"].get("folder_hash", "") != model_hash:
        found.append(f"The audit is of another model. {again}")
    if audit["data_hash"] != model.facts.data_hash:
        found.append(f"The audit is of other records than the model's. {again}")
    found += stale("The audit", audit["audited_on"], on, again)
    return found + standing_in_the_way(audit, on)


def against_review(review: Mapping[str, Any], trainer: str, folder: Path) -> list[str]:
    """Whether a second person has signed this very audit of this very model."""
    ask = f'Ask somebody else to read the audit: pathways review {folder} --reviewer NAME --decision sign --reason "..."'
    if not trainer:
        return ["Nobody knows who trained the model, so no reviewer can be shown to be someone else. Train again."]  # fmt: skip
    if not review:
        return [f"No second person has reviewed this audit of this model. {ask}"]
    if plain(review["reviewer"]) == plain(trainer):
        return [f"The reviewer is whoever trained the model. {ask}"]
    if review["decision"] != "sign":
        return [f"{review['reviewer']} refused it on {review['reviewed_on']}: {review['reason']}"]
    return []


def against_the_real(evidence: Mapping[str, Any], model: RiskModel, refits: int, on: date) -> list[str]:
    """What only a release of real records must meet: the gate, enough refits, a model that is not too old."""
    found = [
        f"The gate is not passed: {each.rstrip('.')}." for each in evidence.get("gate", {}).get("reasons", ())
    ]
    if refits < REFITS_FOR_RELEASE:
        found.append(
            f"The model carries {refits} refits, and a release {REFITS_FOR_RELEASE}. Give --store, so that the rest are grown, or "
            f"train with --refits {REFITS_FOR_RELEASE}."
        )
    if on >= model.facts.expires_on:
        found.append(f"The model expired on {model.facts.expires_on}. Train again on records of today.")
    return found


def stale(what: str, made_on: str | None, on: date, again: str) -> list[str]:
    """Whether something is too old, or does not say how old it is."""
    if not made_on:
        return [f"{what} does not say when it was made. {again}"]
    age = (on - date.fromisoformat(made_on)).days
    return [f"{what} is {age} days old, and may be {VALID_DAYS} at most. {again}"] if age > VALID_DAYS else []
