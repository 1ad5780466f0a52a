"""Each case of cases/*.toml gives the events it states, by the library and by the command line.

A `[[case]]` has a `name`, a `text`, and `events`: a list of tables with the fields that matter, by the column
names of `--columns full`. There must be as many rows as tables, in any order; `events = []` means no row.
`published`, `title` and `source` are those of the article; `unlocated = "keep"` counts rows without
coordinates too. `xfail = "reason"` marks what goes wrong today; a case that holds again must lose it,
which `pytest --update-misses` does.
"""

from __future__ import annotations

import datetime
import itertools
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from conflict_events import extract
from conflict_events.columns import COLUMNS, row

FOLDER = Path(__file__).parent / "cases"
KEYS = {"name", "text", "published", "title", "source", "unlocated", "events", "xfail"}
MOST = 7  # rows of one case: every way of pairing them is tried
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Case:
    """A text and the rows it must give, each with only the fields that matter."""

    id: str
    text: str
    events: tuple[Row, ...]
    published: str | None = None
    title: str = ""
    source: str = ""
    unlocated: str = "drop"
    xfail: str = ""

    def __str__(self) -> str:
        return self.id

    def unmark(self) -> None:
        """Takes the line `xfail = …` of this case out of its file."""
        stem, _, name = self.id.partition(": ")
        path = FOLDER / f"{stem}.toml"
        parts = re.split(r"(?m)^(?=\[\[case\]\])", path.read_text(encoding="utf-8"))
        mine = [i for i, part in enumerate(parts) if f'name = "{name}"\n' in part]
        for i in mine:
            parts[i] = re.sub(r"(?m)^xfail = .*\n", "", parts[i])
        path.write_text("".join(parts), encoding="utf-8")

    def located(self, rows: Iterator[Row]) -> list[Row]:
        return [cells for cells in rows if self.unlocated == "keep" or cells["latitude"] is not None]


def plain(value: Any) -> Any:
    """A value of TOML as it stands in a row: dates as ISO text, lists joined."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "; ".join(value) if isinstance(value, list) else value


def read(path: Path) -> Iterator[Case]:
    for table in tomllib.loads(path.read_text(encoding="utf-8"))["case"]:
        where = f"{path.stem}: {table.get('name')}"
        assert not table.keys() - KEYS, f"{where}: unknown {table.keys() - KEYS}"
        events = [{name: plain(value) for name, value in event.items()} for event in table["events"]]
        for event in events:
            assert not event.keys() - COLUMNS["full"].keys(), f"{where}: unknown column in {event}"
        rest = {key: plain(table[key]) for key in KEYS & table.keys() - {"name", "text", "events"}}
        yield Case(where, table["text"].strip(), tuple(events), **rest)


CASES = [case for path in sorted(FOLDER.glob("*.toml")) for case in read(path)]


# ---- comparing ----


def wrong(wanted: Row, found: Row) -> list[str]:
    """The fields that differ, each as "field: wanted …, got …"."""
    return [
        f"{name}: wanted {value!r}, got {found[name] or ''!r}"
        for name, value in wanted.items()
        if (found[name] if found[name] is not None else "") != value
    ]


def difference(wanted: tuple[Row, ...], found: list[Row]) -> str:
    """What is wrong with the rows, a line each, paired so that least is wrong; empty if nothing is."""
    assert len(wanted) <= MOST, "split this case: it has too many rows"
    count = max(len(wanted), min(len(found), MOST))
    slots = [*found[:MOST], *[None] * (count - len(found))]
    lines = min(
        (_lines(wanted, order) for order in itertools.permutations(slots)),
        key=lambda lines: (len(lines), lines),
    )
    return "\n".join(lines + [f"beyond: {_short(cells)}" for cells in found[MOST:]])


def _lines(wanted: tuple[Row, ...], order: tuple[Row | None, ...]) -> list[str]:
    lines = []
    for one, other in itertools.zip_longest(wanted, order):
        if one is None and other is not None:
            lines.append(f"beyond: {_short(other)}")
        elif one is not None and other is None:
            # weighs more than any pair that has something in common
            lines += [f"missing: {one}", *[f"  no {name}" for name in one]]
        elif one is not None and other is not None and (fields := wrong(one, other)):
            lines += [f"{field}   in {_short(other)}" for field in fields]
    return lines


def _short(cells: Row) -> str:
    names = ("event_date", "sub_event_type", "actor1", "actor2", "location", "geo_precision", "fatalities")
    return "(" + ", ".join(str(cells[name] or 0) for name in names) + f" by {cells['rule']})"


# ---- running ----


def by_library(case: Case) -> list[Row]:
    events = extract(case.text, published=case.published, title=case.title, source=case.source)
    return case.located(row(event, "full") for event in events)


@pytest.fixture(scope="module")
def by_command_line(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Row]]:
    """The rows of every case by its id, from one process for all of them."""
    path = tmp_path_factory.mktemp("cases") / "cases.jsonl"
    fields = ("id", "text", "published", "title", "source")
    records = [{name: getattr(case, name) for name in fields} for case in CASES]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    command = [sys.executable, "-m", "conflict_events", "extract", str(path)]
    done = subprocess.run(
        [*command, "--format", "jsonl", "--columns", "full", "--merge", "article", "--unlocated", "keep"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    rows: dict[str, list[Row]] = {case.id: [] for case in CASES}
    for line in done.stdout.splitlines():
        cells = json.loads(line)
        rows[cells["article_id"]].append(cells)
    return rows


def check(case: Case, rows: list[Row], request: pytest.FixtureRequest, update: bool) -> None:
    wanted_but = difference(case.events, rows)
    if case.xfail:
        mark = pytest.mark.xfail(reason=case.xfail, raises=AssertionError, strict=not update)
        request.node.add_marker(mark)
        if update and not wanted_but:
            case.unmark()
    assert not wanted_but, f"{case.text}\n{wanted_but}"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_library(case: Case, request: pytest.FixtureRequest, update_misses: bool) -> None:
    check(case, by_library(case), request, update_misses)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_command_line(
    case: Case, by_command_line: dict[str, list[Row]], request: pytest.FixtureRequest, update_misses: bool
) -> None:
    check(case, case.located(iter(by_command_line[case.id])), request, update_misses)


# ---- the cases themselves ----


def test_names_are_unique() -> None:
    assert len({case.id for case in CASES}) == len(CASES)


def test_every_sub_event_type_has_a_case() -> None:
    from conflict_events.lexicon import load

    told = {event.get("sub_event_type") for case in CASES for event in case.events if not case.xfail}
    assert set(load().taxonomy) <= told, set(load().taxonomy) - told


def test_differences_are_seen() -> None:
    cells = dict.fromkeys(COLUMNS["full"])
    one, two = {**cells, "location": "Saraqab", "fatalities": 3}, {**cells, "location": "Hama"}
    assert not difference(({"location": "Hama"}, {"fatalities": 3}), [one, two])
    assert difference((), [one]).startswith("beyond: ")
    assert difference(({"location": "Hama"},), []).startswith("missing: ")
    assert "wanted 4, got 3" in difference(({"location": "Hama"}, {"fatalities": 4}), [one, two])
