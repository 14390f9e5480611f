"""Other people's clocks, by our own."""

import pytest

from dashboard.clocks import PATIENCE, Offset


def test_a_clock_of_this_machine_is_taken_as_ours() -> None:
    offset = Offset()
    offset.answered(100.0, 100.2, 100.9)
    assert offset.seconds == 0
    assert offset.ours(100.5, 101.0) == 100.5


def test_a_clock_that_is_an_hour_fast() -> None:
    offset = Offset()
    offset.answered(100.0, 3_700.4, 100.5)
    offset.heard(3_701.0, 101.001)  # a quick one: the offset is -3600, within a millisecond
    assert offset.seconds == pytest.approx(-3_600, abs=0.01)
    assert offset.ours(3_702.0, 105.0) == pytest.approx(102.0, abs=0.01)


def test_one_report_alone_tells_a_clock_that_is_far_off() -> None:
    offset = Offset()
    offset.heard(1_000.0, 1_800_000_000.0)
    assert offset.seconds == pytest.approx(1_799_999_000, abs=0.01)


def test_nothing_happens_in_the_future() -> None:
    offset = Offset()
    offset.answered(100.0, 100.0, 100.1)
    assert offset.ours(500.0, 101.0) == 101.0


def test_what_is_absurdly_old_happened_just_now() -> None:
    offset = Offset()
    offset.answered(100_000.0, 100_000.0, 100_000.1)
    assert offset.ours(1.0, 100_001.0) == 100_001.0
    assert offset.ours(100_000.5 - PATIENCE / 2, 100_001.0) == 100_000.5 - PATIENCE / 2


def test_a_clock_that_was_set_is_believed_anew() -> None:
    offset = Offset()
    offset.answered(100.0, 100.05, 100.1)
    offset.answered(200.0, 260.0, 200.1)
    assert offset.seconds == pytest.approx(-59.95, abs=0.06)


def test_without_a_report_the_clock_is_ours() -> None:
    assert Offset().seconds == 0
