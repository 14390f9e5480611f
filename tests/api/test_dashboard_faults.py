"""Acts: one fault at several real nodes, set as one, undone as one, never half."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
from laboratory import Dashboard, Node, browsing, until

TOKEN = "a token of some length"


@contextmanager
def laboratory(folder: Path, *more: dict[str, str], **of_all: str) -> Iterator[Any]:
    """Four nodes and a dashboard that sees them; `more` settings for the first ones."""
    settings = [*more, *({} for _ in range(4 - len(more)))]
    first = Node(folder, "node1", **of_all, **settings[0])
    nodes = [
        first,
        *(Node(folder, f"node{k}", first.url, **of_all, **settings[k - 1]) for k in range(2, 5)),
    ]
    try:
        until(lambda: all(node.knows() == 3 for node in nodes), 60)
        dashboard = Dashboard(folder / "dashboard", first.url, **of_all)
        try:
            until(dashboard.sees(alive=4, watched=4), 30)
            yield dashboard, nodes
        finally:
            dashboard.end()
    finally:
        for node in nodes:
            node.end()


def kinds(node: Node) -> list[str]:
    found = requests.get(node.url + "/faults", timeout=10).json()["faults"]
    return [fault["kind"] for fault in found]


def arrived(node: Node) -> list[str]:
    found = requests.get(node.url + "/messages", timeout=10).json()["messages"]
    return [message["msg"] for message in found]


def send(node: Node, to: str, text: str) -> str:
    answer = requests.post(node.url + "/send", json={"to": to, "msg": text}, timeout=10)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def test_a_partition_is_one_act_and_messages_wait_until_it_is_undone(tmp_path: Path) -> None:
    with laboratory(tmp_path) as (dashboard, nodes):
        asked = {"kind": "partition", "groups": [["node1", "node2"]], "for_seconds": 300}
        answer = dashboard.post("/api/faults", {**asked, "by": "teacher"})
        assert answer.status_code == 201, answer.text
        act = answer.json()["act"]
        assert [node["name"] for node in act["nodes"]]
        assert {node["name"] for node in act["nodes"]} == {"node1", "node2", "node3", "node4"}
        assert act["by"] == "teacher"
        assert 290 < act["left_seconds"] <= 300
        assert [kinds(node) for node in nodes] == [["drop"]] * 4
        inside = send(nodes[0], "node2", "within a group")
        across = send(nodes[0], "node3", "across")
        until(lambda: arrived(nodes[1]) == ["within a group"])
        look = f"{nodes[0].url}/send/{across}"
        until(lambda: requests.get(look, timeout=10).json()["reason"], 30)
        assert requests.get(look, timeout=10).json()["status"] == "queued"
        assert arrived(nodes[2]) == []
        (listed,) = dashboard.get("/api/faults")["acts"]
        assert listed["id"] == act["id"]
        undone = dashboard.delete(f"/api/faults/{act['id']}")
        assert undone.json() == {"id": act["id"], "not_reached": []}
        assert [kinds(node) for node in nodes] == [[]] * 4
        until(lambda: arrived(nodes[2]) == ["across"], 60)
        assert inside
        assert dashboard.get("/api/faults")["acts"] == []


def test_who_does_not_live_is_left_out_and_everything_is_healed_at_once(tmp_path: Path) -> None:
    with laboratory(tmp_path) as (dashboard, nodes):
        nodes[3].end()
        until(lambda: dashboard.nodes()["node4"]["state"] == "dead", 40)
        asked = {"kind": "delay", "nodes": ["node2", "node3", "node4"], "mean_ms": 5}
        act = dashboard.post("/api/faults", asked).json()["act"]
        assert act["left_out"] == ["node4"]
        requests.post(nodes[0].url + "/faults", json={"kind": "drop"}, timeout=10)
        assert [kinds(node) for node in nodes[:3]] == [["drop"], ["delay"], ["delay"]]
        healed = dashboard.delete("/api/faults").json()
        assert healed == {"cleared": 3, "not_reached": []}
        assert [kinds(node) for node in nodes[:3]] == [[]] * 3
        of_dead = dashboard.post("/api/faults", {"kind": "freeze", "nodes": ["node4"]})
        assert of_dead.status_code == 409


def test_where_one_refuses_nothing_is_set(tmp_path: Path) -> None:
    with laboratory(tmp_path, {}, {"P2P_FAULTS": "off"}) as (dashboard, nodes):
        asked = {"kind": "delay", "nodes": ["node1", "node2", "node3", "node4"], "mean_ms": 5}
        answer = dashboard.post("/api/faults", asked)
        assert answer.status_code == 403
        assert "node2: faults are switched off" in answer.json()["error"]
        assert "nothing is set" in answer.json()["error"]
        assert [kinds(node) for node in nodes] == [[]] * 4
        assert dashboard.get("/api/faults")["acts"] == []


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({}, 400, "kind"),
        ({"kind": "drop"}, 400, "nodes"),
        ({"kind": "drop", "nodes": []}, 400, "nodes"),
        ({"kind": "drop", "nodes": "node1"}, 400, "nodes"),
        ({"kind": "drop", "nodes": [7]}, 400, "nodes"),
        ({"kind": "drop", "nodes": ["nobody"]}, 404, "nodes"),
        ({"kind": "drop", "nodes": ["node1"], "groups": [["node2"]]}, 422, "groups"),
        ({"kind": "explode", "nodes": ["node1", "node2"]}, 422, "kind"),
        ({"kind": "drop", "nodes": ["node1", "node2"], "probability": 7}, 422, "probability"),
        ({"kind": "drop", "nodes": ["node1"], "peers": ["node1"]}, 422, "peers"),
        ({"kind": "partition"}, 400, "groups"),
        ({"kind": "partition", "groups": []}, 400, "groups"),
        ({"kind": "partition", "groups": [["node1"], []]}, 400, "groups"),
        ({"kind": "partition", "groups": [["node1"], ["node1"]]}, 422, "groups"),
        ({"kind": "partition", "groups": [["node1", "node2", "node3", "node4"]]}, 422, "groups"),
        ({"kind": "partition", "groups": [["node1"]], "nodes": ["node2"]}, 422, "nodes"),
        ({"kind": "partition", "groups": [["node1"]], "for_seconds": 1e9}, 422, "for_seconds"),
    ],
)
def test_nonsense_is_refused_with_the_field_and_sets_nothing(
    world: Any, body: dict[str, Any], status: int, field: str
) -> None:
    dashboard, nodes = world
    answer = dashboard.post("/api/faults", body)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    assert [kinds(node) for node in nodes] == [[]] * 4


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with laboratory(tmp_path_factory.mktemp("world")) as there:
        yield there


def test_acts_that_are_not_there_are_a_404(world: Any) -> None:
    dashboard, _ = world
    answer = dashboard.delete("/api/faults/nothing")
    assert answer.status_code == 404


def test_with_a_token_nobody_breaks_anything_without_it(tmp_path: Path) -> None:
    with laboratory(tmp_path, P2P_OPERATOR_TOKEN=TOKEN) as (dashboard, nodes):
        asked = {"kind": "freeze", "nodes": ["node2"]}
        refused = dashboard.post("/api/faults", asked)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"] == "Bearer"
        assert dashboard.delete("/api/faults").status_code == 401
        assert kinds(nodes[1]) == []
        shown = {"Authorization": f"Bearer {TOKEN}"}
        answer = dashboard.post("/api/faults", asked, headers=shown)
        assert answer.status_code == 201, answer.text
        assert kinds(nodes[1]) == ["freeze"]
        healed = dashboard.delete("/api/faults", headers=shown)
        assert healed.json()["cleared"] == 1


# --- in shapes, one at a time, and for who comes later -------------------------------------------


@pytest.fixture
def healed(world: Any) -> Iterator[Any]:
    """The shared network with nothing broken, before and after."""
    dashboard, _ = world
    dashboard.delete("/api/faults")
    yield world
    dashboard.delete("/api/faults")


def apart(node: Node) -> list[str]:
    """Whom a node drops everything to and from, by name."""
    found = requests.get(node.url + "/faults", timeout=10).json()["faults"]
    return [peer["name"] for fault in found for peer in fault["peers"]]


@pytest.mark.parametrize(
    ("asked", "cut"),
    [
        (
            {"shape": "halves"},
            [["node3", "node4"], ["node3", "node4"], ["node1", "node2"], ["node1", "node2"]],
        ),
        (
            {"shape": "bridge", "through": "node1"},
            [[], ["node4"], ["node4"], ["node2", "node3"]],
        ),
        ({"shape": "ring"}, [["node3"], ["node4"], ["node1"], ["node2"]]),
    ],
)
def test_a_shape_parts_the_network_as_one_act(
    healed: Any, asked: dict[str, Any], cut: list[list[str]]
) -> None:
    dashboard, nodes = healed
    answer = dashboard.post("/api/faults", {"kind": "partition", **asked})
    assert answer.status_code == 201, answer.text
    act = answer.json()["act"]
    assert act["id"].startswith("partition-")
    assert act["ring"] == (asked["shape"] == "ring")
    assert [apart(node) for node in nodes] == cut
    dashboard.delete(f"/api/faults/{act['id']}")
    assert [kinds(node) for node in nodes] == [[]] * 4


def test_partitions_that_overlap_are_refused_whole(healed: Any) -> None:
    dashboard, nodes = healed
    first = {"kind": "partition", "groups": [["node1"], ["node2"]], "for_seconds": 300}
    act = dashboard.post("/api/faults", first).json()["act"]
    for body, field in (
        ({"kind": "partition", "groups": [["node2"], ["node3"]]}, "groups"),
        ({"kind": "partition", "shape": "halves"}, "shape"),
    ):
        refused = dashboard.post("/api/faults", body)
        assert (refused.status_code, refused.json()["field"]) == (409, field), refused.text
        assert act["id"] in refused.json()["error"]
        assert [kinds(node) for node in nodes] == [["drop"], ["drop"], [], []]
    apart_from_it = dashboard.post(
        "/api/faults", {"kind": "partition", "groups": [["node3"], ["node4"]]}
    )
    assert apart_from_it.status_code == 201


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"shape": "triangle"}, 422, "shape"),
        ({"shape": 7}, 400, "shape"),
        ({"shape": "ring", "nodes": ["node1", "node2", "node3"]}, 422, "shape"),
        ({"shape": "halves", "through": "node1"}, 422, "through"),
        ({"shape": "bridge", "through": "nobody"}, 404, "through"),
        ({"shape": "halves", "seed": "seven"}, 400, "seed"),
        ({"shape": "halves", "groups": [["node1"]]}, 422, "shape"),
        ({"groups": [["node1"], ["node2", "node1"]]}, 422, "groups"),
    ],
)
def test_a_shape_that_cannot_be_is_refused_with_the_field(
    healed: Any, body: dict[str, Any], status: int, field: str
) -> None:
    dashboard, nodes = healed
    answer = dashboard.post("/api/faults", {"kind": "partition", **body})
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    assert [kinds(node) for node in nodes] == [[]] * 4


def faults_seen(dashboard: Dashboard) -> dict[str, list[str]]:
    """Kinds by name, as the dashboard's picture has them."""
    return {name: node["faults"] for name, node in dashboard.nodes().items() if node["faults"]}


