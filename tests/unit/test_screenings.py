"""The rules of a screening, on both engines: people write, nothing is lost, and the view comes before the frequency."""

import threading
from datetime import date, timedelta

import pytest

from serving.errors import AlreadyThatDay, NotThere, OneAtATime, RecordsRefused, Stale, ViewFirst
from serving.referrals import service as referrals
from serving.screening import rules
from serving.screening import service as reviews
from serving.screening import service as screenings
from serving.screening.record import AgreedAction, Prompted, ScreeningContent
from tests.officers import AMY, AS_OF, BEN, CAT, ELM, EVE, MEETING, NOBODY, WHOLE, but, furnish, raised

REVIEWED = but(WHOLE, review_found="She comes in.", review_next="look_again", review_on=date(2025, 12, 12))
ENDED = but(REVIEWED, review_next="ends", review_on=None)
LISTED = Prompted("listed", AS_OF, "spring 1a2b")


@pytest.fixture
def who(database):
    return furnish(database)


def begun(
    database, person, pupil=AMY, said=WHOLE, prompted=screenings.NO_LIST, meeting_on=MEETING, is_second=True
):
    with database.writing() as session:
        return screenings.begin(session, person, pupil, meeting_on, said, prompted, is_second)


def test_a_screening_is_kept_as_it_was_said(database, who):
    made = begun(database, who["ash"], prompted=LISTED)
    with database.reading() as session:
        held = screenings.read(session, who["ash"], made.screening)
    assert held == made
    assert (held.now.content_of(), held.now.author, held.now.version, held.now.state) == (
        WHOLE,
        "ash",
        1,
        "done",
    )
    assert (held.prompt, held.list_as_of, held.release, held.pupil) == ("listed", AS_OF, "spring 1a2b", AMY)


def test_one_child_at_a_time(database, who):
    first = begun(database, who["ash"], said=ScreeningContent())
    with pytest.raises(OneAtATime) as refused:
        begun(database, who["ash"], BEN)
    assert refused.value.open_screening == first.screening
    begun(database, who["north"], BEN)  # somebody else's hands are free
    with database.writing() as session:
        screenings.record(session, who["ash"], first.screening, 1, WHOLE)
    begun(database, who["ash"], BEN)


def test_a_screening_set_aside_frees_the_hands_and_can_be_taken_up(database, who):
    first = begun(database, who["ash"], said=ScreeningContent(view="Not sure yet."))
    with database.writing() as session:
        aside = screenings.set_aside(session, who["ash"], first.screening, 1, "The bell rang.")
    assert (aside.now.state, aside.now.view) == ("set_aside", "Not sure yet.")
    second = begun(database, who["ash"], BEN, said=ScreeningContent())
    with pytest.raises(OneAtATime), database.writing() as session:
        screenings.record(session, who["ash"], first.screening, 2, ScreeningContent(view="Again."))
    with database.writing() as session:
        screenings.record(session, who["ash"], second.screening, 1, WHOLE)
        assert (
            screenings.record(
                session, who["ash"], first.screening, 2, ScreeningContent(view="Again.")
            ).now.state
            == "open"
        )


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"considered": ("list", "card")}, ("considered", "beyond_model")),
        ({"considered": ()}, ("considered", "beyond_model")),
        ({"considered_words": " "}, ("considered", "beyond_model")),
        ({"view": ""}, ("view", "missing")),
        ({"was_known": None}, ("was_known", "missing")),
        ({"outcome": "exclude"}, ("outcome", "literal_error")),
        ({"needs": ("punishment", "behaviour")}, ("needs", "literal_error")),
        ({"considered": ("crystal ball",)}, ("considered", "literal_error")),
        ({"considered": ("family",) * 5_000}, ("considered", "each_once")),
        ({"needs": ("attendance", "other", "attendance")}, ("needs", "each_once")),
        ({"review_on": MEETING}, ("review_on", "not_after")),
        ({"actions": (AgreedAction(what=" ", who="Form tutor"),)}, ("actions", "missing")),
        ({"actions": (AgreedAction(what="Talk"),) * 21}, ("actions", "too_long")),
        ({"who_leads": "x" * 301}, ("who_leads", "string_too_long")),
        ({"view": "x" * 4_001}, ("view", "string_too_long")),
        ({"words": "a\x00b"}, ("words", "string_pattern_mismatch")),
        ({"words": "\ud800"}, ("words", "string_unicode")),
    ],
)
def test_a_rule_that_is_broken_is_named_by_field_and_code_and_nothing_is_kept(database, who, changes, broken):
    with pytest.raises(RecordsRefused) as refused:
        begun(database, who["ash"], said=but(**changes))
    assert [(each.field, each.code) for each in refused.value.broken] == [broken]
    with database.reading() as session:
        assert screenings.screenings_of(session, who["ash"], AMY) == []


