"""Somebody's homework posts CloudEvents: its messages move. Forgers and liars harm nobody."""

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from free_ports import free_port
from laboratory import Dashboard, Node, browsing, network, plain_node, until

from contract.signing import ID, SIGNATURE, TIMESTAMP, key_of, signature

SECRET = "whsec_" + base64.b64encode(os.urandom(32)).decode()
BATCH = "application/cloudevents-batch+json"


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 2) as running:
        yield running


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def dashboard(
    tmp_path_factory: pytest.TempPathFactory, nodes: list[Node], request: pytest.FixtureRequest
) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path_factory.mktemp("dashboard"), nodes[0].url, request.param)
    until(running.sees(watched=2, coverage=1.0))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, nodes: list[Node]) -> Iterator[Dashboard]:
    """A dashboard with a secret."""
    folder = tmp_path_factory.mktemp("guarded")
    running = Dashboard(folder, nodes[0].url, DASHBOARD_WEBHOOK_SECRET=SECRET)
    until(running.sees(watched=2, coverage=1.0))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


@pytest.fixture(scope="module")
def homework(tmp_path_factory: pytest.TempPathFactory, nodes: list[Node]) -> Iterator[str]:
    """A plain node that is registered: its URL."""
    port = free_port()
    process = plain_node(tmp_path_factory.mktemp("homework"), port)
    url = f"http://127.0.0.1:{port}"
    body = {"peer": url, "name": "homework"}
    requests.post(nodes[0].url + "/register", json=body, timeout=5).raise_for_status()
    yield url
    process.kill()
    process.wait()


def event(source: str, name: str, **changed: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": name,
        "source": source,
        "type": "p2p.message.sent",
        "data": {"message": name, "to": "node1", "text": f"text of {name}"},
        **changed,
    }


def post(dashboard: Dashboard, body: Any, **headers: str) -> requests.Response:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return requests.post(
        dashboard.url + "/webhooks/events",
        data=data,
        headers={"Content-Type": BATCH, **headers},
        timeout=15,
    )


def signed(body: bytes, name: str, at: float | None = None) -> dict[str, str]:
    stamp = int(time.time() if at is None else at)
    return {
        ID: name,
        TIMESTAMP: str(stamp),
        SIGNATURE: signature(key_of(SECRET), name, stamp, body),
    }


def known(dashboard: Dashboard, name: str = "homework") -> bool:
    return bool(dashboard.nodes().get(name, {}).get("state") == "alive")


# --- it is in the picture -----------------------------------------------------------------------


def test_a_message_of_a_homework_moves(
    dashboard: Dashboard, nodes: list[Node], homework: str
) -> None:
    """One dot: what the homework says it sent, node1 says it received."""
    until(lambda: known(dashboard))
    keys = {name: node["key"] for name, node in dashboard.nodes().items()}
    name = f"m-{dashboard.url[-5:]}"
    with browsing(dashboard) as browser:
        assert post(dashboard, [event(homework, f"{name}-1", data=_of(name))]).json()["accepted"]
        until(lambda: browser.message(f"hello {name}"))
        sent = browser.message(f"hello {name}")[-1]
        assert (sent["from"], sent["to"]) == (keys["homework"], keys["node1"])
        body = {"sender": "homework", "msg": f"hello {name}", "id": name}
        requests.post(nodes[0].url + "/message", json=body, timeout=5).raise_for_status()
        done = event(homework, f"{name}-2", type="p2p.message.delivered", data=_of(name))
        post(dashboard, done, **{"Content-Type": "application/cloudevents+json"})
        until(lambda: browser.message(f"hello {name}")[-1]["state"] == "delivered")
        until(lambda: browser.message(f"hello {name}")[-1]["received_at"])
        last = browser.message(f"hello {name}")[-1]
    assert {one["id"] for one in browser.message(f"hello {name}")} == {last["id"]}
    assert (last["from"], last["to"]) == (keys["homework"], keys["node1"])


