"""The page of events in a real browser: linked views, filters, evidence, keyboard, hostile text."""

from __future__ import annotations

import base64
import dataclasses
import html
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from browser import Browser
from test_figures import CLASH, STRIKE, TYPED

from conflict_events.events import Event
from conflict_events.figures import figures
from conflict_events.readers import Line, Table, read_table, table_of
from conflict_events.report import embedded, page
from conflict_events.tables import write_events

MIDDLE = {"latitude": 34.88, "longitude": 39.0}  # the middle of the map
CLASHED = dataclasses.replace(
    CLASH,
    **MIDDLE,
    event_id_cnty="SYR1",
    sentence="Rebels clashed with troops in Morek on Monday, killing three soldiers.",
    trigger="clashed",
    rule="clash.verb",
    place_text="Morek",
    place_id="murak",
    geo_precision=2,
    time_precision=1,
    date_text="Monday",
    date_basis="weekday",
    fatalities_text="three soldiers",
    actor1="Opposition Rebels (Syria)",
    source=("Levant Wire",),
    article_url="https://news.example/1",
)
WEST = dataclasses.replace(STRIKE, latitude=35.6, longitude=36.2, location="Jisr", source=("Gazette",))
EAST = dataclasses.replace(
    STRIKE, latitude=34.5, longitude=40.9, location="Bokamal", actor1="Israel", fatalities=5
)
FEW = [CLASHED, WEST, EAST]


@pytest.fixture
def show(page: Browser, tmp_path: Path) -> Callable[..., Browser]:
    """Shows a page of events, or a table; afterwards its console and its requests must be empty."""
    shown: list[Path] = []

    def show(events: list[Event] | Table, **how: str) -> Browser:
        table = events if isinstance(events, Table) else table_of(events)
        path = tmp_path / "report.html"
        path.write_bytes(make(table, **how))
        page.open(path)
        assert page.run("return document.documentElement.dataset.ready") == "yes", page.console()
        shown.append(path)
        return page

    make = globals()["page"]
    yield show
    assert page.console() == []
    assert set(page.requests()) <= {path.as_uri() for path in shown}


def settle(page: Browser) -> None:
    """Waits until the page has drawn what it was told."""
    page.driver.execute_async_script(
        "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))"
    )


def state(page: Browser) -> str:
    settle(page)
    return page.text("#state")


def rows(page: Browser, column: str = "location") -> list[str]:
    """What the rows of the table that are in the document say in a column."""
    return page.run(
        "return [...document.querySelectorAll('#table .row')].sort((a, b) => a.offsetTop - b.offsetTop)"
        ".map((row) => row.querySelector('.' + arguments[0]).textContent.trim())",
        column,
    )


def drag(page: Browser, selector: str, *points: tuple[float, float]) -> None:
    """Presses the mouse at the first point of an element, moves it on and lets go; points in parts of 1."""
    from selenium.webdriver.common.action_chains import ActionChains

    element = page.one(selector)
    page.run("arguments[0].scrollIntoView({block: 'center'})", element)
    size = element.size
    offsets = [(round((x - 0.5) * size["width"]), round((y - 0.5) * size["height"])) for x, y in points]
    chain = ActionChains(page.driver, duration=20).move_to_element_with_offset(element, *offsets[0])
    chain.click_and_hold()
    for x, y in offsets[1:]:
        chain.move_to_element_with_offset(element, x, y)
    chain.release().perform()
    settle(page)


def click(page: Browser, selector: str) -> None:
    page.run("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", page.one(selector))
    settle(page)


def fill(page: Browser, selector: str, value: str, event: str = "input") -> None:
    script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event(arguments[2]))"
    page.run(script, page.one(selector), value, event)
    settle(page)


def by_label(page: Browser, start: str) -> str:
    """A selector of the entry of the list that begins so."""
    return f'#list button[aria-label^="{start}"]'


# ---- the file ----


