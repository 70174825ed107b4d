"""What of an extract's own words may stand in a message: names of columns and files, never a pupil's value.

Whatever an authority writes over a column or calls a file is printed only where it is plainly a name of a
column or file. A header can have run together with the row below it, and a file can be named after a child.
"""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath

import pyarrow as pa
import pyarrow.parquet as pq

from features.records.authority import SPACED_UPN, UPN
from features.tables import TABLES

DATE = re.compile(
    r"(?<![0-9])([0-9]{4}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}[./-][0-9]{1,2}[./-]([0-9]{4}|[0-9]{2}))(?![0-9])"
)
LONG_NUMBER = re.compile(r"[0-9]{6}")
SCHOOL_NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]{5}(?![0-9])")
WORD = re.compile(r"[^\W\d_]+")
LONGEST = 60
SHORTEST_PART = 4  # letters, from which a name inside a longer word counts
ORDINARY = frozenset(
    ["autumn", "spring", "summer", "winter", "term", "half", "year", "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december", "all", "main", "part", "page", "list", "copy", "extract", "export", "file", "new", "old", "data", "table", "school", "schools", "class", "form", "house", "group", "set", "tutor", "reg", "registration", "teacher", "day", "date", "time", "case", "note", "notes", "no", "number", "code", "type", "name", "forename", "surname", "status", "stage", "start", "end", "key", "band", "room", "unit", "field", "record", "row", "line", "sheet", "book", "north", "south", "east", "west", "city", "county", "ward", "street", "road", "place", "post", "price", "free", "meal", "meals", "legal", "known", "young", "home", "contact", "first", "last", "middle", "preferred", "former", "pupil", "child", "student", "gender", "sex", "language", "religion", "service"]
)  # fmt: skip


@dataclass(frozen=True)
class Names:
    """The words of the names table, by which a value is told from a name of a column.

    Attributes
    ----------
    words : frozenset of str
        Cells of the names files and the words in them, in lower case; empty where there is no such file.
    is_whole : bool
        Every names file could be read. Where one could not, no name that is not known is shown.
    unread : frozenset of str
        The same of files that only look like names: not shown either, but no proof that a header holds a value.
    """

    words: frozenset[str] = frozenset()
    is_whole: bool = True
    unread: frozenset[str] = frozenset()

    def is_value(self, text: str) -> bool:
        """Does a text hold a UPN or a date, or is it a name of the names table?"""
        if has_upn(text) or DATE.search(text):
            return True
        words = _words(text)
        return bool(words) and all(word in self.words for word in words) and not ORDINARY.issuperset(words)

    def is_plain(self, text: str) -> bool:
        """May a text stand in a message as the name of a column or file?"""
        if not self.is_whole or len(text) > LONGEST or not text.isprintable():
            return False
        return not (has_upn(text) or DATE.search(text) or LONG_NUMBER.search(text)) and not self._has_name(
            text
        )

    def _has_name(self, text: str) -> bool:
        words = [word for word in _words(text) if word not in ORDINARY]
        parts = (
            word[start:end]
            for word in words
            for start in range(len(word))
            for end in range(start + SHORTEST_PART, len(word) + 1)
        )
        guarded = self.words | self.unread
        return bool(guarded) and (
            any(word in guarded for word in words)
            or any(part in guarded and part not in ORDINARY for part in parts)
            or any(f"{one} {other}" in guarded for one, other in pairwise(_words(text)))
        )

    def column(self, header: Sequence[str], place: int) -> str:
        """A column as a message names it: `Form`, or `column 7` where its own name may be a value."""
        text = header[place].strip()
        if not text:
            return f"(column {place + 1}, without a name)"
        return text if self.is_plain(text) else f"(column {place + 1}, its name not shown)"

    def path(self, name: str) -> str:
        """A file or folder of the extract as a message names it; a part of its path that may be a value is not shown."""
        parts = PurePosixPath(name).parts
        return "/".join(
            part if self._is_plain_file(part) else "(name not shown)" + _suffix(part) for part in parts
        )

    def _is_plain_file(self, part: str) -> bool:
        if part in KNOWN_FILES:
            return True
        text = SCHOOL_NUMBER.sub("", part)  # a file for each school bears its URN
        is_dated = DATE.search(text)
        return self.is_plain(DATE.sub("", text) if is_dated and not UPN.search(text) else text)


OWN_COLUMNS = frozenset(column.name for column in TABLES["names"].columns)
KNOWN_FILES = {f"{name}{suffix}" for name in TABLES for suffix in ("", ".csv", ".parquet")}


def _suffix(part: str) -> str:
    suffix = PurePosixPath(part).suffix.lower()
    return suffix if suffix in (".csv", ".parquet", ".xlsx", ".txt", ".tsv", ".zip") else ""


def has_upn(text: str) -> bool:
    """Does a text hold a UPN, also one written in groups?"""
    return bool(UPN.search(text) or SPACED_UPN.search(text))


def _unaccented(text: str) -> str:
    """A text in lower case without accents, which two systems write in two ways, or one of them not at all."""
    return "".join(
        mark for mark in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(mark)
    )


def _words(text: str) -> list[str]:
    return [word for word in WORD.findall(_unaccented(text)) if len(word) > 1]


def words_of(paths: Iterable[Path]) -> Names:
    """The names of the names files, read whatever state they are in: a name is a name under any header."""
    words: set[str] = set()
    is_whole = True
    for path in paths:
        try:
            for cell in _cells(path):
                text = _unaccented(cell.strip())
                if text and not has_upn(text):
                    words.update((text, *_words(text)))
        except (OSError, ValueError, csv.Error, pa.ArrowException):
            is_whole = False
    return Names(frozenset(words - OWN_COLUMNS - {""}), is_whole)


def _cells(path: Path) -> Iterable[str]:
    if path.suffix.lower() == ".parquet":
        for column in pq.read_table(path).columns:
            texts = column
            if pa.types.is_dictionary(texts.type):
                texts = texts.cast(texts.type.value_type)
            with suppress(pa.ArrowException):  # no text, so no name
                yield from filter(None, texts.cast(pa.string()).unique().to_pylist())
        return
    data = path.read_bytes()
    if b"\0" in data:
        raise ValueError
    for line in data.split(b"\n"):
        try:
            text = line.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = line.decode("cp1252", errors="replace")
        cells = [cell.strip(' \r"\ufeff') for cell in re.split(r"[,;\t|]", text)]
        if not OWN_COLUMNS.isdisjoint(map(str.casefold, cells)) and not has_upn(text):
            continue  # the names of its columns are nobody's
        yield from cells
