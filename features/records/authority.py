"""What an authority says of itself in `authority.toml` (CONTRACT section 4), checked whole."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from features.errors import AuthorityRefused
from features.tables import TABLES

FILE_NAME = "authority.toml"
HALF_TERMS = ("autumn_1", "autumn_2", "spring_1", "spring_2", "summer_1", "summer_2")
AcademicYear = Annotated[str, Field(pattern=r"^20\d\d/\d\d$")]
HalfTerm = tuple[date, date]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Identity(Strict):
    """Who the authority is and up to when it extracted."""

    name: str
    la_number: int = Field(ge=100, le=999)
    extracted_on: date
    is_made_up: bool = False


class Lag(Strict):
    """Days from a row's own date to the authority knowing it, with exceptions by academic year."""

    default: int = Field(ge=0)
    years: dict[AcademicYear, int] = {}

    @model_validator(mode="before")
    @classmethod
    def from_toml(cls, value: object) -> object:
        """Accept `14` or `{ default = 3, "2021/22" = 200 }` as the contract writes them."""
        if isinstance(value, int):
            return {"default": value}
        if isinstance(value, dict) and "years" not in value:
            years = {key: days for key, days in value.items() if key != "default"}
            return {"default": value.get("default"), "years": years}
        return value


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
    lawful_basis : dict
        Source to the condition relied on; a source with a `sensitivity` and no entry stays off.
    lists : Lists
    documents : Documents
    """

    authority: Identity
    terms: dict[AcademicYear, dict[str, HalfTerm]]
    closures: dict[AcademicYear, tuple[date, ...]] = {}
    lag_days: dict[str, Lag] = {}
    columns: dict[str, dict[str, str]] = {}
    values: dict[str, dict[str, dict[str, str]]] = {}
    lawful_basis: dict[str, str] = {}
    meeting: Meeting
    signposts: dict[str, str] = {}
    lists: Lists = Lists()
    documents: Documents = Documents()

    @model_validator(mode="after")
    def is_consistent(self) -> "Authority":
        breaches = [
            f"terms.{year}: {half} is missing or ends before it starts"
            for year, halves in self.terms.items()
            for half in HALF_TERMS
            if half not in halves or halves[half][0] > halves[half][1]
        ]
        breaches += [
            f"{section}.{name}: the contract has no such table"
            for section in ("lag_days", "columns", "values")
            for name in getattr(self, section)
            if name not in TABLES
        ]
        if not self.terms:
            breaches.append("terms: at least one academic year is needed")
        if breaches:
            raise ValueError("; ".join(breaches))
        return self

    def lag(self, table: str, academic_year: str) -> int:
        """Days of lag of a table's rows dated in an academic year."""
        lag = self.lag_days.get(table, Lag(default=TABLES[table].lag_days))
        return lag.years.get(academic_year, lag.default)


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
            f"{FILE_NAME} is missing from the folder. Put one beside the tables: README, 'Your own extract'."
        ) from None
    except OSError as error:
        raise AuthorityRefused(
            f"{FILE_NAME} cannot be read ({error.strerror}). It has to be a file that you may read."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuthorityRefused(
            f"{FILE_NAME} is not readable as TOML in UTF-8 ({type(error).__name__}). Correct it and try again."
        ) from None
    try:
        return Authority.model_validate(settings)
    except ValidationError as error:
        raise AuthorityRefused(
            *(
                f"{FILE_NAME}, {'.'.join(map(str, item['loc'])) or 'whole file'}: {item['msg']}. Correct it and try again."
                for item in error.errors()
            )
        ) from None
