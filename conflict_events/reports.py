"""What a sentence reports: its triggers become reports, each with type, roles, date, places and deaths.

A report is one happening before it is coded; triggers of one sentence that tell of the same actors and places
are one report of the highest type (ACLED codebook 2024, "Event aggregation").
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from . import coding
from .assertion import judge, promotes, recalled, taken_back
from .casualties import FATE, KILL, Toll, add_toll, find_tolls, once, plain_tolls
from .dates import (
    HISTORY,
    PAST,
    DateMention,
    dates_line,
    dates_what_follows,
    find_dates,
    heads_line,
    is_dateline,
    is_heading,
    lead_day,
    opens_frame,
)
from .dates import LEAD as LEAD_TEXT
from .events import Actor, Article, Mention
from .gazetteer import Gazetteer
from .lexicon import Lexicon, SubEventType, Trigger
from .pipeline import Marker, Sentence
from .places import REGIONAL, Choice, Context, choose, km, linked, of_operation, specific
from .roles import Roles, Syntax, find_roles

CHEMICAL = "Chemical weapon"
# A protest that turns violent is a riot (codebook 2024, "Riots"), whatever the order of the types.
PEACEFUL = "Peaceful protest"
VIOLENT = "Violent demonstration"
MOVED = "Change to group/activity"
MOB = "Mob violence"
# A place holds for this many sentences on.
NEAR = 2
# A date holds for this many sentences on.
CARRY = 3
# Camps that fought each other throughout; others have been allies and enemies by turns.
OPPOSED = {
    "rebel": ("state", "isil"), "state": ("rebel", "isil", "israel"), "isil": ("state", "rebel", "sdf", "turkey"),
    "sdf": ("isil", "turkey"), "turkey": ("sdf", "isil"), "israel": ("state",),
}  # fmt: skip
if TYPE_CHECKING:
    from spacy.tokens import Token

Findings = list[tuple[str, str]]
ANAPHORS = frozenset(
    "they it he she who group faction factions forces troops fighters militants army militia gunmen".split()
)
# Verbs and nouns so general that the weapon named with them decides the type.
GENERIC = frozenset(
    "target hit strike attack bomb bombard pound fire raid bombing bombardment assault assassinate kill batter hammer shower "
    "shoot open launch shell shelling destroy".split()
)
# Deeds done with guns as well as with shells.
_ANY_WEAPON = frozenset("target attack hit strike fire shoot open".split())
_BY_AIR_ONLY = frozenset({"shell", "shelling", "bombardment", "bombard", "pound"})
# Nouns that do not say how: a deed named more exactly in the sentence gives them their type.
UNTOLD = frozenset(
    "attack assault raid storm strike operation incident campaign offensive violence bombing explosion blast explode detonate".split()
)
DEEDS = UNTOLD | frozenset(
    "attacks raids strikes assaults airstrikes bombings explosions blasts shelling bombardment clashes fighting".split()
)
STRATEGIC = frozenset(
    {
        "Agreement",
        "Arrests",
        "Change to group/activity",
        "Disrupted weapons use",
        "Headquarters or base established",
        "Looting/property destruction",
        "Non-violent transfer of territory",
        "Other",
    }
)
AGREEMENT = "Agreement"
# What is told of deaths beside these is no part of them.
BLOODLESS = STRATEGIC - {"Disrupted weapons use"} | {PEACEFUL}
BATTLES = coding.CAPTURES | {coding.CLASH}
DEVICES = frozenset({coding.IED, coding.SUICIDE, coding.GRENADE})
FIRE = frozenset({coding.AIR, coding.SHELLING, "Chemical weapon"})
DEMONSTRATIONS = frozenset(
    {coding.EXCESSIVE, coding.INTERVENTION, "Peaceful protest", "Violent demonstration", "Mob violence"}
)
_DATELINE = re.compile(r"^[A-Z][\w' ]{2,30}(?:,[^()-]{0,40})?\s*(?:\([^)]{2,40}\))?\s*(?:--?|:)\s*[A-Z]")
# An item of a list or chronology: it has its own day.
_ITEM = re.compile(
    r"\W*(?:\d{1,2} [A-Z]|(?:[A-Z][\w'-]* ?){1,4}(?:province|governorate|countryside|city|region)?(?:\d{1,2},? \d{4})?:\s)|[*-] ?\S"
)
# The present: what is told is no longer of the time that an earlier sentence opened with.
_NOW = re.compile(r"\b(?:is|are|has|have|says?|now|meanwhile)\b", re.I)
_CLAIM = re.compile(
    r"\bclaim(?:s|ed|ing)? (?:the|both|two|all|this|that|these) (?:\w+ )?(?:attacks?|bombings?|blasts?|explosions?|strikes?|operations?|assaults?|ambush|killings?)\b|"
    r"\bsaid (?:that )?(?:it|they|its \w+|their \w+) (?:was|were) behind\b|\bsaid (?:that )?(?:it|they) had (?:planted|carried out|detonated|set off)\b|"
    r"\b(?:attacks?|bombings?|blasts?|explosions?|it) (?:was|were|has been) claimed by\b|"
    r"\b(?:claim(?:s|ed|ing)?|took|takes|admitted|assumed)\b(?: \w+){0,2} responsibility|\bresponsibility\b[^.;]{0,60}\bclaimed by",
    re.I,
)
_NOBODY = re.compile(r"\b(?:no|nobody|none|neither|not|yet to|without)\b[^,;]{0,50}$", re.I)
_IN_COUNTRY = re.compile(r"\b(?:in|inside|into|across|within|throughout)(?: \w+ern| the| central)*\s*$", re.I)
_TOTAL_PERIOD = re.compile(r"\b(?:in|during|throughout) (?:all of |the year |the whole of )?(?:19|20)\d\d\b|\b(?:each|every|per) (?:day|week|month|year)\b|\bsince (?:the (?:beginning|start|outbreak)|(?:19|20)\d\d|(?:january|february|march|april|june|july|august|september|october|november|december))|\bso far this year|\bin the (?:past|last) (?:\w+ )?(?:months?|years?|weeks?)\b|\bover the (?:past|last) (?:\w+ )?(?:months?|years?)", re.I)  # fmt: skip


@dataclass(slots=True)
class Report:
    """One happening told in a sentence, with every piece of evidence for it."""

    sentence: Sentence
    trigger: Trigger
    mention: Mention
    sub_event_type: str
    roles: Roles
    places: list[Choice] = field(default_factory=list)
    own_places: bool = True
    date: DateMention | None = None
    day: datetime.date | None = None
    tolls: list[Toll] = field(default_factory=list)
    agents: list[Actor] = field(default_factory=list)
    agent_allies: list[Actor] = field(default_factory=list)
    targets: list[Actor] = field(default_factory=list)
    target_allies: list[Actor] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    spans: list[Mention] = field(default_factory=list)
    spare: list[Actor] = field(default_factory=list)
    inherited_agent: bool = False
    untold: bool = False
    told_again: bool = False
    abroad: bool = False
    vague: bool = False
    number: int = 0

    @property
    def killed(self) -> int:
        """Deaths told for this report."""
        return sum(t.killed or 0 for t in self.tolls)

    def actor_ids(self) -> set[str]:
        """Ids of the armed actors on either side."""
        sides = [*self.agents, *self.agent_allies, *self.targets, *self.target_allies]
        return {a.id for a in sides if a.inter not in coding.CIVIL_INTERS}


class Story:
    """What an article has told so far: the context in which its next sentence is read."""

    def __init__(self, article: Article, lexicon: Lexicon, gazetteer: Gazetteer, context: Context) -> None:
        self.article, self.lexicon, self.gazetteer, self.context = article, lexicon, gazetteer, context
        self.dated: tuple[DateMention, int] | None = None
        self.heading: datetime.date | None = None
        self.items = False
        self.frame: tuple[DateMention, int] | None = None
        self.promoted = False
        self.paragraph = 0
        self.recent: list[str] = []
        self.reports: list[Report] = []
        self.scene: list[Choice] = []
        self.scene_number = 0
        self.number = 0

    def enter(self, sentence: Sentence) -> None:
        """Move on to the next sentence; an item of a list is not dated by the item before."""
        self.number += 1
        if sentence.paragraph != self.paragraph and _ITEM.match(sentence.text):
            self.dated, self.items = None, True
        if sentence.paragraph != self.paragraph:
            self.frame = None
            # headlines below "Recommended Stories" until a sentence that is a whole one
            headline = not sentence.text.rstrip("\"' )").endswith((".", "!", "?"))
            self.promoted = promotes(sentence.text) or (self.promoted and headline)
        self.paragraph = sentence.paragraph

    def pass_by(self, sentence: Sentence) -> None:
        """Take note of a sentence without an event: its places and dates set the scene for the next one."""
        self.enter(sentence)
        choices = self.choices(sentence)
        syrian = [c for c in choices if c.place.country == "SY"]
        if syrian:
            self.scene, self.scene_number = syrian, self.number
        self.claim(sentence)
        self.note_actors(sentence)
        self.note_dates(sentence)
        tolls = [] if _TOTAL_PERIOD.search(sentence.text) else plain_tolls(sentence.text)
        last = self.reports[-1] if self.reports else None
        # "38 fatalities" sums up what was counted in words before
        tolls = [t for t in tolls if t.total or (last is not None and not last.killed)]
        _add_to_previous(tolls, choices, self, [], sentence.text)

    def note_dates(self, sentence: Sentence) -> None:
        """Remember the day that a sentence without an event gives to what follows."""
        published = self.article.published
        dates = find_dates(sentence.text, published, self.previous.day if self.previous else None)
        self.set_frame(sentence, dates)
        for d in dates:
            if is_heading(sentence.text, d):
                own = published is not None and d.day is not None and 0 <= (published - d.day).days <= 1
                self.heading, self.dated = None if own else d.day, None
                return

    def after(self, sentence: Sentence) -> str:
        """The text that follows a sentence, as far as a sentence may reach."""
        return "" if sentence.title else self.article.text[sentence.end : sentence.end + 300]

    def set_frame(self, sentence: Sentence, dates: list[DateMention]) -> None:
        """Let a time long past that a sentence opens with hold on, until a sentence names a day of its own."""
        opening = next((d for d in dates if opens_frame(sentence.text, d, self.article.published)), None)
        if opening is not None:
            self.frame = opening, self.number
        elif any(d.day for d in dates) or _NOW.search(sentence.text):
            self.frame = None

    def claim(self, sentence: Sentence) -> None:
        """Let "X claimed responsibility" name the agent of the deed told before, where none was named."""
        m = _CLAIM.search(sentence.text)
        if m is None or _NOBODY.search(sentence.text[: m.start()]):
            return
        last = next((r for r in reversed(self.reports) if r.sub_event_type not in STRATEGIC), None)
        if last is None or any("Unidentified" not in a.name for a in last.agents):
            return
        named = [a for a in sentence.actors if a.end <= m.start() and a.how != "adjective"] or [
            a for a in sentence.actors if a.start >= m.end() and m.group().lower().endswith("by")
        ]
        actor = coding.resolve(named[-1], self.lexicon, last.day, self.recent) if named else None
        if actor is not None and actor.inter not in coding.CIVIL_INTERS:
            for report in self.reports:
                if report.number == last.number and not any(
                    "Unidentified" not in a.name for a in report.agents
                ):
                    report.agents, report.inherited_agent = [actor], True

    def note_actors(self, sentence: Sentence) -> None:
        """Remember which actors were named by name, so that descriptions can refer back to them."""
        for m in sentence.actors:
            if m.how == "alias" and (actor := coding.resolve(m, self.lexicon, self.article.published)):
                if actor.id in self.recent:
                    self.recent.remove(actor.id)
                self.recent.append(actor.id)

    def choices(self, sentence: Sentence) -> list[Choice]:
        """Places of a sentence, each homonym decided, those of a dateline left out."""
        dateline = _DATELINE.match(sentence.text) if sentence.start < 300 and not sentence.title else None
        chosen = (
            choose(m, sentence, self.context, self.gazetteer)
            for m in sentence.places
            if not self._bystander(m, sentence)
            and not (dateline and m.end <= dateline.end() and m.start < 30)
        )
        return linked([c for c in chosen if c is not None], sentence)

    def _bystander(self, m: Mention, sentence: Sentence) -> bool:
        """True for a country named otherwise than as a scene: "Iran's officer" acts, he is not in Iran."""
        if any(self.gazetteer.places[i].kind != "country" for i in m.ids):
            return False
        return not _IN_COUNTRY.search(sentence.text[: m.start])

    def inherited(self) -> list[Choice]:
        """The place that a deed told without one happened at: the last event's, else the last named, if near."""
        last = self.previous
        if last is not None and last.places and self.number - last.number <= NEAR:
            return last.places
        return self.scene if self.number - self.scene_number <= NEAR else []

    @property
    def previous(self) -> Report | None:
        """The report told last, killings by nobody named aside, which may be part of another."""
        return next((r for r in reversed(self.reports) if not r.untold), None)


