"""How long a command takes from nothing, beside the import of the libraries below it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from training.speed.timing import Rounds

UNIT = "import sklearn.linear_model, skops.io"
HELP, LINEAR, BOOSTED = (
    "framing --help",
    "framing score one.txt --model linear",
    "framing score one.txt",
)
LIMITS = {HELP: 0.15, LINEAR: 0.5}
"""Most that a command may take, in units of the import."""
_ONE = "Critics say the mayor rammed through her reckless plan, a stunning failure.\n"


@dataclass(frozen=True, slots=True)
class Starts:
    """Seconds of every command in every round: by the clock, and of the processor."""

    clock: Rounds
    processor: Rounds


def time_starts(rounds: int, progress: Callable[[str], None] = lambda _: None) -> Starts:
    """Run every command in a process of its own, in turns."""
    commands = {UNIT: ["-c", UNIT]}
    for words in (HELP, LINEAR, BOOSTED):
        commands[words] = ["-m", *words.split()]
    found = Starts({name: [] for name in commands}, {name: [] for name in commands})
    names = list(commands)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "one.txt").write_text(_ONE, encoding="utf-8")
        for number in range(-1, rounds):  # the first one fills the disk's cache
            for place in range(len(names)):
                name = names[(place + number) % len(names)]
                progress(f"start {number + 1} of {rounds}: {name}")
                clock, processor = _time(commands[name], folder)
                if number >= 0:
                    found.clock[name].append(clock)
                    found.processor[name].append(processor)
    return found


def _time(arguments: list[str], folder: str) -> tuple[float, float]:
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    place = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    before = os.times()
    begin = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own commands
        [sys.executable, *arguments], cwd=folder, env=place, check=True, stdout=subprocess.DEVNULL
    )
    clock = time.perf_counter() - begin
    after = os.times()
    user = after.children_user - before.children_user
    return clock, user + after.children_system - before.children_system
