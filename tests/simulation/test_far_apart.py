"""The Maelstrom broadcast challenge: nodes 100 ms apart and fifty broadcasts a second."""

import pytest

from benchmarks import maelstrom


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_twenty_five_nodes_far_apart_hear_everything_soon_and_at_the_price_of_a_tree(
    seed: int,
) -> None:
    """The bars. A tree that is known beforehand takes 12 messages an operation."""
    load = maelstrom.load(seed, 20.0)
    assert load.missing == 0
    assert load.messages <= 13
    assert load.latency.p50 <= 0.35
    assert load.latency.most <= 0.5
