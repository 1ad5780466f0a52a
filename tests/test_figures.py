"""What is counted in events, and the command `summary`."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflict_events.events import Event
from conflict_events.figures import (
    UNITS,
    begin,
    coded,
    figures,
    following,
    headline,
    periods,
    reporters,
    sections,
    unit_for,
)
from conflict_events.tables import write_events

CLASH = Event(
    event_date=date(2024, 12, 2),
    event_type="Battles",
    sub_event_type="Armed clash",
    actor1="Rebels",
    actor2="Army",
    admin1="Hama",
    location="Morek",
    latitude=35.3769,
    longitude=36.6887,
    fatalities=3,
    confidence=0.9,
)
STRIKE = dataclasses.replace(
    CLASH,
    event_date=date(2024, 12, 7),
    event_type="Explosions/Remote violence",
    sub_event_type="Air/drone strike",
    actor1="Army",
    actor2="Rebels",
    admin1="Idleb",
    fatalities=0,
    confidence=0.6,
)
TYPED = Event(
    event_type="Siege", actor1="Army", fatalities=1
)  # a person's row: no date, no point, no confidence


def test_figures_of_few_events():
    found = figures([CLASH, STRIKE, TYPED])
    assert (found["events"], found["fatalities"], found["fatal_events"]) == (3, 4, 2)
    assert (found["from"], found["to"], found["undated"], found["unlocated"]) == (
        "2024-12-02",
        "2024-12-07",
        1,
        1,
    )
    assert [one["event_type"] for one in found["event_types"]] == [
        "Battles",
        "Explosions/Remote violence",
        "Siege",
    ]
    assert found["actors"] == [
        {"actor": "Army", "events": 3, "fatalities": 4},
        {"actor": "Rebels", "events": 2, "fatalities": 3},
    ]
    assert found["pairs"] == [{"actor1": "Army", "actor2": "Rebels", "events": 2, "fatalities": 3}]
    assert {one["admin1"]: one["events"] for one in found["governorates"]} == {
        "Hama": 1,
        "Idleb": 1,
        "not known": 1,
    }
    assert [(one["from"], one["events"]) for one in found["confidence"]] == [
        (0.8, 1),
        (0.65, 0),
        (0.5, 1),
        (0.0, 0),
        (None, 1),
    ]


def test_every_period_between_is_there_and_weeks_begin_on_saturday():
    by_day = figures([CLASH, STRIKE], "day")["periods"]
    assert [one["start"] for one in by_day] == [f"2024-12-0{n}" for n in range(2, 8)]
    assert [one["events"] for one in by_day] == [1, 0, 0, 0, 0, 1]
    by_week = figures([CLASH, STRIKE], "week")["periods"]
    assert [one["start"] for one in by_week] == ["2024-11-30", "2024-12-07"]
    assert all(date.fromisoformat(one["start"]).weekday() == 5 for one in by_week)


@given(day=st.dates(), unit=st.sampled_from(UNITS))
def test_a_day_lies_in_its_unit(day, unit):
    start = begin(day, unit)
    assert (start <= day and begin(start, unit) == start) or start == date.min
    assert following(start, unit) > day or following(start, unit) == date.max


@given(days=st.lists(st.dates(), min_size=1, max_size=5), unit=st.none() | st.sampled_from(("month", "year")))
def test_no_event_is_lost_in_time(days, unit):
    found = figures([Event(event_date=day) for day in days], unit)
    assert sum(one["events"] for one in found["periods"]) == len(days)


def test_the_unit_is_the_shortest_that_fits():
    assert unit_for(date(2024, 1, 1), date(2024, 1, 20), 60) == "day"
    assert unit_for(date(2024, 1, 1), date(2024, 12, 31), 60) == "week"
    assert unit_for(date(2021, 1, 1), date(2025, 1, 1), 60) == "month"
    assert unit_for(date(2011, 1, 1), date(2026, 1, 1), 60) == "year"
    assert len(list(periods(date(2011, 1, 1), date(2026, 1, 1), "year"))) == 16


def test_no_event_gives_figures_too():
    found = figures([])
    assert found["events"] == 0 and found["from"] is None and found["confidence"] == found["periods"] == []
    assert [one.heading for one in sections(found, 10)] == ["0 events, 0 deaths"]
    assert headline(figures([TYPED])) == "1 event, 1 death; 1 without a date; 1 without coordinates"


def test_what_is_cut_from_a_table_is_said():
    events = [dataclasses.replace(CLASH, actor1=f"Group {n}") for n in range(5)]
    headings = [one.heading for one in sections(figures(events), 3)]
    assert "Actors (the first 3 of 6)" in headings and "Governorates" in headings


def test_who_reported_is_told_with_the_commonest_first():
    events = [Event(source=names) for names in (("A", "B"), ("B",), ("C",), ("B", "B"), ())]
    assert reporters(events, 2) == "B, A and 1 more" and reporters([Event()], 2) == ""
    assert coded([Event(), Event(trigger="shelled")]) and not coded([CLASH])


# ---- the command ----


def run(*arguments: str, input: bytes = b""):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CONFLICT_EVENTS_")}
    command = [sys.executable, "-m", "conflict_events", *arguments]
    return subprocess.run(command, input=input, capture_output=True, timeout=120, env=environment)


@pytest.fixture
def sheet(tmp_path):
    path = tmp_path / "events.csv"
    write_events([CLASH, STRIKE], path, columns="full")
    return path


def test_summary_is_plain_text_in_a_pipe_and_the_same_every_time(sheet):
    done = run("summary", str(sheet))
    text = done.stdout.decode()
    assert done.returncode == 0 and not done.stderr
    assert text.startswith("2 events, 3 deaths, 2024-12-02 to 2024-12-07\n") and "\x1b" not in text
    for word in ("Armed clash", "Idleb", "Rebels", "By day", "0.8 or more"):
        assert word in text
    assert run("summary", input=sheet.read_bytes()).stdout == done.stdout


def test_summary_as_json_is_what_the_library_counts(sheet, tmp_path):
    done = run("summary", str(sheet), "--format", "json", "--by", "month")
    assert json.loads(done.stdout) == figures([CLASH, STRIKE], "month")
    assert run("summary", str(sheet), "--by", "month", "-o", str(tmp_path / "a.json")).returncode == 0
    assert (tmp_path / "a.json").read_bytes() == done.stdout


def test_summary_names_what_it_cannot_read_and_counts_the_rest(tmp_path):
    path = tmp_path / "edited.csv"
    path.write_text(
        "event_date,event_type,fatalities\n2024-12-02,Battles,many\n2024-12-03,Battles,2\n"
        + "x,Battles,y\n" * 30
    )
    done = run("summary", str(path))
    said = done.stderr.decode().splitlines()
    assert done.returncode == 1 and done.stdout.startswith(b"32 events, 2 deaths")
    assert said[0] == f'{path}:2: fatalities: "many" is not a whole number: counted as 0'
    assert len(said) == 21 and said[-1] == f"{path}: and 41 more like these"


@pytest.mark.parametrize("content", [b"", b"\x00\xff\x00" * 99, b"title,text\na,b\n"])
@pytest.mark.parametrize("command", ["summary", "report"])
def test_what_is_no_table_of_events_is_refused_in_one_line(tmp_path, content, command):
    path = tmp_path / "events.csv"
    path.write_bytes(content)
    target = tmp_path / "out.html"
    done = run(command, str(path), "-o", str(target))
    assert done.returncode == 2 and not target.exists() and not done.stdout
    assert done.stderr.startswith(b"Error: ") and done.stderr.count(b"\n") == 1
