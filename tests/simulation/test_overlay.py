"""The overlay as a whole, stepped under a virtual clock: what it promises, with seeds."""

import msgspec
import networkx as nx
import pytest
from network import Network, url

from node.overlay import inputs as i
from node.overlay.frames import Batch, Record, Update

SEEDS = range(8)


def joined(count: int, seed: int) -> Network:
    """So many nodes that came in one after the other and know each other."""
    network = Network(seed)
    for k in range(1, count + 1):
        contacts = tuple(f"node{network.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        network.start(f"node{k}", contacts)
        network.run(0.1)
    network.until(network.all_know_all, within=20)
    return network


def links(network: Network) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(node.own.id for node in network.nodes.values())
    for node in network.nodes.values():
        graph.add_edges_from((node.own.id, other) for other in node.links.ids())
    return graph


@pytest.mark.parametrize("seed", SEEDS)
def test_fifty_nodes_all_know_each_other_soon_after_the_last_one_came(seed: int) -> None:
    network = joined(50, seed)
    assert network.now < 5 + 20


@pytest.mark.parametrize("seed", SEEDS)
def test_links_are_few_symmetric_and_connect_everybody(seed: int) -> None:
    network = joined(50, seed)
    network.run(30)
    graph = links(network)
    assert all(4 <= degree <= 8 for _, degree in graph.out_degree())
    assert all(graph.has_edge(b, a) for a, b in graph.edges)
    assert nx.is_connected(graph.to_undirected())


def test_fifty_nodes_that_start_in_the_same_instant_become_one_network() -> None:
    network = Network(seed=3)
    for k in range(1, 51):
        network.start(f"node{k}", (f"node{k % 50 + 1}", f"node{(k * 7) % 50 + 1}"))
    network.until(network.all_know_all, within=30)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_killed_node_is_dead_everywhere_and_nobody_else_is_harmed(seed: int) -> None:
    network = joined(30, seed)
    network.kill("node7")
    network.until(lambda: network.states("node7") == {"dead"}, within=30)
    network.run(60)
    assert network.all_know_all()
    assert {data["member"]["name"] for _, data in network.told("member.dead")} == {"node7"}


def test_the_dead_are_no_links_and_no_peers() -> None:
    network = joined(12, 1)
    network.kill("node3")
    network.until(lambda: network.states("node3") == {"dead"}, within=30)
    assert all("id-node3" not in node.links for node in network.nodes.values())
    assert all(url("node3") not in node.peers() for node in network.nodes.values())


def test_a_killed_node_that_starts_again_is_alive_everywhere() -> None:
    network = joined(20, 2)
    network.kill("node5")
    network.until(lambda: network.states("node5") == {"dead"}, within=30)
    network.start("node5", ("node9",))
    network.until(network.all_know_all, within=15)
    assert network.nodes["node9"].members.get("id-node5").epoch == 2


def test_who_says_goodbye_is_gone_at_once_and_never_called_dead() -> None:
    network = joined(20, 4)
    network.put("node5", i.Leave())
    network.run(0.05)
    network.kill("node5")
    network.until(lambda: network.states("node5") == {"left"}, within=10)
    network.run(60)
    assert network.states("node5") == {"left"}
    assert network.told("member.dead") == []


def test_a_node_that_was_cut_off_refutes_its_own_death_when_the_cut_heals() -> None:
    network = joined(20, 5)
    network.cut = lambda a, b: "node5" in {a, b}
    network.until(lambda: network.states("node5") == {"dead"}, within=40)
    network.cut = lambda _a, _b: False
    network.until(network.all_know_all, within=120)
    assert network.nodes["node5"].own.incarnation > 0


def test_two_halves_that_forgot_each_other_grow_together_again() -> None:
    network = joined(20, 6)
    half = {f"node{k}" for k in range(1, 11)}
    network.cut = lambda a, b: (a in half) != (b in half)
    network.run(90)
    assert all(len(node.peers()) == 9 for node in network.nodes.values())
    network.cut = lambda _a, _b: False
    network.until(network.all_know_all, within=120)


def test_two_islands_meet_through_the_bootstraps_list() -> None:
    network = Network(seed=7)
    for k in range(1, 6):
        network.start(f"node{k}", ("node1",))
        network.start(f"far{k}", ("far1",))
    network.run(20)
    assert not network.all_know_all()
    network.bootstrap = [url("node2"), url("far2")]
    network.until(network.all_know_all, within=60)


def test_a_plain_node_that_registers_with_one_is_known_to_all_and_missed_when_dead() -> None:
    network = joined(12, 8)
    network.plain["homework"] = []
    network.put("node4", i.Registered(url("homework"), None, None))
    network.until(network.all_know_all, within=20)
    kinds = {node.members.at(url("homework")).kind for node in network.nodes.values()}
    assert kinds == {"plain"}
    network.run(120)
    assert network.all_know_all(), "its keeper sees it alive"
    del network.plain["homework"]
    network.until(network.all_know_all, within=60)
    network.plain["homework"] = []
    network.until(network.all_know_all, within=60)


def test_the_keeper_of_a_plain_node_is_replaced_when_it_dies() -> None:
    network = joined(12, 9)
    network.plain["homework"] = []
    network.put("node4", i.Registered(url("homework"), None, None))
    network.until(network.all_know_all, within=20)
    keepers = [name for name, node in network.nodes.items() if node._keeps(url("homework"))]
    assert len(keepers) == 1
    network.kill(keepers[0])
    network.until(network.all_know_all, within=40)
    del network.plain["homework"]
    network.until(network.all_know_all, within=60)


def test_a_registered_address_is_listed_at_once_and_forgotten_if_it_never_answers() -> None:
    network = joined(5, 10)
    network.put("node1", i.Registered(url("nobody"), None, None))
    assert url("nobody") in network.nodes["node1"].peers()
    network.run(90)
    assert network.all_know_all()
    assert all(url("nobody") not in node.peers() for node in network.nodes.values())


def test_an_idle_network_is_quiet_and_its_traffic_a_node_does_not_grow() -> None:
    rates = []
    for count in (10, 50):
        network = joined(count, 11)
        network.run(30)
        before = network.batches
        network.run(60)
        rates.append((network.batches - before) / 60 / count)
    assert rates[1] < 1.0, "half a round a second, its answer, and little else"
    assert rates[1] < 1.3 * rates[0]


def test_a_network_talks_in_few_pairs_while_it_starts_and_afterwards() -> None:
    """Linux has 1,024 entries for the containers of a machine; a pair that talks takes two."""
    network, most = Network(seed=4), 0
    for k in range(1, 51):
        network.start(f"node{k}", tuple(f"node{c}" for c in range(1, k))[-8:])
        network.run(0.2)
        most = max(most, network.neighbours())
    network.run(60)
    assert max(most, network.neighbours()) < 1024 / 2
    assert network.neighbours() < 1024 / 2.5, "six links a node, and nearly nothing else"


def test_a_suspicion_that_everybody_hears_of_does_not_make_everybody_call_the_suspect() -> None:
    network = joined(50, 15)
    network.run(60)
    network.kill("node7")
    killed = network.now
    network.until(lambda: network.states("node7") == {"suspect"}, within=30)
    callers = [pair for pair, at in network.talked.items() if "node7" in pair and at > killed]
    assert len(callers) <= 9, "its links, and perhaps somebody who compared notes"


def test_a_stranger_cannot_kill_a_living_member_with_a_lie() -> None:
    network = joined(10, 12)
    victim = network.nodes["node3"].own
    liar = Record(id="liar", name="liar", url=url("liar"))
    lie = msgspec.structs.replace(victim, state="dead")
    network.put("node1", i.Heard(Batch(liar, (Update((lie,)),))))
    network.until(lambda: network.states("node3") == {"alive"}, within=60)
    assert network.nodes["node3"].own.incarnation == victim.incarnation + 1


def test_a_member_that_restarted_without_its_disk_replaces_its_former_self() -> None:
    network = joined(10, 13)
    network.kill("node3")
    network.start("node3", ("node1",))
    fresh = network.nodes["node3"]
    fresh.members.own = msgspec.structs.replace(fresh.own, id="id-fresh", epoch=1)
    network.until(
        lambda: all(
            node.members.get("id-fresh") and node.members.get("id-node3").state == "dead"
            for name, node in network.nodes.items()
            if name != "node3"
        ),
        within=40,
    )


def test_messages_to_one_receiver_arrive_in_order_and_once() -> None:
    network = joined(6, 14)
    sent = [f"m{n}" for n in range(50)]
    lossy = network.rng
    network.posts = lambda _a, _b: lossy.random() > 0.4
    for message in sent:
        network.put("node1", i.Submit(message, "id-node2"))
    network.until(lambda: len(network.ended) == 50, within=600)
    delivered = [m for m in sent if network.ended[m].status == "delivered"]
    assert network.inboxes["node2"] == delivered == sent


def test_a_message_to_the_dead_fails_after_a_minute_and_says_why() -> None:
    network = joined(6, 15)
    network.kill("node2")
    network.put("node1", i.Submit("m", "id-node2"))
    network.run(70)
    assert network.ended["m"].status == "failed"
    assert "gave up" in network.ended["m"].reason
    assert network.nodes["node1"].waiting == 0


def test_a_message_waits_for_a_receiver_that_comes_back_in_time() -> None:
    network = joined(6, 16)
    network.kill("node2")
    network.put("node1", i.Submit("m", "id-node2"))
    network.run(20)
    network.start("node2", ("node1",))
    network.until(lambda: "m" in network.ended, within=20)
    assert network.ended["m"].status == "delivered"
    assert network.inboxes["node2"] == ["m"]


def test_a_slow_receiver_holds_up_nobody_else() -> None:
    network = joined(6, 17)
    network.posts = lambda _a, b: b != "node2"
    network.put("node1", i.Submit("stuck", "id-node2"))
    network.put("node1", i.Submit("free", "id-node3"))
    network.run(1)
    assert network.ended["free"].status == "delivered"
    assert "stuck" not in network.ended


def test_the_same_seed_gives_the_same_history() -> None:
    def history(seed: int) -> list:
        network = joined(15, seed)
        network.kill("node4")
        network.run(60)
        return network.events

    assert history(18) == history(18)
    assert history(18) != history(19)
