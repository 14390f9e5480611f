"""`python -m simulator.play FILE`: a scenario, played to a simulated network and told as JSON.

It is not judged here, where the protocol is known, but by `lab.playing`, who judges processes
and containers with the very same eyes. So what comes out is what was seen: each message, each
inbox, whom nodes believed alive at which time, pictures of the links. One JSON object on
standard output; on standard error, with `--progress`, how far it is, and with `--step` the line
`chapter <number>`, after which it waits for a line on standard input.

Exit statuses: 0 it was played; 2 the scenario or the command cannot be meant.
"""

import argparse
import gc
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from scenario.cast import Script, Strike
from scenario.cast import cast as drawn
from scenario.document import ScenarioError
from scenario.reading import read
from scenario.vocabulary import MOST_NODES
from scenario.watching import State, Watch
from simulator.broadcasts import GROWN, Broadcasts, Spoken
from simulator.faults import contacts
from simulator.guard import Guard
from simulator.history import Recorder
from simulator.invariant import BrokenInvariantError
from simulator.plan import Plan
from simulator.report import broken_words
from simulator.run import JOIN_SECONDS
from simulator.safety import safety
from simulator.weather import Trouble
from simulator.workload import can_send, knows
from simulator.world import World

if TYPE_CHECKING:
    from node.overlay.inputs import Route
    from simulator.machine import Process

LOOK: Final = 0.5
"""Seconds of the world between two looks at everybody."""
OBSERVERS: Final = 50
"""Nodes that are asked at each look, where there are more than `ALL` [guess: a map of 1,000
differs from another by what is on its way, so fifty see what all see, within a moment]."""
ALL: Final = 200
JOIN_WITHIN: Final = 120.0
CALM: Final = 10
"""Broadcasts that are measured, after those with which the tree grows."""
CALM_PAUSE: Final = 0.5
RESTARTS_AFTER: Final = 2.0
"""Seconds from the question to stop until it runs again: a farewell, and half a second until a
supervisor notices."""
EVENTS: Final = frozenset(
    {"member.suspect", "member.dead", "member.alive", "member.left", "link.down"}
)
FEW_EVENTS: Final = frozenset({"member.dead", "member.left"})
MOST_EVENTS: Final = 5_000

Tell = Callable[[float, float, str], None]


