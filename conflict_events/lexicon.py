"""The dictionaries: CSV tables in, checked records out, with errors that name file, line and remedy.

A folder given by the user overlays the packaged tables row by row: a row with a known id replaces that row,
a new id is added, a row whose id begins with "-" removes the row named after the dash, and one whose id begins
with "+" adds what its lists hold to the lists of the row named after the plus.
"""

from __future__ import annotations

import csv
import datetime
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from .events import Actor
from .phrases import phrase_words

PACKAGED = Path(__file__).parent / "data"
FRAMES = frozenset(
    {"active", "receive", "mutual", "agent", "nominal", "device", "means", "casualty", "body", "idiom"}
)
OBJECTS = frozenset({"", "place", "person", "armed", "weapon", "property"})
NEEDS = frozenset({"actor", "agent", "means", "place", "target"})
EFFECTS = frozenset(
    {"denied", "planned", "hypothetical", "conditional", "historic", "generic", "exercise", "background"}
)
SCALES = frozenset(
    {"Local partner", "Subnational", "National", "Regional", "International", "New media", "Other"}
)


class LexiconError(ValueError):
    """A table cannot be used; the message is one line such as `actors.csv:41: unknown inter "9"`."""


@dataclass(frozen=True, slots=True)
class SubEventType:
    """A row of taxonomy.csv: one of ACLED's 25 sub-event types and its place in the hierarchy."""

    name: str
    event_type: str
    rank: tuple[int, int]
    disorder_type: str
    one_sided: bool
    civilian_targeting: str
    label: str
    definition: str


@dataclass(frozen=True, slots=True)
class Trigger:
    """A row of triggers.csv: a word or phrase that reports an event, and how its syntax gives the roles."""

    id: str
    phrase: str
    pos: str
    sub_event_type: str
    frame: str
    object: str = ""
    needs: tuple[str, ...] = ()
    example: str = ""
    counter_example: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """A row of cues.csv: words that say an event was denied, planned, imagined or is long past."""

    id: str
    phrases: tuple[str, ...]
    effect: str
    direction: str
    scope: str
    example: str = ""
    counter_example: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """A row of sources.csv: an outlet or monitor, ACLED's name for it and its scale."""

    id: str
    name: str
    scale: str
    aliases: tuple[str, ...]
    example: str = ""


@dataclass(frozen=True, slots=True)
class Noun:
    """A row of nouns.csv: common nouns that tell what kind of thing a target, place or victim is."""

    id: str
    kind: str
    nouns: tuple[str, ...]
    example: str = ""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row of doubts.csv: what makes a row less sure, and how much it takes off the confidence (0 to 1)."""

    id: str
    points: float
    doubt: str
    example: str


@dataclass(frozen=True)
class Lexicon:
    """All dictionaries, keyed by id."""

    taxonomy: dict[str, SubEventType]
    triggers: dict[str, Trigger]
    actors: dict[str, Actor]
    cues: dict[str, Cue]
    sources: dict[str, Source]
    nouns: dict[str, Noun]
    verb_forms: dict[str, tuple[str, ...]]
    doubts: dict[str, Doubt]

    @cached_property
    def identities(self) -> frozenset[str]:
        """Names that say what people are ("Children (Syria)"), not who acts."""
        roles: dict[str, str] = {}
        for actor in self.actors.values():
            roles.setdefault(actor.name, actor.role)
        return frozenset(name for name, role in roles.items() if role == "identity")

    @cached_property
    def outlets(self) -> dict[str, Source]:
        """Sources by their names and aliases in small letters; of two that share one, the first."""
        found: dict[str, Source] = {}
        for source in self.sources.values():
            for name in (source.name, *source.aliases):
                found.setdefault(name.lower(), source)
        return found

    def noun_kinds(self) -> dict[str, str]:
        """Kind of every common noun, singular and plural."""
        return {form: row.kind for row in self.nouns.values() for noun in row.nouns for form in plural(noun)}


class Row(dict[str, str]):
    """A CSV row that knows where it stands, so that an error can say so."""

    def __init__(self, cells: dict[str, str], path: Path, line: int) -> None:
        super().__init__(cells)
        self.path, self.line = path, line

    def fail(self, what: str) -> LexiconError:
        """An error that names this row's file and line."""
        return LexiconError(f"{self.path.name}:{self.line}: {what}")

    def need(self, column: str, known: frozenset[str] | None = None) -> str:
        """The cell of `column`, which must not be empty or, where `known` is given, must be one of it."""
        value = self.get(column, "").strip()
        if known is None and not value:
            raise self.fail(f'empty "{column}"')
        if known is not None and value not in known:
            raise self.fail(f'unknown {column} "{value}" (known: {", ".join(sorted(k for k in known if k))})')
        return value

    def items_of(self, column: str) -> tuple[str, ...]:
        """The items of a cell that holds a list separated by "|"."""
        return tuple(part.strip() for part in (self.get(column) or "").split("|") if part.strip())

    def day(self, column: str) -> datetime.date | None:
        """The day in `column`, or None where the cell is empty."""
        text = (self.get(column) or "").strip()
        if not text:
            return None
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise self.fail(f'{column} "{text}" is not a day; write it as 2016-07-28') from None


