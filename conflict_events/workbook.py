"""Rows in Excel's format (.xlsx): written for a person to read, sort and filter, and read back."""

from __future__ import annotations

import datetime
import io
import posixpath
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from .columns import ID, TableError, Value

if TYPE_CHECKING:
    from lxml.etree import _Element
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
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(file, read_only=True)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        SyntaxError,
        EOFError,
        OSError,
    ) as error:
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


# ---- changed in place --------------------------------------------------------------------------------

# Row number -> column number, both from 1 -> value and kind of a cell.
Cells = Mapping[int, Mapping[int, tuple[Value, str]]]
_EPOCH = datetime.date(1899, 12, 30)


def patch_xlsx(raw: bytes, title: str, cells: Cells, header: int, last: int) -> bytes:
    """The workbook with these cells of the sheet `title` set, and all else as it was, byte for byte.

    Only the sheet's own part is changed, and what says how far its filter or table reaches: `header` is the
    number of the header's row and `last` that of the last row of events so far. What libraries drop on the
    way (charts, threads of comments, results of formulas) so survives.
    """
    package = Package(raw)
    path = sheet_path(package, title)
    root = package.parse(path)
    space = "{" + namespace(root) + "}"
    data = root.find(f"{space}sheetData")
    if data is None:
        raise TableError("the sheet has no cells")
    style = _Style(package, space)
    rows = dict(numbered(data, space))
    for number in sorted(cells):
        if number not in rows:
            rows[number] = _new_row(data, rows, number, space)
        _fill(rows[number], number, cells[number], space, style)
    end = max([*cells, last])
    _reach(package, path, root, space, header, last, end)
    _reach_of_names(package, title, header, last, end)
    package.replace(path, root)
    return package.bytes()


