"""A field that a person corrects, as the cells of the row: those that follow from it change with it.

The id of the row stays, so that `update` sees a person's edit in it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from . import coding
from .columns import CODES, FULL, INTER, INTERACTION, TableError, Value, from_row
from .events import Actor, Event, Place
from .gazetteer import Gazetteer, GazetteerGeocoder
from .lexicon import Lexicon
from .notes import note
from .places import WIDE
from .publication import read_date

Cells = Mapping[str, Value]
FIELDS = (
    "place",
    "actor1",
    "actor2",
    "sub_event_type",
    "event_date",
    "time_precision",
    "geo_precision",
    "fatalities",
)
_AREAS = frozenset({"region", "river", "lake", "road", "mountain", "district", "subdistrict"})
_MOST_DEAD = 100_000
_LONGEST = 200
_SLUG = re.compile(r"[^a-z0-9]+")


class CorrectionError(ValueError):
    """What a person typed cannot be taken; the message says what to type."""


@dataclass(frozen=True, slots=True)
class Correction:
    """A corrected field: the cells to set, and the value as a record that the learner can use.

    `value` has the place's or actor's whole row, for one that no table has yet, too.
    """

    field: str
    cells: Cells
    value: Any


@dataclass(frozen=True, slots=True)
class Corrector:
    """Turns what a person chose into cells; `codes` says that the sheet has ACLED's numbers for actor types."""

    lexicon: Lexicon
    gazetteer: Gazetteer
    codes: bool = False

    def correct(self, field: str, value: Any, row: Cells) -> Correction:
        """The cells that a corrected field changes in the row. Raises CorrectionError with what to do."""
        if field == "place":
            place = self._place(value)
            return self._noted(field, place_cells(place, row), row, asdict(place))
        if field in ("actor1", "actor2"):
            actor = self._actor(value)
            known = None if actor is None else asdict(actor)
            return self._noted(field, self._actor_cells(field, actor, row), row, known)
        if field == "sub_event_type":
            return self._noted(field, self._type_cells(str(value), row), row, str(value))
        cells = _plain_cells(field, value)
        if field == "event_date":
            cells = {**cells, **self._names_on(str(cells[field]), row)}
        return self._noted(field, cells, row, cells[field])

    # ---- place ----

    def _place(self, value: Any) -> Place:
        if isinstance(value, str):
            place = self.gazetteer.get(value)
            if place is None:
                raise CorrectionError(f'no place has the id "{value[:80]}": search for its name')
            if place.country != "SY":
                raise CorrectionError(f"{place.location} lies outside Syria: reject the row instead")
            return place
        if not isinstance(value, Mapping):
            raise CorrectionError("choose a place, or give a name and coordinates")
        return self._new_place(value)

    def _new_place(self, value: Mapping[str, Any]) -> Place:
        """A village that no table has, in the unit of its nearest neighbour."""
        name = _name(value.get("name"), "the place")
        point = _point(value.get("point"))
        near = GazetteerGeocoder(self.gazetteer).reverse(point, exactly_one=False, limit=5) or []
        around = [self.gazetteer.places[found.raw["place_id"]] for found in near]
        syrian = next((place for place in around if place.country == "SY" and place.admin1), None)
        if syrian is None:
            raise CorrectionError("no place of Syria is within 25 km of that point: is the latitude first?")
        return Place(
            self._free_id(name, syrian),
            name,
            name,
            "village",
            *point,
            syrian.admin1,
            syrian.admin2,
            syrian.admin3,
        )

    def _free_id(self, name: str, near: Place) -> str:
        base = _SLUG.sub("-", name.lower()).strip("-") or "place"
        unit = _SLUG.sub("-", near.admin1.lower()).strip("-")
        wanted = [base, f"{base}-{unit}", *(f"{base}-{unit}-{n}" for n in range(2, 1000))]
        return next(one for one in wanted if one not in self.gazetteer.places)

    # ---- actor ----

    def _actor(self, value: Any) -> Actor | None:
        if value in (None, ""):
            return None
        if isinstance(value, str):
            if value not in self.lexicon.actors:
                raise CorrectionError(f'no actor has the id "{value[:80]}": search for its name')
            return self.lexicon.actors[value]
        if not isinstance(value, Mapping):
            raise CorrectionError("choose an actor, or give a name and its kind")
        name, inter = _name(value.get("name"), "the actor"), value.get("inter")
        if inter not in INTER:
            raise CorrectionError("the kind of an actor is a number from 1 to 8")
        same = next((a for a in self.lexicon.actors.values() if a.name == name), None)
        id_ = _SLUG.sub("-", name.lower()).strip("-") or "actor"
        while id_ in self.lexicon.actors:
            id_ += "-new"
        return same or Actor(id_, name, int(inter), provisional=True)

    def _actor_cells(self, field: str, actor: Actor | None, row: Cells) -> dict[str, Value]:
        if actor is None and field == "actor1":
            raise CorrectionError("a row has a first actor: choose one, or reject the row")
        side = field[-1]
        inter = actor.inter if actor else 0
        other = code(row.get("inter2" if side == "1" else "inter1"), "inter")
        both = coding.interaction(inter, other)
        allies = [n for n in str(row.get(f"assoc_actor_{side}") or "").split("; ") if n]
        kept = [n for n in allies if actor is not None and n != actor.name]
        inters = {"1": (inter, other), "2": (other, inter)}[side]
        return {
            field: actor.name if actor else None,
            f"inter{side}": self._label(inter, "inter"),
            "interaction": self._label(both, "interaction"),
            f"assoc_actor_{side}": "; ".join(kept) or None,
            "civilian_targeting": self._targeting(str(row.get("sub_event_type") or ""), *inters),
        }

    def _names_on(self, day: str, row: Cells) -> dict[str, Value]:
        """The main actors by the names valid on the day: an army is another one under another government."""
        then = datetime.date.fromisoformat(day)
        cells: dict[str, Value] = {}
        for column in ("actor1", "actor2"):
            same = [actor for actor in self.lexicon.actors.values() if actor.name == row.get(column)]
            if not same or any(actor.valid(then) for actor in same):
                continue
            names = {*same[0].aliases}
            heirs = [
                actor
                for actor in self.lexicon.actors.values()
                if actor.valid(then) and actor.inter == same[0].inter and names & {*actor.aliases}
            ]
            if heirs:
                cells[column] = max(heirs, key=lambda actor: len(names & {*actor.aliases})).name
        return cells

    def _label(self, number: int, kind: str) -> Value:
        if not number:
            return None
        return number if self.codes else (INTER if kind == "inter" else INTERACTION)[number]

    # ---- type ----

    def _type_cells(self, value: str, row: Cells) -> dict[str, Value]:
        kind = self.lexicon.taxonomy.get(value)
        if kind is None:
            raise CorrectionError(f'"{value[:80]}" is no sub-event type of the taxonomy')
        inters = (code(row.get(name), "inter") for name in ("inter1", "inter2"))
        return {
            "sub_event_type": kind.name,
            "event_type": kind.event_type,
            "disorder_type": kind.disorder_type,
            "civilian_targeting": self._targeting(kind.name, *inters),
        }

    def _targeting(self, kind: str, inter1: int, inter2: int) -> Value:
        found = self.lexicon.taxonomy.get(kind)
        if found is None:
            return None
        event = Event(sub_event_type=found.name, event_type=found.event_type, inter1=inter1, inter2=inter2)
        return coding.label_targeting(event, self.lexicon) or None

    # ---- the note ----

    def _noted(self, field: str, cells: Mapping[str, Value], row: Cells, value: Any) -> Correction:
        """The correction, with the note of the row made anew unless a person has worded it."""
        cells = {name: cell for name, cell in cells.items() if name in row}
        before, after = _event(row), _event({**row, **cells})
        known = self.lexicon.taxonomy
        if before and after and before.sub_event_type in known and after.sub_event_type in known:
            for one in (before, replace(before, fatalities_text="")):
                if note(one, self.lexicon) == str(row.get("notes") or ""):
                    # a count that a person gives is no longer assumed from the words
                    words = "" if field == "fatalities" else one.fatalities_text
                    cells["notes"] = note(replace(after, fatalities_text=words), self.lexicon)
                    break
        return Correction(field, cells, value)


