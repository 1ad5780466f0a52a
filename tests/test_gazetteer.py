"""The gazetteer: a sound table, names found in any spelling, a geocoder with Nominatim's contract."""

from __future__ import annotations

import csv
import datetime
import re
import string
from pathlib import Path

import pytest
from geopy.distance import great_circle
from geopy.location import Location
from hypothesis import given
from hypothesis import strategies as st

from conflict_events.gazetteer import Gazetteer, GazetteerError, GazetteerGeocoder, names
from conflict_events.gazetteer.gazetteer import ADMIN_KINDS, COLUMNS, KINDS, PACKAGED
from conflict_events.gazetteer.refresh import refreshed


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load()


@pytest.fixture(scope="module")
def geocoder(gazetteer: Gazetteer) -> GazetteerGeocoder:
    return GazetteerGeocoder(gazetteer)


def rows(name: str) -> list[dict[str, str]]:
    with (PACKAGED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# The table


def test_files_are_plain_csv() -> None:
    for name in ("places.csv", "admin.csv", "stopnames.csv"):
        data = (PACKAGED / name).read_bytes()
        assert not data.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in data
        assert data.endswith(b"\n")
    assert tuple(rows("places.csv")[0]) == COLUMNS


def test_ids_are_unique_slugs(gazetteer: Gazetteer) -> None:
    ids = [row["id"] for row in rows("places.csv")]
    assert len(ids) == len(set(ids)) == len(gazetteer.places)
    assert not [i for i in ids if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", i)]


def test_syrian_places_lie_in_syria(gazetteer: Gazetteer) -> None:
    outside = [
        place.id
        for place in gazetteer.places.values()
        if place.country == "SY" and not (32.2 < place.latitude < 37.4 and 35.5 < place.longitude < 42.5)
    ]
    assert not outside


def test_admin_names_are_those_of_the_admin_table(gazetteer: Gazetteer) -> None:
    known = {(row["admin1"], row["admin2"], row["admin3"]) for row in rows("admin.csv")}
    for place in gazetteer.places.values():
        triple = (place.admin1, place.admin2, place.admin3)
        assert triple in known if place.country == "SY" else triple == ("", "", ""), place.id


def test_every_unit_has_a_row_and_a_capital(gazetteer: Gazetteer) -> None:
    units = rows("admin.csv")
    assert [sum(row["level"] == level for row in units) for level in "123"] == [14, 62, 272]
    by_pcode = {place.pcode: place for place in gazetteer.places.values() if place.kind in ADMIN_KINDS}
    for row in units:
        capital, unit = gazetteer.places[row["capital"]], by_pcode[row["pcode"]]
        assert unit.kind == ADMIN_KINDS[int(row["level"]) - 1]
        assert (unit.latitude, unit.longitude) == (capital.latitude, capital.longitude)
        assert capital.country == "SY"
        assert capital.kind not in ADMIN_KINDS
        assert capital in gazetteer.exact(capital.name)
        if row["level"] == "3":
            assert unit in gazetteer.exact(unit.name)


def test_no_alias_repeats_another_name_of_its_place(gazetteer: Gazetteer) -> None:
    for place in gazetteer.places.values():
        spellings = [*{place.name, place.location}, *place.aliases]
        keys = [names.key(spelling) for spelling in place.aliases]
        assert all(keys), place.id
        assert len(spellings) == len(set(spellings)), place.id
        assert len(keys) == len(set(keys)), place.id
        assert not set(keys) & {names.key(place.name), names.key(place.location)}, place.id


def test_kinds_countries_and_parents(gazetteer: Gazetteer) -> None:
    kinds = {place.kind for place in gazetteer.places.values()}
    assert kinds <= KINDS
    for place in gazetteer.places.values():
        assert re.fullmatch(r"[A-Z]{2}", place.country)
        assert place.population >= 0
        assert not place.parent or place.parent in gazetteer.places
        if place.kind == "neighbourhood" and place.country == "SY":
            assert place.parent, place.id


def test_coverage(gazetteer: Gazetteer) -> None:
    places = gazetteer.places.values()
    assert sum(place.country == "SY" for place in places) >= 3000
    assert sum(place.country != "SY" for place in places) >= 350
    assert len(gazetteer.children("aleppo")) >= 50
    assert len(gazetteer.children("damascus")) >= 35
    assert len(gazetteer.children("homs")) >= 25


# Keys

WORD = st.text(alphabet=string.ascii_letters, min_size=1, max_size=12)


@given(st.text(max_size=40))
def test_key_is_plain_and_stable(text: str) -> None:
    key = names.key(text)
    assert key.isascii()
    assert key == key.lower()
    assert key == names.key(text.strip()) == names.key(f"  {text} ")
    assert names.skeleton(text).isascii()


@given(WORD, WORD)
def test_key_ignores_case_hyphens_and_apostrophes(first: str, second: str) -> None:
    assert names.key(f"{first} {second}") == names.key(f"{first}-{second}") == names.key(f"{first}_{second}")
    assert names.key(first) == names.key(first.upper()) == names.key("'".join(first))


@given(st.sampled_from(["al", "el", "ar", "as", "ash", "ad", "an", "at", "az", "ul"]), WORD)
def test_key_ignores_articles(article: str, word: str) -> None:
    assert names.key(f"{article}-{word}") == names.key(f"{article.title()} {word}") == names.key(word)


@pytest.mark.parametrize("name", ["Aleppo", "Azaz", "Alhasakah", "Ashara", "Atarib", "Anadan", "Arbin"])
def test_key_keeps_first_letters_that_look_like_an_article(name: str) -> None:
    assert names.key(name)[:2] == name[:2].lower()


def test_key_of_an_article_alone_is_itself() -> None:
    assert [names.key(name) for name in ("Al", "al-", "at", "")] == ["al", "al", "at", ""]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Hamah", "Hama"),
        ("Jableh", "Jablah"),
        ("Tell Rifa'at", "Tal Rifat"),
        ("Ayn Issa", "Ain 'Isa"),
        ("Ma'arrat an-Nu'man", "Maaret al Numan"),
        ("Suwayda", "Sweida"),
        ("Kafar Ruma", "Kafruma"),
        ("Ḥalfāyā", "Halfaya"),
        ("Ash-Shaykh Maskin", "Sheikh Maskeen"),
        ("T-4", "T4"),
        ("Western Qarmah", "Qarma al-Gharbiya"),
        ("Upper Qarma", "Qarma Foqani"),
        ("Kherbet Elqarma", "Khirbat al Qarmah"),
    ],
)
def test_spellings_of_one_name_share_a_key(one: str, other: str) -> None:
    assert names.key(one) == names.key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("Homs", "Hama"), ("Nawa", "Nubl"), ("3000 Apartments", "30 Apartments")]
)
def test_different_names_do_not(one: str, other: str) -> None:
    assert names.key(one) != names.key(other)


