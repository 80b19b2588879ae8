"""One line a span, for people and editors: `path:line:col: device (0.87) "the words"`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from framing.output.characters import cells, escaped, shorten, visible
from framing.output.positions import Positions
from framing.output.stream import TextWriter

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction, Span

LEAST = 24
"""Columns that the words get even where the path is long."""
HUES = (31, 33, 34, 36, 32, 35)
"""ANSI foreground colours, by turns; the device is also named."""


class ConciseWriter(TextWriter):
    """Lines that fit the width where the path allows; line and column in code points."""

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> str:
        """One line a span."""
        if not prediction.spans:
            return ""
        positions, lines = Positions(text), []
        for span in prediction:
            line, column = positions.line(span.start), positions.column(span.start)
            lines.append(self._line(f"{escaped(path)}:{line}:{column}", span))
        return "".join(lines)

    def _line(self, place: str, span: Span) -> str:
        score = f"({span.score:.2f}, quoted)" if span.quoted else f"({span.score:.2f})"
        used = cells(f'{place}: {span.label} {score} ""')
        words = shorten(visible(span.text), max(self.options.width - used, LEAST))
        label = escaped(span.label)
        if self.options.colour:
            place, label = f"\x1b[1m{place}\x1b[0m", f"\x1b[{self._hue(span)}m{label}\x1b[0m"
        return f'{place}: {label} {score} "{words}"\n'

    def _hue(self, span: Span) -> int:
        names = [label.name for label in self.labels]
        return HUES[names.index(span.label) % len(HUES)]
