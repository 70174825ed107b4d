"""Every file and folder of an extract: what is read as which table, what is not, and what is passed over.

Nothing is left out in silence. What is not read is named with the table that it looks like, and whatever
looks like `withheld`, by its name or by what stands in it, stops the import: a child with a protected
address is never scored because a list was saved under another name.
"""

import bz2
import gzip
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from features.records.authority import FILE_NAME, UPN, Authority
from features.records.private import is_name
from features.records.shown import WORD
from features.tables import TABLES

READ = (".csv", ".parquet")
HEAD = 1 << 16  # bytes of a file that is not read, in which a list of protected children is looked for
MOST_PARTS = 40  # of an archive or workbook
HIDDEN = {"thumbs.db", "desktop.ini", "__macosx", "$recycle.bin", "system volume information"}
APPLE_DOUBLE = b"\0\5\26\7"  # how `._x` begins, in which macOS keeps what other file systems cannot
PROTECTED, NAMES = "withheld", "names"
LOOKED_THROUGH = 30  # lines in which a header is looked for
OF_PROTECTION = ("upn", "reason", "from", "to")
# What such a list is called where nobody calls it withheld.
OTHER_WORDS = ("restricted", "restriction", "objection", "objector", "adopted", "adoption", "optout", "optsout", "optedout", "optingout", "protectedaddress", "confidentialaddress", "donotshare", "donotscore", "donotname", "donotlist", "donotprocess", "donotdisclose", "donotcontact", "nodisclosure", "nondisclosure", "righttoobject", "article", "gdpr", "sensitive", "shielded", "refuge", "witness", "safeaddress", "suppress", "adoptee", "adoptive", "nottobe", "donotuse", "donotinclude", "excludefromlist")  # fmt: skip
OLDER_OFFICE = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how .xls and .doc begin, and any newer one under a password
)
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the part of such a file that holds the newer one
WHOLE = 1 << 24  # bytes of such a file, whose text may stand anywhere in it
OPENERS = {b"\x1f\x8b": gzip.GzipFile, b"BZh": bz2.BZ2File, b"\xfd7zXZ\0": lzma.LZMAFile}
CLOSED_BOOKS = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07")  # archives that are not looked into
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True)
class Unread:
    """A file or folder that is not read.

    Attributes
    ----------
    name : str
        From the extract's folder on.
    looks_like : str
        The table that it looks like; "" for none.
    of_people : tuple of Path
        It, or the files in it, that look like names: what stands there is told from a name of a column or file.
    is_sealed : bool
        It, or a file in it, is under a password or an archive of a kind that is not looked into.
    """

    name: str
    looks_like: str
    of_people: tuple[Path, ...] = ()
    is_sealed: bool = False


@dataclass(frozen=True)
class FoundFiles:
    """What lies in an extract's folder.

    Attributes
    ----------
    tables : mapping of str to list of Path
        The files that are read, by table.
    unread : list of Unread
        Everything else, in order of name; a folder in which nothing is read once, for all that is in it.
    num_hidden : int
        Hidden files of operating systems.
    closed : list of str
        Folders and files that may not be opened.
    misplaced : list of str
        Files that would be read as another table, and look like `withheld`.
    """

    tables: Mapping[str, list[Path]]
    unread: list[Unread]
    num_hidden: int
    closed: list[str]
    misplaced: list[str]


def find_files(folder: Path, authority: Authority) -> FoundFiles:
    """Look at everything in an extract's folder; nothing is read as a table yet."""
    tables: dict[str, list[Path]] = {name: [] for name in TABLES}
    unread: list[Unread] = []
    closed: list[str] = []
    misplaced: list[str] = []
    signs = _Signs(authority)
    num_hidden = 0
    for path, table in _entries(folder, closed):
        name = path.relative_to(folder).as_posix()
        try:
            is_passed_over = is_hidden(path) and not _hides(path, signs)
        except PermissionError:
            closed.append(name)
            continue
        if is_passed_over:
            num_hidden += 1
        elif table and path.is_file():
            tables[table].append(path)
            if table != PROTECTED and (
                looks_like(path.name) == PROTECTED or (TABLES[table].is_optional and signs.are_in(path))
            ):
                misplaced.append(name)
        elif name != FILE_NAME:
            try:
                sealed = any(_is_sealed(one) for one in _all(path))
                unread.append(Unread(name, _likeness(path, signs), _of_people(path, signs), sealed))
            except PermissionError:
                closed.append(name)
    return FoundFiles(tables, unread, num_hidden, closed, misplaced)


def _entries(folder: Path, closed: list[str]) -> Iterator[tuple[Path, str]]:
    """Each entry of the folder, and of the folders of tables, with the table that it is read as ("" for none)."""
    for path in sorted(folder.iterdir()):
        if path.name in TABLES and path.is_dir():
            try:
                inside = sorted(path.iterdir())
            except PermissionError:
                closed.append(path.name)
                continue
            yield from ((one, path.name if one.suffix.lower() in READ else "") for one in inside)
            if not any(not is_hidden(one) for one in inside):
                yield path, ""  # an empty folder of a table
        else:
            yield path, path.stem if path.suffix in READ and path.stem in TABLES else ""


