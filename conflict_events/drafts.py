"""What a reader found of an article, and the checks it passes to become one.

Every reader (of tables, pages, feeds, documents, archives) ends here, so that length, language and day of
publication are treated alike whatever an article came in.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .events import Article, Failure
from .language import foreign
from .publication import Published, published

LIMIT = 1_000_000  # characters of text an article may have
BYTES_A_CHARACTER = 6  # the longest a character can be: a JSON escape such as \u0627
FIELDS = ("id", "title", "text", "published", "source", "url")

Found = Iterator[Article | Failure]


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as a reader found it: `published` is what its metadata say, still in their words.

    `order` is the order of numeric dates where the dates beside it show one ("day first").
    """

    text: str
    id: str = ""
    title: str = ""
    published: str = ""
    source: str = ""
    url: str = ""
    order: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What applies to every article of one call of read_articles, and the doubts that come up on the way."""

    published: datetime.date | None = None
    source: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    limit: int = LIMIT
    note: Callable[[str], None] = lambda message: None
    wanted: Callable[[str], bool] = lambda file: True
    doubts: list[tuple[str, str]] = field(default_factory=list)

    def key(self, name: str) -> str:
        """The name that a table uses for our field `name`."""
        return self.names.get(name, name)

    def too_long(self) -> str:
        size = f"{self.limit / 1_000_000:g} MB" if self.limit >= 100_000 else f"{self.limit:,} characters"
        return f"text is longer than {size}: split it, or raise the limit with --limit"


def finish(path: str, draft: Draft, reading: Reading) -> Article | Failure:
    """The article of a draft, or a Failure where it is empty, too long or not in English.

    `path` stands for the article where it has no id of its own; its last part may have the day of publication.
    """
    text = clean(draft.text)
    if not text.strip():
        return Failure(path, "is empty: there is no text to read")
    if len(text) > reading.limit:
        return Failure(path, reading.too_long())
    if language := foreign(text):
        return Failure(path, f"is not in English but {language}: only English is read, translate it first")
    when = _published(path, draft, text, reading)
    if when.doubt:
        reading.doubts.append((path, when.doubt))
    return Article(
        text=text,
        id=clean(draft.id) or path,
        title=clean(draft.title),
        published=when.day,
        published_basis=when.basis,
        source=reading.source or clean(draft.source),
        url=clean(draft.url),
    )


def _published(path: str, draft: Draft, text: str, reading: Reading) -> Published:
    if reading.published:
        return Published(reading.published, "option")
    name = "" if path == "-" else Path(re.sub(r":\d+$", "", path)).name
    return published(draft.published, text, name, draft.order)


def clean(text: str) -> str:
    """The text with "\\n" line ends and no half characters, which no file could hold again."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return re.sub("[\ud800-\udfff]", "\ufffd", text)