def read_sentence(sentence: Sentence, story: Story, marker: Marker) -> tuple[list[Report], Findings]:
    """The reports of a parsed sentence, and what was found in it on the way."""
    story.enter(sentence)
    syntax = Syntax(sentence, marker.kinds)
    dates = find_dates(sentence.text, story.article.published, story.previous.day if story.previous else None)
    _leave_dates(sentence, dates)
    story.set_frame(sentence, dates)
    choices = specific(story.choices(sentence), sentence, story.gazetteer)
    tolls = [] if _TOTAL_PERIOD.search(sentence.text) else find_tolls(syntax)
    findings: Findings = _found(sentence, choices, dates, tolls)
    reports: list[Report] = []
    for mention in sentence.triggers:
        report = _read_trigger(mention, syntax, story, choices, dates, findings)
        if report is not None:
            reports.append(report)
    story.note_actors(sentence)
    _attach(reports, choices, syntax)
    reports = _foreground(_joined(reports, syntax, story.lexicon.taxonomy), syntax, findings)
    _place(reports, choices, syntax, story, findings)
    left = _give_tolls(reports, tolls, syntax, findings)
    for report in reports:
        if report.sub_event_type in FIRE | DEVICES:
            _victims(report, story)
    if left and not reports:
        _add_to_previous(left, choices, story, findings, sentence.text)
    kept = []
    for report in reports:
        if _goes_with(report, story):
            findings.append(("rule", f'"{report.mention.text}": part of the fight told before'))
            _absorb(story.previous or report, report)
            _add_to_previous(report.tolls, [], story, findings)
        elif _refers_back(report, syntax, story):
            findings.append(("refused", f'"{report.mention.text}": refers to what was told before'))
            _escalate(report, story)
            _add_to_previous(report.tolls, [], story, findings)
        elif _standing(report, story, findings):
            kept.append(report)
    reports = kept
    _spare(reports, syntax, story)
    story.reports += reports
    story.claim(sentence)
    return reports, findings


def _spare(reports: list[Report], syntax: Syntax, story: Story) -> None:
    """Give each report the armed actors of its sentence that no report has a role for."""
    used = {a.id for r in reports for a in [*r.agents, *r.agent_allies, *r.targets, *r.target_allies]}
    for report in reports:
        for m in syntax.sentence.actors:
            if id(m) in syntax.speakers or m.how == "adjective" or syntax.holds(m):
                continue
            actor = coding.resolve(m, story.lexicon, report.day, story.recent)
            if (
                actor
                and actor.id not in used
                and actor.inter not in coding.CIVIL_INTERS
                and actor.role not in {"identity", "associate"}
            ):
                if actor not in report.spare and "Government" not in actor.name:
                    report.spare.append(actor)


def _leave_dates(sentence: Sentence, dates: list[DateMention]) -> None:
    """Drop triggers and cues that are part of a date ("March", "May")."""

    def free(m: Mention) -> bool:
        return not any(d.start <= m.start and m.end <= d.end for d in dates)

    sentence.triggers = [m for m in sentence.triggers if free(m)]
    sentence.cues = [m for m in sentence.cues if free(m) or " " in m.text]


def _found(
    sentence: Sentence, choices: list[Choice], dates: list[DateMention], tolls: list[Toll]
) -> Findings:
    out: Findings = [("actor", f'"{m.text}" ({m.how}): {" | ".join(m.ids)}') for m in sentence.actors]
    for c in choices:
        ranked = ", ".join(
            f"{i} {score}{' (' + why + ')' if why else ''}" for i, score, why in c.candidates[:4]
        )
        out.append(
            (
                "place",
                f'"{c.mention.text}": {c.place.location}, {c.place.admin1 or c.place.country} [precision {c.precision}{", " + c.wording if c.wording else ""}] of {ranked}',
            )
        )
    out += [
        ("date", f'"{d.text}": {d.day or "too vague"} [precision {d.precision}, {d.basis}]') for d in dates
    ]
    out += [
        ("fatalities", f'"{t.text}": {t.killed if t.killed is not None else "wounded, not counted"}{" assumed from " + t.assumed if t.assumed else ""}')
        for t in tolls
    ]  # fmt: skip
    return out


