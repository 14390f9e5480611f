"""A message for a node that is down waits, and whoever watches sees it wait: real processes."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from laboratory import Dashboard, Node, network
from laboratory import until as until_within


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 3) as running:
        yield running


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory, nodes: list[Node]) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path_factory.mktemp("dashboard"), nodes[0].url)
    until(running.sees(watched=3, coverage=1.0))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


def until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Three processes start anew and are found again, on a machine that may be busy."""
    until_within(condition, seconds)


def views(dashboard: Dashboard, *texts: str) -> list[Any]:
    found = {view["text"]: view for view in dashboard.get("/api/messages")["messages"]}
    return [found[text] for text in texts if text in found]


def states(dashboard: Dashboard, *texts: str) -> list[str]:
    return [view["state"] for view in views(dashboard, *texts)]


def counts(dashboard: Dashboard) -> tuple[int, int]:
    node = dashboard.nodes()["node1"]
    return node["waiting"], node["failed"]


def test_what_waits_is_seen_waiting_and_seen_arriving(
    dashboard: Dashboard, nodes: list[Node]
) -> None:
    before = dashboard.nodes()["node1"]["sent"]
    nodes[2].end()
    until(lambda: dashboard.nodes()["node3"]["state"] == "dead")
    for text in ("head", "behind"):
        body = {"from": "node1", "to": "node3", "msg": text}
        assert dashboard.post("/api/send", body).status_code == 202
    until(lambda: states(dashboard, "head", "behind") == ["waiting", "waiting"])
    assert counts(dashboard) == (2, 0)
    head, behind = views(dashboard, "head", "behind")
    assert head["reason"]
    assert head["queued_at"] <= behind["queued_at"]
    assert (behind["reason"], behind["next_at"], behind["sent_at"]) == (None, None, None)
    until(lambda: (views(dashboard, "head")[0]["next_at"] or 0) > head["queued_at"])

    listed = dashboard.get("/api/nodes/node1/outbox?status=queued")["messages"]
    assert [message["msg"] for message in listed] == ["behind", "head"]
    one = dashboard.get(f"/api/nodes/node1/outbox/{behind['id']}")
    assert (one["msg"], one["status"], one["promise"]) == ("behind", "queued", "exactly-once")

    nodes[2].start()
    until(lambda: states(dashboard, "head", "behind") == ["delivered", "delivered"])
    assert counts(dashboard) == (0, 0)
    assert dashboard.nodes()["node1"]["sent"] == before + 2
    assert dashboard.get("/api/nodes/node1/outbox?status=queued")["messages"] == []
    inbox = dashboard.get("/api/nodes/node3/messages")["messages"]
    assert [message["msg"] for message in inbox[:2]] == ["behind", "head"]
    assert inbox[0]["path"][0]["name"] == "node1"
    assert inbox[0]["sent_at"] <= inbox[0]["at"]


def test_a_dead_letter_is_tried_again_and_dropped_through_the_dashboard(
    dashboard: Dashboard, nodes: list[Node]
) -> None:
    nodes[2].end()
    until(lambda: dashboard.nodes()["node3"]["state"] == "dead")
    body = {"to": "node3", "msg": "short", "ttl_seconds": 1}
    requests.post(nodes[0].url + "/send", json=body, timeout=10).raise_for_status()
    until(lambda: states(dashboard, "short") == ["failed"])
    assert counts(dashboard) == (0, 1)
    (failed,) = dashboard.get("/api/nodes/node1/outbox?status=failed")["messages"]
    path = f"/api/nodes/node1/outbox/{failed['id']}"

    answer = dashboard.post(f"{path}/retry", {})
    assert (answer.status_code, answer.json()["status"]) == (202, "queued")
    first = failed["done_at"] * 1_000
    until(lambda: views(dashboard, "short")[0]["queued_at"] > first - 5)  # clocks, rounded
    until(lambda: states(dashboard, "short") == ["failed"] and counts(dashboard) == (0, 1))

    answer = dashboard.delete(path)
    assert (answer.status_code, answer.json()["status"]) == (200, "discarded")
    until(lambda: counts(dashboard) == (0, 0))
    until(lambda: views(dashboard, "short")[0]["reason"].endswith("; discarded"))
    assert dashboard.delete(path).status_code == 404
    assert dashboard.get("/api/nodes/node1/outbox?status=failed")["messages"] == []
