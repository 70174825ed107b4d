"""The charts of the evidence page, from the facts of `evidence.json`."""

from collections.abc import Sequence

from features.tables import PHASES
from models.facts.evidence import (
    Capacity,
    Catch,
    Curve,
    DatePart,
    DecisionCurve,
    Evidence,
    Interval,
    PhasePart,
)
from serving.charts import Chart, Mark, Series, interval_chart, line_chart
from serving.evidence_words import VERDICTS
from serving.numbers import CANNOT_TELL, ends, figure, in_a_hundred, is_told, percent, rival, spoken

FEWEST_FOR_LINE = 2


def charts(evidence: Evidence) -> dict[str, Chart | None]:
    """The page's charts by name; None where the facts hold nothing to draw."""
    return {
        "rivals": rivals(evidence),
        "capacities": capacities(evidence.capacities),
        "phases": parts(evidence.by_phase, "phase", "Children found, by phase of school, all days together"),
        "dates": parts(evidence.by_date, "date", "Children found, by day of the list"),
        "calibration": calibration_curve(evidence.calibration.curve),
        "decision": decision_curve(evidence.ranking.decision_curve),
        "catch": cumulative_catch(evidence.past_year.cumulative),
    }


def mark(label: str, facts: Interval, is_ours: bool = False) -> Mark:
    return Mark(label, *ends(facts), figure(facts) if is_told(facts) else CANNOT_TELL, is_ours)


def rivals(evidence: Evidence) -> Chart:
    ours = evidence.headline
    rows = [("This model", ours.recall_at_capacity, ours.recall_at_capacity_pooled, ours.precision)]
    rows += [
        (rival(each.name), each.recall, each.recall_pooled, each.precision) for each in evidence.comparators
    ]
    marked = [mark(name, recall, name == "This model") for name, recall, _, _ in rows]
    others = [each for each in marked[1:] if each.value is not None]
    best = f" Best of the others: {max(others, key=lambda each: each.value or 0).label}." if others else ""
    return interval_chart(
        "Who finds more of the children, with the same places?",
        f"Share of the children found. This model: {figure(rows[0][1])}.{best}",
        marked,
        (
            "Way of making the list",
            "Found, places per school",
            "Found, same places pooled",
            "Of the listed, had it",
        ),
        [(name, *(figure(each) for each in facts)) for name, *facts in rows],
    )


def capacities(rows: Sequence[Capacity]) -> Chart:
    def series(name: str, key: str) -> Series:
        held = [(row.num_places_per_date, row[key]) for row in rows if is_told(row[key])]
        band = [(facts.low, facts.high) for _, facts in held]
        return Series(name, [(places, facts.estimate) for places, facts in held], band)

    return line_chart(
        "How many more would be found with more places?",
        "Share of the children found, by number of places on one day. The table below holds each value.",
        [series("Places per school", "recall"), series("Same number of places, pooled", "recall_pooled")],
        ("places on one day", "found"),
        (
            "Times the places", "Places", "Listed", "Found, per school", "Found, pooled", "Of the listed, had it",
            "More of 100 than the best rule", "More of 100 than the school alone, pooled", "Places given by chance", "Verdict",
        ),
        [
            (
                f"{row.times:g}", f"{row.num_places_per_date:,.0f}", f"{row.num_listed_per_date:,.0f}",
                figure(row.recall), figure(row.recall_pooled), figure(row.precision), *verdict_cells(row),
            )
            for row in rows
        ],
    )  # fmt: skip


def verdict_cells(row: Capacity) -> tuple[str, str, str, str]:
    """What a size of list gains, how much of it is chance, and the verdict; empty in evidence of an early version."""
    if row.verdict is None or row.over_best_rule is None or row.over_school_only is None:
        return "", "", "", ""
    return (
        f"{in_a_hundred(row.over_best_rule.gain)}; {rival(row.over_best_rule.rule)}",
        in_a_hundred(row.over_school_only.gain),
        percent(row.share_arbitrary) or "cannot tell",
        VERDICTS[row.verdict],
    )


