"""What is counted in events: the figures that the summary, the page and the picture share.

Deaths are the sum of `fatalities`, an estimate as the rows are. Weeks run from Saturday to Friday, as ACLED's do.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from .events import Event
from .tables import Section

Day = datetime.date
Record = dict[str, Any]

UNITS = ("day", "week", "month", "year")
# In ACLED's order; a type that is none of these comes after them.
TYPES = (
    "Battles",
    "Explosions/Remote violence",
    "Violence against civilians",
    "Protests",
    "Riots",
    "Strategic developments",
)
BANDS = (0.0, 0.5, 0.65, 0.8)  # where bands of confidence begin
NONE = "not known"
SATURDAY = 5
_ONE_DAY = datetime.timedelta(days=1)


# ---- time --------------------------------------------------------------------------------------------


def begin(day: Day, unit: str) -> Day:
    """The first day of the day, week, month or year that the day lies in."""
    if unit == "week":
        return day - min((day.weekday() - SATURDAY) % 7, day.toordinal() - 1) * _ONE_DAY
    if unit == "day":
        return day
    return day.replace(day=1) if unit == "month" else day.replace(month=1, day=1)


def following(start: Day, unit: str) -> Day:
    """The first day of the next unit; the last day there is where the calendar ends."""
    if unit in ("day", "week"):
        return Day.fromordinal(min(start.toordinal() + (1 if unit == "day" else 7), Day.max.toordinal()))
    year, month = (
        (start.year + 1, 1) if unit == "year" else (start.year + start.month // 12, start.month % 12 + 1)
    )
    return Day(year, month, 1) if year <= Day.max.year else Day.max


def periods(first: Day, last: Day, unit: str) -> Iterator[Day]:
    """The first days of all units from one day to another."""
    start = begin(first, unit)
    while start <= last:
        yield start
        after = following(start, unit)
        if after <= start or after == Day.max:
            return
        start = after


_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


def unit_for(first: Day, last: Day, most: int) -> str:
    """The shortest unit of which there are at most about `most` between two days."""
    days = (last - first).days + 1
    return next((unit for unit in UNITS if days / _DAYS[unit] <= most), "year")


def span(events: Iterable[Event]) -> tuple[Day, Day] | None:
    """The first and the last day of events, None where none has a date."""
    days = [event.event_date for event in events if event.event_date]
    return (min(days), max(days)) if days else None


# ---- counts ------------------------------------------------------------------------------------------


def actors(event: Event) -> tuple[str, ...]:
    """The main actors of the event, each once."""
    return tuple(dict.fromkeys(name for name in (event.actor1, event.actor2) if name))


def pair(event: Event) -> tuple[str, str] | None:
    """The two sides of the event in no order but the alphabet's; None where there is one only."""
    sides = sorted(filter(None, (event.actor1, event.actor2)))
    return (sides[0], sides[1]) if len(sides) == 2 else None


def located(event: Event) -> bool:
    """True where the event can be drawn on a map."""
    return event.latitude is not None and event.longitude is not None


def type_order(name: str) -> tuple[int, str]:
    """What to sort event types by: ACLED's order, others behind by name, the unknown one last."""
    return (TYPES.index(name) if name in TYPES else len(TYPES) + (name in ("", NONE)), name)


def figures(events: Sequence[Event], unit: str | None = None, most: int = 60) -> Record:
    """All figures as one JSON object, every list whole: the commonest first, types and periods in their order.

    `unit` is one of UNITS, by default the shortest of which there are at most about `most`.
    """
    between = span(events)
    unit = unit or (unit_for(*between, most) if between else "day")
    return {
        **_counts(events),
        "fatal_events": sum(event.fatalities > 0 for event in events),
        "from": between[0].isoformat() if between else None,
        "to": between[1].isoformat() if between else None,
        "undated": sum(event.event_date is None for event in events),
        "unlocated": sum(not located(event) for event in events),
        "event_types": sorted(
            _by(events, ("event_type",), lambda e: [(e.event_type or NONE,)]),
            key=lambda one: type_order(one["event_type"]),
        ),
        "sub_event_types": _by(
            events,
            ("sub_event_type", "event_type"),
            lambda e: [(e.sub_event_type or NONE, e.event_type or NONE)],
        ),
        "governorates": _by(events, ("admin1",), lambda e: [(e.admin1 or NONE,)]),
        "unit": unit,
        "periods": _by_period(events, between, unit),
        "actors": _by(events, ("actor",), lambda e: [(name,) for name in actors(e)]),
        "pairs": _by(events, ("actor1", "actor2"), lambda e: [both] if (both := pair(e)) else []),
        "confidence": _by_confidence(events),
    }


def _counts(events: Iterable[Event]) -> Record:
    deaths = [event.fatalities for event in events]
    return {"events": len(deaths), "fatalities": sum(deaths)}


def _by(
    events: Iterable[Event], names: tuple[str, ...], keys: Callable[[Event], Iterable[tuple[str, ...]]]
) -> list[Record]:
    """Events and deaths of each key, the commonest first, then the deadliest, then by name."""
    counted, deaths = _tally(events, keys)
    order = sorted(counted, key=lambda key: (-counted[key], -deaths[key], key))
    return [
        {**dict(zip(names, key, strict=True)), "events": counted[key], "fatalities": deaths[key]}
        for key in order
    ]


