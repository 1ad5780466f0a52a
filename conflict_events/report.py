"""The page of events: one HTML file with map, timeline, lists, table and evidence, which works without a network.

What articles and people wrote is hostile until it is shown: it goes into the page as JSON in which no character
means anything to HTML, and the page's script shows it as text only. The page's own script and style are named
to the browser by their hashes; it runs and loads nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .cartography import BOUNDS, COLOURS, LABELS, SHAPES, drawn
from .columns import FULL
from .events import Event
from .evidence import KINDS, marks, packaged_names
from .figures import (
    BORDERS,
    CODED,
    NONE,
    TYPES,
    coded,
    figures,
    headline,
    located,
    period,
    span,
    type_order,
    unit_for,
)
from .readers import Table

FOLDER = Path(__file__).parent / "page"
TITLE = "Conflict events in Syria"
MOST_BINS = 160
MOST_COMPLAINTS = 50

# Columns the page shows as text, by the page's name of them; `searched` are those its text filter looks into.
_TEXTS = {
    **{
        name: name
        for name, kind in FULL.items()
        if kind in ("text", "list", "date")
        and name not in ("event_date", "event_type", "sub_event_type", "disorder_type")
    },
    "sub": "sub_event_type",
}
_LEFT_OUT = ("iso", "region", "country")
_SEARCHED = (
    "sentence", "notes", "location", "admin1", "admin2", "admin3", "sub", "actor1", "actor2", "assoc_actor_1",
    "assoc_actor_2", "source", "article_title", "article_id", "event_id_cnty", "tags", "trigger",
)  # fmt: skip


def page(table: Table, *, title: str = TITLE, about: str = "") -> bytes:
    """The page as UTF-8, the same bytes for the same table, title and `about` (a line that names the file)."""
    counted = figures(table.events)
    parts = {
        "title": html.escape(title),
        "about": html.escape(", ".join(filter(None, [about, period(counted)]))),
        "headline": html.escape(headline(counted)),
        "footer": html.escape(" ".join([*([CODED] if coded(table.events) else []), BORDERS])),
        "style": _asset("report.css"),
        "script": _asset("report.js"),
        "data": embedded(_content(table)),
    }
    parts["policy"] = _policy(parts["style"], parts["script"])
    whole = re.sub(r"@@(\w+)@@", lambda match: parts[match[1]], _asset("report.html"))
    return whole.encode("utf-8", "xmlcharrefreplace")


def _asset(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """What the browser may do with the page: run this script, apply this style, and nothing else."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def embedded(content: Mapping[str, Any]) -> str:
    """JSON that can stand in a script element: nothing in it ends the element or begins another.

    Halves of characters, which no file can hold, become question marks.
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text.encode("utf-8", "replace").decode()


# ---- what the script reads ---------------------------------------------------------------------------


class _Strings:
    """Texts by number, each kept once."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        return self.numbers.setdefault(text, len(self.numbers))


def _content(table: Table) -> dict[str, Any]:
    events = table.events
    types = sorted({*TYPES, *(event.event_type or NONE for event in events)}, key=type_order)
    places = {name: number for number, name in enumerate(types)}
    strings = _Strings()
    between = span(events)
    names = packaged_names() if "sentence" in table.columns else {}
    return {
        "rows": len(events),
        "numbers": [line.number for line in table.lines],
        "types": types,
        "has": sorted(_has(table)),
        "columns": {
            "type": [places[event.event_type or NONE] for event in events],
            "day": [event.event_date.toordinal() - _EPOCH if event.event_date else None for event in events],
            "deaths": [event.fatalities for event in events],
            "lat": [event.latitude if located(event) else None for event in events],
            "lon": [event.longitude if located(event) else None for event in events],
            "geo_precision": [event.geo_precision for event in events],
            "time_precision": [event.time_precision for event in events],
            "confidence": [event.confidence or None for event in events],
            **_texts(events, strings),
        },
        "strings": list(strings.numbers),
        "marks": [
            [
                part
                for start, end, kind in marks(e, names)
                for part in (*_wide(e.sentence, start, end), KINDS.index(kind))
            ]
            for e in events
        ],
        "kinds": KINDS,
        "own": {str(number): line.own for number, line in enumerate(table.lines) if line.own},
        "searched": _SEARCHED,
        "undated": sum(event.event_date is None for event in events),
        "unlocated": sum(not located(event) for event in events),
        "unit": unit_for(*between, MOST_BINS) if between else "day",
        "complaints": _shortened(table.complaints),
        "outlines": [{"kind": one.kind, "lines": one.lines} for one in drawn()],
        "bounds": BOUNDS,
        "colours": COLOURS,
        "shapes": SHAPES,
        "labels": [asdict(label) for label in LABELS],
    }


_EPOCH = 719_163  # 1 January 1970


def _has(table: Table) -> set[str]:
    """The columns that hold anything in this file."""
    return {"confidence"} & {"confidence" for e in table.events if e.confidence} | {
        "sentence"
    } & table.columns


def _texts(events: Sequence[Event], strings: _Strings) -> dict[str, list[int]]:
    """The columns of text that hold anything, as numbers of texts."""
    found = {}
    for name, column in _TEXTS.items():
        if column in _LEFT_OUT:
            continue
        numbers = [strings.number(_text(getattr(event, column))) for event in events]
        if any(numbers):
            found[name] = numbers
    return found


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "; ".join(value)
    return "" if value is None else str(value)


def _wide(text: str, start: int, end: int) -> tuple[int, int]:
    """The offsets as JavaScript counts: characters beyond the basic plane are two."""
    if text.isascii():
        return start, end
    before = start + sum(c > "\uffff" for c in text[:start])
    return before, before + (end - start) + sum(c > "\uffff" for c in text[start:end])


def _shortened(complaints: Sequence[str]) -> list[str]:
    more = len(complaints) - MOST_COMPLAINTS
    return [*complaints[:MOST_COMPLAINTS], *([f"and {more} more"] if more > 0 else [])]