def test_who_starts_while_a_partition_lasts_falls_under_it(tmp_path: Path) -> None:
    with laboratory(tmp_path) as (dashboard, nodes):
        asked = {"kind": "partition", "groups": [["node1", "node2"]], "for_seconds": 300}
        act = dashboard.post("/api/faults", asked).json()["act"]
        until(lambda: faults_seen(dashboard) == {f"node{k}": ["drop"] for k in range(1, 5)})
        stranger = Node(tmp_path, "node5", nodes[2].url)
        nodes.append(stranger)
        until(lambda: dashboard.nodes().get("node5", {}).get("watched"), 30)
        until(lambda: apart(stranger) == ["node1", "node2"], 1.5)  # the second, and a busy machine
        nodes[0].end()
        until(lambda: dashboard.nodes()["node1"]["state"] == "dead", 40)
        nodes[0].start()
        until(lambda: dashboard.nodes()["node1"]["watched"], 30)
        until(lambda: sorted(apart(nodes[0])) == ["node3", "node4", "node5"], 1.5)
        (listed,) = dashboard.get("/api/faults")["acts"]
        assert listed["joined"] == ["node5", "node1"]
        assert listed["missed"] == []
        undone = dashboard.delete(f"/api/faults/{act['id']}").json()
        assert undone["not_reached"] == []
        assert [kinds(node) for node in nodes] == [[]] * 5


