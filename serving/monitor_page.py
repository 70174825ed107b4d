"""A look at a model in use as one page: the facts of `monitor.json`, none computed here."""

from collections import Counter
from collections.abc import Mapping, Sequence

from features.codes import in_words
from models.facts.breaks import SanctionsOfSchool
from models.facts.monitor import (
    Check,
    CodeCheck,
    EstimateCheck,
    FeatureCheck,
    Freshness,
    GroupCheck,
    HelpedBeside,
    ListCheck,
    Monitor,
    NotAssessedCheck,
)
from models.said import figures_beside, how_sure, school_said
from serving import audit_words, monitor_words
from serving.charts import Chart, Mark, interval_chart
from serving.documents import HELPED, shown
from serving.monitor_words import FIGURES, KINDS, STATUS
from serving.numbers import figure, percent, spoken
from serving.pages import template
from serving.wording import NOT_FOR_LINE

CheckRow = FeatureCheck | CodeCheck | EstimateCheck | ListCheck | NotAssessedCheck | GroupCheck
CHECK_HEADER = ("What", "Which", "Now", "Limits", "Earlier years", "Of", "Beside its limits")


def monitor_page(facts: Monitor) -> str:
    """One self-contained HTML page from the facts of `monitor.json`.

    Parameters
    ----------
    facts : Monitor
        From `training.monitor.run.monitor`. What cannot be told is shown with its reason, never as a zero.
    """
    names = facts.schools or {}
    school_codes = [row for row in facts.coding if row.urn]
    return template("monitor.html").render(
        facts=facts,
        says=monitor_words,
        not_for=NOT_FOR_LINE,
        spoken=spoken,
        verdict=verdict(len(facts.alarms)),
        header=CHECK_HEADER,
        codes=[row for row in facts.coding if not row.urn],
        code_chart=code_chart(facts),
        outside_at_schools=[
            at_school(row, school_said(row.urn, names))
            for row in school_codes
            if row.urn and row.status == "outside"
        ],
        num_school_checks=len(school_codes),
        tally=tally,
        check=check,
        outside=lambda rows: [check(row) for row in rows if row.status == "outside"],
        fresh_rows=[fresh(row, names) for row in facts.freshness],
        churn_rows={name: list(getattr(facts.churn, name).items()) for name in ("came", "went")},
        group_checks=[group_check(row) for row in facts.groups],
        performance_rows=[
            (
                FIGURES[row.name],
                figure(row.found, row.name != "observed_over_expected"),
                figure(row.evidence, row.name != "observed_over_expected"),
                STATUS[row.status],
            )
            for row in facts.performance.rows
        ],
        performance_groups=[
            (
                f"{audit_words.attribute(row.attribute)}: {row.label}",
                f"{row.events:,}",
                shown(row.recall),
                shown(row.precision),
            )
            for row in facts.performance.groups
        ],
        break_rows=[
            (spoken(one.first_day), one.sentence, how_sure(one.certainty)) for one in facts.breaks or []
        ],
        moved_rows=[moved(row, names) for row in facts.sanctions or [] if row.is_moved],
        helped_rows=helped(facts.performance.support_exposure),
    )


def verdict(num: int) -> str:
    if not num:
        return monitor_words.NO_ALARM
    return monitor_words.ONE_ALARM if num == 1 else monitor_words.ALARMS.format(number=num)


def tally(rows: Sequence[Check]) -> str:
    """How many are within, outside and cannot be told."""
    counts = Counter(row.status for row in rows)
    return f"{counts['within']:,} within their limits, {counts['outside']:,} outside, {counts['cannot_tell']:,} cannot be told"


def check(row: CheckRow) -> tuple[str, ...]:
    """One comparison as a row of a table."""
    is_share = row.kind != "distance"
    write = percent if is_share else "{:.2f}".format
    now, low, high = "not known", "", ""
    if row.now is not None:
        now, low, high = figures_beside(row.now, row.low, row.high, is_share=is_share)
    return (
        KINDS[row.kind],
        in_words(row.kind, row.name),
        now,
        f"{low} to {high}" if high else "none",
        ", ".join(write(each) for each in row.earlier) or "none",
        f"{row.of:,}",
        STATUS[row.status] + (f": {row.reason}" if row.reason else ""),
    )


def group_check(row: GroupCheck) -> tuple[str, ...]:
    kind, _, *rest = check(row)
    return (kind, f"{audit_words.attribute(row.attribute)}: {row.label}", *rest)


def at_school(row: CodeCheck, school: str) -> tuple[str, ...]:
    kind, name, *rest = check(row)
    return (f"{kind}, {school}", name, *rest)


def fresh(row: Freshness, names: Mapping[str, str]) -> tuple[str, ...]:
    expected = row.expected_suspensions
    return (
        school_said(row.urn, names),
        f"{row.num_pupils:,}",
        spoken(row.last_day) if row.last_day else "no mark known",
        "not known" if row.days_behind is None else f"{row.days_behind}",
        STATUS[row.status],
        f"{row.num_suspensions:,}",
        "not known" if expected is None else f"{expected:g}",
        "SILENT" if row.suspensions_status == "outside" else "within",
    )


def moved(row: SanctionsOfSchool, names: Mapping[str, str]) -> tuple[str, ...]:
    counts = (row.suspended_before, row.suspended_after, row.internal_before, row.internal_after)
    return school_said(row.urn, names), *(f"{number:,}" for number in counts)


def helped(exposure: HelpedBeside | None) -> list[tuple[str, ...]]:
    rows = exposure.rows if exposure else []
    return [(HELPED[row.who], figure(row.recall), figure(row.precision)) for row in rows]


def code_chart(facts: Monitor) -> Chart | None:
    """Attendance codes of the authority, but present, inside their limits."""
    rows = [
        row
        for row in facts.coding
        if row.kind == "attendance" and not row.urn and row.high is not None and row.name != "present"
    ]
    if not rows:
        return None
    rows.sort(key=lambda row: -(row.now or 0))
    outside = [row.name for row in rows if row.status == "outside"]
    return interval_chart(
        "Attendance codes, each with its limits",
        f"A dot is the share of marks now, a line its limits. Outside: {', '.join(outside) or 'none'}.",
        [
            Mark(
                in_words(row.kind, row.name), row.now, row.low, row.high, f"{check(row)[2]} ({STATUS[row.status]})",
                row.status == "outside",
            )
            for row in rows
        ],
        CHECK_HEADER,
        [check(row) for row in rows],
    )  # fmt: skip
