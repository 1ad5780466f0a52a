"""The nouns of the project, as frozen records: what goes in, what comes out, what failed.

This module imports nothing of ours, so every other room can speak of an Article or an Event.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any


@dataclass(frozen=True, slots=True)
class Article:
    """One news text. Only `text` is required; offsets of events refer to it as it stands here.

    `published` is the day of publication, or None where it is not known (it is never guessed);
    `published_basis` says where it was found: "option", "metadata", "dateline", "filename" or "".
    """

    text: str
    id: str = ""
    title: str = ""
    published: datetime.date | None = None
    published_basis: str = ""
    source: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that could not be read, and the reason in one line for the person who has to mend it."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer.

    `location` is the name in ACLED's form ("Damascus - Jobar"); latitude and longitude are WGS84 degrees of
    the centroid; admin1 to admin3 are ACLED's spellings of governorate, district and sub-district; `country`
    is an ISO 3166-1 alpha-2 code, "SY" unless the place is listed only to keep it from being taken for a
    Syrian one; `parent` is the id of the place this one lies in, where that is not an admin unit.
    """

    id: str
    name: str
    location: str
    kind: str
    latitude: float
    longitude: float
    admin1: str = ""
    admin2: str = ""
    admin3: str = ""
    pcode: str = ""
    population: int = 0
    name_ar: str = ""
    aliases: tuple[str, ...] = ()
    country: str = "SY"
    parent: str = ""


@dataclass(frozen=True, slots=True)
class Actor:
    """A row of actors.csv: an actor in ACLED's spelling, and every way reporting names it.

    `inter` is ACLED's actor type, 1 to 8 (ACLED codebook 2024, "Interaction code"). `valid_from` and
    `valid_to` bound the event dates for which the name may be used, both ends included. Actors of one `camp`
    fight on one side as a rule, which tells the sides of a list apart; it is no column of a row.
    """

    id: str
    name: str
    inter: int
    role: str = "main"
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    aliases: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    descriptions: tuple[str, ...] = ()
    umbrella: str = ""
    camp: str = ""
    provisional: bool = False
    example: str = ""
    remarks: str = ""

    def valid(self, day: datetime.date | None) -> bool:
        """True where the name may be used on `day`; an unknown day fits every name."""
        if day is None:
            return True
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@dataclass(frozen=True, slots=True)
class Mention:
    """A dictionary row, or several that share a name, found in a sentence.

    `kind` is "trigger", "actor", "place", "cue" or "source"; `ids` are the rows it may be; `start` and `end`
    are character offsets in the sentence; `how` says which column matched ("alias", "adjective",
    "description" for actors).
    """

    kind: str
    ids: tuple[str, ...]
    start: int
    end: int
    text: str
    how: str = ""

    def inside(self, other: Mention) -> bool:
        """True where this mention lies within `other`."""
        return other.start <= self.start and self.end <= other.end


@dataclass(frozen=True, slots=True)
class Event:
    """One row: ACLED's columns first, in ACLED's order, then what the row was made from.

    Names and meanings of the first 31 fields are those of the ACLED codebook 2024. Tuples are written
    joined by "; ". A field that is not known is None or empty, never a guess. `start` and `end` are
    character offsets of `sentence` in the article's text; `confidence` runs from 0 to 1.
    """

    event_id_cnty: str = ""
    event_date: datetime.date | None = None
    year: int | None = None
    time_precision: int | None = None
    disorder_type: str = ""
    event_type: str = ""
    sub_event_type: str = ""
    actor1: str = ""
    assoc_actor_1: tuple[str, ...] = ()
    inter1: int = 0
    actor2: str = ""
    assoc_actor_2: tuple[str, ...] = ()
    inter2: int = 0
    interaction: int = 0
    civilian_targeting: str = ""
    iso: int = 760
    region: str = "Middle East"
    country: str = "Syria"
    admin1: str = ""
    admin2: str = ""
    admin3: str = ""
    location: str = ""
    latitude: float | None = None
    longitude: float | None = None
    geo_precision: int | None = None
    source: tuple[str, ...] = ()
    source_scale: str = ""
    notes: str = ""
    fatalities: int = 0
    tags: tuple[str, ...] = ()
    timestamp: int | None = None
    # what the row was made from (design: the columns of `--columns full`)
    article_id: tuple[str, ...] = ()
    article_title: str = ""
    article_url: str = ""
    published: datetime.date | None = None
    sentence: str = ""
    start: int | None = None
    end: int | None = None
    trigger: str = ""
    rule: str = ""
    place_id: str = ""
    place_text: str = ""
    date_text: str = ""
    date_basis: str = ""
    fatalities_text: str = ""
    confidence: float = 0.0

    def __reduce__(self) -> tuple[type[Event], tuple[Any, ...]]:
        # what a dataclass does of itself looks all fields up each time: rows are packed by the million
        return Event, _values(self)


_NAMES = tuple(one.name for one in fields(Event))
_values = attrgetter(*_NAMES)
_AT = {name: at for at, name in enumerate(_NAMES)}


def changed(event: Event, **values: Any) -> Event:
    """`event` with other values in some fields, as `dataclasses.replace` gives it, in a quarter of the time."""
    all_values = [*_values(event)]
    for name, value in values.items():
        all_values[_AT[name]] = value
    return Event(*all_values)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a candidate sentence did or did not become rows; what `explain` prints.

    Each element of `findings` is a pair (kind, text), kind being "trigger", "actor", "place", "date",
    "fatalities", "assertion", "source", "confidence" or "rule". `outcome` is "row" or the reason there is none.
    """

    sentence: str
    start: int
    end: int
    findings: tuple[tuple[str, str], ...] = ()
    outcome: str = ""
    events: tuple[Event, ...] = field(default=())
