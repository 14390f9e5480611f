"""Real containers that are killed, and broadcasts to all: as the nodes themselves tell it.

Every node keeps a log of what happened to it, with times; all containers of a machine have
the same clock. So nothing is polled while it happens: a container is killed, and a while
later the logs of all others are read: when each of its neighbours gave the link up and tied
another one, and when each node held it for dead. The clock starts before `docker kill`.
"""

import json
import math
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
from node.overlay.config import Config

REPLACED, DEAD, BROADCAST = 4.0, 15.0, 0.5
"""Bars in seconds: p99, the last node, p95 [issue: the overlay]."""
PAYLOADS = 1.1
"""Transmissions of a payload for each node that gets it, once the tree has settled [issue]."""
SETTLED = 10.0
"""Seconds without a new or a lost link after which a network counts as settled [guess]."""
LOOK = 20.0
"""Seconds after a kill at which the logs are read: five more than the bar."""
KILLS, WARM_UP, BROADCASTS = 5, 10, 40
ENOUGH = Config().links_replaced
"""Links of which a lost one is replaced; where there were more, it need not be."""
EVERY = 0.25
"""Seconds from one broadcast to the next."""
WITHIN = 60.0
"""Seconds for anything that is waited for."""


def run(*, nodes: int, say: Callable[[str], None]) -> list[Figure]:
    """Start a network, let it settle, broadcast, kill one after the other."""
    need_engine()
    compose(["build", "--quiet"], "building the image")
    try:
        p2p(["up", "--docker", "--nodes", str(nodes), "--no-build", *ADDRESS])
        numbers = list(range(1, nodes + 1))
        _until_settled(numbers)
        took, payloads = _broadcasts(numbers, say)
        replaced, dead = _kills(numbers, say)
    finally:
        p2p(["down"])
    return [
        Figure(
            f"broadcast, {nodes} containers, p95",
            _share(took, 0.95),
            None,
            " s",
            at_most=BROADCAST,
        ),
        Figure(
            "... payloads sent for each node that got one",
            payloads,
            None,
            "",
            at_most=PAYLOADS,
        ),
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


def _until_settled(nodes: list[int]) -> None:
    """Wait until nobody has tied or lost a link for a while."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        changes = [
            seconds(event["time"])
            for node in nodes
            for event in _log(node)[0]
            if event["type"] in {PREFIX + "link.up", PREFIX + "link.down"}
        ]
        quiet = time.time() - max(changes)
        if quiet >= SETTLED:
            return
        time.sleep(SETTLED - quiet)
    raise BenchmarkError(f"links still come and go after {WITHIN:.0f} s")


def _broadcasts(nodes: list[int], say: Callable[[str], None]) -> tuple[list[float], float]:
    """What broadcasts of one origin cost, once its tree has grown.

    Seconds until each node had each of them; payloads sent, over those that had to be.
    """
    origin, others = nodes[0], nodes[1:]
    _speak(origin, others, WARM_UP)
    before = sum(_payloads(node) for node in nodes)
    took = _speak(origin, others, BROADCASTS)
    payloads = sum(_payloads(node) for node in nodes) - before
    say(f"{BROADCASTS} broadcasts to {len(others)} nodes: median {_share(took, 0.5):.3f} s")
    return took, payloads / (BROADCASTS * len(others))


def _speak(origin: int, others: list[int], count: int) -> list[float]:
    """Speak so often to all; seconds until each node had each."""
    before = {node: _log(node)[1] for node in (origin, *others)}
    for number in range(count):
        _post(origin, "/broadcast", {"msg": f"broadcast {number}"})
        time.sleep(EVERY)  # the rate of the load
    sent = _times(origin, before[origin], "broadcast.sent")
    took = []
    for node in others:
        came = _until_all_came(node, before[node], sent)
        took += [came[message] - sent[message] for message in sent]
    return took


def _payloads(node: int) -> int:
    """How many payloads came to a node, copies too."""
    came: int = _get(node, "/status")["broadcast"]["came"]
    return came


def _until_all_came(node: int, after: int, sent: dict[str, float]) -> dict[str, float]:
    """When each broadcast came to a node."""
    deadline = time.monotonic() + WITHIN
    while True:
        came = _times(node, after, "broadcast.received")
        missing = sent.keys() - came.keys()
        if not missing:
            return came
        if time.monotonic() > deadline:
            raise BenchmarkError(f"{len(missing)} broadcasts never came to node{node}")
        time.sleep(EVERY)  # until the next look; that nothing is missing ends it


def _times(node: int, after: int, type_: str) -> dict[str, float]:
    """When each message was sent, or came."""
    return {
        event["data"]["message"]: seconds(event["time"])
        for event in _log(node, after)[0]
        if event["type"] == PREFIX + type_
    }


def _kills(nodes: list[int], say: Callable[[str], None]) -> tuple[list[float], list[float]]:
    """Kill some, one after the other; what came of it, in seconds.

    First until each lost link was replaced, where a node had no more than it needs; then until
    each of the others held the killed one for dead.
    """
    living = list(nodes)
    replaced: list[float] = []
    dead: list[float] = []
    for number in random.Random(KILLS).sample(nodes, KILLS):
        victim = f"node{number}"
        living.remove(number)
        before = {node: _log(node)[1] for node in living}
        had = {node: len(_get(node, "/status")["links"]) for node in living}
        began = time.time()
        subprocess.run(["docker", "kill", f"{PROJECT}-{victim}-1"], check=True, capture_output=True)
        time.sleep(LOOK)  # it is not looked at while it happens
        for node in living:
            events = _log(node, before[node])[0]
            when = _when(events, "member.dead", "member", victim)
            if when is None:
                raise BenchmarkError(f"node{node} holds {victim} for alive after {LOOK:.0f} s")
            dead.append(when - began)
            was_link = _when(events, "link.down", "peer", victim) is not None
            if was_link and had[node] <= ENOUGH:
                back = _as_many_again(events, had[node])
                if back is None:
                    raise BenchmarkError(f"node{node} did not replace its link to {victim}")
                replaced.append(back - began)
        say(f"{victim} killed: {len(replaced)} links replaced so far, dead after {max(dead):.1f} s")
    return replaced, dead


def _as_many_again(events: list[dict[str, Any]], had: int) -> float | None:
    """When a node had as many links as before."""
    count, back = had, None
    for event in events:
        if event["type"] == PREFIX + "link.down":
            count, back = count - 1, None
        elif event["type"] == PREFIX + "link.up":
            count += 1
        if back is None and count >= had:
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
    urlopen(request, timeout=10).close()  # noqa: S310 - http, as written above


def _share(values: list[float], share: float) -> float:
    return sorted(values)[math.ceil(share * len(values)) - 1]  # of few values the largest
