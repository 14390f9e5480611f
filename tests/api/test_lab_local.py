"""The command line and a real network of processes: typed as a person types it."""

import contextlib
import json
import os
import pty
import random
import re
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import requests

from lab import ROOT, ports
from lab.folder import Folder
from lab.layout import Layout
from lab.local import Local
from lab.processes import Identity, lives
from lab.supervisor import MOST_CRASHES

T = TypeVar("T")
MANY_SECONDS = 60


def free_layout(nodes: int) -> Layout:
    """Ports of which none is taken, and none is given to an outgoing connection."""
    for _ in range(100):
        layout = Layout(nodes, random.randrange(110, 199), random.randrange(20_000, 29_999))
        if not ports.taken(layout.ports):
            return layout
    pytest.fail("no free ports")


def eventually(ask: Callable[[], T], wanted: Callable[[T], bool]) -> T:
    """Ask until the answer is as wanted; the answer."""
    ends = time.monotonic() + MANY_SECONDS
    while not wanted(answer := ask()):
        assert time.monotonic() < ends, f"after {MANY_SECONDS} s it was still {answer!r}"
        time.sleep(0.05)
    return answer


@dataclass
class Typed:
    """What a command line did."""

    status: int
    printed: str
    told: str

    @property
    def json(self) -> Any:
        return json.loads(self.printed)


@dataclass
class Lab:
    """One network of this project, with a name and ports of its own."""

    layout: Layout
    folder: Folder

    def type(self, command: str, *words: str, **environment: str) -> Typed:
        done = subprocess.run(
            [sys.executable, "p2p.py", command, *words, "--name", self.folder.name],
            cwd=ROOT,
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            timeout=MANY_SECONDS * 2,
            check=False,
        )
        return Typed(done.returncode, done.stdout, done.stderr)

    def up(self, *words: str, nodes: int | None = None) -> Typed:
        return self.type("up", *self.options(nodes), *words)

    def options(self, nodes: int | None = None) -> list[str]:
        return [
            "--local",
            f"--nodes={nodes or self.layout.nodes}",
            f"--ports={self.layout.hundreds}",
            f"--dashboard-port={self.layout.dashboard}",
            f"--timeout={MANY_SECONDS}",
        ]

    def state(self) -> dict[str, Any]:
        return self.folder.read("state.json")

    def processes(self) -> dict[str, Identity]:
        """Every process of it, by name."""
        state = self.state()
        found = {name: said["process"] for name, said in state["programs"].items()}
        found["supervisor"] = state["supervisor"]
        return {n: Identity(p["pid"], p["started"]) for n, p in found.items() if p is not None}

    def id_of(self, node: str) -> str:
        said = requests.get(f"http://127.0.0.1:{self.layout.port(node)}/status", timeout=5).json()
        return str(said["id"])


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Three nodes that run."""
    network = new_lab(3)
    begun = network.up()
    assert begun.status == 0, begun.told
    yield network
    assert network.type("down").status == 0


@pytest.fixture
def own_lab() -> Iterator[Lab]:
    """A network that does not run yet."""
    network = new_lab(2)
    yield network
    network.type("down")
    assert not network.folder.path.exists()


def new_lab(nodes: int) -> Lab:
    return Lab(free_layout(nodes), Folder(f"test-{os.getpid()}-{random.randrange(10**6)}"))


def test_up_ends_with_one_network_and_one_line(lab: Lab) -> None:
    again = lab.up()
    assert again.status == 0
    assert re.fullmatch(
        rf"3 nodes are one network after \d+ s: open http://localhost:{lab.layout.dashboard} "
        rf"\(stop with `python3 p2p.py down --name {lab.folder.name}`\)\n",
        again.printed,
    )
    assert "5 of 5 programs" in again.told
    assert "3 of 3 nodes connected" in again.told
    assert again.told.replace("\n", "").isprintable(), "control characters outside a terminal"


def test_nodes_are_where_their_names_say_and_know_each_other(lab: Lab) -> None:
    for name in lab.layout.names:
        url = f"http://localhost:{lab.layout.port(name)}"
        others = [n for n in lab.layout.names if n != name]
        assert requests.get(f"{url}/peers", timeout=5).json() == {
            "peers": [f"http://127.0.0.1:{lab.layout.port(other)}" for other in others]
        }
        said = requests.get(f"{url}/status", timeout=5).json()
        assert (said["name"], said["public_url"]) == (name, url)


def test_nothing_listens_for_others(lab: Lab) -> None:
    """All addresses of the loopback are this machine's; only one is listened on."""
    for port in lab.layout.ports:
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.2", port)) != 0


