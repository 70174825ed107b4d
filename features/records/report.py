"""What an import read, kept, repaired, rejected and noticed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from features.records.check import RULES
from features.records.found_files import PROTECTED
from features.records.losses import Contradiction, Loss
from features.records.protection import SENTENCES as PROTECTING
from features.records.rejected import SHORT

REPAIRS = (
    "case", "trimmed", "integer_text", "midnight", "code_of_its_day", "overlap_ended", "closing_ended", "implausible",
    "open_from", "open_to", "as_restricted", "recorded_before", "outcome_before",
)  # fmt: skip
NOTES = {
    "versions": "later versions of one event",
    "off_roll": "suspensions off the school's roll",
    "unlinked": "without a UPN",
    "off_spell": "days on no roll of that school",
}
OF_SCHOOL = {
    "overlap_ended": "of {} the end was not recorded when the child began at another school. They end on the day before.",
    "closing_ended": "of {} no end was recorded when the school closed. They end on that day.",
    "implausible": "{} put a child outside ages 2 to 20 at entry. They are taken as not known; the children stay, by their year group.",
    "no_entry": "of {} the entry is forty years or more before the extract, as a system writes it that knows none. The children stay on the roll. Put the day right.",
    "no_row": "{} in the latest census or in recent registers, and in no row of the roll, so no list can name them. Send those rows, or put the UPNs right.",
    "no_main": "{} on its roll with no registration as single or main at any school here, so no list can name them. If their main school is another authority’s, that is right; if not, send that school’s row, or put enrolment_status right.",
    "off_spell": "{} are of days on which the child was on no roll of the school. They count for nobody. Record the entry or the leaving that is missing, or end the marks.",
    "outside_phase": "{} in a year group that the school’s phase does not teach. Put right the year group, the school or its phase.",
    "far_from_age": "in {} of the roll or a census the year group is two years or more from that of the child’s age. Put right the birth date or the year group.",
}  # by rule, what is said of a school; the noun of its rows
NOUNS = {
    "overlap_ended": "spell", "closing_ended": "spell", "no_entry": "spell", "implausible": "birth date", "off_spell": "register row",
    "outside_phase": "child", "no_row": "child", "no_main": "child", "far_from_age": "row",
}  # fmt: skip
REPAIRED = {
    "day_first": "dates have the day first",
    "boolean_text": "yes and no are written as Y and N or 1 and 0",
    "bom": "a byte-order mark stands",
    "crlf": "lines end as Windows ends them",
    "windows_1252": "text is in Windows-1252",
    "empty_rows": "rows without any value stand among the others",
    "separator_line": "a line that tells Excel its separator stands first",
}
MOST_NAMED = 40  # files or schools in one line; the report as JSON has them all
MOST_DAYS = 10
LONGEST_HOLIDAY = 60  # days


@dataclass
class TableCounts:
    """Counts of one table; `read` is `kept` plus everything in `rejected`."""

    read: int = 0
    rejected: Counter = field(default_factory=Counter)
    repaired: Counter = field(default_factory=Counter)
    notes: dict[str, int] = field(default_factory=dict)

    @property
    def kept(self) -> int:
        return self.read - self.rejected.total()

    def as_dict(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "kept": self.kept,
            "rejected": {rule: self.rejected[rule] for rule in RULES if self.rejected[rule]},
            "repaired": {rule: self.repaired[rule] for rule in REPAIRS if self.repaired[rule]},
            "notes": {note: count for note, count in self.notes.items() if count},
        }


@dataclass
class Report:
    """The report of one import or check.

    Attributes
    ----------
    tables : dict of str to TableCounts
        In the order of the contract.
    file_repairs : dict
        Rule to table to the files that were repaired whole, and their rows.
    ignored_columns : dict of str to list of str
    bulk_recorded_on : dict
        Table to the one `recorded_on` of more than half of its rows, for which the lag applies instead.
    under_notified : list of dict
        Schools whose registers and suspensions disagree.
    late_feeds : list of dict
        Schools whose marks stopped more than ten school days before those of the others.
    unusual_rates : list of dict
        Half-terms in which a school's absence lies far outside its own history: named only.
    coverage : list of dict
        Table and school to the first and last day that rows cover, and how many there are.
    by_school : dict of str to list of dict
        By rule (`OF_SCHOOL`), URN and how many rows of that school.
    not_merged : list of dict
        File and line of the roll's rows whose former UPN is another child's.
    disputed : list of dict
        The same of rows that were believed, against which something speaks that became known later.
    not_read : list of dict
        Files and folders that were not read: `name`, and the table that each `looks_like` ("" for none).
    num_hidden : int
        Hidden files of operating systems, which were passed over.
    protected : dict
        Children withheld on the day of the extract, `restricted` and `objection`; and `read_as_more`: where a
        cell that could not be used was read as the more protecting one, by rule. Empty without the table.
    losses : list of Loss
        Schools and files that lose more than the share of a table's rows, and at least five.
    on_no_roll : list of dict
        By school (`urn`, `name`; None where it is not known) how many `children` are on no roll any more, as the
        row that put them there was rejected, or, `by_closing`, as the school closed.
    without_roll : list of dict
        Schools (`urn`, `name`) that are open and have no child on roll.
    contradicted : list of Contradiction
        What is said of a whole school and contradicted by other records.
    empty_files : list of str
        Files with a header and no row.
    several : dict of str to list of str
        Table to the files and folders it lies in, where that is more than one: `roll.csv` and `roll.parquet`.
    unused_values : list of dict
        The extract's own values in authority.toml (table, column, value) that no cell has.
    off_calendar : dict
        Marks on days that are no school days, `rows` and `days`, and `silent_days`: school days without any mark.
    register_holes : list of dict
        Schools with a hole of more than ten school days inside their registers: first and last day, and how many.
    missing_years : list of dict
        Tables and academic years without a row that the year before or after has.
    missing_censuses : list of dict
        Schools without a row in a census, though they had children then.
    alike_districts : list of list of str
        Names of districts that differ in letter case or spaces alone, those of one name together.
    """

    extracted_on: str
    data_end: str | None = None
    tables: dict[str, TableCounts] = field(default_factory=dict)
    file_repairs: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    ignored_columns: dict[str, list[str]] = field(default_factory=dict)
    bulk_recorded_on: dict[str, dict[str, Any]] = field(default_factory=dict)
    under_notified: list[dict[str, Any]] = field(default_factory=list)
    late_feeds: list[dict[str, Any]] = field(default_factory=list)
    unusual_rates: list[dict[str, Any]] = field(default_factory=list)
    coverage: list[dict[str, Any]] = field(default_factory=list)
    by_school: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    not_merged: list[dict[str, Any]] = field(default_factory=list)
    disputed: list[dict[str, Any]] = field(default_factory=list)
    not_read: list[dict[str, str]] = field(default_factory=list)
    num_hidden: int = 0
    protected: dict[str, Any] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    on_no_roll: list[dict[str, Any]] = field(default_factory=list)
    without_roll: list[dict[str, Any]] = field(default_factory=list)
    contradicted: list[Contradiction] = field(default_factory=list)
    empty_files: list[str] = field(default_factory=list)
    several: dict[str, list[str]] = field(default_factory=dict)
    unused_values: list[dict[str, str]] = field(default_factory=list)
    off_calendar: dict[str, Any] = field(default_factory=dict)
    register_holes: list[dict[str, Any]] = field(default_factory=list)
    missing_years: list[dict[str, str]] = field(default_factory=list)
    missing_censuses: list[dict[str, Any]] = field(default_factory=list)
    alike_districts: list[list[str]] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON holds it; no value of a pupil is in it."""
        return {
            "extracted_on": self.extracted_on,
            "data_end": self.data_end,
            "tables": {name: counts.as_dict() for name, counts in self.tables.items()},
            "file_repairs": self.file_repairs,
            "ignored_columns": self.ignored_columns,
            "bulk_recorded_on": self.bulk_recorded_on,
            "under_notified": self.under_notified,
            "late_feeds": self.late_feeds,
            "unusual_rates": self.unusual_rates,
            "by_school": self.by_school,
            "not_merged": self.not_merged,
            "disputed": self.disputed,
            "coverage": self.coverage,
            "not_read": self.not_read,
            "num_hidden": self.num_hidden,
            "protected": self.protected,
            "losses": [loss.as_dict() for loss in self.losses],
            "on_no_roll": self.on_no_roll,
            "without_roll": self.without_roll,
            "contradicted": [one.as_dict() for one in self.contradicted],
            "empty_files": self.empty_files,
            "several": self.several,
            "unused_values": self.unused_values,
            "off_calendar": self.off_calendar,
            "register_holes": self.register_holes,
            "missing_years": self.missing_years,
            "missing_censuses": self.missing_censuses,
            "alike_districts": self.alike_districts,
        }

    def closing_rows(self) -> list[tuple[str, int, int, int, int, str]]:
        """What a run ends by showing: table, rows read, kept and rejected, cells repaired, notes in words."""
        return [
            (
                name,
                counts.read,
                counts.kept,
                counts.rejected.total(),
                counts.repaired.total(),
                ", ".join(f"{NOTES[note]}: {count:,}" for note, count in counts.notes.items() if count),
            )
            for name, counts in self.tables.items()
        ]

    def closing_lines(self) -> list[str]:
        """What the closing table ends with: who is on no roll any more, what was not read, who is protected."""
        return [self._no_roll(), self._not_read(), self._protected()]

    def _no_roll(self) -> str:
        missing = sum(school["rows"] for school in self.by_school.get("no_row", ()))
        also = (
            f" Of {_counted(missing, 'child', 'children')} in the latest census or in recent registers no row of the roll was sent (see below by school)."
            * bool(missing)
        )
        if not self.on_no_roll:
            return f"On no roll any more: no child, as every current row of the roll was kept.{also}"
        total = sum(school["children"] for school in self.on_no_roll)
        by_closing = sum(school["by_closing"] for school in self.on_no_roll)
        why = [
            "whose rows were rejected" * (by_closing < total),
            "whose school closed before an end of their spell or another school was recorded"
            * bool(by_closing),
        ]
        schools = [
            f"{school['children']:,} at {school['name']} ({school['urn']})"
            if school["urn"]
            else f"{school['children']:,} at no known school"
            for school in self.on_no_roll
        ]
        return (
            f"On no roll any more: {_counted(total, 'child', 'children')}, {' or '.join(filter(None, why))}, so no list can name them: "
            f"{_listed(schools)}.{also}"
        )

    def _not_read(self) -> str:
        number = _counted(self.num_hidden, "hidden file or folder", "hidden files and folders")
        hidden = f" {number} of an operating system passed over." * bool(self.num_hidden)
        if not self.not_read:
            rest = (
                " Every other was read."
                if hidden
                else " nothing; every file and folder of the extract was read."
            )
            return f"Not read:{hidden}{rest}"
        names = [
            one["name"] + f" (looks like {one['looks_like']})" * bool(one["looks_like"])
            for one in self.not_read
        ]
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return f"Not read: {_counted(len(names), 'file or folder', 'files and folders')}: {', '.join(names[:MOST_NAMED])}{more}.{hidden}"

    def _protected(self) -> str:
        if not self.protected:
            return "Protected: nobody; the extract has no withheld table. If a family objected or a child's address is protected, add it."
        restricted, objections = self.protected["restricted"], self.protected["objection"]
        claimed = self.protected["by_claim"]
        also = (
            f" Of them {_counted(claimed, 'child is', 'children are')} in no row of withheld, but protected with one who is: a row of the roll "
            "says that two UPNs are one child, and import does not take them for one. Put the former UPN right there, or name in "
            "withheld every UPN that is meant."
        )
        return (
            f"Protected: {_counted(restricted, 'child', 'children')} never named, "
            f"{_counted(objections, 'child', 'children')} not scored after an objection.{also * bool(claimed)}"
        )

    def sentences(self) -> list[str]:
        """What an authority should know of its extract beyond the counts, in plain words; no pupil's value."""
        told = []
        for rule, tables in self.file_repairs.items():
            for table, entry in tables.items():
                number = f", {entry['rows_left_out']:,} in all" if "rows_left_out" in entry else ""
                told.append(
                    f"{table}: {REPAIRED[rule]} in {_counted(len(entry['files']), 'file')}{number}; read as meant."
                )
        for table, names in self.ignored_columns.items():
            told.append(
                f"{table}: the contract does not know {', '.join(names)}, and nothing was read from there."
            )
        told += [
            _of_rejected(table, counts) for table, counts in self.tables.items() if counts.rejected.total()
        ]
        if marks := sum(counts.repaired["code_of_its_day"] for counts in self.tables.values()):
            told.append(
                f"attendance: {_counted(marks, 'mark')} of a code that was not in force on its day, read as the one that was: J, at an interview, "
                "counts as attending until 18 August 2024, and as J1, an absence, from the day after. If the code is wrong, put the register right."
            )
        for table, counts in self.tables.items():
            if cells := counts.repaired["recorded_before"]:
                told.append(
                    f"{table}: {_counted(cells, 'day')} of recording {'lies' if cells == 1 else 'lie'} more than a year before the row's own day, so nobody can "
                    "have known the row then. The table's usual delay stands in its place. If your system puts such a day where it knows none, leave it blank."
                )
        if cells := sum(counts.repaired["outcome_before"] for counts in self.tables.values()):
            told.append(
                f"suspensions: {_counted(cells, 'outcome')} of a day before the event began. {'It counts' if cells == 1 else 'They count'} as known only on the "
                "day of the extract. Put outcome_on right."
            )
        told += [loss.sentence for loss in self.losses]
        told += [one.sentence for one in self.contradicted]
        if self.without_roll:
            named = [f"{school['name']} ({school['urn']})" for school in self.without_roll]
            told.append(
                f"schools: {_listed(named, MOST_NAMED)} {'is' if len(named) == 1 else 'are'} open and {'has' if len(named) == 1 else 'have'} no child "
                "on roll. If a roll was not sent, send it: its children would be on no list. If a school closed, give it a closed_on."
            )
        for names in self.alike_districts:
            told.append(
                f"schools, column district: {' and '.join(names)} differ in letter case or spaces alone, and each would have a meeting of its own. "
                "Write one name."
            )
        if self.empty_files:
            told.append(
                f"No row stands in {_listed(self.empty_files)}, only a header. If its export failed, send it again: what is missing is not none."
                + f" An empty {PROTECTED} protects nobody: a child whose family objected would be scored, and one whose address is protected could be named."
                * any(name.split("/")[0].split(".")[0] == PROTECTED for name in self.empty_files)
            )
        for table, places in self.several.items():
            told.append(
                f"{table}: {_listed(places)} were read together as one table. If one of them is an older copy, take it out and import again: "
                "rows that were put right or taken out since would count again."
            )
        for one in self.unused_values:
            told.append(
                f"authority.toml, values.{one['table']}.{one['column']}: no cell says {one['value']}. Correct it if it is a slip."
            )
        if self.off_calendar.get("rows"):
            days = self.off_calendar["days"]
            told.append(
                f"attendance: {_counted(self.off_calendar['rows'], 'row')} of marks lie on {_counted(len(days), 'day')} that the terms in authority.toml "
                f"do not hold to be school days ({_listed(days, MOST_DAYS)}), and count for nothing. Put the terms right, or the marks."
            )
        if (
            self.data_end
            and (days_since := _days_between(self.data_end, self.extracted_on)) > LONGEST_HOLIDAY
        ):
            told.append(
                f"attendance: the last mark of any school is of {self.data_end}, {days_since:,} days before extracted_on. Send the later registers, or put "
                "extracted_on right in authority.toml."
            )
        if silent := self.off_calendar.get("silent_days"):
            told.append(
                f"attendance: no school has a mark on {_counted(len(silent), 'school day')} ({_listed(silent, MOST_DAYS)}). "
                "If schools were closed, add the days under [closures]; if not, registers are missing."
            )
        for hole in self.register_holes:
            told.append(
                f"School {hole['urn']}: its registers have a hole of {hole['school_days']} school days, {hole['first_day']} to {hole['last_day']}. "
                "What its pupils missed then is not known, so figures that reach over it are left out. Send these registers."
            )
        for one in self.missing_years:
            told.append(
                f"{one['table']}: no row is of {one['year']}, though the year before or after has some. If that year was not exported, send it: "
                "what is missing is not none."
            )
        dates: dict[int, list[str]] = {}
        for census in self.missing_censuses:
            dates.setdefault(census["urn"], []).append(census["census_date"])
        for urn, days in dates.items():
            told.append(
                f"School {urn}: no row in the census of {_listed(days, MOST_DAYS)}, though it had children on roll then. If it was not sent, send it: "
                "what is missing is not none."
            )
        for rule, spots in self.protected.get("read_as_more", {}).items():
            told.append(f"{'; '.join(spots)}: {PROTECTING[rule]}.")
        for table, load in self.bulk_recorded_on.items():
            share = 100 * load["rows"] // self.tables[table].read
            told.append(
                f"{table}: {share} % of rows say they were recorded on {load['recorded_on']}. That was a bulk load, "
                "so the table's usual delay stands in its place."
            )
        for school in self.late_feeds:
            since = f"stop on {school['last_date']}" if school["last_date"] else "were not supplied at all"
            told.append(
                f"School {school['urn']}: its attendance marks {since}, more than ten school days before the last "
                "of other schools. Its pupils are not assessed after that."
            )
        for school in self.under_notified:
            told.append(
                f"School {school['urn']}: registers and notified suspensions disagree. {school['sessions']:,} sessions have code E "
                f"and no suspension (about {school['suspensions_not_told']:,} suspensions); "
                f"{_counted(school['suspensions_without_e'], 'suspension')} without code E."
            )
        for rule, schools in self.by_school.items():
            for school in schools:
                told.append(f"School {school['urn']}: {of_school(rule, school['rows'])}")
        for row in self.not_merged:
            told.append(
                f"{_spot(row)}: the former UPN is another child’s, who is on roll at the same time, in the "
                "same census or born on another day. The two are kept apart. Put the former UPN right, or end the spell that is over."
            )
        for row in self.disputed:
            told.append(
                f"{_spot(row)}: the former UPN was taken for the same child’s by what was known then. A spell, a census or a "
                "birth date that became known later says that they may be two. They stay one child. If they are two, take the former UPN out."
            )
        for half in self.unusual_rates:
            told.append(
                f"School {half['urn']}: in {half['half_term']} {100 * half['share_absent']:.0f} % of sessions were missed; "
                f"its usual share is {100 * half['usual']:.0f} %. It may be true, or a register wrongly kept."
            )
        return told


def _of_rejected(table: str, counts: TableCounts) -> str:
    rules = "; ".join(
        f"{counts.rejected[rule]:,} by {rule} ({SHORT[rule]})" for rule in RULES if counts.rejected[rule]
    )
    return (
        f"{table}: {_counted(counts.rejected.total(), 'row')} rejected: {rules}. What a rejected row says counts for no child. "
        "For its file and line, school by school: pathways check EXTRACT --pages DIR."
    )


def _days_between(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def of_school(rule: str, rows: int) -> str:
    """What is said of a school by a rule of `OF_SCHOOL`, and of how many rows."""
    return OF_SCHOOL[rule].format(_counted(rows, NOUNS[rule]))


def _spot(row: Mapping[str, Any]) -> str:
    """Where a row stands; a Parquet file has row numbers for lines."""
    return f"{row['file']}, {'row' if row['file'].endswith('.parquet') else 'line'} {row['line']}"


def _listed(names: Sequence[str], most: int = MOST_NAMED) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _counted(number: int, noun: str, plural: str = "") -> str:
    plural = plural or {"child": "children"}.get(noun, f"{noun}s")
    return f"{number:,} {noun if number == 1 else plural}"
