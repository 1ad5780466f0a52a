"""Whatever is handed in, as articles: files, folders, standard input, of every kind that is read.

Everything that can be wrong with an input ends as a Failure whose reason says what to do about it; nothing
here raises for the content of a file. Articles come one at a time, so a feed of any length fits in memory
when it is JSONL or a web archive.
"""

from __future__ import annotations

import datetime
import io
import os
import re
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from .decoding import DAMAGED, HEAD, After, Unreadable, decode, plain, up_to
from .documents import read_docx, read_pdf
from .drafts import FIELDS, LIMIT, Draft, Found, Reading, clean, finish
from .events import Failure
from .feeds import is_feed, read_feed_file
from .pages import read_page_archive, read_page_file
from .records import is_header, is_object, read_csv, read_json, read_json_lines
from .webarchives import read_web_archive

__all__ = ["FIELDS", "KINDS", "LIMIT", "article_files", "read_articles"]

KINDS: Mapping[str, str] = {
    ".txt": "text",
    ".text": "text",
    ".md": "markdown",
    ".markdown": "markdown",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".tsv": "csv",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".mhtml": "mhtml",
    ".mht": "mhtml",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
    ".warc": "warc",
    ".pdf": "pdf",
    ".docx": "docx",
}


def read_articles(
    paths: Iterable[str | os.PathLike[str]],
    *,
    stdin: BinaryIO | None = None,
    published: datetime.date | None = None,
    source: str = "",
    mapping: Mapping[str, str] | None = None,
    limit: int = LIMIT,
    skip: Iterable[str | os.PathLike[str]] = (),
    note: Callable[[str], None] | None = None,
    wanted: Callable[[str], bool] | None = None,
) -> Found:
    """The articles of all paths, in order and one at a time, with a Failure where one cannot be read.

    A path is a file, a folder (read with its subfolders in the order of names, hidden files left out) or "-"
    for `stdin`. `published` and `source` win over what an article says of itself; `mapping` gives the names
    that a table uses for our fields, {"text": "body"}, with dots into objects, {"source": "site.name"};
    `limit` is the number of characters an article may have. `skip` lists files that a folder may hold but that
    are not articles, such as the output, or folders in it; `note` receives a line where files of a folder were
    passed over, and where dates that a file states could not be read; `wanted` is asked for each file when its
    turn comes, and leaves it out with False.

    An article's id is the record's own, else "path:line" in JSONL and CSV, "path:number" in a JSON list, a
    feed or a web archive, and the path alone where the file is one article. Line ends are always "\\n".
    """
    reading = Reading(
        published,
        source,
        dict(mapping or {}),
        limit,
        note or (lambda message: None),
        wanted or (lambda file: True),
    )
    passed = {os.path.realpath(path) for path in skip}
    for path in paths:
        name = os.fspath(path)
        if name == "-":
            yield from _stream("-", stdin, reading)
        elif Path(name).is_dir():
            yield from _folder(name, reading, passed)
        else:
            yield from _file(name, reading)


# ---- where the bytes come from -----------------------------------------------------------------------


def _folder(root: str, reading: Reading, passed: set[str]) -> Found:
    strange: list[str] = []
    count = 0
    for path in _walk(root, passed):
        if isinstance(path, Failure):
            yield path
        elif os.path.realpath(path) in passed:
            continue
        elif _suffix(path) in KINDS or _looks_saved(path):
            count += 1
            yield from _file(path, reading)
        else:
            strange.append(path)
    if strange:
        endings = ", ".join(sorted({_suffix(path) or "no ending" for path in strange})[:8])
        reading.note(f"{root}: files passed over, not articles: {len(strange)} ({endings})")
    if not count:
        yield Failure(root, f"the folder holds no articles: expected files ending in {', '.join(KINDS)}")


def article_files(folder: str) -> Iterator[str | Failure]:
    """The files of a folder and its subfolders that articles are read from, in the order of names."""
    for path in _walk(folder):
        if isinstance(path, Failure) or _suffix(path) in KINDS or _looks_saved(path):
            yield path