def test_up_again_changes_nothing(lab: Lab) -> None:
    before = lab.processes()
    assert lab.up("--json").json["summary"]["alive"] == 3
    assert lab.processes() == before


def test_status_says_what_the_dashboard_sees(lab: Lab) -> None:
    said = lab.type("status")
    assert said.status == 0
    assert said.printed.startswith("3 nodes, one network")
    assert "5 of 5 run" in said.printed
    as_json = lab.type("status", "--json").json
    assert as_json["mode"] == "local"
    assert as_json["summary"]["state"] == "connected"
    assert as_json["programs"] == dict.fromkeys(lab.layout.programs, "running")


def test_a_message_is_followed_until_it_has_arrived(lab: Lab) -> None:
    text = f"Hello {random.random()}!"
    said = lab.type("send", "node1", "node3", text, "--json")
    assert said.status == 0, said.told
    assert said.json["status"] == "delivered"
    inbox = requests.get(f"http://127.0.0.1:{lab.layout.port('node3')}/messages", timeout=5).json()
    assert [m["sender"] for m in inbox["messages"] if m["msg"] == text] == ["node1"]
    logged = lab.type("logs", "node3").printed.splitlines()
    assert logged.count(f"Received message from node1: {text}") == 1


def test_a_broadcast_is_followed_until_all_have_it(lab: Lab) -> None:
    text = f"Hello, all {random.random()}!"
    said = lab.type("broadcast", "node2", text)
    assert said.status == 0, said.told
    assert re.fullmatch(r"Reached all 2 after \d+ ms, [12] hops? at most\.\n", said.printed)
    for node in ("node1", "node2", "node3"):
        inbox = requests.get(f"http://127.0.0.1:{lab.layout.port(node)}/messages", timeout=5)
        senders = [m["sender"] for m in inbox.json()["messages"] if m["msg"] == text]
        assert senders == ["node2"]
    as_json = lab.type("broadcast", "node2", "again", "--json").json
    assert (as_json["state"], as_json["reached"], as_json["of"]) == ("delivered", 2, 2)
    assert {leg[1] for leg in as_json["path"]} | {as_json["from"]} == {1, 2, 3}


def test_a_broadcast_that_cannot_be_sent_says_why(lab: Lab) -> None:
    said = lab.type("broadcast", "nod2", "x")
    assert said.status == 2
    assert "did you mean 'node2'" in said.told
    said = lab.type("broadcast", "node2", "x" * 20_000)
    assert said.status == 2
    assert said.told.count("\n") == 1


def test_a_wrong_name_is_answered_with_the_right_one(lab: Lab) -> None:
    for words in (("node1", "node33"), ("nod1", "node3")):
        said = lab.type("send", *words, "x")
        assert said.status == 2
        assert "node" in said.told
        assert "did you mean" in said.told.lower()
    assert lab.type("logs", "nod2").status == 2
    assert "Did you mean node2" in lab.type("logs", "nod2").told


def test_a_message_too_long_is_refused(lab: Lab) -> None:
    said = lab.type("send", "node1", "node2", "x" * 20_000)
    assert said.status == 2
    assert said.told.count("\n") == 1


def test_the_logs_of_all_have_names_in_front(lab: Lab) -> None:
    lines = lab.type("logs", "--lines", "1").printed.splitlines()
    assert [line.split(" | ")[0].strip() for line in lines] == lab.layout.programs


def test_a_followed_log_goes_on(lab: Lab) -> None:
    command = [sys.executable, "p2p.py", "logs", "node2", "-f", "--lines=0"]
    text = f"followed {random.random()}"
    with subprocess.Popen(
        [*command, "--name", lab.folder.name], cwd=ROOT, stdout=subprocess.PIPE, bufsize=0
    ) as following:
        output = following.stdout
        assert output is not None
        os.set_blocking(output.fileno(), False)
        seen = b""

        def look() -> bytes:
            nonlocal seen
            lab.type("send", "node1", "node2", text)  # again: it may have been starting
            seen += output.read() or b""
            return seen

        wanted = f"Received message from node1: {text}\n".encode()
        eventually(look, lambda said: wanted in said)
        following.send_signal(signal.SIGINT)
        assert following.wait(10) == 130


def test_taken_ports_are_refused_with_a_hint_whose_they_are(lab: Lab) -> None:
    other = Lab(lab.layout, Folder(lab.folder.name + "-other"))
    said = other.up()
    assert said.status == 1
    assert f"{lab.layout.port('node1')}" in said.told
    assert "Free ones instead: python3 p2p.py up --nodes 3 --ports " in said.told
    assert f"down --name {lab.folder.name}" in said.told
    assert not other.folder.path.exists(), "nothing was started"
    assert other.type("status").status == 1


