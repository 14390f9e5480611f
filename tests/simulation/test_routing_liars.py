"""Whoever is in the way, or lies about it: a delay at worst, and nothing grows."""

from random import Random

import pytest
from routes import Eyes, ended, far_pair, joined, knows_no_way, links, swallow, two_links

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.frames import (
    Acknowledged,
    Batch,
    Discover,
    Found,
    Record,
    Unicast,
)
from simulator.world import World


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


def test_an_answer_without_the_messages_token_delivers_nothing() -> None:
    """Anybody may speak in a link's name where there is no secret, and ids are no secret."""
    world = joined(20, 36)
    sender, receiver = far_pair(world, 2)
    for link in links(world)[sender]:
        swallow(world.nodes[link])
    eyes = Eyes(world)
    message = world.send(sender, receiver, route="overlay")
    world.run(0.5)
    ((_, launch),) = eyes.launched
    link = world.nodes[sender].members.get(launch.via)
    assert link is not None
    for token in (launch.token - 1, launch.token + 1, 1):
        for outcome in ("stored", "refused", "stuck", "overtaken", "later"):
            forged = Acknowledged(message, token, outcome, 2, ())
            world.put(sender, i.Heard(Batch(link, (forged,))))
    assert message not in world.endings
    assert len(eyes.launched) == 1
    world.put(sender, i.Heard(Batch(link, (Acknowledged(message, launch.token, "stored", 2, ()),))))
    assert world.endings[message].status == "delivered"


def test_nothing_is_passed_on_to_somebody_whom_nobody_knows() -> None:
    """A liar may have written any way and any receiver; both end up in events."""
    world = joined(12, 37)
    node = world.nodes["node3"]
    link, other = two_links(node)
    frame = Unicast("m", "\x1b[2J", "x", "t", 1, 7, (link.id,), way=(other.id,))
    outputs = node.handle(i.Heard(Batch(link, (frame,))), node._now + 0.001)
    assert not [x for x in outputs if isinstance(x, o.Send) and isinstance(x.frame, Unicast)]
    assert world.nodes["node3"].routing.stuck == 1


def test_the_ways_of_a_liar_are_few_and_lead_over_links() -> None:
    world = joined(20, 39)
    sender, receiver = far_pair(world, 2)
    node = world.nodes[sender]
    knows_no_way(node)
    node.routing.floods._say = lambda *_: None
    world.send(sender, receiver, route="overlay")
    (journey,) = node.routing.journeys._journeys.values()
    link = node.members.get(node.links.ids()[0])
    assert link is not None
    own, to = node.own.id, f"id-{receiver}"
    nonsense = [
        (own, to),  # no link of ours
        (own, link.id, "id-x"),  # leads elsewhere
        ("id-x", link.id, to),  # somebody else's
        (own, link.id, link.id, to),  # twice
    ]
    for way in nonsense:
        world.put(sender, i.Heard(Batch(link, (Found(journey.flood, way, ()),))))
    assert journey.starts == set()
    for first in node.links.ids():
        for middle in range(5):
            way = (own, first, f"id-m{middle}", to)
            world.put(sender, i.Heard(Batch(link, (Found(journey.flood, way, ()),))))
    assert len(journey.starts) == 3


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


@pytest.mark.long
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


def test_a_way_that_leads_back_is_not_taken() -> None:
    """What a liar wrote into it, or a flood found that has changed since."""
    world = joined(12, 45)
    node = world.nodes["node3"]
    one, other = two_links(node)
    receiver = next(m for m in world.nodes if f"id-{m}" not in {one.id, other.id, "id-node3"})
    frame = Unicast("m", f"id-{receiver}", "x", "t", 1, 7, (other.id, one.id), way=(other.id,))
    outputs = node.handle(i.Heard(Batch(one, (frame,))), node._now + 0.001)
    onward = [x.to for x in outputs if isinstance(x, o.Send) and isinstance(x.frame, Unicast)]
    assert len(onward) == 1
    assert other.id not in onward


def swallowed(world: World, eyes: Eyes, sender: str, receiver: str) -> o.Launch:
    """A message leaves, and none of the sender's links passes it on."""
    for link in links(world)[sender]:
        swallow(world.nodes[link])
    world.send(sender, receiver, route="overlay")
    ((_, launch),) = eyes.launched
    return launch


def test_who_says_that_he_is_stuck_ends_only_the_leg_that_he_is_on() -> None:
    """The word may be late, of a first hop that was given up before."""
    world = joined(20, 46)
    sender, receiver = far_pair(world, 2)
    node, eyes = world.nodes[sender], Eyes(world)
    launch = swallowed(world, eyes, sender, receiver)
    other = next(m for m in node.links.ids() if m != launch.via)
    stuck = Acknowledged(launch.message, launch.token, "stuck", 1, ())
    for link, legs in ((other, 1), (launch.via, 2)):
        record = node.members.get(link)
        assert record is not None
        world.put(sender, i.Heard(Batch(record, (stuck,))))
        assert len(eyes.launched) == legs


def test_an_origin_insists_once_a_journey() -> None:
    """Else whoever answers `overtaken` again and again keeps it busy for ever."""
    world = joined(20, 47)
    sender, receiver = far_pair(world, 2)
    node, eyes = world.nodes[sender], Eyes(world)
    launch = swallowed(world, eyes, sender, receiver)
    link = node.members.get(launch.via)
    assert link is not None
    for _ in range(20):
        overtaken = Acknowledged(launch.message, launch.token, "overtaken", 2, ())
        world.put(sender, i.Heard(Batch(link, (overtaken,))))
    assert [launch.insist for _, launch in eyes.launched] == [False, True]


def test_a_link_that_is_gone_is_not_held_for_a_loser_any_more() -> None:
    world = joined(12, 48)
    node = world.nodes["node3"]
    lost = node.links.ids()[0]
    node.routing.hops.distrust(lost, node._now)
    assert node.routing.sizes()["distrusted"] == 1
    node.links.drop(lost, "for a test")
    assert node.routing.sizes()["distrusted"] == 0
    node.routing.hops.distrust("id-nobody", node._now)
    assert node.routing.sizes()["distrusted"] == 0


def test_a_flood_is_answered_three_times_and_few_floods_are_remembered() -> None:
    world = joined(12, 53)
    node = world.nodes["node3"]
    one, other = two_links(node)
    frames = [Discover("id-node3", 7, (other.id, f"id-{k}", one.id)) for k in range(10)]
    outputs = node.handle(i.Heard(Batch(one, tuple(frames))), node._now)
    assert len([x for x in outputs if isinstance(x, o.Send) and isinstance(x.frame, Found)]) == 3
    for number in range(1, 2_001):
        asked = Discover("id-node3", number, ("id-a", one.id))
        node.handle(i.Heard(Batch(one, (asked,))), node._now)
    assert node.routing.sizes()["floods"] == 1_024
