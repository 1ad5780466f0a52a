"""What merging costs a row: time and memory for 1,000 to 1,000,000 made-up rows of one density.

    python benchmarks/merging.py [--rows 1000 10000 100000 1000000] [--news even|one-day] [--json FILE]

Each size is a process of its own. The rows are 150 a day in the places of the packaged gazetteer, three
reports an event as a rule, one in seven dated only to the week or month or placed only in a region; with
"one-day" all are of one day in one governorate, which is the worst that news can do. Seconds are processor
time; the ratio to the smallest size is what to watch: below 10,000 rows a window of a month is not full.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

from conflict_events.events import Event, Place
from conflict_events.gazetteer import Gazetteer
from conflict_events.grouping import Grouping
from conflict_events.lexicon import load
from conflict_events.merge import merge

FIRST, A_DAY, REPORTS = date(2012, 1, 1), 150, (1, 1, 2, 3, 3, 4, 7)
SIZES = (1_000, 10_000, 100_000, 1_000_000)
COLUMNS = ("rows", "events", "seconds", "grouping", "us a row", "ratio", "MB", "MB of keys")


def news(chance: random.Random, gazetteer: Gazetteer, kind: str) -> Iterator[Event]:
    """Rows as articles tell them, day after day without end."""
    syrian = [place for place in gazetteer.places.values() if place.country == "SY" and place.admin1]
    regions = [place for place in syrian if place.kind in ("governorate", "district")]
    if kind == "one-day":
        syrian = [place for place in syrian if place.admin1 == "Idleb"]
        regions = [place for place in regions if place.admin1 == "Idleb"]
    weights = [1 + place.population**0.5 for place in syrian]
    lexicon = load()
    actors = [(actor.name, actor.inter) for actor in lexicon.actors.values() if actor.role == "main"][:60]
    types = [(row.event_type, row.name) for row in lexicon.taxonomy.values()]
    told = 0
    while True:
        day = FIRST if kind == "one-day" else FIRST + timedelta(days=told // A_DAY)
        place = chance.choice(regions) if chance.random() < 0.07 else chance.choices(syrian, weights)[0]
        sides, what = chance.sample(actors, 2), chance.choice(types)
        for _ in range(chance.choice(REPORTS)):
            yield report(chance, told, day, place, sides, what)
            told += 1


def report(
    chance: random.Random,
    number: int,
    day: date,
    place: Place,
    sides: list[tuple[str, int]],
    what: tuple[str, str],
) -> Event:
    """One article's row for an event: now and then with one actor only, with an ally, or vaguely dated."""
    (one, inter1), (two, inter2) = sides
    if chance.random() < 0.2:
        two, inter2 = "", 0
    article = f"archive/{day:%Y/%m}/{number // 2:08}.txt"
    return Event(
        event_date=day,
        year=day.year,
        time_precision=chance.choices((1, 2, 3), (93, 5, 2))[0],
        date_basis=chance.choice(("weekday", "published", "stated")),
        event_type=what[0],
        sub_event_type=what[1],
        actor1=one,
        inter1=inter1,
        actor2=two,
        inter2=inter2,
        assoc_actor_1=("Civilians (Syria)",) if chance.random() < 0.05 else (),
        admin1=place.admin1,
        admin2=place.admin2,
        admin3=place.admin3,
        location=place.location,
        latitude=place.latitude,
        longitude=place.longitude,
        geo_precision=3 if place.kind in ("governorate", "district") else 1,
        place_id=place.id,
        source=(f"Outlet {chance.randrange(40)}",),
        fatalities=chance.choice((0, 0, 0, 1, 3)),
        article_id=(article,),
        published=day,
        start=number % 5000,
        sentence=f"Sentence {number} of an article that says who did what to whom, and near {place.name}.",
        confidence=0.8,
    )


def measured(rows: int, kind: str) -> dict[str, float]:
    """One size, in this process."""
    gazetteer = Gazetteer.load(layer="none")
    events = list(islice(news(random.Random(7), gazetteer, kind), rows))
    before = peak()
    began = time.process_time()
    known = Grouping("all", gazetteer.around)
    for event in events:
        known.add(event)
    grouping, keys = time.process_time() - began, peak() - before
    del known
    began = time.process_time()
    merged = merge(events, around=gazetteer.around)
    return {
        "rows": rows,
        "events": len(merged),
        "seconds": time.process_time() - began,
        "grouping": grouping,
        "MB": peak(),
        "MB of keys": keys,
    }


def peak() -> float:
    """The most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (
        1024 if sys.platform != "darwin" else 1024**2
    )


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, nargs="+", default=SIZES)
    options.add_argument("--news", choices=("even", "one-day"), default="even")
    options.add_argument("--json", type=Path)
    options.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.one:
        print(json.dumps(measured(chosen.rows[0], chosen.news)))
        return
    print("".join(f"{name:>12}" for name in COLUMNS))
    table = []
    for rows in sorted(chosen.rows):
        command = [sys.executable, __file__, "--one", "--news", chosen.news, "--rows", str(rows)]
        found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        found["us a row"] = 1e6 * found["seconds"] / rows
        found["ratio"] = found["us a row"] / (table[0]["us a row"] if table else found["us a row"])
        table.append(found)
        print("".join(f"{found[name]:>12,.{2 if name == 'ratio' else 0}f}" for name in COLUMNS), flush=True)
    if chosen.json:
        chosen.json.write_text(json.dumps({"news": chosen.news, "sizes": table}, indent=1) + "\n")


if __name__ == "__main__":
    main()
