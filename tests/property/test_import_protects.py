"""Whatever is done to an extract: who is withheld is never assessed or named, and no value of a pupil is told.

An extract is damaged as files are damaged in life: renamed, moved, cut off, joined, filled with other bytes, their
headers and cells changed. An import may refuse; it may not lose the protection, or print what stands in a row.
"""

import json
import tempfile
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from features.as_of import AsOfDates
from features.calendar import Calendar
from features.cohort import cohort
from features.errors import PathwaysError
from features.records.identities import names_for
from features.records.importing import check_extract, import_extract
from features.records.store import open_store
from tests.extracts import FORENAMES, SCHOOL, SURNAME, base, names, upn, write_extract

SLOW = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
DAY = date(2025, 6, 30)
CHILD = upn(0)
RESTRICTED = [
    {"upn": CHILD, "reason": "restricted", "from": "2024-09-01", "to": ""},
    {"upn": upn(4), "reason": "objection", "from": "2024-09-14", "to": ""},
]


def extract(folder: Path) -> Path:
    tables = base() | {"names": names(), "withheld": RESTRICTED}
    return write_extract(folder, tables)


NAMES = st.one_of(
    st.sampled_from([
        "withheld 2025.csv", "Withheld.csv", "WITHHELD.CSV", "witheld.csv", "withheld.txt", "list of withheld.csv", "children.csv",
        "withheld/all.csv", "withheld/2025/all.csv", "Withheld/all.csv", "old/withheld.csv", "census/withheld.csv", "support.csv",
        "names2.csv", "names/withheld.csv", ".withheld.csv", "._withheld.csv", "~$withheld.csv", "withheld[1].csv", "x", "zebra.parquet",
    ]),
    st.text("abcdehilrstw _-.[]()0125", min_size=1, max_size=14).map(lambda text: f"z{text.strip('. ')}.csv"),
)  # fmt: skip


@st.composite
def harm(draw, text: str):
    """The bytes of a file after one thing was done to them."""
    lines = text.splitlines(keepends=True)
    kind = draw(st.sampled_from([
        "none", "marks", "utf-16", "separator", "semicolons", "blank lines", "commas", "crlf", "line break lost", "title", "header",
        "swap columns", "cell", "quote", "insert", "doubled", "case", "windows",
    ]))  # fmt: skip
    event(kind)
    place = draw(st.integers(0, len(text) - 1))
    row = draw(st.integers(1, len(lines) - 1))
    if kind == "marks":
        return b"\xef\xbb\xbf" * draw(st.integers(1, 3)) + text.encode()
    if kind == "utf-16":
        return text.encode("utf-16")
    if kind == "separator":
        return b"sep=,\n" + text.encode()
    if kind == "semicolons":
        return text.replace(",", draw(st.sampled_from(";\t|"))).encode()
    if kind == "blank lines":
        return (draw(st.sampled_from(["\n", "\r\n\n", ",,,\n"])) + text).encode()
    if kind == "commas":
        return (text + ",,,\n" * draw(st.integers(1, 5))).encode()
    if kind == "crlf":
        return text.replace("\n", draw(st.sampled_from(["\r\n", "\r"]))).encode()
    if kind == "line break lost":
        return text.replace("\n", "", draw(st.integers(1, 2))).encode()
    if kind == "title":
        return ("Children not to be named\n" + text).encode()
    if kind == "header":
        cells = lines[0].strip().split(",")
        cells[draw(st.integers(0, len(cells) - 1))] = draw(
            st.sampled_from(["", "x", "Reason", "UPN", "date", FORENAMES[0], "REASON "])
        )
        return (",".join(cells) + "\n" + "".join(lines[1:])).encode()
    if kind == "swap columns":
        order = draw(st.permutations(range(len(lines[0].split(",")))))
        return "".join(
            ",".join(line.strip("\n").split(",")[at] for at in order) + "\n" for line in lines
        ).encode()
    if kind == "cell":
        cells = lines[row].strip("\n").split(",")
        at = draw(st.integers(1, len(cells) - 1))  # whose UPN it is stays readable
        cells[at] = draw(
            st.sampled_from(
                [
                    "",
                    "?",
                    "2025-02-30",
                    "01/02/2025",
                    "9999-01-01",
                    "restricted",
                    "NULL",
                    "é",
                    '"',
                    "1900-01-00",
                ]
            )
        )
        lines[row] = ",".join(cells) + "\n"
        return "".join(lines).encode()
    if kind == "quote":
        return (text[:place] + '"' + text[place:]).encode()
    if kind == "insert":
        return (
            text[:place].encode()
            + draw(st.sampled_from([b"\x81", b"\xe9", b"\0", b" ", b"\xff\xfe", b"\xc3\xa9"]))
            + text[place:].encode()
        )
    if kind == "doubled":
        return (text + "".join(lines[draw(st.integers(0, 1)) :])).encode()
    if kind == "case":
        return text.swapcase().encode()
    if kind == "windows":
        return text.replace("restricted", "restricted é").encode("cp1252")
    return text.encode()


