"""A newsroom for tests of `update`: made-up articles with the events they tell, and people at a sheet."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

from conflict_events import coding
from conflict_events.columns import ACLED
from conflict_events.events import Article, Event
from conflict_events.merge import join, merge
from conflict_events.readers import read_table
from conflict_events.sameness import belongs
from conflict_events.sheet import Keeper, Wanted

FIRST = date(2024, 11, 1)
NAMES = ("Amber", "Aspen", "Birch", "Basil", "Cedar", "Clover")
TOWNS = [(f"Tell {name}", f"Province {name[0]}") for name in NAMES]
ARMY, REBELS = "Military Forces of Syria (2000-2024)", "Opposition Rebels (Syria)"
KINDS = {
    "Armed clash": "Battles",
    "Air/drone strike": "Explosions/Remote violence",
    "Attack": "Violence against civilians",
    "Looting/property destruction": "Strategic developments",
}


class Desk:
    """The engine of the tests: the real rules of what tells the same, without a language model."""

    lexicon = SimpleNamespace(sources={}, outlets={})

    def belongs(self, event, group):
        return belongs(event, group)

    def join(self, group):
        return complete(join(list(group)))

    def merge(self, events):
        return [complete(event) for event in merge(events)]


def complete(event: Event) -> Event:
    year = event.event_date.year if event.event_date else None
    note = f"{event.sub_event_type} at {event.location}, told by {'; '.join(event.source)}"
    event = replace(event, year=year, notes=note)
    return replace(event, event_id_cnty=coding.event_id(event))


def told(article: str, day: date, town: int = 0, kind: str = "Armed clash", dead: int = 0, **more) -> Event:
    """An event as one article tells it."""
    name, province = TOWNS[town]
    known = {
        "actor1": ARMY,
        "inter1": 1,
        "actor2": REBELS,
        "inter2": 2,
        "time_precision": 1,
        "geo_precision": 1,
    } | more
    return complete(
        Event(
            event_date=day,
            event_type=KINDS[kind],
            sub_event_type=kind,
            admin1=province,
            location=name,
            place_id=name.lower(),
            latitude=35.0 + town / 10,
            longitude=36.5,
            source=(f"Paper {article[-1]}",),
            fatalities=dead,
            fatalities_text=f"{dead} killed" if dead else "",
            article_id=(article,),
            published=day,
            confidence=0.8,
            **known,
        )
    )


def news(count: int, seed: int = 1) -> list[tuple[Article, list[Event]]]:
    """Articles, each with up to three events; many tell what others told, better or worse."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        name, day = f"article-{number:04}", FIRST + timedelta(days=number * 90 // count + chance.randrange(3))
        events = [
            told(
                name,
                day - timedelta(days=chance.randrange(4)),
                chance.randrange(len(TOWNS)),
                chance.choice([*KINDS]),
                chance.choice([0, 0, 3, 5, 8]),
                time_precision=chance.choice([1, 1, 1, 2]),
                actor2=chance.choice([REBELS, "", "QSD: Syrian Democratic Forces"]),
            )
            for _ in range(chance.randrange(4))
        ]
        made.append((Article(f"Text of {name}.", id=name, published=day), events))
    return made


def expected(articles) -> list[Event]:
    """What one `extract` over all articles gives."""
    return Desk().merge(event for _, events in articles for event in events)


class Apart(Desk):
    """Takes every event for one of its own, as for events of one id that contradict each other."""

    def belongs(self, event, group):
        return False


def update(path: Path, articles, desk=Desk, **wanted):
    """One run over these articles; what was done."""
    with Keeper(path, Wanted(**wanted)) as keeper:
        known = {article.id: events for article, events in articles}
        given = keeper.unread(["-"], lambda name: [article for article, _ in articles])
        for article in given:
            keeper.take(article, known[article.id], desk())
        return keeper.write(desk)


def rows(path: Path) -> list[Event]:
    return read_table(path).events


def bare(event: Event, *without: str):
    """The event's ACLED columns without its id, to compare what two rows say."""
    return tuple(getattr(event, name) for name in ACLED if name not in ("event_id_cnty", *without))


# ---- people ----


def edit(path: Path, change) -> None:
    """Lets `change` work on the sheet's cells, lists with the header first, as a program saves it."""
    if path.suffix == ".csv":
        cells = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
        change(cells)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(cells)
        return
    if path.suffix == ".xlsx":
        import openpyxl

        book = openpyxl.load_workbook(path)
        sheet = book["events"]
        cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
        change(cells)
        sheet.delete_rows(1, sheet.max_row)
        for number, row in enumerate(cells, 1):
            for place, value in enumerate(row, 1):
                sheet.cell(number, place, value)
        book.save(path)
        return
    import odfdo

    document = odfdo.Document(path)
    table = document.body.get_table(name="events")
    cells = [[cell.value for cell in row.traverse()] for row in table.traverse()]
    change(cells)
    made = odfdo.Table("events")
    for row in cells:
        line = odfdo.Row()
        for value in row:
            line.append_cell(odfdo.Cell(value))
        made.append_row(line)
    document.body.replace_element(table, made)
    document.save(path)
