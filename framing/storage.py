"""Saved models: one skops file, checked before anything in it is used.

The file holds scikit-learn estimators and arrays. A linear model is nothing but
arrays once it is fitted, so it is read without importing scikit-learn
(`framing.archive`); a boosted one goes through skops, which builds the types listed in
`TRUSTED` and no other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.archive import BROKEN, Archive, canonical
from framing.candidates import N_LEVELS
from framing.errors import AnnotationError, ModelError
from framing.features import EDGES, sentence_blocks, token_blocks
from framing.heads import BoostedHead, Gate, Head, LinearHead, MeanHead
from framing.lexical import Vectors
from framing.linear import Edges, Linear
from framing.model import Model
from framing.schema import Schema
from framing.spans import BASIC, feature_names
from framing.trees import check_trees

FORMAT = 3
SAVED = Path(__file__).parent / "saved"
SUMS = SAVED / "SHA256SUMS"
SHIPPED = ("linear", "boosted")
MOST_VECTORS = 1 << 18
LARGEST = 1e9
"""Weight past which sums might overflow."""
TRUSTED = [
    "builtins.bool",
    "builtins.dict",
    "builtins.int",
    "builtins.list",
    "builtins.str",
    "builtins.tuple",
    "numpy.ndarray",
    "numpy.random._generator.Generator",
    "numpy.uint64",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.linear_model._logistic.LogisticRegression",
    "sklearn.preprocessing._label.LabelEncoder",
]
"""Every type that a boosted model is made of: an exact list."""


# --- saving -------------------------------------------------------------------------------


def save_model(model: Model, path: Path) -> str:
    """Write a model; the same model always gives the same bytes.

    Returns
    -------
    str
        SHA-256 of the file.
    """
    import skops.io

    linear = model.linear
    content = {
        "format": FORMAT,
        "kind": model.kind,
        "schema": model.schema.to_dict(),
        "meta": model.meta,
        **_vectors_content(linear.vectors),
        **_linear_content(linear),
        "span head": _head_content(model.spans),
        "sentence head": _head_content(model.sentences),
        "levels": model.levels,
        "calibration": model.calibration,
        "thresholds": model.thresholds,
    }
    if model.gate:
        content["gate"] = _head_content(model.gate.head)
        content["least"] = model.gate.least
    if linear.start:
        same = _same_vectors(linear.start.vectors, linear.vectors)
        own = {} if same else _vectors_content(linear.start.vectors)
        content["start"] = {**own, **_linear_content(linear.start)}
    data = canonical(skops.io.dumps(content))
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".part")
    temporary.write_bytes(data)
    temporary.replace(path)
    return hashlib.sha256(data).hexdigest()


def _vectors_content(vectors: Vectors) -> dict[str, Any]:
    joined = "\n".join(vectors.index).encode("utf-8")
    return {"words": np.frombuffer(joined, np.uint8), "vectors": vectors.table}


def _linear_content(linear: Linear) -> dict[str, Any]:
    edges = linear.edges
    more = {"edges": _estimators(edges.weights, edges.bias)} if edges else {}
    return {
        **more,
        "tokens": _estimators(linear.token_weights, linear.token_bias),
        "sentences": _estimators(linear.sentence_weights, linear.sentence_bias),
        "mix": linear.mix,
    }


def _same_vectors(one: Vectors, other: Vectors) -> bool:
    return one.index == other.index and np.array_equal(one.table, other.table)


def _estimators(weights: NDArray[Any], bias: NDArray[Any]) -> list[Any]:
    """One fitted `LogisticRegression` a label."""
    from sklearn.linear_model import LogisticRegression

    found = []
    for row, intercept in zip(weights, bias, strict=True):
        estimator = LogisticRegression()
        estimator.classes_ = np.array([False, True])
        estimator.coef_ = row[None, :]
        estimator.intercept_ = np.array([intercept], row.dtype)
        estimator.n_features_in_ = len(row)
        estimator.n_iter_ = np.array([0], np.int32)
        found.append(estimator)
    return found


def _head_content(head: Head) -> dict[str, Any]:
    if isinstance(head, LinearHead):
        return {"columns": head.columns, "estimators": _estimators(head.weights, head.bias)}
    if isinstance(head, MeanHead):
        return {"mean": [_head_content(each) for each in head.heads]}
    assert isinstance(head, BoostedHead)  # noqa: S101 - there is no other kind
    return {"trees": head.estimator}


# --- loading ------------------------------------------------------------------------------


def find_model(name: str | Path) -> Path:
    """File of a shipped model, or of any model by path.

    Raises
    ------
    ModelError
        If there is no such file.
    """
    path = SAVED / f"{name}.skops" if name in SHIPPED else Path(name)
    try:
        if path.is_file():
            return path
    except (OSError, ValueError):  # a name that is too long, or holds a NUL
        pass
    raise ModelError(
        f"{path}: no such model; use {' or '.join(SHIPPED)}, or the path of a .skops file"
    )


def load_model(name: str | Path) -> Model:
    """Load a shipped model by name or any model by path.

    Parameters
    ----------
    name : str or Path
        `"linear"`, `"boosted"`, or a path.

    Raises
    ------
    ModelError
        If there is no such model, or it is broken, unsafe, or of another format.
    """
    path = find_model(name)
    try:
        archive = Archive.open(path)
        if name in SHIPPED:
            _check_sum(path, archive.sha256)
        return _build(archive)
    except ModelError as error:
        named = str(path) in str(error)
        raise (error if named else ModelError(f"{path}: {error}")) from None
    except AnnotationError as error:
        raise ModelError(f"{path}: {error}") from error
    except BROKEN as error:
        reason = str(error).split("\n")[0] or type(error).__name__
        raise ModelError(f"{path}: not a usable model: {reason[:200]}") from error


def shipped_sums() -> dict[str, str]:
    """SHA-256 of each shipped model, as listed beside them."""
    if not SUMS.is_file():
        return {}
    lines = SUMS.read_text(encoding="ascii").split("\n")
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines) if name}


def _check_sum(path: Path, digest: str) -> None:
    if shipped_sums().get(path.name) != digest:
        raise ModelError(f"{path}: not the file that was shipped (SHA-256 {digest}); reinstall")


def _build(archive: Archive) -> Model:
    content = archive.read()
    where = str(archive.path)
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else None
        raise ModelError(
            f"{where}: model format {found!r:.60}, this version reads {FORMAT}; "
            "train it again with `framing train`"
        )
    kind = content.get("kind")
    if kind not in SHIPPED:
        raise ModelError(f"{where}: unknown kind of model {kind!r:.60}")
    schema = Schema.from_dict(content["schema"], where)
    n_labels = len(schema.labels)
    vectors = _vectors(content, where)
    linear = _linear(content, vectors, n_labels, _start(content, vectors, where))
    gate, span_columns = None, len(BASIC)
    sentence_columns = 7 + 4 * n_labels
    if kind == "boosted":
        content |= archive.read_estimators(TRUSTED, ("span head", "sentence head"))
        head = _linear_head(content["gate"], n_labels, len(BASIC))
        gate = Gate(head, _array(content, "least", np.float64, (n_labels,)))
        span_columns = len(feature_names(schema.labels))
    return Model(
        schema,
        str(kind),
        linear,
        _array(content, "levels", np.float32, (n_labels, N_LEVELS), finite=False),
        gate,
        _head(content["span head"], n_labels, span_columns),
        _head(content["sentence head"], n_labels, sentence_columns),
        _array(content, "calibration", np.float64, (n_labels, 2)),
        _array(content, "thresholds", np.float64, (n_labels,)),
        {**dict(content["meta"]), "sha256": archive.sha256},
    )


def _vectors(content: dict[str, Any], where: str) -> Vectors:
    joined = _array(content, "words", np.uint8, (None,))
    table = _array(content, "vectors", np.int8, (None, None))
    n_words = np.count_nonzero(joined == ord("\n")) + bool(len(joined))
    if len(table) > MOST_VECTORS or n_words != len(table):
        raise ModelError(f"{where}: {n_words} words for {len(table)} vectors, or too many")
    vectors = Vectors.from_words(joined.tobytes(), table)
    if len(vectors.index) != len(vectors.table):
        raise ModelError(f"{where}: {len(vectors.index)} words for {len(vectors.table)} vectors")
    return vectors


def _start(content: dict[str, Any], vectors: Vectors, where: str) -> Linear | None:
    """The model that training started from, if it did; its vectors if they are not the same."""
    if "start" not in content:
        return None
    start = content["start"]
    if "vectors" in start:
        vectors = _vectors(start, where)
    n_labels = len(_array(start, "mix", np.float32, (None, 3)))
    if not n_labels:
        raise ModelError(f"{where}: the model that it started from has no labels")
    return _linear(start, vectors, n_labels)


def _linear(
    content: dict[str, Any], vectors: Vectors, n_labels: int, start: Linear | None = None
) -> Linear:
    n_start = len(start.token_bias) if start else 0
    blocks = (
        token_blocks(vectors.dimensions, n_start),
        sentence_blocks(vectors.dimensions, n_labels, n_start),
    )
    widths = [max(block.stop for block in each.values()) for each in blocks]
    edges = None
    if "edges" in content:
        edges = Edges(*_coefficients(content["edges"], len(EDGES), widths[0], np.float32))
    return Linear(
        vectors,
        *_coefficients(content["tokens"], n_labels, widths[0], np.float32),
        *_coefficients(content["sentences"], n_labels, widths[1], np.float32),
        _array(content, "mix", np.float32, (n_labels, 3)),
        start,
        edges,
    )


def _array(
    content: dict[str, Any],
    key: str,
    dtype: type[np.generic],
    shape: Sequence[int | None],
    *,
    finite: bool = True,
) -> NDArray[Any]:
    array = content[key]
    if not isinstance(array, np.ndarray) or array.dtype != dtype:
        raise ModelError(f"{key} is not an array of {np.dtype(dtype)}")
    fits = len(array.shape) == len(shape) and all(
        want in (None, have) for want, have in zip(shape, array.shape, strict=True)
    )
    if not fits:
        raise ModelError(f"{key} has shape {array.shape}, not {tuple(shape)}")
    if np.isnan(array).any() or (finite and not np.isfinite(array).all()):
        raise ModelError(f"{key} holds numbers that are not finite")
    if finite and array.dtype.kind == "f" and (np.abs(array) > LARGEST).any():
        raise ModelError(f"{key} holds numbers beyond {LARGEST:g}")
    return array


def _attributes(estimator: Any) -> dict[str, Any]:
    return estimator if isinstance(estimator, dict) else vars(estimator)


def _coefficients(
    estimators: Any, n_labels: int, width: int, dtype: type[np.generic]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Weights (n_labels, width) and bias (n_labels,) of logistic regressions."""
    if not isinstance(estimators, list) or len(estimators) != n_labels:
        raise ModelError(f"{n_labels} estimators are wanted, one a label")
    weights, bias = [], []
    for estimator in estimators:
        attributes = _attributes(estimator)
        weights.append(_array(attributes, "coef_", dtype, (1, width))[0])
        bias.append(_array(attributes, "intercept_", dtype, (1,))[0])
    return np.stack(weights), np.asarray(bias, dtype)


def _head(content: Any, n_labels: int, n_columns: int) -> Head:
    if "mean" in content:
        parts = content["mean"]
        if not 0 < len(parts) < 4 or any("mean" in each for each in parts):
            raise ModelError("a mean of heads is not one of a few simple ones")
        return MeanHead(tuple(_head(each, n_labels, n_columns) for each in parts))
    if "trees" in content:
        check_trees(content["trees"], n_labels + n_columns - 1)
        return BoostedHead(content["trees"], n_labels)
    return _linear_head(content, n_labels, n_columns)


def _linear_head(content: Any, n_labels: int, n_columns: int) -> LinearHead:
    columns = _array(content, "columns", np.int64, (None,))
    if len(columns) > n_columns:
        raise ModelError("a head looks at more columns than there are")
    if len(columns) and not (columns.min() >= 0 and columns.max() < n_columns):
        raise ModelError("a head looks at columns that do not exist")
    weights, bias = _coefficients(content["estimators"], n_labels, len(columns), np.float64)
    return LinearHead(columns, weights, bias)
