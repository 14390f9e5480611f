"""Layer 1, links: HyParView's views, and what a stranger can and cannot do to them."""

from statistics import mean

import msgspec
import networkx as nx
import pytest
from network import Network, joined, links, url

from node.overlay import inputs as i
from node.overlay.config import Config
from node.overlay.frames import (
    Batch,
    Digest,
    Hello,
    Join,
    Later,
    MemberList,
    Neighbour,
    Record,
    Shuffle,
    Shuffled,
    Update,
)
from node.overlay.passive import Passive
from simulator.world import World


def made_up(k: int) -> Record:
    return Record(id=f"id-fake{k}", name=f"fake{k}", url=url(f"fake{k}"), epoch=1)


def symmetric(network: Network) -> bool:
    graph = links(network)
    return all(graph.has_edge(b, a) for a, b in graph.edges)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_a_hundred_nodes_hold_about_five_links_each(seed: int) -> None:
    network = joined(100, seed)
    network.run(40)
    degrees = [len(node.links) for node in network.nodes.values()]
    assert min(degrees) >= 3
    assert max(degrees) <= 8
    assert 4.5 < mean(degrees) < 6.2, "more would fill the kernel's table"
    assert symmetric(network)
    assert network.neighbours() < 1024 * 0.7, "the kernel's table holds all that talk"


def test_a_newcomer_is_linked_by_walks_to_nodes_that_it_never_greeted() -> None:
    network = joined(12, 1)
    network.run(10)
    asked: set[tuple[str, str]] = set()
    network.tap = lambda a, b, frames: asked.update(
        (a, b) for frame in frames if isinstance(frame, Neighbour)
    )
    for k in range(12):
        network.start(f"late{k}", ("node1",))
        network.run(2)
    age = {name: number for number, name in enumerate(network.nodes)}
    came = {(a, b) for a, b in asked if age[a] < age[b] and a != "node1"}
    assert came, "where the walk ended somebody asked the newcomer"
    assert any(f"id-{name}" in network.nodes[late].links for name, late in came)


def test_a_neighbour_counts_only_when_both_have_reached_each_other() -> None:
    """consul#746: a link that works in one direction is no link."""
    network = joined(3, 2)
    network.until(lambda: len(links(network).edges) == 6, within=10)
    network.cut = lambda a, b: (a, b) == ("node1", "node2")  # requests and answers
    asked: list[float] = []
    network.tap = lambda a, _b, frames: asked.extend(
        network.now for frame in frames if a == "node2" and isinstance(frame, Neighbour)
    )
    network.until(lambda: len(links(network).edges) == 4, within=30)
    before = len(network.told("link.up"))
    network.run(60)
    assert any(at > network.now - 60 for at in asked), "node2 can ask, and node1 hears it"
    assert len(network.told("link.up")) == before
    network.cut = lambda _a, _b: False
    network.until(lambda: len(links(network).edges) == 6, within=60)


def test_a_link_follows_its_member_to_a_new_address() -> None:
    network = joined(10, 14)
    node = network.nodes["node1"]
    link = node.links.some(1)[0]
    moved = msgspec.structs.replace(link, epoch=link.epoch + 1, url=url("moved"))
    network.put("node1", i.Heard(Batch(moved, ())))
    assert url("moved") in {record.url for record in node.links.some(8)}
    assert link.url not in {record.url for record in node.links.some(8)}


def test_a_made_up_neighbour_takes_no_place() -> None:
    network = joined(10, 3)
    before = set(network.nodes["node1"].links.ids())
    for k in range(100):
        network.put("node1", i.Heard(Batch(made_up(k), (Neighbour(urgent=True),))))
        network.run(0.25)
    ups = {data["peer"]["name"] for name, data in network.told("link.up") if name == "node1"}
    assert not any(name.startswith("fake") for name in ups)
    assert before <= set(network.nodes["node1"].links.ids())


@pytest.mark.long
def test_two_links_of_its_own_choosing_stay_whoever_wants_in() -> None:
    network = joined(30, 4)
    network.run(10)
    node = network.nodes["node5"]
    own = [member for member, link in node.links._links.items() if link.chosen][:2]
    assert len(own) == 2
    most = 0
    for k in range(200):  # these answer, so only their number speaks against them
        network.put("node5", i.Heard(Batch(made_up(k), (Neighbour(urgent=True),))))
        network.put("node5", i.Answered(url(f"fake{k}"), Batch(made_up(k), ())))
        assert len(node.links) <= 8
        most = max(most, sum(member.startswith("id-fake") for member in node.links.ids()))
        network.run(0.25)
    assert most >= 2, "the attack works, as far as it goes"
    assert set(own) <= set(node.links.ids())


def test_places_are_kept_for_own_choices() -> None:
    """Who is only ever asked, as the first of a network is, still chooses two itself."""
    network = joined(40, 5)
    network.run(120)  # there is no hurry
    for node in network.nodes.values():
        assert sum(link.chosen for link in node.links._links.values()) >= 2


