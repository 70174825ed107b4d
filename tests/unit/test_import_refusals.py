"""What stops an import: one clear error with file, column and what to do, and nothing left behind."""

import errno
import os

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from features.errors import AuthorityRefused, ExtractRefused, IdentitiesRefused, NoRoom, StoreRefused
from features.records import importing, store_files
from features.records.importing import check_extract, import_extract
from tests.extracts import FORENAMES, SURNAME, base, names, upn, write_csv, write_extract
from tests.small import AUTHORITY


def nhs_number(seed: int) -> str:
    digits = f"{943476000 + seed:09d}"
    check = 11 - sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), digits, strict=True)) % 11
    return f"{digits}{check % 11}" if check != 10 else nhs_number(seed + 100)


def with_column(table: str, column: str, values: list[str]):
    def edit(tables):
        for row, value in zip(tables[table], values, strict=False):
            row[column] = value

    return edit


REFUSED = {
    "missing table": (lambda t: t.pop("involvements"), ["involvements: the table is missing"]),
    "missing tables": (
        lambda t: [t.pop(name) for name in ("roll", "census")],
        ["roll: the table is missing", "census: the table is missing"],
    ),
    "empty table": (lambda t: t["suspensions"].clear(), ["suspensions.csv: the table is empty"]),
    "missing column": (
        lambda t: [row.pop("start_date") for row in t["suspensions"]],
        ["suspensions.csv, column start_date: a required column is missing"],
    ),
    "a column that may be blank but must be there": (
        lambda t: [row.pop("leaving_date") for row in t["roll"]],
        ["roll.csv, column leaving_date: a required column is missing"],
    ),
    "two faults at once": (
        lambda t: (t.pop("census"), [row.pop("am") for row in t["attendance"]]),
        ["census: the table is missing", "attendance.csv, column am: a required column is missing"],
    ),
    "NHS numbers": (
        with_column("attendance", "health_id", [nhs_number(place) for place in range(18)]),
        ["attendance.csv, column health_id: holds NHS numbers"],
    ),
    "NHS numbers in place of UPNs": (
        lambda t: [row.update(upn=nhs_number(place)) for place, row in enumerate(t["census"])],
        ["census.csv, column upn: holds NHS numbers"],
    ),
    "National Insurance numbers": (
        with_column("involvements", "ref", ["", "QQ123456C"]),
        ["involvements.csv, column ref: holds National Insurance numbers"],
    ),
    "a column of names": (
        with_column("roll", "Surname", ["x"] * 6),
        ["roll.csv, column Surname: a name outside names"],
    ),
    "a column of names under another name": (
        lambda t: (t.update(names=names()), with_column("census", "Who", list(FORENAMES))(t)),
        ["census.csv, column Who: a name outside names"],
    ),
    "a column of full names": (
        lambda t: (t.update(names=names()), with_column("census", "Who", [f"{SURNAME}, {name}" for name in FORENAMES])(t)),
        ["census.csv, column Who: a name outside names"],
    ),
    "a column twice": (
        lambda t: [row.update(UPN=row["upn"]) for row in t["roll"]],
        ["roll.csv, column upn: the column stands there twice"],
    ),
    "too many rejected": (
        lambda t: [row.update(upn=f"A{place}") for place, row in enumerate(t["census"][:2])],
        [
            "census.csv, column upn: more than 5 % of rows are rejected (2 of 6 rows of census, most of them by upn_form). The UPN does not "
            "have the form of one: a letter, eleven digits, then a digit or a letter. Copy it from the school's own system. "
            "What a rejected row says counts for no child. Put the rows right"
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_extract(case, tmp_path):
    edit, starts = REFUSED[case]
    tables = base()
    edit(tables)
    write_extract(tmp_path / "extract", tables)
    with pytest.raises(ExtractRefused) as refused:
        import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert len(refused.value.breaches) == len(starts)
    assert all(breach.startswith(start) for breach, start in zip(refused.value.breaches, starts, strict=True))
    assert {path.name for path in tmp_path.iterdir()} == {"extract"}
    assert refused.value.exit_code == 3


BROKEN = {
    "too many values": ("roll.csv", lambda lines: lines[2] + ",one,more", "Line 3 does not hold"),
    "too few values": ("roll.csv", lambda lines: lines[2].rsplit(",", 1)[0], "Line 3 does not hold"),
    "registers with too many values": (
        "attendance.csv",
        lambda lines: lines[2] + ",1",
        "Line 3 does not hold",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_lines_that_cannot_be_parsed_are_named_without_their_values(case, tmp_path):
    file, line, words = BROKEN[case]
    path = write_extract(tmp_path) / file
    lines = path.read_text().splitlines()
    lines[2] = line(lines)
    path.write_text("\n".join(lines))
    with pytest.raises(ExtractRefused, match=words) as refused:
        check_extract(tmp_path)
    assert file in str(refused.value)
    assert not any(upn(number) in str(refused.value) for number in range(6))
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("content", [b"", b"PAR1 not a table", b"\x00\x01\x02", b"upn,urn\n\x81\x8d\n"])
@pytest.mark.parametrize("file", ["census.csv", "attendance.parquet"])
def test_files_that_cannot_be_read_at_all(file, content, tmp_path):
    write_extract(tmp_path)
    (tmp_path / "attendance.csv").rename(tmp_path / "attendance.bak") if "attendance" in file else None
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ExtractRefused) as refused:
        check_extract(tmp_path)
    assert all(breach.startswith(file) for breach in refused.value.breaches)


OTHER_KINDS = {
    "Notepad's Unicode": (lambda text: text.encode("utf-16"), "UTF-16, which Windows calls Unicode"),
    "big-endian": (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "UTF-16, which Windows calls Unicode"),
    "old Mac": (lambda text: text.replace("\n", "\r").encode(), "as on old Macs, with a carriage return alone"),
    "a workbook": (lambda text: b"PK\3\4" + text.encode(), "an Excel workbook or a zip archive"),
    "an old workbook": (lambda text: b"\xd0\xcf\x11\xe0" + text.encode(), "an old Excel workbook"),
    "gzip": (lambda text: b"\x1f\x8b" + text.encode(), "an archive made with gzip"),
    "Parquet": (lambda text: b"PAR1" + text.encode(), "a Parquet file, whose name has to end in .parquet"),
    "semicolons": (lambda text: text.replace(",", ";").encode(), "the values are not separated by commas"),
    "a nought byte far in": (lambda text: (text + "\n" * 300_000 + "\0").encode(), r"damaged: on line 300,0\d\d a zero byte stands"),
    "Unicode without its mark": (lambda text: text.encode("utf-16-le"), "UTF-16 without its mark"),
    "a quotation mark left open": (lambda text: (text + '"').encode() + b"x,y\n" * 9, "stray quotation mark"),
}  # fmt: skip


@pytest.mark.parametrize("table", ["census", "attendance", "names"])
@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_a_file_of_another_kind_is_called_what_it_is(kind, table, tmp_path):
    turned, words = OTHER_KINDS[kind]
    path = write_extract(tmp_path, base() | {"names": names()}) / f"{table}.csv"
    path.write_bytes(turned(path.read_text()))
    with pytest.raises(ExtractRefused, match=words) as refused:
        check_extract(tmp_path)
    (breach,) = refused.value.breaches
    assert breach.startswith(f"{table}.csv")
    assert not any(upn(number) in breach for number in range(6))


@pytest.mark.parametrize("table", ["census", "attendance"])
def test_a_parquet_column_of_lists_is_named(table, tmp_path):
    path = write_extract(tmp_path) / f"{table}.csv"
    rows = base()[table]
    path.unlink()
    columns = {name: pa.array([row[name] for row in rows]) for name in rows[0]}
    columns["urn"] = pa.array([[row["urn"]] for row in rows])
    pq.write_table(pa.table(columns), tmp_path / f"{table}.parquet")
    with pytest.raises(
        ExtractRefused, match=rf"^{table}.parquet, column urn: a cell holds a list or a record"
    ):
        check_extract(tmp_path)


@pytest.mark.parametrize("table", ["census", "attendance"])
def test_parquet_columns_of_one_name_that_nobody_asked_for_are_looked_through_each(table, tmp_path):
    rows = base()[table]
    (write_extract(tmp_path) / f"{table}.csv").unlink()
    columns = [pa.array([row[name] for row in rows]) for name in rows[0]]
    held = [pa.array(["seen"] * len(rows)), pa.array(["QQ123456C"] * len(rows))]
    pq.write_table(
        pa.table([*columns, *held], names=[*rows[0], "Notes", "Notes"]), tmp_path / f"{table}.parquet"
    )
    with pytest.raises(
        ExtractRefused, match=f"^{table}.parquet, column Notes: holds National Insurance numbers"
    ):
        check_extract(tmp_path)


@pytest.mark.parametrize("table", ["census", "attendance", "names"])
@pytest.mark.parametrize("damage", ["bytes that are no text", "a footer that is no footer"])
def test_a_broken_parquet_file_is_refused_by_name(damage, table, tmp_path):
    tables = base() | {"names": names()}
    (write_extract(tmp_path, tables) / f"{table}.csv").unlink()
    path = tmp_path / f"{table}.parquet"
    rows = [{name: text.encode() + b"\xff" for name, text in row.items()} for row in tables[table]]
    pq.write_table(pa.Table.from_pylist(rows), path)
    if "footer" in damage:
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[:middle] + bytes(byte ^ 0x5A for byte in content[middle:-8]) + content[-8:])
    with pytest.raises(ExtractRefused, match=f"^{table}.parquet: the file cannot be parsed as Parquet"):
        check_extract(tmp_path)


def test_a_phase_with_pupils_and_no_places(tmp_path):
    lacking = AUTHORITY.replace("secondary = 10, ", "")
    write_extract(tmp_path, authority=lacking)
    with pytest.raises(AuthorityRefused, match="the phase secondary has pupils"):
        check_extract(tmp_path)


def test_a_phase_without_pupils_needs_no_places(tmp_path):
    check_extract(write_extract(tmp_path, authority=AUTHORITY.replace("primary = 5, ", "")))


def test_a_header_and_an_empty_line_are_an_empty_table(tmp_path):
    path = write_extract(tmp_path) / "census.csv"
    path.write_text(path.read_text().splitlines()[0] + "\n\n")
    with pytest.raises(ExtractRefused, match=r"census.csv: the table is empty"):
        check_extract(tmp_path)


def test_optional_tables_may_be_empty_or_missing(tmp_path):
    write_extract(tmp_path, base() | {"support": [], "names": []})
    assert check_extract(tmp_path).tables["support"].read == 0


def test_a_larger_share_may_be_allowed(tmp_path):
    tables = base()
    tables["census"][0]["upn"] = "A1"
    write_extract(tmp_path, tables)
    with pytest.raises(ExtractRefused):
        check_extract(tmp_path, reject_limit=0.16)
    assert check_extract(tmp_path, reject_limit=0.17).tables["census"].kept == 5


def test_pages_are_written_though_too_many_rows_are_rejected(tmp_path):
    tables = base()
    tables["census"][0]["upn"] = "A1"
    write_extract(tmp_path / "extract", tables)
    with pytest.raises(ExtractRefused):
        check_extract(tmp_path / "extract", pages=tmp_path / "pages")
    assert (tmp_path / "pages/100001.html").exists()


def test_a_store_that_exists_is_refused_and_left_alone(tmp_path):
    write_extract(tmp_path / "extract")
    (tmp_path / "store").mkdir()
    (tmp_path / "store/mine").write_text("mine")
    with pytest.raises(StoreRefused, match="is there already"):
        import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert (tmp_path / "store/mine").read_text() == "mine"
    assert not (tmp_path / "identities").exists()


def test_no_identities(tmp_path):
    write_extract(tmp_path / "extract")
    with pytest.raises(IdentitiesRefused, match="--identities DIR"):
        import_extract(tmp_path / "extract", tmp_path / "store", None)
    (tmp_path / "other").mkdir()
    with pytest.raises(IdentitiesRefused, match="holds no readable key"):
        import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "other")
    with pytest.raises(IdentitiesRefused, match="inside one another"):
        import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "store/identities")
    assert not (tmp_path / "store").exists()


FAILURES = {
    "full disk": (OSError(errno.ENOSPC, "No space left on device"), NoRoom, "is full"),
    "no permission": (PermissionError(errno.EACCES, "Permission denied"), NoRoom, "may not be written to"),
    "Ctrl-C": (KeyboardInterrupt(), KeyboardInterrupt, None),
}


@pytest.mark.parametrize("case", FAILURES)
@pytest.mark.parametrize("where", ["write_table", "write_json", "keep_identities", "rename"])
def test_a_failure_on_the_way_leaves_nothing(case, where, tmp_path, monkeypatch):
    error, expected, words = FAILURES[case]

    def fail(*given, **named):
        raise error

    write_extract(tmp_path / "extract")
    if where == "rename":
        monkeypatch.setattr(importing, "sync", fail)
        monkeypatch.setattr(type(tmp_path), "rename", fail)
    else:
        monkeypatch.setattr(importing if where == "keep_identities" else store_files, where, fail)
    with pytest.raises(expected, match=words):
        import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert {path.name for path in tmp_path.iterdir()} == {"extract"}


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path):
    write_extract(tmp_path / "extract")
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(NoRoom, match="may not be written to"):
        import_extract(tmp_path / "extract", tmp_path / "closed/store", tmp_path / "identities")


