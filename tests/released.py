"""A candidate's folder made by hand in milliseconds, with evidence, an audit and a review that earn it a release."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np

from models.audit_rates import BY_NAME
from models.manifest import FILE_NAME, sha256, write_manifest
from models.reviewing import keep_with_model, review
from models.risk_model import Calibrator, ModelFacts, ModelFeature, RiskModel
from training.audit.publish import KEPT

ON = date(2026, 9, 1)
DATA_HASH = "ab" * 32
WORDS = "Read with two schools; the gaps are within what can be told."
FEATURES = tuple(ModelFeature(name, "attendance", 1) for name in ("share_missed_20", "share_missed_60"))


def model(is_made_up: bool = False, refits: int = 100, expires_on: date = date(2027, 7, 1)) -> RiskModel:
    """A booster of two features; its refits are all alike."""
    rng = np.random.default_rng(1)
    X = rng.random((200, 2))
    chosen = {"objective": "binary", "verbosity": -1, "num_leaves": 4, "deterministic": True, "seed": 1}
    data = lgb.Dataset(X, X[:, 0] > 0.8, feature_name=[each.name for each in FEATURES])
    text = lgb.train(chosen, data, num_boost_round=2).model_to_string()
    facts = ModelFacts(
        outcome="serious_exclusion", window_days=365, features=FEATURES, calibrator=Calibrator(1.0, -1.0),
        base_rates={"primary": 0.004, "secondary": 0.02}, trained_on=(date(2024, 5, 24), date(2024, 7, 19)),
        expires_on=expires_on, authority="Example City", is_made_up=is_made_up, data_hash=DATA_HASH,
        recipe={"settings": {"refits": refits}},
    )  # fmt: skip
    return RiskModel(text, (text,) * refits, facts)


def evidence(is_made_up: bool = False, **data: Any) -> dict[str, Any]:
    """The example evidence as if it were of this model, its gate passed."""
    made = json.loads((Path(__file__).parent / "example_evidence.json").read_text())
    made["is_made_up"] = is_made_up
    made["data"] |= {"data_hash": DATA_HASH, "trained_by": "ada", "made_on": str(ON), **data}
    made["gate"] |= {"passed": True, "reasons": []}
    made["release"] = {"blockers": []}
    return made  # type: ignore[no-any-return]


def failing(
    made: dict[str, Any], reason: str = "no gain over the best simple rule: too few."
) -> dict[str, Any]:
    """The same evidence, its gate not passed."""
    made["gate"] |= {"passed": False, "reasons": [reason]}
    made["release"]["blockers"].append(reason)
    return made


def audit(folder: Path, **facts: Any) -> dict[str, Any]:
    """An audit of a folder's model without findings, but for what is given."""
    untold = {"status": "cannot_tell", "estimate": None, "low": None, "high": None, "reason": "too few"}
    return {
        **dict.fromkeys(KEPT, ""), "groups": [], "findings": [], "audited_on": str(ON), "data_hash": DATA_HASH,
        "overall": {"events": 0, "metrics": dict.fromkeys(BY_NAME, untold)},
        "model": {"folder_hash": sha256(folder / FILE_NAME), "trained_by": "ada"}, **facts,
    }  # fmt: skip


def candidate(
    folder: Path, of: RiskModel | None = None, told: dict[str, Any] | None = None, is_signed: bool = True
) -> Path:
    """A candidate's folder: sealed, audited, and signed by another person."""
    of = of or model()
    folder.mkdir(parents=True)
    of.save(folder)
    told = told or evidence(of.facts.is_made_up)
    (folder / "evidence.json").write_text(json.dumps(told))
    (folder / "protocol.json").write_text(json.dumps({"hash": told["protocol"]["hash"]}))
    write_manifest(folder)
    keep_with_model(folder, audit(folder))
    if is_signed:
        review(folder, "Grace Hopper", "sign", WORDS, ON)
    return folder
