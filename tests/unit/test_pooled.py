"""Evidence pooled over authorities: what leaves one, what is refused, what comes of several, and what it then says."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from pydantic import ValidationError
from scipy import stats

from models.disclosure import BASE, FEWEST, MOVED_VARIANCE, moved
from models.errors import ModelRefused
from models.facts.evidence import Evidence
from models.facts.poolable import ClusteredRatio
from models.facts.pooled import EvidenceExport, GivenFigure, PooledEvidence, pooled_of, resting
from serving.pooled_page import pooled_page
from serving.reports import evidence_page
from tests import released
from tests.pools import RULES, authority, counted, given, region, rows
from tests.unit.test_evidence import cohort, frames  # noqa: F401
from training.audit.scored import Attribute
from training.evidence.recall import headline
from training.gate import gate
from training.intervals import clusters
from training.pooled.by_school import for_pooling
from training.pooled.errors import PoolRefused
from training.pooled.export import TOO_FEW_PUPILS, export
from training.pooled.export import given as leaves
from training.pooled.pool import TOO_FEW, figure, pool, pooled_figure, together, write_pooled

WHICH = ("measure", "of", "attribute", "group")


def one(facts, measure="recall", of="model", attribute="", group=""):
    return next(row for row in facts if tuple(row[name] for name in WHICH) == (measure, of, attribute, group))


@pytest.fixture(scope="module")
def four(tmp_path_factory):
    return region(tmp_path_factory.mktemp("four"))


@pytest.fixture(scope="module")
def pooled(four):
    return pool(four)


# What an authority keeps of its own test.


def test_the_sums_are_those_of_the_evidence(cohort):  # noqa: F811
    kept, head, judged = for_pooling(cohort), headline(cohort), gate(cohort)
    for measure, named in (("recall", "recall_at_capacity"), ("recall_pooled", "recall_at_capacity_pooled"), ("precision", "precision")):  # fmt: skip
        row = one(kept, measure)
        assert row["found"] / row["size"] == pytest.approx(head[named]["estimate"], abs=1e-6)
    best = judged["over_best_rule"]
    row = one(kept, "gain", best["rule"])
    assert (row["found"] - row["found_by_other"]) / row["size"] == pytest.approx(
        best["gain"]["estimate"], abs=1e-6
    )
    assert (row["pupils"], row["schools"]) == (
        best["gain"]["events"],
        pytest.approx(best["gain"]["schools"], abs=1e-4),
    )
    assert {row["of"] for row in kept if row["measure"] == "gain"} == set(RULES)


def test_the_error_of_a_gain_is_the_jackknife_s(cohort):  # noqa: F811
    """The same as the gate's own range where that is a jackknife's."""
    judged = gate(cohort)["over_school_only"]["gain"]
    row = one(for_pooling(cohort), "gain_pooled", "school_only")
    if judged["method"] == "school_jackknife":
        assert judged["high"] - judged["estimate"] == pytest.approx(
            stats.t.ppf(0.975, row["degrees"]) * row["error"], rel=0.02
        )
    else:
        assert judged["high"] - judged["low"] == pytest.approx(4 * row["error"], rel=0.3)


def test_groups_are_those_that_authorities_have_in_common(cohort):  # noqa: F811
    num = len(cohort.panel)
    code = np.arange(num) % 2
    attributes = (
        Attribute("sex", ("F", "M", "not known"), code, {"F": "Girls"}),
        Attribute("sen", ("K", "E"), code, broken={"K": "it means two things"}),
        Attribute("district", ("north", "south"), code),
        Attribute("sex x sen", ("F x K", "M x E"), code, is_crossing=True),
    )
    kept = [row for row in for_pooling(cohort, attributes) if row["attribute"]]
    assert [(row["attribute"], row["group"], row["label"]) for row in kept] == [
        ("sex", "F", "Girls"),
        ("sex", "M", "M"),
        ("sen", "E", "E"),
    ]
    assert sum(row["size"] for row in kept[:2]) == cohort.is_positive.sum()


def test_a_school_alone_has_no_error_and_no_warning(cohort):  # noqa: F811
    alone = replace(cohort, clusters=clusters(np.zeros(len(cohort.panel)), cohort.panel.pupil, 100, 1))
    assert {(row["error"], row["degrees"]) for row in for_pooling(alone)} == {(0.0, 1.0)}


# What leaves.


def test_a_figure_leaves_as_rounded_counts_with_the_error_that_adds(tmp_path):
    counts = rows()
    told = json.loads(given(tmp_path, "A", counts).read_text())["figures"]
    exact, row = one(counts, "gain", "prior_suspensions"), one(told, "gain", "prior_suspensions")
    gap = exact["found"] - exact["found_by_other"]
    assert (
        abs(row["estimate"] * row["size"] - gap) <= 2 * (2 + BASE / 2) + 0.1
        and abs(row["size"] - exact["size"]) <= 4
    )
    assert (
        round(row["estimate"] * row["size"], 1) % BASE == pytest.approx(0, abs=0.06)
        or round(row["estimate"] * row["size"]) % BASE == 0
    )
    added = MOVED_VARIANCE * (2 + row["estimate"] ** 2) / row["size"] ** 2
    assert row["error"] == pytest.approx((exact["error"] ** 2 + added) ** 0.5, abs=1e-5)
    assert (row["degrees"], row["schools"], row["pupils"] % BASE, row["size"] % BASE) == (
        exact["degrees"],
        round(exact["schools"]),
        0,
        0,
    )


def test_a_count_has_one_lot_wherever_it_is_used():
    """What is found by the model and by a rule, and the gain, fit together under any key: nothing can be averaged out."""
    kept = [ClusteredRatio.checked(row) for row in rows()]
    for key in (bytes([number]) * 32 for number in range(20)):
        told = [leaves(row, key) for row in kept]
        for name in RULES:
            ours, theirs, gain = one(told), one(told, of=name), one(told, "gain", name)
            assert gain["estimate"] == pytest.approx(ours["estimate"] - theirs["estimate"], abs=3e-5)


def test_the_same_evidence_leaves_the_same_way_and_other_evidence_another(tmp_path):
    for name in ("one", "two", "three"):
        (tmp_path / name).mkdir()
    first, again = given(tmp_path / "one", "A"), given(tmp_path / "two", "A")
    assert first.read_text() == again.read_text()
    other = json.loads(given(tmp_path / "three", "A", recipe__rounds=77).read_text())["figures"]
    assert json.loads(first.read_text())["figures"] != other  # the lots are drawn by what stays


@pytest.mark.parametrize(
    ("pupils", "schools", "leaves"), [(9, 3, False), (14, 3, True), (14, 2, False), (60, 3, True)]
)
def test_few_pupils_or_schools_leave_nothing(tmp_path, pupils, schools, leaves):
    """At exactly ten to thirteen pupils a lot decides; from fourteen on, and three schools alike, the figure leaves."""
    size = np.full(schools, pupils / schools)
    counts = [counted(size / 2, size, pupils=size), *rows()[1:]]
    counts[0] |= {"pupils": pupils}
    row = one(json.loads(given(tmp_path, "A", counts).read_text())["figures"])
    assert (row["status"] == "estimated") is leaves
    if not leaves:
        assert row["reason"] in (TOO_FEW_PUPILS, TOO_FEW)
        assert [row[name] for name in ("estimate", "error", "degrees", "size", "pupils", "schools")] == [
            None
        ] * 6


def test_whether_a_figure_leaves_is_no_matter_of_how_many_were_found(tmp_path):
    size = np.full(8, 5)
    for number, found in enumerate((np.zeros(8), np.eye(8)[0], size)):
        (tmp_path / str(number)).mkdir()
        counts = [counted(found, size), *rows()[1:]]
        row = one(json.loads(given(tmp_path / str(number), "A", counts).read_text())["figures"])
        assert row["status"] == "estimated" and 0 <= row["estimate"] <= 1 and row["error"] > 0


def test_nothing_of_a_pupil_or_a_school_and_no_small_count_leaves(tmp_path):
    """By search: no name of a school, no URN, no pseudonym, and no whole number that counts children below ten."""
    urns, pupils = (100001, 145678), (9_876_543_210, 123_456_789_012)
    hidden = ["St Nowhere’s", *map(str, urns), *map(str, pupils)]
    path = given(
        tmp_path, "A", rows(each=6, schools=9),
        transport__districts=[{"district": "St Nowhere’s", "recall": released.evidence()["headline"]["precision"], "recall_unseen": None,
                               "observed_over_expected_unseen": None}],
        recipe__parameters={"monotone": [*urns, *pupils]},
    )  # fmt: skip
    text = path.read_text()
    assert not [each for each in hidden if each in text]
    facts = json.loads(text)
    numbers = [row[name] for row in facts["figures"] for name in ("size", "pupils") if row[name] is not None]
    assert numbers and min(numbers) >= FEWEST and not [each for each in numbers if each % BASE]
    assert not re.search(r"pupil_?id|\burn\b|upn|by_school|cluster", text.lower())
    assert set(facts["figures"][0]) == set(GivenFigure.model_fields)  # no field of a school


def test_moving_is_right_on_average_with_the_variance_that_errors_allow():
    """Whatever the count; the variance over counts as they come, since one that is a multiple already stays as it is."""
    spread = []
    for count in (0, 1, 2, 3, 4, 17.4, 250):
        told = np.array([moved(count, bytes(32), str(lot)) for lot in range(4000)])
        assert set(told % BASE) == {0} and abs(told.mean() - count) < 0.5
        spread.append(np.square(told - count).mean())
    assert (
        np.mean(spread[:5]) == pytest.approx(MOVED_VARIANCE, rel=0.05) and max(spread) < 1.6 * MOVED_VARIANCE
    )


def test_evidence_of_an_early_version_and_a_folder_without_any_are_refused(tmp_path):
    with pytest.raises(PoolRefused, match="for_pooling is missing.*Train again"):
        export(released.candidate(tmp_path / "old"))
    with pytest.raises(ModelRefused):
        export(tmp_path)


# What is refused.


def test_what_differs_is_named_at_once(tmp_path):
    paths = [
        given(tmp_path, "A"),
        given(tmp_path, "B", outcome="any_suspension", protocol__places_per_school={"primary": 7}),
        given(tmp_path, "C", window_days=182, recipe__settings={"trials": 6, "folds": 5}, recipe__features=["share_missed_20"]),
    ]  # fmt: skip
    with pytest.raises(PoolRefused) as refused:
        pool(paths)
    told = "\n".join(refused.value.breaches)
    for says in (
        "question.outcome (outcome) differs", '"any_suspension" in', "question.window_days", "question.places_per_school", "recipe.settings.trials",
        "recipe.features differs", "has no", "Nothing was pooled",
    ):  # fmt: skip
        assert says in told
    assert "recipe.settings.folds" not in told and "seed" not in told


def test_made_up_and_real_records_are_no_pool(tmp_path):
    with pytest.raises(PoolRefused, match="is_made_up .made-up records. differs: false in .*; true in"):
        pool([given(tmp_path, "A"), given(tmp_path, "B", is_made_up=True)])


def test_an_authority_or_its_records_twice_are_refused(tmp_path):
    first = given(tmp_path, "A")
    (tmp_path / "again").mkdir()
    same = given(tmp_path / "again", "A", recipe__rounds=9)
    other = given(tmp_path, "B", data__data_hash=json.loads(first.read_text())["data_hash"])
    with pytest.raises(PoolRefused) as refused:
        pool([first, same, other])
    told = "\n".join(refused.value.breaches)
    assert "the same authority, A, is in" in told and "would count 2 times" in told
    assert "the same records are in" in told and "would count 3 times" in told


def test_one_file_alone_says_so(tmp_path):
    with pytest.raises(PoolRefused, match="One authority's evidence is no pool: .*A alone"):
        pool([given(tmp_path, "A")])


def test_every_file_that_cannot_be_read_is_named(tmp_path, four):
    (tmp_path / "broken.json").write_text("{")
    altered = json.loads(four[0].read_text())
    altered["recipe"]["settings"]["trials"] = 9
    (tmp_path / "altered.json").write_text(json.dumps(altered))
    with pytest.raises(PoolRefused) as refused:
        pool([tmp_path / "broken.json", tmp_path / "absent.json", tmp_path / "altered.json", four[1]])
    told = "\n".join(refused.value.breaches)
    assert (
        "not readable JSON" in told
        and "absent.json cannot be read" in told
        and "recipe_hash is not that of its recipe" in told
    )


# What comes of several.


def figures(*held, measure="gain", of="chance"):
    """Figures that authorities gave: estimate, error, degrees, pupils, schools."""
    return [
        GivenFigure.checked({
            "measure": measure, "of": of, "attribute": "", "group": "", "label": "", "status": "estimated", "estimate": estimate, "error": error,
            "degrees": degrees, "size": pupils, "pupils": pupils, "schools": schools, "reason": "",
        })
        for estimate, error, degrees, pupils, schools in held
    ]  # fmt: skip


class Giver:
    """An export that gave one figure."""

    def __init__(self, name, row):
        self.facts = type("Facts", (), {"authority": name, "figures": [row]})


def pooled_of_rows(given_rows, measure="gain", of="chance"):
    return pooled_figure(
        (measure, of, "", ""), [Giver(f"Area {number}", row) for number, row in enumerate(given_rows)]
    )


@pytest.mark.parametrize("num", [2, 3, 6])
def test_equal_authorities_pooled_equal_themselves(num):
    """The mean is theirs, the error theirs over the root of their number: at large by t of so many less one, together by all schools'."""
    found = pooled_of_rows(figures(*[(0.03, 0.02, 9.0, 100, 10)] * num))
    for part, degrees in (("at_large", num - 1), ("together", 9 * num)):
        reach = stats.t.ppf(0.975, degrees) * 0.02 / np.sqrt(num)
        assert found[part] == figure(0.03, 0.03 - reach, 0.03 + reach), part
    assert found["pupils"] == 100 * num and found["num_authorities"] == num
    assert {row["weight"] for row in found["authorities"]} == {round(1 / num, 4)}


