"""Where there are too many for a map: it is switched off, and comes back, by itself."""

from collections import Counter
from random import Random

import networkx as nx
import pytest
from network import Network
from routes import links

from contract.limits import CENSUS
from node.overlay import inputs as i
from node.overlay.census import Count
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.frames import Batch, Census, Digest, Record
from node.overlay.members import Members
from simulator.guard import Guard
from simulator.world import World

FEW = Config(members_most=30)


class Switches(World):
    """A world that counts who switched its map on and off."""

    def __init__(self, seed: int, config: Config) -> None:
        self.switches: Counter[str] = Counter()
        switches = self.switches

        class Counted(Overlay):
            def _without_map(self) -> None:
                switches[f"{self.own.name} off"] += 1
                super()._without_map()

            def _with_map(self) -> None:
                switches[f"{self.own.name} on"] += 1
                super()._with_map()

        super().__init__(seed, config, encoding=False, overlay=Counted)
        Guard(self)
        self.start_bootstrap()

    def grow(self, count: int) -> None:
        for k in range(len(self.nodes) + 1, count + 1):
            self.start(f"node{k}")
            self.run(0.2)

    def mapped(self) -> int:
        return sum(node.members.mapped for node in self.nodes.values())

    def is_one_network(self) -> bool:
        graph = links(self)
        return set(graph.nodes) == set(self.nodes) and nx.is_connected(graph)

    def everybody_hears(self, speakers: list[str]) -> None:
        """Once: that nobody hears anything twice is the guard's to watch."""
        said = {self.broadcast(name, f"by {name}") for name in speakers}
        inboxes = [process.machine.disk.inbox for process in self.running()]
        self.until(lambda: all(said <= inbox.keys() for inbox in inboxes), within=15)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_more_than_a_map_holds_are_one_network_without_one(seed: int) -> None:
    world = Switches(seed, FEW)
    world.grow(40)
    world.until(lambda: world.mapped() == 0, within=20)
    assert world.is_one_network()
    world.everybody_hears([f"node{k}" for k in range(1, 41, 4)])
    world.run(300)  # two rounds of the census, and five times in which a map may be switched
    assert world.is_one_network()
    assert set(world.switches.values()) == {1}, "each once, off"
    assert world.mapped() == 0
    assert world.told["member.dead"] == 0
    assert max(len(node.routing.map) for node in world.nodes.values()) < 40
    world.start("late")
    late = world.nodes["late"]
    world.until(lambda: not late.members.mapped, within=8)  # a newcomer does as its links do
    world.until(lambda: len(late.links) >= 3, within=20)
    world.everybody_hears(["late", "node7"])


@pytest.mark.long
def test_a_network_that_shrank_keeps_a_map_again() -> None:
    world = Switches(3, FEW)
    world.grow(40)
    world.run(20)
    assert world.mapped() == 0
    for k in range(9, 41):
        world.crash(f"node{k}")
    world.until(world.all_know_all, within=3 * world.config.census_every + 30, every=1)
    assert world.mapped() == 8
    assert max(len(node.members) for node in world.nodes.values()) < 10, "no dead one came back"
    world.run(5 * world.config.map_hold)
    assert {name for name, times in world.switches.items() if times > 1} == set()
    assert world.all_know_all()
    before = world.frames[Census]
    world.run(60)
    assert world.frames[Census] == before, "and nobody counts any more"


@pytest.mark.long
def test_a_network_between_the_bounds_stays_as_it_is() -> None:
    """Of 22 that were 40 nobody takes the map back: 15 would be few enough."""
    world = Switches(4, Config(members_most=30))
    world.grow(40)
    world.run(20)
    for k in range(27, 41):
        world.crash(f"node{k}")
    world.run(400)
    assert world.mapped() == 0
    assert set(world.switches.values()) == {1}
    small = Switches(4, Config(members_most=30))
    small.grow(26)
    small.run(150)
    assert small.mapped() == 26
    assert small.frames[Census] == 0, "where all keep a map nobody counts"


def test_a_map_that_is_full_of_the_living_gives_way_and_one_of_the_dead_does_not() -> None:
    network = Network(5, FEW)
    node = network.start("node1")
    for k in range(30):
        node.members.merge(Record(id=f"m{k}", name="m", url=f"http://m{k}:1"), 0.0)
    node.members.mark("m0", "dead", 0.0)
    for name in ("first", "second"):
        assert node.members.mapped
        stranger = Record(id=name, name=name, url=f"http://{name}:1")
        node.handle(i.Heard(Batch(stranger, ())), 1.0)
    assert not node.members.mapped
    assert {record.id for record in node.members.others()} <= {"first", "second"}


def test_links_without_a_map_switch_off_none_that_is_far_from_full() -> None:
    """Two of five may be liars; the same two are believed where the map is nearly full."""
    members = Members(Record(id="me", name="me", url="http://me:1"), 30)
    count = counting(members, [f"l{k}" for k in range(5)])
    for liar in ("l0", "l1", "not a link"):
        count.says(liar, keeps=False)
    assert count.look(100.0) is None
    for k in range(27):
        members.merge(Record(id=f"m{k}", name="m", url=f"http://m{k}:1"), 0.0)
    assert count.look(100.0) is False
    members.keep_only(set())
    assert count.look(100.0) is None
    count.says("l2", keeps=False)
    assert count.look(100.0) is False, "most links"
    members.mapped = False
    count.switched(100.0)
    for k in range(5):
        count.says(f"l{k}", keeps=True)
    assert count.look(100.0 + 59.0) is None, "not at once"
    assert count.look(100.0 + 61.0) is True


