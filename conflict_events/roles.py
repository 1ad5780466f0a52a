"""Who did it to whom: agents, allies and targets of a trigger, from the parse, with a fallback in word order.

A role is a noun phrase; the actors in it are the dictionary mentions it denotes ("positions of the regime
forces", "fighters of HTS"), not those in clauses that hang from it. What backs or accompanies an actor is its
ally. Actors that merely say something are nobody's agent.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .events import Mention
from .parse import Token
from .syntax import BACK, Syntax
from .word_order import beside, between, fallback

LIGHT = frozenset(
    "carry carried carries carrying conduct conducted conducts conducting launch launched launches launching stage "
    "staged stages staging perform performed execute executed mount mounted mounting wage waged begin began start "
    "started resume resumed continue continued intensify intensified renew renewed direct directed deliver delivered "
    "make made hold held holds holding organize organized organise organised commit committed perpetrate perpetrated "
    "implement implemented step stepped escalate escalated unleash unleashed take took place set up fire fired drop "
    "dropped use used plant planted lay laid detonate detonated throw threw hurl hurled attempt attempted try tried "
    "manage managed reach reached sign signed conclude concluded agree agreed sustain sustained kept keep involve "
    "involved see saw impose imposed declare declared reinforce reinforced".split()
)
KILLS = frozenset(
    "kill kills killed killing martyr martyred martyring slay slew slain slaying claim claimed claiming claims".split()
)
AGAINST = frozenset("against on at targeting upon toward towards".split())


@dataclass(slots=True)
class Roles:
    """Who takes part in what a trigger reports.

    `owners` are those of the targets that only say whose the place is that was hit;
    `kinds` are the kinds of noun that stand as its target ("place", "armed", "person", …); `target_heads` their
    tokens. `parsed` is False where the parse gave nothing and word order decided.
    """

    agents: list[Mention] = field(default_factory=list)
    allies: list[Mention] = field(default_factory=list)
    targets: list[Mention] = field(default_factory=list)
    target_allies: list[Mention] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    owners: list[Mention] = field(default_factory=list)
    agent_kinds: set[str] = field(default_factory=set)
    parsed: bool = True

    def copy(self) -> Roles:
        """The same roles, to be changed on their own."""
        return Roles(
            [*self.agents], [*self.allies], [*self.targets], [*self.target_allies], {*self.kinds}, [*self.owners],
            {*self.agent_kinds}, self.parsed,
        )  # fmt: skip

    def all_mentions(self) -> list[Mention]:
        """Every actor mention in any role."""
        return [*self.agents, *self.allies, *self.targets, *self.target_allies]


def find_roles(syntax: Syntax, trigger: Mention, frame: str, *, taken: bool = False) -> Roles:
    """The roles around `trigger`, read as its dictionary row's `frame` says.

    With `taken` the trigger tells of a place changing hands, so that "from X" names the loser.
    """
    tokens = syntax.tokens(trigger)
    if not tokens:
        return Roles(parsed=False)
    head = syntax.root(trigger)
    if frame == "active" and not head.tag_.startswith("VB"):
        # "a sniper shot and killed …": the parser takes the first verb for a noun
        head = next((t for t in tokens if t.tag_ in {"VBD", "VBN"} and t.dep_ == "conj"), head)
    roles = Roles()
    if frame == "body":
        _body(syntax, roles, head, tokens)
    elif frame == "mutual":
        _mutual(syntax, roles, trigger, head, tokens)
    elif head.tag_.startswith("VB") and frame in {"active", "agent", "casualty", "receive", "nominal"}:
        _verb(syntax, roles, head, tokens, frame)
    elif frame == "device":
        _device(syntax, roles, head, tokens)
    elif frame == "active" and head.lower_ in _DOERS:
        _doer(syntax, roles, head, tokens)
    elif frame == "receive":
        _receive(syntax, roles, head, tokens)
    else:
        _noun(syntax, roles, head, tokens, taken=taken)
    if frame == "active" and head.lower_ not in _DOERS:
        _swallowed(syntax, roles, trigger)
    fallback(syntax, roles, trigger, frame)
    if frame not in {"means", "casualty", "body"}:
        beside(syntax, roles)
    _tidy(roles)
    roles.owners = [m for m in roles.targets if syntax.owns(m)]
    return roles


# Who blows himself up, in a trigger that names him.
_DOERS = frozenset("bomber bombers attacker attackers".split())


def _doer(syntax: Syntax, roles: Roles, head: Token, tokens: list[Token]) -> None:
    """A deed named by its doer: "an Islamic State suicide bomber", "a suicide bomber of the group"."""
    roles.agents += _left(syntax, tokens[0])
    _put(syntax, roles, [o for t in tokens for o in syntax.after(t, {"of", "from"})], "agent", narrow=True)
    verb = head.head
    if head.dep_ == "nsubj" and verb.tag_.startswith("VB"):
        _put(syntax, roles, syntax.objects(verb), "target")
        _put(
            syntax,
            roles,
            syntax.after(verb, {"at", "against", "beside", "among", "near", "outside"}),
            "target",
        )


def _swallowed(syntax: Syntax, roles: Roles, trigger: Mention) -> None:
    """Who stands inside a trigger of several words is its target: "drove Islamic State from"."""
    if roles.targets:
        return
    for m in syntax.sentence.actors:
        if m.inside(trigger) and m not in roles.agents:
            roles.targets.append(m)
    roles.kinds |= {syntax.kinds[t.lower_] for t in syntax.tokens(trigger)[1:-1] if t.lower_ in syntax.kinds}


def _put(syntax: Syntax, roles: Roles, heads: list[Token], side: str, *, narrow: bool = False) -> None:
    """Add the actors of the noun phrases `heads` to one side of `roles`."""
    for head in heads:
        mains, allies, kinds = syntax.actors_in(head, narrow=narrow)
        if side == "agent":
            roles.agents += mains
            roles.allies += allies
            roles.agent_kinds |= kinds
        else:
            roles.targets += mains
            roles.target_allies += allies
            roles.kinds |= kinds
            named = head.i in syntax.actor_at
            if head.tag_.startswith("NNP") and not named and not kinds and head.i not in syntax.place_at:
                roles.kinds.add("name")
            if head.i in syntax.place_at or (
                not named
                and not kinds
                and any(t.i in syntax.place_at for t, _ in syntax.phrase(head, narrow=True))
            ):
                roles.kinds.add("place")


def _garden_path(syntax: Syntax, roles: Roles, head: Token, frame: str) -> bool:
    """Read "HTS commandos assaulted regime positions" where the parser took the verb for an attribute."""
    if head.dep_ != "amod" or head.tag_ not in {"VBN", "VBD"} or not head.i:
        return False
    left = head.nbor(-1)
    while left.tag_ == "RB" and left.i:
        left = left.nbor(-1)
    m = syntax.actor_at.get(left.i)
    if m is None and syntax.kinds.get(left.lower_) != "armed":
        return False
    if m is not None:
        roles.agents.append(m)
    roles.agent_kinds.add("armed")
    mains, allies, kinds = syntax.actors_in(head.head)
    roles.kinds |= kinds
    if frame != "agent":
        roles.targets += [a for a in mains if a is not m and a.start > head.idx]
        roles.target_allies += allies
    if head.head.i in syntax.place_at:
        roles.kinds.add("place")
    return True


def _verb(syntax: Syntax, roles: Roles, head: Token, tokens: list[Token], frame: str) -> None:
    if _garden_path(syntax, roles, head, frame):
        return
    inside = {t.i for t in tokens}
    passive = syntax.passive(head)
    subjects = syntax.subjects(head)
    by = [o for t in tokens for o in syntax.by(t)]
    objects = [o for t in tokens for o in syntax.objects(t) if o.i not in inside]
    after = [
        o
        for t in tokens
        for o in syntax.after(t, AGAINST | {"of", "over", "with", "to", "from", "into"})
        if o.i not in inside
    ]
    if frame == "casualty" and head.lower_ not in KILLS:
        # who dies is no agent: "a fighter lost his life"
        _put(syntax, roles, subjects, "target")
    elif frame == "receive":
        _put(syntax, roles, subjects, "target")
        taker = [o for t in tokens for o in syntax.after(t, {"to", "from"}) if o.i not in inside]
        _put(syntax, roles, by or taker or after, "agent")
        for o in objects:
            roles.kinds |= syntax.actors_in(o)[2] | ({"place"} if o.i in syntax.place_at else set())
    elif passive:
        _put(syntax, roles, [s for s in subjects if s.i not in inside], "target")
        _put(syntax, roles, by, "agent", narrow=True)
        if head.lower_ in _FREED and not roles.agents:
            _holder(syntax, roles)
    else:
        for s in subjects:
            _put(syntax, roles, [s], "agent")
            if s.i in syntax.trigger_at and not roles.agents:
                _noun(syntax, roles, s, [s], only_agent=True)
        _put(syntax, roles, objects, "target")
        if frame != "agent" and (not roles.targets or tokens[-1].tag_ == "IN" or len(tokens) > 1):
            _put(syntax, roles, after, "target")
        elif frame != "agent":
            _put(syntax, roles, [o for t in tokens for o in syntax.after(t, {"against", "from"})], "target")
    allies = [o for t in tokens for o in syntax.after(t, {"alongside"})]
    for o in allies:
        roles.allies += syntax.actors_in(o)[0]
    for t in tokens:
        for c in t.children:
            if c.lower_ in BACK and c.dep_ in {"advcl", "acl", "prep"}:
                roles.allies += [
                    m
                    for o in [*syntax.by(c), *syntax.after(c, {"with", "to"})]
                    for m in syntax.actors_in(o)[0]
                ]


_FREED = frozenset({"released", "freed"})
_HELD_BY = re.compile(
    r"\b(?:held|detained|imprisoned|jailed|kept|captured) (?:captive |hostage )?by (?:the |a |an )?$", re.I
)


def _holder(syntax: Syntax, roles: Roles) -> None:
    """Who held those that were released lets them go, where nobody else is named."""
    for m in syntax.sentence.actors:
        if _HELD_BY.search(syntax.sentence.text[: m.start]):
            roles.targets = [t for t in roles.targets if t is not m]
            roles.agents.append(m)


def _left(syntax: Syntax, head: Token) -> list[Mention]:
    """Actors before a noun that modify it: "regime shelling", "Russia's air strikes"."""
    found = []
    for child in head.children:
        if child.i < head.i and child.dep_ in {"compound", "amod", "nmod", "poss", "nsubj", "dep"}:
            for token, _ in syntax.phrase(child, narrow=True):
                m = syntax.actor_at.get(token.i)
                if m and m not in found:
                    found.append(m)
    before = head
    while before.i > head.first and before.i - 1 >= 0:
        before = head.doc[before.i - 1]
        m = syntax.actor_at.get(before.i)
        if m:
            if m not in found:
                found.append(m)
            break
        if (
            before.tag_ not in {"JJ", "NN", "NNP", "NNS", "VBG", "HYPH", "POS", "CD", "JJR"}
            or before.i < head.i - 4
        ):
            break
    first = min(found, key=lambda m: m.start, default=None)
    for m in syntax.sentence.actors:
        # "regime and Russian air strikes": the first of two is the first here too
        if (
            first is not None
            and m not in found
            and m.end < first.start
            and _PAIR.fullmatch(syntax.sentence.text[m.end : first.start])
            and not _OTHER_SIDE.search(syntax.sentence.text[: m.start])
        ):
            found.insert(0, m)
    return [m for m in found if id(m) not in syntax.speakers]


_PAIR = re.compile(r",? (?:and|or|and/or) ")
_OTHER_SIDE = re.compile(r"\b(?:with|against|between|of|from|on)(?: the)? $")


def _noun(
    syntax: Syntax,
    roles: Roles,
    head: Token,
    tokens: list[Token],
    *,
    only_agent: bool = False,
    taken: bool = False,
) -> None:
    roles.agents += _left(syntax, tokens[0] if tokens[0].i < head.i else head)
    for t in tokens:
        _put(syntax, roles, syntax.by(t), "agent", narrow=True)
        for c in t.children:
            if c.dep_ in {"acl", "relcl"} and c.tag_ in {"VBN", "VBD"} and c.lower_ in LIGHT:
                _put(syntax, roles, syntax.by(c), "agent", narrow=True)
                if not only_agent:
                    _put(syntax, roles, syntax.after(c, AGAINST), "target")
    if not roles.agents and not taken:
        _put(syntax, roles, [o for t in tokens for o in syntax.after(t, {"from"})], "agent")
    if not roles.agents:
        roles.agents += _announcer(syntax, head) or _doer_of(syntax, tokens)
    verb = _light_verb(head)
    if verb is not None:
        if syntax.passive(verb):
            _put(syntax, roles, syntax.by(verb), "agent", narrow=True)
        elif not roles.agents and head.dep_ != "nsubj":
            _put(syntax, roles, [s for s in syntax.subjects(verb) if s.i != head.i], "agent")
        if not only_agent:
            _put(syntax, roles, syntax.after(verb, AGAINST), "target")
    if not only_agent:
        _put(syntax, roles, [o for t in tokens for o in syntax.after(t, AGAINST)], "target")
        of = [o for t in tokens for o in syntax.after(t, {"of"})]
        if not roles.targets:
            _put(syntax, roles, of, "target")


def _doer_of(syntax: Syntax, tokens: list[Token]) -> list[Mention]:
    """The actor that "of" gives a deed where its target follows: "the shelling of the regime forces on Binnish"."""
    text = syntax.sentence.text
    for t in tokens:
        for o in syntax.after(t, {"of"}):
            m = syntax.actor_at.get(o.i)
            if m is not None and _THEN_TARGET.match(text, m.end):
                return [m]
    return []


# What is hit follows the doer, unless it only says where or when: "on the outskirts", "on Monday".
_THEN_TARGET = re.compile(
    r"(?: and (?:\w+[ -]){1,6}?\([^)]{1,20}\)| \([^)]{1,20}\))? (?:on|against|targeting)\b(?! (?:the )?(?:outskirts?|edges?|fronts?|frontlines?|road|highway|"
    r"axis|axes|borders?|banks?|hills?|\w*day|early|late|\d|january|february|march|april|may|june|july|august|september|october|"
    r"november|december)\b)",
    re.I,
)


def _announcer(syntax: Syntax, noun: Token) -> list[Mention]:
    """Who "announced the capture of …": the one that tells of a deed as its own."""
    if noun.dep_ != "dobj" or noun.head.lower_ not in {
        "announced",
        "announce",
        "announces",
        "declared",
        "claimed",
        "claims",
    }:
        return []
    found = [
        syntax.actor_at[t.i] for s in syntax.subjects(noun.head) for t in s.subtree if t.i in syntax.actor_at
    ]
    return found[:1]


def _light_verb(noun: Token) -> Token | None:
    """The verb that carries a deed named by a noun: "carried out air strikes", "launched a series of raids"."""
    token = noun
    while token.dep_ in {"conj", "compound"} or (token.dep_ == "pobj" and token.head.lower_ == "of"):
        token = token.head.head if token.dep_ == "pobj" else token.head
    if token.dep_ in {"dobj", "nsubjpass", "nsubj", "attr"} and token.head.lower_ in LIGHT:
        return token.head
    if token.dep_ == "pobj" and token.head.head.lower_ in LIGHT | {
        "respond",
        "responded",
        "targeted",
        "retaliated",
    }:
        return token.head.head
    return None


def _body(syntax: Syntax, roles: Roles, head: Token, tokens: list[Token]) -> None:
    """Whose body was found: "the body of a soldier", "a man's body", "a trader was found dead"."""
    heads = [o for t in tokens for o in syntax.after(t, {"of"})]
    heads += [c for t in tokens for c in t.children if c.dep_ == "poss"]
    if head.tag_.startswith("VB"):
        heads += syntax.subjects(head) if syntax.passive(head) else syntax.objects(head)
    _put(syntax, roles, heads, "target", narrow=True)


def _device(syntax: Syntax, roles: Roles, head: Token, tokens: list[Token]) -> None:
    """A device: its planter is the agent; who it hits, not who stands near it, is the target."""
    near = [*tokens, head.head] if head.dep_ in {"nsubj", "nsubjpass", "compound", "dobj"} else list(tokens)
    near += [c for t in tokens for s in syntax.subjects(t) for c in [s]]
    for t in near:
        for c in t.children:
            if c.lower_ in {
                "planted",
                "laid",
                "placed",
                "left",
                "set",
                "detonated",
                "installed",
                "rigged",
            } and c.dep_ in {"acl", "relcl"}:
                _put(syntax, roles, syntax.by(c), "agent", narrow=True)
                _put(syntax, roles, syntax.after(c, {"in", "under", "inside", "on"}), "target", narrow=True)
            if c.dep_ in {"acl", "advcl", "relcl"} and c.lower_ in {
                "targeting",
                "targeted",
                "hitting",
                "hit",
                "striking",
                "struck",
            }:
                _put(syntax, roles, syntax.objects(c), "target")
        if t.dep_ != "compound":
            _put(
                syntax,
                roles,
                syntax.after(t, {"in", "under", "inside", "at", "near", "against", "beneath", "beside"}),
                "target",
                narrow=True,
            )
    roles.agents += [m for m in _left(syntax, tokens[0]) if m not in roles.targets]
    for t in tokens:
        if t.tag_.startswith("VB") and not syntax.passive(t):
            _put(
                syntax,
                roles,
                [s for s in syntax.subjects(t) if syntax.kinds.get(s.lower_) == "armed"],
                "agent",
                narrow=True,
            )
        elif t.tag_.startswith("VB"):
            _put(syntax, roles, syntax.by(t), "agent", narrow=True)
    verb = head.head
    if head.dep_ == "nsubj" and verb.tag_.startswith("VB"):
        _put(syntax, roles, syntax.objects(verb), "target")
    elif head.dep_ == "dobj" and verb.lower_ in _MET:
        _put(syntax, roles, syntax.subjects(verb), "target")
    elif head.dep_ == "pobj" and verb.lower_ in {"over", "on", "into", "onto"} and verb.head.lower_ in _OVER:
        _put(syntax, roles, syntax.subjects(verb.head), "target")
    elif head.dep_ in {"dobj", "nsubjpass"} and verb.lower_ in LIGHT | _THROWN:
        _put(syntax, roles, syntax.by(verb) if syntax.passive(verb) else syntax.subjects(verb), "agent")
        if verb.lower_ in _THROWN:
            _put(
                syntax,
                roles,
                syntax.after(verb, {"at", "into", "towards", "toward", "onto"}),
                "target",
                narrow=True,
            )


# "a patrol hit a landmine", "their car drove over a mine": who met with the device.
_MET = frozenset("hit hits struck triggered tripped encountered met".split())
_OVER = frozenset("ran run runs drove drive stepped step trod passed went fell".split())
_THROWN = frozenset(
    "threw thrown throwing tossed hurled lobbed flung drove driven driving rammed exploded detonated".split()
)


def _receive(syntax: Syntax, roles: Roles, head: Token, tokens: list[Token]) -> None:
    verb = head
    while not verb.tag_.startswith("VB") and verb.head != verb:
        verb = verb.head
    _put(syntax, roles, syntax.subjects(verb), "target")
    _put(syntax, roles, [o for t in tokens for o in syntax.after(t, {"by", "from", "to"})], "agent")
    if not roles.agents:
        # "under torture in a regime prison": whose cells they are
        cells = [o for t in [*tokens, verb] for o in syntax.after(t, {"in", "inside", "at"})]
        _put(syntax, roles, [o for o in cells if o.lower_ in _CELLS], "agent", narrow=True)


_CELLS = frozenset("prison prisons jail jails cell cells custody detention centre center branch".split())


def _mutual(syntax: Syntax, roles: Roles, trigger: Mention, head: Token, tokens: list[Token]) -> None:
    """Two sides: "between X and Y", "X and Y clashed", "X clashed with Y", "fighting X"."""
    if head.tag_.startswith("VB") and head.dep_ not in {"amod", "compound"}:
        subjects = syntax.subjects(head)
        against = [o for t in tokens for o in syntax.after(t, {"with", "against"})]
        objects = [o for t in tokens for o in syntax.objects(t) if o.i not in {t.i for t in tokens}]
        objects = [o for o in objects if o.i not in syntax.trigger_at]
        _put(syntax, roles, [s for s in subjects if s.i not in {t.i for t in tokens}], "agent")
        _put(syntax, roles, against or objects, "target")
        if roles.targets:
            return
    if between(syntax, roles, trigger):
        return
    sides = [o for t in tokens for o in syntax.after(t, {"with", "against"})]
    verb = _light_verb(head)
    if verb is not None:
        sides += syntax.after(verb, {"with", "against"})
        if not roles.agents:
            _put(syntax, roles, [s for s in syntax.subjects(verb) if s.i != head.i], "agent")
    _put(syntax, roles, sides, "target")
    if not roles.agents:
        roles.agents += [m for m in _left(syntax, tokens[0]) if m not in roles.targets]


def _tidy(roles: Roles) -> None:
    """Each mention in one role only; agents win over targets, mains over allies."""
    seen: set[tuple[int, int]] = set()
    for group in (roles.agents, roles.targets, roles.allies, roles.target_allies):
        kept = []
        for m in group:
            if (m.start, m.end) not in seen:
                seen.add((m.start, m.end))
                kept.append(m)
        group[:] = kept
