"""What a set of annotated documents holds: counts, rates, a table and a chart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from framing.annotations import AnnotatedDocument
from framing.pieces import Flag, Lexicon
from framing.prediction import COLOURS
from framing.schema import Schema
from framing.targets import marked_tokens
from framing.text import read

UNKNOWN = "unknown"
DIMENSIONS = ("source", "genre", "outlet kind", "split")
"""What documents are told apart by."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What some documents hold.

    Attributes
    ----------
    documents, readable : int
        All documents, and those whose text is known.
    unmarked : int
        Documents without any span.
    words : int
        Of the readable documents.
    spans, readable_spans : dict of str to int
        Spans by label, of all documents and of the readable ones.
    """

    documents: int
    readable: int
    unmarked: int
    words: int
    spans: dict[str, int]
    readable_spans: dict[str, int]

    @property
    def total(self) -> int:
        """Spans of all labels."""
        return sum(self.spans.values())

    @property
    def unmarked_share(self) -> float:
        """Share of the documents without any span, 0 to 1."""
        return _rate(self.unmarked, self.documents)

    def per_document(self, label: str | None = None) -> float:
        """Spans of a label, or of all, per document."""
        return _rate(self.total if label is None else self.spans[label], self.documents)

    def per_thousand_words(self, label: str | None = None) -> float:
        """Spans of a label, or of all, per 1,000 words of the readable documents."""
        spans = self.readable_spans
        return 1000 * _rate(sum(spans.values()) if label is None else spans[label], self.words)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "documents": self.documents,
            "readable": self.readable,
            "unmarked": self.unmarked,
            "unmarked_share": round(self.unmarked_share, 4),
            "words": self.words,
            "spans": dict(self.spans),
            "total": self.total,
            "per_document": round(self.per_document(), 3),
            "per_1000_words": round(self.per_thousand_words(), 3),
        }


def _rate(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a set of annotated documents holds.

    Attributes
    ----------
    all : Counts
        Of all documents.
    by : dict of str to dict of str to Counts
        For each of `DIMENSIONS`, counts of its values, those with most documents first.
    median_words : dict of str to float or None
        Median length of a label's spans in words, in the readable documents; None
        where there is no span.
    """

    all: Counts
    by: dict[str, dict[str, Counts]]
    median_words: dict[str, float | None]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        labels = {
            label: {
                "spans": count,
                "per_document": round(self.all.per_document(label), 3),
                "per_1000_words": round(self.all.per_thousand_words(label), 3),
                "median_words": self.median_words[label],
            }
            for label, count in self.all.spans.items()
        }
        by = {
            dimension: {name: counts.to_dict() for name, counts in parts.items()}
            for dimension, parts in self.by.items()
        }
        return self.all.to_dict() | {"labels": labels, "by": by}


def describe(documents: Sequence[AnnotatedDocument], schema: Schema) -> Statistics:
    """Count what documents hold.

    Parameters
    ----------
    documents : sequence of AnnotatedDocument
        Those without text count as documents and with their spans, but not in words,
        rates per word and lengths.
    schema : Schema
        Spans of other labels are left out.

    Returns
    -------
    Statistics
    """
    batch = read([document.text or "" for document in documents], Lexicon())
    is_word = batch.has(Flag.WORD)
    words = np.bincount(batch.document, is_word, len(documents)).astype(int).tolist()
    before = np.concatenate(([0], np.cumsum(is_word)))
    label, start, end = marked_tokens(batch, documents, schema).T
    lengths = before[end] - before[start]
    medians = {
        name: float(np.median(lengths[label == column])) if (label == column).any() else None
        for column, name in enumerate(schema.names)
    }
    parts: dict[str, dict[str, list[int]]] = {dimension: {} for dimension in DIMENSIONS}
    for number, document in enumerate(documents):
        for dimension, value in _places(document).items():
            parts[dimension].setdefault(value, []).append(number)
    by = {
        dimension: {
            value: _count([documents[i] for i in numbers], sum(words[i] for i in numbers), schema)
            for value, numbers in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
        }
        for dimension, found in parts.items()
    }
    return Statistics(_count(documents, sum(words), schema), by, medians)


def _places(document: AnnotatedDocument) -> dict[str, str]:
    """Value of each of `DIMENSIONS`."""
    meta = document.meta
    values = (
        str(meta.get("source") or UNKNOWN),
        str(meta.get("genre") or UNKNOWN),
        _outlet_kind(meta),
        document.split,
    )
    return dict(zip(DIMENSIONS, values, strict=True))


def _outlet_kind(meta: Mapping[str, Any]) -> str:
    """Kind of outlet, such as `tabloid`; an address tells no kind."""
    outlet = str(meta.get("outlet_kind") or meta.get("outlet") or UNKNOWN)
    return "web address" if "." in outlet else outlet


def _count(documents: Sequence[AnnotatedDocument], words: int, schema: Schema) -> Counts:
    spans, readable_spans = Counter[str](), Counter[str]()
    names = set(schema.names)
    readable = unmarked = 0
    for document in documents:
        own = Counter(mark.label for mark in document.marks if mark.label in names)
        spans += own
        unmarked += not own
        if document.text is not None:
            readable += 1
            readable_spans += own
    return Counts(
        len(documents), readable, unmarked, words,
        {name: spans[name] for name in schema.names},
        {name: readable_spans[name] for name in schema.names},
    )  # fmt: skip


# --- as a table ---------------------------------------------------------------------------


