"""Messages to ever other receivers: they leave room in the machine's table of neighbours."""

from random import Random

import pytest
from routes import Eyes, swallow

from node.overlay.config import Config
from node.overlay.frames import Unicast
from simulator.neighbours import NeighbourTable
from simulator.weather import Trouble
from simulator.world import World


def talkers(count: int, config: Config | None = None) -> World:
    """So many nodes that have been one network for a minute."""
    world = World(7, config=config, encoding=False)
    for k in range(1, count + 1):
        contacts = tuple(f"node{world.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        world.start(f"node{k}", contacts)
        world.run(0.2)
    world.until(world.all_know_all, within=60)
    world.run(60)
    return world


def strangers_of(world: World, sender: str) -> list[str]:
    node = world.nodes[sender]
    others = [name for name in sorted(world.nodes) if name != sender]
    return [name for name in others if not node.links.is_near(f"id-{name}", world.now)]


@pytest.mark.long
@pytest.mark.parametrize("count", [50, 100])
def test_ten_messages_a_second_between_random_nodes_never_fill_the_table(count: int) -> None:
    world = talkers(count)
    chance, sent, most = Random(5), [], 0
    names = sorted(world.nodes)
    for _ in range(600):
        sent.append(world.send(*chance.sample(names, 2)))
        world.run(0.1)
        most = max(most, world.network.neighbours())
    world.run(5)
    ends = [world.endings[message] for message in sent]
    assert {(end.status, end.attempts) for end in ends} == {("delivered", 1)}
    assert most + 2 * count <= 1_024  # the dashboard talks to everybody, and is not here


def test_a_share_of_the_pairs_is_used_for_calls_and_then_the_links_are() -> None:
    world = talkers(50)
    eyes = Eyes(world)
    sent = [world.send("node1", name) for name in strangers_of(world, "node1")[:10]]
    world.run(5)
    assert 1 <= len(eyes.posts) <= 4
    assert {world.endings[message].status for message in sent} == {"delivered"}
    called = eyes.posts[0].to.removeprefix("id-")
    posts, unicasts = len(eyes.posts), world.frames[Unicast]
    again = world.send("node1", called)
    world.run(2)
    assert world.endings[again].status == "delivered"
    assert len(eyes.posts) == posts + 1, "it is no stranger now"
    assert world.frames[Unicast] == unicasts


def test_several_messages_for_one_stranger_go_by_one_call() -> None:
    world = talkers(50)
    strangers = strangers_of(world, "node1")
    for name in strangers[:10]:
        world.send("node1", name)
    world.run(5)
    eyes = Eyes(world)
    sent = [world.send("node1", strangers[20]) for _ in range(30)]
    world.run(5)
    assert {world.endings[message].status for message in sent} == {"delivered"}
    assert 1 <= len(eyes.posts) <= 3
    assert sum(1 + len(post.also) for post in eyes.posts) >= 29  # the first had nobody behind it


def test_where_the_links_do_not_lead_there_it_is_called_though_no_pair_is_left() -> None:
    world = talkers(30, Config(pairs_most=1))
    eyes = Eyes(world)
    stranger = strangers_of(world, "node1")[0]
    for name, node in world.nodes.items():
        if name != stranger:
            swallow(node)  # what is to be passed on
    message = world.send("node1", stranger)
    world.run(60)
    assert world.endings[message].status == "delivered"
    assert eyes.launched, "the links came first"
    assert [post.to for post in eyes.posts] == [f"id-{stranger}"]


@pytest.mark.long
def test_a_hundred_whose_table_a_cut_has_filled_come_to_rest() -> None:
    """Some pair that chance had picked always met the full table. Its silence counted against
    the other end, and whoever was asked to try met the table, too: one node a second was
    suspected and had to be told so, by new pairs, and the table stayed full."""
    world = talkers(100)
    table = world.network.table = NeighbourTable(640)  # what dashboard and bootstrap leave
    world.run(40)
    assert table.refused < 100, "a network that nothing happens to has room"
    world.weather.begin(Trouble(inside=frozenset(f"node{k}" for k in range(1, 34)), loss=1.0))
    world.run(15)
    assert table.refused > 300, "the cut fills it"
    world.weather.clear()
    world.run(30)
    suspicions = world.told["member.suspect"]
    world.run(90)
    refused = table.refused
    world.run(60)
    assert world.told["member.suspect"] == suspicions
    assert table.refused - refused < 20
    assert world.all_know_all()
