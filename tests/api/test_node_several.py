"""`POST /messages`: several messages of one node in one call, each stored once, in order."""

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from werkzeug.test import Client

from contract.errors import ApiError
from contract.hosts import host_allowed
from node.api import create_app
from node.door import Door
from node.identity import Identity
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, Settings
from node.store import Store


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    settings = Settings(data=tmp_path, bootstrap=NO_BOOTSTRAP)
    store = Store(tmp_path)
    yield Peer(settings, Identity("node2", "http://node2:5000"), store, rng=Random(1))
    store.close()


@pytest.fixture(params=["flask", "door"])
def client(peer: Peer, request: pytest.FixtureRequest) -> Client:
    app = create_app(peer)
    if request.param == "flask":
        return app.test_client()
    return Client(Door(peer, app, lambda: app, host_allowed))


def said(place: int, /, **more: Any) -> dict[str, Any]:
    return {
        "id": f"m{place}",
        "sender": "node1",
        "msg": f"text {place}",
        "number": place,
        **more,
    }


def several(peer: Peer, *messages: Any, **more: Any) -> dict[str, Any]:
    return {"from": "origin", "to": peer.own.id, "messages": list(messages), **more}


def inbox(peer: Peer) -> list[str]:
    return [message.id for message in reversed(peer.store.inbox(99, None, None))]


def test_each_is_stored_once_in_order_and_told(
    client: Client, peer: Peer, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        answer = client.post("/messages", json=several(peer, *map(said, range(1, 65))))
        assert answer.status_code == 200
        assert answer.json == {"messages": [{"status": "received"}] * 64}
    assert inbox(peer) == [f"m{n}" for n in range(1, 65)]
    printed = capsys.readouterr().out.splitlines()
    assert printed == [f"Received message from node1: text {n}" for n in range(1, 65)]
    events = [e for e in peer.events.after(0, 999)[0] if e.type == "message.received"]
    assert [event.data["message"] for event in events] == inbox(peer)


def test_an_id_that_was_used_is_refused_and_the_others_are_stored(
    client: Client, peer: Peer
) -> None:
    client.post("/message", json={"sender": "node1", "msg": "other", "id": "m2"})
    answer = client.post("/messages", json=several(peer, said(1), said(2), said(3)))
    became = answer.json["messages"]
    assert [one["status"] for one in became] == ["received", "refused", "received"]
    assert "this id was used" in became[1]["error"]
    assert inbox(peer) == ["m2", "m1", "m3"]


def test_who_means_somebody_else_is_told_so(client: Client, peer: Peer) -> None:
    answer = client.post("/messages", json=several(peer, said(1), to="another"))
    assert (answer.status_code, answer.json["field"]) == (421, "to")
    assert inbox(peer) == []


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"to": None}, 400, "to"),
        ({"to": ["x"]}, 400, "to"),
        ({"from": None}, 400, "from"),
        ({"from": ""}, 422, "from"),
        ({"from": "x" * 65}, 422, "from"),
        ({"messages": None}, 400, "messages"),
        ({"messages": {"0": {}}}, 400, "messages"),
        ({"messages": []}, 422, "messages"),
        ({"messages": [said(n) for n in range(1, 66)]}, 422, "messages"),
        ({"messages": [said(1), "text"]}, 400, "messages[1]"),
        ({"messages": [said(1), said(2, id=None)]}, 400, "messages[1].id"),
        ({"messages": [said(1), said(2, id="")]}, 422, "messages[1].id"),
        ({"messages": [said(1), said(2, msg=7)]}, 400, "messages[1].msg"),
        ({"messages": [said(1), said(2, msg=" ")]}, 422, "messages[1].msg"),
        ({"messages": [said(1), said(2, msg="x" * 10_001)]}, 422, "messages[1].msg"),
        ({"messages": [said(1), said(2, sender="x" * 129)]}, 422, "messages[1].sender"),
        ({"messages": [said(1), said(2, number="2")]}, 400, "messages[1].number"),
        ({"messages": [said(1), said(2, number=True)]}, 400, "messages[1].number"),
        ({"messages": [said(1), said(2, number=0)]}, 422, "messages[1].number"),
        ({"messages": [said(1), said(2, number=2**53)]}, 422, "messages[1].number"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_nonsense_is_refused_with_its_field_and_changes_nothing(
    client: Client, peer: Peer, change: dict[str, Any], status: int, field: str
) -> None:
    answer = client.post("/messages", json=several(peer, said(1)) | change)
    assert (answer.status_code, answer.json["field"]) == (status, field)
    assert inbox(peer) == []
    assert peer.store.counts()["inbox"] == 0


def test_more_than_a_megabyte_is_too_large(client: Client, peer: Peer) -> None:
    body = several(peer, said(1), padding="x" * 1_048_576)
    assert client.post("/messages", json=body).status_code == 413
    assert inbox(peer) == []


def test_a_disk_that_takes_nothing_is_said_and_nothing_is_told(
    client: Client, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> None:
        raise ApiError(503, "the disk is full", retry_after=5)

    monkeypatch.setattr(peer.store, "receive_all", full)
    answer = client.post("/messages", json=several(peer, said(1)))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert peer.events.after(0, 9)[0] == []
