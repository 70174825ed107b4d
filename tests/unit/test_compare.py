"""Two models beside each other: differences by hand, symmetry, and who would move."""

import copy
import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from models.errors import ModelRefused
from models.facts.comparison import Comparison
from models.facts.fact import Figure
from models.places import floors, standing
from pathways.models import compare as compare_command
from serving.compare_words import verdict
from tests import released
from tests.end_to_end.test_pages import Page
from tests.fact_pages import compare_page
from tests.released import candidate
from tests.simulated import simulate
from tests.unit.test_candidate import STRONG
from training.compare.compose import compare, on_test_dates, write_compare
from training.compare.differences import differences, gap_of_shares
from training.compare.fitted import fitted_cohort
from training.compare.headline import difference, headline, what_differs
from training.compare.moves import moves, on_list, summary
from training.compare.side_by_side import apart, audits
from training.fit import fit
from training.origin import learnable, make_model
from training.settings import Settings
from training.splits import eligible_dates, split_dates

A = Settings(refits=2, trials=1, max_rounds=20, draws=200, folds=2)
B = replace(A, booster={"num_leaves": 3, "feature_fraction": 0.3})


@pytest.fixture(scope="module")
def frames():
    return simulate(900, 40, seed=4, law=STRONG)


@pytest.fixture(scope="module")
def split(frames):
    return split_dates(
        eligible_dates(frames.closes, frames.covered_from, frames.known_until), frames.closes, 365
    )


@pytest.fixture(scope="module")
def models(frames, split):
    def made(settings):
        rows = learnable(frames, frames.outcomes, settings, split.eligible)
        return make_model(
            fit(rows, frames.features, {}, settings), rows, frames, settings, split.eligible, 2, print
        )

    return made(A), made(B)


@pytest.fixture(scope="module")
def cohorts(frames, split, models):
    return tuple(
        fitted_cohort(model, frames, settings, split) for model, settings in zip(models, (A, B), strict=True)
    )


@pytest.fixture(scope="module")
def found(models, frames):
    return on_test_dates(models, frames, A)


def figure(found, name):
    return next(row for row in found["figures"] if row["name"] == name)


def test_a_model_beside_itself_differs_in_nothing(cohorts):
    same = differences(cohorts[0], cohorts[0])
    for row in same["figures"] + same["by_phase"] + same["by_capacity"]:
        assert row["a"] == row["b"]
        if row["difference"]["low"] is not None:
            assert (row["difference"]["low"], row["difference"]["estimate"], row["difference"]["high"]) == (
                0,
                0,
                0,
            )
    assert same["expected_overlap"] == 1


def test_the_other_way_round_the_sign_turns(cohorts):
    one, other = differences(*cohorts), differences(*cohorts[::-1])
    for ours, theirs in zip(one["figures"], other["figures"], strict=True):
        assert ours["difference"]["estimate"] == pytest.approx(-theirs["difference"]["estimate"], abs=2e-6)
        if ours["difference"]["low"] is not None:
            assert ours["difference"]["low"] == pytest.approx(-theirs["difference"]["high"], abs=1e-5)


def test_figures_are_those_counted_by_hand(cohorts, found):
    a, b = cohorts
    y = a.is_positive
    lists = [one.listed(one.estimate, 1.0, one.floor) for one in cohorts]
    recalls = [(each * y).sum() / y.sum() for each in lists]
    assert figure(found, "recall_at_capacity")["a"] == pytest.approx(recalls[0], abs=1e-6)
    assert figure(found, "recall_at_capacity")["difference"]["estimate"] == pytest.approx(
        recalls[1] - recalls[0], abs=1e-6
    )
    seen = a.panel.is_known
    shares = [(each * y * seen).sum() / (each * seen).sum() for each in lists]
    assert figure(found, "precision")["difference"]["estimate"] == pytest.approx(
        shares[1] - shares[0], abs=1e-6
    )
    rows = a.panel.can_train
    expected = [y[rows].sum() / one.estimate[rows].sum() for one in (a, b)]
    assert figure(found, "observed_over_expected")["b"] == pytest.approx(expected[1], abs=1e-6)
    loss = [-np.mean(np.where(y, np.log(c.estimate), np.log1p(-c.estimate))[rows]) for c in (a, b)]
    assert figure(found, "log_loss")["difference"]["estimate"] == pytest.approx(
        1000 * (loss[1] - loss[0]), abs=1e-5
    )


