"""Syria's places by name, and their coordinates and admin units."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .gazetteer import Gazetteer, GazetteerError
from .names import key, skeleton

if TYPE_CHECKING:
    from .geocoder import GazetteerGeocoder

__all__ = ["Gazetteer", "GazetteerError", "GazetteerGeocoder", "key", "skeleton"]


def __getattr__(name: str) -> Any:
    # geopy is needed by few, so it is imported when its class is first asked for.
    if name == "GazetteerGeocoder":
        from .geocoder import GazetteerGeocoder

        return GazetteerGeocoder
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
