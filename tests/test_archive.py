"""Runs into a folder: broken off at any moment and gone on with, they give what an unbroken run gives."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import newsroom
import pytest
from engine_stub import until_held
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events import archive, parts, years
from conflict_events.archive import Archive
from conflict_events.articles import read_articles
from conflict_events.batch import Tally, rows
from conflict_events.columns import FULL, TableError
from conflict_events.copies import Copies
from conflict_events.events import Article, Event, Failure
from conflict_events.grouping import Grouping
from conflict_events.manifest import ArchiveError
from conflict_events.readers import read_table
from conflict_events.tables import write_events
from conflict_events.years import Wanted, write_years

pytest.importorskip("pyarrow")
import pandas

DAY = date(2024, 12, 2)
MADE_WITH = {"--model": ""}
# The command line with the toy engine, and parts so small that there are many.
PROGRAM = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import engine_stub
engine_stub.install()
from conflict_events import archive, years
archive.ARTICLES, years.ROWS = 25, 40
if __name__ == "__main__":
    from conflict_events.cli import main
    main(prog_name="conflict-events")
"""


@pytest.fixture(scope="module")
def program(tmp_path_factory) -> list[str]:
    script = tmp_path_factory.mktemp("program") / "program.py"
    script.write_text(PROGRAM)
    return [sys.executable, str(script), "extract"]


def run(program, *args, **more):
    done = subprocess.run([*program, *map(str, args)], capture_output=True, text=True, timeout=120, **more)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def news(folder: Path, count: int, seed: int = 1) -> Path:
    """Articles in feeds and files of their own: events, none, copies, failures, some without a day."""
    chance = random.Random(seed)
    folder.mkdir()
    texts: list[dict] = []
    for number in range(count):
        day = str(DAY + timedelta(days=chance.randrange(-900, 30)))
        told = chance.choice(["shelled Saraqab", "shelled nowhere", "shelled and shelled", "quiet", "crash"])
        text = f"In report {number} the army {told} . Number {number}."
        if texts and chance.random() < 0.2:
            text = chance.choice(texts)["text"]
        texts.append({"text": text, "published": day if chance.random() < 0.9 else ""})
    for number in range(0, count, 40):
        lines = [json.dumps(text) for text in texts[number : number + 40]]
        (folder / f"feed-{number:05}.jsonl").write_text("\n".join([*lines, "no JSON"]))
        (folder / f"report-{number:05}.txt").write_text(
            f"IDLIB, {DAY} - The army shelled Saraqab, post {number}."
        )
    (folder / "empty.txt").touch()
    return folder


def content(folder: Path) -> dict[str, bytes]:
    """The files of events, byte for byte."""
    return {path.name: path.read_bytes() for path in folder.glob("events-*.parquet")}


def holds(folder: Path) -> set[str]:
    return {place.name for place in folder.iterdir()}


# ---- broken off ----


def killed(command: list[str], folder: Path, chance: random.Random) -> str | None:
    """What the program says, or None where it was killed: some parts on, at no particular moment."""
    manifest = folder / "_manifest.jsonl"

    def lines() -> int:
        return manifest.read_bytes().count(b"\n") if manifest.exists() else 0

    enough = lines() + chance.randrange(12)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        while process.poll() is None and lines() < enough:
            time.sleep(0.002)
        time.sleep(chance.uniform(0, 0.1))
    finally:
        process.kill()
    _, errors = process.communicate()
    assert "Traceback" not in errors, errors
    return None if process.returncode == -signal.SIGKILL else errors


