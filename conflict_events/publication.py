"""The day an article was published: what its metadata state, else its dateline, else its file name.

A stamp counts in the time zone it is written in: 2024-12-02T23:30:00+03:00 is 2 December, although it was
still the afternoon of that day in New York, and a stamp of UTC is read as the day in UTC. Nothing is
converted, so that the day is the one a reader of the article sees.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .dates import WEEKDAYS, find_dates

_NUMERIC = re.compile(r"(?<![\d:/.-])(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?![\d/]|[-.]\d)")
_SHORT_YEAR = re.compile(r"\b(\d{1,2})[- ]([a-z]{3,9})\.?,?[- ](\d\d)(?![\d:])", re.I)
_STAMP = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:$|[T ])")
_PACKED = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:T?\d{4}(?:\d\d)?(?:\.\d+)?Z?)?")
_NAMED = re.compile(r"(?<!\d)((?:19|20)\d\d)[-/._](\d{1,2})[-/._](\d{1,2})(?!\d)")
_NAMED_PACKED = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_EPOCH = re.compile(r"(\d{10})(?:\d{3})?(?:\.\d*)?")
_WEEKDAY = re.compile(rf"\b({'|'.join(name[:3] for name in WEEKDAYS)})(?:[a-z]*)\b", re.I)
_LEAD, _LINES = 600, 8
ORDERS = ("day first", "month first", "year first")


@dataclass(frozen=True, slots=True)
class Published:
    """A day of publication and where it was found: "option", "metadata", "dateline", "filename" or "".

    `doubt` says what is wrong with a stated date that could not be used, "" where none was stated or it could.
    """

    day: datetime.date | None = None
    basis: str = ""
    doubt: str = ""


def published(stated: str, text: str, name: str = "", order: str = "") -> Published:
    """The day of publication of `text`, which its metadata say was `stated`, in a file called `name`.

    A stated date of two readings (3/4/2020) is the one that the first lines or the file name have too, else
    the one of the `order` that other dates of the same table show (see `order_of`), else of no use.
    """
    days = readings(stated)
    if len(days) > 1:
        days = _confirmed(days, text, name) or [day for day in days if order and _reads(stated, order) == day]
    if len(days) == 1:
        return Published(days[0], "metadata")
    day, basis = publication_date(text, name)
    if day or not stated.strip():
        return Published(day, basis)
    shown = " ".join(stated.split())[:40]
    what = "can be read in two ways" if len(readings(stated)) > 1 else "is not understood"
    return Published(None, "", f'the date "{shown}" {what}')


def read_date(text: str) -> datetime.date | None:
    """The day that a date of an option or of metadata names; None where it is not understood or ambiguous."""
    days = readings(text)
    return days[0] if len(days) == 1 else None


def readings(text: str) -> list[datetime.date]:
    """The days that a stated date may mean: none where it is not understood, several where it is ambiguous.

    3/4/2020 is in March or in April, 02-Dec-24 in 2024 or in 2002. A weekday beside it decides.
    """
    text = text.strip()
    if m := _STAMP.match(text) or _PACKED.fullmatch(text):
        return _valid([m.groups()])
    if m := _EPOCH.fullmatch(text):
        return _valid([_utc(int(m[1]))])
    if m := _NUMERIC.search(text):
        return _fitting(_valid(_orders(m).values()), text)
    if m := _SHORT_YEAR.search(text):
        first, month, last = m.groups()
        spelt = [f"{first} {month} {_century(last)}", f"{last} {month} {_century(first)}"]
        return _fitting([day for one in spelt if (day := _in_words(one))], text)
    return _fitting([day] if (day := _in_words(text)) else [], text)


def order_of(dates: Iterable[str]) -> str:
    """The one order of day, month and year in which numeric dates are written that can only be read one way.

    "" where there is none, or where they differ.
    """
    seen: set[str] = set()
    for text in dates:
        orders = _orders(m) if (m := _NUMERIC.search(text)) else {}
        possible = [order for order, parts in orders.items() if _valid([parts])]
        if len(possible) == 1 < len(orders):  # 2020-04-25 is no sign, nor is 4/4/2020
            seen.update(possible)
    return seen.pop() if len(seen) == 1 else ""


def publication_date(text: str, name: str = "") -> tuple[datetime.date | None, str]:
    """The day of publication and its basis: a full date in the first lines, else one in the file name.

    Only a day with its year counts, and in the lead only where it dates the text: on a line of its own, at
    the beginning of the text, or in a dateline before a dash. A lead that tells of an old day is not dated by
    it. (None, "") where there is neither.
    """
    for at, line in enumerate(_first_lines(text)):
        for d in find_dates(line, None):
            if d.day is None or d.precision != 1:
                continue
            alone = len(line) - len(d.text) < 40
            before = re.findall(r"\w+", line[: d.start])
            opens = at == 0 and d.start < 40 and all(w[0].isupper() and w not in {"On", "In"} for w in before)
            dateline = d.start < 60 and bool(re.match(r"\s*(?:\([^)]*\)\s*)?[-:]", line[d.end : d.end + 20]))
            if alone or opens or dateline:
                return d.day, "dateline"
    day = _of_name(name)
    return day, "filename" if day else ""


def _first_lines(text: str) -> list[str]:
    return text.lstrip()[:_LEAD].split("\n")[:_LINES]


def _of_name(name: str) -> datetime.date | None:
    for pattern in (_NAMED, _NAMED_PACKED):
        if m := pattern.search(name):
            if days := _valid([m.groups()]):
                return days[0]
    return None


def _orders(m: re.Match[str]) -> dict[str, tuple[int | str, ...]]:
    """The parts of a numeric date as (year, month, day), by the order in which it may be written."""
    first, _, middle, last = m.groups()
    if len(first) > 2 or len(last) > 2:
        if len(first) == 4 and len(last) < 3:
            return {"year first": (first, middle, last)}
        if len(last) == 4 and len(first) < 3:
            return {"day first": (last, middle, first), "month first": (last, first, middle)}
        return {}
    return {
        "day first": (_century(last), middle, first),
        "month first": (_century(last), first, middle),
        "year first": (_century(first), middle, last),
    }


def _reads(text: str, order: str) -> datetime.date | None:
    m = _NUMERIC.search(text)
    parts = _orders(m).get(order) if m else None
    days = _valid([parts]) if parts else []
    return days[0] if days else None


def _century(year: str) -> int:
    """A year of two digits as POSIX reads it: 69 to 99 are of the last century."""
    number = int(year)
    return number + (1900 if number >= 69 else 2000)


def _valid(parts: Iterable[tuple[int | str, ...]]) -> list[datetime.date]:
    """The days that exist among (year, month, day), each once; news is of 1900 or later."""
    days = []
    for one in parts:
        try:
            days.append(datetime.date(*map(int, one)))
        except ValueError:
            continue
    return [day for day in dict.fromkeys(days) if day.year >= 1900]


def _utc(seconds: int) -> tuple[int, int, int]:
    day = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return day.year, day.month, day.day


def _fitting(days: list[datetime.date], text: str) -> list[datetime.date]:
    """Of several days those that fall on the weekday that the text names, if any does."""
    if len(days) > 1 and (m := _WEEKDAY.search(text)):
        names = [name[:3] for name in WEEKDAYS]
        return [day for day in days if day.weekday() == names.index(m[1].lower())] or days
    return days


def _in_words(text: str) -> datetime.date | None:
    """The day of a date that is not all numbers, such as 2 December 2024."""
    days = {d.day for d in find_dates(text, None) if d.day and d.precision == 1}
    if len(days) == 1:
        return days.pop()
    if days or not re.search(r"\d{4}", text) or re.fullmatch(r"[\d\W]+", text):
        return None
    import dateparser

    parsed = dateparser.parse(
        text[:100], languages=["en"], settings={"REQUIRE_PARTS": ["day", "month", "year"]}
    )
    return parsed.date() if isinstance(parsed, datetime.datetime) else None


def _confirmed(days: list[datetime.date], text: str, name: str) -> list[datetime.date]:
    """The one of `days` that the first lines of the text write out, else the one that the file name has."""
    lines = _first_lines(text)
    # read as if published that day, "IDLIB, Dec 3 -" has its year
    told = [
        day
        for day in days
        if any(d.day == day and d.basis == "explicit" for line in lines for d in find_dates(line, day))
    ]
    named = _of_name(name)
    return told if len(told) == 1 else [day for day in days if day == named]
