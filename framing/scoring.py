"""Scoring a stream of files into one output: one bad file never stops the rest."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from framing import __version__
from framing.baseline import Baseline
from framing.errors import InputError
from framing.filters import Filter
from framing.inputs import STDIN, find_files
from framing.language import Foreign
from framing.lots import Lot, Scored, Scorer, make_lots
from framing.output import DEFAULTS, Options

if TYPE_CHECKING:
    from framing.predictor import Framing

_NAMED = 1000


@dataclass(frozen=True, slots=True)
class Job:
    """How a run is asked for.

    Attributes
    ----------
    style : str
        A name of `framing.output`.
    output : Path or None
        None for standard output.
    chosen : Filter
    processes : int
        One is this process.
    model : str
        Name or path of the model, for further processes.
    resume : bool
        Go on with a run into the same output that was cut off, if there is one.
    baseline : Baseline, optional
        Findings that are neither reported nor fail the run.
    """

    style: str
    output: Path | None = None
    chosen: Filter = field(default_factory=Filter)
    processes: int = 1
    model: str = ""
    resume: bool = False
    baseline: Baseline | None = None


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

    def add(self, scored: Scored) -> None:
        """Count a lot."""
        self.scored += len(scored.names)
        self.failed += len(scored.failures)
        self.failures += scored.failures[: max(_NAMED - len(self.failures), 0)]
        self.notes += scored.notes[: max(_NAMED - len(self.notes), 0)]
        for name in scored.foreign:
            self.foreign.note(name)


def score_paths(
    framing: Framing, paths: Sequence[str], job: Job, tick: Callable[[], None] = lambda: None
) -> Outcome:
    """Score everything under the paths and write it in one of the formats.

    Parameters
    ----------
    framing : Framing
    paths : sequence of str
        Files, folders, or `-`.
    job : Job
    tick : callable
        Called after each text.

    Raises
    ------
    InputError
        If the output cannot be written, or a process dies. A note says what is kept.
    """
    from framing.output.place import open_output
    from framing.output.stream import terminal

    if job.resume and STDIN in paths:
        raise InputError("standard input cannot be resumed: it has no name to know it by")
    options = terminal() if job.output is None else DEFAULTS
    outcome = Outcome()
    with (
        open_output(
            job.style, job.output, framing.model, options,
            about=_describe(framing, job), resume=job.resume,
        ) as output,
        _scoring(framing, job, options) as score,
    ):  # fmt: skip
        for scored in score(make_lots(find_files(paths), output.done.take)):
            output.put(scored.packed, scored.names, met=scored.met)
            outcome.add(scored)
            for _ in scored.names:
                tick()
        outcome.met = output.met
    return outcome


@contextmanager
def _scoring(
    framing: Framing, job: Job, options: Options
) -> Iterator[Callable[[Iterable[Lot]], Iterator[Scored]]]:
    """What scores lots: this process, or several others."""
    if job.processes == 1:
        scorer = Scorer(framing, job.chosen, job.style, options, job.baseline)
        yield lambda lots: map(scorer, lots)
        return
    from framing.workers import Recipe, workers

    sha256 = str(framing.model.meta.get("sha256", ""))
    recipe = Recipe(
        job.model, sha256, framing.include_quoted, job.chosen, job.style, options, job.baseline
    )  # fmt: skip
    with workers(recipe, job.processes) as run:
        yield run


def _describe(framing: Framing, job: Job) -> dict[str, Any]:
    """What two runs have in common if one may go on with the other."""
    return {
        "format": job.style,
        "model": framing.model.meta.get("sha256", ""),
        "version of framing": __version__,
        "choice of devices": sorted(job.chosen.devices),
        "least score": job.chosen.min_score,
        "choice of quotations": framing.include_quoted,
        "--fail-on": job.chosen.fail_on,
        "--baseline": job.baseline.digest() if job.baseline else "",
    }


def count_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0))