# -- one trigger ------------------------------------------------------------------------------------------


def _read_trigger(
    mention: Mention,
    syntax: Syntax,
    story: Story,
    choices: list[Choice],
    dates: list[DateMention],
    findings: Findings,
) -> Report | None:
    rows = [story.lexicon.triggers[i] for i in mention.ids]
    if all(t.frame == "means" for t in rows):
        return None
    if why_not := _no_deed(mention, rows, syntax, story.lexicon):
        findings.append(("refused", f'"{mention.text}" ({rows[0].id}): {why_not}'))
        return None
    verdict = judge(syntax, mention, story.lexicon.cues)
    if story.promoted:
        findings.append(("refused", f'"{mention.text}": a line that leads to another article'))
        return None
    if verdict.asserted:
        verdict = taken_back(mention, syntax.sentence.text, story.after(syntax.sentence))
    date = _date_for(mention, syntax, dates, story.article.published)
    day = _day(date, story)
    options = []
    for row in rows:
        if row.frame == "means":
            continue
        report = Report(
            syntax.sentence,
            row,
            mention,
            row.sub_event_type,
            find_roles(syntax, mention, row.frame, taken=row.sub_event_type in coding.CAPTURES),
            date=date,
            day=day,
            spans=[mention],
        )
        _resolve(report, syntax, story, day)
        score, why = _fits(report, syntax, story, choices)
        options.append((score, -rows.index(row), report, why))
    score, _, report, why = max(options, key=lambda o: o[:2])
    label = f'"{mention.text}" ({report.trigger.id}, {report.sub_event_type})'
    if score < 0:
        findings.append(("refused", f"{label}: {why}"))
        return None
    findings.append(("trigger", f"{label}: {verdict}"))
    if not verdict.asserted:
        findings.append(("refused", f"{label} {verdict}"))
        return None
    if old := _not_news(date, day, syntax.root(mention), story):
        findings.append(("refused", f"{label}: {old}"))
        return None
    _type(report, syntax, story)
    report.places = _governed(report, choices, syntax)
    return report


def _not_news(date: DateMention | None, day: datetime.date | None, head: Token, story: Story) -> str:
    """Why the time told makes a deed no news of this article, or ""."""
    published = story.article.published
    if day and published and day > published + datetime.timedelta(days=1):
        return f"planned for {day}, after publication"
    if date is None and head.tag_.startswith("VB") and recalled(head):
        return "told in the pluperfect, of an earlier time"
    if date is None:
        framed = story.frame is not None and story.number - story.frame[1] <= CARRY
        return f'told of "{story.frame[0].text}"' if story.frame and framed else ""
    if date.day is None and date.basis == "vague":
        return f'"{date.text}" is too long ago or too vague to code'
    if day is None or published is None:
        return ""
    if (published - day).days > HISTORY:
        return f'"{date.text}" is history to this article'
    if date.precision == 3 and ((published - day).days > PAST or recalled(head)):
        return f'"{date.text}" is background to this article'
    return ""


def _date_for(
    mention: Mention, syntax: Syntax, dates: list[DateMention], published: datetime.date | None
) -> DateMention | None:
    """The date that goes with a trigger: the one its clause governs, else the nearest before, else the first.

    Neither the date of the article itself nor one that a clause about something else holds ("released men
    captured on Monday").
    """
    text = syntax.sentence.text
    # The weekday that goes with a dateline is part of it.
    lines = [
        d for d in dates if is_dateline(text, d) and not (heads_line(text, d) and mention.end <= d.start)
    ]
    entry = next((d for d in lines if dates_line(text, d, published)), None)
    dates = [
        d
        for d in dates
        if d not in lines
        and not (d.since and d.precision == 3 and d.day)
        and not any(0 <= line.start - d.end < 3 for line in lines)
        and not (dates_what_follows(d) and mention.start < d.start)
    ]
    ahead = [d for d in dates if d.end <= mention.start]
    if ahead and dates_what_follows(ahead[-1]):
        return ahead[-1]
    dates = [d for d in dates if (d.day and d.precision < 3) or not _of_a_clause(d, syntax)]
    governors = [(d, _holder(d, syntax)) for d in dates]
    dates = [d for d, hit in governors if hit is None or hit is mention or not _aside(hit, mention, syntax)]
    if any(d.basis == "explicit" for d in dates):
        dates = [d for d in dates if not re.search(r"\b(?:past|last) \d* ?(?:hours|day)", d.text, re.I)]
    if len(dates) <= 1:
        return dates[0] if dates else entry
    governed = [d for d, hit in governors if hit is mention and d in dates]
    exact = [d for d in governed if d.day] or governed
    if exact:
        return exact[0]
    usable = [d for d in dates if d.day] or dates
    before = [d for d in usable if d.end <= mention.start]
    if before:
        return before[-1]
    return usable[0]


def _holder(date: DateMention, syntax: Syntax) -> Mention | None:
    """The trigger whose clause a date stands in."""
    span = syntax.doc.char_span(date.start, date.end, alignment_mode="expand")
    token = span.root if span is not None else None
    for _ in range(20):
        if token is None:
            return None
        hit = syntax.trigger_at.get(token.i)
        if hit is not None or token.head == token:
            return hit
        token = token.head
    return None


def _of_a_clause(date: DateMention, syntax: Syntax) -> bool:
    """True for the year of a clause that no trigger heads: "a truce to replace the one reached in 2014"."""
    span = syntax.doc.char_span(date.start, date.end, alignment_mode="expand")
    token = span.root if span is not None else None
    while token is not None and token.head != token and token.i not in syntax.trigger_at:
        if token.dep_ in {"relcl", "acl"} and token.tag_ in {"VBN", "VBD"}:
            return True
        token = token.head
    return False


def _aside(hit: Mention, mention: Mention, syntax: Syntax) -> bool:
    """True where `hit` stands in a clause that only describes somebody in the clause of `mention`."""
    inside = {t.i for t in syntax.tokens(mention)}
    token, described = syntax.root(hit), False
    for _ in range(20):
        if token.i in inside:
            return described
        described = described or (token.dep_ in {"relcl", "acl"} and token.head.i not in inside)
        if token.head == token:
            return False
        token = token.head
    return False


def _day(date: DateMention | None, story: Story) -> datetime.date | None:
    if date is not None:
        return date.day
    if story.dated is not None and story.number - story.dated[1] <= CARRY:
        return story.dated[0].day
    if story.heading is not None:
        return story.heading
    published = story.article.published
    lead = published and not story.items and lead_day(story.article.text[:LEAD_TEXT], published)
    return lead or published


def _resolve(report: Report, syntax: Syntax, story: Story, day: datetime.date | None) -> None:
    """Turn the mentions in each role into actors valid on the day."""
    roles = report.roles
    lexicon = story.lexicon

    def rows(mentions: Iterable[Mention]) -> list[Actor]:
        found = [coding.resolve(m, lexicon, day, story.recent) for m in mentions]
        return list(dict.fromkeys(a for a in found if a is not None))

    report.agents, report.agent_allies = rows(roles.agents), rows(roles.allies)
    report.targets, report.target_allies = rows(roles.targets), rows(roles.target_allies)
    if report.trigger.frame != "mutual" and not any(
        a.inter not in coding.CIVIL_INTERS and "Unidentified" not in a.name for a in report.agents
    ):
        found = [coding.resolve(m, lexicon, day, story.recent) for m in _hinted(report, syntax)]
        armed = [a for a in found if a is not None and a.inter not in coding.CIVIL_INTERS]
        if armed:
            # people taken for the agent are those it was done to
            hurt = [a for a in report.agents if a.inter in coding.CIVIL_INTERS]
            report.targets = list(dict.fromkeys([*report.targets, *hurt]))
        report.agents = armed[:1] or report.agents
        report.targets = [a for a in report.targets if a not in armed[:1]]
    if report.trigger.frame == "casualty" and not report.agents and _MINE.search(syntax.sentence.text):
        report.sub_event_type = coding.IED
    if not report.agents and not roles.agent_kinds and _agentless(report, syntax, story):
        report.agents = list(story.previous.agents) if story.previous else []
        report.inherited_agent = True
    report.kinds = set(roles.kinds)
    report.kinds |= {
        syntax.kinds[w]
        for w in re.findall(r"[a-z]+", report.mention.text.lower())
        if syntax.kinds.get(w) == "person"
    }
    for actor in report.targets:
        report.kinds.add("person" if actor.inter in coding.CIVIL_INTERS else "armed")
    if report.trigger.frame == "mutual":
        _resplit(report)
    if not report.agents and story.previous is not None and _anaphor(report, syntax):
        report.agents = list(story.previous.agents)
        report.agent_allies = list(story.previous.agent_allies)
        report.inherited_agent = True


