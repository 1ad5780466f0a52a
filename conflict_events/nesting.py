"""Which of the places that a sentence names something happened at, and which only tell where those lie.

Two ends of a road are one place, a unit behind a village's name is none of its own, and an operation that is
named can stand for a governorate.
"""

from __future__ import annotations

import dataclasses
import re

from .company import COORDINATED, IN, SMALL
from .events import Mention, Place
from .gazetteer import Gazetteer
from .gazetteer.distance import km
from .pipeline import Sentence
from .places import COUNTRY_AFTER, COUNTRYSIDE, SITE, WIDE, Choice

_BETWEEN = re.compile(
    r"\b(?:between|linking|connecting|road|highway|separating|(?:stretching|extending|starting) from)\b[^,.;]{0,50}$",
    re.I,
)
_ROAD_AFTER = re.compile(
    r"^ (?:international |main |desert )?(?:highway|road|motorway|route|railway)\b", re.I
)


_PAIR = re.compile(
    r"\s*(?:(?:town|city|village|towns|cities)\s+)?(?:-|/|to|and|with)(?:\s+the)?"
    r"(?:\s+outskirts of)?(?:\s+(?:town|city|village) of)?\s*(?:al-)?",
    re.I,
)


def linked(choices: list[Choice], sentence: Sentence) -> list[Choice]:
    """Two ends of a road or a front line are one place, the first, with precision 2."""
    out = choices[:1]
    for choice in choices[1:]:
        if _two_ends(out[-1], choice, sentence):
            out[-1] = _stretch(out[-1], choice, sentence)
        else:
            out.append(choice)
    return out


def _two_ends(one: Choice, other: Choice, sentence: Sentence) -> bool:
    gap = sentence.text[one.mention.end : other.mention.start]
    if _PAIR.fullmatch(gap) is None:
        return False
    return gap.strip() in {"-", "/"} or bool(_BETWEEN.search(sentence.text[: one.mention.start]))


def _stretch(one: Choice, other: Choice, sentence: Sentence) -> Choice:
    apart = km((one.place.latitude, one.place.longitude), (other.place.latitude, other.place.longitude))
    road = _ROAD_AFTER.match(sentence.text[other.mention.end :])
    return dataclasses.replace(
        one,
        precision=max(one.precision, 2),
        wording=sentence.text[one.mention.start : other.mention.end],
        # a road across the country says less than any place named with it
        origin=one.origin or (apart > 60 and road is not None),
    )


def specific(choices: list[Choice], sentence: Sentence, gazetteer: Gazetteer) -> list[Choice]:
    """Choices without those that only say in which larger place another one lies.

    "Nayrab in Idlib" keeps Nayrab; "Jobar in Damascus" keeps Jobar; "the countryside of Ein Issa" yields to a
    village named with it. Origins ("fired from …") go where anything else is left.
    """
    kept = [c for c in choices if not c.origin]
    if all(c.place.kind in WIDE | {"road"} for c in kept):
        # "gunmen from Tasil in the Daraa countryside": the origin says more than the unit
        kept = choices
    left = [c for c in kept if not any(o is not c and _holds(c, o, sentence, gazetteer) for o in kept)]
    return [_representative(c, sentence, gazetteer) for c in left or kept[:1]]


def _representative(choice: Choice, sentence: Sentence, gazetteer: Gazetteer) -> Choice:
    """For a governorate the town in it that the operation named was about (codebook: closest natural location)."""
    if choice.place.kind != "governorate":
        return choice
    town = gazetteer.theatre_town(sentence.text, choice.place.admin1)
    if town is None:
        return choice
    return dataclasses.replace(choice, place=town, precision=2, wording="theatre of the operation named")


def of_operation(town: Place, mention: Mention) -> Choice:
    """The town an operation was about, for a deed of it at an unknown place: geo_precision 3, only the region."""
    return Choice(town, 3, mention, 0.0, wording="theatre of the operation named")


