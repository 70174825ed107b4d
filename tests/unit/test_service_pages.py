"""The meeting's pages: sign in, read one's own lists, hold a meeting whole, and see nobody else's; no script."""

import html
import re
from datetime import date, timedelta
from itertools import count
from types import SimpleNamespace

import httpx
import pandas as pd
import pytest

from serving.http.pages import WAYS
from serving.lists.pages import changes_of
from serving.security.access import Role
from serving.security.accounts import one_time_token
from serving.wording import FAMILIES
from tests.served import Served, served, the_desk

WAYS_OF_OFFICER = (
    "/",
    "/referrals",
    "/reviews",
    "/reviews?show=overdue",
    "/screenings",
    "/caseloads",
    "/caseloads/1",
    "/wrong-facts",
    "/figures",
    "/districts/1/profile",
)


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
    assert "reads no lists" in page(service, "/", "caseload").text
    theirs = page(service, f"/schools/{service.school}", "data_scientist").text
    listed = service.ask(
        "POST", "/v1/list", "officer", {"as_of": "2025-05-23", "of": {"school": service.school}}
    ).json()["listed"]
    assert not any(each["name"] in theirs for each in listed) and "has no names" in theirs


def test_pages_run_no_script_and_fetch_nothing(service):
    for path, who in (
        ("/", ""),
        ("/", "officer"),
        (f"/schools/{service.school}", "officer"),
        ("/figures", "reviewer"),
    ):
        found = page(service, path, who)
        assert "<script" not in found.text and not re.search(r"\son\w+=", found.text)
        policy = found.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "script-src" not in policy


class Officer:
    """Somebody with a browser: what a page's form holds is sent with what is typed."""

    def __init__(self, service: Served, who: str = "officer") -> None:
        self.service, self.cookie = service, {"Cookie": f"pathways={service.tokens[who]}"}
        self.page = ""

    def go(self, path: str) -> httpx.Response:
        found = self.service.ask("GET", path, headers=self.cookie)
        self.page = found.text
        return found

    def post(self, path: str, headers: dict[str, str] | None = None, **sent: object) -> httpx.Response:
        return self.service.ask("POST", path, headers={**self.cookie, **(headers or {})}, **sent)

    def send(self, action: str, path: str = "", **typed: object) -> httpx.Response:
        """The form with an action on the page at hand; to another path where a button says so."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', self.page, re.DOTALL)
        assert form, action
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[1]))
        found = self.post(path or action, data={**hidden, **typed})
        if found.status_code == 303:
            return self.go(found.headers["location"])
        self.page = found.text
        return found

    def begin_first(self, on: str, whose: str = "") -> httpx.Response:
        """Press the first card's button on a list, or that of a card by its id, for a day."""
        _, card, page = self.page.partition(f'id="{whose}"') if whose else ("", "all", self.page)
        button = re.search(r'<button form="begin" name="pupil" value="([^"]+)"', page)
        assert card and button
        return self.send("/screenings", pupil=button[1], meeting_on=on)


VIEW = {
    "considered": ["family"],
    "considered_words": "Her mother came.",
    "view": "A bright girl who lost a friend.",
}
SETTLED = {
    **VIEW,
    "was_known": "no",
    "outcome": "targeted",
    "needs": ["friendships", "attendance"],
    "review_on": "2099-01-01",
}


@pytest.fixture
def officer(service) -> Officer:
    found = Officer(service)
    found.go("/")
    for number in re.findall(r"/screenings/([0-9]+)", found.page):
        found.go(f"/screenings/{number}")
        found.send(f"/screenings/{number}/set-aside", words="Of another test.")
    return found


DAYS = count()  # another day for every screening, as of one child on one day a second is asked about


def another_day() -> str:
    return (date(2025, 6, 10) + timedelta(days=next(DAYS))).isoformat()