# Lookup

FIRST = {
    "aleppo": ["Aleppo", "Halab", "ALEPPO"],
    "damascus": ["Damascus", "Dimashq"],
    "hama": ["Hama", "Hamah"],
    "homs": ["Homs", "Hims"],
    "idlib": ["Idlib", "Idleb", "Edleb"],
    "latakia": ["Latakia", "Lattakia"],
    "raqqa": ["Raqqa", "Ar-Raqqah", "al-Rakka"],
    "hasakah": ["Hasakah", "al-Hasaka", "Hassakeh", "Al-Hasakeh"],
    "deir-ez-zor": ["Deir ez-Zor", "Deir Ezzor", "Deir al-Zour", "Deir-ez-Zor", "Dayr az-Zawr"],
    "daraa": ["Daraa", "Dar'a", "Deraa"],
    "suwayda": ["Suwayda", "Sweida", "As-Sweida", "Sueida"],
    "saraqib": ["Saraqib", "Saraqeb", "Saraqab"],
    "khan-sheikhoun": ["Khan Sheikhoun", "Khan Shaykhun", "Khan Cheikhoun"],
    "maarat-al-numan": ["Maarat al-Numan", "Ma'arrat an-Nu'man", "Maaret al-Noman"],
    "kafr-nabl": ["Kafr Nabl", "Kafranbel", "Kafr Nobol", "Kafrnabl"],
    "jisr-al-shughur": ["Jisr al-Shughur", "Jisr ash-Shughour", "Jisr al-Shoghour"],
    "kobani": ["Kobani", "Kobane", "Kobanî", "Ayn al-Arab", "Ain al-Arab"],
    "ras-al-ain": ["Ras al-Ain", "Ras al-Ayn", "Serekaniye"],
    "tell-abyad": ["Tell Abyad", "Tal Abyad", "Tel Abiad", "Gire Spi"],
    "tal-rifaat": ["Tal Rifaat", "Tel Rifat", "Tell Refaat"],
    "manbij": ["Manbij", "Menbij", "Minbij"],
    "qamishli": ["Qamishli", "al-Qamishly", "Qamishlo", "Kamishli"],
    "afrin": ["Afrin", "Efrin"],
    "al-bab": ["al-Bab", "Al Bab"],
    "abu-kamal": ["Abu Kamal", "Al-Bukamal", "Albu Kamal", "Boukamal"],
    "mayadin": ["Mayadin", "al-Mayadeen"],
    "baghuz": ["Baghouz", "al-Baghuz Fawqani"],
    "shuhayl": ["Shuhayl", "al-Shuhail"],
    "busayrah": ["Busayrah", "al-Busayra"],
    "palmyra": ["Palmyra", "Tadmur"],
    "sukhna": ["Sukhna", "al-Sukhnah"],
    "rastan": ["Rastan", "al-Rastan"],
    "douma": ["Douma", "Duma"],
    "moadamiyah": ["Moadamiya", "Muadamiyat al-Sham"],
    "khan-al-shih": ["Khan al-Shih", "Khan Eshieh"],
    "damascus-jobar": ["Jobar", "Jawbar", "Damascus - Jobar"],
    "aleppo-salaheddine": ["Salaheddine", "Salah al-Din"],
    "aleppo-sheikh-maqsoud": ["Sheikh Maqsoud", "Shaykh Maqsud"],
    "homs-baba-amr": ["Baba Amr", "Bab Amro"],
    "yarmouk": ["Yarmouk", "Yarmouk Camp"],
    "kuweires-airbase": ["Kuweires airbase", "Kweiris airbase"],
    "hmeimim-airbase": ["Hmeimim", "Khmeimim air base"],
    "t4-airbase": ["T4", "T-4", "Tiyas airbase"],
    "damascus-international-airport": ["Damascus International Airport", "Damascus airport"],
    "tanf-base": ["al-Tanf", "Tanf"],
    "rukban-camp": ["Rukban", "al-Rukban camp"],
    "al-hol-camp": ["al-Hol camp", "Al-Hawl camp"],
    "al-omar-oil-field": ["al-Omar oil field", "al-Omar field"],
    "conoco-gas-field": ["Conoco", "Koniko gas field"],
    "sednaya-prison": ["Sednaya prison", "Saydnaya Prison"],
    "sinaa-prison": ["Ghuwayran prison", "al-Sina'a prison"],
    "tishrin-dam": ["Tishrin Dam", "Teshreen Dam"],
    "bab-al-hawa": ["Bab al-Hawa", "Bab al-Hawa border crossing"],
    "eastern-ghouta": ["Eastern Ghouta", "East Ghouta"],
    "jabal-al-zawiya": ["Jabal al-Zawiya", "Jebel Zawiya"],
    "ghab-plain": ["al-Ghab", "Sahl al-Ghab"],
    "syrian-desert": ["Badia", "Syrian Badia"],
    "m4-highway": ["M4", "M4 highway"],
    "mosul": ["Mosul"],
    "gaziantep": ["Gaziantep", "Antep"],
    "turkey": ["Turkey"],
}


