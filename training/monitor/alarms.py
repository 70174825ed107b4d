"""Whatever is outside its limits, each in one sentence: what was found, where, and the limits it left."""

from collections.abc import Iterator, Mapping
from typing import Any

from training.monitor.limits import OUTSIDE

Facts = Mapping[str, Any]
KINDS = {
    "missing": "is missing for",
    "not_zero": "is not 0 for",
    "places_used": "of places are used",
    "listed": "are listed",
    "not_assessed": "are not assessed",
}
CODES = {
    "attendance": "attendance code",
    "reason": "reason of suspension",
    "sen_provision": "SEN provision",
    "sen_need": "SEN need",
}


def alarms(about: Facts, found: Facts) -> list[dict[str, str]]:
    """Every alarm of a run; empty where nothing is outside its limits.

    Returns
    -------
    list of dict
        part (model, features, coding, freshness, estimates, lists, not_assessed, churn, groups, performance),
        and sentence.
    """
    return [
        *({"part": "model", "sentence": sentence} for sentence in expired(about)),
        *({"part": part, "sentence": sentence} for part, sentence in outside(found)),
    ]


def expired(about: Facts) -> Iterator[str]:
    if about["as_of"] >= about["model"]["expires_on"]:
        yield f"The model expired on {about['model']['expires_on']}. Train or release a newer one."


def outside(found: Facts) -> Iterator[tuple[str, str]]:
    for row in found["features"]:
        if row["status"] == OUTSIDE:
            yield "features", feature(row)
    for row in found["coding"]:
        if row["status"] == OUTSIDE:
            place = f" at school {row['urn']}" if row["urn"] else ""
            yield "coding", f"{CODES[row['kind']]} {row['name']}{place}: {shares(row)}"
    for row in found["freshness"]:
        yield from (("freshness", sentence) for sentence in stale(row))
    if found["estimates"]["status"] == OUTSIDE:
        yield "estimates", f"Estimates {apart(found['estimates'])}"
    for part in ("lists", "not_assessed"):
        for row in found[part]:
            if row["status"] == OUTSIDE:
                yield part, f"{row['name'].replace('_', ' ')}: {KINDS[row['kind']]} {shares(row)}"
    if found["churn"]["share_new"]["status"] == OUTSIDE:
        yield "churn", f"Listed, and not on the list before: {shares(found['churn']['share_new'])}"
    for row in found["groups"]:
        if row["status"] == OUTSIDE:
            yield (
                "groups",
                f"{row['attribute'].replace('_', ' ')}, {row['label']}: {KINDS[row['kind']]} {shares(row)}",
            )
    for row in found["performance"]["rows"]:
        if row["status"] == OUTSIDE:
            one = row["found"]
            yield (
                "performance",
                (
                    f"{row['name'].replace('_', ' ')} on closed windows is {one['estimate']:.2f} ({one['low']:.2f} to {one['high']:.2f}): {row['limit']}."
                ),
            )


def feature(row: Facts) -> str:
    return (
        f"{row['name']} {apart(row)}"
        if row["kind"] == "distance"
        else f"{row['name']} {KINDS[row['kind']]} {shares(row)}"
    )


def apart(row: Facts) -> str:
    return f"lie {row['now']:.2f} from those of the same half-term in earlier years; the limit is {row['high']:.2f}."


def shares(row: Facts) -> str:
    """A share with its limits and the earlier years'."""
    earlier = ", ".join(percent(each) for each in row["earlier"])
    return f"{percent(row['now'])} (limits {percent(row['low'])} to {percent(row['high'])}; earlier years {earlier})."


def percent(value: float) -> str:
    return f"{100 * value:.1f} %" if value < 0.095 else f"{100 * value:.0f} %"


def stale(row: Facts) -> Iterator[str]:
    if row["status"] == OUTSIDE:
        since = (
            "no mark is known"
            if row["last_day"] is None
            else f"the newest mark known is of {row['last_day']}, {row['days_behind']} school days ago"
        )
        yield f"School {row['urn']}: {since}. Ask for its registers; its pupils are not assessed meanwhile."
    if row["suspensions_status"] == OUTSIDE:
        yield (
            f"School {row['urn']}: no suspension is known, where earlier years had {row['expected_suspensions']:g} by now. "
            "Ask whether its notifications still come in."
        )
