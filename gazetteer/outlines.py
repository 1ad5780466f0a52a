"""Outlines to draw a map of Syria with: the governorates, the neighbours, the sea, the Euphrates.

They are drawn for maps of a page's size, simplified to about a kilometre, and no statement about a border.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

Point = tuple[float, float]  # longitude, latitude
TABLE = Path(__file__).parent / "outlines.geojson"


@dataclass(frozen=True, slots=True)
class Outline:
    """A shape on the map: its `kind` ("governorate", "neighbour", "sea" or "river"), and its rings or course.

    A governorate's `name` is ACLED's admin1. Points are longitude and latitude in degrees (WGS84).
    """

    kind: str
    name: str
    lines: tuple[tuple[Point, ...], ...]


@cache
def outlines() -> tuple[Outline, ...]:
    """All shapes of outlines.geojson, in its order."""
    features = json.loads(TABLE.read_text(encoding="utf-8"))["features"]
    return tuple(
        Outline(feature["properties"]["kind"], feature["properties"]["name"], _lines(feature["geometry"]))
        for feature in features
    )


def _lines(geometry: dict[str, object]) -> tuple[tuple[Point, ...], ...]:
    parts: list[object] = [geometry["coordinates"]]
    while not _is_line(parts[0]):
        parts = [line for part in parts for line in part]  # type: ignore[attr-defined]
    return tuple(tuple((x, y) for x, y in part) for part in parts)  # type: ignore[attr-defined]


def _is_line(part: object) -> bool:
    return isinstance(part, list) and isinstance(part[0][0], int | float)
