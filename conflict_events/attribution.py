"""Who did it, where the sentence that tells a deed names nobody: the claim, the strikes told before, the headline.

An agent found here is as sure as the article makes it; a deed that is told to be of unknown hands stays so.
"""

from __future__ import annotations

import re

from . import coding
from .coding import ABDUCTION, AIR, ATTACK, CIVIL_INTERS, CLASH, IED, SHELLING, SUICIDE
from .events import Actor
from .story import NEAR, Report, Story

# Deeds that somebody claims; who flies is seen rather than claimed.
_CLAIMED = frozenset({ATTACK, IED, SUICIDE, CLASH, ABDUCTION, SHELLING, "Grenade"})
# A claim reaches back this many sentences.
_REACH = 12
_PLURAL = re.compile(
    r"\b(?:attacks|bombings|blasts|explosions|killings|assaults|both|all|responsibility)\b", re.I
)
# Hands that an article has told of before: "the attackers", "the militants".
_SUCH = re.compile(
    r"\b(?:the|these|those|its|their|all)(?: \w+){0,2} $",
    re.I,
)
# What one side calls any other: it means no group in particular.
_LABEL = re.compile(r"terror|armed|rebel|opposition|insurgent|faction", re.I)
_UNKNOWN = re.compile(
    r"\b(?:unidentified|unknown|unclaimed|unspecified|anonymous)\b|\bno (?:group|one|party)\b", re.I
)


def attribute(story: Story) -> None:
    """Give the deeds of an article that name no agent the one that the article tells elsewhere."""
    for report in story.reports:
        _meant(report, story)
    for number, actor, text in story.claims:
        _claim(story, number, actor, text)
    for i, report in enumerate(story.reports):
        if report.sub_event_type == AIR:
            _lend(report, story, i)
        else:
            _recur(report, story, i)


def named_agents(report: Report) -> list[Actor]:
    """The armed agents of a report that are known by name."""
    return [a for a in report.agents if a.inter not in CIVIL_INTERS and "Unidentified" not in a.name]


def _meant(report: Report, story: Story) -> None:
    """Let "militants" told before any group was named be the one group that the article then names so."""
    for mentions, actors in ((report.roles.agents, report.agents), (report.roles.targets, report.targets)):
        for m in mentions:
            if m.how != "description" or len(m.ids) < 2 or _LABEL.match(m.text):
                continue
            taken = coding.resolve(m, story.lexicon, report.day)
            named = [story.lexicon.actors[i] for i in story.recent if i in m.ids]
            named = [a for a in named if a.valid(report.day)]
            if len(named) == 1 and taken in actors and named[0] not in actors:
                actors[actors.index(taken)] = named[0]


def _claim(story: Story, number: int, actor: Actor, text: str) -> None:
    """Let a claim name the agent of the deed told last before it, and of all of that day where it says so."""
    open_ = [
        r
        for r in story.reports
        if r.sub_event_type in _CLAIMED
        and not named_agents(r)
        and (r.sentence.title or 0 <= number - r.number <= _REACH)
        and actor.id not in r.actor_ids()
    ]
    told = [r for r in open_ if not r.sentence.title]
    last = max((r.number for r in told), default=None)
    if last is None:
        return
    day = next(r.day for r in told if r.number == last)
    for report in open_:
        if report.number == last or report.sentence.title or (_PLURAL.search(text) and report.day == day):
            report.agents, report.inherited_agent = [actor], True


def _lend(report: Report, story: Story, i: int) -> None:
    """Give strikes without an agent that of the strikes told before: "Turkish jets bombed A. Later raids hit B"."""
    if not _open_air(report):
        return
    named = [
        r
        for r in story.reports[:i]
        if r.sub_event_type == AIR and named_agents(r) and not (r.day and report.day and r.day != report.day)
    ]
    near = [r for r in named if abs(report.number - r.number) <= NEAR]
    lender = (near or named)[-1:] if near or len({named_agents(r)[0].name for r in named}) == 1 else []
    for told in lender:
        report.agents, report.agent_allies = list(told.agents), list(told.agent_allies)
        report.inherited_agent = True
    if lender:
        return
    flown = {a.name: a for number, a in story.flown if number <= report.number + 1 or number == 0}
    if len(flown) == 1:
        report.agents, report.inherited_agent = list(flown.values()), True


def _open_air(report: Report) -> bool:
    """True for a strike of nobody named: no agent, or aircraft that "the" says are those told before."""
    if _UNKNOWN.search(report.sentence.text):
        return False
    if not report.agents:
        return "armed" not in report.roles.agent_kinds
    if named_agents(report) or not report.roles.agents:
        return False
    return all(
        m.how == "description" and _SUCH.search(report.sentence.text[: m.start]) for m in report.roles.agents
    )


def _recur(report: Report, story: Story, i: int) -> None:
    """Let "the attackers", "the gunmen" be the group that the article told of before."""
    mentions = report.roles.agents
    if named_agents(report) or not mentions:
        return
    text = report.sentence.text
    if not all(m.how == "description" and _SUCH.search(text[: m.start]) for m in mentions):
        return
    for told in reversed(story.reports[:i]):
        if report.number - told.number > 2 * NEAR:
            return
        group = [a for a in told.agents if a.inter in {coding.REBEL, coding.MILITIA, coding.COMMUNAL}]
        if group:
            if "Unidentified" not in group[0].name:
                report.agents, report.inherited_agent = group[:1], True
            return
