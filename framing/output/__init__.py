"""What `framing score` writes: one small module a format.

A writer is made with a target, the labels, what is known of the model, and options; then
it is told `begin()`, `add(...)` once a document, and `end()`. No writer keeps documents:
memory does not grow with their number. (The page of `html` holds all articles, so the
browser that opens it needs room for them.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TextIO, TypedDict, cast

from framing.errors import InputError

if TYPE_CHECKING:
    from framing.explain import Explanation
    from framing.model import Model
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
"""Formats whose target is a path; the others take a text stream."""


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

    def add(
        self,
        path: str,
        text: str,
        prediction: Prediction,
        explanations: Sequence[Explanation] | None = None,
    ) -> None:
        """Write one document.

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

    def end(self) -> None:
        """Write what comes after the last document; the stream stays open."""

    def abort(self) -> None:
        """Give up: leave nothing half-written behind that looks whole."""


def writer(
    name: str,
    target: TextIO | Path,
    labels: Sequence[Label],
    model: ModelInfo,
    options: Options = DEFAULTS,
) -> Writer:
    """Make the writer of a format.

    Parameters
    ----------
    name : str
        A key of `WRITERS`.
    target : text stream or Path
        A path for the formats in `BINARY`. A stream should be UTF-8 and leave line
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
    return cast("Writer", getattr(import_module(module), kind)(target, labels, model, options))


@contextmanager
def running(made: Writer) -> Iterator[Writer]:
    """Begin, and end; or abort where anything goes wrong between."""
    try:
        made.begin()
        yield made
        made.end()
    except BaseException:
        made.abort()
        raise


@contextmanager
def open_writer(
    name: str, output: Path | None, model: Model, options: Options | None = None
) -> Iterator[Writer]:
    """Open an output for as long as documents are added to it.

    Parameters
    ----------
    name : str
        A key of `WRITERS`.
    output : Path or None
        A file, put in its place when all is written; None for standard output.
    model : Model
    options : Options, optional
        By default colour and width are those of the terminal, if it is one.

    Raises
    ------
    InputError
        If the format cannot go to standard output.
    """
    from framing.output.stream import terminal, text_stream

    info = ModelInfo(
        name=str(model.meta.get("name", model.kind)),
        sha256=str(model.meta.get("sha256", "")),
        version=str(model.meta.get("version", "")),
    )
    options = options or (terminal() if output is None else DEFAULTS)
    if name not in BINARY:
        with (
            text_stream(output) as stream,
            running(writer(name, stream, model.schema.labels, info, options)) as made,
        ):
            yield made
    elif output is None:
        raise InputError(f"{name} is not text: name a file with --output")
    else:
        with running(writer(name, output, model.schema.labels, info, options)) as made:
            yield made
