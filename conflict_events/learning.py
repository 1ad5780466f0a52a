"""Corrections as rows of dictionaries: what the next run must know to be right by itself.

A corrected place becomes a row of homonyms.csv (or places.csv, for a village that no table has), an actor's
name in the text an alias in actors.csv, another type a row of triggers.csv. Each row is tried before it is
kept: the tables are loaded with it and the sentence read again, and the narrowest row that makes it come out
right is taken. Every correction becomes a test case, too, marked where the next run would not follow it.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .cases import CASES, Case, put_cases
from .columns import Value, row
from .events import Article, Event, Place
from .extract import Extractor
from .gazetteer import GazetteerError, key
from .gazetteer.gazetteer import ADMIN_KINDS
from .journal import Decision
from .lexicon import LexiconError
from .overlays import Overlay, OverlayError
from .phrases import fold
from .provenance import Provenance, alone
from .publication import read_date

Row = Mapping[str, Value]
Corrected = tuple[Row, Row, Sequence[Decision]]
Change = tuple[str, Mapping[str, str]]  # a table and a row of it
_REMARK = "from a review"
_LONGEST = 400  # characters of an example
_CAPITALS = re.compile(r"[A-Z][\w'-]*(?: (?:al-|of |the )?[A-Z][\w'-]*){1,5}")


class LearningError(Exception):
    """Nothing could be learned; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What became of a correction: the table that has it now, if any, and whether the next run will follow."""

    id: str
    field: str
    table: str
    follows: bool
    message: str


@dataclass(slots=True)
class _Lesson:
    """One corrected field of a row: the rows that may teach it, the narrowest first, and what came of it."""

    seen: Row
    field: str
    wanted: dict[str, Any]
    proposals: list[list[Change]]
    why_not: str = ""
    taken: list[Change] | None = None
    follows: bool = False

    def changes(self) -> list[Change]:
        """The rows to try now."""
        if self.taken is not None:
            return self.taken
        return self.proposals[0] if self.proposals else []


def learn(
    folder: Path, corrected: Sequence[Corrected], accepted: Sequence[Row], evidence: Provenance
) -> list[Learned]:
    """What each correction became, when the folder has its rows and cases.

    `corrected` has each row as it was, as it is now, and the corrections of it; a row that contradicts one of
    the `accepted` is not written. Raises LearningError where the folder cannot be used.
    """
    try:
        overlay = Overlay(folder)
        lessons = [
            lesson
            for seen, _, decisions in corrected
            for decision in decisions
            if (lesson := _lesson(seen, decision, accepted, evidence, overlay))
        ]
        engine = _try(lessons, overlay, evidence)
        for lesson in lessons:
            for name, cells in lesson.taken or ():
                _put(overlay, name, cells)
        cases = [_case(seen, now, decisions, engine, evidence) for seen, now, decisions in corrected]
        overlay.write()
        put_cases(folder / CASES, [case for case in cases if case])
    except OverlayError as error:
        raise LearningError(str(error)) from None
    return [_told(lesson) for lesson in lessons]


def _told(lesson: _Lesson) -> Learned:
    id = str(lesson.seen.get("event_id_cnty") or "")
    tables = " and ".join(dict.fromkeys(name for name, _ in lesson.taken or ()))
    if lesson.follows and lesson.taken:
        what = "; ".join(_what(name, cells, lesson.wanted) for name, cells in lesson.taken)
        return Learned(id, lesson.field, tables, True, what)
    if lesson.follows:
        return Learned(id, lesson.field, "", True, "the next run gets it right already")
    why = lesson.why_not or "no row made the sentence come out right"
    return Learned(
        id, lesson.field, "", False, f"the next run will not follow: {why}; it is kept as a test case"
    )


def _what(table: str, cells: Mapping[str, str], wanted: Mapping[str, Any]) -> str:
    """What a row says, for the person who takes it over."""
    if table == "homonyms.csv":
        where = f" where the article tells of {cells['admin1']}" if cells["admin1"] else " from now on"
        return f'"{cells["name"]}" means {wanted["location"]} ({wanted["admin1"]}){where}'
    if table == "places.csv":
        return f"{cells['name']} is a {cells['kind']} in {cells['admin1']}"
    if table == "actors.csv":
        return f'"{cells["aliases"]}" means {"".join(map(str, wanted.values()))} from now on'
    return f'"{cells["phrase"]}" is {cells["sub_event_type"]} from now on, wherever it stands'


# ---- trying ------------------------------------------------------------------------------------------


def _try(lessons: Sequence[_Lesson], overlay: Overlay, evidence: Provenance) -> Extractor:
    """Takes of each lesson the first proposal with which its sentence comes out right; gives the last engine."""
    tried: list[Change] = []
    engine = _engine(overlay, tried, evidence)
    for lesson in lessons:
        lesson.follows = _comes_out(lesson, engine, evidence)
        if lesson.follows:
            lesson.taken = []
    while any(lesson.taken is None and lesson.proposals for lesson in lessons):
        tried = [change for lesson in lessons for change in lesson.changes()]
        engine = _engine(overlay, tried, evidence)
        for lesson in lessons:
            if lesson.taken is None and lesson.proposals:
                if _comes_out(lesson, engine, evidence):
                    lesson.taken, lesson.follows = lesson.proposals[0], True
                else:
                    lesson.proposals.pop(0)
    kept = [change for lesson in lessons for change in lesson.taken or ()]
    if kept != tried:
        engine = _engine(overlay, kept, evidence)
    for lesson in lessons:  # one row may have undone another's
        if lesson.follows and not _comes_out(lesson, engine, evidence):
            lesson.follows = False
            lesson.why_not = "another correction says otherwise"
    return engine


def _engine(overlay: Overlay, changes: Sequence[Change], evidence: Provenance) -> Extractor:
    """An engine with the folder's tables and these rows. Raises LearningError where they cannot be loaded."""
    if not changes and not any(overlay.folder.glob("*.csv")) and evidence.engine.settings.data is None:
        return evidence.engine
    trial = overlay.copy()
    trial.changed.clear()
    with tempfile.TemporaryDirectory(prefix="conflict-events-") as name:
        there = Path(name)
        if overlay.folder.is_dir():
            for table in sorted(overlay.folder.glob("*.csv")):
                (there / table.name).write_bytes(table.read_bytes())
        for table_name, cells in changes:
            _put(trial, table_name, cells)
        trial.write(there)
        try:
            made = Extractor(dataclasses.replace(evidence.engine.settings, data=there))
            made.reader.share(evidence.engine.reader)
        except (LexiconError, GazetteerError) as error:
            raise LearningError(f"{overlay.folder}: {error}: mend that first; nothing was learned") from None
    return made