@pytest.mark.parametrize("jobs", [1, 2])
def test_killed_at_any_moment_and_gone_on_with(program, tmp_path, jobs):
    articles = news(tmp_path / "articles", 800)
    whole = run(program, articles, "-o", f"{tmp_path / 'whole'}/")
    assert whole.returncode == 1
    chance, kills, broken, errors = random.Random(jobs), 0, tmp_path / "broken", None
    while errors is None:
        errors = killed([*program, str(articles), "-o", f"{broken}/", "--jobs", str(jobs)], broken, chance)
        kills += errors is None
    assert kills >= 3
    assert content(broken) == content(tmp_path / "whole")
    # all failures are listed, those of earlier runs, too
    assert sorted(errors.splitlines()) == sorted(whole.stderr.splitlines())
    assert holds(broken) == holds(tmp_path / "whole")
    # nothing is left to do: nothing is written, the failures are told again
    before = {path: path.stat().st_mtime_ns for path in broken.rglob("*") if path.is_file()}
    again = run(program, articles, "-o", broken)
    assert again.returncode == 1 and sorted(again.stderr.splitlines()) == sorted(whole.stderr.splitlines())
    assert {path: path.stat().st_mtime_ns for path in broken.rglob("*") if path.is_file()} == before


def test_terminated_in_the_middle_of_merging(program, tmp_path):
    articles = news(tmp_path / "articles", 200)
    run(program, articles, "-o", f"{tmp_path / 'whole'}/")
    run(program, articles, "-o", f"{tmp_path / 'broken'}/")
    manifest = tmp_path / "broken" / "_manifest.jsonl"
    lines = manifest.read_text().splitlines(keepends=True)
    manifest.write_text("".join(lines[:-1]) + lines[-1][:30])  # torn
    (tmp_path / "broken" / "_merging").mkdir()
    (tmp_path / "broken" / "_merging" / "0").write_bytes(b"half a file")
    (tmp_path / "broken" / "events-2024.parquet").write_bytes(b"half a file")
    run(program, articles, "-o", f"{tmp_path / 'broken'}/")
    assert content(tmp_path / "broken") == content(tmp_path / "whole")
    assert holds(tmp_path / "broken") == holds(tmp_path / "whole")


def test_two_runs_at_once(program, tmp_path):
    feed, mark = tmp_path / "held.jsonl", tmp_path / "mark"
    texts = [f"shelled hold {mark}", "shelled", "shelled"]
    feed.write_text("".join(json.dumps({"text": text, "published": str(DAY)}) + "\n" for text in texts))
    first = subprocess.Popen([*program, str(feed), "-o", f"{tmp_path / 'out'}/", "--merge", "none"])
    try:
        until_held(mark, first)
        second = run(program, feed, "-o", f"{tmp_path / 'out'}/", "--merge", "none")
        mark.touch()
        assert second.returncode == 75 and f"process {first.pid} on " in second.stderr
        assert first.wait(60) == 0
    finally:
        first.kill()
    assert len(pandas.read_parquet(tmp_path / "out")) == 3


# ---- the same rows as in one file ----


class Desk(newsroom.Desk):
    """The real rules of what tells the same, and the events that belong to articles."""

    def __init__(self, told: dict[str, list[Event]]) -> None:
        self.told = told

    def grouping(self, scope="all"):
        return Grouping(scope)

    def complete(self, event):
        return newsroom.complete(event)

    def merge(self, events, scope="all"):
        merged = newsroom.merge(events, scope)
        return [newsroom.complete(event) for event in merged]

    def run(self, items):
        for item in items:
            yield item if isinstance(item, Failure) else (item, self.told[item.id])


def told_twice(folder: Path, count: int, seed: int) -> Desk:
    """The articles of the newsroom as files; some are copies of others, with or without a day."""
    chance = random.Random(seed)
    folder.mkdir(exist_ok=True)
    made: list[tuple[str, str | None]] = []
    desk = Desk({})
    for article, events in newsroom.news(count, seed):
        path = folder / f"{chance.randrange(9)}-{article.id}.json"
        text, day = f"The text of {article.id}.", str(article.published)
        if made and chance.random() < 0.3:
            text, other = chance.choice(made)
            day = other if other and chance.random() < 0.5 else day
        if chance.random() < 0.2:
            day = None
        made.append((text, day))
        path.write_text(
            json.dumps({"text": text, "published": day, "source": f"Paper {chance.randrange(4)}"})
        )
        day = newsroom.FIRST + timedelta(days=chance.randrange(40))
        desk.told[str(path)] = [
            replace(event, article_id=(str(path),), event_date=chance.choice([event.event_date, day, None]))
            for event in events
        ]
    return desk


