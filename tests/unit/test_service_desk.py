"""Which prepared dates are answered from, and what stops each: never a default in place of what is stale or altered."""

import json
import re
import shutil
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from features.errors import Busy
from features.records.disk import emptied
from models.manifest import write_manifest
from models.release import load_release
from models.signature import make_key, sign
from serving.database.tables import Placement
from serving.errors import ListsRefused, OtherFormat, ServiceRefused
from serving.http.problems import Problem
from serving.install import install, uninstall
from serving.lists.service import estimate_of
from serving.opening import open_desk
from serving.prepared.bands import NOT_SEEN, TOO_FEW
from serving.prepared.facts import FORMAT
from serving.prepared.read import read_accounts, read_prepared
from serving.rights.identity import Identity
from serving.rights.removed import remove_from
from serving.security.access import Person, Role
from serving.settings import read_settings
from tests.meetings import SEEN_BANDS
from tests.served import AS_OF, make_home, prepare, reading_of, release_of, small_model


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("home"), reading_of(num_pupils=200))


@pytest.fixture
def home(made, tmp_path):
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def desk(home):
    opened = open_desk(read_settings(home))
    yield opened
    opened.close()


def kind(desk, as_of: date = AS_OF) -> tuple[str, str]:
    with pytest.raises(Problem) as found:
        desk.prepared(as_of)
    return found.value.kind, found.value.detail


def again(home, **changes):
    """The date prepared once more, as by the same release."""
    shutil.rmtree(home / "prepared" / AS_OF.isoformat(), ignore_errors=True)
    return prepare(
        home / "prepared", reading_of(num_pupils=200), home / "releases" / "demonstration-1", **changes
    )


def test_a_date_that_is_not_prepared_is_told_with_the_command(desk):
    found, detail = kind(desk, date(2025, 1, 31))
    assert (
        found == "not-prepared"
        and "pathways prepare" in detail
        and "2025-01-31" in detail
        and AS_OF.isoformat() in detail
    )


def test_what_is_past_its_time_is_gone(desk, home):
    assert desk.prepared(AS_OF).facts.as_of == AS_OF
    again(home, expires_on=AS_OF + timedelta(days=1))
    assert kind(desk)[0] == "too-old"
    again(home)
    desk.settings = desk.settings.model_copy(update={"stale_after_days": 7})
    assert kind(desk)[0] == "too-old" and "7 days old" in kind(desk)[1]


def test_another_release_or_one_on_trial_is_not_answered_from(desk, home):
    again(home, model_hash="0" * 64)
    assert kind(desk)[0] == "other-release"
    again(home, is_on_trial=True)
    assert kind(desk)[0] == "on-trial"


def test_a_withdrawn_release_stops_answers(made, tmp_path):
    home = make_home(tmp_path / "home", reading_of(num_pupils=200))
    desk = open_desk(read_settings(home))
    assert desk.require_release()
    uninstall(desk.settings.release)
    try:
        desk._asked_at = 0.0
        assert kind(desk)[0] == "withdrawn"
    finally:
        make_home(
            tmp_path / "again", reading_of(num_pupils=200)
        )  # the other tests' release, under the same tag
        desk.close()


