"""Matrix and outcomes as arrays: one row a pupil an as-of date."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date

import numpy as np
import pandas as pd

from features.outcome import SERIOUS_SESSIONS
from models.errors import ModelRefused
from models.places import standing

GRADED = "serious_exclusion"  # the outcome that counts something: sessions, up to `SERIOUS_SESSIONS`
BESIDE = ("hidden_exit", "num_sessions")  # what is read of the outcomes where they tell it
MOST_LEARNED = 600_000  # pupil-dates: 20,000 pupils and five years are below it
BLOCK = 64  # neighbouring pseudonyms that are taken or left together
ROWS_AT_ONCE = 8192  # of a matrix that is filled column by column: they stay in the processor's cache
KEYS = (
    "pupil", "as_of", "urn", "cluster", "phase", "district", "nc_year", "half_term",
    "is_assessed", "not_assessed_reason", "is_exclusion_in_progress", "is_supported",
)  # fmt: skip


@dataclass(frozen=True)
class Panel:
    """The cohort at several as-of dates; arrays of n rows in order of date and pupil.

    Attributes
    ----------
    X : float32, shape (n, F)
        Features; NaN is missing.
    y : float64, shape (n,)
        The outcome, 0 or 1; NaN for who left the authority without one.
    pupil : int64; as_of : datetime64[D]
    cluster : int64
        URN of the school's current successor: what is resampled.
    school : int32
        Index of the school at one as-of date, the unit of a list; `schools` counts them.
    moment : int32
        Index into `dates`.
    phase, district : str
    nc_year : int16
        0 for Reception, -1 unknown.
    standing : str
        Why a row takes no place; "" for who is in the running.
    is_hidden_exit : bool
        Went off roll to unknown or home education, or moved under management, within the window.
    target : float64, shape (n,)
        What a model is taught: how near the outcome came, from 0 to 1, and 1 where it came about (`nearness`). NaN where `y` is.
    """

    X: np.ndarray
    y: np.ndarray
    pupil: np.ndarray
    as_of: np.ndarray
    cluster: np.ndarray
    school: np.ndarray
    moment: np.ndarray
    phase: np.ndarray
    district: np.ndarray
    nc_year: np.ndarray
    standing: np.ndarray
    is_hidden_exit: np.ndarray
    target: np.ndarray

    def __len__(self) -> int:
        return len(self.y)

    @property
    def is_known(self) -> np.ndarray:
        """Rows whose outcome was seen."""
        return ~np.isnan(self.y)

    @property
    def can_train(self) -> np.ndarray:
        """Rows a model may learn from: outcome seen, pupil assessed, no exclusion already in progress."""
        return self.is_known & ~np.isin(self.standing, ("not_assessed", "exclusion_in_progress"))

    @property
    def dates(self) -> list[date]:
        """The as-of dates, in order."""
        return [day.item() for day in np.unique(self.as_of)]

    def some_pupils(self, most: int) -> "Panel":
        """Whole pupils with some `most` rows at most, as good as by lot: their pseudonyms settle who; itself where it has no more.

        Who is among them says nothing of at which date a pupil's turn comes (`every` of `make_panel`).
        """
        every = -(-len(self) // most)
        return self if every <= 1 else self.only(self.pupil // BLOCK % every == 0)

    def only(self, rows: np.ndarray) -> "Panel":
        """The rows of a boolean mask."""
        return Panel(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})


def make_panel(
    matrix: pd.DataFrame,
    outcomes: pd.DataFrame,
    outcome: str,
    features: Sequence[str],
    dates: Iterable[date],
    every: int = 1,
) -> Panel:
    """Join matrix and outcomes of some as-of dates into arrays.

    Parameters
    ----------
    matrix : pandas.DataFrame
        `KEYS` and the features, one row a pupil in the cohort an as-of date.
    outcomes : pandas.DataFrame
        pupil, as_of, and the outcome as 0, 1 or null; num_sessions (suspended for, in the window) where they tell it.
    every : int
        Of each pupil's dates only every so many-th, beginning at one that the pseudonym settles; 1 for all.

    Raises
    ------
    ModelRefused
        A column is missing, or a row of the cohort has no outcome row.
    """
    missing = [f"The matrix has no column {name}." for name in (*KEYS, *features) if name not in matrix]
    missing += [
        f"The outcomes have no column {name}." for name in ("pupil", "as_of", outcome) if name not in outcomes
    ]
    if missing:
        raise ModelRefused(*missing)
    wanted = np.array(sorted(dates), dtype="datetime64[D]")
    as_of = days(matrix["as_of"])
    is_turn = (matrix["pupil"].to_numpy(np.int64) % every + np.searchsorted(wanted, as_of)) % every == 0
    at = np.flatnonzero(np.isin(as_of, wanted) & is_turn)
    rows = matrix[list(KEYS)].iloc[at]
    found = outcome_of(
        rows, outcomes, [outcome, *(name for name in BESIDE if name in outcomes and name != outcome)]
    )
    y = found[outcome].to_numpy(np.float64, na_value=np.nan)
    as_of, urn = days(rows["as_of"]), rows["urn"].to_numpy()
    school = pd.MultiIndex.from_arrays([as_of, urn]).factorize(sort=True)[0]
    return Panel(
        X=float32_rows([matrix[name] for name in features], at),
        y=y,
        pupil=rows["pupil"].to_numpy(np.int64),
        as_of=as_of,
        cluster=rows["cluster"].to_numpy(np.int64),
        school=school.astype(np.int32),
        moment=np.unique(as_of, return_inverse=True)[1].astype(np.int32),
        phase=rows["phase"].to_numpy(str),
        district=rows["district"].to_numpy(str),
        nc_year=rows["nc_year"].to_numpy(np.int16),
        standing=standing(
            *(
                rows[name].to_numpy(bool)
                for name in ("is_assessed", "is_exclusion_in_progress", "is_supported")
            )
        ),
        is_hidden_exit=found.get("hidden_exit", pd.Series(0, index=found.index)).fillna(0).to_numpy(bool),
        target=nearness(outcome, y, found.get("num_sessions")),
    )


def thinning(matrix: pd.DataFrame, dates: Sequence[date]) -> int:
    """Every how many-th of a pupil's dates is learned from (`every` of `make_panel`): 1 up to `MOST_LEARNED` rows.

    A child's dates of one year are nearly alike, and so are their outcome windows: `docs/decisions/thinning.md` has what
    fewer of them cost.
    """
    of = np.array(dates, dtype="datetime64[D]")
    return max(1, -(-int(np.isin(days(matrix["as_of"]), of).sum()) // MOST_LEARNED))


def float32_rows(columns: Sequence[pd.Series], at: np.ndarray) -> np.ndarray:
    """Some rows of columns as one float32 array, shape (len(at), len(columns)), filled in place: a city's is copied once."""
    X = np.empty((len(at), len(columns)), np.float32)
    values = [column.to_numpy(np.float32, na_value=np.nan) for column in columns]
    for start in range(0, len(at), ROWS_AT_ONCE):
        some = at[start : start + ROWS_AT_ONCE]
        for number, column in enumerate(values):
            X[start : start + ROWS_AT_ONCE, number] = column[some]
    return X


