"""Every bar of the protocol brief, with the configuration that ships, in the simulator.

One command, one seed for each figure (printed beside it), each bar beside what was reached,
misses too. What takes long is a network of ten thousand; `quick` makes it one thousand and
says so.

    tree       redundancy and last hop after ten broadcasts of a root, N=100
    detection  N=100 at 5 % loss: links replaced, deaths known
    hour       the same without a death: nobody may be called dead
    halves     N=100 cut in two for 60 s
    idle       what a node sends when nothing happens, N=10 to 1,000
    maelstrom  the broadcast challenge (`benchmarks.maelstrom`)
    speed      frames a second (`benchmarks.simulation` has more of it)
    large      N=10,000 without a map for 60 s: time, paths, 50 broadcasts
    kill-50    ... of whom half die at once; so kill-80 and kill-95
    kill-95-b  ... while the bootstrap lives

Each part is a run of its own (`--part`), so one figure can be had again in a minute or two.
"""

import gc
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from random import Random

from benchmarks import maelstrom
from benchmarks.simulation import BAR, FloodOfTen, rate
from benchmarks.verdict import Figure
from node.overlay.config import Config
from simulator.broadcasts import GROWN, Broadcasts, Spoken
from simulator.figures import broadcasting, links, spread
from simulator.guard import Guard
from simulator.liveness import Connected
from simulator.machine import Process
from simulator.safety import safety
from simulator.weather import Trouble
from simulator.world import Told, World

LARGE, QUICK = 10_000, 1_000
LARGE_JOIN = 10.0
"""Seconds in which they all start."""
LARGE_SECONDS = 60.0
"""Of the world, whose real time has a bar."""
MESSAGES = 50
REPAIR = 30.0
"""Seconds after a massacre before broadcasts are counted: "at once, then repair" [brief]."""
BASE = frozenset({"link.up", "link.down", "member.dead"})

Say = Callable[[str], None]


def run(
    say: Say, *, quick: bool = False, seed: int = 1, parts: Sequence[str] = ()
) -> Iterator[Figure]:
    """The parts that are named, or all, one after the other, as they are measured."""
    chosen = parts or tuple(PARTS)
    began = time.monotonic()
    for count, name in enumerate(chosen, 1):
        gc.disable()  # a world makes no cycles while it runs; between two the collector may look
        try:
            yield from PARTS[name](say, seed, quick)
        finally:
            gc.enable()
            gc.collect()
        minutes = (time.monotonic() - began) / 60
        say(f"{count} of {len(chosen)} parts after {minutes:.1f} minutes")


# --- worlds --------------------------------------------------------------------------------


def _grown(count: int, seed: int, *, loss: float = 0.0) -> World:
    """A network at rest, every step of it watched."""
    world = World(seed, Config(), encoding=False, journal=BASE)
    Guard(world)
    world.start_bootstrap()
    for k in range(1, count + 1):
        world.start(f"node{k}")
        world.run(min(0.1, 10.0 / count))
    world.until(world.all_know_all, within=120)
    world.run(30)
    if loss:
        world.weather.begin(Trouble(loss=loss))
        world.run(10)
    return world


def _large_world(count: int, seed: int) -> World:
    """A network without a map, as one of more than a thousand is."""
    world = World(seed, Config(map=False), encoding=False, journal=frozenset())
    Guard(world, [*safety(world), Connected()])
    world.start_bootstrap()
    for k in range(1, count + 1):
        world.start(f"node{k}")
        world.run(LARGE_JOIN / count)
    return world


# --- the bars --------------------------------------------------------------------------------


def _tree(say: Say, seed: int, quick: bool) -> Iterator[Figure]:
    seeds = range(seed, seed + (5 if quick else 20))
    say(f"tree: N=100, one root, seeds {seeds[0]} to {seeds[-1]}, the worst of them")
    redundancy, hops = [], []
    for one in seeds:
        world = _grown(100, one)
        broadcasts = Broadcasts(world)
        said = _speak(world, broadcasts, 2 * GROWN)
        sums = broadcasting(broadcasts, said, grown=GROWN)
        if sums is not None and sums.redundancy is not None:
            redundancy.append(sums.redundancy)
            hops.append(sums.last_hop_most)
    yield Figure("tree: redundancy after ten broadcasts", max(redundancy), None, "", at_most=0.05)
    yield Figure("tree: last delivery hop, the worst", max(hops), None, "", at_most=6)
    yield Figure("tree: ... mean of the seeds", sum(hops) / len(hops), None, "")


