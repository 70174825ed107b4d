"""Two models beside each other as one page: the facts of `compare.json`, none computed here."""

from typing import Any

from models.facts.audit import Metric
from models.facts.comparison import Audits, Compared, Comparison, Differences, Moves, OwnFigures, Row
from serving import audit_words, compare_words
from serving.audit_charts import so_many
from serving.charts import Chart, Mark, interval_chart
from serving.numbers import CANNOT_TELL, ends, figure, is_told, percent, shift, spoken, two_sides
from serving.pages import template
from serving.wording import FAMILIES, OUTCOMES, span

SHARES = ("recall_at_capacity", "recall_at_capacity_pooled", "recall_at_capacity_district", "precision")


def compare_page(facts: Comparison) -> str:
    """One self-contained HTML page from the facts of `compare.json`.

    Parameters
    ----------
    facts : Comparison
        As `training.compare` makes it. What is null is said to be missing, and never shown as a zero.
    """
    did, _ = OUTCOMES[facts.outcome]
    return template("compare.html").render(
        facts=facts,
        says=compare_words,
        did=did,
        span=span(facts.window_days),
        spoken=spoken,
        percent=percent,
        figure=figure,
        about_rows=about_rows(facts.a, facts.b),
        phase_name=phase_name,
        chart=recall_chart(facts.differences) if facts.differences else None,
        apart_rows=[(row.name.replace("_", " "), row.a, row.b) for row in facts.apart],
        test_days=[spoken(day) for day in facts.differences.test_dates] if facts.differences else [],
        own_rows=own_rows(facts.a, facts.b),
        **difference_tables(facts.differences),
        move_rows=move_rows(facts.moves),
        audit_rows=audit_rows(facts.audits),
        audit_words=audit_words,
    )


def about_rows(a: Compared, b: Compared) -> list[tuple[str, ...]]:
    """What each of the two is."""
    rows: list[tuple[str, Any]] = [
        ("Name", "name"), ("Model", "model_hash"), ("Records", "data_hash"), ("Trained by", "trained_by"), ("Made on", "made_on"),
        ("Features", "num_features"), ("Trees", "rounds"), ("Refits", "num_refits"),
    ]  # fmt: skip
    shown = [
        (name, *(short(one[key]) for one in (a, b)))
        for name, key in rows
    ]  # fmt: skip
    gates = [None if one.gate is None else one.gate.passed for one in (a, b)]
    words = {None: compare_words.UNKNOWN, True: "passed", False: "not passed"}
    return [*shown, ("Its own gate", *(words[passed] for passed in gates))]


def short(value: object) -> str:
    """A value of a model as a cell; a hash by its beginning."""
    text = "" if value is None else str(value)
    return (text[:12] if len(text) == 64 else text) or compare_words.UNKNOWN


def own_rows(a: Compared, b: Compared) -> list[tuple[str, ...]]:
    """Each model's own evidence, as it was written."""
    if a.headline is None or b.headline is None:
        return []
    return [
        (compare_words.FIGURES[name], figure(a.headline[name]), figure(b.headline[name]))
        for name in OwnFigures.model_fields
    ]


def difference_tables(found: Differences | None) -> dict[str, list[tuple[str, ...]]]:
    """Rows of what differs, in all, by phase and by capacity."""
    if not found:
        return {"difference_rows": [], "phase_rows": [], "capacity_rows": []}
    return {
        "difference_rows": [difference_row(compare_words.FIGURES[row.name], row) for row in found.figures],
        "phase_rows": [difference_row(phase_name(row.phase), row) for row in found.by_phase],
        "capacity_rows": [difference_row(so_many(row.times), row) for row in found.by_capacity],
    }  # fmt: skip


def difference_row(name: str, row: Row) -> tuple[str, ...]:
    """A figure of A, of B, the difference with its range, and what that says."""
    sides = two_sides(row.a, row.b, row.difference, row.name in SHARES)
    return name, *sides, compare_words.verdict(row.difference)


def recall_chart(found: Differences) -> Chart:
    """Differences in the share found, each with its range, with the zero line in sight."""
    rows = [(compare_words.ON_CHART[row.name], row.difference) for row in found.figures if row.name in SHARES]
    rows += [(f"Found, {phase_name(row.phase)}", row.difference) for row in found.by_phase]
    marks = [
        Mark(label, *ends(apart), shift(apart, True), place == 0) for place, (label, apart) in enumerate(rows)
    ]
    return interval_chart(
        "B less A, of every 100",
        f"Children found at their school’s meeting, B less A: {marks[0].text} of every 100.",
        marks,
        ("What", "B less A"),
        [(mark.label, mark.text) for mark in marks],
        beside=0.0,
    )


def move_rows(found: Moves | None) -> list[tuple[str, ...]]:
    """Families of records, and for how many of those who move each moved most."""
    if not found:
        return []
    return [
        (
            compare_words.MOVES[row.move], FAMILIES.get(family.family, family.family),
            f"{family.num_most:,}",
            "" if family.mean_shift is None else f"{round(family.mean_shift, 2) + 0.0:+.2f}".replace("-", "−"),
        )
        for row in found.moves
        for family in row.families
    ]  # fmt: skip


def audit_rows(found: Audits | None) -> dict[str, list[tuple[str, ...]]]:
    """Each attribute's groups with the rates of both audits; crossings stay in the JSON."""
    tables: dict[str, list[tuple[str, ...]]] = {}
    for row in found.rows if found else ():
        if " x " not in row.attribute:
            cells = [cell(each) for rate in ("recall", "selection_rate", "precision") for each in row[rate]]
            tables.setdefault(row.attribute, []).append((row.label, f"{row.n:,}", *cells))
    return tables


def cell(rate: Metric | None) -> str:
    if rate is None:
        return "not in it"
    return percent(rate.estimate) if is_told(rate) else CANNOT_TELL


def phase_name(phase: str) -> str:
    """A phase as people write it: primary, all-through, PRU."""
    return phase.upper() if phase in ("ap", "pru") else phase.replace("_", "-")
