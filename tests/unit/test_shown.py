"""Whom a release named, from the lists' own JSON."""

import csv
import json
import stat

import pandas as pd
import pytest

from serving.errors import ListsRefused
from serving.lists.printed import write_lists
from serving.shown import lists_under, named_in_folders, write_named
from serving.wording import pseudonym
from tests.meetings import AS_OF, model, reading


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Lists of one release, and of another, kept in one folder."""
    folder = tmp_path_factory.mktemp("kept")
    frames = reading(200, 4, reasons={5: "restricted", 6: "objection", 7: "registers_stopped"})
    write_lists(folder / "autumn", AS_OF, frames, model(), "release-1 0123456789ab")
    write_lists(folder / "other", AS_OF, frames, model(), "release-2 0123456789ab")
    return folder, frames


def test_everyone_a_list_names_is_found_and_nobody_held_back(kept):
    folder, frames = kept
    named = named_in_folders(lists_under([folder]), "release-1 0123456789ab")
    states = frames.states.set_index("pupil")
    on_a_list = {int(pupil) for pupil in states[(states.school_state != "not_listed") | (states.district_state != "not_listed")].index}  # fmt: skip
    pupils = frames.matrix["pupil"].tolist()
    assert {each.pupil for each in named} == on_a_list - {pupils[5], pupils[6]}
    assert {each.release for each in named} == {"release-1 0123456789ab"}
    assert {each.as_of for each in named} == {AS_OF}
    listed = {each.pupil for each in named if each.state == "listed" and each.meeting.startswith("school")}
    assert listed == {int(pupil) for pupil in states[states.school_state == "listed"].index}


def test_the_same_lists_named_twice_count_once(kept):
    folder, _ = kept
    once = named_in_folders(lists_under([folder]), "release-1 0123456789ab")
    assert named_in_folders(lists_under([folder, folder / "autumn"]), "release-1 0123456789ab") == once


def test_a_release_that_named_nobody(kept):
    assert named_in_folders(lists_under([kept[0]]), "release-1 000000000000") == []


def test_a_folder_without_lists_is_said_at_once(kept, tmp_path):
    with pytest.raises(ListsRefused) as refused:
        lists_under([tmp_path, kept[0], tmp_path / "gone"])
    assert len(refused.value.breaches) == 2


def test_the_file_is_its_owners_alone_and_holds_a_row_a_naming(kept, tmp_path):
    folder, frames = kept
    named = named_in_folders(lists_under([folder]), "release-1 0123456789ab")
    write_named(tmp_path / "named.csv", named, frames.names.set_index("pupil"))
    assert stat.S_IMODE((tmp_path / "named.csv").stat().st_mode) == 0o600
    with (tmp_path / "named.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(named)
    upns = dict(zip(map(pseudonym, frames.names["pupil"]), frames.names["upn"], strict=True))
    assert all(row["upn"] == upns[row["pupil"]] for row in rows)
    write_named(tmp_path / "bare.csv", named[:1])
    assert pd.read_csv(tmp_path / "bare.csv")["upn"].isna().all()


def test_the_stamp_of_a_list_is_the_stamp_that_is_asked_for(kept):
    """`lists_of` stamps folder name and hash; a withdrawal asks for the release's stamp."""
    from models.release import stamp

    held = json.loads((kept[0] / "autumn" / "lists.json").read_text())
    assert held["release"] == stamp("release-1", "0123456789ab" + "0" * 52)
