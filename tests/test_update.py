"""`update` as it is used: a real process, cron's empty environment, streams and exit codes."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from engine_stub import until_held

from conflict_events.readers import read_table

ROOT = Path(__file__).parent.parent
STUB = [sys.executable, str(Path(__file__).parent / "engine_stub.py")]


def run(*args, env=None, cwd=None, stdin=""):
    done = subprocess.run(
        [*STUB, *map(str, args)], input=stdin, capture_output=True, text=True, timeout=120, env=env, cwd=cwd
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done


def write(folder: Path, name: str, day: int, place: str = "Saraqab") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"IDLIB, December {day}, 2024 - The army shelled {place}.")
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    write(tmp_path / "articles", "a.txt", 2)
    return tmp_path / "articles"


@pytest.fixture
def sheet(tmp_path) -> Path:
    return tmp_path / "events.csv"


def test_all_well_is_silent(folder, sheet):
    for _ in range(2):
        done = run("update", sheet, folder)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert len(read_table(sheet).events) == 1


def test_only_new_and_changed_files_are_read(folder, sheet):
    run("update", sheet, folder)
    write(folder, "b.txt", 3)
    (folder / "picture.jpg").write_bytes(b"\xff\xd8\xff")
    done = run("update", sheet, folder, "-v")
    assert "1 row added, 0 rows changed, 1 new article read" in done.stderr and done.stdout == ""
    write(folder, "a.txt", 4)
    assert "1 row added" in run("update", sheet, folder, "-v").stderr
    assert "0 new articles" in run("update", sheet, folder, "--verbose").stderr


def test_a_copy_of_an_article_is_not_read_again(folder, sheet):
    run("update", sheet, folder)
    (folder / "again").mkdir()
    (folder / "a.txt").rename(folder / "again" / "moved.txt")
    assert "0 rows added, 0 rows changed, 0 new" in run("update", sheet, folder, "-v").stderr


def test_what_cannot_be_read_is_told_once_and_the_rest_written(folder, sheet):
    (folder / "bad.json").write_text("{")
    done = run("update", sheet, folder)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "bad.json" in done.stderr
    assert len(read_table(sheet).events) == 1
    assert run("update", sheet, folder).returncode == 0
    (folder / "bad.json").write_text("{ ")
    assert run("update", sheet, folder).returncode == 1


def test_a_path_that_is_not_there_is_told_each_time(folder, sheet):
    for _ in range(2):
        done = run("update", sheet, folder / "none.txt")
        assert done.returncode == 1 and "none.txt: no such file" in done.stderr


def test_standard_input_is_read_when_asked_for(sheet):
    text = "IDLIB, December 2, 2024 - The army shelled Saraqab."
    assert run("update", sheet, "-", stdin=text).returncode == 0
    assert run("update", sheet, "-", stdin=text.replace("2,", "3,")).returncode == 0
    assert len(read_table(sheet).events) == 2
    assert run("update", sheet).returncode == 2


@pytest.mark.parametrize("name", ["events.pdf", "events", "no/such/folder/events.csv"])
def test_a_sheet_that_cannot_be_one_is_one_line(tmp_path, folder, name):
    done = run("update", tmp_path / name, folder)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1


def test_a_second_run_ends_at_once_with_75(folder, sheet, tmp_path):
    mark = tmp_path / "mark"
    (folder / "held.txt").write_text(f"hold {mark}")
    first = subprocess.Popen([*STUB, "update", str(sheet), str(folder)])
    try:
        until_held(mark, first)
        done = run("update", sheet, folder)
        assert done.returncode == 75 and f"process {first.pid} on " in done.stderr
        assert len(done.stderr.splitlines()) == 1
    finally:
        mark.touch()
        first.wait(60)


def test_a_run_that_is_told_to_stop_leaves_nothing_behind(folder, sheet, tmp_path_factory):
    mark = tmp_path_factory.mktemp("hold") / "mark"
    run("update", sheet, folder)
    (folder / "held.txt").write_text(f"hold {mark} shelled")
    before = sheet.read_bytes()
    process = subprocess.Popen([*STUB, "update", str(sheet), str(folder)])
    until_held(mark, process)
    process.send_signal(signal.SIGTERM)
    process.wait(30)
    assert sheet.read_bytes() == before
    assert sorted(p.name for p in sheet.parent.iterdir() if p.is_file()) == [
        ".events.csv.state",
        "events.csv",
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits are set before exec")
def test_a_disk_that_is_full_is_one_line_and_nothing_lost(folder, sheet):
    import resource

    for number in range(3, 30):
        write(folder, f"{number}.txt", number)
    run("update", sheet, folder)
    before = sheet.read_bytes()
    write(folder, "more.txt", 30)

    def small():
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    done = subprocess.run(
        [*STUB, "update", str(sheet), str(folder)], capture_output=True, text=True, preexec_fn=small
    )
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr
    assert sheet.read_bytes() == before
    assert "1 row added" in run("update", sheet, folder, "-v").stderr


# ---- cron ----


def crontab() -> dict[str, str]:
    """The crontab of README, as settings and its one command line."""
    block = re.search(r"```crontab\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert block
    lines = [line for line in block[1].splitlines() if line and not line.startswith("#")]
    entry = lines.pop()
    minute = re.match(r"(?:\S+ ){5}(.*)", entry)
    assert minute
    return {**dict(line.split("=", 1) for line in lines), "command": minute[1]}


def test_the_crontab_of_readme_works_in_an_empty_environment(tmp_path, folder):
    """As cron runs it: /bin/sh, the home folder, and no environment but its own."""
    entry = crontab()
    command = entry.pop("command")
    assert "%" not in command.replace(r"\%", ""), "cron takes % for the end of a line"
    home = tmp_path / "home"
    (home / "news").mkdir(parents=True)
    folder.rename(home / "news" / "articles")
    bin = home / "conflict-events" / ".venv" / "bin"
    bin.mkdir(parents=True)
    (bin / "conflict-events").write_text(f'#!/bin/sh\nexec {STUB[0]} {STUB[1]} "$@"\n')
    (bin / "conflict-events").chmod(0o755)
    env = {"HOME": str(home), "LOGNAME": "rana", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin", **entry}
    assert not any("$" in value for value in entry.values()), "cron does not expand variables"
    for _ in range(2):
        done = subprocess.run(
            ["env", "-i", *(f"{k}={v}" for k, v in env.items()), "/bin/sh", "-c", command],
            cwd=home, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    (sheet,) = (home / "news").glob("events.*")
    assert len(read_table(sheet).events) == 1
    (log,) = (home / "news").glob("*.log")
    assert len(log.read_text().splitlines()) == 3