@pytest.mark.parametrize(("place_id", "name"), [(i, name) for i, found in FIRST.items() for name in found])
def test_first_hit(gazetteer: Gazetteer, place_id: str, name: str) -> None:
    assert [place.id for place in gazetteer.exact(name)][:1] == [place_id]


def test_homonyms_are_all_given_and_settlements_first(gazetteer: Gazetteer) -> None:
    kinds = [place.kind for place in gazetteer.exact("Hama")]
    assert kinds[0] == "city"
    assert {"governorate", "district"} <= set(kinds)
    assert {place.admin1 for place in gazetteer.exact("Suran")} >= {"Hama", "Aleppo"}


def test_places_abroad_are_known(gazetteer: Gazetteer) -> None:
    for name in ("Tripoli", "Nablus", "Baghdad", "Geneva", "Moscow", "Sinjar", "Arsal", "Kilis"):
        assert gazetteer.exact(name)[0].country != "SY", name


@pytest.mark.parametrize(
    "phrase", ["Northern Syria", "the", "Forces", "Army", "On Monday", "Syrian", "Assad", ""]
)
def test_phrases_that_are_no_place(gazetteer: Gazetteer, phrase: str) -> None:
    assert not gazetteer.exact(phrase) or gazetteer.needs_cue(phrase)


