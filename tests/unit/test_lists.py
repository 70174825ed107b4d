"""Lists for meetings: everyone accounted for, nobody named who may not be, all on disk or nothing."""

import csv
import dataclasses
import io
import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from openpyxl import load_workbook

from features.errors import NoRoom
from serving import from_store, wording
from serving.errors import ListsRefused
from serving.lists import printed as lists
from serving.lists.printed import write_lists
from serving.reading import Reading
from serving.signposts import SIGNPOSTS
from serving.wording import STATES, pseudonym
from tests.meetings import AS_OF, EVIDENCE, model, reading

REASONS = {3: "objection", 4: "restricted", 5: "year_group_unknown", 6: "alternative_provision"}


@pytest.fixture(scope="module")
def frames() -> Reading:
    return reading(reasons=REASONS, is_supported=range(20, 40), is_exclusion_in_progress=[40, 41, 42])


@pytest.fixture(scope="module")
def out(frames: Reading, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "lists"
    write_lists(folder, AS_OF, frames, model(), "candidate-1", EVIDENCE)
    return folder


def accounts(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [found, *found["districts"].values(), *found["schools"].values()]


def text_of(path: Path) -> str:
    """Everything that a reader, or a search, could find in a file."""
    if path.suffix == ".xlsx":
        book = load_workbook(path)
        cells = (
            str(cell)
            for sheet in book
            for row in sheet.iter_rows(values_only=True)
            for cell in row
            if cell is not None
        )
        return " ".join([*cells, *(str(sheet.oddFooter.left.text) for sheet in book)])
    return path.read_text(encoding="utf-8-sig")


def everything(folder: Path) -> dict[Path, str]:
    return {path.relative_to(folder): text_of(path) for path in sorted(folder.rglob("*")) if path.is_file()}


def name_of(frames: Reading, row: int) -> tuple[str, str, str]:
    pupil = int(frames.matrix["pupil"][row])
    return str(pupil), pseudonym(pupil), str(frames.names["upn"][row])


def test_states_and_not_listed_add_up_to_the_roll_everywhere(out: Path, frames: Reading) -> None:
    found = json.loads((out / "lists.json").read_text())
    assert all(
        sum(map(len, one["states"].values())) + one["not_listed"] == one["on_roll"] for one in accounts(found)
    )
    assert found["on_roll"] == len(frames.matrix) == sum(one["on_roll"] for one in found["schools"].values())
    assert found["on_roll"] == sum(one["on_roll"] for one in found["districts"].values())
    assert list(found["states"]) == list(STATES)
    assert found["places"] == sum(one["places"] for one in found["schools"].values())


def test_a_csv_counts_everyone_too(out: Path) -> None:
    found = json.loads((out / "lists.json").read_text())
    for urn, one in found["schools"].items():
        rows = list(csv.DictReader(io.StringIO(text_of(out / "schools" / f"{urn}.csv"))))
        assert sum(int(row["How many"]) for row in rows) == one["on_roll"]


def test_the_restricted_are_counted_and_found_nowhere(out: Path, frames: Reading) -> None:
    found = json.loads((out / "lists.json").read_text())
    assert sum(entry["pupil"] is None for entry in found["states"]["not_assessed"]) == 1
    assert [
        path for path, text in everything(out).items() for mark in name_of(frames, 4) if mark in text
    ] == []


def test_an_objection_shows_on_no_page(out: Path, frames: Reading) -> None:
    shown = {path for path, text in everything(out).items() for mark in name_of(frames, 3) if mark in text}
    assert shown == {Path("lists.json")}


def test_nobody_who_is_not_listed_is_named(out: Path, frames: Reading) -> None:
    states = frames.states
    is_counted = (states["school_state"] == "not_listed") & (states["district_state"] == "not_listed")
    upns = frames.names.loc[is_counted, "upn"]
    assert len(upns) > 100
    assert [path for path, text in everything(out).items() if any(upn in text for upn in upns)] == []


def test_each_page_names_just_those_its_account_holds(out: Path, frames: Reading) -> None:
    found = json.loads((out / "lists.json").read_text())
    upn = dict(zip(frames.names["pupil"], frames.names["upn"], strict=True))
    for urn, one in found["schools"].items():
        carded = {
            upn[entry["pupil"]]
            for state in ("listed", "could_go_either_way")
            for entry in one["states"][state]
        }
        page = text_of(out / "schools" / f"{urn}.html")
        assert {code for code in upn.values() if code in page} == carded


def test_order_is_by_name_and_no_estimate_or_rank_stands_beside_one(out: Path) -> None:
    for path in out.rglob("*.csv"):
        rows = [row for row in csv.DictReader(io.StringIO(text_of(path))) if row["State"] == "Listed"]
        names = [(row["Surname"].replace("É", "E"), row["Forename"].replace("é", "e")) for row in rows]
        assert names == sorted(names)
        assert not any(
            key.lower() in ("estimate", "rank", "score", "probability") for row in rows for key in row
        )


@pytest.mark.parametrize(
    "mark",
    [
        "candidate-1",
        "2025-05-23",
        "23 May 2025",
        "1 September 2025",
        "MADE-UP DATA",
        wording.NOT_FOR_LINE,
        "outside the access log",
    ],
)
def test_every_page_and_workbook_is_stamped(out: Path, mark: str) -> None:
    files = {path: text for path, text in everything(out).items() if path.suffix in (".html", ".xlsx")}
    assert len(files) == 17
    assert [path for path, text in files.items() if mark not in text] == []


@pytest.mark.parametrize(
    "mark",
    [
        "candidate-1",
        "2025-05-23",
        "2025-09-01",
        "MADE-UP DATA",
        wording.NOT_FOR_LINE,
        "outside the access log",
    ],
)
def test_every_row_of_a_csv_is_stamped(out: Path, mark: str) -> None:
    for path in out.rglob("*.csv"):
        rows = list(csv.reader(io.StringIO(text_of(path))))[1:]
        assert rows
        assert all(any(mark in cell for cell in row) for row in rows)


def test_the_box_for_the_meetings_own_view_bears_the_name(out: Path) -> None:
    """A long card goes on to a second page, and the box, which is kept whole, then stands there alone."""
    page = text_of(out / "schools/100003.html")
    names = re.findall(r'<h3 id="n[^"]+">([^<]+)</h3>', page)
    assert names and re.findall(r"<h4>The meeting’s own view: ([^<]+)</h4>", page) == names


def test_a_workbook_says_what_each_state_means(out: Path) -> None:
    about = load_workbook(out / "schools/100003.xlsx")["About this list"].iter_rows(values_only=True)
    text = " ".join(str(cell) for (cell,) in about)
    assert all(said in text for _, said in (*STATES.values(), wording.NOT_LISTED))
    assert wording.NEAR_THE_LINE_NOTE in text


def test_the_machines_copy_is_stamped(out: Path) -> None:
    found = json.loads((out / "lists.json").read_text())
    assert (found["as_of"], found["release"], found["expires_on"], found["is_made_up"]) == (
        "2025-05-23",
        "candidate-1",
        "2025-09-01",
        True,
    )
    assert found["not_to_be_used_for"] == list(wording.NOT_FOR)


def test_same_frames_same_bytes(out: Path, frames: Reading, tmp_path: Path) -> None:
    mixed = dataclasses.replace(
        frames, matrix=frames.matrix.sample(frac=1, random_state=2), states=frames.states.sample(frac=1, random_state=3),
    )  # fmt: skip
    write_lists(tmp_path / "again", AS_OF, mixed, model(), "candidate-1", EVIDENCE)
    files = [path.relative_to(out) for path in out.rglob("*") if path.is_file()]
    assert [
        path for path in files if (out / path).read_bytes() != (tmp_path / "again" / path).read_bytes()
    ] == []


def test_real_records_bear_no_made_up_mark(tmp_path: Path) -> None:
    frames = reading(identity={"is_made_up": False})
    write_lists(tmp_path / "lists", AS_OF, frames, model(is_made_up=False), "r1", EVIDENCE)
    assert [path for path, text in everything(tmp_path / "lists").items() if "MADE-UP" in text] == []


def test_a_model_of_made_up_records_marks_lists_of_real_ones(tmp_path: Path) -> None:
    write_lists(tmp_path / "lists", AS_OF, reading(identity={"is_made_up": False}), model(), "r1", EVIDENCE)
    assert wording.MADE_UP_MODEL in text_of(tmp_path / "lists/index.html")


def test_without_names_pages_carry_pseudonyms_and_say_so(tmp_path: Path) -> None:
    frames = reading(names=False)
    write_lists(tmp_path / "lists", AS_OF, frames, model(), "r1", EVIDENCE)
    found = json.loads((tmp_path / "lists/lists.json").read_text())
    page = text_of(tmp_path / "lists/schools/100003.html")
    codes = [pseudonym(entry["pupil"]) for entry in found["schools"]["100003"]["states"]["listed"]]
    assert codes
    assert all(code in page for code in codes)
    assert wording.PSEUDONYMS in page


def write(tmp_path: Path, frames: Reading, **options: Any) -> tuple[Path, dict[str, Any]]:
    as_of = options.pop("as_of", AS_OF)
    of = options.pop("model", model())
    folder = tmp_path / "lists"
    return folder, write_lists(folder, as_of, frames, of, "r1", EVIDENCE, **options)


def with_school(frames: Reading, **columns: Any) -> Reading:
    row = {
        "urn": 199999,
        "name": "Empty School",
        "phase": "primary",
        "district": "North",
        "opened_on": pd.NaT,
        "closed_on": pd.NaT,
    }
    return dataclasses.replace(
        frames, schools=pd.concat([frames.schools, pd.DataFrame([{**row, **columns}])], ignore_index=True)
    )


def test_a_school_with_no_pupils_has_a_page_that_says_so(tmp_path: Path) -> None:
    folder, found = write(tmp_path, with_school(reading()))
    assert found["schools"]["199999"]["on_roll"] == 0
    assert wording.NO_PUPILS in text_of(folder / "schools/199999.html")


@pytest.mark.parametrize(
    "dates", [{"closed_on": pd.Timestamp(2024, 8, 31)}, {"opened_on": pd.Timestamp(2025, 9, 1)}]
)
def test_a_school_that_is_not_open_and_has_nobody_has_no_page(tmp_path: Path, dates: dict[str, Any]) -> None:
    folder, _ = write(tmp_path, with_school(reading(), **dates))
    assert not (folder / "schools/199999.html").exists()


def test_a_school_with_fewer_pupils_than_places(tmp_path: Path) -> None:
    folder, found = write(tmp_path, reading(num_pupils=8, num_schools=4))
    small = {urn: one for urn, one in found["schools"].items() if one["places"] > one["on_roll"] > 0}
    assert small
    assert all(wording.EMPTY_PLACES in text_of(folder / f"schools/{urn}.html") for urn in small)


def test_a_school_whose_registers_stopped_is_not_assessed_and_not_called_low(tmp_path: Path) -> None:
    frames = reading()
    at_school = frames.matrix.index[frames.matrix["urn"] == 100003]
    folder, found = write(tmp_path, reading(reasons=dict.fromkeys(at_school, "registers_stopped")))
    one = found["schools"]["100003"]
    assert len(one["states"]["not_assessed"]) == one["on_roll"] > wording_limit()
    page = text_of(folder / "schools/100003.html")
    assert wording.ALL_NOT_ASSESSED in page
    assert wording.NOT_ASSESSED["registers_stopped"] in page
    assert "low risk" not in page.lower()
    assert not any(upn in page for upn in frames.names["upn"])
    assert sum(upn in text_of(folder / "schools/100003.csv") for upn in frames.names["upn"]) == one["on_roll"]


def wording_limit() -> int:
    from serving.composing import NAME_AT_MOST

    return NAME_AT_MOST


def test_pupils_in_alternative_provision_are_named_with_prompts(out: Path, frames: Reading) -> None:
    school = frames.matrix["urn"][6]
    assert wording.NOT_ASSESSED["alternative_provision"] in text_of(out / f"schools/{school}.html")
    row = frames.names.loc[6]
    page = text_of(out / f"schools/{school}.html")
    assert f"{row['surname']}, {row['forename']}" in page


def test_a_prompt_that_many_share_is_written_out_once_below_them(tmp_path: Path) -> None:
    frames = reading(reasons=dict.fromkeys(range(60), "alternative_provision"))
    at_school = frames.matrix["pupil"][:60][frames.matrix["urn"][:60] == 100003].tolist()
    shared = pd.DataFrame({"pupil": at_school, "status": "excluded_before", "since": date(2024, 11, 5)})
    folder, _ = write(tmp_path, dataclasses.replace(frames, statuses=shared), urn=100003)
    page = text_of(folder / "schools/100003.html")
    assert len(at_school) > 5
    assert page.count("Permanently excluded before, on 5 November 2024") == len(at_school)
    assert page.count(SIGNPOSTS["excluded_before"].text) == 1
    cards = load_workbook(folder / "schools/100003.xlsx")["Cards"].iter_rows(values_only=True)
    assert sum(SIGNPOSTS["excluded_before"].text in row for row in cards) == len(at_school)


def test_a_pupil_on_two_rolls_is_refused_twice_and_counted_once(tmp_path: Path) -> None:
    frames = reading()
    twice = dataclasses.replace(
        frames, matrix=pd.concat([frames.matrix, frames.matrix.iloc[[0]].assign(urn=100001)])
    )
    with pytest.raises(ListsRefused, match="1 rows of the matrix repeat a pupil") as refused:
        write(tmp_path, twice)
    assert len(refused.value.breaches) == 2


def test_a_date_in_august(tmp_path: Path) -> None:
    on = date(2025, 8, 12)
    folder, _ = write(tmp_path, reading(as_of=on), as_of=on, warnings=["far_from_trained"])
    page = text_of(folder / "schools/100000.html")
    assert wording.WARNINGS["far_from_trained"] in page
    assert "The records stop 74 days before this date." in page
    assert "Records up to 30 May 2025." in page


def test_records_drawn_later_than_the_date_are_not_said_to_be_in_the_list(out: Path) -> None:
    assert "As of 23 May 2025." in text_of(out / "index.html")
    assert "Records up to 22 May 2025." in text_of(out / "index.html")


def test_one_place_is_one_place(tmp_path: Path) -> None:
    frames = reading()
    meeting = frames.authority.meeting.model_copy(
        update={"places_per_school": {"primary": 1, "secondary": 1}}
    )
    one = dataclasses.replace(frames, authority=frames.authority.model_copy(update={"meeting": meeting}))
    folder, _ = write(tmp_path, one, urn=100003)
    assert "listed; 1 place<" in text_of(folder / "schools/100003.html")


def test_an_expired_model_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(
        ListsRefused, match=r"The model expired on 2025-05-23.*Train or release a newer model"
    ):
        write(tmp_path, reading(), model=model(expires_on=AS_OF))
    assert list(tmp_path.iterdir()) == []


def test_records_newer_than_the_model_are_the_usual_case(tmp_path: Path) -> None:
    folder, _ = write(tmp_path, reading(), model=model(trained_on=(date(2020, 5, 22),)))
    assert "The records stop" not in text_of(folder / "index.html")


def test_every_breach_is_told_at_once(tmp_path: Path) -> None:
    frames = reading()
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists/earlier.html").write_text("earlier")
    with pytest.raises(ListsRefused) as refused:
        write_lists(
            tmp_path / "lists", date(2026, 1, 9), dataclasses.replace(frames, states=frames.states[1:]), model(), "r1",
            previous={"as_of": "2026-01-09"}, urn=1, district="Nowhere",
        )  # fmt: skip
    told = "\n".join(refused.value.breaches)
    assert len(refused.value.breaches) == 7
    for part in (
        "expired",
        "already holds",
        "another date",
        "one state",
        "earlier list is of",
        "URN 1",
        "Nowhere",
    ):
        assert part in told
    assert not any(str(pupil) in told for pupil in frames.matrix["pupil"])
    assert [path.name for path in tmp_path.rglob("*")] == ["lists", "earlier.html"]


@pytest.mark.parametrize(
    ("error", "told"),
    [(OSError(28, "No space left on device"), NoRoom), (KeyboardInterrupt(), KeyboardInterrupt)],
)
def test_all_on_disk_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, told: type[BaseException]
) -> None:
    written = []

    def fail(*_: object) -> bytes:
        written.append(list(tmp_path.rglob("*.html")))
        raise error

    monkeypatch.setattr(lists, "list_csv", fail)
    with pytest.raises(told):
        write(tmp_path, reading())
    assert written[0]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t=", "\r=", "＝"])
def test_no_cell_is_taken_for_a_formula(tmp_path: Path, lead: str) -> None:
    frames = reading()
    names = frames.names.assign(forename=f'{lead}HYPERLINK("x")', surname=f"{lead}1+1")
    facts = frames.facts.assign(sentence=f"{lead}cmd")
    folder, _ = write(tmp_path, dataclasses.replace(frames, names=names, facts=facts))
    for path in (folder / "schools").glob("*.csv"):
        cells = [cell for row in csv.reader(io.StringIO(text_of(path))) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝"))]
    book = load_workbook(folder / "schools/100003.xlsx")
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert any("cmd" in str(cell.value) for cell in cells)
    assert not [
        cell
        for cell in cells
        if cell.data_type == "f" or str(cell.value).startswith(("=", "+", "-", "@", "＝"))
    ]


def test_text_from_records_is_escaped(tmp_path: Path) -> None:
    frames = reading()
    schools = frames.schools.assign(name="<script>alert(1)</script>", district="A & B")
    matrix = frames.matrix.assign(district="A & B")
    folder, found = write(tmp_path, dataclasses.replace(frames, schools=schools, matrix=matrix))
    assert list(found["districts"]) == ["A & B"]
    assert (folder / "districts/a-b.html").exists()
    assert not [path for path in folder.rglob("*.html") if "<script" in text_of(path)]


def test_districts_whose_names_fall_together_keep_a_file_each(tmp_path: Path) -> None:
    frames = reading(num_districts=2)
    rename = {"North": "A & B", "South": "A-B"}
    schools = frames.schools.assign(district=frames.schools["district"].map(rename))
    matrix = frames.matrix.assign(district=frames.matrix["district"].map(rename))
    folder, _ = write(tmp_path, dataclasses.replace(frames, schools=schools, matrix=matrix))
    assert sorted(path.name for path in (folder / "districts").glob("*.html")) == ["a-b-1.html", "a-b-2.html"]


@pytest.mark.parametrize(
    ("only", "count", "districts"),
    [({"urn": 100003}, 1, []), ({"district": "South"}, 3, ["South"])],
)
def test_one_school_or_one_district(
    tmp_path: Path, only: dict[str, Any], count: int, districts: list[str]
) -> None:
    frames = reading()
    folder, found = write(tmp_path, frames, **only)
    assert (len(found["schools"]), list(found["districts"])) == (count, districts)
    assert len(list((folder / "schools").glob("*.html"))) == count
    assert found["on_roll"] == sum(one["on_roll"] for one in found["schools"].values())
    assert all(
        sum(map(len, one["states"].values())) + one["not_listed"] == one["on_roll"] for one in accounts(found)
    )


@pytest.mark.parametrize("key", ["candidate", "shadow", "far_from_trained"])
def test_what_to_know_first_is_on_the_index_the_first_sheet_and_every_row(tmp_path: Path, key: str) -> None:
    folder, _ = write(tmp_path, reading(), warnings=[key])
    told = wording.WARNINGS[key]
    assert told in text_of(folder / "index.html")
    for path in folder.rglob("*.xlsx"):
        for name in ("List", "Cards"):
            rows = load_workbook(path)[name].iter_rows(max_row=12, max_col=1, values_only=True)
            assert told in " ".join(str(cell) for (cell,) in rows)
    for path in folder.rglob("*.csv"):
        assert all(told in row["Before you read on"] for row in csv.DictReader(io.StringIO(text_of(path))))


def test_a_school_that_has_closed_is_no_empty_run_of_lists(tmp_path: Path) -> None:
    closed = with_school(reading(), closed_on=pd.Timestamp(2024, 8, 31))
    with pytest.raises(ListsRefused, match="School 199999 is not open on 2025-05-23") as refused:
        write(tmp_path, closed, urn=199999)
    assert len(refused.value.breaches) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_school_of_another_district_is_no_empty_run_of_lists(tmp_path: Path) -> None:
    with pytest.raises(ListsRefused, match="School 100003 is in South, not in North"):
        write(tmp_path, reading(), urn=100003, district="North")
    _, found = write(tmp_path, reading(), urn=100003, district="South")
    assert list(found["schools"]) == ["100003"]


def test_what_was_asked_for_is_refused_before_minutes_of_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(*_: object) -> Reading:
        raise AssertionError("features were made")

    frames = reading()
    records = SimpleNamespace(schools=frames.schools, authority=frames.authority)
    loaded = SimpleNamespace(facts=model(expires_on=AS_OF), folder_hash="0" * 64)
    monkeypatch.setattr(from_store, "load_for_lists", lambda *_: loaded)
    monkeypatch.setattr(from_store, "read_for_lists", work)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "earlier.html").touch()
    with pytest.raises(ListsRefused) as refused:
        from_store.lists_of(
            records,
            tmp_path,
            tmp_path / "out",
            AS_OF,
            previous=tmp_path / "nowhere",
            urn=1,
            district="Nowhere",
        )
    told = "\n".join(refused.value.breaches)
    assert len(refused.value.breaches) == 5
    for part in ("expired", "already holds", "URN 1", "Nowhere", "nowhere holds no lists.json"):
        assert part in told


def since_page(tmp_path: Path, change: Callable[[dict[str, Any]], None], release: str = "r1") -> str:
    frames = reading()
    _, before = write(tmp_path, frames, urn=100003)
    before = {**json.loads(json.dumps(before)), "as_of": "2025-04-11"}
    before["schools"]["100003"] |= {"as_of": "2025-04-11", "release": release}
    change(before["schools"]["100003"]["states"])
    write_lists(tmp_path / "now", AS_OF, frames, model(), "r1", EVIDENCE, before, urn=100003)
    return text_of(tmp_path / "now/schools/100003.html")


def test_what_changed_since_the_last_list(tmp_path: Path) -> None:
    def change(states: dict[str, Any]) -> None:
        states["listed"] = states["listed"][2:] + [{"pupil": 1, "urn": 100003, "near_the_line": False}]
        states["could_go_either_way"] = states["could_go_either_way"][1:]

    page = since_page(tmp_path, change, release="r0")
    assert page.count(wording.SINCE["not_listed"]) == 6  # three pupils, each in a table and on a card
    assert "The last list was of 11 April 2025." in page
    assert f"1 {wording.LEFT_LIST['gone']}" in page
    assert wording.MODEL_CHANGED in page


def test_nothing_changed_since_the_last_list(tmp_path: Path) -> None:
    page = since_page(tmp_path, lambda _: None)
    assert "and not now: nobody." in page
    assert wording.SINCE["not_listed"] not in page
    assert wording.MODEL_CHANGED not in page


def test_a_card_shows_only_families_whose_sign_holds(tmp_path: Path) -> None:
    frames = reading()
    held = frames.contributions.assign(
        contribution=lambda rows: (
            rows["family"].map({"attendance": 0.5, "context": 0.1, "sen": -0.4}).fillna(0.9)
        ),
        is_sign_stable=lambda rows: rows["family"].isin(["attendance", "context", "sen"]),
    )
    folder, _ = write(tmp_path, dataclasses.replace(frames, contributions=held), urn=100003)
    page = text_of(folder / "schools/100003.html")
    assert "Raised it: attendance; moves and services. Lowered it: special educational needs." in page
    assert "log-odds" in page
    nothing = dataclasses.replace(frames, contributions=held.assign(is_sign_stable=False))
    write_lists(tmp_path / "nothing", AS_OF, nothing, model(), "r1", EVIDENCE, urn=100003)
    assert wording.NOT_MOVED in text_of(tmp_path / "nothing/schools/100003.html")


def test_a_card_without_facts_or_statuses_says_so(tmp_path: Path) -> None:
    frames = reading()
    bare = dataclasses.replace(
        frames, facts=frames.facts[:0], statuses=frames.statuses[:0], contributions=frames.contributions[:0]
    )
    folder, _ = write(tmp_path, bare, urn=100003)
    page = text_of(folder / "schools/100003.html")
    for text in (
        wording.NO_FACTS,
        wording.NO_CHANGE,
        wording.NO_PROTECTIVE,
        wording.NOT_MOVED,
        wording.NO_SIGNPOSTS,
    ):
        assert text in page


def test_a_local_service_is_named(out: Path) -> None:
    assert any("Here: Support First." in text for text in everything(out).values())


def test_without_evidence_the_page_says_that_there_is_none(tmp_path: Path) -> None:
    write_lists(tmp_path / "lists", AS_OF, reading(), model(), "r1", urn=100003)
    assert wording.NO_RATES in text_of(tmp_path / "lists/schools/100003.html")


def test_a_school_is_told_what_came_after_lists_of_its_own_phase_where_they_tell_enough(out: Path) -> None:
    pages = {
        phase: text_of(out / f"schools/{urn}.html")
        for phase, urn in (("primary", 100000), ("secondary", 100003))
    }
    assert "on past lists of secondary schools, about 40 (30 to 50) were" in pages["secondary"]
    assert "on past lists of all schools, about 33 (20 to 45) were" in pages["primary"]
    assert "on past lists of all schools, about 33 (20 to 45) were" in text_of(out / "districts/north.html")
