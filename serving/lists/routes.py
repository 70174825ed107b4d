"""Estimates, lists and explanations under /v1; the first three answer through BentoML."""

from serving.composing import CARDED
from serving.desk import Desk
from serving.http.calls import Answered, Call, Endpoint
from serving.http.problems import FROM_PREPARED, Problem
from serving.lists import record as m
from serving.lists import service
from serving.rights.service import objecting
from serving.security.access import Action, require_district, require_school
from serving.wording import pupil_of


def estimates(desk: Desk, call: Call[m.EstimateQuestion]) -> Answered:
    """Estimates of some pupils; those of whom none is made are told apart with the reason."""
    prepared, person = desk.prepared(call.body.as_of), call.signed_in
    asked = [pupil_of(code) for code in call.body.pupils]
    with desk.database.reading() as session:
        seen, silent, opened = service.seen_by(desk, session, person, prepared, asked)
    made: list[m.Estimate] = []
    abstained: list[m.NotAssessed] = []
    for pupil in asked:
        found = prepared.find(pupil) if pupil in seen else None
        why_not = service.abstention(pupil, found, silent)
        if why_not is not None:
            abstained.append(why_not)
        elif found is not None:
            made.append(service.estimate_of(prepared, found, pupil in opened, person))
    answer = m.Estimates(
        requested=len(asked),
        estimated=len(made),
        not_assessed=len(abstained),
        estimates=tuple(made),
        abstentions=tuple(abstained),
    )
    what = f"as of {call.body.as_of}; {len(asked) - len(seen)} asked about were not the caller's to see"
    return Answered(answer, what, sorted(seen), release=prepared.facts.release)


def meeting_list(desk: Desk, call: Call[m.ListQuestion]) -> Answered:
    """One school's or one district's list."""
    whose, person = call.body.of, call.signed_in
    prepared = desk.prepared(call.body.as_of)
    with desk.database.reading() as session:
        if isinstance(whose, m.OfSchool):
            require_school(session, person, whose.school)
            level, key = "schools", str(whose.school)
        else:
            require_district(session, person, whose.district)
            level, key = "districts", whose.district
        if key not in prepared.accounts[level]:
            raise Problem("not-there")
        silent = objecting(session)
    made = service.list_of(desk, prepared, level, key, silent, person)
    named = sorted({row.person.pupil for rows in made.states.values() for row in rows})
    answer = m.MeetingListAnswer(
        **service.standing(prepared),
        title=made.heading.title,
        places=made.places,
        counts=m.Counts(**made.counts),
        frequencies=tuple(prepared.facts.stamp(False).frequencies(made.heading.phase)),
        notes=tuple(made.notes),
        left_since_last_list=tuple(made.left),
        listed=service.named_as(made.states["listed"]),
        could_go_either_way=service.named_as(made.states["could_go_either_way"]),
        already_supported=service.named_as(made.states["already_supported"]),
        exclusion_in_progress=service.named_as(made.states["exclusion_in_progress"]),
        not_assessed=service.named_as(made.states["not_assessed"]),
    )
    what = f"list of {level[:-1]} {key} as of {call.body.as_of}"
    return Answered(answer, what, named, release=prepared.facts.release)


def explain(desk: Desk, call: Call[m.ExplainQuestion]) -> Answered:
    """One child's card: dated facts first."""
    prepared, person = desk.prepared(call.body.as_of), call.signed_in
    pupil = pupil_of(call.body.pupil)
    with desk.database.reading() as session:
        seen, silent, _ = service.seen_by(desk, session, person, prepared, [pupil])
    found = prepared.find(pupil) if pupil in seen else None
    why_not = service.abstention(pupil, found, silent)
    is_carded = found is not None and not {found.school_state, found.district_state}.isdisjoint(CARDED)
    card = (
        service.card_record(desk, prepared, found, person)
        if found is not None and why_not is None and is_carded
        else None
    )
    answer = m.Explanation(card=card, abstention=why_not, note="" if card or why_not else service.NO_CARD)
    what = f"as of {call.body.as_of}" + ("" if seen else "; asked about and not the caller's to see")
    return Answered(answer, what, sorted(seen), release=prepared.facts.release)


def frequency(desk: Desk, call: Call[m.ExplainQuestion]) -> Answered:
    """Open the frequency of one child, once the meeting's own view stands recorded."""
    pupil, as_of = pupil_of(call.body.pupil), call.body.as_of
    opened = service.open_frequency(desk, call.signed_in, pupil, as_of)
    return Answered(opened, f"as of {as_of}", [pupil], release=opened.release)


ENDPOINTS = (
    Endpoint("POST", "/v1/estimate", "estimate", "Estimates of some pupils, or why none is made.",
             Action.ESTIMATE, m.EstimateQuestion, m.Estimates, estimates, problems=FROM_PREPARED, scope="pupil"),
    Endpoint("POST", "/v1/list", "list", "One school's or one district's list.",
             Action.LIST, m.ListQuestion, m.MeetingListAnswer, meeting_list, problems=(*FROM_PREPARED, "not-there"), scope="school"),
    Endpoint("POST", "/v1/explain", "explain", "One child's card: dated facts first.",
             Action.EXPLAIN, m.ExplainQuestion, m.Explanation, explain, problems=FROM_PREPARED, scope="pupil"),
    Endpoint("POST", "/v1/frequency", "open_frequency", "Open the frequency of one child, once the meeting's own view is recorded.",
             Action.OPEN_FREQUENCY, m.ExplainQuestion, m.Estimate, frequency,
             problems=(*FROM_PREPARED, "view-first", "not-there"), scope="pupil"),
)  # fmt: skip
