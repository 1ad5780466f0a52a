"""What a sentence reports: its triggers become reports, each with type, roles, date, places and deaths.

A report is one happening before it is coded; triggers of one sentence that tell of the same actors and places
are one report of the highest type (ACLED codebook 2024, "Event aggregation").
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from dataclasses import replace

from . import coding
from .assertion import Assertion, judge, recalled, taken_back
from .background import why_background
from .casualties import find_tolls
from .dates import (
    HISTORY,
    PAST,
    DateMention,
    dates_line,
    dates_what_follows,
    find_dates,
    heads_line,
    is_dateline,
    lead_day,
)
from .dates import LEAD as LEAD_TEXT
from .deeds import fitness, settle_type, why_no_deed
from .events import Actor, Mention
from .joining import absorb, foreground, governed, joined
from .nesting import of_operation, specific
from .parse import Token
from .people import FATE
from .pipeline import Marker, Sentence
from .places import REGIONAL, Choice
from .recalls import escalate, goes_with, placed, refers_back
from .roles import Roles, find_roles
from .story import CARRY, DEVICES, FIRE, Findings, Report, Story, add_to_previous, of_a_period
from .syntax import Syntax
from .tolls import Toll, bound, once

ANAPHORS = frozenset(
    "they it he she who group faction factions forces troops fighters militants army militia gunmen".split()
)


def read_sentence(sentence: Sentence, story: Story, marker: Marker) -> tuple[list[Report], Findings]:
    """The reports of a parsed sentence, and what was found in it on the way."""
    story.enter(sentence)
    syntax = Syntax(sentence, marker.kinds)
    dates = find_dates(sentence.text, story.article.published, story.previous.day if story.previous else None)
    _leave_dates(sentence, dates)
    story.set_frame(sentence, dates)
    choices = specific(story.choices(sentence), sentence, story.gazetteer)
    tolls = [] if of_a_period(sentence.text) else find_tolls(syntax)
    findings: Findings = _found(sentence, choices, dates, tolls) if story.explained else []
    reports: list[Report] = []
    for mention in sentence.triggers:
        report = _read_trigger(mention, syntax, story, choices, dates, findings)
        if report is not None:
            reports.append(report)
    story.note_actors(sentence)
    _attach(reports, choices, syntax)
    reports = foreground(joined(reports, syntax, story.lexicon.taxonomy), syntax, findings)
    _place(reports, choices, syntax, story, findings)
    left = _give_tolls(reports, tolls, syntax)
    for report in reports:
        if report.sub_event_type in FIRE | DEVICES:
            _victims(report, story)
    if left and not reports:
        add_to_previous(left, choices, story, findings, sentence.text)
    kept = []
    for report in reports:
        if goes_with(report, story):
            findings.append(("rule", f'"{report.mention.text}": part of the fight told before'))
            absorb(story.previous or report, report)
            add_to_previous(report.tolls, [], story, findings)
        elif refers_back(report, syntax, story):
            findings.append(("refused", f'"{report.mention.text}": refers to what was told before'))
            escalate(report, story)
            story.return_to(report)
            add_to_previous(report.tolls, [], story, findings)
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
            if id(m) in syntax.speakers or m.how == "adjective" or syntax.holds(m) or syntax.on_map(m):
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
    if why_not := why_no_deed(mention, rows, syntax, story.lexicon):
        findings.append(("refused", f'"{mention.text}" ({rows[0].id}): {why_not}'))
        return None
    verdict = judge(syntax, mention, story.lexicon.cues)
    if verdict.asserted:
        verdict = taken_back(mention, syntax.sentence.text, story.after(syntax.sentence))
    if verdict.asserted and (why := why_background(mention, syntax)):
        verdict = Assertion(False, "background", why)
    date = _date_for(mention, syntax, dates, story.article.published)
    day = _day(date, story)
    head = syntax.root(mention)
    old = _not_news(date, day, head, story) if verdict.asserted else ""
    if (old or not verdict.asserted) and not story.explained and not head.tag_.startswith("NN"):
        return None  # a noun may still say where what was told before happened
    options = []
    read: dict[tuple[str, bool], Roles] = {}  # rows of one phrase mostly share a frame
    for row in rows:
        if row.frame == "means":
            continue
        frame = row.frame, row.sub_event_type in coding.CAPTURES
        if frame not in read:
            read[frame] = find_roles(syntax, mention, row.frame, taken=frame[1])
        report = Report(
            syntax.sentence,
            row,
            mention,
            row.sub_event_type,
            read[frame].copy() if len(rows) > 1 else read[frame],
            date=date,
            day=day,
            spans=[mention],
        )
        _resolve(report, syntax, story, day)
        score, why = fitness(report, syntax, story, choices)
        options.append((score, -rows.index(row), report, why))
    score, _, report, why = max(options, key=lambda o: o[:2])
    label = f'"{mention.text}" ({report.trigger.id}, {report.sub_event_type})'
    if score < 0:
        report.places = governed(report, choices, syntax)
        if placed(report, syntax, story):
            why = "says where the deed told before happened"
        findings.append(("refused", f"{label}: {why}"))
        return None
    findings.append(("trigger", f"{label}: {verdict}"))
    if not verdict.asserted:
        findings.append(("refused", f"{label} {verdict}"))
        return None
    if old:
        findings.append(("refused", f"{label}: {old}"))
        return None
    settle_type(report, syntax, story)
    report.places = governed(report, choices, syntax)
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
    token = syntax.doc.root(date.start, date.end)
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
    token = syntax.doc.root(date.start, date.end)
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


def _attach(reports: list[Report], choices: list[Choice], syntax: Syntax) -> None:
    """Give each report the places that its clause governs; places no trigger governs go to all."""
    spans = [m for r in reports for m in r.spans]
    free = [c for c in choices if not any(syntax.governor(c.mention) is m for m in spans)]
    for report in reports:
        report.places = governed(report, choices, syntax) or list(free)
        report.own_places = bool(report.places)
    for report in reports:
        if report.trigger.phrase.endswith(" towards") and any(
            r.sub_event_type in coding.CAPTURES for r in reports
        ):
            report.places = []  # "advanced towards Afrin, taking a village": only the village was reached


# Where a sentence turns to another part of the country, what was told before is not its place.
_ELSEWHERE = re.compile(
    r"(?:also |meanwhile,? |and )?(?:elsewhere|separately|(?:further|farther) (?:north|south|east|west)"
    r"|(?:in|across|throughout) (?:the |syria's |syrias )?(?:country's |countrys )?(?:far )?(?:north|south|east|west)-?(?:east|west)?(?:ern)?\b(?! (?:of|syria)))",
    re.I,
)


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
            inherited = [] if _ELSEWHERE.match(syntax.sentence.text) else story.inherited()
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


def _give_tolls(reports: list[Report], tolls: list[Toll], syntax: Syntax) -> list[Toll]:
    """Hand each count of victims to the report whose clause tells it; the tolls that no report takes."""
    left = []
    for toll in tolls:
        host = _host(toll, reports, syntax)
        if host is None:
            left.append(toll)
        else:
            ids = {c.place.id for c in host.places if host.own_places}
            spots = [(i, m.start, m.end) for m in syntax.sentence.places for i in m.ids if i in ids]
            host.tolls.append(replace(toll, places=bound(toll, syntax.sentence.text, spots)))
    for report in reports:
        report.tolls = once(report.tolls)
    return once(left)


def _host(toll: Toll, reports: list[Report], syntax: Syntax) -> Report | None:
    """The report that a toll belongs to: the deed that killed rather than the word for dying."""
    if len(reports) < 2:
        return reports[0] if reports else None
    token = syntax.doc.root(toll.start, toll.end)
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


def _standing(report: Report, story: Story, findings: Findings) -> bool:
    """True where a report may become a row; deaths alone need an armed hand that caused them."""
    label = f'"{report.mention.text}"'
    if report.trigger.frame == "casualty":
        armed = [a for a in report.agents if a.inter not in coding.CIVIL_INTERS]
        untold = report.untold and report.own_places and bool(report.killed)
        if not untold and ((not armed and "armed" not in report.roles.agent_kinds) or report.inherited_agent):
            findings.append(("refused", f"{label}: deaths without a deed or an armed agent"))
            add_to_previous(
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
    report.number = report.latest = story.number
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
