"""The same event told twice, in one article or in many, becomes one row with a stable id.

Two rows are the same event when they share the day (within their precisions), the place (the same gazetteer
place, or one inside the other), compatible actors, and a type that one report can name for the other
(ACLED codebook 2024, "Event aggregation": several tactics of the same actors at one place and day are one
event of the highest type). A group never joins two different named towns or two different days, however long
its chain.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Callable, Iterable, Iterator

from .events import Event

Contains = Callable[[str, str], bool]
# Days by which an event of each time precision may lie from its stated day: the day, the week, the month.
REACH = {1: 0, 2: 4, 3: 16}
VAGUE = frozenset(
    {"", "Unidentified Armed Group (Syria)", "Unidentified Military Forces", "Civilians (Syria)"}
)
ALONGSIDE = frozenset({"Change to group/activity", "Looting/property destruction", "Disrupted weapons use"})
CAPTURES = frozenset({"Government regains territory", "Non-state actor overtakes territory"})
TRANSFER = "Non-violent transfer of territory"
FIRE = frozenset({"Air/drone strike", "Shelling/artillery/missile attack"})
# Dates that no words of the report give: any stated date is better.
ASSUMED = frozenset({"published", "carried", "unknown"})
EXCESSIVE = "Excessive force against protesters"
# Days before publication that a deed told without a day may lie, where the article names its day elsewhere.
RECENT = 3
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
_ATTACK = re.compile(r"(?:attack|assault|target|kill|incident|offensive|campaign|operation)\w*")
# What a victor does to defenceless people is no part of the fight (codebook 2024, "Attack").
_PUT_TO_DEATH = re.compile(r"execut|behead|massacr|slaughter|put to death", re.I)
_RANKS = {
    "Battles": 1, "Protests": 2, "Riots": 3, "Explosions/Remote violence": 4, "Violence against civilians": 5,
    "Strategic developments": 6,
}  # fmt: skip


def merge(events: Iterable[Event], scope: str = "all", *, contains: Contains | None = None) -> list[Event]:
    """Events with the same event told once, in the order of date, place and type (input order for "none").

    `scope` is "none", "article" (rows of one article only) or "all". `contains(a, b)` says whether place b
    lies in place a.
    """
    rows = list(events)
    if scope == "none":
        return rows
    groups: list[list[Event]] = []
    by_day: dict[tuple[object, ...], list[list[Event]]] = {}
    for event in rows:
        block = (event.article_id if scope == "article" else (), event.admin1)
        group = next(
            (g for g in _near(by_day, block, event) if belongs(event, g, contains)),
            None,
        )
        if group is None:
            group = []
            groups.append(group)
        group.append(event)
        same = by_day.setdefault((*block, event.event_date), [])
        if group not in same:
            same.append(group)
    merged = [join(group) for group in groups]
    if scope == "article":
        return _in_order(rows, merged)
    return sorted(merged, key=_order)


def _near(
    by_day: dict[tuple[object, ...], list[list[Event]]], block: tuple[object, ...], event: Event
) -> Iterator[list[Event]]:
    """Groups of the block whose days may be the event's, the same day first."""
    for day in near_days(event):
        yield from by_day.get((*block, day), ())


def near_days(event: Event) -> Iterator[datetime.date | None]:
    """The days on which the event may be told to have been, its own first; None where it has none."""
    if event.event_date is None:
        yield None
        return
    for away in sorted(range(-REACH[3], REACH[3] + 1), key=abs):
        yield event.event_date + datetime.timedelta(days=away)


def belongs(event: Event, group: Iterable[Event], contains: Contains | None = None) -> bool:
    """True where the event tells the same as all of a group. Only groups of one governorate are asked."""
    return all(same_event(event, other, contains) for other in group)


def _in_order(rows: list[Event], merged: list[Event]) -> list[Event]:
    first = {(e.article_id, e.start): i for i, e in reversed(list(enumerate(rows)))}
    return sorted(merged, key=lambda e: first.get((e.article_id, e.start), 0))


def _order(event: Event) -> tuple[str, str, str, str, str]:
    day = event.event_date.isoformat() if event.event_date else "9999"
    return day, event.admin1, event.location, event.sub_event_type, event.event_id_cnty


