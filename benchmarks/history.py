"""The dashboard's history: what writing costs, what it takes, and how quick a moment is back.

An hour of a network of a hundred is made up and fed to the real observer and the real writer,
with a clock that runs ahead: 30 messages a second, half of them over two links, a broadcast
every ten seconds, and now and then a node that dies and comes back. Then moments are asked
for, at random, from the file. Each is asked for three times and the quickest counts: the
machine has other things to do, which is not what is measured.
"""

import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from benchmarks.verdict import Figure
from contract import bodies
from dashboard.clocks import Offset
from dashboard.history import PACE, History, Limits
from dashboard.observer import Observer
from dashboard.past import Wish, moment, page, picture
from dashboard.reports import (
    About,
    Batch,
    Event,
    Member,
    Node,
    OfBroadcast,
    OfMember,
    OfMessage,
    Own,
    Snapshot,
)
from dashboard.runfile import RunFile
from dashboard.runs import Runs

MOMENT = 200.0
"""Milliseconds for any moment [issue 5]."""
HOT = 20.0
"""Microseconds an event that recording may add to the hot path [issue 5]."""
MESSAGES = 30
"""A second [guess: a class that plays]."""
BEGAN = 1_800_000_000.0
LINKS = 6


class Network:
    """Nodes that tell what happens to them, a tenth of a second at a time."""

    def __init__(self, nodes: int, seed: int) -> None:
        self._random = random.Random(seed)
        self.nodes = [
            Node(f"{k:08d}-4bcd-4bcd-8bcd-123456789abc", f"node{k}", f"http://node{k}:5000")
            for k in range(1, nodes + 1)
        ]
        self._seqs = dict.fromkeys((node.id for node in self.nodes), 0)
        self._told: dict[str, list[Event]] = {}
        self._count = 0
        self.now = BEGAN

    def snapshots(self) -> Iterator[Snapshot]:
        """What each tells at first."""
        for place, node in enumerate(self.nodes):
            own = Own(node.id, node.name, node.url, 1, self.now)
            members = [
                Member(other.id, other.name, other.url, "alive")
                for other in self.nodes
                if other is not node
            ]
            links = [self.nodes[(place + step) % len(self.nodes)].id for step in range(1, LINKS)]
            yield Snapshot(own, self._seqs[node.id], self.now, members, links)

    def tenth(self) -> list[tuple[str, Batch]]:
        """What happened in the next tenth of a second."""
        self.now = round(self.now + 0.1, 1)
        for _ in range(MESSAGES // 10):
            self._message()
        if round(self.now * 10) % 100 == 0:
            self._broadcast()
        if round(self.now * 10) % 600 == 0:
            self._death()
        told, self._told = self._told, {}
        return [(node, Batch(self.now, events)) for node, events in told.items()]

    def _tell(self, node: Node, type_: str, data: msgspec.Struct) -> None:
        self._seqs[node.id] += 1
        event = Event(self._seqs[node.id], type_, self.now - 0.05, data)  # type: ignore[arg-type]
        self._told.setdefault(node.id, []).append(event)

    def _message(self) -> None:
        sender, receiver, between = self._random.sample(self.nodes, 3)
        self._count += 1
        name = f"{self._count:08d}-1234-4123-8123-123456789abc"
        via = between if self._random.random() < 0.5 else None
        of = OfMessage(name, receiver, sender.name, f"Hello {self._count}", 1, "", sender, via)
        self._tell(sender, "message.sent", of)
        if via is not None:
            self._tell(
                via, "message.forwarded", OfMessage(name, receiver, origin=via, via=receiver, hop=2)
            )
        self._tell(receiver, "message.received", msgspec.structs.replace(of, hop=2 if via else 1))
        self._tell(sender, "message.delivered", OfMessage(name, receiver, origin=sender))

    def _broadcast(self) -> None:
        origin, *others = self._random.sample(self.nodes, len(self.nodes))
        self._count += 1
        name = f"{self._count:08d}-9876-4123-8123-123456789abc"
        of = OfBroadcast(name, origin, None, origin.name, "Hello, all!")
        self._tell(origin, "broadcast.sent", of)
        reached = [origin]
        for other in others:
            via = self._random.choice(reached[-8:])
            self._tell(other, "broadcast.received", msgspec.structs.replace(of, via=via, hop=3))
            reached.append(other)

    def _death(self) -> None:
        gone, *others = self._random.sample(self.nodes, len(self.nodes))
        for other in others:
            for state in ("suspect", "dead", "alive"):
                member = Member(gone.id, gone.name, gone.url, state)  # type: ignore[arg-type]
                self._tell(other, f"member.{state}", OfMember(member))
        for other in others[:LINKS]:
            self._tell(other, "link.down", About(gone))
            self._tell(other, "link.up", About(gone))


def run(nodes: int, seconds: float, say: Callable[[str], None]) -> list[Figure]:
    """Measure all of it."""
    say("the hot path")
    hot = _hot(nodes)
    with tempfile.TemporaryDirectory(prefix="p2p-bench-") as folder:
        say(f"{seconds:,.0f} s of {nodes} nodes are written")
        cost, records = write_hour(Path(folder), nodes, seconds)
        path = Runs(Path(folder)).all()[0].path
        with RunFile(path) as file:
            size = file.size()
            ends = file.ends()
        assert ends is not None  # noqa: S101 - it was just written
        gc.collect()
        gc.freeze()  # as `contract.server` does
        say(f"moments of {records:,} records, {size / 1e6:,.0f} MB")
        first, last = ends[0].at, ends[1].at
        chance = random.Random(2)
        both = [_moment(path, chance.randint(first, last)) for _ in range(200)]
        moments, cpu = sorted(wall for wall, _ in both), max(spent for _, spent in both)
        pages = sorted(_page(path, chance.randint(first, last)) for _ in range(50))
        away = _page(path, first, node="nobody")
    return [
        Figure("history: added to the hot path, an event", hot, None, " µs", at_most=HOT),
        Figure("history: writing an event, off the loop", cost, None, " µs"),
        Figure("history: bytes an event, all included", size / records, None, " B"),
        Figure("history: a moment, median", statistics.median(moments), None, " ms"),
        Figure("history: a moment, the slowest of 200", moments[-1], None, " ms", at_most=MOMENT),
        Figure("history: its CPU, the most of 200", cpu, None, " ms"),
        Figure("history: a page of 200 records, p95", pages[47], None, " ms"),
        Figure("history: a page where nothing fits", away, None, " ms"),
    ]


def _feed(observer: Observer, network: Network) -> None:
    for said in network.snapshots():
        observer.snapshot(said, Offset())


def _hot(nodes: int) -> float:
    """Microseconds that recording adds to an event, as the median of rounds side by side."""
    added = []
    for round_ in range(5):
        spent = []
        for record in (False, True):
            network = Network(nodes, round_)
            with tempfile.TemporaryDirectory(prefix="p2p-bench-") as folder:
                history = History(Path(folder), Limits(10**9, 1e9))
                observer = Observer(
                    None, clock=lambda n=network: n.now, recorder=history if record else None
                )
                _feed(observer, network)
                batches = [batch for _ in range(400) for batch in network.tenth()]
                events = sum(len(batch.events) for _, batch in batches)
                began = time.process_time()
                for node, batch in batches:
                    observer.events(node, batch, Offset())
                spent.append((time.process_time() - began) / events)
        added.append((spent[1] - spent[0]) * 1e6)
    return statistics.median(added)


def write_hour(data: Path, nodes: int, seconds: float) -> tuple[float, int]:
    """Write a run; microseconds of CPU an event for that, and how many records it has."""
    network = Network(nodes, 1)

    def clock() -> float:
        return network.now

    history = History(data, Limits(10**10, 1e9), clock, clock)
    observer = Observer(None, clock=clock, recorder=history)
    history.begin(observer)
    _feed(observer, network)
    spent, events, turned = 0.0, 0, clock()
    while network.now < BEGAN + seconds:
        for node, batch in network.tenth():
            observer.events(node, batch, Offset())
            events += len(batch.events)
        if clock() - turned >= PACE:
            turned = clock()
            began = time.process_time()
            history.turn()
            spent += time.process_time() - began
    history.turn()
    history.close()
    return spent / events * 1e6, events


def _moment(path: Path, at: int) -> tuple[float, float]:
    """Milliseconds to work out a moment and to make JSON of it: of the clock, and of CPU."""
    tries = []
    for _ in range(3):
        began, spent = time.perf_counter(), time.process_time()
        with RunFile(path) as file:
            found = moment(file, at)
            assert found is not None  # noqa: S101 - it is inside
            bodies.encode(picture(*found))
        wall, cpu = time.perf_counter() - began, time.process_time() - spent
        tries.append((wall * 1e3, cpu * 1e3))
    return min(tries)


def _page(path: Path, at: int, node: str | None = None) -> float:
    began = time.perf_counter()
    with RunFile(path) as file:
        bodies.encode(page(file, Wish(at, 2**60, (), node, 200, None)))
    return (time.perf_counter() - began) * 1e3
