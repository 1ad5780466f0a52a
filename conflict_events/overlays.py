"""A person's folder of dictionary rows and test cases, added to by a program: rows there stay as they are."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
CASES = "corrections.toml"
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


# ---- test cases --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Case:
    """A text and the rows it must give, each with only the fields that matter; `xfail` says why it does not."""

    name: str
    text: str
    events: Sequence[Mapping[str, Any]]
    published: datetime.date | None = None
    xfail: str = ""

    def toml(self) -> str:
        """The case as it stands in a file."""
        lines = ["[[case]]", f"name = {_quoted(self.name)}", f"text = {_quoted(self.text)}"]
        if self.published:
            lines.append(f"published = {self.published.isoformat()}")
        lines.append(f"events = [{', '.join(_inline(event) for event in self.events)}]")
        if self.xfail:
            lines.append(f"xfail = {_quoted(self.xfail)}")
        return "\n".join(lines) + "\n"


def _inline(event: Mapping[str, Any]) -> str:
    cells = ", ".join(f"{name} = {_quoted(v) if isinstance(v, str) else v}" for name, v in event.items())
    return f"{{ {cells} }}" if cells else "{}"


def _quoted(text: str) -> str:
    """A basic string of TOML on one line, which may hold what JSON's may."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


_HEAD = "# Rows that a person corrected, with what they must be; written by `conflict-events review`.\n"


def put_cases(path: Path, cases: Iterable[Case]) -> None:
    """Adds cases to a file; one of a name that is there takes its place, all else stays as it is."""
    new = {case.name: case for case in cases}
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        head, *parts = re.split(r"(?m)^(?=\[\[case\]\])", before)
        kept = [part for part in parts if tomllib.loads(part)["case"][0].get("name") not in new]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise OverlayError(f"{path}: cannot be read: {error}: mend it, or take it away") from None
    blocks = [part.strip("\n") + "\n" for part in kept] + [case.toml() for case in new.values()]
    put_file(path, head.rstrip("\n") + "\n\n" + "\n".join(blocks))
