"""Who stood on the other side of a fight or capture whose report names one side only.

A battle has two sides (ACLED codebook 2024, "Battles"). The one left out is looked for in the sentence, then in
the reports around it, then among the actors that the article names near it and that fought the side told; only
rebels who took a town have a usual loser. What is found nowhere is unidentified.
"""

from __future__ import annotations

from collections.abc import Sequence

from . import coding
from .coding import CAPTURES, CIVIL_INTERS, CLASH
from .events import Actor
from .story import OPPOSED, Report, Story

# An actor named this many sentences off may still be the one that a town was taken from.
WITHIN = 6


_REBELS = frozenset({"rebels", "islamists", "islamist-rebels"})


def fill(report: Report) -> None:
    """Give a battle's empty side an actor of its sentence that has no other role there."""
    if report.sub_event_type not in CAPTURES | {CLASH}:
        return
    for other in report.spare:
        one = next((a for a in report.agents if a.inter not in CIVIL_INTERS), None)
        two = next((a for a in report.targets if a.inter not in CIVIL_INTERS), None)
        if one is None and (two is None or (other.name != two.name and not coding.together(two, other))):
            report.agents = [other]
        elif one is not None and two is None and other.name != one.name and not coding.together(one, other):
            report.targets = [*report.targets, other]


def both_sides(
    one: Actor | None, two: Actor | None, report: Report, story: Story
) -> tuple[Actor | None, Actor | None]:
    """Both sides of a battle, or (None, None) where the article names no side of it at all."""
    if one is not None and two is not None:
        if not {one.id, two.id} <= _REBELS or one.id == two.id:
            return one, two
        # "regime forces, rebel and Islamist factions …": rebels of two kinds are rather one side than two
        return one, enemy(one, report, story) or two
    for told in sorted(story.reports, key=lambda r: abs(r.number - report.number)):
        a = [x for x in told.agents if x.inter not in CIVIL_INTERS]
        b = [x for x in told.targets if x.inter not in CIVIL_INTERS]
        if a and b and coding.one_side(a[0], b[0]):
            continue
        if one is None and two is None and a and not b and 0 < report.number - told.number <= 2:
            one = a[0]
        if one is None and two is None and a and b and abs(told.number - report.number) <= 3:
            return a[0], b[0]
        for mine, theirs in ((a, b), (b, a)):
            if one is not None and two is None and theirs and _on_side(one, mine, theirs):
                two = theirs[0]
            elif two is not None and one is None and theirs and _on_side(two, mine, theirs):
                one = theirs[0]
    if one is None and two is None:
        return None, None
    unidentified = story.lexicon.actors["unidentified"]
    return (
        one or enemy(two, report, story) or unidentified,
        two or enemy(one, report, story) or _loser(one, report, story) or unidentified,
    )


def _on_side(actor: Actor, mine: Sequence[Actor], theirs: Sequence[Actor]) -> bool:
    """True where `actor` is one of those on one side, or of their camp and that of none on the other."""
    if any(x.name == actor.name for x in [*mine, *theirs]):
        return any(x.name == actor.name for x in mine)
    return bool(actor.camp) and actor.camp in {x.camp for x in mine} - {x.camp for x in theirs}


def enemy(actor: Actor | None, report: Report, story: Story) -> Actor | None:
    """The actor named nearest in the article that fought the camp of `actor` throughout, foreign armies last."""
    if actor is None:
        return None
    enemies = OPPOSED.get(actor.camp, ())
    near = [
        (x.inter == coding.OTHER, abs(number - report.number), i, x)
        for i, (number, x) in enumerate(story.named)
        if x.camp in enemies
        and x.role == "main"
        and x.valid(report.day)
        and abs(number - report.number) <= WITHIN
    ]
    return min(near, key=lambda n: n[:3])[3] if near else None


def _loser(actor: Actor | None, report: Report, story: Story) -> Actor | None:
    """The government's army, where rebels took a place: it had held what they had not."""
    army = story.lexicon.actors["syria-army"]
    usual = actor is not None and actor.camp == "rebel" and report.sub_event_type in CAPTURES
    return army if usual and army.valid(report.day) else None
