"""Events as tables: the only room that knows the columns and the file formats.

A format is an entry of FORMATS (name, file endings, writer); a column is an entry of COLUMNS (name, kind).
Files are written beside their target and take its place only when they are complete.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import io
import json
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from .events import Event

if TYPE_CHECKING:
    import pandas

# ACLED's columns in ACLED's order, then what a row was made from, each with the kind of its values.
ACLED: Mapping[str, str] = {
    "event_id_cnty": "text",
    "event_date": "date",
    "year": "count",
    "time_precision": "count",
    "disorder_type": "text",
    "event_type": "text",
    "sub_event_type": "text",
    "actor1": "text",
    "assoc_actor_1": "list",
    "inter1": "inter",
    "actor2": "text",
    "assoc_actor_2": "list",
    "inter2": "inter",
    "interaction": "interaction",
    "civilian_targeting": "text",
    "iso": "count",
    "region": "text",
    "country": "text",
    "admin1": "text",
    "admin2": "text",
    "admin3": "text",
    "location": "text",
    "latitude": "decimal",
    "longitude": "decimal",
    "geo_precision": "count",
    "source": "list",
    "source_scale": "text",
    "notes": "text",
    "fatalities": "count",
    "tags": "list",
    "timestamp": "count",
}
FULL: Mapping[str, str] = {
    **ACLED,
    "article_id": "list",
    "article_title": "text",
    "article_url": "text",
    "published": "date",
    "sentence": "text",
    "start": "count",
    "end": "count",
    "trigger": "text",
    "rule": "text",
    "place_id": "text",
    "place_text": "text",
    "date_text": "text",
    "date_basis": "text",
    "fatalities_text": "text",
    "confidence": "decimal",
}
COLUMNS: Mapping[str, Mapping[str, str]] = {"acled": ACLED, "full": FULL}

INTER = {
    1: "State forces",
    2: "Rebel group",
    3: "Political militia",
    4: "Identity militia",
    5: "Rioters",
    6: "Protesters",
    7: "Civilians",
    8: "External/Other forces",
}


def _interaction_labels() -> dict[int, str]:
    """ACLED's label of every pair of actor types: the lower code first, but civilians always last."""
    labels = {}
    for first, name in INTER.items():
        labels[first * 10] = f"{name} only"
        for second in range(first, 9):
            labels[first * 10 + second] = f"{name}-{INTER[second]}"
    labels[78] = f"{INTER[8]}-{INTER[7]}"
    return labels


INTERACTION = _interaction_labels()
_LABELS = {"inter": INTER, "interaction": INTERACTION}
_CODES = {kind: {label: code for code, label in labels.items()} for kind, labels in _LABELS.items()}

Value = str | int | float | None


class TableError(ValueError):
    """A table that cannot be read or written; the message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are written.

    `guard` puts an apostrophe before text that a spreadsheet would run as a formula; `bom` starts a CSV file
    with a byte order mark, which older Excel needs to see UTF-8; `inter_codes` writes ACLED's numbers
    instead of its labels for inter1, inter2 and interaction.
    """

    guard: bool = True
    bom: bool = False
    inter_codes: bool = False


# ---- one event as a row ------------------------------------------------------------------------------


def row(event: Event, columns: str = "acled", *, inter_codes: bool = False) -> dict[str, Value]:
    """The event's cells by column, in order: text, numbers (coordinates with 4 decimals), None where unknown.

    Dates are ISO text, lists are joined by "; ".
    """
    return {name: _cell(getattr(event, name), kind, inter_codes) for name, kind in COLUMNS[columns].items()}


def _cell(value: Any, kind: str, inter_codes: bool) -> Value:
    if kind in _LABELS:
        return int(value) if inter_codes else (_LABELS[kind].get(value, str(value)) if value else None)
    if value is None or value == "":
        return None
    if kind == "date":
        return str(value.isoformat())
    if kind == "list":
        return "; ".join(value) or None
    if kind == "decimal":
        return round(float(value), 4) + 0.0  # no minus zero
    return int(value) if kind == "count" else str(value)


def from_row(cells: Mapping[str, Any]) -> Event:
    """The event of a row as `row` gives it or as a file holds it; columns that are absent keep their default.

    Raises TableError naming the column whose value cannot be read.
    """
    values = {}
    for name, kind in FULL.items():
        if name in cells:
            try:
                values[name] = _value(cells[name], kind)
            except (ValueError, TypeError):
                raise TableError(f"{name}: cannot read {cells[name]!r} as {_KINDS[kind]}") from None
    required = {name: value for name, value in values.items() if value is not None or name in _MAY_BE_NONE}
    return Event(**required)


