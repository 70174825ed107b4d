"""A meeting in a real browser: prepared, held over three children, recorded, and found again at its review.

Nothing is scripted on the pages; each is used as an officer uses it, with mouse, with keyboard alone, without script,
on a phone and on paper, and each is looked over by axe-core.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count

import pytest
from playwright.sync_api import Browser, Error, Page

from serving.security.access import Role
from serving.security.accounts import add_user, issue
from tests.browser import browser, faults, window
from tests.served import AS_OF, Served, served, the_desk

pytestmark = pytest.mark.xdist_group("browser")
DAYS = count(100)
PHONE = 320  # the narrowest screen that WCAG 2.2 asks for (1.4.10)


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def officer(chromium, service) -> Iterator[Page]:
    service.put_aside("officer")
    with window(chromium, service, service.tokens["officer"]) as page:
        yield page


def a_day() -> date:
    """A day of a meeting on which nobody was talked about yet."""
    return date(2025, 6, 10) + timedelta(days=next(DAYS))


def open_list(page: Page, service: Served, on: date) -> None:
    """From the start to the own school's list, with the day of the meeting."""
    page.goto("/")
    page.click(f'main a[href="/schools/{service.school}"]')
    for part, number in (("day", on.day), ("month", on.month), ("year", on.year)):
        page.fill(f"#on_{part}", str(number))
    page.click("nav.filters button")


def say_the_least(page: Page, review_on: date | None = None) -> None:
    """The least honest record of a child."""
    page.check('form.screening input[name="considered"][value="family"]')
    page.fill("#considered_words", "Her mother came.")
    page.fill("#view", "A bright girl who lost a friend.")
    page.check('form.screening input[name="was_known"][value="no"]')
    page.check('form.screening input[name="outcome"][value="targeted"]')
    page.fill("#actions-1-what", "Ring home")
    page.fill("#actions-1-who", "Form tutor")
    page.fill("#who_leads", "Head of year")
    if review_on is not None:
        for box, number in (("", review_on.day), ("-month", review_on.month), ("-year", review_on.year)):
            page.fill(f"#review_on{box}", str(number))


def name_of(page: Page) -> str:
    return page.inner_text("h1")


def test_a_meeting_is_held_over_three_children_and_found_again_at_its_reviews(officer, service):
    on, again = a_day(), date.today() + timedelta(days=10)
    open_list(officer, service, on)
    officer.click("article.card button >> nth=0")
    assert f"Meeting of {on.day} {on:%B %Y}" in officer.inner_text("main header")
    names, first = [], officer.url.partition("?")[0].removeprefix(service.url)
    for place in range(3):
        names.append(name_of(officer))
        say_the_least(officer, again)
        officer.click("form.screening section[aria-labelledby=after] button")
        assert "Recorded:" in officer.inner_text(".said")
        if place < 2:
            following = officer.inner_text(".done button")
            officer.click(".done button")  # the one press from a recorded child to the next
            assert name_of(officer) in following and name_of(officer) not in names
    assert len(set(names)) == 3
    officer.click("text=Back to the list of")
    assert officer.inner_text("main").count(f"Settled on {on.day} {on:%B %Y}: Targeted") == 3
    officer.click("text=All lists")
    officer.click("text=Reviews due in four weeks")
    found = officer.inner_text("main table")
    assert all(name in found for name in names) and "Head of year" in found
    officer.click(f'main table a[href="{first}"]')
    officer.click("summary:has-text('Hold a review')")
    officer.click("button:has-text('Record the review')")
    assert officer.title().startswith("Error: ") and "what became of each action" in officer.inner_text(
        ".problems"
    )
    officer.select_option("#r-actions-1-became", "done")
    officer.fill("#r-review_found", "She is well.")
    officer.check('input[name="review_next"][value="ends"]')
    for box in ("", "-month", "-year"):
        officer.fill(f"#r-review_on{box}", "")
    officer.click("button:has-text('Record the review')")
    assert "The review is recorded." in officer.inner_text(".said")


def test_by_keyboard_alone_and_what_is_wrong_takes_the_focus(officer, service):
    open_list(officer, service, a_day())
    officer.focus("article.card button >> nth=0")
    officer.keyboard.press("Enter")
    officer.wait_for_url("**/screenings/*")
    # What was recorded takes the focus, so the next press of Tab goes on from there.
    assert officer.evaluate("document.activeElement.className") == "done"
    officer.focus('form.screening input[name="outcome"][value="targeted"]')
    officer.keyboard.press("Space")
    officer.keyboard.press("Enter")
    officer.wait_for_selector(".problems")
    assert officer.evaluate("document.activeElement.className") == "problems"
    assert officer.title().startswith("Error: ")
    officer.keyboard.press("Tab")
    officer.keyboard.press("Enter")  # the first link of the summary leads to its field
    assert officer.evaluate("document.activeElement.id") == "considered"
    officer.keyboard.press("Tab")
    officer.keyboard.press("Space")
    typed = {"considered_words": "Her aunt.", "view": "She is missed at home."}
    for _ in range(30):
        officer.keyboard.press("Tab")
        if text := typed.pop(officer.evaluate("document.activeElement.id"), ""):
            officer.keyboard.type(text)
        if officer.evaluate("document.activeElement.name") == "was_known":
            officer.keyboard.press("Space")
            break
    officer.keyboard.press("Enter")
    officer.wait_for_selector(".said")
    assert "The meeting’s own view" in officer.inner_text(".said")


