"""What a full country costs, and how often a name in a spelling that nobody listed is found.

    python benchmarks/gazetteer.py [ROWS]

First a dump in GeoNames' format of ROWS villages (25,000) is made up, built into a layer, loaded and asked.
Ratios to the packaged table's own load say more than seconds, which depend on the machine.

Then `lookup` is asked for names with their governorate: packaged names respelt by rules of transliteration,
with a fixed seed, and spellings as reporters write them, those that the keys find apart. An answer
is right within three kilometres of a place of that name in that governorate; of a name without an answer
nothing wrong is said.
"""

from __future__ import annotations

import csv
import os
import random
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from geopy.distance import great_circle

from conflict_events.events import Place
from conflict_events.gazetteer import Gazetteer, build
from conflict_events.lookup import Finder

WITHOUT = "none"
FIRST = "Tal Kafr Khirbat Ayn Dayr Umm Rasm Jubb Bayt Abu Burj Mazraat".split()
SYLLABLES = (
    "ba bi da du fa fi ha hu ja ji ka ku la li ma mu na ni qa qu ra ri sa su sha ta ti wa ya za".split()
)
ENDINGS = "n r d l b q h s t yah iyah an in at".split()

# What one newspaper writes for another's letters.
RULES = [
    rule.split("/")
    for rule in "kh/x q/k q/g sh/ch j/dj dj/j u/ou i/ee aw/au ay/ei ay/ai w/ou y/i a/e i/e u/o gh/g dh/d "
    "th/t z/dh d/dh s/ss f/ph k/c iyah/ieh ah/eh b/p l/ll t/th v/f e/a o/u".split()
]

