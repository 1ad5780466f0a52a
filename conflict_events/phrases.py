"""Dictionary phrases in running text: folding, words with offsets, and a longest-match phrase table.

Matching runs on plain words, not on the parser's tokens, because reporting spells one name with hyphens,
apostrophes, diacritics or none of them ("al-Nusra", "Dar'a", "Kobanî"): all of these fold away here while
every character keeps its offset.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from unidecode import unidecode

_WORD = re.compile(r"(?:[A-Za-z]\.){2,}|\d+[A-Za-z]\w*|\d+(?:[.,:]\d+)*|[^\W\d_]+\d*(?:'[^\W_]+)*")
_SAME = {ord(c): "'" for c in "\u2018\u2019\u201b\u02bb\u02bc\u02be\u02bf\u00b4\u0060\u2032"}
_SAME |= {ord(c): '"' for c in "\u201c\u201d\u201e\u201f\u00ab\u00bb"}
_SAME |= {ord(c): "-" for c in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"}
_SAME |= {
    ord(c): " " for c in "\u00a0\u2007\u202f\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\ufeff\u00ad\t"
}
GAP = "*"
MOST_GAP = 3


@functools.lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    plain = unidecode(char)
    return plain if len(plain) == 1 else char


def fold(text: str) -> str:
    """`text` with quotes, dashes, spaces and Latin diacritics made plain, character for character.

    The result has the length of `text`, so offsets into one are offsets into the other.
    """
    text = text.translate(_SAME)
    if text.isascii():
        return text
    return "".join(c if c.isascii() else _plain(c) for c in text)


@dataclass(frozen=True, slots=True)
class Word:
    """A word: lower-case form without apostrophes or possessive, and where it stands."""

    lower: str
    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """True where the word begins with a capital letter or a digit."""
        return self.text[0].isupper() or self.text[0].isdigit()


def words(text: str) -> list[Word]:
    """The words of folded `text`; "U.S." is one word "us", "Dar'a" is "dara", "Assad's" is "assad"."""
    found = []
    for m in _WORD.finditer(text):
        raw = m.group()
        end = m.end()
        if raw.endswith(("'s", "'S")):
            raw, end = raw[:-2], end - 2
        lower = raw.lower().replace("'", "")
        if "." in lower and not lower[0].isdigit():
            lower = lower.replace(".", "")
        found.append(Word(lower, raw, m.start(), end))
    return found


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Hit(Generic[T]):
    """A phrase found: its words from `first` up to, not including, `last`, and what the table holds for it."""

    first: int
    last: int
    value: T


class PhraseTable(Generic[T]):
    """A table of phrases, each with a value, that finds its phrases in a list of words.

    A phrase is a sequence of lower-case words; GAP in it stands for up to three words of the text.
    """

    def __init__(self) -> None:
        self._by_first: dict[str, list[tuple[tuple[str, ...], list[T]]]] = {}
        self._values: dict[tuple[str, ...], list[T]] = {}
        self._in_order = True

    def add(self, phrase: Sequence[str], value: T) -> None:
        """Put `phrase` into the table; a phrase may carry several values."""
        key = tuple(phrase)
        values = self._values.get(key)
        if values is None:
            values = self._values[key] = []
            self._by_first.setdefault(key[0], []).append((key, values))
            self._in_order = False
        if value not in values:
            values.append(value)

    def __contains__(self, phrase: Sequence[str]) -> bool:
        return tuple(phrase) in self._values

    def starts(self, word: str) -> bool:
        """True where some phrase begins with `word`."""
        return word in self._by_first

    def find(self, text: Sequence[Word], *, overlap: bool = False) -> Iterator[Hit[T]]:
        """Hits from left to right, the longest phrase at each place; each value of a phrase is a hit.

        With `overlap` a hit may begin inside an earlier one.
        """
        if not self._in_order:
            # once, not at every row that is put in: a table has thousands of them
            for rows in self._by_first.values():
                rows.sort(key=lambda row: -len(row[0]))
            self._in_order = True
        i, n = 0, len(text)
        while i < n:
            step = 1
            for phrase, values in self._by_first.get(text[i].lower, ()):
                last = _match(phrase, text, i, n)
                if last:
                    for value in values:
                        yield Hit(i, last, value)
                    step = 1 if overlap else last - i
                    break
            i += step


def _match(phrase: tuple[str, ...], text: Sequence[Word], at: int, n: int) -> int:
    """The end of `phrase` found at word `at`, or 0."""
    j = at
    k = 0
    while k < len(phrase):
        if phrase[k] == GAP:
            rest = phrase[k + 1 :]
            for skip in range(MOST_GAP + 1):
                if j + skip < n and (end := _match(rest, text, j + skip, n)):
                    return end
            return 0
        if j >= n or text[j].lower != phrase[k]:
            return 0
        j += 1
        k += 1
    return j


@functools.lru_cache(maxsize=32768)
def phrase_words(phrase: str) -> tuple[str, ...]:
    """The words of a dictionary phrase, as `words` would see them in text, GAP kept."""
    out: list[str] = []
    for part in fold(phrase).split():
        out.extend([GAP] if part == GAP else [w.lower for w in words(part)])
    return tuple(out)
