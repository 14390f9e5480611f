"""The real programs as processes on the loopback, for tests: started, asked, killed."""

import errno
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests
import socketio
from free_ports import free_port

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
LISTENS = "Dashboard listens on "


def until(condition: Callable[[], T], seconds: float = 20) -> T:
    """The first true value of a condition. Fails when it stays false."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            pytest.fail(f"waited {seconds} s in vain, at last: {value!r}")
        time.sleep(0.02)


def say(port: int, sent: bytes) -> bytes:
    """Send bytes to a program and nothing more: all that comes back until it has enough."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        back = b""
        try:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65_536):
                back += piece
        except OSError as error:  # it did not want the rest, which is its right
            if error.errno not in {errno.ECONNRESET, errno.EPIPE, errno.ENOTCONN}:
                raise
        return back


class Program:
    """One running program; `log` is the file that it prints to."""

    def __init__(self, module: str, folder: Path, environment: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.log = folder / "log"
        self._module, self.environment = module, dict(environment)
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start it, or start it again with the same settings and data."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                cwd=ROOT,
                env={
                    **os.environ,
                    "NODE_DATA": str(self._folder / "data"),
                    "DASHBOARD_DATA": str(self._folder / "data"),
                    **self.environment,
                },
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait: the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(15)

    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")


class Node(Program):
    """One of our nodes."""

    def __init__(
        self,
        folder: Path,
        name: str,
        peers: str = "",
        port: int | None = None,
        url: str = "",
        module: str = "node",
        **more: str,
    ) -> None:
        self.name = name
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        environment = {
            "NODE_NAME": name,
            "NODE_HOST": "127.0.0.1",
            "NODE_PORT": str(self.port),
            "NODE_URL": url or self.url,
            "BOOTSTRAP_URL": "none",
            "PEERS": peers,
            **more,
        }
        super().__init__(module, folder / name, environment)

    def knows(self) -> int:
        try:
            return len(requests.get(self.url + "/peers", timeout=5).json()["peers"])
        except (requests.ConnectionError, requests.Timeout):  # not there, or too busy to say
            return -1


class Dashboard(Program):
    """A dashboard; it has answered once when this returns."""

    def __init__(self, folder: Path, seeds: str, server: str = "eventlet", **more: str) -> None:
        environment = {
            "P2P_SERVER": server,
            "DASHBOARD_HOST": "127.0.0.1",
            "DASHBOARD_PORT": "0",
            "DASHBOARD_SEEDS": seeds,
            "BOOTSTRAP_URL": "none",
            **more,
        }
        super().__init__("dashboard", folder, environment)

    def start(self) -> None:
        begun = self.log.stat().st_size if self.log.exists() else 0
        super().start()
        line = until(lambda: self._line(begun))
        self.url = line.removeprefix(LISTENS)

    def _line(self, begun: int) -> str:
        if self.process.poll() is not None:
            pytest.fail("the dashboard ended: " + self.printed())
        printed = self.log.read_bytes()[begun:].decode()
        return next((line for line in printed.splitlines() if line.startswith(LISTENS)), "")

    def get(self, path: str) -> Any:
        return requests.get(self.url + path, timeout=10).json()

    def post(self, path: str, body: Any, **more: Any) -> requests.Response:
        return self.act("POST", path, json=body, **more)

    def delete(self, path: str, **more: Any) -> requests.Response:
        return self.act("DELETE", path, **more)

    def act(
        self, method: str, path: str, shown: dict[str, str] | None = None, **more: Any
    ) -> requests.Response:
        """A call that changes something, with the page's token, or with what is to be shown."""
        shown = {**(self.shown() if shown is None else shown), **more.pop("headers", {})}
        return requests.request(method, self.url + path, headers=shown, timeout=15, **more)

    def shown(self) -> dict[str, str]:
        """The header that whoever acts shows."""
        answer = requests.get(self.url + "/api/token", timeout=10)
        answer.raise_for_status()
        return {"P2P-Page": answer.text}

    def status(self) -> Any:
        return self.get("/api/status")

    def nodes(self) -> dict[str, Any]:
        """NODE_VIEWs by name."""
        return {node["name"]: node for node in self.get("/api/graph")["nodes"]}

    def sees(self, **wanted: Any) -> Callable[[], bool]:
        """A condition: its summary says so."""
        return lambda: all(self.status()[field] == value for field, value in wanted.items())


class Browser:
    """What a page does with the live stream, in Python, with Socket.IO's own client."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.snapshots: list[Any] = []
        self.deltas: list[Any] = []
        self.client = socketio.Client(reconnection=False)
        self.client.on("snapshot", self.snapshots.append, namespace="/live")
        self.client.on("delta", self.deltas.append, namespace="/live")
        self.client.connect(dashboard.url, namespaces=["/live"], transports=["websocket"])

    def message(self, text: str) -> list[Any]:
        """Every view of the message with this text that came, in order."""
        views = [view for told in self.snapshots[:1] for view in told["messages"]]
        views += [view for delta in self.deltas for view in delta.get("messages", [])]
        return [view for view in views if view["text"] == text]


@contextmanager
def browsing(dashboard: Dashboard) -> Iterator[Browser]:
    """A browser that has got its first snapshot."""
    browser = Browser(dashboard)
    try:
        until(lambda: browser.snapshots)
        yield browser
    finally:
        browser.client.disconnect()
        browser.client.wait()


@contextmanager
def network(folder: Path, count: int) -> Iterator[list[Node]]:
    """Some nodes that all know each other."""
    first = Node(folder, "node1")
    nodes = [first, *(Node(folder, f"node{k}", first.url) for k in range(2, count + 1))]
    try:
        until(lambda: _whole(nodes), 60)
        yield nodes
    finally:
        for node in nodes:
            node.end()


def _whole(nodes: list[Node]) -> bool:
    """Whether all know each other. Fails at once when one has ended: that never comes true."""
    for node in nodes:
        if node.process.poll() is not None:
            pytest.fail(f"{node.name} ended with {node.process.returncode}:\n{node.printed()}")
    return all(node.knows() == len(nodes) - 1 for node in nodes)


def plain_node(folder: Path, port: int) -> subprocess.Popen[bytes]:
    """A node as the assignment has it, in plain Python: the caller ends it."""
    script = folder / "plain.py"
    script.write_text(_PLAIN, encoding="utf-8")
    return subprocess.Popen([sys.executable, str(script), str(port)], stderr=subprocess.DEVNULL)


_PLAIN = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

class Plain(BaseHTTPRequestHandler):
    def say(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/":
            self.say({"message": "Node 4711 is running!"})
        elif self.path == "/peers":
            self.say({"peers": []})
        else:
            self.send_error(404)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path == "/message":
            self.say({"status": "received"})
        else:
            self.send_error(404)

HTTPServer(("127.0.0.1", int(sys.argv[1])), Plain).serve_forever()
"""
