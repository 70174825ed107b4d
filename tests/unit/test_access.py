"""Who may ask what about whom: every role, every kind of scope, in one table."""

from dataclasses import replace

import pytest
from sqlalchemy import BigInteger, Integer, literal, select, union_all

from serving.caseloads.service import caseload
from serving.corrections import service as wrong_facts
from serving.errors import NotThere, RecordsRefused, Stale
from serving.referrals import service as referrals
from serving.security.access import (
    MAY,
    Action,
    Role,
    in_scope,
    kept_number,
    may,
    require,
    require_district,
    require_pupil,
    require_school,
    schools_of,
    visible,
)
from serving.security.rolls import load_roll
from tests.officers import (
    AMY,
    AS_OF,
    ASH,
    BEN,
    CAT,
    DAN,
    ELM,
    EVE,
    FAY,
    NOBODY,
    OAK,
    ROLL,
    SCHOOLS,
    STATUSES,
    furnish,
    wrong,
)

EVERY = {AMY, BEN, CAT, DAN, EVE, FAY}
SEES = {
    "ash": ({AMY, BEN}, {ASH}, set()),
    "elm": ({CAT, DAN}, {ELM}, set()),
    "north": ({AMY, BEN, CAT, DAN}, {ASH, ELM}, {"North"}),
    "south": ({EVE, FAY}, {OAK}, {"South"}),
    "virtual": ({AMY, FAY}, set(), set()),
    "scientist": (EVERY, {ASH, ELM, OAK}, {"North", "South"}),
    "reviewer": (set(), set(), set()),
    "governance": (EVERY, {ASH, ELM, OAK}, {"North", "South"}),
    "administrator": (set(), set(), set()),
    "manager": (set(), set(), set()),
}


@pytest.fixture
def who(database):
    return furnish(database)


def test_the_matrix_of_scopes(database, who):
    assert set(SEES) == set(who)
    with database.reading() as session:
        found = {
            name: (
                visible(session, person, [*EVERY, NOBODY]),
                {school.urn for school in schools_of(session, person)},
                {
                    district
                    for district in ("North", "South", "Nowhere")
                    if _passes(require_district, session, person, district)
                },
            )
            for name, person in who.items()
        }
    assert found == SEES


def test_a_changed_scope_is_asked_anew(database, who):
    """The query of who is seen is kept between requests: one account with another scope asks another."""
    moved = replace(who["ash"], schools=frozenset({OAK}))
    with database.reading() as session:
        for _ in range(2):
            assert visible(session, who["ash"], EVERY) == {AMY, BEN}
            assert visible(session, moved, EVERY) == {EVE, FAY}
            assert visible(session, who["virtual"], {AMY, BEN}) == {AMY}


def _passes(check, *given) -> bool:
    try:
        check(*given)
    except NotThere:
        return False
    return True


def test_a_pupil_or_school_that_is_not_there_and_one_that_is_not_mine_answer_alike(database, who):
    with database.reading() as session:
        for check, mine, others, missing in (
            (require_pupil, AMY, EVE, NOBODY),
            (require_school, ASH, OAK, 999999),
        ):
            assert _passes(check, session, who["ash"], mine)
            said = set()
            for each in (others, missing):
                with pytest.raises(NotThere) as refused:
                    check(session, who["ash"], each)
                said.add(str(refused.value))
            assert len(said) == 1


def test_every_action_has_its_roles_and_officers_alone_write_about_children():
    assert set(MAY) == set(Action)
    for action in (
        Action.RECORD_SCREENING,
        Action.REVIEW_SCREENING,
        Action.OPEN_FREQUENCY,
        Action.REFER,
        Action.READ_SCREENING,
    ):
        assert MAY[action] == {Role.OFFICER}
    assert Role.DATA_SCIENTIST not in MAY[Action.SEE_NAMES]
    pupil_actions = {
        Action.ESTIMATE,
        Action.LIST,
        Action.EXPLAIN,
        Action.READ_CASELOAD,
        Action.SEE_NAMES,
        Action.USE_RIGHTS,
    }
    for role in (Role.REVIEWER, Role.ADMINISTRATOR):
        assert not [action for action in pupil_actions if role in MAY[action]]


def test_what_a_role_may_not_do_is_not_there(who):
    for person in who.values():
        for action in Action:
            assert _passes(require, person, action) == may(person, action)


def test_a_caseload_crosses_schools_and_other_statuses_stay_at_home(database, who):
    with database.reading() as session:

        def held(name, status):
            return {each.pupil for each in caseload(session, who[name], status)}

        assert held("virtual", "looked_after") == {AMY, FAY}
        assert held("virtual", "social_worker") == {FAY}
        assert held("virtual", "sen_support") == set()
        assert held("north", "looked_after") == {AMY}
        assert held("north", "sen_support") == {DAN}
        for name in ("scientist", "reviewer", "governance", "administrator"):
            with pytest.raises(NotThere):
                caseload(session, who[name], "looked_after")


def test_a_pupil_whose_status_ends_leaves_the_caseload(database, who):
    with database.writing() as session:
        load_roll(session, AS_OF.replace(month=7), SCHOOLS, ROLL, STATUSES[STATUSES["pupil"] != AMY])
    with database.reading() as session:
        assert visible(session, who["virtual"], EVERY) == {FAY}


