"""Made-up frames that lists are made from, small for tests and as large as a city for the benchmark."""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.as_of import AsOf
from features.calendar import Calendar
from features.records.authority import Authority
from features.weeks import school_weeks
from models.facts.evidence import SeenBands
from models.risk_model import Calibrator, ModelFacts
from serving.placing import states_of_everyone
from serving.reading import Reading
from serving.signposts import SIGNPOSTS

AS_OF = date(2025, 5, 23)
TERMS = {"autumn_1": ("2024-09-02", "2024-10-25"), "autumn_2": ("2024-11-04", "2024-12-20"), "spring_1": ("2025-01-06", "2025-02-14"),
         "spring_2": ("2025-02-24", "2025-04-11"), "summer_1": ("2025-04-28", "2025-05-23"), "summer_2": ("2025-06-02", "2025-07-22")}  # fmt: skip
LAST_YEAR = {"autumn_1": ("2023-09-04", "2023-10-27"), "autumn_2": ("2023-11-06", "2023-12-22"), "spring_1": ("2024-01-08", "2024-02-09"),
             "spring_2": ("2024-02-19", "2024-03-22"), "summer_1": ("2024-04-08", "2024-05-24"), "summer_2": ("2024-06-03", "2024-07-19")}  # fmt: skip
FORENAMES = ("Aisha", "Ben", "Chloé", "Daniel", "Ebony", "Farah", "George", "Hana", "Idris", "Jade", "Kofi", "Liam",
             "Maryam", "Noah", "Olivia", "Priya", "Reece", "Sofia", "Tyler", "Zainab")  # fmt: skip
SURNAMES = ("Ahmed", "Begum", "Campbell", "Davies", "Edwards", "Farrell", "Grant", "Hussain", "Iqbal", "Jones", "Khan",
            "Lewis", "Mahmood", "Nowak", "O’Connor", "Patel", "Roberts", "Singh", "Taylor", "Éluard", "Ward", "Young")  # fmt: skip
SAYINGS = (
    ("attendance", "fact", "Absent for 23 % of sessions since 2 September."),
    ("attendance", "change", "Absent for 23 % of sessions this half-term, 8 % the half-term before."),
    ("attendance", "protective", "Came to every session in the last two weeks."),
    ("suspensions", "fact", "Suspended 3 times in the last year, 7 days in all."),
    ("suspensions", "each", "Suspended for 2 days from 3 March 2025."),
    ("suspensions", "each", "Suspended for 5 days from 5 May 2025. The school’s reason: bullying."),
    ("suspensions", "change", "First suspension for a year and a half."),
    ("sen", "fact", "SEN support for social, emotional and mental health since Year 7."),
    ("sen", "missing", "No record of need since the last census."),
    ("context", "fact", "Joined this school in the middle of the year."),
    ("context", "protective", "An early help worker is involved."),
    ("context", "stale", "Year group last confirmed in January."),
)
EVIDENCE = {
    "headline": {
        "precision": {"status": "estimated", "estimate": 0.33, "low": 0.2, "high": 0.45},
        "recall_at_capacity": {"status": "estimated", "estimate": 0.45, "low": 0.38, "high": 0.52},
    },
    "by_phase": [
        {
            "phase": "secondary",
            "precision": {"status": "estimated", "estimate": 0.4, "low": 0.3, "high": 0.5},
            "recall": {"status": "estimated", "estimate": 0.5, "low": 0.4, "high": 0.6},
        },
        {
            "phase": "primary",
            "precision": {"status": "cannot_tell", "estimate": 0.1, "low": None, "high": None},
            "recall": {"status": "estimated", "estimate": 0.2, "low": 0.1, "high": 0.3},
        },
    ],
}

