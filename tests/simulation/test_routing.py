"""Messages to one member over the links: they arrive, once, in order, whoever is in the way."""

from collections import Counter
from collections.abc import Callable
from random import Random

import msgspec
import networkx as nx
import pytest

from contract.limits import MAX_ROUTE
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.core import Overlay
from node.overlay.frames import (
    Acknowledged,
    Batch,
    Discover,
    Found,
    Neighbourhood,
    NeighbourList,
    Record,
    Unicast,
    Versions,
)
from simulator.guard import Guard
from simulator.machine import Process, url
from simulator.plan import Plan
from simulator.run import run
from simulator.safety import safety
from simulator.weather import Trouble
from simulator.world import World

NO_CALLS = Trouble(paths=frozenset({"/message"}), loss=1.0)
"""Nobody gets through to anybody directly."""


def joined(count: int, seed: int, settled: float = 20.0) -> World:
    """So many nodes with every safety invariant watching, whose lists are everywhere."""
    world = World(seed)
    Guard(world, [*safety(world)])
    for k in range(1, count + 1):
        contacts = tuple(f"node{world.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        world.start(f"node{k}", contacts)
        world.run(0.1)
    world.until(world.all_know_all, within=20)
    world.run(settled)
    return world


def links(world: World) -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.Graph()
    for name, node in world.nodes.items():
        graph.add_edges_from((name, other.removeprefix("id-")) for other in node.links.ids())
    return graph


def far_pair(world: World, hops: int = 3) -> tuple[str, str]:
    """Two nodes that are so many links apart."""
    graph = links(world)
    for name in world.nodes:
        for other, length in nx.single_source_shortest_path_length(graph, name).items():
            if length == hops:
                return name, other
    pytest.fail(f"nobody is {hops} links from anybody")


def ended(world: World, *messages: str) -> Callable[[], bool]:
    return lambda: all(message in world.endings for message in messages)


def forwards(world: World, message: str) -> list[tuple[str, str, int]]:
    """Who passed a message on to whom, and which hop that was."""
    return [
        (told.name, told.data["via"]["name"], told.data["hop"])
        for told in world.events("message.forwarded")
        if told.data["message"] == message
    ]


class Eyes:
    """Sees every routed message that comes to its receiver, however often."""

    def __init__(self, world: World) -> None:
        self.arrived: Counter[str] = Counter()
        self.launched: list[tuple[float, o.Launch]] = []
        self.posts: list[o.Post] = []
        self._world = world
        world.watchers.append(self)

    def stepped(self, _: Process, happened: i.Input, outputs: list[o.Output]) -> None:
        if isinstance(happened, i.Taken):
            self.arrived[happened.frame.message] += 1
        self.posts += [x for x in outputs if isinstance(x, o.Post)]
        self.launched += [(self._world.now, x) for x in outputs if isinstance(x, o.Launch)]

    def delivered(self, *_: object) -> None: ...
    def ended(self, *_: object) -> None: ...
    def raised(self, *_: object) -> None: ...


# --- they arrive -------------------------------------------------------------------------------


def test_thirty_nodes_reach_each_other_over_links_where_no_call_gets_through() -> None:
    world = joined(30, 1)
    world.weather.begin(NO_CALLS)
    sent = {
        world.send(a, b, route="overlay"): (a, b)
        for a in world.nodes
        for b in world.nodes
        if a != b
    }
    world.until(ended(world, *sent), within=20)
    assert {world.endings[message].status for message in sent} == {"delivered"}
    assert all(m in world.machines[b].disk.inbox for m, (_, b) in sent.items())
    assert all(world.endings[message].attempts == 1 for message in sent), "none took two tries"


def test_a_hundred_nodes_reach_each_other_over_links_in_few_hops() -> None:
    world = joined(100, 2)
    world.weather.begin(NO_CALLS)
    sent = {
        world.send(a, b, route="overlay"): (a, b)
        for a in ("node1", "node37", "node100")
        for b in world.nodes
        if a != b
    }
    world.until(ended(world, *sent), within=20)
    assert {world.endings[message].status for message in sent} == {"delivered"}
    graph = links(world)
    hops = {told.data["message"]: told.data["hop"] for told in world.events("message.delivered")}
    shortest = [nx.shortest_path_length(graph, *ends) for ends in sent.values()]
    taken = sum(hops[message] for message in sent)
    assert taken <= 1.02 * sum(shortest), "a list may be on its way yet"
    assert max(hops.values()) > 2


def test_where_a_call_gets_nowhere_the_links_are_tried_at_once_and_not_after_a_pause() -> None:
    world = joined(30, 3)
    sender, receiver = far_pair(world, 2)
    world.weather.begin(NO_CALLS)
    began = world.now
    message = world.send(sender, receiver)
    world.until(ended(world, message), within=10)
    assert world.endings[message].status == "delivered"
    assert world.endings[message].attempts == 2
    assert world.now - began < 2.0 + 0.3, "a connection's patience, and some links"
    (retried,) = world.events("message.retried")
    assert retried.data["again_in"] == 0.0


def test_who_can_be_called_is_called_and_nobody_else_is_bothered() -> None:
    world = joined(30, 4)
    message = world.send(*far_pair(world))
    world.until(ended(world, message), within=5)
    assert world.endings[message].attempts == 1
    assert world.frames[Unicast] == 0


def test_a_direct_message_never_takes_the_links() -> None:
    world = joined(12, 5)
    world.weather.begin(NO_CALLS)
    message = world.send("node1", "node2", route="direct")
    world.run(70)
    assert world.endings[message].status == "failed"
    assert world.frames[Unicast] == 0


def test_a_plain_node_is_called_whatever_the_route() -> None:
    world = joined(8, 6)
    world.plain("homework")
    world.put("node4", i.Registered(url("homework"), None, None))
    world.until(world.all_know_all, within=20)
    record = world.nodes["node2"].members.at(url("homework"))
    assert record is not None
    outputs = world.nodes["node2"].handle(i.Submit("m", record.id, route="overlay"), 1e6)
    assert [output.plain for output in outputs if isinstance(output, o.Post)] == [True]


def test_every_hop_is_told_once_and_in_order() -> None:
    world = joined(60, 7)
    sender, receiver = far_pair(world)
    message = world.send(sender, receiver, route="overlay")
    world.until(ended(world, message), within=5)
    (one, to_two, hop_two), (two, to_three, hop_three) = forwards(world, message)
    assert (to_two, to_three, hop_two, hop_three) == (two, receiver, 2, 3)
    assert nx.is_path(links(world), [sender, one, two, receiver])
    (delivered,) = world.events("message.delivered")
    assert delivered.data["hop"] == 3


def test_a_message_to_the_dead_floods_nothing_and_fails_after_a_minute() -> None:
    world = joined(12, 8)
    world.crash("node2")
    world.until(lambda: world.states("id-node2") == {"dead"}, within=30)
    message = world.send("node1", "node2", route="overlay")
    world.run(70)
    assert world.endings[message].status == "failed"
    assert "the receiver is dead" in world.endings[message].reason
    assert world.frames[Discover] == 0


def test_what_was_accepted_for_the_links_goes_over_them_after_a_restart_too() -> None:
    world = joined(12, 9)
    world.crash("node2")
    message = world.send("node1", "node2", route="overlay")
    world.crash("node1")
    world.run(3)
    world.weather.begin(NO_CALLS)
    world.start("node2", ("node3",))
    world.run(3)
    eyes = Eyes(world)
    world.start("node1", ("node3",))
    world.until(ended(world, message), within=30)
    assert world.endings[message].status == "delivered"
    assert eyes.posts == []


# --- once, and in order ------------------------------------------------------------------------


def test_a_lost_acknowledgement_makes_nobody_store_a_message_twice() -> None:
    world = joined(30, 10)
    sender, receiver = far_pair(world)
    eyes = Eyes(world)
    acknowledge = world.nodes[receiver].routing.taken
    world.nodes[receiver].routing.taken = lambda _frame, _outcome: None
    message = world.send(sender, receiver, route="overlay")
    world.run(5)
    assert eyes.arrived[message] >= 2
    assert message not in world.endings
    world.nodes[receiver].routing.taken = acknowledge
    world.until(ended(world, message), within=20)
    assert world.endings[message].status == "delivered"
    assert list(world.machines[receiver].disk.inbox) == [message]


def test_in_bad_weather_messages_over_links_arrive_once_and_in_order() -> None:
    world = joined(20, 11)
    world.weather.begin(Trouble(loss=0.05, duplicate=0.2, late=0.2, late_by=3.0))
    sender, receiver = far_pair(world, 2)
    sent = [world.send(sender, receiver, route="overlay") for _ in range(30)]
    world.until(ended(world, *sent), within=300)
    delivered = [m for m in sent if world.endings[m].status == "delivered"]
    assert len(delivered) > 20, "a minute each from when all were accepted"
    assert [m for m in world.machines[receiver].disk.inbox if m in delivered] == delivered


def test_an_old_copy_is_not_stored_behind_a_later_message() -> None:
    """Its sender gave it up, and sent the next; then whoever held it up passes it on."""
    world = joined(12, 12)
    world.send("node1", "node3")
    later = world.send("node1", "node2", route="direct")
    world.until(ended(world, later), within=5)
    node = world.nodes["node2"]
    link = node.members.get(next(m for m in node.links.ids() if m != "id-node1"))
    assert link is not None
    old = Unicast("old", "id-node2", "node1", "t", 1, 7, ("id-node1", link.id))
    world.put("node2", i.Heard(Batch(link, (old,))))
    assert list(world.machines["node2"].disk.inbox) == [later]


def test_a_number_that_somebody_else_invented_stops_no_later_message() -> None:
    world = joined(20, 13)
    sender, receiver = far_pair(world, 2)
    world.machines[receiver].disk._latest[f"id-{sender}"] = 2**40
    message = world.send(sender, receiver, route="overlay")
    world.until(ended(world, message), within=5)
    assert world.endings[message].status == "delivered"


# --- somebody in the way -----------------------------------------------------------------------


def swallow(node: Overlay) -> None:
    """It takes every message that is not for it, and passes none on."""
    own, unicast = node.own.id, node.routing._unicast

    def take(frame: Unicast, now: float) -> None:
        if frame.receiver == own:
            unicast(frame, now)

    node.routing._unicast = take


def test_where_a_first_hop_swallows_messages_another_one_is_taken_and_kept() -> None:
    world = joined(30, 14)
    sender, receiver = far_pair(world, 2)
    eyes = Eyes(world)
    ways = set(links(world)[sender]) & set(links(world)[receiver])
    for name in ways:
        swallow(world.nodes[name])
    first = world.send(sender, receiver, route="overlay")
    world.until(ended(world, first), within=20)
    assert world.endings[first].status == "delivered"
    hops = [launch.via for _, launch in eyes.launched]
    assert hops[0].removeprefix("id-") in ways
    assert hops[-1].removeprefix("id-") not in ways
    began, before = world.now, len(eyes.launched)
    second = world.send(sender, receiver, route="overlay")
    world.until(ended(world, second), within=20)
    assert len(eyes.launched) == before + 1
    assert world.now - began < 1.0, "who lost one message is not asked with the next"


class Forgetful(dict[str, float]):
    def __setitem__(self, _link: str, _until: float) -> None:
        pass


def test_a_first_hop_is_tried_once_a_journey_also_where_nobody_is_remembered() -> None:
    world = joined(30, 14)
    sender, receiver = far_pair(world, 2)
    eyes, node = Eyes(world), world.nodes[sender]
    node.routing.hops._distrust = Forgetful()
    for link in links(world)[sender]:
        swallow(world.nodes[link])
    world.send(sender, receiver, route="overlay")
    world.run(7)
    hops = [launch.via for _, launch in eyes.launched]
    assert len(hops) >= node.config.route_tries
    assert len(set(hops[:3])) == 3


@pytest.mark.parametrize("seed", range(3))
def test_whoever_swallows_everything_delays_messages_and_stops_none(seed: int) -> None:
    """A tenth of all nodes are black holes, wherever they are."""
    world = joined(50, 15 + seed)
    rng = Random(seed)
    holes = set(rng.sample(sorted(world.nodes), 5))
    for name in holes:
        swallow(world.nodes[name])
    honest = sorted(set(world.nodes) - holes)
    sent = [world.send(*rng.sample(honest, 2), route="overlay") for _ in range(60)]
    world.until(ended(world, *sent), within=60)
    assert {world.endings[message].status for message in sent} == {"delivered"}


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


# --- views change under way --------------------------------------------------------------------


def test_two_nodes_that_hold_each_other_for_the_shorter_way_play_no_ping_pong() -> None:
    world = joined(20, 20)
    sender, receiver = far_pair(world, 2)
    a = next(iter(links(world)[sender]))
    b = next(name for name in links(world)[a] if name not in {sender, receiver})

    def points_to(name: str, other: str) -> None:
        truly = world.nodes[name].routing.map.distances

        def distances(to: str, without: tuple[str, ...]) -> dict[str, int]:
            return {f"id-{other}": 1} if f"id-{other}" not in without else truly(to, without)

        world.nodes[name].routing.map.distances = distances

    points_to(sender, a)
    points_to(a, b)
    points_to(b, a)
    message = world.send(sender, receiver, route="overlay")
    world.until(ended(world, message), within=10)
    assert world.endings[message].status == "delivered"
    passed = [(one, other) for one, other, _ in forwards(world, message)]
    assert (a, b) in passed
    assert (b, a) not in passed


@pytest.mark.parametrize("route", ["overlay", "mixed"])
@pytest.mark.parametrize("seed", range(3))
def test_while_everything_breaks_routed_messages_break_no_promise(seed: int, route: str) -> None:
    plan = Plan(nodes=30, seconds=30.0, chaos=2.0, rate=10.0, seed=seed, encoding=False)
    figures = run(msgspec.structs.replace(plan, route=route)).figures
    assert figures.owed_delivered == figures.owed
    assert figures.frames_by_kind["Unicast"] > 300


# --- looking for a way -------------------------------------------------------------------------


def knows_no_way(node: Overlay) -> None:
    node.routing.map.distances = lambda _to, _without: {}


def test_a_flood_finds_a_way_where_the_map_has_none_and_asks_each_link_once() -> None:
    world = joined(50, 21)
    for node in world.nodes.values():
        knows_no_way(node)
    sender, receiver = far_pair(world)
    edges = links(world).number_of_edges()
    message = world.send(sender, receiver, route="overlay")
    world.until(ended(world, message), within=10)
    assert world.endings[message].status == "delivered"
    world.run(5)
    assert 20 < world.frames[Discover] <= 2 * edges
    assert 0 < world.frames[Found] <= 3 * MAX_ROUTE
    assert world.events("message.delivered")[0].data["hop"] >= 3


def test_nobody_can_make_others_flood_without_end() -> None:
    world = joined(30, 22)
    victim = world.nodes["node4"]
    link = victim.members.get(victim.links.ids()[0])
    assert link is not None
    before = world.frames[Discover]
    for number in range(1, 501):
        ask = Discover("id-nobody", number, ("id-invented", link.id))
        world.put("node4", i.Heard(Batch(link, (ask,))))
    world.run(2)
    most = 10 + 5 * 2  # a burst, and some in two seconds
    assert world.frames[Discover] - before <= most * 2 * links(world).number_of_edges()
    assert victim.routing.sizes()["floods"] <= most
    assert victim.routing.floods.refusals >= 500 - most


def test_a_node_whose_messages_find_no_way_floods_seldom() -> None:
    world = joined(20, 23)
    knows_no_way(world.nodes["node1"])
    for node in world.nodes.values():
        node.routing.floods.discover = lambda *_: None
    sent = [world.send("node1", f"node{k}", route="overlay") for k in range(2, 21)]
    world.run(60)
    degree = len(world.nodes["node1"].links)
    assert world.frames[Discover] <= (2 + 0.5 * 60) * (degree + 2)
    world.run(10)
    assert {world.endings[message].status for message in sent} == {"failed"}


# --- whom it believes --------------------------------------------------------------------------


def test_a_message_is_taken_from_links_only_and_only_where_it_can_come_from() -> None:
    world = joined(30, 24)
    node = world.nodes["node3"]
    link = node.members.get(node.links.ids()[0])
    stranger = next(
        other.own
        for other in world.nodes.values()
        if other.own.id not in {*node.links.ids(), "id-node3"}
    )
    assert link is not None

    def hand(sender: Record, *visited: str) -> None:
        frame = Unicast("m", "id-node3", "x", "t", 1, 7, visited)
        world.put("node3", i.Heard(Batch(sender, (frame,))))

    hand(stranger, stranger.id)
    hand(link, "id-origin")
    hand(link, "id-origin", "id-node3", link.id)
    hand(link, link.id, "id-origin", link.id)
    assert "m" not in world.machines["node3"].disk.inbox
    assert node.strange_frames == 1
    assert node.routing.refusals == 3


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    world = joined(12, 25)
    node = world.nodes["node3"]
    link = node.members.get(node.links.ids()[0])
    assert link is not None
    said = (Acknowledged("m", 7, "stored", 1, ()), Found(7, ("id-node3", link.id, "id-x"), ()))
    outputs = node.handle(i.Heard(Batch(link, said)), node._now + 0.001)
    assert not [x for x in outputs if isinstance(x, o.MessageEnded | o.Launch)]


# --- lists -------------------------------------------------------------------------------------


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
