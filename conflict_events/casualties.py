"""How many died: counts of the killed in a sentence, and what was assumed where no number is given.

Rules after the ACLED codebook 2024, "Fatalities", and Syrian practice: killed only, never wounded; "at least
N" is N; a range is its lower end; dozens 12, hundreds 100, tens, several and an unknown number 10; parts
named after "including" are not added; the suicide bomber counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .events import Mention
from .roles import Syntax

if TYPE_CHECKING:
    from spacy.tokens import Token

UNITS = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen twenty".split()
    )
} | {"thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
UNKNOWN = 10
VAGUE = {
    "dozen": 12, "dozens": 12, "scores": 20, "hundreds": 100, "tens": 10, "several": UNKNOWN, "many": UNKNOWN,
    "some": UNKNOWN, "numerous": UNKNOWN, "few": UNKNOWN, "couple": 2, "number": UNKNOWN, "multiple": UNKNOWN,
    "others": UNKNOWN, "thousands": 1000,
}  # fmt: skip
KILL = frozenset(
    "kill kills killed killing slay slain slaughtered slaughtering martyred martyring massacred massacring murdered "
    "murdering murder executed executing execute assassinated assassinating assassinate beheaded beheading gunned "
    "eliminated eliminating neutralized neutralised neutralizing neutralising lynched".split()
)
DEATH = frozenset(
    "death deaths killing killings martyrdom fatality fatalities execution executions murder murders assassination".split()
)
DIE = frozenset("died dies die dying perished perish".split())
DEAD = frozenset({"dead", "lifeless"})
BODY = frozenset("body bodies corpse corpses".split())
WOUND = frozenset(
    "wounded wounding wounds injured injuring injures injury injuries hurt casualties maimed hospitalized".split()
)
TOLL = frozenset("toll".split())
_GROUPS = frozenset(
    "family group number dozens dozen scores hundreds tens thousands handful total members couple".split()
)
_SKIP_DEPS = frozenset({"relcl", "acl", "advcl", "punct", "cc", "appos"})
_HUMAN = frozenset({"person", "armed"})
_TOLL = re.compile(
    r"\b(?:death )?toll\b[^.;]{0,80}?\b(?:to|at|of|reached|reaching|stands at|stood at|hit|passed|risen to)\s+"
    r"(?:at least |more than |around |about |nearly |over |some )?(\d[\d,]*|[a-z]+(?:[ -][a-z]+)?)\b"
    r"|\b(?:number of|bringing the|raising the)\s+(?:dead|deaths|fatalities|victims|those killed|killed)[^.;]{0,40}?\bto\s+"
    r"(?:at least |more than )?(\d[\d,]*|[a-z]+)\b",
    re.I,
)
_CLAIM = re.compile(
    r"\b(?:claim(?:ed|ing|s)?|cost(?:ing)?|took|taking|los[et]|losing)\s+(?:the\s+|their\s+)?li(?:f|v)es?(?:\s+of)?\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Toll:
    """Deaths told at one place of a sentence.

    `killed` is the number, or None for people only wounded; `assumed` the words of a number that had to be
    assumed; `kinds` what the victims are ("person", "armed"); `actors` the mentions of them; `total` marks a
    toll for the whole event rather than an addition.
    """

    killed: int | None
    start: int
    end: int
    text: str
    assumed: str = ""
    kinds: frozenset[str] = frozenset()
    actors: tuple[Mention, ...] = ()
    total: bool = False
    words: frozenset[str] = field(default_factory=frozenset)


def number(text: str) -> int | None:
    """The whole number that `text` names in digits or words; None where it names none."""
    text = text.lower().strip().replace(",", "")
    if text.isdigit():
        return int(text) if len(text) < 7 else None
    total, current, seen = 0, 0, False
    for word in re.split(r"[\s-]+", text):
        if word in UNITS:
            current += UNITS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word == "thousand":
            total, current = total + (current or 1) * 1000, 0
        elif word == "and":
            continue
        elif word.isdigit():
            current += int(word)
        else:
            return None
        seen = True
    return total + current if seen else None


def find_tolls(syntax: Syntax) -> list[Toll]:
    """Killed and wounded told in the sentence, from left to right, each group of victims once."""
    found: list[Toll] = []
    seen: set[int] = set()
    for head, verb, dead in _victims(syntax):
        for victim in _coordinated(head):
            if victim.i in seen or victim.lower_ in WOUND:
                continue
            toll = _toll(syntax, victim, dead)
            if toll is not None:
                seen.add(victim.i)
                found.append(toll)
    found += _totals(syntax)
    found += _claimed(syntax, seen)
    if any(t.total for t in found):
        first = next(t for t in found if t.total)
        found = [first, *(t for t in found if t.killed is None)]
    return sorted(found, key=lambda t: t.start)


def _victims(syntax: Syntax) -> Iterator[tuple[Token, Token, bool]]:
    """(head of the victims' noun phrase, deadly or wounding word, True where they died)."""
    for token in syntax.doc:
        low = token.lower_
        if _denied(token):
            continue
        if low in KILL or low in WOUND:
            yield from ((v, token, low in KILL) for v in _of_verb(syntax, token, low))
        if low in DEATH:
            for o in syntax.after(token, {"of"}):
                yield o, token, True
            if low.startswith("fatalit") or low == "deaths":
                yield token, token, True
        elif low in DIE or low in DEAD or low == "martyr":
            yield from ((v, token, True) for v in _of_state(syntax, token))
        elif low in BODY:
            yield token, token, True
        elif low == "shot" or low == "stabbed" or low == "beaten" or low == "tortured" or low == "found":
            if any(
                c.lower_ in {"dead", "death", "killed"} for c in token.subtree if token.i < c.i <= token.i + 3
            ):
                yield from ((v, token, True) for v in _of_verb(syntax, token, low))


_NONE = re.compile(
    r"\b(?:neither|no|without|nor|zero)\b[^.;:]{0,60}?\b(?:fatalit\w+|deaths?|casualt\w+|killed|injur\w+|wounded|victims?)\b"
    r"(?:(?:,| or| nor| and)+ (?:\w+ )?(?:fatalit\w+|deaths?|casualt\w+|killed|injur\w+|wounded))*",
    re.I,
)


def _denied(token: Token) -> bool:
    text = token.doc.text
    if any(m.start() <= token.idx < m.end() for m in _NONE.finditer(text)):
        return True
    return any(
        c.lower_ in {"no", "neither", "not", "n't", "nor", "without", "never"} for c in token.children
    ) or (token.head.lower_ in {"without", "no"})


def _of_verb(syntax: Syntax, verb: Token, low: str) -> list[Token]:
    if verb.tag_.startswith("NN") and low not in KILL:
        of = syntax.after(verb, {"of", "to", "among"})
        return of
    if verb.tag_ in {"JJ", "VBN", "VBD"} and verb.dep_ in {"amod"}:
        return [verb.head]
    objects = syntax.objects(verb)
    if objects and not any(c.dep_ in {"nsubjpass", "auxpass"} for c in verb.children):
        return objects
    if verb.tag_ in {"VBN", "VBD", "JJ", "NN", "NNP"}:
        subjects = syntax.subjects(verb)
        if verb.dep_ == "conj" and not any(c.dep_ in {"nsubj", "nsubjpass"} for c in verb.children):
            # "3 killed and 5 wounded": the number before the word counts its own victims
            before = [c for c in verb.lefts if c.tag_ == "CD"] or (
                [verb.nbor(-1)] if verb.i and verb.nbor(-1).tag_ == "CD" else []
            )
            if before:
                return before[:1]
        if not subjects and verb.i and verb.nbor(-1).tag_ == "CD":
            return [verb.nbor(-1)]
        if syntax.passive(verb) or verb.tag_ == "VBN":
            return subjects
        if low in {"wounded", "injured", "killed", "martyred", "executed"} and subjects and not objects:
            return [s for s in subjects if not _killers(s)]
    if verb.tag_ == "VBG" and not objects:
        return [o for o in syntax.after(verb, {"of"})]
    return []


def _killers(noun: Token) -> bool:
    """True for a subject that rather kills than dies: "unknown gunmen killed"."""
    words = {t.lower_ for t in noun.subtree}
    return bool(
        words
        & {"gunmen", "unknown", "unidentified", "warplanes", "warplane", "drone", "shelling", "militants"}
    ) and not (words & {"were", "was"})


def _of_state(syntax: Syntax, token: Token) -> list[Token]:
    if token.tag_.startswith("VB"):
        return syntax.subjects(token)
    if token.dep_ == "amod":
        return [token.head]
    verb = token.head
    left = [c for c in verb.children if c.dep_ in {"dobj", "nsubj"} and c.i < token.i and c.i > verb.i]
    if left:
        return left
    if token.dep_ in {"acomp", "oprd", "xcomp", "attr", "acl", "ccomp"}:
        subjects = [c for c in token.children if c.dep_ in {"nsubj"}]
        return subjects or (
            syntax.subjects(verb)
            if verb.lower_ not in {"left", "leave", "leaving", "leaves"}
            else syntax.objects(verb)
        )
    children = [c for c in token.children if c.dep_ in {"nummod", "nsubj"}]
    if token.tag_.startswith("NN") or children:
        return [token] if any(c.dep_ == "nummod" for c in children) else children
    if token.i and token.nbor(-1).tag_ == "CD":
        return [token.nbor(-1)]
    return []


def _coordinated(head: Token) -> Iterator[Token]:
    """`head` and the nouns joined to it; not those after "including"."""
    yield head
    for child in head.children:
        if child.dep_ == "conj" and child.tag_.startswith(("NN", "CD", "PRP", "JJ", "DT")):
            yield from _coordinated(child)
        elif child.dep_ == "prep" and child.lower_ in {"plus", "alongside", "with"}:
            for o in child.children:
                if o.dep_ == "pobj" and any(c.dep_ == "nummod" for c in o.children):
                    yield from _coordinated(o)


def _toll(syntax: Syntax, head: Token, dead: bool) -> Toll | None:
    mains, _, kinds = syntax.actors_in(head, narrow=True)
    kinds = {k for k in kinds if k in _HUMAN}
    nouns = {t.lower_ for t, _ in syntax.phrase(head, narrow=True)}
    kinds |= {syntax.kinds[n] for n in nouns if syntax.kinds.get(n) in _HUMAN}
    count, assumed = _count(syntax, head)
    human = bool(
        kinds
        or mains
        or head.tag_ == "CD"
        or head.lower_
        in {"others", "them", "another", "one", "who", "all", "him", "her", "he", "she"}
        | VAGUE.keys()
        | BODY
        | DEATH
    )
    if not human:
        return None
    if count is None:
        if head.tag_ in {"PRP", "WP", "DT"} and head.lower_ not in {"him", "he", "she", "her"}:
            return None
        return None if not dead else _made(syntax, head, 1, "", kinds, mains, dead, nouns)
    return _made(syntax, head, count, assumed, kinds, mains, dead, nouns)


def _made(
    syntax: Syntax,
    head: Token,
    count: int,
    assumed: str,
    kinds: set[str],
    mains: list[Mention],
    dead: bool,
    nouns: set[str],
) -> Toll:
    left = min((t.idx for t in head.subtree if t.i <= head.i and t.i > head.i - 6), default=head.idx)
    end = head.idx + len(head)
    return Toll(
        count if dead else None, left, end, syntax.sentence.text[left:end], assumed, frozenset(kinds), tuple(mains),
        words=frozenset(nouns),
    )  # fmt: skip


def _count(syntax: Syntax, head: Token) -> tuple[int | None, str]:
    """(how many `head` stands for, the words assumed); None where it gives no hint."""
    low = head.lower_
    if head.tag_ == "CD" and (n := number(head.text)) is not None:
        return _ranged(syntax, head, n), ""
    if low in VAGUE and low not in {"others"}:
        of = [o for c in head.children if c.lower_ == "of" for o in c.children]
        exact = next((number(c.text) for o in of for c in o.children if c.dep_ == "nummod"), None)
        if exact is not None and low in {"total", "number"}:
            return exact, ""
        numbers = [number(c.text) for c in head.children if c.dep_ == "nummod"]
        if low in {"dozen", "scores"} and numbers and numbers[0]:
            return numbers[0] * (12 if low == "dozen" else 20), ""
        return VAGUE[low], head.text
    if low in {"family", "group"}:
        of = [number(o.text) for c in head.children if c.lower_ == "of" for o in c.children]
        if of and of[0]:
            return of[0], ""
    for child in head.children:
        if child.dep_ in {"nummod", "quantmod"} and (n := number(_numeral(child))) is not None:
            return _ranged(syntax, child, n), ""
        if child.lower_ in VAGUE and child.dep_ in {"amod", "det", "nummod", "quantmod", "compound", "nmod"}:
            return VAGUE[child.lower_], child.text
    plural = head.tag_ in {"NNS", "NNPS"} or low in {"people", "personnel", "others", "members"}
    if plural:
        return UNKNOWN, f"{head.text}, no number"
    if head.tag_ in {"NN", "NNP", "PRP", "DT"} or low == "one":
        return 1, ""
    return None, ""


def _numeral(token: Token) -> str:
    parts = [c.text for c in token.children if c.dep_ == "compound" and number(c.text) is not None]
    return " ".join([*parts, token.text])


_RANGE = re.compile(r"(?:between\s+)?(\d+)\s*(?:-|to|and|or)\s*$", re.I)


def _ranged(syntax: Syntax, token: Token, n: int) -> int:
    """The lower end where `token` is the upper end of a range."""
    before = syntax.sentence.text[max(0, token.idx - 16) : token.idx]
    m = _RANGE.search(before)
    if (
        m
        and int(m[1]) < n
        and (
            before.lower().strip().startswith("between")
            or "-" in m[0]
            or " to" in m[0].lower()
            or " or" in m[0].lower()
        )
    ):
        return int(m[1])
    return n


def _totals(syntax: Syntax) -> Iterator[Toll]:
    for m in _TOLL.finditer(syntax.sentence.text):
        words = (m[1] or m[2] or "").split(" ")
        n = number(" ".join(words)) or number(words[0])
        if n is None and words[0].lower() in VAGUE:
            n = VAGUE[words[0].lower()]
        if n is not None:
            yield Toll(n, m.start(), m.end(), m.group(), total=True)


def _claimed(syntax: Syntax, seen: set[int]) -> Iterator[Toll]:
    """ "claimed the lives of N", "N lost their lives"."""
    for m in _CLAIM.finditer(syntax.sentence.text):
        token = next((t for t in syntax.doc if t.idx >= m.start() and t.lower_ in {"lives", "life"}), None)
        if token is None:
            continue
        heads = syntax.after(token, {"of"})
        if not heads and m.group().lower().startswith(("los", "claim")):
            heads = [c for c in token.children if c.dep_ == "nummod"] or syntax.subjects(token.head)
        for head in heads:
            for victim in _coordinated(head):
                toll = None if victim.i in seen else _toll(syntax, victim, True)
                if toll is not None:
                    seen.add(victim.i)
                    yield toll