def read_rows(path: Path, *, key: str = "id") -> Iterator[Row]:
    """Rows of the CSV file at `path`; LexiconError for a missing key column or a broken line."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            if not reader.fieldnames or key not in reader.fieldnames:
                raise LexiconError(f'{path.name}:1: no column "{key}"; the first line must name the columns')
            for cells in reader:
                if None in cells:
                    raise LexiconError(
                        f"{path.name}:{reader.line_num}: more cells than columns; quote commas"
                    )
                yield Row({k: v or "" for k, v in cells.items()}, path, reader.line_num)
    except UnicodeDecodeError:
        raise LexiconError(f"{path.name}: not UTF-8; save the table as UTF-8") from None
    except csv.Error as error:
        raise LexiconError(f"{path.name}: {error}") from None
    except OSError as error:
        raise LexiconError(f"{path}: {error.strerror}") from None


def overlaid(name: str, folder: Path | None, *, key: str = "id") -> dict[str, Row]:
    """Rows of the packaged table `name` by key, with the user's rows of the same file laid over them."""
    table: dict[str, Row] = {}
    for path in [PACKAGED / name, *([folder / name] if folder and (folder / name).exists() else [])]:
        seen: set[str] = set()
        for row in read_rows(path, key=key):
            id_ = row.need(key)
            if id_ in seen:
                raise row.fail(f'{key} "{id_}" stands twice')
            seen.add(id_)
            if id_.startswith("-"):
                table.pop(id_[1:], None)
            elif id_.startswith("+"):
                table[id_[1:]] = _added(row, table, key)
            else:
                table[id_] = row
    return table


# Columns whose cells hold lists.
LISTS = frozenset({"aliases", "adjectives", "descriptions", "nouns"})
_NOT_ADDED = frozenset({"example", "counter_example", "remarks"})


def _added(row: Row, table: dict[str, Row], key: str) -> Row:
    """The known row with the items of the other's lists behind its own."""
    known = table.get(row[key][1:])
    if known is None:
        raise row.fail(f'there is no row "{row[key][1:]}" to add to')
    cells = dict(known)
    for column, cell in row.items():
        if not cell.strip() or column == key or column in _NOT_ADDED:
            continue
        if column not in LISTS:
            raise row.fail(f'only lists can be added to ({", ".join(sorted(LISTS))}), not "{column}"')
        items = dict.fromkeys([*known.items_of(column), *row.items_of(column)])
        cells[column] = "|".join(items)
    return Row(cells, row.path, row.line)


T = TypeVar("T")


def _read(name: str, folder: Path | None, make: Callable[[Row], T], *, key: str = "id") -> dict[str, T]:
    return {id_: make(row) for id_, row in overlaid(name, folder, key=key).items()}


def load(folder: Path | None = None) -> Lexicon:
    """The packaged dictionaries, overlaid with the CSV files of the same names in `folder`."""
    if folder is not None and not folder.is_dir():
        raise LexiconError(f"{folder}: no such folder; --data takes a folder with CSV files")
    taxonomy = _read("taxonomy.csv", folder, _sub_event_type, key="sub_event_type")
    types = frozenset(taxonomy)
    return Lexicon(
        taxonomy=taxonomy,
        triggers=_read("triggers.csv", folder, lambda row: _trigger(row, types)),
        actors=_read("actors.csv", folder, _actor),
        cues=_read("cues.csv", folder, _cue),
        sources=_read("sources.csv", folder, _source),
        nouns=_read("nouns.csv", folder, _noun),
        verb_forms=_read("verb_forms.csv", folder, _forms, key="base"),
        doubts=_read("doubts.csv", folder, _doubt),
    )


