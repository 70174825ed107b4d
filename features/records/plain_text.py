"""How the bytes of a CSV file are written, found in one streaming pass, and its copy in UTF-8."""

import codecs
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

LINE_FEED = ord("\n")
BLOCK = 1 << 18  # as much as stays near the processor while it is looked through
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
        What is repaired for the whole file.
    num_lines : int
        Lines that end, and a last one that does not.
    has_quotes : bool
        A value may hold a line break.
    """

    has_bom: bool
    is_windows_1252: bool
    is_crlf: bool
    num_lines: int
    has_quotes: bool

    @property
    def num_rows(self) -> int | None:
        """Rows below the header if no line is empty; None where lines say nothing of rows."""
        return max(0, self.num_lines - 1) if not self.has_quotes or self.num_lines <= 1 else None


def study(path: Path) -> Traits:
    """Read a file once, in blocks.

    Raises
    ------
    UnicodeError
        Neither UTF-8 nor Windows-1252 text.
    NotPlainText
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, is_crlf, has_quotes, has_bom, num_lines = True, False, False, False, 0
    last, has_return = b"", False
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            if not last:
                has_bom = block.startswith(codecs.BOM_UTF8)
                _refuse_other_kinds(block)
            if b"\0" in block:
                raise UnicodeError
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
            num_lines += int(np.count_nonzero(np.frombuffer(block, "uint8") == LINE_FEED))
            last = block[-1:]
    if is_utf8 and decoder.getstate()[0]:
        is_utf8 = False
    if has_return and not num_lines:
        raise NotPlainText("text whose lines end as on old Macs, with a carriage return alone")
    return Traits(has_bom, not is_utf8, is_crlf, num_lines + (last not in (b"", b"\n")), has_quotes)


def _refuse_other_kinds(start: bytes) -> None:
    for marks, words in OTHER_KINDS:
        if start.startswith(marks):
            raise NotPlainText(words)


def decode(path: Path, traits: Traits, copy: Path) -> Path:
    """The file itself, or a copy in UTF-8 of one in Windows-1252.

    Raises
    ------
    UnicodeError
        A byte that Windows-1252 does not define.
    """
    if not traits.is_windows_1252:
        return path
    with (
        path.open(encoding="cp1252", newline="") as text,
        copy.open("w", encoding="utf-8", newline="") as utf8,
    ):
        shutil.copyfileobj(text, utf8, BLOCK)
    return copy
