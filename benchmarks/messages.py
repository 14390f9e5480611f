"""Messages from one process to another: how many, how soon, and what waiting ones cost.

What counts is what lies in the receivers' inboxes when all is over: each message once, with
the text that was sent, and from each sender in the order of its outbox. When a message came
is what the receiver's own clock says, which is the load's clock on one machine.

    pair     two nodes. `POST /send` with `route: direct` at one of them over 16 connections;
             from the first request to the last message in the other's inbox. Each message
             is written to disk three times on the way: in the outbox, in the inbox, and again
             in the outbox when it has arrived. Beside it, in the same round, the assignment's
             own: a plain loop of `requests.post` in one process (`benchmarks.sender`), its node
             in another one (`benchmarks.sample`), which prints a message and keeps nothing.
             What it printed is counted. A `requests.Session` in that loop is shown as well.
             Then half of what ours reached, evenly spread: from the time at which a message
             was to be sent until it is in the inbox.
    overlay  50 nodes, random pairs, `route: overlay`: over the links, acknowledged. The load
             comes evenly spread and does not wait (`load.open_`), a little above the bar;
             after a warm-up at the same rate a window is counted. Queues are stable where what
             is accepted and not yet there does not grow from the first third of the window to
             its last.
    down     10,000 messages for a node that was killed, then it starts again. Private memory
             of the sender, sampled all the time, against what it had when the queue was empty;
             seconds from the start of the process until the last message is in its inbox.

The load is a process of its own on the same two cores; what it costs is printed. All chance
comes from the seed.
"""

import json
import random
import statistics
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self

import requests

from benchmarks import load
from benchmarks.load import Send, Sent
from benchmarks.processes import (
    BASE_PORT,
    ROOT,
    BenchmarkError,
    Fleet,
    all_cpu_seconds,
    answers,
    cpu_seconds,
    knows,
    need_linux,
    private_mib,
    until,
)
from benchmarks.verdict import Figure

CONNECTIONS = 16
"""Callers of `POST /send` at the same time, as in `serving`."""
HALF_LOAD_P99 = 25.0
"""Milliseconds [issue]."""
OVERLAY_BAR = 400.0
"""Messages a second, delivered, all nodes together [issue]."""
OFFERED = 1.05
"""Load, in times of the bar: what is offered must be a bit more than what is to come out."""
PILED_UP = 0.02
"""Share of what was accepted that may be added to the queues between the first and the last
third of the window [guess: a fiftieth of it is chance of the moment]."""
QUEUED = 10_000
MEMORY, RETURNED = 20.0, 60.0
"""MiB that the sender may grow by; seconds until all are there [issue]."""
SETTLED = 10.0
"""Seconds that a network is left alone before the load begins."""
WITHIN = 120.0
"""Seconds for anything that is waited for."""

Say = Callable[[str], None]


def run(
    *, nodes: int, rounds: int, seconds: float, seed: int, parts: Sequence[str], say: Say
) -> Iterator[Figure]:
    """The parts that are named, or all."""
    need_linux()
    for name in parts or tuple(PARTS):
        match name:
            case "pair":
                yield from _pairs(rounds, seconds, say)
            case "overlay":
                yield from _overlay(nodes, seconds, seed, say)
            case "down":
                yield from _down(say)


PARTS = ("pair", "overlay", "down")

# --- one pair ---------------------------------------------------------------------------------


def _pairs(rounds: int, seconds: float, say: Say) -> Iterator[Figure]:
    rates: dict[str, list[float]] = defaultdict(list)
    for number in range(rounds):
        for kind in ("plain", "session"):
            rates[kind].append(_sample(seconds, kind))
        rate, p99, told = _pair(seconds)
        rates["ours"].append(rate)
        rates["p99"].append(p99)
        beside = f"requests.post {rates['plain'][-1]:,.0f}, Session {rates['session'][-1]:,.0f}"
        say(f"round {number + 1}: {rate:,.0f} messages/s ({beside}); {told}")
    ours, plain, session, p99 = (
        statistics.median(rates[k]) for k in ("ours", "plain", "session", "p99")
    )
    name = "one pair, direct, on disk, messages/s"
    yield Figure(name, ours, plain, "/s", at_least=1.0)
    yield Figure("... beside a requests.Session", ours, session, "/s")
    yield Figure("... at half of that, p99", p99, None, " ms", at_most=HALF_LOAD_P99)


