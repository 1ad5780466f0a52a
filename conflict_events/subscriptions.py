"""Feeds that `update` follows: what they name is fetched once, politely, and read as articles.

What could not be had is tried again by the next runs; the state beside the sheet remembers what is open.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict

from .decoding import Unreadable
from .drafts import Draft, Reading, finish
from .events import Article, Failure
from .feeds import Entry, read_entries
from .pages import read_page
from .state import Feed, Page, State
from .web import Answer, Unfetched, Web

TRIES = 8  # runs after which a page is given up
TELLING = 400  # characters from which a feed's own text will do where its page cannot be had
PAGES = ("text/html", "application/xhtml+xml", "application/xml", "text/xml", "")


def feed_articles(
    feeds: Iterable[str],
    state: State,
    *,
    most: int,
    published: datetime.date | None = None,
    source: str = "",
    limit: int,
    web: Callable[[str], Web] = Web,
) -> Iterator[Article | Failure]:
    """The articles of pages that the feeds named and that were not read before, at most `most` of them.

    A Failure stands for a feed or page that could not be had or read. `published`, `source` and `limit` are
    as for read_articles.
    """
    reading = Reading(published, source, limit=limit)
    left = most
    for url in feeds:
        client = web(url)
        try:
            _ask(url, client, state)
        except (Unfetched, Unreadable) as error:
            yield Failure(url, str(error))
        for page in state.open_pages(url, time.time()):
            if left <= 0:
                return
            left -= 1
            yield from _article(page, client, state, reading)


def _ask(url: str, web: Web, state: State) -> None:
    """Notes the pages that the feed names, if it has changed and does not want to be left alone."""
    known = state.feed(url)
    if known.wait > time.time():
        return
    try:
        answer = web.get(url, etag=known.etag, modified=known.modified)
    except Unfetched as error:
        state.put_feed(url, Feed(known.etag, known.modified, error.after))
        raise
    if not answer.fresh:
        return
    for entry in read_entries(answer.body, answer.url):
        address = entry.url.partition("#")[0] or entry.id
        if address:
            state.add_page(address, url, asdict(entry))
    state.put_feed(url, Feed(answer.etag, answer.modified))


def _article(page: Page, web: Web, state: State, reading: Reading) -> Iterator[Article | Failure]:
    """The article of a page, or the feed's own text where the page cannot be had but the text will do."""
    entry = Entry(**page.entry)
    try:
        found = _read(page, entry, web.get(page.url), reading)
    except Unfetched as error:
        if error.again and page.tries + 1 < TRIES:
            state.put_off(page.url, error.after)
            yield Failure(page.url, f"{error}: the next run tries again")
            return
        found = Failure(page.url, str(error))
    state.close_page(page.url)
    text = max(entry.content, entry.summary, key=len)
    if isinstance(found, Failure) and len(text) >= TELLING:
        draft = Draft(text, page.url, entry.title, entry.published, entry.source, page.url)
        instead = finish(page.url, draft, reading)
        found = instead if isinstance(instead, Article) else found
    yield found


def _read(page: Page, entry: Entry, answer: Answer, reading: Reading) -> Article | Failure:
    if answer.kind not in PAGES:
        return Failure(page.url, f"is {answer.kind[:60]}, not a web page: save it and name the file")
    return read_page(
        answer.body,
        id=page.url,
        url=answer.url,
        charset=answer.charset,
        stated=entry.published,
        source=reading.source,
        published=reading.published,
        limit=reading.limit,
    )
