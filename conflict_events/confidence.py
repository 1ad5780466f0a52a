"""How sure a row is: full marks less a part for every piece of it that the text does not tell outright.

What counts as a doubt is decided here; how much each takes off stands in doubts.csv. The figures there were
fitted to annotated news (see docs/evaluation.md), so that confidence is about the share of such rows that are
right in type, place and day.
"""

from __future__ import annotations

from collections.abc import Iterable

from .events import Event
from .lexicon import Doubt
from .places import REGIONAL, Choice
from .story import DEVICES, Report, Story

FULL = 0.98
LEAST = 0.05
# Sentences of more words are mostly several run together.
LONG = 60
OLD_DAYS = 7
# A place named first by less than this is not told from its namesake.
CLEAR = 0.5
_ENDS = (".", "!", "?", "…")


def find_doubts(event: Event, report: Report, choice: Choice | None, story: Story) -> list[Doubt]:
    """The doubts about `event`, the row of `report` at the place chosen (None: without one)."""
    ids = [
        f"type.{event.sub_event_type}",
        *_about_actors(event, report),
        *_about_place(report, choice, story),
        *_about_time(event, report),
        *_about_sentence(report),
    ]
    known = story.lexicon.doubts
    return [known[i] for i in ids if i in known]


def confidence(doubts: Iterable[Doubt]) -> float:
    """A number from 0 (least) to 1: full marks less the points of each doubt."""
    return round(max(LEAST, FULL - sum(d.points for d in doubts)), 2)


def _about_actors(event: Event, report: Report) -> Iterable[str]:
    # bombs go off without anybody being seen
    if not report.agents and event.sub_event_type not in DEVICES:
        yield "actor.unnamed"
    elif report.inherited_agent:
        yield "actor.inherited"
    if not report.roles.parsed:
        yield "actor.by-order"


def _about_place(report: Report, choice: Choice | None, story: Story) -> Iterable[str]:
    if choice is None:  # a row without coordinates claims no place that could be doubted
        return
    if not report.own_places:
        yield "place.inherited"
    score = choice.candidates[0][1] if choice.candidates else 0.0
    towns = [c for c in choice.candidates[1:] if story.gazetteer.places[c[0]].kind not in REGIONAL]
    if towns and score - towns[0][1] < CLEAR:
        yield "place.namesakes"
    if choice.precision == 3:
        yield "place.region"
    elif choice.precision == 2:
        yield "place.near"
    elif choice.place.kind == "city":
        yield "place.city"


def _about_time(event: Event, report: Report) -> Iterable[str]:
    if event.event_date is None:
        yield "date.unknown"
    elif report.date is None:
        yield "date.untold"
    elif event.published and (event.published - event.event_date).days > OLD_DAYS:
        yield "date.old"


def _about_sentence(report: Report) -> Iterable[str]:
    text = report.sentence.text
    if report.sentence.title:
        yield "sentence.headline"
    elif not text.rstrip("\"')”’ ").endswith(_ENDS):
        yield "sentence.unfinished"
    if len(text.split()) > LONG:
        yield "sentence.long"
    if report.trigger.needs:
        yield "trigger.conditional"