def test_the_same_events_give_the_same_bytes_and_one_file_is_all():
    made = page(table_of(FEW), title="A week", about="events.csv")
    assert made == page(table_of(FEW), title="A week", about="events.csv")
    text = made.decode()
    assert not re.search(
        r"(?:src|href)\s*=|@import|url\(", re.sub(r"<script.*?</script>", "", text, flags=re.S)
    )
    assert "default-src 'none'" in text and text.count("<script") == 2


def test_data_cannot_leave_their_element():
    text = embedded({"a": "</script><!-- <script> \u2028 & 'é' \ud800"})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text)["a"] == "</script><!-- <script> \u2028 & 'é' ?"


def test_a_page_opens_and_says_what_it_holds(show):
    page = show([*FEW, TYPED], title="A week in Hama", about="events.csv")
    assert page.driver.title == page.text("h1") == "A week in Hama"
    assert state(page) == "4 events, 9 deaths"
    assert page.text("#about") == "events.csv, 2024-12-02 to 2024-12-07"
    assert rows(page) == ["Morek", "Jisr", "Bokamal", ""]
    assert "1 without coordinates" in page.text("#map-note")
    painted = (
        "const c = arguments[0], all = c.getContext('2d').getImageData(0, 0, c.width, c.height);"
        "return new Set(all.data).size"
    )
    assert page.run(painted, page.one("#map")) > 20 and page.run(painted, page.one("#time")) > 5


def test_the_page_counts_as_the_library_does(show):
    events = [dataclasses.replace(e, actor1=f"Group {n % 5}", fatalities=n) for n, e in enumerate(FEW * 9)]
    page = show(events)
    listed = page.run(
        "return [...document.querySelectorAll('#list button')].map((b) => b.getAttribute('aria-label'))"
    )
    counted = figures(events)["actors"]
    assert listed == [
        f"{one['actor']}: {one['events']} event{'s' * (one['events'] != 1)}, {one['fatalities']} deaths"
        for one in counted
    ]


# ---- linked views ----


def test_a_box_on_the_map_filters_everything(show):
    page = show(FEW)
    click(page, "input[value=box]")
    drag(page, "#map", (0.02, 0.05), (0.3, 0.9))
    assert state(page) == "1 of 3 events, 0 deaths" and rows(page) == ["Jisr"]
    assert [one.text for one in page.all("#list bdi")] == ["Army", "Rebels"]
    assert [chip.text for chip in page.all("#chips button")] == ["drawn on the map: 1 event ✕"]
    page.run("document.getElementById('time').focus()")
    page.press("\ue011")  # Home
    assert page.text("#time-said") == "2024-12-02: 0 events, 0 deaths"
    click(page, "#reset")
    assert state(page) == "3 events, 8 deaths" and len(rows(page)) == 3 and not page.all("#chips button")


def test_a_lasso_takes_what_is_inside(show):
    page = show(FEW)
    click(page, "input[value=lasso]")
    drag(page, "#map", (0.4, 0.2), (0.98, 0.2), (0.98, 0.9), (0.65, 0.9), (0.65, 0.3), (0.4, 0.25))
    assert rows(page) == ["Bokamal"] and state(page) == "1 of 3 events, 5 deaths"


def test_a_click_on_a_mark_selects_it_and_opens_its_evidence(show):
    page = show(FEW)
    drag(page, "#map", (0.5, 0.5))
    assert rows(page) == ["Morek"] and page.one("#evidence").is_displayed()
    drag(page, "#map", (0.1, 0.95))
    assert len(rows(page)) == 3 and not page.one("#evidence").is_displayed()


@pytest.mark.parametrize("count", [4, 60])
def test_all_events_at_one_point_can_be_reached(show, count):
    events = [dataclasses.replace(CLASHED, event_id_cnty=f"SYR{n}") for n in range(count)]
    page = show([*events, WEST])
    click(page, "input[value=box]")
    drag(page, "#map", (0.4, 0.4), (0.6, 0.6))
    assert state(page).startswith(f"{count} of {count + 1} events")
    if count > 9:  # one disc, which a click selects as a whole
        click(page, "#reset")
        click(page, "input[value=move]")
        drag(page, "#map", (0.5, 0.5))
        assert state(page).startswith(f"{count} of {count + 1} events")
        assert [chip.text for chip in page.all("#chips button")] == [f"Morek: {count} events ✕"]


