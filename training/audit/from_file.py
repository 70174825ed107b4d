"""Anybody's scored list: a supplier's, another council's, a published benchmark."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from models.places import expected_place
from training.audit.compose import compose
from training.audit.errors import AuditRefused
from training.audit.reading import is_blank, numbers, read_columns, zeros_and_ones
from training.audit.scored import Attribute, Scored, attribute, crossed, resampled
from training.audit.sweep import sweep

OWN_CLUSTERS = (
    "No --cluster was given, so every row stands for itself. Where rows of one school, court or area go together, the "
    "ranges here are too narrow."
)


def audit_file(
    scores: Path,
    outcome: str,
    groups: Sequence[str],
    estimate: str | None = None,
    places: int | None = None,
    listed: str | None = None,
    cross: Sequence[str] = (),
    cluster: str | None = None,
    draws: int = 1000,
    seed: int = 1,
    audited_on: date | None = None,
) -> dict[str, Any]:
    """Audit a scored list that is a file; the facts of `audit.json`.

    Parameters
    ----------
    scores : Path
        CSV or Parquet, one row a person.
    outcome : str
        Column of 0 and 1; blank where the outcome was not seen.
    groups : sequence of str
        Columns of groups; blank becomes a group of its own, "not known".
    estimate, places : str and int
        Column of estimates, higher first, and how many are listed; ties at the cut take the expected
        value over random order. A row without an estimate is not listed.
    listed : str
        In their place: column of 0 and 1.
    cross : sequence of str
        Pairs of group columns, as "ethnicity,sex".
    cluster : str or None
        Column of what goes together (a school); None: every row stands for itself.

    Raises
    ------
    AuditRefused
        Everything that is wrong with the file or the choice of columns, at once.
    """
    pairs = [tuple(part.strip() for part in pair.split(",")) for pair in cross]
    refuse_choice(groups, estimate, places, listed, pairs)
    wanted = [name for name in (outcome, *groups, estimate, listed, cluster, *sum(pairs, ())) if name]
    frame = read_columns(scores, list(dict.fromkeys(wanted)))
    breaches: list[str] = []
    y = zeros_and_ones(frame[outcome], f"the outcome {outcome}", True, breaches)
    value = np.full(len(frame), np.nan)
    chosen = np.zeros(len(frame))
    if estimate:
        value = numbers(frame[estimate], estimate, breaches)
        breaches += too_many_places(places or 0, len(frame), int((~np.isnan(value)).sum()), estimate)
    if listed:
        chosen = zeros_and_ones(frame[listed], f"the list {listed}", False, breaches)
    breaches += [
        f"The group column {name} is empty in all {len(frame):,} rows: there is no group to compare. Leave it out, or fill it."
        for name in dict.fromkeys((*groups, *sum(pairs, ())))
        if is_blank(frame[name]).all()
    ]
    if cluster and (missing := int(is_blank(frame[cluster]).sum())):
        breaches.append(
            f"The cluster column {cluster} is empty in {missing:,} rows. Every row must say what it goes with."
        )
    if np.isnan(y).all() and not breaches:
        breaches.append(f"The outcome {outcome} is empty in all {len(frame):,} rows: nothing can be judged.")
    if breaches:
        raise AuditRefused(*breaches)

    def listed_at(times: float) -> np.ndarray:
        held = np.array([min(int(np.ceil((places or 0) * times)), len(frame))])
        return expected_place(value, np.zeros(len(frame), dtype=np.int64), held)

    row = np.arange(len(frame))
    schools = resampled(frame[cluster].astype(str).to_numpy() if cluster else row, row, draws, seed)
    singles = {name: attribute(name, frame[name]) for name in dict.fromkeys((*groups, *sum(pairs, ())))}
    is_chance = bool(estimate) and bool(((value >= 0) & (value <= 1))[~np.isnan(value)].all())
    scored = Scored(
        outcome=y,
        listed=listed_at(1.0) if estimate else chosen,
        estimate=value if is_chance else np.full(len(frame), np.nan),
        is_judged=~np.isnan(value),
        clusters=schools,
        attributes=(
            *(singles[name] for name in groups),
            *(crossed(singles[a], singles[b]) for a, b in pairs),
        ),
        years=0.0,
    )
    notes = notes_of(
        scored, value if estimate else None, is_chance, cluster, [singles[name] for name in groups]
    )
    about = {
        "kind": "file", "title": scores.name, "authority": "", "is_made_up": False, "outcome": outcome, "window_days": None,
        "audited_on": str(audited_on or date.today()), "model": None, "data_hash": "", "columns": {
            "estimate": estimate, "places": places, "listed": listed, "groups": list(groups), "cross": list(cross), "cluster": cluster,
        },
    }  # fmt: skip
    return compose(scored, about, notes, sweep(scored, listed_at) if estimate else [])


def refuse_choice(
    groups: Sequence[str],
    estimate: str | None,
    places: int | None,
    listed: str | None,
    pairs: list[tuple[str, ...]],
) -> None:
    """Choices that go without or against each other."""
    breaches = []
    if not groups:
        breaches.append("No group was named. Give at least one: --group COLUMN.")
    if bool(estimate) == bool(listed):
        breaches.append("Give either --estimate COLUMN with --places N, or --listed COLUMN.")
    if estimate and (places is None or places < 1):
        breaches.append("--estimate needs --places N, at least 1: how many are listed.")
    if listed and places is not None:
        breaches.append("--places goes with --estimate; a --listed column already says who is listed.")
    breaches += [
        f"--cross takes two columns with a comma between them; {len(pair)} were given."
        for pair in pairs
        if len(pair) != 2
    ]
    if breaches:
        raise AuditRefused(*breaches)


def too_many_places(places: int, rows: int, estimated: int, name: str) -> list[str]:
    """Places that would list everybody, of whom nothing could then be said."""
    if estimated == 0:
        return [f"The estimate {name} is blank in all {rows:,} rows: nobody can be listed."]
    if places >= estimated:
        return [
            f"--places {places:,} would list all {estimated:,} rows with an estimate, so no rate would tell anything. Give fewer."
        ]
    return []


def notes_of(
    scored: Scored, value: np.ndarray | None, is_chance: bool, cluster: str | None, singles: list[Attribute]
) -> list[str]:
    """What a reader must know of this file before its figures."""
    notes = [] if cluster else [OWN_CLUSTERS]
    if not np.isnan(scored.outcome).all() and (unseen := int(np.isnan(scored.outcome).sum())):
        notes.append(
            f"{unseen:,} rows have no outcome: they are counted, and left out of every rate that needs one."
        )
    if value is not None and (without := int(np.isnan(value).sum())):
        notes.append(
            f"{without:,} rows have no estimate: nobody of them can be listed, and those with the outcome count as missed."
        )
    if value is not None and not is_chance:
        notes.append(
            "The estimates are not chances between 0 and 1, so observed over expected cannot be told."
        )
    if value is not None and np.nanmin(value) == np.nanmax(value):
        notes.append("Every estimate is the same: places go by lot, and no group can be told apart by it.")
    tied = (scored.listed > 0) & (scored.listed < 1)
    if tied.any():
        notes.append(
            f"{int(tied.sum()):,} rows are tied at the cut and share {scored.listed[tied].sum():,.0f} places: each figure is the "
            "expected value over a random order of them."
        )
    notes += [
        f"The column {each.name} has one value only: there is nothing to compare."
        for each in singles
        if len(each.groups) == 1
    ]
    if 1 < scored.clusters.num < 6 or (cluster and scored.clusters.num == 1):
        notes.append(
            f"There are {scored.clusters.num} clusters; with fewer than 6 no range can be given and no gap told."
        )
    return notes
