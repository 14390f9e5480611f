"""Acts: one fault at several nodes, set as one and undone as one.

Each node can break itself (`POST /faults`, docs/api.md). What a teacher wants is larger: *these
thirty hear nothing of the others for a minute*. So an act names its nodes, or groups of them,
becomes one fault at each, and is taken back whole where one of them refuses or does not answer.
Of one that did not answer nobody knows whether it has the fault: that is said, and it ends by
itself there. Nodes that do not live just now are left out, and told.

    nodes    the same fault at each
    groups   with the kind `partition`: nobody hears those of another group. Of one group the
             rest of the network is the other; who is in none of several hears them all: a bridge

Each fault ends by itself at its node, when its time is over or when somebody heals it there; an
act is forgotten with its time. The nodes are asked side by side, as an act at a hundred of them
has to be there within a second.
"""

import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import uuid4

from contract.errors import ApiError, malformed, out_of_range
from contract.limits import MAX_ID, MAX_MEMBERS, MAX_SENDER
from contract.text import checked
from dashboard.control import Control
from dashboard.observer import Observer
from dashboard.records import Record

AT_ONCE: Final = 16
"""Nodes that are asked side by side: as many look-ups of names as there are threads for."""
MOST_GROUPS: Final = 16
MOST_ACTS: Final = 256
"""Acts that are remembered; the oldest goes [guess]."""
PARTITION: Final = "partition"
LIVING: Final = frozenset({"alive", "suspect"})
_NOBODY_KNOWS: Final = frozenset({502, 504})
"""Statuses after which a node may have done what it was asked for."""


class Fault(NamedTuple):
    """One fault of an act, as a node has it."""

    node: Record
    id: str


class Act(NamedTuple):
    """What was done."""

    id: str
    kind: str
    faults: tuple[Fault, ...]
    left_out: tuple[str, ...]
    """Names of nodes that it was for, and that did not live."""
    by: str
    ends: float
    """When its last fault ends by itself, by the steady clock."""

    def view(self, now: float) -> dict[str, Any]:
        """For readers."""
        return {
            "id": self.id,
            "kind": self.kind,
            "nodes": [{"id": fault.node.id, "name": fault.node.name} for fault in self.faults],
            "left_out": list(self.left_out),
            "left_seconds": round(max(0.0, self.ends - now), 3),
            "by": self.by,
        }


