"""How likely two spellings are of one Arabic name: what transliterations mix up costs little, others much."""

from __future__ import annotations

import re
from functools import lru_cache

# Letters written with two, or with one where others write two; c stands for sh, x for kh.
_DIGRAPHS = (
    ("tch", "c"),
    ("sch", "c"),
    ("sh", "c"),
    ("ch", "c"),
    ("kh", "x"),
    ("gh", "G"),
    ("dh", "D"),
    ("th", "T"),
    ("ph", "f"),
    ("dj", "j"),
    ("ou", "u"),
    ("ee", "i"),
    ("oo", "u"),
)
# French and English write c for k; before i it is s, sh or, in Turkish, j.
_HARD_C = re.compile("c(?![hi])")
_VOWELS = frozenset("aeiouwy")
_CLOSE = 0.15  # one sound, spelt after English, French, Turkish or the dictionary
_NEAR = 0.35  # sounds that are heard or written for each other
_SLIGHT = {
    frozenset(pair): cost
    for cost, pairs in (
        (_CLOSE, "kq tT dD zD fv bp xh ei ou iy uw ae cj jG gG kg qg gj"),
        (_NEAR, "xk Gk qG sT sz dz cs au ai hH xG eu ow eo iu"),
    )
    for pair in pairs.split()
}
_SOFT = 0.3  # a vowel or an h more or less


@lru_cache(maxsize=16384)
def _sounds(key: str) -> str:
    key = _HARD_C.sub("k", key)
    for letters, sound in _DIGRAPHS:
        key = key.replace(letters, sound)
    return re.sub(r"(.)\1", r"\1", key)


def initials(key: str) -> str:
    """The letters that a name of this key may begin with: "Cobani" is Kobani."""
    return "ck" if key.startswith("c") else key[:1]


def likeness(one: str, other: str) -> float:
    """From 0 to 1: 1 for keys that sound alike, less for each letter that differs, by how much it tells."""
    a, b = _sounds(one), _sounds(other)
    row = [0.0]
    for letter in b:
        row.append(row[-1] + _weight(letter))
    for x in a:
        above, row = row, [row[0] + _weight(x)]
        for j, y in enumerate(b):
            row.append(min(above[j] + _change(x, y), above[j + 1] + _weight(x), row[j] + _weight(y)))
    return max(0.0, 1 - row[-1] / max(len(a), len(b), 1))


def _weight(letter: str) -> float:
    return _SOFT if letter in _VOWELS or letter == "h" else 1.0


def _change(x: str, y: str) -> float:
    if x == y:
        return 0.0
    slight = _SLIGHT.get(frozenset((x, y)))
    if slight is not None:
        return slight
    return _NEAR if x in _VOWELS and y in _VOWELS else 1.0
