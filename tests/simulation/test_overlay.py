"""The overlay as a whole, stepped under a virtual clock: what it promises, with seeds."""

import msgspec
import networkx as nx
import pytest

from node.overlay import inputs as i
from node.overlay.frames import Batch, Record, Update
from simulator.machine import url
from simulator.weather import Trouble
from simulator.world import World

SEEDS = range(8)


def joined(count: int, seed: int) -> World:
    """So many nodes that came in one after the other and know each other."""
    world = World(seed)
    for k in range(1, count + 1):
        contacts = tuple(f"node{world.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        world.start(f"node{k}", contacts)
        world.run(0.1)
    world.until(world.all_know_all, within=20)
    return world


def links(world: World) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(node.own.id for node in world.nodes.values())
    for node in world.nodes.values():
        graph.add_edges_from((node.own.id, other) for other in node.links.ids())
    return graph


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_fifty_nodes_all_know_each_other_soon_after_the_last_one_came(seed: int) -> None:
    world = joined(50, seed)
    assert world.now < 5 + 20


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_links_are_few_symmetric_and_connect_everybody(seed: int) -> None:
    world = joined(50, seed)
    world.run(30)
    graph = links(world)
    assert all(4 <= degree <= 8 for _, degree in graph.out_degree())
    assert all(graph.has_edge(b, a) for a, b in graph.edges)
    assert nx.is_connected(graph.to_undirected())


def test_fifty_nodes_that_start_in_the_same_instant_become_one_network() -> None:
    world = World(seed=3)
    for k in range(1, 51):
        world.start(f"node{k}", (f"node{k % 50 + 1}", f"node{(k * 7) % 50 + 1}"))
    world.until(world.all_know_all, within=30)


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_node_is_dead_everywhere_and_nobody_else_is_harmed(seed: int) -> None:
    world = joined(30, seed)
    world.crash("node7")
    world.until(lambda: world.states("id-node7") == {"dead"}, within=30)
    world.run(60)
    assert world.all_know_all()
    assert {told.data["member"]["name"] for told in world.events("member.dead")} == {"node7"}


def test_the_dead_are_no_links_and_no_peers() -> None:
    world = joined(12, 1)
    world.crash("node3")
    world.until(lambda: world.states("id-node3") == {"dead"}, within=30)
    assert all("id-node3" not in node.links for node in world.nodes.values())
    assert all(url("node3") not in node.peers() for node in world.nodes.values())


def test_a_killed_node_that_starts_again_is_alive_everywhere() -> None:
    world = joined(20, 2)
    world.crash("node5")
    world.until(lambda: world.states("id-node5") == {"dead"}, within=30)
    world.start("node5", ("node9",))
    world.until(world.all_know_all, within=15)
    assert world.nodes["node9"].members.get("id-node5").epoch == 2


def test_who_says_goodbye_is_gone_at_once_and_never_called_dead() -> None:
    world = joined(20, 4)
    world.put("node5", i.Leave())
    world.run(0.05)
    world.crash("node5")
    world.until(lambda: world.states("id-node5") == {"left"}, within=10)
    world.run(60)
    assert world.states("id-node5") == {"left"}
    assert world.events("member.dead") == []


def test_a_node_that_was_cut_off_refutes_its_own_death_when_the_cut_heals() -> None:
    world = joined(20, 5)
    alone = Trouble(inside=frozenset({"node5"}), loss=1.0)
    world.weather.begin(alone)
    world.until(lambda: world.states("id-node5") == {"dead"}, within=40)
    world.weather.clear()
    world.until(world.all_know_all, within=120)
    assert world.nodes["node5"].own.incarnation > 0


def test_two_halves_that_forgot_each_other_grow_together_again() -> None:
    world = joined(20, 6)
    halves = Trouble(inside=frozenset(f"node{k}" for k in range(1, 11)), loss=1.0)
    world.weather.begin(halves)
    world.run(90)
    # Who had no link across is only missed when somebody happens to ask it, which takes long.
    assert all(len(node.peers()) <= 12 for node in world.nodes.values())
    near = {f"id-node{k}" for k in range(1, 11)}
    assert all(
        (end in near) == (node.own.id in near)
        for node in world.nodes.values()
        for end in node.links.ids()
    )
    world.weather.clear()
    world.until(world.all_know_all, within=120)


def test_a_node_that_starts_while_it_is_cut_off_gets_in_when_the_cut_is_gone() -> None:
    world = joined(8, 20)
    world.weather.begin(Trouble(inside=frozenset({"late"}), loss=1.0))
    world.start("late", ("node2", "node5"))
    world.run(120)
    assert world.nodes["late"].peers() == []
    world.weather.clear()
    world.until(world.all_know_all, within=20)


def test_two_islands_meet_through_the_bootstraps_list() -> None:
    world = World(seed=7)
    for k in range(1, 6):
        world.start(f"node{k}", ("node1",))
        world.start(f"far{k}", ("far1",))
    world.run(20)
    assert not world.all_know_all()
    world.start_bootstrap()
    assert world.registry
    world.registry.entries = {url("node2"): 0, url("far2"): 0}
    world.until(world.all_know_all, within=60)


def test_a_plain_node_that_registers_with_one_is_known_to_all_and_missed_when_dead() -> None:
    world = joined(12, 8)
    world.plain("homework")
    world.put("node4", i.Registered(url("homework"), None, None))
    world.until(world.all_know_all, within=20)
    kinds = {node.members.at(url("homework")).kind for node in world.nodes.values()}
    assert kinds == {"plain"}
    world.run(120)
    assert world.all_know_all(), "its keeper sees it alive"
    world.crash("homework")
    world.until(world.all_know_all, within=60)
    world.plain("homework")
    world.until(world.all_know_all, within=60)


def test_the_keeper_of_a_plain_node_is_replaced_when_it_dies() -> None:
    world = joined(12, 9)
    world.plain("homework")
    world.put("node4", i.Registered(url("homework"), None, None))
    world.until(world.all_know_all, within=20)
    keepers = [name for name, node in world.nodes.items() if node._keeps(url("homework"))]
    assert len(keepers) == 1
    world.crash(keepers[0])
    world.until(world.all_know_all, within=40)
    world.crash("homework")
    world.until(world.all_know_all, within=60)


def test_a_registered_address_is_listed_at_once_and_forgotten_if_it_never_answers() -> None:
    world = joined(5, 10)
    world.put("node1", i.Registered(url("nobody"), None, None))
    assert url("nobody") in world.nodes["node1"].peers()
    world.run(90)
    assert world.all_know_all()
    assert all(url("nobody") not in node.peers() for node in world.nodes.values())


@pytest.mark.long
def test_an_idle_network_is_quiet_and_its_traffic_a_node_does_not_grow() -> None:
    rates = []
    for count in (10, 50):
        world = joined(count, 11)
        world.run(30)
        before = world.network.calls
        world.run(60)
        rates.append((world.network.calls - before) / 60 / count)
    assert rates[1] < 1.1, "a round a second, its answer, and little else"
    assert rates[1] < 1.3 * rates[0]


@pytest.mark.long
def test_a_network_talks_in_few_pairs_while_it_starts_and_afterwards() -> None:
    """Linux has 1,024 entries for the containers of a machine; a pair that talks takes two."""
    world, most = World(seed=4), 0
    for k in range(1, 51):
        world.start(f"node{k}", tuple(f"node{c}" for c in range(1, k))[-8:])
        world.run(0.2)
        most = max(most, world.network.neighbours())
    world.run(60)
    assert max(most, world.network.neighbours()) < 1024 / 2
    assert world.network.neighbours() < 1024 / 2.5, "six links a node, and nearly nothing else"


@pytest.mark.long
def test_a_suspicion_that_everybody_hears_of_does_not_make_everybody_call_the_suspect() -> None:
    world = joined(50, 15)
    world.run(60)
    world.crash("node7")
    killed = world.now
    world.until(lambda: world.states("id-node7") == {"suspect"}, within=30)
    callers = [pair for pair, at in world.network.talked.items() if "node7" in pair and at > killed]
    assert len(callers) <= 16, "its links, and who tried for them"


def test_a_stranger_cannot_kill_a_living_member_with_a_lie() -> None:
    world = joined(10, 12)
    victim = world.nodes["node3"].own
    liar = Record(id="liar", name="liar", url=url("liar"))
    lie = msgspec.structs.replace(victim, state="dead")
    world.put("node1", i.Heard(Batch(liar, (Update((lie,)),))))
    world.until(lambda: world.states("id-node3") == {"alive"}, within=60)
    assert world.nodes["node3"].own.incarnation == victim.incarnation + 1


def test_a_member_that_restarted_without_its_disk_replaces_its_former_self() -> None:
    world = joined(10, 13)
    world.crash("node3")
    world.start("node3", ("node1",), new_disk=True)
    world.until(
        lambda: all(
            node.members.get("id-node3.2") and node.members.get("id-node3").state == "dead"
            for name, node in world.nodes.items()
            if name != "node3"
        ),
        within=40,
    )


def test_messages_to_one_receiver_arrive_in_order_and_once() -> None:
    world = joined(6, 20)
    sent = [f"m{n}" for n in range(50)]
    world.weather.begin(Trouble(paths=frozenset({"/message"}), busy=0.4, duplicate=0.3))
    for message in sent:
        world.send("node1", "node2", message=message)
    world.until(lambda: len(world.endings) == 50, within=600)
    delivered = [m for m in sent if world.endings[m].status == "delivered"]
    assert list(world.machines["node2"].disk.inbox) == delivered == sent


def test_a_message_to_the_dead_fails_when_its_time_runs_out_and_says_why() -> None:
    world = joined(6, 15)
    world.crash("node2")
    world.send("node1", "node2", message="m", ttl=60)
    world.run(59.9)
    assert "m" not in world.endings
    world.run(5)
    assert world.endings["m"].status == "failed"
    assert world.endings["m"].reason.startswith("its time ran out: ")
    assert world.nodes["node1"].waiting == 0


def test_who_waits_behind_somebody_with_more_time_fails_in_its_own() -> None:
    world = joined(6, 15)
    world.crash("node2")
    world.send("node1", "node2", message="long", ttl=600)
    world.send("node1", "node2", message="short", ttl=30)
    world.run(31)
    assert world.endings["short"].reason == "its time ran out before its turn came"
    assert "long" not in world.endings
    world.start("node2", ("node1",))
    world.until(lambda: "long" in world.endings, within=30)
    assert list(world.machines["node2"].disk.inbox) == ["long"]


def test_a_message_waits_for_the_dead_and_leaves_as_soon_as_they_are_seen() -> None:
    world = joined(4, 15)
    world.crash("node2")
    sent = [world.send("node1", "node2", message=f"m{n}") for n in range(20)]
    world.run(900)
    tried = len(world.events("message.retried"))
    assert 15 <= tried <= 30, "about one attempt a minute while it is held for dead"
    assert world.nodes["node1"].waiting == 1, "only the head is in memory"
    assert not world.endings
    world.start("node2", ("node1",))
    seen = world.until(lambda: world.states("id-node2") == {"alive"}, within=30)
    world.until(lambda: len(world.endings) == 20, within=2)
    assert seen < 10
    assert list(world.machines["node2"].disk.inbox) == sent


def test_pauses_grow_and_differ_and_are_bounded() -> None:
    world = joined(6, 15)
    deaf = Trouble(outside=frozenset({"node2"}), paths=frozenset({"/message"}), busy=1.0)
    world.weather.begin(deaf)
    world.send("node1", "node2")
    world.run(300)
    pauses = [told.data["again_in"] for told in world.events("message.retried")]
    assert 0.375 <= pauses[0] <= 0.625
    assert 1.5 <= pauses[2] <= 2.5
    assert all(6 <= pause <= 10 for pause in pauses[5:])
    assert len(set(pauses[5:])) > 30, "and differ"


def test_a_message_waits_for_a_receiver_that_comes_back_in_time() -> None:
    world = joined(6, 16)
    world.crash("node2")
    world.send("node1", "node2", message="m")
    world.run(20)
    world.start("node2", ("node1",))
    world.until(lambda: "m" in world.endings, within=20)
    assert world.endings["m"].status == "delivered"
    assert list(world.machines["node2"].disk.inbox) == ["m"]


def test_what_was_accepted_before_a_restart_waits_until_its_receiver_is_known_again() -> None:
    world = joined(6, 18)
    world.crash("node2")
    message = world.send("node1", "node2")
    world.crash("node1")
    world.run(5)
    world.start("node2", ("node3",))
    world.run(5)
    world.start("node1", ("node3",))
    world.until(lambda: message in world.endings, within=20)
    assert world.endings[message].status == "delivered"
    assert list(world.machines["node2"].disk.inbox) == [message]


def test_a_long_queue_for_somebody_who_is_never_heard_of_again_is_given_up_whole() -> None:
    world = joined(3, 19)
    world.crash("node2")
    for _ in range(3000):
        world.send("node1", "node2", ttl=60)
    assert world.nodes["node1"].waiting == 1
    world.run(70)
    assert {end.status for end in world.endings.values()} == {"failed"}
    assert len(world.endings) == 3000
    assert world.nodes["node1"].waiting == 0


def test_a_slow_receiver_holds_up_nobody_else() -> None:
    world = joined(6, 17)
    deaf = Trouble(outside=frozenset({"node2"}), paths=frozenset({"/message"}), busy=1.0)
    world.weather.begin(deaf)
    world.send("node1", "node2", message="stuck")
    world.send("node1", "node3", message="free")
    world.run(1)
    assert world.endings["free"].status == "delivered"
    assert "stuck" not in world.endings


def test_the_same_seed_gives_the_same_history() -> None:
    def history(seed: int) -> list:
        world = joined(15, seed)
        world.crash("node4")
        world.run(60)
        return [(told.at, told.name, told.type, told.data) for told in world.journal]

    assert history(18) == history(18)
    assert history(18) != history(19)
