"""The simulator tells its history, and `verify`'s judge, who knows no protocol, judges it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lab.verification.checker import Verdict, check
from lab.verification.history import parse
from simulator.disk import Disk
from simulator.history import history, plan

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
SEEDS = 24


def judged(seed: int, nodes: int = 12, seconds: float = 30.0) -> tuple[Verdict, str]:
    said = history(plan(seed, nodes, seconds))
    return check(parse(json.loads(json.dumps(said["history"])))), said["broken"]


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_nothing_is_lost_doubled_or_out_of_order(seed: int) -> None:
    verdict, broken = judged(seed)
    assert broken == ""
    assert verdict.problems == []
    assert verdict.accepted > 50
    assert verdict.delivered == verdict.accepted


def test_disks_that_forget_are_seen_to_double(monkeypatch: pytest.MonkeyPatch) -> None:
    def receive(self: Disk, message: str, *words: Any, **more: Any) -> bool:
        self.inbox.pop(message, None)
        return whole(self, message, *words, **more)

    whole = Disk.receive
    monkeypatch.setattr(Disk, "receive", receive)
    found = [judged(seed) for seed in range(1, 9)]
    assert sum(verdict.count("doubled") for verdict, _ in found) > 0
    assert any("(2)" in broken for _, broken in found), "the invariant sees it, too"


def test_disks_that_lose_what_they_confirmed_are_seen_to_lose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def receive(self: Disk, message: str, *words: Any, **more: Any) -> bool:
        new = whole(self, message, *words, **more)
        if new and message.endswith("7"):
            del self.inbox[message]
            return False  # it says that it has it, and nobody is told of it
        return new

    whole = Disk.receive
    monkeypatch.setattr(Disk, "receive", receive)
    verdict, _ = judged(1)
    assert verdict.count("lost") > 0


def test_a_line_a_seed_and_the_same_seed_the_same_line() -> None:
    command = [sys.executable, "-m", "simulator.history", "--nodes", "5", "--seconds", "5"]
    done = subprocess.run(
        [*command, "--first", "3", "--seeds", "2"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    first, second = map(json.loads, done.stdout.splitlines())
    assert (first["history"]["seed"], second["history"]["seed"]) == (3, 4)
    assert json.loads(json.dumps(history(plan(3, 5, 5.0)))) == first
