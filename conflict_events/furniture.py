"""What a page prints around an article: headlines run into its text, links to other articles, stamps of its editors.

Scraped text has often lost its line breaks, so that a headline, the tags and the links beside an article stand in
the middle of its sentences. What they tell is told by the text itself, or belongs to another article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .phrases import Word

# Words that headlines write small between their capitals.
_SMALL = frozenset(
    "of in the to for and on by at from with as a an near vs after over amid into al el against under off out s".split()
)
_DATES = frozenset(
    "january february march april may june july august september october november december jan feb mar apr jun jul aug "
    "sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun".split()
)
# Words in capitals that make a headline, dates and numbers aside.
_ENOUGH = 5
# A capital letter that begins a sentence again behind a headline.
_OPENERS = frozenset(
    "the a an in on at according earlier meanwhile more some several since during after for it he she they this".split()
)
# From here on a clause goes on by itself, so that an opener before it is no part of a headline.
_STOP = re.compile(r"[.;!?]")
_CITY = re.compile(r"[A-Z]{4,}(?:[ ,-]+[A-Z]{4,}){0,2}[ ,]*(?:\([^)]{2,30}\)[ -]*)?$")

Piece = tuple[int, int, bool]


def pieces(text: str, words: list[Word], deeds: Iterable[tuple[int, int]]) -> list[Piece]:
    """The (start, end, is a headline) pieces of a sentence, in order; one that is the sentence where nothing is cut.

    `deeds` are the offsets of its triggers: a headline is a run of words in capitals with a deed among them, as
    "Army Takes Hill" is and "Free Syrian Army" is not.
    """
    told = {a for a, b in deeds if text[a].isupper() and any(c.islower() for c in text[a:b])}
    at, found = 0, []
    for first, last in _runs(text, words):
        named = [w for w in words[first : last + 1] if w.text[0].isupper() and w.lower not in _DATES]
        inside = [
            i for i in range(first, last + 1) if words[i].start in told and words[i].lower not in _DATES
        ]
        if len(named) < _ENOUGH or not inside or inside == [first]:
            continue
        end = _end(text, words, first, last, inside[-1])
        if not end:
            continue
        start = words[first].start
        if text[at:start].strip():
            found.append((at, start, False))
        found.append((start, end, True))
        at = end
    if not found:
        return [(0, len(text), False)]
    if text[at:].strip():
        return [*found, (at, len(text), False)]
    if len(found) == 2 and len(text[: found[1][0]].split()) < _ENOUGH:
        return [(0, len(text), True)]  # "2 people killed 5 Injured in Terrorist Attack"
    return found


def _runs(text: str, words: list[Word]) -> Iterator[tuple[int, int]]:
    """First and last word of each run of words in capitals, with small words between them."""
    i = 0
    while i < len(words):
        if not words[i].capital:
            i += 1
            continue
        j = last = i
        while j < len(words) and (words[j].capital or words[j].lower in _SMALL):
            if j > i and _STOP.search(text, words[j - 1].end, words[j].start):
                break
            if words[j].capital:
                last = j
            j += 1
        yield i, last
        i = max(j, i + 1)


def _end(text: str, words: list[Word], first: int, last: int, deed: int) -> int:
    """Where a headline ends that runs on into a sentence; 0 where that cannot be told."""
    rest = [w for w in words[last + 1 :] if not w.capital]
    if not rest:
        return len(text)
    for i in range(last, deed, -1):
        if words[i].lower in _OPENERS and words[i].text[0].isupper():
            city = _CITY.search(text, words[deed].end, words[i].start)
            return city.start() if city else words[i].start
    if len(rest) < _ENOUGH and len(rest) < last - first:
        return len(text)
    return 0


# Lines that lead to other articles.
_PROMOTES = re.compile(
    r"\W*(?:read (?:more|also|next)|see also|also read|related(?: (?:articles?|stories|news|topics|coverage))?|recommended(?: stories| for you)?|more (?:from|on this)\b"
    r"|more stories|most read|trending|watch(?: also| more)?|list \d+ of \d+|in pictures|don't miss|you may also like"
    r"|(?:prev(?:ious)?|next) (?:post|article|story))(?=\W*$|\s*[:|>-])",
    re.I,
)


def promotes(line: str) -> bool:
    """True for a line that leads to other articles: "Read more: …", "Recommended Stories", "list 2 of 4"."""
    return _PROMOTES.match(line) is not None


def whole(line: str) -> bool:
    """True for a line that ends as a sentence does, so that it is no headline."""
    line = line.rstrip("\"' )")
    return line.endswith((".", "!", "?")) and not line.endswith("..")
