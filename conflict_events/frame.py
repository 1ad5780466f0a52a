"""Articles in a data frame, events in a data frame: the one function that engines for frames are handed.

Dask, Spark and Ray cut a large frame into small ones, send each to some process of some machine and put the
answers together. `extract_frame` is made for that: it keeps nothing between two calls but the loaded engine,
can be pickled, gives the same columns and types for any frame, and turns whatever is wrong with an article
into a row that says so. What only all rows together can tell, that two articles report the same event, is
left to `merge_frame`.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .batch import rows, run, selected
from .columns import FULL, TableError, Value, from_row, row
from .copies import Copies, Print, credited, fingerprint, print_of
from .drafts import FIELDS, LIMIT, Reading, clean
from .events import Article, Event, Failure
from .extract import Extractor, Settings, engine
from .records import metadata, read_record
from .sources import sources
from .tables import frame_of, to_frame

if TYPE_CHECKING:
    import pandas

    Cells = dict[str, Value]

FAILURE = "failure"  # why an article could not be read; its row has nothing else but `article_id`
PRINT = "article_print"  # what merge_frame has to know of the article of a row
KINDS: Mapping[str, Mapping[str, str]] = {
    "article": {**FULL, FAILURE: "text"},
    "none": {**FULL, FAILURE: "text"},
    "later": {**FULL, FAILURE: "text", PRINT: "text"},
}
_SPARK = {"date": "DATE", "count": "BIGINT", "decimal": "DOUBLE"}


# ---- what comes out ----------------------------------------------------------------------------------


def frame_meta(merge: str = "article") -> pandas.DataFrame:
    """A frame without rows, with the columns and types that `extract_frame(…, merge=merge)` gives.

    It is what Dask calls meta; `pyarrow.Schema.from_pandas` makes Arrow's schema of it.
    """
    return frame_of([], _kinds(merge))


def spark_schema(merge: str = "article") -> str:
    """The columns that `extract_frame(…, merge=merge)` gives, as Spark's `mapInPandas` wants them told."""
    return ", ".join(f"`{name}` {_SPARK.get(kind, 'STRING')}" for name, kind in _kinds(merge).items())


def _kinds(merge: str) -> Mapping[str, str]:
    if merge not in KINDS:
        raise ValueError(f"merge={merge!r}: choose from {', '.join(KINDS)}")
    return KINDS[merge]


# ---- articles to events ------------------------------------------------------------------------------


def extract_frame(
    articles: pandas.DataFrame,
    *,
    merge: str = "article",
    mapping: Mapping[str, str] | None = None,
    limit: int = LIMIT,
    unlocated: str = "drop",
    min_confidence: float = 0.0,
    settings: Settings | None = None,
) -> pandas.DataFrame:
    """The events of the articles, a row each, in the order of the articles: the full columns and `failure`.

    Of the columns `id`, `title`, `text`, `published`, `source` and `url` only `text` is needed; `mapping` gives
    the names they have in the frame, {"text": "body"}. Days of publication may be dates, stamps or text;
    whatever is empty (None, NaN, NaT) counts as not told. An article without an id is named after its words.

    An article that cannot be read (empty, longer than `limit` characters, not in English, not text) gives one
    row with its `article_id` and the reason in `failure`, which is empty in all other rows.

    `merge` is "article" (the same event told twice in one article is one row), "none", or "later": then
    everything `merge_frame` needs is given, also what `unlocated` ("drop" or "keep") and `min_confidence`
    (0 to 1) leave out otherwise.

    The engine is loaded with the first call in a process, and by any number of threads used in turn. Raises
    ValueError where the frame has no column for the text, LexiconError or GazetteerError where the
    dictionaries, the gazetteer or the model of `settings` cannot be used: that would be so for every article.
    """
    kinds = _kinds(merge)
    reading = Reading(names=_names(mapping), limit=limit)
    items = _items(articles, reading)
    with engine(settings or Settings()) as extractor:
        if merge == "later":
            return frame_of(list(_unmerged(items, extractor)), kinds)
        found: list[Cells] = []
        events = rows(
            run(items, extractor),
            extractor.merge,
            scope=merge,
            unlocated=unlocated,
            min_confidence=min_confidence,
            on_failure=lambda failure: found.append(_failed(failure)),
        )
        for event in events:
            found.append(row(event, "full"))
        return frame_of(found, kinds)


def _names(mapping: Mapping[str, str] | None) -> dict[str, str]:
    unknown = [name for name in mapping or {} if name not in FIELDS]
    if unknown:
        raise ValueError(f"mapping: {unknown[0]!r} is none of the fields {', '.join(FIELDS)}")
    return dict(mapping or {})


def _failed(failure: Failure) -> Cells:
    return {"article_id": clean(failure.path), FAILURE: clean(failure.reason)}


def _unmerged(items: Iterable[Article | Failure], extractor: Extractor) -> Iterator[Cells]:
    for result in run(items, extractor):
        if isinstance(result, Failure):
            yield _failed(result)
            continue
        article, events = result
        for number, event in enumerate(events):
            yield row(event, "full") | {PRINT: _written(article, number, extractor)}


def _written(article: Article, number: int, extractor: Extractor) -> str:
    """What says, without the article, whether it is a copy of another; `number` counts its rows from 0."""
    outlet, _ = sources(article, (), extractor.lexicon)
    return json.dumps([number, fingerprint(article), print_of(article).long, outlet], ensure_ascii=False)


# ---- the rows of a frame as articles -----------------------------------------------------------------


