"""The command line with a toy engine in place of spaCy, for tests of streams, processes and exit codes.

Run as a script: `python tests/engine_stub.py extract …`. Worker processes import the script again and get
the same engine. Each sentence with the word "shelled" is an event; other words make the engine misbehave:
"crash" raises, "die" ends the process, "once FILE" ends it the first time, "hold FILE" waits until FILE is
there and says by a file FILE.begun.PID that it does.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import time
import types
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from conflict_events.events import Article, Event, Explanation
from conflict_events.grouping import Grouping
from conflict_events.lexicon import LexiconError


@dataclass(frozen=True, slots=True)
class Settings:
    gazetteer: Path | None = None
    data: Path | None = None
    model: str | None = None
    gate: bool = True
    located: bool = False
    doubtful: str = "drop"
    layer: str | None = None


class Extractor:
    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.lexicon = types.SimpleNamespace(sources={}, outlets={})

    def load(self) -> None:
        if self.settings.model == "missing":
            raise LexiconError("the model missing is not installed")

    def pipe(self, articles):
        for article in articles:
            yield article, self.events(article)

    def events(self, article: Article) -> list[Event]:
        self.load()
        words = article.text.split()
        if "hold" in words:
            hold(Path(words[words.index("hold") + 1]))
        if "crash" in words:
            raise KeyError("a word\nnobody expected")
        if "die" in words:
            os._exit(9)
        if "once" in words:
            mark = Path(words[words.index("once") + 1])
            if not mark.exists():
                mark.touch()
                os._exit(9)
        return [
            event(article, sentence) for sentence in article.text.split(".") if "shelled" in sentence.split()
        ]

    def belongs(self, event, group) -> bool:
        return all((e.event_date, e.location) == (event.event_date, event.location) for e in group)

    def join(self, group) -> Event:
        articles = tuple(dict.fromkeys(name for e in group for name in e.article_id))
        told = f"{group[0].event_date} {group[0].location} {group[0].actor1}"
        number = hashlib.blake2b(told.encode(), digest_size=5).hexdigest()
        return replace(group[0], article_id=articles, event_id_cnty=f"SYR{number}")

    def complete(self, event: Event) -> Event:
        return self.join([event])

    def grouping(self, scope: str = "all") -> Grouping:
        return Grouping(scope)

    def merge(self, events, scope: str = "all") -> list[Event]:
        return merge(events, scope)

    def merging(self, events, scope: str = "all") -> Iterator[Event]:
        return iter(merge(events, scope))

    def explain(self, article: Article) -> list[Explanation]:
        """One explanation a sentence with the trigger, else one that says why there is no row."""
        return [
            Explanation(found.sentence, 0, 9, (("trigger", "shelled"),), "row", (found,))
            for found in self.events(article)
        ] or [Explanation(article.text, 0, 9, (("assertion", "denied"),), "denied: did not")]


def hold(mark: Path) -> None:
    """Waits for the file, but no longer than a test may take."""
    mark.with_name(f"{mark.name}.begun.{os.getpid()}").touch()
    end = time.monotonic() + 120
    while not mark.exists() and time.monotonic() < end:
        time.sleep(0.02)


def until_held(mark: Path, process: subprocess.Popen[str], workers: int = 1) -> None:
    """Waits until so many workers of the process each hold an article that it was given."""
    end = time.monotonic() + 60
    while len(list(mark.parent.glob(f"{mark.name}.begun.*"))) < workers:
        assert process.poll() is None and time.monotonic() < end, "it does not come to the article"
        time.sleep(0.02)


def event(article: Article, sentence: str) -> Event:
    located = "nowhere" not in sentence
    return Event(
        event_date=article.published,
        year=article.published.year if article.published else None,
        sub_event_type="Shelling/artillery/missile attack",
        actor1="Military Forces of Syria (2000-2024)",
        inter1=1,
        interaction=10,
        location="Saraqab" if located else "",
        place_id="saraqab" if located else "",
        latitude=35.8643 if located else None,
        longitude=36.8026 if located else None,
        notes=sentence.strip(),
        sentence=sentence.strip(),
        article_id=(article.id,),
        article_title=article.title,
        published=article.published,
        confidence=0.3 if "perhaps" in sentence else 0.9,
    )


def merge(events, scope: str) -> list[Event]:
    kept: dict[object, Event] = {}
    for found in events:
        key = len(kept) if scope == "none" else (found.event_date, found.location)
        known = kept.get(key)
        kept[key] = replace(known, article_id=(*known.article_id, *found.article_id)) if known else found
    ordered = sorted(kept.values(), key=lambda found: found.event_date or date.max)
    return [replace(found, event_id_cnty=f"SYR{number}") for number, found in enumerate(ordered, 1)]


@contextlib.contextmanager
def engine(settings: Settings):
    yield Extractor(settings)


def install() -> None:
    """Puts the toy engine where the real one would be imported from."""
    module = types.ModuleType("conflict_events.extract")
    module.Extractor, module.Settings, module.engine = Extractor, Settings, engine
    sys.modules[module.__name__] = module


if __name__ in ("__main__", "__mp_main__"):
    install()

if __name__ == "__main__":
    from conflict_events.cli import main

    main(prog_name="conflict-events")
