"""What one short article costs, beside what cannot be avoided: spaCy's import, its model, one parse.

    python benchmarks/startup.py [RUNS]

Each is a process of its own. The runs take turns, so that a busy machine slows all alike, and the median
counts. The ratio is what to watch: seconds depend on the machine.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ARTICLE = "IDLIB, December 2, 2024 - Regime artillery shelled Saraqib on Monday, killing two civilians.\n"
BARE = """
import spacy
from conflict_events.pipeline import MODELS
name = next(name for name in MODELS if spacy.util.is_package(name))
print(spacy.load(name, exclude=["ner", "lemmatizer", "attribute_ruler", "senter"])(input())[0].dep_)
"""
PROGRAM = Path(sys.executable).with_name("conflict-events")
JOBS = {
    "spaCy alone: import, model, one parse": [sys.executable, "-c", BARE],
    "extract, one short article": [str(PROGRAM), "extract", "-"],
    "extract, no event in it": [str(PROGRAM), "extract", "-"],
    "gazetteer lookup": [str(PROGRAM), "gazetteer", "lookup", "-"],
    "--help": [str(PROGRAM), "--help"],
}
INPUT = {"extract, no event in it": "The market in Idlib was closed.\n", "gazetteer lookup": "Saraqib\n"}


def seconds(name: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        JOBS[name], input=INPUT.get(name, ARTICLE), capture_output=True, text=True, check=True, timeout=120
    )
    return time.perf_counter() - began


def main() -> None:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    for name in JOBS:
        seconds(name)  # fills the caches of the disk and of Python
    taken: dict[str, list[float]] = {name: [] for name in JOBS}
    for _ in range(runs):
        for name in JOBS:
            taken[name].append(seconds(name))
    medians = {name: statistics.median(times) for name, times in taken.items()}
    bare = medians[next(iter(JOBS))]
    print(f"{'median of ' + str(runs):<40}{'seconds':>8}{'ratio':>8}")
    for name, median in medians.items():
        print(f"{name:<40}{median:>8.2f}{median / bare:>8.2f}")


if __name__ == "__main__":
    main()
