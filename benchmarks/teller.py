"""What telling costs a node: `python -m benchmarks.teller EVENTS RATE`, two figures as JSON.

A node's own log and its own stream (`node.events`, `node.subscribe`), served as a node serves them,
with made-up events and a peer that has nothing else. First events are emitted while nobody
subscribes, then as many at the same pace with one subscriber, a process of its own that
acknowledges as a dashboard does. What counts is this process' CPU time, without that of waiting at
the same pace for nothing.
"""

import sys
from types import SimpleNamespace
from typing import Any

from contract import server

server.patch(tls=False)  # as a node does, before anything else is imported

import json
import subprocess
import time

from contract.hosts import host_allowed
from node.events import EventLog
from node.subscribe import Subscriptions

TURN = 0.01
"""Seconds between two handfuls of events."""
SUBSCRIBER = """
import sys
from dashboard.addresses import Addresses
from dashboard.reports import EVENT, told
from dashboard.stream import Stream
stream = Stream(sys.argv[1], Addresses())
stream.open()
stream.emit("subscribe", {"after": None, "epoch": None}, 1)
print("here", flush=True)
heard = 0
for packet in stream.packets():
    if packet.type == EVENT and packet.id is not None:
        stream.acknowledge(packet.id)
        batch = told(packet.data, sys.argv[2], 1)
        heard += len(batch.events)
        if batch.events[-1].type == "node.stopping":
            break
print(heard, flush=True)
"""
NODE = {"id": "00000001-4bcd-4bcd-8bcd-123456789abc", "name": "node1", "url": "http://node1:5000"}


def main(count: int, rate: float) -> None:
    """Measure and print."""
    counts = {"inbox": 1, "sent": 2, "failed": 0, "waiting": 3}
    events = EventLog(counts=lambda: counts)
    own = SimpleNamespace(id=NODE["id"], url=NODE["url"], epoch=1)
    peer: Any = SimpleNamespace(
        events=events,
        own=own,
        clock=SimpleNamespace(wall=time.time),
        snapshot=lambda: {
            "node": {**NODE, "epoch": 1, "started": 1.0},
            "seq": events.seq,
            "at": time.time(),
            "members": [],
            "links": [],
        },
    )
    stream = Subscriptions(peer, host_allowed)
    listener = server.listen("127.0.0.1", 0)
    import threading

    threading.Thread(target=server.serve, args=(stream, listener), daemon=True).start()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    idle = _spent(None, count, rate)
    alone = _spent(events, count, rate) - idle
    bare = _bare(events)
    with subprocess.Popen(
        [sys.executable, "-c", SUBSCRIBER, url, NODE["id"]], stdout=subprocess.PIPE, text=True
    ) as subscriber:
        try:
            assert subscriber.stdout is not None  # noqa: S101 - a pipe was asked for
            if server.off_loop(subscriber.stdout.readline).strip() != "here":
                sys.exit("the subscriber did not come about")
            time.sleep(0.5)  # its snapshot is on its way; what that costs is not measured
            before = events.seq
            heard = _spent(events, count, rate) - idle
            began = time.process_time()
            events.emit("node.stopping", {"node": NODE})
            came = int(server.off_loop(subscriber.stdout.readline) or -1)  # until the last is there
            heard += time.process_time() - began
            if came != events.seq - before:
                sys.exit(f"the subscriber heard {came:,} of {events.seq - before:,} events")
        finally:
            subscriber.kill()
    told = {"bare": 1e6 * bare, "alone": 1e6 * alone / count, "heard": 1e6 * heard / count}
    print(json.dumps(told), flush=True)


def _bare(events: EventLog) -> float:
    """Seconds of CPU for one event, without any pace."""
    began = time.process_time()
    for number in range(20_000):
        _emit(events, number)
    return (time.process_time() - began) / 20_000


def _spent(events: EventLog | None, count: int, rate: float) -> float:
    """CPU time of this process while some are emitted, all that follows from it included."""
    each = max(1, round(rate * TURN))
    began, start = time.process_time(), time.monotonic()
    for turn in range(count // each):
        if events is not None:
            for number in range(each):
                _emit(events, number)
        time.sleep(max(0.0, start + (turn + 1) * TURN - time.monotonic()))  # the pace
    time.sleep(0.3)  # the last batch is on its way
    return time.process_time() - began


def _emit(events: EventLog, number: int) -> None:
    events.emit(
        "message.sent",
        {
            "message": f"{number:08d}-1234-4123-8123-123456789abc",
            "from": NODE,
            "to": NODE,
            "sender": "node1",
            "text": "Hello there!",
            "hop": 1,
            "attempt": 1,
            "route": "direct",
            "via": None,
        },
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
