"""Words asked first must never hide what a pattern would find."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conflict_events import background, dates, deeds, story, tolls
from conflict_events.wording import Wording

# Each pattern of dates that is looked for by its first words, and these.
BY_FIRST_WORD = [
    (dates._MDY, dates._MONTH_WORDS),
    (dates._MONTH_YEAR, dates._PARTS | dates._MONTH_WORDS),
    (dates._MONTH_ONLY, dates._OF_MONTH),
    (dates._WEEKDAYS, dates._OF_WEEKDAY),
    (dates._YEARS, dates._OF_YEARS | {"3", "12"}),
    *((pattern, first) for _, first, pattern, _, _ in dates._RELATIVE),
]
PIECES = sorted(
    {word for _, first in BY_FIRST_WORD for word in first}
    | {
        "May",
        "FRIDAY",
        "12",
        "3",
        "2016",
        "week",
        "weekend",
        "ago",
        "of",
        "İ",
        "night",
        "night prior",
        "hours",
    }
    | {"past", "day", "days", "24", "48", "few hours", "while ago", "day prior", "now", "before yesterday"}
)
TEXTS = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from([" ", " ", " ", "-", ", ", "_", "", ". ", "’"])),
    max_size=12,
).map(lambda parts: "".join(word + gap for word, gap in parts))


@given(TEXTS)
@example("İ in May 2016, İ on Friday the 13th of June; last Friday, three years ago")
def test_what_begins_with_a_word_is_found_by_it(text: str) -> None:
    said = Wording(text)
    for pattern, first in BY_FIRST_WORD:
        assert [m.span() for m in said.find(pattern, first)] == [m.span() for m in pattern.finditer(text)]


@pytest.mark.parametrize(
    "text",
    [
        "in all of 2016", "every week", "since the beginning", "since 2014", "since March",
        "so far this year", "in the past six months", "in the last weeks", "over the past year",
        "each day", "per month",
    ],
)  # fmt: skip
def test_periods(text: str) -> None:
    assert story.of_a_period(f"Shells killed forty people {text}.")
    assert not story.of_a_period("Shells killed forty people at noon.")


@pytest.mark.parametrize(
    "text",
    [
        "The civil war has killed half a million", "Since the uprising began", "Since its outbreak",
        "Thousands died here since early 2012",
        "killed in almost seven years of fighting", "The crisis had cost lives",
        "Hostilities have claimed lives", "The revolution has left thousands dead",
    ],
)  # fmt: skip
def test_tolls_of_a_war(text: str) -> None:
    assert tolls.of_a_war(text)


@pytest.mark.parametrize("word", ["Neither", "No", "None", "Without", "Nor", "Zero"])
def test_nobody_hurt(word: str) -> None:
    assert tolls.none_hurt(f"{word} casualties.") == [(0, len(word) + 11)]
    assert not tolls.none_hurt("Casualties.")


@pytest.mark.parametrize(
    "text",
    ["demonstrators", "A protest", "Rallies", "rally", "sit-ins, a sit-in", "They marched", "Vigil", "SITIN"],
)
def test_demonstrations(text: str) -> None:
    assert deeds._in_demonstration(text)
    assert not deeds._in_demonstration("In March they came.")


def alternatives(pattern: re.Pattern[str], group: int) -> set[str]:
    """The words of the n-th group of alternatives of a pattern, in small letters, the first word of each."""
    return {word.split()[0] for word in re.findall(r"\(\?:([a-z |]+)\)", pattern.pattern)[group].split("|")}


def test_the_words_asked_are_those_of_the_pattern() -> None:
    assert alternatives(background._WAR_BEGAN, 0) == background._WARS
    assert alternatives(background._WAR_BEGAN, 1) == background._BEGAN
    assert alternatives(background._SO_FAR, -1) == background._TAKEN
    on_record = re.search(r"\(\?:(responsible.*?)\)", background._RECORD.pattern)
    assert {w.split()[-1] for w in on_record[1].split("|")} == background._ON_RECORD