def _sub_event_type(row: Row) -> SubEventType:
    try:
        rank = int(row["event_rank"]), int(row["sub_rank"])
    except (KeyError, ValueError):
        raise row.fail("event_rank and sub_rank must be whole numbers") from None
    return SubEventType(
        row.need("sub_event_type"),
        row.need("event_type"),
        rank,
        row.need("disorder_type"),
        row.need("one_sided", frozenset({"yes", "no"})) == "yes",
        row.need("civilian_targeting", frozenset({"always", "civilians", "never"})),
        row.get("label", ""),
        row.need("definition"),
    )


def _trigger(row: Row, types: frozenset[str]) -> Trigger:
    needs = tuple(part for part in row.get("needs", "").replace("|", "+").split("+") if part)
    if unknown := set(needs) - NEEDS:
        raise row.fail(f'unknown needs "{unknown.pop()}" (known: {", ".join(sorted(NEEDS))})')
    return Trigger(
        row["id"],
        row.need("phrase"),
        row.need("pos", frozenset({"verb", "noun", "phrase"})),
        row.need("sub_event_type", types),
        row.need("frame", FRAMES),
        row.need("object", OBJECTS),
        needs,
        row.get("example", ""),
        row.get("counter_example", ""),
    )


def _actor(row: Row) -> Actor:
    inter = row.need("inter", frozenset("12345678"))
    return Actor(
        row["id"],
        row.need("name"),
        int(inter),
        row.get("role") or "main",
        row.day("valid_from"),
        row.day("valid_to"),
        row.items_of("aliases"),
        row.items_of("adjectives"),
        row.items_of("descriptions"),
        row.get("umbrella", ""),
        row.get("camp", ""),
        row.get("provisional", "") == "yes",
        row.get("example", ""),
        row.get("remarks", ""),
    )


def _cue(row: Row) -> Cue:
    return Cue(
        row["id"],
        row.items_of("phrase"),
        row.need("effect", EFFECTS),
        row.need("direction", frozenset({"forward", "backward", "both", "sentence"})),
        row.need("scope", frozenset({"clause", "sentence"})),
        row.get("example", ""),
        row.get("counter_example", ""),
    )


def _source(row: Row) -> Source:
    return Source(
        row["id"],
        row.need("name"),
        row.need("scale", SCALES),
        row.items_of("aliases"),
        row.get("example", ""),
    )


def _noun(row: Row) -> Noun:
    return Noun(row["id"], row.need("kind"), row.items_of("nouns"), row.get("example", ""))


def _doubt(row: Row) -> Doubt:
    try:
        points = float(row.need("points"))
    except ValueError:
        points = -1.0
    if not 0 <= points <= 1:
        raise row.fail(f'points "{row["points"]}" must be a number from 0 to 1')
    return Doubt(row["id"], points, row.need("doubt"), row.get("example", ""))


def _forms(row: Row) -> tuple[str, ...]:
    return tuple(
        form for column in ("base", "third", "past", "participle", "gerund") for form in row.items_of(column)
    )


VOWELS = "aeiou"


def plural(noun: str) -> tuple[str, ...]:
    """`noun` and its regular plural, the last word inflected ("air strike", "air strikes")."""
    *head, last = noun.split(" ")
    if last.endswith("man") and last not in {"human", "german"}:
        many = last[:-3] + "men"
    elif last.endswith(("s", "x", "z", "ch", "sh")):
        many = last + "es"
    elif last.endswith("y") and last[-2:-1] not in VOWELS:
        many = last[:-1] + "ies"
    else:
        many = last + "s"
    return noun, " ".join([*head, many])


def inflect(verb: str, irregular: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Every form of `verb`: those listed in verb_forms.csv, else the regular ones."""
    if verb in irregular:
        return irregular[verb]
    if verb.endswith("e"):
        return verb, verb + "s", verb + "d", verb[:-1] + "ing"
    if verb.endswith("y") and verb[-2:-1] not in VOWELS:
        return verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"
    third = verb + "es" if verb.endswith(("s", "x", "z", "ch", "sh", "o")) else verb + "s"
    return verb, third, verb + "ed", verb + "ing"


def trigger_phrases(trigger: Trigger, irregular: dict[str, tuple[str, ...]]) -> list[tuple[str, ...]]:
    """All word sequences in which `trigger` occurs in text."""
    if trigger.pos == "verb":
        first, _, rest = trigger.phrase.partition(" ")
        forms = [f"{form} {rest}".strip() for form in inflect(first, irregular)]
    elif trigger.pos == "noun":
        forms = list(plural(trigger.phrase))
    else:
        forms = [trigger.phrase]
    return [phrase_words(form) for form in forms]
