"""Triggers of one sentence that tell of the same happening, made one report of the highest type.

ACLED codebook 2024, "Event aggregation": the same actors at one place on one day are one event.
"""

from __future__ import annotations

import re

from . import coding
from .events import Actor
from .lexicon import SubEventType
from .places import Choice
from .story import (
    AGREEMENT,
    BATTLES,
    DEMONSTRATIONS,
    FIRE,
    MOB,
    OPPOSED,
    PEACEFUL,
    STRATEGIC,
    UNTOLD,
    VIOLENT,
    Findings,
    Report,
)
from .syntax import Syntax

_BEHIND = frozenset(
    "following after for against over due because despite since before amid upon in-response demanding protesting".split()
)

_ASIDE = STRATEGIC | DEMONSTRATIONS | {coding.ABDUCTION}


def foreground(reports: list[Report], syntax: Syntax, findings: Findings) -> list[Report]:
    """Reports without those that a sentence only gives as the reason or the time of another one.

    "clashes after the arrest of a man" tells of clashes; "captured the town following the withdrawal of the
    rebels" tells of a capture, and whose town it was.
    """
    kept = []
    for report in reports:
        host = next((r for r in reports if r is not report and _behind(report, r, syntax)), None)
        fought = host is not None and host.sub_event_type == AGREEMENT and report.sub_event_type in BATTLES
        if host is None or (report.sub_event_type not in _ASIDE and not fought):
            kept.append(report)
            continue
        findings.append(("refused", f'"{report.mention.text}": only the background of "{host.mention.text}"'))
        if host.sub_event_type in BATTLES and not host.targets:
            host.targets = [a for a in report.agents if a.id not in host.actor_ids()]
    return kept


def _behind(report: Report, host: Report, syntax: Syntax) -> bool:
    """True where `report` hangs from `host` by a preposition such as "following" or "against"."""
    token, spans = syntax.root(report.mention), {t.i for m in host.spans for t in syntax.tokens(m)}
    crossed = False
    for _ in range(15):
        if token.i in spans:
            return crossed
        if token.head == token:
            return False
        crossed = (
            crossed
            or token.lower_ in _BEHIND
            or (token.dep_ == "advcl" and any(c.lower_ in _BEHIND for c in token.children))
        )
        crossed = crossed or token.dep_ == "relcl" or (token.dep_ == "acl" and token.tag_ == "VBN")
        token = token.head
    return False


def governed(report: Report, choices: list[Choice], syntax: Syntax) -> list[Choice]:
    """The places that the clause of a report governs."""
    return [c for c in choices if any(syntax.governor(c.mention) is m for m in report.spans)]


def joined(reports: list[Report], syntax: Syntax, taxonomy: dict[str, SubEventType]) -> list[Report]:
    """Reports of one sentence that tell the same happening, joined under the highest type."""
    _held_there(reports, syntax)
    reports = _exchanged(reports, syntax)
    ordered = sorted(
        reports,
        key=lambda r: (
            r.trigger.frame in {"casualty", "body"},
            r.vague
            or (
                r.trigger.phrase in UNTOLD | {"destroy"}
                and r.sub_event_type in {coding.CLASH, coding.ATTACK, coding.IED}
            ),
            CROWD_RANK.get(r.sub_event_type, -1),
            taxonomy[r.sub_event_type].rank,
        ),
    )
    kept: list[Report] = []
    for report in ordered:
        host = next((k for k in kept if _same(k, report, syntax)), None)
        if host is None:
            kept.append(report)
        else:
            absorb(host, report)
    return sorted(kept, key=lambda r: r.mention.start)


_IN_REPLY = re.compile(
    r"\b(?:respon(?:se|ded|ding)|retaliat\w+|in turn|in return|returned fire|shell(?:ed|ing) back|fir(?:ed|ing) back|hit(?:ting)? back|"
    r"while|whilst|whereas|followed by)\b",
    re.I,
)


def _exchanged(reports: list[Report], syntax: Syntax) -> list[Report]:
    """Reports of which fire that enemies exchange is one clash (codebook 2024, "Armed clash")."""
    for first in reports:
        for second in reports:
            between = syntax.sentence.text[first.mention.start : second.mention.end + 6]
            if (
                second.mention.start > first.mention.end
                and {first.sub_event_type, second.sub_event_type} == {coding.SHELLING}
                and enemies(first, second)
                and _IN_REPLY.search(between)
            ):
                return [clashed(first, second), *(r for r in reports if r not in (first, second))]
    return reports


def enemies(a: Report, b: Report) -> bool:
    """True where the agents of two reports are of camps that fight each other."""
    mine = {x.camp for x in [*a.agents, *a.agent_allies]}
    other = {x.camp for x in [*b.agents, *b.agent_allies]}
    return (
        any(o in OPPOSED.get(m, ()) or m in OPPOSED.get(o, ()) for m in mine for o in other)
        and not mine & other
    )


def clashed(first: Report, second: Report) -> Report:
    """`first` as a clash with the agents of `second`, which fired back."""
    first.sub_event_type = coding.CLASH
    first.targets, first.target_allies = list(second.agents), list(second.agent_allies)
    first.spans += second.spans
    return first


def _held_there(reports: list[Report], syntax: Syntax) -> None:
    """Let arrests at a demonstration make it one with intervention: "held a sit-in and police detained two"."""
    for demo in (r for r in reports if r.sub_event_type == PEACEFUL):
        for report in reports:
            if (
                report.sub_event_type in {coding.ARRESTS, coding.ABDUCTION}
                and report.mention.start > demo.mention.start
                and not _behind(report, demo, syntax)
                and not _behind(demo, report, syntax)
                and (
                    not report.places
                    or {c.place.id for c in report.places} & {c.place.id for c in demo.places}
                )
            ):
                report.sub_event_type = coding.INTERVENTION


