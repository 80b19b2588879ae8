"""What `framing score` writes: one small module a format.

A writer is made with a stream, the labels, what is known of the model, and options. It is
told `begin()`; then documents are rendered, a few are packed together, and what was packed
is put into the stream; and `end()`. Rendering and packing touch no stream, so that worker
processes do them. No writer keeps documents: memory does not grow with their number. (The
page of `html` holds all articles, so the browser that opens it needs room for them.)
`framing.output.place` opens the streams.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TextIO, TypedDict, cast

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.model import Model
    from framing.output.stream import Sink
    from framing.prediction import Prediction
    from framing.schema import Label

WRITERS: dict[str, str] = {
    "concise": "framing.output.concise:ConciseWriter",
    "jsonl": "framing.output.jsonl:JsonlWriter",
    "csv": "framing.output.csv:CsvWriter",
    "parquet": "framing.output.parquet:ParquetWriter",
    "html": "framing.output.html:HtmlWriter",
    "sarif": "framing.output.sarif:SarifWriter",
    "github": "framing.output.github:GithubWriter",
}
"""Format names and where their writers are; imported by `writer` when asked for."""
BINARY = frozenset({"parquet"})
"""Formats whose writers put bytes; the others put text."""
RESUMABLE = frozenset({"concise", "csv", "jsonl", "parquet"})
"""Formats that a later run can go on with: what is there stands by itself."""


class ModelInfo(TypedDict):
    """What an output says of the model that made it."""

    name: str
    sha256: str
    version: str


@dataclass(frozen=True, slots=True)
class Options:
    """What a user may choose about an output.

    Attributes
    ----------
    colour : bool
        Colour for a terminal (`concise`).
    width : int
        Columns that a line should fit (`concise`).
    root : Path, optional
        Folder that reported paths are relative to (`sarif`, `github`); the current one
        if not given.
    """

    colour: bool = False
    width: int = 80
    root: Path | None = None


DEFAULTS = Options()


class Writer(Protocol):
    """One output of any number of documents."""

    def begin(self) -> None:
        """Write what comes before the first document."""

    def render(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> Any:
        """Make of one document what will stand in the output.

        Parameters
        ----------
        path : str
            What to call it.
        text : str
            As it was scored.
        prediction : Prediction
        explanations : sequence of Explanation, optional
            Why its spans were reported, in any order (`html` shows them).
        """

    def pack(self, rendered: Iterable[Any]) -> Any:
        """Join documents that were rendered: text, or bytes for the formats in `BINARY`."""

    def put(self, packed: Any) -> None:
        """Write what was packed."""

    def end(self) -> None:
        """Write what comes after the last document; the stream stays open."""


def writer(
    name: str,
    stream: TextIO | Sink,
    labels: Sequence[Label],
    model: ModelInfo,
    options: Options = DEFAULTS,
) -> Writer:
    """Make the writer of a format.

    Parameters
    ----------
    name : str
        A key of `WRITERS`.
    stream : text stream or Sink
        A sink for the formats in `BINARY`. A text stream should be UTF-8 and leave line
        ends alone (`encoding="utf-8", newline=""`).
    labels : sequence of Label
    model : ModelInfo
    options : Options

    Raises
    ------
    KeyError
        If there is no such format.
    """
    module, _, kind = WRITERS[name].partition(":")
    return cast("Writer", getattr(import_module(module), kind)(stream, labels, model, options))


def describe(model: Model) -> ModelInfo:
    """What an output says of a model."""
    return ModelInfo(
        name=str(model.meta.get("name", model.kind)),
        sha256=str(model.meta.get("sha256", "")),
        version=str(model.meta.get("version", "")),
    )


@contextmanager
def running(made: Writer) -> Iterator[Writer]:
    """Begin, and end; where anything goes wrong between, end all the same if that can be."""
    made.begin()
    try:
        yield made
    except BaseException:
        with suppress(OSError):
            made.end()
        raise
    made.end()