SEEN_BANDS = SeenBands.checked({
    "fewest_children": 100,
    "fewest_rarer": 20,
    "bands": [
        {"status": "estimated", "estimate": 0.005, "low": 0.0, "high": 0.01, "reason": "", "from_estimate": 0.0,
         "below_estimate": 0.03, "num_children": 12000, "num_with_outcome": 60},
        {"status": "estimated", "estimate": 0.05, "low": 0.03, "high": 0.08, "reason": "", "from_estimate": 0.03,
         "below_estimate": 0.1, "num_children": 1100, "num_with_outcome": 55},
        {"status": "estimated", "estimate": 0.1585, "low": 0.11, "high": 0.21, "reason": "", "from_estimate": 0.1,
         "below_estimate": None, "num_children": 410, "num_with_outcome": 65},
    ],
})  # fmt: skip


def authority(**identity: object) -> Authority:
    """An authority with five places a primary school, ten a secondary, sixty a district."""
    return Authority.model_validate({
        "authority": {"name": "Example City", "la_number": 399, "extracted_on": "2025-05-30", "is_made_up": True, **identity},
        "terms": {"2023/24": LAST_YEAR, "2024/25": TERMS},
        "meeting": {
            "every": "half_term",
            "places_per_school": {"primary": 5, "secondary": 10, "ap": 0},
            "places_per_district": 60,
        },
        "signposts": {"attendance": "Support First"},
    })  # fmt: skip


def model(**facts: object) -> ModelFacts:
    """What lists read of a model: outcome, window, base rates and expiry."""
    return ModelFacts(**{
        "outcome": "serious_exclusion", "window_days": 365, "features": (), "calibrator": Calibrator(),
        "base_rates": {"primary": 0.004, "secondary": 0.02}, "trained_on": (date(2023, 5, 26), date(2023, 7, 21)),
        "expires_on": date(2025, 9, 1), "authority": "Example City", "is_made_up": True, "data_hash": "0", "recipe": {}, **facts,
    })  # fmt: skip


def reading(
    num_pupils: int = 600, num_schools: int = 6, num_districts: int = 2, seed: int = 1, **changes: object
) -> Reading:
    """An authority's frames: pupils spread over schools, estimates that resemble real ones, facts of those named.

    `changes` may hold `reasons` (pupil's row to why not assessed), `is_supported` and
    `is_exclusion_in_progress` (rows), `names` (False for none) and `as_of`.
    """
    rng = np.random.default_rng(seed)
    as_of = changes.get("as_of", AS_OF)
    phases = np.where(np.arange(num_schools) % 4 == 3, "secondary", "primary")
    schools = pd.DataFrame({
        "urn": 100000 + np.arange(num_schools, dtype=np.int32),
        "name": [f"{SURNAMES[i % len(SURNAMES)]} {'High School' if phase == 'secondary' else 'Primary School'} {i + 1}" for i, phase in enumerate(phases)],
        "phase": phases,
        "district": [f"{('North', 'South', 'East', 'West', 'Edge & Valley', 'Central')[i % 6]}{i // 6 or ''}" for i in np.arange(num_schools) % num_districts],
        "opened_on": pd.NaT, "closed_on": pd.NaT,
    })  # fmt: skip
    weights = np.where(phases == "secondary", 3.0, 1.0)
    school = rng.choice(num_schools, size=num_pupils, p=weights / weights.sum())
    is_secondary = phases[school] == "secondary"
    pupil = np.unique(rng.integers(-(2**63), 2**63 - 1, size=num_pupils + 99, dtype=np.int64))[:num_pupils]
    reasons = pd.Series(None, index=range(num_pupils), dtype=object)
    for row, reason in changes.get("reasons", {}).items():
        reasons[row] = reason
    matrix = pd.DataFrame({
        "pupil": pupil, "as_of": as_of, "urn": schools["urn"].to_numpy()[school], "phase": phases[school],
        "district": schools["district"].to_numpy()[school],
        "nc_year": np.where(is_secondary, rng.integers(7, 12, num_pupils), rng.integers(0, 7, num_pupils)).astype(np.int8),
        "is_assessed": reasons.isna(), "not_assessed_reason": reasons,
        "is_exclusion_in_progress": np.isin(np.arange(num_pupils), changes.get("is_exclusion_in_progress", [])),
        "is_supported": np.isin(np.arange(num_pupils), changes.get("is_supported", [])),
    })  # fmt: skip
    log_odds = rng.normal(np.where(is_secondary, -4.6, -6.0), 1.3)
    refits = 1 / (1 + np.exp(-(log_odds[:, None] + rng.normal(0, 0.35, (num_pupils, 25)))))
    of = authority(**changes.get("identity", {}))
    states = states_of_everyone(matrix, 1 / (1 + np.exp(-log_odds)), refits, model().base_rates, schools, of)
    is_named = (states["school_state"] != "not_listed") | (states["district_state"] != "not_listed")
    named = pupil[is_named.to_numpy()]
    names = pd.DataFrame({
        "pupil": pupil, "upn": [f"A{399000000000 + row:012d}" for row in range(num_pupils)],
        "forename": np.array(FORENAMES)[rng.integers(0, len(FORENAMES), num_pupils)],
        "surname": np.array(SURNAMES)[rng.integers(0, len(SURNAMES), num_pupils)],
    })  # fmt: skip
    return Reading(
        of, schools, matrix, states, _facts(named, rng, as_of), _statuses(named, rng, as_of), _contributions(named, rng),
        _weeks(named, rng, of, as_of), names if changes.get("names", True) else None,
    )  # fmt: skip


