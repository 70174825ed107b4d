"""Caseloads with a browser: counts beside each status, pages, filters by school and year, and a search that stands in no address."""

import html
import re

import pytest
from sqlalchemy import select

from serving.caseloads import pages
from serving.caseloads.pages import in_order
from serving.caseloads.service import caseload_answer, caseload_counts
from serving.database.tables import LogEntry
from serving.http import pages as all_pages
from serving.prepared.profile import NEEDS
from serving.security.accounts import person_of
from tests.served import AS_OF, Served, served, the_desk

WHO = "neighbour"  # the officer of a district, who has many on each caseload
NAME = re.compile(r'<tr><th scope="row">([^<]+)</th><td class="year">([^<]+)</td><td>([^<]+)</td>')


@pytest.fixture(scope="module")
def service() -> Served:
    return served()


@pytest.fixture(scope="module")
def person(service):
    with the_desk().database.reading() as session:
        return person_of(session, service.tokens[WHO])


@pytest.fixture(scope="module")
def place(person) -> int:
    """The number of the caseload with the most children."""
    counts = caseload_counts(the_desk(), person)
    return 1 + max(range(len(NEEDS)), key=lambda each: counts[NEEDS[each]])


def rows_of(text: str) -> list[tuple[str, str, str]]:
    return [tuple(html.unescape(part) for part in row) for row in NAME.findall(text)]


def test_the_count_beside_a_status_is_the_caseloads_own(service, person):
    page = service.ask("GET", "/caseloads", WHO).text
    counts = caseload_counts(the_desk(), person)
    for number, status in enumerate(NEEDS, 1):
        answer, pupils = caseload_answer(the_desk(), person, status, AS_OF)
        assert counts[status] == len(answer.pupils) == len(pupils)
        said = "1 child" if len(pupils) == 1 else f"{len(pupils)} children"
        assert re.search(rf'<a href="/caseloads/{number}">[^<]+</a>: {said}<', page), status
    assert sum(counts.values()) > 0


@pytest.mark.parametrize(("rows", "num_pages"), [(0, 1), (-1, 2)])  # as many as a page holds, and one more
def test_it_comes_in_pages_and_each_child_is_on_one(service, place, person, rows, num_pages, monkeypatch):
    answer, _ = caseload_answer(the_desk(), person, NEEDS[place - 1], AS_OF)
    for module in (pages, all_pages):
        monkeypatch.setattr(module, "A_PAGE", len(answer.pupils) + rows)
    first = service.ask("GET", f"/caseloads/{place}", WHO)
    links = re.findall(rf'href="/caseloads/{place}\?page=(\d+)"', first.text)
    assert len(links) == (num_pages if num_pages > 1 else 0)
    seen = rows_of(first.text)
    with the_desk().database.reading() as session:
        query = select(LogEntry).where(LogEntry.request == first.headers["x-request-id"])
        assert len(session.scalars(query).one().tokens.split()) == len(seen)  # those shown, and nobody else
    for link in links[1:]:
        seen += rows_of(service.ask("GET", f"/caseloads/{place}?page={link}", WHO).text)
    assert [name for name, _, _ in seen] == [each.name for each in answer.pupils]


def test_a_page_holds_fifty():
    assert all_pages.A_PAGE == 50


def test_filters_leave_those_of_a_school_and_a_year(service, place):
    every = rows_of(service.ask("GET", f"/caseloads/{place}", WHO).text)
    _, year, school = every[0]
    found = service.ask("GET", f"/caseloads/{place}", WHO, params={"school": school, "year": year})
    assert rows_of(found.text) == [row for row in every if row[1:] == (year, school)]
    nobody = service.ask("GET", f"/caseloads/{place}", WHO, params={"school": "No such school"})
    assert not rows_of(nobody.text) and "No child of this caseload is so." in nobody.text


def test_a_search_finds_by_part_of_a_name_within_the_caseload_alone(service, place):
    every = rows_of(service.ask("GET", f"/caseloads/{place}", WHO).text)
    surname = every[0][0].split()[-1]
    found = service.ask("POST", f"/caseloads/{place}", WHO, data={"asked": surname[:4].lower()})
    assert rows_of(found.text) == [row for row in every if surname[:4].lower() in row[0].lower()]
    assert f'value="{surname[:4].lower()}"' in found.text and "?" not in str(found.url)
    with the_desk().database.reading() as session:
        query = select(LogEntry).where(LogEntry.request == found.headers["x-request-id"])
        entry = session.scalars(query).one()
    assert surname[:4].lower() not in entry.what.lower() and "searched" in entry.what
    assert not rows_of(service.ask("POST", f"/caseloads/{place}", WHO, data={"asked": "zzzz"}).text)


def test_years_stand_in_their_order():
    said = ["Year not known", "Year 10", "Year 2", "Reception"]
    assert sorted(said, key=in_order) == ["Reception", "Year 2", "Year 10", "Year not known"]
