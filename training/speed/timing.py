"""Timing in turns: every round runs every contestant once, each round in another order."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from training.speed.articles import Articles
from training.speed.contestants import Contestant

Rounds = dict[str, list[float]]


@dataclass(frozen=True, slots=True)
class Range:
    """Median, least and most of what several rounds gave."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Range:
        """Of some values."""
        return cls(median(values), min(values), max(values))

    def text(self, form: str = ".2f") -> str:
        """For a table."""
        return f"{self.median:{form}} ({self.low:{form}} to {self.high:{form}})"


def time_in_turns(
    contestants: Sequence[Contestant],
    halves: tuple[Articles, Articles],
    rounds: int,
    progress: Callable[[str], None] = lambda _: None,
) -> Rounds:
    """Seconds per megabyte of every contestant in every round.

    A round times all of them on one half of the articles, and what learns words has
    met the other half. Seconds are of the process, so that other programs of the
    machine disturb less; everything runs in one thread.
    """
    found: Rounds = {each.name: [] for each in contestants}
    for number in range(-1, rounds):  # the first one only warms up
        others, timed = halves if number % 2 else halves[::-1]
        for place in range(len(contestants)):
            each = contestants[(place + number) % len(contestants)]
            progress(f"round {number + 1} of {rounds}: {each.name}")
            each.prepare(timed, others)
            spent = _seconds(each, timed)
            if number >= 0:
                found[each.name].append(spent / timed.megabytes)
    return found


def _seconds(contestant: Contestant, articles: Articles) -> float:
    """Seconds of this process that a run takes."""
    gc.collect()
    begin = time.process_time()
    for _ in range(contestant.times):
        contestant.run(articles)
    return (time.process_time() - begin) / contestant.times


def ratios(rounds: Rounds, name: str, unit: str) -> Range:
    """Speed of one contestant in units of another's, round by round."""
    pairs = zip(rounds[name], rounds[unit], strict=True)
    return Range.of([theirs / mine for mine, theirs in pairs])
