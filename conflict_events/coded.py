"""Coded events, read leniently: an export of ACLED in old or new columns, or a table of one's own.

Here is also what two spellings of one name share (docs/evaluation.md says so for users), and the note of a
coded row as an article.
"""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .columns import TableError, unguarded
from .events import Article
from .publication import read_date

# ---- names -------------------------------------------------------------------------------------------

_YEARS = re.compile(r"\((?:1[89]|20)\d\d\s*-[^)]*\).*", re.DOTALL)
_SHORT = re.compile(r"^\s*[A-Za-z]{2,6}:\s+(?=\w)")
# What ACLED has called one actor at different times, folded.
_SAME_ACTOR = {
    "islamic state in iraq and the levant isil": "islamic state",
    "islamic state in iraq and the levant": "islamic state",
    "daesh": "islamic state",
    "labor group": "labour group",
}
_ARTICLES = frozenset("al ar as ash ad adh an at ath az el ed es et ez".split())
# Usual spellings of governorates beside ACLED's, folded as admin_key folds.
_SAME_ADMIN = {
    "idlib": "idleb",
    "hasakah": "hasakeh",
    "hasaka": "hasakeh",
    "daraa": "dara",
    "deirezor": "deirzor",
    "derzor": "deirzor",
    "raqah": "raqa",
    "suwayda": "sweida",
    "suweida": "sweida",
    "swayda": "sweida",
    "sweidaa": "sweida",
    "tartus": "tartous",
    "rifdimashq": "ruraldamascus",
    "damascuscountryside": "ruraldamascus",
    "qunaytirah": "quneitra",
}


def _folded(name: str) -> str:
    """The name in lower-case ASCII, its words parted by single spaces; apostrophes vanish."""
    if not name.isascii():
        from unidecode import unidecode

        name = unidecode(name)
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"['`]", "", name).lower()))


@lru_cache(maxsize=8192)
def actor_key(name: str) -> str:
    """What spellings of one actor share: no years and no unit behind them, no short form, no "(Syria)"."""
    bare = _YEARS.sub(" ", _SHORT.sub("", name.replace("(Syria)", " ")))
    key = re.sub(r"\bdefense\b", "defence", _folded(bare))
    return _SAME_ACTOR.get(key, key)


@lru_cache(maxsize=1024)
def admin_key(name: str) -> str:
    """What two spellings of one governorate share: no article, no marks, no doubled letters."""
    words = _folded(name).split()
    kept = [word for word in words if word not in _ARTICLES] or words
    key = re.sub(r"([a-z])\1+", r"\1", "".join(kept))
    return _SAME_ADMIN.get(key, key)


# ---- coded events ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Coded:
    """One row of either table. None stands for a column that the table does not have, or cannot be read.

    `texts` are the articles that tell it; `where` is the row's place in its file, for messages.
    """

    id: str = ""
    texts: tuple[str, ...] = ()
    where: str = ""
    event_date: datetime.date | None = None
    time_precision: int | None = None
    event_type: str | None = None
    sub_event_type: str | None = None
    actor1: str | None = None
    actor2: str | None = None
    associates: frozenset[str] | None = None
    admin1: str | None = None
    location: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    geo_precision: int | None = None
    fatalities: int | None = None
    confidence: float | None = None
    notes: str = ""
    syrian: bool = True

    @property
    def sides(self) -> frozenset[str]:
        """The main actors, as they are compared, in no order."""
        return frozenset(filter(None, (actor_key(self.actor1 or ""), actor_key(self.actor2 or ""))))