# Place, governorate: as local reporters, agencies and social media spell towns.
REPORTERS = """
Saraqeeb, Idlib > Saraqib
Sarakeb, Idlib > Saraqib
Seraqeb, Idlib > Saraqib
Maaret en Naaman, Idlib > Maarat al-Numan
Maarat al-Nouman, Idlib > Maarat al-Numan
Khan Sheykhoon, Idlib > Khan Shaykhun
Khan Cheikhoun, Idlib > Khan Shaykhun
Jisr ash-Shoghour, Idlib > Jisr al-Shughur
Jisr Al-Choghour, Idlib > Jisr al-Shughur
Kafer Nubul, Idlib > Kafr Nabl
Kafranbell, Idlib > Kafr Nabl
Benesh, Idlib > Binnish
Bennish, Idlib > Binnish
Taphtanaz, Idlib > Taftanaz
Teftenaz, Idlib > Taftanaz
Ariiha, Idlib > Ariha
Sermeen, Idlib > Sarmin
Sarmene, Idlib > Sarmin
Salkeen, Idlib > Salqin
Salkine, Idlib > Salqin
Harem, Idlib > Harim
Haarem, Idlib > Harim
Sarmadda, Idlib > Sarmada
Al-Danaa, Idlib > Dana
Hezano, Idlib > Hazano
Kelli, Idlib > Killi
Kafr Takhareem, Idlib > Kafr Takharim
Kfar Takharime, Idlib > Kafr Takharim
Armanaaz, Idlib > Armanaz
Darkoosh, Idlib > Darkush
Derkouch, Idlib > Darkush
Jarjanazz, Idlib > Jarjanaz
Djerdjenaz, Idlib > Jarjanaz
Has, Idlib > Hass
Heesh, Idlib > Hish
Al-Tamaanaa, Idlib > Tamanah
Al-Habeet, Idlib > Habit
Kafar Sijnah, Idlib > Kafr Sajna
Kafer Sejna, Idlib > Kafr Sajna
Maarshoureen, Idlib > Maar Shurin
Maar Shoureen, Idlib > Maar Shurin
Al-Nayrabb, Idlib > Nayrab
Neerab, Idlib > Nayrab
Saarja, Idlib > Sarja
Ihsem, Idlib > Ihsim
Ehsemm, Idlib > Ihsim
Al-Baraah, Idlib > Bara
Balyoon, Idlib > Balyun
Belioun, Idlib > Balyun
Kansafraa, Idlib > Kansafra
Kensafrah, Idlib > Kansafra
Abou Zohoor, Idlib > Abu al-Duhur
Abu Dhohour, Idlib > Abu al-Duhur
Morik, Hama > Murak
Moorek, Hama > Murak
Kefer Zeta, Hama > Kafr Zita
Kafarzeita, Hama > Kafr Zita
Latameneh, Hama > Latamneh
El Lataminah, Hama > Latamneh
Helfaya, Hama > Halfaya
Halfayaa, Hama > Halfaya
Tibat al-Imam, Hama > Taybat al-Imam
Taibet el Emam, Hama > Taybat al-Imam
Sooran, Hama > Suran
Mehardeh, Hama > Muhrada
Mhardeh, Hama > Muhrada
Mouhradah, Hama > Muhrada
Skelbiyeh, Hama > Suqaylabiyah
Souqaylabiya, Hama > Suqaylabiyah
Suqeilabiyeh, Hama > Suqaylabiyah
Salamieh, Hama > Salamiyah
Selemiyeh, Hama > Salamiyah
Masyaff, Hama > Masyaf
Mesyaf, Hama > Masyaf
Misyaaf, Hama > Masyaf
Kherbet al-Naqous, Hama > Khirbat al-Naqus
Aqerbaat, Hama > Uqayribat
Oukayribat, Hama > Uqayribat
Qalat al-Madeeq, Hama > Qalat al-Madiq
Kalaat el-Moudiq, Hama > Qalat al-Madiq
Er-Rastan, Homs > Rastan
Restan, Homs > Rastan
Ar-Rasten, Homs > Rastan
Talbiseh, Homs > Talbiseh
Telbiseh, Homs > Talbiseh
Tel Bissa, Homs > Talbiseh
Al-Kosseir, Homs > Qusayr
Qosseir, Homs > Qusayr
Koseir, Homs > Qusayr
Al-Houlah, Homs > Houla
Palmyre, Homs > Palmyra
Tedmor, Homs > Palmyra
Qaryateen, Homs > Qaryatayn
Karyatein, Homs > Qaryatayn
Al-Qariatain, Homs > Qaryatayn
Al-Sukhneh, Homs > Sukhnah
Soukhneh, Homs > Sukhnah
Telkalakh, Homs > Tal Kalakh
Mheen, Homs > Mahin
Meheen, Homs > Mahin
Sadat, Homs > Sadad
Doma, Rif Dimashq > Duma
Doumaa, Rif Dimashq > Duma
Harastaa, Rif Dimashq > Harasta
Herasta, Rif Dimashq > Harasta
Irbeen, Rif Dimashq > Arbin
Arbine, Rif Dimashq > Arbin
Zemalka, Rif Dimashq > Zamalka
Zamelka, Rif Dimashq > Zamalka
Ain Terma, Rif Dimashq > Ayn Tarma
Ein Terma, Rif Dimashq > Ayn Tarma
Daraiya, Rif Dimashq > Darayya
Deraya, Rif Dimashq > Darayya
Mouadamiya, Rif Dimashq > Muadamiyat al-Sham
Moadamiyeh, Rif Dimashq > Muadamiyat al-Sham
Al-Tel, Rif Dimashq > Tall
Zabadany, Rif Dimashq > Zabadani
Ez-Zebdani, Rif Dimashq > Zabadani
Madaia, Rif Dimashq > Madaya
Mdaya, Rif Dimashq > Madaya
Yabrood, Rif Dimashq > Yabrud
Nabek, Rif Dimashq > Nabk
An-Nebek, Rif Dimashq > Nabk
Qarrah, Rif Dimashq > Qara
Kisweh, Rif Dimashq > Kiswah
Al-Keswa, Rif Dimashq > Kiswah
Nashabieh, Rif Dimashq > Nashabiyah
Jairoud, Rif Dimashq > Jayrud
Jayroode, Rif Dimashq > Jayrud
Dmeyr, Rif Dimashq > Dumayr
Domair, Rif Dimashq > Dumayr
Maaloula, Rif Dimashq > Maalula
Maloola, Rif Dimashq > Maalula
Beit Jenn, Rif Dimashq > Bayt Jin
Deraa, Daraa > Daraa
Dar'aa, Daraa > Daraa
Nawaa, Daraa > Nawa
Jasem, Daraa > Jasim
Jassem, Daraa > Jasim
Enkhil, Daraa > Inkhil
Inkhel, Daraa > Inkhil
Tafaas, Daraa > Tafas
Teffas, Daraa > Tafas
Dael, Daraa > Dail
Sanamayn, Daraa > Sanamayn
As-Sanameen, Daraa > Sanamayn
Bosra al-Cham, Daraa > Busra al-Sham
Bousra ash-Sham, Daraa > Busra al-Sham
Hraak, Daraa > Hirak
Al-Harak, Daraa > Hirak
Museifra, Daraa > Musayfirah
Moseifreh, Daraa > Musayfirah
Saida, Daraa > Sayda
Seidaa, Daraa > Sayda
Nasseeb, Daraa > Nasib
Ibtaa, Daraa > Ibta
Mzeireeb, Daraa > Muzayrib
Mouzeirib, Daraa > Muzayrib
Azzaz, Aleppo > Azaz
Iazaz, Aleppo > Azaz
Mareaa, Aleppo > Marea
Marii, Aleppo > Marea
Al-Babb, Aleppo > Bab
Manbedj, Aleppo > Manbij
Menbej, Aleppo > Manbij
Mounbij, Aleppo > Manbij
Jerablous, Aleppo > Jarabulus
Jarabless, Aleppo > Jarabulus
Djarablus, Aleppo > Jarabulus
Tel Refaat, Aleppo > Tal Rifat
Tall Rifaat, Aleppo > Tal Rifat
Tal Refat, Aleppo > Tal Rifat
Cobani, Aleppo > Kobani
Anadaan, Aleppo > Anadan
Hraytan, Aleppo > Huraytan
Hureitan, Aleppo > Huraytan
Hreitane, Aleppo > Huraytan
Khan Touman, Aleppo > Khan Tuman
Khan Tomaan, Aleppo > Khan Tuman
Darat Izzeh, Aleppo > Darat Izza
Daret Ezza, Aleppo > Darat Izza
Atareb, Aleppo > Atarib
Al-Atarebb, Aleppo > Atarib
Nobbol, Aleppo > Nubl
Noubbol, Aleppo > Nubl
Az-Zahraa, Aleppo > Zahra
As-Safeera, Aleppo > Safira
Sfeera, Aleppo > Safira
Deir Hafir, Aleppo > Dayr Hafir
Deyr Hafer, Aleppo > Dayr Hafir
Maskanah, Aleppo > Maskana
Meskeneh, Aleppo > Maskana
Jindiris, Aleppo > Jindires
Jendires, Aleppo > Jindires
Cindirese, Aleppo > Jindires
Bulbul, Aleppo > Bulbul
Rajoo, Aleppo > Raju
Radjou, Aleppo > Raju
Al-Khafseh, Aleppo > Khafsah
Ar-Rakka, Raqqa > Raqqa
Rekka, Raqqa > Raqqa
Et Tabqah, Raqqa > Tabqa
Al-Thawrah, Raqqa > Tabqa
Tel Abyadh, Raqqa > Tal Abyad
Tell Abiyad, Raqqa > Tal Abyad
Ain Issaa, Raqqa > Ayn Issa
Eyn Isa, Raqqa > Ayn Issa
Suluuk, Raqqa > Suluk
Solouk, Raqqa > Suluk
Karamah, Raqqa > Karama
Al-Mansoura, Raqqa > Mansurah
Mayadeen, Deir ez-Zor > Mayadin
Mayadine, Deir ez-Zor > Mayadin
Miyadeen, Deir ez-Zor > Mayadin
Boukamal, Deir ez-Zor > Abu Kamal
Al-Bukemal, Deir ez-Zor > Abu Kamal
Hajeen, Deir ez-Zor > Hajin
Hadjine, Deir ez-Zor > Hajin
Sousseh, Deir ez-Zor > Susah
Baghoz, Deir ez-Zor > Baghuz
Baghouss, Deir ez-Zor > Baghuz
Shuheil, Deir ez-Zor > Shuhayl
Shaheel, Deir ez-Zor > Shuhayl
Buseyrah, Deir ez-Zor > Busayrah
Besseira, Deir ez-Zor > Busayrah
Deeban, Deir ez-Zor > Dhiban
Theban, Deir ez-Zor > Dhiban
Gharaneej, Deir ez-Zor > Gharanij
Granij, Deir ez-Zor > Gharanij
Kishkiyah, Deir ez-Zor > Kishkiyah
Keshkiya, Deir ez-Zor > Kishkiyah
Moohasan, Deir ez-Zor > Muhasan
Mohassan, Deir ez-Zor > Muhasan
Quriyeh, Deir ez-Zor > Quriyah
Qouria, Deir ez-Zor > Quriyah
Ashareh, Deir ez-Zor > Asharah
Ishara, Deir ez-Zor > Asharah
Al-Tebni, Deir ez-Zor > Tibni
Qamishlou, Hasakah > Qamishli
Kamishly, Hasakah > Qamishli
Kameshli, Hasakah > Qamishli
Ras al-Eyn, Hasakah > Ras al-Ayn
Rass el Ain, Hasakah > Ras al-Ayn
Tel Temir, Hasakah > Tal Tamr
Tal Tamer, Hasakah > Tal Tamr
Tel Tamir, Hasakah > Tal Tamr
Shaddade, Hasakah > Shaddadi
Shedadi, Hasakah > Shaddadi
Ach-Chaddadeh, Hasakah > Shaddadi
Al-Hole, Hasakah > Hol
Amoodah, Hasakah > Amuda
Derbasiya, Hasakah > Darbasiyah
Darbassiyeh, Hasakah > Darbasiyah
Malkiyeh, Hasakah > Malikiyah
Derek, Hasakah > Malikiyah
Roumeilan, Hasakah > Rmeilan
Shahbaa, Suwayda > Shahba
Chahba, Suwayda > Shahba
Salkhadd, Suwayda > Salkhad
Selkhad, Suwayda > Salkhad
Kreyya, Suwayda > Qurayya
Al-Qorayya, Suwayda > Qurayya
Areeqa, Suwayda > Ariqah
Jableh, Latakia > Jablah
Djebleh, Latakia > Jablah
Jebleh, Latakia > Jablah
Kassab, Latakia > Kasab
Kasab, Latakia > Kasab
Qerdaha, Latakia > Qardaha
Kardahah, Latakia > Qardaha
Slinfeh, Latakia > Slunfah
Salanfa, Latakia > Slunfah
Kinsaba, Latakia > Kinsabba
Kensabba, Latakia > Kinsabba
Al-Haffe, Latakia > Haffah
Rabeeah, Latakia > Rabia
Banias, Tartus > Baniyas
Baneyas, Tartus > Baniyas
Safeeta, Tartus > Safita
Saphita, Tartus > Safita
Dreikeesh, Tartus > Duraykish
Sheikh Badar, Tartus > Shaykh Badr
Khan Arnaba, Quneitra > Khan Arnabah
Khan Arnabeh, Quneitra > Khan Arnabah
Jebata al-Khashab, Quneitra > Jubata al-Khashab
Jbata el-Khachab, Quneitra > Jubata al-Khashab
Hadar, Quneitra > Hadar
Bir Ajam, Quneitra > Bir Ajam
"""


