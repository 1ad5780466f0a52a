"""Who is counted in a sentence: numbers in digits and words, and groups of people with how many they are.

A sentence is cut into groups of people ("at least two Turkish soldiers", "a child", "the gunmen"). Whether they
were killed is asked elsewhere.
"""

from __future__ import annotations

import dataclasses
import re
from bisect import bisect_left
from dataclasses import dataclass

from .dates import find_dates
from .syntax import Syntax

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
    "numerous": UNKNOWN, "few": UNKNOWN, "couple": 2, "number": UNKNOWN, "multiple": UNKNOWN, "thousands": 1000,
    "handful": UNKNOWN, "group": UNKNOWN, "severals": UNKNOWN, "some": UNKNOWN,
}  # fmt: skip
KILL = frozenset(
    "kill kills killed killing slay slain slaughtered slaughtering martyred martyring massacred massacring murdered "
    "murdering murder executed executing execute assassinated assassinating assassinate beheaded beheading gunned "
    "eliminated eliminating neutralized neutralised neutralizing neutralising lynched slaughter killling".split()
)
TOLD_DEAD = frozenset("fatality fatalities deaths martyrs".split())
DIE = frozenset("died dies die dying perished perish succumbed succumbs".split())
DEAD = frozenset({"dead", "lifeless"})
BODY = frozenset("body bodies corpse corpses".split())
WOUND = frozenset(
    "wounded wounding wounds injured injuring injures injury injuries hurt maimed hospitalized".split()
)
FATE = KILL | DIE | DEAD | WOUND
BE = frozenset("was were is are been being be got gets".split())
REPORTED = frozenset(
    "reported confirmed reportedly allegedly found shot left also have has had to been being believed presumed said "
    "announced immediately instantly later subsequently all both both, , ( ) known".split()
) | BE  # fmt: skip
_NOMINAL = frozenset("JJ JJR JJS NN NNS NNP NNPS POS HYPH SYM AFX ADD FW".split())
_PEOPLE = frozenset(
    "others personnel people one ones escort escorts occupants inspector owner bodyguard bodyguards persons dead "
    "brothers half-brother bomber bombers aide companion companions rescuers insurgents".split()
)
NOT_PEOPLE = frozenset(
    "sheep cow cows goat goats animal animals livestock tank tanks vehicle vehicles house houses car cars hope hopes "
    "time km kilometers kilometres percent month months year years day days hour hours minutes raid raids strikes".split()
)
HUMAN = frozenset({"person", "armed"})
_THINGS = frozenset({"platform", "property", "weapon"})
# Nouns that say how many they are.
_TOGETHER = {"couple": 2, "pair": 2, "duo": 2, "twins": 2, "trio": 3}
_PLURAL = frozenset(
    {"people", "personnel", "others", "members", "police", "family", "families", "crew", "staff"}
)
_WORDS = "|".join(sorted([*UNITS, "hundred", "thousand", "million"], key=len, reverse=True))
DIGITS = r"\d{1,3}(?:,\d{3})+|\d+"
NUMERAL = rf"(?:{DIGITS})(?:\s+(?:hundred|thousand|million|dozen))?|(?:half a|a|two|three|four|five|six)\s+dozen|(?:an?\s+(?=hundred\b|thousand\b))?(?:{_WORDS})(?:(?:-|\s+and\s+|\s+)(?:{_WORDS}))*"
_COUNT = re.compile(
    rf"(between\s+)?({NUMERAL})(?:\s*(?:-|–|\bto|\bor|\band)\s*({NUMERAL}))?\b(?!\s*%|[.:/]\d|(?:-|\s)(?:year|month|day|hour|week|minute|storey|man)s?\b|(?:st|nd|rd|th)\b)",
    re.I,
)
_APPROX = re.compile(
    r"(?:(?:at (?:the )?(?:least|most)|no (?:fewer|less) than|not less than|(?:more|less|fewer) than|as many as|up to|upwards of|over|about|"
    r"around|nearly|almost|some|an estimated|approximately|roughly|close to|an? total of|total of|another|an additional|a further|"
    r"other|additional|further|all(?: of)?|both|the|these|those|its|their|his|her|only|just|remaining|entire|whole|\"|“)\s*\b)+",
    re.I,
)
_VAGUE = re.compile(
    r"(?:an? |the )?(?:(?:unknown|unspecified|undetermined|unconfirmed|confirmed|large|small|great|high|huge|considerable|further|similar|good)\s+)*"
    r"(?:(number|couple|few|handful|group|dozens?|scores|hundreds|tens|thousands)\s+of(?:\s+(?:the|its|their|other))?\b|"
    r"(several|severals|many|numerous|multiple|few|dozens|scores|hundreds|thousands|some)\b)",
    re.I,
)
# The words with which a number, what is vague for one, or what stands before either may begin.
_LEADING = frozenset(
    "a an the unknown unspecified undetermined unconfirmed confirmed large small great high huge considerable further similar "
    "good number couple few handful group dozen dozens scores hundreds tens thousands several severals many numerous multiple "
    "some at no not more less fewer as up upwards over about around nearly almost approximately roughly close total of another "
    "additional other all both these those its their his her only just remaining entire whole between half hundred thousand "
    "million".split()
) | frozenset(UNITS)
STOP = frozenset(
    "who which that when while after before amid during including among where since ; : mostly most".split()
)