def same_event(a: Event, b: Event, contains: Contains | None = None) -> bool:
    """True where two rows tell the same event."""
    return (
        (_same_day(a, b) or _day_told_elsewhere(a, b))
        and _same_place(a, b, contains)
        and same_actors(a, b)
        and _same_kind(a, b)
    )


def _same_day(a: Event, b: Event) -> bool:
    if a.event_date is None or b.event_date is None:
        return a.event_date == b.event_date
    allowed = max(REACH[a.time_precision or 1], REACH[b.time_precision or 1])
    return abs((a.event_date - b.event_date).days) <= allowed


def _day_told_elsewhere(a: Event, b: Event) -> bool:
    """True where a headline or lead gives no day and the text gives one to the same kind of deed at that place."""
    if a.article_id != b.article_id or a.sub_event_type != b.sub_event_type or a.place_id != b.place_id:
        return False
    undated, dated = (a, b) if a.date_basis == "published" else (b, a)
    if undated.date_basis != "published" or dated.date_basis in ASSUMED or dated.time_precision != 1:
        return False
    if not undated.event_date or not dated.event_date or not a.place_id:
        return False
    if not same_actors(undated, dated):
        return False
    return 0 <= (undated.event_date - dated.event_date).days <= RECENT


def _same_place(a: Event, b: Event, contains: Contains | None) -> bool:
    if a.place_id == b.place_id:
        return bool(a.place_id) or a.article_id == b.article_id
    if not a.place_id or not b.place_id:
        return False
    return bool(contains and (contains(a.place_id, b.place_id) or contains(b.place_id, a.place_id)))


def _sides(event: Event) -> frozenset[str]:
    return frozenset({event.actor1, event.actor2}) - VAGUE


def _narrowed(sides: frozenset[str], other: Event) -> frozenset[str]:
    """The sides with each umbrella as the member that the other row names."""
    return frozenset(_member(name, other) or name for name in sides)


def _member(umbrella: str, event: Event) -> str:
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
    x, y = _sides(a), _sides(b)
    if x <= y or y <= x:
        return True
    if a.article_id == b.article_id and a.sub_event_type == b.sub_event_type:
        x, y = _narrowed(x, b), _narrowed(y, a)
        if x <= y or y <= x:
            return True
    if a.article_id == b.article_id and {a.sub_event_type, b.sub_event_type} <= CAPTURES:
        # a place is taken by one side a day, whichever of its forces is named
        if (
            a.place_id == b.place_id
            and a.actor2
            and b.actor2
            and not {a.actor1, b.actor1} & {a.actor2, b.actor2}
        ):
            return bool({a.actor2, b.actor2} & VAGUE) or a.actor2 == b.actor2
    if a.article_id == b.article_id and a.event_type == b.event_type == "Battles" and len(x) == len(y) == 1:
        # "X attacked the town"; "Y answered": each is the other's missing side
        return True
    allies_a, allies_b = {*a.assoc_actor_1, *a.assoc_actor_2}, {*b.assoc_actor_1, *b.assoc_actor_2}
    return (
        x <= y | allies_b or y <= x | allies_a or (bool(x & y) and (x - y <= allies_b or y - x <= allies_a))
    )


