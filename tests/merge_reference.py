"""Merging as it is defined, each row compared with all rows of the groups near it: slow, but plain."""

from __future__ import annotations

from conflict_events.events import Event
from conflict_events.merge import join, order
from conflict_events.sameness import Around, belongs, near_days, nowhere


def merged(events: list[Event], scope: str = "all", around: Around = nowhere) -> list[Event]:
    """The same as `merge`, at a cost that grows with the square of the events."""
    groups: list[list[Event]] = []
    by_day: dict[tuple[object, ...], list[list[Event]]] = {}
    for event in events:
        block = (event.article_id if scope == "article" else (), event.admin1)
        near = (group for day in near_days(event) for group in by_day.get((*block, day), ()))
        group = next((group for group in near if belongs(event, group, around)), None)
        if group is None:
            group = []
            groups.append(group)
        group.append(event)
        same_day = by_day.setdefault((*block, event.event_date), [])
        if not any(group is other for other in same_day):
            same_day.append(group)
    return sorted((join(group) for group in groups), key=order)
