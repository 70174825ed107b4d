"""How the bytes of a CSV file are written, found in one streaming pass, and its copy in plain UTF-8.

A file that DuckDB, Arrow and Python's `csv` all read alike is read where it lies. Any other that can be
read without a guess is copied line by line: marks at the start of a line are taken off, a line that is not
UTF-8 is read as Windows-1252, and lines that hold nothing but commas, or stand empty above the header,
are left out. Which lines those were is kept, so that a line number is always the authority's own.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

LINE_FEED, QUOTE = ord("\n"), ord('"')
BLOCK = 1 << 18  # as much as stays near the processor while it is looked through
MARK = codecs.BOM_UTF8
NOTHING = b', \t\r\n"'  # all that a row without a value is made of
UNPLAIN_STARTS = (
    b"\n,",
    b'\n"",',
    b"\n ",
    b"\n\t",
    b"\n" + MARK,
)  # rows without a value, or with a mark inside
MAY_BE_UNPLAIN = np.isin(np.arange(256), [start[1] for start in UNPLAIN_STARTS])  # by a line's first byte
SEAM = max(map(len, UNPLAIN_STARTS)) - 1  # bytes of a start that the end of a block can cut off
SEPARATORS = b",;|\t"
OTHER_KINDS = (
    ((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "text in UTF-16, which Windows calls Unicode"),
    ((b"PK\3\4",), "an Excel workbook or a zip archive"),
    ((b"\xd0\xcf\x11\xe0",), "an old Excel workbook"),
    ((b"\x1f\x8b",), "an archive made with gzip"),
    ((b"PAR1",), "a Parquet file, whose name has to end in .parquet"),
)


class NotPlainText(ValueError):
    """A file that says of itself what else it is; the words hold no value of it."""


@dataclass(frozen=True)
class Traits:
    """How a CSV file is written.

    Attributes
    ----------
    has_bom, is_windows_1252, is_crlf : bool
        What is repaired for the whole file; Windows-1252 where one line or more is.
    num_lines : int
        Lines that end, and a last one that does not; of the copy where there is one.
    has_quotes : bool
        A value may hold a line break.
    has_open_lines : bool
        A line ends inside quotation marks, if every mark opens or closes a value.
    is_plain : bool
        Every reader takes it as it stands.
    num_empty_rows : int
        Rows without any value, such as `,,,,`, which were left out.
    has_separator_line : bool
        It began with `sep=,` or the like, which Excel reads.
    left_out : array of int64
        Numbers of the lines of the file that its copy does not have, in rising order.
    """

    has_bom: bool
    is_windows_1252: bool
    is_crlf: bool
    num_lines: int
    has_quotes: bool
    is_plain: bool = True
    has_open_lines: bool = False
    num_empty_rows: int = 0
    has_separator_line: bool = False
    left_out: np.ndarray = field(default_factory=lambda: np.empty(0, "int64"), compare=False)

    @property
    def num_rows(self) -> int | None:
        """Rows below the header if no line is empty; None where lines say nothing of rows."""
        return max(0, self.num_lines - 1) if not self.has_quotes or self.num_lines <= 1 else None

    def original(self, lines: np.ndarray) -> np.ndarray:
        """Line numbers of the copy as line numbers of the authority's own file."""
        before = self.left_out - np.arange(len(self.left_out))
        return lines + np.searchsorted(before, lines, side="right")


