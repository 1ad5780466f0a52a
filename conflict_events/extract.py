"""The story on one page: from an article to its events, calling each room in order.

sentences with a trigger -> what the trigger means here -> did it happen -> who -> when -> where -> how many
died -> one report a happening -> one event a place -> the same event told twice becomes one
"""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import coding, lexicon, places
from .events import Article, Event, Explanation
from .gazetteer import Gazetteer
from .grouping import Grouping
from .merge import join, merging
from .pipeline import Marker, Reader, Sentence
from .publication import publication_date, read_date
from .reports import read_sentence
from .rows import Coder
from .sameness import belongs, same_actors
from .story import Report, Story


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides rows besides the articles; picklable, so that worker processes can have it.

    `layer` is "none", a country's code or a folder; None leaves the choice to CONFLICT_EVENTS_LAYER.
    `gate` skips what can be seen to give no row, and `located` says that rows without a place are not wanted,
    so that texts which name nothing of Syria need no reading; the rows with a place are the same either way.
    """

    gazetteer: Path | None = None
    data: Path | None = None
    model: str | None = None
    gate: bool = True
    located: bool = False
    doubtful: str = "drop"
    layer: str | None = None


class Extractor:
    """Reads articles and gives their events. Loading the dictionaries takes a moment: make one and keep it."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.lexicon = lexicon.load(self.settings.data)
        given = self.settings
        self.gazetteer = Gazetteer.load(given.gazetteer, given.layer, data=given.data)
        self.marker = Marker(self.lexicon, self.gazetteer)
        self.reader = Reader(
            self.marker, self.settings.model, gate=self.settings.gate, located=self.settings.located
        )

    def load(self) -> None:
        """Load the model now, and not with the first sentence that needs it."""
        _ = self.reader.nlp

    def pipe(self, articles: Iterable[Article]) -> Iterator[tuple[Article, list[Event]]]:
        """Each article with its events, in order, one event a report: not yet merged."""
        for article, sentences in self.reader.read(articles):
            events = self._events(article, sentences)
            for sentence in sentences:
                if sentence.doc is not None:
                    sentence.doc.forget()
            yield article, events

    def events(self, article: Article) -> list[Event]:
        """The events of one article, the same event told twice given once."""
        return [e for _, events in self.pipe([article]) for e in self.merge(events, "article")]

    def merge(self, events: Iterable[Event], scope: str = "all") -> list[Event]:
        """Events with the same event told once ("article": within each article), ids and notes made anew."""
        return list(self.merging(events, scope))

    def merging(self, events: Iterable[Event], scope: str = "all") -> Iterator[Event]:
        """What `merge` gives, one by one, in less memory."""
        return map(self.complete, merging(events, scope, around=self.gazetteer.around))

    def complete(self, event: Event) -> Event:
        """The event with all that follows from its other fields, id and note among them, made anew."""
        return coding.complete(event, self.lexicon)

    def grouping(self, scope: str = "all") -> Grouping:
        """What numbers events by the event they tell, as `merge` sees it, without keeping them."""
        return Grouping(scope, self.gazetteer.around)

    def belongs(self, event: Event, group: Iterable[Event]) -> bool:
        """True where the event tells the same as all of a group of one governorate, as `merge` sees it."""
        return belongs(event, group, self.gazetteer.around)

    def join(self, group: list[Event]) -> Event:
        """One event for a group that tells the same, id and note made anew."""
        return self.complete(join(group))

    def explain(self, article: Article) -> list[Explanation]:
        """For each candidate sentence what was found in it, and why it did or did not become rows."""
        found: list[Explanation] = []
        for _, sentences in self.reader.read([article]):
            self._events(article, sentences, found)
        return found

    def _events(
        self, article: Article, sentences: list[Sentence], explained: list[Explanation] | None = None
    ) -> list[Event]:
        """One event for each report and place of an article."""
        if not any(s.triggers for s in sentences):
            return []
        story = Story(
            article,
            self.lexicon,
            self.gazetteer,
            places.gather(sentences, self.gazetteer, article.published),
            explained=explained is not None,
        )
        told: list[tuple[Sentence, list[Report], list[tuple[str, str]]]] = []
        headlines = [s for s in sentences if (s.title or s.headline) and s.triggers and not s.aside]
        for sentence in sentences:
            if sentence.aside:
                told.append((sentence, [], [("refused", sentence.aside)]))
            elif sentence.headline and sentence.triggers:
                story.announce(sentence)
            elif sentence.triggers and not sentence.title:
                told.append((sentence, *read_sentence(sentence, story, self.marker)))
            elif not sentence.title:
                story.pass_by(sentence)
        # read last: what a headline tells is told better by the text
        told += [(s, *read_sentence(s, story, self.marker)) for s in headlines]
        rows: list[Event] = []
        coder = Coder(story)
        for sentence, reports, findings in told:
            made = [e for r in reports for e in coder.events(r, findings)]
            if sentence.title or sentence.headline:
                made = _untold(made, rows)
            rows += made
            if explained is not None and sentence.triggers:
                explained.append(_explanation(sentence, findings, made))
        rows = [e for e in rows if not _coarse_lead(e, rows)]
        if self.settings.doubtful == "keep" or len(sentences) <= BRIEF:
            return rows
        return _without_doubtful(rows, explained or [])


