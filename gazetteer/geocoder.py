"""A geopy geocoder over the gazetteer, with Nominatim's contract and no network."""

from __future__ import annotations

import math
from typing import Any

from geopy.distance import great_circle
from geopy.geocoders.base import Geocoder
from geopy.location import Location
from geopy.point import Point

from conflict_events.events import Place

from .gazetteer import ADMIN_KINDS, Gazetteer
from .names import key

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

    `geocode` and `reverse` answer as geopy's Nominatim does: None where nothing is found, a Location, or with
    `exactly_one=False` a list of Locations. `Location.raw` has the fields of a Nominatim answer.
    """

    def __init__(self, gazetteer: Gazetteer | None = None) -> None:
        """Take a gazetteer that is already loaded, or load the packaged one."""
        super().__init__()
        self.gazetteer = gazetteer or Gazetteer.load()

    def geocode(
        self, query: str, *, exactly_one: bool = True, limit: int | None = None, **ignored: Any
    ) -> Location | list[Location] | None:
        """The Location of a place name, or None.

        Behind a comma the query may name what the place lies in: "Suran, Hama", "Jobar, Damascus, Syria".
        Without such a hint the largest namesake is taken. Other keywords of Nominatim's are accepted and
        change nothing.
        """
        name, *hints = [part.strip() for part in query.split(",")]
        places = list(self.gazetteer.exact(name))
        if not places:
            places = [place for place, _, _ in self.gazetteer.fuzzy(name, limit or 5)]
        for hint in hints:
            if hint:
                places = [place for place in places if self._fits(place, hint)]
        return _answer([_location(place) for place in places], exactly_one, limit)

    def reverse(
        self, query: Any, *, exactly_one: bool = True, limit: int | None = None, **ignored: Any
    ) -> Location | list[Location] | None:
        """The place nearest to a point, or None where none is within 25 km.

        The point is a geopy Point, a (latitude, longitude) pair or a string, as for Nominatim. Admin units,
        regions and other places without a point of their own are left out.
        """
        point = Point(query)
        near = sorted(
            (great_circle(point, (place.latitude, place.longitude)).km, place.id)
            for place in self.gazetteer.places.values()
            if place.kind not in _WITHOUT_POINT
            and abs(place.latitude - point.latitude) < 0.3
            and abs(place.longitude - point.longitude) < 0.5
        )
        found = [_location(self.gazetteer.places[place_id]) for km, place_id in near if km <= 25]
        return _answer(found, exactly_one, limit or 10)

    def _fits(self, place: Place, hint: str) -> bool:
        # Syria itself is no row: no event is placed at a country.
        if key(hint) == key("Syria"):
            return place.country == "SY"
        wanted = {other.id for other in self.gazetteer.exact(hint)}
        if any(outer == place.id or self.gazetteer.contains(outer, place.id) for outer in wanted):
            return True
        others = [self.gazetteer.places[other] for other in wanted]
        return any(other.kind == "country" and other.country == place.country for other in others)


_WITHOUT_POINT = (*ADMIN_KINDS, "region", "road", "river", "desert", "border", "country", "sea")


def _answer(found: list[Location], exactly_one: bool, limit: int | None) -> Location | list[Location] | None:
    if not found:
        return None
    return found[0] if exactly_one else found[:limit]


def _location(place: Place) -> Location:
    raw = _raw(place)
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
