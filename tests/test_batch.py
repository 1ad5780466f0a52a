"""Batches: order, failures of single articles, dying workers, and the choice of rows."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import engine_stub
import pytest

from conflict_events import batch
from conflict_events.events import Article, Failure

SCRIPT = """
import sys
sys.path.insert(0, {tests!r})
import engine_stub
engine_stub.install()
if __name__ == "__main__":
    import threading
    if {thread!r}:
        threading.Thread(target=threading.Event().wait, daemon=True).start()
    from conflict_events import batch
    from conflict_events.events import Article, Failure
    items = {items!r}
    inputs = [
        Failure(text, "bad") if text == "bad" else Article(text, str(n))
        for n, text in enumerate(items)
    ]
    for result in batch.run(inputs, engine_stub.Extractor(), jobs={jobs}):
        if isinstance(result, Failure):
            sys.stdout.write(str(result) + "\\n")
        else:
            sys.stdout.write(result[0].id + " " + str(len(result[1])) + "\\n")
"""


# A process of one thread is copied for its workers, another has them load what they need.
WAYS = pytest.mark.parametrize("jobs, thread", [(1, False), (2, False), (2, True)])
OF_TWO = pytest.mark.parametrize("thread", [False, True])


def work(tmp_path: Path, items: list[str], jobs: int, thread: bool) -> list[str]:
    script = tmp_path / "script.py"
    tests = str(Path(__file__).parent)
    script.write_text(SCRIPT.format(tests=tests, items=items, jobs=jobs, thread=thread))
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


@WAYS
def test_results_come_in_the_order_of_the_articles(tmp_path, jobs, thread):
    items = [("shelled . " * (n % 3)).strip() or "bad" for n in range(100)]
    expected = ["bad: bad" if n % 3 == 0 else f"{n} {n % 3}" for n in range(100)]
    assert work(tmp_path, items, jobs, thread) == expected


@WAYS
def test_an_error_costs_one_article(tmp_path, jobs, thread):
    first, second, third = work(tmp_path, ["shelled", "crash", "shelled"], jobs, thread)
    assert (first, third) == ("0 1", "2 1")
    assert second.startswith("1: internal error: KeyError:") and second.endswith("report it with the article")


@OF_TWO
def test_a_dying_worker_costs_one_article(tmp_path, thread):
    items = ["shelled"] * 40
    items[17] = "die"
    found = work(tmp_path, items, 2, thread)
    assert found[17].startswith("17: the process reading it died twice")
    assert found[:17] + found[18:] == [f"{n} 1" for n in range(40) if n != 17]


@OF_TWO
def test_a_worker_that_dies_once_costs_nothing(tmp_path, thread):
    found = work(tmp_path, ["shelled", f"shelled once {tmp_path / 'mark'}"], 2, thread)
    assert found == ["0 1", "1 1"]


def test_settings_that_cannot_be_used_raise():
    with pytest.raises(ValueError, match="not installed"):
        list(batch.run([Article("x")], engine_stub.Extractor(engine_stub.Settings(model="missing"))))


def test_the_caller_may_stop_early():
    seen = []

    def inputs():
        for n in range(1000):
            seen.append(n)
            yield Article("shelled", str(n))

    results = batch.run(inputs(), engine_stub.Extractor())
    next(results)
    results.close()
    assert len(seen) <= batch.ARTICLES


# ---- rows ----

DAY = date(2024, 12, 2)


def rows(found, **options):
    return batch.rows(found, engine_stub.merge, **options)


def results(*texts: str, published: date | None = DAY):
    for number, text in enumerate(texts):
        if text == "bad":
            yield Failure("bad", "bad")
        else:
            article = Article(text, str(number), published=published)
            yield article, engine_stub.Extractor().events(article)


@pytest.mark.parametrize("scope, count", [("all", 1), ("article", 2), ("none", 3)])
def test_scope_of_merging(scope, count):
    assert len(list(rows(results("shelled. shelled", "shelled"), scope=scope))) == count


def test_rows_are_chosen_after_merging():
    texts = ("shelled nowhere", "shelled perhaps")
    assert len(list(rows(results(*texts), scope="none"))) == 1
    assert len(list(rows(results(*texts), scope="none", unlocated="keep"))) == 2
    assert list(rows(results(*texts), scope="none", min_confidence=0.5)) == []


def test_the_tally_counts_and_warns():
    tally, failures = batch.Tally(), []
    list(rows(results("shelled", "bad", published=None), on_failure=failures.append, tally=tally))
    assert (tally.articles, tally.rows, tally.failures) == (1, 1, 1)
    assert failures == [Failure("bad", "bad")]
    assert list(tally.warnings()) == [
        "0: warning: 1 row has no date: give the day of publication with --published"
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="only there processes are copied")
def test_an_engine_starts_no_thread():
    """Else its process could not be copied for the workers, and each would load an engine of its own."""
    code = (
        "import os\nfrom conflict_events.batch import settle\nsettle()\n"
        "from conflict_events.extract import Extractor\nfrom conflict_events.events import Article\n"
        "engine = Extractor()\nengine.load()\n"
        "assert engine.events(Article('The army shelled the town of Saraqab on 2 December 2024.'))\n"
        "print(len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("1\n", "")
