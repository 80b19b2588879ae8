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
        counted = self._own(source.markup, prediction) if source.markup else prediction
        kept = self.keep(counted)
        if self.baseline:
            new = self._new(self.baseline, source, kept, counted)
            counted, kept = counted.only(new.__contains__), kept.only(new.__contains__)
        if source.markup is None or self.as_read:
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

    def _own(self, markup: Markup, prediction: Prediction) -> Prediction:
        """Take block quotations for somebody's words, as those between marks are."""
        labels = self.framing.model.schema.labels
        inserts = {label.name for label in labels if label.unit == "insert"}

        def is_quoted(span: Span) -> bool:
            return span.label not in inserts and markup.is_quoted(span)

        heard = prediction.only(lambda span: not markup.is_ignored(span))
        if not self.framing.include_quoted:
            return heard.only(lambda span: not is_quoted(span))
        spans = (replace(span, quoted=True) if is_quoted(span) else span for span in heard)
        return replace(heard, spans=tuple(spans))
