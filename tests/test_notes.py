"""Notes read as a coder would write them, for every type, and say what was assumed."""

import datetime

import pytest

from conflict_events.events import Event
from conflict_events.lexicon import load
from conflict_events.notes import note, spoken

LEXICON = load()
ARMY = "Military Forces of Syria (2000-2024)"


def row(**fields):
    known = {
        "event_date": datetime.date(2019, 5, 14),
        "time_precision": 1,
        "sub_event_type": "Armed clash",
        "actor1": ARMY,
        "actor2": "Opposition Rebels (Syria)",
        "location": "Saraqab",
        "admin1": "Idleb",
        "geo_precision": 1,
        "fatalities": 0,
    }
    return Event(**(known | fields))


@pytest.mark.parametrize("kind", sorted(LEXICON.taxonomy))
def test_every_type_has_a_sentence_for_one_side_and_for_two(kind):
    for fields in ({}, {"actor2": ""}, {"actor1": "", "actor2": ""}, {"location": "", "admin1": ""}):
        text = note(row(sub_event_type=kind, **fields), LEXICON)
        assert "On 14 May 2019, " in text and text.endswith("No fatalities reported.")
        assert "  " not in text and "{" not in text and " ." not in text
        assert ("Saraqab in Idleb" in text) != ("location" in fields)


def test_associates_years_and_units():
    text = note(
        row(
            actor1="Military Forces of Syria (2000-2024) 4th Armored Division",
            assoc_actor_1=("Hezbollah", "NDF: National Defence Forces"),
            fatalities=3,
        ),
        LEXICON,
    )
    assert (
        "clashes took place between the 4th Armored Division of the Military Forces of Syria (with " in text
    )
    assert (
        "(with Hezbollah and the National Defence Forces) and opposition rebels in Saraqab in Idleb. 3 f"
        in text
    )


def test_victims_stand_in_brackets():
    text = note(
        row(
            sub_event_type="Air/drone strike",
            actor2="Civilians (Syria)",
            assoc_actor_2=("Women (Syria)", "Health Workers (Syria)"),
            geo_precision=2,
            fatalities=1,
        ),
        LEXICON,
    )
    assert "strikes on civilians (women, health workers) near Saraqab in Idleb. 1 fatality reported." in text


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        (
            {"fatalities": 10, "fatalities_text": "several soldiers (assumed: several)"},
            "Unknown fatalities coded as 10.",
        ),
        (
            {"fatalities": 4, "fatalities_text": "seven people (total of 7 split over 2 places)"},
            "4 fatalities coded: 7 reported, split over 2 places.",
        ),
    ],
)
def test_assumptions_are_told(fields, end):
    assert note(row(**fields), LEXICON).endswith(end)


@pytest.mark.parametrize(
    ("day", "precision", "start"),
    [(None, 1, "On an unknown date, "), (datetime.date(2019, 5, 14), 3, "Around 14 May 2019 (month of), ")],
)
def test_vague_days_are_called_vague(day, precision, start):
    assert note(row(event_date=day, time_precision=precision), LEXICON).startswith(start)


@pytest.mark.parametrize(
    ("actor", "name"),
    [
        ("Unidentified Armed Group (Syria)", "an unidentified armed group"),
        ("Unidentified Military Forces", "unidentified military forces"),
        ("Hezbollah", "Hezbollah"),
        ("HTS: Hayat Tahrir al Sham", "Hayat Tahrir al Sham"),
        ("QSD: Syrian Democratic Forces", "the Syrian Democratic Forces"),
        ("Civilians (Syria)", "civilians"),
    ],
)
def test_names_as_they_are_spoken(actor, name):
    assert spoken(actor, LEXICON) == name


def test_a_region_is_not_said_to_be_taken_itself():
    text = note(row(sub_event_type="Government regains territory", geo_precision=3), LEXICON)
    assert "regained control of places in the region of Saraqab" in text
