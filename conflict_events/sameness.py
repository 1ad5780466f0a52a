"""Whether two rows tell the same event.

They do when they share the day (within their precisions), the place (the same gazetteer place, or one inside
the other), compatible actors, and a type that one report can name for the other (ACLED codebook 2024, "Event
aggregation": several tactics of the same actors at one place and day are one event of the highest type).
Inside one article more is taken for the same than between two.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol

from .events import Event
from .taxonomy import (
    ATTACK,
    BATTLES,
    CAPTURES,
    DISARMED,
    EXCESSIVE,
    EXPLOSIONS,
    LOOTING,
    MOVED,
    PROTESTS,
    RIOTS,
    STRATEGIC,
    TRANSFER,
)

# The ids of the places in which the place of an id lies.
Around = Callable[[str], Collection[str]]

# Days by which an event of each time precision may lie from its stated day: the day, the week, the month.
REACH = {1: 0, 2: 4, 3: 16}
FARTHEST = max(REACH.values())
# Days before publication that a deed told without a day may lie, where the article names its day elsewhere.
RECENT = 3
# Dates that no words of the report give: any stated date is better.
ASSUMED = frozenset({"published", "carried", "unknown"})
VAGUE = frozenset(
    {"", "Unidentified Armed Group (Syria)", "Unidentified Military Forces", "Civilians (Syria)"}
)
ALONGSIDE = frozenset({MOVED, LOOTING, DISARMED})
# Names that a report uses for one of several forces until it says which.
UMBRELLAS: dict[str, re.Pattern[str]] = {
    "Opposition Rebels (Syria)": re.compile(
        r"(?!Islamic State|QSD|YPG|YPJ|Opposition Rebels|Islamist Militia)"
    ),
    "Islamist Militia (Syria)": re.compile(r"(?!QSD|YPG|YPJ|Opposition Rebels|Islamist Militia)"),
    "Allied Syrian and/or Russian Forces": re.compile(r"Military Forces of (?:Syria|Russia)"),
    "Government of Syria (2000-2024)": re.compile(r"(?:Military|Police) Forces of Syria"),
    "Government of Syria (2024-)": re.compile(r"(?:Military|Police) Forces of Syria"),
    "Global Coalition Against Daesh": re.compile(r"Military Forces of the United States"),
}
# Actor types (inter) of rebel groups and political militias.
_GROUPS = frozenset({2, 3})
# What a victor does to defenceless people is no part of the fight (codebook 2024, "Attack").
_PUT_TO_DEATH = re.compile(r"execut|behead|massacr|slaughter|put to death", re.I)


class Sided(Protocol):
    """What has two main actors with their types: a row, or what is compared of it."""

    @property
    def actor1(self) -> str: ...
    @property
    def inter1(self) -> int: ...
    @property
    def actor2(self) -> str: ...
    @property
    def inter2(self) -> int: ...


class Told(NamedTuple):
    """All that decides whether a row tells the same as another, but for its article; rows share it.

    `day` is an ordinal and `reach` the days by which it may be off; `dated` is "published" where the day of
    publication stands for it and "stated" where the report names it exactly; `region` is True where only a
    region is known, `put_to_death` where an attack is told by such a word.
    """

    day: int | None
    reach: int
    dated: str
    event_type: str
    sub_event_type: str
    place_id: str
    region: bool
    actor1: str
    inter1: int
    actor2: str
    inter2: int
    assoc_actor_1: tuple[str, ...]
    assoc_actor_2: tuple[str, ...]
    put_to_death: bool


def told(event: Event) -> Told:
    """What is compared of a row."""
    return Told(
        event.event_date.toordinal() if event.event_date else None,
        REACH.get(event.time_precision or 1, 0),
        _dated(event),
        event.event_type,
        event.sub_event_type,
        event.place_id,
        event.geo_precision == 3,
        event.actor1,
        event.inter1,
        event.actor2,
        event.inter2,
        event.assoc_actor_1,
        event.assoc_actor_2,
        event.sub_event_type == ATTACK and _PUT_TO_DEATH.match(event.trigger) is not None,
    )


def _dated(event: Event) -> str:
    if event.date_basis in ASSUMED:
        return "published" if event.date_basis == "published" else ""
    return "stated" if event.time_precision == 1 else ""


def nowhere(place_id: str) -> Collection[str]:
    """No places: what lies in what is not known."""
    return ()


def belongs(event: Event, group: Iterable[Event], around: Around = nowhere) -> bool:
    """True where the event tells the same as all of a group. Only groups of one governorate are asked."""
    one = told(event)
    return all(same(one, told(other), event.article_id == other.article_id, around) for other in group)


def near_days(event: Event) -> Iterator[datetime.date | None]:
    """The days on which the event may be told to have been, its own first; None where it has none."""
    if event.event_date is None:
        yield None
        return
    for away in sorted(range(-FARTHEST, FARTHEST + 1), key=abs):
        yield event.event_date + datetime.timedelta(days=away)


def same(a: Told, b: Told, within: bool, around: Around = nowhere) -> bool:
    """True where two rows tell the same event; `within` says that one article tells both."""
    return (
        _same_place(a, b, within, around)
        and (_same_day(a, b) or (within and _day_told_elsewhere(a, b)))
        and _same_kind(a, b, within)
        and _same_actors(a, b, within)
    )


def _same_day(a: Told, b: Told) -> bool:
    if a.day is None or b.day is None:
        return a.day == b.day
    return abs(a.day - b.day) <= max(a.reach, b.reach)


def _day_told_elsewhere(a: Told, b: Told) -> bool:
    """True where a headline or lead gives no day and the text gives one to the same kind of deed at that place."""
    if a.sub_event_type != b.sub_event_type or a.place_id != b.place_id or not a.place_id:
        return False
    undated, dated = (a, b) if a.dated == "published" else (b, a)
    if undated.dated != "published" or dated.dated != "stated":
        return False
    return undated.day is not None and dated.day is not None and 0 <= undated.day - dated.day <= RECENT


def _same_place(a: Told, b: Told, within: bool, around: Around) -> bool:
    if a.place_id == b.place_id:
        return bool(a.place_id) or within
    if not a.place_id or not b.place_id:
        return False
    return a.place_id in around(b.place_id) or b.place_id in around(a.place_id)


@lru_cache(maxsize=8192)
def _but_vague(actor1: str, actor2: str) -> frozenset[str]:
    return frozenset({actor1, actor2}) - VAGUE


def sides(event: Sided) -> frozenset[str]:
    """The main actors that have a name."""
    return _but_vague(event.actor1, event.actor2)


def _narrowed(names: frozenset[str], other: Sided) -> frozenset[str]:
    """The sides with each umbrella as the member that the other row names."""
    return frozenset(member(name, other) or name for name in names)


def member(umbrella: str, event: Sided) -> str:
    """The force of `event` that an umbrella may stand for, or ""; never where the event has the umbrella too."""
    covers = UMBRELLAS.get(umbrella)
    if covers is None or umbrella in {event.actor1, event.actor2}:
        return ""
    groups = umbrella.endswith("s (Syria)") or umbrella.endswith("Militia (Syria)")
    for name, inter in ((event.actor1, event.inter1), (event.actor2, event.inter2)):
        if name and name not in VAGUE and covers.match(name) and (not groups or inter in _GROUPS):
            return name
    return ""


def same_actors(a: Event, b: Event) -> bool:
    """True where the sides of one row may be those of the other, told less fully."""
    return _same_actors(told(a), told(b), a.article_id == b.article_id)


def _same_actors(a: Told, b: Told, within: bool) -> bool:
    x, y = sides(a), sides(b)
    if x <= y or y <= x:
        return True
    if within and a.sub_event_type == b.sub_event_type:
        x, y = _narrowed(x, b), _narrowed(y, a)
        if x <= y or y <= x:
            return True
    if within and a.sub_event_type in CAPTURES and b.sub_event_type in CAPTURES:
        # a place is taken by one side a day, whichever of its forces is named
        if (
            a.place_id == b.place_id
            and a.actor2
            and b.actor2
            and not {a.actor1, b.actor1} & {a.actor2, b.actor2}
        ):
            return bool({a.actor2, b.actor2} & VAGUE) or a.actor2 == b.actor2
    if within and a.event_type == b.event_type == BATTLES and len(x) == len(y) == 1:
        # "X attacked the town"; "Y answered": each is the other's missing side
        return True
    allies_a, allies_b = {*a.assoc_actor_1, *a.assoc_actor_2}, {*b.assoc_actor_1, *b.assoc_actor_2}
    return (
        x <= y | allies_b or y <= x | allies_a or (bool(x & y) and (x - y <= allies_b or y - x <= allies_a))
    )


def _same_kind(a: Told, b: Told, within: bool) -> bool:
    if a.event_type == b.event_type == STRATEGIC or a.region or b.region:
        # A whole region has room for a fight and a capture; only the same type is the same happening there.
        return a.sub_event_type == b.sub_event_type
    if a.event_type == b.event_type:
        return True
    subs = {a.sub_event_type, b.sub_event_type}
    if subs & CAPTURES and (a.put_to_death or b.put_to_death):
        return False
    if subs & CAPTURES and TRANSFER in subs:
        # one town changes hands once a day, with a fight or without
        return within
    kinds = {a.event_type, b.event_type}
    if STRATEGIC in kinds:
        # Movements and seizures of a side in a fight at that place and day are part of it (hierarchy of types).
        low, high = (a, b) if a.event_type == STRATEGIC else (b, a)
        return (
            within
            and low.sub_event_type in ALONGSIDE
            and high.event_type == BATTLES
            and bool(sides(low))
            and _narrowed(sides(low), high) <= sides(high) | {*high.assoc_actor_1, *high.assoc_actor_2}
        )
    if within and subs == {EXCESSIVE, ATTACK}:
        # "shot at them from the roof": the force against the demonstration, told again
        return True
    if kinds & {PROTESTS, RIOTS}:
        return kinds <= {PROTESTS, RIOTS}
    if not within:
        return kinds == {BATTLES, EXPLOSIONS} and sides(a) == sides(b)
    return True
