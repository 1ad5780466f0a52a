"""The rows of all parts of a run, merged, as Parquet files: one a year, in the order of days.

Rows are merged in the order of the articles, as for one file, but never all in memory: first their groups are
found from what decides them, then the rows are laid out by days in files of their own, and joined a few days at
a time.
"""

from __future__ import annotations

import bisect
import contextlib
import itertools
import shutil
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from .archive import Archive
from .batch import Tally, selected
from .columns import FULL
from .copies import Print, credited
from .events import Event
from .grouping import Grouping
from .manifest import EVENTS, MERGING
from .merge import join, order
from .parts import (
    COPY,
    FAILED,
    NONE,
    READ,
    event_schema,
    events_of,
    events_path,
    numbered,
    read_events,
    table_of,
)
from .tables import Options, write_events

# Rows of the days that are joined at a time, and the most files that they are laid out in.
ROWS, FILES = 20_000, 200
# What of a row decides with which others it is merged.
DECIDING = (
    "event_date", "time_precision", "date_basis", "event_type", "sub_event_type", "place_id", "geo_precision",
    "actor1", "inter1", "actor2", "inter2", "assoc_actor_1", "assoc_actor_2", "trigger", "admin1", "article_id",
)  # fmt: skip
UNDATED = 2**31 - 1  # the day of rows without one: after all others


class Engine(Protocol):
    """What merges: the extractor."""

    def grouping(self, scope: str) -> Grouping:
        """What numbers events by the event they tell."""

    def complete(self, event: Event) -> Event:
        """The event with all that follows from its other fields."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are written and how: the scope of merging, the choice of rows, the columns."""

    scope: str = "all"
    unlocated: str = "drop"
    min_confidence: float = 0.0
    columns: str = "acled"
    inter_codes: bool = False


def write_years(archive: Archive, engine: Engine, wanted: Wanted, tally: Tally) -> None:
    """Writes the files of events, unless they are there as wanted; `tally` counts their rows."""
    made = archive.manifest.complete
    if made and made["how"] == asdict(wanted) and _are_there(archive.folder, made["files"]):
        tally.rows = made["rows"]
        tally.undated = Counter(made["undated"])
        return
    archive.manifest.begin_events()
    spool = archive.folder / MERGING
    shutil.rmtree(spool, ignore_errors=True)
    spool.mkdir()
    try:
        rows = _merged(archive, engine, wanted, spool)
        kept = selected(rows, wanted.unlocated, wanted.min_confidence, tally)
        files = _write(kept, archive.folder, wanted)
    finally:
        shutil.rmtree(spool, ignore_errors=True)
    for path in archive.folder.glob(f"{EVENTS}*.parquet"):
        if path.name not in files:
            path.unlink()
    archive.manifest.finish(
        {"how": asdict(wanted), "rows": tally.rows, "undated": dict(tally.undated), "files": files}
    )


def _are_there(folder: Path, files: Mapping[str, int]) -> bool:
    with contextlib.suppress(OSError):
        return all((folder / name).stat().st_size == size for name, size in files.items())
    return False


def _write(events: Iterator[Event], folder: Path, wanted: Wanted) -> dict[str, int]:
    """The sizes of the files written; one without rows where there is no event at all."""
    files: dict[str, int] = {}
    years = itertools.groupby(
        events, key=lambda event: str(event.event_date.year) if event.event_date else "undated"
    )
    for year, some in itertools.chain(years, [("none", iter(()))]):
        if year == "none" and files:
            break
        path = folder / f"{EVENTS}{year}.parquet"
        write_events(some, path, "parquet", wanted.columns, Options(inter_codes=wanted.inter_codes))
        files[path.name] = path.stat().st_size
    return files


# ---- which rows belong together ----------------------------------------------------------------------


@dataclass(slots=True)
class _Told:
    """What decides about rows by the number of their article: void, or to be credited to copies, too."""

    void: set[int]
    copies: dict[int, Print]

    def events(self, path: Path, columns: Collection[str] = FULL) -> Iterator[Event | None]:
        """The events of a file; None in the place of those that are void."""
        for number, event in read_events(path, columns):
            if number in self.void:
                yield None
            else:
                yield from credited([event], self.copies.get(number))


