"""The picture of events for a bulletin: map and timeline with title, legend, period, figures and source line.

Drawn by matplotlib (the extra `report`), which is imported when a picture is asked for. The same table gives the
same SVG, byte for byte.
"""

from __future__ import annotations

import datetime
import importlib.util
import io
import math
import textwrap
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .cartography import BOUNDS, COLOURS, LABELS, drawn, mercator, style_of
from .decoding import hush
from .events import Event
from .figures import (
    BORDERS,
    CODED,
    TYPES,
    begin,
    coded,
    figures,
    following,
    reporters,
    span,
    type_order,
    unit_for,
)
from .tables import printable

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, SOFT = "#1b1f24", "#5b6470"
WIDTH, HEIGHT, DOTS = 8.27, 9.1, 200  # inches, and dots an inch
MARKERS = ("o", "^", "D", "s", "v", "P", "p")
MOST_BINS = 110
MOST_NAMES = 9
RING = 6  # more events at one place than this are one disc


def missing() -> str:
    """Why no picture can be drawn on this machine, and what to do; "" where one can."""
    if importlib.util.find_spec("matplotlib") is None:
        return "a picture needs matplotlib: pip install 'conflict-events[report]'"
    return ""


def picture(events: Sequence[Event], form: str, *, title: str, about: str = "") -> bytes:
    """The picture of the events as PNG or SVG (`form`); `about` names what they come from."""
    hush("matplotlib")  # of the fonts it looks for on its first run
    import matplotlib

    settings: Any = {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "svg.hashsalt": "conflict-events",
        "svg.fonttype": "path",
        "text.parse_math": False,
        "axes.unicode_minus": False,
    }
    metadata: dict[str, Any] = {"Date": None} if form == "svg" else {"Software": None}
    file = io.BytesIO()
    with matplotlib.rc_context(settings), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of letters that the font lacks
        drawing = _figure(events, title, about)
        drawing.savefig(file, format=form, dpi=DOTS, metadata=metadata)
    return file.getvalue()


def _figure(events: Sequence[Event], title: str, about: str) -> Figure:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, HEIGHT), facecolor="white")
    lines = textwrap.wrap(printable(title), 52)[:3] or [""]
    figure.text(0.045, 0.975, "\n".join(lines), fontsize=17, fontweight="bold", color=INK, va="top")
    top = 0.975 - 0.034 * len(lines)
    figure.text(0.045, top, _subtitle(events), fontsize=10.5, color=SOFT, va="top")
    bottom = 0.235
    axes = figure.add_axes((0.045, bottom, 0.91, top - 0.03 - bottom))
    _map(axes, events)
    _legend(axes, events)
    _timeline(figure.add_axes((0.085, 0.087, 0.87, 0.112)), events)
    figure.text(0.045, 0.014, _sources(events, about), fontsize=7, color=SOFT, va="bottom")
    return figure


def _sources(events: Sequence[Event], about: str) -> str:
    """Who reported the events, what file they are from, and whose borders these are: at most three lines."""
    names = printable(reporters(events, 6))
    said = [f"Reported by {names}." if names else "", f"Events: {printable(about)[:80]}." if about else ""]
    text = " ".join([*filter(None, said), *([CODED] if coded(events) else []), BORDERS])
    return "\n".join(textwrap.wrap(text, 125)[:3])


def _subtitle(events: Sequence[Event]) -> str:
    counted = figures(events)
    said = f"{counted['events']:,} events, {counted['fatalities']:,} deaths"
    between = span(events)
    if between:
        said += f"  ·  {_in_words(between[0])}" + (
            f" to {_in_words(between[1])}" if between[0] < between[1] else ""
        )
    lacks = [
        f"{counted[name]:,} {what}"
        for name, what in (("unlocated", "not on the map"), ("undated", "without a date"))
        if counted[name]
    ]
    return "  ·  ".join([said, *lacks])


