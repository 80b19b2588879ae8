"""Worker processes: lots go out, answers come back in order, and nobody is left over."""

from __future__ import annotations

import os
import signal
import struct
import time
from dataclasses import dataclass
from multiprocessing import active_children

import pytest

from framing import workers as module
from framing.errors import InputError, ModelError
from framing.workers import AHEAD, workers


@dataclass(frozen=True)
class Slow:
    """Takes as many hundredths of a second for a lot as that says."""

    def make(self):
        return lambda lot: (time.sleep(float(lot[0]) / 100), (os.getpid(), lot[0]))[1]


@dataclass(frozen=True)
class Failing:
    """Cannot score what is said."""

    error: Exception

    def make(self):
        def score(lot):
            if lot[0] == "bad":
                raise self.error
            return lot[0]

        return score


class Fatal:
    """Dies as soon as it is made."""

    def make(self):
        os.kill(os.getpid(), signal.SIGKILL)


def half_an_answer(_, pipe):
    """A worker that is killed after the first bytes of a long answer."""
    pipe.recv()
    os.write(pipe.fileno(), struct.pack("!i", 100_000) + b"x" * 1000)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(autouse=True)
def nobody_left():
    others = set(active_children())  # of other tests
    yield
    assert set(active_children()) <= others


def test_answers_come_in_order():
    """However long each takes, and from both."""
    lots = [[str(each)] for each in (30, 1, 1, 1, 9, 0, 0, 5, 0, 0)]
    with workers(Slow(), 2) as run:
        found = list(run(lots))
    assert [lot for _, lot in found] == [lot for (lot,) in lots]
    assert len({process for process, _ in found}) == 2


@pytest.mark.parametrize("number", [1, 2])
def test_no_more_lots_are_taken_than_are_wanted(number):
    taken = []

    def lots():
        for each in range(20):
            taken.append(each)
            yield ["0"]

    with workers(Slow(), number) as run:
        answers = run(lots())
        for each in range(4):
            next(answers)
            assert len(taken) <= each + AHEAD * number


def test_no_more_processes_are_started_than_there_are_lots():
    others = set(active_children())  # of other tests
    with workers(Slow(), 5) as run:
        assert set(active_children()) <= others
        assert len(list(run([["0"], ["0"]]))) == 2
        assert len(set(active_children()) - others) == 2


def test_no_lots():
    with workers(Slow(), 2) as run:
        assert list(run([])) == []


@pytest.mark.parametrize("error", [ModelError("m: is none"), InputError("x")], ids=str)
def test_errors_of_ours_come_as_they_are(error):
    with pytest.raises(type(error)) as caught, workers(Failing(error), 2) as run:
        list(run([["good"], ["bad"], ["good"]]))
    assert str(caught.value) == str(error)
    assert not hasattr(caught.value, "__notes__")


def test_errors_that_nobody_foresaw_say_where_they_arose():
    with pytest.raises(KeyError) as caught, workers(Failing(KeyError("k")), 2) as run:
        list(run([["bad"]]))
    assert "in score\n" in caught.value.__notes__[0]


def test_what_was_done_before_an_error_is_yielded_before_it():
    with workers(Failing(ModelError("m")), 1) as run:
        answers = run([["good"], ["bad"]])
        assert next(answers) == "good"
        with pytest.raises(ModelError):
            next(answers)


def test_a_worker_that_dies_is_noticed():
    with pytest.raises(InputError, match="a worker process died"), workers(Fatal(), 2) as run:
        list(run([["0"]] * 3))


def test_a_worker_that_dies_in_the_middle_of_its_answer_is_noticed(monkeypatch):
    """The other has a pipe of its own, so that this one ends."""
    monkeypatch.setattr(module, "_work", half_an_answer)
    with pytest.raises(InputError, match="a worker process died"), workers(Slow(), 2) as run:
        list(run([["0"]] * 3))


def test_a_worker_that_has_died_cannot_be_given_more(monkeypatch):
    monkeypatch.setattr(module, "_work", half_an_answer)
    worker = module._Worker(Slow())
    worker.give(["0"])
    worker._process.join()
    with pytest.raises(InputError, match="a worker process died"):
        worker.give(["x" * 1_000_000])
    worker.end()


def test_signals_do_not_reach_workers():
    """Their parent ends them; Ctrl-C comes to all of the terminal's processes."""
    others = set(active_children())  # of other tests
    with workers(Slow(), 2) as run:
        answers = run([["20"]] * 4)
        next(answers)
        for each in set(active_children()) - others:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                os.kill(each.pid, number)
        assert len(list(answers)) == 3
