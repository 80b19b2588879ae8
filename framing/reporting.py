"""What of a reading is reported, and as what text it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from framing.baseline import Baseline
from framing.inputs import Source
from framing.prediction import Prediction, Span

if TYPE_CHECKING:
    from framing.markup import Markup
    from framing.predictor import Framing


class Report(NamedTuple):
    """What is said of a source.

    Attributes
    ----------
    text : str
        What is shown: the file as it stands, or its text.
    prediction : Prediction
        With the spans of that text that are reported.
    counted : Prediction
        Of the source's text, with all spans that may fail a run: those that no comment
        asks to ignore, that nobody is quoted with, and that are not known.
    """

    text: str
    prediction: Prediction
    counted: Prediction


@dataclass(frozen=True, slots=True)
class Reporter:
    """Leaves out what stands in block quotations or between comments, or is known.

    Attributes
    ----------
    framing : Framing
    keep : callable
        What the user chose of a reading.
    baseline : Baseline, optional
    as_read : bool
        Show the text of a file of Markdown or HTML instead of the file as it stands.
    """

    framing: Framing
    keep: Callable[[Prediction], Prediction]
    baseline: Baseline | None = None
    as_read: bool = False

    def report(self, source: Source, prediction: Prediction) -> Report:
        """Choose what is reported of a prediction for the text of a source."""
        markup = source.markup
        counted = self._own(source, markup, prediction) if markup else prediction
        kept = self.keep(counted)
        if self.baseline:
            new = self._new(self.baseline, source, kept, counted)
            counted, kept = counted.only(new.__contains__), kept.only(new.__contains__)
        if markup is None or self.as_read:
            return Report(source.text, kept, counted)
        placed = tuple(map(source.place, kept))
        return Report(source.original, replace(kept, text=source.original, spans=placed), counted)

    def _new(
        self, baseline: Baseline, source: Source, kept: Prediction, counted: Prediction
    ) -> set[Span]:
        """Spans that are not known. A baseline may hold just those that are reported."""
        reported = set(kept)
        spans = [*kept, *(span for span in counted if span not in reported)]
        new = baseline.new(source.name, map(source.place, spans))
        return {span for span, is_new in zip(spans, new, strict=True) if is_new}

    def is_own(self, source: Source, span: Span) -> bool:
        """Whether a span of a source's text is the article's, and no comment hides it."""
        markup = source.markup
        if markup is None:
            return True
        if markup.is_ignored(span):
            return False
        speech = self.framing.include_quoted or self.framing.model.schema.speech
        return speech or not self._is_quoted(markup, span)

    def _own(self, source: Source, markup: Markup, prediction: Prediction) -> Prediction:
        """Take block quotations for somebody's words, as those between marks are."""
        heard = prediction.only(lambda span: self.is_own(source, span))
        if not self.framing.include_quoted:
            return heard
        spans = (
            replace(span, quoted=True) if self._is_quoted(markup, span) else span for span in heard
        )
        return replace(heard, spans=tuple(spans))

    def _is_quoted(self, markup: Markup, span: Span) -> bool:
        """Whether somebody else says a span; what is no part of the story, nobody says."""
        if not markup.is_quoted(span):
            return False
        labels = self.framing.model.schema.labels
        return all(label.unit != "insert" for label in labels if label.name == span.label)