def test_cue_words(gazetteer: Gazetteer) -> None:
    assert gazetteer.needs_cue("Hole")
    assert not gazetteer.needs_cue("al-Hol")
    assert gazetteer.needs_cue("al-Sharaa")
    assert not gazetteer.needs_cue("Hama")
    assert not gazetteer.needs_cue("Nawa")


def test_max_words_covers_every_name(gazetteer: Gazetteer) -> None:
    for place in gazetteer.places.values():
        for name in (place.name, place.location, *place.aliases):
            assert len(re.split(r"[\s-]+", name)) <= gazetteer.max_words


def test_ready_made_keys_are_those_of_the_names() -> None:
    text = (PACKAGED / "places.csv").read_text(encoding="utf-8")
    assert refreshed(text) == text, "run python -m conflict_events.gazetteer.refresh"


def test_a_row_without_keys_is_found_too(tmp_path: Path) -> None:
    (tmp_path / "places.csv").write_text(HEADER + "tall-nine,Tall Nine,hill,35,36\n", encoding="utf-8")
    assert Gazetteer.load(tmp_path).exact("Tel Nine")[0].id == "tall-nine"


def test_theatres_name_units(gazetteer: Gazetteer) -> None:
    units = {name for row in rows("admin.csv") for name in (row["admin1"], row["admin2"])}
    for row in rows("theatres.csv"):
        assert 0 < float(row["weight"]) <= 1
        assert {part for unit in row["units"].split("|") for part in unit.split("/")} <= units
    assert gazetteer.theatres("Olive Branch forces and the YPG")["Afrin"] == 1
    assert gazetteer.theatres("nobody of note") == {}
    assert gazetteer.theatre_town("Operation Peace Spring", "Ar Raqqa").id == "tell-abyad"
    assert gazetteer.theatre_town("Operation Peace Spring", "Homs") is None


@pytest.mark.parametrize(
    ("name", "place_id"),
    [
        ("Khan Shikhan", "khan-sheikhoun"),
        ("Saraqeeb", "saraqib"),
        ("Kafr Nabboodah", "kafr-nabudah"),
        ("Latamna", "latamneh"),
        ("Maarshoorin", "maar-shurin"),
        ("Qalaat Modeeq", "qalaat-al-madiq"),
    ],
)
def test_fuzzy_finds_unseen_spellings(gazetteer: Gazetteer, name: str, place_id: str) -> None:
    hits = gazetteer.fuzzy(name)
    assert hits[0][0].id == place_id
    assert all(0.0 < score <= 1.0 and tier in ("exact", "skeleton", "edit") for _, score, tier in hits)


def test_fuzzy_keeps_its_guards(gazetteer: Gazetteer) -> None:
    assert gazetteer.fuzzy("Xyz") == []
    assert gazetteer.fuzzy("Parliament") == []
    assert len(gazetteer.fuzzy("Hama", limit=2)) == 2
    scores = [score for _, score, _ in gazetteer.fuzzy("Sarmeenn")]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(
    ("name", "admin1"),
    [
        ("Idlib", "Idleb"),
        ("Hama province", "Hama"),
        ("the governorate of Hasakah", "Al Hasakeh"),
        ("Rif Dimashq", "Rural Damascus"),
        ("Rural Damascus", "Rural Damascus"),
        ("Deir Ezzor Governorate", "Deir ez Zor"),
        ("Saraqib", ""),
        ("Lebanon", ""),
    ],
)
def test_admin1_of(gazetteer: Gazetteer, name: str, admin1: str) -> None:
    assert gazetteer.admin1_of(name) == admin1


