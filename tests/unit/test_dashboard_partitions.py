"""Who must not hear whom, in every shape, and where newcomers go."""

import pytest

from contract.errors import ApiError
from dashboard.partitions import SHAPES, Cut, Who, in_shape


def who(number: int, id_: str | None = None) -> Who:
    return Who(id_ or f"id{number}", f"node{number}", f"http://node{number}:5000")


def some(count: int) -> list[Who]:
    return [who(number) for number in range(1, count + 1)]


def names(those: "list[Who] | tuple[Who, ...]") -> list[str]:
    return [one.name for one in those]


def test_halves_hear_nothing_of_each_other() -> None:
    cut = in_shape("halves", some(5))
    assert [names(side) for side in cut.sides] == [["node1", "node2", "node3"], ["node4", "node5"]]
    assert names(cut.apart(0)) == ["node4", "node5"]
    assert names(cut.apart(1)) == ["node1", "node2", "node3"]


def test_halves_by_chance_are_the_seeds() -> None:
    assert in_shape("halves", some(20), seed=7) == in_shape("halves", some(20), seed=7)
    assert in_shape("halves", some(20), seed=7) != in_shape("halves", some(20), seed=8)


def test_a_bridge_hears_both() -> None:
    cut = in_shape("bridge", some(5), through=who(1))
    assert names(cut.outside) == ["node1"]
    assert [names(side) for side in cut.sides] == [["node2", "node3"], ["node4", "node5"]]
    assert names(in_shape("bridge", some(5)).outside) == ["node3"]


def test_in_a_ring_each_hears_its_two_neighbours() -> None:
    cut = in_shape("ring", some(6))
    assert names(cut.apart(0)) == ["node3", "node4", "node5"]
    assert names(cut.apart(3)) == ["node1", "node2", "node6"]


@pytest.mark.parametrize(("shape", "few"), [("halves", 1), ("bridge", 2), ("ring", 3)])
def test_too_few_are_refused_with_the_field(shape: str, few: int) -> None:
    (wanted,) = [known for known in SHAPES if known == shape]
    with pytest.raises(ApiError) as refused:
        in_shape(wanted, some(few))
    assert refused.value.field == "shape"
    in_shape(wanted, some(few + 1))


def test_a_stranger_goes_to_the_rest_or_to_the_smallest_group() -> None:
    lasso = Cut((tuple(some(2)), (who(3), who(4), who(5))), rest=1)
    cut, apart = lasso.joined(who(9))
    assert names(apart) == ["node1", "node2"]
    assert names(cut.sides[1]) == ["node3", "node4", "node5", "node9"]
    halves = in_shape("halves", some(5))
    cut, apart = halves.joined(who(9))
    assert names(cut.sides[1]) == ["node4", "node5", "node9"]
    assert names(apart) == ["node1", "node2", "node3"]


@pytest.mark.parametrize("again", [who(1), who(1, "another id")])
def test_who_was_there_goes_to_its_old_place(again: Who) -> None:
    cut, apart = in_shape("halves", some(4)).joined(again)
    assert names(apart) == ["node3", "node4"]
    assert sorted(names(cut.sides[0])) == ["node1", "node2"]
    assert again in cut.sides[0]


def test_a_bridge_that_restarts_is_the_bridge_again() -> None:
    bridge = in_shape("bridge", some(5), through=who(1))
    assert bridge.joined(who(1, "another id")) == (bridge, [])


def test_a_stranger_in_a_ring_stands_between_the_last_and_the_first() -> None:
    cut, apart = in_shape("ring", some(5)).joined(who(9))
    assert names(apart) == ["node2", "node3", "node4"]
    assert len(cut.sides) == 6
