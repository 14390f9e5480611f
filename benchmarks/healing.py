"""Real containers that are killed, and broadcasts to all: as the nodes themselves tell it.

Every node keeps a log of what happened to it, with times; all containers of a machine have
the same clock. So nothing is polled while it happens. A container is killed; half a minute
later the logs of all others are read: when each of its neighbours gave the link up and tied
another one, and when each node held it for dead. The clock starts before `docker kill`.
"""

import json
import random
import subprocess
import time
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

from benchmarks.containers import ADDRESS, PORTS, PROJECT, compose, need_engine, p2p
from benchmarks.processes import BenchmarkError
from benchmarks.verdict import Figure
from contract.events import PREFIX, seconds

REPLACED, DEAD, BROADCAST = 4.0, 15.0, 0.5
"""Seconds: p99, the last node, p95 [issue: the overlay]."""
SETTLE = 30.0
"""Seconds until nobody looks for links any more."""
LOOK = 25.0
"""Seconds after a kill at which the logs are read."""
KILLS, WARM_UP, BROADCASTS = 5, 10, 40


def run(*, nodes: int, say: Callable[[str], None]) -> list[Figure]:
    """Start a network, let it settle, broadcast, kill one after the other."""
    need_engine()
    compose(["build", "--quiet"], "building the image")
    try:
        p2p(["up", "--docker", "--nodes", str(nodes), "--no-build", *ADDRESS])
        time.sleep(SETTLE)  # nothing else tells that no more links are looked for
        names = {k: f"node{k}" for k in range(1, nodes + 1)}
        took = _broadcasts(list(names), say)
        replaced, dead = _kills(names, say)
    finally:
        p2p(["down"])
    return [
        Figure(f"broadcast, {nodes} containers, p95", _share(took, 0.95), None, " s", at_most=0.5),
        Figure(
            f"a killed container's links replaced, p99 of {len(replaced)}",
            _share(replaced, 0.99),
            None,
            " s",
            at_most=REPLACED,
        ),
        Figure(
            f"... and dead everywhere, last of {len(dead)}", max(dead), None, " s", at_most=DEAD
        ),
    ]


def _broadcasts(nodes: list[int], say: Callable[[str], None]) -> list[float]:
    origin, others = nodes[0], nodes[1:]
    before = {node: _log(node)[1] for node in nodes}
    for number in range(WARM_UP + BROADCASTS):
        _post(origin, "/broadcast", {"msg": f"broadcast {number}"})
        time.sleep(0.25)  # the rate of the load
    time.sleep(2)  # what comes later than this is reported as missing
    sent = {
        event["data"]["message"]: seconds(event["time"])
        for event in _log(origin, before[origin])[0]
        if event["type"] == PREFIX + "broadcast.sent"
    }
    measured = list(sent)[WARM_UP:]
    took = []
    for node in others:
        came = {
            event["data"]["message"]: seconds(event["time"])
            for event in _log(node, before[node])[0]
            if event["type"] == PREFIX + "broadcast.received"
        }
        missing = [message for message in sent if message not in came]
        if missing:
            raise BenchmarkError(f"{len(missing)} broadcasts never came to node{node}")
        took += [came[message] - sent[message] for message in measured]
    say(f"{len(measured)} broadcasts to {len(others)} nodes: median {_share(took, 0.5):.3f} s")
    return took


def _kills(names: dict[int, str], say: Callable[[str], None]) -> tuple[list[float], list[float]]:
    living = dict(names)
    replaced: list[float] = []
    dead: list[float] = []
    for _ in range(KILLS):
        number, victim = random.choice(sorted(living.items()))
        del living[number]
        before = {node: _log(node)[1] for node in living}
        had = {node: len(_get(node, "/status")["links"]) for node in living}
        began = time.time()
        subprocess.run(["docker", "kill", f"{PROJECT}-{victim}-1"], check=True, capture_output=True)
        time.sleep(LOOK)
        for node in living:
            events = _log(node, before[node])[0]
            when = _when(events, "member.dead", "member", victim)
            if when is None:
                raise BenchmarkError(f"node{node} does not hold {victim} for dead after {LOOK} s")
            dead.append(when - began)
            if _when(events, "link.down", "peer", victim) is not None:
                back = _as_many_again(events, had[node])
                if back is None:
                    raise BenchmarkError(f"node{node} did not replace its link to {victim}")
                replaced.append(back - began)
        say(f"{victim} killed: {len(replaced)} links replaced so far, dead after {max(dead):.1f} s")
    return replaced, dead


def _as_many_again(events: list[dict[str, Any]], had: int) -> float | None:
    """When a node had as many links as before, or the five or six that it needs."""
    count, back = had, None
    for event in events:
        if event["type"] == PREFIX + "link.down":
            count, back = count - 1, None
        elif event["type"] == PREFIX + "link.up":
            count += 1
        if back is None and count >= min(had, 6):
            back = seconds(event["time"])
    return back


def _when(events: list[dict[str, Any]], type_: str, role: str, name: str) -> float | None:
    for event in events:
        if event["type"] == PREFIX + type_ and event["data"][role]["name"] == name:
            return seconds(event["time"])
    return None


def _log(node: int, after: int = 0) -> tuple[list[dict[str, Any]], int]:
    """A node's events after a number, and the number of its last."""
    found: list[dict[str, Any]] = []
    while True:
        page = _get(node, f"/events?limit=5000&after={after}")
        if not page["events"]:
            return found, after
        found += page["events"]
        after = page["next"]


def _get(node: int, path: str) -> Any:
    with urlopen(f"http://127.0.0.1:{int(PORTS) * 100 + node}{path}", timeout=10) as answer:
        return json.load(answer)


def _post(node: int, path: str, body: dict[str, str]) -> None:
    request = Request(
        f"http://127.0.0.1:{int(PORTS) * 100 + node}{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urlopen(request, timeout=10).close()  # noqa: S310 - as above


def _share(values: list[float], share: float) -> float:
    return sorted(values)[int(share * (len(values) - 1))]