def test_together_is_the_ratio_of_all_sums():
    rows_ = figures((0.1, 0.02, 9.0, 300, 10), (0.4, 0.05, 5.0, 100, 6))
    found = together(rows_, is_share=False)
    assert found["estimate"] == pytest.approx((0.1 * 300 + 0.4 * 100) / 400)
    parts = np.array([(0.75 * 0.02) ** 2, (0.25 * 0.05) ** 2])
    degrees = parts.sum() ** 2 / (parts**2 / np.array([9.0, 5.0])).sum()
    assert found["high"] - found["estimate"] == pytest.approx(
        stats.t.ppf(0.975, degrees) * np.sqrt(parts.sum()), abs=1e-6
    )


def test_two_authorities_cannot_tell_how_far_authorities_lie_apart(tmp_path):
    facts = pool(region(tmp_path, 2))
    found = facts.found("gain", "chance")
    for part in (found.another, found.tau):
        assert (part.status, part.reason) == (
            "cannot_tell",
            "two authorities cannot tell how far authorities lie apart",
        )
    assert found.i_squared is None and facts.first_lines[0].startswith("Two authorities cannot tell")
    assert found.at_large.high - found.at_large.low > 4 * (found.together.high - found.together.low)


def test_an_authority_of_few_schools_counts_and_tells_nothing_alone():
    found = pooled_of_rows(
        figures((0.05, 0.03, 3.0, 60, 4), (0.02, 0.02, 9.0, 120, 10), (0.03, 0.02, 9.0, 120, 10))
    )
    small = found["authorities"][0]
    assert (small["status"], small["estimate"], small["reason"]) == ("cannot_tell", None, TOO_FEW)
    assert small["weight"] == pytest.approx(60 / 300, abs=1e-3) and found["num_authorities"] == 3


