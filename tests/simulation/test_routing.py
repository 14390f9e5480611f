"""Messages to one member over the links: they arrive, once, in order."""

import msgspec
import networkx as nx
import pytest
from routes import (
    NO_CALLS,
    Eyes,
    ended,
    far_pair,
    forwards,
    joined,
    knows_no_way,
    links,
    swallow,
    two_links,
)

from contract.limits import MAX_ROUTE
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.frames import (
    Acknowledged,
    Batch,
    Disconnect,
    Discover,
    Found,
    Unicast,
)
from simulator.machine import url
from simulator.plan import Plan
from simulator.run import run
from simulator.weather import Trouble


@pytest.mark.long
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


@pytest.mark.long
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
    message = world.send("node1", "node2", route="direct", ttl=60)
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


@pytest.mark.long
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


def test_a_message_to_the_dead_floods_nothing_and_fails_when_its_time_runs_out() -> None:
    world = joined(12, 8)
    world.crash("node2")
    world.until(lambda: world.states("id-node2") == {"dead"}, within=30)
    message = world.send("node1", "node2", route="overlay", ttl=60)
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


@pytest.mark.long
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


@pytest.mark.long
@pytest.mark.parametrize("route", ["overlay", "mixed"])
@pytest.mark.parametrize("seed", range(3))
def test_while_everything_breaks_routed_messages_break_no_promise(seed: int, route: str) -> None:
    plan = Plan(nodes=30, seconds=30.0, chaos=2.0, rate=10.0, seed=seed, encoding=False)
    figures = run(msgspec.structs.replace(plan, route=route)).figures
    assert figures.owed_delivered == figures.owed
    assert figures.frames_by_kind["Unicast"] > 300


@pytest.mark.long
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


def test_a_node_whose_messages_find_no_way_floods_seldom() -> None:
    world = joined(20, 23)
    knows_no_way(world.nodes["node1"])
    for node in world.nodes.values():
        node.routing.floods.discover = lambda *_: None
    sent = [world.send("node1", f"node{k}", route="overlay", ttl=60) for k in range(2, 21)]
    world.run(60)
    degree = len(world.nodes["node1"].links)
    assert world.frames[Discover] <= (2 + 0.5 * 60) * (degree + 2)
    world.run(10)
    assert {world.endings[message].status for message in sent} == {"failed"}


def test_a_message_that_came_by_a_call_and_over_the_links_is_stored_once() -> None:
    """The call arrives, its answer does not: so the message goes over the links, too."""
    world = joined(20, 32)
    sender, receiver = far_pair(world, 2)
    deaf = Trouble(
        inside=frozenset({receiver}),
        outside=frozenset({sender}),
        both_ways=False,
        paths=frozenset({"/message"}),
        loss=1.0,
    )
    world.weather.begin(deaf)
    eyes = Eyes(world)
    message = world.send(sender, receiver)
    world.run(1)
    assert list(world.machines[receiver].disk.inbox) == [message]
    assert message not in world.endings, "but the sender does not know"
    world.until(ended(world, message), within=5)
    assert world.endings[message].status == "delivered"
    assert eyes.arrived[message] == 1
    assert list(world.machines[receiver].disk.inbox) == [message]


def test_while_calls_to_strangers_are_in_vain_messages_take_the_links_at_once() -> None:
    """One more call would take room in a table that is full (`node.overlay.strangers`)."""
    world = joined(30, 33)
    sender, receiver = far_pair(world)
    node, eyes = world.nodes[sender], Eyes(world)
    for _ in range(5):
        node._strangers.silent(node._now)
    message = world.send(sender, receiver)
    world.until(ended(world, message), within=2)
    assert world.endings[message].status == "delivered"
    assert eyes.posts == []
    near = next(iter(links(world)[sender]))
    world.send(sender, near)
    assert [post.to for post in eyes.posts] == [f"id-{near}"], "a link is no stranger"


