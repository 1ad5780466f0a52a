"""What deed a trigger names: which row of the dictionary fits its sentence, and the sub-event type that follows from it."""

from __future__ import annotations

import re

from . import coding
from .events import Mention
from .lexicon import Lexicon, Trigger
from .parse import Token
from .people import KILL
from .places import REGIONAL, Choice
from .story import (
    CHEMICAL,
    DEMONSTRATIONS,
    DEVICES,
    FIRE,
    MOB,
    MOVED,
    NEAR,
    PEACEFUL,
    VIOLENT,
    Report,
    Story,
    of_a_period,
)
from .syntax import Syntax
from .wording import wording

# Verbs and nouns so general that the weapon named with them decides the type.
GENERIC = frozenset(
    "target hit strike attack bomb bombard pound fire raid bombing bombardment assault assassinate kill batter hammer shower "
    "shoot open launch shell shelling destroy".split()
)

# Deeds done with guns as well as with shells.
_ANY_WEAPON = frozenset("target attack hit strike fire shoot open".split())

_BY_AIR_ONLY = frozenset({"shell", "shelling", "bombardment", "bombard", "pound"})


def fitness(report: Report, syntax: Syntax, story: Story, choices: list[Choice]) -> tuple[int, str]:
    """(how well a row's conditions hold, why they do not); below 0 the row does not apply."""
    trigger = report.trigger
    _moved_are_movers(report, syntax, story)
    _government_acts(report, syntax, story)
    report.lawful = _lawful(report, syntax)
    crowd = _crowd_acts(report, syntax)
    _civil_office(report, syntax)
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
            and not crowd
            and "armed" not in report.kinds
            and not any(_armed(m, story) for m in sentence.actors if id(m) not in syntax.speakers)
        ):
            return -1, "needs an armed actor"
        if need == "agent" and not (agents or report.agent_allies or unnamed or report.untold or crowd):
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


_IS_MOVED = re.compile(r"^(?:deploy|redeploy|withdraw|mobili[sz]e|pull|transfer|move|dissolve|disband)\b")


def _moved_are_movers(report: Report, syntax: Syntax, story: Story) -> None:
    """Take forces that are moved for those that move: "troops were deployed to", "militants deployed in"."""
    if (
        report.trigger.frame != "agent"
        or report.agents
        or report.sub_event_type != MOVED
        or not _IS_MOVED.search(report.trigger.phrase)
    ):
        return
    head = syntax.root(report.mention)
    moved = syntax.subjects(head) if syntax.passive(head) else []
    if head.dep_ == "acl" and head.head.dep_ == "ROOT":
        # the parser took the only verb of the sentence for an attribute
        moved = [head.head]
        for m in syntax.actors_in(head.head)[0]:
            actor = coding.resolve(m, story.lexicon, report.day, story.recent)
            report.targets += [actor] if actor else []
    report.roles.agent_kinds |= {"armed"} & {syntax.kinds.get(t.lower_) for t in moved}
    report.agents, report.targets = report.targets, []
    report.agent_allies, report.target_allies = report.target_allies, []


_OFFICES = frozenset(
    "governor governors governorate governorship ministry minister municipality mayor cabinet authority authorities parliament prosecutor".split()
)


_ORDER = re.compile(r"\b(?:ban|curfew|lockdown|emergency|entries|close|seal|siege|borders?|crossings?)\b")


def _government_acts(report: Report, syntax: Syntax, story: Story) -> None:
    """Take an office of state for the government where it closes, bans or orders: "the governor imposed a curfew"."""
    if report.sub_event_type != MOVED or report.agents or not _ORDER.search(report.trigger.phrase):
        return
    head = syntax.root(report.mention)
    subjects = syntax.by(head) if syntax.passive(head) else syntax.subjects(head)
    offices = {
        t.lower_ for s in subjects for t in (s, *s.lefts) if not syntax.passive(head) or t.dep_ == "pobj"
    }
    if offices & _OFFICES:
        rows = [story.lexicon.actors.get(i) for i in ("syria-government", "syria-government-2024")]
        report.agents = [a for a in rows if a is not None and a.valid(report.day)][:1]


