"""What was seen, as ranges: exact, small, and never pushed out by inventions."""

from random import Random

from node.overlay.seen import RANGES, UNKNOWN, UNKNOWN_KEPT, Ranges, Seen


def test_a_million_in_order_are_one_range() -> None:
    ranges = Ranges()
    for number in range(1, 100_001):
        ranges.add(number)
    assert len(ranges) == 1
    assert 1 in ranges
    assert 100_000 in ranges
    assert 0 not in ranges
    assert 100_001 not in ranges


def test_in_any_order_exactly_what_was_added_is_there() -> None:
    rng = Random(1)
    for _ in range(200):
        numbers = rng.sample(range(1, 61), rng.randrange(1, 61))
        ranges = Ranges()
        for number in numbers:
            ranges.add(number)
            ranges.add(number)
        assert [n for n in range(70) if n in ranges] == sorted(numbers)


def test_too_many_gaps_are_closed_from_below_and_nothing_that_was_seen_is_forgotten() -> None:
    ranges = Ranges()
    for number in range(1, 401, 2):
        ranges.add(number)
        assert len(ranges) <= RANGES
    assert all(number in ranges for number in range(1, 401, 2))
    assert 2 in ranges, "so old that it counts as seen"
    assert 398 not in ranges, "so young that it is still waited for"


def test_inventions_are_refused_when_their_room_is_full_and_members_always_have_room() -> None:
    seen = Seen()
    for k in range(UNKNOWN):
        assert seen.has_room((f"x{k}", 1, 1), 0.0, known=False)
        seen.add((f"x{k}", 1, 1), 0.0, known=False)
    assert not seen.has_room(("y", 1, 1), UNKNOWN_KEPT - 1, known=False)
    assert seen.has_room(("x0", 1, 2), 1.0, known=False), "it has its place already"
    assert seen.has_room(("member", 1, 1), 1.0, known=True)
    assert seen.has_room(("y", 1, 1), UNKNOWN_KEPT, known=False), "the oldest may go now"
    assert len(seen) < UNKNOWN


def test_a_stranger_that_becomes_a_member_takes_its_past_along() -> None:
    seen = Seen()
    seen.add(("x", 1, 1), 0.0, known=False)
    seen.add(("x", 1, 2), 1.0, known=True)
    assert ("x", 1, 1) in seen
    assert ("x", 2, 1) not in seen
    assert len(seen) == 1