def test_at_exactly_the_limit_and_the_day_after_the_meeting_it_is_kept(database, who):
    made = begun(database, who["ash"], said=but(view="x" * 4_000, review_on=MEETING + timedelta(days=1)))
    assert (len(made.now.view), made.now.state) == (4_000, "done")


def test_every_breach_is_named_at_once_and_no_words_of_the_meeting(database, who):
    with pytest.raises(RecordsRefused) as refused:
        begun(database, who["ash"], said=ScreeningContent(view="Secret of a family", outcome="targeted"))
    assert {each.field for each in refused.value.broken} == {"considered", "was_known"}
    with pytest.raises(RecordsRefused) as ill:
        but(needs=("Secret",), outcome="Secret", view="Secret" * 1_000)
    assert {each.field for each in ill.value.broken} == {"needs", "outcome", "view"}
    assert "Secret" not in str(refused.value) + str(ill.value)


@pytest.mark.parametrize(("days", "is_kept"), [(0, True), (183, True), (184, False)])
def test_a_screening_is_prepared_ahead_of_a_meeting_that_is_near_enough(database, who, days, is_kept):
    on = date.today() + timedelta(days=days)
    if is_kept:
        assert begun(database, who["ash"], said=ScreeningContent(), meeting_on=on).meeting_on == on
        return
    with pytest.raises(RecordsRefused) as refused:
        begun(database, who["ash"], said=ScreeningContent(), meeting_on=on)
    assert [each.code for each in refused.value.broken] == ["too_far_ahead"]


def test_before_its_day_a_meeting_settles_nothing_and_opens_no_frequency(database, who):
    ahead = date.today() + timedelta(days=7)
    with pytest.raises(RecordsRefused) as refused:
        begun(database, who["ash"], said=but(review_on=None), meeting_on=ahead)
    assert [(each.field, each.code) for each in refused.value.broken] == [("outcome", "to_come")]
    begun(database, who["ash"], said=but(outcome=None, review_on=None), meeting_on=ahead)
    with pytest.raises(ViewFirst), database.writing() as session:
        screenings.open_frequency(session, who["ash"], AMY, AS_OF)


def test_what_is_prepared_ahead_is_in_nobodys_hands(database, who):
    ahead = date.today() + timedelta(days=7)
    for pupil in (AMY, BEN):
        begun(database, who["ash"], pupil, said=ScreeningContent(), meeting_on=ahead)
    held = begun(database, who["ash"], BEN, said=ScreeningContent())
    with database.reading() as session:
        assert screenings.open_screening(session, who["ash"]) == held.screening


def test_a_second_screening_of_one_child_on_one_day_is_asked_about(database, who):
    first = begun(database, who["ash"])
    for person in ("ash", "north"):
        with pytest.raises(AlreadyThatDay) as refused:
            begun(database, who[person], is_second=False)
        assert refused.value.screening == first.screening
    begun(database, who["ash"], BEN, is_second=False)  # another child
    begun(database, who["ash"], is_second=False, meeting_on=MEETING + timedelta(days=1))  # another day
    second = begun(database, who["north"])
    with database.reading() as session:
        held = screenings.screenings_of(session, who["ash"], AMY)
    assert {first.screening, second.screening} <= {each.screening for each in held}


def test_one_that_was_set_aside_is_not_asked_about(database, who):
    first = begun(database, who["ash"], said=ScreeningContent())
    with database.writing() as session:
        screenings.set_aside(session, who["ash"], first.screening, 1, "Not today.")
    assert begun(database, who["ash"], is_second=False).screening != first.screening