def test_the_same_schools_are_drawn_for_both(cohorts, found):
    """What the two lists share does not widen the range: it is narrower than that of either alone."""
    own = cohorts[0].recall(cohorts[0].listed(cohorts[0].estimate, 1.0, cohorts[0].floor))
    gap = figure(found, "recall_at_capacity")["difference"]
    assert gap["high"] - gap["low"] < own.high - own.low
    assert gap["low"] <= gap["estimate"] <= gap["high"]


def test_gap_of_shares():
    assert gap_of_shares(np.array([[3.0, 4.0, 1.0, 4.0], [1.0, 2.0, 1.0, 2.0]])).tolist() == [0.5, 0.0]


def test_a_model_of_features_that_are_no_longer_made_is_refused(models, frames, split):
    fewer = replace(frames, features=frames.features[1:])
    with pytest.raises(ModelRefused, match="do not make 1 of a model's 15 features: share_missed_20"):
        fitted_cohort(models[0], fewer, A, split)


@pytest.fixture(scope="module")
def cohort(frames):
    return frames.matrix[frames.matrix["as_of"] == date(2025, 7, 21)]


def test_who_moves_is_who_has_a_place_under_one_only(models, cohort):
    moved = moves(*models, cohort, A)
    ordered = cohort.sort_values("pupil")
    in_a, in_b = (on_list(model, ordered, A) for model in models)
    assert set(moved.loc[moved["move"] == "enters", "pupil"]) == set(ordered["pupil"][in_b & ~in_a])
    assert set(moved.loc[moved["move"] == "leaves", "pupil"]) == set(ordered["pupil"][in_a & ~in_b])
    assert 0 < len(moved) < in_a.sum() + in_b.sum()
    assert in_a.sum() <= 5 * 27 + 10 * 14
    out = standing(*(ordered[name] for name in ("is_assessed", "is_exclusion_in_progress", "is_supported")))
    assert not in_a[out != ""].any()
    low = models[0].estimate(ordered) < floors(ordered["phase"].to_numpy(str), models[0].facts.base_rates)
    assert not in_a[low].any()


def test_families_add_up_to_the_change_in_log_odds_against_the_year(models, cohort):
    moved = moves(*models, cohort, A)
    families = ["attendance", "context", "school", "sen", "suspensions"]
    assert list(moved) == ["pupil", "urn", "phase", "move", *families]
    assessed = cohort[cohort["is_assessed"]].sort_values("pupil")
    references = assessed.groupby("nc_year").head(100)

    def against(model):
        odds = {
            pupil: np.log(p / (1 - p))
            for pupil, p in zip(cohort["pupil"], model.estimate(cohort), strict=True)
        }
        means = references.assign(odds=references["pupil"].map(odds)).groupby("nc_year")["odds"].mean()
        rows = cohort.set_index("pupil").loc[moved["pupil"]]
        return np.array(
            [odds[pupil] - means[year] for pupil, year in zip(moved["pupil"], rows["nc_year"], strict=True)]
        )

    assert moved[families].sum(axis=1).to_numpy() == pytest.approx(
        against(models[1]) - against(models[0]), abs=1e-6
    )


def test_a_summary_counts_and_names_nobody(models, cohort):
    moved = moves(*models, cohort, A)
    told = summary(moved, "2025-07-21", 99)
    for row in told["moves"]:
        those = moved[moved["move"] == row["move"]]
        assert row["num_pupils"] == len(those) == sum(row["by_phase"].values())
        assert sum(each["num_most"] for each in row["families"]) == len(those)
    text = json.dumps(told)
    assert not [pupil for pupil in cohort["pupil"] if str(pupil) in text]
    nobody = summary(moves(models[0], models[0], cohort, A), "2025-07-21", 99)
    assert [row["num_pupils"] for row in nobody["moves"]] == [0, 0]


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    top = tmp_path_factory.mktemp("compare")
    one = candidate(top / "one", released.model(refits=2, is_made_up=True))
    return one, candidate(top / "two", released.model(refits=3, is_made_up=True))


def test_without_a_store_the_models_own_figures_stand_beside_each_other(folders):
    facts, moved = compare(*folders, None, date(2026, 9, 1))
    assert (moved, facts["differences"], facts["moves"]) == (None, None, None)
    assert facts.plain()["apart"] == [{"name": "refits", "a": "2", "b": "3"}]
    assert facts["first_lines"][0].startswith("MADE-UP DATA")
    assert "no difference has an interval" in facts["notes"][0]
    assert facts["a"]["headline"]["precision"]["estimate"] == facts["b"]["headline"]["precision"]["estimate"]


