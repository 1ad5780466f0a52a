"""Events as files: the only room that knows the file formats, each an entry of FORMATS.

Files are written beside their target and take its place only when they are complete.
"""

from __future__ import annotations

import contextlib
import csv
import datetime
import importlib.util
import io
import itertools
import json
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from .columns import (
    COLUMNS,
    HXL,
    LABELS,
    TableError,
    Value,
    guarded,
    row,
)
from .events import Event

if TYPE_CHECKING:
    import pandas


@dataclass(frozen=True, slots=True)
class Options:
    """How rows are written.

    `guard` puts an apostrophe before text that a spreadsheet would run as a formula; `bom` starts a CSV file
    with a byte order mark, which older Excel needs to see UTF-8; `inter_codes` writes ACLED's numbers
    instead of its labels for inter1, inter2 and interaction; `hxl` puts HXL's hashtags under the header.
    """

    guard: bool = True
    bom: bool = False
    inter_codes: bool = False
    hxl: bool = False


# ---- writers -----------------------------------------------------------------------------------------


class CsvLines:
    """Rows as lines of CSV that end in a bare newline, or in another line end.

    csv.writer quotes a cell holding a lone carriage return only when that is part of its line end, so lines
    are made with CRLF and cut.
    """

    def __init__(self, delimiter: str = ",", newline: str = "\n") -> None:
        self._buffer = io.StringIO()
        self._writer = csv.writer(self._buffer, delimiter=delimiter, lineterminator="\r\n")
        self._newline = newline

    def line(self, cells: Iterable[Value]) -> str:
        """One line, with its newline."""
        self._buffer.seek(0)
        self._buffer.truncate()
        self._writer.writerow(["" if cell is None else _number(cell) for cell in cells])
        return self._buffer.getvalue()[:-2] + self._newline


def _number(cell: str | int | float) -> str:
    # repr of a float is the shortest text that reads back equal, but turns to "1e-05" below 0.0001
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)


def _write_csv(events: Iterable[Event], file: IO[str], columns: str, options: Options) -> int:
    lines = CsvLines()
    file.write(("\ufeff" if options.bom else "") + lines.line(COLUMNS[columns]))
    file.flush()
    if options.hxl:
        file.write(lines.line(hashtags(columns)))
    count = 0
    for cells in _cells(events, columns, options):
        file.write(lines.line(cells))
        file.flush()
        count += 1
    return count


def hashtags(columns: str) -> list[str]:
    """HXL's hashtag of each column, "" where it has none."""
    return [HXL.get(name, "") for name in COLUMNS[columns]]


def _cells(events: Iterable[Event], columns: str, options: Options) -> Iterator[list[Value]]:
    """Each event as a spreadsheet has it."""
    for event in events:
        cells = row(event, columns, inter_codes=options.inter_codes).values()
        yield [guarded(cell) for cell in cells] if options.guard else list(cells)


def _write_xlsx(events: Iterable[Event], file: IO[bytes], columns: str, options: Options) -> int:
    from .workbook import write_xlsx

    tags = hashtags(columns) if options.hxl else ()
    return write_xlsx(COLUMNS[columns], _cells(events, columns, options), file, tags)


def _write_ods(events: Iterable[Event], file: IO[bytes], columns: str, options: Options) -> int:
    from .opendocument import write_ods

    tags = hashtags(columns) if options.hxl else ()
    return write_ods(COLUMNS[columns], _cells(events, columns, options), file, tags)


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


def _write_geojson(events: Iterable[Event], file: IO[str], columns: str, options: Options) -> int:
    """RFC 7946: a point an event, longitude first, WGS84; null where there are no coordinates."""
    count = 0
    file.write('{"type": "FeatureCollection", "features": [')
    for event in events:
        cells = row(event, columns, inter_codes=options.inter_codes)
        point = [cells["longitude"], cells["latitude"]]
        feature = {
            "type": "Feature",
            "id": cells["event_id_cnty"],
            "geometry": None if None in point else {"type": "Point", "coordinates": point},
            "properties": cells,
        }
        file.write((",\n" if count else "\n") + json.dumps(feature, ensure_ascii=False))
        count += 1
    file.write("\n]}\n")
    return count


