"""Who did it to whom: agents, allies and targets of a trigger, from the parse, with a fallback in word order.

A role is a noun phrase; the actors in it are the dictionary mentions it denotes ("positions of the regime
forces", "fighters of HTS"), not those in clauses that hang from it. What backs or accompanies an actor is its
ally. Actors that merely say something are nobody's agent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .events import Mention
from .pipeline import Sentence

if TYPE_CHECKING:
    from spacy.tokens import Token

SAY = frozenset(
    "say says said tell tells told report reports reported announce announces announced claim claims claimed add adds "
    "added state states stated accuse accuses accused deny denies denied confirm confirms confirmed condemn condemns "
    "condemned warn warns warned declare declared note noted document documented monitor monitored learn learned "
    "reveal revealed indicate indicated explain explained stress stressed urge urged comment commented publish "
    "published estimate estimated describe described quote quoted believe believed believes".split()
)
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
AMOUNTS = frozenset("number group dozens dozen hundreds tens scores batch series load set couple several many most some lot truckload amount amounts quantity quantities".split())  # fmt: skip
KILLS = frozenset(
    "kill kills killed killing martyr martyred martyring slay slew slain slaying claim claimed claiming claims".split()
)
BACK = frozenset("backed supported allied accompanied assisted aided joined affiliated reinforced".split())
OWN = frozenset(
    "belonging affiliated loyal linked operating operates operate manning including comprising led run held controlled "
    "belongs belonged working fighting carrying transporting".split()
)
ALLY_PREPS = frozenset("alongside including like with plus besides".split())
_THEY = frozenset({"they", "he", "she", "it"})
PHRASE_PREPS = frozenset("of from in under within among at for inside on near around by".split())
_NARROW = frozenset("of from under within among between".split())
AGAINST = frozenset("against on at targeting upon toward towards".split())
_CLAUSES = frozenset({"relcl", "advcl", "ccomp", "parataxis", "csubj", "punct", "mark", "cc", "preconj"})


@dataclass(slots=True)
class Roles:
    """Who takes part in what a trigger reports.

    `kinds` are the kinds of noun that stand as its target ("place", "armed", "person", …); `target_heads` their
    tokens. `parsed` is False where the parse gave nothing and word order decided.
    """

    agents: list[Mention] = field(default_factory=list)
    allies: list[Mention] = field(default_factory=list)
    targets: list[Mention] = field(default_factory=list)
    target_allies: list[Mention] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    places: list[Mention] = field(default_factory=list)
    agent_kinds: set[str] = field(default_factory=set)
    parsed: bool = True

    def all_mentions(self) -> list[Mention]:
        """Every actor mention in any role."""
        return [*self.agents, *self.allies, *self.targets, *self.target_allies]


# "the rebel-held town": whose the place is, not who acts.
_HELD = re.compile(r"-? ?(?:held|controlled|run|occupied|besieged)\b", re.I)
_BACKING = re.compile(r"-? ?(?:led|backed|supported|allied)\b", re.I)
_ACCORDING = re.compile(r"\b(?:according to|quoting|citing)(?: [\w'-]+){0,6} ?$")


class Syntax:
    """The parse of one sentence, seen through the dictionary mentions in it."""

    def __init__(self, sentence: Sentence, kinds: dict[str, str]) -> None:
        assert sentence.doc is not None
        self.sentence, self.doc, self.kinds = sentence, sentence.doc, kinds
        self.actor_at: dict[int, Mention] = {}
        self.place_at: dict[int, Mention] = {}
        self.trigger_at: dict[int, Mention] = {}
        for table, mentions in (
            (self.actor_at, sentence.actors),
            (self.place_at, sentence.places),
            (self.trigger_at, sentence.triggers),
        ):
            for m in mentions:
                for token in self.tokens(m):
                    table.setdefault(token.i, m)
        self.speakers = {id(m) for m in sentence.actors if self._speaks(m)}

    def tokens(self, m: Mention) -> list[Token]:
        """The tokens a mention covers."""
        span = self.doc.char_span(m.start, m.end, alignment_mode="expand")
        return list(span) if span is not None else []

    def root(self, m: Mention) -> Token:
        """The token of a mention that hangs from outside of it."""
        span = self.doc.char_span(m.start, m.end, alignment_mode="expand")
        assert span is not None
        return span.root

    def _speaks(self, m: Mention) -> bool:
        token = self.root(m)
        before = self.sentence.text[: m.start].lower()
        if _ACCORDING.search(before):
            return True
        while token.dep_ in {"compound", "poss", "conj", "appos"} or (
            token.dep_ == "pobj" and token.head.lower_ in {"of", "for", "from"}
        ):
            token = token.head
        if token.dep_ != "nsubj" or token.head.lower_ not in SAY or self._triggers(token.head):
            return False
        # "announced that they detained two men": who says it did it
        return not any(
            c.dep_ == "ccomp"
            and self._triggers(c)
            and any(o.dep_ == "nsubj" and o.lower_ in _THEY for o in c.children)
            for c in token.head.children
        )

    def _triggers(self, token: Token) -> bool:
        return token.i in self.trigger_at

    # -- noun phrases ---------------------------------------------------------------------------------

    def phrase(self, head: Token, *, narrow: bool = False) -> Iterator[tuple[Token, bool]]:
        """Tokens of the noun phrase of `head`, each with True where it names an ally rather than the actor."""
        stack = [(head, False)]
        seen = set()
        while stack:
            token, ally = stack.pop()
            if token.i in seen:
                continue
            seen.add(token.i)
            yield token, ally
            for child in token.children:
                if child.dep_ in {"acl", "relcl"} and (child.dep_ == "acl" or child.lower_ in OWN):
                    stack.extend(self._participle(child, ally))
                elif child.dep_ in _CLAUSES:
                    continue
                elif child.dep_ in {"prep", "agent", "dative"}:
                    if child.lower_ in ALLY_PREPS:
                        stack.extend((c, True) for c in child.children)
                    elif child.lower_ in (_NARROW if narrow else PHRASE_PREPS):
                        stack.extend((c, ally) for c in child.children)
                elif child.dep_ in {"nsubj", "nsubjpass", "dobj"} and token is not head:
                    continue
                elif child.dep_ == "conj" and child.tag_.startswith("VB") and self._triggers(child):
                    continue
                else:
                    stack.append((child, ally))

    def _participle(self, verb: Token, ally: bool) -> list[tuple[Token, bool]]:
        if verb.lower_ in BACK:
            return [(c, True) for p in verb.children if p.dep_ in {"agent", "prep"} for c in p.children]
        if verb.lower_ in OWN:
            return [
                (c, ally)
                for p in verb.children
                if p.dep_ in {"agent", "prep", "dobj"}
                for c in [p, *p.children]
            ]
        return []

    def actors_in(
        self, head: Token, *, narrow: bool = False
    ) -> tuple[list[Mention], list[Mention], set[str]]:
        """(actors, allies, noun kinds) of the noun phrase of `head`, in text order."""
        mains: dict[int, Mention] = {}
        allies: dict[int, Mention] = {}
        kinds = {self.kinds[head.lower_]} if head.lower_ in self.kinds else set()
        if not kinds or head.lower_ in AMOUNTS:
            counted = [o for c in head.children if c.lower_ == "of" for o in c.children]
            kinds |= {
                self.kinds[o.lower_] for o in counted if o.lower_ in self.kinds and head.lower_ in AMOUNTS
            }
        for token, ally in self.phrase(head, narrow=narrow):
            if token.dep_ == "conj" and token.lower_ in self.kinds:
                kinds.add(self.kinds[token.lower_])
            m = self.actor_at.get(token.i)
            if m is None or id(m) in self.speakers:
                continue
            ally = ally or self._backer(m)
            if m.how == "adjective" and not ally and not self._denotes(m, token):
                continue
            (allies if ally else mains).setdefault(m.start, m)
            if ally and m.start in mains:
                allies.pop(m.start)
        order = sorted(mains)
        return [mains[k] for k in order], [allies[k] for k in sorted(allies) if k not in mains], kinds

    def _backer(self, m: Mention) -> bool:
        """True for the first name of "Turkish-led X forces" or "Russian-backed X"."""
        return bool(_BACKING.match(self.sentence.text[m.end :]))

    def holds(self, m: Mention) -> bool:
        """True for a name that only says whose a place is: "regime-held Nubl"."""
        return bool(_HELD.match(self.sentence.text[m.end :]))

    def _denotes(self, m: Mention, token: Token) -> bool:
        """True where an adjective stands for the actor: "the regime", "regime shelling", not "Syrian children"."""
        head = self.root(m)
        if head.tag_.startswith("NN") and head.dep_ not in {"compound", "amod", "nmod"}:
            return True
        return self.kinds.get(head.head.lower_) in {
            "armed",
            "platform",
            "position",
            "weapon",
        } or self._triggers(head.head)

    # -- verbs ----------------------------------------------------------------------------------------

    def passive(self, verb: Token) -> bool:
        """True for a participle whose subject undergoes the deed."""
        if verb.tag_ not in {"VBN", "VBD"}:
            return False
        if any(c.dep_ in {"nsubjpass", "auxpass"} for c in verb.children):
            return True
        if any(c.dep_ in {"nsubj", "dobj"} for c in verb.children):
            return False
        if verb.dep_ in {"acl", "amod"}:
            return verb.tag_ == "VBN" or any(c.dep_ == "agent" for c in verb.children)
        if verb.dep_ == "conj" and verb.head.tag_.startswith("VB"):
            return self.passive(verb.head) and verb.tag_ == "VBN"
        return any(c.dep_ == "agent" for c in verb.children)

    def subjects(self, verb: Token, depth: int = 0) -> list[Token]:
        """Heads of the noun phrases that are the grammatical subject of `verb`, its own or inherited."""
        own = [c for c in verb.children if c.dep_ in {"nsubj", "nsubjpass", "csubj"}]
        if own:
            if own[0].tag_ in {"WDT", "WP", "DT"} and verb.dep_ == "relcl":
                return [verb.head]
            if own[-1].lower_ in _THEY and verb.dep_ in {"advcl", "ccomp"} and verb.head.i < verb.i:
                # "were killed after they were ambushed", "announced that they detained"
                return self.subjects(verb.head, depth + 1) or own[-1:]
            # the one next to the verb: a day of the month before it may pass for a subject
            return own[-1:]
        if depth > 4:
            return []
        if verb.dep_ == "relcl":
            return [verb.head]
        if verb.dep_ == "acl":
            return self._subject_behind(verb) or [verb.head]
        if verb.dep_ in {"conj", "xcomp", "advcl", "ccomp", "dep"} and verb.head != verb:
            if verb.head.dep_ == "acomp":
                return self.subjects(verb.head.head, depth + 1)  # "were able to destroy"
            return (
                self.subjects(verb.head, depth + 1)
                if verb.head.tag_.startswith(("VB", "MD"))
                else ([verb.head] if verb.dep_ == "xcomp" else [])
            )
        if verb.dep_ == "pcomp" and verb.head.dep_ == "prep":
            up = verb.head.head
            return self.subjects(up, depth + 1) if up.tag_.startswith("VB") else []
        return []

    def _subject_behind(self, verb: Token) -> list[Token]:
        """The clause's subject for ", killed by gunmen" behind a place, which is not what was killed."""
        noun = verb.head
        if verb.i == 0 or verb.nbor(-1).text != "," or noun.i not in self.place_at:
            return []
        while noun.head != noun and not noun.tag_.startswith("VB"):
            noun = noun.head
        return self.subjects(noun) if noun.tag_.startswith("VB") else []

    def by(self, token: Token) -> list[Token]:
        """What follows "by" at `token`."""
        return [
            o
            for c in token.children
            if c.dep_ == "agent" or (c.dep_ == "prep" and c.lower_ == "by")
            for o in c.children
            if o.dep_ in {"pobj", "pcomp"}
        ]

    def after(self, token: Token, preps: frozenset[str] | set[str]) -> list[Token]:
        """Objects of the prepositions `preps` at `token`."""
        found = []
        for c in token.children:
            if c.i < token.i and token.tag_.startswith("VB"):
                continue  # "On 9 May, …": what goes before the verb sets the scene
            if c.dep_ in {"prep", "dative", "agent"} and c.lower_ in preps:
                found += [o for o in c.children if o.dep_ in {"pobj", "pcomp"}]
                found += [o for p in c.children if p.dep_ == "prep" for o in p.children if o.dep_ == "pobj"]
            elif c.dep_ in {"acl", "advcl"} and c.lower_ in preps:
                found += [o for o in c.children if o.dep_ in {"dobj", "pobj"}]
        return found

    def objects(self, verb: Token) -> list[Token]:
        """Direct objects of `verb`, or the noun its participle or relative clause hangs from."""
        if verb.tag_ in {"IN", "TO", "RP"}:
            return [c for c in verb.children if c.dep_ == "pobj"]
        found = [c for c in verb.children if c.dep_ in {"dobj", "obj", "oprd"}]
        if found and found[0].tag_ in {"WDT", "WP"} and verb.dep_ == "relcl":
            return [verb.head]
        if not found and verb.tag_.startswith("VB") and verb.i + 1 < len(self.doc):
            # "killed using small arms fire a police officer"
            using = verb.nbor(1)
            if using.lower_ == "using" and using.head == verb:
                found = [c for c in using.children if c.dep_ == "dobj"][-1:]
        if not found and verb.tag_.startswith("VB"):
            # "captured and detained 30 men": the object stands at the last verb
            for other in verb.children:
                if other.dep_ == "conj" and other.tag_ == verb.tag_ and other.i - verb.i < 4:
                    found = [c for c in other.children if c.dep_ in {"dobj", "obj"}]
        return found

    def governor(self, m: Mention) -> Mention | None:
        """The nearest trigger above a mention in the tree, or None."""
        token = self.root(m)
        for _ in range(30):
            if token.i in self.trigger_at:
                return self.trigger_at[token.i]
            if token.head == token:
                return None
            token = token.head
        return None


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
    elif frame == "receive":
        _receive(syntax, roles, head, tokens)
    else:
        _noun(syntax, roles, head, tokens, taken=taken)
    if frame == "active":
        _swallowed(syntax, roles, trigger)
    _fallback(syntax, roles, trigger, frame)
    if frame not in {"means", "casualty", "body"}:
        _backed(syntax, roles)
    _tidy(roles)
    return roles


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
    while before.i > head.sent.start and before.i - 1 >= 0:
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
    return [m for m in found if id(m) not in syntax.speakers]


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
        roles.agents += _announcer(syntax, head)
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