def test_a_dashboard_that_starts_again_finds_what_was_done_and_undoes_it(tmp_path: Path) -> None:
    with laboratory(tmp_path) as (dashboard, nodes):
        asked = {"kind": "partition", "groups": [["node1"]], "for_seconds": 300, "by": "teacher"}
        act = dashboard.post("/api/faults", asked).json()["act"]
        dashboard.end()
        dashboard.start()
        until(dashboard.sees(watched=4), 30)
        (found,) = dashboard.get("/api/faults")["acts"]
        assert (found["id"], found["kind"], found["by"]) == (act["id"], "partition", "teacher")
        assert len(found["nodes"]) == 4
        assert 200 < found["left_seconds"] <= 301
        again = dashboard.post("/api/faults", {"kind": "partition", "shape": "halves"})
        assert again.status_code == 409
        dashboard.delete(f"/api/faults/{act['id']}")
        assert [kinds(node) for node in nodes] == [[]] * 4
        until(lambda: dashboard.get("/api/faults")["acts"] == [])


def test_faults_are_told_live_and_are_in_the_past(tmp_path: Path) -> None:
    with laboratory(tmp_path) as (dashboard, _), browsing(dashboard) as browser:
        assert browser.snapshots[0]["faults"] == {}
        asked = {"kind": "delay", "nodes": ["node2"], "mean_ms": 5, "for_seconds": 300, "by": "I"}
        dashboard.post("/api/faults", asked)
        until(lambda: [delta["faults"] for delta in browser.deltas if "faults" in delta])
        (told,) = [delta["faults"] for delta in browser.deltas if "faults" in delta]
        ((fault,),) = told.values()
        assert (fault["kind"], fault["mean_ms"], fault["by"], fault["peers"]) == (
            *("delay", 5.0, "I"),
            None,
        )
        at = browser.deltas[-1]["at"]
        dashboard.delete("/api/faults")
        until(lambda: browser.deltas[-1].get("faults") or browser.deltas[-2].get("faults"))
        until(lambda: faults_seen(dashboard) == {})
        until(
            lambda: any(
                record["type"] == "fault.cleared"
                for record in dashboard.get("/api/history?limit=1000&types=fault.cleared")[
                    "records"
                ]
            )
        )
        assert dashboard.get(f"/api/graph?at={at + 1}")["faults"] == told