def _write_parquet(events: Iterable[Event], file: IO[bytes], columns: str, options: Options) -> int:
    import pyarrow
    from pyarrow import parquet

    kinds = {
        name: "count" if options.inter_codes and kind in LABELS else kind
        for name, kind in COLUMNS[columns].items()
    }
    types = {"date": pyarrow.date32(), "count": pyarrow.int64(), "decimal": pyarrow.float64()}
    events = iter(events)
    schema = pyarrow.schema([(name, types.get(kind, pyarrow.string())) for name, kind in kinds.items()])
    count = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for some in iter(lambda: list(itertools.islice(events, _ROW_GROUP)), []):
            rows = [row(event, columns, inter_codes=options.inter_codes) for event in some]
            arrays = [_array(pyarrow, [cells[field.name] for cells in rows], field.type) for field in schema]
            writer.write_table(pyarrow.Table.from_arrays(arrays, schema=schema))
            count += len(rows)
    return count


_ROW_GROUP = 10_000  # rows of Parquet that are in memory at a time


def _array(pyarrow: Any, values: list[Value], wanted: Any) -> Any:
    if wanted == pyarrow.date32():
        days = [datetime.date.fromisoformat(value) if isinstance(value, str) else None for value in values]
        return pyarrow.array(days, wanted)
    return pyarrow.array(values, wanted)


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


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a report in figures: a heading, the columns and the records of its table, if it has one."""

    heading: str
    columns: tuple[str, ...]
    records: Sequence[Mapping[str, Value]] = ()


def write_sections(sections: Iterable[Section], file: IO[str]) -> None:
    """Writes headings and tables to read, in colour on a terminal."""
    for section in sections:
        file.write(printable(section.heading) + "\n\n")
        if section.columns:
            write_records(section.records, section.columns, file, "table")
            file.write("\n")


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
    `binary`. `spreadsheet` formats take HXL's hashtags; `needs` is a module of an extra of that name.
    """

    name: str
    suffixes: tuple[str, ...]
    columns: str
    write: Callable[[Iterable[Event], Any, str, Options], int]
    binary: bool = False
    spreadsheet: bool = False
    needs: tuple[str, str] | None = None


FORMATS: Mapping[str, Format] = {
    form.name: form
    for form in (
        Format("csv", (".csv",), "acled", _write_csv, spreadsheet=True),
        Format("json", (".json",), "full", _write_json),
        Format("jsonl", (".jsonl", ".ndjson"), "full", _write_jsonl),
        Format("geojson", (".geojson",), "full", _write_geojson),
        Format("xlsx", (".xlsx",), "acled", _write_xlsx, binary=True, spreadsheet=True),
        Format("ods", (".ods",), "acled", _write_ods, binary=True, spreadsheet=True),
        Format("parquet", (".parquet",), "acled", _write_parquet, binary=True, needs=("pyarrow", "parquet")),
        Format("table", (".txt",), "acled", _write_table),
    )
}


def format_of(path: str | Path) -> str | None:
    """The name of the format that the file's ending stands for, or None."""
    suffix = Path(path).suffix.lower()
    return next((form.name for form in FORMATS.values() if suffix in form.suffixes), None)


def usable(format: str, options: Options) -> str:
    """Why the format cannot be written so on this machine, and what to do; "" where it can."""
    form = FORMATS[format]
    if form.needs and importlib.util.find_spec(form.needs[0]) is None:
        return f"{form.name} needs {form.needs[0]}: pip install 'conflict-events[{form.needs[1]}]'"
    if options.hxl and not form.spreadsheet:
        return f"HXL's hashtags are for {', '.join(f.name for f in FORMATS.values() if f.spreadsheet)} only"
    return ""


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
    if reason := usable(form.name, options):
        raise TableError(reason)
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
    sync_folder(place.parent)


def _mode(place: Path) -> int:
    """The permissions the finished file gets: those of the file it replaces, else what the umask leaves."""
    if place.exists():
        return stat.S_IMODE(place.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def sync_folder(folder: Path) -> None:
    """Asks for the rename itself to reach the disk; not every system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


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
    kinds = {
        name: "count" if inter_codes and kind in LABELS else kind for name, kind in COLUMNS[columns].items()
    }
    return frame_of([row(event, columns, inter_codes=inter_codes) for event in events], kinds)


def frame_of(rows: Sequence[Mapping[str, Value]], kinds: Mapping[str, str]) -> pandas.DataFrame:
    """A DataFrame of rows that need not have all of the columns; `kinds` are the columns with their kinds."""
    import pandas

    frame: dict[str, pandas.Series[Any]] = {}
    for name, kind in kinds.items():
        column = [cells.get(name) for cells in rows]
        frame[name] = pandas.Series(column, dtype=object).astype(_DTYPES[kind])
    return pandas.DataFrame(frame)
