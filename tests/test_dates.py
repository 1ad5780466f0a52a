"""Dates in text against the day of publication: (text, day, precision), periods, datelines, properties."""

from __future__ import annotations

import datetime
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events.dates import find_dates, is_dateline, lead_day
from conflict_events.publication import publication_date, read_date

PUBLISHED = datetime.date(2020, 5, 13)  # a Wednesday
DAYS = [
    ("on 2 May", "2020-05-02", 1),
    ("On May 2, 2019,", "2019-05-02", 1),
    ("on 20 June", "2019-06-20", 1),
    ("on Wednesday", "2020-05-13", 1),
    ("last Wednesday", "2020-05-06", 1),
    ("on Monday evening", "2020-05-11", 1),
    ("yesterday", "2020-05-12", 1),
    ("overnight", "2020-05-13", 1),
    ("the day before yesterday", "2020-05-11", 1),
    ("three days ago", "2020-05-10", 1),
    ("over the weekend", "2020-05-09", 2),
    ("last week", "2020-05-07", 2),
    ("between 2 and 6 May", "2020-05-04", 2),
    ("Between the 29th of April and 3rd of May,", "2020-05-01", 2),
    ("from 30 December to 2 January 2020", "2020-01-01", 2),
    ("in March", "2020-03-15", 3),
    ("in late April", "2020-04-26", 3),
]


@pytest.mark.parametrize(("text", "day", "precision"), DAYS)
def test_days(text: str, day: str, precision: int) -> None:
    (found,) = find_dates(text, PUBLISHED)
    assert (str(found.day), found.precision) == (day, precision)


@pytest.mark.parametrize("text", ["in 2011", "two years ago", "every Friday", "in the summer of 2014"])
def test_too_vague_to_code(text: str) -> None:
    assert [d.day for d in find_dates(text, PUBLISHED)] == [None]


def test_dates_lean_on_the_event_before() -> None:
    previous = datetime.date(2020, 5, 4)
    (found,) = find_dates("The next day", PUBLISHED, previous)
    assert found.day == datetime.date(2020, 5, 5)
    (found,) = find_dates("a day after the raid", PUBLISHED, previous)
    assert found.day == datetime.date(2020, 5, 3)


@pytest.mark.parametrize(
    ("text", "dateline"),
    [
        ("Published October 4 2016 A bomber", True),
        ("Blast kills 20 Monitor AFP Thursday 6 Oct 2016 At least", True),
        ("12 July 2016 Rebels advanced", True),
        ("On 12 July 2016, rebels advanced", False),
        ("Rebels advanced on Tuesday 12 July 2016", False),
        ("shelled since 12 July 2016", False),
    ],
)
def test_dateline(text: str, dateline: bool) -> None:
    found = next(d for d in find_dates(text, PUBLISHED) if d.basis == "explicit")
    assert is_dateline(text, found) is dateline


@pytest.mark.parametrize(
    ("lead", "day"),
    [
        ("Jets bombed a market. The raid on Monday killed two.", datetime.date(2020, 5, 11)),
        ("Jets bombed a market, medics said on Monday.", datetime.date(2020, 5, 11)),
        ("Jets bombed a market on Tuesday, medics said on Wednesday.", datetime.date(2020, 5, 12)),
        ("Jets bombed a market on Monday and a school on Tuesday.", None),
        ("Jets bombed a market on 2 March.", None),
    ],
)
def test_lead_day(lead: str, day: datetime.date | None) -> None:
    assert lead_day(lead, PUBLISHED) == day


@pytest.mark.parametrize(
    ("text", "day"),
    [("2020-05-01", "2020-05-01"), ("1 May 2020", "2020-05-01"), ("2020-05-01T10:00", "2020-05-01"),
     ("3/4/2020", None), ("soon", None), ("", None), ("2020-13-40", None)],
)  # fmt: skip
def test_read_date(text: str, day: str | None) -> None:
    found = read_date(text)
    assert (str(found) if found else None) == day


@pytest.mark.parametrize(
    ("text", "name", "day", "basis"),
    [
        ("Damascus, 4 March 2019 - Shells hit the town.", "", "2019-03-04", "dateline"),
        ("A town\n4 March 2019\nShells hit it.", "", "2019-03-04", "dateline"),
        ("Shells hit the town.", "report_2019-03-04.txt", "2019-03-04", "filename"),
        (
            "Many recall the killings of 2 February 1982 in the old quarters of Hama.",
            "",
            None,
            "",
        ),
        ("Shells hit the town.", "", None, ""),
    ],
)
def test_publication_date(text: str, name: str, day: str | None, basis: str) -> None:
    found, how = publication_date(text, name)
    assert ((str(found) if found else None), how) == (day, basis)


PUBLICATION = st.one_of(st.none(), st.dates(datetime.date(1990, 1, 1), datetime.date(2090, 1, 1)))
WORDS = st.lists(
    st.sampled_from(
        "on 3 31 May March 2020 Monday yesterday last week since the weekend ago days two between and 5 "
        "June - today late early next night of month a day after 2020-02-30 12/05/2019 before Sunday".split()
    ),
    max_size=12,
).map(" ".join)


@settings(deadline=None)
@given(st.one_of(WORDS, st.text(max_size=60)), PUBLICATION)
def test_offsets_lie_in_the_text(text: str, published: datetime.date | None) -> None:
    found = find_dates(text, published)
    assert all(0 <= d.start < d.end <= len(text) and text[d.start : d.end] == d.text for d in found)
    assert all(a.end <= b.start for a, b in itertools.pairwise(found))


@settings(deadline=None)
@given(WORDS, st.dates(datetime.date(2015, 1, 1), datetime.date(2030, 1, 1)))
def test_relative_days_are_not_after_publication(text: str, published: datetime.date) -> None:
    for d in find_dates(text, published):
        if d.basis in {"relative", "week", "month"} and d.day and "next" not in text:
            assert d.day <= published or d.basis == "month"


@settings(deadline=None)
@given(st.text(max_size=60))
def test_reading_never_raises(text: str) -> None:
    assert read_date(text) is None or isinstance(read_date(text), datetime.date)
    assert publication_date(text, text)[1] in {"", "dateline", "filename"}