def test_days_chosen_on_the_timeline_filter_everything(show):
    page = show(FEW)  # 2 December, and twice 7 December: six days
    drag(page, "#time", (0.1, 0.5), (0.4, 0.5))
    assert rows(page) == ["Morek"] and page.one("#from").get_property("value") == "2024-12-02"
    click(page, "#time-clear")
    drag(page, "#time", (0.95, 0.5))
    assert sorted(rows(page)) == ["Bokamal", "Jisr"] and page.one("#to").get_property("value") == "2024-12-07"
    fill(page, "#unit", "year", "change")
    drag(page, "#time", (0.5, 0.5))
    assert len(rows(page)) == 3


def test_actors_pairs_places_and_types_filter_and_let_go(show):
    page = show(FEW)
    click(page, by_label(page, "Israel"))
    assert (
        rows(page) == ["Bokamal"]
        and page.one(by_label(page, "Israel")).get_attribute("aria-pressed") == "true"
    )
    click(page, by_label(page, "Israel"))
    click(page, "#tab-pairs")
    click(page, by_label(page, "Army – Opposition"))
    assert rows(page) == ["Morek"]
    click(page, "#chips button")
    click(page, "#tab-places")
    click(page, by_label(page, "Jisr"))
    assert rows(page) == ["Jisr"]
    click(page, "#reset")
    click(page, "#tab-subs")
    click(page, by_label(page, "Air/drone strike"))
    assert sorted(rows(page)) == ["Bokamal", "Jisr"]


def test_the_filter_fields(show):
    page = show([*FEW, TYPED])
    click(page, 'input[aria-label="Battles"]')
    assert state(page) == "3 of 4 events, 6 deaths" and "Morek" not in rows(page)
    click(page, 'input[aria-label="Battles"]')
    page.run(
        "[...document.querySelectorAll('#governorates label')]"
        ".find((one) => one.textContent === 'Hama').click()"
    )
    assert (
        state(page) == "1 of 4 events, 3 deaths" and page.text("#governorate-summary") == "Governorate: Hama"
    )
    click(page, "#reset")
    fill(page, "#confidence", "0.75")
    assert state(page) == "1 of 4 events, 3 deaths"
    fill(page, "#confidence", "0")
    fill(page, "#text", "MONDAY soldiers")
    assert rows(page) == ["Morek"]
    fill(page, "#text", "nothing says so")
    assert state(page) == "0 of 4 events, 0 deaths" and "No event passes" in page.text("#table")
    fill(page, "#text", "")
    fill(page, "#actor", "isra")
    assert rows(page) == ["Bokamal"]
    fill(page, "#actor", "Israel")
    assert rows(page) == ["Bokamal"] and page.one("#actor").get_property("value") == ""
    click(page, "#reset")
    fill(page, "#from", "2024-12-05", "change")
    assert sorted(rows(page)) == ["Bokamal", "Jisr"]
    click(page, "#reset")
    (undated,) = [one for one in page.all("#lacks button") if "date" in one.text]
    undated.click()
    assert state(page) == "1 of 4 events, 1 death"


# ---- the table ----


def test_the_table_sorts_both_ways_with_the_unknown_last(show):
    page = show([*FEW, TYPED])
    heading = page.all("#table [role=columnheader] button")
    page.run("arguments[0].click()", heading[4])
    assert rows(page) == ["Bokamal", "Jisr", "Morek", ""]
    page.run("arguments[0].click()", heading[4])
    assert rows(page) == ["Morek", "Jisr", "Bokamal", ""]
    sorts = [one.get_attribute("aria-sort") for one in page.all("#table [role=columnheader]")]
    assert sorts[4] == "descending" and sorts.count("none") == len(sorts) - 1
    page.run("arguments[0].click()", heading[6])
    assert rows(page, "deaths") == ["5", "3", "1", "0"]


