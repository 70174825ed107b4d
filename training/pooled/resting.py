"""A gate that rests on pooled evidence: when it may, and what it then says."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from features.files import write_whole
from models.facts.evidence import Evidence
from models.facts.pooled import POOLED_FILE, PooledEvidence
from models.manifest import FILE_NAME, sha256, verify_manifest
from models.release import is_release
from models.reviewing import EVIDENCE_FILE
from training.gate import NO_BETTER, verdict
from training.pooled.errors import PoolRefused


def rest_on(candidate: Path, pooled: Path) -> PooledEvidence:
    """Keep pooled evidence with a candidate: from then on its gate is the pooled one, whatever that says.

    Parameters
    ----------
    candidate : Path
        A candidate's folder; its own files stay sealed as they are.
    pooled : Path
        `pooled_evidence.json`, or the folder that it is in.

    Raises
    ------
    ModelRefused
        The folder is altered, or the file is none.
    PoolRefused
        It is of other candidates, or this one's own test says that the model is no better than the rule; all reasons at once.
    """
    verify_manifest(candidate)
    if is_release(candidate):
        raise PoolRefused(
            f"{candidate} is a release, and nothing in it changes. Let its candidate rest on {pooled}, and release that."
        )
    path = pooled / POOLED_FILE if pooled.is_dir() else pooled
    if not path.is_file():
        raise PoolRefused(f"{path} is not there. Make it with: pathways evidence pool A B --out DIR")
    facts = PooledEvidence.read(path)
    evidence = Evidence.read(candidate / EVIDENCE_FILE)
    breaches = against(facts, evidence.plain(), sha256(candidate / FILE_NAME))
    if breaches:
        raise PoolRefused(*breaches)
    write_whole(candidate / POOLED_FILE, facts.text())
    return facts


def against(pooled: PooledEvidence, evidence: Mapping[str, Any], model_hash: str) -> list[str]:
    """Why this model's gate cannot rest on some pooled evidence; empty where it can.

    Parameters
    ----------
    evidence : mapping
        The model's own.
    model_hash : str
        Of the candidate's manifest.
    """
    found = []
    if pooled.given_by(model_hash) is None:
        found.append(
            f"The pooled evidence is of other candidates ({', '.join(each.authority for each in pooled.authorities)}), and this model is none of "
            "them (authorities.model_hash). Export this very candidate, and pool again."
        )
    if verdict(evidence["gate"]) == NO_BETTER:
        found.append(
            "The model's own test says that it is no better than the rule here, with its whole range (gate). What holds in other "
            "authorities does not outweigh that: train another recipe."
        )
    return found
