"""The page of `review`: who may ask the server what, and what a person at the keyboard gets done."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from newsroom import rows

from conflict_events import Article, Extractor, Settings
from conflict_events.holding import held
from conflict_events.provenance import Provenance
from conflict_events.review import Review, Wanted
from conflict_events.review_page import LARGEST, Desk, Server
from conflict_events.tables import write_events

TEXT = (
    "On 3 May 2020, regime forces shelled the village of Tiba, killing a child. "
    "Gunmen shot dead a farmer in Tafas in Daraa on 4 May 2020. Rain fell in the evening."
)
OTHER = "On 5 May 2020, Russian warplanes bombed Saraqab in Idlib. Four civilians were killed."
HOSTILE = (
    '<script>window.hurt=1</script> "quoted" </script><img src=x onerror="window.hurt=2"> '
    "\u202eright to left\u202c "
    '=HYPERLINK("http://evil.example") {{7*7}} ${7*7} \u2028 \U0001f4a3'
)


@pytest.fixture(scope="module")
def engine() -> Extractor:
    return Extractor(Settings(layer="none"))


class Running:
    """A review with its server in a thread of this process."""

    def __init__(
        self, sheet: Path, engine: Extractor, articles: list[Article], learn: Path | None = None
    ) -> None:
        self.sheet = sheet
        self.review = Review(sheet, engine.lexicon, engine.gazetteer)
        evidence = Provenance(engine)
        evidence.keep(articles)
        self.server = Server()
        self.server.desk = Desk(self.review, evidence, Wanted(), learn, self.server.end)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
        self.review.close()

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str):
        """Status, headers and content of an answer; headers by their names with _ for -."""
        link = http.client.HTTPConnection("127.0.0.1", self.server.server_address[1], timeout=10)
        given = {"Host": self.server.host} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        with contextlib.closing(link):
            link.request(method, path, body, given)
            answer = link.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()

    def tell(self, name: str, fields: object, **headers: str):
        """Status and content of what the page would be told."""
        given = {"Origin": f"http://{self.server.host}", "Content_Type": "application/json"} | headers
        path = f"/{self.server.token}/api/{name}"
        status, _, content = self.ask(path, "POST", json.dumps(fields).encode(), **given)
        return status, json.loads(content)


def articles(*texts: str) -> list[Article]:
    from datetime import date

    return [Article(text, id=f"article-{n}.txt", published=date(2020, 5, 10)) for n, text in enumerate(texts)]


@pytest.fixture
def running(tmp_path, engine) -> Iterator[Running]:
    told = articles(TEXT, OTHER)
    sheet = tmp_path / "events.csv"
    write_events(engine.merge(e for _, events in engine.pipe(told) for e in events), sheet, columns="full")
    here = Running(sheet, engine, told, tmp_path / "data")
    yield here
    here.close()


# ---- who may ask ----


def test_the_page_its_files_and_its_headers(running):
    for name in ("", "review.js", "review.css", "review.svg"):
        status, headers, content = running.ask(f"/{running.server.token}/{name}")
        assert status == 200 and len(content) > 100
        assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
        assert (
            "unsafe" not in headers["Content-Security-Policy"] and headers["Referrer-Policy"] == "no-referrer"
        )
    assert running.server.server_address[0] == "127.0.0.1" and len(running.server.token) >= 32


@pytest.mark.parametrize(
    "path", ["/", "/x/", "/{}", "/{}x/", "/{}/../api/rows", "/favicon.ico", "/{}/api/row?row=1"]
)
def test_without_the_token_nothing_is_told(running, path):
    token = running.server.token
    status, _, content = running.ask(path.format(token[:-1] if "row=" in path or path == "/{}" else token))
    assert status in (403, 404) and b"Tiba" not in content


def test_other_names_for_this_machine_are_refused(running):
    path, port = f"/{running.server.token}/api/rows", running.server.server_address[1]
    for host in (f"localhost:{port}", f"evil.example:{port}", "127.0.0.1", "", f"127.0.0.1:{port}:1"):
        status, _, content = running.ask(path, Host=host)
        assert status == 421 and b"Tiba" not in content


def test_other_sites_are_refused(running):
    path = f"/{running.server.token}/api/rows"
    assert running.ask(path)[0] == 200
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}):
        assert running.ask(path, **headers)[0] == 403
        assert running.tell("decide", {"row": 1, "do": "accept"}, **headers)[0] == 403
    status, _, _ = running.ask(
        f"/{running.server.token}/api/undo", "POST", b"{}", Content_Type="application/json"
    )
    assert status == 403, "a request that tells must say where it comes from"
    # a link to the page may stand anywhere, what the page loads may not be loaded by others
    assert running.ask(f"/{running.server.token}/", Sec_Fetch_Site="cross-site")[0] == 200
    assert running.ask(f"/{running.server.token}/review.js", Sec_Fetch_Site="cross-site")[0] == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", "PATCH"])
def test_other_methods_are_refused(running, method):
    status, headers, _ = running.ask(f"/{running.server.token}/api/rows", method)
    assert status == 405 and "Access-Control-Allow-Origin" not in headers


def test_what_is_asked_and_what_is_told_are_kept_apart(running):
    token = running.server.token
    assert running.ask(f"/{token}/api/decide?row=1&do=accept")[0] == 405
    assert running.tell("rows", {})[0] == 405
    assert running.tell("nothing", {})[0] == 404
    assert running.ask(f"/{token}/nothing")[0] == 404
    assert running.ask(f"/{token}/%2e%2e/review.py")[0] == 404


def test_bodies_that_are_too_large_or_no_json_are_refused(running):
    path, origin = f"/{running.server.token}/api/decide", f"http://{running.server.host}"
    told = {"Origin": origin, "Content_Type": "application/json"}
    assert running.ask(path, "POST", b" " * (LARGEST + 1), **told)[0] == 413
    assert running.ask(path, "POST", b"{}", **told, Content_Length="99999999999999999999")[0] == 413
    assert running.ask(path, "POST", b"{}", **told, Content_Length="-1")[0] == 411
    assert running.ask(path, "POST", b"{", **told)[0] == 400
    assert running.ask(path, "POST", b"[]", **told)[0] == 400
    assert running.ask(path, "POST", b"[" * 60_000, **told)[0] == 400
    assert running.ask(path, "POST", b"{}", Origin=origin, Content_Type="text/plain")[0] == 415
    assert running.ask(f"/{running.server.token}/api/rows?" + "a=1&" * 50)[0] == 400
    for fields in (
        {},
        {"row": 1},
        {"row": "x", "do": "accept"},
        {"row": 99, "do": "accept"},
        {"row": 1, "do": "x"},
    ):
        assert running.tell("decide", fields)[0] == 400
    assert running.tell("decide", {"row": 1, "do": "correct", "field": "notes", "value": "x"})[0] == 400
    status, content = running.tell("decide", {"row": 1, "do": "correct", "field": "fatalities", "value": "x"})
    assert status == 200 and content["error"].startswith("deaths are a whole number")
    assert not running.review.journal.standing


def test_a_sheet_in_use_is_told_of_and_nothing_is_lost(running):
    running.tell("decide", {"row": 1, "do": "reject"})
    with held(running.sheet, "events.csv"):
        assert "is being updated by" in running.tell("save", {})[1]["error"]
    assert running.review.unsaved() == 1
    assert running.tell("save", {})[1] == {"corrected": 0, "removed": 1, "conflicts": []}


# ---- the command ----


def start(sheet: Path, *more: str) -> tuple[subprocess.Popen, str]:
    """The command, and the address it printed."""
    command = [
        sys.executable,
        "-m",
        "conflict_events",
        "review",
        str(sheet),
        "--no-browser",
        "--layer",
        "none",
    ]
    process = subprocess.Popen([*command, *more], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    line = process.stderr.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/\S+/", line)
    assert found, line + process.stderr.read()
    return process, found[0]


def tell(address: str, name: str, fields: dict) -> dict:
    host, _, path = address.removeprefix("http://").partition("/")
    link = http.client.HTTPConnection(host, timeout=10)
    headers = {"Origin": f"http://{host}", "Content-Type": "application/json"}
    with contextlib.closing(link):
        link.request("POST", f"/{path}api/{name}", json.dumps(fields), headers)
        return json.loads(link.getresponse().read())


@pytest.fixture
def sheet(tmp_path, engine) -> Path:
    path = tmp_path / "events.xlsx"
    told = articles(TEXT, OTHER)
    write_events(engine.merge(e for _, events in engine.pipe(told) for e in events), path, columns="full")
    return path


def test_killed_it_loses_nothing_interrupted_it_ends_quietly(sheet):
    before = sheet.read_bytes()
    process, address = start(sheet)
    tell(address, "decide", {"row": 1, "do": "correct", "field": "fatalities", "value": "9"})
    tell(address, "decide", {"row": 2, "do": "reject"})
    busy = subprocess.run(
        [sys.executable, "-m", "conflict_events", "review", str(sheet), "--no-browser"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (
        busy.returncode == 75 and len(busy.stderr.splitlines()) == 1 and "is being reviewed by" in busy.stderr
    )
    process.kill()
    process.communicate(timeout=20)
    assert sheet.read_bytes() == before

    process, address = start(sheet)
    tell(address, "decide", {"row": 3, "do": "accept"})
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and out == ""
    assert err.splitlines()[-1] == "2 rows decided but not yet in the sheet: kept, review goes on there"
    assert sheet.read_bytes() == before

    process, address = start(sheet)
    saved = tell(address, "end", {})
    assert (saved["corrected"], saved["removed"], saved["conflicts"], saved["learned"]) == (1, 1, [], [])
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0 and "Traceback" not in err
    assert [event.fatalities for event in rows(sheet)] == [9, 4]


def test_command_lines_that_cannot_be_meant_are_refused(sheet, tmp_path):
    from click.testing import CliRunner

    from conflict_events.cli import main

    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()

    def said(*more: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["review", *more, "--no-browser"])
        return done.exit_code, done.stderr.splitlines()[-1]

    code, line = said(str(sheet), "--type", "Battle")
    assert code == 2 and '"Battle" is no event or sub-event type' in line
    code, line = said(str(sheet), "--learn", str(tmp_path / "one"), "--data", str(tmp_path / "two"))
    assert code == 2 and "must be the same folder" in line
    empty = tmp_path / "empty.csv"
    empty.write_text("a,b\n")
    code, line = said(str(empty))
    assert code == 1 and "no header" in line
    sheet.with_name(f".~lock.{sheet.name}#").write_text(",Rana,here,")
    code, line = said(str(sheet))
    assert code == 75 and "is open in LibreOffice (by Rana" in line


# ---- in a browser ----


def settled(page) -> None:
    """Waits until all keys have done their work."""
    for _ in range(400):
        if page.run("return typeof busy !== 'undefined' && !busy && state.rows !== null"):
            return
        time.sleep(0.025)
    raise AssertionError("the page is still busy")


def opened(page, here: Running) -> None:
    page.open(here.server.address)
    settled(page)


def test_a_wrong_place_is_corrected_in_three_keystrokes_and_the_next_run_is_right(
    running, page, tmp_path, engine
):
    from selenium.webdriver.common.keys import Keys

    for item in list(running.review.items.values()):
        if item.sheet["place_text"] != "Tiba":
            running.review.accept(item.number)
    opened(page, running)
    assert "Tiba" in page.text("#text mark.place") and page.text("#text mark.trigger") == "shelled"
    assert page.text("#text .around:last-child").startswith(" Gunmen shot dead")
    number = page.run("return current().number")
    wanted = page.run("return state.row.places[1]")
    page.press("p", "2", Keys.ENTER)
    settled(page)
    item = running.review.items[number]
    assert running.review.cells(item)["place_id"] == wanted["id"]
    assert "All rows are decided" in page.text("#status")
    page.press("l")
    settled(page)
    assert "1 of 1 corrections will be followed" in page.text("#status")
    page.press("q")
    settled(page)
    running.thread.join(10)
    assert not running.thread.is_alive() and "Review has ended" in page.text("#row")
    assert page.console() == []
    (row,) = [e for e in rows(running.sheet) if e.place_id == wanted["id"]]
    assert row.event_id_cnty == item.sheet["event_id_cnty"]
    (tmp_path / "article.txt").write_text(TEXT)
    done = subprocess.run(
        [sys.executable, "-m", "conflict_events", "extract", "article.txt", "--published", "2020-05-10",
         "--layer", "none", "--data", "data", "--format", "jsonl"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert json.loads(done.stdout.splitlines()[0])["place_id"] == wanted["id"]


def test_rows_are_gone_through_by_keyboard(running, page):
    from selenium.webdriver.common.keys import Keys

    opened(page, running)
    order = page.run("return state.rows.map((row) => row.confidence)")
    assert order == sorted(order) and len(order) == 3
    first = page.run("return current().number")
    page.press("a", "r", "u", "u", "n", "b", "t", "air", Keys.ENTER, "f", "12", Keys.ENTER, "g", "2")
    settled(page)
    cells = running.review.cells(running.review.items[first])
    assert (
        cells["sub_event_type"] == "Air/drone strike"
        and cells["fatalities"] == 12
        and cells["geo_precision"] == 2
    )
    page.press("2", "hayat", Keys.ENTER)
    settled(page)
    assert running.review.cells(running.review.items[first])["actor2"] == "HTS: Hayat Tahrir al Sham"
    page.press("1", "Orchard Front", Keys.ENTER)
    settled(page)
    assert page.text("#title") == "What is Orchard Front?"
    page.press("3")
    settled(page)
    cells = running.review.cells(running.review.items[first])
    assert cells["actor1"] == "Orchard Front" and cells["inter1"] == "Political militia"
    page.press("d", Keys.ESCAPE, "p", "Karm Sayf", Keys.ARROW_UP, Keys.ENTER)
    settled(page)
    page.press("35.8312 36.7025", Keys.ENTER)
    settled(page)
    assert running.review.cells(running.review.items[first])["location"] == "Karm Sayf"
    page.press("d", "soon", Keys.ENTER)
    settled(page)
    assert (
        page.text("#note") == "write the date as 2024-12-03"
        and page.run("return by('query').value") == "soon"
    )
    page.press(Keys.ESCAPE, "u", "u", "u", "u", "u", "u", "w")
    settled(page)
    assert running.review.unsaved() == 0 and "trigger" in page.text("#evidence")
    page.press("s")
    settled(page)
    assert page.text("#status") == "Written: 0 corrected, 0 removed."
    assert page.console() == []


def test_hostile_text_is_text(tmp_path, engine, page):
    (event,) = engine.events(articles(OTHER)[0])
    sheet = tmp_path / "events.xlsx"
    hurt = replace(
        event, sentence=HOSTILE, start=0, end=len(HOSTILE), article_title=HOSTILE, location=HOSTILE,
        notes=HOSTILE, actor1=HOSTILE, admin1=HOSTILE, place_text="<script>", trigger="onerror",
        date_text='"quoted"', source=(HOSTILE,), article_url="javascript:window.hurt=3",
        article_id=("a.txt",), rule=HOSTILE, fatalities_text=HOSTILE,
    )  # fmt: skip
    write_events(
        [hurt, replace(hurt, event_id_cnty=HOSTILE, article_url="https://news.example/1")],
        sheet,
        columns="full",
    )
    here = Running(sheet, engine, [Article(f"{HOSTILE}{HOSTILE}", id="a.txt", title=HOSTILE)])
    try:
        opened(page, here)
        for keys in ("w", "p", "\ue00c", "1", "\ue00c", "n", "w", "b"):
            page.press(keys)
            settled(page)
        assert page.run("return window.hurt") is None
        assert page.text("#text mark.place") == "<script>" and HOSTILE[:60] in page.text("#row")
        assert page.run("return document.scripts.length") == 1 and not page.all(
            "#row img, #row script, nav img"
        )
        links = page.run("return [...document.links].map((link) => link.href)")
        assert links in ([], ["https://news.example/1"])
        page.press("n")
        settled(page)
        assert set(links) | set(page.run("return [...document.links].map((link) => link.href)")) == {
            "https://news.example/1"
        }
        assert page.console() == []
        assert {url.split("/")[2] for url in page.requests()} == {here.server.host}
    finally:
        here.close()


def test_many_rows_stay_quick(tmp_path, engine, page):
    (event,) = engine.events(articles(OTHER)[0])
    many = [replace(event, event_id_cnty=f"SYR{n:010x}", confidence=n / 4000) for n in range(4000)]
    sheet = tmp_path / "events.csv"
    write_events(many, sheet, columns="full")
    here = Running(sheet, engine, articles(OTHER))
    try:
        opened(page, here)
        begun = time.monotonic()
        for _ in range(10):
            page.press("a" * 10)
        settled(page)
        assert time.monotonic() - begun < 30
        assert page.text("#counts").startswith("100 of 4000 decided")
        assert page.run("return document.querySelectorAll('#list li').length") < 60
    finally:
        here.close()


def test_shown_rows_can_be_looked_at(running, page):
    """With CONFLICT_EVENTS_SCREENSHOTS=DIR, pictures of the page for a person to look at."""
    folder = os.environ.get("CONFLICT_EVENTS_SCREENSHOTS")
    opened(page, running)
    assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")
    page.resize(390)
    assert page.run("return document.documentElement.scrollWidth <= window.innerWidth")
    if folder:
        page.screenshot(Path(folder) / "review-narrow.png")
        page.resize(1280)
        page.screenshot(Path(folder) / "review.png")
        page.press("p")
        settled(page)
        page.screenshot(Path(folder) / "review-places.png")
