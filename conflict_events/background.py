"""What every article of a war repeats, and what people say of themselves: deeds told that are no news of the day."""

from __future__ import annotations

import re

from .events import Mention
from .parse import Token
from .syntax import Syntax
from .wording import wording

# "The war, which began with protests in 2011, has killed …"
_WAR_BEGAN = re.compile(
    r"\b(?:war|conflict|uprising|revolt|revolution|rebellion|insurgency|crisis|unrest|bloodshed)\b(?:,? (?:\w+,? ){0,5}?)"
    r"(?:began|begun|started|erupted|broke out|broken out|flared up|evolved|degenerated|grew|sparked|triggered|unleashed|morphed|spiralled|spiraled)\b",
    re.I,
)
_WARS = frozenset(
    "war conflict uprising revolt revolution rebellion insurgency crisis unrest bloodshed".split()
)
_BEGAN = frozenset(
    "began begun started erupted broke broken flared evolved degenerated grew sparked triggered unleashed morphed "
    "spiralled spiraled".split()
)
# What somebody has on his record: "was responsible for carrying out attacks".
_RECORD = re.compile(
    r"\b(?:was|were|is|are|been|being|and|also) (?:\w+ )?(?:responsible|blamed|wanted|infamous|notorious|sanctioned|sought|involved|implicated|complicit"
    r"|instrumental|in charge)(?: \w+)? (?:for|in|of) (?:\w+ing|several|many|numerous|multiple|various|other|dozens|a (?:number|series|string)|"
    r"(?:\w+ )?(?:attacks|killings|operations|bombings|raids|assassinations))\b[^.;]{0,60}$",
    re.I,
)
_ON_RECORD = frozenset(
    "responsible blamed wanted infamous notorious sanctioned sought involved implicated complicit instrumental "
    "charge".split()
)
# "the rebel controlled city": who holds a place, where the hyphen is lost.
_HELD = re.compile(r"(?:controlled|held|besieged|run|ruled|dominated)$", re.I)
_PLACE_NOUN = re.compile(
    r" (?:city|cities|towns?|villages?|areas?|province|governorate|countryside|districts?|suburbs?|neighbou?rhoods?|parts?|territor\w+|regions?|"
    r"enclaves?|strongholds?|quarters?|sides?)\b",
    re.I,
)
# "have taken at least 103 villages": what a campaign took so far.
_SO_FAR = re.compile(
    r"\b(?:have|has|had) (?:\w+ )?(?:taken|captured|seized|liberated|recaptured|retaken|regained|cleared|control of|won) (?:(?:at least|more than|over|some|about|around|nearly|up to|almost) )?"
    r"(?:\d{2,}|dozens of|scores of|hundreds of) (?:\w+ )?(?:villages|towns|settlements|hamlets|localities|farms|areas|positions)\b",
    re.I,
)
_TAKEN = frozenset("villages towns settlements hamlets localities farms areas positions".split())
_QUOTED = re.compile(r'"[^"]+"')
_SPEAKER = re.compile(r"\b(?:we|us|our|ours|i|my|me)\b", re.I)


def why_background(mention: Mention, syntax: Syntax) -> str:
    """Why a deed is background to its sentence, or ""."""
    text = syntax.sentence.text
    said = wording(text)
    war = _WAR_BEGAN.search(text) if said.has(_WARS) and said.has(_BEGAN) else None
    if war is not None and (war.start() <= mention.start or war.start() < 30):
        return f'how the war began: "{war.group()}"'
    if said.has(_ON_RECORD) and (record := _RECORD.search(text[: mention.end])):
        return f'a record of deeds, not news: "{record.group()}"'
    head = syntax.root(mention)
    if (
        head.lower_ in {"fighting", "battling", "combating"}
        and head.dep_ == "acl"
        and head.head.i in syntax.actor_at
    ):
        return "says whom a force fights, not that it fought"
    if _HELD.search(mention.text) and _PLACE_NOUN.match(text, mention.end):
        if any(a.end + 1 == mention.start for a in syntax.sentence.actors):
            return "who holds a place, not that it was taken"
    total = _SO_FAR.search(text) if said.has(_TAKEN) else None
    if total is not None and total.start() <= mention.start < total.end():
        return f'what was taken so far: "{total.group()}"'
    if text.startswith("Since ") and any(c.lower_ == "when" for c in head.children):
        return "the time from which something else is told"
    for quote in _QUOTED.finditer(text):
        inside = quote.start() < mention.start < quote.end()
        if inside and _SPEAKER.search(quote.group()) and _present(head):
            return "what somebody says of his own lot"
    return ""


def _present(head: Token) -> bool:
    """True where the verb that tells a deed stands in the present: "they are shelling us"."""
    verb = head
    while not verb.tag_.startswith("VB") and verb.head != verb:
        verb = verb.head
    if verb.tag_ in {"VBP", "VBZ"}:
        return True
    return verb.tag_ == "VBG" and any(
        c.dep_ == "aux" and c.lower_ in {"is", "are", "am", "'re", "'s"} for c in verb.children
    )