def test_the_keyboard_is_enough(show):
    from selenium.webdriver.common.keys import Keys

    page = show(FEW)
    page.run("document.getElementById('table').focus()")
    page.press(Keys.ARROW_DOWN, Keys.END, Keys.HOME, Keys.ENTER)
    assert page.one("#evidence").is_displayed() and "Morek" in page.text("#evidence")
    assert page.run("return document.activeElement.id") == "evidence-close"
    page.press("j")
    assert "2 of 3" in page.text("#evidence")
    page.press(Keys.ESCAPE)
    assert not page.one("#evidence").is_displayed()
    assert page.run("return document.activeElement.id") == "table"
    page.run("document.getElementById('time').focus()")
    page.press(Keys.HOME, Keys.SHIFT + Keys.ARROW_RIGHT + Keys.NULL, Keys.ENTER)
    assert rows(page) == ["Morek"] and "1 event" in page.text("#time-said")
    assert page.one("#to").get_property("value") == "2024-12-03"
    page.press(Keys.ESCAPE)
    assert len(rows(page)) == 3
    page.run("document.getElementById('map').focus()")
    page.press(Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert "Jisr" in page.text("#map-said")
    page.press(Keys.ENTER)
    assert rows(page) == ["Jisr"]


def test_every_field_has_a_name_and_focus_can_be_seen(show):
    page = show(FEW)
    nameless = page.run(
        "return [...document.querySelectorAll('button, input, select, canvas:not([aria-hidden]), [tabindex]')"
        "].filter((node) => !node.textContent.trim() && !node.getAttribute('aria-label')"
        " && !node.closest('label') && !node.getAttribute('aria-labelledby')).map((node) => node.outerHTML)"
    )
    assert nameless == []
    page.press("\ue004")  # Tab
    assert page.run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_ten_thousand_events_keep_the_document_small(show):
    events = [
        dataclasses.replace(
            FEW[n % 3],
            event_id_cnty=f"SYR{n}",
            event_date=date(2020, 1, 1) + timedelta(days=n % 700),
            latitude=33 + n % 97 / 30,
            longitude=36.3 + n % 89 / 20,
        )
        for n in range(10_000)
    ]
    page = show(events)
    assert state(page).startswith("10,000 events")
    count = "return document.querySelectorAll('#table .row').length"
    assert 10 < page.run(count) < 60 and page.run("return document.getElementsByTagName('*').length") < 1500
    assert page.one("#table").get_attribute("aria-rowcount") == "10001"
    page.run("document.getElementById('table').focus()")
    page.press("\ue010")  # End
    settle(page)
    last = page.run("return document.querySelector('#table .row.active').getAttribute('aria-rowindex')")
    assert last == "10001" and page.run(count) < 60
    click(page, "input[value=box]")
    drag(page, "#map", (0.05, 0.05), (0.4, 0.95))
    chosen = int(state(page).split(" of ")[0].replace(",", ""))
    assert 1000 < chosen < 9000 and page.run(count) < 60


# ---- the evidence ----


def test_evidence_shows_the_words_and_the_reasons(show):
    page = show(FEW)
    page.run("document.querySelector('#table .row').click()")
    marked = page.run(
        "return Object.fromEntries([...document.querySelectorAll('blockquote mark')]"
        ".map((one) => [one.className, one.textContent]))"
    )
    assert marked == {
        "actor1": "Rebels",
        "trigger": "clashed",
        "place": "Morek",
        "date": "Monday",
        "fatalities": "three soldiers",
    }
    assert page.text("blockquote") == CLASHED.sentence
    said = page.text("#evidence")
    for words in (
        "Levant Wire",
        "0.90",
        "place murak",
        "precision 2: near",
        "rule clash.verb",
        "SYR1",
        "34.8800, 39.0000",
    ):
        assert words in said, words
    (link,) = page.all("#evidence a")
    assert link.get_attribute("href") == CLASHED.article_url and "noopener" in link.get_attribute("rel")


def test_offsets_count_as_the_browser_does(show):
    sentence = "😀😀 Rebels clashed in Morek 😀 on Monday."
    page = show([dataclasses.replace(CLASHED, sentence=sentence)])
    page.run("document.querySelector('#table .row').click()")
    assert [one.text for one in page.all("blockquote mark")] == ["Rebels", "clashed", "Morek", "Monday"]


def test_a_file_without_evidence_says_so(show, tmp_path):
    path = tmp_path / "events.csv"
    write_events(FEW, path)
    page = show(read_table(path))
    page.run("document.querySelector('#table .row').click()")
    assert "--columns full" in page.text("#evidence") and not page.all("blockquote")
    assert not page.one("#confidence-field").is_displayed()


def test_columns_of_ones_own_and_complaints_are_shown(show):
    table = Table([Line(7, CLASHED, {"checked by": "Rima"})], frozenset(["sentence"]), ["events.csv:9: bad"])
    page = show(table)
    assert "events.csv:9: bad" in page.text("#complaints")
    page.run("document.querySelector('#table .row').click()")
    assert "checked by" in page.text("#evidence") and "Rima" in page.text("#evidence")
    fill(page, "#text", "rima")
    assert state(page) == "1 event, 3 deaths"


# ---- hostile text ----

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>\"'`</script><!-- <svg onload=alert(3)> "
    '&lt;b&gt; \u202edrawkcab\u202c \u2028\u2029 =HYPERLINK("http://evil.example") @@data@@ '
    "${alert(4)} \x00\ud800 -->"
)


