"""Comparing rows with coded ones: names, pairing, figures, and the command as it is used."""

from __future__ import annotations

import datetime
import json
import os
import string
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from conftest import read_table
from hypothesis import given
from hypothesis import strategies as st

from conflict_events.articles import read_articles
from conflict_events.coded import (
    Coded,
    actor_key,
    admin_key,
    coded,
    derived,
    note_text,
    notes_as_articles,
    read_coded,
    week_end,
)
from conflict_events.columns import TableError
from conflict_events.evaluate import bands, distances, figures, likeness, pair, pair_notes, report, whole
from conflict_events.events import Article
from conflict_events.lexicon import load
from conflict_events.lookup import Finder

STUB = [sys.executable, str(Path(__file__).parent / "engine_stub.py")]
REAL = [sys.executable, "-m", "conflict_events"]
ARMY, ISIL = "Military Forces of Syria (2000-2024)", "Islamic State in Iraq and the Levant (ISIL)"
WEEK = datetime.timedelta(days=7)
SHELLING = "Shelling/artillery/missile attack"


def event(**cells) -> Coded:
    """A coded event with what most of these tests do not care about filled in."""
    plain = {
        "event_date": datetime.date(2020, 5, 9),
        "time_precision": 1,
        "event_type": "Explosions/Remote violence",
        "sub_event_type": SHELLING,
        "actor1": ARMY,
        "actor2": "",
        "admin1": "Idleb",
        "location": "Saraqab",
        "latitude": 35.8643,
        "longitude": 36.8026,
        "geo_precision": 1,
        "fatalities": 0,
    }
    return Coded(**{**plain, **cells})


# ---- names ----

NAMES = st.text(string.ascii_letters + string.digits + " ()-:;'’.éāʿ", max_size=60)


@given(NAMES)
def test_keys_of_keys_are_the_keys(name):
    assert actor_key(actor_key(name)) == actor_key(name)
    assert admin_key(admin_key(name)) == admin_key(name)


@given(NAMES)
def test_marks_and_capitals_do_not_count(name):
    assert actor_key(f"  {name}.") == actor_key(f" {name} ")
    assert admin_key(name.upper()) == admin_key(name.lower()) or not name.isascii()


@given(st.sampled_from([actor.name for actor in load().actors.values()]), st.integers(1946, 2023))
def test_years_and_units_do_not_count(name, year):
    bare = name.split(" (")[0].split(": ")[-1]
    assert actor_key(f"XYZ: {bare} ({year}-2024) 3rd Division") == actor_key(bare)


def test_different_actors_of_the_dictionary_stay_different():
    """Two names may share a key only where they are one actor under the years of two regimes."""
    by_key: dict[str, set[str]] = {}
    for actor in load().actors.values():
        by_key.setdefault(actor_key(actor.name), set()).add(actor.name)
    shared = [
        found for found in by_key.values() if len({n.split(" (")[0].split(": ")[-1] for n in found}) > 1
    ]
    assert not shared


@pytest.mark.parametrize(
    "one, other",
    [
        ("Military Forces of Syria (2000-)", "Military Forces of Syria (2000-2024) 4th Armored Division"),
        ("QSD: Syrian Democratic Forces", "Syrian Democratic Forces"),
        ("QDW: National Defense Forces", "National Defence Forces"),
        ("Islamic State (Syria)", ISIL),
        ("Civilians (Syria)", "civilians"),
    ],
)
def test_one_actor_in_two_spellings(one, other):
    assert actor_key(one) == actor_key(other)


def test_citizens_of_two_countries_are_two_actors():
    assert actor_key("Civilians (Syria)") != actor_key("Civilians (Iraq)")


@pytest.mark.parametrize(
    "spellings",
    [
        "Al-Hasakeh|Al Hasakeh|Hasakah|al-Hasaka",
        "Deir-ez-Zor|Deir ez Zor|Deir Ezzor|Deir al-Zor",
        "Dar'a|Dara|Daraa|Dar’a",
        "As-Sweida|As Sweida|Suwayda|al-Suweida",
        "Idleb|Idlib",
        "Lattakia|Latakia",
        "Rural Damascus|Rif Dimashq",
        "Ar-Raqqa|Raqqa|Raqqah",
        "Tartous|Tartus",
    ],
)
def test_one_governorate_in_many_spellings(spellings):
    assert len({admin_key(name) for name in spellings.split("|")}) == 1


