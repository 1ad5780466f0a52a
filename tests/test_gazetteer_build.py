"""A country's full list of GeoNames: read from anything, fetched, compared, laid under the packaged table."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflict_events.gazetteer import Gazetteer, GazetteerError, build, download, geonames, layer
from conflict_events.gazetteer_check import check


def line(
    number: int,
    name: str = "Karm al Waz",
    alternates: str = "",
    latitude: object = 35.2111,
    longitude: object = 37.9021,
    code: str = "P.PPL",
    country: str = "SY",
    units: tuple[str, str, str] = ("10", "", ""),
    population: object = 0,
    ascii_name: str | None = None,
) -> str:
    """A row of a dump, as GeoNames writes it."""
    cells = [number, name, name if ascii_name is None else ascii_name, alternates, latitude, longitude]
    cells += [*code.split("."), country, "", *units, "", population, "", 300, "Asia/Damascus", "2019-01-01"]
    return "\t".join(map(str, cells))


# A village in the desert, where the packaged table has none, and one that it has.
VILLAGE = line(900001, "Karm al Waz", "Karm el-Wezz,Karm al-Wāz,كرم الوز,Карм аль-Ваз")
KNOWN = line(900002, "Saraqib", "Serakeb-on-the-Hill,سراقب", 35.8644, 36.8059, units=("12", "", ""))
DUMP = f"{VILLAGE}\n{KNOWN}\n"


def dump(tmp_path: Path, text: str = DUMP, name: str = "SY.txt") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


def zipped(text: str | bytes = DUMP, name: str = "SY.txt") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.txt", "Readme for GeoNames")
        archive.writestr(name, text)
    return out.getvalue()


def run(*args: object, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "conflict_events", *map(str, args)],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        timeout=120,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def built(tmp_path: Path, text: str = DUMP, country: str = "SY") -> Path:
    folder = tmp_path / "layer"
    build.build(dump(tmp_path, text, f"{country}.txt"), country, folder, source="test")
    return folder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


# ---- reading a dump ----------------------------------------------------------------------------------


NAME = st.text(max_size=30).map(geonames.clean)
ALTERNATE = NAME.map(lambda name: geonames.clean(name.replace(",", ""))).filter(bool)


@given(
    st.lists(
        st.builds(
            geonames.Feature,
            st.integers(1, 10**9),
            NAME,
            NAME,
            st.lists(ALTERNATE, max_size=4).map(tuple),
            st.integers(-9000000, 9000000).map(lambda n: n / 100000),
            st.integers(-18000000, 18000000).map(lambda n: n / 100000),
            st.sampled_from("APSTHLR"),
            st.sampled_from(["PPL", "ADM1", "MT"]),
            st.just("SY"),
            st.tuples(*[st.text("0123456789", max_size=4)] * 3),
            st.integers(0, 10**9),
        ),
        min_size=1,
        unique_by=lambda feature: feature.id,
    )
)
def test_what_is_written_is_read_again(tmp_path_factory, found):
    path = tmp_path_factory.mktemp("dump") / "SY.txt.gz"
    path.write_bytes(geonames.written(found))
    assert list(geonames.features(path, "SY")) == found


@given(st.text())
def test_names_are_one_clean_line(text):
    name = geonames.clean(text)
    assert name == name.strip() and not set("\t\n\r|") & set(name) and name[:1] not in tuple("=+-@ ")
    assert geonames.clean(name) == name


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("dump") / "SY.txt"
    for start in (b"", VILLAGE.encode() + b"\n", b"PK\x03\x04", b"\x1f\x8b\x08\x00"):
        path.write_bytes(start + data)
        try:
            assert list(geonames.features(path, "SY"))
        except GazetteerError as error:
            assert str(error).startswith("SY.txt") and "\n" not in str(error)


def test_it_may_come_packed(tmp_path):
    plain = list(geonames.features(dump(tmp_path), "SY"))
    assert [feature.id for feature in plain] == [900001, 900002]
    for name, data in {
        "a.zip": zipped(),
        "b.gz": gzip.compress(DUMP.encode()),
        "c": zipped(name="SY/sy.TXT"),
        "d": b"\xef\xbb\xbf" + DUMP.replace("\n", "\r\n").encode(),
    }.items():
        (tmp_path / name).write_bytes(data)
        assert list(geonames.features(tmp_path / name, "SY")) == plain, name


@pytest.mark.parametrize(
    "content, message",
    [
        (b"", "SY.zip: empty"),
        (b"\n\n", "SY.zip: empty"),
        (b"<!DOCTYPE html><title>Not found</title>", "SY.zip: this is a web page"),
        (b"id,name\n1,2\n", "SY.zip:1: 1 columns parted by tabs, a dump of GeoNames has 19"),
        (DUMP.encode() + b"x\ty\n", "SY.zip:3: 2 columns"),
        (DUMP.encode() + VILLAGE.encode("utf-8").replace(b"Karm", b"K\xe4rm"), "SY.zip:3: not in UTF-8"),
        (line(1, latitude=95).encode(), "SY.zip:1: latitude 95 is out of range"),
        (line(1, longitude="-180.1").encode(), "longitude -180.1 is out of range"),
        (line(1, latitude="nan").encode(), 'latitude "nan" is not a number'),
        (line(1, latitude="1e1").encode(), 'latitude "1e1" is not a number'),
        (line(1, population="many").encode(), 'population "many" is not a whole number'),
        (line("one").encode(), 'geonameid "one" is not a whole number'),  # type: ignore[arg-type]
        (line(1, country="IQ").encode(), "SY.zip: no place of SY in it, but of IQ: use --country"),
        (zipped()[:-30], "SY.zip: the archive is damaged"),
        (zipped()[:40], "SY.zip: the archive is damaged"),
        (gzip.compress(DUMP.encode() * 50)[:60], "SY.zip: the archive is damaged"),
        (zipped(name="IQ.txt"), "no SY.txt in it, but readme.txt, IQ.txt"),
        (zipped(b"\0" * 300_000), "SY.txt:1: a line of more than 100000 bytes"),
        (zipped(b"x\ty\n"), "SY.txt:1: 2 columns"),
        (b"\x00" * 200_000, "SY.zip:1: a line of more than 100000 bytes"),
    ],
)
def test_what_is_no_dump_is_refused_in_one_line(tmp_path, content, message):
    path = tmp_path / "SY.zip"
    path.write_bytes(content)
    with pytest.raises(GazetteerError) as error:
        list(geonames.features(path, "SY"))
    assert message in str(error.value) and "\n" not in str(error.value)


def test_what_would_unpack_to_too_much_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(geonames, "MOST_BYTES", 500)
    for name, content in (("SY.zip", zipped(DUMP * 9)), ("SY.gz", gzip.compress(DUMP.encode() * 9))):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(GazetteerError, match=r"would unpack to|no dump of one country"):
            list(geonames.features(tmp_path / name, "SY"))


def test_an_id_given_twice_counts_once(tmp_path):
    again = line(900001, "Karm al Waz", latitude=35.3)
    assert len(list(geonames.features(dump(tmp_path, f"{VILLAGE}\n{again}\n{VILLAGE}\n"), "SY"))) == 1


# ---- what becomes of it ------------------------------------------------------------------------------


def test_a_place_that_the_table_lacks_is_added_and_one_that_it_has_is_not(tmp_path):
    folder = built(tmp_path)
    (place,) = rows(folder / "places.csv")
    assert (place["id"], place["name"], place["kind"]) == ("geonames-900001", "Karm al Waz", "hamlet")
    assert (place["admin1"], place["name_ar"], place["country"]) == ("Hama", "كرم الوز", "SY")
    assert place["admin2"] and place["admin3"] and place["aliases"] == "Karm el-Wezz"
    assert [row["alias"] for row in rows(folder / "spellings.csv")] == ["Serakeb-on-the-Hill"]
    gazetteer = Gazetteer.load(layer=folder)
    assert gazetteer.exact("Serakeb on the Hill")[0].id == "saraqib"
    assert gazetteer.exact("Karm el-Waz")[0].id == "geonames-900001"
    assert not Gazetteer.load(layer="none").exact("Karm el-Waz")


def test_the_built_table_has_no_errors(tmp_path):
    text = DUMP + line(900003, '=HYPERLINK("x")', "+1,@a,a|b,a;b,\u202eevil", 35.4, 38.2)
    found = list(check(built(tmp_path, text)))
    assert not [finding for finding in found if finding.error], found
    (odd,) = (row for row in rows(tmp_path / "layer" / "places.csv") if row["id"] == "geonames-900003")
    assert (odd["name"], odd["aliases"]) == ('HYPERLINK("x")', "a|a b|evil")


def test_the_same_dump_gives_the_same_files(tmp_path):
    folder = built(tmp_path)
    before = {name: (folder / name).read_bytes() for name in ("places.csv", "spellings.csv", "dump.txt.gz")}
    built(tmp_path)
    assert {name: (folder / name).read_bytes() for name in before} == before


@pytest.mark.parametrize(
    "code, population, kind",
    [
        ("P.PPL", 0, "hamlet"),
        ("P.PPL", 300, "village"),
        ("P.PPL", 9000, "town"),
        ("P.PPL", 90000, "city"),
        ("P.PPLX", 0, "neighbourhood"),
        ("P.PPLQ", 0, "hamlet"),
        ("S.AIRB", 0, "airbase"),
        ("S.AIRP", 0, "airport"),
        ("L.MILB", 0, "base"),
        ("S.DAM", 0, "dam"),
        ("L.OILF", 0, "oilfield"),
        ("L.GASF", 0, "gasfield"),
        ("S.PRN", 0, "prison"),
        ("T.MT", 0, "mountain"),
        ("T.HLL", 0, "hill"),
        ("H.LK", 0, "lake"),
        ("H.STM", 0, "river"),
        ("S.BDG", 0, "bridge"),
        ("P.PPLH", 0, None),
        ("S.HTL", 0, None),
        ("A.ADM3", 0, None),  # the packaged table has Syria's units
        (".", 0, None),
    ],
)
def test_kinds_are_ours(tmp_path, code, population, kind):
    made = build.compiled(
        geonames.features(dump(tmp_path, line(7, "Zzyzx Hayl", code=code, population=population)), "SY"), "SY"
    )
    assert [place.kind for place in made.places] == ([kind] if kind else [])


@pytest.mark.parametrize(
    "name, alternates, latitude, longitude, same",
    [
        ("Saraqeb", "", 35.90, 36.80, True),  # four km off
        ("Saraqeb", "", 35.98, 36.80, False),
        ("Sarqueb", "", 35.87, 36.81, True),  # the same consonants, close by
        ("Zzyzx", "سراقب", 35.88, 36.81, True),  # by its Arabic name
        ("Zzyzx", "", 35.8645, 36.8060, True),  # on the very spot
        ("Zzyzx Hayl", "", 35.8, 38.9, False),
    ],
)
def test_which_place_is_the_same(tmp_path, name, alternates, latitude, longitude, same):
    text = line(7, name, alternates, latitude, longitude, units=("12", "", ""))
    assert bool(build.compiled(geonames.features(dump(tmp_path, text), "SY"), "SY").places) != same


def test_governorates_are_acled_s(tmp_path):
    capitals = {p.admin1: p for p in Gazetteer.load(layer="none").places.values() if p.kind == "governorate"}
    codes = {row["code"]: row["admin1"] for row in rows(build.PACKAGED / "geonames_admin1.csv")}
    assert {*codes.values()} == {*capitals} and len(codes) == 14


def test_any_country_gives_a_gazetteer_of_it(tmp_path):
    nineveh = ("15", "", "")
    text = "\n".join(
        [
            line(1, "Nineveh", "", 36.3, 42.5, "A.ADM1", "IQ", nineveh),
            line(2, "Telafar District", "", 36.4, 42.4, "A.ADM2", "IQ", ("15", "T1", "")),
            line(3, "Qarah Tappah", "", 36.41, 42.51, "P.PPL", "IQ", ("15", "T1", "")),
            line(4, "Elsewhere", "", 33.0, 44.0, "P.PPLA", "IQ", ("99", "", "")),
        ]
    )
    folder = built(tmp_path, text, "IQ")
    by_name = {row["name"]: row for row in rows(folder / "places.csv")}
    village = by_name["Qarah Tappah"]
    assert (village["admin1"], village["admin2"], village["country"]) == ("Nineveh", "Telafar District", "IQ")
    assert by_name["Elsewhere"]["admin1"] == "99" and by_name["Elsewhere"]["kind"] == "city"
    assert not [finding for finding in check(folder) if finding.error]
    done = run("gazetteer", "lookup", "Qarah Tappah, Nineveh", "--layer", folder)
    assert "geonames-3" in done.stdout


def test_syria_s_rows_know_nothing_of_another_country_s_layer(tmp_path):
    text = line(1, "Qarah Tappah", "", 36.41, 42.51, "P.PPL", "IQ")
    data = {"XDG_DATA_HOME": str(tmp_path / "data")}
    path = dump(tmp_path, text, "IQ.txt")
    assert run("gazetteer", "build", "--country", "iq", "--from", path, **data).returncode == 0
    assert "geonames-1" not in run("gazetteer", "lookup", "Qarah Tappah", **data).stdout
    assert "geonames-1" in run("gazetteer", "lookup", "Qarah Tappah", "--layer", "IQ", **data).stdout


# ---- in use ------------------------------------------------------------------------------------------


def test_from_build_to_rows(tmp_path):
    data = {"XDG_DATA_HOME": str(tmp_path / "data")}
    (tmp_path / "SY.zip").write_bytes(zipped())
    done = run("gazetteer", "build", "--from", tmp_path / "SY.zip", **data)
    assert (done.returncode, done.stdout) == (0, "") and done.stderr.startswith("1 place and 1 spelling more")
    assert done.stderr.count("\n") == 1
    assert "geonames-900001" in run("gazetteer", "lookup", "Karm al-Waz", **data).stdout
    assert "geonames-900001" in run("gazetteer", "near", 35.2111, 37.9021, **data).stdout
    assert "geonames" not in run("gazetteer", "lookup", "Karm al-Waz", "--layer", "none", **data).stdout
    article = tmp_path / "article.txt"
    article.write_text("Regime artillery shelled the village of Karm al-Waz on Monday, killing two men.")
    told = run("extract", article, "--published", "2019-05-07", **data)
    assert ",Karm al Waz,35.2111,37.9021," in told.stdout and ",Hama," in told.stdout
    without = run("extract", article, "--published", "2019-05-07", CONFLICT_EVENTS_LAYER="none", **data)
    assert "Karm al Waz" not in without.stdout
    why = run("explain", article, "--published", "2019-05-07", **data)
    assert "Karm al Waz, Hama" in why.stdout and "1 places and 1 spellings of SY" in why.stderr


def test_a_layer_is_chosen_by_option_variable_or_custom(tmp_path, monkeypatch):
    folder = built(tmp_path)
    assert layer.chosen(None) is None
    monkeypatch.setenv(layer.VARIABLE, str(folder))
    assert layer.chosen(None) == folder and layer.chosen("none") is None
    monkeypatch.setenv(layer.VARIABLE, "none")
    assert layer.chosen(None) is None and layer.chosen(folder) == folder
    for missing in ("IQ", str(tmp_path)):
        with pytest.raises(GazetteerError):
            layer.chosen(missing)
    done = run("gazetteer", "lookup", "Hama", "--layer", tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "manifest.json" in done.stderr


def test_one_s_own_rows_lie_over_the_layer(tmp_path):
    folder = built(tmp_path)
    own = tmp_path / "own"
    own.mkdir()
    (own / "places.csv").write_text(
        "id,name,kind,latitude,longitude,admin1\ngeonames-900001,Vineyard of the Goose,farm,35.21,37.9,Hama\n"
    )
    gazetteer = Gazetteer.load(own, folder)
    assert gazetteer.places["geonames-900001"].kind == "farm" and not gazetteer.exact("Karm al-Waz")


def test_a_namesake_of_the_packaged_table_goes_first(tmp_path):
    text = line(8, "Jarjanaz", "", 35.3, 38.4)
    first, second = Gazetteer.load(layer=built(tmp_path, text)).exact("Jarjanaz")[:2]
    assert (first.id, second.id) == ("jarjanaz", "geonames-8")


@pytest.mark.parametrize(
    "name, cue",
    [("Zarifkan", True), ("Abu Zarifkan", True), ("Umm Zarif", True), ("Khirbat Zarifkan", False)],
)
def test_a_name_that_only_the_layer_has_may_need_a_cue(tmp_path, name, cue):
    gazetteer = Gazetteer.load(layer=built(tmp_path, line(9, name)))
    assert gazetteer.exact(name) and gazetteer.needs_cue(name) == cue


def test_a_layer_made_by_another_version_is_made_again(tmp_path):
    folder = built(tmp_path)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"made_for": "earlier"}))
    (folder / "places.csv").write_text("rubbish")
    assert Gazetteer.load(layer=folder).exact("Karm al-Waz")
    assert json.loads((folder / "manifest.json").read_text()) == manifest
    (folder / "manifest.json").write_text(json.dumps(manifest | {"made_for": "earlier"}))
    (folder / "dump.txt.gz").unlink()
    with pytest.raises(GazetteerError, match="gazetteer build"):
        Gazetteer.load(layer=folder)


@pytest.mark.parametrize(
    "name, text", [("manifest.json", "{"), ("manifest.json", "[]"), ("places.csv", "a,b\n")]
)
def test_a_broken_layer_is_one_line_with_a_remedy(tmp_path, name, text):
    (built(tmp_path) / name).write_text(text)
    done = run("gazetteer", "lookup", "Hama", "--layer", tmp_path / "layer")
    assert done.returncode == 2 and done.stderr.count("\n") == 1 and "gazetteer build" in done.stderr


@pytest.mark.parametrize("stage", ["reading", "comparing"])
def test_a_build_that_is_broken_off_leaves_the_old_layer(tmp_path, stage):
    folder = built(tmp_path)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    many = "\n".join(line(n, f"Karm al Waz {n}", "", 34 + n / 1e4, 38 + n / 1e4) for n in range(1, 2001))

    def stop(now: str, done: int, total: int) -> None:
        if now == stage and done >= 500:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build.build(dump(tmp_path, many), "SY", folder, source="test", progress=stop)
    with pytest.raises(GazetteerError):
        build.build(dump(tmp_path, DUMP + "x"), "SY", folder, source="test")
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_manifest_says_where_it_is_from(tmp_path):
    manifest = layer.read_manifest(built(tmp_path))
    assert (manifest.country, manifest.source, manifest.rows, manifest.places) == ("SY", "test", 2, 1)
    assert "CC BY 4.0" in manifest.licence and "GeoNames" in manifest.attribution


@pytest.mark.parametrize(
    "args, message",
    [
        (("--country", "Syria"), "no code of two letters"),
        (("--from", "nowhere.zip"), "nowhere.zip: no such file"),
        (("--from", "ftp://example.org/SY.zip"), "no such file"),
    ],
)
def test_a_wrong_command_line_is_one_line(tmp_path, args, message):
    done = run("gazetteer", "build", *args, "--output", tmp_path / "out")
    assert done.returncode == 2 and message in done.stderr and not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    for output in (tmp_path / "file", tmp_path / "file" / "below"):
        done = run("gazetteer", "build", "--from", dump(tmp_path), "--output", output)
        assert done.returncode == 2 and done.stderr.count("\n") == 1, done.stderr


# ---- from the network --------------------------------------------------------------------------------


class Server(HTTPServer):
    """Serves one file; `drop` is after how many bytes an answer breaks off, once."""

    content = zipped("".join(f"{line(n, f'Karm al Waz {n}', '', 35.0, 38.0)}\n" for n in range(1, 400)))
    etag = '"one"'
    ranges = True
    drop: int | None = None
    status = 200
    kind = "application/zip"

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/SY.zip"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, wanted = self.server, self.headers.get("Range", "")
        server.asked.append(wanted)
        begin = 0
        if wanted and server.ranges and self.headers.get("If-Range") == server.etag:
            begin = int(wanted.removeprefix("bytes=").rstrip("-"))
        body = server.content[begin:]
        self.send_response(206 if begin else server.status)
        self.send_header("Content-Type", server.kind)
        self.send_header("ETag", server.etag)
        self.send_header("Last-Modified", "Sun, 22 Nov 2020 00:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        if begin:
            self.send_header(
                "Content-Range", f"bytes {begin}-{len(server.content) - 1}/{len(server.content)}"
            )
        self.end_headers()
        drop, server.drop = server.drop, None
        self.wfile.write(body[:drop])

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        server.shutdown()


def fetch(server: Server, tmp_path: Path) -> bytes:
    return download.fetch(server.url, tmp_path / "part", lambda *step: None, wait=0).path.read_bytes()


def test_a_download_is_built_and_leaves_no_part(tmp_path, server):
    done = run("gazetteer", "build", "--from", server.url, "--output", tmp_path)
    assert done.returncode == 0, done.stderr
    manifest = layer.read_manifest(tmp_path)
    assert (manifest.source, manifest.last_modified[:16]) == (server.url, "Sun, 22 Nov 2020")
    assert {path.name for path in tmp_path.iterdir()} == {
        "places.csv",
        "spellings.csv",
        "dump.txt.gz",
        "manifest.json",
    }


def test_a_download_that_breaks_off_goes_on_from_there(tmp_path, server):
    server.drop = 1000
    assert fetch(server, tmp_path) == server.content
    assert server.asked == ["", "bytes=1000-"]


def test_a_part_of_an_earlier_run_is_used(tmp_path, server, monkeypatch):
    monkeypatch.setattr(download, "_TRIES", 1)
    server.drop = 1000
    with pytest.raises(GazetteerError, match="1000 of"):
        fetch(server, tmp_path)
    assert fetch(server, tmp_path) == server.content
    assert server.asked == ["", "bytes=1000-"]
    assert fetch(server, tmp_path) == server.content  # whole already: the last byte is asked for again
    assert server.asked[-1] == f"bytes={len(server.content) - 1}-"


@pytest.mark.parametrize("change", ["another file", "no ranges", "no note", "another note"])
def test_a_part_that_does_not_fit_is_begun_anew(tmp_path, server, monkeypatch, change):
    monkeypatch.setattr(download, "_TRIES", 1)
    server.drop = 1000
    with pytest.raises(GazetteerError):
        fetch(server, tmp_path)
    if change == "another file":
        server.content, server.etag = zipped(DUMP), '"two"'
    elif change == "no ranges":
        server.ranges = False
    else:
        note = tmp_path / "part.json"
        note.write_text("{" if change == "no note" else note.read_text().replace("SY.zip", "IQ.zip"))
    assert fetch(server, tmp_path) == server.content


def test_a_server_without_marks_of_version_is_asked_for_the_whole(tmp_path, server):
    server.etag, server.drop = 'W/"weak"', 500
    assert fetch(server, tmp_path) == server.content
    assert server.asked[1] == "bytes=500-"  # by the date, which this server does not take


@pytest.mark.parametrize(
    "status, kind, content, message",
    [
        (404, "text/html", b"", "the server answers 404"),
        (503, "text/html", b"", "the server answers 503"),
        (200, "text/html; charset=utf-8", b"<html>", "a web page came"),
        (200, "application/zip", b"<html>log in</html>", "this is a web page"),
        (200, "application/zip", b"PK\x03\x04", "the archive is damaged"),
        (200, "application/zip", b"", "empty"),
    ],
)
def test_what_is_not_the_dump_is_one_line(tmp_path, server, status, kind, content, message):
    server.status, server.kind, server.content = status, kind, content
    done = run("gazetteer", "build", "--from", server.url, "--output", tmp_path / "out")
    assert done.returncode == 2 and message in done.stderr and done.stderr.count("\n") == 1
    assert not [path for path in (tmp_path / "out").iterdir() if path.name != "SY.download.json"]


def test_without_a_network_it_says_what_to_do(tmp_path):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/SY.zip"
        done = run("gazetteer", "build", "--from", url, "--output", tmp_path)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "no connection" in done.stderr and "--from FILE" in done.stderr
