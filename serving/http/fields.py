"""Fields that people fill in, declared once with the record: what each is called, its hint, its choices, its place in a form.

A record's annotation carries it all (`Question`, `Vocabulary`, `EachOnce`): the form, the page, the OpenAPI document and
the rights copy are made from `fields_of` and from pydantic's own schema, so that a field is written in one place.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import (
    BaseModel,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from serving.errors import Breach, RecordsRefused
from serving.http.forms import Form, typed
from serving.http.records import AsCode
from serving.wording import day

_ISO = re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})")
YES_NO: Mapping[str, str] = {"yes": "Yes", "no": "No"}
Widget = Literal["text", "lines", "day", "yes_no", "one", "select", "many", "rows"]
Typed = Mapping[str, str | list[str]]  # what a form sends, by name
Record = TypeVar("Record", bound=BaseModel)
# Of what pydantic says of a field, in words for whoever types into one.
NOT_AS_TYPED = {
    "string_too_short": "Say this.",
    "string_too_long": "Say it shorter.",
    "string_pattern_mismatch": "It holds characters that cannot be kept. Type it again.",
    "literal_error": "Choose one of those shown.",
    "each_once": "Choose each once.",
}
NO_DAY = "Give a day, month and year, such as 31 1 2026."


@dataclass(frozen=True, eq=False)  # typing keeps annotations in sets
class Vocabulary:
    """Codes and what people call each, in the order in which they are shown; as an annotation, a field takes no other.

    `Annotated[str, VOCABULARY]` is to pydantic and to the document what `Literal` of the codes is.
    """

    titles: Mapping[str, str]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.titles))


class EachOnce:
    """As an annotation of a tuple: nothing is named twice."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._check, handler(source))

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(core), "uniqueItems": True}

    @staticmethod
    def _check(found: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(set(found)) < len(found):
            raise PydanticCustomError("each_once", "each once")
        return found


@dataclass(frozen=True)
class Question:
    """How a field is asked for and shown; in the document, its title and description.

    Attributes
    ----------
    title : str
        What the field is called wherever people read it.
    hint : str
        Beside the field; empty for none.
    empty : str
        What stands where nothing was said.
    part : str
        Which part of the form asks for it, where a form has parts.
    rows : int
        Lines of the box that text is typed into; 0 is a box of one line.
    """

    title: str
    hint: str = ""
    empty: str = "Not said"
    part: str = ""
    rows: int = 0

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        about = {"title": self.title, **({"description": self.hint} if self.hint else {})}
        return {**handler(core), **about}


def day_boxes(said: date | str | Sequence[str]) -> list[str]:
    """What stands in the three boxes of a day: day, month, year. A day in one piece, 2026-01-31, is taken apart."""
    if isinstance(said, date):
        return [str(said.day), str(said.month), str(said.year)]
    given = [said] if isinstance(said, str) else list(said)
    if len(given) == 1 and (one := _ISO.fullmatch(given[0].strip())):
        given = [one[3].lstrip("0"), one[2].lstrip("0"), one[1]]
    return [*given, "", "", ""][:3]


def read_day(said: str | Sequence[str]) -> str:
    """A day as typed into three boxes, as 2026-01-31; empty where nothing was typed, and no day where it is none."""
    boxes = [box.strip() for box in day_boxes(said)]
    if not any(boxes):
        return ""
    on, month, year = boxes
    if all(box.isascii() and box.isdigit() for box in boxes):
        return f"{year}-{month:0>2}-{on:0>2}"
    return "-".join((year, month, on))  # whatever record takes it refuses it


@dataclass(frozen=True)
class Field:
    """A field of a record, as forms ask for it and pages show it.

    Attributes
    ----------
    options : mapping of str to str
        Code to title, of a field with choices; empty for any other.
    limit : int
        Most characters of a text; 0 for no limit.
    is_needed : bool
        A form cannot be sent without it.
    columns : tuple of Field
        Of a field that holds rows: the fields of one row; empty for any other.
    """

    name: str
    question: Question
    widget: Widget
    options: Mapping[str, str]
    limit: int
    is_needed: bool
    columns: "tuple[Field, ...]" = ()

    @property
    def title(self) -> str:
        return self.question.title

    @property
    def columns_asked(self) -> "tuple[Field, ...]":
        """The columns of a row that are asked from the beginning: those of the field's own part, and of none."""
        return tuple(each for each in self.columns if each.question.part in ("", self.question.part))

    @property
    def sent(self) -> dict[str, Any]:
        """The names under which a form sends it, as fields of the form's model.

        A day is three boxes of one name, in the order day, month, year. A field that holds rows sends each column of a
        row under its own name, once a row.
        """
        if self.widget == "rows":
            return {f"{self.name}_{column.name}": (list[str], []) for column in self.columns}
        return {self.name: (list[str], []) if self.widget in ("many", "day") else (str, "")}

    def typed(self, value: Any) -> dict[str, str | list[str]]:
        """A value as a form holds it, by the names of `sent`."""
        if self.widget == "rows":
            found: dict[str, str | list[str]] = {}
            for column in self.columns:
                boxes = [column.typed(getattr(row, column.name))[column.name] for row in value]
                flat = [part for box in boxes for part in ([box] if isinstance(box, str) else box)]
                found[f"{self.name}_{column.name}"] = flat
            return found
        if self.widget == "many":
            return {self.name: list(value)}
        if self.widget == "day":
            return {
                self.name: ["", "", ""]
                if value is None
                else [str(value.day), str(value.month), str(value.year)]
            }
        if self.widget == "yes_no":
            return {self.name: {True: "yes", False: "no", None: ""}[value]}
        return {self.name: "" if value is None else str(value)}

    def rows(self, form: Typed) -> list[dict[str, Any]]:
        """What was typed into the rows of a field that holds rows: column to text, or to the three boxes of a day."""
        found: list[dict[str, Any]] = []
        for column in self.columns:
            held = form.get(f"{self.name}_{column.name}", [])
            flat = [held] if isinstance(held, str) else list(held)
            size = 3 if column.widget == "day" else 1
            for place, start in enumerate(range(0, len(flat), size)):
                if place == len(found):
                    found.append({})
                part = flat[start : start + size]
                found[place][column.name] = part if size == 3 else part[0]
        blank = {column.name: ["", "", ""] if column.widget == "day" else "" for column in self.columns}
        return [{**blank, **row} for row in found]

    def read(self, form: Typed) -> Any:
        """What was typed, as JSON would say it; what cannot be is left to the record to refuse."""
        if self.widget == "rows":
            said_rows = [
                row for row in self.rows(form) if any("".join(part).strip() for part in row.values())
            ]
            return [{column.name: column.read(row) for column in self.columns} for row in said_rows]
        said = form[self.name]
        if self.widget == "many":
            return [each for each in said if each]
        if self.widget == "day":
            return read_day(said) or ("" if self.is_needed else None)
        if self.widget == "yes_no":
            return {"yes": True, "no": False}.get(str(said))
        if self.widget == "one" and not self.is_needed:
            return said or None
        return said

    def say(self, value: Any) -> str:
        """A value in words; what stands for nothing where there is none."""
        if value is None or value == "" or value == ():
            return self.question.empty
        if self.widget == "many":
            return "; ".join(self.options.get(each, each) for each in value)
        if self.widget == "rows":
            return "; ".join(self.say_row(row) for row in value)
        if self.widget == "yes_no":
            return "Yes" if value else "No"
        if isinstance(value, date):
            return day(value)
        return self.options.get(value, str(value))

    def say_row(self, row: Any) -> str:
        """One row in words: what was said in it, column by column; a column with nothing in it is left out."""
        held = row if isinstance(row, Mapping) else dict(row)
        said = [(column, held.get(column.name)) for column in self.columns]
        first = True
        found = []
        for column, value in said:
            if value is None or value == "":
                continue
            words = column.say(value)
            found.append(words if first else f"{column.title.lower()}: {words}")
            first = False
        return ", ".join(found)


def _inside(annotation: Any) -> tuple[Any, list[Any], bool, bool]:
    """The plain type in an annotation, everything that annotates it, whether it may be null, and whether it is many."""
    marks: list[Any] = []
    is_null = is_many = False
    while True:
        origin = get_origin(annotation)
        if origin is Annotated:
            annotation, *more = get_args(annotation)
            marks += more
        elif origin in (Union, UnionType):
            is_null = True
            (annotation,) = (each for each in get_args(annotation) if each is not type(None))
        elif origin is tuple:
            is_many, annotation = True, get_args(annotation)[0]
        else:
            return annotation, marks, is_null, is_many


@cache
def fields_of(record: type[BaseModel]) -> tuple[Field, ...]:
    """The fields of a record that people fill in, in order."""
    found = []
    for name, of in record.model_fields.items():
        question = next((mark for mark in of.metadata if isinstance(mark, Question)), None)
        if question is None:
            continue
        plain, marks, is_null, is_many = _inside(of.annotation)
        marks = [*marks, *of.metadata]
        options = next((mark.titles for mark in marks if isinstance(mark, Vocabulary)), {})
        widget: Widget = (
            "rows" if is_record(plain) else "many" if is_many else "yes_no" if plain is bool else "day" if plain is date
            else "one" if options and is_null else "select" if options
            else "lines" if question.rows else "text"
        )  # fmt: skip
        limit = next((most for mark in marks if (most := getattr(mark, "max_length", None))), 0)
        options = (
            YES_NO if widget == "yes_no" else {"": question.empty, **options} if widget == "one" else options
        )
        columns = fields_of(plain) if widget == "rows" else ()
        found.append(Field(name, question, widget, options, limit, of.is_required(), columns))
    return tuple(found)


def is_record(kind: Any) -> bool:
    """Whether a type is a record of fields of its own."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def field(record: type[BaseModel], name: str) -> Field:
    """One field that people fill in."""
    return next(each for each in fields_of(record) if each.name == name)


def form_of(name: str, about: str, record: type[BaseModel], *beside: str) -> type[Form]:
    """The form of a record: its fields that people fill in, as text, and beside them what the page itself puts in.

    Parameters
    ----------
    name, about : str
        As the document calls the form, and what it is.
    beside : str
        Fields that no person types: the version that was read, the pupil's code.
    """
    of_record = {name: kind for each in fields_of(record) for name, kind in each.sent.items()}
    between: dict[str, Any] = {each: (str, "") for each in beside}
    return create_model(name, __base__=Form, __doc__=about, **between, **of_record)


def typed_of(record: BaseModel) -> dict[str, str | list[str]]:
    """What a record says, as its form holds it."""
    found: dict[str, str | list[str]] = {}
    for each in fields_of(type(record)):
        found |= each.typed(getattr(record, each.name))
    return found


def read_form(kind: type[Record], form: Form, standing: Typed | None = None, **given: Any) -> Record:
    """The record that was typed into a form.

    Parameters
    ----------
    standing : mapping, optional
        What stands, as `typed_of` gives it: for every field of which the form sent nothing at all.
    given
        Fields of the record that the page knows, as JSON would say them.

    Raises
    ------
    RecordsRefused
        Every field that is not as it should be; never what was typed.
    """
    said, asked = dict(typed(form)), {each.name: each for each in fields_of(kind)}
    for each in asked.values() if standing else ():
        if not form.model_fields_set & set(each.sent):
            said |= {name: standing[name] for name in each.sent if standing and name in standing}
    found = {name: each.read(said) for name, each in asked.items() if set(each.sent) <= set(said)}
    for name, of in kind.model_fields.items():
        if name in said and name not in asked:  # what the page itself put in
            plain, marks, _, _ = _inside(of.annotation)
            is_code = any(isinstance(mark, AsCode) for mark in (*marks, *of.metadata))
            is_number = plain is int and not is_code
            found[name] = number(str(said[name])) if is_number else said[name]
    return read_record(kind, {**found, **given})


def read_record(record: type[Record], fields: Mapping[str, Any]) -> Record:
    """A record from its fields as JSON would say them; RecordsRefused names every field that is not as it should be."""
    try:
        return record.model_validate_json(json.dumps(fields))
    except ValidationError as error:
        raise RecordsRefused(*_breaches(error)) from None


def made_of(record: type[Record], /, **values: Any) -> Record:
    """A record from its fields, for whoever is at a terminal; RecordsRefused as in `read_record`."""
    try:
        return record.model_validate(values)
    except ValidationError as error:
        raise RecordsRefused(*_breaches(error)) from None


def _breaches(error: ValidationError) -> Iterable[Breach]:
    found: dict[str, Breach] = {}
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        name = str(item["loc"][0]) if item["loc"] else ""
        found.setdefault(name, Breach(name, item["type"], item["msg"]))
    return found.values()


@dataclass(frozen=True)
class Wrong:
    """What is wrong with a field of a form: what the field is called, and what to do."""

    title: str
    text: str


def wrong_in(error: RecordsRefused, *forms: type[BaseModel]) -> dict[str, Wrong]:
    """Rules that were not kept, by the field of a form; "" for what is about no field of it."""
    titles = {each.name: each.title for form in forms for each in fields_of(form)}
    found: dict[str, Wrong] = {}
    for breach in error.broken:
        name = breach.field if breach.field in titles else ""
        text = NO_DAY if "date" in breach.code else NOT_AS_TYPED.get(breach.code, breach.text)
        found.setdefault(name, Wrong(titles.get(name, ""), text))
    return found


def number(text: str) -> int | None:
    """A whole number as typed by a page of ours; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def as_stored(kind: type[BaseModel], stored: Mapping[str, Any]) -> dict[str, Any]:
    """A record's fields from JSON that was stored, as it was recorded then.

    Rules may have become stricter since, and a field may be newer: it then has its default. What no longer is as the
    record describes it is given as it stands, so that nothing that was once recorded becomes unreadable.
    """
    try:
        return dict(kind.model_validate(stored, strict=False))
    except ValidationError:
        found = {}
        for name, of in kind.model_fields.items():
            try:
                declared: Any = Annotated[(of.annotation, *of.metadata)]
                found[name] = TypeAdapter(declared).validate_python(stored[name])
            except (KeyError, ValidationError):
                found[name] = stored.get(name, of.get_default(call_default_factory=True))
        return found
