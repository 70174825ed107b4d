"""One page about a released version, as text: what it is, what was measured, who signed, and until when."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from models.release import ReleaseFacts
from models.risk_model import RiskModel
from training.evaluate import MADE_UP

if TYPE_CHECKING:
    from training.release.earned import Earned

FIGURES = (
    (
        "recall_at_capacity",
        "Of the children with the outcome, the share who had a place at their school's meeting",
    ),
    ("recall_at_capacity_pooled", "The same, with the places pooled over the authority"),
    ("precision", "Of the places, the share that went to children with the outcome"),
)
NOT_FOR = (
    "It prompts a human-led screening and decides nothing. It may not be used for deciding to suspend or exclude, managed moves, "
    "admission, evidence to a panel, attendance prosecution, sharing with police or immigration, or ranking schools or staff."
)


def card(facts: ReleaseFacts, check: "Earned", model: RiskModel) -> str:
    """The card of a release in Markdown; a figure that cannot be told is given with its reason."""
    evidence, audit, review = check.evidence, check.audit, check.review
    about = model.facts
    lines = [f"# {facts.name}", ""]
    if about.is_made_up:
        lines += [
            f"**{MADE_UP} A demonstration: it serves only where a service says that it demonstrates.**",
            "",
        ]
    lines += [
        NOT_FOR, "",
        "| what | value |", "|---|---|",
        *(f"| {name} | {value} |" for name, value in (
            ("Authority", about.authority),
            ("Outcome", f"{about.outcome.replace('_', ' ')}, within {about.window_days} days"),
            ("Learned from", f"{len(about.trained_on)} as-of dates, {about.trained_on[0]} to {about.trained_on[-1]}"),
            ("Features", f"{len(about.features)}, in {len({each.family for each in about.features})} families"),
            ("Refits", len(model.refit_texts)),
            ("No list after", about.expires_on),
            ("Released", f"{facts.released_on} by {facts.released_by}"),
            ("Trained by", facts.trained_by),
            ("Reviewed", f"{review['reviewed_on']} by {review['reviewer']}: {review['reason']}"),
            ("Code", evidence["data"]["commit"] or "not known"),
            ("Records", facts.data_hash),
            ("Candidate", facts.candidate_hash),
            ("Protocol", evidence["protocol"]["hash"]),
        )),
        "", "## Measured on later dates", "",
        f"Test dates: {', '.join(evidence['split']['test'])}. Intervals resample schools whole.", "",
        *(f"- {words}: {figure(evidence['headline'][name])}" for name, words in FIGURES),
        f"- Observed over expected: {figure(evidence['calibration']['observed_over_expected'])}",
        "", "## The gate", "",
        *gate(evidence, about.is_made_up),
        "", "## The audit", "",
        f"Of {audit['audited_on']}: {number(audit, 'blocks')} findings block, {number(audit, 'matters')} matter, "
        f"{number(audit, 'noted')} are noted. {audit['cannot_see']}",
        "", evidence["first_lines"][-1],
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def gate(evidence: Mapping[str, Any], is_made_up: bool) -> list[str]:
    """What the gate rests on, where that is pooled evidence, and whether it was passed."""
    reasons, rests = evidence["gate"]["reasons"], evidence.get("gate_rests_on")
    return [*(on_the_pool(rests) if rests else ()), *passed(reasons, is_made_up)]


def on_the_pool(rests: Mapping[str, Any]) -> list[str]:
    """What the gate rests on in place of the model's own test, and what that says alone."""
    over_rule, over_school = rests["over_best_rule"], rests["over_school_only"]
    return [
        f"**{rests['line']}**",
        "",
        f"- Found more at large than by {over_rule['rule'].replace('_', ' ')}: {figure(over_rule['gain'])}",
        f"- Found more at large than by knowing the school alone: {figure(over_school['gain'])}",
        *(f"- Its own test alone: {each}" for each in rests["own_reasons"]),
        "",
    ]


def passed(reasons: Sequence[str], is_made_up: bool) -> list[str]:
    """Whether a gate was passed; of a demonstration, what it would have said."""
    if not reasons:
        return ["Passed: more found than by the best simple rule, and than by knowing the school alone."]
    would = "A demonstration needs no gate. It would have been refused:" if is_made_up else "Not passed:"
    return [would, *(f"- {each}" for each in reasons)]


def figure(found: Mapping[str, Any]) -> str:
    """A figure with its interval, or why there is none."""
    if found["status"] != "estimated":
        return f"cannot tell, {found['reason']}"
    return f"{found['estimate']:.3f} ({found['low']:.3f} to {found['high']:.3f})"


def number(audit: Mapping[str, Any], severity: str) -> int:
    """How many findings of a severity, open or closed."""
    return sum(each["severity"] == severity for each in audit["findings"])
