"""`POST /message` on one node over 16 connections that stay open.

The load comes from a process of its own with one plain loop over sockets, so that the
client costs little of the two cores. Our node stores each message in SQLite before it
answers; the sample only prints it. Rounds alternate, the median counts.
"""

import json
import multiprocessing
import selectors
import socket
import statistics
import time
from collections.abc import Callable
from typing import Any

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
    body = json.dumps({"sender": "bench", "msg": "Hello Node2!"}).encode()
    request = (
        f"POST /message HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body
    latencies: list[float] = []
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port), 5)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(request)
            state = [time.perf_counter(), b""]
            selector.register(connection, selectors.EVENT_READ, state)
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            for key, _ in selector.select(1.0):
                _answered(key, request, latencies)
        took = time.perf_counter() - began
        for key in list(selector.get_map().values()):
            key.fileobj.close()  # type: ignore[union-attr]
    latencies.sort()
    return len(latencies) / took, latencies[int(len(latencies) * 0.99)]


def _answered(key: selectors.SelectorKey, request: bytes, latencies: list[float]) -> None:
    """Take in what arrived; a whole answer is timed and followed by the next request."""
    connection: Any = key.fileobj
    state = key.data
    part = connection.recv(65_536)
    if not part:
        raise ConnectionError("the node closed a connection that it should keep")
    state[1] += part
    head, found, rest = state[1].partition(b"\r\n\r\n")
    if not found:
        return
    length = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    if len(rest) < length:
        return
    if b" 200 " not in head.split(b"\r\n", 1)[0]:
        raise ConnectionError(f"the node answered {head.splitlines()[0]!r}")
    now = time.perf_counter()
    latencies.append(now - state[0])
    state[0], state[1] = now, b""
    connection.sendall(request)
