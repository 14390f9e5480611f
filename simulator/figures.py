"""What a run measured, beside what the papers and the project's bars say.

Paths and clustering are those of the link graph (networkx), sampled where it is large. For
comparison stands what a random graph of the same size and degree would have: a path of
ln N / ln k and a clustering of k / N (Watts and Strogatz 1998).
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from random import Random

import msgspec
import networkx as nx

from simulator.faults import AnyFault
from simulator.world import World

JOURNAL = frozenset({"member.dead"})
"""The events that are looked at."""
SOURCES = 200
"""Nodes from which paths are measured, and around which clustering is, at most [guess]."""


class Spread(msgspec.Struct, frozen=True):
    """Several times in seconds: the middle one, the hundredth worst, the worst."""

    count: int
    p50: float
    p99: float
    most: float


class Graph(msgspec.Struct, frozen=True):
    """The links of the living."""

    nodes: int
    degree_least: int
    degree_mean: float
    degree_most: int
    components: int
    path: float | None
    """Mean length in hops; None where there is no path at all."""
    path_random: float | None
    clustering: float
    clustering_random: float


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """All of a run."""

    joined: float
    """Seconds from the last start until all were one network."""
    healed: float
    """Seconds from the end of the faults until maps and links were right."""
    settled: float
    """... and until no message was waiting any more; one for a dead node waits a minute."""
    faults: dict[str, int]
    accepted: int
    delivered: int
    owed: int
    """Messages between two that still run, with the disks that they had then."""
    owed_delivered: int
    failed: int
    latency: Spread | None
    """From accepted to stored."""
    crashes: int
    first_noticed: Spread | None
    """From a crash to the first node that holds it for dead."""
    known_everywhere: Spread | None
    """... and to the last one that came to hold it for dead."""
    false_deaths: int
    """Members found dead that ran."""
    graph: Graph
    requests_per_node: float
    """A second, while the faults and the settling lasted."""
    bytes_per_batch: float | None
    pairs_that_talked: int
    """In the last 30 seconds."""
    frames: int
    frames_by_kind: dict[str, int]
    unperformed: dict[str, int]
    """Outputs that the simulator did not know how to do."""
    steps: int
    virtual_seconds: float
    real_seconds: float
    cpu_seconds: float
    frames_per_second: float
    """Delivered in a second of CPU, all costs of the run included."""


class Times(msgspec.Struct, frozen=True, kw_only=True):
    """How long the parts of a run took, in seconds of the world, and the whole in real ones."""

    joined: float
    healed: float
    settled: float
    suffered: float
    """From the beginning of the faults to the end of the settling."""
    real: float
    cpu: float


def measure(
    world: World, times: Times, calls: int, faults: Iterable[tuple[float, AnyFault]]
) -> Figures:
    """Look at a world at the end of a run; `calls` were made while it suffered."""
    kinds: dict[str, int] = defaultdict(int)
    for _, fault in faults:
        kinds[str(type(fault).__struct_config__.tag)] += 1
    first, everywhere, false = _detection(world)
    here = {process.overlay.own.id for process in world.running()}
    owed = [m for m, sent in world.sent.items() if sent.origin in here and sent.to in here]
    frames = sum(world.frames.values())
    ends = [end.status for end in world.endings.values()]
    waits = [at - world.accepted[message] for message, at in world.stored.items()]
    return Figures(
        joined=round(times.joined, 3),
        healed=round(times.healed, 3),
        settled=round(times.settled, 3),
        faults=dict(kinds),
        accepted=len(world.accepted),
        delivered=len(world.stored),
        owed=len(owed),
        owed_delivered=sum(message in world.stored for message in owed),
        failed=ends.count("failed"),
        latency=spread(waits),
        crashes=len(world.deaths),
        first_noticed=spread(first),
        known_everywhere=spread(everywhere),
        false_deaths=false,
        graph=links(world),
        requests_per_node=calls / max(1e-9, times.suffered) / max(1, len(here)),
        bytes_per_batch=world.bytes / world.batches if world.bytes else None,
        pairs_that_talked=world.network.neighbours() // 2,
        frames=frames,
        frames_by_kind={kind.__name__: n for kind, n in world.frames.most_common()},
        unperformed=dict(world.unperformed),
        steps=world.steps,
        virtual_seconds=round(world.now, 3),
        real_seconds=times.real,
        cpu_seconds=times.cpu,
        frames_per_second=frames / times.cpu,
    )


def _detection(world: World) -> tuple[list[float], list[float], int]:
    """Times from a crash to the first and to the last who noticed, and deaths of the living.

    The n-th crash of a member that keeps its disk ends its n-th epoch, so that what is told
    of that epoch belongs to that crash.
    """
    crashed = {(member, epoch): at for at, member, epoch in world.deaths}
    noticed: dict[tuple[str, int], list[float]] = defaultdict(list)
    false = 0
    for event in world.events("member.dead"):
        which = (event.data["member"]["id"], event.data["member"]["epoch"])
        crash = crashed.get(which)
        if crash is None or event.at < crash:
            false += 1
        else:
            noticed[which].append(event.at - crash)
    return [min(t) for t in noticed.values()], [max(t) for t in noticed.values()], false


def links(world: World) -> Graph:
    """The link graph of those who run."""
    graph: nx.Graph[str] = nx.Graph()
    ends = {process.overlay.own.id: process.overlay.links.ids() for process in world.running()}
    graph.add_nodes_from(ends)
    graph.add_edges_from((a, b) for a, others in ends.items() for b in others if b in ends)
    count = len(graph)
    degrees = [degree for _, degree in graph.degree()]
    mean = sum(degrees) / count if count else 0.0
    sample = sorted(graph)
    if count > SOURCES:
        sample = Random(count).sample(sample, SOURCES)
    lengths = [
        length
        for source in sample
        for length in nx.single_source_shortest_path_length(graph, source).values()
        if length
    ]
    return Graph(
        nodes=count,
        degree_least=min(degrees, default=0),
        degree_mean=mean,
        degree_most=max(degrees, default=0),
        components=nx.number_connected_components(graph) if count else 0,
        path=sum(lengths) / len(lengths) if lengths else None,
        path_random=math.log(count) / math.log(mean) if count > 1 and mean > 1 else None,
        clustering=nx.average_clustering(graph, sample) if count else 0.0,
        clustering_random=mean / count if count else 0.0,
    )


def spread(times: Iterable[float]) -> Spread | None:
    """The middle and the tail; None of nothing."""
    ordered = sorted(times)
    if not ordered:
        return None
    last = len(ordered) - 1
    return Spread(
        count=len(ordered),
        p50=ordered[last // 2],
        p99=ordered[math.ceil(0.99 * last)],
        most=ordered[-1],
    )
