"""Patience with strangers: how long until the next call."""

from random import Random

from node.overlay.config import Config
from node.overlay.presets import PRESETS
from node.overlay.strangers import LASTS, Strangers

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


def pairs(members: int, links: int, seconds: float) -> int:
    """How many a node makes that asks ten times a second."""
    strangers = Strangers(CONFIG, Random(1))
    asked = (k / 10 for k in range(round(10 * seconds)))
    return sum(strangers.take_pair(members, links, now) for now in asked)


def test_of_fifty_each_has_a_share_of_the_pairs_that_links_and_dashboard_leave() -> None:
    share = (CONFIG.pairs_most - 50 * (6 / 2 + 1)) / 50
    assert pairs(50, 6, 0.1) == 1
    assert share / 2 - 1 < pairs(50, 6, 1.0) <= share / 2, "half of it at once"
    assert share - 1 < pairs(50, 6, LASTS) <= share
    assert pairs(50, 6, 10 * LASTS) <= 10.5 * share / 2 + 1, "and no more than comes back"


def test_few_have_room_for_everybody_and_too_many_for_nobody() -> None:
    assert pairs(12, 6, 2.0) > 11
    assert pairs(64, 5, 0.1) == 1
    assert pairs(100, 5, 100.0) == 0


def test_where_machines_share_no_table_nobody_counts() -> None:
    strangers = Strangers(PRESETS["lan"], Random(1))
    assert all(strangers.take_pair(200, 6, 0.0) for _ in range(1_000))
