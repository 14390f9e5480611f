"""`send`: it waits for what becomes of a message, unless it is told not to."""

import argparse
import json
from types import SimpleNamespace
from typing import Any

import pytest

from lab import send


class Dashboard:
    """Takes one message, and tells how far it is: a little further each time."""

    def __init__(self, _port: object) -> None:
        self.looks = 0

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert (path, body) == ("/api/send", {"from": "node1", "to": "node2", "msg": "hi"})
        return {"id": "m1", "status": "queued"}

    def node(self, name: str, path: str) -> dict[str, Any]:
        assert (name, path) == ("node1", "/outbox")
        self.looks += 1
        status = "delivered" if self.looks > 2 else "queued"
        return {"messages": [{"id": "m1", "status": status, "attempts": 1}]}


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    known = SimpleNamespace(layout=SimpleNamespace(dashboard=1))
    made = Dashboard(1)
    monkeypatch.setattr(send, "last_run", lambda _: known)
    monkeypatch.setattr(send, "Dashboard", lambda _: made)
    return made


def say(*words: str) -> int:
    parser = argparse.ArgumentParser()
    send.options(parser)
    return send.run(parser.parse_args(["node1", "node2", "hi", *words]))


@pytest.mark.parametrize("words", [(), ("--wait",)])
def test_it_waits_until_the_message_is_delivered(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert say(*words) == 0
    assert dashboard.looks == 3
    assert "Delivered to node2" in capsys.readouterr().out


def test_with_no_wait_accepted_is_enough(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("--no-wait") == 0
    assert capsys.readouterr().out == "Accepted: node1 has it on disk, as m1.\n"
    assert say("--no-wait", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"id": "m1", "status": "queued"}
    assert dashboard.looks == 0
