"""Accounts and tokens: hashes, expiry, one use, and no password anywhere."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from serving.database.base import Row
from serving.database.tables import Token
from serving.errors import NotSignedIn, NotThere, RecordsRefused
from serving.security import accounts
from serving.security.access import Role
from tests.officers import ASH


def one_time(database, name="ana", role=Role.REVIEWER, **scopes) -> str:
    with database.writing() as session:
        accounts.add_user(session, name, role, **scopes)
        return accounts.one_time_token(session, name)


def redeem(database, token) -> str:
    with database.writing() as session:
        return accounts.redeem(session, token)


def person(database, token):
    with database.reading() as session:
        return accounts.person_of(session, token)


def test_the_first_start_gives_one_token_once(database):
    token = accounts.first_start(database)
    assert accounts.first_start(database) is None
    found = person(database, redeem(database, token))
    assert (found.name, found.role) == ("administrator", Role.ADMINISTRATOR)


def test_workers_that_start_at_once_give_one_token(database):
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda _: accounts.first_start(database), range(6)))
    assert len([token for token in given if token]) == 1


def test_a_one_time_token_signs_in_once_and_is_no_sign_in_itself(database):
    token = one_time(database)
    with pytest.raises(NotSignedIn):
        person(database, token)
    signed_in = redeem(database, token)
    assert person(database, signed_in).name == "ana"
    for used in (token, signed_in):
        with pytest.raises(NotSignedIn):
            redeem(database, used)


def test_of_two_who_use_one_token_at_once_one_gets_in(database):
    token = one_time(database)

    def try_it(_):
        try:
            return redeem(database, token)
        except NotSignedIn:
            return None

    with ThreadPoolExecutor(8) as pool:
        assert len([each for each in pool.map(try_it, range(8)) if each]) == 1


def test_a_token_runs_out(database):
    signed_in = redeem(database, one_time(database))
    with database.writing() as session:
        session.execute(update(Token).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    with pytest.raises(NotSignedIn):
        person(database, signed_in)


def test_a_one_time_token_runs_out(database):
    token = one_time(database)
    with database.writing() as session:
        session.execute(update(Token).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    with pytest.raises(NotSignedIn):
        redeem(database, token)


def test_signing_out_ends_a_token_and_closing_an_account_all_of_them(database):
    first = redeem(database, one_time(database))
    with database.writing() as session:
        second = redeem_in(session)
        accounts.sign_out(session, first)
        accounts.sign_out(session, "no token at all \ud800")
    with pytest.raises(NotSignedIn):
        person(database, first)
    assert person(database, second).name == "ana"
    with database.writing() as session:
        left = accounts.one_time_token(session, "ana")
        accounts.close_user(session, "ana")
    for token in (second, left):
        with pytest.raises(NotSignedIn):
            person(database, token)
    with pytest.raises(NotSignedIn):
        redeem(database, left)


def redeem_in(session) -> str:
    return accounts.redeem(session, accounts.one_time_token(session, "ana"))


@pytest.mark.parametrize("wrong", ["", " ", "x" * 10_000, "\x00", "😀", "' OR 1=1 --", "\udfff"])
def test_what_is_no_token_signs_nobody_in(database, wrong):
    one_time(database)
    with pytest.raises(NotSignedIn):
        person(database, wrong)
    with pytest.raises(NotSignedIn):
        redeem(database, wrong)


def test_a_token_is_kept_as_a_hash_with_its_expiry(database):
    signed_in = redeem(database, one_time(database))
    with database.reading() as session:
        kept = session.scalars(select(Token)).all()
        assert all(len(each.hash) == 64 and each.hash != signed_in for each in kept)
        assert all(each.expires_at <= each.made_at + timedelta(days=1) for each in kept)


def test_there_is_no_password():
    names = [column.name for table in Row.metadata.tables.values() for column in table.columns]
    assert not [name for name in names if "password" in name or "secret" in name]


@pytest.mark.parametrize(
    ("given", "wanting"),
    [
        ({"name": "", "role": Role.REVIEWER}, "needs a name"),
        ({"name": " ana", "role": Role.REVIEWER}, "needs a name"),
        ({"name": "ben", "role": Role.OFFICER}, "needs a scope"),
        ({"name": "ben", "role": Role.REVIEWER, "schools": [ASH]}, "Only officers"),
        ({"name": "ben", "role": Role.OFFICER, "statuses": ["naughty"]}, "1 statuses"),
        ({"name": "ana", "role": Role.REVIEWER}, "never used twice"),
        ({"name": "ben", "role": Role.REVIEWER, "subject": "https://a b"}, "Another account"),
        ({"name": "b\x00n", "role": Role.REVIEWER}, "is no text"),
    ],
)
def test_an_account_that_cannot_be_is_refused(database, given, wanting):
    with database.writing() as session:
        accounts.add_user(session, "ana", Role.REVIEWER, subject="https://a b")
    with pytest.raises(RecordsRefused, match=wanting), database.writing() as session:
        accounts.add_user(session, **given)


def test_a_closed_name_is_never_used_again(database):
    one_time(database)
    with database.writing() as session:
        accounts.close_user(session, "ana")
    with pytest.raises(RecordsRefused, match="open or closed"):
        one_time(database)
    with pytest.raises(NotThere), database.writing() as session:
        accounts.close_user(session, "ana")


@pytest.mark.parametrize("lasts", [timedelta(0), timedelta(days=91)])
def test_a_token_that_lasts_too_long_or_not_at_all_is_refused(database, lasts):
    with database.writing() as session:
        made = accounts.add_user(session, "ana", Role.REVIEWER)
    with pytest.raises(RecordsRefused), database.writing() as session:
        accounts.issue(session, made.id, lasts)


def test_people_come_back_with_their_scopes(database):
    with database.writing() as session:
        made = accounts.add_user(
            session, "ana", Role.OFFICER, [ASH, 100002], ["Edge & Valley"], ["looked_after"]
        )
        assert accounts.users(session) == [made]
    assert made.schools == {ASH, 100002}
    assert (made.districts, made.statuses) == ({"Edge & Valley"}, {"looked_after"})
