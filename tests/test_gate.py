"""Speed may not change rows: parsing every sentence, other batches and more processes give the same ones.

The texts are the samples, the cases, and articles mixed from the sentences of the dictionaries: some with a
trigger, some without one that look alike, and some that follow up on others.
"""

from __future__ import annotations

import datetime
import json
import random
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import newswire
import pytest
from conftest import read_table
from test_cases import CASES

from conflict_events import Extractor, Settings, batch
from conflict_events.articles import read_articles
from conflict_events.events import Article, Event, Failure
from conflict_events.lexicon import PACKAGED
from conflict_events.phrases import fold

SAMPLES = Path(__file__).parent.parent / "sample_articles"
# Sentences without an event, so that gaps between candidates are of all lengths.
FILLERS = (
    "The weather stayed cold.",
    "A baker said that flour had become dear again.",
    "He gave no further details.",
    "Schools in Latakia will open next week.",
    "The group did not comment.",
    "Nobody was hurt, according to a local council.",
    "It was the third such day this month.",
    "The minister of health received a delegation in Damascus.",
)


def mixed(count: int, seed: int) -> list[Article]:
    """Articles of up to a dozen sentences in an order that no reporter would choose."""
    rows = read_table(PACKAGED / "triggers.csv") + read_table(PACKAGED / "cues.csv")
    told = [row[name] for row in rows for name in ("example", "counter_example") if row[name]]
    draw = random.Random(seed)
    articles = []
    for number in range(count):
        sentences = [
            draw.choice(FILLERS) if draw.random() < 0.4 else draw.choice(told)
            for _ in range(draw.randint(1, 12))
        ]
        parts = [text if text.endswith(".") else text + "." for text in sentences]
        day = datetime.date(2016, 1, 1) + datetime.timedelta(days=draw.randrange(3500))
        text = "".join(part + draw.choice([" ", " ", "\n\n"]) for part in parts)
        articles.append(Article(text.strip(), id=f"mixed-{number}", published=day))
    return articles


def corpus() -> list[Article]:
    samples = [item for item in read_articles([SAMPLES]) if isinstance(item, Article)]
    days = (datetime.date.fromisoformat(case.published) if case.published else None for case in CASES)
    cases = [Article(c.text, id=c.id, title=c.title, published=d) for c, d in zip(CASES, days, strict=True)]
    return [*samples, *cases, *mixed(120, seed=1)]


Rows = dict[str, list[Event]]


def rows(extractor: Extractor, articles: Iterable[Article]) -> Rows:
    return {article.id: extractor.merge(events, "article") for article, events in extractor.pipe(articles)}


def same(one: Rows, other: Rows) -> None:
    different = {id_: (one[id_], other[id_]) for id_ in one if one[id_] != other.get(id_)}
    assert one.keys() == other.keys() and not different, next(iter(different.items()))


@pytest.fixture(scope="module")
def articles() -> list[Article]:
    return corpus()


@pytest.fixture(scope="module")
def ungated() -> Extractor:
    return Extractor(Settings(gate=False))


@pytest.fixture(scope="module")
def located() -> Extractor:
    return Extractor(Settings(located=True))


@pytest.fixture(scope="module")
def expected(extractor: Extractor, articles: list[Article]) -> Rows:
    found = rows(extractor, articles)
    assert len(found) == len(articles) and sum(map(len, found.values())) > 100
    return found


def test_parsing_every_sentence_changes_no_row(
    expected: Rows, ungated: Extractor, articles: list[Article]
) -> None:
    same(expected, rows(ungated, articles))


