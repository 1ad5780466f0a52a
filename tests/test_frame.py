"""Frames of articles to frames of events: the rows of one machine, however the frame is cut."""

from __future__ import annotations

import datetime
import io
import json
import pickle
import subprocess
import sys
from decimal import Decimal
from functools import cache, partial
from pathlib import Path

import numpy
import pandas
import pyarrow
import pytest

import conflict_events
from conflict_events import extract_frame, frame_meta, from_frame, merge_frame, spark_schema, to_frame
from conflict_events.articles import read_articles
from conflict_events.columns import FULL, TableError
from conflict_events.drafts import FIELDS
from conflict_events.events import Article, Event
from conflict_events.frame import KINDS
from conflict_events.tables import write_events

SAMPLES = Path(__file__).parent.parent / "sample_articles"
TEXT = "Rebels captured the town of Morek from government forces on Monday."


def written(frame: pandas.DataFrame) -> str:
    file = io.StringIO()
    write_events(from_frame(frame), file, "csv", "full")
    return file.getvalue()


@pytest.fixture(scope="module")
def feed(tmp_path_factory) -> Path:
    """The sample articles as JSON lines, some printed again by an agency and some without a day before."""
    records = []
    for article in read_articles([SAMPLES]):
        assert isinstance(article, Article)
        record = {name: getattr(article, name) for name in FIELDS}
        records.append(record | {"id": Path(article.id).name, "published": str(article.published)})
    undated = [r | {"id": f"undated-{r['id']}", "published": None} for r in records[:3]]
    copies = [
        r | {"id": f"copy-{r['id']}", "text": f"{r['text']}\n(AFP)", "source": "AFP"} for r in records[1::3]
    ]
    path = tmp_path_factory.mktemp("feed") / "articles.jsonl"
    path.write_text("".join(json.dumps(r) + "\n" for r in [*undated, *records, *copies, records[4]]))
    return path


@pytest.fixture(scope="module")
def articles(feed) -> pandas.DataFrame:
    lines = feed.read_text().splitlines()
    return pandas.DataFrame([json.loads(line) for line in lines])


