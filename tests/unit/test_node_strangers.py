"""Patience with strangers: how long until the next call."""

from random import Random

from node.overlay.config import Config
from node.overlay.strangers import Strangers

CONFIG = Config()


def pauses(strangers: Strangers, silences: int) -> list[float]:
    """Seconds of waiting after each of so many calls in vain."""
    found = []
    for k in range(silences):
        strangers.silent(float(1_000 * k))
        found.append(strangers.pause(float(1_000 * k)))
    return found


def test_as_long_as_they_answer_nobody_waits() -> None:
    strangers = Strangers(CONFIG, Random(1))
    for now in (1.0, 1.0, 1.1):
        assert strangers.may_call(now)
        strangers.called(now)


def test_each_call_in_vain_doubles_the_wait_up_to_a_bound() -> None:
    found = pauses(Strangers(CONFIG, Random(1)), 12)
    for k, pause in enumerate(found):
        meant = min(CONFIG.stranger_pause * 2 ** (k + 1), CONFIG.stranger_pause_most)
        assert 0.75 * meant <= pause <= 1.25 * meant
    assert len(set(found)) == len(found), "nodes do not wait in step"


def test_after_that_one_call_may_be_made_and_not_two() -> None:
    strangers = Strangers(CONFIG, Random(1))
    pauses(strangers, 3)
    later = 2_000.0 + strangers.pause(2_000.0)
    assert not strangers.may_call(later - 0.01)
    assert strangers.may_call(later)
    strangers.called(later)
    assert not strangers.may_call(later + 0.01), "its answer is not there yet"


def test_an_answer_ends_the_waiting() -> None:
    strangers = Strangers(CONFIG, Random(1))
    pauses(strangers, 12)
    strangers.answered()
    assert strangers.may_call(0.0)
    assert pauses(strangers, 1)[0] < 2.0, "and it begins anew"


def test_a_thousand_silences_overflow_nothing() -> None:
    assert pauses(Strangers(CONFIG, Random(1)), 2_000)[-1] <= 1.25 * CONFIG.stranger_pause_most
