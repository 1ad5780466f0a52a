"""Web pages, as a browser or a program has saved them: the article without what stands around it.

trafilatura finds the main text, the title and the site's name, htmldate the day of publication. The text of
the article, to which offsets refer, is the extracted one, a line for each paragraph.
"""

from __future__ import annotations

import datetime
import email
import email.policy
import re
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urlsplit

from . import layout
from .decoding import Unreadable, decode, hush, whole
from .drafts import LIMIT, Draft, Found, Reading, finish
from .events import Article, Failure
from .markup import text_of

if TYPE_CHECKING:
    from trafilatura.settings import Document

PAGE = 20_000_000  # bytes that a page may have with the pictures that a browser saved in it
MARKUP, ELEMENTS = 5_000_000, 30_000  # characters and elements that it may have without them
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_SMALL = 5_000  # characters of a page whose text is its article
_LEAST = 5  # words of the longest line of an article at least
_BYLINE = re.compile(r"(?:(?:written|posted|reported) )?by [^.!?]{2,60}", re.IGNORECASE)
_PICTURE = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=%\s]*")
_RULE = re.compile(r"\|?[|\s-]*-[|\s-]*")
_SAVED = re.compile(r"<!-- saved from url=\(\d+\)(\S{1,2000}) -->")
_ABOUT_DATE = {"extensive_search": False, "original_date": True, "max_date": "2100-01-01"}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()


class NoArticle(Unreadable):
    """The page was read and holds no article, as front pages do."""


def read_page(
    data: bytes,
    *,
    id: str = "",
    url: str = "",
    charset: str = "",
    stated: str = "",
    source: str = "",
    published: datetime.date | None = None,
    limit: int = LIMIT,
) -> Article | Failure:
    """The article of a web page, or a Failure that says why there is none. Nothing is fetched; nothing raises.

    `id` is the article's, by default `url`, the address the page was fetched from. `charset` is what the
    server said of its encoding, `stated` the date that a feed gave it, used where the page has none.
    `published` and `source` win over what the page says; `limit` is in characters of the extracted text.
    """
    reading = Reading(published, source, limit=limit)
    name = id or url or "-"
    try:
        return finish(name, replace(draft(data, url, charset, stated), id=name), reading)
    except Unreadable as error:
        return Failure(name, str(error))


