"""The charts of the audit page, from the facts of `audit.json`."""

from collections.abc import Callable, Sequence
from operator import itemgetter

from models.audit_attributes import NOT_KNOWN
from serving.audit_words import naming
from serving.charts import Chart, Mark, Series, interval_chart, line_chart
from serving.numbers import CANNOT_TELL, Facts, ends, figure, is_told, percent, signed

MOST_LINES = 6
FEWEST_FOR_LINE = 2


def charts(audit: Facts) -> dict[str, dict[str, Chart]]:
    """Charts by section, then by attribute; a section without facts is empty."""
    names = list(dict.fromkeys(row["attribute"] for row in audit["groups"] if not row["is_crossing"]))
    held = {name: [row for row in audit["groups"] if row["attribute"] == name and row["n"]] for name in names}
    return {
        "recall": {name: forest(audit, name, rows) for name, rows in held.items()},
        "calibration": {
            name: calibration(audit, name, rows)
            for name, rows in held.items()
            if any(is_told(row["metrics"]["observed_over_expected"]) for row in rows)
        },
        "capacity": {name: made for name in names if (made := capacity(audit, name)) is not None},
        "sanctions": sanctions(audit) | often(audit),
        "proxies": {"told": told(audit["proxies"])} if audit["proxies"] else {},
    }


def events(row: Facts) -> str:
    return f"{row['events']:,} of {row['num_pupils']:,}"


def short(facts: Facts, is_share: bool = True) -> str:
    """A figure for the right edge of a picture; why it cannot be told is in the table."""
    return figure(facts, is_share) if is_told(facts) else CANNOT_TELL


def mark(label: str, facts: Facts, is_ours: bool = False, is_share: bool = True) -> Mark:
    return Mark(label, *ends(facts), short(facts, is_share), is_ours)


def gathered(header: Sequence[str], rows: Sequence[tuple[str, ...]], at: int) -> list[tuple[str, ...]]:
    """Rows of a table, those of which nothing can be told gathered by their reason behind the others, with their numbers.

    Parameters
    ----------
    at : int
        Column of the figure; the columns between it and the group are numbers that a gathered row says with the name.
    """
    silent: dict[str, list[tuple[str, ...]]] = {}
    for row in rows:
        if row[at].startswith(CANNOT_TELL):
            silent.setdefault(row[at], []).append(row)
    made = [row for row in rows if len(silent.get(row[at], ())) < 2]
    for reason, like in silent.items():
        if len(like) > 1:
            names = (
                f"{row[0]} ({', '.join(f'{cell} {title.lower()}' for cell, title in zip(row[1:at], header[1:at], strict=True) if cell)})"
                for row in like
            )
            made.append(("; ".join(names), *[""] * (at - 1), reason, *[""] * (len(header) - at - 1)))
    return made


def forest(audit: Facts, name: str, rows: Sequence[Facts]) -> Chart:
    """Groups whose recall can be told, the lowest first, below everyone's; of the others the table says why not."""
    everyone = audit["overall"]
    own = everyone["metrics"]["recall"]
    held = in_order(rows, lambda row: row["metrics"]["recall"])
    lowest = f" Lowest: {held[0]['label']}, {figure(held[0]['metrics']['recall'])}." if held else ""
    silent = [row["label"] for row in rows if not is_told(row["metrics"]["recall"])]
    untold = f" Cannot be told: {', '.join(silent)}." if silent else ""
    return interval_chart(
        f"Found, by {naming(audit).within(name)}",
        f"Share found of those who had the outcome. Everyone: {figure(own)}.{lowest}{untold}",
        [mark("Everyone", own, True), *(mark(row["label"], row["metrics"]["recall"]) for row in held)] if held else [],
        ("Group", f"Had the outcome, of {naming(audit).pupils.lower()}", "Found", "Found, drawn towards everyone", "Beside everyone, of 100", "Smallest gap that would be seen, of 100"),
        [
            ("Everyone", events(everyone), figure(own), "", "", ""),
            *(
                (row["label"], events(row), figure(row["metrics"]["recall"]), drawn(row["metrics"]["recall"]), *beside(row))
                for row in rows
            ),
        ],
        beside=own["estimate"] if is_told(own) else None,
    )  # fmt: skip


