"""How right rows are against rows that a person coded: an export of ACLED, or a table of one's own.

What tells one event is paired, and the pairs are compared field by field. docs/evaluation.md says what the
figures mean.
"""

from __future__ import annotations

import datetime
import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .coded import Coded, actor_key, admin_key, derived, names_a_day
from .figures import BANDS
from .gazetteer import names
from .tables import Section

# How far two rows of one event may lie apart: kilometres, and days by the vaguer row's time precision.
KM = 20.0
DAYS = {1: 1, 2: 7, 3: 31}
NEAR = 10.0  # kilometres within which the place counts as right
RINGS = (1, 5, 10, 25)  # kilometres for which the share of places within is told


# ---- one event in two tables -------------------------------------------------------------------------


def _point(one: Coded) -> tuple[float, float] | None:
    return None if one.latitude is None or one.longitude is None else (one.latitude, one.longitude)


def distance(one: Coded, other: Coded) -> float | None:
    """Kilometres between two rows, or None where one of them has no coordinates."""
    here, there = _point(one), _point(other)
    if here is None or there is None:
        return None
    from geopy.distance import great_circle

    return float(great_circle(here, there).km)


def _far(one: Coded, other: Coded) -> bool:
    """True where degrees alone say that places in Syria lie too far apart: spares the exact distance."""
    here, there = _point(one), _point(other)
    if here is None or there is None:
        return False
    return abs(here[0] - there[0]) > 0.2 or abs(here[1] - there[1]) > 0.25


def same_place(one: Coded, other: Coded) -> bool:
    """True within 10 km, or by name and governorate where coordinates are missing."""
    km = distance(one, other)
    if km is not None:
        return km <= NEAR
    return bool(
        one.location
        and other.location
        and names.key(one.location) == names.key(other.location)
        and (not one.admin1 or not other.admin1 or same_admin(one, other))
    )


def same_admin(one: Coded, other: Coded) -> bool:
    return admin_key(one.admin1 or "") == admin_key(other.admin1 or "")


def _same_time(one: Coded, other: Coded) -> bool:
    if one.event_date is None or other.event_date is None:
        return one.event_date is other.event_date
    reach = max(DAYS.get(row.time_precision or 1, 1) for row in (one, other))
    return abs((one.event_date - other.event_date).days) <= reach


def _same_area(one: Coded, other: Coded) -> bool:
    if 3 in (one.geo_precision, other.geo_precision) and same_admin(one, other):
        return True
    if _far(one, other):
        return False
    km = distance(one, other)
    return same_place(one, other) if km is None else km <= KM


def likeness(one: Coded, other: Coded) -> float:
    """How much speaks for two rows telling one event; 0 where something forbids it.

    They must agree in the day (within the vaguer row's precision), in the place (20 km, or the governorate of
    a row that names only a region), and in the event type, else in the place within 10 km and an actor; and
    in two of four: sub-event type, an actor, the very day, the place within 10 km.
    """
    if not _same_time(one, other) or not _same_area(one, other):
        return 0.0
    actors = len(one.sides & other.sides)
    typed = one.sub_event_type == other.sub_event_type
    near, on = same_place(one, other), one.event_date == other.event_date
    if one.event_type != other.event_type and not (actors and near):
        return 0.0
    if typed + bool(actors) + near + on < 2:
        return 0.0
    same_type = 2.0 * (one.event_type == other.event_type)
    return 1.0 + same_type + typed + 0.75 * actors + 0.75 * near + 0.5 * on + 0.25 * _same_toll(one, other)


def _same_toll(one: Coded, other: Coded) -> bool:
    return one.fatalities == other.fatalities


# ---- pairing -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pairing:
    """Which rows tell which gold events.

    `basis` is "notes" (each gold row's own note was read, `rows_of` counts the rows it gave), "articles"
    (paired within articles) or "tables" (paired across the tables). A gold event without a row has None.
    """

    basis: str
    pairs: tuple[tuple[Coded, Coded | None], ...]
    invented: tuple[Coded, ...]
    rows: tuple[Coded, ...]
    rows_of: tuple[int, ...] = ()

    @property
    def matched(self) -> list[tuple[Coded, Coded]]:
        return [(gold, row) for gold, row in self.pairs if row is not None]


