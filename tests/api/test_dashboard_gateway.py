"""Calls to nodes that do not answer, or not as a node does: 502 and 504, said clearly."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from laboratory import Dashboard, Node, network, until
from liars import Liar, snapshot


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 2) as running:
        yield running


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory, nodes: list[Node]) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path_factory.mktemp("dashboard"), nodes[0].url)
    until(running.sees(watched=2, coverage=1.0))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


def test_a_node_that_is_gone_is_a_bad_gateway(
    dashboard: Dashboard, nodes: list[Node], tmp_path: Path
) -> None:
    gone = Node(tmp_path, "gone", nodes[0].url)
    try:
        until(lambda: dashboard.nodes().get("gone", {}).get("watched"))
    finally:
        gone.end()
    until(lambda: dashboard.nodes()["gone"]["state"] == "dead")
    answer = dashboard.post("/api/send", {"from": "gone", "to": "node1", "msg": "x"})
    assert answer.status_code == 502
    assert answer.json()["error"] == "gone: connection refused"
    answer = dashboard.post("/api/broadcast", {"from": "gone", "msg": "x"})
    assert answer.status_code == 502
    assert answer.json()["error"] == "gone: connection refused"
    for method, what in (("GET", ""), ("GET", "/m"), ("POST", "/m/retry"), ("DELETE", "/m")):
        answer = dashboard.act(method, f"/api/nodes/gone/outbox{what}")
        assert (answer.status_code, answer.json()["error"]) == (502, "gone: connection refused")


def test_a_node_that_answers_with_something_else_is_a_bad_gateway(
    dashboard: Dashboard, nodes: list[Node]
) -> None:
    def says(emit: Any, url: str, _: Any) -> Any:
        emit("snapshot", snapshot(url))
        return {"at": 1.0}

    liar = Liar(says)  # a stream, and 404 as a text for the rest
    try:
        body = {"url": liar.url, "name": "liar"}
        requests.post(nodes[0].url + "/register", json=body, timeout=5).raise_for_status()
        until(lambda: dashboard.nodes().get("liar", {}).get("watched"), 30)
        answer = requests.get(dashboard.url + "/api/nodes/liar", timeout=10)
        assert answer.status_code == 502
        assert "another program" in answer.json()["error"]
    finally:
        liar.stop()


def test_a_node_that_does_not_answer_in_time_is_a_gateway_timeout(
    dashboard: Dashboard, nodes: list[Node]
) -> None:
    nodes[1].process.send_signal(signal.SIGSTOP)
    try:
        answer = requests.get(dashboard.url + "/api/nodes/node2", timeout=15)
        dropped = dashboard.delete("/api/nodes/node2/outbox/m")
    finally:
        nodes[1].process.send_signal(signal.SIGCONT)
    for said in (answer, dropped):
        assert said.status_code == 504
        assert said.json()["error"] == "node2: it does not answer in time"


def test_a_node_that_has_not_heard_of_the_other_yet_is_said_to_be_so(tmp_path: Path) -> None:
    alone = [Node(tmp_path, name) for name in ("here", "there")]  # nobody tells them
    dashboard = Dashboard(tmp_path / "dashboard", ",".join(node.url for node in alone))
    try:
        until(dashboard.sees(watched=2))
        answer = dashboard.post("/api/send", {"from": "here", "to": "there", "msg": "x"})
        assert answer.status_code == 404
        assert answer.json()["error"].startswith("here has not heard of there yet")
        assert answer.json()["field"] == "to"
    finally:
        for program in (dashboard, *alone):
            program.end()