def in_order(rows: Sequence[Facts], of: Callable[[Facts], Facts]) -> list[Facts]:
    """Rows whose figure can be told, the lowest first, so that a reader sees the pattern."""
    return sorted((row for row in rows if is_told(of(row))), key=lambda row: of(row)["estimate"])


def drawn(facts: Facts) -> str:
    pooled = facts.get("pooled") if is_told(facts) else None
    return percent(pooled["estimate"]) if pooled else ""


def beside(row: Facts) -> tuple[str, str]:
    """The gap in recall and the smallest that would have been seen."""
    gap = row["gaps"].get("recall")
    if gap is None or not is_told(gap["difference"]):
        return "", ""
    words = signed(gap["difference"], 100, 0)
    return f"{words}, told from chance" if gap.get("is_gap") else words, seen_from(gap)


def seen_from(gap: Facts) -> str:
    """The smallest gap that would have been seen, of 100."""
    if "smallest_detectable" not in gap:
        return ""
    smallest = gap["smallest_detectable"]
    return "none" if smallest is None else f"{100 * smallest:.0f}"


def calibration(audit: Facts, name: str, rows: Sequence[Facts]) -> Chart:
    key = "observed_over_expected"
    own = audit["overall"]["metrics"][key]
    header = ("Group", "Seen", "Estimated", "Seen for each one estimated")
    return interval_chart(
        f"Outcomes seen for each one estimated, by {naming(audit).within(name)}",
        f"1 is right; above 1 the estimates were too low for the group. Everyone: {figure(own, False)}.",
        [
            mark("Everyone", own, True, False),
            *(
                mark(row["label"], row["metrics"][key], False, False)
                for row in in_order(rows, lambda row: row["metrics"][key])
            ),
        ],
        header,
        gathered(
            header,
            [
                (
                    row["label"],
                    f"{row['counts']['observed']:,.0f}",
                    f"{row['counts']['expected']:,.1f}",
                    figure(row["metrics"][key], False),
                )
                for row in rows
            ],
            3,
        ),
        is_share=False,
        beside=1.0,
        is_ratio=True,
    )


def so_many(times: float) -> str:
    """A number of places beside the list's own, in words."""
    return "As many places" if times == 1 else f"{times:g} times the places"


def capacity(audit: Facts, name: str) -> Chart | None:
    """Recall over the number of places; lines for the groups with most outcomes, numbers for all."""
    sweep = audit["capacities"]
    if len(sweep) < FEWEST_FOR_LINE:
        return None
    rows = [row for row in audit["groups"] if row["attribute"] == name and is_told(row["metrics"]["recall"])]
    most = sorted(rows, key=lambda row: -row["events"])[:MOST_LINES]
    if len(most) < FEWEST_FOR_LINE:
        return None
    held = [
        {row["group"]: row["metrics"]["recall"] for row in each["groups"] if row["attribute"] == name}
        for each in sweep
    ]
    return line_chart(
        f"With fewer and more places, by {naming(audit).within(name)}",
        f"Share found by number of places given, for the {len(most)} groups with most outcomes. The table holds every group that can be told.",
        [
            Series(
                row["label"],
                [
                    (each["num_listed"], found[row["group"]]["estimate"])
                    for each, found in zip(sweep, held, strict=True)
                    if is_told(found[row["group"]])
                ],
            )
            for row in most
        ],
        ("places given", "found"),
        ("Group", *(f"{so_many(each['times'])}: {each['num_listed']:,.0f}" for each in sweep)),
        [(row["label"], *(figure(found[row["group"]]) for found in held)) for row in rows],
    )