def pair(gold: Sequence[Coded], rows: Sequence[Coded]) -> Pairing:
    """The gold events with the rows that tell them, each row used once.

    Where the rows' articles are the gold rows' ids, each gold row is paired with the best row of its note;
    where both tables name articles, rows are paired within them; else across the tables.
    """
    told = {text for row in rows for text in row.texts}
    if told & {one.id for one in gold}:
        return pair_notes(gold, rows)
    if told & {text for one in gold for text in one.texts}:
        return _matched("articles", gold, rows, within=True)
    return _matched("tables", gold, rows, within=False)


def pair_notes(gold: Sequence[Coded], rows: Sequence[Coded]) -> Pairing:
    """Each gold row with the row of its note that agrees with it in most, whatever it differs in."""
    of: dict[str, list[Coded]] = defaultdict(list)
    for row in rows:
        for text in row.texts:
            of[text].append(row)
    pairs = tuple((one, max(of[one.id], key=lambda row: _agreement(one, row), default=None)) for one in gold)
    used = {id(row) for _, row in pairs}
    invented = tuple(row for row in rows if id(row) not in used)
    return Pairing("notes", pairs, invented, tuple(rows), tuple(len(of[one.id]) for one in gold))


def _agreement(gold: Coded, row: Coded) -> int:
    return sum(agrees(gold, row) for agrees in _PARTS)


def _matched(basis: str, gold: Sequence[Coded], rows: Sequence[Coded], *, within: bool) -> Pairing:
    """Greedy pairs, the likest first; rows that carry the gold row's id go before all others."""
    # ties go by what the rows say, so that the order of the files decides nothing
    first, second = _ranks(gold), _ranks(rows)
    candidates = []
    for i, j in _candidates(gold, rows, within):
        same = bool(gold[i].id) and gold[i].id == rows[j].id
        if score := 100.0 if same else likeness(gold[i], rows[j]):
            candidates.append((-score, distance(gold[i], rows[j]) or 0.0, first[i], second[j], i, j))
    row_of: dict[int, int] = {}
    taken: set[int] = set()
    for *_, i, j in sorted(candidates):
        if i not in row_of and j not in taken:
            row_of[i] = j
            taken.add(j)
    pairs = tuple((one, rows[row_of[i]] if i in row_of else None) for i, one in enumerate(gold))
    invented = tuple(row for j, row in enumerate(rows) if j not in taken)
    return Pairing(basis, pairs, invented, tuple(rows))


def _ranks(rows: Sequence[Coded]) -> list[int]:
    """The place of each row in an order by content."""
    ordered = sorted(range(len(rows)), key=lambda i: _order(rows[i]))
    ranks = [0] * len(rows)
    for rank, i in enumerate(ordered):
        ranks[i] = rank
    return ranks


def _order(one: Coded) -> tuple[str, ...]:
    cells = (one.id, one.event_date, one.time_precision, one.sub_event_type, one.actor1, one.actor2)
    where = (one.latitude, one.longitude, one.location, one.geo_precision)
    return (*map(str, (*cells, *where, one.fatalities, one.texts)), one.notes)


def _month(day: datetime.date) -> int:
    return 12 * day.year + day.month


def _candidates(gold: Sequence[Coded], rows: Sequence[Coded], within: bool) -> Iterator[tuple[int, int]]:
    """Pairs that can be one event: of one article, or of days near enough, or of one id."""
    by_id = {row.id: j for j, row in enumerate(rows) if row.id}
    by_text: dict[str, list[int]] = defaultdict(list)
    by_day: dict[datetime.date, list[int]] = defaultdict(list)
    vague: dict[int, list[int]] = defaultdict(list)
    for j, row in enumerate(rows):
        for text in row.texts:
            by_text[text].append(j)
        if row.event_date and (row.time_precision or 1) == 1:
            by_day[row.event_date].append(j)
        elif row.event_date:
            vague[_month(row.event_date)].append(j)
    for i, one in enumerate(gold):
        found = {by_id[one.id]} if one.id in by_id else set()
        if within:
            found.update(j for text in one.texts for j in by_text[text])
        elif one.event_date:
            reach = DAYS.get(one.time_precision or 1, 1)
            days = (one.event_date + datetime.timedelta(days=n) for n in range(-reach, reach + 1))
            found.update(j for day in days for j in by_day.get(day, ()))
            # the longest reach is a month
            found.update(j for n in (-1, 0, 1) for j in vague.get(_month(one.event_date) + n, ()))
        yield from ((i, j) for j in sorted(found))