class Player:
    """One scenario and one world."""

    def __init__(self, script: Script, tell: Tell, wait: Callable[[int], None]) -> None:
        self._script = script
        self._tell = tell
        self._wait = wait
        self._plan = Plan(nodes=len(script.nodes), seed=script.seed, seconds=script.seconds)
        small = len(script.nodes) + len(script.joined) <= ALL
        self._world = World(
            script.seed,
            self._plan.config(),
            latency=self._plan.latencies(),
            encoding=False,  # the same history, and quicker
            skew=self._plan.skew,
            journal=EVENTS if small else FEW_EVENTS,
        )
        self._recorder = Recorder(self._world)
        self._guard = Guard(self._world, list(safety(self._world)))
        self._broadcasts = Broadcasts(self._world)
        self._rng = Random(f"play {script.seed}")
        self._watch = Watch(script)
        self._zero = 0.0
        self._undo: dict[int, Callable[[], None]] = {}
        self._done: dict[int, tuple[float, float | None]] = {}
        self._talking = False
        self._observers: list[str] = []
        self.broken = ""

    def play(self, speed: float | None = None) -> dict[str, Any]:
        """All of it; what was seen."""
        began = time.perf_counter()
        calm: dict[str, Any] = {}
        try:
            self._join()
            self._play(speed)
            self._settle()
            if "redundancy" in self._script.scenario.expect:
                calm = self._calm()
        except BrokenInvariantError as error:
            self.broken = broken_words(error, self._plan).partition("\nagain:")[0]
        self._watch.finish()
        if self._watch.samples:
            self._watch.picture("after", self._now)
        return self._said(calm, time.perf_counter() - began)

    @property
    def _now(self) -> float:
        return self._world.now - self._zero

    # --- the parts ---------------------------------------------------------------------------

    def _join(self) -> None:
        """As `simulator.run` does."""
        world, nodes = self._world, self._script.nodes
        rng = Random(f"join {self._script.seed}")
        world.start_bootstrap()
        pause = min(0.2, JOIN_SECONDS / len(nodes))
        for name in nodes:
            world.start(name)
            world.run(pause * rng.uniform(0.5, 1.5))
            self._say("starting")
        began = world.now
        while any(
            len(p.overlay.members.living()) < len(nodes) - 1 or not p.overlay.links.ids()
            for p in world.running()
        ):
            if world.now - began > JOIN_WITHIN:
                break  # the first look will say how it is
            world.run(LOOK)
            self._say("becoming one network")

    def _play(self, speed: float | None) -> None:
        world, script = self._world, self._script
        self._zero = world.now
        self._observers = self._chosen()
        self._look(again=False)
        for strike in script.strikes:
            world.agenda.after(strike.at, self._begin, strike)
            if strike.until is not None:
                world.agenda.after(strike.until, self._end, strike)
        world.agenda.after(LOOK, self._look)
        self._talking = True
        self._next_message()
        self._next_broadcast()
        chapters = list(enumerate(script.chapters))
        real = time.monotonic()
        done = 0.0  # counted by itself: the world's clock less its beginning is not quite it
        while done < script.seconds:
            while chapters and chapters[0][1].at <= done:
                number, _ = chapters.pop(0)
                paused = time.monotonic()
                self._wait(number)
                real += time.monotonic() - paused
            ahead = [chapter.at for _, chapter in chapters[:1]]
            done = min([done + LOOK, script.seconds, *ahead])
            if speed:
                late = real + done / speed - time.monotonic()
                time.sleep(max(0.0, late))  # the world shall not go faster than was asked for
            world.agenda.run_to(self._zero + done)
            self._say(self._chapter())
        self._talking = False
        for number in sorted(self._undo):
            self._undone(number)

    def _settle(self) -> None:
        """Until all is well, or its time is over."""
        world = self._world
        end = world.now + self._script.scenario.settle
        while world.now < end and not (self._watch.true and self._quiet()):
            world.run(LOOK)
            self._say("settling")

    def _quiet(self) -> bool:
        """Whether no message waits, and every broadcast is where it should be."""
        world = self._world
        gone = set(self._script.gone)
        away = {world.machines[name].disk.id for name in gone}
        for message in world.accepted:
            sent = world.sent[message]
            if sent.to == "*" or message in world.endings:
                continue
            if sent.origin not in away and sent.to not in away:
                return False
        said = self._broadcasts
        return all(said.has_everybody(spoken) for spoken in said.spoken.values())

    def _calm(self) -> dict[str, Any]:
        """One node speaks, and its tree grows and is measured, as in `simulator.run`."""
        able = sorted((p for p in self._world.running() if can_send(p)), key=lambda p: p.name)
        if not able:
            return {}
        root = self._rng.choice(able)
        spoken: list[Spoken] = []
        for _ in range(GROWN + CALM):
            spoken.append(self._broadcasts.say(root, calm=True))
            self._world.run(CALM_PAUSE)
            self._say("one node speaks to all")
        self._world.run(CALM_PAUSE * 4)
        measured = [self._broadcasts.message(one) for one in spoken[GROWN:]]
        return {
            "root": root.name,
            "broadcasts": len(measured),
            "redundancy": sum(one.redundancy for one in measured) / len(measured),
            "last": max(one.last for one in measured),
        }

    # --- what people do ----------------------------------------------------------------------

    def _next_message(self) -> None:
        rate = self._script.scenario.workload.messages
        if rate:
            self._world.agenda.after(self._rng.expovariate(rate), self._send)

    def _send(self) -> None:
        if not self._talking:
            return
        world, script = self._world, self._script
        there = {p.name: p for p in world.running() if can_send(p)}
        if script.pairs:
            sender, receiver = self._rng.choice(script.pairs)
        else:
            sender = self._rng.choice(sorted(there)) if there else ""
            others = [name for name in self._machines() if name != sender]
            receiver = self._rng.choice(others) if others else ""
        process = there.get(sender)
        if process is not None and receiver and knows(world, process, receiver):
            route = cast("Route", script.scenario.workload.route)
            world.send(sender, receiver, route=route)
        self._next_message()

    def _next_broadcast(self) -> None:
        rate = self._script.scenario.workload.broadcasts
        if rate:
            self._world.agenda.after(self._rng.expovariate(rate), self._speak)

    def _speak(self) -> None:
        if not self._talking:
            return
        able = sorted((p for p in self._world.running() if can_send(p)), key=lambda p: p.name)
        if able:
            self._broadcasts.say(self._rng.choice(able))
        self._next_broadcast()

    # --- steps -------------------------------------------------------------------------------

    def _begin(self, strike: Strike) -> None:
        self._done[strike.number] = (self._now, strike.until)
        undo = self._do(strike)
        if undo is not None:
            self._undo[strike.number] = undo

    def _end(self, strike: Strike) -> None:
        self._undone(strike.number)

    def _undone(self, number: int) -> None:
        undo = self._undo.pop(number, None)
        if undo is not None:
            undo()

    def _do(self, strike: Strike) -> Callable[[], None] | None:
        """Whatever it is; what undoes it."""
        if strike.kind in {"kill", "leave", "restart", "join", "freeze"}:
            return self._live_or_die(strike)
        match strike.kind:
            case "slow":
                return self._slow(strike.nodes, strike.by)
            case "bootstrap":
                return self._bootstrap(strike)
            case "heal":
                for number in sorted(self._undo):
                    self._undone(number)
                return None
        return self._weather(strike)

    def _bootstrap(self, strike: Strike) -> Callable[[], None] | None:
        if strike.word == "start":
            self._world.start_bootstrap()
            return None
        self._world.stop_bootstrap()
        return self._world.start_bootstrap

    def _live_or_die(self, strike: Strike) -> Callable[[], None] | None:
        world, nodes = self._world, strike.nodes
        match strike.kind:
            case "kill":
                for name in nodes:
                    world.crash(name)
                return self._back(strike)
            case "leave":
                for name in nodes:
                    self._leave(name)
                return self._back(strike)
            case "restart":
                for name in nodes:
                    self._leave(name)
                world.agenda.after(RESTARTS_AFTER, self._start, nodes)
            case "join":
                self._start(nodes)
            case "freeze":
                for name in nodes:
                    world.pause(name)
                return lambda: self._resume(nodes)
        return None

    def _resume(self, nodes: tuple[str, ...]) -> None:
        for name in nodes:
            self._world.resume(name)

    def _back(self, strike: Strike) -> Callable[[], None] | None:
        return None if strike.until is None else lambda: self._start(strike.nodes)

    def _leave(self, name: str) -> None:
        process = self._world.machines[name].process
        if process is not None:
            process.paused = False  # a frozen process is thawed to hear that it shall stop
            self._world.leave(name)

    def _start(self, names: tuple[str, ...]) -> None:
        world = self._world
        for name in names:
            machine = world.machines.get(name)
            if machine is not None and machine.process is not None:
                world.crash(name)  # its good-bye takes longer than its absence
            world.start(name, contacts(world, self._rng, name))

    def _slow(self, nodes: tuple[str, ...], by: float) -> Callable[[], None]:
        machines = [self._world.machines[name] for name in nodes]
        for machine in machines:
            machine.slow += by

        def undo() -> None:
            for machine in machines:
                machine.slow -= by

        return undo

    def _weather(self, strike: Strike) -> Callable[[], None]:
        weather = self._world.weather
        troubles = _troubles(strike)
        for trouble in troubles:
            weather.begin(trouble)

        def undo() -> None:
            for trouble in troubles:
                weather.end(trouble)

        return undo

    # --- looking -----------------------------------------------------------------------------

    def _machines(self) -> list[str]:
        return [name for name in self._world.machines if name.startswith("node")]

    def _chosen(self) -> list[str]:
        nodes = [*self._script.nodes, *self._script.joined]
        if len(nodes) <= ALL:
            return nodes
        some = Random(f"observers {self._script.seed}").sample(self._script.nodes, OBSERVERS)
        return [*some, *self._script.joined[:OBSERVERS]]

    def _look(self, *, again: bool = True) -> None:
        world = self._world
        names = {machine.disk.id: name for name, machine in world.machines.items()}
        truth: dict[str, State] = {}
        awake: dict[str, Process] = {}
        for name in self._machines():
            process = world.machines[name].process
            if process is None or (not can_send(process) and not process.paused):
                truth[name] = "down"
            elif process.paused:
                truth[name] = "frozen"
            else:
                truth[name] = "up"
                awake[name] = process
        beliefs = {
            name: {names.get(record.id, record.id) for record in p.overlay.members.living()}
            for name in self._observers
            if (p := awake.get(name)) is not None
        }
        links = {
            name: {names.get(member, member) for member in p.overlay.links.ids()}
            for name, p in awake.items()
        }
        self._watch.look(self._now, truth, beliefs, links)
        if again:
            world.agenda.after(LOOK, self._look)

    # --- telling -----------------------------------------------------------------------------

    def _chapter(self) -> str:
        titles = [c.title for c in self._script.chapters if c.at <= self._now]
        return titles[-1] if titles else "faults and messages"

    def _say(self, what: str) -> None:
        goal = self._script.seconds
        self._tell(max(0.0, min(self._now, goal)) if self._zero else 0.0, goal, what)

    def _said(self, calm: dict[str, Any], real: float) -> dict[str, Any]:
        world = self._world
        told = [
            [round(one.at - self._zero, 3), one.name, one.type, _whom(one.data)]
            for one in world.journal
            if one.at >= self._zero
        ]
        return {
            "zero": self._zero,
            "history": self._recorder.told(self._plan, []),
            "done": {str(number): done for number, done in self._done.items()},
            "watch": self._watch.said(),
            "calm": calm,
            "events": told[:MOST_EVENTS],
            "events_left_out": max(0, len(told) - MOST_EVENTS),
            "broken": self.broken,
            "real_seconds": round(real, 2),
            "look": LOOK,
        }


