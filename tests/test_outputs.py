"""Spreadsheets, maps and tables for machines, read back by the programs and libraries that people use."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import shutil
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_tables import EVENT, EVENTS

from conflict_events.columns import ACLED, FULL, HXL, TableError
from conflict_events.events import Event
from conflict_events.readers import read_table
from conflict_events.tables import Options, usable, write_events

LOCATED = dataclasses.replace(
    EVENT, event_id_cnty="SYR0000000001", latitude=35.5, longitude=36.25, notes="-a"
)
NOWHERE = Event(event_id_cnty="SYR0000000002", actor1="Zoë & <Söhne>")
PAIR = [LOCATED, NOWHERE]


@pytest.fixture
def written(tmp_path):
    def write(form: str, events=PAIR, columns=None, **options) -> Path:
        path = tmp_path / f"events.{form}"
        write_events(events, path, form, columns, Options(**options))
        return path

    return write


# ---- there and back ----

# What a workbook cannot hold is left out: control characters, and carriage returns, which XML makes newlines.


def clean(event: Event) -> Event:
    def kept(value):
        if isinstance(value, tuple):
            return tuple(kept(item) or "-" for item in value)
        if not isinstance(value, str):
            return value
        return "".join(c for c in value if c.isprintable() or c in "\n\t")

    return dataclasses.replace(event, **{name: kept(getattr(event, name)) for name in FULL})


@settings(deadline=None, max_examples=60)
@given(
    events=st.lists(EVENTS.map(clean), max_size=3),
    form=st.sampled_from(["xlsx", "ods", "parquet", "geojson"]),
    codes=st.booleans(),
    hxl=st.booleans(),
)
def test_what_is_written_reads_back_equal(tmp_path_factory, events, form, codes, hxl):
    path = tmp_path_factory.getbasetemp() / f"there.{form}"
    options = Options(inter_codes=codes, hxl=hxl and form in ("xlsx", "ods"))
    assert write_events(events, path, columns="full", options=options) == len(events)
    assert read_table(path).events == events


@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_control_characters_and_endless_text_do_no_harm(written, form):
    path = written(form, [dataclasses.replace(EVENT, notes="a\x00\x0bb" + "c" * 40_000)])
    (event,) = read_table(path).events
    assert event.notes.startswith("abccc") and len(event.notes) <= 32_767


# ---- Excel ----


def test_openpyxl_sees_a_table_to_work_with(written):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(written("xlsx"))
    sheet = book["events"]
    assert [cell.value for cell in sheet[1]] == list(ACLED)
    assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref == "A1:AE3"
    assert sheet["A1"].font.bold and sheet.column_dimensions["AB"].width == 70
    assert sheet["B2"].value == datetime(2024, 12, 2) and sheet["B2"].number_format == "yyyy-mm-dd"
    assert sheet["C2"].value == 2024 and sheet["W2"].value == 35.5 and sheet["AC2"].value == 0
    assert sheet["AB2"].value == "'-a" and sheet["AB2"].data_type == "s"
    assert sheet["B3"].value is None and sheet["H3"].value == "Zoë & <Söhne>"


def test_a_formula_stays_text_even_without_the_guard(written):
    openpyxl = pytest.importorskip("openpyxl")
    path = written("xlsx", [EVENT], guard=False)
    cell = openpyxl.load_workbook(path)["events"]["AB2"]
    assert cell.value == "=HYPERLINK(1)" and cell.data_type == "s"


def test_pandas_reads_the_workbook(written):
    pandas = pytest.importorskip("pandas")
    frame = pandas.read_excel(written("xlsx"))
    assert list(frame) == list(ACLED) and frame["event_date"].dtype.kind == "M"
    assert frame["fatalities"].dtype.kind == "i" and frame["latitude"].dtype.kind == "f"


# ---- LibreOffice ----


def test_odfdo_sees_a_table_to_work_with(written):
    odfdo = pytest.importorskip("odfdo")
    document = odfdo.Document(written("ods"))
    table = document.body.get_table(name="events")
    rows = list(table.traverse())
    assert [cell.value for cell in rows[0].traverse()] == list(ACLED)
    cells = dict(zip(ACLED, (cell.value for cell in rows[1].traverse()), strict=True))
    assert cells["event_date"] in (date(2024, 12, 2), datetime(2024, 12, 2))
    assert cells["year"] == 2024 and float(cells["latitude"]) == 35.5 and cells["notes"] == "'-a"
    assert 'display-filter-buttons="true"' in document.get_part("content.xml").serialize().decode()


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("form", ["xlsx", "ods", "csv"])
def test_libreoffice_opens_it(written, tmp_path, form):
    target = "csv:Text - txt - csv (StarCalc):44,34,76,1"
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    utf8 = ["--infilter=CSV:44,34,76"] if form == "csv" else []  # a person is asked for the encoding
    path = str(written(form))
    subprocess.run(
        ["soffice", profile, *utf8, "--convert-to", target, "--outdir", str(tmp_path / "out"), path],
        check=True,
        capture_output=True,
        timeout=180,
    )
    first, second = csv.DictReader(
        io.StringIO((tmp_path / "out" / "events.csv").read_text(encoding="utf-8-sig"))
    )
    assert list(first) == list(ACLED) and first["event_date"] == "2024-12-02" and first["year"] == "2024"
    assert (
        float(first["latitude"]) == 35.5 and first["notes"] == "'-a" and second["actor1"] == "Zoë & <Söhne>"
    )


# ---- maps ----


def test_geojson_is_what_the_rfc_says(written):
    text = written("geojson").read_text(encoding="utf-8")
    content = json.loads(text)
    assert content["type"] == "FeatureCollection" and "crs" not in content
    first, second = content["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [36.25, 35.5]} and second["geometry"] is None
    assert first["id"] == "SYR0000000001" and list(first["properties"]) == list(FULL)
    geojson = pytest.importorskip("geojson")
    loaded = geojson.loads(text)
    assert loaded.is_valid and loaded.errors() in ([], None)
    shapely = pytest.importorskip("shapely.geometry")
    assert shapely.shape(first["geometry"]).coords[0] == (36.25, 35.5)


def test_no_event_is_a_valid_map(written):
    assert json.loads(written("geojson", []).read_text()) == {"type": "FeatureCollection", "features": []}


def test_geopandas_reads_the_map(written):
    geopandas = pytest.importorskip("geopandas")
    frame = geopandas.read_file(written("geojson", [LOCATED]))
    assert frame.crs.to_epsg() == 4326 and frame.geometry[0].x == 36.25 and frame["year"][0] == 2024


# ---- Parquet ----


def test_parquet_has_types(written):
    pytest.importorskip("pyarrow")
    import pyarrow.parquet

    schema = pyarrow.parquet.read_schema(written("parquet", []))
    assert list(schema.names) == list(ACLED)
    assert [str(schema.field(n).type) for n in ("event_date", "year", "latitude", "actor1", "inter1")] == [
        "date32[day]", "int64", "double", "string", "string",
    ]  # fmt: skip
    assert (
        str(pyarrow.parquet.read_schema(written("parquet", inter_codes=True)).field("inter1").type) == "int64"
    )


def test_what_is_not_installed_is_said_before_anything_is_read(monkeypatch, tmp_path):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "conflict-events[parquet]" in usable("parquet", Options())
    with pytest.raises(TableError, match="pyarrow"):
        write_events([], tmp_path / "a.parquet")


# ---- HXL ----


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_libhxl_understands_the_hashtags(written, form):
    hxl = pytest.importorskip("hxl")
    source = hxl.data(str(written(form, [LOCATED], hxl=True)), hxl.InputOptions(allow_local=True))
    assert [column.display_tag for column in source.columns] == list(HXL.values())
    (row,) = source
    assert row.get("#geo+lat") in ("35.5000", 35.5) and row.get("#group+name+first") == "Rebels"


def test_hashtags_stand_under_the_header_and_the_filter_below_them(written):
    openpyxl = pytest.importorskip("openpyxl")
    sheet = openpyxl.load_workbook(written("xlsx", hxl=True))["events"]
    assert sheet["B2"].value == "#date+occurred" and sheet.freeze_panes == "A3"
    assert sheet.auto_filter.ref == "A2:AE4"
    assert len(read_table(written("csv", hxl=True)).events) == 2
    assert set(HXL) == set(ACLED)


def test_hashtags_are_for_spreadsheets():
    assert usable("csv", Options(hxl=True)) == usable("ods", Options(hxl=True)) == ""
    assert "csv, xlsx, ods" in usable("geojson", Options(hxl=True))


# ---- ACLED ----


def test_columns_are_those_of_the_acled_client():
    models = pytest.importorskip("acled.models")
    pydantic = pytest.importorskip("pydantic")
    from conflict_events.columns import row

    assert list(models.AcledEvent.__annotations__) == list(ACLED)
    full = dataclasses.replace(
        LOCATED, timestamp=1733097600, source=("A",), location="Saraqab", geo_precision=1
    )
    cells = {name: value for name, value in row(full, inter_codes=True).items() if value is not None}
    checked = pydantic.create_model(
        "Checked", **{n: (t, None) for n, t in models.AcledEvent.__annotations__.items()}
    )
    assert checked(**cells).event_date == date(2024, 12, 2)


# ---- the command line ----


def test_binary_formats_go_through_a_pipe(tmp_path):
    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "engine_stub.py"), "extract", "--format", "xlsx"],
        input=b"IDLIB, December 2, 2024 - The army shelled Saraqab.",
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0 and not done.stderr
    path = tmp_path / "piped.xlsx"
    path.write_bytes(done.stdout)
    assert [event.location for event in read_table(path).events] == ["Saraqab"]


def test_hashtags_for_json_are_a_usage_error():
    command = [sys.executable, str(Path(__file__).parent / "engine_stub.py"), "extract"]
    done = subprocess.run(
        [*command, "--format", "json", "--hxl"], input=b"", capture_output=True, timeout=120
    )
    assert done.returncode == 2 and b"csv, xlsx, ods" in done.stderr and b"Traceback" not in done.stderr
