"""What ways of learning are worth beside one another: `python -m bench.recipes`; --help tells how to ask for less.

Made-up authorities of 20,000 pupils, some whose schools differ more and some whose sanctions move indoors in the course of
the records. Each way of learning gets the same matrix, training dates, folds of schools and recalibration, and is judged by
the list rule at the same places on the same later dates. Beside the truth, which only made-up data has, chance in who
happened to be excluded plays no part. Nothing here is about real children.
"""

import argparse
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import lightgbm as lgb
import numpy as np
import pandas as pd

from features.as_of import AsOf
from features.calendar import Calendar
from features.outcome import window_closes
from features.records.identities import names_for
from features.records.importing import import_extract
from features.synthetic import write_authority
from models.places import floors
from training.comparators import comparator_scores, side
from training.evidence.calibration import slope
from training.evidence.test_cohort import TestCohort
from training.evidence.truth import against_truth
from training.fit import Fitted, base_rates, binned, grow, parameters, recalibrate
from training.folds import cross_validate, make_folds
from training.from_store import outcomes_at
from training.intervals import clusters
from training.memory import DATES
from training.origin import cohort_panel, training_panel
from training.panel import Panel, days, make_panel
from training.stability import refit, stability
from training.study import Study, open_study
from training.truth import read_truth

PUPILS = 20_000
TESTED = ("2023-10-27", "2023-12-22", "2024-02-09", "2024-03-22", "2024-05-24", "2024-07-19")
LEARNED = (
    "2020-10-23",
    "2021-02-12",
    "2021-05-28",
    "2021-10-22",
    "2022-02-11",
    "2022-05-27",
)  # of which the ceiling is taught
HALF_YEAR = 182
REFITS = 10
HALF_LIVES = (20, 60, 180, 365)  # days
SESSIONS_MOST, SESSIONS_PERMANENT = 60, 20
WRITTEN = Path(__file__).parents[1] / "docs/measured/recipes.json"


@dataclass(frozen=True)
class MadeUp:
    """An authority that the bench makes, by the switches of the made-up authority."""

    name: str
    seed: int
    switches: Mapping[str, Any] = field(default_factory=dict)

    @property
    def has_truth(self) -> bool:
        """Are its true chances told? Not where sanctions move indoors: they know nothing of that."""
        return "law_2026" not in self.switches


AUTHORITIES = (
    MadeUp("first", 11),
    MadeUp("second", 12),
    MadeUp("third, whose schools differ more", 13, {"school_severity": 0.6}),
    MadeUp("fourth, whose sanctions move indoors", 21, {"law_2026": True}),
    MadeUp("fifth, whose sanctions move indoors", 22, {"law_2026": True}),
)


@dataclass(frozen=True)
class Learned:
    """Log-odds of a way of learning: of what it learned from by boosters that left its school out, with the outcomes; and of the test rows."""

    left_out: np.ndarray
    y: np.ndarray
    test: np.ndarray
    rounds: int = 0

    def mean(self, *others: "Learned") -> "Learned":
        every = (self, *others)
        left_out, test = (
            np.mean([getattr(each, of) for each in every], axis=0) for of in ("left_out", "test")
        )
        return Learned(left_out, self.y, test)


