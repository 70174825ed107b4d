"""Families that moved an estimate: they add up, they are set against the year group, a sign must hold."""

from datetime import date

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from models.reasons import COLUMNS, reasons
from models.risk_model import Calibrator, ModelFacts, ModelFeature, RiskModel

FEATURES = (
    ModelFeature("a1", "attendance"),
    ModelFeature("a2", "attendance"),
    ModelFeature("s1", "suspensions"),
)
NUM = 400


def booster(matrix: pd.DataFrame, weights: tuple[float, ...], seed: int) -> str:
    rng = np.random.default_rng(seed)
    X = matrix[["a1", "a2", "s1"]].to_numpy(np.float32)
    y = (X @ np.array(weights) + rng.normal(size=NUM) > 0).astype(int)
    options = {
        "objective": "binary",
        "verbosity": -1,
        "num_leaves": 4,
        "min_data_in_leaf": 10,
        "deterministic": True,
        "force_col_wise": True,
    }
    return lgb.train(options, lgb.Dataset(X, y), 10).model_to_string()


@pytest.fixture(scope="module")
def matrix() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    return pd.DataFrame({
        "pupil": rng.permutation(NUM).astype(np.int64), "nc_year": rng.integers(7, 9, NUM).astype(np.int8),
        "is_assessed": True, **{name: rng.normal(size=NUM).astype(np.float32) for name in ("a1", "a2", "s1")},
    })  # fmt: skip


def model_of(texts: list[str]) -> RiskModel:
    facts = ModelFacts(
        "serious_exclusion",
        365,
        FEATURES,
        Calibrator(),
        {},
        (date(2024, 5, 24),),
        date(2026, 1, 1),
        "",
        True,
        "",
        {},
    )
    return RiskModel(texts[0], tuple(texts[1:]), facts)


@pytest.fixture(scope="module")
def model(matrix: pd.DataFrame) -> RiskModel:
    return model_of([booster(matrix, (1.0, 0.5, 1.0), seed) for seed in range(4)])


def test_contributions_of_a_year_group_are_set_against_its_mean(
    model: RiskModel, matrix: pd.DataFrame
) -> None:
    few = matrix.head(150)  # fewer than the references asked for, so everyone is one
    found = reasons(model, few, few["pupil"].to_numpy())
    assert list(found) == list(COLUMNS)
    assert len(found) == 2 * len(few)
    years = found["pupil"].map(few.set_index("pupil")["nc_year"])
    assert found.groupby([years, "family"])["contribution"].mean().to_numpy() == pytest.approx(0, abs=1e-9)


def test_families_add_up_to_the_difference_in_log_odds(model: RiskModel, matrix: pd.DataFrame) -> None:
    few = matrix.head(150)
    found = reasons(model, few, few["pupil"].to_numpy()).groupby("pupil")["contribution"].sum()
    log_odds = pd.Series(model.booster.predict(model.values(few), raw_score=True), few["pupil"])
    means = log_odds.groupby(few.set_index("pupil")["nc_year"]).transform("mean")
    assert found.to_numpy() == pytest.approx((log_odds - means).sort_index().to_numpy(), abs=1e-9)


def test_only_those_asked_for_come_out_and_row_order_changes_nothing(
    model: RiskModel, matrix: pd.DataFrame
) -> None:
    pupils = np.array([5, 17, 200])
    found = reasons(model, matrix, pupils)
    assert sorted(set(found["pupil"])) == [5, 17, 200]
    pd.testing.assert_frame_equal(found, reasons(model, matrix.sample(frac=1, random_state=1), pupils[::-1]))


def test_a_sign_that_one_refit_turns_is_not_stable(model: RiskModel, matrix: pd.DataFrame) -> None:
    turned = model_of([model.model_text, *model.refit_texts, booster(matrix, (1.0, 0.5, -1.0), 9)])
    pupils = matrix["pupil"].to_numpy()
    share = [
        reasons(each, matrix, pupils).groupby("family")["is_sign_stable"].mean() for each in (model, turned)
    ]
    assert share[0]["suspensions"] > 0.8
    assert share[1]["suspensions"] < 0.2
    assert share[1]["attendance"] > 0.5


def test_without_refits_no_sign_is_called_stable(model: RiskModel, matrix: pd.DataFrame) -> None:
    found = reasons(model_of([model.model_text]), matrix, matrix["pupil"].to_numpy()[:9])
    assert not found["is_sign_stable"].any()


def test_a_year_group_without_anyone_assessed_is_set_against_all(
    model: RiskModel, matrix: pd.DataFrame
) -> None:
    alone = matrix.assign(
        nc_year=np.where(matrix["pupil"] == 5, 11, matrix["nc_year"]), is_assessed=matrix["pupil"] != 5
    )
    assert reasons(model, alone, np.array([5]))["contribution"].notna().all()
