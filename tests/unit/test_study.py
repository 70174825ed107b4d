"""A data scientist's way in: any estimator, judged on the same cohort, dates and places as the project's own model."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import pathways
from models.errors import ModelRefused
from tests.simulated import simulate
from tests.unit.test_candidate import QUICK, STRONG
from training.run import train
from training.splits import eligible_dates, split_dates
from training.study import Study


class Own:
    """The project's own model as an estimator of hers."""

    def __init__(self, model):
        self.model = model

    def predict_proba(self, X):
        estimate = self.model.estimate(X)
        return np.column_stack([1 - estimate, estimate])


class Gives:
    def __init__(self, given):
        self.given = given

    def predict_proba(self, X):
        return np.asarray(self.given(len(X)))


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    frames = simulate(1200, 24, seed=2, law=STRONG)
    eligible = eligible_dates(frames.closes, frames.covered_from, frames.known_until)
    split = split_dates(eligible, frames.closes, QUICK.window_days)
    return Study(QUICK, split, frames, None, tmp_path_factory.mktemp("study") / "looks.jsonl")


def test_the_projects_own_model_is_judged_as_in_its_evidence(study, tmp_path):
    candidate = train(study.frames, QUICK, tmp_path / "candidate")
    found, theirs_whole = study.judge(Own(candidate.judged.model), "own"), candidate.evidence.plain()
    for part in ("headline", "gate", "comparators", "calibration", "ranking", "by_date", "left_out"):
        assert found.evidence[part] == theirs_whole[part], part
    for ours, theirs in zip(found.evidence["capacities"], theirs_whole["capacities"], strict=True):
        assert ours | {"share_arbitrary": None} == theirs | {"share_arbitrary": None}


def test_any_estimator_is_judged_and_shows_itself(study):
    X, y = study.training()
    assert list(X.index.names) == ["pupil", "as_of"]
    assert set(y.unique()) == {0.0, 1.0}
    assert X.index.equals(study.schools.index)
    hers = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)).fit(X.fillna(0), y)

    class Filled:
        def predict_proba(self, X):
            return hers.predict_proba(X.fillna(0))

    before = study.judge(Filled()).looks
    found = study.judge(Filled(), "A <logistic> model of hers")
    assert found.looks == before + 1
    page = found._repr_html_()
    assert "A &lt;logistic&gt; model of hers" in page
    assert f"Looks at the test's outcomes: {found.looks}" in page
    assert list(found.list_sizes.index) == [0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]
    assert found.summary.loc["recall at capacity", "estimate"] == found.evidence["headline"]["recall_at_capacity"]["estimate"]  # fmt: skip
    assert "MADE-UP DATA" in study._repr_html_()
    assert str(study.split.test[0]) in study._repr_html_()
    pupils = set(study.frames.matrix["pupil"].astype(str))
    assert not any(pupil in page + study._repr_html_() for pupil in pupils)


def test_training_never_holds_a_test_date(study):
    days = study.training()[0].index.get_level_values("as_of")
    assert {day.date() for day in days.unique()} == set(study.split.training)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (lambda num: np.zeros(num), "of shape"),
        (lambda num: np.zeros((num, 3)), "of shape"),
        (lambda num: np.full((num, 2), np.nan), "no chance"),
        (lambda num: np.full((num, 2), 1.5), "no chance"),
    ],
)
def test_what_is_no_chance_is_refused_before_a_look_is_counted(study, given, said):
    before = study.ledger.read_text() if study.ledger.exists() else ""
    with pytest.raises(ModelRefused, match=said):
        study.judge(Gives(given))
    assert (study.ledger.read_text() if study.ledger.exists() else "") == before


def test_chances_of_0_and_1_exactly_are_chances(study):
    given = study.judge(Gives(lambda num: np.column_stack([np.arange(num) % 2, 1 - np.arange(num) % 2])))
    assert given.evidence["headline"]["num_listed_per_date"] > 0


def test_the_door_is_documented():
    assert "judge of any estimator" in pathways.study.__doc__