def test_hostile_text_is_shown_and_never_runs(show):
    names = (
        "actor1 actor2 location admin1 sentence notes article_title trigger event_type sub_event_type "
        "place_text rule date_basis event_id_cnty source_scale"
    )
    texts = dict.fromkeys(names.split(), HOSTILE)
    event = dataclasses.replace(
        CLASHED, **texts, source=(HOSTILE,), tags=(HOSTILE,), article_url="javascript:alert(5)//https://a"
    )
    table = Table([Line(2, event, {HOSTILE: HOSTILE})], frozenset(texts), [HOSTILE])
    page = show(table, title=HOSTILE, about=HOSTILE)
    assert page.driver.title
    for tab in page.all("#tabs button"):
        page.run("arguments[0].click()", tab)
    page.run("document.querySelector('#table .row').click()")
    page.run("document.querySelector('#evidence-title').scrollIntoView()")
    drag(page, "#map", (0.5, 0.5))
    fill(page, "#text", "<script>")
    assert state(page) == "1 event, 3 deaths"
    assert page.text("blockquote") == HOSTILE.replace("\ud800", "?")
    assert not page.all("#evidence a, img, svg[onload]")
    assert len(page.all("script")) == 2 and html.escape(HOSTILE.partition("\x00")[0]) not in page.text(
        "#about"
    )
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")


# ---- phone, paper, edges ----


def test_a_phone_shows_all_without_scrolling_sideways(show):
    page = show(FEW)
    page.resize(390, 800)
    settle(page)
    assert page.run("return document.documentElement.scrollWidth") == 390
    assert sorted(rows(page)) == ["Bokamal", "Jisr", "Morek"]
    page.run("document.querySelector('#table .row').click()")
    settle(page)
    assert page.one("#evidence").size["width"] == 390
    assert page.run("return document.querySelector('#evidence-close').getBoundingClientRect().height") >= 38


