"""Is a text English? The commonest words say so at once; what they leave open is asked of py3langid."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Words that English text is full of. "a", "in" and "on" are missing: other languages have them too.
_ENGLISH = frozenset(
    "the of and to is was were are with from by as at that this has have had which their its been for after said".split()
)
# The languages in Latin letters in which news on Syria is found, by their codes. Only these are compared: a
# list of names of places and people is somewhat like Hausa, or Uzbek, and should not be taken for it.
_NAMES = {
    "az": "Azerbaijani",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fi": "Finnish",
    "fr": "French",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ku": "Kurdish",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "sv": "Swedish",
    "tr": "Turkish",
}
_SAMPLE = 6_000
_ENOUGH_LETTERS, _ENOUGH_WORDS = 40, 20
_SURE = 0.1  # share of English words above which nothing else is asked
_CERTAIN = 0.99


def foreign(text: str) -> str:
    """The language or script of text that is surely not English ("in French"), else "".

    Cautious on purpose: short texts, and English full of foreign names, pass. A script counts where it makes
    more than two thirds of the letters; another language in Latin letters where common English words are rare
    and py3langid is certain of it.
    """
    sample = text[:_SAMPLE]
    if not sample.isascii() and (script := _script(sample)):
        return f"in {script} script"
    words = re.findall(r"[^\W\d_]+", sample.lower())
    if len(words) < _ENOUGH_WORDS:
        return ""
    english = sum(word in _ENGLISH for word in words) / len(words)
    if english >= _SURE:
        return ""
    code, certainty = _guess(sample)
    if code == "en" or certainty < _CERTAIN:
        return ""
    return f"in {_NAMES[code]}"


def _script(text: str) -> str:
    """The script that more than two thirds of the letters are in, where it is not the Latin one."""
    letters = [c for c in text if c.isalpha()]
    others = [c for c in letters if c > "\u024f" and not "\u1e00" <= c <= "\u1eff"]
    if len(letters) < _ENOUGH_LETTERS or len(others) * 3 <= len(letters) * 2:
        return ""
    return unicodedata.name(others[0], "another").split()[0].capitalize()


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(_NAMES))
    return identifier


def _guess(text: str) -> tuple[str, float]:
    """The likeliest language and its probability, 0 to 1."""
    code, probability = _identifier().classify(text)
    return str(code), float(probability)
