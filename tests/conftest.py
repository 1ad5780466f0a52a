"""What the tests share: the lists of known misses and the option that brings them up to date."""

from __future__ import annotations

import contextlib
import csv
import os
import signal
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import browser, page  # noqa: F401 (fixtures)
from hypothesis import settings

if TYPE_CHECKING:
    from conflict_events import Extractor

UNEXPLAINED = "not looked into"

# A gazetteer that the person at this machine has built must change no test, those of subprocesses included.
os.environ.pop("CONFLICT_EVENTS_LAYER", None)
_NO_DATA = tempfile.TemporaryDirectory(prefix="conflict-events-no-data-")
os.environ["XDG_DATA_HOME"] = _NO_DATA.name

# What a shell begins in the background is deaf to Ctrl-C, and so is all that it begins; not what is tested.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    with contextlib.suppress(ValueError):  # outside the main thread
        signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes depends on what else the machine does.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-misses",
        action="store_true",
        help="Take what is mended off tests/*_misses.csv and the marks in tests/cases, and add what is newly "
        f'missed to the lists with the reason "{UNEXPLAINED}", which a person has to replace.',
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-misses") and config.getoption("numprocesses", None):
        raise pytest.UsageError("--update-misses writes files of the tests: leave -n out")


def pytest_make_parametrize_id(val: object) -> str | None:
    """A test's name for bytes: what is in an archive differs with the second in which it was packed, and test
    processes that do not collect the same names do not begin."""
    return "bytes" if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def update_misses(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-misses"))


@pytest.fixture(scope="session")
def extractor() -> Extractor:
    """The engine as it is without any option, which the whole session shares."""
    from conflict_events.extract import Settings, engine

    with engine(Settings()) as loaded:
        return loaded


def read_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def write_table(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Replaces the rows of a table that is there; its columns stay."""
    columns = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
