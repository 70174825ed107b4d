"""What holds of import whatever an extract holds: nothing is lost, and order means nothing."""

import copy
import tempfile
from pathlib import Path

import pyarrow.parquet as pq
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from features.records.importing import import_extract
from features.records.upn import LETTERS, check_letter, upn_fault
from tests.extracts import (
    ACADEMY,
    OTHER,
    SCHOOL,
    base,
    header_of,
    temporary_upn,
    upn,
    write_csv,
    write_extract,
)

QUICK = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
DIGITS = st.text("0123456789", min_size=11, max_size=11)


@given(DIGITS, st.sampled_from("0123456789" + LETTERS))
def test_a_upn_with_its_check_letter_is_right_and_with_any_other_is_not(digits, last):
    letter = check_letter(digits + last)
    assert upn_fault(letter + digits + last) == ""
    assert {upn_fault(other + digits + last) for other in LETTERS if other != letter} == {"upn_check_letter"}


@given(DIGITS, st.sampled_from("0123456789"), st.integers(0, 10), st.sampled_from("123456789"))
def test_one_wrong_digit_is_always_found(digits, last, place, by):
    body = digits + last
    wrong = body[:place] + str((int(body[place]) + int(by)) % 10) + body[place + 1 :]
    assert check_letter(body) != check_letter(wrong)


@given(st.text(max_size=20))
def test_any_text_is_a_upn_or_breaks_a_rule(text):
    assert upn_fault(text) in ("", "upn_form", "upn_check_letter")


CELLS = {
    "upn": st.sampled_from([upn(0), upn(1), upn(4), f" {upn(2)}", upn(3).lower(), "A1", "B" + upn(0)[1:], upn(88), "", temporary_upn(7)]),
    "urn": st.sampled_from([SCHOOL, ACADEMY, OTHER, f"{SCHOOL}.0", "999999", "", "x"]),
    "date": st.sampled_from(["2024-09-03", "2024-09-04", "2025-01-07", "2031-01-01", "03/09/2024", "never", "", "1950-01-01"]),
    "am": st.sampled_from(["/", "I", "i", "E", "-", "Y9", "", " L"]),
    "text": st.sampled_from(["", "SUSP", "PERM", "LNCH", "cin", "C", "M", "S", "true", "Y", "0", "12", "101", "4.0", "F", "K", "DS", "é", '"', "a,b", "9"]),
}  # fmt: skip
BY_COLUMN = {"upn": "upn", "urn": "urn", "am": "am", "pm": "am"}


@st.composite
def messes(draw):
    """Extracts with some cells overwritten, rows doubled, and recorded days here and there."""
    tables = copy.deepcopy(base())
    for name in ("roll", "census", "attendance", "suspensions", "involvements"):
        rows = tables[name]
        for row in rows:
            row["recorded_on"] = draw(st.sampled_from(["", "", "2024-10-10", "2024-12-01", "2035-01-01"]))
        for _ in range(draw(st.integers(0, 6))):
            column = draw(st.sampled_from(sorted(rows[0])))
            kind = "date" if column.endswith(("_on", "date")) else BY_COLUMN.get(column, "text")
            rows[draw(st.integers(0, len(rows) - 1))][column] = draw(CELLS[kind])
        rows += [dict(rows[draw(st.integers(0, len(rows) - 1))]) for _ in range(draw(st.integers(0, 3)))]
    return tables


def imported(folder: Path, name: str) -> tuple[dict, dict[str, list[dict]], Path]:
    """The report, the rejected rows by table, and the store."""
    store = folder / f"{name}-store"
    report = import_extract(folder / name, store, folder / "identities", reject_limit=1).as_dict()
    rejected = {path.stem: pq.read_table(path).to_pylist() for path in (store / "rejected").glob("*.parquet")}
    return report, rejected, store


def content(store: Path) -> dict[str, bytes]:
    """Every byte of a store but where rejected rows stood."""
    paths = (path for path in store.rglob("*") if path.is_file() and path.parent.name != "rejected")
    return {path.relative_to(store).as_posix(): path.read_bytes() for path in paths}


@QUICK
@given(messes())
def test_every_row_is_kept_or_rejected_and_none_is_lost(tables):
    with tempfile.TemporaryDirectory() as folder:
        write_extract(Path(folder) / "extract", tables)
        report, rejected, store = imported(Path(folder), "extract")
        for name, rows in tables.items():
            counts = report["tables"][name]
            files = list((store / name).glob("*.parquet")) if (store / name).exists() else []
            kept = sum(pq.ParquetFile(path).metadata.num_rows for path in files)
            assert counts["read"] == len(rows) == kept + len(rejected[name])
            assert counts["kept"] == kept
            assert sum(counts["rejected"].values()) == len(rejected[name])
            lines = [row["line"] for row in rejected[name]]
            assert lines == sorted(set(lines))
            for row in rejected[name]:
                written = rows[row["line"] - 2]
                readable = name == "attendance" and row["rule"] in ("duplicate", "duplicate_key")
                for column, text in written.items():
                    given_text, kept_text = text.strip(), (row[column] or "").strip()
                    if readable:
                        given_text, kept_text = given_text.upper().removesuffix(".0"), kept_text.upper()
                    assert given_text == kept_text


@QUICK
@given(messes(), st.randoms(use_true_random=False), st.integers(1, 17))
def test_order_of_rows_and_splitting_of_files_change_nothing_but_lines(tables, random, cut):
    assume(
        all("/" not in row["date"] for row in tables["attendance"])
    )  # a file of its own style stays one file
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        write_extract(folder / "one", tables)
        shuffled = {name: random.sample(rows, len(rows)) for name, rows in tables.items()}
        write_extract(folder / "two", {name: rows for name, rows in shuffled.items() if name != "attendance"})
        marks = shuffled["attendance"]
        for part, rows in (("a", marks[:cut]), ("b", marks[cut:])):
            write_csv(folder / f"two/attendance/{part}.csv", rows, header=header_of("attendance", marks))
        one, two = imported(folder, "one"), imported(folder, "two")
        assert one[0]["tables"] == two[0]["tables"]
        first, second = content(one[2]), content(two[2])
        del first["report.json"], second["report.json"]  # it names files
        assert first == second


@QUICK
@given(messes())
def test_importing_twice_gives_the_same_bytes(tables):
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        write_extract(folder / "one", tables)
        write_extract(folder / "two", tables)
        first, second = (imported(folder, name)[2] for name in ("one", "two"))
        assert content(first) == content(second)
        assert all(
            (second / path.relative_to(first)).read_bytes() == path.read_bytes()
            for path in (first / "rejected").iterdir()
        )
