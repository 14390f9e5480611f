"""The Maelstrom broadcast challenge, asked of the overlay as it ships.

25 nodes, 100 ms from each to each other, 100 operations a second at random nodes, half of
them reads. A read asks one node and costs no message between nodes, here as there. The
challenge's own tree, which knows its topology beforehand and is answered nothing, needs 12.0
messages an operation, since 24 of 25 nodes must be told of every second one.

What a message is. Maelstrom counts each packet between nodes. Ours are batches: a request that
carries frames, and its answer where that carries any (an empty answer is HTTP's own). Both are
counted here, batches and frames; the challenge lets a packet carry many values, too.

What a latency is. From `POST /broadcast` until the *last* node has it, which is what
Maelstrom's "stable latency" says of each value.
"""

from collections.abc import Callable, Iterator
from random import Random

import msgspec

from benchmarks.verdict import Figure
from node.overlay.config import Config
from simulator.broadcasts import Broadcasts, Spoken
from simulator.figures import Spread, spread
from simulator.weather import Latency, Trouble
from simulator.world import World

NODES = 25
RATE = 50.0
"""Broadcasts a second: 100 operations, half of them reads."""
WARM = 20.0
"""Seconds of the same load before anything is counted: the trees of 25 origins grow."""
CUT = 10.0
"""Seconds of the partition [brief]."""
SETTLE = 60.0
"""Seconds after the last operation, for what is still missing [payloads are kept as long]."""


class Load(msgspec.Struct, frozen=True):
    """What a load cost, and what came of it."""

    messages: float
    """Batches that carried something, an operation."""
    frames: float
    pushes: float
    latency: Spread
    """Seconds until the last node had each value."""
    each: Spread
    """... and until any node had it."""
    missing: int
    """Pairs of a value and a node that does not have it in the end."""


def run(seed: int, seconds: float, say: Callable[[str], None]) -> Iterator[Figure]:
    """The bars, calm and with a partition."""
    say(f"maelstrom: {NODES} nodes, 100 ms a hop, {seconds:g} s, seed {seed}")
    calm = load(seed, seconds)
    yield Figure("maelstrom: messages an operation", calm.messages, None, "", at_most=13)
    yield Figure("maelstrom: ... counted as frames", calm.frames, None, "", at_most=13)
    yield Figure(
        "maelstrom: median until all have it", 1000 * calm.latency.p50, None, " ms", at_most=350
    )
    yield Figure(
        "maelstrom: worst until all have it", 1000 * calm.latency.most, None, " ms", at_most=500
    )
    yield Figure("maelstrom: missing at the end", calm.missing, None, "", at_most=0)
    say(f"maelstrom: the same with a partition of {CUT:g} s")
    cut = load(seed, seconds, cut=True)
    yield Figure("maelstrom: missing after a partition", cut.missing, None, "", at_most=0)


def load(seed: int, seconds: float, *, cut: bool = False) -> Load:
    """Put the load on a network that is at rest, and look at what came of it."""
    world = World(
        seed,
        Config(),
        latency=Latency(0.1, 0.1, 0.0),
        encoding=False,
        journal=frozenset(),
    )
    world.start_bootstrap()
    for k in range(1, NODES + 1):
        world.start(f"node{k}")
        world.run(0.2)
    world.until(world.all_know_all, within=30)
    world.run(30)
    broadcasts, rng = Broadcasts(world), Random(f"maelstrom {seed}")
    _say(world, broadcasts, rng, WARM)
    frames, calls = sum(world.frames.values()), world.network.calls + world.answers
    said: list[Spoken] = []
    if cut:
        said += _say(world, broadcasts, rng, CUT)
        halves = Trouble(inside=frozenset(f"node{k}" for k in range(1, 13)), loss=1.0)
        world.weather.begin(halves)
        said += _say(world, broadcasts, rng, CUT)
        world.weather.end(halves)
    said += _say(world, broadcasts, rng, seconds)
    operations = 2 * len(said)
    frames = sum(world.frames.values()) - frames
    calls = world.network.calls + world.answers - calls
    world.run(SETTLE)
    last = spread(max(spoken.times) for spoken in said)
    each = spread(seconds for spoken in said for seconds in spoken.times)
    if last is None or each is None:
        raise ValueError("nothing was said")
    return Load(
        messages=calls / operations,
        frames=frames / operations,
        pushes=sum(spoken.payloads for spoken in said) / operations,
        latency=last,
        each=each,
        missing=sum((NODES - 1) - len(spoken.times) for spoken in said),
    )


def _say(world: World, broadcasts: Broadcasts, rng: Random, seconds: float) -> list[Spoken]:
    """So many seconds of broadcasts at an even pace, each at a random node."""
    began, said = world.now, []
    for k in range(int(seconds * RATE)):
        world.run(max(0.0, began + k / RATE - world.now))
        said.append(broadcasts.say(rng.choice(world.running())))
    world.run(max(0.0, began + seconds - world.now))
    return said
