"""The package as a library, with the real engine behind it."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import pytest

SENTENCE = "Rebels captured the town of Morek on Monday."


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_importing_the_package_loads_nothing():
    python(
        "import sys, conflict_events\n"
        "assert not {'spacy', 'pandas', 'rich', 'click', 'csv'} & set(sys.modules)\n"
        "assert 'extract' in dir(conflict_events)"
    )


@pytest.mark.parametrize(
    "before",
    [
        "",
        "import conflict_events.merge, conflict_events.extract",
        "from conflict_events.extract import Settings",
    ],
)
def test_functions_are_not_hidden_by_the_modules_of_their_name(before):
    python(
        f"{before}\nfrom conflict_events import extract, merge\n"
        "from conflict_events import extract as again\n"
        "assert callable(extract) and callable(merge) and extract is again"
    )


def test_unknown_names_are_attribute_errors():
    import conflict_events

    with pytest.raises(AttributeError, match="extrakt"):
        conflict_events.extrakt  # noqa: B018


def test_from_text_to_frame():
    from conflict_events import extract, to_frame

    (row,) = to_frame(extract(SENTENCE, published="2024-12-03")).to_dict("records")
    assert row["event_date"].date() == date(2024, 12, 2)
    assert row["event_type"] == "Battles" and row["country"] == "Syria"


def test_the_command_line_gives_the_same_without_pandas():
    out = python(
        "import sys, io\nfrom conflict_events.cli import main\n"
        f"sys.stdin = io.TextIOWrapper(io.BytesIO({SENTENCE.encode()!r}))\n"
        "try: main(['extract', '--published', '2024-12-03', '--format', 'csv'])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert 'pandas' not in sys.modules"
    )
    assert len(out.splitlines()) == 2 and "2024-12-02" in out
