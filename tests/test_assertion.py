"""Whether it happened: sentences that assert a deed, and sentences that do not, with the reason."""

from __future__ import annotations

import datetime

import pytest

from conflict_events.events import Article
from conflict_events.extract import Extractor

ASSERTED = [
    "Regime forces shelled Nawa on Friday; they may storm it next week.",
    "Regime forces shelled Nawa on Friday but nobody was hurt.",
    "Rebels were able to capture the village of Morek on Friday.",
    "There were reports of clashes between rebels and regime forces in Morek on Friday.",
    "Regime forces shelled Morek and an attack on Ariha was averted.",
    "Rebels captured Morek from regime forces on Friday, which could open the road to Hama.",
    "Despite threats of an offensive, rebels shelled regime forces in Morek on Friday.",
    "Turkish forces shelled Menagh on Friday, and they will continue to do so, a spokesman said.",
    "Rebels shelled Morek on Friday after regime forces threatened to storm it.",
    "Rebels halted talks on Friday and shelled regime forces in Morek.",
    "The army rejected the plan and shelled rebels in Morek on Friday.",
    "In the past two days regime forces shelled Morek.",
    "Residents of Binnish demonstrated in protest at the shelling of Morek on Friday.",
]
NOT_ASSERTED = [
    ("Rebels were not able to capture the village of Morek on Friday.", ""),
    ("Since capturing Morek, regime forces have rebuilt its school.", "background"),
    ("Concern about shelling of Morek by regime forces is growing.", "background"),
    ("In the past, regime forces bombed hospitals in Idlib.", "generic"),
    ("In general, regime forces shell villages near the front in Idlib.", "generic"),
    ("Rebels and regime forces in Morek were on the verge of a clash, elders said.", "hypothetical"),
    ("Residents fear that regime forces will bomb Ariha.", ""),
    ("It is unclear whether regime forces shelled Morek.", ""),
    ("If regime forces shell Morek, families will leave.", "conditional"),
    ("The army rejected accusations that it had bombed Ariha.", "denied"),
    ("Regime forces are accused of bombing hospitals in Idlib.", ""),
    ("The UN condemned the use of barrel bombs by regime forces in Idlib.", "background"),
    ("Rebels plan to attack and capture Morek.", "planned"),
    ("Regime forces did not shell or bomb Morek on Friday.", "denied"),
    ("The attack on Morek that rebels had planned was called off.", ""),
    ("Did regime forces shell Morek?", ""),
]


def read(extractor: Extractor, text: str) -> tuple[int, str]:
    """(number of events, why triggers were refused)."""
    article = Article(text, published=datetime.date(2020, 5, 10))
    found = [f for x in extractor.explain(article) for f in x.findings if f[0] == "refused"]
    return len(extractor.events(article)), "; ".join(text for _, text in found)


@pytest.mark.parametrize("text", ASSERTED)
def test_asserted(extractor: Extractor, text: str) -> None:
    events, why = read(extractor, text)
    assert events == 1, why


@pytest.mark.parametrize(("text", "effect"), NOT_ASSERTED)
def test_not_asserted(extractor: Extractor, text: str, effect: str) -> None:
    events, why = read(extractor, text)
    assert events == 0
    assert effect in why


@pytest.mark.xfail(strict=True, reason="the verb of a habit is parsed as a noun")
def test_a_habit_with_if(extractor: Extractor) -> None:
    assert (
        read(extractor, "Regime forces attack rebels in Morek if their posts are hit, an officer said.")[0]
        == 0
    )
