"""Inputs of every kind become articles or failures; nothing raises."""

from __future__ import annotations

import gzip
import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conflict_events.articles import read_articles
from conflict_events.events import Article, Failure
from conflict_events.language import foreign

TEXT = "Government forces shelled the outskirts of Saraqab, residents said."


def read(path, **options):
    return list(read_articles([path], **options))


def piped(raw: bytes, **options):
    return list(read_articles(["-"], stdin=io.BytesIO(raw), **options))


def put(folder: Path, name: str, content: str | bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


# ---- kinds of file ----


def test_plain_text_is_one_article(tmp_path):
    path = put(tmp_path, "a.txt", TEXT)
    assert read(path) == [Article(text=TEXT, id=path)]


def test_line_ends_are_newlines(tmp_path):
    (article,) = read(put(tmp_path, "a.txt", "One.\r\n\r\nTwo.\rThree.\n"))
    assert article.text == "One.\n\nTwo.\nThree.\n"


def test_unknown_ending_of_a_named_file_is_text(tmp_path):
    (article,) = read(put(tmp_path, "a.article", TEXT))
    assert article.text == TEXT


def test_json_object_with_all_fields(tmp_path):
    record = {
        "id": 7,
        "title": "Shelling",
        "text": TEXT,
        "published": "2024-12-02",
        "source": "SANA",
        "url": "https://example.org/7",
    }
    assert read(put(tmp_path, "a.json", json.dumps(record))) == [
        Article(TEXT, "7", "Shelling", date(2024, 12, 2), "metadata", "SANA", "https://example.org/7")
    ]


@pytest.mark.parametrize("wrap", [lambda records: records, lambda records: {"articles": records}])
def test_json_lists_number_their_records(tmp_path, wrap):
    path = put(tmp_path, "a.json", json.dumps(wrap([{"text": "One."}, {"text": "Two."}])))
    assert [(found.id, found.text) for found in read(path)] == [(f"{path}:1", "One."), (f"{path}:2", "Two.")]


def test_bad_lines_of_jsonl_do_not_stop_the_others(tmp_path):
    path = put(tmp_path, "a.jsonl", '{"text": "One."}\n\n{"text": \n[1]\n{"body": "x"}\n{"text": "Two."}\n')
    found = read(path)
    assert [item.id for item in found if isinstance(item, Article)] == [f"{path}:1", f"{path}:6"]
    assert [item.path for item in found if isinstance(item, Failure)] == [f"{path}:{n}" for n in (3, 4, 5)]
    assert "--map text=NAME" in str(found[3])


def test_several_objects_in_a_json_file_are_read_as_lines(tmp_path):
    found = read(put(tmp_path, "a.json", '{"text": "One."}\n{"text": "Two."}\n'))
    assert [item.text for item in found] == ["One.", "Two."]


@pytest.mark.parametrize("name, mark", [("a.csv", ","), ("a.tsv", "\t"), ("a.csv", ";")])
def test_tables_need_a_text_column(tmp_path, name, mark):
    rows = [["title", "text"], ["A", '"One,\ntwo;\tthree."'], ["B", "Four."]]
    path = put(tmp_path, name, "\n".join(mark.join(row) for row in rows))
    first, second = read(path)
    assert (first.id, first.title, first.text) == (f"{path}:2", "A", "One,\ntwo;\tthree.")
    assert (second.id, second.text) == (f"{path}:4", "Four.")


def test_map_names_the_fields_of_a_feed(tmp_path):
    path = put(tmp_path, "a.csv", "body,when\nOne.,2024-01-05\n")
    (article,) = read(path, mapping={"text": "body", "published": "when"})
    assert (article.text, article.published) == ("One.", date(2024, 1, 5))


def test_map_leads_into_objects_and_fields_may_have_markup(tmp_path):
    record = {
        "content": {"rendered": "<p>Rebels&#8217; shells fell.</p>\n<p>Two <b>died</b>.</p>"},
        "title": {"rendered": "Shells &amp; smoke"},
        "site": {"name": "Levant Wire"},
        "date": 1733182200,
    }
    path = put(tmp_path, "a.json", json.dumps({"total": 1, "items": [record]}))
    names = {
        "text": "content.rendered",
        "title": "title.rendered",
        "source": "site.name",
        "published": "date",
    }
    (article,) = read(path, mapping=names)
    assert article.text == "Rebels\u2019 shells fell.\nTwo died."
    assert (article.title, article.source) == ("Shells & smoke", "Levant Wire")
    assert article.published == date(2024, 12, 2)


@pytest.mark.parametrize("name", ["a.csv", "a.json"])
def test_dates_of_a_table_decide_each_other(tmp_path, name):
    days = ["3/4/2020", "25/4/2020", "soon"]
    rows = [{"text": f"Shells fell on place {n}.", "published": day} for n, day in enumerate(days)]
    lines = "text,published\n" + "".join(f"{row['text']},{row['published']}\n" for row in rows)
    notes: list[str] = []
    path = put(tmp_path, name, lines if name == "a.csv" else json.dumps(rows))
    found = read(path, note=notes.append)
    assert [item.published for item in found] == [date(2020, 4, 3), date(2020, 4, 25), None]
    assert len(notes) == 1 and '"soon" is not understood' in notes[0] and notes[0].startswith(found[2].id)


def test_doubts_about_dates_are_told_in_one_line_a_file(tmp_path):
    notes: list[str] = []
    lines = "".join(f'{{"text": "Shells fell on place {n}.", "published": "3/4/2020"}}\n' for n in range(50))
    read(put(tmp_path, "a.jsonl", lines), note=notes.append)
    assert len(notes) == 1 and "and so for 49 more" in notes[0]


NAMES = st.text("abcxyz._-", min_size=1, max_size=6)


VALUES = st.text("xyz<&;. ", max_size=8)
NESTED = VALUES | st.dictionaries(NAMES, VALUES, max_size=2)
OURS = st.sampled_from(["text", "title", "published", "source", "url", "id"])


@settings(deadline=None)  # the first example may load a library
@given(st.dictionaries(NAMES, NESTED, max_size=4), st.dictionaries(OURS, NAMES))
def test_any_mapping(record, mapping):
    check(piped((json.dumps(record) + "\n").encode(), mapping=mapping))


def test_a_folder_that_leads_back_to_itself_ends(tmp_path):
    put(tmp_path, "a/b.txt", TEXT)
    (tmp_path / "a" / "again").symlink_to(tmp_path)
    (tmp_path / "a" / "self.txt").symlink_to("self.txt")
    article, failure = read(tmp_path)
    assert article.text == TEXT and isinstance(failure, Failure)


def test_a_table_of_events_is_told_from_articles(tmp_path):
    (failure,) = read(put(tmp_path, "a.csv", "event_id_cnty,event_date\nSYR1,2024-01-01\n"))
    assert "table of events" in failure.reason


def test_markdown_front_matter_and_heading(tmp_path):
    text = '---\ntitle: "Night of shelling"\ndate: 2024-12-02\ntags: [x]\n---\n# Night\n\n**Forces** [fired](http://x).\n'
    (article,) = read(put(tmp_path, "a.md", text))
    assert article.title == "Night of shelling"
    assert (article.published, article.published_basis) == (date(2024, 12, 2), "metadata")
    assert article.text.strip() == "Forces fired."


def test_markdown_heading_is_the_title(tmp_path):
    (article,) = read(put(tmp_path, "a.md", "# Shells fall #\n\nBody."))
    assert (article.title, article.text.strip()) == ("Shells fall", "Body.")


@pytest.mark.parametrize("name", ["a.txt.gz", "a.txt"])
def test_gzip_is_known_by_its_content(tmp_path, name):
    (article,) = read(put(tmp_path, name, gzip.compress(TEXT.encode())))
    assert article.text == TEXT


def test_gzipped_lines(tmp_path):
    path = put(tmp_path, "a.jsonl.gz", gzip.compress(b'{"text": "One."}\n'))
    assert read(path) == [Article("One.", f"{path}:1")]


# ---- standard input ----


@pytest.mark.parametrize(
    "raw, ids",
    [
        (TEXT.encode(), ["-"]),
        (b'{"text": "One."}\n{"text": "Two."}', ["-:1", "-:2"]),
        (b'\n {\n"text": "One."\n}', ["-"]),
        (b'{\n"text": "One."\n}', ["-"]),
        (b'[{"text": "One."}, {"text": "Two."}]', ["-:1", "-:2"]),
        (b"title,text\nA,One.\n", ["-:2"]),
        (gzip.compress(b'{"text": "One."}\n'), ["-:1"]),
        (b"[Damascus] Forces shelled Saraqab.", ["-"]),
        (b"In other text, forces shelled Saraqab.\nMore.", ["-"]),
        ('{"text": "One."}\n{"text": "Two."}'.encode("utf-16"), ["-:1", "-:2"]),
    ],
)
def test_standard_input_is_known_by_its_beginning(raw, ids):
    assert [item.id for item in piped(raw)] == ids


def test_closed_standard_input_is_a_failure():
    (failure,) = read("-")
    assert "closed" in failure.reason


# ---- folders ----


def test_folders_are_read_in_order_without_hidden_and_other_files(tmp_path):
    for name in ("b.txt", "a/z.txt", "a/y.md", ".hidden.txt", ".git/c.txt", "map.png", "a/sheet.xlsx"):
        put(tmp_path, name, TEXT)
    notes: list[str] = []
    found = read(tmp_path, note=notes.append)
    assert [str(Path(item.id).relative_to(tmp_path)) for item in found] == ["a/y.md", "a/z.txt", "b.txt"]
    assert len(notes) == 1 and "not articles: 2 (" in notes[0] and ".png" in notes[0]


def test_an_output_in_the_folder_is_not_an_input(tmp_path):
    put(tmp_path, "a.txt", TEXT)
    output = put(tmp_path, "events.csv", "event_id_cnty\n")
    assert len(read(tmp_path, skip=[output])) == 1


def test_a_folder_without_articles_is_a_failure(tmp_path):
    (failure,) = read(tmp_path)
    assert "no articles" in failure.reason


# ---- encodings ----


@pytest.mark.parametrize(
    "raw",
    [
        "Café “quoted”".encode(),
        "Café “quoted”".encode("utf-8-sig"),
        "Café “quoted”".encode("utf-16"),
        "Café “quoted”".encode("utf-16-le"),
        "Café “quoted”".encode("utf-32"),
        ("Plain words. " * 5 + "Café “quoted”").encode("cp1252"),
    ],
)
def test_encodings(tmp_path, raw):
    (article,) = read(put(tmp_path, "a.txt", raw))
    assert article.text.endswith("Café “quoted”")


def test_utf8_with_a_broken_byte_stays_utf8(tmp_path):
    (article,) = read(put(tmp_path, "a.txt", "“a” “b” “c” “d” “e” “f” é".encode()[:-1]))
    assert article.text.startswith("“a” “b”")


def test_half_characters_cannot_reach_the_output(tmp_path):
    (article,) = read(put(tmp_path, "a.json", '{"text": "a \\ud800 b"}'))
    assert article.text == "a \ufffd b"


# ---- failures ----


@pytest.mark.parametrize(
    "name, content, reason",
    [
        ("a.txt", b"", "empty"),
        ("a.txt", b" \n", "empty"),
        ("a.jsonl", b"\n", "empty"),
        ("a.csv", b"", "empty"),
        ("a.json", b"[]", "no articles"),
        ("a.json", b'{"text": "cut of', "line 1, column 10"),
        ("a.json", b'{"text": 5}', "not text"),
        ("a.json", b"[" * 100_000, "JSON"),
        ("a.txt", b"%PDF-1.7 ...", "PDF"),
        ("a.txt", b"PK\x03\x04....", "Word document or zip"),
        ("a.txt", bytes(range(256)), "binary"),
        ("a.html", b"<!DOCTYPE html><p>", "no article"),
        ("a.txt", b"<!DOCTYPE html><p>", "no article"),
        ("a.txt.gz", gzip.compress(TEXT.encode())[:-12], "gzip"),
        ("a.txt", "قصفت قوات النظام بلدة سراقب اليوم وقتل عدد من المدنيين".encode(), "Arabic"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path, name, content, reason):
    (failure,) = read(put(tmp_path, name, content))
    assert isinstance(failure, Failure) and reason in failure.reason and "\n" not in str(failure)


def test_missing_path():
    assert read("no/such.txt") == [Failure("no/such.txt", "no such file or folder")]


@pytest.mark.parametrize("name", ["a.txt", "a.json", "a.jsonl"])
def test_the_limit_is_one_of_characters(tmp_path, name):
    def content(text: str) -> str:
        return text if name == "a.txt" else json.dumps({"text": text})

    assert isinstance(read(put(tmp_path, name, content("é" * 50)), limit=50)[0], Article)
    (failure,) = read(put(tmp_path, name, content("é" * 51)), limit=50)
    assert "longer than 50 characters" in failure.reason


def test_an_endless_line_does_not_stop_the_next(tmp_path):
    path = put(tmp_path, "a.jsonl", b'{"text": "' + b"x" * 200_000 + b'"}\n{"text": "Two."}\n')
    failure, article = read(path, limit=50)
    assert "longer" in failure.reason and (article.id, article.text) == (f"{path}:2", "Two.")


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    (failure,) = read(put(tmp_path, "a.txt.gz", gzip.compress(b"a" * 50_000_000)))
    assert "longer than 1 MB" in failure.reason


# ---- the day of publication ----


@pytest.mark.parametrize(
    "option, stated, name, expected",
    [
        (date(2020, 1, 1), "2024-12-02", "a.json", (date(2020, 1, 1), "option")),
        (None, "2024-12-02T10:00:00Z", "2019-05-06.json", (date(2024, 12, 2), "metadata")),
        (None, "", "2019-05-06.json", (date(2019, 5, 6), "filename")),
        (None, "some day", "a.json", (None, "")),
    ],
)
def test_publication(tmp_path, option, stated, name, expected):
    path = put(tmp_path, name, json.dumps({"text": TEXT, "published": stated}))
    (article,) = read(path, published=option)
    assert (article.published, article.published_basis) == expected


# ---- language ----


@pytest.mark.parametrize(
    "text, language",
    [
        ("حلب", ""),
        (TEXT + " " + "Ahmad al-Khalaf, Yusuf bin Walid, Umm Hassan, Deir ez-Zor, Ras al-Ayn. " * 20, ""),
        ("Names: " + "Mahmoud Darwish Qabbani Zakariya Tamer Hanna Mina Ghada Samman " * 20, ""),
        (TEXT + " قصفت قوات النظام بلدة سراقب اليوم", ""),
        (
            "Les forces du régime ont bombardé la ville de Saraqeb et les villages de la région. " * 5,
            "in French",
        ),
        (
            "Las fuerzas del régimen han atacado la ciudad de Saraqeb en el norte de la provincia. " * 5,
            "in Spanish",
        ),
        (
            "Rejim sabah erken saatlerde Serakib ve köyleri için çok büyük bir güç ile geldi. " * 6,
            "in Turkish",
        ),
        (
            "Het leger heeft de stad Saraqib en dorpen in het noorden van de provincie gebombardeerd. " * 5,
            "in Dutch",
        ),
        ("Shelling reported in Saraqib. Two killed in Nayrab. Clashes in Afes. Raids in Hish. " * 6, ""),
        ("Войска обстреляли окраины города Саракиб в провинции Идлиб", "in Cyrillic script"),
    ],
)
def test_only_what_is_surely_foreign_is_refused(text, language):
    assert foreign(text) == language


# ---- anything at all ----

KINDS = st.sampled_from(["txt", "md", "json", "jsonl", "csv", "tsv", "txt.gz", "html"])
BYTES = st.binary(max_size=300) | st.text(max_size=200).map(str.encode)
JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "id", "x"]), inner),
    max_leaves=6,
).map(lambda value: json.dumps(value).encode())


def check(found):
    for item in found:
        assert isinstance(item, Article | Failure)
        str(item).encode("utf-8", "surrogateescape")
        if isinstance(item, Article):
            assert item.text.strip() and item.text.encode() and item.id
        else:
            assert item.reason and "\n" not in item.reason


@settings(deadline=None)  # the first example may load a library
@given(raw=BYTES | JSONISH, kind=KINDS)
def test_any_bytes_in_a_file(tmp_path_factory, raw, kind):
    check(read(put(tmp_path_factory.getbasetemp(), f"any.{kind}", raw)))


@settings(deadline=None)  # the first example may load a library
@given(raw=BYTES | JSONISH, packed=st.booleans())
def test_any_bytes_on_standard_input(raw, packed):
    check(piped(gzip.compress(raw) if packed else raw))
