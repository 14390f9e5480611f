"""Many simulated nodes in one process, as a dashboard sees them: `python -m benchmarks.swarm`.

Each has an address of its own and speaks what a node speaks to its subscribers (docs/api.md,
"Events over Socket.IO"): a snapshot, then batches as `node.subscribe` makes them, with its very
pace and bounds; a ring that forgets, a `gap` for who was too slow; `GET /` and `GET /events` for
who asks. There is nothing behind it: no overlay, no inbox.

*What happens* is made up, and hangs together as in a real network. A message is `sent` at one node,
`forwarded` at others, `received` and `delivered` some milliseconds later each; whoever counts
messages says in `counts` how many it has now. Links go down and come up at both ends, a node is
suspected by some and refutes, one is dead for a moment in somebody's map, and once a second
somebody sends a broadcast. About 70 % of the events are about messages, 17 % about members and
links [guess: a class that plays while a fault heals].

It is told what to do by lines of JSON, and answers each with one:

    {"rate": n}      events a second from now on
    {"report": true} what has been emitted up to now, in total and by each node
"""

import argparse
import asyncio
import json
import random
import resource
import sys
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final

import msgspec

from benchmarks import wire
from contract.events import COUNTED, NAMESPACE
from contract.limits import MAX_EVENTS
from node.subscribe import (
    BATCH_EVERY,
    BATCH_MOST,
    BATCH_SOON,
    FEW,
    UNACKNOWLEDGED_MOST,
)

TICK: Final = 0.005
"""Seconds between two looks at what is due."""
LINKS: Final = 6
STEP: Final = (0.002, 0.03)
"""Seconds that a hop of a message takes [guess: fifty processes on two cores take 5 to 20 ms]."""

Data = dict[str, Any]
_encode: Final = msgspec.msgpack.Encoder().encode


class Node:
    """One node: what it has emitted, and who listens."""

    def __init__(self, number: int, port: int, epoch: int) -> None:
        self.id = f"{number:08d}-4bcd-4bcd-8bcd-123456789abc"
        self.name = f"node{number}"
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.epoch = epoch
        self.seq = 0
        self.ring: deque[msgspec.Raw] = deque(maxlen=MAX_EVENTS)
        self.links: list[Node] = []
        self.counts = {"inbox": 0, "sent": 0, "failed": 0, "waiting": 0}
        self.listeners: list[Connection] = []
        self.told = {"id": self.id, "name": self.name, "url": self.url}

    def emit(self, type_: str, data: Data, stamp: str) -> None:
        """Write an event down."""
        self.seq += 1
        if type_ in COUNTED:
            data = {**data, "counts": dict(self.counts)}
        event = {
            "specversion": "1.0",
            "id": f"{self.id}/{self.epoch}/{self.seq}",
            "source": self.url,
            "type": f"p2p.{type_}",
            "time": stamp,
            "data": data,
        }
        self.ring.append(msgspec.Raw(_encode(event)))

    def after(self, seq: int) -> tuple[int, int]:
        """Where in the ring what follows a number is, and how many before it are lost."""
        missing = self.seq - seq
        lost = max(0, missing - len(self.ring))
        start = len(self.ring) - missing + lost
        return start, lost


