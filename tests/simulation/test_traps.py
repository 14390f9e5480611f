"""What went wrong in other systems of this kind, each a test that fails without its cure.

Numbers are issues of the named projects. Those about links and detection stand in
`test_links` and `test_detector`: memberlist#222, consul#746, #916 and #5928, late replies,
the herd, slots taken by an attacker.
"""

from random import Random

import msgspec
import pytest
from network import Network, joined, url

from contract.limits import MAX_MEMBERS
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.frames import Batch, Digest, Hello, MemberList, Record, Update


def test_halves_cut_for_so_long_that_all_is_quiet_do_not_forget_each_other() -> None:
    """memberlist#222, serf#605: both sides take the other for dead, and never ask again."""
    network = joined(20, 41)
    half = {f"node{k}" for k in range(1, 11)}
    network.cut = lambda a, b: (a in half) != (b in half)
    network.run(300)
    assert all(len(node.peers()) == 9 for node in network.nodes.values())
    network.cut = lambda _a, _b: False
    network.until(network.all_know_all, within=30)


def test_the_dead_are_not_gossiped_back_to_life() -> None:
    """chitchat#23: who has forgotten a dead member hears of it again from who has not yet."""
    network = joined(20, 42)
    early = {f"node{k}" for k in range(1, 10) if k != 5}
    for name in early:
        network.nodes[name].config = Config(dead_kept=20.0)
    network.kill("node5")
    network.until(lambda: network.states("node5") == {"dead"}, within=30)
    network.until(lambda: network.states("node5") == {"dead", None}, within=30)
    network.run(5)
    forgotten = network.now
    network.start("late", ("node3",))
    network.until(network.all_know_all, within=20)
    remembers = network.nodes["node12"]
    for name in (*early, "late"):  # as it happens wherever two maps differ
        shown = MemberList(remembers.members.all())
        network.put(name, i.Heard(Batch(remembers.own, (shown,))))
    network.run(20)
    holders = {
        name for name, node in network.nodes.items() if node.members.get("id-node5") is not None
    }
    assert holders == set(network.nodes) - early - {"late"}
    again = [
        name
        for at, name, type_, data in network.events
        if at > forgotten and type_ == "peer.learned" and data["peer"]["name"] == "node5"
    ]
    assert again == []


def accused_once(network: Network) -> None:
    """Everybody is accused once and refutes, so that incarnations are not all zero."""
    for name, node in network.nodes.items():
        teller = next(other for other in network.nodes.values() if other is not node)
        lie = msgspec.structs.replace(node.own, state="suspect")
        network.put(name, i.Heard(Batch(teller.own, (Update((lie,)),))))
    network.run(15)
    assert all(node.own.incarnation >= 1 for node in network.nodes.values())
    assert network.all_know_all()


def test_a_restart_of_nearly_all_leaves_nobody_dead() -> None:
    """memberlist#311: incarnations start at zero again, and old deaths beat new lives."""
    network = joined(20, 43)
    accused_once(network)
    for k in range(2, 21):
        network.kill(f"node{k}")
    node = network.nodes["node1"]
    network.until(lambda: not node.members.living(), within=120)
    for k in range(2, 21):
        network.start(f"node{k}", ("node1",))
    network.until(network.all_know_all, within=30)
    assert all(node.own.epoch == 2 for name, node in network.nodes.items() if name != "node1")


def test_a_quick_restart_is_a_new_start_and_no_replay() -> None:
    """A restart resets numbers; peers that only look at those take all for old news."""
    network = joined(20, 44)
    accused_once(network)
    network.kill("node5")
    network.start("node5", ("node9",))
    network.until(
        lambda: all(
            (record := node.members.get("id-node5")) is not None and record.epoch == 2
            for name, node in network.nodes.items()
            if name != "node5"
        ),
        within=10,
    )
    assert network.nodes["node5"].own.incarnation == 0
    network.until(lambda: len(network.nodes["node5"].links) >= 4, within=10)


def test_who_returns_is_taken_in_by_those_who_hold_it_for_dead() -> None:
    """A returning node refused by stale peers: here all of them are stale."""
    network = joined(20, 45)
    network.kill("node5")
    network.until(lambda: network.states("node5") == {"dead"}, within=30)
    network.start("node5", ("node9",))
    node = network.nodes["node5"]
    network.until(
        lambda: (
            len(node.links) >= 2
            and all(
                "id-node5" in network.nodes[member.removeprefix("id-")].links
                for member in node.links.ids()
            )
        ),
        within=10,
    )
    network.until(network.all_know_all, within=10)


def test_islands_of_an_empty_bootstrap_become_one_network() -> None:
    """The bootstrap lost its list: those who came before and after know nothing of each other."""
    network = Network(seed=46)
    for k in range(1, 6):
        network.start(f"node{k}", ("node1",))
    network.run(20)
    for k in range(6, 11):
        network.start(f"node{k}", ("node6",))  # whom alone the new list has
    network.run(20)
    assert not network.all_know_all()
    network.bootstrap = [url("node6"), url("node7"), url("node2")]  # somebody registers again
    network.until(network.all_know_all, within=90)


