"""When a dashboard says that it is busy, and when it does not any more."""

import pytest

from dashboard.load import CALM_FOR, LONGEST_PACE, PACE, Load


class Lab:
    def __init__(self) -> None:
        self.now = 100.0
        self.load = Load(steady=lambda: self.now)

    def second(self) -> bool:
        self.now += 1.0
        return self.load.second()


@pytest.fixture
def lab() -> Lab:
    return Lab()


def test_who_keeps_up_says_nothing(lab: Lab) -> None:
    for age in (0.05, 0.1, 0.2):
        lab.load.came(age, 500)
    lab.load.slept(0.02)
    assert not lab.second()
    assert lab.load.view() is None
    assert lab.load.words() == ""


def test_old_news_makes_it_busy_until_it_was_fresh_for_a_while(lab: Lab) -> None:
    for _ in range(3):
        lab.load.came(2.5, 500)
    lab.second()
    assert lab.load.view() == {"behind": 2.5, "pace": 50, "left_out": 0}
    assert "2 s behind" in lab.load.words()
    ended = [lab.second() for _ in range(5)]
    assert ended == [False, False, True, False, False], f"after {CALM_FOR} s, told once"
    assert lab.load.view() is None


def test_one_node_with_a_wrong_clock_makes_nobody_busy(lab: Lab) -> None:
    lab.load.came(3_000.0, 500)
    for _ in range(2):
        lab.load.came(0.1, 500)
    lab.second()
    assert lab.load.view() is None


def test_an_event_loop_that_is_late_makes_it_busy(lab: Lab) -> None:
    lab.load.slept(0.7)
    lab.second()
    assert not lab.load.busy, "but not where hardly anything happens: then it is the machine"
    lab.load.slept(0.7)
    lab.load.came(0.1, 500)
    lab.second()
    assert lab.load.busy
    assert "telling less often" in lab.load.words()


def test_what_costs_much_is_told_less_often(lab: Lab) -> None:
    assert lab.load.told(0.001) == PACE
    assert lab.load.told(0.05) == pytest.approx(0.2)
    assert lab.load.told(30.0) == LONGEST_PACE
    assert lab.load.told(0.001) == PACE
