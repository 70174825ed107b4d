"""Sign-in against a provider that runs beside the tests and asks for PKCE."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select, update

from serving.database.tables import SignIn, Token
from serving.errors import NotSignedIn, ProviderRefused
from serving.security import accounts
from serving.security.access import Role
from serving.security.sign_in import NotAdded, Provider, account_of, begin_sign_in, end_sign_in, subject_of
from tests.provider import SECRET, running_provider


@pytest.fixture(scope="module")
def provider():
    with running_provider() as issuer:
        yield Provider(issuer, "pathways", SECRET, "https://pathways.example/v1/sign-in/back")


@pytest.fixture
def ana(database, provider):
    with database.writing() as session:
        return accounts.add_user(session, "ana", Role.REVIEWER, subject=subject_of(provider.issuer, "ana"))


def agree(address: str, sub: str) -> tuple[str, str]:
    """The browser's part: the person says yes, and is sent back with a state and a code."""
    answer = httpx.post(address, data={"sub": sub})
    assert answer.status_code == 302
    back = parse_qs(urlsplit(answer.headers["location"]).query)
    return back["state"][0], back["code"][0]


def test_whoever_was_added_is_signed_in(database, provider, ana):
    address, kept = begin_sign_in(database, provider)
    state, code = agree(address, "ana")
    token = end_sign_in(database, provider, state, kept, code)
    with database.reading() as session:
        assert accounts.person_of(session, token) == ana


def test_the_request_carries_a_challenge_and_a_nonce_and_no_secret(database, provider):
    address, _ = begin_sign_in(database, provider)
    asked = parse_qs(urlsplit(address).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["nonce"][0]) > 40
    assert "secret" not in address


def test_whoever_was_not_added_is_told_by_what_to_be_added(database, provider, ana):
    address, kept = begin_sign_in(database, provider)
    state, code = agree(address, "somebody")
    with pytest.raises(NotAdded) as refused:
        end_sign_in(database, provider, state, kept, code)
    assert refused.value.subject == subject_of(provider.issuer, "somebody")


def test_the_same_sub_at_another_provider_is_somebody_else(database, provider):
    with database.writing() as session:
        accounts.add_user(session, "ana", Role.REVIEWER, subject=subject_of("https://other.example", "ana"))
    address, kept = begin_sign_in(database, provider)
    with pytest.raises(NotAdded):
        end_sign_in(database, provider, *_order(agree(address, "ana"), kept))


def test_a_sign_in_ends_once(database, provider, ana):
    address, kept = begin_sign_in(database, provider)
    state, code = agree(address, "ana")
    end_sign_in(database, provider, state, kept, code)
    with pytest.raises(NotSignedIn):
        end_sign_in(database, provider, state, kept, code)


def test_a_sign_in_that_another_browser_began_is_refused(database, provider, ana):
    address, _ = begin_sign_in(database, provider)
    _, own = begin_sign_in(database, provider)
    state, code = agree(address, "ana")
    with pytest.raises(NotSignedIn):
        end_sign_in(database, provider, state, own, code)


def test_a_code_of_another_sign_in_is_refused(database, provider, ana):
    """The code was asked for with another challenge: PKCE is what stops it."""
    address, _ = begin_sign_in(database, provider)
    _, stolen = agree(address, "ana")
    address, kept = begin_sign_in(database, provider)
    state, _ = agree(address, "ana")
    with pytest.raises(NotSignedIn):
        end_sign_in(database, provider, state, kept, stolen)


def test_a_wrong_nonce_is_refused(database, provider, ana):
    address, kept = begin_sign_in(database, provider)
    state, code = agree(address, "ana")
    with database.writing() as session:
        session.execute(update(SignIn).values(nonce="another"))
    with pytest.raises(NotSignedIn):
        end_sign_in(database, provider, state, kept, code)


def test_a_token_for_another_client_is_refused(database, provider, ana):
    address, kept = begin_sign_in(database, replace(provider, client_id="another"))
    state, code = agree(address, "ana")
    with pytest.raises(NotSignedIn):
        end_sign_in(database, provider, state, kept, code)


