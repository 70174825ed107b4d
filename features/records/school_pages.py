"""Pages to send back: what each school has to put right, by file and line, with nobody's values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from itertools import groupby
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

from features.records.cells import read_cell
from features.records.check import RULES
from features.records.examine import Examined
from features.records.extract import File
from features.records.rejected import lines
from features.tables import TABLES

SENTENCES = {
    "duplicate": "The row says exactly what another row says. Leave one of them out.",
    "upn_form": "The UPN does not have the form of one: a letter, eleven digits, then a digit or a letter. Copy it from the school's own system.",
    "upn_check_letter": "The UPN's first letter does not fit its digits, so one character is wrong. Copy it from the school's own system.",
    "required_blank": "The column may not be blank. Fill it in.",
    "unknown_code": "The code is not one of the Department for Education's set, nor one that the authority said it uses. Use one of those.",
    "out_of_range": "The number is missing or outside what is possible. Put in the right one.",
    "bad_date": "The date cannot be read, or there is no such day. Write it as 2024-09-02.",
    "future_date": "The date lies after the day the extract was made. Put in the right one.",
    "date_order": "The dates are in the wrong order: an end before its start, or a birth after joining a school. Put the wrong one right.",
    "unknown_school": "The school's URN is not in the schools table. Put in the right one, or add the school.",
    "unknown_pupil": "No school's roll has a row for this UPN. Put in the right one, or add the pupil's row to the roll.",
    "duplicate_key": "Another row says something different of the same pupil, school and day. Leave the wrong one out.",
    "spell_overlap": "The spell begins before the pupil's spell at another school ends, and the two are not main and subsidiary registration. Put the dates or the registration right.",
}
MOST_LINES = 400


@dataclass(frozen=True)
class Breach:
    """One rule broken in one column of a table: on how many rows, and where (a text for each file)."""

    table: str
    rule: str
    column: str
    count: int
    places: list[str]

    @property
    def sentence(self) -> str:
        return SENTENCES[self.rule]


@dataclass(frozen=True)
class Page:
    """One school's page, or the authority's own (rows of no known school)."""

    file: str
    title: str
    breaches: list[Breach]
    remarks: list[str] = field(default_factory=list)

    @property
    def num_rows(self) -> int:
        return sum(breach.count for breach in self.breaches)


def write_pages(folder: Path, found: Examined) -> list[Path]:
    """Write `index.html`, a page for each school with something to put right, and the authority's own.

    Returns
    -------
    list of Path
        The pages, index first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages = _pages(found)
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(
        files("features.records").joinpath("school_page.html").read_text("utf-8")
    )
    facts = {"authority": found.extract.authority.authority, "report": found.report, "pages": pages}
    written = []
    for page in (None, *pages):
        path = folder / (page.file if page else "index.html")
        path.write_text(template.render(page=page, **facts), encoding="utf-8")
        written.append(path)
    return written


def _pages(found: Examined) -> list[Page]:
    schools = found.tables["schools"]
    names = dict(zip(schools.values("urn").tolist(), schools.texts("name"), strict=True))
    breaches = _breaches(found)
    remarks = _remarks(found)
    urns = sorted(({*breaches} | {*remarks}) & {*names}, key=lambda urn: (names[urn], urn))
    pages = [
        Page(f"{urn}.html", f"{names[urn]} ({urn})", breaches.get(urn, []), remarks.get(urn, []))
        for urn in urns
    ]
    elsewhere = [breach for urn, some in breaches.items() if urn not in names for breach in some]
    if elsewhere:
        pages.append(Page("authority.html", "Rows of no known school: for the authority itself", elsewhere))
    return pages


def _breaches(found: Examined) -> dict[int, list[Breach]]:
    """By URN; 0 for rows whose school is not known."""
    known = set(found.tables["schools"].values("urn").tolist())
    breaches: dict[int, list[Breach]] = {}
    for name, (rows, verdict) in found.rejected.items():
        if not len(rows):
            continue
        urn = _urns(name, rows.text["urn"].to_pylist(), known) if "urn" in rows.text.column_names else 0
        columns = np.array([column.name for column in TABLES[name].columns], object)[verdict.column]
        frame = pd.DataFrame(
            {"urn": urn, "file": rows.file, "rule": verdict.rule, "column": columns, "line": lines(rows)}
        )
        frame.loc[frame["rule"] == RULES.index("duplicate"), "column"] = ""
        keys = ["urn", "rule", "column"]
        spots = frame.groupby([*keys, "file"])["line"].agg(sorted).reset_index()
        spots = spots.groupby(keys).agg(list).reset_index()
        for school, rule, column, in_files, on_lines in spots.itertuples(index=False, name=None):
            places = [_place(rows.files[file], some) for file, some in zip(in_files, on_lines, strict=True)]
            breach = Breach(name, RULES[rule], column, sum(map(len, on_lines)), places)
            breaches.setdefault(school, []).append(breach)
    return breaches


def _place(file: File, numbers: Sequence[int]) -> str:
    unit = "row" if file.traits is None else "line"
    return f"{file.name}, {unit}{'' if len(numbers) == 1 else 's'} {spans(numbers)}"


def _urns(table: str, texts: Sequence[str | None], known: set[int]) -> list[int]:
    column = TABLES[table].column("urn")
    read = {text: read_cell(column, text or "").value for text in set(texts)}
    return [urn if isinstance(urn := read[text], int) and urn in known else 0 for text in texts]


def _remarks(found: Examined) -> dict[int, list[str]]:
    remarks: dict[int, list[str]] = {}
    for school in found.report.late_feeds:
        since = f"stop on {school['last_date']}" if school["last_date"] else "were not supplied at all"
        remarks.setdefault(school["urn"], []).append(
            f"Attendance marks {since}, more than ten school days before those of other schools. Send the later ones."
        )
    for school in found.report.under_notified:
        told = [
            f"{school['sessions']:,} sessions have code E outside every suspension that was notified, which comes to about "
            f"{school['suspensions_not_told']:,} suspensions"
        ] * bool(school["sessions"])
        told += [f"{school['suspensions_without_e']:,} notified suspensions have no code E"] * bool(
            school["suspensions_without_e"]
        )
        remarks.setdefault(school["urn"], []).append(
            f"Registers and notified suspensions disagree: {'; '.join(told)}. "
            "Notify the suspensions that are missing, or correct the marks."
        )
    return remarks


def spans(numbers: Sequence[int]) -> str:
    """ "2, 5 to 9, 14", with at most 400 parts."""
    parts = []
    for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0]):
        span = [number for _, number in run]
        parts.append(f"{span[0]}" if len(span) == 1 else f"{span[0]} to {span[-1]}")
    more = f" and {len(parts) - MOST_LINES} more places" if len(parts) > MOST_LINES else ""
    return ", ".join(parts[:MOST_LINES]) + more