def _untold(announced: list[Event], rows: list[Event]) -> list[Event]:
    """The events of a headline that the text does not tell: what it repeats, the text tells better.

    Where the text leaves the deaths out that the headline counts, its row is given them.
    """
    kept = []
    for event in announced:
        told = [
            r
            for r in rows
            if r.event_type == event.event_type
            and (r.sub_event_type == event.sub_event_type or same_actors(r, event))
        ]
        if not told:
            kept.append(event)
        elif len(told) == 1 and event.fatalities and not told[0].fatalities:
            at = rows.index(told[0])
            rows[at] = replace(told[0], fatalities=event.fatalities, fatalities_text=event.fatalities_text)
    return kept


LEAD = 250  # characters, as far as the sentences of a lead
# Rows below this are right in about a quarter of cases (docs/evaluation.md).
DOUBTFUL = 0.35
# Each sentence of so short a text is what it is about.
BRIEF = 5


def _without_doubtful(events: list[Event], explained: list[Explanation]) -> list[Event]:
    """Events without those below DOUBTFUL, where the article tells others that are surer; `explained` says so."""
    if not any(e.confidence >= DOUBTFUL and e.latitude is not None for e in events):
        return events
    for i, told in enumerate(explained):
        kept = tuple(e for e in told.events if e.confidence >= DOUBTFUL)
        if kept != told.events:
            why = ("refused", f"a confidence below {DOUBTFUL}, while the article tells of others more surely")
            outcome = "row" if kept else why[1]
            explained[i] = replace(told, findings=(*told.findings, why), outcome=outcome, events=kept)
    return [e for e in events if e.confidence >= DOUBTFUL]


def _coarse_lead(event: Event, rows: list[Event]) -> bool:
    """True for a lead that names only the city or region of an event that the text then places more exactly.

    A lead that alone says who did it stays, to be joined with the exact place.
    """
    if event.start is None or event.start > LEAD or event.latitude is None:
        return False
    if event.geo_precision == 1 and event.location.split(" - ")[0] not in {event.admin1, event.place_text}:
        return False
    if event.geo_precision != 3 and _spelt(event.location) != _spelt(event.admin1):
        return False
    exact = [
        e
        for e in rows
        if e is not event
        and (e.event_type, e.admin1, e.event_date) == (event.event_type, event.admin1, event.event_date)
        and e.location != event.location
        and ({e.actor1, e.actor2} & {event.actor1, event.actor2})
        and (e.actor1 == event.actor1 or "Unidentified" in event.actor1 or "Unidentified" not in e.actor1)
    ]
    # a lead may sum up more deaths than the places named later
    return bool(exact) and event.fatalities <= sum(e.fatalities for e in exact)


def _spelt(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalpha())


def _explanation(sentence: Sentence, findings: list[tuple[str, str]], events: list[Event]) -> Explanation:
    refusals = [text for kind, text in findings if kind == "refused"]
    outcome = "row" if events else ("; ".join(refusals) or "no event")
    return Explanation(sentence.text, sentence.start, sentence.end, tuple(findings), outcome, tuple(events))


_extractors: dict[Settings, Extractor] = {}
_one_at_a_time = threading.RLock()


@contextlib.contextmanager
def engine(settings: Settings) -> Iterator[Extractor]:
    """The extractor of this process for `settings`, loaded when first asked for, for one thread at a time."""
    with _one_at_a_time:
        if settings not in _extractors:
            _extractors[settings] = Extractor(settings)
        yield _extractors[settings]


def extract(
    text: str | Article,
    *,
    published: datetime.date | str | None = None,
    title: str = "",
    source: str = "",
    settings: Settings | None = None,
) -> list[Event]:
    """The events of one text, the same event told twice given once.

    `published` is the day of publication (a date or ISO text); without it a dateline in the text is used, and
    where there is none, rows dated only relatively ("on Monday") have no date. Raises ValueError for a
    `published` that is no date, LexiconError or GazetteerError for broken dictionaries.
    """
    if isinstance(text, Article):
        article = text
    else:
        day, basis = _published(published), "option"
        if day is None:
            day, basis = publication_date(text)
        article = Article(text, title=title, published=day, published_basis=basis, source=source)
    with engine(settings or Settings()) as extractor:
        return extractor.events(article)


def _published(published: datetime.date | str | None) -> datetime.date | None:
    if published is None or isinstance(published, datetime.date):
        return published
    day = read_date(published)
    if day is None:
        raise ValueError(f'published "{published}" is not a day; write it as 2024-12-03')
    return day
