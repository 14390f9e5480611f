"""Who is struck when: drawn from the seed, and refused where it contradicts itself."""

import pytest

from scenario.cast import Script, cast
from scenario.document import ScenarioError
from scenario.reading import read_text


def script(
    steps: str, nodes: int = 12, seed: int = 1, most: int | None = None, **head: str
) -> Script:
    more = "".join(f"{name}: {value}\n" for name, value in head.items())
    return cast(read_text(f"name: a\n{more}steps:\n{steps}"), nodes, seed, most)


def test_the_same_seed_strikes_the_same_nodes_and_another_others() -> None:
    steps = "  - {at: 1s, kill: {random: 5}, for: 3s}\n  - {at: 5s, freeze: third, for: 2s}\n"
    first, again, other = (script(steps, 40, seed) for seed in (7, 7, 8))
    assert first.strikes == again.strikes
    assert first.strikes != other.strikes
    assert [len(strike.nodes) for strike in first.strikes] == [5, 13]


def test_a_repeated_step_strikes_the_same_nodes() -> None:
    done = script("  - {at: 1s, kill: {random: 2}, for: 1s, every: 3s, times: 4}\n").strikes
    assert [strike.at for strike in done] == [1, 4, 7, 10]
    assert [strike.until for strike in done] == [2, 5, 8, 11]
    assert len({strike.nodes for strike in done}) == 1


def test_nobody_is_struck_who_is_away() -> None:
    steps = "  - {at: 1s, kill: half}\n  - {at: 2s, freeze: all, for: 1s}\n"
    killed, frozen = script(steps).strikes
    assert len(killed.nodes) == 6
    assert set(frozen.nodes) == {f"node{k}" for k in range(1, 13)} - set(killed.nodes)
    assert script(steps).gone == tuple(sorted(killed.nodes))


@pytest.mark.parametrize(
    ("steps", "line", "words"),
    [
        ("  - {at: 1s, kill: 3}\n  - {at: 2s, freeze: 3}\n", 4, "'kill' in line 3 took it away"),
        ("  - {at: 1s, kill: 3, for: 5s}\n  - {at: 2s, kill: 3}\n", 4, "until 6s"),
        ("  - {at: 1s, kill: 13}\n", 3, "no node13: there are 12 nodes"),
        ("  - {at: 1s, kill: {random: 13}}\n", 3, "only 12 nodes run"),
        ("  - {at: 1s, partition: half}\n  - {at: 2s, partition: half}\n", 4, "that of line 3"),
        ("  - {at: 1s, partition: [[1, 2], [2, 3]]}\n", 3, "node2 is in two groups"),
        ("  - {at: 1s, partition: all}\n", 3, "a group without anybody"),
        ("  - {at: 1s, cut: 3, towards: 3}\n", 3, "nobody left to be cut off from"),
        ("  - {at: 1s, join: 90}\n", 3, "more than 100 nodes"),
        ("  - {at: 1s, kill: all, apart: 2s}\n", 3, "not done at the scenario's end"),
    ],
)
def test_what_contradicts_itself_is_refused_before_anything_is_done(
    steps: str, line: int, words: str
) -> None:
    with pytest.raises(ScenarioError) as refusal:
        script(steps, most=100)
    assert words in str(refusal.value)
    assert refusal.value.line == line


def test_who_is_back_can_be_struck_again_and_a_heal_brings_back() -> None:
    steps = "  - {at: 1s, kill: 3, for: 2s}\n  - {at: 3s, kill: 3}\n  - {at: 5s, heal: true}\n"
    done = script(steps + "  - {at: 6s, kill: 3}\n").strikes
    assert [(strike.kind, strike.until) for strike in done] == [
        ("kill", 3),
        ("kill", 5),
        ("heal", None),
        ("kill", None),
    ]


def test_a_partition_has_a_bridge_and_ends_with_the_scenario() -> None:
    (done,) = script("  - {at: 1s, partition: 1-6, bridge: [6, 7]}\n", seconds="20s").strikes
    assert done.groups == (
        tuple(f"node{k}" for k in range(1, 6)),
        tuple(f"node{k}" for k in range(8, 13)),
    )
    assert done.until == 20


def test_whoever_joins_can_be_struck_afterwards() -> None:
    done = script("  - {at: 1s, join: 2, apart: 1s}\n  - {at: 5s, restart: 13-14, apart: 1s}\n")
    assert [strike.nodes for strike in done.strikes] == [
        ("node13",),
        ("node14",),
        ("node13",),
        ("node14",),
    ]
    assert done.joined == ("node13", "node14")


def test_a_cut_by_chance_is_towards_others() -> None:
    for seed in range(20):
        (cut,) = script("  - {at: 1s, cut: {random: 6}, towards: {random: 6}}\n", seed=seed).strikes
        assert not set(cut.nodes) & set(cut.towards)
        assert len(cut.towards) == 6


def test_a_group_is_drawn_once() -> None:
    steps = "  - {at: 1s, freeze: some, for: 1s}\n  - {at: 5s, kill: some}\n"
    first, second = script(steps, groups="{some: {random: 4}}").strikes
    assert first.nodes == second.nodes
    assert len(first.nodes) == 4
