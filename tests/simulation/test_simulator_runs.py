"""Whole runs: the same seed the same bytes, faults at random, schedules from a file."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import networkx as nx
import pytest

from node.overlay.config import Config
from simulator.faults import BootstrapDown, Kill, Partition
from simulator.guard import Guard
from simulator.nemesis import ScenarioError, at_random, read_scenario
from simulator.plan import Plan
from simulator.run import run
from simulator.trace import Trace
from simulator.world import World

ROOT = Path(__file__).parents[2]
SMALL = Plan(nodes=8, seconds=20.0, chaos=2.0, rate=5.0)
SEEDS = range(1, 21)


def traced(plan: Plan) -> bytes:
    file = io.BytesIO()
    run(plan, trace=Trace(file))
    return file.getvalue()


def changed(plan: Plan, **changes: object) -> Plan:
    return msgspec.structs.replace(plan, **changes)


# --- (11) the same seed, the same trace --------------------------------------------------------


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    first = traced(SMALL)
    assert first.count(b"\n") > 1000
    assert traced(SMALL) == first
    assert traced(changed(SMALL, seed=2)) != first


def test_frames_that_are_really_encoded_and_parsed_make_the_same_history() -> None:
    assert traced(changed(SMALL, encoding=False)) == traced(SMALL)


@pytest.mark.long
@pytest.mark.parametrize("hashes", ["1", "4242"])
def test_the_command_writes_the_same_bytes_whatever_pythons_hashes_are(
    hashes: str, tmp_path: Path
) -> None:
    file = tmp_path / "trace.jsonl"
    words = SMALL.command().split()[3:]
    done = command(*words, "--trace", str(file), hashes=hashes)
    assert done.returncode == 0, done.stderr
    assert file.read_bytes() == traced(SMALL)


# --- faults at random --------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_mixed_faults_at_thirty_nodes_break_nothing(seed: int) -> None:
    outcome = run(Plan(nodes=30, seconds=30.0, chaos=2.0, seed=seed))
    figures = outcome.figures
    assert sum(figures.faults.values()) > 3
    assert figures.delivered > 0.8 * figures.accepted, "some disks were lost with what was on them"
    assert figures.unperformed == {}


@pytest.mark.long
@pytest.mark.parametrize("tens", range(2, 20))
def test_mixed_faults_over_two_hundred_seeds_break_nothing(tens: int) -> None:
    """Ten seeds a test: with those above two hundred; `p2p.py nightly` has ten thousand."""
    for seed in range(10 * tens + 1, 10 * tens + 11):
        intensity = 1.0 + seed % 8 / 2
        run(Plan(nodes=30, seconds=15.0, chaos=intensity, seed=seed, encoding=False, broadcasts=4))


@pytest.mark.long
def test_a_thousand_nodes_of_which_a_third_dies_are_one_network_and_hear_everything() -> None:
    plan = Plan(nodes=1_000, seconds=20.0, kill=0.33, encoding=False, map=False, broadcasts=20)
    figures = run(plan).figures
    assert figures.crashes == 330
    assert (figures.graph.nodes, figures.graph.components) == (670, 1)
    assert figures.broadcasts_calm is not None
    assert figures.broadcasts_calm.everywhere == 20
    assert figures.broadcasts_calm.redundancy is not None
    assert figures.broadcasts_calm.redundancy < 0.05, "of the last ten"


@pytest.mark.long
def test_of_two_thousand_nodes_nineteen_in_twenty_die_and_the_rest_finds_together() -> None:
    """The bar is 90 % delivered: what a speaker reaches is the part that it is in.

    The bootstrap is gone and nobody has a map, so passive views are all that there is.
    """
    world = World(1, Config(map=False), encoding=False, journal=frozenset())
    world.start_bootstrap()
    for k in range(1, 2_001):
        world.start(f"node{k}")
        world.run(0.005)
    world.run(20)
    world.stop_bootstrap()
    for name in world.rng.sample(sorted(world.nodes), 1_900):
        world.crash(name)
    world.run(25)
    living = [process.overlay for process in world.running()]
    graph = nx.Graph((one.own.id, link) for one in living for link in one.links.ids())
    parts = map(len, nx.connected_components(graph))
    assert sum(size**2 for size in parts) / len(living) ** 2 >= 0.9


def test_a_random_schedule_is_the_seeds_and_has_all_kinds_of_faults() -> None:
    assert at_random(7, 1000.0, 1.0) == at_random(7, 1000.0, 1.0)
    assert at_random(7, 1000.0, 1.0) != at_random(8, 1000.0, 1.0)
    schedule = at_random(7, 1000.0, 1.0)
    assert 150 < len(schedule) < 350, "one in four seconds"
    assert len({type(fault) for fault in schedule}) == 10
    assert at_random(7, 1000.0, 0.0) == []


# --- (12) the bootstrap may die ----------------------------------------------------------------


def test_stopping_the_bootstrap_after_the_join_changes_nothing() -> None:
    world = World(12)
    guard = Guard(world)
    world.start_bootstrap()
    for k in range(1, 21):
        world.start(f"node{k}")
        world.run(0.2)
    world.until(world.all_know_all, within=30)
    BootstrapDown(at=0).begin(world, world.rng)
    world.crash("node3")
    world.start("new", ("node7",))  # there is no bootstrap, but PEERS=http://node7:5000
    sent = [world.send(f"node{k}", "node20") for k in (1, 2, 4)]
    world.run(40)
    assert world.states("id-node3") - {None} == {"dead"}, "who came later may not know it"
    world.start("node3")  # it knows whom it knew
    world.until(world.all_know_all, within=30)
    world.run(1)  # everybody knows it a moment before it has its first link
    assert set(sent) <= set(world.machines["node20"].disk.inbox)
    assert guard.settled() is None


# --- schedules from a file ---------------------------------------------------------------------

HALVES = """
nodes = 12
seconds = 40
seed = 5

