"""What of a reading is reported, and as what text it is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from framing.baseline import Baseline
from framing.inputs import Source
from framing.prediction import Prediction, Span

if TYPE_CHECKING:
    from framing.markup import Markup
    from framing.predictor import Framing


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

    def report(self, source: Source, prediction: Prediction) -> tuple[str, Prediction]:
        """Choose what is reported.

        Parameters
        ----------
        source : Source
        prediction : Prediction
            Of its text.

        Returns
        -------
        text : str
            What is shown: the file as it stands, or its text.
        prediction : Prediction
            With the spans of that text that are reported.
        """
        kept = prediction if source.markup is None else self._own(source.markup, prediction)
        kept = self.keep(kept)
        if self.baseline:
            new = self.baseline.new(source.name, map(source.place, kept))
            fresh = {span for span, is_new in zip(kept, new, strict=True) if is_new}
            kept = kept.only(fresh.__contains__)
        if source.markup is None or self.as_read:
            return source.text, kept
        placed = tuple(map(source.place, kept))
        return source.original, replace(kept, text=source.original, spans=placed)

    def _own(self, markup: Markup, prediction: Prediction) -> Prediction:
        """Take block quotations for somebody's words, as those between marks are."""
        labels = self.framing.model.schema.labels
        inserts = {label.name for label in labels if label.unit == "insert"}

        def is_quoted(span: Span) -> bool:
            return span.label not in inserts and markup.is_quoted(span)

        heard = prediction.only(lambda span: not markup.is_ignored(span))
        if not self.framing.include_quoted:
            return heard.only(lambda span: not is_quoted(span))
        return replace(
            heard,
            spans=tuple(
                replace(span, quoted=True) if is_quoted(span) else span for span in heard.spans
            ),
        )
