"""The longer search: taken up again after a kill it is the search that was not killed."""

import json
import warnings

import numpy as np
import pytest

from models.errors import RecipeRefused
from tests.simulated import simulate
from tests.unit.test_candidate import STRONG
from training import tune as tuning
from training.fit import binned, parameters
from training.folds import make_folds
from training.panel import make_panel
from training.search import search
from training.settings import Settings
from training.splits import eligible_dates, split_dates
from training.tune import Budget, read_recipe, tune

QUICK = Settings(refits=2, max_rounds=40, folds=2, patience=5)


@pytest.fixture(scope="module")
def rows():
    frames = simulate(400, 12, seed=3, law=STRONG)
    split = split_dates(
        eligible_dates(frames.closes, frames.covered_from, frames.known_until), frames.closes, 365
    )
    panel = make_panel(
        frames.matrix, frames.outcomes, "serious_exclusion", frames.feature_names, split.training
    )
    return panel.only(panel.can_train), frames.features


@pytest.fixture(scope="module")
def whole(rows, tmp_path_factory):
    out = tmp_path_factory.mktemp("tune") / "search"
    trials = []
    recipe = tune(*rows, QUICK, "ab" * 32, out, Budget(trials=10), lambda so_far: trials.append(list(so_far)))
    return out, recipe, trials


def outline(trials):
    return [(t.number, t.state.name, t.params, t.value, t.intermediate_values) for t in trials]


def test_a_search_is_never_worse_than_the_default_and_says_what_it_is_of(whole):
    out, recipe, trials = whole
    assert recipe["log_loss"] <= recipe["default_log_loss"]
    assert recipe["num_complete"] + recipe["num_pruned"] == len(trials[-1]) == 10
    assert json.loads((out / "recipe.json").read_text()) == recipe
    assert recipe["data_hash"] == "ab" * 32
    assert [len(so_far) for so_far in trials] == list(range(11))


def test_a_recipe_that_falls_behind_is_given_up_early(whole):
    _, recipe, trials = whole
    assert recipe["num_pruned"] > 0
    pruned = [t for t in trials[-1] if t.state.name == "PRUNED"]
    assert all(max(t.intermediate_values) >= tuning.UNPRUNED_TREES for t in pruned)


def test_each_tree_is_watched_so_that_what_falls_behind_stops_there_and_then(rows):
    panel, features = rows
    folds = make_folds(binned(panel, features, QUICK), panel.cluster, QUICK.folds)
    chosen, trees = parameters(QUICK, features, {}), []

    def stop_at_seven(rounds, loss):
        trees.append(rounds)
        if rounds == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tuning.cross_validate(folds, panel.X, chosen, QUICK, stop_at_seven)
    assert trees == list(range(1, 8))


@pytest.mark.parametrize("reports", [0, 3])
def test_cut_short_and_taken_up_again_it_is_the_same_search(rows, whole, tmp_path, monkeypatch, reports):
    real, started = tuning.cross_validate, []

    def dies(folds, X, chosen, settings, watch):
        started.append(1)
        if len(started) != 6:
            return real(folds, X, chosen, settings, watch)

        def watch_and_die(rounds, loss):
            watch(rounds, loss)
            if rounds >= 10 * reports:
                raise KeyboardInterrupt

        return real(folds, X, chosen, settings, watch_and_die)

    monkeypatch.setattr(tuning, "cross_validate", dies)
    out = tmp_path / "search"
    with pytest.raises(KeyboardInterrupt):
        tune(*rows, QUICK, "ab" * 32, out, Budget(trials=10))
    assert not (out / "recipe.json").exists()
    last = []
    recipe = tune(*rows, QUICK, "ab" * 32, out, Budget(trials=10), lambda so_far: last.append(list(so_far)))
    assert recipe == whole[1]
    assert outline(last[-1]) == outline(whole[2][-1])


def test_more_trials_go_on_from_those_there_are(rows, whole, tmp_path):
    out = tmp_path / "search"
    few = tune(*rows, QUICK, "ab" * 32, out, Budget(trials=5))
    assert few["num_complete"] + few["num_pruned"] == 5
    assert tune(*rows, QUICK, "ab" * 32, out, Budget(trials=10)) == whole[1]
    assert tune(*rows, QUICK, "ab" * 32, out, Budget(trials=3)) == whole[1]


def test_minutes_end_a_search_after_the_trial_that_has_begun(rows, tmp_path, monkeypatch):
    now = iter(np.arange(0, 1000, 25.0))
    monkeypatch.setattr(tuning.time, "monotonic", lambda: next(now))
    recipe = tune(*rows, QUICK, "ab" * 32, tmp_path / "search", Budget(minutes=1))
    assert recipe["num_complete"] == 3