def of_which(audit: Facts, row: Facts) -> str:
    """A group's name among those of several attributes: who is not known of which is told apart."""
    return (
        f"{naming(audit).attribute(row['attribute'])}: {row['label']}"
        if row["group"] == NOT_KNOWN
        else str(row["label"])
    )


def sanctions(audit: Facts) -> dict[str, Chart]:
    """Times as long, and times as many for good, as others with the same reason, record and school."""
    if not audit["label_bias"]:
        return {}
    made = {}
    words = {
        "length": (
            "How long were suspensions, beside others’ with the same reason, record and school?",
            "times as long",
        ),
        "permanent": (
            "How many exclusions were for good, beside others’ with the same reason, record and school?",
            "times as many",
        ),
    }
    rows = [row for row in audit["label_bias"]["groups"] if row["attribute"] in ("ethnicity", "fsm_eligible")]
    for key, (title, unit) in words.items():
        seen = in_order(rows, itemgetter(key))
        if not seen:
            continue
        gaps = [row["label"] for row in seen if row[key]["is_gap"]]
        header = ("Group", "Events", "Pupils", unit.capitalize(), "Told from chance")
        made[key] = interval_chart(
            title,
            f"1 is the same as others ({unit}). Told from chance: {', '.join(gaps) or 'none'}. Groups with too few events are in the table.",
            [mark(of_which(audit, row), row[key], row[key]["is_gap"], False) for row in seen],
            header,
            gathered(
                header,
                [
                    (
                        of_which(audit, row),
                        f"{row['num_events']:,}",
                        f"{row['num_pupils']:,}",
                        figure(row[key], False),
                        "yes" if row[key]["is_gap"] else "no",
                    )
                    for row in rows
                ],
                3,
            ),
            is_share=False,
            beside=1.0,
            is_ratio=True,
        )
    return made


def often(audit: Facts) -> dict[str, Chart]:
    """Suspensions beside those that other records lead one to expect; empty where that was not looked at."""
    rows = ((audit["label_bias"] or {}).get("frequency") or {}).get("groups", [])
    seen = in_order(rows, lambda row: row)
    if not seen:
        return {}
    gaps = [row["label"] for row in seen if row["is_gap"]]
    header = ("Group", "Pupils", "Suspensions", "Expected", "Times as often", "Could be need", "Told")
    chart = interval_chart(
        "How often were suspensions, beside what other records lead one to expect?",
        f"1 is as often as expected. Told beyond chance and beyond what need recorded in part could explain: {', '.join(gaps) or 'none'}.",
        [mark(of_which(audit, row), row, row["is_gap"], False) for row in seen],
        header,
        gathered(
            header,
            [
                (
                    of_which(audit, row),
                    f"{row['num_pupils']:,}",
                    f"{row['observed']:,}",
                    "" if row["expected"] is None else f"{row['expected']:,.0f}",
                    figure(row, False),
                    "" if row["could_be_need"] is None else f"{row['could_be_need']:.2f}",
                    "yes" if row["is_gap"] else "no",
                )
                for row in rows
            ],
            4,
        ),
        is_share=False,
        beside=1.0,
        is_ratio=True,
    )
    return {"often": chart}


def told(proxies: Facts) -> Chart:
    rows = proxies["told"]
    return interval_chart(
        "Can the features tell a group that is never a feature?",
        proxies["means"]["told"],
        [
            Mark(
                row["label"],
                row["auc"],
                None,
                None,
                "cannot tell" if row["auc"] is None else f"{100 * row['auc']:.0f} of 100",
            )
            for row in rows
        ],
        ("Group", "Pupils in the sample", "Put right, of 100"),
        [
            (
                row["label"],
                f"{row['num']:,}",
                "cannot tell: too few pupils" if row["auc"] is None else f"{100 * row['auc']:.0f}",
            )
            for row in rows
        ],
        beside=0.5,
    )