def _detection(say: Say, seed: int, quick: bool) -> Iterator[Figure]:
    crashes = 20 if quick else 60
    say(f"detection: N=100, 5 % loss, {crashes} crashes one by one, seed {seed}")
    world = _grown(100, seed, loss=0.05)
    rng = Random(f"crashes {seed}")
    given_up: list[float] = []
    replaced: list[float] = []
    everywhere: list[float] = []
    for crash in range(1, crashes + 1):
        victim = rng.choice(world.running())
        member, name = victim.overlay.own.id, victim.name
        held = {p.name: len(p.overlay.links) for p in world.running() if member in p.overlay.links}
        at = world.now
        world.crash(name)
        world.until(partial(_all_hold_dead, world, member), within=120)
        world.run(max(0.0, 15.0 - (world.now - at)))
        since = [told for told in world.journal if told.at >= at]
        given_up += [t.at - at for t in since if t.type == "link.down" and _whom(t) == member]
        replaced += _replaced(since, member, held, at, world.config)
        everywhere.append(max(t.at - at for t in since if _dead(t) == member))
        world.start(name)
        world.until(world.all_know_all, within=120)
        world.run(10)
        if crash % 10 == 0:
            say(f"detection: {crash} crashes")
    yield _p99("detection: a dead neighbour's link given up, p99", given_up, 3)
    yield _p99("detection: ... and replaced, p99", replaced, 3)
    yield _p99("detection: its death known everywhere, p99", everywhere, 12)


def _replaced(
    since: Iterable[Told], dead: str, held: dict[str, int], at: float, config: Config
) -> Iterator[float]:
    """Seconds until each that held a link to the dead has as many as it keeps up.

    That is `links_replaced_large`, or as many as it had: who has more than that before does
    not look for another one, and is whole as soon as it let go.
    """
    counts, whole = dict(held), set()
    for told in since:
        if told.name not in counts or told.type not in {"link.up", "link.down"}:
            continue
        counts[told.name] += 1 if told.type == "link.up" else -1
        if told.type == "link.down" and _whom(told) == dead:
            whole.add(told.name)  # from now on it can be
        enough = min(held[told.name], config.links_replaced_large)
        if told.name in whole and counts[told.name] >= enough:
            yield told.at - at
            del counts[told.name]
    for _ in counts:
        yield float("inf")  # never, and so it shows


def _hour(say: Say, seed: int, quick: bool) -> Iterator[Figure]:
    seconds = 600.0 if quick else 3600.0
    say(f"hour: N=100, 5 % loss, {seconds:g} s and nobody dies, seed {seed}")
    world = _grown(100, seed, loss=0.05)
    before = world.told["member.dead"]
    _pass(world, seconds, 600, say, "hour")
    dead = world.told["member.dead"] - before
    which = "ten minutes (quick)" if quick else "an hour"
    yield Figure(f"hour: living members called dead in {which}", dead, None, "", at_most=0)


def _halves(say: Say, seed: int, quick: bool) -> Iterator[Figure]:
    seeds = range(seed, seed + (1 if quick else 3))
    say(f"halves: N=100 for 60 s, seeds {seeds[0]} to {seeds[-1]}, the worst of them")
    ones, alives = [], []
    for one in seeds:
        world = _grown(100, one)
        halves = Trouble(inside=frozenset(f"node{k}" for k in range(1, 51)), loss=1.0)
        world.weather.begin(halves)
        world.run(60)
        world.weather.end(halves)
        began = world.now
        world.until(partial(_is_one, world), within=120)
        ones.append(world.now - began)
        world.until(world.all_know_all, within=120)
        alives.append(world.now - began)
    yield Figure("halves: one component after", max(ones), None, " s", at_most=15)
    yield Figure("halves: all alive everywhere after", max(alives), None, " s", at_most=30)


def _idle(say: Say, seed: int, quick: bool) -> Iterator[Figure]:
    """Requests and bytes of a node that nobody talks to; flat, but for the digest of the map."""
    sizes = (10, 100) if quick else (10, 100, 1_000)
    rates: list[float] = []
    for count in sizes:
        say(f"idle: N={count}, 60 s, seed {seed}{' (quick: not 1,000)' if quick else ''}")
        world = World(seed, Config(), journal=frozenset())
        world.start_bootstrap()
        for k in range(1, count + 1):
            world.start(f"node{k}")
            world.run(10.0 / count)
        world.until(world.all_know_all, within=120)
        world.run(30)
        calls, size = world.network.calls, world.bytes
        world.run(60)
        rates.append((world.network.calls - calls) / 60 / count)
        yield Figure(f"idle: requests a node and second, N={count}", rates[-1], None, "/s")
        sent = (world.bytes - size) / 60 / count
        yield Figure(f"idle: bytes a node and second, N={count}", sent, None, " B/s")
    growth = max(rates) / min(rates)
    yield Figure("idle: requests, most over least of these N", growth, None, "", at_most=1.5)


def _maelstrom(say: Say, seed: int, quick: bool) -> Iterator[Figure]:
    return maelstrom.run(seed, 20.0 if quick else 60.0, say)


def _speed(say: Say, _seed: int, _quick: bool) -> Iterator[Figure]:
    say("speed: a flood of ten frames a batch")
    reached = rate(FloodOfTen, 3.0, encoding=False)
    yield Figure("speed: frames delivered, ten a batch", reached, None, "/s", at_least=BAR)


