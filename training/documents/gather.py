"""The one record of facts that every document is made from, or all the reasons why there is none."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from features.records.authority import Authority
from models.errors import ModelRefused, ReviewRefused
from models.facts.pooled import pooled_of, with_pooled
from models.reviewing import audit_of
from models.risk_model import RiskModel, load_model
from training.audit.publish import publish
from training.candidate import EVIDENCE_FILE
from training.documents.about import (
    Facts,
    about_audit,
    about_breaks,
    about_evidence,
    about_law,
    about_model,
    about_people,
    rounded,
)
from training.documents.errors import DocumentsRefused

SCHEMA_VERSION = 1


def gather(folder: Path, authority: Authority | None = None, made_on: date | None = None) -> Facts:
    """Every fact of the documents as plain JSON values.

    Parameters
    ----------
    folder : Path
        A candidate's or release's folder, with its audit in it.
    authority : Authority or None
        What the authority says of itself; None leaves what only it knows to be completed.

    Returns
    -------
    dict
        authority, is_made_up, made_on, model, evidence, counts (of records, suppressed and rounded),
        groups (published rates of single attributes), audit, law (by version), breaks (days since the first training date on
        which records came to mean something else), people (contacts and texts written by people).

    Raises
    ------
    DocumentsRefused
        The model cannot be read, precision or recall was not measured, an attribute of the protocol was not
        audited, or evidence, audit and authority.toml are of different models or places: everything at once.
    """
    breaches: list[str] = []
    model = loaded(folder, breaches)
    evidence = evidence_of(folder, breaches)
    audit = audited(folder, breaches)
    if evidence:
        breaches += unmeasured_figures(evidence)
    if evidence and audit:
        breaches += unaudited(evidence, audit)
    if authority and evidence and authority.authority.name != evidence["authority"]:
        breaches.append(
            f"authority.toml is of {authority.authority.name}, and the model was trained on records of {evidence['authority']}. "
            "Give the folder of the store it was trained on."
        )
    if breaches or model is None:
        raise DocumentsRefused(*breaches, "No document was written.")
    published = publish(audit)
    on = made_on or date.today()
    return {
        "schema_version": SCHEMA_VERSION,
        "made_on": str(on),
        "authority": evidence["authority"],
        "is_made_up": evidence["is_made_up"],
        "model": about_model(model, folder, evidence),
        "evidence": about_evidence(evidence),
        "counts": {part: rounded(evidence["data"][part]) for part in ("training", "test")},
        "groups": [row for row in published["groups"] if not row["is_crossing"]],
        "audit": about_audit(audit, folder),
        "law": about_law(),
        "breaks": about_breaks(authority, date.fromisoformat(min(evidence["split"]["training"])), on),
        "people": about_people(authority),
    }


def loaded(folder: Path, breaches: list[str]) -> RiskModel | None:
    try:
        return load_model(folder)
    except ModelRefused as error:
        breaches += error.breaches
        return None


def evidence_of(folder: Path, breaches: list[str]) -> Facts:
    try:
        found: Facts = json.loads((folder / EVIDENCE_FILE).read_text())
        pooled = pooled_of(folder)
        return with_pooled(found, pooled) if pooled else found
    except ModelRefused as error:
        breaches += error.breaches
        return {}
    except (OSError, ValueError):
        breaches.append(
            f"{folder} has no readable {EVIDENCE_FILE}, so neither precision nor recall was measured. "
            "Train it again with: pathways train STORE --out MODEL"
        )
        return {}


def audited(folder: Path, breaches: list[str]) -> Facts:
    try:
        return audit_of(folder)
    except ReviewRefused as error:
        breaches += [f"No rate of any group was measured: {breach}" for breach in error.breaches]
        return {}


def unmeasured_figures(evidence: Mapping[str, Any]) -> list[str]:
    """A sentence for precision and recall each, where they could not be measured."""
    names = {"recall_at_capacity": "Recall at capacity", "precision": "Precision"}
    found = {name: evidence["headline"][name] for name in names}
    return [
        f"{names[name]} was not measured ({facts['reason']}). Documents need it: train on more years, schools or pupils."
        for name, facts in found.items()
        if facts["estimate"] is None
    ]


def unaudited(evidence: Mapping[str, Any], audit: Mapping[str, Any]) -> list[str]:
    """What keeps a document from telling of groups: another data set's audit, an attribute that was not audited."""
    found = []
    if audit["data_hash"] != evidence["data"]["data_hash"]:
        found.append(
            f"The audit is of data {audit['data_hash'][:12]}, the evidence of {evidence['data']['data_hash'][:12]}. Audit it again."
        )
    present = {row["attribute"] for row in audit["groups"]}
    if never := [attribute for attribute in evidence["protocol"]["groups"] if attribute not in present]:
        found.append(f"Not audited: {', '.join(never)}, though the protocol names it. Audit the model again.")
    return found
