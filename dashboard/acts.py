"""Acts: one fault at several nodes, set as one and undone as one.

Each node can break itself (`POST /faults`, docs/api.md). What a teacher wants is larger: *these
thirty hear nothing of the others for a minute*. So an act names its nodes, or how they are parted,
becomes one fault at each, and is taken back whole where one of them refuses or does not answer.
Of one that did not answer nobody knows whether it has the fault: that is said. Should it tell of
it later, it is healed then; else it ends by itself there. Nodes that do not live just now are left
out, and told.

    nodes            the same fault at each
    groups, shape    with the kind `partition`: who hears whom (`partitions`)

*Each fault knows its act.* So an act is undone wherever it is found, and a dashboard that starts
again finds those that last in what the nodes say of themselves.

*Who comes later.* A fault lives in a process. So a node that starts while something is done to the
wires (a partition, or one of `WIRE` at that node) is given its part as soon as its events arrive,
by the dashboard that did the act, four looks a second. A dashboard that was started since does
not: it does not know what was meant. Where none runs, nobody does. What is done to a node itself
(`freeze`, a full disk) ends with its process.

*One partition at a time* for each node: two that overlap are refused, since nobody could say
afterwards which of them parted whom.

Each fault ends by itself at its node, when its time is over or when somebody heals it there; an
act is forgotten with its time. The nodes are asked side by side, as an act at a hundred of them
has to be there within a second.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import uuid4

import msgspec

from contract.errors import ApiError, malformed, out_of_range
from contract.limits import MAX_ID, MAX_MEMBERS, MAX_SENDER
from contract.text import checked
from dashboard.control import Control
from dashboard.observer import Observer
from dashboard.partitions import SHAPES, Cut, Shape, Who, in_shape
from dashboard.records import Record

AT_ONCE: Final = 16
"""Nodes that are asked side by side: as many look-ups of names as there are threads for."""
MOST_GROUPS: Final = 16
MOST_ACTS: Final = 256
"""Acts that are remembered; the oldest goes [guess]."""
PARTITION: Final = "partition"
WIRE: Final = frozenset({PARTITION, "drop", "delay", "duplicate", "reorder", "throttle"})
"""What is done to what nodes say to each other: it outlasts a node's process."""
LOOK_EVERY: Final = 0.25
"""Seconds between two looks for newcomers, while an act lasts that concerns them."""
LONGEST: Final = 3_600.0
"""Seconds that a fault lasts at most [node.faults.kinds]."""
TRY_AGAIN: Final = 1.0
"""Seconds after which a newcomer is asked again that refused or did not answer [guess]."""
TOLD_LATE: Final = 10.0
"""Seconds in which a node that healed a fault has told so by its events [guess]."""
LIVING: Final = frozenset({"alive", "suspect"})
_NOBODY_KNOWS: Final = frozenset({502, 504})
"""Statuses after which a node may have done what it was asked for."""
_OURS: Final = frozenset({"nodes", "groups", "shape", "through", "seed"})
"""Fields of an act that no node is told."""


class Fault(NamedTuple):
    """One fault of an act, as a node has it."""

    node: Record
    id: str


class Part(NamedTuple):
    """What one node is asked for."""

    node: Record
    wish: dict[str, Any]


