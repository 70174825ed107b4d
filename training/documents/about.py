"""What may leave of a model, its audit, its evidence and its people, as plain JSON values."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from features.contract.breaks import breaks
from features.contract.law import laws
from features.records.authority import Authority, Documents
from models.disclosure import FEWEST, RULE, disclose
from models.reviewing import reviews_of
from models.risk_model import RiskModel

HEADLINE = ("recall_at_capacity", "recall_at_capacity_pooled", "precision")
TOO_FEW_TO_SHOW = "too few to show"
Facts = dict[str, Any]


def about_model(model: RiskModel, folder: Path, evidence: Mapping[str, Any]) -> Facts:
    """What is known of the model itself; nobody's name."""
    facts, settings = model.facts, evidence["recipe"]["settings"]
    families: dict[str, int] = {}
    for feature in facts.features:
        families[feature.family] = families.get(feature.family, 0) + 1
    return {
        "name": folder.name,
        "hash": model.folder_hash,
        "data_hash": facts.data_hash,
        "commit": evidence["data"]["commit"],
        "outcome": facts.outcome,
        "window_days": facts.window_days,
        "trained_on": [str(day) for day in facts.trained_on],
        "expires_on": str(facts.expires_on),
        "num_features": len(facts.features),
        "families": families,
        "taught": evidence["recipe"].get("taught", "outcome"),
        "num_rounds": evidence["recipe"]["rounds"],
        "num_refits": len(model.refit_texts),
        "places_per_school": settings["places_per_school"],
        "places_per_district": settings["places_per_district"],
        "protocol_hash": evidence["protocol"]["hash"],
        "looks": evidence["protocol"]["looks"],
    }


def about_audit(audit: Mapping[str, Any], folder: Path) -> Facts:
    """Of the audit: when, what it cannot see, how many findings, and whether somebody signed it."""
    reviews = reviews_of(folder)
    last = reviews[-1] if reviews else None
    findings = audit["findings"]
    return {
        "audited_on": audit["audited_on"],
        "cannot_see": audit["cannot_see"],
        "disclosure": RULE,
        "num_findings": len(findings),
        "num_open": sum(each["state"] == "open" for each in findings),
        "num_blocking": sum(each["severity"] == "blocks" and each["state"] == "open" for each in findings),
        "review": {"decision": last["decision"], "reviewed_on": last["reviewed_on"]} if last else None,
    }


def about_law() -> list[Facts]:
    """The law and guidance relied on, by version, as `features/contract/law.csv` has it."""
    return [
        {
            "name": one.name,
            "title": one.title,
            "version": one.version,
            "days": one.days,
            "citation": one.citation,
            "standing": one.standing,
            "means": one.means,
            "certainty": one.certainty,
            "documents": list(one.documents),
        }
        for one in laws()
    ]


def about_breaks(authority: Authority | None, learned_from: date, made_on: date) -> list[Facts]:
    """Days since the first training date on which records came to mean something else; none where the authority is not given."""
    return [
        one.as_facts()
        for one in (breaks(authority) if authority else ())
        if one.documents == "cited" and one.touches(learned_from, made_on)
    ]


def about_people(authority: Authority | None) -> Facts:
    """What only people know, as authority.toml has it; blank where they have not said."""
    if authority is None:
        return {
            "documents": Documents().model_dump(),
            "sendiass": "",
            "lawful_basis": {},
            "la_number": None,
            "extracted_on": None,
            "every": "",
        }
    return {
        "documents": authority.documents.model_dump(),
        "sendiass": authority.signposts.get("sendiass", ""),
        "lawful_basis": dict(authority.lawful_basis),
        "la_number": authority.authority.la_number,
        "extracted_on": str(authority.authority.extracted_on),
        "every": authority.meeting.every,
    }


def about_evidence(evidence: Mapping[str, Any]) -> Facts:
    """What the evidence measured, as it may leave: shares to a hundredth, no exact count of pupils."""
    helped = evidence.get("support_exposure") or {
        "status": "cannot_tell",
        "reason": "not measured",
        "rows": [],
    }
    calibration, new_school = evidence["calibration"], evidence["transport"]["new_school"]
    return {
        "first_lines": evidence["first_lines"],
        "training": evidence["split"]["training"],
        "test": evidence["split"]["test"],
        **{name: leaving(evidence["headline"][name]) for name in HEADLINE},
        "comparators": [
            {name: row[name] for name in ("name", "kind", "sentence")} | {"recall": leaving(row["recall"])}
            for row in evidence["comparators"]
        ],
        "gate": {
            "passed": evidence["gate"]["passed"],
            "reasons": evidence["gate"]["reasons"],
            "rests_on": (evidence.get("gate_rests_on") or {}).get("line", ""),
        },
        "observed_over_expected": leaving(calibration["observed_over_expected"]),
        "slope": leaving(calibration["slope"]),
        "stability": {name: evidence["stability"][name] for name in ("expected_overlap", "share_arbitrary")},
        "new_school": {name: new_school[name] for name in ("low", "high", "reason")},
        "support_exposure": {
            "reason": helped["reason"],
            "statement": helped.get("statement", ""),
            "rows": [
                {"who": row["who"]} | {name: leaving(row[name], FEWEST) for name in ("recall", "precision")}
                for row in helped["rows"]
            ],
        },
        "blockers": evidence["release"]["blockers"],
    }


def leaving(found: Mapping[str, Any], fewest: int = 0) -> Facts:
    """A figure with its interval as it may leave; of one that rests on fewer pupils, none among them, only that it does."""
    if found["events"] < fewest:
        return {
            "status": "cannot_tell",
            "estimate": None,
            "low": None,
            "high": None,
            "reason": TOO_FEW_TO_SHOW,
        }
    shown = {
        name: round(found[name], 2) if found["status"] == "estimated" else None
        for name in ("estimate", "low", "high")
    }
    return {"status": found["status"], **shown, "reason": found["reason"]}


def rounded(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Counts of records as they may leave: suppressed and rounded; schools are no pupils and stay as they are."""
    shown = disclose({name: count for name, count in counts.items() if name != "num_schools"})
    return {**shown.counts, "num_schools": counts["num_schools"]}