[[fault]]
do = "partition"
at = 5
lasts = 20

[[fault]]
do = "kill"
at = 10
nodes = ["node2", "node3"]
"""


def scenario(folder: Path, text: str) -> Path:
    file = folder / "scenario.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_scenario_is_done_as_it_is_written(tmp_path: Path) -> None:
    file = scenario(tmp_path, HALVES)
    assert read_scenario(file).fault == (
        Partition(at=5, lasts=20),
        Kill(at=10, nodes=("node2", "node3")),
    )
    done = command("--scenario", str(file), "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["figures"]["faults"] == {"partition": 1, "kill": 1}
    assert told["figures"]["crashes"] == 2
    assert told["figures"]["graph"]["nodes"] == 10
    assert told["figures"]["false_deaths"] > 0, "each half took the other for dead"
    assert (told["plan"]["nodes"], told["plan"]["seed"]) == (12, 5)


@pytest.mark.long
@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[fault]\n", "scenario.toml"),
        ('[[fault]]\ndo = "tickle"\nat = 1', "tickle"),
        ('[[fault]]\ndo = "kill"\n', "at"),
        ('[[fault]]\ndo = "kill"\nat = 1\nshare = 2', "$.fault[0].share"),
        ('[[fault]]\ndo = "kill"\nat = 1\nshar = 0.5', "shar"),
        ("nodes = 0", "nodes"),
        ("speed = 3", "speed"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused_and_says_where(
    text: str, complaint: str, tmp_path: Path
) -> None:
    file = scenario(tmp_path, text)
    with pytest.raises(ScenarioError) as caught:
        read_scenario(file)
    assert complaint in str(caught.value)
    done = command("--scenario", str(file))
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "Traceback" not in done.stderr


# --- the command -------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize(
    "words",
    [
        ["--kill", "150%"],
        ["--kill", "many"],
        ["--nodes", "0"],
        ["--nodes", "20000"],
        ["--seconds", "inf"],
        ["--latency", "5-1"],
        ["--latency", "fast"],
        ["--overlay", "no.such:Thing"],
        ["--overlay", "json:JSONDecoder"],
        ["--scenario", "missing.toml"],
    ],
)
def test_what_cannot_be_meant_is_refused_without_a_traceback(words: list[str]) -> None:
    done = command(*words)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.long
def test_half_of_all_die_at_once_and_the_rest_is_one_network_again() -> None:
    done = command(
        *[
            "--nodes",
            "40",
            "--seconds",
            "60",
            "--kill",
            "50%",
            "--loss",
            "2%",
            "--seed",
            "7",
            "--json",
        ]
    )
    assert done.returncode == 0, done.stderr + done.stdout
    figures = json.loads(done.stdout)["figures"]
    assert figures["crashes"] == 20
    assert figures["graph"]["nodes"] == 20
    assert figures["graph"]["components"] == 1
    assert figures["known_everywhere"]["count"] == 20


@pytest.mark.long
def test_progress_is_told_in_lines_for_a_program() -> None:
    done = command(*["--nodes", "30", "--seconds", "60", "--chaos", "1", "--progress"])
    lines = [line.split(" ", 3) for line in done.stderr.splitlines()]
    assert lines
    assert {line[0] for line in lines} == {"progress"}
    assert all(0 <= float(line[1]) <= float(line[2]) for line in lines)
    assert "no invariant broken" in done.stdout


def test_a_plan_is_its_command_line_and_back() -> None:
    plan = Plan(nodes=9, seed=4, kill=0.25, chaos=0.5, bootstrap=False, latency="100")
    assert plan.command() == (
        "python3 p2p.py sim --nodes 9 --seconds 60 --seed 4 --kill 0.25 --chaos 0.5 "
        "--latency 100 --no-bootstrap"
    )
    done = command(*plan.command().split()[3:], "--json")
    assert msgspec.convert(json.loads(done.stdout)["plan"], Plan) == plan


def command(*words: str, hashes: str = "0") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", *words],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": hashes},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
