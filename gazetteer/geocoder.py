"""A geopy geocoder over the gazetteer, with Nominatim's contract and no network."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from geopy.distance import great_circle
from geopy.exc import GeocoderQueryError
from geopy.geocoders.base import Geocoder
from geopy.location import Location
from geopy.point import Point

from conflict_events.events import Place

from .gazetteer import ADMIN_KINDS, Gazetteer

# OpenStreetMap's class and type, as Nominatim gives them, for the kinds that have a usual one.
_CLASSES = {
    "governorate": ("boundary", "administrative"),
    "district": ("boundary", "administrative"),
    "subdistrict": ("boundary", "administrative"),
    "neighbourhood": ("place", "neighbourhood"),
    "airbase": ("aeroway", "aerodrome"),
    "airport": ("aeroway", "aerodrome"),
    "base": ("landuse", "military"),
    "crossing": ("barrier", "border_control"),
    "dam": ("waterway", "dam"),
    "river": ("waterway", "river"),
    "lake": ("natural", "water"),
    "mountain": ("natural", "peak"),
    "hill": ("natural", "peak"),
    "desert": ("natural", "desert"),
    "road": ("highway", "trunk"),
    "bridge": ("man_made", "bridge"),
    "prison": ("amenity", "prison"),
    "hospital": ("amenity", "hospital"),
    "camp": ("amenity", "refugee_site"),
}


class GazetteerGeocoder(Geocoder):  # type: ignore[misc]
    """A geocoder that looks names up in the gazetteer instead of on the network.

    `geocode` and `reverse` take what those of geopy's Nominatim take and answer as they do: None where
    nothing is found, a Location, or with `exactly_one=False` a list of Locations. `Location.raw` has the
    fields of a Nominatim answer.
    """

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        """Take a gazetteer that is already loaded, or load the packaged one."""
        super().__init__()
        self.gazetteer = gazetteer or Gazetteer.load()

    def geocode(
        self,
        query: str | Mapping[str, str],
        *,
        exactly_one: bool = True,
        timeout: Any = None,
        limit: int | None = None,
        addressdetails: bool = False,
        language: Any = False,
        geometry: str | None = None,
        extratags: bool = False,
        country_codes: str | Iterable[str] | None = None,
        viewbox: Any = None,
        bounded: bool = False,
        featuretype: str | None = None,
        namedetails: bool = False,
    ) -> Location | list[Location] | None:
        """The Location of a place name, or None.

        Behind a comma the query may name what the place lies in: "Suran, Hama", "Jobar, Damascus, Syria"; as
        a mapping it has the fields street, city, county, state and country. Without a hint the largest
        namesake is taken. `country_codes`, `featuretype` ("country", "state", "city", "settlement") and a
        bounded `viewbox` leave places out, a `viewbox` alone puts those in it first. `timeout` and `language`
        change nothing, and the address is always there. Raises ValueError for a `limit` below 1,
        GeocoderQueryError for another geometry than wkt, svg, kml or geojson.
        """
        if limit is not None and int(limit) < 1:
            raise ValueError("Limit cannot be less than 1")
        shape = _shape(geometry)
        name, hints = _parts(query)
        places = [place for place, _, _ in self.gazetteer.named(name, hints, limit or 5)]
        if country_codes:
            codes = [country_codes] if isinstance(country_codes, str) else country_codes
            wanted = {code.strip().upper() for item in codes for code in item.split(",")}
            places = [place for place in places if place.country in wanted]
        if featuretype:
            kinds = _FEATURE_TYPES.get(featuretype.lower(), ())
            places = [place for place in places if place.kind in kinds]
        if viewbox:
            inside = self._inside(viewbox)
            places = [*filter(inside, places), *(p for p in places if not bounded and not inside(p))]
        found = [_location(place, shape, names=namedetails, tags=extratags) for place in places]
        return _answer(found, exactly_one, limit)

    def reverse(
        self,
        query: Any,
        *,
        exactly_one: bool = True,
        timeout: Any = None,
        language: Any = False,
        addressdetails: bool = True,
        zoom: int | None = None,
        namedetails: bool = False,
        limit: int | None = None,
    ) -> Location | list[Location] | None:
        """The place nearest to a point, or None where none is within 25 km.

        The point is a geopy Point, a (latitude, longitude) pair or a string, as for Nominatim. Admin units,
        regions and other places without a point of their own are left out; a `zoom` below 8 asks for the
        governorate of the nearest place, below 10 for its district. `limit` is how many a list may have.
        """
        point = Point(query)
        near = sorted(
            (great_circle(point, (place.latitude, place.longitude)).km, place.id)
            for place in self.gazetteer.places.values()
            if place.kind not in _WITHOUT_POINT
            and abs(place.latitude - point.latitude) < 0.3
            and abs(place.longitude - point.longitude) < 0.5
        )
        places = [self.gazetteer.places[place_id] for km, place_id in near if km <= 25]
        if zoom is not None and zoom < 10:
            places = [unit for place in places[:1] for unit in self._units(place, zoom)]
        return _answer([_location(place, names=namedetails) for place in places], exactly_one, limit or 10)

    def _inside(self, viewbox: Any) -> Callable[[Place], bool]:
        corners = [Point(corner) for corner in viewbox]
        south, north = sorted(corner.latitude for corner in corners)
        west, east = sorted(corner.longitude for corner in corners)
        return lambda place: south <= place.latitude <= north and west <= place.longitude <= east

    def _units(self, place: Place, zoom: int) -> list[Place]:
        kind, names = (
            ("governorate", (place.admin1, "")) if zoom < 8 else ("district", (place.admin1, place.admin2))
        )
        units = (unit for unit in self.gazetteer.places.values() if unit.kind == kind)
        return [unit for unit in units if (unit.admin1, unit.admin2) == names]


_FEATURE_TYPES = {
    "country": ("country",),
    "state": ("governorate",),
    "city": ("city", "town"),
    "settlement": ("city", "town", "village", "hamlet", "neighbourhood", "camp", "farm"),
}
# From the smallest to the largest, as Nominatim's structured queries name them.
_FIELDS = ("amenity", "street", "city", "county", "state", "country")
_SHAPES = {"wkt": "geotext", "svg": "svg", "kml": "geokml", "geojson": "geojson"}


def _parts(query: str | Mapping[str, str]) -> tuple[str, list[str]]:
    """The name asked for, and what it must lie in."""
    parts = [query.get(f) or "" for f in _FIELDS] if isinstance(query, Mapping) else query.split(",")
    name, *hints = [part.strip() for part in parts if part.strip()] or [""]
    return name, hints


def _shape(geometry: str | None) -> str:
    if geometry is None:
        return ""
    if geometry.lower() not in _SHAPES:
        raise GeocoderQueryError("Invalid geometry format. Must be one of: wkt, svg, kml, geojson.")
    return _SHAPES[geometry.lower()]


_WITHOUT_POINT = (*ADMIN_KINDS, "region", "road", "river", "desert", "border", "country", "sea")


def _answer(found: list[Location], exactly_one: bool, limit: int | None) -> Location | list[Location] | None:
    if not found:
        return None
    return found[0] if exactly_one else found[:limit]


def _location(place: Place, shape: str = "", *, names: bool = False, tags: bool = False) -> Location:
    raw = _raw(place)
    if names:
        alternatives = ";".join(place.aliases)
        raw["namedetails"] = {"name": place.name, "name:ar": place.name_ar, "alt_name": alternatives}
    if tags:
        raw["extratags"] = {"population": str(place.population)} if place.population else {}
    if shape:
        lat, lon = raw["lat"], raw["lon"]
        raw[shape] = {
            "geotext": f"POINT({lon} {lat})",
            "svg": f'cx="{lon}" cy="{-place.latitude:.4f}"',
            "geokml": f"<Point><coordinates>{lon},{lat}</coordinates></Point>",
            "geojson": {"type": "Point", "coordinates": [place.longitude, place.latitude]},
        }[shape]
    return Location(raw["display_name"], (place.latitude, place.longitude), raw)


def _raw(place: Place) -> dict[str, Any]:
    kind_class, kind_type = _CLASSES.get(place.kind, ("place", place.kind))
    address = {
        place.kind: place.name,
        "county": place.admin3,
        "district": place.admin2,
        "state": place.admin1,
        "country": "Syria" if place.country == "SY" else "",
        "country_code": place.country.lower(),
    }
    address = {field: value for field, value in address.items() if value}
    parts = [place.name, place.admin3, place.admin2, place.admin1, address.get("country", place.country)]
    shown = [part for i, part in enumerate(parts) if part and part not in parts[:i]]
    return {
        "place_id": place.id,
        "licence": "",
        "lat": f"{place.latitude:.4f}",
        "lon": f"{place.longitude:.4f}",
        "display_name": ", ".join(shown),
        "class": kind_class,
        "type": kind_type,
        # Nominatim's scale, 0 to 1: here the logarithm of the population, a million counting as 0.6.
        "importance": round(min(1.0, math.log10(max(place.population, 10)) / 10), 3),
        "address": address,
    }