# "when their car ran over a mine": the mine did it, though nobody says that it went off.
_MINE = re.compile(
    r"\b(?:when|after|as|while)\b[^.;]{0,60}\b(?:ran|drove|drive|driving|stepp\w+|trod|passed|hit|struck|set off|trigger\w+|stumbl\w+|went)\b"
    r"[^.;]{0,30}\b(?:(?:land)?mines?|explosive devices?|ieds?|booby[- ]traps?|unexploded \w+)\b",
    re.I,
)
_BELIEVED = re.compile(
    r"\b(?:believed|thought|suspected|presumed|assumed|said|likely|apparently)(?: to)?(?: be(?:long to)?| have been)?"
    r"(?: part of| members of| those of| from)?(?: the| an?)? $",
    re.I,
)
_WHEN = re.compile(
    r"\b(?:when|after|as|while|in which)(?: suspected| the| an?| some| several| unknown)* $", re.I
)
_SHOOT = frozenset(
    "ambushed attacked opened fired shot stormed raided targeted struck hit bombed shelled detonated blew gunned stopped assaulted".split()
)
_WEAPONS = re.compile(
    r"(?:[ -](?:air|aerial|artillery|rocket|missile|mortar|drone|war|tank|heavy|sniper|and))*[ -]", re.I
)


def _hinted(report: Report, syntax: Syntax) -> list[Mention]:
    """The agent told otherwise than as the subject: "regime shelling", "jets believed to be Jordanian", "killed when X fired"."""
    text, mention = syntax.sentence.text, report.mention
    head = syntax.root(mention)
    for m in syntax.sentence.actors:
        if id(m) in syntax.speakers:
            continue
        if head.lower_.endswith("ing") or head.tag_.startswith("NN"):
            if (
                m.end < mention.start
                and _WEAPONS.fullmatch(text[m.end : mention.start])
                and head.dep_ != "conj"
            ):
                return [m]
        if m in report.roles.targets:
            continue
        if m.end <= mention.start and mention.start - m.end < 30 and _BELIEVED.search(text[: m.start]):
            return [m]
        if report.trigger.frame == "casualty" and m.start > mention.end and _WHEN.search(text[: m.start]):
            verbs = [t for t in syntax.doc if m.end <= t.idx <= m.end + 30 and t.lower_ in _SHOOT]
            if verbs and not syntax.passive(verbs[0]):
                return [m]
    return []


def _agentless(report: Report, syntax: Syntax, story: Story) -> bool:
    """True for a passive without an agent right after a deed done to people: "… raided a village. Ten were arrested"."""
    last = story.previous
    if last is None or story.number - last.number > 1 or report.sub_event_type not in _BY_HAND:
        return False
    head = syntax.root(report.mention)
    return last.sub_event_type in _BY_HAND and head.tag_.startswith("VB") and syntax.passive(head)


_BY_HAND = frozenset({coding.ABDUCTION, coding.ARRESTS, coding.ATTACK, "Change to group/activity"})


def _resplit(report: Report) -> None:
    """Part two sides that the syntax has cut at the wrong "and", by who fights on whose side."""
    if not report.agents or not report.targets or not coding.one_side(report.agents[0], report.targets[0]):
        return
    first = report.agents[0]
    rest = [*report.targets, *report.target_allies]
    others = [a for a in rest if a.inter not in coding.CIVIL_INTERS and a.camp and a.camp != first.camp]
    if others:
        report.agent_allies += [a for a in rest if a not in others]
        report.targets, report.target_allies = others[:1], others[1:]


def _anaphor(report: Report, syntax: Syntax) -> bool:
    """True where the subject is "they", "the group" or the like, so that it means the last agent."""
    head = syntax.root(report.mention)
    if (
        not head.tag_.startswith("VB")
        or syntax.passive(head)
        or report.trigger.frame in {"device", "nominal", "receive"}
    ):
        return False
    return any(
        s.lower_ in ANAPHORS
        and s.i not in syntax.actor_at
        and (s.tag_ in {"PRP", "WP"} or any(c.lower_ in {"the", "its", "their", "these"} for c in s.children))
        for s in syntax.subjects(head)
    )


def _fits(report: Report, syntax: Syntax, story: Story, choices: list[Choice]) -> tuple[int, str]:
    """(how well a row's conditions hold, why they do not); below 0 the row does not apply."""
    trigger = report.trigger
    armed = [
        a
        for a in [*report.agents, *report.targets, *report.agent_allies]
        if a.inter not in coding.CIVIL_INTERS
    ]
    # A force that no dictionary row names ("tribal fighters of the valley") is armed all the same.
    unnamed = "armed" in report.roles.agent_kinds
    agents = [a for a in report.agents if a.inter not in coding.CIVIL_INTERS]
    sentence = syntax.sentence
    score = 0
    if trigger.object:
        kinds = set(report.kinds)
        if trigger.frame == "agent":
            kinds |= report.roles.agent_kinds
            kinds |= {"person" if a.inter in coding.CIVIL_INTERS else "armed" for a in report.agents}
        if "platform" in kinds:
            kinds.add("weapon")
        if "position" in kinds:
            kinds.add("armed")
        if (
            report.sub_event_type in coding.CAPTURES
            and "position" in kinds
            and _NO_SHOT.search(sentence.text)
        ):
            kinds.add("place")  # an abandoned post is a place; one fought for stands for those who held it
        if report.sub_event_type in coding.CAPTURES and (
            kinds & {"base"} or _place_taken(report, syntax, choices)
        ):
            kinds.add("place")
        if trigger.frame == "casualty" and len(report.mention.ids) == 1 and "armed" in kinds:
            # "two soldiers died": one row serves for whoever dies
            kinds.add("person")
        if "name" in kinds:
            # a name that no table knows: a village where something is taken, a man where somebody is
            kinds |= {"place", "person"}
        if (
            not kinds
            and _nothing_else(report, syntax)
            and any(syntax.governor(c.mention) is report.mention for c in choices)
        ):
            kinds.add("place")
        if trigger.object not in kinds:
            if (
                kinds
                or not _nothing_else(report, syntax)
                or (trigger.object != "place" and not _bare(report, trigger))
                or (trigger.object == "place" and not choices)
            ):
                return -2, f"needs a target of the kind {trigger.object}"
            score -= 0
        else:
            score += 2
            if trigger.object == "place" and "armed" in kinds and not report.roles.kinds & {"place", "base"}:
                score -= 1
            if trigger.id == "capture.armed" and report.roles.kinds in (
                {"place"},
                {"base"},
                {"place", "base"},
            ):
                score -= 1  # "captured the base of the 17th Division"
    if report.sub_event_type in {coding.INTERVENTION, coding.EXCESSIVE} and not _demonstrated(syntax, story):
        return -1, "needs a demonstration"
    report.untold = _untold(report, syntax, choices)
    for need in trigger.needs:
        if (
            need == "actor"
            and not armed
            and not unnamed
            and "armed" not in report.kinds
            and not any(_armed(m, story) for m in sentence.actors if id(m) not in syntax.speakers)
        ):
            return -1, "needs an armed actor"
        if need == "agent" and not (agents or report.agent_allies or unnamed or report.untold):
            return -1, "needs an armed agent"
        if need == "target" and not report.targets:
            return -1, "needs a target"
        if need == "means" and _means(report, syntax, story.lexicon) is None and not _by_air(report, syntax):
            return -1, "needs a weapon"
        if need == "place" and not choices and (story.scene or story.reports):
            return -1, "needs a place of its own"
    if trigger.needs:
        score += 1 if "means" in trigger.needs else 0
    return score, ""


