"""What `update` remembers of a sheet, in an SQLite file beside it: articles, their events, the rows written.

The file may be deleted: then all articles are read again, and the rows of the sheet are recognised by their
ids. Nothing here grows slower with the number of articles seen: whatever is asked is asked by an index.
"""

from __future__ import annotations

import dataclasses
import datetime
import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .columns import FULL, Value
from .copies import Print, credited
from .events import Event

VERSION = 1
_SCHEMA = """
create table facts (name text primary key, value text not null) without rowid;
create table articles (digest text primary key, rules text not null) without rowid;
create table files (path text primary key, stamp text not null) without rowid;
create table prints (
  number integer primary key, words text not null, article text not null, day text not null,
  long integer not null, better integer not null default 0, copies text not null default '[]');
create index prints_words on prints (words);
create table failures (text text primary key) without rowid;
create table events (
  number integer primary key, story integer not null, block text not null, day integer, article text not null,
  past integer not null default 0, content text not null);
create index events_day on events (block, day);
create index events_story on events (story);
create index events_article on events (article) where past = 0;
create table rows (
  story integer primary key, id text not null, written text, before text, pending integer not null default 0);
create index rows_id on rows (id);
create index rows_pending on rows (pending) where pending = 1;
create table due (story integer primary key);
create table feeds (
  url text primary key, etag text not null, modified text not null, wait real not null) without rowid;
create table pages (
  number integer primary key, url text not null unique, feed text not null, entry text not null,
  tries integer not null default 0, wait real not null default 0, done integer not null default 0);
create index pages_open on pages (feed, number) where done = 0;
"""


class StateError(Exception):
    """A state file that cannot be used; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Feed:
    """What a server said of a feed: its validators, and until when (Unix time) it is to be left alone."""

    etag: str = ""
    modified: str = ""
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page that a feed named and that is still to be fetched; `entry` is what the feed said of it."""

    url: str
    entry: Mapping[str, str]
    tries: int


@dataclass(frozen=True, slots=True)
class Row:
    """A row that was written for a story: its id, and the cells as written; None where a person owns it."""

    story: int
    id: str
    written: Mapping[str, Value] | None