def test_contains(gazetteer: Gazetteer) -> None:
    assert gazetteer.contains("damascus", "damascus-jobar")
    assert gazetteer.contains("idlib-governorate", "saraqib")
    assert gazetteer.contains("hama-governorate", "hama")
    assert gazetteer.contains("aleppo-governorate", "aleppo-salaheddine")
    assert not gazetteer.contains("damascus-jobar", "damascus")
    assert not gazetteer.contains("hama", "hama")
    assert not gazetteer.contains("idlib", "saraqib")
    assert not gazetteer.contains("hama", "no-such-place")
    assert gazetteer.places["damascus-jobar"] in gazetteer.children("damascus")
    assert gazetteer.children("no-such-place") == ()


# Geocoder


def test_geocode_gives_a_location(geocoder: GazetteerGeocoder) -> None:
    found = geocoder.geocode("Saraqib")
    assert isinstance(found, Location)
    assert great_circle(found.point, (35.864, 36.806)).km < 3
    assert found.raw["place_id"] == "saraqib"
    assert found.raw["lat"] == f"{found.latitude:.4f}"
    assert found.raw["address"]["country_code"] == "sy"
    assert set(found.raw) >= {"lat", "lon", "display_name", "class", "type", "importance", "address"}
    assert 0 <= found.raw["importance"] <= 1


def test_geocode_without_a_match(geocoder: GazetteerGeocoder) -> None:
    assert geocoder.geocode("Xyzzy") is None
    assert geocoder.geocode("Xyzzy", exactly_one=False) is None
    assert geocoder.geocode("Saraqib, Daraa") is None


def test_geocode_many(geocoder: GazetteerGeocoder) -> None:
    found = geocoder.geocode("Hama", exactly_one=False)
    assert isinstance(found, list)
    assert len(found) > 2
    assert len(geocoder.geocode("Hama", exactly_one=False, limit=2)) == 2
    assert geocoder.geocode("Hama", timeout=3, language="en").raw["place_id"] == "hama"


@pytest.mark.parametrize(
    ("query", "admin1"),
    [
        ("Suran, Hama", "Hama"),
        ("Suran, Aleppo", "Aleppo"),
        ("Suran, Aleppo, Syria", "Aleppo"),
        ("Jobar, Damascus", "Damascus"),
        ("Nayrab, Idlib province", "Idleb"),
    ],
)
def test_geocode_with_a_hint(geocoder: GazetteerGeocoder, query: str, admin1: str) -> None:
    found = geocoder.geocode(query)
    assert found.raw["address"]["state"] == admin1


def test_geocode_abroad(geocoder: GazetteerGeocoder) -> None:
    assert geocoder.geocode("Tripoli, Libya").raw["address"]["country_code"] == "ly"
    assert geocoder.geocode("Tripoli, Lebanon").raw["address"]["country_code"] == "lb"


def test_reverse(geocoder: GazetteerGeocoder) -> None:
    assert geocoder.reverse((35.8645, 36.8059)).raw["place_id"] == "saraqib"
    assert geocoder.reverse("35.8645, 36.8059").raw["place_id"] == "saraqib"
    near = geocoder.reverse((35.8645, 36.8059), exactly_one=False, limit=3)
    assert near[0].raw["place_id"] == "saraqib"
    assert len(near) == 3
    assert geocoder.reverse((0.0, 0.0)) is None


# A folder laid over the table


def overlay(folder: Path, text: str) -> Path:
    (folder / "places.csv").write_text(text, encoding="utf-8")
    return folder


def test_overlay_replaces_and_adds(tmp_path: Path) -> None:
    text = (
        "id,name,kind,latitude,longitude,aliases\n"
        "saraqib,Saraqib,city,35.5,36.5,\n"
        "new-post,New Post,base,35.1,36.1,Post Nine|Outpost\n"
    )
    gazetteer = Gazetteer.load(overlay(tmp_path, text))
    packaged = Gazetteer.load()
    assert len(gazetteer.places) == len(packaged.places) + 1
    assert gazetteer.places["saraqib"].latitude == 35.5
    place = gazetteer.exact("Post Nine")[0]
    assert (place.id, place.location, place.country) == ("new-post", "New Post", "SY")


