"""What `/faults` refuses, and whom: whole, with the field's name, and nothing is changed."""

import ipaddress
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from flask.testing import FlaskClient

import contract.near
from contract.near import on_link
from node.api import create_app
from node.faults.active import MOST_FAULTS
from node.faults.kinds import KINDS
from node.identity import Identity
from node.overlay import inputs as i
from node.overlay.frames import Batch, Hello, Record
from node.peer import Peer
from node.settings import DOWN, NO_BOOTSTRAP, Settings, SettingsError, from_environment
from node.store import Store

FRIEND = Record(id="friend", name="node7", url="http://node7:5000")
TOKEN = "correct horse"

Make = Callable[..., Peer]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Peer] = []

    def peer(**more: Any) -> Peer:
        settings = Settings(data=tmp_path, bootstrap=NO_BOOTSTRAP, **more)
        store = Store(tmp_path)
        made.append(Peer(settings, Identity("node2", "http://node2:5000"), store, rng=Random(1)))
        made[-1]._happened(i.Heard(Batch(FRIEND, (Hello(),))))
        return made[-1]

    yield peer
    for one in made:
        if one._faults is not None:
            one.faults.clear("the test's end")
        one.store.close()


@pytest.fixture
def peer(make: Make) -> Peer:
    return make()


@pytest.fixture
def client(peer: Peer) -> FlaskClient:
    return create_app(peer).test_client()


DROP = {"kind": "drop"}
DELAY = {"kind": "delay", "mean_ms": 100}
BAD: list[tuple[Any, int, str | None]] = [
    ([], 400, None),
    ({}, 400, "kind"),
    ({"kind": 3}, 400, "kind"),
    ({"kind": "explode"}, 422, "kind"),
    ({"kind": ""}, 422, "kind"),
    ({**DROP, "probabilty": 0.5}, 422, "probabilty"),
    ({**DROP, "mean_ms": 5}, 422, "mean_ms"),
    ({**DROP, "probability": 0}, 422, "probability"),
    ({**DROP, "probability": -0.1}, 422, "probability"),
    ({**DROP, "probability": 1.01}, 422, "probability"),
    ({**DROP, "probability": 10**400}, 422, "probability"),
    ({**DROP, "probability": "1"}, 400, "probability"),
    ({**DROP, "probability": True}, 400, "probability"),
    ({**DROP, "probability": None}, 400, "probability"),
    ({**DROP, "for_seconds": 0}, 422, "for_seconds"),
    ({**DROP, "for_seconds": -1}, 422, "for_seconds"),
    ({**DROP, "for_seconds": 3_600.1}, 422, "for_seconds"),
    ({**DROP, "for_seconds": "60"}, 400, "for_seconds"),
    ({**DROP, "direction": "up"}, 422, "direction"),
    ({**DROP, "direction": None}, 400, "direction"),
    ({**DROP, "peers": "node7"}, 400, "peers"),
    ({**DROP, "peers": [7]}, 400, "peers"),
    ({**DROP, "peers": []}, 422, "peers"),
    ({**DROP, "peers": ["node8"]}, 422, "peers"),
    ({**DROP, "peers": ["node7", "node8"]}, 422, "peers"),
    ({**DROP, "peers": ["x" * 129]}, 422, "peers"),
    ({**DROP, "peers": ["node7"] * 1_001}, 422, "peers"),
    ({**DROP, "peers": ["node2"]}, 422, "peers"),
    ({**DROP, "peers": ["node7", "http://node2:5000/"]}, 422, "peers"),
    ({**DROP, "by": 3}, 400, "by"),
    ({**DROP, "by": "x" * 65}, 422, "by"),
    ({"kind": "delay"}, 400, "mean_ms"),
    ({**DELAY, "mean_ms": 0}, 422, "mean_ms"),
    ({**DELAY, "mean_ms": 10_001}, 422, "mean_ms"),
    ({**DELAY, "jitter_ms": 101}, 422, "jitter_ms"),
    ({**DELAY, "jitter_ms": -1}, 422, "jitter_ms"),
    ({**DELAY, "distribution": "pareto"}, 422, "distribution"),
    ({"kind": "duplicate"}, 400, "probability"),
    ({"kind": "reorder", "probability": 0.5}, 400, "mean_ms"),
    ({"kind": "throttle", "bytes_per_second": 63}, 422, "bytes_per_second"),
    ({"kind": "freeze", "peers": ["node7"]}, 422, "peers"),
    ({"kind": "freeze", "direction": "in"}, 422, "direction"),
    ({"kind": "crash", "down_seconds": 601}, 422, "down_seconds"),
    ({"kind": "crash", "lose_disk": "yes"}, 400, "lose_disk"),
    ({"kind": "crash", "lose_disk": 1}, 400, "lose_disk"),
    ({"kind": "clock-skew"}, 422, "offset_seconds"),
    ({"kind": "clock-skew", "offset_seconds": 1e9}, 422, "offset_seconds"),
    ({"kind": "clock-skew", "rate": 0}, 422, "rate"),
    ({"kind": "clock-skew", "rate": 100}, 422, "rate"),
]


