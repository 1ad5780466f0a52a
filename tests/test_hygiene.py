"""What must not slip into the project, and the order in which its modules may import each other."""

from __future__ import annotations

import ast
import csv
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "conflict_events"
GAZETTEER = ROOT / "gazetteer"
LEFT_OUT = {"build", "dist", "__pycache__", "node_modules"}
TEXT = {".py", ".md", ".toml", ".csv", ".txt", ".json", ".jsonl", ".yml", ".yaml", ".cfg", ".sh", ""}
SMALL = 1_000_000  # bytes; only tables may be larger

# From the bottom up: a module may import from the lines before its own, never from its own or later ones.
LAYERS: tuple[frozenset[str], ...] = tuple(
    frozenset(line.split())
    for line in (
        "events decoding markup layout language taxonomy parse wording",
        "phrases dates gazetteer sameness",
        "furniture lexicon placenames columns grouping gazetteer_check lookup networks",
        "publication merge model",
        "drafts",
        "records pages feeds documents",
        "webarchives",
        "articles",
        "workbook",
        "opendocument",
        "row_removal",
        "tables",
        "manifest",
        "readers figures",
        "evidence cartography",
        "report picture",
        "coded gazetteer_compare notes sources",
        "evaluate",
        "pipeline",
        "syntax",
        "word_order",
        "roles",
        "people",
        "tolls",
        "company",
        "assertion background casualties places coding",
        "nesting",
        "story",
        "deeds joining confidence",
        "recalls",
        "reports",
        "opponents attribution",
        "rows",
        "extract",
        "copies",
        "batch",
        "frame cluster",
        "spreadsheets",
        "state holding",
        "sheet web journal corrections provenance overlays",
        "cases",
        "review learning",
        "review_page",
        "parts",
        "archive",
        "years",
        "subscriptions",
        "cli",
        "__init__ __main__",
    )
)


def files() -> list[Path]:
    """The files of the project, without version control, environments, builds and caches."""
    found = []
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = [p for p in parts if p.startswith(".") and p not in {".ci", ".gitignore"}]
        if (
            path.is_file()
            and not hidden
            and not LEFT_OUT & {*parts}
            and not any(p.endswith("info") for p in parts)
        ):
            found.append(path)
    return found


FILES = files()
MODULES = sorted([*PACKAGE.glob("*.py"), *GAZETTEER.glob("*.py")])
TABLES = [path for path in FILES if path.suffix == ".csv"]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def contents(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [p for p in FILES if p.suffix in TEXT], ids=named)
def test_text_files_name_no_machine_and_no_package_host(path):
    text = contents(path)
    # each pattern is written so that it does not find itself
    for pattern in (
        r"(?<![\w.])/(?:home|root|Users|work|private/var)/[\w.-]",
        r"(?<![\w.])[A-Z]:\\{1,2}Users",
        r"(?<![\w.])/tmp/[\w.-]",
        r"pypi\.(?:org|python)|pythonhosted\.|(?:index|extra-index)-url\s*[=:]",
        r"artifactory\.|nexus\.[a-z]+\.|(?:localhost|127\.0\.0\.1):\d",
    ):
        found = re.search(pattern, text)
        assert not found, f"{named(path)}: {found[0]!r}"


def test_no_bulky_and_no_unexpected_binary_files():
    for path in FILES:
        assert path.suffix == ".csv" or path.stat().st_size < SMALL, named(path)
        if b"\0" in path.read_bytes()[:4096]:
            assert path.name.endswith(".txt.gz") and path.stat().st_size < 10_000, named(path)


def test_the_library_does_not_print():
    for path in MODULES:
        for node in ast.walk(ast.parse(contents(path))):
            called = node.func if isinstance(node, ast.Call) else None
            assert not (isinstance(called, ast.Name) and called.id == "print"), f"{named(path)}:{node.lineno}"


def test_only_the_command_line_exits():
    for path in MODULES:
        if path.stem != "cli":
            assert not re.search(r"\bsys\.exit\(|\bexit\(\d|click\.echo", contents(path)), named(path)


def test_modules_are_named_by_what_they_do():
    assert not {"utils", "util", "helpers", "helper", "misc", "common"} & {path.stem for path in MODULES}


def level(module: str) -> int:
    return next(i for i, names in enumerate(LAYERS) if module in names)


def test_every_module_has_its_layer():
    known = {name for names in LAYERS for name in names} - {"gazetteer"}
    assert {path.stem for path in PACKAGE.glob("*.py")} <= known


def imported(path: Path) -> set[str]:
    """The modules of ours that the file imports, also inside functions; not those only for type checking."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            return
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            found.update([node.module.split(".")[0]] if node.module else [alias.name for alias in node.names])
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "conflict_events":
            found.update((node.module or "").split(".")[1:2])
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(contents(path)))
    return found


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*.py")), ids=named)
def test_imports_point_downward(path):
    for name in imported(path) - {"__version__"}:
        assert level(name) < level(path.stem), f"{named(path)} imports {name}"


def test_the_gazetteer_imports_only_the_nouns_of_the_package():
    for path in GAZETTEER.glob("*.py"):
        source = ast.parse(contents(path))
        above = {
            node.module or ""
            for node in ast.walk(source)
            if isinstance(node, ast.ImportFrom)
            and (node.level > 1 or (node.module or "").startswith("conflict"))
        }
        assert above <= {"conflict_events.events", "events"}, f"{named(path)}: {above}"


@pytest.mark.parametrize("path", TABLES, ids=named)
def test_tables_are_plain_csv(path):
    raw = path.read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf"), "byte order mark"
    assert b"\r" not in raw, "line ends other than a bare newline"
    assert raw.endswith(b"\n"), "no newline at the end"
    rows = list(csv.reader(raw.decode("utf-8").splitlines(), strict=True))
    assert len({len(row) for row in rows}) == 1, "rows of different length"
    assert len({*rows[0]}) == len(rows[0]), "two columns of one name"
