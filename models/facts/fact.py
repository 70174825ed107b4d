"""What every record of facts has in common: how it is made, read and written, and its JSON Schema.

A record is the only declaration of its file. Training makes it (which checks it) and writes `text()`; serving
reads it back; the published schema is `schema_of()` of it. To add a field, declare it at the place at which it is to stand in
the file, with `Field(description=...)`; where older files do not have it, give it the default None, and it
stays out of files in which it was not set.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema, model_validator
from pydantic.config import JsonDict

from models.errors import ModelRefused

BASE = "https://inclusive-pathways.example"
DIALECT = "https://json-schema.org/draft/2020-12/schema"

# A whole number stays one: 3 is not written as 3.0.
Number = Annotated[int | float, WithJsonSchema({"type": "number"})]
Count = Annotated[int, Field(ge=0)]
Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Text = Annotated[str, Field(min_length=1)]
Status = Literal["estimated", "cannot_tell"]
Outcome = Literal[
    "serious_exclusion", "permanent_exclusion", "upheld_permanent", "any_suspension", "hidden_exit"
]
WindowDays = Literal[365, 182]
ESTIMATED, CANNOT_TELL = "estimated", "cannot_tell"


class Fact(BaseModel):
    """A record of facts: plain JSON values, none of them coerced, and no field that is not declared."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    @classmethod
    def checked(cls, facts: Mapping[str, Any]) -> Self:
        """A record from plain values.

        Raises
        ------
        pydantic.ValidationError
            A field is missing, unknown or of another kind: a mistake of the code that made them.
        """
        return cls.model_validate(facts)

    @classmethod
    def read(cls, path: Path) -> Self:
        """A record from the file that it was written to.

        Raises
        ------
        OSError
        ModelRefused
            The file is not such a record; every field that is wrong is named, without its value.
        """
        try:
            return cls.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except ValidationError as error:
            raise ModelRefused(
                *(
                    f"{path}: {'.'.join(map(str, each['loc'])) or 'the whole'}: {each['msg']}. Make the file again with this version."
                    for each in error.errors(include_input=False, include_url=False)
                )
            ) from None
        except ValueError:
            raise ModelRefused(f"{path} is not readable JSON. Make the file again.") from None

    def __getitem__(self, name: str) -> Any:
        """A field by a name that is known at run time only, as a column of a table is."""
        if name not in self.model_fields_set:
            raise KeyError(name)
        return getattr(self, name)

    def plain(self) -> dict[str, Any]:
        """The record as plain JSON values, in the order of its declaration; without fields that were not set."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def text(self) -> str:
        """What its file holds."""
        return json.dumps(self.plain(), indent=1, allow_nan=False) + "\n"


IF_ESTIMATED: JsonDict = {
    "if": {"properties": {"status": {"const": ESTIMATED}}},
    "then": {"properties": {name: {"type": "number"} for name in ("estimate", "low", "high")}},
    "else": {"properties": {"low": {"type": "null"}, "high": {"type": "null"}}},
}


class Estimate(Fact):
    """A figure with its 95 % range; one that cannot be told has no range, and is never 0 for want of pupils."""

    model_config = ConfigDict(json_schema_extra=IF_ESTIMATED)

    status: Status
    estimate: Number | None
    low: Number | None
    high: Number | None

    @model_validator(mode="after")
    def has_a_range_where_it_is_estimated(self) -> Self:
        held = (self.estimate, self.low, self.high)
        if self.status == ESTIMATED and None in held:
            raise ValueError("it is estimated, and has no figure or no range")
        if self.status == CANNOT_TELL and (self.low, self.high) != (None, None):
            raise ValueError("it cannot be told, and has a range")
        return self


IF_ESTIMATED_WITH_REASON: JsonDict = {
    **IF_ESTIMATED,
    "else": {"properties": {"low": {"type": "null"}, "high": {"type": "null"}, "reason": {"minLength": 1}}},
}


class Reasoned(Fact):
    """What says why it cannot be told; last in its record."""

    reason: str


class Figure(Reasoned, Estimate):
    """A figure that says why where it cannot be told."""

    model_config = ConfigDict(json_schema_extra=IF_ESTIMATED_WITH_REASON)

    @model_validator(mode="after")
    def has_a_reason_where_it_cannot_be_told(self) -> Self:
        if self.status == CANNOT_TELL and not self.reason:
            raise ValueError("it cannot be told, and does not say why")
        return self


def schema_of(record: type[Fact], name: str) -> dict[str, Any]:
    """The published JSON Schema of a file.

    Parameters
    ----------
    record : type of Fact
    name : str
        Of the file, without `.json`.
    """
    return {
        "$schema": DIALECT,
        "$id": f"{BASE}/{name}.schema.json",
        **record.model_json_schema(ref_template="#/$defs/{model}"),
    }
