"""How right the rows are on the project's own annotated texts, with floors that are never lowered silently.

    python benchmarks/accuracy.py            print the figures; exit code 1 where one is below its floor
    python benchmarks/accuracy.py --update   raise the floors to the figures
    python benchmarks/accuracy.py --update --lower   set them to the figures, lower ones too: say why you did
    python benchmarks/accuracy.py --show 20          list up to 20 events missed and 20 rows invented, too

The articles (benchmarks/articles) are news texts in the manner of many outlets, 2012 to 2025, written for
this project, and the events that a coder found in them before the tool read them. They are paired and
compared as `conflict-events evaluate` does (docs/evaluation.md). An event marked optional is one that a
careful coder may leave out: it is not missed where there is no row, nor is its row counted.

The samples are articles with the rows a coder wrote by hand (tests/sample_rows.csv): their figures are shares
of these rows, precision a share of the tool's. The cases (tests/cases) are short texts of one difficulty
each; they are counted, because a new case that does not hold yet is welcome. Samples and cases are small and
were read while the rules were written: their figures show that nothing got worse, not how good the tool is.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
FLOORS = Path(__file__).with_name("floors.toml")
ARTICLES = Path(__file__).with_name("articles")
sys.path.insert(0, str(ROOT / "tests"))

from conftest import read_table  # noqa: E402
from test_cases import CASES, by_library, difference  # noqa: E402

from conflict_events import Extractor, evaluate  # noqa: E402
from conflict_events.articles import read_articles  # noqa: E402
from conflict_events.coded import coded, read_coded  # noqa: E402
from conflict_events.columns import row  # noqa: E402
from conflict_events.events import Article  # noqa: E402
from conflict_events.tables import write_records  # noqa: E402

Cells = Mapping[str, Any]
Figures = dict[str, float]
# What of a row is compared, and what a row must share with another to be the same event told differently.
FIELDS = {
    "type": ("sub_event_type",),
    "date": ("event_date", "time_precision"),
    "actors": ("actor1", "actor2"),
    "place": ("location", "admin1"),
    "geo_precision": ("geo_precision",),
    "fatalities": ("fatalities",),
}
ENOUGH = 4  # of the six


# ---- articles ----------------------------------------------------------------------------------------


def articles(extractor: Extractor) -> evaluate.Pairing:
    """The coder's events with the rows that tell them, article by article."""
    table = ARTICLES / "events.csv"
    gold = read_coded(table.read_bytes(), table.name)
    read = [item for item in read_articles(sorted(ARTICLES.glob("*.txt"))) if isinstance(item, Article)]
    named = [replace(article, id=Path(article.id).name) for article in read]
    told = [extractor.merge(events, "article") for _, events in extractor.pipe(named)]
    rows = [coded(row(e, "full")) for events in told for e in events if e.latitude is not None]
    optional = {
        one.where for one, cells in zip(gold, read_table(table), strict=True) if cells["optional"] == "yes"
    }
    return without_optional(evaluate.pair(gold, rows), optional)


def without_optional(pairing: evaluate.Pairing, optional: set[str]) -> evaluate.Pairing:
    spared = {id(found) for gold, found in pairing.pairs if gold.where in optional}
    return replace(
        pairing,
        pairs=tuple(pair for pair in pairing.pairs if pair[0].where not in optional),
        rows=tuple(found for found in pairing.rows if id(found) not in spared),
    )


def shares(pairing: evaluate.Pairing) -> Figures:
    """Shares of the coder's events found with the right type and so on, and of the tool's rows true.

    Of the events and not of the pairs, so that finding one more hard event lowers nothing.
    """
    figures = {f.name: f.share for f in evaluate.figures(pairing) if f.name in ("precision", "recall")}
    figures |= {"f1": evaluate.f1(pairing), "whole_row": evaluate.figures(pairing)[-1].share}
    for field in evaluate.FIELDS:
        pairs = [pair for pair in pairing.pairs if field.applies(pair[0], pairing.basis)]
        right = sum(found is not None and field.right(gold, found) for gold, found in pairs)
        figures[f"{field.name}_right"] = right / len(pairs)
    return {name: share or 0.0 for name, share in figures.items()}


# ---- samples -----------------------------------------------------------------------------------------


def samples(extractor: Extractor) -> Figures:
    """Shares of the coder's rows found, found with the right type and so on, and of the tool's rows true."""
    wanted = read_table(ROOT / "tests" / "sample_rows.csv")
    read = [item for item in read_articles([ROOT / "sample_articles"]) if isinstance(item, Article)]
    events = extractor.merge([e for _, told in extractor.pipe(read) for e in told])
    found = [as_text(row(event, "full")) for event in events if event.latitude is not None]
    pairs = list(paired(wanted, found))
    figures = {
        "recall": len(pairs) / len(wanted),
        "precision": len(pairs) / len(found),
        "all_right": sum(len(agree) == len(FIELDS) for agree in pairs) / len(wanted),
    }
    return figures | {f"{name}_right": sum(name in agree for agree in pairs) / len(wanted) for name in FIELDS}


