"""What tests of routing share: networks that stand, pairs that are far apart, eyes."""

from collections import Counter
from collections.abc import Callable

import networkx as nx
import pytest

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.core import Overlay
from node.overlay.frames import (
    Record,
    Unicast,
)
from simulator.guard import Guard
from simulator.machine import Process
from simulator.safety import safety
from simulator.weather import Trouble
from simulator.world import World

NO_CALLS = Trouble(paths=frozenset({"/message"}), loss=1.0)
"""Nobody gets through to anybody directly."""


def joined(count: int, seed: int, settled: float = 20.0) -> World:
    """So many nodes with every safety invariant watching, whose lists are everywhere."""
    world = World(seed)
    Guard(world, [*safety(world)])
    for k in range(1, count + 1):
        contacts = tuple(f"node{world.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        world.start(f"node{k}", contacts)
        world.run(0.1)
    world.until(world.all_know_all, within=20)
    world.run(settled)
    return world


def links(world: World) -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.Graph()
    for name, node in world.nodes.items():
        graph.add_edges_from((name, other.removeprefix("id-")) for other in node.links.ids())
    return graph


def far_pair(world: World, hops: int = 3) -> tuple[str, str]:
    """Two nodes that are so many links apart."""
    graph = links(world)
    for name in world.nodes:
        for other, length in nx.single_source_shortest_path_length(graph, name).items():
            if length == hops:
                return name, other
    pytest.fail(f"nobody is {hops} links from anybody")


def ended(world: World, *messages: str) -> Callable[[], bool]:
    return lambda: all(message in world.endings for message in messages)


def forwards(world: World, message: str) -> list[tuple[str, str, int]]:
    """Who passed a message on to whom, and which hop that was."""
    return [
        (told.name, told.data["via"]["name"], told.data["hop"])
        for told in world.events("message.forwarded")
        if told.data["message"] == message
    ]


class Eyes:
    """Sees every routed message that comes to its receiver, however often."""

    def __init__(self, world: World) -> None:
        self.arrived: Counter[str] = Counter()
        self.launched: list[tuple[float, o.Launch]] = []
        self.posts: list[o.Post] = []
        self._world = world
        world.watchers.append(self)

    def stepped(self, _: Process, happened: i.Input, outputs: list[o.Output]) -> None:
        if isinstance(happened, i.Taken):
            self.arrived[happened.frame.message] += 1
        self.posts += [x for x in outputs if isinstance(x, o.Post)]
        self.launched += [(self._world.now, x) for x in outputs if isinstance(x, o.Launch)]

    def delivered(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...
    def raised(self, *_: object) -> None: ...


def swallow(node: Overlay) -> None:
    """It takes every message that is not for it, and passes none on."""
    own, unicast = node.own.id, node.routing._unicast

    def take(frame: Unicast, now: float) -> None:
        if frame.receiver == own:
            unicast(frame, now)

    node.routing._unicast = take


def knows_no_way(node: Overlay) -> None:
    node.routing.map.distances = lambda _to, _without: {}


def two_links(node: Overlay) -> tuple[Record, Record]:
    """The records of two links of a node."""
    one, other = (node.members.get(member) for member in node.links.ids()[:2])
    assert one is not None
    assert other is not None
    return one, other
