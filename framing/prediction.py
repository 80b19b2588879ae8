"""What a user gets: spans, and the reading of a whole text."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from operator import attrgetter
from typing import Any, overload

COLOURS = (
    "#d55e00", "#e69f00", "#0072b2", "#56b4e9", "#009e73",
    "#cc79a7", "#9f431d", "#9a1e78", "#9f71f5", "#574d41",
)  # fmt: skip
"""Okabe and Ito's colour-blind-safe colours, extended to ten that stay apart for readers
without red or green cones (tests/test_colours.py); each goes with a name."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Words that carry a device.

    Attributes
    ----------
    start, end : int
        Code points of the text, half-open: `text[start:end] == span.text`.
    label : str
        The device.
    score : float
        Probability that an annotator would mark it, 0 to 1.
    text : str
        The words.
    quoted : bool
        Whether it stands inside a direct quotation (only with `include_quoted`).
    """

    start: int
    end: int
    label: str
    score: float
    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """How much of each device a text carries.

    Attributes
    ----------
    words, sentences : int
    counts : dict of str to int
        Spans of each device.
    rates : dict of str to float
        Spans per 1,000 words.
    marked_share : float
        Share of the words that stand in some span, 0 to 1.
    attributions : int
        Reporting words, such as *said*, outside direct quotation, that report something in
        their sentence.
    vague_attributions : int
        Spans of `vague_attribution`, where the schema has it.
    """

    words: int
    sentences: int
    counts: dict[str, int]
    rates: dict[str, float]
    marked_share: float
    attributions: int
    vague_attributions: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def profile(
    labels: Sequence[str], spans: Sequence[Span], words: int, sentences: int, attributions: int
) -> Profile:
    """Profile of a text with these spans and so many words, sentences and attributions."""
    counts = dict.fromkeys(labels, 0)
    for span in spans:
        counts[span.label] += 1
    rates = {name: round(1000 * n / words, 3) if n and words else 0.0 for name, n in counts.items()}
    share = round(min(_marked(spans) / words, 1.0), 4) if words else 0.0
    vague = counts.get("vague_attribution", 0)
    return Profile(words, sentences, counts, rates, share, attributions, vague)


def _marked(spans: Sequence[Span]) -> int:
    """Words inside at least one span."""
    total, reached = 0, 0
    for span in sorted(spans, key=attrgetter("start")):
        begin = max(span.start, reached)
        if begin < span.end:
            total += len(span.text[begin - span.start :].split())
            reached = span.end
    return total


@dataclass(frozen=True, slots=True)
class Prediction(Sequence[Span]):
    """The spans of one text, in text order, and its profile.

    Attributes
    ----------
    text : str
    spans : tuple of Span
    profile : Profile
    """

    text: str
    spans: tuple[Span, ...]
    profile: Profile

    @overload
    def __getitem__(self, index: int) -> Span: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Span, ...]: ...
    def __getitem__(self, index: int | slice) -> Span | tuple[Span, ...]:
        return self.spans[index]

    def __len__(self) -> int:
        return len(self.spans)

    def __iter__(self) -> Iterator[Span]:
        return iter(self.spans)

    def only(self, keep: Callable[[Span], bool]) -> Prediction:
        """The same reading with some of its spans, and the profile of these."""
        spans = tuple(filter(keep, self.spans))
        if len(spans) == len(self.spans):
            return self
        old = self.profile
        counted = (old.words, old.sentences, old.attributions)
        return Prediction(self.text, spans, profile(tuple(old.counts), spans, *counted))

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the spans and the profile."""
        return {
            "spans": [asdict(span) for span in self.spans],
            "profile": self.profile.to_dict(),
        }

    def _repr_html_(self) -> str:
        """Highlighted text for a notebook."""
        return highlight(self.text, self.spans, tuple(self.profile.counts))


def highlight(text: str, spans: Sequence[Span], labels: Sequence[str]) -> str:
    """HTML of a text with its spans underlined and named; overlapping spans share words."""
    edges = sorted({0, len(text), *(s.start for s in spans), *(s.end for s in spans)})
    parts = []
    inside: list[Span] = []
    coming = sorted(spans, key=lambda span: -span.start)  # the next one last; ties as given
    for start, end in pairwise(edges):
        words = html.escape(text[start:end])
        inside = [span for span in inside if span.end > start]
        while coming and coming[-1].start <= start:
            inside.append(coming.pop())
        for span in inside:
            colour = COLOURS[labels.index(span.label) % len(COLOURS)]
            title = html.escape(f"{span.label} ({span.score:.2f})")
            tag = f"<sup>{html.escape(span.label)}</sup>" if span.end == end else ""
            style = f"border-bottom:3px solid {colour};background:{colour}22"
            words = f'<mark title="{title}" style="{style};color:inherit">{words}{tag}</mark>'
        parts.append(words)
    return f'<div style="white-space:pre-wrap;line-height:1.9">{"".join(parts)}</div>'