@pytest.mark.parametrize("name", ["bands.parquet", "lists.json", "manifest.json", "prepared.json"])
def test_one_altered_byte_is_found(desk, home, name):
    path = home / "prepared" / AS_OF.isoformat() / name
    held = bytearray(path.read_bytes())
    held[len(held) // 2] ^= 1
    path.write_bytes(held)
    (home / "prepared" / AS_OF.isoformat() / "manifest.json").touch()
    assert kind(desk)[0] == "no-release"


def test_without_a_release_the_service_starts_and_says_so(home):
    text = (home / "service.toml").read_text()
    (home / "service.toml").write_text(text.replace("demonstration-1", "demonstration-9"))
    desk = open_desk(read_settings(home))
    assert kind(desk)[0] == "no-release" and "pathways install" in kind(desk)[1]
    desk.close()


def test_a_demo_is_not_made_anew_under_a_running_service(desk, home):
    """`emptied` is what `pathways demo` begins with; the service's home lies in the demo's folder."""
    (home.parent / ".mark").touch()
    with pytest.raises(Busy, match="Stop it first"):
        emptied(home.parent, ".mark")
    assert desk.prepared(AS_OF) and (home / "service.db").exists()
    desk.close()
    emptied(home.parent, ".mark")
    assert not home.exists()


def test_a_demonstrations_release_is_for_demonstrations_only(home):
    text = (home / "service.toml").read_text()
    (home / "service.toml").write_text(text.replace("is_demonstration = true", "is_demonstration = false"))
    with pytest.raises(ServiceRefused, match="demonstration"):
        open_desk(read_settings(home))


def test_a_real_release_that_nobody_signed_scores_nobody(home):
    """Without keys to trust nobody can tell whose it is; without a signature neither."""
    folder = release_of(small_model(), home / "releases", "release-1")
    text = (home / "service.toml").read_text()
    text = re.sub(
        r"release = .*", f'release = "{install(folder)}"', text.replace("stration = true", "stration = false")
    )
    (home / "service.toml").write_text(text)
    desk = open_desk(read_settings(home))
    assert (desk.release, desk.no_release[:9]) == (None, "release-1")
    assert "reviewer_keys" in desk.no_release
    desk.close()
    facts = load_release(folder).facts
    (home / "keys").write_text(make_key(home / "b", facts.reviewed_by, b"word") + "\n")
    (home / "service.toml").write_text(f'{text}reviewer_keys = "keys"\n')
    desk = open_desk(read_settings(home))
    assert desk.release is None and "is not signed" in desk.no_release
    desk.close()
    sign(load_release(folder), home / "b", b"word", facts.reviewed_by, AS_OF)
    install(folder)
    desk = open_desk(read_settings(home))
    assert desk.release is not None and desk.release.name == "release-1"
    desk.close()


def test_a_date_prepared_while_it_runs_is_answered_from_and_brings_its_roll(desk, home):
    later = AS_OF + timedelta(days=5)
    reading = reading_of(seed=9, num_pupils=200, as_of=later)
    prepare(home / "prepared", reading, home / "releases" / "demonstration-1", as_of=later)
    found = desk.prepared(later)
    with desk.database.reading() as session:
        on_roll = set(session.scalars(select(Placement.pupil).where(Placement.is_on_roll)))
    assert on_roll == set(found.pupils.tolist()) and len(on_roll) == 199  # one is restricted, and in no file


def test_a_release_is_of_one_model(tmp_path):
    """Two models have two hashes, so a date prepared with one is not shown with the other."""
    one = release_of(small_model(), tmp_path / "one")
    model = small_model()
    other = release_of(replace(model, refit_texts=(model.model_text, model.model_text)), tmp_path / "other")
    assert (one / "manifest.json").read_bytes() != (other / "manifest.json").read_bytes()


def test_an_erased_pupil_is_let_go_at_the_next_question(home):
    """Estimates, lists and the name: a service that runs on holds none of them once the files hold none."""
    names = reading_of(num_pupils=200).names
    identities = home / "identities"
    identities.mkdir()
    (identities / "key").write_bytes(bytes(32))
    names[["upn", "pupil"]].to_parquet(identities / "upn.parquet", index=False)
    names[["pupil", "forename", "surname"]].to_parquet(identities / "names.parquet", index=False)
    with (home / "service.toml").open("a") as settings:
        settings.write('identities = "identities"\n')
    desk = open_desk(read_settings(home))
    try:
        accounts = desk.prepared(AS_OF).accounts["schools"]
        pupil = next(e["pupil"] for each in accounts.values() for e in each["states"]["listed"])
        assert desk.prepared(AS_OF).find(pupil) is not None and pupil in desk.names
        who = Identity(pupil, tuple(names["upn"][names["pupil"] == pupil]))
        remove_from([desk.settings.prepared, identities], who)
        after = desk.prepared(AS_OF)
        assert after.find(pupil) is None and pupil not in desk.names
        assert str(pupil) not in repr(after.accounts)
    finally:
        desk.close()


def in_format(folder, number):
    """A prepared date as another version wrote it, sealed as that did."""
    path = folder / "prepared.json"
    held = json.loads(path.read_text())
    path.write_text(json.dumps({**{key: held[key] for key in held if key != "seen_bands"}, "format": number}))
    write_manifest(folder)


def test_a_date_of_another_version_is_refused_in_words(desk, home):
    folder = home / "prepared" / AS_OF.isoformat()
    in_format(folder, 1)
    found = kind(desk)
    assert found[0] == "not-prepared" and "another version" in found[1] and "pathways prepare" in found[1]
    with pytest.raises(OtherFormat, match=f"format 1, and this version reads {FORMAT}. Move it away"):
        read_prepared(folder)
    assert read_accounts(folder)["schools"]  # what changed since the last list can still be told
    (folder / "lists.json").write_text("{}")
    with pytest.raises(ListsRefused, match="Prepare the date again"):
        read_accounts(folder)


def opened(prepared):
    """What is told of the first listed child once the meeting opened it."""
    pupil = next(e["pupil"] for one in prepared.accounts["schools"].values() for e in one["states"]["listed"])
    return estimate_of(prepared, prepared.find(pupil), True, Person(1, "Ash", Role.OFFICER))


def test_a_release_that_says_nothing_of_bands_says_so_on_the_card(desk, home):
    again(home, seen_bands=None)
    told = opened(desk.prepared(AS_OF))
    assert told.frequency.words == NOT_SEEN and told.frequency.children is None and told.range is None


def test_a_band_too_thin_is_told_in_words_alone(desk, home):
    untold = {
        "status": "cannot_tell",
        "estimate": None,
        "low": None,
        "high": None,
        "reason": "19 children had it",
    }
    one = (
        SEEN_BANDS.bands[0].plain()
        | untold
        | {"below_estimate": None, "num_children": None, "num_with_outcome": None}
    )
    again(home, seen_bands=type(SEEN_BANDS).checked(SEEN_BANDS.plain() | {"bands": [one]}))
    told = opened(desk.prepared(AS_OF))
    assert told.frequency.words == TOO_FEW and told.frequency.share is None and told.range is None


def test_what_was_seen_is_told_with_its_range(desk):
    told = opened(desk.prepared(AS_OF))
    assert told.frequency.children == told.frequency.with_outcome + told.frequency.without_outcome
    assert 0 <= told.frequency.share.low <= told.frequency.share.about <= told.frequency.share.high < 100
    assert told.range.low <= told.frequency.share.about <= told.range.high
