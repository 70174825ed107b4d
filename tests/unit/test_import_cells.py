"""How one text is read: UPNs, dates, codes, numbers; and what may not come in."""

import pytest

from features.records import private
from features.records.cells import day_first, iso, read_cell
from features.records.date_order import Shown
from features.records.upn import check_letter, upn_fault
from features.tables import ATTAINMENT, ATTENDANCE, CENSUS, ROLL, SUSPENSIONS


@pytest.mark.parametrize(
    ("body", "letter"),
    [("801200001001", "H"), ("395206823001", "A"), ("399200400034", "T"), ("39822742400B", "K")],
)
def test_check_letter(body, letter):
    by_hand = sum(
        weight * ("ABCDEFGHJKLMNPQRTUVWXYZ".index(mark) if mark.isalpha() else int(mark))
        for weight, mark in zip(range(2, 14), body, strict=True)
    )
    assert check_letter(body) == "ABCDEFGHJKLMNPQRTUVWXYZ"[by_hand % 23]
    if body != "399200400034":
        assert check_letter(body) == letter


@pytest.mark.parametrize(
    ("upn", "fault"),
    [
        ("A395206823001", ""),
        ("K39822742400B", ""),
        ("B395206823001", "upn_check_letter"),
        ("A39520682300", "upn_form"),
        ("A3952068230011", "upn_form"),
        ("A39520682300S", "upn_form"),
        ("I395206823001", "upn_form"),
        ("1395206823001", "upn_form"),
        ("A３95206823001", "upn_form"),
    ],
)
def test_upn_fault(upn, fault):
    assert upn_fault(upn) == fault


@pytest.mark.parametrize(
    ("column", "text", "value", "fault", "repairs"),
    [
        (ROLL.column("upn"), " a395206823001 ", "A395206823001", "", ("trimmed", "case")),
        (ROLL.column("urn"), "103456.0", 103456, "", ("integer_text",)),
        (ROLL.column("urn"), "103456.5", None, "unknown_school", ()),
        (ROLL.column("urn"), "n/a", None, "unknown_school", ()),
        (ATTENDANCE.column("am"), "i", "I", "", ("case",)),
        (ATTENDANCE.column("am"), "-", "-", "", ()),
        (ATTENDANCE.column("pm"), "\\", "\\", "", ()),
        (ATTENDANCE.column("am"), "Y9", None, "unknown_code", ()),
        (CENSUS.column("sen_provision"), "S", "E", "", ()),
        (CENSUS.column("sen_provision"), "p", "K", "", ("case",)),
        (SUSPENSIONS.column("category"), "FIXD", "SUSP", "", ()),
        (CENSUS.column("sen_need_1"), "DS", "DS", "", ()),
        (SUSPENSIONS.column("reason_1"), "DM", "DM", "", ()),
        (SUSPENSIONS.column("reason_1"), "SEMH", None, "unknown_code", ()),
        (CENSUS.column("idaci_decile"), "11", None, "out_of_range", ()),
        (CENSUS.column("fsm_eligible"), "Y", 1, "", ()),
        (CENSUS.column("fsm_eligible"), "perhaps", None, "unknown_code", ()),
        (CENSUS.column("birth_date"), "2011-02-30", None, "bad_date", ()),
        (CENSUS.column("birth_date"), "", None, "", ()),
        (CENSUS.column("birth_date"), "   ", None, "", ()),
        (ATTAINMENT.column("year"), "202²/2³", None, "out_of_range", ()),
    ],
)
def test_read_cell(column, text, value, fault, repairs):
    cell = read_cell(column, text)
    assert (cell.value, cell.fault, cell.repairs) == (value, fault, repairs)


def test_own_values_come_before_codes():
    cell = read_cell(ROLL.column("enrolment_status"), "Single", own_values={"Single": "C"})
    assert (cell.value, cell.repairs) == ("C", ())


def test_dates_of_both_styles():
    assert iso("1970-01-02") == 1 == day_first("02/01/1970") == day_first("2.1.1970")
    assert iso("70-01-02") is None is iso("1970-1-2")
    assert day_first("31/02/2020") is None


@pytest.mark.parametrize(
    ("texts", "answer"),
    [
        (["14/09/2023", "", "not known"], Shown(day=frozenset({"14/09/2023"}))),
        (["04/09/2023", "2023-09-05"], Shown(True, open=frozenset({"04/09/2023"}))),
        (["13/12/2023", "12/13/2023"], Shown(day=frozenset({"13/12/2023"}), month=frozenset({"12/13/2023"}))),
        (["12/12/2023", "1.1.2020"], Shown(is_other=True)),
        (["11/12/2023"], Shown(open=frozenset({"11/12/2023"}))),
        (["04/09/23", "20230904", "31/31/2023", ""], Shown()),
    ],
)
def test_what_a_column_shows_of_the_order_of_its_dates(texts, answer):
    assert Shown.by(texts) == answer


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        (["943 476 5919", "9434765919"], private.NHS_REFUSED),
        (["1234567890", "1234567891"], ""),
        (["EX-00000", "EX-00001"], ""),
        (["QQ123456C", "", "x"], "holds National Insurance numbers"),
        (["qq 12 34 56 c"], "holds National Insurance numbers"),
        (["3992003"], ""),
    ],
)
def test_private_numbers(texts, why):
    assert private.held(texts) == why


def test_names_are_known_by_their_values():
    names = frozenset(["ada", "grace", "mary", "rosalind", "dorothy"])
    assert private.held(["Ada", "Grace", "Mary", "Rosalind", "Dorothy"], names) == "a name outside names"
    assert private.held(["Mary", "Maths", "Music", "Drama", "Art", "History"], names) == ""


@pytest.mark.parametrize(
    "column", ["Surname", "FORENAME", "Legal Surname", "pupil_name", "First Name", "Name", "Known as"]
)
def test_columns_named_as_names(column):
    assert private.is_name(column)


@pytest.mark.parametrize(
    "column", ["Form", "Case No", "School name", "Username", "Attendance", "names_supplied"]
)
def test_columns_not_named_as_names(column):
    assert not private.is_name(column)
