"""What the words and the names beside a place name tell of it: of which kind it is, and near what it lies."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass

from .events import Mention, Place
from .gazetteer import Gazetteer
from .pipeline import Sentence

SMALL = frozenset({"village", "hamlet", "farm"})
_KIND_AFTER = {
    "governorate": "governorate", "province": "governorate", "governate": "governorate", "provinces": "governorate",
    "governorates": "governorate", "district": "district", "subdistrict": "subdistrict", "sub": "subdistrict", "sub-district": "subdistrict", "city": "city",
    "town": "town", "village": "village", "camp": "camp", "dam": "dam", "bridge": "bridge", "airbase": "air", "airport": "air",
    "prison": "prison", "neighborhood": "part", "neighbourhood": "part", "quarter": "part", "suburb": "part",
    "mountain": "high", "mountains": "high", "hill": "high", "crossing": "crossing", "oilfield": "field", "oil": "field",
    "gas": "field", "field": "field", "hospital": "hospital", "region": "region", "desert": "region", "plain": "region",
}  # fmt: skip
_KIND_BEFORE = {
    "governorate": "governorate", "province": "governorate", "city": "city", "town": "town", "village": "village", "villages": "village",
    "towns": "town", "cities": "city", "camp": "camp", "district": "part", "neighborhood": "part", "neighbourhood": "part",
    "neighborhoods": "part", "neighbourhoods": "part", "districts": "part", "quarter": "part", "suburb": "part", "suburbs": "part",
    "mount": "high", "mountain": "high", "mountains": "high", "hill": "high", "hills": "high", "jabal": "high",
    "crossing": "crossing", "dam": "dam",
}  # fmt: skip
_TOWNS_IN = re.compile(r"\b(?:towns|villages|areas|cities|districts)(?: \w+)? (?:in|of|across|throughout)(?: the)?(?: \w+ern| central| rural)?(?: countryside of)?\s*$", re.I)  # fmt: skip


def wanted_kind(sentence: Sentence, mention: Mention) -> str:
    """The class of place that the words around a mention ask for, or ""."""
    words = sentence.words
    behind = bisect_left(words, mention.end, key=lambda w: w.start)
    after = [w.lower for w in words[behind : behind + 3]]
    gap = sentence.text[mention.end :].lstrip()[:1]
    if after and gap not in {",", ".", ";", ":"}:
        if after[:2] in (
            ["military", "airport"],
            ["air", "base"],
            ["military", "airbase"],
            ["international", "airport"],
            ["military", "airfield"],
        ):
            return "air"
        if after[:2] == ["central", "prison"]:
            return "prison"
        if after[0] in _KIND_AFTER and not (
            after[0] in {"region", "field", "oil", "gas"} and after[1:2] == ["of"]
        ):
            return _KIND_AFTER[after[0]]
    until = bisect_right(words, mention.start, key=lambda w: w.end)
    ahead = [w.lower for w in words[max(0, until - 3) : until]]
    while ahead and ahead[-1] in {"the", "of", "al"}:
        ahead.pop()
    if ahead and ahead[-1] in _KIND_BEFORE:
        return _KIND_BEFORE[ahead[-1]]
    if ahead and ahead[-1] in {"governorates", "provinces"}:
        return "governorate"
    if kind := _of_the_list(sentence, mention):
        return kind
    if _TOWNS_IN.search(before(sentence, mention.start)) and after[:1] != ["city"]:
        return "governorate" if any(i.endswith("-governorate") for i in mention.ids) else ""
    return ""


_PLURAL_BEFORE = re.compile(r"\b(village|town|cit)(?:s|ies) of (?:the )?$", re.I)
_PLURAL_AFTER = re.compile(r"^ (village|town|cit)(?:s|ies)\b", re.I)
_PLURAL = {"village": "village", "town": "town", "cit": "city"}


def _of_the_list(sentence: Sentence, mention: Mention) -> str:
    """The kind that a plural before or behind a list gives to each of it: "the villages of A, B and C"."""
    at = sentence.places.index(mention)
    first = last = mention
    for other in reversed(sentence.places[max(0, at - _FEW) : at]):
        if not _LISTED.fullmatch(sentence.text[other.end : first.start]):
            break
        first = other
    if listed := _listed(sentence, mention):
        last = listed[-1]
    if first is last:
        return ""
    found = _PLURAL_BEFORE.search(before(sentence, first.start)) or _PLURAL_AFTER.match(
        sentence.text[last.end :]
    )
    return _PLURAL[found.group(1).lower()] if found else ""


@dataclass(frozen=True, slots=True)
class Hint:
    """Places named beside a mention: how much they weigh, how far it can be from them in km, on which side.

    `landmarks` are the rows without hamlets that happen to bear the name.
    """

    weight: float
    rows: tuple[Place, ...]
    landmarks: tuple[Place, ...]
    reach: float = math.inf
    side: float | None = None


# Names farther off in a sentence tell nothing more, and a long list must not be compared with itself.
_FEW = 12
# Characters before a name in which the words that belong to it stand.
_BEFORE = 120


def before(sentence: Sentence, at: int) -> str:
    """The words before an offset that may belong to what stands there."""
    return sentence.text[max(0, at - _BEFORE) : at]


def hints(sentence: Sentence, mention: Mention, gazetteer: Gazetteer) -> list[Hint]:
    """What the places named beside a mention tell of it.

    A place that follows with "in" or a comma ("Nayrab in Idlib") weighs most, one far off in the sentence least.
    """
    listed = _listed(sentence, mention)
    at = sentence.places.index(mention)
    found = []
    for other in (*sentence.places[max(0, at - _FEW) : at], *sentence.places[at + 1 : at + 1 + _FEW]):
        rows = [gazetteer.places[i] for i in other.ids]
        rows = [r for r in rows if r.country == "SY" and r.kind not in {"river", "road", "neighbourhood"}]
        if rows:
            # a hamlet of the same name is no landmark
            landmarks = [r for r in rows if r.kind not in SMALL] or rows
            weight, reach = _weight(sentence, mention, other, listed, landmarks)
            found.append(Hint(weight, tuple(rows), tuple(landmarks), reach, _bearing(sentence, other)))
    return found


def _weight(
    sentence: Sentence, mention: Mention, other: Mention, listed: list[Mention], landmarks: list[Place]
) -> tuple[float, float]:
    """(what a place named beside a mention weighs, how far from it the mention's own can be in km)."""
    if other.start <= mention.end:
        return 1.0, math.inf
    gap = sentence.text[_list_end(sentence, mention, other, listed) : other.start]
    if (
        len(gap) < 70
        and ";" not in gap
        and (IN.search(gap) or gap.strip() in {",", "("})
        and not COORDINATED.search(gap)
    ):
        return 3.0, _reach(gap, landmarks, sentence.text[other.end :])
    return (1.5 if other.start - mention.end < 80 else 1.0), math.inf


_BESIDE = re.compile(
    r"^\W*(?:(?:a|the|small|main|strategic|neighbou?ring) )?(?:(?:town|village|city|area|hill|road|front|axis|camp|farms?|checkpoint|township)s?,? )?"
    r"(?:(?:which is|located|situated|lying|that lies) )?"
    r"(?:(?:just )?(?:to )?(?:the )?(?:north|south|east|west)[- ]?(?:east|west)?(?:ern)? (?:part |outskirts |edges? )?of"
    r"|near|close to|(?:in|on|at) the (?:vicinity|outskirts|surroundings|environs) of|around|outside|adjacent to|\(near)"
    r"(?: the)?(?: (?:town|village|city) of)?\W*(?:al-)?$",
    re.I,
)
_LISTED = re.compile(r"(?:\s|,|/|\band\b|\bas well as\b|\bthe\b|\bal-|\(|\)|'|\b[A-Z][\w'-]*+)+")


_LAST = re.compile(r"(?:,|,? and) (?:the )?[A-Z][\w' -]*?(?= (?:villages|towns|in|area|areas)\b)")


def _listed(sentence: Sentence, mention: Mention) -> list[Mention]:
    """The mentions that follow one in its list. Names that nobody knows may stand among them."""
    found, end = [], mention.end
    for m in sentence.places[sentence.places.index(mention) + 1 :][:_FEW]:
        if not _LISTED.fullmatch(sentence.text[end : m.start]):
            break
        found.append(m)
        end = m.end
    return found


def _list_end(sentence: Sentence, mention: Mention, other: Mention, listed: list[Mention]) -> int:
    """The end of the list that a mention stands in, before another: what is said of its last name goes for all.

    "captured Kokhi, Silo and Qantara in the Afrin area": all three lie there.
    """
    end = max((m.end for m in listed if m.start < other.start), default=mention.end)
    last = _LAST.match(sentence.text[end : min(other.start, end + 100)])
    return end + last.end() if last else end


_PART_OF = re.compile(
    r"^\W*(?:neighbou?rhood|quarter|suburb|district)s? (?:of|in)(?: the)?(?: (?:city|town) of)?\s*(?:al-)?$",
    re.I,
)
_AROUND = re.compile(
    r"^\W*(?:(?:\w+ )?(?:area|town|village|front|axis|hill|farms?|road|township)s? )?(?:which (?:is|are) )?(?:in|of)(?: the)?"
    r"(?: (?:\w+ern )?(?:countryside|area|vicinity|rural areas?|suburbs|town|district|sub-?district|region) of)?(?: \w+ern| rural| the)*\W*(?:al-)?$",
    re.I,
)


def _reach(gap: str, rows: list[Place], after: str) -> float:
    """How far a place can be from a settlement that the text gives as its neighbour or its surroundings."""
    if _IN_TWO.match(after) or any(r.kind == "desert" for r in rows):
        return math.inf
    if any(r.kind == "governorate" for r in rows):
        # only a city can have something to its east
        return 90.0 if _BESIDE.match(gap) and not _UNIT_OF.match(after) else math.inf
    if all(r.kind == "region" for r in rows):
        return math.inf
    if _PART_OF.match(gap):
        return 12.0
    if _BESIDE.match(gap):
        return 20.0
    if not _AROUND.match(gap):
        return math.inf
    return 25.0 if _UNIT_AFTER.match(after) and not _RURAL_GAP.search(gap) else 45.0


_UNIT_OF = re.compile(r"^ (?:province|governorate|countryside|desert)\b", re.I)
_RURAL_GAP = re.compile(r"\b(?:countryside|rural|rif|reef)\b", re.I)
_UNIT_AFTER = re.compile(r"^ (?:sub[- ]?district|district|city|town)\b", re.I)
# "in Salamiyah and Masyaf": of which it is a neighbour remains open.
_IN_TWO = re.compile(r"^\s*(?:and|or|/)\s", re.I)
_COMPASS = {"north": 0.0, "northeast": 45.0, "east": 90.0, "southeast": 135.0, "south": 180.0,
            "southwest": 225.0, "west": 270.0, "northwest": 315.0}  # fmt: skip
_SIDE_BEFORE = re.compile(
    r"\b((?:north|south)[- ]?(?:east|west)|north|south|east|west)(?:ern)?(?:[- ](?:countryside|rural|reef|rif|parts?|areas?|province|governorate|side))?"
    r"(?: of| in)?(?: the)?(?: countryside of)?(?: rural)?\s*$",
    re.I,
)
_SIDE_AFTER = re.compile(
    r"^(?:'s?)?\s+((?:north|south)[- ]?(?:east|west)|north|south|east|west)(?:ern)?[- ](?:countryside|rural|reef|rif|province|area)\b",
    re.I,
)


def _bearing(sentence: Sentence, mention: Mention) -> float | None:
    """The side of a named unit that the text speaks of, in degrees from north: "northern Idlib" 0."""
    side = _SIDE_AFTER.match(sentence.text[mention.end :]) or _SIDE_BEFORE.search(
        before(sentence, mention.start)
    )
    return _COMPASS[re.sub(r"[- ]", "", side.group(1).lower())] if side else None


COORDINATED = re.compile(
    r"(?:\band|\bor|\bas well as|&)\s+(?:in |the |near |on |at )*(?:(?:city|town|village|villages|towns)\s+of\s+)?(?:the\s+)?(?:al-)?$"
    r"|\b(?:and|or|as well as)\s+(?:also\s+|then\s+)?(?:in|near|on|at|around|over)\b(?! addition)",
    re.I,
)
IN = re.compile(
    r"\b(?:in|of|between|near|outside|around|within|from|at|to the|west|east|north|south|northwest|northeast|southwest|southeast)\b",
    re.I,
)
