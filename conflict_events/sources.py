"""Who tells it: the outlet of an article and the monitors that a sentence quotes, with ACLED's scale.

ACLED codebook 2024, "Source" and "Source Scale": the scales of the two closest sources are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .events import Article
from .lexicon import Lexicon, Source

# The outlet stands in brackets between the place and the text: "BEIRUT, 22 June 2012 (Levant Wire) - …".
_IN_DATELINE = re.compile(r"^[A-Z][^()\n]{2,60}\((?P<name>[A-Z][\w'’&. -]{1,39})\)\s*(?:--?|–|—|:)\s", re.M)
# An agency's mark at the end: "-- Reuters", "(AFP)".
_AT_THE_END = re.compile(r"(?:--?|–|—|\(|Source: )\s?(?P<name>[A-Z][\w'’&. /-]{1,39}?)\)?\.?\s*\Z")
LEAD = 300


def sources(article: Article, quoted: Iterable[str], lexicon: Lexicon) -> tuple[tuple[str, ...], str]:
    """Names of the outlet and of the sources `quoted` (ids), each once, and their scale ("" without any)."""
    outlet = article.source.strip()
    known = lexicon.outlets.get(outlet.lower())
    if not outlet:
        outlet, known = _signed(article.text, lexicon)
    rows = [lexicon.sources[i] for i in quoted]
    names = [known.name if known else outlet] if outlet else []
    names += [s.name for s in rows]
    scales = list(dict.fromkeys(([known.scale] if known else []) + [s.scale for s in rows]))[:2]
    return tuple(dict.fromkeys(names)), "-".join(sorted(scales)) if scales else ("Other" if names else "")


def _signed(text: str, lexicon: Lexicon) -> tuple[str, Source | None]:
    """The outlet that a text names in its dateline, else the known one that its last words name."""
    if m := _IN_DATELINE.search(text[:LEAD]):
        return m["name"], lexicon.outlets.get(m["name"].lower())
    if m := _AT_THE_END.search(text[-60:]):
        known = lexicon.outlets.get(m["name"].strip().lower())
        return (known.name, known) if known else ("", None)
    return "", None