def test_without_script_everything_works(chromium, service):
    service.put_aside("officer")
    with window(chromium, service, service.tokens["officer"], has_script=False) as page:
        open_list(page, service, a_day())
        page.click("article.card button >> nth=0")
        say_the_least(page)
        page.click("form.screening section[aria-labelledby=after] button")
        page.click(".done button")
        assert "Begun." in page.inner_text(".said")


def test_of_two_officers_on_one_screening_the_second_sees_both(chromium, service):
    service.put_aside("officer")
    with the_desk().database.writing() as session:
        other = issue(session, add_user(session, "made-up second", Role.OFFICER, schools=[service.school]).id)
    with window(chromium, service, service.tokens["officer"]) as one, window(chromium, service, other) as two:
        open_list(one, service, a_day())
        one.click("article.card button >> nth=0")
        two.goto(one.url)
        for page, text in ((one, "What the first wrote."), (two, "What the second wrote.")):
            page.fill("#view", text)
            page.click("form.screening section[aria-labelledby=after] button")
        assert "somebody wrote meanwhile" in two.inner_text(".problems")
        assert "What the first wrote." in two.inner_text(".problems")
        assert two.input_value("#view") == "What the second wrote."
        assert two.evaluate("document.activeElement.className") == "problems"


def a_settled_screening(service: Served) -> int:
    """A screening with an action and a day to look again, of a child of the officer's own list."""
    service.put_aside("officer")
    said = {
        "pupil": service.pupils(service.school, "listed")[0], "meeting_on": a_day().isoformat(), "as_of": AS_OF.isoformat(),
        "considered": ["family"], "considered_words": "Her mother came.", "view": "A bright girl.", "was_known": True,
        "outcome": "targeted", "actions": [{"what": "Ring home", "who": "Form tutor"}], "review_on": "2099-01-01",
    }  # fmt: skip
    return service.ask("POST", "/v1/screenings", "officer", said).json()["screening"]


def test_the_meeting_is_summed_up_and_its_copies_are_saved_by_the_browser(officer, service):
    number = a_settled_screening(service)
    officer.goto(f"/schools/{service.school}")
    for link, name in (
        ("the pack as PDF", "pack-2025-05-23.pdf"),
        ("the list as a workbook", "list-2025-05-23.xlsx"),
    ):
        with officer.expect_download() as saved:
            officer.click(f"a:has-text('{link}')")
        assert saved.value.suggested_filename.endswith(name) and saved.value.path().stat().st_size > 5_000
    officer.click("text=the summary for the minutes")
    assert "Ring home" in officer.inner_text("main") and "Not reached" in officer.inner_text("main")
    officer.goto(f"/screenings/{number}")
    officer.click("text=The plan that the family and the child can be given")
    assert officer.locator("article.plan").count() == 2
    officer.emulate_media(media="print")
    assert not officer.is_visible("nav.ways") and not officer.is_visible("text=Back to the screening")
    assert officer.is_visible("article.plan.child") and not officer.is_visible("footer.end")


def test_out_of_scope_is_as_if_it_were_not_there(officer, service):
    theirs = service.pupils(service.other_school, "not_listed")[0]
    service.put_aside("neighbour")
    begun = {"pupil": theirs, "meeting_on": a_day().isoformat()}
    number = service.ask("POST", "/v1/screenings", "neighbour", begun).json()["screening"]
    said = set()
    for path in (
        f"/schools/{service.other_school}", f"/schools/{service.other_school}/summary", f"/screenings/{number}",
        f"/screenings/{number}/plan", "/screenings/999999",
    ):  # fmt: skip
        assert officer.goto(path).status == 404
        said.add(officer.inner_text("main"))
    assert len(said) == 1 and "There is no such thing" in said.pop()
    officer.click("main a[href='/']")
    assert officer.is_visible(f'main a[href="/schools/{service.school}"]')


