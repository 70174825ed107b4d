"""What an authority says of itself in `authority.toml` (CONTRACT section 4), checked whole."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.contract.breaks import HITS, KINDS, Hit, Kind
from features.contract.breaks import names as breaks_of_england
from features.errors import AuthorityRefused
from features.involvements import SENSITIVE
from features.tables import PHASES, TABLES

UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]", re.IGNORECASE)
SPACED_UPN = re.compile(r"(?<![^\W\d_])[A-Z]([ ._-]*[0-9]){11}[ ._-]*[0-9A-Z]", re.IGNORECASE)

FILE_NAME = "authority.toml"
HALF_TERMS = ("autumn_1", "autumn_2", "spring_1", "spring_2", "summer_1", "summer_2")
SERVICES = (
    "attendance", "exclusions", "health_education", "inclusion", "mental_health", "send", "send_advisory", "sendiass",
    "sharing_panel", "social_care", "transition", "virtual_school", "youth_justice",
)  # fmt: skip
FIRST_MONTH = 9  # of an academic year


def _consecutive(text: str) -> str:
    if (int(text[2:4]) + 1) % 100 != int(text[5:7]):
        raise ValueError("an academic year is written as 2024/25, with the year after its first")
    return text


AcademicYear = Annotated[str, Field(pattern=r"^20\d\d/\d\d$"), AfterValidator(_consecutive)]
Days = Annotated[int, Field(ge=0, le=3660, strict=True)]  # ten years; more is a slip of the keyboard
HalfTerm = tuple[date, date]
MOST_NAMES = 20  # that a section may have, named where none is near


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Identity(Strict):
    """Who the authority is and up to when it extracted."""

    name: str
    la_number: int = Field(ge=100, le=999)
    extracted_on: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
    is_made_up: bool = False


class Lag(Strict):
    """Days from a row's own date to the authority knowing it, with exceptions by academic year."""

    default: Days
    years: dict[AcademicYear, Days] = {}

    @model_validator(mode="before")
    @classmethod
    def from_toml(cls, value: object) -> object:
        """Accept `14` or `{ default = 3, "2021/22" = 200 }` as the contract writes them."""
        if isinstance(value, int) and not isinstance(value, bool):
            value = {"default": value}
        if isinstance(value, dict) and "years" not in value:
            years = {key: days for key, days in value.items() if key != "default"}
            if early := [key for key, days in value.items() if isinstance(days, int) and days < 0]:
                raise ValueError(
                    f"a lag below 0 days ({', '.join(early)}) would make rows known before their own day, and lists of the past would "
                    "rest on what nobody knew then. Give 0 or more"
                )
            return {"default": value.get("default"), "years": years}
        return value


class Dates(Strict):
    """How a table writes dates that do not show it themselves."""

    order: Literal["day_first"]


class Blank(Strict):
    """The extract's own words for a blank cell, such as NULL, as it spells them."""

    words: tuple[str, ...] = ()


class Meeting(Strict):
    """How many children a Team Around the School meeting can look at."""

    every: str
    places_per_school: dict[str, Annotated[int, Field(ge=0)]]
    places_per_district: int = Field(ge=0)


class Lists(Strict):
    """Since when meetings have seen lists: from then on, who was helped is part of what came after."""

    in_use_from: date | None = None


class Documents(Strict):
    """What the published documents say that only the authority knows; blank leaves it to be completed.

    Attributes
    ----------
    organisation, team, senior_responsible_owner, website, email : str
    data_protection_officer, complaints : str
        Whom a family writes to, and how it complains; the contact of SENDIASS stands under `signposts`.
    legal_basis : str
        The law and guidance relied on, with its version.
    kept : str
        How long lists, and what meetings write, are kept, in words for families.
    record : dict of str to str
        Field id of the transparency record ("2.3.5") to the text that a person wrote for it.
    """

    organisation: str = ""
    team: str = ""
    senior_responsible_owner: str = ""
    website: str = ""
    email: str = ""
    data_protection_officer: str = ""
    complaints: str = ""
    legal_basis: str = ""
    kept: str = ""
    record: dict[Annotated[str, Field(pattern=r"^\d(\.\d)*$")], str] = {}


