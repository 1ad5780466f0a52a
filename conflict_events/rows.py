"""From a report to rows: actors put in ACLED's order, gaps filled by rule, one row for each place."""

from __future__ import annotations

import dataclasses
import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from . import coding, opponents
from .attribution import attribute
from .coding import (
    ABDUCTION,
    AIR,
    ARRESTS,
    ATTACK,
    CAPTURES,
    CIVIL_INTERS,
    CIVILIANS,
    CLASH,
    IED,
    SHELLING,
    SUICIDE,
    TRANSFER,
)
from .confidence import confidence, find_doubts
from .events import Actor, Event, changed
from .places import Choice
from .sources import sources
from .story import BLOODLESS, DEMONSTRATIONS, STRATEGIC, Report, Story
from .tolls import share, with_bombers

_NO_FIGHT = re.compile(
    r"\bwithout (?:a fight|fighting|(?:any |facing )?resistance|clashes|firing|a shot)|\bno resistance|\bunopposed|\bunder (?:a|an|the) (?:\w+ )?(?:deal|agreement)|\bhanded over",
    re.I,
)
_EXPLOSIVE = frozenset({AIR, SHELLING, IED, "Suicide bomb", "Grenade", "Chemical weapon"})
# Putting a captive or a surrendered fighter to death is an attack on a defenceless person, not a fight.
_DEFENCELESS = re.compile(r"execut|behead|tortur|crucif|stone|hang|massacre|bod(?:y|ies)|slaughter")
_FORMER = re.compile(
    r"\b(?:former|ex|defected|reconciled|retired|off duty|off-duty|unarmed|captured|surrendered)\b[- ]", re.I
)


def _sides(
    kind: str, one: Actor | None, two: Actor | None, allies: list[Actor], report: Report
) -> tuple[Actor | None, Actor | None, list[Actor]]:
    """Two sides that share one noun phrase are parted: "A and B reached an agreement", "A and B clashed"."""
    if one is None or report.trigger.frame == "casualty":
        return one, two, allies
    if kind != "Agreement" and report.trigger.frame != "mutual":
        return one, two, allies
    named = [a for a in report.agents if a.role != "identity" and a is not one and a.name != one.name]
    if two is not None and not (kind == "Agreement" and any(a.camp != one.camp for a in named)):
        return one, two, allies
    named.sort(key=lambda a: a.camp == one.camp)
    if not named:
        return one, two, allies
    two = named[0]
    return one, two, [a for a in allies if a is not two]


def _at_home(actor: str, location: str) -> str:
    """A communal militia by the name of its place, as ACLED names them: "Tafas Communal Militia (Syria)"."""
    return actor.replace("Unidentified Communal Militia", f"{location} Communal Militia")


def _fold(story: Story) -> None:
    """Let a killing by nobody named be the toll of a deed that the article tells of the same place and day."""
    for report in [r for r in story.reports if r.untold]:
        host = min(
            (r for r in story.reports if r is not report and _may_be_of(report, r, story)),
            key=lambda r: (r.untold, abs(r.number - report.number)),
            default=None,
        )
        if host is None:
            continue
        if not host.killed:
            there = frozenset(c.place.id for c in report.places if report.own_places)
            host.tolls = [*host.tolls, *(dataclasses.replace(t, places=there) for t in report.tolls)]
        report.told_again = True
        report.tolls = []


def _may_be_of(killing: Report, deed: Report, story: Story) -> bool:
    """True where `killing` may tell the deaths of `deed`: violence at its place, on its day."""
    if (
        deed.told_again
        or deed.sub_event_type in STRATEGIC
        or (deed.day and killing.day and deed.day != killing.day)
    ):
        return False
    return any(
        a.place.id == b.place.id
        or story.gazetteer.contains(a.place.id, b.place.id)
        or story.gazetteer.contains(b.place.id, a.place.id)
        for a in killing.places
        for b in deed.places
    )


