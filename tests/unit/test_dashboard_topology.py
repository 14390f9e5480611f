"""The shape of the network, and the sentence for it."""

from collections.abc import Iterable

import pytest

from dashboard.reducer import Reducer
from dashboard.reports import About, Event, Member, Node, OfMember, Own, Snapshot, State
from dashboard.summary import summary
from dashboard.topology import Topology


class Lab:
    """A network that is what it is told to be."""

    def __init__(self) -> None:
        self.reducer = Reducer()
        self.topology = Topology(self.reducer)
        self.now = 1_000.0

    def node(self, number: int, knows: Iterable[int], links: Iterable[int] = ()) -> None:
        own = Own(f"id{number}", f"node{number}", f"http://node{number}:5000", 1, 0.0)
        members = [
            Member(f"id{k}", f"node{k}", f"http://node{k}:5000", "alive")
            for k in knows
            if k != number
        ]
        said = Snapshot(own, 1, 0.0, members, [f"id{k}" for k in links])
        self.reducer.snapshot(said, 0.0, 1.0)

    def key(self, number: int) -> int:
        record = self.reducer.get(f"id{number}")
        assert record is not None
        return record.key

    def settle(self) -> tuple[list[list[int]], list[list[int]]]:
        changes = self.reducer.take_changes()
        removed = self.topology.forget(changes.hidden)
        added, more = self.topology.update(changes.links)
        return sorted(added), sorted(removed + more)

    def summary(self, expected: int | None = None) -> tuple[str, str]:
        self.settle()
        told = summary(
            self.reducer.shown(),
            self.topology.shape(),
            expected=expected,
            messages=0,
            now=self.now,
            events_per_second=0,
        )
        return told["state"], told["line"]


@pytest.fixture
def lab() -> Lab:
    return Lab()


def test_nobody(lab: Lab) -> None:
    assert lab.summary() == ("empty", "No node yet. Start some: make up")


def test_alone(lab: Lab) -> None:
    lab.node(1, [])
    assert lab.summary() == ("connected", "1 node, alone")


def test_everybody_knows_everybody(lab: Lab) -> None:
    for k in range(1, 51):
        lab.node(k, range(1, 51), [k % 50 + 1])
    line = "50 nodes, one network, everybody knows everybody"
    assert lab.summary(expected=50) == ("connected", line)
    assert [part.size for part in lab.topology.shape().parts] == [50]
    assert lab.topology.shape().links == 50


def test_some_are_not_here_yet(lab: Lab) -> None:
    for k in range(1, 38):
        lab.node(k, range(1, 38))
    assert lab.summary(expected=50) == ("forming", "37 of 50 nodes are here")


def test_two_islands(lab: Lab) -> None:
    for k in range(1, 6):
        lab.node(k, range(1, 6), [k % 5 + 1])
    for k in range(6, 9):
        lab.node(k, range(6, 9), [])
    assert lab.summary() == ("split", "Split into 2 parts: 5 and 3 nodes")


def test_newcomers_who_know_nobody_yet_are_no_split(lab: Lab) -> None:
    for k in range(1, 6):
        lab.node(k, range(1, 6), [k % 5 + 1])
    lab.node(6, [])
    lab.now = 10.0  # they all started at 0
    assert lab.summary() == ("forming", "6 nodes are finding each other")
    assert lab.summary(expected=8) == ("forming", "6 of 8 nodes are here")
    lab.now = 16.0
    assert lab.summary() == ("split", "Split into 2 parts: 5 and 1 nodes")


def test_islands_that_one_node_knows_of_are_one(lab: Lab) -> None:
    for k in range(1, 4):
        lab.node(k, range(1, 4), [k % 3 + 1])
    for k in range(4, 7):
        lab.node(k, [1, 4, 5, 6] if k == 5 else range(4, 7), [k % 3 + 4])
    assert [part.size for part in lab.topology.shape().parts] == [6]
    state, line = lab.summary()
    assert state == "forming"
    assert line == "6 nodes, one network; each knows 43% of the others"


