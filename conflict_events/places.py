"""Where: which place a name means, and how precisely the text says so.

A name keeps all its homonyms until context decides: the kind of place that the wording asks for, the
governorate or district named beside it, the other places of the article, size. A namesake abroad wins where
the text is about that country. geo_precision after the ACLED codebook 2024: 1 the named town, 2 near it or a
part of its countryside, 3 only a region (given at its capital).
"""

from __future__ import annotations

import collections
import datetime
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from .company import Hint, before, hints, wanted_kind
from .events import Mention, Place
from .gazetteer import Gazetteer, key
from .gazetteer.distance import Point, km
from .gazetteer.names import has_article
from .pipeline import Sentence

REGIONAL = frozenset(
    {"governorate", "district", "subdistrict", "region", "desert", "country", "sea", "river"}
)
# Too wide to be where something happened when a smaller place is named with it.
WIDE = REGIONAL - {"district", "subdistrict"}
_ADMIN = frozenset({"governorate", "district", "subdistrict"})
# Governorates whose ends lie farther than this from their capitals.
_VAST = frozenset({"Homs", "Rural Damascus", "Deir ez Zor", "Ar Raqqa", "Al Hasakeh"})
SITE = frozenset(
    {
        "airbase",
        "base",
        "crossing",
        "dam",
        "oilfield",
        "gasfield",
        "mountain",
        "hill",
        "camp",
        "region",
        "desert",
    }
)
_CLASS = {
    "town": frozenset({"city", "town", "village", "hamlet", "farm"}),
    "city": frozenset({"city", "town", "village", "hamlet", "farm"}),
    "village": frozenset({"city", "town", "village", "hamlet", "farm"}),
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
COUNTRYSIDE = re.compile(
    r"(?:countryside|rural(?: areas?| parts?)?|reef|rif|suburbs?|outskirts|surroundings|environs|hinterland)(?:\s+(?:of|to|in|around))?"
    r"(?:\s+(?:the|the city of|the town of|city of))?\s*$", re.I)  # fmt: skip
_RURAL = re.compile(r"\b(?:countryside|rural|reef|rif)(?: of| areas of)?(?: the)?\s*$", re.I)
_NEAR = re.compile(
    r"\b(?:near(?:by)?|close to|around|outside|vicinity of|surroundings of|surrounding|adjacent to|opposite|towards?|off|km (?:from|of)|"
    r"(?:north|south|east|west|northeast|northwest|southeast|southwest|north east|north west|south east|south west) of|"
    r"(?:northern|southern|eastern|western|north|south|east|west)\w*|between|fronts? (?:of|in|near|around)|frontlines? (?:of|in|near|around)|"
    r"front lines? (?:of|in|near|around)|axis of|axes of|areas? (?:of|around|near)|desert of|region of|road (?:to|of|from|near|linking|connecting)|"
    r"mountains? of|hills? of|entrances? of|forests? of|farms? of|edges? of|perimeter of|part[s]? of|in rural|rural|steppe of)"
    r"(?:\s+(?:the|town|city|village|villages|towns|of|in|rural|cities|area)){0,4}\s*$",
    re.I,
)
# "the northern city of Aleppo" is Aleppo itself.
_THE_TOWN = re.compile(r"^\w+\s+(?:city|town|village)\s+of\s*(?:the\s*)?$", re.I)
_NEAR_AFTER = re.compile(
    r"^\s*(?:'s?)?\s*(?:(?:northern|southern|eastern|western)\s+)?(?:fronts?|frontlines?|front lines?|axis|axes|(?:rural )?areas?|countryside|surroundings|road|highway|desert|badia|township|"
    r"region|mountains?|subdistrict|sub[- ]district|vicinity|suburbs?|corridor|triangle|line|hills|plain|valley|river)\b", re.I)  # fmt: skip
COUNTRY_AFTER = re.compile(r"^\s*(?:'s?)?\s*(?:(?:northern|southern|eastern|western|north|south|east|west|north ?east\w*|north ?west\w*|south ?east\w*|south ?west\w*)\s+)*(?:countryside|suburbs|hinterland|rural areas|reef|rif)\b", re.I)  # fmt: skip
_FROM = re.compile(r"\b(?:(?<!starting )(?<!started )from|fired from|launched from|based in|stationed (?:in|at)|native of|originally from|hails from|coming from|born in|headquartered in)(?:\s+(?:the|town|village|city|of|villages|their|positions?|bases?|sites?|points?|in|at)){0,5}\s*$", re.I)  # fmt: skip


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
    """What the article says of places as a whole.

    Governorates and countries named, points of unmistakable places (with the key of their name), and the
    units where the forces it names fight, and where the two sides it names fought in those days.
    """

    admin1: collections.Counter[str] = field(default_factory=collections.Counter)
    countries: collections.Counter[str] = field(default_factory=collections.Counter)
    points: dict[tuple[str, Point], None] = field(default_factory=dict)
    _elsewhere: dict[str, set[Point]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    theatres: dict[str, float] = field(default_factory=dict)
    governorates: dict[str, float] = field(default_factory=dict)
    campaigns: dict[str, float] = field(default_factory=dict)

    def elsewhere(self, name: str) -> set[Point]:
        """The points of places with another key than `name`."""
        if name not in self._elsewhere:
            self._elsewhere[name] = {point for other, point in self.points if other != name}
        return self._elsewhere[name]


# So many places tell where an article is about; a list of all towns tells nothing.
_POINTS = 300


def gather(
    sentences: Sequence[Sentence], gazetteer: Gazetteer, published: datetime.date | None = None
) -> Context:
    """The context of an article, from all of its sentences, with or without an event."""
    context = Context()
    theatres: dict[str, float] = {}
    if published is not None:
        context.campaigns = gazetteer.campaigns("\n".join(s.text for s in sentences), published)
    for sentence in sentences:
        for unit, weight in gazetteer.theatres(sentence.text).items():
            theatres[unit] = max(theatres.get(unit, 0.0), weight)
        for mention in sentence.places:
            rows = [gazetteer.places[i] for i in mention.ids]
            if all(r.country != "SY" for r in rows):
                context.countries[rows[0].country] += 1
                continue
            syrian = [r for r in rows if r.country == "SY"]
            context.countries["SY"] += 1
            context.ids |= {r.id for r in syrian}
            # A namesake that no list counts does not make a city doubtful.
            large = [r for r in syrian if r.population >= _LARGE] or syrian
            if len({r.admin1 for r in large}) == 1:
                context.admin1[large[0].admin1] += 1
                settled = [r for r in large if r.kind not in REGIONAL]
                if settled:
                    point = (key(mention.text), (settled[0].latitude, settled[0].longitude))
                    if len(context.points) < _POINTS:
                        context.points[point] = None
    context.theatres = theatres
    for unit, weight in theatres.items():
        for name in _governorates_of(unit, gazetteer):
            context.governorates[name] = max(context.governorates.get(name, 0.0), weight)
    return context


def _governorates_of(unit: str, gazetteer: Gazetteer) -> set[str]:
    """The governorate of a theatre, which names a governorate, a district, or "governorate/district"."""
    rows = [p for p in gazetteer.exact(unit.split("/")[0]) if p.kind in {"governorate", "district"}]
    return {p.admin1 for p in rows if unit in {p.admin1, p.admin2} or "/" in unit}


# From this many inhabitants on, a bare name is the town's unless the wording says otherwise.
_LARGE = 20_000
# A village that bears a big city's name is hardly meant where nobody says "village".
_BIG = 40_000
_BEHIND = re.compile(r",\s*|\s+in\s+(?:the\s+)?|\s*\(\s*")


def _abroad_behind(mention: Mention, sentence: Sentence, gazetteer: Gazetteer) -> set[str]:
    """The country of a wide place abroad that stands right behind a name: "Nawa, Afghanistan"."""
    for other in sentence.places:
        if other.start >= mention.end and _BEHIND.fullmatch(sentence.text[mention.end : other.start]):
            rows = [gazetteer.places[i] for i in other.ids]
            countries = {row.country for row in rows}
            return countries if "SY" not in countries and any(r.kind in WIDE for r in rows) else set()
    return set()


def choose(mention: Mention, sentence: Sentence, context: Context, gazetteer: Gazetteer) -> Choice | None:
    """The place that a mention means, with the scores of all candidates; None where none is credible."""
    want = wanted_kind(sentence, mention)
    near = hints(sentence, mention, gazetteer)
    abroad = _abroad_behind(mention, sentence, gazetteer)
    scored = []
    big = want != "village" and any(gazetteer.places[i].population >= _BIG for i in mention.ids)
    for id_ in mention.ids:
        place = gazetteer.places[id_]
        score, why = _score(place, want, near, context, mention, sentence)
        if abroad:
            score += 2.0 if place.country in abroad else -6.0
        if big and place.kind in {"village", "hamlet", "farm"}:
            score -= 1.5
        scored.append((score, place, why))
    if not abroad:
        scored = _as_told(scored, mention, near, context, gazetteer)
    scored.sort(key=lambda row: (-row[0], row[1].id))
    score, place, why = scored[0]
    told = gazetteer.meant_by(mention.text)
    if score < CREDIBLE or (mention.how == "fuzzy" and not told and not _vouched(place, near, why)):
        return None
    precision, wording = _precision(place, sentence, mention)
    candidates = tuple((p.id, round(s, 2), w) for s, p, w in scored)
    return Choice(
        place,
        precision,
        mention,
        score,
        candidates,
        wording,
        bool(_FROM.search(before(sentence, mention.start))),
    )


def _as_told(
    scored: list[tuple[float, Place, str]],
    mention: Mention,
    near: list[Hint],
    context: Context,
    gazetteer: Gazetteer,
) -> list[tuple[float, Place, str]]:
    """The scores, with the place first that homonyms.csv gives to the name.

    Not where the text puts the name elsewhere: beside another governorate, or too far from its neighbour. A
    row for one governorate comes before a row for all.
    """
    for homonym in sorted(gazetteer.meant_by(mention.text), key=lambda one: not one.admin1):
        place = gazetteer.places[homonym.place_id]
        units = {r.admin1 for hint in near for r in hint.rows if r.kind == "governorate"}
        if homonym.admin1 and not context.admin1[homonym.admin1]:
            continue
        if (units and place.admin1 not in units) or not all(_within(place, hint) for hint in near):
            continue
        rest = [row for row in scored if row[1].id != place.id]
        best = max([CREDIBLE + 1.0, *(score + 1.0 for score, _, _ in scored)])
        return [(best, place, f"{homonym.where} says so"), *rest]
    return scored


def _vouched(place: Place, near: list[Hint], why: str) -> bool:
    """True where the words beside a name, or the forces that fight there, bear out a nearly right spelling.

    A governorate named beside must hold the place; otherwise anything that speaks for it will do.
    """
    units = {r.admin1 for hint in near for r in hint.rows if r.kind == "governorate"}
    if units:
        return place.admin1 in units
    return "named beside" in why or "forces" in why or " km from" in why or "in the article" in why


# Below this score a name is not taken for the place: the wording or the company speaks against every candidate.
CREDIBLE = -0.9


def _score(
    place: Place,
    want: str,
    near: list[Hint],
    context: Context,
    mention: Mention,
    sentence: Sentence,
) -> tuple[float, str]:
    why: list[str] = []
    score = _size(place) + _spelling(place, mention)
    score += (
        _foreign(place, context, mention, why)
        + _nation(place, sentence, mention, why)
        + _wording(place, want, mention, sentence, context, why)
    )
    if place.country != "SY":
        return score, "; ".join(why)
    for hint in near:
        score += hint.weight * _company(place, hint, why)
        if not _within(place, hint):
            why.append(f"not near {hint.rows[0].location}")
            score -= 100.0
        score += _beside(place, hint, why)
    if context.admin1[place.admin1]:
        score += min(1.2, 0.4 * context.admin1[place.admin1])
        why.append(f"{place.admin1} in the article")
    score += _theatre(place, context, why) + _campaign(place, context, why)
    points = context.elsewhere(key(mention.text))
    if points and place.kind not in _ADMIN:
        d = min(km((place.latitude, place.longitude), p) for p in points)
        score += max(0.0, 1 - d / 100)
        if d < 50:
            why.append(f"{d:.0f} km from another place of the article")
    if (
        place.kind == "neighbourhood"
        and want != "part"
        and not any(place.parent in {r.id for r in hint.rows} for hint in near)
    ):
        named = place.parent in context.ids
        score -= 0.3 if named else 1.5
        why.append("its city is not named here" if named else "its city is not named")
    return score, "; ".join(why)


def _size(place: Place) -> float:
    """From 0 to 2.4: the larger a place, the likelier a bare name means it; a million inhabitants give 2.4."""
    if place.kind == "hamlet":
        return 0.0
    return min(2.4, 0.3 + 0.52 * max(0.0, math.log10(max(place.population, 1)) - 2))


def _spelling(place: Place, mention: Mention) -> float:
    """A place's usual name speaks more for it than an alias, and the very letters more than their key."""
    if mention.how == "fuzzy":
        from rapidfuzz import fuzz

        wanted = key(mention.text)
        likeness = max(fuzz.ratio(wanted, key(name)) for name in (place.name, place.location, *place.aliases))
        return (likeness - 90) / 20
    usual = {place.name, place.location}
    if _plain(mention.text) in {_plain(name) for name in usual}:
        return 0.5
    return 0.3 if key(mention.text) in {key(name) for name in usual} else 0.0


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return re.sub(r"\b(?:al|el|ar|as|ash|ad|an|at|az)[ -]|[^a-z0-9]", "", name.lower())


def _theatre(place: Place, context: Context, why: list[str]) -> float:
    if not context.theatres:
        return 0.0
    if place.kind in _ADMIN:
        # which of the settlements is the question, not whether it is one
        return context.governorates.get(place.admin1, 0.0)
    units = (place.admin1, place.admin2, f"{place.admin1}/{place.admin2}")
    weight = max(context.theatres.get(unit, 0.0) for unit in units)
    if weight:
        why.append("where the forces named fight")
    return weight


def _campaign(place: Place, context: Context, why: list[str]) -> float:
    if not context.campaigns or place.kind in _ADMIN:
        return 0.0
    units = (place.admin1, place.admin2, f"{place.admin1}/{place.admin2}", f"{place.admin2}/{place.admin3}")
    weight = max(context.campaigns.get(unit, 0.0) for unit in units)
    if weight:
        why.append("where the two sides fought then")
    return weight


# Only there do names bear the Arabic article: "al-Baath" is not Bath.
_ARAB = frozenset("SY IQ LB JO PS EG SA YE KW AE QA OM BH LY TN DZ MA SD".split())


def _foreign(place: Place, context: Context, mention: Mention, why: list[str]) -> float:
    if place.country == "SY":
        return 0.0
    if place.country not in _ARAB and has_article(mention.text):
        return -6.0
    score = -0.5
    if context.countries[place.country] > 1:
        score += 1.5 if context.countries[place.country] > context.countries["SY"] else 0.3
        why.append(f"{place.country} named")
    return score


_NATIONS = {
    "iraqi": "IQ",
    "turkish": "TR",
    "lebanese": "LB",
    "jordanian": "JO",
    "israeli": "IL",
    "syrian": "SY",
}
_NATION = re.compile(
    rf"\b({'|'.join(_NATIONS)})(?: \w+)? (?:(?:border )?(?:city|town|village|province|governorate|region|district|area|camp)s?"
    r"|cities|provinces|capital)(?: of)?(?: the)? ?(?:al-)?$",
    re.I,
)


def _nation(place: Place, sentence: Sentence, mention: Mention, why: list[str]) -> float:
    """3 for a place of the country that the words before it name ("the Iraqi region of Sinjar"), -3 for others."""
    named = _nation_before(sentence.text[max(0, mention.start - 60) : mention.start])
    if not named:
        return 0.0
    why.append(f"{named} by the words before it")
    return 3.0 if place.country == _NATIONS[named.lower()] else -3.0


@lru_cache(maxsize=64)  # asked for each homonym in turn
def _nation_before(words: str) -> str:
    named = _NATION.search(words)
    return named.group(1) if named else ""


def _wording(
    place: Place, want: str, mention: Mention, sentence: Sentence, context: Context, why: list[str]
) -> float:
    if want:
        if place.kind in _CLASS[want]:
            why.append(f"wording asks for {want}")
            if want == "part" and place.parent in context.ids:
                why.append("its city is named")
                return 4.0
            odd = place.kind == "city" if want == "village" else want == "city" and place.kind != "city"
            return 2.0 if odd else 3.0
        if want == "governorate":
            return -2.0
        if place.kind == "governorate":
            return -4.0
        if want in {"town", "city", "village"} and place.kind not in {"district", "subdistrict"}:
            return -1.0
        return 0.0
    if place.kind in _ADMIN:
        rural = _RURAL.search(before(sentence, mention.start)) or COUNTRY_AFTER.match(
            sentence.text[mention.end :]
        )
        if place.kind == "governorate" and (rural or _locates(mention, sentence)):
            why.append("countryside of" if rural else "tells where another place lies")
            return 1.2
        return -0.2 if place.kind == "governorate" else -1.5
    return 0.0


_IN_ONLY = re.compile(r"^(?:[\w' -]{0,40}?\b(?:in|of)|,)(?: the)?(?: \w+ern| central| rural)?\s*$")


def _locates(mention: Mention, sentence: Sentence) -> bool:
    """True for the second name in "Saraqab in Idlib", "Nawa, Daraa": the unit, not its capital."""
    return any(
        other.end <= mention.start
        and _IN_ONLY.match(sentence.text[other.end : mention.start])
        and not any(i.endswith("-governorate") for i in other.ids)
        for other in sentence.places
    )


def _company(place: Place, hint: Hint, why: list[str]) -> float:
    """From -2 to 1.5: how well a place fits another one named beside it."""
    rows = hint.rows
    if place.id in {r.id for r in rows}:
        return 0.0
    if place.parent and place.parent in {r.id for r in rows}:
        why.append(f"part of {rows[0].location}")
        return 1.5
    if place.kind in _ADMIN:
        return 0.3 if place.admin1 in {r.admin1 for r in rows} else 0.0
    units = {(r.kind, r.admin1, r.admin2, r.admin3) for r in rows if r.kind in _ADMIN}
    inside = _inside(place, units)
    here = (place.latitude, place.longitude)
    d = min(km(here, (r.latitude, r.longitude)) for r in rows)
    landmark = min(km(here, (r.latitude, r.longitude)) for r in hint.landmarks)
    # Nearness to the capital says nothing where the name is the governorate's as well.
    reach = 30 if any(kind == "governorate" for kind, *_ in units) else 60
    close = max(0.0, 1 - d / reach) * (0.3 if reach == 30 else 0.7)
    if inside or d < min(40, reach):
        why.append(f"{rows[0].location} named beside")
        return inside + close
    if hint.weight == 3.0 and landmark > 70 and not _border_site(place, units):
        if landmark > 110 and any(
            kind == "governorate" and admin1 not in _VAST for kind, admin1, *_ in units
        ):
            return -10.0
        return -2.0 if d > 120 else -0.8
    return 0.0


def _border_site(place: Place, units: set[tuple[str, str, str, str]]) -> bool:
    """True for a site that news gives to the governorate next door: "the Tanf base in rural Damascus"."""
    return place.kind in SITE and any(kind == "governorate" for kind, *_ in units)


def _within(place: Place, hint: Hint) -> bool:
    """False where the text gives a neighbour that the place is too far from ("a village near Raju")."""
    if place.kind == "governorate" or math.isinf(hint.reach) or place.id in {r.id for r in hint.rows}:
        return True
    if _inside(place, {(r.kind, r.admin1, r.admin2, r.admin3) for r in hint.rows if r.kind == "subdistrict"}):
        return True
    here = (place.latitude, place.longitude)
    return min(km(here, (r.latitude, r.longitude)) for r in hint.landmarks) <= hint.reach


def _beside(place: Place, hint: Hint, why: list[str]) -> float:
    """From -6 to 1.5: whether a place lies on the side of the governorate that the text names."""
    if hint.side is None or place.kind in _ADMIN:
        return 0.0
    centre = next((r for r in hint.rows if r.kind == "governorate" and r.admin1 == place.admin1), None)
    if centre is None:
        return 0.0
    north = place.latitude - centre.latitude
    east = (place.longitude - centre.longitude) * math.cos(math.radians(centre.latitude))
    if math.hypot(north, east) < 0.07:
        return 0.0
    fit = math.cos(math.atan2(east, north) - math.radians(hint.side))
    why.append(f"{'on' if fit > 0 else 'not on'} that side of {centre.location}")
    if fit < -0.3 and not math.isinf(hint.reach):
        return -6.0  # "a village east of Hama" is not in the Ghab
    return 1.5 * fit


def _inside(place: Place, units: set[tuple[str, str, str, str]]) -> float:
    """From 0 to 0.9: how narrow a unit named beside holds the place."""
    if ("subdistrict", place.admin1, place.admin2, place.admin3) in units:
        return 0.9
    if ("district", place.admin1, place.admin2, "") in units:
        return 0.8
    return 0.6 if ("governorate", place.admin1, "", "") in units else 0.0


# What happened in a town and beyond it happened in the town.
_IN_AND_AROUND = re.compile(r"\bin and (?:around|near|in the vicinity of|outside)(?: the)?(?: (?:town|city|village)s? of)?\s*$", re.I)  # fmt: skip


def _precision(place: Place, sentence: Sentence, mention: Mention) -> tuple[int, str]:
    """(geo_precision, the words that decide it)."""
    ahead, after = before(sentence, mention.start), sentence.text[mention.end :]
    if place.kind in {"region", "river", "lake"}:
        return 2, place.kind
    countryside = COUNTRYSIDE.search(ahead) or COUNTRY_AFTER.match(after)
    if place.kind in WIDE:
        # A side of a governorate's countryside is a part of a region, a governorate the whole.
        if place.kind == "governorate" and countryside and _SIDE.search(ahead + after[:40]):
            return 2, countryside.group().strip()
        return 3, place.kind
    if countryside and "outskirt" not in countryside.group().lower():
        return 2, countryside.group().strip()
    if place.kind == "neighbourhood":
        return 1, ""
    if _IN_AND_AROUND.search(ahead):
        return 1, ""
    if (m := _NEAR.search(ahead)) and not _THE_TOWN.search(m.group()):
        return 2, m.group().strip()
    if m := _NEAR_AFTER.match(after):
        return 2, m.group().strip()
    if place.kind in {"road", "mountain", "district", "subdistrict"}:
        return 2, place.kind
    return 1, ""


_SIDE = re.compile(r"\b(?:north|south|east|west)\w*\b", re.I)
