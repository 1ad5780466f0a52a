"""Events read back from files: what `extract` and `update` wrote, what people made of it, exports of ACLED.

A cell that cannot be read costs that cell and no more: the row stays, and a line names row and column.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import zip_longest
from pathlib import Path
from typing import Any, BinaryIO

from .columns import FULL, HXL, LABELS, TableError, Value, from_cell, unguarded
from .events import Event
from .lexicon import load
from .manifest import ArchiveError, event_files
from .publication import order_of, published
from .tables import Options, usable

# A table of events has one of these; the others are also columns of articles, places and the like.
TELLING = frozenset(
    ("event_id_cnty", "event_date", "event_type", "sub_event_type", "actor1", "location", "fatalities")
)
DEEPEST_HEADER = 20
LONGEST_OWN = 2_000  # characters of a cell of a person's own column that are kept


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file: its number as the file's program shows it, its event, and cells of other columns."""

    number: int
    event: Event
    own: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a file of events, which of our columns it has, and what in it could not be used.

    Each complaint is a line that names the file, the row and the column.
    """

    lines: Sequence[Line]
    columns: frozenset[str]
    complaints: Sequence[str] = ()

    @property
    def events(self) -> list[Event]:
        """The events alone, in the file's order."""
        return [line.event for line in self.lines]


def table_of(events: Iterable[Event]) -> Table:
    """Events that were just made, as the table that a file of them with all columns would give."""
    return Table([Line(number, event) for number, event in enumerate(events, 1)], frozenset(FULL))


def read_table(path: str | Path, file: BinaryIO | None = None) -> Table:
    """The events of a file: CSV (, ; or TAB), XLSX, ODS, JSON, JSONL, GeoJSON or Parquet, as its bytes tell.

    Columns may be ACLED's, or these and the evidence, in any order and in capitals; what else there is
    becomes each line's `own`. HXL's hashtags and empty rows are passed over, the guard against formulas
    is taken off. `file` is read in place of the path, which then only names it; of a folder that `extract`
    filled the files of all years are read. Raises TableError where there is no table of events in it, OSError
    where it cannot be opened.
    """
    if file is None and Path(path).is_dir():
        return _read_folder(Path(path))
    raw = file.read() if file is not None else Path(path).read_bytes()
    try:
        rows = list(_grid(raw, may_be_empty=str(path).lower().endswith(_LINES)))
        order = _order(rows)
        columns: set[str] = set()
        complaints: list[str] = []
        lines = []
        for number, cells in rows:
            ours, others = _sorted_out(tuple(cells))
            columns.update(known for _, known in ours)
            if line := _line(number, cells, ours, others, complaints, order):
                lines.append(line)
    except TableError as error:
        raise TableError(f"{path}: {error}") from None
    if (lines or complaints) and not columns & TELLING:
        raise TableError(f"{path}: {_NO_EVENTS}")
    return Table(lines, frozenset(columns), [f"{path}:{complaint}" for complaint in complaints])


def _read_folder(folder: Path) -> Table:
    try:
        tables = [read_table(file) for file in event_files(folder)]
    except ArchiveError as error:
        raise TableError(f"{folder}: {error}") from None
    return Table(
        [line for table in tables for line in table.lines],
        frozenset(name for table in tables for name in table.columns),
        [complaint for table in tables for complaint in table.complaints],
    )


_LINES = (".jsonl", ".ndjson", "-")  # no event is no line
_NO_EVENTS = "is no table of events: none of ACLED's columns (event_date, event_type, actor1, …) is in it"


@cache
def _known(name: str) -> str:
    """Our name of a column, "" where it is none of ours."""
    plain = name.strip().lower()
    return plain if plain in FULL else ""