def test_who_had_no_room_left_does_not_do_as_its_links_do() -> None:
    """While a network grows beyond the bound most links keep a map yet: it would go to and fro."""
    members = Members(Record(id="me", name="me", url="http://me:1"), 30)
    count = counting(members, ["l0", "l1"])
    for k in range(30):
        members.merge(Record(id=f"m{k}", name="m", url=f"http://m{k}:1"), 0.0)
    assert count.no_room(1.0)
    members.mapped = False
    count.switched(1.0)
    members.keep_only(set())
    for link in ("l0", "l1"):
        count.says(link, keeps=True)
    assert count.look(100.0) is None


def test_who_switches_its_map_off_or_on_keeps_its_links_and_nothing_that_may_be_old() -> None:
    world = Switches(8, Config())
    world.grow(12)
    world.run(20)
    node = world.nodes["node3"]
    linked = set(node.links.ids())
    other = next(record for record in node.members.others() if record.id not in linked)
    node.links._met[other.id] = world.now
    assert len(node.routing.map) == 12
    node._without_map()
    assert linked < {record.id for record in node.members.others()}
    assert len(node.routing.map) <= 1 + len(node.members)
    node._with_map()
    assert {record.id for record in node.members.others()} == linked
    world.until(world.all_know_all, within=30)


def test_the_census_is_right_within_its_error_and_nobody_can_make_it_smaller() -> None:
    estimates = []
    for seed in range(20):
        counts = [counting(a_member(k), ["link"], 100 * k + seed) for k in range(60)]
        for one in counts:
            one._members.mapped = False
            one.switched(0.0)
        for one in counts[1:]:
            (frame,) = one.luggage("link", 1.0)
            counts[0].heard("link", frame, 1.0)
        estimates.append(counts[0].estimate())
        counts[0].heard("link", Census(1, (2**40,) * CENSUS, False), 1.0)
        assert counts[0].estimate() == estimates[-1]
    assert 54 < sum(estimates) / 20 < 66
    assert 30 < min(estimates) <= max(estimates) < 120


def test_a_round_that_nobody_could_go_on_from_is_not_begun() -> None:
    count = counting(a_member(1), ["link"])
    zeros = (0,) * CENSUS
    count.heard("link", Census(2**31 - 1, zeros, True), 1.0)
    assert count.number == 0
    count.heard("link", Census(7, zeros, True), 1.0)
    count.heard("link", Census(2**31 - 1, zeros, True), 1.0)
    count.heard("link", Census(6, zeros, True), 1.0)
    assert count.number == 7


def test_a_round_that_was_cut_short_counts_nothing() -> None:
    """Else a liar who begins round after round had each taken for a small network."""
    members = a_member(1)
    count = counting(members, ["link"])
    members.mapped = False
    count.switched(0.0)
    high = (2**40,) * CENSUS
    assert count.heard("link", Census(2, high, False), 70.0), "alone, after long enough"
    for number in range(3, 20):
        assert not count.heard("link", Census(number, high, False), 70.0 + 50.0 * (number - 2))


def test_a_link_is_told_what_changed_and_again_after_a_while() -> None:
    members = a_member(1)
    count = counting(members, ["link", "third"])
    assert count.luggage("link", 0.0) == []
    members.mapped = False
    count.switched(0.0)
    assert len(count.luggage("link", 1.0)) == 1
    assert count.luggage("link", 2.0) == []
    assert count.luggage("a stranger", 2.0) == []
    assert len(count.luggage("link", 40.0)) == 1, "it may have got lost"
    count.heard("other", Census(1, (0,) * CENSUS, False), 41.0)
    assert len(count.luggage("link", 42.0)) == 1
    count.heard("link", Census(1, (0,) * CENSUS, False), 43.0)
    assert count.luggage("link", 44.0) == []
    count.heard("third", Census(1, (0,) * CENSUS, False), 45.0)
    assert count.luggage("third", 46.0) == [], "it knows as much"


def test_who_is_told_to_keep_no_map_never_begins_to_count() -> None:
    world = Switches(6, Config(map=False))
    world.grow(12)
    world.run(60)
    assert world.mapped() == 0
    assert world.frames[Census] == 0
    assert not world.switches


@pytest.mark.parametrize("said", [True, False])
def test_a_digest_tells_whether_a_link_keeps_a_map(said: bool) -> None:
    world = Switches(7, Config())
    world.grow(6)
    world.run(5)
    node = world.nodes["node3"]
    link = node.links.some(1)[0]
    node.handle(i.Heard(Batch(link, (Digest("0" * 16 if said else None, True),))), world.now)
    assert node.census._keeps[link.id] is said
    node.links.drop(link.id, "for this test")
    assert link.id not in node.census._keeps


def a_member(k: int) -> Members:
    return Members(Record(id=f"m{k}", name="m", url=f"http://m{k}:1"), 1_000)


def counting(members: Members, linked: list[str], seed: int = 1) -> Count:
    """A count whose links are these: it asks no more of them than a list can answer."""
    config = Config(members_most=members._most)
    return Count(config, Random(seed), members, linked)
