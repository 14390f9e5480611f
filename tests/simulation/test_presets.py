"""Each preset in the kind of network that it is for."""

import pytest

from node.overlay.config import Config
from node.overlay.presets import LAB, LAN, PRESETS, WAN
from simulator.weather import Latency, Trouble
from simulator.world import World

NEAR, FAR = Latency(0.0002, 0.002, 0.001), Latency(0.05, 0.2, 0.05)


def grown(config: Config, latency: Latency, count: int, seed: int, loss: float = 0.0) -> World:
    """So many nodes that know each other."""
    world = World(seed, config, latency=latency)
    world.start_bootstrap()
    world.weather.begin(Trouble(loss=loss))
    for k in range(1, count + 1):
        world.start(f"node{k}")
        world.run(0.2)
    world.until(world.all_know_all, within=60)
    return world


def links(world: World) -> float:
    """Of a node, on average."""
    return sum(len(node.links) for node in world.nodes.values()) / len(world.nodes)


def test_what_ships_is_the_laboratorys() -> None:
    assert PRESETS["lab"] == LAB == Config()


@pytest.mark.long
def test_far_apart_nobody_who_lives_is_held_for_dead_and_who_died_is() -> None:
    world = grown(WAN, FAR, 40, seed=3, loss=0.02)
    world.run(600)
    assert world.told["member.dead"] == 0
    victim = world.nodes["node7"].own.id
    world.crash("node7")
    world.until(lambda: world.states(victim) <= {"dead"}, within=60)
    assert world.told["member.dead"] == 39, "and nobody else"


@pytest.mark.long
def test_far_apart_the_laboratorys_patience_accuses_those_who_live() -> None:
    """Why there is a preset for it."""

    def suspicions(config: Config) -> int:
        world = grown(config, FAR, 40, seed=3, loss=0.02)
        before = world.told["member.suspect"]
        world.run(120)
        return world.told["member.suspect"] - before

    assert suspicions(WAN) < 10
    assert suspicions(LAB) > 1_000


def test_far_apart_a_broadcast_reaches_all() -> None:
    world = grown(WAN, FAR, 40, seed=4, loss=0.02)
    for _ in range(5):
        message = world.broadcast("node1")
        world.run(20)
    assert all(message in world.machines[name].disk.inbox for name in world.nodes)


@pytest.mark.long
def test_on_machines_of_their_own_a_large_network_has_more_links_a_node() -> None:
    lan, lab = (grown(config, NEAR, 100, seed=5) for config in (LAN, LAB))
    for world in (lan, lab):
        world.run(60)
    assert 4.8 < links(lab) < links(lan) - 0.2 < 6


@pytest.mark.parametrize("name", ["lab", "lan", "wan"])
def test_every_preset_can_be_made(name: str) -> None:
    assert isinstance(PRESETS[name], Config)
