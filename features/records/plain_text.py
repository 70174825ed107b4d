"""How the bytes of a CSV file are written, found in one streaming pass, and its copy in UTF-8."""

import codecs
import shutil
from dataclasses import dataclass
from pathlib import Path

BLOCK = 1 << 22


@dataclass(frozen=True)
class Traits:
    """How a CSV file is written.

    Attributes
    ----------
    has_bom, is_windows_1252, is_crlf : bool
        What is repaired for the whole file.
    num_lines : int
        Lines that end, and a last one that does not.
    is_plain : bool
        No quotation mark and no empty line: line `n` is row `n - 1`.
    """

    has_bom: bool
    is_windows_1252: bool
    is_crlf: bool
    num_lines: int
    is_plain: bool

    def num_rows(self, has_header: bool) -> int | None:
        """Rows below the header, where that is certain without parsing."""
        return max(0, self.num_lines - has_header) if self.is_plain or self.num_lines <= 1 else None


def study(path: Path) -> Traits:
    """Read a file once, in blocks.

    Raises
    ------
    UnicodeError
        Neither UTF-8 nor Windows-1252 text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, is_crlf, is_plain, num_lines, has_bom = True, False, True, 0, False
    carry = b"\n"  # the bytes before, so that nothing hides across two blocks
    with path.open("rb", buffering=0) as file:
        while block := file.read(BLOCK):
            if num_lines == 0 and carry == b"\n":
                has_bom = block.startswith(codecs.BOM_UTF8)
                if b"\0" in block:
                    raise UnicodeError
            if is_utf8 and not (block.isascii() and decoder.getstate()[0] == b""):
                try:
                    decoder.decode(block)
                except UnicodeDecodeError:
                    is_utf8 = False
            joined = carry[-3:] + block
            is_crlf = is_crlf or b"\r\n" in joined
            if is_plain and (b'"' in block or b"\n\n" in joined or b"\n\r\n" in joined):
                is_plain = False
            num_lines += block.count(b"\n")
            carry = block[-3:]
    if is_utf8 and decoder.getstate()[0]:
        is_utf8 = False
    is_open = carry[-1:] != b"\n"
    return Traits(has_bom, not is_utf8, is_crlf, num_lines + is_open, is_plain)


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
