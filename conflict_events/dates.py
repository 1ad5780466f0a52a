"""When: dates in text, resolved against the day of publication, with ACLED's time precision.

Past by default: a weekday or a day without a year is the latest one not after publication. What cannot be
known stays None; today's date is never used (ACLED codebook 2024, "Time": precision 1 the day, 2 the week
or weekend, 3 the month; nothing vaguer is coded).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from .wording import Wording, wording

Add = Callable[..., None]

# A month named that lies further back than this many days is background, not news.
PAST = 45
# A day that lies further back than this many days is history, however exactly it is named.
HISTORY = 365

DAY = datetime.timedelta(days=1)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = {name: i for i, name in enumerate(WEEKDAYS)} | {
    name: i
    for i, names in enumerate(("mon", "tue tues", "wed weds", "thu thur thurs", "fri", "sat", "sun"))
    for name in names.split()
}
_MONTHS = (
    "january jan|kanun al-thani|kanoon al-thani",
    "february feb|shubat|shbat",
    "march mar|adhar|azar",
    "april apr|nisan|nissan",
    "may|ayyar|ayar",
    "june jun|haziran|hzeran",
    "july jul|tammuz|tamouz|tammouz",
    "august aug|aab",
    "september sept sep|aylul|ayloul|eylul",
    "october oct|tishrin al-awwal|tishreen al-awwal",
    "november nov|tishrin al-thani|tishreen al-thani",
    "december dec|kanun al-awwal|kanoon al-awwal",
)
_MONTH = {
    name: number
    for number, names in enumerate(_MONTHS, 1)
    for i, part in enumerate(names.split("|"))
    for name in (part.split(" ") if i == 0 else [part])
}
_M = "|".join(sorted((re.escape(m).replace(r"\-", "[- ]") for m in _MONTH), key=len, reverse=True))
_W = "|".join(WEEKDAYS)
_NUMBER = {
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "several": 3, "few": 3, "couple": 2,
}  # fmt: skip
_N = "|".join(_NUMBER)

_ISO = re.compile(r"\b((?:19|20)\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?=\D|$)")
_DMY = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?[\s-]+({_M})\b\.?(?:[\s,-]+((?:19|20)\d\d)\b)?", re.I
)
_MDY = re.compile(rf"\b({_M})\b\.?\s*(\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s+((?:19|20)\d\d)\b)?", re.I)
_SLASH = re.compile(r"\b(\d{1,2})([/.-])(\d{1,2})\2((?:19|20)\d\d)\b")
_RANGE = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?\s*(?:-|to|and|until|through)\s*(\d{{1,2}})(?:st|nd|rd|th)?\s+({_M})\b"
    r"(?:[\s,]+((?:19|20)\d\d)\b)?",
    re.I,
)
_ACROSS = re.compile(
    rf"\b(?:between|from)\s+(?:the\s+)?(?:night of\s+)?(?:(\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+({_M})|({_M})\s+(\d{{1,2}})(?:st|nd|rd|th)?)"
    rf"(?:,?\s+(?:19|20)\d\d)?\s*(?:-|to|and|until|through)\s*(?:the\s+)?(?=(?:\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?\s+(?:{_M})|(?:{_M})\s+\d{{1,2}})\b)",
    re.I,
)
_MONTH_YEAR = re.compile(
    rf"\b(?:(beginning|start|end|early|late|mid)[- ]+(?:of\s+)?)?({_M})(?:\s+of)?,?\s+((?:19|20)\d\d)\b", re.I
)
_MONTH_ONLY = re.compile(
    rf"\b(?:(?:in|during|since|last|this past)\s+|(?:the\s+)?(beginning|start|end|early|late|mid)[- ]+(?:of\s+)?)({_M})\b",
    re.I,
)
_WEEKDAYS = re.compile(
    rf"\b(?:(last|this|past|next|coming|since|until|by|every|previous)\s+)?({_W})s?\b(?:\s+(?:of\s+)?(last week)\b)?",
    re.I,
)
_NTH_WEEK = re.compile(
    rf"\b(first|second|third|fourth|last) week (?:of|in)\s+({_M})\b(?:,?\s+((?:19|20)\d\d)\b)?", re.I
)
_MIDDLE = {"first": 4, "second": 11, "third": 18, "fourth": 25, "last": 27}
_MANY_DAYS = re.compile(
    rf"\b({_M})\s+(\d{{1,2}})\s*(?:-|to|and|until|through)\s*(\d{{1,2}})\b(?![:,]?\d)(?:,?\s+((?:19|20)\d\d)\b)?",
    re.I,
)
_AGO = re.compile(
    rf"\b(\d+|{_N})(?:\s+of)?\s+(day|week|month|hour|year)s?\s+(ago|earlier|before|prior)\b", re.I
)
_RELATIVE: tuple[tuple[frozenset[str], frozenset[str], re.Pattern[str], int, int], ...] = tuple(
    # words without one of which the pattern is not found, those with which it begins, the pattern, days from
    # publication, precision
    (frozenset(words.split()), frozenset(first.split()), re.compile(rf"\b(?:{pattern})\b", re.I), days, precision)
    for words, first, pattern, days, precision in (
        ("yesterday nights", "the two", r"the day before yesterday|two nights ago", -2, 1),
        ("yesterday night prior", "yesterday last a one", r"yesterday(?:\s+(?:morning|evening|afternoon|night))?|last night|(?:a|one) day prior", -1, 1),
        ("today tonight morning afternoon evening dawn overnight day midnight hours minutes moments while now",
         "today tonight this overnight earlier since at in past last hours minutes moments a just",
         r"today|tonight|this (?:morning|afternoon|evening|dawn)|overnight|earlier in the day|since (?:dawn|this morning|midnight|the morning)"
         r"|at dawn today|in the (?:past|last) (?:few hours|24 hours|hours|day)|(?:past|last) 24 hours|(?:past|last) few hours|hours ago|minutes ago|moments ago|a (?:short )?while ago|just now", 0, 1),
        ("hours days", "in over during the", r"(?:in |over |during )?the (?:past|last) (?:48 hours|two days)", 0, 1),
    )
)  # fmt: skip
_WEEKEND = re.compile(
    r"\b(?:over|during|at|this|last|this past|past)\s+(?:the\s+)?(?:past\s+|last\s+)?weekend\b", re.I
)
_WEEK = re.compile(
    r"\b(?:(?:earlier |later |late |early )?(this|last|past|previous)(?:\s+the)?\s+week|in the (past|last) (?:few days|week|days)|(recent) days|(?:the )?(past|last) (?:few|several|three|four|five) days)\b",
    re.I,
)
_THIS_MONTH = re.compile(
    r"\b(?:(earlier|later|late|early|beginning of|start of|end of)\s+)?(?:in\s+)?(this|last|past|previous)\s+month\b",
    re.I,
)
_YEARS = re.compile(
    r"\b(?:in|since|during|of|until|by|from|back in|summer|winter|spring|autumn|early|late|mid)[- ]((?:19|20)\d\d)s?\b"
    r"|\b(last year|previous year|(?:a |two |three |four |five |six |\d+ )(?:years? (?:ago|earlier|later)|months later)|years ago|years later|decades? ago|a decade (?:ago|earlier)|last (?:summer|winter|spring|autumn))\b",
    re.I,
)
_SAME_DAY = re.compile(r"\b(?:(?:the same|that) (?:day|morning|afternoon|evening|night)|on the day)\b", re.I)
_DAY_BEFORE = re.compile(
    r"\bthe (?:previous (?:day|evening|night)|(?:day|evening|night) before(?!\s+yesterday))\b", re.I
)
# What follows "a day after" happened the day before.
_DAY_AFTER = re.compile(r"\b(?:a|one|the) day after\b", re.I)
_NEXT_DAY = re.compile(r"\b(?:the (?:next|following) day|a day later)\b", re.I)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date found: its day (None where it is too vague to code), precision 1 to 3 and how it was read.

    `basis` is "explicit", "weekday", "relative", "month", "week" or "vague"; `start` and `end` are offsets in
    the text searched. `since` marks a date that only begins a period.
    """

    start: int
    end: int
    text: str
    day: datetime.date | None
    precision: int
    basis: str
    since: bool = False


