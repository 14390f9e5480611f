"""The way of a message over several hops, from what each node on it told."""

from itertools import permutations

import pytest

from dashboard.messages import Message, Messages
from dashboard.reports import Node, OfMessage
from dashboard.ways import Leg

A, B, C, D, E = (Node(name, name, f"http://{name}:5000") for name in "abcde")
Report = tuple[str, str, OfMessage, float]


def sent(via: Node | None, at: float, attempt: int = 1) -> Report:
    """A sends to D."""
    said = OfMessage("m", D, sender="a", text="hi", attempt=attempt, origin=A, via=via)
    return "a", "message.sent", said, at


def forwarded(start: Node, via: Node, hop: int, at: float) -> Report:
    said = OfMessage("m", D, origin=start, via=via, hop=hop)
    return start.id, "message.forwarded", said, at


def received(hop: int, at: float) -> Report:
    return "d", "message.received", OfMessage("m", D, sender="a", text="hi", origin=A, hop=hop), at


def told(*reports: Report) -> Message:
    messages = Messages()
    for report in reports:
        messages.report(*report)
    (view,) = messages.newest(10)
    assert isinstance(view, Message)
    return view


def way(view: Message) -> str:
    """`abd`: from a over b to d; a gap is a dash."""
    path = view.path
    told = "".join(("-" if leg.at is None else "") + leg.end for leg in path)
    return path[0].start + told if path else ""


THREE_HOPS = [sent(B, 1.0), forwarded(B, C, 2, 1.01), forwarded(C, D, 3, 1.02), received(3, 1.03)]


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_way_is_the_same_whatever_comes_first(order: tuple[int, ...]) -> None:
    view = told(*(THREE_HOPS[index] for index in order))
    assert way(view) == "abcd"
    assert (view.hops, view.state, view.sent_at) == (3, "received", 1.0)


def test_under_way_it_is_as_long_as_somebody_told() -> None:
    seen = [told(*THREE_HOPS[:count]) for count in (1, 2, 3)]
    assert [way(view) for view in seen] == ["ab", "abc", "abcd"]
    assert [view.hops for view in seen] == [1, 2, 3]


def test_a_direct_message_has_no_way_but_itself() -> None:
    view = told(sent(None, 1.0), received(1, 1.01))
    assert (view.path, view.hops) == ([], 1)


def test_one_that_is_lost_ends_where_it_was_seen_last() -> None:
    given_up = ("a", "message.failed", OfMessage("m", D, origin=A, reason="no answer"), 60.0)
    view = told(*THREE_HOPS[:2], given_up)
    assert (way(view), view.state) == ("abc", "failed")


def test_each_try_has_a_way_of_its_own() -> None:
    first = [sent(B, 1.0), forwarded(B, C, 2, 1.01)]
    again = sent(E, 3.0, attempt=2)
    assert way(told(*first, again)) == "ae"
    assert way(told(*first, again, forwarded(E, D, 2, 3.01))) == "aed"
    assert way(told(*first, again, forwarded(E, D, 2, 3.01), received(2, 3.02))) == "aed"
    # The first try was only slow: it arrives after the second has left.
    late = [forwarded(C, D, 3, 3.5), received(3, 3.51)]
    assert way(told(*first, again, *late)) == "abcd"


def test_a_try_over_the_same_node_begins_anew() -> None:
    assert way(told(*THREE_HOPS[:2], sent(B, 3.0, attempt=2))) == "ab"


def test_only_a_leg_of_the_next_hop_fits() -> None:
    """C has it from another try as well, at a later hop, and B has handed it to D besides."""
    assert way(told(*THREE_HOPS[:2], forwarded(C, E, 4, 1.02))) == "abc"
    assert way(told(*THREE_HOPS, forwarded(B, D, 2, 1.025))) == "abcd"


def test_a_direct_try_after_one_over_the_overlay_goes_straight() -> None:
    tries = [*THREE_HOPS[:2], sent(None, 3.0, attempt=2)]
    assert way(told(*tries)) == ""
    assert way(told(*tries, received(1, 3.01))) == ""


def test_who_chooses_another_next_hop_leaves_the_dead_end_out() -> None:
    view = told(sent(B, 1.0), forwarded(B, C, 2, 1.01), forwarded(B, E, 2, 1.6))
    assert way(view) == "abe"
    arrived = [forwarded(E, D, 3, 1.61), received(3, 1.62)]
    assert (
        way(told(sent(B, 1.0), forwarded(B, C, 2, 1.01), forwarded(B, E, 2, 1.6), *arrived))
        == "abed"
    )


def test_nobody_puts_himself_into_the_way_of_others() -> None:
    view = told(*THREE_HOPS[:2], forwarded(E, D, 2, 1.005), forwarded(E, D, 3, 1.015))
    assert way(view) == "abc"
    view = told(*THREE_HOPS, forwarded(E, D, 3, 1.015))
    assert way(view) == "abcd"


@pytest.mark.parametrize(
    ("missing", "expected"), [({1}, "ab-cd"), ({2}, "abc-d"), ({0}, "a-bcd"), ({1, 2}, "ab-d")]
)
def test_what_nobody_told_is_a_gap(missing: set[int], expected: str) -> None:
    view = told(*(report for index, report in enumerate(THREE_HOPS) if index not in missing))
    assert way(view) == expected
    assert view.hops == 3


def test_what_was_delivered_has_come_to_its_end_though_its_receiver_is_not_watched() -> None:
    done = ("a", "message.delivered", OfMessage("m", D, origin=A), 1.05)
    assert way(told(*THREE_HOPS[:2], done)) == "abc-d"


def test_a_leg_told_twice_is_one_and_no_news() -> None:
    messages = Messages()
    for report in THREE_HOPS[:2]:
        messages.report(*report)
    messages.take_changed()
    reporter, type_, said, at = THREE_HOPS[1]
    messages.report(reporter, type_, said, at + 0.1)
    assert messages.take_changed() == []
    messages.report(*THREE_HOPS[2])
    (view,) = messages.take_changed()
    assert isinstance(view, Message)
    assert view.path[-1] == Leg("c", "d", 3, 1.02)


def test_nobody_grows_a_message_without_end() -> None:
    view = told(sent(B, 1.0), *(forwarded(E, B, n, float(n)) for n in range(2, 5_000)))
    assert len(view.legs) == 64
    assert way(view) == "ab"
