"""What a person decided of the rows of a sheet, in a file beside it: one line a decision, on the disk at once.

The file is only ever added to, so a process that is killed loses nothing but the line it was writing. Read
from its start, it gives the decisions that stand, those undone left out, and what of them the sheet has.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from .columns import FULL, Value

VERSION = 1
ACCEPT, REJECT, CORRECT = "accept", "reject", "correct"


class JournalError(Exception):
    """A journal that cannot be read or written; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision on a row: what was done, for a correction the field, its value and the cells it sets."""

    row: str
    do: str
    field: str = ""
    value: Any = None
    cells: Mapping[str, Value] = dataclasses.field(default_factory=dict)


class Journal:
    """The decisions on one sheet. Each is on the disk when the method that takes it returns.

    `seen` holds each row that was decided on as it stood in the sheet then, by a key that the caller makes;
    `standing` the decisions that stand, oldest first; `written` the cells of a row that the sheet was given.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[str, Mapping[str, Value]] = {}
        self.standing: list[Decision] = []
        self.written: dict[str, dict[str, Value]] = {}
        self._of: dict[str, list[Decision]] = {}
        self._file: IO[bytes] | None = None
        self._read()

    # ---- taking ----

    def see(self, row: str, cells: Mapping[str, Value]) -> None:
        """Notes a row as it stands in the sheet, before the first decision on it."""
        if row not in self.seen:
            self._put({"see": row, "cells": dict(cells)})

    def decide(self, decision: Decision) -> None:
        """Notes a decision."""
        entry: dict[str, Any] = {"do": decision.do, "row": decision.row}
        if decision.do == CORRECT:
            entry |= {"field": decision.field, "value": decision.value, "cells": dict(decision.cells)}
        self._put(entry)

    def undo(self) -> Decision | None:
        """The last decision that stood and no longer does, None where there was none."""
        if not self.standing:
            return None
        last = self.standing[-1]
        self._put({"undo": True})
        return last

    def saved(self) -> None:
        """Notes that the sheet has everything that stands; rows rejected are gone from it for good."""
        self._put({"saved": True})

    def drop(self, row: str) -> None:
        """Forgets a row and what was decided of it: it is another now, or gone."""
        self._put({"drop": row})

    def close(self) -> None:
        """Closes the file, which stays."""
        if self._file is not None:
            self._file.close()
            self._file = None

    # ---- the file ----

    def _read(self) -> None:
        try:
            raw = self.path.read_bytes()
        except FileNotFoundError:
            return
        except OSError as error:
            raise JournalError(f"{self.path}: cannot be read: {error.strerror or error}") from None
        whole = raw[: raw.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                entry = json.loads(line)
                if number == 1 and entry.get("version") != VERSION:
                    raise JournalError(
                        f"{self.path}: made by another version: take it away to begin the review anew"
                    )
                self._apply(entry)
            except (ValueError, KeyError, TypeError, AttributeError, IndexError):
                raise JournalError(
                    f"{self.path}:{number}: damaged: take that line out, or the file away to begin anew"
                ) from None
        if len(whole) < len(raw):
            self._cut(len(whole))

    def _cut(self, length: int) -> None:
        """Takes off the line that was being written when the process was killed."""
        try:
            with self.path.open("r+b") as file:
                file.truncate(length)
        except OSError as error:
            raise JournalError(f"{self.path}: cannot be written: {error.strerror or error}") from None

    def _put(self, entry: Mapping[str, Any]) -> None:
        try:
            if self._file is None:
                self._file = self.path.open("ab")
                if self._file.tell() == 0:
                    self._line(json.dumps({"version": VERSION}))
            line = json.dumps(entry, default=str)
            self._line(line)
        except OSError as error:
            raise JournalError(
                f"{self.path}: cannot be written: {error.strerror or error}: the last decision is not kept"
            ) from None
        self._apply(json.loads(line))

    def _line(self, line: str) -> None:
        assert self._file is not None
        end = self._file.tell()
        try:
            self._file.write(line.encode() + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            with contextlib.suppress(OSError):  # half a line would spoil the next one
                self._file.truncate(end)
            raise

    def _apply(self, entry: Mapping[str, Any]) -> None:
        if "see" in entry:
            self.seen[entry["see"]] = {
                name: entry["cells"].get(name) for name in FULL if name in entry["cells"]
            }
        elif "do" in entry:
            known = {name: entry[name] for name in ("field", "value", "cells") if name in entry}
            decision = Decision(entry["row"], entry["do"], **known)
            self.standing.append(decision)
            self._of.setdefault(decision.row, []).append(decision)
        elif "undo" in entry:
            self._of[self.standing.pop().row].pop()
        elif "saved" in entry:
            self._apply_saved()
        elif "drop" in entry:
            self._forget(entry["drop"])
        elif "version" not in entry:
            raise ValueError("unknown entry")

    def _apply_saved(self) -> None:
        for row in [row for row in self.seen if self.rejected(row)]:
            self._forget(row)
        for row in self.seen:
            cells = self.cells(row)
            for name in self.written.get(row, {}):
                cells.setdefault(name, self.seen[row].get(name))
            if cells:
                self.written[row] = cells

    def _forget(self, row: str) -> None:
        self.standing = [d for d in self.standing if d.row != row]
        self._of.pop(row, None)
        self.seen.pop(row, None)
        self.written.pop(row, None)

    # ---- what stands ----

    def of(self, row: str) -> list[Decision]:
        """The decisions on the row that stand, oldest first."""
        return self._of.get(row, [])

    def cells(self, row: str) -> dict[str, Value]:
        """The cells that corrections of the row set."""
        return {name: value for d in self.of(row) for name, value in d.cells.items()}

    def rejected(self, row: str) -> bool:
        """True where the last decision on the row that stands rejects it."""
        decisions = self.of(row)
        return bool(decisions) and decisions[-1].do == REJECT
