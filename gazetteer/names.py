"""Keys under which place names are compared, so that one Arabic name is found in any Latin spelling.

Two keys, from strict to loose. `key` folds what never tells two Syrian places apart (accents, apostrophes,
hyphens, articles, doubled letters, the final -h, Tal and Tell); it is safe for looking names up in running
text. `skeleton` also folds the vowels and the consonants that transliterations mix up; it is meant for a name
of which the context already says that it is a place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

# The article in front of moon letters and assimilated to sun letters, and the ways of vowelling it. "us" and
# "un" occur too, but in English text they are a country and an organisation.
_SUN_LETTERS = ("l", "r", "s", "sh", "ch", "d", "dh", "n", "t", "th", "z")
ARTICLES = frozenset(vowel + letter for vowel in "aeu" for letter in _SUN_LETTERS) - {"us", "un"}

# Words that begin many names and are vowelled in every way: left one form, right what reporters write.
_HEADS = {
    spelling: head
    for head, spellings in {
        "tal": "tal tel tell tall til",
        "kafr": "kafr kafar kefr kefer kafer kifr kufr kufur kfar",
        "dayr": "deir dayr dair deyr",
        "jabal": "jabal jebel jabel jbel djebel gebel jebal mount mt",
        "ayn": "ain ayn ein eyn aain ayin aayn",
        "bayt": "bayt beit bait beyt",
        "khirbat": "khirbet khirbat kherbet kharbet khirbit khirba khirbah kherba kherbeh khurbat",
        "maarat": "maarat maaret maarrat maarret marat maret marrat marret",
        "shaykh": "sheikh shaykh sheik shaikh cheikh sheykh shekh",
        "abu": "abu abou abo",
        "um": "um umm om oum omm",
        "rasm": "rasm resm rasem",
        "burj": "burj borj bourj",
        "hawsh": "hawsh hosh housh hush haush",
        "qasr": "qasr kasr qaser",
        "wadi": "wadi wady ouadi",
        "jub": "jub jubb joub jeb jib jibb",
        "tahtani": "tahtani tahta lower tahtaniyah tahtanieh tahtaniya tahtaniyeh",
        "fawqani": "fawqani fawqa upper foqani fauqani faouqani fawqaniyah fawqaniya foqaniyeh fawqaniyeh "
        "fouqani foukani fokani fawkani fawkaniyah foqa",
        "sharqi": "sharqi sharqiya sharqiyah sharqiyeh sharqieh sharki sharkiya sharkiyah sharkiyeh sharkieh "
        "sherqi charqi charki sharqiyyah sharqiyya",
        "gharbi": "gharbi gharbyia gharbyiah gharbyah gharbiya gharbiyah gharbiyeh gharbieh gharbiyyah "
        "gharbiyya garbi garbiyeh rharbi",
        "shamali": "shamali shamaliya shamaliyah shamaliyeh shamalieh shimali shimaliyah shmali shamaliyyah",
        "janubi": "janubi janubiya janubiyah janubiyeh janubieh janoubi janoubiyeh jnubi janubiyyah",
        "qibli": "qibli qibliyah qibliya qabli qabliyeh qibliyeh qebli qebliyeh",
        "kabir": "kabir kabirah kabira kabireh kbir kbireh kabeer kabeera kebir kebireh",
        "saghir": "saghir saghirah saghira saghireh sghir sghireh sagheer sagheera saghirat",
    }.items()
    for spelling in spellings.split()
}

# English puts first what Arabic puts last: "Western Maliha" is al-Maliha al-Gharbiya.
_SIDES = {
    "eastern": "sharqi",
    "east": "sharqi",
    "western": "gharbi",
    "west": "gharbi",
    "northern": "shamali",
    "north": "shamali",
    "southern": "janubi",
    "south": "janubi",
    "upper": "fawqani",
    "lower": "tahtani",
    "big": "kabir",
    "great": "kabir",
    "large": "kabir",
    "small": "saghir",
    "little": "saghir",
}

_VOWEL_LETTERS = "aeiouy"
_GLUED = re.compile(r"[ae]l[^aeiouy][a-z]{2}")
# ASCII ones, then the marks by which transliterations write hamza and ayn.
_APOSTROPHES = "'`\"\u00b4\u2018\u2019\u02bb\u02bc\u02be\u02bf\u2032"
# One pass over the text: apostrophes vanish, other marks part words, capitals become small.
_PLAIN: dict[int, str | None] = {i: chr(i).lower() if chr(i).isalnum() else " " for i in range(128)}
_PLAIN.update(dict.fromkeys(map(ord, _APOSTROPHES)))


def words(text: str) -> list[str]:
    """The words of a name in lower-case ASCII, without its articles.

    A word that could be an article stays where it is the last one, so a name never comes out empty only
    because it looks like an article ("At", "Al").
    """
    text = text.translate(_PLAIN)
    if not text.isascii():
        # Imported here because most names are ASCII already and the import costs more than a short run.
        from unidecode import unidecode

        text = unidecode(text).translate(_PLAIN)
    found = text.split()
    if len(found) > 1:
        found[:-1] = [word for word in found[:-1] if word not in ARTICLES]
        # "Kherbet Elqabu", "Qibtan Aljabal": lists and news write the article and the word as one.
        found[1:] = [word[2:] if _GLUED.match(word) else word for word in found[1:]]
        if found[0] in _SIDES and len(found) > 1:
            found = [*found[1:], _SIDES[found[0]]]
    return found


# Arabic has three vowels and two half-vowels, and Latin letters for them in many ways.
_VOWELS = str.maketrans("oweyv", "uuiiu")
_LONG = 6


def _fold_letters(letters: str) -> str:
    # French has ch for sh and dj for j, and gh loses its h in a hurry.
    letters = letters.replace("ch", "sh").replace("dj", "j").replace("gh", "g")
    if letters[-1] == "e":
        letters = letters[:-1] + "a"  # "Hamidiye", "Hassaké"
    # "ai" and "au" are what "ay", "ei", "aw", "ou" have become; twice, because a run can hold three.
    letters = letters.translate(_VOWELS).replace("ai", "i").replace("au", "u")
    return letters.replace("ii", "i").replace("uu", "u").replace("ii", "i").replace("uu", "u")


# Cached because the names of a country are made of few words: Tal, Kafr, Tahtani, Sheikh.
@lru_cache(maxsize=4096)
def _fold(word: str) -> str:
    word = _HEADS.get(word, word)
    if word[-1] == "h" and len(word) > 1 and word[-2] in _VOWEL_LETTERS:
        word = word[:-2] + "a" if word[-2] in "ae" else word[:-1]
    return _single(word)


def _single(letters: str) -> str:
    # Digits stay as they are: the "3000 Apartments" are not "30".
    return "".join([a for a, b in zip(letters, letters[1:] + " ", strict=False) if a != b or a.isdigit()])


def _key(parts: list[str]) -> str:
    joined = parts[0] if parts else ""
    for part in parts[1:]:
        # "Kafr Ruma" and "Kafruma" are one name.
        joined += part[1:] if joined[-1] == part[0] and not part[0].isdigit() else part
    # A short name keeps its vowels: folded, it would meet too many English words ("Eis" and "eyes").
    return joined if len(joined) < _LONG else _fold_letters(joined)


@lru_cache(maxsize=8192)
def key(text: str) -> str:
    """The exact tier's key of a name, empty where the text holds no letter or digit.

    Folded: accents, case, apostrophes, hyphens and spaces, articles before another word, doubled letters,
    the endings -a, -ah, -eh, the spellings of frequent first words (Tal, Tell; Ain, Ayn, Ein), and in names
    of six letters and more o and w with u, e and y with i, and their diphthongs, ch with sh, dj with
    j, gh with g, and the ending -e with -a. "Ma'arrat an-Nu'man",
    "Maarrat al Numan" and "MAARET NUMAN" share a key; so do "Hamah" and "Hama", "Suwayda" and "Sweida". The
    article is dropped only as a word of its own: "Aleppo" and "Alhasakah" keep their first letters.
    """
    return _key([_fold(word) for word in words(text)])


def quick_key(name: str) -> str:
    """`key` of a name of ASCII letters and spaces, or "" where an article or a side may stand in it."""
    found = name.lower().split()
    if found[0] in _SIDES:
        return ""
    for word in found:
        if word in ARTICLES or word[:2] in {"al", "el"}:
            return ""
    return _key([_fold(word) for word in found])


# What `key` makes one of two letters or leaves as they are, depending on the length of the name.
_ROUGH = str.maketrans("oweyv", "uuiiu")
_TWICE = re.compile(r"([^\n])\1+")
_BEGINNING = 6  # letters


def _rough(letters: str) -> str:
    letters = letters.replace("ch", "sh").replace("dj", "j").replace("gh", "g").translate(_ROUGH)
    return _TWICE.sub(r"\1", letters.replace("ai", "i").replace("au", "u"))


class Beginnings:
    """How the keys of names begin, so that most words are quickly seen to begin none."""

    def __init__(self, keys: Iterable[str]) -> None:
        rough = _rough("\n".join(keys)).split("\n")
        self._short = frozenset(key for key in rough if len(key) <= _BEGINNING)
        self._any = frozenset(key[:n] for key in rough for n in range(_BEGINNING + 1))

    def may_begin(self, word: str, follows: str = "") -> bool:
        """True where a name may begin with a word of ASCII letters and digits, and one that follows it.

        Never wrongly False.
        """
        first, second = word.lower(), follows.lower()
        if first in ARTICLES or first in _SIDES or second in ARTICLES or _GLUED.match(second):
            return True  # left out of the key, put behind, or cut
        begun = _rough(_key([_fold(part) for part in (first, second) if part]))
        if (second or first)[-1:] == "e" and begun[:-1] + "a" in self._short:
            return True  # the last letter of a name
        if begun[-1:] in {"a", "c", "d"}:
            begun = begun[:-1]  # with what goes on "ai", "ch", "dj" are other letters
        return begun[:_BEGINNING] in self._any


_CONSONANTS = (
    ("sch", "c"),
    ("tch", "c"),
    ("sh", "c"),
    ("ch", "c"),
    ("kh", "x"),
    ("gh", "g"),
    ("dh", "d"),
    ("th", "t"),
    ("ph", "f"),
    ("dj", "j"),
    ("q", "k"),
    ("g", "k"),
    ("p", "b"),
    ("v", "w"),
)
_SOFT = re.compile(r"[aeiouwy]+")


def _consonants(word: str) -> str:
    word = _HEADS.get(word, word)
    if len(word) > 2 and word[-1] == "h" and word[-2] in _VOWEL_LETTERS:
        word = word[:-1]
    for letters, folded in _CONSONANTS:
        word = word.replace(letters, folded)
    first = "a" if word[0] in "aeiou" else word[0]
    return first + _SOFT.sub("", word[1:])


@lru_cache(maxsize=8192)
def skeleton(text: str) -> str:
    """The fuzzy tier's key of a name: its consonants, frequent first words in one spelling.

    q, k and g fall together, so do sh and ch, th and t, dh and d; vowels and the half-vowels w and y count
    only at the beginning of a word. Names of different places can share a skeleton: compare the keys as well.
    """
    return _single("".join([_consonants(word) for word in words(text)]))


def has_article(name: str) -> bool:
    """True where a name begins with an Arabic article: "al-Hol", "Ash Shaykh Miskin"."""
    first, *rest = name.translate(_PLAIN).split() or [""]
    return bool(rest) and first in ARTICLES


def is_head(word: str) -> bool:
    """True for a word that begins many names and is none by itself: Kafr, Tal, Khirbat."""
    return word in _HEADS


@lru_cache(maxsize=8192)
def consonants(folded: str) -> str:
    """The skeleton of a key: what `fuzzy` compares, because keys are at hand and names are not."""
    return _single(_consonants(folded)) if folded else ""


def all_consonants(keys: Iterable[str]) -> list[str]:
    """`consonants` of each key, of tens of thousands in a few hundredths of a second."""
    lines = "\n".join([_HEADS.get(key, key) for key in keys])
    lines = _LAST_H.sub("", lines)
    for letters, folded in _CONSONANTS:
        lines = lines.replace(letters, folded)
    return _AGAIN.sub(r"\1", _SOFT_INSIDE.sub("", _FIRST_VOWEL.sub("a", lines))).split("\n")


_LAST_H = re.compile(rf"(?<=[^\n][{_VOWEL_LETTERS}])h$", re.M)
_FIRST_VOWEL = re.compile(r"^[aeiou]", re.M)
_SOFT_INSIDE = re.compile(r"(?<=[^\n])[aeiouwy]+")
_AGAIN = re.compile(r"([^\d\n])\1+")