def _put(overlay: Overlay, name: str, cells: Mapping[str, str]) -> None:
    """Adds a row; the aliases of an actor that is there already stay."""
    if name == "actors.csv":
        same = next((row for row in overlay.rows(name) if row.get("id") == cells["id"]), None)
        if same is not None:
            aliases = dict.fromkeys([*filter(None, same.get("aliases", "").split("|")), cells["aliases"]])
            cells = {**cells, "aliases": "|".join(aliases)}
    overlay.put(name, cells)


def _comes_out(lesson: _Lesson, engine: Extractor, evidence: Provenance) -> bool:
    """True where the sentence of the lesson, read with the engine, gives the corrected field."""
    article = evidence.article(lesson.seen) or alone(lesson.seen)
    return any(_has(event, lesson.wanted) for event in _of_sentence(engine, article, lesson.seen))


def _of_sentence(engine: Extractor, article: Article, seen: Row) -> list[Event]:
    own = fold(str(seen.get("sentence") or "")).replace("\n", " ")
    found = [event for _, events in engine.pipe([article]) for event in events]
    return [e for e in found if e.sentence and (fold(e.sentence) in own or own in fold(e.sentence))]


def _has(event: Event, wanted: Mapping[str, Any]) -> bool:
    cells = row(event, "full")
    return all((cells[name] if cells[name] is not None else "") == value for name, value in wanted.items())


# ---- proposals ---------------------------------------------------------------------------------------


