"""Nodes that are killed at any moment: nothing acknowledged is lost, and nothing comes twice."""

import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
from laboratory import Node, until

SEED = 20
MESSAGES = 150
"""Of each sender."""
KILLS = 6


class Stream(threading.Thread):
    """Somebody who sends numbered messages and repeats each until it is acknowledged."""

    def __init__(self, sender: Node, to: str) -> None:
        super().__init__(daemon=True)
        self.sender = sender
        self.accepted: list[str] = []
        self.strange: list[str] = []
        self.stopped = False
        self._to = to

    def run(self) -> None:
        for number in range(MESSAGES):
            message = f"{self.sender.name}-{number:04}"
            while not self._send(message):
                if self.stopped:
                    return
            self.accepted.append(message)

    def _send(self, message: str) -> bool:
        body = {"to": self._to, "msg": message, "id": message}
        try:
            answer = requests.post(self.sender.url + "/send", json=body, timeout=5)
        except requests.RequestException:
            return False  # it is dead, or died with our request in hands
        # 404: it has just started, and nobody has told it who is there.
        if answer.status_code not in {202, 404}:
            self.strange.append(f"{answer.status_code} {answer.text}")
        return answer.status_code == 202


def inbox(node: Node) -> list[dict[str, Any]]:
    """All of it, oldest first."""
    found = requests.get(node.url + "/messages?limit=1000", timeout=5).json()["messages"]
    return list(reversed(found))


def outbox(node: Node, status: str) -> list[str]:
    found = requests.get(f"{node.url}/send?status={status}&limit=1000", timeout=5).json()
    return [message["id"] for message in found["messages"]]


@pytest.mark.parametrize("durability", ["normal", "full"])
def test_what_was_acknowledged_is_in_one_inbox_once_and_in_order(
    tmp_path: Path, durability: str
) -> None:
    rng = Random(SEED)
    more = {"P2P_DURABILITY": durability}
    receiver = Node(tmp_path, "receiver", **more)
    nodes = [Node(tmp_path, name, receiver.url, **more) for name in ("sender", "other", "witness")]
    streams = [Stream(node, "receiver") for node in nodes[:2]]
    try:
        until(lambda: all(node.knows() == 3 for node in (receiver, *nodes)), 30)
        for stream in streams:
            stream.start()
        for n in range(KILLS):
            # Somewhere in the middle of the stream: as the chance of the seed has it.
            enough = (n + 1) * MESSAGES // (KILLS + 2) + rng.randrange(10)
            until(lambda enough=enough: len(streams[0].accepted) >= enough, 30)
            victim = receiver if n % 2 else rng.choice(nodes[:2])
            victim.end()
            victim.start()
        until(lambda: all(len(stream.accepted) == MESSAGES for stream in streams), 30)
        until(lambda: not any(outbox(node, "queued") for node in nodes), 30)
        there = inbox(receiver)
        for stream in streams:
            mine = [m["id"] for m in there if m["id"].startswith(stream.sender.name + "-")]
            failed = outbox(stream.sender, "failed")
            assert stream.strange == []
            assert sorted(mine + failed) == stream.accepted, "each is in one place, once"
            assert mine == sorted(mine), "in order"
            assert failed == [], "and nobody had a reason to give one up"
        assert {m["id"] for m in there} == {m["msg"] for m in there}
        status = requests.get(receiver.url + "/status", timeout=5).json()
        assert status["durability"] == durability
        assert status["epoch"] > 1, "some of the kills met it alive"
    finally:
        for stream in streams:
            stream.stopped = True
        for node in (receiver, *nodes):
            node.end()
