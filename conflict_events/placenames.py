"""Names of places in running text: what of it is a place's name at all, before context decides which place.

Longest name first, any spelling the gazetteer's keys fold together. A common word, a person's name or a part
of a longer name is no place; a name in a spelling that is not listed counts where the words around it show
that it is one ("the village of …").
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from .events import Mention, Place
from .gazetteer import Gazetteer, key
from .gazetteer.names import is_head, words
from .phrases import Word
from .phrases import words as parts

if TYPE_CHECKING:
    from .pipeline import Sentence

_ARTICLES = frozenset("al el an ar as ash ad at az ul".split())
_ENGLISH = frozenset("an as at ad".split())
# "Western Maliha" is a name, "western Idlib" is not: see _place_at.
_SIDES = frozenset(
    "eastern western northern southern upper lower east west north south big little rural".split()
)
# Arabic words for a force, whose name may be a town's: "Liwa al-Safira".
_FORCES = frozenset(
    "liwa jaysh jaish harakat faylaq kataib katibat quwat ansar ahrar jund fursan suqour".split()
)
_UNITS = frozenset(
    "brigade brigades battalion battalions division regiment legion movement gathering martyrs corps".split()
)
_TITLES = frozenset("sheikh shaykh sheik imam mullah mufti haj hajj hajji sayyid".split())
_FAMILY = re.compile(r" (al-[A-Z][\w'-]+)")
_AGE = re.compile(r"(?: [A-Z][\w'-]*+)?, \d{1,2}(?=,| and | who )| [A-Z]\.(?=[ ,])")
_SPEAKS = re.compile(r" (?:says|said|told|tells|recalls|recalled|added|adds|explained)\b")
_STARTERS = frozenset("in at on the of and by to for as it he we if is no so up".split())
# Words that end the name of a site and are often written small.
_SITES = frozenset(
    "airbase base airport airfield dam camp prison crossing bridge hospital oilfield field mountain mountains triangle".split()
)
_SITE_KINDS = frozenset(
    "airbase base airport dam camp prison crossing bridge hospital oilfield gasfield mountain hill region".split()
)
# A spot in a town bears a name like a town's: "Karama Square".
_SPOTS = frozenset(
    "square street roundabout mosque school university hotel gate highway avenue market garden park church "
    "association foundation company newspaper magazine radio club party charity".split()
)
_STREETS = frozenset("street square roundabout mosque church".split())
# A fuzzy match from this score on is taken for a name that the wording shows to be a place.
SURE = 0.86
# The same where the wording shows less: a letter in nine may differ.
SURER = 0.84
# Words before or behind a name that only a place has, and verbs for what befalls places.
_FIRM = frozenset("in near at around outside inside between".split())
_AREAS = frozenset(
    "area areas front fronts frontline frontlines axis axes countryside outskirts vicinity surroundings suburbs "
    "farm farms road checkpoint crossing hill hills mountain mountains district sub-district region desert".split()
)
_WEAK = frozenset("of the and or from to against on over by".split())
_TAKEN = frozenset(
    "captured recaptured retook controlled shelled bombed seized entered liberated stormed".split()
)
_SETTLEMENTS = frozenset(
    "town towns village villages city hamlet neighborhood neighbourhood neighborhoods neighbourhoods suburb camp hill "
    "mountain township farms subdistrict".split()
)
_WITH_AREAS = _SETTLEMENTS | _AREAS
_RUN_STOP = frozenset("on in at by after following when while as monday the a and or is was has".split())
# A capital that stands for its government or its side is no place of events.
_METONYM = re.compile(
    r"\b(?:pro-|anti-|loyal to |allied (?:to|with) |allies of |backed by |government in |regime in |talks with )$",
    re.I,
)
_PLACE_CUES = frozenset(
    "in near at of on from to around outside inside into towards toward between and or over across the off town village "
    "city against through via rural northern southern eastern western central north south east west nearby".split()
)
_NOT_A_NAME = frozenset(
    "northern southern eastern western central rural greater old new syria syrian syrias islamic state the in at near on "
    "from of north south east west northeast northwest southeast southwest northeastern northwestern southeastern "
    "southwestern monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
    "august september october november december camp town city village province governorate countryside reef rif".split()
)


# Names looked up before, as most in news are.
NAMES_KEPT = 8192
# Words in small letters that stand inside no name of the gazetteer: no longer name is looked for beyond them.
BREAKS = frozenset(
    "said says who was were is are has have had will would can could to for by after before that when while which but or "
    "than this these his her their its they he she it not be been during against killed told also more last were where into "
    "because about over between left took since until amid including reported".split()
)
# Words in small letters that a name may begin or end with.
_SMALL = _ARTICLES | _SIDES | _SITES
_ONE = re.compile(r" (?:village|town|hamlet|farm|hill)\b", re.I)
# Words as the first look sees them: those that begin with a capital or a digit, those that hide a capital
# inside ("eBay"), the side before a name, and what may go on a name.
_CAPITALISED = re.compile(r"(?<![A-Za-z0-9])[A-Z0-9][A-Za-z0-9]*")
_HIDDEN = re.compile(r"[a-z][A-Z]")
_SIDE = re.compile(r"\b(?:" + "|".join(sorted(_SIDES)) + r")\b")
_REACH = 300  # characters, more than the words of a name and those that it may need beside it
_GOES_ON = re.compile(r"(?:\.?[ '-]*|[,:])([A-Za-z0-9]+)")
_LETTERS = re.compile(r"[A-Za-z ]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


class PlaceNames:
    """Finds place names in sentences; `starts` says whether a word begins a trigger."""

    def __init__(self, gazetteer: Gazetteer, kinds: dict[str, str], starts: Callable[[str], bool]) -> None:
        self.gazetteer, self.kinds, self._starts = gazetteer, kinds, starts
        self._rows = lru_cache(maxsize=NAMES_KEPT)(self._rows_of)
        self._may_begin = lru_cache(maxsize=NAMES_KEPT)(self._may_begin_with)
        self._is_syrian = lru_cache(maxsize=NAMES_KEPT)(self._names_syrian)

    def may_be_in(self, text: str) -> bool:
        """True where folded `text` may name a Syrian place as the gazetteer spells it; never wrongly False."""
        if not text.isascii() or _HIDDEN.search(text):
            return self._named_in(text)
        return any(self._named_in(_around(text, at)) for at in self._seen_at(text))

    def _named_in(self, text: str) -> bool:
        """True where `text` may name a Syrian place, with the words beside the name that it may need."""
        found = parts(text)
        most = self.gazetteer.max_words + 2
        # where a name may begin or end, and the first word that goes on no name that begins before it
        marked = [
            i for i, w in enumerate(found) if w.text != w.lower or w.lower in _SMALL or w.text[0].isdigit()
        ]
        torn = [
            i
            for i, (one, two) in enumerate(itertools.pairwise(found), 1)
            if two.text in BREAKS
            or (text[one.end : two.start] != " " and not _joined(text[one.end : two.start]))
        ]
        torn.append(len(found))
        cut = 0
        for n, i in enumerate(marked):
            while torn[cut] <= i:
                cut += 1
            if found[i].lower in _STARTERS or found[i].text in _SITES:
                continue
            end = min(torn[cut], i + most)
            for j in itertools.takewhile(lambda j: j < end, marked[n:]):  # noqa: B023 (used at once)
                if self._may_name(text, found, i, j + 1):
                    return True
        return False

    def _seen_at(self, text: str) -> Iterator[int]:
        """Where words of `text`, ASCII, may be a Syrian name, whatever stands beside them; none is left out."""
        if self._small_names:
            yield from (m.start() for m in self._small_names.finditer(text))
        sides = _SIDE.finditer(text) if any(side in text for side in _SIDES) else ()
        starts = itertools.chain(_CAPITALISED.finditer(text), sides)
        for m in starts:
            if self._may_begin(m[0]) and self._goes_on(text, m.start(), m.end()):
                yield m.start()

    def _may_begin_with(self, word: str, follows: str = "") -> bool:
        """True where a name may begin with a word, and one that follows it; never wrongly False."""
        # "Alzorba" is looked for without its article, too
        begin = self.gazetteer.beginnings.may_begin
        return begin(word, follows) or (word[:2].lower() == "al" and begin(word[2:] or word, follows))

    def _goes_on(self, text: str, start: int, end: int) -> bool:
        """True where a Syrian name begins at `start`, with the word that ends at `end`."""
        first = text[start:end]
        if self._is_syrian(first):
            return True
        # what an apostrophe parts is counted twice
        for n in range(2 * (self.gazetteer.max_words + 2)):
            m = _GOES_ON.match(text, end)
            if m is None or (m[1] in BREAKS and text[m.end() : m.end() + 1] != "'"):
                return False
            if n == 0 and text[end] != "'" and not self._may_begin(first, m[1]):
                return False
            end = m.end()
            ends = m[1][0].isupper() or m[1][0].isdigit() or m[1].lower() in _SITES or text[m.start()] == "'"
            if ends and self._is_syrian(text[start:end]):
                return True
        return False

    @cached_property
    def _small_names(self) -> re.Pattern[str] | None:
        """Syrian names of small words alone, such as "al base", which no capital shows; there are few."""
        small = [(one, site) for one in sorted(_ARTICLES | _SIDES) for site in sorted(_SITES)]
        found = [(site, one) for one, site in small if self._is_syrian(f"{one} {site}")]
        # the site first: it is rarer than the word before it
        names = "|".join(f"{site}(?<={one}[ '-]{site})" for site, one in found)
        return re.compile(names) if names else None

    def _may_name(self, text: str, found: list[Word], i: int, j: int) -> bool:
        last = found[j - 1]
        if not last.capital and (last.lower not in _SITES or j == i + 1):
            return False
        name = text[found[i].start : last.end]
        return self._is_syrian(name) and (
            not self.gazetteer.needs_cue(name) or self._may_be_cued(text, found, i, j)
        )

    def _may_be_cued(self, text: str, found: list[Word], i: int, j: int) -> bool:
        """True where a word beside the name, or a place right before it, may make it one (see _misread)."""
        if i and (found[i - 1].lower in _PLACE_CUES or found[i - 1].lower in _SITES):
            return True
        if j < len(found) and self.kinds.get(found[j].lower) == "place":
            return True
        reach = range(max(0, i - self.gazetteer.max_words - 2), i)
        return any(self._rows(text[found[k].start : found[i - 1].end]) for k in reach)

    def find(self, sentence: Sentence) -> list[Mention]:
        """Names of the gazetteer, longest first; each mention carries all homonyms."""
        text, i, last = sentence.words, 0, -1
        found: list[Mention] = []
        taken = [(a.start, a.end) for a in sentence.actors if a.how == "alias"]
        while i < len(text):
            word = text[i]
            if not (word.capital or word.lower in _ARTICLES or word.lower in _SIDES) or any(
                a <= word.start < b for a, b in taken
            ):
                i += 1
                continue
            in_list = bool(found) and last == i
            hit = self._place_at(sentence, i, in_list=in_list) or self._unlisted(sentence, i, in_list=in_list)
            if hit is None:
                i += 1
                continue
            if not _METONYM.search(sentence.text[: hit[0].start]):
                found.append(hit[0])
            i = last = hit[1]
        return self._whole(found, sentence)

    def _whole(self, found: list[Mention], sentence: Sentence) -> list[Mention]:
        """Mentions without those that are parts of one longer name: "Mashrafah Tinah", "Hamza Division - Aleppo"."""
        torn: set[int] = set()
        for a, b in itertools.pairwise(found):
            if (
                sentence.text[a.end : b.start] == " "
                and _ONE.match(sentence.text[b.end :])
                and self._small(a.text)
                and self._small(b.text)
            ):
                torn |= {a.start, b.start}
        ends = {a.end for a in sentence.actors if a.how == "alias"}
        for m in found:
            if sentence.text[max(0, m.start - 3) : m.start] == " - " and m.start - 3 in ends:
                torn.add(m.start)
        return [m for m in found if m.start not in torn]

    def _place_at(self, sentence: Sentence, i: int, *, in_list: bool = False) -> tuple[Mention, int] | None:
        text, gazetteer = sentence.words, self.gazetteer
        if text[i].lower in _STARTERS or (not text[i].capital and self._no_article(sentence, i)):
            return None
        sided = text[i].lower in _SIDES
        if text[i].lower in _PLACE_CUES and not sided:
            return None
        # "SARMIN, Syria - An air strike": no place begins with the country's name.
        longest = 1 if text[i].lower == "syria" else gazetteer.max_words + 2
        reach, most = i + 1, min(len(text), i + longest)
        while (
            reach < most
            and text[reach].text not in BREAKS
            and _joined(sentence.text[text[reach - 1].end : text[reach].start])
        ):
            reach += 1
        for j in range(reach, i, -1):
            last = text[j - 1]
            if last.lower in _SITES and j > i + 1:
                pass  # "Taftanaz airbase"
            elif not last.capital or (last.text[0].isdigit() and j == i + 1):
                continue
            name = sentence.text[text[i].start : last.end]
            rows = self._rows(name)
            if (
                sided
                and (j == i + 1 or not any(_spelt_so(r, text[i].lower) for r in rows))
                and not (text[i].capital and j > i + 1)
            ):
                continue
            if (
                rows
                and last.lower in _SITES
                and not last.capital
                and not any(r.kind in _SITE_KINDS for r in rows)
            ):
                continue
            if rows and sided and self._reaches_on(sentence, i + 1, j):
                continue  # "eastern Deir-ez-Zor" is no Eastern Deir
            if rows and not self._misread(sentence, i, j, name, in_list):
                return _mention(tuple(p.id for p in rows), sentence, i, j), j
        return None

    def _reaches_on(self, sentence: Sentence, i: int, j: int) -> bool:
        """True where the name that begins at word `i` is longer than the one that ends before word `j`."""
        hit = self._place_at(sentence, i) if i < len(sentence.words) else None
        return hit is not None and hit[1] > j

    @staticmethod
    def _no_article(sentence: Sentence, i: int) -> bool:
        """True for an English "an" or "as" before a capital, which a hyphen would make an Arabic article."""
        word = sentence.words[i]
        return word.lower in _ENGLISH and sentence.text[word.end : word.end + 1] not in {"-", "'"}

    def _unlisted(self, sentence: Sentence, i: int, *, in_list: bool = False) -> tuple[Mention, int] | None:
        """A name that the words around it show to be a place, in a spelling that the gazetteer does not list.

        Whether the place that comes nearest is meant is decided by its company (see places.choose).
        """
        text = sentence.words
        j = self._run(sentence, i)
        if j == i or sentence.title:
            return None
        name = sentence.text[text[i].start : text[j - 1].end]
        cue = self._cue(text, i, j, in_list)
        if (
            not cue
            or len(name) < 5
            or any(w.lower in _NOT_A_NAME or self._starts(w.lower) for w in text[i:j])
        ):
            return None
        near = [
            (p, score)
            for p, score, tier in self.gazetteer.fuzzy(name, 12)
            if p.country == "SY" and score >= (SURE if cue == "town" or tier == "skeleton" else SURER)
        ]
        if not near or (cue != "town" and len(key(name)) < 6):
            return None
        return _mention(tuple(p.id for p, _ in near), sentence, i, j, "fuzzy"), j

    def _run(self, sentence: Sentence, i: int) -> int:
        """The end of the run of capitalised words and articles that begins at a word."""
        text, j = sentence.words, i
        if text[i].lower == "syria":
            return i
        while j < len(text) and (text[j].capital or text[j].lower in _ARTICLES) and j - i < 5:
            if j > i and not _joined(sentence.text[text[j - 1].end : text[j].start]):
                break
            j += 1
        while j > i and not text[j - 1].capital:
            j -= 1
        return j

    def _cue(self, text: list[Word], i: int, j: int, in_list: bool) -> str:
        """What shows a name to be a place: "town" for a word such as village, "in" for less, "" for nothing."""
        before = [w.lower for w in text[max(0, i - 2) : i]]
        after = text[j].lower if j < len(text) else ""
        if (before[-1:] == ["of"] and before[0] in _SETTLEMENTS) or after in _SETTLEMENTS:
            return "town"
        if before[-1:] and before[-1] in _FIRM:
            return "in"
        if in_list or (before[-1:] == ["of"] and before[0] in _AREAS) or after in _AREAS:
            return "in"
        return "in" if before[-1:] and before[-1] in _TAKEN else ""

    def _misread(self, sentence: Sentence, i: int, j: int, name: str, in_list: bool = False) -> bool:
        """True where the name is rather a person's, a part of a longer name, or a common word."""
        text = sentence.words
        before = text[i - 1] if i else None
        after = text[j].lower if j < len(text) else ""
        if self._of_a_force(text, i, j) or self._of_a_person(sentence, i, j, name):
            return True
        if j == i + 1 and (text[i].lower in _NOT_A_NAME or text[i].lower in self.kinds):
            return True
        if (after in _STREETS or (after in _SPOTS and text[j].capital)) and not any(
            p.kind == "city" for p in self.gazetteer.exact(name)
        ):
            return True
        if self._torn(sentence, i, j, name):
            return True
        if in_list:
            return False
        if after in _SETTLEMENTS and self._continues(sentence, i, name):
            return True
        if (before is not None and before.lower in _PLACE_CUES) or self.kinds.get(after) == "place":
            return (
                self.gazetteer.needs_cue(name)
                and before is not None
                and before.lower in _WEAK
                and after not in _WITH_AREAS
                and not _settlement_of(text, i)
                and not (i > 1 and text[i - 2].lower in _AREAS)
            )
        if self.gazetteer.needs_cue(name):
            return True
        return (
            before is not None
            and before.capital
            and not before.text.isupper()
            and sentence.text[before.end : text[i].start] == " "
            and i > 1
            and before.lower not in _NOT_A_NAME
            and (is_head(before.lower) or not self.gazetteer.exact(before.text))
            and (text[i - 2].lower not in _PLACE_CUES or self._small(name))
            and not sentence.title
        )

    @staticmethod
    def _of_a_force(text: list[Word], i: int, j: int) -> bool:
        """True for what only names a force: "Liwa al-Safira", "the Nawa Brigade", "a Tafas communal militia"."""
        word = _owner(text, i)
        if word is not None and word.lower in _FORCES and word.capital:
            return True
        after = text[j] if j < len(text) else None
        return after is not None and (after.lower == "communal" or (after.capital and after.lower in _UNITS))

    def _of_a_person(self, sentence: Sentence, i: int, j: int, name: str) -> bool:
        """True for "Mustafa A.", "Najah says", "Bara Khalil, 12,", "Hassan Jassim", "Sheikh Ibrahim al-Hifl"."""
        text = sentence.words
        behind = sentence.text[text[j - 1].end :]
        before = text[i - 1] if i else None
        cued = before is not None and before.lower in _PLACE_CUES
        if not cued and (_AGE.match(behind) or (j > i + 1 and len(text[j - 1].text) == 1)):
            return True
        if not self._small(name):
            return False
        if not cued and _SPEAKS.match(behind):
            return True
        if text[i].lower in _TITLES and (family := _FAMILY.match(behind)):
            return not self._rows(family.group(1)) and not sentence.title
        return (
            i == 1
            and before is not None
            and sentence.text[before.end : text[i].start] == " "
            and self.gazetteer.is_personal(before.text)
        )

    def _torn(self, sentence: Sentence, i: int, j: int, name: str) -> bool:
        """True for a part of a longer name: "Hayat Tahrir", "Jabal Al Mani", "Mazraat al-Qadi"."""
        text = sentence.words
        if self._runs_on(sentence, j, head=is_head(text[j - 1].lower)):
            return True
        if (
            j == i + 1
            and is_head(text[i].lower)
            and j < len(text)
            and text[j].capital
            and sentence.text[text[i].end : text[j].start] == " "
        ):
            return True
        head = _owner(text, i)
        return (
            head is not None
            and head.capital
            and is_head(head.lower)
            and sentence.text[head.end : text[i].start] in {" ", " al-", " Al-", " Al ", " al "}
            and self._small(name)
        )

    def _continues(self, sentence: Sentence, i: int, name: str) -> bool:
        """True for the end of a longer village's name: "Duhur al-Khanazir village" is no Khanazir."""
        before = sentence.words[i - 1] if i > 1 else None
        return (
            before is not None
            and before.capital
            and not before.text.isupper()
            and sentence.text[before.end : sentence.words[i].start] == " "
            and before.lower not in _NOT_A_NAME | _PLACE_CUES
            and before.lower not in self.kinds
            and not self.gazetteer.exact(before.text)
            and not any(a.start <= before.start < a.end for a in sentence.actors)
            and self._small(name)
        )

    def _small(self, name: str) -> bool:
        """True where no town or larger place has the name, so that it may be a part of another village's."""
        return all(p.kind in {"village", "hamlet", "hill"} for p in self.gazetteer.exact(name))

    def _runs_on(self, sentence: Sentence, j: int, *, head: bool) -> bool:
        """True where a capitalised word that is no place goes on the name ("Hayat Tahrir", "Qarah Baba")."""
        text = sentence.words
        k = j
        while k < len(text) and text[k].lower in _ARTICLES and not text[k].capital:
            k += 1
        if k >= len(text) or sentence.title:
            return False
        word = text[k]
        gap = sentence.text[text[j - 1].end : word.start]
        if k > j and not head:
            return False  # with an article a new name begins: "al-Lahaya al-Latamneh"
        return (
            word.capital
            and not word.text[0].isdigit()
            and not (word.text.isupper() and len(word.text) > 1)
            and (gap in {" ", "-"} or re.fullmatch(r"[ -](?:\w{2,3}[ -])?", gap) is not None)
            and word.lower not in _NOT_A_NAME
            and word.lower not in self.kinds
            and word.lower not in _RUN_STOP
            and not self._begins_place(sentence, k)
            and not self._starts(word.lower)
        )

    def _begins_place(self, sentence: Sentence, k: int) -> bool:
        text = sentence.words
        ends = [text[n].end for n in range(k, min(len(text), k + 3))]
        return any(self._rows(sentence.text[text[k].start : end]) for end in ends)

    def _names_syrian(self, name: str) -> bool:
        if _LETTERS.fullmatch(name) and not _CAMEL.search(name) and self.gazetteer.surely_not(name):
            return False
        return any(row.country == "SY" for row in self._rows_of(name))

    def _rows_of(self, name: str) -> tuple[Place, ...]:
        """Places of a name; one with the article grown on ("Alzorba") is looked up without it too."""
        rows = self.gazetteer.exact(name)
        if rows:
            first, *rest = words(name) or [""]
            if rest and is_head(first):
                # "Jabal Ali" folds like Jableh, but is a hill of Ali
                rows = tuple(r for r in rows if any(_headed(n) for n in (r.name, r.location, *r.aliases)))
        if not rows and len(name) > 6 and name[:2].lower() == "al" and name[2].isalpha():
            rows = self.gazetteer.exact(name[2:])
        if not rows and _CAMEL.search(name):
            rows = self.gazetteer.exact(_CAMEL.sub(" ", name))  # a hashtag: "#DeirEzzor"
        return rows


