"""Told soon after a quiet moment, and calmly where it goes on: `contract.pace`."""

import pytest

from contract.pace import Pace


def test_what_goes_on_is_told_more_and_more_calmly() -> None:
    pace, now, pauses = Pace(0.01, 0.1), 100.0, []
    for _ in range(6):
        pause = pace.pause(now)
        pauses.append(pause)
        now += pause
    assert pauses == pytest.approx([0.01, 0.02, 0.04, 0.08, 0.1, 0.1])


def test_after_a_quiet_moment_it_is_quick_again() -> None:
    pace, now = Pace(0.01, 0.1), 0.0
    for _ in range(6):
        now += pace.pause(now)
    assert pace.pause(now + 0.05) == 0.1  # that was no quiet moment
    assert pace.pause(now + 0.5) == 0.01


def test_of_many_tellings_in_a_second_hardly_more_leave_than_the_longest_pause_allows() -> None:
    pace, now, told = Pace(0.01, 0.1), 0.0, 0
    while now < 10.0:
        now += pace.pause(now)
        told += 1
    assert told <= 104
