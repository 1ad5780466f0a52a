"""WARC files, written by warcio as crawlers write them."""

from __future__ import annotations

import gzip
import io
from datetime import date

import pytest
from test_pages import ADDRESS, BODY, TITLE, page
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from conflict_events import pages
from conflict_events.articles import read_articles
from conflict_events.events import Article, Failure

HTML = "text/html; charset=utf-8"


def warc(*records: tuple[str, str, str, bytes], packed: bool = True, **headers: str) -> bytes:
    """A web archive of (address, status, content type, content), with the request before each."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=packed)
    writer.write_record(writer.create_warcinfo_record("a.warc", {"software": "a crawler"}))
    for address, status, kind, content in records:
        asked = StatusAndHeaders("GET / HTTP/1.1", [("Host", "daily.example")], is_http_request=True)
        writer.write_record(writer.create_warc_record(address, "request", http_headers=asked))
        said = StatusAndHeaders(status, [("Content-Type", kind), *headers.items()], protocol="HTTP/1.1")
        found = writer.create_warc_record(
            address,
            "response",
            io.BytesIO(content),
            http_headers=said,
            warc_headers_dict={"WARC-Date": "2026-01-01T00:00:00Z"},
        )
        writer.write_record(found)
    return out.getvalue()


def saved(tmp_path, content: bytes, name: str = "crawl.warc.gz", **options):
    path = tmp_path / name
    path.write_bytes(content)
    return list(read_articles([path], **options))


@pytest.mark.parametrize(
    "packed, name", [(True, "a.warc.gz"), (True, "a.warc"), (False, "a.warc"), (False, "a.txt")]
)
def test_the_articles_of_a_crawl(tmp_path, packed, name):
    notes: list[str] = []
    undated = page("")
    content = warc(
        (ADDRESS, "200 OK", HTML, page().encode()),
        ("https://daily.example/logo.png", "200 OK", "image/png", b"\x89PNG"),
        ("https://daily.example/gone", "404 Not Found", HTML, page().encode()),
        ("https://daily.example/", "200 OK", HTML, b"<html><body></body></html>"),
        ("https://daily.example/two", "200 OK", HTML, undated.replace(ADDRESS, "https://daily.example/two").encode()),
        packed=packed,
    )  # fmt: skip
    first, second = saved(tmp_path, content, name, note=notes.append)
    assert first == Article(
        "\n".join(BODY), ADDRESS, TITLE, date(2021, 9, 8), "metadata", "The Orchard Daily", ADDRESS
    )
    # the day it was fetched is not the day it was published
    assert (second.id, second.published) == ("https://daily.example/two", None)
    assert len(notes) == 1 and "passed over, not articles: 3" in notes[0]


def test_the_encoding_that_the_server_named(tmp_path):
    text = page(paragraphs=(f"{BODY[0]} They call it سوق الحبوب there.", *BODY[1:]), charset="")
    content = warc((ADDRESS, "200 OK", "text/html; charset=windows-1256", text.encode("cp1256")))
    (article,) = saved(tmp_path, content)
    assert "سوق الحبوب" in article.text


def test_packed_pages_and_wrong_packing(tmp_path):
    content = warc((ADDRESS, "200 OK", HTML, gzip.compress(page().encode())), **{"Content-Encoding": "gzip"})
    (article,) = saved(tmp_path, content)
    assert article.text == "\n".join(BODY)
    wrong = warc(
        (ADDRESS, "200 OK", HTML, gzip.compress(page().encode())[:300]), **{"Content-Encoding": "gzip"}
    )
    assert all(isinstance(item, Article | Failure) for item in saved(tmp_path, wrong))


@pytest.mark.parametrize("packing", [bytes, gzip.compress])
def test_a_huge_record_costs_itself_alone(tmp_path, packing):
    huge = packing(b"<html><p>" + b"x " * pages.PAGE)
    content = warc((ADDRESS, "200 OK", HTML, huge), (f"{ADDRESS}/2", "200 OK", HTML, page().encode()),
                   **({"Content-Encoding": "gzip"} if packing is gzip.compress else {}))  # fmt: skip
    failure, article = saved(tmp_path, content)
    assert isinstance(failure, Failure) and "more than 20 MB" in failure.reason and ADDRESS in failure.reason
    assert isinstance(article, Article) and article.id == f"{ADDRESS}/2"


def test_what_is_not_english_is_told_and_the_rest_is_read(tmp_path):
    french = tuple(f"Les forces du régime ont bombardé la ville et les {n} villages." for n in range(12))
    content = warc(
        (f"{ADDRESS}/fr", "200 OK", HTML, page(paragraphs=french).encode()),
        (ADDRESS, "200 OK", HTML, page().encode()),
    )
    failure, article = saved(tmp_path, content)
    assert isinstance(failure, Failure) and "French" in failure.reason and failure.path.endswith(".gz:3")
    assert isinstance(article, Article)


@pytest.mark.parametrize("packed", [True, False])
def test_an_archive_cut_off_gives_what_it_has_and_a_reason(tmp_path, packed):
    content = warc(*[(f"{ADDRESS}/{n}", "200 OK", HTML, page().encode()) for n in range(4)], packed=packed)
    found = saved(tmp_path, content[: len(content) * 2 // 3], "a.warc.gz" if packed else "a.warc")
    assert sum(isinstance(item, Article) for item in found) >= 2
    if packed:
        assert isinstance(found[-1], Failure)


@pytest.mark.parametrize(
    "content", [b"WARC/1.0\r\n\r\n", b"WARC/1.0\r\nContent-Length: -5\r\n\r\nx", b"WARC/9 \0\0", b""]
)
def test_what_is_no_archive_says_why(tmp_path, content):
    found = saved(tmp_path, content, "a.warc")
    assert found and all(isinstance(item, Failure) and "\n" not in item.reason for item in found)
