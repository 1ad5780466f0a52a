"""What a row was made from, for a person who checks it: the sentence among its neighbours, and what is in it.

A sheet with full columns says which sentence; for one with ACLED's columns alone the articles are read again.
With the articles at hand the candidates for a place come from the engine itself, each with its reasons.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from .coding import resolve
from .columns import Value, row
from .events import Actor, Article, Event, Explanation, Mention, Place
from .extract import Extractor
from .gazetteer import key
from .gazetteer.gazetteer import ADMIN_KINDS
from .phrases import fold, words
from .pipeline import Sentence, split_sentences
from .places import choose, gather
from .publication import read_date

NEIGHBOURS = 2  # sentences shown before and behind
MOST = 9  # candidates, one a digit
_KEPT = 32  # articles whose reading is remembered
_TOLD = (
    "place_text", "place_id", "trigger", "rule", "sentence", "start", "end", "date_text", "date_basis",
    "fatalities_text", "confidence", "article_id", "article_title", "article_url", "published",
)  # fmt: skip

Row = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Shown:
    """A sentence in its context, with marks: start and end in the sentence, and what stands there."""

    before: str
    sentence: str
    after: str
    marks: Sequence[tuple[int, int, str]]


@dataclass(slots=True)
class _Reading:
    """An article cut into sentences, with the names found in them."""

    article: Article
    sentences: list[Sentence]
    explained: list[Explanation] | None = None


@dataclass(slots=True)
class Provenance:
    """Finds what rows were made from, with the engine and the articles that are at hand, if any."""

    engine: Extractor
    _articles: dict[str, Article] = field(default_factory=dict)
    _names: dict[str, list[str]] = field(default_factory=dict)
    _told: dict[str, Event] = field(default_factory=dict)
    _alike: dict[tuple[str, ...], list[Event]] = field(default_factory=dict)
    _readings: dict[str, _Reading] = field(default_factory=dict)
    _spelt: list[tuple[Actor, list[str]]] = field(default_factory=list)

    def keep(self, articles: Iterable[Article]) -> None:
        """Takes articles to show sentences in."""
        for article in articles:
            if article.id not in self._articles:
                self._articles[article.id] = article
                self._names.setdefault(PurePath(article.id).name, []).append(article.id)

    def warm_up(self) -> None:
        """Loads the parser, which takes a moment, before somebody waits for it."""
        self.engine.explain(Article("Rebels captured the town of Morek on Monday."))

    def read_again(self) -> None:
        """Finds the events of all articles, for rows that do not say what they were made from."""
        told = [e for _, events in self.engine.pipe(self._articles.values()) for e in events]
        for event in self.engine.merge(told):
            self._told.setdefault(event.event_id_cnty, event)
            self._alike.setdefault(_alike(row(event)), []).append(event)

    def filled(self, cells: Row) -> dict[str, Value]:
        """The cells of a row, with what it was made from where the sheet does not say."""
        if cells.get("sentence"):
            return dict(cells)
        event = self._told.get(str(cells.get("event_id_cnty") or ""))
        if event is None:
            found = self._alike.get(_alike(cells), [])
            event = found[0] if len(found) == 1 else None
        if event is None:
            return dict(cells)
        made = row(event, "full")
        return {**cells, **{name: made[name] for name in _TOLD}, **_given(cells, _TOLD)}

    # ---- the sentence ----

    def shown(self, cells: Row) -> Shown:
        """The sentence of a filled row in its context, and what is marked in it."""
        sentence = str(cells.get("sentence") or "")
        if not sentence:
            return Shown("", "", "", ())
        before, after = self._around(cells, sentence)
        return Shown(before, sentence, after, self._marks(cells, sentence))

    def article(self, cells: Row) -> Article | None:
        """The article at hand that the row was made from, None where there is none."""
        for id in str(cells.get("article_id") or "").split("; "):
            named = self._names.get(PurePath(id).name, []) if id else []
            known = id if id in self._articles else (named[0] if len(named) == 1 else "")
            if known and self._place(self._articles[known], cells) is not None:
                return self._articles[known]
        return None

    @staticmethod
    def _place(article: Article, cells: Row) -> int | None:
        """Where the sentence stands in the article, None where it does not."""
        sentence = fold(str(cells.get("sentence") or "")).replace("\n", " ")
        text = fold(article.text).replace("\n", " ")
        start = _whole(cells.get("start"))
        if start is not None and start >= 0 and text[start : start + len(sentence)] == sentence:
            return start
        found = text.find(sentence) if sentence else -1
        if found < 0 and sentence and sentence in fold(article.title).replace("\n", " "):
            return 0
        return found if found >= 0 else None

    def _around(self, cells: Row, sentence: str) -> tuple[str, str]:
        article = self.article(cells)
        if article is None:
            return "", ""
        start = self._place(article, cells)
        if start is None or fold(article.text)[start : start + 8] != fold(sentence)[:8]:
            return "", article.text[:300]  # the title: what the text begins with
        cuts = [(a, b) for a, b, _ in split_sentences(fold(article.text))]
        at = bisect.bisect_right([a for a, _ in cuts], start) - 1
        end = start + len(sentence)
        first = cuts[max(0, at - NEIGHBOURS)][0] if cuts else start
        behind = [b for a, b in cuts if a >= end][:NEIGHBOURS]
        return article.text[first:start], article.text[end : behind[-1]] if behind else ""

    def _marks(self, cells: Row, sentence: str) -> list[tuple[int, int, str]]:
        plain = self._sentence(sentence)
        found: list[tuple[int, int, str]] = []

        def mark(text: object, kind: str) -> None:
            wanted = fold(str(text or ""))
            at = plain.text.find(wanted) if wanted else -1
            if at >= 0:
                found.append((at, at + len(wanted), kind))

        mark(cells.get("place_text"), "place")
        mark(cells.get("trigger"), "trigger")
        mark(str(cells.get("fatalities_text") or "").partition(" (")[0], "count")
        mark(cells.get("date_text"), "date")
        sides = {str(cells.get(name) or ""): name for name in ("actor2", "actor1")}
        day = read_date(str(cells.get("event_date") or ""))
        for mention in plain.actors:
            actor = resolve(mention, self.engine.lexicon, day)
            kind = sides.get(actor.name if actor else "", "other")
            found.append((mention.start, mention.end, kind or "other"))
        found += [(m.start, m.end, "elsewhere") for m in plain.places]
        kept: list[tuple[int, int, str]] = []
        for start, end, kind in found:
            if not any(start < e and s < end for s, e, _ in kept):
                kept.append((start, end, kind))
        return sorted(kept)

    def _sentence(self, text: str) -> Sentence:
        sentence = Sentence(fold(text).replace("\n", " "), 0, 0)
        sentence.words = words(sentence.text)
        self.engine.marker.mark(sentence)
        return sentence

    # ---- why ----

    def why(self, cells: Row) -> list[tuple[str, str]]:
        """What the engine finds in the sentence of a filled row, as `explain` tells it."""
        if not cells.get("sentence"):
            return []
        reading = self._read(cells)
        if reading.explained is None:
            reading.explained = self.engine.explain(reading.article)
        wanted = fold(str(cells["sentence"])).replace("\n", " ")
        for told in reading.explained:
            if told.sentence == wanted or (wanted and wanted in told.sentence):
                return list(told.findings)
        return []

    def _read(self, cells: Row) -> _Reading:
        """The article of the row, or its sentence alone, with the names in it."""
        article = self.article(cells) or alone(cells)
        mark = f"{article.id}\0{article.text[:200]}\0{article.published}"
        if mark not in self._readings:
            while len(self._readings) >= _KEPT:
                self._readings.pop(next(iter(self._readings)))
            sentences = self.engine.reader.sentences(article)
            for sentence in sentences:
                self.engine.marker.mark(sentence)
            self._readings[mark] = _Reading(article, sentences)
        return self._readings[mark]

    # ---- candidates ----

    def places(self, cells: Row) -> list[dict[str, Any]]:
        """The places that the row's place may be, the one it has left out: namesakes, the likeliest first, then
        those that the sentence and the article name."""
        gazetteer = self.engine.gazetteer
        why = self._scores(cells)
        name = str(cells.get("place_text") or cells.get("location") or "")
        around = [place.id for place, _, _ in gazetteer.named(name, limit=MOST)] if name else []
        namesakes = [gazetteer.places[id] for id in dict.fromkeys([*why, *around])]
        namesakes.sort(key=lambda place: place.kind in ADMIN_KINDS)  # a bare name is rather a settlement's
        found = {place.id: why.get(place.id, "") for place in namesakes}
        for place_id, where in self._beside(cells):
            found.setdefault(place_id, where)
            if len(found) > 2 * MOST:
                break
        places = [gazetteer.places[id] for id in found if not _is(gazetteer.places[id], cells)]
        syrian = [place for place in places if place.country == "SY"]
        return [{**described(place), "why": found[place.id]} for place in syrian[:MOST]]

    def names(self, cells: Row, place: Place) -> bool:
        """True where the article of the row, or its sentence where that is all there is, names the place."""
        reading = self._read(cells)
        named = {id for sentence in reading.sentences for mention in sentence.places for id in mention.ids}
        text = key(reading.article.text.replace("\n", " "))
        return place.id in named or (len(key(place.name)) > 3 and key(place.name) in text)

    def _beside(self, cells: Row) -> Iterator[tuple[str, str]]:
        """The other places that the sentence names, and its article, each with where it is named."""
        if not cells.get("sentence"):
            return
        reading = self._read(cells)
        own = fold(str(cells["sentence"])).replace("\n", " ")
        context = gather(reading.sentences, self.engine.gazetteer, reading.article.published)
        for here in (True, False):
            for sentence in reading.sentences:
                if (sentence.text in own or own in sentence.text) == here:
                    for mention in sentence.places:
                        choice = choose(mention, sentence, context, self.engine.gazetteer)
                        if choice is not None:
                            yield choice.place.id, f"named in the {'sentence' if here else 'article'}"

    def reason(self, cells: Row) -> str:
        """Why the engine chose the place that the row has, "" where it would not."""
        scores = self._scores(cells)
        return next((w for id, w in scores.items() if _is(self.engine.gazetteer.places[id], cells)), "")

    def _scores(self, cells: Row) -> dict[str, str]:
        """Why each place of the name may be meant, by its id, the likeliest first."""
        wanted = str(cells.get("place_text") or "")
        if not wanted or not cells.get("sentence"):
            return {}
        reading = self._read(cells)
        context = gather(reading.sentences, self.engine.gazetteer, reading.article.published)
        own = fold(str(cells["sentence"])).replace("\n", " ")
        for sentence in sorted(reading.sentences, key=lambda s: s.text != own and own not in s.text):
            for mention in sentence.places:
                if mention.text == wanted:
                    return self._chosen(mention, sentence, context)
        return {}

    def _chosen(self, mention: Mention, sentence: Sentence, context: Any) -> dict[str, str]:
        choice = choose(mention, sentence, context, self.engine.gazetteer)
        if choice is None:
            return dict.fromkeys(mention.ids, "")
        return {id: why for id, _, why in choice.candidates}

    def search_places(self, query: str) -> list[dict[str, Any]]:
        """The Syrian places that a name may mean; behind a comma what they lie in."""
        name, *around = (part.strip() for part in query[:200].split(","))
        found = self.engine.gazetteer.named(name, around, 3 * MOST)
        return [described(place) for place, _, _ in found if place.country == "SY"][:MOST]

    def actors(self, cells: Row) -> list[dict[str, Any]]:
        """The actors that the sentence and its article name, nearest first, then those that stand for nobody."""
        lexicon = self.engine.lexicon
        day = read_date(str(cells.get("event_date") or ""))
        found: dict[str, Actor] = {}
        if cells.get("sentence"):
            own = self._sentence(str(cells["sentence"]))
            rest = self._read(cells).sentences
            for mention in [*own.actors, *(m for sentence in rest for m in sentence.actors)]:
                actor = resolve(mention, lexicon, day)
                if actor is not None:
                    found.setdefault(actor.id, actor)
        for id in ("unidentified", "unidentified-military", "civilians"):
            if id in lexicon.actors:
                found.setdefault(id, lexicon.actors[id])
        return [_named(actor, cells) for actor in found.values()][:MOST]

    def search_actors(self, query: str, cells: Row) -> list[dict[str, Any]]:
        """The actors of the dictionary whose names or spellings hold the words asked for, best first."""
        wanted = _plain(query[:100])
        day = read_date(str(cells.get("event_date") or ""))
        ranked = []
        if not self._spelt:
            actors = self.engine.lexicon.actors.values()
            self._spelt.extend((actor, [_plain(n) for n in (actor.name, *actor.aliases)]) for actor in actors)
        for actor, names in self._spelt:
            rank = min(_rank(wanted, name) for name in names)
            if wanted and rank < 9:
                ranked.append((not actor.valid(day), rank, actor.name, actor))
        ranked.sort(key=lambda one: one[:3])
        return [_named(actor, cells) for *_, actor in ranked[:MOST]]


def _plain(name: str) -> str:
    return " ".join(word.lower for word in words(fold(name)))


def _rank(wanted: str, plain: str) -> int:
    """0 where the name is what is asked for, more the further it is from that, 9 where it is another."""
    if plain == wanted:
        return 0
    if plain.startswith(wanted):
        return 1
    if f" {wanted}" in f" {plain}":
        return 2
    return 3 if len(wanted) > 2 and all(part in plain for part in wanted.split()) else 9


def _named(actor: Actor, cells: Row) -> dict[str, Any]:
    since, until = (str(day or "") for day in (actor.valid_from, actor.valid_to))
    day = read_date(str(cells.get("event_date") or ""))
    return {
        "id": actor.id,
        "name": actor.name,
        "inter": actor.inter,
        "since": since,
        "until": until,
        "valid": actor.valid(day),
        "provisional": actor.provisional,
    }


def described(place: Place) -> dict[str, Any]:
    """What a person needs to tell a place from its namesakes."""
    return {
        "id": place.id,
        "location": place.location,
        "name": place.name,
        "arabic": place.name_ar,
        "kind": place.kind,
        "admin": [unit for unit in (place.admin1, place.admin2, place.admin3) if unit],
        "latitude": place.latitude,
        "longitude": place.longitude,
        "population": place.population,
    }


def alone(cells: Row) -> Article:
    """The sentence of a row as an article of its own, published when the row's article was."""
    day = read_date(str(cells.get("published") or ""))
    source = str(cells.get("source") or "").partition("; ")[0]
    return Article(
        str(cells.get("sentence") or ""),
        published=day,
        published_basis="option" if day else "",
        source=source,
    )


def _is(place: Place, cells: Row) -> bool:
    """True for the place that the row has."""
    if cells.get("place_id"):
        return place.id == cells["place_id"]
    return (place.location, place.admin1, place.admin3) == tuple(
        str(cells.get(name) or "") for name in ("location", "admin1", "admin3")
    )


def _alike(cells: Row) -> tuple[str, ...]:
    return tuple(str(cells.get(n) or "") for n in ("event_date", "admin1", "location", "sub_event_type"))


def _given(cells: Row, names: Iterable[str]) -> dict[str, Value]:
    return {name: cells[name] for name in names if cells.get(name) not in (None, "")}


def _whole(cell: Value) -> int | None:
    try:
        return int(float(str(cell)))
    except (ValueError, OverflowError):
        return None