AMISS = {
    "a file": (lambda folder: folder / "roll.csv", "roll.csv is no folder, or is not there"),
    "nothing": (lambda folder: folder / "nothing", "nothing is no folder, or is not there"),
}


@pytest.mark.parametrize("case", AMISS)
def test_an_extract_that_is_no_folder_is_called_so(case, tmp_path):
    place, words = AMISS[case]
    with pytest.raises(AuthorityRefused, match=words):
        import_extract(
            place(write_extract(tmp_path / "extract")), tmp_path / "store", tmp_path / "identities"
        )
    assert {path.name for path in tmp_path.iterdir()} == {"extract"}


def test_an_authority_toml_that_is_a_folder(tmp_path):
    write_extract(tmp_path)
    (tmp_path / "authority.toml").unlink()
    (tmp_path / "authority.toml").mkdir()
    with pytest.raises(AuthorityRefused, match=r"authority.toml cannot be read \(Is a directory\)"):
        check_extract(tmp_path)


def closed(*names):
    """A pathlib method that may not look at paths of these names, and does as ever at all others."""

    def around(method):
        def look(path, *given, **named):
            if path.name in names:
                raise PermissionError(errno.EACCES, "Permission denied")
            return method(path, *given, **named)

        return look

    return around


@pytest.mark.parametrize(
    ("name", "method", "error", "words"),
    [
        (
            "authority.toml",
            "read_text",
            AuthorityRefused,
            r"authority.toml cannot be read \(Permission denied\)",
        ),
        ("census", "iterdir", ExtractRefused, "census: the folder may not be read"),
    ],
)
def test_what_may_not_be_read_is_named_and_not_taken_for_a_place_to_write(
    name, method, error, words, tmp_path, monkeypatch
):
    write_extract(tmp_path)
    (tmp_path / "census").mkdir()
    (tmp_path / "census.csv").rename(tmp_path / "census" / "all.csv")
    monkeypatch.setattr(type(tmp_path), method, closed(name)(getattr(type(tmp_path), method)))
    with pytest.raises(error, match=words):
        check_extract(tmp_path)


