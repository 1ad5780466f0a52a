"""The parse of one sentence, seen through the dictionary mentions in it: phrases, subjects, objects, who speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .events import Mention
from .parse import Token
from .pipeline import Sentence

SAY = frozenset(
    "say says said tell tells told report reports reported announce announces announced claim claims claimed add adds "
    "added state states stated accuse accuses accused deny denies denied confirm confirms confirmed condemn condemns "
    "condemned warn warns warned declare declared note noted document documented monitor monitored learn learned "
    "reveal revealed indicate indicated explain explained stress stressed urge urged comment commented publish "
    "published estimate estimated describe described quote quoted believe believed believes".split()
)
AMOUNTS = frozenset("number group dozens dozen hundreds tens scores batch series load set couple several many most some lot truckload amount amounts quantity quantities".split())  # fmt: skip
BACK = frozenset("backed supported allied accompanied assisted aided joined affiliated reinforced".split())
OWN = frozenset(
    "belonging affiliated loyal linked operating operates operate manning including comprising led run held controlled "
    "belongs belonged working fighting carrying transporting".split()
)
ALLY_PREPS = frozenset("alongside including like with plus besides".split())
_THEY = frozenset({"they", "he", "she", "it"})
PHRASE_PREPS = frozenset("of from in under within among at for inside on near around by".split())
_NARROW = frozenset("of from under within among between".split())
_CLAUSES = frozenset({"relcl", "advcl", "ccomp", "parataxis", "csubj", "punct", "mark", "cc", "preconj"})

# "the rebel-held town": whose the place is, not who acts.
_HELD = re.compile(r"-? ?(?:held|controlled|run|occupied|besieged)\b", re.I)
_BACKING = re.compile(r"-? ?(?:led|backed|supported|allied)\b(?!,? (?:by|with|to|up|from)\b)", re.I)
_WHERE = re.compile(
    r"\b(?:(?:border|frontier|crossing|boundary|borders)(?: line| area| strip| crossing)? (?:with|of|to|into|and)|"
    r"in|into|inside|near|to|neighbou?ring|across|northern|southern|eastern|western)(?: the)? $",
    re.I,
)
_BORDER = re.compile(r"(?:i|ian|'s)?[ -](?:border|frontier|crossing)", re.I)
# "a sheikh of the tribe" is a person, not the tribe in arms.
_KIN = frozenset({"tribal", "clan"})
# "opposition areas": whose they are, not who was hit; "held by rebels", "under rebel control" likewise.
_AREA = re.compile(
    r"(?:'s)?[ -](?:(?:control|hands|rule)\b|(?:(?:and|or|the|main|last|key|northern|southern|eastern|western|residential) )*"
    r"(?:areas?|territor(?:y|ies)|districts?|neighbou?rhoods?|quarters?|towns?|villages?|cit(?:y|ies)|suburbs?|parts|enclaves?|strongholds?|bastion|province|countryside)\b)",
    re.I,
)
OWNED = re.compile(
    r"\b(?:held|controlled|run|administered|governed|occupied|owned|inhabited|populated) by(?: the| an?)? ?$"
)
_ACCORDING = re.compile(r"\b(?:according to|quoting|citing)(?: [\w'-]+){0,6} ?$")


class Syntax:
    """The parse of one sentence, seen through the dictionary mentions in it."""

    def __init__(self, sentence: Sentence, kinds: dict[str, str]) -> None:
        assert sentence.doc is not None
        self.sentence, self.doc, self.kinds = sentence, sentence.doc, kinds
        self._roots: dict[tuple[int, int], Token] = {}
        self.allied: dict[int, bool] = {}  # by the start of a name: whether the words before make it an ally
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
        return self.doc.covered(m.start, m.end)

    def root(self, m: Mention) -> Token:
        """The token of a mention that hangs from outside of it."""
        root = self._roots.get((m.start, m.end)) or self.doc.root(m.start, m.end)
        assert root is not None
        self._roots[m.start, m.end] = root
        return root

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
        # "announced that they detained two men", "claimed to have killed": who says it did it
        return not any(
            self._triggers(c)
            and (
                c.dep_ == "xcomp"
                or (c.dep_ == "ccomp" and any(o.dep_ == "nsubj" and o.lower_ in _THEY for o in c.children))
            )
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
            if self.on_map(m) or ("person" in kinds and m.ids[0] in _KIN and m.how == "description"):
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

    def owns(self, m: Mention) -> bool:
        """True for a name that only says whose the place is that was hit: "a village held by rebels", "rebel areas"."""
        text = self.sentence.text
        return (
            self.holds(m)
            or bool(_AREA.match(text[m.end : m.end + 60]))
            or bool(OWNED.search(text[max(0, m.start - 40) : m.start]))
        )

    def on_map(self, m: Mention) -> bool:
        """True for a country named as a place: "the border with Jordan", "in Iraq"."""
        text = self.sentence.text
        return (
            m.how == "description"
            and m.text[0].isupper()
            and bool(
                _WHERE.search(text[max(0, m.start - 40) : m.start]) or _BORDER.match(text[m.end : m.end + 20])
            )
        )

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
