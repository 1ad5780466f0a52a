"""Which rows of many tell the same event, at a cost that does not grow with their number.

A row is compared only with groups that can be its own: of its governorate, on a day within its precision or
theirs, at its place, in one around it or inside it, or told by the same article. Of a group only rows that say
different things are kept, so that the thousandth report of an event costs what the third does.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
from collections.abc import Collection, Iterator, Mapping
from typing import TypeVar

from .events import Event
from .sameness import FARTHEST, Around, Told, nowhere, same, sides, told
from .taxonomy import BATTLES, EXPLOSIONS, PROTESTS, RIOTS, STRATEGIC

T = TypeVar("T")
Articles = tuple[str, ...]
# Groups that are looked through faster than looked up.
FEW = 8
# Shelves of a day from which on one of all its groups is looked up instead.
MANY = 32
# Days of an article's groups that lie in one drawer.
_SPAN = FARTHEST + 1


class Grouping:
    """Numbers rows by the event they tell, each as it comes.

    A row goes to the first group all of whose rows tell the same as it, groups on its own day first, then by
    the distance of their days, the earlier day and the older group first; else it begins a group.
    """

    def __init__(self, scope: str = "all", around: Around = nowhere) -> None:
        """With the scope "article" only rows of one article tell the same; `around` gives what a place lies in."""
        self._across, self._around = scope != "article", around
        self._count, self._turn = 0, 0
        # groups by governorate and day
        self._days: dict[tuple[str, int | None], _Day] = {}
        # those with a row whose day is not exact: by governorate and about the day, then by place and day
        self._inexact: dict[tuple[str, int], dict[str, dict[int, _Shelf]]] = {}
        # groups by governorate, article and about the day
        self._articles: dict[tuple[str, Articles, int], list[_Group]] = {}
        self._inside: dict[str, set[str]] = {}
        self._places: set[str] = set()

    def add(self, event: Event) -> int:
        """The number of the event's group; a new group has the next number, beginning at 0."""
        one, article = told(event), event.article_id
        found = self._of_the_article(event.admin1, one, article)
        if self._across and one.place_id:
            found = min(filter(None, (found, self._of_others(event.admin1, one, article))), default=None)
        if found:
            group = found[-1]
        else:
            group = _Group(self._count)
            self._count += 1
        self._put(group, event.admin1, one, article)
        return group.number

    # ---- groups that may be the row's ----

    def _of_the_article(self, block: str, one: Told, article: Articles) -> _Found | None:
        """The group to which the row belongs, of those that hold rows of its article."""
        found = []
        for drawer in _drawers(one.day):
            for group in self._articles.get((block, article, drawer), ()):
                if group.admits(one, article, self._around):
                    found.append(group.found_by(one))
        return min(found, default=None)

    def _of_others(self, block: str, one: Told, article: Articles) -> _Found | None:
        """The group to which the row belongs, of those without rows of its article."""
        own = self._days.get((block, one.day))
        if own and (found := self._first(self._shelves(own, one.place_id), one, article)):
            return 0, 0, *found
        for away, shelves in sorted(self._other_days(block, one).items(), key=lambda item: _rank(item[0])):
            if found := self._first(shelves, one, article):
                return *_rank(away), *found
        return None

    def _first(self, shelves: list[_Shelf], one: Told, article: Articles) -> tuple[int, _Group] | None:
        found = (shelf.first(one, article, self._around) for shelf in shelves)
        return min(filter(None, found), default=None)

    def _other_days(self, block: str, one: Told) -> dict[int, list[_Shelf]]:
        """By distance in days, the shelves of other days on which the row may be told to have been."""
        found: dict[int, list[_Shelf]] = {}
        if one.day is None:
            return found
        for away in range(-one.reach, one.reach + 1):
            if away and (other := self._days.get((block, one.day + away))):
                found[away] = self._shelves(other, one.place_id)
        for drawer in _drawers(one.day):
            inexact = self._inexact.get((block, drawer))
            for days in self._near(inexact, one.place_id) if inexact else ():
                for day, shelf in days.items():
                    if one.reach < abs(day - one.day) <= FARTHEST:
                        found.setdefault(day - one.day, []).append(shelf)
        return found

    def _shelves(self, day: _Day, place: str) -> list[_Shelf]:
        """The shelves of a day on which the groups of a place, of those around it and inside it are."""
        near = self._near(day.places, place)
        return near if len(near) <= MANY else [day.whole()]

    def _near(self, places: Mapping[str, T], place: str) -> list[T]:
        """What is kept under the place itself, under those around it and those inside it."""
        names = [place, *self._around(place)]
        if inside := self._inside.get(place):
            few, many = (inside, places) if len(inside) < len(places) else (places, inside)
            names += [name for name in few if name in many]
        return [places[name] for name in names if name in places]

    # ---- keeping ----

    def _put(self, group: _Group, block: str, one: Told, article: Articles) -> None:
        """Takes a row into its group, and puts the group where rows that may tell the same will look."""
        new_day, new_kind = group.take(one, article, self._turn)
        self._turn += new_day
        drawer = self._articles.setdefault((block, article, _drawer(one.day)), [])
        if group not in drawer:
            drawer.append(group)
        if not (new_kind and self._across and one.place_id):
            return
        turn = group.days[one.day]
        if one.place_id not in self._places:
            self._places.add(one.place_id)
            for outer in self._around(one.place_id):
                self._inside.setdefault(outer, set()).add(one.place_id)
        self._days.setdefault((block, one.day), _Day()).put(one.place_id, turn, group)
        if one.reach and one.day is not None:
            days = self._inexact.setdefault((block, _drawer(one.day)), {}).setdefault(one.place_id, {})
            days.setdefault(one.day, _Shelf()).put(turn, group)