_THROWN = frozenset("threw thrown throwing tossed hurled lobbed flung".split())


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
    if _between(syntax, roles, trigger):
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


def _between(syntax: Syntax, roles: Roles, trigger: Mention) -> bool:
    """Read "between A, allied with B, and C" or "between A and B against C" in word order."""
    words = syntax.sentence.words
    at = next((w for w in words if w.start >= trigger.start and w.lower in {"between", "pitting"}), None)
    if at is None:
        return False
    stop = next((t.start for t in syntax.sentence.triggers if t.start > at.start), 10**9)
    mentions = [m for m in syntax.sentence.actors if at.start < m.start and id(m) not in syntax.speakers]
    near = [m for m in mentions if m.start < stop] or mentions[:2]
    if not near:
        return False
    text = syntax.sentence.text
    split = next(
        (
            i
            for i, m in enumerate(near)
            if i
            and {"against", "versus", "vs", "other"}
            & {w.lower for w in words if near[i - 1].end <= w.start < m.start}
        ),
        0,
    )
    if not split:
        split = _split(near, text)
    first, second = near[:split] if split else near[:1], near[split:] if split else near[1:]
    roles.agents.append(first[0])
    roles.allies += first[1:]
    if second:
        roles.targets.append(second[0])
        roles.target_allies += second[1:]
    return True


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


def _fallback(syntax: Syntax, roles: Roles, trigger: Mention, frame: str) -> None:
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
        if before.endswith((" by", " by the", " by a", " by an")) and not _OWNED.search(before):
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
_OWNED = re.compile(
    r"\b(?:held|controlled|run|administered|governed|occupied|owned|inhabited|populated) by(?: the| an?)?$"
)
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
_ALLIED = re.compile(
    r"\b(?:backed|supported|led|accompanied|joined|assisted|aided|spearheaded)(?: up)? by(?: (?:the|its|their|an?|\w+-linked|\w+-backed|al-\w+-linked|allied|local|some|powerful|elite)){0,3}\s*$"
    r"|\b(?:allied (?:with|to)|with (?:the )?(?:support|backing|help|assistance|participation) (?:of|from)|alongside|including|in coordination with|together with|along with)(?: (?:the|its|their))?\s*$",
    re.I,
)


def _allied(syntax: Syntax, m: Mention) -> bool:
    """True where the words before a name make it somebody's ally: "backed by", "alongside", "including"."""
    return bool(_ALLIED.search(syntax.sentence.text[: m.start]))


def _backed(syntax: Syntax, roles: Roles) -> None:
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
