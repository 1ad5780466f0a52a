"""Test cases in TOML: a text and the rows it must give, written by `review` and run by `evaluate`.

A `[[case]]` has a `name`, a `text`, and `events`: a list of tables with the fields that matter, by the column
names of `--columns full`. There must be as many rows as tables, in any order; `events = []` means no row.
`published`, `title` and `source` are those of the article; `xfail = "reason"` marks what goes wrong today.
"""

from __future__ import annotations

import datetime
import itertools
import json
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .columns import FULL, row
from .events import Article, Event
from .overlays import OverlayError, put_file

CASES = "corrections.toml"
MOST = 7  # rows of one case: every way of pairing them is tried
_KEYS = frozenset({"name", "text", "published", "title", "source", "unlocated", "events", "xfail"})


@dataclass(frozen=True, slots=True)
class Case:
    """A text and the rows it must give, each with only the fields that matter; `xfail` says why it does not."""

    name: str
    text: str
    events: Sequence[Mapping[str, Any]]
    published: datetime.date | None = None
    xfail: str = ""
    title: str = ""
    source: str = ""
    unlocated: str = "drop"

    def toml(self) -> str:
        """The case as it stands in a file."""
        lines = ["[[case]]", f"name = {_quoted(self.name)}", f"text = {_quoted(self.text)}"]
        if self.published:
            lines.append(f"published = {self.published.isoformat()}")
        lines.append(f"events = [{', '.join(_inline(event) for event in self.events)}]")
        if self.xfail:
            lines.append(f"xfail = {_quoted(self.xfail)}")
        return "\n".join(lines) + "\n"


def _inline(event: Mapping[str, Any]) -> str:
    cells = ", ".join(f"{name} = {_quoted(v) if isinstance(v, str) else v}" for name, v in event.items())
    return f"{{ {cells} }}" if cells else "{}"


def _quoted(text: str) -> str:
    """A basic string of TOML on one line, which may hold what JSON's may."""
    plain = text.encode("utf-8", "replace").decode("utf-8")
    return json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")


_HEAD = "# Rows that a person corrected, with what they must be; written by `conflict-events review`.\n"


def put_cases(path: Path, cases: Iterable[Case]) -> None:
    """Adds cases to a file; one of a name that is there takes its place, all else stays as it is."""
    new = {case.name: case for case in cases}
    try:
        before = path.read_text(encoding="utf-8") if path.exists() else _HEAD
        head, *parts = re.split(r"(?m)^(?=\[\[case\]\])", before)
        kept = [part for part in parts if tomllib.loads(part)["case"][0].get("name") not in new]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError) as error:
        raise OverlayError(f"{path}: cannot be read: {error}: mend it, or take it away") from None
    blocks = [part.strip("\n") + "\n" for part in kept] + [case.toml() for case in new.values()]
    put_file(path, head.rstrip("\n") + "\n\n" + "\n".join(blocks))


# ---- running -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case came out: "right", "wrong", "known" (it is wrong, and xfail says so) or "mended"."""

    case: Case
    result: str
    differences: Sequence[str] = ()


def read_cases(path: Path) -> list[Case]:
    """The cases of a file. Raises OverlayError where it is no such file, naming the case."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8-sig"))["case"]
        return [_case(table, f"{path}: case {number}") for number, table in enumerate(tables, 1)]
    except (OSError, ValueError) as error:
        raise OverlayError(f"{path}: cannot be read: {error}") from None
    except (KeyError, TypeError, AttributeError):
        raise OverlayError(f"{path}: a case has a name, a text and events, each under [[case]]") from None


def _case(table: Mapping[str, Any], where: str) -> Case:
    if unknown := table.keys() - _KEYS:
        raise OverlayError(f'{where}: unknown "{min(unknown)}" (known: {", ".join(sorted(_KEYS))})')
    events = [{name: _plain(value) for name, value in event.items()} for event in table["events"]]
    if unknown := {name for event in events for name in event} - FULL.keys():
        raise OverlayError(f'{where}: "{min(unknown)}" is no column')
    if len(events) > MOST:
        raise OverlayError(f"{where}: split it: it has more than {MOST} rows")
    rest = {name: str(table.get(name, "")) for name in ("xfail", "title", "source")}
    day = table.get("published")
    if isinstance(day, str):
        day = datetime.date.fromisoformat(day)
    return Case(
        str(table["name"]),
        str(table["text"]).strip(),
        events,
        day,
        **rest,
        unlocated=table.get("unlocated", "drop"),
    )


def _plain(value: Any) -> Any:
    """A value of TOML as it stands in a row: dates as ISO text, lists joined."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    return "; ".join(value) if isinstance(value, list) else value


def run_cases(cases: Iterable[Case], events: Callable[[Article], Iterable[Event]]) -> Iterator[Outcome]:
    """How each case comes out with what `events` makes of its article."""
    for case in cases:
        basis = "option" if case.published else ""
        article = Article(case.text, "", case.title, case.published, basis, case.source)
        found = [row(event, "full") for event in events(article)]
        told = [cells for cells in found if case.unlocated == "keep" or cells["latitude"] is not None]
        differences = difference(case.events, told)
        if case.xfail:
            yield Outcome(case, "known" if differences else "mended", differences)
        else:
            yield Outcome(case, "wrong" if differences else "right", differences)


def difference(wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> list[str]:
    """What is wrong with the rows, a line each, paired so that least is wrong; empty if nothing is."""
    if len(found) > MOST:
        return [f"{len(found)} rows, wanted {len(wanted)}"]
    count = max(len(wanted), len(found))
    slots = [*found, *[None] * (count - len(found))]
    orders = itertools.permutations(slots, len(wanted))
    best = min((_wrong(wanted, order) for order in orders), key=len)
    missing = len(wanted) - len(found)
    return best + ([f"{-missing} rows more than wanted"] if missing < 0 else [])


def _wrong(wanted: Sequence[Mapping[str, Any]], order: Sequence[Mapping[str, Any] | None]) -> list[str]:
    lines = []
    for one, other in zip(wanted, order, strict=True):
        if other is None:
            # weighs more than any pair that has something in common
            lines += [f"no row with {name} {value!r}" for name, value in one.items()] or ["a row is missing"]
        else:
            cells = ((name, value, "" if other[name] is None else other[name]) for name, value in one.items())
            lines += [f"{name}: wanted {value!r}, got {got!r}" for name, value, got in cells if got != value]
    return lines
