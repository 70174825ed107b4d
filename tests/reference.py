"""The oracle: what the records say of one pupil at one as-of date, the slow and obvious way.

Plain Python over lists of dicts, one pupil at a time, written from the design and the contract and not from
the package. `tests/reference_features.py` goes on from here to the features.
"""

import csv
import struct
from bisect import bisect_left
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from importlib.resources import files

Row = dict
HALF_TERMS = ("autumn_1", "autumn_2", "spring_1", "spring_2", "summer_1", "summer_2")
EASTER = {2021: (4, 4), 2022: (4, 17), 2023: (4, 9), 2024: (3, 31), 2025: (4, 20), 2026: (4, 5)}
LAST_FRIDAY_IN_JUNE = {2021: 25, 2022: 24, 2023: 30, 2024: 28, 2025: 27, 2026: 26}
with files("features.codes").joinpath("attendance.csv").open(encoding="utf-8") as file:
    CODES = {row["code"]: row for row in csv.DictReader(file)}


def single(value):
    """A number as it looks after a trip through 32 bits; None stays None."""
    return None if value is None else struct.unpack("f", struct.pack("f", value))[0]


def starting_year(day: date) -> int:
    return day.year if day.month >= 9 else day.year - 1


@dataclass
class World:
    """Records (table name to rows), an authority's terms, and one as-of date.

    Attributes
    ----------
    tables : dict of str to list of dict
    terms, closures : as `authority.toml` gives them
    basis : names of the sources whose condition the authority names
    """

    tables: dict[str, list[Row]]
    terms: dict
    closures: dict
    basis: set
    as_of: date
    by_pupil: dict = field(default_factory=dict)

    def at(self, day: date) -> "World":
        return World(self.tables, self.terms, self.closures, self.basis, day, self.by_pupil)

    # -- time ---------------------------------------------------------------------------------

    @cached_property
    def half_terms(self):
        return [(year, name, *self.terms[year][name]) for year in sorted(self.terms) for name in HALF_TERMS]

    @cached_property
    def school_days(self) -> list[date]:
        closed = {day for days in self.closures.values() for day in days}
        days = []
        for _, _, first, last in self.half_terms:
            for n in range((last - first).days + 1):
                day = first + timedelta(days=n)
                if day.weekday() < 5 and day not in closed:
                    days.append(day)
        return days

    @cached_property
    def years(self) -> list[tuple[date, date]]:
        """The tenth and the last school day of every academic year."""
        years = [
            [day for day in self.school_days if starting_year(day) == start]
            for start in {starting_year(day) for day in self.school_days}
        ]
        return [(days[9], days[-1]) for days in years]

    def number(self, day: date) -> int:
        """School days before a day."""
        return bisect_left(self.school_days, day)

    @cached_property
    def today(self) -> int:
        return self.number(self.as_of)

    def days_before(self, n: int) -> date | None:
        """The school day that was n school days ago; None before the calendar."""
        return self.school_days[self.today - n] if n <= self.today else None

    def in_look_back(self, day: date, length: int, back: int = 0) -> bool:
        start = self.days_before(length + back)
        end = self.as_of if back == 0 else self.days_before(back)
        return start is not None and start <= day < end

    def half_term_of(self, day: date):
        begun = [half for half in self.half_terms if half[2] <= day]
        return begun[-1] if begun else self.half_terms[0]

    def reaches(self, length: int, first: date | None) -> bool:
        """Do records whose first row is dated `first` cover a look-back of that length?"""
        start = self.days_before(length)
        if start is None or first is None:
            return False
        return min(first, self.half_term_of(first)[2]) <= start

    # -- what is known ------------------------------------------------------------------------

    def is_known(self, own: date, known_on: date) -> bool:
        return own < self.as_of and known_on < self.as_of

    def rows_of(self, table: str, pupil: int) -> list[Row]:
        if table not in self.by_pupil:
            index: dict = {}
            for row in self.tables[table]:
                index.setdefault(row["pupil"], []).append(row)
            self.by_pupil[table] = index
        return self.by_pupil[table].get(pupil, [])

    def known(self, table: str, rows: list[Row]) -> list[Row]:
        """The rows known; of a spell the end, and its reason, only where the end is known too."""
        own, end = {
            "roll": ("entry_date", "leaving_date"), "census": ("census_date", None), "attendance": ("date", None),
            "suspensions": ("start_date", None), "involvements": ("start_date", "end_date"), "support": ("start_date", "end_date"),
            "internal_suspensions": ("start_date", None), "attainment": ("taken_by", None),
        }[table]  # fmt: skip
        told = []
        for row in rows:
            until = row.get("known_until")
            if not self.is_known(row[own], row["known_on"]) or (until is not None and self.as_of > until):
                continue
            row = dict(row)
            if end is not None:
                over = row[end] is not None and self.is_known(row[end], row["end_known_on"])
                row["is_open"] = not over
                if not over:
                    row[end] = None
                    if table == "roll":
                        row["leaving_reason"] = None
            told.append(row)
        return self.last_told(told) if table == "involvements" else told

    def last_told(self, spells: list[Row]) -> list[Row]:
        """Of each involvement what was told last; of two told on one day the one that ended, latest."""
        latest: dict = {}
        for row in spells:
            told = row["known_on"] if row["is_open"] else max(row["known_on"], row["end_known_on"])
            rank = (told, not row["is_open"], row["end_date"] or date.min)
            key = (row["pupil"], row["kind"], row["start_date"])
            if key not in latest or rank > latest[key][0]:
                latest[key] = (rank, row)
        return [row for _, row in latest.values()]

    def counted(self, rows: list[Row]) -> list[Row]:
        """The marks known of days on which the pupil was on a roll of that school, as the roll is known."""
        return [
            mark
            for mark in self.known("attendance", rows)
            if any(
                self.school_now(spell["urn"]) == self.school_now(mark["urn"])
                and spell["entry_date"] <= mark["date"]
                and (spell["leaving_date"] is None or mark["date"] <= spell["leaving_date"])
                for spell in self.known("roll", self.rows_of("roll", mark["pupil"]))
            )
        ]

    def events(self, rows: list[Row]) -> list[Row]:
        """Suspensions, each once, as last told; what was cancelled did not happen."""
        latest: dict = {}
        for row in self.known("suspensions", rows):
            row["sessions"] = row["sessions"] or 0
            if row["outcome_on"] is not None and not row["outcome_on"] < self.as_of:
                row["outcome"] = None
            row["outcome"] = row["outcome"] or ""
            row["reasons"] = [row[name] or "" for name in ("reason_1", "reason_2", "reason_3")]
            event = (row["pupil"], row["urn"], row["category"], row["start_date"])
            age = -row["known_on"].toordinal()
            rank = (age, row["outcome"] == "", -row["sessions"], row["outcome"], row["reasons"])
            if event not in latest or rank < latest[event][0]:
                latest[event] = (rank, row)
        return [row for _, row in latest.values() if row["outcome"] != "cancelled"]

    # -- schools ------------------------------------------------------------------------------

    @cached_property
    def schools(self) -> dict[int, Row]:
        return {row["urn"]: row for row in self.tables["schools"]}

    def school_now(self, urn: int) -> int:
        """The URN that a school has today."""
        for row in sorted(self.tables["schools"], key=lambda row: -row["urn"]):
            if row["predecessor_urn"] == urn:
                return self.school_now(row["urn"])
        return urn

    def turned_academy(self, spell: Row) -> bool:
        """Did the spell start as the school became an academy, so that the pupil only stayed?"""
        school = self.schools[spell["urn"]]
        if school["predecessor_urn"] is None or school["opened_on"] is None:
            return False
        return 0 <= (spell["entry_date"] - school["opened_on"]).days <= 7

    @cached_property
    def stopped(self) -> set[int]:
        """Schools (as they are today) whose last known mark is more than ten school days old.

        Not one that opened since; and none where no register of two school years is known at all.
        """
        last: dict = {}
        for row in self.known("attendance", self.tables["attendance"]):
            now = self.school_now(row["urn"])
            if self.in_look_back(row["date"], min(380, self.today)):
                last[now] = max(last.get(now, row["date"]), row["date"])
        if not last:
            return set()
        running = {urn for urn, day in last.items() if self.today - self.number(day) <= 10}
        for school in self.tables["schools"]:
            if school["opened_on"] is not None and 0 <= self.today - self.number(school["opened_on"]) <= 10:
                running.add(school["urn"])
        return {self.school_now(urn) for urn in self.schools} - running

    # -- the cohort ---------------------------------------------------------------------------

    def spell(self, pupil: int) -> Row | None:
        """The pupil's current registration, C or M; of two that read as open the later counts."""
        spells = [
            row
            for row in self.known("roll", self.rows_of("roll", pupil))
            if row["is_open"] and row["enrolment_status"] in "CM"
        ]
        return max(spells, key=lambda row: (row["entry_date"], -row["urn"]), default=None)

    def censuses(self, pupil: int) -> list[Row]:
        """Census rows of two school years, oldest first; not those of a subsidiary school."""
        spells = [
            row for row in self.known("roll", self.rows_of("roll", pupil)) if row["enrolment_status"] == "S"
        ]
        start = self.days_before(380)
        found = []
        for row in self.known("census", self.rows_of("census", pupil)):
            day = row["census_date"]
            is_subsidiary = any(
                spell["urn"] == row["urn"]
                and spell["entry_date"] <= day
                and (spell["leaving_date"] is None or day <= spell["leaving_date"])
                for spell in spells
            )
            if not is_subsidiary and (start is None or day >= start):
                found.append(row)
        return sorted(found, key=lambda row: (row["census_date"], row["urn"]))

    def birth_date(self, pupil: int) -> date | None:
        censuses = self.censuses(pupil)
        return censuses[-1]["birth_date"] if censuses else self.spell(pupil)["birth_date"]

    def year_group(self, pupil: int) -> int | None:
        """Reception 0, Year 1 1 ...; nursery below 0; None where nothing tells."""
        told = [(row["nc_year"], row["census_date"]) for row in self.censuses(pupil)[-1:]]
        told.append((self.spell(pupil)["nc_year"], self.spell(pupil)["entry_date"]))
        this_year = starting_year(self.as_of)
        for text, on in told:
            if text is not None and text != "X":
                year = {"N1": -2, "N2": -1, "R": 0}[text] if text in ("N1", "N2", "R") else int(text)
                return year + this_year - starting_year(on)
        born = self.birth_date(pupil)
        return (
            None if born is None else this_year - starting_year(born) - 5
        )  # Reception: the school year of turning five

    def cohort_row(self, pupil: int) -> Row | None:
        """The pupil's row of the cohort, or None where not on roll from Reception to Year 11."""
        spell = self.spell(pupil)
        if spell is None:
            return None
        year = self.year_group(pupil)
        if year is not None and not 0 <= year <= 11:
            return None
        school = self.schools[spell["urn"]]
        reason = self.not_assessed(pupil, spell, year, school)
        return {
            "pupil": pupil, "as_of": self.as_of, "urn": spell["urn"], "cluster": self.school_now(spell["urn"]),
            "phase": school["phase"], "district": school["district"], "nc_year": -1 if year is None else year,
            "half_term": self.half_term_of(self.as_of)[1], "is_assessed": reason is None, "not_assessed_reason": reason,
            "is_exclusion_in_progress": self.is_excluded(pupil, spell),
            "is_supported": any(row["is_open"] for row in self.known("support", self.rows_of("support", pupil))),
        }  # fmt: skip

    def not_assessed(self, pupil: int, spell: Row, year: int | None, school: Row) -> str | None:
        in_force = {
            row["reason"]
            for row in self.rows_of("withheld", pupil)
            if row["from"] <= self.as_of and (row["to"] is None or row["to"] >= self.as_of)
        }
        for reason in ("restricted", "objection"):
            if reason in in_force:
                return reason
        if year is None:
            return "year_group_unknown"
        if school["phase"] in ("ap", "pru"):
            return "alternative_provision"
        summer = starting_year(self.as_of) + 1
        if year == 11 and self.as_of > date(summer, *EASTER[summer]):
            return "year_11_after_easter"
        return "registers_stopped" if self.school_now(spell["urn"]) in self.stopped else None

    def is_excluded(self, pupil: int, spell: Row) -> bool:
        return any(
            row["category"] == "PERM"
            and row["outcome"] in ("", "upheld")
            and row["urn"] == spell["urn"]
            and row["start_date"] >= spell["entry_date"]
            for row in self.events(self.rows_of("suspensions", pupil))
        )

    # -- outcomes -----------------------------------------------------------------------------

    def window_end(self, year: int, window: int) -> date:
        """Last day of the outcome window: never after compulsory schooling ends."""
        end = self.as_of + timedelta(days=window - 1)
        if year in (10, 11):
            summer = starting_year(self.as_of) + 1 + 11 - year
            return min(end, date(summer, 6, LAST_FRIDAY_IN_JUNE[summer]))
        return end

    def outcome(self, pupil: int, window: int, known_by: date) -> Row:
        """What schools did in the window, as known by a later day."""
        end = self.window_end(self.cohort_row(pupil)["nc_year"], window)
        later = self.at(known_by)
        events = [
            row
            for row in later.events(self.rows_of("suspensions", pupil))
            if self.as_of <= row["start_date"] <= end
        ]
        suspensions = [row for row in events if row["category"] == "SUSP"]
        permanent = [row for row in events if row["category"] == "PERM"]
        sessions = sum(row["sessions"] for row in suspensions)
        spells = [
            row for row in later.known("roll", self.rows_of("roll", pupil)) if row["enrolment_status"] in "CM"
        ]
        left = [
            row
            for row in spells
            if row["leaving_date"] is not None and self.as_of <= row["leaving_date"] <= end
        ]
        stayed = any(
            row["entry_date"] <= end and (row["is_open"] or row["leaving_date"] >= end) for row in spells
        )
        stayed = stayed or any(row["leaving_reason"] == "end_of_schooling" for row in left)
        hidden = any(row["leaving_reason"] in ("ehe", "managed_move") for row in left)
        hidden = hidden or (not stayed and any(row["leaving_reason"] in ("unknown", None) for row in left))
        hidden = hidden or any(
            row["kind"] in ("managed_move", "part_time_timetable") and self.as_of <= row["start_date"] <= end
            for row in later.known("involvements", self.rows_of("involvements", pupil))
        )
        happened = {
            "serious_exclusion": bool(permanent) or sessions >= 20,
            "permanent_exclusion": bool(permanent),
            "upheld_permanent": any(row["outcome"] in ("", "upheld") for row in permanent),
            "any_suspension": bool(suspensions),
            "hidden_exit": hidden,
        }
        seen = {name: 1 if event else 0 if stayed else None for name, event in happened.items()}
        return {
            "pupil": pupil,
            "as_of": self.as_of,
            "window_end": end,
            **seen,
            "left_authority": not stayed,
            "num_sessions": sessions,
        }
