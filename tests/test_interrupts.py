from __future__ import annotations

import signal
import threading

import pytest

from framing.interrupts import ENDING, Stopped, held, kept_from_children, stoppable

NUMBERS = pytest.mark.parametrize("number", ENDING, ids=lambda each: each.name)


@pytest.fixture(autouse=True)
def as_before():
    before = [signal.getsignal(each) for each in ENDING]
    yield
    assert [signal.getsignal(each) for each in ENDING] == before
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ()) & set(ENDING)


@NUMBERS
def test_a_signal_stops_the_run(number):
    with pytest.raises(Stopped) as caught, stoppable():
        signal.raise_signal(number)
    assert str(caught.value) == f"stopped by {number.name}"
    assert caught.value.exit_code == 128 + number
    assert isinstance(caught.value, KeyboardInterrupt)


def test_further_signals_do_not_disturb_what_is_cleared_up():
    cleared = []

    def run():
        with stoppable():
            try:
                signal.raise_signal(signal.SIGINT)
            finally:
                signal.raise_signal(signal.SIGTERM)
                cleared.append(1)

    with pytest.raises(Stopped, match="SIGINT"):
        run()
    assert cleared == [1]


@NUMBERS
def test_a_write_is_done_first(number):
    written = []

    def run():
        with stoppable():
            with held():
                signal.raise_signal(number)
                written.append(1)
            written.append(2)

    with pytest.raises(Stopped):
        run()
    assert written == [1]


def test_what_is_ignored_stays_ignored():
    """As a shell has it for what runs in the background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with stoppable(), held():
            signal.raise_signal(signal.SIGINT)
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_have_no_handlers():
    found = []

    def run():
        with stoppable(), held():
            found.append(1)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [1]


def test_children_are_started_with_signals_blocked():
    with kept_from_children():
        assert set(ENDING) <= signal.pthread_sigmask(signal.SIG_BLOCK, ())
