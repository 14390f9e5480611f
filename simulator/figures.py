"""What a run measured, beside what the papers and the project's bars say.

Paths and clustering are those of the link graph (networkx), sampled where it is large. For
comparison stands what a random graph of the same size and degree would have: a path of
ln N / ln k and a clustering of k / N (Watts and Strogatz 1998).
"""

import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from random import Random

import msgspec
import networkx as nx

from simulator.broadcasts import GROWN, Broadcasts, Message, Spoken
from simulator.faults import AnyFault
from simulator.world import EVERYBODY, World

JOURNAL = frozenset({"member.dead", "link.down"})
"""The events that are looked at."""
MOST_DRAWN = 5_000
"""Points of one curve; more would make a picture large and no better [guess]."""
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


class Broadcasting(msgspec.Struct, frozen=True, kw_only=True):
    """What became of broadcasts: of all that were said during the faults, or by the root."""

    sent: int
    everywhere: int
    """Those that all survivors have."""
    reliability: float
    """Mean share of the survivors that have a message."""
    reliability_least: float
    redundancy: float | None
    """Payloads for each node, less one; of a root after its first ten. None: there are none."""
    hop_mean: float | None
    last_hop: float | None
    """Mean over the messages; a root's after its first ten."""
    last_hop_most: int
    latency: Spread | None
    """From sent to stored, each node counted."""


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
    broadcasts_during: Broadcasting | None
    broadcasts_calm: Broadcasting | None
    """During the faults by anybody; and by one root when all was well again."""
    crashes: int
    link_noticed: Spread | None
    """From a crash until a neighbour gave the link up, each neighbour counted."""
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
    memory: int
    """Bytes at most; 0 where the system does not tell."""
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


class Series(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn: one entry a message, a node, a crash or a hop."""

    faults: tuple[tuple[float, str], ...]
    """When which fault began."""
    messages: tuple[Message, ...]
    hops: dict[int, int]
    """Deliveries of the root's messages at each hop, after its first ten."""
    degrees: dict[int, int]
    """Nodes with so many links."""
    passive: dict[int, int]
    """Nodes that stand in so many passive views: the in-degree of the view."""
    link_noticed: tuple[float, ...]
    """Seconds from each crash to each of its links that was given up, sorted."""
    first_noticed: tuple[float, ...]
    known_everywhere: tuple[float, ...]
    latencies: tuple[float, ...]
    """Seconds of the root's deliveries, at most `MOST_DRAWN` of them, sorted."""


class Observations(msgspec.Struct, frozen=True, kw_only=True):
    """All that a run saw, before it is summed up."""

    series: Series
    false_deaths: int
    during: Broadcasting | None
    calm: Broadcasting | None


def observe(
    world: World, broadcasts: Broadcasts, faults: Iterable[tuple[float, AnyFault]]
) -> Observations:
    """Look at a world at the end of a run."""
    first, everywhere, false = _detection(world)
    calm = [spoken for spoken in broadcasts.spoken.values() if spoken.calm]
    during = [spoken for spoken in broadcasts.spoken.values() if not spoken.calm]
    hops: Counter[int] = sum((spoken.hops for spoken in calm[GROWN:]), Counter())
    latencies = sorted(seconds for spoken in calm for seconds in spoken.times)
    return Observations(
        series=Series(
            faults=tuple((round(at, 3), _kind(fault)) for at, fault in faults),
            messages=tuple(broadcasts.messages()),
            hops=dict(sorted(hops.items())),
            degrees=_counted(len(p.overlay.links) for p in world.running()),
            passive=_passive_in_degrees(world),
            link_noticed=tuple(sorted(_links_given_up(world))),
            first_noticed=tuple(sorted(first)),
            known_everywhere=tuple(sorted(everywhere)),
            latencies=tuple(latencies[:: len(latencies) // MOST_DRAWN + 1]),
        ),
        false_deaths=false,
        during=broadcasting(broadcasts, during, grown=0),
        calm=broadcasting(broadcasts, calm, grown=GROWN),
    )


def broadcasting(
    broadcasts: Broadcasts, spoken: list[Spoken], *, grown: int
) -> Broadcasting | None:
    """Sum up some broadcasts; trees are measured after the first `grown`. None of nothing."""
    if not spoken:
        return None
    messages = [broadcasts.message(one) for one in spoken]
    trees = messages[grown:]
    hops: Counter[int] = sum((one.hops for one in spoken[grown:]), Counter())
    return Broadcasting(
        sent=len(messages),
        everywhere=sum(message.share == 1.0 for message in messages),
        reliability=sum(message.share for message in messages) / len(messages),
        reliability_least=min(message.share for message in messages),
        redundancy=_mean(message.redundancy for message in trees),
        hop_mean=_mean(hops.elements()),
        last_hop=_mean(message.last_hop for message in trees),
        last_hop_most=max((message.last_hop for message in trees), default=0),
        latency=spread(seconds for one in spoken for seconds in one.times),
    )


def measure(world: World, times: Times, calls: int, seen: Observations) -> Figures:
    """Sum a run up; `calls` were made while it suffered."""
    kinds = Counter(kind for _, kind in seen.series.faults)
    here = {process.overlay.own.id for process in world.running()}
    single = {message: sent for message, sent in world.sent.items() if sent.to != EVERYBODY}
    owed = [m for m, sent in single.items() if sent.origin in here and sent.to in here]
    frames = sum(world.frames.values())
    ends = [end.status for end in world.endings.values()]
    waits = [world.stored[m] - world.accepted[m] for m in single if m in world.stored]
    return Figures(
        joined=round(times.joined, 3),
        healed=round(times.healed, 3),
        settled=round(times.settled, 3),
        faults=dict(kinds),
        accepted=len(single),
        delivered=len(waits),
        owed=len(owed),
        owed_delivered=sum(message in world.stored for message in owed),
        failed=ends.count("failed"),
        latency=spread(waits),
        broadcasts_during=seen.during,
        broadcasts_calm=seen.calm,
        crashes=len(world.deaths),
        link_noticed=spread(seen.series.link_noticed),
        first_noticed=spread(seen.series.first_noticed),
        known_everywhere=spread(seen.series.known_everywhere),
        false_deaths=seen.false_deaths,
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
        memory=_memory(),
        frames_per_second=frames / times.cpu,
    )


def _kind(fault: AnyFault) -> str:
    return str(type(fault).__struct_config__.tag)


def _counted(values: Iterable[int]) -> dict[int, int]:
    return dict(sorted(Counter(values).items()))


def _passive_in_degrees(world: World) -> dict[int, int]:
    """How many nodes stand in how many passive views; those in none as well."""
    standing = Counter(member for p in world.running() for member in p.overlay.passive.ids())
    return _counted(standing[process.overlay.own.id] for process in world.running())


def _links_given_up(world: World) -> list[float]:
    """Seconds from each crash until each of those who held a link gave it up.

    Who finds the link down after the node has started again is not counted.
    """
    crashed: dict[str, list[float]] = defaultdict(list)
    for at, member, _ in world.deaths:
        crashed[member].append(at)
    given_up = []
    for event in world.events("link.down"):
        before = [at for at in crashed.get(event.data["peer"]["id"], ()) if at <= event.at]
        if before:
            given_up.append(event.at - before[-1])
    return given_up


def _memory() -> int:
    """Bytes that this process has had at most; 0 where the system does not tell."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def _mean(values: Iterable[float]) -> float | None:
    """None of nothing."""
    held = list(values)
    return sum(held) / len(held) if held else None


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
