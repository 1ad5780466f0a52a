"""What is wrong with a gazetteer table, line by line: the packaged one or that of a user's folder.

Loading a gazetteer stops at the first row that cannot be used; this reads on and also tells what loads but
cannot be meant: a village in the wrong governorate, latitude and longitude exchanged, a place listed twice.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .gazetteer.gazetteer import ADMIN_KINDS, COLUMNS, KINDS, PACKAGED, keys_of
from .gazetteer.names import key

REQUIRED = ("id", "name", "kind", "latitude", "longitude")
# Syria with the Israeli-occupied Golan, its waters, and a margin for crossings and bases at the border.
LATITUDES, LONGITUDES = (32.2, 37.4), (35.4, 42.5)
NEAR = 0.02  # degrees; two kilometres: two places of one name so close are one place
_ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
Cells = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong in a table: an error where the row cannot be used or states what is not so."""

    where: str
    message: str
    error: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {'error' if self.error else 'warning'}: {self.message}"


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of a places.csv and where it stands."""

    where: str
    cells: Cells
    ours: bool  # a row of the table that is checked, not one it is laid over

    @property
    def id(self) -> str:
        return self.cells["id"]

    def names(self) -> set[str]:
        """The keys of all its names."""
        cells = self.cells
        return {key(n) for n in (cells["name"], cells["location"], *_items(cells["aliases"])) if n} - {""}

    def point(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees, None where they are no numbers."""
        try:
            return float(self.cells["latitude"]), float(self.cells["longitude"])
        except ValueError:
            return None


@dataclass(slots=True)
class _Known:
    """What rows may refer to: every place by id, and the admin units by name and by code."""

    places: dict[str, _Line] = field(default_factory=dict)
    units: set[tuple[str, str, str]] = field(default_factory=set)
    codes: dict[str, tuple[str, str, str]] = field(default_factory=dict)


def check(folder: Path | None = None, layer: Path | None = None) -> Iterator[Finding]:
    """What is wrong with `folder`/places.csv and its stopnames.csv, else with the packaged tables, in order.

    A folder's rows are seen as laid over the packaged ones and over those of a built `layer`: one with the id
    of such a place replaces it.
    """
    home = folder or PACKAGED
    path = home / "places.csv"
    if not path.is_file():
        yield Finding(str(path), "no such file; a gazetteer folder holds a places.csv")
        return
    lines: list[_Line] = []
    for item in _read(path, REQUIRED, COLUMNS):
        if isinstance(item, Finding):
            yield item
        else:
            lines.append(_Line(*item, ours=True))
    below = [(PACKAGED, "packaged"), *([(layer, "built")] if layer and layer != folder else [])]
    known = _known(lines, below if folder else [])
    first: dict[str, str] = {}
    for line in lines:
        yield from _row(line, known)
        if line.id and first.setdefault(line.id, line.where) != line.where:
            yield Finding(line.where, f'id "{line.id}" is already on {first[line.id]}')
    yield from sorted(_twice(known), key=lambda finding: int(finding.where.rpartition(":")[2]))
    if (stopnames := home / "stopnames.csv").is_file():
        yield from _stopnames(stopnames)


def _items(cell: str) -> list[str]:
    return cell.split("|") if cell else []


