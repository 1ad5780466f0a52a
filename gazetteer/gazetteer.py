"""The gazetteer: places by id, by exact name, and by a name that is only nearly right."""

from __future__ import annotations

import csv
import datetime
import functools
import gc
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from conflict_events.events import Place

from . import names
from .likeness import initials, likeness

PACKAGED = Path(__file__).parent

COLUMNS = (
    "id",
    "name",
    "location",
    "kind",
    "latitude",
    "longitude",
    "admin1",
    "admin2",
    "admin3",
    "pcode",
    "population",
    "name_ar",
    "aliases",
    "country",
    "parent",
    "keys",
)

ADMIN_KINDS = ("governorate", "district", "subdistrict")

# What a place of each kind weighs against a namesake where no population is given (homonyms are listed
# heaviest first). Settlements come before the admin unit of their name, because a bare "Hama" is the city.
_WEIGHTS = {
    "country": 9_000_000,
    "city": 100_000,
    "region": 40_000,
    "governorate": 9_500,
    "airbase": 25_000,
    "airport": 25_000,
    "base": 8_000,
    "crossing": 12_000,
    "camp": 15_000,
    "town": 10_000,
    "neighbourhood": 9_000,
    "dam": 8_000,
    "oilfield": 8_000,
    "gasfield": 8_000,
    "prison": 8_000,
    "desert": 8_000,
    "sea": 8_000,
    "mountain": 5_000,
    "island": 5_000,
    "lake": 4_000,
    "river": 4_000,
    "road": 4_000,
    "border": 4_000,
    "hospital": 3_000,
    "factory": 3_000,
    "bridge": 2_000,
    "hill": 2_000,
    "farm": 800,
    "village": 1_000,
    "hamlet": 500,
    "district": 300,
    "subdistrict": 200,
}
KINDS = frozenset(_WEIGHTS)

# How the ids of places begin that the packaged table lacks and a built layer has. Their names come from maps,
# so what they weigh is a fraction of a namesake that the table's makers have seen.
LAYER_ID = "geonames-"
_LAYER_SHARE = 0.3
# And a name that is only nearly one of theirs is rather nearly one of the packaged table.
_LAYER_LIKENESS = 0.9

# What the likeness of two keys must be at least, and what it counts for, one key and another never being as
# good as the same.
_LEAST = 0.75
_NEARLY = 0.97
# Namesakes looked at where what they must lie in will leave few.
_MANY = 20

# Entries kept of what is made from the table when it is asked for.
_KEPT = 3072
T = TypeVar("T")

# The reason in stopnames.csv that the Arabic article outweighs.
COMMON_WORD = "common word"


class GazetteerError(ValueError):
    """A gazetteer file that cannot be used: the message gives file, line and what is wrong with it."""


def _weight(place: Place) -> float:
    if place.kind in ADMIN_KINDS:
        return _WEIGHTS[place.kind]
    weight = float(max(place.population, _WEIGHTS[place.kind]))
    if place.id.startswith(LAYER_ID):
        weight *= _LAYER_SHARE
    # A place abroad is listed to be recognised, not to win: an equal Syrian namesake goes first.
    return weight if place.country == "SY" else weight * 0.5


@dataclass(frozen=True, slots=True)
class Homonym:
    """A row of homonyms.csv: in running text `name` means the place of this id.

    With an `admin1` that holds only in articles that name the governorate, or a place that lies only there.
    """

    name: str
    place_id: str
    admin1: str = ""
    where: str = ""


