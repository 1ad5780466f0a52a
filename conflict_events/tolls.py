"""Tolls: deaths told at one place of a text, and how several of them add up to those of one event.

The same figure told again counts once, an exact one takes the place of an assumed one, a toll of the whole
event stands for all (ACLED codebook 2024, "Fatalities").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from .events import Mention
from .people import DIGITS, NUMERAL, VAGUE, number
from .wording import wording

# A figure of this size is what a whole war has cost.
WAR = 5000
_FIGURE = rf"(?:at least |more than |around |about |nearly |over |some )*({NUMERAL}|dozens|scores|hundreds)\b(?!\s*%)"
_TOLL = re.compile(
    rf"\b(?:death )?toll\b(?! of the (?:week|month|year))[^.;]{{0,80}}?\b(?:to|at|of|reached|reaching|stands at|stood at|hit|passed|risen to)\s+{_FIGURE}"
    r"|\b(?:number of|bringing the|raising the)\s+(?:people |civilians |soldiers |fighters )?(?:dead|deaths|fatalities|victims|those killed|killed)"
    rf"[^.;]{{0,40}}?\bto\s+{_FIGURE}",
    re.I,
)
# Without one of these there is no total; in small letters.
SUMMED_UP = re.compile(r"toll|number of|(?:bring|rais)ing the")
_NONE = re.compile(
    r"\b(?:neither|no|none|without|nor|zero)\b[^.;:]{0,60}?\b(?:fatalit\w+|deaths?|casualt\w+|killed|injur\w+|wounded|victims?)\b"
    r"(?:(?:,| or| nor| and)+ (?:\w+ )?(?:fatalit\w+|deaths?|casualt\w+|killed|injur\w+|wounded))*",
    re.I,
)
_NONE_WORDS = frozenset("neither no none without nor zero".split())
_OF_A_WAR = re.compile(
    r"\b(?:civil war|war|conflict|uprising|crisis|revolution|hostilities)\b[^.;]{0,40}?\b(?:has|have|had) (?:killed|claimed|left|cost)"
    r"|\bsince\s+(?:\w+\s+){0,6}?(?:began|started|erupted|broke out|start|outbreak|beginning|begun|starting|eruption)\b"
    r"|\b(?:killed|died|deaths?|lives)\b[^.;]{0,60}\bsince\s+(?:(?:early|late|mid)[- ])?(?:\w+ )?(?:19|20)\d\d"
    r"|\b(?:killed|died|dead|deaths?|lives)\b[^.;,]{0,30}\bin (?:almost |nearly |more than |over )?\w+(?: and a half)? years? of\b",
    re.I,
)
_WAR_WORDS = frozenset("war conflict uprising crisis revolution hostilities since year years".split())


def of_a_war(text: str) -> bool:
    """True for the deaths of a whole war: "the war has killed …", "since the uprising began"."""
    return wording(text).has(_WAR_WORDS) and _OF_A_WAR.search(text) is not None


def none_hurt(text: str) -> list[tuple[int, int]]:
    """Where the text says that nobody was hurt: "without casualties"."""
    found = _NONE.finditer(text) if wording(text).has(_NONE_WORDS) else ()
    return [(m.start(), m.end()) for m in found]


@dataclass(frozen=True, slots=True)
class Toll:
    """Deaths told at one place of a sentence.

    `killed` is the number, or None for people only wounded; `assumed` the words of a number that had to be
    assumed; `kinds` what the victims are ("person", "armed"); `actors` the mentions of them; `total` marks a
    toll for the whole event rather than an addition. `places` holds the ids of the places that the words bind
    it to, where the event has others, too.
    """

    killed: int | None
    start: int
    end: int
    text: str
    assumed: str = ""
    kinds: frozenset[str] = frozenset()
    actors: tuple[Mention, ...] = ()
    total: bool = False
    words: frozenset[str] = field(default_factory=frozenset)
    places: frozenset[str] = frozenset()


# Words for victims that fit any of them.
_PLAIN = frozenset(
    "people persons person civilians civilian civilian others fatalities deaths killed dead lives victims citizens "
    "residents bodies".split()
)
_MORE = re.compile(r"\b(?:another|others?|more|additional|further)\b", re.I)


def add_toll(toll: Toll, told: list[Toll], before: list[Toll]) -> None:
    """Add the toll of a later sentence to `told`, unless it gives again what one of `before` told.

    The same figure, the same armed side, or plain people where plain people were counted before are told
    again; an exact figure takes the place of an assumed one; "another three" and victims of another side are
    new; a toll of the whole event replaces all.
    """
    if toll.total:
        told[:] = [toll, *(t for t in told if t.killed is None)]
        return
    if toll.killed is None:
        told.append(toll)
        return
    new = bool(_MORE.search(toll.text)) and not re.search(r"\bmore than\b", toll.text, re.I)
    for old in before:
        if old.killed is None or old.total or old not in told:
            continue
        mine, other = ({i for m in t.actors for i in m.ids} for t in (toll, old))
        plain = all(not t.actors or t.words & _PLAIN or "armed" not in t.kinds for t in (toll, old))
        if toll.killed == old.killed and _alike(toll, old) and not new:
            return
        if not new and (plain or (mine and mine == other)):
            if old.assumed and not toll.assumed:
                told[told.index(old)] = toll
            return
    told.append(toll)


def once(tolls: list[Toll]) -> list[Toll]:
    """Tolls of one event without those that give a figure again: "kills 11 … At least 11 civilians".

    A toll of the whole event stands for all others.
    """
    total = next((t for t in tolls if t.total), None)
    if total is not None:
        return [total, *(t for t in tolls if t.killed is None)]
    kept: list[Toll] = []
    for toll in tolls:
        if toll.killed is not None and toll.killed > 2:
            if any(t.killed == toll.killed and _alike(t, toll) for t in kept):
                continue
            kept = [t for t in kept if not (t.assumed and not toll.assumed and _alike(t, toll))]
        kept.append(toll)
    return kept


def _alike(one: Toll, two: Toll) -> bool:
    """True where two tolls may count the same people."""
    if "armed" not in one.kinds | two.kinds or not one.kinds or not two.kinds:
        return True
    a, b = ({i for m in t.actors for i in m.ids} for t in (one, two))
    words = [{w.rstrip("s") for w in t.words} for t in (one, two)]
    return bool(a & b or words[0] & words[1])


# Where another clause begins, with places and deaths of its own.
_CLAUSE = re.compile(
    r";|\b(?:while|whilst|whereas)\b|,? and (?:in|at|near) |, and (?=(?:\w+ ){1,4}(?:were|was|died|killed|had)\b)",
    re.I,
)
_WHERE = re.compile(r"\bwhere\b", re.I)
_IN = re.compile(
    r"(?: \w+){0,2} (?:in|at|near|on)(?: (?:the|a|nearby|neighbouring|town|city|village|district|of)){0,4} $",
    re.I,
)


def bound(toll: Toll, text: str, spots: Sequence[tuple[str, int, int]]) -> frozenset[str]:
    """Ids of those of several places (id, start, end in the sentence) that a toll is told of; none where it is of all.

    "where nine died" is of the place before it, "nine in Nawa" of Nawa, "; nine died in Nawa" of that clause.
    """
    if len({spot[0] for spot in spots}) < 2:
        return frozenset()
    where = [m.start() for m in _WHERE.finditer(text, 0, toll.start)]
    if where and not re.search(r"[;.]", text[where[-1] : toll.start]):
        before = [spot for spot in spots if spot[2] <= where[-1]]
        if before and not any(where[-1] < spot[1] < toll.start for spot in spots):
            return frozenset({max(before, key=lambda spot: spot[2])[0]})
    direct = [spot for spot in spots if spot[1] >= toll.end and _IN.fullmatch(text[toll.end : spot[1]])]
    if direct:
        first = min(direct, key=lambda spot: spot[1])
        if not any(
            re.fullmatch(r",? and |, ", text[first[2] : spot[1]]) for spot in spots if spot[1] > first[2]
        ):
            return frozenset({first[0]})
    cuts = [0, *(m.start() for m in _CLAUSE.finditer(text)), len(text)]
    for start, end in pairwise(cuts):
        if start <= toll.start < end:
            here = {spot[0] for spot in spots if start <= spot[1] < end}
            return frozenset(here) if len(here) < len({spot[0] for spot in spots}) else frozenset()
    return frozenset()


def share(toll: Toll, places: Sequence[str], i: int) -> int:
    """The deaths of a toll that fall to the i-th of an event's places (codebook 2024: split evenly, the rest to the first)."""
    among = [n for n, place in enumerate(places) if place in toll.places] or list(range(len(places)))
    if i not in among:
        return 0
    killed = toll.killed or 0
    return killed // len(among) + (killed % len(among) if i == among[0] else 0)