def test_one_that_gave_none_counts_nowhere(tmp_path):
    few = [counted(np.ones(2), np.full(2, 30)), *rows(9)[1:]]
    facts = pool([*region(tmp_path, 3), given(tmp_path, "Small", few)])
    found = facts.found("recall", "model")
    assert found.num_authorities == 3 and [row.weight is None for row in found.authorities] == [False] * 3 + [
        True
    ]
    of_gain = [row | ({"schools": 2.0} if row["measure"] == "gain" else {}) for row in rows(9)]
    (tmp_path / "other").mkdir()
    facts = pool([*region(tmp_path / "other", 2), given(tmp_path, "Tiny", of_gain)])
    assert any("Tiny gives no gain" in note and "neither for nor against" in note for note in facts.notes)


def test_a_share_stays_between_none_and_all():
    found = pooled_of_rows(
        figures((0.02, 0.2, 3.0, 20, 4), (0.97, 0.2, 3.0, 20, 4), measure="recall", of="model"),
        "recall",
        "model",
    )
    for part in ("at_large", "together"):
        assert 0 <= found[part]["low"] < found[part]["estimate"] < found[part]["high"] <= 1
    none = pooled_of_rows(
        figures(*[(0.0, 0.1, 5.0, 20, 8)] * 3, measure="recall", of="model"), "recall", "model"
    )
    assert none["at_large"]["low"] == 0 < none["at_large"]["high"]


