"""The sentence beside each dictionary row holds: triggers make rows, other senses of their words make none,
and cues and idioms keep rows from being made.

All sentences go through one extractor as articles of one day. What is known to go wrong stands in
known_misses.csv with its reason; an entry that holds again must be taken off the list, which
`pytest --update-misses` does.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import UNEXPLAINED, read_table, write_table

from conflict_events.events import Article, Event
from conflict_events.extract import Extractor, Settings
from conflict_events.lexicon import PACKAGED

DAY = datetime.date(2019, 5, 14)
MISSES = Path(__file__).parent / "known_misses.csv"
# Who takes a place or a person decides between two types; the trigger's row names only one of them.
SIBLINGS = (
    {"Government regains territory", "Non-state actor overtakes territory"},
    {"Abduction/forced disappearance", "Arrests"},
)
Key = tuple[str, str, str]


TRIGGERS, CUES = read_table(PACKAGED / "triggers.csv"), read_table(PACKAGED / "cues.csv")
IDIOMS = [row for row in TRIGGERS if row["frame"] == "idiom"]


@dataclass(frozen=True)
class Sentence:
    """A dictionary row's sentence: where it stands, what it must give, and what it gave."""

    key: Key
    text: str
    wanted: str
    events: list[Event]
    triggers: frozenset[str]

    @property
    def holds(self) -> bool:
        located = [e for e in self.events if e.location and e.country == "Syria"]
        if self.wanted in {"", "any"}:
            return bool(located) == bool(self.wanted)
        types: set[str] = next((pair for pair in SIBLINGS if self.wanted in pair), {self.wanted})
        hit = self.key[1] in self.triggers
        return any(e.sub_event_type in types and (hit or e.rule == self.key[1]) for e in located)

    def __str__(self) -> str:
        got = [f"{e.sub_event_type} ({e.rule}) at {e.location or 'no place'}" for e in self.events]
        wanted = {"": "no row", "any": "a row"}.get(self.wanted, self.wanted)
        return f"{' '.join(self.key)}\n    {self.text}\n    wanted {wanted}, got {'; '.join(got) or 'no row'}"


def wanted() -> Iterator[tuple[Key, str, str]]:
    """Each sentence of the tables with the sub-event type it must give, "any" for any row, "" for none."""
    for name, rows in (("triggers", TRIGGERS), ("cues", CUES)):
        for row in rows:
            for column in ("example", "counter_example"):
                makes_row = (column == "example") == (name == "triggers") and row not in IDIOMS
                kind = row.get("sub_event_type", "any") if makes_row else ""
                if row[column]:
                    yield (name, row["id"], column), row[column], kind


@pytest.fixture(scope="module")
def sentences(extractor: Extractor) -> dict[Key, Sentence]:
    asked = list(wanted())
    articles = [Article(text, published=DAY) for _, text, _ in asked]
    told: dict[Key, Sentence] = {}
    for (key, text, kind), (article, events) in zip(asked, extractor.pipe(articles), strict=True):
        found = frozenset(i for s in extractor.reader.sentences(article) for m in s.triggers for i in m.ids)
        told[key] = Sentence(key, text, kind, events, found)
    return told


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> list[Key]:
    """The idioms whose sentence makes no row without them either."""
    folder = tmp_path_factory.mktemp("data")
    with (folder / "triggers.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(TRIGGERS[0])
        rows.writerows(["-" + row["id"], *[""] * (len(row) - 1)] for row in IDIOMS)
    extractor = Extractor(Settings(data=folder))
    articles = [Article(row["example"], published=DAY) for row in IDIOMS]
    events = [events for _, events in extractor.pipe(articles)]
    return [("triggers", row["id"], "idle") for row, found in zip(IDIOMS, events, strict=True) if not found]


@pytest.fixture(scope="module")
def misses(sentences: dict[Key, Sentence], idle: list[Key], update_misses: bool) -> dict[Key, str]:
    """What is known to go wrong, with its reason."""
    known = {(row["table"], row["id"], row["column"]): row["reason"] for row in read_table(MISSES)}
    if update_misses:
        now = [*(key for key, sentence in sentences.items() if not sentence.holds), *idle]
        reasons = {key: known.get(key, UNEXPLAINED) for key in sorted(now)}
        write_table(
            MISSES,
            [
                {"table": name, "id": id_, "column": column, "reason": reason}
                for (name, id_, column), reason in reasons.items()
            ],
        )
        known = reasons
    return known


def listed(broken: list[Sentence]) -> str:
    return f"{len(broken)} sentences do not hold:\n" + "\n".join(map(str, broken))


@pytest.mark.parametrize("name", ["triggers", "cues"])
@pytest.mark.parametrize("column", ["example", "counter_example"])
def test_sentences_hold(
    sentences: dict[Key, Sentence], misses: dict[Key, str], name: str, column: str
) -> None:
    asked = [s for key, s in sentences.items() if key[::2] == (name, column) and key not in misses]
    broken = [s for s in asked if not s.holds]
    assert not broken, listed(broken)


def test_idioms_are_needed(misses: dict[Key, str], idle: list[Key]) -> None:
    """Without its idiom each such sentence would make a row."""
    assert [key for key in idle if key not in misses] == []


def test_known_misses_are_still_missed(
    sentences: dict[Key, Sentence], misses: dict[Key, str], idle: list[Key]
) -> None:
    unknown = [" ".join(key) for key in misses if key not in sentences and key[2] != "idle"]
    assert unknown == [], "no such sentence"
    mended = [
        " ".join(key) for key in misses if (sentences[key].holds if key[2] != "idle" else key not in idle)
    ]
    assert mended == [], "these hold again: take them off the list, or run pytest --update-misses"


def test_known_misses_have_a_reason() -> None:
    rows = read_table(MISSES)
    assert len({(row["table"], row["id"], row["column"]) for row in rows}) == len(rows)
    assert [row["id"] for row in rows if row["reason"] in {"", UNEXPLAINED}] == [], "say why"
