"""Merging finds what comparing all rows with all would find, whatever the rows and their order."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import merge_reference
import newsroom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events import grouping
from conflict_events.events import Event
from conflict_events.gazetteer import Gazetteer
from conflict_events.grouping import Grouping
from conflict_events.lexicon import load
from conflict_events.merge import merge, rank
from conflict_events.sameness import same
from conflict_events.taxonomy import ranks

DAY = date(2016, 12, 28)
# A governorate with a district in it, a town with a quarter, a village; and a place elsewhere.
LIES_IN = {
    "district": {"governorate"},
    "town": {"district", "governorate"},
    "quarter": {"town", "district", "governorate"},
    "village": {"governorate"},
}
PLACES = ["", "governorate", "district", "town", "quarter", "village", "far"]
ACTORS = [
    "",
    "Civilians (Syria)",
    "Unidentified Armed Group (Syria)",
    "Military Forces of Syria (2000-2024)",
    "Military Forces of Russia (2000-)",
    "Allied Syrian and/or Russian Forces",
    "Opposition Rebels (Syria)",
    "HTS: Hayat Tahrir al Sham",
]
INTERS = dict(zip(ACTORS, (0, 7, 3, 1, 8, 8, 2, 2), strict=True))
TYPES = [
    ("Battles", "Armed clash"),
    ("Battles", "Government regains territory"),
    ("Battles", "Non-state actor overtakes territory"),
    ("Explosions/Remote violence", "Air/drone strike"),
    ("Explosions/Remote violence", "Shelling/artillery/missile attack"),
    ("Violence against civilians", "Attack"),
    ("Strategic developments", "Non-violent transfer of territory"),
    ("Strategic developments", "Change to group/activity"),
    ("Protests", "Peaceful protest"),
    ("Protests", "Excessive force against protesters"),
    ("Riots", "Violent demonstration"),
]


def around(place: str) -> set[str]:
    return LIES_IN.get(place, set())


@st.composite
def event(draw) -> Event:
    kind, sub = draw(st.sampled_from(TYPES))
    actor1, actor2 = draw(st.sampled_from(ACTORS)), draw(st.sampled_from(ACTORS))
    place, days = draw(st.sampled_from(PLACES)), draw(st.integers(-1, 40))
    return Event(
        event_date=None if days < 0 else DAY + timedelta(days=days),
        time_precision=draw(st.sampled_from([None, 1, 1, 1, 2, 3])),
        date_basis=draw(st.sampled_from(["published", "carried", "weekday"])),
        event_type=kind,
        sub_event_type=sub,
        actor1=actor1,
        inter1=INTERS[actor1],
        actor2=actor2,
        inter2=INTERS[actor2],
        assoc_actor_1=draw(st.sampled_from([(), (ACTORS[6],), (ACTORS[3], ACTORS[4])])),
        admin1=draw(st.sampled_from(["Idleb", "Idleb", "Hama", ""])),
        place_id=place,
        location=place,
        geo_precision=draw(st.sampled_from([None, 1, 2, 3])),
        trigger=draw(st.sampled_from(["attack", "executed"])),
        article_id=(draw(st.sampled_from("abcdef")),),
        source=(draw(st.sampled_from("xyz")),),
        start=draw(st.integers(0, 9)),
        fatalities=draw(st.sampled_from([0, 0, 3, 5])),
        confidence=draw(st.sampled_from([0.4, 0.9])),
    )


@pytest.fixture(params=["few", "many"])
def shelves(request, monkeypatch):
    """Long shelves are looked up, short ones looked through; with "few" nearly all are long."""
    if request.param == "few":
        monkeypatch.setattr(grouping, "FEW", 1)
        monkeypatch.setattr(grouping, "MANY", 1)


@given(st.lists(event(), max_size=60), st.booleans())
@settings(max_examples=200, deadline=None)
def test_the_same_as_comparing_all_with_all(events, over_all):
    scope = "all" if over_all else "article"
    found = merge(events, scope, around=around)
    assert sorted(map(repr, found)) == sorted(map(repr, merge_reference.merged(events, scope, around)))


def crowd(count: int, chance: random.Random, *, days: int, places: list[str], articles: int) -> list[Event]:
    """Rows packed closely, so that groups are large and shelves long."""
    made = []
    for number in range(count):
        kind, sub = chance.choice(TYPES)
        one, two = chance.choice(ACTORS), chance.choice(ACTORS)
        made.append(
            Event(
                event_date=DAY + timedelta(days=chance.randrange(days)),
                time_precision=chance.choice([1, 1, 1, 1, 2, 3]),
                date_basis=chance.choice(["weekday", "published"]),
                event_type=kind,
                sub_event_type=sub,
                actor1=one,
                inter1=INTERS[one],
                actor2=two,
                inter2=INTERS[two],
                assoc_actor_2=tuple(chance.sample(ACTORS[3:], chance.choice([0, 0, 1, 2]))),
                admin1="Idleb",
                place_id=(place := chance.choice(places)),
                location=place,
                geo_precision=chance.choice([1, 1, 2, 3]),
                article_id=(f"article {number * articles // count}",),
                start=number,
                confidence=0.8,
            )
        )
    return made


@pytest.mark.parametrize(
    "days, places, articles",
    [
        (1, ["town"], 1000),
        (1, PLACES, 300),
        (60, ["town", "quarter"], 400),
        (60, PLACES, 1),
        (400, PLACES, 1000),
    ],
)
def test_crowds_are_merged_as_by_comparing_all(days, places, articles, shelves):
    events = crowd(1000, random.Random(days), days=days, places=places, articles=articles)
    assert merge(events, around=around) == merge_reference.merged(events, around=around)
    events.reverse()
    assert merge(events, around=around) == merge_reference.merged(events, around=around)


@pytest.mark.parametrize("seed", range(3))
def test_the_newsroom_is_merged_as_by_comparing_all(seed):
    events = [event for _, events in newsroom.news(400, seed) for event in events]
    assert merge(events) == merge_reference.merged(events)


def test_numbers_of_groups_come_in_turn():
    events = crowd(300, random.Random(5), days=20, places=PLACES, articles=100)
    known = Grouping("all", around)
    highest = -1
    for number in map(known.add, events):
        assert 0 <= number <= highest + 1
        highest = max(highest, number)
    assert highest + 1 == len(merge(events, around=around))


# ---- cost ----


def report(number: int, **told) -> Event:
    return replace(
        newsroom.told(f"article {number}", DAY),
        **{"admin1": "Idleb", "place_id": "town", "location": "Town"} | told,
    )


HOSTILE = {
    "reports of one event": lambda n: report(n, assoc_actor_1=(ACTORS[3 + n % 5],) if n % 7 == 0 else ()),
    "events of one day and place": lambda n: report(n, actor1=f"Group {n % 400}", actor2=f"Group {n // 400}"),
    "events of one day": lambda n: report(n, place_id=f"town {n % 500}", actor1=f"Group {n % 977}"),
    "a day of towns and regions": lambda n: report(
        n,
        place_id="region" if n % 10 == 0 else f"town {n % 500}",
        geo_precision=3 if n % 10 == 0 else 1,
        actor1=f"Group {n % 31}",
        actor2=f"Group {n % 37}",
    ),
    "rows without a place": lambda n: replace(
        report(n), place_id="", location="", admin1="", latitude=None, longitude=None
    ),
    "rows without a day": lambda n: report(n, event_date=None, place_id=f"town {n % 500}"),
    "weeks and months": lambda n: report(
        n,
        event_date=DAY + timedelta(days=n // 100),
        time_precision=1 + n % 3,
        actor1=f"Group {n % 9}",
        place_id=f"town {n % 7}",
    ),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_ten_times_the_rows_are_compared_no_more_often_a_row(case, monkeypatch):
    """Comparing all with all takes ten times as many comparisons a row."""
    compared = 0

    def counted(*rows):
        nonlocal compared
        compared += 1
        return same(*rows)

    def comparisons(count: int) -> float:
        nonlocal compared
        compared = 0
        known = Grouping("all", lambda place: ["region"] if place.startswith("town") else [])
        for number in range(count):
            known.add(HOSTILE[case](number))
        return compared / count

    monkeypatch.setattr(grouping, "same", counted)
    assert comparisons(10_000) < 2 * comparisons(1000) + 10


# ---- the gazetteer, the hierarchy ----


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer.load(layer="none")


def test_what_lies_around_a_place_contains_it():
    found = gazetteer()
    assert {"damascus"} < found.around("damascus-jobar") and "damascus" not in found.around("damascus")
    assert found.around("no-such-place") == frozenset()
    ids = random.Random(3).sample(list(found.places), 300)
    for inner in ids:
        outer = found.around(inner)
        assert inner not in outer and outer <= {*found.places}
        for one in outer:
            assert found.contains(one, inner) and not found.contains(inner, one)
            assert found.around(one) <= outer


def test_the_hierarchy_is_that_of_the_dictionary():
    for name, kind in load().taxonomy.items():
        assert (ranks()[kind.event_type], ranks()[name]) == kind.rank
    protest, riot = (
        Event(event_type="Protests", sub_event_type="Peaceful protest"),
        Event(event_type="Riots", sub_event_type="Mob violence"),
    )
    assert rank(riot) < rank(protest)