# Fighting inside one group: both sides bear its name.
_INFIGHT = re.compile(r"\b(?:among|between|within|amongst) (?:the )?(?:members|fighters|factions|elements|ranks|groups|two families|families) (?:of|from|in)\b|\binfighting\b|\beach other\b|\b(?:its|their) (?:own )?(?:members|fighters)\b|\b(?:between|among) (?:(?:two|several|rival|various|different|the|local|armed|unknown|unidentified|some) )*(?:\w+[- ]){0,2}(?:groups|factions|battalions|brigades|clans|tribes|families|militias|rebels)\b(?!,? (?:and|or|with|of|from|loyal|backed|supported|allied|against)\b)", re.I)  # fmt: skip


# From a toll to those it counts: "nine people, three of them women", "eight civilians, including a doctor and two nurses".
_VICTIMS = re.compile(
    r"(?: (?:civilians|people))?(?:,? \w+)? ?"
    r"|(?:(?!wound|injur|hurt)[^.;]){0,40}\b(?:including|among them|amongst them|among whom|among the dead|of (?:them|whom)|who included)\b"
    r"(?:(?!wound|injur|hurt)[^.;]){0,60}",
    re.I,
)


@dataclass(slots=True)
class Sides:
    """The two main actors of a row and the associated actors of each."""

    one: Actor | None
    one_allies: list[Actor]
    two: Actor | None
    two_allies: list[Actor]


def _others(names: Iterable[str], mains: set[str]) -> tuple[str, ...]:
    """Names of associated actors, each once, without the main actors."""
    return tuple(name for name in dict.fromkeys(names) if name not in mains)


