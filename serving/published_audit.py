"""The audit as it may leave, as one page: the facts of `audit_published.json`, none computed here."""

from collections.abc import Sequence
from typing import Any

from models.audit_rates import TITLES, rates_shown
from models.said import of_so_many
from serving import audit_words
from serving.audit_charts import in_order, mark
from serving.audit_page import alike
from serving.charts import Chart, interval_chart
from serving.documents import counted
from serving.numbers import CANNOT_TELL, Facts, is_told, percent, spoken
from serving.pages import template
from serving.wording import OUTCOMES, span


def published_audit(published: Facts) -> str:
    """One self-contained HTML page from the facts of `audit_published.json`.

    Parameters
    ----------
    published : mapping
        As `training.audit.publish` makes it: counts suppressed and rounded, rates made of them. What may
        not be shown is told apart from a zero.
    """
    naming = audit_words.naming(published)
    did = (
        f"had the outcome ({published['outcome']})"
        if naming.is_file
        else OUTCOMES.get(published["outcome"], (f"had {published['outcome']}", ""))[0]
    )
    labels = {(row["attribute"], row["group"]): row["label"] for row in published["groups"]}
    rates = rates_shown(published["rates"])
    return template("audit_published.html").render(
        audit=published,
        says=audit_words,
        did=did,
        span=span(published["window_days"]) if published["window_days"] else "",
        naming=naming,
        people=naming.people,
        header=("Group", "Counted", "With the outcome", *(TITLES[name] for name in rates)),
        group_rows=group_rows(published["groups"], rates, naming, published.get("everyone")),
        recall=(published.get("everyone") or NOBODY)["metrics"]["recall"],
        chart=chart(published, naming),
        of_so_many=of_so_many,
        finding_rows=[
            (
                f"{number}", audit_words.SEVERITY[like[0]["severity"]], audit_words.FOUND[like[0]["kind"]],
                "; ".join(about(each, labels, naming) for each in like), like[0]["owner"], spoken(like[0]["due"]), like[0]["state"],
            )
            for number, like in enumerate(alike(published["findings"]), 1)
        ],
        rate_meanings=[(TITLES[name], published["rates"][name]) for name in rates],
        spoken=spoken,
    )  # fmt: skip


LOW = 0.05  # the least step to which ranges are widened: from 0 to here says no more than the rate
LEAST = 0.01
NOBODY: Facts = {"metrics": {"recall": {"status": "cannot_tell", "reason": "not in this copy"}}}


def chart(published: Facts, naming: audit_words.Naming) -> Chart | None:
    """Those found, of the first attribute of which two groups can be shown, below everyone's; None without one."""
    for name in dict.fromkeys(row["attribute"] for row in published["groups"] if not row["is_crossing"]):
        held = in_order(
            [row for row in published["groups"] if row["attribute"] == name],
            lambda row: row["metrics"]["recall"],
        )
        if len(held) > 1:
            own = (published.get("everyone") or NOBODY)["metrics"]["recall"]
            top = [mark("Everyone", own, True)] if is_told(own) else []
            return interval_chart(
                f"Found, by {naming.within(name)}",
                "Share found of those who had the outcome, from rounded counts. Groups that cannot be shown are in the tables.",
                [*top, *(mark(row["label"], row["metrics"]["recall"]) for row in held)],
                (), [], beside=own["estimate"] if is_told(own) else None,
            )  # fmt: skip
    return None


def roughly(found: Facts) -> str:
    """A published rate: one that was rounded to 0 is not none, and a range that says only that it is low is left out."""
    if not is_told(found):
        return CANNOT_TELL
    one = "under 1%" if found["estimate"] < LEAST else percent(found["estimate"])
    return one if found["high"] <= LOW else f"{one} ({percent(found['low'])} to {percent(found['high'])})"


def group_rows(
    groups: list[Facts], rates: Sequence[str], naming: audit_words.Naming, everyone: Facts | None = None
) -> dict[str, list[tuple[str, ...]]]:
    """Rates of each attribute's groups below everyone's; of a crossing of two, only groups of which something is shown."""
    top = ("Everyone", "", "", *(roughly(everyone["metrics"][name]) for name in rates)) if everyone else None
    rows: dict[str, list[tuple[str, ...]]] = {}
    for row in groups:
        told = tuple(roughly(row["metrics"][name]) for name in rates)
        held = rows.setdefault(
            naming.attribute(row["attribute"]), [top] if top and not row["is_crossing"] else []
        )
        if not row["is_crossing"] or any(each != CANNOT_TELL for each in told):
            held.append((row["label"], counted(row["n"]), counted(row["events"]), *told))
    return rows


def about(finding: Facts, labels: dict[tuple[str, str], Any], naming: audit_words.Naming) -> str:
    """Whom a finding is about: an attribute, a group of it, or everyone."""
    if not finding["attribute"]:
        return "everyone"
    attribute = naming.attribute(finding["attribute"])
    if not finding["group"]:
        return attribute
    return f"{attribute}: {labels.get((finding['attribute'], finding['group']), finding['group'])}"