def test_where_faults_are_switched_off_nothing_is_broken_and_the_page_is_told(
    tmp_path: Path,
) -> None:
    with laboratory(tmp_path, P2P_FAULTS="off") as (dashboard, nodes):
        for refused in (
            dashboard.post("/api/faults", {"kind": "freeze", "nodes": ["node1"]}),
            dashboard.delete("/api/faults"),
            requests.post(nodes[0].url + "/faults", json={"kind": "freeze"}, timeout=10),
        ):
            assert refused.status_code == 403, refused.text
            assert "P2P_FAULTS=off" in refused.json()["error"]
        said = dashboard.get("/api/faults")
        assert said == {"acts": [], "refused": "faults are switched off (P2P_FAULTS=off)"}
        assert kinds(nodes[0]) == []


def test_each_act_is_in_the_log_of_its_nodes_with_who_asked(healed: Any) -> None:
    dashboard, nodes = healed
    asked = {"kind": "delay", "nodes": ["node2"], "mean_ms": 7, "by": "Ms Turing"}
    act = dashboard.post("/api/faults", asked).json()["act"]
    dashboard.delete(f"/api/faults/{act['id']}")
    lines = [line for line in nodes[1].printed().splitlines() if "mean_ms=7" in line]
    assert len(lines) == 2
    assert "Fault set: delay" in lines[0]
    assert "asked by 127.0.0.1 (Ms Turing)" in lines[0]
    assert "Fault cleared" in lines[1]
    assert "healed, asked by 127.0.0.1" in lines[1]
