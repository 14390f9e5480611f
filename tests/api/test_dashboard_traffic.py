"""Random traffic: between real nodes, at its rate, bounded, and over when it should be."""

import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from laboratory import Browser, Dashboard, Node, browsing, network, until


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 3) as running:
        yield running


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def dashboard(
    tmp_path_factory: pytest.TempPathFactory, nodes: list[Node], request: pytest.FixtureRequest
) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path_factory.mktemp("dashboard"), nodes[0].url, request.param)
    until(running.sees(watched=3, coverage=1.0), 40)
    yield running
    running.end()
    assert "Traceback" not in running.printed()


@pytest.fixture(autouse=True)
def quiet(dashboard: Dashboard) -> Iterator[None]:
    yield
    stop(dashboard)


def stop(dashboard: Dashboard) -> requests.Response:
    return dashboard.delete("/api/traffic")


def now(dashboard: Dashboard) -> Any:
    return dashboard.get("/api/traffic")["traffic"]


def texts(node: Node) -> list[str]:
    found = requests.get(node.url + "/messages?limit=200", timeout=10).json()["messages"]
    return [message["msg"] for message in found]


def test_nodes_send_each_other_messages_until_the_time_is_over(
    dashboard: Dashboard, nodes: list[Node]
) -> None:
    before = sum(len(texts(node)) for node in nodes)
    answer = dashboard.post("/api/traffic", {"rate": 10, "for_seconds": 3, "by": "a test"})
    assert answer.status_code == 201, answer.text
    view = answer.json()["traffic"]
    assert (view["rate"], view["kinds"], view["for_seconds"]) == (10, ["messages"], 3)
    assert (view["by"], view["over"]) == ("a test", None)
    assert 2 < view["left_seconds"] <= 3
    over = until(lambda: (told := now(dashboard))["over"] and told, 20)
    assert (over["id"], over["over"], over["left_seconds"]) == (view["id"], "time", 0)
    assert over["failed"] == 0, over["error"]
    # Thirty were due; what nobody was free for is skipped, and never made up for.
    assert 20 <= over["sent"] + over["skipped"] <= 31
    until(lambda: sum(len(texts(node)) for node in nodes) - before == over["sent"])
    assert all(text.startswith("traffic ") for text in texts(nodes[0])[:3])


def test_one_at_a_time_and_it_is_stopped(dashboard: Dashboard) -> None:
    assert stop(dashboard).status_code == 404
    first = dashboard.post("/api/traffic", {"rate": 2, "for_seconds": 600}).json()["traffic"]
    second = dashboard.post("/api/traffic", {"rate": 2})
    assert second.status_code == 409
    assert "running already" in second.json()["error"]
    until(lambda: now(dashboard)["sent"] >= 1)  # the first one is sent at once
    stopped = stop(dashboard)
    assert stopped.status_code == 200
    assert (stopped.json()["traffic"]["id"], stopped.json()["traffic"]["over"]) == (
        first["id"],
        "stopped",
    )
    assert dashboard.post("/api/traffic", {"rate": 1, "for_seconds": 1}).status_code == 201


def test_broadcasts_go_to_all(dashboard: Dashboard, nodes: list[Node]) -> None:
    asked = {"rate": 1, "for_seconds": 2, "kinds": ["broadcasts"]}
    assert dashboard.post("/api/traffic", asked).status_code == 201
    until(lambda: now(dashboard)["over"], 20)
    assert now(dashboard)["failed"] == 0
    heard = [sum("to all" in text for text in texts(node)) for node in nodes]
    until(lambda: sum("to all" in text for node in nodes for text in texts(node)) >= 2)
    assert max(heard) >= 1


def test_it_ends_with_the_page_that_asked_for_it(dashboard: Dashboard) -> None:
    told: list[Any] = []
    with browsing(dashboard) as browser, browsing(dashboard) as other:
        other.client.on("traffic", told.append, namespace="/live")
        asked = {"rate": 5, "for_seconds": 600, "browser": sid(browser)}
        assert dashboard.post("/api/traffic", asked).status_code == 201
        until(lambda: now(dashboard)["sent"] >= 2)
        assert now(dashboard)["over"] is None
        browser.client.disconnect()
        until(lambda: now(dashboard)["over"] == "closed")
        until(lambda: any(one["traffic"]["over"] == "closed" for one in told))
        assert told[0]["traffic"]["over"] is None, "the others hear of it while it runs"


