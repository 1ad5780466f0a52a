"""Columns, formats, the formula guard, and files that are replaced only when they are complete."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events.columns import ACLED, FULL, INTERACTION, TableError, guarded, row, unguarded
from conflict_events.events import Event
from conflict_events.readers import read_table
from conflict_events.tables import Options, replacing, to_frame, write_events

EVENT = Event(
    event_id_cnty="SYR0123456789",
    event_date=date(2024, 12, 2),
    year=2024,
    time_precision=1,
    actor1="Rebels",
    assoc_actor_1=("A", "B"),
    inter1=2,
    actor2="Civilians (Syria)",
    inter2=7,
    interaction=27,
    latitude=35.12344,
    longitude=-0.00001,
    notes="=HYPERLINK(1)",
    confidence=0.75,
)


def written(events, form, columns=None, **options) -> str:
    file = io.StringIO()
    write_events(events, file, form, columns, Options(**options))
    return file.getvalue()


def cells(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# ---- columns ----


def test_columns_are_the_fields_of_an_event_in_order():
    assert list(FULL) == [field.name for field in dataclasses.fields(Event)]
    assert len(ACLED) == 31 and list(ACLED)[-1] == "timestamp"


def test_interactions_are_44_and_civilians_come_last():
    assert len(INTERACTION) == 44
    assert INTERACTION[78] == "External/Other forces-Civilians"
    assert INTERACTION[17] == "State forces-Civilians" and INTERACTION[50] == "Rioters only"


def test_a_row_has_labels_or_codes():
    assert [row(EVENT)[name] for name in ("inter1", "inter2", "interaction")] == [
        "Rebel group",
        "Civilians",
        "Rebel group-Civilians",
    ]
    assert row(EVENT, inter_codes=True)["interaction"] == 27
    assert row(Event())["inter2"] is None and row(Event(), inter_codes=True)["inter2"] == 0


# ---- formats ----


def test_csv():
    (line,) = cells(written([EVENT], "csv"))
    assert list(line) == list(ACLED)
    assert line["event_date"] == "2024-12-02" and line["assoc_actor_1"] == "A; B"
    assert line["latitude"] == "35.1234" and line["longitude"] == "0.0000"
    assert line["notes"] == "'=HYPERLINK(1)" and line["timestamp"] == ""


def test_csv_lines_end_in_a_newline_and_quote_carriage_returns():
    text = written([Event(notes="a\rb"), Event(notes="c\r\nd")], "csv")
    assert "\r\n" not in text.replace("c\r\nd", "")
    assert [line["notes"] for line in cells(text)] == ["a\rb", "c\r\nd"]


def test_no_event_still_has_a_header():
    assert written([], "csv").strip() == ",".join(ACLED)
    assert written([], "json") == "[]\n"
    assert written([], "jsonl") == ""
    assert written([], "table") == "no events\n"


def test_bom_and_no_guard():
    assert written([], "csv", bom=True).startswith("\ufeffevent_id_cnty")
    assert cells(written([EVENT], "csv", guard=False))[0]["notes"] == "=HYPERLINK(1)"


def test_json_has_numbers_and_nulls():
    (record,) = json.loads(written([EVENT], "json"))
    assert list(record) == list(FULL)
    assert record["latitude"] == 35.1234 and record["year"] == 2024 and record["fatalities"] == 0
    assert record["tags"] is None and record["trigger"] is None and record["notes"] == "=HYPERLINK(1)"
    assert json.loads(written([EVENT], "jsonl")) == record


def test_rows_are_written_as_they_come():
    file = io.StringIO()

    def events():
        yield EVENT
        assert len(file.getvalue().splitlines()) == 2
        yield EVENT

    assert write_events(events(), file, "csv") == 2


def test_table_for_a_pipe_is_plain_and_cannot_steer_a_terminal():
    text = written([dataclasses.replace(EVENT, location="Sara\x1b[31mqab [red]x")], "table")
    assert "Sara [31mqab [red]x" in text and "\x1b" not in text
    assert text.startswith("date") and "2024-12-02" in text


@pytest.mark.parametrize("name", ["events.sav", "events"])
def test_unknown_formats_are_named(tmp_path, name):
    with pytest.raises(TableError, match=r"\.csv"):
        write_events([], tmp_path / name)


# ---- the formula guard ----


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\ta", "\ra", "'=1", "''-1"])
def test_guard_covers_every_formula(text):
    assert guarded(text) == "'" + text and unguarded("'" + text) == text


@pytest.mark.parametrize("value", ["a=1", "'a", "", None, -3, -0.5])
def test_guard_leaves_the_rest(value):
    assert guarded(value) == value


@given(st.text())
def test_guard_is_undone(text):
    assert unguarded(guarded(text)) == text


# ---- there and back ----

TEXT = st.text(max_size=12) | st.sampled_from(["=1", "'=1", "a\r\nb", "a;b", "\x00", "\u2028", ", \"'"])
NAMES = st.lists(TEXT.filter(lambda text: text and "; " not in text), max_size=3).map(tuple)
NAMES = NAMES.filter(lambda names: tuple("; ".join(names).split("; ")) == names if names else True)
KINDS = {
    "text": TEXT,
    "list": NAMES,
    "date": st.none() | st.dates(),
    "count": st.integers(-5, 10**12),
    "decimal": st.floats(-180, 180).map(lambda number: round(number, 4)),
    "inter": st.integers(0, 8),
    "interaction": st.sampled_from([0, *INTERACTION]),
}
PRECISION = st.integers(1, 3)
BOUNDED = {
    "latitude": st.floats(-90, 90).map(lambda number: round(number, 4)),
    "geo_precision": PRECISION,
    "time_precision": PRECISION,
    "fatalities": st.integers(0, 10**6),
    "confidence": st.floats(0, 1).map(lambda number: round(number, 4)),
}
VALUES = {name: BOUNDED.get(name, KINDS[kind]) for name, kind in FULL.items()}
OPTIONAL = {name for name in FULL if getattr(Event(), name) is None}
EVENTS = st.builds(
    Event,
    **{name: st.none() | values if name in OPTIONAL else values for name, values in VALUES.items()},
)


@settings(deadline=None)
@given(
    events=st.lists(EVENTS, max_size=3),
    form=st.sampled_from(["csv", "json", "jsonl"]),
    codes=st.booleans(),
    bom=st.booleans(),
)
def test_what_is_written_reads_back_equal(tmp_path_factory, events, form, codes, bom):
    path = tmp_path_factory.getbasetemp() / f"there.{form}"
    options = Options(inter_codes=codes, bom=bom)
    assert write_events(events, path, columns="full", options=options) == len(events)
    assert read_table(path).events == events


# ---- replaced on success ----


def test_a_failure_leaves_the_earlier_file_and_nothing_else(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text("earlier")

    def events():
        yield EVENT
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_events(events(), path)
    assert path.read_text() == "earlier" and list(tmp_path.iterdir()) == [path]


def test_mode_and_links_are_kept(tmp_path):
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("earlier")
    real.chmod(0o640)
    link.symlink_to(real)
    write_events([EVENT], link)
    assert link.is_symlink() and real.stat().st_mode & 0o777 == 0o640
    assert len(read_table(real).events) == 1


def test_a_new_file_has_the_usual_mode(tmp_path):
    write_events([], tmp_path / "a.csv")
    (tmp_path / "b.csv").touch()
    assert (tmp_path / "a.csv").stat().st_mode == (tmp_path / "b.csv").stat().st_mode


def test_devices_are_written_to():
    assert write_events([EVENT], os.devnull, "csv") == 1
    assert not Path(os.devnull).is_file()


def test_a_folder_is_no_target(tmp_path):
    with pytest.raises(IsADirectoryError), replacing(tmp_path):
        pass


# ---- frames ----


def test_frame_has_columns_and_types_even_when_empty():
    frame, empty = to_frame([EVENT, Event()]), to_frame([])
    assert list(frame) == list(ACLED) == list(empty)
    assert (frame.dtypes == empty.dtypes).all()
    assert frame.loc[0, "event_date"].date() == date(2024, 12, 2) and frame["event_date"].isna()[1]
    assert frame.loc[0, "latitude"] == 35.1234 and frame["actor1"].isna()[1]
    assert list(to_frame([EVENT], "full", inter_codes=True)["interaction"]) == [27]
