"""authority.toml held against itself and the records: terms, lags, names that nothing has, schools' predecessors."""

import pytest

from features.errors import AuthorityRefused, ExtractRefused
from features.records.authority import SERVICES, read_authority
from features.records.importing import check_extract
from serving.signposts import SIGNPOSTS
from tests.extracts import ACADEMY, OTHER, SCHOOL, base, names, upn, write_extract
from tests.small import AUTHORITY


def refused(folder, authority, tables=None):
    with pytest.raises(AuthorityRefused) as error:
        check_extract(write_extract(folder, tables, authority=authority))
    assert error.value.exit_code == 4
    assert all(breach.startswith("authority.toml, ") for breach in error.value.breaches)
    return error.value.breaches


LAST = "autumn_1 = [2024-09-02, 2024-10-25]"
WRONG = {
    "of another year": (LAST, "autumn_1 = [2023-09-04, 2023-10-27]", "terms.2024/25: autumn_1 lies outside that academic year"),
    "into the year after": ("summer_2 = [2025-06-02, 2025-07-18]", "summer_2 = [2025-06-02, 2025-09-01]", "summer_2 lies outside"),
    "on the day that the one before ends": ("autumn_2 = [2024-11-04, 2024-12-20]", "autumn_2 = [2024-10-25, 2024-12-20]", "autumn_2 begins before autumn_1 has ended"),
    "in the July before": (LAST, "autumn_1 = [2024-07-31, 2024-10-25]", "autumn_1 lies outside"),
    "a later half-term in the August before": ("autumn_2 = [2024-11-04, 2024-12-20]", "autumn_2 = [2024-08-29, 2024-12-20]", "autumn_2 lies outside"),
    "out of order": ("autumn_2 = [2024-11-04, 2024-12-20]", "autumn_2 = [2025-07-20, 2025-07-25]", "spring_1 begins before autumn_2 has ended"),
    "ends before it starts": (LAST, "autumn_1 = [2024-10-25, 2024-09-02]", "ends before it starts"),
    "a half-term that is none": (LAST, "autum_1 = [2024-09-02, 2024-10-25]", "terms.2024/25: nothing is called autum_1. The nearest name is autumn_1"),
    "a year that is none": ('[terms."2024/25"]', '[terms."2024/26"]', "written as 2024/25"),
    "a closure of another year": ('"2024/25" = [2025-05-05]', '"2024/25" = [2024-05-06]', "closures.2024/25: 2024-05-06 lies outside"),
    "closures of a year without terms": ('"2024/25" = [2025-05-05]', '"2025/26" = [2026-05-04]', "closures: nothing is called 2025/26. The nearest name is 2020/21"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_terms_that_cannot_be(case, tmp_path):
    before, after, words = WRONG[case]
    assert before in AUTHORITY
    breaches = refused(tmp_path, AUTHORITY.replace(before, after))
    assert any(words.split(". The nearest")[0] in breach for breach in breaches)


@pytest.mark.parametrize(
    ("first", "last"),
    [("2024-09-01", "2024-10-25"), ("2024-08-01", "2024-10-25"), ("2024-09-02", "2024-11-03")],
    ids=["its first day", "the first day of August", "the day before the next"],
)
def test_terms_at_the_edge(first, last, tmp_path):
    write_extract(tmp_path, authority=AUTHORITY.replace(LAST, f"autumn_1 = [{first}, {last}]"))
    assert read_authority(tmp_path)


(EXTRACTED,) = (line for line in AUTHORITY.splitlines() if line.startswith("extracted_on"))
LAGS = {
    "below nought": "census = -1",
    "below nought for a year": 'census = { default = 35, "2024/25" = -1 }',
    "no number": "census = true",
    "half a day": "census = 1.5",
    "a day above ten years": "census = 3661",
    "beyond what any number of days holds": "census = 99999999999999999999",
    "beyond it for a year": 'census = { default = 35, "2024/25" = 4294967296 }',
}


@pytest.mark.parametrize("case", LAGS)
def test_a_lag_is_nought_days_or_more_in_every_year(case, tmp_path):
    (breach,) = refused(tmp_path, AUTHORITY + f"\n[lag_days]\n{LAGS[case]}\n")
    assert "lag_days.census" in breach
    assert ("known before their own day" in breach) == case.startswith("below")
    assert ("(2024/25)" in breach) == (case == "below nought for a year")


@pytest.mark.parametrize("days", [0, 3660])
def test_a_lag_of_nought_or_ten_years_is_one(days, tmp_path):
    lag = f'\n[lag_days]\ncensus = {{ default = {days}, "2024/25" = {days} }}\n'
    write_extract(tmp_path, authority=AUTHORITY + lag)
    assert read_authority(tmp_path).lag("census", "2024/25") == days


@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
def test_an_extract_of_no_day_that_can_be_meant(day, tmp_path):
    (breach,) = refused(tmp_path, AUTHORITY.replace(EXTRACTED, f"extracted_on = {day}"))
    assert "authority.extracted_on" in breach


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_an_extract_of_the_first_and_last_day(day, tmp_path):
    write_extract(tmp_path, authority=AUTHORITY.replace(EXTRACTED, f"extracted_on = {day}"))
    assert str(read_authority(tmp_path).authority.extracted_on) == day


NAMES = """
[columns.suspensions]
"Excl Strat" = "start_date"
"Sessions" = "sesions"
[columns.suspension]
"x" = "upn"
[values.roll.enrolment_staus]
"Single" = "C"
[values.suspensions.category]
"Permanent" = "PREM"
[lag_days]
censuss = 35
suspensions = { default = 3, "2012/13" = 200 }
[signposts]
attendence = "Team"
[documents]
teem = "Team"
controller = "Team"
[lawful_bases]
x = "y"
[listings]
x = 1
"""


def test_names_that_nothing_has_are_refused_together_with_the_nearest(tmp_path):
    told = " | ".join(
        refused(
            tmp_path,
            AUTHORITY.replace("primary = 5,", "primry = 5,").replace(
                "[lawful_basis]", '[lawful_basis]\ncustdy = "x"'
            )
            + NAMES,
        )
    )
    for words in (
        "columns.suspensions, 'Sessions': nothing is called sesions. The nearest name is sessions",
        "columns: nothing is called suspension. The nearest name is suspensions",
        "values.roll: nothing is called enrolment_staus. The nearest name is enrolment_status",
        "values.suspensions.category, 'Permanent': nothing is called PREM. The nearest name is PERM",
        "lag_days: nothing is called censuss. The nearest name is census",
        "lag_days.suspensions: nothing is called 2012/13",
        "signposts: nothing is called attendence. The nearest name is attendance",
        "whole file: nothing is called lawful_bases. The nearest name is lawful_basis",
        "lawful_basis: nothing is called custdy. The nearest name is custody",
        "documents: nothing is called teem. The nearest name is team",
        "documents: nothing is called controller. Names there: organisation, team, ",
        "meeting.places_per_school: nothing is called primry. The nearest name is primary",
        "whole file: nothing is called listings. The nearest name is lists",
    ):
        assert words in told
    assert ".." not in told


def test_a_column_of_their_own_that_no_file_has(tmp_path):
    tables = base()
    for row in tables["suspensions"]:
        row["Excl Start"] = row.pop("start_date")
    wrong = (
        AUTHORITY + '\n[columns.suspensions]\n"Excl Strat" = "start_date"\n[columns.support]\n"Who" = "upn"\n'
    )
    breaches = refused_with_what_follows(tmp_path, wrong, tables)
    assert breaches[0].startswith(
        "authority.toml, columns.suspensions: no file of suspensions has a column called Excl Strat. The nearest name is Excl Start"
    )
    assert breaches[1].startswith(
        "authority.toml, columns.support: no file of support has a column called Who."
    )
    assert breaches[2].startswith("suspensions.csv, column start_date: a required column is missing")


def refused_with_what_follows(folder, authority, tables):
    with pytest.raises(AuthorityRefused) as error:
        check_extract(write_extract(folder, tables, authority=authority))
    return error.value.breaches


def test_every_service_that_a_card_points_to_may_be_named():
    assert {signpost.service for signpost in SIGNPOSTS.values()} <= set(SERVICES)


def test_a_year_of_marks_without_terms_is_refused(tmp_path):
    tables = base()
    tables["attendance"][0]["date"] = "2019-09-10"
    (breach,) = refused(tmp_path, AUTHORITY, tables)
    assert "the registers have marks in 2019/20 (1 rows, school 100001), and no terms" in breach


SATURDAY, MONDAY = "2024-09-07", "2024-09-09"


@pytest.mark.parametrize("off", [0, 1, 9, 10])
def test_marks_on_no_school_day_are_named_and_more_than_half_of_them_refused(off, tmp_path):
    tables = base()
    rows = tables["attendance"]  # eighteen
    for place, row in enumerate(rows[:off]):
        row["date"] = ("2024-09-07", "2024-09-08", "2024-09-14")[place % 3]
    if off == 10:
        (breach,) = refused(tmp_path, AUTHORITY, tables)
        assert "10 of 18 rows of registers lie on days that are no school day" in breach
        return
    found = check_extract(write_extract(tmp_path, tables))
    assert found.off_calendar.get("rows", 0) == off
    assert ("2024-09-07" in " ".join(found.sentences())) == bool(off)


def test_school_days_without_any_mark_are_named(tmp_path):
    tables = base()
    for row in tables["attendance"]:
        row["date"] = row["date"].replace("2024-09-05", "2024-09-10")
    found = check_extract(write_extract(tmp_path, tables))
    assert found.off_calendar == {
        "rows": 0,
        "days": [],
        "silent_days": ["2024-09-05", "2024-09-06", "2024-09-09"],
    }
    assert "no school has a mark on 3 school days (2024-09-05, 2024-09-06, 2024-09-09)" in " ".join(
        found.sentences()
    )


LINEAGE = {
    "no school": ({ACADEMY: "100009"}, "schools.csv, line 3, column predecessor_urn: school 100002 follows 100009, which is not in the table"),
    "itself": ({ACADEMY: ACADEMY}, "schools.csv, line 3, column predecessor_urn: school 100002 is named as its own predecessor"),
    "round": ({ACADEMY: SCHOOL, SCHOOL: OTHER, OTHER: ACADEMY}, "schools.csv, line 2, column predecessor_urn: the predecessors of school 100001 lead back to it"),
}  # fmt: skip


@pytest.mark.parametrize("case", LINEAGE)
def test_a_predecessor_that_cannot_be_followed(case, tmp_path):
    links, words = LINEAGE[case]
    tables = base()
    for row in tables["schools"]:
        row["predecessor_urn"] = links.get(row["urn"], "")
    with pytest.raises(ExtractRefused) as refusal:
        check_extract(write_extract(tmp_path, tables))
    assert refusal.value.breaches[0].startswith(words)
    assert len(refusal.value.breaches) == len(links)


def test_a_predecessor_that_is_there(tmp_path):
    tables = base()
    for row in tables["schools"]:
        row["predecessor_urn"] = SCHOOL if row["urn"] == ACADEMY else ""
    assert check_extract(write_extract(tmp_path, tables)).tables["schools"].kept == 3


AUGUST = AUTHORITY[: AUTHORITY.index('[terms."2020/21"]')] + AUTHORITY[AUTHORITY.index('[terms."2024/25"]') :]


@pytest.mark.parametrize(("day", "is_refused"), [("2024-08-28", False), ("2024-08-27", True)])
def test_marks_of_an_autumn_term_that_begins_in_august_are_of_its_year(day, is_refused, tmp_path):
    tables = base()
    for row in tables["attendance"][:6:3]:
        row["date"] = day
    write_extract(tmp_path, tables, authority=AUGUST.replace(LAST, "autumn_1 = [2024-08-28, 2024-10-25]"))
    if is_refused:
        with pytest.raises(AuthorityRefused, match="marks in 2023/24 .2 rows"):
            check_extract(tmp_path)
    else:
        assert check_extract(tmp_path).off_calendar.get("rows", 0) == 0


@pytest.mark.parametrize("text", [upn(0), " ".join(upn(0)), f"{upn(0)[:4]}-{upn(0)[4:]}"])
def test_a_upn_in_authority_toml_is_not_printed(text, tmp_path):
    told = " | ".join(
        refused(tmp_path, AUTHORITY + f'\n[values.roll.enrolment_status]\n"{text}" = "Q"\n["{text}"]\n')
    )
    assert text not in told
    assert "values.roll.enrolment_status, '(a UPN)': nothing is called Q" in told


def test_own_values_that_no_cell_has_are_named(tmp_path):
    own = '\n[values.roll.enrolment_status]\n"Single" = "C"\n"Sngle" = "C"\n"Ottoline" = "M"\n[values.census.sex]\n"F" = "F"\n'
    tables = base() | {"names": names()}
    tables["roll"][0]["enrolment_status"] = " Single "
    found = check_extract(write_extract(tmp_path, tables, authority=AUTHORITY + own))
    assert [(one["column"], one["value"]) for one in found.unused_values] == [
        ("enrolment_status", "Sngle"), ("enrolment_status", "(not shown)"),
    ]  # fmt: skip
    assert "values.roll.enrolment_status: no cell says Sngle." in " ".join(found.sentences())


@pytest.mark.parametrize("text", [b"a = 1\nb = 2\nc = ]\n", b'a = 1\nb = 2\nc = "\xe4"\n'])
def test_where_it_cannot_be_read_the_line_is_named(text, tmp_path):
    (tmp_path / "authority.toml").write_bytes(text)
    with pytest.raises(AuthorityRefused, match="^authority.toml, line 3 is not readable as TOML in UTF-8"):
        read_authority(tmp_path)