def test_identities_that_may_not_be_written_to_are_named(tmp_path, monkeypatch):
    write_extract(tmp_path / "extract")
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    monkeypatch.setattr(type(tmp_path), "replace", closed("upn.parquet")(type(tmp_path).replace))
    with pytest.raises(NoRoom, match="/identities may not be written to"):
        import_extract(tmp_path / "extract", tmp_path / "again", tmp_path / "identities")
    assert {path.name for path in tmp_path.iterdir()} == {"extract", "store", "identities"}


def test_a_failure_leaves_identities_of_before_as_they_were(tmp_path, monkeypatch):
    write_extract(tmp_path / "extract", base() | {"names": names()})
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    before = {path.name: path.read_bytes() for path in (tmp_path / "identities").iterdir()}

    def fail(*given, **named):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("features.records.identities.write_table", fail)
    with pytest.raises(NoRoom):
        import_extract(tmp_path / "extract", tmp_path / "again", tmp_path / "identities")
    assert {path.name: path.read_bytes() for path in (tmp_path / "identities").iterdir()} == before
    assert {path.name for path in tmp_path.iterdir()} == {"extract", "store", "identities"}


def test_what_a_killed_run_left_is_removed(tmp_path):
    write_extract(tmp_path / "extract")
    left = tmp_path / ".store.unfinished-1"
    left.mkdir()
    (left / "registers").write_bytes(b"x")
    import_extract(tmp_path / "extract", tmp_path / "store", tmp_path / "identities")
    assert {path.name for path in tmp_path.iterdir()} == {"extract", "store", "identities"}


def test_csv_with_another_separator_says_so(tmp_path):
    write_extract(tmp_path)
    rows = base()["census"]
    write_csv(tmp_path / "census.csv", [], header=[";".join(rows[0])])
    with pytest.raises(ExtractRefused, match=r"census.csv: .*comma"):
        check_extract(tmp_path)


@pytest.mark.parametrize("column", ["name", "district", "sharing_panel"])
@pytest.mark.parametrize("text", [upn(0), f"Home of {upn(0).lower()}", " ".join(upn(0))])
def test_a_upn_in_the_name_of_a_school_or_district_is_refused_and_not_printed(column, text, tmp_path):
    tables = base()
    for row in tables["schools"]:
        row.setdefault("sharing_panel", "North")
    tables["schools"][1][column] = text
    with pytest.raises(ExtractRefused) as refused:
        check_extract(write_extract(tmp_path, tables))
    (breach,) = refused.value.breaches
    assert breach.startswith(f"schools.csv, line 3, column {column}: the text holds a UPN")
    assert text not in breach
