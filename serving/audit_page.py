"""The audit as one page that anyone can read: the facts of `audit.json`, none computed here."""

import math
import re
from collections.abc import Collection, Sequence
from typing import Any

from markupsafe import Markup

from models.audit_attributes import NOT_KNOWN
from models.audit_rates import TITLES, rates_shown
from models.said import of_so_many
from serving import audit_words
from serving.audit_beside import beside_tables
from serving.audit_charts import charts, events, short
from serving.audit_parts import gap_parts, markdown_bold, why_no_parts
from serving.audit_words import FAMILIES
from serving.evidence_words import OUTCOME_NAMES
from serving.numbers import Facts, figure, is_told, percent, spoken
from serving.pages import template
from serving.wording import OUTCOMES, span

OF_THE_MODEL = ("calibration", "ranking", "not_assessed", "stale_records", "list")
MISSED = (
    "missed_more",
    "need",
    "need_unmet",
    "code_e",
)
NEEDLESS = ("listed_without_need",)
FIRST = 6  # findings named on the first page under one question; all are further down


def audit_page(audit: Facts) -> str:
    """One self-contained HTML page from the facts of `audit.json`.

    Parameters
    ----------
    audit : mapping
        As `training.audit` makes it. A rate that cannot be told is shown with its reason, never as a
        zero; a part that is null is said to be missing.

    Returns
    -------
    str
        HTML with everything in it; charts are inline SVG, each with its numbers in a table.
    """
    named_as = audit_words.naming(audit)
    had = f"had the outcome ({audit['outcome']})" if named_as.is_file else f"had {audit['outcome']}"
    did = had if named_as.is_file else OUTCOMES.get(audit["outcome"], (had, ""))[0]
    crossings = audit_words.crossings(audit)
    labels = {(row["attribute"], row["group"]): row["label"] for row in audit["groups"]}
    return template("audit.html").render(
        audit=audit,
        says=audit_words,
        did=did,
        span=span(audit["window_days"]) if audit["window_days"] else "",
        naming=named_as,
        people=named_as.people,
        charts=charts(audit),
        first={
            name: named(audit["findings"], kinds, crossings)
            for name, kinds in (("own", OF_THE_MODEL), ("missed", MISSED), ("needless", NEEDLESS))
        },
        no_gap=no_finding(audit["groups"], "false_positive_rate"),
        by_design=by_design(audit),
        untold=untold_groups(audit, named_as),
        appendix=appendix(audit),
        acting=gathered(audit["findings"]),
        row_id=row_id,
        smallest=smallest(audit),
        gap_parts=gap_parts(audit),
        why_no_parts=why_no_parts(audit),
        bold=markdown_bold,
        label_of=lambda each: labels.get((each["attribute"], each["group"]), each["group"]),
        rate_titles=TITLES,
        rate_meanings=[(TITLES[name], sentence) for name, sentence in audit["rates"].items()],
        figure=figure,
        percent=percent,
        spoken=spoken,
        of_so_many=of_so_many,
        whole=lambda each: whole(each, named_as),
        **tables(audit),
        **beside_tables(audit, named_as),
    )


def named(findings: Sequence[Facts], kinds: Sequence[str], crossings: Collection[str]) -> list[Facts]:
    """The findings of some kinds, single groups before crossings, as many as a first page holds."""
    held = [each for each in findings if each["kind"] in kinds]
    return sorted(held, key=lambda each: each["attribute"] in crossings)[:FIRST]


def no_finding(groups: Sequence[Facts], rate: str) -> str:
    """What stands where no finding is about a rate: that no group was told apart in it, or which were."""
    apart = [
        row["label"] for row in groups if row["gaps"].get(rate, {}).get("is_gap") and not row["is_crossing"]
    ]
    return audit_words.APART.format(groups=", ".join(apart)) if apart else audit_words.NO_GAP


def by_design(audit: Facts) -> str:
    """Children in alternative provision and referral units, whom no list names; "" where the audit has none."""
    rows = [row for row in audit["groups"] if row["attribute"] == "phase" and row["group"] in ("ap", "pru")]
    num, events = (sum(row[name] for row in rows) for name in ("num_pupils", "events"))
    if audit["kind"] != "model" or not num:
        return ""
    return audit_words.BY_DESIGN.format(num=f"{num:,}", events=f"{events:,}")


def untold_groups(audit: Facts, naming: audit_words.Naming) -> list[str]:
    """By attribute, the groups of whom recall cannot be told, by name, the soonest to be told first."""
    crossings, told = audit_words.crossings(audit), []
    names = dict.fromkeys(row["attribute"] for row in audit["groups"] if row["attribute"] not in crossings)
    for name in sorted(names, key=lambda each: each not in audit_words.FRAMEWORK_FIRST):
        rows = [
            row
            for row in audit["groups"]
            if row["attribute"] == name and row["n"] and row["group"] != NOT_KNOWN
        ]
        silent = [row for row in rows if not is_told(row["metrics"]["recall"])]
        if not silent:
            continue
        by_wait: dict[int | None, list[str]] = {}
        for row in silent:
            by_wait.setdefault(row["metrics"]["recall"].get("years_needed"), []).append(row["label"])
        waits = sorted(by_wait, key=lambda years: years or math.inf)
        soonest = f"the soonest {when(waits[0])}" if waits[0] else "nobody can say when any could be"
        who = (
            f"none of its {len(rows)} groups; {soonest}"
            if len(silent) == len(rows)
            else "; ".join(f"{', '.join(by_wait[each])} ({when(each)})" for each in waits)
        )
        told.append(f"{naming.attribute(name)}: {who}.")
    return told


