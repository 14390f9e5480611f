"""The history of real dashboards: asked for, exported, imported, replayed, and after a pause."""

import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
import requests
from laboratory import LISTENS, ROOT, Dashboard, Node, browsing, network, until

GZIP = {"Content-Type": "application/gzip"}


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 3) as running:
        yield running


@pytest.fixture(scope="module", params=["eventlet", "threading"])
def dashboard(
    tmp_path_factory: pytest.TempPathFactory, nodes: list[Node], request: pytest.FixtureRequest
) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path_factory.mktemp("dashboard"), nodes[0].url, request.param)
    until(running.sees(watched=3, coverage=1.0))
    yield running
    running.end()
    assert "Traceback" not in running.printed()


def now() -> int:
    return round(time.time() * 1000)


def delivered(dashboard: Dashboard, text: str, to: str = "node2") -> Any:
    """Send a message by the dashboard: its view, once it has arrived."""
    dashboard.post("/api/send", {"from": "node1", "to": to, "msg": text}).raise_for_status()
    return until(
        lambda: next(
            (
                one
                for one in dashboard.get("/api/messages")["messages"]
                if one["text"] == text and one["done_at"] and one["received_at"]
            ),
            None,
        )
    )


def current(dashboard: Dashboard) -> Any:
    return next(run for run in dashboard.get("/api/runs")["runs"] if run["current"])


def exported(dashboard: Dashboard) -> bytes:
    answer = requests.get(f"{dashboard.url}/api/runs/{current(dashboard)['id']}/export", timeout=20)
    assert answer.status_code == 200
    return answer.content


def test_what_the_network_looked_like_then(dashboard: Dashboard) -> None:
    before = now()
    view = delivered(dashboard, f"then {before}")
    time_of_it = view["done_at"] + 200  # the stream may tell it a tenth of a second later
    until(lambda: now() > time_of_it)
    then = dashboard.get(f"/api/graph?at={time_of_it}")
    with browsing(dashboard) as browser:
        live = browser.snapshots[0]
    assert set(then) == {*live, "hole"} - {"page"}, "which page the server has is of now"
    assert [one for one in then["messages"] if one["id"] == view["id"]] == [view]
    assert then["run"] == live["run"]
    assert {one["id"]: one["state"] for one in then["nodes"]} == {
        one["id"]: "alive" for one in live["nodes"]
    }
    assert sorted(then["links"]) == sorted(live["links"])
    assert then["knows"] == live["knows"]
    earlier = dashboard.get(f"/api/graph?at={before}")
    assert view["id"] not in {one["id"] for one in earlier["messages"]}
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time_of_it / 1000 + 1))
    assert dashboard.get(f"/api/graph?at={stamp}")["nodes"] == then["nodes"]


def test_what_happened_is_paged(dashboard: Dashboard) -> None:
    since = now()
    view = delivered(dashboard, f"paged {since}")
    path = f"/api/history?from={since}&types=message&limit=1"
    found: list[Any] = []
    page = until(lambda: (told := dashboard.get(path))["next"] and told)
    for _ in range(10):
        found += page["records"]
        assert len(page["records"]) <= 1
        if page["next"] is None:
            break
        page = dashboard.get(f"{path}&after={page['next']}")
    ours = [one for one in found if one["data"]["message"] == view["id"]]
    assert sorted(one["type"] for one in ours) == [
        "message.delivered",
        "message.received",
        "message.sent",
    ]
    (sent,) = [one for one in ours if one["type"] == "message.sent"]
    assert sent["node"]["name"] == sent["data"]["from"]["name"] == "node1"
    assert sent["data"]["text"] == f"paged {since}"
    assert round(sent["time"]) == view["sent_at"]
    assert sent["at"] >= sent["time"]
    assert (sent["epoch"], sent["seq"] > 0) == (1, True)
    only = dashboard.get(f"/api/history?from={since}&types=message&node=node2")["records"]
    assert [one["type"] for one in only] == ["message.received"]


