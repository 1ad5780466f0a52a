"""Where: which place a name means, how precisely the text says so, and which events a place belongs to.

A name keeps all its homonyms until context decides: the kind of place that the wording asks for, the
governorate or district named beside it, the other places of the article, size. A namesake abroad wins where
the text is about that country. geo_precision after the ACLED codebook 2024: 1 the named town, 2 near it or a
part of its countryside, 3 only a region (given at its capital).
"""

from __future__ import annotations

import collections
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from .events import Mention, Place
from .gazetteer import Gazetteer
from .pipeline import Sentence

REGIONAL = frozenset({"governorate", "district", "subdistrict", "region", "desert", "country", "sea", "river"})
_ADMIN = frozenset({"governorate", "district", "subdistrict"})
_KIND_AFTER = {
    "governorate": "governorate", "province": "governorate", "governate": "governorate", "provinces": "governorate",
    "governorates": "governorate", "district": "district", "subdistrict": "subdistrict", "sub": "subdistrict", "city": "town",
    "town": "town", "village": "town", "camp": "camp", "dam": "dam", "bridge": "bridge", "airbase": "air", "airport": "air",
    "prison": "prison", "neighborhood": "part", "neighbourhood": "part", "quarter": "part", "suburb": "part",
    "mountain": "high", "mountains": "high", "hill": "high", "crossing": "crossing", "oilfield": "field", "oil": "field",
    "gas": "field", "field": "field", "hospital": "hospital", "region": "region", "desert": "region", "plain": "region",
}  # fmt: skip
_KIND_BEFORE = {
    "governorate": "governorate", "province": "governorate", "city": "town", "town": "town", "village": "town", "villages": "town",
    "towns": "town", "cities": "town", "camp": "camp", "district": "part", "neighborhood": "part", "neighbourhood": "part",
    "neighborhoods": "part", "neighbourhoods": "part", "districts": "part", "quarter": "part", "suburb": "part", "suburbs": "part",
    "mount": "high", "mountain": "high", "mountains": "high", "hill": "high", "hills": "high", "jabal": "high",
    "crossing": "crossing", "dam": "dam",
}  # fmt: skip
_CLASS = {
    "town": frozenset({"city", "town", "village", "farm"}),
    "governorate": frozenset({"governorate"}),
    "district": frozenset({"district", "neighbourhood", "subdistrict"}),
    "subdistrict": frozenset({"subdistrict"}),
    "part": frozenset({"neighbourhood", "town", "camp"}),
    "air": frozenset({"airbase", "airport"}),
    "camp": frozenset({"camp"}),
    "dam": frozenset({"dam"}),
    "bridge": frozenset({"bridge"}),
    "prison": frozenset({"prison"}),
    "high": frozenset({"mountain", "hill"}),
    "crossing": frozenset({"crossing"}),
    "field": frozenset({"oilfield", "gasfield"}),
    "hospital": frozenset({"hospital"}),
    "region": frozenset({"region", "desert"}),
}
_COUNTRYSIDE = re.compile(
    r"(?:countryside|rural(?: areas?| parts?)?|reef|rif|suburbs?|outskirts|surroundings|environs|hinterland)(?:\s+(?:of|to|in|around))?"
    r"(?:\s+(?:the|the city of|the town of|city of))?\s*$", re.I)  # fmt: skip
_NEAR = re.compile(
    r"\b(?:near(?:by)?|close to|around|outside|vicinity of|surroundings of|adjacent to|opposite|towards?|off|km (?:from|of)|"
    r"(?:north|south|east|west|northeast|northwest|southeast|southwest|north east|north west|south east|south west) of|"
    r"(?:northern|southern|eastern|western|north|south|east|west)\w*|between|fronts? (?:of|in|near|around)|frontlines? (?:of|in|near|around)|"
    r"front lines? (?:of|in|near|around)|axis of|axes of|areas? (?:of|around|near)|desert of|region of|road (?:to|of|from|near|linking|connecting)|"
    r"mountains? of|hills? of|entrances? of|forests? of|farms? of|outskirts of|edges? of|perimeter of|part[s]? of|in rural|rural|steppe of)"
    r"(?:\s+(?:the|town|city|village|villages|towns|of|in|rural|cities|area)){0,4}\s*$",
    re.I,
)
_NEAR_AFTER = re.compile(
    r"^\s*(?:'s?)?\s*(?:(?:northern|southern|eastern|western)\s+)?(?:fronts?|frontlines?|front lines?|axis|axes|areas?|countryside|outskirts|surroundings|road|highway|desert|"
    r"region|mountains?|subdistrict|sub district|vicinity|suburbs?|corridor|triangle|line|hills|plain|valley|river)\b", re.I)  # fmt: skip
