"""A spreadsheet that people keep: its rows as they stand, and cells set without touching anything else.

CSV, XLSX and ODS behave alike here. What people added (columns, rows, colours, other sheets) is kept because
only the cells that are set are written.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .columns import ACLED, CODES, FULL, HXL, ID, LABELS, TableError, Value, guarded, unguarded
from .tables import CsvLines, Options, write_events
from .workbook import Cells, cell_text

KINDS = ("csv", "xlsx", "ods")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the sheet: its number as the spreadsheet shows it, and its cells by our column names."""

    number: int
    cells: Mapping[str, Value]

    @property
    def id(self) -> str:
        """The event id in the row, "" where there is none."""
        return str(self.cells.get(ID) or "").strip()


@dataclass(frozen=True, slots=True)
class Spreadsheet:
    """A sheet of events as it was read: `columns` gives each of our columns its place from 1.

    `header` is the number of the header's row, `top` that of HXL's hashtags under it, or the same.
    """

    kind: str
    raw: bytes
    title: str
    header: int
    top: int
    columns: Mapping[str, int]
    lines: Sequence[Line] = field(default=())

    @property
    def last(self) -> int:
        """The number of the last row that holds anything in our columns."""
        return max((line.number for line in self.lines), default=self.top)

    def patched(
        self,
        changes: Mapping[int, Mapping[str, Value]],
        new: Sequence[Mapping[str, Value]],
        *,
        guard: bool,
        removed: Collection[int] = (),
    ) -> bytes:
        """The file with cells of rows changed, by row number and column, and with new rows at its end.

        The rows `removed` are taken out as a person would delete them (see `row_removal`).
        """
        rows = {**changes, **dict(enumerate(new, self.last + 1))}
        cells: dict[int, dict[int, tuple[Value, str]]] = {
            number: {
                self.columns[name]: (guarded(value) if guard else value, FULL[name])
                for name, value in row.items()
                if name in self.columns
            }
            for number, row in rows.items()
        }
        if self.kind == "xlsx":
            from .row_removal import without_rows_xlsx
            from .workbook import patch_xlsx

            whole = patch_xlsx(self.raw, self.title, cells, self.header, self.last)
            return without_rows_xlsx(whole, self.title, removed) if removed else whole
        if self.kind == "ods":
            from .opendocument import patch_ods
            from .row_removal import without_rows_ods

            whole = patch_ods(self.raw, self.title, cells, self.header, self.last)
            return without_rows_ods(whole, self.title, removed) if removed else whole
        return _patch_csv(self.raw, cells, removed)


