"""The evidence of a model as one page that anyone can read: the facts of `evidence.json`, none computed here."""

from models.facts.evidence import Adds, Contribution, Evidence
from serving import evidence_words
from serving.audit_words import attribute
from serving.evidence_charts import charts
from serving.evidence_words import ADDS, OUTCOME_NAMES, TABLES
from serving.numbers import (
    CANNOT_TELL,
    figure,
    in_a_hundred,
    is_told,
    percent,
    plainly,
    rival,
    spoken,
    two_sides,
)
from serving.pages import template
from serving.reporting_items import items
from serving.wording import FAMILIES, OUTCOMES, STATES, span

LAST = "observed_over_expected_unseen"
HELPED = {"all": "All", "helped": "Helped in that time", "not_helped": "Not helped in that time"}
MISSED = {**{state: name for state, (name, _) in STATES.items()}, "not_listed": "Assessed, and not listed"}


def evidence_page(evidence: Evidence) -> str:
    """One self-contained HTML page from the facts of `evidence.json`.

    Parameters
    ----------
    evidence : Evidence
        As `training.evaluate` makes it, or `models.facts.pooled.resting` where its gate rests on pooled evidence. A part that is null, or says `cannot_tell`, is shown with
        its reason and never as a zero.

    Returns
    -------
    str
        HTML with everything in it; charts are inline SVG, each with its numbers in a table.
    """
    did, did_not = OUTCOMES[evidence.outcome]
    return template("evidence.html").render(
        evidence=evidence,
        says=evidence_words,
        did=did,
        did_not=did_not,
        span=span(evidence.window_days),
        test_days=[spoken(each) for each in evidence.split.test],
        training_days=[spoken(each) for each in evidence.split.training],
        charts=charts(evidence),
        figure=figure,
        spoken=spoken,
        rival=rival,
        percent=percent,
        in_a_hundred=in_a_hundred,
        plainly=plainly,
        reporting_items=items(),
        headings=headings(evidence),
        adds=optional_tables(evidence),
        years=years(evidence),
        contributed=contributed(evidence),
        untested=untested(evidence),
        **tables(evidence),
    )


def headings(evidence: Evidence) -> dict[str, str]:
    """Sections that the list of reporting items may point to, by id: those that this evidence has."""
    held = dict(evidence_words.HEADINGS)
    if evidence.support_exposure is None:
        del held["helped"]
    if evidence.breaks is None or not evidence.breaks.named:
        del held["breaks"]
    if not evidence.optional_tables:
        del held["adds"]
    if evidence.every_year is None:
        del held["years"]
    if not (evidence.explained and evidence.explained.families):
        del held["made"]
    return held


def contributed(evidence: Evidence) -> dict[str, list[tuple[str, ...]]]:
    """Rows of the families and of the features that estimates are made of."""
    found = evidence.explained
    if found is None:
        return {}

    def of(row: Contribution) -> tuple[str, str]:
        return (
            f"{row.mean_size:.3f}",
            CANNOT_TELL if row.mean_listed is None else f"{row.mean_listed:+.3f}".replace("-", "−"),
        )

    return {
        "families": [(FAMILIES[row.family], *of(row)) for row in found.families],
        "features": [(row.name, FAMILIES[row.family], *of(row)) for row in found.features],
    }


def years(evidence: Evidence) -> list[tuple[str, ...]]:
    """A row for each year that was tested, the latest first, and one for all of them together; none where an early version made it."""
    if evidence.every_year is None:
        return []
    gate = evidence.gate
    rows: list[tuple[str, ...]] = [
        (
            f"{spoken(year.test[0])} to {spoken(year.test[-1])}"
            if len(year.test) > 1
            else spoken(year.test[0]),
            f"{year.num_training_dates}",
            figure(year.recall),
            f"{in_a_hundred(year.over_best_rule.gain)} ({rival(year.over_best_rule.rule)})",
            in_a_hundred(year.over_school_only.gain),
        )
        for year in evidence.every_year.years
        if year.recall and year.over_best_rule and year.over_school_only
    ]
    together = (
        "All together",
        "",
        figure(evidence.every_year.recall),
        f"{in_a_hundred(gate.over_best_rule.gain)} ({rival(gate.over_best_rule.rule)})",
        in_a_hundred(gate.over_school_only.gain),
    )
    return [*rows, together] if len(rows) > 1 else rows


def untested(evidence: Evidence) -> list[str]:
    """The years of which nothing can be told, each with why."""
    return [
        f"Nothing can be told of the year from {spoken(year.test[0])}: {year.reason}"
        for year in (evidence.every_year.years if evidence.every_year else [])
        if year.reason
    ]


def optional_tables(evidence: Evidence) -> list[tuple[str, list[tuple[str, ...]], list[tuple[str, ...]]]]:
    """What each optional table adds: its name, rows of figures, and rows of groups."""
    return [
        (
            TABLES.get(each.table, each.table),
            [(ADDS[row.name], *added(row, row.name != "observed_over_expected")) for row in each.figures],
            [(f"{attribute(row.attribute)}: {row.label}", *added(row)) for row in each.groups],
        )
        for each in evidence.optional_tables
    ]


def added(row: Adds, is_share: bool = True) -> tuple[str, str, str]:
    """A figure without a table, with it, and what it adds."""
    return two_sides(row.without, row.with_table, row.difference, is_share)


def tables(evidence: Evidence) -> dict[str, list[tuple[str, ...]]]:
    """Rows of the page's longer tables, in words."""
    return {
        "missed_rows": [
            (MISSED[state], f"{number:,.0f}") for state, number in evidence.headline.who_was_missed
        ],
        "seen_rows": [
            (
                f"{number}",
                f"{band.num_children:,}" if is_told(band) else CANNOT_TELL,
                f"{band.num_with_outcome:,}" if is_told(band) else CANNOT_TELL,
                figure(band),
            )
            for number, band in enumerate(evidence.seen_bands.bands if evidence.seen_bands else [], 1)
        ],
        "lead_rows": [
            (f"{row.lead}", f"{row.num_pupils:,}", f"{row.num_listed:,.0f}", percent(row.share))
            for row in evidence.past_year.lead_time or []
        ],
        "district_rows": [
            (
                row.district,
                *(
                    figure(row[key], key != LAST) if row[key] else "not fitted"
                    for key in ("recall", "recall_unseen", LAST)
                ),
            )
            for row in evidence.transport.districts or []
        ],
        "helped_rows": [
            (
                HELPED[row.who],
                f"{row.num_pupils:,}",
                f"{row.recall.events:,}",
                f"{row.num_already_supported:,}",
                figure(row.recall),
                figure(row.precision),
            )
            for row in (evidence.support_exposure.rows if evidence.support_exposure else [])
        ],
        "breaks_rows": [
            (
                f"{spoken(row.date)}, {'tested on' if row.part == 'test' else 'learned from'}",
                f"{row.num:,}",
                CANNOT_TELL if row.share is None else f"{1000 * row.share:.1f} of 1,000",
            )
            for row in (evidence.breaks.by_date if evidence.breaks else [])
        ],
        "other_rows": [
            (
                OUTCOME_NAMES[row.outcome].capitalize(),
                f"{row.num_positives:,}",
                figure(row.recall),
            )
            for row in evidence.other_outcomes
        ],
    }
