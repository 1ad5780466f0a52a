"""Stated dates are read in one way, decided by what stands beside them, or not at all."""

from __future__ import annotations

import datetime
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events.publication import ORDERS, order_of, published, read_date, readings

DAYS = st.dates(date(1990, 1, 1), date(2068, 12, 31))


@pytest.mark.parametrize(
    "text, days",
    [
        ("2024-12-02", ["2024-12-02"]),
        ("2024-12-02T23:30:00+03:00", ["2024-12-02"]),  # the day as it is written there
        ("2024-12-02T22:30:00Z", ["2024-12-02"]),
        ("2024-12-02 10:00:00", ["2024-12-02"]),
        ("2024/12/2", ["2024-12-02"]),
        ("20241202", ["2024-12-02"]),
        ("20241202T103000Z", ["2024-12-02"]),
        ("20241202103000", ["2024-12-02"]),
        ("1733182200", ["2024-12-02"]),  # seconds since 1970, in UTC
        ("1733182200000", ["2024-12-02"]),
        ("1733182200.5", ["2024-12-02"]),
        ("Mon, 02 Dec 2024 23:30:00 +0300", ["2024-12-02"]),
        ("Mon, 02 Dec 24 23:30:00 GMT", ["2024-12-02"]),  # of 2024 and 2002 only one begins on a Monday
        ("December 2, 2024", ["2024-12-02"]),
        ("2nd December 2024, 11:30 pm", ["2024-12-02"]),
        ("25/12/2024", ["2024-12-25"]),
        ("12/25/2024 8:00 AM", ["2024-12-25"]),
        ("25.12.2024 15:30", ["2024-12-25"]),
        ("3/4/2020", ["2020-04-03", "2020-03-04"]),
        ("Friday 3/4/2020", ["2020-04-03"]),
        ("4/4/2020", ["2020-04-04"]),
        ("02/12/24", ["2024-12-02", "2024-02-12", "2002-12-24"]),
        ("02-Dec-24", ["2024-12-02", "2002-12-24"]),
        ("31/12/99", ["1999-12-31"]),
        ("2 Dec", []),
        ("Dec 24", []),
        ("2024", []),
        ("2024-13-40", []),
        ("yesterday", []),
        ("3 hours ago", []),
        ("99999999999999999", []),
        ("", []),
    ],
)
def test_readings(text, days):
    assert [str(day) for day in readings(text)] == days
    assert read_date(text) == (date.fromisoformat(days[0]) if len(days) == 1 else None)


@pytest.mark.parametrize(
    "stated, text, name, order, day, basis",
    [
        ("3/4/2020", "IDLIB, April 3 - Shells fell.", "", "", "2020-04-03", "metadata"),
        ("3/4/2020", "IDLIB, March 4, 2020 - Shells fell.", "", "", "2020-03-04", "metadata"),
        ("3/4/2020", "Shells fell.", "2020-03-04.json", "", "2020-03-04", "metadata"),
        ("3/4/2020", "Shells fell.", "", "day first", "2020-04-03", "metadata"),
        ("3/4/2020", "Shells fell.", "", "month first", "2020-03-04", "metadata"),
        # what the article says itself comes before the habit of its table
        ("3/4/2020", "IDLIB, March 4 - Shells fell.", "", "day first", "2020-03-04", "metadata"),
        ("3/4/2020", "Shells fell between March 4 and April 3.", "", "", None, ""),
        ("3/4/2020", "IDLIB, May 9, 2020 - Shells fell.", "", "", "2020-05-09", "dateline"),
        ("some day", "IDLIB, May 9, 2020 - Shells fell.", "", "", "2020-05-09", "dateline"),
        ("some day", "Shells fell.", "2020-05-09.txt", "", "2020-05-09", "filename"),
        ("", "Shells fell.", "report_20200509.txt", "", "2020-05-09", "filename"),
        ("", "Shells fell.", "20209999.txt", "", None, ""),
    ],
)
def test_what_decides_the_day(stated, text, name, order, day, basis):
    found = published(stated, text, name, order)
    assert (found.day and str(found.day), found.basis) == (day, basis)


@pytest.mark.parametrize(
    "stated, doubt",
    [("3/4/2020", "two ways"), ("some day", "not understood"), ("", ""), ("2020-05-09", "")],
)
def test_a_date_that_is_of_no_use_is_told(stated, doubt):
    found = published(stated, "Shells fell.").doubt
    assert doubt in found and bool(found) == bool(doubt)


@pytest.mark.parametrize(
    "dates, order",
    [
        (["3/4/2020", "25/4/2020"], "day first"),
        (["4/25/20", "3/4/2020"], "month first"),
        (["25/4/2020", "4/25/2020"], ""),
        (["3/4/2020", "2020-04-25", ""], ""),
        ([], ""),
    ],
)
def test_the_order_of_a_table(dates, order):
    assert order_of(dates) == order


@settings(deadline=None)
@given(DAYS)
def test_a_day_in_any_usual_form_is_read(day):
    assert read_date(day.isoformat()) == day
    assert read_date(f"{day:%d} {day:%B} {day.year}") == read_date(f"{day:%b} {day.day}, {day.year}") == day
    stamp = datetime.datetime.combine(day, datetime.time(23, 59), datetime.UTC)
    assert read_date(str(int(stamp.timestamp()))) in ({day} if stamp.timestamp() >= 1e9 else {day, None})
    for form in ("%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%a %d/%m/%y", "%d-%b-%y", "%y/%m/%d"):
        assert day in readings(day.strftime(form)), form


@settings(deadline=None)
@given(st.lists(DAYS, max_size=6), st.sampled_from(("%d/%m/%Y", "%m/%d/%Y")))
def test_the_order_found_is_the_one_that_was_written(days, form):
    order = order_of([day.strftime(form) for day in days])
    assert order in {"", ORDERS[form == "%m/%d/%Y"]}
    assert order or all(day.day <= 12 for day in days)
    for day in days if order else []:
        assert published(day.strftime(form), "Shells fell.", order=order).day == day


@settings(deadline=None)
@given(st.text(max_size=60) | st.text("0123456789/.-: TZDecMon+", max_size=30), st.text(max_size=80))
def test_nothing_raises(stated, text):
    found = published(stated, text, text)
    assert (found.day is None) == (found.basis == "")
    assert order_of([stated, text]) in {*ORDERS, ""}