def told(folder: Path, error: PathwaysError | None) -> str:
    """Everything that an import says, writes down and shows."""
    parts = [str(error), repr(error)]
    for path in sorted((folder / "store").rglob("*")) if (folder / "store").exists() else []:
        parts.append(path.name)
        if path.is_file() and "rejected" not in path.parts:
            content = path.read_bytes()
            parts.append(
                pq.read_table(path).to_pandas().to_csv() if path.suffix == ".parquet" else content.decode()
            )
    for path in (folder / "pages").iterdir() if (folder / "pages").exists() else []:
        parts.append(path.name + path.read_text())
    return "\n".join(parts)


def run(folder: Path) -> PathwaysError | None:
    """Import and check; the error that refused, or None."""
    refused = None
    try:
        found = import_extract(folder / "extract", folder / "store", folder / "identities", reject_limit=1)
        (folder / "store/said").write_text(
            "\n".join([*found.closing_lines(), *found.sentences(), json.dumps(found.as_dict(), default=str)])
        )
    except PathwaysError as error:
        refused = error
    try:
        check_extract(folder / "extract", pages=folder / "pages", reject_limit=1)
    except PathwaysError as error:
        assert refused is not None, error
    return refused


@SLOW
@given(st.data())
def test_whatever_is_done_to_withheld_nobody_who_stands_in_it_is_assessed_or_named(data):
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = extract(folder / "extract") / "withheld.csv"
        content = data.draw(harm(path.read_text()))
        path.unlink()
        name = "withheld.csv" if data.draw(st.booleans()) else data.draw(NAMES)
        target = folder / "extract" / name
        target.parent.mkdir(exist_ok=True, parents=True)
        target.write_bytes(content)
        if run(folder) is not None:
            event("refused")
            assert not (folder / "store").exists()
            return
        event("imported")
        records = open_store(folder / "store")
        people = (
            cohort(records, AsOfDates.of([DAY], Calendar.of(records.authority)))
            .to_pandas()
            .set_index("pupil")
        )
        assert len(people) == 6
        pupils = names_for(folder / "identities")
        for row in RESTRICTED:
            (pupil,) = pupils.index[pupils["upn"] == row["upn"]]
            assert not people.loc[pupil, "is_assessed"], row["reason"]
            assert people.loc[pupil, "not_assessed_reason"] in ("restricted", "objection")


OPTIONAL = {
    "withheld": RESTRICTED,
    "support": [{"upn": upn(2), "kind": "targeted", "start_date": "2024-09-20", "end_date": ""}],
    "internal_suspensions": [{"upn": upn(0), "urn": SCHOOL, "start_date": "2024-09-20", "sessions": "2", "reason_1": "DB"}],
    "attainment": [{"upn": upn(0), "stage": "ks2", "subject": "maths", "year": "2023", "result": "99"}],
}  # fmt: skip
ANY = ["schools", "roll", "census", "attendance", "suspensions", "involvements", "names"]


@pytest.mark.promise
@settings(SLOW, max_examples=20)
@given(st.data())
def test_whatever_is_done_to_another_table_nobody_who_stands_in_withheld_is_assessed_or_named(data):
    """Harm to the roll or the census may take a child out of the cohort, or give it a second UPN; not out of its protection."""
    table = data.draw(st.sampled_from(ANY))
    claim = data.draw(st.sampled_from(["none", "of a child who is protected", "by a child who is protected"]))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        tables = base() | {"names": names(), "withheld": RESTRICTED}
        for row in tables["roll"]:
            row["former_upn"] = ""
        if claim != "none":
            some = {CHILD: upn(1)} if claim.startswith("of") else {upn(1): CHILD}
            ((former, now),) = some.items()
            (row,) = (row for row in tables["roll"] if row["upn"] == now)
            row["former_upn"] = former
        path = write_extract(folder / "extract", tables) / f"{table}.csv"
        path.write_bytes(data.draw(harm(path.read_text())))
        if run(folder) is not None:
            event("refused")
            return
        event(f"imported, {claim}")
        records = open_store(folder / "store")
        people = cohort(records, AsOfDates.of([DAY], Calendar.of(records.authority))).to_pandas()
        assessed = set(people.loc[people["is_assessed"], "pupil"])
        upns = names_for(folder / "identities")["upn"]
        protected = {row["upn"] for row in RESTRICTED} | ({upn(1)} if claim != "none" else set())
        assert not assessed & set(upns.index[upns.isin(protected)])


@pytest.mark.promise
@SLOW
@given(st.data())
def test_whatever_is_done_to_any_file_no_value_of_a_pupil_is_told(data):
    table = data.draw(st.sampled_from([*ANY, *OPTIONAL]))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        path = (
            write_extract(folder / "extract", base() | {"names": names(), "withheld": RESTRICTED} | OPTIONAL)
            / f"{table}.csv"
        )
        path.write_bytes(data.draw(harm(path.read_text())))
        new = data.draw(
            st.sampled_from(
                [
                    "",
                    "",
                    f"{FORENAMES[1]}.csv",
                    f"{table}/{FORENAMES[2]} {SURNAME}.csv",
                    f"{table}/{upn(5)}.csv",
                ]
            )
        )
        if new:
            (folder / "extract" / new).parent.mkdir(exist_ok=True)
            path.rename(folder / "extract" / new)
        text = told(folder, run(folder)).casefold()
        for value in (*FORENAMES, SURNAME, *(upn(number) for number in range(6))):
            assert value.casefold() not in text
