"""The networks of spaCy's small models, laid out for NumPy: the same arithmetic in fewer and larger steps.

Vectors of words come first, then layers that look at the neighbours, then the parser's moves. Each part here
takes the weights of a layer that it knows; where a model is built otherwise, spaCy's own code runs.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from thinc.api import Model, NumpyOps, Ops

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

# Words kept: some megabytes.
KNOWN = 6_000
_SMALL = 1e-8  # added to a variance, as Thinc does


def hasten(nlp: Language) -> None:
    """Let the networks of `nlp` run faster where they are built as those of spaCy's small models."""
    ops = _NumpyProduct()
    for _, pipe in nlp.pipeline:
        model = getattr(pipe, "model", None)
        if isinstance(model, Model) and isinstance(model.ops, NumpyOps):
            for node in model.walk():
                node.ops = ops
    model = getattr(dict(nlp.pipeline).get("tok2vec"), "model", None)
    if isinstance(model, Model) and isinstance(model.ops, NumpyOps):
        for name, known, swift in (("embed", _embeds, _remembering), ("encode", _encodes, _encoding)):
            if model.has_ref(name) and known(layer := model.get_ref(name)):
                model.replace_node(layer, swift(layer))


class _NumpyProduct(NumpyOps):  # type: ignore[misc]
    """Operations with NumPy's product of matrices, several times as fast on most processors as spaCy's own."""

    gemm = Ops.gemm


# ---- vectors of words ------------------------------------------------------------------------------------


def _embeds(layer: Any) -> bool:
    return bool(layer.layers) and layer.layers[0].name == "extract_features"


def _remembering(embed: Any) -> Any:
    """The layer `embed`, which gives the vectors of words by themselves, with a memory of KNOWN words."""
    features, rest = embed.layers[0], embed.layers[1:]
    known: dict[bytes, int] = {}
    vectors = np.zeros((KNOWN, embed.get_dim("nO")), dtype="float32")

    def learn(new: list[bytes]) -> None:
        rows: Any = [np.frombuffer(b"".join(new), dtype="uint64").reshape(len(new), -1)]
        for layer in rest:
            rows = layer.predict(rows)
        vectors[len(known) : len(known) + len(new)] = rows[0]
        known.update(zip(new, range(len(known), len(known) + len(new)), strict=True))

    def forward(_: Any, docs: list[Doc], is_train: bool) -> Any:
        if is_train:
            return embed(docs, is_train)
        rows = [np.ascontiguousarray(f, dtype="uint64") for f in features.predict(docs)]
        said = [f.view(f"V{8 * f.shape[1]}").ravel().tolist() for f in rows]
        words = {word for one in said for word in one}
        if len(known) + len(words) > KNOWN:
            known.clear()
        if len(words) > KNOWN:
            return embed(docs, is_train)
        if new := sorted(words - known.keys()):
            learn(new)
        return [vectors[[known[word] for word in one]] for one in said], lambda d: d

    return Model("remembered_words", forward, layers=[embed], dims={"nO": embed.get_dim("nO")})


# ---- layers that look at the neighbours ------------------------------------------------------------------


_LAYER = "residual(expand_window>>maxout>>layernorm>>dropout)"


def _encodes(layer: Any) -> bool:
    nodes = list(layer.walk())
    windows = [node for node in nodes if node.name == "expand_window"]
    return (
        layer.name == f"with_array({'>>'.join([_LAYER] * len(windows))})"
        and all(node.attrs["window_size"] == 1 for node in windows)
        and all(node.get_dim("nP") > 1 for node in nodes if node.name == "maxout")
    )