def test_another_search_in_the_folder_is_refused(rows, whole):
    out = whole[0]
    with pytest.raises(RecipeRefused, match="other data_hash, folds"):
        tune(*rows, Settings(max_rounds=40, patience=5), "cd" * 32, out, Budget(trials=1))


def test_two_searches_at_once_in_a_folder_are_refused(rows, tmp_path):
    about = tuning.about_search(rows[1], QUICK, "ab" * 32)
    with tuning.opened(tmp_path, about), pytest.raises(RecipeRefused, match="A search is going on"):
        tune(*rows, QUICK, "ab" * 32, tmp_path, Budget(trials=1))


@pytest.mark.parametrize(("budget", "breaches"), [({}, 1), ({"trials": 0, "minutes": -1.0}, 2)])
def test_a_budget_is_needed(budget, breaches):
    with pytest.raises(RecipeRefused) as refused:
        Budget(**budget)
    assert len(refused.value.breaches) == breaches


def test_what_is_found_is_fed_to_training_on_the_same_records_only(whole, tmp_path):
    out, recipe, _ = whole
    path = out / "recipe.json"
    found = read_recipe(path, "ab" * 32, "serious_exclusion", 365)
    assert found == recipe["parameters"]
    assert Settings(trials=1, booster=found).booster == found
    with pytest.raises(RecipeRefused, match="other data_hash, window_days"):
        read_recipe(path, "cd" * 32, "serious_exclusion", 182)
    (tmp_path / "recipe.json").write_text("{}")
    with pytest.raises(RecipeRefused, match="is no recipe"):
        read_recipe(tmp_path / "recipe.json", "ab" * 32, "serious_exclusion", 365)


def test_the_short_search_of_training_keeps_to_the_same_space(rows):
    found = search(*rows, Settings(refits=2, trials=2, max_rounds=10, folds=2)).tried
    assert set(found) == set(tuning.SEARCHED)


@pytest.mark.filterwarnings("ignore")  # MLflow's own: other people's deprecations
def test_mlflow_holds_a_run_a_trial_inside_the_searchs_run_also_after_a_kill(rows, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from training.track_tune import track_search

    out, about = tmp_path / "search", tuning.about_search(rows[1], QUICK, "ab" * 32)
    tracked = track_search(out, about, None)

    def killed(trials):
        if len(trials) == 4:
            raise KeyboardInterrupt  # this trial is in the study and not yet in MLflow
        tracked.told(trials)

    with pytest.raises(KeyboardInterrupt):
        tune(*rows, QUICK, "ab" * 32, out, Budget(trials=6), killed)
    again = track_search(out, about, None)
    assert (again.parent, again.known) == (tracked.parent, {0, 1, 2})
    recipe = tune(*rows, QUICK, "ab" * 32, out, Budget(trials=6), again.told)
    again.done(recipe)
    runs = again.client.search_runs([again.experiment], f"tags.`mlflow.parentRunId` = '{again.parent}'")
    assert sorted(int(run.data.tags["trial"]) for run in runs) == list(range(6))
    best = min(run.data.metrics["log_loss"] for run in runs if "log_loss" in run.data.metrics)
    parent = again.client.get_run(again.parent)
    assert best == pytest.approx(recipe["log_loss"])
    assert parent.data.metrics["best_log_loss"] == pytest.approx(recipe["log_loss"])
    assert parent.data.params["data_hash"] == "ab" * 32
    assert parent.inputs.dataset_inputs[0].dataset.digest == ("ab" * 32)[:32]
    for name in ("log_loss", "default_log_loss", "num_complete", "num_pruned"):
        assert parent.data.metrics[name] == pytest.approx(recipe[name])
    assert parent.info.status == "FINISHED"


@pytest.mark.filterwarnings("ignore")  # MLflow's own: other people's deprecations
def test_under_mlflow_run_what_was_found_stands_in_the_run_that_was_typed(rows, tmp_path, monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        from training.track_tune import track_search

    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'mlflow.db'}")
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    mlflow.create_experiment("typed", artifact_location=(tmp_path / "artifacts").as_uri())
    begun = mlflow.MlflowClient().create_run(mlflow.get_experiment_by_name("typed").experiment_id)
    monkeypatch.setenv("MLFLOW_RUN_ID", begun.info.run_id)
    tracked = track_search(tmp_path / "search", tuning.about_search(rows[1], QUICK, "ab" * 32), None)
    recipe = tune(*rows, QUICK, "ab" * 32, tmp_path / "search", Budget(trials=2), tracked.told)
    tracked.done(recipe)
    typed = tracked.client.get_run(begun.info.run_id)
    assert typed.data.metrics["log_loss"] == pytest.approx(recipe["log_loss"])
    assert [each.path for each in tracked.client.list_artifacts(begun.info.run_id)] == ["recipe.json"]
    assert tracked.client.get_run(tracked.parent).data.tags["mlflow.parentRunId"] == begun.info.run_id
