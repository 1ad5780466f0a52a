"""The picture for a bulletin."""

from __future__ import annotations

import dataclasses
import random
import xml.etree.ElementTree as ElementTree
from datetime import date, timedelta

import pytest
from test_figures import CLASH, STRIKE, TYPED, run

from conflict_events.events import Event
from conflict_events.picture import picture
from conflict_events.tables import write_events

pytest.importorskip("matplotlib")


def events(count: int, seed: int = 1) -> list[Event]:
    chance = random.Random(seed)
    return [
        dataclasses.replace(
            chance.choice([CLASH, STRIKE]),
            event_date=date(2011, 3, 15) + timedelta(days=chance.randrange(5400)),
            latitude=round(chance.uniform(32.5, 36.9), 2),
            longitude=round(chance.uniform(36, 41.5), 2),
            geo_precision=chance.choice([1, 2, 3]),
            fatalities=chance.choice([0, 0, 1, 7, 300]),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    "rows",
    [[], [TYPED], [CLASH] * 4 + [STRIKE] * 30, events(500)],
    ids=["none", "nowhere", "ring and disc", "many"],
)
def test_a_picture_can_be_drawn_of_anything(rows):
    root = ElementTree.fromstring(drawn := picture(rows, "svg", title="A week"))
    assert root.tag.endswith("}svg") and len(drawn) > 50_000  # the ground alone
    assert (b"#d55e00" in drawn.lower()) == (CLASH.event_type in {event.event_type for event in rows})


@pytest.mark.parametrize("form", ["svg", "png"])
def test_the_same_events_give_the_same_bytes(form):
    drawn = picture(events(20), form, title="A week")
    assert drawn == picture(events(20), form, title="A week") != picture(events(19), form, title="A week")
    assert drawn.startswith(b"\x89PNG\r\n\x1a\n" if form == "png" else b"<?xml")


def test_hostile_text_is_only_text():
    text = "$\\frac{1}$ <script>alert(1)</script> --> حلب \u202eabc\x00\ud800" + "w" * 900
    rows = [dataclasses.replace(CLASH, location=part, event_type=part) for part in (text, text[:24])]
    drawn = picture(rows, "svg", title=text, about=text)
    ElementTree.fromstring(drawn)
    assert b"<script" not in drawn


def test_report_writes_pictures_and_only_what_is_asked_for(tmp_path):
    path, png, svg = tmp_path / "events.csv", tmp_path / "a.png", tmp_path / "a.svg"
    write_events([CLASH, STRIKE], path)
    done = run("report", str(path), "--png", str(png), "--svg", str(svg), "--title", "Hama")
    assert done.returncode == 0 and not done.stderr and not done.stdout
    assert {one.name for one in tmp_path.iterdir()} == {"events.csv", "a.png", "a.svg"}
    assert png.read_bytes()[:4] == b"\x89PNG" and b"<svg" in svg.read_bytes()
    same = run("report", str(path), "--png", str(png), "--svg", str(png))
    assert same.returncode == 2 and b"two of the files" in same.stderr


def test_without_matplotlib_one_line_says_what_to_install(tmp_path, monkeypatch):
    from click.testing import CliRunner

    from conflict_events import cli, picture

    monkeypatch.setattr(picture.importlib.util, "find_spec", lambda name: None)
    path = tmp_path / "events.csv"
    write_events([CLASH], path)
    done = CliRunner().invoke(cli.main, ["report", str(path), "--png", str(tmp_path / "a.png")])
    assert done.exit_code == 2 and "conflict-events[report]" in done.output
    assert list(tmp_path.iterdir()) == [path]