# ---- field by field ----------------------------------------------------------------------------------


def _slots(gold: Coded, row: Coded) -> tuple[bool, bool]:
    """Whether the first and the second actor are right, in the order that fits better.

    The order of actors means nothing (ACLED codebook 2024), but for violence against civilians.
    """
    wanted = actor_key(gold.actor1 or ""), actor_key(gold.actor2 or "")
    found = actor_key(row.actor1 or ""), actor_key(row.actor2 or "")
    straight = wanted[0] == found[0], wanted[1] == found[1]
    crossed = wanted[0] == found[1], wanted[1] == found[0]
    ordered = "Violence against civilians" in (gold.event_type, row.event_type)
    return crossed if not ordered and sum(crossed) > sum(straight) else straight


def _associates(gold: Coded, row: Coded) -> bool:
    return (gold.associates or frozenset()) <= (row.associates or frozenset())


def _both_actors(gold: Coded, row: Coded) -> bool:
    return all(_slots(gold, row))


Agrees = Callable[[Coded, Coded], bool]


def _same(name: str) -> Agrees:
    return lambda gold, row: bool(getattr(gold, name) == getattr(row, name))


_PARTS = (_same("event_type"), _same("sub_event_type"), same_place, _both_actors, _same("fatalities"))


@dataclass(frozen=True, slots=True)
class Field:
    """A field that is compared: when it is right, and for which gold rows that can be said."""

    name: str
    right: Agrees
    applies: Callable[[Coded, str], bool] = lambda gold, basis: True


def _dated(gold: Coded, basis: str) -> bool:
    """The day is known; of a note, only where the note itself says which."""
    known = gold.event_date is not None and gold.time_precision in (None, 1)
    return known and (basis != "notes" or names_a_day(gold.notes))


def _counted(gold: Coded, basis: str) -> bool:
    """The deaths are known; of a note, only where its coder did not derive them from what the note lacks."""
    return gold.fatalities is not None and (basis != "notes" or not derived(gold.notes))


FIELDS = (
    Field("event_type", _PARTS[0], lambda gold, basis: gold.event_type is not None),
    Field("sub_event_type", _PARTS[1]),
    Field("actor1", lambda g, r: _slots(g, r)[0], lambda gold, basis: gold.actor1 is not None),
    Field("actor2", lambda g, r: _slots(g, r)[1], lambda gold, basis: gold.actor2 is not None),
    Field("both_actors", _both_actors, lambda gold, basis: None not in (gold.actor1, gold.actor2)),
    Field("associates", _associates, lambda gold, basis: bool(gold.associates)),
    Field("place_10km", same_place, lambda gold, basis: bool(gold.location) or gold.latitude is not None),
    Field("admin1", same_admin, lambda gold, basis: bool(gold.admin1)),
    Field("geo_precision", _same("geo_precision"), lambda gold, basis: bool(gold.geo_precision)),
    Field("event_date", _same("event_date"), _dated),
    Field("time_precision", _same("time_precision"), lambda gold, basis: bool(gold.time_precision)),
    Field("fatalities", _same("fatalities"), _counted),
)
_WHOLE = ("sub_event_type", "both_actors", "place_10km", "event_date", "fatalities")


def whole(gold: Coded, row: Coded, basis: str) -> bool:
    """True where type, actors, place, day and deaths are right, as far as they can be compared."""
    return all(f.right(gold, row) for f in FIELDS if f.name in _WHOLE and f.applies(gold, basis))


