"""Who breaks things: does a schedule to a place while messages flow, and heals it at the end.

What a place can do from outside (kill, freeze, restart, disconnect) is done there; the rest
is asked of the nodes themselves with `POST /faults`, and ends by itself there even when we
are gone. A fault that could not be done, as the node was away just then, is written down as
such: a verdict over faults that never were would be worth nothing.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from lab.verification.asking import NoAnswerError, Node
from lab.verification.history import Fault
from lab.verification.place import FaultNotDoneError, Mendable, Place
from lab.verification.schedule import Act
from lab.verification.wishes import wish

AT_ONCE: Final = 8
"""Nodes that are told of a fault side by side."""


class Nemesis(threading.Thread):
    """Does a schedule."""

    def __init__(self, place: Place, acts: Sequence[Act]) -> None:
        super().__init__(name="nemesis", daemon=True)
        self._place = place
        self._steps = sorted(
            [(act.at, 0, n, act) for n, act in enumerate(acts)]
            + [(act.at + act.lasts, 1, n, act) for n, act in enumerate(acts)]
        )
        self._halt = threading.Event()
        self._pool = ThreadPoolExecutor(AT_ONCE, "fault")
        self._lock = threading.Lock()
        self._began: dict[int, float] = {}
        self._undone: dict[int, dict[str, str]] = {}
        self.faults: list[Fault] = []
        self.now = ""
        """What it did last, in words."""
        self.failure: BaseException | None = None

    def stop(self) -> None:
        """Do nothing more."""
        self._halt.set()

    def run(self) -> None:
        """Do the schedule; what is over in time is undone in time."""
        try:
            start = time.monotonic()
            for at, end, number, act in self._steps:
                if self._halt.wait(max(0.0, start + at - time.monotonic())):
                    return
                if end:
                    self._end(number, act)
                else:
                    self._begin(number, act)
        except BaseException as error:  # noqa: BLE001 - reported by whoever waits for us
            self.failure = error
        finally:
            self._pool.shutdown()

    def _begin(self, number: int, act: Act) -> None:
        self.now = act.words
        self._began[number] = time.time()
        self._each(number, act.nodes, lambda node: self._do(node, act))

    def _end(self, number: int, act: Act) -> None:
        self._each(number, act.nodes, lambda node: self._undo(node, act))
        undone = self._undone.get(number, {})
        words = act.words
        if undone:
            where, why = next(iter(undone.items()))
            more = f" and {len(undone) - 1} more" if len(undone) > 1 else ""
            words += f" (not at {where}{more}: {why})"
        struck = (*(node for node in act.nodes if node not in undone), *act.others)
        done = len(undone) < len(act.nodes)
        self.faults.append(Fault(self._began.pop(number), time.time(), words, struck, done))

    def _each(self, number: int, nodes: Sequence[str], do: Callable[[str], None]) -> None:
        for node, task in [(node, self._pool.submit(do, node)) for node in nodes]:
            try:
                task.result()
            except FaultNotDoneError as error:
                self._undone.setdefault(number, {}).setdefault(node, str(error))

    def _do(self, node: str, act: Act) -> None:
        match act.kind:
            case "kill":
                self._place.kill(node)
            case "freeze":
                self._place.freeze(node)
            case "restart":
                self._place.restart(node)
            case "disconnect":
                self._place.disconnect(node)
            case _:
                self._ask(node, act)

    def _undo(self, node: str, act: Act) -> None:
        match act.kind:
            case "kill":
                self._place.back(node)
            case "freeze":
                self._place.thaw(node)
            case "disconnect":
                self._place.connect(node)
            case _:
                pass  # it ends by itself

    def _ask(self, name: str, act: Act) -> None:
        node = Node(name, self._place.layout.port(name))
        try:
            answer = node.post("/faults", {**wish(act), "by": "verify"})
        except NoAnswerError as error:
            if act.kind == "down":
                return  # it may have died with the answer in its hands; the log will tell
            raise FaultNotDoneError(f"{name} does not answer ({error})") from None
        finally:
            node.close()
        if answer.status != 201:
            raise FaultNotDoneError(f"{name} says {answer.error}")


def heal(place: Mendable) -> None:
    """End every fault at every node, whoever began it. Raises FaultNotDoneError."""
    place.heal()
    for name in place.layout.names:
        node = Node(name, place.layout.port(name))
        deadline = time.monotonic() + BACK_WITHIN
        while True:
            try:
                answer = node.ask("DELETE", "/faults")
                break
            except NoAnswerError as error:
                if time.monotonic() > deadline:
                    raise FaultNotDoneError(
                        f"{name} does not answer {BACK_WITHIN:.0f} s after the last fault ({error})"
                    ) from None
                time.sleep(0.1)  # the pace; its answer ends the loop
        node.close()
        if answer.status != 200:
            raise FaultNotDoneError(f"{name} heals nothing: {answer.error}")


BACK_WITHIN: Final = 60.0
"""Seconds for a node to be back [guess: the supervisor waits up to 30 s before it starts one
that keeps ending]."""
