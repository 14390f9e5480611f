"""A link that forges: answers nobody waits for, ways that are too long. A real node, over HTTP.

What becomes of each is seen from outside: a status, a counter in `GET /status`, and that the
node goes on as if nothing had been said.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import requests
from laboratory import Node, until

from contract.limits import MAX_HOPS, MAX_ROUTE
from node.overlay.frames import Acknowledged, Batch, Found, Hello, Neighbour, Record, encode, parse


class Link:
    """Speaks as one of our nodes does, and says whatever a test wants."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.heard: list[dict[str, Any]] = []
        link = self

        class Answers(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                """Quiet."""

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                link.heard += json.loads(body).get("frames", [])
                answer = encode(Batch(link.own, ()))
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.own = Record(id="forger", name="forger", url=url, epoch=1)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def say(self, *frames: Any) -> requests.Response:
        """Frames as values, or as whatever JSON a test wants to send."""
        batch = json.loads(encode(Batch(self.own, ())))
        for frame in frames:
            made = (
                frame
                if isinstance(frame, dict)
                else json.loads(encode(Batch(self.own, (frame,))))["frames"][0]
            )
            batch["frames"].append(made)
        return requests.post(self.node.url + "/overlay", json=batch, timeout=10)

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    node = Node(tmp_path, "node1")
    try:
        until(lambda: node.knows() == 0, 30)
        yield node
    finally:
        node.end()


@pytest.fixture
def link(node: Node) -> Iterator[Link]:
    link = Link(node)
    try:
        assert link.say(Hello(), Neighbour()).status_code == 200
        until(lambda: status(node)["links"] == ["forger"], 20)
        yield link
    finally:
        link.stop()


def status(node: Node) -> Any:
    return requests.get(node.url + "/status", timeout=10).json()


def test_an_answer_for_something_never_sent_is_counted_and_changes_nothing(
    node: Node, link: Link
) -> None:
    before = status(node)["seq"]
    said = Acknowledged("never sent", 7, "stored", 1, ())
    assert link.say(said, said).status_code == 200
    assert link.say(Found(7, (status(node)["id"], "forger", "x"), ())).status_code == 200
    routing = status(node)["routing"]
    assert (routing["unasked"], routing["forged"], routing["under_way"]) == (3, 0, 0)
    assert status(node)["seq"] == before, "and nothing is told of it"


def test_a_forged_answer_delivers_nothing_and_the_true_one_does(node: Node, link: Link) -> None:
    body = {"to": "forger", "msg": "hello", "route": "overlay"}
    message = requests.post(node.url + "/send", json=body, timeout=10).json()["id"]
    until(lambda: [f for f in link.heard if f["type"] == "unicast"], 10)
    (sent,) = [frame for frame in link.heard if frame["type"] == "unicast"][:1]

    def answer(token: int, outcome: Any) -> Any:
        link.say(Acknowledged(message, token, outcome, 1, ()))
        return requests.get(f"{node.url}/send/{message}", timeout=10).json()["status"]

    for wrong in (1, sent["token"] - 1, sent["token"] + 1):
        for outcome in ("stored", "refused"):
            assert answer(wrong, outcome) == "queued"
    assert status(node)["routing"]["forged"] == 6
    assert answer(sent["token"], "stored") == "delivered"
    assert answer(sent["token"], "refused") == "delivered"
    assert status(node)["routing"]["unasked"] == 1


UNICAST = {
    "type": "unicast",
    "message": "m",
    "receiver": "somebody",
    "sender": "x",
    "text": "t",
    "number": 1,
    "token": 7,
}
PUSH = {
    "type": "push",
    "origin": "forger",
    "epoch": 1,
    "number": 1,
    "message": "m",
    "sender": "x",
    "text": "t",
}
ANSWER = {"type": "acknowledged", "message": "m", "token": 7, "outcome": "stored"}
TOO_LONG = [
    ("visited", {**UNICAST, "visited": ["n"] * 10_000}),
    ("visited", {**UNICAST, "visited": [f"n{k}" for k in range(MAX_ROUTE)] + ["forger"]}),
    ("way", {**UNICAST, "visited": ["forger"], "way": ["n"] * 10_000}),
    ("hop", {**PUSH, "hop": 10_000}),
    ("hop", {**PUSH, "hop": MAX_HOPS + 1}),
    ("hop", {**ANSWER, "hop": 10_000, "back": []}),
    ("back", {**ANSWER, "hop": 1, "back": ["n"] * (MAX_ROUTE + 1)}),
    ("path", {"type": "discover", "receiver": "x", "number": 1, "path": ["n"] * 10_000}),
    ("of", {"type": "receipts", "of": [["forger", 1, 1, "AAAAAAAA" * 1_002]]}),
    ("frames", {**UNICAST, "visited": [f"node{k}" for k in range(10_000)]}),
]


@pytest.mark.parametrize(("field", "frame"), TOO_LONG, ids=[f"{k}" for k in range(len(TOO_LONG))])
def test_what_came_further_than_anything_may_is_refused_by_name_and_counted(
    node: Node, link: Link, field: str, frame: dict[str, Any]
) -> None:
    before = status(node)
    answer = link.say(frame)
    assert answer.status_code == 400
    said = answer.json()
    assert said["field"] == field
    assert (field if field != "frames" else "a frame has more than") in said["error"]
    after = status(node)
    assert after["refused_batches"] == before["refused_batches"] + 1
    assert after["inbox"] == 0
    assert not [f for f in link.heard if f["type"] in {"unicast", "push"}], "nor is it passed on"


def test_a_way_that_ends_here_or_was_not_taken_is_counted(node: Node, link: Link) -> None:
    here = status(node)["id"]
    ways = [["n0", here, "forger"], ["n0", "forger", "n0", "forger"], ["n0", "n1"]]
    for visited in ways:
        assert link.say({**UNICAST, "receiver": here, "visited": visited}).status_code == 200
    routing = status(node)["routing"]
    assert routing["refused"] == len(ways)
    longest = [f"n{k}" for k in range(MAX_ROUTE - 1)] + ["forger"]
    answer = link.say({**UNICAST, "visited": longest})
    (stuck,) = [f for f in parse(answer.content).frames if isinstance(f, Acknowledged)]
    assert stuck.outcome == "stuck"
    assert status(node)["routing"]["stuck"] == 1
    assert status(node)["inbox"] == 0
