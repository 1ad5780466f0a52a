"""The manifest of a folder that a long run fills: what it is made of, part by part, one JSON object a line.

A part counts when its line is on the disk; what a broken run wrote beyond that is written again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .tables import sync_folder

MANIFEST, PARTS, MERGING = "_manifest.jsonl", "_parts", "_merging"
# Names that say to Arrow, Spark and the like that a file is no part of the data set begin so.
EVENTS = "events-"


class ArchiveError(Exception):
    """A folder that cannot be gone on with; the message says why, and what to do. Nothing was changed."""


def event_files(folder: Path) -> list[Path]:
    """The files of events of a finished run, year by year. Raises ArchiveError where none has finished."""
    try:
        lines = (folder / MANIFEST).read_bytes().split(b"\n")[:-1]
        complete = json.loads(lines[-1])["complete"]
        return [folder / name for name in complete["files"]]
    except FileNotFoundError:
        raise ArchiveError(f"is a folder without a {MANIFEST}: name a file of events in it") from None
    except (ValueError, LookupError, TypeError):
        raise ArchiveError("its run has not finished: start the same command again") from None


class Manifest:
    """What the lines of a folder's manifest say, and the place to add more.

    `parts` has a record for each part, `complete` what the last finished run made of them, if nothing came
    since.
    """

    def __init__(self, folder: Path, made_with: Mapping[str, str]) -> None:
        """Begins the manifest of a new folder, or reads that of one made with the same.

        Raises ArchiveError where the folder holds something else, or was made with other settings.
        """
        self.path = folder / MANIFEST
        self.parts: list[dict[str, Any]] = []
        self.complete: dict[str, Any] | None = None
        if self.path.exists():
            self._read(folder, made_with)
            return
        others = sorted(place.name for place in folder.iterdir() if not place.name.startswith("."))
        if others:
            raise ArchiveError(
                f"{folder} holds other files ({', '.join(others[:3])}): name a new or empty folder"
            )
        self._append({"made with": dict(made_with)})

    def _read(self, folder: Path, made_with: Mapping[str, str]) -> None:
        lines = self.path.read_bytes().split(b"\n")
        torn = lines.pop()  # of a run that was broken off while it wrote
        try:
            records = [json.loads(line) for line in lines]
            before = dict(records[0]["made with"]) if records else None
        except (ValueError, KeyError, TypeError):
            raise ArchiveError(f"{self.path} is damaged: name a new folder, or empty this one") from None
        if before is None:
            before = dict(made_with)
            self._append({"made with": before}, instead=True)
        elif torn:
            with self.path.open("r+b") as file:
                file.truncate(self.path.stat().st_size - len(torn))
        names = {**before, **made_with}
        if differ := [name for name in names if before.get(name) != made_with.get(name)]:
            raise ArchiveError(
                f"{folder} was made with other settings ({', '.join(differ)}): "
                "name a new folder, or repeat the earlier ones"
            )
        for record in records[1:]:
            if "part" in record:
                self.parts.append(record)
            self.complete = record.get("complete")

    def add_part(self, record: Mapping[str, Any]) -> None:
        """Makes a part count."""
        self._append({"part": len(self.parts), **record})
        self.parts.append(dict(record))
        self.complete = None

    def begin_events(self) -> None:
        """Notes that the files of events are about to be replaced."""
        if self.complete is not None:
            self._append({"merging": len(self.parts)})
            self.complete = None

    def finish(self, record: Mapping[str, Any]) -> None:
        """Notes that the files of events are those of all parts."""
        self._append({"complete": dict(record)})
        self.complete = dict(record)

    def _append(self, record: Mapping[str, Any], *, instead: bool = False) -> None:
        """Adds a line that is on the disk when this returns; after an error it is as if it had not been tried."""
        size = self.path.stat().st_size if self.path.exists() and not instead else 0
        with self.path.open("wb" if instead else "ab") as file:
            try:
                file.write((json.dumps(record, ensure_ascii=False) + "\n").encode())
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                file.truncate(size)
                raise
        sync_folder(self.path.parent)