class Package:
    """A zip archive of XML parts, in which some are replaced; the others keep their bytes and their order."""

    def __init__(self, raw: bytes) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(raw))
        self._changed: dict[str, bytes] = {}
        self._left_out: set[str] = set()

    def parse(self, name: str) -> _Element:
        """The part as a tree. Raises TableError where it is missing or no XML."""
        from lxml import etree

        try:
            data = self._changed.get(name) or self._zip.read(name)
            parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
            return etree.fromstring(data, parser)
        except (KeyError, zipfile.BadZipFile, etree.XMLSyntaxError, EOFError, RuntimeError) as error:
            what = " ".join(str(error).split())[:120]
            raise TableError(f"the part {name} of the file cannot be read ({what})") from None

    def has(self, name: str) -> bool:
        """True where there is such a part."""
        return name in self._zip.namelist()

    def replace(self, name: str, root: _Element) -> None:
        """Puts the tree in the place of the part."""
        from lxml import etree

        self._changed[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)

    def leave_out(self, name: str) -> None:
        """Takes the part out of the archive; what refers to it is for the caller to mend."""
        self._left_out.add(name)

    def bytes(self) -> bytes:
        """The archive with what was replaced."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for info in self._zip.infolist():
                if info.filename in self._left_out:
                    continue
                package.writestr(info, self._changed.get(info.filename) or self._zip.read(info))
        return out.getvalue()


def namespace(root: _Element) -> str:
    """The namespace of an element: that of the format differs between its strict and its usual form."""
    return str(root.tag)[1:].partition("}")[0]


def related(package: Package, path: str) -> dict[str, tuple[str, str]]:
    """The parts that a part refers to: id -> (type, path)."""
    folder, _, name = path.rpartition("/")
    relations = f"{folder}/_rels/{name}.rels"
    if not package.has(relations):
        return {}
    found = {}
    for relation in package.parse(relations):
        target = relation.get("Target", "")
        place = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"{folder}/{target}")
        found[relation.get("Id", "")] = (relation.get("Type", "").rpartition("/")[2], place)
    return found


def sheet_path(package: Package, title: str) -> str:
    """The part that holds the sheet. Raises TableError where there is none of this title."""
    parts = related(package, "xl/workbook.xml")
    for sheet in package.parse("xl/workbook.xml").iter("{*}sheet"):
        if sheet.get("name") == title:
            ids = [value for name, value in sheet.attrib.items() if str(name).endswith("}id")]
            return parts[str(ids[0])][1]
    raise TableError(f'the workbook has no sheet "{title}"')


class _Style:
    """The number of the cell style that shows a bare date, added to the workbook when first asked for."""

    def __init__(self, package: Package, space: str) -> None:
        self._package, self._space, self._number = package, space, ""
        settings = package.parse("xl/workbook.xml").find("{*}workbookPr")
        self._shift = 1462 if settings is not None and settings.get("date1904") in ("1", "true") else 0

    def serial(self, day: datetime.date) -> str:
        """The day as the workbook counts."""
        return str((day - _EPOCH).days - self._shift)

    def number(self) -> str:
        """The index of the style."""
        from lxml import etree

        if self._number:
            return self._number
        space, path = self._space, "xl/styles.xml"
        root = self._package.parse(path)
        formats = root.find(f"{space}numFmts")
        if formats is None:
            formats = etree.Element(f"{space}numFmts", count="0")
            root.insert(0, formats)
        codes = {f.get("formatCode", "").lower(): f.get("numFmtId", "") for f in formats}
        wanted = codes.get(DAY) or codes.get(DAY.replace("-", "\\-"))
        if not wanted:
            wanted = str(max([163, *(int(number) for number in codes.values() if number.isdigit())]) + 1)
            etree.SubElement(formats, f"{space}numFmt", numFmtId=wanted, formatCode=DAY)
            formats.set("count", str(len(formats)))
        styles = root.find(f"{space}cellXfs")
        if styles is None:
            raise TableError("the workbook has no cell styles")
        plain = {"numFmtId": wanted, "fontId": "0", "fillId": "0", "borderId": "0"}
        for place, style in enumerate(styles):
            if len(style) == 0 and all(style.get(name, "0") == value for name, value in plain.items()):
                self._number = str(place)
        if not self._number:
            style = etree.SubElement(styles, f"{space}xf", xfId="0", applyNumberFormat="1")
            for name, value in plain.items():
                style.set(name, value)
            styles.set("count", str(len(styles)))
            self._number = str(len(styles) - 1)
            self._package.replace(path, root)
        return self._number


def numbered(data: _Element, space: str) -> Iterator[tuple[int, _Element]]:
    """The rows of a sheet with their numbers, which need not be written."""
    number = 0
    for row in data.iterchildren(f"{space}row"):
        number = int(row.get("r") or number + 1)
        yield number, row


def _new_row(data: _Element, rows: Mapping[int, _Element], number: int, space: str) -> _Element:
    from lxml import etree

    row = etree.Element(f"{space}row", r=str(number))
    before = number - 1 if number - 1 in rows else max((n for n in rows if n < number), default=0)
    if before:
        rows[before].addnext(row)
    else:
        data.insert(0, row)
    return row


def _fill(
    row: _Element, number: int, cells: Mapping[int, tuple[Value, str]], space: str, style: _Style
) -> None:
    """Sets cells of a row; a cell that is there keeps its style."""
    from lxml import etree

    row.attrib.pop("spans", None)
    present: dict[int, _Element] = {}
    place = 0
    for cell in row.iterchildren(f"{space}c"):
        place = _column(cell.get("r", "")) or place + 1
        present[place] = cell
    for place, (value, kind) in sorted(cells.items()):
        target = present.get(place)
        if target is None:
            if value is None:
                continue
            target = etree.Element(f"{space}c", r=f"{letters(place)}{number}")
            left = max((p for p in present if p < place), default=0)
            if left:
                present[left].addnext(target)
            else:
                row.insert(0, target)
            present[place] = target
        _set(target, value, kind, space, style)


def _set(cell: _Element, value: Value, kind: str, space: str, style: _Style) -> None:
    from lxml import etree

    for child in list(cell):
        cell.remove(child)
    cell.attrib.pop("t", None)
    day = day_of(value, kind)
    if day is not None:
        if cell.get("s") is None:
            cell.set("s", style.number())
        etree.SubElement(cell, f"{space}v").text = style.serial(day)
    elif isinstance(value, str):
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, f"{space}is"), f"{space}t")
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        text.text = cell_text(value)
    elif value is not None:
        etree.SubElement(cell, f"{space}v").text = repr(value)


def letters(number: int) -> str:
    """The name of the column with this number, from 1: "A", "AE"."""
    name = ""
    while number:
        number, rest = divmod(number - 1, 26)
        name = chr(65 + rest) + name
    return name


def _column(name: str) -> int:
    """The number of the column in the name of a cell, from 1; 0 where there is none."""
    number = 0
    for letter in re.match(r"[A-Z]*", name)[0]:  # type: ignore[index]
        number = number * 26 + ord(letter) - 64
    return number


def _reach(package: Package, path: str, root: _Element, space: str, header: int, last: int, end: int) -> None:
    """Lets the filter, the table and the dimension of a sheet reach to the row `end`."""
    if end <= last:
        return
    for name in ("dimension", "autoFilter"):
        found = root.find(f"{space}{name}")
        if found is not None:
            _extend(found, header if name == "autoFilter" else 0, last, end)
    for kind, place in related(package, path).values():
        if kind != "table" or not package.has(place):
            continue
        table = package.parse(place)
        if table.get("totalsRowCount") is None and _extend(table, header, last, end):
            inner = table.find(f"{space}autoFilter")
            if inner is not None:
                _extend(inner, header, last, end)
            package.replace(place, table)


def _reach_of_names(package: Package, title: str, header: int, last: int, end: int) -> None:
    """The same for the hidden name that repeats the reach of a sheet's filter, which LibreOffice goes by."""
    path = "xl/workbook.xml"
    root = package.parse(path)
    for name in root.iter("{*}definedName"):
        sheet, _, area = (name.text or "").rpartition("!")
        ours = sheet.strip("'").replace("''", "'") == title
        if (
            ours
            and name.get("name") == "_xlnm._FilterDatabase"
            and (longer := _longer(area, header, last, end))
        ):
            name.text = f"{sheet}!{longer}"
            package.replace(path, root)


def _extend(element: _Element, header: int, last: int, end: int) -> bool:
    """Lets the element's range reach down to the row `end`; False where it is another range."""
    longer = _longer(element.get("ref", ""), header, last, end)
    if longer:
        element.set("ref", longer)
    return bool(longer)


def _longer(area: str, header: int, last: int, end: int) -> str:
    """A range such as A1:AE30 drawn down to the row `end`, "" where it does not hold the events so far."""
    found = re.fullmatch(r"(\$?[A-Z]+\$?(\d+)):(\$?[A-Z]+\$?)(\d+)", area)
    if found is None or not (int(found[2]) <= header + 1 and last <= int(found[4]) < end):
        return ""
    return f"{found[1]}:{found[3]}{end}"