@dataclass(frozen=True)
class Bench:
    """One authority, ready to be learned from in any way."""

    study: Study
    training: Panel
    test: Panel
    num_sessions: np.ndarray
    is_permanent: np.ndarray
    is_suspended: np.ndarray

    def learn(
        self,
        target: np.ndarray,
        panel: Panel | None = None,
        more: Callable[[Panel], np.ndarray] | None = None,
        seed: int = 1,
        **chosen: Any,
    ) -> Learned:
        """The recipe taught some target of the training rows, or of another panel's, with further columns."""
        panel = self.training if panel is None else panel
        features = self.study.frames.features
        settings = replace(self.study.settings, seed=seed)

        def columns(of: Panel) -> np.ndarray:
            return of.X if more is None else np.column_stack([of.X, more(of)]).astype(np.float32)

        X = columns(panel)
        own = parameters(settings, features, {}) | chosen
        own["monotone_constraints"] = own["monotone_constraints"] + [0] * (X.shape[1] - len(features))
        data = lgb.Dataset(X, target, params=own).construct()
        checked = cross_validate(make_folds(data, panel.cluster, settings.folds), X, own, settings)
        booster = grow(data, own, checked.rounds)
        return Learned(
            checked.log_odds, panel.y, booster.predict(columns(self.test), raw_score=True), checked.rounds
        )

    @cached_property
    def graded(self) -> Learned:
        return self.learn(self.training.target)

    @cached_property
    def outcome(self) -> Learned:
        return self.learn(self.training.y)

    def refits(self) -> np.ndarray:
        """Log-odds of the test rows by the served recipe on schools drawn with replacement, shape (n, R)."""
        panel, features, settings = self.training, self.study.frames.features, self.study.settings
        own, data = parameters(settings, features, {}), binned(panel, features, settings)
        fitted = Fitted(
            grow(data, own, self.graded.rounds), data, own, self.graded.rounds,
            recalibrate(self.graded.left_out, panel.y), 0.0,
        )  # fmt: skip
        found = [
            booster.predict(self.test.X, raw_score=True)
            for booster in refit(fitted, panel.cluster, REFITS, settings.seed)
        ]
        return np.column_stack(found)


def graded(bench: Bench) -> Learned:
    return bench.graded


def outcome_alone(bench: Bench) -> Learned:
    return bench.outcome


def both(bench: Bench) -> Learned:
    return bench.graded.mean(bench.outcome)


def three_seeds(bench: Bench) -> Learned:
    return bench.graded.mean(*(bench.learn(bench.training.target, seed=seed) for seed in (2, 3)))


def resampled(bench: Bench) -> Learned:
    return replace(bench.graded, test=bench.refits().mean(axis=1))


def sessions(bench: Bench) -> Learned:
    target = np.minimum(SESSIONS_MOST, bench.num_sessions + SESSIONS_PERMANENT * bench.is_permanent)
    return bench.learn(target, objective="poisson", metric="poisson")


def any_suspension(bench: Bench) -> Learned:
    return bench.learn(bench.is_suspended)


def smaller_trees(bench: Bench) -> Learned:
    return bench.learn(bench.training.target, num_leaves=8, learning_rate=0.07)


def short_memory(bench: Bench) -> Learned:
    latest = np.isin(bench.training.as_of, np.array(bench.training.dates[-DATES:], "datetime64[D]"))
    part = bench.training.only(latest)
    return bench.learn(part.target, part)


def half_years(bench: Bench) -> Learned:
    """Outcomes of half a year, on every date at which such a window had closed; sessions are graded as in a year."""
    study = bench.study
    assert study.records is not None
    calendar, opens = Calendar.of(study.records.authority), study.split.test[0]
    known = [
        day
        for day in study.split.eligible
        if window_closes(study.records, AsOf(day, calendar), HALF_YEAR) < opens
    ]
    settings = replace(study.settings, window_days=HALF_YEAR)
    then = outcomes_at(study.records, study.frames.matrix, known, settings, calendar, opens)
    panel = make_panel(study.frames.matrix, then, settings.outcome, study.frames.feature_names, known)
    panel = panel.only(panel.can_train)
    found = bench.learn(panel.target, panel)
    order = pd.Series(found.left_out, index=[panel.pupil, panel.as_of])
    left_out = order.reindex([bench.training.pupil, bench.training.as_of]).to_numpy()
    is_both = ~np.isnan(left_out)
    return Learned(left_out[is_both], bench.training.y[is_both], found.test, found.rounds)


def decayed(bench: Bench) -> Learned:
    """With suspensions counted by how long ago they were, and others' at the school and in its year group this year."""
    return bench.learn(bench.training.target, more=lambda panel: decayed_counts(bench.study, panel))


