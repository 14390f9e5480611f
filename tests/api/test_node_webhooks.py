"""Webhooks of a real node: signed, in order, tried again, with a lease, without a gap untold."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from laboratory import Node, network, until
from receiver import Receiver

from contract.limits import MAX_EVENTS


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def node(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Node]:
    running = Node(tmp_path_factory.mktemp("node"), "node1", P2P_SERVER=request.param)
    until(lambda: running.knows() == 0)
    yield running
    running.end()
    assert "Traceback" not in running.printed()


@pytest.fixture
def receiver(node: Node) -> Iterator[Receiver]:
    running = Receiver()
    yield running
    for one in hooks(node):
        requests.delete(f"{node.url}/webhooks/{one['id']}", timeout=5).raise_for_status()
    running.stop()


def hooks(node: Node) -> list[Any]:
    found: list[Any] = requests.get(node.url + "/webhooks", timeout=5).json()["webhooks"]
    return found


def subscribe(node: Node, receiver: Receiver, **wish: Any) -> Any:
    body = {"url": receiver.url, **wish}
    answer = requests.post(node.url + "/webhooks", json=body, timeout=15)
    assert answer.status_code in {200, 201}, answer.text
    return answer.json()


def say(node: Node, text: str) -> None:
    body = {"sender": "me", "msg": text}
    requests.post(node.url + "/message", json=body, timeout=5).raise_for_status()


def test_events_come_signed_and_in_order(node: Node, receiver: Receiver) -> None:
    hook = subscribe(node, receiver, types=["p2p.message.*"])
    for number in range(5):
        say(node, f"text {number}")
    until(lambda: len(receiver.texts()) == 5)
    assert receiver.texts() == [f"text {number}" for number in range(5)]
    for delivery in receiver.taken:
        assert delivery.headers["content-type"] == "application/cloudevents-batch+json"
        assert delivery.signed_with(hook["secret"])
        assert not delivery.signed_with("whsec_" + "A" * 44)
    ids = [event["id"].rpartition("/") for event in receiver.events]
    assert len({start for start, _, _ in ids}) == 1
    assert [int(seq) for _, _, seq in ids] == sorted({int(seq) for _, _, seq in ids})
    assert {event["source"] for event in receiver.events} == {node.url}
    until(lambda: hooks(node)[0]["lag"] == 0)
    (view,) = hooks(node)
    assert view["delivered"] == len(receiver.events)
    assert view["last_success"] is not None
    assert "secret" not in view


def test_batches_keep_a_distance(node: Node, receiver: Receiver) -> None:
    subscribe(node, receiver)
    until(lambda: hooks(node)[0]["lag"] == 0)
    number = 0
    while len(receiver.tries) < 6:
        say(node, f"quick {number}")
        number += 1
        assert number < 5_000
    until(lambda: len(receiver.texts()) == number)
    times = [delivery.at for delivery in receiver.tries]
    # Between the first and the last, as a busy machine may hold up any one of them.
    assert times[-1] - times[0] > 0.1 * (len(times) - 1) - 0.09


def test_the_receiver_sets_the_pace(node: Node, receiver: Receiver) -> None:
    receiver.rate = "60"
    subscribe(node, receiver)
    for number in range(2):
        say(node, f"slow {number}")
        until(lambda number=number: len(receiver.texts()) == number + 1)
    first, second = (delivery.at for delivery in receiver.tries[-2:])
    assert second - first > 0.9


def test_a_receiver_that_fails_twice_gets_it_again(node: Node, receiver: Receiver) -> None:
    receiver.answers = [(500, {}), (404, {})]
    hook = subscribe(node, receiver)
    say(node, "again")
    until(lambda: receiver.texts() == ["again"])
    tries = receiver.tries[:3]
    assert len({one.headers["webhook-id"] for one in tries}) == 1
    assert len({one.body for one in tries}) == 1
    assert all(one.signed_with(hook["secret"]) for one in tries)
    assert 0.2 < tries[1].at - tries[0].at < 5
    assert tries[2].at - tries[1].at > 0.4
    (view,) = hooks(node)
    assert view["failures"] == 2
    assert view["last_failure"]["why"] == "answers 404"


def test_a_receiver_says_when_to_come_again(node: Node, receiver: Receiver) -> None:
    receiver.answers = [(429, {"Retry-After": "2"})]
    subscribe(node, receiver)
    say(node, "later")
    until(lambda: receiver.texts() == ["later"])
    assert receiver.tries[1].at - receiver.tries[0].at > 1.9


def test_a_redirect_is_not_followed(node: Node, receiver: Receiver) -> None:
    other = Receiver()
    receiver.answers = [(307, {"Location": other.url})]
    subscribe(node, receiver)
    say(node, "stay")
    until(lambda: receiver.texts() == ["stay"])
    assert other.tries == []
    other.stop()


def test_who_is_gone_is_not_asked_again(node: Node, receiver: Receiver) -> None:
    receiver.answers = [(410, {})]
    subscribe(node, receiver)
    say(node, "gone")
    until(lambda: not hooks(node))
    assert len(receiver.tries) == 1
    assert "Webhook ends" in node.printed()


def test_a_lease_runs_out_unless_it_is_renewed(node: Node, receiver: Receiver) -> None:
    subscribe(node, receiver, lease_seconds=1)
    subscribe(node, receiver, lease_seconds=600)
    say(node, "renewed")
    until(lambda: receiver.texts() == ["renewed"])
    subscribe(node, receiver, lease_seconds=1)
    until(lambda: not hooks(node))
    say(node, "too late")
    other = Receiver()  # who comes afterwards gets what happens then: by now it would have come
    subscribe(node, other)
    say(node, "for others")
    until(lambda: other.texts() == ["for others"])
    assert receiver.texts() == ["renewed"]
    other.stop()
    for one in hooks(node):
        requests.delete(f"{node.url}/webhooks/{one['id']}", timeout=5).raise_for_status()


def test_a_lease_ends_even_where_nobody_answers(node: Node, receiver: Receiver) -> None:
    subscribe(node, receiver, lease_seconds=2)
    receiver.answers = [(500, {})] * 100
    say(node, "nobody")
    until(lambda: hooks(node) and hooks(node)[0]["failures"])
    until(lambda: not hooks(node))
    assert len(receiver.tries) < 10, "nothing is tried any more when the lease is over"


def test_it_goes_on_after_a_number(node: Node, receiver: Receiver) -> None:
    for number in range(3):
        say(node, f"before {number}")
    log = requests.get(node.url + "/events", timeout=5).json()
    subscribe(node, receiver, after=log["next"] - 1)
    until(lambda: receiver.events)
    assert receiver.texts() == ["before 2"]


def test_it_is_told_what_is_lost(node: Node, receiver: Receiver) -> None:
    if node.environment["P2P_SERVER"] == "threading":
        pytest.skip("four thousand messages take a while, and the log is the same")
    session = requests.Session()
    for number in range(MAX_EVENTS + 1):
        body = {"sender": "me", "msg": f"flood {number}"}
        session.post(node.url + "/message", json=body, timeout=5).raise_for_status()
    subscribe(node, receiver, after=1, types=["p2p.node.started"])
    gap: Any = until(lambda: receiver.events)[0]
    assert gap["type"] == "p2p.gap"
    newest = requests.get(node.url + "/events?after=99999999", timeout=5).json()["next"]
    assert gap["data"]["up_to"] == newest - MAX_EVENTS
    assert gap["data"]["missed"] == gap["data"]["up_to"] - 1
    snapshot = receiver.events[1]
    assert snapshot["type"] == "p2p.snapshot"
    assert snapshot["data"]["seq"] >= newest
    assert snapshot["data"]["inbox"] > 0


def test_it_goes_on_after_a_restart_for_the_rest_of_its_lease(
    node: Node, receiver: Receiver
) -> None:
    hook = subscribe(node, receiver, types=["p2p.message.*"], lease_seconds=600)
    say(node, "before")
    until(lambda: receiver.texts() == ["before"])
    epoch = requests.get(node.url + "/status", timeout=5).json()["epoch"]
    node.end()  # as a crash does
    node.start()
    until(lambda: node.knows() == 0)
    until(lambda: len(receiver.events) >= 3)
    gap, snapshot = receiver.events[1:3]
    assert (gap["type"], gap["data"]["missed"]) == ("p2p.gap", None)
    assert snapshot["type"] == "p2p.snapshot"
    assert snapshot["data"]["node"]["epoch"] == epoch + 1
    say(node, "after")
    until(lambda: receiver.texts() == ["before", "after"])
    assert receiver.taken[-1].signed_with(hook["secret"])
    (again,) = hooks(node)
    assert (again["id"], again["types"]) == (hook["id"], ["p2p.message.*"])
    assert 500 < again["expires_in"] < 600
    assert len(receiver.asked) == 1, "it agreed once"
    requests.delete(f"{node.url}/webhooks/{hook['id']}", timeout=5).raise_for_status()
    node.end()
    node.start()
    until(lambda: node.knows() == 0)
    assert hooks(node) == [], "what was deleted stays so"


def test_a_receiver_that_never_answers_slows_nobody(node: Node, receiver: Receiver) -> None:
    subscribe(node, receiver)
    deaf = Receiver()
    deaf.deaf.set()
    requests.post(node.url + "/webhooks", json={"url": deaf.url}, timeout=5).raise_for_status()
    for number in range(3):
        say(node, f"on {number}")
    until(lambda: deaf.tries and receiver.texts() == ["on 0", "on 1", "on 2"], 8)
    held = next(one for one in hooks(node) if one["url"] == deaf.url)
    assert held["lag"] >= 3
    deaf.stop()


def test_a_node_is_no_receiver_of_another(tmp_path: Path) -> None:
    with network(tmp_path, 2) as (first, second):
        answer = requests.post(
            first.url + "/webhooks", json={"url": second.url + "/message"}, timeout=15
        )
        assert answer.status_code == 422
        assert "does not agree" in answer.json()["error"]
