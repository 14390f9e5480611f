"""Simulated nodes and a dashboard that watches them: what real processes are too dear for.

The nodes are `benchmarks.swarm`: one process that speaks each node's stream of events. The
dashboard, its live stream and the page are the real ones.
"""

import json
import subprocess
import sys
from typing import Any, Self

from benchmarks.processes import ROOT, BenchmarkError, Fleet

SEEDS = 8
"""Addresses that the dashboard is told; it finds the others by what these say."""


class Crowd:
    """Nodes and their dashboard; ended, whatever happens, when the `with` block ends."""

    def __init__(self, nodes: int, port: int) -> None:
        self._nodes = nodes
        self._port = port
        self._fleet = Fleet()
        self.dashboard = 0
        """The dashboard's pid."""

    def __enter__(self) -> Self:
        self._swarm = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.swarm", "--nodes", str(self._nodes)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            urls = self._answer()["urls"]
            self.dashboard = self._fleet.start(
                "dashboard",
                {
                    "DASHBOARD_HOST": "127.0.0.1",
                    "DASHBOARD_PORT": str(self._port),
                    "DASHBOARD_EXPECT": str(self._nodes),
                    "DASHBOARD_SEEDS": " ".join(urls[:SEEDS]),
                    "BOOTSTRAP_URL": "none",
                },
            )
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._swarm.kill()
        self._swarm.wait()
        for pipe in (self._swarm.stdin, self._swarm.stdout):
            if pipe is not None:
                pipe.close()
        self._fleet.__exit__()

    def rate(self, events: float) -> None:
        """So many events a second happen from now on."""
        self._say({"rate": events})

    def messages(self) -> int:
        """Messages that have been sent up to now."""
        return int(self._say({"report": True})["messages"])

    def _say(self, order: dict[str, Any]) -> dict[str, Any]:
        if self._swarm.stdin is None:
            raise BenchmarkError("the simulated nodes cannot be told anything")
        self._swarm.stdin.write(json.dumps(order) + "\n")
        self._swarm.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        line = "" if self._swarm.stdout is None else self._swarm.stdout.readline()
        if not line:
            raise BenchmarkError("the simulated nodes have ended; what they said is above")
        answer: dict[str, Any] = json.loads(line)
        return answer
