"""The tables behind the event types hold together: read with the csv module alone, so that a slip in a table
is reported as what it is and not as an error of the code that uses the table."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path

import pytest

DATA = Path(__file__).parents[1] / "conflict_events" / "data"
HEADERS = {
    "taxonomy": "event_rank,event_type,sub_rank,sub_event_type,disorder_type,one_sided,civilian_targeting,"
    "label,definition",
    "triggers": "id,phrase,pos,sub_event_type,frame,object,needs,example,counter_example,remarks",
    "verb_forms": "base,third,past,participle,gerund,example",
    "cues": "id,phrase,effect,direction,scope,example,counter_example,remarks",
}
KNOWN = {
    "pos": {"verb", "noun", "phrase"},
    "frame": set("active receive mutual agent nominal device means casualty body idiom".split()),
    "object": {"", "place", "person", "armed", "weapon", "property"},
    "effect": {
        *("denied", "planned", "hypothetical", "conditional"),
        *("historic", "generic", "exercise", "background"),
    },
    "direction": {"forward", "backward", "both", "sentence"},
    "scope": {"clause", "sentence"},
}
NEEDS = {"actor", "agent", "means", "place"}


def table(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


TAXONOMY, TRIGGERS, VERB_FORMS, CUES = (table(name) for name in HEADERS)
COLUMNS = ("base", "third", "past", "participle", "gerund")
FORMS = {row["base"]: {form for c in COLUMNS for form in row[c].split("|")} for row in VERB_FORMS}


def regular(verb: str) -> set[str]:
    """Forms of a verb that needs no row in verb_forms.csv."""
    if verb.endswith("e"):
        return {verb, verb + "s", verb + "d", verb[:-1] + "ing"}
    if re.search("[^aeiou]y$", verb):
        return {verb, verb[:-1] + "ies", verb[:-1] + "ied", verb + "ing"}
    third = verb + ("es" if re.search("(s|x|z|ch|sh|o)$", verb) else "s")
    return {verb, third, verb + "ed", verb + "ing"}


def plural(noun: str) -> str:
    if noun.endswith("man"):
        return noun[:-3] + "men"
    if re.search("(s|x|z|ch|sh)$", noun):
        return noun + "es"
    return noun[:-1] + "ies" if re.search("[^aeiou]y$", noun) else noun + "s"


def plain(text: str) -> str:
    """Lower-case words joined by one space: hyphens divide words, apostrophes do not."""
    return " ".join(re.findall(r"[^\W_]+", text.lower().replace("'", "").replace("\u2019", "")))


def occurs(phrase: str, pos: str, text: str) -> bool:
    """Whether `phrase`, inflected as its part of speech asks, occurs in `text`; "*" is up to three words."""
    words = phrase.split(" ")
    if pos == "verb":
        forms = [[form, *words[1:]] for form in FORMS.get(words[0], regular(words[0]))]
    elif pos == "noun":
        forms = [words, [*words[:-1], plural(words[-1])]]
    else:
        forms = [words]
    patterns = ("".join(r"(?: \w+){0,3}" if w == "*" else f" {plain(w)}" for w in form) for form in forms)
    return any(re.search(rf"{pattern}(?!\S)", f" {plain(text)}") for pattern in patterns)


@pytest.mark.parametrize("name", HEADERS)
def test_file_form(name: str) -> None:
    raw = (DATA / f"{name}.csv").read_bytes()
    assert not raw.startswith(b"\xef\xbb\xbf") and b"\r" not in raw and raw.endswith(b"\n")
    assert raw.decode("utf-8").splitlines()[0] == HEADERS[name]
    assert all(None not in row and None not in row.values() for row in table(name))


@pytest.mark.parametrize(
    ("rows", "key"),
    [(TAXONOMY, "sub_event_type"), (TRIGGERS, "id"), (CUES, "id"), (VERB_FORMS, "base")],
    ids=["taxonomy", "triggers", "cues", "verb_forms"],
)
def test_keys_are_unique(rows: list[dict[str, str]], key: str) -> None:
    assert [k for k, n in Counter(row[key] for row in rows).items() if n > 1 or not k] == []


def test_taxonomy() -> None:
    assert len(TAXONOMY) == 25
    assert len({row["event_type"] for row in TAXONOMY}) == 6
    ranks = [(int(row["event_rank"]), int(row["sub_rank"])) for row in TAXONOMY]
    assert ranks == sorted(set(ranks))
    for row in TAXONOMY:
        assert row["one_sided"] in {"yes", "no"}
        assert row["civilian_targeting"] in {"always", "civilians", "never"}
        assert row["definition"].endswith(".") and row["disorder_type"]


@pytest.mark.parametrize("column", ["pos", "frame", "object"])
def test_trigger_values(column: str) -> None:
    assert {row[column] for row in TRIGGERS} <= KNOWN[column]


@pytest.mark.parametrize("column", ["effect", "direction", "scope"])
def test_cue_values(column: str) -> None:
    assert {row[column] for row in CUES} <= KNOWN[column]


def test_trigger_needs() -> None:
    assert {need for row in TRIGGERS for need in row["needs"].split("+") if need} <= NEEDS
    assert [row["id"] for row in TRIGGERS if row["frame"] == "means" and row["needs"]] == []


def test_every_type_has_triggers() -> None:
    count = Counter(row["sub_event_type"] for row in TRIGGERS)
    assert set(count) == {row["sub_event_type"] for row in TAXONOMY}
    assert min(count.values()) >= 2
    assert len(TRIGGERS) >= 500 and len(CUES) >= 130


def test_phrases_are_plain() -> None:
    for row in TRIGGERS:
        assert re.fullmatch(r"[a-z]+( ([a-z]+|\*))*(?<!\*)", row["phrase"]), row["id"]
    for row in CUES:
        phrases = row["phrase"].split("|")
        assert len(phrases) == len(set(phrases)), row["id"]
        for phrase in phrases:
            assert re.fullmatch(r"[a-z0-9']+( ([a-z0-9']+|\*))*", phrase), (row["id"], phrase)


def test_a_cue_phrase_stands_once() -> None:
    count = Counter((p, row["direction"]) for row in CUES for p in row["phrase"].split("|"))
    assert [p for p, n in count.items() if n > 1] == []


def test_verb_forms_are_only_the_irregular() -> None:
    assert [verb for verb, forms in FORMS.items() if forms == regular(verb)] == []
    assert [row["base"] for row in VERB_FORMS if not occurs(row["base"], "verb", row["example"])] == []


def test_doubled_consonants_are_listed() -> None:
    """A verb of one syllable that ends in one vowel and one consonant doubles it ("stab", "stabbed")."""
    verbs = {row["phrase"].split(" ")[0] for row in TRIGGERS if row["pos"] == "verb"}
    assert [v for v in verbs if re.fullmatch("[^aeiou]+[aeiou][bdglmnprt]", v) and v not in FORMS] == []


@pytest.mark.parametrize("column", ["example", "counter_example"])
def test_trigger_examples_hold_the_phrase(column: str) -> None:
    rows = [row for row in TRIGGERS if row[column] or row["frame"] != "idiom"]
    assert [row["id"] for row in rows if not occurs(row["phrase"], row["pos"], row[column])] == []


def test_cue_examples_hold_a_phrase() -> None:
    missing = [
        row["id"]
        for row in CUES
        if not any(occurs(phrase, "phrase", row["example"]) for phrase in row["phrase"].split("|"))
    ]
    assert missing == []


def test_examples_are_distinct() -> None:
    sentences = [row[c] for row in TRIGGERS + CUES for c in ("example", "counter_example") if row[c]]
    assert [s for s, n in Counter(sentences).items() if n > 1] == []