@dataclass(frozen=True, slots=True)
class Figure:
    """A share: `right` of `of`."""

    name: str
    right: int
    of: int

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there is nothing to count."""
        return self.right / self.of if self.of else None


def figures(pairing: Pairing) -> list[Figure]:
    """How often what is right.

    With the basis "notes" the fields are shares of all gold rows, as each note tells its event; otherwise of
    the pairs, while `recall` and `whole_row` are shares of the gold rows and `precision` of the rows.
    """
    gold, found = len(pairing.pairs), len(pairing.matched)
    notes = pairing.basis == "notes"
    counted = [
        _figure(
            f.name, f.right, [p for p in pairing.pairs if (notes or p[1]) and f.applies(p[0], pairing.basis)]
        )
        for f in FIELDS
    ]
    heads = (
        [Figure("detected", found, gold), Figure("exactly_one", pairing.rows_of.count(1), gold)]
        if notes
        else [Figure("precision", found, len(pairing.rows)), Figure("recall", found, gold)]
    )
    right = _figure("whole_row", lambda g, r: whole(g, r, pairing.basis), pairing.pairs)
    return [*heads, *counted, right]


def _figure(
    name: str, right: Callable[[Coded, Coded], bool], pairs: Sequence[tuple[Coded, Coded | None]]
) -> Figure:
    return Figure(name, sum(row is not None and right(gold, row) for gold, row in pairs), len(pairs))


def f1(pairing: Pairing) -> float | None:
    """The harmonic mean of precision and recall; None where there are neither gold events nor rows."""
    both = len(pairing.pairs) + len(pairing.rows)
    return 2 * len(pairing.matched) / both if both else None


def confusions(pairing: Pairing) -> list[tuple[str, str, int]]:
    """Sub-event types taken for another, (gold, row, how often), the most frequent first."""
    pairs = Counter(
        (gold.sub_event_type or "", row.sub_event_type or "")
        for gold, row in pairing.matched
        if gold.sub_event_type != row.sub_event_type
    )
    return [(*types, count) for types, count in sorted(pairs.items(), key=lambda item: (-item[1], item[0]))]


def distances(pairing: Pairing) -> dict[str, float | int]:
    """Median and ninth decile of the kilometres between the places of pairs, and the shares within rings."""
    found = sorted(km for gold, row in pairing.matched if (km := distance(gold, row)) is not None)
    if not found:
        return {"pairs": 0}
    ranks = {"median_km": 0.5, "p90_km": 0.9}
    return {
        "pairs": len(found),
        **{name: round(found[min(len(found) - 1, int(q * len(found)))], 2) for name, q in ranks.items()},
        **{f"within_{ring}km": round(sum(km <= ring for km in found) / len(found), 4) for ring in RINGS},
    }


@dataclass(frozen=True, slots=True)
class Band:
    """Rows of which the confidence is `start` or more and below the next band's."""

    start: float
    rows: int = 0
    matched: int = 0
    right: int = 0


def bands(pairing: Pairing) -> list[Band]:
    """For each band of confidence: its rows, those that tell a gold event, and those right in everything.

    A row of a note tells its event where type, day and place allow; empty where rows carry no confidence.
    """
    told = {id(row): gold for gold, row in pairing.matched}
    counts: dict[float, list[int]] = {start: [0, 0, 0] for start in BANDS}
    for row in pairing.rows:
        if row.confidence is None:
            continue
        count = counts[max(start for start in BANDS if start <= max(row.confidence, 0.0))]
        gold = told.get(id(row))
        count[0] += 1
        count[1] += gold is not None and (pairing.basis != "notes" or _tells(gold, row))
        count[2] += gold is not None and whole(gold, row, pairing.basis)
    if not any(count[0] for count in counts.values()):
        return []
    return [Band(start, *counts[start]) for start in reversed(BANDS)]


def _tells(gold: Coded, row: Coded) -> bool:
    return gold.event_type == row.event_type and same_place(gold, row)


# ---- reports -----------------------------------------------------------------------------------------

_MEANING = {
    "notes": "each gold row with the rows of its own note",
    "articles": "gold rows and rows within each article",
    "tables": "gold rows and rows by day, place, type and actors",
}
_BAND = ("matched", "right")
_SAID = {name: (name,) for name in _WHOLE} | {
    "both_actors": ("actor1", "actor2"),
    "place_10km": ("location", "admin1"),
}
_LISTED = ("where", "event_date", "sub_event_type", "actor1", "actor2", "location", "fatalities", "notes")
Record = dict[str, Any]