class Connection(asyncio.Protocol):
    """Somebody who asks a node something, or subscribes to it."""

    def __init__(self, swarm: "Swarm", node: Node) -> None:
        self._swarm = swarm
        self._node = node
        self._head = bytearray()
        self._frames: wire.Frames | None = None
        self._number = 0
        self.transport: Any = None
        self.cursor: int | None = None
        self.unacknowledged = 0
        self.next_at = 0.0
        self.blocked = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is here."""
        self.transport = transport
        self._swarm.connections += 1

    def connection_lost(self, _: Exception | None) -> None:
        """And gone."""
        if self in self._node.listeners:
            self._node.listeners.remove(self)
            self._swarm.lost_subscribers += 1

    def pause_writing(self) -> None:
        """The system takes no more."""
        self.blocked = True

    def resume_writing(self) -> None:
        """It does again."""
        self.blocked = False

    def data_received(self, data: bytes) -> None:
        """Something came."""
        if self._frames is not None:
            for kind, payload in self._frames.feed(data):
                self._message(kind, payload)
            return
        self._head += data
        head, end, _ = bytes(self._head).partition(b"\r\n\r\n")
        if end:
            self._head.clear()
            self._asked(head)

    def _asked(self, head: bytes) -> None:
        target = head.split(b" ", 2)[1].decode()
        if target.startswith("/socket.io/"):
            self.transport.write(wire.accepts(head))
            self._frames = wire.Frames()
            hello = {"sid": "s", "upgrades": [], "pingInterval": 25000, "pingTimeout": 20000}
            self._send(wire.TEXT, b"0" + json.dumps(hello).encode())
            return
        body = msgspec.json.encode(self._swarm.answer(self._node, target))
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nP2P-Node: "
            + f"{self._node.id}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )

    def _message(self, kind: int, payload: bytes) -> None:
        if kind == wire.PING:
            self._send(wire.PONG, payload)
        elif kind == wire.BINARY:
            said = msgspec.msgpack.decode(payload)
            if said["type"] == 3:
                self.unacknowledged -= 1
            elif said["type"] == 2:
                self._subscribe(said["data"][1], said.get("id"))
            elif said["type"] == 0:
                self._packet({"type": 0, "data": {"sid": "s"}})

    def _subscribe(self, wish: Any, number: int | None) -> None:
        node, after = self._node, wish.get("after")
        if wish.get("epoch") != node.epoch or after is None or node.after(after)[1]:
            after = None
        if after is None:
            self._swarm.snapshots += 1
            self._packet({"type": 2, "data": ["snapshot", self._swarm.snapshot(node)]})
            after = node.seq
        self.cursor = after
        if self not in node.listeners:
            node.listeners.append(self)
        if number is not None:
            self._packet({"type": 3, "data": [{"at": time.time()}], "id": number})

    def feed(self, now: float) -> bool:
        """Send a batch if one is due; whether there is more to come."""
        node = self._node
        if self.cursor is None or self.cursor >= node.seq:
            return False
        if now < self.next_at or self.unacknowledged >= UNACKNOWLEDGED_MOST or self.blocked:
            return True
        start, lost = node.after(self.cursor)
        events = list(islice(node.ring, start, start + BATCH_MOST))
        if lost:
            self._swarm.gaps += lost
            up_to = self.cursor + lost
            note = {
                "specversion": "1.0",
                "id": f"{node.id}/{node.epoch}/gap-{up_to}",
                "source": node.url,
                "type": "p2p.gap",
                "time": stamp_of(now),
                "data": {"missed": lost, "up_to": up_to},
            }
            events.insert(0, msgspec.Raw(_encode(note)))
        self.cursor = self.cursor + lost + len(events) - bool(lost)
        self.unacknowledged += 1
        self.next_at = now + (BATCH_SOON if len(events) <= FEW else BATCH_EVERY)
        self._number += 1
        batch = {"at": now, "events": events}
        self._packet({"type": 2, "data": ["events", batch], "id": self._number})
        return self.cursor < node.seq

    def _packet(self, packet: Data) -> None:
        self._send(wire.BINARY, _encode({**packet, "nsp": NAMESPACE}))

    def _send(self, kind: int, payload: bytes) -> None:
        self.transport.write(wire.frame(kind, payload))


class Swarm:
    """All nodes, and what happens to them."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self.nodes: list[Node] = []
        self.connections = self.lost_subscribers = self.snapshots = self.gaps = 0
        self.messages = 0
        self._planned = 0.0
        self._emitted = 0
        self._rate = 0.0
        self._due: dict[int, list[tuple[Node, str, Data]]] = {}
        self._hot: dict[Node, None] = {}
        self._tick = 0
        self._late = 0.0
        self._broadcast_at = 0.0
        self.started = time.time()

    async def listen(self, count: int) -> None:
        """Begin to be `count` nodes."""
        loop = asyncio.get_running_loop()
        for number in range(1, count + 1):
            server = await loop.create_server(
                lambda number=number: Connection(self, self.nodes[number - 1]), "127.0.0.1", 0
            )
            self.nodes.append(Node(number, server.sockets[0].getsockname()[1], 1))
        for place, node in enumerate(self.nodes):
            steps = [1, -1, *(7 * k for k in range(1, LINKS))]
            around = [self.nodes[(place + step) % count] for step in steps]
            node.links = list(dict.fromkeys(other for other in around if other is not node))
        self._members = [
            {**node.told, "kind": "peer", "state": "alive", "epoch": 1, "incarnation": 0}
            for node in self.nodes
        ]

    def snapshot(self, node: Node) -> Data:
        """What a node tells at first."""
        return {
            "node": {
                **node.told,
                "public_url": None,
                "epoch": node.epoch,
                "started": self.started,
                "version": "swarm",
            },
            "seq": node.seq,
            "at": time.time(),
            "members": [one for one in self._members if one["id"] != node.id],
            "links": [other.id for other in node.links],
            **node.counts,
        }

    def answer(self, node: Node, target: str) -> Data:
        """What a node says to a plain question."""
        if not target.startswith("/events?"):
            return {"message": f"Node {node.id} is running!"}
        asked = dict(part.split("=") for part in target.partition("?")[2].split("&"))
        start, _ = node.after(int(asked.get("after", 0)))
        found = list(islice(node.ring, start, start + int(asked.get("limit", 1_000))))
        following = node.seq - len(node.ring) + start + len(found)
        return {"events": [msgspec.msgpack.decode(one) for one in found], "next": following}

    # --- what happens ------------------------------------------------------------------------

    async def run(self) -> None:
        """Let things happen, for ever."""
        began, now = time.monotonic(), time.time()
        while True:
            self._tick += 1
            wait = began + self._tick * TICK - time.monotonic()
            self._late = max(self._late, -wait)
            if wait < -0.5:  # the machine was elsewhere: what was not begun is not caught up with
                began -= wait
            await asyncio.sleep(max(0.0, wait))
            before, now = now, time.time()
            self._happen(now, min(now - before, 0.5))
            for node in list(self._hot):
                more = [one.feed(now) for one in node.listeners]
                if not any(more):
                    del self._hot[node]

    def _happen(self, now: float, passed: float) -> None:
        stamp = stamp_of(now)
        for node, type_, data in self._due.pop(self._tick, ()):
            self._count(node, type_)
            node.emit(type_, data, stamp)
            self._emitted += 1
            self._hot[node] = None
        self._planned -= self._rate * passed
        if self._rate and now >= self._broadcast_at:
            self._broadcast_at = now + max(1.0, len(self.nodes) / (0.1 * self._rate))
            self._broadcast()
        while self._planned < 0:
            self._chance.choices(_KINDS, _WEIGHTS)[0](self)

    @staticmethod
    def _count(node: Node, type_: str) -> None:
        counts = node.counts
        if type_ == "message.sent":
            counts["waiting"] += 1
        elif type_ == "message.delivered":
            counts["waiting"] -= 1
            counts["sent"] += 1
        elif type_ in {"message.received", "broadcast.sent", "broadcast.received"}:
            counts["inbox"] += 1

    def _later(self, node: Node, type_: str, data: Data, ticks: int) -> None:
        self._planned += 1
        self._due.setdefault(self._tick + 1 + ticks, []).append((node, type_, data))

    def _steps(self) -> Iterator[int]:
        """Ticks from now, each a hop later."""
        passed = 0.0
        while True:
            yield round(passed / TICK)
            passed += self._chance.uniform(*STEP)

    def _message(self, hops: int) -> None:
        way = self._chance.sample(self.nodes, hops + 1)
        sender, receiver = way[0], way[-1]
        self.messages += 1
        name = f"{self.messages:08d}-1234-4123-8123-123456789abc"
        both = {"message": name, "from": sender.told, "to": receiver.told}
        text = {"sender": sender.name, "text": f"Hello {receiver.name}, this is {self.messages}"}
        steps = self._steps()
        via = way[1].told if hops > 1 else None
        route = "overlay" if hops > 1 else "direct"
        sent = {**both, **text, "hop": 1, "attempt": 1, "route": route, "via": via}
        self._later(sender, "message.sent", sent, next(steps))
        for hop in range(2, hops + 1):
            on = {"message": name, "from": way[hop - 1].told, "via": way[hop].told}
            on |= {"to": receiver.told, "hop": hop}
            self._later(way[hop - 1], "message.forwarded", on, next(steps))
        self._later(receiver, "message.received", {**both, **text, "hop": hops}, next(steps))
        self._later(sender, "message.delivered", {**both, "hop": hops}, next(steps))

    def _broadcast(self) -> None:
        origin, *others = self._chance.sample(self.nodes, len(self.nodes))
        self.messages += 1
        name = f"{self.messages:08d}-9876-4123-8123-123456789abc"
        of = {"message": name, "from": origin.told, "text": "Hello, all!"}
        self._later(origin, "broadcast.sent", of, 0)
        reached = [origin]
        for place, other in enumerate(others):
            via = self._chance.choice(reached[-8:])
            got = {**of, "via": via.told, "to": other.told, "sender": origin.name, "hop": 3}
            self._later(other, "broadcast.received", got, 1 + place // 8)
            reached.append(other)

    def _suspicion(self) -> None:
        """Some suspect a node for a moment, and it refutes."""
        node, *others = self._chance.sample(self.nodes, 4)
        self._doubt(node, others, "suspect")

    def _mistake(self) -> None:
        """One holds another for dead, and is told better."""
        node, *others = self._chance.sample(self.nodes, 2)
        self._doubt(node, others, "dead")

    def _doubt(self, node: Node, others: list[Node], state: str) -> None:
        member = self._members[self.nodes.index(node)]
        for other in others:
            self._later(other, f"member.{state}", {"member": {**member, "state": state}}, 0)
            self._later(other, "member.alive", {"member": member}, 40)

    def _swap(self) -> None:
        """A link breaks, and is there again."""
        one = self._chance.choice(self.nodes)
        other = self._chance.choice(one.links)
        for here, there in ((one, other), (other, one)):
            gone = {"peer": there.told, "reason": "it was silent"}
            if there in here.links:
                self._later(here, "link.down", gone, 0)
                self._later(here, "link.up", {"peer": there.told}, 20)

    def report(self) -> Data:
        """What has been up to now."""
        used = resource.getrusage(resource.RUSAGE_SELF)
        late, self._late = self._late, 0.0
        return {
            "emitted": self._emitted,
            "messages": self.messages,
            "waiting": sum(map(len, self._due.values())),
            "unsent": sum(
                node.seq - (one.cursor or 0) for node in self.nodes for one in node.listeners
            ),
            "unacknowledged": max(
                (one.unacknowledged for node in self.nodes for one in node.listeners), default=0
            ),
            "subscribers": sum(len(node.listeners) for node in self.nodes),
            "connections": self.connections,
            "lost_subscribers": self.lost_subscribers,
            "snapshots": self.snapshots,
            "gaps": self.gaps,
            "late": late,
            "cpu": used.ru_utime + used.ru_stime,
            "nodes": {node.id: {"seq": node.seq, **node.counts} for node in self.nodes},
            "urls": [node.url for node in self.nodes],
        }

    def obey(self, said: Data) -> Data:
        """Do what a line says."""
        if "rate" in said:
            self._rate, self._planned = float(said["rate"]), 0.0
            return {"rate": self._rate}
        return self.report()


_KINDS: Final = (
    lambda swarm: swarm._message(1),  # noqa: SLF001 - a table of its own methods
    lambda swarm: swarm._message(2),  # noqa: SLF001
    lambda swarm: swarm._message(3),  # noqa: SLF001
    Swarm._suspicion,  # noqa: SLF001
    Swarm._mistake,  # noqa: SLF001
    Swarm._swap,  # noqa: SLF001
)
_WEIGHTS: Final = (30, 30, 12, 4, 4, 8)
"""So that of a hundred events 73 are about messages and 19 about members and links, broadcasts
aside."""


def stamp_of(now: float) -> str:
    """The time of an event, as CloudEvents wants it."""
    return datetime.fromtimestamp(now, UTC).isoformat(timespec="microseconds")


async def _main(count: int, seed: int) -> None:
    swarm = Swarm(seed)
    await swarm.listen(count)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    running = loop.create_task(swarm.run())
    print(json.dumps(swarm.report()), flush=True)
    while line := await reader.readline():
        print(json.dumps(swarm.obey(json.loads(line))), flush=True)
        if running.done():
            break
    running.cancel()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nodes", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_main(chosen.nodes, chosen.seed))
