"""Sign-in at the service's own door: one-time tokens, the authority's provider, and signing out."""

from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from sqlalchemy import select

from serving.database.tables import LogEntry
from serving.security.access import Role
from serving.security.accounts import add_user, one_time_token
from serving.security.sign_in import Provider, subject_of
from tests.provider import SECRET, running_provider
from tests.served import AS_OF, Served, served, the_desk  # imported there without other people's warnings


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


def test_a_one_time_token_signs_in_once_and_sign_out_ends_it(service):
    with the_desk().database.writing() as session:
        once = one_time_token(session, "made-up reviewer")
    first = service.ask("POST", "/v1/sign-in", body={"one_time": once})
    assert first.status_code == 200 and first.json()["role"] == "reviewer"
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert service.ask("POST", "/v1/sign-in", body={"one_time": once}).status_code == 401
    signed = {"Authorization": f"Bearer {first.json()['token']}"}
    assert service.ask("GET", "/v1/version", headers=signed).status_code == 200
    assert service.ask("POST", "/v1/sign-out", body={}, headers=signed).status_code == 200
    assert service.ask("GET", "/v1/version", headers=signed).status_code == 401


def test_without_a_provider_there_is_no_such_way_in(service):
    assert service.ask("GET", "/v1/sign-in/begin").status_code == 404


def test_a_provider_that_is_down_is_told_in_words_with_another_way_in(service):
    """Whoever signs in has a browser: it shows a page, and not a document for programs."""
    desk = the_desk()
    desk.provider = Provider("http://localhost:9", "pathways", SECRET, f"{service.url}/v1/sign-in/back")
    try:
        for path in ("/v1/sign-in/begin", "/v1/sign-in/back?state=a&code=b"):
            found = service.ask("GET", path, headers={"Cookie": "pathways_sign_in=a"})
            assert found.status_code == 503 and found.headers["retry-after"].isdigit()
            assert found.headers["content-type"].startswith("text/html")
            assert "cannot be reached" in found.text and "one-time token" in found.text
    finally:
        desk.provider = None


def test_the_authoritys_provider_signs_in_whom_an_administrator_added(service):
    desk = the_desk()
    with running_provider() as issuer:
        desk.provider = Provider(issuer, "pathways", SECRET, f"{service.url}/v1/sign-in/back")
        try:
            with desk.database.writing() as session:
                add_user(session, "Ana", Role.REVIEWER, subject=subject_of(issuer, "ana"))
            begun = service.ask("GET", "/v1/sign-in/begin")
            assert begun.status_code == 303 and "code_challenge_method=S256" in begun.headers["location"]
            state = SimpleCookie(begun.headers["set-cookie"])["pathways_sign_in"].value
            agreed = httpx.post(begun.headers["location"], data={"sub": "ana"})
            way_back = urlsplit(agreed.headers["location"])
            path = f"{way_back.path}?{way_back.query}"
            stolen = service.ask("GET", path)
            assert stolen.status_code == 401
            begun = service.ask("GET", "/v1/sign-in/begin")
            state = SimpleCookie(begun.headers["set-cookie"])["pathways_sign_in"].value
            agreed = httpx.post(begun.headers["location"], data={"sub": "ana"})
            way_back = urlsplit(agreed.headers["location"])
            assert parse_qs(way_back.query)["state"] == [state]
            ended = service.ask(
                "GET", f"{way_back.path}?{way_back.query}", headers={"Cookie": f"pathways_sign_in={state}"}
            )
            # No redirect: on a way that another site began, the browser would leave a strict cookie behind.
            assert ended.status_code == 200 and 'http-equiv="refresh" content="0; url=/"' in ended.text
            kept = [SimpleCookie(value) for value in ended.headers.get_list("set-cookie")]
            token = next(each["pathways"].value for each in kept if "pathways" in each)
            assert (
                service.ask("GET", "/v1/version", headers={"Authorization": f"Bearer {token}"}).status_code
                == 200
            )
        finally:
            desk.provider = None


def rows_of(request: str) -> list[LogEntry]:
    with the_desk().database.reading() as session:
        return list(session.scalars(select(LogEntry).where(LogEntry.request == request)))


def test_signing_in_right_or_wrong_and_a_token_that_is_nobodys_are_rows(service):
    with the_desk().database.writing() as session:
        once = one_time_token(session, "made-up reviewer")
    right = service.ask("POST", "/v1/sign-in", body={"one_time": once})
    wrong = service.ask("POST", "/v1/sign-in", body={"one_time": once})
    page = service.ask("POST", "/sign-in", headers={"Origin": service.url}, data={"one_time": "no such code"})
    token = service.ask("GET", "/v1/version", headers={"Authorization": "Bearer no-such-token"})
    assert [answer.status_code for answer in (right, wrong, page, token)] == [200, 401, 401, 401]
    found = [rows_of(answer.headers["x-request-id"]) for answer in (right, wrong, page, token)]
    assert [[(row.person, row.action, row.outcome) for row in rows] for rows in found] == [
        [("made-up reviewer", "sign_in", "recorded")],
        *[[("", "sign_in", "refused")]] * 3,
    ]
    for rows in found:
        assert once not in rows[0].what and "no such" not in rows[0].what and "no-such" not in rows[0].what


def test_a_wrong_token_at_the_start_is_a_row(service):
    found = service.ask("GET", "/", headers={"Cookie": "pathways=no-such-token"})
    # 401, as everywhere else: it is what the gate keeps back, longer the more there were.
    assert found.status_code == 401 and "one_time" in found.text
    (row,) = rows_of(found.headers["x-request-id"])
    assert (row.person, row.action, row.outcome) == ("", "sign_in", "refused") and "no-such" not in row.what
    assert rows_of(service.ask("GET", "/").headers["x-request-id"]) == []


def test_whoever_is_refused_a_child_is_in_the_log_under_the_childs_token(service):
    (elsewhere, *_) = service.pupils(service.other_school, "listed")
    day = AS_OF.isoformat()
    asked = {"as_of": day, "pupil": elsewhere}
    seen = service.ask("POST", "/v1/explain", "neighbour", asked)
    assert seen.status_code == 200
    (row,) = rows_of(seen.headers["x-request-id"])
    token = row.tokens
    assert token
    refused = service.ask("POST", "/v1/screenings", "officer", {"pupil": elsewhere, "meeting_on": day})
    assert refused.status_code == 404
    (row,) = rows_of(refused.headers["x-request-id"])
    assert (row.person, row.outcome, row.tokens) == ("made-up officer", "refused", token)
