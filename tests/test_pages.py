"""Web pages give the article alone, whatever stands around it and however the page was saved."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events import pages
from conflict_events.articles import read_articles
from conflict_events.events import Article, Failure
from conflict_events.markup import is_markup, text_of
from conflict_events.pages import read_page

TITLE = "Mortar rounds hit the grain market of Ariha"
BODY = (
    "Rebel groups fired mortar rounds at the grain market of Ariha on Tuesday, killing two porters, the town's "
    "clinic said.",
    "The rounds came from an olive grove west of the ring road, three stallholders said by telephone.",
    "Five people were taken to hospital, and the market stayed shut on Wednesday morning.",
)
ADDRESS = "https://daily.example/syria/mortar-rounds-ariha"


def page(
    dated: str = '<meta property="article:published_time" content="2021-09-08T01:15:00+03:00">',
    paragraphs: tuple[str, ...] = BODY,
    charset: str = "utf-8",
) -> str:
    """A page as news sites make them: menus, a cookie banner, related headlines, comments, a footer."""
    body = "".join(f"<p>{text}</p>\n" for text in paragraphs)
    return f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="{charset}"><title>{TITLE} | The Orchard Daily</title>
<meta property="og:site_name" content="The Orchard Daily"><meta property="og:title" content="{TITLE}">
<link rel="canonical" href="{ADDRESS}">{dated}
<script>var tracked = "Air strike kills nine";</script><style>p {{ margin: 0 }}</style></head>
<body><header><nav><ul><li><a href="/">Home</a></li><li><a href="/syria">Syria</a></li></ul></nav></header>
<div class="cookie-consent" id="cookie-banner"><p>We use cookies. By reading on you accept our policy.</p></div>
<main><article><h1>{TITLE}</h1><div class="byline">By a correspondent in Idlib</div>
<div class="share"><a href="#">Share</a></div>{body}
<aside class="related"><h3>Read also</h3><ul><li><a href="/1">Warplanes bomb a bakery in Hish</a></li></ul></aside>
</article><section class="related-posts"><h2>More news</h2><a href="/2">Car bomb wounds two in Azaz</a></section>
<div id="comments" class="comments"><p>They also shelled Nayrab yesterday, I heard it.</p></div></main>
<aside class="sidebar"><h3>Most read</h3><ul><li><a href="/3">Gunmen kill a mayor in Jasim</a></li></ul></aside>
<footer><p>© 2019 The Orchard Daily. All rights reserved.</p></footer></body></html>"""


def only(found) -> Article:
    (article,) = found
    assert isinstance(article, Article), article
    return article


def saved(tmp_path, content: str | bytes, name: str = "page.html", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_articles([path], **options))


def test_the_article_without_what_stands_around_it():
    assert read_page(page().encode()) == Article(
        text="\n".join(BODY),
        id="-",
        title=TITLE,
        published=date(2021, 9, 8),
        published_basis="metadata",
        source="The Orchard Daily",
        url=ADDRESS,
    )


@pytest.mark.parametrize("name", ["page.html", "page.htm", "page.txt", "page.xhtml", "page"])
def test_a_saved_page_whatever_its_name(tmp_path, name):
    article = only(saved(tmp_path, page(), name))
    assert article.text == "\n".join(BODY) and article.id.endswith(name)


def test_what_is_said_on_the_command_line_wins():
    article = read_page(page().encode(), id="a", source="Wire", published=date(2020, 1, 1))
    assert isinstance(article, Article)
    assert (article.id, article.source) == ("a", "Wire")
    assert (article.published, article.published_basis) == (date(2020, 1, 1), "option")


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "windows-1256"])
def test_encodings(codec):
    arabic = (f"{BODY[0]} The market is called سوق الحبوب by all.", *BODY[1:])
    article = read_page(page(paragraphs=arabic, charset=codec).encode(codec))
    assert isinstance(article, Article) and article.text == "\n".join(arabic)