def test_messages_of_the_past_are_paged_and_each_tells_all_that_was_said_of_it(
    dashboard: Dashboard,
) -> None:
    since = now()
    views = [delivered(dashboard, f"old {since} {number}") for number in range(3)]
    path = f"/api/history/messages?from={since}&text=OLD {since}&limit=2"
    first = dashboard.get(path)
    second = dashboard.get(f"{path}&before={first['next']}")
    while second["next"] is not None and not second["messages"]:
        second = dashboard.get(f"{path}&before={second['next']}")
    found = first["messages"] + second["messages"]
    assert [one["id"] for one in found] == [view["id"] for view in reversed(views)]
    names = first["nodes"]
    newest = found[0]
    assert (newest["state"], newest["text"]) == ("delivered", f"old {since} 2")
    assert [names[newest[end]]["name"] for end in ("from", "to")] == ["node1", "node2"]
    assert (newest["done_at"], newest["sent_at"]) == (views[2]["done_at"], views[2]["sent_at"])
    said = dashboard.get(f"/api/history?message={newest['id']}&from={since}")["records"]
    assert {one["data"]["message"] for one in said} == {newest["id"]}
    assert sorted(one["type"] for one in said) == [
        "message.delivered",
        "message.received",
        "message.sent",
    ]


def test_exports_are_what_networkx_reads(dashboard: Dashboard) -> None:
    view = delivered(dashboard, "=1+1")
    for query in ("", f"?at={now()}"):
        told = dashboard.get("/api/export/graph.json" + query)
        graph = nx.node_link_graph(told)
        assert graph.number_of_nodes() == 3
        for name, read in (("graphml", nx.read_graphml), ("gexf", nx.read_gexf)):
            url = f"{dashboard.url}/api/export/graph.{name}{query}"
            answer = requests.get(url, timeout=10)
            assert f'filename="graph.{name}"' in answer.headers["Content-Disposition"]
            loaded = read(io.BytesIO(answer.content))
            assert sorted(loaded.edges()) == sorted(graph.edges())
        answer = requests.get(f"{dashboard.url}/api/export/graph.dot{query}", timeout=10)
        assert answer.text.count("->") == graph.number_of_edges()
        lines = requests.get(f"{dashboard.url}/api/export/messages.jsonl{query}", timeout=10).text
        (line,) = [one for one in map(json.loads, lines.splitlines()) if one["id"] == view["id"]]
        assert (line["text"], line["from_name"], line["to_name"]) == ("=1+1", "node1", "node2")
        table = requests.get(f"{dashboard.url}/api/export/messages.csv{query}", timeout=10).text
        assert ",'=1+1," in table


def test_the_numbers_of_the_graph(dashboard: Dashboard) -> None:
    told = dashboard.get("/api/analysis")
    then = dashboard.get(f"/api/analysis?at={now()}")
    assert {**told, "at": 0} == {**then, "at": 0}
    assert (told["nodes"], told["components"]) == (3, [3])
    assert told["distances"]["exact"] is True
    assert told["coverage"]["mean"] == told["agreement"]["share"] == 1.0
    (*_, last) = dashboard.get("/api/analysis/series?from=0")["points"]
    assert set(last) > {"at", "nodes", "diameter", "coverage", "agreement"}
    assert isinstance(dashboard.get("/api/analysis/series")["points"], list)


def test_a_run_is_sent_to_a_friend_who_replays_it(dashboard: Dashboard, tmp_path: Path) -> None:
    view = delivered(dashboard, "for the friend")
    time_of_it = view["done_at"] + 200
    until(lambda: now() > time_of_it)
    before = dashboard.get(f"/api/graph?at={time_of_it}")
    file = tmp_path / "lesson.p2prun"
    file.write_bytes(exported(dashboard))
    run = current(dashboard)
    friend = Replay(tmp_path, file)
    try:
        assert friend.get(f"/api/graph?at={time_of_it}") == before
        assert friend.status()["line"].startswith(f"Replay of {run['name']}, at its end: 3 nodes")
        with browsing(friend) as browser:
            snapshot = browser.snapshots[0]
        assert view in snapshot["messages"]
        assert len(snapshot["nodes"]) == 3
        assert friend.get("/api/history?types=message")["records"]
        for answer in (
            friend.post("/api/send", {"from": "node1", "to": "node2", "msg": "x"}),
            friend.post("/api/broadcast", {"from": "node1", "msg": "x"}),
            requests.get(friend.url + "/api/nodes/node1", timeout=5),
            friend.post(f"/api/runs/{run['id']}", {"name": "mine"}),
            friend.delete(f"/api/runs/{run['name']}"),
            friend.act("POST", "/api/runs", data=file.read_bytes(), headers=GZIP),
        ):
            assert answer.status_code == 409
            assert "replay" in answer.json()["error"]
        assert friend.get("/api/runs")["recording"] == {"state": "off"}
        again = requests.get(f"{friend.url}/api/runs/{run['name']}/export", timeout=10).content
        assert (
            gzip.decompress(again).splitlines()[1:]
            == (gzip.decompress(file.read_bytes()).splitlines()[1:])
        )
    finally:
        assert friend.end(signal.SIGTERM) == 0
    assert "Traceback" not in friend.printed()
    assert not list(tmp_path.glob("tmp/p2p-replay-*"))