def read_page_file(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The article of a saved page (.html)."""
    yield finish(path, draft(whole(file, "HTML", PAGE, "save the article alone")), reading)


def read_page_archive(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The article of a page that a browser saved as a single file (.mhtml)."""
    message = email.message_from_bytes(whole(file, "a web page", 10 * PAGE), policy=email.policy.default)
    part = next((p for p in message.walk() if p.get_content_type() == "text/html"), None)
    content = part.get_payload(decode=True) if part else None
    if part is None or not isinstance(content, bytes):
        raise Unreadable("holds no web page: save the article's text as .txt")
    address = str(part.get("Content-Location") or message.get("Snapshot-Content-Location") or "")
    yield finish(path, draft(content, address, part.get_content_charset() or ""), reading)


def draft(data: bytes, url: str = "", charset: str = "", stated: str = "") -> Draft:
    """What a page says of itself, and its article. Raises Unreadable where there is none."""
    if len(data) > PAGE:
        raise Unreadable(f"holds more than {PAGE / 1_000_000:g} MB of HTML: save the article alone")
    if b"\0" in data and data.count(b"\0") * 100 < len(data):
        data = data.replace(b"\0", b"")  # strays, as browsers see them; UTF-16 has more
    declared = _CHARSET.search(data[:4096])
    page = decode(data, declared[1].decode() if declared else charset)
    page = _PICTURE.sub("", page)
    if not page.strip():
        raise Unreadable("is empty")
    if len(page) > MARKUP:
        raise Unreadable(f"holds more than {MARKUP / 1_000_000:g} MB of HTML: save the article alone")
    saved = _SAVED.search(page[:4096])
    url = url or (saved[1] if saved else "")
    found, text, headings = _extracted(page, url)
    lines = [line.strip(" |") for line in text.split("\n") if not _RULE.fullmatch(line)]
    text = "\n".join(line for at, line in enumerate(lines) if at > 2 or not _BYLINE.fullmatch(line))
    if all(len(line.split()) < _LEAST for line in text.split("\n")):
        raise NoArticle("no article is found in this web page: save its text as .txt")
    if found is None:
        return Draft(text, url=url, published=stated)
    title, text = _without_title(found.title or "", text, headings)
    address = found.url or url
    return Draft(
        text=text,
        title=title,
        published=_stated(found.date or "", page + url) or stated,
        source=_site(found, address),
        url=address,
    )


def _extracted(page: str, url: str) -> tuple[Document | None, str, list[str]]:
    """What trafilatura finds, if anything, the article's text, and the headlines of the first order."""
    hush("trafilatura", "htmldate", "courlan", "justext", "charset_normalizer")
    import trafilatura
    from lxml.html import tostring
    from trafilatura.settings import use_config

    config = use_config()
    # a notice of one sentence is an article, too: not to be looked for elsewhere in the page
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "40")
    try:
        tree = trafilatura.load_html(page)
        if tree is None:
            return None, text_of(page) if len(page) < _SMALL else "", []
        if sum(1 for _ in islice(tree.iter(), ELEMENTS + 1)) > ELEMENTS:
            raise Unreadable(f"has more than {ELEMENTS:,} elements of HTML: save the article alone")
        headings = [" ".join(h1.text_content().split()) for h1 in islice(tree.iter("h1"), 3)]
        layout.undo(tree)
        found = trafilatura.bare_extraction(
            tree,
            url=url or None,
            fast=True,
            include_comments=False,
            with_metadata=True,
            date_extraction_params=_ABOUT_DATE,
            config=config,
        )
    except Unreadable:
        raise
    except Exception as error:  # whatever the libraries make of broken markup, it costs this page alone
        raise Unreadable(
            f"cannot be read as a web page ({type(error).__name__}): save its text as .txt"
        ) from None
    if found is None or isinstance(found, dict) or not (found.text or "").strip():
        rest = tostring(tree, encoding="unicode")
        return None, text_of(rest) if len(rest) < _SMALL else "", headings
    return found, found.text or "", headings


def _without_title(title: str, text: str, headings: list[str]) -> tuple[str, str]:
    """Title and text, the text without the headline it begins with, which is then the title."""
    first, _, rest = text.partition("\n")
    if rest.strip() and any(_same(first, other) for other in (title, *headings)):
        return first.strip(), rest.lstrip("\n")
    return title, text


def _same(one: str, other: str) -> bool:
    return re.findall(r"\w+", one.lower()) == re.findall(r"\w+", other.lower())


def _stated(day: str, page: str) -> str:
    """The day that htmldate found, written so that it is ambiguous where the page has it only in numbers.

    htmldate takes 03/04/2024 for a day of April; whether it is, the dateline has to say.
    """
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        return ""
    year, month, number = day.split("-")
    name = _MONTHS[int(month) - 1]
    sure = (
        rf"{year}[-/._]?0?{int(month)}[-/._]?0?{int(number)}(?!\d)"
        rf"|\b0?{int(number)}(?:st|nd|rd|th)?[\s.-]{{1,3}}{name}|{name}[a-z]{{0,6}}[\s.-]{{1,3}}0?{int(number)}\b"
    )
    if int(number) > 12 or re.search(sure, page, re.IGNORECASE):
        return day
    return f"{int(number)}/{int(month)}/{year}"


def _site(found: Document, url: str) -> str:
    """The site's name as it gives it, else its address."""
    name = (found.sitename or "").strip().lstrip("@")
    return name or (urlsplit(url).hostname or "" if url else "").removeprefix("www.")
