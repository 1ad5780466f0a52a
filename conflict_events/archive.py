"""A long run into a folder: what is read is kept part by part, so that a broken run goes on where it stood.

Files are read in their order; articles, failures and rows, not yet merged, are kept in parts. A file that was
read is not read again unless it has changed. When all is read, `years` makes the files of events.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from .batch import Item, Results, Tally
from .copies import Print, fingerprint, print_of
from .events import Article, Event, Failure
from .gazetteer.layer import chosen, read_manifest
from .holding import held
from .lexicon import Lexicon
from .manifest import MANIFEST, PARTS, ArchiveError, Manifest
from .parts import (
    COPY,
    DONE,
    FAILED,
    NONE,
    READ,
    Entry,
    Part,
    entries_path,
    events_path,
    read_entries,
    write_part,
)
from .sheet import rules
from .sources import sources

if TYPE_CHECKING:
    from .extract import Settings

# The most that a part holds, and so the most that a broken run has to read again.
ARTICLES, CHARACTERS = 5_000, 4_000_000
# `wanted` and `note` of read_articles in, articles out.
Inputs = Callable[[Callable[[str], bool], Callable[[str], None]], Iterator[Item]]
Say = Callable[[str], None]


def made_with(settings: Settings, reading: Mapping[str, object], *, copies: bool) -> dict[str, str]:
    """What decides what parts hold, besides the articles, each with a name to tell the user."""
    layer = chosen(settings.layer)
    apart = replace(settings, model=None, doubtful="")
    return {
        "the program, its tables, --data or --gazetteer": rules(apart),
        "--layer": read_manifest(layer).places_sha256 if layer else "",
        "--model": settings.model or "",
        "--doubtful": settings.doubtful,
        **{f"--{name}": str(value or "") for name, value in reading.items()},
        "--merge all or not": "all" if copies else "not",
    }


@dataclass(slots=True)
class _File:
    """A file that is being read: what it is like, how much of it was read before, how much now."""

    path: str
    stamp: str
    skip: int = 0
    items: int = 0
    articles: int = 0


class Archive:
    """The folder of a run, held for it: nobody else writes there meanwhile.

    `say` receives a line for each failure and note. Raises Locked, SheetError or ArchiveError when made, having
    changed nothing.
    """

    def __init__(self, folder: Path, made_with: Mapping[str, str], say: Say) -> None:
        self.folder, self._say = folder, say
        self._exit = contextlib.ExitStack()
        try:
            self._exit.enter_context(held(folder / MANIFEST, str(folder)))
            self.manifest = Manifest(folder, made_with)
            (folder / PARTS).mkdir(exist_ok=True)
            self._recall()
        except BaseException:
            self._exit.close()
            raise

    def __enter__(self) -> Archive:
        return self

    def __exit__(self, *error: object) -> None:
        self._exit.close()

    @property
    def parts(self) -> Path:
        """The folder of the parts."""
        return self.folder / PARTS

    def entries(self, parts: int | None = None) -> Iterator[Entry]:
        """The entries of all parts, or of the first so many, but those of files that were read again."""
        for number in range(len(self.manifest.parts) if parts is None else parts):
            for entry in read_entries(self.parts, number):
                if entry.number >= self._void.get(entry.file, 0):
                    yield entry

    # ---- what was read before ----

    def _recall(self) -> None:
        """What the parts say, and which of their files have changed."""
        self._recalled = len(self.manifest.parts)
        self._next, self._void = 0, dict[str, int]()
        for number, record in enumerate(self.manifest.parts):
            paths = entries_path(self.parts, number), events_path(self.parts, number)
            if [_size(path) for path in paths] != record["sizes"]:
                raise ArchiveError(f"{paths[0]} or what belongs to it is damaged: begin a new folder")
            self._void |= record["changed"]
            self._next = record["next"]
        self._part, self._size, self._notes = Part(), 0, list[str]()
        self._waiting: deque[tuple[Entry, int]] = deque()
        self._file: _File | None = None
        self._over: list[_File] = []
        self._said: set[str] = set()
        self._changed = self._outdated()
        self._before = dict(self._void)
        self._void |= self._changed
        self._again: dict[str, int] = {}
        self._folders_failed = 0
        self._seen, self._done = _Seen(), set[int]()
        self._begun: dict[str, _File] = {}  # read in part, as a rule one
        for entry in self.entries():
            if entry.status == DONE:
                self._done.add(_hash(entry.file))
                self._begun.pop(entry.file, None)
                continue
            begun = self._begun.setdefault(entry.file, _File(entry.file, entry.stamp))
            begun.skip += 1
            begun.articles += entry.status != FAILED
            if entry.words and entry.status != COPY:
                self._seen.add(entry.words, entry.number, print_for(entry), entry.of)

    def _outdated(self) -> dict[str, int]:
        """Files that have changed since they were read, and those with copies of their articles: to read again."""
        stamps: dict[str, str] = {}
        changed, gone = dict[str, int](), 0
        for entry in self.entries():
            stamps[entry.file] = entry.stamp
            if entry.status == DONE:
                gone += self._is_gone(entry.file, stamps.pop(entry.file), changed)
        for file, stamp in stamps.items():  # read in part
            gone += self._is_gone(file, stamp, changed)
        if gone:
            self._say(f"{self.folder}: {_files(gone)} read before, not there any more: what they told stays")
        if changed:
            self._say(f"{self.folder}: {_files(len(changed))} read before, changed since: read again")
        found = -1
        while found != len(changed):
            found, lost = len(changed), set[int]()
            for entry in self.entries() if changed else ():
                if entry.file in changed:
                    lost.add(entry.number)
                elif entry.of in lost:
                    changed[entry.file] = self._next
        return changed

    def _is_gone(self, file: str, stamp: str, changed: dict[str, int]) -> bool:
        """True where a file that was read is no longer there; one that has changed is entered."""
        now = _stamp(file, stamp)
        if now and now != stamp:
            changed[file] = self._next
        return bool(stamp) and not now

    # ---- reading on ----

    def read(
        self,
        inputs: Inputs,
        run: Callable[[Iterator[Item]], Results],
        lexicon: Lexicon | None,
        tally: Tally,
        step: Callable[[Article], None] = lambda article: None,
    ) -> None:
        """Reads what was not read before; `tally` counts that and what earlier runs read.

        `run` gives a result for each item, in their order, as batch.run does. With a lexicon copies of articles
        are left out. `step` is called after each article.
        """
        for result in run(self._items(inputs, lexicon)):
            self._take(*self._waiting.popleft(), result)
            if not isinstance(result, Failure):
                tally.articles += 1
                step(result[0])
            if len(self._part.entries) >= ARTICLES or self._size >= CHARACTERS:
                self._keep()
        self._keep()
        for file in self._changed:  # nobody asked for it in this run
            self._void.pop(file)
            self._void |= {file: self._before[file]} if file in self._before else {}
        self._repeat()
        tally.articles = tally.copies = 0
        tally.failures = self._folders_failed
        for entry in self.entries():
            tally.articles += entry.status == READ
            tally.copies += entry.of != NONE
            tally.failures += entry.status == FAILED

    def _items(self, inputs: Inputs, lexicon: Lexicon | None) -> Iterator[Item]:
        """What is to be read, in its order; what only has to be noted keeps its turn as an empty Failure."""
        for item in inputs(self._is_new, self._note):
            yield from self._ended()
            if self._file is None or (isinstance(item, Failure) and Path(item.path).is_dir()):
                self._folders_failed += 1
                self._say(str(item))
                continue
            self._file.items += 1
            if self._file.items > self._file.skip:
                yield self._enter(item, self._file, lexicon)
        self._is_new("")
        yield from self._ended()

    def _is_new(self, path: str) -> bool:
        """True where the file is to be read; the one before it has come to its end."""
        if self._file:
            self._over.append(self._file)
        self._file, place = None, _place(path)
        if not path or _hash(place) in self._done:
            return False
        self._done.add(_hash(place))
        self._file = self._begun.pop(place, None) or _File(place, _stamp(place))
        if place in self._changed:
            self._again[place] = self._changed.pop(place)
        return True

    def _ended(self) -> Iterator[Item]:
        for file in self._over:
            # what keeps a file from being read, such as its permissions, leaves its date as it was
            stamp = (
                file.stamp if file.articles or not file.stamp else _stamp(file.path, f"{file.stamp} ctime")
            )
            yield self._turn(Entry(self._number(), file.path, DONE, stamp))
        self._over.clear()

    def _enter(self, item: Item, file: _File, lexicon: Lexicon | None) -> Item:
        entry = Entry(self._number(), file.path, FAILED, file.stamp)
        if isinstance(item, Failure):
            return self._turn(replace(entry, id=item.path, reason=item.reason))
        file.articles += 1
        entry = replace(entry, status=READ, id=item.id)
        if lexicon is None:
            return self._turn(entry, item)
        new, words = print_of(item), bytes.fromhex(fingerprint(item))
        of = self._seen.like(words, new)
        copy = of is not None and (of.day is not None or new.day is None)
        outlets = () if of is None else sources(item, (), lexicon)[0]
        number = NONE if of is None else of.number
        entry = replace(entry, words=words, day=new.day, long=new.long, of=number, outlets=outlets)
        if copy:
            return self._turn(replace(entry, status=COPY))
        self._seen.add(words, entry.number, new, number)
        return self._turn(entry, item)

    def _turn(self, entry: Entry, item: Article | None = None) -> Item:
        self._waiting.append((entry, len(item.text) if item else 0))
        return item or Failure(entry.id, entry.reason)

    def _number(self) -> int:
        self._next += 1
        return self._next - 1

    def _take(self, entry: Entry, size: int, result: tuple[Article, list[Event]] | Failure) -> None:
        """Puts an entry, and the events of its article, into the part that is being filled."""
        if isinstance(result, Failure):
            if entry.status == READ:
                entry = replace(entry, status=FAILED, reason=result.reason)
            if entry.status == FAILED:
                self._say(str(result))
        else:
            self._part.events += [(entry.number, event) for event in result[1]]
        self._part.entries.append(entry)
        self._size += size

    def _note(self, message: str) -> None:
        self._said.add(message)
        self._notes.append(message)
        self._say(message)

    def _keep(self) -> None:
        """Makes what was read a part."""
        if not self._part.entries:
            return
        sizes = write_part(self.parts, len(self.manifest.parts), self._part)
        # numbers beyond the part's were given to what is still being read
        following = self._part.entries[-1].number + 1
        record = {
            "entries": len(self._part.entries),
            "events": len(self._part.events),
            "next": following,
            "changed": self._again,
            "notes": self._notes,
            "sizes": sizes,
        }
        self.manifest.add_part(record)
        self._part, self._size, self._again, self._notes = Part(), 0, {}, []

    def _repeat(self) -> None:
        """Says what earlier runs had to say of what they read."""
        for record in self.manifest.parts[: self._recalled]:
            for message in record["notes"]:
                if message not in self._said:
                    self._said.add(message)
                    self._say(message)
        for entry in self.entries(self._recalled):
            if entry.status == FAILED:
                self._say(str(Failure(entry.id, entry.reason)))


def print_for(entry: Entry) -> Print:
    """The print of an article that was entered before."""
    return Print(entry.id, entry.day, entry.long)


@dataclass(frozen=True, slots=True)
class _Known:
    """An article of the same words: its number and its day of publication."""

    number: int
    day: object


class _Seen:
    """The articles that were read, by their words: a few bytes for each, so that millions are kept in memory."""

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[int, ...] | int] = {}

    def add(self, words: bytes, number: int, new: Print, instead_of: int = NONE) -> None:
        """Notes an article that is read, in the place of another where it is the better copy."""
        kept = [one for one in self._of(words) if one >> _BITS != instead_of]
        day = new.day.toordinal() if new.day else 0
        kept.append(number << _BITS | day << 1 | new.long)
        self._known[words] = kept[0] if len(kept) == 1 else tuple(kept)

    def like(self, words: bytes, new: Print) -> _Known | None:
        """The first article of which a new one is a copy."""
        for one in self._of(words):
            ordinal = one >> 1 & _DAYS
            day = datetime.date.fromordinal(ordinal) if ordinal else None
            if Print("", day, bool(one & 1)).same(new):
                return _Known(one >> _BITS, day)
        return None

    def _of(self, words: bytes) -> tuple[int, ...]:
        found = self._known.get(words, ())
        return (found,) if isinstance(found, int) else found


# An article in one number: whether it is long, its day as an ordinal, its own number.
_BITS, _DAYS = 23, (1 << 22) - 1


def _place(path: str) -> str:
    try:
        return os.path.realpath(path) if path else ""
    except ValueError:  # no file name
        return path


def _hash(path: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=8).digest(), "big"
    )


def _stamp(path: str, like: str = "") -> str:
    """What a file is like: size and time of its last change, and where `like` has it that of its inode; "" for none."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return ""
    return " ".join(
        map(str, (found.st_size, found.st_mtime_ns, found.st_ctime_ns)[: max(2, len(like.split()))])
    )


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return NONE


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"
