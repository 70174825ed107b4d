"""The administrator's desk: somebody added with a code that is shown once, ended, and whether the log holds."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from serving.database.tables import LogEntry
from tests.served import Served, served, the_desk
from tests.unit.test_service_pages import Officer


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


@pytest.fixture
def keeper(service) -> Officer:
    found = Officer(service, "administrator")
    found.go("/accounts")
    return found


def name() -> str:
    return f"made-up {uuid4().hex}"


def added(keeper: Officer, who: str, **typed: object) -> str:
    """The code of somebody who was added."""
    found = keeper.send("/accounts", name=who, **typed)
    assert found.status_code == 200, found.text
    return re.search(rf"One-time code for {who}</h2>\s*<p><code>([^<]+)</code>", found.text)[1]


def row_of(page: str, who: str) -> str:
    return re.search(rf'<th scope="row">{re.escape(who)}</th>(.*?)</tr>', page, re.DOTALL)[1]


def test_somebody_is_added_and_signs_in_with_the_code_once(service, keeper):
    who = name()
    code = added(keeper, who, role="officer", schools=str(service.school))
    assert code not in keeper.go("/accounts").text
    mine = row_of(keeper.page, who)
    assert "Officer of a meeting" in mine and "A code waits" in mine and "never" in mine
    assert service.ask("POST", "/sign-in", data={"one_time": code}).status_code == 303
    assert service.ask("POST", "/sign-in", data={"one_time": code}).status_code == 401
    again = row_of(keeper.go("/accounts").text, who)
    assert "A code waits" not in again and "never" not in again and '<td class="num">1</td>' in again


def test_a_new_code_ends_the_sign_ins_before_it(service, keeper):
    who = name()
    first = added(keeper, who, role="reviewer")
    token = service.ask("POST", "/v1/sign-in", body={"one_time": first}).json()["token"]
    assert service.ask("GET", "/v1/version", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    keeper.go("/accounts")
    number = re.search(r"/accounts/([0-9]+)/codes", row_of(keeper.page, who))[1]
    assert keeper.send(f"/accounts/{number}/codes").status_code == 200
    assert service.ask("GET", "/v1/version", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    with the_desk().database.reading() as session:
        said = list(session.scalars(select(LogEntry.what).where(LogEntry.what.contains(who))))
    assert any(each == f"one-time token for {who}; those before ended" for each in said)


def number_of(keeper: Officer, who: str) -> str:
    return re.search(r"/accounts/([0-9]+)/codes", row_of(keeper.go("/accounts").text, who))[1]


def test_an_officer_gets_other_schools_and_what_they_see_changes_with_the_next_page(service, keeper):
    who = name()
    code = added(keeper, who, role="officer", schools=str(service.school))
    token = service.ask("POST", "/v1/sign-in", body={"one_time": code}).json()["token"]

    def answered(urn: int) -> int:
        return service.ask("GET", f"/schools/{urn}", headers={"Cookie": f"pathways={token}"}).status_code

    assert (answered(service.school), answered(service.other_school)) == (200, 404)
    number = number_of(keeper, who)
    assert re.search(rf'id="{number}-schools"[^>]*>\s*{service.school}<', keeper.page)
    changed = keeper.send(
        f"/accounts/{number}/scopes", schools=str(service.other_school), statuses=["looked_after"]
    )
    assert changed.status_code == 200 and "Looked after" in row_of(changed.text, who)
    assert (answered(service.school), answered(service.other_school)) == (404, 200)
    with the_desk().database.reading() as session:
        (row,) = session.scalars(select(LogEntry).where(LogEntry.what == f"about whom {who} may ask changed"))
        assert row.person == "made-up administrator"


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"schools": ""}, "An officer needs a scope."),
        ({"schools": "999999"}, "No list here knows 1 of these schools."),
        ({"schools": "a school"}, "1 of the lines are no URN"),
        ({"schools": "", "districts": "Nowhere"}, "1 of these are no district here"),
    ],
)
def test_scopes_that_cannot_be_are_refused_beside_their_field_and_nothing_changes(
    service, keeper, typed, says
):
    who = name()
    added(keeper, who, role="officer", schools=str(service.school))
    number = number_of(keeper, who)
    before = row_of(keeper.page, who).split("</td>")[1]
    refused = keeper.send(f"/accounts/{number}/scopes", **typed)
    assert (
        refused.status_code == 422
        and says in refused.text.split(f'<details id="s{number}" open>')[1].split("</details>")[0]
    )
    assert row_of(keeper.go("/accounts").text, who).split("</td>")[1] == before


def test_only_officers_and_only_others_get_scopes(service, keeper):
    who = name()
    added(keeper, who, role="reviewer")
    number = number_of(keeper, who)
    assert f'action="/accounts/{number}/scopes"' not in keeper.page
    said = {
        "form_token": re.search(r'name="form_token" value="([^"]+)"', keeper.page)[1],
        "schools": str(service.school),
    }
    assert "Only officers have schools" in keeper.post(f"/accounts/{number}/scopes", data=said).text
    assert keeper.post("/accounts/999999/scopes", data=said).status_code == 404


def test_a_closed_account_is_gone_and_its_name_is_not_used_again(service, keeper):
    who = name()
    code = added(keeper, who, role="reviewer")
    keeper.go("/accounts")
    number = re.search(r"/accounts/([0-9]+)/close", row_of(keeper.page, who))[1]
    closed = keeper.send(f"/accounts/{number}/close")
    assert closed.status_code == 200 and f'<th scope="row">{who}</th>' not in closed.text
    assert service.ask("POST", "/sign-in", data={"one_time": code}).status_code == 401
    refused = keeper.send("/accounts", name=who, role="reviewer")
    assert (
        refused.status_code == 422 and "never used twice" in refused.text and f'value="{who}"' in refused.text
    )
    token = re.search(r'name="form_token" value="([^"]+)"', keeper.page)[1]
    assert keeper.post(f"/accounts/{number}/close", data={"form_token": token}).status_code == 404


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        ({"role": "officer"}, "schools", "needs a scope"),
        ({"role": "officer", "schools": "12345"}, "schools", "six digits"),
        ({"role": "officer", "schools": "999999"}, "schools", "No list here knows"),
        ({"role": "officer", "districts": "Atlantis"}, "districts", "no district here"),
        ({"role": "reviewer", "schools": "SCHOOL"}, "role", "Only officers have scopes"),
        ({"role": ""}, "role", "Choose one"),
        ({"role": "reviewer", "name": ""}, "name", "Say this."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(service, keeper, typed, field, says):
    sent = {key: str(service.school) if value == "SCHOOL" else value for key, value in typed.items()}
    refused = keeper.send("/accounts", **{"name": name(), **sent})
    assert refused.status_code == 422
    assert says in re.search(rf'id="{field}-wrong">([^<]+)', refused.text)[1]


def test_nobody_ends_their_own_sign_in_by_mistake(service, keeper):
    assert "your own" in row_of(keeper.page, "made-up administrator")
    with the_desk().database.reading() as session:
        own = session.scalar(text("SELECT id FROM users WHERE name = 'made-up administrator'"))
    token = re.search(r'name="form_token" value="([^"]+)"', keeper.page)[1]
    for what in ("codes", "close"):
        refused = keeper.post(f"/accounts/{own}/{what}", data={"form_token": token})
        assert refused.status_code == 422 and "your own account" in refused.text
    assert keeper.go("/accounts").status_code == 200


def test_the_page_of_the_service_says_what_runs_and_whether_the_log_holds(service, keeper):
    found = keeper.go("/service")
    assert found.status_code == 200 and "demonstration-1" in found.text and "23 May 2025" in found.text
    checked = keeper.send("/service/log-checks")
    assert checked.status_code == 200 and "rows were read" in checked.text
    assert ("The log holds" in checked.text) != ("not as they should be" in checked.text)