def coded(cells: Mapping[str, Any], where: str = "") -> Coded:
    """The coded event of a row with ACLED's columns, in whatever capitals.

    Raises TableError naming the column whose value cannot be read.
    """
    row = {str(name).strip().lower(): value for name, value in cells.items() if name}
    texts = _text(row, "article_id") or ""
    associates = [_text(row, name) for name in ("assoc_actor_1", "assoc_actor_2")]
    return Coded(
        id=_text(row, "event_id_cnty") or "",
        texts=tuple(filter(None, texts.split("; "))),
        where=where,
        event_date=_read(row, "event_date", _day, "a date"),
        time_precision=_read(row, "time_precision", _whole, "a whole number"),
        event_type=_text(row, "event_type"),
        sub_event_type=_text(row, "sub_event_type"),
        actor1=_text(row, "actor1"),
        actor2=_text(row, "actor2"),
        associates=None if associates == [None, None] else _listed(associates),
        admin1=_text(row, "admin1"),
        location=_text(row, "location"),
        latitude=_read(row, "latitude", float, "a number"),
        longitude=_read(row, "longitude", float, "a number"),
        geo_precision=_read(row, "geo_precision", _whole, "a whole number"),
        fatalities=_read(row, "fatalities", _whole, "a whole number"),
        confidence=_read(row, "confidence", float, "a number"),
        notes=_text(row, "notes") or "",
        syrian=_syrian(row),
    )


def _text(row: Mapping[str, Any], name: str) -> str | None:
    if name not in row:
        return None
    return " ".join(str(row[name]).split()) if row[name] is not None else ""


def _listed(cells: Iterable[str | None]) -> frozenset[str]:
    return frozenset(key for cell in cells for name in (cell or "").split(";") if (key := actor_key(name)))


def _read(row: Mapping[str, Any], name: str, read: Callable[[str], Any], what: str) -> Any:
    text = _text(row, name)
    if not text:
        return None
    try:
        return read(text)
    except ValueError:
        raise TableError(f'{name}: cannot read "{text[:40]}" as {what}') from None


def _whole(text: str) -> int:
    number = float(text)
    if number != number // 1:
        raise ValueError(text)
    return int(number)


@lru_cache(maxsize=16384)
def _day(text: str) -> datetime.date:
    """A day as ACLED has written it: 2020-05-09, 09 May 2020, 9-May-20."""
    short = re.fullmatch(r"(\d{1,2}[- ][A-Za-z]{3}[- ])(\d\d)", text)
    day = read_date(short[1] + "20" + short[2] if short else text)
    if day is None:
        raise ValueError(text)
    return day


def _syrian(row: Mapping[str, Any]) -> bool:
    country, iso = _text(row, "country"), _text(row, "iso")
    if country:
        return _folded(country) in {"syria", "syrian arab republic"}
    return not iso or iso.split(".")[0] == "760"


# ---- reading -----------------------------------------------------------------------------------------

