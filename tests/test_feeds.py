"""RSS and Atom, whole and broken, friendly and hostile."""

from __future__ import annotations

import gzip
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events.articles import read_articles
from conflict_events.decoding import Unreadable
from conflict_events.events import Article, Failure
from conflict_events.feeds import Entry, read_entries

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Valley Wire</title><link>https://wire.example/</link><description>News</description>
<item><title>Shells fall on Afes &amp; Nayrab</title><link>/shells</link><guid isPermaLink="false">vw-1</guid>
<pubDate>Mon, 02 Mar 2020 23:30:00 +0200</pubDate><description>&lt;p&gt;Two dead.&lt;/p&gt;</description>
<content:encoded><![CDATA[<p>Troops shelled Afes on Monday, killing two.</p><p>A <b>third</b> man was hurt.</p>]]></content:encoded></item>
<item><title>Sit-in in Shahba</title><link>https://wire.example/sit-in</link>
<description>Dozens held a sit-in in Shahba on Sunday.</description></item>
<item><title>Gunmen kill a guard in Jasim</title></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title><entry>
<title type="html">Raid &lt;i&gt;in&lt;/i&gt; Busra</title><link href="https://notes.example/1"/><id>urn:1</id>
<updated>2020-03-02T22:30:00Z</updated><summary>Troops raided houses in Busra.</summary></entry></feed>"""
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(25))
    + ']>\n<rss version="2.0"><channel><title>&z;</title></channel></rss>'
)
OUTSIDE = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/hostname">]>
<rss version="2.0"><channel><title>t</title><item><title>&x;</title></item></channel></rss>"""


def saved(tmp_path, content: str | bytes, name: str = "feed.xml", **options):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(read_articles([path], **options))


def test_the_entries_of_a_feed():
    first, second, third = read_entries(RSS.encode())
    assert first == Entry(
        id="vw-1",
        url="https://wire.example/shells",
        title="Shells fall on Afes & Nayrab",
        published="Mon, 02 Mar 2020 23:30:00 +0200",
        summary="Two dead.",
        content="Troops shelled Afes on Monday, killing two.\nA third man was hurt.",
        source="Valley Wire",
    )
    assert (second.id, second.content) == ("https://wire.example/sit-in", "")
    assert (third.url, third.published) == ("", "")


def test_addresses_are_relative_to_the_feed():
    (entry,) = read_entries(
        ATOM.replace("https://notes.example/1", "../1").encode(), "https://x.example/f/all"
    )
    assert entry.url == "https://x.example/1"


def test_a_saved_feed_is_its_articles(tmp_path):
    first, second, third = saved(tmp_path, RSS)
    assert first == Article(
        "Troops shelled Afes on Monday, killing two.\nA third man was hurt.",
        "https://wire.example/shells",
        "Shells fall on Afes & Nayrab",
        date(2020, 3, 2),
        "metadata",
        "Valley Wire",
        "https://wire.example/shells",
    )
    assert (second.text, second.published) == ("Dozens held a sit-in in Shahba on Sunday.", None)
    assert (third.text, third.title, third.id) == (
        "Gunmen kill a guard in Jasim",
        "",
        f"{tmp_path}/feed.xml:3",
    )


@pytest.mark.parametrize("name", ["feed.atom", "feed.rss", "feed.xml", "feed.txt", "feed"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_feeds_are_known_by_their_content(tmp_path, name, pack):
    (article,) = saved(tmp_path, pack(ATOM.encode()), name)
    # the day as the stamp writes it, in its own zone
    assert (article.title, article.published) == ("Raid in Busra", date(2020, 3, 2))


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "windows-1256"])
def test_encodings(tmp_path, codec):
    text = RSS.replace('encoding="UTF-8"', f'encoding="{codec}"').replace("Valley", "Valley وادي")
    assert [item.source for item in saved(tmp_path, text.encode(codec))] == ["Valley وادي Wire"] * 3


@pytest.mark.parametrize("cut", [200, 500, 900, len(RSS) - 12])
def test_a_feed_cut_off_gives_what_it_has_or_a_reason(tmp_path, cut):
    found = saved(tmp_path, RSS[:cut])
    assert found and all(isinstance(item, Article | Failure) for item in found)


@pytest.mark.parametrize(
    "content, reason",
    [
        (LAUGHS, "entities"),
        (OUTSIDE, "entities"),
        (LAUGHS.encode("utf-16"), "entities"),
        ("", "empty"),
        ("<?xml version='1.0'?><urlset><url><loc>x</loc></url></urlset>", "no feed"),
        ("<rss version='2.0'><channel><title>t</title></channel></rss>", "no entries"),
    ],
)
def test_what_is_no_feed_says_why(tmp_path, content, reason):
    began = time.monotonic()
    (failure,) = saved(tmp_path, content)
    assert isinstance(failure, Failure) and reason in failure.reason
    assert time.monotonic() - began < 10


def test_a_name_in_place_of_a_feed_is_not_opened(tmp_path, monkeypatch):
    path = tmp_path / "other.xml"
    path.write_text(RSS)
    for name in (str(path), path.as_uri(), "http://localhost/feed"):
        with pytest.raises(Unreadable):
            read_entries(name.encode())


def test_deep_nesting_ends(tmp_path):
    found = saved(tmp_path, RSS.replace("<p>", "<div>" * 20_000))
    assert found and all(isinstance(item, Article | Failure) for item in found)


@settings(deadline=None, max_examples=50)
@given(st.text("<>/=\"' abrsfeditm\0&;#x1é", max_size=200))
def test_nothing_but_a_reason_is_raised(text):
    try:
        read_entries(f"<rss><channel><item>{text}".encode())
    except Unreadable as error:
        assert str(error)