def _of(name: str) -> dict[str, str]:
    return {"message": name, "to": "node1", "text": f"hello {name}"}


def test_a_homework_in_plain_python_that_nobody_registered(
    dashboard: Dashboard, nodes: list[Node], tmp_path: Path
) -> None:
    """It serves `/` and `/peers`, sends to node1, and tells the dashboard: with urllib alone."""
    port = free_port()
    text = f"from port {port}"
    script = tmp_path / "homework.py"
    script.write_text(_HOMEWORK, encoding="utf-8")
    given = [str(port), nodes[0].url, dashboard.url, text]
    process = subprocess.Popen([sys.executable, str(script), *given])
    try:
        until(lambda: _seen(dashboard, text, "delivered"))
        node = dashboard.nodes()[f"127.0.0.1:{port}"]
        assert (node["kind"], node["state"]) == ("plain", "alive")
        assert _seen(dashboard, text, "delivered")["from"] == node["key"]
    finally:
        process.kill()
        process.wait()


def _seen(dashboard: Dashboard, text: str, state: str) -> Any:
    views = dashboard.get("/api/messages")["messages"]
    return next((v for v in views if v["text"] == text and v["state"] == state), None)


_HOMEWORK = """
import json, sys, threading, time, urllib.error, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, friend, dashboard, text = sys.argv[1:]
me = f"http://127.0.0.1:{port}"

class Node(BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"peers": [friend]} if self.path == "/peers" else {"message": "hi"})
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_):
        pass

def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    urllib.request.urlopen(request, timeout=10).read()

def tell(number, what):
    event = {"specversion": "1.0", "id": str(number), "source": me, "type": f"p2p.message.{what}",
             "data": {"message": text, "to": friend, "text": text}}
    for _ in range(60):
        try:
            return post(dashboard + "/webhooks/events", event)
        except urllib.error.HTTPError as error:
            if error.code != 429:
                raise
            time.sleep(float(error.headers["Retry-After"]))

server = ThreadingHTTPServer(("127.0.0.1", int(port)), Node)
threading.Thread(target=server.serve_forever).start()
tell(1, "sent")
post(friend + "/message", {"sender": "homework", "msg": text, "id": text})
tell(2, "delivered")
"""


# --- whom it does not believe ---------------------------------------------------------------------


def test_nobody_speaks_for_a_node_that_is_watched(
    dashboard: Dashboard, nodes: list[Node], homework: str
) -> None:
    until(lambda: known(dashboard))
    before = dashboard.nodes()["node2"]
    stopping = event(nodes[1].url, "x", type="p2p.node.stopping")
    forged = event(nodes[1].url, f"{before['id']}/{before['epoch']}/999999")
    answer = post(dashboard, [forged, stopping])
    assert answer.status_code == 410
    assert answer.json()["watched"] == 2
    until(lambda: dashboard.nodes()["node2"]["note"])
    after = dashboard.nodes()["node2"]
    assert (after["state"], after["watched"], after["sent"]) == ("alive", True, before["sent"])
    as_another = event(homework, f"{before['id']}/1/5")
    answer = post(dashboard, [as_another, event(homework, f"honest {dashboard.url}")])
    assert (answer.status_code, answer.json()["refused"], answer.json()["accepted"]) == (200, 1, 1)
    until(lambda: "node2" in (dashboard.nodes()["homework"]["note"] or ""))
    assert dashboard.status()["watched"] == 2


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[", 400),
        (b'[{"id": "\xff"}]', 400),
        (b"[" * 100_000, 400),
        (b"[" + b" " * 5_000_000 + b"]", 413),
        (json.dumps([{}] * 1_001).encode(), 413),
        (json.dumps([{}]).encode(), 422),
        (json.dumps(event("http://169.254.169.254", "x")).encode(), 422),
    ],
)
def test_bad_bodies_get_a_clear_answer(dashboard: Dashboard, body: bytes, status: int) -> None:
    answer = post(dashboard, body)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]


