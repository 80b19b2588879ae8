"""Texts that are scored together, and what comes of them: the work that processes share."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from framing.filters import Filter
from framing.inputs import STDIN, Failure, Source, read_found
from framing.language import reads_like_english
from framing.lean import give_back_memory
from framing.output import Options, describe, writer
from framing.reporting import Reporter

if TYPE_CHECKING:
    from framing.baseline import Baseline
    from framing.predictor import Framing

FILES = 64
"""Files of a lot, at most."""
BYTES = 1 << 20
"""Bytes of a lot, about: the file that exceeds them is its last."""
LONG = 1 << 22
"""Characters of a text that is worth the milliseconds of returning memory to the system."""

Lot = Sequence[str | Source | Failure]
"""Files to read, texts that are read already, and what could not even be found."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What comes of a lot.

    Attributes
    ----------
    packed : str or bytes
        Documents as the writer packed them.
    names : tuple of str
        Of the texts that were scored.
    failures : tuple of str
        One line for each input that could not be read.
    met : bool
        Whether `--fail-on` was met.
    notes : tuple of str
        One line for each comment that says nothing we know.
    foreign : tuple of str
        Names of the texts that do not read like English.
    """

    packed: Any
    names: tuple[str, ...]
    failures: tuple[str, ...]
    met: bool
    notes: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()


class Scorer:
    """Read, score and render lots.

    Parameters
    ----------
    framing : Framing
    chosen : Filter
    style : str
        A name of `framing.output`.
    options : Options
    baseline : Baseline, optional
    """

    def __init__(
        self,
        framing: Framing,
        chosen: Filter,
        style: str,
        options: Options,
        baseline: Baseline | None = None,
    ) -> None:
        self.framing, self.chosen, self.style = framing, chosen, style
        self._reporter = Reporter(framing, chosen.apply, baseline, as_read=style == "html")
        model = framing.model
        self._writer = writer(style, io.StringIO(), model.schema.labels, describe(model), options)
        give_back_memory()

    def __call__(self, lot: Lot) -> Scored:
        """Score a lot; one bad file never stops the rest."""
        found = [each if isinstance(each, Source) else read_found(each) for each in lot]
        sources = [each for each in found if isinstance(each, Source)]
        failures = tuple(each.reason for each in found if isinstance(each, Failure))
        rendered, met = [], False
        predictions = self.framing.predict_many([source.text for source in sources])
        for source, prediction in zip(sources, predictions, strict=True):
            if len(source.text) > LONG:
                give_back_memory()  # what was read with, before it is rendered
            report = self._reporter.report(source, prediction)
            met |= self.chosen.met(report.counted)
            why = self.framing.explain(source.text) if self.style == "html" else None
            rendered.append(self._writer.render(source.name, report.text, report.prediction, why))
        names = tuple(source.name for source in sources)
        notes = tuple(note for source in sources for note in source.notes())
        foreign = tuple(each.name for each in sources if not reads_like_english(each.text))
        return Scored(self._writer.pack(rendered), names, failures, met, notes, foreign)


def make_lots(found: Iterable[str | Failure], done: Callable[[str], bool]) -> Iterator[Lot]:
    """Files in lots, as they are found; those that are done are left out.

    Standard input is read here: no other process has it.
    """
    lot: list[str | Source | Failure] = []
    size = 0
    for each in found:
        if isinstance(each, str) and done(each):
            continue
        lot.append(read_found(each) if each == STDIN else each)
        size += _size(each)
        if len(lot) >= FILES or size >= BYTES:
            yield lot
            lot, size = [], 0
    if lot:
        yield lot


def _size(found: str | Failure) -> int:
    """Bytes of a file, as far as can be told before it is read."""
    try:
        return os.stat(found).st_size if isinstance(found, str) else 0  # noqa: PTH116 - quicker
    except (OSError, ValueError):
        return 0