class Gazetteer:
    """The places that rows can be written for, and those abroad that must not be taken for them.

    Made by `load`. Names are compared under `names.key`; a name may belong to several places ("Hama" is a
    city, a district and a governorate), and deciding between them is left to the caller, who has the context.
    """

    def __init__(
        self,
        places: Mapping[str, Place],
        needing_cue: Mapping[tuple[int, str], str] | None = None,
        spellings: Iterable[tuple[str, str]] = (),
        homonyms: Iterable[Homonym] = (),
    ) -> None:
        """Take places by id, names that need a cue with the reason, and further keys of places by their ids.

        The places that a layer adds come last in `places`, and so do its keys in `spellings`. `homonyms` say
        which place a name means.
        """
        self.places = places
        self._homonyms: dict[str, list[Homonym]] = {}
        for homonym in homonyms:
            self._homonyms.setdefault(names.key(homonym.name), []).append(homonym)
        self._needing_cue = dict(needing_cue or {})
        self._borrowed: set[str] = set()
        self._index: dict[str, list[str]] = {}
        self._found: dict[str, tuple[Place, ...]] = {}
        self._around: dict[str, frozenset[str]] = {}
        self._asked: tuple[str, list[str]] = ("", [])
        spelt = places.spelt() if isinstance(places, _Table) else _spelt(places.values())
        for place_id, keys in spelt:
            if place_id.startswith(LAYER_ID):
                self._borrowed.update(key for key in keys if key not in self._index)
            for key in keys:
                if key:
                    self._index.setdefault(key, []).append(place_id)
        for place_id, key in spellings:
            if key and key not in self._index:
                self._borrowed.add(key)
            if key and place_id in places:
                self._index.setdefault(key, []).append(place_id)
        for key, meant in self._homonyms.items():
            self._index.setdefault(key, []).extend(homonym.place_id for homonym in meant)
            self._borrowed.discard(key)

    @functools.cached_property
    def max_words(self) -> int:
        """How many words the longest name has, counting what hyphens join."""
        meant = (homonym.name for homonyms in self._homonyms.values() for homonym in homonyms)
        longest = max(map(_count_words, meant), default=1)
        if isinstance(self.places, _Table):
            return max(longest, self.places.max_words())
        spellings = (name for place in self.places.values() for name in _names(place))
        return max(longest, max(map(_count_words, spellings), default=1))

    @classmethod
    def load(
        cls, folder: Path | None = None, layer: Path | str | None = None, *, data: Path | None = None
    ) -> Gazetteer:
        """The packaged gazetteer, with the rows of `folder`/places.csv over it and a built layer under it.

        A row of `folder` with the id of a packaged place replaces it, one with a new id is added; of the
        columns only id, name, kind, latitude and longitude are required. A `folder`/stopnames.csv adds to
        the names that need a cue, a `folder`/homonyms.csv says which place a name means. The same three files
        in the folder `data`, those of them that are there, are laid over all. `layer` is a folder that
        `build` made, a country's code, or "none"; by default the environment variable CONFLICT_EVENTS_LAYER
        says which, and else Syria's is used where it was built. Raises GazetteerError where a file is missing
        or a row is wrong.
        """
        # Thousands of small objects and no garbage: the collector would only count them again and again.
        collecting = gc.isenabled()
        gc.disable()
        try:
            return cls._load(folder, layer, data)
        finally:
            if collecting:
                gc.enable()

    @classmethod
    def _load(cls, folder: Path | None, layer: Path | str | None, data: Path | None) -> Gazetteer:
        from . import layer as layers

        places = _Table(PACKAGED / "places.csv")
        needing_cue = _read_stopnames(PACKAGED / "stopnames.csv")
        if folder is not None and not (overlay := Path(folder) / "places.csv").is_file():
            raise GazetteerError(f"{overlay}: no such file; a gazetteer folder holds a places.csv")
        over = [Path(found) for found in (folder, data) if found is not None]
        for overlay in over:
            if (rows := overlay / "places.csv").is_file():
                places.lay_over(rows)
            if (stopnames := overlay / "stopnames.csv").is_file():
                needing_cue.update(_read_stopnames(stopnames))
        spellings: list[tuple[str, str]] = []
        if (below := layers.chosen(layer)) is not None:
            with layers.ready(below) as made:
                try:
                    places.lay_under(made / layers.PLACES)
                    spelt = _rows(made / layers.SPELLINGS, layers.COLUMNS, layers.COLUMNS)
                    spellings = [(place_id, key) for _, (place_id, _, key) in spelt]
                except GazetteerError as error:
                    raise GazetteerError(f"{below}: {error}: {layers.REMEDY}") from None
        homonyms = [
            homonym
            for overlay in over
            if (path := overlay / "homonyms.csv").is_file()
            for homonym in _read_homonyms(path, places)
        ]
        return cls(places, needing_cue, spellings, homonyms)

    def get(self, place_id: str) -> Place | None:
        """The place of this id, or None."""
        return self.places.get(place_id)

    def exact(self, name: str) -> tuple[Place, ...]:
        """All places of this name under `names.key`, the largest first; empty where there is none.

        Settlements and sites come before the admin units named after them.
        """
        return self._of_key(names.key(name))

    def surely_not(self, name: str) -> bool:
        """True where it is quickly seen that no place has this name, which is of letters and spaces only."""
        key = names.quick_key(name)
        return bool(key) and key not in self._index

    @functools.cached_property
    def beginnings(self) -> names.Beginnings:
        """What tells words that begin the name of a Syrian place from most others."""
        abroad: set[str] = set()
        if isinstance(self.places, _Table):
            abroad = {place_id for place_id in self.places if self.places.country(place_id) != "SY"}
        return names.Beginnings(key for key, ids in self._index.items() if not abroad.issuperset(ids))

    def _of_key(self, key: str) -> tuple[Place, ...]:
        if key not in self._index:
            return ()  # what is asked for in vain is not kept: there is no end of it
        found = self._found.get(key)
        if found is None:
            ids = dict.fromkeys(self._index[key])
            found = tuple(sorted((self.places[i] for i in ids), key=_weight, reverse=True))
            _keep(self._found, key, found)
        return found

    def needs_cue(self, name: str) -> bool:
        """True for a name that is also a word or a person's name, such as "Hole" or "Hamza".

        It should be taken for a place only behind a cue such as "town of" or "in" with a governorate beside.
        A common word written with the Arabic article ("al-Hol") needs no other cue, a family name does. A
        name that only a built layer has needs one where it is a single word, or may be a person's.
        """
        key = names.key(name)
        if key in self._borrowed and _may_be_else(name, key):
            return True
        reason = self._needing_cue.get(_cue_key(name), "")
        return bool(reason) and not (reason == COMMON_WORD and names.has_article(name))

    def meant_by(self, name: str) -> Sequence[Homonym]:
        """What homonyms.csv says of the name: which place it means, and where; the last word first."""
        return self._homonyms.get(names.key(name), [])[::-1] if self._homonyms else ()

    def is_personal(self, name: str) -> bool:
        """True for a word that is listed as a person's name."""
        return self._needing_cue.get(_cue_key(name), "").startswith("personal")

    def fuzzy(self, name: str, limit: int = 5, *, by_sound: bool = False) -> list[tuple[Place, float, str]]:
        """The places whose names are nearest to `name`: (place, score from 0 to 1, tier), best first.

        Tiers: "exact"; "skeleton", the same consonants; "edit", a letter or two away. A score below 1 is the
        likeness of the two keys, less for a name that only a built layer has. Only for strings that the
        context has shown to be places: an English word can be a letter away from a village.

        With `by_sound` the score is that of `likeness`, which finds and ranks better where a person asks for
        a name; what running text may take for a place is set by the plain one.
        """
        if found := self.exact(name):
            return [(place, 1.0, "exact") for place in found[:limit]]
        wanted = names.key(name)
        # Under five letters everything is a letter away from something.
        if len(wanted) < 4 or limit < 1:
            return []
        best: dict[str, tuple[Place, float, str]] = {}
        for other, score, tier in self._near(wanted, names.consonants(wanted), by_sound):
            if other in self._borrowed:
                score = round(score * _LAYER_LIKENESS, 3)
            for place in self._of_key(other):
                if place.id not in best or best[place.id][1] < score:
                    best[place.id] = (place, score, tier)
        return sorted(best.values(), key=lambda hit: (-hit[1], -_weight(hit[0]), hit[0].id))[:limit]

    def named(self, name: str, within: Iterable[str] = (), limit: int = 5) -> list[tuple[Place, float, str]]:
        """The places that a name asked for may mean, as `fuzzy` by sound gives them, the likeliest first.

        Each lies in everything that `within` names: a unit, a city, a country. Where no place of exactly this
        name does, those of nearly this name are taken, `limit` of them at most where `within` is empty.
        """
        around = [unit for unit in within if unit]
        same = [(place, 1.0, "exact") for place in self.exact(name)]
        if fitting := [hit for hit in same if self._lies_in_all(hit[0], around)]:
            return fitting
        near = self.fuzzy(name, _MANY if around else limit, by_sound=True)
        return [hit for hit in near if self._lies_in_all(hit[0], around)]

    def _lies_in_all(self, place: Place, around: list[str]) -> bool:
        return all(self._lies_in(place, unit) for unit in around)

    def _lies_in(self, place: Place, unit: str) -> bool:
        # No event is placed at a country, so Syria itself is no row of the table.
        if names.key(unit) == names.key("Syria"):
            return place.country == "SY"
        outer = self.exact(unit)
        if any(o.id == place.id or self.contains(o.id, place.id) for o in outer):
            return True
        if any(o.kind == "country" and o.country == place.country for o in outer):
            return True
        return bool(place.admin1) and self.admin1_of(unit) == place.admin1

    def _near(self, wanted: str, skeleton: str, by_sound: bool) -> Iterator[tuple[str, float, str]]:
        from rapidfuzz import fuzz, process
        from rapidfuzz.distance import OSA

        if len(skeleton) >= 3:
            for other in self._skeletons.get(skeleton, ()):
                if by_sound:
                    yield from _sounding(wanted, other, "skeleton")
                elif (score := fuzz.ratio(wanted, other) / 100) >= 0.7:
                    yield other, round(0.75 + score * 0.2, 3), "skeleton"
        # The first letter of a name is hardly ever mistaken, and holding on to it keeps words out.
        allowed = 0 if len(wanted) < 5 else 1 if len(wanted) < 9 else 2
        if allowed:
            letters = initials(wanted) if by_sound else wanted[0]
            keys = [key for letter in letters for key in self._initials.get(letter, ())]
            hits = process.extract(wanted, keys, scorer=OSA.distance, score_cutoff=allowed, limit=20)
            for other, distance, _ in hits:
                if by_sound:
                    yield from _sounding(wanted, other, "edit")
                else:
                    yield other, round(0.95 * (1 - distance / len(wanted)), 3), "edit"

    @functools.cached_property
    def _skeletons(self) -> dict[str, tuple[str, ...]]:
        grouped: dict[str, list[str]] = {}
        for key, skeleton in zip(self._index, names.all_consonants(self._index), strict=True):
            grouped.setdefault(skeleton, []).append(key)
        return {skeleton: tuple(sorted(keys)) for skeleton, keys in grouped.items()}

    @functools.cached_property
    def _initials(self) -> dict[str, tuple[str, ...]]:
        grouped: dict[str, list[str]] = {}
        for key in self._index:
            grouped.setdefault(key[0], []).append(key)
        return {letter: tuple(sorted(keys)) for letter, keys in grouped.items()}

    def admin1_of(self, name: str) -> str:
        """ACLED's spelling of the governorate that `name` names, empty where it names none.

        A word such as "governorate", "province" or "countryside" behind the name is ignored, so "Idlib",
        "Idleb province" and "the governorate of Idlib" all give "Idleb".
        """
        lowered = names.words(name)
        core = [word for word in lowered if word not in _ADMIN_WORDS]
        if core[:1] == ["of"]:
            core = core[1:]
        for attempt in (name, " ".join(core)):
            for place in self.exact(attempt):
                if place.kind == "governorate":
                    return place.admin1
        return ""

    def names_theatre(self, text: str) -> bool:
        """True where `text` may name a force or an operation of theatres.csv; never wrongly False."""
        runs = _RUN.findall(text.lower())
        words = self._theatre_words
        return any(
            tuple(runs[i + 1 : i + 1 + len(rest)]) == rest
            for i in [i for i, run in enumerate(runs) if run in words]
            for rest in words[runs[i]]
        )

    def theatres(self, text: str) -> dict[str, float]:
        """Units in which the forces and operations that `text` names were active: name of unit, weight to 1.

        A unit is a governorate, a district, or "governorate/district" where both have one name.
        """
        found: dict[str, float] = {}
        for phrase in set(self._phrases_in(text)):
            for units, weight, _ in self._theatres[phrase]:
                for unit in units:
                    found[unit] = max(found.get(unit, 0.0), weight)
        return found

    def campaigns(self, text: str, day: datetime.date) -> dict[str, float]:
        """Units in which two sides that `text` names fought each other on a day: name of unit, weight to 1.

        A unit is a governorate, a district, "governorate/district" or "district/sub-district".
        """
        found: dict[str, float] = {}
        for since, until, one, other, units, weight in self._campaigns:
            if since <= day <= until and one.search(text) and other.search(text):
                for unit in units:
                    found[unit] = max(found.get(unit, 0.0), weight)
        return found

    @functools.cached_property
    def _campaigns(self) -> list[_Campaign]:
        known = ("since", "until", "one", "other", "units", "weight")
        return [
            (
                datetime.date.fromisoformat(since),
                datetime.date.fromisoformat(until),
                _side(one),
                _side(other),
                tuple(units.split("|")),
                float(weight),
            )
            for _, (since, until, one, other, units, weight) in _rows(
                PACKAGED / "campaigns.csv", known, known
            )
        ]

    def _phrases_in(self, text: str) -> list[str]:
        """The phrases of theatres.csv in `text`, in order; several rules ask for those of one sentence."""
        asked = self._asked
        if text != asked[0]:
            theatre = self._theatre if self.names_theatre(text) else None
            asked = self._asked = text, [m.lower() for m in theatre.findall(text)] if theatre else []
        return asked[1]

    def theatre_town(self, text: str, admin1: str) -> Place | None:
        """The town of a governorate that an operation named in `text` was about, or None."""
        for phrase in self._phrases_in(text):
            for place_id in (town for _, _, towns in self._theatres[phrase] for town in towns):
                place = self.places.get(place_id)
                if place is not None and place.admin1 == admin1:
                    return place
        return None

    def operation_town(self, text: str) -> Place | None:
        """The one town that the operations named in `text` were about, None where there is not just one."""
        found = {
            place_id
            for phrase in self._phrases_in(text)
            for _, _, towns in self._theatres[phrase]
            for place_id in towns
        }
        return self.places.get(found.pop()) if len(found) == 1 else None

    @functools.cached_property
    def _theatres(self) -> dict[str, list[tuple[tuple[str, ...], float, tuple[str, ...]]]]:
        """Each phrase with its rows: units, weight, towns; a force may have a main theatre and others."""
        known = ("phrase", "units", "weight", "towns")
        found: dict[str, list[tuple[tuple[str, ...], float, tuple[str, ...]]]] = {}
        for _, (phrase, units, weight, towns) in _rows(PACKAGED / "theatres.csv", known, known):
            row = (tuple(units.split("|")), float(weight), tuple(filter(None, towns.split("|"))))
            found.setdefault(phrase.lower(), []).append(row)
        return found

    @functools.cached_property
    def _theatre(self) -> re.Pattern[str] | None:
        if not self._theatres:
            return None
        # Longest first: "Islamic State" is not "Islam", "Turkish-backed" is Turkish.
        phrases = sorted(self._theatres, key=len, reverse=True)
        return re.compile(r"\b(?:" + "|".join(map(re.escape, phrases)) + r")\b", re.I)

    @functools.cached_property
    def _theatre_words(self) -> dict[str, tuple[tuple[str, ...], ...]]:
        """The phrases of theatres as words, by their first."""
        found: dict[str, set[tuple[str, ...]]] = {}
        for first, *rest in map(_RUN.findall, self._theatres):
            found.setdefault(first, set()).add(tuple(rest))
        return {first: tuple(rests) for first, rests in found.items()}

    def children(self, place_id: str) -> tuple[Place, ...]:
        """The places that lie directly in this one: neighbourhoods of a city, places of an admin unit."""
        place = self.places.get(place_id)
        if place is None:
            return ()
        return tuple(
            other for other in self.places.values() if other.id != place_id and _directly_in(place, other)
        )

    def contains(self, a: str, b: str) -> bool:
        """True where the place of id `b` lies inside the place of id `a`, and they are not the same.

        A neighbourhood lies in its city, a town in its sub-district, district and governorate, a settlement
        in its region where the table says so; a city does not contain the villages around it.
        """
        return a in self.around(b)

    def around(self, place_id: str) -> frozenset[str]:
        """The ids of all places in which the place of id `place_id` lies, none for an unknown one."""
        if (known := self._around.get(place_id)) is None:
            known = frozenset(self._outer(place_id)) - {place_id}
            _keep(self._around, place_id, known)
        return known

    def _outer(self, place_id: str) -> Iterator[str]:
        """The admin units of the place, the place that the table says it lies in, and so on outward."""
        inner, seen = self.places.get(place_id), {place_id}
        while inner is not None:
            units = self._units.get((inner.country, inner.admin1), ())
            yield from (unit.id for unit in units if _in_admin_unit(unit, inner))
            if not inner.parent or inner.parent in seen:
                return
            seen.add(inner.parent)
            inner = self.places.get(inner.parent)
            if inner is not None:
                yield inner.id

    @functools.cached_property
    def _units(self) -> dict[tuple[str, str], list[Place]]:
        """The admin units by country and governorate."""
        units: dict[tuple[str, str], list[Place]] = {}
        table = self.places
        found = table.of_kinds(ADMIN_KINDS) if isinstance(table, _Table) else table.values()
        for place in found:
            if place.kind in ADMIN_KINDS:
                units.setdefault((place.country, place.admin1), []).append(place)
        return units


