"""A real dashboard that watches real nodes: it sees all of them, and what becomes of them."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from laboratory import Dashboard, Node, browsing, network, until

NODES = 5


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), NODES) as running:
        yield running


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def started(
    tmp_path_factory: pytest.TempPathFactory, nodes: list[Node], request: pytest.FixtureRequest
) -> Iterator[Dashboard]:
    folder = tmp_path_factory.mktemp("dashboard")
    running = Dashboard(folder, nodes[0].url, request.param, DASHBOARD_EXPECT=str(NODES))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


@pytest.fixture
def dashboard(started: Dashboard, nodes: list[Node]) -> Dashboard:
    """The dashboard, with everything mended that the test before has broken."""
    for program in (started, *nodes):
        if program.process.poll() is not None:
            program.start()
    until(started.sees(watched=NODES, coverage=1.0, dead=0, left=0), 60)
    return started


def test_the_whole_network_is_there_from_one_seed(dashboard: Dashboard) -> None:
    with browsing(dashboard) as browser:
        snapshot = browser.snapshots[0]
    assert {node["name"] for node in snapshot["nodes"]} == {f"node{k}" for k in range(1, NODES + 1)}
    assert {node["state"] for node in snapshot["nodes"]} == {"alive"}
    keys = {node["key"] for node in snapshot["nodes"]}
    assert len(keys) == NODES
    for node in snapshot["nodes"]:
        assert set(snapshot["knows"][str(node["key"])]) == keys - {node["key"]}
        assert node["knows"] == NODES - 1
        assert node["links"] == sum(a == node["key"] for a, _ in snapshot["links"])
    assert {key for link in snapshot["links"] for key in link} == keys
    assert snapshot["summary"]["line"] == "5 nodes, one network, everybody knows everybody"
    assert snapshot["summary"]["state"] == "connected"
    assert snapshot["expected"] == NODES


def test_a_message_is_seen_on_its_way_once(dashboard: Dashboard) -> None:
    before = dashboard.nodes()
    with browsing(dashboard) as browser:
        keys = {node["name"]: node["key"] for node in browser.snapshots[0]["nodes"]}
        begun = time.time() * 1000
        sent = dashboard.post("/api/send", {"from": "node2", "to": "node4", "msg": "so far"})
        assert sent.status_code == 202
        until(lambda: any(v["received_at"] and v["done_at"] for v in browser.message("so far")))
    views = browser.message("so far")
    assert {view["id"] for view in views} == {sent.json()["id"]}
    last = views[-1]
    assert (last["from"], last["to"]) == (keys["node2"], keys["node4"])
    assert last["sender"] == "node2"
    # One clock, so the order of what happened is the order of the times.
    assert begun - 5 <= last["sent_at"] <= last["received_at"] <= last["done_at"]
    assert last["done_at"] <= time.time() * 1000 + 5
    told = dashboard.get("/api/messages")["messages"]
    assert [view for view in told if view["text"] == "so far"] == [last]
    inbox = dashboard.get("/api/nodes/node4/messages")["messages"]
    assert [m["sender"] for m in inbox if m["id"] == last["id"]] == ["node2"]
    outbox = dashboard.get("/api/nodes/node2/outbox")["messages"]
    assert [m["status"] for m in outbox if m["id"] == last["id"]] == ["delivered"]
    assert dashboard.nodes()["node4"]["inbox"] == before["node4"]["inbox"] + 1
    assert dashboard.nodes()["node2"]["sent"] == before["node2"]["sent"] + 1


def test_a_broadcast_is_seen_on_its_way_to_everybody_once(dashboard: Dashboard) -> None:
    before = dashboard.nodes()
    with browsing(dashboard) as browser:
        keys = {node["name"]: node["key"] for node in browser.snapshots[0]["nodes"]}
        answer = dashboard.post("/api/broadcast", {"from": "node2", "msg": "to you all"})
        assert answer.status_code == 202
        sent = answer.json()
        assert sent == {"id": sent["id"], "status": "sent", "from": before["node2"]["id"]}
        until(
            lambda: any(
                v["state"] == "delivered" and v["sent_at"] for v in browser.message("to you all")
            )
        )
    # What deltas add, one after the other, is the whole tree: everybody once, from somebody
    # who had it.
    views = browser.message("to you all")
    path = [leg for view in views for leg in view["path"]]
    assert [view["path_at"] for view in views] == [
        sum(len(view["path"]) for view in views[:index]) for index in range(len(views))
    ]
    others = set(keys.values()) - {keys["node2"]}
    assert sorted(to for _, to, _ in path) == sorted(others)
    assert {start for start, _, _ in path} <= set(keys.values())
    assert keys["node2"] in {start for start, _, _ in path}
    last = views[-1]
    assert (last["kind"], last["from"], last["to"]) == ("broadcast", keys["node2"], None)
    assert (last["id"], last["sender"]) == (sent["id"], "node2")
    assert (last["reached"], last["of"]) == (NODES - 1, NODES - 1)
    assert 1 <= last["hops"] <= NODES - 1
    assert last["sent_at"] <= last["done_at"]
    whole = dashboard.get(f"/api/messages/{sent['id']}")
    assert whole == {**last, "path": path, "path_at": 0}
    assert whole in dashboard.get("/api/messages")["messages"]
    after = dashboard.nodes()
    for name in keys:
        assert after[name]["inbox"] == before[name]["inbox"] + 1
        inbox = dashboard.get(f"/api/nodes/{name}/messages")["messages"]
        assert [m["broadcast"] for m in inbox if m["id"] == sent["id"]] == [True]


def test_a_message_by_curl_comes_from_outside(dashboard: Dashboard, nodes: list[Node]) -> None:
    with browsing(dashboard) as browser:
        body = {"sender": "Node1", "msg": "Hello Node2!"}
        requests.post(nodes[1].url + "/message", json=body, timeout=5).raise_for_status()
        view = until(lambda: browser.message("Hello Node2!"))[-1]
    assert view["from"] is None
    assert view["sender"] == "Node1"
    assert view["state"] == "received"


def test_deltas_are_numbered_without_holes(dashboard: Dashboard) -> None:
    with browsing(dashboard) as browser:
        for number in range(5):
            dashboard.post("/api/send", {"from": "node1", "to": "node3", "msg": f"no. {number}"})
        for number in range(5):
            until(lambda n=number: any(v["done_at"] for v in browser.message(f"no. {n}")))
    numbers = [browser.snapshots[0]["number"], *(delta["number"] for delta in browser.deltas)]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def test_a_browser_that_missed_something_gets_a_new_snapshot(dashboard: Dashboard) -> None:
    with browsing(dashboard) as browser:
        browser.client.emit("resync", namespace="/live")
        until(lambda: len(browser.snapshots) == 2)
    # Links may come meanwhile; who is there, and under which key, stays.
    first, second = (
        [(node["key"], node["id"], node["state"]) for node in snapshot["nodes"]]
        for snapshot in browser.snapshots
    )
    assert first == second


def test_a_dashboard_that_returns_shows_the_truth_again(
    dashboard: Dashboard, nodes: list[Node]
) -> None:
    dashboard.end()
    nodes[-1].end()
    until(lambda: nodes[0].knows() == NODES - 2, 30)
    dashboard.start()
    begun = time.monotonic()
    until(dashboard.sees(watched=NODES - 1, coverage=1.0), 5)
    assert time.monotonic() - begun < 5
    assert dashboard.status()["line"] == "4 of 5 nodes are here"


def test_a_killed_node_is_dead_and_lives_again_with_its_old_key(
    dashboard: Dashboard, nodes: list[Node]
) -> None:
    before = dashboard.nodes()["node3"]
    nodes[2].end(signal.SIGKILL)
    until(lambda: dashboard.nodes()["node3"]["state"] == "dead", 2)
    assert dashboard.status()["dead"] == 1
    nodes[2].start()
    until(lambda: dashboard.nodes()["node3"]["watched"])
    again = dashboard.nodes()["node3"]
    assert (again["key"], again["state"]) == (before["key"], "alive")
    assert again["epoch"] == before["epoch"] + 1
    assert len(dashboard.nodes()) == NODES


def test_a_node_that_says_good_bye_has_left(dashboard: Dashboard, nodes: list[Node]) -> None:
    assert nodes[3].end(signal.SIGTERM) == 0
    until(lambda: dashboard.nodes()["node4"]["state"] == "left", 3)
    assert dashboard.nodes()["node4"]["watched"] is False


def test_a_node_without_its_memory_takes_the_place_of_the_old_one(
    dashboard: Dashboard, nodes: list[Node], tmp_path: Path
) -> None:
    old = dashboard.nodes()["node5"]
    nodes[4].end(signal.SIGKILL)
    until(lambda: dashboard.nodes()["node5"]["state"] == "dead", 2)
    nodes[4] = Node(tmp_path / "new", "node5", nodes[0].url, port=nodes[4].port)
    until(lambda: dashboard.nodes()["node5"]["id"] != old["id"])
    until(dashboard.sees(watched=NODES))
    assert sorted(dashboard.nodes()) == [f"node{k}" for k in range(1, NODES + 1)]
    assert dashboard.status()["nodes"] == NODES
    assert dashboard.nodes()["node5"]["key"] != old["key"]


def test_a_frozen_node_is_suspected_and_forgiven(dashboard: Dashboard, nodes: list[Node]) -> None:
    nodes[1].process.send_signal(signal.SIGSTOP)
    try:
        until(lambda: dashboard.nodes()["node2"]["state"] in {"suspect", "dead"}, 25)
    finally:
        nodes[1].process.send_signal(signal.SIGCONT)
    until(lambda: dashboard.nodes()["node2"]["state"] == "alive", 25)


def test_the_dashboard_stops_when_asked(dashboard: Dashboard) -> None:
    begun = time.monotonic()
    assert dashboard.end(signal.SIGTERM) == 0
    assert time.monotonic() - begun < 2
