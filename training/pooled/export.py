"""What leaves an authority: each figure of moved and rounded counts, its error, and how many schools and pupils bear it.

No school has a row, under whatever number: a figure and its standard error are all that a meta-analysis reads, and small
counts by school cannot be protected without spoiling them. Whether a figure leaves is decided by how many pupils and schools
bear it, never by how many were found, which would leave out those of whom few were found and make the rest look better
(docs/decisions/pooled-evidence.md).
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from models.disclosure import BASE, FEWEST, MOVED_VARIANCE, moved, shown
from models.errors import ModelRefused
from models.facts.evidence import Evidence
from models.facts.poolable import SHARES, ClusteredRatio
from models.facts.pooled import EXPORT_SCHEMA, EvidenceExport
from models.manifest import FILE_NAME, sha256, verify_manifest
from models.release import CANDIDATE_MANIFEST, is_release
from models.reviewing import EVIDENCE_FILE
from training.gate import verdict
from training.intervals import TOO_FEW
from training.pooled.errors import PoolRefused

FEWEST_SCHOOLS = (
    3  # effective ones: the usual least number of contributors, and then none bears more than 58 in 100
)
RULE = (
    f"Only sums over all schools leave, in which each count was moved by at most two and rounded to {BASE}; errors hold what that "
    f"adds. A figure of fewer than {FEWEST} distinct pupils (by lot, of a few more), or of fewer than {FEWEST_SCHOOLS} effective "
    "schools, is left out."
)
TOO_FEW_PUPILS = f"fewer than {FEWEST} pupils, or by lot a few more"
# Of the settings: what says nothing of how the model is made from records. What is asked stands in the question.
NOT_OF_THE_RECIPE = (
    "outcome", "window_days", "places_per_school", "places_per_district", "seed", "refits", "draws", "memory", "with_transport",
)  # fmt: skip


def export(folder: Path) -> EvidenceExport:
    """What a candidate's or a release's authority gives to pooled evidence.

    Raises
    ------
    ModelRefused
        The folder is altered, or holds no evidence.
    PoolRefused
        Its evidence was made before sums over schools were kept.
    """
    named = verify_manifest(folder)
    if EVIDENCE_FILE not in named:
        raise ModelRefused(
            f"{folder} has no {EVIDENCE_FILE}, so nothing was measured. Train with: pathways train STORE --out MODEL"
        )
    evidence = Evidence.read(folder / EVIDENCE_FILE)
    if not evidence.for_pooling:
        raise PoolRefused(
            f"{folder / EVIDENCE_FILE}: for_pooling is missing: an earlier version made it, and kept no sums over schools. "
            "Train again with this version."
        )
    recipe = recipe_of(evidence)
    key = bytes.fromhex(named[EVIDENCE_FILE])  # stays here: who reads the export cannot draw the lots again
    gate = evidence.gate.plain()
    return EvidenceExport.checked({
        "schema_version": EXPORT_SCHEMA,
        "rule": RULE,
        "authority": evidence.authority or "not named",
        "is_made_up": evidence.is_made_up,
        "question": {
            "outcome": evidence.outcome,
            "window_days": evidence.window_days,
            "places_per_school": evidence.protocol.places_per_school,
            "comparators": evidence.protocol.comparators,
        },
        "recipe": recipe,
        "recipe_hash": recipe_hash(recipe),
        "model_hash": sha256(folder / (CANDIDATE_MANIFEST if is_release(folder) else FILE_NAME)),
        "data_hash": evidence.data.data_hash,
        "protocol_hash": evidence.protocol.hash,
        "commit": evidence.data.commit,
        "made_on": evidence.data.made_on,
        "test": evidence.tested_on,
        "gate": verdict(gate),
        "figures": [given(each, key) for each in evidence.for_pooling],
    })  # fmt: skip


def recipe_of(evidence: Evidence) -> dict[str, Any]:
    """What makes a model of records beside the records: the settings of the fit, and the features."""
    settings = {
        name: value for name, value in evidence.recipe.settings.items() if name not in NOT_OF_THE_RECIPE
    }
    return {"settings": settings, "features": evidence.recipe.features}


def recipe_hash(recipe: Mapping[str, Any]) -> str:
    """SHA-256 of a recipe in canonical JSON."""
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()


def given(row: ClusteredRatio, key: bytes) -> dict[str, Any]:
    """A figure as it may leave; one count has one lot wherever it is used, so that it cannot be averaged out.

    Parameters
    ----------
    key : bytes
        What the lots are drawn by.
    """
    which = {name: row[name] for name in ("measure", "of", "attribute", "group", "label")}
    places = "pooled" if row.measure.endswith("_pooled") else "per school"
    who = f"{row.attribute}/{row.group}"
    of_size = f"listed/{row.of}/{who}" if row.measure == "precision" else f"positives/{who}"
    pupils = shown(row.pupils, key, f"pupils/{of_size}")
    if pupils is None or row.schools < FEWEST_SCHOOLS:
        reason = TOO_FEW_PUPILS if pupils is None else TOO_FEW
        none = dict.fromkeys(("estimate", "error", "degrees", "size", "pupils", "schools"))
        return {**which, "status": "cannot_tell", **none, "reason": reason}
    is_gain = row.measure not in SHARES
    found = moved(row.found, key, f"found/{'model' if is_gain else row.of}/{places}/{who}")
    if is_gain:
        found -= moved(row.found_by_other or 0.0, key, f"found/{row.of}/{places}/{who}")
    size = max(FEWEST, moved(row.size, key, of_size))
    estimate = found / size if is_gain else min(max(found / size, 0.0), 1.0)
    added = MOVED_VARIANCE * ((2 if is_gain else 1) + estimate**2) / size**2
    return {
        **which,
        "status": "estimated",
        "estimate": round(estimate, 5),
        "error": round((row.error**2 + added) ** 0.5, 5),
        "degrees": row.degrees,
        "size": size,
        "pupils": pupils,
        "schools": round(row.schools),
        "reason": "",
    }
