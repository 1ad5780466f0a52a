"""A spreadsheet that grows by itself: new articles become new rows, and what people did to it stays.

A run has two halves. First what the new articles tell is noted in the state beside the sheet; then the rows
that are due are written into a copy of the sheet, which takes its place in one step. A run that is broken
off anywhere leaves the old sheet or the new one, and a state from which the next run goes on:

articles -> stories (state, saved) -> copy of the sheet -> "pending" (state, saved) -> rename -> done (saved)
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import hashlib
import json
import os
import re
import sqlite3
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .articles import article_files
from .columns import ACLED, FULL, ID, TableError, Value, from_row, row
from .copies import Copy, fingerprint, print_of
from .events import Article, Event, Failure
from .holding import SheetError, beside, held, see_that_nobody_has_it_open
from .lexicon import Lexicon
from .publication import read_date
from .sameness import near_days
from .sources import sources
from .spreadsheets import Line, Spreadsheet, kind_of, new_sheet, read_sheet, same_cell
from .state import State, StateError
from .tables import Options, sync_folder

if TYPE_CHECKING:
    from .extract import Settings

OURS = re.compile(r"SYR[0-9a-f]{10}")
_TRIES = 3  # times that a person may save the sheet while its copy is being made


class Engine(Protocol):
    """What decides which events tell the same, and what they tell together; it knows the outlets."""

    lexicon: Lexicon

    def belongs(self, event: Event, group: Iterable[Event]) -> bool: ...

    def join(self, group: list[Event]) -> Event: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """How rows come into the sheet: `columns` and `options` as for `extract`, the columns for a new sheet.

    `refresh` brings rows that nobody touched up to date; `located` leaves out events without coordinates,
    and `min_confidence` (0 to 1) those below it.
    """

    columns: str = "acled"
    options: Options = field(default_factory=Options)
    refresh: bool = True
    located: bool = True
    min_confidence: float = 0.0

    def wants(self, event: Event) -> bool:
        """True where the event gets a row."""
        return (event.latitude is not None or not self.located) and event.confidence >= self.min_confidence


Read = Callable[[str], Iterable[Article | Failure]]
Change = Mapping[str, tuple[Value, Value]]


@dataclass(slots=True)
class Done:
    """What a run did: events added, cells changed by id (before, after), rows left to people, rows deleted."""

    articles: int = 0
    failures: int = 0
    added: list[Event] = field(default_factory=list)
    changed: dict[str, Change] = field(default_factory=dict)
    edited: list[str] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)


# ---- the sheet, open for one run ---------------------------------------------------------------------


class Keeper:
    """One sheet and its state, held for one run: nobody else updates it meanwhile.

    Raises Locked, SheetError, or StateError when made, having done nothing.
    """

    def __init__(self, path: Path, wanted: Wanted, rules: str = "") -> None:
        self.path, self.wanted, self.done = Path(os.path.realpath(path)), wanted, Done()
        self._rules, self._given = rules, set[str]()
        self._copies: list[tuple[int, Article]] = []
        self._better: dict[str, tuple[str, tuple[Copy, ...]]] = {}
        self.name = str(path)
        try:
            self.kind = kind_of(self.path)
        except TableError as error:
            raise SheetError(str(error)) from None
        self._exit = contextlib.ExitStack()
        try:
            self._exit.enter_context(held(self.path, self.name))
            self.state = State(beside(self.path, "state"))
            self._exit.callback(self.state.close)
            self._recover()
            self._sheet, self._stamp = self._read()
        except BaseException:
            self._exit.close()
            raise

    def __enter__(self) -> Keeper:
        return self

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        self._exit.close()
        if isinstance(error, sqlite3.Error):
            raise StateError(f"{self.state.path}: cannot be used ({error}): see that there is room") from None

    def unread(self, paths: Iterable[str], read: Read) -> Iterator[Article | Failure]:
        """What `read` finds in the files of these paths that are new or changed, but what was read before.

        A failure is told of once, until the file or the rules change; one that keeps a path from being
        looked into is told of each time.
        """
        for file in _files(paths):
            if isinstance(file, Failure):
                yield file
                continue
            if os.path.realpath(file) == str(self.path):
                continue
            stamp = _stamp(file)
            if stamp and self.state.stamp(os.path.realpath(file)) == f"{stamp} {self._rules}":
                continue
            for item in read(file):
                if isinstance(item, Failure):
                    if not stamp or self.state.new_failure(f"{item} {stamp} {self._rules}"):
                        yield item
                elif self.is_new(item):
                    yield item
            if stamp:
                self.state.put_stamp(os.path.realpath(file), f"{stamp} {self._rules}")

    def is_new(self, article: Article) -> bool:
        """True the first time that an article of this content comes by, in this run or any.

        A copy of an article that was read, with other credits or by another outlet, is not new; the events of
        that article will name it. One that has a day of publication, which the first had not, is read in its
        place (`copies` has the rules).
        """
        mark = digest(article)
        if mark in self._given or self.state.seen(mark):
            return False
        self._given.add(mark)
        words = fingerprint(article)
        prints = self.state.prints(words)
        if any(known.article == article.id for _, known in prints):
            return True  # a new version of it
        new = print_of(article)
        number, known = next(((n, p) for n, p in prints if p.same(new)), (None, None))
        if known is not None and number is not None and (known.day or not article.published):
            self._copies.append((number, article))
            return False
        if known is not None:
            new.copies = ((known.article, ()), *known.copies)
            self._better[article.id] = known.article, new.copies
        self.state.add_print(words, new, number)
        return True

    def take(self, article: Article, events: list[Event], engine: Engine) -> None:
        """Notes what an article tells, each event with those that tell the same."""
        self.done.articles += 1
        self.state.see(digest(article), self._rules)
        worse, copies = self._better.pop(article.id, ("", ()))
        for id in {article.id, worse} - {"", "-"}:
            self.state.outdate(id)
        for event in events:
            near = self.state.stories_near(event.admin1, near_days(event))
            story = next((s for s in near if engine.belongs(event, self.state.events(s))), None)
            self.state.add_event(event, story)
        self.state.credit(article.id, copies)

    def write(self, engine: Callable[[], Engine]) -> Done:
        """What was done, when the rows that are due stand in the sheet.

        Raises SheetError where the sheet cannot be written now: the rows stay due.
        """
        for number, article in self._copies:
            outlets, _ = sources(article, (), engine().lexicon)
            self.state.add_copy(number, article.id, outlets)
            self.state.see(digest(article), self._rules)
        self.state.save()
        for _ in range(_TRIES):
            if not self.state.due() and self._stamp:
                return self.done
            see_that_nobody_has_it_open(self.path, self.name)
            content = self._planned(engine())
            if content is None:
                self.state.confirm()
                self.state.settle()
                self.state.save()
                return self.done
            if self._replace(content):
                return self.done
            self.done = Done(articles=self.done.articles, failures=self.done.failures)
            self._sheet, self._stamp = self._read()
        raise SheetError(f"{self.name}: somebody keeps saving it: nothing was written, run again later")

    # ---- reading ----

    def _read(self) -> tuple[Spreadsheet, str]:
        """The sheet and what its file is like; an empty one and "" where there is no file."""
        try:
            stamp = stamp_of(self.path)
            raw = self.path.read_bytes()
        except FileNotFoundError:
            if self.state.fact("created"):
                self.state.forget_rows()
            return new_sheet(self.kind, self.wanted.columns, self.wanted.options), ""
        except OSError as error:
            raise SheetError(f"{self.name}: cannot be read: {error.strerror or error}") from None
        if not os.access(self.path, os.W_OK):
            raise SheetError(f"{self.name} is write-protected: change its permissions")
        try:
            sheet = read_sheet(raw, self.kind)
            for line in sheet.lines:
                self._check(line)
        except TableError as error:
            raise SheetError(f"{self.name}: {error}; nothing was written") from None
        return sheet, stamp

    def _check(self, line: Line) -> None:
        """Raises TableError where the date of one of our rows can be read in no way."""
        cell = line.cells["event_date"]
        if cell in (None, "") or not OURS.fullmatch(line.id):
            return
        try:
            datetime.date.fromisoformat(str(cell))
        except ValueError:
            written = [one.written for one in self.state.rows_of(line.id) if one.written]
            if any(same_cell(cell, cells["event_date"], "date") for cells in written):
                return
            if read_date(str(cell)) is None:
                shown = " ".join(str(cell).split())[:40]
                raise TableError(
                    f'row {line.number}: event_date "{shown}" is no date: write it as YYYY-MM-DD'
                ) from None

    # ---- planning ----

    def _planned(self, engine: Engine) -> bytes | None:
        """The new content of the file, None where it stays; the rows in it are noted in the state."""
        plan = _Plan(self._sheet, self.state, engine, self.wanted, self.done)
        for story in self.state.due():
            plan.look_at(story)
        plan.find_rows()
        guard = self.wanted.options.guard
        if not plan.changes and not plan.new and self._stamp:
            return None
        try:
            return self._sheet.patched(plan.changes, plan.new, guard=guard)
        except TableError as error:
            raise SheetError(f"{self.name}: {error}; nothing was written") from None

    # ---- writing ----

    def _replace(self, content: bytes) -> bool:
        """True when the new content has taken the sheet's place; False where a person saved it meanwhile."""
        copy = beside(self.path, "new")
        try:
            _write(copy, content, self.path)
            self.state.settle()
            old = _digest(self._sheet.raw) if self._stamp else ""
            self.state.remember("pending", json.dumps({"old": old, "new": _digest(content)}))
            self.state.save()
            if (stamp_of(self.path) if self.path.exists() else "") != self._stamp:
                self._withdraw(copy)
                return False
            copy.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            with contextlib.suppress(OSError, StateError):
                self._withdraw(copy)
            reason = error.strerror or str(error)
            raise SheetError(
                f"{self.name}: cannot be written: {reason}: nothing was changed, run again when there is room"
            ) from None
        self._confirm()
        return True

    def _confirm(self) -> None:
        self.state.confirm()
        self.state.remember("pending", "")
        self.state.remember("created", "1")
        self.state.save()

    def _withdraw(self, copy: Path) -> None:
        copy.unlink(missing_ok=True)
        self.state.withdraw()
        self.state.remember("pending", "")
        self.state.save()

    def _recover(self) -> None:
        """Brings to an end what an earlier run was broken off at."""
        copy = beside(self.path, "new")
        pending = self.state.fact("pending")
        if not pending:
            copy.unlink(missing_ok=True)
            return
        known = json.loads(pending)
        now = _digest(self.path.read_bytes()) if self.path.exists() else ""
        whole = copy.exists() and _digest(copy.read_bytes()) == known["new"]
        if now == known["old"] and whole:
            copy.replace(self.path)
            sync_folder(self.path.parent)
            self._confirm()
        elif now == known["new"] or (now != known["old"] and not copy.exists()):
            copy.unlink(missing_ok=True)
            self._confirm()
        else:
            self._withdraw(copy)