HEADER = "id,name,kind,latitude,longitude\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEADER + "a,A,twon,35,36\n", 'places.csv:2: unknown kind "twon"'),
        (HEADER + "a,A,town,35,36\nb,B,town,north,36\n", 'places.csv:3: latitude "north" is not a number'),
        (HEADER + "a,A,town,135,36\n", "places.csv:2: no such point: 135, 36"),
        (HEADER + "a,A,town,nan,36\n", "places.csv:2: no such point: nan, 36"),
        (HEADER + "a,,town,35,36\n", "places.csv:2: id and name must not be empty"),
        (HEADER + "a,A,town,35,36\na,B,town,35,36\n", 'places.csv:3: id "a" is already on places.csv:2'),
        (HEADER + "a,A,town,35\n", "places.csv:2: 4 cells, the header has 5"),
        ("id,name,kind,latitude\n", "places.csv:1: no column longitude"),
        ("id,name,kind,latitude,longitude,colour\n", 'places.csv:1: unknown column "colour"'),
        ("", "places.csv:1: no column id"),
    ],
)
def test_overlay_errors_name_the_line(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(GazetteerError) as caught:
        Gazetteer.load(overlay(tmp_path, text))
    assert str(caught.value).startswith(message)


def test_overlay_without_a_table(tmp_path: Path) -> None:
    with pytest.raises(GazetteerError, match="no such file"):
        Gazetteer.load(tmp_path)


def test_a_town_of_two_words_is_not_taken_for_a_name_of_one(gazetteer: Gazetteer) -> None:
    assert gazetteer.needs_cue("Rasin")
    assert not gazetteer.needs_cue("Ras al-Ain")


def test_no_large_town_needs_a_cue(gazetteer: Gazetteer) -> None:
    large = [p for p in gazetteer.places.values() if p.country == "SY" and p.population >= 25_000]
    assert [p.name for p in large if p.kind in ("city", "town") and gazetteer.needs_cue(p.name)] == []


def test_campaigns_name_units_and_days(gazetteer: Gazetteer) -> None:
    units = {
        unit
        for p in gazetteer.places.values()
        for unit in (p.admin1, p.admin2, f"{p.admin1}/{p.admin2}", f"{p.admin2}/{p.admin3}")
    }
    for row in rows("campaigns.csv"):
        assert datetime.date.fromisoformat(row["since"]) < datetime.date.fromisoformat(row["until"]), row
        assert set(row["units"].split("|")) <= units, row
        assert 0 < float(row["weight"]) <= 1, row


def test_campaigns_hold_in_their_days_for_both_sides(gazetteer: Gazetteer) -> None:
    text = "Regime forces took Kafr Ruma from rebels."
    assert "Al Mara" in gazetteer.campaigns(text, datetime.date(2020, 2, 1))
    assert "Al Mara" not in gazetteer.campaigns(text, datetime.date(2018, 7, 1))
    assert gazetteer.campaigns("Kafr Ruma is a village.", datetime.date(2020, 2, 1)) == {}


def test_skeletons_of_all_keys_are_those_of_each(gazetteer: Gazetteer) -> None:
    keys = sorted(
        {names.key(spelling) for p in gazetteer.places.values() for spelling in (p.name, *p.aliases)}
    )
    assert names.all_consonants(keys) == [names.consonants(key) for key in keys]


def test_no_beginning_of_a_name_is_overlooked(gazetteer: Gazetteer) -> None:
    spellings = {
        s for p in gazetteer.places.values() if p.country == "SY" for s in (p.name, p.location, *p.aliases)
    }
    asked = 0
    for spelling in sorted(spellings):
        words = [word for word in re.split(r"[ -]", spelling) if word]
        if all(word.isascii() and word.isalnum() for word in words):
            asked += 1
            assert gazetteer.beginnings.may_begin(*words[:1]), spelling
            assert gazetteer.beginnings.may_begin(*words[:2]), spelling
    assert asked > 10_000
    assert not any(
        map(gazetteer.beginnings.may_begin, ("Wednesday", "Researchers", "Copenhagen", "quarterly"))
    )
