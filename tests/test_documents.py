"""Bulletins in PDF and Word, made with real libraries, whole and broken, and without the extras."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
import zlib
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events.articles import read_articles
from conflict_events.events import Article, Failure

HEADING = "Situation in the plain, bulletin no. 14"
DATED = "As of 9 June 2022"
BODY = (
    "Shells fired from the government-held hills landed in the fields and lanes of the village of Kansafra on "
    "Wednesday evening, killing a shepherd and wounding his two sons, according to the civil defence.",
    "Humanitarian partners could not reach the village until the following morning, and distribution of bread "
    "was suspended in four neighbouring communities.",
)


def pdf(pages: int = 1, *, furniture: bool = True, password: str = "", empty: bool = False) -> bytes:
    """A bulletin set in lines of print, with a header and a footer on every page."""
    from fpdf import FPDF

    class Bulletin(FPDF):
        def header(self) -> None:
            if furniture:
                self.cell(0, 8, "Field office - weekly bulletin", new_x="LMARGIN", new_y="NEXT")

        def footer(self) -> None:
            if furniture:
                self.set_y(-15)
                self.cell(0, 8, f"Page {self.page_no()} of {pages}")

    document = Bulletin()
    document.set_font("helvetica", size=12)
    if password:
        document.set_encryption(owner_password=password, user_password=password)
    for number in range(pages):
        document.add_page()
        if empty:
            continue
        if not number:
            document.multi_cell(0, 8, f"{HEADING}\n{DATED}", new_x="LMARGIN", new_y="NEXT")
        for text in BODY:
            document.multi_cell(0, 8, text if not number else text.replace("evening", f"evening {number}"))
            document.ln(10)
        for line in range(4):
            document.multi_cell(0, 8, f"- Item {line} of section {number}.", new_x="LMARGIN", new_y="NEXT")
    return bytes(document.output())


def word(**properties: object) -> bytes:
    import docx

    document = docx.Document()
    for name, value in properties.items():
        setattr(document.core_properties, name, value)
    document.add_heading(HEADING, 0)
    document.add_paragraph(DATED)
    for text in BODY:
        document.add_paragraph(text)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Kafr Nabudah", "Two killed by shelling on Tuesday."
    document.add_paragraph("Ends.")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def saved(tmp_path, content: bytes, name: str, **options):
    path = tmp_path / name
    path.write_bytes(content)
    return list(read_articles([path], **options))


def only(found) -> Article:
    (article,) = found
    assert isinstance(article, Article), article
    return article


# ---- PDF ----


@pytest.mark.parametrize("name", ["a.pdf", "a.txt", "a.bin"])
def test_lines_of_print_become_paragraphs_and_the_first_lines_date_them(tmp_path, name):
    article = only(saved(tmp_path, pdf(furniture=False), name))
    lines = article.text.split("\n")
    assert lines[:2] == [HEADING, DATED]
    assert [line for line in lines if line in BODY] == list(BODY)
    assert "- Item 2 of section 0." in lines
    assert (article.published, article.published_basis) == (date(2022, 6, 9), "dateline")


def test_headers_and_footers_of_pages_are_left_out(tmp_path):
    article = only(saved(tmp_path, pdf(4), "a.pdf"))
    assert "Page" not in article.text and "weekly bulletin" not in article.text
    assert article.text.count("Humanitarian partners") == 4


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "empty"),
        (b"%PDF-1.4\n%%EOF", "damaged PDF"),
        (b"%PDF-1.7 ...", "damaged PDF"),
        (pdf()[:700], "damaged PDF"),
        (pdf(empty=True, furniture=False), "scanned"),
        (pdf(password="sesame"), "password"),
    ],
)
def test_a_pdf_that_cannot_be_read_says_why(tmp_path, content, reason):
    (failure,) = saved(tmp_path, content, "a.pdf")
    assert isinstance(failure, Failure) and reason in failure.reason and "\n" not in failure.reason


def test_the_limit_of_text_holds_for_pdf(tmp_path):
    (failure,) = saved(tmp_path, pdf(5), "a.pdf", limit=1000)
    assert isinstance(failure, Failure) and "longer than 1,000 characters" in failure.reason


def test_a_stream_that_unpacks_to_much_is_not_unpacked(tmp_path):
    packed = zlib.compress(b"0 " * 100_000_000, 9)
    content = pdf().replace(b"/Type /Pages", b"/Type /Pages", 1)
    start = content.index(b"/Filter /FlateDecode")
    begun = content.index(b"stream\n", start) + 7
    ended = content.index(b"\nendstream", begun)
    bomb = content[:begun] + packed + content[ended:]
    bomb = bomb.replace(b"/Length %d" % (ended - begun), b"/Length %d" % len(packed), 1)
    (found,) = saved(tmp_path, bomb, "a.pdf")
    assert isinstance(found, Failure)


# ---- Word ----


@pytest.mark.parametrize("name", ["a.docx", "a.txt", "a.pdf"])
def test_paragraphs_and_tables_of_a_word_document(tmp_path, name):
    article = only(saved(tmp_path, word(), name))
    row = "Kafr Nabudah | Two killed by shelling on Tuesday."
    assert article.text.split("\n") == [DATED, *BODY, row, "Ends."]
    assert (article.title, article.published) == (HEADING, date(2022, 6, 9))


def test_the_day_a_document_was_made_is_not_that_of_publication(tmp_path):
    import datetime

    content = word(created=datetime.datetime(2013, 12, 23))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part, old.read(part).replace(DATED.encode(), b"No. 14"))
    assert only(saved(tmp_path, out.getvalue(), "a.docx")).published is None
    assert only(saved(tmp_path, out.getvalue(), "bulletin-2022-06-09.docx")).published == date(2022, 6, 9)


def zipped(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


LAUGHS = (
    b'<!DOCTYPE w [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(20))
    + b']><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">&u;</w:document>'
)


def with_document(content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word())) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            new.writestr(part, content if part.filename == "word/document.xml" else old.read(part))
    return out.getvalue()


@pytest.mark.parametrize(
    "content, reason",
    [
        (word()[:3000], "damaged"),
        (zipped(a=b"b"), "another Office document"),
        (zipped(**{"word__document.xml": b"<w/>"}), "damaged Word document"),
        (zipped(**{"word__document.xml": bytes(300_000_000)}), "unpacks to more than"),
        (with_document(LAUGHS), ""),
        (with_document(b"<a>" * 5000 + b"</a>" * 5000), ""),
    ],
)
def test_a_word_document_that_cannot_be_read_says_why(tmp_path, content, reason):
    (failure,) = saved(tmp_path, content, "a.docx")
    assert isinstance(failure, Failure) and reason in failure.reason and "\n" not in failure.reason


@settings(deadline=None, max_examples=25)
@given(st.binary(max_size=300), st.integers(0, 2000))
def test_any_bytes_in_a_document(tmp_path_factory, noise, at):
    whole = {"any.pdf": pdf(), "any.docx": word()}
    for name, content in whole.items():
        found = saved(tmp_path_factory.getbasetemp(), content[:at] + noise + content[at + len(noise) :], name)
        assert all(isinstance(item, Article | Failure) for item in found)


# ---- without the extras ----


@pytest.mark.parametrize(
    "name, library, extra",
    [("a.pdf", "pypdf", "pdf"), ("a.docx", "docx", "docx"), ("a.warc", "warcio", "warc")],
)
def test_a_missing_extra_is_named(tmp_path, name, library, extra):
    content = {"a.pdf": pdf(), "a.docx": word(), "a.warc": b"WARC/1.0\r\n\r\n"}[name]
    (tmp_path / name).write_bytes(content)
    (tmp_path / "b.txt").write_text("Shells fell on Afes on Monday.")
    script = (
        f"import sys; sys.modules['{library}'] = None\n"
        "from conflict_events.articles import read_articles\n"
        "for item in read_articles(sys.argv[1:]): print(getattr(item, 'reason', 'read'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, tmp_path], capture_output=True, text=True, timeout=60, check=True
    )
    missing, read = done.stdout.splitlines()
    assert f"pip install 'conflict-events[{extra}]'" in missing and read == "read"
