"""Scoring a stream of files into one output: one bad file never stops the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from framing.errors import InputError
from framing.inputs import Failure, Source, read_sources
from framing.language import Foreign
from framing.prediction import Prediction, Span

if TYPE_CHECKING:
    from framing.baseline import Baseline
    from framing.predictor import Framing

_TOGETHER = 64
_CHARACTERS = 1 << 20
_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Filter:
    """Which spans are reported, and which fail the run.

    Attributes
    ----------
    devices : frozenset of str
        Empty for all.
    min_score : float
    fail_on : dict of str to float
        Least score that fails, by device.
    """

    devices: frozenset[str] = frozenset()
    min_score: float = 0.0
    fail_on: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        labels: Sequence[str],
        devices: Sequence[str],
        min_score: float,
        fail_on: dict[str, float],
    ) -> Filter:
        """Check the names against the labels of the model.

        Raises
        ------
        InputError
            If a device is not among them.
        """
        for name in (*devices, *fail_on):
            if name not in labels:
                raise InputError(f"no device {name!r}; this model finds {', '.join(labels)}")
        return cls(frozenset(devices), min_score, fail_on)

    def apply(self, prediction: Prediction) -> Prediction:
        """The prediction with only the spans that are reported."""
        return prediction.only(self._keeps)

    def _keeps(self, span: Span) -> bool:
        return span.score >= self.min_score and (not self.devices or span.label in self.devices)

    def met(self, prediction: Prediction) -> bool:
        """Whether a span fails the run."""
        return any(span.score >= self.fail_on.get(span.label, 2.0) for span in prediction.spans)


@dataclass(slots=True)
class Outcome:
    """What came of a run.

    Attributes
    ----------
    scored, failed : int
        Texts scored, and inputs that could not be read.
    failures : list of str
        One line for each of the first thousand failures.
    met : bool
        Whether `--fail-on` was met.
    foreign : Foreign
        Texts that do not read like English.
    notes : list of str
        One line for each of the first thousand comments that say nothing we know.
    """

    scored: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    met: bool = False
    foreign: Foreign = field(default_factory=Foreign)
    notes: list[str] = field(default_factory=list)

    def fail(self, reason: str) -> None:
        """Note a failure."""
        self.failed += 1
        if len(self.failures) < _NAMED:
            self.failures.append(reason)


def score_paths(
    framing: Framing,
    paths: Sequence[str],
    chosen: Filter,
    style: str,
    output: Path | None,
    tick: Callable[[], None] = lambda: None,
    baseline: Baseline | None = None,
) -> Outcome:
    """Score everything under the paths and write it in one of the formats.

    Parameters
    ----------
    framing : Framing
    paths : sequence of str
        Files, folders, or `-`.
    chosen : Filter
    style : str
        A name of `framing.output`.
    output : Path or None
        None for standard output.
    tick : callable
        Called after each text.
    baseline : Baseline, optional
        Findings that are neither reported nor fail the run.

    Raises
    ------
    InputError
        If the output cannot be written.
    """
    from framing.output import open_writer
    from framing.reporting import Reporter

    outcome = Outcome()
    reporter = Reporter(framing, chosen.apply, baseline, as_read=style == "html")
    try:
        with open_writer(style, output, framing.model) as writer:
            for source, prediction in _predict(framing, paths, outcome):
                report = reporter.report(source, prediction)
                why = framing.explain(source.text) if style == "html" else None
                outcome.foreign.look(source.name, source.text)
                writer.add(source.name, report.text, report.prediction, why)
                outcome.scored += 1
                outcome.met |= chosen.met(report.prediction)
                outcome.notes += source.notes()[: _NAMED - len(outcome.notes)]
                tick()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise InputError(f"{output or '<stdout>'}: cannot write: {error.strerror}") from error
    return outcome


def _predict(
    framing: Framing, paths: Sequence[str], outcome: Outcome
) -> Iterator[tuple[Source, Prediction]]:
    for sources in _together(read_sources(paths), outcome):
        predictions = framing.predict_many([source.text for source in sources])
        yield from zip(sources, predictions, strict=True)


def _together(found: Iterator[Source | Failure], outcome: Outcome) -> Iterator[list[Source]]:
    """Sources a few at a time; failures are noted as they come."""
    batch: list[Source] = []
    size = 0
    for each in found:
        if isinstance(each, Failure):
            outcome.fail(each.reason)
            continue
        batch.append(each)
        size += len(each.text)
        if len(batch) >= _TOGETHER or size >= _CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