_AND = re.compile(r"\s*(?:and/\s?or|and|or|/|,)\s+", re.I)
_ENDS_RUN = FATE - {"dead"} | STOP
_ALWAYS_PEOPLE = _PEOPLE | BODY | TOLD_DEAD
_HOLDING_PEOPLE = BODY | TOLD_DEAD | {"family"}
_NOT_SHARED = FATE | VAGUE.keys() | {"others", "other"}
_BEHIND_PEOPLE = FATE | BE | {"in", "and", ",", "."}


def number(text: str) -> int | None:
    """The whole number that `text` names in digits or words; None where it names none."""
    text = text.lower().strip().replace(",", "")
    if text.isdecimal():
        return int(text) if len(text) < 7 else None
    total, current, seen = 0, 0, False
    for word in re.split(r"[\s-]+", text):
        if word in UNITS:
            current += UNITS[word]
        elif word == "hundred":
            current = (current or 1) * 100
        elif word == "dozen":
            current = (current or 1) * 12
        elif word in {"thousand", "million"}:
            total, current = total + (current or 1) * (1000 if word == "thousand" else 1_000_000), 0
        elif word in {"and", "a", "an"}:
            continue
        elif word == "half":
            return 6
        elif word.isdecimal() and len(word) < 7:
            current += int(word)
        else:
            return None
        seen = True
    return total + current if seen else None


@dataclass(frozen=True, slots=True)
class Group:
    """People named together: tokens `first` to `last` (exclusive), their head noun, and how many they are.

    `how` says what the count rests on: "number", "vague" (dozens), "one" (a child), "the" (people spoken of
    before), "own" (his son) or "bare" (soldiers).
    """

    first: int
    last: int
    head: int
    count: int
    how: str
    assumed: str = ""

    @property
    def counted(self) -> bool:
        """True where the words themselves count: a number, dozens, or one person."""
        return self.how in {"number", "vague", "one"}