def test_a_sign_in_that_took_too_long_is_refused_and_swept_away(database, provider, ana):
    address, kept = begin_sign_in(database, provider)
    with database.writing() as session:
        session.execute(update(SignIn).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    with pytest.raises(NotSignedIn):
        end_sign_in(database, provider, *_order(agree(address, "ana"), kept))
    begin_sign_in(database, provider)
    with database.reading() as session:
        assert len(session.scalars(select(SignIn)).all()) == 1


def test_neither_state_nor_token_is_kept(database, provider, ana, tmp_path):
    address, kept = begin_sign_in(database, provider)
    state, code = agree(address, "ana")
    token = end_sign_in(database, provider, state, kept, code)
    with database.reading() as session:
        assert session.scalars(select(Token.hash)).all() != [token]
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token.encode() not in held
    assert kept.encode() not in held


@pytest.mark.parametrize("issuer", ["http://localhost:9", "http://provider.example", "https://localhost:9"])
def test_a_provider_that_is_not_there_or_not_safe_is_refused(database, provider, issuer):
    with pytest.raises(ProviderRefused):
        begin_sign_in(database, replace(provider, issuer=issuer))


def test_a_provider_that_names_itself_otherwise_is_refused(database, provider):
    with pytest.raises(ProviderRefused, match="another provider"):
        begin_sign_in(
            database, replace(provider, issuer=provider.issuer.replace("localhost", "127.0.0.1") + "/")
        )


def _order(back: tuple[str, str], kept: str) -> tuple[str, str, str]:
    state, code = back
    return state, kept, code


@pytest.fixture
def grouped(provider):
    return replace(provider, groups={"IP-Reviewers": Role.REVIEWER, "IP-Managers": Role.MANAGER})


@pytest.mark.parametrize(
    ("groups", "role"),
    [
        (["IP-Managers"], Role.MANAGER),
        (["others", "IP-Reviewers"], Role.REVIEWER),
        ([], None),
        (["ip-managers"], None),  # a group's name is as it is written
        (["IP-Reviewers", "IP-Managers"], None),  # which of the two is for an administrator to say
        ("IP-Managers", None),
        ([["IP-Managers"]], None),
        (None, None),
    ],
)
def test_a_group_of_the_providers_stands_for_a_role(database, grouped, groups, role):
    claims = {"sub": "gus", "groups": groups}
    if role is None:
        with pytest.raises(NotAdded), database.writing() as session:
            account_of(session, grouped, claims)
        return
    with database.writing() as session:
        user = account_of(session, grouped, claims)
        assert account_of(session, grouped, claims) == user
        (made,) = [each for each in accounts.users(session) if each.id == user]
    assert (made.role, made.name) == (role, subject_of(grouped.issuer, "gus"))


def test_whoever_left_the_group_is_not_signed_in(database, grouped, ana):
    with database.writing() as session:
        assert account_of(session, grouped, {"sub": "ana", "groups": ["IP-Reviewers"]}) == ana.id
    for groups in ([], ["IP-Managers"]):
        with pytest.raises(NotSignedIn), database.writing() as session:
            account_of(session, grouped, {"sub": "ana", "groups": groups})
    with database.writing() as session:
        other = accounts.add_user(
            session, "dpo", Role.INFORMATION_GOVERNANCE, subject=subject_of(grouped.issuer, "dpo")
        )
        assert account_of(session, grouped, {"sub": "dpo"}) == other.id  # no group stands for that role


def test_a_closed_account_is_not_opened_again_by_a_group_under_its_name(database, grouped):
    claims = {"sub": "gus", "groups": ["IP-Managers"]}
    with database.writing() as session:
        account_of(session, grouped, claims)
        accounts.close_user(session, subject_of(grouped.issuer, "gus"))
    with pytest.raises(NotAdded), database.writing() as session:
        account_of(session, grouped, claims)