def _around(text: str, at: int) -> str:
    """The text around a name, whole words, as far as the words that bear on it reach."""
    begin, end = text.rfind(" ", 0, max(0, at - _REACH)) + 1, text.find(" ", at + _REACH)
    return text[begin : end if end > 0 else len(text)]


def _headed(name: str) -> bool:
    first, *rest = words(name) or [""]
    return bool(rest) and is_head(first)


def _spelt_so(place: Place, side: str) -> bool:
    """True where a name of the place itself begins with the English word ("Eastern Ghouta")."""
    return any(name.lower().startswith(side + " ") for name in (place.name, place.location, *place.aliases))


def _owner(text: list[Word], i: int) -> Word | None:
    """The word before a name, or before its article."""
    at = i - 2 if i > 1 and text[i - 1].lower in _ARTICLES else i - 1
    return text[at] if at >= 0 else None


def _settlement_of(text: list[Word], i: int) -> bool:
    return i > 1 and text[i - 2].lower in _SETTLEMENTS


def _joined(gap: str) -> bool:
    """True where two words may belong to one name: only a space, hyphen or apostrophe between them."""
    return gap in {" ", "-", "'", " '", "' ", "''", "  "} or gap.strip(" -'") == ""


def _mention(ids: tuple[str, ...], sentence: Sentence, a: int, b: int, how: str = "") -> Mention:
    start, end = sentence.words[a].start, sentence.words[b - 1].end
    return Mention("place", ids, start, end, sentence.text[start:end], how)