def abroad(count: int) -> list[Article]:
    """News of other countries, every third article with a sentence on Syria in its middle."""
    draw = random.Random(4)
    told = [
        "Shells fell on the village of Kafr Nabl, killing two men.",
        "Militants attacked a checkpoint near Tadmor on Monday.",
        "Syrian rebels seized a lorry on Sunday.",
        "Gunmen killed a farmer in the village of Kafr Nabbudaa.",  # in no list, in this spelling
        "The Olive Branch operation took a hill on Friday, killing three fighters.",
    ]
    articles = []
    for number, record in enumerate(newswire.articles("peace", count)):
        blocks = record["text"].split("\n\n")
        if number % 3 == 0:
            blocks.insert(len(blocks) // 2, draw.choice(told))
        day = datetime.date.fromisoformat(record["published"])
        articles.append(Article("\n\n".join(blocks), record["id"], record["title"], day))
    return articles


def test_what_names_nothing_of_syria_is_not_read_and_loses_no_row_with_a_place(
    located: Extractor, ungated: Extractor
) -> None:
    articles = abroad(90)
    unread = [a for a in articles if not located.reader.sentences(a)]
    assert 30 < len(unread) < 80

    def placed(found: Rows) -> Rows:
        return {id_: [e for e in events if e.latitude is not None] for id_, events in found.items()}

    expected = placed(rows(ungated, articles))
    assert sum(map(len, expected.values())) > 10
    same(expected, placed(rows(located, articles)))


def test_no_name_in_a_text_is_overlooked(extractor: Extractor) -> None:
    names = extractor.marker._places
    draw = random.Random(6)
    frames = (
        "It was in {} on Monday.",
        "The eastern {}, a witness said",
        "men of al-{}",
        "'{}' 2,000 {}",
        "U.S. {}",
    )
    found = 0
    for place in draw.sample([p for p in extractor.gazetteer.places.values() if p.country == "SY"], 1500):
        name = fold(draw.choice((place.name, place.location, *place.aliases)))
        for frame in frames:
            text = frame.replace("{}", name)
            found += names.may_be_in(text)
            assert names.may_be_in(text) == names._named_in(text), text
    assert found > 3000


def test_a_short_text_without_a_place_is_not_parsed_where_places_are_wanted(extractor: Extractor) -> None:
    day = datetime.date(2016, 5, 4)
    texts = {
        "Gunmen killed two men in Oslo on Monday.": 0,
        "Gunmen killed two men in Idlib on Monday.": 1,
        # nearly a village's name, which the word before shows to be a place
        "Gunmen killed two men in the village of Sermmin on Monday.": 1,
        # the town that the operation was about
        "Turkish forces killed two fighters of the YPG in Operation Olive Branch on Monday.": None,
    }
    wanted = Extractor(Settings(located=True))
    wanted.reader.share(extractor.reader)
    for text, rows in texts.items():
        article = Article(text, id="short", published=day)
        told = [e for e in extractor.events(article) if e.latitude is not None]
        assert wanted.events(article) == told
        assert rows is None or len(told) == rows
        assert bool(wanted.reader.sentences(article)) == (rows != 0)


def test_a_title_makes_no_short_text_long(located: Extractor, ungated: Extractor) -> None:
    """Of 1,000 characters the text decides, with a gate or without: its village may be in no list."""
    told = "Gunmen killed a farmer in the village of Jarjanoz on Monday. "
    text = (told + "The weather stayed cold. " * 40)[:995].rsplit(". ", 1)[0] + "."
    article = Article(
        text, "brief", "A farmer, a market and a cold week in the hills", datetime.date(2019, 5, 6)
    )
    assert len(text) <= 1000 < len(article.title) + len(text)
    expected = rows(ungated, [article])
    assert [e.latitude is not None for e in expected["brief"]] == [True]
    same(expected, rows(located, [article]))


def test_an_article_by_itself_gives_the_same_rows(
    extractor: Extractor, expected: Rows, articles: list[Article]
) -> None:
    others = articles[1::2]  # than those that batches of one article are made of below
    same({a.id: expected[a.id] for a in others}, {a.id: extractor.events(a) for a in others})


@pytest.mark.parametrize("size", [1, 7])
def test_the_size_of_batches_changes_no_row(
    extractor: Extractor, expected: Rows, articles: list[Article], size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "ARTICLES", size)
    results = list(batch.run(articles[::2], extractor))
    assert not [result for result in results if isinstance(result, Failure)]
    found = {r[0].id: extractor.merge(r[1], "article") for r in results if not isinstance(r, Failure)}
    same({article.id: expected[article.id] for article in articles[::2]}, found)


def test_a_second_run_and_another_order_give_the_same_rows(
    extractor: Extractor, expected: Rows, articles: list[Article]
) -> None:
    shuffled = random.Random(2).sample(articles, len(articles))
    same(expected, rows(extractor, shuffled))


def test_worker_processes_write_the_same_bytes(tmp_path: Path, articles: list[Article]) -> None:
    feed = tmp_path / "feed.jsonl"
    with feed.open("w", encoding="utf-8") as file:
        for article in articles:
            record = {"id": article.id, "title": article.title, "text": article.text}
            day = article.published.isoformat() if article.published else None
            file.write(json.dumps({**record, "published": day}) + "\n")
    command = [sys.executable, "-m", "conflict_events", "extract", str(feed), "--columns", "full"]
    one, two = (subprocess.run([*command, "--jobs", n], capture_output=True, timeout=300) for n in "12")
    assert (one.returncode, two.returncode) == (0, 0), one.stderr.decode() + two.stderr.decode()
    assert (one.stdout, one.stderr) == (two.stdout, two.stderr)
    assert len(one.stdout.splitlines()) > 100
