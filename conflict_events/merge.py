"""The same event told twice, in one article or in many, becomes one row with a stable id.

`sameness` says when two rows tell the same, `grouping` finds the rows that do. A group never joins two
different named towns or two different days, however long its chain.
"""

from __future__ import annotations

import dataclasses
import pickle
import re
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from .events import Event
from .grouping import Grouping
from .sameness import ASSUMED, VAGUE, Around, member, nowhere, sides
from .taxonomy import (
    AIR,
    ATTACK,
    BATTLES,
    CLASH,
    EXPLOSIONS,
    PEACEFUL,
    RIOTS,
    SHELLING,
    STRATEGIC,
    VIOLENCE,
    ranks,
)

FIRED = frozenset({AIR, SHELLING})
_ATTACK = re.compile(r"(?:attack|assault|target|kill|incident|offensive|campaign|operation)\w*")
_LAST = 9
T = TypeVar("T")


def merge(events: Iterable[Event], scope: str = "all", *, around: Around = nowhere) -> list[Event]:
    """Events with the same event told once, in the order of date, place and type (input order for "none").

    `scope` is "none", "article" (rows of one article only) or "all". `around(id)` gives the ids of the places
    in which a place lies. The cost grows with the number of events.
    """
    return list(merging(events, scope, around=around))


def merging(events: Iterable[Event], scope: str = "all", *, around: Around = nowhere) -> Iterator[Event]:
    """What `merge` gives, one by one; with "all" events wait packed, in a third of the memory."""
    if scope == "all":
        yield from _all(events, around)
        return
    rows = list(events)
    if scope == "none":
        yield from rows
        return
    groups: list[list[Event]] = []
    _grouped(rows, Grouping(scope, around), groups, lambda event: event)
    yield from _in_order(rows, [join(group) for group in groups])


def _all(events: Iterable[Event], around: Around) -> Iterator[Event]:
    groups: list[list[bytes]] = []
    _grouped(events, Grouping("all", around), groups, pack)
    groups.reverse()
    merged: list[tuple[tuple[str, ...], int, bytes]] = []
    while groups:  # each is forgotten once it is joined
        event = join([unpack(packed) for packed in groups.pop()])
        merged.append((order(event), len(merged), pack(event)))
    merged.sort()
    for _, _, packed in merged:
        yield unpack(packed)


def _grouped(
    events: Iterable[Event], grouping: Grouping, groups: list[list[T]], kept_as: Callable[[Event], T]
) -> None:
    """Put each event into the group of the event it tells, as what it is kept as."""
    for event in events:
        number = grouping.add(event)
        if number == len(groups):
            groups.append([])
        groups[number].append(kept_as(event))


def pack(event: Event) -> bytes:
    """An event as bytes, for `unpack` in this process."""
    return pickle.dumps(event, pickle.HIGHEST_PROTOCOL)


def unpack(packed: bytes) -> Event:
    """The event that `pack` made the bytes of."""
    event: Event = pickle.loads(packed)
    return event


def _in_order(rows: list[Event], merged: list[Event]) -> list[Event]:
    first = {(e.article_id, e.start): i for i, e in reversed(list(enumerate(rows)))}
    return sorted(merged, key=lambda e: first.get((e.article_id, e.start), 0))


def order(event: Event) -> tuple[str, str, str, str, str]:
    """What merged rows are sorted by: day, those without one last, governorate, place, type, id."""
    day = event.event_date.isoformat() if event.event_date else "9999"
    return day, event.admin1, event.location, event.sub_event_type, event.event_id_cnty


def rank(event: Event) -> tuple[int, int]:
    """Place of an event's type in ACLED's hierarchy; the lower wins. A protest turned violent is a riot."""
    if event.sub_event_type == PEACEFUL:
        return ranks()[RIOTS], _LAST
    return ranks().get(event.event_type, _LAST), ranks().get(event.sub_event_type, _LAST)


