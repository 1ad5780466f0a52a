"""The two stages: a cheap pass that finds sentences with a trigger, and the parser for those alone.

Stage one cuts an article into sentences and looks dictionary phrases up in plain words; it needs no model.
Stage two tags and parses the sentences that hold a trigger, in batches across articles. The gate may never
change a row: with `gate=False` every sentence is parsed and the rows must come out the same.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .dates import AGENCY_LINE, head_of
from .events import Article, Mention
from .furniture import pieces, promotes, whole
from .gazetteer import Gazetteer
from .lexicon import Lexicon, LexiconError, plural, trigger_phrases
from .model import load_model, parsed
from .parse import Parse, parse_of
from .phrases import Hit, PhraseTable, Word, fold, phrase_words, words
from .placenames import PlaceNames

if TYPE_CHECKING:
    from spacy.language import Language

_END = re.compile(
    r"[.!?]+[\"')\]]*(?=\s+[\"'(\[]?[A-Z0-9]|\s*$)|\.(?:\s+\.)+|" + AGENCY_LINE + r"(?=\s+[\"A-Z])"
)
_AGENCY = re.compile(AGENCY_LINE + "$")
_ABBREVIATED = re.compile(
    r"(?:\b[A-Z]|\b(?:Mr|Mrs|Ms|Dr|St|No|vs|Gen|Col|Maj|Lt|Sgt|Capt|Brig|Sen|Rep|Gov|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|"
    r"Nov|Dec|Ltd|Inc|approx))$"
)
# "at 6 a.m. 3 km from the town" goes on.
_HOUR = re.compile(r"[ap]\.m\.\s+\d")
_RUN = re.compile(r"[a-z]+")
_PARAGRAPH = re.compile(r"\n\s*\n")
_LINE_END = re.compile(r"\n")
LONGEST = 1200
# Whole sentences, or lines, from which on a text is a page with furniture around it.
PAGE = 3
ELLIPSIS = "\u2026"
LINK = "a line that leads to another article"
# So short a text is chosen by who hands it over; a longer one may be of any country.
BRIEF = 1000  # characters
ECHO = "told before, word for word"
# Fewer words than these say little and may come twice.
ECHO_WORDS = 5


@dataclass(slots=True)
class Sentence:
    """A sentence of an article: folded text, offsets, words, and the dictionary rows found in it.

    A `headline` repeats what the text tells, as the title does; `aside` says why one is not read; `abroad`
    marks those of a text that names nothing of Syria.
    """

    text: str
    start: int
    paragraph: int
    title: bool = False
    headline: bool = False
    aside: str = ""
    abroad: bool = False
    words: list[Word] = field(default_factory=list)
    triggers: list[Mention] = field(default_factory=list)
    actors: list[Mention] = field(default_factory=list)
    places: list[Mention] = field(default_factory=list)
    cues: list[Mention] = field(default_factory=list)
    sources: list[Mention] = field(default_factory=list)
    doc: Parse | None = None

    @property
    def end(self) -> int:
        """Offset of the sentence's end in the article's text."""
        return self.start + len(self.text)


def split_sentences(text: str) -> Iterator[tuple[int, int, int]]:
    """(start, end, paragraph number) of each sentence of folded `text`.

    A blank line ends a paragraph. A single line break does too, unless the text is hard-wrapped, which shows
    in lines that go on in lower case.
    """
    breaks = [m.start() for m in re.finditer(r"\n", text)]
    going_on = sum(1 for at in breaks if re.match(r"\n[ ]*[a-z]", text[at : at + 6]))
    wrapped = len(breaks) > 3 and going_on > len(breaks) / 4
    at = 0
    for number, block in enumerate(_blocks(text, wrapped)):
        at, end = block
        for start, stop in _sentences(text, at, end):
            if text[start:stop].strip():
                yield start, stop, number


def _blocks(text: str, wrapped: bool) -> Iterator[tuple[int, int]]:
    at = 0
    for m in (_PARAGRAPH if wrapped else _LINE_END).finditer(text):
        yield at, m.start()
        at = m.end()
    yield at, len(text)


def _sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Sentences between two offsets, without the white space around them; endless ones are cut."""
    at = start
    for m in _END.finditer(text, start, end):
        if m.group() == "." and _ABBREVIATED.search(text, at, m.start()):
            continue
        if m.group() == "." and text[m.start() - 1] == "m" and _HOUR.match(text, m.start() - 3):
            continue
        yield from _trimmed(text, at, m.end())
        at = m.end()
    yield from _trimmed(text, at, end)


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    while end - start > LONGEST:
        cut = text.rfind(" ", start, start + LONGEST)
        cut = cut if cut > start else start + LONGEST
        yield start, cut
        start = cut + 1
    if start < end:
        yield start, end


