"""Rights, caseloads, a district's picture of need, sign-in, and what is running."""

import json

from sqlalchemy import select

from models.release import CARD_FILE
from serving.api.answers import standing
from serving.api.listing import name_of, people_of
from serving.desk import Desk
from serving.http.calls import Answered, Call, recorded
from serving.http.problems import Breach, Problem
from serving.messages import governing as g
from serving.messages import needs as n
from serving.messages.lists import Listed
from serving.messages.records import Asked
from serving.prepared.profile import NEEDS
from serving.rights.held import Places, everything_held
from serving.rights.identity import find_pupil
from serving.signposts import SIGNPOSTS
from serving.store import caseloads, requests
from serving.store.figures import figures as figures_of
from serving.store.tables import School
from serving.wording import MADE_UP_MODEL, pseudonym, pupil_of

SERVICE_VERSION = "1"
AUDIT_FILE = "audit_published.json"


def caseload(desk: Desk, call: Call[n.CaseloadQuestion]) -> Answered:
    """Pupils with one status; from records, never from an estimate."""
    status, person = call.body.status, call.signed_in
    prepared = desk.prepared(call.body.as_of)
    if status not in NEEDS:
        raise Problem("not-there")
    with desk.database.reading() as session:
        found = {each.pupil: each for each in caseloads.caseload(session, person, status)}
        silent = requests.objecting(session, found)
    matrix = prepared.frames["matrix"]
    shown = matrix[matrix["pupil"].isin(set(found) - silent) & (matrix["not_assessed_reason"] != "objection")]
    named = people_of(desk, prepared, shown, person)
    rows = sorted(named.values(), key=lambda each: each.order)
    signpost = SIGNPOSTS[status]
    answer = n.CaseloadAnswer(
        **standing(prepared), status=status, title=signpost.status, text=signpost.text,
        pupils=tuple(
            Listed(
                pupil=pseudonym(each.pupil), name=name_of(each), year=each.year,
                school=each.school, near_the_line=False, note="", since_last_list="",
            )
            for each in rows
        ),
    )  # fmt: skip
    return Answered(
        answer, f"caseload {status} as of {call.body.as_of}", sorted(named), release=prepared.facts.release
    )


def profile(desk: Desk, call: Call[n.DistrictQuestion]) -> Answered:
    """A district's picture of need, disclosure-controlled."""
    prepared = desk.prepared(call.body.as_of)
    found = prepared.profiles.get(call.body.district)
    if found is None:
        raise Problem("not-there")
    phases = tuple(
        n.PhaseProfile(
            phase=each["phase"],
            on_roll=each["on_roll"],
            needs=tuple(n.Need(**need) for need in each["needs"]),
        )
        for each in found["phases"]
    )
    answer = n.DistrictProfile(
        **standing(prepared), district=call.body.district, rule=found["rule"], phases=phases
    )
    return Answered(answer, f"profile of a district as of {call.body.as_of}", release=prepared.facts.release)


def ask(desk: Desk, call: Call[g.RightAsked]) -> Answered:
    """Enter a rights request."""
    body = call.body
    pupil = pupil_of(body.pupil)
    with desk.database.writing() as session:
        made = requests.ask(session, call.signed_in, body.kind, pupil, body.words, body.received_on)
    return recorded(_right(made), f"rights request {made.id}", [pupil])


def rights(desk: Desk, call: Call[Asked]) -> Answered:
    """Rights requests not answered yet."""
    with desk.database.reading() as session:
        found = requests.requests(session, call.signed_in)
    held = sorted({each.pupil for each in found if each.pupil is not None})
    return Answered(g.Rights(requests=tuple(map(_right, found))), "rights requests", held)


def answer_right(desk: Desk, call: Call[g.RightAnswered]) -> Answered:
    """What the controller answered."""
    body = call.body
    with desk.database.writing() as session:
        made = requests.answer_request(
            session, call.signed_in, call.numbers["request"], body.version, body.granted, body.words
        )
    return recorded(_right(made), f"rights request {made.id}", [made.pupil] if made.pupil is not None else [])