def test_another_place_for_a_running_network_is_refused(lab: Lab) -> None:
    elsewhere = Lab(free_layout(3), lab.folder)
    said = elsewhere.up()
    assert said.status == 1
    assert f"--ports {lab.layout.hundreds}" in said.told
    assert lab.type("status").status == 0


def test_it_grows_and_shrinks(lab: Lab) -> None:
    before = lab.processes()
    assert lab.up(nodes=4).status == 0
    assert lab.processes()["node1"] == before["node1"], "what runs stays"
    assert lab.type("status", "--json").json["summary"]["alive"] == 4
    fourth = lab.processes()["node4"]
    assert lab.up(nodes=3).status == 0
    assert not lives(fourth)
    assert not (lab.folder.data / "node4").exists()
    assert (lab.folder.data / "node3").exists()


def test_a_node_that_was_killed_comes_back_as_itself(lab: Lab) -> None:
    before, known = lab.processes()["node2"], lab.id_of("node2")
    os.kill(before.pid, signal.SIGKILL)
    after = eventually(lambda: lab.processes().get("node2", before), lambda now: now != before)
    assert lives(after)
    eventually(lambda: lab.type("status").status, lambda status: status == 0)
    assert lab.id_of("node2") == known
    assert "ended by SIGKILL (1 time)" in lab.type("status").printed
    assert "node2 ended by SIGKILL; it starts again in 0.5 s" in (
        lab.folder.supervisor_log.read_text()
    )


def test_a_node_that_was_asked_to_crash_comes_back_and_is_never_given_up(lab: Lab) -> None:
    url, known = f"http://127.0.0.1:{lab.layout.port('node3')}", lab.id_of("node3")
    for _ in range(MOST_CRASHES + 1):
        before = lab.processes()["node3"]
        assert requests.post(url + "/faults", json={"kind": "crash"}, timeout=5).status_code == 201
        eventually(lambda: lab.processes().get("node3", before), lambda now: now != before)  # noqa: B023
        eventually(lambda: answers(url), bool)
    assert lab.id_of("node3") == known
    assert lab.state()["programs"]["node3"]["crashes"] == 0
    assert "node3 ended, as a fault was asked for" in lab.folder.supervisor_log.read_text()
    eventually(lambda: lab.type("status").status, lambda status: status == 0)


def answers(url: str) -> bool:
    try:
        return requests.get(url + "/healthz", timeout=5).ok
    except requests.ConnectionError:
        return False


def test_the_bootstrap_may_be_killed(lab: Lab) -> None:
    before = lab.processes()["bootstrap"]
    os.kill(before.pid, signal.SIGKILL)
    assert lab.type("send", "node1", "node2", "without it").status == 0
    eventually(lambda: lab.processes().get("bootstrap", before), lambda now: now != before)


def test_nothing_outlives_the_supervisor(own_lab: Lab) -> None:
    assert own_lab.up().status == 0
    running = own_lab.processes()
    assert len(running) == 5
    os.kill(running["supervisor"].pid, signal.SIGKILL)
    eventually(lambda: [n for n, p in running.items() if lives(p)], lambda left: left == [])
    assert own_lab.type("status").status == 1
    known = own_lab.up()  # a crash is no obstacle
    assert known.status == 0, known.told


def test_the_guardian_is_replaced(own_lab: Lab) -> None:
    assert own_lab.up().status == 0
    guardian = own_lab.state()["guardian"]
    os.kill(guardian, signal.SIGKILL)
    eventually(lambda: own_lab.state()["guardian"], lambda now: now != guardian)
    running = own_lab.processes()
    os.kill(running["supervisor"].pid, signal.SIGKILL)
    eventually(lambda: [n for n, p in running.items() if lives(p)], lambda left: left == [])


def test_down_ends_what_lost_both_supervisor_and_guardian(own_lab: Lab) -> None:
    assert own_lab.up().status == 0
    running = own_lab.processes()
    os.kill(running["supervisor"].pid, signal.SIGSTOP)  # it cannot start another guardian
    os.kill(own_lab.state()["guardian"], signal.SIGKILL)
    os.kill(running["supervisor"].pid, signal.SIGKILL)
    assert [name for name, process in running.items() if lives(process)], "nobody ended them"
    assert own_lab.type("down").status == 0
    assert [name for name, process in running.items() if lives(process)] == []