def _day(year: int, month: int, day: int) -> datetime.date | None:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        return None


def _without_year(month: int, day: int, published: datetime.date | None) -> datetime.date | None:
    """The latest such day not after publication; a day of tolerance, since bylines cross midnight."""
    if published is None:
        return None
    for year in (published.year, published.year - 1):
        found = _day(year, month, day)
        if found and found <= published + DAY:
            return found
    return None


def _month(name: str) -> int:
    name = re.sub(r"\s+", "-", name.lower().strip(".")) if " " in name else name.lower().strip(".")
    return _MONTH.get(name) or _MONTH[name.replace("-al", " al")]


def _month_day(month: int, year: int, part: str | None) -> datetime.date:
    """The day that stands for a month: its middle, or first or last day where the text says so."""
    part = (part or "").lower()
    if part.startswith(("beginning", "start", "early")):
        return datetime.date(year, month, 1 if not part.startswith("early") else 5)
    if part.startswith(("end", "late")):
        after = datetime.date(year + month // 12, month % 12 + 1, 1)
        return after - DAY if part.startswith("end") else after - 5 * DAY
    return datetime.date(year, month, 15)


_BEGINNING = re.compile(r"\b(?:since|from)\s+(?:the\s+)?(?:\w+\s+of\s+)?$", re.I)


def find_dates(
    text: str, published: datetime.date | None, previous: datetime.date | None = None
) -> list[DateMention]:
    """Dates in `text` from left to right, none inside another; relative ones against `published`.

    `previous` is the date of the event told before, for "the next day" and "two days earlier".
    """
    said = wording(text)
    found: list[DateMention] = []
    taken: list[tuple[int, int]] = []

    def add(
        m: re.Match[str], day: datetime.date | None, precision: int, basis: str, since: bool = False
    ) -> None:
        if any(m.start() < end and start < m.end() for start, end in taken):
            return
        taken.append((m.start(), m.end()))
        begins = since or (said.has(_SINCE) and _BEGINNING.search(text[: m.start()]) is not None)
        found.append(DateMention(m.start(), m.end(), m.group(), day, precision, basis, begins))

    if said.year or said.has(_MONTH_WORDS):
        _explicit(said, published, add)
    # "BEIRUT, Nov 28 - …on Monday" counts from the day at the head of its line
    head = next((d.day for d in found if d.precision == 1 and heads_line(text, d)), None)
    if head and (published is None or head <= published):
        published = head
    if said.has(_TIME_WORDS):
        _relative(said, published, previous, add)
    if said.has(_MONTH_WORDS) or "month" in said.words:
        _of_months(said, published, add)
    if said.year or said.has(_LONG_WORDS):
        for m in said.find(_YEARS, _OF_YEARS | frozenset(filter(str.isdecimal, said.words))):
            add(m, None, 3, "vague")
    found.sort(key=lambda d: d.start)
    for _ in range(2):  # "a week earlier, on Saturday 11 February"
        found = [d for i, d in enumerate(found) if not _leads_in(text, d, found[i + 1 : i + 2])]
    for i, d in enumerate(found):
        # "on Tuesday, a day after": counted from the Tuesday
        base = next((o.day for o in reversed(found[:i]) if o.day and o.precision == 1), None)
        if base and _DAY_AFTER.fullmatch(d.text):
            found[i] = replace(d, day=base - DAY)
    return found


def _leads_in(text: str, date: DateMention, follows: list[DateMention]) -> bool:
    """True for what only leads a day in: "Saturday, 11 February", "a week earlier, on 11 February", "overnight on Friday"."""
    if not follows:
        return False
    between = text[date.end : follows[0].start]
    if date.text.lower() == "overnight" and follows[0].basis == "weekday":
        return re.fullmatch(r"\s+(?:on|to|into|from)?\s*", between) is not None
    if date.basis not in {"weekday", "relative"} or follows[0].basis != "explicit":
        return False
    if date.basis == "weekday":
        return re.fullmatch(r"\s*,?\s*(?:the\s+)?", between) is not None
    return _AGO.fullmatch(date.text) is not None and re.fullmatch(r",\s*(?:on\s+)?", between) is not None


# Words without one of which no date of a kind can be told.
_MONTH_WORDS = frozenset(re.split(r"[ -]", name)[0] for name in _MONTH)
_DAYS_OF_WEEK = frozenset([*WEEKDAYS, *(f"{day}s" for day in WEEKDAYS)])
_BEFORE_NOW = frozenset("ago earlier before prior".split())
_TIME_WORDS = _DAYS_OF_WEEK | _BEFORE_NOW | frozenset(
    "yesterday today tonight overnight weekend week days day night nights morning afternoon evening dawn midnight hours now".split()
)  # fmt: skip
_PARTS_OF_DAY = frozenset("day evening night morning afternoon".split())
_LONG_WORDS = frozenset("year years months decade decades summer winter spring autumn".split())
# Words with which a pattern begins.
_SINCE = frozenset({"since", "from"})
_PARTS = frozenset("beginning start end early late mid".split())
_OF_MONTH = _PARTS | frozenset("in during since last this the".split())
_OF_YEARS = frozenset(
    "in since during of until by from back summer winter spring autumn early late mid last previous a two three four "
    "five six years decade decades".split()
)
_OF_WEEKDAY = _DAYS_OF_WEEK | frozenset("last this past next coming since until by every previous".split())


def _explicit(said: Wording, published: datetime.date | None, add: Add) -> None:
    """Dates with a number, and weeks of a month."""
    text, month, year = said.text, said.has(_MONTH_WORDS), said.year
    for m in _ISO.finditer(text) if year else ():
        add(m, _day(*map(int, m.groups())), 1, "explicit")
    if month:
        _of_a_month(said, published, add)
    for m in _SLASH.finditer(text) if year else ():
        a, b, in_year = int(m[1]), int(m[3]), int(m[4])
        if a > 12 or b > 12 or a == b:
            day, of_year = (a, b) if a > 12 or a == b else (b, a)
            add(m, _day(in_year, of_year, day), 1, "explicit")
        elif published is not None:
            # the order that makes it news
            near = [
                d
                for d in (_day(in_year, b, a), _day(in_year, a, b))
                if d and abs((published - d).days) <= PAST
            ]
            add(m, near[0] if len(near) == 1 else None, 1, "explicit")
    for m in said.find(_MONTH_YEAR, _PARTS | _MONTH_WORDS) if month and year else ():
        if not m[2].islower():
            add(m, _month_day(_month(m[2]), int(m[3]), m[1]), 3, "month")


# Two numbers as a period has them.
_TWO_NUMBERS = re.compile(r"\d(?:st|nd|rd|th)?\s*(?:-|to|and|until|through)\s*\d", re.I)


def _of_a_month(said: Wording, published: datetime.date | None, add: Add) -> None:
    text = said.text
    if "between" in said.words or "from" in said.words:
        _across(text, published, add)
    for m in _NTH_WEEK.finditer(text) if "week" in said.words else ():
        month, middle = _month(m[2]), _MIDDLE[m[1].lower()]
        week = _day(int(m[3]), month, middle) if m[3] else _without_year(month, middle, published)
        add(m, week, 2, "explicit")
    if _TWO_NUMBERS.search(text):
        for m in _MANY_DAYS.finditer(text):
            _period(m, _month(m[1]), int(m[2]), int(m[3]), m[4], published, add)
        for m in _RANGE.finditer(text):
            _period(m, _month(m[3]), int(m[1]), int(m[2]), m[4], published, add)
    for m in _DMY.finditer(text):
        day, month = int(m[1]), _month(m[2])
        add(m, _day(int(m[3]), month, day) if m[3] else _without_year(month, day, published), 1, "explicit")
    for m in said.find(_MDY, _MONTH_WORDS):
        day, month = int(m[2]), _month(m[1])
        if m[1].islower() and m[1] in {"may", "march", "mar", "sat", "sun"}:
            continue
        add(m, _day(int(m[3]), month, day) if m[3] else _without_year(month, day, published), 1, "explicit")


def _period(
    m: re.Match[str],
    month: int,
    begin: int,
    end: int,
    year: str | None,
    published: datetime.date | None,
    add: Add,
) -> None:
    """Days of one month: "3 to 7 May" is its middle day, "the night of 3-4 May" the day the night begins."""
    last = _day(int(year), month, end) if year else _without_year(month, end, published)
    if last is None or not 0 < begin < last.day:
        return
    first = last.replace(day=begin)
    if last - first == DAY and _NIGHT.search(m.string[: m.start()]):
        add(m, first, 1, "explicit")
    else:
        add(m, first + (last - first) // 2, 2 if (last - first).days < 8 else 3, "explicit")


_NIGHT = re.compile(r"\bnight (?:of|from|between)(?: the)?\s+$", re.I)


def _across(text: str, published: datetime.date | None, add: Add) -> None:
    """Periods from one month into another: "between 30 May and 5 June"."""
    for m in _ACROSS.finditer(text):
        end = _DMY.match(text, m.end()) or _MDY.match(text, m.end())
        if end is None:
            continue
        by_day = end.re is _DMY
        day, month = (int(end[1]), _month(end[2])) if by_day else (int(end[2]), _month(end[1]))
        last = _day(int(end[3]), month, day) if end[3] else _without_year(month, day, published)
        begin = (int(m[1]), _month(m[2])) if m[1] else (int(m[4]), _month(m[3]))
        first = _day(last.year - (begin[1] > last.month), begin[1], begin[0]) if last else None
        if first and last and first < last:
            whole = re.compile(re.escape(text[m.start() : end.end()])).match(text, m.start())
            add(whole, first + (last - first + DAY) // 2, 2 if (last - first).days < 8 else 3, "explicit")


def _relative(
    said: Wording, published: datetime.date | None, previous: datetime.date | None, add: Add
) -> None:
    """Dates counted from the day of publication or the event told before."""
    text = said.text
    if said.has(_BEFORE_NOW):
        _ago(text, published, previous, add)
    if said.has(_PARTS_OF_DAY):
        _next_to(text, published, previous, add)
    for words, first, pattern, days, precision in _RELATIVE:
        for m in said.find(pattern, first) if said.has(words) else ():
            add(m, published + days * DAY if published else None, precision, "relative")
    if "weekend" in said.words:
        for m in _WEEKEND.finditer(text):
            add(m, _weekend(published), 2, "week")
    found = said.find(_WEEKDAYS, _OF_WEEKDAY) if said.has(_DAYS_OF_WEEK) else ()
    weekdays = sorted(found, key=lambda m: not m[3])
    for m in (m for m in weekdays if m[3]):
        _weekday(m, text, published, add)
    for m in _WEEK.finditer(text) if "week" in said.words or "days" in said.words else ():
        last = (m[1] or "").lower() in {"last", "previous"}
        day = None
        if published:
            day = (
                published - (published.weekday() + 4) * DAY
                if last
                else published - min(3, max(published.weekday(), 1)) * DAY
            )
        add(m, day, 2, "week")
    for m in weekdays:
        _weekday(m, text, published, add)


def _ago(text: str, published: datetime.date | None, previous: datetime.date | None, add: Add) -> None:
    for m in _AGO.finditer(text):
        n = int(m[1]) if m[1].isdigit() else _NUMBER[m[1].lower()]
        base = previous if m[3].lower() != "ago" and previous else published
        unit = m[2].lower()
        if unit == "year" or (unit == "month" and n > 12) or n > 1000:
            add(m, None, 3, "vague")
        elif base is None:
            add(m, None, 1, "relative")
        else:
            days = {"hour": 0, "day": n, "week": 7 * n, "month": 30 * n}[unit]
            vague = m[1].lower() in {"several", "few"}
            add(
                m,
                base - days * DAY,
                {"hour": 1, "day": 2 if vague else 1, "week": 2, "month": 3}[unit],
                "relative",
            )


def _next_to(text: str, published: datetime.date | None, previous: datetime.date | None, add: Add) -> None:
    """The day before, after or of the event told before."""
    for m in _DAY_AFTER.finditer(text):
        base = previous or published
        add(m, base - DAY if base else None, 1, "relative")
    for m in _DAY_BEFORE.finditer(text):
        base = previous or published
        add(m, base - DAY if base else None, 1, "relative")
    for m in _NEXT_DAY.finditer(text):
        add(m, previous + DAY if previous else None, 1, "relative")
    for m in _SAME_DAY.finditer(text):
        if previous:
            add(m, previous, 1, "relative")


def _weekend(published: datetime.date | None) -> datetime.date | None:
    """The Saturday of the latest weekend that has begun by `published`."""
    if published is None:
        return None
    return published - ((published.weekday() - 5) % 7) * DAY


def _weekday(m: re.Match[str], text: str, published: datetime.date | None, add: Add) -> None:
    word = (m[1] or "").lower()
    if m[2].islower() and m[2] not in WEEKDAYS:
        return
    if published is None:
        add(m, None, 1, "weekday")
        return
    back = (published.weekday() - _WEEKDAY[m[2].lower()]) % 7
    if word in {"next", "coming"}:
        add(m, published + (7 - back) * DAY, 1, "weekday")
    elif m[3]:
        add(m, published - (published.weekday() + 7 - _WEEKDAY[m[2].lower()]) * DAY, 1, "weekday")
    elif word in {"last", "previous"} and back == 0:
        add(m, published - 7 * DAY, 1, "weekday")
    elif word == "every":
        add(m, None, 3, "vague")
    else:
        add(m, published - back * DAY, 1, "weekday", since=word == "since")


def _of_months(said: Wording, published: datetime.date | None, add: Add) -> None:
    for m in _THIS_MONTH.finditer(said.text) if "month" in said.words else ():
        day = None
        if published:
            first = published.replace(day=1)
            if m[2].lower() == "this":
                day = first + (published - first) // 2
            else:
                last = first - DAY
                day = _month_day(last.month, last.year, m[1])
        add(m, day, 3, "month")
    for m in said.find(_MONTH_ONLY, _OF_MONTH) if said.has(_MONTH_WORDS) else ():
        if m[2].islower() or published is None:
            continue
        month = _month(m[2])
        year = published.year if month <= published.month else published.year - 1
        day = _month_day(month, year, m[1])
        add(m, min(day, published), 3, "month")


_LABEL = re.compile(
    r"\b(?:published|updated|posted|date of publication|last update)\b[\s:]*(?:(?:on|at)\s+)?$|^\W*$", re.I
)
_LED_IN = re.compile(
    r"\b(?:on|of|in|since|from|until|till|by|to|dated|around|before|after|between|and|early|late|the|for|at)\s+$",
    re.I,
)


# What may follow a date at the head of a line: the agency in brackets, then a dash, a colon, a bar or the end.
_HEADED = re.compile(r"(?:\s*,?\s*\([^)]{2,40}\))?\s*(?:\)?\s*(?:-+|[:|])(?=\s)|\)\s|\.?\s*$)")
_NAME = re.compile(r"[^\W\d_][\w'.-]*")
# Words that make a date part of what is told, even in a title's capitals.
_LEADS_IN = frozenset(
    "on in of since from until till by to dated around before after between during for at the".split()
)


# "Published on", "Fri, 7 April 2017 at 0914", "by Paula Astih and Najla Habriri"
_WHEN_WRITTEN = (
    r"(?:(?:date of publication|(?:last )?updated|published|posted|date)\b[\s:]*(?:(?:on|at)\s+)?)?"
    rf"(?:(?:{_W}|mon|tues?|wed|thurs?|fri|sat|sun)\b[.,]?\s+)?"
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:{_M})\b\.?,?\s*(?:19|20)\d\d|(?:{_M})\b\.?\s*\d{{1,2}},?\s*(?:19|20)\d\d|\d{{1,2}}[-./]\d{{1,2}}[-./](?:19|20)\d\d)"
    r"(?:,?\s+(?:at\s+)?\d{1,2}[:.]?\d\d(?:[:.]?\d\d)?(?:\s*[ap]\.?m\.?)?)?"
)
_WRITTEN = re.compile(_WHEN_WRITTEN + r"[\s.:|-]*(?=[A-Z\"'(]|\d+ [a-z])", re.I)
_BYLINE = re.compile(
    r"by [A-Z][\w'-]+ [A-Z][\w'-]+ (?:(?:[A-Z][\w'-]+ [A-Z][\w'-]+ )?and [A-Z][\w'-]+ [A-Z][\w'-]+ )?"
)
# The end of a headline that a page runs into its text: "AFP Sunday 25 May 2014"
AGENCY_LINE = r"\b(?:AFP|AP|Reuters|Xinhua|dpa|UPI|EFE)\s+(?:[A-Z][a-z]{2,8}\s+)?\d{1,2}\s+[A-Z][a-z]{2,8}\s+(?:19|20)\d\d"
_CITY = r"[A-Z][^\W\d_]+(?:[ /'-]+[A-Z][^\W\d_]+){0,3}(?:,\s*[A-Z][\w. ]{2,20})?"
_DATELINE = re.compile(
    rf"(?:(?:{_CITY}),?\s*)?(?:\({_CITY}\)|\([^()]{{2,40}}\)|(?:[A-Z]{{3,}}|SANA|AFP|AP)\b)?\s*(?P<day>(?i:{_WHEN_WRITTEN}|(?:{_M})\b\.?\s+\d{{1,2}}|\d{{1,2}}\s+(?:{_M})\b))?"
    r"\s*(?P<agency>\([^()]{2,40}\)|,\s*[A-Z]{2,})?\s*(?:--?(?=\s)|(?<=,\sSANA)-|:(?=\s))\s*(?=[A-Z0-9\"'])"
)

_DATELINE_ENDS = re.compile(r"[-:]\s|SANA-")  # without it there is none
_SHOUTED_CITY = re.compile(r"(?!ISIL|ISIS|DAESH)[A-Z]{4,}(?:/[A-Z]{4,})? (?=[A-Z][a-z])")


@lru_cache(maxsize=1024)
def head_of(text: str) -> int:
    """How many characters of a sentence are no part of it: a dateline, "Published 4 May 2016", "16 April 2013:"."""
    m = _DATELINE.match(text[:160]) if _DATELINE_ENDS.search(text[:160]) else None
    if (
        m
        and not re.match(r"(?:On|In|At|By|The|A)\b", text)
        and (m["day"] or m["agency"] or text[: m.end()].split(",")[0].split("/")[0].strip(" -").isupper())
    ):
        return m.end()
    m = _WRITTEN.match(text[:160])
    if m is None:
        return 0
    by = _BYLINE.match(text, m.end())
    at = by.end() if by else m.end()
    city = _SHOUTED_CITY.match(text, at)
    return city.end() if city else at


def heads_line(text: str, date: DateMention) -> bool:
    """True for a date that stands before what a line tells: "BEIRUT, Nov 28 (Agency) - ", "16 April 2013: ".

    Before it stand at most names (place, country, agency, weekday).
    """
    if date.basis != "explicit" or date.day is None or date.start > 60:
        return False
    names = _NAME.findall(text[: date.start])
    if any(not n[0].isupper() or n.lower() in _LEADS_IN for n in names):
        return False
    return _HEADED.match(text, date.end) is not None


def dates_line(text: str, date: DateMention, published: datetime.date | None) -> bool:
    """True for the date at the head of a line that dates what the line tells: an entry of a chronology.

    A date before a dash that is the day of publication or the one before is the article's own.
    """
    if not heads_line(text, date) or date.day is None:
        return False
    if re.match(r"\s*:", text[date.end :]):
        return True
    return published is not None and not 0 <= (published - date.day).days <= 1


def is_heading(text: str, date: DateMention) -> bool:
    """True for a date that is all a line says: the heading of what follows."""
    return heads_line(text, date) and not re.search(
        r"[a-z]", _DAYS.sub("", text[: date.start] + text[date.end :])
    )


# "In the summer of ", "A ", "When the guns fell silent, in the spring of "
_FRONT = re.compile(
    r"\W*(?:(?:but|and|then|back|it was|already) )?(?:(?:in|during|by|throughout|early in|late in|around) (?:(?:the )?(?:\w+ ){0,2})?)?"
    r"|[^;]{0,70}, in the (?:spring|summer|autumn|fall|winter|year|early \w+|late \w+) ",
    re.I,
)


def opens_frame(text: str, date: DateMention, published: datetime.date | None) -> bool:
    """True for a time long past that a sentence begins with and that holds for what is told on: "In 2013, …"."""
    if date.since or not _FRONT.fullmatch(text[: date.start]):
        return False
    if date.day is None:
        return date.basis == "vague"
    return published is not None and (published - date.day).days > (PAST if date.precision == 3 else HISTORY)


_DAYS = re.compile(rf"\b(?:{_W}|mon|tue|wed|thu|fri|sat|sun)\b", re.I)


def is_dateline(text: str, date: DateMention) -> bool:
    """True for the date of the article itself: "Published October 4 2016", "BEIRUT, May 25 (Agency) - ".

    A date at the head of a line, or a full date that no preposition leads in or a word for publishing does.
    """
    if heads_line(text, date):
        return True
    if date.basis != "explicit" or date.precision != 1 or not re.search(r"\b(?:19|20)\d\d\b", date.text):
        return False
    before = re.sub(rf"(?:{_W}|mon|tue|wed|thu|fri|sat|sun)\.?,?\s+$", "", text[: date.start], flags=re.I)
    if _LABEL.search(before):
        return True
    before = re.sub(r"\b\d{4}\s+$", "", before)  # the time of day: "1204 11.05.2020"
    return bool(re.search(r"\b[A-Z][\w.]*\s+$", before)) and not _LED_IN.search(before)


_SAID = re.compile(
    r"\b(?:sa(?:id|ys)|told|reported|reports|announced|added|statement|interview|tweeted|wrote|confirmed|according to)"
    r"(?:\s+(?:in a statement|\w+))?\s+(?:(?:late|early)\s+)?(?:on\s+)?$",
    re.I,
)
LEAD = 900


@lru_cache(maxsize=256)
def lead_day(lead: str, published: datetime.date) -> datetime.date | None:
    """The one day that the lead of a news text is about; None where it names none or several.

    Only days of the last three before publication count, and one that says when somebody spoke only where no
    other is named: what was told on Wednesday did not happen on Thursday.
    """
    days: set[datetime.date] = set()
    spoken: set[datetime.date] = set()
    for d in find_dates(lead, published):
        if d.day is None or d.precision > 1 or d.since or is_dateline(lead, d):
            continue
        if d.basis in {"weekday", "relative", "explicit"} and 0 <= (published - d.day).days <= 3:
            (spoken if _SAID.search(lead[: d.start]) else days).add(d.day)
    days = days or spoken
    return days.pop() if len(days) == 1 else None


def dates_what_follows(date: DateMention) -> bool:
    """True for "a day after", which dates what is told behind it and not what stands before."""
    return bool(_DAY_AFTER.fullmatch(date.text))
