"""Dictionary phrases in running text: folding, words with offsets, and a longest-match phrase table.

Matching runs on plain words, not on the parser's tokens, because reporting spells one name with hyphens,
apostrophes, diacritics or none of them ("al-Nusra", "Dar'a", "Kobanî"): all of these fold away here while
every character keeps its offset.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from typing import Generic, NamedTuple, TypeVar

from unidecode import unidecode

# Plain words first: the rest is asked only where something else stands beside the letters.
_WORD = re.compile(
    r"[A-Za-z]{2,}(?![\w'])|(?:[A-Za-z]\.){2,}|\d+[A-Za-z]\w*|\d+(?:[.,:]\d+)*|[^\W\d_]+\d*(?:'[^\W_]+)*"
)
_SAME = {ord(c): "'" for c in "\u2018\u2019\u201b\u02bb\u02bc\u02be\u02bf\u00b4\u0060\u2032"}
_SAME |= {ord(c): '"' for c in "\u201c\u201d\u201e\u201f\u00ab\u00bb"}
_SAME |= {ord(c): "-" for c in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"}
_SAME |= {
    ord(c): " " for c in "\u00a0\u2007\u202f\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\ufeff\u00ad\t"
}
_LETTERS = re.compile(r"[A-Za-z ]+")
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


class Word(NamedTuple):
    """A word: lower-case form without apostrophes or possessive, and where it stands."""

    lower: str
    text: str
    start: int
    end: int

    @property
    def capital(self) -> bool:
        """True where the word begins with a capital letter or a digit."""
        first = self.text[0]
        return first.isupper() or first.isdigit()


def words(text: str) -> list[Word]:
    """The words of folded `text`; "U.S." is one word "us", "Dar'a" is "dara", "Assad's" is "assad"."""
    found: list[Word] = []
    add, new = found.append, tuple.__new__  # the constructor of a named tuple costs as much as the search
    for m in _WORD.finditer(text):
        raw = m[0]
        if raw.isalpha():
            start = m.start()
            add(new(Word, (raw.lower(), raw, start, start + len(raw))))
            continue
        end = m.end()
        if raw.endswith(("'s", "'S")):
            raw, end = raw[:-2], end - 2
        lower = raw.lower().replace("'", "")
        if "." in lower and not lower[0].isdigit():
            lower = lower.replace(".", "")
        add(Word(lower, raw, m.start(), end))
    return found


T = TypeVar("T")


class Hit(NamedTuple, Generic[T]):
    """A phrase found: its words from `first` up to, not including, `last`, and what the table holds for it."""

    first: int
    last: int
    value: T


class PhraseTable(Generic[T]):
    """A table of phrases, each with a value, that finds its phrases in a list of words.

    A phrase is a sequence of lower-case words; GAP in it stands for up to three words of the text.
    """

    def __init__(self) -> None:
        self._values: dict[tuple[str, ...], list[T]] = {}
        self._by_first: dict[str, list[_Row[T]]] = {}
        self._by_two: dict[str, dict[str, list[_Row[T]]]] = {}

    def add(self, phrase: Sequence[str], value: T) -> None:
        """Put `phrase` into the table; a phrase may carry several values."""
        key = tuple(phrase)
        values = self._values.get(key)
        if values is None:
            values = self._values[key] = []
            self._by_first.setdefault(key[0], []).append((key, values))
            self._by_two.pop(key[0], None)
        if value not in values:
            values.append(value)

    def __contains__(self, phrase: Sequence[str]) -> bool:
        return tuple(phrase) in self._values

    def first_words(self) -> frozenset[str]:
        """The words that phrases begin with."""
        return frozenset(self._by_first)

    def starts(self, word: str) -> bool:
        """True where some phrase begins with `word`."""
        return word in self._by_first

    def find(self, lowers: Sequence[str], *, overlap: bool = False) -> Iterator[Hit[T]]:
        """Hits in a text of words in small letters, from left to right, the longest phrase at each place.

        Each value of a phrase is a hit. With `overlap` a hit may begin inside an earlier one.
        """
        n = len(lowers)
        free = 0
        for i in [i for i, word in enumerate(lowers) if word in self._by_first]:
            if i < free:
                continue
            first = lowers[i]
            rows = self._by_two.get(first) or self._by_second(first)
            second = lowers[i + 1] if i + 1 < n else ""
            for phrase, values in rows.get(second, rows[""]):
                last = _match(phrase, lowers, i, n)
                if last:
                    for value in values:
                        yield Hit(i, last, value)
                    free = i + 1 if overlap else last
                    break

    def _by_second(self, first: str) -> dict[str, list[_Row[T]]]:
        """Phrases that begin with `first` by their second word, the longest first; under "" those without a fixed one."""
        rows = sorted(self._by_first[first], key=lambda row: -len(row[0]))
        loose = [len(phrase) == 1 or phrase[1] == GAP for phrase, _ in rows]
        found = {
            word: [row for row, free in zip(rows, loose, strict=True) if free or row[0][1] == word]
            for word in {row[0][1] for row, free in zip(rows, loose, strict=True) if not free}
        }
        found[""] = [row for row, free in zip(rows, loose, strict=True) if free]
        self._by_two[first] = found
        return found


_Row = tuple[tuple[str, ...], list[T]]


def _match(phrase: tuple[str, ...], lowers: Sequence[str], at: int, n: int) -> int:
    """The end of `phrase` found at word `at`, or 0."""
    j = at
    for k, word in enumerate(phrase):
        if word == GAP:
            rest = phrase[k + 1 :]
            for skip in range(MOST_GAP + 1):
                if j + skip < n and (end := _match(rest, lowers, j + skip, n)):
                    return end
            return 0
        if j >= n or lowers[j] != word:
            return 0
        j += 1
    return j


@functools.lru_cache(maxsize=32768)
def phrase_words(phrase: str) -> tuple[str, ...]:
    """The words of a dictionary phrase, as `words` would see them in text, GAP kept."""
    if _LETTERS.fullmatch(phrase):  # nearly all
        return tuple(phrase.lower().split())
    out: list[str] = []
    for part in fold(phrase).split():
        out.extend([GAP] if part == GAP else [w.lower for w in words(part)])
    return tuple(out)
