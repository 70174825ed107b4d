"""What follows from an audit: each finding with who answers for it, until when, and what would stop the list."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

BLOCKS, MATTERS, NOTED = "blocks", "matters", "noted"  # severity
OPEN, CLOSED = "open", "closed"  # state
DAYS_TO_ACT = {BLOCKS: 30, MATTERS: 60, NOTED: 120}
OWNERS = {
    "model": "data science lead",
    "records": "data quality lead",
    "sanctions": "head of inclusion",
    "review": "fairness reviewer",
}
BLOCKING_GAP = 0.1  # a share of a group's children missed beyond everyone's
LENGTH_RATIO, CLEAR_PROXY = 1.1, 0.8
Facts = Mapping[str, Any]


def findings(facts: Facts) -> list[dict[str, Any]]:
    """Findings of an audit, the gravest first.

    Returns
    -------
    list of dict
        id, kind, attribute, group, severity (blocks, matters, noted), sentence, owner (a role until a
        person is named), due, stop_threshold, state.
    """
    made = [each for look in LOOKS for each in look(facts)]
    order = (BLOCKS, MATTERS, NOTED)
    made.sort(key=lambda each: order.index(each["severity"]))
    on = date.fromisoformat(facts["audited_on"])
    return [
        {
            "id": f"F{number:03}",
            **each,
            "due": str(on + timedelta(days=DAYS_TO_ACT[each["severity"]])),
            "state": OPEN,
        }
        for number, each in enumerate(made, 1)
    ]


def finding(
    kind: str, severity: str, sentence: str, owner: str, stop: str, row: Facts | None = None
) -> dict[str, Any]:
    where = {"attribute": row["attribute"], "group": row["group"]} if row else {"attribute": "", "group": ""}
    return {
        "kind": kind,
        **where,
        "severity": severity,
        "sentence": sentence,
        "owner": OWNERS[owner],
        "stop_threshold": stop,
    }


def missed_more(facts: Facts) -> list[dict[str, Any]]:
    """Groups missed more often than everyone, and groups found more often."""
    made = []
    for row in facts["groups"]:
        gap = row["gaps"].get("recall", {})
        if not gap.get("is_gap"):
            continue
        by, is_worse = gap["difference"]["estimate"], gap["difference"]["estimate"] < 0
        words = "fewer" if is_worse else "more"
        sentence = (
            f"{row['label']}: of every 100 with the outcome, {abs(100 * by):.0f} {words} had a place than of everyone "
            f"({row['events']:,} pupils with the outcome)."
        )
        severity = NOTED if not is_worse else BLOCKS if by <= -BLOCKING_GAP else MATTERS
        stop = f"Stop where recall lies {BLOCKING_GAP:.2f} or more below everyone's and the gap is told from chance."
        made.append(
            finding("missed_more" if is_worse else "missed_less", severity, sentence, "model", stop, row)
        )
    return made


def need_unmet(facts: Facts) -> list[dict[str, Any]]:
    """Groups whose unlisted have the outcome more often than everyone's."""
    made = []
    for row in facts["groups"]:
        gap = row["gaps"].get("false_omission_rate", {})
        if gap.get("is_gap") and gap["difference"]["estimate"] > 0:
            rate = row["metrics"]["false_omission_rate"]["estimate"]
            sentence = (
                f"{row['label']}: of every 1,000 without a place, {1000 * rate:.0f} had the outcome, "
                f"{1000 * gap['difference']['estimate']:.0f} more than of everyone. Need is higher here, or places are too few."
            )
            made.append(
                finding(
                    "need_unmet", NOTED, sentence, "model", "Stop where it comes with a gap in recall.", row
                )
            )
    return made


def listed_without_need(facts: Facts) -> list[dict[str, Any]]:
    """Groups listed without need more often than everyone."""
    made = []
    for row in facts["groups"]:
        gap = row["gaps"].get("false_positive_rate", {})
        if gap.get("is_gap") and gap["difference"]["estimate"] > 0:
            rate = row["metrics"]["false_positive_rate"]["estimate"]
            sentence = (
                f"{row['label']}: of every 1,000 without the outcome, {1000 * rate:.0f} had a place, "
                f"{1000 * gap['difference']['estimate']:.0f} more than of everyone."
            )
            stop = "Stop where a place is used for anything but an offer of help."
            severity = MATTERS if gap["ratio"]["estimate"] >= 1.25 else NOTED
            made.append(finding("listed_without_need", severity, sentence, "model", stop, row))
    return made