def _right(found: requests.Request) -> g.RightRecord:
    return g.RightRecord.model_validate({
        "request": found.id, "kind": found.kind, "pupil": None if found.pupil is None else pseudonym(found.pupil),
        "received_on": found.received_on, "due_on": found.due_on, "words": found.words, "state": found.state, "version": found.version,
    })  # fmt: skip


def export(desk: Desk, call: Call[g.RightOf]) -> Answered:
    """Everything held on one pupil."""
    pupil, home, identities = pupil_of(call.body.pupil), desk.settings.home, desk.identities
    folders = [
        *(home / each for each in desk.settings.holds),
        desk.settings.prepared,
        *([identities] if identities else []),
    ]
    places = Places(tuple(each for each in folders if each.exists()), identities)
    found = everything_held(desk.database, find_pupil(call.body.pupil, identities), places)
    # Of somebody on whom nothing is held, an erased pupil too, the log keeps no token: its key would be a trace.
    is_held = found["lists"] or found["files"] or any(found["service"].values())
    return Answered(g.Holding(**found), "everything held on one pupil", [pupil] if is_held else [])


def figures(desk: Desk, call: Call[g.Between]) -> Answered:
    """What managers see of screenings."""
    with desk.database.reading() as session:
        found = figures_of(session, call.signed_in, call.body.since, call.body.until)
    groups = {name: g.GroupFigures(**counts) for name, counts in found["groups"].items()}
    return Answered(g.Figures(rule=found["rule"], groups=groups), "figures of screenings")


def audit(desk: Desk, call: Call[Asked]) -> Answered:
    """The live release's audit, as it may be published."""
    release = desk.require_release()
    facts = json.loads(_document(desk, AUDIT_FILE))
    return Answered(
        g.Audit(release=release.stamp, made_up=_made_up(desk), facts=facts), "audit", release=release.stamp
    )


def card(desk: Desk, call: Call[Asked]) -> Answered:
    """The live release's model card."""
    release = desk.require_release()
    text = _document(desk, CARD_FILE)
    return Answered(
        g.ReleaseCard(release=release.stamp, made_up=_made_up(desk), markdown=text),
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


def version(desk: Desk, call: Call[Asked]) -> Answered:
    """What is running."""
    release = desk.release
    return Answered(
        g.Running(
            service=SERVICE_VERSION,
            release=desk.settings.release if release else "",
            model=release.manifest_hash if release else "",
            demonstration=desk.settings.is_demonstration,
            prepared=tuple(desk.dates),
        ),
        "version",
    )


def live(desk: Desk, call: Call[Asked]) -> Answered:
    """The process answers."""
    return Answered(g.Health(status="live", checks={}))


def ready(desk: Desk, call: Call[Asked]) -> Answered:
    """Whether lists can be asked for; screenings and referrals need only the database and the log."""
    checks = {
        "database": _database(desk),
        "release": "ready" if desk.release else "none",
        "lists": "none prepared",
    }
    newest = desk.dates[-1] if desk.dates else None
    if newest is not None and desk.release is not None:
        try:
            desk.prepared(newest)
            checks["lists"] = "ready"
        except Problem as problem:
            checks["lists"] = problem.kind
    if not_ready := [
        Breach(where=part, expected=f"ready, not {said}") for part, said in checks.items() if said != "ready"
    ]:
        raise Problem("not-ready", f"{len(not_ready)} of {len(checks)} parts are not ready.", not_ready)
    return Answered(g.Health(status="ready", checks=checks))


def _database(desk: Desk) -> str:
    try:
        with desk.database.reading() as session:
            session.execute(select(School.urn).limit(1))
    except Exception:  # whatever it was, the database does not answer
        return "does not answer"
    return "ready"
