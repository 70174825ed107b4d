"""Every file and folder of an extract: read, named, passed over and counted, or in the way of an import."""

import bz2
import gzip
import lzma
import os
import zipfile

import pytest

from features.errors import AuthorityRefused, ExtractRefused
from features.records.found_files import distance, is_near_part, looks_like
from features.records.importing import check_extract, import_extract
from features.records.store import open_store
from tests.extracts import FORENAMES, base, names, upn, write_csv, write_extract

PROTECTED = f"upn,reason,from,to\n{upn(0)},restricted,2024-09-01,\n"
UNDER_OTHER_NAMES = [
    "withheld 2025.csv", "Withheld_2025.csv", "withheld list.csv", "WITHHELD.csv", "withheld.CSV", "withhelds.csv",
    "withheld.xlsx", "withheld.txt", "withheld.tsv", "withheld.csv.gz", "withheld.csv.bak", "withheld", "witheld.csv",
    "witheheld.csv", "withhled.csv", "withhold.csv", "with-held.csv", "copy of withheld.csv", "Copy of Withheld (2).csv",
    "withheld/2024/all.csv", "withheld 2025/all.csv", "Withheld/all.csv", "old/withheld.csv", "old/more/withheld.csv",
    "support/withheld.csv", "census/withheld.csv", ".withheld.csv", "._withheld.csv", "~$withheld.csv", "pupils withheld.parquet",
    "restricted.csv", "Adopted children.xlsx", "objections to profiling.csv", "opt-out list.txt", "Opted out.csv",
    "PROTECTED.csv", "Do not share.docx", "confidential addresses.csv", "old/restrictions.csv", "census/objectors.csv",
    "witness protection.csv", "sensitive cases.xlsx", "Article 21 requests.csv", "GDPR.csv", "shielded.csv", "refuge.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", UNDER_OTHER_NAMES)
def test_whatever_looks_like_withheld_and_is_not_read_as_it_stops_the_import(name, tmp_path):
    path = write_extract(tmp_path) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(PROTECTED)
    with pytest.raises(ExtractRefused, match="withheld") as refused:
        check_extract(tmp_path)
    assert upn(0) not in str(refused.value)


def archive(path, members):
    with zipfile.ZipFile(path, "w") as made:
        for name, text in members.items():
            made.writestr(name, text)


OLDER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def cells(encoding, width):
    """Texts as a binary workbook holds them, each after its length."""
    texts = ("upn", "reason", "from", "to", upn(0), "restricted")
    return b"".join(len(text).to_bytes(width, "little") + text.encode(encoding) for text in texts)


SHEET = "<sst><si><t>upn</t></si><si><t>reason</t></si><si><t>from</t></si><si><t>to</t></si></sst>"
BY_CONTENT = {
    "its header": ("children.csv", lambda path: path.write_text("UPN, Reason ,From\n")),
    "its header in Windows's Unicode": ("children.txt", lambda path: path.write_text(PROTECTED, encoding="utf-16")),
    "its header below a title": ("children.csv", lambda path: path.write_text("July\n\n" + PROTECTED)),
    "its header with tabs": ("children.tsv", lambda path: path.write_text(PROTECTED.replace(",", "\t"))),
    "its rows without a header": ("children.csv", lambda path: path.write_text(PROTECTED.splitlines()[1])),
    "its rows under other names": ("children.csv", lambda path: path.write_text("a,b,c,d\n" + PROTECTED.splitlines()[1])),
    "a hidden file": (".children", lambda path: path.write_text(PROTECTED)),
    "among the optional tables": ("names.csv", lambda path: path.write_text(PROTECTED)),
    "among the optional tables, under other names": (
        "names.csv", lambda path: path.write_text(PROTECTED.replace("reason,from,to", "x,y,z")),
    ),
    "gzip": ("children.gz", lambda path: path.write_bytes(gzip.compress(PROTECTED.encode()))),
    "an archive": ("children.zip", lambda path: archive(path, {"a.csv": PROTECTED})),
    "an archive with one": ("children.zip", lambda path: archive(path, {"Withheld.csv": ""})),
    "a workbook": ("children.xlsx", lambda path: archive(path, {"xl/sharedStrings.xml": SHEET})),
    "bzip2": ("children.bz2", lambda path: path.write_bytes(bz2.compress(PROTECTED.encode()))),
    "xz": ("children.xz", lambda path: path.write_bytes(lzma.compress(PROTECTED.encode()))),
    "an older workbook": ("children.xls", lambda path: path.write_bytes(OLDER + bytes(70_000) + cells("ascii", 3))),
    "an older workbook, in letters of two bytes": ("children.xls", lambda path: path.write_bytes(OLDER + cells("utf-16-le", 3))),
    "a workbook without text": ("children.xlsb", lambda path: archive(path, {"xl/sharedStrings.bin": cells("utf-16-le", 4)})),
    "text in letters of two bytes, unmarked": ("children.txt", lambda path: path.write_text(PROTECTED, encoding="utf-16-le")),
    "UPNs and nothing else": ("children.csv", lambda path: path.write_text(f"UPN\n{upn(0)}\n\n{upn(1)}\n")),
    "UPNs without a header": ("children.txt", lambda path: path.write_text(f"{upn(0)}\n{upn(1)}\n")),
    "words beside a UPN": ("children.csv", lambda path: path.write_text(f"Pupil UPN;Note\n{upn(0)};Do not disclose (refuge)\n")),
    "words in the header": ("children.csv", lambda path: path.write_text(f"Pupil UPN,Do not share\n{upn(0)},Y\n")),
    "a folder": ("old/children.csv", lambda path: (path.parent.mkdir(), path.write_text(PROTECTED))),
}  # fmt: skip


