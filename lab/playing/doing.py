"""How each step is done to real programs.

What an outside can do is done from outside: signals to processes, the user's own `docker` to
containers. What happens between nodes is asked of the nodes (`POST /faults`), is undone by its
id, and ends by itself there a minute after it should have, even when we are gone. A step that
could not be done is written down as such.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, Protocol

from lab import LabError
from lab.engine import Engine, compose, environment
from lab.folder import Folder
from lab.layout import BOOTSTRAP, Layout
from lab.local import Local
from lab.processes import lives, tell
from lab.verification.asking import NoAnswerError, Node
from lab.verification.containers import Containers as Engined
from lab.verification.place import FaultNotDoneError
from lab.wanted import Wanted
from scenario.cast import Strike

AT_ONCE: Final = 16
"""Nodes that are told side by side, as in `dashboard.acts`."""
AT_THE_SAME_TIME: Final = 8
"""Steps that may be under way."""
GRACE: Final = 5.0
"""Seconds for a process to end that was asked to; then it is killed, as a container is."""
ENDED_WITHIN: Final = 30.0
"""Seconds until even a killed one has ended, on a machine that is out of its mind [guess]."""
BEYOND: Final = 60.0
"""Seconds after which a fault ends by itself that nobody undid."""
LONGEST: Final = 3_600.0
_PAUSE: Final = 0.05


class Where(Protocol):
    """A running network, as steps see it."""

    layout: Layout

    def kill(self, names: Sequence[str]) -> None:
        """As kill -9; they stay ended. Raises FaultNotDoneError, as all of these do."""

    def leave(self, names: Sequence[str]) -> None:
        """Ask them to end; they stay ended."""

    def restart(self, names: Sequence[str]) -> None:
        """Ask them to end, and start them again."""

    def back(self, names: Sequence[str]) -> None:
        """Start whoever was killed or left."""

    def freeze(self, names: Sequence[str]) -> None:
        """As SIGSTOP."""

    def thaw(self, names: Sequence[str]) -> None:
        """As SIGCONT."""

    def join(self, names: Sequence[str]) -> None:
        """Start new ones."""

    def disconnect(self, names: Sequence[str]) -> None:
        """Take them off their network: for nodes that cannot isolate themselves."""

    def connect(self, names: Sequence[str]) -> None:
        """Put them back."""

    def heal(self) -> None:
        """Undo all of it, whatever it was, also twice."""


class Processes:
    """Processes of this machine under the local supervisor, which holds whom we want ended."""

    def __init__(self, folder: Folder, layout: Layout, python: str, wanted: Wanted) -> None:
        self.layout = layout
        self._local = Local(folder)
        self._python = python
        self._wanted = wanted
        self._lock = threading.Lock()

    def kill(self, names: Sequence[str]) -> None:
        """Hold them, and SIGKILL."""
        self._end(names, signal.SIGKILL)

    def leave(self, names: Sequence[str]) -> None:
        """Hold them, and SIGTERM: a node says good-bye, or is killed if it takes too long."""
        there = [self._local.process(name) for name in names]
        left = [process for process in there if process is not None]
        self._end(names, signal.SIGTERM)
        began = time.monotonic()
        killed = False
        while left := [process for process in left if lives(process)]:
            took = time.monotonic() - began
            if took > ENDED_WITHIN:
                raise FaultNotDoneError(f"{len(left)} of them do not end")
            if took > GRACE and not killed:
                killed = True
                for process in left:
                    tell(process, signal.SIGKILL)
            time.sleep(_PAUSE)  # the pace; that they have ended ends the loop

    def restart(self, names: Sequence[str]) -> None:
        """Leave, and back."""
        try:
            self.leave(names)
        finally:
            self.back(names)

    def back(self, names: Sequence[str]) -> None:
        """Let the supervisor start them."""
        with self._lock:
            self._plan(self._wanted.held - set(names), self._wanted.later)

    def freeze(self, names: Sequence[str]) -> None:
        """SIGSTOP."""
        self._tell(names, signal.SIGSTOP)

    def thaw(self, names: Sequence[str]) -> None:
        """SIGCONT; no harm where it runs, and whoever ended needs none."""
        for name in names:
            process = self._local.process(name)
            if process is not None:
                tell(process, signal.SIGCONT)

    def join(self, names: Sequence[str]) -> None:
        """As many more as the last of them has it."""
        last = max(int(name.removeprefix("node")) for name in names)
        with self._lock:
            later = max(self._wanted.later, last - self.layout.nodes)
            self._plan(self._wanted.held, later)

    def disconnect(self, names: Sequence[str]) -> None:
        """The loopback cannot be pulled out."""
        raise FaultNotDoneError(f"{names[0]} is a process of somebody's own: nobody can isolate it")

    def connect(self, names: Sequence[str]) -> None:
        """So there is nothing to put back."""

    def heal(self) -> None:
        """Everybody runs, and goes on."""
        with self._lock:
            self._plan(frozenset(), self._wanted.later)
        later = [f"node{self.layout.nodes + k}" for k in range(1, self._wanted.later + 1)]
        self.thaw([*self.layout.programs, *later])

    def _end(self, names: Sequence[str], number: signal.Signals) -> None:
        with self._lock:
            self._plan(self._wanted.held | set(names), self._wanted.later)
        self._tell(names, number)

    def _plan(self, held: frozenset[str], later: int) -> None:
        wanted = Wanted(later, held, self._wanted.own)
        if wanted != self._wanted:
            try:
                self._local.start(self.layout, self._python, wanted)
            except LabError as error:
                raise FaultNotDoneError(str(error)) from None
            self._wanted = wanted

    def _tell(self, names: Sequence[str], number: signal.Signals) -> None:
        missed = []
        for name in names:
            process = self._local.process(name)
            if process is None or not tell(process, number):
                missed.append(name)
        if missed:
            raise FaultNotDoneError(f"{', '.join(missed[:5])} does not run just now")


class Containers:
    """Containers of this project's labels, through the user's own `docker`."""

    def __init__(self, engine: Engine, layout: Layout) -> None:
        self.layout = layout
        self._engine = engine
        self._place = Engined(engine, layout)
        self._later: list[str] = []

    def kill(self, names: Sequence[str]) -> None:
        """`docker kill`."""
        self._each(names, lambda place, name: place.kill(name))

    def leave(self, names: Sequence[str]) -> None:
        """`docker stop`."""
        self._each(names, lambda place, name: place.stop(name))

    def restart(self, names: Sequence[str]) -> None:
        """`docker restart`."""
        self._each(names, lambda place, name: place.restart(name))

    def back(self, names: Sequence[str]) -> None:
        """`docker start`."""
        self._each(names, lambda place, name: place.back(name))

    def freeze(self, names: Sequence[str]) -> None:
        """`docker pause`."""
        self._each(names, lambda place, name: place.freeze(name))

    def thaw(self, names: Sequence[str]) -> None:
        """`docker unpause`."""
        self._each(names, lambda place, name: place.thaw(name))

    def join(self, names: Sequence[str]) -> None:
        """`docker compose up` of further services: compose.yaml has a hundred."""
        import subprocess

        done = subprocess.run(
            compose("up", "--detach", "--no-build", "--no-deps", "--quiet-pull", *names),
            env=environment(self._engine.name, self.layout),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode != 0:
            raise FaultNotDoneError(f"docker compose up: {done.stderr.strip()[-200:]}")
        self._later += names
        self._place = Engined(self._engine, self.layout)  # it knows their containers now

    def disconnect(self, names: Sequence[str]) -> None:
        """`docker network disconnect`."""
        self._each(names, lambda place, name: place.disconnect(name))

    def connect(self, names: Sequence[str]) -> None:
        """`docker network connect`: at another address, as it may be."""
        self._each(names, lambda place, name: place.connect(name))

    def heal(self) -> None:
        """Whatever is paused, stopped or off the network comes back."""
        self._place.heal()
        self._each([BOOTSTRAP, *self._later], lambda place, name: place.mend(name))

    def _each(self, names: Sequence[str], do: Callable[[Engined, str], None]) -> None:
        with ThreadPoolExecutor(4) as pool:
            for done in [pool.submit(do, self._place, name) for name in names]:
                done.result()


class Doer:
    """Does strikes and undoes them, each in its own thread; knows who runs meanwhile."""

    def __init__(
        self,
        where: Where,
        end: float,
        own: frozenset[str],
        addresses: Mapping[str, str],
        clock: Callable[[], float],
    ) -> None:
        self._where = where
        self._end = end
        self._own = own
        self._addresses = addresses
        """How others are called at a node, where not by their names."""
        self._clock = clock
        self._pool = ThreadPoolExecutor(AT_THE_SAME_TIME, "step")
        self._doing: dict[int, Future[None]] = {}
        self._faults: dict[int, list[tuple[str, str]]] = {}
        self._offline: dict[int, list[str]] = {}
        self._lock = threading.Lock()
        self._open: dict[int, Strike] = {}
        self.done: dict[int, tuple[float, float | None]] = {}
        self.undone: dict[int, str] = {}
        """Strikes that could not be done, or not at all of their nodes, and why."""
        self.down: set[str] = set()
        self.frozen: set[str] = set()
        self.there: list[str] = list(where.layout.names)
        """All that have started."""

    def begin(self, strike: Strike, for_seconds: float) -> None:
        """Have it done; does not wait."""
        self._open[strike.number] = strike
        self._doing[strike.number] = self._pool.submit(self._begin, strike, for_seconds)

    def end(self, strike: Strike) -> None:
        """Have it undone, after it was done; does not wait."""
        began = self._doing.get(strike.number)
        if self._open.pop(strike.number, None) is not None:
            self._doing[-strike.number - 1] = self._pool.submit(self._finish, strike, began)

    def wait(self) -> None:
        """Until everything that was asked for has been done."""
        for doing in list(self._doing.values()):
            doing.result()

    def close(self) -> None:
        """No more."""
        self._pool.shutdown()

    # --- beginning ---------------------------------------------------------------------------

    def _begin(self, strike: Strike, for_seconds: float) -> None:
        try:
            self._do(strike, for_seconds)
        except FaultNotDoneError as error:
            self.undone[strike.number] = str(error)
        self.done[strike.number] = (round(self._clock(), 2), strike.until)

    def _do(self, strike: Strike, for_seconds: float) -> None:
        where, names = self._where, strike.nodes
        match strike.kind:
            case "kill":
                self.down |= set(names)
                where.kill(names)
            case "leave":
                self.down |= set(names)
                where.leave(names)
            case "restart":
                self.down |= set(names)
                try:
                    where.restart(names)
                finally:
                    self.down -= set(names)
            case "freeze":
                self.frozen |= set(names)
                where.freeze(names)
            case "join":
                where.join(names)
                self.there += names
            case "bootstrap" if strike.word == "start":
                where.back([BOOTSTRAP])
            case "bootstrap":
                where.leave([BOOTSTRAP])
            case "heal":
                for other in list(self._open.values()):
                    if other.number != strike.number:
                        self.end(other)
            case _:
                self._between(strike, for_seconds)

    def _between(self, strike: Strike, for_seconds: float) -> None:
        """Faults that nodes do to what they say to each other."""
        asked = _wishes(strike)
        cannot = sorted(asked.keys() & self._own)
        if cannot:
            for name in cannot:
                del asked[name]
        lasts = min(LONGEST, for_seconds + BEYOND)
        for wish in asked.values():
            wish["for_seconds"] = lasts
            wish["by"] = "scenario"
            if "peers" in wish:
                wish["peers"] = [self._addresses.get(peer, peer) for peer in wish["peers"]]
        missed = self._ask_all(strike.number, asked)
        if cannot and strike.kind == "isolate":
            self._where.disconnect(cannot)
            self._offline[strike.number] = cannot
        elif cannot and strike.kind != "partition":
            missed[cannot[0]] = "it is somebody's own program, which cannot do this to itself"
        if missed:
            name, why = next(iter(missed.items()))
            others = f" and {len(missed) - 1} more" if len(missed) > 1 else ""
            raise FaultNotDoneError(f"not at {name}{others}: {why}")

    def _ask_all(self, number: int, asked: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
        missed: dict[str, str] = {}

        def ask(name: str) -> None:
            node = Node(name, self._where.layout.port(name))
            try:
                answer = node.post("/faults", asked[name])
            except NoAnswerError as error:
                if name not in self.down | self.frozen:  # who is away has no need of it
                    missed[name] = f"it does not answer ({error})"
                return
            finally:
                node.close()
            fault = answer.said.get("fault")
            if answer.status == 201 and isinstance(fault, dict):
                with self._lock:
                    self._faults.setdefault(number, []).append((name, str(fault.get("id"))))
            else:
                missed[name] = answer.error

        side_by_side(list(asked), ask)
        return missed

    # --- ending ------------------------------------------------------------------------------

    def _finish(self, strike: Strike, began: "Future[None] | None") -> None:
        if began is not None:
            began.result()
        try:
            self._undo(strike)
        except FaultNotDoneError as error:
            self.undone.setdefault(strike.number, f"not undone: {error}")
        began_at = self.done.get(strike.number, (strike.at, None))[0]
        self.done[strike.number] = (began_at, round(self._clock(), 2))

    def _undo(self, strike: Strike) -> None:
        match strike.kind:
            case "kill" | "leave":
                if strike.until is not None:
                    self._where.back(strike.nodes)
                    self.down -= set(strike.nodes)
            case "freeze":
                self._where.thaw(strike.nodes)
                self.frozen -= set(strike.nodes)
            case "bootstrap" if strike.word == "stop" and strike.until is not None:
                self._where.back([BOOTSTRAP])
            case _:
                with self._lock:
                    faults = self._faults.pop(strike.number, [])
                side_by_side(faults, self._heal)
                offline = self._offline.pop(strike.number, [])
                if offline:
                    self._where.connect(offline)

    def _heal(self, fault: tuple[str, str]) -> None:
        name, which = fault
        node = Node(name, self._where.layout.port(name))
        try:
            node.ask("DELETE", f"/faults/{which}")
        except NoAnswerError:
            return  # it has ended, and its faults with it; or it ends by itself in a minute
        finally:
            node.close()


def side_by_side(items: Sequence[Any], do: Callable[[Any], None]) -> None:
    """Do something with each; raises what the first raised."""
    if not items:
        return
    with ThreadPoolExecutor(min(AT_ONCE, len(items))) as pool:
        for done in [pool.submit(do, item) for item in items]:
            done.result()


def _wishes(strike: Strike) -> dict[str, dict[str, Any]]:
    """What each node is asked to do to itself."""
    match strike.kind:
        case "partition":
            asked: dict[str, dict[str, Any]] = {}
            for group in strike.groups:
                others = [n for other in strike.groups if other is not group for n in other]
                asked |= {name: {"kind": "drop", "peers": others} for name in group}
            return asked
        case "cut":
            wish: dict[str, Any] = {"kind": "drop", "direction": "out"}
            if strike.towards:
                wish["peers"] = list(strike.towards)
        case "lossy":
            wish = {"kind": "drop", "probability": strike.by}
        case "slow":
            wish = {"kind": "delay", "mean_ms": strike.by * 1000}
        case _:
            wish = {"kind": "drop"}
    return {name: dict(wish) for name in strike.nodes}


def all_of(strikes: Iterable[Strike]) -> list[tuple[float, int, Strike]]:
    """What is to be done when: time, 0 to begin or 1 to end, what. What ends ends first."""
    steps = [(strike.at, 1, strike) for strike in strikes]
    steps += [(s.until, 0, s) for s in strikes if s.until is not None and s.kind != "restart"]
    return sorted(steps, key=lambda step: (step[0], step[1], step[2].number))
