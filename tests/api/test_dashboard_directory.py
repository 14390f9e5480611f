"""Where the dashboard finds nodes: the bootstrap's list, seeds, and never in a mirror."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from free_ports import free_port
from laboratory import Dashboard, Node, Program, until


@pytest.fixture
def bootstrap(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    running = Program(
        "bootstrap",
        tmp_path / "bootstrap",
        {
            "BOOTSTRAP_HOST": "127.0.0.1",
            "BOOTSTRAP_PORT": str(port),
            "BOOTSTRAP_DATA": str(tmp_path / "bootstrap" / "data"),
        },
    )
    url = f"http://127.0.0.1:{port}"
    until(lambda: "listens" in running.printed())
    yield url
    running.end()


def test_nodes_come_from_the_bootstrap_and_stay_without_it(tmp_path: Path, bootstrap: str) -> None:
    dashboard = Dashboard(tmp_path / "dashboard", "", BOOTSTRAP_URL=bootstrap)
    nodes: list[Node] = []
    try:
        assert dashboard.status()["line"] == "No node yet. Start some: make up"
        nodes += [Node(tmp_path, "node1"), Node(tmp_path, "node2")]
        for node in nodes:  # they do not know each other; only the bootstrap knows both
            body = {"url": node.url}
            requests.post(bootstrap + "/register", json=body, timeout=5).raise_for_status()
        until(dashboard.sees(watched=2))
        assert dashboard.status()["line"] == "2 nodes are finding each other"
        assert dashboard.status()["components"] == 2
    finally:
        for program in (*nodes, dashboard):
            program.end()


def test_it_watches_neither_itself_nor_the_bootstrap_nor_another_dashboard(
    tmp_path: Path, bootstrap: str
) -> None:
    other = Dashboard(tmp_path / "other", "")
    node = Node(tmp_path, "node1")
    port = free_port()
    own = [f"http://127.0.0.1:{port}", f"http://localhost:{port}"]
    dashboard = Dashboard(
        tmp_path / "dashboard",
        ",".join([*own, bootstrap, other.url, node.url]),
        DASHBOARD_PORT=str(port),
    )
    try:
        until(dashboard.sees(watched=1))
        for url in (*own, other.url):
            requests.post(bootstrap + "/register", json={"url": url}, timeout=5)
        until(lambda: requests.get(bootstrap + "/peers", timeout=5).json()["peers"])
        # Whatever else were taken for a node would be there before a newcomer is.
        late = Node(tmp_path, "late", node.url)
        try:
            until(dashboard.sees(watched=2))
            assert sorted(dashboard.nodes()) == ["late", "node1"]
        finally:
            late.end()
    finally:
        for program in (node, other, dashboard):
            program.end()


def test_a_node_under_two_addresses_is_one(tmp_path: Path) -> None:
    node = Node(tmp_path, "node1")
    aliases = f"http://localhost:{node.port} {node.url} http://127.0.0.2:{node.port}"
    dashboard = Dashboard(tmp_path / "dashboard", aliases)
    try:
        until(dashboard.sees(watched=1))
        assert dashboard.nodes()["node1"]["url"] == node.url
        assert dashboard.status()["nodes"] == 1
        sent = dashboard.get("/api/nodes/node1")
        assert sent["name"] == "node1"
    finally:
        node.end()
        dashboard.end()


def test_a_node_that_can_only_be_reached_by_another_address_is_asked_there(tmp_path: Path) -> None:
    node = Node(tmp_path, "node1", url="http://node1.invalid:5000")
    dashboard = Dashboard(tmp_path / "dashboard", f"http://127.0.0.1:{node.port}")
    try:
        until(dashboard.sees(watched=1))
        assert dashboard.nodes()["node1"]["url"] == "http://node1.invalid:5000"
        assert dashboard.get("/api/nodes/node1")["name"] == "node1"
    finally:
        node.end()
        dashboard.end()
