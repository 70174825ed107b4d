"""What earns a release, what a release is, and where it stands."""

import json
import shutil
from datetime import date, timedelta

import pytest

from models.errors import ModelRefused, ReleaseRefused
from models.manifest import FILE_NAME, files_in, sha256, write_manifest
from models.release import load_release
from models.reviewing import keep_with_model, review
from models.risk_model import load_model
from models.standing import load_for_lists, read_standing, refuse_withdrawn, state_of
from tests import released
from tests.released import ON, candidate, evidence, failing
from training.release.make import copy_card, release
from training.release.withdraw import no_list, withdraw

WHY = "Registers of two schools were wrong."


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A release that nothing in this file changes for good."""
    folder = tmp_path_factory.mktemp("whole")
    return release(candidate(folder / "c"), "live", folder / "releases", "Kay", on=ON).release.folder


def test_what_was_earned_is_released_and_loads_wherever_a_candidate_does(tmp_path):
    made = release(candidate(tmp_path / "c"), "shadow", tmp_path / "r", "Kay", on=ON)
    assert (made.release.name, made.state, made.is_new, made.would_refuse) == (
        "release-1",
        "shadow",
        True,
        (),
    )
    facts = made.release.facts
    assert (facts.released_by, facts.reviewed_by, facts.trained_by) == ("Kay", "Grace Hopper", "ada")
    assert facts.candidate_hash == sha256(tmp_path / "c" / FILE_NAME)
    assert load_model(made.release.folder).model_text == load_model(tmp_path / "c").model_text
    assert state_of(made.release.folder) == "shadow"
    assert "release-1" in copy_card(made.release.folder, tmp_path / "cards").read_text()


def test_one_flipped_bit_anywhere_refuses_to_load(whole):
    survived = []
    for name in [*files_in(whole), FILE_NAME]:
        path = whole / name
        bytes_ = path.read_bytes()
        for place in {0, len(bytes_) // 3, len(bytes_) - 1}:
            path.write_bytes(bytes_[:place] + bytes([bytes_[place] ^ 1]) + bytes_[place + 1 :])
            try:
                load_release(whole)
                survived.append(f"{name} at {place}")
            except ModelRefused:
                pass
        path.write_bytes(bytes_)
    assert survived == []
    assert load_release(whole).name == "release-1"


def test_a_manifest_that_says_the_same_in_other_bytes_is_refused(whole):
    path = whole / FILE_NAME
    bytes_ = path.read_bytes()
    try:
        path.write_text(json.dumps(json.loads(bytes_)))
        with pytest.raises(ModelRefused, match="not as it was written"):
            load_release(whole)
    finally:
        path.write_bytes(bytes_)


def test_a_file_added_or_taken_away_is_refused(whole):
    (whole / "custom_objects.pkl").write_bytes(b"x")
    with pytest.raises(ModelRefused, match=r"custom_objects\.pkl is in a release that does not name it"):
        load_release(whole)
    (whole / "custom_objects.pkl").unlink()
    card = (whole / "card.md").read_bytes()
    (whole / "card.md").unlink()
    with pytest.raises(ModelRefused, match="is not there"):
        load_release(whole)
    (whole / "card.md").write_bytes(card)


def test_a_candidate_is_no_release(tmp_path):
    with pytest.raises(ModelRefused, match="no release. Release it: pathways release"):
        load_release(candidate(tmp_path / "c"))


REASONS = {
    "old evidence": (evidence(made_on=str(ON - timedelta(121))), "Evidence is 121 days old"),
    "undated evidence": (evidence(made_on=""), "does not say when it was made"),
    "other records": (evidence(data_hash="cd" * 32), "Evidence is of other records"),
    "gate": (failing(evidence()), "The gate is not passed"),
    "leak": (evidence() | {"release": {"blockers": ["one feature carries it"]}}, "Evidence blocks a release"),
}


@pytest.mark.parametrize("name", REASONS)
def test_evidence_that_earns_nothing(tmp_path, name):
    told, says = REASONS[name]
    with pytest.raises(ReleaseRefused, match=says) as refused:
        release(candidate(tmp_path / "c", told=told), "live", tmp_path / "r", "Kay", on=ON)
    assert len(refused.value.breaches) == 1
    assert read_standing(tmp_path / "r").events == ()


def test_evidence_of_the_last_day_still_counts(tmp_path):
    folder = candidate(tmp_path / "c")
    assert release(folder, "live", tmp_path / "r", "Kay", on=ON + timedelta(120)).is_new


def test_a_model_without_evidence_or_trainer_is_refused(tmp_path):
    (tmp_path / "c").mkdir()
    released.model().save(tmp_path / "c")
    write_manifest(tmp_path / "c")
    with pytest.raises(ReleaseRefused) as refused:
        release(tmp_path / "c", "live", tmp_path / "r", "Kay", on=ON)
    for says in ("Evidence is missing", "The audit is missing", "Nobody knows who trained"):
        assert any(says in each for each in refused.value.breaches)


AUDITS = {
    "none": (None, "The audit is missing"),
    "no audit": ({"findings": None}, "The audit is missing"),
    "another model's": ({"model": {"folder_hash": "0"}}, "The audit is of another model"),
    "other records'": ({"data_hash": "cd" * 32}, "The audit is of other records"),
    "old": ({"audited_on": str(ON - timedelta(121))}, "The audit is 121 days old"),
    "blocking": ({"findings": [{"id": "F1", "kind": "k", "severity": "blocks", "state": "open", "due": "2027-01-01"}]}, "F1 .* blocks a release"),
    "overdue": ({"findings": [{"id": "F2", "kind": "k", "severity": "matters", "state": "open", "due": "2026-08-31"}]}, "F2 .* was due on 2026-08-31"),
}  # fmt: skip


@pytest.mark.parametrize("name", AUDITS)
def test_an_audit_that_earns_nothing(tmp_path, name):
    facts, says = AUDITS[name]
    folder = candidate(tmp_path / "c")
    if facts is None:
        (folder / "audit.json").unlink()
    else:
        keep_with_model(folder, released.audit(folder, **facts))
    with pytest.raises(ReleaseRefused, match=says) as refused:
        release(folder, "live", tmp_path / "r", "Kay", on=ON)
    # A review is of one audit: with another audit there is none.
    assert any("No second person" in each for each in refused.value.breaches)


def test_a_refusal_is_not_a_signature_and_the_last_word_stands(tmp_path):
    folder = candidate(tmp_path / "c")
    review(folder, "Mary Seacole", "refuse", "The gap in recall is too wide to go on with.", ON)
    with pytest.raises(ReleaseRefused, match="Mary Seacole refused it on 2026-09-01: The gap"):
        release(folder, "live", tmp_path / "r", "Kay", on=ON)
    review(folder, "Mary Seacole", "sign", "Places were added at both schools since.", ON)
    assert release(folder, "live", tmp_path / "r", "Kay", on=ON).release.facts.reviewed_by == "Mary Seacole"


def test_a_review_by_the_trainer_entered_by_hand_counts_for_nothing(tmp_path):
    folder = candidate(tmp_path / "c")
    line = json.loads((folder / "reviews.jsonl").read_text()) | {"reviewer": "A D A"}
    (folder / "reviews.jsonl").write_text(json.dumps(line) + "\n")
    with pytest.raises(ReleaseRefused, match="The reviewer is whoever trained"):
        release(folder, "live", tmp_path / "r", "Kay", on=ON)


def test_every_reason_is_named_at_once(tmp_path):
    late = ON + timedelta(200)
    of = released.model(refits=25, expires_on=ON)
    folder = candidate(tmp_path / "c", of, failing(evidence()), is_signed=False)
    with pytest.raises(ReleaseRefused) as refused:
        release(folder, "everyone", tmp_path / "r", " ", on=late)
    for each in ("Evidence is 200 days", "The audit is 200 days", "No second person", "gate", "25 refits", "expired", "--to", "--by"):  # fmt: skip
        assert sum(each in breach for breach in refused.value.breaches) == 1, each
    assert len(refused.value.breaches) == 8


def test_made_up_data_makes_a_demonstration_that_needs_no_gate_but_all_else(tmp_path):
    of = released.model(is_made_up=True, refits=25, expires_on=ON)
    folder = candidate(tmp_path / "c", of, failing(evidence(is_made_up=True)))
    made = release(folder, "live", tmp_path / "r", "Kay", on=ON)
    assert (made.release.name, made.release.is_demonstration) == ("demonstration-1", True)
    assert "demonstration" in made.release.stamp
    assert [each.split()[1] for each in made.would_refuse] == ["gate", "model", "model"]
    assert "MADE-UP DATA" in (made.release.folder / "card.md").read_text()
    (folder / "reviews.jsonl").unlink()
    with pytest.raises(ReleaseRefused, match="No second person"):
        release(folder, "live", tmp_path / "r", "Kay", on=ON)


def test_one_is_live_at_a_time_and_history_is_kept(tmp_path):
    r = tmp_path / "r"
    first = candidate(tmp_path / "a", released.model(refits=100))
    second = candidate(tmp_path / "b", released.model(refits=101))
    release(first, "shadow", r, "Kay", on=ON)
    assert not release(r / "release-1", "live", r, "Kay", on=ON).is_new
    made = release(second, "live", r, "Kay", "Better recall.", on=ON)
    assert made.before == "release-1"
    assert read_standing(r).states() == {"release-1": "replaced", "release-2": "live"}
    events = [(e.release, e.state, e.by, e.reason) for e in read_standing(r).events]
    assert events == [
        ("release-1", "shadow", "Kay", ""),
        ("release-1", "live", "Kay", ""),
        ("release-2", "live", "Kay", "Better recall."),
    ]


def test_the_same_release_twice_is_one(tmp_path):
    folder = candidate(tmp_path / "c")
    release(folder, "shadow", tmp_path / "r", "Kay", on=ON)
    again = release(folder, "shadow", tmp_path / "r", "Kay", on=ON)
    assert not again.is_new
    assert len(read_standing(tmp_path / "r").events) == 1


def test_an_audit_gone_stale_in_shadow_does_not_go_live_but_a_new_one_does(tmp_path):
    folder, r, late = candidate(tmp_path / "c"), tmp_path / "r", ON + timedelta(100)
    release(folder, "shadow", r, "Kay", on=ON)
    with pytest.raises(ReleaseRefused, match="The audit is 130 days old"):
        release(r / "release-1", "live", r, "Kay", on=ON + timedelta(130))
    keep_with_model(folder, released.audit(folder, audited_on=str(late)))
    review(folder, "Grace Hopper", "sign", released.WORDS, late)
    assert release(folder, "live", r, "Kay", on=late).release.name == "release-2"


def test_withdrawn_for_good_and_back_to_the_last_good_one(tmp_path):
    r = tmp_path / "r"
    for number in range(3):
        release(
            candidate(tmp_path / f"c{number}", released.model(refits=100 + number)), "live", r, "Kay", on=ON
        )
    with pytest.raises(ReleaseRefused) as refused:
        withdraw("release-9", r, "", "no", on=ON)
    assert len(refused.value.breaches) == 3
    done = withdraw("release-3", r, "Kay", WHY, roll_back=True, on=ON)
    assert (done.live, done.rolled_back) == ("release-2", True)
    assert withdraw("release-1", r, "Kay", WHY, roll_back=True, on=ON).live == "release-2"
    with pytest.raises(ReleaseRefused, match="no earlier release to go back to"):
        withdraw("release-2", r, "Kay", WHY, roll_back=True, on=ON)
    assert withdraw("release-2", r, "Kay", WHY, on=ON).live == ""
    assert withdraw("release-2", r, "Kay", WHY, on=ON).was == "withdrawn"
    for name in ("release-1", "release-2", "release-3"):
        assert load_release(r / name)  # everything needed to grow it again
        for refuses in (refuse_withdrawn, lambda folder: load_for_lists(folder, ON, tmp_path / "none")):
            with pytest.raises(
                ReleaseRefused, match=rf"{name} was withdrawn on 2026-09-01 by Kay: Registers"
            ):
                refuses(r / name)
    for folder in (r / "release-2", tmp_path / "c1"):  # nor does its candidate, as another release
        with pytest.raises(
            ReleaseRefused, match="withdrawn as release-2, and a withdrawn model does not come back"
        ):
            release(folder, "live", r, "Kay", on=ON)


def test_a_withdrawn_model_makes_no_list_from_its_candidate_or_a_copy_either(tmp_path):
    r, c, copy = tmp_path / "r", candidate(tmp_path / "c"), tmp_path / "copy" / "release-1"
    made = release(c, "live", r, "Kay", on=ON).release.folder
    shutil.copytree(made, copy)
    for folder in (c, copy):
        assert load_for_lists(folder, ON, r).folder_hash
    no_list(r, "Kay", "The census is late.", date(2026, 10, 23), on=ON)
    with pytest.raises(ReleaseRefused, match="No list is made of 2026-10-01: The census is late"):
        load_for_lists(c, date(2026, 10, 1), r)
    withdraw("release-1", r, "Kay", WHY, on=ON)
    for folder in (c, copy):
        with pytest.raises(
            ReleaseRefused, match="was withdrawn as release-1 on 2026-09-01 by Kay: Registers"
        ):
            load_for_lists(folder, date(2027, 1, 4), r)
    other = candidate(tmp_path / "d", released.model(refits=101))
    assert load_for_lists(other, date(2027, 1, 4), r).folder_hash


def test_nothing_goes_back_to_a_release_that_was_altered_or_expired(tmp_path):
    r = tmp_path / "r"
    release(candidate(tmp_path / "a", released.model(expires_on=date(2026, 10, 1))), "live", r, "Kay", on=ON)
    release(candidate(tmp_path / "b"), "live", r, "Kay", on=ON)
    with pytest.raises(ReleaseRefused, match="release-1 expired on 2026-10-01"):
        withdraw("release-2", r, "Kay", WHY, roll_back=True, on=date(2026, 10, 1))
    (r / "release-1" / "card.md").write_text("better")
    with pytest.raises(ReleaseRefused, match="SHA-256 differs"):
        withdraw("release-2", r, "Kay", WHY, roll_back=True, on=ON)
    assert read_standing(r).now("live") == "release-2"


def test_no_list_this_half_term_is_said_with_its_reason_until_it_ends(tmp_path):
    r = tmp_path / "r"
    release(candidate(tmp_path / "c"), "live", r, "Kay", on=ON)
    with pytest.raises(ReleaseRefused) as refused:
        no_list(r, "", "", date(2026, 8, 1), on=ON)
    assert len(refused.value.breaches) == 3
    no_list(r, "Kay", "The census is late.", date(2026, 10, 23), on=ON)
    with pytest.raises(ReleaseRefused, match="No list is made of 2026-10-23: The census is late"):
        load_for_lists(r / "release-1", date(2026, 10, 23), r)
    assert load_for_lists(r / "release-1", date(2026, 10, 24), r)
    assert load_for_lists(r / "release-1", date(2026, 8, 31), r)
    release(candidate(tmp_path / "d", released.model(refits=101)), "live", r, "Kay", on=ON)
    assert load_for_lists(r / "release-1", date(2026, 10, 23), r)


def test_what_a_stopped_run_left_is_not_released_and_goes_with_the_next(tmp_path):
    r = tmp_path / "r"
    made = release(candidate(tmp_path / "c"), "live", r, "Kay", on=ON)
    left = r / "release-2"
    left.mkdir()
    for name in ("release.json", "manifest.json"):
        (left / name).write_bytes((made.release.folder / name).read_bytes())
    (r / ".release-2.part").mkdir()
    shutil.copytree(left, r / "release-7")  # of elsewhere: not ours to remove
    with pytest.raises(ReleaseRefused, match="was never released"):
        refuse_withdrawn(left)
    release(candidate(tmp_path / "d", released.model(refits=101)), "live", r, "Kay", on=ON)
    assert sorted(path.name for path in r.iterdir() if path.is_dir()) == [
        "release-1",
        "release-2",
        "release-7",
    ]
    assert len(load_release(left).model.refit_texts) == 101


def test_an_unreadable_standing_serves_nothing(tmp_path):
    r = tmp_path / "r"
    made = release(candidate(tmp_path / "c"), "live", r, "Kay", on=ON)
    (r / "standing.json").write_text("{")
    with pytest.raises(ModelRefused, match="nobody knows what is live"):
        load_for_lists(made.release.folder, ON, r)


def test_a_release_of_another_folder_does_not_move_here(tmp_path, whole):
    with pytest.raises(ReleaseRefused, match="is no release of"):
        release(whole, "live", tmp_path / "r", "Kay", on=ON)