def _facts(named: np.ndarray, rng: np.random.Generator, as_of: date) -> pd.DataFrame:
    held = rng.random((len(named), len(SAYINGS))) < 0.7
    who, which = np.nonzero(held)
    days = rng.integers(1, 250, len(who))
    return pd.DataFrame({
        "pupil": named[who],
        "family": [SAYINGS[each][0] for each in which],
        "kind": [SAYINGS[each][1] for each in which],
        "dated_on": [as_of - timedelta(days=int(gap)) if SAYINGS[each][1] != "missing" else None for each, gap in zip(which, days, strict=True)],
        "sentence": [SAYINGS[each][2] for each in which],
    })  # fmt: skip


def _statuses(named: np.ndarray, rng: np.random.Generator, as_of: date) -> pd.DataFrame:
    keys = np.array(list(SIGNPOSTS))
    who, which = np.nonzero(rng.random((len(named), len(keys))) < 0.12)
    days = rng.integers(1, 400, len(who))
    return pd.DataFrame({
        "pupil": named[who], "status": keys[which],
        "since": [as_of - timedelta(days=int(gap)) if gap > 100 else None for gap in days],
    })  # fmt: skip


def _weeks(named: np.ndarray, rng: np.random.Generator, of: Authority, as_of: date) -> pd.DataFrame:
    shown = [week.monday for week in school_weeks(AsOf(as_of, Calendar.of(of)))]
    pupil, week = np.repeat(named, len(shown)), np.tile(np.array(shown, dtype=object), len(named))
    begins = np.repeat(
        rng.integers(0, 5 * len(shown), len(named)), len(shown)
    )  # of three weeks without a register, for one in five
    at = np.tile(np.arange(len(shown)), len(named))
    is_known = (at < begins) | (at >= begins + 3)
    missed = np.minimum(rng.poisson(0.9, len(pupil)), 10)
    frame = pd.DataFrame({
        "pupil": pupil, "week": week, "possible": 10, "absent": missed, "num_suspensions": rng.random(len(pupil)) < 0.03,
    })  # fmt: skip
    return frame[is_known].astype(dict.fromkeys(("possible", "absent", "num_suspensions"), "int16"))


def _contributions(named: np.ndarray, rng: np.random.Generator) -> pd.DataFrame:
    families = ["attendance", "suspensions", "sen", "context", "school"]
    return pd.DataFrame({
        "pupil": np.repeat(named, len(families)), "family": families * len(named),
        "contribution": rng.normal(0.2, 0.5, len(named) * len(families)),
        "is_sign_stable": rng.random(len(named) * len(families)) < 0.7,
    })  # fmt: skip
