"""What two say that does not fit together: found once it lasts, told to whom it concerns."""

from typing import Any

import pytest

from dashboard.clocks import Offset
from dashboard.conflicts import CLAIM_KEPT, LINK_AFTER, STATE_AFTER
from dashboard.observer import Observer
from dashboard.reports import About, Batch, Event, Member, Node, OfMember, Own, Snapshot, State

NODES = [Node(f"id{k}", f"node{k}", f"http://node{k}:5000") for k in range(1, 6)]


class Lab:
    """Five nodes that all know each other, in a ring."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.observer = Observer(None, clock=lambda: self.now)
        self.seqs = dict.fromkeys((node.id for node in NODES), 0)
        for place, node in enumerate(NODES):
            ring = [NODES[place - 1].id, NODES[(place + 1) % len(NODES)].id]
            self.snapshot(node, ring)
        self.passes(60)

    def snapshot(self, node: Node, links: list[str], url: str | None = None) -> None:
        own = Own(node.id, node.name, url or node.url, 1, 1.0)
        members = [Member(n.id, n.name, n.url, "alive") for n in NODES if n is not node]
        said = Snapshot(own, self.seqs[node.id], self.now, members, links)
        self.observer.snapshot(said, Offset())

    def tells(self, node: int, type_: str, data: Any) -> None:
        teller = NODES[node - 1].id
        self.seqs[teller] += 1
        event = Event(self.seqs[teller], type_, self.now, data)
        self.observer.events(teller, Batch(self.now, [event]), Offset())

    def holds(self, node: int, other: int, state: State) -> None:
        of = NODES[other - 1]
        member = Member(of.id, of.name, of.url, state)
        self.tells(node, f"member.{state}", OfMember(member))

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.observer.tick()

    def conflicts(self) -> list[tuple[str, str]]:
        told = self.observer.graph()["graph"]["conflicts"]
        assert told["count"] == len(told["list"])
        return [(one["kind"], one["text"]) for one in told["list"]]

    def views(self) -> dict[str, list[str]]:
        shown = {n["name"]: n["conflicts"] for n in self.observer.snapshot_now()["nodes"]}
        return {name: texts for name, texts in shown.items() if texts}


@pytest.fixture
def lab() -> Lab:
    return Lab()


def test_a_network_that_agrees_has_none(lab: Lab) -> None:
    assert lab.conflicts() == []
    assert lab.views() == {}
    assert lab.observer.summary()["conflicts"] == 0


def test_a_link_that_only_one_end_reports(lab: Lab) -> None:
    lab.tells(1, "link.up", About(NODES[2]))
    lab.passes(LINK_AFTER - 1)
    assert lab.conflicts() == [], "the other end may be about to tell"
    lab.passes(1)
    says = "says that it has a link to node3, which says no"
    assert lab.conflicts() == [("link", f"node1 {says}")]
    assert lab.views() == {
        "node1": [says],
        "node3": ["says that it has no link to node1, which says yes"],
    }
    assert lab.observer.summary()["conflicts"] == 1
    edges = {(e["source"], e["target"]): e for e in lab.observer.graph()["edges"] if "mutual" in e}
    assert edges["id1", "id3"]["mutual"] is False, "nothing is averaged away"
    lab.tells(3, "link.up", About(NODES[0]))
    lab.passes(0.1)
    assert lab.conflicts() == []
    assert lab.views() == {}


def test_an_end_that_has_just_changed_its_links_is_given_time(lab: Lab) -> None:
    lab.tells(1, "link.down", About(NODES[1]))
    lab.passes(0.1)
    assert lab.conflicts() == []
    lab.passes(LINK_AFTER)
    assert [kind for kind, _ in lab.conflicts()] == ["link"]


def test_who_is_not_heard_denies_nothing(lab: Lab) -> None:
    lab.tells(1, "link.up", About(NODES[2]))
    lab.observer.contact("id3", "silent")
    lab.passes(LINK_AFTER + 1)
    assert lab.conflicts() == []


def test_who_is_held_for_dead_and_answers_us(lab: Lab) -> None:
    for node in (1, 2, 3, 4):
        lab.holds(node, 5, "dead")
    lab.passes(STATE_AFTER - 2)
    assert [kind for kind, _ in lab.conflicts() if kind == "state"] == []
    lab.passes(3)
    said = "answers us, and is held for dead by node1, node2, node3 and 1 more"
    assert ("state", f"node5 {said}") in lab.conflicts()
    assert lab.views()["node5"][0] == said
    for node in (1, 2, 3, 4):
        lab.holds(node, 5, "alive")
    lab.passes(0.1)
    assert [kind for kind, _ in lab.conflicts() if kind == "state"] == []


def test_who_is_dead_and_has_not_been_missed_by_some(lab: Lab) -> None:
    for node in (1, 2, 3):
        lab.holds(node, 5, "dead")
    lab.observer.contact("id5", "refused")
    lab.passes(STATE_AFTER + 2)
    told = dict(lab.conflicts())
    assert told["state"] == (
        "node5 lives, according to node4, and is held for dead by node1, node2, node3"
    )


def test_two_that_claim_to_be_one(lab: Lab) -> None:
    lab.observer.claimed("id2", "http://usurper:5000")
    lab.passes(1)
    said = "is at http://node2:5000, and http://usurper:5000 claims its id"
    assert lab.conflicts() == [("id", f"node2 {said}")]
    assert lab.views() == {"node2": [said]}
    lab.passes(CLAIM_KEPT)
    assert lab.conflicts() == []
    lab.observer.claimed("nobody", "http://usurper:5000")
    assert lab.conflicts() == []


def test_two_that_name_one_address(lab: Lab) -> None:
    lab.snapshot(NODES[3], ["id3", "id5"], url=NODES[4].url)
    lab.passes(1)
    assert [kind for kind, _ in lab.conflicts()] == ["address"]
    assert set(lab.views()) == {"node4", "node5"}