def table(statistics: Statistics) -> str:
    """Plain text of statistics, at most 80 columns wide, with a line break at its end."""
    counts = statistics.all
    missing = counts.documents - counts.readable
    lines = [
        f"{counts.documents:,} documents, {counts.words:,} words, {counts.total:,} spans",
        f"spans per document: {counts.per_document():.2f}",
        f"spans per 1,000 words: {counts.per_thousand_words():.2f}",
        f"documents without a span: {counts.unmarked_share:.0%}",
    ]
    if missing:
        lines.append(
            f"documents without text: {missing:,} (not in words, rates per word and lengths)"
        )
    lines += ["", f"{'label':<26}{'spans':>10}{'per doc':>12}{'per 1,000':>14}{'median words':>17}"]
    for name, count in counts.spans.items():
        median = statistics.median_words[name]
        lines.append(
            f"{fit(name, 25):<26}{count:>10,}{counts.per_document(name):>12.2f}"
            f"{counts.per_thousand_words(name):>14.2f}{'-' if median is None else f'{median:g}':>17}"
        )
    for dimension, parts in statistics.by.items():
        lines += ["", f"{dimension:<20}{'documents':>10}{'words':>12}{'spans':>9}"]
        lines[-1] += f"{'per doc':>9}{'per 1,000':>11}{'no span':>9}"
        lines += [_row(name, part) for name, part in parts.items()]
    return "\n".join(lines) + "\n"


def _row(name: str, counts: Counts) -> str:
    return (
        f"{fit(name, 19):<20}{counts.documents:>10,}{counts.words:>12,}{counts.total:>9,}"
        f"{counts.per_document():>9.2f}{counts.per_thousand_words():>11.2f}"
        f"{counts.unmarked_share:>9.0%}"
    )


def fit(name: str, width: int) -> str:
    """One printable line of at most `width` characters."""
    name = "".join(char if char.isprintable() else " " for char in name)
    return name if len(name) <= width else name[: width - 1] + "…"


# --- as a chart ---------------------------------------------------------------------------

_LEFT, _MIDDLE, _RIGHT = 190, 480, 60
"""Pixels of width for the labels, the bars and the totals."""
_BAR, _STEP, _LINE = 18, 28, 20
"""Pixels of height of a bar, from bar to bar, and of a line of the legend."""
_IN_LINE = 4
"""Sources in a line of the legend."""


def bars(statistics: Statistics) -> str:
    """SVG of spans by label, each bar made up of the sources that they come from.

    Where there are more sources than colours, the smaller ones are taken together.
    """
    sources = _sources(statistics)
    totals = statistics.all.spans
    top = 44 + _LINE * -(-len(sources) // _IN_LINE)
    bottom = top + _STEP * len(totals)
    most = max([1, *totals.values()])
    width, height = _LEFT + _MIDDLE + _RIGHT, bottom + 28
    parts = [
        _head(width, height),
        "<title>Spans by label and source</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        _words(12, 20, "Spans by label and source", 'font-size="14" font-weight="bold"'),
        *_legend(list(sources)),
        *_grid(most, top, bottom),
    ]
    for row, (label, total) in enumerate(totals.items()):
        y = top + _STEP * row + (_STEP - _BAR) // 2
        parts.append(_words(_LEFT - 8, y + 13, fit(label, 28), 'text-anchor="end"'))
        parts += _bar(label, {name: spans[label] for name, spans in sources.items()}, most, y)
        parts.append(_words(_LEFT + _MIDDLE * total / most + 6, y + 13, f"{total:,}"))
    return "\n".join([*parts, "</svg>"]) + "\n"


def _head(width: int, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" '
        'font-size="12" fill="#222222">'
    )


def _sources(statistics: Statistics) -> dict[str, dict[str, int]]:
    """Spans by label of each source, as many sources as there are colours."""
    found = {name: counts.spans for name, counts in statistics.by["source"].items()}
    if len(found) <= len(COLOURS):
        return found
    names = list(found)
    rest = Counter[str]()
    for name in names[len(COLOURS) - 1 :]:
        rest.update(found[name])
    kept = {name: found[name] for name in names[: len(COLOURS) - 1]}
    return kept | {f"{len(names) - len(kept)} other sources": dict(rest)}


def _bar(label: str, spans: Mapping[str, int], most: int, y: int) -> list[str]:
    """Rectangles of one label, source after source."""
    parts = []
    before = 0
    for (name, count), colour in zip(spans.items(), COLOURS, strict=False):
        if count:
            x, width = _LEFT + _MIDDLE * before / most, _MIDDLE * count / most
            title = escape(f"{fit(label, 80)}, {fit(name, 80)}: {count:,}")
            parts.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="{colour}" '
                f'stroke="#ffffff" stroke-width="0.5"><title>{title}</title></rect>'
            )
        before += count
    return parts


def _legend(names: Sequence[str]) -> list[str]:
    """Return a square of each source's colour with its name."""
    parts = []
    for number, (name, colour) in enumerate(zip(names, COLOURS, strict=False)):
        x, y = 12 + 180 * (number % _IN_LINE), 34 + _LINE * (number // _IN_LINE)
        parts.append(f'<rect x="{x}" y="{y}" width="12" height="12" fill="{colour}"/>')
        parts.append(_words(x + 18, y + 10, fit(name, 24)))
    return parts


def _grid(most: int, top: int, bottom: int) -> list[str]:
    """Upright lines at round numbers of spans."""
    step = next(
        size * 10**power
        for power in range(20)
        for size in (1, 2, 5)
        if most <= 6 * size * 10**power
    )
    parts = []
    for value in range(0, most + 1, step):
        x = _LEFT + _MIDDLE * value / most
        parts.append(f'<path d="M{x:.1f} {top}V{bottom}" stroke="#cccccc" fill="none"/>')
        parts.append(_words(x, bottom + 16, f"{value:,}", 'text-anchor="middle"'))
    return parts


def _words(x: float, y: float, words: str, attributes: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {attributes}>{escape(words)}</text>'
