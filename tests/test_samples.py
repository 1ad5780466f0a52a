"""The sample articles give exactly the rows that a coder wrote for them by hand, before the tool read them.

`sample_rows.csv` holds these rows. Where the tool differs today, the difference stands in `sample_misses.csv`
with its reason ("missing": a row of the coder is not found; "beyond": a row of the tool is not the coder's; a
row with one wrong cell is both). A difference that disappears fails the test until it is taken off the list,
which `pytest --update-misses` does.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from conftest import UNEXPLAINED, read_table, write_table

from conflict_events import Extractor
from conflict_events.articles import read_articles
from conflict_events.columns import row
from conflict_events.events import Article

HERE = Path(__file__).parent
SAMPLES = HERE.parent / "sample_articles"


ROWS, MISSES = HERE / "sample_rows.csv", HERE / "sample_misses.csv"
COLUMNS = list(read_table(ROWS)[0])
Rows = list[Mapping[str, object]]


def line(cells: Mapping[str, object]) -> str:
    """The cells that are compared, as one line; an article's id without the folder it was read from."""
    known = {**cells, "article_id": Path(str(cells["article_id"])).name}
    return ",".join("" if known[name] is None else str(known[name]) for name in COLUMNS)


def differences(found: Iterable[Mapping[str, object]]) -> Counter[str]:
    wanted, got = Counter(map(line, read_table(ROWS))), Counter(map(line, found))
    missing = {f"missing,{text}": count for text, count in (wanted - got).items()}
    return Counter(missing | {f"beyond,{text}": count for text, count in (got - wanted).items()})


def known() -> Counter[str]:
    return Counter(f"{miss['change']},{line(miss)}" for miss in read_table(MISSES))


def check(found: Rows) -> None:
    now, then = differences(found), known()
    news = [f"new: {text}" for text in (now - then).elements()]
    news += [f"mended, take it off sample_misses.csv: {text}" for text in (then - now).elements()]
    assert not news, "\n" + "\n".join(sorted(news, key=lambda text: text.split(",", 1)[1]))


def update(found: Rows) -> None:
    """Writes today's differences to the list, each with the reason it had."""
    reasons = {f"{miss['change']},{line(miss)}": miss["reason"] for miss in read_table(MISSES)}
    texts = sorted(differences(found).elements(), key=lambda text: (text.split(",")[1:], text))
    rows = (dict(zip(("change", *COLUMNS), next(csv.reader([text])), strict=True)) for text in texts)
    reason_of = (reasons.get(text, UNEXPLAINED) for text in texts)
    write_table(MISSES, [{**row, "reason": reason} for row, reason in zip(rows, reason_of, strict=True)])


@pytest.fixture(scope="module")
def by_library(extractor: Extractor, update_misses: bool) -> Rows:
    articles = list(read_articles([SAMPLES]))
    assert all(isinstance(article, Article) for article in articles), articles
    told = extractor.pipe(article for article in articles if isinstance(article, Article))
    events = extractor.merge([event for _, rows in told for event in rows])
    found: Rows = [row(event, "full") for event in events if event.latitude is not None]
    if update_misses:
        update(found)
    return found


def test_rows_by_the_library(by_library: Rows) -> None:
    check(by_library)


def test_rows_by_the_command_line(by_library: Rows) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "conflict_events", "extract", str(SAMPLES), "--format", "jsonl"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    found = [json.loads(text) for text in done.stdout.splitlines()]
    assert found == by_library
    check(found)


def test_every_known_miss_has_a_reason() -> None:
    for miss in read_table(MISSES):
        assert miss["change"] in {"missing", "beyond"} and miss["reason"] not in {"", UNEXPLAINED}, miss


def test_every_expected_row_is_of_a_sample_and_every_kind_of_input_is_there() -> None:
    ids = {Path(item.id).name for item in read_articles([SAMPLES]) if isinstance(item, Article)}
    assert {cells["article_id"] for cells in read_table(ROWS)} <= ids
    assert {path.suffix for path in SAMPLES.iterdir()} == {".txt", ".md", ".json", ".jsonl", ".gz"}
