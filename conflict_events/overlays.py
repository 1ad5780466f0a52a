"""A person's folder of dictionary rows, added to by a program: the rows that are there stay as they are."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .columns import guarded
from .tables import replacing

TABLES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "places.csv": ("id", ("id", "name", "kind", "latitude", "longitude", "admin1", "admin2", "admin3", "aliases")),
    "homonyms.csv": ("name", ("name", "place_id", "admin1", "example", "remarks")),
    "actors.csv": ("id", ("id", "name", "inter", "aliases", "provisional", "example", "remarks")),
    "triggers.csv": (
        "id",
        ("id", "phrase", "pos", "sub_event_type", "frame", "object", "needs", "example", "counter_example", "remarks"),
    ),
}  # fmt: skip
_FREE_TEXT = frozenset({"example", "counter_example", "remarks"})
Cells = Mapping[str, str]


class OverlayError(Exception):
    """A folder of rows that cannot be read or written; the message says what to do."""


@dataclass(slots=True)
class Overlay:
    """The tables of a folder that rows are added to; nothing is written before `write`."""

    folder: Path
    tables: dict[str, tuple[list[str], list[dict[str, str]]]] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def rows(self, name: str) -> list[dict[str, str]]:
        """The rows of a table as they stand."""
        return self._table(name)[1]

    def put(self, name: str, row: Cells) -> None:
        """Adds a row, or puts it in the place of the row it is another version of."""
        columns, rows = self._table(name)
        columns += [column for column in row if column not in columns]
        same = next((old for old in rows if _identity(name, old) == _identity(name, row)), None)
        if same is None:
            rows.append(dict(row))
        else:
            same.update(row)
        self.changed.add(name)

    def copy(self) -> Overlay:
        """The same rows, to be changed apart."""
        tables = {
            name: ([*columns], [dict(row) for row in rows]) for name, (columns, rows) in self.tables.items()
        }
        return Overlay(self.folder, tables, {*self.changed})

    def write(self, folder: Path | None = None) -> None:
        """Writes the tables that changed, each in one step; into another folder all of them."""
        for name, (columns, rows) in self.tables.items():
            if folder is not None or name in self.changed:
                buffer = io.StringIO()
                writer = csv.DictWriter(buffer, columns, lineterminator="\n", restval="")
                writer.writeheader()
                writer.writerows({n: _safe(n, cell) for n, cell in row.items()} for row in rows)
                put_file((folder or self.folder) / name, buffer.getvalue())

    def _table(self, name: str) -> tuple[list[str], list[dict[str, str]]]:
        if name not in self.tables:
            self.tables[name] = _read(self.folder / name, TABLES[name][1])
        return self.tables[name]


def _identity(name: str, row: Cells) -> tuple[str, ...]:
    if name == "homonyms.csv":
        return row.get("name", ""), row.get("admin1", "")
    return (row.get("id", ""),)


def _safe(column: str, cell: str) -> str:
    # what an article says must not become a formula when the table is opened in a spreadsheet
    return str(guarded(cell)) if column in _FREE_TEXT else cell


def _read(path: Path, columns: Sequence[str]) -> tuple[list[str], list[dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [{name: cell or "" for name, cell in row.items() if name} for row in reader]
            return [*(reader.fieldnames or columns)], rows
    except FileNotFoundError:
        return [*columns], []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise OverlayError(f"{path}: cannot be read: {error}") from None


def put_file(path: Path, content: str) -> None:
    """Writes a text file in one step. Raises OverlayError where that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(content.encode("utf-8", "replace"))
    except OSError as error:
        raise OverlayError(f"{path}: cannot be written: {error.strerror or error}") from None
