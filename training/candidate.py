"""What a training run hands over: a sealed folder of a model and its evidence."""

import getpass
import json
import subprocess
from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from features.files import whole_folder
from models.errors import ModelRefused
from models.facts.evidence import Evidence
from models.manifest import write_manifest
from models.reviewing import EVIDENCE_FILE
from models.risk_model import RiskModel
from training.evaluate import blockers, first_lines
from training.evidence.explained import Explained
from training.evidence.test_cohort import TestCohort
from training.fit import Fitted
from training.frames import Frames
from training.memory import remembered
from training.panel import Panel, thinning
from training.protocol import Protocol
from training.settings import Settings
from training.splits import Split

SCHEMA_VERSION = 1
PROTOCOL_FILE = "protocol.json"


@dataclass(frozen=True)
class Judged:
    """What evidence and audit are of.

    Attributes
    ----------
    cohort : TestCohort
        The pupils of the test dates, as the model lists them.
    model : RiskModel
        The recipe on the training dates alone.
    training : Panel
        The rows it learned from.
    """

    cohort: TestCohort
    model: RiskModel
    training: Panel


@dataclass(frozen=True)
class Candidate:
    """A trained model with its evidence, in a folder.

    Attributes
    ----------
    folder : Path
    model : RiskModel
        The recipe refitted on all eligible dates: what would be served.
    evidence : dict
        Of the recipe, from forward test dates.
    judged : Judged
    explained : tuple of Explained
        What estimates of the test cohort are made of: everyone's in the running, and those of the listed.
    """

    folder: Path
    model: RiskModel
    evidence: Evidence
    judged: Judged = field(repr=False)
    explained: tuple[Explained, Explained] = field(repr=False)


def compose(
    frames: Frames, settings: Settings, split: Split, protocol: Protocol, looks: int | None, fitted: Fitted,
    training: Panel, test: Panel, found: dict[str, Any],
) -> Evidence:  # fmt: skip
    """`evidence.json`: what the figures are of, then the figures."""
    return Evidence.checked({
        "schema_version": SCHEMA_VERSION,
        "first_lines": first_lines(found, split.first_line, frames.is_made_up),
        "authority": frames.authority,
        "is_made_up": frames.is_made_up,
        "outcome": settings.outcome,
        "window_days": settings.window_days,
        "split": {
            name: [str(day) for day in getattr(split, name)] for name in ("training", "test", "eligible")
        },
        "served_model": "the same recipe, refitted on all eligible dates; the evidence is of the recipe, from the test dates",
        "data": {
            "data_hash": frames.hash,
            "commit": commit(),
            "trained_by": trained_by(),
            "made_on": str(date.today()),
            "training": counts(training),
            "test": counts(test),
        },
        "protocol": {"hash": protocol.hash, "looks": looks, **protocol.facts},
        "recipe": {
            "parameters": {
                name: value for name, value in fitted.parameters.items() if name != "monotone_constraints"
            },
            "taught": "outcome" if np.array_equal(training.target, training.y, equal_nan=True) else "nearness",
            "every": thinning(frames.matrix, remembered(split.training, settings)),
            "rounds": fitted.rounds,
            "log_loss": round(fitted.log_loss, 8),
            "learning_curve": [round(each, 8) for each in fitted.curve],
            "calibrator": {"slope": fitted.calibrator.slope, "intercept": fitted.calibrator.intercept},
            "features": list(frames.feature_names),
            "settings": settings.as_facts(),
        },
        **found,
        "release": {"blockers": blockers(found)},
    })  # fmt: skip


def counts(panel: Panel) -> dict[str, int]:
    """How much a panel holds; events are distinct pupils."""
    return {
        "num_rows": len(panel),
        "num_pupils": len(set(panel.pupil.tolist())),
        "num_schools": len(set(panel.cluster.tolist())),
        "num_positives": int((panel.y == 1).sum()),
        "num_events": len(set(panel.pupil[panel.y == 1].tolist())),
        "num_left_authority": int((~panel.is_known).sum()),
    }


def refuse_in_the_way(out: Path) -> None:
    """ModelRefused where the candidate's folder exists already: asked before any work is done."""
    if out.exists():
        raise ModelRefused(f"{out} is already there. Give another --out, or remove it first.")


def write_candidate(out: Path, model: RiskModel, evidence: Evidence, protocol: Protocol) -> None:
    """Write the folder beside its place, seal it with a manifest, and put it there whole."""
    out.parent.mkdir(parents=True, exist_ok=True)
    with whole_folder(out) as part:
        model.save(part)
        (part / EVIDENCE_FILE).write_text(evidence.text())
        (part / PROTOCOL_FILE).write_text(
            json.dumps(protocol.facts | {"hash": protocol.hash}, indent=1) + "\n"
        )
        write_manifest(part)


def trained_by() -> str:
    """The account that trained the model: who may not review it. "" where the machine names nobody."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def commit() -> str:
    """The code's commit, "+" where files differ from it; "" outside a repository."""
    here = Path(str(files("training")))
    try:
        head = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, text=True, check=True
        ).stdout.strip()
        changed = subprocess.run(
            ["git", "status", "--porcelain"], cwd=here, capture_output=True, text=True, check=True
        ).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head + ("+" if changed else "")