class People:
    """One sentence cut into groups of people."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax, self.doc, self.text = syntax, syntax.doc, syntax.sentence.text
        self.starts = [t.idx for t in self.doc]
        dates = find_dates(self.text, None)
        self.dated = [(d.start, d.end) for d in dates if re.search(r"\d", d.text)]
        self.days = [(d.start, d.end) for d in dates]
        self.groups: list[Group] = []
        i = 0
        while i < len(self.doc):
            group = self.group(i)
            if group is not None:
                self.groups.append(group)
            i = group.last if group is not None else i + 1
        self.by_first = {g.first: g for g in self.groups}

    # -- groups ---------------------------------------------------------------------------------------

    def after(self, char: int) -> int:
        """The first token at or after a character offset."""
        return bisect_left(self.starts, char)

    def group(self, i: int) -> Group | None:
        """The group that begins at token `i`."""
        start, low = self.doc[i].idx, self.doc[i].lower_
        if low in FATE or any(a <= start < b for a, b in self.dated):
            return None
        if low.isalpha() and low not in _LEADING:
            return self.unnumbered(i, i, "")
        vague = _VAGUE.match(self.text, start)
        lead = None if vague else _APPROX.match(self.text, start)
        at = lead.end() if lead else start
        if (
            not vague
            and (found := _COUNT.match(self.text, at))
            and not any(a <= at < b for a, b in self.dated)
        ):
            return self.numbered(i, found)
        if vague is None and lead is not None:
            vague = _VAGUE.match(self.text, at)
        if vague is not None:
            return self.vague(i, vague)
        return self.unnumbered(i, self.after(at), lead.group().lower().strip() if lead else "")

    def numbered(self, i: int, m: re.Match[str]) -> Group | None:
        a, b = number(m[2]), number(m[3]) if m[3] else None
        end = m.end()
        if b is not None and "and" in self.text[m.end(2) : m.start(3)].lower() and not m[1]:
            a, b, end = a, None, m.end(2)
        if a is None:
            return None
        count = min(a, b) if b is not None else a
        k = self.after(end)
        if self.word(k) == "of" and self.word(k + 1) in {
            "the",
            "its",
            "their",
            "them",
            "these",
            "those",
            "his",
        }:
            k += 2
        elif self.word(k) == "of":
            k += 1
        if self.word(k) in {'"', "”", "''"}:
            k += 1
        last, head = self.run(k)
        if head is None:
            if m[2].isdecimal() and 1900 < count < 2100 and self.word(k) not in FATE:
                return None
            return Group(i, self.after(end), self.after(m.start(2)), count, "number")
        if self.doc[head].lower_ in NOT_PEOPLE or (
            not self.human(head) and self.word(last) not in _BEHIND_PEOPLE
        ):
            return None
        last = self.shared(last)
        return Group(i, self.tail(last)[0], head, count, "number")

    def vague(self, i: int, m: re.Match[str]) -> Group | None:
        word = (m[1] or m[2]).lower()
        if word == "number" and re.search(r"\bthe (?:\w+ )?$", self.text[: m.start(1)], re.I):
            return None  # the number that is told of, not a number of people
        k = self.after(m.end())
        inner = _APPROX.match(self.text, self.doc[k].idx) if k < len(self.doc) else None
        exact = (
            _COUNT.match(self.text, inner.end() if inner else self.doc[k].idx) if k < len(self.doc) else None
        )
        if exact and word in {"group", "number", "some"}:
            return self.numbered(i, exact)
        last, head = self.run(k)
        if head is not None and not self.human(head) and self.doc[head].lower_ not in TOLD_DEAD:
            return None
        if head is None and self.word(k) in {"of", "in"}:
            return None
        head = k - 1 if head is None else head
        return Group(i, self.tail(self.shared(max(last, k)))[0], head, VAGUE[word], "vague", word)

    def unnumbered(self, i: int, k: int, lead: str) -> Group | None:
        """ "a Turkish soldier", "his two", "the gunmen", "regime fighters"."""
        article = self.word(k) in {"a", "an"}
        last, head = self.run(k + 1 if article else k)
        if head is None or not self.human(head):
            return None
        noun = self.doc[head]
        if noun.lower_ in _HOLDING_PEOPLE:
            end, inner = self.tail(last)
            if inner is not None and inner.how in {"number", "vague", "one"}:
                return dataclasses.replace(inner, first=i, last=end, head=head)
        plural = noun.tag_ in {"NNS", "NNPS"} or noun.lower_ in _PLURAL
        owned = lead.split(" ")[-1] in {"his", "her", "their", "its"} or any(
            t.tag_ == "POS" for t in self.doc[k:head]
        )
        how = "one" if article or lead == "another" else "own" if owned else "the" if lead else "bare"
        end = self.tail(self.shared(last) if plural else last)[0]
        count = _TOGETHER.get(noun.lower_, UNKNOWN if plural else 1)
        return Group(i, end, head, count, how, f"{noun.text}, no number" if plural else "")

    def run(self, k: int) -> tuple[int, int | None]:
        """(end, head) of the nouns and adjectives from token `k` on; the head is the last that names people."""
        end, head, last_noun = k, None, None
        doc, kinds = self.doc, self.syntax.kinds
        for i in range(k, len(doc)):
            token = doc[i]
            low, tag = token.lower_, token.tag_
            if low in _ENDS_RUN or (end > k and self.starts_number(i)):
                break
            verb = tag.startswith("VB")
            if verb and not (
                tag in {"VBN", "VBG"}
                and i + 1 < len(doc)
                and doc[i + 1].tag_.startswith("NN")
                and low not in FATE
            ):
                break
            if not (
                verb
                or tag in _NOMINAL
                or low in kinds
                or low in {"/", "-", "'s"}
                or (tag == "CD" and end == k)
                or (tag == "RB" and self.word(i + 1) == "-")
            ):
                break
            if any(a <= token.idx < b for a, b in self.dated):
                break
            end = i + 1
            if tag.startswith("NN") or low in kinds or i in self.syntax.actor_at:
                last_noun = i
                if self.human(i):
                    head = i
        if head is None:
            return end, last_noun
        if head + 1 < end and self.attribute(head):
            return end, last_noun
        # "soldiers Saturday", "people north of the town": words after the people are none of them
        return (head + 1 if self.human(head) and not self.human(end - 1) else end), head

    def attribute(self, i: int) -> bool:
        """True where people only describe the thing named after them: "rebel vehicles", "a farmer's house"."""
        follow = self.doc[i + 1].tag_
        return follow == "POS" or (follow in {"NN", "NNS"} and self.doc[i].tag_ != "NNS")

    def starts_number(self, i: int) -> bool:
        """True where a new count begins at token `i`."""
        token = self.doc[i]
        return token.tag_ == "CD" and _COUNT.match(self.text, token.idx) is not None

    def human(self, i: int) -> bool:
        """True for a noun or a name that stands for people."""
        token = self.doc[i]
        kind = self.syntax.kinds.get(token.lower_)
        if kind in HUMAN or token.lower_ in _ALWAYS_PEOPLE:
            return True
        # "drones" and "motorcycle" stand in names of actors, but are nobody
        return kind not in _THINGS and i in self.syntax.actor_at and token.tag_.startswith("NN")

    def shared(self, last: int) -> int:
        """The end of nouns joined without a number of their own: "11 regime and allied fighters"."""
        while True:
            m = _AND.match(self.text, self.end(last - 1))
            if not m:
                return last
            k = self.after(m.end())
            if (
                k >= len(self.doc)
                or self.doc[k].tag_ in {"DT", "PRP$", "CD", "IN", "RB"}
                or self.word(k) in _NOT_SHARED
            ):
                return last
            end, head = self.run(k)
            if head is None or not self.human(head):
                return last
            noun = self.doc[head]
            if noun.tag_ not in {"NNS", "NNPS", "NNP"} and noun.lower_ not in _PLURAL:
                return last
            if noun.dep_ == "nsubj" and noun.head.lower_ not in FATE | BE and noun.head.i > head:
                return last
            last = end

    def tail(self, last: int) -> tuple[int, Group | None]:
        """(end, group inside) of what "of" or "from" adds: "members of the Sharqiya Army", "bodies of two men"."""
        inner: Group | None = None
        while self.word(last) in {"of", "from"}:
            k = last + 1
            group = self.group(k) if k < len(self.doc) else None
            if group is not None:
                inner, last = inner or group, group.last
                continue
            lead = _APPROX.match(self.text, self.doc[k].idx) if k < len(self.doc) else None
            end, head = self.run(self.after(lead.end()) if lead else k)
            if head is None:
                break
            last = end
        return last, inner

    def word(self, i: int) -> str:
        """The token's word in lower case, empty past the end."""
        return self.doc[i].lower_ if 0 <= i < len(self.doc) else ""

    def end(self, i: int) -> int:
        """The character offset behind a token."""
        return self.doc[i].idx + len(self.doc[i])