def test_a_finger_selects_and_two_zoom(show):
    page = show(FEW)
    page.resize(390, 800)
    page.run("document.getElementById('map').scrollIntoView({block: 'center'})")
    settle(page)
    box = "const box = document.getElementById('map').getBoundingClientRect();"
    x, y = page.run(box + "return [box.left + box.width / 2, box.top + box.height / 2]")

    def touch(kind: str, *points: tuple[float, float]) -> None:
        fingers = [{"x": x + dx, "y": y + dy, "id": n} for n, (dx, dy) in enumerate(points)]
        page.driver.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": fingers})

    seen = "return document.getElementById('map').toDataURL()"
    before = page.run(seen)
    touch("touchStart", (-20, 0), (20, 0))
    touch("touchMove", (-60, 0), (60, 0))
    touch("touchEnd")
    settle(page)
    assert page.run(seen) != before and state(page) == "3 events, 8 deaths"
    touch("touchStart", (0, 0))
    touch("touchEnd")
    assert state(page) == "1 of 3 events, 3 deaths"
    assert page.one("#evidence").is_displayed()


def test_paper_gets_the_rows_as_a_table(show):
    page = show(FEW)
    page.run(
        "window.kept = ''; addEventListener('beforeprint', () => {"
        " kept = document.getElementById('printed').textContent; })"
    )
    pdf = base64.b64decode(page.driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})["data"])
    pypdf = pytest.importorskip("pypdf")
    import io

    text = " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    for words in ("3 events, 8 deaths", "Bokamal", "Opposition", "Battles"):
        assert words in " ".join(text.split()), words
    assert "Bokamal" in page.run("return kept") and not page.text("#printed")


FAR = dataclasses.replace(CLASHED, latitude=-34.6, longitude=-58.4, event_date=date(1, 1, 1))


@pytest.mark.parametrize(
    "events",
    [[], [TYPED], [CLASHED], [FAR, dataclasses.replace(CLASHED, event_date=date(9999, 12, 31))]],
    ids=["none", "nowhere", "one", "far away"],
)
def test_the_edges(show, events):
    page = show(events)
    assert state(page).startswith(f"{len(events)} event")
    drag(page, "#map", (0.5, 0.5))
    for unit in ("year", "month"):
        fill(page, "#unit", unit, "change")
    drag(page, "#time", (0.2, 0.5), (0.9, 0.5))
    for button in page.all("#zoom-out, #zoom-in, #zoom-all, #tabs button"):
        page.run("arguments[0].click()", button)


# ---- the commands ----

STUB = [sys.executable, str(Path(__file__).parent / "engine_stub.py")]


def test_extract_writes_the_page_beside_the_rows(tmp_path):
    (tmp_path / "a.txt").write_text("Rebels shelled Morek on Monday.")
    command = [
        *STUB,
        "extract",
        "a.txt",
        "--published",
        "2024-12-03",
        "-o",
        "rows.csv",
        "--report",
        "page.html",
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "page.html", "rows.csv"]
    assert len(read_table(tmp_path / "rows.csv").events) == 1
    assert b'"rows":1,' in (tmp_path / "page.html").read_bytes()
    same = subprocess.run([*command[:-1], "rows.csv"], cwd=tmp_path, capture_output=True, timeout=120)
    assert same.returncode == 2 and b"both the rows and the page" in same.stderr
    lost = subprocess.run(
        [*command[:-1], "nowhere/page.html"], cwd=tmp_path, capture_output=True, timeout=120
    )
    assert lost.returncode == 2 and b"does not exist" in lost.stderr
    folder = [*STUB, "extract", "a.txt", "-o", "years/", "--report", "page.html"]
    done = subprocess.run(folder, cwd=tmp_path, capture_output=True, timeout=120)
    assert (
        done.returncode == 2
        and b"--report goes with a file" in done.stderr
        and not (tmp_path / "years").exists()
    )


def test_report_writes_a_page_and_leaves_the_old_one_where_it_cannot(tmp_path):
    write_events(FEW, tmp_path / "events.xlsx", columns="full")
    command = [sys.executable, "-m", "conflict_events", "report", "events.xlsx"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    assert done.returncode == 0 and not done.stdout and not done.stderr
    made = (tmp_path / "report.html").read_bytes()
    assert b"events.xlsx" in made
    (tmp_path / "events.xlsx").write_bytes(b"PK\x03\x04")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=120)
    assert done.returncode == 2 and (tmp_path / "report.html").read_bytes() == made
