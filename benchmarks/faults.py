"""Faults on demand: how soon they are everywhere, how exact a delay is, what none of them costs.

acts    a network of `--nodes` (100) under a dashboard. A partition in halves, asked of the
        dashboard as the page does: from the request until the answer, which comes when every
        node has said that it has its fault. Then it is healed as one. The first time is told by
        itself: each node loads then what faults need. That each node has its fault, and has
        none afterwards, is asked of the nodes themselves
delay   one node, asked by us: `POST /message` with a delay of what comes in, against the same
        without one, in turn. What counts is how far the median of what it adds is from the
        delay that was asked for
idle    what the machinery costs where no fault is set: each hop looks a few times whether there
        is a wire (`node.faults.wire`), and there is none. So many looks, timed in this process,
        against the CPU that two real nodes use for a message from one to the other
"""

import statistics
import time
import timeit
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import requests

from benchmarks import load
from benchmarks.load import Send
from benchmarks.processes import (
    BASE_PORT,
    BenchmarkError,
    Fleet,
    answers,
    cpu_seconds,
    knows,
    need_linux,
    until,
)
from benchmarks.verdict import Figure

PARTS: Final = ("acts", "delay", "idle")
ACT: Final = 1.0
"""Seconds until a fault is at all nodes concerned, and until it is healed [issue]."""
NEAR_MS, NEAR_SHARE = 10.0, 0.1
"""How far off a delay may be: milliseconds, or a share of it, whichever is more [issue]."""
FREE: Final = 1.0
"""Per cent of a hop that the machinery may cost while no fault is set [issue]."""
DELAYS: Final = (20, 100, 300, 1_000)
"""Milliseconds."""
TRIES: Final = 30
"""Calls with each delay, and as many without."""
LOOKS: Final = 8
"""Times that a hop looks for a wire, at both ends together: when a request leaves, when it is
taken, before it is acted upon, when a connection ends (`node/connections.py`, `node/peer.py`). That
is four; twice as many are timed, so that nobody need count again."""
MESSAGES: Final = 2_000
WITHIN: Final = 300.0

Say = Callable[[str], None]


def run(*, nodes: int, rounds: int, parts: Sequence[str], say: Say) -> Iterator[Figure]:
    """The parts that are named, or all."""
    need_linux()
    for part in parts or PARTS:
        match part:
            case "acts":
                yield from _acts(nodes, rounds, say)
            case "delay":
                yield from _delay(say)
            case "idle":
                yield from _idle(say)


# --- acts -------------------------------------------------------------------------------------


def _acts(nodes: int, rounds: int, say: Say) -> Iterator[Figure]:
    bootstrap, board = BASE_PORT, BASE_PORT + nodes + 1
    ports = [BASE_PORT + number for number in range(1, nodes + 1)]
    url = f"http://127.0.0.1:{board}"
    with Fleet() as fleet:
        fleet.bootstrap(bootstrap)
        for number, port in enumerate(ports, 1):
            fleet.node(number, port, bootstrap)
        environment = {"DASHBOARD_HOST": "127.0.0.1", "DASHBOARD_PORT": str(board)}
        environment["BOOTSTRAP_URL"] = f"http://127.0.0.1:{bootstrap}"
        fleet.start("dashboard", environment)
        until(lambda: answers(board), "the dashboard answers", WITHIN)
        until(lambda: _watched(url) == nodes, f"{nodes} nodes are watched", WITHIN)
        until(lambda: all(knows(port) == nodes - 1 for port in ports[:3]), "they are one", WITHIN)
        shown = {"P2P-Page": requests.get(f"{url}/api/token", timeout=10).text}
        took: dict[str, list[float]] = {"set": [], "healed": []}
        for number in range(rounds + 1):
            asked = {"kind": "partition", "shape": "halves", "for_seconds": 120}
            began = time.monotonic()
            act = _done(requests.post(f"{url}/api/faults", json=asked, headers=shown, timeout=60))[
                "act"
            ]
            took["set"].append(time.monotonic() - began)
            _each_has(ports, 1)
            began = time.monotonic()
            gone = _done(
                requests.delete(f"{url}/api/faults/{act['id']}", headers=shown, timeout=60)
            )
            took["healed"].append(time.monotonic() - began)
            if gone["not_reached"]:
                raise BenchmarkError(f"not healed at {', '.join(gone['not_reached'])}")
            _each_has(ports, 0)
            say(
                f"{'first' if number == 0 else f'round {number}'}: at {len(act['nodes'])} nodes "
                f"after {took['set'][-1]:.2f} s, healed after {took['healed'][-1]:.2f} s"
            )
    yield Figure(f"a partition of {nodes}, the first time", took["set"][0], None, " s")
    for what, name in (("set", f"a partition at all of {nodes} nodes"), ("healed", "... healed")):
        yield Figure(name, statistics.median(took[what][1:]), None, " s", at_most=ACT)


