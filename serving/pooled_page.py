"""Evidence pooled over authorities as one page: the facts of `pooled_evidence.json`, none computed here."""

from models.facts.fact import Figure
from models.facts.poolable import MODEL
from models.facts.pooled import Given, PooledEvidence, PooledFigure
from serving import pooled_words
from serving.audit_words import attribute
from serving.charts import Chart, Mark, interval_chart
from serving.numbers import (
    CANNOT_TELL,
    ends,
    figure,
    in_a_hundred,
    is_told,
    percent,
    plainly,
    rival,
    shift,
    spoken,
)
from serving.pages import template
from serving.pooled_words import GATES, MEASURES, OURS, SHARES
from serving.wording import OUTCOMES, span

HEADER = (
    "What",
    "At large",
    "Together",
    "One more authority",
    "Apart",
    "No chance (I²)",
    "Authorities",
    "Children",
)
IN_FOREST = ("Authority", "Figure", "Weight", "Children")


def pooled_page(facts: PooledEvidence) -> str:
    """One self-contained HTML page from the facts of `pooled_evidence.json`.

    Parameters
    ----------
    facts : PooledEvidence
        As `training.pooled.pool` makes it. What cannot be told is shown with its reason, never as a zero.
    """
    did, _ = OUTCOMES[facts.question.outcome]
    best = facts.gate.over_best_rule.rule
    charts = [
        forest(f"More found than by the hardest rule: {rival(best)}", facts.found("gain", best)),
        forest(
            "More found than by the school alone, places pooled", facts.found("gain_pooled", "school_only")
        ),
        forest("Found, places per school", facts.found("recall", MODEL)),
        forest("Of the places, went to children with the outcome", facts.found("precision", MODEL)),
    ]
    return template("pooled.html").render(
        facts=facts,
        says=pooled_words,
        did=did,
        span=span(facts.question.window_days),
        spoken=spoken,
        plainly=plainly,
        rival=rival,
        in_a_hundred=in_a_hundred,
        charts=[chart for chart in charts if chart],
        header=HEADER,
        tables=tables(facts),
        group_rows=group_rows(facts),
        groups_of_nobody=groups_of_nobody(facts),
        authority_rows=[authority_row(each) for each in facts.authorities],
        recipe_rows=[(name, str(value)) for name, value in facts.recipe.get("settings", {}).items()],
    )


def told(found: PooledFigure, part: str) -> str:
    """One part of a pooled figure in words: of 100 children, with its range; or why not."""
    return figure(found[part]) if found.measure in SHARES else in_a_hundred(found[part])


def tables(facts: PooledEvidence) -> dict[str, list[tuple[str, ...]]]:
    """Each kind of figure of everyone, with a row for each way of making the list."""
    return {
        words: [
            (OURS if each.of == MODEL else rival(each.of), *cells(each))
            for each in facts.figures
            if each.measure == measure and not each.attribute
        ]
        for measure, words in MEASURES.items()
    }


def cells(found: PooledFigure) -> tuple[str, ...]:
    """At large, together, one more authority, how far apart, and what it rests on."""
    return (
        *(
            told(found, part) if is_told(found[part]) else CANNOT_TELL
            for part in ("at_large", "together", "another")
        ),
        shift(found.tau, True).replace("+", "") if is_told(found.tau) else CANNOT_TELL,
        percent(found.i_squared) if is_told(found.tau) else CANNOT_TELL,
        f"{found.num_authorities}",
        f"{found.pupils:,}" if found.pupils else CANNOT_TELL,
    )


def group_rows(facts: PooledEvidence) -> dict[str, list[tuple[str, ...]]]:
    """Each attribute's groups with the share found, where any authority gave one."""
    tables: dict[str, list[tuple[str, ...]]] = {}
    for each in facts.figures:
        if each.attribute and each.num_authorities:
            tables.setdefault(attribute(each.attribute), []).append((each.label, *cells(each)))
    return tables


def groups_of_nobody(facts: PooledEvidence) -> str:
    """Groups that no authority gave a figure of, by attribute; empty where there is none."""
    named: dict[str, list[str]] = {}
    for each in facts.figures:
        if each.attribute and not each.num_authorities:
            named.setdefault(attribute(each.attribute), []).append(each.label)
    return "; ".join(f"{name}: {', '.join(labels)}" for name, labels in named.items())


def forest(title: str, found: PooledFigure | None) -> Chart | None:
    """A forest plot: each authority's figure, then what they say together, at large, and of one more."""
    if found is None:
        return None
    is_share = found.measure in SHARES

    def mark(label: str, facts: Figure, is_ours: bool = False) -> Mark:
        text = (figure(facts) if is_share else shift(facts, True)) if is_told(facts) else CANNOT_TELL
        return Mark(label, *ends(facts), text, is_ours)

    marks = [mark(each.authority, each) for each in found.authorities]
    marks += [mark("Together", found.together), mark("At large", found.at_large, True)]
    another = found.another
    marks.append(
        Mark(
            "One more authority",
            None,
            another.low,
            another.high,
            ends_of(another.low, another.high, is_share),
        )
        if is_told(another)
        else Mark("One more authority", None, None, None, CANNOT_TELL)
    )
    rows: list[tuple[str, ...]] = [
        (
            each.authority,
            figure(each) if is_share or not is_told(each) else in_a_hundred(each),
            percent(each.weight) if each.weight is not None and is_told(found.at_large) else "none",
            f"{each.pupils:,}" if each.pupils else CANNOT_TELL,
        )
        for each in found.authorities
    ]
    unit = "" if is_share else ", of every 100 children"
    return interval_chart(
        f"{title}{unit}",
        f"At large: {told(found, 'at_large')}.",
        marks,
        IN_FOREST,
        rows,
        beside=None if is_share else 0.0,
    )


def ends_of(low: float | None, high: float | None, is_share: bool) -> str:
    """A range without a middle."""
    if is_share:
        return f"{percent(low)} to {percent(high)}"
    return " to ".join(f"{100 * (end or 0.0):+.1f}".replace("-", "−") for end in (low, high))


def authority_row(given: Given) -> tuple[str, ...]:
    """An authority in the pool."""
    tested = f"{len(given.test)}, {spoken(given.test[0])} to {spoken(given.test[-1])}"
    return (
        given.authority, GATES[given.gate], tested, spoken(given.made_on), given.model_hash[:12], given.data_hash[:12],
        given.export_hash[:12],
    )  # fmt: skip