def timed(what: Callable[[], object]) -> float:
    """Seconds of processor time, which other programs on the machine do not lengthen."""
    began = time.process_time()
    what()
    return time.process_time() - began


def dump(rows: int, seed: int = 1) -> Iterator[str]:
    """Villages all over Syria with made-up names, in GeoNames' 19 columns."""
    chance = random.Random(seed)
    with (build.PACKAGED / "geonames_admin1.csv").open(encoding="utf-8", newline="") as file:
        codes = {row["admin1"]: row["code"] for row in csv.DictReader(file)}
    packaged = [p for p in Gazetteer.load(layer=WITHOUT).places.values() if p.admin1 in codes]
    for number in range(1, rows + 1):
        word = "".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))) + chance.choice(ENDINGS)
        name = f"{chance.choice(FIRST)} {word.capitalize()}" if number % 3 else word.capitalize()
        other = name.replace("a", "ā", 1)
        beside = chance.choice(packaged)
        latitude = beside.latitude + chance.uniform(-0.1, 0.1)
        point = f"{latitude:.5f}\t{beside.longitude + chance.uniform(-0.1, 0.1):.5f}"
        code = codes[beside.admin1]
        yield (
            f"{number}\t{other}\t{name}\t{name.replace('a', 'e')},{name}h\t{point}\tP\tPPL\tSY\t\t{code}"
            + ("\t" * 4 + "0\t\t300\tAsia/Damascus\t2019-01-01\n")
        )


