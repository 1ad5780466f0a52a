"""PDF and Word documents, as bulletins of humanitarian offices come: their text in paragraphs.

A document's own dates say when a file was made or a template was first saved, not when the text was
published, so that the day comes from its first lines or its file name.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from .decoding import Unreadable, hush, whole
from .drafts import Draft, Found, Reading, finish

if TYPE_CHECKING:
    from docx.document import Document
    from pypdf import PdfReader

_EDGE = 3  # lines at the top and the bottom of a page that may be its header and footer
_UNPACKED = 200_000_000  # bytes that the parts of a Word document may have together
_ENDS = re.compile(r"[.!?:;)\]\"'”’]$")
_ITEM = re.compile(r"(?:[•▪■●◦‣·*–-]|\(?\d{1,2}[.)])\s")


def read_pdf(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The article of a PDF document."""
    hush("pypdf")
    try:
        import pypdf
    except ImportError:
        raise Unreadable(_missing("PDF", "pypdf", "pdf")) from None
    raw = whole(file, "PDF")
    try:
        pages = _pages(pypdf.PdfReader(io.BytesIO(raw)), reading)
    except Unreadable:
        raise
    except Exception as error:  # whatever the library makes of a broken document, it costs this one alone
        raise Unreadable(
            f"damaged PDF ({type(error).__name__}): fetch it again, or save its text as .txt"
        ) from None
    text = "\n".join(_paragraphs(_without_furniture(pages)))
    if not text.strip():
        raise Unreadable("has no text, only pictures (scanned?): run text recognition on it first")
    yield finish(path, Draft(text), reading)


def _pages(document: PdfReader, reading: Reading) -> list[list[str]]:
    """The lines of each page."""
    if document.is_encrypted and not document.decrypt(""):
        raise Unreadable("is locked with a password: save an open copy, or its text as .txt")
    pages, size = [], 0
    for page in document.pages:
        text = page.extract_text()
        size += len(text)
        if size > reading.limit:
            raise Unreadable(reading.too_long())
        pages.append([" ".join(line.split()) for line in text.splitlines() if line.strip()])
    return pages


def _without_furniture(pages: list[list[str]]) -> Iterator[str]:
    """All lines but those at the edges of most pages: headers, footers, page numbers."""
    seen = Counter(key for page in pages for key in {_key(line) for line in page[:_EDGE] + page[-_EDGE:]})
    for page in pages:
        for at, line in enumerate(page):
            edge = at < _EDGE or at >= len(page) - _EDGE
            repeated = len(pages) > 2 and seen[_key(line)] * 2 > len(pages) and len(page) > 2 * _EDGE
            if not (
                edge
                and (repeated or re.fullmatch(r"(?:page )?\d{1,3}(?: ?(?:/|of) ?\d{1,3})?", line.lower()))
            ):
                yield line


def _key(line: str) -> str:
    """The line without its numbers, as that of a page."""
    return re.sub(r"\d+", "#", line)


def _paragraphs(lines: Iterator[str]) -> Iterator[str]:
    """Lines of print joined to paragraphs: one goes on where it fills the column and no sentence ends with it."""
    every = list(lines)
    width = sorted(map(len, every))[len(every) * 3 // 4] if every else 0
    held, last = "", 0
    for line in every:
        goes_on = line[:1].islower() or (last >= width * 0.75 and not _ENDS.search(held))
        if held and held.endswith("-") and line[:1].islower():
            held = held.removesuffix("-") + line
        elif held and goes_on and not _ITEM.match(line):
            held = f"{held} {line}"
        else:
            if held:
                yield held
            held = line
        last = len(line)
    if held:
        yield held


def read_docx(path: str, file: BinaryIO, reading: Reading) -> Found:
    """The article of a Word document; the paragraph in the style Title, or a first heading, is its title."""
    raw = whole(file, "a Word document")
    _see_that_it_is_word(raw)
    try:
        import docx
    except ImportError:
        raise Unreadable(_missing("Word", "python-docx", "docx")) from None
    try:
        blocks = list(_blocks(docx.Document(io.BytesIO(raw))))
    except Exception as error:  # whatever the library makes of a broken document, it costs this one alone
        raise Unreadable(f"damaged Word document ({type(error).__name__}): save its text as .txt") from None
    title = ""
    if blocks and re.match(r"Title|Heading 1", blocks[0][0]):
        title = blocks.pop(0)[1]
    yield finish(path, Draft("\n".join(text for _, text in blocks), title=title), reading)


def _see_that_it_is_word(raw: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            names = {part.filename for part in parts.infolist()}
            size = sum(part.file_size for part in parts.infolist())
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as error:
        raise Unreadable(f"damaged Word document or zip archive ({' '.join(str(error).split())})") from None
    if "word/document.xml" not in names:
        raise Unreadable("is a zip archive or another Office document: save the article's text as .txt")
    if size > _UNPACKED:
        raise Unreadable(f"unpacks to more than {_UNPACKED / 1_000_000:g} MB: save its text as .txt")


def _blocks(document: Document) -> Iterator[tuple[str, str]]:
    """Style and text of each paragraph, and of each row of a table, in the order of the document."""
    for block in document.iter_inner_content():
        found: Any = block
        if hasattr(found, "rows"):
            for row in found.rows:
                cells = dict.fromkeys(" ".join(cell.text.split()) for cell in row.cells)
                if text := " | ".join(cell for cell in cells if cell):
                    yield "", text
        elif text := " ".join(found.text.split()):
            yield str(found.style.name if found.style else ""), text


def _missing(kind: str, library: str, extra: str) -> str:
    return f"{kind} needs {library}, which is not installed: pip install 'conflict-events[{extra}]'"