def test_known_peers_are_tried_before_and_without_the_bootstrap() -> None:
    """Nearly all that it knew are gone, the bootstrap is too, and its last list is of no use."""
    network = joined(3, 47)
    network.start("back", (*tuple(f"gone{k}" for k in range(20)), "node2"))
    network.put("back", i.Contacts((url("gone98"), url("gone99"))))
    network.until(network.all_know_all, within=60)


@pytest.mark.parametrize("was_found_dead", [False, True])
def test_the_same_identity_at_a_new_address_is_the_same_member(was_found_dead: bool) -> None:
    """memberlist#157: the address is refused, as the name is taken."""
    network = joined(20, 48)
    network.kill("node5")
    if was_found_dead:
        network.until(lambda: network.states("node5") == {"dead"}, within=30)
    own = Record(id="id-node5", name="node5", url=url("moved"), epoch=2)
    network.nodes["moved"] = Overlay(network.config, own, Random(1))
    network._epochs["moved"] = 2
    network.inboxes["moved"] = []
    network.put("moved", i.Start())
    network.put("moved", i.Contacts((url("node9"),)))
    network.until(network.all_know_all, within=20)
    others = [node for name, node in network.nodes.items() if name != "moved"]
    assert {node.members.get("id-node5").url for node in others} == {url("moved")}
    network.run(20)
    assert len(network.nodes["moved"].links) >= 4
    assert network.all_know_all()


def test_somebody_else_with_our_id_does_not_take_our_place() -> None:
    network = joined(20, 49)
    real = network.nodes["node5"].own
    network.nodes["copy"] = Overlay(
        network.config, msgspec.structs.replace(real, url=url("copy")), Random(1)
    )
    network._epochs["copy"] = 1
    network.inboxes["copy"] = []
    network.put("copy", i.Start())
    network.put("copy", i.Contacts((url("node9"), url("node5"))))
    network.run(60)
    others = [node for name, node in network.nodes.items() if name not in {"copy", "node5"}]
    assert {node.members.get("id-node5").url for node in others} == {real.url}
    assert {node.members.get("id-node5").state for node in others} == {"alive"}
    assert len(network.nodes["node5"].links) >= 4


def test_who_was_told_that_it_is_dead_while_it_asks_for_a_link_asks_again() -> None:
    """After a cut both ends are dead to each other; the first question falls on deaf ears."""
    network = joined(2, 50)
    network.cut = lambda _a, _b: True
    network.run(60)
    assert network.states("node1") == network.states("node2") == {"dead"}
    network.cut = lambda _a, _b: False
    healed = len(network.told("member.alive"))
    network.until(lambda: len(network.told("member.alive")) > healed, within=30)
    network.until(lambda: all(len(node.links) == 1 for node in network.nodes.values()), within=2)


@pytest.mark.parametrize("as_the_sender", [True, False])
def test_a_good_bye_in_somebody_elses_name_is_taken_back(as_the_sender: bool) -> None:
    """Nobody can prove who speaks; so whoever is said to have left hears of it and refutes."""
    network = joined(20, 71)
    network.run(10)
    left = msgspec.structs.replace(network.nodes["node5"].own, state="left")
    liar = Record(id="liar", name="liar", url=url("liar"))
    batch = Batch(left, ()) if as_the_sender else Batch(liar, (Update((left,)),))
    network.put("node9", i.Heard(batch))
    assert url("node5") not in network.nodes["node9"].peers()
    network.run(15)
    for name, node in network.nodes.items():
        assert name == "node5" or url("node5") in node.peers()
    assert len(network.nodes["node5"].links) >= 2


def test_members_that_soon_died_keep_nobody_out() -> None:
    """Made up at five a second they would fill every map for a day."""
    network = joined(3, 72)
    node = network.nodes["node1"]
    for k in range(MAX_MEMBERS + 10):
        made_up = Record(id=f"made-up-{k}", name="x", url=url(f"made-up-{k}"))
        node.members.merge(made_up, network.now)
        node.members.mark(made_up.id, "dead", network.now)
    network.start("node4", ("node1",))
    network.run(10)
    assert url("node4") in node.peers()
    assert len(list(node.members.others())) == MAX_MEMBERS
    assert node.members.get("made-up-0") is None, "the one that ended longest ago"


@pytest.mark.parametrize("question", [Hello(), Digest("0" * 16, False)])
def test_a_thousand_small_questions_are_worth_one_map(question: Hello | Digest) -> None:
    network = joined(20, 73)
    node = network.nodes["node9"]
    asked = Batch(network.nodes["node5"].own, (question,) * 1_000)
    outputs = node.handle(i.Heard(asked), network.now)
    maps = [x for x in outputs if isinstance(x, o.Send) and isinstance(x.frame, MemberList)]
    assert len(maps) == 1
