"""A real browser for tests of pages: Debian's chromium, headless, driven by selenium.

A test takes the fixture `page`, a Browser shared by the session. It skips where no chromium is installed, and
fails instead where CONFLICT_EVENTS_TEST_BROWSER is set, so that a machine that must have one cannot pass
without it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

MUST = "CONFLICT_EVENTS_TEST_BROWSER"
_SIZE = (1280, 900)
_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Browser:
    """A headless Chromium that keeps what a page said on its console and what it asked of the network.

    `driver` is selenium's own, for everything that has no shorter name here.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self._requests: list[str] = []

    def open(self, page: str | Path) -> None:
        """Shows a file or an address; what earlier pages said and asked is forgotten."""
        self.driver.get("about:blank")
        self.console()
        self.requests()
        self._requests.clear()
        self.driver.get(page.resolve().as_uri() if isinstance(page, Path) else page)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script gives back in the page."""
        return self.driver.execute_script(script, *arguments)

    def all(self, selector: str) -> list[Any]:
        """The elements of the page that a CSS selector names."""
        from selenium.webdriver.common.by import By

        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def one(self, selector: str) -> Any:
        """The only element that a CSS selector names."""
        (element,) = self.all(selector)
        return element

    def text(self, selector: str) -> str:
        """The text of an element, hidden or not."""
        return str(self.one(selector).get_property("textContent"))

    def press(self, *keys: str) -> None:
        """Types into whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)

    def resize(self, width: int, height: int = _SIZE[1]) -> None:
        """Gives the page a window of this many CSS pixels, also narrower than a real window may be."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def console(self) -> list[str]:
        """What the console has said since the page was opened or this was last asked, errors and warnings."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Every address the page has asked for, its own first; data: and blob: are no requests."""
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                url = message["params"]["request"]["url"]
                if not url.startswith(("data:", "blob:", "about:")):
                    self._requests.append(url)
        return list(self._requests)

    def screenshot(self, path: Path) -> None:
        """Writes what the window shows as a PNG."""
        self.driver.save_screenshot(str(path))


def _missing(reason: str) -> None:
    if os.environ.get(MUST):
        pytest.fail(f"{MUST} is set, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A browser for the session; see the head of this file for when it skips and when it fails."""
    program = next(filter(None, map(shutil.which, _CHROMIUM)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        _missing("no chromium with chromedriver is installed: apt-get install chromium chromium-driver")
    try:
        from selenium import webdriver
    except ImportError:
        _missing("selenium is not installed: pip install selenium")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (
        "--headless=new",
        f"--window-size={_SIZE[0]},{_SIZE[1]}",
        "--no-sandbox",  # root in a container has none
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--lang=en",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chromium = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        chromium.set_page_load_timeout(60)
        chromium.set_script_timeout(30)
        yield Browser(chromium)
    finally:
        chromium.quit()


@pytest.fixture
def page(browser: Browser) -> Iterator[Browser]:
    """The browser in a window of the usual size; alerts of a page, which must not be, fail the test."""
    browser.resize(*_SIZE)
    yield browser
    from selenium.common.exceptions import NoAlertPresentException

    try:
        alert = browser.driver.switch_to.alert
    except NoAlertPresentException:
        return
    said = alert.text
    alert.dismiss()
    pytest.fail(f"the page opened an alert: {said}")
