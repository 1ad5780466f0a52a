"""Bytes as text, and the ways in which bytes are not the text they should be.

Everything here is bounded: compressed data are unpacked only as far as they are read, and a document of
more bytes than it may have is not read to its end.
"""

from __future__ import annotations

import codecs
import gzip
import io
import logging
import re
import zlib
from typing import BinaryIO

DOCUMENT = 100_000_000  # bytes a file may have that is read as a whole; JSONL and web archives have no end
HEAD = 4096  # bytes from whose look the kind of a file is told


class Unreadable(Exception):
    """Carries the reason of a Failure, one line for the person who has to mend it, out of a reader."""


_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_LOOK = 100_000  # characters in which control characters are counted
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"PK\x03\x04", "an Office document or zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office document"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\x1f\x8b", "gzip data inside gzip data"),
)


# ---- reading -----------------------------------------------------------------------------------------


DAMAGED = (gzip.BadGzipFile, EOFError, zlib.error)  # what reading broken gzip data raises


def plain(file: BinaryIO) -> tuple[bytes, BinaryIO]:
    """The first bytes of the file and the whole of it, unpacked where it starts as gzip does.

    UTF-16 with a byte order mark comes as UTF-8, so that it has lines. Raises Unreadable where that is more
    than DOCUMENT bytes, and one of DAMAGED where gzip data give nothing; where they end too early, what there
    is can be read before that is raised.
    """
    head, whole_file = _begun(file)
    if head.startswith(b"\x1f\x8b"):
        head, whole_file = _begun(gzip.GzipFile(fileobj=whole_file))
    if head.startswith(_WIDE) and not head.startswith(codecs.BOM_UTF32_LE):
        text = decode(whole(whole_file, "UTF-16 text"))
        return _begun(io.BytesIO(text.encode("utf-8", "surrogatepass")))
    return head, whole_file


class After(io.RawIOBase):
    """Bytes already read, and after them the rest of the stream they came from, or the error it ended with."""

    def __init__(self, head: bytes, rest: BinaryIO | gzip.GzipFile, error: Exception | None = None) -> None:
        self._head = io.BytesIO(head)
        self._rest = rest
        self._error = error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._head.read(len(buffer))
        if not data and self._error:
            raise self._error
        data = data or _some(self._rest, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _begun(file: BinaryIO | gzip.GzipFile) -> tuple[bytes, BinaryIO]:
    head, error = b"", None
    try:
        while len(head) < HEAD and (part := _some(file, HEAD - len(head))):
            head += part
    except DAMAGED as damage:
        if not head:
            raise
        error = damage
    return head, io.BufferedReader(After(head, file, error))


def _some(file: BinaryIO | gzip.GzipFile, size: int) -> bytes:
    """At least one byte and at most `size`, unless the file has ended: what comes before an error is not lost."""
    return file.read1(size) if isinstance(file, io.BufferedIOBase) else file.read(size)


def up_to(file: BinaryIO, size: int) -> bytes:
    """All bytes of the file, or size + 1 of them where there are more."""
    parts, left = [], size + 1
    while left and (part := file.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def whole(file: BinaryIO, kind: str, size: int = DOCUMENT, advice: str = "split it") -> bytes:
    """All bytes of the file; Unreadable, naming its `kind` and giving `advice`, where they are more than `size`."""
    raw = up_to(file, size)
    if len(raw) > size:
        raise Unreadable(f"holds more than {size / 1_000_000:g} MB of {kind}: {advice}")
    return raw


def hush(*libraries: str) -> None:
    """Keeps the libraries from writing their own remarks to standard error."""
    for name in libraries:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)


# ---- bytes to text -----------------------------------------------------------------------------------


def decode(raw: bytes, declared: str = "") -> str:
    """The text of the bytes: by their byte order mark, else as UTF-8, else by the likeliest other encoding.

    `declared` is the encoding that the document says it has; valid UTF-8 is taken for what it is all the
    same. Raises Unreadable where the bytes are no text.
    """
    for magic, what in _MAGIC:
        if raw.startswith(magic):
            raise Unreadable(f"is {what}, not text: save the article's text as .txt")
    text = _decoded(raw, declared)
    controls = len(_CONTROLS.findall(text, 0, _LOOK))
    if "\0" in text or controls * 50 > min(len(text), _LOOK):
        raise Unreadable("is binary data, not text: save the article's text as .txt")
    return text


def _decoded(raw: bytes, declared: str) -> str:
    for mark, name in _BOMS:
        if raw.startswith(mark):
            return raw.decode(name, "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        pass
    mended = raw.decode("utf-8", "replace")
    other = sum(1 for c in mended if c > "\x7f")
    damaged = mended.count("\ufffd")
    if damaged * 10 <= other - damaged:  # UTF-8 with a few broken bytes, cut in transport
        return mended
    if b"\0" in raw:
        return _wide(raw)
    if text := _as_declared(raw, declared):
        return text
    # English text with a few bytes above 127 is Windows-1252, if it can be; a guess from so few is worse
    if sum(byte > 0x7F for byte in raw) * 20 <= len(raw):
        try:
            return raw.decode("cp1252")
        except UnicodeDecodeError:
            pass
    return _detected(raw) or mended


def _as_declared(raw: bytes, declared: str) -> str:
    """The text in the encoding that the document declares; "" where it has none or cannot be in it."""
    name = re.sub(r"[^\w.:-]", "", declared).lower()
    if name in {"iso-8859-1", "latin1", "latin-1", "us-ascii", "ascii"}:
        name = "cp1252"  # as browsers read it (WHATWG Encoding Standard, "Names and labels")
    try:
        text = raw.decode(name, "replace") if name and not name.startswith("utf") else ""
    except (LookupError, ValueError, AssertionError):  # no such encoding, or one that gives no text
        return ""
    return text if text.count("\ufffd") * 100 <= len(text) else ""


def _wide(raw: bytes) -> str:
    """UTF-16 without a mark, told by where its zero bytes are."""
    odd, even = raw[1::2].count(0), raw[::2].count(0)
    if odd > 4 * even and odd * 4 > len(raw):
        return raw.decode("utf-16-le", "replace")
    if even > 4 * odd and even * 4 > len(raw):
        return raw.decode("utf-16-be", "replace")
    return "\0"


def _detected(raw: bytes) -> str | None:
    from charset_normalizer import from_bytes

    best = from_bytes(raw[:200_000]).best()
    return raw.decode(best.encoding, "replace") if best else None
