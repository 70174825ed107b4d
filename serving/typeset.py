"""Documents as tagged PDF (PDF/UA-1), set by Typst: what a page says comes in as data, and never as markup.

A template (`*.typ`) reads one JSON object, `sys.inputs.said`; a text in it is shown letter by letter, whatever it holds. Only the
fonts that Typst carries are used, so that a document looks the same on every machine, and nothing is fetched from anywhere.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst

ROOT = Path(__file__).parent  # what a template may read
STANDARDS: list[Any] = ["ua-1"]
# Letters that the fonts are known to have: European ones and their punctuation; any other is tried out first.
COMMON = re.compile(r"[\n\x20-\x7e\u00a0-\u017f\u2010-\u2027\u20ac]*")
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ufffe\uffff]+")
LETTER = b'#set document(title: "a")\n#set text(font: "Libertinus Serif", weight: "bold")\n#sys.inputs.said'
NOT_SHOWN = "[sign {code}]"


def pdf(template: str, said: Mapping[str, Any], at: datetime) -> bytes:
    """One document as tagged PDF; the same data at the same time gives the same bytes.

    Parameters
    ----------
    template : str
        Path of a `*.typ` below `serving`.
    said : mapping
        What it says, as JSON would hold it. A sign that no font here has is shown as its number, since PDF/UA takes no other.
    at : datetime
        When it was made, with a time zone.
    """
    try:
        return _compiled(template, shown(said), at)
    except typst.TypstError:  # signs that stand well alone and not beside each other
        return _compiled(template, shown(said, plainly=True), at)


def pictures(template: str, said: Mapping[str, Any], ppi: float = 80) -> list[bytes]:
    """The same document as PNG, a page each: for whoever looks at it."""
    made = _compiler(template, shown(said)).compile(format="png", ppi=ppi)
    return made if isinstance(made, list) else [made or b""]


def shown(said: Any, plainly: bool = False) -> Any:
    """What is said, with every text as the fonts can show it.

    Parameters
    ----------
    plainly : bool
        Nothing but European letters is left as it is.
    """
    if isinstance(said, Mapping):
        return {name: shown(value, plainly) for name, value in said.items()}
    if isinstance(said, list | tuple):
        return [shown(value, plainly) for value in said]
    if not isinstance(said, str):
        return said
    text = CONTROL.sub(" ", said)
    if COMMON.fullmatch(text):
        return text
    return "".join(
        sign if COMMON.fullmatch(sign) or not plainly and has_sign(sign) else NOT_SHOWN.format(code=f"U+{ord(sign):04X}")
        for sign in text
    )  # fmt: skip


@lru_cache(maxsize=4096)
def has_sign(sign: str) -> bool:
    """Whether the fonts can show one sign in a tagged PDF."""
    if 0xD800 <= ord(sign) <= 0xDFFF:
        return False
    try:
        typst.Compiler(
            LETTER, font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"said": sign}
        ).compile(format="pdf", pdf_standards=STANDARDS)
    except typst.TypstError:
        return False
    return True


def _compiled(template: str, said: Any, at: datetime) -> bytes:
    made = _compiler(template, said).compile(
        format="pdf", pdf_standards=STANDARDS, timestamp=int(at.timestamp())
    )
    assert isinstance(made, bytes)
    return made


def _compiler(template: str, said: Any) -> typst.Compiler:
    """A compiler of its own for each document: none is shared between requests."""
    told = json.dumps(said, ensure_ascii=False)
    return typst.Compiler(
        str(ROOT / template), root=str(ROOT), font_paths=_fonts(), ignore_system_fonts=True, sys_inputs={"said": told}
    )  # fmt: skip


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