_LAW = re.compile(
    r"\b(?:police(?:m[ae]n)?|gendarmer?ie|gendarmes|coast ?guards?|border guards?|court|prosecut\w+|judiciary|interior ministry|"
    r"customs)\b",
    re.I,
)


def _lawful(report: Report, syntax: Syntax) -> bool:
    """True where police, a coast guard or a court detains and no group that is no state is named for it."""
    if report.sub_event_type not in {coding.ARRESTS, coding.ABDUCTION}:
        return False
    if any(a.inter not in coding.CIVIL_INTERS | {coding.STATE, coding.OTHER} for a in report.agents):
        return False
    head = syntax.root(report.mention)
    if syntax.passive(head) and _BY_POLICE.search(syntax.sentence.text[report.mention.end :]):
        return True
    doers = syntax.by(head) if syntax.passive(head) else syntax.subjects(head)
    if doers:
        return any(_LAW.search(" ".join(t.text for t in d.subtree)) for d in doers)
    return not report.agents and _BY_LAW.search(syntax.sentence.text) is not None


_BY_POLICE = re.compile(
    r"\bby (?:the |a )?(?:[\w-]+ ){0,2}(?:police|gendarmerie|coast ?guards?|border guards?|customs)\b", re.I
)

_BY_LAW = re.compile(r"\bpolice (?:\w+ )?(?:operations?|raids?)\b|\b(?:arrest|court) warrants?\b", re.I)


def _crowd_acts(report: Report, syntax: Syntax) -> bool:
    """True for violence by people in plain clothes and in number: "residents beat a thief" (codebook 2024, "Riots")."""
    if report.trigger.sub_event_type not in {coding.ATTACK, coding.CLASH, _LOOTING}:
        return False
    if any(a.inter not in coding.CIVIL_INTERS for a in report.agents):
        return False
    if report.trigger.frame != "active" or "armed" in report.roles.agent_kinds:
        return False
    head = syntax.root(report.mention)
    return head.tag_.startswith("VB") and any(
        t.tag_ in {"NNS", "NNPS"} and t.lower_.removesuffix("s") in _CROWD
        for s in (syntax.by(head) if syntax.passive(head) else syntax.subjects(head))
        for t in (s, *(c for c in s.children if c.dep_ == "conj"))
    )


_OFFICE = frozenset(
    "member members leader leaders head heads chief chiefs elder elders officer officers official officials sheikh sheikhs notable notables".split()
)

_CIVIL = frozenset(
    "council councils committee committees party parliament assembly family families staff association union syndicate tribe tribes clan clans "
    "tribal community religious prayer mosque church political municipality municipal civil humanitarian medical aid charity organisation "
    "organization delegation reconciliation village local media press student students youth women crew household".split()
)

_ARMY = frozenset(
    "militia army forces brigade faction military armed security police intelligence committees".split()
)


def _civil_office(report: Report, syntax: Syntax) -> None:
    """Take those who lead or belong to a body of civilians for civilians: "killed a member of the local council"."""
    if report.trigger.frame not in {"active", "casualty"}:
        return
    head = syntax.root(report.mention)
    if not head.tag_.startswith("VB"):
        return
    for done_to in syntax.subjects(head) if syntax.passive(head) else syntax.objects(head):
        if done_to.lower_ not in _OFFICE:
            continue
        beside = {c.lower_ for c in done_to.children if c.dep_ in {"compound", "amod", "nmod"}}
        inner = [o for c in done_to.children if c.lower_ in {"of", "from", "in"} for o in c.children]
        beside |= {
            w.lower_ for o in inner for w in (o, *(c for c in o.children if c.dep_ in {"compound", "amod"}))
        }
        if not beside & _CIVIL or beside & _ARMY:
            continue
        whole = done_to.subtree
        first, last = whole[0].idx, whole[-1].idx
        named = {m.ids for m in report.roles.targets if first <= m.start <= last}
        report.roles.targets = [m for m in report.roles.targets if m.ids not in named]
        report.targets = [a for a in report.targets if a.inter in coding.CIVIL_INTERS or not named]
        report.kinds = report.kinds - {"armed"} | {"person"}
        report.roles.kinds = report.roles.kinds - {"armed"} | {"person"}


