"""A node's events over a connection that breaks, leaves holes, or leads to another node."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import exposition
import pytest
import requests
from laboratory import Dashboard, until
from liars import Liar, event, member, snapshot


class Script:
    """What a fake node does, set anew between two connections."""

    def __init__(self) -> None:
        self.says: Callable[[Callable[..., None], str, Any], None] = lambda *_: None

    def __call__(self, emit: Callable[..., None], url: str, wish: Any) -> Any:
        self.says(emit, url, wish)
        return {"at": 1_000.0}


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def node(script: Script) -> Iterator[Liar]:
    running = Liar(script)
    yield running
    running.stop()


@pytest.fixture
def watching(tmp_path: Path, node: Liar) -> Iterator[Callable[[], Dashboard]]:
    started: list[Dashboard] = []

    def start() -> Dashboard:
        started.append(Dashboard(tmp_path, node.url))
        until(lambda: started[0].nodes().get("liar", {}).get("watched"))
        return started[0]

    yield start
    for dashboard in started:
        dashboard.end()
        assert "Traceback" not in dashboard.printed()


def received(seq: int, text: str) -> Any:
    to = {"id": "liar", "name": "liar", "url": "http://liar:5000"}
    return event(
        "message.received",
        {"message": f"m{seq}", "from": None, "to": to, "sender": "s", "text": text, "hop": 1},
        seq=seq,
    )


def texts(dashboard: Dashboard) -> list[str]:
    """The texts of all messages, oldest first."""
    return [view["text"] for view in reversed(dashboard.get("/api/messages")["messages"])]


def batch(*events: Any) -> Any:
    return {"at": 1_000.0, "events": list(events)}


def test_after_a_break_they_go_on_after_the_last_one(
    script: Script, node: Liar, watching: Callable[[], Dashboard]
) -> None:
    def before(emit: Callable[..., None], url: str, _: Any) -> None:
        emit("snapshot", snapshot(url, seq=3))
        emit("events", batch(received(4, "four")))

    def after(emit: Callable[..., None], url: str, wish: Any) -> None:
        if wish["after"] is None:
            emit("snapshot", snapshot(url, seq=6))
        else:
            assert wish == {"after": 4, "epoch": 1}
            emit("events", batch(received(5, "five"), received(6, "six")))

    script.says = before
    dashboard = watching()
    until(lambda: texts(dashboard) == ["four"])
    script.says = after
    node.drop()
    until(lambda: texts(dashboard) == ["four", "five", "six"])
    assert node.wishes == [
        {"after": None, "epoch": None},
        {"after": None, "epoch": None},
        {"after": 4, "epoch": 1},
    ]
    until(lambda: dashboard.nodes()["liar"]["watched"])
    assert dashboard.nodes()["liar"]["inbox"] == 3


def test_a_new_run_of_the_node_is_not_mistaken_for_the_old_one(
    script: Script, node: Liar, watching: Callable[[], Dashboard]
) -> None:
    script.says = lambda emit, url, _: emit("snapshot", snapshot(url, seq=3))
    dashboard = watching()
    script.says = lambda emit, url, _: emit(
        "snapshot", snapshot(url, seq=9, node={"epoch": 2}, inbox=7)
    )
    node.drop()
    until(lambda: dashboard.nodes()["liar"]["epoch"] == 2)
    assert dashboard.nodes()["liar"]["inbox"] == 7
    assert [wish["after"] for wish in node.wishes] == [None, None]


@pytest.mark.parametrize("kind", ["a number is missing", "the node says so"])
def test_a_hole_is_mended_with_a_snapshot(
    kind: str, script: Script, node: Liar, watching: Callable[[], Dashboard]
) -> None:
    gap = {**event("gap", {"missed": 1, "up_to": 2}), "id": "liar/1/gap-2"}
    holes = {
        "a number is missing": [received(1, "one"), received(3, "three")],
        "the node says so": [gap, received(3, "three")],
    }

    def says(emit: Callable[..., None], url: str, _: Any) -> None:
        if node.subscribed == 1:
            emit("snapshot", snapshot(url, seq=0))
            emit("events", batch(*holes[kind]))
        else:
            emit("snapshot", snapshot(url, seq=3, inbox=3, members=[member("other")]))
            emit("events", batch(received(4, "four")))

    script.says = says
    dashboard = watching()
    until(lambda: "four" in texts(dashboard))
    assert "three" not in texts(dashboard)
    assert dashboard.nodes()["liar"]["inbox"] == 4
    assert node.wishes == [{"after": None, "epoch": None}] * 2
    page = requests.get(dashboard.url + "/metrics", timeout=30).text
    assert exposition.value(exposition.read(page)[0], "p2p_dashboard_stream_gaps_total") == 1


def test_what_comes_twice_counts_once(script: Script, watching: Callable[[], Dashboard]) -> None:
    def says(emit: Callable[..., None], url: str, _: Any) -> None:
        emit("snapshot", snapshot(url, seq=0))
        emit("events", batch(received(1, "one")))
        emit("events", batch(received(1, "one"), received(2, "two")))

    script.says = says
    dashboard = watching()
    until(lambda: texts(dashboard) == ["one", "two"])
    assert dashboard.nodes()["liar"]["inbox"] == 2
    page = requests.get(dashboard.url + "/metrics", timeout=30).text
    samples = exposition.read(page)[0]
    assert exposition.value(samples, "p2p_dashboard_oddities_total", kind="repeated") == 1


def test_a_number_that_jumps_back_changes_nothing(
    script: Script, watching: Callable[[], Dashboard]
) -> None:
    def says(emit: Callable[..., None], url: str, _: Any) -> None:
        emit("snapshot", snapshot(url, seq=0))
        emit("events", batch(received(1, "one"), received(2, "two"), received(1, "another")))
        emit("events", batch(received(0, "nought"), received(3, "three")))

    script.says = says
    dashboard = watching()
    until(lambda: texts(dashboard) == ["one", "two", "three"])
    assert dashboard.nodes()["liar"]["inbox"] == 3


def test_a_clock_in_the_past_is_set_right(
    script: Script, watching: Callable[[], Dashboard]
) -> None:
    """The node lives in 1970, and its events happen now."""

    def says(emit: Callable[..., None], url: str, _: Any) -> None:
        emit("snapshot", snapshot(url, at=1_000.0))
        emit("events", batch({**received(1, "one"), "time": "1970-01-01T00:16:39.5+00:00"}))

    script.says = says
    dashboard = watching()
    until(lambda: texts(dashboard) == ["one"])
    view = dashboard.get("/api/messages")["messages"][0]
    now = dashboard.nodes()["liar"]["since"] + 999_000  # it started at 1 s of its clock
    assert abs(view["received_at"] - (now - 500)) < 200


def test_an_unsolicited_flood_of_snapshots_ends_the_stream(
    script: Script, node: Liar, watching: Callable[[], Dashboard]
) -> None:
    def says(emit: Callable[..., None], url: str, _: Any) -> None:
        for _ in range(100):
            emit("snapshot", snapshot(url))

    script.says = lambda emit, url, _: emit("snapshot", snapshot(url))
    dashboard = watching()
    script.says = says
    node.drop()
    until(lambda: "nobody asked for" in (dashboard.nodes()["liar"]["note"] or ""))
