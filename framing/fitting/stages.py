"""All stages, one after another.

Everything that a later stage learns from, the earlier stages have not been fitted to:
token models are applied across folds of whole groups, sentence models are fitted to
that, candidates come from both, and thresholds from candidates scored across folds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.annotations import AnnotatedDocument
from framing.candidates import Candidates, propose
from framing.decode import reportable, select
from framing.errors import ModelError
from framing.exact import on_grid
from framing.features import pooled_logits, token_places
from framing.fitting.corpus import Corpus, Settings, prepare
from framing.fitting.heads import fit_head, head_across_folds
from framing.fitting.logistic import across_folds, best_across_folds, choose_penalties, fit_labels
from framing.fitting.tuning import choose_thresholds, find_levels, fit_calibration, fit_mix
from framing.heads import (
    SENTENCE_LINEAR_COLUMNS,
    Doubles,
    Gate,
    Head,
    LinearHead,
    MeanHead,
    logit,
    mean_probabilities,
    sentence_features,
    sigmoid,
)
from framing.lexical import Vectors
from framing.linear import Edges, Evidence, Linear, mixed
from framing.matrix import sentence_matrix, token_matrix
from framing.model import Model
from framing.schema import Schema
from framing.spans import BASIC, basic_features, wide_features
from framing.targets import candidate_targets, edge_targets, sentence_targets, token_targets
from framing.text import Bools, Ints

KINDS = ("linear", "boosted")
Progress = Callable[[str, int, int], None]
_INSERT_RECALLS = (0.5, 0.8, 0.97)


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
    """What both kinds of model stand on: the linear stages."""

    corpus: Corpus
    linear: Linear
    evidence: Evidence
    levels: NDArray[np.float32]
    meta: dict[str, Any]


@dataclass(slots=True, eq=False)
class Proposed:
    """Candidates across folds, what they look like, and which of them are good."""

    candidates: Candidates
    features: NDArray[np.float32]
    hits: Bools


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
    """Fit the linear stages, and see across folds what they say."""
    corpus = prepare(documents, schema, settings)
    linear, evidence, levels = _fit_linear(corpus, vectors, settings, step)
    return Foundation(corpus, linear, evidence, levels, _describe(documents, corpus, settings))


def finish(
    foundation: Foundation, settings: Settings, step: Callable[[str], None] = lambda stage: None
) -> tuple[Model, Rehearsal]:
    """Fit the heads, calibration and thresholds of one kind of model."""
    corpus, linear, evidence = foundation.corpus, foundation.linear, foundation.evidence
    schema, batch = corpus.schema, corpus.batch
    if settings.kind == "linear":
        linear, evidence = replace(linear, edges=None), replace(evidence, edges=None)
    proposed, gate = _propose(corpus, evidence, foundation.levels), None
    if settings.kind == "boosted":
        gate, proposed = _fit_gate(corpus, evidence, proposed, settings)
    candidates = proposed.candidates
    raw, spans = _fit_spans(corpus, proposed, settings)
    step("spans")
    allowed = reportable(corpus.voice, candidates, schema.labels)
    calibration, thresholds = _tune(corpus, candidates, np.where(allowed, raw, -1.0))
    slope, intercept = calibration[candidates.label].T
    scores = sigmoid(slope * logit(raw) + intercept)
    step("thresholds")
    sentences, presence = _fit_sentences(corpus, evidence, candidates, scores, settings)
    step("sentences")
    model = Model(
        schema, settings.kind, linear, foundation.levels, gate, spans, sentences,
        calibration, thresholds, {**foundation.meta, "name": settings.kind},
    )  # fmt: skip
    chosen = np.where(allowed, scores, -1.0)
    rows, row_scores = select(batch, candidates, chosen, schema.labels, thresholds)
    return model, Rehearsal(corpus, evidence, candidates, scores, rows, row_scores, presence)


def _propose(corpus: Corpus, evidence: Evidence, levels: NDArray[np.float32]) -> Proposed:
    """What the linear stages propose across folds."""
    batch, voice, labels = corpus.batch, corpus.voice, corpus.schema.labels
    candidates = propose(batch, voice, evidence, labels, levels)
    fit = candidate_targets(candidates, corpus.marks, _inserts(corpus.schema), len(batch))
    return Proposed(candidates, basic_features(batch, voice, evidence, candidates), fit >= 0.5)


def _fit_spans(corpus: Corpus, proposed: Proposed, settings: Settings) -> tuple[Doubles, Head]:
    """Head of spans, and its probabilities across folds: (m,)."""
    features, hits = proposed.features, proposed.hits
    document = corpus.batch.document[proposed.candidates.start]
    fold, usual = corpus.fold[document], corpus.usual[document]
    shape = (range(1, len(BASIC)), corpus.n_labels)
    raw = head_across_folds(settings.kind, features, hits, fold, usual, *shape, settings)
    return raw, fit_head(settings.kind, features[usual], hits[usual], *shape, settings.seed)


def _fit_gate(
    corpus: Corpus, evidence: Evidence, proposed: Proposed, settings: Settings
) -> tuple[Gate, Proposed]:
    """Gate that all but few good candidates pass, and what is left with all features."""
    odds, head = _fit_spans(corpus, proposed, replace(settings, kind="linear"))
    candidates, hits = proposed.candidates, proposed.hits
    least = np.zeros(corpus.n_labels)
    for label in range(len(least)):
        good = odds[hits & (candidates.label == label)]
        if len(good):
            least[label] = np.quantile(good, 1 - settings.passing)
    passed = odds >= least[candidates.label]
    candidates, basic = candidates[passed], proposed.features[passed]
    wide = wide_features(corpus.batch, evidence, candidates, basic, corpus.schema.labels)
    features = np.hstack((basic, wide, logit(odds[passed])[:, None].astype(np.float32)))
    assert isinstance(head, LinearHead)  # noqa: S101 - that is the kind asked for
    return Gate(head, least), Proposed(candidates, features, hits[passed])


def _inserts(schema: Schema) -> Bools:
    return np.array([label.unit == "insert" for label in schema.labels])


def _tune(corpus: Corpus, candidates: Candidates, raw: Doubles) -> tuple[Doubles, Doubles]:
    """Calibration and thresholds from candidates scored across folds, of usual documents."""
    n_labels, document = corpus.n_labels, corpus.batch.document
    usual = corpus.usual[document[candidates.start]]
    candidates, raw = candidates[usual], raw[usual]
    marks = corpus.marks[corpus.usual[document[corpus.marks[:, 1]]]]
    low = np.full(n_labels, 0.02)
    rows, scores = select(corpus.batch, candidates, raw, corpus.schema.labels, low)
    chosen = Candidates(rows[:, 0], rows[:, 1], rows[:, 2])
    whole = np.zeros(n_labels, bool)
    hits = candidate_targets(chosen, marks, whole, len(corpus.batch)) >= 0.5
    calibration = fit_calibration(scores, hits, rows[:, 0], n_labels)
    slope, intercept = calibration[rows[:, 0]].T
    calibrated = sigmoid(slope * logit(scores) + intercept)
    n_marks = np.bincount(marks[:, 0], minlength=n_labels)
    return calibration, choose_thresholds(calibrated, hits, rows[:, 0], n_marks)


def _fit_linear(
    corpus: Corpus, vectors: Vectors, settings: Settings, step: Callable[[str], None]
) -> tuple[Linear, Evidence, NDArray[np.float32]]:
    """Token and sentence models, and the evidence and levels across folds."""
    batch, voice = corpus.batch, corpus.voice
    start = _start_of(settings)
    begun = start.score(batch, voice, corpus.lexicon) if start else None
    tokens = token_matrix(batch, voice, corpus.lexicon, vectors, begun)
    targets = token_targets(corpus.marks, len(batch), corpus.n_labels)
    token_fold = corpus.fold[batch.document]
    learnt = targets
    if settings.kind == "boosted":  # which alone looks at edges
        more = edge_targets(corpus.marks, len(batch), corpus.schema.labels)
        learnt = np.hstack((targets, more))
    penalties = choose_penalties(tokens, learnt, corpus.own, token_fold, settings)
    step("penalties of tokens")
    logits = across_folds(
        tokens,
        learnt,
        corpus.own,
        token_fold,
        penalties,
        settings,
        lambda: step("tokens across folds"),
    )
    weights, bias = fit_labels(tokens, learnt, corpus.own, penalties, settings)
    step("tokens")
    n_labels = corpus.n_labels
    logits, edge_logits = logits[:, :n_labels], logits[:, n_labels:]
    edges = Edges(weights[n_labels:], bias[n_labels:]) if len(bias) > n_labels else None
    pooled = pooled_logits(batch, corpus.own, logits)
    sentences = sentence_matrix(batch, voice, corpus.lexicon, vectors, pooled, begun)
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
    linear = Linear(
        vectors, weights[:n_labels], bias[:n_labels], sentence_weights, sentence_bias, mix, start,
        edges,
    )  # fmt: skip
    evidence = Evidence(
        mixed(logits, sentence_logits, batch, mix), sentence_logits, token_places(batch, voice),
        corpus.own, edges=edge_logits if edges else None,
    )  # fmt: skip
    return linear, evidence, _all_levels(corpus, evidence, targets, present, settings)


def _start_of(settings: Settings) -> Linear | None:
    """The linear stages of the start, to be kept in the new model: it learns words by itself."""
    if not settings.start:
        return None
    linear = settings.start.linear
    if linear.start:
        raise ModelError("the start was trained from a start itself; take that one")
    return replace(linear, edges=None)


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
    document = corpus.batch.document[corpus.batch.sentence_start[:-1]]
    usual = np.repeat(corpus.usual[document], corpus.n_labels)
    shape = (SENTENCE_LINEAR_COLUMNS, corpus.n_labels)
    heads, found = [], []
    for kind in dict.fromkeys(("linear", settings.kind)):  # boosting alone overfits small corpora
        found.append(head_across_folds(kind, features, present, fold, usual, *shape, settings))
        heads.append(fit_head(kind, features[usual], present[usual], *shape, settings.seed))
    head = heads[0] if len(heads) == 1 else MeanHead(tuple(heads))
    return head, mean_probabilities(found).reshape(-1, corpus.n_labels)


def _describe(
    documents: Sequence[AnnotatedDocument], corpus: Corpus, settings: Settings
) -> dict[str, Any]:
    usable = [document for document in documents if document.text]
    known = settings.start.meta if settings.start else {}
    start = {"start": {key: str(known.get(key, "")) for key in ("name", "sha256")}}
    return {
        "documents": len(usable),
        "spans": len(corpus.marks),
        "tokens": len(corpus.batch),
        "sentences": len(corpus.batch.sentence_start) - 1,
        "seed": settings.seed,
        "folds": corpus.n_folds,
        **(start if settings.start else {}),
    }