def test_what_is_not_called_json_is_not_taken(dashboard: Dashboard) -> None:
    for content in ("text/plain", "application/x-www-form-urlencoded", ""):
        assert post(dashboard, [], **{"Content-Type": content}).status_code == 415
    assert post(dashboard, [], Origin="http://evil.example").status_code == 403


def test_a_node_that_lies_about_its_neighbours_is_left_alone(
    dashboard: Dashboard, homework: str
) -> None:
    until(lambda: known(dashboard))
    nodes = dashboard.status()["nodes"]
    many = [{"id": f"n{k}", "url": f"http://n{k}:5000"} for k in range(5_000)]
    lies = [
        event(homework, f"lie {dashboard.url}", type="p2p.peer.learned", data={"peers": many}),
        event(homework, f"old {dashboard.url}", time="1970-01-01T00:00:00Z"),
        event(homework, f"new {dashboard.url}", time="2100-01-01T00:00:00Z"),
    ]
    answer = post(dashboard, lies).json()
    assert (answer["ignored"], answer["accepted"]) == (1, 2)
    assert dashboard.status()["nodes"] == nodes
    now = time.time() * 1_000
    views = dashboard.get("/api/messages")["messages"]
    assert all(abs(view["sent_at"] - now) < 60_000 for view in views if view["sent_at"])


# --- with a secret ------------------------------------------------------------------------------


def test_with_a_secret_only_what_is_signed_is_taken(guarded: Dashboard, homework: str) -> None:
    until(lambda: known(guarded))
    body = json.dumps([event(homework, "signed")]).encode()
    assert post(guarded, body).status_code == 401
    wrong = {**signed(body, "a"), SIGNATURE: "v1," + base64.b64encode(bytes(32)).decode()}
    assert post(guarded, body, **wrong).status_code == 401
    assert post(guarded, body + b" ", **signed(body, "a")).status_code == 401
    assert post(guarded, body, **signed(body, "a", time.time() - 301)).status_code == 401
    assert post(guarded, body, **signed(body, "a", time.time() + 400)).status_code == 401
    assert "signed" not in {m["id"] for m in guarded.get("/api/messages")["messages"]}
    until(lambda: "refused" in (guarded.nodes()["homework"]["note"] or ""))
    headers = signed(body, "a")
    taken = post(guarded, body, **headers)
    assert (taken.status_code, taken.json()["accepted"]) == (200, 1)
    assert post(guarded, body, **headers).status_code == 409, "a replay"
    until(lambda: int(time.time()) > int(headers[TIMESTAMP]))
    other = json.dumps([event(homework, "another")]).encode()
    again = post(guarded, other, **signed(other, "a"))
    assert (again.status_code, again.json()["accepted"]) == (200, 0)
    counts = requests.get(guarded.url + "/webhooks/events", timeout=5).json()["counts"]
    assert (counts["unsigned"], counts["stale"], counts["replayed"]) == (3, 2, 1)
    assert counts["accepted"] == 1


# --- one of our own nodes -------------------------------------------------------------------------


def test_our_own_node_may_be_pointed_at_a_dashboard(guarded: Dashboard, nodes: list[Node]) -> None:
    """It agrees; and as it watches the node's stream already, the webhook ends."""
    wish = {"url": guarded.url + "/webhooks/events", "secret": SECRET}
    began = requests.post(nodes[0].url + "/webhooks", json=wish, timeout=15)
    assert began.status_code == 201, began.text
    body = {"sender": "me", "msg": "once"}
    requests.post(nodes[0].url + "/message", json=body, timeout=5).raise_for_status()
    until(lambda: _seen(guarded, "once", "received"))
    until(lambda: not requests.get(nodes[0].url + "/webhooks", timeout=5).json()["webhooks"])
    assert "410" in nodes[0].printed()
    assert guarded.nodes()["node1"]["watched"]
    views = guarded.get("/api/messages")["messages"]
    assert sum(view["text"] == "once" for view in views) == 1
