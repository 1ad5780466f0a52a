"""Reading articles: asking for reasons changes no row, and nothing is left behind."""

from __future__ import annotations

import copy
import dataclasses
import gc
import pickle

import newswire
import pytest

from conflict_events import Article
from conflict_events.events import Event, changed
from conflict_events.extract import Extractor
from conflict_events.parse import Token


def articles() -> list[Article]:
    records = [record for kind in newswire.KINDS for record in newswire.articles(kind, 25)]
    return [Article(record["text"], id=str(i)) for i, record in enumerate(records)]


def test_asking_for_reasons_changes_no_row(extractor: Extractor) -> None:
    news = articles()
    told = list(extractor.pipe(news))
    for (article, events), (_, sentences) in zip(told, extractor.reader.read(news), strict=True):
        assert extractor._events(article, sentences, []) == events
    assert sum(len(events) for _, events in told) > 100


def test_no_parse_waits_for_the_garbage_collector(extractor: Extractor) -> None:
    news = articles()[:20]
    gc.collect()
    gc.disable()
    try:
        assert sum(len(events) for _, events in extractor.pipe(news)) > 10
        left = [thing for thing in gc.get_objects() if isinstance(thing, Token)]
    finally:
        gc.enable()
    assert not left


def test_events_are_packed_and_changed_as_dataclasses_are(extractor: Extractor) -> None:
    (event, *_) = [e for _, events in extractor.pipe(articles()) for e in events]
    assert pickle.loads(pickle.dumps(event)) == copy.deepcopy(event) == event != Event()
    for values in ({}, {"fatalities": 7}, {"admin1": "Homs", "latitude": None, "confidence": 0.5}):
        assert changed(event, **values) == dataclasses.replace(event, **values)
    assert dataclasses.astuple(changed(event)) == dataclasses.astuple(event)
    with pytest.raises(KeyError):
        changed(event, deaths=3)
