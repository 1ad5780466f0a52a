"""The same event told twice, in one article or in many, becomes one row with a stable id.

`sameness` says when two rows tell the same, `grouping` finds the rows that do. A group never joins two
different named towns or two different days, however long its chain.
"""

from __future__ import annotations

import heapq
import pickle
import re
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeVar

from .events import Event, changed
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
    """What `merge` gives, one by one; with "all" events wait packed, in little memory."""
    if scope == "all":
        yield from _all(events, around)
        return
    rows = list(events)
    if scope == "none":
        yield from rows
        return
    groups: list[list[Event]] = []
    grouping = Grouping(scope, around)
    for event in rows:
        _put(groups, grouping.add(event), event)
    yield from _in_order(rows, [join(group) for group in groups])


def _all(events: Iterable[Event], around: Around) -> Iterator[Event]:
    """Governorate by governorate, as only rows of one are compared, so that few keys are there at a time."""
    blocks: dict[str, deque[bytes]] = {}
    packing = Packing()
    for event in events:
        blocks.setdefault(event.admin1, deque()).append(packing.pack(event))
    merged = [_block(rows, packing, around) for rows in blocks.values()]
    yield from heapq.merge(*(map(packing.unpack, rows) for rows in merged), key=order)


def _block(rows: deque[bytes], packing: Packing, around: Around) -> list[bytes]:
    """The merged rows of a governorate in their order; `rows` is used up."""
    groups = _groups(rows, packing, around)
    groups.reverse()
    joined: list[tuple[str, int, bytes]] = []
    while groups:  # each is forgotten once it is joined
        group = groups.pop()
        event = join([packing.unpack(row) for row in group])
        packed = group[0] if len(group) == 1 else packing.pack(event)
        joined.append(("\0".join(order(event)), len(joined), packed))
    joined.sort()
    return [packed for _, _, packed in joined]


def _groups(rows: deque[bytes], packing: Packing, around: Around) -> list[list[bytes]]:
    """The rows by the event that they tell; `rows` is used up."""
    grouping = Grouping("all", around)
    groups: list[list[bytes]] = []
    while rows:
        _put(groups, grouping.add(packing.unpack(rows[0])), rows.popleft())
    return groups


def _put(groups: list[list[T]], number: int, row: T) -> None:
    """Put a row into the group of its number, which may be the next new one."""
    if number == len(groups):
        groups.append([])
    groups[number].append(row)


class Packing:
    """Makes events bytes, few of them, and events of the bytes again, within this process."""

    def __init__(self) -> None:
        self._alike = b""  # the first: others have most of their words of it

    def pack(self, event: Event) -> bytes:
        """The event as bytes, for `unpack` of the same packing."""
        raw = pickle.dumps(event, pickle.HIGHEST_PROTOCOL)
        self._alike = self._alike or raw
        packer = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=self._alike)
        return packer.compress(raw) + packer.flush()

    def unpack(self, packed: bytes) -> Event:
        """The event that `pack` made the bytes of."""
        raw = zlib.decompressobj(-zlib.MAX_WBITS, zdict=self._alike).decompress(packed)
        event: Event = pickle.loads(raw)
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
    return changed(best, **changes)


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