def _items(articles: pandas.DataFrame, reading: Reading) -> Iterator[Article | Failure]:
    if not len(articles):  # some engines leave the columns out where there are no rows
        return iter(())
    frame = articles.loc[:, ~articles.columns.duplicated()]
    text = reading.key("text")
    if not {text, text.split(".")[0]} & {*frame.columns}:
        shown = ", ".join(map(str, list(frame.columns)[:12]))
        raise ValueError(f'no column "{text}" among {shown}: say which it is with mapping={{"text": NAME}}')
    wanted = {part for name in FIELDS for key in (reading.key(name),) for part in (key, key.split(".")[0])}
    columns = {str(name): frame[name].tolist() for name in frame.columns if name in wanted}
    return (
        _item(dict(zip(columns, cells, strict=True)), reading)
        for cells in zip(*columns.values(), strict=True)
    )


def _item(cells: Mapping[str, Any], reading: Reading) -> Article | Failure:
    name = ""
    try:
        record = {key: _plain(cell) for key, cell in cells.items()}
        name = metadata(record, reading.key("id")) or _named_after(record)
        return read_record(name, record, reading)
    except Exception as error:  # a cell may hold any object: it must cost one article and not all
        return Failure(
            name or "?", f"cannot be read ({' '.join(f'{type(error).__name__}: {error}'.split())[:300]})"
        )


def _plain(cell: Any) -> Any:
    """A cell as JSON would hold it; None for all that frames have in place of nothing."""
    import numpy
    import pandas

    if cell is None or cell is pandas.NA or cell is pandas.NaT or (isinstance(cell, float) and cell != cell):
        return None
    if isinstance(cell, numpy.datetime64):
        return _plain(pandas.Timestamp(cell))
    if isinstance(cell, numpy.generic) and not isinstance(cell, str | bytes):
        return _plain(cell.item())
    if isinstance(cell, datetime.datetime):
        return cell.date().isoformat()
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() else cell  # whole numbers beside empty cells are floats
    return cell if isinstance(cell, str | bytes | int | Mapping | list | tuple) else str(cell)


def _named_after(record: Mapping[str, Any]) -> str:
    """A name for an article without an id: the same in every run, and another for other words."""
    told = json.dumps(record, sort_keys=True, default=str)
    return f"article-{hashlib.blake2b(told.encode('utf-8', 'replace'), digest_size=8).hexdigest()}"


# ---- rows to events ----------------------------------------------------------------------------------


def from_frame(frame: pandas.DataFrame) -> list[Event]:
    """The events of a frame's rows, as `to_frame` or `extract_frame` made them; failures are left out.

    The types may have changed on the way, as they do in Spark, Ray and CSV files. Raises TableError, with the
    number of the row from 0, for a cell that cannot be read.
    """
    return [event for event, _ in _events(frame)]


def _events(frame: pandas.DataFrame) -> Iterator[tuple[Event, str]]:
    """The events, each with what stands in PRINT."""
    columns = {str(name): frame[name].tolist() for name in frame.columns}
    for number, values in enumerate(zip(*columns.values(), strict=True)):
        cells = {name: _plain(value) for name, value in zip(columns, values, strict=True)}
        if cells.get(FAILURE):
            continue
        try:
            yield from_row(cells), cells.get(PRINT) or ""
        except TableError as error:
            raise TableError(f"row {number}: {error}") from None


# ---- the merge over everything -----------------------------------------------------------------------


def merge_frame(
    rows: pandas.DataFrame,
    *,
    order: Iterable[object] | None = None,
    unlocated: str = "drop",
    min_confidence: float = 0.0,
    settings: Settings | None = None,
) -> pandas.DataFrame:
    """One row an event over all articles: what one machine's `extract` makes of them, in the full columns.

    `rows` are those of `extract_frame(…, merge="later")`, all that a cluster gave, in the order of the
    articles; where the cluster changed that order, `order` gives the articles' ids in it. Copies of an article
    give no rows of their own, and failures are left out: they stand in `rows`. A copy that itself gave no row
    is not named. The rows and their events are in memory. Raises ValueError for rows that were merged before,
    TableError for a cell that cannot be read.
    """
    with engine(settings or Settings()) as extractor:
        copies = Copies(extractor.lexicon)
        read = []
        for events, mark in _by_article(rows, order):
            _, words, long, outlet = mark
            new = Print(events[0].article_id[0], events[0].published, long)
            if copies.enter(words, new, lambda outlet=outlet: tuple(outlet)):  # type: ignore[misc]
                new.read = True
                read.append((events, new))
        told = (event for events, known in read for event in credited(events, known))
        merged = extractor.merge(told, "all")
        return to_frame(selected(merged, unlocated, min_confidence), "full")


def _by_article(
    rows: pandas.DataFrame, order: Iterable[object] | None
) -> Iterator[tuple[list[Event], list[Any]]]:
    """The events of each article, in the order of the articles, and what is known of it."""
    groups: list[tuple[list[Event], list[Any]]] = []
    for event, written in _events(rows):
        if not written:
            raise ValueError('these rows cannot be merged: make them with extract_frame(…, merge="later")')
        mark = json.loads(written)
        if mark[0] == 0 or not groups:
            groups.append(([], mark))
        groups[-1][0].append(event)
    if order is not None:
        place: dict[str, int] = {}
        for number, name in enumerate(order):
            place.setdefault(" ".join(str(_plain(name)).split()), number)
        groups.sort(key=lambda group: place.get("; ".join(group[0][0].article_id), len(place)))
    return iter(groups)