@pytest.mark.parametrize(("body", "status", "field"), BAD)
def test_bad_input_is_refused_whole(
    client: FlaskClient, peer: Peer, body: Any, status: int, field: str | None
) -> None:
    answer = client.post("/faults", json=body)
    assert (answer.status_code, answer.json.get("field")) == (status, field), answer.text
    assert field is None or f"'{field}'" in answer.json["error"]
    assert client.get("/faults").json == {"faults": []}
    assert peer.wire is None
    assert not peer.store.full
    assert not (peer.settings.data / DOWN).exists()
    assert not [event for event in peer.events.after(0, 99)[0] if "fault" in event.type]


@pytest.mark.parametrize("body", ['{"kind": "drop", "probability": NaN}', "{", "\xff"])
def test_what_is_no_json_is_refused(client: FlaskClient, body: str) -> None:
    answer = client.post("/faults", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_an_endless_number_is_refused(client: FlaskClient) -> None:
    body = '{"kind": "drop", "for_seconds": 1e999}'
    answer = client.post("/faults", data=body, content_type="application/json")
    assert answer.status_code in {400, 422}


def test_an_unknown_peer_is_answered_with_the_nearest_name(client: FlaskClient) -> None:
    answer = client.post("/faults", json={**DROP, "peers": ["nod7"]})
    assert "did you mean 'node7'?" in answer.json["error"]


def test_this_very_node_is_told_from_an_unknown_one(client: FlaskClient, peer: Peer) -> None:
    for name in ("node2", peer.own.id, "http://node2:5000/"):
        answer = client.post("/faults", json={**DROP, "peers": [name]})
        assert "names this very node" in answer.json["error"]


GOOD: dict[str, dict[str, Any]] = {
    "drop": {},
    "delay": {"mean_ms": 5},
    "duplicate": {"probability": 0.5},
    "reorder": {"probability": 0.5, "mean_ms": 5},
    "throttle": {"bytes_per_second": 64},
    "freeze": {},
    "disk-full": {},
    "clock-skew": {"offset_seconds": 5},
}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"crash", "leave"}))
def test_every_kind_is_taken_and_healed_without_a_trace(
    client: FlaskClient, peer: Peer, kind: str
) -> None:
    answer = client.post("/faults", json={"kind": kind, "peers": None, **GOOD[kind]})
    assert answer.status_code == 201, answer.text
    fault = answer.json["fault"]
    assert set(fault) == {
        *("id", "kind", "peers", "direction", "left_seconds", "by", "act"),
        *KINDS[kind],
    }
    assert (fault["direction"], fault["by"]) == ("both", "127.0.0.1")
    assert 59 < fault["left_seconds"] <= 60
    assert client.delete("/faults").json == {"cleared": 1}
    assert (peer.wire, peer._connections.wire, peer.store.full) == (None, None, False)
    assert peer.clock.rate == 1.0


def test_peers_are_named_as_they_are_known(client: FlaskClient) -> None:
    for name in ("node7", "friend", "http://node7:5000/"):
        answer = client.post("/faults", json={**DROP, "peers": [name, "node7"]})
        assert answer.json["fault"]["peers"] == [{"id": "friend", "name": "node7"}]


def test_faults_are_bounded(client: FlaskClient) -> None:
    for _ in range(MOST_FAULTS):
        assert client.post("/faults", json=DELAY).status_code == 201
    answer = client.post("/faults", json=DELAY)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)
    assert len(client.get("/faults").json["faults"]) == MOST_FAULTS


def test_the_newest_wrong_clock_counts_and_below_it_the_one_before(
    client: FlaskClient, peer: Peer
) -> None:
    ids = [
        client.post("/faults", json={"kind": "clock-skew", "rate": rate}).json["fault"]["id"]
        for rate in (2, 3)
    ]
    assert peer.clock.rate == 3
    client.delete(f"/faults/{ids[1]}")
    assert peer.clock.rate == 2
    client.delete(f"/faults/{ids[0]}")
    assert peer.clock.rate == 1


