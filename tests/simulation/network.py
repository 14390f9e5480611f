"""Many overlays on one virtual clock, for tests of one layer that step it by hand.

No threads, no sockets, no sleeping: an event queue, one seed, and rules about who can
reach whom.
"""

import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from random import Random

import networkx as nx

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.frames import Batch, Frame, Record, encode, parse

CONNECT_TIMEOUT, ANSWER_TIMEOUT = 2.0, 4.0
"""Seconds, as in `node.connections`."""


class Network:
    """Nodes by name: `node1` … Every frame is really encoded and parsed on its way."""

    def __init__(self, seed: int, config: Config | None = None) -> None:
        self.now = 0.0
        self.rng = Random(seed)
        self.config = config or Config()
        self.nodes: dict[str, Overlay] = {}
        self.events: list[tuple[float, str, str, dict]] = []
        self.ended: dict[str, o.MessageEnded] = {}
        self.inboxes: dict[str, list[str]] = {}
        self.plain: dict[str, list[str]] = {}
        self.batches = 0
        self.talked: dict[frozenset[str], float] = {}
        self.tap: Callable[[str, str, tuple[Frame, ...]], None] | None = None
        """Sees each request: from, to, frames."""
        self.tap_answers: Callable[[str, str, tuple[Frame, ...]], None] | None = None
        self.bootstrap: list[str] | None = None
        self.cut: Callable[[str, str], bool] = lambda _from, _to: False
        """Which way no packet takes: requests and answers, each by its own direction."""
        self.loss = 0.0
        """Share of requests, and of answers, that get lost; the sender waits in vain."""
        self.doubling = 0.0
        """Share of requests that arrive twice."""
        self.frames: Counter[str] = Counter()
        self.deliveries: list[tuple[float, str, o.Deliver]] = []
        """What overlays delivered, before any store looked at it."""
        self.relayed: list[tuple[str, o.Relay]] = []
        self._stored: dict[str, set[str]] = {}
        self.crashes_are_silent = False
        """Whether the machine of a killed node is gone too: then nobody refuses for it."""
        self.closes = False
        """Whether the connections of a killed node are seen to close (`Broken`)."""
        self.paused: set[str] = set()
        self._missed: dict[str, list[Callable[[], None]]] = {}
        self.posts: Callable[[str, str], bool] = lambda _from, _to: True
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._timers: dict[tuple[str, str], int] = {}
        self._epochs: dict[str, int] = {}

    # --- what a test does ------------------------------------------------------------------

    def start(self, name: str, contacts: tuple[str, ...] = ()) -> Overlay:
        """Start a node, or start it again with a higher epoch."""
        epoch = self._epochs[name] = self._epochs.get(name, 0) + 1
        own = Record(id=f"id-{name}", name=name, url=url(name), epoch=epoch)
        self.nodes[name] = Overlay(self.config, own, Random(self.rng.random()))
        self.inboxes.setdefault(name, [])
        self.put(name, i.Start())
        self.put(name, i.Contacts(tuple(url(contact) for contact in contacts)))
        return self.nodes[name]

    def kill(self, name: str) -> None:
        """The process is gone; nobody says good-bye."""
        del self.nodes[name]
        if self.closes:
            for other, node in self.nodes.items():
                if f"id-{name}" in node.links:
                    self._later(0.001, lambda o=other: self.put(o, i.Broken(url(name))))

    def pause(self, name: str) -> None:
        """The process is stopped as it stands: nothing that comes is lost, nothing is done."""
        self.paused.add(name)

    def wake(self, name: str) -> None:
        """It goes on; first the requests that gave up, then timers, then what came."""
        self.paused.discard(name)
        for action in self._missed.pop(name, []):
            action()

    def put(self, name: str, happened: i.Input) -> None:
        """Hand a node an input now."""
        node = self.nodes.get(name)
        if name in self.paused:
            if isinstance(happened, i.Timer | i.Silent):
                self._missed.setdefault(name, []).append(lambda: self.put(name, happened))
        elif node is not None:
            self._do(name, node.handle(happened, self.now))

    def run(self, seconds: float) -> None:
        """Let so much time pass."""
        end = self.now + seconds
        while self._queue and self._queue[0][0] <= end:
            self.now, _, action = heapq.heappop(self._queue)
            action()
        self.now = end

    def until(self, condition: Callable[[], bool], within: float) -> float:
        """Run until something holds; fails after so many seconds. Returns how long it took."""
        began = self.now
        while not condition():
            assert self.now - began < within, f"not within {within} s"
            self.run(0.1)
        return self.now - began

    def broadcast(self, name: str, message: str) -> str:
        """`POST /broadcast`: stored in the origin's own inbox, then everybody's."""
        self.inboxes[name].append(message)
        self._stored.setdefault(name, set()).add(message)
        self.put(name, i.Broadcast(message, f"text of {message}"))
        return message

    # --- what a test asks --------------------------------------------------------------------

    def all_know_all(self) -> bool:
        """Whether every running node holds exactly the running others for alive."""
        running = {url(name) for name in self.nodes} | {url(name) for name in self.plain}
        return all(set(n.peers()) == running - {n.own.url} for n in self.nodes.values())

    def states(self, name: str) -> set[str | None]:
        """What the others hold a node for."""
        return {
            record.state if (record := node.members.get(f"id-{name}")) else None
            for other, node in self.nodes.items()
            if other != name
        }

    def told(self, type_: str) -> list[tuple[str, dict]]:
        """Events of one type: who emitted it, and its data."""
        return [(name, data) for _, name, kind, data in self.events if kind == type_]

    def neighbours(self, seconds: float = 30.0) -> int:
        """Entries that the kernel's table of neighbours has for who talked lately: two a pair."""
        return 2 * sum(self.now - at < seconds for at in self.talked.values())

    # --- the network ---------------------------------------------------------------------------

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self.now + seconds, next(self._count), action))

    def _do(self, name: str, outputs: list[o.Output]) -> None:
        batches: dict[tuple[str, str | None], list[Frame]] = {}
        for output in outputs:
            match output:
                case o.Send(address, to, frame):  # what leaves together travels together
                    batches.setdefault((address, to), []).append(frame)
                case o.SetTimer() | o.CancelTimer():
                    self._timer(name, output)
                case o.Emit(type_, data):
                    self.events.append((self.now, name, type_, data))
                case o.Post():
                    self._post(name, output)
                case o.MessageEnded(message):
                    assert message not in self.ended, "a message ends once"
                    self.ended[message] = output
                case o.Deliver():
                    self._deliver(name, output)
                    key = (output.origin, output.epoch, output.number)
                    self.put(name, i.Stored(key, stored=True))
                case o.Relay():
                    self.relayed.append((name, output))
                case o.Poll(address):
                    self._poll(name, address)
                case o.AskBootstrap() if self.bootstrap is not None:
                    self.put(name, i.Contacts(tuple(self.bootstrap)))
        for (address, to), frames in batches.items():
            self._send(name, address, to, tuple(frames))

    def _deliver(self, name: str, delivered: o.Deliver) -> None:
        self.deliveries.append((self.now, name, delivered))
        stored = self._stored.setdefault(name, set())
        if delivered.message not in stored:  # the store's part
            stored.add(delivered.message)
            self.inboxes[name].append(delivered.message)

    def _poll(self, name: str, address: str) -> None:
        peers = self.plain.get(host(address))
        answer = None if peers is None else tuple(peers)
        self._later(0.01, lambda: self.put(name, i.Polled(address, answer)))

    def _timer(self, name: str, output: o.SetTimer | o.CancelTimer) -> None:
        if isinstance(output, o.SetTimer):
            self._set_timer(name, output.key, output.after)
        else:
            self._timers.pop((name, output.key), None)

    def _set_timer(self, name: str, key: str, after: float) -> None:
        number = self._timers[name, key] = next(self._count)
        epoch = self._epochs[name]

        def ran_out() -> None:
            if self._timers.get((name, key)) == number and self._epochs[name] == epoch:
                del self._timers[name, key]
                self.put(name, i.Timer(key))

        self._later(after, ran_out)

    def _send(self, name: str, address: str, to: str | None, frames: tuple[Frame, ...]) -> None:
        sender = self.nodes[name]
        self.batches += 1
        body = encode(Batch(sender.own, frames, to))
        there = host(address)
        self.talked[frozenset({name, there})] = self.now
        if self.tap is not None:
            self.tap(name, there, frames)

        def silent(seconds: float, reason: str, *, refused: bool = False) -> None:
            said = i.Silent(address, to, reason, refused)
            self._later(seconds, lambda: self.put(name, said))

        def arrive() -> None:
            node = self.nodes.get(there)
            if there in self.plain:
                self.put(name, i.NotOurs(address))
            elif self.cut(name, there) or (node is None and self.crashes_are_silent):
                silent(CONNECT_TIMEOUT, "no connection in time")
            elif node is None:
                silent(0.001, "connection refused", refused=True)
            elif there in self.paused or self.rng.random() < self.loss:
                silent(ANSWER_TIMEOUT, "no answer in time")
            elif to not in {None, node.own.id}:
                silent(0.001, "another node lives there")
            elif not self._exchange(name, there, address, body):
                silent(ANSWER_TIMEOUT, "no answer in time")

        self._later(self.rng.uniform(0.001, 0.01), arrive)

    def _exchange(self, name: str, there: str, address: str, body: bytes) -> bool:
        """One node takes the other's batch in. False where its answer gets lost."""
        node = self.nodes[there]
        if self.doubling and self.rng.random() < self.doubling:
            self._later(0.02, lambda: self._twice(there, body))
        batch = parse(body)
        self.frames.update(type(frame).__name__ for frame in batch.frames)
        outputs = node.handle(i.Heard(batch), self.now)
        back = [x for x in outputs if isinstance(x, o.Send) and x.to == batch.sender.id]
        self._do(there, [x for x in outputs if x not in back])
        answer = parse(encode(Batch(node.own, tuple(x.frame for x in back), batch.sender.id)))
        self.frames.update(type(frame).__name__ for frame in answer.frames)
        if self.tap_answers is not None:
            self.tap_answers(there, name, answer.frames)
        if self.cut(there, name) or self.rng.random() < self.loss:
            return False
        self._later(
            self.rng.uniform(0.001, 0.01), lambda: self.put(name, i.Answered(address, answer))
        )
        return True

    def _twice(self, there: str, body: bytes) -> None:
        """The same request once more, whose answer nobody waits for."""
        node = self.nodes.get(there)
        if node is not None:
            outputs = node.handle(i.Heard(parse(body)), self.now)
            self._do(there, [x for x in outputs if not isinstance(x, o.Send)])

    def _post(self, name: str, post: o.Post) -> None:
        there = host(post.url)

        def arrive() -> None:
            reachable = (there in self.nodes or there in self.plain) and self.posts(name, there)
            lost = not reachable or self.cut(name, there)
            inbox = self.inboxes.setdefault(there, [])
            for message, _ in post.all:
                if lost:
                    self.put(name, i.PostEnded(message, "unreachable", "no answer"))
                    continue
                if message not in inbox:  # the store's part: ids are stored once
                    inbox.append(message)
                self.put(name, i.PostEnded(message, "stored"))

        self._later(self.rng.uniform(0.001, 0.01), arrive)


def url(name: str) -> str:
    """Where a node lives."""
    return f"http://{name}:5000"


def host(address: str) -> str:
    """The other way round."""
    return address.removeprefix("http://").removesuffix(":5000")


def joined(count: int, seed: int, config: Config | None = None) -> Network:
    """So many nodes that came in one after the other and know each other."""
    network = Network(seed, config)
    for k in range(1, count + 1):
        contacts = tuple(f"node{network.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        network.start(f"node{k}", contacts)
        network.run(0.1)
    network.until(network.all_know_all, within=20)
    return network


def links(network: Network) -> nx.DiGraph:
    """Who holds whom for a link."""
    graph = nx.DiGraph()
    graph.add_nodes_from(node.own.id for node in network.nodes.values())
    for node in network.nodes.values():
        graph.add_edges_from((node.own.id, other) for other in node.links.ids())
    return graph
