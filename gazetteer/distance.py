"""How far apart two points are."""

from __future__ import annotations

import math

Point = tuple[float, float]


def km(a: Point, b: Point) -> float:
    """Kilometres between two (latitude, longitude) points, flat-earth: exact enough inside a country."""
    x = (b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return 111.2 * math.hypot(x, b[0] - a[0])
