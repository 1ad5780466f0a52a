"""The ACLED rules: from the parts of a report to the coded fields of a row.

Sub-event type and its hierarchy, the order of actors, actor types, interaction, civilian targeting, the note.
Sources are sections of the ACLED codebook 2024, named at each rule.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Sequence

from .events import Actor, Event, Mention, changed
from .lexicon import Lexicon
from .notes import note
from .taxonomy import (
    ABDUCTION as ABDUCTION,
)
from .taxonomy import (
    AIR as AIR,
)
from .taxonomy import (
    ARRESTS as ARRESTS,
)
from .taxonomy import (
    ATTACK as ATTACK,
)
from .taxonomy import (
    CAPTURES as CAPTURES,
)
from .taxonomy import (
    CLASH as CLASH,
)
from .taxonomy import (
    EXCESSIVE as EXCESSIVE,
)
from .taxonomy import (
    GRENADE as GRENADE,
)
from .taxonomy import (
    IED as IED,
)
from .taxonomy import (
    INTERVENTION as INTERVENTION,
)
from .taxonomy import (
    NON_STATE_CAPTURE as NON_STATE_CAPTURE,
)
from .taxonomy import (
    SHELLING as SHELLING,
)
from .taxonomy import (
    STATE_CAPTURE as STATE_CAPTURE,
)
from .taxonomy import (
    SUICIDE as SUICIDE,
)
from .taxonomy import (
    TRANSFER as TRANSFER,
)

CIVIL_INTERS = frozenset({5, 6, 7})
STATE, REBEL, MILITIA, COMMUNAL, RIOTERS, PROTESTERS, CIVILIANS, OTHER = range(1, 9)


def interaction(a: int, b: int) -> int:
    """ACLED's interaction code: the two actor types, the lower first; one-sided is the type times ten.

    Source: ACLED codebook 2024, "Interaction codes".
    """
    if not a or not b:
        return (a or b) * 10
    return min(a, b) * 10 + max(a, b)


def resolve(
    mention: Mention, lexicon: Lexicon, day: datetime.date | None, recent: Sequence[str] = ()
) -> Actor | None:
    """The actor that a mention names on `day`; of several, the one named last before, else the first valid."""
    rows = [lexicon.actors[i] for i in mention.ids]
    if len(rows) == 1 and rows[0].valid(day):
        return rows[0]
    valid = [a for a in rows if a.valid(day)] or [a for a in rows if day is None]
    if not valid and mention.how == "description":
        return None  # "the alliance" of a time before it was made is another one
    if not valid:
        # A name used outside its own time still means that group; its nearest name in time is taken.
        valid = sorted(rows, key=lambda a: _distance(a, day))[:1]
    if len(valid) > 1 or mention.how == "description":
        for id_ in reversed(recent):
            if any(a.id == id_ for a in valid):
                return lexicon.actors[id_]
    return valid[0] if valid else None


def _distance(actor: Actor, day: datetime.date | None) -> int:
    if day is None:
        return 0
    gaps = [abs((d - day).days) for d in (actor.valid_from, actor.valid_to) if d]
    return min(gaps, default=0)


# Gunmen and jets beside a force that is named are that force's own.
NOBODY = frozenset({"unidentified", "unidentified-military"})


def main_and_allies(actors: Iterable[Actor], allies: Iterable[Actor]) -> tuple[Actor | None, list[Actor]]:
    """The main actor of one side and its associated actors.

    The first named is the main actor unless it is one that is normally named only beside another. A joint
    operation or umbrella named with its members is the actor, the members associated (ACLED codebook 2024,
    "Associated actors"); one of the role "command" stands even above the foreign army that leads it.
    """
    side = [a for a in dict.fromkeys(actors) if a.role != "identity"]
    rest = [a for a in dict.fromkeys(allies) if a not in side and a.role != "identity"]
    if not side:
        side, rest = rest, []
    if not side:
        return None, []
    main = next((a for a in side if a.role != "associate" and a.inter != CIVILIANS), None) or side[0]
    for other in [*side, *rest]:
        if other is main or other.name == main.name:
            continue
        if other.id == main.umbrella or (
            other.role == "command" and main.inter in {REBEL, MILITIA, OTHER} and main.role != "command"
        ):
            main = other
        elif (
            other.role == "operation"
            and main.inter in {REBEL, MILITIA}
            and main.role not in {"operation", "command"}
        ):
            main = other
    others = [a for a in [*side, *rest] if a is not main and a.name != main.name and a.id not in NOBODY]
    return main, others


# Camps whose members are not known to fight each other in the open; rebels and Turkish-backed factions are.
SOLID = frozenset({"state", "israel"})


def one_side(one: Actor, two: Actor) -> bool:
    """True for actors that do not fight each other: of a solid camp, or a foreign army and those it backs."""
    if not one.camp or one.camp != two.camp:
        return False
    if one.camp in SOLID or OTHER in {one.inter, two.inter}:
        return True
    return one.camp == "turkey" and not {"main"} >= {one.role, two.role}


def together(a: Actor, b: Actor) -> bool:
    """True for actors that stand on one side as a rule: of one camp, or one the other's umbrella."""
    return a.umbrella == b.id or b.umbrella == a.id or (bool(a.camp) and a.camp == b.camp)


