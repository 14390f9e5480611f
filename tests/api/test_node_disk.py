"""Real nodes whose disk is full or whose file is damaged: nothing is dropped without a word."""

import sqlite3
from pathlib import Path

import requests
from laboratory import Node, network, until

from contract.exits import BROKEN


def inbox(node: Node) -> list[str]:
    found = requests.get(node.url + "/messages?limit=1000", timeout=5).json()["messages"]
    return [message["msg"] for message in reversed(found)]


def test_broadcasts_to_a_node_whose_disk_is_full_wait_for_the_disk(tmp_path: Path) -> None:
    texts = [f"to all {number}" for number in range(5)]
    with network(tmp_path, 3) as (first, full, third):
        fault = {"kind": "disk-full", "for_seconds": 60}
        assert requests.post(full.url + "/faults", json=fault, timeout=5).status_code == 201
        for text in texts:
            requests.post(first.url + "/broadcast", json={"msg": text}, timeout=5)
        until(lambda: inbox(third) == texts)
        until(lambda: "The disk takes nothing" in full.printed())
        assert inbox(full) == []
        requests.delete(full.url + "/faults", timeout=5)
        until(lambda: inbox(full) == texts)
        assert full.printed().count("Received message from node1: to all 3") == 1


def test_who_dies_while_its_disk_is_full_fetches_what_it_could_not_store(tmp_path: Path) -> None:
    with network(tmp_path, 3) as (first, full, third):
        requests.post(first.url + "/broadcast", json={"msg": "before"}, timeout=5)
        until(lambda: inbox(full) == ["before"])
        fault = {"kind": "disk-full", "for_seconds": 60}
        requests.post(full.url + "/faults", json=fault, timeout=5)
        requests.post(first.url + "/broadcast", json={"msg": "meanwhile"}, timeout=5)
        until(lambda: "The disk takes nothing" in full.printed())
        full.end()
        full.start()
        until(lambda: full.knows() == 2)
        until(lambda: inbox(full) == ["before", "meanwhile"])
        assert inbox(third) == ["before", "meanwhile"]


def test_a_file_that_is_damaged_in_the_middle_is_set_aside_and_said(tmp_path: Path) -> None:
    node = Node(tmp_path, "node1")
    try:
        until(lambda: node.knows() == 0)
        for number in range(200):
            body = {"sender": "somebody", "msg": f"{number} " + "x" * 500}
            requests.post(node.url + "/message", json=body, timeout=5)
        assert len(inbox(node)) == 200
        node.end()
        damage(tmp_path / "node1" / "data" / "node.sqlite")
        node.start()
        until(lambda: node.knows() == 0)
        assert "cannot be read" in node.printed()
        assert "starting anew" in node.printed()
        assert list((tmp_path / "node1" / "data").glob("node.sqlite.broken-*"))
        assert inbox(node) == []
    finally:
        node.end()


def test_a_file_that_is_damaged_while_the_node_runs_is_no_success(tmp_path: Path) -> None:
    """What it cannot read it says, what it cannot write it refuses, and it may end over it."""
    node = Node(tmp_path, "node1")
    try:
        until(lambda: node.knows() == 0)
        for number in range(3_000):  # more than SQLite keeps in memory
            body = {"sender": "somebody", "msg": f"{number} " + "x" * 2_000}
            requests.post(node.url + "/message", json=body, timeout=5)
        damage(tmp_path / "node1" / "data" / "node.sqlite")
        answers = set()
        for limit in (1, 1_000):
            try:
                found = requests.get(f"{node.url}/messages?limit={limit}&before=1500", timeout=5)
                answers.add(found.status_code)
            except requests.ConnectionError:
                answers.add(0)
        assert answers & {0, 503}
        assert 500 not in answers
        if node.process.poll() is not None:
            assert node.process.returncode == BROKEN
    finally:
        node.end()


def damage(file: Path) -> None:
    """Overwrite the middle half of it, whatever the log has put there."""
    with sqlite3.connect(file) as database:
        database.execute("PRAGMA wal_checkpoint(PASSIVE)")
    database.close()
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(size // 4)
        raw.write(b"\xa5" * (size // 2))
