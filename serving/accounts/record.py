"""What is sent to sign in, and what comes back."""

from typing import Annotated

from pydantic import StringConstraints

from serving.http.fields import Question
from serving.http.forms import Form
from serving.http.records import Asked, Record


class OneTime(Asked):
    """A one-time token, as the first start or the administrator hands it over."""

    one_time: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[A-Za-z0-9_-]+$")]


class SignedIn(Record):
    """A token to send as Authorization: Bearer. It is shown once."""

    token: str
    name: str
    role: str


class SignInForm(Form):
    """A one-time code."""

    one_time: Annotated[str, Question("One-time code")] = ""


class NothingForm(Form):
    """A button and nothing to say."""
