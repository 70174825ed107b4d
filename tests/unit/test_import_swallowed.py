"""Rows between two stray quotation marks: one cell to every reader of CSV, and lost children to an authority."""

import pytest

from features.errors import ExtractRefused
from features.records.importing import check_extract
from tests.extracts import upn, write_extract

WITHHELD = f'upn,reason,from,to,notes\n{upn(0)},restricted,2024-09-01,,"see file\n{{}}to aunt"\n'
SWALLOWED = {
    "a column that is not known": WITHHELD.format(f"{upn(1)},restricted,2024-09-01,,"),
    "a UPN that cannot be read": WITHHELD.format("A12,restricted,2024-09-01,,"),
    "a column that is known": f'upn,reason,from,to\n{upn(0)},restricted,2024-09-01,"\n{upn(1)},restricted,2024-09-01,"\n',
    "with semicolons": f'sep=;\nupn;reason;from;to;notes\n{upn(0)};restricted;2024-09-01;;"a\n{upn(1)};b;c;;to aunt"\n',
}
LINES = dict.fromkeys(SWALLOWED, 2) | {"with semicolons": 3}


@pytest.mark.parametrize("case", SWALLOWED)
def test_rows_of_withheld_inside_a_cell_stop_the_import(case, tmp_path):
    (write_extract(tmp_path) / "withheld.csv").write_text(SWALLOWED[case])
    with pytest.raises(ExtractRefused, match=rf"^withheld.csv: on line {LINES[case]} a cell") as refused:
        check_extract(tmp_path)
    assert upn(1) not in str(refused.value)


@pytest.mark.parametrize("table", ["roll", "census", "suspensions", "attendance"])
def test_rows_of_any_table_inside_a_cell_stop_the_import(table, tmp_path):
    path = write_extract(tmp_path) / f"{table}.csv"
    header, *rows = path.read_text().splitlines()
    rows = [f"{row}," for row in rows]
    rows[0] += '"see file'
    rows[2] += 'to aunt"'
    path.write_text("\n".join([f"{header},notes", *rows]) + "\n")
    with pytest.raises(ExtractRefused, match=f"^{table}.csv: on line 2 a cell"):
        check_extract(tmp_path)


def test_a_note_of_two_lines_is_no_row(tmp_path):
    (write_extract(tmp_path) / "withheld.csv").write_text(WITHHELD.format("a, b, c, and "))
    assert check_extract(tmp_path).protected["restricted"] == 1
