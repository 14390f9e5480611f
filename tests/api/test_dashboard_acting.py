"""Who may change something through the dashboard, and what the others are told."""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from laboratory import Dashboard, Node, network, until

from contract.errors import ApiError
from dashboard.acting import HEADER, Acting
from dashboard.control import Control
from dashboard.observer import Observer
from dashboard.web import create_app

TOKEN = "correct horse"
SEND = {"from": "node1", "to": "node2", "msg": "hello"}
NEAR = {"REMOTE_ADDR": "127.0.0.1"}
FAR = {"REMOTE_ADDR": "203.0.113.7"}


class Willing(Control):
    """Does what it is asked for, without any network."""

    def __init__(self) -> None:
        self.sent = 0

    def send(self, origin: str, receiver: str, text: str) -> dict[str, Any]:
        del text
        self.sent += 1
        return {"id": "m", "status": "queued", "from": origin, "to": receiver}

    def status(self, node: str) -> dict[str, Any]:
        return {"name": node}

    def retry(self, node: str, message: str) -> dict[str, Any]:
        raise ApiError(404, f"{node} {message}")


Make = Callable[..., tuple[FlaskClient, Willing]]


@pytest.fixture
def make() -> Make:
    def made(operator: str | None = None, **more: Any) -> tuple[FlaskClient, Willing]:
        control = Willing()
        app, _ = create_app(Observer(None), control, acting=Acting(operator, **more))
        return app.test_client(), control

    return made


def token(client: FlaskClient) -> str:
    answer = client.get("/api/token")
    assert answer.status_code == 200
    return str(answer.text)


ACTS = [
    ("POST", "/api/send"),
    ("POST", "/api/broadcast"),
    ("POST", "/api/nodes/node1/outbox/m/retry"),
    ("DELETE", "/api/nodes/node1/outbox/m"),
    ("POST", "/api/faults"),
    ("DELETE", "/api/faults"),
    ("DELETE", "/api/faults/a"),
    ("DELETE", "/api/nodes/node1/faults/f"),
]


@pytest.mark.parametrize(("method", "path"), ACTS)
def test_nobody_acts_without_a_token_and_is_told_how(make: Make, method: str, path: str) -> None:
    client, control = make()
    for shown in ({}, {HEADER: "an old one"}, {HEADER: ""}, {"Authorization": f"Bearer {TOKEN}"}):
        answer = client.open(path, method=method, json=SEND, headers=shown)
        assert answer.status_code == 403
        assert answer.json["field"] == HEADER
        said = answer.json["error"]
        assert f'-H "{HEADER}: $(curl -s http://localhost/api/token)"' in said
    assert control.sent == 0


def test_who_shows_the_pages_token_acts(make: Make) -> None:
    client, control = make()
    answer = client.post("/api/send", json=SEND, headers={HEADER: token(client)})
    assert (answer.status_code, control.sent) == (202, 1)
    assert client.get("/api/nodes/node1").status_code == 200, "looking is free"
    other, _ = make()
    assert token(other) != token(client), "each start has its own"


def test_a_foreign_page_neither_reads_nor_shows_it(make: Make) -> None:
    client, control = make()
    for site in ("cross-site", "same-site"):
        answer = client.get("/api/token", headers={"Sec-Fetch-Site": site})
        assert answer.status_code == 403
    answer = client.get("/api/token", headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200
    assert not [name for name, _ in answer.headers if name.startswith("Access-Control")]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    # A preflight for the header is not agreed to.
    asked = {
        "Origin": "http://localhost:5001",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": HEADER.lower(),
    }
    preflight = client.options("/api/send", headers=asked)
    assert not [name for name, _ in preflight.headers if name.startswith("Access-Control")]
    both = {HEADER: answer.text, "Origin": "http://localhost:5001"}
    assert client.post("/api/send", json=SEND, headers=both).status_code == 403
    assert control.sent == 0


def test_from_another_machine_one_only_looks(make: Make) -> None:
    client, control = make()
    refused = client.get("/api/token", environ_base=FAR)
    assert refused.status_code == 403
    assert "from another machine" in refused.json["error"]
    assert client.get("/api/status", environ_base=FAR).status_code == 200
    assert client.post("/api/send", json=SEND, environ_base=FAR).status_code == 403
    assert control.sent == 0


def test_the_operators_token_acts_from_anywhere(make: Make) -> None:
    client, control = make(TOKEN)
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert client.post("/api/send", json=SEND, headers=shown, environ_base=FAR).status_code == 202
    assert control.sent == 1
    for wrong in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}):
        answer = client.post("/api/send", json=SEND, headers=wrong)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    answer = client.post("/api/send", json=SEND, headers={HEADER: token(client)})
    assert answer.status_code == 202, "the page's is enough for what is no fault"
    answer = client.delete("/api/faults", headers={HEADER: token(client)})
    assert answer.status_code == 401, "and not for faults, as at the nodes"


def test_a_dashboard_for_looking_only(make: Make) -> None:
    client, control = make(TOKEN, read_only=True)
    for path in ("/api/status", "/api/graph", "/api/nodes/node1"):
        assert client.get(path).status_code == 200
    refused = client.get("/api/token")
    assert refused.status_code == 403
    assert "looking only" in refused.json["error"]
    for method, path in ACTS:
        answer = client.open(path, method=method, json=SEND, headers={HEADER: "x"})
        assert answer.status_code == 403
        assert "looking only" in answer.json["error"]
    assert control.sent == 0
    shown = {"Authorization": f"Bearer {TOKEN}"}
    assert client.post("/api/send", json=SEND, headers=shown).status_code == 202


# --- with real programs ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 2) as running:
        yield running


def test_the_line_that_the_answer_gives_works(tmp_path: Path, nodes: list[Node]) -> None:
    dashboard = Dashboard(tmp_path, nodes[0].url)
    try:
        until(dashboard.sees(watched=2, coverage=1.0))
        bare = ["curl", "-s", "-X", "POST", f"{dashboard.url}/api/send"]
        bare += ["-H", "'Content-Type: application/json'", "-d"]
        bare += ["""'{"from": "node1", "to": "node2", "msg": "by hand"}'"""]
        refused = _shell(" ".join(bare))
        missing = re.search(r"add (-H .+?\)\\\") to", refused)
        assert missing is not None, refused
        line = missing[1].replace('\\"', '"')
        assert '"status":"queued"' in _shell(" ".join([*bare, line])).replace(" ", "")
    finally:
        dashboard.end()


def test_it_is_for_looking_only_where_the_environment_says_so(
    tmp_path: Path, nodes: list[Node]
) -> None:
    dashboard = Dashboard(tmp_path, nodes[0].url, DASHBOARD_READ_ONLY="1")
    try:
        until(dashboard.sees(watched=2))
        answer = dashboard.act("POST", "/api/send", shown={}, json=SEND)
        assert answer.status_code == 403
    finally:
        dashboard.end()


def _shell(line: str) -> str:
    return subprocess.run(
        ["sh", "-c", line], capture_output=True, text=True, timeout=20, check=True
    ).stdout
