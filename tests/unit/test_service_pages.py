"""The meeting's pages: sign in, read one's own lists, and nobody else's; no script but the one."""

import re
from html.parser import HTMLParser

import pytest

from tests.served import Served, served


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


def page(service: Served, path: str, who: str = ""):
    return service.ask("GET", path, headers={"Cookie": f"pathways={service.tokens[who]}"} if who else None)


def test_whoever_is_not_signed_in_sees_a_way_in_and_no_child(service):
    found = page(service, "/")
    assert found.status_code == 200 and "One-time code" in found.text and "MADE-UP DATA" in found.text
    assert "/schools/" not in found.text
    assert page(service, f"/schools/{service.school}").status_code == 401


def test_an_officer_finds_the_own_school_and_its_list_with_cards(service):
    start = page(service, "/", "officer").text
    assert (
        re.findall(r'href="/schools/([0-9]+)"', start) == [str(service.school)] and "/districts/" not in start
    )
    found = page(service, f"/schools/{service.school}", "officer")
    assert found.status_code == 200 and found.headers["content-type"].startswith("text/html")
    assert (
        'class="card"' in found.text and "Not to be used for" in found.text and "MADE-UP DATA" in found.text
    )
    asked = {"as_of": "2025-05-23", "of": {"school": service.school}}
    listed = service.ask("POST", "/v1/list", "officer", asked).json()["listed"]
    assert listed and all(each["name"] in found.text for each in listed)
    assert page(service, f"/schools/{service.other_school}", "officer").status_code == 404


def test_a_districts_officer_reads_the_districts_list(service):
    start = page(service, "/", "neighbour").text
    number = re.findall(r'href="/districts/([0-9]+)"', start)
    assert len(number) == 1
    found = page(service, f"/districts/{number[0]}", "neighbour")
    assert found.status_code == 200 and f"{service.district(service.other_school)} district" in found.text


def test_whoever_reads_no_lists_is_told_so(service):
    assert "reads no lists" in page(service, "/", "reviewer").text
    theirs = page(service, f"/schools/{service.school}", "data_scientist").text
    listed = service.ask(
        "POST", "/v1/list", "officer", {"as_of": "2025-05-23", "of": {"school": service.school}}
    ).json()["listed"]
    assert not any(each["name"] in theirs for each in listed) and "has no names" in theirs


def test_pages_run_no_script_but_the_one(service):
    class Scripts(HTMLParser):
        found: list[tuple[str, str]] = []

        def handle_starttag(self, tag, attrs):
            said = dict(attrs)
            if tag == "script":
                self.found.append(("script", said.get("src") or "inline"))
            self.found += [(name, value) for name, value in attrs if name.startswith("on")]

    for path, who in (("/", ""), ("/", "officer"), (f"/schools/{service.school}", "officer")):
        reader = Scripts()
        reader.feed(page(service, path, who).text)
    assert set(Scripts.found) == {("script", "/web/sign_in.js")}
    assert page(service, "/web/sign_in.js").headers["content-type"].startswith("text/javascript")
    assert "script-src 'self'" in page(service, "/").headers["content-security-policy"]