def test_when_the_list_is_too_old_the_pages_say_so_and_a_screening_goes_on(officer, service, monkeypatch):
    open_list(officer, service, a_day())
    officer.click("article.card button >> nth=0")
    desk = the_desk()
    monkeypatch.setattr(desk, "settings", desk.settings.model_copy(update={"stale_after_days": 1}))
    say_the_least(officer)
    officer.click("form.screening section[aria-labelledby=after] button")
    assert "Recorded:" in officer.inner_text(".said") and "days old" in officer.inner_text("main")
    officer.goto("/")
    assert "days old" in officer.inner_text("main") and not officer.is_visible('main a[href^="/schools/"]')
    for path in ("", "/summary"):
        assert officer.goto(f"/schools/{service.school}{path}").status == 410
        assert "days old" in officer.inner_text("main")


def test_a_connection_that_is_lost_while_saving_loses_nothing(officer, service):
    open_list(officer, service, a_day())
    officer.click("article.card button >> nth=0")
    address = officer.url.partition("?")[0]
    say_the_least(officer)
    officer.context.set_offline(True)
    # The browser's own page stands there: it cannot reach the service.
    with pytest.raises(Error), officer.expect_navigation():
        officer.click("form.screening section[aria-labelledby=after] button")
    officer.context.set_offline(False)
    officer.reload()  # as the browser's own page offers: what was typed is sent again
    assert "Recorded:" in officer.inner_text(".said")
    versions = service.ask("GET", f"/v1{address.removeprefix(service.url)}/versions", "officer").json()[
        "versions"
    ]
    assert [each["state"] for each in versions] == ["open", "done"]  # once
    assert versions[-1]["view"] == "A bright girl who lost a friend."


def pages_of(service: Served) -> list[tuple[str, str]]:
    """Every page there is, and who opens it; a screening as it is open, and settled."""
    numbers = re.findall(
        r"/screenings/([0-9]+)",
        service.ask("GET", "/reviews", headers={"Cookie": f"pathways={service.tokens['officer']}"}).text,
    )
    screenings = [f"/screenings/{number}" for number in numbers[:1]]
    mine = (
        "/", f"/schools/{service.school}", f"/schools/{service.school}?state=not_begun", "/screenings", "/reviews", "/referrals",
        "/caseloads", "/caseloads/1", "/wrong-facts", "/figures", "/districts/1/profile", *screenings,
        *(f"{path}/plan" for path in screenings), f"/schools/{service.school}/summary",
    )  # fmt: skip
    return [
        *((path, "officer") for path in mine), ("/", ""), ("/", "neighbour"), ("/", "reviewer"), ("/", "administrator"),
        ("/", "information_governance"), ("/wrong-facts", "information_governance"), ("/screenings/999999", "officer"),
        (f"/schools/{service.school}", "data_scientist"),
    ]  # fmt: skip


def test_axe_finds_nothing_and_no_page_is_wider_than_a_phone(chromium, service):
    found, wide = [], []
    for path, who in pages_of(service):
        with window(chromium, service, service.tokens.get(who, "")) as page:
            page.goto(path)
            found += [f"{path} {who}: {each}" for each in faults(page)]
            page.set_viewport_size({"width": PHONE, "height": 700})
            if page.evaluate("document.documentElement.scrollWidth") > PHONE:
                wide.append(f"{path} {who}")
    assert not found, "\n".join(found)
    assert not wide, "\n".join(wide)


def test_on_paper_a_list_says_what_it_is_and_shows_no_buttons(officer, service):
    officer.goto(f"/schools/{service.school}")
    assert not officer.is_visible("section.standing")
    officer.emulate_media(media="print")
    assert officer.is_visible("section.standing") and "Not to be used for" in officer.inner_text(
        "section.standing"
    )
    assert not officer.is_visible("article.card button >> nth=0") and not officer.is_visible("nav.filters")
    assert "Room to write about each child is in the pack" in officer.inner_text("main")


def test_a_wrong_line_of_a_card_is_chosen_by_keyboard_on_a_phone(officer, service):
    officer.goto(f"/schools/{service.school}")
    name = officer.inner_text("article.card h3 >> nth=0")
    officer.set_viewport_size({"width": PHONE, "height": 700})
    officer.focus('article.card button[form="wrong"] >> nth=0')
    officer.keyboard.press("Enter")
    officer.wait_for_url("**/wrong-facts/lines")
    assert name in officer.inner_text("h1") and not faults(officer)
    assert officer.evaluate("document.documentElement.scrollWidth") <= PHONE
    officer.select_option("#line", index=1)
    line = officer.eval_on_selector("#line", "box => box.selectedOptions[0].text").partition(": ")[2]
    officer.fill("#what_is_right", "It was her brother.")
    officer.fill("#told_by", "Mother")
    officer.click("main button")
    assert line in officer.inner_text("main") and "It was her brother." in officer.inner_text("main")
