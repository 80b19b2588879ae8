"""From annotated documents to a model.

Everything that a later stage learns from, the earlier stages have not been fitted to:
token models are applied across folds of whole groups, sentence models are fitted to
that, candidates come from both, and thresholds from candidates scored across folds.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.annotations import AnnotatedDocument
from framing.candidates import Candidates, propose
from framing.decode import reportable, select
from framing.errors import AnnotationError
from framing.features import pooled_logits, spoken_for, token_places
from framing.heads import (
    SENTENCE_LINEAR_COLUMNS,
    BoostedHead,
    Doubles,
    Gate,
    Head,
    LinearHead,
    MeanHead,
    logit,
    mean_probabilities,
    sentence_features,
    sigmoid,
    with_labels,
)
from framing.lexical import Vectors
from framing.linear import Evidence, Linear, mixed, on_grid
from framing.matrix import Sparse, sentence_matrix, token_matrix
from framing.model import Model
from framing.schema import Schema
from framing.spans import BASIC, basic_features, wide_features
from framing.targets import candidate_targets, marked_tokens, sentence_targets, token_targets
from framing.text import Batch, Bools, Ints, Lexicon, read
from framing.voice import Voice, listen, silent

KINDS = ("linear", "boosted")
Progress = Callable[[str, int, int], None]
_INSERT_RECALLS = (0.5, 0.8, 0.97)


@dataclass(frozen=True, slots=True)
class Settings:
    """What training is told beside the documents.

    Attributes
    ----------
    kind : {"linear", "boosted"}
    seed : int
    folds : int
        Folds of groups.
    penalties : tuple of float
        Inverse strengths of the L2 penalty (C) that token and sentence models choose from,
        label by label.
    least_count : int
        Tokens or sentences that a feature must be seen in.
    recalls : tuple of float
        Shares of marked tokens that the three levels for candidates keep.
    passing : float
        Share of good candidates that are to pass the gate of a boosted model.
    jobs : int
        Models fitted at once.
    quoted : bool
        Learn from the words of quoted speakers as from the article's own: for marks that
        do not ask who is speaking. Such a model reads with `Model.score(..., quoted=True)`.
    """

    kind: str = "boosted"
    seed: int = 0
    folds: int = 5
    penalties: tuple[float, ...] = (0.05, 0.2, 0.8)
    least_count: int = 4
    recalls: tuple[float, float, float] = (0.3, 0.5, 0.75)
    passing: float = 0.85
    jobs: int = 2
    quoted: bool = False


@dataclass(slots=True, eq=False)
class Corpus:
    """Annotated documents as arrays, with what is to be learnt of them."""

    schema: Schema
    lexicon: Lexicon
    batch: Batch
    voice: Voice
    own: Bools
    marks: Ints
    fold: Ints
    n_folds: int

    @property
    def n_labels(self) -> int:
        """Number of labels."""
        return len(self.schema.labels)

    @property
    def sentence_fold(self) -> Ints:
        """Fold of each sentence."""
        return self.fold[self.batch.document[self.batch.sentence_start[:-1]]]

    @property
    def sentence_own(self) -> Bools:
        """Sentences that hold a word of the article's own."""
        return np.maximum.reduceat(self.own, self.batch.sentence_start[:-1])


def fold_groups(groups: Sequence[str], n_folds: int, seed: int) -> Ints:
    """Fold of each document, whole groups together, sizes even.

    Parameters
    ----------
    groups : sequence of str, length n
    n_folds, seed : int

    Returns
    -------
    array of int64, shape (n,)
    """
    names, inverse, sizes = np.unique(
        np.asarray(groups, dtype=str), return_inverse=True, return_counts=True
    )
    order = np.random.default_rng(seed).permutation(len(names))
    order = order[np.argsort(-sizes[order], kind="stable")]
    load = np.zeros(n_folds, np.int64)
    fold = np.zeros(len(names), np.int64)
    for group in order:
        fold[group] = np.argmin(load)
        load[fold[group]] += sizes[group]
    return fold[inverse]


