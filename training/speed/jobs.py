"""How much sooner two processes are done than one, on a folder of articles."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from training.speed.articles import stream
from training.speed.timing import Range

GOAL = 1.7


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
) -> Range:
    """Time with one job over time with two, by the clock, round by round."""
    with tempfile.TemporaryDirectory() as folder:
        for number, text in enumerate(stream(articles, megabytes)):
            place = Path(folder, f"{number // 1000:04}")
            place.mkdir(exist_ok=True)
            (place / f"{number}.txt").write_bytes(text.encode("utf-8", "surrogatepass"))
        ratios = []
        for number in range(rounds):
            spent = {}
            for jobs in ((1, 2), (2, 1))[number % 2]:
                progress(f"jobs {number + 1} of {rounds}: --jobs {jobs}")
                spent[jobs] = _time(folder, jobs)
            ratios.append(spent[1] / spent[2])
    return Range.of(ratios)


def _time(folder: str, jobs: int) -> float:
    command = [sys.executable, "-m", "framing", "score", folder, "--model", "linear"]
    command += ["--format", "jsonl", "--jobs", str(jobs)]
    begin = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own command
    return time.perf_counter() - begin