def _told(archive: Archive) -> _Told:
    """What became of the articles that tell events: replaced by a better copy, read again, printed elsewhere, too."""
    telling = {number for path in _paths(archive) for number, _ in read_events(path, ())}
    alive, replaced = set[int](), dict[int, str]()
    for entry in archive.entries():
        if entry.number in telling:
            alive.add(entry.number)
        if entry.of != NONE and entry.status in (READ, FAILED):
            replaced[entry.of] = ""
    copies: dict[int, Print] = {}
    void = telling - alive
    for entry in archive.entries():
        if entry.number in replaced:
            replaced[entry.number] = entry.id
        if entry.of == NONE:
            continue
        known = copies.setdefault(entry.of, Print("", None, False))
        if entry.status != COPY:
            new = ((replaced[entry.of], ()), *known.copies)
            copies[entry.number] = Print("", None, False, new)
            if entry.status == READ:
                void.add(entry.of)
        known.copies = (*known.copies, (entry.id, entry.outlets))
    return _Told(void, {number: known for number, known in copies.items() if number in telling})


def _paths(archive: Archive) -> list[Path]:
    return [events_path(archive.parts, number) for number in range(len(archive.manifest.parts))]


@dataclass(slots=True)
class _Groups:
    """The group of each row, NONE for void ones, and the first day of each group, as an ordinal."""

    of_rows: array[int]
    first_days: array[int]


def _grouped(archive: Archive, engine: Engine, told: _Told, scope: str) -> _Groups:
    groups = _Groups(array("q"), array("q"))
    known = engine.grouping(scope)
    for event in itertools.chain.from_iterable(told.events(path, DECIDING) for path in _paths(archive)):
        if event is None:
            groups.of_rows.append(NONE)
            continue
        number = len(groups.first_days) if scope == "none" else known.add(event)
        day = event.event_date.toordinal() if event.event_date else UNDATED
        if number == len(groups.first_days):
            groups.first_days.append(day)
        groups.first_days[number] = min(day, groups.first_days[number])
        groups.of_rows.append(number)
    return groups


# ---- a few days at a time ----------------------------------------------------------------------------


def _merged(archive: Archive, engine: Engine, wanted: Wanted, spool: Path) -> Iterator[Event]:
    """The events in the order of days; those of one day as `merge` orders them, or as their articles came."""
    told = _told(archive)
    groups = _grouped(archive, engine, told, wanted.scope)
    first_days = _cut(groups)
    _lay_out(archive, told, groups, first_days, spool)
    held: list[tuple[tuple[str, ...], int, Event]] = []
    for number, next_day in enumerate([*first_days[1:], UNDATED + 1]):
        rows: dict[int, list[Event]] = {}
        for group, event in _laid_out(spool, number):
            rows.setdefault(group, []).append(event)
        for group in sorted(rows):
            event = join(rows[group])
            key = order(event)
            held.append((key if wanted.scope == "all" else key[:1], group, engine.complete(event)))
        held.sort(key=lambda row: row[:2])
        # what a later file holds is of its first day or later
        ready = sum(_day(event) < next_day for _, _, event in held)
        yield from (event for _, _, event in held[:ready])
        del held[:ready]


def _day(event: Event) -> int:
    return event.event_date.toordinal() if event.event_date else UNDATED


def _cut(groups: _Groups) -> list[int]:
    """The first day of each file that rows are laid out in."""
    rows = Counter(groups.first_days[group] for group in groups.of_rows if group != NONE)
    most = max(ROWS, rows.total() // FILES)
    days: list[int] = []
    held = most
    for day in sorted(rows):
        if held >= most:
            days.append(day)
            held = 0
        held += rows[day]
    return days or [UNDATED]


def _lay_out(archive: Archive, told: _Told, groups: _Groups, first_days: list[int], spool: Path) -> None:
    """Writes all rows, by the first days of their groups, to files that hold some days each."""
    from pyarrow import ipc

    numbers = iter(groups.of_rows)
    waiting: dict[int, list[tuple[Any, ...]]] = {}
    with contextlib.ExitStack() as files:
        writers = [
            files.enter_context(
                ipc.new_stream(files.enter_context((spool / str(n)).open("wb")), event_schema())
            )
            for n in range(len(first_days))
        ]

        def flush() -> None:
            for number, rows in waiting.items():
                writers[number].write_table(table_of(rows, event_schema()))
            waiting.clear()

        count = 0
        for event in itertools.chain.from_iterable(map(told.events, _paths(archive))):
            if (group := next(numbers)) == NONE or event is None:
                continue
            file = bisect.bisect_right(first_days, groups.first_days[group]) - 1
            waiting.setdefault(file, []).append(numbered(group, event))
            count += 1
            if count % ROWS == 0:
                flush()
        flush()


def _laid_out(spool: Path, number: int) -> Iterator[tuple[int, Event]]:
    from pyarrow import ipc

    with (spool / str(number)).open("rb") as file, ipc.open_stream(file) as stream:
        for batch in stream:
            yield from events_of(batch)