def _order(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> str:
    """The order of day, month and year in which the table's dates are written, as a program saved them."""
    dates = (cells.get(name) for _, cells in rows for name in ("event_date", "EVENT_DATE"))
    return order_of(date for date in dates if isinstance(date, str) and not date[:4].isdigit())


# ---- one row -----------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _sorted_out(names: tuple[str, ...]) -> tuple[list[tuple[str, str]], list[str]]:
    """The names that are our columns', each with ours, and the others that are names at all."""
    ours = [(name, known) for name in names if (known := _known(name))]
    return ours, [name for name in names if name.strip() and not _known(name)]


def _line(
    number: int,
    cells: Mapping[str, Any],
    ours: Sequence[tuple[str, str]],
    others: Sequence[str],
    complaints: list[str],
    order: str,
) -> Line | None:
    own = {name: text for name in others if (text := _shown(cells[name]))}
    filled = [(known, value) for name, known in ours if (value := cells[name]) is not None and value != ""]
    if all(value == HXL.get(known) for known, value in filled):
        if own and not all(text.startswith("#") for text in own.values()):
            complaints.append(f"{number}: has nothing in the columns of an event: left out")
        return None
    values: dict[str, Any] = {known: "" for _, known in ours if known in ("region", "country")}
    for known, value in filled:
        found = _cell(known, value, lambda what: complaints.append(f"{number}: {what}"), order)
        if found is not None:
            values[known] = found
    return Line(number, Event(**values), own)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else str(value)
    return text[:LONGEST_OWN]


def _cell(name: str, value: Any, complain: Callable[[str], None], order: str) -> Any:
    """What the event holds for a cell; None where its default applies, after a complaint if there was more."""
    kind = FULL[name]
    if isinstance(value, list) and kind == "list":
        return tuple(map(str, value))
    try:
        found = from_cell(value, kind)
    except (ValueError, TypeError, OverflowError):
        found = _leniently(value, kind, order)
        if found is None:
            complain(f'{name}: "{_short(value)}" is not {_MEANT[kind]}: {_instead(name)}')
            return None
    if name in _RANGES and (reason := _wrong(name, found)):
        complain(f'{name}: "{_short(value)}" {reason}: {_instead(name)}')
        return None
    if name in ("event_type", "sub_event_type") and found:
        return _type(name, found, complain)
    return found


_MEANT = {
    "date": "a date that can only be read one way",
    "count": "a whole number",
    "decimal": "a number",
    "inter": "an actor type of ACLED",
    "interaction": "an interaction of ACLED",
    "text": "text",
    "list": "text",
}
_RANGES: Mapping[str, tuple[float, float, str]] = {
    "latitude": (-90, 90, "is not between -90 and 90 degrees"),
    "longitude": (-180, 180, "is not between -180 and 180 degrees"),
    "geo_precision": (1, 3, "is not 1, 2 or 3"),
    "time_precision": (1, 3, "is not 1, 2 or 3"),
    "confidence": (0, 1, "is not between 0 and 1"),
    "fatalities": (0, 1e9, "cannot be a number of deaths"),
}


def _wrong(name: str, found: Any) -> str:
    low, high, reason = _RANGES[name]
    return "" if low <= found <= high else reason


def _instead(name: str) -> str:
    return "counted as 0" if name == "fatalities" else "left empty"


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= 40 else text[:37] + "..."


def _leniently(value: Any, kind: str, order: str) -> Any:
    """What a person or a spreadsheet program may have meant; None where nobody can tell."""
    text = str(value).strip()
    if kind == "date":
        return published(text, "", order=order).day
    if kind in LABELS:
        return next((code for code, label in LABELS[kind].items() if label.lower() == text.lower()), None)
    if kind == "decimal" and text.count(",") == 1 and "." not in text:  # 35,93 as half of Europe writes it
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return None
    return None


@cache
def _types() -> Mapping[str, Mapping[str, str]]:
    """ACLED's types and sub-event types as they are spelt, by their lower-case form."""
    taxonomy = load().taxonomy
    kinds = {one.event_type for one in taxonomy.values()}
    return {
        "event_type": {name.lower(): name for name in kinds},
        "sub_event_type": {name.lower(): name for name in taxonomy},
    }


def _type(name: str, text: str, complain: Callable[[str], None]) -> str:
    known = _types()[name].get(text.strip().lower())
    if known is None:
        complain(f'{name}: "{_short(text)}" is not in ACLED\'s taxonomy: shown as it is')
    return known or text


# ---- formats -----------------------------------------------------------------------------------------

_Grid = Iterator[tuple[int, Mapping[str, Any]]]


def _grid(raw: bytes, *, may_be_empty: bool) -> _Grid:
    """The rows under the header, each with its number; what the bytes are decides, not the name."""
    if raw.startswith(b"\x1f\x8b"):
        raw = _unpacked(raw)
    if raw.startswith(b"PK"):
        return _under_header(_sheet(raw))
    if raw.startswith(b"PAR1"):
        return _parquet(raw)
    text = _text(raw)
    start = text.lstrip()[:1]
    if not start:
        if may_be_empty:
            return iter(())
        raise TableError("is empty")
    return _json(text) if start in "[{" else _under_header(_csv(text))


def _unpacked(raw: bytes) -> bytes:
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, ValueError) as error:
        raise TableError(f"cannot be unpacked ({_short(error)})") from None