def into(folder: Path, articles: Path, desk: Desk, wanted: Wanted, say=lambda message: None) -> Tally:
    folder.mkdir(exist_ok=True)
    tally = Tally()
    with Archive(folder, MADE_WITH, say) as made:
        made.read(
            lambda new, note: read_articles([articles], wanted=new, note=note),
            desk.run,
            desk.lexicon if wanted.scope == "all" else None,
            tally,
        )
        write_years(made, desk, wanted, tally)
    return tally


@pytest.fixture
def small(monkeypatch):
    """Parts and days so few that many of them are needed."""
    monkeypatch.setattr(archive, "ARTICLES", 7)
    monkeypatch.setattr(years, "ROWS", 5)


@pytest.mark.parametrize("scope", ["all", "article", "none"])
@pytest.mark.parametrize("seed", range(4))
def test_the_rows_are_those_of_one_file(tmp_path, small, scope, seed):
    articles = tmp_path / "articles"
    desk = told_twice(articles, 120, seed)
    wanted = Wanted(scope, "keep", 0.5, "full")
    tally = into(tmp_path / "out", articles, desk, wanted)
    copies = Copies(desk.lexicon) if scope == "all" else None
    read = read_articles([articles])
    one, told = tmp_path / "one.parquet", Tally()
    found = rows(
        desk.run(copies.left_out(read) if copies else read),
        desk.merge,
        scope=scope,
        unlocated="keep",
        min_confidence=0.5,
        tally=told,
        copies=copies,
    )
    write_events(found, one, columns="full")
    assert (tally.rows, tally.articles, tally.copies) == (told.rows, told.articles, told.copies)
    assert tally.undated == told.undated
    expected = pandas.read_parquet(one)
    if scope != "all":  # by days, then as they came
        expected = expected.sort_values("event_date", kind="stable", na_position="last")
    found = [pandas.read_parquet(path) for path in sorted((tmp_path / "out").glob("events-*.parquet"))]
    pandas.testing.assert_frame_equal(
        pandas.concat(found, ignore_index=True), expected.reset_index(drop=True), check_dtype=False
    )


def test_other_columns_and_choices_need_no_second_reading(tmp_path, small):
    articles = tmp_path / "articles"
    desk = told_twice(articles, 60, 1)
    into(tmp_path / "out", articles, desk, Wanted(columns="full"))
    assert "sentence" in pandas.read_parquet(tmp_path / "out")
    desk.run = lambda items: iter(not [*items] and [])
    into(tmp_path / "out", articles, desk, Wanted(inter_codes=True))
    frame = pandas.read_parquet(tmp_path / "out")
    assert len(frame.columns) == 31 and frame["inter1"].dtype == "int64"


def test_a_finished_folder_is_read_back_as_one_file_is(program, tmp_path):
    articles = news(tmp_path / "articles", 200)
    out = tmp_path / "out"
    run(program, articles, "-o", f"{out}/", "--columns", "full", "--unlocated", "keep")
    run(program, articles, "-o", tmp_path / "one.parquet", "--columns", "full", "--unlocated", "keep")
    found = read_table(out)
    assert len(found.events) == len(pandas.read_parquet(out)) > 50 and not found.complaints
    assert found.columns == read_table(tmp_path / "one.parquet").columns
    with (out / "_manifest.jsonl").open("a") as manifest:
        manifest.write('{"part": 9}\n')
    with pytest.raises(TableError, match="has not finished: start the same command again"):
        read_table(out)
    with pytest.raises(TableError, match=r"is a folder without a _manifest\.jsonl"):
        read_table(articles)


# ---- inputs that change ----