@pytest.fixture
def begun(service, officer) -> str:
    """The path of a screening that the officer began from the list's first card."""
    officer.go(f"/schools/{service.school}")
    found = officer.begin_first(another_day())
    assert found.status_code == 200
    return found.url.path


def test_a_meeting_is_held_whole_with_a_browser(service, officer):
    officer.go(f"/schools/{service.school}")
    not_begun = re.search(r'<a href="#(p[^"]+)">[^<]+</a></th>\s*<td>\s*Not begun', officer.page)
    assert not_begun  # a view that stands in another screening of the child opens the frequency too
    begun = officer.begin_first(another_day(), not_begun[1]).url.path
    assert "on the test dates" not in officer.page and "What the records say" in officer.page
    early = officer.send(begun, f"{begun}/frequency", view="Only a view.")
    assert early.status_code == 409 and "on the test dates" not in early.text
    assert "Only a view." in early.text  # it is recorded, and in the form
    officer.go(begun)
    opened = officer.send(begun, f"{begun}/frequency", **VIEW)
    assert opened.status_code == 200 and "on the test dates" in opened.text
    told = service.ask("GET", f"/v1{begun}", "officer").json()
    assert told["frequency_opened_at"] and told["now"]["version"] == 3
    done = officer.send(begun, **SETTLED)
    assert "Settled" in done.text and "Hold a review" in done.text
    again = officer.send(begun, **SETTLED)
    assert service.ask("GET", f"/v1{begun}", "officer").json()["now"]["version"] == 4, again.text
    officer.send(
        f"{begun}/reviews", held_on=["1", "9", "2025"], review_found="She is well.", review_next="ends", review_on=["", "", ""],
        considered=["family"],
    )  # fmt: skip
    now = service.ask("GET", f"/v1{begun}/versions", "officer").json()["versions"]
    assert [each["state"] for each in now] == ["open", "open", "open", "done", "done"]
    assert now[-1]["review_held_on"] == "2025-09-01" and now[-2]["view"] == VIEW["view"]
    assert "She is well." in officer.page


def test_a_list_says_which_of_its_children_were_screened_already(service, officer, begun):
    officer.go(f"/schools/{service.school}")
    said = re.findall(
        rf'<a href="{begun}\?of=s{service.school}">screening of [0-9]+ \w+ 2025</a>\. ([^<.]+)', officer.page
    )
    assert said == ["Open: nothing is settled yet"]
    neighbour = page(service, "/", "neighbour").text
    (number,) = re.findall(r'href="/districts/([0-9]+)"', neighbour)
    assert f'href="{begun}' not in page(service, f"/districts/{number}", "neighbour").text


def test_beside_each_child_stands_where_it_is_and_the_list_can_be_asked_by_it(service, officer, begun):
    path = f"/schools/{service.school}"
    listed = officer.go(path).text
    rows = re.findall(
        r'<tr><th scope="row"><a href="#p[^"]*">([^<]+)</a></th>\s*<td>\s*(.*?)\s*</td>', listed, re.DOTALL
    )
    stands = [re.sub(r"<[^>]+>|\s+$", "", said) for _, said in rows]
    assert sum("Open, meeting of" in said for said in stands) == 1
    assert "Not begun" in stands and len(rows) == listed.count('<article class="card"')
    for state, found in (("open", 1), ("not_begun", stands.count("Not begun")), ("nothing such", 0)):
        assert officer.go(f"{path}?state={state}").text.count('<article class="card"') == found, state
    officer.go(path)
    officer.page = service.ask("GET", begun, headers=officer.cookie).text
    officer.send(begun, **SETTLED)
    on = date.fromisoformat(service.ask("GET", f"/v1{begun}", "officer").json()["meeting_on"])
    assert f"Settled on {on.day} {on:%B %Y}: Targeted" in officer.go(path).text
    assert officer.go(f"{path}?page=99&year=").status_code == 200
    assert officer.go(f"{path}?colour=red").status_code == 400


