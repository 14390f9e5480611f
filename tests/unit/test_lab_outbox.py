"""`outbox`: what a node has sent, in words; one of it tried again, or dropped."""

import argparse
import json
from types import SimpleNamespace
from typing import Any

import pytest

from lab import LabError, outbox

DEAD = {
    "id": "aaaa1111-2222",
    "to_name": "node3",
    "msg": "gave up\x07",
    "at": 1_700_000_000.0,
    "status": "failed",
    "reason": "its time ran out",
}
HEAD = {
    "id": "aaaa9999-2222",
    "to_name": "plain1",
    "msg": "x" * 80,
    "at": 1_700_000_001.0,
    "status": "queued",
    "attempts": 1,
    "reason": "refused",
    "next_in": 3.6,
    "promise": "at-least-once",
}
BEHIND = {"id": "bbbb", "to_name": "node3", "msg": "t", "at": "?", "status": "queued"}


class Dashboard:
    """Of one node, `node1`."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def node(self, name: str, path: str) -> dict[str, Any]:
        assert name == "node1"
        self.asked.append(("GET", path))
        listed = [BEHIND, HEAD, DEAD]
        for status in ("queued", "failed"):
            if f"status={status}" in path:
                listed = [message for message in listed if message["status"] == status]
        return {"messages": listed, "next": None}

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert body == {}
        self.asked.append(("POST", path))
        return {**DEAD, "status": "queued", "reason": None}

    def delete(self, path: str) -> dict[str, Any]:
        self.asked.append(("DELETE", path))
        return {"id": "bbbb", "status": "discarded"}


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    known = SimpleNamespace(layout=SimpleNamespace(dashboard=1))
    made = Dashboard()
    monkeypatch.setattr(outbox, "last_run", lambda _: known)
    monkeypatch.setattr(outbox, "Dashboard", lambda *_: made)
    return made


def say(*words: str) -> int:
    parser = argparse.ArgumentParser()
    outbox.options(parser)
    return outbox.run(parser.parse_args(["node1", *words]))


def test_it_is_listed_in_words(dashboard: Dashboard, capsys: pytest.CaptureFixture[str]) -> None:
    assert say() == 0
    behind, of_behind, head, of_head, dead, of_dead = capsys.readouterr().out.splitlines()
    assert behind.startswith("bbbb      --:--:--  to node3")
    assert of_behind.strip() == "waiting for its turn"
    assert head.startswith("aaaa9999  ")
    assert head.endswith(f'to plain1  "{"x" * 39}…"')
    assert of_head.strip() == "waiting: refused; next try in 4 s (1 attempt), at least once"
    assert dead.endswith('to node3  "gave up\\x07"'), "nothing plays with the terminal"
    assert of_dead.strip() == "failed: its time ran out"
    assert dashboard.asked == [("GET", "/outbox?limit=20")]


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("--failed", "/outbox?limit=20&status=failed"),
        ("--waiting", "/outbox?limit=20&status=queued"),
    ],
)
def test_what_is_asked_for_is_listed(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str], word: str, path: str
) -> None:
    assert say(word, "--json") == 0
    assert dashboard.asked == [("GET", path)]
    assert json.loads(capsys.readouterr().out)["next"] is None


def test_one_is_tried_again_and_one_dropped_by_the_beginning_of_its_id(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("--retry", "aaaa1") == 0
    assert dashboard.asked[-1] == ("POST", "/api/nodes/node1/outbox/aaaa1111-2222/retry")
    assert capsys.readouterr().out == "node1 tries it again: waiting for its turn.\n"
    assert say("--discard", "b") == 0
    assert dashboard.asked[-1] == ("DELETE", "/api/nodes/node1/outbox/bbbb")
    assert capsys.readouterr().out == "node1 has dropped bbbb.\n"
    assert say("--discard", "an/old one") == 0
    assert dashboard.asked[-1] == ("DELETE", "/api/nodes/node1/outbox/an%2Fold%20one")


@pytest.mark.parametrize(
    ("words", "told"),
    [(("--retry", "aaaa"), "2 messages begin with 'aaaa'"), (("--discard", ""), "Say which")],
)
def test_what_may_mean_two_or_none_does_nothing(
    dashboard: Dashboard, words: tuple[str, ...], told: str
) -> None:
    with pytest.raises(LabError, match=told) as refusal:
        say(*words)
    assert refusal.value.status == 2
    assert all(method == "GET" for method, _ in dashboard.asked)