def test_five_strangers_a_second_are_taken_and_the_rest_told_when_to_come() -> None:
    network = Network(6)
    node = network.start("node1")
    told: list[float] = []
    for k in range(40):
        fake = made_up(k)
        for output in node.handle(i.Heard(Batch(fake, (Hello(),))), network.now):
            frame = getattr(output, "frame", None)
            if isinstance(frame, Later):
                told.append(frame.after)
    assert len(told) == 35
    assert node.refusals == 35
    assert told[0] < told[10] < told[20], "each behind the one before"
    assert max(told) <= 10
    assert len(list(node.members.others())) == 5


def test_a_herd_at_one_door_becomes_one_network() -> None:
    """The start-up herd: everybody starts in the same instant and knows the same address."""
    network = Network(7)
    knocks: list[float] = []
    network.tap = lambda _a, b, frames: knocks.extend(
        network.now for frame in frames if b == "node1" and isinstance(frame, Hello)
    )
    network.start("node1")
    for k in range(2, 61):
        network.start(f"node{k}", ("node1",))
    network.run(1)
    assert network.nodes["node1"].refusals > 30, "too many at once were sent away"
    network.until(network.all_know_all, within=30)
    network.run(15)
    assert nx.is_connected(links(network).to_undirected())
    assert len(knocks) < 200, "nobody knocks without end"


@pytest.mark.long
def test_the_passive_view_is_bounded_and_holds_no_link_nor_itself() -> None:
    network = joined(60, 8)
    for _ in range(20):
        network.run(5)
        for node in network.nodes.values():
            passive = set(node.passive.ids())
            assert len(passive) <= network.config.passive_most
            assert not passive & set(node.links.ids())
            assert node.own.id not in passive
    assert min(len(node.passive) for node in network.nodes.values()) >= 20


@pytest.mark.long
def test_walks_of_shuffles_go_along_links_and_cost_no_exchange_of_their_own() -> None:
    network = joined(50, 9)
    network.run(20)
    walked: list[type] = []

    def tap(a: str, b: str, frames: tuple) -> None:
        walks = [frame for frame in frames if isinstance(frame, Shuffle | Shuffled)]
        walked.extend(map(type, walks))
        if walks:
            assert f"id-{b}" in network.nodes[a].links
            assert len(walks) < len(frames), "something else was the reason for this batch"

    network.tap = tap
    network.run(60)
    assert walked.count(Shuffle) > 50
    assert walked.count(Shuffled) > 20


def test_a_shuffle_exchanges_entries_and_answers_only_once() -> None:
    def record(k: int) -> Record:
        return Record(id=f"m{k}", name=f"m{k}", url=url(f"m{k}"))

    from random import Random

    here, there = (Passive(Config(), Random(k), own) for k, own in enumerate(("here", "there")))
    for k in range(10):
        here.add(record(k))
        there.add(record(100 + k))
    own = Record(id="here", name="here", url=url("here"))
    shuffle = here.shuffle(own, [record(50)])
    back = there.ended(shuffle, links=["m50"])
    assert len(back.records) == len(shuffle.records) == 6
    assert "here" in there, "the origin itself is among what it sends"
    assert "m50" not in there, "a link is not taken into the passive view"
    here.came_back(back, links=[])
    assert sum(member in here for member in (f"m{100 + k}" for k in range(10))) == 6
    size = len(here)
    here.came_back(Shuffled(tuple(record(200 + k) for k in range(6)), ()), links=[])
    assert len(here) == size, "nobody asked for that one"


def test_a_walk_of_a_stranger_goes_nowhere() -> None:
    network = joined(10, 10)
    network.run(5)
    node, stranger = network.nodes["node1"], made_up(1)
    network.put("node1", i.Heard(Batch(stranger, (Hello(),))))
    sent: list[object] = []
    network.tap = lambda _a, _b, frames: sent.extend(frames)
    passive = set(node.passive.ids())
    frames = (
        Join(made_up(2), 6),
        Shuffle((made_up(3),), 6, (stranger.id,)),
        Shuffled((made_up(4),), ()),
    )
    for output in node.handle(i.Heard(Batch(stranger, frames)), network.now):
        assert not isinstance(getattr(output, "frame", None), Join | Shuffle | Shuffled)
    assert set(node.passive.ids()) == passive
    assert node.members.get("id-fake2") is None


def test_ten_thousand_neighbours_and_maps_of_nobody_fill_nothing() -> None:
    network = joined(10, 11)
    node = network.nodes["node1"]
    for k in range(10_000):
        node.handle(i.Heard(Batch(made_up(k), (Neighbour(urgent=True),))), network.now)
    assert len(list(node.members.others())) < 9 + 10
    liar = next(iter(node.members.others()))
    if liar.id in node.links:
        liar = next(r for r in node.members.others() if r.id.startswith("id-fake"))
    for start in range(0, 20_000, 1000):
        crowd = tuple(made_up(k) for k in range(20_000 + start, 21_000 + start))
        node.handle(i.Heard(Batch(liar, (MemberList(crowd),))), network.now)
        node.handle(i.Heard(Batch(liar, (Update(crowd),))), network.now)
    assert len(list(node.members.others())) < 9 + 10 + 60
    assert node.refusals > 10_000
    assert len(node.links._pending) <= 8
    assert len(node.links._met) <= 32
    assert len(node.passive) <= network.config.passive_most
    network.run(60)
    real = {f"id-node{k}" for k in range(1, 11)}
    assert all(set(node.links.ids()) <= real for node in network.nodes.values())
    assert nx.is_connected(links(network).to_undirected())
    assert not real & {data["member"]["id"] for _, data in network.told("member.dead")}


