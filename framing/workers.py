"""Scoring on several cores: processes that take lots and answer in order.

Processes are spawned, not forked: NumPy and OpenMP hold threads and locks that do not
survive a fork, every system can spawn, and no third process stands between a worker and
its parent, so that each notices at once when the other is gone.

Each worker has a pipe of its own. On one that all share, as `ProcessPoolExecutor` has it, a
worker that is killed in the middle of an answer leaves its parent waiting for the rest for
ever: the others keep the pipe open.
"""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count, islice
from multiprocessing import connection, get_context, parent_process, resource_tracker
from typing import Any

from framing.baseline import Baseline
from framing.errors import InputError, ModelError
from framing.filters import Filter
from framing.interrupts import held, kept_from_children
from framing.lean import without_pandas
from framing.lots import Lot, Scored, Scorer
from framing.output import Options

AHEAD = 2
"""Lots of each worker that are under way or wait to be written: memory is bounded."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a worker needs to make its scorer.

    Attributes
    ----------
    model : str
        Name or path; each worker loads it once.
    sha256 : str
        Of the model that the parent has.
    include_quoted : bool
    chosen : Filter
    style : str
    options : Options
    baseline : Baseline, optional
    """

    model: str
    sha256: str
    include_quoted: bool
    chosen: Filter
    style: str
    options: Options
    baseline: Baseline | None = None

    def make(self) -> Scorer:
        """Load the model.

        Raises
        ------
        ModelError
            If it cannot be loaded or is no longer the one that the parent has.
        """
        from framing.predictor import Framing

        with without_pandas():
            framing = Framing(self.model, include_quoted=self.include_quoted)
        if framing.model.meta.get("sha256", "") != self.sha256:
            raise ModelError(f"{self.model}: has changed since the run began")
        return Scorer(framing, self.chosen, self.style, self.options, self.baseline)


def _work(recipe: Recipe, pipe: connection.Connection) -> None:
    """What a worker process does: an answer for each lot, until there are no more."""
    _begin()
    scorer: Scorer | None = None
    while True:
        lot = pipe.recv()
        try:
            scorer = scorer or recipe.make()
            pipe.send(scorer(lot))
        except (InputError, ModelError) as error:
            pipe.send(error)
        except Exception as error:  # noqa: BLE001 - the parent raises it
            error.add_note(traceback.format_exc())
            pipe.send(error)


def _begin() -> None:
    """Before NumPy is imported: one thread, and an end with the parent's."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


class _Worker:
    """A worker process, as its parent sees it.

    Parameters
    ----------
    recipe : Recipe

    Attributes
    ----------
    pipe : Connection
        Ready when an answer begins to come, or the process is gone.
    """

    def __init__(self, recipe: Recipe) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(recipe, theirs))
        self._process.start()
        theirs.close()  # the worker alone has it: where that dies, the pipe ends

    def give(self, lot: Lot) -> None:
        """Send a lot."""
        with _noticed():
            self.pipe.send(lot)

    def take(self) -> Scored:
        """Wait for what comes of it."""
        with _noticed():
            answer: Scored | Exception = self.pipe.recv()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def end(self) -> None:
        """Kill the process: it has nothing that would be lost."""
        self._process.kill()
        self._process.join()
        self.pipe.close()


@contextmanager
def _noticed() -> Iterator[None]:
    """Say so if the process is gone."""
    try:
        yield
    except (EOFError, OSError) as error:
        raise InputError("a worker process died (was it killed, or out of memory?)") from error


@contextmanager
def workers(recipe: Recipe, number: int) -> Iterator[Callable[[Iterable[Lot]], Iterator[Scored]]]:
    """Start processes that score lots, and end them.

    Parameters
    ----------
    recipe : Recipe
    number : int
        Of processes; no more are started than there are lots.

    Yields
    ------
    callable
        Scores lots and yields what comes of them, in their order.

    Raises
    ------
    InputError
        If a worker dies.
    """
    started: list[_Worker] = []
    resource_tracker.ensure_running()  # begun later, it would let signals through to a child

    def start() -> _Worker:
        with kept_from_children():
            started.append(_Worker(recipe))
        return started[-1]

    try:
        yield partial(_run, start, number)
    finally:
        with held():
            for worker in started:
                worker.end()


def _run(start: Callable[[], _Worker], number: int, lots: Iterable[Lot]) -> Iterator[Scored]:
    """Score lots; no more than `AHEAD` for each process are taken before one is yielded."""
    coming = enumerate(lots)
    idle: list[_Worker] = []
    busy: dict[Any, tuple[_Worker, int]] = {}  # by their pipes
    done: dict[int, Scored] = {}

    def feed() -> None:
        room = min(number, AHEAD * number - len(done)) - len(busy)
        for place, lot in islice(coming, room):
            worker = idle.pop() if idle else start()
            busy[worker.pipe] = worker, place
            worker.give(lot)

    feed()
    for turn in count():
        while turn not in done:
            if not busy:
                return
            for pipe in connection.wait(list(busy)):
                worker, place = busy.pop(pipe)
                done[place] = worker.take()
                idle.append(worker)
            feed()  # before anything is written: nobody waits for that
        yield done.pop(turn)
        feed()