_BOMBERS = re.compile(
    rf"\b(?:({NUMERAL}) )?(?:\w+ ){{0,2}}?(?:suicide (?:bomber|attacker|driver)(s)?|(?P<up>bl[eo]w\w* (?:himself|herself|(themselves)) up))\b",
    re.I,
)
_ALL_TOLD = frozenset({"people", "persons", "bomber", "bombers", "attackers", "attacker"})
_FOILED = re.compile(r"\b(?:before|foiled|thwarted|prevented|arrested|captured|failed|tried)\b", re.I)


def with_bombers(tolls: list[Toll], text: str) -> list[Toll]:
    """The tolls of a suicide bombing and its bombers, who count (codebook 2024) unless the victims include them.

    "killing four soldiers" leaves the bomber out, "killing 16 people" may not.
    """
    if any(t.total or (t.words & _ALL_TOLD and not _MORE.search(t.text)) for t in tolls) or _FOILED.search(
        text
    ):
        return tolls
    most = 0
    for m in _BOMBERS.finditer(text):
        several = m[2] or m[4]
        most = max(most, (number(m[1]) if m[1] else None) or (2 if several else 1))
    if not most or most > 9:
        return tolls
    return [*tolls, Toll(most, 0, 0, "the suicide bomber" + "s" * (most > 1), kinds=frozenset({"armed"}))]


_COUNTED = re.compile(
    rf"\b({NUMERAL})(?: (?:more|other|further|civilian|confirmed|reported|new|military|enemy|regime))* (?:fatality|fatalities|deaths|bodies)\b"
    rf"|\b(?:fatalities|deaths|dead|killed)(?: so far| reported| confirmed)?\s*[:=-]?\s+({DIGITS})\b",
    re.I,
)


def plain_tolls(text: str) -> list[Toll]:
    """Deaths that a sentence without a deed counts, read without a parse: "3 fatalities", "Total fatalities: 17"."""
    if of_a_war(text) or none_hurt(text):
        return []
    found = list(totals(text))
    for m in _COUNTED.finditer(text):
        n = number(m[1] or m[2])
        if n is not None and n < WAR and not found:
            found.append(Toll(n, m.start(), m.end(), m.group()))
    return found


def totals(text: str) -> Iterator[Toll]:
    for m in _TOLL.finditer(text) if SUMMED_UP.search(text.lower()) else ():
        figure = m[1] or m[2]
        n = VAGUE.get(figure.lower(), number(figure))
        if n is not None and n < WAR:
            yield Toll(n, m.start(), m.end(), m.group(), total=True)
