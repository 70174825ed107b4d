"""What each group's gap is made of, in words and as tables: the facts of `audit.json`, none computed here."""

from collections.abc import Sequence
from typing import Any

from models.audit_rates import TITLES
from serving import audit_words
from serving.audit_words import PARTS
from serving.numbers import CANNOT_TELL, Facts, is_told

NOTHING = "0"
AS_GOOD_AS_NONE = 0.05  # of 100: shown as 0


def gap_parts(audit: Facts) -> dict[str, dict[str, Any]]:
    """By attribute (crossings left out): sentences a group, a table for recall, one for the other rates, and why not.

    Empty where no gap of the audit is taken apart.
    """
    crossings, named_as = audit_words.crossings(audit), audit_words.naming(audit)
    shown: dict[str, dict[str, Any]] = {}
    for name in dict.fromkeys(row["attribute"] for row in audit["groups"]):
        rows = [row for row in audit["groups"] if row["attribute"] == name and row["n"]]
        parted = [row for row in rows if row["parts"].get("rates")]
        if name in crossings or not parted:
            continue
        by_recall = [
            row for row in parted if "recall" in row["parts"]["rates"] and is_told(row["metrics"]["recall"])
        ]
        others = [
            (f"{row['label']}: {TITLES[rate][:1].lower()}{TITLES[rate][1:]}", facts)
            for row in parted
            for rate, facts in row["parts"]["rates"].items()
            if rate != "recall" and is_told(row["metrics"][rate])
        ]
        shown[named_as.attribute(name)] = {
            "readings": [reading(row) for row in by_recall if is_told_apart(row)],
            "not_apart": [row["label"] for row in by_recall if not is_told_apart(row)],
            "header": ("Group", "Gap, of 100", *PARTS.values()),
            "rows": [parts_row(row["label"], row["parts"]["rates"]["recall"]) for row in by_recall],
            "other_header": ("Group and rate", "Gap, of 100", *PARTS.values()),
            "other_rows": [parts_row(of, facts) for of, facts in others if is_parted(facts)],
            "other_whole": [f"{of} ({signed(facts['gap'])})" for of, facts in others if not is_parted(facts)],
            "silent": len(rows) - len(by_recall),
        }
    return shown


def why_no_parts(audit: Facts) -> str:
    """Why no gap is taken apart; "" where some are."""
    return str(audit["overall"]["parts"]["reason"])


def parts_row(label: str, facts: Facts) -> tuple[str, ...]:
    return (label, signed(facts["gap"]), *(with_range(facts[name]) for name in PARTS))


def is_parted(facts: Facts) -> bool:
    """Whether some part of a gap can be told."""
    return any(has_range(facts[name]) for name in PARTS)


def signed(value: float | None) -> str:
    """A difference of shares, of 100, with its sign."""
    if value is None:
        return CANNOT_TELL
    return "0" if abs(100 * value) < AS_GOOD_AS_NONE else f"{100 * value:+.1f}".replace("-", "−")


def with_range(part: Facts) -> str:
    if not has_range(part):
        return CANNOT_TELL
    if is_nothing(part):
        return NOTHING
    return f"{signed(part['estimate'])} ({signed(part['low'])} to {signed(part['high'])})"


def has_range(part: Facts) -> bool:
    return part["estimate"] is not None and part["low"] is not None


def is_nothing(part: Facts) -> bool:
    """Whether a part and its whole range are shown as 0."""
    return all(abs(100 * part[name]) < AS_GOOD_AS_NONE for name in ("estimate", "low", "high"))


def is_told_apart(row: Facts) -> bool:
    """Whether there is something to read of a group's gap in recall: a part whose range leaves 0 out, or an aside."""
    parts = row["parts"]["rates"]["recall"]
    return bool(asides(row["parts"])) or any(
        has_range(parts[name]) and not parts[name]["low"] <= 0 <= parts[name]["high"] for name in PARTS
    )


def asides(parts: Facts) -> list[str]:
    """What the estimates of a group are besides: too low, too steep, saying less."""
    found = [text for flag, text in audit_words.CALIBRATION.items() if parts["calibration"][flag]]
    if parts["ranking"]["is_named"]:
        found.append(audit_words.TELLS_LESS)
    elif parts["ranking"]["is_less"]:
        found.append(audit_words.CANNOT_SAY_WHY_LESS)
    return found


def reading(row: Facts) -> dict[str, str]:
    """One group's gap in recall in plain words: its name, and what it is made of."""
    facts = row["parts"]["rates"]["recall"]
    pieces = [piece(name, facts[name]) for name in PARTS if name != "chance"]
    said = [
        f"of every 100 with the outcome, {more_or_fewer(facts['gap'])} had a place than of everyone",
        *filter(None, pieces),
    ]
    chance = facts["chance"]["estimate"]
    if chance is not None and facts["chance"]["low"] is not None:
        said.append(f"chance, and what no part explains: {more_or_fewer(chance)}")
    return {"group": row["label"], "words": " ".join([f"{'; '.join(said)}.", *asides(row["parts"])])}


def piece(name: str, part: Facts) -> str:
    """One part in a sentence; "" where it changes nothing."""
    if not has_range(part) or is_nothing(part):
        return ""
    if name == "ranking" and part["estimate"] == 0:
        furthest = max(part["low"], part["high"], key=abs)
        return (
            f"{audit_words.BY_PART[name]} nothing that the list can show (at most {more_or_fewer(furthest)})"
        )
    unclear = " or none" if part["low"] <= 0 <= part["high"] else ""
    ends = f"{signed(part['low'])} to {signed(part['high'])}"
    return f"{audit_words.BY_PART[name]} {more_or_fewer(part['estimate'])}{unclear} ({ends})"


def more_or_fewer(value: float) -> str:
    number = abs(100 * value)
    if number < AS_GOOD_AS_NONE:
        return "as many"
    return (
        f"{number:.1f} {'more' if value > 0 else 'fewer'}"
        if number < 9.95
        else f"{number:.0f} {'more' if value > 0 else 'fewer'}"
    )


def markdown_bold(text: str) -> Sequence[tuple[bool, str]]:
    """Text cut at its ** marks: whether each run is bold, and the run."""
    return [(at % 2 == 1, run) for at, run in enumerate(text.split("**"))]