def test_new_and_changed_files_are_read_and_what_is_gone_stays(tmp_path, small):
    articles, out, messages = tmp_path / "articles", tmp_path / "out", []
    desk = told_twice(articles, 60, 2)
    into(out, articles, desk, Wanted("none", "keep"))
    names = sorted(articles.iterdir())
    gone, mended = names[3], next(path for path in names[5:] if desk.told[str(path)])
    new = articles / "zz.json"
    new.write_text('{"text": "A new article.", "published": "2024-11-05"}')
    desk.told[str(new)] = [newsroom.told(str(new), DAY)]
    mended.write_text('{"text": "Now with another text.", "published": "2024-11-05"}')
    desk.told[str(mended)] = []
    gone.unlink()
    read = []
    first = desk.run
    desk.run = lambda items: first(item for item in items if not read.append(item))
    into(out, articles, desk, Wanted("none", "keep"), messages.append)
    assert {item.id for item in read if isinstance(item, Article)} == {str(new), str(mended)}
    assert messages == [
        f"{out}: 1 file read before, not there any more: what they told stays",
        f"{out}: 1 file read before, changed since: read again",
    ]
    assert len(pandas.read_parquet(out)) == sum(map(len, desk.told.values()))


def test_copies_of_what_has_changed_are_read_after_all(tmp_path, small):
    articles, out = tmp_path / "articles", tmp_path / "out"
    articles.mkdir()
    first, copy = articles / "a.json", articles / "b.json"
    for path in (first, copy):
        path.write_text('{"text": "The army shelled the town.", "published": "2024-12-02"}')
    desk = Desk({str(path): [newsroom.told(str(path), DAY)] for path in (first, copy)})
    into(out, articles, desk, Wanted(columns="full"))
    assert [*pandas.read_parquet(out)["article_id"]] == [f"{first}; {copy}"]
    first.write_text('{"text": "Correction: it did not.", "published": "2024-12-02"}')
    desk.told[str(first)] = []
    into(out, articles, desk, Wanted(columns="full"))
    assert [*pandas.read_parquet(out)["article_id"]] == [str(copy)]


def test_a_file_that_could_not_be_read_is_read_when_it_can_be(program, tmp_path):
    missing = tmp_path / "late.txt"
    done = run(program, missing, "-o", f"{tmp_path / 'out'}/")
    assert (done.returncode, done.stderr) == (1, f"{missing}: no such file or folder\n")
    assert len(pandas.read_parquet(tmp_path / "out")) == 0
    missing.write_text("IDLIB, December 2, 2024 - The army shelled Saraqab.")
    done = run(program, missing, "-o", tmp_path / "out")
    assert (done.returncode, len(pandas.read_parquet(tmp_path / "out"))) == (0, 1)
    assert done.stderr == f"{tmp_path / 'out'}: 1 file read before, changed since: read again\n"


# ---- what cannot be ----


def test_other_settings_ask_for_another_folder(program, tmp_path):
    articles = news(tmp_path / "articles", 40)
    run(program, articles, "-o", f"{tmp_path / 'out'}/")
    before = content(tmp_path / "out")
    done = run(program, articles, "-o", tmp_path / "out", "--published", "2024-12-03", "--doubtful", "keep")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "other settings (--doubtful, --published)" in done.stderr
    tables = tmp_path / "tables"
    tables.mkdir()
    (tables / "sources.csv").write_text("id,name,scale,aliases,example\n")
    done = run(program, articles, "-o", tmp_path / "out", "--data", tables)
    assert content(tmp_path / "out") == before


@pytest.mark.parametrize(
    "args, reason",
    [
        (["-", "-o", "out/"], "standard input cannot be gone on with"),
        (["articles", "-o", "out/", "--format", "csv"], "a folder is written as Parquet"),
        (["articles", "-o", "out/", "--hxl"], "HXL"),
        (["articles", "-o", "out/", "--report", "r.html"], "show a finished folder with the command report"),
        (["articles", "-o", "none/out/"], "none does not exist: create it first"),
        (["articles", "-o", "articles/"], "also an input"),
        (["articles", "-o", "foreign/"], "foreign holds other files (notes.txt): name a new or empty folder"),
        (["articles", "-o", "file/"], "file is a file: name a folder"),
    ],
)
def test_folders_that_cannot_be(program, tmp_path, args, reason):
    news(tmp_path / "articles", 40)
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "notes.txt").write_text("mine")
    (tmp_path / "file").touch()
    done = run(program, *args, cwd=tmp_path)
    assert done.returncode == 2 and reason in done.stderr
    assert (tmp_path / "foreign" / "notes.txt").read_text() == "mine"
    assert holds(tmp_path / "foreign") == {"notes.txt"}