def costs(rows: int) -> None:
    """Prints what building, loading and asking a layer of so many rows takes."""
    with tempfile.TemporaryDirectory() as folder:
        path, layer = Path(folder) / "SY.txt", Path(folder) / "layer"
        path.write_text("".join(dump(rows)), encoding="utf-8")
        built = timed(lambda: build.build(path, "SY", layer, source="made up"))
        Gazetteer.load(layer=WITHOUT)
        alone = min(timed(lambda: Gazetteer.load(layer=WITHOUT)) for _ in range(5))
        both = min(timed(lambda: Gazetteer.load(layer=layer)) for _ in range(5))
        gazetteer = Gazetteer.load(layer=layer)
        names = [place.name for place in gazetteer.places.values()]
        exact = timed(lambda: [gazetteer.exact(name) for name in names])
        wrong = random.Random(2).sample(names, 300)
        gazetteer.fuzzy("Saraqba")
        nearly = timed(lambda: [gazetteer.fuzzy(f"{name[:3]}k{name[3:]}") for name in wrong])
    print(f"{'rows':<44}{rows:>9}")
    print(f"{'places with the layer':<44}{len(names):>9}")
    print(f"{'build':<44}{built:>9.2f} s{built / alone:>8.1f} x the packaged load")
    print(f"{'load, packaged table':<44}{alone:>9.3f} s{1:>8.1f} x")
    print(f"{'load, with the layer':<44}{both:>9.3f} s{both / alone:>8.1f} x")
    print(f"{'an exact name':<44}{exact / len(names) * 1e6:>9.1f} µs")
    print(f"{'a name nearly right':<44}{nearly / len(wrong) * 1e3:>9.2f} ms")


