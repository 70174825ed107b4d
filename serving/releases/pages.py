"""The reviewer's desk: the live release and the candidate, each with findings, audit, evidence and decisions."""

from datetime import date
from typing import Any

from starlette.responses import HTMLResponse

from serving import audit_words
from serving.audit_page import audit_page
from serving.compare_page import compare_page
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.fields import Wrong, form_of
from serving.http.forms import typed
from serving.http.pages import DONE, HTML, page, said_in, sent_on, written
from serving.http.problems import WRITTEN_ON, Problem
from serving.numbers import figure, plainly
from serving.releases import service
from serving.releases.record import Decided, FindingClosed
from serving.reports import evidence_page
from serving.security.access import Action
from serving.wording import day

LIVE = ("no-release", "withdrawn")
FindingClosedForm = form_of("FindingClosedForm", "What was done about a finding.", FindingClosed, "audit")
DecidedForm = form_of("DecidedForm", "What a reviewer decides, as typed.", Decided, "audit")
AUDIT_CHANGED = (
    "The audit changed since you read it. Read it again below; what you wrote is still in the form."
)
UNTOLD = "cannot be told"
BESIDE = (
    "Better than the simple rules", "Found, of children who had the outcome", "Of those listed, had the outcome", "Audited on", "Open findings",
    "Of those, blocking", "Overdue",
)  # fmt: skip


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


def candidate(
    desk: Desk, call: Call[Any], status: int = 200, is_stale: bool = False, **again: Any
) -> Answered:
    """The candidate beside the live release: figures, findings, what changed, and what was decided before."""
    found = service.candidate(desk, date.today())
    live = service.reviewed(desk.release, date.today()) if desk.release else None
    new, gone = service.new_and_gone(live.audit if live else None, found.audit if found else None)
    if is_stale:
        again["errors"] = {"": Wrong("", AUDIT_CHANGED)}
    shown = {"said": said_in(call), "form": {}, **again}
    made = page(
        desk, call, "candidate.html", status, found=found, live=live, rows=beside(live, found) if found else [], new=new, gone=gone,
        severity=audit_words.SEVERITY, day_of=date.fromisoformat, closing=FindingClosed, decided=Decided,
        is_mine=found is not None and found.is_trained_by(call.signed_in), **shown,
    )  # fmt: skip
    return Answered(made, "the candidate for its reviewer" + (", not recorded" if status != 200 else ""))


def beside(live: service.Carried | None, other: service.Candidate) -> list[tuple[str, str, str]]:
    """What is said of both: what it is, the live release, the candidate."""

    def told(held: service.Carried | None) -> list[str]:
        evidence, audit = (held.evidence, held.audit) if held else (None, None)
        return [
            "Passed" if evidence and evidence.gate.passed else "Not passed" if evidence else UNTOLD,
            figure(evidence.headline.recall_at_capacity) if evidence else UNTOLD,
            figure(evidence.headline.precision) if evidence else UNTOLD,
            day(date.fromisoformat(audit.audited_on)) if audit else UNTOLD,
            *(str(number) if held and audit else UNTOLD for number in ((held.num_open, held.num_blocking, held.num_overdue) if held else (0, 0, 0))),
        ]  # fmt: skip

    return list(zip(BESIDE, told(live), told(other), strict=True))


def candidates_audit(desk: Desk, call: Call[None]) -> Answered:
    """The whole audit of the candidate, the reviewer's own copy."""
    held = waiting(desk).audit
    if held is None:
        raise Problem("not-there", "The candidate carries no audit that can be read.")
    return Answered(HTMLResponse(audit_page(held.plain())), "the candidate's audit")


def candidates_evidence(desk: Desk, call: Call[None]) -> Answered:
    """The evidence of the candidate."""
    held = waiting(desk).evidence
    if held is None:
        raise Problem("not-there", "The candidate carries no evidence that can be read.")
    return Answered(HTMLResponse(evidence_page(held)), "the candidate's evidence")


def comparison(desk: Desk, call: Call[None]) -> Answered:
    """The live release and the candidate beside each other, as they were compared."""
    held = waiting(desk).comparison
    if held is None:
        raise Problem(
            "not-there",
            "No comparison was made, or it cannot be read: pathways compare LIVE CANDIDATE --out DIR",
        )
    return Answered(HTMLResponse(compare_page(held)), "the candidate compared")


def waiting(desk: Desk) -> service.Candidate:
    """The candidate; Problem where none waits."""
    found = service.candidate(desk, date.today())
    if found is None:
        raise Problem("not-there", "No candidate waits.")
    return found


def close(desk: Desk, call: Call[Any]) -> Answered:
    """Close a finding of the candidate."""
    number = call.numbers["finding"]

    def write(body: FindingClosed) -> Answered:
        finding = service.close(desk, call.signed_in, number, body)
        return sent_on("/release/candidate", f"finding {finding} of the candidate closed", [])

    def again(**what: Any) -> Answered:
        return candidate(desk, call, form=typed(call.body), prefix=f"f{number}-", **what)

    return written(call, FindingClosed, write, again)


def decide(desk: Desk, call: Call[Any]) -> Answered:
    """Sign or refuse the candidate."""

    def write(body: Decided) -> Answered:
        service.decide(desk, call.signed_in, body)
        return sent_on("/release/candidate", f"the candidate reviewed: {body.sign_or_refuse}", [])

    def again(**what: Any) -> Answered:
        return candidate(desk, call, form=typed(call.body), prefix="d-", **what)

    return written(call, Decided, write, again)


PAGES = (
    Endpoint("GET", "/release", "release_page", "The live release: its findings, and who decided what.",
             Action.REVIEW_RELEASE, None, None, release, problems=LIVE, media=HTML),
    Endpoint("GET", "/release/audit", "whole_audit_page", "The whole audit of the live release, the reviewer's own copy.",
             Action.REVIEW_RELEASE, None, None, audit, problems=(*LIVE, "not-there"), media=HTML),
    Endpoint("GET", "/release/evidence", "evidence_page", "The evidence of the live release.",
             Action.REVIEW_RELEASE, None, None, evidence, problems=(*LIVE, "not-there"), media=HTML),
    Endpoint("GET", "/release/candidate", "candidate_page", "The candidate beside the live release, its findings and decisions.",
             Action.REVIEW_RELEASE, None, None, candidate, query=DONE, media=HTML),
    Endpoint("GET", "/release/candidate/audit", "candidates_audit_page", "The whole audit of the candidate.",
             Action.REVIEW_RELEASE, None, None, candidates_audit, problems=("not-there",), media=HTML),
    Endpoint("GET", "/release/candidate/evidence", "candidates_evidence_page", "The evidence of the candidate.",
             Action.REVIEW_RELEASE, None, None, candidates_evidence, problems=("not-there",), media=HTML),
    Endpoint("GET", "/release/candidate/comparison", "comparison_page", "The live release and the candidate compared.",
             Action.REVIEW_RELEASE, None, None, comparison, problems=("not-there",), media=HTML),
    Endpoint("POST", "/release/candidate/findings/{finding}/closings", "close_finding_form", "Close a finding with what was done.",
             Action.REVIEW_RELEASE, FindingClosedForm, None, close, 303, WRITTEN_ON, media=HTML),
    Endpoint("POST", "/release/candidate/decisions", "decide_form", "Sign or refuse the candidate, with the reason.",
             Action.REVIEW_RELEASE, DecidedForm, None, decide, 303, WRITTEN_ON, media=HTML),
)  # fmt: skip