def is_hidden(path: Path) -> bool:
    """Is it a file that an operating system or office program leaves beside others?

    In and for `withheld` a hidden companion (`._x`, `~$x`, `.~lock.x#`) is passed over only where the file
    that it belongs to is there and the companion holds no UPN.
    """
    name = path.name
    if name.casefold() in HIDDEN:
        return True
    if not name.startswith((".", "~$")):
        return False
    own = re.sub(r"^(\._|~\$|\.~lock\.)", "", name).removesuffix("#")
    if name.casefold() == ".ds_store" or PROTECTED not in (path.parent.name, looks_like(own.lstrip("."))):
        return True
    return (
        own != name
        and _tells_of_nobody(path)
        and any(
            own.casefold() in (one.name.casefold(), one.name[2:].casefold())
            for one in path.parent.iterdir()
            if one != path and not one.name.startswith((".", "~$"))
        )
    )


def _tells_of_nobody(path: Path) -> bool:
    """Is a hidden companion what macOS writes, or without any UPN?"""
    return _is_apple_double(path) or not any(UPN.search(text) for text in _texts(path))


def _is_apple_double(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(APPLE_DOUBLE)) == APPLE_DOUBLE


def _hides(path: Path, signs: "_Signs") -> bool:
    """Does a hidden file, or anything in a hidden folder, look like a list of protected children?"""
    if not path.is_dir() or path.is_symlink():
        return signs.are_in(path)
    return any(
        signs.are_in(one) or (looks_like(one.name) == PROTECTED and not _is_apple_double(one))
        for one in _inside(path)
    )


def _inside(path: Path) -> list[Path]:
    """Everything in a folder, however deep; a folder in it that may not be opened is no empty one."""

    def refuse(error: OSError) -> None:
        raise error

    return sorted(
        Path(top) / name
        for top, folders, files in os.walk(path, onerror=refuse)
        for name in (*folders, *files)
    )


def looks_like(name: str) -> str:
    """The table that a file or folder looks like by its name, whatever else stands in it; "" for none.

    Letter case, numbers, other words, a plural and one or two slips of the keyboard change nothing.
    """
    words = WORD.findall(name.casefold())
    joined = "".join(words)
    is_near = is_near_part(joined, PROTECTED, 1) or any(is_near_part(word, PROTECTED, 2) for word in words)
    if is_near or "withhold" in joined or "protected" in words or any(word in joined for word in OTHER_WORDS):
        return PROTECTED
    exact = [
        table
        for table in TABLES
        if table in words or f"{table}s" in words or table.removesuffix("s") in words
    ]
    near = [table for table in TABLES if len(table) > 4 and any(distance(word, table) <= 1 for word in words)]
    inside = [table for table in TABLES if len(table) > 5 and table in joined]
    return next(iter((*exact, *near, *inside)), "")


def is_near_part(text: str, word: str, slips: int) -> bool:
    """Does a part of a text come within so many slips of a word?"""
    lengths = range(len(word) - slips, len(word) + slips + 1)
    return any(
        distance(text[start : start + length], word) <= slips
        for length in lengths
        for start in range(max(len(text) - length, 0) + 1)
    )


def distance(one: str, other: str) -> int:
    """Slips between two words: letters changed, left out, put in, or two neighbours swapped (Damerau)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        last, before, row = before, row, [place]
        for column, wanted in enumerate(other, 1):
            cost = min(before[column] + 1, row[-1] + 1, before[column - 1] + (letter != wanted))
            if place > 1 < column and letter == other[column - 2] and one[place - 2] == wanted:
                cost = min(cost, last[column - 2] + 1)
            row.append(cost)
    return row[-1]


class _Signs:
    """What gives a list of protected children away under any name: its header, or its rows.

    Parameters
    ----------
    authority : Authority
        Its own names for the table's columns and values count too.
    """

    def __init__(self, authority: Authority) -> None:
        own = {text.strip().casefold(): name for text, name in authority.columns.get(PROTECTED, {}).items()}
        self.columns = own | {name: name for name in OF_PROTECTION}
        codes = set(TABLES[PROTECTED].column("reason").allowed)
        meant = authority.values.get(PROTECTED, {}).get("reason", {})
        self.reasons = codes | {text.casefold() for text, code in meant.items() if code.casefold() in codes}

    def are_in(self, path: Path) -> bool:
        """Does a file hold such a list? A folder where a file in it does."""
        if path.is_dir():
            return False
        return any(self._in_text(text) for text in _texts(path))

    def may_be_in(self, path: Path) -> bool:
        """The same of a file that nothing is read from, in which less is enough: UPNs alone, or one of `OTHER_WORDS` beside one."""
        if path.is_dir():
            return False
        return any(self._in_text(text) or _singles_out(text) for text in _texts(path))

    def name_people(self, path: Path) -> bool:
        """Does a line near a file's beginning name a column of names, and one of UPNs or hold a UPN?"""
        if path.is_dir():
            return False
        for text in _texts(path):
            for line in text.splitlines()[:LOOKED_THROUGH]:
                cells = [cell.strip(' "\ufeff') for cell in re.split(r"[,;\t|]", line)]
                if any(map(is_name, cells)) and any(
                    cell.casefold() == "upn" or UPN.search(cell) for cell in cells
                ):
                    return True
        return False

    def _in_text(self, text: str) -> bool:
        for line in text.splitlines():
            cells = _cells(line)
            columns = {self.columns[cell] for cell in cells if cell in self.columns}
            if "reason" in columns and {"from", "to"} & columns:
                return True
            if UPN.search(line) and self.reasons.intersection(cells):
                return True
        return False