_KINDS = {
    "text": "text",
    "date": "a date (YYYY-MM-DD)",
    "count": "a whole number",
    "decimal": "a number",
    "list": 'text joined by "; "',
    "inter": "an actor type of ACLED",
    "interaction": "an interaction of ACLED",
}
_MAY_BE_NONE = frozenset(name for name in FULL if getattr(Event(), name) is None)


def _value(cell: Any, kind: str) -> Any:
    """What the event holds for a cell; None where the cell is empty and the column's default applies."""
    empty = cell is None or cell == ""
    if kind in _LABELS:
        return 0 if empty else _code(str(cell), kind)
    if kind == "list":
        return () if empty else tuple(str(cell).split("; "))
    if kind == "text":
        return "" if empty else str(cell)
    if empty:
        return None
    if kind == "date":
        return datetime.date.fromisoformat(str(cell))
    return float(cell) if kind == "decimal" else _whole(cell)


def _whole(cell: Any) -> int:
    number = float(cell)
    if number != int(number):
        raise ValueError("not whole")
    return int(number)


def _code(cell: str, kind: str) -> int:
    if cell in _CODES[kind]:
        return _CODES[kind][cell]
    return int(cell)


# ---- formulas in spreadsheets ------------------------------------------------------------------------

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(value: Value) -> Value:
    """The cell with an apostrophe before it where a spreadsheet would take its text for a formula.

    Text that already looks guarded gets one more, so that `unguarded` always gives back what was there.
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def unguarded(value: str) -> str:
    """The text without the apostrophe that `guarded` put before it."""
    return value[1:] if _GUARDED.match(value) else value


# ---- writers -----------------------------------------------------------------------------------------


class CsvLines:
    """Rows as lines of CSV that end in a bare newline.

    csv.writer quotes a cell holding a lone carriage return only when that is part of its line end, so lines
    are made with CRLF and cut.
    """

    def __init__(self) -> None:
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, lineterminator="\r\n")

    def line(self, cells: Iterable[Value]) -> str:
        """One line, with its newline."""
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.writerow(["" if cell is None else _number(cell) for cell in cells])
        return self._buffer.getvalue()[:-2] + "\n"


def _number(cell: str | int | float) -> str:
    # repr of a float is the shortest text that reads back equal, but turns to "1e-05" below 0.0001
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)


def _write_csv(events: Iterable[Event], file: IO[str], columns: str, options: Options) -> int:
    lines = CsvLines()
    file.write(("\ufeff" if options.bom else "") + lines.line(COLUMNS[columns]))
    file.flush()
    count = 0
    for event in events:
        cells: Iterable[Value] = row(event, columns, inter_codes=options.inter_codes).values()
        file.write(lines.line(guarded(cell) for cell in cells) if options.guard else lines.line(cells))
        file.flush()
        count += 1
    return count


def _write_jsonl(events: Iterable[Event], file: IO[str], columns: str, options: Options) -> int:
    count = 0
    for event in events:
        file.write(_json(event, columns, options) + "\n")
        file.flush()
        count += 1
    return count


def _write_json(events: Iterable[Event], file: IO[str], columns: str, options: Options) -> int:
    count = 0
    for event in events:
        file.write(("[\n" if count == 0 else ",\n") + _json(event, columns, options))
        count += 1
    file.write("\n]\n" if count else "[]\n")
    return count


def _json(event: Event, columns: str, options: Options) -> str:
    return json.dumps(row(event, columns, inter_codes=options.inter_codes), ensure_ascii=False)


def _write_table(events: Iterable[Event], file: IO[str], columns: str, options: Options) -> int:
    """A table to read: in colour and cut to the window on a terminal, plain aligned text elsewhere."""
    rows: list[tuple[Value, ...]] = [
        (
            str(event.event_date or "unknown"),
            event.sub_event_type,
            event.actor1,
            event.actor2,
            ", ".join(name for name in (event.location, event.admin1) if name),
            event.fatalities,
        )
        for event in events
    ]
    if rows:
        _draw(("date", "type", "actor 1", "actor 2", "location", "deaths"), rows, file)
    else:
        file.write("no events\n")
    return len(rows)


def _draw(headings: Iterable[str], rows: Iterable[Iterable[Value]], file: IO[str]) -> None:
    """Writes rows as a table, numbers to the right; the first column is never broken."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    on_terminal = file.isatty()
    table = Table(box=box.SIMPLE_HEAD if on_terminal else None, pad_edge=False, header_style="bold")
    lines = [tuple(line) for line in rows]
    for place, heading in enumerate(headings):
        numbers = any(isinstance(line[place], int | float) for line in lines)
        table.add_column(heading, no_wrap=place == 0, justify="right" if numbers else "left")
    for line in lines:
        shown = ("" if cell is None else _number(cell) for cell in line)
        table.add_row(*(Text(printable(cell)) for cell in shown))
    if on_terminal:
        Console(file=file).print(table)
        return
    console = Console(file=io.StringIO(), width=100_000, color_system=None)
    with console.capture() as capture:
        console.print(table)
    file.write("".join(line.rstrip() + "\n" for line in capture.get().splitlines()))


