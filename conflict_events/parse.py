"""The parse of a sentence as plain records: what the rules ask thousands of times costs one attribute each.

spaCy makes a Python object and looks a string up each time a token is asked for its word, tag or head. Here
that is done once a sentence. Names and meanings are spaCy's.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.tokens import Doc


class Token:
    """A word of a parsed sentence: place in it, form, tag, and its place in the tree."""

    __slots__ = ("children", "dep_", "doc", "first", "head", "i", "idx", "lower_", "tag_", "text")

    def __init__(self, doc: Parse, i: int, idx: int, text: str, tag: str, dep: str) -> None:
        self.doc, self.i, self.idx = doc, i, idx
        self.text, self.lower_ = text, text.lower()
        self.tag_, self.dep_ = tag, dep
        self.head = self
        self.children: list[Token] | tuple[Token, ...] = ()  # most words have none
        self.first = 0  # of the tokens that the parser takes for one sentence

    def __len__(self) -> int:
        return len(self.text)

    def __repr__(self) -> str:
        return f"{self.text}/{self.tag_}/{self.dep_}"

    def nbor(self, by: int = 1) -> Token:
        """The token `by` places on; IndexError where there is none."""
        at = self.i + by
        if at < 0:
            raise IndexError(at)
        return self.doc[at]

    @property
    def lefts(self) -> list[Token]:
        """Children before the token."""
        return [c for c in self.children if c.i < self.i]

    @property
    def subtree(self) -> list[Token]:
        """The token and all that hangs from it, in the order of the text."""
        found, stack = [], [self]
        while stack:
            token = stack.pop()
            found.append(token)
            stack += token.children
        found.sort(key=lambda t: t.i)
        return found


class Parse(list[Token]):
    """The tokens of a parsed sentence in their order."""

    def __init__(self, tokens: Iterable[tuple[int, str, str, str]] = ()) -> None:
        super().__init__(
            [Token(self, i, at, text, tag, dep) for i, (at, text, tag, dep) in enumerate(tokens)]
        )
        self._starts = [t.idx for t in self]

    def covered(self, start: int, end: int) -> list[Token]:
        """The tokens that characters `start` to `end` (exclusive) touch; none where they lie in no token."""
        first, last = self._at(start), self._at(end - 1)
        if first is None or last is None:
            return []
        if start == first.idx + len(first.text):  # the space behind a token is no part of it
            return self[first.i + 1 : last.i + 1]
        return self[first.i : last.i + 1]

    def root(self, start: int, end: int) -> Token | None:
        """The covered token nearest to the root of the tree, the first of several; None where none is covered."""
        tokens = self.covered(start, end)
        if len(tokens) < 2:
            return tokens[0] if tokens else None
        best, steps = tokens[0], len(self) + 1
        first, last = tokens[0].i, tokens[-1].i
        for token in tokens:
            if token.head is token:
                return token
            if not first <= token.head.i <= last and (away := _depth(token)) < steps:
                best, steps = token, away
        return best

    def forget(self) -> None:
        """Empty it and take its tokens apart: holding one another, they would wait for the garbage collector."""
        for token in self:
            del token.doc, token.head, token.children
        self.clear()

    def _at(self, char: int) -> Token | None:
        """The token at a character, or the one before it where that is the space between two."""
        i = bisect_right(self._starts, char) - 1
        if i < 0 or (i == len(self) - 1 and char >= self[i].idx + len(self[i].text)):
            return None
        return self[i]


def _depth(token: Token) -> int:
    steps = 0
    while token.head is not token:
        token, steps = token.head, steps + 1
    return steps


def parse_of(doc: Doc, text: str) -> Parse:
    """The parse that spaCy put into `doc`, a document of `text`, on its own: the document can be forgotten."""
    rows = doc.to_array(_COLUMNS).tolist()
    try:
        parse = _read(rows, text)
    except KeyError:  # the first with this tag or relation
        _NAMES.update((key, doc.vocab.strings[key]) for row in rows for key in row[2:4])
        parse = _read(rows, text)
    first = 0
    for token, (_, _, _, _, away, begins) in zip(parse, rows, strict=True):
        if begins == 1:
            first = token.i
        token.first = first
        if away:
            # the array is unsigned: a head to the left stands as its complement
            head = token.head = parse[token.i + (away if away < _HALF else away - 2 * _HALF)]
            if isinstance(head.children, list):
                head.children.append(token)
            else:
                head.children = [token]
    return parse


def _read(rows: list[list[int]], text: str) -> Parse:
    return Parse([(idx, text[idx : idx + n], _NAMES[tag], _NAMES[dep]) for idx, n, tag, dep, _, _ in rows])


# Tags and relations by the number that spaCy gives a string, the same in every process.
_NAMES: dict[int, str] = {}
_COLUMNS: list[int | str] = ["IDX", "LENGTH", "TAG", "DEP", "HEAD", "SENT_START"]
_HALF = 2**63
