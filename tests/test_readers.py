"""Files of events read back: edited by people, exported by ACLED, saved by other programs, damaged."""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
from datetime import date

import pytest
from test_tables import EVENT

from conflict_events.columns import TableError
from conflict_events.readers import read_table
from conflict_events.tables import Options, write_events

HEADER = "event_id_cnty,event_date,event_type,sub_event_type,actor1,location,latitude,longitude,fatalities"


def table(content: str | bytes, name: str = "events.csv"):
    raw = content.encode() if isinstance(content, str) else content
    return read_table(name, io.BytesIO(raw))


def edited(**cells: str):
    """A table of one good row and one in which a person wrote these cells."""
    good = dict(
        zip(
            HEADER.split(","),
            ["SYR1", "2024-12-02", "Battles", "Armed clash", "Rebels", "Hama", "35.13", "36.75", "3"],
            strict=True,
        )
    )
    lines = [HEADER, ",".join(good.values()), ",".join({**good, **cells}.values())]
    return table("\n".join(lines) + "\n")


@pytest.mark.parametrize(
    ("column", "text", "complaint"),
    [
        ("fatalities", "many", 'fatalities: "many" is not a whole number: counted as 0'),
        ("fatalities", "-2", 'fatalities: "-2" cannot be a number of deaths: counted as 0'),
        ("fatalities", "2.5", 'fatalities: "2.5" is not a whole number: counted as 0'),
        ("fatalities", "nan", 'fatalities: "nan" is not a whole number: counted as 0'),
        ("latitude", "north", 'latitude: "north" is not a number: left empty'),
        ("latitude", "361.2", 'latitude: "361.2" is not between -90 and 90 degrees: left empty'),
        ("longitude", "inf", 'longitude: "inf" is not between -180 and 180 degrees: left empty'),
        ("event_date", "3/4/2020", 'event_date: "3/4/2020" is not a date that can only be read one way'),
        ("event_date", "soon", 'event_date: "soon" is not a date'),
        ("event_type", "Batles", 'event_type: "Batles" is not in ACLED\'s taxonomy: shown as it is'),
        ("sub_event_type", "Duel", 'sub_event_type: "Duel" is not in ACLED\'s taxonomy: shown as it is'),
    ],
)
def test_a_cell_that_cannot_be_read_costs_that_cell_and_says_where(column, text, complaint):
    found = edited(**{column: text})
    assert len(found.events) == 2 and found.events[1].event_id_cnty == "SYR1"
    (said,) = found.complaints
    assert said.startswith(f"events.csv:3: {complaint}")
    assert found.events[1].fatalities == (0 if column == "fatalities" else 3)


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("event_date", "02 December 2024", date(2024, 12, 2)),
        ("event_date", "2-Dec-24", None),
        ("event_date", "25/12/2024", date(2024, 12, 25)),
        ("event_date", "2024-12-02T00:00:00", date(2024, 12, 2)),
        ("event_type", "battles", "Battles"),
        ("fatalities", "3.0", 3),
        ("fatalities", "", 0),
        ("latitude", '"35,5"', 35.5),
    ],
)
def test_what_people_and_programs_write_is_understood(column, text, value):
    found = edited(**{column: text})
    assert getattr(found.events[1], column) == value
    assert bool(found.complaints) == (value is None)


def test_one_date_shows_the_order_of_all():
    found = table("event_date;actor1\n03/04/2020;A\n25/04/2020;B\n11/12/2020 00:00;C\n")
    assert [event.event_date for event in found.events] == [
        date(2020, 4, 3),
        date(2020, 4, 25),
        date(2020, 12, 11),
    ]
    assert not found.complaints
    assert len(table("event_date;actor1\n03/04/2020;A\n05/04/2020;B\n").complaints) == 2


def test_columns_of_ones_own_are_kept_beside_the_event():
    found = table("event_date,checked by,actor1,\n2024-12-02,Rima,Rebels,seen,more\n")
    (line,) = found.lines
    assert line.number == 2 and line.event.actor1 == "Rebels"
    assert line.own == {"checked by": "Rima", "column 4": "seen", "column 5": "more"}
    assert found.columns == {"event_date", "actor1"} and not found.complaints