_BINARY = (
    (b"PK", "an Excel workbook or zip archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"%PDF", "a PDF document"),
)
_NEEDED = ("event_date", "sub_event_type")


def read_coded(raw: bytes, name: str, *, may_be_empty: bool = False) -> list[Coded]:
    """The rows of a table of events: CSV with , ; or TAB, JSON (a list, or ACLED's API answer), or JSONL.

    `may_be_empty` is for what extract wrote where it found no event. Raises TableError in one line that says
    what to do: `gold.csv:3: fatalities: cannot read "many" …`.
    """
    rows: list[Coded] = []
    text = _decoded(raw, name)
    if may_be_empty and not text.strip():
        return rows
    for where, cells in _rows(text, name):
        known = {str(column).strip().lower() for column in cells if column}
        missing = [column for column in _NEEDED if column not in known]
        if missing:
            raise TableError(
                f"{where}: no column {' and no column '.join(missing)}: expected ACLED's columns"
            )
        try:
            rows.append(coded(cells, where))
        except TableError as error:
            raise TableError(f"{where}: {error}") from None
    if not rows and not may_be_empty:
        raise TableError(f"{name}: holds no rows")
    return rows


def _decoded(raw: bytes, name: str) -> str:
    for magic, what in _BINARY:
        if raw.startswith(magic):
            raise TableError(f"{name}: is {what}: save or unpack it as .csv, .json or .jsonl")
    if b"\0" in raw[:4096]:
        raise TableError(f"{name}: is not UTF-8 text: save it as .csv in UTF-8")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _rows(text: str, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    start = text.lstrip()[:1]
    if not start:
        raise TableError(f"{name}: is empty")
    if start in "[{":
        yield from _json_rows(text, name)
        return
    csv.field_size_limit(max(csv.field_size_limit(), 10_000_000))
    header = text.lstrip().split("\n", 1)[0]
    reader = csv.DictReader(io.StringIO(text.lstrip(), newline=""), delimiter=max(",;\t", key=header.count))
    try:
        for cells in reader:
            yield (
                f"{name}:{reader.line_num}",
                {k: unguarded(v) for k, v in cells.items() if k and isinstance(v, str)},
            )
    except csv.Error as error:
        raise TableError(f"{name}:{reader.line_num}: not valid CSV ({error})") from None


def _json_rows(text: str, name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if error.msg != "Extra data":
            raise TableError(f"{name}:{error.lineno}: not valid JSON ({error.msg})") from None
        content = [
            _json_line(line, f"{name}:{n}") for n, line in enumerate(text.split("\n"), 1) if line.strip()
        ]
    except (ValueError, RecursionError) as error:
        raise TableError(f"{name}: cannot be read as JSON ({error})") from None
    if isinstance(content, dict):
        content = content.get("data", [content])
    for number, cells in enumerate(content if isinstance(content, list) else [None], 1):
        if not isinstance(cells, dict):
            raise TableError(f"{name}: row {number}: expected a JSON object with ACLED's columns")
        yield f"{name}: row {number}", cells


def _json_line(line: str, where: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TableError(f"{where}: not valid JSON ({error})") from None


# ---- notes as articles -------------------------------------------------------------------------------

_LABEL = re.compile(r"^[A-Z][A-Za-z /-]{3,40}: ")
_SIZE = re.compile(r"\[ ?size ?=[^\]]*\]")
_CODED = re.compile(
    r"\bcoded (?:as|to|at|for)\b|\bsplit\b|\b(?:distributed|spread) (?:over|across|between)\b", re.I
)
_A_DAY = re.compile(
    r"\b\d{1,2}(?:st|nd|rd|th)?[ -](?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)|"
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}\b|\b\d{4}-\d\d-\d\d\b"
)
FRIDAY = 4


def note_text(notes: str) -> str:
    """The note without what only a coder knows: the label in front, the crowd size, how deaths were coded."""
    sentences = re.split(r"(?<=[.!?])\s+", _SIZE.sub("", _LABEL.sub("", notes)))
    return " ".join(s for s in sentences if not _CODED.search(s)).strip()


def derived(notes: str) -> bool:
    """True where the coder made the deaths from what the note does not tell: a split total, a plural."""
    return bool(_CODED.search(notes))


def names_a_day(notes: str) -> bool:
    """True where the note says the day of its event."""
    return bool(_A_DAY.search(notes))


def week_end(day: datetime.date) -> datetime.date:
    """The Friday that ends ACLED's week, Saturday to Friday, of the day."""
    return day + datetime.timedelta(days=(FRIDAY - day.weekday()) % 7)


def notes_as_articles(gold: Iterable[Coded]) -> tuple[list[Coded], list[Article]]:
    """The rows that have a note and an id of their own, and their notes as articles.

    An article's id is the row's, or its place in the file; it is published at the end of the event's week.
    """
    kept: dict[str, Coded] = {}
    articles = []
    for one in gold:
        text, name = note_text(one.notes), one.id or one.where
        if not text or name in kept:
            continue
        published = week_end(one.event_date) if one.event_date else None
        basis = "metadata" if published else ""
        kept[name] = replace(one, id=name)
        articles.append(Article(text, id=name, published=published, published_basis=basis))
    return list(kept.values()), articles
