"""Where outputs are written, and what is left of them when a run is cut off."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from framing.errors import InputError
from framing.interrupts import held
from framing.output import BINARY, RESUMABLE, Options, Writer, describe, running, writer
from framing.output.stream import Sink, standard_output
from framing.resume import Done, Journal, open_journal

if TYPE_CHECKING:
    from framing.model import Model


@dataclass(slots=True)
class Output:
    """An output that is open for writing.

    Attributes
    ----------
    writer : Writer
    stream : text stream or Sink
    journal : Journal, optional
        For files.
    done : Done
        Texts that an earlier run has written.
    met : bool
        Whether `--fail-on` was met by any text so far.
    """

    writer: Writer
    stream: TextIO | Sink
    journal: Journal | None = None
    done: Done = field(default_factory=Done)
    met: bool = False

    def put(self, packed: Any, names: Sequence[str], *, met: bool) -> None:
        """Write documents for good.

        Parameters
        ----------
        packed : str or bytes
            As the writer packed them.
        names : sequence of str
        met : bool
            Whether `--fail-on` was met by one of them.
        """
        self.met |= met
        with held() if self.journal else nullcontext():
            self.writer.put(packed)
            self.stream.flush()
            if self.journal:
                self.journal.note(names, met=self.met)


@contextmanager
def open_output(
    style: str,
    output: Path | None,
    model: Model,
    options: Options,
    *,
    about: Mapping[str, Any] | None = None,
    resume: bool = False,
) -> Iterator[Output]:
    """Open an output for as long as documents are added to it.

    A file is written beside its place, as `NAME.partial`, and takes its place when it is
    whole. Where a run is cut off, that and `NAME.journal` are kept, so that a later run
    can go on. Devices and pipes are written to directly.

    Parameters
    ----------
    style : str
        A key of `framing.output.WRITERS`.
    output : Path or None
        None for standard output.
    model : Model
    options : Options
    about : mapping, optional
        What a run must have in common with one that it goes on with; plain data.
    resume : bool
        Go on with a run that was cut off, if there is one.

    Raises
    ------
    InputError
        If it cannot be written, another run is writing it, or there is something that
        this run must not go on with or write over.
    """
    if resume:
        _check_resumable(style, output)
    with _naming(str(output or "<stdout>")):
        place = Path(os.path.realpath(output)) if output else None
        if place and (place.is_file() or not place.exists()):
            with _to_file(style, place, model, options, dict(about or {}), resume) as opened:
                yield opened
            return
        if style in BINARY:
            raise InputError(f"{style} is not text: name a file with --output")
        with _open_stream(place) as stream:
            made = writer(style, stream, model.schema.labels, describe(model), options)
            with running(made):
                yield Output(made, stream)


def _check_resumable(style: str, output: Path | None) -> None:
    if output is None:
        raise InputError("--resume goes on with a file: name it with --output")
    if style not in RESUMABLE:
        able = ", ".join(sorted(RESUMABLE))
        raise InputError(f"a run into {style} cannot be resumed, only one into {able}")


@contextmanager
def _naming(output: str) -> Iterator[None]:
    """Say in one line which output cannot be written; a closed pipe is no error."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        named = InputError(f"{output}: cannot write: {error.strerror or error}")
        for note in getattr(error, "__notes__", ()):
            named.add_note(note)
        raise named from error


@contextmanager
def _open_stream(place: Path | None) -> Iterator[TextIO | Sink]:
    """Standard output, or a device or pipe."""
    if place is None:
        yield standard_output()
        return
    with place.open("wb", buffering=0) as file:
        yield Sink(file.fileno())


@contextmanager
def _to_file(
    style: str, place: Path, model: Model, options: Options, about: dict[str, Any], resume: bool
) -> Iterator[Output]:
    with open_journal(place) as journal:
        plain = json.loads(json.dumps(about))
        goes_on = _goes_on(journal, plain, resume=resume)
        with journal.partial.open("ab", buffering=0) as file:
            sink = Sink(file.fileno())
            made = writer(style, sink, model.schema.labels, describe(model), options)
            try:
                if not goes_on:
                    journal.start(plain)
                os.truncate(sink.descriptor, journal.size)
                if not goes_on:
                    made.begin()
                    journal.note((), met=False)
                yield Output(made, sink, journal, journal.done, journal.met)
                made.end()
                _settle(style, journal, place)
            except BaseException as error:
                if journal.path.exists():  # else the output has taken its place
                    with suppress(OSError):
                        os.truncate(sink.descriptor, journal.size)
                        _leave(style, journal, made, error)
                raise


def _goes_on(journal: Journal, about: dict[str, Any], *, resume: bool) -> bool:
    """Whether a run goes on with an earlier one; it must not by mistake."""
    earlier = journal.about or {}
    if not journal.texts or earlier.get("format") not in RESUMABLE:
        return False
    anew = f"or delete {journal.path.name} to start anew"
    if not resume:
        raise InputError(
            f"{journal.partial}: {journal.texts} texts of a run that was cut off; "
            f"go on with --resume, {anew}"
        )
    other = [key for key in about if about[key] != earlier.get(key)]
    if other:
        raise InputError(
            f"{journal.partial}: of a run with another {' and '.join(other)}; repeat that, {anew}"
        )
    return True


def _settle(style: str, journal: Journal, place: Path) -> None:
    """Put a whole output in its place."""
    whole = journal.partial
    if style == "parquet":
        from framing.output.parquet import to_parquet

        whole = to_parquet(journal.partial, place)
    with held():
        whole.replace(place)
        journal.partial.unlink(missing_ok=True)
        journal.path.unlink()


def _leave(style: str, journal: Journal, made: Writer, error: BaseException) -> None:
    """Keep what is done of a run that was cut off, and say where."""
    if not journal.texts:
        journal.partial.unlink()
        journal.path.unlink()
        return
    number = "1 text is" if journal.texts == 1 else f"{journal.texts} texts are"
    kept = f"{number} kept in {journal.partial}"
    if style in RESUMABLE:
        error.add_note(f"{kept}, --resume goes on")
        return
    error.add_note(kept)
    journal.path.unlink()
    made.end()
