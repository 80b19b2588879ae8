"""What the writers of text formats share, and where they write."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from framing.output import DEFAULTS, ModelInfo, Options
from framing.schema import Label


class TextWriter:
    """A writer to a text stream; formats add `add`.

    Parameters
    ----------
    stream : text stream
        Left open at the end.
    labels : sequence of Label
    model : ModelInfo
    options : Options
    """

    def __init__(
        self,
        stream: TextIO,
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

    def end(self) -> None:
        """Most formats have no foot."""
        self.stream.flush()

    def abort(self) -> None:
        """Leave what is written: without its foot, it shows that it is not whole."""


def terminal() -> Options:
    """Colour and width of standard output; plain where it is no terminal, or by `NO_COLOR`."""
    if not sys.stdout.isatty():
        return DEFAULTS
    width = shutil.get_terminal_size().columns
    return Options(colour=not os.environ.get("NO_COLOR"), width=width)


def unfinished(path: Path) -> Path:
    """Name a file beside its place for as long as it is being written."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def text_stream(output: Path | None) -> Iterator[TextIO]:
    """Open standard output, or a file that takes its place when all is written.

    UTF-8, with line ends left alone. Devices and pipes are written to directly.
    """
    if output is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="strict", newline="")
        yield sys.stdout
        return
    place = output.resolve()
    direct = place.exists() and not place.is_file()
    part = place if direct else unfinished(place)
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            yield stream
        if not direct:
            part.replace(place)
    except BaseException:
        if not direct:
            part.unlink(missing_ok=True)
        raise