def test_a_districts_list_comes_in_pages_that_are_light_and_each_child_is_on_one(service):
    officer = Officer(service, "neighbour")
    (number,) = re.findall(r'href="/districts/([0-9]+)"', officer.go("/").text)
    seen, path = [], f"/districts/{number}"
    for address in [path, *sorted(set(re.findall(rf"{path}\?page=[2-9]", officer.go(path).text)))]:
        found = officer.go(address).text
        assert len(found.encode()) < 200_000, (address, len(found.encode()))
        shown = re.findall(r'<article class="card" id="p([^"]+)"', found)
        assert 0 < len(shown) <= 50
        assert set(re.findall(r'<a href="#p([^"]+)"', found)) == set(shown)
        seen += shown
    asked = {"as_of": "2025-05-23", "of": {"district": service.district(service.other_school)}}
    told = service.ask("POST", "/v1/list", "neighbour", asked).json()
    assert len(seen) == len(set(seen)) == len(told["listed"]) + len(told["could_go_either_way"]) > 50


@pytest.mark.parametrize(
    ("who", "home"),
    [
        ("information_governance", "/rights"),
        ("administrator", "/accounts"),
        ("reviewer", "/release"),
        ("manager", "/figures"),
        ("officer", ""),
        ("data_scientist", ""),
    ],
)
def test_every_role_has_a_home_and_a_help_of_its_own(service, who, home):
    found = page(service, "/", who)
    assert (found.status_code, found.headers.get("location", "")) == ((303, home) if home else (200, ""))
    at_home = page(service, home or "/", who)
    assert at_home.status_code == 200 and 'href="/help"' in at_home.text
    told = page(service, "/help", who)
    assert told.status_code == 200 and "in the access log" in told.text
    everyone = {
        page(service, "/help", role.value).text.partition("<h1>")[2].partition("</h1>")[0] for role in Role
    }
    assert len(everyone) == len(Role)
    ways = re.findall(
        r'<a href="(/[a-z/-]*)"', at_home.text.partition('class="ways"')[2].partition("</ul>")[0]
    )
    for path in {each[0] for each in WAYS}:
        assert (page(service, path, who).status_code in (200, 303)) == (path in ways or path == "/"), path


@pytest.mark.parametrize("who", ["", "officer", "manager"])
@pytest.mark.parametrize("path", ["/accessibility", "/privacy", "/glossary"])
def test_anybody_may_read_how_the_service_is_used_and_what_it_keeps(service, who, path):
    found = page(service, path, who)
    assert found.status_code == 200 and "<main" in found.text
    assert f'href="{path}"' in page(service, "/", who if who != "manager" else "").text


def test_what_is_wrong_is_said_beside_each_field_and_what_was_typed_stays(officer, begun):
    found = officer.send(
        begun, outcome="targeted", words="Kept <b>as typed</b>", review_on="2001-01-01", needs="attendance"
    )
    assert found.status_code == 422 and "Not recorded yet" in found.text
    for field in ("considered", "view", "was_known", "review_on"):
        assert f'id="{field}-wrong"' in found.text
    assert "Kept &lt;b&gt;as typed&lt;/b&gt;" in found.text
    assert re.search(r'value="targeted" checked', found.text) and re.search(
        r'value="attendance" checked', found.text
    )


@pytest.mark.parametrize("path", ["/", "/glossary", "/nowhere"])
def test_a_page_fetches_its_style_once_and_keeps_it(service, path):
    found = service.ask("GET", path, headers={"Accept": "text/html"}).text
    (address,) = re.findall(r'<link rel="stylesheet" href="([^"]+)">', found)
    style = service.ask("GET", address)
    assert style.status_code == 200 and style.headers["content-type"].startswith("text/css")
    assert "immutable" in style.headers["cache-control"] and ".ledger" in style.text
    assert service.ask("GET", path).headers["cache-control"] == "no-store"