class LocalBreak(Strict):
    """A day on which what this authority's records mean changed, or its own day of a break of England.

    Attributes
    ----------
    name : str
        One of `features/contract/breaks.csv`, of which this gives the day here, or a new one in the same form.
    first_day : date
    last_day : date or None
        Where it passed again.
    kind, hits : str, tuple of str
        What changes, and of what; needed of a new one, not given of one that is known.
    features : {"missing", "none"}
        Whether look-backs that reach in are missing.
    sentence : str
        What reports say of it.
    schools : tuple of int
        URNs, where it is of some schools only.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    first_day: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
    last_day: date | None = None
    kind: Kind | None = None
    hits: tuple[Hit, ...] = ()
    features: Literal["missing", "none"] = "none"
    sentence: str = ""
    schools: tuple[int, ...] = ()

    @model_validator(mode="after")
    def is_whole(self) -> "LocalBreak":
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError(f"breaks: {self.name} ends before it begins")
        if self.name in breaks_of_england():
            if self.kind or self.hits or self.sentence or self.features != "none":
                raise ValueError(
                    f"breaks: {self.name} is known, so it has days and schools here, and its kind, hits, features and sentence are those of all"
                )
        elif not (self.kind and self.hits and self.sentence):
            raise ValueError(
                f"breaks: {self.name} needs kind, hits and sentence.{nearest(self.name, breaks_of_england())}"
            )
        if self.features == "missing" and self.schools:
            raise ValueError(
                f"breaks: {self.name} makes look-backs missing for everybody, so it cannot be of some schools"
            )
        return self


def _is_within(day: date, year: str) -> bool:
    """Does a day lie inside an academic year, 1 September to 31 August?"""
    return (day.year if day.month >= FIRST_MONTH else day.year - 1) == int(year[:4])


def _is_early(day: date, year: str) -> bool:
    """Does a day lie in the August before an academic year? Some authorities' autumn term begins there.

    A school year begins with the first term to begin after July (Education Act 1996, s.579(1)).
    """
    return (day.year, day.month) == (int(year[:4]), FIRST_MONTH - 1)


def _amiss(year: str, halves: Mapping[str, HalfTerm]) -> Iterator[str]:
    """What is wrong with the half-terms of a year: outside it, out of order, or over one another."""
    known = [half for half in HALF_TERMS if half in halves]
    for half in known:
        first, last = halves[half]
        if not (
            (_is_within(first, year) or half == "autumn_1" and _is_early(first, year))
            and _is_within(last, year)
        ):
            yield f"terms.{year}: {half} lies outside that academic year, 1 September to 31 August, its first half-term from August on (is it of another year?)"
    for before, after in pairwise(known):
        if halves[after][0] <= halves[before][1]:
            yield f"terms.{year}: {after} begins before {before} has ended"


class Authority(Strict):
    """The whole of `authority.toml`; frozen.

    Attributes
    ----------
    terms : dict
        Academic year ("2024/25") to half-term name to (first day, last day), both school days.
    closures : dict
        Academic year to weekdays in term on which every school was closed.
    lag_days : dict
        Table to `Lag`; a table not named keeps the contract's default.
    columns, values : dict
        The extract's own column names and values, to the contract's.
    dates : dict
        Table to the order of its dates, for columns in which no day is above 12.
    blank : Blank
    lawful_basis : dict
        Source to the condition relied on; a source with a `sensitivity` and no entry stays off.
    lists : Lists
    documents : Documents
    breaks : tuple of LocalBreak
    """

    authority: Identity
    terms: dict[AcademicYear, dict[str, HalfTerm]]
    closures: dict[AcademicYear, tuple[date, ...]] = {}
    lag_days: dict[str, Lag] = {}
    columns: dict[str, dict[str, str]] = {}
    values: dict[str, dict[str, dict[str, str]]] = {}
    dates: dict[str, Dates] = {}
    blank: Blank = Blank()
    lawful_basis: dict[str, str] = {}
    meeting: Meeting
    signposts: dict[str, str] = {}
    lists: Lists = Lists()
    documents: Documents = Documents()
    breaks: tuple[LocalBreak, ...] = ()

    @model_validator(mode="after")
    def is_consistent(self) -> "Authority":
        breaches = [
            f"terms.{year}: {half} is missing or ends before it starts"
            for year, halves in self.terms.items()
            for half in HALF_TERMS
            if half not in halves or halves[half][0] > halves[half][1]
        ]
        if not self.terms:
            breaches.append("terms: at least one academic year is needed")
        breaches += [breach for year, halves in self.terms.items() for breach in _amiss(year, halves)]
        breaches += [
            f"closures.{year}: {day} lies outside that academic year, 1 September to 31 August"
            for year, days in self.closures.items()
            for day in days
            if not _is_within(day, year)
        ]
        names = [one.name for one in self.breaks]
        breaches += [
            f"breaks: {name} is there twice" for name in sorted({n for n in names if names.count(n) > 1})
        ]
        if breaches:
            raise ValueError("; ".join(breaches))
        return self

    @property
    def blank_words(self) -> frozenset[str]:
        """The words of `blank`, without surrounding space."""
        return frozenset(word.strip() for word in self.blank.words)

    def lag(self, table: str, academic_year: str) -> int:
        """Days of lag of a table's rows dated in an academic year."""
        lag = self.lag_days.get(table, Lag(default=TABLES[table].lag_days))
        return lag.years.get(academic_year, lag.default)


def _line_of(error: ValueError) -> str:
    """Where a text that is no TOML, or no UTF-8, goes wrong: `, line 3`; "" where that is not known."""
    if isinstance(error, UnicodeDecodeError):
        above = error.object[: error.start].count(b"\n")
        return f", line {above + 1}"
    found = re.search(r"at line ([0-9]+)", str(error))
    return f", line {found[1]}" if found else ""


