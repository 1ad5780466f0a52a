"""Answers to "where is …" and "what is near …" from the gazetteer, as records to be written."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .events import Place
from .gazetteer import Gazetteer

_PLACE = (
    "id",
    "name",
    "location",
    "kind",
    "latitude",
    "longitude",
    "admin1",
    "admin2",
    "admin3",
    "country",
)
COLUMNS = ("query", *_PLACE, "score", "tier")
NEAR_COLUMNS = ("km", *_PLACE)
_LONGEST = 200  # characters of a name; a longer line is a text, and comparing it would take long
# For a name that is only nearly right to stand alone: how like it must be, by how much more than one that is
# further than so many km away.
_LEAST, _LEAD, _BESIDE = 0.82, 0.03, 5.0
Record = Mapping[str, str | float | None]


class Finder:
    """Looks places up by name and by point. Raises GazetteerError for an unusable `folder`/places.csv.

    Under the packaged places lies the layer that `Gazetteer.load` chooses.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.gazetteer = Gazetteer.load(folder)

    def find(self, query: str, limit: int = 5) -> list[Record]:
        """The places a name may mean, the likeliest first, with `fuzzy`'s score (0 to 1) and tier.

        What stands behind commas must contain the place: "Suran, Hama", "Jobar, Damascus, Syria".
        """
        name, *around = (part.strip() for part in query[:_LONGEST].split(","))
        found = self.gazetteer.named(name, around, limit)
        return [
            {"query": query, **_record(place), "score": score, "tier": tier}
            for place, score, tier in found[:limit]
        ]

    def best(self, query: str) -> Record:
        """The likeliest place of a name; where there is none, the query with all else empty.

        There is none either where a name that is only nearly right may be that of several places far apart:
        a person can choose among what `find` gives, a table cannot.
        """
        found = self.find(query, limit=5)
        if not found or (found[0]["tier"] != "exact" and self._doubtful(found)):
            return {**dict.fromkeys(COLUMNS), "query": query}
        return found[0]

    def _doubtful(self, found: list[Record]) -> bool:
        """True where the first of several places is hardly likelier than another that is not beside it."""
        from geopy.distance import great_circle

        first, *others = (self.gazetteer.places[str(record["id"])] for record in found)
        scores = [float(record["score"] or 0) for record in found]
        return scores[0] < _LEAST or any(
            score > scores[0] - _LEAD
            and great_circle((first.latitude, first.longitude), (p.latitude, p.longitude)).km > _BESIDE
            for p, score in zip(others, scores[1:], strict=True)
        )

    def near(self, latitude: float, longitude: float, limit: int = 10) -> list[Record]:
        """The places nearest to a point in degrees, with their distances in km, up to 25 km away."""
        from geopy.distance import great_circle

        from .gazetteer import GazetteerGeocoder

        point = (latitude, longitude)
        found = GazetteerGeocoder(self.gazetteer).reverse(point, exactly_one=False, limit=limit) or []
        places = [self.gazetteer.places[location.raw["place_id"]] for location in found]
        return [
            {"km": round(great_circle(point, (place.latitude, place.longitude)).km, 2), **_record(place)}
            for place in places
        ]


def _record(place: Place) -> dict[str, str | float | None]:
    return {name: getattr(place, name) or None for name in _PLACE}