@cache
def one_machine(feed: Path, *options: str) -> str:
    command = [sys.executable, "-m", "conflict_events", "extract", str(feed), "--columns", "full"]
    done = subprocess.run(
        [*command, "--format", "csv", *options], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") > 30
    return done.stdout


@pytest.mark.parametrize("scope", ["article", "none"])
def test_rows_of_single_articles_are_those_of_one_machine(feed, articles, scope):
    function = pickle.loads(pickle.dumps(partial(extract_frame, merge=scope)))
    parts = [function(articles.iloc[at : at + 5]) for at in range(0, len(articles), 5)]
    assert written(pandas.concat(parts)) == one_machine(feed, "--merge", scope)


@pytest.fixture(scope="module")
def parts(articles) -> list[pandas.DataFrame]:
    return [extract_frame(articles.iloc[at : at + 4], merge="later") for at in range(0, len(articles), 4)]


def test_merged_rows_are_those_of_one_machine(feed, articles, parts):
    expected = one_machine(feed)
    assert "copy-" in expected
    assert written(merge_frame(pandas.concat(parts))) == expected
    assert written(merge_frame(pandas.concat(parts[::-1]), order=articles["id"])) == expected


def test_rows_are_chosen_after_merging(feed, parts):
    options = {"unlocated": "keep", "min_confidence": 0.5}
    expected = one_machine(feed, "--unlocated", "keep", "--min-confidence", "0.5")
    assert written(merge_frame(pandas.concat(parts), **options)) == expected
    assert expected != one_machine(feed)


def test_rows_that_changed_their_types_on_the_way_are_merged_the_same(parts):
    rows = pandas.concat(parts)
    expected = written(merge_frame(rows))
    arrow = pyarrow.Table.from_pandas(rows).to_pandas()
    plain = rows.astype(object).where(rows.notna(), None)
    text = pandas.read_csv(io.StringIO(rows.to_csv(index=False)))
    assert [str(dtype) for dtype in text.dtypes] != [str(dtype) for dtype in rows.dtypes]
    for other in (arrow, plain, text):
        assert written(merge_frame(other)) == expected


def test_rows_that_were_merged_cannot_be_merged_again(articles):
    with pytest.raises(ValueError, match='merge="later"'):
        merge_frame(extract_frame(articles.iloc[:3]))


def test_a_frame_of_events_there_and_back():
    event = Event(event_date=datetime.date(2024, 12, 2), latitude=35.0, source=("A", "B"), inter1=2)
    assert from_frame(to_frame([event], "full")) == [event]
    with pytest.raises(TableError, match="row 0: fatalities"):
        from_frame(pandas.DataFrame({"fatalities": ["several"]}))


# ---- the columns -------------------------------------------------------------------------------------


@pytest.mark.parametrize("merge", sorted(KINDS))
@pytest.mark.parametrize(
    "texts",
    [[], [TEXT], [""], ["Nothing happened in the town, they said."]],
    ids=["none", "one", "bad", "eventless"],
)
def test_columns_and_types_are_the_same_for_any_frame(merge, texts):
    rows = extract_frame(pandas.DataFrame({"text": texts}, dtype=object), merge=merge)
    meta = frame_meta(merge)
    assert list(meta.columns) == list(rows.columns) and len(meta) == 0
    assert (meta.dtypes == rows.dtypes).all()
    schema = pyarrow.Schema.from_pandas(meta)
    assert pyarrow.Table.from_pandas(rows, preserve_index=False).schema.equals(schema)
    assert not [field.name for field in schema if field.type == pyarrow.null()]


def test_columns_are_the_full_ones_and_the_failure():
    assert list(frame_meta().columns) == [*FULL, "failure"]
    assert extract_frame(pandas.DataFrame()).equals(frame_meta())


def test_spark_is_told_every_column_once():
    told = [part.split(" ") for part in spark_schema("later").split(", ")]
    assert [name.strip("`") for name, _ in told] == list(frame_meta("later").columns)
    assert {kind for _, kind in told} == {"STRING", "DATE", "BIGINT", "DOUBLE"}


def test_unknown_ways_of_merging_are_refused():
    with pytest.raises(ValueError, match="choose from article, none, later"):
        extract_frame(pandas.DataFrame({"text": [TEXT]}), merge="all")


# ---- whatever may stand in the cells -----------------------------------------------------------------

DAY = datetime.date(2024, 12, 3)


@pytest.mark.parametrize(
    "published",
    [
        DAY,
        "2024-12-03",
        "3 December 2024",
        pandas.Timestamp("2024-12-03 23:30", tz="Asia/Damascus"),
        datetime.datetime(2024, 12, 3, 1, tzinfo=datetime.UTC),
        numpy.datetime64("2024-12-03"),
        numpy.datetime64("2024-12-03T10:00:00.000000001"),
        numpy.str_("2024-12-03T10:00:00Z"),
        1733220000,
        1733220000.0,
        numpy.int64(1733220000),
    ],
    ids=repr,
)
def test_days_of_publication_in_any_form(published):
    frame = pandas.DataFrame({"text": pandas.Series([TEXT], dtype=object), "published": [published]})
    for column in (frame["published"], frame["published"].astype(object)):
        (event,) = from_frame(extract_frame(frame.assign(published=column)))
        assert (event.published, event.event_date) == (DAY, datetime.date(2024, 12, 2))


@pytest.mark.parametrize(
    "nothing", [None, float("nan"), pandas.NA, pandas.NaT, numpy.float64("nan"), ""], ids=repr
)
def test_what_is_not_told_is_nothing(nothing):
    cells = dict.fromkeys(FIELDS, pandas.Series([nothing, nothing], dtype=object))
    rows = extract_frame(pandas.DataFrame(cells | {"text": [TEXT, nothing]}))
    told, failed = rows.to_dict("records")
    assert told["article_id"].startswith("article-") and pandas.isna(told["event_date"])
    assert failed["failure"] == "is empty: there is no text to read" and pandas.isna(failed["sentence"])
    assert told["article_id"] != failed["article_id"]


@pytest.mark.parametrize(
    "given, shown",
    [(7, "7"), (7.0, "7"), (numpy.int8(7), "7"), (Decimal("7"), "7"), ("a b\n", "a b"), ("007", "007")],
)
def test_ids_of_any_kind(given, shown):
    frame = pandas.DataFrame({"id": [given, None], "text": [TEXT, TEXT]})
    assert from_frame(extract_frame(frame))[0].article_id == (shown,)


class Hostile:
    def __str__(self) -> str:
        raise RuntimeError("no\nname")


@pytest.mark.parametrize(
    "text, reason",
    [
        (3.5, "not text"),
        (True, "not text"),
        (TEXT.encode(), "not text"),
        (["a", "list"], "not text"),
        ({"body": TEXT}, "not text"),
        (Hostile(), "RuntimeError: no name"),
        ("x" * 2000, "longer than"),
        ("Les rebelles ont pris la ville de Morek lundi dernier, selon des sources locales. " * 3, "English"),
        ("\ud800", ""),
        ("\0", ""),
    ],
    ids=["number", "truth", "bytes", "list", "object", "hostile", "long", "french", "half", "nul"],
)
def test_an_article_that_cannot_be_read_costs_one_row(text, reason):
    frame = pandas.DataFrame({"id": ["a", "b", "c"], "text": [TEXT, text, TEXT]}, dtype=object)
    rows = extract_frame(frame, limit=1000)
    assert list(rows["article_id"][rows["failure"].isna()]) == ["a", "c"]
    failures = rows.dropna(subset="failure")
    if reason:
        assert [*failures["article_id"]] == (["b"] if text.__class__ is not Hostile else ["?"])
        assert reason in failures["failure"].iloc[0] and "\n" not in failures["failure"].iloc[0]
    assert len(from_frame(rows)) == 2


@pytest.mark.parametrize("dtype", ["object", "string", "category", pandas.ArrowDtype(pyarrow.large_string())])
def test_texts_of_any_type_and_any_index(dtype):
    texts = pandas.Series([TEXT, None], dtype=object).astype(dtype)
    frame = pandas.DataFrame({"text": texts}).set_index(pandas.Index([5, 5]))
    assert list(extract_frame(frame)["failure"].isna()) == [True, False]


def test_half_characters_are_mended_everywhere():
    half = "b\ud800"
    cells = {key: [half, half] for key in FIELDS} | {"text": [f"{TEXT} {half}", half * 1000]}
    rows = extract_frame(pandas.DataFrame(cells, dtype=object), limit=1000)
    assert list(rows["article_id"]) == ["b\ufffd", "b\ufffd"] and list(rows["failure"].isna()) == [
        True,
        False,
    ]


def test_columns_of_other_names():
    frame = pandas.DataFrame(
        {"body": [TEXT], "site": [{"name": "Levant Wire"}], "date": ["2024-12-03"], "text": [None]}
    )
    mapping = {"text": "body", "source": "site.name", "published": "date"}
    (event,) = from_frame(extract_frame(frame, mapping=mapping))
    assert event.source == ("Levant Wire",) and event.published == DAY
    with pytest.raises(ValueError, match=r"no column \"body\" among text: .*mapping"):
        extract_frame(pandas.DataFrame({"text": [TEXT]}), mapping=mapping)
    with pytest.raises(ValueError, match="'body' is none of the fields"):
        extract_frame(frame, mapping={"body": "text"})


def test_two_columns_of_one_name():
    frame = pandas.DataFrame([[TEXT, "not this one"]], columns=["text", "text"])
    assert len(from_frame(extract_frame(frame))) == 1


def test_articles_of_one_id_stay_two():
    other = "Government shelling killed two civilians in the town of Kafr Nabl on Monday."
    frame = pandas.DataFrame({"id": ["x", "x"], "text": [TEXT, other], "published": [DAY, DAY]})
    rows = extract_frame(frame, merge="later")
    assert len(merge_frame(rows)) == 2
    twice = pandas.DataFrame({"id": ["x", "x"], "text": [TEXT, TEXT], "published": [DAY, DAY]})
    (event,) = from_frame(merge_frame(extract_frame(twice, merge="later")))
    (once,) = conflict_events.extract(Article(TEXT, "x", published=DAY))
    assert event.confidence == once.confidence  # being printed twice makes it no surer


def test_settings_that_cannot_be_used_raise():
    settings = conflict_events.Settings(model="no_such_model")
    with pytest.raises(ValueError, match="not installed"):
        extract_frame(pandas.DataFrame({"text": [TEXT]}), settings=settings)