# ---- which rows change -------------------------------------------------------------------------------


class _Plan:
    """What has to be written for stories that are due: cells of rows that are there, and new rows."""

    def __init__(self, sheet: Spreadsheet, state: State, engine: Engine, wanted: Wanted, done: Done) -> None:
        self._sheet, self._state, self._engine = sheet, state, engine
        self._wanted, self._done = wanted, done
        self.changes: dict[int, dict[str, Value]] = {}
        self.new: list[dict[str, Value]] = []
        self._lines: dict[str, list[Line]] = {}
        for line in sheet.lines:
            self._lines.setdefault(line.id, []).append(line)
        self._rowless: list[tuple[int, Event]] = []
        self._added: set[str] = set()

    def look_at(self, story: int) -> None:
        """Refreshes the row of a story, or keeps the story for `find_rows`."""
        event = self._engine.join(self._state.events(story))
        known = self._state.row(story)
        if known is None:
            if self._wanted.wants(event):
                self._rowless.append((story, event))
            return
        lines = self._lines.get(known.id, [])
        copied = len(lines) > 1 and len(lines) > len(self._state.rows_of(known.id))
        line = next(
            (one for one in lines if self._is_free(one) and self._untouched(one, known.written)), None
        )
        if not lines:
            self._done.deleted.append(known.id)
        elif line is None or copied:
            self._done.edited.append(known.id)
        elif self._wanted.refresh:
            self._refresh(line, story, event)

    def find_rows(self) -> None:
        """Finds each story without a row a row that the state does not know, or makes a new one."""
        free = self._free_lines() if self._rowless else {}
        left = []
        for story, event in self._rowless:
            ids = self._ids(story) if free else ()
            claimed = next((free[id].pop(0) for id in ids if free.get(id)), None)
            if claimed is not None:
                self._adopt(claimed, story, event)
            else:
                left.append((story, event))
        strays = [(line, told) for lines in free.values() for line in lines if (told := _told_by(line))]
        for story, event in sorted(left, key=lambda pair: _order(pair[1])):
            stray = self._same_told(strays, event)
            if stray is not None:
                strays.remove(stray)
                self._state.put_row(story, stray[0].id, None)
            elif self._was_deleted(event.event_id_cnty):
                self._state.put_row(story, event.event_id_cnty, None)
            else:
                self._append(story, event)

    def _is_free(self, line: Line) -> bool:
        """True but for a row that another story of the same id has just taken."""
        return line.number not in self.changes

    def _was_deleted(self, id: str) -> bool:
        """True where a row of this id was written by an earlier run and is there no more."""
        return id not in self._added and id not in self._lines and bool(self._state.rows_of(id))

    def _cells(self, event: Event) -> dict[str, Value]:
        cells = row(event, "full", inter_codes=self._wanted.options.inter_codes)
        return {name: cells[name] for name in self._sheet.columns}

    def _untouched(self, line: Line, written: Mapping[str, Value] | None) -> bool:
        return written is not None and all(
            same_cell(cell, written.get(name), FULL[name])
            for name, cell in line.cells.items()
            if name != ID and name in written
        )

    def _refresh(self, line: Line, story: int, event: Event) -> None:
        cells = self._cells(event)
        cells[ID] = line.id
        differing = {
            name: value
            for name, value in cells.items()
            if name != ID and not same_cell(line.cells[name], value, FULL[name])
        }
        if differing:
            self.changes[line.number] = differing
            self._done.changed[line.id] = {n: (line.cells[n], value) for n, value in differing.items()}
        self._state.put_row(story, line.id, cells)

    def _append(self, story: int, event: Event) -> None:
        cells = self._cells(event)
        self.new.append(cells)
        self._added.add(event.event_id_cnty)
        self._done.added.append(event)
        self._state.put_row(story, event.event_id_cnty, cells)

    # ---- rows that the state does not know: it was deleted, or people brought them ----

    def _free_lines(self) -> dict[str, list[Line]]:
        """Rows with ids like ours that belong to no story."""
        free = {}
        for id, lines in self._lines.items():
            if OURS.fullmatch(id):
                unknown = lines[len(self._state.rows_of(id)) :]
                if unknown:
                    free[id] = unknown
        return free

    def _ids(self, story: int) -> list[str]:
        """The ids that the story's row may have been given, when fewer of its articles were known."""
        told = self._state.events(story)
        versions = [told[:size] for size in range(len(told), 0, -1)] + [[event] for event in told[1:]]
        return list(dict.fromkeys(self._engine.join(version).event_id_cnty for version in versions))

    def _adopt(self, line: Line, story: int, event: Event) -> None:
        """Takes a row as that of a story: one that says what some of the story's articles say is nobody's."""
        told = self._state.events(story)
        for size in range(len(told), 0, -1):
            if self._untouched(line, self._cells(self._engine.join(told[:size]))):
                if self._wanted.refresh:
                    self._refresh(line, story, event)
                else:
                    self._state.put_row(story, line.id, dict(line.cells))
                return
        self._done.edited.append(line.id)
        self._state.put_row(story, line.id, None)

    def _same_told(self, strays: list[tuple[Line, Event]], event: Event) -> tuple[Line, Event] | None:
        """A row whose articles are no longer at hand and that tells the same as the event."""
        for line, told in strays:
            if told.admin1 != event.admin1 or told.event_date not in {*near_days(event)}:
                continue
            same_place = (told.location, told.latitude, told.longitude) == (
                event.location, event.latitude, event.longitude,
            )  # fmt: skip
            placed = _placed(told, event.place_id if same_place else "")
            if same_place and self._engine.belongs(event, [placed]):
                return line, told
        return None


