"""How each class of record goes when its period is over; `retention.py` says how long that is."""

import json
import shutil
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from serving.corrections.record import ANSWERED
from serving.database.steps import REFERRAL, RIGHTS_REQUEST, WRONG_FACT
from serving.database.tables import (
    FrequencyOpening,
    Objection,
    Placement,
    PupilKey,
    PupilStatus,
    Referral,
    RightsRequest,
    Screening,
    ScreeningVersion,
    SignIn,
    Step,
    Token,
    WrongFact,
)
from serving.rights.record import ENDED
from serving.security.access_log.chain import tokens_of
from serving.security.access_log.verify import tokens_in_use

MADE = ("lists.json", "prepared.json")  # what says that a folder is one run of lists, and of when


def _moment(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _screenings(session: Session, before: date, is_dry_run: bool) -> int:
    last = (
        select(ScreeningVersion.screening)
        .group_by(ScreeningVersion.screening)
        .having(
            func.max(ScreeningVersion.at) < _moment(before),
            func.coalesce(func.max(ScreeningVersion.review_on), date.min) < before,
        )
    )
    ids = list(session.scalars(last))
    if not is_dry_run:
        for table in (ScreeningVersion, FrequencyOpening):
            session.execute(delete(table).where(table.screening.in_(ids)))
        session.execute(delete(Screening).where(Screening.id.in_(ids)))
    return len(ids)


def _settled(session: Session, kind: str, before: date, ends: tuple[str, ...] = ()) -> list[int]:
    """Records whose last step was before a day, and is one of `ends` where any are given."""
    steps = session.scalars(select(Step).where(Step.kind == kind).order_by(Step.record, Step.version))
    last = {step.record: step for step in steps}
    return [
        record
        for record, step in last.items()
        if step.at < _moment(before) and (not ends or step.state in ends)
    ]


def _delete_settled(session: Session, kind: str, table: type[Any], ids: list[int]) -> None:
    session.execute(delete(Step).where(Step.kind == kind, Step.record.in_(ids)))
    session.execute(delete(table).where(table.id.in_(ids)))


def _referrals(session: Session, before: date, is_dry_run: bool) -> int:
    named = set(session.scalars(select(Screening.referral).where(Screening.referral.is_not(None))))
    ids = [each for each in _settled(session, REFERRAL, before) if each not in named]
    if not is_dry_run:
        _delete_settled(session, REFERRAL, Referral, ids)
    return len(ids)


def _wrong_facts(session: Session, before: date, is_dry_run: bool) -> int:
    ids = _settled(session, WRONG_FACT, before, ANSWERED)
    if not is_dry_run:
        _delete_settled(session, WRONG_FACT, WrongFact, ids)
    return len(ids)


def _rights_requests(session: Session, before: date, is_dry_run: bool) -> int:
    in_force = set(session.scalars(select(Objection.request).where(Objection.to_on.is_(None))))
    ids = [each for each in _settled(session, RIGHTS_REQUEST, before, ENDED) if each not in in_force]
    if not is_dry_run:
        session.execute(delete(Objection).where(Objection.request.in_(ids)))
        _delete_settled(session, RIGHTS_REQUEST, RightsRequest, ids)
    return len(ids)


def _placements(session: Session, before: date, is_dry_run: bool) -> int:
    left = select(Placement.pupil).where(~Placement.is_on_roll, Placement.as_of < before)
    num = len(session.scalars(left).all())
    if not is_dry_run:
        session.execute(delete(PupilStatus).where(PupilStatus.pupil.in_(left)))
        session.execute(delete(Placement).where(~Placement.is_on_roll, Placement.as_of < before))
    return num


def _tokens(session: Session, before: date, is_dry_run: bool) -> int:
    ended = func.coalesce(Token.ended_at, Token.expires_at) < _moment(before)
    num = session.scalar(select(func.count()).select_from(Token).where(ended)) or 0
    if not is_dry_run:
        session.execute(delete(Token).where(ended))
        session.execute(delete(SignIn).where(SignIn.expires_at < datetime.now(UTC)))
    return num


def _pupil_keys(session: Session, before: date, is_dry_run: bool) -> int:
    in_use = tokens_in_use(session)
    held = tokens_of(session, session.scalars(select(PupilKey.pupil)))
    gone = [pupil for pupil, token in held.items() if token not in in_use]
    if not is_dry_run:
        session.execute(delete(PupilKey).where(PupilKey.pupil.in_(gone)))
    return len(gone)


def purge_lists(folders: Iterable[Path], before: date, is_dry_run: bool) -> int:
    """Folders of lists and of prepared dates whose as-of date is before a day."""
    runs = {path.parent for folder in folders for name in MADE for path in folder.rglob(name)}
    old = [run for run in sorted(runs) if _as_of(run) < before]
    if not is_dry_run:
        for run in old:
            shutil.rmtree(run)
    return len(old)


def _as_of(run: Path) -> date:
    found = next(path for name in MADE if (path := run / name).exists())
    return date.fromisoformat(json.loads(found.read_text(encoding="utf-8"))["as_of"])


PURGES: dict[str, Callable[[Session, date, bool], int]] = {
    "screenings": _screenings,
    "referrals": _referrals,
    "wrong_facts": _wrong_facts,
    "rights_requests": _rights_requests,
    "placements": _placements,
    "tokens": _tokens,
    "pupil_keys": _pupil_keys,
}
