"""Rows in LibreOffice's format (.ods): written for a person to read, sort and filter, and read back.

The document's XML is written and read with lxml directly: the libraries for the format either rest (odfpy,
2020), or take 20 ms a row of 31 cells (odfdo), and what people add must survive an update untouched.
"""

from __future__ import annotations

import copy
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, Any, BinaryIO
from xml.sax.saxutils import escape, quoteattr

from .columns import ID, TableError, Value
from .workbook import DEEPEST_HEADER, SHEET, Cells, Package, cell_text, day_of, letters, width

if TYPE_CHECKING:
    from lxml.etree import _Element

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
DAY_STYLE, HEAD_STYLE = "ce-day", "ce-head"

_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office", "table": "table", "text": "text", "style": "style", "number": "datastyle",
        "fo": "xsl-fo-compatible", "config": "config", "manifest": "manifest",
    }.items()
)  # fmt: skip
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MANIFEST = (
    f'{_XML}<manifest:manifest {_NAMESPACES} manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:version="1.2" manifest:media-type="{MIMETYPE}"/>'
    + "".join(
        f'<manifest:file-entry manifest:full-path="{part}.xml" manifest:media-type="text/xml"/>'
        for part in ("content", "styles", "settings", "meta")
    )
    + "</manifest:manifest>"
)
_STYLES = (
    f'{_XML}<office:document-styles {_NAMESPACES} office:version="1.2"><office:styles>'
    '<style:style style:name="Default" style:family="table-cell"/></office:styles></office:document-styles>'
)
_META = (
    f'{_XML}<office:document-meta {_NAMESPACES} office:version="1.2"><office:meta/></office:document-meta>'
)
_DAY_STYLE = (
    '<number:date-style style:name="N-day"><number:year number:style="long"/><number:text>-</number:text>'
    '<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>'
    "</number:date-style>"
    f'<style:style style:name="{DAY_STYLE}" style:family="table-cell" style:parent-style-name="Default" '
    'style:data-style-name="N-day"/>'
)
_CELL_STYLES = (
    f'{_DAY_STYLE}<style:style style:name="{HEAD_STYLE}" style:family="table-cell" style:parent-style-name="Default">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
)


def write_ods(
    columns: Mapping[str, str], rows: Iterable[Sequence[Value]], file: IO[bytes], tags: Sequence[str] = ()
) -> int:
    """The number of rows written to a new document, in a sheet "events".

    `columns` gives each column's kind. The header, and HXL's `tags` under it where there are any, stay in
    sight and carry the filter; dates are dates and numbers are numbers.
    """
    top = 2 if tags else 1
    lines = [_row([f'<table:table-cell table:style-name="{HEAD_STYLE}" {_string(n)}' for n in columns])]
    if tags:
        lines.append(_row([_cell(tag, "text") for tag in tags]))
    kinds = list(columns.values())
    for row in rows:
        lines.append(_row([_cell(value, kind) for value, kind in zip(row, kinds, strict=True)]))
    count = len(lines) - top
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr(zipfile.ZipInfo("mimetype"), MIMETYPE)  # first, and not packed, as the format wants
        package.writestr("META-INF/manifest.xml", _MANIFEST)
        package.writestr("content.xml", _content(columns, lines, top))
        package.writestr("styles.xml", _STYLES)
        package.writestr("settings.xml", _settings(top))
        package.writestr("meta.xml", _META)
    return count


def _content(columns: Mapping[str, str], lines: list[str], top: int) -> str:
    widths = [width(name, kind) for name, kind in columns.items()]
    styles = "".join(
        f'<style:style style:name="co{w}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{w * 0.2:.2f}cm"/></style:style>'
        for w in sorted({*widths})
    )
    shape = "".join(f'<table:table-column table:style-name="co{w}"/>' for w in widths)
    last = f"{letters(len(columns))}{len(lines)}"
    return (
        f'{_XML}<office:document-content {_NAMESPACES} office:version="1.2">'
        f"<office:automatic-styles>{_CELL_STYLES}{styles}</office:automatic-styles>"
        f'<office:body><office:spreadsheet><table:table table:name="{SHEET}">{shape}{"".join(lines)}</table:table>'
        '<table:database-ranges><table:database-range table:name="__Anonymous_Sheet_DB__0" '
        f'table:target-range-address="{SHEET}.A{top}:{SHEET}.{last}" table:display-filter-buttons="true"/>'
        "</table:database-ranges></office:spreadsheet></office:body></office:document-content>"
    )


def _settings(top: int) -> str:
    """The settings that keep the first `top` rows in sight."""
    items = "".join(
        f'<config:config-item config:name="{name}" config:type="{kind}">{value}</config:config-item>'
        for name, kind, value in (
            ("VerticalSplitMode", "short", 2),
            ("VerticalSplitPosition", "int", top),
            ("ActiveSplitRange", "short", 2),
            ("PositionBottom", "int", top),
        )
    )
    return (
        f'{_XML}<office:document-settings {_NAMESPACES} office:version="1.2"><office:settings>'
        '<config:config-item-set config:name="ooo:view-settings">'
        '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
        '<config:config-item config:name="ViewId" config:type="string">view1</config:config-item>'
        '<config:config-item-map-named config:name="Tables">'
        f'<config:config-item-map-entry config:name="{SHEET}">{items}</config:config-item-map-entry>'
        "</config:config-item-map-named></config:config-item-map-entry></config:config-item-map-indexed>"
        "</config:config-item-set></office:settings></office:document-settings>"
    )


