"""Small texts with evidence that a test sets by hand."""

from __future__ import annotations

import numpy as np

from framing.features import token_places
from framing.linear import Evidence
from framing.pieces import Lexicon
from framing.schema import Label
from framing.text import read
from framing.voice import listen

PHRASE, CLAUSE = Label("loaded", "", "phrase"), Label("verdict", "", "clause")
LOW = np.float32(-5)


def scene(*texts):
    batch = read(list(texts), Lexicon())
    return batch, listen(batch)


def words_of(batch, start, end):
    text = batch.texts[batch.document[start]]
    return text[batch.start[start] : batch.end[end - 1]]


def evidence_of(batch, voice, n_labels, tokens=LOW, sentences=LOW):
    n, s = len(batch), len(batch.sentence_start) - 1
    logits = np.broadcast_to(np.asarray(tokens, np.float32).reshape(-1, 1), (n, n_labels)).copy()
    wide = np.broadcast_to(np.asarray(sentences, np.float32).reshape(-1, 1), (s, n_labels)).copy()
    return Evidence(logits, wide, token_places(batch, voice), np.ones(n, bool))


def any_evidence(batch, voice, n_labels, rng):
    """Random logits of tokens and sentences."""
    evidence = evidence_of(batch, voice, n_labels)
    evidence.tokens[:] = rng.normal(-1, 2, evidence.tokens.shape)
    evidence.sentences[:] = rng.normal(-1, 2, evidence.sentences.shape)
    return evidence
