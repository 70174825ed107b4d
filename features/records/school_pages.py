"""Pages to send back: what each school has to put right, by file and line, with nobody's values."""

from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import jinja2
import numpy as np
import pandas as pd

from features.records.check import RULES
from features.records.examine import Examined
from features.records.losses import urns_of
from features.records.rejected import SENTENCES, lines, place
from features.records.report import of_school
from features.tables import TABLES


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
    """Write `index.html`, a page for each school, also where it has nothing to put right, and the authority's own.

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
    urns = sorted(names, key=lambda urn: (names[urn], urn))
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
        urn = urns_of(name, rows)
        urn[~np.isin(urn, list(known))] = 0
        columns = np.array([column.name for column in TABLES[name].columns], object)[verdict.column]
        frame = pd.DataFrame(
            {"urn": urn, "file": rows.file, "rule": verdict.rule, "column": columns, "line": lines(rows)}
        )
        frame.loc[frame["rule"] == RULES.index("duplicate"), "column"] = ""
        keys = ["urn", "rule", "column"]
        spots = frame.groupby([*keys, "file"])["line"].agg(sorted).reset_index()
        spots = spots.groupby(keys).agg(list).reset_index()
        for school, rule, column, in_files, on_lines in spots.itertuples(index=False, name=None):
            places = [place(rows.files[file], some) for file, some in zip(in_files, on_lines, strict=True)]
            breach = Breach(name, RULES[rule], column, sum(map(len, on_lines)), places)
            breaches.setdefault(school, []).append(breach)
    return breaches


def _remarks(found: Examined) -> dict[int, list[str]]:
    remarks: dict[int, list[str]] = {}
    for school in found.report.on_no_roll:
        if school["urn"] is not None:
            remarks.setdefault(school["urn"], []).append(
                f"{school['children']:,} {'child is' if school['children'] == 1 else 'children are'} on no school's roll any more, as the row was "
                f"left out{' or the school closed' * bool(school['by_closing'])}, so no list can name them. Put these rows right first."
            )
    for one in found.report.contradicted:
        remarks.setdefault(one.urn, []).append(one.sentence)
    for loss in found.report.losses:
        if loss.urn is not None:
            remarks.setdefault(loss.urn, []).append(loss.sentence)
    for school in found.report.without_roll:
        remarks.setdefault(school["urn"], []).append(
            "The school is open and has no child on roll. If its roll was not sent, send it; if it closed, give it a closed_on."
        )
    for rule, schools in found.report.by_school.items():
        for school in schools:
            said = of_school(rule, school["rows"])
            remarks.setdefault(school["urn"], []).append(said[0].upper() + said[1:])
    for hole in found.report.register_holes:
        remarks.setdefault(hole["urn"], []).append(
            f"Registers have a hole of {hole['school_days']} school days, {hole['first_day']} to {hole['last_day']}. Send these registers."
        )
    for census in found.report.missing_censuses:
        remarks.setdefault(census["urn"], []).append(
            f"No row stands in the census of {census['census_date']}, though the school had children on roll then. If it was not sent, send it."
        )
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