def test_it_goes_on_when_another_page_is_closed(dashboard: Dashboard) -> None:
    with browsing(dashboard) as browser:
        with browsing(dashboard):
            asked = {"rate": 2, "for_seconds": 600, "browser": sid(browser)}
            assert dashboard.post("/api/traffic", asked).status_code == 201
        began = now(dashboard)["sent"]
        until(lambda: now(dashboard)["sent"] > began + 1)
        assert now(dashboard)["over"] is None


def sid(browser: Browser) -> str:
    found = browser.client.get_sid(namespace="/live")
    assert found is not None
    return str(found)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"rate": 0}, 422, "rate"),
        ({"rate": ...}, 400, "rate"),
        ({"rate": 201}, 422, "rate"),
        ({"rate": 10**30}, 422, "rate"),
        ({"rate": -1}, 422, "rate"),
        ({"rate": 1.5}, 400, "rate"),
        ({"rate": "10"}, 400, "rate"),
        ({"rate": True}, 400, "rate"),
        ({"rate": None}, 400, "rate"),
        ({"for_seconds": 0}, 422, "for_seconds"),
        ({"for_seconds": 601}, 422, "for_seconds"),
        ({"for_seconds": 1e300}, 422, "for_seconds"),
        ({"for_seconds": "60"}, 400, "for_seconds"),
        ({"for_seconds": []}, 400, "for_seconds"),
        ({"kinds": []}, 400, "kinds"),
        ({"kinds": "messages"}, 400, "kinds"),
        ({"kinds": ["letters"]}, 422, "kinds"),
        ({"kinds": [["messages"]]}, 400, "kinds"),
        ({"kinds": [{}]}, 400, "kinds"),
        ({"kinds": ["messages"] * 3}, 400, "kinds"),
        ({"by": 7}, 400, "by"),
        ({"by": ""}, 422, "by"),
        ({"by": "x" * 10_000}, 422, "by"),
        ({"browser": "nobody"}, 422, "browser"),
        ({"browser": 7}, 400, "browser"),
        ({"browser": "x" * 10_000}, 422, "browser"),
        ({"rates": 10}, 422, "rates"),
    ],
)
def test_nonsense_is_refused_with_the_field_and_starts_nothing(
    dashboard: Dashboard, body: dict[str, Any], status: int, field: str
) -> None:
    asked = {key: value for key, value in {"rate": 10, **body}.items() if value is not ...}
    answer = dashboard.post("/api/traffic", asked)
    assert (answer.status_code, answer.json().get("field")) == (status, field), answer.text
    told = now(dashboard)
    assert told is None or told["over"] is not None


def test_no_other_page_starts_or_stops_it(dashboard: Dashboard) -> None:
    url = "/api/traffic"
    foreign = {"Origin": "http://evil.example"}
    assert dashboard.post(url, {"rate": 1}, headers=foreign).status_code == 403
    assert dashboard.post("/api/traffic", {"rate": 1}).status_code == 201
    assert dashboard.delete(url, headers=foreign).status_code == 403
    assert dashboard.delete(url, headers={"Host": "evil.example"}).status_code == 403
    assert dashboard.act("POST", url, data="{}").status_code == 415
    assert now(dashboard)["over"] is None


def test_what_is_not_answered_is_counted_and_holds_nothing_up(
    dashboard: Dashboard, nodes: list[Node]
) -> None:
    for node in nodes:  # not by the fault of that name: who acts gets through to such a node
        node.process.send_signal(signal.SIGSTOP)
    try:
        assert dashboard.post("/api/traffic", {"rate": 200, "for_seconds": 600}).ok
        until(lambda: now(dashboard)["skipped"] > 100, 30)
        began = time.monotonic()
        assert stop(dashboard).status_code == 200
        assert time.monotonic() - began < 3, "stopping waits for nobody"
        assert now(dashboard)["over"] == "stopped"
    finally:
        for node in nodes:
            node.process.send_signal(signal.SIGCONT)
    until(lambda: now(dashboard)["failed"] > 0 or now(dashboard)["sent"] > 0, 30)


def test_every_act_of_the_table_is_one_that_nodes_take(dashboard: Dashboard) -> None:
    actions = dashboard.get("/api/faults/actions")["actions"]
    assert len({action["id"] for action in actions}) == len(actions)
    assert {action["on"] for action in actions} == {"node", "link"}
    for action in actions:
        if action["destroys"]:
            continue  # the node would be gone: its wish is that of `chaos`' own tests
        peers = {"peers": ["node2"]} if action["on"] == "link" else {}
        asked = {**action["wish"], **peers, "nodes": ["node1"]}
        answer = dashboard.post("/api/faults", asked)
        assert answer.status_code == 201, (action["id"], answer.text)
        act = answer.json()["act"]["id"]
        dashboard.delete(f"/api/faults/{act}").raise_for_status()