def untold(facts: Facts) -> list[dict[str, Any]]:
    """One finding for the groups of each attribute whose recall cannot be told."""
    made = []
    for name in dict.fromkeys(row["attribute"] for row in facts["groups"]):
        rows = [row for row in facts["groups"] if row["attribute"] == name and row["n"]]
        silent = [row for row in rows if row["metrics"]["recall"]["status"] == "cannot_tell"]
        if not silent:
            continue
        years = [row["metrics"]["recall"]["years_needed"] for row in silent]
        soon = sorted(each for each in years if each)
        wait = ""
        if soon:
            span = f"{soon[0]}" if soon[0] == soon[-1] else f"{soon[0]} to {soon[-1]}"
            wait = f" {len(soon)} could be told after {span} years of lists."
        sentence = f"recall cannot be told for {len(silent)} of {len(rows)} groups with pupils in them.{wait}"
        made.append(
            finding(
                "cannot_tell",
                NOTED,
                sentence,
                "review",
                "Stop where a school or family of such a group reports being overlooked.",
            )
            | {"attribute": name}
        )
    return made


def longer_sanctions(facts: Facts) -> list[dict[str, Any]]:
    """Groups answered more severely for the same recorded reason."""
    made = []
    for row in (facts["label_bias"] or {}).get("groups", []):
        for key, what in (
            ("length", "suspensions were longer"),
            ("permanent", "more exclusions were permanent"),
        ):
            if row[key]["is_gap"] and row[key]["estimate"] > 1:
                times = row[key]["estimate"]
                sentence = (
                    f"{row['label']}: with the same recorded reason, earlier suspensions and school, {what}: {times:.2f} times "
                    "what others had. Labels made of such sanctions carry the difference into the list."
                )
                severity = BLOCKS if times >= 1.5 else MATTERS if times >= LENGTH_RATIO else NOTED
                made.append(
                    finding(
                        f"severity_{key}",
                        severity,
                        sentence,
                        "sanctions",
                        f"Stop where it passes 1.5 times; now {times:.2f}.",
                        row,
                    )
                )
    return made


def sanctioned_often(facts: Facts) -> list[dict[str, Any]]:
    """Groups suspended more often than their other records lead one to expect: a reason to look, which never blocks."""
    told = (facts["label_bias"] or {}).get("frequency") or {}
    made = []
    for row in told.get("groups", []):
        if not row["is_gap"] or row["estimate"] <= 1:
            continue
        sentence = (
            f"{row['label']}: suspended {row['estimate']:.2f} times as often ({row['low']:.2f} to {row['high']:.2f}) as other records, and "
            f"others at the same schools, lead one to expect; need that is recorded in part only could make it {max(row['could_be_need'], 1):.2f}. "
            "A reason to look, not proof. Labels made of such sanctions carry the difference into the list."
        )
        stop = "Stop where schools, asked, can give no reason and the list goes on learning from these sanctions."
        made.append(finding("sanctioned_often", MATTERS, sentence, "sanctions", stop, row))
    return made


def unrecorded(facts: Facts) -> list[dict[str, Any]]:
    """Schools whose registers say suspended where no suspension is recorded."""
    codes = (facts["label_bias"] or {}).get("code_e")
    if not codes or not codes["num_schools"]:
        return []
    sentence = (
        f"{codes['num_schools']:,} schools have {codes['num_sessions']:,} sessions marked E (suspended) without a suspension on "
        "record: outcomes there are undercounted, and their children missed."
    )
    return [
        finding(
            "code_e",
            MATTERS,
            sentence,
            "records",
            "Stop where more than one session in five marked E has no record.",
        )
    ]


def told_by_features(facts: Facts) -> list[dict[str, Any]]:
    """Attributes that the features alone give away."""
    return [
        finding(
            "proxy", NOTED,
            f"{row['label']}: the features alone put a pupil of this group above another {100 * row['auc']:.0f} times of 100; what is never "
            "a feature is told by others.", "model", "Stop where it comes with a gap in recall for the same group.", row,
        )
        for row in (facts["proxies"] or {}).get("told", [])
        if row["auc"] is not None and row["auc"] >= CLEAR_PROXY
    ]  # fmt: skip


LOOKS: tuple[Callable[[Facts], list[dict[str, Any]]], ...] = (
    missed_more, need_unmet, listed_without_need, longer_sanctions, sanctioned_often, unrecorded, untold, told_by_features,
)  # fmt: skip