def study(path: Path) -> Traits:
    """Read a file once, in blocks.

    Raises
    ------
    NotPlainText
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, is_crlf, has_quotes, has_bom, num_lines = True, False, False, False, 0
    is_plain = True
    num_marks, has_open_lines = 0, False
    last, has_return, seam = b"", False, b""
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            if not last:
                has_bom = block.startswith(MARK)
                _refuse_other_kinds(block)
                is_plain = _starts_with_header(block)
            if b"\0" in block:
                raise NotPlainText(_with_zeros(block, num_lines))
            if is_utf8 and not (block.isascii() and decoder.getstate()[0] == b""):
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
            is_crlf = (
                is_crlf or (b"\r" in block and b"\r\n" in block) or (last == b"\r" and block[:1] == b"\n")
            )
            has_return = has_return or b"\r" in block
            has_quotes = has_quotes or b'"' in block
            text = np.frombuffer(block, "uint8")
            is_feed = text == LINE_FEED
            feeds = np.flatnonzero(is_feed)
            num_lines += len(feeds)
            if has_quotes and not has_open_lines:  # eight bits run over, and stay odd or even
                marks = np.cumsum(text == QUOTE, dtype="uint8")
                has_open_lines = bool(((marks[is_feed] + num_marks) % 2).any())
                num_marks = (num_marks + int(marks[-1])) % 2
            if is_plain:
                seam += block[:SEAM]
                is_plain = not any(start in seam for start in UNPLAIN_STARTS)
                if is_plain and MAY_BE_UNPLAIN[text[feeds[feeds < len(text) - 1] + 1]].any():
                    is_plain = not any(start in block for start in UNPLAIN_STARTS)
                seam = block[-SEAM:]
            last = block[-1:]
    if is_utf8 and decoder.getstate()[0]:
        is_utf8 = False
    if has_return and not num_lines:
        raise NotPlainText("text whose lines end as on old Macs, with a carriage return alone")
    lines = num_lines + (last not in (b"", b"\n"))
    return Traits(has_bom, not is_utf8, is_crlf, lines, has_quotes, is_plain and is_utf8, has_open_lines)


def _with_zeros(block: bytes, lines_before: int) -> str:
    """What a block with zero bytes says of its file."""
    if block.count(b"\0") > len(block) // 4:
        return "text in UTF-16 without its mark, or no text at all"
    line = lines_before + block.count(b"\n", 0, block.index(b"\0")) + 1
    return (
        f"damaged: on line {line:,} a zero byte stands, as in no text, so rows may be lost. Export it again"
    )


def _refuse_other_kinds(start: bytes) -> None:
    for marks, words in OTHER_KINDS:
        if start.startswith(marks):
            raise NotPlainText(words)


def _starts_with_header(start: bytes) -> bool:
    """Does a file begin with the line that names its columns, after one mark at most?"""
    line = start.removeprefix(MARK)
    return not line.startswith(MARK) and bool(line.split(b"\n", 1)[0].strip(NOTHING)) and not _separator(line)


def _separator(line: bytes) -> bytes:
    """The separator that a line `sep=;` declares; empty for any other line."""
    text = line.split(b"\n", 1)[0].strip(b'\r\n "')
    is_one = len(text) == 5 and text[:4].lower() == b"sep=" and text[4] in SEPARATORS
    return text[4:] if is_one else b"\t" if text.lower() == b"sep=" else b""


def decode(path: Path, traits: Traits, copy: Path) -> tuple[Path, Traits]:
    """The file itself, or a copy that every reader takes, and the traits of what is to be read.

    Raises
    ------
    UnicodeError
        A line that is not UTF-8 has a byte that Windows-1252 does not define.
    """
    if traits.is_plain:
        return path, traits
    made = _Copy()
    with path.open("rb") as lines, copy.open("w", encoding="utf-8", newline="") as utf8:
        kept = made.kept(lines)
        first = next(kept, "")
        if made.separator in ("", ","):
            utf8.write(first)
            utf8.writelines(kept)
        else:
            rows = csv.reader(_with(first, kept), delimiter=made.separator)
            csv.writer(utf8, lineterminator="\n").writerows(rows)
    read = study(copy)
    return copy, replace(
        read,
        has_bom=traits.has_bom or made.has_mark,
        is_windows_1252=made.is_windows_1252,
        is_crlf=traits.is_crlf,
        is_plain=True,
        num_empty_rows=made.num_empty_rows,
        has_separator_line=bool(made.separator),
        left_out=np.array(made.left_out, "int64"),
    )


def _with(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


class _Copy:
    """What is taken over line by line, and what was met on the way."""

    def __init__(self) -> None:
        self.left_out: list[int] = []
        self.separator = ""
        self.num_empty_rows = 0
        self.is_windows_1252 = self.has_mark = False

    def kept(self, lines: Iterator[bytes]) -> Iterator[str]:
        """The lines that are kept, as text."""
        is_inside = is_headed = False  # a line break in quotation marks ends no row
        for number, line in enumerate(lines, 1):
            if line.startswith(MARK):
                self.has_mark = True
                while line.startswith(MARK):
                    line = line[len(MARK) :]
            is_row = not is_inside
            is_inside ^= line.count(b'"') % 2 == 1
            if is_row and not is_headed and (not line.strip(NOTHING) or _separator(line)):
                self.separator = self.separator or _separator(line).decode()
                self.left_out.append(number)
                continue
            is_headed = True
            if is_row and line.strip() and not line.strip(NOTHING):
                self.num_empty_rows += 1
                self.left_out.append(number)
                continue
            yield self._text(line)

    def _text(self, line: bytes) -> str:
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            self.is_windows_1252 = True
            return line.decode("cp1252")