def test_two_officers_at_once_begin_one_child_of_one_day_once(database, who):
    told, ready = [], threading.Barrier(6)

    def begin(name):
        ready.wait()
        try:
            begun(database, who[name], said=ScreeningContent(), is_second=False)
            told.append("begun")
        except (AlreadyThatDay, OneAtATime) as error:
            told.append(type(error).__name__)

    threads = [threading.Thread(target=begin, args=(name,)) for name in ("ash", "north", "virtual") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("begun") == 1 and len(told) == 6


@pytest.mark.parametrize(
    "prompted", [Prompted("listed"), Prompted("no_list", AS_OF), Prompted("top of the list", AS_OF)]
)
def test_a_prompt_and_its_list_go_together(database, who, prompted):
    with pytest.raises(RecordsRefused):
        begun(database, who["ash"], prompted=prompted)


def test_edits_append(database, who):
    made = begun(database, who["ash"])
    other = but(WHOLE, outcome="no_action", words="His form tutor knew more.", review_on=None)
    with database.writing() as session:
        screenings.record(session, who["north"], made.screening, 1, other)
    with database.reading() as session:
        first, second = screenings.versions(session, who["ash"], made.screening)
    assert (first.content_of(), first.author) == (WHOLE, "ash")
    assert (second.content_of(), second.author) == (other, "north")


def test_whoever_writes_second_on_one_version_is_told_and_nothing_is_lost(database, who):
    made = begun(database, who["ash"])
    mine, yours = but(WHOLE, view="Mine."), but(WHOLE, view="Yours.")
    with database.writing() as session:
        screenings.record(session, who["ash"], made.screening, 1, mine)
    with pytest.raises(Stale) as refused, database.writing() as session:
        screenings.record(session, who["north"], made.screening, 1, yours)
    assert refused.value.version == 2
    with database.writing() as session:
        screenings.record(session, who["north"], made.screening, 2, yours)
    with database.reading() as session:
        views = [version.view for version in screenings.versions(session, who["ash"], made.screening)]
    assert views == [WHOLE.view, "Mine.", "Yours."]


def test_of_many_who_write_at_the_same_moment_one_is_kept_and_all_others_are_told(database, who):
    made = begun(database, who["ash"])
    told, ready = [], threading.Barrier(12)

    def write(number):
        ready.wait()
        try:
            with database.writing() as session:
                screenings.record(session, who["north"], made.screening, 1, but(WHOLE, view=f"View {number}"))
            told.append("kept")
        except Stale:
            told.append("stale")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["kept"] + ["stale"] * 11
    with database.reading() as session:
        assert len(screenings.versions(session, who["ash"], made.screening)) == 2


def test_two_windows_of_one_person_cannot_begin_two_children(database, who):
    told, ready = [], threading.Barrier(8)

    def begin(pupil):
        ready.wait()
        try:
            with database.writing() as session:
                screenings.begin(session, who["north"], pupil, MEETING)
            told.append("begun")
        except OneAtATime:
            told.append("one at a time")

    threads = [threading.Thread(target=begin, args=(pupil,)) for pupil in (AMY, BEN, CAT, AMY) * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["begun"] + ["one at a time"] * 7


def test_the_view_comes_before_the_frequency(database, who):
    def opened():
        with database.writing() as session:
            return screenings.open_frequency(session, who["ash"], AMY, AS_OF)

    with pytest.raises(ViewFirst):
        opened()
    made = begun(
        database,
        who["ash"],
        said=ScreeningContent(
            considered=("list", "card"), considered_words="The card.", view="As the card says."
        ),
    )
    with pytest.raises(ViewFirst):
        opened()
    view = ScreeningContent(
        considered=("family",), considered_words="Her aunt.", view="She is missed at home."
    )
    with database.writing() as session:
        screenings.record(session, who["ash"], made.screening, 1, view)
    found = opened()
    assert found.screening == made.screening
    assert found.frequency_opened_at > found.now.at


def test_a_view_that_was_set_aside_or_is_of_an_earlier_list_opens_nothing(database, who):
    made = begun(database, who["ash"])
    with pytest.raises(ViewFirst), database.writing() as session:
        screenings.open_frequency(session, who["ash"], AMY, MEETING + timedelta(days=1))
    begun(
        database,
        who["elm"],
        CAT,
        said=ScreeningContent(considered=("family",), considered_words="a", view="b"),
    )
    with database.writing() as session:
        held = screenings.screenings_of(session, who["elm"], CAT)[0]
        screenings.set_aside(session, who["elm"], held.screening, 1, "Later.")
    with pytest.raises(ViewFirst), database.writing() as session:
        screenings.open_frequency(session, who["elm"], CAT, AS_OF)
    assert made.frequency_opened_at is None


def test_what_is_missing_and_what_is_forbidden_answer_alike(database, who):
    made = begun(database, who["ash"])
    said = []
    for person, number in (
        (who["elm"], made.screening),
        (who["elm"], 999),
        (who["scientist"], made.screening),
        (who["governance"], made.screening),
    ):
        for call in (
            lambda session, p=person, n=number: screenings.read(session, p, n),
            lambda session, p=person, n=number: screenings.versions(session, p, n),
            lambda session, p=person, n=number: screenings.record(session, p, n, 1, WHOLE),
            lambda session, p=person, n=number: screenings.set_aside(session, p, n, 1, "x"),
            lambda session, p=person, n=number: reviews.hold_review(session, p, n, 1, MEETING, WHOLE),
        ):
            with pytest.raises(NotThere) as refused, database.writing() as session:
                call(session)
            said.append(str(refused.value))
    assert len(set(said)) == 1
    for pupil in (EVE, NOBODY):
        with pytest.raises(NotThere):
            begun(database, who["ash"], pupil)
        with pytest.raises(NotThere), database.writing() as session:
            screenings.open_frequency(session, who["ash"], pupil, AS_OF)


def test_a_child_who_moves_takes_their_screenings_along(database, who):
    from serving.security.rolls import load_roll
    from tests.officers import ROLL, SCHOOLS, STATUSES

    made = begun(database, who["ash"])
    moved = ROLL.assign(urn=[ELM, *ROLL["urn"][1:]])
    with database.writing() as session:
        load_roll(session, AS_OF + timedelta(days=30), SCHOOLS, moved, STATUSES)
    with database.reading() as session:
        assert screenings.read(session, who["elm"], made.screening).screening == made.screening
        with pytest.raises(NotThere):
            screenings.read(session, who["ash"], made.screening)


def test_a_review_is_due_until_it_is_held(database, who):
    made = begun(database, who["ash"])
    with database.reading() as session:
        assert reviews.reviews_due(session, who["ash"], date(2025, 9, 29)) == []
        due = reviews.reviews_due(session, who["north"], date(2025, 9, 30))
        assert [(each.screening, each.pupil, each.review_on) for each in due] == [
            (made.screening, AMY, date(2025, 9, 30))
        ]
        assert reviews.reviews_due(session, who["elm"], date(2026, 1, 1)) == []
    held = but(REVIEWED, outcome="universal_plus", review_on=date(2025, 12, 12))
    with database.writing() as session:
        found = reviews.hold_review(session, who["ash"], made.screening, 1, date(2025, 10, 1), held)
    assert (found.now.version, found.now.review_held_on) == (2, date(2025, 10, 1))
    with database.reading() as session:
        assert [each.review_on for each in reviews.reviews_due(session, who["ash"], date(2026, 1, 1))] == [
            date(2025, 12, 12)
        ]


AGREED = but(
    WHOLE,
    actions=(
        AgreedAction(what="Ring home", who="Form tutor", by=date(2025, 6, 20)),
        AgreedAction(what="Visit"),
    ),
)


def said_of(*became: str | None) -> tuple[AgreedAction, ...]:
    return tuple(
        action.model_copy(update={"became": each})
        for action, each in zip(AGREED.actions, became, strict=True)
    )


@pytest.mark.parametrize(
    ("held_on", "said", "broken"),
    [
        (MEETING - timedelta(days=1), REVIEWED, {("held_on", "no_such_day")}),
        (date.today() + timedelta(days=2), but(ENDED), {("held_on", "no_such_day")}),  # to come, over midnight too
        (date(2025, 10, 1), but(REVIEWED, outcome=None), {("outcome", "missing")}),
        (date(2025, 10, 1), but(REVIEWED, review_on=date(2025, 9, 30)), {("review_on", "not_after")}),
        (date(2025, 10, 1), WHOLE, {("review_found", "missing"), ("review_next", "missing"), ("review_on", "not_after")}),
        (date(2025, 10, 1), but(REVIEWED, review_found=" "), {("review_found", "missing")}),
        (date(2025, 10, 1), but(REVIEWED, review_on=None), {("review_on", "missing")}),
        (date(2025, 10, 1), but(ENDED, review_on=date(2025, 12, 1)), {("review_on", "ends")}),
    ],
)  # fmt: skip
def test_a_review_that_cannot_be_is_refused(database, who, held_on, said, broken):
    made = begun(database, who["ash"])
    with pytest.raises(RecordsRefused) as refused, database.writing() as session:
        reviews.hold_review(session, who["ash"], made.screening, 1, held_on, said)
    assert {(each.field, each.code) for each in refused.value.broken} == broken


@pytest.mark.parametrize(
    ("actions", "ends", "broken"),
    [
        (said_of(None, None), False, "became_missing"),
        (said_of("done", None), False, "became_missing"),
        (said_of("done", "going_on")[:1], False, "became_missing"),  # one that was agreed is left out
        ((), False, "became_missing"),
        (said_of("done", "going_on"), True, "going_on"),
        (said_of("done", "going_on"), False, ""),
        ((*said_of("done", "not_done"), AgreedAction(what="Visit again", who="SENDCo")), False, ""),
        (said_of("done", "no_longer_needed"), True, ""),
    ],
)
def test_a_review_says_what_became_of_each_action(database, who, actions, ends, broken):
    made = begun(database, who["ash"], said=AGREED)
    said = but(ENDED if ends else REVIEWED, actions=actions)
    if not broken:
        with database.writing() as session:
            held = reviews.hold_review(session, who["ash"], made.screening, 1, date(2025, 10, 1), said)
        assert held.now.actions == actions
        return
    with pytest.raises(RecordsRefused) as refused, database.writing() as session:
        reviews.hold_review(session, who["ash"], made.screening, 1, date(2025, 10, 1), said)
    assert {(each.field, each.code) for each in refused.value.broken} == {("actions", broken)}


def test_what_a_review_said_is_over_need_not_be_said_again_at_the_next(database, who):
    made = begun(database, who["ash"], said=AGREED)
    with database.writing() as session:
        first = but(REVIEWED, actions=said_of("done", "going_on"))
        reviews.hold_review(session, who["ash"], made.screening, 1, date(2025, 10, 1), first)
        second = but(ENDED, actions=said_of("done", "done"))
        held = reviews.hold_review(session, who["ash"], made.screening, 2, date(2025, 12, 20), second)
    assert (held.now.review_next, held.now.review_on, held.now.version) == ("ends", None, 3)


def test_what_is_still_missing_is_named_in_the_order_of_the_form():
    assert rules.missing(ScreeningContent()) == [
        "considered",
        "considered_words",
        "view",
        "was_known",
        "outcome",
    ]
    assert rules.missing(but(WHOLE, review_on=None)) == ["who_leads", "actions", "review_on"]
    assert rules.missing(but(WHOLE, outcome="universal", review_on=None)) == []
    assert rules.missing(but(AGREED, who_leads="Head of year")) == []


def test_a_screening_without_an_outcome_has_no_review(database, who):
    made = begun(database, who["ash"], said=ScreeningContent(review_on=date(2025, 9, 1)))
    with pytest.raises(RecordsRefused, match="no outcome yet"), database.writing() as session:
        reviews.hold_review(session, who["ash"], made.screening, 1, date(2025, 10, 1), WHOLE)


def test_a_referral_needs_no_list_and_leads_to_a_screening(database, who):
    with database.writing() as session:
        made = referrals.refer(session, who["north"], AMY, raised("family", "mother", "She hardly sleeps."))
    assert made.state == "waiting"
    begun(database, who["ash"], prompted=Prompted(referral=made.referral))
    with database.reading() as session:
        assert referrals.referrals(session, who["ash"]) == []
        assert [each.state for each in referrals.referrals(session, who["ash"], None)] == ["screened"]
        assert referrals.referrals(session, who["south"], None) == []


def test_a_child_whom_no_roll_knows_can_be_referred_and_screened(database, who):
    with database.writing() as session:
        made = referrals.refer(
            session, who["elm"], NOBODY, raised("school", "pastoral lead", "Just arrived."), urn=ELM
        )
        referrals.pass_on(session, who["governance"], made.referral, 1, "pass_on", "Elm has a place for her.")
    held = begun(database, who["elm"], NOBODY, prompted=Prompted(referral=made.referral))
    assert (held.school, held.referral) == (ELM, made.referral)
    with database.reading() as session:
        assert screenings.read(session, who["north"], held.screening) == held
        with pytest.raises(NotThere):
            screenings.read(session, who["ash"], held.screening)


def test_a_school_named_for_a_child_on_a_roll_opens_nothing(database, who):
    with pytest.raises(NotThere), database.writing() as session:
        referrals.refer(session, who["elm"], NOBODY, raised("school", "tutor", "Curious."), urn=100001)


@pytest.mark.parametrize("pupil", [AMY, NOBODY])
def test_a_child_on_another_roll_and_one_on_none_are_referred_alike_now_and_afterwards(database, who, pupil):
    with database.writing() as session:
        made = referrals.refer(session, who["elm"], pupil, raised("school", "tutor", "Worried."), urn=ELM)
    assert (made.state, made.school, made.version) == ("held", ELM, 1)
    with database.writing() as session:
        assert referrals.referrals(session, who["elm"], None) == []
        for name in ("elm", "ash", "north"):
            with pytest.raises(NotThere):
                referrals.close_referral(session, who[name], made.referral, 1, "Not needed.")
    with pytest.raises(NotThere):
        begun(database, who["elm"], pupil, prompted=Prompted(referral=made.referral))
    with database.writing() as session:
        again = referrals.refer(session, who["elm"], pupil, raised("school", "tutor", "Again."), urn=ELM)
    assert again.state == "held"


def test_a_kept_referral_is_passed_on_to_the_roll_and_else_to_the_school_it_names(database, who):
    with database.writing() as session:
        made = {
            pupil: referrals.refer(session, who["elm"], pupil, raised("school", "tutor", "Worried."), urn=ELM)
            for pupil in (AMY, NOBODY, EVE)
        }
        assert [each.pupil for each in referrals.held_referrals(session, who["governance"])] == [*made]
        for pupil, decision in ((AMY, "pass_on"), (NOBODY, "pass_on"), (EVE, "closed")):
            done = referrals.pass_on(
                session, who["governance"], made[pupil].referral, 1, decision, "Spoke to both schools."
            )
            assert done.version == 2
        assert referrals.held_referrals(session, who["governance"]) == []
        seen = {
            name: [each.pupil for each in referrals.referrals(session, who[name])]
            for name in ("ash", "elm", "south")
        }
        assert seen == {"ash": [AMY], "elm": [NOBODY], "south": []}
        with pytest.raises(NotThere):  # it is kept no more
            referrals.pass_on(session, who["governance"], made[AMY].referral, 2, "closed", "Again.")
        for name in ("ash", "elm", "reviewer", "administrator", "scientist"):
            with pytest.raises(NotThere):
                referrals.held_referrals(session, who[name])


def test_a_referral_of_one_child_begins_no_screening_of_another(database, who):
    with database.writing() as session:
        made = referrals.refer(session, who["north"], AMY, raised("family", "mother", "She hardly sleeps."))
    with pytest.raises(NotThere):
        begun(database, who["north"], BEN, prompted=Prompted(referral=made.referral))


def test_a_referral_can_be_closed_once_with_a_reason(database, who):
    with database.writing() as session:
        made = referrals.refer(session, who["ash"], AMY, raised("child", "herself", "Wants to talk."))
    with pytest.raises(RecordsRefused), database.writing() as session:
        referrals.close_referral(session, who["ash"], made.referral, 1, "  ")
    with database.writing() as session:
        assert (
            referrals.close_referral(session, who["ash"], made.referral, 1, "Moved away.").state == "closed"
        )
    with pytest.raises(RecordsRefused), database.writing() as session:
        referrals.close_referral(session, who["ash"], made.referral, 2, "Again.")
