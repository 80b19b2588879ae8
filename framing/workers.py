"""Scoring on several cores: processes that take lots and answer in order.

Processes are spawned, not forked: NumPy and OpenMP hold threads and locks that do not
survive a fork, every system can spawn, and no third process stands between a worker and
its parent, so that each notices at once when the other is gone.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import active_children, connection, get_context, parent_process

from framing.baseline import Baseline
from framing.errors import InputError, ModelError
from framing.filters import Filter
from framing.interrupts import kept_from_children
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

        framing = Framing(self.model, include_quoted=self.include_quoted)
        if framing.model.meta.get("sha256", "") != self.sha256:
            raise ModelError(f"{self.model}: has changed since the run began")
        return Scorer(framing, self.chosen, self.style, self.options, self.baseline)


class _Worker:
    """What a worker process keeps between lots."""

    recipe: Recipe
    scorer: Scorer | None = None


def _begin(recipe: Recipe) -> None:
    """Set up a worker, before NumPy is imported: one thread, and an end with the parent's."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    _Worker.recipe = recipe
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _score(lot: Lot) -> Scored:
    if _Worker.scorer is None:
        _Worker.scorer = _Worker.recipe.make()
    return _Worker.scorer(lot)


@contextmanager
def workers(recipe: Recipe, number: int) -> Iterator[Callable[[Iterable[Lot]], Iterator[Scored]]]:
    """Start processes that score lots.

    Parameters
    ----------
    recipe : Recipe
    number : int
        Of processes; no more are started than there are lots.

    Yields
    ------
    callable
        Scores lots and yields what comes of them, in their order; it takes no more lots
        than `AHEAD` for each process before it yields.

    Raises
    ------
    InputError
        If a worker dies.
    """
    others = set(active_children())
    with kept_from_children():
        pool = ProcessPoolExecutor(number, get_context("spawn"), _begin, (recipe,))

    def run(lots: Iterable[Lot]) -> Iterator[Scored]:
        waiting: deque[Future[Scored]] = deque()
        for lot in lots:
            with kept_from_children():
                waiting.append(pool.submit(_score, lot))
            if len(waiting) >= AHEAD * number:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    try:
        yield run
    except BaseException as error:
        for child in set(active_children()) - others:
            child.kill()
        pool.shutdown(cancel_futures=True)
        if isinstance(error, BrokenProcessPool):
            raise InputError("a worker process died (was it killed, or out of memory?)") from error
        raise
    pool.shutdown()
