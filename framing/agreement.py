"""How far two annotators who marked the same documents agree, with intervals."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.annotations import AnnotatedDocument
from framing.errors import AnnotationError
from framing.metrics import COUNTS, Interval, count_matches
from framing.pieces import Lexicon
from framing.schema import Schema
from framing.targets import marked_tokens, sentence_targets, token_targets
from framing.text import Batch, Bools, Ints, read

Doubles = NDArray[np.float64]

FIGURES = ("overlap_f1", "partial_f1", "one_to_one_f1", "kappa", "alpha")
"""What is estimated for each label; see `LabelAgreement`."""
ALL = "all labels"
"""Label of the overall figures."""
_CELLS = 4
"""Cells of the table of two annotators: both, the first only, the second only, neither."""
_N_COUNTS = len(COUNTS) + 1 + 2 * _CELLS


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure and its 95% interval; NaN where it is undefined."""

    value: float
    low: float
    high: float

    def to_dict(self) -> dict[str, float | None]:
        """Plain data; None where it is undefined."""
        return {
            name: None if math.isnan(value) else round(value, 4)
            for name, value in asdict(self).items()
        }


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """Agreement on one label, or on all of them.

    Attributes
    ----------
    label : str
    first, second : int
        Spans that each annotator marked.
    overlap_f1 : Estimate
        A span is matched where it overlaps one of the same label at all, each used once.
    partial_f1 : Estimate
        Of SemEval-2020 task 11: each span counts by the share of it that is covered.
    one_to_one_f1 : Estimate
        A span is matched where its intersection over union with one of the same label
        is at least 0.5, each used once.
    kappa : Estimate
        Cohen's kappa (Cohen, 1960) over sentences: does the sentence hold the label?
    alpha : Estimate
        Krippendorff's alpha for nominal data (Krippendorff, 2004, chapter 11) over
        tokens, words and marks alike: does the token stand inside the label? It is not
        his alpha for unitising, which weighs the lengths of spans and gaps.
    """

    label: str
    first: int
    second: int
    overlap_f1: Estimate
    partial_f1: Estimate
    one_to_one_f1: Estimate
    kappa: Estimate
    alpha: Estimate

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        counts = {"label": self.label, "first": self.first, "second": self.second}
        return counts | {name: getattr(self, name).to_dict() for name in FIGURES}


@dataclass(frozen=True, slots=True)
class AgreementReport:
    """Agreement of two annotators.

    Attributes
    ----------
    documents, groups, sentences, tokens : int
        What was compared.
    labels : tuple of LabelAgreement
        In the order of the schema.
    overall : LabelAgreement
        Spans of all labels together, each matched within its own label; for kappa and
        alpha, whether the sentence or token holds any label.
    only_first, only_second : tuple of str
        Ids of documents that only one annotator marked; they are left out.
    without_text : tuple of str
        Ids of documents whose text neither side has; they are left out.
    """

    documents: int
    groups: int
    sentences: int
    tokens: int
    labels: tuple[LabelAgreement, ...]
    overall: LabelAgreement
    only_first: tuple[str, ...] = ()
    only_second: tuple[str, ...] = ()
    without_text: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "documents": self.documents,
            "groups": self.groups,
            "sentences": self.sentences,
            "tokens": self.tokens,
            "overall": self.overall.to_dict(),
            "labels": [each.to_dict() for each in self.labels],
            "only_first": list(self.only_first),
            "only_second": list(self.only_second),
            "without_text": list(self.without_text),
        }

    def table(self) -> str:
        """Plain text, at most 80 columns wide, with a line break at its end."""
        lines = [
            f"{self.documents:,} documents, {self.groups:,} groups",
            f"{self.sentences:,} sentences, {self.tokens:,} tokens",
            "",
            *_HEAD,
        ]
        for each in (*self.labels, self.overall):
            lines += _rows(each)
        lines += ["", *_NOTES]
        lines += _named("only the first annotator marked", self.only_first)
        lines += _named("only the second annotator marked", self.only_second)
        lines += _named("text not found, left out", self.without_text)
        return "\n".join(lines) + "\n"