@pytest.mark.parametrize("case", BY_CONTENT)
def test_a_list_of_protected_children_is_known_by_what_it_holds(case, tmp_path):
    name, write = BY_CONTENT[case]
    write(write_extract(tmp_path) / name)
    with pytest.raises(ExtractRefused, match="this .*looks like withheld"):
        check_extract(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        f"upn,grade\n{upn(0)},5\n",
        "Notes on objections and adopted children",
        "UPN,Do not share\n",
        f"Letters:\nfrom\n{upn(0)}\n",
    ],
)
def test_what_only_tells_of_children_is_none_of_them(text, tmp_path):
    (write_extract(tmp_path) / "notes.txt").write_text(text)
    assert check_extract(tmp_path).not_read == [{"name": "notes.txt", "looks_like": ""}]


def test_its_own_names_and_values_give_it_away_too(tmp_path):
    write_extract(tmp_path)
    with (tmp_path / "authority.toml").open("a") as file:
        file.write('[columns.withheld]\n"Why" = "reason"\n"Since" = "from"\n')
    (tmp_path / "children.csv").write_text("Pupil,Why,Since\n")
    with pytest.raises(
        AuthorityRefused, match="looks like withheld"
    ):  # which names columns of no file that is read
        check_extract(tmp_path)


def locked(path):
    archive(path, {"list.csv": "a\n"})
    data = bytearray(path.read_bytes())
    for start, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(start) + flags] |= 1
    path.write_bytes(data)


SEALED = {
    "a workbook under a password": (
        "list.xlsx", lambda path: path.write_bytes(OLDER + bytes(70_000) + "EncryptedPackage".encode("utf-16-le")),
    ),
    "an archive under a password": ("list.zip", locked),
    "in a folder": ("old/list.zip", lambda path: (path.parent.mkdir(), locked(path))),
    "7z": ("list.7z", lambda path: path.write_bytes(b"7z\xbc\xaf\x27\x1c")),
    "rar": ("list.rar", lambda path: path.write_bytes(b"Rar!\x1a\x07\0")),
}  # fmt: skip


@pytest.mark.parametrize("case", SEALED)
def test_what_nobody_can_look_into_stops_the_import(case, tmp_path):
    name, write = SEALED[case]
    write(write_extract(tmp_path) / name)
    with pytest.raises(ExtractRefused, match="list of children who are withheld") as refused:
        check_extract(tmp_path)
    assert len(refused.value.breaches) == 1


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(write_extract(tmp_path) / "feed")
    report = check_extract(tmp_path)
    assert report.not_read == [{"name": "feed", "looks_like": ""}]


MARKED = {"Withheld": "Y", "Restricted address": "1", "do_not_share": "address", "Adopted": "2019"}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
@pytest.mark.parametrize("column", MARKED)
def test_a_column_that_marks_children_as_withheld_is_not_passed_over(column, kind, tmp_path):
    tables = base()
    tables["roll"] = [row | {column: "n"} for row in tables["roll"]]
    check_extract(write_extract(tmp_path / "none", tables, parquet=("roll",) * (kind == "parquet")))
    tables["roll"][1][column] = MARKED[column]
    write_extract(tmp_path / "one", tables, parquet=("roll",) * (kind == "parquet"))
    with pytest.raises(ExtractRefused, match=f"column {column}: by its name it marks children"):
        check_extract(tmp_path / "one")


def test_an_empty_folder_of_that_name_stops_it_too(tmp_path):
    (write_extract(tmp_path) / "withheld").mkdir()
    with pytest.raises(ExtractRefused, match="^withheld: this would not be read"):
        check_extract(tmp_path)


