"""`send`: it waits for what becomes of a message, unless it is told not to, and says why."""

import argparse
import io
import json
from types import SimpleNamespace
from typing import Any

import pytest

from lab import LabError, send, spinner
from lab.dashboard import RefusedError
from lab.spinner import Spinner

WAITS = {"status": "queued", "attempts": 2, "reason": "connection refused", "next_in": 6.2}
LEFT = {
    "status": "queued",
    "under_way": True,
    "attempts": 3,
    "path": [{"name": "node1"}, {"name": "node7"}],
}
THERE: dict[str, Any] = {
    "status": "delivered",
    "attempts": 3,
    "hops": 2,
    "path": [{"name": "node1"}, {"name": "node7"}, {"name": "node2"}],
}


class Dashboard:
    """Takes one message, and tells how far it is: a little further each time."""

    def __init__(self) -> None:
        self.looks = 0
        self.story: list[dict[str, Any] | Exception] = [WAITS, WAITS, LEFT, THERE]

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert (path, body) == ("/api/send", {"from": "node1", "to": "node2", "msg": "hi"})
        return {"id": "m/1", "status": "queued"}

    def node(self, name: str, path: str) -> dict[str, Any]:
        assert (name, path) == ("node1", "/outbox/m%2F1")
        said = self.story[min(self.looks, len(self.story) - 1)]
        self.looks += 1
        if isinstance(said, BaseException):
            raise said
        return {"id": "m/1", **said}


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    known = SimpleNamespace(layout=SimpleNamespace(dashboard=1))
    made = Dashboard()
    monkeypatch.setattr(send, "last_run", lambda _: known)
    monkeypatch.setattr(send, "Dashboard", lambda *_: made)
    return made


def say(*words: str) -> int:
    parser = argparse.ArgumentParser()
    send.options(parser)
    return send.run(parser.parse_args(["node1", "node2", "hi", *words]))


@pytest.mark.parametrize("words", [(), ("--wait",)])
def test_it_waits_until_the_message_is_delivered_and_says_by_which_way(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert say(*words) == 0
    assert dashboard.looks == 4
    said = capsys.readouterr()
    assert said.out.startswith("Delivered to node2 after ")
    assert said.out.endswith(" ms, over 2 links: node1 → node7 → node2.\n")
    news = [line.split("s  ")[1] for line in said.err.splitlines()]
    assert news == ["waiting: connection refused", "on its way"], "a log has a line for each news"


def test_with_no_wait_accepted_is_enough(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    assert say("--no-wait") == 0
    assert capsys.readouterr().out == "Accepted: node1 has it on disk, as m/1.\n"
    assert say("--no-wait", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"id": "m/1", "status": "queued"}
    assert dashboard.looks == 0


def test_who_has_seen_enough_leaves_the_message_where_it_is_and_is_told_how_to_look(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    dashboard.story = [WAITS, KeyboardInterrupt()]  # type: ignore[list-item]
    assert say("--name", "lab2") == 130
    said = capsys.readouterr()
    assert said.out == ""
    assert "the message stays. node1 keeps trying" in said.err
    assert "outbox node1 --name lab2` shows m/1." in said.err


def test_a_plain_node_gets_it_at_least_once_and_that_is_said(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    dashboard.story = [{**THERE, "hops": 1, "promise": "at-least-once"}]
    assert say() == 0
    assert capsys.readouterr().out.endswith(
        "ms, straight. It is a plain node, so it gets each message at least once.\n"
    )


def test_a_failure_is_a_dead_letter(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    dashboard.story = [{"status": "failed", "reason": "Refused with 400\x1b[2J"}]
    assert say() == 1
    said = capsys.readouterr().out
    assert said.startswith("Failed: Refused with 400\\x1b[2J.\nnode1 keeps it among its dead")


def test_at_the_end_of_the_time_it_says_why_it_waits(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send, "follow", lambda look, *_: look())
    assert say() == 1
    said = capsys.readouterr().out
    assert "waiting: connection refused; next try in 6 s (2 attempts)" in said
    assert "keeps trying" in said
    assert dashboard.looks == 1


def test_a_sender_that_does_not_answer_now_has_it_on_disk(
    dashboard: Dashboard, capsys: pytest.CaptureFixture[str]
) -> None:
    dashboard.story = [RefusedError("node1: connection refused", 502), THERE]
    assert say() == 0
    assert "waiting: node1: connection refused" in capsys.readouterr().err


def test_a_message_that_was_dropped_meanwhile_is_not_waited_for(dashboard: Dashboard) -> None:
    dashboard.story = [WAITS, RefusedError("no such message", 404)]
    with pytest.raises(LabError, match="somebody has dropped it"):
        say()


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_one_line_turns_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen, now = Terminal(), [100.0]
    monkeypatch.setattr(spinner.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("TERM", "xterm")
    turning = Spinner(screen)
    for _ in range(10):
        turning.show("waiting; next try in 6 s", "waiting")
        now[0] += 1 / 16
    drawn = screen.getvalue().split("\r\x1b[K")[1:]
    assert len(drawn) == 5, "ten looks in six tenths of a second are five turns"
    assert len({line[0] for line in drawn}) == 5
    assert all("waiting; next try in 6 s" in line for line in drawn)
    assert "\n" not in screen.getvalue()
    turning.close()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_quiet_is_quiet() -> None:
    log = io.StringIO()
    turning = Spinner(log, quiet=True)
    turning.show("a", "a")
    turning.close()
    assert log.getvalue() == ""
