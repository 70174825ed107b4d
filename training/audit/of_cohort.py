"""The audit of a test cohort that is at hand: at the end of a training run, or fitted again for it."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from features.records.store import Records
from models.manifest import FILE_NAME, sha256
from models.places import NOT_ASSESSED
from training.audit.attributes import break_notes, breaks_told, cohort_attributes, first_use_notes
from training.audit.compose import compose
from training.audit.coverage import coverage, listing_stability
from training.audit.errors import AuditRefused
from training.audit.label_bias import label_bias
from training.audit.mitigation import mitigation
from training.audit.outside_evidence import OutsideEvidence
from training.audit.parts import ListRule
from training.audit.proxies import proxies
from training.audit.scored import Scored
from training.audit.sweep import by_other_outcomes, sweep
from training.candidate import EVIDENCE_FILE, Judged
from training.evidence.recall import school_list
from training.evidence.test_cohort import TestCohort
from training.frames import Frames
from training.origin import other_outcomes_of

DATES_A_YEAR = 6
MITIGATED = "ethnicity_major"

Progress = Callable[[str], None]


def audit_cohort(
    judged: Judged,
    frames: Frames,
    records: Records | None = None,
    about_model: dict[str, Any] | None = None,
    audited_on: date | None = None,
    progress: Progress = lambda step: None,
) -> dict[str, Any]:
    """Audit a test cohort that is at hand; the facts of `audit.json`.

    Parameters
    ----------
    judged : Judged
        The test cohort, the model that listed it, and the rows that model learned from.
    frames : Frames
        With the groups of the training and test dates.
    records : Records or None
        For label bias and freshness; None leaves both out and says so.
    about_model : dict or None
        folder, folder_hash, trained_by.
    """
    return audit_estimates(judged.cohort, frames, records, about_model, audited_on, progress, judged)


def audit_estimates(
    cohort: TestCohort,
    frames: Frames,
    records: Records | None = None,
    about_model: dict[str, Any] | None = None,
    audited_on: date | None = None,
    progress: Progress = lambda step: None,
    judged: Judged | None = None,
) -> dict[str, Any]:
    """Audit the lists that any estimates make of a test cohort.

    Parameters
    ----------
    judged : Judged or None
        The model behind the estimates: for what the records carry, how stable places are, and mitigation. None
        (a model of another kind) leaves these three out.
    """
    known_groups = frames.groups
    if known_groups is None:
        raise AuditRefused(
            "The frames hold no groups, so there is nothing to audit by. Make them from a store."
        )
    panel = cohort.panel
    progress("groups")
    attributes = cohort_attributes(panel, known_groups, frames.matrix, frames.breaks)
    breaks = breaks_told(frames.breaks, panel, known_groups, attributes)
    scored = Scored(
        outcome=panel.y,
        listed=school_list(cohort),
        estimate=cohort.estimate,
        is_judged=panel.can_train,
        clusters=cohort.clusters,
        attributes=attributes,
        years=len(panel.dates) / DATES_A_YEAR,
    )
    notes = [] if panel.is_known.all() else [
        f"{int((~panel.is_known).sum()):,} times a pupil left the authority and no outcome could be seen: they are in no rate that needs one."
    ]  # fmt: skip
    notes += break_notes(breaks)
    if records is not None:
        notes += first_use_notes(records, records.authority.authority.extracted_on, known_groups)
    if records is None:
        notes.append("No record store was given, so label bias and freshness cannot be told.")
    progress("capacities")
    capacities = sweep(scored, lambda times: cohort.listed(cohort.estimate, times, cohort.floor))
    progress("proxies and coverage")
    registers = None
    if records is not None:
        registers = records.coverage[records.coverage["table"] == "attendance"][["urn", "last_day"]]
    parts: dict[str, Any] = {
        "coverage": coverage(cohort, attributes, registers),
        "other_outcomes": by_other_outcomes(scored, other_outcomes_of(frames, cohort.settings, panel)),
    }
    if judged is None:
        notes.append("What each kind of record carries, how stable places are and what mitigation would change are told of this project's own models only.")  # fmt: skip
    else:
        model, training = judged.model, judged.training
        parts["proxies"] = proxies(panel, model, attributes, cohort.settings.seed)
        parts["stability"] = listing_stability(cohort, model, attributes)
        if any(each.name == MITIGATED for each in attributes):
            progress("mitigation")
            learned = {each.name: each for each in cohort_attributes(training, known_groups)}
            parts["mitigation"] = mitigation(cohort, scored, model, training, learned[MITIGATED], MITIGATED)
    about = {
        "kind": "model", "title": "", "authority": frames.authority, "is_made_up": frames.is_made_up,
        "outcome": cohort.settings.outcome, "window_days": cohort.settings.window_days,
        "audited_on": str(audited_on or date.today()), "model": about_model, "data_hash": frames.hash,
        "columns": None, "test_dates": [str(day) for day in panel.dates], "breaks": breaks,
    }  # fmt: skip
    progress("tables and ranges")

    def bias(rows: list[dict[str, Any]]) -> dict[str, Any] | None:
        if records is None:
            return None
        progress("label bias")
        return label_bias(
            records,
            known_groups,
            rows,
            cohort.settings.draws,
            cohort.settings.seed,
            frames.matrix,
            frames.breaks,
        )

    rule = ListRule(
        score=np.where(panel.standing == NOT_ASSESSED, np.nan, cohort.estimate),
        unit=panel.school,
        places=cohort.school_places(),
        is_running=panel.standing == "",
        floor=cohort.floor,
    )
    outside = OutsideEvidence(cohort, attributes, parts["coverage"])
    return compose(scored, about, notes, capacities, bias, rule, outside, **parts)


def about_model(folder: Path) -> dict[str, Any]:
    """Which model an audit is of: its folder, the hash of its manifest, and who trained it."""
    path = folder / EVIDENCE_FILE
    evidence = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return {
        "folder": folder.name,
        "folder_hash": sha256(folder / FILE_NAME),
        "trained_by": evidence.get("data", {}).get("trained_by", ""),
    }
