"""Rows of a sheet gone through one by one: accepted, rejected, corrected, undone, and written back.

Each decision is in the journal beside the sheet at once (`.events.xlsx.review`); the sheet itself is written
on request and at the end, as a person would edit it: the cells that were corrected, the rows rejected gone,
all else as it was. What somebody else did to the sheet meanwhile is seen before it is written, and wins.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .columns import FULL, TableError, Value
from .corrections import Corrector
from .gazetteer import Gazetteer
from .holding import SheetError, beside, held, see_that_nobody_has_it_open
from .journal import ACCEPT, CORRECT, REJECT, Decision, Journal
from .lexicon import Lexicon
from .sheet import stamp_of
from .spreadsheets import Line, Spreadsheet, read_sheet, same_cell
from .tables import replacing

KINDS: Mapping[str, str] = {".csv": "csv", ".tsv": "csv", ".xlsx": "xlsx", ".ods": "ods"}
OPEN, ACCEPTED, CORRECTED, REJECTED = "", "accepted", "corrected", "rejected"
_TRIES = 3  # times that a person may save the sheet while it is being written


@dataclass(slots=True)
class Item:
    """A row under review: its number in this session, its key in the journal, and its cells in the sheet.

    `line` is its row in the sheet, 0 once it is gone; `changed` says that somebody else changed the row after
    it was decided on, so that it is to be decided again.
    """

    number: int
    key: str
    line: int
    sheet: Mapping[str, Value]
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Saved:
    """What was written: rows corrected and removed, and the numbers of those that others had changed."""

    corrected: int = 0
    removed: int = 0
    conflicts: tuple[int, ...] = ()


@dataclass(slots=True)
class _Linked:
    """Lines of a sheet by the rows of the session; `lost` are those that others changed or deleted."""

    lines: dict[int, Line] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)
    new: list[Line] = field(default_factory=list)


class Review:
    """The rows of one sheet and what is decided of them.

    Raises Locked where another review is at work on the sheet or a run of `update` just now, SheetError where
    the sheet cannot be read or is open in a spreadsheet program, JournalError for a damaged journal.
    """

    def __init__(self, path: Path, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        self.path, self.name = Path(os.path.realpath(path)), str(path)
        if self.path.suffix.lower() not in KINDS:
            raise SheetError(
                f"{path}: review writes into .csv, .tsv, .xlsx and .ods: make one with extract -o events.xlsx"
            )
        self.kind = KINDS[self.path.suffix.lower()]
        self.items: dict[int, Item] = {}
        self._of_key: dict[str, Item] = {}
        self._exit = contextlib.ExitStack()
        try:
            self._exit.enter_context(held(beside(self.path, "review"), self.name, "reviewed"))
            with held(self.path, self.name):
                see_that_nobody_has_it_open(self.path, self.name)
                sheet, _ = self._read()
            self.journal = Journal(beside(self.path, "review"))
            self._exit.callback(self.journal.close)
            self.corrector = Corrector(lexicon, gazetteer, _has_codes(sheet))
            self.columns: Sequence[str] = [name for name in FULL if name in sheet.columns]
            self._begin(sheet)
        except BaseException:
            self._exit.close()
            raise

    def close(self) -> None:
        """Lets go of the sheet; the journal stays for the next time."""
        self._exit.close()

    def __enter__(self) -> Review:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    # ---- what stands ----

    def state(self, item: Item) -> str:
        """What was decided of the row: "accepted", "corrected", "rejected", or "" for nothing."""
        decisions = self.journal.of(item.key)
        if not decisions:
            return OPEN
        if decisions[-1].do == REJECT:
            return REJECTED
        return CORRECTED if any(d.do == CORRECT for d in decisions) else ACCEPTED

    def cells(self, item: Item) -> dict[str, Value]:
        """The cells of the row as they will stand in the sheet."""
        return {**item.sheet, **self._wanted(item)}

    def _wanted(self, item: Item) -> dict[str, Value]:
        """The cells that decisions give the row, those of an undone correction as they were before."""
        cells = self.journal.cells(item.key)
        for name in self.journal.written.get(item.key, {}):
            cells.setdefault(name, self.journal.seen[item.key].get(name))
        return cells

    def pending(self, item: Item) -> dict[str, Value]:
        """The cells of the row that the sheet does not have yet."""
        wanted = self._wanted(item).items()
        return {name: cell for name, cell in wanted if not same_cell(item.sheet[name], cell, FULL[name])}

    def seen(self, item: Item) -> Mapping[str, Value]:
        """The cells of the row as it was before anything was decided of it here."""
        return self.journal.seen.get(item.key, item.sheet)

    def unsaved(self) -> int:
        """How many rows the sheet does not have as they were decided."""
        touched = [self._of_key[key] for key in self.journal.seen if key in self._of_key]
        return sum(bool(self.pending(i)) or self.state(i) == REJECTED for i in touched if i.line)

    # ---- deciding ----

    def accept(self, number: int) -> Item:
        """Takes the row as it is."""
        return self._decide(number, ACCEPT)

    def reject(self, number: int) -> Item:
        """Marks the row to be removed from the sheet."""
        return self._decide(number, REJECT)

    def correct(self, number: int, field: str, value: Any) -> Item:
        """Sets a field of the row and what follows from it. Raises CorrectionError with what to do."""
        item = self._item(number)
        made = self.corrector.correct(field, value, self.cells(item))
        item.changed = False
        self.journal.see(item.key, item.sheet)
        self.journal.decide(Decision(item.key, CORRECT, made.field, made.value, made.cells))
        return item

    def _decide(self, number: int, what: str) -> Item:
        item = self._item(number)
        item.changed = False
        self.journal.see(item.key, item.sheet)
        self.journal.decide(Decision(item.key, what))
        return item

    def _item(self, number: int) -> Item:
        item = self.items.get(number)
        if item is None or not item.line:
            raise KeyError(number)
        return item

    def undo(self) -> Item | None:
        """Takes the last decision back and gives its row; None where nothing is left to undo.

        A rejection can be undone until the sheet is written; a correction also after that.
        """
        decision = self.journal.undo()
        return self._of_key.get(decision.row) if decision else None

    def corrections(self) -> Iterator[tuple[Item, list[Decision]]]:
        """The rows with corrections that stand, each with these, the last one of each field."""
        for item in self.items.values():
            last = {d.field: d for d in self.journal.of(item.key) if d.do == CORRECT}
            if last and self.state(item) == CORRECTED:
                yield item, list(last.values())

    # ---- reading ----

    def _read(self) -> tuple[Spreadsheet, str]:
        try:
            stamp = stamp_of(self.path)
            sheet = read_sheet(self.path.read_bytes(), self.kind)
        except OSError as error:
            raise SheetError(f"{self.name}: cannot be read: {error.strerror or error}") from None
        except TableError as error:
            raise SheetError(f"{self.name}: {error}") from None
        if not os.access(self.path, os.W_OK):
            raise SheetError(f"{self.name} is write-protected: change its permissions")
        return sheet, stamp

    def _begin(self, sheet: Spreadsheet) -> None:
        """Makes an item of each row; rows of the journal find theirs, or are forgotten."""
        free = _by_id(sheet.lines)
        found: dict[int, str] = {}
        changed: set[int] = set()
        for key in list(self.journal.seen):
            line, clash = self._line_of(key, self.journal.seen[key], free)
            if line is not None:
                free[line.id].remove(line)
            if line is None or clash:
                self.journal.drop(key)
                changed |= {line.number} if line else set()
            else:
                found[line.number] = key
        taken: set[str] = {*found.values()}
        for line in sheet.lines:
            key = found.get(line.number) or _key(line, taken)
            taken.add(key)
            self._add(key, line, line.number in changed)

    def _add(self, key: str, line: Line, changed: bool = False) -> None:
        number = len(self.items) + 1
        self.items[number] = self._of_key[key] = Item(number, key, line.number, line.cells, changed)

    def _line_of(
        self, key: str, seen: Mapping[str, Value], free: Mapping[str, list[Line]]
    ) -> tuple[Line | None, bool]:
        """The line of a row of the journal, and whether it says something that nobody here decided."""
        id = str(seen.get("event_id_cnty") or "").strip()
        wanted, written = self.journal.cells(key), self.journal.written.get(key, {})

        def known(line: Line, name: str, cell: Value) -> bool:
            ours = (seen.get(name), *(cells[name] for cells in (wanted, written) if name in cells))
            return any(same_cell(cell, one, FULL[name]) for one in ours)

        same_id = free.get(id, [])
        for line in same_id:
            if all(known(line, name, cell) for name, cell in line.cells.items()):
                return line, False
        if len(same_id) != 1 or not id:
            return None, False
        (line,) = same_id
        touched = {*wanted, *written} or {*line.cells}
        clash = self.journal.rejected(key) or any(not known(line, n, line.cells[n]) for n in touched)
        return line, clash

    # ---- writing ----

    def save(self) -> Saved:
        """Writes what was decided into the sheet; rows that others changed meanwhile are left to them.

        Raises Locked while a run of `update` is at work, SheetError where the sheet cannot be written: all
        decisions are kept.
        """
        with held(self.path, self.name):
            conflicts: list[int] = []
            for _ in range(_TRIES):
                sheet, stamp = self._read()
                linked = self._link(sheet)
                conflicts += linked.lost
                self._follow(linked)
                changes = {
                    i.line: cells for i in self.items.values() if i.line and (cells := self.pending(i))
                }
                removed = {i.line for i in self.items.values() if i.line and self.state(i) == REJECTED}
                if not changes and not removed:
                    return self._done(Saved(0, 0, tuple(conflicts)))
                see_that_nobody_has_it_open(self.path, self.name)
                changes = {number: cells for number, cells in changes.items() if number not in removed}
                content = self._patched(sheet, changes, removed)
                if self._replace(content, stamp):
                    return self._done(Saved(len(changes), len(removed), tuple(conflicts)))
        raise SheetError(f"{self.name}: somebody keeps saving it: nothing was written, save again later")

    def _patched(
        self, sheet: Spreadsheet, changes: Mapping[int, Mapping[str, Value]], removed: set[int]
    ) -> bytes:
        try:
            return sheet.patched(changes, [], guard=True, removed=removed)
        except TableError as error:
            raise SheetError(f"{self.name}: {error}; nothing was written") from None

    def _replace(self, content: bytes, stamp: str) -> bool:
        """True when the content has taken the sheet's place; False where somebody saved it meanwhile."""
        try:
            with replacing(self.path) as file:
                file.write(content)
                if stamp_of(self.path) != stamp:
                    raise _Overtaken
        except _Overtaken:
            return False
        except OSError as error:
            reason = error.strerror or str(error)
            raise SheetError(f"{self.name}: cannot be written: {reason}: the decisions are kept") from None
        return True

    def _link(self, sheet: Spreadsheet) -> _Linked:
        """Each row of the session with its line in the sheet as it is now."""
        linked = _Linked()
        free = _by_id(sheet.lines)
        left = []
        for item in self.items.values():
            if not item.line:
                continue
            lines = free.get(str(item.sheet.get("event_id_cnty") or "").strip(), [])
            same = next((line for line in lines if _same(line.cells, item.sheet)), None)
            if same is None:
                left.append(item)
            else:
                lines.remove(same)
                linked.lines[item.number] = same
        for item in left:
            id = str(item.sheet.get("event_id_cnty") or "").strip()
            lines = free.get(id, []) if id else []
            if len(lines) != 1 or self._clash(item, lines[0]):
                linked.lost.append(item.number)
            if len(lines) == 1:
                linked.lines[item.number] = lines.pop()
        linked.new = [line for lines in free.values() for line in lines]
        return linked

    def _clash(self, item: Item, line: Line) -> bool:
        """True where somebody changed what the decision on the row was about."""
        if self.state(item) in (OPEN, ACCEPTED, REJECTED):
            return self.state(item) != OPEN
        wanted = self._wanted(item)
        return any(
            not same_cell(line.cells[name], item.sheet[name], FULL[name])
            and not same_cell(line.cells[name], cell, FULL[name])
            for name, cell in wanted.items()
        )

    def _follow(self, linked: _Linked) -> None:
        """Takes the sheet as it is now: new rows come last, rows that are lost are to be decided anew."""
        for number in linked.lost:
            item = self.items[number]
            if self.journal.of(item.key) or item.key in self.journal.seen:
                self.journal.drop(item.key)
                item.changed = number in linked.lines
        for item in self.items.values():
            line = linked.lines.get(item.number)
            if line is not None:
                item.line, item.sheet = line.number, line.cells
            else:
                item.line = 0
        taken = {item.key for item in self.items.values()}
        for line in sorted(linked.new, key=lambda line: line.number):
            key = _key(line, taken)
            taken.add(key)
            self._add(key, line)

    def _done(self, saved: Saved) -> Saved:
        """Notes that the sheet has all: rows rejected are gone, the others say what was decided."""
        for item in self.items.values():
            if item.line and self.state(item) == REJECTED:
                item.line = 0
            elif item.line:
                item.sheet = self.cells(item)
        self.journal.saved()
        lost = tuple(dict.fromkeys(n for n in saved.conflicts if self.items[n].line))
        return Saved(saved.corrected, saved.removed, lost)


