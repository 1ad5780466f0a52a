"""How many died: counts of the killed in a sentence, and what was assumed where no number is given.

Rules after the ACLED codebook 2024, "Fatalities", and Syrian practice: killed only, never wounded; "at least
N" is N; a range is its lower end; dozens 12, hundreds 100, tens, several and an unknown number 10; parts
named after "including" are not added; the suicide bomber counts; "killed or wounded" is no count.

Each deadly word takes the groups of people that stand where its victims stand, before it ("were killed",
"dead") or after it ("killing", "the death of"). Word order and tags decide, and the parse where it names the
victim outright: lists of victims in news are long, and often wrongly parsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .parse import Token
from .people import (
    BE,
    BODY,
    DEAD,
    DIE,
    FATE,
    HUMAN,
    KILL,
    NOT_PEOPLE,
    REPORTED,
    STOP,
    TOLD_DEAD,
    UNKNOWN,
    WOUND,
    Group,
    People,
)
from .syntax import Syntax
from .tolls import SUMMED_UP, WAR, Toll, none_hurt, of_a_war, totals

# Done to people only where a number of them is named: "destroyed 60 militants".
DESTROY = frozenset("destroyed destroying liquidated liquidating".split())
DEATH = frozenset(
    "death deaths killing killings martyrdom execution executions murder murders assassination massacre slaying".split()
)
# The words that `victims` asks for the people they befell.
_FATAL = KILL | WOUND | DESTROY | DEATH | TOLD_DEAD | DIE | DEAD | BODY | {"shot"}
_DONE_TO_PEOPLE = KILL | WOUND | DESTROY
# What ends a list of people.
_CUTS = FATE | STOP
_BEFORE_VICTIMS = FATE - DEAD | {"of", "off", "down", "and", "or"}
_ALONG = re.compile(r"\s*,?\s*(?:along with|as well as|together with|alongside|in addition to)\s+", re.I)
_FOUND = frozenset(
    "found find finds discovered discover recovered retrieved pulled unearthed exhumed lay".split()
)
_TO_HOSPITAL = re.compile(
    r"\b(?:brought|taken|carried|arrived|sent)\b[^.;]{0,20}\b(?:hospital|morgue|mortuary|clinic)", re.I
)
_CAUSED = re.compile(
    r"\b(?:caus\w+|le(?:d|ads?|ading) to|result\w* in|left|leaving|inflict\w*)(?: (?:some|many|more|several))? $",
    re.I,
)
_AND_HURT = re.compile(r" and (?:the )?(?:wounded|injured|maimed)\b")
_EVERYBODY = frozenset("all everyone everybody".split())
_ORDINAL = frozenset("second third fourth fifth sixth seventh eighth ninth tenth".split())
# Who dies with somebody: "a mother with four children".
_OWN = re.compile(
    r"\b(?:child(?:ren)?|sons?|daughters?|wife|husband|baby|babies|infants?|brothers?|sisters?|mother|father|cousins?|nephews?|nieces?|"
    r"grand\w+|companions?|bodyguards?|escorts?|driver|friends?)\b",
    re.I,
)
_JOIN = re.compile(
    r"\s*(?:,\s*)?(?:and(?: also)?|as well as|along with|alongside|together with|plus|in addition to|besides|,|/|&)\s+$",
    re.I,
)
_PARTS = re.compile(
    r"(?:\bincluding|\bamong(?:st)? (?:them|whom)|\bof (?:whom|them|which)|\bmost(?:ly)?(?: of them)?|\bsome of (?:them|whom)|\blike|\bnamely|\bcomprising)[\s,:]*$",
    re.I,
)  # fmt: skip
# "two of them children,", "most of them women,", "two girls aged five and three among them,"
_AMONG_THEM = re.compile(
    r"(?:[^\s,;.]+ ){0,6}?(?:of|among(?:st)?) (?:them|whom|which)\b[^,;.()]{0,60}[,)-]", re.I
)
_LIVES = re.compile(
    r"\b(claim(?:ed|ing|s)?|cost(?:ing|s)?|took|taking|takes?|los[et]|losing|loses)\s+(?:(?:the|their|his|her|its)\s+)?(\S+\s+){0,2}?li(?:f|v)es?\b(\s+of\b)?",
    re.I,
)
_HIS_DEATH = re.compile(
    r"\b(?:led|leading|lead|resulted|resulting|resulting in|caused|causing)\s+(?:to |in )?(?:his|her|their)\s+(?:\w+\s+)?deaths?\b",
    re.I,
)
# Characters before a word, more than any words have that deny or explain it.
_REACH = 120
# What a deed is blamed on or done about, not what was done now.
BEHIND = re.compile(
    r"\b(?:previously|formerly|(?:accused|suspected|guilty|convicted) of|charged with|responsible for|(?:involved|implicated|participating) in|"
    r"for (?:reportedly |allegedly )?|against|(?:in )?(?:protest|response|retaliation|revenge|reprisal) (?:at|to|for|against|over|of)|"
    r"condemn\w*|denounc\w*|mourn\w*|commemorat\w*|anniversary of|despite|demand\w*|investigat\w*|killers of|marking|over|avenge)\s+"
    r"(?:the\s+|their\s+|his\s+|her\s+)?$",
    re.I,
)
_AIMED = re.compile(
    r"\b(?:attempt\w*|tr(?:y|ies|ied|ying)|plot\w*|plan\w*|aim\w*|fail\w*|threat\w*|vow\w*|want\w*|order\w*|in order|seek\w*|sought|intend\w*|used|use|able|ready|license|designed)\s+(?:at\s+|of\s+|an?\s+)?(?:to\s+)?$",
    re.I,
)


class _Reading(People):
    """The victims that the deadly words of a sentence take."""

    def __init__(self, syntax: Syntax) -> None:
        super().__init__(syntax)
        self.none = none_hurt(self.text)

    def covering(self, i: int) -> Group | None:
        """The group that token `i` lies in."""
        return next((g for g in self.groups if g.first <= i < g.last), None)

    def fate(self, group: Group) -> str:
        """What is said of a group right after it: a fate word, "verb" for another finite verb, or ""."""
        i = group.last
        while self.word(i) in REPORTED or (i < len(self.doc) and self.doc[i].tag_ == "RB"):
            i += 1
        if i >= len(self.doc):
            return ""
        if self.word(i) in FATE and self.doc[i].tag_ != "VBG":
            more = self.by_first.get(i + 1)
            active = (
                (i == group.last or self.word(i - 1) == ",")
                and more is not None
                and more.counted
                and self.word(more.last) not in FATE
            )
            return "" if active else self.word(i)
        verb = self.doc[i].tag_ in {"VBD", "VBZ", "VBP", "MD"} or any(
            self.word(j) in BE for j in range(group.last, i)
        )
        return "verb" if verb else ""

    def listed(self, first: Group, until: int = 0) -> list[Group]:
        """`first` and the groups joined to it on its right, up to token `until`: "three men in a car and a child"."""
        found, joins, group = [first], [""], first
        while True:
            nxt = next((g for g in self.groups if g.first >= group.last), None)
            if nxt is None or nxt.first - group.last > 14:
                break
            between = self.text[self.end(group.last - 1) : self.doc[nxt.first].idx]
            tokens = self.doc[group.last : nxt.first]
            if any(t.lower_ in _CUTS or t.tag_ in {"VBD", "VBZ", "VBP", "VBG", "MD"} for t in tokens):
                break
            join = self.join(between, nxt)
            if not join and between.strip():
                if nxt.counted and self.doc[nxt.first - 1].tag_ != "IN":
                    break
                group = nxt
                continue
            if not nxt.counted and nxt.how != "own":
                break
            if (nxt.head >= until) if until else self.fate(nxt):
                break
            found.append(nxt)
            joins.append(join.group().strip(" ,").lower() if join else "")
            group = nxt
        return _unrepeated(found, joins)

    def join(self, between: str, group: Group) -> re.Match[str] | None:
        """The words that add `group` to the people named before it."""
        with_them = re.search(r"^\s*,?\s*with\s+$", between)
        if with_them and (group.counted or group.how == "own") and _OWN.search(self.words(group)):
            return with_them
        return _JOIN.search(between)

    def words(self, group: Group) -> str:
        """The text of a group."""
        return self.text[self.doc[group.first].idx : self.end(group.last - 1)]

    def right(self, i: int) -> list[Group]:
        """Victims named from token `i` on."""
        first = self.by_first.get(i) or next((g for g in self.groups if g.first < i < g.last), None)
        if first is None:
            first = self.object(i)
        if first is None or (first.how == "the" and first.count != 1):
            return []
        return self.listed(first)

    def object(self, i: int) -> Group | None:
        """Somebody killed whom no noun of the dictionary names: "the owner", "Abu Hasan", "him"."""
        if self.word(i) in {"him", "her"}:
            return Group(i, i + 1, i, 1, "own")
        if self.word(i) in _EVERYBODY and self.word(i + 1) != "but":
            return Group(i, i + 1, i, UNKNOWN, "vague", self.word(i))
        if self.word(i) == "both" or (self.word(i) == "them" and self.word(i + 1) == "both"):
            return Group(i, i + 1, i, 2, "number")
        k = i + 1 if i < len(self.doc) and self.doc[i].tag_ in {"DT", "PRP$"} else i
        last, head = self.run(k)
        if head is None or self.doc[head].lower_ in NOT_PEOPLE or head in self.syntax.place_at:
            return None
        noun = self.doc[head]
        if any(a <= noun.idx < b for a, b in self.days):
            return None
        if noun.tag_ in {"NN", "NNP"} and (k > i or noun.tag_ == "NNP"):
            return Group(i, self.tail(last)[0], head, 1, "one" if self.word(i) in {"a", "an"} else "own")
        return None

    def left(self, i: int) -> list[Group]:
        """Victims named before the word at token `i`, nearest first, with those joined to them."""
        if self.word(i - 1) in {"he", "she"} or (
            self.word(i - 1) in _ORDINAL and self.word(i - 2) in {"a", "the"}
        ):
            return [Group(i - 1, i, i - 1, 1, "own")]
        group = self.nearest(i)
        if self.who(i) and group is not None:
            return [group]
        named = [g for s in self.subject(i) if (g := self.covering(s.i)) is not None]
        if named and not (group is not None and group.counted and self.fate(group) == self.word(i)):
            group = self.listed(named[0], until=i)[-1]
        found: list[Group] = []
        while group is not None:
            chain = self.chain(group)
            if self.part(chain[-1]):
                group = next((g for g in reversed(self.groups) if g.last <= chain[-1].first), None)
                continue
            if not _PARTS.search(self.text[: self.doc[chain[-1].first].idx]):
                return found + chain
            if (
                len(chain) > 1
                and "," in self.text[self.end(chain[-1].last - 1) : self.doc[chain[-2].first].idx]
            ):
                # "7 fighters, including a general, and 3 civilians were killed"
                found += chain[:-1]
            group = next((g for g in reversed(self.groups) if g.last <= chain[-1].first), None)
        return found

    def part(self, group: Group) -> bool:
        """True for those that are counted among the people named right before: "nine men, two of them farmers, died"."""
        before = next((g for g in reversed(self.groups) if g.last <= group.first), None)
        if before is None or self.text[self.end(before.last - 1) : self.doc[group.first].idx].strip() not in {
            ",",
            "(",
            "-",
        }:
            return False
        behind = self.text[self.doc[group.first].idx :]
        return bool(_AMONG_THEM.match(behind))

    def who(self, i: int) -> bool:
        """True where "who" is the subject of the word at `i`."""
        j = i - 1
        while self.word(j) in REPORTED:
            j -= 1
        return self.word(j) == "who"

    def subject(self, i: int) -> list[Token]:
        """The grammatical subject of the word at `i`, that of the verb above for "dead" and its like."""
        token = self.doc[i]
        if token.lower_ in DEAD and token.head.tag_.startswith("VB") and token.head.i < i:
            token = token.head
            if token.lower_ in {"left", "leaving", "leaves", "shot", "found"}:
                return [o for o in self.syntax.objects(token) if o.i < i] or self.syntax.subjects(
                    token
                ) * self.be(token.i)
        if not token.tag_.startswith("VB"):
            return []
        return [s for s in self.syntax.subjects(token) if s.i < i]

    def be(self, i: int) -> bool:
        """True where a form of "be" stands right before the word, adverbs aside."""
        for j in range(i - 1, max(-1, i - 5), -1):
            if self.word(j) in BE:
                return True
            if self.word(j) not in REPORTED and self.doc[j].tag_ != "RB":
                return False
        return False

    def nearest(self, i: int) -> Group | None:
        """The group nearest before token `i` with nothing between but adverbs, auxiliaries and places."""
        group = next((g for g in reversed(self.groups) if g.last <= i), None)
        if group is None or i - group.last > 12:
            return None
        for token in self.doc[group.last : i]:
            if token.lower_ in REPORTED or token.lower_ in {"who", "in", "of", "at", "from", "near", "on"}:
                continue
            if token.tag_.startswith(("VB", "MD", "CC", "W")) or token.lower_ in _CUTS:
                return None
        return group

    def chain(self, group: Group) -> list[Group]:
        """`group` and the groups joined to it on its left: "two men and a child were killed"."""
        found, joins = [group], [""]
        while True:
            last = found[-1]
            before = next((g for g in reversed(self.groups) if g.last <= last.first), None)
            if before is None or last.first - before.last > 10:
                break
            if not (before.counted or before.how == "own" or self.doc[before.head].dep_ == "nsubjpass"):
                break
            between = self.text[self.end(before.last - 1) : self.doc[last.first].idx]
            tokens = self.doc[before.last : last.first]
            if any(t.lower_ in _CUTS or t.tag_.startswith(("VB", "MD")) for t in tokens):
                break
            join = self.join(between, last)
            if not join or not (last.counted or last.how in {"own", "bare"}):
                break
            if join.group().strip() == "," and len(found) == 1:
                break
            found.append(before)
            joins.insert(1, join.group().strip(" ,").lower())
        # "three members of a family, a father and his two sons"
        return _unrepeated(found[::-1], joins)[::-1]

    # -- deadly words ---------------------------------------------------------------------------------

    def denied(self, token: Token) -> bool:
        """True where the words say that nobody died, or that somebody was only meant to."""
        if any(a <= token.idx < b for a, b in self.none) or self.word(token.i - 1) in {"nearly", "almost"}:
            return True
        if any(
            c.lower_ in {"no", "neither", "not", "n't", "nor", "without", "never"} for c in token.children
        ):
            return True
        if token.head.lower_ in {"without", "no"}:
            return True
        before = self.text[max(0, token.idx - _REACH) : token.idx]
        if any(t.tag_ == "MD" for t in self.doc[max(0, token.i - 3) : token.i]):
            return True
        if re.search(r"\bthe number of (?:\w+ ){0,2}$", before, re.I):
            return True
        return bool(BEHIND.search(before) or (token.lower_ not in WOUND and _AIMED.search(before)))

    def victims(self, token: Token) -> Iterator[tuple[list[Group], bool]]:
        """(groups, True where they died) of a deadly or wounding word."""
        low, i = token.lower_, token.i
        if low in _DONE_TO_PEOPLE:
            dead = low not in WOUND
            unclear = bool(
                re.match(
                    r"(?: or|/) ?(?:\w+ )?(?:wounded|injured|wounding|injuring|hurt)\b",
                    self.text[self.end(i) :],
                )
            )
            found = self.of_verb(token)
            if low in DESTROY:
                found = [g for g in found if g.how == "number" and self.human(g.head)]
            yield found, dead and not unclear
        elif low in DEATH and self.word(i + 1) == "of":
            yield self.right(i + 2), True
        if low in DEATH and low not in KILL and self.word(i + 1) == "of":
            return
        if low in TOLD_DEAD:
            group = self.covering(i)
            if group is not None and group.head == i and group.counted:
                yield [group], True
            elif low == "deaths" and _CAUSED.search(self.text[: token.idx]):
                yield [Group(i, i + 1, i, UNKNOWN, "vague", "deaths, no number")], True
            elif low.startswith("fatalit") and (i == 0 or self.doc[i - 1].tag_ not in {"DT", "CD", "PRP$"}):
                yield [Group(i, i + 1, i, UNKNOWN, "vague", "fatalities, no number")], True
        elif low in DIE:
            if not low.startswith("succumb") or re.match(
                r" to (?:\w+ )?(?:wounds|injuries)", self.text[self.end(i) :]
            ):
                yield self.left(i), True
        elif low in DEAD:
            if self.word(i - 1) in {"left", "leaving", "leaves"} and _AND_HURT.match(
                self.text[self.end(i) :]
            ):
                yield [Group(i, i + 1, i, UNKNOWN, "vague", "dead, no number")], True
            yield self.of_dead(i), True
        elif low == "shot" and self.word(i - 1) == "found":
            yield self.of_dead(i), True
        elif low in BODY:
            yield self.of_body(token), True

    def of_verb(self, token: Token) -> list[Group]:
        """Victims of a verb of killing or wounding, in the active on its right, else on its left."""
        i, low = token.i, token.lower_
        if low in {"wounds", "injury", "injuries"}:
            return self.right(i + 2) if self.word(i + 1) in {"of", "to", "among"} else []
        if self.be(i):
            found = [g for g in self.left(i) if g.how != "the" or g.count == 1]
            return found + self.joined(i + 1)
        k = i + 1
        while self.word(k) in _BEFORE_VICTIMS and k < i + 3:
            k += 1
        if k < len(self.doc) and self.doc[k].tag_ == "RB":
            k += 1
        follow = self.right(k)
        if follow and not (self.fate(follow[0]) and low not in {"killing", "wounding", "injuring"}):
            if k == i + 1 or self.word(i + 1) not in {"and", "or"} or self.word(i + 2) in FATE:
                return follow
        if self.word(k) == "using" and low not in WOUND:
            late = next((g for g in self.groups if k < g.first < k + 7 and g.how in {"one", "number"}), None)
            if late is not None:
                return [late]
        if token.tag_ == "VBG" or low in {"kill", "kills"}:
            return []
        found = self.left(i)
        sure = self.syntax.passive(token) or low in {"wounded", "injured"}
        return [g for g in found if g.counted or (sure and g.how != "the")] if not self.objects(token) else []

    def joined(self, k: int) -> list[Group]:
        """Victims added behind the word: "were killed along with two drivers"."""
        m = _ALONG.match(self.text, self.end(k - 1))
        group = self.by_first.get(self.after(m.end())) if m else None
        return [group] if group is not None and group.counted and not self.fate(group) else []

    def objects(self, token: Token) -> bool:
        """True where the verb has an object, so that what stands before it did the killing."""
        objects = [c.i for c in token.children if c.dep_ == "dobj" and c.i > token.i]
        return any((g := self.covering(i)) is None or not self.fate(g) for i in objects)

    def of_dead(self, i: int) -> list[Group]:
        """Victims of "dead": "shot dead a man", "left three dead", "12 dead"."""
        if self.word(i + 1) in BODY or self.word(i - 1) in {"the", "sea"}:
            return []
        if self.word(i - 1) == "shot" and not self.be(i - 1) and (found := self.right(i + 1)):
            return found
        group = self.covering(i)
        if group is not None and group.head == i:
            return [group] if group.counted else []
        if group is not None and group.head < i and group.counted:
            return self.chain(group)
        found = self.left(i)
        if found and self.word(i - 1) == "shot" and not self.be(i - 1) and not found[0].counted:
            return []
        return [g for g in found if g.how != "the" or g.count == 1]

    def of_body(self, token: Token) -> list[Group]:
        """The dead whose bodies were found; bodies moved, buried or handed over died before."""
        group = self.covering(token.i)
        if group is None or group.head != token.i or self.word(group.first) in {"his", "her", "their"}:
            return []
        found = any(t.lower_ in _FOUND for t in self.doc) or _TO_HOSPITAL.search(self.text)
        if not found or (group.how in {"bare", "the"} and group.count != 1):
            return []
        return [group]


def _unrepeated(groups: list[Group], joins: list[str]) -> list[Group]:
    """A list of victims without those that only name the first ones again: "two men, a baker and his son"."""
    if len(groups) == 1:
        return groups
    first, rest = groups[0], groups[1:]
    if (
        first.count > 1
        and sum(g.count for g in rest) == first.count
        and joins[1] in {"", ","}
        and len(rest) > 1
    ):
        return [first]
    if all(j in {"", ","} for j in joins[1:]):
        return [
            first,
            *(
                g
                for g in rest
                if g.how == "number"
                and g.count != first.count
                and first.how == "number"
                and first.count > g.count
            ),
        ][:1]
    return groups


def find_tolls(syntax: Syntax) -> list[Toll]:
    """Killed and wounded told in the sentence, from left to right, each group of victims once."""
    text = syntax.sentence.text
    lower = text.lower()
    deadly = (
        not _FATAL.isdisjoint([t.lower_ for t in syntax.doc])
        or (("life" in lower or "live" in lower) and _LIVES.search(text))
        or ("death" in lower and _HIS_DEATH.search(text))
    )
    if not deadly and not SUMMED_UP.search(lower):
        return []
    if of_a_war(text):
        return []
    if not deadly:
        return sorted(totals(text), key=lambda t: t.start)
    reading = _Reading(syntax)
    found: list[Toll] = []
    taken: set[int] = set()

    def take(groups: list[Group], dead: bool) -> None:
        for group in groups:
            if group.head not in taken and not (dead and group.count >= WAR):
                taken.add(group.head)
                found.append(_toll(reading, group, dead))

    _take_lives(reading, take)
    told = [
        (groups, dead)
        for token in reading.doc
        if token.lower_ in _FATAL and not reading.denied(token)
        for groups, dead in reading.victims(token)
    ]
    # the dead first: "two of the wounded died"
    for groups, dead in sorted(told, key=lambda t: not t[1]):
        take(groups, dead)
    found += totals(text)
    return sorted(found, key=lambda t: t.start)


def _take_lives(reading: _Reading, take: Callable[[list[Group], bool], None]) -> None:
    """Victims of "claimed the lives of", "lost their lives", "which led to his death"."""
    for m in _LIVES.finditer(reading.text):
        verb = reading.after(m.start())
        if m[3]:
            take(reading.right(reading.after(m.end())), True)
        elif m[1].lower().startswith("los"):
            take(reading.left(verb), True)
        elif (group := reading.covering(reading.after(m.end()) - 1)) is not None and group.counted:
            take([group], True)
    for m in _HIS_DEATH.finditer(reading.text):
        group = next(
            (g for g in reversed(reading.groups) if g.last <= reading.after(m.start()) and g.counted), None
        )
        if group is not None:
            take([group], True)


def _toll(reading: _Reading, group: Group, dead: bool) -> Toll:
    syntax, head = reading.syntax, reading.doc[group.head]
    mains, _, kinds = syntax.actors_in(head, narrow=True)
    start, end = reading.doc[group.first].idx, reading.end(group.last - 1)
    nouns = {
        t.lower_
        for t in reading.doc[group.first : group.last]
        if t.tag_ in {"NN", "NNS", "NNP", "NNPS", "JJ"}
    }
    kinds = {k for k in kinds if k in HUMAN} | {
        syntax.kinds[n] for n in nouns if syntax.kinds.get(n) in HUMAN
    }
    head_end = reading.end(max(group.head, group.first))
    return Toll(
        group.count if dead else None, start, head_end, reading.text[start:max(head_end, min(end, head_end))],
        group.assumed if dead else "", frozenset(kinds), tuple(mains), words=frozenset(nouns),
    )  # fmt: skip