def dead_links(page: str) -> list[str]:
    """Links to a part of the page that is not there."""
    return [name for name in re.findall(r'href="#([^"]+)"', page) if f'id="{name}"' not in page]


def test_what_is_wrong_is_said_in_the_form_that_was_sent_and_nowhere_else(service, officer, begun):
    officer.send(begun, **SETTLED)
    wrong = {
        f"{begun}/reviews": ({**SETTLED, "held_on": ["1", "1", "2001"], "review_on": ["31", "2", "2099"]}, {"r-review_on"}),
        f"{begun}/wrong-facts": ({"family": "weather", "fact": "a\u200b", "what_is_right": "", "told_by": "b"},
                                 {"w-family", "w-fact", "w-what_is_right"}),
    }  # fmt: skip
    for action, (typed, fields) in wrong.items():
        officer.go(begun)
        found = officer.send(action, **typed).text
        assert set(re.findall(r'id="([^"]+)-wrong"', found)) == fields
        assert set(re.findall(r'<li><a href="#([^"]+)"', found)) == fields and not dead_links(found)
    officer.go(begun)
    found = officer.send(f"{begun}/reviews", **{**SETTLED, "held_on": "2001-01-01"}).text
    wrong = {"r-held_on", "r-review_found", "r-review_next"}
    assert set(re.findall(r'id="([^"]+)-wrong"', found)) == wrong and not dead_links(found)


def test_what_was_typed_about_one_record_of_a_page_stays_beside_it(service, officer):
    pupil = service.pupils(service.school)[5]
    said = {"pupil": pupil, "route": "family", "referred_by": "mother", "reasons": "Of this test."}
    number = service.ask("POST", "/v1/referrals", "officer", said).json()["referral"]
    officer.go("/referrals")
    found = officer.send(f"/referrals/{number}/close", words="Seen\u200b already.").text
    assert set(re.findall(r'id="([^"]+)-wrong"', found)) == {f"{number}-words"} and not dead_links(found)
    assert re.search(
        rf'<textarea id="{number}-words".*?>\s*Seen\u200b already\.</textarea>', found, re.DOTALL
    )
    assert found.count("Seen\u200b already.") == 1


def said(page: str) -> str:
    """What the page says of what was recorded, as a reader reads it."""
    found = re.search(
        r'<p class="said" role="status">(.*?)</p>\s*(<section class="done".*?</section>)?', page, re.DOTALL
    )
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])) if found else ""


def test_a_save_says_what_was_kept_and_what_is_missing_and_an_empty_one_that_nothing_was(
    service, officer, begun
):
    assert "Begun. Nothing is said yet." in said(officer.page)
    kept = said(officer.send(begun, **VIEW).text)
    assert "Recorded: What the meeting considered; What that was; The meeting’s own view." in kept
    assert "Still missing, before it is settled: Did the meeting already know about this child?" in kept
    assert "A bright girl" not in kept
    same = officer.send(begun, **VIEW)
    assert "Nothing new was typed, so nothing was changed." in said(same.text)
    assert service.ask("GET", f"/v1{begun}", "officer").json()["now"]["version"] == 2


def test_a_save_empties_nothing_unless_that_is_meant(service, officer, begun):
    officer.send(begun, **VIEW, who_leads="Her form tutor")
    before = service.ask("GET", f"/v1{begun}", "officer").json()["now"]
    found = officer.send(begun, **{**VIEW, "view": "", "who_leads": " "})
    assert found.status_code == 422 and "<title>Error: " in found.text
    assert set(re.findall(r'id="([^"]+)-wrong"', found.text)) == {"view"} and not dead_links(found.text)
    assert service.ask("GET", f"/v1{begun}", "officer").json()["now"] == before
    meant = officer.send(begun, **{**VIEW, "view": "", "may_empty": "yes"})
    now = service.ask("GET", f"/v1{begun}", "officer").json()["now"]
    assert meant.status_code == 200 and (now["view"], now["version"]) == ("", 3)


