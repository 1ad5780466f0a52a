"""Whatever is handed in, as articles: files, folders, standard input; text, Markdown, JSON, CSV, gzip.

Everything that can be wrong with an input ends as a Failure whose reason says what to do about it; nothing
here raises for the content of a file. Articles come one at a time, so a feed of any length fits in memory
when it is JSONL.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import gzip
import io
import json
import os
import re
import stat
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from . import dates
from .events import Article, Failure

LIMIT = 1_000_000  # characters of text an article may have
BYTES_A_CHARACTER = 6  # the longest a character can be: a JSON escape such as \u0627
DOCUMENT = 100_000_000  # bytes a whole JSON or CSV file may have; JSONL has no end

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
}
FIELDS = ("id", "title", "text", "published", "source", "url")


@dataclass(frozen=True, slots=True)
class _Reading:
    """What applies to every article of one call."""

    published: datetime.date | None = None
    source: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    limit: int = LIMIT
    note: Callable[[str], None] = lambda message: None

    def key(self, name: str) -> str:
        return self.names.get(name, name)

    def share(self, size: int) -> str:
        """A number of characters in words: "1 MB"."""
        return f"{size / 1_000_000:g} MB" if size >= 100_000 else f"{size:,} characters"


class _Unreadable(Exception):
    """Carries the reason of a Failure out of the functions below."""


Found = Iterator[Article | Failure]


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
) -> Found:
    """The articles of all paths, in order and one at a time, with a Failure where one cannot be read.

    A path is a file, a folder (read with its subfolders in the order of names, hidden files left out) or "-"
    for `stdin`. `published` and `source` win over what an article says of itself; `mapping` gives the names
    that a feed uses for our fields, {"text": "body"}; `limit` is the number of characters an article may
    have. `skip` lists files that a folder may hold but that are not articles, such as the output; `note`
    receives a line where files of a folder were passed over.

    An article's id is the record's own, else "path:line" in JSONL and CSV, "path:number" in a JSON list, and
    the path alone where the file is one article. Line ends are always "\\n" in the text.
    """
    reading = _Reading(published, source, dict(mapping or {}), limit, note or (lambda message: None))
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


def _folder(root: str, reading: _Reading, passed: set[str]) -> Found:
    strange: list[str] = []
    count = 0
    for path in _walk(root):
        if isinstance(path, Failure):
            yield path
        elif os.path.realpath(path) in passed:
            continue
        elif _suffix(path) in KINDS:
            count += 1
            yield from _file(path, reading)
        else:
            strange.append(path)
    if strange:
        endings = ", ".join(sorted({_suffix(path) or "no ending" for path in strange})[:8])
        reading.note(f"{root}: files passed over, not articles: {len(strange)} ({endings})")
    if not count:
        yield Failure(root, f"the folder holds no articles: expected files ending in {', '.join(KINDS)}")


def _walk(folder: str) -> Iterator[str | Failure]:
    try:
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
    except OSError as error:
        yield Failure(folder, _reason(error))
        return
    for entry in found:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)
        elif entry.is_file() or (entry.is_symlink() and not entry.is_dir()):
            yield entry.path


def _suffix(path: str) -> str:
    """The ending that says what a file is, without ".gz"."""
    place = Path(path)
    if place.suffix.lower() == ".gz":
        place = place.with_suffix("")
    return place.suffix.lower()


def _file(path: str, reading: _Reading) -> Found:
    try:
        with Path(path).open("rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                yield from _stream(path, file, reading)
                return
            yield from _guarded(path, _parts(path, file, KINDS.get(_suffix(path), "text"), reading))
    except OSError as error:
        yield Failure(path, _reason(error))
    except ValueError as error:  # a NUL in the path
        yield Failure(path.replace("\0", "\\0"), f"not a file name: {error}")


def _stream(path: str, file: BinaryIO | None, reading: _Reading) -> Found:
    """Standard input or a pipe: what it holds is seen from how it starts."""
    if file is None:
        yield Failure(path, "standard input is closed: name a file or pipe an article in")
        return
    yield from _guarded(path, _sniffed(path, file, reading))


def _guarded(path: str, found: Found) -> Found:
    """What `found` gives, and a Failure in place of any way in which reading can end early."""
    try:
        yield from found
    except _Unreadable as error:
        yield Failure(path, str(error))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        yield Failure(path, f"damaged gzip data ({_line(error)}): fetch or compress it again")
    except RecursionError:
        yield Failure(path, "the JSON is nested too deeply to be read")
    except OSError as error:
        yield Failure(path, _reason(error))


def _reason(error: OSError) -> str:
    advice = {
        FileNotFoundError: "no such file or folder",
        PermissionError: "not allowed to read it: check its permissions",
        IsADirectoryError: "is a folder that cannot be read as a file",
    }
    return advice.get(type(error), f"cannot be read: {error.strerror or _line(error)}")


def _line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _plain(file: BinaryIO, reading: _Reading) -> BinaryIO:
    """The file, unpacked where it starts as gzip does, whatever its name, and UTF-16 turned into UTF-8."""
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(_Raw(file))
    if buffered.peek(2)[:2] == b"\x1f\x8b":
        buffered = io.BufferedReader(gzip.GzipFile(fileobj=buffered))
    if buffered.peek(2)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = _whole(buffered, reading, "UTF-16 text")
        return io.BufferedReader(_Raw(io.BytesIO(text.encode("utf-8", "surrogatepass"))))
    return buffered


class _Raw(io.RawIOBase):
    """Any object with `read` as the raw stream that a BufferedReader needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


