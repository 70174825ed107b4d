"""What was asked of a file besides: a chosen group, a tolerance, several lists, calibration in bands; and the tables as CSV."""

from collections.abc import Mapping, Sequence
from typing import Any

from models.audit_rates import TITLES, rates_shown
from serving.audit_charts import short
from serving.audit_words import Naming
from serving.numbers import Facts, figure, in_a_hundred, is_told
from serving.workbooks import csv_bytes

BESIDE = ("recall", "precision", "false_positive_rate", "selection_rate")
TOLD = {"within": "within", "outside": "outside", "cannot_tell": "cannot tell"}
GROUPS_CSV, AGAINST_CSV, BESIDE_CSV, BANDS_CSV = (
    "groups.csv", "against.csv", "side_by_side.csv", "calibration.csv",
)  # fmt: skip
Rows = list[tuple[str, ...]]
CsvTable = tuple[tuple[str, ...], list[tuple[Any, ...]]]


def beside_tables(audit: Facts, naming: Naming) -> dict[str, Any]:
    """Captions, headers and rows of the page's sections that only some audits have."""
    return {
        "against_tables": [
            against_table(each, rates_shown(audit["rates"]), naming) for each in audit.get("against") or []
        ],
        "tolerance_tables": tolerance_tables(audit, naming) if audit.get("tolerance") else [],
        "beside_tables": beside_of(audit["side_by_side"], naming) if audit.get("side_by_side") else [],
        "band_tables": band_tables(audit.get("calibration") or [], naming),
    }


def against_table(each: Facts, rates: Sequence[str], naming: Naming) -> tuple[str, tuple[str, ...], Rows]:
    """Differences from a chosen group, of 100."""
    rows = [(row["label"], *(told(row["gaps"][rate]) for rate in rates)) for row in each["groups"]]
    caption = f"{naming.attribute(each['attribute'])}: beside {each['reference_label']}, of 100"
    return caption, ("Group", *(TITLES[rate] for rate in rates)), rows


def told(gap: Facts) -> str:
    words = in_a_hundred(gap["difference"])
    return f"{words}, told from chance" if gap.get("is_gap") else words


def tolerance_tables(audit: Facts, naming: Naming) -> list[tuple[str, tuple[str, ...], Rows]]:
    """Of every group and rate, whether its gap from everyone is within the tolerance."""
    tables, rates = [], rates_shown(audit["rates"])
    for name in dict.fromkeys(row["attribute"] for row in audit["groups"]):
        rows = [
            (
                row["label"],
                *(TOLD[row["gaps"].get(rate, {}).get("tolerance", "cannot_tell")] for rate in rates),
            )
            for row in audit["groups"]
            if row["attribute"] == name
        ]
        if all(cell == "cannot tell" for row in rows for cell in row[1:]) and name.count(" x "):
            continue
        caption = f"{naming.attribute(name)}: within {100 * audit['tolerance']:g} of 100 of everyone?"
        tables.append((caption, ("Group", *(TITLES[rate] for rate in rates)), rows))
    return tables


def beside_of(beside: Facts, naming: Naming) -> list[tuple[str, tuple[str, ...], Rows]]:
    """Each list's rates by group, and how far the share found differs from that of the first."""
    names = [each["name"] for each in beside["lists"]]
    overall = [
        (each["name"], f"{each['num_listed']:,.0f}", *(figure(each["overall"][rate]) for rate in BESIDE), f"{len(each['findings']):,}")
        for each in beside["lists"]
    ]  # fmt: skip
    tables = [
        (
            "Everyone, by each list",
            ("List", "Listed", *(TITLES[rate] for rate in BESIDE), "Findings"),
            overall,
        )
    ]
    header = (
        "Group",
        *(f"Found by {name}" for name in names),
        *(f"{name} beside {names[0]}, of 100" for name in names[1:]),
    )
    for attribute in dict.fromkeys(row["attribute"] for row in beside["rows"]):
        rows = [
            (
                row["label"],
                *(short(row["metrics"][name]["recall"]) for name in names),
                *(in_a_hundred(row["differences"][name]["recall"]) for name in names[1:]),
            )
            for row in beside["rows"]
            if row["attribute"] == attribute
        ]
        tables.append((naming.attribute(attribute), header, rows))
    return tables