def _encoding(encode: Any) -> Any:
    """The layer `encode`, each word seen with its neighbours, for all documents as one long array."""
    maxouts = [node for node in encode.walk() if node.name == "maxout"]
    norms = [node for node in encode.walk() if node.name == "layernorm"]
    layers = [
        (*_by_piece(m.get_param("W"), m.get_param("b")), n.get_param("G"), n.get_param("b"))
        for m, n in zip(maxouts, norms, strict=True)
    ]
    pieces, width, apart = maxouts[0].get_dim("nP"), maxouts[0].get_dim("nO"), len(layers)

    def forward(_: Any, found: list[Any], is_train: bool) -> Any:
        if is_train:
            return encode(found, is_train)
        ends = np.cumsum([apart + len(one) for one in found]).tolist()
        words = np.zeros(((ends[-1] if ends else 0) + apart, width), dtype="float32")
        for one, end in zip(found, ends, strict=True):
            words[end - len(one) : end] = one
        seen = np.zeros((len(words), 3 * width), dtype="float32")
        for weights, bias, gain, shift in layers:
            seen[:, width : 2 * width] = words
            seen[1:, :width] = words[:-1]
            seen[:-1, 2 * width :] = words[1:]
            new = _greatest(seen @ weights + bias, pieces)
            new -= new.mean(axis=1, keepdims=True)
            new /= np.sqrt(np.einsum("ij,ij->i", new, new) / width + _SMALL)[:, None]
            new *= gain
            new += shift
            words += new
        return [words[end - len(one) : end] for one, end in zip(found, ends, strict=True)], lambda d: d

    return Model("encoded_words", forward, layers=[encode], dims={"nO": width})


def _by_piece(weights: Any, bias: Any) -> tuple[Any, Any]:
    """Weights (units, pieces, width) and biases of a maxout, the first piece of all units before the second."""
    units = weights.transpose(1, 0, 2).reshape(-1, weights.shape[2])
    return np.ascontiguousarray(units.T), np.ascontiguousarray(bias.T).reshape(-1)


def _greatest(rows: Any, pieces: int) -> Any:
    """For each unit the greatest of its pieces."""
    units = rows.shape[1] // pieces
    best = rows[:, :units]
    for i in range(1, pieces):
        best = np.maximum(best, rows[:, i * units : (i + 1) * units])
    return best


# ---- moves -----------------------------------------------------------------------------------------------


class Moves:
    """A parser that makes the best move in each state, the states of many documents at a time.

    What a state's score rests on are eight words, whose vectors are added up (see `_table`), and the greatest
    pieces of the sum.
    """

    def __init__(self, parser: Any) -> None:
        self.parser = parser
        lower, upper = parser.model.get_ref("lower"), parser.model.get_ref("upper")
        weights = lower.get_param("W")
        self.features, units, self.pieces, width = weights.shape
        self.width = units * self.pieces
        self.weights = np.ascontiguousarray(weights.transpose(0, 2, 1, 3).reshape(-1, width).T)
        self.padding = lower.get_param("pad")[0].transpose(0, 2, 1).reshape(-1)
        self.bias = np.ascontiguousarray(lower.get_param("b").T).reshape(-1)
        self.score, self.score_bias = np.ascontiguousarray(upper.get_param("W").T), upper.get_param("b")

    @staticmethod
    def known(parser: Any) -> bool:
        """True for a parser built as those of spaCy's small models."""
        from spacy.pipeline import DependencyParser

        if type(parser) is not DependencyParser:
            return False
        model: Any = parser.model
        return bool(
            parser.cfg.get("beam_width") == 1
            and model.attrs.get("has_upper") is True
            and not model.attrs.get("unseen_classes")
            and isinstance(model.ops, NumpyOps)
            and model.get_ref("lower").name == "precomputable_affine"
            and model.get_ref("lower").get_dim("nP") > 1
        )

    def parse(self, docs: list[Doc]) -> None:
        """Parses documents, none of them empty."""
        from spacy.ml.parser_model import ParserStepModel

        states = going = self.parser.moves.init_batch(docs)
        table = self._table(docs)
        # all that it asks of its model is how many words a state looks at
        looking = SimpleNamespace(state2vec=SimpleNamespace(nF=self.features))
        columns = np.arange(self.features, 2 * self.features, dtype="int32")
        going = [state for state in states if not state.is_final()]
        while going:
            rows = ParserStepModel.get_token_ids(looking, going) * self.features + columns
            summed = table.take(rows, axis=0, mode="clip").sum(axis=1)  # without a look for rows that are not
            summed += self.bias
            scores = _greatest(summed, self.pieces) @ self.score
            scores += self.score_bias
            going = self.parser.transition_states(going, scores)
        self.parser.set_annotations(docs, states)

    def _table(self, docs: list[Doc]) -> Any:
        """For each word what it adds to a state as its first, second, … word; before them what none adds."""
        words = self.parser.model.layers[0].predict(docs)
        table = np.empty((len(words) + 1, self.features * self.width), dtype="float32")
        table[0] = self.padding
        np.matmul(words, self.weights, out=table[1:])
        return table.reshape(-1, self.width)