# ---- what the bytes are ------------------------------------------------------------------------------


def _parts(path: str, stored: BinaryIO, kind: str, reading: _Reading) -> Found:
    file = _plain(stored, reading)
    if kind == "jsonl":
        yield from _json_lines(path, _lines(file, reading), reading)
    elif kind == "json":
        yield from _json(path, _whole(file, reading, "JSON"), reading)
    elif kind == "csv":
        yield from _csv(path, _whole(file, reading, "CSV"), reading)
    else:
        text = _article_text(file, kind, reading)
        yield (
            _markdown(path, text, reading) if kind == "markdown" else _article(path, {"text": text}, reading)
        )


def _sniffed(path: str, stream: BinaryIO, reading: _Reading) -> Found:
    file = _plain(stream, reading)
    first = file.readline(BYTES_A_CHARACTER * reading.limit)
    if _is_object(first):
        yield from _json_lines(path, _after(first, _lines(file, reading)), reading)
        return
    rest = _Joined(first, file)
    if re.match(rb"(\xef\xbb\xbf)?\s*(\{\s*(\"|$)|\[\s*(\{|$))", first):
        yield from _json(path, _whole(rest, reading, "JSON"), reading)
    elif _is_header(first, reading.key("text")):
        yield from _csv(path, _whole(rest, reading, "CSV"), reading)
    else:
        yield _article(path, {"text": _article_text(rest, "text", reading)}, reading)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line.decode("utf-8-sig")), dict)
    except (ValueError, RecursionError):
        return False


def _is_header(line: bytes, name: str) -> bool:
    """True where the line is a CSV header with a column for the text, and surely not a sentence."""
    fields = re.split("[,\t]", line.decode("utf-8-sig", "replace").strip())
    names = [cell.strip('" ') for cell in fields]
    return name in names and len(names) > 1 and all(re.fullmatch(r"[\w .-]{1,40}", cell) for cell in names)


