"""Sentences that come back to what was told before: the same attack named again, an answer to it, what became of it."""

from __future__ import annotations

import re

from . import coding
from .gazetteer.distance import km
from .joining import CROWD_RANK, clashed, enemies, enemy_fire
from .parse import Token
from .places import REGIONAL, Choice
from .story import AGREEMENT, BATTLES, CLAIM, DEEDS, DEMONSTRATIONS, FIRE, NEAR, STRATEGIC, Report, Story
from .syntax import Syntax


def escalate(report: Report, story: Story) -> None:
    """Let what became of a demonstration decide its type: "Police fired tear gas at the crowd"."""
    last = story.previous
    if last is None or not {last.sub_event_type, report.sub_event_type} <= DEMONSTRATIONS:
        return
    if CROWD_RANK[report.sub_event_type] < CROWD_RANK[last.sub_event_type]:
        last.sub_event_type = report.sub_event_type
        last.targets = [
            *last.targets,
            *(a for a in [*report.agents, *report.targets] if a not in last.targets),
        ]


def _relocates(report: Report, head: Token, story: Story) -> bool:
    """True where "the bombing took place near X" only says where the deed told before happened; notes it there."""
    last = story.previous
    if head.tag_.startswith("VB"):
        # "the attacks targeted …": the subject names the deed again
        named = (
            c for c in head.children if c.dep_ == "nsubj" and c.tag_.startswith("NN") and c.lower_ in DEEDS
        )
        head = next(named, head)
    if last is None or not head.tag_.startswith("NN"):
        return False
    kinds = {story.lexicon.taxonomy[r.sub_event_type].event_type for r in (last, report)}
    told_so = len(kinds) == 1 or (head.lower_ in _ANY_DEED and last.sub_event_type not in STRATEGIC)
    return told_so and _named_again(head) and _moved(last, report.places, story)


def placed(report: Report, syntax: Syntax, story: Story) -> bool:
    """True where "17 people were hurt in the strike on X" only says where a strike told before happened."""
    last, head = story.previous, syntax.root(report.mention)
    if last is None or last.sub_event_type in STRATEGIC or not head.tag_.startswith("NN"):
        return False
    # a lead may name the nearest city: "an air strike near the group's bastion Raqqa"
    where = last.places[0].mention.start if last.places else 0
    lead = story.number - last.number == 1 and "near " in last.sentence.text[:where]
    return head.lower_ in DEEDS and _named_again(head) and _moved(last, report.places, story, lead=lead)


# Words for a deed that leave open what was done.
_ANY_DEED = frozenset("attack attacks assault assaults violence operation operations".split())


def _named_again(head: Token) -> bool:
    return any(c.lower_ in {"the", "this", "that", "these", "those"} for c in head.children)


def _moved(last: Report, places: list[Choice], story: Story, *, lead: bool = False) -> bool:
    """True where one place near that of `last`, or in it, is named for it; the more exact of the two is kept.

    A city named in a `lead` may stand for a village up to forty kilometres away.
    """
    if len(places) != 1 or len(last.places) != 1 or story.number - last.number > NEAR:
        return False
    old, new = last.places[0], places[0]
    apart = km((old.place.latitude, old.place.longitude), (new.place.latitude, new.place.longitude))
    vague = old.precision > 1 or old.place.kind in REGIONAL or (lead and old.place.kind == "city")
    if not story.gazetteer.contains(old.place.id, new.place.id) and not (vague and apart < 40) and apart > 3:
        return False
    if vague or old.place.kind == "city":
        last.places = [new]
    return True


def goes_with(report: Report, story: Story) -> bool:
    """True for fire told right after a fight, at no place of its own, by one of its sides or their allies."""
    last = story.previous
    if (
        last is None
        or report.own_places
        or last.sub_event_type not in BATTLES
        or story.number - last.number > NEAR
    ):
        return False
    if report.sub_event_type not in FIRE | {coding.CLASH} or (
        report.day and last.day and report.day != last.day
    ):
        return False
    if last.sub_event_type in coding.CAPTURES and enemy_fire(last, report):
        return False
    camps = {a.camp for a in [*last.agents, *last.targets, *last.agent_allies, *last.target_allies]}
    return all(
        a.camp in camps or a.id in last.actor_ids()
        for a in report.agents
        if a.inter not in coding.CIVIL_INTERS
    )


# What goes on about a deal: "The agreement includes …", "The parties are negotiating …".
_DEAL = re.compile(r"(?:the|this|both|it|its)(?: \w+)? (?:agreement|deal|truce|ceasefire|parties|sides|terms|talks|negotiations|release|exchange|swap|stipulates?|provides?|includes?)\b", re.I)  # fmt: skip


def refers_back(report: Report, syntax: Syntax, story: Story) -> bool:
    """True for "the attack", "the blasts": a deed named again, with no place, date or agent of its own."""
    last = story.previous
    if last is not None and (_breaks_up(report, last, story) or _fires_back(report, last, story)):
        return True
    if (
        last is not None
        and report.sub_event_type == last.sub_event_type == AGREEMENT
        and story.number - last.number <= NEAR
        and _DEAL.match(syntax.sentence.text)
    ):
        return True
    if last is not None and not report.own_places and last.sub_event_type not in STRATEGIC:
        claim = CLAIM.search(syntax.sentence.text)
        if claim is not None and claim.start() <= report.mention.start <= claim.end() + 20:
            return True
    if last is None or report.roles.agents or (report.date and report.date.day != last.day):
        return False
    head = syntax.root(report.mention)
    # where somebody comes from is no place of the deed: "The bombing killed a man from Anjara"
    if report.own_places and not all(c.origin for c in report.places):
        return _relocates(report, head, story)
    if report.trigger.frame in {"nominal", "mutual", "device"} and head.tag_.startswith("NN"):
        return True
    return report.trigger.frame != "casualty" and not report.roles.targets and not report.agents


_REPLY = re.compile(r"\b(?:respon(?:se|ded|ding)|retaliat\w+|returned fire|shelled back|fired back)\b", re.I)


def _fires_back(report: Report, last: Report, story: Story) -> bool:
    """True for fire that answers what was told before, which becomes a clash by it."""
    if story.number - last.number > 1 or last.sub_event_type not in {coding.SHELLING, coding.CLASH}:
        return False
    if report.sub_event_type not in {coding.SHELLING, coding.AIR} or not enemies(last, report):
        return False
    if not _REPLY.search(report.sentence.text) or (report.day and last.day and report.day != last.day):
        return False
    if last.sub_event_type == coding.SHELLING:
        clashed(last, report)
    return True


def _breaks_up(report: Report, last: Report, story: Story) -> bool:
    """True for what the police did to the demonstration told before: it decides that event's type."""
    if (
        report.sub_event_type not in {coding.INTERVENTION, coding.EXCESSIVE}
        or story.number - last.number > NEAR
    ):
        return False
    if last.sub_event_type not in DEMONSTRATIONS or (report.day and last.day and report.day != last.day):
        return False
    here = {c.place.id for c in report.places}
    return not report.own_places or bool(here & {c.place.id for c in last.places})