def band_tables(rows: Sequence[Facts], naming: Naming) -> list[tuple[str, tuple[str, ...], Rows]]:
    """Outcomes seen for each one estimated, by group and band of the estimate."""
    tables = []
    for attribute in dict.fromkeys(row["attribute"] for row in rows):
        held = [row for row in rows if row["attribute"] == attribute]
        header = ("Group", *(f"{band['from']:.3g} to {band['to']:.3g}" for band in held[0]["bands"]))
        made = [(row["label"], *(short(band, False) for band in row["bands"])) for row in held]
        tables.append(
            (f"{naming.attribute(attribute)}: seen for each one estimated, by estimate", header, made)
        )
    return tables


def csv_tables(audit: Facts) -> dict[str, str]:
    """File name to the text of a table: every figure of the audit as it is, for whoever reads on in a spreadsheet or a program."""
    header: tuple[str, ...]
    tables: dict[str, CsvTable] = {GROUPS_CSV: group_table(audit)}
    if audit.get("against"):
        header = ("attribute", "reference", "group", "label", "rate", *GAP_COLUMNS)
        tables[AGAINST_CSV] = (
            header,
            [
                (each["attribute"], each["reference"], row["group"], row["label"], rate, *gap_cells(gap))
                for each in audit["against"]
                for row in each["groups"]
                for rate, gap in row["gaps"].items()
            ],
        )
    if audit.get("side_by_side"):
        header = (
            "attribute",
            "group",
            "label",
            "list",
            "rate",
            *METRIC_COLUMNS,
            *(f"beside_first_{name}" for name in METRIC_COLUMNS),
        )
        tables[BESIDE_CSV] = header, [
            (
                row["attribute"], row["group"], row["label"], name, rate, *metric_cells(metric),
                *metric_cells(row["differences"].get(name, {}).get(rate)),
            )
            for row in audit["side_by_side"]["rows"]
            for name, metrics in row["metrics"].items()
            for rate, metric in metrics.items()
        ]  # fmt: skip
    if audit.get("calibration"):
        header = ("attribute", "group", "label", "from", "to", "num", "expected", "observed", *METRIC_COLUMNS)
        tables[BANDS_CSV] = header, [
            (
                row["attribute"], row["group"], row["label"], *(band[name] for name in ("from", "to", "num", "expected", "observed")),
                *metric_cells(band),
            )
            for row in audit["calibration"]
            for band in row["bands"]
        ]  # fmt: skip
    return {name: csv_bytes(header, rows).decode() for name, (header, rows) in tables.items()}


METRIC_COLUMNS = ("status", "estimate", "low", "high", "reason")
GAP_COLUMNS = (
    "difference", "difference_low", "difference_high", "ratio", "ratio_low", "ratio_high", "p_adjusted", "is_gap", "smallest_detectable",
    "tolerance",
)  # fmt: skip


def group_table(audit: Facts) -> CsvTable:
    """Everyone, then every group: a row a rate."""
    header = (
        "attribute", "group", "label", "is_crossing", "rows", "people", "with_outcome", "rate", *METRIC_COLUMNS, *GAP_COLUMNS,
    )  # fmt: skip
    rows = [
        (
            row["attribute"], row["group"], row["label"], row["is_crossing"], row["n"], row["num_pupils"], row["events"], rate,
            *metric_cells(metric), *gap_cells(row.get("gaps", {}).get(rate)),
        )
        for row in (audit["overall"], *audit["groups"])
        for rate, metric in row["metrics"].items()
    ]  # fmt: skip
    return header, rows


def metric_cells(metric: Mapping[str, Any] | None) -> tuple[object, ...]:
    """A rate's cells; one that cannot be told has no figure here either."""
    metric = metric or {}
    if not metric or not is_told(metric):
        metric = {name: metric.get(name) for name in ("status", "reason")}
    return tuple(blank(metric.get(name)) for name in METRIC_COLUMNS)


def gap_cells(gap: Mapping[str, Any] | None) -> tuple[object, ...]:
    gap = gap or {}
    bounds = [
        blank(gap[kind][name]) if is_told(gap.get(kind)) else ""
        for kind in ("difference", "ratio")
        for name in ("estimate", "low", "high")
    ]
    return (
        *bounds,
        *(blank(gap.get(name)) for name in ("p_adjusted", "is_gap", "smallest_detectable", "tolerance")),
    )


def blank(value: object) -> object:
    return "" if value is None else value