def _large(say: Say, seed: int, quick: bool) -> Iterator[Figure]:
    count = QUICK if quick else LARGE
    size = f"N={count:,}" + (" (quick: not 10,000)" if quick else "")
    say(f"large: {size}, {LARGE_SECONDS:g} s of the world, seed {seed}")
    began = time.process_time()
    world = _large_world(count, seed)
    _pass(world, LARGE_SECONDS - world.now, 10, say, "large")
    cpu = time.process_time() - began
    yield Figure(f"large: {size}, CPU for 60 s", cpu, None, " s", at_most=300)
    graph = links(world)
    yield Figure("large: mean path", graph.path or float("inf"), None, "", at_most=5.7)
    yield Figure("large: links a node", graph.degree_mean, None, "")
    yield Figure("large: ways in a random graph of this degree", graph.path_random or 0, None, "")
    say(f"large: {MESSAGES} broadcasts, each of somebody else")
    broadcasts = Broadcasts(world)
    said = _speak(world, broadcasts, MESSAGES, others=True)
    yield _reached("large: nodes reached by 50 messages", broadcasts, said, 100)


def _massacre(
    say: Say, seed: int, quick: bool, *, share: float, bootstrap: bool = False
) -> Iterator[Figure]:
    """A share dies at once. Without the bootstrap, whom nobody alive knows is alone for good.

    A speaker is drawn from all survivors, so one that is alone counts with what it reaches.
    """
    count = QUICK if quick else LARGE
    bar = 90.0 if share > 0.8 else 99.9
    how = "the bootstrap lives" if bootstrap else "the bootstrap with them"
    say(f"kill: N={count:,}, {share:.0%} die at once, {how}, seed {seed}")
    world = _large_world(count, seed)
    world.run(20)
    if not bootstrap:
        world.stop_bootstrap()
    rng = Random(f"dead {seed}")
    for name in rng.sample(sorted(world.nodes), round(share * count)):
        world.crash(name)
    during = Broadcasts(world)
    at_once = _speak(world, during, 10, others=True)
    world.run(REPAIR - 5)
    after = Broadcasts(world)
    said = _speak(world, after, MESSAGES, others=True)
    name = f"kill: reached after {share:.0%} died, {'with' if bootstrap else 'no'} bootstrap"
    yield _reached(name, after, said, bar)
    yield _reached("  ... by ten messages of the first 5 s", during, at_once, None)
    biggest = 100 * _largest_part(world) / len(world.nodes)
    yield Figure("  ... survivors in the largest part", biggest, None, " %")


def _largest_part(world: World) -> int:
    """How many nodes the largest connected part has."""
    left = {process.overlay.own.id: process.overlay.links.ids() for process in world.running()}
    largest = 0
    while left:
        edge, size = [next(iter(left))], 0
        while edge:
            ends = left.pop(edge.pop(), None)
            if ends is not None:
                size += 1
                edge += ends
        largest = max(largest, size)
    return largest


# --- helpers of these --------------------------------------------------------------------------


def _speak(
    world: World, broadcasts: Broadcasts, count: int, *, others: bool = False
) -> list[Spoken]:
    """So many broadcasts, two a second, of one root or each of somebody else; then 30 s."""
    rng = Random(f"speakers {count}")
    names = sorted(world.nodes)
    root, said = rng.choice(names), []
    for _ in range(count):
        said.append(broadcasts.say(_process(world, rng.choice(names) if others else root)))
        world.run(0.5)
    if not others:
        world.run(5)
        return said
    began = world.now
    while world.now - began < 30 and not all(broadcasts.has_everybody(one) for one in said):
        world.run(1)
    return said


def _pass(world: World, seconds: float, every: float, say: Say, what: str) -> None:
    """Let time pass, and tell how far it is."""
    end = world.now + seconds
    while world.now < end:
        world.run(min(every, end - world.now))
        say(f"{what}: {max(0.0, end - world.now):,.0f} s of the world to go")


def _all_hold_dead(world: World, member: str) -> bool:
    return world.states(member) <= {"dead", None}


def _is_one(world: World) -> bool:
    return links(world).components == 1


def _process(world: World, name: str) -> Process:
    process = world.machines[name].process
    if process is None:
        raise ValueError(f"{name} does not run")
    return process


def _reached(name: str, broadcasts: Broadcasts, said: list[Spoken], bar: float | None) -> Figure:
    shares = [broadcasts.message(one).share for one in said]
    return Figure(name, 100 * sum(shares) / len(shares), None, " %", at_least=bar)


def _p99(name: str, seconds: Iterable[float], bar: float) -> Figure:
    times = spread(seconds)
    return Figure(name, times.p99 if times else float("inf"), None, " s", at_most=bar)


def _whom(told: Told) -> str:
    return str(told.data["peer"]["id"])


def _dead(told: Told) -> str | None:
    return str(told.data["member"]["id"]) if told.type == "member.dead" else None


PARTS: dict[str, Callable[[Say, int, bool], Iterator[Figure]]] = {
    "tree": _tree,
    "detection": _detection,
    "hour": _hour,
    "halves": _halves,
    "idle": _idle,
    "maelstrom": _maelstrom,
    "speed": _speed,
    "large": _large,
    "kill-50": partial(_massacre, share=0.5),
    "kill-80": partial(_massacre, share=0.8),
    "kill-95": partial(_massacre, share=0.95),
    "kill-95-b": partial(_massacre, share=0.95, bootstrap=True),
}
