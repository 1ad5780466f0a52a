"""Rewrites the column `keys` of places.csv after names were added or mended.

`python -m conflict_events.gazetteer.refresh` from a checkout; a row without keys works too, only slower.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from .gazetteer import COLUMNS, PACKAGED, keys_of


def refreshed(text: str) -> str:
    """The text of a places.csv with the keys of every row as `names.key` makes them today."""
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(row | {"keys": "|".join(keys_of(row["name"], row["location"], row["aliases"]))})
    return out.getvalue()


def main(path: Path = PACKAGED / "places.csv") -> None:
    """Rewrite the file in place."""
    path.write_text(refreshed(path.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
