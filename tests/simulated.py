"""A simulated matrix with the columns of the real one, drawn straight from a known law.

For tests of training, which need thousands of authorities in seconds; it stands for no place. The law:
a pupil carries a need that lasts, a school a severity, and each date's features are noisy signs of both.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from models.risk_model import ModelFeature
from training.frames import Frames

FEATURES = (
    ModelFeature("share_missed_20", "attendance", 1),
    ModelFeature("share_missed_60", "attendance", 1),
    ModelFeature("share_missed_190", "attendance", 1),
    ModelFeature("share_late_60", "attendance", 1),
    ModelFeature("num_suspensions_60", "suspensions", 1),
    ModelFeature("num_suspensions_190", "suspensions", 1),
    ModelFeature("num_sessions_suspended_190", "suspensions", 1),
    ModelFeature("days_since_suspension", "suspensions", -1),
    ModelFeature("sen_provision", "sen", 0),
    ModelFeature("is_semh", "sen", 1),
    ModelFeature("nc_year_in_phase", "context", 0),
    ModelFeature("is_cin_open", "context", 0),
    ModelFeature("days_since_joining_school", "context", -1),
    ModelFeature("school_suspension_rate", "school", 0),
    ModelFeature("school_absence_rate", "school", 0),
)
LAST_SCHOOL_DAYS = ((10, 21), (12, 16), (2, 10), (3, 31), (5, 26), (7, 21))


@dataclass(frozen=True)
class Law:
    """What the simulated outcome depends on, in log-odds.

    Attributes
    ----------
    need, severity : float
        Weight of the pupil's standardised need and the school's standardised severity.
    base : float
        Log-odds of a secondary pupil with neither; primary is 2 lower.
    leak : float
        Share of positives whose last feature gives the outcome away; 0 adds no such feature.
    """

    need: float = 1.4
    severity: float = 0.5
    base: float = -5.6
    leak: float = 0.0


def school_days(first: int, last: int) -> np.ndarray:
    """Weekdays from 1 September of one year to 31 July of another."""
    days = np.arange(f"{first}-09-01", f"{last}-08-01", dtype="datetime64[D]")
    return days[np.is_busday(days)]


def half_term_ends(first_year: int, years: int) -> list[date]:
    """Six as-of dates an academic year."""
    return [
        date(start + (month < 9), month, day)
        for start in range(first_year, first_year + years)
        for month, day in LAST_SCHOOL_DAYS
    ]


def simulate(
    num_pupils: int = 3000,
    num_schools: int = 24,
    years: int = 5,
    seed: int = 1,
    law: Law = Law(),
    wide: int = 0,
) -> Frames:
    """One simulated authority, with its truth.

    Parameters
    ----------
    years : int
        Years of records from September 2020; look-backs are covered from the second.
    wide : int
        Further features of pure noise.
    """
    rng = np.random.default_rng([seed, num_pupils, num_schools])
    dates = half_term_ends(2020, years)
    size = rng.gamma(4.0, 1.0, num_schools)
    school = np.sort(rng.choice(num_schools, num_pupils, p=size / size.sum()))
    is_secondary = (np.arange(num_schools) % 3 == 0)[school]
    severity = rng.normal(size=num_schools)
    pupil = rng.permutation(np.arange(10**9, 10**9 + num_pupils))
    need = rng.normal(size=num_pupils)
    groups = pd.DataFrame(
        {
            "pupil": pupil,
            "fsm_eligible": np.where(rng.random(num_pupils) < 0.4, "yes", "no"),
            "idaci_decile": rng.integers(1, 11, num_pupils).astype(str),
        }
    )
    order = np.argsort(pupil)
    matrices, outcomes, truths = [], [], []
    exclusion_year = np.full(num_pupils, np.nan)
    for number, day in enumerate(dates):
        moment = need + 0.5 * rng.normal(size=num_pupils)
        log_odds = law.base - 2.0 * ~is_secondary + law.need * moment + law.severity * severity[school]
        chance = 1 / (1 + np.exp(-log_odds))
        # One year's outcome goes with several dates: the draw of a pupil lasts through the year.
        if number % 6 == 0:
            exclusion_year = rng.random(num_pupils)
        y = (exclusion_year < chance).astype(np.int8)
        X = signs(rng, moment, severity[school], is_secondary, law)
        if law.leak:
            X["num_leak"] = np.where((y == 1) & (rng.random(num_pupils) < law.leak), 1.0, 0.0)
        for extra in range(wide):
            X[f"num_noise_{extra}"] = rng.normal(size=num_pupils)
        keys = pd.DataFrame(
            {
                "pupil": pupil,
                "as_of": pd.Series([day] * num_pupils, dtype="object"),
                "urn": (100000 + school).astype(np.int32),
                "cluster": (100000 + school).astype(np.int32),
                "phase": np.where(is_secondary, "secondary", "primary"),
                "district": np.array([f"district {1 + s % 4}" for s in range(num_schools)])[school],
                "nc_year": np.where(is_secondary, 9, 4).astype(np.int8),
                "half_term": ["autumn_1", "autumn_2", "spring_1", "spring_2", "summer_1", "summer_2"][
                    number % 6
                ],
                "is_assessed": rng.random(num_pupils) > 0.01,
                "is_exclusion_in_progress": rng.random(num_pupils) < 0.0005,
                "is_supported": rng.random(num_pupils) < 0.002,
            }
        )
        keys["not_assessed_reason"] = np.where(keys["is_assessed"], None, "registers_stopped")
        left = rng.random(num_pupils) < 0.01
        seen = pd.array(np.where(left & (y == 0), 0, y), dtype="Int8")
        seen[left & (y == 0)] = pd.NA
        result = pd.DataFrame({"pupil": pupil, "as_of": keys["as_of"], "serious_exclusion": seen})
        result["any_suspension"] = pd.array(
            (rng.random(num_pupils) < np.minimum(chance * 5, 1)) | (y == 1), dtype="Int8"
        )
        result["hidden_exit"] = pd.array(left & (rng.random(num_pupils) < 0.3), dtype="Int8")
        result["left_authority"] = left
        matrices.append(pd.concat([keys, pd.DataFrame(X)], axis=1).iloc[order])
        outcomes.append(result.iloc[order])
        truths.append(
            pd.DataFrame({"pupil": pupil, "as_of": keys["as_of"], "serious_exclusion": chance}).iloc[order]
        )
    features = FEATURES + ((ModelFeature("num_leak", "context", 1),) if law.leak else ())
    features += tuple(ModelFeature(f"num_noise_{extra}", "context") for extra in range(wide))
    matrix = pd.concat(matrices, ignore_index=True)
    return Frames(
        matrix=matrix.astype({feature.name: np.float32 for feature in features}),
        outcomes=pd.concat(outcomes, ignore_index=True),
        features=features,
        closes={day: day + timedelta(days=367) for day in dates},
        covered_from=dates[min(5, len(dates) - 1)] + timedelta(days=1),
        known_until=date(2020 + years, 8, 31),
        groups=pd.concat(
            [groups.assign(as_of=pd.Series([day] * num_pupils, dtype="object")) for day in dates],
            ignore_index=True,
        ),
        truth=pd.concat(truths, ignore_index=True),
        school_days=school_days(2020, 2020 + years),
        authority="Simulated",
        is_made_up=True,
    )


def signs(
    rng: np.random.Generator, need: np.ndarray, severity: np.ndarray, is_secondary: np.ndarray, law: Law
) -> dict[str, np.ndarray]:
    """Noisy signs of need and severity that look like features; some are missing."""
    num = len(need)
    seen = need if law.need else rng.normal(size=num)
    suspensions = rng.poisson(np.exp(-3.2 + 1.1 * seen + 0.6 * severity + 1.0 * is_secondary))
    recent = rng.binomial(suspensions, 0.4)
    missed = np.clip(0.06 * np.exp(0.5 * seen + 0.4 * rng.normal(size=(4, num))), 0, 1)
    missed[:3, rng.random(num) < 0.03] = np.nan
    return {
        "share_missed_20": missed[0],
        "share_missed_60": missed[1],
        "share_missed_190": missed[2],
        "share_late_60": missed[3],
        "num_suspensions_60": recent,
        "num_suspensions_190": suspensions,
        "num_sessions_suspended_190": suspensions * rng.integers(1, 11, num),
        "days_since_suspension": np.where(suspensions > 0, rng.integers(0, 190, num), np.nan),
        "sen_provision": rng.binomial(2, 1 / (1 + np.exp(2.0 - 0.6 * seen))),
        "is_semh": rng.random(num) < 1 / (1 + np.exp(4.0 - 1.0 * seen)),
        "nc_year_in_phase": rng.integers(0, 6, num),
        "is_cin_open": rng.random(num) < 1 / (1 + np.exp(4.0 - 0.7 * seen)),
        "days_since_joining_school": np.where(rng.random(num) < 0.3, rng.integers(0, 380, num), np.nan),
        "school_suspension_rate": np.exp(-2.5 + 0.6 * severity),
        "school_absence_rate": 0.07 + 0.01 * severity,
    }


def without(frames: Frames, **changes: object) -> Frames:
    """The frames with some parts replaced."""
    return replace(frames, **changes)
