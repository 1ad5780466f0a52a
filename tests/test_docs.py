"""README tells the truth: its options exist, its examples run, its files are there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from conflict_events import cli
from conflict_events.columns import COLUMNS
from conflict_events.events import Event
from conflict_events.tables import FORMATS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"(?P<mark><!-- not run:[^\n]*-->\n)?```(?P<kind>\w+)\n(?P<code>.*?)```", re.DOTALL)


def blocks(kind: str, *, run: bool = True) -> list[str]:
    return [m["code"] for m in BLOCK.finditer(README) if m["kind"] == kind and (m["mark"] is None) == run]


def commands(group: click.Group = cli.main, before: str = "") -> dict[str, click.Command]:
    """The commands by their full names, those of groups as "gazetteer lookup"."""
    found: dict[str, click.Command] = {}
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            found |= commands(command, f"{before}{name} ")
        else:
            found[before + name] = command
    return found


def options(command: click.Command) -> Iterator[click.Option]:
    return (option for option in command.params if isinstance(option, click.Option))


def test_every_option_of_the_commands_is_in_readme():
    names = {name for command in commands().values() for option in options(command) for name in option.opts}
    missing = [name for name in sorted(names) if not re.search(rf"(?<![\w-]){name}(?![\w-])", README)]
    assert not missing


def test_every_option_in_readme_exists():
    ours = re.sub(r"\.venv/bin/(pip|python)[^&\n]*|python3[^&\n]*", "", README)
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", ours)) - {"--version", "--help"}
    known = {name for command in commands().values() for option in options(command) for name in option.opts}
    assert named <= known, named - known


def test_commands_in_readme_exist_and_the_other_way_round():
    groups = "|".join(sorted({name.split()[0] for name in commands() if " " in name}))
    named = set(re.findall(rf"conflict-events (?!stands|--)((?:(?:{groups}) )?[a-z]+)", README))
    assert named == set(commands())


@pytest.mark.parametrize("heading, group", [("Ask why", "explain"), ("Look places up", "gazetteer ")])
def test_options_in_a_section_of_readme_are_those_of_its_commands(heading, group):
    section = README.split(f"## {heading}")[1].split("\n## ")[0]
    named = set(re.findall(r"(?<![\w-])--[a-z-]+", section))
    own = [command for name, command in commands().items() if name.startswith(group)]
    assert named == {
        name for command in own for option in options(command) for name in option.opts if len(name) > 2
    }


@pytest.mark.parametrize("name", [None, *sorted(commands())])
def test_every_option_and_command_has_help(name):
    command = cli.main if name is None else commands()[name]
    assert command.help and command.help.strip()
    for option in options(command):
        assert option.help and option.help.strip().endswith((".", "]")), option.opts


def test_columns_in_readme_are_the_columns_written():
    section = README.split("## The columns")[1].split("\n## ")[0]
    cells = [row.split("|")[1] for row in section.splitlines() if row.startswith("| `")]
    named = [name for cell in cells for name in re.findall(r"`(\w+)`", cell)]
    assert sorted(named) == sorted(COLUMNS["full"])
    assert set(named) == set(Event.__dataclass_fields__)


def test_formats_in_readme_are_the_formats_written():
    line = next(row for row in README.splitlines() if row.startswith("| `--format`"))
    assert set(re.findall(r"`(\w+)`", line)) == set(FORMATS)


def test_dictionaries_in_readme_are_the_packaged_ones():
    section = README.split("## Extend it")[1].split("\n## ")[0]
    named = set(re.findall(r"^\| `(\w+\.csv)`", section, re.MULTILINE))
    packaged = {path.name for path in (ROOT / "conflict_events" / "data").glob("*.csv")}
    assert named == packaged - {"taxonomy.csv"} | {"places.csv", "homonyms.csv"}


def test_modules_in_readme_exist():
    section = README.split("## How it works")[1].split("\n## ")[0]
    for name in re.findall(r"`(\w+\.py)`", section):
        assert (ROOT / "conflict_events" / name).is_file(), name


def test_links_to_files_and_sections_of_readme_lead_somewhere():
    for target in re.findall(r"\]\((?!https?:)([^)]+)\)", README):
        if target.startswith("#"):
            headings = [h.lower().replace(" ", "-") for h in re.findall(r"^#+ (.+)$", README, re.MULTILINE)]
            assert target[1:] in headings, target
        else:
            assert (ROOT / target).exists(), target


def test_set_up_commands_name_what_exists():
    setups = [block for block in blocks("sh", run=False) if "pip install" in block]
    assert len(setups) == 2
    for line in setups:
        assert line.startswith("python3 -m venv .venv && .venv/bin/pip install ")
    assert "extract sample_articles" in setups[0] and (ROOT / "sample_articles").is_dir()
    assert ".[test]" in setups[1] and "-m pytest" in setups[1]
    tests = setups[1].split(" -m pytest")[1].strip()
    assert f"-m pytest {tests} " in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert re.search(r"^test = \[", project, re.MULTILINE)
    assert 'conflict-events = "conflict_events.cli:main"' in project


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "sample_articles", tmp_path / "sample_articles")
    return tmp_path


def environment() -> dict[str, str]:
    """The test's environment, in which `conflict-events` is the command of this interpreter."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {**{k: v for k, v in os.environ.items() if not k.startswith("CONFLICT_EVENTS_")}, "PATH": path}


@pytest.mark.skipif(shutil.which("bash") is None, reason="the examples are for a shell")
def test_shell_examples_run(folder: Path):
    examples = blocks("sh")
    assert len(examples) >= 6
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(f"{code}\necho '#'" for code in examples)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env=environment(),
        timeout=300,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    shown = done.stdout.split("#\n")
    assert (folder / "events.csv").read_text(encoding="utf-8").count("\n") > 20
    assert (folder / "events.jsonl").read_text(encoding="utf-8").count('"sentence"') > 20
    feed = next(out for code, out in zip(examples, shown, strict=False) if "feed.jsonl" in code)
    assert "Murak" in feed and "Levant Wire" in feed
    why = next(out for code, out in zip(examples, shown, strict=False) if "denied that" in code)
    assert "denied" in why
    found = next(out for code, out in zip(examples, shown, strict=False) if "lookup" in code)
    assert found.count("suran-hama,") == 1 and "zaytunat,,," in found and "saraqib," in found
    own = next(out for code, out in zip(examples, shown, strict=False) if "my-data" in code)
    assert "→ Looting/property destruction: Orchard Brigade" in own and "Karm al-Sayf, Idleb" in own


@pytest.mark.parametrize(
    ("code", "shown"),
    [*zip(blocks("python"), [("Murak", "2024-12-02"), ("Suran", "Hama")], strict=True)],
    ids=["notebook", "geocoder"],
)
def test_python_examples_run(code: str, shown: tuple[str, ...]):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, env=environment()
    )
    assert done.returncode == 0, done.stderr
    assert all(text in done.stdout for text in shown)


def test_changelog_names_the_version():
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version and f"## {version[1]}" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
