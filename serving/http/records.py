"""What all records share: their kinds of field, and what every answer about a child or a list carries."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from models.places import STATES
from serving.wording import NOT_FOR, pseudonym, pupil_of

MOST_PUPILS = 100  # of one request
LONGEST_TEXT, LONGEST_WORDS, LONGEST_LINE = (
    4_000,
    300,
    120,
)  # characters; the one limit of what anybody may write
# No control characters, no marks that turn the direction of text, nothing that is no character, and nothing that hides
# text or is not seen (Unicode's Default_Ignorable_Code_Point, but for what chooses a letter's or a picture's form): a
# name with a soft hyphen in it is found by no search. What is beyond \uFFFF stands as it is: no escape for it is common
# to JSON Schema, Python and Rust.
_PLAIN = (
    r"[^\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x9F\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180E\u200B-\u200F\u2028-\u202E"
    r"\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFB\uFFFE\uFFFF"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
TEXT_PATTERN = rf"^{_PLAIN}*$"
PUPIL_PATTERN = r"^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}$"

_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def as_written(found: Any) -> date:
    """A day as people write one; pydantic would read seconds since 1970 as one too, and record the wrong day."""
    if isinstance(found, date):
        return found
    try:
        return date.fromisoformat(found if _DAY.fullmatch(found) else "")
    except (TypeError, ValueError):
        raise PydanticCustomError("date_as_written", "Input should be a day, YYYY-MM-DD") from None


class AsCode:
    """As an annotation of int: a pupil, a number to us and a code in every request and answer."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        code = core_schema.str_schema(pattern=PUPIL_PATTERN, min_length=19, max_length=19)
        return core_schema.json_or_python_schema(
            core_schema.no_info_after_validator_function(pupil_of, code),
            core_schema.int_schema(),
            serialization=core_schema.plain_serializer_function_ser_schema(
                pseudonym, return_schema=code, when_used="json"
            ),
        )


Pupil = Annotated[int, AsCode()]
Day = Annotated[date, BeforeValidator(as_written)]
PupilCode = Annotated[str, StringConstraints(pattern=PUPIL_PATTERN, min_length=19, max_length=19)]
Version = Annotated[int, Field(ge=1, le=1_000_000)]
RecordNumber = Annotated[int, Field(ge=1, le=2**53 - 1)]
Urn = Annotated[int, Field(ge=100_000, le=999_999)]
Name = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, min_length=1, max_length=LONGEST_LINE)]
Text = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, max_length=LONGEST_TEXT)]
ShortText = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, max_length=LONGEST_WORDS)]
Said = Annotated[str, StringConstraints(pattern=TEXT_PATTERN, min_length=1, max_length=LONGEST_TEXT)]
_PLAIN_TEXT = re.compile(TEXT_PATTERN)


def is_text(found: str) -> bool:
    """Whether something may be kept as text: as `Text` takes it, for what is no field of a record."""
    has_half_a_letter = any(0xD800 <= ord(letter) <= 0xDFFF for letter in found)
    return len(found) <= LONGEST_TEXT and not has_half_a_letter and _PLAIN_TEXT.fullmatch(found) is not None


ListingState = Literal[
    "listed",
    "could_go_either_way",
    "already_supported",
    "exclusion_in_progress",
    "not_assessed",
    "not_listed",
]
assert set(STATES) == set(ListingState.__args__)  # type: ignore[attr-defined]

PURPOSE: Literal["A prompt for a human screening."] = "A prompt for a human screening."
NO_DECISION: Literal[
    "This is not a decision, and may not be used as one. People screen, and people decide."
] = "This is not a decision, and may not be used as one. People screen, and people decide."


class Record(BaseModel):
    """A record that takes nothing it does not know; errors never quote what was sent."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, strict=True)


class Asked(Record):
    """A record that comes in as JSON."""


class AsOf(Asked):
    """A prepared date."""

    as_of: Day = Field(description="A prepared date, YYYY-MM-DD.")


class Standing(Record):
    """What every answer that tells of a child or a list carries."""

    purpose: Literal["A prompt for a human screening."] = PURPOSE
    is_not_a_decision: Literal[
        "This is not a decision, and may not be used as one. People screen, and people decide."
    ] = NO_DECISION
    not_to_be_used_for: tuple[str, ...] = NOT_FOR
    what_it_tells: Literal["What schools did in the past; not what a child did or will do."] = (
        "What schools did in the past; not what a child did or will do."
    )
    as_of: date
    records_until: date
    expires_on: date
    release: str
    made_up: str = Field(description="Says so where records or model are made up; empty where neither is.")