def _same(a: Report, b: Report, syntax: Syntax) -> bool:
    """True where two triggers of a sentence tell one happening: no different place, no third party."""
    if a.day and b.day and a.day != b.day:
        return False
    mine, other = ({c.mention.ids for c in r.places} for r in (a, b))
    if mine and other and not mine & other:
        return False
    if b.trigger.frame in {"casualty", "body"} and not (
        b.agents and not {x.id for x in b.agents} & a.actor_ids()
    ):
        return True
    if _put_to_death(a, b) or _put_to_death(b, a):
        return False
    strategic = [r.sub_event_type in STRATEGIC for r in (a, b)]
    if any(strategic) and not all(strategic):
        # Destruction and seizures in a fight belong to the fight.
        return (
            b.sub_event_type in {"Looting/property destruction", "Disrupted weapons use"}
            and a.actor_ids() >= b.actor_ids()
        )
    demos = [r.sub_event_type in DEMONSTRATIONS for r in (a, b)]
    if any(demos) and not all(demos):
        return False
    if all(strategic) and a.sub_event_type != b.sub_event_type:
        return False
    x, y = a.actor_ids(), b.actor_ids()
    if not x or not y or x <= y or y <= x:
        return True
    if not all(strategic) and (
        (not b.agents and not a.targets) or _tied(a, b, syntax) or _tied(b, a, syntax)
    ):
        return True
    if a.sub_event_type in coding.CAPTURES and b.sub_event_type == coding.CLASH and _behind(b, a, syntax):
        return True  # "captured the village after clashes with …"
    if a.sub_event_type in BATTLES and b.sub_event_type in FIRE and not (b.own_places and mine != other):
        # Fire that goes with a fight is part of it; the loser's fire on a place just taken is not.
        return a.sub_event_type == coding.CLASH or not enemy_fire(a, b)
    return bool(x & y) and not (mine and other and mine != other)


def _put_to_death(taken: Report, killed: Report) -> bool:
    """True for a town taken and its people killed by the taker: "executed 20 civilians after seizing the village"."""
    return (
        taken.sub_event_type in coding.CAPTURES
        and killed.sub_event_type == coding.ATTACK
        and bool(killed.agents)
        and killed.trigger.frame == "active"
        and any(a.inter in coding.CIVIL_INTERS for a in killed.targets)
    )


def _tied(a: Report, b: Report, syntax: Syntax) -> bool:
    """True where a trigger of `a` is subject, object or modifier of one of `b`: "a landmine detonated"."""
    heads = {t.i for m in b.spans for t in syntax.tokens(m)}
    return any(
        t.head.i in heads and t.dep_ in {"nsubj", "nsubjpass", "dobj", "compound", "amod", "agent"}
        for m in a.spans
        for t in syntax.tokens(m)
    )


def enemy_fire(battle: Report, fire: Report) -> bool:
    """True where the fire comes from the side that the battle's agent fights."""
    camps = {a.camp for a in fire.agents if a.camp}
    mine = {a.camp for a in battle.agents if a.camp}
    return bool(camps) and not camps & mine


def _oppose(host: Report, guest: Report) -> None:
    """Read "clashes between A and B, where B took the village": A is whom B fought."""
    taker = {a.id for a in host.agents}
    sides = [
        (guest.agents, guest.agent_allies, guest.targets, guest.target_allies),
        (guest.targets, guest.target_allies, guest.agents, guest.agent_allies),
    ]
    for mine, beside, theirs, with_them in sides:
        if theirs and taker & {a.id for a in [*mine, *beside]} and not taker & {a.id for a in theirs}:
            host.agents, host.agent_allies = list(mine), list(dict.fromkeys([*host.agents, *beside]))
            host.agent_allies = [a for a in host.agent_allies if a not in host.agents]
            host.targets, host.target_allies = list(theirs), list(with_them)
            return


def absorb(host: Report, guest: Report) -> None:
    """Let `host` take over what `guest` knows and it does not."""
    host.spans += guest.spans
    host.kinds |= guest.kinds
    host.roles.owners += guest.roles.owners
    if guest.trigger.frame == "mutual" and not host.targets:
        _oppose(host, guest)
    for name in ("agents", "targets", "agent_allies", "target_allies"):
        mine: list[Actor] = getattr(host, name)
        if not mine and guest.trigger.frame not in {"casualty", "body"}:
            extra = [a for a in getattr(guest, name) if a.id not in host.actor_ids()]
            mine.extend(extra)
    known = host.actor_ids()
    enemies = {a.camp for a in host.targets if a.camp}
    friend = next((a.camp for a in host.agents if a.camp), "")
    for actor in guest.agents:
        if actor.id not in known and actor.inter not in coding.CIVIL_INTERS:
            other = actor.camp in enemies or (actor.camp in OPPOSED.get(friend, ()) and not host.targets)
            if host.trigger.frame == "device" and not host.targets and host.agents:
                host.targets.append(actor)
            else:
                (host.target_allies if other else host.agent_allies).append(actor)
    if guest.date is not None and host.date is None:
        host.date, host.day = guest.date, guest.day
    seen = {c.place.id for c in host.places}
    host.places += [c for c in guest.places if c.place.id not in seen]


# A demonstration that turns violent is a riot whatever is done about it; else what is done to it decides.
CROWD_RANK = {VIOLENT: 0, MOB: 1, coding.EXCESSIVE: 2, coding.INTERVENTION: 3, PEACEFUL: 4}
