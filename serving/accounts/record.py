"""What is sent to sign in, and what comes back; and what an administrator says of somebody who may sign in."""

from typing import Annotated

from pydantic import StringConstraints

from features.status import STATUSES
from serving.http.fields import EachOnce, Question, Vocabulary
from serving.http.forms import Form
from serving.http.records import Asked, Name, Record, Text
from serving.signposts import SIGNPOSTS

ROLES = Vocabulary({
    "officer": "Officer of a meeting",
    "data_scientist": "Data scientist (sees no names)",
    "reviewer": "Fairness reviewer (sees no child)",
    "information_governance": "Information governance",
    "administrator": "Administrator (sees no child)",
    "manager": "Manager (sees counts, and no child)",
})  # fmt: skip
CASELOADS = Vocabulary({each.name: SIGNPOSTS[each.name].status for each in STATUSES})


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


Schools = Annotated[Text, Question("Schools of an officer", "URNs, one on a line.", rows=3)]
Districts = Annotated[
    Text, Question("Districts of an officer", "All schools in them. One on a line.", rows=2)
]
Caseloads = Annotated[
    tuple[Annotated[str, CASELOADS], ...],
    EachOnce(),
    Question("Caseloads of an officer", "These children wherever they go to school."),
]


class ScopesChanged(Asked):
    """About whom an officer may ask from now on, in place of what stood before."""

    schools: Schools = ""
    districts: Districts = ""
    statuses: Caseloads = ()


class AccountAdded(Asked):
    """Somebody who may sign in, and about whom they may ask."""

    name: Annotated[
        Name, Question("Name", "As records and the access log carry it. No name is ever used twice.")
    ]
    role: Annotated[str, ROLES, Question("Role")]
    schools: Schools = ""
    districts: Districts = ""
    statuses: Caseloads = ()
    subject: Annotated[
        Text,
        Question(
            "Who they are to the authority’s own sign-in",
            "Its address, a space, and its number for them. Leave it empty for a one-time code.",
        ),
    ] = ""