def _demonstrated(syntax: Syntax, story: Story) -> bool:
    """True where the sentence or the one before tells of a demonstration, so that it can be broken up."""
    last = story.previous
    told = last is not None and last.sub_event_type in DEMONSTRATIONS and story.number - last.number <= NEAR
    return (
        told
        or _IN_DEMO.search(syntax.sentence.text) is not None
        or _GATHERED.search(syntax.sentence.text) is not None
    )


_GATHERED = re.compile(r"\b(?:crowds?|gather(?:ed|ing)|mourners|strikers|activists)\b", re.I)


# Deaths that are no killing, or that come long after the deed.
_NO_KILLING = re.compile(
    r"\b(?:accident\w*|crash\w*|collision|collided|overturn\w*|traffic|illness|disease|virus|covid\S*|coronavirus|cholera|cancer|heart|"
    r"drown\w*|flood\w*|storm\w*|lightning|earthquake|quake|tremor|collaps\w*|landslide|fell from|heat\w*|freez\w*|hypothermia|hunger|"
    r"starv\w*|malnutrition|electrocut\w*|suffocat\w*|overdose|suicide by|kill(?:ed|ing) (?:him|her|them)sel\w+|stampede|stray dogs?|"
    r"hospitals?|earlier wounds|(?:his|her|their) wounds|natural causes|old age|in custody|under torture|honou?r killing|"
    r"clashes|fighting|battles?|bombardments?|strikes?|airstrikes?|raids?|shelling|shells?|mortars?|rockets?|missiles?|artillery|attacks?|"
    r"aggression|operations?|explosions?|explosives?|explosive-laden|explosives-laden|blasts?|bomb\w*|offensive|command post|fire)\b",
    re.I,
)


def _untold(report: Report, syntax: Syntax, choices: list[Choice]) -> bool:
    """True for a killing at a place of its own whose agent nobody names: "Two men were killed in Tafas"."""
    text = syntax.sentence.text
    if (
        report.trigger.frame != "casualty"
        or report.agents
        or report.agent_allies
        or _TOTAL_PERIOD.search(text)
    ):
        return False
    head = syntax.root(report.mention)
    if report.sub_event_type != coding.IED and (
        _NO_KILLING.search(text)
        or head.lower_ not in KILL
        or not syntax.passive(head)
        or (head.i and head.nbor(-1).lower_ == "those")
        or syntax.by(head)
    ):
        return False
    return any(c.place.country == "SY" and c.place.kind not in REGIONAL and not c.origin for c in choices)


def _was_hit(head: Token, syntax: Syntax, lexicon: Lexicon) -> bool:
    """True for a patrol or convoy that an attack in the sentence is aimed at: "a mine hit a joint patrol"."""
    token = head
    for _ in range(5):
        if token.dep_ not in {"dobj", "pobj", "prep", "nsubjpass", "compound"} or token.head == token:
            return False
        token = token.head
        hit = syntax.trigger_at.get(token.i)
        if hit is not None:
            types = {lexicon.triggers[i].sub_event_type for i in hit.ids}
            return bool(types & (FIRE | DEVICES | {coding.CLASH, coding.ATTACK}))
    return False


def _no_deed(mention: Mention, rows: list[Trigger], syntax: Syntax, lexicon: Lexicon) -> str:
    """Why a trigger's words name no deed here: a noun where the row wants a verb, an attribute, a "no"; or ""."""
    if re.search(r"\b(?:no|not|nobody)\b", mention.text.lower()):
        return "denied within"
    head = syntax.root(mention)
    if head.dep_ == "amod" and head.tag_ == "VBN" and head.i and " " not in mention.text:
        left = head.nbor(-1)
        if left.lower_ in {"-", "newly", "recently", "previously", "formerly"} and head.i > 1:
            return "an attribute of a noun"
        if (
            left.tag_ in {"DT", "CD", "PRP$", "IN", "JJ", "VBD", "VBN", "VBG", "VB", "VBZ"}
            and left.i not in syntax.actor_at
        ):
            return "an attribute of a noun"
    if (
        head.tag_ in {"NN", "NNS"}
        and not head.lower_.endswith("ing")
        and all(r.pos == "verb" for r in rows if r.frame != "means")
    ):
        bound = any(
            c.dep_ in {"det", "nummod", "poss", "amod", "compound"} and c.i < head.i for c in head.children
        )
        if bound and " " not in mention.text and head.dep_ != "ROOT":
            return "a noun here"
    if (
        head.tag_.startswith("NN")
        and all(r.sub_event_type == MOVED for r in rows)
        and _was_hit(head, syntax, lexicon)
    ):
        return "what was hit, not what it did"
    if any(c.lower_ in _NOT_NOW and c.dep_ == "amod" for c in head.children):
        return "not of now"
    if rows[0].phrase == "control" and (
        head.tag_ != "VBD" or _HOLDING.match(syntax.sentence.text[mention.end :])
    ):
        return "holding, not taking"
    return ""


_TO_PLACE = re.compile(
    r"\W*(?:(?:the|all|both|of|control|whole|entire|strategic|towns?|villages?|cit(?:y|ies)|hills?|areas?|"
    r"neighbou?rhoods?|districts?|farms?|nearby)\W+)*",
    re.I,
)


def _place_taken(report: Report, syntax: Syntax, choices: list[Choice]) -> bool:
    """True where a place stands right behind the verb, or "it" there means one: "fought for X, taking control of it"."""
    end, text = report.mention.end, syntax.sentence.text
    if any(c.mention.start >= end and _TO_PLACE.fullmatch(text[end : c.mention.start]) for c in choices):
        return True
    before = [c for c in choices if c.mention.end <= report.mention.start]
    return bool(before) and re.match(r"\W*(?:it|them)\b(?! self)", text[end:]) is not None


_HOLDING = re.compile(
    r"[- ](?:by|areas?|territor\w+|parts?|city|town|village|districts?|neighbou?rhoods?|regions?|enclave|province)\b",
    re.I,
)
_NOT_NOW = frozenset(
    "previous earlier past prior old future possible potential planned imminent looming expected annual".split()
)


def _nothing_else(report: Report, syntax: Syntax) -> bool:
    """True unless the verb has an object that is no place: "took his lorry" takes no town."""
    inside = {t.i for t in syntax.tokens(report.mention)}
    objects = [o for t in syntax.tokens(report.mention) for o in syntax.objects(t) if o.i not in inside]
    return not objects or any(t.i in syntax.place_at for o in objects for t in o.subtree)


def _bare(report: Report, trigger: Trigger) -> bool:
    """True where the object could not be read at all and a target named elsewhere in the sentence may be meant."""
    return not report.kinds and trigger.frame in {"nominal", "receive", "casualty"} and not report.targets


def _armed(m: Mention, story: Story) -> bool:
    return any(story.lexicon.actors[i].inter not in coding.CIVIL_INTERS for i in m.ids)


def _means(report: Report, syntax: Syntax, lexicon: Lexicon) -> Trigger | None:
    """The weapon or platform named with a trigger, the nearest in its clause."""
    best: tuple[tuple[bool, int], Trigger] | None = None
    for m in syntax.sentence.triggers:
        rows = [lexicon.triggers[i] for i in m.ids if lexicon.triggers[i].frame == "means"]
        if not rows or m is report.mention:
            continue
        if any(
            m.inside(a)
            and (
                a in [*report.roles.targets, *report.roles.target_allies, *report.roles.allies]
                or "intelligence" in a.text.lower()
            )
            for a in syntax.sentence.actors
        ):
            continue  # "the air force intelligence" is no aircraft; aircraft that back an attack are not it
        if _overhead(syntax, m):
            continue
        governor = _governor_of(syntax, m)
        if governor is not None and governor is not report.mention and not _is_means(governor, lexicon):
            continue
        row = next((r for r in rows if r.object and r.object in report.kinds), rows[0])
        # Gas outweighs what carries it, aircraft what is fired beside them (codebook 2024, "Explosions").
        distance = row.sub_event_type not in {CHEMICAL, coding.AIR}, abs(m.start - report.mention.start)
        if best is None or distance < best[0]:
            best = (distance, row)
    return best[1] if best else None


