"""Whatever is outside its limits, each in one sentence: what was found, where, and the limits it left.

What moves together is told together. Where codes are used for something else, every school that uses them,
and every feature made from the same records, moves with them: that is one thing to ask about, so it is one
alarm, which names them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from features.codes import in_words
from features.telling.words import day
from models.audit_attributes import AUDIT_ATTRIBUTES
from models.said import figures_beside, school_said
from training.monitor.closed import TOLERATED
from training.monitor.coding import FAMILY_OF
from training.monitor.limits import OUTSIDE
from training.moved import named

Facts = Mapping[str, Any]
SHARES_OF = {
    "attendance": "of marks",
    "reason": "of suspensions",
    "sen_provision": "of pupils",
    "sen_need": "of pupils",
}
ATTRIBUTES = {each.name: each.title for each in AUDIT_ATTRIBUTES}
# The records in which a kind of code stands: what they are called, and the family of the features made from them.
RECORDS = {
    "attendance": ("Attendance codes", "attendance"),
    "reason": ("Reasons of suspensions", "suspensions"),
    "sen_provision": ("Codes of special educational needs", "sen"),
    "sen_need": ("Codes of special educational needs", "sen"),
}
MEASURES = {
    "recall": "The share found",
    "precision": "The share of the listed who had the outcome",
    "observed_over_expected": "Outcomes seen for each one estimated",
}
Alarm = dict[str, str]


@dataclass(frozen=True)
class Told:
    """An alarm before it is written down.

    Attributes
    ----------
    part, sentence : str
    is_of_all : bool
        About the whole authority: no single school, no group.
    """

    part: str
    sentence: str
    is_of_all: bool = True


def alarms(about: Facts, found: Facts) -> list[Alarm]:
    """Every alarm of a run; empty where nothing is outside its limits.

    Returns
    -------
    list of dict
        part (model, features, coding, freshness, label, estimates, lists, not_assessed, churn, groups, performance),
        and sentence.
    """
    return [{"part": each.part, "sentence": each.sentence} for each in told(about, found)]


def told(about: Facts, found: Facts) -> Iterator[Told]:
    """Every alarm of a run."""
    if about["as_of"] >= about["model"]["expires_on"]:
        yield Told(
            "model",
            f"The model expired on {spoken(about['model']['expires_on'])}. Train or release a newer one.",
        )
    names = about.get("schools") or {}
    moved = [row for row in found["features"] if row["status"] == OUTSIDE]
    codes = [row for row in found["coding"] if row["status"] == OUTSIDE]
    recoded = {RECORDS[row["kind"]] for row in codes if not row["urn"]}
    yield from coding(found["coding"], moved, names)
    families = {family for _, family in recoded}
    yield from features([row for row in moved if row["family"] not in families])
    for row in found["freshness"]:
        yield from (Told("freshness", sentence, is_of_all=False) for sentence in stale(row, names))
    if sentence := named(found.get("sanctions", []), names):
        yield Told(
            "label",
            f"{sentence} Ask these schools, and train again once enough of the new time is seen.",
            is_of_all=False,
        )
    if found["estimates"]["status"] == OUTSIDE:
        yield Told("estimates", f"Estimates {apart(found['estimates'])}.")
    for part in ("lists", "not_assessed"):
        for row in found[part]:
            if row["status"] == OUTSIDE:
                yield Told(part, f"{whole_share(row)}.")
    if found["churn"]["share_new"]["status"] == OUTSIDE:
        yield Told(
            "churn", f"{shares(found['churn']['share_new'], 'of those listed')} were not on the list before."
        )
    for row in found["groups"]:
        if row["status"] == OUTSIDE:
            state = "listed" if row["kind"] == "listed" else "not assessed"
            group = f"{ATTRIBUTES[row['attribute']]}, {row['label']}"
            yield Told("groups", f"{group}: {shares(row, 'of these pupils')} are {state}.", is_of_all=False)
    for row in found["performance"]["rows"]:
        if row["status"] == OUTSIDE:
            yield Told("performance", performance(row))


def coding(every: Sequence[Facts], moved: Sequence[Facts], names: Mapping[str, str]) -> Iterator[Told]:
    """One alarm for each kind of record whose codes moved over the authority, one for each school that it does not tell of."""
    codes = [row for row in every if row["status"] == OUTSIDE]
    at_schools = [row for row in codes if row["urn"]]
    for (title, family), rows in by(records_of, (row for row in codes if not row["urn"])):
        moved_codes = {(row["kind"], row["name"]) for row in rows}
        same = [row for row in at_schools if (row["kind"], row["name"]) in moved_codes]
        schools, judged = (
            {row["urn"] for row in some} for some in (same, (row for row in every if row["urn"] and records_of(row) == (title, family)))
        )  # fmt: skip
        # Where fewer than half moved, which ones they are is what to ask about: each is named.
        is_most = 2 * len(schools) > len(judged)
        at_schools = [row for row in at_schools if not (is_most and row in same)]
        # A code whose family moved is said once.
        said = [row for row in rows if (row["kind"], FAMILY_OF.get(row["name"])) not in moved_codes]
        with_it = sorted({row["name"] for row in moved if row["family"] == family})
        yield Told(
            "coding",
            f"{title} are used otherwise than in earlier years: {codes_said(said)}."
            + (
                f" {len(schools)} of {len(judged)} schools are outside their own limits too."
                if is_most
                else ""
            )
            + (f" What is made from these records moved with it: {', '.join(with_it)}." if with_it else ""),
        )
    for (urn, (title, _)), rows in by(lambda row: (row["urn"], records_of(row)), at_schools):
        start = f"{school_said(urn, names)}: {title[0].lower()}{title[1:]}"
        yield Told(
            "coding",
            f"{start} are used otherwise than in earlier years: {codes_said(rows)}.",
            is_of_all=False,
        )


def records_of(row: Facts) -> tuple[str, str]:
    return RECORDS[row["kind"]]


def features(rows: Sequence[Facts]) -> Iterator[Told]:
    """One alarm for each feature, whatever about it moved."""
    for name, kinds in by(lambda row: row["name"], rows):
        yield Told("features", f"{name}: {'; '.join(feature(row) for row in kinds)}.")


def by(key: Any, rows: Any) -> Iterator[tuple[Any, list[Facts]]]:
    """Rows in groups of a key, in order of the key."""
    yield from ((name, list(group)) for name, group in groupby(sorted(rows, key=key), key))


def codes_said(rows: Sequence[Facts]) -> str:
    return "; ".join(
        f"{in_words(row['kind'], row['name'])}, {shares(row, SHARES_OF[row['kind']])}" for row in rows
    )


def feature(row: Facts) -> str:
    if row["kind"] == "distance":
        return f"its values {apart(row)}"
    return f"{shares(row, 'of pupils')} have {'no value' if row['kind'] == 'missing' else 'a value other than 0'}"


def apart(row: Facts) -> str:
    now, _, high = figures_beside(row["now"], None, row["high"], is_share=False)
    return (
        f"lie {now} from those of the same half-term in earlier years, where 0 is the same and 1 wholly apart "
        f"(limit {high})"
    )


def whole_share(row: Facts) -> str:
    name = row["name"].replace("_", "-" if row["kind"] == "listed" else " ")
    if row["kind"] == "places_used":
        return f"{shares(row, 'of places')} are used"
    if row["kind"] == "listed":
        return f"{shares(row, 'of assessed pupils' if name == 'all' else f'of assessed pupils of {name} schools')} are listed"
    return (
        f"{shares(row, 'of pupils')} are not assessed{'' if name == 'all' else f', with the reason “{name}”'}"
    )


def performance(row: Facts) -> str:
    one, was = row["found"], row["evidence"]
    ranged = f"{one['estimate']:.2f} ({one['low']:.2f} to {one['high']:.2f})"
    limit = (
        f"the whole range lies outside {TOLERATED[0]} to {TOLERATED[1]}"
        if row["name"] == "observed_over_expected"
        else f"the whole range lies below that of the evidence ({was['low']:.2f} to {was['high']:.2f})"
    )
    return f"{MEASURES[row['name']]}, on closed windows: {ranged}; {limit}."


def shares(row: Facts, of: str) -> str:
    """A share with its limits and the earlier years'."""
    earlier = ", ".join(percent(each) for each in row["earlier"])
    now, low, high = figures_beside(row["now"], row["low"], row["high"])
    return f"{now} {of} (limits {low} to {high}; earlier years {earlier})"


def percent(value: float) -> str:
    return f"{100 * value:.1f}%" if value < 0.095 else f"{100 * value:.0f}%"


def spoken(value: str) -> str:
    return day(date.fromisoformat(value))


def stale(row: Facts, names: Mapping[str, str]) -> Iterator[str]:
    school = school_said(row["urn"], names)
    if row["status"] == OUTSIDE:
        since = (
            "no mark is known"
            if row["last_day"] is None
            else f"the newest mark known is of {spoken(row['last_day'])}, {row['days_behind']} school days ago"
        )
        yield f"{school}: {since}. Ask for its registers; its pupils are not assessed meanwhile."
    if row["suspensions_status"] == OUTSIDE:
        yield (
            f"{school}: no suspension is known, where earlier years had {row['expected_suspensions']:g} by now. "
            "Ask whether its notifications still come in."
        )
