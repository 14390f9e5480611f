"""`POST /message` on one node over 16 connections that stay open where the node lets them.

Werkzeug's server, which `app.run` starts, closes every connection after its answer; a
client then opens a new one, as any HTTP client does.

The load comes from a process of its own with one plain loop over sockets, so that the
client costs little of the two cores. Our node stores each message in SQLite before it
answers; the sample only prints it. Rounds alternate, the median counts.
"""

import multiprocessing
import selectors
import statistics
import time
from collections.abc import Callable

from benchmarks.load import Exchange, post
from benchmarks.processes import BASE_PORT, Fleet, answers, until
from benchmarks.verdict import Figure

CONNECTIONS = 16
BAR = 1.3
"""Requests per second against the sample's [issue]."""


def run(*, rounds: int, seconds: float, say: Callable[[str], None]) -> list[Figure]:
    """Measure both nodes in turn."""
    measured: dict[str, list[tuple[float, float]]] = {"ours": [], "sample": []}
    ports = {"ours": BASE_PORT, "sample": BASE_PORT + 1}
    for number in range(rounds):
        for kind, port in ports.items():
            with Fleet() as fleet:
                if kind == "ours":
                    fleet.node(1, port, None)
                else:
                    fleet.sample(port, None)
                until(lambda port=port: answers(port), f"the {kind} node answers")  # type: ignore[misc]
                load(port, 1.0)  # warm
                measured[kind].append(load(port, seconds))
            rate, p99 = measured[kind][-1]
            say(f"round {number + 1}, {kind}: {rate:,.0f} requests/s, p99 {p99 * 1000:.1f} ms")
    ours, sample = (
        [statistics.median(column) for column in zip(*measured[k], strict=True)]
        for k in ("ours", "sample")
    )
    return [
        Figure("POST /message, requests/s", ours[0], sample[0], "/s", at_least=BAR),
        Figure("POST /message, p99", ours[1] * 1000, sample[1] * 1000, " ms", at_most=1.0),
    ]


def load(port: int, seconds: float) -> tuple[float, float]:
    """Requests per second, and the 99th percentile of their latency in seconds."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        result: tuple[float, float] = pool.apply(_load, (port, seconds))
    return result


def _load(port: int, seconds: float) -> tuple[float, float]:
    request = post(port, "/message", {"sender": "bench", "msg": "Hello Node2!"})
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            Exchange(port).ask(selector, request)
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            for key, _ in selector.select(1.0):
                exchange: Exchange = key.data
                if not exchange.answered():
                    continue
                if exchange.status != 200:
                    raise ConnectionError(f"the node answered {exchange.status}")
                latencies.append(time.perf_counter() - exchange.began)
                selector.unregister(exchange.connection)
                exchange.ask(selector, request)
        took = time.perf_counter() - began
        for key in list(selector.get_map().values()):
            key.data.connection.close()
    latencies.sort()
    return len(latencies) / took, latencies[int(len(latencies) * 0.99)]
