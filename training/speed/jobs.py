"""How much sooner two processes are done than one, on a folder of articles.

Beside the clock, which other programs disturb, stand the seconds of all processors: what
two processes need beyond one is lost to dividing the work. Where the machine has two
processors to itself, twice the one over the other is about what the clock shows.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.speed.articles import stream
from training.speed.timing import Range

GOAL = 1.7


@dataclass(frozen=True, slots=True)
class Gain:
    """What two processes give and cost.

    Attributes
    ----------
    clock : Range
        Time with one over time with two.
    work : Range
        Processor seconds of two, over those of one.
    """

    clock: Range
    work: Range


def has_jobs() -> bool:
    """Whether `framing score` takes `--jobs`."""
    from framing.cli import main

    command = main.commands["score"]
    return any("--jobs" in parameter.opts for parameter in command.params)


def gain(
    articles: Sequence[str],
    megabytes: float,
    rounds: int,
    progress: Callable[[str], None] = lambda _: None,
) -> Gain:
    """Time one job and two, round by round."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(stream(articles, megabytes)):
            place = Path(folder, f"{number // 1000:04}")
            place.mkdir(exist_ok=True)
            (place / f"{number}.txt").write_bytes(text.encode("utf-8", "surrogatepass"))
        clock, work = [], []
        for number in range(rounds):
            spent = {}
            for jobs in ((1, 2), (2, 1))[number % 2]:
                progress(f"jobs {number + 1} of {rounds}: --jobs {jobs}")
                spent[jobs] = _time(folder, jobs)
            clock.append(spent[1][0] / spent[2][0])
            work.append(spent[2][1] / spent[1][1])
    return Gain(Range.of(clock), Range.of(work))


def _time(folder: str, jobs: int) -> tuple[float, float]:
    """Seconds by the clock, and of the processors in all processes of the run."""
    command = [sys.executable, "-m", "framing", "score", folder, "--model", "linear"]
    command += ["--format", "jsonl", "--jobs", str(jobs)]
    begin, before = time.perf_counter(), _worked()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    return time.perf_counter() - begin, _worked() - before


def _worked() -> float:
    """Processor seconds of all processes that have ended below this one."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