def _tally(
    events: Iterable[Event], keys: Callable[[Event], Iterable[Hashable]]
) -> tuple[Counter[Any], Counter[Any]]:
    counted: Counter[Any] = Counter()
    deaths: Counter[Any] = Counter()
    for event in events:
        for key in keys(event):
            counted[key] += 1
            deaths[key] += event.fatalities
    return counted, deaths


MOST_EMPTY = 400  # periods; in a longer series those without an event are left out


def _by_period(events: Iterable[Event], between: tuple[Day, Day] | None, unit: str) -> list[Record]:
    if between is None:
        return []
    counted, deaths = _tally(events, lambda e: [begin(e.event_date, unit)] if e.event_date else [])
    few = (between[1] - between[0]).days / _DAYS[unit] <= MOST_EMPTY
    starts = periods(*between, unit) if few else sorted(counted)
    return [{"start": day.isoformat(), "events": counted[day], "fatalities": deaths[day]} for day in starts]


def _by_confidence(events: Iterable[Event]) -> list[Record]:
    """The bands of confidence from the top, then the rows that carry none; none at all where no row does."""
    counted, deaths = _tally(events, lambda e: [_band(e.confidence)])
    if not counted.keys() - {None}:
        return []
    starts = [*reversed(BANDS), *([None] if None in counted else [])]
    return [{"from": start, "events": counted[start], "fatalities": deaths[start]} for start in starts]


def _band(confidence: float) -> float | None:
    # a row that a person typed in carries no confidence; ours never sink to nought
    return max(start for start in BANDS if start <= confidence) if confidence > 0 else None


def coded(events: Iterable[Event]) -> bool:
    """True where the rows name what they were coded from: they are this program's, not a person's or ACLED's."""
    return any(event.trigger for event in events)


CODED = "Coded by machine from news text with conflict-events: a first draft, not ACLED data."
BORDERS = "Borders are simplified from Natural Earth and state no position."


def reporters(events: Iterable[Event], most: int) -> str:
    """The sources that tell most of the events, in words; "" where no row names one."""
    counted = Counter(name for event in events for name in dict.fromkeys(event.source))
    names = [name for name, _ in sorted(counted.items(), key=lambda one: (-one[1], one[0])) if name]
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


# ---- the summary -------------------------------------------------------------------------------------

_COUNTS = ("events", "deaths")


def sections(content: Mapping[str, Any], top: int) -> Iterator[Section]:
    """The figures as tables to read, lists cut after the `top` first; what is cut is said in the heading."""
    yield Section(headline(content), (), [])
    if not content["events"]:
        return
    lists = (
        ("Event types", ("event_types", ("event_type",)), len(TYPES) + top),
        ("Sub-event types", ("sub_event_types", ("sub_event_type", "event_type")), top),
        ("Governorates", ("governorates", ("admin1",)), 15),
        ("Actors", ("actors", ("actor",)), top),
        ("Pairs of actors", ("pairs", ("actor1", "actor2")), top),
    )
    for heading, (name, columns), most in lists:
        found = content[name]
        cut = f" (the first {most} of {len(found)})" if len(found) > most else ""
        if found:
            yield Section(heading + cut, (*columns, *_COUNTS), [_with_deaths(one) for one in found[:most]])
    if content["periods"]:
        yield Section(
            f"By {content['unit']}", ("start", *_COUNTS, "timeline"), list(_bars(content["periods"]))
        )
    if content["confidence"]:
        lines = [
            {"confidence": name, **_with_deaths(one)}
            for one, name in zip(content["confidence"], _band_names(content["confidence"]), strict=True)
        ]
        yield Section("Confidence", ("confidence", *_COUNTS), lines)


def headline(content: Mapping[str, Any]) -> str:
    """The figures in one line: "43 events, 95 deaths, 2016-08-25 to 2025-07-14; 2 without a date"."""
    counts = f"{_many(content['events'], 'event')}, {_many(content['fatalities'], 'death')}"
    lacks = [
        f"{content[name]} without {what}"
        for name, what in (("undated", "a date"), ("unlocated", "coordinates"))
        if content[name]
    ]
    return "; ".join([", ".join(filter(None, [counts, period(content)])), *lacks])


def period(content: Mapping[str, Any]) -> str:
    """The first and the last day of the events, "" where none has a date."""
    days = dict.fromkeys(filter(None, (content["from"], content["to"])))
    return " to ".join(days)


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def _with_deaths(one: Mapping[str, Any]) -> Record:
    return {**one, "deaths": one["fatalities"]}


WIDEST = 30  # characters of the longest bar


def _bars(found: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
    most = max(one["events"] for one in found)
    for one in found:
        yield {**_with_deaths(one), "timeline": "█" * -(-one["events"] * WIDEST // most)}


def _band_names(found: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    end = ""
    for one in found:
        start = one["from"]
        yield "none given" if start is None else f"{start:g} to {end}" if end else f"{start:g} or more"
        end = "" if start is None else f"{start:g}"
