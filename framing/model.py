"""The model: everything between a text and its spans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.candidates import Candidates, propose
from framing.decode import outside_inserts, reportable, select
from framing.heads import Doubles, Gate, Head, logit, sentence_features, sigmoid
from framing.lexical import Floats
from framing.linear import Evidence, Linear
from framing.pieces import Lexicon
from framing.schema import Schema
from framing.spans import basic_features, wide_features
from framing.text import Batch, Ints, read
from framing.voice import Voice, listen, silent

MOST_WORDS = 200_000
"""Distinct words kept in memory; past that the later half is forgotten."""


@dataclass(slots=True, eq=False)
class Scored:
    """A batch with everything that was found out about it.

    Attributes
    ----------
    batch, voice, evidence, candidates
    features : array of float32, shape (m, n_features)
        What the candidates were weighed by.
    scores : array of float64, shape (m,)
        Calibrated probability of each candidate.
    """

    batch: Batch
    voice: Voice
    evidence: Evidence
    candidates: Candidates
    features: Floats
    scores: Doubles


@dataclass(eq=False)
class Model:
    """A trained model.

    Parameters
    ----------
    schema : Schema
        Labels, in column order.
    kind : {"linear", "boosted"}
    linear : Linear
    levels : array of float32, shape (n_labels, 3)
        Logits between which candidates are looked for.
    gate : Gate or None
        Which candidates are weighed at all; None for all of them.
    spans, sentences : Head
        Probability of candidates and of sentences.
    calibration : array of float64, shape (n_labels, 2)
        Slope and intercept on the logit of a candidate's probability.
    thresholds : array of float64, shape (n_labels,)
        Least score of a span that is reported.
    meta : dict
        How and from what it was trained.
    """

    schema: Schema
    kind: str
    linear: Linear
    levels: NDArray[np.float32]
    gate: Gate | None
    spans: Head
    sentences: Head
    calibration: Doubles
    thresholds: Doubles
    meta: dict[str, Any] = field(default_factory=dict)
    lexicon: Lexicon = field(default_factory=Lexicon, repr=False)

    def score(self, texts: Sequence[str], *, quoted: bool = False) -> Scored:
        """Read texts and score every candidate span.

        Parameters
        ----------
        texts : sequence of str
        quoted : bool
            Read the words of quoted speakers as though they were the article's.
        """
        if len(self.lexicon) > MOST_WORDS:
            self.lexicon.reset(keep=MOST_WORDS // 2)
            self.linear.forget(keep=MOST_WORDS // 2)
        batch = read(texts, self.lexicon)
        voice = silent(batch) if quoted else listen(batch, counted=self.schema.speech)
        evidence = self.linear.score(batch, voice, self.lexicon)
        candidates = propose(batch, voice, evidence, self.schema.labels, self.levels)
        features = basic_features(batch, voice, evidence, candidates)
        if self.gate:
            odds = self.gate.head.probabilities(features)
            passed = odds >= self.gate.least[candidates.label]
            candidates, features = candidates[passed], features[passed]
            wide = wide_features(batch, evidence, candidates, features, self.schema.labels)
            features = np.hstack((features, wide, logit(odds[passed])[:, None].astype(np.float32)))
        scores = self.calibrate(self.spans.probabilities(features), candidates.label)
        return Scored(batch, voice, evidence, candidates, features, scores)

    def calibrate(self, probabilities: Doubles, label: Ints) -> Doubles:
        """Probabilities as they turn out, by Platt's method for each label."""
        slope, intercept = self.calibration[label].T
        return sigmoid(slope * logit(probabilities) + intercept)

    def decode(self, scored: Scored, thresholds: Doubles | None = None) -> tuple[Ints, Doubles]:
        """Spans as rows of label column, first token, one past the last; and their scores."""
        allowed = reportable(scored.voice, scored.candidates, self.schema.labels)
        least = self.thresholds if thresholds is None else thresholds
        scores = np.where(allowed, scored.scores, -1.0)
        labels = self.schema.labels
        found = select(scored.batch, scored.candidates, scores, labels, least)
        return outside_inserts(*found, labels)

    def sentence_probabilities(self, scored: Scored) -> Doubles:
        """Probability that each label occurs in each sentence: (n_sentences, n_labels)."""
        if len(scored.batch) == 0:
            return np.zeros((0, len(self.schema.labels)))
        rows = sentence_features(scored.batch, scored.evidence, scored.candidates, scored.scores)
        found = self.sentences.probabilities(rows)
        return found.reshape(-1, len(self.schema.labels))
