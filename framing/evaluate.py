"""How well a model finds the marked spans of whole documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.annotations import AnnotatedDocument
from framing.metrics import (
    COUNTS,
    Interval,
    Score,
    average_precision,
    bootstrap,
    calibration_error,
    count_matches,
    exact,
    iou,
    one_to_one,
    partial,
)

READINGS = {"exact": exact, "partial": partial, "one-to-one": one_to_one}
Found = tuple[str, int, int, float]
"""A predicted span: label, start, end, score."""


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """Counts of an evaluation, and what they add up to.

    Attributes
    ----------
    labels : tuple of str
    counts : array of float64, shape (n_documents, n_labels, len(COUNTS))
    groups : tuple of str, length n_documents
    scores, hits : arrays, shape (n_predicted,)
        Score of each predicted span, and whether it matches a marked one (IoU >= 0.5).
    score_labels : array of int64, shape (n_predicted,)
    ranked : tuple of arrays, shape (n_ranked,)
        Label column, score, and hit of every span that might have been reported, those
        below the thresholds too; a marked span is hit once, by the surest. Empty where
        only reported spans are known.
    """

    labels: tuple[str, ...]
    counts: NDArray[np.float64]
    groups: tuple[str, ...]
    scores: NDArray[np.float64]
    hits: NDArray[np.float64]
    score_labels: NDArray[np.int64]
    ranked: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]] | None = None

    def score(self, reading: str, label: str | None = None) -> Score:
        """Precision, recall and F1 of a label, or of all together (micro)."""
        return READINGS[reading](self._total(label))

    def interval(self, reading: str, label: str | None = None) -> tuple[float, float]:
        """95% bootstrap interval of the F1, drawing whole groups."""
        rows = self.counts.sum(1) if label is None else self.counts[:, self.labels.index(label)]
        return bootstrap(lambda total: READINGS[reading](total).f1, rows, self.groups)

    def gold(self, label: str | None = None) -> int:
        """Number of marked spans."""
        return int(self._total(label)[COUNTS.index("gold")])

    def ratio(self, label: str | None = None) -> float:
        """Predicted spans per marked span."""
        total = self._total(label)
        return float(total[1] / total[0]) if total[0] else 0.0

    def calibration_error(self, label: str) -> float:
        """Expected calibration error of scores, in ten bins of equal mass.

        Of all spans that might have been reported where these are known, else of those
        that were. Few spans leave an error of chance: see `calibration_chance`.
        """
        scores, hits = self.scored(label)
        return calibration_error(scores, hits, equal_mass=True)

    def calibration_chance(self, label: str) -> float:
        """Mean calibration error that perfectly calibrated scores would show, by 200 draws."""
        scores, _ = self.scored(label)
        rng = np.random.default_rng(0)
        drawn = [rng.random(len(scores)) < scores for _ in range(200)]
        errors = [calibration_error(scores, hits.astype(float), equal_mass=True) for hits in drawn]
        return float(np.mean(errors))

    def scored(self, label: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Scores and hits of all spans that might have been reported, else of those that were."""
        if self.ranked is None:
            mine = self.score_labels == self.labels.index(label)
            return self.scores[mine], self.hits[mine]
        columns, scores, hits = self.ranked
        mine = columns == self.labels.index(label)
        return scores[mine], hits[mine]

    def average_precision(self, label: str) -> float | None:
        """Average precision (IoU >= 0.5) over all that might have been reported, if known."""
        if self.ranked is None:
            return None
        columns, scores, hits = self.ranked
        mine = columns == self.labels.index(label)
        return average_precision(scores[mine], hits[mine], self.gold(label))

    def _total(self, label: str | None) -> NDArray[np.float64]:
        summed: NDArray[np.float64] = self.counts.sum(0)
        return summed.sum(0) if label is None else summed[self.labels.index(label)]

    def rows(self) -> list[dict[str, Any]]:
        """One row a label, and one for all: plain data."""
        found = []
        for label in (*self.labels, None):
            row: dict[str, Any] = {"label": label or "all", "n": self.gold(label)}
            for reading in READINGS:
                score = self.score(reading, label)
                row[reading] = {
                    "precision": score.precision, "recall": score.recall, "f1": score.f1,
                }  # fmt: skip
            low, high = self.interval("partial", label)
            row["partial"] |= {"low": low, "high": high}
            row["predicted_per_gold"] = self.ratio(label)
            if label:
                row["calibration_error"] = self.calibration_error(label)
                row["calibration_chance"] = self.calibration_chance(label)
                if self.ranked is not None:
                    row["average_precision"] = self.average_precision(label)
            found.append(row)
        return found

    def table(self) -> str:
        """Plain text, at most 80 columns wide."""
        head = f"{'device':<23}{'n':>6}  {'exact':>5}  {'partial P R F1':<17}{'interval':<11}{'1-1':>5}{'p/g':>6}"
        lines = [head, "-" * len(head)]
        for row in self.rows():
            part = row["partial"]
            lines.append(
                f"{row['label']:<23}{row['n']:>6}  {row['exact']['f1']:>5.2f}  "
                f"{part['precision']:.2f} {part['recall']:.2f} {part['f1']:.2f}   "
                f"{part['low']:.2f}-{part['high']:.2f}  {row['one-to-one']['f1']:>5.2f}"
                f"{row['predicted_per_gold']:>6.2f}"
            )
        return "\n".join(lines)