def agreement(
    first: Sequence[AnnotatedDocument],
    second: Sequence[AnnotatedDocument],
    schema: Schema,
    *,
    repeats: int = 1000,
    seed: int = 0,
) -> AgreementReport:
    """Compare two annotators.

    A figure is undefined where the label does not occur, and kappa and alpha also
    where it never fails to. Intervals are of whole groups drawn with replacement, as in
    `framing.metrics.bootstrap`; draws in which a figure is undefined are left out.

    Parameters
    ----------
    first, second : sequence of AnnotatedDocument
        The same documents, matched by the sha256 of their text.
    schema : Schema
        Spans of other labels are left out.
    repeats, seed : int
        Draws for the intervals.

    Returns
    -------
    AgreementReport

    Raises
    ------
    AnnotationError
        If a document stands twice in a list, or none can be compared.

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and
    Psychological Measurement 20(1).
    Da San Martino, G. et al. (2020). SemEval-2020 task 11: Detection of propaganda
    techniques in news articles.
    Krippendorff, K. (2004). Content analysis: An introduction to its methodology (2nd
    ed.). Sage.
    """
    ours, theirs = _by_hash(first, "first"), _by_hash(second, "second")
    both = [digest for digest in ours if digest in theirs]
    texts = {digest: _either(ours[digest].text, theirs[digest].text) for digest in both}
    readable = [digest for digest in both if texts[digest] is not None]
    if not readable:
        raise AnnotationError(_nothing(len(both)))
    batch = read([str(texts[digest]) for digest in readable], Lexicon())
    pairs = [ours[digest] for digest in readable], [theirs[digest] for digest in readable]
    counts = _count(batch, *pairs, schema)
    groups = [ours[digest].group for digest in readable]
    total = counts.sum(0)
    values = _figures(total)
    estimates = np.stack((values, *_intervals(counts, groups, repeats, seed)), axis=-1)
    found = [
        LabelAgreement(
            name, int(total[row, 0]), int(total[row, 1]), *(Estimate(*e) for e in own.tolist())
        )
        for row, (name, own) in enumerate(zip((*schema.names, ALL), estimates, strict=True))
    ]
    return AgreementReport(
        documents=len(readable),
        groups=len(set(groups)),
        sentences=int(total[-1, -2 * _CELLS : -_CELLS].sum()),
        tokens=int(total[-1, -_CELLS:].sum()),
        labels=tuple(found[:-1]),
        overall=found[-1],
        only_first=tuple(ours[digest].id for digest in ours if digest not in theirs),
        only_second=tuple(theirs[digest].id for digest in theirs if digest not in ours),
        without_text=tuple(ours[digest].id for digest in both if texts[digest] is None),
    )


def _by_hash(documents: Sequence[AnnotatedDocument], which: str) -> dict[str, AnnotatedDocument]:
    found: dict[str, AnnotatedDocument] = {}
    for document in documents:
        other = found.get(document.sha256)
        if other:
            places = f"{document.where or document.id} and {other.where or other.id}"
            raise AnnotationError(
                f"{places} have the same text; name each document once in the {which} list"
            )
        found[document.sha256] = document
    return found


def _either(first: str | None, second: str | None) -> str | None:
    return second if first is None else first


def _nothing(shared: int) -> str:
    if shared:
        return f"no text of the {shared} documents in both lists was found; name their folder"
    return "no document stands in both lists; they are matched by the sha256 of their text"


# --- counting -----------------------------------------------------------------------------


