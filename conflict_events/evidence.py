"""What of a row's sentence made the row: trigger, actors, place, date and count, as parts of its text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from .events import Event
from .lexicon import Lexicon

Mark = tuple[int, int, str]  # start, end, kind

# In this order of precedence where two would mark the same words.
KINDS = ("trigger", "place", "fatalities", "date", "actor1", "actor2")


def marks(event: Event, names: Mapping[str, tuple[str, ...]]) -> list[Mark]:
    """The parts of the event's sentence that made the row: (start, end, kind), in order and apart.

    Kinds are those of KINDS. `names` gives the ways each actor is written, as `actor_names` does. What does not
    stand in the sentence in so many words (it was in another one, or a person edited the row) is not marked.
    """
    if not event.sentence:
        return []
    taken: list[Mark] = []
    lower = event.sentence.lower()
    folded = len(lower) == len(event.sentence)  # else offsets would shift, and only the exact words are found
    for kind in KINDS:
        for text in _wanted(event, kind, names):
            wanted = text.lower() if folded else text
            if found := _first(lower if folded else event.sentence, wanted, taken):
                taken.append((*found, kind))
                break
    return sorted(taken)


def _wanted(event: Event, kind: str, names: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """The words that stand for this part, those to be looked for first in front."""
    if kind in ("actor1", "actor2"):
        actor = event.actor1 if kind == "actor1" else event.actor2
        return (*names.get(actor, ()), *filter(None, [_bare(actor)]))
    text = {
        "trigger": event.trigger,
        "place": event.place_text,
        "fatalities": event.fatalities_text,
        "date": event.date_text,
    }[kind]
    text = text.partition(" (assumed")[0]  # what the count was taken for stands behind it
    return [part for part in (text, *text.split("; ")) if part]


def _bare(actor: str) -> str:
    """The actor's name without its years and short form: "HTS: Hayat Tahrir al Sham" as it may be written."""
    return actor.partition(" (")[0].rpartition(": ")[2]


def _first(sentence: str, text: str, taken: list[Mark]) -> tuple[int, int] | None:
    """Where the words first stand as whole words that nothing else has taken."""
    for start, end in _places(sentence, text):
        if all(end <= other[0] or other[1] <= start for other in taken):
            return start, end
    return None


def _places(sentence: str, text: str) -> Iterator[tuple[int, int]]:
    start = sentence.find(text)
    while start >= 0:
        end = start + len(text)
        before, after = sentence[start - 1 : start], sentence[end : end + 1]
        if not (before.isalnum() and text[0].isalnum()) and not (after.isalnum() and text[-1].isalnum()):
            yield start, end
        start = sentence.find(text, end)


def actor_names(lexicon: Lexicon) -> dict[str, tuple[str, ...]]:
    """The ways each actor is written, by its name: its names before what it is called in passing, long ones first."""
    found: dict[str, dict[str, None]] = {}
    for actor in lexicon.actors.values():
        for ways in (actor.aliases, actor.adjectives, actor.descriptions):
            order = sorted(filter(None, ways), key=lambda way: (-len(way), way))
            found.setdefault(actor.name, {}).update(dict.fromkeys(order))
    return {name: tuple(ways) for name, ways in found.items()}


@cache
def packaged_names() -> dict[str, tuple[str, ...]]:
    """`actor_names` of the packaged dictionary."""
    from .lexicon import load

    return actor_names(load())