def _link_lines(sentences: list[Sentence]) -> None:
    """Mark lines that are no sentences among those that are: headlines, and those that lead elsewhere."""
    lines: dict[int, list[Sentence]] = {}
    for sentence in sentences:
        if not sentence.title:
            lines.setdefault(sentence.paragraph, []).append(sentence)
    told = sum(whole(line[-1].text) for line in lines.values())
    leads = False
    for number, line in enumerate(lines.values()):
        bare = len(line) == 1 and not whole(line[0].text)
        leads = promotes(line[0].text) or (leads and bare)
        for sentence in line:
            sentence.aside = sentence.aside or (LINK if leads else "")
        if bare and told >= PAGE and 2 * told > len(lines):
            sentence = line[0]
            if number > 0 and sentence.text.endswith((ELLIPSIS, "...")):
                sentence.aside = sentence.aside or LINK
            sentence.headline = not sentence.aside


class Marker:
    """Finds the rows of all dictionaries in a sentence; built once from a lexicon and a gazetteer."""

    def __init__(self, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        self.lexicon, self.gazetteer = lexicon, gazetteer
        self.kinds = lexicon.noun_kinds()
        self._triggers: PhraseTable[str] = PhraseTable()
        for trigger in lexicon.triggers.values():
            for phrase in trigger_phrases(trigger, lexicon.verb_forms):
                self._triggers.add(phrase, trigger.id)
        self._places = PlaceNames(gazetteer, self.kinds, self._triggers.starts)
        self._idioms = {t.id for t in lexicon.triggers.values() if t.frame == "idiom"}
        self._means = {t.id for t in lexicon.triggers.values() if t.frame == "means"}
        self._names: PhraseTable[tuple[str, str, Capitals]] = PhraseTable()
        self._adjectives: PhraseTable[tuple[str, Capitals]] = PhraseTable()
        for actor in lexicon.actors.values():
            for how, names in (("alias", actor.aliases), ("description", actor.descriptions)):
                for name in names:
                    for form in _forms(name):
                        self._names.add(form, (actor.id, how, _capitals(name)))
            for adjective in actor.adjectives:
                for form in _forms(adjective):
                    self._adjectives.add(form, (actor.id, _capitals(adjective)))
        self._cues: PhraseTable[str] = PhraseTable()
        for cue in lexicon.cues.values():
            for words_of_cue in cue.phrases:
                self._cues.add(phrase_words(words_of_cue), cue.id)
        self._sources: PhraseTable[tuple[str, Capitals]] = PhraseTable()
        for source in lexicon.sources.values():
            for outlet in (source.name, *source.aliases):
                if found := phrase_words(outlet):
                    self._sources.add(found, (source.id, _capitals(outlet)))
        armed = {noun for noun, kind in self.kinds.items() if kind in {"armed", "platform", "position"}}
        armed |= {form for noun in lexicon.nouns["place.military"].nouns for form in plural(noun)}
        self._forces = {phrase_words(noun) for noun in armed}
        self._most_force = max((len(f) for f in self._forces), default=1)
        first = self._triggers.first_words()
        # a word that a text would show otherwise, such as "u.s.", is left to the look at each sentence
        self._first = first if all(_RUN.fullmatch(word) for word in first) else None

    def may_trigger(self, text: str) -> bool:
        """True where folded `text` may hold a trigger; never wrongly False."""
        runs = _RUN.findall(text.lower().replace("'", ""))
        return self._first is None or not self._first.isdisjoint(runs)

    def may_speak_of_syria(self, text: str) -> bool:
        """True where `speaks_of_syria` may be true of the sentences of folded `text`; never wrongly False."""
        return "syria" in text.lower() or self.gazetteer.names_theatre(text) or self._places.may_be_in(text)

    def speaks_of_syria(self, sentences: Iterable[Sentence]) -> bool:
        """True where the text names Syria, a place in it as the gazetteer spells it, or a force that fights there.

        A text that does none of these tells of another country, whatever its names resemble.
        """
        if any("syria" in s.text.lower() or self.gazetteer.theatres(s.text) for s in sentences):
            return True
        for s in sentences:
            if self._places.may_be_in(s.text):
                s.words = words(s.text)
                s.actors = self.actors(s)
                if any(m.how != "fuzzy" and self._syrian(m) for m in self._places.find(s)):
                    return True
        return False

    def may_be_placed(self, sentences: Iterable[Sentence]) -> bool:
        """True where what the sentences tell may get a Syrian place; never wrongly False."""
        if not any(s.triggers for s in sentences):
            return False
        for s in sentences:
            s.actors = self.actors(s)
            # an operation stands for the town that it was about
            if any(map(self._syrian, self._places.find(s))) or self.gazetteer.names_theatre(s.text):
                return True
        return False

    def _syrian(self, m: Mention) -> bool:
        return any(self.gazetteer.places[i].country == "SY" for i in m.ids)

    def triggers(self, sentence: Sentence) -> list[Mention]:
        """Triggers, one mention a phrase with all rows that share it, the longest phrase at each place."""
        found: dict[tuple[int, int], list[str]] = {}
        for hit in self._triggers.find([w.lower for w in sentence.words]):
            if hit.value not in self._idioms:
                found.setdefault((hit.first, hit.last), []).append(hit.value)
        return [_mention("trigger", tuple(ids), sentence, a, b) for (a, b), ids in found.items()]

    def mark(self, sentence: Sentence) -> None:
        """Fill in actors, places, cues and sources, and drop triggers that are part of a name."""
        sentence.actors = self.actors(sentence)
        named = [a for a in sentence.actors if a.how == "alias"]
        sentence.triggers = [
            t
            for t in sentence.triggers
            if t.ids[0] in self._means or not any(self._only_name(t, a) for a in named)
        ]
        lowers = [w.lower for w in sentence.words]
        sentence.sources = [
            m
            for m in self._outlets(sentence, lowers)
            if not any(m.inside(a) and m != a for a in sentence.actors)
        ]
        sentence.places = [
            p
            for p in self._places.find(sentence)
            if not any(p.inside(a) and a.how != "description" for a in [*sentence.actors, *sentence.sources])
            and not (sentence.abroad and self._syrian(p))
        ]
        sentence.cues = [
            _mention("cue", (hit.value,), sentence, hit.first, hit.last)
            for hit in self._cues.find(lowers, overlap=True)
        ]

    def _only_name(self, t: Mention, a: Mention) -> bool:
        """True for a trigger that is but part of an actor's name ("Free Syrian Army", not "Rioters")."""
        if not t.inside(a):
            return False
        return not (t.end == a.end and any(self.lexicon.triggers[i].frame == "agent" for i in t.ids))

    def _outlets(self, sentence: Sentence, lowers: list[str]) -> list[Mention]:
        """Outlets and monitors named."""
        return [
            _mention("source", (hit.value[0],), sentence, hit.first, hit.last)
            for hit in self._sources.find(lowers)
            if _shouted(hit.value[1], sentence.words, hit.first)
        ]

    def actors(self, sentence: Sentence) -> list[Mention]:
        """Actors by name, by adjective with a military noun, and by description, none inside another."""
        text = sentence.words
        lowers = [w.lower for w in text]
        if not _SPELT.keys().isdisjoint(lowers):
            lowers = [_SPELT.get(w, w) for w in lowers]
            text = [w._replace(lower=low) for w, low in zip(text, lowers, strict=True)]
        spans: dict[tuple[int, int, str], list[str]] = {}
        for hit in self._names.find(lowers, overlap=True):
            id_, how, capitals = hit.value
            if _shouted(capitals, text, hit.first):
                spans.setdefault((hit.first, hit.last, how), []).append(id_)
        adjectives = [
            hit
            for hit in self._adjectives.find(lowers, overlap=True)
            if _shouted(hit.value[1], text, hit.first)
        ]
        spans = {k: v for k, v in spans.items() if not _linked(text, k[1])}
        adjectives = [a for a in adjectives if not _linked(text, a.last)]
        starts = {a.first for a in adjectives} | {a for a, _, how in spans if how == "alias"}
        for a in reversed(adjectives):
            end = self._force(text, a.last, starts)
            paired = not end and self._paired(text, a.last, adjectives, starts)
            how = "joined" if end else ("paired" if paired else "adjective")
            spans.setdefault((a.first, end or a.last, how), []).append(a.value[0])
        found = _outermost(
            [
                _mention("actor", tuple(dict.fromkeys(ids)), sentence, a, b, how)
                for (a, b, how), ids in spans.items()
            ]
        )
        named = [
            i + 1 < len(found)
            and found[i + 1].how == "alias"
            and (
                (m.how == "description" and bool(_OF.fullmatch(sentence.text[m.end : found[i + 1].start])))
                or self._only_describes(m, found[i + 1], sentence.text[m.end : found[i + 1].start])
            )
            for i, m in enumerate(found)
        ]
        again = [
            bool(i)
            and m.ids == found[i - 1].ids
            and sentence.text[found[i - 1].end : m.start] in {" (", ", "}
            for i, m in enumerate(found)
        ]  # "Hayat Tahrir al-Sham (HTS)" is one mention
        return [m for m, skip, twice in zip(found, named, again, strict=True) if not skip and not twice]

    def _only_describes(self, m: Mention, name: Mention, gap: str) -> bool:
        """True for what says of which kind the name behind it is: "the rebel group Jaysh al-Izza"."""
        if m.how == "description" and m.text.lower().startswith("unidentified"):
            return False
        if not _GROUP.fullmatch(gap):
            return False
        if name.ids[0] in _KINDS_OF_GROUP:
            return m.how == "adjective" and "jws" in m.ids  # "Turkish-backed Islamist factions"
        if self.lexicon.actors[name.ids[0]].role in {"operation", "command"} or name.ids[0] in _LOOSE:
            return False
        if m.how == "adjective":
            return True
        return m.ids[0] in _KINDS_OF_GROUP and self.lexicon.actors[name.ids[0]].inter in {2, 3, 4}

    def _force(self, text: list[Word], at: int, starts: set[int]) -> int:
        """The end of the military noun that begins at word `at` or up to two words on, or 0."""
        for skip in range(3):
            if at + skip in starts:
                return 0
            for n in range(self._most_force, 0, -1):
                window = text[at + skip : at + skip + n]
                if len(window) == n and tuple(w.lower for w in window) in self._forces:
                    return at + skip + n
            if at + skip >= len(text) or text[at + skip].lower not in _BETWEEN_FORCE:
                return 0
        return 0

    def _paired(
        self, text: list[Word], at: int, adjectives: list[Hit[tuple[str, Capitals]]], starts: set[int]
    ) -> bool:
        """True for the first of two adjectives that share a military noun: "Turkish and Russian forces"."""
        if at + 1 >= len(text) or text[at].lower not in {"and", "or"}:
            return False
        return any(a.first == at + 1 and self._force(text, a.last, starts) for a in adjectives) or any(
            form.first == at + 1
            for form in self._names.find([w.lower for w in text[: at + 6]], overlap=True)
            if form.value[1] == "alias" and form.first == at + 1
        )


def _linked(text: list[Word], at: int) -> bool:
    """True where a name only describes another one: "the al-Qaeda-linked group"."""
    return (
        at < len(text)
        and text[at].lower in {"linked", "affiliated", "inspired", "aligned"}
        and text[at].start - text[at - 1].end == 1
    )


# "the terrorists of Jabhat al-Nusra": the name says who.
_OF = re.compile(r" (?:of|from|belonging to|affiliated with|loyal to|fighting for)(?: the)? (?:al-)?", re.I)
# Rows that stand for any group of a kind, and what may stand between them and a name.
_KINDS_OF_GROUP = frozenset({"rebels", "islamists", "islamist-rebels"})
# Names so loose that the kind told before them says who of them it was: "Islamist FSA factions".
_LOOSE = frozenset({"fsa", "jws"})
_GROUP = re.compile(
    r"(?: (?:armed|militant|extremist|terrorist|terror|jihadist|rebel|umbrella))?(?: (?:group|faction|militia|alliance|coalition|organi[sz]ation|movement|outfit|brigade))? ",
    re.I,
)
Capitals = tuple[int, ...]
_INITIALS = re.compile(r"\b(?:[A-Z]\.?){1,3}(?![A-Za-z])")
_BETWEEN_FORCE = frozenset(
    "military armed army ground special air land regime government security state allied occupation naval border heavy "
    "reconnaissance regular elite ally and s fighter".split()
)


def _capitals(name: str) -> Capitals:
    """Which words of a name must stand in capitals, lest they be common words (IS, US, AAS)."""
    if name.isascii() and not _INITIALS.search(name):
        return ()
    return tuple(
        i
        for i, w in enumerate(words(fold(name)))
        if w.text.replace(".", "").isupper() and len(w.lower) <= 3 and w.lower.isalpha()
    )


def _shouted(capitals: Capitals, text: list[Word], first: int) -> bool:
    return not capitals or all(
        text[first + i].text.replace(".", "").isupper() for i in capitals if first + i < len(text)
    )


# Arabic words of group names as reporting spells them, the spelling that stands for all of them first.
_SPELT = {
    other: first
    for first, *others in (
        line.split()
        for line in (
            "jaysh jaish jeish jays gaysh",
            "faylaq failaq feilaq faylak failak filaq",
            "jabhat jabhah jabha jebhat",
            "harakat haraka harakah",
            "liwa liwaa",
            "hayat hayaat hayet haiat hayaa haya",
            "suqour suqur soqour soqoor saqour sqour suquor",
            "usud usoud osoud osood ousoud",
            "hurras horas huras hurass horras",
            "maghawir maghaweer maghaweir",
            "rijal rejal",
            "nasr naser",
            "nukhba nukhbeh nukhbah nokhba",
            "izza izzah ezza ezzah",
            "sharqiya sharqiyah sharqiyyah sharqiyya sharkiya sharqieh",
            "tawhid tawheed tauhid",
            "din deen",
            "walid waleed",
            "abdu abdo abdou",
            "zinki zenki zinky zengi zinkey",
            "mutasim moatasem muatasim mutassim motasem moutasem",
            "hamza hamzah hamzat",
            "muntasir muntaser montaser",
            "murad mourad morad",
            "suleiman sulayman suliman soleiman",
            "sanadid sanadeed",
            "karama karamah",
            "thawra thawrah thowra",
            "thuwar thuwwar thowar",
            "baqir baqer bakir",
            "nujaba nojaba",
            "zaynabiyoun zainabiyoun zeinabiyoun zaynabiyun zainebiyoun",
            "fatemiyoun fatimiyoun fatemiyun fatimiyun fatemioun",
            "quds qods",
            "khalid khaled",
            "ibn bin",
            "turkistan turkestan",
            "samarkand samarqand",
            "mujahideen mujahidin mujahedeen mujahedin",
            "muhajirin muhajireen muhajiroun",
        )
    )
    for other in others
}


def _forms(name: str) -> list[tuple[str, ...]]:
    """Word sequences of a name; the last word also with the s of a plural or a lost apostrophe."""
    if "'s " in name:
        # scraped text often has lost its apostrophes
        return _forms(name.replace("'s ", " ")) + _forms(name.replace("'s ", "s "))
    form = tuple(_SPELT.get(word, word) for word in phrase_words(name))
    if not form:
        raise LexiconError(f'actors.csv: "{name}" has no word to look for')
    if form[-1].endswith("s") or len(form[-1]) < 3:
        return [form]
    return [form, tuple(phrase_words(plural(" ".join(form))[1]))]


def _mention(kind: str, ids: tuple[str, ...], sentence: Sentence, a: int, b: int, how: str = "") -> Mention:
    start, end = sentence.words[a].start, sentence.words[b - 1].end
    return Mention(kind, ids, start, end, sentence.text[start:end], how)


_RANK = {"alias": 0, "joined": 1, "paired": 1, "description": 2, "adjective": 3}


def _outermost(mentions: list[Mention]) -> list[Mention]:
    """Mentions from left to right, none over another: names win over descriptions, then the longer wins.

    A name yields to a longer mention that holds all of it ("Turkish-backed FSA factions").
    """
    kept: list[Mention] = []
    for m in sorted(
        mentions, key=lambda m: (_RANK[m.how] if m.how != "adjective" else 2, m.start - m.end, _RANK[m.how])
    ):
        if not any(m.start < k.end and k.start < m.end for k in kept):
            kept.append(m)
    return sorted(
        (dataclasses.replace(m, how="alias") if m.how in {"joined", "paired"} else m for m in kept),
        key=lambda m: m.start,
    )


def readable(sentence: Sentence) -> str:
    """The sentence as the parser gets it, character for character as long.

    "IS" would be read as a verb, "Dar al-Kabira" be cut at its hyphen, and the city of a dateline be the subject.
    """
    text = sentence.text
    for a in sentence.actors:
        if a.text.startswith("IS") and not a.text[2:3].isalpha():
            text = text[: a.start] + "UN" + text[a.start + 2 :]
    for m in (*sentence.places, *(a for a in sentence.actors if " al-" in a.text)):
        text = text[: m.start] + re.sub(r"(?<=\w{3})[-'`]|(?<= al)-", "a", m.text) + text[m.end :]
    head = head_of(sentence.text)
    return " " * head + text[head:]


def _unit(said: tuple[str, ...]) -> tuple[str, ...]:
    """The words that a run of words repeats over and over; all of them where it repeats nothing."""
    for n in range(ECHO_WORDS, len(said) // 2 + 1):
        if said[n] == said[0] and len(said) % n == 0 and said[:n] * (len(said) // n) == said:
            return said[:n]
    return said


class Reader:
    """Cuts articles into marked sentences and parses those with a trigger, many articles at a time.

    With `located` only rows with a place are wanted, so that texts which name nothing of Syria are not read.
    """

    def __init__(
        self, marker: Marker, model: str | None = None, *, gate: bool = True, located: bool = False
    ) -> None:
        self.marker, self.gate, self.located = marker, gate, located
        self._model = model
        self._nlp: Language | None = None

    @property
    def nlp(self) -> Language:
        """The trained pipeline, loaded when the first candidate sentence needs it."""
        if self._nlp is None:
            self._nlp = load_model(self._model)
        return self._nlp

    def share(self, other: Reader) -> None:
        """Parse with the pipeline of another reader: dictionaries change, the model does not."""
        self._nlp = other.nlp

    def sentences(self, article: Article) -> list[Sentence]:
        """Stage one: all sentences with their triggers; those of the title first, at negative offsets."""
        found = []
        title = fold(article.title).replace("\n", " ").strip()
        body = fold(article.text)
        long = len(body) > BRIEF
        if self.gate and not self._promising(f"{title} {body}".replace("\n", " "), long=long):
            return []
        if title and not body.lstrip().startswith(title):
            found.append(Sentence(title[:LONGEST], -len(title) - 1, -1, title=True))
        found += [Sentence(body[a:b].replace("\n", " "), a, n) for a, b, n in split_sentences(body)]
        abroad = long and not self.marker.speaks_of_syria(found)
        if abroad and self.gate and self.located:
            return []
        for sentence in found:
            self._mark_triggers(sentence)
        found = self._without_echoes(self._furnished(found))
        for sentence in found:
            sentence.abroad = abroad
        if self.gate and self.located and not self.marker.may_be_placed(found):
            return []
        return found

    def _promising(self, text: str, *, long: bool) -> bool:
        """True where a text may give a row that is wanted: most of an archive is seen not to by its words alone."""
        if not self.marker.may_trigger(text):
            return False
        return not (self.located and long) or self.marker.may_speak_of_syria(text)

    def _mark_triggers(self, sentence: Sentence) -> Sentence:
        sentence.words = words(sentence.text)
        sentence.triggers = self.marker.triggers(sentence)
        sentence.headline = sentence.headline or _AGENCY.search(sentence.text) is not None
        return sentence

    def _without_echoes(self, sentences: list[Sentence]) -> list[Sentence]:
        """The sentences, each saying its words once; those put aside that say what one before them said."""
        told: set[tuple[str, ...]] = set()
        for sentence in sentences:
            unit = _unit(tuple(word.lower for word in sentence.words))
            if len(unit) < len(sentence.words):
                sentence.text = sentence.text[: sentence.words[len(unit) - 1].end]
                self._mark_triggers(sentence)
            if len(unit) < ECHO_WORDS:
                continue
            if unit in told and not sentence.title:
                sentence.aside = sentence.aside or ECHO
            told.add(unit)
        return sentences

    def _furnished(self, found: list[Sentence]) -> list[Sentence]:
        """The sentences with headlines cut off from them, and links to other articles put aside."""
        if sum(whole(s.text) for s in found if not s.title) < PAGE:
            return found
        cut: list[Sentence] = []
        for sentence in found:
            parts = pieces(sentence.text, sentence.words, [(t.start, t.end) for t in sentence.triggers])
            if sentence.title or parts == [(0, len(sentence.text), False)]:
                cut.append(sentence)
                continue
            first = not any(not s.title for s in cut)
            for a, b, headline in parts:
                for start, end in _trimmed(sentence.text, a, b):
                    part = Sentence(sentence.text[start:end], sentence.start + start, sentence.paragraph)
                    part.headline, part.aside = headline and first, LINK if headline and not first else ""
                    cut.append(self._mark_triggers(part))
                first = False
        _link_lines(cut)
        return cut

    def read(
        self, articles: Iterable[Article], *, batch: int = 16
    ) -> Iterator[tuple[Article, list[Sentence]]]:
        """Each article with its sentences, marked and, where they hold a trigger, parsed."""
        waiting: list[tuple[Article, list[Sentence]]] = []
        for article in articles:
            waiting.append((article, self.sentences(article)))
            if len(waiting) >= batch:
                yield from self._parsed(waiting)
                waiting = []
        yield from self._parsed(waiting)

    def _parsed(
        self, waiting: list[tuple[Article, list[Sentence]]]
    ) -> Iterator[tuple[Article, list[Sentence]]]:
        wanted = []
        for _, sentences in waiting:
            if any(s.triggers for s in sentences):
                for s in sentences:
                    self.marker.mark(s)
            wanted += [s for s in sentences if (s.triggers or not self.gate) and not s.aside]
        if wanted:
            texts = [readable(s) for s in wanted]
            for s, text, doc in zip(wanted, texts, parsed(self.nlp, texts), strict=True):
                s.doc = parse_of(doc, text)
        yield from waiting
