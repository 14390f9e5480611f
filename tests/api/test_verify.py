"""`verify` with real processes: it finds nothing where nothing is wrong, and finds what is."""

import contextlib
import io
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from laboratory import ROOT, Node, until

from lab.progress import Progress
from lab.verification.checker import Verdict, check
from lab.verification.history import History
from lab.verification.place import FaultNotDoneError
from lab.verification.report import table
from lab.verification.schedule import Kind
from lab.verification.trial import Pace, trial
from node.connections import ANSWER_TIMEOUT

SEED = 11
SECONDS = 15.0
PACE = Pace(rate=40.0, pause=0.5, longest=4.0, settle=30.0)
LONG_SLEEP = replace(PACE, longest=9.0)
"""Whoever slept answers after its askers gave up, and they come again."""


class Nodes:
    """Some nodes of a test as a place: killed by signal, started again when the fault ends."""

    kinds: Sequence[Kind]

    def __init__(self, nodes: list[Node], kinds: Sequence[Kind]) -> None:
        self._nodes = {node.name: node for node in nodes}
        self.kinds = kinds
        ports = {node.name: node.port for node in nodes}
        self.layout = cast("Any", SimpleNamespace(names=list(ports), port=ports.__getitem__))
        self.words = f"{len(nodes)} processes"

    def kill(self, node: str) -> None:
        self._nodes[node].end()

    def back(self, node: str) -> None:
        if self._nodes[node].process.poll() is not None:
            self._nodes[node].start()

    def freeze(self, node: str) -> None:
        self._tell(node, signal.SIGSTOP)

    def thaw(self, node: str) -> None:
        self._tell(node, signal.SIGCONT)

    def restart(self, node: str) -> None:
        self._nodes[node].end(signal.SIGTERM)
        self._nodes[node].start()

    def disconnect(self, node: str) -> None:
        raise FaultNotDoneError(node)

    def connect(self, node: str) -> None:
        raise FaultNotDoneError(node)

    def heal(self) -> None:
        for name in self._nodes:
            with contextlib.suppress(FaultNotDoneError):
                self.thaw(name)
            self.back(name)

    def _tell(self, node: str, number: signal.Signals) -> None:
        if self._nodes[node].process.poll() is not None:
            raise FaultNotDoneError(f"{node} does not run")
        self._nodes[node].process.send_signal(number)


@contextlib.contextmanager
def nodes(folder: Path, count: int, module: str = "node", **more: str) -> Iterator[list[Node]]:
    paths = f"{ROOT}:{ROOT / 'tests' / 'api'}"
    first = Node(folder, "node1", module=module, PYTHONPATH=paths, **more)
    there = [
        first,
        *(
            Node(folder, f"node{k}", first.url, module=module, PYTHONPATH=paths, **more)
            for k in range(2, count + 1)
        ),
    ]
    first.environment["PEERS"] = there[1].url  # when it starts again
    try:
        until(lambda: all(node.knows() == count - 1 for node in there), 60)
        yield there
    finally:
        for node in there:
            node.end()


def suffer(
    there: list[Node], kinds: Sequence[Kind], pace: Pace = PACE, seed: int = SEED
) -> tuple[History, Verdict]:
    history = trial(Nodes(there, kinds), seed, SECONDS, pace, Progress(io.StringIO()))
    verdict = check(history)
    print(table(history, verdict))
    return history, verdict


def test_nodes_as_they_are_keep_what_they_promise(tmp_path: Path) -> None:
    with nodes(tmp_path, 6) as there:
        history, verdict = suffer(there, ["kill", "freeze", "restart"])
    assert verdict.problems == []
    assert verdict.holds
    assert verdict.delivered > SECONDS * PACE.rate / 4
    done = {fault.words.split()[0] for fault in history.faults if fault.done}
    assert done == {"kill", "freeze", "restart"}


def test_nodes_that_forget_what_they_have_are_caught(tmp_path: Path) -> None:
    with nodes(tmp_path, 5, "broken_node", BREAK="dedup") as there:
        history, verdict = suffer(there, ["freeze"], LONG_SLEEP)
    slept = max(fault.until - fault.at for fault in history.faults)
    assert slept > ANSWER_TIMEOUT + 1, "the test itself: nobody was asked a second time"
    assert verdict.count("doubled") > 0


def test_nodes_that_promise_before_they_have_it_on_disk_are_caught(tmp_path: Path) -> None:
    lost = 0
    for seed in (SEED, SEED + 1, SEED + 2):  # kills that all come right after a commit lose nothing
        with nodes(tmp_path / str(seed), 5, "broken_node", BREAK="commit") as there:
            _, verdict = suffer(there, ["kill"], seed=seed)
        lost = verdict.count("lost")
        if lost:
            break
    assert lost > 0