def _singles_out(text: str) -> bool:
    """Does a text hold nothing but UPNs, or tell of somebody, or of whoever has a UPN, in one of `OTHER_WORDS`?"""
    rows = [_cells(line) for line in text.splitlines()]
    rows = [cells for cells in rows if any(cells)]
    told = [cells for cells in rows if any(UPN.search(cell) for cell in cells)]
    if not told:
        return False
    heads = [cells for cells in rows[:LOOKED_THROUGH] if any("upn" in cell for cell in cells)]
    joined = ("".join(WORD.findall(cell)) for cells in (*told, *heads) for cell in cells)
    return any(word in cell for cell in joined for word in OTHER_WORDS) or (
        len(rows) - len(told) <= 1 and all(sum(map(bool, cells)) == 1 for cells in told)
    )


def _cells(line: str) -> list[str]:
    """A line's cells in small letters, whatever separates them."""
    return [cell.strip(' "\ufeff').casefold() for cell in re.split(r"[,;\t|]", line)]


def _likeness(path: Path, signs: _Signs) -> str:
    """The table that something unread looks like by its name or by what it holds."""
    for one in _all(path):
        if looks_like(one.name) == PROTECTED or signs.may_be_in(one):
            return PROTECTED
    return looks_like(path.parent.name if path.parent.name in TABLES else path.name)


def _of_people(path: Path, signs: _Signs) -> tuple[Path, ...]:
    """Of something unread, the files that look like names."""
    return tuple(
        one
        for one in _all(path)
        if not one.is_dir()
        and (NAMES in (looks_like(one.name), looks_like(path.name)) or signs.name_people(one))
    )


def _all(path: Path) -> list[Path]:
    """A file; or a folder and everything in it."""
    return [path, *(_inside(path) if path.is_dir() and not path.is_symlink() else [])]


def _texts(path: Path) -> Iterator[str]:
    """The beginning of what a file holds, as text: of its members where it is an archive or workbook."""
    if not path.is_file():  # a pipe would keep its reader waiting
        return
    try:
        with path.open("rb") as file:
            head = file.read(HEAD)
        if head.startswith(b"PK\3\4"):
            yield from _members(path)
        elif head.startswith(tuple(OPENERS)):
            opener = next(opener for start, opener in OPENERS.items() if head.startswith(start))
            with opener(path) as file:
                yield _as_text(file.read(HEAD))
        elif head.startswith(OLDER_OFFICE):
            with path.open("rb") as file:
                yield _as_text(file.read(WHOLE))
        elif head.startswith(b"PAR1"):
            table = pq.ParquetFile(path)
            yield ",".join(table.schema_arrow.names)
        else:
            yield _as_text(head)
    except PermissionError:
        raise
    except (OSError, EOFError, ValueError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, pa.ArrowException):
        return


def _members(path: Path) -> Iterator[str]:
    """Names and beginnings of what an archive holds; a workbook's cells, a line each."""
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()[:MOST_PARTS]
        for member in members:
            if looks_like(Path(member.filename).name) == PROTECTED:
                yield ",".join(OF_PROTECTION)
        for member in members:
            if member.flag_bits & 1 or member.is_dir():  # under a password, or a folder
                continue
            with archive.open(member) as file:
                text = _as_text(file.read(HEAD))
            is_sheet = member.filename.endswith(".xml")
            yield re.sub(r"<[^>]*>+", ",", text) if is_sheet else text


def _as_text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    text = data.decode("utf-8", errors="replace")
    if "\0" not in text:
        return text
    # Letters of two bytes, or no text at all: the lengths and marks between its words stand for separators.
    return CONTROL.sub(",", text.replace("\0", ""))


def _is_sealed(path: Path) -> bool:
    """Can nobody see what a file holds, as it is under a password or an archive of a kind that is not looked into?"""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(HEAD)
        if head.startswith(OLDER_OFFICE):
            return ENCRYPTED in head + file.read(WHOLE)
    if head.startswith(b"PK\3\4"):
        try:
            with zipfile.ZipFile(path) as archive:
                return any(member.flag_bits & 1 for member in archive.infolist())
        except (OSError, ValueError, zipfile.BadZipFile):
            return False
    return head.startswith(CLOSED_BOOKS)
