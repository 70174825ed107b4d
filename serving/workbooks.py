"""A list as an Excel workbook and as CSV, safe to open in a spreadsheet and the same bytes each time."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

# What a spreadsheet may take for a formula: OWASP, "CSV injection"; the last four are full-width forms.
FORMULA_LEADS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# Control characters are not allowed in a workbook's XML, and a tab or line end may hide a formula's lead.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]+")
ZIP_DATE = (1980, 1, 1, 0, 0, 0)

TITLE, HEADER, PLAIN = Font(name="Calibri", size=14, bold=True), Font(name="Calibri", bold=True), Font(name="Calibri")
WRAPPED = Alignment(wrap_text=True, vertical="top")
UNDERLINE = Border(bottom=Side(style="medium"))
HAIRLINE = Border(bottom=Side(style="hair"))


def neutral(value: object) -> str | int | float:
    """A cell's value that no spreadsheet takes for a formula.

    Numbers pass; text loses control characters and surrounding space, and gets an apostrophe in
    front where it would begin a formula.
    """
    if isinstance(value, int | float):
        return value
    text = CONTROL.sub(" ", str(value)).strip()
    return f"'{text}" if text.startswith(FORMULA_LEADS) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """One table as CSV in UTF-8 with a byte-order mark, without which Excel misreads accents."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([neutral(value) for value in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


class Sheet:
    """One sheet, written from the top down: lines across the width, then a table.

    Parameters
    ----------
    workbook : openpyxl.Workbook
        Write-only.
    title : str
    widths : sequence of float
        Of the columns, in characters.
    footer : str
        Printed at the foot of every page.
    """

    def __init__(self, workbook: Workbook, title: str, widths: Sequence[float], footer: str) -> None:
        self.sheet: WriteOnlyWorksheet = workbook.create_sheet(title)
        self.rows = 0
        for position, width in enumerate(widths):
            self.sheet.column_dimensions[chr(ord("A") + position)].width = width
        self.sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        # An ampersand begins a code in a footer; 255 characters is Excel's limit for its three parts.
        self.sheet.oddFooter.left.text = footer.replace("&", "and")[:220]
        self.sheet.oddFooter.left.size = 7
        self.sheet.oddFooter.right.text = "&P/&N"

    def line(self, text: str, font: Font | None = None) -> None:
        """One line that may run across the columns."""
        cell = WriteOnlyCell(self.sheet, neutral(text))
        cell.font = font or PLAIN
        self.sheet.append([cell])
        self.rows += 1

    def freeze_below(self, lines: int) -> None:
        """Keep the header in sight, and repeat it on paper; before any row is written."""
        self.sheet.freeze_panes = f"A{lines + 2}"
        self.sheet.print_title_rows = f"{lines + 1}:{lines + 1}"

    def table(self, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A header and its rows, with filters."""
        top = self.rows + 1
        self._row(header, HEADER, UNDERLINE)
        for row in rows:
            self._row(row, PLAIN, HAIRLINE)
        self.sheet.auto_filter.ref = f"A{top}:{chr(ord('A') + len(header) - 1)}{self.rows}"

    def _row(self, values: Sequence[object], font: Font, border: Border) -> None:
        cells = []
        for value in values:
            cell = WriteOnlyCell(self.sheet, neutral(value))
            cell.font, cell.border, cell.alignment = font, border, WRAPPED
            cells.append(cell)
        self.sheet.append(cells)
        self.rows += 1


def workbook_bytes(workbook: Workbook) -> bytes:
    """The workbook as a file whose bytes do not hold the hour at which it was made."""
    loose = io.BytesIO()
    with zipfile.ZipFile(loose, "w", zipfile.ZIP_STORED) as archive:
        ExcelWriter(workbook, archive).save()
    packed = io.BytesIO()
    with zipfile.ZipFile(loose) as archive, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name in archive.namelist():
            part = archive.read(name)
            if name == "docProps/core.xml":
                part = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>1980-01-01T00:00:00Z", part)
            out.writestr(zipfile.ZipInfo(name, ZIP_DATE), part, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
