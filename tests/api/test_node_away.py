"""Real nodes that are away while others broadcast: stopped, or killed and started again.

What the minute is in earnest are some seconds here, by `P2P_BROADCASTS_KEPT`: the same cases
with their own times, many seeds, are in tests/simulation/test_broadcast_away.py.
"""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from laboratory import Node, until

KEPT = 45
"""Seconds: several times the absence, as a busy machine takes its time to notice one and to tie
links again. What is missed with fewer is the second test's matter, and the simulator's."""
SHORT = 12
"""Seconds, where nobody is to keep anything any more."""
AWAY = 7.0
"""Seconds: enough to be found dead by six (five, and a ping's time-out)."""


@pytest.fixture
def network(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[list[Node]]:
    more = {"P2P_BROADCASTS_KEPT": str(getattr(request, "param", KEPT))}
    first = Node(tmp_path, "node1", **more)
    nodes = [first, *(Node(tmp_path, f"node{k}", first.url, **more) for k in range(2, 7))]
    try:
        until(lambda: all(node.knows() == 5 for node in nodes), 60)
        yield nodes
    finally:
        for node in nodes:
            if node.process.poll() is None:
                node.process.send_signal(signal.SIGCONT)
            node.end()


def broadcast(node: Node) -> str:
    answer = requests.post(node.url + "/broadcast", json={"msg": "while away"}, timeout=10)
    assert answer.status_code == 202
    return str(answer.json()["id"])


def inbox(node: Node) -> Counter[str]:
    found = requests.get(node.url + "/messages?limit=1000", timeout=10).json()["messages"]
    return Counter(message["id"] for message in found)


def status(node: Node) -> Any:
    return requests.get(node.url + "/status", timeout=10).json()


def held_for_dead(others: list[Node], name: str) -> Callable[[], bool]:
    def look() -> bool:
        states = [
            member["state"]
            for node in others
            for member in status(node)["members"]
            if member["name"] == name
        ]
        return states == ["dead"] * len(others)

    return look


def talk(others: list[Node], seconds: float) -> list[str]:
    """All of them speak in turn for so long."""
    end = time.monotonic() + seconds
    said: list[str] = []
    while time.monotonic() < end:
        said += [broadcast(node) for node in others]
        time.sleep(0.3)  # the pace of the talk; its length is what ends it
    return said


def test_who_was_stopped_or_killed_gets_all_that_was_said_meanwhile_also_by_one_who_died(
    network: list[Node],
) -> None:
    speaker, stopped, killed, *others = network
    stopped.process.send_signal(signal.SIGSTOP)
    killed.end()
    first = broadcast(speaker)
    until(lambda: all(first in inbox(node) for node in others), 10)
    speaker.end()
    said = [first, *talk(others, AWAY)]
    until(held_for_dead(others, killed.name), 20)
    os.kill(stopped.process.pid, signal.SIGCONT)
    killed.start()
    expected = Counter(dict.fromkeys(said, 1))
    back = [stopped, killed]
    until(lambda: killed.knows() >= 4, 20)
    until(lambda: all(inbox(node) == expected for node in back), 20)
    until(lambda: all(inbox(node) == expected for node in others), 5)
    assert [status(node)["broadcast"]["missed"] for node in (*back, *others)] == [0] * 5


@pytest.mark.parametrize("network", [SHORT], indirect=True)
def test_who_was_killed_for_longer_than_broadcasts_are_kept_says_how_many_it_missed(
    network: list[Node],
) -> None:
    away, *others = network
    before = broadcast(others[0])
    until(lambda: all(inbox(node)[before] for node in network), 10)
    away.end()
    said = [broadcast(others[k % 2]) for k in range(7)]
    until(lambda: all(inbox(node).keys() >= set(said) for node in others), 10)
    # Nobody keeps them any more: a node tells how many it holds.
    until(lambda: not any(status(node)["broadcast"]["payloads"] for node in others), SHORT + 20)
    away.start()
    until(lambda: away.knows() == 5, 30)
    until(lambda: status(away)["broadcast"]["missed"] == 7, 30)
    assert inbox(away) == {before: 1}
    events = requests.get(away.url + "/events?limit=5000", timeout=10).json()["events"]
    told = {e["data"]["from"]["name"]: e["data"]["count"] for e in events if "missed" in e["type"]}
    assert told == {others[0].name: 4, others[1].name: 3}
    assert f"Missed for good: 4 of the broadcasts of {others[0].name}" in away.printed()
    after = broadcast(others[0])
    until(lambda: inbox(away) == {before: 1, after: 1}, 10)


def test_what_was_accepted_by_a_node_that_is_killed_at_once_is_at_all_when_it_is_back(
    network: list[Node],
) -> None:
    """All others are down, so nobody but itself has it when it dies."""
    *others, origin = network
    for node in others:
        node.end()
    said = broadcast(origin)
    origin.end()
    for node in others:
        node.start()
    until(lambda: all(node.knows() == 4 for node in others), 90)  # all start at once
    assert not any(inbox(node) for node in others)
    origin.start()
    until(lambda: all(node.knows() == 5 for node in network), 30)
    until(lambda: all(inbox(node) == {said: 1} for node in network), 20)
