"""The dashboard's calls: what they answer, to sense and to nonsense."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import socketio
from free_ports import free_port
from laboratory import Dashboard, Node, Program, network, until

from contract.limits import MAX_BODY


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 2) as running:
        yield running


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def dashboard(
    tmp_path_factory: pytest.TempPathFactory, nodes: list[Node], request: pytest.FixtureRequest
) -> Iterator[Dashboard]:
    running = Dashboard(
        tmp_path_factory.mktemp("dashboard"),
        nodes[0].url,
        request.param,
        P2P_ALLOWED_HOSTS="lab.example",
    )
    until(running.sees(watched=2, coverage=1.0))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


def test_it_is_well(dashboard: Dashboard) -> None:
    answer = requests.get(dashboard.url + "/healthz", timeout=5)
    assert answer.json() == {"status": "ok"}
    assert answer.headers["P2P-Dashboard"] == "1"


def test_the_status_is_complete(dashboard: Dashboard) -> None:
    assert dashboard.status() == {
        "state": "connected",
        "line": "2 nodes, one network, everybody knows everybody",
        "expected": None,
        "nodes": 2,
        "alive": 2,
        "suspect": 0,
        "dead": 0,
        "left": 0,
        "plain": 0,
        "watched": 2,
        "components": 1,
        "links": 2,
        "coverage": 1.0,
        "conflicts": 0,
        "messages": dashboard.status()["messages"],
        "events_per_second": dashboard.status()["events_per_second"],
        "busy": None,
    }


def test_the_graph_is_what_networkx_writes(dashboard: Dashboard) -> None:
    graph = dashboard.get("/api/graph")
    assert (graph["directed"], graph["multigraph"]) == (True, True)
    ids = {node["id"] for node in graph["nodes"]}
    assert {node["name"] for node in graph["nodes"]} == {"node1", "node2"}
    found = {(edge["source"], edge["target"], edge["kind"]) for edge in graph["edges"]}
    assert found == {(a, b, k) for a in ids for b in ids - {a} for k in ("link", "knows")}


def test_a_node_is_asked_by_name_or_id(dashboard: Dashboard, nodes: list[Node]) -> None:
    by_name = dashboard.get("/api/nodes/node2")
    assert by_name["url"] == nodes[1].url
    assert dashboard.get(f"/api/nodes/{by_name['id']}")["name"] == "node2"


def test_an_inbox_is_paged(dashboard: Dashboard, nodes: list[Node]) -> None:
    for number in range(3):
        body = {"sender": "curl", "msg": f"page {number}"}
        requests.post(nodes[0].url + "/message", json=body, timeout=5).raise_for_status()
    newest = dashboard.get("/api/nodes/node1/messages?limit=1")
    assert [message["msg"] for message in newest["messages"]] == ["page 2"]
    older = dashboard.get(f"/api/nodes/node1/messages?limit=2&before={newest['next']}")
    assert [message["msg"] for message in older["messages"]] == ["page 1", "page 0"]


def test_a_near_name_is_suggested(dashboard: Dashboard) -> None:
    answer = dashboard.post("/api/send", {"from": "node1", "to": "nod2", "msg": "x"})
    assert answer.status_code == 404
    assert "node2" in answer.json()["error"]
    answer = requests.get(dashboard.url + "/api/nodes/nod1", timeout=5)
    assert answer.status_code == 404
    assert "did you mean 'node1'" in answer.json()["error"]


SEND = {"from": "node1", "to": "node2", "msg": "x"}
JSON = {"Content-Type": "application/json"}
GET = [
    ("/api/nodes/nobody", 404),
    ("/api/nodes/%00", 404),
    ("/api/nodes/%20", 400),
    ("/api/nodes/" + "x" * 5_000, 400),
    ("/api/nodes/%F0%9F%92%A9/messages", 404),
    ("/api/nodes/..%2f..%2fetc/outbox", 404),
    ("/api/nodes/node1/messages?limit=0", 422),
    ("/api/nodes/node1/messages?limit=201", 422),
    ("/api/nodes/node1/messages?limit=many", 400),
    ("/api/nodes/node1/messages?before=-1", 422),
    ("/api/nodes/node1/messages?before=" + "9" * 400, 400),
    ("/api/nodes/node1/outbox?limit=1e9", 400),
    ("/api/nodes/node1/outbox?limit=201", 422),
    ("/api/nodes/node1/outbox?before=0", 422),
    ("/api/nodes/node1/outbox?status=lost", 422),
    ("/api/nodes/node1/outbox?status=", 422),
    ("/api/nodes/node1/outbox/nothing-of-the-kind", 404),
    ("/api/nodes/node1/outbox/%00", 404),
    ("/api/nodes/node1/outbox/%20", 400),
    ("/api/nodes/node1/outbox/..", 404),
    ("/api/nodes/node1/outbox/%2e%2e", 404),
    ("/api/nodes/node1/outbox/..%2fstatus", 404),
    ("/api/nodes/node1/outbox/" + "x" * 5_000, 400),
    ("/api/nodes/nobody/outbox/m", 404),
    ("/api/nodes/node1/outbox/m/retry", 405),
    ("/api/nodes/node1/nothing", 404),
    ("/api/nodes/node1/broadcasts/never-sent", 404),
    ("/api/nodes/node1/broadcasts/..%2fstatus", 404),
    ("/api/nodes/node1/broadcasts/%20", 400),
    ("/api/nodes/node1/broadcasts/" + "x" * 65, 400),
    ("/api/nodes/nobody/broadcasts/x", 404),
    ("/api/messages?limit=0", 422),
    ("/api/messages?limit=x", 400),
    ("/api/messages/nothing-of-the-kind", 404),
    ("/api/messages/" + "x" * 5_000, 404),
    ("/api/send", 405),
    ("/api/broadcast", 405),
    ("/api", 404),
    ("/static/../dashboard/api.py", 404),
    ("/static/..%2f..%2fpyproject.toml", 404),
    ("/static/%2e%2e/pyproject.toml", 404),
    ("/static/", 404),
    ("/nothing", 404),
]


@pytest.mark.parametrize(("path", "status"), GET)
def test_a_wrong_question_is_answered_with_what_is_wrong(
    dashboard: Dashboard, path: str, status: int
) -> None:
    host, port = dashboard.url.removeprefix("http://").split(":")
    answer, body = _exactly(host, int(port), path)
    assert answer == status
    assert json.loads(body)["error"]


def _exactly(host: str, port: int, path: str) -> tuple[int, bytes]:
    """GET a path as it stands; `requests` would tidy it up."""
    with socket.create_connection((host, port), timeout=10) as connection:
        request = f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
        connection.sendall(request.encode())
        received = b""
        while piece := connection.recv(65_536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


POST: list[tuple[Any, int, str | None]] = [
    ({}, 400, "from"),
    ({**SEND, "from": None}, 400, "from"),
    ({**SEND, "from": 7}, 400, "from"),
    ({**SEND, "from": ""}, 422, "from"),
    ({**SEND, "from": "x" * 200}, 422, "from"),
    ({**SEND, "from": "nobody at all"}, 404, "from"),
    ({**SEND, "to": ["node2"]}, 400, "to"),
    ({**SEND, "to": "node1"}, 422, "to"),
    ({**SEND, "to": "x" * 300}, 422, "to"),
    ({**SEND, "to": "http://nobody.invalid:5000"}, 404, None),
    ({"from": "node1", "to": "node2"}, 400, "msg"),
    ({**SEND, "msg": 7}, 400, "msg"),
    ({**SEND, "msg": ""}, 422, "msg"),
    ({**SEND, "msg": "x" * 10_001}, 422, "msg"),
    ({**SEND, "msg": "\ud800"}, 400, None),
    ([], 400, None),
    ("text", 400, None),
    (None, 400, None),
]


@pytest.mark.parametrize(("body", "status", "field"), POST, ids=lambda value: str(value)[:40])
def test_nonsense_is_not_sent(
    dashboard: Dashboard, body: Any, status: int, field: str | None
) -> None:
    answer = dashboard.act("POST", "/api/send", data=json.dumps(body), headers=JSON)
    assert answer.status_code == status
    assert answer.json()["error"]
    if field is not None:
        assert answer.json()["field"] == field


BROADCAST: list[tuple[Any, int, str | None]] = [
    ({}, 400, "from"),
    ({"from": 7, "msg": "x"}, 400, "from"),
    ({"from": "x" * 200, "msg": "x"}, 422, "from"),
    ({"from": "nobody at all", "msg": "x"}, 404, "from"),
    ({"from": "node1"}, 400, "msg"),
    ({"from": "node1", "msg": ""}, 422, "msg"),
    ({"from": "node1", "msg": ["x"]}, 400, "msg"),
    ({"from": "node1", "msg": "x" * 10_001}, 422, "msg"),
    ([], 400, None),
]


@pytest.mark.parametrize(("body", "status", "field"), BROADCAST, ids=lambda value: str(value)[:40])
def test_nonsense_is_not_broadcast(
    dashboard: Dashboard, body: Any, status: int, field: str | None
) -> None:
    answer = dashboard.post("/api/broadcast", body)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert answer.json().get("field") == field


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (b'{"from": ', JSON, 400),
        (b"\xff\xfe", JSON, 400),
        (b"[" * 50_000, JSON, 400),
        (b"", JSON, 400),
        (b"x" * (MAX_BODY + 1), JSON, 413),
        (json.dumps(SEND).encode(), {"Content-Type": "text/plain"}, 415),
        (json.dumps(SEND).encode(), {}, 415),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_bodies_that_are_none(
    dashboard: Dashboard, data: bytes, headers: dict[str, str], status: int
) -> None:
    answer = dashboard.act("POST", "/api/send", data=data, headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]


# --- other people's pages ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Host": "lab.example"}, 200),
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:8080"}, 403),
        ({"Host": "localhost; script-src *"}, 403),
        ({"Host": ""}, 403),
    ],
)
def test_only_by_its_own_names(dashboard: Dashboard, headers: dict[str, str], status: int) -> None:
    for path in ("/healthz", "/api/status"):
        answer = requests.get(dashboard.url + path, headers=headers, timeout=5)
        assert answer.status_code == status
        assert "*" not in answer.headers["Content-Security-Policy"]


def test_a_foreign_page_sends_nothing(dashboard: Dashboard) -> None:
    for origin in ("http://evil.example", "null", dashboard.url + "1"):
        answer = dashboard.post("/api/send", SEND, headers={"Origin": origin})
        assert answer.status_code == 403
        for method, what in (("POST", "m/retry"), ("DELETE", "m")):
            path = f"/api/nodes/node1/outbox/{what}"
            answer = dashboard.act(method, path, headers={"Origin": origin})
            assert answer.status_code == 403
    own = dashboard.post("/api/send", SEND, headers={"Origin": dashboard.url})
    assert own.status_code == 202


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
    ],
    ids=str,
)
def test_a_foreign_page_does_not_see_the_stream(
    dashboard: Dashboard, headers: dict[str, str]
) -> None:
    options = {name.lower(): value for name, value in headers.items()}
    client = socketio.Client(reconnection=False, websocket_extra_options=options)
    with pytest.raises(socketio.exceptions.ConnectionError):
        client.connect(dashboard.url, namespaces=["/live"], transports=["websocket"])


def test_its_own_page_sees_the_stream(dashboard: Dashboard) -> None:
    told: list[Any] = []
    client = socketio.Client(reconnection=False, websocket_extra_options={"origin": dashboard.url})
    client.on("snapshot", told.append, namespace="/live")
    client.connect(dashboard.url, namespaces=["/live"], transports=["websocket"])
    try:
        until(lambda: told)
        for nonsense in ("resync", "delta", "", "snapshot"):
            client.emit(nonsense, {"a": ["b"] * 10}, namespace="/live")
        until(lambda: len(told) == 2)
    finally:
        client.disconnect()
        client.wait()


RAW_STREAM = [
    "/socket.io/",
    "/socket.io/?EIO=3&transport=websocket",
    "/socket.io/?EIO=4&transport=polling",
    "/socket.io/?EIO=4&transport=websocket",
    "/socket.io/?EIO=4&transport=websocket&sid=stolen",
    "/socket.io/?transport=%00",
    "/socket.io/?EIO=4&transport=websocket&j=1",
]


@pytest.mark.parametrize("path", RAW_STREAM)
def test_the_stream_bears_nonsense(dashboard: Dashboard, path: str) -> None:
    host, port = dashboard.url.removeprefix("http://").split(":")
    status, _ = _exactly(host, int(port), path)
    assert 400 <= status < 500


# --- the page -------------------------------------------------------------------------------


def test_every_answer_keeps_the_page_safe(dashboard: Dashboard) -> None:
    address = dashboard.url.removeprefix("http://")
    for path in ("/", "/api/status", "/static/nothing.js"):
        headers = requests.get(dashboard.url + path, timeout=5).headers
        policy = headers["Content-Security-Policy"].split("; ")
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "style-src 'self'" in policy
        assert f"connect-src 'self' ws://{address} wss://{address}" in policy
        for part in ("base-uri", "form-action", "frame-ancestors"):
            assert f"{part} 'none'" in policy
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


# --- the start ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DASHBOARD_PORT", "eighty"),
        ("DASHBOARD_PORT", "65536"),
        ("DASHBOARD_PORT", "-1"),
        ("DASHBOARD_EXPECT", "all"),
        ("DASHBOARD_SEEDS", "node1:5000"),
        ("BOOTSTRAP_URL", "ftp://bootstrap"),
        ("P2P_SERVER", "gevent"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_said_in_one_line(
    tmp_path: Path, variable: str, value: str
) -> None:
    settings = {"DASHBOARD_HOST": "127.0.0.1", "DASHBOARD_PORT": "0", variable: value}
    program = Program("dashboard", tmp_path, settings)
    assert program.process.wait(15) == 1
    assert variable in program.printed()
    assert program.printed().count("\n") == 1


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        settings = {"DASHBOARD_HOST": "127.0.0.1", "DASHBOARD_PORT": str(port)}
        program = Program("dashboard", tmp_path, settings)
        assert program.process.wait(15) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in program.printed()
    assert "DASHBOARD_PORT" in program.printed()
    assert program.printed().count("\n") == 1
