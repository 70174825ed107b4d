"""Everything held on one pupil, to be read by people: the same facts as the JSON, under plain headings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serving.pages import template
from serving.rights.words import COLUMNS, FILES, SECTIONS, STATES_SAID, TABLES

MOST_SHOWN = 400  # rows of one table on the page; the JSON has all


@dataclass(frozen=True)
class Section:
    """One heading of the page.

    Attributes
    ----------
    rows : list of list of str
        As many cells a row as there are `columns`.
    num_left_out : int
        Rows that only the JSON has.
    """

    title: str
    explanation: str
    columns: list[str]
    rows: list[list[str]]
    num_left_out: int = 0


def rights_page(held: Mapping[str, Any], is_made_up: bool) -> str:
    """The page of `everything_held`."""
    sections = [
        *(_section(rows, *TABLES[name]) for name, rows in held["service"].items() if rows),
        *([_section(held["lists"], *SECTIONS["lists"])] if held["lists"] else []),
        *(_section(each["rows"], *_of_file(each["file"])) for each in held["files"] if each["rows"]),
        *([_section(held["viewers"], *SECTIONS["viewers"])] if held["viewers"] else []),
    ]
    pages = [each["file"] for each in held["files"] if not each["rows"]]
    return template("rights.html").render(
        about=held["about"], is_made_up=is_made_up, sections=sections, pages=pages
    )


def write_export(out: Path, held: Mapping[str, Any], is_made_up: bool) -> tuple[Path, Path]:
    """Write the export as JSON and as a page into a new folder that only its owner can read."""
    out.mkdir(mode=0o700, parents=True)
    facts, page = out / "everything_held.json", out / "everything_held.html"
    for path, text in (
        (facts, json.dumps(held, indent=1, ensure_ascii=False, default=str) + "\n"),
        (page, rights_page(held, is_made_up)),
    ):
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")
    return facts, page


def _of_file(file: str) -> tuple[str, str]:
    """Title and explanation of a file: by its own name, or by the folder of years that it lies in."""
    parts = Path(file).parts
    for key in (Path(file).name, *reversed(parts[:-1])):
        if key in FILES:
            title, explanation = FILES[key]
            year = f", {Path(file).stem}" if key != Path(file).name and Path(file).stem != "all" else ""
            return f"{title}{year}", explanation
    return file, "Kept by this service."


def _section(rows: list[dict[str, Any]], title: str, explanation: str) -> Section:
    names = list(
        dict.fromkeys(name for row in rows for name in row if name not in ("pupil", "where", "file"))
    )
    said = [[_said(name, row.get(name)) for name in names] for row in rows[:MOST_SHOWN]]
    columns = [COLUMNS.get(name, name.replace("_", " ").capitalize()) for name in names]
    return Section(title, explanation, columns, said, max(0, len(rows) - MOST_SHOWN))


def _said(name: str, value: Any) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(STATES_SAID.get(str(each), str(each).replace("_", " ")) for each in value)
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict):
        return "; ".join(f"{key.replace('_', ' ')}: {_said(key, each)}" for key, each in value.items())
    text = str(value)
    return STATES_SAID.get(
        text, text[:16].replace("T", " ") if name.endswith("_at") or name == "at" else text
    )