def report(pairing: Pairing, show: int = 0) -> Record:
    """All figures as one JSON object; `show` limits the lists of what was missed, invented and wrong."""
    missed = [gold for gold, row in pairing.pairs if row is None]
    return {
        "basis": pairing.basis,
        "gold": len(pairing.pairs),
        "rows": len(pairing.rows),
        "matched": len(pairing.matched),
        "figures": {
            f.name: {"right": f.right, "of": f.of, "share": _rounded(f.share)} for f in figures(pairing)
        },
        "f1": None if pairing.basis == "notes" else _rounded(f1(pairing)),
        "places": distances(pairing),
        "confusions": [{"coded": gold, "row": row, "count": n} for gold, row, n in confusions(pairing)],
        "confidence": [
            {"from": band.start, "rows": band.rows, "matched": band.matched, "right": band.right}
            for band in bands(pairing)
        ],
        "missed": [_listed_row(one) for one in missed[:show]],
        "invented": [_listed_row(one) for one in pairing.invented[:show]],
        "wrong": list(itertools.islice(_wrong(pairing), show)),
    }


def _wrong(pairing: Pairing) -> Iterator[Record]:
    """The fields of a whole row that are wrong in pairs, each with what was coded and what the row says."""
    for gold, row in pairing.matched:
        for f in FIELDS:
            if f.name in _WHOLE and f.applies(gold, pairing.basis) and not f.right(gold, row):
                said = [" / ".join(_said(one, name) for name in _SAID[f.name]) for one in (gold, row)]
                yield {"where": gold.id or gold.where, "field": f.name, "coded": said[0], "row": said[1]}


def _said(one: Coded, name: str) -> str:
    value = getattr(one, name)
    return "" if value is None else str(value)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)


def _listed_row(one: Coded) -> Record:
    cells = {name: getattr(one, name) for name in _LISTED}
    day = one.event_date.isoformat() if one.event_date else None
    return {**cells, "where": one.id or one.where, "event_date": day}


def sections(content: Record) -> Iterator[Section]:
    """The report as tables to read, from what `report` gives."""
    counts = f"{content['gold']} coded, {content['rows']} rows, {content['matched']} paired"
    yield Section(
        f"{counts}: {_MEANING[content['basis']]}", ("figure", "share", "right", "of"), _shares(content)
    )
    places = content["places"]
    if places["pairs"]:
        lines = [
            {"distance": name.replace("_", " "), "value": _measure(name, places[name])} for name in places
        ]
        yield Section("Distance of the places", ("distance", "value"), lines)
    if content["confidence"]:
        yield Section(
            "Rows by confidence", ("confidence", "rows", *_BAND), list(_by_band(content["confidence"]))
        )
    if content["confusions"]:
        yield Section(
            "Sub-event types taken for another", ("coded", "row", "count"), content["confusions"][:15]
        )
    for name in ("missed", "invented"):
        if content[name]:
            yield Section(f"{name.capitalize()} (the first {len(content[name])})", _LISTED, content[name])
    if content["wrong"]:
        columns = ("where", "field", "coded", "row")
        yield Section(f"Wrong (the first {len(content['wrong'])})", columns, content["wrong"])


def _shares(content: Record) -> list[Record]:
    lines = [{"figure": name, **f, "share": _percent(f["share"])} for name, f in content["figures"].items()]
    if content["f1"] is not None:
        lines.insert(2, {"figure": "f1", "share": _percent(content["f1"]), "right": None, "of": None})
    return lines


def _by_band(found: list[Record]) -> Iterator[Record]:
    end = None
    for band in found:
        shares = {name: _percent(band[name] / band["rows"] if band["rows"] else None) for name in _BAND}
        start = f"{band['from']:g}"
        yield {
            "confidence": f"{start} to {end}" if end else f"{start} or more",
            "rows": band["rows"],
            **shares,
        }
        end = start


def _measure(name: str, value: float) -> str:
    return _percent(value) if name.startswith("within") else f"{value:g}"


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"
