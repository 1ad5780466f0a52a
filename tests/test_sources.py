"""The outlet comes from the metadata, else from the dateline or the last words; monitors are quoted."""

import pytest

from conflict_events.events import Article
from conflict_events.lexicon import load
from conflict_events.sources import sources

LEXICON = load()


@pytest.mark.parametrize(
    ("text", "metadata", "names"),
    [
        ("BEIRUT, 22 June 2012 (Levant Wire) - Two men died.", "", ("Levant Wire",)),
        ("DAMASCUS (SANA) – Two men died.", "", ("SANA",)),
        ("DAMASCUS (SANA) – Two men died.", "Enab Baladi", ("Enab Baladi",)),
        ("Two men died. (SANA)", "", ("SANA",)),
        ("Two men died. -- SANA", "", ("SANA",)),
        ("Two men died (one a teacher) - and a boy.", "", ()),
        ("The army (backed by Russia) - as it said - bombed the town.", "", ()),
        ("Two men died. (Some Blog)", "", ()),
        ("", "", ()),
    ],
)
def test_the_outlet(text, metadata, names):
    found, scale = sources(Article(text, source=metadata), [], LEXICON)
    assert found == names
    assert bool(scale) == bool(names)


def test_a_monitor_quoted_stands_beside_the_outlet_once():
    article = Article("DAMASCUS (SANA) - Two men died.")
    names, scale = sources(article, ["sohr", "sohr"], LEXICON)
    assert names == ("SANA", "SOHR")
    assert scale == "-".join(sorted({LEXICON.sources["sohr"].scale, LEXICON.sources["sana"].scale}))
