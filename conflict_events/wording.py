"""The words of a text: by them most texts are spared the search for most patterns.

A pattern that ignores case is tried at every letter; whether one of its words is there is known at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

_WORD = re.compile(r"\w+")
_YEAR = re.compile(r"(?:19|20)\d\d")


class Wording:
    """A text, its words in small letters, and whether it may name a year."""

    __slots__ = ("low", "text", "words", "year")

    def __init__(self, text: str) -> None:
        self.text, self.low = text, text.lower()
        if len(self.low) != len(text):  # a capital of which two letters become
            self.low = "".join(c if len(c.lower()) > 1 else c.lower() for c in text)
        self.words = frozenset(_WORD.findall(self.low))
        self.year = _YEAR.search(text) is not None

    def has(self, words: frozenset[str]) -> bool:
        """True where one of `words` is among those of the text."""
        return not words.isdisjoint(self.words)

    def holds(self, parts: tuple[str, ...]) -> bool:
        """True where one of `parts`, in small letters, stands anywhere, also within a word."""
        return any(part in self.low for part in parts)

    def find(self, pattern: re.Pattern[str], first: frozenset[str]) -> Iterator[re.Match[str]]:
        r"""What `pattern.finditer` gives, for a pattern that is \b and then one of the words `first`."""
        places: list[int] = []
        for word in first & self.words:
            at = self.low.find(word)
            while at >= 0:
                if not at or not self.low[at - 1].isalnum():
                    places.append(at)
                at = self.low.find(word, at + 1)
        end = 0
        for at in sorted(places):
            if at >= end and (m := pattern.match(self.text, at)):
                yield m
                end = m.end()


@lru_cache(maxsize=64)  # a sentence is asked many times in a row
def wording(text: str) -> Wording:
    """The words of `text`."""
    return Wording(text)
