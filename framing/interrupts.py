"""Signals that end a run: never in the middle of a write, and always with a word."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a polite kill, and a terminal that was closed."""


class Stopped(KeyboardInterrupt):
    """A signal ended the run.

    Parameters
    ----------
    number : int
    """

    def __init__(self, number: int) -> None:
        super().__init__(f"stopped by {signal.Signals(number).name}")
        self.exit_code = 128 + number
        """As shells have it."""


@contextmanager
def stoppable() -> Iterator[None]:
    """Raise `Stopped` at the first signal that ends a run; ignore those that follow it."""

    def stop(number: int, _: FrameType | None) -> None:
        for each in before:
            signal.signal(each, signal.SIG_IGN)
        raise Stopped(number)

    before = _handlers()
    try:
        for each in before:
            signal.signal(each, stop)
        yield
    finally:
        _restore(before)


@contextmanager
def held() -> Iterator[None]:
    """Put signals off until the block is done."""
    came: list[int] = []
    before = _handlers()
    try:
        for each in before:
            signal.signal(each, lambda number, _: came.append(number))
        yield
    finally:
        _restore(before)
        for number in came[:1]:
            signal.raise_signal(number)


@contextmanager
def kept_from_children() -> Iterator[None]:
    """Start processes that no signal of `ENDING` reaches: their parent ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _handlers() -> dict[int, Any]:
    """Handlers of the signals that are not ignored; none outside the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    found = {int(each): signal.getsignal(each) for each in ENDING}
    return {each: handler for each, handler in found.items() if handler != signal.SIG_IGN}


def _restore(handlers: dict[int, Any]) -> None:
    for each, handler in handlers.items():
        signal.signal(each, handler)
