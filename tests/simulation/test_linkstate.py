"""Lists of neighbours: everybody comes to hold the same map, for next to nothing."""

from collections import Counter
from random import Random

import msgspec
import pytest
from routes import ended, far_pair, joined, links, two_links

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.core import Overlay
from node.overlay.frames import (
    Batch,
    Neighbourhood,
    NeighbourList,
    Record,
    Versions,
)
from simulator.machine import url
from simulator.world import World


@pytest.mark.long
def test_everybody_comes_to_hold_the_same_map_of_links_and_then_it_costs_next_to_nothing() -> None:
    world = joined(50, 26)

    def all_maps_are_true() -> bool:
        graph = links(world)
        true = {f"id-{n}": {f"id-{other}" for other in graph[n]} for n in graph}
        maps = [node.routing.map for node in world.nodes.values()]
        return all(set(held.neighbours(m)) == true[m] for held in maps for m in true)

    world.until(all_maps_are_true, within=60)
    assert len({node.routing.map.sum() for node in world.nodes.values()}) == 1
    before, told = world.frames.copy(), world.told["link.up"] + world.told["link.down"]
    world.run(60)
    spent = world.frames - before
    changes = world.told["link.up"] + world.told["link.down"] - told
    assert spent[Versions] <= 4 * changes, "none where nothing changes"
    flood = 50 * 8
    assert spent[Neighbourhood] <= 50 * 7 + changes * flood, "a sum a node in ten seconds"


def test_lists_make_no_request_of_their_own() -> None:
    def calls(overlay: type[Overlay]) -> int:
        world = World(27, overlay=overlay)
        for k in range(1, 21):
            world.start(f"node{k}", ("node1",) if k > 1 else ())
            world.run(0.2)
        world.run(60)
        return world.network.calls

    class WithoutLists(Overlay):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            self.routing.map.owes = lambda _link, _now: False
            # Without lists everybody looks alone.
            self._healing._visit_lonely = lambda _now: None

    assert calls(Overlay) == calls(WithoutLists)


def test_a_link_that_goes_is_gone_from_all_maps_soon() -> None:
    world = joined(50, 28)
    one, other = next(iter(links(world).edges))
    node = world.nodes[one]
    node.links.drop(f"id-{other}", "for a test")
    world.nodes[other].links.drop(f"id-{one}", "for a test")
    world.run(15)
    if links(world).has_edge(one, other):
        pytest.fail("they found each other again: another seed")
    knowing = [
        name
        for name, other_node in world.nodes.items()
        if f"id-{other}" in other_node.routing.map.neighbours(f"id-{one}")
    ]
    assert knowing == []


def test_lists_that_got_lost_are_made_good_by_comparing() -> None:
    world = joined(30, 29)
    node = world.nodes["node8"]
    for member in [m for m in node.routing.map._lists if m != "id-node8"][:20]:
        del node.routing.map._lists[member]
    world.until(
        lambda: (
            len({n.routing.map.sum() for n in world.nodes.values()}) == 1
            and len(node.routing.map) == 30
        ),
        within=30,
    )


def test_many_lists_go_with_several_batches_and_none_is_forgotten() -> None:
    node = World(31).start("node1")
    for k in range(2, 302):
        record = Record(id=f"id-{k}", name=f"n{k}", url=url(f"n{k}"))
        node.members.merge(record, 0.0)
        node.routing.map._put(NeighbourList(record.id, 0, 1, ("id-2",)))
    link = node.members.get("id-2")
    assert link is not None
    node.links._add(link, 0.0, chosen=True)
    node.routing.map.versions(link.id, Versions(()), 1.0)
    frames = [node.routing.map.luggage(link.id, 1.0) for _ in range(5)]
    told = [[len(f.lists) for f in batch if isinstance(f, Neighbourhood)] for batch in frames]
    assert sum(map(sum, told)) == 301
    assert max(map(sum, told)) <= 100


def test_a_forgotten_member_leaves_no_list_behind() -> None:
    world = joined(8, 30)
    for node in world.nodes.values():
        node.config = msgspec.structs.replace(node.config, dead_kept=20.0)
    world.crash("node5")
    world.until(lambda: world.states("id-node5") == {None}, within=120)
    world.run(15)
    assert all(len(node.routing.map) == 7 for node in world.nodes.values())


def test_a_list_that_a_link_has_told_is_not_told_to_it() -> None:
    world = joined(12, 42)
    node = world.nodes["node3"]
    one, other = two_links(node)
    member = next(m for m in node.routing.map._lists if m not in {"id-node3", one.id, other.id})
    known = node.routing.map._lists[member]
    newer = msgspec.structs.replace(known, version=known.version + 1)
    node.handle(i.Heard(Batch(one, (Neighbourhood((newer,)),))), node._now)
    assert member in node.routing.map._owed[other.id]
    outputs = node.handle(i.Heard(Batch(other, (Neighbourhood((newer,)),))), node._now)
    assert member not in node.routing.map._owed.get(other.id, {})
    said = [x.frame for x in outputs if isinstance(x, o.Send)]
    assert not [f for f in said if isinstance(f, Neighbourhood) and newer in f.lists]


def test_a_small_question_is_not_worth_all_lists_again_and_again() -> None:
    world = joined(50, 43)
    node = world.nodes["node3"]
    link = node.members.get(node.links.ids()[0])
    assert link is not None
    told = 0
    for _ in range(100):
        outputs = node.handle(i.Heard(Batch(link, (Versions((), and_you=True),))), node._now)
        frames = [x.frame for x in outputs if isinstance(x, o.Send)]
        told += sum(len(f.lists) for f in frames if isinstance(f, Neighbourhood))
    assert 40 <= told <= 60, "all lists, once"