def _count(
    batch: Batch,
    first: Sequence[AnnotatedDocument],
    second: Sequence[AnnotatedDocument],
    schema: Schema,
) -> Doubles:
    """Count matches, sentences and tokens of each document.

    Returns
    -------
    array of float64, shape (n_documents, n_labels + 1, n_counts)
        The last row is of all labels. Columns: `metrics.COUNTS`, spans that overlap,
        and the four cells for sentences and for tokens.
    """
    n_labels, n_spans = len(schema.names), len(COUNTS) + 1
    counts = np.zeros((len(first), n_labels + 1, _N_COUNTS))
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        for column, name in enumerate(schema.names):
            a, b = _intervals_of(one, name), _intervals_of(other, name)
            if a or b:
                counts[number, column, :n_spans] = [*count_matches(a, b), overlapping(a, b)]
    counts[:, -1] = counts[:, :-1].sum(1)
    marks = [marked_tokens(batch, documents, schema) for documents in (first, second)]
    tokens = [_with_any(token_targets(own, len(batch), n_labels)) for own in marks]
    sentences = [_with_any(sentence_targets(own, batch, n_labels)) for own in marks]
    owner = batch.document[batch.sentence_start[:-1]]
    edges = np.searchsorted(owner, np.arange(len(first) + 1))
    counts[:, :, n_spans : n_spans + _CELLS] = _cells(sentences, edges)
    counts[:, :, n_spans + _CELLS :] = _cells(tokens, batch.document_start)
    return counts


def _intervals_of(document: AnnotatedDocument, label: str) -> list[Interval]:
    return [(mark.start, mark.end) for mark in document.marks if mark.label == label]


def overlapping(first: Iterable[Interval], second: Iterable[Interval]) -> int:
    """Count the most pairs of overlapping spans that can be made, each span used once.

    Spans of one side do not overlap each other, so pairing from left to right is best.
    """
    ours, theirs = sorted(first), sorted(second)
    i = j = pairs = 0
    while i < len(ours) and j < len(theirs):
        if ours[i][1] <= theirs[j][0]:
            i += 1
        elif theirs[j][1] <= ours[i][0]:
            j += 1
        else:
            i, j, pairs = i + 1, j + 1, pairs + 1
    return pairs


def _with_any(targets: Bools) -> Bools:
    """Targets with a last column for any label."""
    return np.column_stack((targets, targets.any(1)))


def _cells(targets: Sequence[Bools], edges: Ints) -> Doubles:
    """Table of two annotators for the units between edges: shape (n, n_labels + 1, 4)."""
    first, second = targets
    cells = (first & second, first & ~second, ~first & second, ~first & ~second)
    counts = []
    for cell in cells:
        reached = np.zeros((len(cell) + 1, cell.shape[1]))
        np.cumsum(cell, axis=0, out=reached[1:])
        counts.append(np.diff(reached[edges], axis=0))
    return np.stack(counts, axis=-1)


# --- estimating ---------------------------------------------------------------------------


def _figures(counts: Doubles) -> Doubles:
    """`FIGURES` from summed counts: shape (..., n_counts) to (..., 5)."""
    first, second, _, covered_first, covered_second, matched, overlaps = np.moveaxis(
        counts[..., : len(COUNTS) + 1], -1, 0
    )
    figures = (
        _f1(overlaps, overlaps, first, second),
        _f1(covered_first, covered_second, first, second),
        _f1(matched, matched, first, second),
        cohen_kappa(counts[..., -2 * _CELLS : -_CELLS]),
        krippendorff_alpha(counts[..., -_CELLS:]),
    )
    return np.stack(figures, axis=-1)


def _divide(part: Doubles, whole: Doubles, otherwise: float) -> Doubles:
    quotient = np.full(whole.shape, otherwise, np.float64)
    np.divide(part, whole, out=quotient, where=whole != 0)
    return quotient


def _f1(
    matched_first: Doubles, matched_second: Doubles, first: Doubles, second: Doubles
) -> Doubles:
    """Harmonic mean of the matched shares; undefined where neither marked a span."""
    recall, precision = _divide(matched_first, first, 0), _divide(matched_second, second, 0)
    f1 = _divide(2 * precision * recall, precision + recall, 0)
    return np.where(first + second > 0, f1, np.nan)