def test_all_governorates_stay_apart():
    names = "Al Hasakeh|Aleppo|Ar Raqqa|As Sweida|Damascus|Dara|Deir ez Zor|Hama|Homs|Idleb|Lattakia|Quneitra"
    every = [*names.split("|"), "Rural Damascus", "Tartous"]
    assert len({admin_key(name) for name in every}) == 14


# ---- reading ----

HEAD = "event_id_cnty,event_date,event_type,sub_event_type,actor1,actor2,country,location,fatalities,notes"
LINE = "SYR1,2020-05-09,Battles,Armed clash,A,B,Syria,Saraqab,3,They fought."


@pytest.mark.parametrize("day", ["2020-05-09", "09 May 2020", "9-May-20", "9 May 2020"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_days_and_separators_of_exports(day, mark):
    text = "\n".join([HEAD, LINE]).replace(",", mark).replace("2020-05-09", day)
    (one,) = read_coded(("\ufeff" + text.upper().replace("THEY", "They")).encode(), "gold.csv")
    assert (one.event_date, one.fatalities, one.id) == (datetime.date(2020, 5, 9), 3, "SYR1")


def test_json_in_three_shapes():
    cells = {"event_date": "2020-05-09", "sub_event_type": "Armed clash", "latitude": "35.1", "iso": 760}
    shapes = [json.dumps([cells]), json.dumps({"status": 200, "data": [cells]}), f"{json.dumps(cells)}\n" * 2]
    for text in shapes:
        assert read_coded(text.encode(), "g")[0].latitude == 35.1


def test_rows_of_other_countries_are_known():
    cells = {"event_date": "2020-05-09", "sub_event_type": "Attack"}
    assert not coded({**cells, "country": "Iraq"}).syrian and not coded({**cells, "iso": "368"}).syrian
    assert coded({**cells, "country": "Syria"}).syrian and coded(cells).syrian


@pytest.mark.parametrize(
    "raw, told",
    [
        (b"", "is empty"),
        (b"a,b\n1,2\n", "no column event_date"),
        (HEAD.encode() + b"\n", "holds no rows"),
        (f"{HEAD}\n{LINE.replace(',3,', ',many,')}".encode(), 'gold:2: fatalities: cannot read "many"'),
        (f"{HEAD}\n{LINE.replace('2020-05-09', '05/09/2020')}".encode(), "gold:2: event_date"),
        (b"PK\x03\x04", "Excel workbook"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"a\0b", "not UTF-8"),
        (b"[1]", "row 1: expected a JSON object"),
        (b'{"a": ', "not valid JSON"),
        (b'{"a": 1}\n{"a": ', "gold:2: not valid JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_in_one_line(raw, told):
    with pytest.raises(TableError) as error:
        read_coded(raw, "gold")
    assert told in str(error.value) and "\n" not in str(error.value)


# ---- notes ----


def test_what_only_coders_know_is_taken_off():
    note = (
        "Movement of forces: On 9 May 2020, troops came to Saraqab [size=no report]. Fatalities coded as 10."
    )
    assert note_text(note) == "On 9 May 2020, troops came to Saraqab ." and derived(note)


@given(st.dates())
def test_weeks_end_on_the_friday_after(day):
    if day < datetime.date(9999, 12, 20):
        assert week_end(day).weekday() == 4 and 0 <= (week_end(day) - day).days < 7


def test_notes_need_a_text_and_an_id_of_their_own():
    rows = [
        event(id="a", notes="x"),
        event(id="a", notes="y"),
        event(id="b", notes=""),
        event(where="g:5", notes="z"),
    ]
    kept, articles = notes_as_articles(rows)
    assert [one.id for one in kept] == [article.id for article in articles] == ["a", "g:5"]


# ---- pairing ----


def test_an_event_is_most_like_itself():
    assert likeness(event(), event()) > likeness(event(), event(fatalities=3)) > 0


@pytest.mark.parametrize(
    "cells",
    [
        {"event_date": datetime.date(2020, 5, 12)},
        {"event_date": None},
        {"latitude": 35.2},
        {"longitude": 36.3},
        {"event_type": "Protests", "actor1": "Protesters (Syria)"},
    ],
)
def test_what_cannot_be_one_event(cells):
    assert likeness(event(), event(**cells)) == 0


@pytest.mark.parametrize(
    "cells",
    [
        {"event_date": datetime.date(2020, 5, 10)},
        {"event_date": datetime.date(2020, 5, 14), "time_precision": 2},
        {"latitude": 35.95},
        {"latitude": 35.2, "geo_precision": 3},
        {"event_type": "Battles"},
        {"latitude": None, "location": "Sarāqab", "admin1": "Idlib"},
    ],
)
def test_what_can_be_one_event(cells):
    assert likeness(event(), event(**cells)) > 0


ROWS = st.lists(
    st.builds(
        event,
        event_date=st.dates(datetime.date(2020, 5, 1), datetime.date(2020, 5, 6)),
        time_precision=st.sampled_from([1, 1, 2]),
        latitude=st.sampled_from([35.8, 35.85, 36.5]),
        fatalities=st.integers(0, 2),
        actor1=st.sampled_from([ARMY, ISIL]),
        actor2=st.sampled_from(["", ISIL, "Civilians (Syria)"]),
    ),
    max_size=8,
)


@given(ROWS, ROWS, st.randoms())
def test_the_order_of_rows_does_not_change_the_figures(gold, rows, random):
    mixed = random.sample(rows, len(rows))
    found, other = pair(gold, rows), pair(gold, mixed)
    assert len(found.matched) == len(other.matched)
    assert len(found.pairs) == len(gold) and len(found.matched) + len(found.invented) == len(rows)
    assert len({id(row) for _, row in found.matched}) <= len(found.matched)


@given(ROWS)
def test_a_table_is_right_about_itself(rows):
    told = figures(pair(rows, list(rows)))
    assert all(figure.right == figure.of for figure in told)


@given(ROWS, ROWS)
def test_exchanged_actors_change_nothing_but_in_violence_against_civilians(gold, rows):
    crossed = [replace(row, actor1=row.actor2, actor2=row.actor1) for row in rows]
    one, other = pair(gold, rows), pair(gold, crossed)
    assert len(one.matched) == len(other.matched)
    kept = ("precision", "recall", "event_type", "place_10km", "both_actors")
    assert [f for f in figures(one) if f.name in kept] == [f for f in figures(other) if f.name in kept]


def test_order_counts_in_violence_against_civilians():
    attack = event(
        event_type="Violence against civilians", sub_event_type="Attack", actor2="Civilians (Syria)"
    )
    assert whole(attack, attack, "tables")
    assert not whole(attack, replace(attack, actor1=attack.actor2, actor2=attack.actor1), "tables")


def test_rows_are_paired_by_their_ids_within_articles_or_across():
    far = event(id="S1", latitude=33.0, event_date=datetime.date(2021, 1, 1))
    assert len(pair([event(id="S1")], [far]).matched) == 1
    gold = [event(texts=("a",)), event(texts=("b",))]
    assert pair(gold, [event(texts=("b",)), event(texts=("b",))]).basis == "articles"
    assert len(pair(gold, [event(texts=("b",)), event(texts=("b",))]).matched) == 1
    assert pair([event(id="S1")], [event(texts=("S1", "S2"))]).basis == "notes"
    assert pair([event()], [event()]).basis == "tables"


def test_a_note_takes_its_best_row_and_the_others_are_invented():
    rows = [event(texts=("S1",), actor1=ISIL), event(texts=("S1",))]
    found = pair_notes([event(id="S1"), event(id="S2")], rows)
    assert found.pairs[0][1] is rows[1] and found.invented == (rows[0],)
    told = {figure.name: (figure.right, figure.of) for figure in figures(found)}
    assert told["detected"] == (1, 2) and told["exactly_one"] == (0, 2) and told["place_10km"] == (1, 2)


def test_days_and_deaths_of_notes_count_where_the_note_tells_them():
    gold = event(id="S1", notes="They fought. Fatalities coded as 10.", fatalities=10)
    row = event(texts=("S1",), event_date=datetime.date(2020, 5, 8))
    told = {figure.name: figure.of for figure in figures(pair_notes([gold], [row]))}
    assert told["event_date"] == told["fatalities"] == 0 and whole(gold, row, "notes")


def test_distances_and_confidence():
    rows = [event(confidence=0.9), event(latitude=35.95, confidence=0.4)]
    found = pair([event(), event()], rows)
    assert distances(found)["pairs"] == 2 and distances(found)["within_1km"] == 0.5
    assert [(band.start, band.rows) for band in bands(found)] == [(0.8, 1), (0.65, 0), (0.5, 0), (0.0, 1)]
    assert not bands(pair([event()], [event()]))


def test_what_is_wrong_is_listed_field_by_field():
    gold = event(id="S1", fatalities=3)
    told = report(pair([gold], [event(id="S1", actor1=ISIL)]), show=5)["wrong"]
    assert [(line["field"], line["coded"], line["row"]) for line in told] == [
        ("both_actors", f"{ARMY} / ", f"{ISIL} / "),
        ("fatalities", "3", "0"),
    ]


def test_lists_keep_the_order_of_the_table():
    gold = [event(where=f"g:{n}", event_date=datetime.date(2020, 5, 9 - n)) for n in range(5)]
    assert [line["where"] for line in report(pair(gold, []), show=9)["missed"]] == [one.where for one in gold]


def test_nothing_at_all_is_no_error():
    assert report(pair([], []))["f1"] is None


# ---- the command ----


def run(*args, stdin: str = "", program=STUB, cwd=None, env=None):
    done = subprocess.run(
        [*program, "evaluate", *map(str, args)],
        input=stdin,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        cwd=cwd,
        env={**os.environ, **(env or {})},
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


COLUMNS = (
    "event_id_cnty;event_date;event_type;sub_event_type;actor1;actor2;"
    "country;latitude;longitude;fatalities;notes"
)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.csv"
    cells = f"2020-05-08;Explosions/Remote violence;{SHELLING};{ARMY};"
    lines = [
        COLUMNS,
        f"SYR1;{cells};Syria;35.8643;36.8026;0;The army shelled Saraqab",
        f"SYR2;{cells};Syria;35.8643;36.8026;0;Nothing of note",
        f"IRQ1;{cells};Iraq;35.8643;36.8026;0;shelled",
    ]
    path.write_text("\ufeff" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_notes_of_an_export(export):
    done = run(export, "--format", "json", "--show", "5")
    assert (done.returncode, done.stderr) == (0, f"{export}: left out, not of Syria: 1 row\n")
    told = json.loads(done.stdout)
    assert (told["basis"], told["gold"], told["rows"]) == ("notes", 2, 1)
    assert told["figures"]["detected"] == {"right": 1, "of": 2, "share": 0.5}
    assert told["missed"][0]["where"] == "SYR2" and told["places"]["median_km"] == 0


def test_rows_that_are_there_already(export, tmp_path):
    feed = tmp_path / "feed.jsonl"
    feed.write_text(
        json.dumps({"id": "a", "text": "The army shelled Saraqab.", "published": "2020-05-08"}) + "\n"
    )
    rows = tmp_path / "rows.csv"
    extracted = subprocess.run([*STUB, "extract", str(feed), "-o", str(rows)], capture_output=True)
    assert extracted.returncode == 0
    for given_rows in (rows, "-"):
        done = run(export, given_rows, "--format", "json", stdin=rows.read_text())
        told = json.loads(done.stdout)
        assert (
            told["basis"] == "tables"
            and told["matched"] == 1
            and told["f1"] == pytest.approx(2 / 3, abs=1e-4)
        )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("args", [["evaluate", "{0}", "{0}"], ["gazetteer", "lookup", "Hama"]])
def test_a_full_disk_behind_stdout_is_one_line(export, args):
    with Path("/dev/full").open("w") as full:
        command = [*REAL, *(arg.format(export) for arg in args)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and done.stderr.splitlines()[-1].startswith("Error: cannot write to standard")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("content", ["", "[]", "event_id_cnty,event_date\n"])
def test_rows_may_be_none_at_all(export, tmp_path, content):
    rows = tmp_path / "rows.csv"
    rows.write_text(content)
    told = json.loads(run(export, rows, "--format", "json", "--show", "9").stdout)
    assert (told["rows"], told["matched"], len(told["missed"])) == (0, 0, 2)
    assert "figure" in run(export, rows).stdout


def test_tables_to_read(export, tmp_path):
    done = run(export, "--show", "2")
    assert (
        "sub_event_type" in done.stdout
        and "Missed (the first 1)" in done.stdout
        and "Nothing of note" in done.stdout
    )
    output = tmp_path / "report.json"
    assert run(export, "-o", output).stdout == ""
    assert json.loads(output.read_text())["gold"] == 2
    assert sorted(p.name for p in tmp_path.iterdir()) == ["export.csv", "report.json"]


def test_engine_errors_are_told_and_the_rest_is_compared(export):
    text = export.read_text(encoding="utf-8").replace("Nothing of note", "crash of it")
    export.write_text(text, encoding="utf-8")
    done = run(export, "--format", "json")
    assert done.returncode == 1 and "SYR2: internal error" in done.stderr
    assert json.loads(done.stdout)["figures"]["detected"]["right"] == 1


@pytest.mark.parametrize(
    "content, args, told",
    [
        ("", [], "is empty"),
        ("a;b\n1;2\n", [], "no column event_date"),
        (f"{COLUMNS}\nSYR1;soon;x;y;;;Syria;1;1;0;z\n", [], "cannot read"),
        (f"{COLUMNS}\nX;2020-05-08;x;y;;;Iraq;1;1;0;z\n", [], "no row of Syria"),
        (f"{COLUMNS}\nX;2020-05-08;x;y;;;Syria;1;1;0;\n", [], "no row has a note"),
        (f"{COLUMNS}\nX;2020-05-08;x;y;;;Syria;1;1;0;z\n", ["-o", "none/report.json"], "does not exist"),
        (f"{COLUMNS}\nX;2020-05-08;x;y;;;Syria;1;1;0;z\n", ["-o", "gold.csv"], "also an input"),
        (f"{COLUMNS}\nX;2020-05-08;x;y;;;Syria;1;1;0;z\n", ["no.csv"], "does not exist"),
        (f"{COLUMNS}\nX;2020-05-08;x;y;;;Syria;1;1;0;z\n", ["--model", "missing"], "is not installed"),
    ],
)
def test_what_cannot_be_used(tmp_path, content, args, told):
    gold = tmp_path / "gold.csv"
    gold.write_text(content)
    done = run("gold.csv", *args, cwd=tmp_path)
    assert done.returncode == 2 and told in done.stderr.splitlines()[-1] and done.stdout == ""


def test_the_samples_against_their_coder_by_the_real_engine(tmp_path):
    root = Path(__file__).parent
    rows = tmp_path / "rows.jsonl"
    done = subprocess.run(
        [*REAL, "extract", "sample_articles/idlib-agency-report.txt", "-o", str(rows)], cwd=root.parent
    )
    assert done.returncode == 0
    done = run(root / "sample_rows.csv", rows, "--format", "json", program=REAL)
    told = json.loads(done.stdout)
    assert told["basis"] == "tables" and told["matched"] == told["rows"] > 1


# ---- the annotated articles of the benchmark ----

ARTICLES = Path(__file__).parent.parent / "benchmarks" / "articles"


@pytest.fixture(scope="module")
def truth() -> list[dict[str, str]]:
    return read_table(ARTICLES / "events.csv")


def test_annotated_articles_are_many_and_of_every_kind(truth):
    texts = {path.name: path.read_text(encoding="utf-8") for path in ARTICLES.glob("*.txt")}
    told = {cells["article_id"] for cells in truth}
    assert told <= set(texts) and len(texts) >= 40 and len(texts) - len(told) >= 10
    assert len(truth) >= 150 and {cells["sub_event_type"] for cells in truth} == set(load().taxonomy)
    lengths = [len(text.split()) for text in texts.values()]
    assert min(lengths) < 100 and max(lengths) > 500


def test_annotations_use_the_names_of_the_dictionaries(truth):
    lexicon = load()
    valid = {actor.name: [] for actor in lexicon.actors.values()}
    for actor in lexicon.actors.values():
        valid[actor.name].append(actor)
    for cells in truth:
        day = datetime.date.fromisoformat(cells["event_date"])
        assert lexicon.taxonomy[cells["sub_event_type"]].event_type == cells["event_type"], cells
        associates = [cells["assoc_actor_1"], cells["assoc_actor_2"]]
        for name in filter(None, [cells["actor1"], *"; ".join(filter(None, associates)).split("; ")]):
            assert any(actor.valid(day + WEEK) or actor.valid(day - WEEK) for actor in valid[name]), (
                name,
                day,
            )


def test_annotated_places_lie_in_their_governorate_or_near_it(truth):
    finder = Finder()

    @cache
    def near(latitude: float, longitude: float) -> set[str]:
        return {place["admin1"] for place in finder.near(latitude, longitude, limit=10)}

    for cells in truth:
        around = near(float(cells["latitude"]), float(cells["longitude"]))
        assert not around or cells["admin1"] in around, (cells["location"], cells["admin1"], around)


def test_annotated_events_were_told_after_they_happened(truth):
    published = {
        Path(article.id).name: article.published
        for article in read_articles(sorted(ARTICLES.glob("*.txt")))
        if isinstance(article, Article)
    }
    for cells in truth:
        day = published[cells["article_id"]]
        assert day is None or day >= datetime.date.fromisoformat(cells["event_date"]), cells