def when(years: int | None) -> str:
    """After how many years of lists something could be told."""
    if not years:
        return "nobody can say when"
    return f"after {years} year{'' if years == 1 else 's'} of lists"


def appendix(audit: Facts) -> list[tuple[str, str]]:
    """Anchor and heading of every section behind the first pages that this audit has."""
    parted = any(row["parts"].get("rates") for row in audit["groups"])
    has = {
        "partrows": parted, "crossed": bool(audit_words.crossings(audit)), "against": bool(audit.get("against")),
        "tolerance": bool(audit.get("tolerance")), "beside": bool(audit.get("side_by_side")), "calibration": bool(charts(audit)["calibration"]),
        "proxies": bool(audit["proxies"]), "coverage": bool(audit["coverage"]), "mitigation": bool(audit["mitigation"]),
    }  # fmt: skip
    return [(name, heading) for name, heading in audit_words.APPENDIX.items() if has.get(name, True)]


def gathered(findings: Sequence[Facts]) -> list[list[Facts]]:
    """Open findings that ask for something: like ones together, what blocks first."""
    held: dict[tuple[str, ...], list[Facts]] = {}
    for each in findings:
        if each["severity"] != "noted" and each["state"] == "open":
            key = tuple(each[name] for name in ("severity", "kind", "owner", "due"))
            held.setdefault(key, []).append(each)
    return list(held.values())


def row_id(attribute: str, group: str) -> str:
    """The anchor of a group's row of rates; names may hold any mark."""
    return "row-" + "-".join(re.sub(r"[^0-9A-Za-z]+", "_", each) for each in (attribute, group))


def whole(finding: Facts, naming: audit_words.Naming) -> str:
    """A finding's sentence; one about a whole attribute begins with its name."""
    of_attribute = finding["attribute"] and not finding["group"]
    return (f"{naming.attribute(finding['attribute'])}: " if of_attribute else "") + finding["sentence"]


def smallest(audit: Facts) -> tuple[str, str] | None:
    """The least and the greatest of the smallest gaps in recall that would have been seen, of 100."""
    held = [
        row["gaps"]["recall"]["smallest_detectable"]
        for row in audit["groups"]
        if row["gaps"].get("recall", {}).get("smallest_detectable") is not None and not row["is_crossing"]
    ]
    return (f"{100 * min(held):.0f}", f"{100 * max(held):.0f}") if held else None


def tables(audit: Facts) -> dict[str, Any]:
    """Rows of the page's longer tables, in words."""
    names = list(dict.fromkeys(row["attribute"] for row in audit["groups"]))
    crossings, named_as = audit_words.crossings(audit), audit_words.naming(audit)
    by_name = {name: [row for row in audit["groups"] if row["attribute"] == name] for name in names}
    rates = rates_shown(audit["rates"])
    return {
        "rate_header": ("Group", *(TITLES[name] for name in rates)),
        "rate_rows": {
            name: (
                [
                    (anchored(row), *(short(row["metrics"][rate]) for rate in rates))
                    for row in rows
                    if is_any_told(row, rates)
                ],
                [Markup("{} ({:,})").format(anchored(row), row["num_pupils"]) for row in rows if not is_any_told(row, rates)],
            )
            for name, rows in by_name.items()
            if name not in crossings
        },
        "crossing_rows": {name: crossing(rows) for name, rows in by_name.items() if name in crossings},
        "label_rows": label_rows(audit["label_bias"], audit["groups"]) if audit["label_bias"] else {},
        "carried": carried(audit["proxies"]) if audit["proxies"] else {},
        "coverage_rows": coverage_rows(audit),
        "other_rows": other_rows(audit["other_outcomes"] or []),
        "ways": ways(audit["mitigation"], audit) if audit["mitigation"] else {},
        "finding_rows": [
            (
                Markup(", ").join(Markup('<span id="{0}">{0}</span>').format(one["id"]) for one in like),
                audit_words.SEVERITY[like[0]["severity"]], " ".join(whole(one, named_as)[:1].upper() + whole(one, named_as)[1:] for one in like),
                like[0]["owner"], spoken(like[0]["due"]), like[0]["stop_threshold"], like[0]["state"],
            )
            if like[0]["kind"] == "cannot_tell"
            else (
                Markup('<span id="{0}">{0}</span>').format(each["id"]), audit_words.SEVERITY[each["severity"]],
                linked(each, whole(each, named_as), crossings), each["owner"], spoken(each["due"]),
                each["stop_threshold"], each["state"],
            )
            for like in alike(audit["findings"])
            for each in like[:1]
        ],
    }  # fmt: skip


