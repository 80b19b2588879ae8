"""Workflow commands that GitHub Actions shows as annotations beside the lines.

GitHub shows ten of a kind a step; the log has them all. Columns count UTF-16 code units
and end after the last character. A span over several lines has no columns, since GitHub
refuses them there.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from framing.output.characters import valid, visible
from framing.output.paths import below
from framing.output.positions import Positions
from framing.output.stream import TextWriter

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction, Span


def escape_data(text: str) -> str:
    """Escape a command's message, as GitHub's runner reads it."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def escape_property(text: str) -> str:
    """Escape the value of a command's property."""
    return escape_data(text).replace(":", "%3A").replace(",", "%2C")


class GithubWriter(TextWriter):
    """One `::warning` a span."""

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> str:
        """One command a span."""
        positions = Positions(text)
        file = valid(below(path, self.options.root or Path.cwd()) or path)
        commands = []
        meaning = {label.name: label.definition for label in self.labels}
        for span in prediction:
            values = {"file": file, **place(positions, span)}
            values["title"] = f"{span.label} ({span.score:.2f})"
            properties = ",".join(f"{k}={escape_property(str(v))}" for k, v in values.items())
            message = escape_data(f'"{visible(span.text)}": {meaning[span.label]}')
            commands.append(f"::warning {properties}::{message}\n")
        return "".join(commands)


def place(positions: Positions, span: Span) -> dict[str, int]:
    """Lines of a span, and its columns where it lies in one line."""
    last = span.end - 1
    line, end_line = positions.line(span.start), positions.line(last)
    found = {"line": line, "endLine": end_line}
    if line == end_line:
        start = positions.unit_column(span.start)
        length = positions.units(span.end) - positions.units(span.start)
        found |= {"col": start, "endColumn": start + length}
    return found