def _row(cells: Iterable[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _cell(value: Value, kind: str) -> str:
    """The cell's XML; text stays text, whatever it starts with."""
    if value is None or value == "":
        return "<table:table-cell/>"
    day = day_of(value, kind)
    if day is not None:
        style = f'table:style-name="{DAY_STYLE}"'
        return (
            f'<table:table-cell {style} office:value-type="date" office:date-value="{day}">'
            f"<text:p>{day}</text:p></table:table-cell>"
        )
    if isinstance(value, str):
        return f"<table:table-cell {_string(value)}"
    return (
        f'<table:table-cell office:value-type="float" office:value="{value!r}">'
        f"<text:p>{value}</text:p></table:table-cell>"
    )


def _string(value: str) -> str:
    """The rest of a text cell: the exact text as an attribute where the paragraphs would not keep it."""
    text = cell_text(value)
    exact = f" office:string-value={quoteattr(text)}" if text != " ".join(text.split()) else ""
    shown = "".join(f"<text:p>{escape(line)}</text:p>" for line in text.split("\n"))
    return f'office:value-type="string"{exact}>{shown}</table:table-cell>'


# ---- read back ---------------------------------------------------------------------------------------


def read_ods(file: BinaryIO) -> tuple[str, Iterator[tuple[int, Sequence[Value]]]]:
    """The name of the sheet that holds events, and its rows from the header on, each with its number.

    It is the first sheet with a heading `event_id_cnty` near its top, else the first one. Dates are ISO text,
    formulas their text. Raises TableError where the file is no such document.
    """
    tables = sheets(_opened(file.read()).parse("content.xml"))
    for table in tables:
        for number, cells in rows_of(table, most=DEEPEST_HEADER):
            if ID in cells:
                return table.get(f"{TABLE}name", ""), rows_of(table, number)
    return tables[0].get(f"{TABLE}name", ""), rows_of(tables[0])


def _opened(raw: bytes) -> Package:
    try:
        return Package(raw)
    except (zipfile.BadZipFile, EOFError) as error:
        what = " ".join(str(error).split())[:120]
        raise TableError(f"not a readable OpenDocument spreadsheet ({what})") from None


def sheets(root: _Element) -> list[_Element]:
    """The sheets of a document; TableError where it has none."""
    body = root.find(f"{OFFICE}body/{OFFICE}spreadsheet")
    found = [] if body is None else body.findall(f"{TABLE}table")
    if not found:
        raise TableError("the document has no sheet of cells")
    return found


def rows_of(table: _Element, first: int = 1, most: int | None = None) -> Iterator[tuple[int, list[Value]]]:
    """Rows that hold something, with their numbers; a repeated row is given each time, empty cells are None."""
    number = 1
    for row in table.iter(f"{TABLE}table-row"):
        times = int(row.get(f"{TABLE}number-rows-repeated", "1"))
        cells = cells_of(row) if number + times > first else []
        for place in range(number, number + times if cells else number):
            if most is not None and place > most:
                return
            if place >= first:
                yield place, cells
        number += times


def cells_of(row: _Element) -> list[Value]:
    """The values of a row up to the last that is not empty."""
    values: list[Value] = []
    gap = 0
    for cell in row:
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        value = _value(cell)
        if value is None:
            gap += times
            continue
        values += [None] * gap + [value] * times
        gap = 0
    return values


def _value(cell: _Element) -> Value:
    formula = cell.get(f"{TABLE}formula")
    kind = cell.get(f"{OFFICE}value-type")
    if formula is not None:
        return "=" + formula.partition("=")[2]
    if kind == "date":
        day, _, time = cell.get(f"{OFFICE}date-value", "").partition("T")
        return f"{day} {time}" if time.strip("0:.") else day
    if kind in ("float", "percentage", "currency"):
        number = float(cell.get(f"{OFFICE}value", "nan"))
        return int(number) if number.is_integer() else number
    if kind is None:
        return None
    exact = cell.get(f"{OFFICE}string-value")
    return exact if exact is not None else "\n".join(_paragraph(p) for p in cell.findall(f"{TEXT}p")) or None


def _paragraph(node: Any) -> str:
    """The text of a paragraph, runs of blanks, tabs and breaks told by elements included."""
    parts = [node.text or ""]
    for child in node:
        if child.tag == f"{TEXT}s":
            parts.append(" " * int(child.get(f"{TEXT}c", "1")))
        elif child.tag in (f"{TEXT}tab", f"{TEXT}line-break"):
            parts.append("\t" if child.tag == f"{TEXT}tab" else "\n")
        elif isinstance(child.tag, str):
            parts.append(_paragraph(child))
        parts.append(child.tail or "")
    return "".join(parts)


# ---- changed in place --------------------------------------------------------------------------------


def patch_ods(raw: bytes, title: str, cells: Cells, header: int, last: int) -> bytes:
    """The document with these cells of the sheet `title` set, and all else as it was.

    `header` is the number of the header's row and `last` that of the last row of events so far; a filter
    over them is drawn down to the last row that is set.
    """
    package = _opened(raw)
    root = package.parse("content.xml")
    table = next((t for t in sheets(root) if t.get(f"{TABLE}name") == title), None)
    if table is None:
        raise TableError(f'the document has no sheet "{title}"')
    _add_day_style(root)
    rows = single_rows(table, cells)
    for number, wanted in cells.items():
        for place, (value, kind) in wanted.items():
            _set(_single_cell(rows[number], place), value, kind)
    _reach(root, title, header, last, max([*cells, last]))
    package.replace("content.xml", root)
    return package.bytes()


def _add_day_style(root: _Element) -> None:
    from lxml import etree

    styles = root.find(f"{OFFICE}automatic-styles")
    if styles is None:
        styles = etree.Element(f"{OFFICE}automatic-styles")
        root.insert(0, styles)
    if not any(child.get(f"{STYLE}name") == DAY_STYLE for child in styles):
        styles.extend(etree.fromstring(f"<styles {_NAMESPACES}>{_DAY_STYLE}</styles>"))


def single_rows(table: _Element, wanted: Iterable[int]) -> dict[int, _Element]:
    """The elements of the rows with these numbers, each standing for that row alone."""
    from lxml import etree

    left = sorted({*wanted}, reverse=True)
    found: dict[int, _Element] = {}
    number = 1
    end: _Element | None = None
    for row in list(table.iter(f"{TABLE}table-row")):
        times = int(row.get(f"{TABLE}number-rows-repeated", "1"))
        end = row
        while left and left[-1] < number + times:
            target = left.pop()
            found[target] = alone = end if times == 1 else _split(end, "rows", target - number, times)
            times -= target - number + 1
            number = target + 1
            end = _next(alone) if times else alone
        number += times
    for target in reversed(left):
        while number <= target:  # more than one only where the sheet ends before the header's row
            row = etree.Element(f"{TABLE}table-row")
            if end is None:
                table.append(row)
            else:
                end.addnext(row)
            found[number] = end = row
            number += 1
    return found


def _split(element: _Element, what: str, before: int, times: int) -> _Element:
    """The repetition after `before` others of an element that is repeated `times`, as one of its own."""
    name = f"{TABLE}number-{what}-repeated"
    alone = copy.deepcopy(element)
    alone.tail = None
    alone.attrib.pop(name, None)
    after = times - before - 1
    if after:
        rest = copy.deepcopy(element)
        rest.tail = None
        rest.set(name, str(after))
        element.addnext(rest)
    element.addnext(alone)
    if before:
        element.set(name, str(before))
    else:
        parent = element.getparent()
        assert parent is not None
        parent.remove(element)
    return alone


def _next(element: _Element) -> _Element:
    following = element.getnext()
    assert following is not None
    return following


def _single_cell(row: _Element, place: int) -> _Element:
    """The element of the row's cell with this number, standing for that cell alone."""
    from lxml import etree

    number = 1
    for cell in list(row):
        if cell.tag not in (f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
            continue
        times = int(cell.get(f"{TABLE}number-columns-repeated", "1"))
        if place < number + times:
            return cell if times == 1 else _split(cell, "columns", place - number, times)
        number += times
    while number <= place:
        cell = etree.SubElement(row, f"{TABLE}table-cell")
        number += 1
    return cell


def _set(cell: _Element, value: Value, kind: str) -> None:
    """Puts the value into the cell, which keeps its style and its comment."""
    from lxml import etree

    made = etree.fromstring(f"<row {_NAMESPACES}>{_cell(value, kind)}</row>")[0]
    for child in list(cell):
        if child.tag == f"{TEXT}p":
            cell.remove(child)
    for name in list(cell.attrib):
        if str(name).startswith(OFFICE) or str(name).endswith("}value-type") or name == f"{TABLE}formula":
            del cell.attrib[name]
    for name, content in made.attrib.items():
        if name != f"{TABLE}style-name" or cell.get(name) is None:
            cell.set(name, content)
    cell.extend(made)


def _reach(root: _Element, title: str, header: int, last: int, end: int) -> None:
    """Lets the filter over the events reach down to the row `end`."""
    name = f"{TABLE}target-range-address"
    for area in root.iter(f"{TABLE}database-range"):
        found = re.fullmatch(r"(.+)\.(\$?[A-Z]+\$?)(\d+):(?:.*\.)?(\$?[A-Z]+\$?)(\d+)", area.get(name, ""))
        if found is None or found[1].lstrip("$").strip("'").replace("''", "'") != title:
            continue
        if int(found[3]) <= header + 1 and last <= int(found[5]) < end:
            area.set(name, f"{found[1]}.{found[2]}{found[3]}:{found[1]}.{found[4]}{end}")