def test_the_gate_is_over_the_rule_that_is_hardest_over_all_of_them(tmp_path, pooled):
    gains = {name: pooled.found("gain", name).at_large.estimate for name in RULES[:3]}
    assert pooled.gate.over_best_rule.rule == min(gains, key=gains.get) == "prior_suspensions"
    assert pooled.gate.over_best_rule.gain == pooled.found("gain", "prior_suspensions").at_large
    assert pooled.gate.passed and pooled.gate.reasons == []
    none = pool(region(tmp_path, 3, gain=0.0))
    assert not none.gate.passed and none.gate.reasons[0].startswith(
        "Pooled over authorities, no gain over the best simple rule"
    )
    assert none.first_lines[0] == none.gate.reasons[0]


def test_what_authorities_know_alone_is_less_than_what_they_know_together(pooled):
    found = pooled.found("gain", "prior_suspensions")
    assert all(row.high - row.low > found.at_large.high - found.at_large.low for row in found.authorities)
    assert found.another.high - found.another.low > found.at_large.high - found.at_large.low


def test_a_group_is_pooled_by_its_own_name(pooled):
    found = pooled.found("recall", "model", "sex", "F")
    assert (found.label, found.num_authorities, found.at_large.status) == ("Girls", 4, "estimated")


def test_records_are_read_back_as_they_were_written(tmp_path, pooled, four):
    write_pooled(tmp_path / "out", pooled, {"pooled_evidence.html": "page"})
    assert pooled_of(tmp_path / "out") == pooled
    assert EvidenceExport.read(four[0]).authority == "Area A"
    with pytest.raises(PoolRefused, match="already there"):
        write_pooled(tmp_path / "out", pooled, {})
    with pytest.raises(ValidationError):
        PooledEvidence.checked(pooled.plain() | {"first_lines": ["It is good."]})