def test_rows_without_an_event_are_passed_over_but_not_silently():
    found = table("event_date,fatalities,remark\n2024-12-02,3,\n,,\n,,sum of the week\n")
    assert len(found.lines) == 1
    assert found.complaints == ["events.csv:4: has nothing in the columns of an event: left out"]


def test_what_stands_above_the_header_is_passed_over():
    found = table("Events of the week\n\nevent_date;actor1;fatalities\n2024-12-02;Rebels;3\n")
    assert [(line.number, line.event.fatalities) for line in found.lines] == [(4, 3)]


def test_an_export_of_acled_with_capitals_codes_and_old_columns_is_read():
    found = table(
        "\ufeffDATA_ID;ISO;EVENT_ID_CNTY;EVENT_DATE;INTER1;INTERACTION;FATALITIES\n"
        "1;760;SYR9;09 May 2020;2;12;4\n"
    )
    (event,) = found.events
    assert event.event_date == date(2020, 5, 9) and event.inter1 == 2 and event.interaction == 12
    assert not found.complaints


@pytest.mark.parametrize("form", ["csv", "xlsx", "ods", "json", "jsonl", "geojson", "parquet"])
def test_the_bytes_say_what_a_file_is_and_not_its_name(form):
    file = io.BytesIO() if form in ("xlsx", "ods", "parquet") else io.StringIO()
    hxl = form in ("csv", "xlsx", "ods")
    event = dataclasses.replace(EVENT, latitude=35.1234, longitude=36.5)
    write_events([event], file, form, "full", Options(hxl=hxl, bom=form == "csv"))
    content = file.getvalue()
    raw = content.encode() if isinstance(content, str) else content
    assert table(raw, "a.tmp").events == [event] == table(gzip.compress(raw), "a.tmp").events


@pytest.mark.parametrize("encoding", ["utf-16", "cp1252"])
def test_other_encodings_of_a_spreadsheet_are_read(encoding):
    text = f"{HEADER}\nSYR1,2024-12-02,Battles,Armed clash,Zoë,Hama,35.13,36.75,3\n"
    assert table(text.encode(encoding)).events[0].actor1 == "Zoë"


def test_an_answer_of_acled_and_a_bare_geojson_point_are_read():
    assert table('{"status": 200, "data": [{"event_date": "2020-05-09"}]}').events[0].event_date
    feature = {"type": "Feature", "properties": {"actor1": "A"}, "geometry": {"coordinates": [36.7, 35.1]}}
    (event,) = table(json.dumps({"type": "FeatureCollection", "features": [feature]})).events
    assert (event.latitude, event.longitude) == (35.1, 36.7)


def test_no_event_is_no_error():
    assert table("", "events.jsonl").events == table("[]").events == table(HEADER).events == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("title,text,published,source\nA,B,2024-12-02,C\n", "is no table of events"),
        ("just some words", "is no table of events"),
        ("{", "is not valid JSON at line 1"),
        ("[1]", "row 1: expected a JSON object"),
        ('{"event_date": null}\n{"event_date"\n', "line 2 is not valid JSON"),
        ('{"title": "an article"}', "is no table of events"),
        ("[" * 100_000, "JSON"),
        (b"PK\x03\x04" + b"\x00" * 50, "not a readable workbook"),
        (b"PAR1" + b"\x00" * 50, "no readable Parquet"),
        (b"\x1f\x8b" + b"\x00" * 50, "cannot be unpacked"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff\xfe", "is no table"),
        (bytes(range(256)) * 20, "is no table"),
        ("event_date,actor1,actor1\n2024-12-02,A,B\n", 'two columns are called "actor1"'),
    ],
)
def test_what_holds_no_events_is_refused_in_one_line(content, message):
    with pytest.raises(TableError, match=message) as error:
        table(content)
    assert str(error.value).startswith("events.csv: ") and "\n" not in str(error.value)
