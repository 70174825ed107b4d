"""A trained candidate with an audit in its folder: what documents are made from, small and made up."""

import json
from pathlib import Path

import numpy as np

from models.manifest import sha256
from models.reviewing import keep_with_model
from tests.audits import scored, simulated
from tests.simulated import simulate
from tests.unit.test_candidate import QUICK, STRONG
from training.audit.compose import compose
from training.run import train

GROUPS = ("ethnicity", "fsm_eligible", "sex", "sen_provision", "phase", "district")


def candidate_with_audit(folder: Path) -> Path:
    """A candidate's folder of a simulated authority, with an audit of its six attributes kept in it."""
    made = train(simulate(900, 18, seed=4, law=STRONG), QUICK, folder / "candidate")
    keep_with_model(made.folder, audit_of(made.folder))
    return made.folder


def audit_of(folder: Path, **changes: object) -> dict:
    """An audit's facts that name the folder's model; `changes` replace what it is of."""
    rng = np.random.default_rng(7)
    frame = simulated(3, schools=40, size=120)
    values = {name: rng.choice(["a", "b", "c"], len(frame), p=[0.7, 0.299, 0.001]) for name in GROUPS}
    evidence = json.loads((folder / "evidence.json").read_text())
    about = {
        "kind": "model", "title": "", "authority": "Simulated", "is_made_up": True, "outcome": "serious_exclusion",
        "window_days": 365, "audited_on": "2026-06-01", "data_hash": evidence["data"]["data_hash"],
        "model": {"folder": "candidate", "folder_hash": sha256(folder / "manifest.json"), "trained_by": "somebody"},
        **changes,
    }  # fmt: skip
    return compose(scored(frame.assign(**values), GROUPS), about, [], [])
