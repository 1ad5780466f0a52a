"""Copies of an article are told from articles that are only alike, and counted once."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import types
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflict_events.copies import LONG, Copies, fingerprint
from conflict_events.events import Article, Failure

SHORT = "Gunmen shot dead a guard at the silos of Jasim on Sunday night, a relative said."
TEXT = "\n".join(
    (
        "Government artillery shelled the orchards east of Kafr Zita on Monday, killing two farmers and "
        "wounding a third, residents said.",
        "The shells were fired from a hill that the army took last spring, three people who saw the flashes "
        "said by telephone. They asked not to be named because they still have family there.",
        "Farmers in the valley had returned to their trees after a quiet week. By noon most of them had left "
        "again, and the road to the north was full of tractors and trucks loaded with mattresses.",
        "There was no comment from the army. State television did not report the shelling.",
    )
)
assert len(TEXT.split()) >= LONG


def copies() -> Copies:
    return Copies(types.SimpleNamespace(sources={}, outlets={}))  # type: ignore[arg-type]


def wrapped(text: str) -> str:
    import textwrap

    return "\n\n".join(textwrap.fill(line, 80) for line in text.split("\n"))


@pytest.mark.parametrize(
    "other",
    [
        TEXT.upper(),
        TEXT.replace("\n", "\r\n\r\n").replace(" ", "  "),
        wrapped(TEXT),
        f"KAFR ZITA, Syria (Levant Wire) - {TEXT}",
        f"Shelling kills two in an orchard\nBy Salma Orabi and Jad Haddad\n{TEXT}",
        f"{TEXT} (LW)",
        f"{TEXT}\n(Reporting by Salma Orabi; Editing by Jad Haddad)",
        f"{TEXT}\nSource: Levant Wire\n© 2021 The Orchard Daily",
        TEXT.replace("telephone.", "telephone…").replace("said.", "said!"),
    ],
)
def test_a_copy_is_known_by_its_words(other):
    assert fingerprint(Article(other)) == fingerprint(Article(TEXT))


@pytest.mark.parametrize(
    "text, other",
    [
        (TEXT, TEXT.replace("Kafr Zita", "Latamneh")),
        (TEXT, TEXT.replace("two farmers", "four farmers")),
        (TEXT, TEXT + "\nLater that day a second salvo wounded a child in the same village."),
        (SHORT, SHORT.replace("Jasim", "Nawa")),
        ("Jasim\nGunmen shot a guard.", "Nawa\nGunmen shot a guard."),
        ("JASIM - Gunmen shot a guard.", "NAWA - Gunmen shot a guard."),
        ("Shells fell near the mill in Hama (Morek)", "Shells fell near the mill in Hama (Halfaya)"),
    ],
)
def test_what_is_only_alike_is_no_copy(text, other):
    assert fingerprint(Article(text)) != fingerprint(Article(other))


@pytest.mark.parametrize(
    "other", [SHORT + " (LW)", f"By Salma Orabi\n{SHORT}", SHORT + "\nSource: Levant Wire"]
)
def test_credits_of_a_short_text_do_not_count(other):
    assert fingerprint(Article(other)) == fingerprint(Article(SHORT))


@pytest.mark.parametrize(
    "text, first, second, read",
    [
        (TEXT, date(2021, 3, 1), date(2021, 3, 1), 1),
        (TEXT, date(2021, 3, 1), date(2021, 3, 4), 1),
        (TEXT, date(2021, 3, 1), None, 1),
        (
            TEXT,
            None,
            date(2021, 3, 1),
            2,
        ),  # the one with the day is read, too, and takes the place of the first
        (TEXT, date(2021, 3, 1), date(2021, 4, 1), 2),
        (SHORT, date(2021, 3, 1), date(2021, 3, 1), 1),
        (
            SHORT,
            date(2021, 3, 1),
            date(2021, 3, 2),
            2,
        ),  # "on Sunday night" may be told again of another Sunday
    ],
)
def test_days_of_copies(text, first, second, read):
    articles = [Article(text, "a", published=first), Failure("x", "y"), Article(text, "b", published=second)]
    left = list(copies().left_out(articles))
    assert len(left) == read + 1 and articles[1] in left


@given(st.text(max_size=200))
def test_any_text_has_a_fingerprint(text):
    assert len(fingerprint(Article(text))) == 32


def extract(tmp_path, *options: str):
    command = [sys.executable, "-m", "conflict_events", "extract", str(tmp_path), "--columns", "full"]
    done = subprocess.run(
        [*command, "--format", "csv", *options], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return list(csv.DictReader(io.StringIO(done.stdout))), done.stderr


def put(tmp_path, **texts: str) -> None:
    for name, text in texts.items():
        (tmp_path / f"{name}.txt").write_text(text)


def test_an_event_of_copies_is_told_once_with_all_articles_and_sources(tmp_path):
    put(tmp_path, a=f"KAFR ZITA, March 2, 2021 (Levant Wire) - {TEXT}", b=f"March 2, 2021\n{TEXT}")
    record = '{"id": "c", "source": "The Orchard Daily", "published": "2021-03-02", "text": %s}'
    (tmp_path / "c.jsonl").write_text(record % ('"' + TEXT.replace("\n", "\\n") + '"'))
    (row,), said = extract(tmp_path)
    assert row["article_id"].split("; ") == [f"{tmp_path}/a.txt", f"{tmp_path}/b.txt", "c"]
    assert row["source"].split("; ") == ["Levant Wire", "The Orchard Daily"]
    assert (row["event_date"], row["fatalities"], said) == ("2021-03-01", "2", "")
    single = [one["confidence"] for one in extract(tmp_path / "a.txt")[0]]
    assert [row["confidence"]] == single  # printed twice is not told twice


def test_rows_of_single_articles_are_given_for_each_copy(tmp_path):
    put(tmp_path, a=f"March 2, 2021\n{TEXT}", b=f"March 2, 2021\n{TEXT}\n")
    rows, _ = extract(tmp_path, "--merge", "article")
    assert [row["article_id"][-5:] for row in rows] == ["a.txt", "b.txt"]


def test_a_copy_with_a_day_takes_the_place_of_one_without(tmp_path):
    put(tmp_path, a=TEXT, b=f"March 2, 2021\n{TEXT}", c=TEXT)
    (row,), said = extract(tmp_path)
    assert row["event_date"] == "2021-03-01" and said == ""
    assert sorted(name[-5:] for name in row["article_id"].split("; ")) == ["a.txt", "b.txt", "c.txt"]


def test_copies_of_copies_cost_nothing():
    seen = copies()
    many = (replace(Article(TEXT, "0"), id=str(n)) for n in range(2000))
    assert len(list(seen.left_out(many))) == 1 and seen.count == 1999
