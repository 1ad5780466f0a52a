"""Which places of a gazetteer lie elsewhere than their namesakes in another list of places.

The other list is a country dump of GeoNames or any CSV table with names and coordinates. A place is compared
with the nearest place of one of its names there; a name that the list gives only to places far away tells of
another village, so those are left out.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from pathlib import Path

from .events import Place
from .gazetteer import Gazetteer, GazetteerError
from .gazetteer.distance import Point
from .gazetteer.distance import km as distance
from .gazetteer.gazetteer import ADMIN_KINDS
from .gazetteer.geonames import features
from .gazetteer.names import key
from .gazetteer_check import Finding

# What such tables call their columns.
_NAMES = ("name", "asciiname", "ascii_name")
_OTHERS = ("alternates", "aliases", "alternatenames", "alternate_names")
_LATITUDES = ("latitude", "lat", "y")
_LONGITUDES = ("longitude", "lon", "lng", "long", "x")
# A namesake farther away than this, in km, is another place.
ANOTHER = 30.0
# A quarter bears the name of many a village, and an area has no point.
_AREAS = (*ADMIN_KINDS, "neighbourhood", "region", "desert", "road", "river", "border", "country", "sea")
Points = dict[str, list[Point]]


def astray(folder: Path | None, reference: Path, km: float = 5.0) -> Iterator[Finding]:
    """A warning for each place more than `km` from its nearest namesake in `reference`, in the table's order.

    The places are those of the packaged table, or those that `folder`/places.csv adds or replaces. Areas,
    lines and quarters of cities are left out. Raises GazetteerError for an unusable file.
    """
    points = _points(reference)
    packaged = Gazetteer.load(layer="none")
    gazetteer = Gazetteer.load(folder, layer="none") if folder else packaged
    for place in gazetteer.places.values():
        if place.country != "SY" or place.kind in _AREAS:
            continue
        if folder and packaged.get(place.id) == place:
            continue
        away = min(
            (
                distance(p, (place.latitude, place.longitude))
                for name in _names(place)
                for p in points.get(name, ())
            ),
            default=0.0,
        )
        if km < away <= ANOTHER:
            yield Finding(
                place.id, f"{place.name}: {away:.1f} km from its namesake in {reference.name}", False
            )


def _names(place: Place) -> set[str]:
    return {key(name) for name in (place.name, place.location, *place.aliases)} - {""}


def _points(path: Path) -> Points:
    if not path.is_file():
        raise GazetteerError(f"{path}: no such file")
    found: Points = {}
    for names, point in _table(path) if path.suffix.lower() in {".csv", ".tsv"} else _dump(path):
        for name in {key(name) for name in names} - {""}:
            found.setdefault(name, []).append(point)
    return found


def _dump(path: Path) -> Iterator[tuple[list[str], Point]]:
    for feature in features(path, "SY"):
        yield [feature.name, feature.ascii_name, *feature.alternates], (feature.latitude, feature.longitude)


def _table(path: Path) -> Iterator[tuple[list[str], Point]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t" if path.suffix.lower() == ".tsv" else ",")
            columns = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
            name = _column(path, columns, _NAMES)
            latitude, longitude = (_column(path, columns, wanted) for wanted in (_LATITUDES, _LONGITUDES))
            others = next((columns[other] for other in _OTHERS if other in columns), None)
            for cells in reader:
                where = f"{path.name}:{reader.line_num}"
                point = _degrees(where, cells[latitude]), _degrees(where, cells[longitude])
                alternates = (cells[others] or "").replace(",", "|").split("|") if others else []
                yield [cells[name] or "", *alternates], point
    except (UnicodeDecodeError, csv.Error) as error:
        raise GazetteerError(f"{path.name}: not a CSV table in UTF-8 ({error})") from None


def _column(path: Path, columns: dict[str, str], wanted: tuple[str, ...]) -> str:
    for name in wanted:
        if name in columns:
            return columns[name]
    raise GazetteerError(f"{path.name}: no column {' or '.join(wanted)}")


def _degrees(where: str, cell: str | None) -> float:
    try:
        degrees = float(cell or "")
    except ValueError:
        degrees = math.nan
    if not -180 <= degrees <= 180:
        raise GazetteerError(f'{where}: "{cell}" is no latitude or longitude in degrees')
    return degrees
