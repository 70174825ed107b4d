"""Anybody's scored list: a supplier's, another council's, a published benchmark."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from models.places import expected_place
from training.audit.compose import compose
from training.audit.errors import AuditRefused
from training.audit.reading import open_table
from training.audit.scored import Attribute, Scored, as_written, crossed, resampled
from training.audit.sweep import sweep

OWN_CLUSTERS = (
    "No --cluster was given, so every row stands for itself. Where rows of one school, court or area go together, the "
    "ranges here are too narrow."
)
MANY_GROUPS, FEWEST_IN_A_GROUP = 10, 3  # more values than this, with fewer rows each, are names of people


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
        Column of 0 and 1; an empty cell where the outcome was not seen.
    groups : sequence of str
        Columns of groups, read as text; an empty cell becomes a group of its own, "not known".
    estimate, places : str and int
        Column of estimates, higher first, and how many are listed; ties at the cut take the expected
        value over random order. A row without an estimate is not listed.
    listed : str
        In place of `places`: column of 0 and 1. `estimate` may come with it, and then tells what the list was
        made from.
    cross : sequence of str
        Pairs of group columns, as "ethnicity,sex".
    cluster : str or None
        Column of what goes together (a school); None: every row stands for itself.

    Raises
    ------
    AuditRefused
        Everything that is wrong with the file or the choice of columns, at once.
    """
    refuse_choice(outcome, groups, estimate, places, listed)
    named = [outcome, *groups, *(name for name in (estimate, listed, cluster) if name)]
    table = open_table(scores, named)
    pairs = pairs_of(cross, table.names)
    singles_of = list(dict.fromkeys((*groups, *sum(pairs, ()))))
    refuse_as_groups(singles_of, {"outcome": outcome, "estimate": estimate, "listed": listed})
    columns = table.read(list(dict.fromkeys((*named, *singles_of))))
    num = len(columns)
    breaches: list[str] = []
    y = columns.zeros_and_ones(outcome, "the outcome", True, breaches)
    value = np.full(num, np.nan)
    chosen = np.zeros(num)
    if estimate:
        before = len(breaches)
        value = columns.numbers(estimate, "estimate", breaches)
        if places and len(breaches) == before:
            breaches += too_many_places(places, num, int((~np.isnan(value)).sum()), estimate)
    if listed:
        before = len(breaches)
        chosen = columns.zeros_and_ones(listed, "the list", False, breaches)
        if len(breaches) == before:
            breaches += everyone_or_nobody(chosen, y, listed)
    breaches += [
        f"The group column {name} is empty in all {num:,} rows: there is no group to compare. Leave it out, or fill it."
        for name in singles_of
        if columns.is_blank(name).all()
    ]
    singles = {name: as_written(name, columns.text(name)) for name in singles_of}
    breaches += [each for one in singles.values() for each in names_of_people(one, num)]
    if cluster and (missing := columns.is_blank(cluster)).any():
        breaches.append(
            f"The cluster column {cluster} is empty in {int(missing.sum()):,} rows (the first in {columns.where(missing)}). Every row must say what it goes with."
        )
    if columns.is_blank(outcome).all():
        breaches.append(f"The outcome {outcome} is empty in all {num:,} rows: nothing can be judged.")
    if breaches:
        raise AuditRefused(*breaches, *table.notes)

    def listed_at(times: float) -> np.ndarray:
        held = np.array([min(int(np.ceil((places or 0) * times)), num)])
        return expected_place(value, np.zeros(num, dtype=np.int64), held)

    row = np.arange(num)
    going = as_written(cluster, columns.text(cluster)).code if cluster else row
    is_chance = bool(estimate) and bool(((value >= 0) & (value <= 1))[~np.isnan(value)].all())
    scored = Scored(
        outcome=y,
        listed=chosen if listed else listed_at(1.0),
        estimate=value if is_chance else np.full(num, np.nan),
        is_judged=~np.isnan(value),
        clusters=resampled(going, row, draws, seed),
        attributes=(
            *(singles[name] for name in groups),
            *(crossing(singles[a], singles[b], singles) for a, b in pairs),
        ),
        years=0.0,
        people="people",
    )
    notes = [*table.notes, *notes_of(scored, value if estimate else None, is_chance, bool(listed), cluster)]
    about = {
        "kind": "file", "title": scores.name, "authority": "", "is_made_up": False, "outcome": outcome, "window_days": None,
        "audited_on": str(audited_on or date.today()), "model": None, "data_hash": "", "columns": {
            "estimate": estimate, "places": places, "listed": listed, "groups": list(groups), "cross": [list(pair) for pair in pairs],
            "cluster": cluster,
        },
    }  # fmt: skip
    return compose(scored, about, notes, [] if listed else sweep(scored, listed_at))


def refuse_choice(
    outcome: str, groups: Sequence[str], estimate: str | None, places: int | None, listed: str | None
) -> None:
    """Choices that go without or against each other."""
    breaches = []
    if not groups:
        breaches.append("No group was named. Give at least one: --group COLUMN.")
    if (not estimate and not listed) or (listed and places is not None):
        breaches.append(
            "Give either --estimate COLUMN with --places N, or --listed COLUMN; --estimate without --places may come with --listed."
        )
    if estimate and not listed and (places is None or places < 1):
        breaches.append("--estimate needs --places N, at least 1: how many are listed.")
    breaches += [
        f"{outcome} is named as the outcome and as {what}: no rate of it would tell anything. Name two columns."
        for what, name in (("the list", listed), ("the estimate", estimate))
        if name == outcome
    ]
    breaches += [
        f"The group {name} is named {times} times. Name it once."
        for name, times in Counter(groups).items()
        if times > 1
    ]
    if breaches:
        raise AuditRefused(*breaches)


