"""Everything held on one pupil, to be read by people: the same facts as the JSON, under plain headings."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from serving.pages import template
from serving.rights.letter import letter
from serving.rights.words import CHOICES, COLUMNS, FILES, ORDER, OTHER, PRINTED, SECTIONS, TABLES, VALUES
from serving.wording import day

MOST_SHOWN = 400  # rows of one table on the page; the JSON has all
TALL_FROM, TALL_ROWS = 8, 6  # columns from which a few rows stand one below the other, a line a column
LEFT_OUT = ("pupil", "where", "file", "id")
ISO_DAY, ACADEMIC_YEAR = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"\d{4}-\d{2}")


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

    @property
    def is_tall(self) -> bool:
        """Is it read line by line, since a row would be too wide for a page?"""
        return len(self.columns) >= TALL_FROM and len(self.rows) <= TALL_ROWS


def rights_page(held: Mapping[str, Any], is_made_up: bool) -> str:
    """The page of `everything_held`: what people and the model said first, the records they came from after."""
    schools = held["schools"]
    found = {name: _section(rows, *TABLES[name], schools) for name, rows in held["service"].items() if rows}
    for name in ("lists", "viewers"):
        if held[name]:
            found[name] = _section(held[name], *SECTIONS[name], schools)
    for each in held["files"]:
        if each["rows"]:
            key, title, explanation = _of_file(each["file"])
            rows = _by_month(each["rows"]) if key == "attendance" else each["rows"]
            found[f"{key} {each['file']}"] = _section(rows, title, explanation, schools)
    order = [*(key for first in ORDER for key in found if key.split(" ")[0] == first)]
    sections = [found[key] for key in (*order, *(key for key in found if key not in order))]
    pages = [each["file"] for each in held["files"] if not each["rows"]]
    return template("rights.html").render(
        about=held["about"], letter=letter(held), is_made_up=is_made_up, sections=sections, pages=pages
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


def _of_file(file: str) -> tuple[str, str, str]:
    """Key, title and explanation of a file: by its own name, or by the folder of years that it lies in."""
    path = Path(file)
    for key in (path.name, *reversed(path.parts[:-1])):
        if key in FILES:
            title, explanation = FILES[key]
            year = f", {path.stem}" if ACADEMIC_YEAR.fullmatch(path.stem) else ""
            on = (
                f", as of {day(date.fromisoformat(path.parent.name))}"
                if ISO_DAY.fullmatch(path.parent.name)
                else ""
            )
            return key, f"{title}{year}{on}", explanation
    title, explanation = PRINTED if path.suffix == ".csv" else OTHER
    return "other", f"{title}: {file}", explanation


def _by_month(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Marks as a register shows them: a line a month and school, each day with its two marks."""
    found: dict[tuple[str, int], list[str]] = {}
    for row in sorted(rows, key=lambda row: (row["date"], row["urn"])):
        found.setdefault((row["date"][:7], row["urn"]), []).append(
            f"{int(row['date'][8:])} {row['am']}{row['pm']}"
        )
    return [
        {"month": f"{date.fromisoformat(month + '-01'):%B %Y}", "urn": urn, "marks": ", ".join(days)}
        for (month, urn), days in found.items()
    ]


def _section(rows: list[dict[str, Any]], title: str, explanation: str, schools: Mapping[str, str]) -> Section:
    names = list(dict.fromkeys(name for row in rows for name in row if name not in LEFT_OUT))
    names = [name for name in names if any(row.get(name) not in (None, "", []) for row in rows)]
    said = [[_said(name, row.get(name), schools) for name in names] for row in rows[:MOST_SHOWN]]
    columns = [COLUMNS.get(name, name.replace("_", " ").capitalize()) for name in names]
    return Section(title, explanation, columns, said, max(0, len(rows) - MOST_SHOWN))


def _said(name: str, value: Any, schools: Mapping[str, str]) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(_said(name, each, schools) for each in value)
    if isinstance(value, float):
        return f"{value:.2g}"
    if isinstance(value, dict):
        return "; ".join(
            f"{key.replace('_', ' ')}: {_said(key, each, schools)}" for key, each in value.items()
        )
    text = str(value)
    if name == "urn" or (name == "name" and text in schools):
        return f"{schools[text]} ({text})" if text in schools else text
    if ISO_DAY.fullmatch(text[:10]) and (len(text) == 10 or text[10] == "T"):
        clock = f", {text[11:16]}" if len(text) > 10 else ""
        return f"{day(date.fromisoformat(text[:10]))}{clock}"
    return CHOICES.get(name, {}).get(text) or VALUES.get(text, text)
