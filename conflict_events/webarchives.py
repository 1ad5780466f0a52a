"""WARC, the format in which crawlers and web archives keep what they fetched: the articles of its pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, BinaryIO

from . import pages
from .decoding import Unreadable, hush, up_to
from .drafts import Found, Reading, finish
from .events import Failure


def read_web_archive(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The article of each page that was fetched with success, one record at a time.

    Pictures, styles, redirects and pages without an article, which make most of a crawl, are passed over and
    counted in a note. The day a page was fetched is not the day it was published, and never stands for it.
    """
    hush("warcio")
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError:
        raise Unreadable(
            "WARC needs warcio, which is not installed: pip install 'conflict-events[warc]'"
        ) from None
    passed = count = told = 0
    # unbuffered: of an archive that breaks off, a buffer would keep the last records back
    records = iter(ArchiveIterator(getattr(file, "raw", file)))
    while True:
        try:
            record = next(records, None)
        except (ArchiveLoadFailed, ValueError, KeyError, AttributeError, UnicodeError) as error:
            reason = " ".join(str(error).split())[:100]
            raise Unreadable(f"damaged after {count} records ({reason}): fetch it again") from None
        if record is None:
            break
        count += 1
        if not _is_page(record):
            passed += record.rec_type in {"response", "resource"}
            continue
        address = str(record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
        name = f"{path}:{count}"
        try:
            found = finish(
                name, replace(pages.draft(_content(record), address, _charset(record)), id=address), reading
            )
        except pages.NoArticle:
            passed += 1
            continue
        except Unreadable as error:
            found = Failure(name, f"{address}: {error}")
        told += 1
        yield found
    if not told:
        raise Unreadable(f"the web archive holds no article: {count} records passed over")
    if passed:
        reading.note(f"{path}: records passed over, not articles: {passed}")


def _is_page(record: Any) -> bool:
    if record.rec_type == "response":
        status = record.http_headers.get_statuscode() if record.http_headers else ""
        if not status.startswith("2"):
            return False
        kind = record.http_headers.get_header("Content-Type") or ""
    else:
        kind = record.rec_headers.get_header("Content-Type") or "" if record.rec_type == "resource" else ""
    return "html" in kind.lower()


def _charset(record: Any) -> str:
    kind = record.http_headers.get_header("Content-Type") if record.http_headers else ""
    _, found, name = (kind or "").lower().partition("charset=")
    return name.split(";")[0].strip("\"' ") if found else ""


def _content(record: Any) -> bytes:
    """The page of a record, unpacked, up to one byte more than it may have."""
    try:
        return up_to(record.content_stream(), pages.PAGE)
    except Exception as error:  # chunks or compression that a server got wrong
        raise Unreadable(f"damaged record ({type(error).__name__})") from None