def compare(
    documents: Sequence[AnnotatedDocument],
    predicted: Sequence[Sequence[Found]],
    labels: Sequence[str],
    candidates: Sequence[Sequence[Found]] | None = None,
) -> Report:
    """Compare predicted spans with the marks of documents.

    Parameters
    ----------
    documents : sequence of AnnotatedDocument
    predicted : sequence, one a document, of (label, start, end, score)
    labels : sequence of str
    candidates : sequence, one a document, of (label, start, end, score), optional
        All that might have been reported, for the average precision.

    Returns
    -------
    Report
    """
    counts = np.zeros((len(documents), len(labels), len(COUNTS)))
    scores: list[float] = []
    hits: list[float] = []
    which: list[int] = []
    for number, (document, spans) in enumerate(zip(documents, predicted, strict=True)):
        for column, label in enumerate(labels):
            gold = [(mark.start, mark.end) for mark in document.marks if mark.label == label]
            found = [(start, end) for name, start, end, _ in spans if name == label]
            if gold or found:
                counts[number, column] = count_matches(gold, found)
        for name, start, end, score in spans:
            gold = [(mark.start, mark.end) for mark in document.marks if mark.label == name]
            scores.append(score)
            hits.append(float(_hit((start, end), gold)))
            which.append(list(labels).index(name))
    return Report(
        tuple(labels),
        counts,
        tuple(document.group for document in documents),
        np.asarray(scores),
        np.asarray(hits),
        np.asarray(which, np.int64),
        None if candidates is None else _ranked(documents, candidates, labels),
    )


def _ranked(
    documents: Sequence[AnnotatedDocument],
    candidates: Sequence[Sequence[Found]],
    labels: Sequence[str],
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Label column, score and hit of each candidate; the surest takes a mark first."""
    rows: list[tuple[int, float, bool]] = []
    for document, spans in zip(documents, candidates, strict=True):
        free = {(mark.label, mark.start, mark.end) for mark in document.marks}
        for name, start, end, score in sorted(spans, key=lambda span: -span[3]):
            fits = [
                (iou((start, end), mark[1:]), mark)
                for mark in free
                if mark[0] == name and mark[1] < end and start < mark[2]
            ]
            fit, mark = max(fits, default=(0.0, None))
            if mark is not None and fit >= 0.5:
                free.discard(mark)
            rows.append((labels.index(name), score, fit >= 0.5))
    columns = [np.asarray(column) for column in zip(*rows, strict=True)] or [np.zeros(0)] * 3
    return columns[0].astype(np.int64), columns[1].astype(np.float64), columns[2].astype(np.float64)


def _hit(span: Interval, gold: Sequence[Interval]) -> bool:
    return any(iou(span, mark) >= 0.5 for mark in gold)


def evaluate(model: Any, documents: Sequence[AnnotatedDocument]) -> Report:
    """Predict documents with a `Framing` and compare with their marks.

    Parameters
    ----------
    model : Framing
    documents : sequence of AnnotatedDocument
        With text.
    """
    texts = [document.text or "" for document in documents]
    found = [
        [(span.label, span.start, span.end, span.score) for span in prediction]
        for prediction in model.predict_many(texts)
    ]
    return compare(documents, found, model.labels)
