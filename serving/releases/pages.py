"""The reviewer's desk: the live release with its findings and decisions, its whole audit and its evidence."""

from datetime import date

from starlette.responses import HTMLResponse

from serving import audit_words
from serving.audit_page import audit_page
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.pages import HTML, page
from serving.http.problems import Problem
from serving.numbers import figure, plainly
from serving.releases import service
from serving.reports import evidence_page
from serving.security.access import Action

LIVE = ("no-release", "withdrawn")


def release(desk: Desk, call: Call[None]) -> Answered:
    """The live release: whether its findings are answered, and who decided what."""
    found = service.reviewed(desk.require_release(), date.today())
    made = page(
        desk, call, "release.html", found=found, severity=audit_words.SEVERITY, figure=figure, plainly=plainly,
        day_of=lambda text: date.fromisoformat(text),
    )  # fmt: skip
    return Answered(made, "the live release for its reviewer", release=found.stamp)


def audit(desk: Desk, call: Call[None]) -> Answered:
    """The whole audit, the reviewer's own copy."""
    live = desk.require_release()
    held = service.reviewed(live, date.today()).audit
    if held is None:
        raise Problem("not-there", "The live release carries no audit that can be read.")
    return Answered(HTMLResponse(audit_page(held.plain())), "the reviewer's own audit", release=live.stamp)


def evidence(desk: Desk, call: Call[None]) -> Answered:
    """The evidence of the live release."""
    live = desk.require_release()
    held = service.reviewed(live, date.today()).evidence
    if held is None:
        raise Problem("not-there", "The live release carries no evidence that can be read.")
    return Answered(HTMLResponse(evidence_page(held)), "evidence", release=live.stamp)


def help_page(desk: Desk, call: Call[None]) -> Answered:
    """How this desk is used."""
    return Answered(page(desk, call, "release_help.html"), "help for reviewers")


PAGES = (
    Endpoint("GET", "/release", "release_page", "The live release: its findings, and who decided what.",
             Action.REVIEW_RELEASE, None, None, release, problems=LIVE, media=HTML),
    Endpoint("GET", "/release/audit", "whole_audit_page", "The whole audit of the live release, the reviewer's own copy.",
             Action.REVIEW_RELEASE, None, None, audit, problems=(*LIVE, "not-there"), media=HTML),
    Endpoint("GET", "/release/evidence", "evidence_page", "The evidence of the live release.",
             Action.REVIEW_RELEASE, None, None, evidence, problems=(*LIVE, "not-there"), media=HTML),
    Endpoint("GET", "/release/help", "release_help_page", "How the reviewer's desk is used.",
             Action.REVIEW_RELEASE, None, None, help_page, media=HTML),
)  # fmt: skip
