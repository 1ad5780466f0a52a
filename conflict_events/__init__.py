"""Reads English news text and gives ACLED-style event rows for Syria.

>>> from conflict_events import extract, to_frame
>>> events = extract("Rebels captured the town of Morek on Monday.", published="2024-12-03")
>>> frame = to_frame(events)

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .events import Article, Event
    from .extract import Extractor, Settings, extract
    from .frame import extract_frame, frame_meta, from_frame, merge_frame, spark_schema
    from .merge import merge
    from .tables import to_frame

    __version__: str

__all__ = [
    "Article",
    "Event",
    "Extractor",
    "Settings",
    "__version__",
    "extract",
    "extract_frame",
    "frame_meta",
    "from_frame",
    "merge",
    "merge_frame",
    "spark_schema",
    "to_frame",
]

_HOME = {
    "Article": "events",
    "Event": "events",
    "Extractor": "extract",
    "Settings": "extract",
    "extract": "extract",
    "extract_frame": "frame",
    "frame_meta": "frame",
    "from_frame": "frame",
    "merge": "merge",
    "merge_frame": "frame",
    "spark_schema": "frame",
    "to_frame": "tables",
}


class _Package(ModuleType):
    """The package, in which `extract` and `merge` stay the functions.

    Importing a submodule binds it in its package under its own name; the modules extract and merge would
    so replace the functions of the same names, depending on what was imported before.
    """

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("extract", "merge") and isinstance(value, ModuleType):
            value = getattr(value, name)
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    """The public object `name`, from the module that holds it (PEP 562)."""
    if name == "__version__":
        from importlib.metadata import version

        return version("conflict-events")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