def test_a_link_that_leads_nowhere_stops_it_too(tmp_path):
    (write_extract(tmp_path) / "withheld.csv").symlink_to(tmp_path / "gone.csv")
    with pytest.raises(ExtractRefused, match="looks like withheld"):
        check_extract(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "census.xlsx",
        "census/2024.xlsx",
        "census/2024/all.csv",
        "Roll.CSV",
        "roll 2024.csv",
        "suspensions.txt",
    ],
)
def test_a_part_of_a_table_that_has_no_other_is_refused(name, tmp_path):
    path = write_extract(tmp_path) / name
    (tmp_path / f"{looks_like(name.split('/')[0])}.csv").unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("what would be missed")
    with pytest.raises(ExtractRefused, match="this would not be read") as refused:
        check_extract(tmp_path)
    (breach,) = refused.value.breaches
    assert name.startswith(breach.split(":")[0])


def test_everything_that_is_not_read_is_named_with_the_table_that_it_looks_like(tmp_path):
    write_extract(tmp_path)
    for name in ("census.xlsx", "roll 2025.csv", "notes.txt", "Attendence.csv", "names 2024.docx"):
        (tmp_path / name).write_text("what something was saved from")
    (tmp_path / "older").mkdir()
    (tmp_path / "older/census.csv").write_text("x")
    found = check_extract(tmp_path)
    assert {one["name"]: one["looks_like"] for one in found.not_read} == {
        "census.xlsx": "census", "roll 2025.csv": "roll", "notes.txt": "", "Attendence.csv": "attendance",
        "names 2024.docx": "names", "older": "",
    }  # fmt: skip
    (line,) = [line for line in found.closing_lines() if line.startswith("Not read")]
    assert "6 files and folders" in line
    assert "roll 2025.csv (looks like roll)" in line


HIDDEN = ["._census.csv", ".DS_Store", "~$census.xlsx", "Thumbs.db", "desktop.ini", ".~lock.census.csv#"]


def test_hidden_files_of_operating_systems_are_passed_over_and_counted(tmp_path):
    write_extract(tmp_path, base() | {"withheld": []})
    (tmp_path / "census").mkdir()
    (tmp_path / "census.csv").rename(tmp_path / "census/all.csv")
    for name in HIDDEN:
        (tmp_path / name).write_bytes(b"\0\5\26\7")
    (tmp_path / "census/._all.csv").write_bytes(b"\0\5\26\7")
    (tmp_path / "._withheld.csv").write_bytes(b"\0\5\26\7")  # beside the file that it belongs to
    found = check_extract(tmp_path)
    assert found.tables["census"].read == 6
    assert found.num_hidden == len(HIDDEN) + 2
    assert found.not_read == []


IN_HIDDEN = {
    "a hidden folder": ".old/withheld.csv",
    "deep in one": ".old/2024/all/withheld.csv",
    "by what it holds": ".old/children.csv",
    "what a Mac leaves of an archive": "__MACOSX/withheld.csv",
    "the waste bin": "$RECYCLE.BIN/a.csv",
}


@pytest.mark.parametrize("case", IN_HIDDEN)
@pytest.mark.parametrize("text", [PROTECTED, upn(0)])
def test_what_is_hidden_is_looked_into_before_it_is_passed_over(case, text, tmp_path):
    name = IN_HIDDEN[case]
    if name.endswith(("children.csv", "/a.csv")) and text != PROTECTED:
        return
    path = write_extract(tmp_path) / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(ExtractRefused, match="looks like withheld"):
        check_extract(tmp_path)


@pytest.mark.parametrize("name", [".b.csv", "._b.csv", "._a.csv", "~$a.csv"])
def test_a_hidden_list_among_the_lists_is_read_or_stops_the_import(name, tmp_path):
    folder = write_extract(tmp_path) / "withheld"
    folder.mkdir()
    (folder / "a.csv").write_text(PROTECTED)
    (folder / name).write_text(PROTECTED.replace(upn(0), upn(1)))
    assert check_extract(tmp_path).protected["restricted"] == 2
    (folder / name).write_text(upn(1))
    with pytest.raises(ExtractRefused, match="^withheld/"):
        check_extract(tmp_path)