def test_the_control_path_answers_while_all_is_frozen_and_dropped(client: FlaskClient) -> None:
    for kind in ("freeze", "drop"):
        assert client.post("/faults", json={"kind": kind}).status_code == 201
    for path in ("/", "/peers", "/status", "/messages", "/send", "/events", "/healthz", "/faults"):
        assert client.get(path).status_code == 200, path
    sent = client.post("/send", json={"to": "node7", "msg": "stored"})
    assert sent.status_code == 202
    assert client.post("/broadcast", json={"msg": "stored"}).status_code == 202


# --- whom -----------------------------------------------------------------------------------------


def test_a_web_page_from_elsewhere_sets_no_fault(client: FlaskClient) -> None:
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        for call in (client.post, client.delete):
            assert call("/faults", json=DROP, headers=headers).status_code == 403
    assert client.get("/faults").json == {"faults": []}


def test_faults_can_be_switched_off(make: Make) -> None:
    client = create_app(make(faults=False)).test_client()
    for call in (client.post, client.delete):
        answer = call("/faults", json=DROP)
        assert (answer.status_code, "P2P_FAULTS" in answer.json["error"]) == (403, True)
    assert client.get("/faults").json == {"faults": []}


@pytest.mark.parametrize(
    "given", [None, "", TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer wrong", f"Bearer {TOKEN}x", "é"]
)
def test_where_there_is_a_token_it_must_be_shown(make: Make, given: str | None) -> None:
    client = create_app(make(operator_token=TOKEN)).test_client()
    headers = {} if given is None else {"Authorization": given}
    for call in (client.post, client.delete):
        answer = call("/faults", json=DROP, headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert client.delete("/faults/x", headers=headers).status_code == 401
    assert client.get("/faults").json == {"faults": []}


def test_who_shows_the_token_may(make: Make) -> None:
    client = create_app(make(operator_token=TOKEN)).test_client()
    headers = {"Authorization": f"Bearer {TOKEN}"}
    far = {"REMOTE_ADDR": "192.0.2.7"}
    answer = client.post("/faults", json=DROP, headers=headers, environ_base=far)
    assert (answer.status_code, answer.json["fault"]["by"]) == (201, "192.0.2.7")
    assert client.delete("/faults", headers=headers).json == {"cleared": 1}


@pytest.mark.parametrize(
    ("remote", "in_docker", "taken"),
    [
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("::ffff:127.0.0.1", False, True),
        ("172.18.0.1", True, True),
        ("172.18.0.1", False, False),
        ("172.19.0.1", True, False),
        ("192.168.1.5", True, False),
        ("fe80::1", True, False),
    ],
)
def test_without_a_token_whoever_is_near_may(
    client: FlaskClient,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    remote: str,
    in_docker: bool,
    taken: bool,
) -> None:
    table = tmp_path / "route"
    table.write_text(ROUTES, encoding="ascii")
    near = lambda address: on_link(address, table)  # noqa: E731
    monkeypatch.setattr(contract.near, "on_link", near)
    monkeypatch.setattr(contract.near, "docker_dns", lambda: in_docker)
    answer = client.post("/faults", json=DROP, environ_base={"REMOTE_ADDR": remote})
    assert answer.status_code == (201 if taken else 401)
    assert taken or "P2P_OPERATOR_TOKEN" in answer.json["error"]


ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010012AC\t0003\t0\t0\t0\t00000000\t0\t0\t0
eth0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
eth1\t0001A8C0\t010012AC\t0003\t0\t0\t0\t00FFFFFF\t0\t0\t0
"""


def test_without_a_table_nobody_is_near(tmp_path: Path) -> None:
    assert not on_link(ipaddress.ip_address("172.18.0.1"), tmp_path / "none")


@pytest.mark.parametrize(
    ("variable", "value"), [("P2P_FAULTS", "maybe"), ("P2P_OPERATOR_TOKEN", "short")]
)
def test_settings_that_cannot_be_meant_are_named(variable: str, value: str) -> None:
    with pytest.raises(SettingsError, match=variable):
        from_environment({variable: value})
    assert from_environment({"P2P_FAULTS": "off"}).faults is False
    assert from_environment({"P2P_OPERATOR_TOKEN": TOKEN}).operator_token == TOKEN


def test_every_line_of_the_log_is_one_line(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    client.post("/faults", json={**DROP, "by": "me\nFault cleared: all"})
    client.delete("/faults")
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["Fault set", "Fault cleared"]
    assert json.dumps(lines).count("\\n") == lines[0].count("\\n") == 1
