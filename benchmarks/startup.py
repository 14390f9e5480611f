"""From `p2p.py up` to a connected network on the page, beside containers that only sleep.

What the engine needs to create 52 containers is nobody's fault, so it is the yardstick: the
very same Compose services (image, limits, ports, network) with `sleep` as their command.
Ours ends when the dashboard sees all nodes alive in one network *and* a browser, which was
running before with an empty tab, has them on its page.
"""

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks.browser import Browser
from benchmarks.containers import ADDRESS, DASHBOARD_PORT, compose, need_engine, p2p
from benchmarks.verdict import Figure

BAR = 1.8
"""Times what sleeping containers need [issue]."""


def run(*, nodes: int, rounds: int, say: Callable[[str], None]) -> list[Figure]:
    """Start both in turn, `rounds` times, and compare the medians."""
    need_engine()
    compose(["build", "--quiet"], "building the image")
    asleep, ours = [], []
    for _ in range(rounds):
        asleep.append(_sleepers(nodes))
        say(f"{nodes + 2} sleeping containers: {asleep[-1]:.1f} s")
        up, drawn = _network(nodes)
        ours.append(up + drawn)
        say(f"{nodes} nodes connected: {up:.1f} s, on the page {drawn:.1f} s later")
    return [
        Figure(
            f"start of {nodes} containers until connected and drawn",
            statistics.median(ours),
            statistics.median(asleep),
            " s",
            at_most=BAR,
            of="asleep",
        )
    ]


def _sleepers(nodes: int) -> float:
    """Seconds until the engine has started the same containers with nothing to do."""
    wanted = {"bootstrap", "dashboard", *(f"node{k}" for k in range(1, nodes + 1))}
    config = json.loads(compose(["--profile", "100", "config", "--format", "json"], "reading"))
    services: dict[str, Any] = config["services"]
    config["services"] = {name: services[name] for name in services if name in wanted}
    for service in config["services"].values():
        service.update(command=["sleep", "3600"], profiles=[])
        service.pop("build", None)
        service.pop("healthcheck", None)
    asleep = json.dumps(config).encode()
    try:
        began = time.monotonic()
        compose(["-f", "-", "up", "-d", "--no-build"], "starting sleepers", asleep)
        return time.monotonic() - began
    finally:
        compose(["-f", "-", "down", "-v", "-t", "1"], "stopping sleepers", asleep)


def _network(nodes: int) -> tuple[float, float]:
    """Seconds that `up` takes, and seconds more until a waiting browser shows all nodes."""
    with Browser() as browser:
        try:
            began = time.monotonic()
            p2p(["up", "--docker", "--nodes", str(nodes), "--no-build", *ADDRESS])
            up = time.monotonic() - began
            browser.open(f"http://localhost:{DASHBOARD_PORT}/")
            browser.until(
                f"performance.getEntriesByName('p2p-picture')[0]?.detail >= {nodes}"
                f" || window.p2p?.model.nodes >= {nodes}"
            )
            return up, time.monotonic() - began - up
        finally:
            p2p(["down"])
