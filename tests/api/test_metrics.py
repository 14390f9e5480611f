"""`GET /metrics`: a page that Prometheus can read, with the numbers that it says."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import exposition
import pytest
import requests
from exposition import BadPageError, read, value
from free_ports import free_port
from laboratory import Dashboard, Node, Program, browsing, network, until
from werkzeug.test import Client

from bootstrap.api import create_app as bootstrap_app
from bootstrap.registry import Registry
from contract.errors import ApiError
from contract.events import TYPES
from contract.hosts import host_allowed
from contract.itself import Itself
from contract.metrics import TYPE, Page
from node.api import create_app
from node.door import Door
from node.events import EventLog
from node.identity import Identity
from node.peer import Peer
from node.settings import NO_BOOTSTRAP, Settings
from node.store import Store

PATIENCE = 30


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    settings = Settings(data=tmp_path, bootstrap=NO_BOOTSTRAP)
    store = Store(tmp_path)
    identity = Identity('a "name"\\ with\nall', "http://node2:5000")
    yield Peer(settings, identity, store, rng=random.Random(1))
    store.close()


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Node]]:
    with network(tmp_path_factory.mktemp("nodes"), 2) as running:
        yield running


def scrape(url: str, **headers: str) -> exposition.Samples:
    answer = requests.get(url + "/metrics", timeout=PATIENCE, headers=headers)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TYPE)
    return read(answer.text)[0]


# --- the format ----------------------------------------------------------------------------


def test_a_page_is_what_the_format_says() -> None:
    page = Page()
    page.gauge("p2p_a", "A \\ with\nlines.", 1.5)
    page.counter("p2p_b_total", "B.", [({"kind": 'x"\\\n,}'}, 2), ({"kind": "y"}, 3)])
    page.info("p2p_c_info", "C.", version="1")
    page.summary("p2p_d_seconds", "D.", 0.5, 7)
    assert page.text() == (
        "# HELP p2p_a A \\\\ with\\nlines.\n# TYPE p2p_a gauge\np2p_a 1.5\n"
        "# HELP p2p_b_total B.\n# TYPE p2p_b_total counter\n"
        'p2p_b_total{kind="x\\"\\\\\\n,}"} 2\np2p_b_total{kind="y"} 3\n'
        '# HELP p2p_c_info C.\n# TYPE p2p_c_info gauge\np2p_c_info{version="1"} 1\n'
        "# HELP p2p_d_seconds D.\n# TYPE p2p_d_seconds summary\n"
        "p2p_d_seconds_sum 0.5\np2p_d_seconds_count 7\n"
    )
    samples, _ = read(page.text())
    assert value(samples, "p2p_b_total", kind='x"\\\n,}') == 2


@pytest.mark.parametrize(
    ("number", "written"),
    [(1e300, "1e+300"), (float("inf"), "+Inf"), (float("nan"), "NaN"), (True, "1"), (-2.0, "-2")],
)
def test_numbers_are_as_the_format_has_them(number: float, written: str) -> None:
    page = Page()
    page.gauge("p2p_a", "A.", number)
    assert page.text().splitlines()[-1] == f"p2p_a {written}"
    read(page.text())


def test_a_name_that_breaks_a_rule_is_a_mistake_of_ours() -> None:
    page = Page()
    page.gauge("p2p_a", "A.", 1)
    for wrong in (
        lambda: page.gauge("p2p_a", "A.", 1),
        lambda: page.gauge("p2p-b", "A.", 1),
        lambda: page.counter("p2p_b", "A.", 1),
        lambda: page.info("p2p_b", "A."),
        lambda: page.gauge("p2p_b", "A.", [({"__a": "b"}, 1)]),
    ):
        with pytest.raises(ValueError, match="name"):
            wrong()


@pytest.mark.parametrize(
    "page",
    [
        "p2p_a 1\n",
        "# HELP p2p_a A.\np2p_a 1\n",
        "# HELP p2p_a A.\n# TYPE p2p_a gauge\np2p_a 1",
        "# HELP p2p_a A.\n# TYPE p2p_a gauge\np2p_a 1\np2p_a 1\n",
        "# HELP p2p_a A.\n# TYPE p2p_a counter\np2p_a 1\n",
        "# HELP p2p_a A.\n# TYPE p2p_a gauge\np2p_b 1\n",
        "# HELP p2p_a A.\n# TYPE p2p_a gauge\np2p_a one\n",
        '# HELP p2p_a A.\n# TYPE p2p_a gauge\np2p_a{b="\\x"} 1\n',
        '# HELP p2p_a A.\n# TYPE p2p_a gauge\np2p_a{b="1"c="2"} 1\n',
        "# HELP p2p_a_total A.\n# TYPE p2p_a_total counter\np2p_a_total -1\n",
    ],
)
def test_the_reader_takes_no_page_that_breaks_a_rule(page: str) -> None:
    with pytest.raises(BadPageError):
        read(page)


# --- a node --------------------------------------------------------------------------------


def test_a_node_names_itself_whatever_it_is_called(peer: Peer) -> None:
    samples, _ = read(create_app(peer).test_client().get("/metrics").text)
    (about,) = [dict(labels) for name, labels in samples if name == "p2p_node_info"]
    assert (about["id"], about["name"]) == (peer.own.id, peer.own.name)
    assert about["durability"] == "normal"


def test_an_inbox_and_what_came_are_counted(peer: Peer) -> None:
    client = create_app(peer).test_client()
    for text in ("a", "b"):
        client.post("/message", json={"sender": "s", "msg": text})
    client.post("/overlay", data=b"{}", headers={"Content-Type": "application/json"})
    samples, _ = read(client.get("/metrics").text)
    assert value(samples, "p2p_inbox_messages") == 2
    assert value(samples, "p2p_messages_received_total") == 2
    assert value(samples, "p2p_events_total", type="message.received") == 2
    assert value(samples, "p2p_batches_refused_total", reason="rule") == 1
    assert value(samples, "p2p_messages_sent_total", route="direct") == 0


def test_no_label_is_a_text_or_an_id_of_a_message(peer: Peer) -> None:
    client = create_app(peer).test_client()
    client.post("/message", json={"sender": "sss", "msg": "ttt", "id": "iii"})
    page = client.get("/metrics").text
    assert not {"sss", "ttt", "iii"} & set(page.replace('"', " ").split())


def test_every_type_of_event_has_its_number_from_the_start(peer: Peer) -> None:
    samples, _ = read(create_app(peer).test_client().get("/metrics").text)
    told = {dict(labels)["type"] for name, labels in samples if name == "p2p_events_total"}
    assert told == TYPES


def test_a_log_says_what_it_counted_and_what_it_forgot() -> None:
    log = EventLog(keep=2)
    for route in ("direct", "overlay", "direct"):
        log.emit("message.sent", {"route": route})
    log.emit("link.up", {})
    assert log.counted() == (
        {("message.sent", "direct"): 2, ("message.sent", "overlay"): 1, ("link.up", None): 1},
        2,
    )


def test_a_full_disk_shows(peer: Peer) -> None:
    client = create_app(peer).test_client()
    assert value(read(client.get("/metrics").text)[0], "p2p_disk_full") == 0
    peer.store.full = True
    assert value(read(client.get("/metrics").text)[0], "p2p_disk_full") == 1


def test_what_is_under_way_is_counted_while_it_is(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(peer)
    client = Client(Door(peer, app, lambda: app, host_allowed))
    seen: list[int] = []

    def refuses(_: object) -> None:
        seen.append(len(peer.under_way))
        raise ApiError(409, "not now")

    monkeypatch.setattr(peer, "receive", refuses)
    assert client.post("/message", json={"sender": "s", "msg": "m"}).status_code == 409
    assert (
        client.post("/message", json={}, headers={"Origin": "http://localhost"}).status_code == 409
    )
    assert seen == [1, 1]  # at the door, and behind it
    assert not peer.under_way
    peer._transport._flying.add(("http://node9:5000", None))
    assert value(read(client.get("/metrics").text)[0], "p2p_batches_in_flight") == 1


def test_foreign_hosts_are_refused_and_heads_are_answered(peer: Peer) -> None:
    client = create_app(peer).test_client()
    assert client.get("/metrics", headers={"Host": "evil.example"}).status_code == 403
    head = client.head("/metrics")
    assert (head.status_code, head.text, head.content_type) == (200, "", TYPE)
    assert client.post("/metrics").status_code == 405


def test_a_real_node_counts_what_it_did(nodes: list[Node]) -> None:
    first, second = nodes
    body = {"to": "node2", "msg": "count me", "route": "direct"}
    before = scrape(first.url)
    assert requests.post(first.url + "/send", json=body, timeout=PATIENCE).status_code == 202

    def delivered() -> bool:
        name = "p2p_messages_delivered_total"
        return value(scrape(first.url), name) == value(before, name) + 1

    until(delivered)
    told, other = scrape(first.url), scrape(second.url)
    assert value(told, "p2p_outbox_messages", status="delivered") >= 1
    assert value(other, "p2p_messages_received_total") >= 1
    assert value(told, "p2p_members", kind="peer", state="alive") == 1
    assert value(told, "p2p_links") == 1
    assert value(told, "p2p_requests_in_flight") == 1  # this very question
    assert abs(value(told, "process_start_time_seconds") - time.time()) < 600
    assert 0 < value(told, "process_cpu_seconds_total") < 600
    assert value(told, "p2p_process_peak_memory_bytes") > 5_000_000
    assert value(told, "process_open_fds") > 3


def test_a_fault_cuts_nobody_off_from_the_numbers(nodes: list[Node]) -> None:
    node = nodes[1]
    for fault in ({"kind": "freeze"}, {"kind": "drop"}):
        answer = requests.post(node.url + "/faults", json=fault, timeout=PATIENCE)
        assert answer.status_code == 201
    try:
        for _ in range(3):  # one that is dropped now and then would be missed
            samples = scrape(node.url)
        assert value(samples, "p2p_faults", kind="freeze") == 1
    finally:
        requests.delete(node.url + "/faults", timeout=PATIENCE)
    assert not any(name == "p2p_faults" for name, _ in scrape(node.url))


# --- the bootstrap ---------------------------------------------------------------------------


def test_a_bootstrap_counts_peers_registrations_and_checks(tmp_path: Path) -> None:
    registry = Registry(tmp_path / "registry.db", capacity=3)
    client = bootstrap_app(registry, Itself(5000, "bootstrap")).test_client()
    for number in (1, 2, 2):
        client.post("/register", json={"url": f"http://node{number}:5000"})
    registry.learn(["http://node3:5000"])
    registry.failed("http://node1:5000")
    registry.answered("http://node2:5000")
    samples, _ = read(client.get("/metrics").text)
    peers = {s: value(samples, "p2p_bootstrap_peers", state=s) for s in registry.states()}
    assert peers == {"answering": 1, "silent": 1, "candidate": 1}
    registered = value(samples, "p2p_bootstrap_registrations_total", outcome="registered")
    assert registered == 3
    assert value(samples, "p2p_bootstrap_checks_total", outcome="silent") == 1
    assert value(samples, "p2p_bootstrap_checks_total", outcome="answered") == 1
    assert client.delete("/register", json={"url": "http://node2:5000"}).status_code == 200
    assert value(read(client.get("/metrics").text)[0], "p2p_bootstrap_removals_total") == 1
    registry.close()


def test_a_bootstrap_without_peers_has_a_page_too(tmp_path: Path) -> None:
    port = free_port()
    program = Program(
        "bootstrap",
        tmp_path,
        {
            "BOOTSTRAP_HOST": "127.0.0.1",
            "BOOTSTRAP_PORT": str(port),
            "BOOTSTRAP_DATA": str(tmp_path),
        },
    )
    try:
        until(lambda: "listens" in program.printed())
        samples = scrape(f"http://127.0.0.1:{port}")
        assert value(samples, "p2p_bootstrap_peers", state="answering") == 0
        assert value(samples, "process_cpu_seconds_total") > 0
    finally:
        program.end()


# --- the dashboard ---------------------------------------------------------------------------


def test_a_dashboard_counts_what_it_hears_tells_and_writes(
    tmp_path: Path, nodes: list[Node]
) -> None:
    dashboard = Dashboard(tmp_path, nodes[0].url)
    try:
        until(dashboard.sees(watched=2, coverage=1.0))
        with browsing(dashboard) as browser:
            dashboard.post("/api/send", {"from": "node1", "to": "node2", "msg": "hear me"})
            until(lambda: browser.deltas)
            until(lambda: value(scrape(dashboard.url), "p2p_dashboard_events_received_total") >= 2)
            told = scrape(dashboard.url)
            assert value(told, "p2p_dashboard_browsers") == 1
            assert value(told, "p2p_dashboard_deltas_total") >= 1
            assert value(told, "p2p_dashboard_snapshots_total") >= 1
            waited = value(told, "p2p_dashboard_delta_delay_seconds_sum")
            deltas = value(told, "p2p_dashboard_delta_delay_seconds_count")
            assert deltas >= 1
            assert 0 < waited / deltas < 5
        assert value(told, "p2p_dashboard_nodes", state="alive") == 2
        assert value(told, "p2p_dashboard_subscriptions", state="open") == 2
        assert value(told, "p2p_dashboard_stream_gaps_total") == 0
        until(lambda: value(scrape(dashboard.url), "p2p_dashboard_history_records_total") >= 3)
        assert value(scrape(dashboard.url), "p2p_dashboard_history_bytes") > 0
        assert value(scrape(dashboard.url), "p2p_dashboard_history_dropped_total") == 0
        until(lambda: value(scrape(dashboard.url), "p2p_dashboard_browsers") == 0)
    finally:
        dashboard.end()