def taught_the_truth(bench: Bench) -> Learned:
    """The ceiling of learning: the recipe taught the true chances on some training dates."""
    truth = bench.study.frames.truth
    assert truth is not None
    some = np.isin(bench.training.as_of, np.array(LEARNED, "datetime64[D]"))
    part = bench.training.only(some)
    rows = pd.DataFrame({"pupil": part.pupil, "as_of": part.as_of})
    told = truth.assign(as_of=days(truth["as_of"]))
    chance = rows.merge(told, on=["pupil", "as_of"], how="left")[bench.study.settings.outcome].to_numpy(float)
    is_told = ~np.isnan(chance)
    return bench.learn(chance[is_told], part.only(is_told))


RECIPES: dict[str, Callable[[Bench], Learned]] = {
    "the outcome alone": outcome_alone,
    "graded target (served)": graded,
    "mean of graded and the outcome": both,
    "graded, mean of three seeds": three_seeds,
    "graded, mean of ten refits on drawn schools": resampled,
    "graded, trees of 8 leaves at a rate of 0.07": smaller_trees,
    "expected sessions (Poisson)": sessions,
    "any suspension": any_suspension,
    "graded, with decayed and neighbours' suspensions": decayed,
    "graded, outcomes of half a year": half_years,
    "graded, the latest year of training dates": short_memory,
    "taught the true chances": taught_the_truth,
}


def decayed_counts(study: Study, panel: Panel) -> np.ndarray:
    """Columns beside the declared features, shape (n, 10): own sessions and suspensions by half-life, others' this year, shrunk."""
    assert study.records is not None
    events = study.records.tables["suspensions"].to_pandas()
    events = events[events["category"] == "SUSP"]
    start, known = (days(events[name]) for name in ("start_date", "known_on"))
    found = np.zeros((len(panel), 2 * len(HALF_LIVES) + 2))
    for day in np.unique(panel.as_of):
        at = np.flatnonzero(panel.as_of == day)
        is_known = (start < day) & (known < day)
        some, ago = events[is_known], (day - start[is_known]).astype(int)
        for number, half_life in enumerate(HALF_LIVES):
            weight = 0.5 ** (ago / half_life)
            for column, value in (
                (2 * number, weight),
                (2 * number + 1, weight * some["sessions"].fillna(1)),
            ):
                sums = pd.Series(np.asarray(value), index=some["pupil"].to_numpy()).groupby(level=0).sum()
                found[at, column] = sums.reindex(panel.pupil[at]).fillna(0)
        year = np.datetime64(f"{day.item().year - (day.item().month < 9)}-09-01")
        own = (
            some[start[is_known] >= year]
            .groupby("pupil")
            .size()
            .reindex(panel.pupil[at])
            .fillna(0)
            .to_numpy()
        )
        unit = [panel.cluster[at], panel.cluster[at] * 100 + panel.nc_year[at]]
        for number, code in enumerate(unit):
            of = pd.Series(own).groupby(code).agg(["sum", "size"]).reindex(code).to_numpy()
            found[at, 2 * len(HALF_LIVES) + number] = (of[:, 0] - own + 20 * own.mean()) / (of[:, 1] - 1 + 20)
    return found


def made(folder: Path, one: MadeUp) -> Bench:
    """Make an authority, or take the one that was made before, and get it ready."""
    home = folder / str(one.seed)
    if not (home / "store").exists():
        truth = [date.fromisoformat(day) for day in (*LEARNED, *TESTED)] if one.has_truth else None
        write_authority(home / "extract", pupils=PUPILS, seed=one.seed, truth_dates=truth, **one.switches)
        import_extract(home / "extract", home / "store", home / "identities")
    study = open_study(home / "store", ledger=home / "looks.jsonl")
    if one.has_truth:
        truth = read_truth(home / "extract.truth", names_for(home / "identities"))
        study = replace(study, frames=replace(study.frames, truth=truth))
    frames, settings = study.frames, study.settings
    training = training_panel(frames, settings, study.split)
    test = cohort_panel(frames, settings, study.split)
    then = frames.outcomes_then[study.split.test[0]]
    told = then.assign(as_of=days(then["as_of"])).set_index(["pupil", "as_of"])
    told = told.loc[pd.MultiIndex.from_arrays([training.pupil, training.as_of])]
    columns = (
        told[name].to_numpy(np.float64, na_value=np.nan)
        for name in ("num_sessions", "permanent_exclusion", "any_suspension")
    )
    return Bench(study, training, test, *columns)


