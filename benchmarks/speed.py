"""How fast articles are read, beside spaCy alone with the same model: ratios of one run, as table and JSON.

    python benchmarks/speed.py [--articles N] [--folder DIR] [--no-memory] [--json FILE]

Each figure comes from a process of its own, with one thread for arithmetic; spaCy (its full pipeline, one
process) and this tool take turns on the same articles. Corpora are made by newswire.py; `--folder` adds real
ones. The model is loaded before the clock starts, except for "two jobs" and "one short article", which time
the whole command. Ratios are what to watch: seconds depend on the machine.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import newswire

PROGRAM = str(Path(sys.executable).with_name("conflict-events"))
ONE_THREAD = os.environ | {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "BLIS")}
SHORT = "IDLIB, December 2, 2024 - Regime artillery shelled Saraqib on Monday, killing two civilians.\n"
LOAD = """
import json, sys, time, spacy
from conflict_events.model import MODELS
name = next(name for name in MODELS if spacy.util.is_package(name))
"""
SPACY = (
    LOAD
    + """
nlp = spacy.load(name)
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
list(nlp.pipe(texts[:2]))
began = time.perf_counter()
for doc in nlp.pipe(texts):
    pass
print(time.perf_counter() - began)
"""
)
OURS = """
import sys, time
from conflict_events import batch
batch.settle()
from conflict_events.articles import read_articles
from conflict_events.extract import Extractor, Settings
extractor = Extractor(Settings(located=True))
articles = list(read_articles([sys.argv[1]]))
extractor.reader.nlp
extractor.events(articles[0])
began = time.perf_counter()
for result in batch.run(articles, extractor):
    pass
print(time.perf_counter() - began)
"""
# spaCy imported, the model loaded and its full pipeline run once
ONCE = LOAD + "print(spacy.load(name)(sys.stdin.read())[0].dep_)"
# what each ratio should at least (or at most) be
AIMS = {
    "conflict": ">= 3",
    "mixed": ">= 12",
    "peace": ">= 50",
    "two jobs": ">= 1.7",
    "short": "<= 1",
    "memory": "<= 1.1",
}


def seconds(code: str, path: Path) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], env=ONE_THREAD, capture_output=True, text=True, check=True
    )
    return float(done.stdout.split()[-1])


def beside_spacy(path: Path, rounds: int) -> tuple[float, float]:
    """Medians of the seconds that spaCy and this tool take for a file of articles, in turns."""
    taken = [(seconds(SPACY, path), seconds(OURS, path)) for _ in range(rounds)]
    return statistics.median(a for a, _ in taken), statistics.median(b for _, b in taken)


def command(*arguments: str, text: str = "") -> float:
    began = time.perf_counter()
    subprocess.run([*arguments], input=text, env=ONE_THREAD, capture_output=True, text=True, check=True)
    return time.perf_counter() - began


def two_jobs(path: Path, folder: Path) -> tuple[float, float]:
    """Seconds of the whole command with one job and with two."""
    out = str(folder / "rows.csv")
    one, two = (command(PROGRAM, "extract", str(path), "--jobs", n, "-o", out) for n in "12")
    return one, two


def short_article(rounds: int = 7) -> tuple[float, float]:
    """Medians of the seconds for spaCy loaded and run once, and for one short article through a pipe."""
    bare, ours = [], []
    for _ in range(rounds):
        bare.append(command(sys.executable, "-c", ONCE, text=SHORT))
        ours.append(command(PROGRAM, "extract", "-", text=SHORT))
    return statistics.median(bare), statistics.median(ours)


def peak(path: Path, folder: Path) -> float:
    """Most memory, in MB, that one process held while it read a file of articles."""
    arguments = [PROGRAM, "extract", str(path), "--jobs", "1", "-o", str(folder / "rows.csv")]
    process = subprocess.Popen(arguments, env=ONE_THREAD, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"{' '.join(arguments)} failed")
    return usage.ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)


def feed(records: list[dict[str, str]], path: Path) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def real(folder: Path) -> list[dict[str, str]]:
    """The articles of a folder, as they are read from it."""
    from conflict_events.articles import read_articles
    from conflict_events.events import Article

    found = [item for item in read_articles([str(folder)]) if isinstance(item, Article)]
    return [
        {
            "id": a.id,
            "title": a.title,
            "text": a.text,
            "published": a.published.isoformat() if a.published else "",
        }
        for a in found
    ]


def measured(options: argparse.Namespace, folder: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []

    def row(what: str, aim: str, base: float, ours: float, ratio: float, unit: str = "s") -> None:
        rows.append(
            {"what": what, "base": base, "ours": ours, "unit": unit, "ratio": ratio, "aim": AIMS.get(aim, "")}
        )
        print(f"{what:<44}{base:>9.2f}{ours:>9.2f} {unit:<3}{ratio:>8.2f}   {AIMS.get(aim, '')}", flush=True)

    print(f"{'':<44}{'base':>9}{'ours':>9}    {'ratio':>8}   aim")
    corpora = {kind: list(newswire.articles(kind, options.articles)) for kind in newswire.KINDS}
    if options.folder:
        corpora[options.folder.name] = real(options.folder)
    for kind, records in corpora.items():
        path = feed(records, folder / f"{kind}.jsonl")
        words = sum(len(record["text"].split()) for record in records)
        spacy, ours = beside_spacy(path, options.rounds)
        row(f"{kind}: {len(records)} articles, {words} words; spaCy", kind, spacy, ours, spacy / ours)
    long = 3 * options.articles  # so that loading the model twice is a small part
    one, two = two_jobs(feed(list(newswire.articles("conflict", long)), folder / "long.jsonl"), folder)
    row(f"conflict, {long} articles: one job, two", "two jobs", one, two, one / two)
    bare, short = short_article()
    row("one short article; spaCy run once", "short", bare, short, short / bare)
    if not options.no_memory:
        few = peak(feed(list(newswire.articles("mixed", 1000)), folder / "few.jsonl"), folder)
        many = peak(feed(list(newswire.articles("mixed", 10000)), folder / "many.jsonl"), folder)
        row("mixed, peak memory: 1,000 articles, 10,000", "memory", few, many, many / few, "MB")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=300, help="articles of each made corpus")
    parser.add_argument("--rounds", type=int, default=2, help="times that spaCy and this tool run in turns")
    parser.add_argument("--folder", type=Path, help="a folder of articles to measure with, too")
    parser.add_argument("--no-memory", action="store_true", help="leave out the two long runs for memory")
    parser.add_argument("--json", type=Path, help="write the figures here, too")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measured(options, Path(folder))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
