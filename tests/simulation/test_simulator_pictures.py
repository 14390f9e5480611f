"""What a run measured of broadcasts, and the pictures that are drawn of it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from simulator.broadcasts import Broadcasts
from simulator.chart import Bars, Chart, Line, Mark, Points, cumulative, ticks
from simulator.figures import broadcasting
from simulator.plan import Plan
from simulator.plots import draw
from simulator.run import Outcome, run
from simulator.weather import Trouble
from simulator.world import World

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"


def grown(count: int, seed: int) -> World:
    world = World(seed, encoding=False)
    world.start_bootstrap()
    for k in range(1, count + 1):
        world.start(f"node{k}")
        world.run(0.2)
    world.until(world.all_know_all, within=30)
    world.run(10)
    return world


# --- what is measured ----------------------------------------------------------------------------


def test_who_got_a_broadcast_is_counted_among_those_who_lived_all_the_time() -> None:
    world = grown(10, 1)
    broadcasts = Broadcasts(world)
    world.weather.begin(Trouble(inside=frozenset({"node3"}), loss=1.0))
    spoken = broadcasts.say(world.machines["node1"].process)
    world.run(1)
    world.crash("node4")
    world.crash("node5")
    world.start("node5", ("node1",))
    message = broadcasts.message(spoken)
    assert message.survivors == 7, "neither the speaker nor those two"
    assert message.share == pytest.approx(6 / 7), "and one was cut off"
    assert not broadcasts.has_everybody(spoken)
    world.weather.clear()
    world.until(lambda: broadcasts.has_everybody(spoken), within=30)
    assert broadcasts.message(spoken).share == 1.0


def test_a_flood_has_the_redundancy_of_its_links_and_a_grown_tree_next_to_none() -> None:
    world = grown(20, 2)
    broadcasts = Broadcasts(world)
    root = world.machines["node7"].process
    said = []
    for _ in range(18):
        said.append(broadcasts.say(root, calm=True))
        world.run(1)
    ends = sum(len(node.links) for node in world.nodes.values())
    first = broadcasts.message(said[0])
    # Each link carries it once or, where it crosses itself, twice; 19 of them are the tree.
    assert (ends / 2 - 19) / 19 <= first.redundancy <= (ends - 19) / 19
    tree = broadcasting(broadcasts, said, grown=10)
    assert tree is not None
    assert (tree.sent, tree.everywhere) == (18, 18)
    assert tree.redundancy < 0.05  # now and then a branch changes for a shorter one
    assert tree.latency is not None
    assert tree.latency.count == 18 * 19
    assert broadcasting(broadcasts, [], grown=0) is None


@pytest.mark.long
def test_a_run_tells_what_became_of_its_broadcasts() -> None:
    done = command("--nodes", "20", "--seconds", "20", "--kill", "50%", "--json")
    told = json.loads(done.stdout)
    during, calm = told["figures"]["broadcasts_during"], told["figures"]["broadcasts_calm"]
    assert (during["sent"], calm["sent"], calm["everywhere"]) == (10, 20, 20)
    assert calm["redundancy"] < 0.05
    assert len(told["series"]["messages"]) == 30
    assert sum(told["series"]["degrees"].values()) == 10
    assert told["figures"]["link_noticed"]["count"] > 10


def test_above_a_thousand_nodes_nobody_keeps_a_map() -> None:
    assert Plan(nodes=1_000).config().map
    assert not Plan(nodes=1_001).config().map
    assert not Plan(nodes=10, map=False).config().map
    assert "--no-map" in Plan(nodes=10, map=False).command()


def test_without_a_map_nodes_hold_few_and_reach_all() -> None:
    plan = Plan(nodes=60, seconds=20.0, kill=0.5, map=False, encoding=False, seed=3)
    figures = run(plan).figures
    assert figures.graph.components == 1
    assert figures.broadcasts_calm is not None
    assert figures.broadcasts_calm.everywhere == 20
    assert figures.frames_by_kind["Hello"] < 60 * 12, "nobody greets whole lists of strangers"


# --- what is drawn -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outcome() -> Outcome:
    return run(Plan(nodes=20, seconds=20.0, kill=0.3, encoding=False, broadcasts=12))


def test_every_picture_is_drawn_and_is_well_formed(outcome: Outcome, tmp_path: Path) -> None:
    files = draw(outcome, tmp_path / "pictures")
    names = ["degrees", "reliability", "tree", "hops", "latency", "detection"]
    assert [file.stem for file in files] == names
    for file in files:
        root = ET.parse(file).getroot()  # noqa: S314 - our own file
        assert root.tag == f"{SVG}svg"
        words = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
        assert "20 nodes, 30% killed, seed 1" in words
        assert "nan" not in file.read_text(encoding="utf-8")


def test_what_there_is_nothing_of_is_not_drawn(outcome: Outcome, tmp_path: Path) -> None:
    nothing = msgspec.structs.replace(
        outcome.series, messages=(), hops={}, latencies=(), link_noticed=()
    )
    quiet = msgspec.structs.replace(outcome, series=nothing)
    assert [file.stem for file in draw(quiet, tmp_path)] == ["degrees"]


def test_parts_stand_where_their_numbers_say() -> None:
    chart = Chart(
        title="a < b & c",
        subtitle="",
        x="x",
        y="y",
        y_to=10.0,
        parts=(
            Bars("bars", {1: 10, 2: 5}),
            Line("line", [(0.0, 0.0), (2.0, 10.0)]),
            Points("points", [(1.0, 5.0)]),
            Mark("here", x=2.0),
        ),
    )
    root = ET.fromstring(chart.svg())  # noqa: S314 - as above
    assert root.findtext(f"{SVG}title") == "a < b & c"
    tall, low = (r for r in root.iter(f"{SVG}rect") if r.get("fill-opacity"))
    assert float(tall.get("height", 0)) == pytest.approx(2 * float(low.get("height", 0)), abs=0.2)
    (dot,) = (c for c in root.iter(f"{SVG}circle") if c.get("cy") != "67")
    assert float(dot.get("cy", 0)) == pytest.approx(float(low.get("y", 0))), "both at five"


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [
        (0.0, 10.0, [0, 2, 4, 6, 8, 10]),
        (90.0, 100.0, [90, 92, 94, 96, 98, 100]),
        (0.0, 0.03, [0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03]),
        (0.0, 0.0, [0]),
    ],
)
def test_axes_have_round_numbers(least: float, most: float, expected: list[float]) -> None:
    assert ticks(least, most) == pytest.approx(expected)


def test_a_curve_ends_where_all_are_counted_or_the_tail_is_cut_off() -> None:
    values = [float(k) for k in range(1, 1001)]
    assert cumulative(values)[-1] == (1000.0, 100.0)
    assert cumulative(values, 0.99)[-1] == (990.0, 99.0)
    assert len(cumulative(values)) < 600
    assert cumulative([]) == []


@pytest.mark.long
def test_the_command_draws_one_run_and_says_where(tmp_path: Path) -> None:
    words = ["--nodes", "8", "--seconds", "5", "--plots", str(tmp_path)]
    done = command(*words)
    assert done.returncode == 0, done.stderr
    assert f"drawn: {tmp_path / 'hops.svg'}" in done.stderr
    assert command(*words, "--seeds", "2").returncode == 2


def command(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "simulator", *words],
        cwd=ROOT,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