def judged(bench: Bench, learned: Learned, spread: np.ndarray | None) -> dict[str, Any]:
    """What lists by some log-odds reach on the test dates, after the recalibration of the recipe."""
    study, training, test = bench.study, bench.training, bench.test
    settings, names = study.settings, study.frames.feature_names
    fitted = recalibrate(learned.left_out, learned.y)
    estimate = 1 / (1 + np.exp(-(fitted.slope * learned.test + fitted.intercept)))
    rates = base_rates(training, np.ones(len(training), dtype=bool))
    past, now = (side(panel, names, study.frames.groups) for panel in (training, test))
    cohort = TestCohort(
        test, estimate, floors(test.phase, rates), comparator_scores(past, now),
        clusters(test.cluster, test.pupil, settings.draws, settings.seed), settings,
    )  # fmt: skip
    seen = test.can_train
    y, chance = test.y[seen], np.clip(estimate[seen], 1e-12, 1 - 1e-12)
    rules = {
        name: cohort.recall(cohort.listed(score)).estimate or 0.0 for name, score in cohort.rivals.items()
    }
    best = max(rules.values())
    recall = cohort.recall(cohort.listed(estimate, floor=cohort.floor)).estimate or 0.0
    truth = against_truth(cohort, study.frames.truth, rates) if study.frames.truth is not None else {}
    found = {
        "share_of_best_recall": truth.get("share_of_best_recall"),
        "recall": recall,
        "gain_over_best_rule": recall - best,
        "log_loss": float(-(y * np.log(chance) + (1 - y) * np.log1p(-chance)).mean()),
        "observed_over_expected": float(y.sum() / chance.sum()),
        "slope": slope(cohort, seen)["slope"]["estimate"],
        "rounds": learned.rounds,
    }
    if spread is not None:
        each = 1 / (1 + np.exp(-(fitted.slope * spread + fitted.intercept)))
        found["share_arbitrary"] = stability(each, test, cohort.school_places(), cohort.floor)[
            "share_arbitrary"
        ]
    return {name: round(value, 6) if isinstance(value, float) else value for name, value in found.items()}


def compared(bench: Bench, only: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each way of learning by name, with what its lists reach; all, or those asked for."""
    for name, recipe in RECIPES.items():
        if (only and name not in only) or (recipe is taught_the_truth and bench.study.frames.truth is None):
            continue
        yield name, judged(bench, recipe(bench), bench.refits() if recipe is graded else None)


def main() -> None:
    """Compare, and keep what was found in `WRITTEN`, beside what was found before."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument(
        "--folder", type=Path, default=Path("bench/work/recipes"), help="where authorities are made"
    )
    asked.add_argument(
        "--seed", type=int, action="append", help="only the authority of this seed; may be repeated"
    )
    asked.add_argument(
        "--recipe", action="append", choices=list(RECIPES), help="only this way; may be repeated"
    )
    chosen = asked.parse_args()
    found = json.loads(WRITTEN.read_text()) if WRITTEN.exists() else {}
    for one in AUTHORITIES:
        if chosen.seed and one.seed not in chosen.seed:
            continue
        for name, facts in compared(made(chosen.folder, one), chosen.recipe or []):
            found.setdefault(one.name, {})[name] = facts
            print(one.name, name, facts, flush=True)
            in_order = {
                each.name: {way: found[each.name][way] for way in RECIPES if way in found[each.name]}
                for each in AUTHORITIES
                if each.name in found
            }
            WRITTEN.write_text(json.dumps(in_order, indent=1) + "\n")


if __name__ == "__main__":
    main()
