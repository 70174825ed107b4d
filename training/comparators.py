"""What the model must beat: rules a meeting could apply without it, on the same cohort, dates and places.

A comparator is a score; places go to the highest, ties in random order. Free school meals and the area
a child lives in are read here and in the audit only, never by the model.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from features.as_of import AsOfDates
from features.calendar import Calendar
from features.groups import groups
from features.records.store import Records
from training.logistic import fit_logistic
from training.panel import Panel, days

INDIVIDUAL, PLACE, CHANCE = "individual", "place", "chance"
SHRINK = 50.0  # pupils' worth of the phase's own rate that a school's or area's rate starts from
TERMS = (
    "suspensions in the past year (log of one more)",
    "share of possible sessions missed in the past year",
    "social, emotional and mental health need",
    "SEN support or a plan",
    "social worker",
    "Year 7 or above",
)
GROUPS = ("fsm_eligible", "idaci_decile")
VINTAGE = "idaci_vintage"  # read where the groups tell it


@dataclass(frozen=True)
class Side:
    """A panel with what a comparator reads from it.

    Attributes
    ----------
    panel : Panel
    column : mapping of str to int
        Feature to its column of `panel.X`.
    groups : pandas.DataFrame
        fsm_eligible (yes, no, not known), idaci_decile (1 to 10, not known) and its idaci_vintage as text, in the order of
        the panel's rows; missing where no groups were given, or they do not tell.
    """

    panel: Panel
    column: Mapping[str, int]
    groups: pd.DataFrame

    def value(self, feature: str) -> np.ndarray:
        """A feature, with missing as 0; zeros where the matrix has no such feature. Shape (n,)."""
        if feature not in self.column:
            return np.zeros(len(self.panel))
        return np.nan_to_num(self.panel.X[:, self.column[feature]].astype(np.float64))

    @property
    def has_social_worker(self) -> np.ndarray:
        return self.value("is_cin_open") + self.value("is_cpp_open") + self.value("is_cla_open") > 0

    @property
    def has_sen(self) -> np.ndarray:
        return (self.value("sen_provision") > 0) | (self.value("is_ehcp_open") > 0)

    @property
    def is_secondary(self) -> np.ndarray:
        return self.panel.nc_year >= 7


def side(panel: Panel, features: tuple[str, ...], known_groups: pd.DataFrame | None) -> Side:
    """Line the audit attributes up with a panel's rows; none given leaves them all missing."""
    rows = pd.DataFrame({"pupil": panel.pupil, "as_of": panel.as_of})
    if known_groups is not None:
        held = [*GROUPS, *([VINTAGE] if VINTAGE in known_groups else [])]
        attributes = known_groups[["pupil", "as_of", *held]].assign(as_of=days(known_groups["as_of"]))
        rows = rows.merge(attributes, on=["pupil", "as_of"], how="left", validate="one_to_one")
    groups = rows.reindex(columns=[*GROUPS, VINTAGE]).astype(object)  # text, also where a column is not there
    return Side(panel, {name: index for index, name in enumerate(features)}, groups)


def prior_suspensions(training: Side, test: Side) -> np.ndarray:
    """Most suspensions in the past year first, then most sessions."""
    return test.value("num_suspensions_190") + test.value("num_sessions_suspended_190") / 1000


def english_rule_pack(training: Side, test: Side) -> np.ndarray:
    """How many of six signs that English schools and councils watch hold."""
    days_suspended = test.value("num_sessions_suspended_190") / 2  # three terms are one school year
    missed = test.value("share_missed_190")
    # Targeted free meals, as in every year; where the category is not told, nobody loses the sign.
    fsm = test.groups["fsm_eligible"].isin(("yes", "category_not_told")).to_numpy(bool)
    signs = (
        days_suspended >= np.where(test.is_secondary, 10, 5),
        test.value("num_suspensions_190") >= 2,
        missed >= 0.1,
        missed >= 0.5,
        (test.value("is_semh") > 0) | test.has_social_worker,
        test.has_sen | test.has_social_worker | fsm,
    )
    return np.sum(signs, axis=0).astype(np.float64)


