"""What the writers of text formats share, and the streams that they write to."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from framing.output import DEFAULTS, ModelInfo, Options
from framing.schema import Label

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.prediction import Prediction


class TextWriter:
    """A writer to a text stream; formats add `render`.

    Parameters
    ----------
    stream : text stream or Sink
        Left open at the end.
    labels : sequence of Label
    model : ModelInfo
    options : Options
    """

    def __init__(
        self,
        stream: TextIO | Sink,
        labels: Sequence[Label],
        model: ModelInfo,
        options: Options = DEFAULTS,
    ) -> None:
        self.stream = stream
        self.labels = tuple(labels)
        self.model = model
        self.options = options

    def begin(self) -> None:
        """Most formats have no head."""

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> Any:
        """One document as it will stand in the output: text, where a format says no other."""
        raise NotImplementedError

    def pack(self, rendered: Iterable[Any]) -> Any:
        """Join several documents."""
        return "".join(rendered)

    def put(self, packed: Any) -> None:
        """Write documents."""
        self.stream.write(packed)

    def add(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> None:
        """Render and write one document."""
        self.put(self.pack([self.render(path, text, prediction, explanations)]))

    def end(self) -> None:
        """Most formats have no foot."""
        self.stream.flush()


_PART = 1 << 20


class Sink:
    """A file that is written at once and whole, with nothing held back.

    Parameters
    ----------
    descriptor : int
        Of an open file; closed by whoever opened it.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def write(self, piece: str | bytes) -> int:
        """Write text as UTF-8, line ends left alone, or bytes."""
        for start in range(0, len(piece), _PART):  # no second copy of a long piece
            part = piece[start : start + _PART]
            data = memoryview(part.encode("utf-8") if isinstance(part, str) else part)
            while data:
                data = data[os.write(self.descriptor, data) :]
        return len(piece)

    def flush(self) -> None:
        """Nothing is held back."""


def terminal() -> Options:
    """Colour and width of standard output; plain where it is no terminal, or by `NO_COLOR`."""
    if not sys.stdout.isatty():
        return DEFAULTS
    width = shutil.get_terminal_size().columns
    return Options(colour=not os.environ.get("NO_COLOR"), width=width)


def standard_output() -> TextIO:
    """Standard output in UTF-8, with line ends left alone."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="strict", newline="")
    return sys.stdout
