"""What the fuzzers share: the loop, the clock, and what is kept of a fault."""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).parents[2]
Examine = Callable[[bytes], None]

SLOW = 10.0
"""Seconds after which an input counts as a fault."""


class Watch:
    """Runs inputs, counts them, and keeps the first of every kind of fault.

    Parameters
    ----------
    name : str
    examine : callable
        Raises at whatever must not happen.
    seconds : float
        After which the process ends.
    faults : Path
        Folder of the inputs that failed.
    """

    def __init__(self, name: str, examine: Examine, seconds: float, faults: Path) -> None:
        self.name, self.examine, self.faults = name, examine, faults
        self.began = time.monotonic()
        self.until = self.began + seconds
        self.runs, self.slowest = 0, 0.0
        self.kinds: dict[str, int] = {}

    def __call__(self, data: bytes) -> None:
        """Run one input."""
        start = time.process_time()  # the machine may be busy
        try:
            self.examine(data)
        except Exception as error:  # noqa: BLE001 - any of them is what is looked for
            self.note(data, error)
        took = time.process_time() - start
        self.runs += 1
        self.slowest = max(self.slowest, took)
        if took > SLOW:
            self.note(data, TimeoutError(f"{took:.0f} s"))
        if time.monotonic() > self.until:
            self.stop()

    def note(self, data: bytes, error: Exception) -> None:
        """Keep an input that failed where none has failed before."""
        frames = [f for f in traceback.extract_tb(error.__traceback__) if "/framing/" in f.filename]
        place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "check"
        key = f"{type(error).__name__} {place}"
        self.kinds[key] = self.kinds.get(key, 0) + 1
        if self.kinds[key] > 1:
            return
        self.faults.mkdir(parents=True, exist_ok=True)
        kept = self.faults / f"{self.name}-{hashlib.sha256(data).hexdigest()[:12]}"
        kept.write_bytes(data)
        print(f"FAULT {key}: {kept}", file=sys.stderr)  # noqa: T201
        traceback.print_exception(error)

    def stop(self) -> NoReturn:
        """Print the figures and end."""
        took = time.monotonic() - self.began
        print(  # noqa: T201
            f"{self.name}: {self.runs} executions in {took:.0f} s, slowest {self.slowest:.2f} s, "
            f"{len(self.kinds)} kinds of fault {self.kinds}",
            flush=True,
        )
        sys.stderr.flush()
        os._exit(1 if self.kinds else 0)


def main(
    name: str,
    prepare: Callable[[], Examine],
    seeds: Callable[[], Iterable[bytes]],
    longest: int = 4096,
) -> None:
    """Run a fuzzer from the command line.

    Parameters
    ----------
    name : str
    prepare : callable
        Imports the package and returns what runs one input.
    seeds : callable
        First inputs.
    longest : int
        Bytes of an input at most.
    """
    parser = argparse.ArgumentParser(prog=f"python -m tests.fuzz.{name}")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=Path, default=Path("faults"))
    parser.add_argument("--corpus", type=Path, help="Folder of inputs; grows.")
    parser.add_argument("inputs", nargs="*", type=Path, help="Run these and no others.")
    chosen = parser.parse_args()
    sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
    guide = None if chosen.inputs else _atheris()
    with guide.instrument_imports(include=["framing"]) if guide else nullcontext():
        examine = prepare()
    watch = Watch(name, examine, chosen.seconds, chosen.faults)
    if chosen.inputs:
        for path in chosen.inputs:
            watch(path.read_bytes())
        watch.stop()
    corpus = chosen.corpus or Path("corpus") / name
    corpus.mkdir(parents=True, exist_ok=True)
    chosen.faults.mkdir(parents=True, exist_ok=True)
    for data in seeds():
        (corpus / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
    if guide:
        options = [
            f"-seed={chosen.seed}",
            f"-max_len={longest}",
            "-rss_limit_mb=8192",
            "-timeout=600",
        ]
        options += [
            "-report_slow_units=600",
            "-len_control=0",
            f"-artifact_prefix={chosen.faults}/",
        ]
        guide.Setup([name, *options, "-print_final_stats=1", str(corpus)], watch)
        guide.Fuzz()
    _blindly(watch, [path.read_bytes() for path in sorted(corpus.iterdir())], chosen.seed, longest)


def _atheris() -> Any:
    try:
        import atheris
    except ImportError:
        return None
    return atheris


def _blindly(watch: Watch, known: list[bytes], seed: int, longest: int) -> NoReturn:
    """Change known inputs at random until the time is up."""
    chance = random.Random(seed)
    while True:
        data = bytearray(chance.choice(known or [b""]))
        for _ in range(chance.choice((1, 1, 2, 4, 16))):
            at = chance.randrange(len(data) + 1)
            end = at + chance.choice((0, 0, 1, 1, 4, 64))
            other = chance.choice(known or [b""])
            first = chance.randrange(len(other) + 1)
            filling = (chance.randbytes(chance.randrange(5)), other[first : first + 32])
            data[at:end] = chance.choice(filling)
        watch(bytes(data[:longest]))