_PERSONAL = frozenset("abd abdul abu bin bint bu haj haji ibn imam malik mula nabi sayid shaykh um".split())


def _may_be_else(name: str, key: str) -> bool:
    words = names.words(name)
    return len(words) < 2 or len(key) < _LONG_ENOUGH or names.key(words[0]) in _PERSONAL


_LONG_ENOUGH = 6  # letters of a key of two words that is no other word


_ADMIN_WORDS = frozenset(
    {"the", "governorate", "governate", "province", "muhafazah", "region", "countryside"}
)


def _names(place: Place) -> Iterator[str]:
    yield place.name
    if place.location != place.name:
        yield place.location
    yield from place.aliases


def _in_admin_unit(unit: Place, place: Place) -> bool:
    if unit.kind not in ADMIN_KINDS or place.admin1 != unit.admin1 or place.country != unit.country:
        return False
    if unit.kind == "governorate":
        return place.kind != "governorate"
    if unit.kind == "district":
        return place.admin2 == unit.admin2 and place.kind not in ("governorate", "district")
    return (place.admin2, place.admin3) == (unit.admin2, unit.admin3) and place.kind not in ADMIN_KINDS


def _directly_in(place: Place, other: Place) -> bool:
    return other.parent == place.id or _in_admin_unit(place, other)