def _read(
    path: Path, required: tuple[str, ...], columns: tuple[str, ...]
) -> Iterator[Finding | tuple[str, Cells]]:
    """Each row as where it stands and its cells, absent columns empty; a Finding for each that is no row."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, [])
            if missing := [name for name in required if name not in header]:
                yield Finding(f"{path.name}:1", f"no column {', '.join(missing)}")
                return
            yield from (
                Finding(f"{path.name}:1", f'unknown column "{name}"')
                for name in header
                if name not in columns
            )
            for cells in reader:
                where = f"{path.name}:{reader.line_num}"
                if cells and len(cells) != len(header):
                    yield Finding(where, f"{len(cells)} cells, the header has {len(header)}")
                elif any(cells):
                    yield where, dict.fromkeys(columns, "") | dict(zip(header, cells, strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        yield Finding(path.name, f"cannot be read: {error}")


def _known(lines: list[_Line], below: list[tuple[Path, str]]) -> _Known:
    known = _Known()
    for _, cells in _rows(PACKAGED / "admin.csv", "packaged"):
        unit = (cells["admin1"], cells["admin2"], cells["admin3"])
        known.units.add(unit)
        known.codes[cells["pcode"]] = unit
    for table, label in below:
        for where, cells in _rows(table / "places.csv", label):
            known.places.setdefault(cells["id"], _Line(where, cells, ours=False))
    known.places.update((line.id, line) for line in lines)
    return known


def _rows(path: Path, label: str) -> Iterator[tuple[str, Cells]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        for cells in reader:
            yield f"{label} {path.name}:{reader.line_num}", cells


# ---- one row -----------------------------------------------------------------------------------------


def _row(line: _Line, known: _Known) -> Iterator[Finding]:
    for rule in _RULES:
        for message, error in rule(line, known):
            yield Finding(line.where, message, error)


_Messages = Iterator[tuple[str, bool]]


def _identity(line: _Line, known: _Known) -> _Messages:
    cells = line.cells
    if not cells["name"]:
        yield "no name", True
    elif not key(cells["name"]):
        yield f'the name "{cells["name"]}" has no letter', True
    if not cells["id"]:
        yield "no id", True
    elif not _ID.fullmatch(cells["id"]):
        yield f'id "{cells["id"]}": use small letters, digits and single hyphens', False
    if cells["kind"] not in KINDS:
        yield f'unknown kind "{cells["kind"]}": choose from {", ".join(sorted(KINDS))}', True
    spaced = [name for name in COLUMNS if cells[name] != cells[name].strip()]
    if spaced:
        yield f"blanks around the {spaced[0]}", False


def _point(line: _Line, known: _Known) -> _Messages:
    cells, point = line.cells, line.point()
    if point is None:
        for name in ("latitude", "longitude"):
            if not re.fullmatch(r"-?\d+(?:\.\d+)?", cells[name]):
                yield f'{name} "{cells[name]}" is not a number', True
        return
    latitude, longitude = point
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        yield f"no such point: {latitude}, {longitude}", True
    elif (cells["country"] or "SY") == "SY" and not _in_syria(latitude, longitude):
        swapped = _in_syria(longitude, latitude)
        hint = "latitude and longitude seem exchanged" if swapped else "name its country if it is abroad"
        yield f"{latitude}, {longitude} is not in Syria: {hint}", True


def _in_syria(latitude: float, longitude: float) -> bool:
    return LATITUDES[0] <= latitude <= LATITUDES[1] and LONGITUDES[0] <= longitude <= LONGITUDES[1]


def _admin(line: _Line, known: _Known) -> _Messages:
    cells = line.cells
    unit = (cells["admin1"], cells["admin2"], cells["admin3"])
    if (cells["country"] or "SY") != "SY":
        if cells["admin1"] and unit in known.units:
            yield f"{_unit(unit)} is in Syria, the place is in {cells['country']}", True
        return
    if not cells["admin1"]:
        yield "no admin1: events there would have no governorate", False
    elif unit not in known.units:
        yield f"no such admin unit: {_unit(unit)}{_meant(unit, known)}", True
    listed = known.codes.get(cells["pcode"])
    if cells["pcode"].startswith("SY") and listed is None:
        yield f'unknown code "{cells["pcode"]}"', True
    elif listed and listed != unit:
        yield f"code {cells['pcode']} is {_unit(listed)}, not {_unit(unit)}", True


def _unit(unit: tuple[str, str, str]) -> str:
    return " / ".join(name for name in unit if name)


def _meant(unit: tuple[str, str, str], known: _Known) -> str:
    """The unit that the names stand for when spelling, or what lies above the last of them, is set right."""
    wanted = [key(name) for name in unit if name]
    for other in sorted(known.units):
        if [key(name) for name in other if name] == wanted:
            return f"; did you mean {_unit(other)}?"
    below = [other for other in sorted(known.units) if _last(other) == wanted[-1]]
    return f"; did you mean {_unit(below[-1])}?" if below else ""


def _last(unit: tuple[str, str, str]) -> str:
    return key(next((name for name in reversed(unit) if name), ""))


def _others(line: _Line, known: _Known) -> _Messages:
    cells = line.cells
    if not re.fullmatch(r"\d*", cells["population"]):
        yield f'population "{cells["population"]}" is not a whole number', True
    if not re.fullmatch(r"(?:[A-Z]{2})?", cells["country"]):
        yield f'country "{cells["country"]}" is not a code of two capitals', True
    if any(not key(alias) for alias in _items(cells["aliases"])):
        yield "an alias is empty", True
    if cells["keys"] and cells["keys"] != "|".join(
        keys_of(cells["name"], cells["location"], cells["aliases"])
    ):
        yield (
            "the keys are not those of the names: empty them, or run conflict_events.gazetteer.refresh",
            True,
        )
    yield from _parent(line, known)


def _parent(line: _Line, known: _Known) -> _Messages:
    parent = line.cells["parent"]
    if parent and parent not in known.places:
        yield f'parent "{parent}" is no place\'s id', True
        return
    seen = {line.id}
    while parent:
        if parent in seen:
            yield f'lies in itself by way of "{parent}"', True
            return
        seen.add(parent)
        parent = known.places[parent].cells["parent"] if parent in known.places else ""


_RULES: tuple[Callable[[_Line, _Known], _Messages], ...] = (_identity, _point, _admin, _others)


# ---- rows beside each other --------------------------------------------------------------------------


def _twice(known: _Known) -> Iterator[Finding]:
    """Warnings for places that share a name and a spot: they are one place, or a name is on the wrong one."""
    named: dict[str, list[_Line]] = defaultdict(list)
    for line in known.places.values():
        if line.cells["kind"] not in ADMIN_KINDS:
            for name in line.names():
                named[name].append(line)
    told: set[frozenset[str]] = set()
    for lines in named.values():
        for i, one in enumerate(lines):
            for other in lines[:i]:
                pair = frozenset({one.id, other.id})
                if (one.ours or other.ours) and pair not in told and _same_spot(one, other):
                    told.add(pair)
                    shared = sorted(one.names() & other.names())[0]
                    yield _shared(one, other, shared)


def _shared(one: _Line, other: _Line, name: str) -> Finding:
    first, second = (one, other) if one.ours else (other, one)
    spelt = next(
        n
        for n in (first.cells["name"], first.cells["location"], *_items(first.cells["aliases"]))
        if key(n) == name
    )
    advice = "one place listed twice?" if second.ours else "use that id to correct it"
    message = f'"{spelt}" is also a name of {second.id} ({second.where}), not two kilometres away: {advice}'
    return Finding(first.where, message, error=False)


def _same_spot(one: _Line, other: _Line) -> bool:
    a, b = one.point(), other.point()
    related = one.cells["parent"] == other.id or other.cells["parent"] == one.id
    # A base, a crossing or a camp is rightly named after the town beside it.
    alike = (one.cells["kind"] in _SETTLED) == (other.cells["kind"] in _SETTLED)
    return bool(a and b and alike and not related and abs(a[0] - b[0]) < NEAR and abs(a[1] - b[1]) < NEAR)


_SETTLED = frozenset({"city", "town", "village", "farm", "neighbourhood"})


def _stopnames(path: Path) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for item in _read(path, ("name", "reason"), ("name", "reason")):
        if isinstance(item, Finding):
            yield item
            continue
        where, cells = item
        if not cells["name"] or not cells["reason"]:
            yield Finding(where, "name and reason must not be empty")
        elif seen.setdefault(key(cells["name"]), where) != where:
            yield Finding(where, f'"{cells["name"]}" is already on {seen[key(cells["name"])]}', error=False)
