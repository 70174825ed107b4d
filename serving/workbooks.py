"""A list as an Excel workbook and as CSV, safe to open in a spreadsheet and the same bytes each time."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date
from math import ceil
from textwrap import wrap

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet
from openpyxl.writer.excel import ExcelWriter

# What a spreadsheet may take for a formula: OWASP, "CSV injection"; the last four are full-width forms.
FORMULA_LEADS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
# Control characters are not allowed in a workbook's XML, and a tab or line end may hide a formula's lead.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ufffe\uffff]+")
LINE_POINTS = 15.0
LONGEST_CHOICES = 253  # characters that Excel keeps of a list to choose from
CHARACTERS_FILL = 1.05  # digits set the width; letters are narrower, but words do not fill a line
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
DAY = "d mmm yyyy"  # a date is a date: sorted, filtered and reckoned with as one

TITLE, HEADER, PLAIN = (
    Font(name="Calibri", size=14, bold=True),
    Font(name="Calibri", bold=True),
    Font(name="Calibri"),
)
WRAPPED = Alignment(wrap_text=True, vertical="top")
UNDERLINE = Border(bottom=Side(style="medium"))
HAIRLINE = Border(bottom=Side(style="hair"))


def neutral(value: object) -> str | int | float | date:
    """A cell's value that no spreadsheet takes for a formula.

    Numbers and dates pass; text loses control characters and surrounding space, and gets an apostrophe in
    front where it would begin a formula.
    """
    if isinstance(value, int | float | date):
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
    """One sheet of A4 landscape: lines across the width, which stay in sight, then a table or text.

    Parameters
    ----------
    workbook : openpyxl.Workbook
        Write-only.
    title : str
    widths : sequence of float
        Of the columns, in characters.
    heading : str
        The first line.
    top : sequence of str
        Lines below it.
    footer : str
        Printed at the foot of every page.
    """

    def __init__(
        self,
        workbook: Workbook,
        title: str,
        widths: Sequence[float],
        heading: str,
        top: Sequence[str],
        footer: str,
    ) -> None:
        self.sheet: WriteOnlyWorksheet = workbook.create_sheet(title)
        self.rows, self.widths, self.width = 0, tuple(widths), sum(widths)
        self.first_row, self._choices = 1, dict[str, DataValidation]()
        for position, width in enumerate(widths):
            self.sheet.column_dimensions[chr(ord("A") + position)].width = width
        self.sheet.page_setup.paperSize = Worksheet.PAPERSIZE_A4
        self.sheet.page_setup.orientation = "landscape"
        self.sheet.page_setup.fitToHeight = 0
        self.sheet.page_margins = PageMargins(left=0.45, right=0.45, top=0.45, bottom=0.75, footer=0.35)
        self.sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        # An ampersand begins a code in a footer; 255 characters is Excel's limit for its three parts.
        self.sheet.oddFooter.left.text = footer.replace("&", "and")[:220]
        self.sheet.oddFooter.left.size = 7
        self.sheet.oddFooter.right.text = "&P/&N"
        lines = [part for text in top for part in wrap(text, int(self.width))]
        self.sheet.freeze_panes = f"A{len(lines) + 3}"
        self.line(heading, TITLE)
        for text in lines:
            self.line(text)

    def line(self, text: str, font: Font | None = None) -> None:
        """Text across the columns, in as many rows as it needs."""
        for part in wrap(text, int(self.width)):
            cell = WriteOnlyCell(self.sheet, neutral(part))
            cell.font = font or PLAIN
            self.sheet.append([cell])
            self.rows += 1

    def table(self, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """A header and its rows, with filters."""
        top = self.rows + 1
        self.sheet.print_title_rows = f"{top}:{top}"
        self._append(self._cells(len(header), HEADER, UNDERLINE), header)
        cells = self._cells(len(header), PLAIN, HAIRLINE)
        of_days = self._cells(len(header), PLAIN, HAIRLINE, DAY)
        for row in rows:
            is_day = [isinstance(value, date) for value in row]
            self._append([of_days[n] if on else cells[n] for n, on in enumerate(is_day)], row)
        self.first_row = top + 1
        self.sheet.auto_filter.ref = f"A{top}:{chr(ord('A') + len(header) - 1)}{self.rows}"

    def choose(self, column: int, place: int, choices: Sequence[str]) -> None:
        """Let a cell of the table be chosen from a list, as far as a workbook can hold one; others can be typed too.

        Parameters
        ----------
        column, place : int
            The column from 1; the row of the table from 0.
        """
        listed = ",".join(choices)
        if (
            not choices
            or len(listed) > LONGEST_CHOICES
            or any("," in each or '"' in each for each in choices)
        ):
            return
        if listed not in self._choices:
            self._choices[listed] = DataValidation(
                type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=False
            )
            self.sheet.data_validations.append(self._choices[listed])
        self._choices[listed].add(f"{chr(ord('A') + column - 1)}{self.first_row + place}")

    def _cells(self, count: int, font: Font, border: Border, number_format: str = "General") -> list[Cell]:
        cells = [WriteOnlyCell(self.sheet) for _ in range(count)]
        for cell in cells:
            cell.font, cell.border, cell.alignment, cell.number_format = font, border, WRAPPED, number_format
        return cells

    def _append(self, cells: list[Cell], values: Sequence[object]) -> None:
        # A row is written as it is appended, so its cells serve the next: styling each anew takes
        # half the time of all lists.
        lines = 1
        for cell, value, width in zip(cells, values, self.widths, strict=True):
            cell.value = neutral(value)
            lines = max(lines, ceil(len(str(value)) / (width * CHARACTERS_FILL)))
        self.rows += 1
        if lines > 1:  # not every spreadsheet fits a row to its wrapped text
            self.sheet.row_dimensions[self.rows].height = lines * LINE_POINTS
        self.sheet.append(cells)


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