@pytest.mark.parametrize(
    "codec, meta, header",
    [("windows-1252", "iso-8859-1", ""), ("iso-8859-9", "", "iso-8859-9"), ("utf-8", "windows-1256", "")],
)
def test_the_declared_encoding_is_believed_where_it_can_be_true(codec, meta, header):
    text = ("Fighters of the “Şahin” group — so its name — " + BODY[0]).replace(
        "Ş" if codec == "windows-1252" else "\0", "S"
    )
    text = text.replace("“", '"').replace("”", '"').replace("—", "-") if codec == "iso-8859-9" else text
    article = read_page(page(paragraphs=(text, *BODY[1:]), charset=meta).encode(codec), charset=header)
    assert isinstance(article, Article) and article.text.startswith(text)


@pytest.mark.parametrize(
    "dated, first, day, basis",
    [
        ('<meta name="date" content="2021-09-08T23:50:00Z">', BODY[0], date(2021, 9, 8), "metadata"),
        (
            '<script type="application/ld+json">{"@type":"NewsArticle","datePublished":"2021-09-08T00:20:00+03:00",'
            '"dateModified":"2022-01-02"}</script>',
            BODY[0],
            date(2021, 9, 8),
            "metadata",
        ),
        ('<meta name="date" content="08/09/2021">', BODY[0], None, ""),
        (
            '<meta name="date" content="08/09/2021">',
            f"ARIHA, Sept. 8 - {BODY[0]}",
            date(2021, 9, 8),
            "metadata",
        ),
        (
            '<meta name="date" content="08/09/2021">',
            f"ARIHA, August 9 - {BODY[0]}",
            date(2021, 8, 9),
            "metadata",
        ),
        ("", f"ARIHA, September 8, 2021 - {BODY[0]}", date(2021, 9, 8), "dateline"),
        ("", BODY[0], None, ""),
    ],
)
def test_the_day_of_publication(dated, first, day, basis):
    article = read_page(page(dated, (first, *BODY[1:])).encode())
    assert isinstance(article, Article)
    assert (article.published, article.published_basis) == (day, basis)


def test_a_date_of_a_feed_stands_in_for_one_the_page_has_not():
    article = read_page(page("").encode(), stated="Wed, 08 Sep 2021 01:15:00 +0300")
    assert isinstance(article, Article)
    assert (article.published, article.published_basis) == (date(2021, 9, 8), "metadata")


def test_a_note_says_which_date_could_not_be_read(tmp_path):
    notes: list[str] = []
    saved(tmp_path, page('<meta name="date" content="08/09/2021">'), note=notes.append)
    assert len(notes) == 1 and "two ways" in notes[0] and "--published" in notes[0]


def test_the_address_that_a_browser_notes_when_it_saves():
    text = page().replace(f'<link rel="canonical" href="{ADDRESS}">', "")
    note = "<!-- saved from url=(0047)https://daily.example/elsewhere -->"
    article = read_page(text.replace("<html", f"{note}\n<html", 1).encode())
    assert isinstance(article, Article) and article.url == "https://daily.example/elsewhere"


def test_a_page_saved_as_a_single_file(tmp_path):
    message = EmailMessage()
    message["From"] = "<Saved by a browser>"
    message["Snapshot-Content-Location"] = ADDRESS
    message.set_content(page(), subtype="html", cte="quoted-printable")
    message.add_related(b"\x89PNG", "image", "png")
    article = only(saved(tmp_path, bytes(message), "page.mhtml"))
    assert (article.text, article.url) == ("\n".join(BODY), ADDRESS)


def test_what_a_browser_saves_beside_a_page_is_no_article(tmp_path):
    (tmp_path / "page_files").mkdir()
    (tmp_path / "page_files" / "frame.html").write_text(page())
    (tmp_path / "page.html").write_text(page())
    (tmp_path / "index.php?id=7").write_text(page())
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "own.html").write_text(page())
    ids = [item.id for item in read_articles([tmp_path]) if isinstance(item, Article)]
    assert ids == [str(tmp_path / name) for name in ("index.php?id=7", "page/own.html", "page.html")]