def read_authority(folder: Path) -> Authority:
    """Read `authority.toml` of an extract or a record store.

    Raises
    ------
    AuthorityRefused
        No such folder; missing, not readable, not TOML, or against the contract; every breach at once,
        each with its place.
    """
    path = folder / FILE_NAME
    if not folder.is_dir():
        raise AuthorityRefused(
            f"{folder} is no folder, or is not there. Name the folder that holds the tables and {FILE_NAME}."
        )
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise AuthorityRefused(
            f"{FILE_NAME} is missing from the folder. Put one beside the tables: docs/how-to/your-extract.md."
        ) from None
    except OSError as error:
        raise AuthorityRefused(
            f"{FILE_NAME} cannot be read ({error.strerror}). It has to be a file that you may read."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuthorityRefused(
            f"{FILE_NAME}{_line_of(error)} is not readable as TOML in UTF-8. Correct it and try again."
        ) from None
    unknown = _unknown_names(settings)
    try:
        read = Authority.model_validate(settings)
    except ValidationError as error:
        told = [
            f"{'.'.join(map(str, item['loc']))}: {breach}".removeprefix(": ")
            for item in error.errors()
            if item["type"] != "extra_forbidden"
            for breach in item["msg"].removeprefix("Value error, ").split("; ")
        ]
        raise AuthorityRefused(*(_said(text) for text in (*unknown, *told))) from None
    if unknown:
        raise AuthorityRefused(*map(_said, unknown))
    return read


def _said(text: str) -> str:
    return f"{FILE_NAME}, {SPACED_UPN.sub('(a UPN)', UPN.sub('(a UPN)', text))}. Correct it and try again."


def _unknown_names(settings: Mapping[str, Any]) -> list[str]:
    """Every name that nothing has, with the nearest that exists."""
    years = tuple(_table(settings, "terms"))
    columns = {name: tuple(column.name for column in table.columns) for name, table in TABLES.items()}
    groups: list[tuple[str, Mapping[str, Any], tuple[str, ...]]] = [
        ("", settings, tuple(Authority.model_fields)),
        *(
            (section, _table(settings, section), tuple(model.model_fields))
            for section, model in (
                ("authority", Identity), ("meeting", Meeting), ("lists", Lists), ("documents", Documents), ("blank", Blank)
            )
        ),
        *((section, _table(settings, section), tuple(TABLES)) for section in ("lag_days", "columns", "values", "dates")),
        *((f"terms.{year}", _table(settings, "terms", year), HALF_TERMS) for year in years),
        ("closures", _table(settings, "closures"), years),
        *((f"lag_days.{name}", _table(settings, "lag_days", name), ("default", *years)) for name in TABLES),
        *((f"dates.{name}", _table(settings, "dates", name), tuple(Dates.model_fields)) for name in TABLES),
        ("meeting.places_per_school", _table(settings, "meeting", "places_per_school"), tuple(PHASES)),
        ("signposts", _table(settings, "signposts"), SERVICES),
        ("lawful_basis", _table(settings, "lawful_basis"), SENSITIVE),
        *((f"values.{name}", _table(settings, "values", name), known) for name, known in columns.items()),
    ]  # fmt: skip
    listed = settings.get("breaks")
    for number, one in enumerate(listed if isinstance(listed, list) else [], 1):
        if isinstance(one, Mapping):
            place = f"breaks, number {number}"
            hits = one.get("hits")
            words = {hit: "" for hit in hits if isinstance(hit, str)} if isinstance(hits, list) else {}
            kind = {one["kind"]: ""} if isinstance(one.get("kind"), str) else {}
            groups += [
                (place, one, tuple(LocalBreak.model_fields)),
                (f"{place}, kind", kind, KINDS),
                (f"{place}, hits", words, HITS),
            ]
    found = [
        _unknown(place, name, known) for place, names, known in groups for name in names if name not in known
    ]
    found += [
        _unknown(f"columns.{table}, {written!r}", meant, columns[table])
        for table in TABLES
        for written, meant in _table(settings, "columns", table).items()
        if isinstance(meant, str) and meant not in columns[table]
    ]
    for name, table in TABLES.items():
        for column in table.columns:
            codes = column.codes_known
            found += [
                _unknown(f"values.{name}.{column.name}, {written!r}", meant, codes)
                for written, meant in _table(settings, "values", name, column.name).items()
                if codes
                and isinstance(meant, str)
                and meant
                and meant.casefold() not in map(str.casefold, codes)
            ]
    return found


def _table(settings: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """A part of the settings; empty where it is not there, or is something else."""
    found: Any = settings
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _unknown(place: str, name: str, known: Collection[str]) -> str:
    said = nearest(name, known) or f" Names there: {', '.join(known)}" * (0 < len(known) <= MOST_NAMES)
    return f"{place or 'whole file'}: nothing is called {name}{'.' * bool(said)}{said}"


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that names the nearest of some names; "" where none is near."""
    spelled = {one.casefold(): one for one in known}
    found = get_close_matches(name.casefold(), spelled, 1, 0.6)
    return f" The nearest name is {spelled[found[0]]}" if found else ""
