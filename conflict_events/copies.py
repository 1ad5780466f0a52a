"""The same article handed in twice: saved under two names, or printed by several outlets of one agency.

A copy has the same words. Byline, credits and the agency's mark, which outlets set themselves, do not count,
nor do line breaks, case and punctuation; of a longer text neither do headlines and dateline. Numbers and names
of the text do: two bulletins of one form that tell of two villages are two articles.
"""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from .events import Article, Event, Failure
from .lexicon import Lexicon
from .sources import sources

# Words from which on a text is not written a second time by chance. Shorter ones ("Shelling continued today")
# recur from day to day, and their headline may be all that tells them apart.
LONG = 80
LATE = 7  # days that an outlet may be behind an agency's text
_HEADLINE = 14  # words that a line may have which is no sentence
_DATELINE = re.compile(r"\W*[A-Z]{2}[^\n]{0,80}?(?:\s[-–—]{1,2}\s|\)\s*:?\s|:\s)")
_BYLINE = re.compile(r"(?:[Bb]y|BY) [A-Z][^.!?]{0,80}$")
_CREDIT = re.compile(
    r"\W{0,3}(?:(?:additional )?(?:reporting|writing|editing|written|translated|compiled|photos?)\b.{0,20}\bby\b"
    r"|source:|copyright|©|all rights reserved|read more|follow us|with agencies|(?:end|ends)\W*$)",
    re.IGNORECASE,
)
# "…, the doctor said. (AFP)", "…said. /Levant Wire/", "…said. - Reuters"
_MARK = re.compile(r"(?<=[.!?\"'”’])\s+(?:[-–—]{1,2}\s+|[(\[/])[A-Z][\w./ ]{1,24}[)\]/]?\W*$")
_ENDED = re.compile(r"[.!?…][\"'”’)\]]{0,2}$")


def fingerprint(article: Article) -> str:
    """What copies of one article share: 32 hexadecimal digits made from the words of its text."""
    lines = _without_credits(_paragraphs(article.text))
    running = _words(_running(lines))
    words = running if len(running) >= LONG else _words(lines)
    return hashlib.blake2b(" ".join(words).encode(), digest_size=16).hexdigest()


def _words(lines: list[str]) -> list[str]:
    return [word for line in lines for word in re.findall(r"\w+", line.casefold())]


def _paragraphs(text: str) -> list[str]:
    """The lines of a text, where print broke them joined: one that fills a column and ends no sentence goes on."""
    lines: list[str] = []
    goes_on = False
    for line in map(str.strip, text.split("\n")):
        if goes_on and line:
            lines[-1] = f"{lines[-1]} {line}"
        elif line:
            lines.append(line)
        goes_on = len(line) > 50 and not _ENDED.search(line)
    return lines


def _without_credits(lines: list[str]) -> list[str]:
    while len(lines) > 1 and _CREDIT.match(lines[-1]):
        lines.pop()
    lines = [line for line in lines if not _BYLINE.match(line)] or lines
    return [*lines[:-1], _MARK.sub("", lines[-1])] if lines else lines


def _running(lines: list[str]) -> list[str]:
    """The lines from the first to the last sentence, without headlines and dateline."""
    whole = [at for at, line in enumerate(lines) if _ENDED.search(line) or len(line.split()) > _HEADLINE]
    kept = lines[whole[0] : whole[-1] + 1] if whole else []
    if kept and (dateline := _DATELINE.match(kept[0])):
        kept[0] = kept[0][dateline.end() :]
    return kept


Copy = tuple[str, tuple[str, ...]]  # id, outlets


@dataclass(slots=True)
class Print:
    """An article that is read, and the ids and outlets of its copies; `better` is a copy that has a date."""

    article: str
    day: datetime.date | None
    long: bool
    copies: tuple[Copy, ...] = ()
    better: Print | None = None
    read: bool = False

    def same(self, other: Print) -> bool:
        """True where an article of the same words is a copy, as far as their days go."""
        if self.day is None or other.day is None or self.day == other.day:
            return True
        return self.long and abs((self.day - other.day).days) <= LATE


def print_of(article: Article) -> Print:
    """The entry that an article has before copies of it are known."""
    return Print(article.id, article.published, len(article.text.split()) >= LONG)


class Copies:
    """Keeps copies from being read a second time, and names them in the events of the article that was."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.count = 0
        self._lexicon = lexicon
        self._prints: dict[str, tuple[Print, ...]] = {}

    def left_out(self, inputs: Iterable[Article | Failure]) -> Iterator[Article | Failure]:
        """The inputs without copies of articles that came before.

        A copy that has a day of publication, which the first had not, is read after all, in its place.
        """
        for item in inputs:
            if isinstance(item, Failure) or self._is_read(item):
                yield item

    def _is_read(self, article: Article) -> bool:
        return self.enter(
            fingerprint(article), print_of(article), lambda: sources(article, (), self._lexicon)[0]
        )

    def enter(self, words: str, new: Print, outlet: Callable[[], tuple[str, ...]]) -> bool:
        """True where the article of a new print is to be read; `words` is its fingerprint."""
        prints = self._prints.get(words, ())
        known = next((one for one in prints if one.better is None and one.same(new)), None)
        if known is None:
            self._prints[words] = (*prints, new)
            return True
        self.count += 1
        if known.day is None and new.day is not None:
            new.copies = ((known.article, ()), *known.copies)
            known.copies = (*known.copies, (new.article, outlet()))
            known.better = new
            self._prints[words] = (*prints, new)
            return True
        known.copies = (*known.copies, (new.article, outlet()))
        return False

    def print_of(self, article: Article) -> Print | None:
        """The entry of an article that was read; None for one that did not pass through `left_out`."""
        prints = self._prints.get(fingerprint(article), ())
        found = next((p for p in prints if (p.article, p.day) == (article.id, article.published)), None)
        if found:
            found.read = True
        return found


def credited(events: Iterable[Event], known: Print | None) -> Iterator[Event]:
    """The events of an article with the ids and outlets of its copies; none where a better copy was read."""
    if known and known.better and known.better.read:
        return
    for event in events:
        if known and known.copies:
            ids = dict.fromkeys((*event.article_id, *(name for name, _ in known.copies)))
            outlets = dict.fromkeys((*event.source, *(one for _, names in known.copies for one in names)))
            event = replace(event, article_id=tuple(ids), source=tuple(outlets))
        yield event