def prepare(documents: Sequence[AnnotatedDocument], schema: Schema, settings: Settings) -> Corpus:
    """Read documents and lay out their marks.

    Raises
    ------
    AnnotationError
        If there is too little to learn from.
    """
    usable = [document for document in documents if document.text]
    groups = {document.group for document in usable}
    if len(groups) < 2:
        raise AnnotationError(
            f"training needs documents of at least two groups with text, not {len(groups)}"
        )
    n_folds = min(settings.folds, len(groups))
    lexicon = Lexicon()
    batch = read([document.text or "" for document in usable], lexicon)
    voice = silent(batch) if settings.quoted else listen(batch)
    marks = marked_tokens(batch, usable, schema)
    if len(marks) == 0:
        raise AnnotationError(f"no span of the labels {', '.join(schema.names)} to learn from")
    fold = fold_groups([document.group for document in usable], n_folds, settings.seed)
    own = ~spoken_for(batch, voice)
    return Corpus(schema, lexicon, batch, voice, own, marks, fold, n_folds)


# --- linear stages ------------------------------------------------------------------------


def fit_logistic(
    features: Sparse, targets: Bools, penalty: float, seed: int, *, dense: bool = False
) -> tuple[NDArray[np.float32], float]:
    """Weights and bias of one logistic regression; a constant where there is one class only."""
    from sklearn.linear_model import LogisticRegression

    if targets.all() or not targets.any():
        rate = (targets.sum() + 0.5) / (len(targets) + 1)
        return np.zeros(features.shape[1], np.float32), float(np.log(rate / (1 - rate)))
    if dense:
        estimator = LogisticRegression(C=penalty, max_iter=300)
    else:  # coordinate descent in the dual: the quickest for wide, sparse rows
        estimator = LogisticRegression(
            C=penalty, solver="liblinear", dual=True, tol=0.1, max_iter=60, random_state=seed
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the last step before the limit is good enough
        estimator.fit(features, targets)
    return estimator.coef_[0].astype(np.float32), float(estimator.intercept_[0])


def fit_labels(
    features: Sparse, targets: Bools, rows: Bools, penalties: Sequence[float], settings: Settings
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Logistic regressions of all labels on the rows chosen, each with its penalty.

    Returns
    -------
    weights : array of float32, shape (n_labels, n_columns)
    bias : array of float32, shape (n_labels,)
    """
    from joblib import Parallel, delayed

    chosen = features[rows]
    seen = np.bincount(chosen.indices, minlength=features.shape[1])
    kept = np.flatnonzero(seen >= settings.least_count)
    chosen = chosen[:, kept]
    jobs = (
        delayed(fit_logistic)(chosen, column, penalty, settings.seed)
        for column, penalty in zip(targets[rows].T, penalties, strict=True)
    )
    fitted = Parallel(n_jobs=settings.jobs, mmap_mode="c")(jobs)
    weights = np.zeros((targets.shape[1], features.shape[1]), np.float32)
    weights[:, kept] = on_grid(np.stack([weight for weight, _ in fitted]))
    bias = on_grid(np.asarray([bias for _, bias in fitted]))
    return weights, bias


def choose_penalties(
    features: Sparse, targets: Bools, rows: Bools, fold: Ints, settings: Settings
) -> list[float]:
    """Penalty of each label that ranks the rows of the first fold best, unseen."""
    from sklearn.metrics import average_precision_score

    n_labels = targets.shape[1]
    if len(settings.penalties) == 1:
        return [settings.penalties[0]] * n_labels
    held = fold == fold.min()
    found = np.zeros((len(settings.penalties), n_labels))
    for number, penalty in enumerate(settings.penalties):
        weights, bias = fit_labels(features, targets, rows & ~held, [penalty] * n_labels, settings)
        logits = features[held & rows] @ weights.T + bias
        for label, target in enumerate(targets[held & rows].T):
            found[number, label] = (
                average_precision_score(target, logits[:, label]) if target.any() else 0
            )
    return [settings.penalties[number] for number in found.argmax(0)]


def across_folds(
    features: Sparse,
    targets: Bools,
    rows: Bools,
    fold: Ints,
    penalties: Sequence[float],
    settings: Settings,
    step: Callable[[], None],
) -> NDArray[np.float32]:
    """Logits of every row from models that have not seen its fold: (n, n_labels)."""
    logits = np.zeros(targets.shape, np.float32)
    for number in np.unique(fold):
        held = fold == number
        weights, bias = fit_labels(features, targets, rows & ~held, penalties, settings)
        logits[held] = features[held] @ weights.T + bias
        step()
    return logits


def best_across_folds(
    features: Sparse,
    targets: Bools,
    rows: Bools,
    fold: Ints,
    settings: Settings,
    step: Callable[[], None],
) -> tuple[NDArray[np.float32], list[float]]:
    """`across_folds` with the penalty of each label that ranks the rows best; and those."""
    from sklearn.metrics import average_precision_score

    n_labels = targets.shape[1]
    best, logits = np.full(n_labels, -1.0), np.zeros(targets.shape, np.float32)
    penalties = [settings.penalties[0]] * n_labels
    for penalty in settings.penalties:
        found = across_folds(features, targets, rows, fold, [penalty] * n_labels, settings, step)
        for label, target in enumerate(targets[rows].T):
            quality = average_precision_score(target, found[rows, label]) if target.any() else 0.0
            if quality > best[label]:
                best[label], penalties[label], logits[:, label] = quality, penalty, found[:, label]
    return logits, penalties


def find_levels(
    logits: NDArray[np.float32], targets: Bools, own: Bools, recalls: Sequence[float]
) -> NDArray[np.float32]:
    """Logits above which the given shares of marked tokens lie: (n_labels, n_levels)."""
    levels = np.zeros((targets.shape[1], len(recalls)), np.float32)
    for label in range(targets.shape[1]):
        marked = logits[targets[:, label] & own, label]
        if len(marked) == 0:
            levels[label] = np.inf
        else:
            levels[label] = np.quantile(marked, [1 - recall for recall in recalls])
    return levels


# --- heads --------------------------------------------------------------------------------


def fit_head(
    kind: str,
    features: NDArray[np.float32],
    targets: Bools,
    columns: Sequence[int],
    n_labels: int,
    seed: int,
) -> Head:
    """Fit a linear or boosted head to dense rows, the label's column first."""
    if kind == "boosted":
        return _fit_boosted(features, targets, n_labels, seed)
    return _fit_head_labels(features, targets, columns, n_labels, seed)


def _fit_head_labels(
    features: NDArray[np.float32],
    targets: Bools,
    columns: Sequence[int],
    n_labels: int,
    seed: int,
) -> LinearHead:
    """Logistic regressions, one a label, on columns brought to one scale."""
    weights = np.zeros((n_labels, len(columns)))
    bias = np.zeros(n_labels)
    for label in range(n_labels):
        mine = features[:, 0] == label
        rows = features[mine][:, list(columns)].astype(np.float64)
        scale = np.maximum(rows.std(0), 1e-3) if len(rows) else np.ones(len(columns))
        fitted, bias[label] = fit_logistic(rows / scale, targets[mine], 1.0, seed, dense=True)
        weights[label] = fitted / scale
    return LinearHead(np.asarray(columns, np.int64), weights, bias)


def _fit_boosted(
    features: NDArray[np.float32], targets: Bools, n_labels: int, seed: int
) -> BoostedHead:
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    rows = with_labels(features, n_labels)
    if len(rows) == 0 or targets.all() or not targets.any():
        rows = np.vstack((rows, np.zeros((2, rows.shape[1]), np.float32)))
        targets = np.append(targets, [False, True])
    estimator = HistGradientBoostingClassifier(
        learning_rate=0.09,
        max_iter=100,
        max_leaf_nodes=15,
        min_samples_leaf=60,
        l2_regularization=10.0,
        max_features=0.4,
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(1, user_api="openmp"):  # threads that wait for each other cost most
        return BoostedHead(estimator.fit(rows, targets), n_labels)


def head_across_folds(
    kind: str,
    features: NDArray[np.float32],
    targets: Bools,
    fold: Ints,
    columns: Sequence[int],
    n_labels: int,
    settings: Settings,
) -> Doubles:
    """Probability of every row from heads that have not seen its fold: shape (m,)."""
    from joblib import Parallel, delayed

    def held_out(number: int) -> Doubles:
        held = fold == number
        head = fit_head(kind, features[~held], targets[~held], columns, n_labels, settings.seed)
        return head.probabilities(features[held])

    numbers = np.unique(fold)
    parts = Parallel(n_jobs=settings.jobs, prefer="threads")(map(delayed(held_out), numbers))
    found = np.zeros(len(features))
    for number, part in zip(numbers, parts, strict=True):
        found[fold == number] = part
    return found


def fit_calibration(probabilities: Doubles, hits: Bools, label: Ints, n_labels: int) -> Doubles:
    """Slope and intercept of each label's logit (Platt, 1999): (n_labels, 2)."""
    from sklearn.linear_model import LogisticRegression

    calibration = np.tile([1.0, 0.0], (n_labels, 1))
    for number in range(n_labels):
        mine = label == number
        if hits[mine].sum() >= 5 and (~hits[mine]).sum() >= 5:
            fitted = LogisticRegression(C=1e3).fit(logit(probabilities[mine])[:, None], hits[mine])
            slope, intercept = float(fitted.coef_[0, 0]), float(fitted.intercept_[0])
            if slope > 0.05:
                calibration[number] = slope, intercept
    return calibration


def choose_thresholds(
    scores: Doubles, hits: Bools, label: Ints, n_marks: Ints, least: float = 0.1
) -> Doubles:
    """Threshold of each label with the best one-to-one F1 on chosen spans: (n_labels,).

    Predicted spans per marked span are kept between 0.75 and 1.25 where that can be.
    """
    thresholds = np.full(len(n_marks), 0.5)
    for number, total in enumerate(n_marks.tolist()):
        mine = label == number
        if total == 0 or not mine.any():
            continue
        order = np.argsort(-scores[mine], kind="stable")
        ranked = scores[mine][order]
        count = np.arange(1, len(ranked) + 1)
        f1 = 2 * np.cumsum(hits[mine][order]) / (count + total)
        ratio = count / total
        f1 = np.where((ranked < least) | (ratio > 1.25) | (ratio < 0.75), f1 - 1, f1)
        best = int(np.argmax(f1))
        after = ranked[best + 1] if best + 1 < len(ranked) else ranked[best] * 0.98
        thresholds[number] = (ranked[best] + after) / 2
    return thresholds


# --- all of it ----------------------------------------------------------------------------


@dataclass(slots=True, eq=False)
class Rehearsal:
    """What training saw across folds: for reports, not for prediction.

    Attributes
    ----------
    corpus : Corpus
    evidence : Evidence
    candidates : Candidates
    scores : array of float64, shape (m,)
        Calibrated, across folds.
    rows, row_scores : arrays
        Spans chosen by the thresholds: label column, first token, one past the last.
    sentences : array of float64, shape (n_sentences, n_labels)
        Probability of each label, across folds.
    """

    corpus: Corpus
    evidence: Evidence
    candidates: Candidates
    scores: Doubles
    rows: Ints
    row_scores: Doubles
    sentences: Doubles


@dataclass(slots=True, eq=False)
class Foundation:
    """What both kinds of model stand on: the linear stages and the candidates."""

    corpus: Corpus
    linear: Linear
    evidence: Evidence
    levels: NDArray[np.float32]
    candidates: Candidates
    features: NDArray[np.float32]
    hits: Bools
    meta: dict[str, Any]


def fit(
    documents: Sequence[AnnotatedDocument],
    schema: Schema,
    vectors: Vectors,
    settings: Settings,
    progress: Progress | None = None,
) -> tuple[Model, Rehearsal]:
    """Train a model and return what was seen across folds beside it.

    Parameters
    ----------
    documents : sequence of AnnotatedDocument
        Those without text are passed over.
    schema : Schema
    vectors : Vectors
    settings : Settings
    progress : callable, optional
        Called with the stage, the steps done, and all steps.

    Raises
    ------
    AnnotationError
        If there is too little to learn from.
    """
    if settings.kind not in KINDS:
        raise ValueError(f"model is one of {', '.join(KINDS)}, not {settings.kind!r}")
    groups = {document.group for document in documents if document.text}
    folds = min(settings.folds, len(groups))
    steps = _Steps(progress, (1 + len(settings.penalties)) * folds + 6)
    foundation = lay_foundation(documents, schema, vectors, settings, steps)
    return finish(foundation, settings, steps)


class _Steps:
    """Counts steps and passes them on."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self, stage: str) -> None:
        self.done += 1
        if self.progress:
            self.progress(stage, self.done, self.total)


def lay_foundation(
    documents: Sequence[AnnotatedDocument],
    schema: Schema,
    vectors: Vectors,
    settings: Settings,
    step: Callable[[str], None] = lambda stage: None,
) -> Foundation:
    """Fit the linear stages and find the candidates across folds."""
    corpus = prepare(documents, schema, settings)
    linear, evidence, levels = _fit_linear(corpus, vectors, settings, step)
    batch, voice = corpus.batch, corpus.voice
    candidates = propose(batch, voice, evidence, schema.labels, levels)
    features = basic_features(batch, voice, evidence, candidates)
    fit_quality = candidate_targets(candidates, corpus.marks, _inserts(schema), len(batch))
    return Foundation(
        corpus, linear, evidence, levels, candidates, features, fit_quality >= 0.5,
        _describe(documents, corpus, settings),
    )  # fmt: skip


def finish(
    foundation: Foundation, settings: Settings, step: Callable[[str], None] = lambda stage: None
) -> tuple[Model, Rehearsal]:
    """Fit the heads, calibration and thresholds of one kind of model."""
    corpus, evidence = foundation.corpus, foundation.evidence
    schema, batch = corpus.schema, corpus.batch
    gate = None
    if settings.kind == "boosted":
        gate, foundation = _fit_gate(foundation, settings)
    candidates = foundation.candidates
    raw, spans = _fit_spans(foundation, settings)
    step("spans")
    allowed = reportable(corpus.voice, candidates, schema.labels)
    calibration, thresholds = _tune(corpus, candidates, np.where(allowed, raw, -1.0))
    slope, intercept = calibration[candidates.label].T
    scores = sigmoid(slope * logit(raw) + intercept)
    step("thresholds")
    sentences, presence = _fit_sentences(corpus, evidence, candidates, scores, settings)
    step("sentences")
    model = Model(
        schema, settings.kind, foundation.linear, foundation.levels, gate, spans, sentences,
        calibration, thresholds, {**foundation.meta, "name": settings.kind},
    )  # fmt: skip
    chosen = np.where(allowed, scores, -1.0)
    rows, row_scores = select(batch, candidates, chosen, schema.labels, thresholds)
    return model, Rehearsal(corpus, evidence, candidates, scores, rows, row_scores, presence)


def _fit_spans(foundation: Foundation, settings: Settings) -> tuple[Doubles, Head]:
    """Head of spans, and its probabilities across folds: (m,)."""
    corpus, features, hits = foundation.corpus, foundation.features, foundation.hits
    fold = corpus.fold[corpus.batch.document[foundation.candidates.start]]
    shape = (range(1, len(BASIC)), corpus.n_labels)
    raw = head_across_folds(settings.kind, features, hits, fold, *shape, settings)
    return raw, fit_head(settings.kind, features, hits, *shape, settings.seed)


def _fit_gate(foundation: Foundation, settings: Settings) -> tuple[Gate, Foundation]:
    """Gate that all but few good candidates pass, and what is left with all features."""
    odds, head = _fit_spans(foundation, replace(settings, kind="linear"))
    candidates, hits = foundation.candidates, foundation.hits
    least = np.zeros(foundation.corpus.n_labels)
    for label in range(len(least)):
        good = odds[hits & (candidates.label == label)]
        if len(good):
            least[label] = np.quantile(good, 1 - settings.passing)
    passed = odds >= least[candidates.label]
    candidates, basic = candidates[passed], foundation.features[passed]
    wide = wide_features(foundation.corpus.batch, foundation.evidence, candidates, basic)
    features = np.hstack((basic, wide, logit(odds[passed])[:, None].astype(np.float32)))
    assert isinstance(head, LinearHead)  # noqa: S101 - that is the kind asked for
    return Gate(head, least), replace(
        foundation, candidates=candidates, features=features, hits=hits[passed]
    )


def _inserts(schema: Schema) -> Bools:
    return np.array([label.unit == "insert" for label in schema.labels])


def _tune(corpus: Corpus, candidates: Candidates, raw: Doubles) -> tuple[Doubles, Doubles]:
    """Calibration and thresholds from candidates scored across folds."""
    n_labels = corpus.n_labels
    low = np.full(n_labels, 0.02)
    rows, scores = select(corpus.batch, candidates, raw, corpus.schema.labels, low)
    chosen = Candidates(rows[:, 0], rows[:, 1], rows[:, 2])
    whole = np.zeros(n_labels, bool)
    hits = candidate_targets(chosen, corpus.marks, whole, len(corpus.batch)) >= 0.5
    calibration = fit_calibration(scores, hits, rows[:, 0], n_labels)
    slope, intercept = calibration[rows[:, 0]].T
    calibrated = sigmoid(slope * logit(scores) + intercept)
    n_marks = np.bincount(corpus.marks[:, 0], minlength=n_labels)
    return calibration, choose_thresholds(calibrated, hits, rows[:, 0], n_marks)


def _fit_linear(
    corpus: Corpus, vectors: Vectors, settings: Settings, step: Callable[[str], None]
) -> tuple[Linear, Evidence, NDArray[np.float32]]:
    """Token and sentence models, and the evidence and levels across folds."""
    batch, voice = corpus.batch, corpus.voice
    tokens = token_matrix(batch, voice, corpus.lexicon, vectors)
    targets = token_targets(corpus.marks, len(batch), corpus.n_labels)
    token_fold = corpus.fold[batch.document]
    penalties = choose_penalties(tokens, targets, corpus.own, token_fold, settings)
    step("penalties of tokens")
    logits = across_folds(
        tokens,
        targets,
        corpus.own,
        token_fold,
        penalties,
        settings,
        lambda: step("tokens across folds"),
    )
    token_weights, token_bias = fit_labels(tokens, targets, corpus.own, penalties, settings)
    step("tokens")
    pooled = pooled_logits(batch, corpus.own, logits)
    sentences = sentence_matrix(batch, voice, corpus.lexicon, vectors, pooled)
    present = sentence_targets(corpus.marks, batch, corpus.n_labels)
    rows = corpus.sentence_own
    sentence_logits, penalties = best_across_folds(
        sentences,
        present,
        rows,
        corpus.sentence_fold,
        settings,
        lambda: step("sentences across folds"),
    )
    sentence_weights, sentence_bias = fit_labels(sentences, present, rows, penalties, settings)
    step("sentences")
    sentence_logits = on_grid(sentence_logits)
    mix = fit_mix(corpus, logits, sentence_logits, targets)
    linear = Linear(vectors, token_weights, token_bias, sentence_weights, sentence_bias, mix)
    tokens = mixed(logits, sentence_logits, batch, mix)
    evidence = Evidence(tokens, sentence_logits, token_places(batch, voice), corpus.own)
    return linear, evidence, _all_levels(corpus, evidence, targets, present, settings)


def fit_mix(
    corpus: Corpus, tokens: NDArray[np.float32], sentences: NDArray[np.float32], targets: Bools
) -> NDArray[np.float32]:
    """How token and sentence logits go together, label by label: (n_labels, 3)."""
    mix = np.tile(np.array([1, 0, 0], np.float32), (corpus.n_labels, 1))
    own = np.flatnonzero(corpus.own)
    for label in range(corpus.n_labels):
        both = np.column_stack((tokens[own, label], sentences[corpus.batch.sentence[own], label]))
        marked = targets[own, label]
        if marked.any() and not marked.all():
            weights, bias = fit_logistic(both.astype(np.float64), marked, 10.0, 0, dense=True)
            mix[label] = *weights, bias
    return mix


def _all_levels(
    corpus: Corpus, evidence: Evidence, targets: Bools, present: Bools, settings: Settings
) -> NDArray[np.float32]:
    """Levels of candidates: token logits, of an insert sentence logits."""
    levels = find_levels(evidence.tokens, targets, corpus.own, settings.recalls)
    for column, label in enumerate(corpus.schema.labels):
        if label.unit == "insert":
            mine = evidence.sentences[present[:, column], column]
            shares = [1 - recall for recall in _INSERT_RECALLS]
            levels[column] = np.quantile(mine, shares) if len(mine) else np.inf
    return levels


def _fit_sentences(
    corpus: Corpus, evidence: Evidence, candidates: Candidates, scores: Doubles, settings: Settings
) -> tuple[Head, Doubles]:
    """Head of sentences, and its probabilities across folds: (n_sentences, n_labels)."""
    features = sentence_features(corpus.batch, evidence, candidates, scores)
    present = sentence_targets(corpus.marks, corpus.batch, corpus.n_labels).ravel()
    fold = np.repeat(corpus.sentence_fold, corpus.n_labels)
    shape = (SENTENCE_LINEAR_COLUMNS, corpus.n_labels)
    heads, found = [], []
    for kind in dict.fromkeys(("linear", settings.kind)):  # boosting alone overfits small corpora
        found.append(head_across_folds(kind, features, present, fold, *shape, settings))
        heads.append(fit_head(kind, features, present, *shape, settings.seed))
    head = heads[0] if len(heads) == 1 else MeanHead(tuple(heads))
    return head, mean_probabilities(found).reshape(-1, corpus.n_labels)


def _describe(
    documents: Sequence[AnnotatedDocument], corpus: Corpus, settings: Settings
) -> dict[str, Any]:
    usable = [document for document in documents if document.text]
    return {
        "documents": len(usable),
        "spans": len(corpus.marks),
        "tokens": len(corpus.batch),
        "sentences": len(corpus.batch.sentence_start) - 1,
        "seed": settings.seed,
        "folds": corpus.n_folds,
    }