def parts(rows: Sequence[DatePart] | Sequence[PhasePart], name: str, title: str) -> Chart:
    labels = [spoken(row[name]) if name == "date" else PHASES[row[name]] for row in rows]
    return interval_chart(
        title,
        "; ".join(f"{label}: {figure(row.recall)}" for label, row in zip(labels, rows, strict=True)) + ".",
        [mark(label, row.recall) for label, row in zip(labels, rows, strict=True)],
        (name.capitalize(), "On roll", "Had the outcome", "Listed", "Found", "Of the listed, had it"),
        [
            (
                label, f"{row.num_on_roll:,}", f"{row.num_positives:,}", f"{row.num_listed:,.0f}",
                figure(row.recall), figure(row.precision),
            )
            for label, row in zip(labels, rows, strict=True)
        ],
    )  # fmt: skip


def calibration_curve(curve: Curve) -> Chart | None:
    if not curve.points:
        return None
    top = max(point.mean_estimate for point in curve.points)
    seen, band = [], []
    for point in curve.points:
        found = point.observed
        if is_told(found) and found.estimate is not None and found.low is not None and found.high is not None:
            seen.append((point.mean_estimate, found.estimate))
            band.append((found.low, found.high))
    return line_chart(
        "Of children told the same chance, how many had the outcome?",
        "Share that had the outcome, by the mean estimate of ten parts of the cohort, beside the line on which both are equal.",
        [
            Series("Seen", seen, band),
            Series("If estimates were exactly right", [(0.0, 0.0), (top, top)]),
        ],
        ("mean estimate", "seen"),
        ("Mean estimate", "Pupil-dates", "Seen"),
        [(percent(point.mean_estimate), f"{point.num:,}", figure(point.observed)) for point in curve.points],
        is_share=(True, True),
    )


def decision_curve(curve: DecisionCurve) -> Chart:
    thresholds, held = curve.thresholds, curve.net_benefit_per_1000
    top = max(held["model"])
    names = {"model": "This model", "everyone": "Screen everyone", "nobody": "Screen nobody"}
    order = sorted(held, key=lambda name: (name != "model", name in names))
    return line_chart(
        "Is screening by estimate worth its cost?",
        "Net benefit for each 1,000 pupils, by how many screenings one find is held to be worth. Higher is better; below zero, "
        "screening nobody is better.",
        [
            Series(names.get(name, rival(name)), list(zip(thresholds, held[name], strict=True)))
            for name in order
        ],
        ("screened from this estimate up", "net benefit for each 1,000 pupils"),
        ("Way of choosing", *(f"{percent(each)}" for each in thresholds)),
        [(names.get(name, rival(name)), *(f"{value:.2f}" for value in held[name])) for name in order],
        bounds=(-0.3 * top, top) if top > 0 else (-1.0, 1.0),
        is_share=(True, False),
    )


def cumulative_catch(rows: Sequence[Catch]) -> Chart | None:
    if len(rows) < FEWEST_FOR_LINE:
        return None
    lists = range(1, len(rows) + 1)
    return line_chart(
        "Over a year of lists, how many were ever named?",
        f"After the last list {rows[-1].num_ever_listed:,.0f} of {rows[-1].num_pupils:,} pupils with the outcome had been on a list at least once.",
        [
            Series(
                "Ever on a list",
                [(number, row.num_ever_listed) for number, row in zip(lists, rows, strict=True)],
            ),
            Series(
                "Pupils with the outcome",
                [(number, row.num_pupils) for number, row in zip(lists, rows, strict=True)],
            ),
        ],
        ("list of the year", "pupils"),
        ("Day of the list", "Pupils with the outcome so far", "Ever on a list"),
        [(spoken(row.date), f"{row.num_pupils:,}", f"{row.num_ever_listed:,.0f}") for row in rows],
        is_share=(False, False),
    )