def test_what_a_form_does_not_send_stays(service, officer, begun):
    officer.send(
        begun, **SETTLED, actions_what=["Ring home"], actions_who=["Tutor"], actions_by=["2", "6", "2099"]
    )
    proof = re.search(r'name="form_token" value="([0-9a-f]{64})"', officer.page)
    assert proof
    assert (
        officer.post(
            begun, data={"form_token": proof[1], "version": "2", "words": "One more thing."}
        ).status_code
        == 303
    )
    now = service.ask("GET", f"/v1{begun}", "officer").json()["now"]
    assert (now["words"], now["view"], now["needs"], now["review_on"], now["outcome"], now["was_known"]) == (
        "One more thing.", VIEW["view"], ["friendships", "attendance"], "2099-01-01", "targeted", False,
    )  # fmt: skip
    assert now["actions"] == [
        {"what": "Ring home", "who": "Tutor", "by": "2099-06-02", "became": None, "became_words": ""}
    ]


def test_rows_of_actions_are_read_by_row_and_a_wrong_day_is_said(service, officer, begun):
    rows = {"actions_what": ["Ring home", "", "Visit"], "actions_who": ["Tutor", "", ""]}
    wrong = officer.send(begun, **SETTLED, **rows, actions_by=["31", "2", "2099", "", "", "", "", "", ""])
    assert wrong.status_code == 422 and 'id="actions-wrong"' in wrong.text
    assert 'value="Visit"' in wrong.text and 'value="31"' in wrong.text
    officer.send(begun, **SETTLED, **rows, actions_by=["3", "2", "2099", "", "", "", "", "", ""])
    now = service.ask("GET", f"/v1{begun}", "officer").json()["now"]["actions"]
    assert [(each["what"], each["who"], each["by"]) for each in now] == [
        ("Ring home", "Tutor", "2099-02-03"),
        ("Visit", "", None),
    ]
    assert "Ring home, who does it: Tutor, by when: 3 February 2099" in officer.page
    unsaid = officer.send(
        f"{begun}/reviews", **SETTLED, **rows, held_on="2025-09-30", review_found="Better.", review_next="look_again",
        actions_by=["3", "2", "2099", "", "", "", "", "", ""], actions_became=["done", "", ""], actions_became_words=["", "", ""],
    )  # fmt: skip
    assert unsaid.status_code == 422
    assert set(re.findall(r'id="([^"]+)-wrong"', unsaid.text)) == {"r-actions"}


def test_the_next_child_of_the_list_is_one_press_away(service, officer, begun):
    first = service.ask("GET", f"/v1{begun}", "officer").json()
    officer.send(begun, **SETTLED)
    assert re.search(r'<section class="done"[^>]*autofocus>', officer.page)
    assert f'href="/schools/{service.school}"' in officer.page
    following = officer.send("/screenings")
    number = following.url.path.split("/")[-1]
    second = service.ask("GET", f"/v1/screenings/{number}", "officer").json()
    assert following.status_code == 200 and second["pupil"] != first["pupil"]
    assert (second["meeting_on"], second["list_as_of"]) == (first["meeting_on"], first["list_as_of"])


def test_a_second_screening_of_one_child_on_one_day_is_asked_about(service, officer, begun):
    officer.send(begun, **SETTLED)
    on = service.ask("GET", f"/v1{begun}", "officer").json()["meeting_on"]
    officer.go(f"/schools/{service.school}")
    asked = officer.begin_first(on)
    assert (
        asked.status_code == 409 and f'href="{begun}?of=' in asked.text and "second screening" in asked.text
    )
    second = officer.send("/screenings")
    assert second.status_code == 200 and second.url.path not in (begun, "/screenings")


