"""Every invariant sees the mistake that it is there for, and the command shows it again."""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from node.overlay.inputs import Contacts
from simulator.guard import Guard
from simulator.invariant import BrokenInvariantError
from simulator.plan import Plan
from simulator.report import broken_words
from simulator.run import run
from simulator.world import World

ROOT = Path(__file__).parents[2]

BROKEN = [
    ("ForgetsToRefute", 15),
    ("KnowsItself", 1),
    ("TakesAnyNumberOfLinks", 1),
    ("EndsTwice", 2),
    ("MixesReceiversUp", 3),
    ("KeepsNoOrder", 4),
    ("LowersCounters", 5),
    ("BelievesTheLast", 7),
    ("SpeaksForOthers", 6),
    ("LeavesNoTraceOnMessages", 8),
    ("LeaksTimers", 9),
    ("Fails", 10),
    ("KeepsHalfALink", 13),
    ("LosesMessages", 14),
    ("NeverPrunes", 18),
]

SHOWN_BY: dict[int, dict[str, Any]] = {
    8: {"route": "overlay"},
    13: {"seed": 1},
    15: {"settle": 5.0},
}
"""What shows a mistake that the plan below does not: another seed, or less time to heal."""


def plan(overlay: str, **changes: Any) -> Plan:
    options = {
        "nodes": 12,
        "seconds": 60.0,
        "chaos": 1.0,
        "seed": 3,
        "rate": 30.0,
        "settle": 20.0,
    } | changes
    return Plan(overlay=f"broken_overlays:{overlay}", encoding=False, **options)


def broken(one: Plan) -> BrokenInvariantError:
    with pytest.raises(BrokenInvariantError) as caught:
        run(one)
    return caught.value


def test_the_overlay_as_it_is_breaks_nothing_where_the_broken_ones_do() -> None:
    whole = Plan(nodes=12, seconds=60.0, chaos=1.0, seed=3, rate=30.0, settle=70.0, encoding=False)
    assert run(whole).figures.delivered > 500


@pytest.mark.long
@pytest.mark.parametrize(("overlay", "number"), BROKEN)
def test_a_mistake_is_seen_by_the_invariant_that_is_there_for_it(overlay: str, number: int) -> None:
    one = plan(overlay, **SHOWN_BY.get(number, {}))
    error = broken(one)
    assert error.invariant.number == number
    assert error.states[0] != error.states[1]
    words = broken_words(error, one)
    assert f"step {error.step:,}" in words
    assert f"again: python3 p2p.py sim --nodes 12 --seconds 60 --seed {one.seed} " in words


def test_a_newcomer_may_have_more_addresses_to_greet_than_members_that_it_knows() -> None:
    """A night's find: greetings were counted by members, and the bootstrap's list was longer
    than that for whoever came back as somebody new."""
    world = World(1)
    Guard(world)
    world.start("node1")
    world.start("node2", ("node1",))
    world.run(5)
    world.put("node1", Contacts(tuple(f"http://late{k}:5000" for k in range(60))))
    process = world.machines["node1"].process
    assert process is not None
    assert sum(key.startswith("greet ") for key in process.timers) == 60
    world.run(2)


def test_pairs_that_cannot_talk_are_noticed_when_nobody_happened_to_try() -> None:
    assert broken(plan("IsDeafToSubmissions", rate=0.0, chaos=0.0)).invariant.number == 17


@pytest.mark.long
@pytest.mark.parametrize("overlay", ["SpeaksForOthers", "KeepsNoOrder"])
def test_the_command_in_the_message_breaks_the_same_at_the_same_step(overlay: str) -> None:
    one = plan(overlay)
    error = broken(one)
    words = shlex.split(one.command())
    assert words[:3] == ["python3", "p2p.py", "sim"]
    again = subprocess.run(
        [sys.executable, "-m", "simulator", *words[3:], "--json"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTHONHASHSEED": "77"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert again.returncode == 1, again.stderr
    found = json.loads(again.stdout)["broken"]
    assert (found["step"], found["number"], found["where"]) == (
        error.step,
        error.invariant.number,
        error.where,
    )
    assert found["history"] == error.history
