"""What the dashboard makes of a node's answer to somebody at the page."""

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

    def ask(self, *call: Any) -> Reply:
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
