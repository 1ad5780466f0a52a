"""The examples of README for Spark and Ray, run as they stand there, give the rows of one machine.

Not run unless asked for, by `pytest -m slow`: the packages (the extra `slow`) have hundreds of megabytes.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conflict_events.articles import read_articles
from conflict_events.drafts import FIELDS
from conflict_events.events import Article

ROOT = Path(__file__).parent.parent
SAMPLES = ROOT / "sample_articles"
WRITE = """
from conflict_events import from_frame
from conflict_events.tables import write_events

write_events(from_frame(frame), "engine.csv", columns="full")
"""


def example(engine: str) -> str:
    """The block of README that imports the engine."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    found = [code for code in re.findall(r"```python\n(.*?)```", readme, re.S) if f"import {engine}" in code]
    found += [code for code in re.findall(r"```python\n(.*?)```", readme, re.S) if f"from {engine}" in code]
    assert len(found) == 1
    return found[0]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["pyspark", "ray"])
def test_examples_for_engines_give_the_rows_of_one_machine(engine, tmp_path):
    assert importlib.util.find_spec(engine), f"{engine} is not installed: pip install -e '.[slow]'"
    if engine == "pyspark":
        assert shutil.which("java"), "Spark needs a Java"
    with (tmp_path / "articles.jsonl").open("w") as file:
        for number, article in enumerate(read_articles([SAMPLES])):
            assert isinstance(article, Article)
            record = {name: getattr(article, name) for name in FIELDS}
            record |= {"id": f"{number:02}", "published": str(article.published)}
            file.write(json.dumps(record) + "\n")
        file.write(json.dumps({"id": "empty", "text": ""}) + "\n")
    (tmp_path / "example.py").write_text(example(engine) + WRITE)
    own = {"PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "example.py"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, **own},
        timeout=500,
    )
    assert done.returncode == 0, done.stderr
    command = [sys.executable, "-m", "conflict_events", "extract", "articles.jsonl", "-o", "one.csv"]
    one = subprocess.run([*command, "--columns", "full"], cwd=tmp_path, timeout=120, capture_output=True)
    assert one.returncode == 1  # one article is empty
    expected = (tmp_path / "one.csv").read_bytes()
    assert expected.count(b"\n") > 30
    assert (tmp_path / "engine.csv").read_bytes() == expected