def as_text(cells: Cells) -> Cells:
    """The cells as in the coder's table; the article's id without the folder it was read from."""
    plain = {name: "" if value is None else str(value) for name, value in cells.items()}
    return {**plain, "article_id": Path(plain["article_id"]).name}


def paired(wanted: Iterable[Cells], found: Iterable[Cells]) -> Iterable[set[str]]:
    """The fields in which a coder's and a tool's row agree, for each pair that tells one event."""
    by_article: dict[str, list[Cells]] = defaultdict(list)
    for cells in found:
        by_article[cells["article_id"]].append(cells)
    candidates = [
        (agreeing(one, other), i, id(other))
        for i, one in enumerate(wanted)
        for other in by_article[one["article_id"]]
    ]
    taken: set[int] = set()
    for agree, i, other in sorted(candidates, key=lambda c: -len(c[0])):
        if len(agree) >= ENOUGH and not {i, other} & taken:
            taken |= {i, other}
            yield agree


def agreeing(one: Cells, other: Cells) -> set[str]:
    return {name for name, columns in FIELDS.items() if all(one[c] == other[c] for c in columns)}


def fingerprint() -> str:
    """A hash of the texts and their rows: floors belong to one state of them."""
    folders = (ROOT / "sample_articles", ARTICLES)
    paths = [path for folder in folders for path in sorted(folder.iterdir())]
    paths.append(ROOT / "tests" / "sample_rows.csv")
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:16]


# ---- cases -------------------------------------------------------------------------------------------


def cases() -> Figures:
    """How many cases hold, and how many of those that want no row get none."""
    told = [(case, by_library(case)) for case in CASES]
    return {
        "hold": sum(not difference(case.events, rows) for case, rows in told),
        "give_rightly_no_row": sum(not case.events and not rows for case, rows in told),
    }


# ---- floors ------------------------------------------------------------------------------------------


def floors() -> dict[str, Any]:
    return tomllib.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}


def cut(figure: float) -> float:
    """Three decimals, not rounded up, so that a figure is never below the floor made of it."""
    return figure if isinstance(figure, int) else int(figure * 1000) / 1000


def write(measured: Mapping[str, Figures], lower: bool) -> None:
    old = floors()
    parts = [
        "# The least that benchmarks/accuracy.py must measure. With --update it raises them;\n"
        "# lowering one takes --update --lower, and a reason in the commit.\n"
        f'fingerprint = "{fingerprint()}"\n'
    ]
    for name, figures in measured.items():
        parts.append(f"\n[{name}]\n")
        for key, figure in figures.items():
            floor = cut(figure) if lower else max(cut(figure), old.get(name, {}).get(key, 0))
            parts.append(f"{key} = {floor}\n")
    FLOORS.write_text("".join(parts), encoding="utf-8")


def shown(figure: float | None) -> str:
    return "none" if figure is None else str(figure) if isinstance(figure, int) else f"{figure:.3f}"


def report(measured: Mapping[str, Figures]) -> bool:
    """Prints figures beside floors; true where none is below."""
    known, fine = floors(), True
    if known.get("fingerprint") != fingerprint():
        print("the texts or their rows have changed: look at the figures and run --update", file=sys.stderr)
        fine = False
    print(f"{'':<10}{'figure':<32}{'now':>8}{'floor':>8}")
    for name, figures in measured.items():
        for key, figure in figures.items():
            floor = known.get(name, {}).get(key)
            below = floor is None or figure < floor
            fine = fine and not below
            print(f"{name:<10}{key:<32}{shown(figure):>8}{shown(floor):>8}{'  below' if below else ''}")
    return fine


def main() -> int:
    parser = argparse.ArgumentParser(description="Accuracy on the project's own annotated texts.")
    parser.add_argument("--update", action="store_true", help="raise the floors to the figures")
    parser.add_argument("--lower", action="store_true", help="with --update: lower floors, too")
    parser.add_argument("--show", type=int, default=0, help="list so many misses and inventions")
    options = parser.parse_args()
    extractor = Extractor()
    pairing = articles(extractor)
    measured = {"articles": shares(pairing), "samples": samples(extractor), "cases": cases()}
    if options.update:
        write(measured, options.lower)
    fine = report(measured)
    for section in list(evaluate.sections(evaluate.report(pairing, options.show)))[1:]:
        print(f"\n{section.heading}\n")
        write_records(section.records, section.columns, sys.stdout, "table")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
