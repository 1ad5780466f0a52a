"""RSS and Atom, read from bytes that are at hand: nothing is fetched, no entity is resolved.

An entry has the article's text, or only a teaser and the address where it stands.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import urljoin

from .decoding import Unreadable, hush, whole
from .drafts import Draft, Found, Reading, finish
from .markup import text_of
from .publication import order_of

FEED = 50_000_000  # bytes that a feed may have
_ROOT = re.compile(rb"<(?:\w+:)?(rss|feed|rdf)[\s>]", re.IGNORECASE)
_ENTITIES = re.compile(rb"<!ENTITY|<!DOCTYPE[^>]{0,1000}\[", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a feed.

    `published` is its date in the feed's own words (see `publication.readings`), `summary` the teaser and
    `content` the whole text where the feed has it, both without markup. `id` is the feed's, else the address.
    """

    id: str = ""
    url: str = ""
    title: str = ""
    published: str = ""
    summary: str = ""
    content: str = ""
    source: str = ""


def is_feed(head: bytes) -> bool:
    """True where a document begins as RSS, Atom or RDF does."""
    return _ROOT.search(head) is not None


def read_entries(data: bytes, url: str = "") -> list[Entry]:
    """The entries of a feed, in its order; `url` is the feed's address, which relative addresses refer to.

    Raises decoding.Unreadable, with a reason in one line, where the bytes are no feed or a hostile one.
    """
    if not data.strip():
        raise Unreadable("is empty")
    if _ENTITIES.search(data[:100_000].replace(b"\0", b"")):
        raise Unreadable("defines entities of its own, which no feed needs: not read")
    hush("feedparser")
    import feedparser

    try:
        # a stream: text in its place would be taken for an address to fetch or a file to open
        found = feedparser.parse(
            io.BytesIO(data), sanitize_html=False, response_headers={"content-location": url} if url else {}
        )
    except Exception as error:  # whatever the library makes of broken XML, it costs this feed alone
        raise Unreadable(f"cannot be read as a feed ({type(error).__name__})") from None
    if not found.version and not found.entries:
        raise Unreadable("is no feed: RSS or Atom is expected")
    base = _joined(url, str(found.feed.get("link") or "")) or url
    source = _text(found.feed.get("title"))
    return [_entry(entry, source, base) for entry in found.entries]


def read_feed_file(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The articles of a saved feed, as far as its entries have them."""
    entries = read_entries(whole(file, "a feed", FEED))
    if not entries:
        raise Unreadable("the feed has no entries")
    order = order_of(entry.published for entry in entries)
    for number, entry in enumerate(entries, 1):
        text = entry.content or entry.summary or entry.title
        title = entry.title if text != entry.title else ""
        yield finish(
            f"{path}:{number}",
            Draft(text, entry.url or entry.id, title, entry.published, entry.source, entry.url, order),
            reading,
        )


def _entry(entry: Mapping[str, Any], feed: str, base: str) -> Entry:
    address = _joined(base, str(entry.get("link") or ""))
    contents = [_text(part.get("value")) for part in entry.get("content") or ()]
    origin = entry.get("source")
    return Entry(
        id=str(entry.get("id") or address),
        url=address,
        title=_text(entry.get("title")),
        published=str(entry.get("published") or entry.get("updated") or ""),
        summary=_text(entry.get("summary")),
        content=max(contents, key=len, default=""),
        source=(_text(origin.get("title")) if isinstance(origin, Mapping) else "") or feed,
    )


def _joined(base: str, address: str) -> str:
    """The address in full; a relative one means something only beside the feed's."""
    try:
        return urljoin(base, address) if address else ""
    except ValueError:  # brackets that are no IPv6 address
        return ""


def _text(value: object) -> str:
    return text_of(value) if isinstance(value, str) and value.strip() else ""