def test_who_cannot_be_routed_to_is_called_whatever_the_patience() -> None:
    world = joined(12, 34)
    node, eyes = world.nodes["node1"], Eyes(world)
    node.routing.map.distances = lambda _to, _without: {}
    node.routing.floods.begin = lambda _to, _now: 0
    stranger = next(m for m in world.nodes if m != "node1" and f"id-{m}" not in node.links)
    node._strangers.silent(node._now)
    world.send("node1", stranger)
    assert [post.to for post in eyes.posts] == [f"id-{stranger}"]


def test_a_failure_tells_why_the_call_and_why_the_links_got_nowhere() -> None:
    world = joined(12, 35)
    world.weather.begin(NO_CALLS)
    for node in world.nodes.values():
        node.routing._unicast = lambda *_: None
    message = world.send("node1", "node2", ttl=60)
    world.run(80)
    assert world.endings[message].status == "failed"
    assert "no answer in time; over the links: " in world.endings[message].reason


def test_a_suspect_is_looked_for_by_no_flood() -> None:
    world = joined(12, 38)
    sender, receiver = far_pair(world, 1)
    node = world.nodes[sender]
    knows_no_way(node)
    record = node.members.get(f"id-{receiver}")
    assert record is not None
    suspect = msgspec.structs.replace(record, state="suspect")
    node.members.merge(suspect, node._now)
    world.send(sender, receiver, route="overlay")
    assert node.routing.sizes()["floods"] == 0
    assert len(node.routing.journeys) == 0, "it is kept, and comes again later"


def test_a_thousand_messages_at_once_need_one_timer() -> None:
    world = joined(30, 40)
    sender = "node1"
    others = [name for name in world.nodes if name != sender]
    sent = [world.send(sender, others[k % 29], route="overlay") for k in range(1_000)]
    timers = world.machines[sender].process.timers
    assert [key for key in timers if key.startswith("route")] == ["route"]
    world.until(ended(world, *sent), within=30)
    assert len(world.nodes[sender].routing.journeys) == 0
    world.run(3)
    assert "route" not in timers, "and none while nothing is under way"


def test_where_the_link_to_the_first_hop_goes_another_one_is_taken_at_once() -> None:
    world = joined(20, 49)
    sender, receiver = far_pair(world, 2)
    eyes = Eyes(world)
    message = world.send(sender, receiver, route="overlay")
    ((began, launch),) = eyes.launched
    via = world.nodes[sender].members.get(launch.via)
    assert via is not None
    swallow(world.nodes[via.name])  # the message has not come to it yet
    world.run(0.2)
    gone = world.now
    world.put(sender, i.Heard(Batch(via, (Disconnect(),))))
    world.until(ended(world, message), within=5)
    assert world.endings[message].status == "delivered"
    (_, (at, again)) = eyes.launched
    assert at == gone < began + 2, "and not when patience is over"
    assert again.via != launch.via


def test_an_answer_cuts_the_way_back_short() -> None:
    world = joined(12, 50)
    node = world.nodes["node3"]
    origin, last = two_links(node)
    frame = Unicast("m", "id-node3", "x", "t", 1, 7, (origin.id, "id-a", "id-b", last.id))
    outputs = node.handle(i.Taken(frame, "stored"), node._now)
    sent = [x for x in outputs if isinstance(x, o.Send) and isinstance(x.frame, Acknowledged)]
    assert [(x.to, x.frame.back) for x in sent] == [(origin.id, ())]


def test_after_sixteen_hops_it_is_over_and_the_origin_hears_of_it() -> None:
    world = joined(12, 54)
    node = world.nodes["node3"]
    one, other = two_links(node)
    for hops, onward in ((15, True), (16, False)):
        visited = (*(f"id-x{k}" for k in range(hops - 1)), one.id)
        frame = Unicast("m", other.id, "x", "t", 1, 7, visited)
        outputs = node.handle(i.Heard(Batch(one, (frame,))), node._now)
        sent = [x.frame for x in outputs if isinstance(x, o.Send)]
        assert [f.hop for f in sent if isinstance(f, Unicast)] == [hops + 1] * onward
        stuck = [f.outcome for f in sent if isinstance(f, Acknowledged)]
        assert stuck == ["stuck"] * (not onward)
