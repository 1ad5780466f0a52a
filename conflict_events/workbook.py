"""Rows in Excel's format (.xlsx): written for a person to read, sort and filter, and read back."""

from __future__ import annotations

import datetime
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from .columns import ID, TableError, Value

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell
    from openpyxl.worksheet._write_only import WriteOnlyWorksheet

SHEET = "events"
DAY = "yyyy-mm-dd"
LONGEST = 32_767  # characters a cell of Excel holds
# Excel counts days from here; what lies before stays text.
FIRST_DAY = datetime.date(1900, 3, 1)
# Widths in characters; columns not named here are as wide as their kind needs.
WIDTHS: Mapping[str, int] = {
    "notes": 70,
    "sentence": 70,
    "event_id_cnty": 16,
    "article_title": 40,
    "article_url": 30,
}
KIND_WIDTHS: Mapping[str, int] = {
    "date": 11,
    "count": 8,
    "decimal": 10,
    "list": 24,
    "text": 20,
    "inter": 16,
    "interaction": 24,
}
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def width(name: str, kind: str) -> int:
    """The width of a column in characters, never less than its heading and the filter's button need."""
    return max(WIDTHS.get(name, KIND_WIDTHS.get(kind, 20)), len(name) + 3)


def cell_text(text: str) -> str:
    """The text as a cell of a workbook can hold it: no control characters, at most 32,767 characters."""
    return _ILLEGAL.sub("", text)[:LONGEST]


def day_of(value: Value, kind: str) -> datetime.date | None:
    """The day of a date cell that a spreadsheet can hold as a date, else None."""
    if kind != "date" or not isinstance(value, str):
        return None
    day = datetime.date.fromisoformat(value)
    return day if day >= FIRST_DAY else None


def write_xlsx(
    columns: Mapping[str, str], rows: Iterable[Sequence[Value]], file: IO[bytes], tags: Sequence[str] = ()
) -> int:
    """The number of rows written to a new workbook, in a sheet "events".

    `columns` gives each column's kind. The header, and HXL's `tags` under it where there are any, stay in
    sight and carry the filter; dates are dates and numbers are numbers.
    """
    from openpyxl import Workbook
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(SHEET)
    for place, (name, kind) in enumerate(columns.items(), 1):
        sheet.column_dimensions[get_column_letter(place)].width = width(name, kind)
    top = 2 if tags else 1
    sheet.freeze_panes = f"A{top + 1}"
    sheet.append([_heading(sheet, name) for name in columns])
    if tags:
        sheet.append(list(tags))
    kinds = list(columns.values())
    count = 0
    for row in rows:
        sheet.append([_cell(sheet, value, kind) for value, kind in zip(row, kinds, strict=True)])
        count += 1
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(columns))}{top + count}"
    whole = io.BytesIO()
    book.save(whole)
    file.write(whole.getvalue())
    return count


def _heading(sheet: WriteOnlyWorksheet, name: str) -> Cell:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cell = WriteOnlyCell(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: WriteOnlyWorksheet, value: Value, kind: str) -> Any:
    """What openpyxl takes for the value; text stays text, whatever it starts with."""
    from openpyxl.cell import WriteOnlyCell

    day = day_of(value, kind)
    if day is not None:
        cell = WriteOnlyCell(sheet, datetime.datetime.combine(day, datetime.time()))
        cell.number_format = DAY
        return cell
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(sheet, cell_text(value))
    cell.data_type = "s"  # not "f", though it may begin with "="
    return cell


# ---- read back ---------------------------------------------------------------------------------------

DEEPEST_HEADER = 20  # rows that a person may have put above the header


def read_xlsx(file: BinaryIO) -> tuple[str, Iterator[tuple[int, Sequence[Value]]]]:
    """The name of the sheet that holds events, and its rows from the header on, each with its number.

    It is the first sheet with a heading `event_id_cnty` near its top, else the first one. Dates are ISO text,
    formulas their text. Raises TableError where the file is no workbook.
    """
    from zipfile import BadZipFile

    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, SyntaxError, EOFError, OSError) as error:
        what = " ".join(str(error).split())[:120]
        raise TableError(f"not a readable workbook ({what})") from None
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(max_row=DEEPEST_HEADER, values_only=True), 1):
            if ID in cells:
                return sheet.title, _rows(sheet, number)
    if not book.worksheets:
        raise TableError("the workbook has no sheet of cells")
    return book.worksheets[0].title, _rows(book.worksheets[0], 1)


def _rows(sheet: Any, first: int) -> Iterator[tuple[int, Sequence[Value]]]:
    for number, cells in enumerate(sheet.iter_rows(min_row=first, values_only=True), first):
        yield number, [_plain(value) for value in cells]


def _plain(value: Any) -> Value:
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ")
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        return str(value)
    if isinstance(value, bool):
        return str(value).upper()
    return value if value is None or isinstance(value, str | int | float) else str(value)