def write_records(
    records: Iterable[Mapping[str, Value]], columns: Iterable[str], file: IO[str], format: str
) -> None:
    """Writes records that are no events, each with these columns, to an open file: csv, jsonl or table.

    CSV and JSONL lines are written and flushed as they come; text that a spreadsheet would run as a formula
    gets an apostrophe in CSV.
    """
    columns = tuple(columns)
    lines = CsvLines()
    if format == "table":
        _draw(columns, [_shown(record, columns) for record in records], file)
        return
    if format == "csv":
        file.write(lines.line(columns))
        file.flush()
    for record in records:
        if format == "csv":
            file.write(lines.line(map(guarded, _shown(record, columns))))
        else:
            cells = {name: record[name] for name in columns}
            file.write(json.dumps(cells, ensure_ascii=False) + "\n")
        file.flush()


def _shown(record: Mapping[str, Value], columns: Iterable[str]) -> list[Value]:
    """The cells as they are shown: coordinates with 4 decimals, other fractions as short as they are."""
    places = ("latitude", "longitude")
    cells = ((name, record[name]) for name in columns)
    return [f"{c:g}" if isinstance(c, float) and name not in places else c for name, c in cells]


def printable(text: str) -> str:
    """The text on one line without control characters, so that an article cannot steer the terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@dataclass(frozen=True, slots=True)
class Format:
    """A file format: the endings it is known by, the columns it has by default, and its writer.

    `write(events, file, columns, options)` writes and gives the number of rows; `file` takes text unless
    `binary`.
    """

    name: str
    suffixes: tuple[str, ...]
    columns: str
    write: Callable[[Iterable[Event], Any, str, Options], int]
    binary: bool = False


FORMATS: Mapping[str, Format] = {
    form.name: form
    for form in (
        Format("csv", (".csv",), "acled", _write_csv),
        Format("json", (".json",), "full", _write_json),
        Format("jsonl", (".jsonl", ".ndjson"), "full", _write_jsonl),
        Format("table", (".txt",), "acled", _write_table),
    )
}


def format_of(path: str | Path) -> str | None:
    """The name of the format that the file's ending stands for, or None."""
    suffix = Path(path).suffix.lower()
    return next((form.name for form in FORMATS.values() if suffix in form.suffixes), None)


def write_events(
    events: Iterable[Event],
    target: str | Path | IO[Any],
    format: str | None = None,
    columns: str | None = None,
    options: Options | None = None,
) -> int:
    """The number of rows written to `target`, a path or an open file.

    Rows are written as they come where the format allows. A path's earlier file is replaced only when the
    new one is complete; if `events` raises, nothing is left behind. `format` defaults to the path's ending,
    `columns` ("acled" or "full") to the format's. Raises TableError for an unknown format, OSError when the
    file cannot be written.
    """
    form = _chosen(target, format)
    columns, options = columns or form.columns, options or Options()
    if columns not in COLUMNS:
        raise TableError(f"unknown columns {columns!r}: choose from {', '.join(COLUMNS)}")
    if not isinstance(target, str | Path):
        return form.write(events, target, columns, options)
    with replacing(Path(target)) as raw:
        if form.binary:
            return form.write(events, raw, columns, options)
        text = io.TextIOWrapper(raw, encoding="utf-8", newline="", write_through=False)
        count = form.write(events, text, columns, options)
        text.flush()
        text.detach()
        return count


