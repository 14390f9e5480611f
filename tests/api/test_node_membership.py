"""Real node processes on this machine: killed, stopped, started again, without a bootstrap."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from free_ports import free_port


class Fleet:
    """Some nodes by number."""

    def __init__(self, folder: Path, kind: str) -> None:
        self._folder = folder
        self.kind = kind
        self._ports: dict[int, int] = {}
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    def url(self, k: int) -> str:
        if k not in self._ports:
            self._ports[k] = free_port()
        return f"http://127.0.0.1:{self._ports[k]}"

    def start(self, k: int, peers: tuple[int, ...] = ()) -> None:
        environment = {
            **os.environ,
            "NODE_NAME": f"node{k}",
            "NODE_URL": self.url(k),
            "NODE_HOST": "127.0.0.1",
            "NODE_PORT": str(self._ports[k]),
            "NODE_DATA": str(self._folder / f"node{k}"),
            "BOOTSTRAP_URL": "none",
            "PEERS": ",".join(map(self.url, peers)),
            "P2P_SERVER": self.kind,
        }
        with (self._folder / f"node{k}.log").open("ab") as log:
            self._processes[k] = subprocess.Popen(
                [sys.executable, "-m", "node"], env=environment, stdout=log, stderr=log
            )

    def signal(self, k: int, number: int) -> None:
        self._processes[k].send_signal(number)
        if number in {signal.SIGKILL, signal.SIGTERM}:
            self._processes.pop(k).wait(10)

    def get(self, k: int, path: str) -> Any:
        with urllib.request.urlopen(self.url(k) + path, timeout=5) as answer:  # noqa: S310 - ours
            return json.load(answer)

    def knows(self, k: int, *others: int) -> bool:
        try:
            return set(self.get(k, "/peers")["peers"]) == {self.url(other) for other in others}
        except OSError:
            return False  # not listening yet

    def events(self, k: int, *types: str) -> list[dict[str, Any]]:
        events = self.get(k, "/events?after=0&limit=1000")["events"]
        return [event for event in events if event["type"].removeprefix("p2p.") in types]

    def end(self) -> None:
        for process in self._processes.values():
            process.send_signal(signal.SIGCONT)
            process.kill()
        for process in self._processes.values():
            process.wait()


def until(condition: Callable[[], bool], within: float) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"not within {within} s"
        time.sleep(0.05)


@pytest.fixture(params=["eventlet", "threading"])
def fleet(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Fleet]:
    made = Fleet(tmp_path, request.param)
    yield made
    made.end()


def four(fleet: Fleet) -> None:
    for k in (1, 2, 3, 4):
        fleet.start(k, tuple(range(1, k)))
    for k in (1, 2, 3, 4):
        others = {1, 2, 3, 4} - {k}
        until(lambda k=k, others=others: fleet.knows(k, *others), within=30)
        until(lambda k=k: len(fleet.get(k, "/status")["links"]) == 3, within=20)


def test_a_killed_process_is_noticed_at_once_by_its_links(fleet: Fleet) -> None:
    four(fleet)
    pid = fleet.get(4, "/status")["id"]
    killed = time.time()
    fleet.signal(4, signal.SIGKILL)

    def dropped(k: int) -> list[float]:
        return [
            _seconds(event["time"]) - killed
            for event in fleet.events(k, "link.down")
            if event["data"]["peer"]["id"] == pid
        ]

    for k in (1, 2, 3):
        until(lambda k=k: bool(dropped(k)), within=10)
        # Werkzeug's server keeps no connection open, so there a ping has to find it out.
        assert dropped(k)[0] < (1.0 if fleet.kind == "eventlet" else 5.0)
    until(lambda: all(fleet.knows(k, *({1, 2, 3} - {k})) for k in (1, 2, 3)), within=15)


def test_a_stopped_process_that_goes_on_accuses_nobody_and_is_back(fleet: Fleet) -> None:
    four(fleet)
    fleet.signal(4, signal.SIGSTOP)
    until(lambda: all(fleet.knows(k, *({1, 2, 3} - {k})) for k in (1, 2, 3)), within=30)
    fleet.signal(4, signal.SIGCONT)
    until(lambda: all(fleet.knows(k, *({1, 2, 3, 4} - {k})) for k in (1, 2, 3, 4)), within=15)
    accused = [
        event["data"]["member"]["name"]
        for event in fleet.events(4, "member.suspect")
        if event["data"]["reason"] != "others say so"
    ]
    assert accused == []
    assert fleet.events(4, "member.dead") == []


def test_a_node_finds_the_others_again_by_itself(fleet: Fleet) -> None:
    """No bootstrap, no `PEERS`: only what it wrote down in its last run."""
    four(fleet)
    was = fleet.get(4, "/status")
    fleet.signal(4, signal.SIGTERM)
    until(lambda: fleet.knows(1, 2, 3), within=10)
    fleet.start(4)
    until(lambda: fleet.knows(4, 1, 2, 3), within=20)
    until(lambda: fleet.knows(1, 2, 3, 4), within=10)
    now = fleet.get(4, "/status")
    assert now["id"] == was["id"]
    assert now["epoch"] == was["epoch"] + 1


def _seconds(stamp: str) -> float:
    from contract.events import seconds

    return seconds(stamp)