def respelt(name: str, chance: random.Random) -> str:
    """A name with two of the rules used on it, never on its first letter alone."""
    name = name.lower()
    used = 0
    for letters, other in chance.sample(RULES, len(RULES)):
        spots = [match.start() for match in re.finditer(letters, name) if match.start() or len(letters) > 1]
        if spots and used < 2:
            spot = chance.choice(spots)
            name = name[:spot] + other + name[spot + len(letters) :]
            used += 1
    return name.title()


def by_rule(gazetteer: Gazetteer, count: int, seed: int = 11) -> Iterator[tuple[str, str, list[Place]]]:
    """Spelling, governorate, and the places that it may rightly mean."""
    chance = random.Random(seed)
    settled = [
        place
        for place in gazetteer.places.values()
        if place.country == "SY" and place.kind in ("city", "town", "village")
    ]
    while count:
        place = chance.choice(settled)
        name = respelt(place.name, chance)
        if not gazetteer.exact(name):
            count -= 1
            yield name, place.admin1, [place]


def by_hand(gazetteer: Gazetteer, *, listed: bool) -> Iterator[tuple[str, str, list[Place]]]:
    """The spellings above, those that some place has as one of its names or those that none has."""
    for line in REPORTERS.strip().splitlines():
        asked, _, name = line.partition(" > ")
        spelling, _, governorate = asked.partition(", ")
        unit = gazetteer.admin1_of(governorate)
        meant = [place for place in gazetteer.exact(name) if place.admin1 == unit]
        if not meant or not unit:
            print(f"not in the table: {line}")
        elif bool(gazetteer.exact(spelling)) == listed:
            yield spelling, governorate, meant


def answers(title: str, finder: Finder, asked: Iterable[tuple[str, str, list[Place]]]) -> None:
    """Prints how many names were answered, and how many rightly; the wrong ones on standard error."""
    names = answered = right = 0
    for spelling, governorate, meant in asked:
        names += 1
        record = finder.best(f"{spelling}, {governorate}")
        if not record["id"]:
            continue
        answered += 1
        found = finder.gazetteer.places[str(record["id"])]
        point = (found.latitude, found.longitude)
        if any(great_circle(point, (place.latitude, place.longitude)).km <= 3 for place in meant):
            right += 1
        else:
            print(f"  {spelling}, {governorate}: {found.name} for {meant[0].name}", file=sys.stderr)
    share = f"{right / answered:.1%}" if answered else "-"
    print(f"{title:<44}{names:>6} asked {answered:>5} answered {right:>5} right {share:>7} of the answered")


def main() -> None:
    os.environ["CONFLICT_EVENTS_LAYER"] = WITHOUT
    costs(int(sys.argv[1]) if len(sys.argv) > 1 else 25_000)
    finder = Finder()
    answers("spellings by rule", finder, by_rule(finder.gazetteer, 2000))
    answers("spellings of reporters, not listed", finder, by_hand(finder.gazetteer, listed=False))
    answers("the same, found by their key alone", finder, by_hand(finder.gazetteer, listed=True))


if __name__ == "__main__":
    main()
