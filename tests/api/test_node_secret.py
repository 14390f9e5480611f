"""Nodes that share a secret, and one that does not know it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from laboratory import Node, until

from node.overlay.frames import Acknowledged, Batch, Hello, Record, Unicast, encode

SECRET = "correct horse"
STRANGER = Record(id="stranger", name="stranger", url="http://127.0.0.1:9")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Node]]:
    started: list[Node] = []

    def start(name: str, peers: str = "", **more: str) -> Node:
        started.append(Node(tmp_path, name, peers, **more))
        return started[-1]

    yield start
    for node in started:
        node.end()


@pytest.mark.parametrize("server", ["eventlet", "threading"])
def test_who_knows_the_secret_gets_in_and_nobody_else(
    start: Callable[..., Node], server: str
) -> None:
    first = start("node1", P2P_SECRET=SECRET, P2P_SERVER=server)
    until(lambda: first.knows() == 0)
    second = start("node2", first.url, P2P_SECRET=SECRET, P2P_SERVER=server)
    until(lambda: first.knows() == second.knows() == 1)
    wrong = start("node3", first.url, P2P_SECRET="another secret", P2P_SERVER=server)
    without = start("node4", first.url, P2P_SERVER=server)

    def refused() -> int:
        return int(requests.get(first.url + "/status", timeout=5).json()["unsealed_batches"])

    until(lambda: wrong.knows() == without.knows() == 0)
    until(lambda: refused() >= 2)
    assert first.knows() == second.knows() == 1
    sent = requests.post(first.url + "/send", json={"to": "node2", "msg": "Hello!"}, timeout=5)
    assert sent.status_code == 202
    until(lambda: "Received message from node1: Hello!" in second.printed())


def test_a_batch_without_a_seal_is_refused_and_changes_nothing(
    start: Callable[..., Node],
) -> None:
    node = start("node1", P2P_SECRET=SECRET)
    until(lambda: node.knows() == 0)
    body = encode(Batch(STRANGER, (Hello(),)))
    for content_type in ("application/json", "application/json; charset=utf-8"):  # door, Flask
        answer = requests.post(
            node.url + "/overlay", data=body, headers={"Content-Type": content_type}, timeout=5
        )
        assert answer.status_code == 403
        assert "secret" in answer.json()["error"]
    assert node.knows() == 0


def test_a_secret_that_is_too_short_ends_the_node_with_a_clear_line(
    start: Callable[..., Node],
) -> None:
    node = start("node1", P2P_SECRET="short")
    assert node.process.wait(15) == 1
    assert "P2P_SECRET must have at least 8 characters" in node.printed()


def test_a_preset_that_there_is_not_ends_the_node_with_a_clear_line(
    start: Callable[..., Node],
) -> None:
    node = start("node1", P2P_PRESET="moon")
    assert node.process.wait(15) == 1
    assert "P2P_PRESET must be one of lab, lan, wan, not 'moon'" in node.printed()


def test_messages_over_the_links_go_among_those_who_share_the_secret(
    start: Callable[..., Node],
) -> None:
    first = start("node1", P2P_SECRET=SECRET)
    until(lambda: first.knows() == 0)
    second = start("node2", first.url, P2P_SECRET=SECRET)
    until(lambda: first.knows() == second.knows() == 1)
    body = {"to": "node2", "msg": "Hello!", "route": "overlay"}
    sent = requests.post(first.url + "/send", json=body, timeout=5).json()["id"]

    def status() -> str:
        return str(requests.get(f"{first.url}/send/{sent}", timeout=5).json()["status"])

    until(lambda: status() == "delivered")
    # Somebody without the secret speaks as a link, and answers for a receiver.
    ids = [requests.get(node.url + "/status", timeout=5).json()["id"] for node in (first, second)]
    link = Record(id=ids[1], name="node2", url=second.url, epoch=1)
    for frame in (
        Unicast("forged", ids[0], "node2", "forged", 1, 7, (ids[1],)),
        Acknowledged(sent, 7, "refused", 1, ()),
    ):
        answer = requests.post(
            first.url + "/overlay",
            data=encode(Batch(link, (frame,))),
            headers={"Content-Type": "application/json"},
            timeout=5,
        )
        assert answer.status_code == 403
    assert requests.get(first.url + "/messages", timeout=5).json()["messages"] == []
    assert status() == "delivered"
