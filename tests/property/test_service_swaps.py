"""Swapping a pupil's ethnicity, sex or free school meals in the records changes no bit of what is answered from.

A prepared date is all that estimates, lists and cards are answered from, so its files are compared byte for byte; and
what a file says must change where something that counts does, or the test could not fail.
"""

from datetime import date

import lightgbm as lgb
import numpy as np
import pytest

from features.matrix import features_for
from models.risk_model import Calibrator, ModelFacts, ModelFeature, RiskModel
from serving.prepared.make import prepare
from tests import small
from tests.served import release_of

AS_OF = date(2025, 2, 14)
PUPILS = tuple(range(1, 13))


ETHNICITIES = ("WBRI", "BCRB", "WROM", "APKN", "MWBC", "WIRT", "BAFR", "CHNE", "ABAN", "MWBA", "REFU", "NOBT")


def tables(is_swapped: bool = False, days: int = 2) -> dict[str, str]:
    """Twelve pupils of one school; swapped, each has another ethnicity, the other sex and the other answer on meals."""
    roll = ["pupil | urn | enrolment_status | entry_date | birth_date | sex | nc_year"]
    census = [
        "pupil | urn | census_date | birth_date | sex | ethnicity | fsm_eligible | sen_provision | nc_year"
    ]
    suspensions = ["pupil | urn | category | start_date | sessions"]
    marks = ["pupil | urn | date | am | pm"]
    for pupil in PUPILS:
        own = (ETHNICITIES[pupil - 1], "F", "true") if is_swapped else ("WBRI", "M", "false")
        roll.append(f"{pupil} | 100002 | C | 2020-09-07 | 2010-01-01 | {own[1]} | 7")
        census.append(f"{pupil} | 100002 | 2024-10-03 | 2010-01-01 | {own[1]} | {own[0]} | {own[2]} | N | 10")
        marks += [f"{pupil} | 100002 | 2025-02-{day:02} | / | \\" for day in (10, 11, 12)]
    suspensions += ["1 | 100002 | SUSP | 2025-01-13 | " + str(days), "2 | 100002 | SUSP | 2024-11-11 | 6"]
    return {
        "roll": "\n".join(roll),
        "census": "\n".join(census),
        "suspensions": "\n".join(suspensions),
        "attendance": "\n".join(marks),
    }


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    """A model that reads every feature there is, so that none could carry a swap unseen."""
    declared = features_for(small.records())
    rng = np.random.default_rng(5)
    X = rng.integers(0, 40, (400, len(declared))).astype(float)
    y = (X[:, [f.family == "suspensions" for f in declared]].mean(axis=1) > 20).astype(int)
    options = {
        "objective": "binary",
        "verbosity": -1,
        "num_leaves": 8,
        "min_data_in_leaf": 5,
        "seed": 1,
        "deterministic": True,
    }
    texts = [
        lgb.train({**options, "seed": seed}, lgb.Dataset(X, y), 40).model_to_string() for seed in (1, 2, 3)
    ]
    read = tuple(ModelFeature(feature.name, feature.family) for feature in declared)
    facts = ModelFacts(
        "serious_exclusion", 365, read, Calibrator(), {"secondary": 0.0001}, (date(2023, 5, 26),), date(2026, 1, 1), "Smallshire", True, "0", {}
    )  # fmt: skip
    return release_of(RiskModel(texts[0], tuple(texts[1:]), facts), tmp_path_factory.mktemp("releases"))


def answered_from(release, folder, **changes) -> dict[str, bytes]:
    """Every file of a date prepared from the twelve pupils."""
    made = prepare(small.records(**tables(**changes)), release, folder, AS_OF)
    return {path.name: path.read_bytes() for path in made.iterdir()}


@pytest.fixture(scope="module")
def as_they_are(release, tmp_path_factory):
    return answered_from(release, tmp_path_factory.mktemp("prepared"))


def test_a_swap_of_everybody_changes_no_bit(release, as_they_are, tmp_path_factory):
    assert answered_from(release, tmp_path_factory.mktemp("swapped"), is_swapped=True) == as_they_are


def test_what_counts_does_change_them(release, as_they_are, tmp_path_factory):
    longer = answered_from(release, tmp_path_factory.mktemp("longer"), days=30)
    assert longer["facts.parquet"] != as_they_are["facts.parquet"]
    assert longer["contributions.parquet"] != as_they_are["contributions.parquet"]
