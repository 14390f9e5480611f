"""The bootstrap's calls, letter for letter, and what it says to nonsense."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from bootstrap.api import create_app
from bootstrap.registry import Registry
from contract.itself import Itself
from contract.registration import Registration


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    registry = Registry(tmp_path / "registry.db", capacity=20)
    yield registry
    registry.close()


@pytest.fixture
def client(registry: Registry) -> FlaskClient:
    app = create_app(registry, Itself(5000, "bootstrap"), chance=random.Random(1))
    return app.test_client()


def register(client: FlaskClient, url: str) -> Any:
    return client.post("/register", json={"url": url})


def test_it_says_that_it_is_running(client: FlaskClient) -> None:
    assert client.get("/").text == '{"message": "Bootstrap node is running!"}\n'


def test_the_list_comes_out_as_the_assignment_shows_it(client: FlaskClient) -> None:
    register(client, "http://node2:5000")
    register(client, "http://node1:5000")
    assert client.get("/peers").text == '{"peers": ["http://node1:5000", "http://node2:5000"]}\n'


@pytest.mark.parametrize("field", ["peer", "address", "peer_url", "url"])
@pytest.mark.parametrize("more", [{}, {"id": "a"}, {"node_id": "a"}, {"id": "a", "name": "n"}])
def test_every_way_to_register_that_was_seen_is_taken(
    client: FlaskClient, field: str, more: dict[str, str]
) -> None:
    answer = client.post("/register", json={field: "http://node1:5000", **more})
    assert answer.text == '{"status": "registered", "peers": []}\n'
    assert client.get("/peers").json == {"peers": ["http://node1:5000"]}


def test_a_newcomer_is_told_about_a_few_others_and_not_about_itself(client: FlaskClient) -> None:
    for number in range(12):
        register(client, f"http://node{number}:5000")
    told = register(client, "http://node5:5000").json["peers"]
    assert len(told) == 8
    assert "http://node5:5000" not in told


def test_a_registration_is_logged_once(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(3):
        register(client, "http://node1:5000")
    assert capsys.readouterr().out == "Registered http://node1:5000\n"


def test_a_sample_has_as_many_as_wanted(client: FlaskClient) -> None:
    for number in range(12):
        register(client, f"http://node{number}:5000")
    samples = [client.get("/peers?limit=8").json["peers"] for _ in range(9)]  # type: ignore[index]
    assert {len(set(sample)) for sample in samples} == {8}
    assert len({tuple(sample) for sample in samples}) > 1
    assert client.get("/peers?limit=1000").json == client.get("/peers").json


@pytest.mark.parametrize(
    ("limit", "status"),
    [("0", 422), ("1001", 422), ("-1", 422), ("x", 400), ("", 400), ("1.5", 400), ("9" * 99, 400)],
)
def test_a_sample_of_nonsense_is_refused(client: FlaskClient, limit: str, status: int) -> None:
    answer = client.get(f"/peers?limit={limit}")
    assert (answer.status_code, answer.json["field"]) == (status, "limit")  # type: ignore[index]


def test_a_peer_can_take_itself_off_the_list(client: FlaskClient) -> None:
    register(client, "http://node1:5000")
    answer = client.delete("/register", json={"peer": "http://node1:5000"})
    assert answer.text == '{"status": "removed"}\n'
    assert client.get("/peers").json == {"peers": []}


def test_who_was_not_there_cannot_be_removed(client: FlaskClient) -> None:
    answer = client.delete("/register", json={"url": "http://node1:5000"})
    assert answer.status_code == 404
    assert "not registered" in answer.json["error"]  # type: ignore[index]


def test_healthz_counts_the_listed(client: FlaskClient, registry: Registry) -> None:
    register(client, "http://node1:5000")
    registry.learn(["http://node2:5000"])
    assert client.get("/healthz").json == {"status": "ok", "peers": 1}


@pytest.mark.parametrize(
    "url", ["http://bootstrap:5000", "http://localhost:5000", "http://127.0.0.1:5000"]
)
def test_the_bootstrap_itself_is_no_peer(client: FlaskClient, url: str) -> None:
    assert register(client, url).status_code == 422
    assert client.get("/peers").json == {"peers": []}


def test_the_name_it_is_called_by_is_no_peer(client: FlaskClient) -> None:
    answer = client.post(
        "/register", json={"url": "http://directory:8000"}, headers={"Host": "directory:8000"}
    )
    assert answer.status_code == 422


def test_localhost_from_another_machine_is_answered_with_the_address_to_use(
    client: FlaskClient,
) -> None:
    answer = client.post(
        "/register",
        json={"url": "http://localhost:5001"},
        environ_overrides={"REMOTE_ADDR": "172.17.0.3"},
    )
    assert answer.status_code == 422
    assert "http://172.17.0.3:5001" in answer.json["error"]  # type: ignore[index]
    assert client.get("/peers").json == {"peers": []}


def test_localhost_from_this_machine_is_taken(client: FlaskClient) -> None:
    assert register(client, "http://localhost:5001").status_code == 200


def test_a_full_registry_asks_to_come_again(client: FlaskClient) -> None:
    for number in range(20):
        register(client, f"http://node{number}:5000")
    answer = register(client, "http://node99:5000")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert len(client.get("/peers").json["peers"]) == 20  # type: ignore[index]


URL = "http://node1:5000"
BODIES: list[tuple[bytes, int]] = [
    (b"", 400),
    (b"null", 400),
    (b"7", 400),
    (b"[]", 400),
    (b'"text"', 400),
    (b"{", 400),
    (b"{}", 400),
    (b"not json", 400),
    (b"\xff\xfe\x00", 400),
    (b'{"url": "\xff"}', 400),
    (b'{"url": "\\ud800"}', 400),
    (b'{"url": NaN}', 400),
    (b'{"url": 1e999}', 400),
    (b'{"url": ' + b"9" * 5_000 + b"}", 400),
    (b'{"url": ' + b"[" * 30_000, 400),
    (b'{"url": ' + b"[" * 900 + b"]" * 900 + b"}", 400),
    (b'{"url": null}', 400),
    (b'{"url": {"url": "http://node1:5000"}}', 400),
    (b'{"url": ""}', 422),
    (b'{"url": "node1:5000"}', 422),
    (b'{"url": "ftp://node1"}', 422),
    (b'{"url": "file:///etc/passwd"}', 422),
    (b'{"url": "javascript:alert(1)"}', 422),
    (b'{"url": "http://"}', 422),
    (b'{"url": "http://:5000"}', 422),
    (b'{"url": "http://[::1"}', 422),
    (b'{"url": "http://node1:99999"}', 422),
    (b'{"url": "http://node1:0"}', 422),
    (b'{"url": "http://node1:"}', 422),
    (b'{"url": "http://0.0.0.0:5000"}', 422),
    (b'{"url": "http://me:secret@node1:5000"}', 422),
    (b'{"url": "http://node1:5000/path"}', 422),
    (b'{"url": "http://node1:5000?x=1"}', 422),
    (b'{"url": "http://node1:5000#x"}', 422),
    (b'{"url": "http://node1:5000\\nRegistered http://evil"}', 422),
    (b'{"url": "http://node1\\u0000:5000"}', 422),
    (b'{"url": "http://n\xc3\xb6de:5000"}', 422),
    (b'{"url": "http://\xe2\x80\xae:5000"}', 422),
    (b'{"url": "http://<script>:5000"}', 422),
    (b'{"url": "http://' + b"a" * 60_000 + b'"}', 422),
    (b'{"url": "http://node1:5000", "peer": "http://node2:5000"}', 422),
    (b'{"url": "http://node1:5000", "id": 7}', 400),
    (b'{"url": "http://node1:5000", "name": "' + b"x" * 1_000 + b'"}', 422),
    (b"{" + b" " * 70_000 + b"}", 413),
    (b"x" * 10_000_000, 413),
]


@pytest.fixture
def there(registry: Registry, capsys: pytest.CaptureFixture[str]) -> Iterator[Registry]:
    """A registry with one entry; whatever is done to it, nothing may be printed."""
    registry.register(Registration("http://there:5000"))
    yield registry
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize(("body", "status"), BODIES, ids=lambda value: repr(value)[:40])
def test_a_body_of_nonsense_is_refused_and_changes_nothing(
    there: Registry,
    client: FlaskClient,
    method: str,
    body: bytes,
    status: int,
) -> None:
    answer = client.open("/register", method=method, data=body, content_type="application/json")
    assert answer.status_code == status
    assert isinstance(answer.json["error"], str)  # type: ignore[index]
    assert there.to_check() == ["http://there:5000"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
def test_a_body_that_is_not_called_json_is_refused(client: FlaskClient, kind: str) -> None:
    answer = client.post("/register", data=json.dumps({"url": URL}), content_type=kind)
    assert answer.status_code == 415
    assert client.get("/peers").json == {"peers": []}


PATHS = [
    "/",
    "/peers",
    "/register",
    "/healthz",
    "/nothing",
    "/%00",
    "/%ff",
    "//",
    "/peers/",
    "/" + "x" * 9_000,
    "/peers?limit=%ff",
    "/peers?limit=%F0%9F%92%A9",
    "/peers?limit[]=1",
    "/peers?" + "a=1&" * 2_000,
]
HEADERS: list[dict[str, str]] = [
    {},
    {"Host": "evil.example"},
    {"Host": ""},
    {"Host": "["},
    {"Host": "a b"},
    {"Host": "node1:99999999"},
    {"Origin": "http://evil.example"},
    {"Origin": "http://["},
    {"Origin": "null"},
    {"Origin": ""},
    {"Content-Length": "-1"},
    {"Content-Length": "many"},
    {"Content-Type": "application/json; charset=\x7f"},
    {"Transfer-Encoding": "chunked"},
    {"X-Forwarded-For": "'; DROP TABLE peers; --"},
    {"Cookie": "a" * 10_000},
    {"Accept": "text/html"},
]


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path[:20])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"])
def test_no_path_method_or_header_makes_a_server_error(
    client: FlaskClient, path: str, method: str
) -> None:
    for more in HEADERS:
        headers = {"Content-Type": "application/json", **more}
        for body in (b"", b"{}", b"\xff"):
            answer = client.open(path, method=method, data=body, headers=headers)
            assert answer.status_code < 500, (method, path, headers, body)
            if answer.status_code >= 400:
                assert isinstance(answer.json["error"], str)  # type: ignore[index]
    assert client.get("/peers").json == {"peers": []}
