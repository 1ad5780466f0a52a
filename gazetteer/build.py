"""Builds the layer: of a GeoNames dump, what the packaged table does not have yet.

A place of the dump that is one of the packaged table (a name of it, close by) gives no second place; its
spellings that no place has yet become spellings of the packaged one.
"""

from __future__ import annotations

import csv
import datetime
import hashlib
import io
import math
import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from conflict_events.events import Place

from . import geonames, layer, names
from .distance import km
from .gazetteer import ADMIN_KINDS, COLUMNS, LAYER_ID, PACKAGED, Gazetteer, keys_of
from .geonames import Feature

URL = "https://download.geonames.org/export/dump/{country}.zip"
Progress = Callable[[str, int, int], None]

_SAME_NAME = 7.0  # km within which two places of one name are one place
_SAME_CONSONANTS = 3.0  # the same where the consonants agree, and the vowels do not
_SAME_SPOT = 0.3  # the same whatever the names: settlements are not so close
_SITE = 3.0  # two airfields are not so close either
_BESIDE = 5  # tenths of a degree around a place in which its sub-district is looked for
_SETTLED = frozenset({"city", "town", "village", "hamlet", "farm", "neighbourhood", "camp"})
_HIGH = frozenset({"mountain", "hill"})
_AIR = frozenset({"airbase", "airport"})
_ENOUGH = 6  # letters of a key: shorter spellings of a packaged place are too easily another word


@dataclass(frozen=True, slots=True)
class Built:
    """What a build came to: the folder, and how many rows of the dump went where."""

    folder: Path
    rows: int
    places: int
    spellings: int
    known: int
    unused: int


@dataclass(slots=True)
class Layer:
    """What is added to the packaged table: places, and spellings of packaged places by their ids."""

    places: list[Place] = field(default_factory=list)
    spellings: list[tuple[str, str]] = field(default_factory=list)
    known: int = 0
    unused: int = 0


def _nothing(stage: str, done: int, total: int) -> None:
    pass


def build(
    dump: Path,
    country: str,
    folder: Path,
    *,
    source: str,
    last_modified: str = "",
    progress: Progress = _nothing,
) -> Built:
    """What was built into `folder` from a dump; an earlier layer there is replaced only when all is done.

    Raises GazetteerError for a dump that is not as GeoNames writes it, OSError where the folder cannot be
    written to.
    """
    found: list[Feature] = []
    for feature in geonames.features(dump, country):
        found.append(feature)
        if len(found) % 1000 == 0:
            progress("reading", len(found), 0)
    kept = [feature for feature in found if geonames.kind_of(feature)]
    packed = geonames.written(kept)
    made = compiled(kept, country, progress)
    manifest = layer.Manifest(
        country=country,
        source=source,
        retrieved=datetime.datetime.now(datetime.UTC).date().isoformat(),
        last_modified=last_modified,
        dump_sha256=_sha256(packed),
        rows=len(found),
        places=len(made.places),
        spellings=len(made.spellings),
        places_sha256="",
        made_for="",
    )
    folder.mkdir(parents=True, exist_ok=True)
    _replace(folder / layer.DUMP, packed)
    _write(made, folder, manifest)
    unused = len(found) - len(kept) + made.unused
    return Built(folder, len(found), len(made.places), len(made.spellings), made.known, unused)


def remake(folder: Path, target: Path, manifest: layer.Manifest) -> None:
    """Make the tables of a layer again from the dump beside them, for this version of the packaged table."""
    kept = list(geonames.features(folder / layer.DUMP, manifest.country))
    _write(compiled(kept, manifest.country), target, manifest)