_SEEN = re.compile(
    r"\b(?:overflights?|over-?flying|flights?|flying|hovering|presence|landing) (?:of|by) (?:\w+[ -]){0,3}$"
    r"|\b(?:spotted|seen|monitored by|under cover of|with the guidance of) (?:\w+[ -]){0,3}$",
    re.I,
)
_HOVERS = re.compile(r"\W+(?:flew|fly|flying|hover\w*|circl\w*|overfl\w*)\b", re.I)


def _overhead(syntax: Syntax, m: Mention) -> bool:
    """True for aircraft that are only seen: "shelled the town amid the overflight of drones"."""
    text = syntax.sentence.text
    return bool(_SEEN.search(text[: m.start]) or _HOVERS.match(text[m.end :]))


_SORTIE = frozenset("strike raid sortie airstrike".split())
_ON_FOOT = re.compile(r"\b(?:forces|troops|soldiers|army|units?|police|patrols?)\b", re.I)
_SORTIES = frozenset("strikes raids sorties airstrikes bombs".split())


def _by_air(report: Report, syntax: Syntax) -> bool:
    """True where "hit" or "targeted" means from the air: strikes are named, or the force has no guns there."""
    own = {t.i for m in report.spans for t in syntax.tokens(m)}
    if any(t.lower_ in _SORTIES and t.tag_.startswith("NN") and t.i not in own for t in syntax.doc):
        return True
    head = syntax.root(report.mention)
    if head.tag_.startswith("VB") and any(
        s.lower_ in _SORTIE and " " not in getattr(syntax.trigger_at.get(s.i), "text", "")
        for s in syntax.subjects(head)
    ):
        return True  # "a second strike hit the depot": the noun is the weapon
    if report.trigger.phrase == "raid" and any(_ON_FOOT.search(m.text) for m in report.roles.agents):
        return False
    agents = [a for a in report.agents if a.inter not in coding.CIVIL_INTERS]
    if re.search(r"\b(?:open|fire|shoot|shot)", report.trigger.phrase):
        return False
    return bool(agents) and all(coding.from_the_air(a) for a in agents)


def _is_means(m: Mention, lexicon: Lexicon) -> bool:
    return all(lexicon.triggers[i].frame == "means" for i in m.ids)


def _governor_of(syntax: Syntax, m: Mention) -> Mention | None:
    token = syntax.root(m)
    for _ in range(25):
        if token.head == token:
            return None
        token = token.head
        hit = syntax.trigger_at.get(token.i)
        if hit is not None and hit is not m:
            return hit
    return None


def _type(report: Report, syntax: Syntax, story: Story) -> None:
    """Refine the type that the trigger's row gives: by the crowd that takes part, by the weapon named with it."""
    if report.sub_event_type in coding.CAPTURES | {MOVED} and _unopposed(report, syntax):
        report.sub_event_type = coding.TRANSFER
        return
    if report.sub_event_type in coding.CAPTURES and _in_part(report, syntax):
        report.sub_event_type = coding.CLASH
        return
    if _crowd(report, syntax, story):
        return
    lexicon = story.lexicon
    words = set(re.findall(r"[a-z]+", report.trigger.phrase))
    if report.trigger.frame == "mutual" or not words & GENERIC:
        return
    if report.sub_event_type not in {coding.AIR, coding.SHELLING, coding.CLASH, coding.ATTACK, coding.IED}:
        return
    means = _means(report, syntax, lexicon)
    if means is None and words & _ANY_WEAPON and (kind := _of_deed(report, syntax, lexicon)):
        report.sub_event_type = kind
        return
    if means is None:
        if _by_air(report, syntax) and words & _ANY_WEAPON:
            report.sub_event_type = coding.AIR
        else:
            report.vague = bool(words & _ANY_WEAPON) and not _EXACT.search(report.trigger.phrase)
        return
    light = means.sub_event_type in {coding.CLASH, coding.ATTACK} and not words & _ANY_WEAPON
    if (
        light
        and report.sub_event_type in {coding.AIR, coding.SHELLING, coding.IED}
        and "means" not in report.trigger.needs
    ):
        return
    if means.sub_event_type in {coding.CLASH, coding.ATTACK} and _HEAVY.search(report.mention.text):
        return  # machine guns beside the mortar shells that the trigger itself names
    if words & _BY_AIR_ONLY and means.sub_event_type not in {coding.AIR, "Chemical weapon"}:
        return
    report.sub_event_type = means.sub_event_type


# A deed whose own words name the weapon is as exact as can be: "barrel bomb attack".
_EXACT = re.compile(
    r"\b(?:air|bombs?|barrel|drone|rocket|missile|artillery|mortar|shell|grenade|gas|chemical|suicide)\b"
)
_HEAVY = re.compile(r"\b(?:shells?|mortars?|rockets?|missiles?|artillery|projectiles)\b", re.I)


def _of_deed(report: Report, syntax: Syntax, lexicon: Lexicon) -> str:
    """The type of the weapon or deed that a clause hangs from: "detonated a charge targeting a convoy", or ""."""
    if syntax.root(report.mention).dep_ not in {"acl", "advcl", "relcl"}:
        return ""
    above = _governor_of(syntax, report.mention)
    types = [lexicon.triggers[i].sub_event_type for i in above.ids] if above is not None else []
    return next((kind for kind in types if kind in FIRE | DEVICES), "")


_NO_SHOT = re.compile(
    r"\bwithout (?:firing )?(?:a|any) (?:single )?shots?\b|\b(?:met|meeting|faced|facing|encounter\w+) (?:with )?no resistance\b|"
    r"\b(?:an?|the|several|two|three) (?:abandoned|deserted|vacated) (?:\w+ )?(?:posts?|points?|positions?|bases?|checkpoints?|barracks|camps?|villages?|towns?)\b",
    re.I,
)
_ENTERED = re.compile(r"^(?:enter|move into|roll into|march into|cross into|drive into)\b")


def _unopposed(report: Report, syntax: Syntax) -> bool:
    """True where a place is taken or entered and nobody fights for it (codebook 2024, "Non-violent transfer")."""
    if report.sub_event_type == MOVED and not _ENTERED.search(report.trigger.phrase):
        return False
    return _NO_SHOT.search(syntax.sentence.text) is not None


_PARTLY = re.compile(
    r"\b(?:parts?|portions?|sections?|half|some (?:areas|points|buildings)) of\b|\bpartial\b", re.I
)


def _in_part(report: Report, syntax: Syntax) -> bool:
    """True where only part of a place is taken: the fight goes on, nobody holds it alone (codebook 2024, "Battles")."""
    text = syntax.sentence.text
    return bool(_PARTLY.search(text[report.mention.start : report.mention.end + 12]))


# Those who make a crowd; families that fight do so with arms.
_CROWD = frozenset(
    "resident youth student supporter rioter protester demonstrator settler vendor villager local worker fan shopper customer "
    "parishioner inmate prisoner detainee worshipper palestinian bedouin merchant citizen".split()
)
_IN_DEMO = re.compile(
    r"\b(?:demonstrat\w+|protest(?:s|ers?|ed|ing)?|rall(?:y|ies)|sit-?in|march(?:es|ed|ers)?|vigil)\b", re.I
)


def _crowd(report: Report, syntax: Syntax, story: Story) -> bool:
    """Type what a crowd does, or what is done to one; True where that decides it.

    Violence within a demonstration is a violent demonstration, that of a crowd without one mob violence; a
    demonstration that is broken up, or some of whose people are held, is one with intervention (codebook 2024).
    """
    kind, text = report.sub_event_type, syntax.sentence.text
    last = story.previous
    near = last is not None and story.number - last.number <= NEAR
    demo = _IN_DEMO.search(text) is not None or (
        near and last is not None and last.sub_event_type in DEMONSTRATIONS - {MOB}
    )
    if kind == coding.CLASH and report.trigger.frame == "mutual" and _unarmed_crowd(report, syntax):
        report.sub_event_type = VIOLENT if demo else MOB
        return True
    held = kind in {coding.ARRESTS, coding.ABDUCTION} or (
        kind == coding.ATTACK and _BY_FIST.search(report.trigger.phrase)
    )
    if held and kind != coding.ATTACK and report.agents and _own_men(report, syntax):
        # a force that detains its own is at odds with a part of itself (practice for Syria)
        report.sub_event_type, report.targets = coding.CLASH, report.agents[:1]
        return True
    if held and (
        _of_the_crowd(report, syntax) or (near and last is not None and _broken_up(report, last, story))
    ):
        report.sub_event_type = coding.INTERVENTION
        return True
    if kind in {VIOLENT, MOB}:
        if _PRISON.search(text):
            report.sub_event_type = MOB
        elif demo and kind == MOB and report.trigger.frame == "agent":
            report.sub_event_type = VIOLENT
        return True
    return False


