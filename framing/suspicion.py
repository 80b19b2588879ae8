"""Marks that a cross-validated model is surest are wrong, and ones it is surest are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from framing.annotations import AnnotatedDocument
from framing.fitting import Progress, Rehearsal, Settings, fit
from framing.fitting.corpus import Corpus
from framing.lexical import Vectors
from framing.schema import Schema
from framing.targets import sentence_targets


@dataclass(frozen=True, slots=True)
class Suspect:
    """One place to read again.

    Attributes
    ----------
    document : str
        Id of the document.
    start, end : int
        Code points of the mark, or of the sentence without one.
    label : str
    kind : {"marked", "missed"}
    doubt : float
        How sure the model is that the annotation is wrong, 0 to 1.
    """

    document: str
    start: int
    end: int
    label: str
    kind: str
    doubt: float

    def __str__(self) -> str:
        """One line: tab-separated fields."""
        place = f"{self.document}\t{self.start}-{self.end}"
        return f"{self.doubt:.3f}\t{self.kind}\t{self.label}\t{place}"


def find_suspicious(
    documents: Sequence[AnnotatedDocument],
    schema: Schema,
    *,
    vectors: Vectors | None = None,
    most: int = 300,
    seed: int = 0,
    progress: Progress | None = None,
) -> list[Suspect]:
    """Cross-validate on the documents and list the places that look wrong.

    Half of the list are marks, half are sentences without one; each half is ranked by
    how sure the model is against the annotation.

    Parameters
    ----------
    documents : sequence of AnnotatedDocument
    schema : Schema
    vectors : Vectors, optional
        Else those of the shipped linear model.
    most, seed : int
    progress : callable, optional

    Returns
    -------
    list of Suspect
    """
    if vectors is None:
        from framing.storage import load_model

        vectors = load_model("linear").linear.vectors
    usable = [document for document in documents if document.text]
    _, rehearsal = fit(usable, schema, vectors, Settings(seed=seed), progress)
    marked = sorted(_doubtful_marks(usable, rehearsal), key=_order)[: most // 2]
    missed = sorted(_missed_sentences(usable, rehearsal), key=_order)[: most - len(marked)]
    return sorted([*marked, *missed], key=_order)


def _order(suspect: Suspect) -> tuple[float, str, int, str]:
    return -suspect.doubt, suspect.document, suspect.start, suspect.label


def _doubtful_marks(documents: Sequence[AnnotatedDocument], rehearsal: Rehearsal) -> list[Suspect]:
    """Every mark, with one minus the probability that its sentences hold its label."""
    corpus, batch = rehearsal.corpus, rehearsal.corpus.batch
    found = []
    for label, first, stop in corpus.marks.tolist():
        sentences = slice(batch.sentence[first], batch.sentence[stop - 1] + 1)
        doubt = 1 - float(rehearsal.sentences[sentences, label].max())
        found.append(_suspect(documents, corpus, (label, first, stop), "marked", doubt))
    return found


def _missed_sentences(
    documents: Sequence[AnnotatedDocument], rehearsal: Rehearsal
) -> list[Suspect]:
    """Sentences of the article's own without a mark, with the probability of one."""
    corpus, batch = rehearsal.corpus, rehearsal.corpus.batch
    present = sentence_targets(corpus.marks, batch, corpus.n_labels)
    sure = np.where(present | ~corpus.sentence_own[:, None], 0.0, rehearsal.sentences)
    found = []
    for sentence, label in np.argwhere(sure > 0.3).tolist():
        first, stop = batch.sentence_start[sentence : sentence + 2].tolist()
        doubt = float(sure[sentence, label])
        found.append(_suspect(documents, corpus, (label, first, stop), "missed", doubt))
    return found


def _suspect(
    documents: Sequence[AnnotatedDocument],
    corpus: Corpus,
    row: tuple[int, int, int],
    kind: str,
    doubt: float,
) -> Suspect:
    """Suspect of a row of label, first token and one past the last."""
    label, first, stop = row
    batch = corpus.batch
    document, name = documents[int(batch.document[first])].id, corpus.schema.names[label]
    return Suspect(document, int(batch.start[first]), int(batch.end[stop - 1]), name, kind, doubt)
