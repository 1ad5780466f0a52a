"""The command line as it is used: real processes, pipes, signals, exit codes."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engine_stub import until_held

STUB = [sys.executable, str(Path(__file__).parent / "engine_stub.py")]
REAL = [sys.executable, "-m", "conflict_events"]
TEXT = "IDLIB, December 2, 2024 - The army shelled Saraqab. It shelled nowhere."


def run(*args, stdin: str | bytes | None = "", env=None, cwd=None, program=STUB):
    raw = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [*program, *map(str, args)],
        input=raw,
        capture_output=True,
        timeout=120,
        env={**os.environ, **(env or {})},
        cwd=cwd,
    )
    done.out, done.err = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in done.err, done.err
    return done


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(TEXT)
    return path


def feed(path: Path, *texts: str) -> Path:
    path.write_text("".join(json.dumps({"text": text, "published": "2024-12-02"}) + "\n" for text in texts))
    return path


def lines(text: str) -> int:
    return len(text.splitlines())


# ---- imports ----


@pytest.mark.parametrize(
    "args",
    [
        ["--help"],
        ["--version"],
        ["extract", "--help"],
        ["explain", "--help"],
        ["gazetteer", "--help"],
        ["gazetteer", "lookup", "Saraqib", "--format", "csv"],
        ["gazetteer", "check"],
    ],
)
def test_help_loads_nothing_heavy(args):
    code = (
        "import sys\nfrom conflict_events.cli import main\n"
        f"try: main({args!r})\nexcept SystemExit: pass\n"
        "heavy = {'spacy', 'pandas', 'numpy', 'rich', 'dateparser', 'geopy', 'asyncio'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_csv_needs_no_pandas(article):
    code = (
        f"import sys\nsys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import engine_stub\nengine_stub.install()\nfrom conflict_events.cli import main\n"
        f"try: main(['extract', {str(article)!r}])\nexcept SystemExit: pass\n"
        "sys.exit('pandas loaded' if 'pandas' in sys.modules or 'rich' in sys.modules else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert lines(done.stdout) == 2


def test_version():
    from conflict_events import __version__

    assert run("--version", program=REAL).out == f"conflict-events {__version__}\n"


# ---- streams and exit codes ----


def test_a_pipe_gives_csv_and_nothing_else():
    done = run("extract", stdin=TEXT)
    assert (done.returncode, done.err, lines(done.out)) == (0, "", 2)
    assert done.out.startswith("event_id_cnty,event_date") and "2024-12-02" in done.out


def test_no_event_is_no_error():
    done = run("extract", "-", stdin="Nothing happened.")
    assert (done.returncode, done.err, lines(done.out)) == (0, "", 1)


def test_failures_are_listed_and_the_rest_is_written(article, tmp_path):
    done = run("extract", tmp_path / "none.txt", article, stdin=None)
    assert (done.returncode, lines(done.out)) == (1, 2)
    assert done.err == f"{tmp_path / 'none.txt'}: no such file or folder\n"


@pytest.mark.parametrize("jobs", [1, 2])
def test_engine_errors_are_failures(tmp_path, jobs):
    path = feed(tmp_path / "f.jsonl", "shelled", "crash", "shelled")
    done = run("extract", path, "--merge", "none", "--jobs", jobs)
    assert (done.returncode, lines(done.out), lines(done.err)) == (1, 3, 1)
    assert "f.jsonl:2: internal error" in done.err


def test_rows_without_a_date_are_told_of():
    done = run("extract", stdin="The army shelled Saraqab.")
    assert done.returncode == 0 and "-: warning: 1 row has no date" in done.err


@pytest.mark.parametrize(
    "args",
    [
        ["--published", "02/03/2024"],
        ["--min-confidence", "2"],
        ["--format", "sav"],
        ["--map", "body"],
        ["--merge", "some"],
        ["-o", "a.pdf"],
        ["--model", "missing"],
        ["--data", "no/such/folder"],
    ],
)
def test_usage_errors_write_no_rows(args, tmp_path):
    done = run("extract", *args, stdin=TEXT, cwd=tmp_path)
    assert (done.returncode, done.out) == (2, "")
    assert done.err and not list(tmp_path.iterdir())


def test_formats_that_exist_are_listed():
    assert "csv, json, jsonl, geojson, xlsx" in run("extract", "--format", "sav", stdin=TEXT).err


# ---- options ----


def test_options_choose_rows_and_columns(article):
    done = run("extract", article, "--format", "jsonl", "--unlocated", "keep", "--merge", "none")
    first, second = map(json.loads, done.out.splitlines())
    assert first["article_id"] == str(article) and first["sentence"].endswith("shelled Saraqab")
    assert second["latitude"] is None
    done = run("extract", article, "--format", "json", "--columns", "acled", "--inter-codes")
    (record,) = json.loads(done.out)
    assert len(record) == 31 and record["inter1"] == 1
    assert lines(run("extract", article, "--min-confidence", "0.95").out) == 1


def test_environment_sets_options(article):
    env = {"CONFLICT_EVENTS_FORMAT": "jsonl", "CONFLICT_EVENTS_PUBLISHED": "2020-02-03"}
    done = run("extract", article, env=env)
    assert json.loads(done.out)["event_date"] == "2020-02-03"


def test_map_and_limit(tmp_path):
    path = tmp_path / "feed.csv"
    path.write_text("body\nThe army shelled Saraqab.\n")
    done = run("extract", path, "--map", "text=body", "--published", "2024-01-01")
    assert (done.returncode, lines(done.out)) == (0, 2)
    assert "longer than 5 characters" in run("extract", path, "--map", "text=body", "--limit", "5").err


def test_rows_are_utf8_in_any_locale(tmp_path):
    path = feed(tmp_path / "f.jsonl", "The army shelled Maʿarrat")
    done = run("extract", path, env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert "Maʿarrat" in done.out


def test_jobs_do_not_change_the_rows(tmp_path):
    path = feed(tmp_path / "f.jsonl", *(f"shelled {n}. shelled nowhere" for n in range(50)))
    outputs = {run("extract", path, "--merge", "none", "--jobs", jobs).out for jobs in (1, 2, 3)}
    assert len(outputs) == 1 and lines(outputs.pop()) == 51


# ---- output files ----


def test_output_file_by_its_ending(article, tmp_path):
    output = tmp_path / "events.json"
    done = run("extract", article, "-o", output)
    assert (done.returncode, done.out, done.err) == (0, "", "")
    assert len(json.loads(output.read_text())) == 1


def test_a_second_run_does_not_read_its_own_output(article, tmp_path):
    for _ in range(2):
        done = run("extract", tmp_path, "-o", tmp_path / "events.csv")
        assert (done.returncode, done.err) == (0, "")


@pytest.mark.parametrize("name", ["none/events.csv", "folder.csv"])
def test_output_that_cannot_be(article, tmp_path, name):
    (tmp_path / "folder.csv").mkdir()
    done = run("extract", article, "-o", tmp_path / name)
    assert (done.returncode, done.out, lines(done.err)) == (2, "", 1)


def test_an_input_is_not_overwritten(tmp_path):
    path = feed(tmp_path / "f.jsonl", "shelled")
    before = path.read_text()
    done = run("extract", path, "-o", path)
    assert done.returncode == 2 and "also an input" in done.err and path.read_text() == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_one_line(article):
    done = run("extract", article, "-o", "/dev/full", "--format", "csv")
    assert (done.returncode, lines(done.err)) == (1, 1) and "cannot write /dev/full" in done.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_one_line(article):
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*STUB, "extract", article], stdout=full, stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1 and "Traceback" not in done.stderr and lines(done.stderr) == 1


# ---- ends before the end ----


@pytest.mark.parametrize("count", [1, 5000])
def test_a_reader_that_stops_ends_it_quietly(tmp_path, count):
    path = feed(tmp_path / "f.jsonl", *["The army shelled Saraqab."] * count)
    command = " ".join([*STUB, "extract", str(path), "--merge", "none"])
    done = subprocess.run(["sh", "-c", f"{command} | head -1"], capture_output=True, text=True, timeout=120)
    assert done.stdout.startswith("event_id_cnty") and lines(done.stdout) == 1
    assert done.stderr == ""


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted(tmp_path, tmp_path_factory, number, code, jobs):
    mark = tmp_path_factory.mktemp("hold") / "mark"
    path = feed(tmp_path / "f.jsonl", *(f"hold {mark} shelled town {i}" for i in range(60)))
    output = tmp_path / "events.csv"
    output.write_text("earlier")
    process = subprocess.Popen(
        [*STUB, "extract", str(path), "-o", str(output), "--jobs", jobs],
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        until_held(mark, process, int(jobs))
        started = time.monotonic()
        os.killpg(process.pid, number) if number == signal.SIGINT else process.send_signal(number)
        _, err = process.communicate(timeout=20)
        assert time.monotonic() - started < 5
    finally:
        mark.touch()
    assert process.returncode == code
    assert err == ("interrupted\n" if number == signal.SIGINT else "")
    assert output.read_text() == "earlier"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["events.csv", "f.jsonl"]


# ---- terminals ----


def on_terminal(*args: str, stdin=subprocess.DEVNULL, both: bool = True) -> tuple[int, str]:
    """Exit code and what a terminal shows of a run."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [*STUB, *args],
        stdin=theirs if stdin == "terminal" else stdin,
        stdout=theirs if both else subprocess.DEVNULL,
        stderr=theirs,
        env={**os.environ, "COLUMNS": "160", "TERM": "xterm"},
    )
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(ours)
    return process.wait(timeout=60), shown.decode()