def test_a_network_that_is_too_large_for_a_map_sends_no_lists() -> None:
    config = Config(map=False)
    world = World(44, config)
    for k in range(1, 13):
        world.start(f"node{k}", ("node1",) if k > 1 else ())
        world.run(0.2)
    world.run(60)
    assert world.frames[Neighbourhood] == world.frames[Versions] == 0
    node = world.nodes["node2"]
    link = node.members.get(node.links.ids()[0])
    assert link is not None
    said = NeighbourList(link.id, link.epoch, 5, ("id-node2",))
    node.handle(i.Heard(Batch(link, (Neighbourhood((said,), "0" * 16),))), node._now)
    assert len(node.routing.map) == 1


def test_what_was_reckoned_is_kept_until_something_changes_and_never_outdated() -> None:
    world = joined(20, 41)
    node = world.nodes["node1"]
    searched = Counter[str]()
    truly = node.routing.map._search

    def search(to: str, without: frozenset[str]) -> dict[str, int]:
        searched[to] += 1
        return truly(to, without)

    node.routing.map._search = search
    sender, receiver = "node1", next(m for m in world.nodes if f"id-{m}" not in node.links)
    receiver = receiver if receiver != sender else "node20"
    for _ in range(5):
        message = world.send(sender, receiver, route="overlay")
        world.until(ended(world, message), within=5)
    assert searched[f"id-{receiver}"] == 1

    def is_true() -> bool:
        everybody = [f"id-{name}" for name in world.machines]
        lists = node.routing.map
        near = {m: lists.neighbours(m) for m in everybody}
        return near == {m: tuple(lists._both_ends(m)) for m in everybody} and all(
            lists.distances(m, ()) == truly(m, frozenset()) for m in everybody
        )

    assert is_true()
    node.members.mark("id-node9", "dead", node._now)  # before any list says so
    assert is_true()
    rng = Random(41)
    for _ in range(20):
        assert is_true()
        name = rng.choice([n for n in world.machines if n != "node1"])
        if world.machines[name].process is None:
            world.start(name, ("node1",))
        else:
            world.crash(name)
        for _ in range(8):
            world.run(0.5)
            assert is_true()


@pytest.mark.long
def test_a_liar_who_lists_everybody_as_its_links_attracts_nothing() -> None:
    world = joined(50, 18)
    liar = world.nodes["node7"]
    truth = set(liar.links.ids())
    everybody = tuple(sorted(node.own.id for node in world.nodes.values()))
    said = NeighbourList(liar.own.id, liar.own.epoch, 900, everybody[:16])
    for link in links(world)["node7"]:
        world.put(link, i.Heard(Batch(liar.own, (Neighbourhood((said,)),))))
    world.run(10)
    truth |= set(liar.links.ids())
    honest = msgspec.structs.replace(said, version=901, links=tuple(truth))
    believers = [n for n in world.nodes.values() if n.routing.map._lists[liar.own.id] == said]
    assert len(believers) >= 48, "it is believed as far as a list goes"
    for node in believers:
        assert set(node.routing.map.neighbours(liar.own.id)) <= truth
        lied = node.routing.map.distances("id-node9", ())
        node.routing.map._put(honest)
        true = node.routing.map.distances("id-node9", ())
        assert all(hops >= true[link] for link, hops in lied.items()), "no way looks shorter"


def test_a_list_that_somebody_invented_for_another_is_outdone_by_its_owner() -> None:
    world = joined(30, 19)
    victim, teller = world.nodes["node5"].own, world.nodes["node9"]
    said = NeighbourList(victim.id, victim.epoch, 500, ("id-node9",))
    for link in links(world)["node9"]:
        world.put(link, i.Heard(Batch(teller.own, (Neighbourhood((said,)),))))
    world.run(1)
    believers = [n for n in world.nodes.values() if n.routing.map._lists[victim.id] == said]
    assert believers
    world.run(30)
    true = tuple(sorted(world.nodes["node5"].links.ids()))
    lists = [node.routing.map._lists[victim.id] for node in world.nodes.values()]
    assert {held.links for held in lists} == {true}
    assert lists[0].version > 500


def test_no_way_leads_through_the_dead_nor_through_a_former_life() -> None:
    world = joined(20, 51)
    sender, receiver = far_pair(world, 3)
    node, to = world.nodes[sender], f"id-{receiver}"
    lists = node.routing.map
    assert lists.distances(to, ())
    for near in lists.neighbours(to):
        record = node.members.get(near)
        assert record is not None
        if len(lists.neighbours(to)) % 2:
            node.members.mark(near, "dead", node._now)
        else:
            again = msgspec.structs.replace(record, epoch=record.epoch + 1)
            node.members.merge(again, node._now)
    assert lists.neighbours(to) == ()
    assert lists.distances(to, ()) == {}


def test_a_list_is_believed_of_whom_the_map_knows_in_this_life_and_without_a_leap() -> None:
    world = joined(12, 52)
    node = world.nodes["node3"]
    link = two_links(node)[0]
    lists = node.routing.map
    known = lists._lists["id-node5"]

    def told(**other: object) -> NeighbourList:
        said = msgspec.structs.replace(known, **other)
        node.handle(i.Heard(Batch(link, (Neighbourhood((said,)),))), node._now)
        return said

    told(epoch=known.epoch + 1, version=known.version + 1)
    told(epoch=known.epoch - 1, version=known.version + 1)
    told(member="id-nobody")
    told(version=known.version + 1_001)
    assert lists._lists["id-node5"] == known
    assert "id-nobody" not in lists._lists
    del lists._lists["id-node5"]
    told(version=1_000_001)
    assert "id-node5" not in lists._lists
    assert lists.refusals == 2
    newer = told(version=known.version + 1_000)
    assert lists._lists["id-node5"] == newer