class Replay(Dashboard):
    """A dashboard that shows a file."""

    def __init__(self, folder: Path, file: Path) -> None:
        (folder / "tmp").mkdir()
        super().__init__(
            folder / "replay", "", DASHBOARD_REPLAY=str(file), TMPDIR=str(folder / "tmp")
        )


def test_a_run_is_imported_beside_the_others_renamed_and_deleted(dashboard: Dashboard) -> None:
    content = exported(dashboard)
    own = current(dashboard)
    answer = dashboard.act("POST", "/api/runs?name=From a friend", data=content, headers=GZIP)
    assert answer.status_code == 201, answer.text
    run = answer.json()
    assert run["name"] == "From a friend"
    listed = {one["id"]: one for one in dashboard.get("/api/runs")["runs"]}
    assert listed[run["id"]]["imported"]
    assert not listed[run["id"]]["current"]
    at = own["until"]
    theirs = dashboard.get(f"/api/graph?at={at}&run={run['id']}")
    ours = dashboard.get(f"/api/graph?at={at}")
    assert {**theirs, "links": 0} == {**ours, "links": 0}
    assert dashboard.get("/api/history?run=From a friend&limit=1")["records"]
    renamed = dashboard.post(f"/api/runs/{run['id']}", {"name": "Lesson 3"})
    assert renamed.json() == {"id": run["id"], "name": "Lesson 3"}
    twice = dashboard.act("POST", "/api/runs?name=Lesson 3", data=content, headers=GZIP)
    assert twice.json()["name"] == "Lesson 3 (2)"
    for one in (run, twice.json()):
        gone = dashboard.delete(f"/api/runs/{one['id']}")
        assert gone.json()["status"] == "deleted"
    assert [one["id"] for one in dashboard.get("/api/runs")["runs"]] == [own["id"]]
    refused = dashboard.delete(f"/api/runs/{own['id']}")
    assert refused.status_code == 409


FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "zip": (b"PK\x03\x04" + b"\0" * 100, "not packed with gzip"),
    "database": (b"SQLite format 3\0" + b"\0" * 100, "not packed with gzip"),
    "damaged": (b"\x1f\x8b" + b"\0" * 100, "damaged"),
    "foreign": (gzip.compress(b'{"hello": "world"}\n'), "first line"),
    "newer": (
        gzip.compress(b'{"format": "p2prun", "schema": 9, "name": "x", "id": "x"}\n'),
        "schema version 9",
    ),
    "nothing in it": (
        gzip.compress(b'{"format": "p2prun", "schema": 1, "name": "x", "id": "x"}\n{"end": 0}\n'),
        "no checkpoint",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_in_order_is_refused_and_leaves_nothing(
    dashboard: Dashboard, name: str
) -> None:
    content, why = FILES[name]
    folder = dashboard.log.parent / "data" / "history"
    before = {path.name for path in folder.iterdir()}
    answer = dashboard.act("POST", "/api/runs", data=content, headers=GZIP)
    assert answer.status_code == 422
    assert why in answer.json()["error"]
    assert {path.name for path in folder.iterdir()} == before
    assert len(dashboard.get("/api/runs")["runs"]) == 1


def test_a_cut_file_is_refused_by_the_api_and_by_the_command(
    dashboard: Dashboard, tmp_path: Path
) -> None:
    cut = exported(dashboard)[:-100]
    answer = dashboard.act("POST", "/api/runs", data=cut, headers=GZIP)
    assert (answer.status_code, "cut short" in answer.json()["error"]) == (422, True)
    file = tmp_path / "cut.p2prun"
    file.write_bytes(cut)
    for path, why in ((file, "cut short"), (tmp_path / "none", "No such file")):
        done = subprocess.run(
            [sys.executable, "-m", "dashboard"],
            cwd=ROOT,
            env={**os.environ, "DASHBOARD_REPLAY": str(path), "DASHBOARD_PORT": "0"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 1
        assert why in done.stderr
        assert done.stderr.count("\n") == 1
        assert LISTENS not in done.stdout


GET = [
    ("/api/graph?at=", 400, "at"),
    ("/api/graph?at=yesterday", 400, "at"),
    ("/api/graph?at=2026-11-29T14:03:07", 400, "at"),
    ("/api/graph?at=-1", 400, "at"),
    ("/api/graph?at=" + "9" * 20, 422, "at"),
    ("/api/graph?at=" + "9" * 400, 400, "at"),
    ("/api/graph?at=0", 404, "at"),
    ("/api/graph?run=nothing", 404, "run"),
    ("/api/graph?run=" + "x" * 64, 422, "run"),
    ("/api/graph?run=", 422, "run"),
    ("/api/graph?run=../../etc/passwd", 404, "run"),
    ("/api/history?limit=0", 422, "limit"),
    ("/api/history?limit=2001", 422, "limit"),
    ("/api/history?limit=x", 400, "limit"),
    ("/api/history?types=nothing", 422, "types"),
    ("/api/history?types=message,%00", 422, "types"),
    ("/api/history?after=1", 400, "after"),
    ("/api/history?after=1-" + "9" * 30, 400, "after"),
    ("/api/history?from=2&to=1", 422, "to"),
    ("/api/history?from=1e9", 400, "from"),
    ("/api/history?node=" + "x" * 300, 422, "node"),
    ("/api/history?node=", 422, "node"),
    ("/api/history?run=nothing", 404, "run"),
    ("/api/history?newest=yes", 422, "newest"),
    ("/api/history?newest=1&after=1-1", 422, "newest"),
    ("/api/history?message=", 422, "message"),
    ("/api/history?message=" + "x" * 300, 422, "message"),
    ("/api/history/messages?limit=0", 422, "limit"),
    ("/api/history/messages?before=1", 400, "before"),
    ("/api/history/messages?before=1-" + "9" * 30, 400, "before"),
    ("/api/history/messages?from=2&to=1", 422, "to"),
    ("/api/history/messages?node=" + "x" * 300, 422, "node"),
    ("/api/history/messages?text=", 422, "text"),
    ("/api/history/messages?run=nothing", 404, "run"),
    ("/api/export/graph.exe", 404, "name"),
    ("/api/export/..%2f..%2fetc", 404, None),
    ("/api/export/graph.dot?at=x", 400, "at"),
    ("/api/analysis?at=0", 404, "at"),
    ("/api/analysis?run=nothing", 404, "run"),
    ("/api/analysis/series?from=x", 400, "from"),
    ("/api/analysis/series?from=0&points=101", 422, "points"),
    ("/api/pulse?after=x", 400, "after"),
    ("/api/pulse?after=-1", 422, "after"),
    ("/api/pulse?after=9999999999999999", 422, "after"),
    ("/api/runs/nothing/export", 404, "run"),
    ("/api/runs/" + "x" * 5_000 + "/export", 422, "run"),
    ("/api/runs/%20/export", 422, "run"),
    ("/api/runs/nothing", 405, None),
]


@pytest.mark.parametrize(("path", "status", "field"), GET)
def test_nonsense_is_refused_by_name(
    dashboard: Dashboard, path: str, status: int, field: str | None
) -> None:
    answer = requests.get(dashboard.url + path, timeout=5)
    assert answer.status_code == status, answer.text
    assert answer.json()["error"]
    assert answer.json().get("field") == field


def test_a_search_for_anything_is_answered(dashboard: Dashboard) -> None:
    for node in ("%00", "'; DROP TABLE records; --", "nobody", "\u202e💩", "%", "1"):
        answer = requests.get(
            dashboard.url + "/api/history", params={"node": node, "after": "0-0"}, timeout=5
        )
        assert answer.json()["records"] == []


def test_changing_calls_are_refused_with_the_reason(dashboard: Dashboard) -> None:
    run = current(dashboard)
    url = f"/api/runs/{run['id']}"
    cases = [
        (dashboard.post(url, {}), 400, "name"),
        (dashboard.post(url, {"name": 7}), 400, "name"),
        (dashboard.post(url, {"name": ""}), 422, "name"),
        (dashboard.post(url, {"name": "x" * 64}), 422, "name"),
        (dashboard.post(url, {"name": "two\nlines"}), 422, "name"),
        (dashboard.act("POST", url, data="name=x"), 415, None),
        (dashboard.post("/api/runs", {}), 415, None),
        (dashboard.post("/api/runs/no", {"name": "x"}), 404, "run"),
        (dashboard.delete("/api/runs/no"), 404, "run"),
        (
            dashboard.act("POST", "/api/runs?name=%0a", data=b"", headers=GZIP),
            422,
            "name",
        ),
        (
            dashboard.delete(url, headers={"Origin": "http://evil.example"}),
            403,
            None,
        ),
        (
            dashboard.act(
                "POST",
                "/api/runs",
                data=b"",
                headers={**GZIP, "Origin": "http://evil.example"},
            ),
            403,
            None,
        ),
    ]
    for answer, status, field in cases:
        assert answer.status_code == status, answer.text
        assert answer.json().get("field") == field
    assert current(dashboard)["name"] == run["name"]


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_after_a_pause_the_history_shows_what_happened_meanwhile(
    tmp_path: Path, nodes: list[Node], how: signal.Signals
) -> None:
    dashboard = Dashboard(tmp_path, nodes[0].url)
    try:
        until(dashboard.sees(watched=3, coverage=1.0))
        view = delivered(dashboard, "before")
        until(lambda: dashboard.get("/api/history?types=message.delivered")["records"])
        dashboard.end(how)
        stopped = now()
        requests.post(
            nodes[0].url + "/send", json={"to": "node3", "msg": "meanwhile"}, timeout=5
        ).raise_for_status()
        until(lambda: "meanwhile" in requests.get(nodes[2].url + "/messages", timeout=5).text)
        meanwhile = until(lambda: now() > stopped + 500 and now())
        dashboard.start()
        until(dashboard.sees(watched=3, coverage=1.0))

        def filled() -> Any:
            told = dashboard.get("/api/history?types=message.delivered")
            texts = [one["data"]["message"] for one in told["records"]]
            return len(texts) == 2 and not [h for h in told["holes"] if h["node"]] and told

        told = until(filled)
        assert told["records"][0]["data"]["message"] == view["id"]
        (hole,) = told["holes"]
        assert hole["since"] <= stopped <= hole["until"]
        assert "no dashboard was running" in hole["why"]
        then = dashboard.get(f"/api/graph?at={meanwhile}")
        assert then["hole"] == hole
        assert [one["text"] for one in then["messages"]] == ["before", "meanwhile"]
        assert then["messages"][1]["state"] == "delivered"
        assert stopped <= then["messages"][1]["sent_at"] <= meanwhile
        assert {one["state"] for one in then["nodes"]} == {"alive"}
        assert len(dashboard.get("/api/runs")["runs"]) == 1
    finally:
        dashboard.end()
    assert "Traceback" not in dashboard.printed()


def test_a_node_that_dies_while_nobody_looks_is_dead_in_the_history(tmp_path: Path) -> None:
    with network(tmp_path / "nodes", 4) as nodes:
        dashboard = Dashboard(tmp_path, nodes[0].url)
        try:
            until(dashboard.sees(watched=4, coverage=1.0))
            dashboard.end(signal.SIGTERM)
            nodes[3].end()

            def found_dead() -> bool:
                said = [requests.get(node.url + "/peers", timeout=5).json() for node in nodes[:3]]
                return all(nodes[3].url not in one["peers"] for one in said)

            until(found_dead, 60)
            at = now()
            until(lambda: now() > at + 100)
            dashboard.start()
            until(dashboard.sees(watched=3))

            def state() -> str:
                shown = dashboard.get(f"/api/graph?at={at}")["nodes"]
                return str({one["name"]: one["state"] for one in shown}.get("node4"))

            until(lambda: state() == "dead", 30)
        finally:
            dashboard.end()


def test_without_room_for_a_history_the_dashboard_works(tmp_path: Path, nodes: list[Node]) -> None:
    (tmp_path / "data").write_text("in the way")
    dashboard = Dashboard(tmp_path, nodes[0].url)
    off = Dashboard(tmp_path / "off", nodes[0].url, DASHBOARD_HISTORY_MB="0")
    try:
        for one in (dashboard, off):
            until(one.sees(watched=3, coverage=1.0))
            assert requests.get(one.url + "/api/graph?at=1", timeout=5).status_code == 404
            assert one.get("/api/analysis")["nodes"] == 3
            assert len(one.get("/api/export/graph.json")["nodes"]) == 3
        assert off.get("/api/runs") == {"runs": [], "recording": {"state": "off"}}
        until(lambda: dashboard.get("/api/runs")["recording"]["state"] == "failing")
        assert "The history cannot be written" in dashboard.printed()
        assert not (off.log.parent / "data").exists()
    finally:
        dashboard.end()
        off.end()
    assert "Traceback" not in dashboard.printed() + off.printed()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DASHBOARD_HISTORY_MB", "-1"),
        ("DASHBOARD_HISTORY_MB", "100000"),
        ("DASHBOARD_HISTORY_HOURS", "x"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(variable: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "dashboard"],
        cwd=ROOT,
        env={**os.environ, variable: value, "DASHBOARD_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 1
    assert re.search(rf"{variable} must be a whole number", done.stderr)