def test_an_earlier_roll_changes_nothing_and_a_pupil_who_left_stays_with_the_last_school(database, who):
    with database.writing() as session:
        load_roll(session, AS_OF.replace(year=2024), SCHOOLS, ROLL.assign(urn=OAK), STATUSES)
    with database.reading() as session:
        assert visible(session, who["ash"], EVERY) == {AMY, BEN}
    with database.writing() as session:
        load_roll(session, AS_OF.replace(month=7), SCHOOLS, ROLL[ROLL["pupil"] != AMY], STATUSES)
    with database.reading() as session:
        assert visible(session, who["ash"], EVERY) == {AMY, BEN}


def test_many_pupils_at_once(database, who):
    with database.reading() as session:
        assert visible(session, who["ash"], [*range(1, 3000), AMY]) == {AMY}


LEAST, MOST = -(2**63), 2**63 - 1


def test_the_least_and_the_greatest_number_are_pupils_and_those_beyond_are_nobody(database, who):
    pupils = [LEAST, MOST, CAT, DAN, EVE, FAY]
    with database.writing() as session:
        load_roll(session, AS_OF.replace(month=7), SCHOOLS, ROLL.assign(pupil=pupils), STATUSES[:0])
    with database.reading() as session:
        assert visible(session, who["ash"], [LEAST - 1, LEAST, MOST, MOST + 1]) == {LEAST, MOST}
    assert [kept_number(number) for number in (LEAST, 0, MOST)] == [LEAST, 0, MOST]
    for number in (LEAST - 1, MOST + 1):
        with pytest.raises(NotThere):
            kept_number(number)


def test_a_row_of_a_pupil_on_no_roll_is_seen_by_the_school_it_names(database, who):
    """One who is on a roll is seen by that school alone, whatever school an old row names."""
    asked = [(AMY, OAK), (EVE, ASH), (NOBODY, ASH), (NOBODY + 1, OAK)]
    rows = union_all(*(select(literal(pupil, BigInteger).label("pupil"), literal(urn, Integer).label("urn")) for pupil, urn in asked)).subquery()  # fmt: skip
    with database.reading() as session:

        def seen(name, *urn):
            return set(session.scalars(select(rows.c.pupil).where(in_scope(who[name], rows.c.pupil, *urn))))

        assert seen("ash", rows.c.urn) == {AMY, NOBODY}
        assert seen("ash") == {AMY}
        assert seen("reviewer", rows.c.urn) == set()


def test_each_school_of_a_district_is_read_by_its_officer(database, who):
    with database.reading() as session:
        passed = {urn for urn in (ASH, ELM, OAK) if _passes(require_school, session, who["north"], urn)}
    assert passed == {ASH, ELM}


def test_a_wrong_fact_goes_to_its_owner_and_comes_back(database, who):
    with database.writing() as session:
        made = wrong_facts.say_wrong(
            session,
            who["ash"],
            AMY,
            wrong("attendance", "Absent on 3 March.", "She was on a trip.", "mother"),
        )
    with database.reading() as session:
        assert [each.wrong_fact for each in wrong_facts.wrong_facts(session, who["governance"])] == [
            made.wrong_fact
        ]
        assert wrong_facts.wrong_facts(session, who["elm"]) == []
    for state, version in (("sent", 1), ("corrected", 2)):
        with database.writing() as session:
            wrong_facts.answer(
                session, who["governance"], made.wrong_fact, version, state, "Asked the school office."
            )
    with pytest.raises(Stale), database.writing() as session:
        wrong_facts.answer(session, who["governance"], made.wrong_fact, 2, "stands", "Two people at once.")
    with database.reading() as session:
        assert wrong_facts.wrong_facts(session, who["ash"], AMY) == []
        found = wrong_facts.wrong_facts(session, who["ash"], AMY, is_open=False)[0]
        assert [step.state for step in found.steps] == ["reported", "sent", "corrected"]


def test_a_wrong_fact_is_answered_by_governance_alone_and_in_words(database, who):
    with database.writing() as session:
        made = wrong_facts.say_wrong(
            session, who["ash"], AMY, wrong("attendance", "Absent.", "Present.", "mother")
        )
    for name in ("ash", "administrator", "scientist"):
        with pytest.raises(NotThere), database.writing() as session:
            wrong_facts.answer(session, who[name], made.wrong_fact, 1, "corrected", "Done.")
    for state, words in (("corrected", " "), ("deleted", "Done.")):
        with pytest.raises(RecordsRefused), database.writing() as session:
            wrong_facts.answer(session, who["governance"], made.wrong_fact, 1, state, words)
    for family, fact in (("weather", "Absent."), ("attendance", "")):
        with pytest.raises(RecordsRefused), database.writing() as session:
            wrong_facts.say_wrong(session, who["ash"], AMY, wrong(family, fact, "At school.", "mother"))
    for name, pupil in (("ash", EVE), ("ash", NOBODY), ("reviewer", AMY)):
        with pytest.raises(NotThere), database.writing() as session:
            wrong_facts.say_wrong(
                session, who[name], pupil, wrong("attendance", "Absent.", "At school.", "mother")
            )
    with database.reading() as session, pytest.raises(NotThere):
        referrals.referrals(session, who["governance"])
