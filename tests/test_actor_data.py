"""The actor and source dictionaries keep their promises: form, dates, no name for two, an example a row."""

from __future__ import annotations

import csv
import datetime
import re
import unicodedata
from collections import defaultdict
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path

import pytest

DATA = Path(__file__).parent.parent / "conflict_events" / "data"
ACTOR_HEADER = [
    "id", "name", "inter", "role", "valid_from", "valid_to", "aliases", "adjectives", "descriptions",
    "umbrella", "camp", "provisional", "example", "remarks",
]  # fmt: skip
SOURCE_HEADER = ["id", "name", "scale", "aliases", "example"]
REQUIRED = set(
    """
    syria-army syria-army-2024 syria-police syria-police-2024 syria-government syria-government-2024 rebels
    islamists isil hts nusra jfs sdf ypg asayish jws turkey-army russia-army israel-army us-army coalition
    iran-army irgc hezbollah pro-government pro-iran unidentified unidentified-military tribal clan communal
    allied-syria-russia protesters rioters civilians prisoners women jordan-army iraq-army pmf
    """.split()
)
ROLES = {"main", "member", "associate", "identity", "civilians", "demonstrators", "command", "operation"}
SCALES = {"Local partner", "Subnational", "National", "Regional", "International", "New media", "Other"}


