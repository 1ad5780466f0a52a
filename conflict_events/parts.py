"""Parts of a long run as Parquet files: what was read, article by article, and the rows it gave, not yet merged.

Unlike the tables that people are given, these hold each value of an event as it was, lists as lists, so that
what is read back is equal. Nothing is changed once it is written.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .columns import FULL, LABELS
from .events import Event
from .tables import replacing

# What became of an article; CHANGED and DONE are of a file: what was read of it before is void; all was read.
READ, COPY, FAILED, CHANGED, DONE = "read", "copy", "failed", "changed", "done"
NONE = -1  # the number of no article


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was read from a file, or that happened to the file, in the order of reading.

    `number` counts the articles and failures of all parts; `of` is that of the article this one is a copy of,
    or, where it was read all the same, which it replaces. `words` is the fingerprint, `stamp` what the file was
    like, `reason` why it failed.
    """

    number: int
    file: str
    status: str
    stamp: str = ""
    id: str = ""
    words: bytes = b""
    day: datetime.date | None = None
    long: bool = False
    of: int = NONE
    outlets: tuple[str, ...] = ()
    reason: str = ""


@dataclass(slots=True)
class Part:
    """What a part holds: entries, and events with the number of the article that tells them."""

    entries: list[Entry] = field(default_factory=list)
    events: list[tuple[int, Event]] = field(default_factory=list)


def entries_path(folder: Path, number: int) -> Path:
    """The file of the part's entries."""
    return folder / f"{number:06}.articles.parquet"


def events_path(folder: Path, number: int) -> Path:
    """The file of the part's events."""
    return folder / f"{number:06}.events.parquet"


def write_part(folder: Path, number: int, part: Part) -> list[int]:
    """The sizes in bytes of the two files that now hold the part, lastingly."""
    with replacing(entries_path(folder, number)) as file:
        rows = [tuple(getattr(entry, name) for name in _ENTRY) for entry in part.entries]
        _write(rows, _entry_schema(), file)
    write_events(events_path(folder, number), part.events)
    return [path.stat().st_size for path in (entries_path(folder, number), events_path(folder, number))]


def write_events(path: Path, events: Iterable[tuple[int, Event]]) -> None:
    """Writes events, each with a number, to a file that replaces an earlier one."""
    with replacing(path) as file:
        _write([numbered(number, event) for number, event in events], event_schema(), file)


def _write(rows: list[tuple[Any, ...]], schema: Any, file: Any) -> None:
    from pyarrow import parquet

    parquet.write_table(table_of(rows, schema), file, compression="zstd")


def table_of(rows: list[tuple[Any, ...]], schema: Any) -> Any:
    """An Arrow table of rows whose cells are in the order of the schema."""
    import pyarrow

    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    arrays = [pyarrow.array(cells, kind.type) for cells, kind in zip(columns, schema, strict=True)]
    return pyarrow.Table.from_arrays(arrays, schema=schema)


def numbered(number: int, event: Event) -> tuple[Any, ...]:
    """The cells of an event behind a number, in the order of `event_schema`."""
    return (number, *(getattr(event, name) for name in _EVENT))


def read_entries(folder: Path, number: int) -> Iterator[Entry]:
    """The entries of a part."""
    from pyarrow import parquet

    table = parquet.read_table(entries_path(folder, number), use_threads=False)
    for cells in zip(*(column.to_pylist() for column in table.columns), strict=True):
        entry = dict(zip(_ENTRY, cells, strict=True))
        yield Entry(**entry | {"outlets": tuple(entry["outlets"])})


def read_events(path: Path, columns: Collection[str] = FULL) -> Iterator[tuple[int, Event]]:
    """The events of a file, each with its number; of the columns not asked for the defaults."""
    from pyarrow import parquet

    wanted = ["number", *(name for name in _EVENT if name in columns)]
    with parquet.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=5_000, columns=wanted, use_threads=False):
            yield from events_of(batch)


def events_of(batch: Any) -> Iterator[tuple[int, Event]]:
    """The events of an Arrow batch, each with its number."""
    names = batch.schema.names[1:]
    numbers, *cells = (_values(field.name, column) for field, column in zip(batch.schema, batch, strict=True))
    for number, *values in zip(numbers, *cells, strict=True):
        yield number, Event(**dict(zip(names, values, strict=True)))


def _values(name: str, column: Any) -> list[Any]:
    """The cells of a column, equal texts as one object: names recur in thousands of rows."""
    cells: list[Any] = column.to_pylist()
    kind = FULL.get(name)
    if kind == "list":
        return [tuple(map(sys.intern, cell)) if cell else () for cell in cells]
    return [sys.intern(cell) for cell in cells] if kind == "text" else cells


_EVENT = tuple(FULL)
_ENTRY = tuple(Entry.__dataclass_fields__)


def _entry_schema() -> Any:
    import pyarrow as pa

    kinds = {
        "number": pa.int64(), "words": pa.binary(), "day": pa.date32(), "long": pa.bool_(), "of": pa.int64(),
        "outlets": pa.list_(pa.string()),
    }  # fmt: skip
    return pa.schema([(name, kinds.get(name, pa.string())) for name in _ENTRY])


def event_schema() -> Any:
    """The Arrow schema of numbered events."""
    import pyarrow as pa

    kinds = {
        "text": pa.string(), "date": pa.date32(), "count": pa.int64(), "decimal": pa.float64(),
        "list": pa.list_(pa.string()), **dict.fromkeys(LABELS, pa.int64()),
    }  # fmt: skip
    return pa.schema([("number", pa.int64()), *((name, kinds[kind]) for name, kind in FULL.items())])
