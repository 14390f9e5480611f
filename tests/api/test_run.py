"""`p2p.py run` with real processes: it does what a file says, judges it, and leaves nothing."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from laboratory import ROOT, until
from schemas import fits

from lab import ports
from lab.folder import Folder
from lab.playing.live import _event
from scenario.document import Fields, Many, Tree, load, parse
from scenario.schema import schema

SHIPPED = sorted((ROOT / "docs" / "scenarios").glob("*.yaml"))
ALL_KINDS = """name: All kinds
seconds: 34s
settle: 120s
workload: {messages: 8, broadcasts: 0.2}
chapters: [{at: 0s, title: Calm}, {at: 3s, title: Storm}]
steps:
  - {at: 2s, kill: 5, for: 9s}
  - {at: 3s, freeze: 4, for: 6s}
  - {at: 3s, slow: 1, by: 50ms, for: 3s}
  - {at: 4s, lossy: 2, loss: 20%, for: 3s}
  - {at: 5s, bootstrap: stop, for: 6s}
  - {at: 10s, partition: [1, 2], for: 4s}
  - {at: 13s, leave: 3, for: 4s}
  - {at: 15s, restart: 5}
  - {at: 19s, join: 1}
  - {at: 25s, cut: 1, towards: 2, for: 4s}
  - {at: 25s, isolate: 4, for: 4s}
expect: {delivery: 100%, agreement: 90s, joining: 90s, drained: 90s}
"""


@pytest.fixture
def network() -> Iterator[dict[str, Any]]:
    """A name and ports of its own."""
    hundreds = next(
        h
        for h in range(200 + os.getpid() % 90, 320)
        if all(ports.free(h * 100 + k) for k in range(9))
    )
    with socket.socket() as spare:
        spare.bind(("127.0.0.1", 0))
        dashboard = spare.getsockname()[1]
    name = f"p2p-test-{os.getpid()}"
    options = ["--name", name, "--ports", str(hundreds), "--dashboard-port", str(dashboard)]
    folder = Folder(name)
    yield {"options": options, "folder": folder, "ports": [hundreds * 100 + k for k in range(9)]}
    with contextlib.suppress(subprocess.TimeoutExpired):
        subprocess.run(
            [sys.executable, str(ROOT / "p2p.py"), "down", "--name", name],
            capture_output=True,
            timeout=60,
            check=False,
        )


def command(file: Path, network: dict[str, Any], *more: str) -> list[str]:
    words = [sys.executable, str(ROOT / "p2p.py"), "run", str(file), "--local"]
    return [*words, *network["options"], *more]


def run(file: Path, network: dict[str, Any], *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(file, network, *more),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def nothing_left(network: dict[str, Any]) -> None:
    assert not network["folder"].path.exists()
    assert all(ports.free(port) for port in network["ports"])


def test_every_kind_of_step_is_done_to_processes_and_undone(
    tmp_path: Path, network: dict[str, Any]
) -> None:
    file, kept, html = tmp_path / "all.yaml", tmp_path / "all.json", tmp_path / "all.html"
    recording = tmp_path / "all.p2prun"
    file.write_text(ALL_KINDS)
    more = ("--json", str(kept), "--report", str(html), "--recording", str(recording))
    done = run(file, network, "--nodes", "5", *more)
    said = json.loads(kept.read_text()) if kept.stat().st_size else {}
    assert done.returncode == 0, done.stdout + done.stderr
    steps = said["steps"]
    assert all(step["why_not"] == "" for step in steps), [step["why_not"] for step in steps]
    assert all(step["done"] is not None for step in steps)
    for step in steps:  # when it was planned, or a little later on a busy machine
        assert -0.5 <= step["done"][0] - step["at"] <= 10, step
    assert said["figures"]["arrived"] > 50
    assert {sample["awake"] for sample in said["samples"]} > {4, 5}
    assert any(node == ["node6", "up"] for node in said["graphs"]["after"]["nodes"])
    assert "2. Storm" in done.stderr
    assert "All kinds: holds" in html.read_text()
    assert recording.read_bytes()[:2] == b"\x1f\x8b"
    nothing_left(network)


def test_nodes_of_somebodys_own_are_mixed_in_and_judged_by_their_log(
    tmp_path: Path, network: dict[str, Any]
) -> None:
    file, kept = tmp_path / "own.yaml", tmp_path / "own.json"
    file.write_text(
        "name: Own\nnodes: 4\nseconds: 10s\nsettle: 60s\nworkload: {messages: 12}\n"
        "steps: [{at: 3s, kill: node4, for: 3s}]\nexpect: {delivery: 100%, false-deaths: 0}\n"
    )
    mine = f"{sys.executable} {ROOT / 'docs' / 'scenarios' / 'mynode.py'}"
    done = run(file, network, "--mix", "2", "--command", mine, "--json", str(kept))
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(kept.read_text())
    assert said["own"] == ["node3", "node4"]
    assert said["where"] == "4 processes, 2 of them somebody's own"
    assert said["figures"]["arrived"] > 30
    nothing_left(network)


def test_a_node_of_somebodys_own_that_forgets_is_caught(
    tmp_path: Path, network: dict[str, Any]
) -> None:
    file, kept = tmp_path / "own.yaml", tmp_path / "own.json"
    file.write_text(
        "name: Own\nnodes: 3\nseconds: 8s\nsettle: 20s\nworkload: {messages: 12}\n"
        "expect: {delivery: 100%, agreement: 30s}\nsteps: [{at: 1s, bootstrap: stop}]\n"
    )
    forgets = (ROOT / "docs" / "scenarios" / "mynode.py").read_text()
    forgets = forgets.replace('    print(f"Received', '    "7" in body["msg"] or print(f"Received')
    assert '"7" in' in forgets
    (tmp_path / "forgets.py").write_text(forgets)
    mine = f"{sys.executable} {tmp_path / 'forgets.py'}"
    done = run(file, network, "--command", mine, "--json", str(kept))
    assert done.returncode == 1, done.stdout + done.stderr
    promises = {p["name"]: p for p in json.loads(kept.read_text())["promises"]}
    assert not promises["delivery"]["holds"]
    assert "its sender holds it for delivered" in promises["exactly-once"]["evidence"][0]["text"]
    assert promises["agreement"]["words"][1] == "a plain node promises no such thing"
    nothing_left(network)


def test_ctrl_c_takes_everything_away(tmp_path: Path, network: dict[str, Any]) -> None:
    file = tmp_path / "long.yaml"
    file.write_text(
        "name: Long\nnodes: 3\nseconds: 10m\nworkload: {messages: 5}\n"
        "steps: [{at: 1s, freeze: 2}, {at: 1s, isolate: 1}]\n"
    )
    with subprocess.Popen(
        command(file, network), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        until(lambda: _frozen(network["folder"]), 120)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "Traceback" not in said
    nothing_left(network)


def _frozen(folder: Folder) -> bool:
    """Whether the scenario's first step has been done to node2."""
    process = folder.read("state.json").get("programs", {}).get("node2", {}).get("process")
    if not process:
        return False
    with contextlib.suppress(OSError):
        stat = Path(f"/proc/{process['pid']}/stat").read_text()
        return stat.rsplit(")", 1)[1].split()[0] == "T"
    return False