def read(name: str) -> tuple[list[str], list[dict[str, str]]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        return list(reader.fieldnames or []), list(reader)


ACTORS = read("actors.csv")[1]
SOURCES = read("sources.csv")[1]


def items(row: dict[str, str], column: str) -> list[str]:
    return row[column].split("|") if row[column] else []


@cache
def fold(text: str) -> str:
    """The text in lower case without accents, apostrophes and final full stops; hyphens become blanks."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.sub(r"[^\w.&+]+", " ", re.sub(r"['`]|\.(?=\W|$)", "", plain)).split())


def within(name: str, sentence: str) -> bool:
    """True where the name stands in the sentence as whole words."""
    return f" {fold(name)} " in f" {fold(sentence)} "


def period(row: dict[str, str]) -> tuple[str, str]:
    return row["valid_from"] or "0001-01-01", row["valid_to"] or "9999-12-31"


def overlap(a: dict[str, str], b: dict[str, str]) -> bool:
    return period(a)[0] <= period(b)[1] and period(b)[0] <= period(a)[1]


def names(row: dict[str, str]) -> list[str]:
    return [name for column in ("aliases", "adjectives", "descriptions") for name in items(row, column)]


@pytest.mark.parametrize(("file", "header"), [("actors.csv", ACTOR_HEADER), ("sources.csv", SOURCE_HEADER)])
def test_header_and_file_form(file: str, header: list[str]) -> None:
    raw = (DATA / file).read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf") and b"\r" not in raw and raw.endswith(b"\n")
    found, rows = read(file)
    assert found == header
    for row in rows:
        assert None not in row and None not in row.values(), f"{row['id']} has too many or too few cells"
        assert all(cell == cell.strip() for cell in row.values()), f"{row['id']} has loose blanks"


def test_there_are_enough_rows() -> None:
    assert len(ACTORS) >= 300
    assert len(SOURCES) >= 90


@pytest.mark.parametrize("rows", [ACTORS, SOURCES], ids=["actors", "sources"])
def test_ids_are_unique_slugs(rows: list[dict[str, str]]) -> None:
    ids = [row["id"] for row in rows]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", id_) for id_ in ids)


@pytest.mark.parametrize("rows", [ACTORS, SOURCES], ids=["actors", "sources"])
def test_list_cells_have_no_empty_or_repeated_item(rows: list[dict[str, str]]) -> None:
    for row in rows:
        for column in {"aliases", "adjectives", "descriptions"} & row.keys():
            found = items(row, column)
            assert all(item and item == item.strip() for item in found), f"{row['id']}: {column}"
            assert len(found) == len({fold(item) for item in found}), f"{row['id']}: {column} repeats an item"


def test_ids_the_code_refers_to_are_there() -> None:
    assert {row["id"] for row in ACTORS} >= REQUIRED


def test_actor_cells_hold_known_values() -> None:
    ids = {row["id"] for row in ACTORS}
    for row in ACTORS:
        assert row["name"], row["id"]
        assert row["inter"] in {"1", "2", "3", "4", "5", "6", "7", "8"}, row["id"]
        assert row["role"] in ROLES, row["id"]
        assert row["provisional"] in {"", "yes"}, row["id"]
        assert row["umbrella"] == "" or (row["umbrella"] in ids and row["umbrella"] != row["id"]), row["id"]
        assert not {"identity", "civilians"} & {row["role"]} or row["inter"] == "7", row["id"]
        assert row["role"] != "demonstrators" or row["inter"] in {"5", "6"}, row["id"]


def test_dates_are_iso_and_ordered() -> None:
    for row in ACTORS:
        days = [datetime.date.fromisoformat(row[c]) for c in ("valid_from", "valid_to") if row[c]]
        assert days == sorted(days), row["id"]


@pytest.mark.parametrize("column", ["aliases", "adjectives"])
def test_no_name_belongs_to_two_actors_on_one_day(column: str) -> None:
    owners: defaultdict[str, list[dict[str, str]]] = defaultdict(list)
    for row in ACTORS:
        for name in items(row, column):
            owners[fold(name)].append(row)
    clashes = [
        (name, a["id"], b["id"])
        for name, rows in owners.items()
        for a, b in combinations(rows, 2)
        if overlap(a, b)
    ]
    assert clashes == []


def test_periods_of_one_actor_leave_no_gap() -> None:
    """Names by regime or presidency follow each other day by day, so that no event falls between two."""
    by_id = {row["id"]: row for row in ACTORS}
    chains = [
        ["syria-army", "syria-army-2024"],
        ["syria-police", "syria-police-2024"],
        ["syria-government", "syria-government-2024"],
        ["nusra", "jfs", "hts"],
        ["turkey-army-2002", "turkey-army"],
        ["israel-army-2009", "israel-army-2021", "israel-army"],
        ["us-army-2009", "us-army-2017", "us-army-2021", "us-army"],
        ["iraq-army-2014", "iraq-army-2018", "iraq-army-2020", "iraq-army"],
        ["pmf-2014", "pmf-2018", "pmf-2020", "pmf"],
    ]
    for chain in chains:
        for before, after in pairwise(chain):
            end = datetime.date.fromisoformat(by_id[before]["valid_to"])
            assert end + datetime.timedelta(days=1) == datetime.date.fromisoformat(by_id[after]["valid_from"])
        assert by_id[chain[-1]]["valid_to"] == ""


def test_each_actor_example_holds_its_own_name() -> None:
    assert [r["id"] for r in ACTORS if not any(within(n, r["example"]) for n in names(r))] == []


def test_no_longer_name_of_another_actor_hides_the_examples_name() -> None:
    """Matching takes the longest name, so the example's name may not lie inside another actor's alias."""
    hidden = []
    for row in ACTORS:
        own = max((n for n in names(row) if within(n, row["example"])), key=lambda n: len(fold(n)))
        for other in ACTORS:
            if other is row or not overlap(row, other):
                continue
            for alias in items(other, "aliases"):
                longer = len(fold(alias)) > len(fold(own)) and within(own, alias)
                if longer and within(alias, row["example"]):
                    hidden.append((row["id"], own, other["id"], alias))
    assert hidden == []


def test_source_cells_and_examples() -> None:
    owners: defaultdict[str, list[str]] = defaultdict(list)
    for row in SOURCES:
        assert row["scale"] in SCALES, row["id"]
        assert row["name"], row["id"]
        assert any(within(alias, row["example"]) for alias in items(row, "aliases")), row["id"]
        for alias in items(row, "aliases"):
            owners[fold(alias)].append(row["id"])
    assert {alias: ids for alias, ids in owners.items() if len(ids) > 1} == {}