def _sample(seconds: float, kind: str) -> float:
    """Messages a second that the assignment's node prints, from its plain loop."""
    port = BASE_PORT + 3
    with Fleet() as fleet:
        pid = fleet.sample(port, None)
        until(lambda: answers(port), "the sample node answers")
        _plain_loop(port, 1.0, kind)  # warm
        before = _printed(fleet, pid)
        told = _plain_loop(port, seconds, kind)
        until(lambda: _printed(fleet, pid) - before >= told["sent"], "the sample has printed all")
        if _printed(fleet, pid) - before != told["sent"]:
            raise BenchmarkError("the sample printed more messages than it was sent")
        return float(told["sent"] / told["seconds"])


def _plain_loop(port: int, seconds: float, kind: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.sender", f"http://127.0.0.1:{port}"]
    done = subprocess.run(
        [*command, str(seconds), kind],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=seconds + WITHIN,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def _printed(fleet: Fleet, pid: int) -> int:
    return fleet.printed(pid).count("Received message from Node1: ")


def _pair(seconds: float) -> tuple[float, float, str]:
    """Messages a second at full load, p99 in milliseconds at half, and what is told of it."""
    with Fleet() as fleet:
        here, there = _two(fleet)
        load.closed(_sends(here, "warm", 1_000, "direct"), CONNECTIONS, 1.0)
        until(lambda: _drained(here), "the warm-up is delivered")
        sends = _sends(here, "full", 8_000, "direct")  # an inbox keeps 10,000
        before = cpu_seconds(fleet.pids)
        sent = load.closed(sends, CONNECTIONS, seconds)
        until(lambda: _drained(here), "all are delivered")
        cpu = (cpu_seconds(fleet.pids) - before) / len(sent.accepted)
        came = _check([here], [there], sends, sent)
        began = min(one.began for one in sent.accepted)
        rate = len(came) / (max(came.values()) - began)
        # In another pair: the inbox of this one would forget.
    with Fleet() as fleet:
        here, there = _two(fleet)
        count = int(min(8_000, seconds * rate / 2))
        load.closed(_sends(here, "warm", 1_000, "direct"), CONNECTIONS, 1.0)
        until(lambda: _drained(here), "the warm-up is delivered")
        even = [
            send._replace(due=number / (rate / 2))
            for number, send in enumerate(_sends(here, "half", count, "direct"))
        ]
        half = load.open_(even)
        until(lambda: _drained(here), "all are delivered")
        came = _check([here], [there], even, half)
        took = sorted(came[one.message] - one.began for one in half.accepted)
        p99, median = (1_000 * _share(took, share) for share in (0.99, 0.5))
    told = (
        f"{1_000 * cpu:.2f} ms CPU a message, the load's {1_000 * sent.cpu / len(came):.2f}; "
        f"at half: median {median:.1f} ms, p99 {p99:.1f} ms of {len(took):,}"
    )
    return rate, p99, told


def _two(fleet: Fleet) -> tuple[int, int]:
    """Two nodes that know each other, and have Flask loaded: their ports."""
    here, there, registry = BASE_PORT + 1, BASE_PORT + 2, BASE_PORT
    fleet.bootstrap(registry)
    for number, port in ((1, here), (2, there)):
        fleet.node(number, port, registry)
    _ready([here, there])
    return here, there


def _sends(here: int, name: str, count: int, route: str) -> list[Send]:
    return [
        Send(here, f"{name}-{number}", "node2", f"message {name} {number}", route)
        for number in range(count)
    ]


# --- fifty nodes ------------------------------------------------------------------------------


def _overlay(nodes: int, seconds: float, seed: int, say: Say) -> Iterator[Figure]:
    rng = random.Random(seed)
    warm, window = 10.0, max(20.0, 4 * seconds)
    with Fleet() as fleet:
        fleet.bootstrap(BASE_PORT)
        ports = [BASE_PORT + k for k in range(1, nodes + 1)]
        for number, port in enumerate(ports, 1):
            fleet.node(number, port, BASE_PORT)
        took = _ready(ports)
        say(f"{nodes} nodes know each other after {took:.1f} s; seed {seed}; {warm:.0f} s warm-up")
        time.sleep(SETTLED)  # what a start leaves behind, and no condition says when it is over
        idle = _cores(fleet.pids, 5.0)
        rate = OFFERED * OVERLAY_BAR
        sends = []
        for number in range(int((warm + window) * rate)):
            a, b = rng.sample(range(nodes), 2)
            to, text = f"node{b + 1}", f"message {number}"
            sends.append(Send(ports[a], f"m{number}", to, text, "overlay", number / rate))
        before, all_before, clock = cpu_seconds(fleet.pids), all_cpu_seconds(), time.monotonic()
        sent = load.open_(sends)
        until(lambda: all(_drained(port) for port in ports), "all are delivered")
        cpu = cpu_seconds(fleet.pids) - before
        took = time.monotonic() - clock
        others = (all_cpu_seconds() - all_before - cpu - sent.cpu) / took
        came = _check(ports, ports, sends, sent)
        retried = sum(message["attempts"] > 1 for port in ports for message in _outbox(port))
    begin = min(one.began for one in sent.accepted) + warm
    end = begin + window
    delivered = sum(begin <= at < end for at in came.values()) / window
    pile = [
        statistics.mean(_waiting(sent, came, begin + third * window / 3, window / 3))
        for third in range(3)
    ]
    latencies = sorted(came[one.message] - one.began for one in sent.accepted if one.began >= begin)
    grown = (pile[2] - pile[0]) / (rate * window * 2 / 3)
    p50, p99 = (1_000 * _share(latencies, share) for share in (0.5, 0.99))
    say(
        f"offered {rate:.0f}/s for {window:.0f} s, refused {sent.refused}, sent more than once "
        f"{retried}; under way in each third {pile[0]:.0f}, {pile[1]:.0f}, {pile[2]:.0f}"
    )
    say(
        f"median {p50:.0f} ms, p99 {p99:.0f} ms; {1_000 * cpu / len(came):.2f} ms CPU a message "
        f"of the nodes (idle {idle:.2f} of a core), {1_000 * sent.cpu / len(came):.2f} of the load"
    )
    say(f"cores: nodes {cpu / took:.2f}, whoever else runs here {others:.2f}")
    name = f"{nodes} nodes, random pairs over the links, on disk"
    yield Figure(name, delivered, None, "/s", at_least=OVERLAY_BAR)
    yield Figure("... of it piled up in queues", grown, None, "", at_most=PILED_UP)
    yield Figure("... p99", p99, None, " ms")


def _cores(pids: Sequence[int], seconds: float) -> float:
    before = cpu_seconds(pids)
    time.sleep(seconds)  # a rate needs its time
    return (cpu_seconds(pids) - before) / seconds


def _waiting(sent: Sent, came: dict[str, float], begin: float, seconds: float) -> Iterator[int]:
    """How many are accepted and not there, at ten moments of an interval."""
    for tenth in range(10):
        moment = begin + (tenth + 0.5) * seconds / 10
        yield sum(one.accepted <= moment < came[one.message] for one in sent.accepted)


# --- one that is down -------------------------------------------------------------------------


def _down(say: Say) -> Iterator[Figure]:
    with Fleet() as fleet:
        here, there = _two(fleet)
        sender, receiver = fleet.pids[1:3]
        load.closed(_sends(here, "warm", 2_000, "auto"), CONNECTIONS, 30.0)
        until(lambda: _drained(here), "the warm-up is delivered")
        fleet.kill(receiver)
        began = private_mib(sender)
        with _Memory(sender) as memory:
            sends = _sends(here, "down", QUEUED, "auto")
            sent = load.closed(sends, CONNECTIONS, WITHIN)
            if len(sent.accepted) < QUEUED:
                raise BenchmarkError(f"only {len(sent.accepted)} of {QUEUED:,} were accepted")
            queued = memory.most - began
            say(
                f"{QUEUED:,} queued in {sent.seconds:.1f} s, memory {began:.1f} MiB, "
                f"then {queued:+.1f}"
            )
            returned = time.time()
            fleet.start_again(receiver)
            until(lambda: answers(there), "the receiver answers")
            answered = time.time() - returned
            until(lambda: _drained(here), "all are delivered")
            grown = memory.most - began
        came = _check([here], [there], sends, sent)
        first, last = min(came.values()) - returned, max(came.values()) - returned
    say(
        f"back: answers after {answered:.1f} s, the first message after {first:.1f} s, "
        f"the last after {last:.1f} s, in order"
    )
    name = f"{QUEUED:,} queued for one that is down, memory"
    yield Figure(name, grown, None, " MiB", at_most=MEMORY)
    yield Figure("... all there after its start", last, None, " s", at_most=RETURNED)


class _Memory:
    """The most private memory that a process had, sampled while the `with` block lasts."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.most = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.2):
            self.most = max(self.most, private_mib(self._pid))


# --- what is asked of nodes -------------------------------------------------------------------


def _ready(ports: Sequence[int]) -> float:
    """Wait until all know all, and have loaded what the first question makes them load."""
    took = until(lambda: all(knows(port) == len(ports) - 1 for port in ports), "all know all")
    for port in ports:
        _get(port, "/status")
    return took


def _drained(port: int) -> bool:
    return not _get(port, "/send?status=queued&limit=1")["messages"]


def _get(port: int, path: str) -> Any:
    answer = requests.get(f"http://127.0.0.1:{port}{path}", timeout=30)
    if not answer.ok:
        raise BenchmarkError(f"{path} is answered with {answer.status_code}: {answer.text[:200]}")
    return answer.json()


def _pages(port: int, path: str) -> Iterator[dict[str, Any]]:
    before = 2**62
    while before:
        page = _get(port, f"{path}?limit=1000&before={before}")
        yield from page["messages"]
        before = page["next"]


def _inbox(port: int) -> Iterable[dict[str, Any]]:
    """The oldest first."""
    return reversed(list(_pages(port, "/messages")))


def _outbox(port: int) -> Iterable[dict[str, Any]]:
    return _pages(port, "/send")


def _check(
    senders: Sequence[int], receivers: Sequence[int], sends: Sequence[Send], sent: Sent
) -> dict[str, float]:
    """When each accepted message came. Raises where one is missing, doubled, changed or late."""
    texts = {send.message: send.text for send in sends}
    place = {m["id"]: m["n"] for port in senders for m in _outbox(port)}
    came: dict[str, float] = {}
    for port in receivers:
        last: dict[str, int] = {}
        for message in _inbox(port):
            name, origin = message["id"], message["from"]
            if name not in texts:
                continue  # of the warm-up
            if name in came:
                raise BenchmarkError(f"{name} came twice")
            if message["msg"] != texts[name]:
                raise BenchmarkError(f"{name} came with another text")
            if place[name] < last.get(origin, 0):
                raise BenchmarkError(f"{name} came after one that was accepted later")
            last[origin] = place[name]
            came[name] = message["at"]
    missing = [one.message for one in sent.accepted if one.message not in came]
    if missing:
        raise BenchmarkError(f"{len(missing)} messages never came, {missing[0]} among them")
    return came


def _share(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))]