_Campaign = tuple[datetime.date, datetime.date, re.Pattern[str], re.Pattern[str], tuple[str, ...], float]


_RUN = re.compile(r"[^\W_]+")


def _side(names: str) -> re.Pattern[str]:
    """A pattern for the words that name a side; initials in capitals only: "IS" is not "is"."""
    words = (re.escape(name) if name.isupper() else f"(?i:{re.escape(name)})" for name in names.split("|"))
    return re.compile(r"\b(?:" + "|".join(words) + r")s?\b")


def _sounding(wanted: str, other: str, tier: str) -> Iterator[tuple[str, float, str]]:
    if (score := likeness(wanted, other)) >= _LEAST:
        yield other, round(_NEARLY * score, 3), tier


class _Table(Mapping[str, Place]):
    """The rows of places.csv by id; a row becomes a Place when it is first asked for.

    A short run asks for a dozen of them, and making all would take longer than reading the article.
    """

    def __init__(self, path: Path) -> None:
        self._cells: dict[str, tuple[str, int, list[str]]] = {}
        self._made: dict[str, Place] = {}
        self._read(path)

    def _read(self, path: Path) -> None:
        lines: dict[str, int] = {}
        for line, cells in _rows(path, ("id", "name", "kind", "latitude", "longitude"), COLUMNS):
            if (place_id := cells[0]) in lines:
                raise GazetteerError(
                    f'{path.name}:{line}: id "{place_id}" is already on {path.name}:{lines[place_id]}'
                )
            lines[place_id] = line
            self._cells[place_id] = (path.name, line, cells)

    def lay_over(self, path: Path) -> None:
        """Replace and add rows from a user's file, every one of them checked."""
        before = dict(self._cells)
        self._read(path)
        for place_id, row in self._cells.items():
            if before.get(place_id) is not row:
                self._made[place_id] = _place(*row)

    def lay_under(self, path: Path) -> None:
        """Add the rows of a layer whose ids are not there yet."""
        above = dict(self._cells)
        self._cells = {}
        self._read(path)
        self._cells = above | {i: row for i, row in self._cells.items() if i not in above}

    def spelt(self) -> Iterator[tuple[str, list[str]]]:
        """Each id with the keys of its name, location and aliases, empty where one repeats another.

        The column `keys` holds them ready made; where it does not have one key a name, they are made here.
        """
        for place_id, (_, _, cells) in self._cells.items():
            keys = cells[15].split("|")
            if not cells[15] or len(keys) != 2 + (cells[12].count("|") + 1 if cells[12] else 0):
                keys = keys_of(cells[1], cells[2], cells[12])
            yield place_id, keys

    def country(self, place_id: str) -> str:
        """The country of a place; the row becomes no Place for it."""
        return self._cells[place_id][2][13] or "SY"

    def max_words(self) -> int:
        """How many words the longest name has."""
        rows = (cells for _, _, cells in self._cells.values())
        return max(_count_words(name) for c in rows for name in f"{c[1]}|{c[2]}|{c[12]}".split("|"))

    def of_kinds(self, kinds: Collection[str]) -> Iterator[Place]:
        """The places of these kinds; no other row becomes a Place for it."""
        return (self[place_id] for place_id, (_, _, cells) in self._cells.items() if cells[3] in kinds)

    def __getitem__(self, place_id: str) -> Place:
        if (place := self._made.get(place_id)) is None:
            place = _place(*self._cells[place_id])
            _keep(self._made, place_id, place)
        return place

    def __contains__(self, place_id: object) -> bool:
        return place_id in self._cells

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)