class _Joined(io.BytesIO):
    """Bytes already read, followed by the rest of the stream they came from."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        super().__init__(head)
        self._rest = rest

    def read(self, size: int | None = -1, /) -> bytes:
        head = super().read(size)
        if size is None or size < 0:
            return head + self._rest.read()
        return head + self._rest.read(size - len(head)) if len(head) < size else head


def _read(file: BinaryIO, size: int) -> bytes:
    """All bytes of the file, or size + 1 of them where there are more."""
    parts, left = [], size + 1
    while left and (part := file.read(left)):
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _article_text(file: BinaryIO, kind: str, reading: _Reading) -> str:
    raw = _read(file, 4 * reading.limit)
    if len(raw) > 4 * reading.limit:
        raise _Unreadable(_too_long(reading))
    text = decode(raw)
    if kind == "html" or re.match(r"\s*<(!doctype html|html[\s>])", text, re.IGNORECASE):
        raise _Unreadable("is a web page, which is not read yet: save the article's text as .txt")
    return text


def _whole(file: BinaryIO, reading: _Reading, kind: str) -> str:
    size = max(DOCUMENT, BYTES_A_CHARACTER * reading.limit)
    raw = _read(file, size)
    if len(raw) > size:
        raise _Unreadable(
            f"holds more than {reading.share(size)} of {kind}: split it, or write one article a line (.jsonl)"
        )
    return decode(raw)


def _too_long(reading: _Reading) -> str:
    return f"text is longer than {reading.share(reading.limit)}: split it, or raise the limit with --limit"


def _after(first: bytes, rest: Iterator[tuple[int, bytes | None]]) -> Iterator[tuple[int, bytes | None]]:
    yield 1, first
    for number, line in rest:
        yield number + 1, line


def _lines(file: BinaryIO, reading: _Reading) -> Iterator[tuple[int, bytes | None]]:
    """Each line with its number, from 1; None in place of a line too long to hold an article."""
    size = BYTES_A_CHARACTER * reading.limit + 65_536
    most = max(DOCUMENT, size)
    number = 0
    while line := file.readline(size):
        number += 1
        if len(line) < size or line.endswith(b"\n"):
            yield number, line
            continue
        yield number, None
        passed = size
        while line and not line.endswith(b"\n"):
            line = file.readline(size)
            passed += len(line)
            if passed > most:
                raise _Unreadable(f"line {number} does not end: the rest of the file is not read")


# ---- bytes to text -----------------------------------------------------------------------------------

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
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


def decode(raw: bytes) -> str:
    """The text of the bytes: by their byte order mark, else as UTF-8, else by the likeliest other encoding.

    Raises _Unreadable where they are no text.
    """
    for magic, what in _MAGIC:
        if raw.startswith(magic):
            raise _Unreadable(f"is {what}, not text: save the article's text as .txt")
    text = _decoded(raw)
    controls = sum(1 for c in text[:100_000] if c < " " and c not in "\t\n\r\f\v\x1b")
    if "\0" in text or controls > len(text[:100_000]) / 50:
        raise _Unreadable("is binary data, not text: save the article's text as .txt")
    return text


def _decoded(raw: bytes) -> str:
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
    # English text with a few bytes above 127 is Windows-1252, if it can be; a guess from so few is worse
    if sum(byte > 0x7F for byte in raw) * 20 <= len(raw):
        try:
            return raw.decode("cp1252")
        except UnicodeDecodeError:
            pass
    return _detected(raw) or mended


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


# ---- text to articles --------------------------------------------------------------------------------


def _json_lines(path: str, lines: Iterable[tuple[int, bytes | None]], reading: _Reading) -> Found:
    empty = True
    for number, line in lines:
        name = f"{path}:{number}"
        if line is None:
            yield Failure(name, _too_long(reading))
        elif line.strip():
            try:
                yield _record(name, json.loads(decode(line)), reading)
            except json.JSONDecodeError as error:
                yield Failure(name, f"not valid JSON at column {error.colno} ({error.msg})")
            except _Unreadable as error:
                yield Failure(name, str(error))
            except (RecursionError, ValueError) as error:
                yield Failure(name, f"cannot be read as JSON ({_line(error)})")
        empty = empty and line is not None and not line.strip()
    if empty:
        raise _Unreadable("is empty")


def _json(path: str, text: str, reading: _Reading) -> Found:
    if not text.strip():
        raise _Unreadable("is empty")
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data" and _is_object(text.strip().split("\n")[0].encode()):
            lines = ((number, line.encode()) for number, line in enumerate(text.split("\n"), 1))
            yield from _json_lines(path, lines, reading)
            return
        where = f"line {error.lineno}, column {error.colno}"
        raise _Unreadable(f"not valid JSON at {where} ({error.msg}): is the file complete?") from None
    except ValueError as error:
        raise _Unreadable(f"cannot be read as JSON ({_line(error)})") from None
    if isinstance(content, dict) and reading.key("text") not in content:
        content = content.get("articles", content)
    if isinstance(content, list):
        if not content:
            raise _Unreadable("the JSON list holds no articles")
        for number, record in enumerate(content, 1):
            yield _record(f"{path}:{number}", record, reading)
    else:
        yield _record(path, content, reading)


def _csv(path: str, text: str, reading: _Reading) -> Found:
    if not text.strip():
        raise _Unreadable("is empty")
    csv.field_size_limit(max(csv.field_size_limit(), DOCUMENT))
    header = text.split("\n", 1)[0]
    delimiter = max("\t,;", key=header.count)  # a tie, as with one column, gives the first: harmless
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    line = 1
    try:
        names = next(rows)
        if reading.key("text") not in names:
            raise _Unreadable(_no_text(names, reading))
        line = rows.line_num + 1
        for cells in rows:
            if any(cell.strip() for cell in cells):
                yield _record(f"{path}:{line}", dict(zip(names, cells, strict=False)), reading)
            line = rows.line_num + 1
    except csv.Error as error:
        raise _Unreadable(f"not valid CSV near line {line} ({error})") from None


def _no_text(names: Iterable[object], reading: _Reading) -> str:
    shown = ", ".join(_short(str(name)) for name in list(names)[:12])
    if "event_id_cnty" in shown:
        return "is a table of events, not of articles"
    return (
        f'no field "{reading.key("text")}" among {shown or "none"}: name the right one with --map text=NAME'
    )


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 40 else text[:37] + "..."


def _record(path: str, record: object, reading: _Reading) -> Article | Failure:
    if not isinstance(record, dict):
        return Failure(path, 'expected a JSON object with a field "text"')
    if reading.key("text") not in record:
        return Failure(path, _no_text(record, reading))
    text = record[reading.key("text")]
    if text is not None and not isinstance(text, str):
        return Failure(path, f'the field "{reading.key("text")}" is not text')
    fields = {name: _scalar(record.get(reading.key(name))) for name in FIELDS}
    return _article(path, {**fields, "text": text or ""}, reading)


def _scalar(value: object) -> str:
    """A metadata field as one line of text; objects and lists, which say nothing here, as none."""
    return " ".join(str(value).split()) if isinstance(value, str | int) and value is not True else ""


def _article(path: str, fields: Mapping[str, str], reading: _Reading) -> Article | Failure:
    text = _clean(fields["text"])
    if not text.strip():
        return Failure(path, "is empty: there is no text to read")
    if len(text) > reading.limit:
        return Failure(path, _too_long(reading))
    language = foreign(text)
    if language:
        return Failure(path, f"is not in English but {language}: only English is read, translate it first")
    published, basis = _published(path, text, fields.get("published", ""), reading)
    return Article(
        text=text,
        id=_clean(fields.get("id", "")) or path,
        title=_clean(fields.get("title", "")),
        published=published,
        published_basis=basis,
        source=reading.source or _clean(fields.get("source", "")),
        url=_clean(fields.get("url", "")),
    )


def _clean(text: str) -> str:
    """The text with "\\n" line ends and no half characters, which no file could hold again."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _published(path: str, text: str, stated: str, reading: _Reading) -> tuple[datetime.date | None, str]:
    """The day of publication and where it was found (design: option, metadata, dateline, file name)."""
    if reading.published:
        return reading.published, "option"
    day = dates.read_date(stated) if stated else None
    if day:
        return day, "metadata"
    return dates.publication_date(text, "" if path == "-" else _file_name(path))