def test_links_follow_what_nodes_report(lab: Lab) -> None:
    lab.node(1, [2, 3], [2])
    lab.node(2, [1, 3], [1])
    lab.node(3, [1, 2], [])
    one, two, three = (lab.key(k) for k in (1, 2, 3))
    assert lab.settle() == ([[one, two], [two, one]], [])
    lab.node(1, [2, 3], [3])
    assert lab.settle() == ([[one, three]], [[one, two]])
    assert sorted(lab.topology.links.edges) == sorted([(one, three), (two, one)])


def test_a_dead_node_has_no_links_of_its_own(lab: Lab) -> None:
    lab.node(1, [2], [2])
    lab.node(2, [1], [1])
    lab.settle()
    one, two = lab.key(1), lab.key(2)
    lab.reducer.contact("id2", "refused", 2.0)
    record = lab.reducer.get("id2")
    assert record is not None
    assert lab.settle() == ([], [[two, one]])
    assert lab.topology.known(record) == []
    lab.reducer.resumed("id2", 3.0)
    assert lab.settle() == ([[two, one]], [])
    assert lab.topology.known(record) == [one]


def test_the_whole_graph_has_both_kinds_of_edges(lab: Lab) -> None:
    lab.node(1, [2], [2])
    lab.node(2, [1], [])
    lab.settle()
    graph = lab.topology.whole(lambda record: {"name": record.name})
    assert set(graph.edges(keys=True)) == {
        ("id1", "id2", "knows"),
        ("id1", "id2", "link"),
        ("id2", "id1", "knows"),
    }
    assert graph.nodes["id1"]["name"] == "node1"


def test_what_nodes_contradict_each_other_in_is_kept_and_shown(lab: Lab) -> None:
    for k in (1, 2, 3):
        lab.node(k, [1, 2, 3], [2] if k == 1 else [])
    thinks = Member("id3", "node3", "http://node3:5000", "dead")
    lab.reducer.event("id1", Event(2, "member.dead", 0.0, OfMember(thinks)), 9.0, 7.5)
    lab.settle()
    graph = lab.topology.whole(lambda record: {"state": record.state})
    third = graph.nodes["id3"]
    assert third["state"] == "alive"
    assert third["believed"] == {"alive": 1, "suspect": 0, "dead": 1, "left": 0}
    assert graph.edges["id1", "id2", "link"] == {"kind": "link", "since": 1_000, "mutual": False}


def test_who_has_said_good_bye_and_still_talks_knows_nobody(lab: Lab) -> None:
    for k in (1, 2, 3):
        lab.node(k, [1, 2, 3])
    assert lab.topology.shape().coverage == 1.0
    lab.reducer.event("id3", Event(2, "node.stopping", 0.0, None), 9.0)
    lab.settle()
    assert lab.topology.shape().coverage == 1.0


def test_an_edge_knows_since_when(lab: Lab) -> None:
    lab.node(1, [2], [])
    lab.node(2, [1], [])
    second = Node("id2", "node2", "http://node2:5000")
    lab.reducer.event("id1", Event(2, "link.up", 0.0, About(second)), 9.0, 7.5)
    lab.reducer.event("id2", Event(2, "link.up", 0.0, About(replace(second, "id1"))), 9.0, 8.0)
    doubts: tuple[State, ...] = ("suspect", "alive")
    for state in doubts:  # a doubt does not begin the acquaintance anew
        doubted = Member("id2", "node2", "http://node2:5000", state)
        lab.reducer.event("id1", Event(3, f"member.{state}", 0.0, OfMember(doubted)), 9.0, 8.5)
    lab.settle()
    graph = lab.topology.whole(lambda _: {})
    assert graph.edges["id1", "id2", "link"] == {"kind": "link", "since": 7_500, "mutual": True}
    assert graph.edges["id1", "id2", "knows"]["since"] == 1_000
    ends: tuple[tuple[State, float], ...] = (("dead", 20.0), ("alive", 30.0))
    for state, at in ends:
        told = Member("id2", "node2", "http://node2:5000", state)
        lab.reducer.event("id1", Event(4, f"member.{state}", 0.0, OfMember(told)), at, at)
    assert lab.topology.whole(lambda _: {}).edges["id1", "id2", "knows"]["since"] == 30_000


def replace(node: Node, name: str) -> Node:
    return Node(name, node.name, node.url)
