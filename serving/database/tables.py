"""Every table and column of the service's database.

No column can hold what a computer made of a child: each record about one names the person who wrote it, and
`prompt` says only which part of a list, if any, brought the child before the meeting. A test reads every
column to hold this. Free text is the meeting's own.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from serving.database.base import Row


class User(Row):
    """Somebody who may sign in. `subject` is how the authority's own provider names them."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(unique=True)
    role: Mapped[str]
    subject: Mapped[str | None] = mapped_column(unique=True)
    made_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class UserScope(Row):
    """One school, district or status caseload that a user may see; `kind` says which."""

    __tablename__ = "user_scopes"
    user: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str] = mapped_column(primary_key=True)


class Token(Row):
    """A sign-in, by the SHA-256 of its token: the token itself is nowhere. One for one use has `is_one_time`."""

    __tablename__ = "tokens"
    hash: Mapped[str] = mapped_column(primary_key=True)
    user: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    is_one_time: Mapped[bool]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SignIn(Row):
    """A sign-in with the authority's provider that was begun; deleted when it ends."""

    __tablename__ = "sign_ins"
    state_hash: Mapped[str] = mapped_column(primary_key=True)
    nonce: Mapped[str]
    verifier: Mapped[str]
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class School(Row):
    """A school of the authority as the records last named it."""

    __tablename__ = "schools"
    urn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    district: Mapped[str] = mapped_column(index=True)
    phase: Mapped[str]


class Placement(Row):
    """The roll that a pupil is on, or was last on: what scopes are checked against."""

    __tablename__ = "placements"
    pupil: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    urn: Mapped[int] = mapped_column(index=True)
    nc_year: Mapped[int]
    is_on_roll: Mapped[bool]
    as_of: Mapped[date]


class PupilStatus(Row):
    """A status that a pupil's records show, such as looked after: what caseloads are made of."""

    __tablename__ = "pupil_statuses"
    pupil: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(primary_key=True, index=True)
    since: Mapped[date | None]


class Screening(Row):
    """One child before one meeting. What was said is in its versions."""

    __tablename__ = "screenings"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    pupil: Mapped[int] = mapped_column(index=True)
    urn: Mapped[int] = mapped_column(index=True)
    meeting_on: Mapped[date]
    prompt: Mapped[str]
    list_as_of: Mapped[date | None]
    release: Mapped[str]
    referral: Mapped[int | None] = mapped_column(ForeignKey("referrals.id"))
    begun_by: Mapped[str] = mapped_column(index=True)
    begun_at: Mapped[datetime]


class ScreeningVersion(Row):
    """What a screening says from one edit to the next. A row is never changed: an edit is the next version.

    `content` is `serving.screening.record.ScreeningContent` as JSON, so that a new field of it needs no migration; beside
    it stand the columns by which versions are searched.
    """

    __tablename__ = "screening_versions"
    screening: Mapped[int] = mapped_column(ForeignKey("screenings.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    content: Mapped[dict[str, Any]]
    review_on: Mapped[date | None] = mapped_column(index=True)
    review_held_on: Mapped[date | None]
    author: Mapped[str]
    at: Mapped[datetime]


class FrequencyOpening(Row):
    """Somebody opened the frequency of a child's band, after the version that holds the meeting's own view."""

    __tablename__ = "frequency_openings"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    screening: Mapped[int] = mapped_column(ForeignKey("screenings.id"), index=True)
    version: Mapped[int]
    opened_by: Mapped[str]
    opened_at: Mapped[datetime]


class Referral(Row):
    """A child raised for a screening by anybody, without any list; `content` is `serving.referrals.record.ReferralContent`."""

    __tablename__ = "referrals"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    pupil: Mapped[int] = mapped_column(index=True)
    urn: Mapped[int] = mapped_column(index=True)
    content: Mapped[dict[str, Any]]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class WrongFact(Row):
    """A fact on a card that somebody says is wrong; `content` is `serving.corrections.record.FactWrongContent`."""

    __tablename__ = "wrong_facts"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    pupil: Mapped[int] = mapped_column(index=True)
    urn: Mapped[int] = mapped_column(index=True)
    content: Mapped[dict[str, Any]]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class RightsRequest(Row):
    """What a family or child asked under data protection law. `pupil` goes blank when the pupil is erased."""

    __tablename__ = "rights_requests"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    kind: Mapped[str]
    pupil: Mapped[int | None] = mapped_column(index=True)
    received_on: Mapped[date]
    due_on: Mapped[date] = mapped_column(index=True)
    words: Mapped[str]
    made_by: Mapped[str]
    made_at: Mapped[datetime]


class Step(Row):
    """One step of a referral, a wrong fact or a rights request. A row is never changed: news is the next step."""

    __tablename__ = "steps"
    kind: Mapped[str] = mapped_column(primary_key=True)
    record: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str]
    words: Mapped[str]
    author: Mapped[str]
    at: Mapped[datetime]


class Objection(Row):
    """A stretch in which a pupil is not scored: from the objection until the controller has answered, or on."""

    __tablename__ = "objections"
    request: Mapped[int] = mapped_column(ForeignKey("rights_requests.id"), primary_key=True)
    pupil: Mapped[int] = mapped_column(index=True)
    from_on: Mapped[date]
    to_on: Mapped[date | None]


class PupilKey(Row):
    """The key that turns a pupil into the token of the access log. Destroyed when the pupil is erased."""

    __tablename__ = "pupil_keys"
    pupil: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[bytes]


class LogEntry(Row):
    """Who asked for what, when, about whom (by token), and what came of it; each row seals the one before."""

    __tablename__ = "access_log"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str]
    person: Mapped[str]
    role: Mapped[str]
    action: Mapped[str]
    what: Mapped[str]
    tokens: Mapped[str]
    outcome: Mapped[str]
    release: Mapped[str]
    request: Mapped[str]
    previous: Mapped[str]
    hash: Mapped[str]


class LogHead(Row):
    """The last row of the access log, for whoever writes the next; one row. `key` names the key that seals it, "" for none yet."""

    __tablename__ = "access_log_head"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str]
    key: Mapped[str]


Index("ix_placements_is_on_roll_urn", Placement.is_on_roll, Placement.urn)
# In an order in which rows can be deleted: what hangs on another comes first.
PUPIL_TABLES = (Placement, PupilStatus, Screening, Referral, WrongFact, Objection, PupilKey)
