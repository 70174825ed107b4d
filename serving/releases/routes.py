"""The live release's audit and model card under /v1."""

import json

from models.release import CARD_FILE
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.problems import Problem
from serving.http.records import Asked
from serving.releases.record import Audit, ReleaseCard
from serving.security.access import Action
from serving.wording import MADE_UP_MODEL

AUDIT_FILE = "audit_published.json"


def audit(desk: Desk, call: Call[Asked]) -> Answered:
    """The live release's audit, as it may be published."""
    release = desk.require_release()
    facts = json.loads(_document(desk, AUDIT_FILE))
    return Answered(
        Audit(release=release.stamp, made_up=_made_up(desk), facts=facts), "audit", release=release.stamp
    )


def card(desk: Desk, call: Call[Asked]) -> Answered:
    """The live release's model card."""
    release = desk.require_release()
    text = _document(desk, CARD_FILE)
    return Answered(
        ReleaseCard(release=release.stamp, made_up=_made_up(desk), markdown=text),
        "card",
        release=release.stamp,
    )


def _document(desk: Desk, name: str) -> str:
    path = desk.require_release().folder / name
    if not path.is_file():
        raise Problem("not-there", "The live release carries no such document.")
    return path.read_text(encoding="utf-8")


def _made_up(desk: Desk) -> str:
    return MADE_UP_MODEL if desk.settings.is_demonstration else ""


ENDPOINTS = (
    Endpoint("GET", "/v1/release/audit", "release_audit", "The live release's audit, as it may be published.",
             Action.READ_AUDIT, None, Audit, audit, problems=("no-release", "withdrawn", "not-there")),
    Endpoint("GET", "/v1/release/card", "release_card", "The live release's model card.",
             Action.READ_CARD, None, ReleaseCard, card, problems=("no-release", "withdrawn", "not-there")),
)  # fmt: skip
