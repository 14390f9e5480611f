"""What the dashboard makes of a node's answer to somebody at the page."""

from collections.abc import Callable
from typing import Any

import pytest

from contract.errors import ApiError
from dashboard.asking import Reply
from dashboard.clocks import Offset
from dashboard.control import Control
from dashboard.observer import Observer
from dashboard.reports import Own, Snapshot


class Node:
    """The node `anna`, reached by whatever way, which answers what it is told to."""

    def __init__(self, status: int, body: bytes, **headers: str) -> None:
        self.asked: list[Any] = []
        self._reply = Reply(status, {"P2P-Node": "anna", **headers}, body)

    def way_to(self, _: object) -> str:
        return "http://anna:5000"

    def ask(self, *call: Any, timeout: float) -> Reply:  # noqa: ARG002 - whatever is waited
        self.asked.append(call)
        return self._reply


def control(node: Node) -> Control:
    observer = Observer(None)
    own = Own("anna", "anna", "http://anna:5000", 1, 0.0)
    observer.snapshot(Snapshot(own, 1, 0.0, [], []), Offset())
    reached: Any = node  # it stands for the ways to a node and for the asking
    return Control(observer, reached, reached)


def test_a_broadcast_is_the_nodes_own_call() -> None:
    node = Node(202, b'{"id": "b1", "status": "sent"}')
    assert control(node).broadcast("anna", "hi") == {"id": "b1", "status": "sent", "from": "anna"}
    assert node.asked == [("POST", "http://anna:5000", "/broadcast", {"msg": "hi"})]


@pytest.mark.parametrize(
    ("said", "expected"), [("5", 5), ("", None), ("soon", None), ("9" * 30, None), ("-1", None)]
)
def test_a_node_that_has_too_much_says_when_to_come_again(said: str, expected: int | None) -> None:
    node = Node(429, b'{"error": "the cache is full"}', **{"Retry-After": said})
    with pytest.raises(ApiError) as refusal:
        control(node).broadcast("anna", "hi")
    assert (refusal.value.status, refusal.value.message) == (429, "the cache is full")
    assert refusal.value.retry_after == expected


@pytest.mark.parametrize(
    ("call", "asked"),
    [
        (lambda c: c.outbox("anna", 50), ("GET", "/send?limit=50")),
        (
            lambda c: c.outbox("anna", 9, 77, "failed"),
            ("GET", "/send?limit=9&before=77&status=failed"),
        ),
        (lambda c: c.sent("anna", "m1"), ("GET", "/send/m1")),
        (lambda c: c.retry("anna", "m1"), ("POST", "/send/m1/retry")),
        (lambda c: c.discard("anna", "m1"), ("DELETE", "/send/m1")),
        (lambda c: c.discard("anna", "a/b?c#d%2e"), ("DELETE", "/send/a%2Fb%3Fc%23d%252e")),
    ],
)
def test_an_outbox_is_the_nodes_own(call: Callable[[Control], Any], asked: tuple[str, str]) -> None:
    node = Node(200, b'{"id": "m1"}')
    assert call(control(node)) == {"id": "m1"}
    method, path = asked
    assert node.asked == [(method, "http://anna:5000", path, None)]


@pytest.mark.parametrize("steps", [".", ".."])
def test_an_id_that_is_a_step_in_a_path_leads_nowhere(steps: str) -> None:
    node = Node(200, b"{}")
    for call in (control(node).sent, control(node).retry, control(node).discard):
        with pytest.raises(ApiError) as refusal:
            call("anna", steps)
        assert (refusal.value.status, refusal.value.field) == (404, "id")
    assert node.asked == []
