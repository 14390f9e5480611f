"""Liveness: what must come true once the faults have stopped and some time has passed.

Each looks at the whole world from above, where the truth is known, and compares it with
what the nodes believe.
"""

from collections.abc import Iterator

from simulator.invariant import BrokenInvariantError, Invariant
from simulator.machine import Machine, Process
from simulator.world import World


def liveness() -> Iterator[Invariant]:
    """All that can be checked of the protocol as it is."""
    yield TrueMaps()  # what nodes believe comes first: links and messages follow from it
    yield PlainMaps()
    yield Connected()
    yield NothingLost()


class Connected(Invariant):
    """One network of links."""

    number = 13
    sentence = "The links connect everybody, each has two ends, and no node is without one."

    def settled(self, world: World) -> BrokenInvariantError | None:
        """From anywhere to everywhere."""
        nodes = {p.overlay.own.id: p for p in world.running()}
        links = {member: set(p.overlay.links.ids()) for member, p in nodes.items()}
        for member, others in links.items():
            where = nodes[member].name
            if not others and len(nodes) > 1:
                return self.broken(where, ("other nodes", len(nodes) - 1), ("its links", []))
            for other in others:
                if other not in links:
                    return self.broken(where, ("its links", others), ("does not run", other))
                if member not in links[other]:
                    ends = ("its links", sorted(others))
                    far = (f"links of {nodes[other].name}", sorted(links[other]))
                    return self.broken(where, ends, far)
        reached = _reached(links)
        if len(reached) < len(links):
            apart = sorted(nodes[member].name for member in links.keys() - reached)
            there = sorted(nodes[member].name for member in reached)
            return self.broken(apart[0], ("one part", there[:20]), ("another part", apart[:20]))
        return None


class NothingLost(Invariant):
    """Accepted is a promise."""

    number = 14
    sentence = "What was accepted for one who runs is delivered, or its sender was told it failed."

    def settled(self, world: World) -> BrokenInvariantError | None:
        """Each outbox of a running node against the inboxes."""
        disks = {m.disk.id: m for m in world.machines.values()}
        truth = _truth(world)
        for process in world.running():
            for message in process.machine.disk.outbox.values():
                receiver = disks.get(message.to)
                has = receiver is not None and message.id in receiver.disk.inbox
                lives = truth.get(message.to, False) or _lives_plain(world, process, message.to)
                if message.status == "queued" and lives:
                    state = ("in the outbox since", round(message.at, 3))
                    return self.broken(process.name, state, (message.id, "still queued"))
                if message.status == "delivered" and receiver is not None and not has:
                    said = ("the sender was told", "delivered")
                    return self.broken(receiver.name, said, ("not in the inbox", message.id))
        return None


class TrueMaps(Invariant):
    """Knowledge catches up with the truth."""

    number = 15
    sentence = "Dead members are dead and live ones alive in every map."

    def settled(self, world: World) -> BrokenInvariantError | None:
        """Every record of every map."""
        truth = _truth(world)
        for process in world.running():
            known = {record.id: record for record in process.overlay.members.others()}
            for member, lives in truth.items():
                if member == process.overlay.own.id:
                    continue
                record = known.get(member)
                held = "unknown" if record is None else record.state
                wrong = held != "alive" if lives else held in {"alive", "suspect"}
                if wrong:
                    state = ("it is", "running" if lives else "gone")
                    return self.broken(process.name, state, (f"it holds {member} for", held))
        return None


class PlainMaps(Invariant):
    """The same for those who cannot speak for themselves."""

    number = 15
    sentence = "Plain nodes that run are alive in every map that has them, and others dead."

    def settled(self, world: World) -> BrokenInvariantError | None:
        """Every record of a plain node in every map."""
        for process in world.running():
            for record in process.overlay.members.others():
                if record.kind != "plain":
                    continue
                machine = world.network.machines.get(record.url)
                lives = machine is not None and machine.plain is not None
                if (record.state == "alive") != lives:
                    state = ("it is", "running" if lives else "gone")
                    return self.broken(process.name, state, ("it is held for", record))
        return None


def _lives_plain(world: World, process: Process, member: str) -> bool:
    """Whether a receiver is a plain node that runs."""
    record = process.overlay.members.get(member)
    machine = None if record is None else world.network.machines.get(record.url)
    return machine is not None and machine.plain is not None


def _truth(world: World) -> dict[str, bool]:
    """Which ids that ever lived are running."""
    truth: dict[str, bool] = {}
    for machine in world.machines.values():
        for number in range(1, machine.disks + 1):
            truth[_id(machine, number)] = False
        if machine.process is not None:
            truth[machine.disk.id] = True
    return truth


def _id(machine: Machine, number: int) -> str:
    return f"id-{machine.name}" + ("" if number == 1 else f".{number}")


def _reached(links: dict[str, set[str]]) -> set[str]:
    """All that can be reached from one of them."""
    if not links:
        return set()
    first = next(iter(links))
    reached, edge = {first}, [first]
    while edge:
        for other in links[edge.pop()] & links.keys() - reached:
            reached.add(other)
            edge.append(other)
    return reached
