"""Broadcast in the simulator's world, with every safety invariant watching each step."""

import pytest

from simulator.guard import Guard
from simulator.safety import safety
from simulator.weather import Trouble
from simulator.world import World


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_in_bad_weather_with_crashes_everybody_who_lives_gets_everything_once(seed: int) -> None:
    world = World(seed)
    Guard(world, [*safety(world)])
    for k in range(1, 21):
        contacts = tuple(f"node{world.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        world.start(f"node{k}", contacts)
        world.run(0.2)
    world.until(world.all_know_all, within=30)
    world.weather.begin(Trouble(loss=0.05, duplicate=0.1, late=0.1, garble=0.02, busy=0.02))
    sent = []
    for turn in range(20):
        sent.append(world.broadcast(f"node{1 + turn % 6}"))
        if turn % 5 == 2:
            world.crash(f"node{10 + turn // 5}")
        if turn % 5 == 4:
            world.start(f"node{10 + turn // 5}", ("node1", "node2", "node3"))
        world.run(0.5)
    world.weather.clear()
    world.until(
        lambda: all(set(sent) <= process.machine.disk.inbox.keys() for process in world.running()),
        within=40,
    )
    assert world.unperformed == {}


def test_a_plain_node_is_sent_a_broadcast_by_its_keeper() -> None:
    world = World(5)
    for k in range(1, 9):
        world.start(f"node{k}", ("node1",) if k > 1 else ())
        world.run(0.2)
    world.plain("homework")
    world.start("node9", ("homework", "node1"))
    world.until(world.all_know_all, within=40)
    message = world.broadcast("node3", "to all")
    relayed = f"{message} for "
    world.until(lambda: any(m.startswith(relayed) for m in world.endings), within=20)
    ended = [end for m, end in world.endings.items() if m.startswith(relayed)]
    assert [end.status for end in ended] == ["delivered"]
