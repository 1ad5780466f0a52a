"""Confidence: each doubt of doubts.csv shows where its example says, and takes off what the table says."""

import csv
import datetime
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflict_events import confidence
from conflict_events.events import Article
from conflict_events.extract import DOUBTFUL, Extractor, Settings
from conflict_events.lexicon import PACKAGED, LexiconError, load

DAY = datetime.date(2020, 5, 10)
LEXICON = load()
DOUBTS = sorted(LEXICON.doubts.values(), key=lambda d: d.id)


@pytest.fixture(scope="module")
def keeping():
    return Extractor(Settings(doubtful="keep"))


@pytest.mark.parametrize("doubt", [d for d in DOUBTS if d.example], ids=lambda d: d.id)
def test_the_example_of_a_doubt_shows_it(doubt, keeping):
    article = Article(doubt.example, id="example", published=DAY)
    told = [text for x in keeping.explain(article) for kind, text in x.findings if kind == "confidence"]
    assert any(f"{doubt.doubt} -{doubt.points:.2f}" in text for text in told), told


def test_every_doubt_is_one_that_the_code_or_the_taxonomy_knows():
    code = Path(confidence.__file__).read_text(encoding="utf-8")
    known = set(re.findall(r'yield "([\w.-]+)"', code)) | {f"type.{name}" for name in LEXICON.taxonomy}
    assert {d.id for d in DOUBTS} <= known
    assert {i for i in known if not i.startswith("type.")} <= {d.id for d in DOUBTS}


@given(st.lists(st.sampled_from(DOUBTS), unique=True), st.sampled_from(DOUBTS))
def test_another_doubt_never_makes_a_row_surer(doubts, another):
    before = confidence.confidence(doubts)
    assert 0 < before <= 1
    assert confidence.confidence([*doubts, another]) <= before


def test_points_that_are_no_share_are_refused(tmp_path):
    (tmp_path / "doubts.csv").write_text(
        "id,points,doubt\ndate.untold,1.5,no day is told with it\n", encoding="utf-8"
    )
    with pytest.raises(LexiconError, match=r"doubts.csv:2: points \"1.5\" must be a number from 0 to 1"):
        load(tmp_path)


SURE = (
    "Regime warplanes bombed the town of Saraqib on Friday morning, killing three civilians. "
    "Rescuers dug in the rubble. The market was full. Schools stay closed. Families left for the border. "
)
DOUBTFUL_PART = "Shelling near Homs"


def test_doubtful_rows_are_left_out_where_the_article_tells_others_surely(keeping, extractor):
    article = Article(SURE + DOUBTFUL_PART, id="a", published=DAY)
    kept = keeping.events(article)
    assert min(e.confidence for e in kept) < DOUBTFUL <= max(e.confidence for e in kept)
    assert extractor.events(article) == [e for e in kept if e.confidence >= DOUBTFUL]
    last = extractor.explain(article)[-1]
    assert not last.events
    assert "confidence below 0.35" in last.outcome


def test_an_article_that_tells_nothing_surely_keeps_its_rows(extractor):
    article = Article(DOUBTFUL_PART, id="a", published=DAY)
    assert extractor.events(article) == extractor.events(replace(article))
    assert all(e.confidence < DOUBTFUL for e in extractor.events(article))
    assert extractor.events(article)


def test_the_table_has_a_reason_for_every_row():
    with (PACKAGED / "doubts.csv").open(encoding="utf-8", newline="") as file:
        assert all(row["doubt"] and float(row["points"]) > 0 for row in csv.DictReader(file))