def nearness(outcome: str, y: np.ndarray, num_sessions: pd.Series | None) -> np.ndarray:
    """What a model is taught of an outcome: of a serious exclusion also how near it came; shape (n,), from 0 to 1.

    A child suspended for 18 sessions came nearer to the 20 of a serious exclusion than one never suspended, and rare outcomes
    teach more where that is told: `docs/decisions/graded-target.md` says how much. It is 1 where the outcome came about, and
    no row is weighed. The recalibration is of the outcome alone.

    Parameters
    ----------
    y : numpy.ndarray of float64, shape (n,)
        The outcome, 0 or 1; NaN where it was not seen.
    num_sessions : pandas.Series or None
        Sessions of suspension begun in the window; None where the outcomes do not tell them.
    """
    if outcome != GRADED or num_sessions is None:
        return y
    near = np.minimum(num_sessions.to_numpy(np.float64, na_value=np.nan) / SERIOUS_SESSIONS, 1.0)
    return np.where(y == 0, near, y)


def outcome_of(rows: pd.DataFrame, outcomes: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Columns of the outcomes, in the order of the matrix's rows; ModelRefused where a row has none."""
    key = ["pupil", "as_of"]
    left = pd.DataFrame({"pupil": rows["pupil"].to_numpy(), "as_of": days(rows["as_of"])})
    right = outcomes[[*key, *names]].assign(as_of=days(outcomes["as_of"]))
    joined = left.merge(right, on=key, how="left", validate="one_to_one", indicator=True)
    lost = int((joined["_merge"] == "left_only").sum())
    if lost:
        raise ModelRefused(
            f"{lost} rows of the matrix have no row in the outcomes: both must come from the same store and dates."
        )
    return joined[names]


def days(column: pd.Series) -> np.ndarray:
    """A column of dates as datetime64[D], shape (n,)."""
    return pd.to_datetime(column).to_numpy().astype("datetime64[D]")