def _lesson(
    seen: Row, decision: Decision, accepted: Sequence[Row], evidence: Provenance, overlay: Overlay
) -> _Lesson | None:
    """What a correction may teach; None where the row does not say what it was made from."""
    if not seen.get("sentence"):
        return _Lesson(seen, decision.field, {"event_id_cnty": "?"}, [], "its sentence is not known")
    if decision.field == "place":
        return _place_lesson(seen, decision, accepted, evidence)
    if decision.field in ("actor1", "actor2"):
        return _actor_lesson(seen, decision, evidence)
    if decision.field == "sub_event_type":
        return _type_lesson(seen, decision, accepted, evidence)
    wanted = {decision.field: decision.cells[decision.field]}
    return _Lesson(seen, decision.field, wanted, [], "no table holds a figure or a date")


def _example(seen: Row) -> str:
    return " ".join(str(seen.get("sentence") or "").split())[:_LONGEST]


def _place_lesson(seen: Row, decision: Decision, accepted: Sequence[Row], evidence: Provenance) -> _Lesson:
    place = Place(**{**decision.value, "aliases": tuple(decision.value.get("aliases", ()))})
    wanted = {name: getattr(place, name) for name in ("location", "admin1", "admin2", "admin3")}
    name = str(seen.get("place_text") or "")
    lesson = _Lesson(seen, "place", wanted, [])
    if not key(name):
        lesson.why_not = "the text names no place here, it was inferred"
        return lesson
    new: list[Change] = []
    if place.id not in evidence.engine.gazetteer.places:
        cells = {n: str(getattr(place, n)) for n in ("id", "name", "kind", "latitude", "longitude")}
        cells |= {n: getattr(place, n) for n in ("admin1", "admin2", "admin3")}
        new = [("places.csv", {**cells, "aliases": "" if key(name) == key(place.name) else name})]
        if fold(place.name) in fold(str(seen["sentence"])):  # its own name was not seen
            lesson.proposals.append([("places.csv", {**cells, "aliases": ""})])
    lesson.why_not = _no_name_of(name, place, seen, evidence)
    if lesson.why_not:
        return lesson
    if new:
        lesson.proposals.append(new)
    others = [r for r in accepted if key(str(r.get("place_text") or "")) == key(name)]
    meant = {"name": name, "place_id": place.id, "example": _example(seen), "remarks": _REMARK}
    within: Change = ("homonyms.csv", {**meant, "admin1": place.admin1})
    always: Change = ("homonyms.csv", {**meant, "admin1": ""})
    if place.admin1 and not any(r.get("admin1") == place.admin1 and not _at(r, place) for r in others):
        lesson.proposals.append([*new, within])
    if all(_at(r, place) for r in others):
        lesson.proposals.append([*new, always])
        lesson.why_not = f'the words around "{name}" put it elsewhere'
    else:
        lesson.why_not = f'"{name}" is another place in a row that was accepted'
    return lesson


_LARGE = 20_000  # inhabitants from which on a name is not taken from a place


def _no_name_of(name: str, place: Place, seen: Row, evidence: Provenance) -> str:
    """Why a name is not to mean the place from now on, "" where it may: it is the name, or nothing forbids it.

    A place that the text names by its own name was not misread: the deed was put at another one.
    """
    gazetteer = evidence.engine.gazetteer
    namesakes = {*gazetteer.exact(name), *(near for near, _, _ in gazetteer.fuzzy(name))}
    if key(name) in {key(own) for own in (place.name, place.location, *place.aliases)} or place in namesakes:
        return ""
    if evidence.names(seen, place):
        return f"the text names {place.location} itself; which of its places a deed is put at no table says"
    if any(p.kind in ADMIN_KINDS or p.population >= _LARGE for p in gazetteer.exact(name)):
        return f'"{name}" is the name of a larger place'
    return ""


def _at(cells: Row, place: Place) -> bool:
    return (cells.get("location"), cells.get("admin1")) == (place.location, place.admin1)


def _actor_lesson(seen: Row, decision: Decision, evidence: Provenance) -> _Lesson:
    value = decision.value
    lesson = _Lesson(seen, decision.field, {decision.field: value["name"] if value else ""}, [])
    if not value:
        lesson.why_not = "that nobody is meant is no row of a table"
        return lesson
    known = value["id"] in evidence.engine.lexicon.actors
    for name in _names(seen, value["name"], evidence):
        cells = {"id": f"+{value['id']}" if known else value["id"], "aliases": name}
        if not known:
            cells |= {"name": value["name"], "inter": str(value["inter"]), "provisional": "yes"}
        lesson.proposals.append([("actors.csv", {**cells, "example": _example(seen), "remarks": _REMARK})])
    if not lesson.proposals:
        lesson.why_not = "the sentence has no name for the actor that no table knows"
    return lesson


