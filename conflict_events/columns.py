"""The columns of a row: their names, order, kinds and HXL tags, and an event as the cells of one row.

A column is an entry of COLUMNS (name, kind). What starts like a formula is guarded here, for every kind of
spreadsheet in the same way.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from .events import Event

ID = "event_id_cnty"
# ACLED's columns in ACLED's order, then what a row was made from, each with the kind of its values.
ACLED: Mapping[str, str] = {
    "event_id_cnty": "text",
    "event_date": "date",
    "year": "count",
    "time_precision": "count",
    "disorder_type": "text",
    "event_type": "text",
    "sub_event_type": "text",
    "actor1": "text",
    "assoc_actor_1": "list",
    "inter1": "inter",
    "actor2": "text",
    "assoc_actor_2": "list",
    "inter2": "inter",
    "interaction": "interaction",
    "civilian_targeting": "text",
    "iso": "count",
    "region": "text",
    "country": "text",
    "admin1": "text",
    "admin2": "text",
    "admin3": "text",
    "location": "text",
    "latitude": "decimal",
    "longitude": "decimal",
    "geo_precision": "count",
    "source": "list",
    "source_scale": "text",
    "notes": "text",
    "fatalities": "count",
    "tags": "list",
    "timestamp": "count",
}
FULL: Mapping[str, str] = {
    **ACLED,
    "article_id": "list",
    "article_title": "text",
    "article_url": "text",
    "published": "date",
    "sentence": "text",
    "start": "count",
    "end": "count",
    "trigger": "text",
    "rule": "text",
    "place_id": "text",
    "place_text": "text",
    "date_text": "text",
    "date_basis": "text",
    "fatalities_text": "text",
    "confidence": "decimal",
}
COLUMNS: Mapping[str, Mapping[str, str]] = {"acled": ACLED, "full": FULL}

# HXL hashtags (hxlstandard.org), those that HDX uses for ACLED's data where it has one; the evidence has none.
HXL: Mapping[str, str] = {
    "event_id_cnty": "#event+code",
    "event_date": "#date+occurred",
    "year": "#date+year",
    "time_precision": "#date+precision",
    "disorder_type": "#event+category",
    "event_type": "#event+type",
    "sub_event_type": "#event+type+sub",
    "actor1": "#group+name+first",
    "assoc_actor_1": "#group+name+first+assoc",
    "inter1": "#group+type+first",
    "actor2": "#group+name+second",
    "assoc_actor_2": "#group+name+second+assoc",
    "inter2": "#group+type+second",
    "interaction": "#group+type+interaction",
    "civilian_targeting": "#event+civilians",
    "iso": "#country+code+num",
    "region": "#region+name",
    "country": "#country+name",
    "admin1": "#adm1+name",
    "admin2": "#adm2+name",
    "admin3": "#adm3+name",
    "location": "#loc+name",
    "latitude": "#geo+lat",
    "longitude": "#geo+lon",
    "geo_precision": "#geo+precision",
    "source": "#meta+source",
    "source_scale": "#meta+source+scale",
    "notes": "#description",
    "fatalities": "#affected+killed",
    "tags": "#event+tags",
    "timestamp": "#meta+timestamp",
}

INTER = {
    1: "State forces",
    2: "Rebel group",
    3: "Political militia",
    4: "Identity militia",
    5: "Rioters",
    6: "Protesters",
    7: "Civilians",
    8: "External/Other forces",
}


def _interaction_labels() -> dict[int, str]:
    """ACLED's label of every pair of actor types: the lower code first, but civilians always last."""
    labels = {}
    for first, name in INTER.items():
        labels[first * 10] = f"{name} only"
        for second in range(first, 9):
            labels[first * 10 + second] = f"{name}-{INTER[second]}"
    labels[78] = f"{INTER[8]}-{INTER[7]}"
    return labels


INTERACTION = _interaction_labels()
LABELS = {"inter": INTER, "interaction": INTERACTION}
CODES = {kind: {label: code for code, label in labels.items()} for kind, labels in LABELS.items()}

Value = str | int | float | None


class TableError(ValueError):
    """A table that cannot be read or written; the message says where and what to do."""


# ---- one event as a row ------------------------------------------------------------------------------


def row(event: Event, columns: str = "acled", *, inter_codes: bool = False) -> dict[str, Value]:
    """The event's cells by column, in order: text, numbers (coordinates with 4 decimals), None where unknown.

    Dates are ISO text, lists are joined by "; ".
    """
    return {name: _cell(getattr(event, name), kind, inter_codes) for name, kind in COLUMNS[columns].items()}


def _cell(value: Any, kind: str, inter_codes: bool) -> Value:
    if kind in LABELS:
        return int(value) if inter_codes else (LABELS[kind].get(value, str(value)) if value else None)
    if value is None or value == "":
        return None
    if kind == "date":
        return str(value.isoformat())
    if kind == "list":
        return "; ".join(value) or None
    if kind == "decimal":
        return round(float(value), 4) + 0.0  # no minus zero
    return int(value) if kind == "count" else str(value)


def from_row(cells: Mapping[str, Any]) -> Event:
    """The event of a row as `row` gives it or as a file holds it; columns that are absent keep their default.

    Raises TableError naming the column whose value cannot be read.
    """
    values = {}
    for name, kind in FULL.items():
        if name in cells:
            try:
                values[name] = from_cell(cells[name], kind)
            except (ValueError, TypeError):
                raise TableError(f"{name}: cannot read {cells[name]!r} as {_KINDS[kind]}") from None
    required = {name: value for name, value in values.items() if value is not None or name in _MAY_BE_NONE}
    return Event(**required)


_KINDS = {
    "text": "text",
    "date": "a date (YYYY-MM-DD)",
    "count": "a whole number",
    "decimal": "a number",
    "list": 'text joined by "; "',
    "inter": "an actor type of ACLED",
    "interaction": "an interaction of ACLED",
}
_MAY_BE_NONE = frozenset(name for name in FULL if getattr(Event(), name) is None)


def from_cell(cell: Any, kind: str) -> Any:
    """What the event holds for a cell; None where the cell is empty and the column's default applies.

    Raises ValueError, TypeError or OverflowError where the cell cannot be read as this kind.
    """
    empty = cell is None or cell == ""
    if kind in LABELS:
        return 0 if empty else _code(str(cell), kind)
    if kind == "list":
        return () if empty else tuple(str(cell).split("; "))
    if kind == "text":
        return "" if empty else str(cell)
    if empty:
        return None
    if kind == "date":
        return datetime.date.fromisoformat(str(cell))
    return float(cell) if kind == "decimal" else _whole(cell)


def _whole(cell: Any) -> int:
    number = float(cell)
    if number != int(number):
        raise ValueError("not whole")
    return int(number)


def _code(cell: str, kind: str) -> int:
    if cell in CODES[kind]:
        return CODES[kind][cell]
    return int(cell)


# ---- formulas in spreadsheets ------------------------------------------------------------------------

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guarded(value: Value) -> Value:
    """The cell with an apostrophe before it where a spreadsheet would take its text for a formula.

    Text that already looks guarded gets one more, so that `unguarded` always gives back what was there.
    """
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value


def unguarded(value: str) -> str:
    """The text without the apostrophe that `guarded` put before it."""
    return value[1:] if _GUARDED.match(value) else value