def test_what_a_mac_leaves_of_a_list_is_passed_over_and_said(tmp_path):
    write_extract(tmp_path)
    for name in ("withheld/a.csv", "withheld/._a.csv", "withheld/.DS_Store", "__MACOSX/._withheld.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(PROTECTED.encode() if name == "withheld/a.csv" else b"\0\5\26\7")
    found = check_extract(tmp_path)
    assert (found.num_hidden, found.protected["restricted"]) == (3, 1)
    lines = " ".join(found.closing_lines())
    assert "3 hidden files and folders of an operating system passed over" in lines
    assert "every file and folder" not in lines


def test_a_file_called_after_a_child_is_not_named(tmp_path):
    write_extract(tmp_path, base() | {"names": names()})
    for name in (f"{FORENAMES[0]}.csv", f"{upn(3)}.txt"):
        (tmp_path / name).write_text("x")
    (tmp_path / "census").mkdir()
    (tmp_path / "census.csv").rename(tmp_path / f"census/{FORENAMES[1]} 2024.csv")
    text = str(check_extract(tmp_path).as_dict())
    assert not any(value in text for value in (*FORENAMES, upn(3)))
    assert "(name not shown).csv" in text


@pytest.mark.parametrize(
    "name", ["pupil names.csv", "names.xlsx", "names 2024/all.csv", "old/children.csv", "register.txt"]
)
def test_names_that_are_not_read_are_not_printed_either(name, tmp_path):
    path = write_extract(tmp_path, base()) / name
    path.parent.mkdir(exist_ok=True)
    start = b"PK\3\4\0" if path.suffix == ".xlsx" else b""
    path.write_bytes(start + f"upn,forename,surname\n{upn(0)},{FORENAMES[0]},x\n".encode())
    (tmp_path / f"{FORENAMES[0]}.docx").write_text("x")
    try:
        text = str(check_extract(tmp_path).as_dict())
    except ExtractRefused as refused:
        text = str(refused)
    assert FORENAMES[0] not in text


@pytest.mark.parametrize("table", ["suspensions", "attendance", "census", "schools"])
@pytest.mark.parametrize("parquet", [False, True])
def test_a_name_is_never_a_pattern(table, parquet, tmp_path):
    tables = base()
    rows, outside = tables[table], tmp_path / "city [1]" / "x=1" / "ex*tract?"
    write_extract(outside, tables, parquet=[table] if parquet else [])
    suffix = "parquet" if parquet else "csv"
    whole = outside / f"{table}.{suffix}"
    (outside / table).mkdir()
    for place, name in enumerate(("part[1]", "part1", "part*", "part?")):
        some = {table: rows[place::4]}
        if some[table]:
            write_extract(tmp_path / "one", some, parquet=[table] if parquet else [])
            (tmp_path / "one" / whole.name).rename(outside / table / f"{name}.{suffix}")
    whole.unlink()
    store = tmp_path / "st[o]re" / "y=2" / "records*"
    found = import_extract(outside, store, tmp_path / "identities")
    assert found.tables[table].read == len(rows)
    assert found.tables[table].rejected.total() == 0
    records = open_store(store)
    assert records.tables[table].count().to_pyarrow().as_py() == len(rows)
    assert set(records.tables[table].columns) >= {"urn"}
    assert not {"x", "y"} & set(records.tables[table].columns)


def test_slips_between_words_are_counted():
    pairs = {
        ("withheld", "withheld"): 0,
        ("witheld", "withheld"): 1,
        ("withhled", "withheld"): 1,
        ("with", "withheld"): 4,
    }
    assert {pair: distance(*pair) for pair in pairs} == pairs
    assert is_near_part("copyofwitheldlist", "withheld", 1)


@pytest.mark.parametrize(
    "name", ["suppression list.csv", "Adoptees 2025.csv", "Pupils not to be included.csv", "DO NOT USE.csv"]
)
def test_a_list_that_only_its_name_tells_of(name, tmp_path):
    (write_extract(tmp_path) / name).write_text(f"upn,note\n{upn(0)},x\n")
    with pytest.raises(ExtractRefused, match="looks like withheld"):
        check_extract(tmp_path)


@pytest.mark.parametrize(
    "name",
    [
        "Whitefield.csv",
        "Withernsea.csv",
        "Highfield School.csv",
        "census 2024.csv",
        "Wetherby.csv",
        "wellfield.csv",
    ],
)
def test_what_only_begins_alike_is_not_taken_for_it(name):
    assert looks_like(name) != "withheld"


def test_rows_that_are_protected_in_a_folder_of_files_are_read(tmp_path):
    write_extract(tmp_path)
    write_csv(
        tmp_path / "withheld/2025.csv",
        [{"upn": upn(0), "reason": "restricted", "from": "2024-09-01"}],
        header=["upn", "reason", "from"],
    )
    assert check_extract(tmp_path).protected["restricted"] == 1


@pytest.mark.parametrize("table", ["roll", "attendance", "withheld"])
def test_a_table_that_lies_in_two_places_is_named(table, tmp_path):
    rows = [{"upn": upn(0), "reason": "objection", "from": "2024-09-01", "to": ""}]
    write_extract(tmp_path, base() | {"withheld": rows})
    (tmp_path / table).mkdir()
    (tmp_path / table / "all.csv").write_bytes((tmp_path / f"{table}.csv").read_bytes())
    found = check_extract(tmp_path, reject_limit=1)
    assert found.several == {table: [f"{table}.csv", f"{table}/"]}
    assert f"{table}: {table}.csv, {table}/ were read together as one table." in " ".join(found.sentences())
    (tmp_path / f"{table}.csv").unlink()
    assert check_extract(tmp_path).several == {}