def _troubles(strike: Strike) -> list[Trouble]:
    match strike.kind:
        case "partition":
            groups = [frozenset(group) for group in strike.groups]
            return [
                Trouble(inside=one, outside=other, loss=1.0)
                for number, one in enumerate(groups)
                for other in groups[number + 1 :]
            ]
        case "cut":
            outside = frozenset(strike.towards) or None
            inside = frozenset(strike.nodes)
            return [Trouble(inside=inside, outside=outside, both_ways=False, loss=1.0)]
        case "lossy":
            return [Trouble(inside=frozenset({name}), loss=strike.by) for name in strike.nodes]
        case "isolate":
            return [Trouble(inside=frozenset({name}), loss=1.0) for name in strike.nodes]
    raise ValueError(f"nothing is known of {strike.kind}")


def _whom(data: dict[str, Any]) -> str:
    other = data.get("member") or data.get("peer") or {}
    return str(other.get("name", "")) if isinstance(other, dict) else ""


def main(arguments: list[str]) -> int:
    """Play one."""
    parser = argparse.ArgumentParser(prog="python -m simulator.play", description=__doc__)
    add = parser.add_argument
    add("file", type=Path)
    add("--nodes", type=int, metavar="N")
    add("--seed", type=int, metavar="N")
    add("--speed", type=float, metavar="X", help="seconds of the world in a second (no limit)")
    add("--step", action="store_true", help="wait for a line before each chapter")
    add("--progress", action="store_true")
    chosen = parser.parse_args(arguments)
    try:
        script = drawn(read(chosen.file), chosen.nodes, chosen.seed, MOST_NODES)
    except ScenarioError as error:
        parser.error(str(error))
    gc.disable()
    player = Player(
        script,
        _progress if chosen.progress else lambda *_: None,
        _wait if chosen.step else lambda _: None,
    )
    sys.stdout.buffer.write(msgspec.json.encode(player.play(chosen.speed)) + b"\n")
    sys.stdout.buffer.flush()
    return 0


_told = [0.0]


def _progress(done: float, goal: float, note: str) -> None:
    if time.monotonic() - _told[0] > 0.1:
        _told[0] = time.monotonic()
        print(f"progress {done:.1f} {goal:.1f} {note}", file=sys.stderr, flush=True)


def _wait(number: int) -> None:
    print(f"chapter {number}", file=sys.stderr, flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
