"""Few calls to those a node does not talk to: so Linux has room in its table of neighbours."""

import networkx as nx
import pytest
from network import joined, links, url

from node.overlay import inputs as i
from node.overlay import links as layer
from node.overlay.config import Config
from node.overlay.frames import Frame, Hello, Join, Neighbour
from simulator.world import World

WITHOUT_PATIENCE = Config(stranger_pause=0.01, stranger_pause_most=0.01)


def calls_in_vain(config: Config) -> int:
    """Calls between strangers in two minutes in which no new pair can talk, and links are lost."""
    network = joined(40, 3, config)
    network.run(30)
    pairs = links(network).to_undirected().edges
    known = {frozenset(end.removeprefix("id-") for end in pair) for pair in pairs}
    for name in ("node5", "node17", "node23", "node31"):
        network.kill(name)
    network.cut = lambda a, b: frozenset((a, b)) not in known
    calls: list[tuple[str, str]] = []

    def tap(a: str, b: str, _: object) -> None:
        if frozenset((a, b)) not in known:
            calls.append((a, b))

    network.tap = tap
    network.run(120)
    return len(calls)


@pytest.mark.long
def test_where_no_new_pair_can_talk_the_calls_become_few() -> None:
    """Two entries a call for half a minute: were they many, the table would never be free."""
    patient, impatient = calls_in_vain(Config()), calls_in_vain(WITHOUT_PATIENCE)
    assert patient < impatient / 10
    assert patient < 36 * 120 / 8, "each of them less than every eight seconds"


def grown() -> World:
    """A hundred nodes that start one after the other, as containers do."""
    world = World(1, encoding=False)
    world.start_bootstrap()
    for k in range(1, 101):
        world.start(f"node{k}")
        world.run(0.2)
    world.run(150)
    return world


def degree(world: World) -> float:
    return sum(len(node.links) for node in world.nodes.values()) / len(world.nodes)


@pytest.mark.long
def test_a_large_network_lets_go_of_links_that_it_grew_when_it_was_small(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = grown()
    graph = nx.Graph(
        (node.own.id, other) for node in world.nodes.values() for other in node.links.ids()
    )
    assert nx.is_connected(graph)
    assert len(graph) == 100
    assert min(dict(graph.degree).values()) >= 3
    monkeypatch.setattr(layer, "THIN_OUT", -1.0)
    assert degree(world) < degree(grown()) - 0.2


def test_who_knows_people_waits_for_the_news_before_it_greets_the_bootstraps_list() -> None:
    network = joined(20, 7)
    network.run(10)
    greeted: list[tuple[str, str]] = []

    def tap(a: str, b: str, frames: tuple[Frame, ...]) -> None:
        if any(isinstance(frame, Hello) for frame in frames):
            greeted.append((a, b))

    network.tap = tap
    network.start("newcomer", ("node1",))
    network.start("island", ())
    network.put("node3", i.Contacts((url("newcomer"), url("island"))))
    network.run(Config().contact_patience + 1)
    assert ("node3", "newcomer") not in greeted, "others had told of it"
    assert ("node3", "island") in greeted, "nobody else knew it"
    assert url("island") in network.nodes["node3"].peers()


def test_who_has_links_and_lost_none_looks_for_more_by_a_walk_and_asks_no_stranger() -> None:
    network = joined(20, 9)
    network.run(60)
    node = network.nodes["node3"]
    for link in node.links.some(len(node.links))[1:]:
        network.nodes[link.name].links.drop(node.own.id, "for this test")
        node.links.drop(link.id, "for this test")
    for k in range(1, 21):
        network.nodes[f"node{k}"].links._met.clear()
    walks, asked, known = [], [], {link.name for link in node.links.some(len(node.links))}

    def tap(a: str, b: str, frames: tuple[Frame, ...]) -> None:
        if b == "node3":  # the others look as well: they speak to it, their walks end here
            known.update((a, *(x.record.name for x in frames if isinstance(x, Join))))
        if a == "node3":
            walks.extend(x for x in frames if isinstance(x, Join) and x.record.name == a)
            asked.extend(b for x in frames if isinstance(x, Neighbour))

    network.tap = tap
    network.run(8)
    assert walks
    assert set(asked) <= known
    assert len(node.links) >= 2, "where its walk ended it was asked"