def _walk(folder: str, passed: Collection[str] = ()) -> Iterator[str | Failure]:
    """The files of a folder and its subfolders but those `passed`; links to folders are not followed, so that none goes round."""
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield Failure(folder, _reason(error))
        return
    pages = {entry.name.rsplit(".", 1)[0] for entry in found if KINDS.get(_suffix(entry.name)) == "html"}
    for entry in found:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            # what a browser saves beside page.html: pictures, advertisements, frames
            if not (entry.name.endswith("_files") and entry.name.removesuffix("_files") in pages):
                if os.path.realpath(entry.path) not in passed:
                    yield from _walk(entry.path, passed)
        elif _is_file(entry):
            yield entry.path


def _is_file(entry: os.DirEntry[str]) -> bool:
    """True for a file, and for a link that leads nowhere, which reading will say."""
    try:
        return entry.is_file() or (entry.is_symlink() and not entry.is_dir())
    except OSError:  # a link to itself
        return True


def _looks_saved(path: str) -> bool:
    """True for a page or feed without a known ending, as wget saves them (index.php?id=7)."""
    try:
        with Path(path).open("rb") as file:
            return _kind(file.read(1024), "") in {"html", "feed"}
    except OSError:
        return False


def _suffix(path: str) -> str:
    """The ending that says what a file is, without ".gz"."""
    place = Path(path)
    if place.suffix.lower() == ".gz":
        place = place.with_suffix("")
    return place.suffix.lower()


def _file(path: str, reading: Reading) -> Found:
    if not reading.wanted(path):
        return
    try:
        with Path(path).open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                yield from _stream(path, file, reading)
                return
            yield from _guarded(path, file, KINDS.get(_suffix(path), "text"), reading)
    except OSError as error:
        yield Failure(path, _reason(error))
    except ValueError as error:  # a NUL in the path
        yield Failure(path.replace("\0", "\\0"), f"not a file name: {error}")


def _stream(path: str, file: BinaryIO | None, reading: Reading) -> Found:
    """Standard input or a pipe: what it holds is seen from how it starts."""
    if file is None:
        yield Failure(path, "standard input is closed: name a file or pipe an article in")
        return
    yield from _guarded(path, file, "", reading)


def _guarded(path: str, file: BinaryIO, kind: str, reading: Reading) -> Found:
    """The articles of a file, and a Failure in place of any way in which reading can end early."""
    try:
        yield from _parts(path, file, kind, reading)
    except Unreadable as error:
        yield Failure(path, str(error))
    except DAMAGED as error:
        yield Failure(path, f"damaged gzip data ({' '.join(str(error).split())}): fetch or compress it again")
    except OSError as error:
        yield Failure(path, _reason(error))
    _report_doubts(reading)


def _report_doubts(reading: Reading) -> None:
    """One line for the stated dates of a file that were of no use, however many they are."""
    if reading.doubts:
        path, doubt = reading.doubts[0]
        more = len(reading.doubts) - 1
        others = f", and so for {more} more" if more else ""
        reading.note(f"{path}: warning: no day of publication, {doubt}{others}: give it with --published")
        reading.doubts.clear()


def _reason(error: OSError) -> str:
    advice = {
        FileNotFoundError: "no such file or folder",
        PermissionError: "not allowed to read it: check its permissions",
        IsADirectoryError: "is a folder that cannot be read as a file",
    }
    return advice.get(type(error), f"cannot be read: {error.strerror or ' '.join(str(error).split())}")


# ---- what the bytes are ------------------------------------------------------------------------------

_READERS: Mapping[str, Callable[[str, BinaryIO, Reading], Found]] = {
    "json": read_json,
    "jsonl": read_json_lines,
    "csv": read_csv,
    "html": read_page_file,
    "mhtml": read_page_archive,
    "feed": read_feed_file,
    "warc": read_web_archive,
    "pdf": read_pdf,
    "docx": read_docx,
}
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*){0,9}"
    rb"<(?:!doctype\s+html|html[\s>]|head[\s>]|body[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_MARKED_UP = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:\?xml|!--|!DOCTYPE|rss|feed|rdf:)", re.IGNORECASE)