def _keep(found: dict[str, T], name: str, value: T) -> None:
    """Keep what is asked for again and again, as far as it stays within a few megabytes."""
    if len(found) >= _KEPT:
        found.clear()
    found[name] = value


def _count_words(name: str) -> int:
    return name.count(" ") + name.count("-") + 1


def keys_of(name: str, location: str, aliases: str) -> list[str]:
    """The cell `keys` of a row, as a list: the key of the name, of the location, of each alias.

    A key that the row has already is left empty, so that the cell is short and still in step with the names.
    """
    seen: set[str] = {""}
    keys = []
    for spelling in (name, location, *(aliases.split("|") if aliases else ())):
        key = names.key(spelling)
        keys.append("" if key in seen else key)
        seen.add(key)
    return keys


def _spelt(places: Iterable[Place]) -> Iterator[tuple[str, list[str]]]:
    for place in places:
        yield place.id, keys_of(place.name, place.location, "|".join(place.aliases))


def _rows(path: Path, required: tuple[str, ...], known: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Each row as its line and its cells in the order of `known`, absent ones empty."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            header = tuple(next(reader, ()))
            if missing := [column for column in required if column not in header]:
                raise GazetteerError(f"{path.name}:1: no column {', '.join(missing)}")
            if unknown := [column for column in header if column not in known]:
                raise GazetteerError(f'{path.name}:1: unknown column "{unknown[0]}"')
            order = [header.index(column) if column in header else -1 for column in known]
            width, same = len(header), header == known
            for cells in reader:
                if len(cells) != width:
                    if not any(cells):
                        continue
                    raise GazetteerError(
                        f"{path.name}:{reader.line_num}: {len(cells)} cells, the header has {width}"
                    )
                yield reader.line_num, cells if same else [cells[i] if i >= 0 else "" for i in order]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise GazetteerError(f"{path.name}: cannot be read: {error}") from error


def _place(file: str, line: int, cells: list[str]) -> Place:
    where = f"{file}:{line}"
    place_id, name, location, kind, lat, lon, admin1, admin2, admin3 = cells[:9]
    pcode, population, arabic, aliases, country, parent = cells[9:15]
    if kind not in KINDS:
        raise GazetteerError(f'{where}: unknown kind "{kind}"')
    if not place_id or not name:
        raise GazetteerError(f"{where}: id and name must not be empty")
    latitude, longitude = _number(where, "latitude", lat), _number(where, "longitude", lon)
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise GazetteerError(f"{where}: no such point: {lat}, {lon}")
    return Place(
        place_id,
        name,
        location or name,
        kind,
        latitude,
        longitude,
        admin1,
        admin2,
        admin3,
        pcode,
        int(_number(where, "population", population)) if population else 0,
        arabic,
        tuple(aliases.split("|")) if aliases else (),
        country or "SY",
        parent,
    )


def _number(where: str, column: str, cell: str) -> float:
    try:
        return float(cell)
    except ValueError:
        raise GazetteerError(f'{where}: {column} "{cell}" is not a number') from None


def _read_stopnames(path: Path) -> dict[tuple[int, str], str]:
    """The reason why a name needs a cue, by its `_cue_key`."""
    rows = _rows(path, ("name", "reason"), ("name", "reason"))
    return {_cue_key(name): reason for _, (name, reason) in rows}


HOMONYM_COLUMNS = ("name", "place_id", "admin1", "example", "remarks")


def _read_homonyms(path: Path, places: Mapping[str, Place]) -> Iterator[Homonym]:
    """What a user's table says of names; GazetteerError for a place or governorate that is not known."""
    seen: dict[tuple[str, str], int] = {}
    for line, (name, place_id, admin1, _, _) in _rows(path, HOMONYM_COLUMNS[:2], HOMONYM_COLUMNS):
        where = f"{path.name}:{line}"
        key = names.key(name)
        if not key:
            raise GazetteerError(f'{where}: name "{name}" has no letters')
        if place_id not in places:
            raise GazetteerError(
                f'{where}: unknown place_id "{place_id}"; `conflict-events gazetteer lookup` gives the ids'
            )
        if admin1 and admin1 not in _governorates(places):
            raise GazetteerError(f'{where}: unknown admin1 "{admin1}"; write it as {places[place_id].admin1}')
        if (before := seen.setdefault((key, admin1), line)) != line:
            raise GazetteerError(f'{where}: "{name}" is already on {path.name}:{before}')
        yield Homonym(name, place_id, admin1, where)


def _governorates(places: Mapping[str, Place]) -> frozenset[str]:
    ids = (place_id for place_id in places if place_id.endswith("-governorate"))
    return frozenset(places[place_id].admin1 for place_id in ids)


def _cue_key(name: str) -> tuple[int, str]:
    """The number of words and the key: "Rasin", a name, and "Ras al-Ain", a town, share the key alone."""
    return len(names.words(name)), names.key(name)
