"""Articles in tables: JSON, JSON lines and CSV, whose fields may have other names than ours."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

from .decoding import DOCUMENT, Unreadable, decode, whole
from .drafts import BYTES_A_CHARACTER, FIELDS, Draft, Found, Reading, finish
from .events import Article, Failure
from .markup import is_markup, text_of
from .publication import order_of

_ADVICE = "split it, or write one article a line (.jsonl)"


# ---- JSON lines --------------------------------------------------------------------------------------


def read_json_lines(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The articles of a file with one JSON object a line, read line by line."""
    yield from _from_lines(path, _lines(file, reading), reading)


def is_object(line: bytes) -> bool:
    """True for a line that is a whole JSON object."""
    try:
        return isinstance(json.loads(line.decode("utf-8-sig")), dict)
    except (ValueError, RecursionError):
        return False


def _from_lines(path: str, lines: Iterable[tuple[int, bytes | None]], reading: Reading) -> Found:
    empty = True
    for number, line in lines:
        name = f"{path}:{number}"
        if line is None:
            yield Failure(name, reading.too_long())
        elif line.strip():
            try:
                yield read_record(name, json.loads(decode(line)), reading)
            except json.JSONDecodeError as error:
                yield Failure(name, f"not valid JSON at column {error.colno} ({error.msg})")
            except Unreadable as error:
                yield Failure(name, str(error))
            except (RecursionError, ValueError) as error:
                yield Failure(name, f"cannot be read as JSON ({_line(error)})")
        empty = empty and line is not None and not line.strip()
    if empty:
        raise Unreadable("is empty")


def _lines(file: BinaryIO, reading: Reading) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number, from 1; None in place of a line too long to hold an article."""
    size = BYTES_A_CHARACTER * reading.limit + 65_536
    most = max(DOCUMENT, size)
    number = 0
    while line := file.readline(size):
        number += 1
        if len(line) < size or line.endswith(b"\n"):
            yield number, line
            continue
        yield number, None
        passed = size
        while line and not line.endswith(b"\n"):
            line = file.readline(size)
            passed += len(line)
            if passed > most:
                raise Unreadable(f"line {number} does not end: the rest of the file is not read")


# ---- JSON --------------------------------------------------------------------------------------------


def read_json(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The articles of a JSON file: one object, a list, or an object that holds the list."""
    text = _text(file, "JSON", reading)
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and is_object(text.strip().split("\n")[0].encode("utf-8", "replace")):
            lines = ((n, line.encode("utf-8", "replace")) for n, line in enumerate(text.split("\n"), 1))
            yield from _from_lines(path, lines, reading)
            return
        where = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"not valid JSON at {where} ({error.msg}): is the file complete?") from None
    except RecursionError:
        raise Unreadable("the JSON is nested too deeply to be read") from None
    except ValueError as error:
        raise Unreadable(f"cannot be read as JSON ({_line(error)})") from None
    records = _listed(content, reading)
    if records is None:
        yield read_record(path, content, reading)
        return
    if not records:
        raise Unreadable("the JSON list holds no articles")
    order = order_of(metadata(record, reading.key("published")) for record in records)
    for number, record in enumerate(records, 1):
        yield read_record(f"{path}:{number}", record, reading, order)


def _listed(content: object, reading: Reading) -> list[Any] | None:
    """The list of records that the content is or holds: under "articles", or the only list of objects in it."""
    if isinstance(content, list):
        return content
    if not isinstance(content, dict) or _at(content, reading.key("text")) is not None:
        return None
    if isinstance(content.get("articles"), list):
        return list(content["articles"])
    lists = [v for v in content.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
    return lists[0] if len(lists) == 1 else None


# ---- CSV ---------------------------------------------------------------------------------------------


def read_csv(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The articles of a table with a header, separated by commas, semicolons or tabs."""
    text = _text(file, "CSV", reading)
    csv.field_size_limit(max(csv.field_size_limit(), DOCUMENT))
    header = text.split("\n", 1)[0]
    delimiter = max("\t,;", key=header.count)  # a tie, as with one column, gives the first: harmless
    line = 1
    try:
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        names = next(rows)
        if reading.key("text") not in names:
            raise Unreadable(_no_text(names, reading))
        order = order_of(_column(text, delimiter, names, reading.key("published")))
        line = rows.line_num + 1
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield read_record(f"{path}:{line}", dict(zip(names, cells, strict=False)), reading, order)
            line = rows.line_num + 1
    except csv.Error as error:
        raise Unreadable(f"not valid CSV near line {line} ({error})") from None


def _column(text: str, delimiter: str, names: list[str], name: str) -> Iterator[str]:
    if name in names:
        at = names.index(name)
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        next(rows)
        yield from (cells[at] for cells in rows if len(cells) > at)


def is_header(line: bytes, reading: Reading) -> bool:
    """True where the line is a CSV header with a column for the text, and surely not a sentence."""
    fields = re.split("[,;\t]", line.decode("utf-8-sig", "replace").strip())
    names = [cell.strip('" ') for cell in fields]
    plain = all(re.fullmatch(r"[\w .-]{1,40}", cell) for cell in names)
    return reading.key("text") in names and len(names) > 1 and plain


# ---- records to articles -----------------------------------------------------------------------------


def _text(file: BinaryIO, kind: str, reading: Reading) -> str:
    text = decode(whole(file, kind, max(DOCUMENT, BYTES_A_CHARACTER * reading.limit), _ADVICE))
    if not text.strip():
        raise Unreadable("is empty")
    return text


def read_record(path: str, record: object, reading: Reading, order: str = "") -> Article | Failure:
    """The article of one record of a table; `path` names it where it has no id, `order` is that of its dates."""
    if not isinstance(record, dict):
        return Failure(path, 'expected a JSON object with a field "text"')
    name = reading.key("text")
    text = _at(record, name)
    if text is None and name not in record:
        return Failure(path, _no_text(record, reading))
    if text is not None and not isinstance(text, str):
        return Failure(path, f'the field "{name}" is not text')
    fields = {name: metadata(record, reading.key(name)) for name in FIELDS}
    fields |= {name: text_of(fields[name]) for name in ("title",) if is_markup(fields[name])}
    fields["text"] = text_of(text) if text and is_markup(text) else text or ""
    return finish(path, Draft(**fields, order=order), reading)


def metadata(record: object, name: str) -> str:
    """A field of a record as one line of text; "" where it is absent or no plain value."""
    return _scalar(_at(record, name))


def _at(record: object, name: str) -> object:
    """The value of a field; a name with dots leads into objects within objects ("source.name")."""
    if isinstance(record, Mapping) and name in record:
        return record[name]
    for part in name.split("."):
        if not isinstance(record, Mapping):
            return None
        record = record.get(part)
    return record


def _scalar(value: object) -> str:
    """A metadata field as one line of text; objects and lists, which say nothing here, as none."""
    return " ".join(str(value).split()) if isinstance(value, str | int | float) and value is not True else ""


def _no_text(names: Iterable[object], reading: Reading) -> str:
    shown = ", ".join(_short(str(name)) for name in list(names)[:12])
    if "event_id_cnty" in shown:
        return "is a table of events, not of articles"
    return (
        f'no field "{reading.key("text")}" among {shown or "none"}: name the right one with --map text=NAME'
    )


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:37] + "..."


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
