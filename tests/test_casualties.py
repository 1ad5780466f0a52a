"""Deaths in a sentence: (text, killed) pairs; numbers in words; a figure told again."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conflict_events.casualties import find_tolls
from conflict_events.events import Article
from conflict_events.extract import Extractor
from conflict_events.people import number
from conflict_events.syntax import Syntax
from conflict_events.tolls import Toll, add_toll, once

COUNTED = [
    ("US forces shot dead a trader near the gas field.", 1),
    ("Gunmen on a motorbike shot dead a high-ranking officer in Dara.", 1),
    ("Opposition snipers shot dead 2 or 3 regime soldiers near Ghab.", 2),
    ("Islamic State fighters shot and killed two 15th Division soldiers near Mseifra.", 2),
    (
        "A drone killed at least five people, including two children, and wounded nine others in Tafas.",
        5,
    ),
    ("An air strike killed a family of six in Ariha.", 6),
    ("Shelling killed a woman and her two children in Nawa.", 3),
    ("A car bomb in Homs killed a number of civilians.", 10),
    ("Dozens of civilians were killed in an air strike on Ariha.", 12),
    ("Between 8 and 13 people were killed in an attack on Nawa.", 8),
    ("The bodies of two shepherds were found near Sukhna, killed by gunmen.", 2),
    ("Gunmen ambushed an officer and his escort near Maskana, killing them both.", 2),
    ("A sniper shot one SDF fighter in Ain Issa, which led to his immediate death.", 1),
    ("The bomb wounded two soldiers, including an officer who succumbed to his wounds.", 1),
    ("Gunmen killed using small arms fire a police officer in Gharibah.", 1),
    ("Gunmen opened fire on a trader in Tafas; he died of his wounds.", 1),
    ("A fighter of the SDF lost his life after a drone hit his car in Qamishli on Sunday.", 1),
    ("Rebels fired shells at Aleppo claiming the lives of 8 persons and injuring more than 58 others.", 8),
    ("A mine explosion near Resafa led to the deaths of 2 herders.", 2),
    ("The army destroyed over 60 terrorists in an attack near Palmyra.", 60),
    ("A suicide bomber killed 30 people injured 90 in an attack on a wedding in Hasakah.", 30),
    ("A man, his wife and their four children were killed when warplanes bombed Nawa.", 6),
    ("An air strike on Nawa killed a couple and their two daughters.", 4),
    ("The group abducted 75 hunters near Palmyra and executed 16 of them, while 25 were let go.", 16),
    ("A teacher and his son were found shot in Nawa.", 2),
    ("Two of the wounded later died of their injuries after the shelling of Nawa.", 2),
    ("Shelling of Nawa killed 9, wounded 20.", 9),
    ("Five civilians dead, 10 wounded in shelling of Nawa", 5),
    ("The toll of the shelling of Nawa rose to 19.", 19),
    ("Regime shelling of Nawa left dead and wounded.", 10),
    ("The army ambushed rebels near Nawa, killing all who were on board.", 10),
    ("Two men on a motorcycle were killed when gunmen opened fire on them in Nawa.", 2),
]
ADDED = [
    ("Clashes broke out near Nubl; 8 Turkish soldiers, 11 rebels, and 6 SDF fighters were killed.", 25),
    ("Fourteen opposition fighters as well as a civilian were killed in shelling of Nawa.", 15),
    ("The defector along with three SDF fighters were killed in the clashes.", 4),
    ("Seventeen rebels were reported killed along with 8 SDF fighters in clashes near Nubl.", 25),
    ("11 regime and allied fighters and 21 rebels were killed in clashes in Saraqib.", 32),
    ("Four soldiers and Islamist faction fighters were killed in clashes near Nubl.", 4),
    ("The army clashed with rebels with 7 army fatalities, including a general, and 3 civilians killed.", 10),
]
NOT_COUNTED = [
    ("A mob attacked and nearly killed a trader in Nawa.", 0),
    ("Gunmen attempted to assassinate a mayor in Tafas.", 0),
    ("Regime forces shelled Nawa; no one was killed.", 0),
    ("Shelling of Nawa left 12 people killed or injured.", 0),
    ("A grenade went off in Tafas, injuring a girl.", 0),
    ("The SDF arrested a man accused of killing two traders in Raqqa.", 0),
    ("A helicopter destroyed 2 SDF vehicles near Jandairis.", 0),
    ("The war has killed more than 300,000 people since it began in 2011, after shelling of Hama.", 0),
    ("At least 68 children were among the 126 people killed in the attack on buses in Rashidin.", 126),
    ("Published September 24 2016 Ninety-two civilians were killed Saturday by air strikes on Aleppo.", 92),
    ("27 Jul 2016 Three people killed five injured in rocket attack on Aleppo.", 3),
]


def tolls(extractor: Extractor, text: str) -> list[Toll]:
    article = Article(text, published=datetime.date(2020, 5, 10))
    sentences = [s for _, found in extractor.reader.read([article]) for s in found if s.doc is not None]
    return once([t for s in sentences for t in find_tolls(Syntax(s, extractor.marker.kinds))])


@pytest.mark.parametrize(("text", "killed"), COUNTED + ADDED + NOT_COUNTED)
def test_killed(extractor: Extractor, text: str, killed: int) -> None:
    assert sum(t.killed or 0 for t in tolls(extractor, text)) == killed


def test_a_toll_of_the_whole_event_stands_alone(extractor: Extractor) -> None:
    found = tolls(
        extractor, "Two more people died on Monday, which brought the death toll from the blast to 11."
    )
    assert [t.killed for t in found if t.killed] == [11]


def test_assumed_numbers_say_so(extractor: Extractor) -> None:
    (toll,) = tolls(extractor, "An air strike killed several farmers near Nawa.")
    assert (toll.killed, toll.assumed) == (10, "several")


def toll(killed: int, text: str, *kinds: str, assumed: str = "") -> Toll:
    words = frozenset(w for w in text.lower().split() if w.isalpha())
    return Toll(killed, 0, len(text), text, assumed, frozenset(kinds), words=words)


@pytest.mark.parametrize(
    ("later", "sum_told"),
    [
        (toll(5, "five people", "person"), 5),
        (toll(7, "seven people", "person"), 5),
        (toll(3, "another three people", "person"), 8),
    ],
)
def test_later_sentences(later: Toll, sum_told: int) -> None:
    told = [toll(5, "5 civilians", "person")]
    add_toll(later, told, list(told))
    assert sum(t.killed or 0 for t in told) == sum_told


def test_an_exact_figure_replaces_an_assumed_one() -> None:
    told = [toll(10, "several people", "person", assumed="several")]
    add_toll(toll(4, "four people", "person"), told, list(told))
    assert [t.killed for t in told] == [4]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("7", 7), ("1,400", 1400), ("seven", 7), ("Ninety-two", 92), ("one hundred and twenty", 120),
        ("two dozen", 24), ("half a dozen", 6), ("three thousand", 3000), ("soldiers", None), ("", None),
    ],
)  # fmt: skip
def test_number(text: str, value: int | None) -> None:
    assert number(text) == value


@given(st.text(max_size=40))
def test_number_never_raises(text: str) -> None:
    value = number(text)
    assert value is None or value >= 0


@given(st.integers(0, 999_999))
def test_digits_are_their_own_number(n: int) -> None:
    assert number(str(n)) == n
    assert number(f"{n:,}") == n