def _watched(url: str) -> int:
    watched: int = requests.get(f"{url}/api/status", timeout=10).json()["watched"]
    return watched


def _each_has(ports: Sequence[int], count: int) -> None:
    """Whether each node has so many faults. Raises BenchmarkError."""
    with requests.Session() as session:
        for port in ports:
            found = session.get(f"http://127.0.0.1:{port}/faults", timeout=10).json()["faults"]
            if len(found) != count:
                raise BenchmarkError(f"the node at {port} has {len(found)} faults, not {count}")


def _done(answer: requests.Response) -> dict[str, Any]:
    said: dict[str, Any] = answer.json()
    if not answer.ok:
        raise BenchmarkError(f"{answer.status_code}: {said.get('error')}")
    return said


# --- delay ------------------------------------------------------------------------------------


def _delay(say: Say) -> Iterator[Figure]:
    port = BASE_PORT + 1
    faults = f"http://127.0.0.1:{port}/faults"
    with Fleet() as fleet, requests.Session() as session:
        fleet.node(1, port, None)
        until(lambda: answers(port), "the node answers")
        _call(session, port, 20)  # warm
        for delay in DELAYS:
            wish = {"kind": "delay", "mean_ms": delay, "direction": "in", "for_seconds": 600}
            with_it: list[float] = []
            without: list[float] = []
            for _ in range(3):  # in turn, as the machine's speed changes
                without += _call(session, port, TRIES // 3)
                _done(session.post(faults, json=wish, timeout=10))
                with_it += _call(session, port, TRIES // 3)
                _done(session.delete(faults, timeout=10))
            added = 1_000 * (statistics.median(with_it) - statistics.median(without))
            say(f"{delay:,} ms asked for: {added:,.1f} ms added, of {len(with_it)} calls")
            bar = max(NEAR_MS, NEAR_SHARE * delay)
            yield Figure(
                f"a delay of {delay:,} ms is off by", abs(added - delay), None, " ms", None, bar
            )


def _call(session: requests.Session, port: int, count: int) -> list[float]:
    took = []
    for _ in range(count):
        began = time.monotonic()
        body = {"sender": "bench", "msg": "hello"}
        session.post(f"http://127.0.0.1:{port}/message", json=body, timeout=30).raise_for_status()
        took.append(time.monotonic() - began)
    return took


# --- idle -------------------------------------------------------------------------------------


class _Holder:
    """Somebody who may have a wire and has none, as a node's parts have it."""

    def __init__(self) -> None:
        self.wire: object | None = None


def _idle(say: Say) -> Iterator[Figure]:
    holder = _Holder()
    count = 1_000_000
    look = timeit.timeit("holder.wire is None", globals={"holder": holder}, number=count) / count
    hop = _hop()
    share = 100 * LOOKS * look / hop
    say(f"{LOOKS} looks: {1e9 * LOOKS * look:.0f} ns; a message: {1e6 * hop:.0f} us of CPU")
    yield Figure("no fault set: of a hop's CPU", share, None, " %", at_most=FREE)


def _hop() -> float:
    """Seconds of CPU that both nodes use for a message from one to the other."""
    with Fleet() as fleet:
        ports = [BASE_PORT + 1, BASE_PORT + 2]
        fleet.bootstrap(BASE_PORT)
        for number, port in enumerate(ports, 1):
            fleet.node(number, port, BASE_PORT)
        until(lambda: all(knows(port) == 1 for port in ports), "they know each other")
        pids = fleet.pids[1:]
        load.closed([_send(ports[0], f"w{n}") for n in range(200)], 8, 60.0)
        until(lambda: _delivered(ports[0]) == 200, "the warm-up is delivered")
        before = cpu_seconds(pids)
        load.closed([_send(ports[0], f"m{n}") for n in range(MESSAGES)], 8, WITHIN)
        until(lambda: _delivered(ports[0]) == 200 + MESSAGES, "all are delivered", WITHIN)
        return (cpu_seconds(pids) - before) / MESSAGES


def _send(port: int, message: str) -> Send:
    return Send(port, message, "node2", "hello", "direct")


def _delivered(port: int) -> int:
    sent: int = requests.get(f"http://127.0.0.1:{port}/status", timeout=10).json()["sent"]
    return sent