_LETTER = re.compile(
    rb"(?:[\w-]+:[^\n]*\r?\n(?:[ \t][^\n]*\n)*){0,40}?content-type:\s*multipart/related", re.IGNORECASE
)
_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*(?:\"|$)|\[\s*(?:\{|$))")


def _parts(path: str, stored: BinaryIO, kind: str, reading: Reading) -> Found:
    head, file = plain(stored)
    if len(head) < HEAD and not head.strip():
        raise Unreadable("is empty: there is nothing to read")
    kind = _kind(head, kind)
    if not kind:
        kind, file = _kind_of_stream(file, reading)
    if kind in _READERS:
        yield from _READERS[kind](path, file, reading)
        return
    raw = up_to(file, 4 * reading.limit)
    if len(raw) > 4 * reading.limit:
        raise Unreadable(reading.too_long())
    text = decode(raw)
    yield finish(path, _markdown(text, reading) if kind == "markdown" else Draft(text), reading)


def _kind(head: bytes, kind: str) -> str:
    """What a file is: as its first bytes show beyond doubt, whatever its name, else `kind`."""
    if b"%PDF-" in head[:1024] and not head[:1].isalpha():
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx"
    if head.startswith(b"WARC/"):
        return "warc"
    if _PAGE.match(head):
        return "html"
    if _MARKED_UP.match(head) and is_feed(head):
        return "feed"
    if kind in {"", "html", "mhtml", "text"} and _LETTER.match(head):
        return "mhtml"
    if kind == "feed" and head.strip() and not _MARKED_UP.match(head):
        return "text"
    return kind


def _kind_of_stream(file: BinaryIO, reading: Reading) -> tuple[str, BinaryIO]:
    """The kind of what comes without a name, by its first line."""
    first = file.readline(6 * reading.limit)
    again = io.BufferedReader(After(first, file))
    if is_object(first):
        return "jsonl", again
    if _JSON.match(first):
        return "json", again
    return ("csv" if is_header(first, reading) else "text"), again


# ---- Markdown ----------------------------------------------------------------------------------------

_KEY = re.compile(r"([A-Za-z_][\w-]*)\s*:\s*(.*?)\s*")


def _markdown(text: str, reading: Reading) -> Draft:
    """An article of Markdown: front matter and first heading as metadata, the rest as text without marks."""
    text = clean(text)
    front, body = _front_matter(text)
    title = re.match(r"\s*#\s+(.+?)\s*#*\s*(?:\n|$)", body)
    if title:
        front.setdefault("title", title[1])
        body = body[title.end() :]
    front["published"] = front.get("published") or front.get("date") or ""
    wanted = {name: front.get(reading.key(name), front.get(name, "")) for name in FIELDS}
    return Draft(**{**wanted, "text": _without_marks(body)})


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The `key: value` lines between two lines of dashes at the top, and the text after them."""
    block = re.match(r"---[ \t]*\n(.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|$)", text, re.DOTALL)
    if not block:
        return {}, text
    keys = {}
    for line in (block[1] or "").splitlines():
        pair = _KEY.fullmatch(line)
        if pair:
            keys[pair[1].lower()] = re.sub(r"""^(["'])(.*)\1$""", r"\2", pair[2])
    return keys, text[block.end() :]


def _without_marks(text: str) -> str:
    text = re.sub(r"!\[[^\]\n]*\]\([^)\n]*\)", "", text)
    text = re.sub(r"\[([^\]\n]+)\]\([^)\n]*\)", r"\1", text)
    text = re.sub(r"^[ ]{0,3}(?:#{1,6}[ \t]+|>[ \t]?)", "", text, flags=re.MULTILINE)
    return re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"\1", text)