def test_of_two_who_write_at_once_the_second_sees_both(officer, begun):
    before = officer.page
    officer.send(begun, view="What the first wrote.")
    officer.page = before
    late = officer.send(begun, view="What the second wrote.")
    assert late.status_code == 409
    assert "What the first wrote." in late.text and "What the second wrote." in late.text
    put_together = officer.send(begun, view="Both.")
    assert (
        put_together.status_code == 200
        and "Both." in put_together.text
        and "What the first wrote." in put_together.text
    )


def test_one_child_at_a_time(service, officer, begun):
    officer.go(f"/schools/{service.school}")
    found = officer.begin_first("2025-06-10")
    assert found.status_code == 409 and f'href="{begun}"' in found.text


@pytest.mark.parametrize("change", [{"form_token": "0" * 64}, {"form_token": ""}])
def test_a_form_that_another_site_made_is_refused(service, officer, begun, change):
    found = officer.send(begun, **{**VIEW, **change})
    assert found.status_code == 403 and found.headers["content-type"].startswith("text/html")
    theirs = Officer(service, "neighbour")
    theirs.go("/")
    of_another = re.search(r'name="form_token" value="([0-9a-f]{64})"', theirs.page)
    assert (
        of_another and officer.post(begun, data={"form_token": of_another[1], "view": "x"}).status_code == 403
    )
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    proof = re.search(r'name="form_token" value="([0-9a-f]{64})"', officer.go(begun).text)
    assert (
        proof
        and officer.post(begun, elsewhere, data={"form_token": proof[1], "view": "x"}).status_code == 403
    )
    assert service.ask("GET", f"/v1{begun}", "officer").json()["now"]["view"] == ""


def test_a_form_is_read_as_a_form_and_as_nothing_else(service, officer, begun):
    for sent in (
        {"json": {"view": "x"}},
        {"files": {"view": b"x"}},
        {"content": b"view=x", "headers": {"Content-Type": "text/plain"}},
    ):
        assert officer.post(begun, **sent).status_code == 415
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    for content, status in (
        (b"view=%ff", 400),
        (b"view=a&view=b", 422),
        (b"nothing=1", 422),
        (b"view=" + b"x" * 70_000, 413),
    ):
        found = officer.post(begun, content=content, headers=kind)
        assert found.status_code == status and "xxxx" not in found.text


def test_a_child_on_no_list_is_found_raised_and_screened(service, officer):
    names = service.reading.names.merge(service.reading.matrix, on="pupil").merge(
        service.reading.states, on="pupil"
    )
    mine = names[(names["urn"] == service.school) & (names["school_state"] == "not_listed")].iloc[0]
    theirs = names[names["urn"] == service.other_school].iloc[0]
    officer.go("/")
    assert "Nobody was found" in officer.send("/children", asked=theirs["upn"]).text
    officer.go("/")
    assert "Nobody was found" in officer.send("/children", asked="zz").text
    officer.go("/")
    # Each word is looked for in every name of a city, so more of them than a name has are not.
    assert "Nobody was found" in officer.send("/children", asked=f"{mine['surname']} " * 2_000).text
    officer.go("/")
    found = officer.send("/children", asked=f"{mine['surname'].upper()} {mine['forename']}")
    assert f"{mine['forename']} {mine['surname']}" in found.text and "on the test dates" not in found.text
    waits = officer.send(
        "/referrals", route="family", referred_by="mother", reasons="Worried since the move."
    )
    assert "Worried since the move." in waits.text and waits.url.path == "/referrals"
    officer.page = waits.text[waits.text.index("Worried since the move.") :]  # its form, not another test's
    screened = officer.send("/screenings", meeting_on=another_day())
    assert "It follows a referral." in screened.text
    assert "Worried since the move." not in officer.go("/referrals").text


def counted(page: str) -> dict[str, int]:
    """What the start counts: what waits, and how many."""
    return {
        title.strip(): int(number)
        for number, title in re.findall(r"<li><a href=\"[^\"]+\"><strong>([0-9]+)</strong>([^<]+)</a>", page)
    }


