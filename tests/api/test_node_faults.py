"""Faults on demand, at real nodes: what others notice of them, and what nobody loses."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from laboratory import Node, network, until

from contract.events import seconds
from contract.exits import AGAIN
from node.connections import ANSWER_TIMEOUT
from node.faults.wire import HELD
from node.overlay.frames import Batch, Record, encode

PATIENCE = 30
"""Seconds for an answer of a node that may have to load Flask first, on a busy machine."""


def ask(node: Node, **fault: Any) -> Any:
    """Set a fault, for longer than any test takes; its view."""
    body = {"for_seconds": 600, **fault}
    answer = requests.post(node.url + "/faults", json=body, timeout=PATIENCE)
    assert answer.status_code == 201, answer.text
    return answer.json()["fault"]


def heal(node: Node) -> int:
    return int(requests.delete(node.url + "/faults", timeout=PATIENCE).json()["cleared"])


def faults(node: Node) -> list[Any]:
    found: list[Any] = requests.get(node.url + "/faults", timeout=PATIENCE).json()["faults"]
    return found


def status(node: Node) -> Any:
    return requests.get(node.url + "/status", timeout=PATIENCE).json()


def inbox(node: Node) -> list[str]:
    found = requests.get(node.url + "/messages?limit=1000", timeout=PATIENCE).json()["messages"]
    return [message["msg"] for message in found]


def send(node: Node, to: str, text: str, route: str = "direct") -> str:
    body = {"to": to, "msg": text, "route": route}
    answer = requests.post(node.url + "/send", json=body, timeout=PATIENCE)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def sent(node: Node, message: str) -> Any:
    return requests.get(f"{node.url}/send/{message}", timeout=PATIENCE).json()


def events(node: Node, type_: str) -> list[Any]:
    found = requests.get(node.url + "/events?limit=5000", timeout=PATIENCE).json()["events"]
    return [event for event in found if event["type"] == f"p2p.{type_}"]


def state(node: Node, of: str) -> str:
    """What a node holds another for."""
    return next((m["state"] for m in status(node)["members"] if m["name"] == of), "unknown")


def took(node: Node, **body: Any) -> float:
    """Seconds that a message takes that comes from outside."""
    began = time.monotonic()
    answer = requests.post(node.url + "/message", json={"sender": "x", **body}, timeout=PATIENCE)
    assert answer.status_code == 200, answer.text
    return time.monotonic() - began


@contextmanager
def one_node(folder: Path, **more: str) -> Iterator[Node]:
    node = Node(folder, "node1", **more)
    try:
        until(lambda: node.knows() == 0, PATIENCE)
        yield node
    finally:
        node.end()


# --- drop ---------------------------------------------------------------------------------


def test_what_a_node_drops_on_the_way_out_it_has_acted_on_and_stores_once(tmp_path: Path) -> None:
    with network(tmp_path, 2) as (a, b):
        ask(a, kind="drop", direction="out", peers=["node2"], by="a test")
        message = send(b, "node1", "twice on its way")
        until(lambda: inbox(a) == ["twice on its way"])
        seen = until(lambda: (s := sent(b, message))["attempts"] >= 2 and s)
        assert (seen["status"], seen["reason"]) == ("queued", "no answer in time")
        mine = send(a, "node2", "never leaves")
        until(lambda: sent(a, mine)["attempts"] >= 2)
        assert inbox(b) == []
        assert heal(a) == 1
        until(lambda: sent(b, message)["status"] == "delivered")
        until(lambda: sent(a, mine)["status"] == "delivered")
        assert inbox(a) == ["twice on its way"]
        assert inbox(b) == ["never leaves"]


def test_what_a_node_drops_on_the_way_in_it_never_heard_but_others_hear_it(tmp_path: Path) -> None:
    with network(tmp_path, 2) as (a, b):
        ask(a, kind="drop", direction="in", peers=[b.url])
        mine, theirs = send(a, "node2", "heard"), send(b, "node1", "not heard")
        until(lambda: inbox(b) == ["heard"])
        until(lambda: sent(a, mine)["attempts"] >= 2 and sent(b, theirs)["attempts"] >= 2)
        assert sent(a, mine)["status"] == "queued", "its answer never came"
        assert inbox(a) == []
        heal(a)
        until(lambda: sent(a, mine)["status"] == "delivered")
        until(lambda: sent(b, theirs)["status"] == "delivered")
        assert (inbox(a), inbox(b)) == (["not heard"], ["heard"])


def test_two_who_do_not_hear_each_other_write_by_way_of_a_third(tmp_path: Path) -> None:
    with network(tmp_path, 3) as (a, b, c):
        ask(a, kind="drop", peers=[status(b)["id"]])
        message = send(a, "node2", "round the corner", route="auto")
        until(lambda: inbox(b) == ["round the corner"], 60)
        until(lambda: sent(a, message)["status"] == "delivered", 60)
        assert [node["name"] for node in sent(a, message)["path"]] == ["node1", "node3", "node2"]
        assert state(c, "node1") == state(c, "node2") == "alive"


def test_a_lost_request_is_a_silence_and_no_refusal(tmp_path: Path) -> None:
    with one_node(tmp_path) as node:
        ask(node, kind="drop", direction="in")
        message = json.dumps({"sender": "x", "msg": "lost"}).encode()
        stranger = Record(id="s", name="s", url="http://127.0.0.1:9")
        for path, body in (("/message", message), ("/overlay", encode(Batch(stranger, ())))):
            with pytest.raises(requests.ReadTimeout):
                requests.post(
                    node.url + path,
                    data=body,
                    headers={"Content-Type": "application/json"},
                    timeout=(5, ANSWER_TIMEOUT),
                )
        heal(node)
        assert took(node, msg="not lost") < ANSWER_TIMEOUT
        assert inbox(node) == ["not lost"]


@pytest.mark.parametrize("server", ["eventlet", "threading"])
def test_a_lost_request_ends_without_a_word_when_nobody_waits_any_more(
    tmp_path: Path, server: str
) -> None:
    """As our programs send it, and as somebody else may: Flask gets that one."""
    with one_node(tmp_path, P2P_SERVER=server) as node:
        ask(node, kind="drop", direction="in")
        began = time.monotonic()

        def lost(type_: str) -> float:
            body = json.dumps({"sender": "x", "msg": "lost"})
            with pytest.raises(requests.ConnectionError, match="without response"):
                requests.post(
                    node.url + "/message",
                    data=body,
                    headers={"Content-Type": type_},
                    timeout=4 * HELD,
                )
            return time.monotonic() - began

        with ThreadPoolExecutor(2) as pool:
            usual, unusual = "application/json", "application/json; charset=utf-8"
            waited = list(pool.map(lost, [usual, unusual]))
        assert min(waited) > HELD - 0.5
        assert inbox(node) == []
        assert "Traceback" not in node.printed()


# --- delay, throttle, duplicate --------------------------------------------------------------


@pytest.mark.parametrize(("direction", "legs"), [("in", 1), ("out", 1), ("both", 2)])
def test_a_delay_is_as_long_as_was_asked_for(tmp_path: Path, direction: str, legs: int) -> None:
    with one_node(tmp_path) as node:
        usual = min(took(node, msg="before") for _ in range(5))
        ask(node, kind="delay", mean_ms=200, direction=direction)
        added: list[float] = []

        def exact() -> bool:
            added.append(took(node, msg="late"))
            assert min(added) >= 0.2 * legs, "never less"
            return min(added) - usual <= 0.2 * legs * 1.1

        until(exact, 30)  # more only because the machine is busy


def test_a_delay_is_the_time_between_two_nodes(tmp_path: Path) -> None:
    with network(tmp_path, 2) as (a, b):
        ask(a, kind="delay", mean_ms=500, jitter_ms=0, direction="out", peers=["node2"])

        def took_between(sender: Node, receiver: Node) -> float:
            message = send(sender, receiver.name, "on its way")
            left, came = (
                until(
                    lambda node=node, type_=type_: [
                        seconds(event["time"])
                        for event in events(node, type_)
                        if event["data"]["message"] == message
                    ]
                )
                for node, type_ in ((sender, "message.sent"), (receiver, "message.received"))
            )
            return came[0] - left[0]

        def exact() -> bool:
            late = took_between(a, b)
            assert late >= 0.495, "never less"
            return late <= 0.55

        until(exact, 60)  # more only because the machine is busy
        until(lambda: took_between(b, a) < 0.25, 60)  # the other way is free


def test_what_comes_after_everybody_gave_up_is_acted_on(tmp_path: Path) -> None:
    with network(tmp_path, 2) as (a, b):
        ask(a, kind="delay", mean_ms=5_000, direction="out", peers=["node2"])
        message = send(a, "node2", "late copy")
        until(lambda: sent(a, message)["reason"] == "no answer in time")
        until(lambda: inbox(b) == ["late copy"])
        assert sent(a, message)["status"] == "queued"


def test_a_slow_way_takes_a_second_for_each_thousand_bytes(tmp_path: Path) -> None:
    with one_node(tmp_path) as node:
        ask(node, kind="throttle", bytes_per_second=1_000, direction="in")
        taken: list[float] = []

        def exact() -> bool:
            taken.append(took(node, msg="x" * 1_000))
            assert min(taken) > 1.2, "with 200 for header lines"
            return min(taken) < 1.32  # some 30 for the other field and the names

        until(exact, 60)


def test_a_request_that_is_doubled_arrives_twice_and_counts_once(tmp_path: Path) -> None:
    heard: list[Any] = []

    class Plain(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say(200 if self.path in {"/", "/peers"} else 404, {"peers": []})

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.path == "/message":
                heard.append(json.loads(body)["msg"])
            self._say(200 if self.path == "/message" else 404, {"status": "received"})

        def _say(self, number: int, value: Any) -> None:
            body = json.dumps(value).encode()
            self.send_response(number)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Plain)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    plain = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        with network(tmp_path, 2) as (a, b):
            requests.post(a.url + "/register", json={"peer": plain}, timeout=PATIENCE)
            until(lambda: any(m["url"] == plain for m in status(a)["members"]))
            ask(a, kind="duplicate", probability=1)
            send(a, plain, "to a plain node")
            send(a, "node2", "to one of ours")
            until(lambda: heard == ["to a plain node"] * 2)
            until(lambda: inbox(b) == ["to one of ours"])
    finally:
        server.shutdown()
        server.server_close()


# --- freeze -------------------------------------------------------------------------------


def test_a_frozen_node_looks_dead_but_can_be_asked_why_and_comes_back(tmp_path: Path) -> None:
    with network(tmp_path, 3) as (a, b, c):
        message = {"sender": "x", "msg": "kept by the kernel"}
        ask(c, kind="freeze", for_seconds=600)
        with pytest.raises(requests.ReadTimeout):
            requests.post(c.url + "/message", json=message, timeout=(5, 0.5))
        seq = status(c)["seq"]
        until(lambda: state(a, "node3") == state(b, "node3") == "dead", 40)
        assert [fault["kind"] for fault in status(c)["faults"]] == ["freeze"]
        assert inbox(c) == []
        assert status(c)["seq"] == seq, "it has neither missed anybody nor done anything else"
        waiting = send(a, "node3", "for later")
        mine = send(c, "node1", "from the ice")
        assert heal(c) == 1
        until(lambda: set(inbox(c)) == {"kept by the kernel", "for later"}, 30)
        until(lambda: inbox(a) == ["from the ice"], 30)
        until(lambda: state(a, "node3") == state(b, "node3") == "alive", 30)
        until(lambda: state(c, "node1") == state(c, "node2") == "alive", 30)
        until(lambda: sent(a, waiting)["status"] == sent(c, mine)["status"] == "delivered", 30)


# --- crash and leave --------------------------------------------------------------------------


def listens(node: Node) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", node.port)) == 0


@pytest.mark.parametrize("lose_disk", [False, True])
def test_a_crash_ends_the_process_and_nothing_listens_until_its_time_is_over(
    tmp_path: Path, lose_disk: bool
) -> None:
    with one_node(tmp_path) as node:
        before = status(node)
        took(node, msg="on disk")
        began = time.monotonic()
        fault = ask(node, kind="crash", down_seconds=3, lose_disk=lose_disk)
        assert (fault["down_seconds"], fault["lose_disk"]) == (3, lose_disk)
        assert node.process.wait(5) == AGAIN
        node.start()  # as a container's restart policy does
        while time.monotonic() - began < 2.5:
            assert not listens(node)
            time.sleep(0.05)  # the pace; the time is the condition
        until(lambda: node.knows() == 0, PATIENCE)
        after = status(node)
        assert (after["id"] == before["id"]) is not lose_disk
        assert after["epoch"] == (1 if lose_disk else before["epoch"] + 1)
        assert inbox(node) == ([] if lose_disk else ["on disk"])
        assert after["faults"] == []
        assert "good-bye" not in node.printed()
        node.end()
        node.start()
        until(lambda: node.knows() == 0, PATIENCE)
        assert status(node)["id"] == after["id"], "once is enough"


def test_who_crashed_says_nothing_and_who_leaves_says_good_bye(tmp_path: Path) -> None:
    with network(tmp_path, 3) as (a, b, c):
        ask(c, kind="leave", for_seconds=2)
        until(lambda: state(a, "node3") == state(b, "node3") == "left")
        assert c.process.wait(10) == AGAIN
        ask(b, kind="crash")
        assert b.process.wait(10) == AGAIN
        until(lambda: state(a, "node2") in {"suspect", "dead"})
        b.start()
        c.start()
        until(lambda: state(a, "node3") == state(a, "node2") == "alive", 30)


# --- disk and clock ---------------------------------------------------------------------------


def test_a_full_disk_takes_nothing_says_so_and_loses_nothing(tmp_path: Path) -> None:
    with network(tmp_path, 2) as (a, b):
        took(a, msg="before")
        ask(a, kind="disk-full")
        for path, body in (
            ("/message", {"sender": "x", "msg": "no room"}),
            ("/send", {"to": "node2", "msg": "no room"}),
            ("/broadcast", {"msg": "no room"}),
        ):
            answer = requests.post(a.url + path, json=body, timeout=PATIENCE)
            assert (answer.status_code, "full" in answer.json()["error"]) == (503, True), path
        assert inbox(a) == ["before"], "reading works"
        message = send(b, "node1", "waits")
        until(lambda: sent(b, message)["reason"] == "the receiver answered 503")
        requests.post(b.url + "/broadcast", json={"msg": "to all"}, timeout=PATIENCE)
        until(lambda: "The disk takes nothing" in a.printed())
        heal(a)
        until(lambda: sent(b, message)["status"] == "delivered")
        until(lambda: sorted(inbox(a)) == ["before", "to all", "waits"])
        assert inbox(b) == ["to all"]


def test_a_wrong_clock_dates_events_wrongly_and_hurries_nobody_but_itself(tmp_path: Path) -> None:
    with one_node(tmp_path) as node:
        ask(node, kind="clock-skew", offset_seconds=-3_600)
        took(node, msg="yesterday")
        (event,) = events(node, "message.received")
        assert -3_605 < seconds(event["time"]) - time.time() < -3_595
        heal(node)
        assert abs(status(node)["at"] - time.time()) < 5
        ask(node, kind="clock-skew", rate=10)
        began = status(node)["at"]
        until(lambda: status(node)["at"] - began > 20, 10)


# --- the list -----------------------------------------------------------------------------------


def test_a_fault_ends_by_itself_and_all_of_it_is_told(tmp_path: Path) -> None:
    with one_node(tmp_path) as node:
        fault = ask(node, kind="drop", probability=0.5, for_seconds=1, by="the\ntester")
        assert fault["left_seconds"] <= 1
        assert {**fault, "left_seconds": 0} == {
            "id": fault["id"],
            "kind": "drop",
            "peers": None,
            "direction": "both",
            "left_seconds": 0,
            "by": "the\ntester",
            "act": None,
            "probability": 0.5,
        }
        assert [one["id"] for one in faults(node)] == [fault["id"]]
        assert [one["id"] for one in status(node)["faults"]] == [fault["id"]]
        until(lambda: faults(node) == [])
        (told,), (cleared,) = events(node, "fault.set"), events(node, "fault.cleared")
        assert told["data"]["fault"]["id"] == cleared["data"]["fault"]["id"] == fault["id"]
        assert cleared["data"]["reason"] == "expired"
        assert 1 <= seconds(cleared["time"]) - seconds(told["time"]) < 4
        lines = [line for line in node.printed().splitlines() if line.startswith("Fault")]
        what = "drop probability=0.5 direction=both"
        assert lines == [
            f"Fault set: {what} (1 s, asked by 127.0.0.1 (the\\ntester))",
            f"Fault cleared: {what} (expired)",
        ]


def test_faults_are_healed_all_at_once_or_one_by_one(tmp_path: Path) -> None:
    with one_node(tmp_path) as node:
        first, second, third = (ask(node, kind="delay", mean_ms=n) for n in (100, 200, 300))
        answer = requests.delete(f"{node.url}/faults/{second['id']}", timeout=PATIENCE)
        assert answer.status_code == 200
        assert [one["id"] for one in faults(node)] == [first["id"], third["id"]]
        assert took(node, msg="both ways, added up") >= 0.8
        again = requests.delete(f"{node.url}/faults/{second['id']}", timeout=PATIENCE)
        assert again.status_code == 404
        assert heal(node) == 2
        assert (faults(node), heal(node)) == ([], 0)
        until(lambda: took(node, msg="as ever") < 0.2)


def test_a_fault_does_not_survive_a_restart(tmp_path: Path) -> None:
    with one_node(tmp_path) as node:
        ask(node, kind="drop", for_seconds=3_600)
        node.end()
        node.start()
        until(lambda: node.knows() == 0, PATIENCE)
        assert faults(node) == []
        assert took(node, msg="heard") < ANSWER_TIMEOUT