class Act(msgspec.Struct):
    """What was done."""

    id: str
    kind: str
    faults: list[Fault]
    left_out: tuple[str, ...]
    """Names of nodes that it was for, and that did not live."""
    by: str
    ends: float
    """When its last fault ends by itself, by the steady clock."""
    wish: dict[str, Any] = {}
    """What its nodes were asked for; of a partition without `peers`."""
    cut: Cut | None = None
    seen: dict[str, int] = {}
    """Processes that have been looked at: the epoch of each node."""
    joined: list[str] = []
    """Names of nodes that started since and have fallen under it."""
    missed: dict[str, tuple[str, float]] = {}
    """Names of such nodes that could not be asked: why, and when to try again."""

    def view(self, now: float) -> dict[str, Any]:
        """For readers."""
        nodes = {fault.node.id: fault.node.name for fault in self.faults}
        return {
            "id": self.id,
            "kind": self.kind,
            "nodes": [{"id": id_, "name": name} for id_, name in nodes.items()],
            "groups": None
            if self.cut is None
            else [[{"id": who.id, "name": who.name} for who in side] for side in self.cut.sides],
            "ring": self.cut is not None and self.cut.ring,
            "left_out": list(self.left_out),
            "joined": list(self.joined),
            "missed": [{"name": name, "why": why} for name, (why, _) in self.missed.items()],
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
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._observer = observer
        self._control = control
        self._clock = clock
        self._wall = wall
        self._acts: dict[str, Act] = {}
        self._beginning: list[frozenset[str]] = []
        """Ids of the nodes of partitions that are being set just now."""
        self._given_up: dict[str, float] = {}
        """Acts that were taken back where somebody did not answer, and until when they matter."""
        self._healed: dict[tuple[str, str], float] = {}
        """Faults that their nodes said to have ended, by the nodes' ids and theirs, and until when
        that is remembered: the events that tell it come a little later."""
        self._healings = 0
        """How often everything was healed: an act that was begun before is not kept after it."""
        self._lock = threading.Lock()
        self._following = False

    def set(self, body: Mapping[str, Any], asker: str) -> dict[str, Any]:
        """Do an act; its view. Raises ApiError, and then nothing is set."""
        kind = checked(body.get("kind", ""), "kind", MAX_ID // 2, blank=True)
        if not kind:
            raise malformed("'kind' is missing", "kind")
        by = asker if body.get("by") is None else checked(body["by"], "by", MAX_SENDER)
        act = Act(f"{kind}-{uuid4().hex[:12]}", kind, [], (), by, 0.0)
        act.wish = {key: value for key, value in body.items() if key not in _OURS}
        act.wish |= {"by": by, "act": act.id}
        # Before the parts: who comes in between is then a newcomer, and not forgotten.
        act.seen = {node.id: node.epoch for node in self._nodes() if _lives(node)}
        parts, act.left_out = self._parts(act, body)
        if not parts:
            raise ApiError(409, "none of these nodes lives just now: nothing is set")
        meant = frozenset(part.node.id for part in parts)
        healings = self._healings
        if act.cut is not None:
            self._begin_alone(meant, "groups" if "groups" in body else "shape")
        try:
            act.faults, lasts = self._all_or_none(act.id, parts)
            act.ends = self._clock() + lasts
            with self._lock:
                self._forget_old()
                if healings == self._healings:
                    self._acts[act.id] = act
        finally:
            if act.cut is not None:
                with self._lock:
                    self._beginning.remove(meant)
        if act.id not in self._acts and healings != self._healings:
            self._heal_these(act.faults)
            raise ApiError(409, "everything was healed while this was being set: nothing is set")
        if kind in WIRE:
            self._follow()
        return act.view(self._clock())

    def views(self) -> list[dict[str, Any]]:
        """Those that have not ended by themselves, the oldest first.

        Also those that nodes have and that were done before this dashboard started.
        """
        found = self._found()
        with self._lock:
            self._forget_old()
            kept = [act.view(self._clock()) for act in self._acts.values()]
            others = [act for act in found.values() if act.id not in self._acts]
        return [act.view(self._clock()) for act in others] + kept

    def undo(self, act: str) -> dict[str, Any]:
        """Take an act back at all its nodes. 404 where it is over, or was never done."""
        found = self._found().get(act)
        with self._lock:
            known = self._acts.pop(act, None)
        if found is None and known is None:
            raise ApiError(404, "there is no such act, or it is over", field="id")
        of_both = [fault for one in (known, found) if one is not None for fault in one.faults]
        return {"id": act, "not_reached": self._heal_these(of_both)}

    def heal(self) -> dict[str, Any]:
        """End every fault at every node that lives, whoever set it."""
        with self._lock:
            self._acts.clear()
            self._healings += 1
        nodes = [record for record in self._nodes() if record.state in LIVING]
        cleared: list[int] = []

        def heal(record: Record) -> None:
            known = [broken.fault.id for broken in record.broken]
            said = self._control.heal(record.id).get("cleared")
            self._ended(record, known)
            cleared.append(said if isinstance(said, int) else 0)

        failed = _side_by_side(nodes, heal)
        return {"cleared": sum(cleared), "not_reached": [node.name for node, _ in failed]}

    # --- what it means -----------------------------------------------------------------------

    def _parts(self, act: Act, body: Mapping[str, Any]) -> tuple[list[Part], tuple[str, ...]]:
        """What each node is to be asked for, and who is left out."""
        if act.kind != PARTITION:
            for field in ("groups", "shape", "through", "seed"):
                if field in body:
                    raise out_of_range(f"only a '{PARTITION}' has '{field}'", field)
            nodes = self._named(body.get("nodes"), "nodes")
            return [Part(node, act.wish) for node in nodes if _lives(node)], _dead(nodes)
        for field in ("peers", "direction", "probability"):
            if field in body:
                raise out_of_range(f"a '{PARTITION}' has no '{field}'", field)
        if "groups" in body:
            for field in ("nodes", "shape", "through", "seed"):
                if field in body:
                    raise out_of_range(f"a '{PARTITION}' has groups, and no '{field}'", field)
            act.cut, left_out = self._groups(body["groups"])
        elif "shape" in body:
            act.cut, left_out = self._shape(body)
        else:
            raise malformed("'groups' is missing: lists of nodes, or else a 'shape'", "groups")
        act.wish["kind"] = "drop"
        parts = []
        for number, side in enumerate(act.cut.sides):
            apart = act.cut.apart(number)
            if apart:
                wish = {**act.wish, "peers": [who._asdict() for who in apart]}
                records = map(self._observer.known, (who.id for who in side))
                parts += [Part(record, wish) for record in records if record is not None]
        return parts, left_out

    def _groups(self, given: object) -> tuple[Cut, tuple[str, ...]]:
        if not isinstance(given, list) or not 1 <= len(given) <= MOST_GROUPS:
            raise malformed(f"'groups' must be 1 to {MOST_GROUPS} lists of nodes", "groups")
        groups = [self._named(group, "groups") for group in given]
        named = [node.id for group in groups for node in group]
        if len(named) != len(set(named)):
            twice = next(node for group in groups for node in group if named.count(node.id) > 1)
            raise out_of_range(f"a node is in one group only, and {twice.name} in two", "groups")
        others = [node for node in self._nodes() if node.id not in named]
        rest = None
        if len(groups) == 1:
            groups.append(others)
            rest, others = 1, []
            if not groups[1]:
                raise out_of_range("there is nobody else to be cut off from", "groups")
        left_out = _dead([node for group in groups for node in group])
        sides = tuple(tuple(_who(node) for node in group if _lives(node)) for group in groups)
        outside = tuple(_who(node) for node in others if _lives(node))
        return Cut(sides, rest, outside=outside), left_out

    def _shape(self, body: Mapping[str, Any]) -> tuple[Cut, tuple[str, ...]]:
        wanted = checked(body["shape"], "shape", MAX_ID, blank=True)
        shape: Shape | None = next((known for known in SHAPES if known == wanted), None)
        if shape is None:
            raise out_of_range(f"'shape' must be one of: {', '.join(SHAPES)}", "shape")
        seed = body.get("seed")
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
            raise malformed("'seed' must be a whole number", "seed")
        nodes = self._named(body["nodes"], "nodes") if "nodes" in body else self._nodes()
        living = sorted((node for node in nodes if _lives(node)), key=_by_name)
        through = None
        if "through" in body:
            if shape != "bridge":
                raise out_of_range("only a 'bridge' goes through a node", "through")
            node = self._control.speaking(
                checked(body["through"], "through", MAX_SENDER), "through"
            )
            if not _lives(node):
                raise out_of_range(f"{node.name} does not live just now", "through")
            through = _who(node)
            living = [one for one in living if one.id != node.id] + [node]
        cut = in_shape(shape, [_who(node) for node in living], through=through, seed=seed)
        if "nodes" in body:
            on_sides = {who.id for side in (*cut.sides, cut.outside) for who in side}
            others = [n for n in self._nodes() if _lives(n) and n.id not in on_sides]
            cut = cut._replace(outside=(*cut.outside, *(_who(node) for node in others)))
        return cut, _dead(nodes)

    def _begin_alone(self, meant: frozenset[str], field: str) -> None:
        """Raise 409 where one of these nodes is parted already, or is being parted."""
        found = self._found()
        with self._lock:
            self._forget_old()
            for act in {**found, **self._acts}.values():
                both = [f.node.name for f in act.faults if f.node.id in meant]
                if act.kind == PARTITION and both:
                    left = max(0.0, act.ends - self._clock())
                    raise ApiError(
                        409,
                        f"'{field}': {both[0]} is in a partition already, for another {left:.0f} s "
                        f"({act.id}); heal that one first: nothing is set",
                        field=field,
                    )
            if any(others & meant for others in self._beginning):
                raise ApiError(
                    409,
                    f"'{field}': another partition is being set at one of these nodes: "
                    "nothing is set",
                    field=field,
                )
            self._beginning.append(meant)

    def _named(self, given: object, field: str) -> list[Record]:
        if not isinstance(given, list) or not 1 <= len(given) <= MAX_MEMBERS:
            raise malformed(f"'{field}' must name nodes", field)
        found = [self._control.speaking(checked(name, field, MAX_SENDER), field) for name in given]
        return list({record.id: record for record in found}.values())

    def _nodes(self) -> list[Record]:
        return [node for node in self._observer.shown() if node.kind != "plain"]

    def _found(self) -> dict[str, Act]:
        """Acts as the nodes' own faults tell of them."""
        acts: dict[str, Act] = {}
        now, wall = self._clock(), self._wall()
        with self._lock:
            healed = {fault for fault, end in self._healed.items() if end > now}
        for node in sorted(self._nodes(), key=lambda node: node.key):
            for broken in node.broken:
                fault = broken.fault
                if fault.act is None or (node.id, fault.id) in healed:
                    continue
                kind = fault.act.rpartition("-")[0] or fault.kind
                act = acts.setdefault(fault.act, Act(fault.act, kind, [], (), fault.by, 0.0))
                act.faults.append(Fault(node, fault.id))
                act.ends = max(act.ends, now + broken.until - wall)
        return acts

    # --- who comes later ----------------------------------------------------------------------

    def _follow(self) -> None:
        """Have newcomers looked for as long as there is an act that concerns them."""
        with self._lock:
            if self._following:
                return
            self._following = True
        threading.Thread(target=self._look, name="newcomers", daemon=True).start()

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_EVERY)  # a pace, not a wait for something
            with self._lock:
                self._forget_old()
                acts = [act for act in self._acts.values() if act.kind in WIRE]
                if not acts and not self._given_up:
                    self._following = False
                    return
            for act in acts:
                self.take_in(act.id)
            self.take_back()

    def take_back(self) -> None:
        """Heal what somebody has of an act that was given up: he answered too late."""
        with self._lock:
            now = self._clock()
            self._given_up = {act: end for act, end in self._given_up.items() if end > now}
            given_up = set(self._given_up)
        if given_up:
            found = self._found()
            self._heal_these(f for act in given_up & found.keys() for f in found[act].faults)

    def take_in(self, act_id: str) -> None:
        """Give those who came since an act began their part of it."""
        with self._lock:
            act = self._acts.get(act_id)
        if act is None:
            return
        now = self._clock()
        parts = []
        for node in self._nodes():
            if not (node.watched and _lives(node)) or act.seen.get(node.id) == node.epoch:
                continue
            if act.missed.get(node.name, ("", 0.0))[1] > now:
                continue
            wish = self._later(act, node)
            if wish is None:
                act.seen[node.id] = node.epoch
            else:
                parts.append(Part(node, {**wish, "for_seconds": max(0.001, act.ends - now)}))
        if parts:
            self._give(act, parts)

    def _later(self, act: Act, node: Record) -> dict[str, Any] | None:
        """What a newcomer is to be asked for; None: nothing."""
        if any(broken.fault.act == act.id for broken in node.broken):
            return None  # another dashboard was quicker, or it was never gone
        if act.cut is None:
            meant = any(node.id == f.node.id or node.name == f.node.name for f in act.faults)
            return act.wish if meant else None
        act.cut, apart = act.cut.joined(_who(node))
        return {**act.wish, "peers": [who._asdict() for who in apart]} if apart else None

    def _give(self, act: Act, parts: Sequence[Part]) -> None:
        wishes = {part.node.id: part.wish for part in parts}

        def ask(node: Record) -> None:
            fault = Fault(node, self._ask(node, wishes[node.id])[0])
            with self._lock:
                lasts = act.id in self._acts
                if lasts:
                    act.faults.append(fault)
                    act.seen[node.id] = node.epoch
                    act.joined.append(node.name)
                    act.missed.pop(node.name, None)
            if not lasts:  # it was undone meanwhile
                self._heal_these([fault])

        for node, error in _side_by_side([part.node for part in parts], ask):
            act.missed[node.name] = (error.message[:200], self._clock() + TRY_AGAIN)

    # --- doing it ------------------------------------------------------------------------------

    def _ask(self, node: Record, wish: dict[str, Any]) -> tuple[str, float]:
        """Have a node set a fault: its id, and the seconds that it lasts. Raises ApiError."""
        said = self._control.set_fault(node.id, wish).get("fault")
        if not isinstance(said, dict) or not isinstance(said.get("id"), str):
            raise ApiError(502, f"{node.name}: its answer makes no sense")
        left = said.get("left_seconds")
        return said["id"], float(left) if isinstance(left, int | float) else 0.0

    def _all_or_none(self, act: str, parts: Sequence[Part]) -> tuple[list[Fault], float]:
        """Set them all; the faults, and the seconds until the last ends by itself."""
        faults: list[Fault] = []
        ends: list[float] = []
        asked = {part.node.id: part.wish for part in parts}

        def ask(record: Record) -> None:
            fault, left = self._ask(record, asked[record.id])
            faults.append(Fault(record, fault))
            ends.append(left)

        failed = _side_by_side([part.node for part in parts], ask)
        if failed:
            not_undone = self._heal_these(faults)
            node, error = failed[0]
            still = f"; not undone at {', '.join(not_undone)}" if not_undone else ""
            silent = [one.name for one, why in failed if why.status in _NOBODY_KNOWS]
            if silent:  # its answer may have been lost, and not the question
                still += f"; perhaps at {', '.join(silent)}, where it is healed once that is seen"
                with self._lock:
                    self._given_up[act] = self._clock() + LONGEST
                self._follow()
            said = error.message.removeprefix(f"{node.name}: ")
            raise ApiError(
                error.status, f"{node.name}: {said}: nothing is set{still}", field=error.field
            )
        return sorted(faults, key=lambda fault: fault.node.key), max(ends)

    def _heal_these(self, faults: Iterable[Fault]) -> list[str]:
        """End faults; the names of nodes that were not reached. One that is over is no failure."""
        ids: dict[str, set[str]] = {}
        nodes: dict[str, Record] = {}
        for fault in faults:
            nodes[fault.node.id] = fault.node
            ids.setdefault(fault.node.id, set()).add(fault.id)

        def heal(record: Record) -> None:
            for fault in ids[record.id]:
                try:
                    self._control.heal_one(record.id, fault)
                except ApiError as error:
                    if error.status != 404:
                        raise
            self._ended(record, ids[record.id])

        return [node.name for node, _ in _side_by_side(list(nodes.values()), heal)]

    def _ended(self, node: Record, faults: Iterable[str]) -> None:
        """A node has said that these faults are over."""
        with self._lock:
            now = self._clock()
            self._healed = {fault: end for fault, end in self._healed.items() if end > now}
            self._healed.update({(node.id, fault): now + TOLD_LATE for fault in faults})

    def _forget_old(self) -> None:
        now = self._clock()
        for act in [act for act in self._acts.values() if act.ends <= now]:
            del self._acts[act.id]
        while len(self._acts) >= MOST_ACTS:
            del self._acts[next(iter(self._acts))]


def _who(record: Record) -> Who:
    return Who(record.id, record.name, record.url)


def _by_name(record: Record) -> tuple[int, str]:
    """node2 before node10."""
    return len(record.name), record.name


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