def _names(seen: Row, actor: str, evidence: Provenance) -> Iterator[str]:
    """Names in the sentence that may be the actor's and are nobody's yet, the actor's own first."""
    sentence = fold(str(seen["sentence"]))
    bare = re.sub(r"\s*\(.*$", "", fold(actor)).partition(": ")
    given = set()
    for own in (fold(actor), bare[2] or bare[0], bare[0] if bare[2] else ""):
        found = re.search(rf"(?<!\w){re.escape(own)}(?!\w)", sentence, re.I) if own else None
        if found and "|" not in own and found.group() not in given:
            given.add(found.group())
            yield found.group()
    taken = [(start, end) for start, end, kind in evidence.shown(seen).marks if kind != "trigger"]
    for found in _CAPITALS.finditer(sentence):
        free = not any(start < found.end() and found.start() < end for start, end in taken)
        if free and found.group() not in given:
            given.add(found.group())
            yield found.group()


def _type_lesson(seen: Row, decision: Decision, accepted: Sequence[Row], evidence: Provenance) -> _Lesson:
    kind = str(decision.value)
    lesson = _Lesson(seen, "sub_event_type", {"sub_event_type": kind}, [])
    trigger = evidence.engine.lexicon.triggers.get(str(seen.get("rule") or ""))
    if trigger is None:
        lesson.why_not = "no word of a table made the type"
    elif trigger.sub_event_type != seen.get("sub_event_type"):
        lesson.why_not = f'the type follows from a rule, not from "{trigger.phrase}"'
    elif same := [r for r in accepted if r.get("rule") == trigger.id and r.get("sub_event_type") != kind]:
        count = len(same)
        lesson.why_not = (
            f'"{trigger.phrase}" is of the other type in {count} row{"s" if count > 1 else ""} accepted'
        )
    else:
        cells = {
            n: getattr(trigger, n) for n in ("id", "phrase", "pos", "frame", "object", "counter_example")
        }
        cells |= {"sub_event_type": kind, "needs": "+".join(trigger.needs)}
        lesson.proposals = [[("triggers.csv", {**cells, "example": _example(seen), "remarks": _REMARK})]]
    return lesson


# ---- cases -------------------------------------------------------------------------------------------


def _case(
    seen: Row, now: Row, decisions: Sequence[Decision], engine: Extractor, evidence: Provenance
) -> Case | None:
    """A test case for a corrected row: its sentence, or that with its neighbours, and what must come out."""
    if not seen.get("sentence"):
        return None
    wanted = _fields(now, decisions)
    name = f"{' and '.join(d.field for d in decisions)} of {seen.get('event_id_cnty') or 'a row'}"
    day = read_date(str(seen.get("published") or ""))
    shown = evidence.shown(seen)
    for text in dict.fromkeys((shown.sentence, f"{shown.before}{shown.sentence}{shown.after}".strip())):
        found = _rows(engine, text, day)
        fitting = [event for event in found if _has(event, wanted)]
        if fitting:
            return Case(name, text.strip(), [wanted, *[{}] * (len(found) - 1)], day)
    return Case(
        name, shown.sentence.strip(), [wanted], day, "no row of the tables makes it come out right yet"
    )


def _rows(engine: Extractor, text: str, day: datetime.date | None) -> list[Event]:
    """The rows of a text, as the runner of the cases reads it."""
    article = Article(text.strip(), published=day, published_basis="option" if day else "")
    return [event for event in engine.events(article) if event.latitude is not None]


_STATED: Mapping[str, tuple[str, ...]] = {"place": ("location", "admin1")}


def _fields(now: Row, decisions: Sequence[Decision]) -> dict[str, Any]:
    """The fields that a case states: those corrected, as they are now."""
    names = [name for d in decisions for name in _STATED.get(d.field, (d.field,))]
    stated: dict[str, Any] = {}
    for name in names:
        cell = now.get(name)
        number = name in ("fatalities", "time_precision", "geo_precision")
        stated[name] = int(float(str(cell))) if number else str(cell or "")
    return stated
