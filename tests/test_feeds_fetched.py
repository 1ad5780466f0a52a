"""`update --feed`: fetching from a server of our own, which also misbehaves."""

from __future__ import annotations

import gzip
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from conflict_events.events import Article
from conflict_events.readers import read_table
from conflict_events.state import State
from conflict_events.subscriptions import TRIES, feed_articles
from conflict_events.web import Unfetched, Web

STUB = [sys.executable, str(Path(__file__).parent / "engine_stub.py")]
STORY = "The army shelled Saraqab on Monday, said the head of the local council. " * 12


def page(text: str = STORY, day: str = "2024-12-03") -> str:
    return (
        f'<html><head><title>Shells fall</title><meta property="article:published_time" content="{day}">'
        f"</head><body><nav>Home News Sport</nav><article><h1>Shells fall</h1><p>{text}</p></article>"
        "</body></html>"
    )


class Site(ThreadingHTTPServer):
    """A server whose pages are functions of the request; it keeps what was asked for."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.pages: dict[str, object] = {}
        self.home = "http://127.0.0.1" + f":{self.server_port}"

    def feed(self, *paths: str, text: str = "A teaser.", **headers: str) -> None:
        items = "".join(
            f"<item><title>Shells</title><link>{p if ':' in p else self.home + p}</link>"
            f"<description>{text}</description><pubDate>Tue, 03 Dec 2024 08:00:00 GMT</pubDate></item>"
            for p in paths
        )
        body = f'<rss version="2.0"><channel><title>Wire</title>{items}</channel></rss>'
        self.pages["/feed"] = (200, {"Content-Type": "application/rss+xml", **headers}, body.encode())

    def put(self, path: str, content: str = "", code: int = 200, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages[path] = (code, {"Content-Type": "text/html; charset=utf-8", **named}, content.encode())

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]

    def handle_error(self, request, client_address):
        pass


class Handler(BaseHTTPRequestHandler):
    server: Site
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.asked.append((self.path, dict(self.headers)))
        answer = self.server.pages.get(self.path, (404, {}, b""))
        if callable(answer):
            answer(self)
            self.close_connection = True
            return
        code, headers, body = answer
        if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
            code, body = 304, b""
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    server = Site()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def state(tmp_path):
    state = State(tmp_path / "state")
    yield state
    state.close()


@pytest.fixture
def follow(site, state):
    def run(most: int = 100, **how):
        def web(url):
            return Web(url, rest=0, **how)

        return list(feed_articles([f"{site.home}/feed"], state, most=most, limit=100_000, web=web))

    return run


# ---- what goes well ----


def test_articles_of_a_feed_are_fetched_once(site, follow):
    site.feed("/a", "/b", ETag='"1"')
    site.put("/a", page())
    site.put("/b", page(day="2024-12-04"))
    first, second = follow()
    assert isinstance(first, Article) and first.id == first.url == f"{site.home}/a"
    assert "shelled Saraqab" in first.text and "Sport" not in first.text and first.title == "Shells fall"
    assert [a.published.isoformat() for a in (first, second)] == ["2024-12-03", "2024-12-04"]
    site.asked.clear()
    assert follow() == []
    assert [path for path in site.paths() if path != "/robots.txt"] == ["/feed"]
    assert dict(site.asked)["/feed"]["If-None-Match"] == '"1"'


def test_dates_of_change_are_asked_with(site, follow):
    site.feed(**{"Last-Modified": "Tue, 03 Dec 2024 08:00:00 GMT"})
    follow(), site.asked.clear(), follow()
    assert dict(site.asked)["/feed"]["If-Modified-Since"] == "Tue, 03 Dec 2024 08:00:00 GMT"


def test_we_say_who_we_are(site, follow):
    site.feed()
    follow()
    assert dict(site.asked)["/feed"]["User-Agent"].startswith("conflict-events/0.")


def test_a_run_has_a_limit_and_the_next_goes_on(site, follow):
    site.feed("/a", "/b", "/c", ETag='"1"')
    for name in "abc":
        site.put(f"/{name}", page())
    assert [a.id[-1] for a in follow(most=2)] == ["a", "b"]
    assert [a.id[-1] for a in follow(most=2)] == ["c"]


def test_gzip_is_unpacked(site, follow):
    site.feed("/a")
    packed = gzip.compress(page().encode())
    site.pages["/a"] = (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, packed)
    (article,) = follow()
    assert "shelled" in article.text


def test_the_feed_says_the_day_where_the_page_does_not(site, follow):
    site.feed("/a")
    site.put("/a", f"<html><body><article><p>{STORY}</p></article></body></html>")
    (article,) = follow()
    assert article.published.isoformat() == "2024-12-03"


def test_an_article_with_a_new_date_is_fetched_again(site, follow):
    site.feed("/a")
    site.put("/a", page())
    follow()
    code, headers, body = site.pages["/feed"]
    site.pages["/feed"] = (code, headers, body.replace(b"08:00:00", b"09:30:00"))
    assert len(follow()) == 1


# ---- manners ----


def test_robots_are_respected(site, follow):
    site.feed("/open/a", "/closed/b")
    site.put("/robots.txt", "User-agent: *\nDisallow: /closed/\n")
    site.put("/open/a", page())
    site.put("/closed/b", page())
    article, failure = follow()
    assert isinstance(article, Article) and "robots.txt" in str(failure)
    assert "/closed/b" not in site.paths()
    assert follow() == [] and site.paths().count("/robots.txt") == 2


def test_where_the_page_may_not_be_fetched_the_feeds_own_text_will_do(site, follow):
    site.feed("/closed/b", text=STORY)
    site.put("/robots.txt", "User-agent: conflict-events\nDisallow: /closed/\n")
    (article,) = follow()
    assert (
        isinstance(article, Article)
        and article.text.startswith("The army shelled")
        and article.source == "Wire"
    )


def test_a_feed_that_programs_may_not_fetch_is_not_fetched(site, follow):
    site.feed("/a")
    site.put("/robots.txt", "User-agent: *\nDisallow: /\n")
    (failure,) = follow()
    assert "robots.txt" in str(failure) and "/feed" not in site.paths()


def test_where_robots_cannot_be_read_nothing_is_fetched_this_time(site, follow):
    site.feed("/a")
    site.put("/robots.txt", "", code=500)
    (failure,) = follow()
    assert "robots.txt cannot be read" in str(failure) and site.paths() == ["/robots.txt"]


def test_a_host_gets_a_rest(site, state):
    site.feed("/a")
    site.put("/a", page())
    began = time.monotonic()
    list(feed_articles([f"{site.home}/feed"], state, most=9, limit=9999, web=lambda url: Web(url, rest=0.3)))
    assert time.monotonic() - began >= 0.6


# ---- what goes wrong ----


def test_a_server_that_wants_to_be_left_alone_is(site, follow):
    site.put("/feed", code=429, Retry_After="3600")
    (failure,) = follow()
    assert "left alone" in str(failure)
    site.asked.clear()
    assert follow() == [] and site.asked == []


@pytest.mark.parametrize("code", [500, 502, 408])
def test_errors_of_the_server_are_tried_again_by_the_next_runs(site, follow, code):
    site.feed("/a", ETag='"1"')
    site.put("/a", code=code)
    (failure,) = follow()
    assert str(failure) == f"{site.home}/a: the server answers {code}: the next run tries again"
    site.put("/a", page())
    assert isinstance(follow()[0], Article)


def test_a_page_is_given_up_in_the_end(site, follow):
    site.feed("/a", ETag='"1"')
    site.put("/a", code=500)
    told = [follow() for _ in range(TRIES + 2)]
    assert [len(found) for found in told] == [1] * TRIES + [0, 0]


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_pages_that_are_gone_are_told_of_once(site, follow, code):
    site.feed("/a", ETag='"1"')
    site.put("/a", code=code)
    (failure,) = follow()
    assert f"the server answers {code}" in str(failure) and "next run" not in str(failure)
    assert follow() == []


def slow(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(200):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def slow_headers(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200):
        handler.wfile.write(f"X-{number}: y\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.1)


def cut_off(handler):
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 100000\r\n\r\n<html>")


def cut_off_gzip(handler):
    body = gzip.compress(page().encode())[:-20]
    head = f"Content-Type: text/html\r\nContent-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + head.encode() + body)


def nonsense(handler):
    handler.wfile.write(b"\x00\x01\x02 nonsense\r\n\r\n")


def hung_up(handler):
    handler.connection.close()


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (slow, "more than 1 seconds"),
        (slow_headers, "more than 1 seconds"),
        (cut_off, "no connection"),
        (cut_off_gzip, "cut off"),
        (nonsense, "no connection"),
        (hung_up, "no connection"),
    ],
)
def test_servers_that_misbehave_cost_one_page_this_time(site, follow, behaviour, reason):
    site.feed("/bad", "/good")
    site.pages["/bad"] = behaviour
    site.put("/good", page())
    began = time.monotonic()
    failure, article = follow(seconds=1)
    assert reason in str(failure) and "the next run tries again" in str(failure) and "\n" not in str(failure)
    assert isinstance(article, Article) and time.monotonic() - began < 5


def test_a_small_answer_that_unpacks_without_end_is_cut(site, follow):
    site.feed("/bomb")
    bomb = gzip.compress(b"\0" * 200_000_000, 9)
    site.pages["/bomb"] = (200, {"Content-Type": "text/html", "Content-Encoding": "gzip"}, bomb)
    (failure,) = follow()
    assert "holds more than 10 MB" in str(failure)


def test_an_endless_answer_is_cut(site):
    site.put("/endless", "x" * 3_000_000)
    with pytest.raises(Unfetched, match="holds more than"):
        Web(site.home, rest=0, most=1_000_000).get(f"{site.home}/endless")


def test_circles_end(site, follow):
    site.feed("/round")
    site.put("/round", code=302, Location="/round")
    (failure,) = follow()
    assert "from address to address" in str(failure) and site.paths().count("/round") == 6


def test_the_body_of_a_redirect_is_not_read(site, follow):
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: /new\r\nContent-Length: 99999999\r\n\r\n")
        time.sleep(5)

    site.feed("/old")
    site.pages["/old"] = endless
    site.put("/new", page())
    assert isinstance(follow(seconds=3)[0], Article)


def test_a_redirect_is_followed(site, follow):
    site.feed("/old")
    site.put("/old", code=301, Location="/new")
    site.put("/new", page())
    (article,) = follow()
    assert isinstance(article, Article) and article.id.endswith("/old")


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file:///etc/hostname", "no address on the web"),
        ("ftp://example.org/a", "no address on the web"),
        ("http://10.0.0.1/a", "local network"),
        ("http://127.0.0.2/a", "local network"),
        ("http://169.254.169.254/latest", "local network"),
        ("http://[::1]/a", "local network"),
        ("http://0.0.0.0/a", "local network"),
        ("http://[::ffff:10.0.0.1]/a", "local network"),
        ("http://[broken/a", "address"),
        ("//user@/x", "no address on the web"),
    ],
)
@pytest.mark.parametrize("through", ["redirect", "link"])
def test_nothing_leads_to_files_or_to_the_local_network(site, follow, target, reason, through):
    if through == "redirect":
        site.feed("/a")
        site.put("/a", code=302, Location=target)
    elif target.startswith("//") or "[broken" in target:
        pytest.skip("no link that a feed can carry")
    else:
        site.feed(target)
    (failure,) = follow()
    assert reason in str(failure)


def test_a_public_feed_leads_to_no_local_machine():
    with pytest.raises(Unfetched, match="local network"):
        Web("http://192.0.2.1/feed", rest=0).get("http://127.0.0.1/a")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "is empty"),
        (b"<html><body>No feed</body></html>", "no feed"),
        (b'<!DOCTYPE r [<!ENTITY a "b">]><rss version="2.0"></rss>', "entities"),
    ],
)
def test_what_is_no_feed_is_told(site, follow, body, reason):
    site.pages["/feed"] = (200, {"Content-Type": "text/xml"}, body)
    (failure,) = follow()
    assert str(failure).startswith(f"{site.home}/feed: ") and reason in str(failure)


def test_a_file_that_is_no_page_is_told_of_once(site, follow):
    site.feed("/a.pdf", ETag='"1"')
    site.pages["/a.pdf"] = (200, {"Content-Type": "application/pdf"}, b"%PDF-1.7")
    (failure,) = follow()
    assert "application/pdf, not a web page" in str(failure) and follow() == []


@pytest.mark.parametrize("url", ["file:///etc/hostname", "/etc/hostname", "nonsense", "http://"])
def test_a_feed_must_be_on_the_web(state, url):
    (failure,) = feed_articles([url], state, most=1, limit=100)
    assert "no address on the web" in str(failure)


# ---- the command ----


def test_update_follows_a_feed(site, tmp_path):
    site.feed("/a", ETag='"1"')
    site.put("/a", page())
    sheet = tmp_path / "events.csv"
    for _ in range(2):
        done = subprocess.run(
            [*STUB, "update", str(sheet), "--feed", f"{site.home}/feed"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(read_table(sheet).events) >= 1 and site.paths().count("/a") == 1


def test_a_feed_that_cannot_be_had_is_one_line_and_exit_1(site, tmp_path):
    site.put("/feed", code=500)
    done = subprocess.run(
        [*STUB, "update", str(tmp_path / "events.csv"), "--feed", f"{site.home}/feed"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1 and done.stderr == f"{site.home}/feed: the server answers 500\n"
