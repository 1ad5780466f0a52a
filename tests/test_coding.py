"""The note of a row says what the row says, no more."""

from __future__ import annotations

import datetime

import pytest

from conflict_events import coding, lexicon
from conflict_events.events import Event


@pytest.mark.parametrize(
    ("precision", "words"),
    [(1, "took control of Hama from"), (3, "took control of places in the region of Hama from")],
)
def test_a_region_is_not_its_capital_in_the_note(precision: int, words: str) -> None:
    event = Event(
        event_date=datetime.date(2024, 12, 3),
        time_precision=1,
        sub_event_type=coding.NON_STATE_CAPTURE,
        actor1="Opposition Rebels (Syria)",
        actor2="Military Forces of Syria (2000-2024)",
        admin1="Hama",
        location="Hama",
        geo_precision=precision,
    )
    assert words in coding.note(event, lexicon.load())
