"""What is asked and answered of a caseload: pupils by status, from records, never from an estimate."""

from typing import Annotated

from pydantic import StringConstraints

from serving.http.fields import Question
from serving.http.forms import Form
from serving.http.records import AsOf, Standing
from serving.lists.record import Listed


class AskedForm(Form):
    """Whom to look for: a name or part of one, a UPN, or a code."""

    asked: Annotated[
        str, Question("Name, UPN or code", "Part of a name is enough. Only children you may see are found.")
    ] = ""


class CaseloadQuestion(AsOf):
    """Which status, of whoever the caller may see."""

    status: Annotated[str, StringConstraints(pattern=r"^[a-z_0-9]+$", max_length=40)]


class CaseloadAnswer(Standing):
    """Pupils with one status whom the caller may see; from records, never from an estimate."""

    status: str
    title: str
    text: str
    pupils: tuple[Listed, ...]
