"""A page's form as the service takes it: fields that are declared, from this service's own pages.

A form is never passed on to BentoML: only the mounted application answers one, and what it gets is the record.
"""

import hashlib
import hmac
from collections.abc import Mapping
from typing import get_origin
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from serving.http.problems import Problem, from_validation

FORM_TYPES = (b"application/x-www-form-urlencoded", b"application/x-www-form-urlencoded;charset=utf-8")
MOST_FIELDS = 200
PURPOSE = b"pathways: a form of its own pages"


class Form(BaseModel):
    """What a form sends, as text; what it means, and whether it may be so, its handler says beside the field.

    Attributes
    ----------
    form_token : str
        Proof that one of the service's own pages made the form.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    form_token: str = Field(
        "", description="As the page's own form holds it; not for whoever sends a bearer token."
    )


def form_token(token: str) -> str:
    """The proof for whoever signed in with a token: another site can have a form sent, and cannot know this."""
    return hmac.digest(token.encode("utf-8", "surrogatepass"), PURPOSE, hashlib.sha256).hex()


def read_form(kind: type[Form], content_type: bytes, content: bytes) -> Form:
    """A form's fields, as its record.

    Raises
    ------
    Problem
        wrong-media-type; bad-request: no UTF-8, or too many fields; not-as-described: a field that is not the
        form's, or one given twice that is taken once.
    """
    if content_type.replace(b" ", b"").lower() not in FORM_TYPES:
        raise Problem("wrong-media-type", "A page's form is sent as application/x-www-form-urlencoded.")
    try:
        pairs = parse_qsl(
            content.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:  # UnicodeError is one
        raise Problem("bad-request", "The form's fields cannot be read.") from None
    many = {name for name, of in kind.model_fields.items() if get_origin(of.annotation) is list}
    found: dict[str, str | list[str]] = {}
    for name, value in pairs:
        said = value.replace("\r\n", "\n")  # as a browser sends every new line
        if name in many:
            found.setdefault(name, []).append(said)  # type: ignore[union-attr]
        elif name in found:
            raise Problem("not-as-described", "A field that is taken once was sent twice.")
        else:
            found[name] = said
    try:
        return kind.model_validate(found)
    except ValidationError as error:
        raise from_validation(error) from None


def check_form_token(form: Form, token: str) -> None:
    """Problem where a form that a cookie signed in was not made by a page of whoever signed in."""
    given = form.form_token.encode("utf-8", "surrogatepass")
    if not hmac.compare_digest(given, form_token(token).encode()):
        raise Problem("not-from-here", "The form is not from a page of this sign-in.")


def is_form(body: type[BaseModel] | None) -> bool:
    """Whether an endpoint takes a page's form."""
    return body is not None and issubclass(body, Form)


def typed(form: Form) -> Mapping[str, str | list[str]]:
    """What was typed, to put back into the form."""
    return {name: value for name, value in form.model_dump().items() if name != "form_token"}