def join(group: list[Event]) -> Event:
    """One row for a group: highest type, fullest actors, most precise place and date, all articles and sources."""
    if len(group) == 1:
        return group[0]
    told_how = any(e.event_type == EXPLOSIONS for e in group)
    best = min(group, key=lambda e: (told_how and _untold(e), rank(e), -len(sides(e)), -e.confidence))
    # a quarter says more than its city
    place = min(group, key=lambda e: (e.geo_precision or 9, " - " not in e.location, e is not best))
    dated = min(group, key=lambda e: (e.date_basis in ASSUMED, e.time_precision or 9, e is not best))
    changes: dict[str, object] = {
        name: getattr(place, name)
        for name in (
            "admin1", "admin2", "admin3", "location", "latitude", "longitude", "geo_precision", "place_id", "place_text",
        )
    } | {name: getattr(dated, name) for name in ("event_date", "time_precision", "year", "date_text", "date_basis")}  # fmt: skip
    changes |= _actors(best, group)
    told = [e for e in group if e.fatalities]
    if told:
        least = _fatalities(told, best)
        changes |= {"fatalities": least.fatalities, "fatalities_text": least.fatalities_text}
    if _exchanged(group):
        changes |= {"sub_event_type": CLASH, "event_type": BATTLES}
    changes["article_id"] = _union(e.article_id for e in group)
    changes["source"] = _union(e.source for e in group)
    changes["confidence"] = round(min(1.0, max(e.confidence for e in group) + 0.02 * (len(group) - 1)), 2)
    return dataclasses.replace(best, **changes)  # type: ignore[arg-type]


def _untold(event: Event) -> bool:
    """True for a clash told only as "an attack": a bomb or strike told elsewhere says what it was."""
    return event.sub_event_type in {CLASH, ATTACK} and _ATTACK.fullmatch(event.trigger.lower()) is not None


def _exchanged(group: list[Event]) -> bool:
    """True where two sides fired at each other: two-way fire is an armed clash (codebook 2024, "Battles")."""
    fire = {(e.actor1, e.actor2) for e in group if e.sub_event_type in FIRED and e.actor2}
    return any((b, a) in fire for a, b in fire if a != b)


def _fatalities(told: list[Event], best: Event) -> Event:
    """The lowest figure across articles; inside one article the first that a report of the event gives."""
    if len({e.article_id for e in told}) > 1:
        return min(told, key=lambda e: e.fatalities)
    same = [e for e in told if e.sub_event_type == best.sub_event_type]
    return (same or told)[0]


def _actors(best: Event, group: list[Event]) -> dict[str, object]:
    changes: dict[str, object] = {}
    one, two = best.actor1, best.actor2
    pairs = [
        pair
        for e in group
        for pair in (
            ((e.actor1, e.inter1), (e.actor2, e.inter2)),
            ((e.actor2, e.inter2), (e.actor1, e.inter1)),
        )
    ]
    battle = best.event_type == BATTLES
    for (name, inter), (other, other_inter) in pairs:
        if name in VAGUE or name in {one, two}:
            continue
        if one in VAGUE and two not in VAGUE and other in {two, ""} and best.event_type != VIOLENCE:
            changes |= {"actor1": name, "inter1": inter}
            break
        if two in VAGUE and battle and one not in VAGUE and other in {one, ""}:
            changes |= {"actor2": name, "inter2": inter}
            break
        if one in VAGUE and (two in VAGUE or not two) and (not battle or other not in VAGUE):
            changes |= {"actor1": name, "inter1": inter}
            if battle:
                changes |= {"actor2": other, "inter2": other_inter}
            break
    if not two and "actor2" not in changes:
        told = next((e for e in group if e.actor2 and e.actor2 != changes.get("actor1", one)), None)
        if told is not None and best.event_type != STRATEGIC:
            changes |= {"actor2": told.actor2, "inter2": told.inter2}
    for side, other in (("1", "2"), ("2", "1")):
        name = str(changes.get(f"actor{side}", getattr(best, f"actor{side}")))
        named = next((e for e in group if e.article_id == best.article_id and member(name, e)), None)
        force = member(name, named) if named else ""
        if named and force not in {changes.get(f"actor{other}", getattr(best, f"actor{other}"))}:
            inter = named.inter1 if named.actor1 == force else named.inter2
            changes |= {f"actor{side}": force, f"inter{side}": inter}
    mains = {changes.get("actor1", one), changes.get("actor2", two)}
    changes["assoc_actor_1"] = tuple(
        n for n in _union(e.assoc_actor_1 for e in group if e.actor1 == one) if n not in mains
    )
    changes["assoc_actor_2"] = tuple(
        n for n in _union(e.assoc_actor_2 for e in group if e.actor2 == two) if n not in mains
    )
    return changes


def _union(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part))
