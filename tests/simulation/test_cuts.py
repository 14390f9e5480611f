"""Cuts through the middle of a network, short and long: afterwards it is one network again."""

import msgspec
import pytest

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.frames import Batch, Neighbour, Update
from simulator.figures import links
from simulator.guard import Guard
from simulator.weather import Trouble
from simulator.world import World


def grown(count: int, seed: int) -> World:
    """So many nodes that know each other, each step of them watched."""
    world = World(seed, encoding=False, journal=frozenset())
    Guard(world)
    world.start_bootstrap()
    for k in range(1, count + 1):
        world.start(f"node{k}")
        world.run(0.2)
    world.until(world.all_know_all, within=60)
    world.run(20)
    return world


def halves(world: World) -> Trouble:
    inside = frozenset(f"node{k}" for k in range(1, len(world.nodes) // 2 + 1))
    return Trouble(inside=inside, loss=1.0)


@pytest.mark.long
@pytest.mark.parametrize("seconds", [5.0, 7.0, 8.0])
@pytest.mark.parametrize("seed", [1, 3, 6])
def test_a_cut_that_is_mended_before_anybody_is_convicted_leaves_one_network(
    seed: int, seconds: float
) -> None:
    """Links across are given up within seconds, deaths come later: between the two, all maps
    were right again and no link led across any more, for ever."""
    world = grown(25, seed)
    trouble = halves(world)
    world.weather.begin(trouble)
    world.run(seconds)
    world.weather.end(trouble)
    world.until(lambda: links(world).components == 1, within=15)
    world.until(world.all_know_all, within=15)
    message = world.broadcast("node1")
    world.until(lambda: all(message in p.machine.disk.inbox for p in world.running()), within=5)


@pytest.mark.long
def test_a_death_is_known_everywhere_in_time_though_packets_are_lost() -> None:
    """The bar: twelve seconds at a hundred nodes with 5 % of all packets lost. Nodes that had
    lost answers of others, and so doubted themselves, doubted the others' verdict as well."""
    world = grown(100, 1)
    world.weather.begin(Trouble(loss=0.05))
    world.run(10)
    for victim in ("node7", "node40", "node77"):
        member = world.nodes[victim].own.id
        world.crash(victim)
        world.until(lambda m=member: world.states(m) <= {"dead", None}, within=12)


def test_a_link_is_not_tied_again_while_strangers_may_not_be_called() -> None:
    """Its calls would fill the table of neighbours that is full already."""
    world = grown(12, 5)
    node, now = world.nodes["node3"], world.now
    link = node.links.some(1)[0]
    for _ in range(8):
        node._strangers.silent(now)
    node.links._met.clear()
    node._healing.gave_up(link.id)
    node.links.drop(link.id, "for this test")
    higher = msgspec.structs.replace(link, incarnation=1)
    other = node.links.some(1)[0]
    hears = i.Heard(Batch(other, (Update((higher,)),)))
    assert not asks(node.handle(hears, now), link.id)
    assert node._healing.is_cut_off(link.id)
    node._strangers.answered()
    again = msgspec.structs.replace(link, incarnation=2)
    hears = i.Heard(Batch(other, (Update((again,)),)))
    assert asks(node.handle(hears, now), link.id)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_who_died_as_nobodys_link_is_found_out(seed: int) -> None:
    """So it is for who refutes a suspicion and dies then: its links are given up already."""
    world = grown(30, seed)
    victim = world.nodes["node7"].own.id
    world.run(20)
    for node in world.nodes.values():
        node.links.drop(victim, "for this test")
    world.crash("node7", vanish=True)
    assert world.until(lambda: world.states(victim) <= {"dead", None}, within=60) < 60
    assert world.told["member.dead"] == 29, "and nobody else"


def test_of_several_links_that_were_lost_one_is_tied_again_at_a_time() -> None:
    """Else fifty nodes whose network came back all at once would all call all they had."""
    world = grown(12, 5)
    node, now = world.nodes["node3"], world.now
    first, second, other = node.links.some(3)
    for link in (first, second):
        node._healing.gave_up(link.id)
        node.links.drop(link.id, "for this test")
    lives = tuple(msgspec.structs.replace(link, incarnation=1) for link in (first, second))
    outputs = node.handle(i.Heard(Batch(other, (Update(lives),))), now)
    assert asks(outputs, first.id)
    assert not asks(outputs, second.id)
    later = now + node.config.tie_again
    live = (msgspec.structs.replace(second, incarnation=2),)
    assert asks(node.handle(i.Heard(Batch(other, (Update(live),))), later), second.id)


def asks(outputs: list[o.Output], member: str) -> bool:
    """Whether it is asked to be a link."""
    return any(
        isinstance(x, o.Send) and x.to == member and isinstance(x.frame, Neighbour) for x in outputs
    )
