"""Who was away for a minute gets all that it missed; who was away for longer knows that it was.

Each case is a way to be away, with a minute of broadcasts meanwhile: of all others, and the
first of them from an origin that dies at once.
"""

from collections import Counter
from random import Random

import msgspec
import pytest

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.broadcast import Broadcast
from node.overlay.config import Config
from node.overlay.frames import (
    Announced,
    Batch,
    Graft,
    Height,
    Heights,
    Ihave,
    Push,
    Record,
)
from simulator.guard import Guard
from simulator.safety import safety
from simulator.weather import Trouble
from simulator.world import World

AWAY = 60.0
"""Seconds [issue]."""
CASES = ["stopped", "killed", "cut off", "halves", "all at once"]


def joined(count: int, seed: int, config: Config | None = None) -> World:
    world = World(seed, config)
    Guard(world, [*safety(world)])
    for k in range(1, count + 1):
        contacts = tuple(f"node{world.rng.randrange(1, k)}" for _ in range(3)) if k > 1 else ()
        world.start(f"node{k}", contacts)
        world.run(0.2)
    world.until(world.all_know_all, within=60)
    world.run(10)
    return world


class Away:
    """Some nodes that are away, and come back when `back` is called."""

    def __init__(self, world: World, case: str, seed: int) -> None:
        names = sorted(world.machines)
        count = {"halves": len(names) // 2, "all at once": 3}.get(case, 1)
        self.names = sorted(Random(f"{case} {seed}").sample(names, count))
        self.others = [name for name in names if name not in self.names]
        self._world, self._case = world, case
        self._cut = Trouble(inside=frozenset(self.names), loss=1.0)
        for name in self.names:
            if case in {"stopped", "all at once"}:
                world.pause(name)
            elif case == "killed":
                world.crash(name)
        if case in {"cut off", "halves"}:
            world.weather.begin(self._cut)

    def speakers(self) -> list[str]:
        """Who can say something: the two sides of a cut both can."""
        away = self.names if self._case in {"cut off", "halves"} else []
        return [name for name in (*self.others, *away) if self._world.machines[name].process]

    def back(self) -> None:
        for name in self.names:
            if self._case in {"stopped", "all at once"}:
                self._world.resume(name)
            elif self._case == "killed":
                self._world.start(name)
        self._world.weather.end(self._cut)


def a_time_of_talk(world: World, away: Away, seconds: float) -> list[str]:
    """Somebody speaks and dies; then all speak in turn."""
    end = world.now + seconds
    doomed = away.others[-1]
    said = [world.broadcast(doomed)]
    world.run(1.0)
    if any(said[0] in world.machines[name].disk.inbox for name in away.others[:-1]):
        world.crash(doomed)  # else nobody but itself has it: the cut was just behind it
    while world.now < end:
        for name in away.speakers():
            said.append(world.broadcast(name))
            world.run(min(0.2, max(0.0, end - world.now)))
    return said


def lacking(world: World, said: list[str]) -> dict[str, int]:
    """How many of these broadcasts each node lacks, where it lacks any."""
    counted = Counter(
        process.name
        for process in world.running()
        for message in said
        if message not in process.machine.disk.inbox
    )
    return dict(counted)


def missed(world: World, name: str) -> int:
    counts = world.nodes[name].broadcast.counts()
    return counts["missed"] - counts["late"]


def minute(case: str, seed: int, config: Config | None = None) -> tuple[World, list[str]]:
    world = joined(12, seed, config)
    away = Away(world, case, seed)
    said = a_time_of_talk(world, away, AWAY)
    assert lacking(world, said), "nobody was away"
    away.back()
    return world, said


@pytest.mark.long
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("seed", range(5))
def test_who_was_away_for_a_minute_gets_all_that_it_missed(case: str, seed: int) -> None:
    world, said = minute(case, seed)
    took = world.until(lambda: not lacking(world, said), within=40)
    assert took < 30, "in the time that is kept for it, and with a margin"
    world.run(20)
    assert {missed(world, name) for name in world.nodes} == {0}
    assert not world.events("broadcast.missed")


@pytest.mark.long
def test_kept_for_no_longer_than_the_minute_itself_the_first_of_it_would_be_missed() -> None:
    """What the two minutes are for; and then at least it is known."""
    config = Config(payload_kept=AWAY)
    world, said = minute("cut off", 1, config)
    world.run(60)
    assert lacking(world, said)
    for name, count in lacking(world, said).items():
        assert missed(world, name) == count


@pytest.mark.long
@pytest.mark.parametrize("seed", range(3))
def test_whoever_has_links_to_others_that_were_away_alone_gets_it_through_them(seed: int) -> None:
    world = joined(10, seed)
    away = Away(world, "all at once", seed)
    said = a_time_of_talk(world, away, AWAY)
    door, *behind = away.names
    wall = Trouble(inside=frozenset(behind), outside=frozenset(away.others), loss=1.0)
    world.weather.begin(wall)
    for name in behind:
        for other in world.nodes[name].links.ids():
            if other != f"id-{door}":
                world.nodes[name].links.drop(other, "for a test")
    away.back()
    world.until(
        lambda: not {door, *behind} & lacking(world, said).keys(),
        within=60,
    )


@pytest.mark.long
@pytest.mark.parametrize("seconds", [30.0, 600.0])
def test_what_was_accepted_and_not_yet_sent_when_its_origin_was_killed_is_sent_afterwards(
    seconds: float,
) -> None:
    """However long the origin is dead: nobody else has it."""
    world = joined(8, 3)
    cut = Trouble(inside=frozenset({"node3"}), loss=1.0)
    world.weather.begin(cut)
    said = world.broadcast("node3")
    world.crash("node3")
    world.weather.end(cut)
    world.run(seconds)
    assert len(lacking(world, [said])) == 7
    world.start("node3")
    world.until(lambda: not lacking(world, [said]), within=20)
    again = world.broadcast("node3")
    world.until(lambda: not lacking(world, [again]), within=5)


def test_who_starts_again_fetches_what_it_lacks_and_nothing_that_it_has() -> None:
    world = joined(8, 4)
    for k in range(30):
        world.broadcast(f"node{1 + k % 3}")
        world.run(0.2)
    world.crash("node5")
    new = [world.broadcast("node2"), world.broadcast("node3")]
    world.run(5)
    before = world.frames[Push]
    world.start("node5")
    world.until(lambda: not lacking(world, new), within=20)
    world.run(5)
    links = len(world.nodes["node5"].links)
    assert 2 <= world.frames[Push] - before <= 2 * links


@pytest.mark.long
def test_thousands_that_were_missed_are_fetched_without_running_over() -> None:
    """A queue to a peer has a thousand places."""
    world = joined(8, 5)
    away = Away(world, "killed", 5)
    said = []
    for k in range(4_000):
        said.append(world.broadcast(away.others[k % 7]))
        if k % 40 == 0:
            world.run(0.5)
    away.back()
    before = world.frames[Push]
    longest = 0
    while lacking(world, said):
        world.run(0.05)
        lanes = [queue for process in world.running() for queue in process.lanes.values()]
        longest = max(longest, *(sum(type(f) is Push for f in queue) for queue in lanes), 0)
        assert world.now < 200
    assert longest < 500
    world.run(5)
    assert world.frames[Push] - before < 1.2 * len(said)


# --- what cannot be had any more -------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("case", ["stopped", "killed", "cut off", "halves"])
@pytest.mark.parametrize("seed", range(2))
def test_who_was_away_for_longer_knows_exactly_how_much_it_missed(case: str, seed: int) -> None:
    world = joined(12, 20 + seed)
    away = Away(world, case, seed)
    said = a_time_of_talk(world, away, AWAY)
    world.run(120)
    away.back()
    world.run(120)
    lost = lacking(world, said)
    if case != "stopped":  # what was on its way to it waited in its sockets
        assert lost
    for name in world.nodes:
        assert missed(world, name) == lost.get(name, 0)
    told = Counter[str]()
    for event in world.events("broadcast.missed"):
        told[event.name] += event.data["count"]
    assert told == lost


def test_what_was_said_before_a_node_came_is_not_missed() -> None:
    world = joined(6, 6)
    for k in range(10):
        world.broadcast(f"node{1 + k % 6}")
        world.run(1)
    world.run(150)
    world.start("node7", ("node1", "node2"))
    world.start("node8", ("node7", "node3"))
    world.run(30)
    assert [missed(world, name) for name in world.nodes] == [0] * 8
    world.crash("node7")
    said = [world.broadcast("node2") for _ in range(3)]
    world.run(150)
    world.start("node7")
    world.run(40)
    assert lacking(world, said) == {"node7": 3}
    assert missed(world, "node7") == 3


def test_a_gap_that_the_next_number_shows_is_told_after_a_while_and_no_sooner() -> None:
    trees, link = alone()
    trees.pushed(link, push(1), 0.0)
    trees.pushed(link, push(5), 1.0)
    assert trees.counts()["missed"] == 0, "they may be on their way"
    trees.ran_out("gaps", 11.0)
    assert trees.counts()["missed"] == 3
    assert lost(trees) == [("id-x", [(2, 4)])]
    trees.pushed(link, push(3), 12.0)
    assert (trees.counts()["missed"], trees.counts()["late"]) == (3, 1)
    trees.pushed(link, push(7), 13.0)
    trees.announced(link, Ihave((Announced("id-x", 1, 6, 1),)), 13.0)
    trees.ran_out("gaps", 23.0)
    assert trees.counts()["missed"] == 3, "somebody says that he has it"


def test_a_link_that_lies_about_heights_makes_a_number_wrong_and_nothing_grow() -> None:
    trees, link = alone()
    trees.pushed(link, push(1), 0.0)
    high = [Height(f"id-{k}", 1, 2**31 - 1) for k in range(200)]
    trees.told_heights(Heights((*high, Height("id-x", 1, 2**31 - 1))), 0.0)
    assert trees.sizes()["levels"] == 129, "x's, and some of whom the map does not have"
    trees.told_heights(Heights((Height("id-x", 1, 900_000),)), 0.0)
    trees.ran_out("gaps", 11.0)
    assert trees.counts()["missed"] == 899_999
    trees.pushed(link, push(2), 12.0)
    assert trees.sizes()["payloads"] == 2, "and what comes is taken"


# --- and it costs nothing ---------------------------------------------------------------------


def test_heights_are_exchanged_only_where_they_differ_and_nothing_is_said_in_between() -> None:
    world = joined(12, 8)
    for k in range(12):
        world.broadcast(f"node{1 + k}")
        world.run(1)
    world.run(130)
    before = world.frames.copy()
    world.run(60)
    assert not {Ihave, Heights, Graft, Push} & (world.frames - before).keys()
    node = world.nodes["node5"]
    link = node.members.get(node.links.ids()[0])
    assert link is not None
    for asked, answers in ((node.broadcast._sum(), 0), ("0" * 16, 1)):
        heights = world.frames[Heights]
        world.put("node5", i.Heard(Batch(link, (Ihave((), and_you=True, sum=asked),))))
        world.run(3)
        assert world.frames[Heights] - heights == answers


def test_where_nobody_has_spoken_no_sum_is_told() -> None:
    world = joined(6, 9)
    node = world.nodes["node3"]
    assert node.broadcast._sum() is None
    link = node.members.get(node.links.ids()[0])
    assert link is not None
    outputs = node.handle(i.Heard(Batch(link, (Ihave((), and_you=True),))), node._now)
    outputs += node.handle(i.Timer("broadcast ihave"), node._now + 1)
    assert not [x for x in outputs if isinstance(x, o.Send) and isinstance(x.frame, Heights)]


# --- one node by hand --------------------------------------------------------------------------


def push(number: int, **more: object) -> Push:
    made = Push("id-x", 1, number, 1, f"m{number}", "x", "text")
    return msgspec.structs.replace(made, **more)


def alone() -> tuple[Broadcast, Record]:
    """The trees of a node that was in the network before and has one link, and that link."""
    world = World(1)
    world.start("x")
    world.start("y", ("x",))
    world.until(lambda: len(world.nodes["y"].links) > 0, within=5)
    world.run(30)
    trees, told = world.nodes["y"].broadcast, []
    trees._gaps._missed = lambda origin, ranges: told.append((origin, ranges))
    trees.__dict__["told"] = told
    link = world.nodes["x"].own
    return trees, link


def lost(trees: Broadcast) -> list[tuple[str, list[tuple[int, int]]]]:
    found: list[tuple[str, list[tuple[int, int]]]] = trees.__dict__["told"]
    return found