def anchored(row: Facts) -> Markup:
    """A group's name, where links to its row of rates lead."""
    return Markup('<span id="{}">{}</span>').format(row_id(row["attribute"], row["group"]), row["label"])


def is_any_told(row: Facts, rates: Collection[str]) -> bool:
    """Whether any of the rates that stand in a group's row can be told."""
    return any(is_told(row["metrics"][rate]) for rate in rates)


def alike(findings: Sequence[Facts]) -> list[list[Facts]]:
    """Findings as rows of the table: what cannot be told of several attributes is one, every other its own."""
    held: dict[tuple[str, ...], list[Facts]] = {}
    for each in findings:
        own = "" if each["kind"] == "cannot_tell" else f"{len(held)}"
        held.setdefault((each["kind"], each["state"], own), []).append(each)
    return list(held.values())


def linked(finding: Facts, sentence: str, crossings: Collection[str]) -> str:
    """A finding's sentence, linked to its group's row of figures where it is about one."""
    if not finding["group"] or finding["attribute"] in crossings:
        return sentence
    return Markup('<a href="#{}">{}</a>').format(row_id(finding["attribute"], finding["group"]), sentence)


def crossing(rows: Sequence[Facts]) -> tuple[list[tuple[str, ...]], int]:
    """Groups of a crossing whose recall can be told, and how many cannot."""
    told = [row for row in rows if is_told(row["metrics"]["recall"])]
    shown = [
        (
            row["label"],
            events(row),
            *(figure(row["metrics"][name]) for name in ("recall", "precision", "false_positive_rate")),
        )
        for row in told
    ]
    return shown, len(rows) - len(told)


def label_rows(bias: Facts, groups: Sequence[Facts]) -> dict[str, list[tuple[str, ...]]]:
    """Schools with sessions that have no record, and what-ifs of the groups whose recall can be told."""
    told = {(row["attribute"], row["group"]) for row in groups if is_told(row["metrics"]["recall"])}
    return {
        "schools": [
            (str(row["urn"]), f"{row['num_marked']:,}", f"{row['num_sessions']:,}")
            for row in bias["code_e"]["schools"]
        ],
        "what_if": [
            (
                row["label"],
                percent(row["share"]),
                percent(row["recall"]),
                f"{percent(row['low'])} to {percent(row['high'])}",
            )
            for row in bias["what_if"]
            if (row["attribute"], row["group"]) in told
        ],
    }


def carried(proxies: Facts) -> dict[str, Any]:
    families = list(proxies["carried"][0]["by_family"]) if proxies["carried"] else []
    return {
        "header": ("Group", *(FAMILIES.get(name, name) for name in families)),
        "rows": [
            (row["label"], *(f"{row['by_family'][name]:+.2f}".replace("-", "−") for name in families))
            for row in proxies["carried"]
        ],
    }


def coverage_rows(audit: Facts) -> list[tuple[str, ...]]:
    """Missing, stale, not assessed and arbitrary, a row a group."""
    places = {(row["attribute"], row["group"]): row for row in audit["stability"] or []}
    rows: list[tuple[str, ...]] = []
    for row in audit["coverage"] or []:
        held = places.get((row["attribute"], row["group"]))
        loose = (
            "cannot tell"
            if held is None or held["share_arbitrary"] is None
            else percent(held["share_arbitrary"])
        )
        behind = "not known" if row["days_behind"] is None else f"{row['days_behind']:.1f}"
        rows.append(
            (
                f"{audit_words.attribute(row['attribute'])}: {row['label']}", f"{row['n']:,}", percent(row["share_missing"]), behind,
                percent(row["share_not_assessed"]), percent(row["share_supported"]), loose,
            )
        )  # fmt: skip
    return rows


def other_rows(others: Sequence[Facts]) -> dict[str, list[tuple[str, ...]]]:
    return {
        OUTCOME_NAMES.get(each["outcome"], each["outcome"].replace("_", " ")): [
            (row["label"], figure(row["metrics"]["recall"]), figure(row["metrics"]["precision"]))
            for row in each["groups"]
            if row["attribute"] in ("ethnicity", "fsm_eligible")
        ]
        for each in others
    }


def ways(compared: Facts, audit: Facts) -> dict[str, Any]:
    labels = {
        row["group"]: row["label"] for row in audit["groups"] if row["attribute"] == compared["attribute"]
    }
    return {
        "header": ("Way of listing", "Listed", "Found", "Found beyond the pooled list", "Share found", "Of the listed, had it", "Largest gap, of 100"),
        "rows": [
            (
                way["title"], f"{way['num_listed']:,.0f}", f"{way['num_found']:,.0f}", f"{way['found_beyond']:+,.0f}".replace("-", "−"),
                percent(way["recall"]), percent(way["precision"]) or "nobody listed",
                "cannot tell" if way["largest_gap"] is None else f"{100 * way['largest_gap']:.0f}",
            )
            for way in compared["ways"]
        ],
        "group_header": ("Way of listing", *(labels[group] for group in compared["groups"])),
        "group_rows": [
            (way["title"], *(percent(way["recall_by_group"][group]) for group in compared["groups"])) for way in compared["ways"]
        ],
    }  # fmt: skip
