"""What an article has told so far: the happenings reported, and the scene, day and actors that its next sentence is read in."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass, field, replace

from . import coding
from .dates import DateMention, find_dates, head_of, is_heading, opens_frame
from .events import Actor, Article, Mention
from .gazetteer import Gazetteer
from .lexicon import Lexicon, Trigger
from .nesting import linked
from .pipeline import Sentence
from .places import REGIONAL, Choice, Context, choose
from .roles import Roles
from .tolls import Toll, add_toll, plain_tolls
from .wording import wording

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

Findings = list[tuple[str, str]]

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

CLAIM = re.compile(
    r"\bclaim(?:s|ed|ing)? (?:the|both|two|all|this|that|these) (?:\w+ )?(?:attacks?|bombings?|blasts?|explosions?|strikes?|operations?|assaults?|ambush|killings?)\b|"
    r"\bsaid (?:that )?(?:it|they|its \w+|their \w+) (?:was|were) behind\b|\bsaid (?:that )?(?:it|they|its \w+|their \w+|(?:one|two|three|some|several|an? \w+) of (?:its|their) \w+) had (?:planted|carried out|detonated|set off|blown)\b|"
    r"\b(?:attacks?|bombings?|blasts?|explosions?|it) (?:was|were|has been) claimed by\b|"
    r"\b(?:claim(?:s|ed|ing)?|took|takes|admitted|assumed)\b(?: \w+){0,2} responsibility|\bresponsibility\b[^.;]{0,60}\bclaimed by",
    re.I,
)

# Without one of these nothing of it is found.
_CLAIMS = re.compile(r"claim|responsib|behind| had ", re.I)

# "Turkish warplanes", "Israel's raids": who flies in this article.
_FLYING = re.compile(
    r"(?:'s )?(?:(?:fighter|military|combat|reconnaissance) )?(?:war ?planes?|planes?|jets?|aircraft|air ?(?:strikes?|raids?|force)|bombers|raids|drones?|strikes?)\b",
    re.I,
)

_NOBODY = re.compile(r"\b(?:no|nobody|none|neither|not|yet to|without)\b[^,;]{0,50}$", re.I)

_IN_COUNTRY = re.compile(r"\b(?:in|inside|into|across|within|throughout)(?: \w+ern| the| central)*\s*$", re.I)

_PERIOD = re.compile(r"\b(?:in|during|throughout) (?:all of |the year |the whole of )?(?:19|20)\d\d\b|\b(?:each|every|per) (?:day|week|month|year)\b|\bsince (?:the (?:beginning|start|outbreak)|(?:19|20)\d\d|(?:january|february|march|april|june|july|august|september|october|november|december))|\bso far this year|\bin the (?:past|last) (?:\w+ )?(?:months?|years?|weeks?)\b|\bover the (?:past|last) (?:\w+ )?(?:months?|years?)", re.I)  # fmt: skip
_PERIOD_WORDS = frozenset("day week weeks month months year years since far".split())


def of_a_period(text: str) -> bool:
    """True for what sums up months or years: "in 2016", "every week", "so far this year"."""
    said = wording(text)
    return (said.year or said.has(_PERIOD_WORDS)) and _PERIOD.search(text) is not None


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
    lawful: bool = False
    abroad: bool = False
    vague: bool = False
    number: int = 0
    latest: int = 0  # the sentence that last spoke of it

    @property
    def killed(self) -> int:
        """Deaths told for this report."""
        return sum(t.killed or 0 for t in self.tolls)

    def actor_ids(self) -> set[str]:
        """Ids of the armed actors on either side."""
        sides = [*self.agents, *self.agent_allies, *self.targets, *self.target_allies]
        return {a.id for a in sides if a.inter not in coding.CIVIL_INTERS}


class Story:
    """What an article has told so far: the context in which its next sentence is read.

    `explained` asks for the findings that tell why, also of what becomes no row.
    """

    def __init__(
        self,
        article: Article,
        lexicon: Lexicon,
        gazetteer: Gazetteer,
        context: Context,
        *,
        explained: bool = False,
    ) -> None:
        self.article, self.lexicon, self.gazetteer, self.context = article, lexicon, gazetteer, context
        self.explained = explained
        self.dated: tuple[DateMention, int] | None = None
        self.heading: datetime.date | None = None
        self.items = False
        self.frame: tuple[DateMention, int] | None = None
        self.paragraph = 0
        self.recent: list[str] = []
        self.named: list[tuple[int, Actor]] = []
        self.claims: list[tuple[int, Actor, str]] = []
        self.flown: list[tuple[int, Actor]] = []
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
        self.paragraph = sentence.paragraph

    def announce(self, sentence: Sentence) -> None:
        """Take note of a headline, which is read last: its places set the scene, its actors are known from here on."""
        self.number += 1
        syrian = [c for c in self.choices(sentence) if c.place.country == "SY"]
        if syrian:
            self.scene, self.scene_number = syrian, self.number
        self.note_actors(sentence)

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
        tolls = [] if of_a_period(sentence.text) else plain_tolls(sentence.text)
        last = self.reports[-1] if self.reports else None
        # "38 fatalities" sums up what was counted in words before
        tolls = [t for t in tolls if t.total or (last is not None and not last.killed)]
        add_to_previous(tolls, choices, self, [], sentence.text)

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
        """Remember "X claimed responsibility", for the deed told before if it names nobody."""
        m = CLAIM.search(sentence.text) if _CLAIMS.search(sentence.text) else None
        if m is None or _NOBODY.search(sentence.text[: m.start()]):
            return
        named = [a for a in sentence.actors if a.end <= m.start() and a.how != "adjective"] or [
            a for a in sentence.actors if a.start >= m.end() and m.group().lower().endswith("by")
        ]
        last = self.previous.day if self.previous else self.article.published
        actor = coding.resolve(named[-1], self.lexicon, last, self.recent) if named else None
        if actor is not None and actor.inter not in coding.CIVIL_INTERS:
            self.claims.append((self.number, actor, m.group()))

    def note_actors(self, sentence: Sentence) -> None:
        """Remember which actors were named, so that descriptions can refer back and opponents be found."""
        for m in sentence.actors:
            actor = coding.resolve(m, self.lexicon, self.article.published, self.recent)
            if actor is None:
                continue
            if m.how != "adjective":
                self.named.append((self.number, actor))
            if _FLYING.search(m.text) or _FLYING.match(sentence.text[m.end : m.end + 30].lstrip()):
                self.flown.append((self.number, actor))
            if m.how == "alias":
                if actor.id in self.recent:
                    self.recent.remove(actor.id)
                self.recent.append(actor.id)

    def choices(self, sentence: Sentence) -> list[Choice]:
        """Places of a sentence, each homonym decided, those of a dateline left out."""
        dateline = _DATELINE.match(sentence.text) if sentence.start < 300 and not sentence.title else None
        end, head = dateline.end() if dateline else 0, head_of(sentence.text)
        chosen = (
            choose(m, sentence, self.context, self.gazetteer)
            for m in sentence.places
            if not self._bystander(m, sentence)
            and not (m.end <= end and m.start < 30)
            and not (m.end <= head and all(self.gazetteer.places[i].country != "SY" for i in m.ids))
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
        if last is not None and last.places and self.number - last.latest <= NEAR:
            return last.places
        return self.scene if self.number - self.scene_number <= NEAR else []

    @property
    def previous(self) -> Report | None:
        """The report spoken of last, killings by nobody named aside, which may be part of another."""
        last: Report | None = None
        for report in reversed(self.reports):
            if not report.untold and (last is None or report.latest > last.latest):
                last = report
        return last

    def return_to(self, report: Report) -> None:
        """Come back to what was told before with a deed that names it again: "the device", "the raid"."""
        kind = report.sub_event_type
        meant = next((r for r in reversed(self.reports) if r.sub_event_type == kind), self.previous)
        if meant is not None and meant.places:
            meant.latest = self.number


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
    deadly = (r for r in reversed(story.reports) if r.sub_event_type not in BLOODLESS)
    last = max(deadly, key=lambda r: r.latest, default=None)
    if last is None:
        return None
    # what is told of the same place in between keeps it present: "They entered the town and raised their flag."
    there = {c.place.id for c in last.places}
    number = max(r.number for r in story.reports if r is last or there & {c.place.id for c in r.places})
    away = story.number - max(last.number, number)
    return last if away <= NEAR or (named and away <= FAR and not last.killed) else None


def add_to_previous(
    tolls: list[Toll], choices: list[Choice], story: Story, findings: Findings, text: str = ""
) -> None:
    """Deaths told without a deed of their own belong to what was told just before, at the same place."""
    last = _deadly(story, bool(_IN_THE_DEED.search(text))) if tolls else None
    if last is None:
        return
    named = {c.place.id for c in choices if c.place.kind not in REGIONAL}
    here = named & {c.place.id for c in last.places}
    if named and not here:
        return
    before = list(last.tolls)
    for toll in tolls:
        add_toll(
            replace(toll, places=frozenset(here) if len(last.places) > 1 else frozenset()), last.tolls, before
        )
        findings.append(("fatalities", f'"{toll.text}" belongs to the event told before'))