def _same_kind(a: Event, b: Event) -> bool:
    if a.event_type == b.event_type == "Strategic developments" or 3 in {a.geo_precision, b.geo_precision}:
        # A whole region has room for a fight and a capture; only the same type is the same happening there.
        return a.sub_event_type == b.sub_event_type
    if a.event_type == b.event_type:
        return True
    kinds = {a.event_type, b.event_type}
    if {a.sub_event_type, b.sub_event_type} & CAPTURES and any(
        e.sub_event_type == "Attack" and _PUT_TO_DEATH.match(e.trigger) for e in (a, b)
    ):
        return False
    if {a.sub_event_type, b.sub_event_type} & CAPTURES and TRANSFER in {a.sub_event_type, b.sub_event_type}:
        # one town changes hands once a day, with a fight or without
        return a.article_id == b.article_id
    if "Strategic developments" in kinds:
        # Movements and seizures of a side in a fight at that place and day are part of it (hierarchy of types).
        low, high = (a, b) if a.event_type == "Strategic developments" else (b, a)
        return (
            a.article_id == b.article_id
            and low.sub_event_type in ALONGSIDE
            and high.event_type == "Battles"
            and bool(_sides(low))
            and _narrowed(_sides(low), high) <= _sides(high) | {*high.assoc_actor_1, *high.assoc_actor_2}
        )
    if a.article_id == b.article_id and {a.sub_event_type, b.sub_event_type} == {EXCESSIVE, "Attack"}:
        # "shot at them from the roof": the force against the demonstration, told again
        return True
    if kinds & {"Protests", "Riots"}:
        return kinds <= {"Protests", "Riots"}
    if a.article_id != b.article_id:
        return kinds == {"Battles", "Explosions/Remote violence"} and _sides(a) == _sides(b)
    return True


def rank(event: Event) -> tuple[int, float]:
    """Place of an event's type in ACLED's hierarchy; the lower wins. A protest turned violent is a riot."""
    if event.sub_event_type == "Peaceful protest":
        return _RANKS["Riots"], 9
    subs = {
        "Government regains territory": 1, "Non-state actor overtakes territory": 2, "Armed clash": 3,
        "Excessive force against protesters": 1, "Protest with intervention": 2, "Peaceful protest": 3,
        "Violent demonstration": 1, "Mob violence": 2, "Chemical weapon": 1, "Air/drone strike": 2, "Suicide bomb": 3,
        "Shelling/artillery/missile attack": 4, "Remote explosive/landmine/IED": 5, "Grenade": 6, "Sexual violence": 1,
        "Attack": 2, "Abduction/forced disappearance": 3,
    }  # fmt: skip
    return _RANKS.get(event.event_type, 9), subs.get(event.sub_event_type, 9)


def join(group: list[Event]) -> Event:
    """One row for a group: highest type, fullest actors, most precise place and date, all articles and sources."""
    if len(group) == 1:
        return group[0]
    told_how = any(e.event_type == "Explosions/Remote violence" for e in group)
    best = min(group, key=lambda e: (told_how and _untold(e), rank(e), -len(_sides(e)), -e.confidence))
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
        changes |= {"sub_event_type": "Armed clash", "event_type": "Battles"}
    changes["article_id"] = _union(e.article_id for e in group)
    changes["source"] = _union(e.source for e in group)
    changes["confidence"] = round(min(1.0, max(e.confidence for e in group) + 0.02 * (len(group) - 1)), 2)
    return dataclasses.replace(best, **changes)  # type: ignore[arg-type]


def _untold(event: Event) -> bool:
    """True for a clash told only as "an attack": a bomb or strike told elsewhere says what it was."""
    return (
        event.sub_event_type in {"Armed clash", "Attack"}
        and _ATTACK.fullmatch(event.trigger.lower()) is not None
    )


def _exchanged(group: list[Event]) -> bool:
    """True where two sides fired at each other: two-way fire is an armed clash (codebook 2024, "Battles")."""
    fire = {(e.actor1, e.actor2) for e in group if e.sub_event_type in FIRE and e.actor2}
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
    battle = best.event_type == "Battles"
    for (name, inter), (other, other_inter) in pairs:
        if name in VAGUE or name in {one, two}:
            continue
        if (
            one in VAGUE
            and two not in VAGUE
            and other in {two, ""}
            and best.event_type != "Violence against civilians"
        ):
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
        if told is not None and best.event_type != "Strategic developments":
            changes |= {"actor2": told.actor2, "inter2": told.inter2}
    for side, other in (("1", "2"), ("2", "1")):
        name = str(changes.get(f"actor{side}", getattr(best, f"actor{side}")))
        named = next((e for e in group if e.article_id == best.article_id and _member(name, e)), None)
        member = _member(name, named) if named else ""
        if named and member not in {changes.get(f"actor{other}", getattr(best, f"actor{other}"))}:
            inter = named.inter1 if named.actor1 == member else named.inter2
            changes |= {f"actor{side}": member, f"inter{side}": inter}
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