def _own_men(report: Report, syntax: Syntax) -> bool:
    """True where a force holds its own fighters: "arrested three of its members"."""
    head = syntax.root(report.mention)
    agents = {m.ids for m in report.roles.agents}
    return any(
        (syntax.kinds.get(t.lower_) == "armed" or t.lower_ in {"members", "group"})
        and (
            any(c.lower_ in {"its", "their"} and c.dep_ == "poss" for c in t.children)
            or (t.i in syntax.actor_at and syntax.actor_at[t.i].ids in agents)
            or (t.lower_ == "group" and any(c.lower_ == "the" for c in t.children))
        )
        for o in syntax.objects(head)
        for t, _ in syntax.phrase(o, narrow=True)
    )


_BY_FIST = re.compile(r"\b(?:beat|assault|attack|disperse)")
_DEMONSTRATORS = frozenset("protester demonstrator participant marcher".split())


def _of_the_crowd(report: Report, syntax: Syntax) -> bool:
    """True where those held or beaten are demonstrators: "arrested three of the participants"."""
    head = syntax.root(report.mention)
    done_to = [*syntax.objects(head), *(syntax.subjects(head) if syntax.passive(head) else [])]
    words = {t.lower_.removesuffix("s") for o in done_to for t, _ in syntax.phrase(o, narrow=True)}
    return bool(words & _DEMONSTRATORS)


def _broken_up(report: Report, last: Report, story: Story) -> bool:
    """True for arrests told right after a peaceful demonstration, at no other place."""
    return (
        last.sub_event_type in {PEACEFUL, coding.INTERVENTION}
        and story.number - last.number <= 1
        and not any(c.place.kind not in REGIONAL for c in story.choices(report.sentence))
        and not re.search(
            r"\b(?:against|following|after|since|earlier)\b", report.sentence.text[: report.mention.start]
        )
    )


_PRISON = re.compile(r"\b(?:prisons?|jails?|inmates|prisoners|detainees)\b", re.I)


def _unarmed_crowd(report: Report, syntax: Syntax) -> bool:
    """True where one side of a clash is a crowd: "youths clashed with the police"."""
    if re.search(r"\b(?:armed|gunm[ea]n|tribal|fighters)\b", syntax.sentence.text, re.I):
        return False
    head = syntax.root(report.mention)
    heads = {t.i for t in syntax.tokens(report.mention)}
    if head.dep_ in {"nsubj", "nsubjpass", "dobj"}:
        heads.add(head.head.i)  # "clashes erupted between …"
    for token in syntax.doc:
        word = token.lower_.removesuffix("s")
        if word not in _CROWD or token.tag_ not in {"NN", "NNS", "NNP", "NNPS"}:
            continue
        up = token
        for _ in range(8):
            if up.i in heads:
                return True
            if up.head == up or up.dep_ in {"relcl", "advcl"}:
                break
            up = up.head
        if any(s == token or token in s.subtree for s in syntax.subjects(head)):
            return True
    return False


# -- the sentence as a whole ------------------------------------------------------------------------------


_BEHIND = frozenset(
    "following after for against over due because despite since before amid upon in-response demanding protesting".split()
)
_ASIDE = STRATEGIC | DEMONSTRATIONS | {coding.ABDUCTION}


def _foreground(reports: list[Report], syntax: Syntax, findings: Findings) -> list[Report]:
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


def _governed(report: Report, choices: list[Choice], syntax: Syntax) -> list[Choice]:
    return [c for c in choices if any(syntax.governor(c.mention) is m for m in report.spans)]


def _joined(reports: list[Report], syntax: Syntax, taxonomy: dict[str, SubEventType]) -> list[Report]:
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
            _CROWD_RANK.get(r.sub_event_type, -1),
            taxonomy[r.sub_event_type].rank,
        ),
    )
    kept: list[Report] = []
    for report in ordered:
        host = next((k for k in kept if _same(k, report, syntax)), None)
        if host is None:
            kept.append(report)
        else:
            _absorb(host, report)
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
                and _enemies(first, second)
                and _IN_REPLY.search(between)
            ):
                return [_clashed(first, second), *(r for r in reports if r not in (first, second))]
    return reports


def _enemies(a: Report, b: Report) -> bool:
    """True where the agents of two reports are of camps that fight each other."""
    mine = {x.camp for x in [*a.agents, *a.agent_allies]}
    other = {x.camp for x in [*b.agents, *b.agent_allies]}
    return (
        any(o in OPPOSED.get(m, ()) or m in OPPOSED.get(o, ()) for m in mine for o in other)
        and not mine & other
    )


def _clashed(first: Report, second: Report) -> Report:
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
        return a.sub_event_type == coding.CLASH or not _enemy_fire(a, b)
    return bool(x & y) and not (mine and other and mine != other)


def _tied(a: Report, b: Report, syntax: Syntax) -> bool:
    """True where a trigger of `a` is subject, object or modifier of one of `b`: "a landmine detonated"."""
    heads = {t.i for m in b.spans for t in syntax.tokens(m)}
    return any(
        t.head.i in heads and t.dep_ in {"nsubj", "nsubjpass", "dobj", "compound", "amod", "agent"}
        for m in a.spans
        for t in syntax.tokens(m)
    )


def _enemy_fire(battle: Report, fire: Report) -> bool:
    """True where the fire comes from the side that the battle's agent fights."""
    camps = {a.camp for a in fire.agents if a.camp}
    mine = {a.camp for a in battle.agents if a.camp}
    return bool(camps) and not camps & mine


def _absorb(host: Report, guest: Report) -> None:
    """Let `host` take over what `guest` knows and it does not."""
    host.spans += guest.spans
    host.kinds |= guest.kinds
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


def _attach(reports: list[Report], choices: list[Choice], syntax: Syntax) -> None:
    """Give each report the places that its clause governs; places no trigger governs go to all."""
    spans = [m for r in reports for m in r.spans]
    free = [c for c in choices if not any(syntax.governor(c.mention) is m for m in spans)]
    for report in reports:
        report.places = _governed(report, choices, syntax) or list(free)
        report.own_places = bool(report.places)
    for report in reports:
        if report.trigger.phrase.endswith(" towards") and any(
            r.sub_event_type in coding.CAPTURES for r in reports
        ):
            report.places = []  # "advanced towards Afrin, taking a village": only the village was reached


def _place(
    reports: list[Report], choices: list[Choice], syntax: Syntax, story: Story, findings: Findings
) -> None:
    """Settle the places of each report: its own, else the sentence's, else those of the scene."""
    for report in reports:
        settled = specific(report.places or choices, syntax.sentence, story.gazetteer)
        free = [c for c in choices if c not in settled]
        if settled and all(c.place.kind in REGIONAL or c.origin for c in settled) and free:
            inner = specific([*settled, *free], syntax.sentence, story.gazetteer)
            settled = [c for c in inner if c in settled] or inner if len(reports) > 1 else inner
        report.places = settled
        syrian = [c for c in report.places if c.place.country == "SY"]
        report.abroad = bool(report.places) and not syrian
        report.places = syrian
        report.own_places = bool(syrian)
        if not report.places and not report.abroad:
            inherited = story.inherited()
            report.places = inherited[:1]
            if inherited:
                findings.append(
                    ("place", f"none named here: {inherited[0].place.location} from the text before")
                )
            elif town := story.gazetteer.operation_town(syntax.sentence.text):
                report.places = [of_operation(town, report.mention)]
                findings.append(
                    ("place", f"none known here: {town.location}, which the operation named was about")
                )
    own = [c for r in reports if r.own_places for c in r.places]
    if own:
        story.scene, story.scene_number = own, story.number
    for report in reports:
        if report.date is not None and report.day is not None:
            story.dated = (report.date, story.number)


def _victims(report: Report, story: Story) -> None:
    """Let those who were hit be the target of a deed that names none: "three soldiers died when a mine went off"."""
    if report.targets:
        return
    for toll in report.tolls:
        for m in toll.actors:
            actor = coding.resolve(m, story.lexicon, report.day, story.recent)
            if actor and actor.id not in report.actor_ids() and actor not in report.targets:
                report.targets.append(actor)