class Acts:
    """The acts of this dashboard."""

    def __init__(
        self,
        observer: Observer,
        control: Control,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._observer = observer
        self._control = control
        self._clock = clock
        self._acts: dict[str, Act] = {}
        self._lock = threading.Lock()

    def set(self, body: Mapping[str, Any], asker: str) -> dict[str, Any]:
        """Do an act; its view. Raises ApiError, and then nothing is set."""
        kind = checked(body.get("kind", ""), "kind", MAX_ID, blank=True)
        if not kind:
            raise malformed("'kind' is missing", "kind")
        by = asker if body.get("by") is None else checked(body["by"], "by", MAX_SENDER)
        asked = {key: value for key, value in body.items() if key not in {"nodes", "groups"}}
        asked["by"] = by
        wishes, left_out = self._wishes(kind, asked, body)
        if not wishes:
            raise ApiError(409, "none of these nodes lives just now: nothing is set")
        faults, ends = self._all_or_none(wishes)
        act = Act(str(uuid4()), kind, faults, left_out, by, self._clock() + ends)
        with self._lock:
            self._forget_old()
            self._acts[act.id] = act
        return act.view(self._clock())

    def views(self) -> list[dict[str, Any]]:
        """Those that have not ended by themselves, the oldest first."""
        with self._lock:
            self._forget_old()
            return [act.view(self._clock()) for act in self._acts.values()]

    def undo(self, act: str) -> dict[str, Any]:
        """Take an act back at all its nodes. 404 where it is over, or was never done."""
        with self._lock:
            found = self._acts.pop(act, None)
        if found is None:
            raise ApiError(404, "there is no such act, or it is over", field="id")
        return {"id": act, "not_reached": self._heal_these(found.faults)}

    def heal(self) -> dict[str, Any]:
        """End every fault at every node that lives, whoever set it."""
        with self._lock:
            self._acts.clear()
        nodes = [record for record in self._nodes() if record.state in LIVING]
        cleared: list[int] = []

        def heal(record: Record) -> None:
            said = self._control.heal(record.id).get("cleared")
            cleared.append(said if isinstance(said, int) else 0)

        failed = _side_by_side(nodes, heal)
        return {"cleared": sum(cleared), "not_reached": [node.name for node, _ in failed]}

    # --- what it means -----------------------------------------------------------------------

    def _wishes(
        self, kind: str, asked: dict[str, Any], body: Mapping[str, Any]
    ) -> tuple[list[tuple[Record, dict[str, Any]]], tuple[str, ...]]:
        """What each node is to be asked for, and who is left out."""
        if kind != PARTITION:
            if "groups" in body:
                raise out_of_range(f"only a '{PARTITION}' has groups", "groups")
            nodes = self._named(body.get("nodes"), "nodes")
            return [(n, asked) for n in nodes if n.state in LIVING], _dead(nodes)
        for field in ("nodes", "peers", "direction", "probability"):
            if field in body:
                raise out_of_range(f"a '{PARTITION}' has groups, and no '{field}'", field)
        groups = self._groups(body.get("groups"))
        wishes = []
        for group in groups:
            others = [
                node.id for other in groups if other is not group for node in other if _lives(node)
            ]
            wish = {**asked, "kind": "drop", "peers": others}
            wishes += [(node, wish) for node in group if _lives(node) and others]
        return wishes, _dead([node for group in groups for node in group])

    def _groups(self, given: object) -> list[list[Record]]:
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_GROUPS:
            raise malformed(f"'groups' must be 1 to {MOST_GROUPS} lists of nodes", "groups")
        groups = [self._named(group, "groups") for group in given]
        named = [node.id for group in groups for node in group]
        if len(named) != len(set(named)):
            raise out_of_range("a node is in one group only", "groups")
        if len(groups) == 1:
            groups.append([node for node in self._nodes() if node.id not in named])
            if not groups[1]:
                raise out_of_range("there is nobody else to be cut off from", "groups")
        return groups

    def _named(self, given: object, field: str) -> list[Record]:
        if not isinstance(given, list) or not 1 <= len(given) <= MAX_MEMBERS:
            raise malformed(f"'{field}' must name nodes", field)
        found = [self._control.speaking(checked(name, field, MAX_SENDER), field) for name in given]
        return list({record.id: record for record in found}.values())

    def _nodes(self) -> list[Record]:
        return [node for node in self._observer.shown() if node.kind != "plain"]

    # --- doing it ------------------------------------------------------------------------------

    def _all_or_none(
        self, wishes: Sequence[tuple[Record, dict[str, Any]]]
    ) -> tuple[tuple[Fault, ...], float]:
        """Set them all; the faults, and the seconds until the last ends by itself."""
        faults: list[Fault] = []
        ends: list[float] = []
        asked = {record.id: wish for record, wish in wishes}

        def ask(record: Record) -> None:
            said = self._control.set_fault(record.id, asked[record.id]).get("fault")
            if not isinstance(said, dict) or not isinstance(said.get("id"), str):
                raise ApiError(502, f"{record.name}: its answer makes no sense")
            faults.append(Fault(record, said["id"]))
            left = said.get("left_seconds")
            ends.append(float(left) if isinstance(left, int | float) else 0.0)

        failed = _side_by_side([record for record, _ in wishes], ask)
        if failed:
            not_undone = self._heal_these(faults)
            node, error = failed[0]
            still = f"; not undone at {', '.join(not_undone)}" if not_undone else ""
            silent = [one.name for one, why in failed if why.status in _NOBODY_KNOWS]
            if silent:  # its answer may have been lost, and not the question
                still += f"; perhaps at {', '.join(silent)}, where it ends by itself"
            said = error.message.removeprefix(f"{node.name}: ")
            raise ApiError(
                error.status, f"{node.name}: {said}: nothing is set{still}", field=error.field
            )
        return tuple(sorted(faults, key=lambda fault: fault.node.key)), max(ends)

    def _heal_these(self, faults: Sequence[Fault]) -> list[str]:
        """End faults; the names of nodes that were not reached. One that is over is no failure."""
        ids = {fault.node.id: fault.id for fault in faults}

        def heal(record: Record) -> None:
            try:
                self._control.heal_one(record.id, ids[record.id])
            except ApiError as error:
                if error.status != 404:
                    raise

        return [node.name for node, _ in _side_by_side([f.node for f in faults], heal)]

    def _forget_old(self) -> None:
        now = self._clock()
        for act in [act for act in self._acts.values() if act.ends <= now]:
            del self._acts[act.id]
        while len(self._acts) >= MOST_ACTS:
            del self._acts[next(iter(self._acts))]


def _lives(record: Record) -> bool:
    return record.state in LIVING


def _dead(records: Sequence[Record]) -> tuple[str, ...]:
    return tuple(record.name for record in records if not _lives(record))


def _side_by_side(
    records: Sequence[Record], do: Callable[[Record], None]
) -> list[tuple[Record, ApiError]]:
    """Do something with each; where that failed, and how."""
    left = list(reversed(records))
    failed: list[tuple[Record, ApiError]] = []

    def work() -> None:
        while left:
            try:
                record = left.pop()
            except IndexError:  # another worker was quicker
                return
            try:
                do(record)
            except ApiError as error:
                failed.append((record, error))
            except Exception as error:  # noqa: BLE001 - our own mistake shall leave no half of an act
                traceback.print_exc()
                failed.append((record, ApiError(500, f"{record.name}: {type(error).__name__}")))

    workers = [threading.Thread(target=work) for _ in range(min(AT_ONCE, len(records)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return failed
