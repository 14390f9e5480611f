"""A run: everybody starts, becomes one network, suffers, and must be well again.

    join     nodes start one after the other and must become one network
    suffer   the nemesis does its schedule while messages go to and fro
    settle   the faults are over; within a time all liveness must hold
    pairs    every pair can exchange a message: some pairs, drawn by chance, do, first directly
             and then over the links
    root     one node speaks to everybody, again and again, and everybody gets everything

Safety is guarded all the while.
"""

import time
from collections.abc import Callable
from random import Random

import msgspec

from node.overlay.inputs import Route
from simulator.broadcasts import GROWN, Broadcasts, Spoken, Talk
from simulator.faults import contacts
from simulator.figures import JOURNAL, Figures, Series, Times, measure, observe
from simulator.guard import Guard
from simulator.invariant import BrokenInvariantError, Invariant
from simulator.liveness import Connected, NothingLost, liveness
from simulator.nemesis import Nemesis
from simulator.plan import Plan
from simulator.safety import safety
from simulator.trace import Trace
from simulator.workload import Workload, can_send, knows
from simulator.world import World

JOIN_SECONDS = 10.0
"""In which all nodes have started [measured: 50 containers take some ten seconds]."""
JOIN_WITHIN = 60.0
"""Seconds after the last start in which all must be one network [guess]."""
PAIRS = 50
"""Pairs that exchange a message at the end [issue: 50 random pairs]."""
PAIRS_WITHIN = 10.0
"""Seconds for that: many times what one message takes [guess]."""
ROOT_PAUSE = 0.5
"""Seconds between two broadcasts of the root: one has come everywhere before the next leaves."""
ROOT_WITHIN = 30.0
"""Seconds after the last of them in which all must have come everywhere [guess: what the tree
did not bring is announced within a second, and fetched in another]."""
REDUNDANCY = 0.05
"""Payloads too many for each node that gets a broadcast [brief; a flood: 4]: a quarter of a root's
broadcasts after the tenth have fewer. Not all, nor half of them: links still move to better places
for some ten seconds after the faults, and the broadcasts of such a moment pay for each that was a
branch [simulated: 0.07 in the median and 0.35 at most, of 30 nodes after heavy faults]."""
LOOK = 0.5
"""Seconds between two questions whether all is well yet."""

Progress = Callable[[float, float, str], None]
"""`progress(seconds done, seconds in all, what is going on)`"""


class EveryPair(Invariant):
    """The last question, and the simplest."""

    number = 17
    sentence = "Every pair can exchange a message."


class EverybodyHasIt(Invariant):
    """What a broadcast is for."""

    number = 14
    sentence = "Every node has every broadcast that was sent when all was well."


class LeanTree(Invariant):
    """What a tree is for: hardly anybody gets a message whole a second time."""

    number = 18
    sentence = "Redundancy is back under its bar once a root has spoken ten times."


class Outcome(msgspec.Struct, frozen=True):
    """What came of a run that broke nothing."""

    plan: Plan
    figures: Figures
    series: Series


def run(
    plan: Plan,
    progress: Progress | None = None,
    trace: Trace | None = None,
    watch: Callable[[World], object] | None = None,
) -> Outcome:
    """Make the run. `watch` gets the world before anything has happened in it.

    Raises BrokenInvariantError, ScenarioError, ValueError.
    """
    began, cpu = time.perf_counter(), time.process_time()
    schedule = plan.schedule()
    world = World(
        plan.seed,
        plan.config(),
        latency=plan.latencies(),
        encoding=plan.encoding,
        overlay=plan.overlay_class(),
        skew=plan.skew,
        journal=JOURNAL,
    )
    world.trace = trace
    if watch is not None:
        watch(world)
    guard = Guard(world, [*safety(world), *_liveness(plan)])
    tell = _Teller(world, plan, progress)
    joined = _join(world, plan, guard, tell)
    calls, at = world.network.calls, world.now
    nemesis = Nemesis(world, schedule, plan.seed)
    workload = Workload(world, plan.rate, plan.seed, plan.route)
    broadcasts = Broadcasts(world)
    talk = Talk(world, broadcasts, plan.talk, plan.seed)
    end = world.now + plan.seconds
    while world.now < end:
        world.run(min(LOOK, end - world.now))
        tell("faults and messages")
    workload.stop()
    talk.stop()
    nemesis.stop()
    healed, settled = _within(world, guard, plan.settle, lambda: tell("settling"))
    calls, over = world.network.calls - calls, world.now - at
    _pairs(world, plan.seed, "direct")
    if plan.config().map:  # else there is nothing to route by
        _pairs(world, plan.seed, "overlay")
    _root(world, plan, broadcasts, lambda: tell("one node speaks to all"))
    real, cpu = time.perf_counter() - began, time.process_time() - cpu
    times = Times(joined=joined, healed=healed, settled=settled, suffered=over, real=real, cpu=cpu)
    seen = observe(world, broadcasts, nemesis.done)
    return Outcome(plan, measure(world, times, calls, seen), seen.series)