def test_models_of_other_questions_are_not_compared(folders, tmp_path):
    of = released.model(refits=2)
    other = candidate(
        tmp_path / "c", replace(of, facts=replace(of.facts, window_days=182, outcome="any_suspension"))
    )
    with pytest.raises(
        ModelRefused, match="outcome: serious_exclusion and any_suspension; window: 365 and 182"
    ):
        compare(folders[0], other, None)


def test_audits_side_by_side_lose_no_group(folders, tmp_path):
    rates = {
        rate: {"status": "estimated", "estimate": 0.5, "low": 0.4, "high": 0.6}
        for rate in ("recall", "selection_rate", "precision", "false_omission_rate")
    }
    row = {"attribute": "sex", "label": "Girls", "n": 10, "metrics": rates}
    for folder, groups in ((tmp_path / "a", ["F", "M"]), (tmp_path / "b", ["M", "U"])):
        folder.mkdir()
        facts = {
            "audited_on": "2026-09-01",
            "data_hash": "0",
            "findings": [{"severity": "matters", "state": "open"}],
            "groups": [row | {"group": group} for group in groups],
        }
        (folder / "audit.json").write_text(json.dumps(facts))
    found = audits(tmp_path / "a", tmp_path / "b")
    assert [each["group"] for each in found["rows"]] == ["F", "M", "U"]
    assert found["rows"][0]["recall"][1] is None
    assert found["findings"][0] == {"blocks": 0, "matters": 1, "noted": 0}
    assert audits(tmp_path / "a", tmp_path) is None


def test_apart_names_what_differs_and_nothing_else():
    one = {"settings": {"seed": 1, "folds": 5}, "parameters": {"num_leaves": 8}}
    other = {"settings": {"seed": 2, "folds": 5}, "parameters": {"num_leaves": 8, "lambda_l2": 1.0}}
    assert [each["name"] for each in apart(one, other)] == ["seed", "lambda_l2"]


def test_the_first_line_says_what_differs_and_what_moves_by_chance():
    one = {"model_hash": "1", "data_hash": "d", "stability": 0.83}
    other = one | {"model_hash": "2", "stability": 0.8}
    none = {"only_a": [], "only_b": []}
    same = what_differs(one, other, [], none)
    assert same.startswith("A and B have the same records, features, recipe and seed. By chance alone")
    assert same.endswith("of A 83, of B 80 of 100.")
    seed, leaves = ({"name": name, "a": "1", "b": "2"} for name in ("seed", "num_leaves"))
    bare = other | {"stability": None}
    assert (
        what_differs(one | {"stability": None}, bare, [seed], none)
        == "What differs between A and B: the seed."
    )
    told = what_differs(one, bare | {"data_hash": "e"}, [seed, leaves], none | {"only_b": ["x"]})
    assert told.startswith(
        "What differs between A and B: the records that they learned from; the features that they read; the recipe (num leaves); the seed."
    )
    assert what_differs(one, one, [], none) == "A and B are the same model."


def test_models_of_two_seeds_are_compared_as_two(models, frames, split):
    """Both were fitted with A's seed: the page said that 100 of 100 places are the same, and named children who move."""
    seeded = replace(A, seed=2, booster={"feature_fraction": 0.3})
    rows = learnable(frames, frames.outcomes, seeded, split.eligible)
    other, third = (
        make_model(fit(rows, frames.features, {}, each), rows, frames, each, split.eligible, 0, print)
        for each in (seeded, replace(seeded, seed=3))
    )
    facts = on_test_dates((other, third), frames, seeded)
    assert other.estimate(frames.matrix).tolist() != third.estimate(frames.matrix).tolist()
    assert facts["expected_overlap"] < 1


def test_the_headline_is_the_difference_with_its_range_and_who_moves(found, models, cohort, folders):
    told = compare(*folders, None, date(2026, 9, 1))[0]
    moved = moves(*models, cohort, A)
    lines = headline(told["a"], told["b"], found, summary(moved, "2025-07-21", 99))
    row = figure(found, "recall_at_capacity")
    held = row["difference"]
    spread = f"B less A {held['estimate']:+.3f} ({held['low']:+.3f} to {held['high']:+.3f})"
    assert lines[0].startswith(f"Recall at capacity: A {row['a']:.3f} and B {row['b']:.3f}; {spread}")
    assert ("cannot tell the two apart" in lines[0]) == (held["low"] <= 0 <= held["high"])
    num = moved["move"].value_counts()
    assert f"{num['enters']} would enter" in lines[2]
    assert f"{num['leaves']} would leave" in lines[2]
    assert len(lines) == 3


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"low": 0.01, "high": 0.05}, "B less A +0.030 (+0.010 to +0.050)."),
        ({"low": -0.01, "high": 0.07}, "cannot tell the two apart"),
        (
            {"status": "cannot_tell", "low": None, "high": None, "reason": "too few schools"},
            "cannot be told: too few schools",
        ),
    ],
)
def test_a_headline_claims_no_more_than_its_range(changes, says):
    row = {
        "a": 0.2,
        "b": 0.23,
        "difference": {"status": "estimated", "estimate": 0.03, "reason": "", **changes},
    }
    told = difference(row)
    assert says in told
    assert ("apart" in told) == ("apart" in says)


