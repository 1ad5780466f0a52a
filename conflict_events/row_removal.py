"""Rows of a workbook taken out as a person would delete them: the rows below move up.

Formulas that go by cells of their own row move with it. Where something else points at rows by their numbers
and would then point at others (sums, comments, charts, pivot tables, rules for the colours of cells), the rows
are emptied and hidden instead: nothing moves, and the row is gone from sight, from filters and from every
program that skips empty rows.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from .columns import TableError
from .opendocument import TABLE, sheets, single_rows
from .workbook import Package, namespace, numbered, related, sheet_path

if TYPE_CHECKING:
    from lxml.etree import _Element

_TIED = frozenset({"comments", "threadedComment", "vmlDrawing", "drawing", "pivotTable", "queryTable"})
_TIED_ELEMENTS = frozenset({"conditionalFormatting", "dataValidation", "mergeCell", "hyperlink", "brk"})
_CHAIN = "xl/calcChain.xml"
_BUILT_IN = frozenset({"_xlnm._FilterDatabase"})
_REFERENCES = ("ref", "sqref", "activeCell", "topLeftCell")
_CELL = re.compile(r"(\$?[A-Z]{1,3}\$?)(\d+)")
_ONE = re.compile(r"\$?[A-Z]{1,3}(\d+)")  # a row that is fixed by "$" stays another's


def without_rows_xlsx(raw: bytes, title: str, numbers: Collection[int]) -> bytes:
    """The workbook without these rows of the sheet `title`."""
    package = Package(raw)
    path = sheet_path(package, title)
    root = package.parse(path)
    data = root.find("{*}sheetData")
    if data is None:
        raise TableError("the sheet has no cells")
    if _tied(package, path, root) or not _only_of_their_rows(data, numbers):
        for number, row in numbered(data, "{" + namespace(root) + "}"):
            if number in numbers:
                _empty(row)
    else:
        _close_up(root, data, numbers)
        _shorten(package, path, title, numbers)
        _forget_chain(package)
    package.replace(path, root)
    return package.bytes()


def _tied(package: Package, path: str, root: _Element) -> bool:
    """True where something in the workbook goes by the numbers of the sheet's rows."""
    if any(kind in _TIED for kind, _ in related(package, path).values()):
        return True
    if any(_local(element) in _TIED_ELEMENTS for element in root.iter("{*}*")):
        return True
    book = package.parse("xl/workbook.xml")
    if any(name.get("name") not in _BUILT_IN for name in book.iter("{*}definedName")):
        return True
    others = (place for kind, place in related(package, "xl/workbook.xml").values() if kind == "worksheet")
    if any(kind == "chartsheet" for kind, _ in related(package, "xl/workbook.xml").values()):
        return True
    for place in others:
        if place != path:
            kinds = {kind for kind, _ in related(package, place).values()}
            if kinds & {"drawing", "pivotTable"} or package.parse(place).find(".//{*}f") is not None:
                return True
    return False


def _only_of_their_rows(data: _Element, numbers: Collection[int]) -> bool:
    """True where each formula of the sheet goes by cells of its own row alone, so that it can move with it."""
    for number, row in numbered(data, "{" + namespace(data) + "}"):
        for formula in row.iter("{*}f"):
            kind, text = formula.get("t", "normal"), formula.text or ""
            if kind not in ("normal", "shared") or (kind == "shared" and text and number in numbers):
                return False
            if text and any(int(cell) != number for cell in _rows_in(text)):
                return False
    return True


def _rows_in(formula: str) -> list[str]:
    """The numbers of the rows that a formula goes by; "0" for what is no plain cell: a name, a column, a sheet."""
    from openpyxl.formula import Tokenizer
    from openpyxl.formula.tokenizer import Token

    found = []
    for token in Tokenizer(f"={formula}").items:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            cells = [_ONE.fullmatch(cell) for cell in token.value.split(":")]
            found += [cell[1] if cell else "0" for cell in cells]
    return found


def _renumbered(formula: str, old: int, new: int) -> str:
    """The formula of row `old`, which goes by cells of that row alone, in row `new`."""
    from openpyxl.formula import Tokenizer
    from openpyxl.formula.tokenizer import Token

    tokens = Tokenizer(f"={formula}").items
    for token in tokens:
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            token.value = re.sub(rf"(?<=[A-Z]){old}(?!\d)", str(new), token.value)
    return "".join(token.value for token in tokens)


def _forget_chain(package: Package) -> None:
    """Leaves out the order in which Excel works formulas out, which names cells; Excel makes it anew."""
    if not package.has(_CHAIN):
        return
    package.leave_out(_CHAIN)
    for part, name, value in (
        ("[Content_Types].xml", "PartName", f"/{_CHAIN}"),
        ("xl/_rels/workbook.xml.rels", "Target", "calcChain.xml"),
    ):
        root = package.parse(part)
        for element in list(root):
            if element.get(name, "").removeprefix("/xl/") in (value, value.removeprefix("/xl/")):
                root.remove(element)
        package.replace(part, root)