def _give_tolls(reports: list[Report], tolls: list[Toll], syntax: Syntax, findings: Findings) -> list[Toll]:
    """Hand each count of victims to the report whose clause tells it; the tolls that no report takes."""
    left = []
    for toll in tolls:
        host = _host(toll, reports, syntax)
        if host is None:
            left.append(toll)
        else:
            host.tolls.append(toll)
    for report in reports:
        report.tolls = once(report.tolls)
    return once(left)


def _host(toll: Toll, reports: list[Report], syntax: Syntax) -> Report | None:
    """The report that a toll belongs to: the deed that killed rather than the word for dying."""
    if len(reports) < 2:
        return reports[0] if reports else None
    span = syntax.doc.char_span(toll.start, toll.end, alignment_mode="expand")
    token = span.root if span is not None else None
    dying: Report | None = None
    for _ in range(25):
        if token is None:
            break
        for cause in [token, *(syntax.subjects(token) if token.tag_.startswith("VB") else [])]:
            hit = syntax.trigger_at.get(cause.i)
            report = next((r for r in reports if any(hit is m for m in r.spans)), None) if hit else None
            if report is not None and cause.lower_ not in FATE:
                return report
            dying = dying or report
        if token.head == token:
            break
        token = token.head
    if dying is not None:
        return dying
    before = [r for r in reports if r.mention.start < toll.start]
    return before[-1] if before else reports[0]


# Deaths told with the deed named again reach further back.
_IN_THE_DEED = re.compile(
    r"\bin (?:the|this|that|those|these) (?:\w+ )?(?:attacks?|(?:air ?)?strikes?|raids?|blasts?|explosions?|bombings?|shelling|clashes|fighting|"
    r"battles?|violence|ambush|assault|massacre|bombardment)\b",
    re.I,
)
FAR = 8


def _deadly(story: Story, named: bool) -> Report | None:
    """The report that deaths told by themselves belong to: the last one in which people can die.

    Where the deed is `named` again, one without a toll may lie further back.
    """
    last = next((r for r in reversed(story.reports) if r.sub_event_type not in BLOODLESS), None)
    if last is None:
        return None
    away = story.number - last.number
    return last if away <= NEAR or (named and away <= FAR and not last.killed) else None


def _add_to_previous(
    tolls: list[Toll], choices: list[Choice], story: Story, findings: Findings, text: str = ""
) -> None:
    """Deaths told without a deed of their own belong to what was told just before, at the same place."""
    last = _deadly(story, bool(_IN_THE_DEED.search(text)))
    if last is None:
        return
    named = {c.place.id for c in choices if c.place.kind not in REGIONAL}
    if named and not named & {c.place.id for c in last.places}:
        return
    before = list(last.tolls)
    for toll in tolls:
        add_toll(toll, last.tolls, before)
        findings.append(("fatalities", f'"{toll.text}" belongs to the event told before'))


# A demonstration that turns violent is a riot whatever is done about it; else what is done to it decides.
_CROWD_RANK = {VIOLENT: 0, MOB: 1, coding.EXCESSIVE: 2, coding.INTERVENTION: 3, PEACEFUL: 4}


def _escalate(report: Report, story: Story) -> None:
    """Let what became of a demonstration decide its type: "Police fired tear gas at the crowd"."""
    last = story.previous
    if last is None or not {last.sub_event_type, report.sub_event_type} <= DEMONSTRATIONS:
        return
    if _CROWD_RANK[report.sub_event_type] < _CROWD_RANK[last.sub_event_type]:
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
    if (
        last is None
        or len(report.places) != 1
        or story.number - last.number > NEAR
        or not head.tag_.startswith("NN")
    ):
        return False
    kinds = {story.lexicon.taxonomy[r.sub_event_type].event_type for r in (last, report)}
    if len(kinds) > 1 or not any(
        c.lower_ in {"the", "this", "that", "these", "those"} for c in head.children
    ):
        return False
    if len(last.places) != 1:
        return False
    old, new = last.places[0], report.places[0]
    apart = km((old.place.latitude, old.place.longitude), (new.place.latitude, new.place.longitude))
    vague = old.precision > 1 or old.place.kind in REGIONAL
    if not story.gazetteer.contains(old.place.id, new.place.id) and not (vague and apart < 40) and apart > 3:
        return False
    if vague or old.place.kind == "city":
        last.places = [new]
    return True


def _goes_with(report: Report, story: Story) -> bool:
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
    if last.sub_event_type in coding.CAPTURES and _enemy_fire(last, report):
        return False
    camps = {a.camp for a in [*last.agents, *last.targets, *last.agent_allies, *last.target_allies]}
    return all(
        a.camp in camps or a.id in last.actor_ids()
        for a in report.agents
        if a.inter not in coding.CIVIL_INTERS
    )


# What goes on about a deal: "The agreement includes …", "The parties are negotiating …".
_DEAL = re.compile(r"(?:the|this|both|it|its)(?: \w+)? (?:agreement|deal|truce|ceasefire|parties|sides|terms|talks|negotiations|release|exchange|swap|stipulates?|provides?|includes?)\b", re.I)  # fmt: skip


def _refers_back(report: Report, syntax: Syntax, story: Story) -> bool:
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
        claim = _CLAIM.search(syntax.sentence.text)
        if claim is not None and claim.start() <= report.mention.start <= claim.end() + 20:
            return True
    if last is None or report.roles.agents or (report.date and report.date.day != last.day):
        return False
    head = syntax.root(report.mention)
    if report.own_places:
        return _relocates(report, head, story)
    if report.trigger.frame in {"nominal", "mutual", "device"} and head.tag_.startswith("NN"):
        return True
    return report.trigger.frame != "casualty" and not report.roles.targets and not report.agents


_REPLY = re.compile(r"\b(?:respon(?:se|ded|ding)|retaliat\w+|returned fire|shelled back|fired back)\b", re.I)


def _fires_back(report: Report, last: Report, story: Story) -> bool:
    """True for fire that answers what was told before, which becomes a clash by it."""
    if story.number - last.number > 1 or last.sub_event_type not in {coding.SHELLING, coding.CLASH}:
        return False
    if report.sub_event_type not in {coding.SHELLING, coding.AIR} or not _enemies(last, report):
        return False
    if not _REPLY.search(report.sentence.text) or (report.day and last.day and report.day != last.day):
        return False
    if last.sub_event_type == coding.SHELLING:
        _clashed(last, report)
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


def _standing(report: Report, story: Story, findings: Findings) -> bool:
    """True where a report may become a row; deaths alone need an armed hand that caused them."""
    label = f'"{report.mention.text}"'
    if report.trigger.frame == "casualty":
        armed = [a for a in report.agents if a.inter not in coding.CIVIL_INTERS]
        untold = report.untold and report.own_places and bool(report.killed)
        if not untold and ((not armed and "armed" not in report.roles.agent_kinds) or report.inherited_agent):
            findings.append(("refused", f"{label}: deaths without a deed or an armed agent"))
            _add_to_previous(
                report.tolls,
                report.places if report.own_places else [],
                story,
                findings,
                report.sentence.text,
            )
            return False
    if report.trigger.frame == "body" and not _FOUND.search(report.sentence.text):
        findings.append(("refused", f"{label}: a body that nobody found"))
        return False
    if report.trigger.frame == "device" and not _goes_off(report):
        findings.append(("refused", f"{label}: a device of which nothing is told"))
        return False
    report.number = story.number
    return True


_FOUND = re.compile(r"\b(?:found|discovered|recovered|retrieved|dumped|turned up|washed up)\b", re.I)
_HARM = re.compile(
    r"\b(?:explo\w+|detonat\w+|went off|go(?:es|ing)? off|bl[eo]w\w*|blasts?|targets?|targeted|targeting|hit|hits|struck|rip\w*|kill\w*|"
    r"wound\w*|injur\w*|maim\w*|stepped on|drove over|landed|went up|set off|died|dead|damag\w*|destroy\w*|hurt|casualt\w*|martyr\w*|attack\w*|threw|thrown|throw\w*|tossed|hurled|lobbed)\b",
    re.I,
)


def _goes_off(report: Report) -> bool:
    """True where a device is told to have gone off, hit or hurt somebody, rather than to lie there."""
    return bool(report.tolls) or _HARM.search(report.sentence.text) is not None