def _in_words(day: datetime.date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


_MONTHS = "January February March April May June July August September October November December".split()


# ---- the map -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Spot:
    """Events drawn together: where, in degrees as drawn, and how many places they stand for."""

    x: float
    y: float
    events: tuple[Event, ...]
    places: int = 1

    @property
    def deaths(self) -> int:
        return sum(event.fatalities for event in self.events)


def _map(axes: Axes, events: Sequence[Event]) -> None:
    degrees = _frame(axes)
    axes.set_facecolor("#eceae6")
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color("#b9b4aa")
    _ground(axes)
    spots = _spots(events, degrees)
    for spot in sorted(spots, key=lambda one: (-_radius(one.deaths), one.x, one.y)):
        if len(spot.events) == 1:
            _mark(axes, spot.events[0], spot.x, spot.y, degrees)
        elif spot.places == 1 and len(spot.events) <= RING:
            _ring(axes, spot, degrees)
        else:
            _disc(axes, spot, degrees)
    _names(axes, spots, degrees)
    _scale(axes, degrees)


def _frame(axes: Axes) -> float:
    """Sets what the map shows, Syria in the middle; the degrees that a point of print stands for."""
    west, south, east, north = BOUNDS
    low, high = mercator(south), mercator(north)
    box = axes.get_position()
    wide, tall = box.width * WIDTH * 72, box.height * HEIGHT * 72
    degrees = max((east - west) / wide, (high - low) / tall)
    x, y = (west + east) / 2, (low + high) / 2
    axes.set_xlim(x - wide * degrees / 2, x + wide * degrees / 2)
    axes.set_ylim(y - tall * degrees / 2, y + tall * degrees / 2)
    return degrees


def _ground(axes: Axes) -> None:
    from matplotlib.patches import Polygon

    looks: dict[str, dict[str, Any]] = {
        "sea": {"facecolor": "#dbe7ef", "edgecolor": "none"},
        "neighbour": {"fill": False, "edgecolor": "#c4bfb5", "linewidth": 0.7},
        "governorate": {"facecolor": "#fdfdfb", "edgecolor": "#9a958b", "linewidth": 0.7},
        "river": {"fill": False, "edgecolor": "#8db8d6", "linewidth": 1.1},
    }
    for one in drawn():
        for line in one.lines:
            points = [(x, mercator(y)) for x, y in line]
            axes.add_patch(Polygon(points, closed=one.kind != "river", zorder=1, **looks[one.kind]))
    for label in LABELS:
        far = label.kind == "neighbour"
        if label.scale > 80:
            continue
        _text(
            axes, label.x, mercator(label.y), label.name, size=8 if far else 6.6, color="#8b857a" if far else "#77726a",
            halo="#eceae6" if far else "#fdfdfb", style="italic" if far else "normal", zorder=2,
        )  # fmt: skip


def _text(
    axes: Axes, x: float, y: float, text: str, *, size: float, color: str, halo: str, **more: Any
) -> Any:
    from matplotlib.patheffects import withStroke

    placed = {"ha": "center", "va": "center", "clip_on": True, **more}
    return axes.text(
        x,
        y,
        text,
        fontsize=size,
        color=color,
        path_effects=[withStroke(linewidth=2, foreground=halo)],
        **placed,
    )


def _radius(deaths: int) -> float:
    """Of a mark, in points of print: its area grows with deaths."""
    return min(22.0, 2.9 + 1.05 * math.sqrt(deaths))


def _spots(events: Iterable[Event], degrees: float) -> list[_Spot]:
    """The events by point; where there are many, points closer together than marks are wide are one."""
    at: dict[tuple[float, float], list[Event]] = defaultdict(list)
    for event in events:
        if event.latitude is not None and event.longitude is not None:
            at[event.longitude, event.latitude].append(event)
    spots = [_Spot(x, mercator(y), tuple(found)) for (x, y), found in at.items()]
    spots.sort(key=lambda one: (-len(one.events), one.x, one.y))
    total = sum(len(spot.events) for spot in spots)
    if total <= 120:
        return spots
    return _gathered(spots, min(24.0, 6 + total / 250) * degrees)


def _gathered(spots: Iterable[_Spot], near: float) -> list[_Spot]:
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    kept: list[_Spot] = []
    for spot in spots:
        column, line = int(spot.x // near), int(spot.y // near)
        around = [
            n for dx in (-1, 0, 1) for dy in (-1, 0, 1) for n in cells.get((column + dx, line + dy), ())
        ]
        distances = [(math.hypot(kept[n].x - spot.x, kept[n].y - spot.y), n) for n in around]
        distance, nearest = min(distances, default=(math.inf, -1))
        if distance < near:
            old = kept[nearest]
            kept[nearest] = replace(old, events=old.events + spot.events, places=old.places + 1)
        else:
            cells[column, line].append(len(kept))
            kept.append(spot)
    return kept


def _mark(axes: Axes, event: Event, x: float, y: float, degrees: float) -> None:
    """One event; vague places are paler, with a broken ring around them."""
    from matplotlib.patches import Circle

    style, radius, vague = (
        style_of(event.event_type),
        _radius(event.fatalities),
        (event.geo_precision or 1) - 1,
    )
    if vague:
        reach = (radius + (2.6 if vague == 1 else 5.5)) * degrees
        if vague > 1:
            axes.add_patch(
                Circle((x, y), reach, facecolor=COLOURS[style], alpha=0.16, edgecolor="none", zorder=3)
            )
        axes.add_patch(
            Circle(
                (x, y), reach, fill=False, linestyle=(0, (2, 1.6)), edgecolor="#444", linewidth=0.6, zorder=3
            )
        )
    axes.plot(
        [x], [y], marker=MARKERS[style], markersize=2 * radius, color="none", zorder=4, clip_on=True,
        markerfacecolor=(*_rgb(COLOURS[style]), (0.9, 0.5, 0.32)[vague]), markeredgecolor="#2b2b2b", markeredgewidth=0.6,
    )  # fmt: skip


def _rgb(colour: str) -> tuple[float, float, float]:
    return (int(colour[1:3], 16) / 255, int(colour[3:5], 16) / 255, int(colour[5:7], 16) / 255)


def _ring(axes: Axes, spot: _Spot, degrees: float) -> None:
    """A few events at one point, around it."""
    found = sorted(spot.events, key=lambda event: (-event.fatalities, event.event_id_cnty))
    sizes = [_radius(event.fatalities) for event in found]
    widest = max((one + other) / 2 for one, other in zip(sizes, sizes[1:] + sizes[:1], strict=True))
    reach = widest / math.sin(math.pi / len(found)) * degrees
    for number, event in enumerate(found):
        turn = math.pi / 2 - 2 * math.pi * number / len(found)
        x, y = spot.x + reach * math.cos(turn), spot.y + reach * math.sin(turn)
        axes.plot([spot.x, x], [spot.y, y], color="#00000040", linewidth=0.5, zorder=3)
        _mark(axes, event, x, y, degrees)


def _disc(axes: Axes, spot: _Spot, degrees: float) -> None:
    """Many events as one disc: parts by type, those at vague places paler, their number in the middle."""
    from matplotlib.patches import Circle, Wedge

    text = f"{len(spot.events):,}"
    radius = max(_radius(spot.deaths), 5.2 + 1.6 * len(text)) * degrees
    parts = Counter((style_of(event.event_type), (event.geo_precision or 1) > 1) for event in spot.events)
    centre, turn = (spot.x, spot.y), 90.0
    axes.add_patch(Circle(centre, radius, facecolor="white", edgecolor="none", zorder=5))
    for (style, vague), count in sorted(parts.items()):
        after = turn - 360 * count / len(spot.events)
        axes.add_patch(
            Wedge(
                centre,
                radius,
                after,
                turn,
                facecolor=COLOURS[style],
                alpha=0.42 if vague else 0.95,
                linewidth=0,
                zorder=5,
            )
        )
        turn = after
    inner = max(radius * 0.6, radius - 5 * degrees)
    axes.add_patch(Circle(centre, inner, facecolor="white", edgecolor="none", zorder=5))
    axes.add_patch(Circle(centre, radius, fill=False, edgecolor="#2b2b2b", linewidth=0.5, zorder=5))
    axes.text(
        *centre,
        text,
        fontsize=6.4,
        fontweight="bold",
        color=INK,
        ha="center",
        va="center_baseline",
        zorder=5,
        clip_on=True,
    )


Box = tuple[float, float, float, float]  # west, south, east, north


def _names(axes: Axes, spots: Sequence[_Spot], degrees: float) -> None:
    """The places with most deaths by name, each where it covers no other name and the least of the marks."""
    marks = [_around(spot, degrees) for spot in spots]
    taken: list[Box] = []
    for spot in sorted(spots, key=lambda one: (-one.deaths, -len(one.events), one.x, one.y)):
        name = _name(spot)
        if not name or len(taken) >= MOST_NAMES:
            continue
        choices = [
            (sum(_meet(box, mark) for mark in marks), number, box)
            for number, box in enumerate(_beside(_around(spot, degrees), len(name), degrees))
            if _inside(box, axes) and not any(_meet(box, other) for other in taken)
        ]
        if choices and min(choices)[0] <= 1:
            box = min(choices)[2]
            x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
            _text(axes, x, y, name, size=6.8, color=INK, halo="white", zorder=6)
            taken.append(box)


def _around(spot: _Spot, degrees: float) -> Box:
    ring = 1 < len(spot.events) <= RING and spot.places == 1
    reach = (_radius(spot.deaths) + (7 if ring else 2)) * degrees
    return spot.x - reach, spot.y - reach, spot.x + reach, spot.y + reach


def _beside(mark: Box, letters: int, degrees: float) -> Iterator[Box]:
    """Where a name of so many letters can stand: right, left, above, below."""
    wide, tall = 3.9 * letters * degrees, 8 * degrees
    x, y = (mark[0] + mark[2]) / 2, (mark[1] + mark[3]) / 2
    for left, bottom in (
        (mark[2], y - tall / 2),
        (mark[0] - wide, y - tall / 2),
        (x - wide / 2, mark[3]),
        (x - wide / 2, mark[1] - tall),
    ):
        yield left, bottom, left + wide, bottom + tall


def _inside(box: Box, axes: Axes) -> bool:
    (west, east), (south, north) = axes.get_xlim(), axes.get_ylim()
    return west < box[0] and south < box[1] and box[2] < east and box[3] < north


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _name(spot: _Spot) -> str:
    """The place that most of its deaths, or of its events where nobody died, are at; a long name is no label."""
    counts: Counter[str] = Counter()
    for event in spot.events:
        counts[event.location] += event.fatalities if spot.deaths else 1
    name, count = min(counts.items(), key=lambda one: (-one[1], one[0]))
    most = 2 * count > counts.total()
    return name if most and 0 < len(name) <= 28 and name.isprintable() else ""


def _scale(axes: Axes, degrees: float) -> None:
    east, south = axes.get_xlim()[1], axes.get_ylim()[0]
    km = 100 / (111.32 * math.cos(math.radians(35)))
    x, y = east - km - 10 * degrees, south + 8 * degrees
    axes.plot(
        [x, x, x + km, x + km],
        [y + 3 * degrees, y, y, y + 3 * degrees],
        color="#444",
        linewidth=0.9,
        zorder=6,
    )
    axes.text(
        x + km / 2, y + 3 * degrees, "100 km", fontsize=6.4, color="#444", ha="center", va="bottom", zorder=6
    )


# ---- legend and timeline -----------------------------------------------------------------------------


def _legend(axes: Axes, events: Sequence[Event]) -> None:
    """The types that occur, sizes, and what vague places look like: in the south-east, where Syria is not."""
    from matplotlib.lines import Line2D

    counts = Counter(_group(event.event_type) for event in events)
    edge: dict[str, Any] = {"linestyle": "none", "markeredgecolor": "#2b2b2b", "markeredgewidth": 0.6}
    keys: dict[str, Any] = {
        f"{name} ({counts[name]:,})": Line2D(
            [],
            [],
            marker=MARKERS[style_of(name)],
            markersize=7,
            markerfacecolor=COLOURS[style_of(name)],
            **edge,
        )
        for name in sorted(counts, key=type_order)
    }
    for deaths in (0, 10, 50):
        size = 2 * _radius(deaths)
        keys[f"{deaths} deaths"] = Line2D(
            [], [], marker="o", markersize=size, markerfacecolor="#bbbbbb", **edge
        )
    together = {**edge, "markeredgecolor": "#999999", "markeredgewidth": 2.2}
    keys["disc: events close together, their number"] = Line2D(
        [], [], marker="o", markersize=7, markerfacecolor="white", **together
    )
    edge |= {"markeredgecolor": "#777777"}
    keys["paler, ringed: place approximate"] = Line2D(
        [], [], marker="o", markersize=7, markerfacecolor="#e4e4e4", **edge
    )
    legend = axes.legend(
        keys.values(), keys.keys(), loc="lower right", bbox_to_anchor=(1.0, 0.055), fontsize=7.4, labelspacing=0.75,
        handletextpad=0.7, frameon=False, labelcolor=INK,
    )  # fmt: skip
    legend.set_zorder(7)


def _group(event_type: str) -> str:
    return event_type if event_type in TYPES else "Other or unknown"


def _timeline(axes: Axes, events: Sequence[Event]) -> None:
    from matplotlib.ticker import MaxNLocator

    for name, spine in axes.spines.items():
        spine.set_visible(name == "bottom")
        spine.set_color("#888888")
    axes.tick_params(labelsize=7, colors=SOFT, length=2)
    between = span(events)
    if between is None:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.text(
            0.5, 0.5, "no event has a date", transform=axes.transAxes, ha="center", fontsize=8, color=SOFT
        )
        return
    unit = unit_for(*between, MOST_BINS)
    axes.set_title(f"Events by {unit}", loc="left", fontsize=8, color=INK, pad=3)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True, min_n_ticks=1))
    axes.grid(axis="y", color="#e3e6ea", linewidth=0.6)
    axes.set_axisbelow(True)
    for left, width, bottom, height, style in _bars(events, unit):
        axes.bar(left, height, width=width, bottom=bottom, align="edge", color=COLOURS[style], linewidth=0)
    first, last = begin(between[0], unit), following(begin(between[1], unit), unit)
    axes.set_xlim(first.toordinal(), max(last.toordinal(), first.toordinal() + 1))
    axes.set_ylim(bottom=0)
    room = first.toordinal() + 0.93 * (last.toordinal() - first.toordinal())
    ticks = [
        tick for tick in _ticks(first, between[1], unit) if tick[0] == first or tick[0].toordinal() < room
    ]
    axes.set_xticks([day.toordinal() for day, _ in ticks], [name for _, name in ticks], ha="left")


def _bars(events: Iterable[Event], unit: str) -> Iterator[tuple[int, float, int, int, int]]:
    """Left, width, bottom, height and style of each piece, the types in their order from the ground."""
    counts = Counter((begin(e.event_date, unit), style_of(e.event_type)) for e in events if e.event_date)
    base: Counter[datetime.date] = Counter()
    for start, style in sorted(counts):
        wide = (following(start, unit) - start).days or 1
        yield start.toordinal(), wide * 0.92, base[start], counts[start, style], style
        base[start] += counts[start, style]


def _ticks(
    first: datetime.date, last: datetime.date, unit: str, most: int = 7
) -> Iterator[tuple[datetime.date, str]]:
    """Days to name on the axis and what to write there, as often as there is room for."""
    starts = [first]
    while (after := following(starts[-1], unit)) <= last and after > starts[-1]:
        starts.append(after)
    for day in starts[:: -(-len(starts) // most)]:
        month = _MONTHS[day.month - 1][:3]
        yield (
            day,
            {"year": f"{day.year}", "month": f"{month} {day.year}"}.get(
                unit, f"{day.day} {month} {day.year}"
            ),
        )