def test_the_start_says_who_came_and_went_since_the_last_list_by_count():
    """Two listed then: one is listed still, one is on the roll and not listed; one is new."""
    account = {"states": {"listed": [{"pupil": 1}, {"pupil": 3}], "not_assessed": []}, "release": "a"}
    before = {**account, "states": {"listed": [{"pupil": 1}, {"pupil": 2}]}, "as_of": "2025-02-14"}
    made = SimpleNamespace(
        accounts={"schools": {"100": account}, "districts": {}}, previous={"schools": {"100": before}},
        rolls={"schools": {100: [0, 1, 2]}}, frames={"matrix": pd.DataFrame({"pupil": [1, 2, 3]})},
    )  # fmt: skip
    assert changes_of(made, [(100, "Ash Primary")], []) == [("Ash Primary", 2, 1, ["1 now not listed"])]


def test_the_start_counts_what_waits_and_names_nobody(service, officer, begun):
    before = counted(officer.go("/").text)
    assert begun in officer.page  # open in these hands
    officer.go(begun)
    officer.send(begun, **{**SETTLED, "review_on": (date.today() + timedelta(days=28)).isoformat()})
    after = counted(officer.go("/").text)
    assert after["Reviews due in four weeks"] == before["Reviews due in four weeks"] + 1
    held = service.reading.names
    assert not any(f"{a} {b}" in officer.page for a, b in zip(held["forename"], held["surname"], strict=True))
    ahead = (date.today() + timedelta(days=9)).isoformat()
    officer.go(f"/schools/{service.school}")
    prepared = officer.begin_first(ahead)
    assert "Next meeting" in officer.go("/").text and "1 prepared" in officer.page
    number = prepared.url.path
    assert f'href="{number}"' in officer.go("/screenings").text and "still to come" in officer.page
    officer.go(number)
    officer.send(f"{number}/set-aside", words="Of this test.")


@pytest.mark.parametrize(
    ("days", "when"), [(-1, "overdue"), (0, "due"), (28, "due"), (29, "later"), (None, "no_day")]
)
def test_a_review_is_found_by_when_it_is_due(service, officer, begun, days, when):
    on = "" if days is None else (date.today() + timedelta(days=days)).isoformat()
    officer.send(begun, **{**SETTLED, "review_on": on})
    shown = {
        show: f'href="{begun}"' in officer.go(f"/reviews?show={show}").text
        for show in ("overdue", "due", "later", "no_day")
    }
    assert shown == {show: show == when for show in shown}
    assert f'href="{begun}"' in officer.go("/reviews").text
    assert f'href="{begun}"' not in page(service, "/reviews", "neighbour").text


def test_a_wrong_fact_goes_to_its_owner_and_back(service, officer, begun):
    said = {
        "family": "attendance",
        "fact": "Absent 12 %",
        "what_is_right": "At hospital",
        "told_by": "mother",
    }
    officer.send(f"{begun}/wrong-facts", **said)
    assert "Absent 12 %" in officer.page
    owner = Officer(service, "information_governance")
    owner.go("/wrong-facts")
    action = re.findall(r'action="(/wrong-facts/[0-9]+/answers)"', owner.page)[-1]
    owner.send(action, state="corrected", words="Put right at school.")
    assert "Put right at school." in officer.go("/wrong-facts").text
    assert "Put right where it came from. Put right at school." in officer.go(begun).text


def test_the_line_that_is_wrong_is_chosen_and_not_typed_again(service, officer, begun):
    lines = re.findall(
        r'<option value="((?:attendance|suspensions|sen|context) [^"]+)"', officer.go(begun).text
    )
    assert lines
    chosen = html.unescape(lines[-1])
    kept = {"family": "", "fact": "", "what_is_right": "It was another child.", "told_by": "mother"}
    assert "Not recorded yet" in officer.send(f"{begun}/wrong-facts", **kept).text
    officer.go(begun)
    officer.send(f"{begun}/wrong-facts", **kept, line=chosen)
    family, _, sentence = chosen.partition(" ")
    owner = Officer(service, "information_governance")
    found = owner.go("/wrong-facts").text
    assert sentence in html.unescape(found) and FAMILIES[family] in found