def test_numbers_that_nobody_can_have_reached_are_not_believed() -> None:
    network = joined(10, 12)
    node = network.nodes["node1"]
    victim = network.nodes["node3"].own
    link = network.nodes["node1"].links.some(1, besides=victim.id)[0]
    for state in ("alive", "suspect", "dead", "left"):
        absurd = Record(
            id=victim.id,
            name=victim.name,
            url=url("elsewhere"),
            epoch=2**31 - 1,
            incarnation=2**31 - 1,
            state=state,
        )
        far = next(r for r in node.members.others() if r.id not in {link.id, victim.id})
        for teller in (link, far):
            network.put("node1", i.Heard(Batch(teller, (Update((absurd,)),))))
        network.put("node3", i.Heard(Batch(link, (Update((absurd,)),))))
    network.run(30)
    assert node.members.get(victim.id).state == "alive"
    assert node.members.get(victim.id).url == victim.url
    assert network.nodes["node3"].own.epoch == victim.epoch
    assert network.all_know_all()


@pytest.mark.long
def test_without_a_map_links_and_passive_views_carry_the_network() -> None:
    """Above 1,000 members layers 1 and 2 stand alone."""
    network = Network(13, Config(map=False))
    for k in range(1, 121):
        contacts = tuple(f"node{network.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        network.start(f"node{k}", contacts)
        network.run(0.1)
    network.run(40)
    assert nx.is_connected(links(network).to_undirected())
    assert max(len(list(node.members.others())) for node in network.nodes.values()) < 60
    assert min(len(node.passive) for node in network.nodes.values()) >= 10
    maps: list[object] = []
    network.tap = network.tap_answers = lambda _a, _b, frames: maps.extend(
        frame for frame in frames if isinstance(frame, MemberList)
    )
    network.run(10)
    assert maps == [], "nobody compares what nobody has"
    for name in network.rng.sample(sorted(network.nodes), 60):
        network.kill(name)
    network.run(40)
    graph = links(network)
    assert set(graph) == {node.own.id for node in network.nodes.values()}, "no link to the dead"
    assert nx.is_connected(graph.to_undirected())
    assert symmetric(network)
    assert mean(degree for _, degree in graph.out_degree()) > 4


def test_a_digest_of_ten_thousand_links_is_refused() -> None:
    from contract.errors import ApiError
    from node.overlay.frames import encode, parse

    body = encode(Batch(made_up(1), (Digest(None, True, tuple(f"m{k}" for k in range(10_000))),)))
    with pytest.raises(ApiError) as refused:
        parse(body)
    assert refused.value.status == 400


@pytest.mark.long
@pytest.mark.parametrize("pause", [0.05, 0.3])
def test_a_hundred_that_start_one_after_the_other_talk_in_few_pairs(pause: float) -> None:
    """Two entries a pair, 1,024 for a machine, and dashboard and bootstrap need some too."""
    world = World(1)
    world.start_bootstrap()
    most = 0
    for k in range(1, 101):
        world.start(f"node{k}")
        world.run(pause)
    for _ in range(40):
        world.run(1)
        pairs = [
            pair
            for pair, at in world.network.talked.items()
            if world.now - at < 30 and not any("bootstrap" in end for end in pair)
        ]
        most = max(most, 2 * len(pairs))
    assert most < 850
    assert 2 * len(pairs) < 700


def test_who_registered_with_us_is_not_of_our_own_choosing() -> None:
    """Else whoever calls `POST /register` twice has both places that nobody can take."""
    network = joined(10, 31)
    network.run(120)
    network.start("caller", ())
    network.put("node3", i.Registered(url("caller")))
    network.run(10)
    links_ = network.nodes["node3"].links
    assert network.nodes["node3"].members.get("id-caller") is not None
    assert "id-caller" not in links_._greeted
    assert network.nodes["caller"].links._greeted == {}, "it was greeted, and greeted nobody"
    assert all(network.nodes[f"node{k}"].links._greeted for k in range(2, 11)), "contacts are"


def test_of_those_whom_we_went_to_the_oldest_is_forgotten() -> None:
    """In order, so that the same seed gives the same run in another process as well."""
    node = joined(3, 32).nodes["node1"]
    for k in range(100):
        node.links.chose(f"m{k}")
    assert list(node.links._greeted) == [f"m{k}" for k in range(68, 100)]
