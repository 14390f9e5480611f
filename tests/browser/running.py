"""A real laboratory for browser tests: bootstrap, nodes and dashboard as processes.

Everything is on 127.0.0.1 and on ports that were free a moment ago.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import requests
from free_ports import free_port

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that anything may take on a busy machine; a test that waits this long fails."""


class Laboratory:
    """Processes that are ended, whatever happens, when the `with` block ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._ports: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    # --- starting --------------------------------------------------------------------------

    def bootstrap(self) -> None:
        port = str(self._port("bootstrap"))
        self._start("bootstrap", "bootstrap", BOOTSTRAP_HOST="127.0.0.1", BOOTSTRAP_PORT=port)
        # The assignment's own node registers once, at its start, and never again.
        until(lambda: self._answers("bootstrap"), "the bootstrap answers", self.log("bootstrap"))

    def node(self, name: str) -> None:
        port = self._port(name)
        url = f"http://127.0.0.1:{port}"
        self._start(
            name,
            "node",
            NODE_NAME=name,
            NODE_HOST="127.0.0.1",
            NODE_PORT=str(port),
            NODE_URL=url,
            NODE_PUBLIC_URL=url,
            BOOTSTRAP_URL=self.url("bootstrap"),
        )

    def plain_node(self, name: str) -> None:
        """The assignment's own node: four calls and nothing else."""
        self._start(
            name,
            "benchmarks.sample",
            NODE_PORT=str(self._port(name)),
            BOOTSTRAP_URL=self.url("bootstrap"),
        )

    def dashboard(self, expect: int | None = None, seeds: list[str] | None = None) -> None:
        """Start it, or start it again at the same port and with the same data."""
        environment = {} if expect is None else {"DASHBOARD_EXPECT": str(expect)}
        if seeds is not None:
            environment["DASHBOARD_SEEDS"] = " ".join(seeds)
        self._start(
            "dashboard",
            "dashboard",
            DASHBOARD_HOST="127.0.0.1",
            DASHBOARD_PORT=str(self._port("dashboard")),
            BOOTSTRAP_URL=self.url("bootstrap") if "bootstrap" in self._ports else "none",
            **environment,
        )
        until(lambda: self._answers("dashboard"), "the dashboard answers", self.log("dashboard"))

    def kill(self, name: str) -> None:
        """End a process without a goodbye."""
        process = self._processes.pop(name)
        process.kill()
        process.wait()

    # --- looking -----------------------------------------------------------------------------

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self._ports[name]}"

    def log(self, name: str) -> Callable[[], str]:
        """What a process has printed, read when it is asked for."""
        return lambda: self._log_file(name).read_text(encoding="utf-8", errors="replace")[-2_000:]

    def inbox(self, name: str) -> list[dict[str, Any]]:
        """The messages that a node itself says it has."""
        answer = requests.get(f"{self.url(name)}/messages", timeout=10)
        answer.raise_for_status()
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def messages(self) -> list[dict[str, Any]]:
        """The MESSAGE_VIEWs of the dashboard, the newest first, with their whole paths."""
        answer = requests.get(f"{self.url('dashboard')}/api/messages", timeout=10)
        answer.raise_for_status()
        views: list[dict[str, Any]] = answer.json()["messages"]
        return views

    def message(self, text: str) -> dict[str, Any]:
        """The newest one with a text."""
        return next(view for view in self.messages() if view["text"] == text)

    def names(self) -> dict[int, str]:
        """What the keys of the dashboard's nodes mean."""
        answer = requests.get(f"{self.url('dashboard')}/api/graph", timeout=10)
        answer.raise_for_status()
        return {node["key"]: node["name"] for node in answer.json()["nodes"]}

    def act(self, path: str, body: Any) -> requests.Response:
        """Have the dashboard change something, with the token that whoever acts shows."""
        base = self.url("dashboard")
        shown = {"P2P-Page": requests.get(f"{base}/api/token", timeout=10).text}
        return requests.post(base + path, json=body, headers=shown, timeout=10)

    def summary(self) -> dict[str, Any]:
        answer = requests.get(f"{self.url('dashboard')}/api/status", timeout=10)
        answer.raise_for_status()
        summary: dict[str, Any] = answer.json()
        return summary

    # --- inside -------------------------------------------------------------------------------

    def _port(self, name: str) -> int:
        if name not in self._ports:
            self._ports[name] = free_port()
        return self._ports[name]

    def _log_file(self, name: str) -> Path:
        return self._folder / f"{self._ports[name]}.log"

    def _start(self, name: str, module: str, **environment: str) -> None:
        data = str(self._folder / f"data-{self._ports[name]}")
        with self._log_file(name).open("ab") as output:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", module],
                cwd=ROOT,
                env={
                    **os.environ,
                    "NODE_DATA": data,
                    "BOOTSTRAP_DATA": data,
                    "DASHBOARD_DATA": data,
                    **environment,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def _answers(self, name: str) -> bool:
        if self._processes[name].poll() is not None:
            raise AssertionError(f"{name} has ended:\n{self.log(name)()}")
        # One that still loads its libraries, on a busy machine, has not answered either.
        with contextlib.suppress(requests.ConnectionError, requests.ReadTimeout):
            return requests.get(f"{self.url(name)}/healthz", timeout=5).ok
        return False


def until(
    condition: Callable[[], object], what: str, explain: Callable[[], object] = lambda: ""
) -> None:
    """Wait until something is so; fail with an explanation when it does not become so."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"waited {PATIENCE:.0f} s in vain: {what}\n{explain()}"
        time.sleep(0.05)  # between two looks


def started(
    folder: Path, names: list[str], plain: tuple[str, ...] = (), expect: int | None = None
) -> Laboratory:
    """A laboratory whose nodes are all alive and in one network, as the dashboard sees it.

    `expect` is how many the dashboard is told to wait for: without it, as many as there are.
    """
    laboratory = Laboratory(folder)
    try:
        laboratory.bootstrap()
        for name in names:
            laboratory.node(name)
        for name in plain:
            laboratory.plain_node(name)
        everybody = len(names) + len(plain)
        laboratory.dashboard(expect=everybody if expect is None else expect)
        until(
            lambda: everybody == 0 or _formed(laboratory.summary(), len(names), len(plain)),
            "everybody is there and connected",
            laboratory.summary,
        )
    except BaseException:
        laboratory.__exit__()
        raise
    return laboratory


def _formed(summary: dict[str, Any], peers: int, plain: int) -> bool:
    """Whether all are there, and tell the dashboard of what happens: nothing is missed from now on.

    That others hear of a plain node takes one of its own rounds.
    """
    return bool(
        summary["alive"] == peers + plain
        and summary["watched"] == peers
        and summary["components"] == 1
        and (plain or summary["coverage"] > 0.99)
    )
