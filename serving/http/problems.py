"""What can go wrong with a request, in few kinds: each says what was wrong and what to do (RFC 9457).

A problem holds field names, counts, dates and the service's own words; never what was sent, and never a
pupil's value.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "2"  # seconds
MOST_NAMED = 100  # breaches; a body of 64 KiB can hold some 6,000


@dataclass(frozen=True)
class Kind:
    """One kind of problem: its HTTP status, its title, and what whoever asked can do."""

    status: int
    title: str
    what_to_do: str
    headers: Mapping[str, str] = field(default_factory=dict)


AGAIN = {"Retry-After": RETRY_AFTER}
KINDS = {
    "not-json": Kind(400, "The body is not JSON that can be read", "Send one JSON object in UTF-8, without NaN, Infinity, repeated keys or numbers beyond 64 bits."),
    "bad-request": Kind(400, "The request cannot be read", "Send HTTP as the document at /v1/openapi.json describes."),
    "not-signed-in": Kind(401, "Nobody is signed in", "Sign in, and send the token as Authorization: Bearer TOKEN.", {"WWW-Authenticate": "Bearer"}),
    "not-from-here": Kind(403, "The service does not answer here", "Ask from this machine, or have the administrator set up sign-in and TLS in front, and name this host."),
    "not-there": Kind(404, "There is no such thing, or it is not yours to see", "Check the number, or ask whoever gave you access."),
    "wrong-method": Kind(405, "This path does not take that method", "Use one of the methods that Allow names."),
    "too-slow": Kind(408, "The body did not arrive in time", "Send it again, whole."),
    "not-prepared": Kind(409, "That date is not prepared", "Prepare it with the command named, or ask for one of the dates named."),
    "other-release": Kind(409, "That date was prepared by another release than the live one", "Prepare it again with the command named."),
    "on-trial": Kind(409, "That list is of a release on trial", "It is kept and compared, and shown to nobody. Ask for a date that the live release prepared."),
    "view-first": Kind(409, "The meeting's own view comes first", "Record what the meeting considered and its own view; then ask again."),
    "one-at-a-time": Kind(409, "One child at a time", "Finish the screening that is open, or set it aside, then begin the next."),
    "already-that-day": Kind(409, "This child has a screening of that day already", "Go on with the one that is there, or say that a second one is meant."),
    "changed-meanwhile": Kind(409, "Somebody else changed this record meanwhile", "Read it again, then write on the version it has now. Nothing was lost."),
    "too-old": Kind(410, "That list is no longer shown", "Ask for a newer date, or prepare one."),
    "withdrawn": Kind(410, "The release was withdrawn", "Its lists are no longer shown. Screenings and referrals still work; ask the administrator for a newer release."),
    "too-large": Kind(413, "The body is too large", "Send less at once."),
    "wrong-media-type": Kind(415, "The body is not declared as JSON", "Send Content-Type: application/json, and nothing encoded or in parts."),
    "not-as-described": Kind(422, "The request is not as the document describes it", "Put right each breach named, then send it again."),
    "rule-of-screening": Kind(422, "A rule of screening was not kept", "Put right each breach named, then send it again."),
    "too-many": Kind(429, "Too many requests at once from you", "Wait as long as Retry-After says, then send it again.", AGAIN),
    "headers-too-large": Kind(431, "The headers are too large", "Send fewer and shorter headers, 16 KiB in all."),
    "mistake": Kind(500, "A mistake of ours", "Nothing was recorded. Report the time and the path; send no records."),
    "busy": Kind(503, "The service is busy", "Wait as long as Retry-After says, then send it again.", AGAIN),
    "not-ready": Kind(503, "Not everything is ready", "Screenings and referrals need only the database. For lists, put right what is named.", {"Retry-After": "30"}),
    "out-of-order": Kind(503, "Something of the service's set-up is not in order", "Tell the administrator; the service's own log says what.", AGAIN),
    "no-database": Kind(503, "The database does not answer", "Nothing was recorded. Wait as long as Retry-After says, then send it again; if it stays, tell the administrator.", AGAIN),
    "no-log": Kind(503, "The access log cannot be written, so nothing is shown", "Tell the administrator: make room on the disk.", AGAIN),
    "no-release": Kind(503, "There is no release to answer from", "Referrals and screenings still work. Tell the administrator to install a release.", {"Retry-After": "3600"}),
}  # fmt: skip


# Kinds that go together: of what is answered from a list, and of what is written on a record's version.
FROM_PREPARED = ("not-prepared", "other-release", "on-trial", "too-old", "withdrawn", "no-release")
WRITTEN_ON = ("not-there", "changed-meanwhile", "rule-of-screening")


class Breach(BaseModel):
    """One thing that is not as described: which field, which rule, and what is expected of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: str
    code: str
    expected: str


class ProblemDocument(BaseModel):
    """A problem as it is sent (application/problem+json, RFC 9457)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: str
    title: str
    status: int
    detail: str
    what_to_do: str
    breaches: tuple[Breach, ...] = ()


class Problem(Exception):
    """Raised wherever a request cannot be answered; becomes a problem document.

    Parameters
    ----------
    kind : str
        A key of `KINDS`.
    detail : str
        What was found, with no value of anybody's; the kind's title where empty.
    breaches : sequence of Breach
    headers : mapping
        Beside those of the kind.
    """

    def __init__(
        self,
        kind: str,
        detail: str = "",
        breaches: Sequence[Breach] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.kind, self.detail, self.breaches = kind, detail, tuple(breaches)
        self.headers = {**KINDS[kind].headers, **(headers or {})}
        super().__init__(kind)

    @property
    def status(self) -> int:
        return KINDS[self.kind].status

    def document(self) -> ProblemDocument:
        of = KINDS[self.kind]
        return ProblemDocument(
            type=f"urn:inclusive-pathways:problem:{self.kind}",
            title=of.title,
            status=of.status,
            detail=self.detail or f"{of.title}.",
            what_to_do=of.what_to_do,
            breaches=self.breaches,
        )

    def response(self) -> Response:
        """The problem as an answer."""
        return Response(self.document().model_dump_json(), self.status, self.headers, MEDIA_TYPE)


def from_validation(error: ValidationError) -> Problem:
    """A problem of a body that is no JSON object, or is not as described: its breaches, and no value.

    The name of an unknown field is the sender's own word, so it is left out too.
    """
    found: dict[tuple[str, str], Breach] = {}
    count = error.error_count()
    items = error.errors(include_url=False, include_context=False, include_input=False)[:MOST_NAMED]
    if items[0]["type"] == "json_invalid":
        return Problem("not-json", "It cannot be parsed.")
    if items[0]["type"] == "model_type" and not items[0]["loc"]:
        return Problem("not-json", "It is not an object.")
    for item in items:
        place = item["loc"][:-1] if item["type"] == "extra_forbidden" else item["loc"]
        where = ".".join(map(str, place)) or "body"
        expected = "no field beside those described" if item["type"] == "extra_forbidden" else item["msg"]
        found[where, expected] = Breach(where=where, code=item["type"], expected=expected)
    if count > MOST_NAMED:
        detail = f"{count:,} breaches; the first {MOST_NAMED} are looked at here."
    else:
        detail = f"{len(found)} breaches." if len(found) > 1 else "One breach."
    return Problem(
        "not-as-described",
        detail,
        list(found.values()),
    )


def allowed(methods: Sequence[str]) -> dict[str, Any]:
    """The header that tells which methods a path takes."""
    return {"Allow": ", ".join(sorted(methods))}
