"""What training learns from: documents laid out as arrays, in folds of whole groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from framing.annotations import DENSE, AnnotatedDocument
from framing.errors import AnnotationError
from framing.features import spoken_for
from framing.model import Model
from framing.pieces import Lexicon
from framing.schema import Schema
from framing.targets import marked_tokens
from framing.text import Batch, Bools, Ints, read
from framing.voice import Voice, listen


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
    start : Model, optional
        What is learnt starts from this model: what it says of a text is looked at beside the
        words. One that has seen the documents misleads.
    """

    kind: str = "boosted"
    seed: int = 0
    folds: int = 5
    penalties: tuple[float, ...] = (0.05, 0.2, 0.8)
    least_count: int = 4
    recalls: tuple[float, float, float] = (0.3, 0.5, 0.75)
    passing: float = 0.9
    jobs: int = 2
    start: Model | None = field(default=None, repr=False)


@dataclass(slots=True, eq=False)
class Corpus:
    """Annotated documents as arrays, with what is to be learnt of them.

    `usual` are all documents but those whose `meta.dense` says that they were written to hold
    many spans: these teach what a device looks like, not how often there is one.
    """

    schema: Schema
    lexicon: Lexicon
    batch: Batch
    voice: Voice
    own: Bools
    marks: Ints
    fold: Ints
    n_folds: int
    usual: Bools

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
    voice = listen(batch, counted=schema.speech)
    marks = marked_tokens(batch, usable, schema)
    if len(marks) == 0:
        raise AnnotationError(f"no span of the labels {', '.join(schema.names)} to learn from")
    fold = fold_groups([document.group for document in usable], n_folds, settings.seed)
    own = ~spoken_for(batch, voice)
    usual = np.array([not each.meta.get(DENSE) for each in usable])
    usual |= not usual.any()
    return Corpus(schema, lexicon, batch, voice, own, marks, fold, n_folds, usual)