def _file_name(path: str) -> str:
    return Path(re.sub(r":\d+$", "", path)).name


_KEY = re.compile(r"([A-Za-z_][\w-]*)\s*:\s*(.*?)\s*")


def _markdown(path: str, text: str, reading: _Reading) -> Article | Failure:
    """An article of Markdown: front matter and first heading as metadata, the rest as text without marks."""
    text = _clean(text)
    front, body = _front_matter(text)
    title = re.match(r"\s*#\s+(.+?)\s*#*\s*(?:\n|$)", body)
    if title:
        front.setdefault("title", title[1])
        body = body[title.end() :]
    front["published"] = front.get("published") or front.get("date") or ""
    wanted = {name: front.get(reading.key(name), front.get(name, "")) for name in FIELDS}
    return _article(path, {**wanted, "text": _without_marks(body)}, reading)


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


# ---- language ----------------------------------------------------------------------------------------

# the commonest words of each language; those of another that English has too say nothing
_ENGLISH = (
    "the of and to in on a an is at as that was were with from by has have had which their its for been "
    "after said"
)
_OTHERS: Mapping[str, str] = {
    "French": "le la les des du et dans une est sur pour par avec qui sont ont aux cette",
    "Spanish": "el la los las del de en que una por con para se fue han como más",
    "German": "der die das und den von mit ist im auf dem für nicht ein eine wurde bei nach",
    "Turkish": "ve bir bu için ile olarak da de olan çok daha sonra kadar ise ancak gibi",
    "Italian": "il la di che e del della nel per con una sono gli è dei alla stato",
    "Portuguese": "o os de da que em um uma para com por não foi dos",
    "Dutch": "de het een van en dat op te zijn met voor door niet werd bij",
    "Kurdish": "û li ji bi di de ku ya yên ew jî bo ne",
}
_ENOUGH_LETTERS, _ENOUGH_WORDS = 40, 50


def foreign(text: str) -> str:
    """The language or script of text that is surely not English, else "".

    Cautious on purpose: short texts and English full of foreign names pass. A script counts where it makes
    more than two thirds of the letters; another Latin-script language where its commonest words outnumber the
    English ones and make a tenth of all words.
    """
    sample = text[:20_000]
    letters = [c for c in sample if c.isalpha()]
    if len(letters) < _ENOUGH_LETTERS:
        return ""
    others = [c for c in letters if c > "\u024f" and not "\u1e00" <= c <= "\u1eff"]
    if len(others) * 3 > len(letters) * 2:
        return f"in {unicodedata.name(others[0], 'another').split()[0].capitalize()} script"
    words = re.findall(r"[^\W\d_]+", sample.lower())
    if len(words) < _ENOUGH_WORDS:
        return ""
    english = _hits(words, _ENGLISH)
    counts = {name: _hits(words, common) for name, common in _OTHERS.items()}
    likely = max(counts, key=lambda name: counts[name])
    surely = counts[likely] > 2 * english and counts[likely] * 10 > len(words)
    return f"in {likely}" if surely else ""


def _hits(words: list[str], common: str) -> int:
    known = frozenset(common.split())
    return sum(word in known for word in words)