def _holds(outer: Choice, inner: Choice, sentence: Sentence, gazetteer: Gazetteer) -> bool:
    """True where `outer` only tells where `inner` lies."""
    if outer.place.id == inner.place.id:
        # the same place twice: the more precise, then the first mention, stands
        return (outer.precision, outer.mention.start) > (inner.precision, inner.mention.start)
    if gazetteer.contains(outer.place.id, inner.place.id):
        return not gazetteer.contains(inner.place.id, outer.place.id)
    if gazetteer.contains(inner.place.id, outer.place.id) or inner.place.kind == "governorate":
        return False
    if outer.place.country != "SY" or inner.place.country != "SY":
        return outer.place.kind == "country" and inner.place.country == outer.place.country
    away = km((outer.place.latitude, outer.place.longitude), (inner.place.latitude, inner.place.longitude))
    if outer.place.kind == "road" and inner.place.kind not in WIDE | {"road"}:
        return away < 90
    if inner.place.kind == "road":
        return False
    if outer.place.kind in {"region", "desert"} and inner.place.kind in {"city", "town"}:
        near = away < (250 if outer.place.kind == "desert" else 60)
        return near and (_follows(outer, inner, sentence) or _leads(outer, inner, sentence))
    if outer.place.kind in SITE and inner.place.kind in {"city", "town"}:
        return False  # "rebels of Aleppo at the Abu al-Zandin crossing"
    if outer.place.kind == "desert" and inner.place.kind not in WIDE:
        return away < 250
    if outer.place.kind in WIDE and inner.place.kind not in WIDE:
        return outer.place.admin1 == inner.place.admin1 or away < 90
    if inner.place.kind in WIDE and outer.place.kind not in WIDE:
        return False
    if away > 60 and outer.place.admin1 != inner.place.admin1:
        return False
    return _follows(outer, inner, sentence) or _leads(outer, inner, sentence)


_OPENS = re.compile(r"^\W*(?:(?:also|elsewhere|meanwhile|and|in|near|outside|around|across|the|on|at|northern|southern|eastern|western|rural|countryside|of|province|governorate|city|town|\w+ern)\W+)*$", re.I)  # fmt: skip


def _follows(outer: Choice, inner: Choice, sentence: Sentence) -> bool:
    """ "Nayrab in Idlib", "Ali Bak village in northern Afrin, Aleppo", "Tasil, west of Daraa"."""
    if outer.mention.start < inner.mention.end:
        return False
    behind = sentence.text[inner.mention.end : outer.mention.start]
    if len(behind) > 90 or ";" in behind or COORDINATED.search(behind):
        return False
    if any(inner.mention.end <= t.start and t.end <= outer.mention.start for t in sentence.triggers):
        return False  # "advanced towards Afrin, taking control of Malikiyah"
    if inner.place.kind == "city" and outer.place.kind in SMALL:
        return False  # "around Salamiyah city, near the village of Mabuja"
    if IN.search(behind) or ("(" in behind and ")" not in behind):
        return True
    if behind.strip() == ",":
        after = sentence.text[outer.mention.end : outer.mention.end + 6].lstrip()
        capital = (
            any(i.endswith("-governorate") for i, _, _ in outer.candidates)
            and inner.place.admin1 == outer.place.admin1
        )
        return (capital or outer.place.kind == "governorate") and not after.startswith((",", "and"))
    return behind.strip() in {"(", ""} and outer.place.kind == "city"


def _leads(outer: Choice, inner: Choice, sentence: Sentence) -> bool:
    """ "Aleppo's Salaheddine", "in the Idlib countryside, in Nayrab", "in Homs city's Bab Amr"."""
    if inner.mention.start < outer.mention.end:
        return False
    behind = sentence.text[outer.mention.end : inner.mention.start]
    if ";" in behind:
        return False
    if behind.startswith(":") and outer.mention.start < 3:
        return True  # a heading: "Homs: …"
    if (
        _OPENS.match(sentence.text[: outer.mention.start])
        and not COORDINATED.search(behind)
        and len(behind) > 12
    ):
        return True  # "Outside Damascus, … on Douma": the opening sets the scene
    if len(behind) > 90:
        return False
    if COUNTRY_AFTER.match(sentence.text[outer.mention.end :]) or (
        outer.wording and COUNTRYSIDE.search(outer.wording)
    ):
        return not COORDINATED.search(behind)
    if inner.place.parent == outer.place.id:
        return True
    if outer.place.kind in SMALL | {"town"} and "s" not in behind.split(" ")[0]:
        return False  # a list without commas: "in Dael Ibta Tal al-Saman"
    return (
        not IN.search(behind)
        and bool(re.fullmatch(r"(?:'s?|s)?\s+(?:[\w-]+\s+){0,3}(?:al-)?", behind))
        and inner.place.kind != "city"
        and not COORDINATED.search(behind)
    )