def test_down_leaves_nothing_and_may_be_said_twice(own_lab: Lab) -> None:
    assert own_lab.up().status == 0
    running = own_lab.processes()
    first = own_lab.type("down")
    assert first.status == 0
    assert first.printed.startswith("Removed 4 processes")
    assert [name for name, process in running.items() if lives(process)] == []
    assert not own_lab.folder.path.exists()
    assert ports.taken(own_lab.layout.ports) == []
    second = own_lab.type("down", "--json")
    assert second.status == 0
    assert second.json["removed"] == {"processes": 0, "containers": 0}


def test_ctrl_c_says_what_runs_and_how_to_stop_it(own_lab: Lab) -> None:
    command = [sys.executable, "p2p.py", "up", *own_lab.options(), "--name", own_lab.folder.name]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as starting:
        assert starting.stderr is not None
        starting.stderr.readline()  # it counts: the supervisor works
        starting.send_signal(signal.SIGINT)
        told = starting.stderr.read()
        assert starting.wait(10) == 130
    assert re.search(r"Stopped waiting: \d of 4 programs run\.", told)
    assert f"p2p.py down --name {own_lab.folder.name}`" in told
    assert "Traceback" not in told
    assert own_lab.up().status == 0, "one may go on"


def test_a_program_that_cannot_run_is_given_up_with_its_last_words(tmp_path: Path) -> None:
    """Its port is taken by us, after the look at the ports."""
    layout = free_layout(1)
    local = Local(Folder("crash", tmp_path))
    with socket.create_server(("127.0.0.1", layout.port("node1"))):
        local.start(layout, sys.executable)
        try:
            starting = local.starting()
            trouble = eventually(starting.trouble, bool)
        finally:
            assert local.stop() == 2, "the bootstrap and the dashboard did run"
    assert trouble is not None
    assert trouble.startswith("node1 keeps ending, last with status 1. The last that it printed:")
    assert re.search(r"This node cannot start: .*Address already in use", trouble)
    assert not local.runs


def test_without_an_engine_it_says_so_and_runs_processes(own_lab: Lab, tmp_path: Path) -> None:
    docker = tmp_path / "docker"
    docker.write_text("#!/bin/sh\necho 'Cannot connect to the Docker daemon' >&2\nexit 1\n")
    docker.chmod(0o755)
    path = f"{tmp_path}{os.pathsep}{os.environ['PATH']}"
    options = [word for word in own_lab.options() if word != "--local"]
    refused = own_lab.type("up", *options, "--docker", PATH=path)
    assert refused.status == 1
    assert "Cannot connect to the Docker daemon" in refused.told
    assert "up --local" in refused.told
    assert not own_lab.folder.path.exists()
    begun = own_lab.type("up", *options, PATH=path)
    assert begun.status == 0
    assert "Cannot connect to the Docker daemon): starting the same programs" in begun.told


def test_a_terminal_sees_a_bar(own_lab: Lab) -> None:
    command = [sys.executable, "p2p.py", "up", *own_lab.options(), "--name", own_lab.folder.name]
    here, there = pty.openpty()
    termios.tcsetwinsize(there, (40, 100))
    environment = {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(command, cwd=ROOT, stdout=there, stderr=there, env=environment) as up:
        os.close(there)
        seen = b""
        with contextlib.suppress(OSError):  # EIO: the other side has closed
            while piece := os.read(here, 65_536):
                seen += piece
        os.close(here)
        assert up.wait(10) == 0
    drawn = seen.decode().split("\r\x1b[K")
    assert any(re.match(r"\[█+·+\] 4 of 4 programs · [01] of 2 nodes connected", d) for d in drawn)
    assert all(len(line) < 100 for line in drawn[:-1])
    assert drawn[-1].startswith("2 nodes are one network after"), "the bar is gone at the end"


def test_two_supervisors_never_run_one_network(own_lab: Lab) -> None:
    assert own_lab.up().status == 0
    command = [sys.executable, "-m", "lab.supervisor", own_lab.folder.name, str(ROOT)]
    second = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
    )
    assert second.returncode == 1
    assert "runs the network" in second.stderr
    assert own_lab.type("status").status == 0


@pytest.fixture(scope="module", autouse=True)
def _no_process_is_left() -> Iterator[None]:
    """After all: no process of the tests' networks anywhere."""
    yield
    left = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            variables = (folder / "environ").read_bytes().split(b"\0")
            if any(b"/.p2p/test-%d-" % os.getpid() in variable for variable in variables):
                left.append((folder / "cmdline").read_bytes())
    assert left == []