class _Group:
    """Rows that tell the same event: the different things they say, each with the articles that say it.

    `days` are the days of its rows, each with the turn in which the group came to it.
    """

    __slots__ = ("_kinds", "days", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.days: dict[int | None, int] = {}
        self._kinds: dict[Told, Collection[Articles]] = {}

    def take(self, one: Told, article: Articles, turn: int) -> tuple[bool, bool]:
        """Whether the row that is added brings a day, and whether it says a thing that no other did."""
        new_day = one.day not in self.days
        if new_day:
            self.days[one.day] = turn
        known = self._kinds.get(one)
        if known is None:
            self._kinds[one] = (article,)
        elif article not in known:
            self._kinds[one] = {*known, article} if len(known) == 1 else known
            if isinstance(known, set):
                known.add(article)
        return new_day, known is None

    @property
    def first(self) -> Told:
        """What its first row says."""
        return next(iter(self._kinds))

    def tells(self, article: Articles) -> bool:
        """True where a row of the article is in the group."""
        return any(article in articles for articles in self._kinds.values())

    def admits(self, one: Told, article: Articles, around: Around) -> bool:
        """True where the row tells the same as all of the group."""
        for other, articles in self._kinds.items():
            within = article in articles
            if within and not same(one, other, True, around):
                return False
            if len(articles) > within and not same(one, other, False, around):
                return False
        return True

    def admits_other(self, one: Told, around: Around) -> bool:
        """True where the row tells the same as all of the group, if its article is none of the group's.

        Where two articles say just what it says, each other row was compared with one of them already.
        """
        if len(self._kinds.get(one, ())) > 1:
            return True
        return all(same(one, other, False, around) for other in self._kinds)

    def found_by(self, one: Told) -> _Found:
        """How near the group's days are to the row's, and since when the group is on the nearest."""
        if one.day is None:
            return 0, 0, self.days[None], self
        away = ((*_rank(day - one.day), turn) for day, turn in self.days.items() if day is not None)
        return *min(away), self


# Distance in days, earlier or later, the turn in which the group came to the day, the group.
_Found = tuple[int, int, int, _Group]


Entry = tuple[int, _Group]
Key = tuple[str, frozenset[str]]


class _Shelf:
    """Groups of one place and day in the order in which they came to the day.

    A long shelf is looked up by actors: of two articles, rows tell the same only where the sides of one are
    among the sides and allies of the other. A group is found by the first thing it said.
    """

    __slots__ = ("_covering", "_sided", "entries")

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        # by kind, and any of the actors, two at the most; and by kind and all sides
        self._covering: dict[Key, list[Entry]] | None = None
        self._sided: dict[Key, list[Entry]] = {}

    def put(self, turn: int, group: _Group) -> None:
        """Puts a group in its turn, unless it is there."""
        entry = turn, group
        if not _insert(self.entries, entry):
            return
        if self._covering is not None:
            self._file(entry, self._covering)
        elif len(self.entries) > FEW:
            self._covering = {}
            for known in self.entries:
                self._file(known, self._covering)

    def _file(self, entry: Entry, covering: dict[Key, list[Entry]]) -> None:
        first = entry[1].first
        kind = _kind(first)
        _insert(self._sided.setdefault((kind, sides(first)), []), entry)
        for actors in _ones_and_twos(first):
            _insert(covering.setdefault((kind, actors), []), entry)

    def first(self, one: Told, article: Articles, around: Around) -> Entry | None:
        """The first group to which the row belongs of those without rows of its article, with its turn."""
        for entry in self.entries if self._covering is None else self._fitting(one, self._covering):
            if entry[1].admits_other(one, around) and not entry[1].tells(article):
                return entry
        return None

    def _fitting(self, one: Told, covering: dict[Key, list[Entry]]) -> Iterator[Entry]:
        """The groups whose first row has actors and a kind that fit, in their order."""
        kind, named = _kind(one), sides(one)
        found = [covering.get((kind, named), [])]
        found += [self._sided.get((kind, actors), []) for actors in _ones_and_twos(one)]
        if kind in ARMED:  # fights and fire are the same only where the sides are
            found += [self._sided.get((other, named), []) for other in ARMED - {kind}]
        return heapq.merge(*filter(None, found), key=_turn)


class _Day:
    """The groups of a governorate and day: a shelf for each place, and where there are many, one of all."""

    __slots__ = ("_whole", "places")

    def __init__(self) -> None:
        self.places: dict[str, _Shelf] = {}
        self._whole: _Shelf | None = None

    def put(self, place: str, turn: int, group: _Group) -> None:
        """Puts a group that has a row of the place and day where it is looked for."""
        self.places.setdefault(place, _Shelf()).put(turn, group)
        if self._whole:
            self._whole.put(turn, group)

    def whole(self) -> _Shelf:
        """One shelf with the groups of all places."""
        if self._whole is None:
            self._whole = _Shelf()
            for turn, group in heapq.merge(*(shelf.entries for shelf in self.places.values()), key=_turn):
                self._whole.put(turn, group)
        return self._whole


def _insert(entries: list[Entry], entry: Entry) -> bool:
    """True where the entry was not there and has been put in its turn."""
    if not entries or entry[0] > entries[-1][0]:
        entries.append(entry)
        return True
    at = bisect.bisect_left(entries, entry[0], key=_turn)
    if entries[at][0] == entry[0]:
        return False
    entries.insert(at, entry)
    return True


def _turn(entry: Entry) -> int:
    return entry[0]


ARMED = frozenset({BATTLES, EXPLOSIONS})


def _kind(one: Told) -> str:
    """What rows of two articles must share, fights and fire by the same sides aside."""
    if one.event_type == STRATEGIC:
        return one.sub_event_type
    return PROTESTS if one.event_type == RIOTS else one.event_type


def _ones_and_twos(one: Told) -> Iterator[frozenset[str]]:
    """No actor, each actor, and each two of the named sides and allies of a row."""
    actors = sorted(sides(one).union(one.assoc_actor_1, one.assoc_actor_2))
    yield frozenset()
    for count in (1, 2):
        yield from map(frozenset, itertools.combinations(actors, count))


def _rank(away: int) -> tuple[int, int]:
    """The order in which days are looked at: the nearer first, of two the earlier."""
    return abs(away), away


def _drawer(day: int | None) -> int:
    return -1 if day is None else day // _SPAN


def _drawers(day: int | None) -> Collection[int]:
    """Where groups with a day that is not too far are kept."""
    return (-1,) if day is None else range(day // _SPAN - 1, day // _SPAN + 2)