@pytest.mark.parametrize(
    "change",
    [{"error": None}, {"status": "cannot_tell", "reason": "few"}, {"status": "cannot_tell", "reason": ""}],
)
def test_a_given_figure_is_whole_or_says_why_not(change):
    (row,) = figures((0.1, 0.1, 3.0, 20, 4))
    with pytest.raises(ValidationError):
        GivenFigure.checked(row.plain() | change)


# The page, and the evidence of a model whose gate rests on it.


def test_the_page_has_the_gate_the_forest_and_every_figure(pooled):
    page = pooled_page(pooled)
    assert (
        "Pooled, the recipe passed the gate" in page
        and "One more authority" in page
        and page.count("<svg") == 4
    )
    for name in ("Area A", "Area D", "Girls", "At large", "Together"):
        assert name in page


def test_evidence_that_rests_on_a_pool_says_so_first_and_hides_nothing(pooled):
    own = released.failing(released.evidence())
    own |= {
        "authority": "Area A",
        "first_lines": ["No gain over the best simple rule: too few.", own["first_lines"][-1]],
    }
    told = resting(Evidence.checked(own), pooled)
    assert (
        told.first_lines[0] == pooled.line("Area A")
        and "not on the test of Area A alone" in told.first_lines[0]
    )
    assert told.first_lines[1:] == [
        "Its own test alone: no gain over the best simple rule: too few.",
        own["first_lines"][-1],
    ]
    assert told.gate.passed and told.release.blockers == []
    page = evidence_page(told)
    first = page.index(told.gate_rests_on.line)
    assert first < page.index("The recipe passed the gate there") < page.index("Its own test alone")
    assert page.count(told.gate_rests_on.line) == 1 and "What its own test alone says of the gate" in page
    assert resting(Evidence.checked(own), None) == Evidence.checked(own)


def test_made_up_data_says_that_before_it(pooled):
    own = released.evidence(is_made_up=True)
    own |= {"first_lines": ["MADE-UP DATA: no child, school or figure here is real.", own["first_lines"][-1]]}
    told = resting(Evidence.checked(own), pooled)
    assert told.first_lines[0].startswith("MADE-UP") and told.first_lines[1] == pooled.line(own["authority"])


def test_an_authority_keeps_its_own_name(tmp_path):
    assert export(authority(tmp_path, "Sample Shire")).authority == "Sample Shire"