def _told_by(line: Line) -> Event | None:
    """The event in a row, None where its cells cannot be read."""
    try:
        return from_row({name: value for name, value in line.cells.items() if name in ACLED})
    except TableError:
        return None


def _placed(event: Event, place: str) -> Event:
    return dataclasses.replace(event, place_id=place)


def _order(event: Event) -> tuple[str, str, str, str]:
    day = event.event_date.isoformat() if event.event_date else "9999"
    return day, event.admin1, event.location, event.sub_event_type


# ---- articles and files ------------------------------------------------------------------------------


def rules(settings: Settings) -> str:
    """The version of what decides rows: of the program, its tables, and those laid over them."""
    from importlib.metadata import version
    from importlib.resources import files as packaged

    mark = hashlib.blake2b(version("conflict-events").encode(), digest_size=8)
    for package in ("conflict_events.data", "conflict_events.gazetteer"):
        for table in sorted(packaged(package).iterdir(), key=lambda found: found.name):
            if table.name.endswith(".csv"):
                mark.update(table.read_bytes())
    for folder in (settings.data, settings.gazetteer):
        for place in sorted(folder.glob("*.csv")) if folder else ():
            mark.update(place.read_bytes())
    return f"{mark.hexdigest()} {settings.model or ''} {settings.doubtful}".strip()


def digest(article: Article) -> str:
    """What tells an article from others: its text, title, day and source, wherever it lies."""
    parts = (article.text, article.title, str(article.published), article.source)
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _stamp(file: str) -> str:
    """What the file is like, "" for standard input and what is not there."""
    try:
        return stamp_of(Path(file)) if file != "-" else ""
    except (OSError, ValueError):
        return ""


def _files(paths: Iterable[str]) -> Iterator[str | Failure]:
    """The files of these paths, those of a folder in the order in which `extract` reads them."""
    for path in paths:
        if path != "-" and Path(path).is_dir():
            yield from article_files(path)
        else:
            yield path


def stamp_of(path: Path) -> str:
    """What changes when a file is written: its size and times, and its number on the disk."""
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns} {found.st_ino}"


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def _write(copy: Path, content: bytes, place: Path) -> None:
    """The content on the disk, with the owner and permissions of the file it will replace."""
    with copy.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if place.exists():
        before = place.stat()
        copy.chmod(stat.S_IMODE(before.st_mode))
        if hasattr(os, "chown"):
            with contextlib.suppress(OSError):
                os.chown(copy, before.st_uid, before.st_gid)