class State:
    """The remembered state of one sheet. Changes are lasting when `save` returns."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._db = sqlite3.connect(path, isolation_level=None)
            self._db.execute("pragma synchronous = full")
            self._db.execute("begin immediate")
            version = self._one("pragma user_version")
            if version == 0 and not self._one("select count(*) from sqlite_master"):
                for statement in _SCHEMA.split(";\n"):
                    self._db.execute(statement)
                self._db.execute(f"pragma user_version = {VERSION}")
        except sqlite3.DatabaseError as error:
            if "readonly" in str(error) or "unable to open" in str(error) or "full" in str(error):
                raise StateError(f"{path}: cannot be written ({error})") from None
            raise StateError(
                f"{path}: damaged ({error}): delete it, it is made anew from the sheet"
            ) from None
        if version not in (0, VERSION):
            raise StateError(f"{path}: made by another version: delete it, it is made anew from the sheet")

    def save(self) -> None:
        """Makes all changes so far lasting, and begins the next ones."""
        try:
            self._db.execute("commit")
            self._db.execute("begin immediate")
        except sqlite3.OperationalError as error:
            raise StateError(f"{self.path}: cannot be written ({error})") from None

    def close(self) -> None:
        """Gives up what was not saved."""
        self._db.close()

    def _one(self, query: str, *values: object) -> Any:
        found = self._db.execute(query, values).fetchone()
        return found[0] if found else None

    # ---- facts ----

    def fact(self, name: str) -> str:
        """A remembered value, "" where there is none."""
        return str(self._one("select value from facts where name = ?", name) or "")

    def remember(self, name: str, value: str) -> None:
        """Keeps a value; "" forgets it."""
        self._db.execute("delete from facts where name = ?", (name,))
        if value:
            self._db.execute("insert into facts values (?, ?)", (name, value))

    # ---- articles ----

    def seen(self, digest: str) -> bool:
        """True where an article of this content was read before."""
        return self._one("select 1 from articles where digest = ?", digest) is not None

    def see(self, digest: str, rules: str) -> None:
        """Notes an article as read under these rules."""
        self._db.execute("insert or replace into articles values (?, ?)", (digest, rules))

    def prints(self, words: str) -> list[tuple[int, Print]]:
        """The articles of these words that were read and not replaced by a better copy, with their numbers."""
        query = (
            "select number, article, day, long, copies from prints where words = ? and better = 0 order by 1"
        )
        return [
            (
                number,
                Print(
                    article, _day(day), bool(long), tuple((id, tuple(by)) for id, by in json.loads(copies))
                ),
            )
            for number, article, day, long, copies in self._db.execute(query, (words,)).fetchall()
        ]

    def add_print(self, words: str, new: Print, instead_of: int | None = None) -> None:
        """Notes an article that is read, in the place of another where it is the better copy."""
        values = (words, new.article, str(new.day or ""), new.long, json.dumps(new.copies))
        self._db.execute(
            "insert into prints (words, article, day, long, copies) values (?, ?, ?, ?, ?)", values
        )
        self._db.execute("update prints set better = 1 where number = ?", (instead_of,))

    def add_copy(self, number: int, id: str, outlets: tuple[str, ...]) -> None:
        """Notes a copy of the article with this print; the events that it tells name the copy from now on."""
        query = "select article, copies from prints where number = ?"
        article, known = self._db.execute(query, (number,)).fetchone()
        copies = json.dumps([*json.loads(known), (id, outlets)])
        self._db.execute("update prints set copies = ? where number = ?", (copies, number))
        self.credit(article, [(id, outlets)])

    def credit(self, article: str, copies: Iterable[tuple[str, tuple[str, ...]]]) -> None:
        """Lets the events that the article tells now name these copies of it."""
        known = Print(article, None, False, tuple(copies))
        query = "select number, story, content from events where article = ? and past = 0"
        for number, story, content in self._db.execute(query, (article,)).fetchall():
            (event,) = credited([_event(content)], known)
            self._db.execute("update events set content = ? where number = ?", (_content(event), number))
            self.make_due(story)

    def stamp(self, path: str) -> str:
        """What the file was like when it was last read, "" where it was not."""
        return str(self._one("select stamp from files where path = ?", path) or "")

    def put_stamp(self, path: str, stamp: str) -> None:
        """Notes a file as read."""
        self._db.execute("insert or replace into files values (?, ?)", (path, stamp))

    def new_failure(self, text: str) -> bool:
        """True the first time that a failure is told of."""
        return self._db.execute("insert or ignore into failures values (?)", (text,)).rowcount > 0

    # ---- feeds ----

    def feed(self, url: str) -> Feed:
        """What is known of the feed."""
        found = self._db.execute("select etag, modified, wait from feeds where url = ?", (url,)).fetchone()
        return Feed(*found) if found else Feed()

    def put_feed(self, url: str, feed: Feed) -> None:
        """Keeps what the server said of the feed."""
        values = (url, feed.etag, feed.modified, feed.wait)
        self._db.execute("insert or replace into feeds values (?, ?, ?, ?)", values)

    def add_page(self, url: str, feed: str, entry: Mapping[str, str]) -> None:
        """Notes a page to fetch, unless it was fetched and the feed gives it the date that it had then."""
        content = json.dumps(entry, ensure_ascii=False, sort_keys=True)
        self._db.execute(
            "insert into pages (url, feed, entry) values (?, ?, ?) on conflict (url) do update "
            "set entry = excluded.entry, done = 0, tries = 0, wait = 0 where feed = excluded.feed and "
            "json_extract(entry, '$.published') <> json_extract(excluded.entry, '$.published')",
            (url, feed, content),
        )

    def open_pages(self, feed: str, now: float) -> list[Page]:
        """The pages of the feed that are still to be fetched, the first named first."""
        query = (
            "select url, entry, tries from pages where feed = ? and done = 0 and wait <= ? order by number"
        )
        found = self._db.execute(query, (feed, now))
        return [Page(url, json.loads(entry), tries) for url, entry, tries in found]

    def close_page(self, url: str) -> None:
        """Notes that the page need not be fetched again."""
        self._db.execute("update pages set done = 1 where url = ?", (url,))

    def put_off(self, url: str, until: float) -> None:
        """Notes that the page could not be had, and when to try again."""
        self._db.execute("update pages set tries = tries + 1, wait = ? where url = ?", (until, url))

    # ---- stories: events that tell the same ----

    def stories_near(self, block: str, days: Iterable[datetime.date | None]) -> Iterator[int]:
        """Stories of the block with an event on one of these days, in the order of the days, oldest first."""
        given = set()
        for day in days:
            if day is None:
                query = "select story from events where block = ? and day is null order by number"
                found = self._db.execute(query, (block,))
            else:
                query = "select story from events where block = ? and day = ? order by number"
                found = self._db.execute(query, (block, day.toordinal()))
            for (story,) in found.fetchall():
                if story not in given:
                    given.add(story)
                    yield story

    def events(self, story: int) -> list[Event]:
        """The events of a story as its articles tell them now; what they told before, where none is left."""
        query = "select past, content from events where story = ? order by number"
        found = [(past, _event(content)) for past, content in self._db.execute(query, (story,))]
        return [event for past, event in found if not past] or [event for _, event in found]

    def add_event(self, event: Event, story: int | None) -> int:
        """The number of the story to which the event was added, a new one for None; it is due."""
        story = story or int(self._one("select coalesce(max(story), 0) + 1 from events"))
        day = event.event_date.toordinal() if event.event_date else None
        article = event.article_id[0] if event.article_id else ""
        values = (story, event.admin1, day, article, _content(event))
        self._db.execute(
            "insert into events (story, block, day, article, content) values (?, ?, ?, ?, ?)", values
        )
        self.make_due(story)
        return story

    def outdate(self, article: str) -> None:
        """Marks what an article told so far as past: a newer text of it is being read."""
        query = "select distinct story from events where article = ? and past = 0"
        for (story,) in self._db.execute(query, (article,)).fetchall():
            self.make_due(story)
        self._db.execute("update events set past = 1 where article = ? and past = 0", (article,))

    # ---- rows ----

    def make_due(self, story: int) -> None:
        """Notes that the row of the story has to be written or looked at again."""
        self._db.execute("insert or ignore into due values (?)", (story,))

    def due(self) -> list[int]:
        """The stories whose rows have to be written or looked at again, oldest first."""
        return [story for (story,) in self._db.execute("select story from due order by story")]

    def row(self, story: int) -> Row | None:
        """The row of the story, where one was written."""
        query = "select story, id, written from rows where story = ?"
        found = self._db.execute(query, (story,)).fetchone()
        return _row(*found) if found else None

    def rows_of(self, id: str) -> list[Row]:
        """The rows that were written with this id."""
        query = "select story, id, written from rows where id = ? order by story"
        return [_row(*found) for found in self._db.execute(query, (id,))]

    def put_row(self, story: int, id: str, written: Mapping[str, Value] | None) -> None:
        """Notes the row of a story as about to be written; `confirm` or `withdraw` says how it went."""
        old = self._db.execute("select written from rows where story = ?", (story,)).fetchone()
        cells = None if written is None else json.dumps(written, ensure_ascii=False)
        before = json.dumps({"written": old[0]}) if old else None
        self._db.execute(
            "insert or replace into rows (story, id, written, before, pending) values (?, ?, ?, ?, 1)",
            (story, id, cells, before),
        )

    def settle(self) -> None:
        """Notes that what was due is dealt with, in the sheet that is about to take its place."""
        self._db.execute("delete from due")

    def confirm(self) -> None:
        """The rows put are in the sheet."""
        self._db.execute("update rows set pending = 0, before = null where pending = 1")

    def withdraw(self) -> None:
        """The rows put are not in the sheet: they are as before, and due."""
        self._db.execute("insert or ignore into due select story from rows where pending = 1")
        self._db.execute("delete from rows where pending = 1 and before is null")
        self._db.execute(
            "update rows set written = json_extract(before, '$.written'), before = null, pending = 0 "
            "where pending = 1"
        )

    def forget_rows(self) -> None:
        """The sheet is gone: every story is due again."""
        self._db.execute("delete from rows")
        self._db.execute("insert or ignore into due select distinct story from events")


def _row(story: int, id: str, written: str | None) -> Row:
    return Row(story, id, None if written is None else json.loads(written))


def _day(text: str) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def _content(event: Event) -> str:
    """The event as JSON, nothing rounded and nothing joined."""
    cells = {name: value for name in FULL if (value := getattr(event, name)) != getattr(_EMPTY, name)}
    return json.dumps(cells, ensure_ascii=False, default=str)


def _event(content: str) -> Event:
    cells = json.loads(content)
    for name, value in cells.items():
        if FULL[name] == "date":
            cells[name] = datetime.date.fromisoformat(value)
        elif FULL[name] == "list":
            cells[name] = tuple(value)
    return dataclasses.replace(_EMPTY, **cells)


_EMPTY = Event()
