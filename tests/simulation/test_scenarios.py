"""The shipped scenarios in the simulator: they hold, always alike, and broken protocols break."""

import json
from pathlib import Path
from typing import Any

import pytest
from broken_overlays import ForgetsToRefute, SpeaksForOthers

from lab import ROOT
from lab.playing.judge import judge
from lab.playing.simulated import record
from node.overlay.core import Overlay
from scenario.cast import cast
from scenario.reading import read, read_text
from simulator import play
from simulator.command import main as sim
from simulator.weather import Weather
from simulator.world import World

SHIPPED = sorted((ROOT / "docs" / "scenarios").glob("*.yaml"))
SMALL = """name: small
seconds: 40s
settle: 60s
workload: {messages: 3, broadcasts: 0.2}
steps: [{at: 2s, partition: half, for: 25s}]
expect: {delivery: 100%, everywhere: 100%, healing: 15s, agreement: 30s, redundancy: 0.05}
"""


def quiet(*_: object) -> None:
    """Tell nobody."""


def played(script: Any) -> dict[str, Any]:
    said = json.loads(json.dumps(play.Player(script, quiet, quiet).play()))
    return judge(record(script, said), "again")


def failing(verdict: dict[str, Any]) -> list[str]:
    return [f"{p['name']}: {p['words']}" for p in verdict["promises"] if not p["holds"]]


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_shipped_scenario_holds_as_it_is(file: Path) -> None:
    assert failing(played(cast(read(file)))) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_and_with_fifty_nodes_and_other_seeds(file: Path, seed: int) -> None:
    assert failing(played(cast(read(file), 50, seed))) == []


def test_the_same_seed_is_the_same_run() -> None:
    script = cast(read_text(SMALL), 8)
    first, second = (play.Player(script, quiet, quiet).play() for _ in range(2))
    for one in (first, second):
        del one["real_seconds"]
    assert json.dumps(first) == json.dumps(second)


def swapped(monkeypatch: pytest.MonkeyPatch, overlay: type[Overlay]) -> None:
    whole = World.__init__

    def init(self: World, *words: Any, **more: Any) -> None:
        whole(self, *words, **{**more, "overlay": overlay})

    monkeypatch.setattr(World, "__init__", init)


def test_a_network_that_stays_in_two_parts_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Weather, "end", lambda *_: None)  # the cable is never mended
    broken = failing(played(cast(read_text(SMALL.replace("60s", "20s")), 8)))
    for name in ("healing: ['not reached', '≤ 15.0 s']", "agreement: ['not reached', '≤ 30.0 s']"):
        assert name in broken
    assert any(one.startswith("delivery") for one in broken)
    assert any(one.startswith("everywhere") for one in broken)


def test_a_broken_invariant_breaks_the_run_and_is_the_evidence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    swapped(monkeypatch, SpeaksForOthers)
    steps = SMALL.replace("partition: half, for: 25s", "kill: half")
    verdict = played(cast(read_text(steps), 8))
    first = verdict["promises"][0]
    assert (first["name"], first["holds"]) == ("exactly-once", False)
    assert "(6) Only a member itself raises" in first["evidence"][0]["text"]


def test_who_does_not_refute_is_taken_for_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    swapped(monkeypatch, ForgetsToRefute)
    # Shortly: members who may not refute are talked of for ever, tens of thousands of steps.
    text = SMALL.replace("partition: half, for: 25s", "lossy: all, loss: 40%, for: 20s")
    text = text.replace("seconds: 40s\nsettle: 60s", "seconds: 24s\nsettle: 2s")
    text = text.replace("redundancy: 0.05", "latency-p99: 60s")
    broken = failing(played(cast(read_text(text), 8)))
    assert any(one.startswith("agreement") for one in broken)


def test_each_kind_of_step_is_done_and_undone() -> None:
    text = """name: all
seconds: 60s
settle: 100s
workload: {messages: 3, pairs: [[node1, 2-3]], route: overlay}
steps:
  - {at: 1s, slow: 2, by: 100ms, for: 5s}
  - {at: 2s, lossy: 3, loss: 30%, for: 5s}
  - {at: 3s, isolate: 4, for: 12s}
  - {at: 8s, bootstrap: stop, for: 20s}
  - {at: 20s, leave: 5, for: 6s}
  - {at: 21s, restart: 6}
  - {at: 30s, join: 2}
  - {at: 35s, kill: [7, 9]}
  - {at: 40s, freeze: 8}
  - {at: 41s, cut: 1}
  - {at: 45s, heal: true}
expect: {agreement: 60s, delivery: 100%, joining: 20s, drained: 60s}
"""
    script = cast(read_text(text), 8)
    player = play.Player(script, quiet, quiet)
    said = player.play()
    verdict = judge(record(script, json.loads(json.dumps(said))), "again")
    assert failing(verdict) == []
    world = player._world
    assert world.weather.calm
    assert all(machine.slow == 0 for machine in world.machines.values())
    assert sorted(p.name for p in world.running()) == sorted(f"node{k}" for k in range(1, 11))
    assert not any(process.paused for process in world.running())
    assert len(said["done"]) == len(script.strikes)
    sent = {(m["sender"], m["to"]) for m in said["history"]["sent"]}
    assert sent == {("node1", "node2"), ("node1", "node3")}


def test_sim_takes_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.yaml"
    file.write_text(SMALL.replace("name: small", "name: small\nnodes: 6\nseed: 9"))
    assert sim(["--scenario", str(file), "--json", "--broadcasts", "2"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["plan"]["nodes"], said["plan"]["seed"], said["plan"]["seconds"]) == (6, 9, 40)
    assert said["figures"]["faults"] == {"partition": 1}
    file.write_text("name: small\nsteps:\n  - {at: 1s, klil: 3}\n")
    with pytest.raises(SystemExit) as end:
        sim(["--scenario", str(file)])
    assert end.value.code == 2
    assert "line 3, column 14, steps[1].klil" in capsys.readouterr().err
