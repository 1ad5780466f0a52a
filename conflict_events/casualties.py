"""How many died: counts of the killed in a sentence, and what was assumed where no number is given.

Rules after the ACLED codebook 2024, "Fatalities", and Syrian practice: killed only, never wounded; "at least
N" is N; a range is its lower end; dozens 12, hundreds 100, tens, several and an unknown number 10; parts
named after "including" are not added; the suicide bomber counts; "killed or wounded" is no count.

The sentence is cut into groups of people ("at least two Turkish soldiers", "a child"); each deadly word then
takes the groups that stand where its victims stand, before it ("were killed", "dead") or after it ("killing",
"the death of"). Word order and tags decide, and the parse where it names the victim outright: lists of victims
in news are long, and often wrongly parsed.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .dates import find_dates
from .events import Mention
from .syntax import Syntax

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
    "numerous": UNKNOWN, "few": UNKNOWN, "couple": 2, "number": UNKNOWN, "multiple": UNKNOWN, "thousands": 1000,
    "handful": UNKNOWN, "group": UNKNOWN, "severals": UNKNOWN, "some": UNKNOWN,
}  # fmt: skip
# A figure of this size is what a whole war has cost.
WAR = 5000
KILL = frozenset(
    "kill kills killed killing slay slain slaughtered slaughtering martyred martyring massacred massacring murdered "
    "murdering murder executed executing execute assassinated assassinating assassinate beheaded beheading gunned "
    "eliminated eliminating neutralized neutralised neutralizing neutralising lynched slaughter killling".split()
)
# Done to people only where a number of them is named: "destroyed 60 militants".
DESTROY = frozenset("destroyed destroying liquidated liquidating".split())
DEATH = frozenset(
    "death deaths killing killings martyrdom execution executions murder murders assassination massacre slaying".split()
)
TOLD_DEAD = frozenset("fatality fatalities deaths martyrs".split())
DIE = frozenset("died dies die dying perished perish succumbed succumbs".split())
DEAD = frozenset({"dead", "lifeless"})
BODY = frozenset("body bodies corpse corpses".split())
WOUND = frozenset(
    "wounded wounding wounds injured injuring injures injury injuries hurt maimed hospitalized".split()
)
FATE = KILL | DIE | DEAD | WOUND
_FOUND = frozenset(
    "found find finds discovered discover recovered retrieved pulled unearthed exhumed lay".split()
)
_BE = frozenset("was were is are been being be got gets".split())
_REPORTED = frozenset(
    "reported confirmed reportedly allegedly found shot left also have has had to been being believed presumed said "
    "announced immediately instantly later subsequently all both both, , ( ) known".split()
) | _BE  # fmt: skip
_NOMINAL = frozenset("JJ JJR JJS NN NNS NNP NNPS POS HYPH SYM AFX ADD FW".split())
_PEOPLE = frozenset(
    "others personnel people one ones escort escorts occupants inspector owner bodyguard bodyguards persons dead "
    "brothers half-brother bomber bombers aide companion companions rescuers insurgents".split()
)
_NOT_PEOPLE = frozenset(
    "sheep cow cows goat goats animal animals livestock tank tanks vehicle vehicles house houses car cars hope hopes "
    "time km kilometers kilometres percent month months year years day days hour hours minutes raid raids strikes".split()
)
_HUMAN = frozenset({"person", "armed"})
_PLURAL = frozenset(
    {"people", "personnel", "others", "members", "police", "family", "families", "crew", "staff"}
)

_WORDS = "|".join(sorted([*UNITS, "hundred", "thousand", "million"], key=len, reverse=True))
_DIGITS = r"\d{1,3}(?:,\d{3})+|\d+"
_N = rf"(?:{_DIGITS})(?:\s+(?:hundred|thousand|million|dozen))?|(?:half a|a|two|three|four|five|six)\s+dozen|(?:an?\s+(?=hundred\b|thousand\b))?(?:{_WORDS})(?:(?:-|\s+and\s+|\s+)(?:{_WORDS}))*"
_NUMBER = re.compile(
    rf"(between\s+)?({_N})(?:\s*(?:-|–|\bto|\bor|\band)\s*({_N}))?\b(?!\s*%|[.:/]\d|(?:-|\s)(?:year|month|day|hour|week|minute|storey|man)s?\b|(?:st|nd|rd|th)\b)",
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
_JOIN = re.compile(
    r"\s*(?:,\s*)?(?:and(?: also)?|as well as|along with|alongside|together with|plus|in addition to|besides|,|/|&)\s+$",
    re.I,
)
_PARTS = re.compile(
    r"(?:\bincluding|\bamong(?:st)? (?:them|whom)|\bof (?:whom|them|which)|\bmost(?:ly)?(?: of them)?|\bsome of (?:them|whom)|\blike|\bnamely|\bcomprising)[\s,:]*$",
    re.I,
)  # fmt: skip
_STOP = frozenset(
    "who which that when while after before amid during including among where since ; : mostly most".split()
)
_TOLL = re.compile(
    r"\b(?:death )?toll\b[^.;]{0,80}?\b(?:to|at|of|reached|reaching|stands at|stood at|hit|passed|risen to)\s+"
    r"(?:at least |more than |around |about |nearly |over |some )*(\d[\d,]*|[a-z]+(?:[ -][a-z]+)?)\b"
    r"|\b(?:number of|bringing the|raising the)\s+(?:people |civilians |soldiers |fighters )?(?:dead|deaths|fatalities|victims|those killed|killed)[^.;]{0,40}?\bto\s+"
    r"(?:at least |more than )?(\d[\d,]*|[a-z]+)\b",
    re.I,
)
_LIVES = re.compile(
    r"\b(claim(?:ed|ing|s)?|cost(?:ing|s)?|took|taking|takes?|los[et]|losing|loses)\s+(?:(?:the|their|his|her|its)\s+)?(\S+\s+){0,2}?li(?:f|v)es?\b(\s+of\b)?",
    re.I,
)
_HIS_DEATH = re.compile(
    r"\b(?:led|leading|lead|resulted|resulting|resulting in|caused|causing)\s+(?:to |in )?(?:his|her|their)\s+(?:\w+\s+)?deaths?\b",
    re.I,
)
# What a deed is blamed on or done about, not what was done now.
_BEHIND = re.compile(
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
_NONE = re.compile(
    r"\b(?:neither|no|none|without|nor|zero)\b[^.;:]{0,60}?\b(?:fatalit\w+|deaths?|casualt\w+|killed|injur\w+|wounded|victims?)\b"
    r"(?:(?:,| or| nor| and)+ (?:\w+ )?(?:fatalit\w+|deaths?|casualt\w+|killed|injur\w+|wounded))*",
    re.I,
)
_WAR = re.compile(
    r"\b(?:civil war|war|conflict|uprising|crisis|revolution|hostilities)\b[^.;]{0,40}?\b(?:has|have|had) (?:killed|claimed|left|cost)"
    r"|\bsince\s+(?:\w+\s+){0,6}?(?:began|started|erupted|broke out|start|outbreak|beginning|begun|starting|eruption)\b"
    r"|\b(?:killed|died|deaths?|lives)\b[^.;]{0,60}\bsince\s+(?:(?:early|late|mid)[- ])?(?:\w+ )?(?:19|20)\d\d"
    r"|\bin (?:almost |nearly |more than |over )?(?:\w+|\d+)(?: and a half)? years? of\b",
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


class _Reading:
    """One sentence cut into groups, and the victims that its deadly words take."""

    def __init__(self, syntax: Syntax) -> None:
        self.syntax, self.doc, self.text = syntax, syntax.doc, syntax.sentence.text
        self.at = {t.idx: t.i for t in self.doc}
        dates = find_dates(self.text, None)
        self.dated = [(d.start, d.end) for d in dates if re.search(r"\d", d.text)]
        self.days = [(d.start, d.end) for d in dates]
        self.none = [m.span() for m in _NONE.finditer(self.text)]
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
        return next((t.i for t in self.doc if t.idx >= char), len(self.doc))

    def group(self, i: int) -> Group | None:
        """The group that begins at token `i`."""
        start = self.doc[i].idx
        if self.doc[i].lower_ in FATE or any(a <= start < b for a, b in self.dated):
            return None
        vague = _VAGUE.match(self.text, start)
        lead = None if vague else _APPROX.match(self.text, start)
        at = lead.end() if lead else start
        if (
            not vague
            and (found := _NUMBER.match(self.text, at))
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
        if self.doc[head].lower_ in _NOT_PEOPLE or (
            not self.human(head) and self.word(last) not in FATE | _BE | {"in", "and", ",", "."}
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
            _NUMBER.match(self.text, inner.end() if inner else self.doc[k].idx) if k < len(self.doc) else None
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
        if noun.lower_ in BODY | TOLD_DEAD | {"family"}:
            end, inner = self.tail(last)
            if inner is not None and inner.how in {"number", "vague", "one"}:
                return dataclasses.replace(inner, first=i, last=end, head=head)
        plural = noun.tag_ in {"NNS", "NNPS"} or noun.lower_ in _PLURAL
        owned = lead.split(" ")[-1] in {"his", "her", "their", "its"} or any(
            t.tag_ == "POS" for t in self.doc[k:head]
        )
        how = "one" if article or lead == "another" else "own" if owned else "the" if lead else "bare"
        end = self.tail(self.shared(last) if plural else last)[0]
        count = UNKNOWN if plural else 1
        return Group(i, end, head, count, how, f"{noun.text}, no number" if plural else "")

    def run(self, k: int) -> tuple[int, int | None]:
        """(end, head) of the nouns and adjectives from token `k` on; the head is the last that names people."""
        end, head, last_noun = k, None, None
        for token in self.doc[k:]:
            low = token.lower_
            if low in FATE - {"dead"} or (end > k and self.starts_number(token.i)) or low in _STOP:
                break
            if token.tag_.startswith("VB") and not (
                token.tag_ in {"VBN", "VBG"}
                and token.i + 1 < len(self.doc)
                and token.nbor(1).tag_.startswith("NN")
                and low not in FATE
            ):
                break
            if not (
                token.tag_ in _NOMINAL
                or token.tag_.startswith("VB")
                or low in self.syntax.kinds
                or low in {"/", "-", "'s"}
                or (token.tag_ == "CD" and end == k)
                or (token.tag_ == "RB" and self.word(token.i + 1) == "-")
            ):
                break
            if any(a <= token.idx < b for a, b in self.dated):
                break
            end = token.i + 1
            if token.tag_.startswith("NN") or low in self.syntax.kinds or token.i in self.syntax.actor_at:
                last_noun = token.i
                if self.human(token.i):
                    head = token.i
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
        start = self.doc[i].idx
        return bool(_NUMBER.match(self.text, start)) and self.doc[i].tag_ == "CD"

    def human(self, i: int) -> bool:
        """True for a noun or a name that stands for people."""
        token = self.doc[i]
        if token.lower_ in _PEOPLE | BODY | TOLD_DEAD or self.syntax.kinds.get(token.lower_) in _HUMAN:
            return True
        return i in self.syntax.actor_at and token.tag_.startswith("NN")

    def shared(self, last: int) -> int:
        """The end of nouns joined without a number of their own: "11 regime and allied fighters"."""
        while True:
            m = re.compile(r"\s*(?:and/\s?or|and|or|/|,)\s+", re.I).match(self.text, self.end(last - 1))
            if not m:
                return last
            k = self.after(m.end())
            if (
                k >= len(self.doc)
                or self.doc[k].tag_ in {"DT", "PRP$", "CD", "IN", "RB"}
                or self.word(k) in FATE | VAGUE.keys() | {"others", "other"}
            ):
                return last
            end, head = self.run(k)
            if head is None or not self.human(head):
                return last
            noun = self.doc[head]
            if noun.tag_ not in {"NNS", "NNPS", "NNP"} and noun.lower_ not in _PLURAL:
                return last
            if noun.dep_ == "nsubj" and noun.head.lower_ not in FATE | _BE and noun.head.i > head:
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

    # -- victims --------------------------------------------------------------------------------------

    def covering(self, i: int) -> Group | None:
        """The group that token `i` lies in."""
        return next((g for g in self.groups if g.first <= i < g.last), None)

    def fate(self, group: Group) -> str:
        """What is said of a group right after it: a fate word, "verb" for another finite verb, or ""."""
        i = group.last
        while self.word(i) in _REPORTED or (i < len(self.doc) and self.doc[i].tag_ == "RB"):
            i += 1
        if i >= len(self.doc):
            return ""
        if self.word(i) in FATE and self.doc[i].tag_ != "VBG":
            more = self.by_first.get(i + 1)
            active = (
                i == group.last and more is not None and more.counted and self.word(more.last) not in FATE
            )
            return "" if active else self.word(i)
        verb = self.doc[i].tag_ in {"VBD", "VBZ", "VBP", "MD"} or any(
            self.word(j) in _BE for j in range(group.last, i)
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
            if any(t.lower_ in FATE | _STOP or t.tag_ in {"VBD", "VBZ", "VBP", "VBG", "MD"} for t in tokens):
                break
            join = _JOIN.search(between)
            if not join and between.strip():
                if nxt.counted and self.doc[nxt.first - 1].tag_ != "IN":
                    break
                group = nxt
                continue
            if not nxt.counted and nxt.how != "own":
                break
            if (nxt.last > until) if until else self.fate(nxt):
                break
            found.append(nxt)
            joins.append(join.group().strip(" ,").lower() if join else "")
            group = nxt
        return _unrepeated(found, joins)

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
        if self.word(i) == "both" or (self.word(i) == "them" and self.word(i + 1) == "both"):
            return Group(i, i + 1, i, 2, "number")
        k = i + 1 if i < len(self.doc) and self.doc[i].tag_ in {"DT", "PRP$"} else i
        last, head = self.run(k)
        if head is None or self.doc[head].lower_ in _NOT_PEOPLE or head in self.syntax.place_at:
            return None
        noun = self.doc[head]
        if any(a <= noun.idx < b for a, b in self.days):
            return None
        if noun.tag_ in {"NN", "NNP"} and (k > i or noun.tag_ == "NNP"):
            return Group(i, self.tail(last)[0], head, 1, "one" if self.word(i) in {"a", "an"} else "own")
        return None

    def left(self, i: int) -> list[Group]:
        """Victims named before the word at token `i`, nearest first, with those joined to them."""
        if self.word(i - 1) in {"he", "she"}:
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

    def who(self, i: int) -> bool:
        """True where "who" is the subject of the word at `i`."""
        j = i - 1
        while self.word(j) in _REPORTED:
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
            if self.word(j) in _BE:
                return True
            if self.word(j) not in _REPORTED and self.doc[j].tag_ != "RB":
                return False
        return False

    def nearest(self, i: int) -> Group | None:
        """The group nearest before token `i` with nothing between but adverbs, auxiliaries and places."""
        group = next((g for g in reversed(self.groups) if g.last <= i), None)
        if group is None or i - group.last > 12:
            return None
        for token in self.doc[group.last : i]:
            if token.lower_ in _REPORTED or token.lower_ in {"who", "in", "of", "at", "from", "near", "on"}:
                continue
            if token.tag_.startswith(("VB", "MD", "CC", "W")) or token.lower_ in FATE | _STOP:
                return None
        return group

    def chain(self, group: Group) -> list[Group]:
        """`group` and the groups joined to it on its left: "two men and a child were killed"."""
        found = [group]
        while True:
            last = found[-1]
            before = next((g for g in reversed(self.groups) if g.last <= last.first), None)
            if before is None or last.first - before.last > 10:
                break
            if not (before.counted or before.how == "own" or self.doc[before.head].dep_ == "nsubjpass"):
                break
            between = self.text[self.end(before.last - 1) : self.doc[last.first].idx]
            tokens = self.doc[before.last : last.first]
            if any(t.lower_ in FATE | _STOP or t.tag_.startswith(("VB", "MD")) for t in tokens):
                break
            join = _JOIN.search(between)
            if not join or not (last.counted or last.how in {"own", "bare"}):
                break
            if join.group().strip() == "," and len(found) == 1:
                break
            found.append(before)
        return found

    # -- deadly words ---------------------------------------------------------------------------------

    def denied(self, token: Token) -> bool:
        """True where the words say that nobody died, or that somebody was only meant to."""
        if any(a <= token.idx < b for a, b in self.none):
            return True
        if any(
            c.lower_ in {"no", "neither", "not", "n't", "nor", "without", "never"} for c in token.children
        ):
            return True
        if token.head.lower_ in {"without", "no"}:
            return True
        before = self.text[: token.idx]
        if any(t.tag_ == "MD" for t in self.doc[max(0, token.i - 3) : token.i]):
            return True
        if re.search(r"\bthe number of (?:\w+ ){0,2}$", before, re.I):
            return True
        return bool(_BEHIND.search(before) or (token.lower_ not in WOUND and _AIMED.search(before)))

    def victims(self, token: Token) -> Iterator[tuple[list[Group], bool]]:
        """(groups, True where they died) of a deadly or wounding word."""
        low, i = token.lower_, token.i
        if low in KILL | WOUND | DESTROY:
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
            elif low.startswith("fatalit") and (i == 0 or self.doc[i - 1].tag_ not in {"DT", "CD", "PRP$"}):
                yield [Group(i, i + 1, i, UNKNOWN, "vague", "fatalities, no number")], True
        elif low in DIE:
            if not low.startswith("succumb") or re.match(
                r" to (?:\w+ )?(?:wounds|injuries)", self.text[self.end(i) :]
            ):
                yield self.left(i), True
        elif low in DEAD:
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
        while self.word(k) in {"of", "off", "down", "and", "or"} | (FATE - DEAD) and k < i + 3:
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
        m = re.compile(
            r"\s*,?\s*(?:along with|as well as|together with|alongside|in addition to)\s+", re.I
        ).match(self.text, self.end(k - 1))
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
        found = self.left(i)
        if found and self.word(i - 1) == "shot" and not self.be(i - 1) and not found[0].counted:
            return []
        return [g for g in found if g.how != "the" or g.count == 1]

    def of_body(self, token: Token) -> list[Group]:
        """The dead whose bodies were found; bodies moved, buried or handed over died before."""
        group = self.covering(token.i)
        if group is None or group.head != token.i or self.word(group.first) in {"his", "her", "their"}:
            return []
        if not any(t.lower_ in _FOUND for t in self.doc) or (
            group.how in {"bare", "the"} and group.count != 1
        ):
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
    reading = _Reading(syntax)
    if _WAR.search(reading.text):
        return []
    found: list[Toll] = []
    taken: set[int] = set()

    def take(groups: list[Group], dead: bool) -> None:
        for group in groups:
            if group.head not in taken and not (dead and group.count >= WAR):
                taken.add(group.head)
                found.append(_toll(reading, group, dead))

    _take_lives(reading, take)
    for token in reading.doc:
        if not reading.denied(token):
            for groups, dead in reading.victims(token):
                take(groups, dead)
    found += _totals(reading.text)
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
    kinds = {k for k in kinds if k in _HUMAN} | {
        syntax.kinds[n] for n in nouns if syntax.kinds.get(n) in _HUMAN
    }
    head_end = reading.end(max(group.head, group.first))
    return Toll(
        group.count if dead else None, start, head_end, reading.text[start:max(head_end, min(end, head_end))],
        group.assumed if dead else "", frozenset(kinds), tuple(mains), words=frozenset(nouns),
    )  # fmt: skip


# Words for victims that fit any of them.
_PLAIN = frozenset(
    "people persons person civilians civilian civilian others fatalities deaths killed dead lives victims citizens "
    "residents bodies".split()
)
_MORE = re.compile(r"\b(?:another|others?|more|additional|further)\b", re.I)


def add_toll(toll: Toll, told: list[Toll], before: list[Toll]) -> None:
    """Add the toll of a later sentence to `told`, unless it gives again what one of `before` told.

    The same figure, the same armed side, or plain people where plain people were counted before are told
    again; an exact figure takes the place of an assumed one; "another three" and victims of another side are
    new; a toll of the whole event replaces all.
    """
    if toll.total:
        told[:] = [toll, *(t for t in told if t.killed is None)]
        return
    if toll.killed is None:
        told.append(toll)
        return
    new = bool(_MORE.search(toll.text)) and not re.search(r"\bmore than\b", toll.text, re.I)
    for old in before:
        if old.killed is None or old.total or old not in told:
            continue
        mine, other = ({i for m in t.actors for i in m.ids} for t in (toll, old))
        plain = all(not t.actors or t.words & _PLAIN or "armed" not in t.kinds for t in (toll, old))
        if toll.killed == old.killed and _alike(toll, old) and not new:
            return
        if not new and (plain or (mine and mine == other)):
            if old.assumed and not toll.assumed:
                told[told.index(old)] = toll
            return
    told.append(toll)


def once(tolls: list[Toll]) -> list[Toll]:
    """Tolls of one event without those that give a figure again: "kills 11 … At least 11 civilians".

    A toll of the whole event stands for all others.
    """
    total = next((t for t in tolls if t.total), None)
    if total is not None:
        return [total, *(t for t in tolls if t.killed is None)]
    kept: list[Toll] = []
    for toll in tolls:
        if toll.killed is not None and toll.killed > 2:
            if any(t.killed == toll.killed and _alike(t, toll) for t in kept):
                continue
            kept = [t for t in kept if not (t.assumed and not toll.assumed and _alike(t, toll))]
        kept.append(toll)
    return kept


def _alike(one: Toll, two: Toll) -> bool:
    """True where two tolls may count the same people."""
    if "armed" not in one.kinds | two.kinds or not one.kinds or not two.kinds:
        return True
    a, b = ({i for m in t.actors for i in m.ids} for t in (one, two))
    words = [{w.rstrip("s") for w in t.words} for t in (one, two)]
    return bool(a & b or words[0] & words[1])


_COUNTED = re.compile(
    rf"\b({_N})(?: (?:more|other|further|civilian|confirmed|reported|new|military|enemy|regime))* (?:fatality|fatalities|deaths|bodies)\b"
    rf"|\b(?:fatalities|deaths|dead|killed)(?: so far| reported| confirmed)?\s*[:=-]?\s+({_DIGITS})\b",
    re.I,
)


def plain_tolls(text: str) -> list[Toll]:
    """Deaths that a sentence without a deed counts, read without a parse: "3 fatalities", "Total fatalities: 17"."""
    if _WAR.search(text) or _NONE.search(text):
        return []
    found = list(_totals(text))
    for m in _COUNTED.finditer(text):
        n = number(m[1] or m[2])
        if n is not None and n < WAR and not found:
            found.append(Toll(n, m.start(), m.end(), m.group()))
    return found


def _totals(text: str) -> Iterator[Toll]:
    for m in _TOLL.finditer(text):
        words = (m[1] or m[2] or "").split(" ")
        n = number(" ".join(words)) or number(words[0])
        if n is None and words[0].lower() in VAGUE:
            n = VAGUE[words[0].lower()]
        if n is not None and n < WAR:
            yield Toll(n, m.start(), m.end(), m.group(), total=True)