@pytest.mark.parametrize(
    "broken",
    [
        page().replace("</p>", "").replace("</article>", ""),
        page()[: page().index("</article>")],
        page().replace("<head>", "").replace('<html lang="en">', "<HTML LANG=en onload='x(\"y\")' =>"),
        page().replace("<p>", "<p><b><i>").replace("<article>", "<article><table><tr><td>"),
        page().replace("fired", "fi\0red"),
    ],
)
def test_broken_markup_costs_no_sentence(broken):
    article = read_page(broken.encode())
    assert isinstance(article, Article)
    assert BODY[0] in article.text and "Car bomb" not in article.text


@pytest.mark.parametrize(
    "raw, reason",
    [
        (b"", "empty"),
        (b"<html></html>", "no article"),
        (b"<!doctype html><p>", "no article"),
        (b"%PDF-1.4 no page", "PDF"),
        (b"\x89PNG\r\n", "picture"),
        (page(paragraphs=tuple(f"Les forces du régime ont bombardé la ville et les {n} villages de la région." for n in range(9))).encode(), "French"),
        (b"<html><p>" + b"a" * pages.PAGE, "more than 20 MB"),
        (b"<html><p>" + b"a" * pages.MARKUP, "more than 5 MB"),
    ],
)  # fmt: skip
def test_what_is_no_article_says_why(raw, reason):
    found = read_page(raw, url="https://daily.example/x")
    assert isinstance(found, Failure) and reason in found.reason and found.path == "https://daily.example/x"


def test_the_limit_is_one_of_the_extracted_text():
    assert isinstance(read_page(page().encode(), limit=len("\n".join(BODY))), Article)
    found = read_page(page().encode(), limit=len("\n".join(BODY)) - 1)
    assert isinstance(found, Failure) and "longer" in found.reason


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=200) | st.text("<>/=\"' abdhiptv\0&;#x1é", max_size=200).map(str.encode))
def test_nothing_raises(raw):
    assert isinstance(read_page(b"<html>" + raw), Article | Failure)


def test_events_of_a_page_by_the_command_line(tmp_path):
    (tmp_path / "page.html").write_text(page())
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "conflict_events",
            "extract",
            str(tmp_path),
            "--columns",
            "full",
            "--format",
            "jsonl",
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert '"event_date": "2021-09-07"' in done.stdout and '"location": "Ariha"' in done.stdout
    assert f'"article_url": "{ADDRESS}"' in done.stdout and "Azaz" not in done.stdout


# ---- layouts of other sites ----

NOTICE = "A trader was shot dead by gunmen on a motorcycle in the town of Tafas on Tuesday."
MORE = "His brother, who was with him, was taken to the hospital in Daraa."
MENU = "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(12))
CARDS = "".join(
    f'<div class="item"><a href="/c{n}"><h3>{headline}</h3></a><p>{headline} on Friday, activists said.</p></div>'
    for n, headline in enumerate(("Shelling kills two in Kafr Nabl", "Car bomb wounds nine in Azaz"))
)
LATEST = f'<div id="recent-posts"><h4>Latest</h4><ul><li><a href="/l">Warplanes bomb Hish</a></li></ul></div>{CARDS}'


def blog(content: str) -> str:
    return (
        f"<!doctype html><html><head><title>Trader shot dead in Tafas &#8211; Southern Notes</title></head><body>"
        f'<div id="menu"><ul>{MENU}</ul></div><article class="post"><header><h1>Trader shot dead in Tafas</h1>'
        f'<time datetime="2022-03-15T19:20:11+00:00">March 15, 2022</time> by <a href="/a">the desk</a></header>'
        f'<div class="entry-content">{content}</div></article>{LATEST}<div>© 2019 Southern Notes</div></body></html>'
    )