def test_without_a_store_the_headline_is_each_models_own(folders):
    told = compare(*folders, None, date(2026, 9, 1))[0]
    own = told["a"]["headline"]["recall_at_capacity"]["estimate"]
    assert (
        told["headline"][1] == f"Recall at capacity, each by its own evidence: A {own:.3f} and B {own:.3f}."
    )
    assert not any("enter" in line for line in told["headline"])


def test_the_terminal_says_the_headline(folders, tmp_path, capsys):
    compare_command(*folders, tmp_path / "out")
    said = capsys.readouterr().out
    facts = json.loads((tmp_path / "out" / "compare.json").read_text())
    assert facts["headline"]
    assert [line for line in facts["headline"] if line not in said] == []


@pytest.fixture(scope="module")
def facts(folders, found, models, cohort):
    told, _ = compare(*folders, None, date(2026, 9, 1))
    moved = moves(*models, cohort, A)
    of = {"differences": found, "moves": summary(moved, "2025-07-21", 99)}
    lines = [told["headline"][0], *headline(told["a"], told["b"], **of)]
    return {**told.plain(), **of, "headline": lines, "notes": []}


def test_the_page_is_whole_and_says_what_the_records_cannot_tell_apart(facts):
    page = compare_page(facts)
    read = Page(page)
    assert not read.misnested
    assert not read.open
    assert len(read.all("table")) == len(read.all("caption")) > 6
    assert re.search(r"url\((?!#)|@import|https?://|<script|<link", page) is None
    assert page.count("MADE-UP DATA. No child") == 2
    levels = [int(tag[1]) for tag, _, _ in read.all("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in zip(levels, levels[1:], strict=False))
    assert (
        verdict(Figure.model_construct(**figure(facts["differences"], "recall_at_capacity")["difference"]))
        in page
    )


def test_the_page_without_differences_audits_or_moves_says_so(facts):
    bare = copy.deepcopy(facts) | {"differences": None, "moves": None, "audits": None, "notes": ["No store."]}
    bare["a"]["headline"] = None
    page = compare_page(bare)
    for says in ("No store.", "No difference has a range here", "One of the two has no audit"):
        assert says in page
    assert "None" not in re.sub(r"<style.*?</style>", "", page, flags=re.DOTALL)


@pytest.mark.parametrize(
    ("low", "high", "says"),
    [
        (0.01, 0.02, "higher with B"),
        (-0.02, -0.01, "lower with B"),
        (-0.01, 0.01, "cannot be told apart"),
        (0.0, 0.01, "cannot be told apart"),
        (None, None, "cannot tell: too few"),
    ],
)
def test_a_range_that_holds_zero_tells_nothing_apart(low, high, says):
    status = "cannot_tell" if low is None else "estimated"
    found = Figure(status=status, estimate=low, low=low, high=high, reason="too few")
    assert verdict(found) == says


def test_what_is_written_is_whole_and_the_pupils_are_its_owners_alone(facts, models, cohort, tmp_path):
    moved = moves(*models, cohort, A)
    write_compare(tmp_path / "out", Comparison.checked(facts), moved, {"compare.html": "page"})
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "compare.json",
        "moves.csv",
        "compare.html",
    }
    assert (tmp_path / "out" / "moves.csv").stat().st_mode & 0o077 == 0
    assert json.loads((tmp_path / "out" / "compare.json").read_text()) == facts
    pupils = {str(pupil) for pupil in cohort["pupil"]}
    assert not [pupil for pupil in pupils if pupil in (tmp_path / "out" / "compare.json").read_text()]


def test_the_page_begins_with_what_differs_and_says_why_its_two_overlaps_may_differ(facts):
    page = compare_page(facts)
    assert page.index(facts["headline"][0][:40]) < page.index("Does B find more of the children?")
    assert "They learned from all their dates" in page and "They learned from all" not in compare_page(
        facts | {"differences": None}
    )
    assert "−0.00<" not in page and ">1 times the places<" not in page and "1 schools" not in page
