"""What a person lays over dictionaries and gazetteer: places, meanings of names, items of lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from conflict_events import Settings, extract
from conflict_events.gazetteer import Gazetteer, GazetteerError
from conflict_events.lexicon import LexiconError, load

TEXT = "On 3 May 2020, regime forces shelled the village of Tiba, killing a child."
IN_DARA = "Rebels left Nawa and Dael in Daraa. " + TEXT


def overlay(folder: Path, **tables: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in tables.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


def place(text: str, folder: Path | None = None) -> str:
    (event,) = extract(text, published="2020-05-10", settings=Settings(data=folder))
    return event.place_id


def test_a_name_means_the_place_that_a_person_says(tmp_path):
    before = place(TEXT)
    other = next(p.id for p in Gazetteer.load().exact("Tiba") if p.id != before and p.kind == "village")
    data = overlay(tmp_path / "data", homonyms=f"name,place_id\nTiba,{other}\n")
    assert place(TEXT, data) == other
    # the text's own word comes first
    assert place(TEXT.replace("Tiba", "Tiba in Daraa governorate"), data) == "tiba-dara"


def test_a_name_means_a_place_only_where_its_governorate_is_told_of(tmp_path):
    data = overlay(tmp_path / "data", homonyms="name,place_id,admin1\nTiba,tiba-deir-ez-zor,Dara\n")
    assert place(IN_DARA) == "tiba-dara"
    assert place(IN_DARA, data) == "tiba-deir-ez-zor"
    assert place(TEXT, data) == place(TEXT)


def test_a_spelling_that_no_table_has_is_learned(tmp_path):
    text = "On 3 May 2020, regime forces shelled Umm Zarzour, killing a child."
    assert not [e for e in extract(text, published="2020-05-10") if e.place_id]
    data = overlay(tmp_path / "data", homonyms="name,place_id\nUmm Zarzour,tiba-homs\n")
    assert place(text, data) == "tiba-homs"


def test_places_of_the_data_folder_count(tmp_path):
    columns = "id,name,kind,latitude,longitude,admin1,admin2,admin3"
    data = overlay(
        tmp_path / "data",
        places=f"{columns}\nkarm-al-sayf,Karm al-Sayf,village,35.8312,36.7025,Idleb,Ariha,Ariha\n",
        homonyms="name,place_id\nTiba,karm-al-sayf\n",
    )
    assert place(TEXT, data) == "karm-al-sayf"
    assert place(TEXT.replace("Tiba", "Karm al-Sayf"), data) == "karm-al-sayf"
    assert Gazetteer.load(None, "none", data=data).get("karm-al-sayf").latitude == 35.8312


@pytest.mark.parametrize(
    "rows, message",
    [
        ("name,place_id\nTiba,nowhere\n", 'homonyms.csv:2: unknown place_id "nowhere"'),
        (
            "name,place_id,admin1\nTiba,tiba,Dar\n",
            'homonyms.csv:2: unknown admin1 "Dar"; write it as Ar Raqqa',
        ),
        ("name,place_id\n...,tiba\n", 'homonyms.csv:2: name "..." has no letters'),
        (
            "name,place_id\nTiba,tiba\nal-Tiba,tiba-homs\n",
            'homonyms.csv:3: "al-Tiba" is already on homonyms.csv:2',
        ),
        ("name\nTiba\n", "homonyms.csv:1: no column place_id"),
        ("name,place_id,why\nTiba,tiba,x\n", 'homonyms.csv:1: unknown column "why"'),
    ],
)
def test_mistakes_in_homonyms_are_told_with_their_line(tmp_path, rows, message):
    with pytest.raises(GazetteerError) as error:
        Gazetteer.load(None, data=overlay(tmp_path, homonyms=rows))
    assert str(error.value).startswith(message)


def test_items_are_added_to_the_lists_of_a_known_row(tmp_path):
    data = overlay(tmp_path, actors="id,name,inter,aliases,example\n+hts,,,Orchard Front|HTS,As told.\n")
    known, added = load().actors["hts"], load(data).actors["hts"]
    assert added.aliases == (*known.aliases, "Orchard Front")
    assert (added.name, added.inter, added.example) == (known.name, known.inter, known.example)


@pytest.mark.parametrize(
    "row, message",
    [
        ("+nobody,,,Orchard Front", 'actors.csv:2: there is no row "nobody" to add to'),
        ("+hts,Other name,,Orchard Front", "actors.csv:2: only lists can be added to"),
    ],
)
def test_mistakes_in_additions_are_told_with_their_line(tmp_path, row, message):
    with pytest.raises(LexiconError) as error:
        load(overlay(tmp_path, actors=f"id,name,inter,aliases\n{row}\n"))
    assert str(error.value).startswith(message)