_COUNTRY_AFTER = re.compile(r"^\s*(?:'s?)?\s*(?:(?:northern|southern|eastern|western|north|south|east|west|north ?east\w*|north ?west\w*|south ?east\w*|south ?west\w*)\s+)*(?:countryside|suburbs|hinterland|rural areas|reef|rif)\b", re.I)  # fmt: skip
_DIRECTION = re.compile(r"\b((?:north|south)?[- ]?(?:east|west)?(?:north|south|east|west)(?:ern)?|central)\s*(?:(?:countryside|parts?|areas?|rural|province|of|in|the|side|outskirts|suburbs?|rif|reef)\s*){0,4}$", re.I)  # fmt: skip
_FROM = re.compile(r"\b(?:from|fired from|launched from|based in|stationed (?:in|at)|native of|originally from|hails from|coming from|born in|headquartered in)(?:\s+(?:the|town|village|city|of|villages|their|positions?|bases?|sites?|points?|in|at)){0,5}\s*$", re.I)  # fmt: skip
_TOWARD = re.compile(r"\b(?:to|heading to|headed to|bound for|en route to|transferred to|taken to|transported to|moved to|road to|towards?)(?:\s+(?:the|town|city|of|hospitals?|in)){0,4}\s*$", re.I)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A place chosen for a mention: the row, geo_precision, score, and every candidate with its score and why."""

    place: Place
    precision: int
    mention: Mention
    score: float
    candidates: tuple[tuple[str, float, str], ...] = ()
    wording: str = ""
    origin: bool = False


@dataclass(slots=True)
class Context:
    """What the article says of places as a whole: governorates and countries named, and settled points."""

    admin1: collections.Counter[str] = field(default_factory=collections.Counter)
    countries: collections.Counter[str] = field(default_factory=collections.Counter)
    points: list[tuple[float, float]] = field(default_factory=list)


def km(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Kilometres between two (latitude, longitude) points, flat-earth: exact enough inside a country."""
    x = (b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return 111.2 * math.hypot(x, b[0] - a[0])


def gather(sentences: Iterable[Sentence], gazetteer: Gazetteer) -> Context:
    """The context of an article, from all of its sentences, with or without an event."""
    context = Context()
    for sentence in sentences:
        for mention in sentence.places:
            rows = [gazetteer.places[i] for i in mention.ids]
            if all(r.country != "SY" for r in rows):
                context.countries[rows[0].country] += 1
                continue
            syrian = [r for r in rows if r.country == "SY"]
            context.countries["SY"] += 1
            if len({r.admin1 for r in syrian}) == 1:
                context.admin1[syrian[0].admin1] += 1
                if not all(r.kind in REGIONAL for r in syrian):
                    context.points.append((syrian[0].latitude, syrian[0].longitude))
    return context


def wanted_kind(sentence: Sentence, mention: Mention) -> str:
    """The class of place that the words around a mention ask for, or ""."""
    after = [w.lower for w in sentence.words if w.start >= mention.end][:3]
    gap = sentence.text[mention.end :].lstrip()[:1]
    if after and gap not in {",", ".", ";", ":"}:
        if after[:2] in (["military", "airport"], ["air", "base"], ["military", "airbase"], ["international", "airport"], ["military", "airfield"]):
            return "air"
        if after[:2] == ["central", "prison"]:
            return "prison"
        if after[0] in _KIND_AFTER and not (after[0] in {"region", "field", "oil", "gas"} and after[1:2] == ["of"]):
            return _KIND_AFTER[after[0]]
    before = [w.lower for w in sentence.words if w.end <= mention.start][-3:]
    while before and before[-1] in {"the", "of", "al"}:
        before.pop()
    if before and before[-1] in _KIND_BEFORE:
        return _KIND_BEFORE[before[-1]]
    if before and before[-1] in {"governorates", "provinces"}:
        return "governorate"
    return ""


def hints(sentence: Sentence, mention: Mention, gazetteer: Gazetteer) -> dict[str, float]:
    """Governorates that the sentence names, weighted by how closely they go with the mention."""
    found: dict[str, float] = {}
    for other in sentence.places:
        if other is mention:
            continue
        rows = [gazetteer.places[i] for i in other.ids]
        admins = {r.admin1 for r in rows if r.country == "SY" and r.kind in _ADMIN | {"city", "region"}}
        weight = 1.0
        gap = sentence.text[mention.end : other.start] if other.start > mention.end else None
        if gap is not None and len(gap) < 60 and re.fullmatch(r"[\s,(]*(?:[\w'-]+\s+){0,7}?(?:in|of|,|\()?\s*(?:the\s+)?(?:[\w-]+\s+){0,5}", gap):
            weight = 3.0
        elif gap is not None and len(gap) < 80:
            weight = 2.0
        for admin in admins:
            found[admin] = max(found.get(admin, 0), weight / max(1, len(admins)) + (0.5 if len(admins) == 1 else 0))
    return found


def choose(
    mention: Mention, sentence: Sentence, context: Context, gazetteer: Gazetteer
) -> Choice:
    """The place that a mention means, with the scores of all candidates."""
    want = wanted_kind(sentence, mention)
    near = hints(sentence, mention, gazetteer)
    scored = []
    for id_ in mention.ids:
        place = gazetteer.places[id_]
        score, why = _score(place, want, near, context, mention, sentence)
        scored.append((score, place, why))
    scored.sort(key=lambda row: (-row[0], row[1].id))
    score, place, _ = scored[0]
    precision, wording = _precision(place, sentence, mention)
    candidates = tuple((p.id, round(s, 2), w) for s, p, w in scored)
    return Choice(place, precision, mention, score, candidates, wording, bool(_FROM.search(sentence.text[: mention.start])))


def _score(
    place: Place, want: str, near: dict[str, float], context: Context, mention: Mention, sentence: Sentence
) -> tuple[float, str]:
    why = []
    score = min(2.0, math.log10(max(place.population, 100)) / 3)
    if place.country != "SY":
        score -= 0.5
        if context.countries[place.country] > 1:
            score += 1.5 if context.countries[place.country] > context.countries["SY"] else 0.3
            why.append(f"{place.country} named")
    if want:
        if place.kind in _CLASS[want]:
            score += 3
            why.append(f"wording asks for {want}")
        elif want == "governorate" or place.kind == "governorate":
            score -= 2
    elif place.kind in _ADMIN:
        score -= 0.2 if place.kind == "governorate" else 1.5
        if _COUNTRYSIDE.search(sentence.text[: mention.start]) or _COUNTRY_AFTER.match(sentence.text[mention.end :]):
            score += 0.7 if place.kind == "governorate" else 0
            why.append("countryside of")
    if place.admin1 in near and place.country == "SY":
        score += near[place.admin1]
        why.append(f"{place.admin1} named nearby")
    if context.admin1[place.admin1] and place.country == "SY":
        score += min(1.2, 0.4 * context.admin1[place.admin1])
        why.append(f"{place.admin1} in the article")
    if context.points and place.kind not in _ADMIN:
        d = min(km((place.latitude, place.longitude), p) for p in context.points)
        if d > 0.1:
            score += max(0.0, 1 - d / 100)
            if d < 50:
                why.append(f"{d:.0f} km from another place of the article")
    return score, "; ".join(why)


def _precision(place: Place, sentence: Sentence, mention: Mention) -> tuple[int, str]:
    """(geo_precision, the words that decide it)."""
    before, after = sentence.text[: mention.start], sentence.text[mention.end :]
    if place.kind in REGIONAL - {"subdistrict"}:
        return 3, place.kind
    m = _COUNTRYSIDE.search(before)
    if m and "outskirt" not in m.group().lower():
        return 2, m.group().strip()
    if m := _COUNTRY_AFTER.match(after):
        return 2, m.group().strip()
    if m := _NEAR.search(before):
        return 2, m.group().strip()
    if m := _NEAR_AFTER.match(after):
        return 2, m.group().strip()
    if place.kind in {"road", "mountain", "subdistrict"}:
        return 2, place.kind
    return 1, ""


def specific(choices: list[Choice], sentence: Sentence, gazetteer: Gazetteer) -> list[Choice]:
    """Choices without those that only say in which larger place another one lies.

    "Nayrab in Idlib" keeps Nayrab; "Jobar in Damascus" keeps Jobar; "the countryside of Ein Issa" yields to a
    village named with it. Origins ("fired from …") go where anything else is left.
    """
    kept = [c for c in choices if not c.origin] or choices
    return [c for c in kept if not any(o is not c and _holds(c, o, sentence, gazetteer) for o in kept)]


_COORDINATED = re.compile(r"(?:\band|\bor|\bas well as|&)\s+(?:in |the |near |on |at )*(?:(?:city|town|village|villages|towns)\s+of\s+)?(?:the\s+)?(?:al-)?$", re.I)  # fmt: skip
_IN = re.compile(r"\b(?:in|of|near|outside|around|within|from|at|to the|west|east|north|south|northwest|northeast|southwest|southeast)\b", re.I)


def _holds(outer: Choice, inner: Choice, sentence: Sentence, gazetteer: Gazetteer) -> bool:
    """True where `outer` only tells where `inner` lies."""
    if outer.place.id == inner.place.id:
        # the same place twice: the more precise, then the first mention, stands
        return (outer.precision, outer.mention.start) > (inner.precision, inner.mention.start)
    if gazetteer.contains(outer.place.id, inner.place.id):
        return not gazetteer.contains(inner.place.id, outer.place.id)
    if outer.place.country != "SY" or inner.place.country != "SY":
        return outer.place.kind == "country" and inner.place.country == outer.place.country
    away = km((outer.place.latitude, outer.place.longitude), (inner.place.latitude, inner.place.longitude))
    if outer.place.kind in REGIONAL and inner.place.kind not in REGIONAL:
        return outer.place.admin1 == inner.place.admin1 or away < 90
    if inner.place.kind in REGIONAL and outer.place.kind not in REGIONAL:
        return False
    if outer.place.admin1 != inner.place.admin1 and away > 60:
        return False
    return _follows(outer, inner, sentence) or _leads(outer, inner, sentence)


def _follows(outer: Choice, inner: Choice, sentence: Sentence) -> bool:
    """ "Nayrab in Idlib", "Ali Bak village in northern Afrin, Aleppo", "Tasil, west of Daraa"."""
    if outer.mention.start < inner.mention.end:
        return False
    behind = sentence.text[inner.mention.end : outer.mention.start]
    if len(behind) > 90 or ";" in behind or _COORDINATED.search(behind):
        return False
    if _IN.search(behind):
        return True
    if behind.strip() == ",":
        after = sentence.text[outer.mention.end : outer.mention.end + 6].lstrip()
        larger = outer.place.kind in {"city", "governorate"} and inner.place.kind != "city"
        return larger and not after.startswith((",", "and"))
    return behind.strip() in {"(", ""} and outer.place.kind == "city"


def _leads(outer: Choice, inner: Choice, sentence: Sentence) -> bool:
    """ "Aleppo's Salaheddine", "in the Idlib countryside, in Nayrab", "in Homs city's Bab Amr"."""
    if inner.mention.start < outer.mention.end:
        return False
    behind = sentence.text[outer.mention.end : inner.mention.start]
    if len(behind) > 90 or ";" in behind or "." in behind:
        return False
    if _COUNTRY_AFTER.match(sentence.text[outer.mention.end :]) or (outer.wording and _COUNTRYSIDE.search(outer.wording)):
        return not _COORDINATED.search(behind)
    if inner.place.parent == outer.place.id:
        return True
    return bool(re.fullmatch(r"(?:'s?|s)?\s+(?:[\w-]+\s+){0,3}(?:al-)?", behind)) and inner.place.kind != "city" and not _COORDINATED.search(behind)
