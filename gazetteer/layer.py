"""The layer: a country's full list of GeoNames, built once into a folder and laid under the packaged table.

Here is where it lies and whether it is up to date; `build` makes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from .gazetteer import GazetteerError

VARIABLE = "CONFLICT_EVENTS_LAYER"
NONE = "none"
COUNTRY = "SY"
PLACES, SPELLINGS, DUMP, MANIFEST = "places.csv", "spellings.csv", "dump.txt.gz", "manifest.json"


COLUMNS = ("id", "alias", "key")  # of spellings.csv


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a layer was made from: source, day, figures, checksums, and whom to credit."""

    country: str
    source: str
    retrieved: str
    last_modified: str
    dump_sha256: str
    rows: int
    places: int
    spellings: int
    places_sha256: str
    made_for: str
    licence: str = "CC BY 4.0, https://creativecommons.org/licenses/by/4.0/"
    attribution: str = "GeoNames, https://www.geonames.org"

    def written(self) -> bytes:
        """The manifest as a JSON file."""
        return (json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n").encode()


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a built layer. Raises GazetteerError where the folder holds none."""
    path = folder / MANIFEST
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GazetteerError(f"{folder}: no gazetteer was built here: there is no {MANIFEST}") from None
    except (OSError, ValueError) as error:
        raise GazetteerError(f"{path}: cannot be read ({error}): {REMEDY}") from None
    if not isinstance(cells, dict) or {f.name for f in fields(Manifest)} - {*cells}:
        raise GazetteerError(f"{path}: not the manifest of a gazetteer: {REMEDY}")
    return Manifest(**{f.name: cells[f.name] for f in fields(Manifest)})


REMEDY = "make it anew with conflict-events gazetteer build, or do without by --layer none"


def described(folder: Path) -> str:
    """A line that says what a layer holds and from when it is."""
    manifest = read_manifest(folder)
    return (
        f"{folder}: {manifest.places} places and {manifest.spellings} spellings of {manifest.country} "
        f"from GeoNames, built {manifest.retrieved}"
    )


def data_folder() -> Path:
    """The folder for a program's data of the user, after the customs of the system."""
    if chosen := os.environ.get("XDG_DATA_HOME"):
        base = Path(chosen)
    elif sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path.home() / ".local" / "share"
    return base / "conflict-events" / "gazetteer"


def home(country: str = COUNTRY) -> Path:
    """The folder where the layer of a country is built unless another is named."""
    return data_folder() / country


def chosen(layer: Path | str | None) -> Path | None:
    """The folder of the layer to use, None for none.

    `layer` is "none", the code of a country that was built, or a folder; None asks the environment variable
    CONFLICT_EVENTS_LAYER for one of these, and else takes Syria's where it was built. Raises GazetteerError
    where the one that is named is not there.
    """
    wanted = os.environ.get(VARIABLE, "") if layer is None else str(layer)
    if wanted == NONE:
        return None
    if not wanted:
        try:
            folder = home()
        except RuntimeError:  # no home, as in some containers
            return None
        return folder if (folder / MANIFEST).is_file() else None
    if re.fullmatch(r"[A-Za-z]{2}", wanted) and not Path(wanted).is_dir():
        wanted = str(home(wanted.upper()))
        if not Path(wanted).is_dir():
            raise GazetteerError(f"{wanted}: not there yet: build it with conflict-events gazetteer build")
    folder = Path(wanted)
    if not (folder / MANIFEST).is_file():
        raise GazetteerError(f"{folder}: no gazetteer was built here: there is no {MANIFEST}")
    return folder


def fingerprint() -> str:
    """Of all that decides what a dump becomes: the packaged table, the keys, the rules. Changes with them."""
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for name in ("places.csv", "geonames_admin1.csv", "names.py", "geonames.py", "build.py"):
        digest.update((here / name).read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def ready(folder: Path) -> Iterator[Path]:
    """A folder whose places.csv and spellings.csv are as this version of the program would make them.

    Where they were made by another, they are made again from the dump that lies beside them; in a folder
    that cannot be written to, for the length of the block only.
    """
    manifest = read_manifest(folder)
    if manifest.made_for == fingerprint() and (folder / PLACES).is_file() and (folder / SPELLINGS).is_file():
        yield folder
        return
    from .build import remake

    if not (folder / DUMP).is_file():
        raise GazetteerError(f"{folder}: made by another version, and without its {DUMP}: {REMEDY}")
    if os.access(folder, os.W_OK):
        remake(folder, folder, manifest)
        yield folder
        return
    with tempfile.TemporaryDirectory() as elsewhere:
        remake(folder, Path(elsewhere), manifest)
        yield Path(elsewhere)