class _Overtaken(Exception):
    """Somebody saved the sheet while its new content was being written beside it."""


def _by_id(lines: Iterable[Line]) -> dict[str, list[Line]]:
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.id, []).append(line)
    return found


def _has_codes(sheet: Spreadsheet) -> bool:
    """True where the sheet has ACLED's numbers for actor types, not its labels."""
    return any(str(line.cells.get("inter1") or "").strip().isdigit() for line in sheet.lines)


def _key(line: Line, taken: set[str]) -> str:
    """A name for the row that no other has: its id, and what tells rows of one id apart."""
    content = json.dumps({name: str(cell or "") for name, cell in line.cells.items()}, sort_keys=True)
    key = f"{line.id}#{hashlib.blake2b(content.encode('utf-8', 'replace'), digest_size=6).hexdigest()}"
    same = 1
    while key in taken:
        same += 1
        key = f"{key.partition('/')[0]}/{same}"
    return key


def _same(cells: Mapping[str, Value], other: Mapping[str, Value]) -> bool:
    return all(same_cell(cell, other.get(name), FULL[name]) for name, cell in cells.items())


# ---- which rows, in which order ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows to go through, and in which order: "confidence" (lowest first), "date" or "sheet".

    `types` are event or sub-event types; `since` and `until` days in ISO form; empty for all.
    """

    order: str = "confidence"
    types: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    def picks(self, cells: Mapping[str, Value]) -> bool:
        """True for a row to go through."""
        day = str(cells.get("event_date") or "")
        if self.types and not {cells.get("event_type"), cells.get("sub_event_type")} & {*self.types}:
            return False
        return not (self.since and day < self.since) and not (self.until and day > self.until)

    def place(self, cells: Mapping[str, Value], line: int) -> tuple[float, str, int]:
        """What rows are sorted by."""
        day = str(cells.get("event_date") or "")
        if self.order == "confidence":
            return _confidence(cells.get("confidence")), day, line
        return 0.0, day if self.order == "date" else "", line


def _confidence(cell: Value) -> float:
    try:
        return float(str(cell).replace(",", "."))
    except ValueError:
        return 2.0  # those that say nothing come last
