"""CSV (RFC 4180), one row a span."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

from framing.output.characters import valid
from framing.output.positions import Positions
from framing.output.stream import TextWriter

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction

COLUMNS = ("path", "start", "end", "line", "column", "label", "score", "quoted", "text")


class CsvWriter(TextWriter):
    """Rows with a header; lone surrogates are U+FFFD, the words otherwise as they stand.

    A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula: import
    text that you do not trust as text.
    """

    def begin(self) -> None:
        """Write the header."""
        csv.writer(self.stream).writerow(COLUMNS)

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> str:
        """One row a span."""
        positions, rows = Positions(text), io.StringIO(newline="")
        csv.writer(rows).writerows(
            (
                valid(path),
                span.start,
                span.end,
                positions.line(span.start),
                positions.column(span.start),
                span.label,
                span.score,
                "true" if span.quoted else "false",
                valid(span.text),
            )
            for span in prediction
        )
        return rows.getvalue()
