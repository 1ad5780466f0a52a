"""What maps of the events have in common: colours and shapes of the types, what is drawn under the marks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from .figures import TYPES
from .gazetteer.outlines import Outline, outlines

# The colours of Okabe and Ito (2008), which colour-blind people can tell apart, in the order of figures.TYPES;
# the last of each is for a type that is none of these.
COLOURS = ("#D55E00", "#E69F00", "#CC79A7", "#009E73", "#F0E442", "#0072B2", "#8a8a8a")
SHAPES = ("circle", "up", "diamond", "square", "down", "cross", "pentagon")
# What a map shows at first, in degrees: west, south, east, north.
BOUNDS = (35.5, 32.2, 42.5, 37.45)
_BACK_TO_FRONT = ("sea", "neighbour", "governorate", "river")


def drawn() -> list[Outline]:
    """The outlines from the back to the front."""
    return sorted(outlines(), key=lambda one: _BACK_TO_FRONT.index(one.kind))


def style_of(event_type: str) -> int:
    """The place of the type's colour in COLOURS and of its shape in SHAPES."""
    return TYPES.index(event_type) if event_type in TYPES else len(TYPES)


def mercator(latitude: float) -> float:
    """The latitude in degrees as it is drawn, so that shapes keep their form (at most 85 degrees)."""
    bounded = math.radians(max(-85.0, min(85.0, latitude)))
    return math.degrees(math.log(math.tan(math.pi / 4 + bounded / 2)))


@dataclass(frozen=True, slots=True)
class Label:
    """A name on the map: longitude and latitude, and from how many pixels a degree on it is shown."""

    kind: str
    name: str
    x: float
    y: float
    scale: float


LABELS = (
    Label("neighbour", "Türkiye", 38.6, 37.2, 0),
    Label("neighbour", "Iraq", 41.75, 34.6, 0),
    Label("neighbour", "Jordan", 37.6, 32.35, 0),
    Label("neighbour", "Lebanon", 35.95, 33.95, 45),
    Label("neighbour", "Israel", 35.3, 32.75, 60),
    Label("governorate", "Al Hasakeh", 40.75, 36.35, 0),
    Label("governorate", "Aleppo", 37.75, 36.35, 45),
    Label("governorate", "Ar Raqqa", 38.95, 36.25, 45),
    Label("governorate", "As Sweida", 37.05, 32.85, 70),
    Label("governorate", "Dara", 36.25, 32.8, 70),
    Label("governorate", "Damascus", 36.27, 33.52, 260),
    Label("governorate", "Deir ez Zor", 40.2, 34.8, 0),
    Label("governorate", "Hama", 37.3, 35.15, 60),
    Label("governorate", "Homs", 38.3, 34.3, 0),
    Label("governorate", "Idleb", 36.65, 35.75, 130),
    Label("governorate", "Lattakia", 36.0, 35.6, 130),
    Label("governorate", "Quneitra", 35.83, 33.05, 190),
    Label("governorate", "Rural Damascus", 37.1, 33.6, 60),
    Label("governorate", "Tartous", 36.1, 34.95, 130),
)