def test_a_folder_inside_the_input_is_not_read(program, tmp_path):
    articles = news(tmp_path / "articles", 40)
    first = run(program, articles, "-o", f"{tmp_path / 'articles' / 'out'}/")
    second = run(program, articles, "-o", articles / "out")
    other = run(program, articles, "-o", f"{tmp_path / 'other'}/")
    assert first.stderr == second.stderr
    assert content(articles / "out") == content(tmp_path / "other") or "out" in other.stderr


@pytest.mark.skipif(os.name != "posix", reason="limits of a process")
def test_a_full_disk_is_one_line_and_loses_nothing(program, tmp_path):
    import resource

    articles = news(tmp_path / "articles", 800)
    whole = run(program, articles, "-o", f"{tmp_path / 'whole'}/")
    full = run(
        program,
        articles,
        "-o",
        f"{tmp_path / 'out'}/",
        preexec_fn=lambda: (
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
            resource.setrlimit(resource.RLIMIT_FSIZE, (11_000, 11_000)),
        ),
    )
    assert full.returncode == 1
    assert full.stderr.splitlines()[-1].startswith(
        f"Error: cannot write in {tmp_path / 'out'}: File too large"
    )
    done = run(program, articles, "-o", f"{tmp_path / 'out'}/")
    assert done.returncode == 1 and content(tmp_path / "out") == content(tmp_path / "whole")
    assert sorted(done.stderr.splitlines()) == sorted(whole.stderr.splitlines())


def test_damaged_folders(program, tmp_path):
    articles = news(tmp_path / "articles", 80)
    run(program, articles, "-o", f"{tmp_path / 'out'}/")
    part = tmp_path / "out" / "_parts" / "000000.events.parquet"
    part.write_bytes(part.read_bytes()[:-10])
    done = run(program, articles, "-o", tmp_path / "out")
    assert done.returncode == 2 and "damaged" in done.stderr and done.stderr.count("\n") == 1
    (tmp_path / "out" / "_manifest.jsonl").write_bytes(b"\0\n\0\n")
    done = run(program, articles, "-o", tmp_path / "out")
    assert done.returncode == 2 and "damaged" in done.stderr and done.stderr.count("\n") == 1


def test_nothing_is_read_with_a_manifest_of_other_settings(tmp_path):
    with Archive(tmp_path, MADE_WITH, print):
        pass
    with pytest.raises(ArchiveError, match=r"other settings \(--model\)"):
        Archive(tmp_path, {"--model": "other"}, print)


# ---- parts ----

text = st.text(st.characters(codec="utf-8"), max_size=20)


@given(
    st.builds(
        Event,
        event_date=st.none() | st.dates(),
        year=st.none() | st.integers(1, 9999),
        actor1=text,
        inter1=st.integers(0, 8),
        assoc_actor_1=st.lists(text, max_size=3).map(tuple),
        latitude=st.none() | st.floats(-90, 90),
        article_id=st.lists(text, max_size=2).map(tuple),
        notes=text,
        published=st.none() | st.dates(),
        confidence=st.floats(0, 1),
    )
)
@settings(max_examples=50, deadline=None)
def test_events_of_parts_are_read_back_as_they_were(tmp_path_factory, event):
    folder = tmp_path_factory.mktemp("parts")
    parts.write_part(folder, 0, parts.Part([], [(7, event), (8, Event())]))
    assert [*parts.read_events(parts.events_path(folder, 0))] == [(7, event), (8, Event())]
    assert set(FULL) == set(Event.__dataclass_fields__)