def kind_of(path: Path) -> str:
    """ "csv", "xlsx" or "ods", by the file's ending. Raises TableError for another."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise TableError(f"{path}: a sheet to update ends in .csv, .xlsx or .ods")
    return kind


def new_sheet(kind: str, columns: str, options: Options) -> Spreadsheet:
    """A sheet without rows, as `extract` writes one."""
    file: io.BytesIO | io.StringIO = io.StringIO() if kind == "csv" else io.BytesIO()
    write_events([], file, kind, columns, options)
    content = file.getvalue()
    return read_sheet(content.encode() if isinstance(content, str) else content, kind)


def read_sheet(raw: bytes, kind: str) -> Spreadsheet:
    """The sheet of events in a file of this kind.

    Raises TableError, saying what to do, where the file cannot be read, or where the header lacks one of
    ACLED's columns or has one of ours twice.
    """
    title, rows = _grid(raw, kind)
    header, names = next(rows, (0, ()))
    columns = _columns(names)
    lines = []
    top = header
    for number, cells in rows:
        found = {name: cells[place - 1] if place <= len(cells) else None for name, place in columns.items()}
        if found[ID] == HXL[ID]:
            top = number
        elif any(value not in (None, "") for value in found.values()):
            lines.append(Line(number, {name: _unguarded(value, FULL[name]) for name, value in found.items()}))
    return Spreadsheet(kind, raw, title, header, top, columns, lines)


def _grid(raw: bytes, kind: str) -> tuple[str, Iterator[tuple[int, Sequence[Value]]]]:
    if kind == "csv":
        return "", _csv_grid(raw)
    if kind == "xlsx":
        from .workbook import read_xlsx

        return read_xlsx(io.BytesIO(raw))
    from .opendocument import read_ods

    return read_ods(io.BytesIO(raw))


def _columns(names: Sequence[Value]) -> dict[str, int]:
    places: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        known = str(name).strip()
        if known in FULL:
            if known in places:
                raise TableError(f'two columns are called "{known}": rename the one that was added')
            places[known] = place
    missing = [name for name in ACLED if name not in places]
    if missing:
        which = ", ".join(f'"{name}"' for name in missing[:3]) + (" and others" if len(missing) > 3 else "")
        what = "column" if len(missing) == 1 else "columns"
        raise TableError(
            f"the header lacks the {what} {which}: put it back, or take the sheet out of the way"
        )
    return places


def _unguarded(value: Value, kind: str) -> Value:
    return unguarded(value) if isinstance(value, str) and kind in ("text", "list") else value


# ---- one cell beside another -------------------------------------------------------------------------


def same_cell(cell: Value, value: Value, kind: str) -> bool:
    """True where the cell of a sheet says what was written into it, in whatever way a program saved it.

    Spreadsheet programs rewrite dates and numbers in the style of the country when they save CSV.
    """
    if cell in (None, "") or value in (None, ""):
        return cell in (None, "") and value in (None, "")
    if cell == value:
        return True
    if kind == "date":
        return str(value) in _days(str(cell))
    if kind in LABELS:
        return CODES[kind].get(str(cell), str(cell)) == CODES[kind].get(str(value), str(value))
    if kind in ("count", "decimal"):
        numbers = _number(cell), _number(value)
        return None not in numbers and numbers[0] == numbers[1]
    return _spaced(str(cell)) == _spaced(cell_text(str(value)))


def _number(value: Value) -> float | None:
    try:
        return float(str(value).replace(",", ".") if "." not in str(value) else str(value))
    except ValueError:
        return None


def _spaced(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


_PARTS = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?: 0?0:00(?::00)?)?")


def _days(text: str) -> set[str]:
    """The days that a date of three numbers can be, in ISO form: day or month may come first."""
    parts = _PARTS.fullmatch(text.strip())
    if parts is None:
        return set()
    first, second, third = (int(part) for part in parts.groups())
    if len(parts[1]) == 4:
        orders = [(first, second, third)]
    else:
        year = third + 2000 if len(parts[3]) <= 2 else third
        orders = [(year, second, first), (year, first, second)]
    days = set()
    for order in orders:
        try:
            days.add(datetime.date(*order).isoformat())
        except ValueError:
            continue
    return days


# ---- CSV ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Csv:
    """How a CSV file is written: its encoding, its byte order mark, delimiter and line end."""

    text: str
    encoding: str
    mark: bytes
    delimiter: str
    newline: str


def _csv_file(raw: bytes) -> _Csv:
    marks = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
    mark = next((mark for mark in marks if raw.startswith(mark)), b"")
    encoding = marks.get(mark, "utf-8")
    try:
        text = raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError:
        if mark:
            raise TableError("the text is damaged: restore the sheet from a copy") from None
        encoding = "cp1252"  # what Excel's plain "CSV" writes in much of the world
        text = raw.decode(encoding, "replace")
    line = next((line for line in text.splitlines(True) if ID in line), "")
    delimiter = max(",;\t", key=line.count)
    return _Csv(text, encoding, mark, delimiter, "\r\n" if line.endswith("\r\n") else "\n")


def _records(file: _Csv) -> Iterator[tuple[str, list[str]]]:
    """Each record as it stands in the file, and its cells."""
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in io.StringIO(file.text, newline=""):
            taken.append(line)
            yield line

    try:
        for cells in csv.reader(lines(), delimiter=file.delimiter):
            yield "".join(taken), cells
            taken.clear()
    except csv.Error as error:
        raise TableError(f"not readable as CSV ({error}): restore the sheet from a copy") from None


def _csv_grid(raw: bytes) -> Iterator[tuple[int, Sequence[Value]]]:
    begun = False
    for number, (_, cells) in enumerate(_records(_csv_file(raw)), 1):
        begun = begun or ID in cells
        if begun:
            yield number, cells
    if not begun:
        raise TableError(
            f'there is no header with "{ID}": put it back, or take the file out of the way to begin a new one'
        )


def _patch_csv(raw: bytes, cells: Cells, removed: Collection[int] = ()) -> bytes:
    """The file with these cells set and these records left out; those not touched keep their bytes."""
    file = _csv_file(raw)
    lines = CsvLines(file.delimiter, file.newline)
    left = dict(cells)
    parts = []
    for number, (text, values) in enumerate(_records(file), 1):
        wanted = left.pop(number, None)
        if wanted is not None:
            text = lines.line(_set(values, wanted))
        if number not in removed:
            parts.append(text)
    if left and parts and not parts[-1].endswith(("\n", "\r")):
        parts.append(file.newline)
    parts += [lines.line(_set([], left[number])) for number in sorted(left)]
    whole = "".join(parts)
    try:
        return file.mark + whole.encode(file.encoding)
    except UnicodeEncodeError:
        return codecs.BOM_UTF8 + whole.encode("utf-8")


def _set(values: Sequence[Value], wanted: Mapping[int, tuple[Value, str]]) -> list[Value]:
    cells = [*values, *[None] * (max(wanted, default=0) - len(values))]
    for place, (value, _) in wanted.items():
        cells[place - 1] = value
    return cells
