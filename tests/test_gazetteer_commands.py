"""`conflict-events gazetteer …` as it is used: real processes, pipes and exit codes."""

from __future__ import annotations

import csv
import inspect
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from geopy.exc import GeocoderQueryError
from geopy.geocoders import Nominatim
from hypothesis import given
from hypothesis import strategies as st

from conflict_events.gazetteer import GazetteerGeocoder
from conflict_events.gazetteer.likeness import likeness
from conflict_events.gazetteer_check import check
from conflict_events.lookup import COLUMNS, NEAR_COLUMNS, Finder

HEADER = "id,name,kind,latitude,longitude,admin1,admin2,admin3,pcode,aliases,country,parent"


def run(*args: object, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
    raw = stdin if isinstance(stdin, bytes) else stdin.encode()
    command = [sys.executable, "-m", "conflict_events", "gazetteer", *map(str, args)]
    done = subprocess.run(command, input=raw, capture_output=True, timeout=60)
    out, err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in err, err
    return subprocess.CompletedProcess(command, done.returncode, out, err)


def records(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(text.splitlines(), strict=True))


def folder(tmp_path: Path, *rows: str, header: str = HEADER) -> Path:
    (tmp_path / "places.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return tmp_path


# ---- lookup ----


def test_a_name_gives_its_homonyms_the_likeliest_first():
    done = run("lookup", "Souran")
    found = records(done.stdout)
    assert (done.returncode, done.stderr) == (0, "") and tuple(found[0]) == COLUMNS
    assert {"suran", "suran-hama"} <= {place["id"] for place in found}
    assert {place["tier"] for place in found} == {"exact"} and {place["query"] for place in found} == {
        "Souran"
    }
    assert found[0]["latitude"].partition(".")[2].__len__() == 4


@pytest.mark.parametrize(
    "query, place",
    [
        ("Suran, Hama", "suran-hama"),
        ("Suran, Aleppo", "suran"),
        ("Suran, Hama province", "suran-hama"),
        ("Saraqib, Idlib, Syria", "saraqib"),
        ("Ma'arrat an-Nu'man", "maarat-al-numan"),
    ],
)
def test_what_a_place_lies_in_decides(query, place):
    assert Finder().best(query)["id"] == place


def test_a_name_nearly_right_is_found_and_says_so():
    (first, *_) = Finder().find("Saraqibb, Idlib")
    assert first["id"] == "saraqib"
    (first, *_) = Finder().find("Saraqba")
    assert first["id"] == "saraqib" and first["tier"] != "exact" and 0.7 < first["score"] < 1


def test_words_need_no_quotes():
    assert records(run("lookup", "Kafr", "Nabl", "--limit", 1).stdout)[0]["admin1"] == "Idleb"


def test_the_order_of_the_geocoder_is_kept():
    geocoder = GazetteerGeocoder(Finder().gazetteer)
    for name in ("Suran", "Hama", "Tal Abyad", "Khan Shaykhun"):
        assert geocoder.geocode(name).raw["place_id"] == Finder().best(name)["id"]


def test_an_unknown_name_is_an_error():
    done = run("lookup", "Qxzwv")
    assert (done.returncode, done.stdout) == (1, "") and '"Qxzwv"' in done.stderr
    assert done.stderr.count("\n") == 1


def test_each_line_of_input_gets_one_line_of_answer():
    asked = ["Saraqib", "", "Qxzwv", "Suran, Hama", ", ,", "=1+1", "Palmyra\r", "x" * 5000]
    done = run("lookup", "-", stdin="\n".join(asked) + "\n")
    found = records(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert [place["query"].lstrip("'") for place in found] == [name.rstrip("\r") for name in asked]
    assert [bool(place["latitude"]) for place in found] == [
        True,
        False,
        False,
        True,
        False,
        False,
        True,
        False,
    ]
    lines = run("lookup", "-", "--format", "jsonl", stdin="Saraqib\nQxzwv").stdout.splitlines()
    first, second = map(json.loads, lines)
    assert first["latitude"] == pytest.approx(35.86, abs=0.02) and second["latitude"] is None
    assert tuple(second) == COLUMNS


def test_bytes_that_are_no_text_do_no_harm():
    assert len(records(run("lookup", "-", stdin=b"\xff\xfe\x00\n\xef\xbb\xbfSaraqib\n").stdout)) == 2


def test_no_input_gives_the_header_only():
    done = run("lookup")
    assert (done.returncode, done.stdout.strip()) == (0, ",".join(COLUMNS))


def test_a_reader_that_stops_ends_it_quietly():
    command = f"yes Saraqib | {sys.executable} -m conflict_events gazetteer lookup - | head -2"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert done.stdout.count("\n") == 2 and done.stderr == ""


def test_places_of_ones_own(tmp_path):
    own = folder(tmp_path, "karm,Karm al-Sayf,village,35.8312,36.7025,Idleb,Ariha,Ariha,,Karm Seif,SY,")
    assert records(run("lookup", "Karam Seif", "--gazetteer", own).stdout)[0]["id"] == "karm"
    (tmp_path / "places.csv").write_text(HEADER + "\nkarm,Karm,vilage,1,2,,,,,,,\n")
    done = run("lookup", "Karm", "--gazetteer", own)
    assert done.returncode == 2 and 'places.csv:2: unknown kind "vilage"' in done.stderr


# ---- near ----


def test_near_lists_by_distance():
    done = run("near", "35.8645", "36.8059", "--limit", 4)
    found = records(done.stdout)
    assert (done.returncode, len(found), found[0]["id"]) == (0, 4, "saraqib")
    assert tuple(found[0]) == NEAR_COLUMNS
    distances = [float(place["km"]) for place in found]
    assert distances == sorted(distances) and distances[0] < 0.5


@pytest.mark.parametrize(
    "point, code", [(("-35.9", "36.8"), 1), (("0", "-20"), 1), (("95", "36"), 2), (("north", "36"), 2)]
)
def test_points_without_a_place(point, code):
    done = run("near", *point)
    assert (done.returncode, done.stdout) == (code, "") and done.stderr


# ---- check ----


def test_the_packaged_gazetteer_has_no_errors():
    done = run("check")
    assert done.returncode == 0, done.stdout
    assert all(": warning: " in line for line in done.stdout.splitlines())


GOOD = "karm,Karm al-Sayf,village,35.8312,36.7025,Idleb,Ariha,Ariha,,Karm Seif,SY,"


def test_a_good_table_of_ones_own(tmp_path):
    done = run("check", folder(tmp_path, GOOD))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "row, message",
    [
        (GOOD.replace("village", "vilage"), 'error: unknown kind "vilage"'),
        (GOOD.replace("karm,", ",", 1), "error: no id"),
        (GOOD.replace("karm,", "Karm 1,", 1), 'warning: id "Karm 1"'),
        (GOOD.replace("Karm al-Sayf", ""), "error: no name"),
        (GOOD.replace("35.8312", "35,8312"), "cells, the header has"),
        (GOOD.replace("35.8312", "35°"), 'error: latitude "35°" is not a number'),
        (GOOD.replace("35.8312", "nan"), "error: no such point: nan"),
        (GOOD.replace("35.8312", "135.8"), "error: no such point"),
        (GOOD.replace("35.8312,36.7025", "36.7025,35.3312"), "error: 36.7025, 35.3312 is not in Syria"),
        (GOOD.replace("35.8312,36.7025", "40.7025,45.8312"), "is not in Syria: name its country"),
        (GOOD.replace("35.8312,36.7025", "36.7025,33.8312"), "latitude and longitude seem exchanged"),
        (GOOD.replace("Idleb,Ariha", "Idlib,Ariha"), "did you mean Idleb / Ariha / Ariha?"),
        (GOOD.replace("Idleb,Ariha,Ariha", "Hama,Ariha,Ariha"), "did you mean Idleb / Ariha / Ariha?"),
        (GOOD.replace("Idleb,Ariha,Ariha", ",,"), "warning: no admin1"),
        (GOOD.replace("Ariha,,", "Ariha,SY99,"), 'error: unknown code "SY99"'),
        (GOOD.replace("Ariha,,", "Ariha,SY01,"), "error: code SY01 is Damascus"),
        (GOOD.replace(",SY,", ",Syria,"), 'error: country "Syria"'),
        (GOOD.replace("SY,", "TR,"), "Idleb / Ariha / Ariha is in Syria, the place is in TR"),
        (GOOD.replace("Karm Seif", "Karm Seif||"), "error: an alias is empty"),
        (GOOD + "nowhere", 'error: parent "nowhere"'),
        (GOOD + "karm", "lies in itself"),
        (GOOD.replace(",Idleb", " ,Idleb", 1).replace("Karm al-Sayf", "Karm al-Sayf "), "warning: blanks"),
        (GOOD + "\n" + GOOD, 'error: id "karm" is already on places.csv:2'),
        (
            "mine,Saraqib,town,35.8640,36.8050,Idleb,Idleb,Saraqab,,,SY,",
            'warning: "Saraqib" is also a name of saraqib',
        ),
    ],
)
def test_what_is_wrong_is_found(tmp_path, row, message):
    findings = list(map(str, check(folder(tmp_path, row))))
    assert any(message in finding for finding in findings), findings
    assert all(finding.startswith("places.csv:") for finding in findings)


def test_errors_end_with_1_and_a_missing_table_too(tmp_path):
    done = run("check", folder(tmp_path, GOOD.replace("village", "vilage")))
    assert (done.returncode, done.stdout.count("\n"), done.stderr) == (1, 1, "")
    (tmp_path / "places.csv").unlink()
    done = run("check", tmp_path)
    assert done.returncode == 1 and "no such file" in done.stdout
    assert run("check", tmp_path / "none").returncode == 2


def test_what_loading_refuses_is_an_error_of_the_check(tmp_path):
    for header, row in [("id,name", "a,b"), (HEADER + ",colour", GOOD + ",red"), (HEADER, "a,b")]:
        own = folder(tmp_path, row, header=header)
        assert run("lookup", "Hama", "--gazetteer", own).returncode == 2
        assert any(finding.error for finding in check(own))


def test_keys_that_are_not_those_of_the_names_are_found(tmp_path):
    for keys, errors in (("", 0), ("karmsaif", 1)):
        own = folder(tmp_path, f"{GOOD},{keys}", header=HEADER + ",keys")
        assert len(list(check(own))) == errors


def test_stopnames_are_checked(tmp_path):
    folder(tmp_path, GOOD)
    (tmp_path / "stopnames.csv").write_text("name,reason\nHamza,person\nhamza,person\nHole,\n")
    assert [str(finding) for finding in check(tmp_path)] == [
        'stopnames.csv:3: warning: "hamza" is already on stopnames.csv:2',
        "stopnames.csv:4: error: name and reason must not be empty",
    ]


# ---- in the place of Nominatim ----


@pytest.fixture(scope="module")
def geocoder() -> GazetteerGeocoder:
    return GazetteerGeocoder()


@pytest.mark.parametrize("method", ["geocode", "reverse"])
def test_what_nominatim_takes_is_taken(method):
    theirs = inspect.signature(getattr(Nominatim, method)).parameters
    ours = inspect.signature(getattr(GazetteerGeocoder, method)).parameters
    assert {*theirs} <= {*ours}
    assert all(ours[name].kind == theirs[name].kind for name in theirs)
    either = {name for name in theirs if not callable(theirs[name].default)} - {"timeout"}
    assert {name: ours[name].default for name in either} == {name: theirs[name].default for name in either}


@pytest.mark.parametrize(
    "query, options, place",
    [
        ("Suran", {"viewbox": [(35.0, 36.5), (35.5, 37.0)]}, "suran-hama"),
        ("Suran", {"viewbox": ["36.4, 37.0", "36.7, 37.4"], "bounded": True}, "suran"),
        ("Suran", {"viewbox": [(1, 1), (2, 2)], "bounded": True}, None),
        ("Tripoli", {"country_codes": "sy"}, None),
        ("Saraqib", {"country_codes": ["TR", "sy"]}, "saraqib"),
        ("Saraqib", {"country_codes": "tr,lb"}, None),
        ("Idlib", {"featuretype": "state"}, "idlib-governorate"),
        ("Idlib", {"featuretype": "city"}, "idlib"),
        ("Idlib", {"featuretype": "country"}, None),
        ({"city": "Suran", "state": "Hama", "country": "Syria"}, {}, "suran-hama"),
        ({"city": "Suran", "state": "Aleppo"}, {}, "suran"),
        ({"city": "Suran", "country": "Turkey"}, {}, None),
        ({}, {}, None),
        ("", {}, None),
        ("Saraqib", {"timeout": 3, "language": "en", "addressdetails": True, "geometry": "WKT"}, "saraqib"),
    ],
)
def test_they_mean_what_they_mean_there(geocoder, query, options, place):
    found = geocoder.geocode(query, **options)
    assert (found and found.raw["place_id"]) == place
    several = geocoder.geocode(query, exactly_one=False, limit=2, **options)
    assert several is None if place is None else several[0] == found and len(several) <= 2


def test_details_come_on_request(geocoder):
    raw = geocoder.geocode("Saraqib", namedetails=True, extratags=True, geometry="geojson").raw
    assert raw["namedetails"]["name:ar"] == "سراقب" and int(raw["extratags"]["population"]) > 10_000
    assert raw["geojson"]["coordinates"] == [float(raw["lon"]), float(raw["lat"])]
    with pytest.raises(ValueError):
        geocoder.geocode("Saraqib", limit=0, exactly_one=False)
    with pytest.raises(GeocoderQueryError):
        geocoder.geocode("Saraqib", geometry="shp")


def test_zoom_asks_for_the_unit(geocoder):
    point = (35.8645, 36.8059)
    for zoom, place in ((5, "idlib-governorate"), (8, "idlib-district"), (14, "saraqib"), (None, "saraqib")):
        assert geocoder.reverse(point, zoom=zoom, namedetails=True).raw["place_id"] == place


def test_the_examples_of_its_page_run(capsys):
    page = (Path(__file__).parent.parent / "gazetteer" / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        exec(example, {})
    assert "Suran, Hama, Syria" in capsys.readouterr().out


# ---- names that are only nearly right ----


@pytest.mark.parametrize(
    "name, place",
    [
        ("Khan Cheikhoun, Idlib", "Khan Shaykhun"),
        ("Mayadeen, Deir ez-Zor", "Mayadin"),
        ("Derkouch, Idlib", "Darkush"),
        ("Qosseir, Homs", "Qusayr"),
        ("Kafar Takhareem, Idlib", "Kafr Takharim"),
        ("Kur Taj, Hama", None),  # nothing like it there
    ],
)
def test_spellings_that_nobody_listed(name, place):
    finder = Finder()
    meant = {other.id for other in finder.gazetteer.exact(place)} if place else {None}
    assert finder.best(name)["id"] in meant


def test_a_name_nearly_that_of_two_places_far_apart_has_no_answer(tmp_path):
    own = folder(
        tmp_path,
        "one,Qurzuban,village,35.80,36.70,Idleb,Ariha,Ariha,,,SY,",
        "two,Qurzabun,village,35.80,36.50,Idleb,Ariha,Ariha,,,SY,",
    )
    finder = Finder(own)
    assert finder.best("Qurzubun, Idlib")["id"] is None
    assert {record["id"] for record in finder.find("Qurzubun, Idlib")} == {"one", "two"}
    assert finder.best("Qurzuban, Idlib")["id"] == "one"


SPELLING = st.text("abdefghijklmnqrstuwyz", min_size=1, max_size=12)


@given(SPELLING, SPELLING)
def test_likeness_is_a_share_and_the_same_both_ways(one, other):
    assert likeness(one, one) == 1
    assert 0 <= likeness(one, other) <= 1
    assert likeness(one, other) == pytest.approx(likeness(other, one))