def _write(made: Layer, folder: Path, manifest: layer.Manifest) -> None:
    """The manifest comes last: it says that what lies beside it is whole."""
    places = _places_csv(made.places)
    _replace(folder / layer.PLACES, places)
    _replace(folder / layer.SPELLINGS, _spellings_csv(made.spellings))
    manifest = replace(
        manifest,
        places=len(made.places),
        spellings=len(made.spellings),
        places_sha256=_sha256(places),
        made_for=layer.fingerprint(),
    )
    _replace(folder / layer.MANIFEST, manifest.written())


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _replace(path: Path, data: bytes) -> None:
    """Write beside, then rename, so that a reader sees the old file or the new one, never half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


# ---- from features to places -------------------------------------------------------------------------


def compiled(found: Iterable[Feature], country: str, progress: Progress = _nothing) -> Layer:
    """The places and spellings that a country's features add to the packaged table, larger ones first."""
    packaged = Gazetteer.load(layer=layer.NONE)
    ground = _Ground(packaged.places.values())
    # The packaged table has all units of its own country, in ACLED's spelling.
    listed = any(p.kind == "governorate" and p.country == country for p in ground.places)
    units = _Units(country, ground if listed else None)
    waiting: list[tuple[Feature, str]] = []
    made = Layer()
    for feature in found:
        kind = geonames.kind_of(feature)
        if not listed:
            units.learn(feature, kind)
        if not kind or (listed and kind in ADMIN_KINDS):
            made.unused += 1
        else:
            waiting.append((feature, kind))
    waiting.sort(key=lambda pair: (-pair[0].population, pair[0].id))
    new = _Ground(())
    for number, (feature, kind) in enumerate(waiting):
        if number % 500 == 0:
            progress("comparing", number, len(waiting))
        same = ground.same(feature, kind)
        if same is not None:
            made.known += 1
            made.spellings += [(same.id, name) for name in _unknown(feature, packaged)]
            continue
        if new.same(feature, kind) is not None:
            made.known += 1
            continue
        spellings = [name for name in _spellings(feature) if not _of_abroad(name, packaged, country, listed)]
        if not spellings:
            made.unused += 1
            continue
        place = _place(feature, kind, spellings, units)
        made.places.append(place)
        new.add(place)
    made.spellings = list(dict.fromkeys(made.spellings))
    progress("comparing", len(waiting), len(waiting))
    return made


def _spellings(feature: Feature) -> list[str]:
    """The Latin spellings of a feature, the usual one first, one a key."""
    named = (feature.ascii_name, feature.name, *feature.alternates)
    # "Fawqani", the upper one, names none by itself.
    wanted = [name for name in named if not all(map(names.is_head, names.words(name)))]
    by_key = {names.key(name): name for name in reversed(wanted) if geonames.is_latin(name)}
    by_key.pop("", None)
    return list(dict.fromkeys(by_key[k] for k in map(names.key, wanted) if k in by_key))


def _unknown(feature: Feature, packaged: Gazetteer) -> Iterator[str]:
    for name in _spellings(feature):
        if len(names.key(name)) >= _ENOUGH and not packaged.exact(name):
            yield name


def _of_abroad(name: str, packaged: Gazetteer, country: str, listed: bool) -> bool:
    """True for a name that is better known for a country ("Russia", ar-Rusiya), or for a city in another."""
    return any(
        place.kind == "country" or (listed and place.country != country) for place in packaged.exact(name)
    )


def _arabic(feature: Feature) -> str:
    return next((name for name in (feature.name, *feature.alternates) if geonames.is_arabic(name)), "")


def _place(feature: Feature, kind: str, spellings: list[str], units: _Units) -> Place:
    name, *others = spellings
    admin1, admin2, admin3 = units.of(feature)
    if kind in ADMIN_KINDS:  # what is below it is not its own
        admin2 = "" if kind == "governorate" else admin2
        admin3 = "" if kind != "subdistrict" else admin3
    return Place(
        f"{LAYER_ID}{feature.id}",
        name,
        name,
        kind,
        round(feature.latitude, 4),
        round(feature.longitude, 4),
        admin1,
        admin2,
        admin3,
        population=feature.population,
        name_ar=_arabic(feature),
        aliases=tuple(others),
        country=feature.country,
    )


_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ئ": "ي", "ؤ": "و", "_": " "})


def _folded(arabic: str) -> str:
    words = arabic.translate(_ARABIC).split()
    return "".join(word.removeprefix("ال") for word in words)


