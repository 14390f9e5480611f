"""How steps are done to real programs: what they are told, and what becomes of it."""

from collections.abc import Sequence
from typing import Any

import pytest

from lab.layout import Layout
from lab.playing import doing
from lab.playing.doing import Doer, all_of
from lab.verification.asking import Answer, NoAnswerError
from lab.verification.place import FaultNotDoneError
from scenario.cast import Script, cast
from scenario.reading import read_text


class Where:
    """A network that only writes down what is done to it."""

    def __init__(self, *, refuses: str = "") -> None:
        self.layout = Layout(6, 61, 8081)
        self.calls: list[tuple[str, Any]] = []
        self._refuses = refuses

    def _note(self, what: str, names: Sequence[str]) -> None:
        if what == self._refuses:
            raise FaultNotDoneError(f"no {what} today")
        self.calls.append((what, list(names)))

    def __getattr__(self, what: str) -> Any:
        return lambda names=(): self._note(what, names)


class Nodes:
    """Nodes that take every fault, but for some."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, silent: Sequence[str] = ()) -> None:
        self.asked: dict[str, dict[str, Any]] = {}
        self.healed: list[str] = []
        outer = self

        class Node:
            def __init__(self, name: str, _port: int) -> None:
                self.name = name

            def post(self, _path: str, body: dict[str, Any]) -> Answer:
                if self.name in silent:
                    raise NoAnswerError("nobody")
                outer.asked[self.name] = body
                return Answer(201, {"fault": {"id": f"of {self.name}"}})

            def ask(self, method: str, path: str) -> Answer:
                outer.healed.append(f"{method} {path}")
                return Answer(200, {})

            def close(self) -> None:
                pass

        monkeypatch.setattr(doing, "Node", Node)


def script(steps: str) -> Script:
    return cast(read_text(f"name: a\nseconds: 60s\nsteps:\n{steps}"), 6)


def do(
    steps: str, where: Where, *, own: frozenset[str] = frozenset(), until: float = 100.0
) -> Doer:
    """All steps in the order of their times, one after the other."""
    one = script(steps)
    addresses = {name: f"http://there/{name}" for name in own}
    doer = Doer(where, one.seconds, own, addresses, lambda: 0.0)
    for at, begins, strike in all_of(one.strikes):
        if at <= until:
            if begins:
                doer.begin(strike, 10.0)
            else:
                doer.end(strike)
            doer.wait()
    doer.close()
    return doer


def test_lives_and_deaths_are_done_from_outside_and_undone_in_time() -> None:
    where = Where()
    steps = """  - {at: 1s, kill: 1, for: 3s}
  - {at: 2s, leave: 2}
  - {at: 3s, freeze: 3, for: 3s}
  - {at: 5s, restart: 4}
  - {at: 6s, join: 1}
  - {at: 7s, bootstrap: stop, for: 2s}
"""
    doer = do(steps, where)
    assert where.calls == [
        ("kill", ["node1"]),
        ("leave", ["node2"]),
        ("freeze", ["node3"]),
        ("back", ["node1"]),
        ("restart", ["node4"]),
        ("thaw", ["node3"]),
        ("join", ["node7"]),
        ("leave", ["bootstrap"]),
        ("back", ["bootstrap"]),
    ]
    assert doer.down == {"node2"}
    assert doer.frozen == set()
    assert doer.there[-1] == "node7"
    assert doer.undone == {}


def test_what_is_between_nodes_is_asked_of_them_and_healed_by_its_id(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nodes = Nodes(monkeypatch)
    do("  - {at: 1s, partition: [[1, 2], [3, 4]], for: 5s}\n", Where(), until=2)
    both = {"kind": "drop", "for_seconds": 70.0, "by": "scenario"}
    assert nodes.asked == {
        **{name: {**both, "peers": ["node3", "node4"]} for name in ("node1", "node2")},
        **{name: {**both, "peers": ["node1", "node2"]} for name in ("node3", "node4")},
    }
    assert nodes.healed == []
    do("  - {at: 1s, cut: 1, towards: [2, 3], for: 5s}\n", Where())
    assert nodes.asked["node1"] == {**both, "direction": "out", "peers": ["node2", "node3"]}
    assert nodes.healed == ["DELETE /faults/of node1"]
    do("  - {at: 1s, slow: 1, by: 300ms}\n  - {at: 2s, lossy: 2, loss: 30%}\n", Where())
    assert nodes.asked["node1"]["mean_ms"] == 300
    assert nodes.asked["node2"]["probability"] == 0.3


def test_what_cannot_be_done_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    Nodes(monkeypatch, silent=["node2"])
    doer = do("  - {at: 1s, isolate: [1, 2, 3], for: 5s}\n", Where())
    assert doer.undone == {0: "not at node2: it does not answer (nobody)"}
    doer = do("  - {at: 1s, kill: 1}\n", Where(refuses="kill"))
    assert doer.undone == {0: "no kill today"}
    # Whoever is away needs no fault: nobody hears him anyway.
    steps = "  - {at: 1s, kill: 2}\n  - {at: 2s, partition: [[1, 2], [3, 4]], for: 5s}\n"
    assert do(steps, Where()).undone == {}


def test_a_heal_ends_what_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = Nodes(monkeypatch)
    where = Where()
    steps = "  - {at: 1s, kill: 1}\n  - {at: 2s, isolate: 2}\n  - {at: 5s, heal: true}\n"
    doer = do(steps, where)
    assert ("back", ["node1"]) in where.calls
    assert nodes.healed == ["DELETE /faults/of node2"]
    assert doer.down == set()


def test_somebodys_own_container_is_taken_off_its_network(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = Nodes(monkeypatch)
    own = frozenset({"node5", "node6"})
    where = Where()
    doer = do("  - {at: 1s, isolate: [4, 5], for: 5s}\n", where, own=own)
    assert where.calls == [("disconnect", ["node5"]), ("connect", ["node5"])]
    assert set(nodes.asked) == {"node4"}
    assert doer.undone == {}
    nodes.asked.clear()
    doer = do("  - {at: 1s, partition: [[1, 5], [2, 6]], for: 5s}\n", Where(), own=own)
    assert nodes.asked["node1"]["peers"] == ["node2", "http://there/node6"]
    assert set(nodes.asked) == {"node1", "node2"}
    doer = do("  - {at: 1s, slow: 5, by: 1s, for: 5s}\n", Where(), own=own)
    assert "somebody's own program" in doer.undone[0]
