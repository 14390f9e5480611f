"""A network that has nothing to do: 100 nodes as processes, their CPU and their memory.

The sample's cost grows with the square of the network, since everybody asks everybody;
so a smaller network of them is measured and said to be so.
"""

import statistics
import time
from collections.abc import Callable

from benchmarks.processes import (
    BASE_PORT,
    Fleet,
    cpu_seconds,
    knows,
    need_linux,
    private_mib,
    until,
)
from benchmarks.verdict import Figure

CORES_BAR = 0.3
"""Of one core, for all nodes together [issue]."""
MEMORY_BAR = 45.0
"""MiB of private memory a node [issue]."""
SAMPLES = 20
"""Plain nodes beside: 100 of them would need more than both cores."""
SETTLE = 90.0
"""Seconds after all know each other: news has died down, and Flask is loaded everywhere."""


def run(*, nodes: int, seconds: float, say: Callable[[str], None]) -> list[Figure]:
    """Start both networks, one after the other, let them settle, watch them."""
    need_linux()
    ours, memory = _ours(nodes, seconds, say)
    sample = _samples(seconds, say)
    return [
        Figure(f"idle, {nodes} nodes, cores", ours, None, "", at_most=CORES_BAR),
        Figure("idle, mean private memory a node", memory, None, " MiB", at_most=MEMORY_BAR),
        Figure(
            "idle, thousandths of a core a node",
            1000 * ours / nodes,
            1000 * sample / SAMPLES,
            "",
            of=f"sample (a network of {SAMPLES})",
        ),
    ]


def _ours(nodes: int, seconds: float, say: Callable[[str], None]) -> tuple[float, float]:
    with Fleet() as fleet:
        fleet.bootstrap(BASE_PORT)
        pids = [fleet.node(k, BASE_PORT + k, BASE_PORT) for k in range(1, nodes + 1)]
        took = until(
            lambda: all(knows(BASE_PORT + k) == nodes - 1 for k in range(1, nodes + 1)),
            f"all {nodes} nodes know each other",
        )
        say(f"{nodes} nodes know each other after {took:.1f} s; they settle for {SETTLE:.0f} s")
        time.sleep(SETTLE)
        cores = _cores(pids, seconds)
        memory = statistics.mean(private_mib(pid) for pid in pids)
        say(f"{nodes} nodes: {cores:.3f} cores, {memory:.1f} MiB private each")
    return cores, memory


def _samples(seconds: float, say: Callable[[str], None]) -> float:
    with Fleet() as fleet:
        fleet.bootstrap(BASE_PORT)
        pids = [fleet.sample(BASE_PORT + k, BASE_PORT) for k in range(1, SAMPLES + 1)]
        until(
            lambda: all(knows(BASE_PORT + k) >= SAMPLES - 1 for k in range(1, SAMPLES + 1)),
            f"all {SAMPLES} plain nodes know each other",
        )
        cores = _cores(pids, seconds)
        say(f"{SAMPLES} plain nodes: {cores:.3f} cores")
    return cores


def _cores(pids: list[int], seconds: float) -> float:
    before, began = cpu_seconds(pids), time.monotonic()
    time.sleep(seconds)
    return (cpu_seconds(pids) - before) / (time.monotonic() - began)
