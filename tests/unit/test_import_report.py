"""What an import ends by saying: a closing table, and sentences without anybody's values."""

from dataclasses import replace

import pytest
from rich.console import Console

from features.records.report import NOTES, REPAIRED, Report, TableCounts
from serving import terminal


def report() -> Report:
    found = Report("2025-08-31")
    found.tables["census"] = TableCounts(read=200)
    found.tables["suspensions"] = TableCounts(read=1200, notes={"versions": 28, "off_roll": 0})
    found.tables["suspensions"].rejected.update({"upn_form": 2, "duplicate": 1})
    found.tables["suspensions"].repaired.update({"case": 5})
    return found


def test_closing_rows_add_up():
    assert report().closing_rows() == [
        ("census", 200, 200, 0, 0, ""),
        ("suspensions", 1200, 1197, 3, 5, "later versions of one event: 28"),
    ]


def test_nothing_of_the_closing_table_is_cut_on_a_usual_or_a_narrow_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report()
    found.tables["involvements"] = TableCounts(read=19_650_611)
    for width in (80, 50):
        monkeypatch.setattr(terminal, "console", Console(width=width))
        terminal.say_import(found, None)
        told = capsys.readouterr().out
        assert "…" not in told
        assert max(map(len, told.splitlines())) <= width
        assert width == 50 or "involvements" in told


def test_nothing_to_say():
    found = report()
    found.tables["suspensions"].rejected.clear()
    assert found.sentences() == []


def test_every_kind_of_remark_is_one_sentence_with_its_place_and_count():
    found = report()
    found.file_repairs = {"bom": {"census": {"files": ["census/a.csv", "census/b.csv"], "rows": 200}}}
    found.ignored_columns = {"census": ["Form", "House"]}
    found.bulk_recorded_on = {"census": {"recorded_on": "2025-07-25", "rows": 150}}
    found.late_feeds = [{"urn": 100001, "last_date": "2025-06-27"}, {"urn": 100002, "last_date": None}]
    found.under_notified = [
        {"urn": 100003, "sessions": 1990, "suspensions_not_told": 480, "suspensions_without_e": 1}
    ]
    words = found.sentences()
    for sentence, parts in zip(words, (
        ("census", "byte-order mark", "2 files"),
        ("census", "Form, House"),
        ("suspensions: 3 rows rejected: 1 by duplicate", "2 by upn_form", "counts for no child"),
        ("census", "75 %", "2025-07-25", "bulk load"),
        ("100001", "stop on 2025-06-27", "not assessed"),
        ("100002", "not supplied at all"),
        ("100003", "1,990 sessions", "about 480 suspensions", "1 suspension without"),
    ), strict=True):  # fmt: skip
        assert all(part in sentence for part in parts), sentence


def test_every_note_and_whole_file_repair_has_words():
    assert set(NOTES) == {"versions", "off_roll", "unlinked", "off_spell"}
    whole = {"day_first", "boolean_text", "bom", "crlf", "windows_1252", "empty_rows", "separator_line"}
    assert set(REPAIRED) == whole


@pytest.mark.parametrize(("last", "is_said"), [("2025-07-02", False), ("2025-07-01", True)])
def test_registers_that_end_long_before_the_extract_are_pointed_out(last, is_said):
    found = replace(report(), extracted_on="2025-08-31", data_end=last)
    assert (
        f"the last mark of any school is of {last}, 61 days before" in " ".join(found.sentences())
    ) == is_said
