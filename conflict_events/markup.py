"""The plain text of a piece of HTML, as fields of feeds and tables hold it. Whole pages are read by `pages`."""

from __future__ import annotations

import re

_BLOCKS = frozenset(
    "address article aside blockquote body br dd div dl dt figcaption figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr li main nav ol option p pre section table td th tr ul".split()
)
_SILENT = frozenset(
    "head iframe noscript object script select style svg template textarea title video".split()
)
_MARKUP = re.compile(
    r"</?(?:a|b|br|div|em|figure|h[1-6]|i|img|li|ol|p|span|strong|table|ul)(?:\s[^<>]{0,2000})?/?>"
    r"|&(?:#\d{1,6}|#x[0-9a-f]{1,5}|amp|nbsp|quot|apos|lt|gt|[lr][sd]quo|[mn]dash|hellip);",
    re.IGNORECASE,
)


def is_markup(text: str) -> bool:
    """True where the text has tags or character references of HTML."""
    return _MARKUP.search(text) is not None


def text_of(fragment: str) -> str:
    """The text that a reader of the fragment would see, a line for each paragraph, cell or list item."""
    from lxml import etree

    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    raw = f"<div>{fragment}</div>".replace("\0", "").encode("utf-8", "replace")
    root = etree.fromstring(raw, parser)
    if root is None:
        return ""
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        edge = "\n" if element.tag in _BLOCKS else ""
        if event == "start":
            if element.tag in _SILENT:
                walk.skip_subtree()
            else:
                pieces += (edge, _spaced(element.text))
        else:
            pieces += (edge, _spaced(element.tail))
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _spaced(text: str | None) -> str:
    """Text of the source, whose line breaks mean nothing."""
    return re.sub(r"\s+", " ", text or "")