def test_a_terminal_gets_a_table(article):
    code, shown = on_terminal("extract", str(article))
    assert code == 0 and "location" in shown and "Saraqab" in shown and "event_id_cnty" not in shown
    assert "1 event from 1 article\r\n" in shown


def test_nothing_to_read_on_a_terminal_gives_help():
    code, shown = on_terminal("extract", stdin="terminal")
    assert code == 2 and "Usage: conflict-events extract" in shown


def test_progress_is_shown_on_a_terminal_only(tmp_path):
    path = feed(tmp_path / "f.jsonl", *["shelled"] * 20)
    code, shown = on_terminal("extract", str(path), "-o", str(tmp_path / "e.csv"), both=False)
    assert (
        code == 0 and "1 article read" in shown and "from 20 articles" in shown and " 0 events" not in shown
    )


# ---- explain ----


def test_explain_text():
    done = run("explain", "The army shelled Saraqab")
    assert done.returncode == 0 and "trigger:" in done.out and "Shelling/artillery" in done.out


def test_explain_says_why_not():
    assert "denied: did not" in run("explain", "-", stdin="They did not.").out


def test_explain_file_as_json(article):
    done = run("explain", article, "--format", "jsonl")
    record = json.loads(done.out.splitlines()[0])
    assert record["article_id"] == str(article) and record["outcome"] == "row"
    assert record["findings"] == [{"kind": "trigger", "text": "shelled"}] and len(record["events"]) == 1


def test_explain_does_not_take_a_wrong_path_for_a_text():
    done = run("explain", "articels/a.txt")
    assert done.returncode == 2 and "no such file" in done.err


def test_explain_reports_engine_errors():
    done = run("explain", "crash")
    assert done.returncode == 1 and "internal error" in done.err


def test_explain_ends_quietly_with_its_reader(article):
    command = " ".join([*STUB, "explain", str(article), "|", "head -1"])
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60)
    assert lines(done.stdout) == 1 and done.stderr == ""
