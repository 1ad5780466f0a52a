"""A web page's layout undone, before the article is looked for in it.

What sites set around an article is taken out (menus, shares, related headlines, the cards of other articles),
and text that is set in bare blocks, line breaks and tables for layout becomes paragraphs. Without this a
notice of two sentences among ten headlines of other articles is taken for the least of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_AROUND = (
    "nav",
    "aside",
    "footer",
    "form",
    "button",
    "select",
    "iframe",
    "noscript",
    "template",
    "figcaption",
)
_NAMES = re.compile(
    r"(?:^|[-_])(?:related|recommend(?:ed|ations?)?|most[-_]?(?:read|popular|viewed)|trending|popular|latest|sidebar|"
    r"shar(?:e|ing)|social|newsletter|subscri(?:be|ption)|cookies?|consent|gdpr|comments?|breadcrumbs?|menu|nav|"
    r"navigation|footer|promo|advert(?:isement)?s?|teasers?|cards?|also[-_]?read|read[-_]?(?:also|more)|popup|"
    r"relatedposts|wp-caption-text)"
    r"(?:[-_]?(?:posts?|news|articles?|stor(?:y|ies)|content|links?|list|box|block|items?|bar|banner|buttons?|"
    r"section|area|container|wrapper|widget|form|notice|\d+))*$",
    re.IGNORECASE,
)
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_LEADS_ON = re.compile(
    r"\W*(?:read (?:more|also|next)|also read|see also|related|more on|watch)\b[^:]{0,30}:", re.I
)
_TABLE = ("table", "thead", "tbody", "tfoot", "tr", "td", "th")
_BLOCKS = frozenset(
    "address article blockquote body center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr li main nav ol p pre script section style table tbody td tfoot th thead tr ul".split()
)
_HOLDS_BLOCKS = ("body", "main", "article", "section", "div", "center", "td", "blockquote")
_LINKED = 0.8  # share of a paragraph's letters inside links from which on it only leads elsewhere
_CARD = 60  # words of the teaser of another article at most


def undo(tree: HtmlElement) -> None:
    """Takes out of the page what is not its article, and makes paragraphs of the rest, in place."""
    body = tree.find(".//body")
    if body is None:
        return
    title = _letters(" ".join(tree.xpath(".//title/text() | .//meta[@property='og:title']/@content")))
    _take_out(body)
    _take_out_cards(body, title)
    _take_out_links(body)
    for table in body.xpath(".//table[.//p or .//div or .//h1 or .//ul or .//table or count(.//br) > 1]"):
        for part in table.iter(*_TABLE):
            part.tag = "div"
    for block in list(body.iter(*_HOLDS_BLOCKS)):
        _set_paragraphs(block)


def _take_out(body: HtmlElement) -> None:
    size = len(_text(body))
    for element in list(body.iter(*_AROUND)):
        _drop(element, size)
    for element in list(body.iterdescendants()):
        if not isinstance(element.tag, str) or element.tag in {"main", "article"}:
            continue
        names = f"{element.get('class') or ''} {element.get('id') or ''}".split()
        if any(_NAMES.search(name) for name in names[:20]):
            _drop(element, size)


def _drop(element: HtmlElement, size: int) -> None:
    """Takes the element out unless the article is in it: the headline, or most of the page's text."""
    if (
        element.find(".//h1") is None
        and len(_text(element)) * 10 < size * 7
        and element.getparent() is not None
    ):
        element.drop_tree()


def _take_out_cards(body: HtmlElement, title: str) -> None:
    """Headlines that are links to other articles, with the teasers below them."""
    for heading in list(body.iter(*_HEADINGS)):
        text = _text(heading)
        outer = next((a for a in heading.iterancestors("a")), heading)
        if (outer is heading and _linked(heading) < _LINKED * len(text)) or _letters(text) in title:
            continue
        card = outer.getparent()
        if card is None or not text:
            continue
        only = len(list(islice(card.iter("h1", *_HEADINGS), 2))) == 1 and card.tag not in {"body", "main"}
        (card if only and len(_text(card).split()) <= _CARD else outer).drop_tree()


def _take_out_links(body: HtmlElement) -> None:
    """Paragraphs and list items that only lead to another article."""
    for element in list(body.iter("p", "li")):
        text = _text(element)
        linked = _linked(element)
        if linked and element.getparent() is not None:
            if linked >= _LINKED * len(text) or (_LEADS_ON.match(text) and linked * 2 > len(text)):
                element.drop_tree()


def _set_paragraphs(block: HtmlElement) -> None:
    """Text and inline elements that stand in a block beside line breaks or other blocks, as paragraphs."""
    children = list(block)
    if not children and block.tag not in {"body", "div", "td"}:
        return
    runs = list(_runs(block))
    if not any(isinstance(run, tuple) for run in runs):
        return
    for child in children:
        block.remove(child)
    block.text = None
    for run in runs:
        if not isinstance(run, tuple):
            block.append(run)
            continue
        text, elements = run
        paragraph = block.makeelement("p")
        paragraph.text = text
        paragraph.extend(elements)
        block.append(paragraph)


Run = tuple[str, list["HtmlElement"]]


def _runs(block: HtmlElement) -> Iterator[Run | HtmlElement]:
    """The content of a block in order: runs of text and inline elements, and the blocks between them."""
    text, elements = block.text or "", list["HtmlElement"]()
    for child in block:
        tail, child.tail = child.tail or "", None
        if child.tag == "br" or child.tag in _BLOCKS:
            if _is_text(text, elements):
                yield text, elements
            if child.tag != "br":
                yield child
            text, elements = tail, []
        else:
            child.tail = tail
            elements.append(child)
    if _is_text(text, elements):
        yield text, elements


def _is_text(text: str, elements: list[HtmlElement]) -> bool:
    return bool(text.strip() or any(_text(one) or (one.tail or "").strip() for one in elements))


def _text(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())


def _linked(element: HtmlElement) -> int:
    return sum(len(_text(link)) for link in element.iter("a"))


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())