# Joint operations of Turkey and the factions it backs: where they fought, against whose camps, and until when
# fighters there are coded under the operation although the report does not name it (practice for Syria).
OPERATIONS = {
    "euphrates-shield": ({"Aleppo"}, {"isil", "sdf"}, datetime.date(2017, 3, 29)),
    "olive-branch": ({"Aleppo"}, {"sdf"}, datetime.date(2018, 3, 24)),
    "peace-spring": ({"Al Hasakeh", "Ar Raqqa"}, {"sdf", "state"}, datetime.date(2024, 12, 7)),
    "dawn-of-freedom": ({"Aleppo"}, {"sdf"}, datetime.date(2024, 12, 31)),
}


def operation(
    actor: Actor,
    beside: Iterable[Actor],
    against: Actor | None,
    day: datetime.date | None,
    admin1: str,
    lexicon: Lexicon,
) -> Actor | None:
    """The joint operation in which `actor`, with those `beside` it, fought in `admin1` on `day`, or None."""
    if against is None or day is None or actor.inter not in {REBEL, MILITIA}:
        return None
    if actor.camp not in {"turkey", "rebel"} or actor.role in {"operation", "command"}:
        return None
    backed = any(a.camp == "turkey" for a in (actor, *beside))
    for id_, (areas, camps, until) in OPERATIONS.items():
        row = lexicon.actors.get(id_)
        if row is not None and row.valid(day) and day <= until and admin1 in areas and against.camp in camps:
            # in Afrin all rebels fought beside Turkey, elsewhere only those that are told to
            if backed or id_ == "olive-branch":
                return row
    return None


def governs(actor: Actor, abroad: bool) -> bool:
    """True for the forces of a state on its own ground: Syria's, and `abroad` those of another state."""
    own = actor.inter == STATE or actor.camp in {"state", "newstate"}
    named = actor.name.startswith(("Military Forces of", "Police Forces of", "Government of"))
    return own or (abroad and actor.inter == OTHER and named)


def captured_by(actor: Actor | None, abroad: bool = False) -> str:
    """The sub-event type of a capture by `actor`: the government's, or anyone else's.

    Source: ACLED codebook 2024, "Battles": only re-establishing state control is "Government regains".
    """
    if actor is None or (actor.inter == OTHER and not abroad):
        return NON_STATE_CAPTURE
    return STATE_CAPTURE if governs(actor, abroad) else NON_STATE_CAPTURE


