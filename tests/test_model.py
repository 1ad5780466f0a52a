"""The parser runs otherwise than in spaCy, and gives what spaCy's own code gives."""

from __future__ import annotations

import random
import subprocess
import sys
from types import SimpleNamespace

import newswire
import pytest

from conflict_events import networks
from conflict_events.model import MODELS, load_model, parsed
from conflict_events.networks import Moves


@pytest.fixture(scope="module")
def plain():
    """The model as spaCy loads it."""
    import spacy

    name = next(name for name in MODELS if spacy.util.is_package(name))
    return spacy.load(name, exclude=["ner", "lemmatizer", "attribute_ruler", "senter"])


@pytest.fixture(scope="module")
def nlp():
    return load_model()


@pytest.fixture(scope="module")
def texts():
    news = [record["text"] for kind in newswire.KINDS for record in newswire.articles(kind, 12)]
    found = [sentence for text in news for sentence in text.split(". ")]
    return [*found, "", " ", "No", "\n\n", "ü" * 50, " ".join(["bomb"] * 300)]


def parses(docs):
    return [[(t.text, t.tag_, t.dep_, t.head.i, t.is_sent_start) for t in doc] for doc in docs]


def test_parses_are_those_of_spacy(plain, nlp, texts):
    wanted = parses(plain.pipe(texts))
    assert len(wanted) > 200
    assert parses(parsed(nlp, texts)) == wanted
    random.Random(1).shuffle(order := list(range(len(texts))))
    again = dict(zip(order, parses(parsed(nlp, [texts[i] for i in order])), strict=True))
    assert [again[i] for i in range(len(texts))] == wanted


def test_both_networks_are_known_and_laid_out_anew(nlp):
    assert Moves.known(nlp.get_pipe("parser"))
    layers = {node.name for node in nlp.get_pipe("tok2vec").model.walk()}
    assert {"remembered_words", "encoded_words"} <= layers


def test_a_full_memory_is_emptied(plain, texts, monkeypatch):
    monkeypatch.setattr(networks, "KNOWN", 200)
    assert parses(parsed(load_model(), texts)) == parses(plain.pipe(texts))


def test_another_parser_runs_as_it_is(plain, nlp, texts, monkeypatch):
    assert not Moves.known(SimpleNamespace(model=None))
    monkeypatch.setattr(Moves, "known", staticmethod(lambda parser: False))
    assert parses(parsed(nlp, texts[:40])) == parses(plain.pipe(texts[:40]))


def test_nothing_of_spacy_is_imported_before_it_is_needed():
    code = "import sys, conflict_events.pipeline; sys.exit('spacy' in sys.modules or 'thinc' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
