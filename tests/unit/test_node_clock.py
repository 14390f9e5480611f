"""A node's clocks: right, wrong, too fast, and right again."""

import threading
import time

import pytest

from node.clock import Clock
from node.timers import Timers


class TrueTime:
    """The true time, set by hand."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_000.0, 50.0

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds

    def clock(self) -> Clock:
        return Clock(lambda: self.wall, lambda: self.steady)


def test_a_clock_shows_the_time() -> None:
    true = TrueTime()
    clock = true.clock()
    true.passes(3)
    assert (clock.wall(), clock.steady()) == (1_003, 53)


def test_a_clock_that_was_set_wrong_dates_wrongly_and_waits_rightly() -> None:
    true = TrueTime()
    clock = true.clock()
    clock.skew(-600, 1)
    true.passes(3)
    assert (clock.wall(), clock.steady()) == (403, 53)
    clock.right()
    assert (clock.wall(), clock.steady()) == (1_003, 53)


@pytest.mark.parametrize("rate", [0.5, 2.0])
def test_the_steady_clock_neither_jumps_nor_goes_back(rate: float) -> None:
    true = TrueTime()
    clock = true.clock()
    clock.skew(0, rate)
    assert (clock.wall(), clock.steady()) == (1_000, 50)
    true.passes(10)
    assert (clock.wall(), clock.steady()) == (1_000 + 10 * rate, 50 + 10 * rate)
    clock.right()
    assert (clock.wall(), clock.steady()) == (1_010, 50 + 10 * rate)
    true.passes(1)
    clock.skew(0, rate)
    true.passes(1)
    assert clock.steady() == 50 + 10 * rate + 1 + rate


def test_timers_run_as_fast_as_the_clock_also_those_that_run_already() -> None:
    clock = Clock()
    out = threading.Event()
    timers = Timers(lambda _: out.set(), clock)
    thread = threading.Thread(target=timers.run, daemon=True)
    thread.start()
    began = time.monotonic()
    timers.set("soon", 2.0)
    clock.skew(0, 10)
    timers.clock_was_set()
    assert out.wait(1.5)
    assert time.monotonic() - began == pytest.approx(0.2, abs=0.15)
    timers.stop()
    thread.join(5)
