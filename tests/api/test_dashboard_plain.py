"""Somebody's homework in the network: it is shown, and messages reach it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from free_ports import free_port
from laboratory import Browser, Dashboard, Node, browsing, network, plain_node, until


@pytest.fixture
def nodes(tmp_path: Path) -> Iterator[list[Node]]:
    with network(tmp_path, 2) as running:
        yield running


@pytest.fixture(params=["eventlet", "threading"])
def dashboard(
    tmp_path: Path, nodes: list[Node], request: pytest.FixtureRequest
) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path / "dashboard", nodes[0].url, request.param)
    until(running.sees(watched=2, coverage=1.0))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


def test_a_plain_node_is_shown_as_one(
    dashboard: Dashboard, nodes: list[Node], tmp_path: Path
) -> None:
    port = free_port()
    plain = plain_node(tmp_path, port)
    try:
        body = {"peer": f"http://127.0.0.1:{port}", "name": "homework"}
        requests.post(nodes[0].url + "/register", json=body, timeout=5).raise_for_status()
        seen: Any = until(lambda: dashboard.nodes().get("homework"))
        until(lambda: dashboard.nodes()["homework"]["state"] == "alive")
        assert seen["kind"] == "plain"
        until(dashboard.sees(plain=1, nodes=3))
        with browsing(dashboard) as browser:
            _send_to_plain(dashboard, browser, seen["key"])
        refused = dashboard.post("/api/send", {"from": "homework", "to": "node1", "msg": "x"})
        assert refused.status_code == 422
        assert "plain node" in refused.json()["error"]
        assert refused.json()["field"] == "from"
        refused = dashboard.post("/api/broadcast", {"from": "homework", "msg": "x"})
        assert (refused.status_code, refused.json()["field"]) == (422, "from")
    finally:
        plain.kill()
        plain.wait()
    until(lambda: dashboard.nodes()["homework"]["state"] == "dead")


def _send_to_plain(dashboard: Dashboard, browser: Browser, key: int) -> None:
    sent = dashboard.post("/api/send", {"from": "node1", "to": "homework", "msg": "hello"})
    assert sent.status_code == 202
    until(lambda: any(v["state"] == "delivered" for v in browser.message("hello")))
    assert browser.message("hello")[-1]["to"] == key


def test_a_plain_node_that_nobody_told_the_nodes_of(tmp_path: Path) -> None:
    """The dashboard asks it by itself; its name is its address."""
    port = free_port()
    plain = plain_node(tmp_path, port)
    dashboard = Dashboard(tmp_path / "dashboard", f"http://127.0.0.1:{port}")
    try:
        until(dashboard.sees(nodes=1, alive=1, plain=1, watched=0))
        assert dashboard.nodes()[f"127.0.0.1:{port}"]["kind"] == "plain"
        asked = requests.get(f"{dashboard.url}/api/nodes/127.0.0.1:{port}", timeout=10)
        assert asked.status_code == 422
    finally:
        plain.kill()
        plain.wait()
        dashboard.end()
