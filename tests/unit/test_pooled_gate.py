"""A gate that rests on pooled evidence: what may rest on it, what a review is of, and where a release says so."""

import json
from datetime import timedelta

import pytest

from models.errors import ModelRefused, ReleaseRefused
from models.facts.pooled import POOLED_FILE
from models.manifest import FILE_NAME, sha256
from models.release import load_release
from models.reviewing import review, reviews_of
from tests import released
from tests.pools import authority, rows
from tests.released import ON, WORDS
from training.documents.gather import evidence_of
from training.pooled.errors import PoolRefused
from training.pooled.export import export
from training.pooled.pool import pool, write_pooled
from training.pooled.resting import rest_on
from training.release.earned import earned
from training.release.make import release

ALONE = "no gain over the best simple rule (six_term_logistic): too few schools to say."
NO_GAIN = {"status": "estimated", "estimate": -0.05, "low": -0.09, "high": -0.01, "events": 90, "schools": 12.0, "method": "school_jackknife", "reason": ""}  # fmt: skip


@pytest.fixture
def made(tmp_path):
    """A candidate that its own test does not carry, and a pool over it and three others."""

    def make(gain=0.15, **changes):
        gate = released.evidence()["gate"] | {"passed": False, "reasons": [ALONE]}
        told = {
            "gate": gate,
            "release": {"blockers": [ALONE]},
            "data__data_hash": released.DATA_HASH,
        } | changes
        candidates = [authority(tmp_path, "Ours", rows(1, gain=gain), refits=100, **told)]
        candidates += [
            authority(tmp_path, name, rows(seed, gain=gain)) for seed, name in enumerate(("B", "C", "D"), 2)
        ]
        for folder in candidates:
            (tmp_path / f"{folder.name}.json").write_text(export(folder).text())
        facts = pool([tmp_path / f"{folder.name}.json" for folder in candidates], ON)
        write_pooled(tmp_path / "pool", facts, {})
        return candidates[0], tmp_path / "pool"

    return make


def signed(folder):
    review(folder, "Grace Hopper", "sign", WORDS, ON)


def test_a_model_that_cannot_prove_itself_alone_is_released_on_what_a_region_proves(made, tmp_path):
    folder, pooled = made()
    assert any(ALONE.rstrip(".") in each for each in earned(folder, ON).against)
    before = sha256(folder / FILE_NAME)
    facts = rest_on(folder, pooled)
    signed(folder)
    assert sha256(folder / FILE_NAME) == before  # the candidate stays sealed as it was
    live = release(folder, "live", tmp_path / "r", "Kay", on=ON).release
    held = load_release(live.folder)
    assert held.facts.gate_rests_on == sha256(live.folder / POOLED_FILE) == sha256(folder / POOLED_FILE)
    assert POOLED_FILE in json.loads((live.folder / FILE_NAME).read_text())["files"]
    card = (live.folder / "card.md").read_text()
    line = facts.line("Ours")
    assert "over 4 authorities (Ours, B, C, D), not on the test of Ours alone" in line
    assert (
        f"**{line}**" in card and f"Its own test alone: {ALONE}" in card and "prior suspensions: 0.1" in card
    )
    told = evidence_of(live.folder, [])
    assert told["first_lines"][0] == line and told["gate"]["passed"] and told["release"]["blockers"] == []
    (live.folder / POOLED_FILE).write_text("{}")
    with pytest.raises(ModelRefused, match=POOLED_FILE):
        load_release(live.folder)


def test_from_shadow_to_live_it_still_rests_on_it(made, tmp_path):
    folder, pooled = made()
    rest_on(folder, pooled)
    signed(folder)
    shadow = release(folder, "shadow", tmp_path / "r", "Kay", on=ON).release
    assert release(shadow.folder, "live", tmp_path / "r", "Kay", on=ON).release.facts.gate_rests_on


def test_a_review_is_of_the_pooled_evidence_that_was_there(made, tmp_path):
    folder, pooled = made()
    rest_on(folder, pooled)
    with pytest.raises(ReleaseRefused, match="The review is of other evidence than the pooled") as refused:
        release(folder, "live", tmp_path / "r", "Kay", on=ON)
    assert len(refused.value.breaches) == 1
    signed(folder)
    assert reviews_of(folder)[-1]["pooled_hash"] == sha256(folder / POOLED_FILE)
    release(folder, "live", tmp_path / "r", "Kay", on=ON)


def test_a_candidate_released_before_is_another_release_with_the_pool(made, tmp_path):
    folder, pooled = made(gate=released.evidence()["gate"], release={"blockers": []})
    first = release(folder, "live", tmp_path / "r", "Kay", on=ON).release
    rest_on(folder, pooled)
    signed(folder)
    second = release(folder, "live", tmp_path / "r", "Kay", on=ON).release
    assert (first.facts.gate_rests_on, bool(second.facts.gate_rests_on)) == (
        "",
        True,
    ) and first.name != second.name


def test_a_pool_that_proves_nothing_carries_nothing(made, tmp_path):
    folder, pooled = made(gain=0.0)
    rest_on(folder, pooled)
    signed(folder)
    with pytest.raises(ReleaseRefused, match="The gate is not passed: Pooled over authorities, no gain"):
        release(folder, "live", tmp_path / "r", "Kay", on=ON)


def test_other_candidates_and_one_that_is_no_better_here_cannot_rest_on_it(made, tmp_path):
    gate = released.evidence()["gate"]
    gate |= {
        "passed": False,
        "reasons": [ALONE],
        "over_best_rule": {"rule": "six_term_logistic", "gain": NO_GAIN},
    }
    folder, pooled = made(gate=gate)
    with pytest.raises(PoolRefused, match="no better than the rule here"):
        rest_on(folder, pooled)
    with pytest.raises(PoolRefused, match=r"this model is none of them \(authorities.model_hash\)"):
        rest_on(authority(tmp_path, "Elsewhere"), pooled)
    with pytest.raises(PoolRefused, match="is not there. Make it with: pathways evidence pool"):
        rest_on(folder, tmp_path / "absent")
    assert not (folder / POOLED_FILE).exists()


def test_a_file_put_there_by_hand_is_looked_at_all_the_same(made, tmp_path):
    folder, pooled = made()
    stranger = authority(tmp_path, "Elsewhere", refits=100)
    (stranger / POOLED_FILE).write_bytes((pooled / POOLED_FILE).read_bytes())
    assert any("of other candidates" in each for each in earned(stranger, ON).against)


def test_its_oldest_test_is_of_at_most_120_days_ago(made, tmp_path):
    folder, pooled = made()
    rest_on(folder, pooled)
    signed(folder)
    assert not [each for each in earned(folder, ON + timedelta(120)).against if "oldest test" in each]
    assert any(
        "The oldest test of the pooled evidence is 121 days old" in each
        for each in earned(folder, ON + timedelta(121)).against
    )


def test_nothing_in_a_release_changes(made, tmp_path):
    folder, pooled = made(gate=released.evidence()["gate"], release={"blockers": []})
    live = release(folder, "live", tmp_path / "r", "Kay", on=ON).release
    with pytest.raises(PoolRefused, match="is a release, and nothing in it changes"):
        rest_on(live.folder, pooled)