def six_terms(training: Side, test: Side) -> np.ndarray:
    """Estimates of a logistic regression on `TERMS`, fitted on the training dates."""

    def terms(side: Side) -> np.ndarray:
        return np.column_stack(
            [
                np.log1p(side.value("num_suspensions_190")),
                side.value("share_missed_190"),
                side.value("is_semh"),
                side.has_sen,
                side.has_social_worker,
                side.is_secondary,
            ]
        ).astype(np.float64)

    learned = training.panel.can_train
    beta = fit_logistic(terms(training)[learned], training.panel.y[learned])
    return 1 / (1 + np.exp(-(terms(test) @ beta[:-1] + beta[-1])))


def school_only(training: Side, test: Side) -> np.ndarray:
    """The outcome's rate at the pupil's school in the training dates, and nothing about the pupil."""
    return rate_by(training.panel, training.panel.cluster, test.panel, test.panel.cluster)


def area_only(training: Side, test: Side) -> np.ndarray:
    """The outcome's rate in the pupil's district and IDACI decile in the training dates.

    A decile is one of its vintage: where the training dates know none of that, the district alone says.
    """

    def areas(side: Side) -> np.ndarray:
        deciles, vintage = (
            side.groups[name].fillna("").to_numpy(object) for name in ("idaci_decile", VINTAGE)
        )
        return side.panel.district.astype(object) + "/" + deciles + "/" + vintage

    found = rate_by(training.panel, areas(training), test.panel, areas(test))
    learned = set(training.groups[VINTAGE].fillna("")[training.panel.can_train])
    is_new = ~test.groups[VINTAGE].fillna("").isin(learned).to_numpy()
    if not is_new.any():
        return found
    alone = rate_by(training.panel, training.panel.district, test.panel, test.panel.district)
    return np.where(is_new, alone, found)


def chance(training: Side, test: Side) -> np.ndarray:
    """Places drawn by lot."""
    return np.zeros(len(test.panel))


def rate_by(training: Panel, cell: np.ndarray, test: Panel, test_cell: np.ndarray) -> np.ndarray:
    """Each cell's rate in training, drawn towards its phase's where the cell is small; shape of `test`."""
    learned = pd.DataFrame({"cell": cell, "phase": training.phase, "y": training.y})[training.can_train]
    phases = learned.groupby("phase")["y"].mean()
    overall = learned["y"].mean()
    sums = learned.groupby(["cell", "phase"])["y"].agg(["sum", "count"])
    wanted = pd.MultiIndex.from_arrays([test_cell, test.phase])
    found = sums.reindex(wanted).fillna(0)
    start = pd.Series(test.phase).map(phases).fillna(overall).to_numpy()
    return (found["sum"].to_numpy() + SHRINK * start) / (found["count"].to_numpy() + SHRINK)


@dataclass(frozen=True)
class Comparator:
    """A rival, by name.

    Attributes
    ----------
    kind : str
        individual (a rule about the pupil), place (knows only where) or chance.
    sentence : str
        What it does, in plain words.
    """

    name: str
    kind: str
    sentence: str
    score: Callable[[Side, Side], np.ndarray]


COMPARATORS = (
    Comparator("prior_suspensions", INDIVIDUAL, "most suspensions in the past year first", prior_suspensions),
    Comparator(
        "english_rule_pack", INDIVIDUAL, "how many of six signs watched in England hold", english_rule_pack
    ),
    Comparator("six_term_logistic", INDIVIDUAL, "a logistic regression on six terms", six_terms),
    Comparator("school_only", PLACE, "the school's own rate, nothing about the pupil", school_only),
    Comparator("area_only", PLACE, "the rate of the district and IDACI decile", area_only),
    Comparator("chance", CHANCE, "places drawn by lot", chance),
)


def comparator_scores(training: Side, test: Side) -> dict[str, np.ndarray]:
    """Every comparator's score of the test cohort, each of shape (n,)."""
    return {rival.name: rival.score(training, test) for rival in COMPARATORS}


def groups_of(records: Records, as_of_dates: Sequence[date]) -> pd.DataFrame:
    """Audit attributes of the cohort at some dates; pupil, as_of and `features.groups.COLUMNS`."""
    dates = AsOfDates.of(as_of_dates, Calendar.of(records.authority))
    return pd.concat([groups(records, some) for some in dates.batches(records.num_pupils)], ignore_index=True)