def place_cells(place: Place, row: Cells) -> dict[str, Value]:
    """The cells that name a place: unit, location, coordinates in degrees, precision, id.

    A governorate is given at its capital with precision 3, a smaller area with 2, as the engine has it; a town
    in the place of a governorate is the town itself.
    """
    before = code(row.get("geo_precision"), "count")
    if place.kind in _AREAS:
        precision = 2
    elif place.kind in WIDE:
        precision = 3
    else:
        precision = 1 if before in (0, 3) else before
    return {
        "admin1": place.admin1 or None,
        "admin2": place.admin2 or None,
        "admin3": place.admin3 or None,
        "location": place.location,
        "latitude": round(place.latitude, 4),
        "longitude": round(place.longitude, 4),
        "geo_precision": precision,
        "place_id": place.id,
    }


def _plain_cells(field: str, value: Any) -> dict[str, Value]:
    if field == "event_date":
        day = read_date(str(value or "").strip()[:40])
        if day is None:
            raise CorrectionError("write the date as 2024-12-03")
        if not datetime.date(1990, 1, 1) <= day <= datetime.date(2099, 12, 31):
            raise CorrectionError(f"{day} cannot be the day of an event here")
        return {"event_date": day.isoformat(), "year": day.year}
    if field in ("time_precision", "geo_precision"):
        return {field: _whole(value, 1, 3, "a precision is 1, 2 or 3")}
    if field == "fatalities":
        return {field: _whole(value, 0, _MOST_DEAD, "deaths are a whole number, 0 for none or unknown")}
    raise CorrectionError(f"{field[:40]} is no field that can be corrected: {', '.join(FIELDS)}")


def _whole(value: Any, least: int, most: int, remedy: str) -> int:
    text = str(value).strip()
    if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
        raise CorrectionError(remedy)
    return int(text)


def _name(value: Any, of: str) -> str:
    name = " ".join("".join(c for c in str(value or "") if c.isprintable()).split())
    if not name or not any(c.isalpha() for c in name) or len(name) > _LONGEST or "|" in name:
        raise CorrectionError(f"give {of} a name of letters, without |")
    return name


def _point(value: Any) -> tuple[float, float]:
    """Latitude and longitude from "35.8312, 36.7025"."""
    numbers = re.findall(r"-?\d{1,3}(?:\.\d{1,10})?", str(value or "")[:60])
    if len(numbers) != 2:
        raise CorrectionError("give the point as latitude, longitude in degrees: 35.8312, 36.7025")
    latitude, longitude = float(numbers[0]), float(numbers[1])
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise CorrectionError("give the point as latitude, longitude in degrees: 35.8312, 36.7025")
    return round(latitude, 4), round(longitude, 4)


def code(cell: Value, kind: str) -> int:
    """The number in a cell of counts or of ACLED's labels, 0 where there is none that can be read."""
    if cell in (None, ""):
        return 0
    if kind in CODES and str(cell) in CODES[kind]:
        return CODES[kind][str(cell)]
    try:
        return int(float(str(cell)))
    except (ValueError, OverflowError):
        return 0


def _event(row: Cells) -> Event | None:
    try:
        return from_row({name: row[name] for name in FULL if name in row})
    except TableError:
        return None
