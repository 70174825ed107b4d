"""What a comparison comes to, in sentences: what differs, how many more are found, and who would enter and leave the lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from training.compare.moves import ENTERS, LEAVES

Facts = Mapping[str, Any]
SEED = "seed"
SHOWN = {
    "recall_at_capacity": "Recall at capacity",
    "recall_at_capacity_pooled": "With the same places pooled over the authority",
}


def headline(a: Facts, b: Facts, differences: Facts | None, moves: Facts | None) -> list[str]:
    """The sentences that a comparison opens with.

    Parameters
    ----------
    a, b : mapping
        From `side_by_side.about`.
    differences, moves : mapping or None
        None without a record store: then the models' own figures stand there, and nothing is said of lists.
    """
    if differences is None:
        return [own(name, a["headline"], b["headline"]) for name in SHOWN if a["headline"] and b["headline"]]
    by_name = {row["name"]: row for row in differences["figures"]}
    told = [f"{SHOWN[name]}: {difference(by_name[name])}" for name in SHOWN]
    return [*told, lists(moves)] if moves else told


def what_differs(
    a: Facts, b: Facts, apart: Sequence[Mapping[str, str]], features: Mapping[str, Sequence[str]]
) -> str:
    """The first sentence of a comparison: what sets the two apart, and how many places go another way by chance alone.

    Parameters
    ----------
    a, b : mapping
        From `side_by_side.about`.
    apart, features
        From the functions of those names in `side_by_side`.
    """
    if a["model_hash"] == b["model_hash"]:
        return "A and B are the same model."
    names = [row["name"] for row in apart if row["name"] != SEED]
    parts = {
        "the records that they learned from": a["data_hash"] != b["data_hash"],
        "the features that they read": any(features.values()),
        f"the recipe ({', '.join(name.replace('_', ' ') for name in names)})": bool(names),
        "the seed": any(row["name"] == SEED for row in apart),
    }
    differs = [part for part, is_so in parts.items() if is_so]
    told = (
        f"What differs between A and B: {'; '.join(differs)}."
        if differs
        else "A and B have the same records, features, recipe and seed."
    )
    steady = [
        f"of {side} {100 * one['stability']:.0f}"
        for side, one in (("A", a), ("B", b))
        if one["stability"] is not None
    ]
    if not steady:
        return told
    return (
        f"{told} By chance alone, two fits of one recipe, each on other schools, give not all places to the same children: "
        f"{', '.join(steady)} of 100."
    )


def difference(row: Facts) -> str:
    """Both figures, and B's less A's with its interval: a range that holds zero tells nothing apart."""
    of = " and ".join(
        f"{side} cannot be told"
        if row[part] is None or row["difference"]["status"] != "estimated"
        else f"{side} {row[part]:.3f}"
        for side, part in (("A", "a"), ("B", "b"))
    )
    found = row["difference"]
    if found["status"] != "estimated":
        return f"{of}; whether they differ cannot be told: {found['reason']}."
    spread = f"{found['estimate']:+.3f} ({found['low']:+.3f} to {found['high']:+.3f})"
    holds_zero = found["low"] <= 0 <= found["high"]
    return f"{of}; B less A {spread}{', so the records cannot tell the two apart' if holds_zero else ''}."


def own(name: str, a: Facts, b: Facts) -> str:
    """The two models' own figures, each of its own test."""
    told = " and ".join(
        f"{side} cannot be told ({found['reason']})" if found["status"] != "estimated" else f"{side} {found['estimate']:.3f}"
        for side, found in (("A", a[name]), ("B", b[name]))
    )  # fmt: skip
    return f"{SHOWN[name]}, each by its own evidence: {told}."


def lists(moves: Facts) -> str:
    """How many would enter and leave the lists of the last half-term, of how many places."""
    by_move = {row["move"]: row for row in moves["moves"]}
    enter, leave = by_move[ENTERS], by_move[LEAVES]
    return (
        f"Lists as of {moves['as_of']}, {moves['num_places_a']:,} places given by A: with B {enter['num_pupils']:,} would enter, at "
        f"{enter['num_schools']:,} schools, and {leave['num_pupils']:,} would leave, at {leave['num_schools']:,}."
    )