def test_a_line_of_a_card_on_the_list_is_chosen_and_not_typed_again(service, officer):
    listed = officer.go(f"/schools/{service.school}").text
    code = re.findall(r'<button form="wrong" name="pupil" value="([^"]+)"', listed)[0]
    said = {"family": "", "fact": "", "what_is_right": "It was her brother.", "told_by": "mother"}
    lines = re.findall(
        r'<option value="([a-z_]+ [^"]+)"', officer.send("/wrong-facts/lines", pupil=code).text
    )
    assert lines and all(html.unescape(line).partition(" ")[2] in html.unescape(listed) for line in lines[:1])
    again = officer.send("/wrong-facts", **said).text  # no line, and nothing said in its place
    assert "Not recorded yet" in again and "It was her brother." in again and lines[0] in again
    again = officer.send("/wrong-facts", **{**said, "told_by": ""}, line=html.unescape(lines[0])).text
    assert f'<option value="{lines[0]}" selected>' in again and not dead_links(again)
    told = officer.send("/wrong-facts", **said, line=html.unescape(lines[0])).text
    family, _, sentence = html.unescape(lines[0]).partition(" ")
    assert sentence in html.unescape(told) and FAMILIES[family] in html.unescape(told)


def test_signing_in_and_out_needs_no_script(service):
    with the_desk().database.writing() as session:
        once = one_time_token(session, "made-up officer")
    assert service.ask("POST", "/sign-in", data={"one_time": "wrong"}).status_code == 401
    found = service.ask("POST", "/sign-in", data={"one_time": once})
    assert found.status_code == 303 and found.headers["location"] == "/"
    kept = {"Cookie": found.headers["set-cookie"].split(";")[0]}
    start = service.ask("GET", "/", headers=kept).text
    proof = re.search(r'name="form_token" value="([^"]+)"', start)
    assert "made-up officer" in start and proof
    assert service.ask("POST", "/sign-out", headers=kept, data={"form_token": proof[1]}).status_code == 303
    assert "One-time code" in service.ask("GET", "/", headers=kept).text


def test_every_page_of_a_role_is_a_page(service):
    for who, paths in (
        ("officer", WAYS_OF_OFFICER),
        (
            "reviewer",
            (
                "/figures",
                "/districts/1/profile",
                "/release",
                "/release/audit",
                "/release/evidence",
            ),
        ),
        ("information_governance", ("/wrong-facts", "/rights", "/rights/records", "/referrals/held")),
        ("administrator", ("/accounts", "/service")),
    ):
        for path in paths:
            found = page(service, path, who)
            assert (
                found.status_code == 200
                and '<html lang="en-GB">' in found.text
                and "MADE-UP DATA" in found.text
            ), path
    assert page(service, "/screenings/999999", "officer").status_code == 404
    assert "There is no such thing" in service.ask("GET", "/nowhere", headers={"Accept": "text/html"}).text


def test_the_numbers_behind_the_strips_are_one_press_away(service, officer):
    officer.go(f"/schools/{service.school}")
    link = re.search(r'href="(\?[^"]*show=numbers)">Numbers</a>', officer.page)
    assert link and 'class="weeks big"' in officer.page
    found = page(service, f"/schools/{service.school}{link[1].replace('&amp;', '&')}", "officer")
    assert found.status_code == 200 and "Sessions missed, week by week" in found.text
    assert found.text.count('scope="row"') == officer.page.count('class="weeks big"')
    assert page(service, f"/schools/{service.other_school}?show=numbers", "officer").status_code == 404