def _text(raw: bytes) -> str:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16", "replace").removeprefix("\ufeff")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        if raw.startswith(b"%PDF") or b"\0" in raw[:4096]:
            raise TableError(
                "is no table: give .csv, .xlsx, .ods, .json, .jsonl, .geojson or .parquet"
            ) from None
        return raw.decode("cp1252", "replace")  # what Excel's plain "CSV" writes in much of the world


def _csv(text: str) -> Iterator[tuple[int, Sequence[Value]]]:
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    lines = text.split("\n", DEEPEST_HEADER)[:DEEPEST_HEADER]
    header = next((line for line in lines if any(name in line.lower() for name in TELLING)), lines[0])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count))
    number = 0
    try:
        for number, cells in enumerate(reader, 1):
            yield number, cells
    except csv.Error as error:
        raise TableError(f"is not readable as CSV after row {number} ({error})") from None


def _sheet(raw: bytes) -> Iterator[tuple[int, Sequence[Value]]]:
    """The rows of a workbook, of Excel or as OpenDocument: the first file of the latter names its kind."""
    if b"opendocument" in raw[:200]:
        from .opendocument import read_ods

        return read_ods(io.BytesIO(raw))[1]
    from .workbook import read_xlsx

    return read_xlsx(io.BytesIO(raw))[1]


def _under_header(rows: Iterator[tuple[int, Sequence[Value]]]) -> _Grid:
    for number, cells in rows:
        names = [str(cell).strip() if cell is not None else "" for cell in cells]
        if TELLING & set(map(_known, names)):
            yield from _records(names, rows)
            return
        if number >= DEEPEST_HEADER:
            break
    raise TableError(_NO_EVENTS)


def _records(header: Sequence[str], rows: Iterator[tuple[int, Sequence[Value]]]) -> _Grid:
    ours = list(filter(None, map(_known, header)))
    if twice := sorted({name for name in ours if ours.count(name) > 1}):
        raise TableError(f'two columns are called "{twice[0]}": rename one of them')
    texts = {name for name in header if FULL.get(_known(name)) in ("text", "list")}
    for number, cells in rows:
        named = zip_longest(header[: len(cells)], cells, fillvalue="")
        yield (
            number,
            {
                name or f"column {place}": unguarded(cell)
                if isinstance(cell, str) and cell[:1] == "'" and (name in texts or not _known(name))
                else cell
                for place, (name, cell) in enumerate(named, 1)
            },
        )


def _json(text: str) -> _Grid:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise TableError(f"is not valid JSON at line {error.lineno} ({error.msg})") from None
        yield from _json_lines(text)
        return
    except (ValueError, RecursionError) as error:
        raise TableError(f"cannot be read as JSON ({_short(error)})") from None
    if isinstance(content, dict):
        lists = [content[name] for name in ("features", "data") if isinstance(content.get(name), list)]
        content = lists[0] if lists else [content]
    for number, one in enumerate(content, 1):
        yield number, _object(one, number)


def _json_lines(text: str) -> _Grid:
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, _object(json.loads(line), number)
            except (ValueError, RecursionError) as error:
                if isinstance(error, TableError):
                    raise
                raise TableError(f"line {number} is not valid JSON ({_short(error)})") from None


def _object(one: Any, number: int) -> Mapping[str, Any]:
    """The cells of a JSON object, or of a GeoJSON feature, whose point stands in where they have none."""
    if not isinstance(one, dict):
        raise TableError(f"row {number}: expected a JSON object with ACLED's columns")
    if one.get("type") != "Feature" or not isinstance(one.get("properties"), dict):
        return one
    cells = dict(one["properties"])
    point = (one.get("geometry") or {}).get("coordinates")
    if (
        isinstance(point, list)
        and len(point) >= 2
        and cells.get("latitude") is cells.get("longitude") is None
    ):
        cells["longitude"], cells["latitude"] = point[:2]
    return cells


def _parquet(raw: bytes) -> _Grid:
    if reason := usable("parquet", Options()):
        raise TableError(reason)
    import pyarrow
    from pyarrow import parquet

    try:
        rows = parquet.read_table(io.BytesIO(raw)).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise TableError(f"is no readable Parquet file ({_short(error)})") from None
    for number, cells in enumerate(rows, 1):
        yield (
            number,
            {
                name: value.isoformat() if isinstance(value, datetime.date) else value
                for name, value in cells.items()
            },
        )