_LOOTING = "Looting/property destruction"

_DISRUPTED = "Disrupted weapons use"

# Mines and shells of a war long over belong to no side of this one.
_OLD_WAR = re.compile(
    r"\b(?:from|during|of|in|since) the (?:(?:first|second) world|(?:19)?(?:67|73)|october|six[- ]day|yom kippur|[a-z]+[- ][a-z]+) war\b(?! (?:in|on|against))",
    re.I,
)

# A device or weapon that those who found it blow up themselves.
_CONTROLLED = re.compile(r"\bcontrolled (?:detonations?|explosions?|manner|blasts?)\b", re.I)


def _demonstrated(syntax: Syntax, story: Story) -> bool:
    """True where the sentence or the one before tells of a demonstration, so that it can be broken up."""
    last = story.previous
    told = last is not None and last.sub_event_type in DEMONSTRATIONS and story.number - last.number <= NEAR
    return (
        told or _in_demonstration(syntax.sentence.text) or _GATHERED.search(syntax.sentence.text) is not None
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
    if report.trigger.frame != "casualty" or report.agents or report.agent_allies or of_a_period(text):
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


def why_no_deed(mention: Mention, rows: list[Trigger], syntax: Syntax, lexicon: Lexicon) -> str:
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
    if head.dep_ == "relcl" and any(c.lower_ in _EARLIER and c.dep_ == "advmod" for c in head.children):
        return "told of somebody, of an earlier time"
    if _goes_on(head) and any(
        lexicon.triggers[i].sub_event_type == MOVED for m in syntax.sentence.triggers for i in m.ids
    ):
        return "goes on while forces move"
    if rows[0].phrase == "reinforcement" and not _COMES.search(syntax.sentence.text):
        return "reinforcements that nobody sends"
    if rows[0].phrase in {"control", "controlled", "controls"} and (
        (head.tag_ != "VBD" and not _FOUGHT_FOR.search(syntax.sentence.text[mention.end :]))
        or _HOLDING.match(syntax.sentence.text[mention.end :])
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


# "the fighters controlled the village after clashes": what is fought for just before is taken, not held.
_FOUGHT_FOR = re.compile(
    r"\b(?:after|following) (?:\w+ ){0,3}(?:clashes|battles?|fighting|fights?|attacks?|assaults?|withdrawal)\b",
    re.I,
)

_HOLDING = re.compile(
    r"[- ](?:by|areas?|territor\w+|parts?|city|town|village|districts?|neighbou?rhoods?|regions?|enclave|province)\b",
    re.I,
)

_EARLIER = frozenset("recently earlier previously formerly once".split())


def _goes_on(head: Token) -> bool:
    """True for a fight that only goes on beside what is told: "as battles continue in those areas"."""
    verb = head.head
    return (
        head.dep_ == "nsubj"
        and verb.lower_ in {"continue", "continues", "continued", "rage", "rages", "raged"}
        and verb.dep_ == "advcl"
        and any(c.dep_ == "mark" and c.lower_ in {"as", "while"} for c in verb.children)
    )


_COMES = re.compile(
    r"\b(?:arriv\w+|sen[dt]\w*|brought|bring\w*|deploy\w*|reach\w*|enter\w*|dispatch\w*|receiv\w+|c[ao]m\w+|push\w*|mov\w+|"
    r"mobili[sz]\w+|pour\w*|head\w*|transport\w*|transfer\w*|mass\w*|cross\w*|drove|took|taken|called|withdr\w+|continu\w+)\b",
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


def settle_type(report: Report, syntax: Syntax, story: Story) -> None:
    """Refine the type that the trigger's row gives: by the crowd that takes part, by the weapon named with it."""
    if report.sub_event_type in coding.CAPTURES | {MOVED} and _unopposed(report, syntax):
        report.sub_event_type = coding.TRANSFER
        return
    if report.sub_event_type in coding.CAPTURES and _in_part(report, syntax):
        report.sub_event_type = coding.CLASH
        return
    if report.sub_event_type == coding.CLASH and _found_and_destroyed(report, syntax):
        report.sub_event_type = _LOOTING
        return
    if report.sub_event_type == coding.IED and _OLD_WAR.search(syntax.sentence.text):
        report.sub_event_type = "Other"
        return
    if report.sub_event_type in {coding.IED, coding.SHELLING} and _CONTROLLED.search(syntax.sentence.text):
        report.sub_event_type = _DISRUPTED
        return
    if report.sub_event_type in {coding.ATTACK, coding.CLASH} and _crowd_acts(report, syntax):
        report.sub_event_type = MOB
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


def _found_and_destroyed(report: Report, syntax: Syntax) -> bool:
    """True where what is destroyed was only found, not fought for: "discovered and destroyed three hideouts"."""
    if not report.trigger.phrase.startswith("destroy") or report.tolls:
        return False
    verb = syntax.root(report.mention)
    chain = {verb.lower_, *(c.lower_ for c in verb.children if c.dep_ == "conj")}
    while verb.dep_ == "conj":
        verb = verb.head
        chain.add(verb.lower_)
    return bool(chain & {"discovered", "found", "located", "uncovered", "discovering", "finding", "locating"})


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

# The month of March is no demonstration.
_IN_DEMO = re.compile(
    r"\b(?:demonstrat\w+|protest(?:s|ers?|ed|ing)?|rall(?:y|ies)|sit-?in|(?-i:march)|march(?:es|ed|ers)|vigil)\b",
    re.I,
)
_DEMO_WORDS = ("demonstrat", "protest", "rall", "sit-in", "sitin", "march", "vigil")


def _in_demonstration(text: str) -> bool:
    return wording(text).holds(_DEMO_WORDS) and _IN_DEMO.search(text) is not None


def _crowd(report: Report, syntax: Syntax, story: Story) -> bool:
    """Type what a crowd does, or what is done to one; True where that decides it.

    Violence within a demonstration is a violent demonstration, that of a crowd without one mob violence; a
    demonstration that is broken up, or some of whose people are held, is one with intervention (codebook 2024).
    """
    kind, text = report.sub_event_type, syntax.sentence.text
    last = story.previous
    near = last is not None and story.number - last.number <= NEAR
    demo = _in_demonstration(text) or (
        near and last is not None and last.sub_event_type in DEMONSTRATIONS - {MOB}
    )
    if kind in {VIOLENT, MOB} and not demo:
        demo = _in_demonstration(story.after(report.sentence)[:_SOON])
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
    if kind == VIOLENT and report.trigger.phrase.startswith("block") and not _BY_FORCE.search(text):
        report.sub_event_type = PEACEFUL
        return True
    if kind in {VIOLENT, MOB}:
        if _PRISON.search(text):
            report.sub_event_type = MOB
        elif demo and kind == MOB and report.trigger.frame == "agent":
            report.sub_event_type = VIOLENT
        return True
    return False


# Characters of what follows that may say what a riot was about.
_SOON = 300

# A road that people only stand on is blocked peacefully; fire, stones and riots are violent.
_BY_FORCE = re.compile(
    r"\b(?:burn\w*|tyres?|tires?|fires?|torch\w*|stones?|rocks?|molotov|petrol bombs?|dirt|mounds?|rubble|dumpsters?|barricad\w+|"
    r"riot\w*|vandal\w*|violen\w+|clash\w*|smash\w*)\b",
    re.I,
)


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
