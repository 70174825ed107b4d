"""The desks of the reviewer, information governance, the administrator and the manager in a real browser, each for its day's work.

Nothing is scripted on the pages; each page that is passed is looked over by axe-core, with every impact, and at the width of a phone.
"""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from serving.database.tables import LogEntry
from serving.security.access import Role
from serving.security.accounts import add_user, issue
from serving.wording import pupil_of
from tests.browser import AXE, browser, window
from tests.served import Served, served, the_desk

pytestmark = pytest.mark.xdist_group("browser")
PHONE = 320  # the narrowest screen that WCAG 2.2 asks for (1.4.10)


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser() as found:
        yield found


def looked_over(page: Page) -> None:
    """Nothing that axe-core finds, of whatever impact, and no page wider than a phone."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")["violations"]
    told = [
        f"{page.url} {each['impact']} {each['id']}: {node['target']}"
        for each in found
        for node in each["nodes"]
    ]
    size = page.viewport_size
    page.set_viewport_size({"width": PHONE, "height": 700})
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(size)
    assert not told, "\n".join(told)
    assert wide <= PHONE, f"{page.url} is {wide} wide"


def logged(person: str) -> list[str]:
    """What the access log says that somebody was shown or did, oldest first."""
    with the_desk().database.reading() as session:
        return list(
            session.scalars(select(LogEntry.what).where(LogEntry.person == person).order_by(LogEntry.number))
        )


def somebody_else(role: Role) -> tuple[str, str]:
    """Name and token of a new account."""
    name = f"made-up {uuid4().hex}"
    with the_desk().database.writing() as session:
        return name, issue(session, add_user(session, name, role).id)


def test_a_manager_reads_the_figures_and_a_picture_of_need(chromium, service):
    with window(chromium, service, service.tokens["manager"]) as page:
        page.goto("/")
        assert page.url.endswith("/figures") and page.inner_text("h1") == "Figures of screenings"
        assert [each.inner_text() for each in page.query_selector_all("nav.ways li")] == ["Figures", "Help"]
        looked_over(page)
        page.select_option("#by", "district")
        page.click("text=Show")
        assert "by district" in page.inner_text("main")
        page.click("main a[href='/districts/1/profile']")
        assert "No help entered since a screening" in page.inner_text("main table")
        assert page.is_visible("main svg")
        looked_over(page)
        page.click("nav >> text=Help")
        assert page.inner_text("h1") == "Help: reading the figures"
        looked_over(page)
        for path in ("/accessibility", "/privacy", "/glossary"):
            page.click(f"footer a[href='{path}']")
            looked_over(page)
    assert logged("made-up manager")[-1] == "help for the role manager"


def test_two_people_of_information_governance_erase_a_child(chromium, service):
    schools = [
        int(urn)
        for urn in service.reading.schools["urn"]
        if urn not in (service.school, service.other_school)
    ]
    code = service.pupils(schools[-1], "not_listed")[-1]
    upn, forename, surname = the_desk().names[pupil_of(code)]
    export = service.home / "exports" / "support.csv"
    export.write_text(f"upn,kind\n{upn},targeted\n")
    _, second = somebody_else(Role.INFORMATION_GOVERNANCE)
    with window(chromium, service, service.tokens["information_governance"]) as page:
        page.goto("/")
        page.fill("#asked", f"{forename} {surname}")
        page.click("main button:has-text('Find')")
        card = f"article[aria-labelledby='c{code}']"
        looked_over(page)
        page.click(f"{card} form[action='/rights/viewers'] button")
        assert "Who looked" in page.inner_text("h1")
        looked_over(page)
        page.goto("/rights")
        page.fill("#asked", code)
        page.click("main button:has-text('Find')")
        page.click(f"{card} summary")
        page.select_option(f"[id='{code}kind']", "erase")
        page.fill(f"[id='{code}words']", "Asks for it in a letter.")
        page.click(f"{card} button:has-text('Enter the request')")
        number = max(
            int(each.get_attribute("id")[1:]) for each in page.query_selector_all("article h3[id^='r']")
        )
        mine = f"article[aria-labelledby='r{number}']"
        page.click(f"{mine} summary:has-text('Answer')")
        page.check(f"{mine} input[name='granted'][value='yes']")
        page.fill(f"[id='{number}-words']", "No reason to keep it.")
        page.click(f"{mine} button:has-text('Record the answer')")
        granted = f"article[aria-labelledby='e{number}']"
        assert "You granted it, so somebody else carries it out." in page.inner_text(granted)
        assert not page.query_selector_all(f"{granted} form")
        looked_over(page)
    with window(chromium, service, second) as page:
        page.goto("/rights")
        assert surname not in page.inner_text(granted) and code not in page.inner_text(granted)
        page.click(f"{granted} button")
        assert page.title().startswith("Error: ") and "Type it." in page.inner_text(".problems")
        looked_over(page)
        page.fill(f"[id='{number}-asked']", upn)
        page.check(f"{granted} input[name='is_meant'][value='yes']")
        page.click(f"{granted} button")
        for _ in range(120):  # it goes on by itself: whoever looks is told how far it is
            if page.query_selector("section[aria-labelledby='proof']"):
                break
            looked_over(page)
            page.wait_for_timeout(500)
            page.click("a:has-text('Look again')")
        proof = page.inner_text("section[aria-labelledby='proof']")
        assert "found nothing" in proof and "An erased child" not in page.inner_text("h1")
        assert "Erased, and proven" in page.inner_text("ol.steps")
        looked_over(page)
        page.goto("/rights/records")
        looked_over(page)
        page.click("button:has-text('Read the log')")
        assert "nothing is due" in page.inner_text("section[aria-labelledby='plan']")
        looked_over(page)
        page.goto("/rights")
        page.fill("#asked", upn)
        page.click("main button:has-text('Find')")
        assert surname not in page.inner_text("main") and "On no roll that is known here" in page.inner_text(
            "main"
        )
    assert upn not in export.read_text()
    assert the_desk().names.get(pupil_of(code)) is None


def test_a_complaint_is_acknowledged_then_answered_and_a_fact_passed_on(chromium, service):
    code = service.pupils(service.school, "not_listed")[3]
    with window(chromium, service, service.tokens["information_governance"]) as page:
        for kind in ("complain", "rectify"):
            page.goto("/rights")
            page.fill("#asked", code)
            page.click("main button:has-text('Find')")
            page.click(f"article[aria-labelledby='c{code}'] summary")
            page.select_option(f"[id='{code}kind']", kind)
            page.fill(f"[id='{code}words']", "Said on the telephone.")
            page.click("button:has-text('Enter the request')")
            number = max(
                int(each.get_attribute("id")[1:]) for each in page.query_selector_all("article h3[id^='r']")
            )
            mine = f"article[aria-labelledby='r{number}']"
            if kind == "complain":
                assert "days left: acknowledge by" in page.inner_text(mine)
                page.click(f"{mine} button:has-text('It was acknowledged')")
                assert "An answer is still owed" in page.inner_text(mine)
                continue
            page.click(f"{mine} summary:has-text('Pass the fact on')")
            page.select_option(f"[id='{number}-f-family']", "attendance")
            for name, text in (
                ("fact", "Absent on 3 March."),
                ("what_is_right", "On a trip."),
                ("told_by", "mother"),
            ):
                page.fill(f"[id='{number}-f-{name}']", text)
            page.click(f"{mine} button:has-text('Pass it on')")
            assert "Recorded." in page.inner_text(".said")
        page.click("nav >> text=Wrong facts")
        assert "Absent on 3 March." in page.inner_text("main")
        looked_over(page)


def test_an_administrator_adds_somebody_ends_them_and_checks_the_log(chromium, service):
    name = f"made-up {uuid4().hex}"
    with window(chromium, service, service.tokens["administrator"]) as page:
        page.goto("/")
        assert page.url.endswith("/accounts")
        page.fill("#name", name)
        page.select_option("#role", "manager")
        page.click("button:has-text('Add the account')")
        code = page.inner_text("section[aria-labelledby='code'] code")
        assert len(code) == 43
        looked_over(page)
        with window(chromium, service) as theirs:
            theirs.goto("/")
            theirs.fill("#one_time", code)
            theirs.click("main button")
            assert theirs.inner_text("h1") == "Figures of screenings"
        officer, urns = f"made-up {uuid4().hex}", (service.school, service.other_school)
        page.goto("/accounts")
        page.fill("#name", officer)
        page.select_option("#role", "officer")
        page.fill("#schools", str(urns[0]))
        page.click("button:has-text('Add the account')")
        theirs = f"details[id^='s']:has(summary:has-text('{officer}'))"
        page.click(f"{theirs} summary")
        assert page.input_value(f"{theirs} textarea[name='schools']") == str(urns[0])
        page.fill(f"{theirs} textarea[name='schools']", "a school")
        page.click(f"{theirs} button:has-text('Change it')")
        assert "are no URN" in page.inner_text(theirs)
        looked_over(page)
        page.fill(f"{theirs} textarea[name='schools']", str(urns[1]))
        page.click(f"{theirs} button:has-text('Change it')")
        assert "Recorded." in page.inner_text(".said")
        row = f"tr:has(th:has-text('{name}'))"
        page.goto("/accounts")
        page.click(f"{row} summary")
        page.click(f"{row} button:has-text('Close the account')")
        assert name not in page.inner_text("main table")
        page.click("nav >> text=The service")
        assert "None was made." in page.inner_text("main")
        page.click("button:has-text('Check the log now')")
        assert page.inner_text("#checked") == "The log holds"
        looked_over(page)
        page.click("nav >> text=Help")
        looked_over(page)
    assert [f"user {name} added", f"user {name} closed"] == [
        each for each in logged("made-up administrator") if name in each
    ]


def test_a_reviewer_closes_a_finding_refuses_and_then_signs(chromium, service):
    with window(chromium, service, service.tokens["reviewer"]) as page:
        page.goto("/")
        assert page.url.endswith("/release") and "The live release" in page.inner_text("h1")
        looked_over(page)
        page.click("text=How this desk is used")
        assert page.inner_text("h1") == "Help: reviewing a release"
        looked_over(page)
        page.click("nav >> text=The candidate")
        assert "demonstration-1" in page.inner_text("main thead") and "Found, of children" in page.inner_text(
            "main table"
        )
        looked_over(page)
        page.check("input[name='sign_or_refuse'][value='sign']")
        page.fill("#d-reason", "Read with two schools; the gaps are within what can be told.")
        page.click("button:has-text('Record the decision')")
        assert page.title().startswith("Error: ") and "F002" in page.inner_text(".problems")
        assert "Read with two schools" in page.input_value("#d-reason")
        looked_over(page)
        page.click("article[aria-labelledby='f2'] summary")
        page.fill("#f2-words", "The schools were asked, and sent what was missing.")
        page.click("article[aria-labelledby='f2'] button")
        assert "The schools were asked" in page.inner_text("article[aria-labelledby='f2']")
        for decision, said in (("refuse", "Refused"), ("sign", "Signed")):
            page.check(f"input[name='sign_or_refuse'][value='{decision}']")
            page.fill("#d-reason", "Read with two schools; the gaps are within what can be told.")
            page.click("button:has-text('Record the decision')")
            assert f"{said} by made-up reviewer" in page.inner_text("main")
        for path in (
            "/release/audit",
            "/release/evidence",
            "/release/candidate/audit",
            "/release/candidate/comparison",
        ):
            page.goto(path)
            assert page.is_visible("h1")
    whats = logged("made-up reviewer")
    assert [each for each in whats if each.startswith("the candidate reviewed")] == [
        "the candidate reviewed: refuse",
        "the candidate reviewed: sign",
    ]
    assert whats[-1] == "the candidate compared"