def detained_by(actor: Actor | None, abroad: bool = False) -> str:
    """Arrests where the state detains, else Abduction/forced disappearance (practice for Syria)."""
    state = actor is not None and (actor.inter == STATE or (actor.inter == OTHER and governs(actor, abroad)))
    return ARRESTS if state else ABDUCTION


DEFAULT_AGENT = {
    AIR: "unidentified-military",
    IED: "unidentified",
    SUICIDE: "unidentified",
    GRENADE: "unidentified",
    SHELLING: "unidentified",
    "Chemical weapon": "unidentified-military",
    CLASH: "unidentified",
    ATTACK: "unidentified",
    ABDUCTION: "unidentified",
    "Sexual violence": "unidentified",
    "Peaceful protest": "protesters",
    INTERVENTION: "protesters",
    "Violent demonstration": "rioters",
    "Mob violence": "rioters",
    "Looting/property destruction": "unidentified",
}


def from_the_air(actor: Actor) -> bool:
    """True for forces that strike Syria from the air unless something else is said (practice for Syria)."""
    return actor.name.startswith(
        ("Military Forces of Israel", "Global Coalition", "Military Forces of the United States", "Military Forces of Russia",
         "Allied Syrian and/or Russian")
    )  # fmt: skip


def label_targeting(event: Event, lexicon: Lexicon) -> str:
    """ "Civilian targeting" where civilians are the main or only target, else "" (codebook 2024)."""
    how = lexicon.taxonomy[event.sub_event_type].civilian_targeting
    if how == "always":
        return "Civilian targeting"
    if (
        how == "civilians"
        and CIVILIANS in {event.inter1, event.inter2}
        and event.event_type != "Strategic developments"
    ):
        return "Civilian targeting"
    return ""


def event_id(event: Event) -> str:
    """`SYR` and ten characters from date, place, type and actors: the same event, the same id, in every run."""
    key = "|".join(
        [
            event.event_date.isoformat() if event.event_date else "",
            event.place_id or event.location,
            event.sub_event_type,
            *sorted((event.actor1, event.actor2)),
        ]
    )
    return "SYR" + hashlib.blake2b(key.encode(), digest_size=8).hexdigest()[:10]


def complete(event: Event, lexicon: Lexicon) -> Event:
    """`event` with every field that follows from the others: types, codes, year, targeting, id, note."""
    kind = lexicon.taxonomy[event.sub_event_type]
    event = changed(
        event,
        year=event.event_date.year if event.event_date else None,
        disorder_type=kind.disorder_type,
        event_type=kind.event_type,
        interaction=interaction(event.inter1, event.inter2),
        timestamp=_timestamp(event.published),
    )
    event = changed(
        event,
        civilian_targeting=label_targeting(event, lexicon),
        tags=(f"crowd size={crowd_size(event.sentence)}",)
        if kind.event_type in {"Protests", "Riots"} and not event.tags
        else event.tags,
    )
    return changed(event, event_id_cnty=event_id(event), notes=note(event, lexicon))


_CROWD = re.compile(
    r"\b((?:(?:around|about|some|nearly|more than|over|at least|up to|an estimated) )?(?:\d[\d,]*|(?:several |a few )?"
    r"(?:dozens|hundreds|thousands|tens|scores)(?: of thousands)?|several|a number))(?: of)?(?: \w+){0,2} "
    r"(?:people|protesters|demonstrators|residents|civilians|women|men|students|teachers|workers|locals|villagers|"
    r"farmers|mourners|activists|displaced|doctors|drivers)\b",
    re.I,
)


def crowd_size(sentence: str) -> str:
    """The size of a crowd in the report's words, "no report" where it gives none (codebook 2024, "Tags")."""
    m = _CROWD.search(sentence)
    return m[1].lower() if m else "no report"


def _timestamp(day: datetime.date | None) -> int | None:
    """Midnight UTC of the day of publication, since a run of ours must not depend on when it happens."""
    if day is None:
        return None
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.UTC).timestamp())