class _Ground:
    """Places by where they lie, so that a feature is compared with its neighbours only."""

    def __init__(self, places: Iterable[Place]) -> None:
        self.places: list[Place] = []
        self._cells: dict[tuple[int, int], list[Place]] = defaultdict(list)
        self._keys: dict[str, tuple[set[str], set[str]]] = {}
        for place in places:
            self.add(place)

    def add(self, place: Place) -> None:
        self.places.append(place)
        self._cells[_cell(place.latitude, place.longitude)].append(place)

    def around(self, latitude: float, longitude: float, cells: int = 1) -> Iterator[Place]:
        """The places in the cells of a tenth of a degree around a point."""
        row, column = _cell(latitude, longitude)
        for i in range(row - cells, row + cells + 1):
            for j in range(column - cells, column + cells + 1):
                yield from self._cells.get((i, j), ())

    def same(self, feature: Feature, kind: str) -> Place | None:
        """The place that a feature is, the nearest of those that it may be, or None."""
        keys = {names.key(name) for name in _spellings(feature)}
        bones = {bone for bone in map(names.consonants, keys) if len(bone) >= 3}
        arabic = _folded(_arabic(feature))
        best: tuple[float, Place] | None = None
        for place in self.around(feature.latitude, feature.longitude):
            if abs(place.latitude - feature.latitude) > _SAME_NAME / 111:
                continue
            if place.kind in ADMIN_KINDS or not _alike(kind, place.kind):
                continue
            distance = km((feature.latitude, feature.longitude), (place.latitude, place.longitude))
            if distance > _SAME_NAME or (best and best[0] <= distance):
                continue
            if distance <= (_SAME_SPOT if kind in _SETTLED else _SITE) or self._agree(
                place, distance, keys, bones, arabic
            ):
                best = (distance, place)
        return best[1] if best else None

    def _agree(self, place: Place, distance: float, keys: set[str], bones: set[str], arabic: str) -> bool:
        theirs, their_bones = self._keys_of(place)
        return bool(
            keys & theirs
            or (arabic and arabic == _folded(place.name_ar))
            or (distance <= _SAME_CONSONANTS and bones & their_bones)
        )

    def _keys_of(self, place: Place) -> tuple[set[str], set[str]]:
        if place.id not in self._keys:
            keys = {names.key(name) for name in (place.name, place.location, *place.aliases)}
            self._keys[place.id] = keys, {bone for bone in map(names.consonants, keys) if len(bone) >= 3}
        return self._keys[place.id]


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    return math.floor(latitude * 10), math.floor(longitude * 10)


def _alike(one: str, other: str) -> bool:
    return one == other or any(one in kinds and other in kinds for kinds in (_SETTLED, _HIGH, _AIR))


class _Units:
    """The names of the units in which features lie."""

    def __init__(self, country: str, ground: _Ground | None) -> None:
        self._ground = ground
        self._names: dict[tuple[str, ...], str] = {}
        with (PACKAGED / "geonames_admin1.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if row["country"] == country:
                    self._names[(row["code"],)] = row["admin1"]

    def learn(self, feature: Feature, kind: str) -> None:
        """Note the name of a unit of a country whose units the packaged table does not have."""
        level = ADMIN_KINDS.index(kind) + 1 if kind in ADMIN_KINDS and feature.feature_code != "ADM4" else 0
        if level and (spelt := _spellings(feature)):
            self._names.setdefault(feature.units[:level], spelt[0])

    def of(self, feature: Feature) -> tuple[str, str, str]:
        """Governorate, district and sub-district: by the dump's codes, or those of the nearest village."""
        if self._ground is None:
            one, two, three = feature.units
            return (
                self._names.get((one,), one),
                self._names.get((one, two), two),
                self._names.get((one, two, three), three),
            )
        admin1 = self._names.get((feature.units[0],), "")
        near = self._nearest(feature, admin1)
        return (near.admin1, near.admin2, near.admin3) if near else (admin1, "", "")

    def _nearest(self, feature: Feature, admin1: str) -> Place | None:
        assert self._ground is not None
        point = feature.latitude, feature.longitude
        for cells in (1, _BESIDE):
            near = [
                (km(point, (place.latitude, place.longitude)), place.id, place)
                for place in self._ground.around(*point, cells)
                if place.admin3
                and place.country == feature.country
                and place.admin1 == (admin1 or place.admin1)
                and place.kind in _SETTLED
            ]
            if near:
                return min(near)[2]
        return None


# ---- tables ------------------------------------------------------------------------------------------


def _places_csv(places: Iterable[Place]) -> bytes:
    return _csv(COLUMNS, (_cells(place) for place in places))


def _cells(place: Place) -> list[str]:
    aliases = "|".join(place.aliases)
    return [
        place.id,
        place.name,
        place.location,
        place.kind,
        f"{place.latitude:.4f}",
        f"{place.longitude:.4f}",
        place.admin1,
        place.admin2,
        place.admin3,
        place.pcode,
        str(place.population or ""),
        place.name_ar,
        aliases,
        place.country,
        place.parent,
        "|".join(keys_of(place.name, place.location, aliases)),
    ]


def _spellings_csv(spellings: Iterable[tuple[str, str]]) -> bytes:
    return _csv(("id", "alias", "key"), ((place, name, names.key(name)) for place, name in spellings))


def _csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8")
