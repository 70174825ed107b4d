"""Anybody's scored list: a supplier's, another council's, a published benchmark."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from models.places import expected_place
from training.audit.beside import (
    AGAINST,
    TOLERANCE,
    against_group,
    calibration_bands,
    enter_tolerance,
    references,
    side_by_side,
)
from training.audit.compose import compose
from training.audit.errors import AuditRefused
from training.audit.neutral import of_a_file
from training.audit.parts import ListRule, rule_of
from training.audit.reading import Columns, Table, open_table
from training.audit.scored import Attribute, Scored, as_written, crossed, resampled
from training.audit.sweep import sweep

OWN_CLUSTERS = (
    "No --cluster was given, so every row stands for itself. Where rows of one school, court or area go together, the "
    "ranges here are too narrow."
)
MANY_GROUPS, FEWEST_IN_A_GROUP = 10, 3  # more values than this, with fewer rows each, are names of people


@dataclass(frozen=True)
class Asked:
    """What is asked of a file: one field an option of the command, named as it is there.

    Attributes
    ----------
    outcome : str
        Column of 0 and 1; an empty cell where the outcome was not seen.
    groups : tuple of str
        Columns of groups, read as text; an empty cell becomes a group of its own, "not known".
    estimates, places : tuple of str, int or None
        Columns of estimates, higher first, and how many are listed by each; ties at the cut take the expected
        value over random order. A row without an estimate is not listed.
    lists : tuple of str
        In place of `places`: columns of 0 and 1. As many `estimates` may come with them, in the same order, and then
        tell what each list was made from.
    cross : tuple of str
        Pairs of group columns, as "ethnicity,sex".
    cluster : str or None
        Column of what goes together (a school); None: every row stands for itself.
    weight : str or None
        Column of how many people each row stands for.
    against : tuple of str
        Groups that the others of their column are compared with, as GROUP or COLUMN=GROUP.
    tolerance : float or None
        A gap from everyone, as a share, that would be small enough.
    """

    outcome: str
    groups: tuple[str, ...]
    estimates: tuple[str, ...] = ()
    places: int | None = None
    lists: tuple[str, ...] = ()
    cross: tuple[str, ...] = ()
    cluster: str | None = None
    weight: str | None = None
    against: tuple[str, ...] = ()
    tolerance: float | None = None

    @property
    def scored(self) -> tuple[str, ...]:
        """The scored columns that are audited side by side, by which each is called."""
        return self.lists or self.estimates

    @property
    def named(self) -> list[str]:
        """Every column that must be there, besides those crossed."""
        others = (self.cluster, self.weight)
        return [self.outcome, *self.groups, *self.estimates, *self.lists, *(name for name in others if name)]


def audit_file(
    scores: Path,
    outcome: str,
    groups: Sequence[str],
    estimate: str | Sequence[str] | None = None,
    places: int | None = None,
    listed: str | Sequence[str] | None = None,
    cross: Sequence[str] = (),
    cluster: str | None = None,
    draws: int = 1000,
    seed: int = 1,
    audited_on: date | None = None,
    weight: str | None = None,
    against: Sequence[str] = (),
    tolerance: float | None = None,
) -> dict[str, Any]:
    """Audit a scored list that is a file; the facts of `audit.json`.

    Parameters
    ----------
    scores : Path
        CSV or Parquet, one row a person.
    outcome, groups, estimate, places, listed, cross, cluster, weight, against, tolerance
        As in `Asked`. Where several estimates or lists are given, the facts are of the first, and the others stand beside
        it in `side_by_side`.

    Raises
    ------
    AuditRefused
        Everything that is wrong with the file or the choice of columns, at once.
    """
    asked = Asked(
        outcome, tuple(groups), several(estimate), places, several(listed), tuple(cross), cluster, weight, tuple(against), tolerance,
    )  # fmt: skip
    refuse_choice(asked)
    table = open_table(scores, asked.named)
    pairs = pairs_of(asked.cross, table.names)
    held, notes = read_lists(table, asked, pairs, draws, seed)
    chosen = references(held[0].scored, asked.against)
    about = {
        "kind": "file", "title": scores.name, "authority": "", "is_made_up": False, "outcome": outcome, "window_days": None,
        "audited_on": str(audited_on or date.today()), "model": None, "data_hash": "", "columns": {
            "estimate": list(asked.estimates), "places": places, "listed": list(asked.lists), "groups": list(groups),
            "cross": [list(pair) for pair in pairs], "cluster": cluster, "weight": weight, "against": list(against), "tolerance": tolerance,
        },
    }  # fmt: skip
    made = {each.name: (each.scored, composed(each, about, notes)) for each in held}
    scored, facts = next(iter(made.values()))
    told = [against_group(scored, name, at) for name, at in chosen.items()]
    if tolerance is not None:
        for row in (*facts["groups"], *(row for each in told for row in each["groups"])):
            enter_tolerance(row["gaps"], tolerance)
    methods = {"against": AGAINST} if told else {}
    methods |= {"tolerance": TOLERANCE} if tolerance is not None else {}
    asked_for = {
        "methods": facts["methods"] | methods,
        "tolerance": tolerance,
        "against": told,
        "side_by_side": side_by_side(made) if len(made) > 1 else None,
        "calibration": calibration_bands(scored),
    }
    return of_a_file(facts | asked_for)


def several(names: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if names is None else (names,) if isinstance(names, str) else tuple(names)


@dataclass(frozen=True)
class Listed:
    """One list of the file.

    Attributes
    ----------
    name : str
    scored : Scored
    value : numpy.ndarray of float64, shape (n,), or None
        The estimates as they are in the file, chances or not; NaN where there is none.
    has_list : bool
        A column says who is listed; otherwise the highest estimates are.
    places : int
    """

    name: str
    scored: Scored
    value: np.ndarray | None
    has_list: bool
    places: int

    def listed_at(self, times: float) -> np.ndarray:
        """The chance of a place with so many times the places."""
        assert self.value is not None
        held = np.array([min(int(np.ceil(self.places * times)), len(self.value))])
        return expected_place(self.value, np.zeros(len(self.value), dtype=np.int64), held)


def composed(each: Listed, about: Mapping[str, Any], notes: Sequence[str]) -> dict[str, Any]:
    """The facts of one list."""
    capacities = [] if each.has_list else sweep(each.scored, each.listed_at)
    rule, departs = rule_of_list(each)
    return compose(each.scored, about, [*notes, *notes_of(each), *departs], capacities, rule=rule)


def rule_of_list(each: Listed) -> tuple[ListRule | None, list[str]]:
    """By what rule a list was made, where estimates are known; and whether it departs from every rule that is tried."""
    if each.value is None:
        return None, []
    if not each.has_list:
        num = len(each.value)
        unit, everyone, floor = np.zeros(num, dtype=np.int64), np.ones(num, dtype=bool), np.full(num, -np.inf)
        return ListRule(each.value, unit, np.array([each.places]), everyone, floor), []
    rule, same = rule_of(each.scored, each.value)
    if same > 1 - 1e-9:
        return rule, []
    return rule, [
        f"The list does not follow the estimates: {100 * same:.0f} of 100 places are those that the highest estimates would have. "
        "What that changes stands as a part of each gap."
    ]


def read_lists(
    table: Table, asked: Asked, pairs: Sequence[tuple[str, str]], draws: int, seed: int
) -> tuple[list[Listed], list[str]]:
    """Every list of the file as rows that were scored and judged; and what must be known of all of them."""
    singles_of = list(dict.fromkeys((*asked.groups, *sum(pairs, ()))))
    refuse_as_groups(singles_of, asked)
    columns = table.read(list(dict.fromkeys((*asked.named, *singles_of))))
    num = len(columns)
    breaches: list[str] = []
    y = columns.zeros_and_ones(asked.outcome, "the outcome", True, breaches)
    values, chosen = {}, {}
    for name in asked.estimates:
        before = len(breaches)
        values[name] = columns.numbers(name, "estimate", breaches)
        if asked.places and len(breaches) == before:
            breaches += too_many_places(asked.places, num, int((~np.isnan(values[name])).sum()), name)
    for name in asked.lists:
        before = len(breaches)
        chosen[name] = columns.zeros_and_ones(name, "the list", False, breaches)
        if len(breaches) == before:
            breaches += everyone_or_nobody(chosen[name], y, name)
    breaches += [
        f"The group column {name} is empty in all {num:,} rows: there is no group to compare. Leave it out, or fill it."
        for name in singles_of
        if columns.is_blank(name).all()
    ]
    singles = {name: as_written(name, columns.text(name)) for name in singles_of}
    breaches += [each for one in singles.values() for each in names_of_people(one, num)]
    if asked.cluster and (missing := columns.is_blank(asked.cluster)).any():
        breaches.append(
            f"The cluster column {asked.cluster} is empty in {int(missing.sum()):,} rows (the first in {columns.where(missing)}). Every row must say what it goes with."
        )
    if columns.is_blank(asked.outcome).all():
        breaches.append(f"The outcome {asked.outcome} is empty in all {num:,} rows: nothing can be judged.")
    weight = weights_of(columns, asked.weight, breaches) if asked.weight else None
    if breaches:
        raise AuditRefused(*breaches, *columns.table.notes)
    row = np.arange(num)
    going = as_written(asked.cluster, columns.text(asked.cluster)).code if asked.cluster else row
    attributes = (
        *(singles[name] for name in asked.groups),
        *(crossing(singles[a], singles[b], singles) for a, b in pairs),
    )
    nothing = np.full(num, np.nan)
    base = Scored(
        outcome=y, listed=np.zeros(num), estimate=nothing, is_judged=np.zeros(num, dtype=bool), clusters=resampled(going, row, draws, seed),
        attributes=attributes, years=0.0, weight=weight,
    )  # fmt: skip
    held = []
    for at, name in enumerate(asked.scored):
        value = values[asked.estimates[at]] if asked.estimates else None
        is_chance = value is not None and bool(((value >= 0) & (value <= 1))[~np.isnan(value)].all())
        scored = replace(
            base,
            estimate=value if value is not None and is_chance else nothing,
            is_judged=np.zeros(num, dtype=bool) if value is None else ~np.isnan(value),
            listed=chosen.get(name, base.listed),
        )
        one = Listed(name, scored, value, bool(asked.lists), asked.places or 0)
        held.append(one if one.has_list else replace(one, scored=replace(scored, listed=one.listed_at(1.0))))
    return held, [*columns.table.notes, *notes_of_all(base, asked)]


def weights_of(columns: Columns, name: str, breaches: list[str]) -> np.ndarray:
    """How many people each row stands for; what cannot be so goes to `breaches`."""
    before = len(breaches)
    values = columns.numbers(name, "weight", breaches)
    wrong = np.isnan(values) | (values < 0)
    if len(breaches) == before and wrong.any():
        breaches.append(
            f"In the weight {name}, {int(wrong.sum()):,} of {len(columns):,} values are blank or below 0 (the first in {columns.where(wrong)}). Write how many people the row stands for."
        )
    elif len(breaches) == before and not values.any():
        breaches.append(f"The weight {name} is 0 in all {len(columns):,} rows: nobody would be counted.")
    return values


def refuse_choice(asked: Asked) -> None:
    """Choices that go without or against each other."""
    breaches = []
    if not asked.groups:
        breaches.append("No group was named. Give at least one: --group COLUMN.")
    if not asked.scored or (asked.lists and asked.places is not None):
        breaches.append(
            "Give either --estimate COLUMN with --places N, or --listed COLUMN; --estimate without --places may come with --listed."
        )
    if asked.estimates and not asked.lists and (asked.places is None or asked.places < 1):
        breaches.append("--estimate needs --places N, at least 1: how many are listed.")
    if asked.lists and asked.estimates and len(asked.lists) != len(asked.estimates):
        breaches.append(
            f"{len(asked.lists)} lists and {len(asked.estimates)} estimates were given. Give an --estimate to each --listed, in the same order, or none."
        )
    breaches += [
        f"{asked.outcome} is named as the outcome and as {what}: no rate of it would tell anything. Name two columns."
        for what, names in (("the list", asked.lists), ("the estimate", asked.estimates))
        if asked.outcome in names
    ]
    breaches += [
        f"The {what} {name} is named {times} times. Name it once."
        for what, names in (("group", asked.groups), ("list", asked.lists), ("estimate", asked.estimates))
        for name, times in Counter(names).items()
        if times > 1
    ]
    if asked.tolerance is not None and not 0 < asked.tolerance < 1:
        breaches.append("--tolerance is a share above 0 and below 1: 0.05 for 5 of 100.")
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


def refuse_as_groups(groups: Sequence[str], asked: Asked) -> None:
    """What is judged, or judges, is no group: its rates would be 0 and 1 by what they are."""
    others = {"outcome": (asked.outcome,), "estimate": asked.estimates, "list": asked.lists}
    breaches = [
        f"{name} is named as a group and as the {what}: its rates would be 0 or 1 by what they are. Name another group."
        for name in groups
        for what, columns in others.items()
        if name in columns
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


def notes_of_all(scored: Scored, asked: Asked) -> list[str]:
    """What a reader must know of this file before its figures, whichever list."""
    notes = [] if asked.cluster else [OWN_CLUSTERS]
    singles = [each for each in scored.attributes if not each.is_crossing]
    seen = scored.outcome[~np.isnan(scored.outcome)]
    if unseen := len(scored) - len(seen):
        notes.append(
            f"{unseen:,} rows have no outcome: they are counted, and left out of every rate that needs one."
        )
    if len(np.unique(seen)) == 1:
        notes.append(
            f"The outcome is {seen[0]:.0f} wherever it was seen: no rate that needs both kinds can be told."
        )
    if scored.weight is not None:
        notes.append(
            f"Every row stands for as many people as its {asked.weight} says: counts and rates are of {scored.weight.sum():,.0f} people, and what can be told rests on the {len(scored):,} rows. Places are counted in rows."
        )
    if len(asked.scored) > 1:
        notes.append(
            f"{len(asked.scored)} lists stand side by side: {', '.join(asked.scored)}. What is not said of another is of {asked.scored[0]}."
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
    if 1 < scored.clusters.num < 6 or (asked.cluster and scored.clusters.num == 1):
        notes.append(
            f"There {'is 1 cluster' if scored.clusters.num == 1 else f'are {scored.clusters.num} clusters'}; with fewer than 6 no range can be given and no gap told."
        )
    return notes


def notes_of(each: Listed) -> list[str]:
    """What a reader must know of one list."""
    notes, value, scored = [], each.value, each.scored
    if value is not None:
        if without := int(np.isnan(value).sum()):
            more = (
                ""
                if each.has_list
                else " Nobody of them can be listed, and those with the outcome count as missed."
            )
            notes.append(f"{without:,} rows have no estimate.{more}")
        if np.isnan(scored.estimate).all() and not np.isnan(value).all():
            notes.append(
                "The estimates are not chances between 0 and 1, so observed over expected cannot be told."
            )
        if not np.isnan(value).all() and np.nanmin(value) == np.nanmax(value):
            more = "." if each.has_list else ": places go by lot, and no group can be told apart by it."
            notes.append(f"Every estimate is the same{more}")
    tied = (scored.listed > 0) & (scored.listed < 1)
    if tied.any():
        notes.append(
            f"{int(tied.sum()):,} rows are tied at the cut and share {scored.listed[tied].sum():,.0f} places: each figure is the "
            "expected value over a random order of them."
        )
    return notes
