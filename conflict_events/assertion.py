"""Did it happen: whether a trigger is asserted, or denied, planned, imagined, or long past.

Cues come from cues.csv; grammar adds negation, modals, conditionals, questions and infinitives of purpose
("advanced to capture the town" has captured nothing yet).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .events import Mention
from .lexicon import Cue
from .parse import Token
from .syntax import Syntax

MODALS = frozenset("may might could would will should can must shall 'll wo ca ll".split())
# Verbs whose infinitive tells what was done: "managed to capture", "continued to shell".
REAL = frozenset(
    "manage managed manages continue continued continues continuing begin began begins start started starts able proceed "
    "gathered gather assembled marched rallied demonstrated convened proceeded resume resumed force forced forces go went seem seemed appear appeared help helped helps come came fail "
    "return returned used rush rushed lead led cause caused happen happened enable enabled allow allowed".split()
)
_TENSE_BREAK = frozenset(
    "after when while as following before until once since because although though amid".split()
)
# Forms of a verb that tell for themselves: "halted traffic and shelled the town".
_FINITE = frozenset({"VBD", "VBZ", "VBP"})
_UP = frozenset({"xcomp", "dobj", "obj", "pobj", "prep", "nsubj", "nsubjpass", "pcomp", "conj", "amod", "compound", "attr", "agent", "dative", "acl", "ccomp", "advcl", "relcl", "appos", "oprd"})  # fmt: skip
_SAME_CLAUSE = frozenset({"dobj", "obj", "nsubj", "nsubjpass", "attr", "xcomp", "prep", "pobj", "conj", "compound", "amod", "oprd", "pcomp", "agent", "appos"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Assertion:
    """`asserted`, and where it is not: the effect ("denied", "planned", …) and the words that say so."""

    asserted: bool
    effect: str = ""
    words: str = ""
    cue: str = ""

    def __str__(self) -> str:
        return (
            "asserted"
            if self.asserted
            else f'{self.effect}: "{self.words}"' + (f" ({self.cue})" if self.cue else "")
        )


ASSERTED = Assertion(True)


def judge(syntax: Syntax, trigger: Mention, cues: dict[str, Cue]) -> Assertion:
    """Whether the sentence asserts what `trigger` reports (rule after medspaCy's ConText: cue, effect, scope)."""
    tokens = syntax.tokens(trigger)
    if not tokens:
        return ASSERTED
    head = syntax.root(trigger)
    chain = list(_chain(head))
    for mention in syntax.sentence.cues:
        cue = cues[mention.ids[0]]
        if trigger.inside(mention) and _ends(mention, trigger, syntax, chain):
            return Assertion(False, cue.effect, mention.text, cue.id)
        if mention.inside(trigger) or trigger.inside(mention) or _no_cue(mention, syntax):
            continue
        if _reaches(syntax, mention, cue, trigger, chain):
            return Assertion(False, cue.effect, mention.text, cue.id)
    if m := _HABIT.match(syntax.sentence.text) or _IN_THE_PAST.search(syntax.sentence.text):
        return Assertion(False, "generic", m.group().strip(" ,"))
    if head.tag_ in {"VBP", "VBZ", "VBG"} and any(
        c.dep_ in {"dobj", "obj"} and c.lower_ == "us" for c in head.children
    ):
        # a speaker's complaint in the present tells of no one day: "they are bombing us"
        return Assertion(False, "generic", f"{head.text} us")
    return _grammar(syntax, head, chain)


# "In the past, …" but not "In the past two days".
_HABIT = re.compile(
    r"(?:in general|generally|traditionally|as a rule|in the past)\s*(?:,|(?=(?:the|a|an|regime|rebels?|they|it)\b))",
    re.I,
)


# "has been targeted in the past, including …", "have in the past claimed"
_IN_THE_PAST = re.compile(
    r"\bin the past(?=[.,;)]|$| (?:been|claimed|said|denied|accused|including)\b)", re.I
)


def _no_cue(mention: Mention, syntax: Syntax) -> bool:
    """True for the month of May and for what was done: "were able to capture"."""
    if mention.text == "May" and mention.start:
        return True
    before = syntax.sentence.text[: mention.start].lower().split()
    return mention.text.lower() == "able to" and bool(before) and before[-1] in {"was", "were", "been"}


def _ends(mention: Mention, trigger: Mention, syntax: Syntax, chain: list[Token]) -> bool:
    """True where a cue that holds the trigger speaks of it: "since the capture of", "demonstrated in protest at"."""
    if trigger.start <= mention.start:
        return False
    if mention.text[trigger.end - mention.start :].strip().lower() in {"", "of", "since"}:
        return True
    above = (syntax.trigger_at.get(t.i) for t in chain[1:])
    return mention.text.lower().startswith("in protest") and any(m not in {None, trigger} for m in above)


def _chain(head: Token) -> Iterator[Token]:
    """The trigger's token and its governors, as far as one statement holds."""
    token = head
    for _ in range(12):
        yield token
        if token.head == token or token.dep_ not in _UP:
            return
        if token.dep_ in {"advcl", "relcl"} and any(c.lower_ in _TENSE_BREAK for c in token.children):
            return
        if token.dep_ == "prep" and token.lower_ in _TENSE_BREAK | {"despite", "amid"}:
            return
        if token.dep_ == "relcl":
            return
        if token.dep_ == "conj" and token.tag_ in _FINITE and token.head.tag_.startswith("VB"):
            return
        a, b = sorted((token.i, token.head.i))
        if any(t.text == ";" for t in token.doc[a:b]):
            return
        token = token.head


def _reaches(syntax: Syntax, mention: Mention, cue: Cue, trigger: Mention, chain: list[Token]) -> bool:
    if cue.direction == "sentence":
        return True
    forward = mention.end <= trigger.start
    if cue.direction in {"forward", "backward"} and forward != (cue.direction == "forward"):
        return False
    if cue.scope == "sentence":
        return True
    covered = {t.i for t in syntax.tokens(mention)}
    if any(t.i in covered for t in chain[1:]):
        return True
    first = chain[0]
    clause = [first]
    for token in chain[1:]:
        if clause[-1].dep_ not in _SAME_CLAUSE:
            break
        clause.append(token)
    roots = [t for t in syntax.tokens(mention) if t.head.i not in covered]
    if not forward:
        # "shelled the town and an attack on another was averted" denies the second only
        roots = [t for t in roots if t.dep_ != "conj"]
    heads = {t.head.i for t in roots}
    if any(t.i in heads for t in clause):
        # "no" and its like bind the noun they stand at, not the whole clause.
        if all(t.dep_ == "det" for t in roots):
            return first.i in heads or any(
                t.i in heads
                and t.dep_ in {"dobj", "nsubj", "nsubjpass"}
                and t.i != first.i
                and _is_noun(first) is False
                for t in clause
            )
        return True
    return _close(syntax, mention, trigger, forward)


def _is_noun(token: Token) -> bool:
    return token.tag_.startswith("NN")


def _close(syntax: Syntax, mention: Mention, trigger: Mention, forward: bool) -> bool:
    """True where few words and no comma, verb or conjunction part cue and trigger (poor parses)."""
    a, b = (mention.end, trigger.start) if forward else (trigger.end, mention.start)
    between = syntax.sentence.text[a:b]
    if any(c in between for c in ",;:-"):
        return False
    words = [w for w in syntax.sentence.words if a <= w.start < b]
    if len(words) > 4 or {"and", "but", "after", "when", "as", "that", "while", "by"} & {
        w.lower for w in words
    }:
        return False
    return not any(t.tag_.startswith("VB") for t in syntax.doc if a <= t.idx < b)


def _grammar(syntax: Syntax, head: Token, chain: list[Token]) -> Assertion:
    if syntax.sentence.text.rstrip("\"' ").endswith("?"):
        return Assertion(False, "hypothetical", "?")
    verb = head
    for token in chain:
        if token is not head and verb.dep_ not in _SAME_CLAUSE and verb.dep_ != "ccomp":
            break
        verb = token
        found = _around(token, own=token is head)
        if found:
            return found
        if token is not head and not token.tag_.startswith(("VB", "NN", "IN", "JJ", "TO")):
            break
    return _infinitive(head)


def _around(token: Token, *, own: bool) -> Assertion | None:
    if not token.tag_.startswith("VB"):
        for child in token.children:
            if child.dep_ in {"det", "neg"} and child.lower_ in {"no", "neither"} and own:
                return Assertion(False, "denied", child.text)
        return None
    for child in token.children:
        if child.dep_ == "neg" and child.lower_ in {"not", "n't", "never", "nt"}:
            return Assertion(False, "denied", f"{child.text} {token.text}")
        if child.dep_ == "aux" and child.lower_ in MODALS and child.tag_ == "MD":
            effect = "planned" if child.lower_ in {"will", "'ll", "wo", "shall"} else "hypothetical"
            return Assertion(False, effect, f"{child.text} {token.text}")
        if (
            child.dep_ == "advcl"
            and token.tag_ in {"VB", "VBP", "VBZ"}
            and any(c.dep_ == "mark" and c.lower_ in {"if", "unless"} for c in child.children)
        ):
            return Assertion(False, "conditional", "if")
        if child.dep_ == "mark" and child.lower_ in {"if", "unless", "whether", "until"}:
            return Assertion(False, "conditional", child.text)
    return None


# What a report is called when it is taken back.
_ACCOUNT = r"(?:claims?|reports?|rumou?rs?|allegations?|news|story|stories|post|posts|footage|video|images?|photos?|account|statement|information)"
_FALSE = (
    r"(?:false|untrue|fake|not true|incorrect|inaccurate|baseless|unfounded|fabricated|made up|misleading|a hoax|wrong|deleted|retracted|debunked|"
    r"refuted|dismissed as|taken down)"
)
# The next sentence, or a clause behind a comma: "The claim is false", "which later proved untrue".
_TAKEN_BACK = re.compile(
    rf"\W*(?:but |however,? |in fact,? |later,? )?(?:(?:the|this|that|these|those|both|all) (?:\w+ ){{0,2}}{_ACCOUNT}|(?:this|that|it|which|the page)"
    rf")(?: that [^.;]{{0,60}})?,? (?:(?:was|were|is|are|has|have|had|been|be|later|soon|quickly|since|also|turned|out|to|proved|proven|shown) ){{1,6}}{_FALSE}\b"
    rf"|\W*had (?:it|this|that) been true\b",
    re.I,
)
_ACCIDENT = re.compile(
    r"\b(?:disposal of|disposing of|controlled (?:explosions?|detonations?|demolitions?|blasts?)|fireworks|celebratory|thunder|sonic booms?|"
    r"sound barrier|gas (?:leak|cylinders?|canisters?)|short circuit|military drills?|(?:military|training) exercises?)\b",
    re.I,
)
_CAUSE = re.compile(
    r"\b(?:was|were|came|comes|caused|due|result|resulted|stemmed|turned out|from|linked)\b[^.;]{0,60}$", re.I
)


def taken_back(trigger: Mention, text: str, after: str) -> Assertion:
    """Whether what follows in the sentence or the next one says that it was not so, or no attack.

    `text` is the sentence, `after` the text behind it.
    """
    following = re.split(r"(?<=[.!?])\s", after.strip(), maxsplit=1)[0]
    clauses = re.split(r"(?:[,;] )(?=but|which|had|however)", text[trigger.end :])[1:]
    for part in [*clauses, following]:
        if m := _TAKEN_BACK.match(part):
            return Assertion(False, "denied", m.group().strip(" ,"))
    if _NOISE.fullmatch(trigger.text):
        for part in (text[trigger.end :], following):
            m = _ACCIDENT.search(part)
            if m and _CAUSE.search(part[: m.start()]):
                return Assertion(False, "exercise", m.group())
    return ASSERTED


_NOISE = re.compile(
    r"(?:(?:loud|huge|large|powerful|big) )?(?:explosions?|blasts?|exploded|gunfire|shots|shooting)", re.I
)


def recalled(head: Token) -> bool:
    """True for a deed told in the pluperfect of a main clause: "had bombed the town", not "said they had"."""
    verb = head
    while not verb.tag_.startswith("VB") and verb.head != verb:
        verb = verb.head
    while verb.dep_ == "conj" and verb.head.tag_.startswith("VB"):
        verb = verb.head
    words = {c.lower_ for c in verb.children if c.dep_ in {"aux", "advmod"}}
    # "had also targeted" goes on with the news in the manner of some agencies
    return verb.dep_ == "ROOT" and not words.isdisjoint({"had", "'d"}) and "also" not in words


def _to(verb: Token) -> bool:
    return any(c.lower_ == "to" and c.tag_ == "TO" for c in verb.children)


def _infinitive(head: Token) -> Assertion:
    verb = head
    while (
        verb.dep_ in {"dobj", "conj", "pobj", "prep", "compound"}
        and verb.head != verb
        and not verb.tag_.startswith("VB")
    ):
        verb = verb.head
    while verb.dep_ == "conj" and verb.head.tag_.startswith("VB"):
        if _to(verb):
            break
        verb = verb.head
    while verb.tag_ == "VB" and verb.dep_ in {"xcomp", "ccomp"} and verb.head.tag_ == "VB" and not _to(verb):
        verb = verb.head
    if verb.tag_ != "VB" or not _to(verb):
        return ASSERTED
    if verb.dep_ in {"xcomp", "ccomp", "acl", "advcl"} and verb.head.lower_ in REAL:
        return ASSERTED
    return Assertion(False, "planned", f"to {verb.text}")
