"""Findings kept with the model, and the reviewer who signs or refuses: never whoever trained it."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from features.files import write_whole
from models.errors import ReviewRefused
from models.facts.pooled import POOLED_FILE
from models.manifest import FILE_NAME, sha256, verify_manifest
from models.signature import plain

AUDIT_FILE, REVIEWS_FILE, EVIDENCE_FILE = "audit.json", "reviews.jsonl", "evidence.json"
BLOCKS, OPEN, CLOSED = "blocks", "open", "closed"
DECISIONS = ("sign", "refuse")
DEMONSTRATION = "A demonstration: the data is made up."
SHORTEST_REASON = 20  # letters: a yes is no reason


def keep_with_model(folder: Path, facts: Mapping[str, Any]) -> None:
    """Put an audit beside the files of the model that it is of; an older one of the same model gives way."""
    write_whole(folder / AUDIT_FILE, json.dumps(facts, indent=1, allow_nan=False) + "\n")


def review(
    model: Path, reviewer: str, decision: str, reason: str, reviewed_on: date | None = None
) -> dict[str, Any]:
    """Enter a reviewer's name and words on a model's audit.

    Parameters
    ----------
    model : Path
        A candidate's or release's folder with its audit in it.
    decision : {"sign", "refuse"}

    Returns
    -------
    dict
        The line entered: reviewer, decision, reason, reviewed_on, model_hash, audit_hash; and pooled_hash, where the gate
        rests on pooled evidence.

    Raises
    ------
    ReviewRefused
        No audit of this very model, a reviewer who trained it (or nobody knows who did), a blocking or
        overdue finding that is still open, or a reason too short to be one. Nothing is entered.
    """
    verify_manifest(model)
    on = reviewed_on or date.today()
    facts = audit_of(model)
    breaches = []
    if decision not in DECISIONS:
        breaches.append(f"Invalid decision {decision!r}. Allowed values are {' and '.join(DECISIONS)}.")
    if not plain(reviewer):
        breaches.append("A review needs the reviewer's name.")
    if len(reason.strip()) < SHORTEST_REASON:
        breaches.append(
            f"A review needs a reason in words, at least {SHORTEST_REASON} letters: what was looked at, and why this decision."
        )
    trainer = trained_by(model, facts)
    if not trainer:
        breaches.append(
            f"{model} does not say who trained it, so nobody can be shown to be someone else. Train again with this version."
        )
    elif plain(reviewer) == plain(trainer):
        breaches.append("Whoever trained a model cannot review it. Ask another reviewer.")
    if decision == "sign":
        breaches += standing_in_the_way(facts, on)
    if breaches:
        raise ReviewRefused(*breaches)
    line = {
        "reviewer": reviewer.strip(), "decision": decision, "reason": reason.strip(), "reviewed_on": str(on),
        "model_hash": sha256(model / FILE_NAME), "audit_hash": sha256(model / AUDIT_FILE),
    }  # fmt: skip
    if (model / POOLED_FILE).is_file():
        line["pooled_hash"] = sha256(model / POOLED_FILE)
    with (model / REVIEWS_FILE).open("a") as file:
        file.write(json.dumps(line) + "\n")
    return line


def audit_of(model: Path) -> dict[str, Any]:
    """The audit kept with a model; refused where there is none, or it is another model's."""
    again = f"Audit it first: pathways audit {model} STORE --out DIR"
    try:
        facts: dict[str, Any] = json.loads((model / AUDIT_FILE).read_text())
        held = (facts.get("model") or {}).get("folder_hash", "")
    except (OSError, ValueError, AttributeError):
        raise ReviewRefused(f"{model} has no readable {AUDIT_FILE}. {again}") from None
    if held != sha256(model / FILE_NAME):
        raise ReviewRefused(f"{model / AUDIT_FILE} is of another model than this folder's. {again}")
    return facts


def reviews_of(model: Path, model_hash: str | None = None) -> list[dict[str, Any]]:
    """The reviews of this very audit of this very model, in order; the last one stands.

    Parameters
    ----------
    model_hash : str or None
        Of the candidate that a release was made from; None takes the folder's own.
    """
    path = model / REVIEWS_FILE
    if not path.is_file() or not (model / AUDIT_FILE).is_file():
        return []
    now = (model_hash or sha256(model / FILE_NAME), sha256(model / AUDIT_FILE))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for line in lines if (line["model_hash"], line["audit_hash"]) == now]


def standing_in_the_way(facts: Mapping[str, Any], on: date) -> list[str]:
    """Open findings that block, or whose due date has passed: while there are any, nothing is signed."""
    return [
        f"Finding {each['id']} ({each['kind']}) {'blocks a release' if each['severity'] == BLOCKS else 'was due on ' + each['due']} and is open. "
        "Close it with what was done, or refuse."
        for each in _in_the_way(facts, on)
    ]


def _in_the_way(facts: Mapping[str, Any], on: date) -> list[dict[str, Any]]:
    return [
        each
        for each in facts["findings"]
        if each["state"] == OPEN and (each["severity"] == BLOCKS or date.fromisoformat(each["due"]) < on)
    ]


def sign_demonstration(model: Path) -> list[str]:
    """Sign a made-up authority's audit under a made-up name, having closed what would stop a real one.

    Returns
    -------
    list of str
        What was closed with nothing done, in the findings' own words: of real records each waits for its owner.

    Raises
    ------
    ReviewRefused
        The records are real.
    """
    facts = audit_of(model)
    if not facts["is_made_up"]:
        raise ReviewRefused(f"{model} is of real records: a person signs it, with pathways review.")
    stopping = _in_the_way(facts, date.today())
    for each in stopping:
        close_finding(model, each["id"], "A made-up owner", f"{DEMONSTRATION} Nothing was done about it.")
    review(model, "A made-up reviewer", "sign", DEMONSTRATION)
    return [f"{each['id']}. {each['sentence']}" for each in stopping]


def close_finding(
    model: Path, finding: str, owner: str, words: str, closed_on: date | None = None
) -> dict[str, Any]:
    """Close a finding with its owner's name and what was done; the audit kept with the model changes.

    Raises
    ------
    ReviewRefused
        No such finding, or no name or words.
    """
    facts = audit_of(model)
    found = [each for each in facts["findings"] if each["id"] == finding]
    if not found:
        raise ReviewRefused(
            f"{model / AUDIT_FILE} has no finding {finding}. It has {', '.join(each['id'] for each in facts['findings']) or 'none'}."
        )
    if not plain(owner) or len(words.strip()) < SHORTEST_REASON:
        raise ReviewRefused(
            f"Closing a finding needs a name, and at least {SHORTEST_REASON} letters on what was done."
        )
    found[0] |= {
        "state": CLOSED,
        "owner": owner.strip(),
        "closed_on": str(closed_on or date.today()),
        "closed_with": words.strip(),
    }
    keep_with_model(model, facts)
    return found[0]


def trained_by(model: Path, facts: Mapping[str, Any]) -> str:
    """Who trained the model, as its evidence says, which the manifest seals; else as the audit says."""
    path = model / EVIDENCE_FILE
    told = json.loads(path.read_text()).get("data", {}).get("trained_by", "") if path.is_file() else ""
    return told or (facts.get("model") or {}).get("trained_by", "")
