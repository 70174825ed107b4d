"""What a model is taught: how near a serious exclusion came. What it is judged and recalibrated by: whether it came."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from models.booster_text import refuse_malformed
from tests.worlds import FEATURES, world
from training.fit import fit
from training.panel import nearness
from training.settings import Settings

NEARNESS = {  # outcome, its value, sessions suspended for, what is taught
    "none": ("serious_exclusion", 0, 0, 0.0),
    "half way": ("serious_exclusion", 0, 10, 0.5),
    "one session short": ("serious_exclusion", 0, 19, 0.95),
    "at exactly twenty": ("serious_exclusion", 1, 20, 1.0),
    "beyond": ("serious_exclusion", 1, 44, 1.0),
    "permanently excluded, with no suspension": ("serious_exclusion", 1, 0, 1.0),
    "left before it was seen": ("serious_exclusion", np.nan, 6, np.nan),
    "another outcome, by itself": ("any_suspension", 1, 3, 1.0),
    "another outcome that did not come": ("permanent_exclusion", 0, 30, 0.0),
}


@pytest.mark.parametrize("case", NEARNESS)
def test_what_a_row_teaches(case):
    outcome, y, sessions, expected = NEARNESS[case]
    found = nearness(outcome, np.array([float(y)]), pd.Series([sessions], dtype="int32"))
    assert found == pytest.approx([expected], nan_ok=True)


def test_outcomes_that_tell_no_sessions_are_taught_as_they_are():
    y = np.array([0.0, 1.0, np.nan])
    assert nearness("serious_exclusion", y, None) is y


def test_a_model_is_taught_the_target_and_recalibrated_to_the_outcome():
    """Chances add up to the outcomes, however much more the target says; and the text is one that a release may hold."""
    panel = world(3, num_pupils=700)
    panel = panel.only(panel.can_train)
    near = np.maximum(panel.y, 0.3 * (panel.X[:, 0] > np.nanmedian(panel.X[:, 0])))
    fitted = fit(replace(panel, target=near), FEATURES, {}, Settings(max_rounds=20))
    raw = fitted.booster.predict(panel.X, raw_score=True)
    chance = 1 / (1 + np.exp(-(fitted.calibrator.slope * raw + fitted.calibrator.intercept)))
    taught = 1 / (1 + np.exp(-raw))
    assert taught.mean() == pytest.approx(near.mean(), rel=0.1)
    assert near.mean() > 3 * panel.y.mean()
    assert chance.mean() == pytest.approx(panel.y.mean(), rel=0.25)
    refuse_malformed(fitted.booster.model_to_string(), len(FEATURES), "a model")