def _chosen(target: str | Path | IO[Any], name: str | None) -> Format:
    if name is None and isinstance(target, str | Path):
        name = format_of(target)
    if name is None or name not in FORMATS:
        endings = ", ".join(suffix for form in FORMATS.values() for suffix in form.suffixes)
        if name is None:
            raise TableError(f"no format for {target}: give the file an ending of {endings}")
        raise TableError(f"unknown format {name!r}: choose from {', '.join(FORMATS)}")
    return FORMATS[name]


@contextlib.contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A file open for writing that takes the place of `target` when the block ends without an error.

    It is written beside the target, synced and renamed; the earlier file's mode is kept, and a symbolic link
    stays a link whose file is replaced. A device or a pipe, such as /dev/null, is written to directly.
    """
    place = Path(os.path.realpath(target))
    if place.exists() and not place.is_file() and not place.is_dir():
        with place.open("wb") as direct:
            yield direct
        return
    if place.is_dir():
        raise IsADirectoryError(f"{target} is a folder")
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name[:100]}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(_mode(place))
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(place.parent)


def _mode(place: Path) -> int:
    """The permissions the finished file gets: those of the file it replaces, else what the umask leaves."""
    if place.exists():
        return stat.S_IMODE(place.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    """Asks for the rename itself to reach the disk; not every system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


# ---- readers -----------------------------------------------------------------------------------------


def read_events(path: str | Path, *, guard: bool = True) -> list[Event]:
    """The events of a CSV, JSON or JSONL file that `write_events` wrote.

    Columns it does not know are left out of account. `guard=False` is for CSV written without the formula
    guard. Raises TableError (`events.csv:3: fatalities: …`), OSError when the file cannot be opened.
    """
    path = Path(path)
    name = format_of(path)
    if name is None or name not in _READERS:
        raise TableError(f"{path}: cannot read events from this ending: use {', '.join(_READERS)}")
    events = []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, cells in _READERS[name](file, guard):
                try:
                    events.append(from_row(cells))
                except TableError as error:
                    raise TableError(f"{path}:{number}: {error}") from None
    except (json.JSONDecodeError, csv.Error, UnicodeDecodeError) as error:
        raise TableError(f"{path}: not a readable {name} file: {error}") from None
    return events


_Cells = Iterator[tuple[int, Mapping[str, Any]]]


def _csv_rows(file: IO[str], guard: bool) -> _Cells:
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    reader = csv.DictReader(file)
    for cells in reader:
        known = {name: text for name, text in cells.items() if name in FULL and text is not None}
        yield (
            reader.line_num,
            {
                name: unguarded(text) if guard and FULL[name] in ("text", "list") else text
                for name, text in known.items()
            },
        )


def _jsonl_rows(file: IO[str], guard: bool) -> _Cells:
    for number, line in enumerate(file, 1):
        if line.strip():
            yield number, _object(json.loads(line), number)


def _json_rows(file: IO[str], guard: bool) -> _Cells:
    rows = json.load(file)
    if not isinstance(rows, list):
        raise TableError("expected a JSON list of events")
    for number, cells in enumerate(rows, 1):
        yield number, _object(cells, number)


def _object(cells: object, number: int) -> Mapping[str, Any]:
    if not isinstance(cells, dict):
        raise TableError(f"row {number}: expected a JSON object")
    return cells


_READERS: Mapping[str, Callable[[IO[str], bool], _Cells]] = {
    "csv": _csv_rows,
    "json": _json_rows,
    "jsonl": _jsonl_rows,
}

# ---- data frames -------------------------------------------------------------------------------------

_DTYPES: Mapping[str, Any] = {
    "text": "string",
    "list": "string",
    "date": "datetime64[s]",
    "count": "Int64",
    "decimal": "float64",
    "inter": "string",
    "interaction": "string",
}


def to_frame(
    events: Iterable[Event], columns: str = "acled", *, inter_codes: bool = False
) -> pandas.DataFrame:
    """A pandas DataFrame with one row an event and the columns in order.

    Dates are datetime64, whole numbers Int64, coordinates in degrees float64, the rest strings; what is not
    known is NA. The types are the same for no events at all. `columns` is "acled" or "full".
    """
    import pandas

    rows = [row(event, columns, inter_codes=inter_codes) for event in events]
    frame: dict[str, pandas.Series[Any]] = {}
    for name, kind in COLUMNS[columns].items():
        dtype: Any = "Int64" if inter_codes and kind in _LABELS else _DTYPES[kind]
        frame[name] = pandas.Series([cells[name] for cells in rows], dtype=object).astype(dtype)
    return pandas.DataFrame(frame)
