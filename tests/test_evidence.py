"""Which words of a sentence made the row."""

from __future__ import annotations

import time
from itertools import pairwise

from conflict_events.events import Event
from conflict_events.evidence import marks, packaged_names

HTS = "HTS: Hayat Tahrir al Sham"


def marked(sentence: str, **fields: str) -> dict[str, str]:
    found = marks(Event(sentence=sentence, **fields), packaged_names())
    assert all(one[1] <= other[0] for one, other in pairwise(found))
    return {kind: sentence[start:end] for start, end, kind in found}


def test_all_parts_of_a_sentence():
    assert marked(
        "On Friday, three soldiers were killed when a mine planted by Nusra terrorists went off near Izraa.",
        trigger="mine",
        actor1=HTS,
        place_text="Izraa",
        date_text="Friday",
        fatalities_text="three soldiers",
    ) == {
        "date": "Friday",
        "fatalities": "three soldiers",
        "trigger": "mine",
        "actor1": "Nusra",
        "place": "Izraa",
    }


def test_whole_words_only_and_each_word_once():
    assert marked("Homsi rebels left Homs.", place_text="Homs") == {"place": "Homs"}
    assert marked("Homsi rebels left.", place_text="Homs") == {}
    two = marked(
        "Rebels shot at rebels.", actor1="Opposition Rebels (Syria)", actor2="Opposition Rebels (Syria)"
    )
    assert two == {"actor1": "Rebels", "actor2": "rebels"}


def test_what_stands_elsewhere_is_not_marked():
    assert marked("It was shelled.", trigger="shelled", place_text="Morek", fatalities_text="six") == {
        "trigger": "shelled"
    }
    assert marked("", trigger="shelled") == {}
    assert marked("About dozens died.", fatalities_text="dozens (assumed: dozens)") == {
        "fatalities": "dozens"
    }


def test_letters_that_change_length_and_long_text_do_no_harm():
    assert marked("İİİ ﬁghters shelled Morek", place_text="Morek") == {"place": "Morek"}
    begun = time.monotonic()
    marked("a" * 200_000, trigger="a" * 1000 + "b", place_text="(((((a*)*", actor1=HTS)
    assert time.monotonic() - begun < 5