class Coder:
    """Codes the reports of one article; knows who fought whom in it, for reports that name one side only."""

    def __init__(self, story: Story) -> None:
        self.story, self.lexicon = story, story.lexicon
        _fold(story)
        attribute(story)
        for report in story.reports:
            opponents.fill(report)

    def _actor(self, id_: str) -> Actor:
        return self.lexicon.actors[id_]

    def events(self, report: Report, findings: list[tuple[str, str]]) -> list[Event]:
        """The rows of a report, one for each place; none where it happened abroad or breaks a rule."""
        if report.told_again:
            findings.append(("refused", f'"{report.mention.text}": deaths of a deed told elsewhere'))
            return []
        event = self._coded(report)
        if event is None:
            findings.append(("refused", f'"{report.mention.text}": neither side is known'))
            return []
        if report.abroad:
            event = changed(event, iso=0, country="", region="")
            findings.append(("refused", f'"{report.mention.text}": outside Syria'))
        if not report.places:
            event = self._trusted(event, report, None, findings)
            return [changed(event, **self._deaths(report, event.sub_event_type, 0, 1))]
        findings.append(
            ("rule", f"{event.rule}: {event.sub_event_type}, {event.actor1 or '-'} / {event.actor2 or '-'}")
        )
        n = len(report.places)
        rows = (self._located(event, report, i, n) for i in range(n))
        return [self._trusted(row, report, report.places[i], findings) for i, row in enumerate(rows)]

    # -- who --------------------------------------------------------------------------------------------

    def _coded(self, report: Report) -> Event | None:
        """The row of a report without its place and deaths; None where the rules leave it without a side."""
        sides = self._named(report)
        kind = self._kind(report, report.sub_event_type, sides.one, sides.two)
        if not self._settle(report, kind, sides):
            return None
        if sides.one is None and kind == ARRESTS and not report.lawful:
            # who detains is not told: only the state arrests
            kind = ABDUCTION
        if not self._agent(report, kind, sides):
            return None
        self._umbrellas(report, sides)
        self._operations(report, kind, sides)
        self._distinct(report, kind, sides)
        return self._event(report, kind, sides)

    def _named(self, report: Report) -> Sides:
        """The sides as the report's syntax names them."""
        kind = report.sub_event_type
        agents = report.agents
        if kind not in DEMONSTRATIONS:
            agents = [a for a in agents if a.inter not in CIVIL_INTERS]
        targets = [a for a in report.targets if a.role != "identity"]
        if kind in CAPTURES | _EXPLOSIVE | {CLASH, ATTACK}:
            agents, targets = ([self._in_arms(a) for a in side] for side in (agents, targets))
        if kind in _EXPLOSIVE and not report.roles.kinds & {"armed", "position", "base", "platform"}:
            owners = (coding.resolve(m, self.lexicon, report.day) for m in report.roles.owners)
            held = {self._in_arms(a).id for a in owners if a is not None}
            targets = [a for a in targets if a.id not in held]
        one, one_allies = coding.main_and_allies(agents, report.agent_allies)
        two, two_allies = coding.main_and_allies(targets, report.target_allies)
        one_allies, two_allies = self._backed(one, one_allies), self._backed(two, two_allies)
        one, two, one_allies = _sides(kind, one, two, one_allies, report)
        return Sides(one, one_allies, two, two_allies)

    def _backed(self, main: Actor | None, allies: list[Actor]) -> list[Actor]:
        """Allies of which only "allies" is told, as those of the side they stand on: Turkey's are no loyalists."""
        if main is None or main.camp in {"state", "newstate", ""}:
            return allies
        theirs = [self._actor("jws")] if main.camp == "turkey" else []
        return list(
            dict.fromkeys(
                b for a in allies for b in (theirs if a.id == "pro-government" else [a]) if b is not main
            )
        )

    def _in_arms(self, actor: Actor) -> Actor:
        """The army of a government that fights: "the government bombed Daraya"."""
        return self.lexicon.actors.get(actor.id.replace("syria-government", "syria-army"), actor)

    def _settle(self, report: Report, kind: str, sides: Sides) -> bool:
        """Give each side what the type asks of it; False where the type cannot do without a side not named."""
        if kind in DEMONSTRATIONS:
            self._demonstration(report, kind, sides)
        elif kind in CAPTURES | {CLASH}:
            self._part(report, sides)
            self._former_fighters(report, kind, sides)
            sides.one, sides.two = opponents.both_sides(sides.one, sides.two, report, self.story)
        elif kind in _EXPLOSIVE:
            sides.two, sides.two_allies = self._struck(report, sides.two, sides.two_allies)
        elif kind == "Agreement" and sides.two is None:
            if "person" in report.kinds:
                sides.two = self._actor("civilians")
            elif report.trigger.frame == "mutual":
                name = sides.one.name if sides.one else ""
                sides.two = next((a for a in report.spare if a.name != name), None)
                if sides.two is None and sides.one is not None and sides.one.camp == "rebel":
                    sides.two = opponents.enemy(sides.one, report, self.story)
                return sides.two is not None
        elif kind in {ATTACK, ABDUCTION, ARRESTS, "Sexual violence"}:
            sides.two, sides.two_allies = self._victim(report, sides.two, sides.two_allies)
        if kind == CLASH and report.trigger.frame == "mutual" and sides.two and sides.two.inter == CIVILIANS:
            # people who fight are no civilians: former rebels, families, residents in arms
            former = [sides.two] if sides.two.name.startswith("Former") else []
            sides.two, sides.two_allies = self._actor("unidentified"), [*former, *sides.two_allies]
        return True

    def _former_fighters(self, report: Report, kind: str, sides: Sides) -> None:
        """Former fighters who fight again belong to no force that is named."""
        if kind != CLASH or sides.one is not None or sides.two is None:
            return
        former = [a for a in report.agents if a.name.startswith("Former")]
        if former:
            sides.one, sides.one_allies = self._actor("unidentified"), former

    def _part(self, report: Report, sides: Sides) -> None:
        """Make an ally of the second actor where both stand on one side, so that the opponent is looked for."""
        one, two = sides.one, sides.two
        if one is None or two is None or not coding.one_side(one, two):
            return
        armies = {one.inter, two.inter} <= {coding.STATE, coding.OTHER} or "associate" in {one.role, two.role}
        others = [*report.target_allies, *report.spare]
        if armies or any(not coding.one_side(one, a) for a in others):
            sides.one_allies, sides.two = [*sides.one_allies, two, *sides.two_allies], None

    def _agent(self, report: Report, kind: str, sides: Sides) -> bool:
        """Fill an empty first side by rule; False where the type has no row without a named one."""
        if sides.one is None and kind in coding.DEFAULT_AGENT:
            sides.one = self._actor(coding.DEFAULT_AGENT[kind])
        two = sides.two
        if sides.one is None and two is not None and two.inter not in CIVIL_INTERS:
            sides.one, sides.one_allies = two, sides.two_allies
            sides.two, sides.two_allies = None, []
        if (
            sides.one is None
            and kind == "Other"
            and (
                report.trigger.frame == "device"
                or (report.trigger.frame == "nominal" and "person" in report.kinds)
            )
        ):
            sides.one = self._actor("civilians")
        if sides.one is None:
            strategic = self.lexicon.taxonomy[kind].event_type == "Strategic developments"
            if (strategic or kind in CAPTURES) and "armed" not in report.roles.agent_kinds:
                return False
            sides.one = self._actor("unidentified")
        return True

    def _umbrellas(self, report: Report, sides: Sides) -> None:
        """Let the umbrella stand for a member that ACLED names only beside it."""
        one, two = sides.one, sides.two
        if one is not None and one.role == "member" and not (two is not None and two.camp == "state"):
            umbrella = self.lexicon.actors.get(one.umbrella)
            if umbrella is not None and umbrella.valid(report.day):
                sides.one, sides.one_allies = umbrella, [one, *sides.one_allies]
        if two is not None and two.role == "member" and two.umbrella in self.lexicon.actors:
            sides.two, sides.two_allies = self._actor(two.umbrella), [two, *sides.two_allies]

    def _operations(self, report: Report, kind: str, sides: Sides) -> None:
        """Let the joint operation of its time and region stand for a faction that Turkey backs."""
        if (
            kind not in CAPTURES | {CLASH, TRANSFER}
            or not report.places
            or sides.one is None
            or sides.two is None
        ):
            return
        one, two, day, admin1 = sides.one, sides.two, report.day, report.places[0].place.admin1
        if (joint := coding.operation(one, sides.one_allies, two, day, admin1, self.lexicon)) is not None:
            sides.one, sides.one_allies = joint, [one, *sides.one_allies]
        elif (joint := coding.operation(two, sides.two_allies, one, day, admin1, self.lexicon)) is not None:
            sides.two, sides.two_allies = joint, [two, *sides.two_allies]

    def _distinct(self, report: Report, kind: str, sides: Sides) -> None:
        """Keep the sides apart, except in fights inside one group, where both bear its name."""
        one, two = sides.one, sides.two
        infight = kind == CLASH and _INFIGHT.search(report.sentence.text) is not None
        if (
            one is not None
            and two is not None
            and two.id == "unidentified"
            and (infight or (kind == CLASH and one.id == "communal"))
        ):
            sides.two = one
        elif one is not None and two is not None and two.name == one.name:
            if kind not in CAPTURES | {CLASH}:
                sides.two = None
            elif one.id != "communal" and not infight and report.trigger.frame == "mutual":
                sides.two = self._actor("unidentified")

    def _identities(self, report: Report) -> list[Actor]:
        """Labels of who the victims were, as target or in the toll (codebook 2024, "Associated actors")."""
        text, found = report.sentence.text, [a for a in report.targets if a.role == "identity"]
        hurt = [*report.roles.targets, *(m for toll in report.tolls for m in toll.actors)]
        found += [a for m in hurt for i in m.ids if (a := self._actor(i)).role == "identity"]
        for toll in report.tolls:
            if toll.text not in text[toll.start :][: len(toll.text)]:
                continue  # told in another sentence
            found += [
                self._actor(i)
                for m in report.sentence.actors
                if m.start >= toll.start and _VICTIMS.fullmatch(text[toll.end : max(m.start, toll.end)])
                for i in m.ids
                if self._actor(i).role == "identity"
            ]
        return list(dict.fromkeys(found))

    def _event(self, report: Report, kind: str, sides: Sides) -> Event:
        one, two = sides.one, sides.two
        assert one is not None
        mains = {one.name, two.name if two else ""}
        civil = two is not None and two.inter in CIVIL_INTERS
        identities = [a.name for a in self._identities(report) if civil]
        allies_two = [a.name for a in sides.two_allies if two is not None]
        return Event(
            sub_event_type=kind,
            event_type=self.lexicon.taxonomy[kind].event_type,
            actor1=one.name,
            inter1=one.inter,
            assoc_actor_1=_others((a.name for a in sides.one_allies), mains),
            actor2=two.name if two else "",
            inter2=two.inter if two else 0,
            assoc_actor_2=_others([*allies_two, *identities], mains),
            **self._evidence(report),
        )

    def _kind(self, report: Report, kind: str, one: Actor | None, two: Actor | None) -> str:
        """The sub-event type by who acts on whom."""
        armed_target = (two is not None and two.inter not in CIVIL_INTERS) or "armed" in report.kinds
        phrase = report.trigger.phrase
        if (
            kind == "Change to group/activity"
            and report.trigger.phrase.startswith("enter")
            and _NO_FIGHT.search(report.sentence.text)
        ):
            return TRANSFER
        if (
            kind in {CLASH, ATTACK}
            and report.trigger.frame == "active"
            and report.roles.targets
            and self._former(report)
        ):
            return ATTACK
        if kind in CAPTURES:
            if _NO_FIGHT.search(report.sentence.text):
                return TRANSFER
            return coding.captured_by(one, abroad=not report.places)
        if report.trigger.frame == "mutual":
            return kind
        if kind == CLASH and two is not None and two.inter in CIVIL_INTERS and "armed" not in report.kinds:
            return ATTACK
        if kind in {ARRESTS, ABDUCTION} and one is not None and self._captive_fighter(report, one, two):
            return CLASH
        if (
            kind == ATTACK
            and armed_target
            and "person" not in report.kinds
            and not _DEFENCELESS.search(phrase)
        ):
            return CLASH
        if kind in {ARRESTS, ABDUCTION} and report.lawful:
            return ARRESTS
        if kind in {ARRESTS, ABDUCTION} and one is not None:
            return (
                coding.detained_by(one, abroad=not report.places)
                if kind == ARRESTS or (one.inter == coding.STATE and "arrest" in report.mention.text.lower())
                else kind
            )
        if kind == ARRESTS and one is None:
            return ARRESTS
        return kind

    def _captive_fighter(self, report: Report, one: Actor, two: Actor | None) -> bool:
        """True where an armed group takes fighters of a named armed group: a clash (practice for Syria)."""
        if two is None or two.inter in CIVIL_INTERS or not report.roles.targets or self._former(report):
            return False
        if two.name.startswith(("Government", "Unidentified")):
            return False
        return one.inter not in CIVIL_INTERS

    def _former(self, report: Report) -> bool:
        """True where the victim has left the ranks or is defenceless: "a former rebel commander"."""
        m = report.roles.targets[0]
        start = max(m.start - 24, report.mention.end if report.mention.end <= m.start else 0, 0)
        return bool(_FORMER.search(report.sentence.text[start : m.start + len("reconciled ")]))

    def _struck(
        self, report: Report, two: Actor | None, allies: list[Actor]
    ) -> tuple[Actor | None, list[Actor]]:
        """The target of remote violence: the force named, else civilians where they are hit, else blank."""
        civilians = self._actor("civilians")
        victims = {k for t in report.tolls for k in t.kinds}
        hurt = "person" in victims or "person" in report.kinds
        if two is not None and two.inter == CIVILIANS:
            return civilians, allies
        if two is None and hurt:
            return civilians, allies
        if two is not None and hurt and civilians not in allies:
            return two, [*allies, civilians]
        return two, allies

    def _victim(
        self, report: Report, two: Actor | None, allies: list[Actor]
    ) -> tuple[Actor | None, list[Actor]]:
        """The target of violence against civilians is Civilians (Syria), however described."""
        if (
            two is not None
            and two.inter not in CIVIL_INTERS
            and report.sub_event_type in {ABDUCTION, ARRESTS, ATTACK, CLASH}
        ):
            if report.roles.targets and self._former(report):
                return self._actor("civilians"), allies
            if "person" in report.kinds or report.sub_event_type != ATTACK:
                return (
                    (two, allies)
                    if report.sub_event_type == ABDUCTION
                    else (self._actor("civilians"), [two, *allies])
                )
            return two, allies
        return self._actor("civilians"), allies

    def _demonstration(self, report: Report, kind: str, sides: Sides) -> None:
        """Demonstrators first, whoever steps in second; who shoots at them comes first."""
        crowd = self._actor("rioters" if kind in {"Violent demonstration", "Mob violence"} else "protesters")
        named = [*report.agents, *report.targets]
        force = next((a for a in named if a.inter not in CIVIL_INTERS), None)
        if kind == coding.EXCESSIVE:
            sides.one, sides.two = force or self._actor("unidentified"), crowd
            sides.one_allies = []
        else:
            steps_in = kind in {coding.INTERVENTION, "Mob violence"}
            sides.one, sides.two = crowd, force if steps_in else None
            sides.one_allies = [a for a in named if a.role == "identity"]
        sides.two_allies = []

    # -- evidence ---------------------------------------------------------------------------------------

    def _evidence(self, report: Report) -> dict[str, Any]:
        """The columns of a row that say when it was and what words it was made from."""
        article, sentence = self.story.article, report.sentence
        day, precision, basis, text = self._date(report)
        names, scale = sources(article, (m.ids[0] for m in sentence.sources), self.lexicon)
        return {
            "event_date": day,
            "time_precision": precision if day else None,
            "source": names,
            "source_scale": scale,
            "article_id": (article.id,) if article.id else (),
            "article_title": article.title,
            "article_url": article.url,
            "published": article.published,
            "sentence": article.title if sentence.title else article.text[sentence.start : sentence.end],
            "start": None if sentence.title else sentence.start,
            "end": None if sentence.title else sentence.end,
            "trigger": report.mention.text,
            "rule": report.trigger.id,
            "date_text": text,
            "date_basis": basis,
        }

    def _trusted(
        self, event: Event, report: Report, choice: Choice | None, findings: list[tuple[str, str]]
    ) -> Event:
        """`event` with its confidence, and in the findings what takes how much off it."""
        doubts = find_doubts(event, report, choice, self.story)
        why = ", ".join(f"{d.doubt} -{d.points:.2f}" for d in doubts) or "no doubt"
        value = confidence(doubts)
        findings.append(("confidence", f"{event.location or 'no place'} {value:.2f}: {why}"))
        return changed(event, confidence=value)

    def _date(self, report: Report) -> tuple[datetime.date | None, int, str, str]:
        article = self.story.article
        if report.date is not None and report.date.day is not None:
            return report.date.day, report.date.precision, report.date.basis, report.date.text
        if report.day is not None and report.day != article.published:
            return report.day, 1, "carried", ""
        if article.published is None:
            return None, 1, "unknown", report.date.text if report.date else ""
        return article.published, 1, "published", ""

    def _deaths(self, report: Report, kind: str, i: int, n: int) -> dict[str, Any]:
        """The i-th of n rows' share of the deaths, and their words (codebook 2024: split evenly, the rest to the first)."""
        if kind in BLOODLESS:
            return {}
        tolls = [t for t in report.tolls if t.killed]
        if kind == SUICIDE and n == 1:
            tolls = with_bombers(tolls, report.sentence.text)
        places = [c.place.id for c in report.places[:n]] or [""]
        told = [t for t in tolls if share(t, places, i) or not t.places]
        text = "; ".join(t.text for t in told)
        if any(t.assumed for t in told):
            text += " (assumed: " + "; ".join(t.assumed for t in told if t.assumed) + ")"
        split = sum(t.killed or 0 for t in told if not t.places)
        if n > 1 and split:
            text += f" (total of {split} split over {n} places)"
        return {"fatalities": sum(share(t, places, i) for t in tolls), "fatalities_text": text}

    def _located(self, event: Event, report: Report, i: int, n: int) -> Event:
        """The i-th of n rows, at its place and with its deaths."""
        choice = report.places[i]
        place = choice.place
        home = place.location.split(" - ")[0]
        return changed(
            event,
            actor1=_at_home(event.actor1, home),
            actor2=_at_home(event.actor2, home),
            admin1=place.admin1,
            admin2=place.admin2,
            admin3=place.admin3,
            location=place.location,
            latitude=round(place.latitude, 4),
            longitude=round(place.longitude, 4),
            geo_precision=choice.precision,
            place_id=place.id,
            place_text=choice.mention.text,
            **self._deaths(report, event.sub_event_type, i, n),
        )
