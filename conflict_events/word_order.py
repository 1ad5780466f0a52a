"""Who did it to whom where the parse gives nothing: read from the order of the words.

"between A, allied with B, and C", "backed by D", and the names beside a verb whose subject or object the parser
has lost.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .events import Mention
from .syntax import OWNED, Syntax

if TYPE_CHECKING:
    from .roles import Roles


def between(syntax: Syntax, roles: Roles, trigger: Mention) -> bool:
    """Read "between A, allied with B, and C" or "between A and B against C" in word order."""
    words = syntax.sentence.words
    at = next((w for w in words if w.start >= trigger.start and w.lower in {"between", "pitting"}), None)
    if at is None:
        return False
    text = syntax.sentence.text
    versus = _VERSUS.search(text, at.end)
    told = versus.end() if versus and not _NEXT.search(text, at.end, versus.start()) else at.start
    stop = next((t.start for t in syntax.sentence.triggers if t.start > told), 10**9)
    mentions = [m for m in syntax.sentence.actors if at.start < m.start and id(m) not in syntax.speakers]
    near = [m for m in mentions if m.start < stop] or mentions[:2]
    if not near:
        return False
    if told > at.start and near[0].start >= told:
        # "between the men of Abu Omar and others against regime forces": the first side is in no dictionary
        roles.agent_kinds.add("armed")
        roles.targets.append(near[0])
        roles.target_allies += near[1:]
        return True
    split = next((i for i, m in enumerate(near) if i and told > at.start and m.start >= told), 0)
    if not split:
        split = _split(near, text)
    first, second = near[:split] if split else near[:1], near[split:] if split else near[1:]
    roles.agents.append(first[0])
    roles.allies += first[1:]
    if second:
        roles.targets.append(second[0])
        roles.target_allies += second[1:]
    return True


# What parts two sides, and what ends the list of them.
_VERSUS = re.compile(
    r"\b(?:against|versus|vs\.?|on (?:the )?one (?:side|hand),? and|and,? on the other)\b", re.I
)
_NEXT = re.compile(
    r"[;:]|\b(?:amid|while|whilst|where|when|after|following|before|leaving|killing|which|that|as a result)\b",
    re.I,
)


def _split(near: list[Mention], text: str) -> int:
    """Where the second side begins: behind the last "and" that does not introduce an ally."""
    for i in range(1, len(near)):
        gap = text[near[i - 1].end : near[i].start].lower()
        if " and " in f" {gap} " and not any(
            w in gap for w in ("backed", "allied", "support", "including", "along")
        ):
            rest = [text[near[k - 1].end : near[k].start].lower() for k in range(i + 1, len(near))]
            if not any(" and " in f" {g} " and ("," in g or len(g) > 6) for g in rest):
                return i
    return 1 if len(near) > 1 else 0


def fallback(syntax: Syntax, roles: Roles, trigger: Mention, frame: str) -> None:
    """Fill empty roles in word order from actors that no role and no other trigger holds."""
    if frame in {"means", "casualty", "body"}:
        return
    used = {id(m) for m in roles.all_mentions()}
    free = [
        m
        for m in syntax.sentence.actors
        if id(m) not in used
        and id(m) not in syntax.speakers
        and m.how != "adjective"
        and not _allied(syntax, m)
    ]
    if frame == "mutual":
        if not roles.agents and free:
            roles.parsed = False
            roles.agents.append(free.pop(0))
        head = syntax.root(trigger)
        if roles.agents and head.dep_ == "dobj" and head.head.i > syntax.root(roles.agents[0]).i:
            # "A, B and C launched a battle": all before the verb are on one side
            roles.agents += [m for m in free if m.end <= trigger.start]
            free = [m for m in free if m.start > trigger.end]
        if not roles.targets and free:
            roles.parsed = False
            far = [m for m in free if m.ids != roles.agents[0].ids]
            roles.targets += far[:1]
        return
    _fallback_agent(syntax, roles, trigger, free, frame)
    if frame in {"active", "nominal"}:
        _fallback_target(syntax, roles, trigger, free, frame)


def _fallback_agent(syntax: Syntax, roles: Roles, trigger: Mention, free: list[Mention], frame: str) -> None:
    text = syntax.sentence.text
    for m in free:
        before = text[: m.start].rstrip().lower()
        if roles.agents or m.start <= trigger.end or text[trigger.end : m.start].count(",") > 1:
            continue
        if before.endswith((" by", " by the", " by a", " by an")) and not OWNED.search(before):
            roles.parsed = False
            roles.agents.append(m)
    head = syntax.root(trigger)
    if (
        roles.agents
        or frame not in {"active", "agent"}
        or not head.tag_.startswith("VB")
        or syntax.passive(head)
    ):
        return
    bare = head.tag_ == "VB" and not any(c.dep_ == "aux" or c.tag_ == "TO" for c in head.children)
    # "saw the rebels capture …": a bare infinitive has its subject right before it, whatever it hangs from
    if any(s.i not in syntax.place_at for s in syntax.subjects(head)) and not (bare and head.dep_ == "conj"):
        return
    # no subject at all: the parser has lost it, so the actors right before the verb are taken
    left = [m for m in free if m.end <= trigger.start and m not in roles.targets]
    if left and not any(left[-1].end <= t.start < trigger.start for t in syntax.sentence.triggers):
        roles.parsed = False
        if len(left) > 1 and _allied(syntax, left[-1]):
            roles.allies.append(left.pop())
        first = len(left) - 1
        while first and re.fullmatch(_AND, text[left[first - 1].end : left[first].start]):
            first -= 1
        roles.agents += left[first:]


_AND = re.compile(r"(?:'s?)?(?:[ ,]+| forces| fighters)*(?:and|or|,)? ?(?:the |its |their |allied )*", re.I)
_FROM = re.compile(r"\bfrom(?: the| control of| the control of| the grip of| the hands of)?\s*$", re.I)
_TO_TARGET = re.compile(
    r"^(?:\W*(?:the|a|an|several|some|many|two|three|four|five|on|at|against|of|dead|\d+|number|group|positions?|site|sites|points?|headquarters|checkpoints?|members?|of the)\b)*\W*$",
    re.I,
)


def _fallback_target(syntax: Syntax, roles: Roles, trigger: Mention, free: list[Mention], frame: str) -> None:
    """The actor or noun right behind an active verb, and whom a place was taken "from"."""
    text = syntax.sentence.text
    head = syntax.root(trigger)
    for m in free:
        if m in roles.agents or m.start < trigger.end:
            continue
        gap = text[trigger.end : m.start]
        if not roles.targets and _FROM.search(gap) and ";" not in gap and len(gap) < 120:
            roles.targets.append(m)
        elif (
            not roles.targets
            and not roles.kinds
            and frame == "active"
            and _TO_TARGET.match(gap)
            and not syntax.passive(head)
        ):
            roles.parsed = False
            roles.targets.append(m)
    if not roles.kinds and not roles.targets and frame == "active" and not syntax.passive(head):
        for w in syntax.sentence.words:
            if w.start < trigger.end:
                continue
            if (
                w.lower in {"in", "near", "and", "by", "when", "while", "after"}
                or len(text[trigger.end : w.start]) > 50
            ):
                break
            if w.lower in {"them", "him", "her"}:
                _pronoun(syntax, roles, trigger)
                break
            if w.lower in syntax.kinds:
                roles.kinds.add(syntax.kinds[w.lower])
                break


def _pronoun(syntax: Syntax, roles: Roles, trigger: Mention) -> None:
    """What "them" hit is the last actor named before that is not the agent."""
    before = [m for m in syntax.sentence.actors if m.end <= trigger.start and m not in roles.agents]
    if before:
        roles.targets.append(before[-1])


_UNDER = re.compile(
    r",? (?:factions |fighters |forces |members )?(?:which |that |who |whom )?(?:is |are )?operat\w+ (?:under|as part of|within|in)(?: the)? ",
    re.I,
)
# Characters before a name, more than any words that make it an ally have.
BEFORE = 160
_ALLIED = re.compile(
    r"\b(?:backed|supported|led|accompanied|joined|assisted|aided|spearheaded)(?: up)? by(?: (?:the|its|their|an?|\w+-linked|\w+-backed|al-\w+-linked|allied|local|some|powerful|elite)){0,3}\s*$"
    r"|\b(?:allied (?:with|to)|with (?:the )?(?:support|backing|help|assistance|participation) (?:of|from)|alongside|including|in coordination with|together with|along with)(?: (?:the|its|their))?\s*$",
    re.I,
)


def _allied(syntax: Syntax, m: Mention) -> bool:
    """True where the words before a name make it somebody's ally: "backed by", "alongside", "including"."""
    allied = syntax.allied.get(m.start)
    if allied is None:
        before = syntax.sentence.text[max(0, m.start - BEFORE) : m.start]
        allied = syntax.allied[m.start] = _ALLIED.search(before) is not None
    return allied


def beside(syntax: Syntax, roles: Roles) -> None:
    """Put an ally that the parse left out on the side of the actor named right before it."""
    used = {id(m) for m in roles.all_mentions()}
    for m, under in zip(syntax.sentence.actors, syntax.sentence.actors[1:], strict=False):
        if id(m) in used or id(under) not in used or id(m) in syntax.speakers:
            continue
        if _UNDER.fullmatch(syntax.sentence.text[m.end : under.start]):
            (
                roles.allies
                if any(under is o for o in [*roles.agents, *roles.allies])
                else roles.target_allies
            ).append(m)
            used.add(id(m))
    for m in syntax.sentence.actors:
        if id(m) in used or id(m) in syntax.speakers or m.how == "adjective" or not _allied(syntax, m):
            continue
        before = [o for o in syntax.sentence.actors if o.end < m.start and id(o) in used]
        if not before or m.start - before[-1].end > 60:
            continue
        side = (
            roles.allies
            if any(before[-1] is o for o in [*roles.agents, *roles.allies])
            else roles.target_allies
        )
        side.append(m)