def test_a_running_network_is_healed_and_left(tmp_path: Path, network: dict[str, Any]) -> None:
    up = [sys.executable, str(ROOT / "p2p.py"), "up", "--local", "--nodes", "3"]
    done = subprocess.run(
        [*up, *network["options"]], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    file = tmp_path / "here.yaml"
    file.write_text(
        "name: Here\nseconds: 5s\nsettle: 60s\nworkload: {messages: 5}\n"
        "steps: [{at: 1s, kill: 2}, {at: 2s, isolate: 1, for: 2s}]\nexpect: {delivery: 100%}\n"
    )
    words = [sys.executable, str(ROOT / "p2p.py"), "run", str(file), "--running"]
    done = subprocess.run(
        [*words, "--name", network["folder"].name],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    states = network["folder"].read("state.json")["programs"]
    assert {name: said["state"] for name, said in states.items()} == dict.fromkeys(
        ["bootstrap", "dashboard", "node1", "node2", "node3"], "running"
    )


# --- the published schema ----------------------------------------------------------------------


def plain(tree: Tree) -> Any:
    """A tree as other programs read the file."""
    if isinstance(tree, Fields):
        return {name: plain(item) for name, item in tree.items.items()}
    if isinstance(tree, Many):
        return [plain(item) for item in tree.items]
    return tree.value


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_shipped_scenarios_fit_the_published_schema(file: Path) -> None:
    assert fits(schema(), schema(), plain(load(file)[0])) == []


@pytest.mark.parametrize(
    "text",
    [
        "nodes: 3",
        "name: a\nnodes: 1",
        "name: a\nstesp: []",
        "name: a\nsteps: [{at: 1s, klil: 3}]",
        "name: a\nsteps: [{at: 1s, kill: 3, by: 3s}]",
        "name: a\nsteps: [{kill: 3}]",
        "name: a\nsteps: [{at: soon, kill: 3}]",
        "name: a\nsteps: [{at: 1s, slow: 3}]",
        "name: a\nsteps: [{at: 1s, kill: 3, freeze: 3}]",
        "name: a\nexpect: {delivry: 100%}",
    ],
)
def test_what_the_reader_refuses_in_one_place_the_schema_refuses_too(text: str) -> None:
    assert fits(schema(), schema(), plain(parse(text))) != []


def test_an_event_of_the_dashboards_history_is_put_in_words() -> None:
    row = {
        "at": 1_000_700,
        "time": 1_000_500,
        "type": "member.dead",
        "node": {"id": "x", "name": "node1"},
        "data": {"member": {"id": "y", "name": "node2"}},
    }
    assert _event(row, 1_000.0, {}) == [0.5, "node1", "member.dead", "node2"]