def _local(element: _Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _empty(row: _Element) -> None:
    """Takes the values of a row away and hides it; cells keep their style."""
    row.set("hidden", "1")
    for cell in row.iterchildren("{*}c"):
        formula = cell.find("{*}f")
        if formula is not None and formula.get("ref") is not None:
            continue  # other cells take their formula from this one
        for child in list(cell):
            cell.remove(child)
        cell.attrib.pop("t", None)


def _close_up(root: _Element, data: _Element, numbers: Collection[int]) -> None:
    """Takes the rows out and gives those below their new numbers, and what refers to them."""
    for number, row in list(numbered(data, "{" + namespace(root) + "}")):
        if number in numbers:
            data.remove(row)
            continue
        new = number - sum(gone < number for gone in numbers)
        row.set("r", str(new))
        for cell in row.iterchildren("{*}c"):
            if cell.get("r"):
                cell.set("r", _CELL.sub(rf"\g<1>{new}", cell.get("r", "")))
        for formula in row.iter("{*}f"):
            if formula.text and new != number:
                formula.text = _renumbered(formula.text, number, new)
    for element in root.iter("{*}*"):
        if _local(element) not in ("row", "c", "sheetData"):
            for name in _REFERENCES:
                if element.get(name):
                    element.set(name, _moved_up(element.get(name, ""), numbers))


def _moved_up(area: str, numbers: Collection[int]) -> str:
    """A range such as A1:AE30 when rows are gone: its end reaches to the last row that is left of it."""

    def moved(found: re.Match[str]) -> str:
        number = int(found[2])
        ends = area[: found.start()].endswith(":") and number in numbers
        left = number - sum(gone < number for gone in numbers) - ends
        return f"{found[1]}{max(1, left)}"

    return _CELL.sub(moved, area)


def _shorten(package: Package, path: str, title: str, numbers: Collection[int]) -> None:
    """Lets tables and the hidden name of the filter end with their last row."""
    for kind, place in related(package, path).values():
        if kind == "table" and package.has(place):
            table = package.parse(place)
            for element in table.iter("{*}*"):
                if element.get("ref"):
                    element.set("ref", _moved_up(element.get("ref", ""), numbers))
            package.replace(place, table)
    book = package.parse("xl/workbook.xml")
    for name in book.iter("{*}definedName"):
        sheet, _, area = (name.text or "").rpartition("!")
        if sheet.strip("'").replace("''", "'") == title:
            name.text = f"{sheet}!{_moved_up(area, numbers)}"
            package.replace("xl/workbook.xml", book)


# ---- OpenDocument ------------------------------------------------------------------------------------

_POINTERS = ("formula", "cell-range-address", "base-cell-address", "end-cell-address", "condition")
_RANGE = re.compile(r"(.+)\.(\$?[A-Z]+\$?)(\d+):(.*\.)?(\$?[A-Z]+\$?)(\d+)")


def without_rows_ods(raw: bytes, title: str, numbers: Collection[int]) -> bytes:
    """The document without these rows of the sheet `title`."""
    package = Package(raw)
    root = package.parse("content.xml")
    table = next((t for t in sheets(root) if t.get(f"{TABLE}name") == title), None)
    if table is None:
        raise TableError(f'the document has no sheet "{title}"')
    tied = _tied_ods(root)
    for row in single_rows(table, numbers).values():
        if tied:
            row.set(f"{TABLE}visibility", "collapse")
            for cell in row:
                _empty_ods(cell)
        else:
            parent = row.getparent()
            if parent is not None:
                parent.remove(row)
    if not tied:
        _shorten_ods(root, title, numbers)
    package.replace("content.xml", root)
    return package.bytes()


def _tied_ods(root: _Element) -> bool:
    """True where something in the document goes by the numbers of rows."""
    for element in root.iter("{*}*"):
        if _local(element) in ("shapes", "frame", "conditional-format", "named-range", "data-pilot-table"):
            return True
        if any(str(name).rpartition("}")[2] in _POINTERS for name in element.attrib):
            return True
    return False


def _empty_ods(cell: _Element) -> None:
    style = cell.get(f"{TABLE}style-name")
    repeated = cell.get(f"{TABLE}number-columns-repeated")
    for child in list(cell):
        if _local(child) == "p":
            cell.remove(child)
    cell.attrib.clear()
    for name, value in (("style-name", style), ("number-columns-repeated", repeated)):
        if value is not None:
            cell.set(f"{TABLE}{name}", value)


def _shorten_ods(root: _Element, title: str, numbers: Collection[int]) -> None:
    name = f"{TABLE}target-range-address"
    for area in root.iter(f"{TABLE}database-range"):
        found = _RANGE.fullmatch(area.get(name, ""))
        if found is None or found[1].lstrip("$").strip("'").replace("''", "'") != title:
            continue
        ends = _moved_up(f"{found[2]}{found[3]}:{found[5]}{found[6]}", numbers).split(":")
        area.set(name, f"{found[1]}.{ends[0]}:{found[4] or ''}{ends[1]}")
