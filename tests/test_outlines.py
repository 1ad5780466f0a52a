"""The outlines of the map agree with the gazetteer and with each other."""

from __future__ import annotations

import csv
import itertools
import json
from collections import defaultdict

import pytest

from conflict_events import cartography
from conflict_events.gazetteer.outlines import TABLE, outlines

shapely = pytest.importorskip("shapely")
NEAR = 0.02  # degrees, about two kilometres: what the simplification may move


@pytest.fixture(scope="module")
def governorates():
    return {
        one.name: shapely.Polygon(one.lines[0], one.lines[1:])
        for one in outlines()
        if one.kind == "governorate"
    }


@pytest.fixture(scope="module")
def places():
    """Syria's places of the gazetteer, by governorate."""
    found = defaultdict(list)
    with (TABLE.parent / "places.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["country"] == "SY" and row["admin1"] and row["kind"] not in ("region", "road"):
                found[row["admin1"]].append(shapely.Point(float(row["longitude"]), float(row["latitude"])))
    return found


def test_every_governorate_of_the_gazetteer_has_one_sound_outline(governorates, places):
    assert set(governorates) == set(places) and len(governorates) == 14
    assert len([one for one in outlines() if one.kind == "governorate"]) == 14
    assert all(shape.is_valid and shape.area > 0.005 for shape in governorates.values())


def test_nearly_all_places_lie_in_the_outline_of_their_governorate(governorates, places):
    for name, points in places.items():
        inside = sum(governorates[name].distance(point) <= NEAR for point in points)
        assert inside / len(points) >= 0.965, f"{name}: {inside} of {len(points)}"
    everywhere = sum(len(points) for points in places.values())
    strict = sum(governorates[name].covers(point) for name, points in places.items() for point in points)
    assert strict / everywhere >= 0.95


def test_neighbours_do_not_overlap_and_leave_no_gap(governorates):
    for one, other in itertools.combinations(sorted(governorates), 2):
        assert governorates[one].intersection(governorates[other]).area < 0.001, f"{one} and {other}"
    whole = shapely.union_all(list(governorates.values())).buffer(0.002)
    assert whole.geom_type == "Polygon"
    assert sum(shapely.Polygon(hole).area for hole in whole.interiors) < 0.001


def test_the_map_shows_all_of_syria_and_names_it(governorates):
    west, south, east, north = cartography.BOUNDS
    shown = shapely.box(west, south, east, north)
    assert all(shown.covers(shape) for shape in governorates.values())
    named = {one.name: shapely.Point(one.x, one.y) for one in cartography.LABELS if one.kind == "governorate"}
    assert set(named) == set(governorates)
    assert all(governorates[name].covers(point) for name, point in named.items())


def test_the_file_is_geojson_that_other_programs_read():
    geojson = pytest.importorskip("geojson")
    content = geojson.loads(TABLE.read_text(encoding="utf-8"))
    assert content.is_valid, content.errors()
    kinds = {feature["properties"]["kind"] for feature in json.loads(TABLE.read_text())["features"]}
    assert kinds == {"governorate", "neighbour", "sea", "river"}