def cohen_kappa(cells: Doubles) -> Doubles:
    """Cohen's kappa of yes and no (Cohen, 1960).

    (p_o - p_e) / (1 - p_e), written for a table of two by two, where numerator and
    denominator can be multiplied by n squared.

    Parameters
    ----------
    cells : array of float64, shape (..., 4)
        Units that both, the first only, the second only and neither said yes to.

    Returns
    -------
    array of float64, shape (...)
        NaN where both gave one and the same answer throughout.
    """
    a, b, c, d = np.moveaxis(cells, -1, 0)
    return _divide(2 * (a * d - b * c), (a + b) * (b + d) + (a + c) * (c + d), np.nan)


def krippendorff_alpha(cells: Doubles) -> Doubles:
    """Krippendorff's alpha of yes and no, two observers, nothing missing.

    1 - (n - 1) o_01 / (n_0 n_1), with n values, n_0 of them no and n_1 yes, and o_01
    disagreements (Krippendorff, 2004, chapter 11).

    Parameters
    ----------
    cells : array of float64, shape (..., 4)
        As for `cohen_kappa`.

    Returns
    -------
    array of float64, shape (...)
        NaN where the values do not vary.
    """
    a, b, c, d = np.moveaxis(cells, -1, 0)
    yes, no = 2 * a + b + c, 2 * d + b + c
    return 1 - _divide((yes + no - 1) * (b + c), yes * no, np.nan)


def _intervals(
    counts: Doubles, groups: Sequence[str], repeats: int, seed: int
) -> tuple[Doubles, Doubles]:
    """Draw whole groups and take the middle 95% of each figure: shapes (n_labels + 1, 5)."""
    _, inverse = np.unique(np.asarray(groups), return_inverse=True)
    summed = np.zeros((inverse.max() + 1, *counts.shape[1:]))
    np.add.at(summed, inverse, counts)
    rng = np.random.default_rng(seed)
    weights = rng.multinomial(len(summed), np.full(len(summed), 1 / len(summed)), repeats)
    figures = _figures(np.tensordot(weights.astype(float), summed, axes=1))
    bounds = np.full((2, *figures.shape[1:]), np.nan)
    for place in np.ndindex(*figures.shape[1:]):
        drawn = figures[(slice(None), *place)]
        drawn = drawn[~np.isnan(drawn)]
        if len(drawn):
            bounds[(slice(None), *place)] = np.percentile(drawn, (2.5, 97.5))
    return bounds[0], bounds[1]


# --- as a table ---------------------------------------------------------------------------

_HEAD = (
    f"{'':<20}{'F1, any':>12}{'F1,':>12}{'F1, IoU':>12}{'kappa,':>12}{'alpha,':>12}",
    f"{'label':<20}{'overlap':>12}{'partial':>12}{'>= 0.5':>12}{'sentences':>12}{'tokens':>12}",
)
_NOTES = (
    "Under each label: spans of the two annotators, and 95% intervals (bootstrap over",
    "groups). Kappa: Cohen (1960). Alpha: Krippendorff (2004), nominal, of tokens",
    "inside the label or not; not his alpha for unitising. A dash: undefined.",
)


def _rows(found: LabelAgreement) -> list[str]:
    """Two lines of a label: its figures, and their intervals."""
    figures: list[Estimate] = [getattr(found, name) for name in FIGURES]
    label = found.label if len(found.label) <= 26 else found.label[:25] + "…"
    values = "".join(f"{_short(each.value):>12}" for each in figures)[6:]
    intervals = "".join(f"{_range(each):>12}" for each in figures)
    return [f"{label:<26}{values}", f"{f'  {found.first:,} and {found.second:,}':<20}{intervals}"]


def _short(value: float) -> str:
    """Two decimals, no leading zero."""
    return "-" if math.isnan(value) else f"{round(value, 2) + 0.0:.2f}".replace("0.", ".", 1)


def _range(estimate: Estimate) -> str:
    if math.isnan(estimate.low):
        return ""
    return f"[{_short(estimate.low)},{_short(estimate.high)}]"


def _named(what: str, ids: Sequence[str]) -> list[str]:
    """Say which documents were left out."""
    return textwrap.wrap(f"{len(ids)} {what}: {', '.join(ids)}", 80) if ids else []