def _liveness(plan: Plan) -> list[Invariant]:
    if plan.config().map:
        return list(liveness())
    return [Connected()]  # where nobody keeps a map, none can be true


def _join(world: World, plan: Plan, guard: Guard, tell: "_Teller") -> float:
    """Start everybody; the seconds from the last start until they were one network."""
    rng = Random(f"join {plan.seed}")
    if plan.bootstrap:
        world.start_bootstrap()
    pause = min(0.2, JOIN_SECONDS / plan.nodes)
    for k in range(1, plan.nodes + 1):
        name = f"node{k}"
        world.start(name, contacts(world, rng, name))
        world.run(pause * rng.uniform(0.5, 1.5))
        tell("starting")
    return _within(world, guard, JOIN_WITHIN, lambda: tell("becoming one network"))[0]


def _within(
    world: World, guard: Guard, seconds: float, tell: Callable[[], None]
) -> tuple[float, float]:
    """Run until all is well. Raises what still is not.

    Returns the seconds until only messages were waiting, and until none was.
    """
    began = world.now
    right: float | None = None
    while (broken := guard.settled()) is not None:
        if right is None and broken.invariant.number == NothingLost.number:
            right = world.now - began
        if world.now - began >= seconds:
            raise broken
        world.run(LOOK)
        tell()
    over = world.now - began
    return (over if right is None else right), over


def _pairs(world: World, seed: int, route: Route) -> None:
    rng = Random(f"pairs {seed}")
    able = sorted((p for p in world.running() if can_send(p)), key=lambda p: p.name)
    sent: list[str] = []
    for _ in range(PAIRS if len(able) > 1 else 0):
        sender, receiver = rng.sample(able, 2)
        if knows(world, sender, receiver.name):
            sent.append(world.send(sender.name, receiver.name, route=route))
    began = world.now
    while missing := [message for message in sent if message not in world.stored]:
        if world.now - began >= PAIRS_WITHIN:
            message = world.sent[missing[0]]
            state = ("sent", missing[0]), (f"not in the inbox of {message.to}", missing)
            raise _at_last(world, EveryPair().broken(message.origin, *state))
        world.run(0.1)


def _root(world: World, plan: Plan, broadcasts: Broadcasts, tell: Callable[[], None]) -> None:
    """One node speaks, and its tree grows; in the end everybody must have everything."""
    able = sorted((p for p in world.running() if can_send(p)), key=lambda p: p.name)
    if not able:
        return
    root = Random(f"root {plan.seed}").choice(able)
    said = []
    for _ in range(plan.broadcasts):
        said.append(broadcasts.say(root, calm=True))
        world.run(ROOT_PAUSE)
        tell()
    began = world.now
    while missing := [spoken for spoken in said if not broadcasts.has_everybody(spoken)]:
        if world.now - began >= ROOT_WITHIN:
            raise _not_everywhere(world, broadcasts, missing[0])
        world.run(LOOK)
        tell()
    trees = [broadcasts.message(spoken).redundancy for spoken in said[GROWN:]]
    if trees and sorted(trees)[len(trees) // 4] >= REDUNDANCY:
        states = ("the bar is", REDUNDANCY), ("the trees had", [round(tree, 3) for tree in trees])
        raise _at_last(world, LeanTree().broken(root.name, *states))


def _not_everywhere(world: World, broadcasts: Broadcasts, spoken: Spoken) -> BrokenInvariantError:
    lack = [p for p in broadcasts.survivors(spoken) if spoken.message not in p.machine.disk.inbox]
    sent = (f"{spoken.message} was sent at", round(spoken.at, 3))
    where = ("not at", [p.name for p in lack])
    return _at_last(world, EverybodyHasIt().broken(lack[0].name, sent, where))


def _at_last(world: World, broken: BrokenInvariantError) -> BrokenInvariantError:
    broken.step, broken.at = world.steps, world.now
    return broken


class _Teller:
    """Tells how far a run is, about ten times a second of real time."""

    def __init__(self, world: World, plan: Plan, progress: Progress | None) -> None:
        self._world = world
        self._goal = plan.seconds + min(plan.nodes * 0.2, JOIN_SECONDS) + LOOK
        self._goal += plan.broadcasts * ROOT_PAUSE
        self._progress = progress
        self._told = 0.0

    def __call__(self, note: str) -> None:
        now = time.monotonic()
        if self._progress is not None and now - self._told > 0.1:
            self._told = now
            self._progress(min(self._world.now, self._goal), self._goal, note)