@pytest.mark.parametrize(
    "content, text",
    [
        (f"<p>{NOTICE}</p>", NOTICE),
        (f"{NOTICE}<br><br>{MORE}", f"{NOTICE}\n{MORE}"),
        (f"<div>{NOTICE}</div><div><span>{MORE}</span></div>", f"{NOTICE}\n{MORE}"),
        (f"<p>{NOTICE}</p><p><b>Read more: <a href='/x'>Mines kill five in Azaz</a></b></p><p>{MORE}</p>", f"{NOTICE}\n{MORE}"),
        (f"<p>{NOTICE}</p><figure><img src=x><figcaption>Rebels took Morek in 2014.</figcaption></figure>", NOTICE),
        (f"<p>Shot that day:</p><ul><li>{NOTICE}</li><li>{MORE}</li></ul>", f"Shot that day:\n- {NOTICE}\n- {MORE}"),
        (
            f"<p>{MORE}</p><table><tr><th>Place</th><th>Event</th></tr><tr><td>Tafas</td><td>{NOTICE}</td></tr></table>",
            f"{MORE}\nPlace | Event\nTafas | {NOTICE}",
        ),
    ],
)  # fmt: skip
def test_a_short_notice_among_headlines_of_others(content, text):
    article = read_page(blog(content).encode())
    assert isinstance(article, Article)
    assert (article.text, article.title) == (text, "Trader shot dead in Tafas")
    assert article.published == date(2022, 3, 15)


@pytest.mark.parametrize(
    "body",
    [
        f"<div class=n><div class=t>Trader shot dead in Tafas</div><div class=d>Tafas, 15 March 2022</div><div>{NOTICE} {MORE}</div></div>{LATEST}",
        f"<table><tr><td width=150><ul>{MENU}</ul>{LATEST}</td><td><font size=4><b>Trader shot dead in Tafas</b></font><br>"
        f"<i>Tafas, 15 March 2022</i><p>{NOTICE} {MORE}<td>{CARDS}</td></tr></table>",
    ],
)
def test_a_page_of_bare_blocks_or_layout_tables(body):
    page = f"<html><head><title>Trader shot dead in Tafas</title></head><body><ul>{MENU}</ul>{body}</body></html>"
    article = read_page(page.encode())
    assert isinstance(article, Article)
    assert article.text == f"Tafas, 15 March 2022\n{NOTICE} {MORE}"
    assert (article.published, article.published_basis) == (date(2022, 3, 15), "dateline")


def test_a_front_page_is_no_article():
    found = read_page(f"<html><body><ul>{MENU}</ul><h1>Southern Notes</h1>{LATEST}</body></html>".encode())
    assert isinstance(found, Failure) and "no article" in found.reason


@pytest.mark.parametrize(
    "piece", ["<h3><a href=x>Bomb kills</a></h3>", "<div class=related>", "<b>x</b><br>", "<table><tr><td>", "<a href=x>"]
)  # fmt: skip
def test_a_page_of_endless_pieces_ends_soon(piece):
    began = time.monotonic()
    for count in (5_000, 300_000):
        assert isinstance(
            read_page((f"<html><body>{piece * count}<p>{NOTICE}</p>").encode()), Article | Failure
        )
    assert time.monotonic() - began < 60


# ---- fragments ----


@pytest.mark.parametrize(
    "fragment, text",
    [
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\nTwo & three."),
        ("One<br>two<br/>\n three", "One\ntwo\nthree"),
        ("<ul><li>One</li><li>Two</li></ul>tail", "One\nTwo\ntail"),
        ("a <b>b</b><i>c</i>\n d<script>x()</script> e", "a bc d e"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1\n2"),
        ("Rebels&#8217; camp", "Rebels\u2019 camp"),
        ("1 &lt; 2", "1 < 2"),
        ("", ""),
    ],
)
def test_text_of_a_fragment(fragment, text):
    assert text_of(fragment) == text


@pytest.mark.parametrize("text", ["2 < 3 and 4 > 1", "AT&T", "a <quote> b", "x&y;z", "-> next"])
def test_plain_text_is_no_markup(text):
    assert not is_markup(text)


@given(st.text(max_size=100))
def test_fragments_never_raise(fragment):
    assert isinstance(text_of(fragment), str)