def pairs_of(cross: Sequence[str], names: Sequence[str]) -> list[tuple[str, str]]:
    """Each crossing as two columns; a comma may be in a column's own name where the file tells which is which."""
    pairs, breaches = [], []
    for pair in cross:
        parts = pair.split(",")
        cuts = [(",".join(parts[:at]).strip(), ",".join(parts[at:]).strip()) for at in range(1, len(parts))]
        fitting = [cut for cut in cuts if set(cut) <= set(names)]
        if len(parts) < 2:
            breaches.append(f"--cross takes two columns with a comma between them; 1 was given: {pair}.")
        elif len(fitting) > 1:
            breaches.append(
                f"--cross {pair} can be read as {' or as '.join(' and '.join(cut) for cut in fitting)}. Rename a column."
            )
        elif not fitting and len(parts) > 2:
            breaches.append(
                f"--cross takes two columns with a comma between them; {len(parts)} were given, or no column is called so: {pair}."
            )
        else:
            pairs.append(fitting[0] if fitting else cuts[0])
    breaches += [
        f"--cross {first},{second} crosses a column with itself. Name two columns."
        for first, second in pairs
        if first == second
    ]
    breaches += [
        f"The crossing of {' and '.join(sorted(both))} is asked for {times} times. Ask once."
        for both, times in Counter(frozenset(pair) for pair in pairs).items()
        if times > 1 and len(both) > 1
    ]
    if breaches:
        raise AuditRefused(*breaches)
    return pairs


def crossing(first: Attribute, second: Attribute, names: Collection[str]) -> Attribute:
    """Two columns together, under a name that no column has."""
    made = crossed(first, second)
    return replace(made, name=f"“{first.name}” x “{second.name}”") if made.name in names else made


def refuse_as_groups(groups: Sequence[str], others: Mapping[str, str | None]) -> None:
    """What is judged, or judges, is no group: its rates would be 0 and 1 by what they are."""
    breaches = [
        f"{name} is named as a group and as the {what}: its rates would be 0 or 1 by what they are. Name another group."
        for name in groups
        for what, column in others.items()
        if name == column
    ]
    if breaches:
        raise AuditRefused(*breaches)


def names_of_people(one: Attribute, num: int) -> list[str]:
    """A column that names rows and not groups: ids, names, dates of birth."""
    held = len(one.groups)
    if held <= MANY_GROUPS or num / held >= FEWEST_IN_A_GROUP:
        return []
    return [
        f"The group column {one.name} has {held:,} values in {num:,} rows: it names people and not groups, and nothing could be told of any. Leave it out."
    ]


def everyone_or_nobody(chosen: np.ndarray, y: np.ndarray, name: str) -> list[str]:
    """A list of all, or of none, of whom nothing can be said."""
    seen = ~np.isnan(y)
    for rows, of in ((np.ones(len(y), dtype=bool), "rows"), (seen, "rows with an outcome")):
        if rows.any() and len(np.unique(chosen[rows])) == 1:
            what = "lists all" if chosen[rows][0] else "lists none of the"
            return [
                f"The list {name} {what} {int(rows.sum()):,} {of}, so no rate would tell anything. Name the column of who was listed and who was not."
            ]
    return []


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
    scored: Scored, value: np.ndarray | None, is_chance: bool, has_list: bool, cluster: str | None
) -> list[str]:
    """What a reader must know of this file before its figures."""
    notes = [] if cluster else [OWN_CLUSTERS]
    singles = [each for each in scored.attributes if not each.is_crossing]
    if unseen := int(np.isnan(scored.outcome).sum()):
        notes.append(
            f"{unseen:,} rows have no outcome: they are counted, and left out of every rate that needs one."
        )
    if len(np.unique(scored.outcome[~np.isnan(scored.outcome)])) == 1:
        notes.append(
            f"The outcome is {scored.outcome[~np.isnan(scored.outcome)][0]:.0f} wherever it was seen: no rate that needs both kinds can be told."
        )
    if value is not None and (without := int(np.isnan(value).sum())):
        notes.append(
            f"{without:,} rows have no estimate."
            + (
                ""
                if has_list
                else " Nobody of them can be listed, and those with the outcome count as missed."
            )
        )
    if value is not None and not is_chance:
        notes.append(
            "The estimates are not chances between 0 and 1, so observed over expected cannot be told."
        )
    if value is not None and not np.isnan(value).all() and np.nanmin(value) == np.nanmax(value):
        notes.append(
            "Every estimate is the same."
            if has_list
            else "Every estimate is the same: places go by lot, and no group can be told apart by it."
        )
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
    notes += [
        f"In the column {each.name}, some values differ in capital letters or spaces only. They are kept apart, as they are written: mend the file where they mean the same."
        for each in singles
        if len({" ".join(group.casefold().split()) for group in each.groups}) < len(each.groups)
    ]
    if 1 < scored.clusters.num < 6 or (cluster and scored.clusters.num == 1):
        notes.append(
            f"There are {scored.clusters.num} clusters; with fewer than 6 no range can be given and no gap told."
        )
    return notes
