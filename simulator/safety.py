"""Safety: what must hold after every step, whatever the network does.

One class an invariant. They look from outside at what any node may show: its own record,
its map, its links, what it delivers.
"""

import traceback
from collections.abc import Iterator

from contract.limits import MAX_FRAMES, MAX_HOPS, MAX_MEMBERS, MAX_ROUTE
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.floods import REMEMBERED
from node.overlay.frames import Frame, Record, State, Unicast
from simulator.invariant import Invariant
from simulator.machine import Process
from simulator.world import EVERYBODY, World

_RANK: dict[State, int] = {"alive": 0, "suspect": 1, "dead": 2, "left": 3}


def safety(world: World) -> Iterator[Invariant]:
    """All that can be checked of the protocol as it is."""
    yield OwnViews()
    yield DeliveredOnce()
    yield DeliveredUnchanged(world)
    yield InOrder(world)
    yield NeverFalls()
    yield OwnerRaises()
    yield NewerWins()
    yield HopsBounded()
    yield NoWayTwice()
    yield Bounded()
    yield NeverFails()


class OwnViews(Invariant):
    """Views are views of others, and small."""

    number = 1
    sentence = "A node is never in its own views, and they are within their bounds."

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:  # noqa: ARG002 - a look at the state
        """Links and map."""
        overlay = process.overlay
        own, links = overlay.own.id, overlay.links
        held, passive = links.ids(), overlay.passive.ids()
        if own in held or overlay.members.get(own) is not None:
            raise self.broken(process.name, ("its own id", own), ("its links", sorted(held)))
        if len(held) > overlay.config.links_most:
            bound = overlay.config.links_most
            raise self.broken(process.name, ("links at most", bound), ("links", held))
        if own in passive or not set(held).isdisjoint(passive):
            both = sorted(set(passive) & {own, *held})
            raise self.broken(process.name, ("itself and links", both), ("passive view", passive))
        if len(passive) > overlay.config.passive_most:
            bound = overlay.config.passive_most
            raise self.broken(process.name, ("passive at most", bound), ("passive view", passive))


class DeliveredOnce(Invariant):
    """Exactly-once, seen from both ends."""

    number = 2
    sentence = "A message is delivered at most once per node, and ends once, restarts included."

    def __init__(self) -> None:
        self._delivered: dict[tuple[str, str], float] = {}
        self._ended: dict[tuple[str, str], o.MessageEnded] = {}

    def delivered(self, process: Process, message: str, origin: str, text: str) -> None:  # noqa: ARG002 - only whether
        """Per receiver's id: it is the disk that must remember."""
        key = (process.machine.disk.id, message)
        if key in self._delivered:
            raise self.broken(
                process.name,
                ("delivered first in epoch", self._delivered[key]),
                ("again in epoch", process.overlay.own.epoch),
            )
        self._delivered[key] = process.overlay.own.epoch

    def ended(self, process: Process, end: o.MessageEnded) -> None:
        """Per sender's id."""
        key = (process.machine.disk.id, end.message)
        if key in self._ended:
            before = self._ended[key]
            raise self.broken(process.name, ("its first end", before), ("its second end", end))
        self._ended[key] = end


class DeliveredUnchanged(Invariant):
    """No message out of nothing."""

    number = 3
    sentence = "What is delivered was sent, unchanged, to this receiver."

    def __init__(self, world: World) -> None:
        self._world = world

    def delivered(self, process: Process, message: str, origin: str, text: str) -> None:
        """Compared with what was sent."""
        sent = self._world.sent.get(message)
        there = process.machine.disk.id
        if (
            sent is None
            or (sent.origin, sent.text) != (origin, text)
            or (sent.to not in {there, EVERYBODY})
        ):
            was = None if sent is None else (sent.origin, sent.text, sent.to)
            raise self.broken(process.name, ("sent", was), ("delivered", (origin, text, there)))


class InOrder(Invariant):
    """First in, first out."""

    number = 4
    sentence = "Messages of one sender come to one receiver in the order in which they were sent."

    def __init__(self, world: World) -> None:
        self._world = world
        self._last: dict[tuple[str, str], tuple[int, str]] = {}

    def delivered(self, process: Process, message: str, origin: str, text: str) -> None:  # noqa: ARG002 - only when
        """Numbers only rise."""
        sent = self._world.sent.get(message)
        if sent is None or sent.to == EVERYBODY:
            return  # (3) sees that; a tree keeps no order, and promises none
        pair = (origin, process.machine.disk.id)
        last = self._last.get(pair)
        if last is not None and last[0] > sent.number:
            raise self.broken(
                process.name, ("came before", last), ("comes now", (sent.number, message))
            )
        self._last[pair] = (sent.number, message)


class NeverFalls(Invariant):
    """Counters of a member, as any observer sees them."""

    number = 5
    sentence = "Epoch and incarnation of a member never fall for any observer."

    def changed(self, process: Process, before: Record | None, after: Record) -> None:
        """Record by record."""
        if before is not None and _version(after) < _version(before):
            raise self.broken(process.name, ("it knew", before), ("it knows now", after))


class OwnerRaises(Invariant):
    """Nobody speaks for another."""

    number = 6
    sentence = "Only a member itself raises its epoch and incarnation."

    def __init__(self) -> None:
        self._own: dict[str, Record] = {}

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:  # noqa: ARG002 - a look at the state
        """What each says of itself."""
        own = process.overlay.own
        known = self._own.get(own.id)
        if known is None or (known is not own and _version(own) > _version(known)):
            self._own[own.id] = own

    def changed(self, process: Process, before: Record | None, after: Record) -> None:  # noqa: ARG002 - where it is now
        """What others say of it. A plain node cannot speak; its keeper does it for it."""
        own = self._own.get(after.id)
        if own is not None and _version(after) > _version(own):
            raise self.broken(process.name, ("it says itself", own), ("it is held for", after))


class NewerWins(Invariant):
    """The rule which of two records wins."""

    number = 7
    sentence = "An older record never beats a newer one."

    def changed(self, process: Process, before: Record | None, after: Record) -> None:
        """At equal counters left > dead > suspect > alive."""
        if before is not None and _order(after) < _order(before):
            raise self.broken(process.name, ("it knew", before), ("it knows now", after))


class HopsBounded(Invariant):
    """Nothing goes round for ever."""

    number = 8
    sentence = "A broadcast makes no more hops than the limit."

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:  # noqa: ARG002 - what comes out
        """Where it is delivered."""
        for output in outputs:
            if type(output) is o.Deliver and output.hop > MAX_HOPS:
                raise self.broken(process.name, ("hops at most", MAX_HOPS), ("delivered", output))


class NoWayTwice(Invariant):
    """No loops, no ping-pong."""

    number = 8
    sentence = "A routed message takes no more hops than it may, and visits no node twice."

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:
        """Whoever passes a message on writes himself, and only himself, behind where it was."""
        for output in outputs:
            if type(output) is not o.Send or type(output.frame) is not Unicast:
                continue
            frame, own = output.frame, process.overlay.own.id
            visited = frame.visited
            if len(visited) > MAX_ROUTE:
                raise self.broken(
                    process.name, ("hops at most", MAX_ROUTE), ("where it was", visited)
                )
            if len({*visited, output.to}) <= len(visited):
                raise self.broken(process.name, ("goes to", output.to), ("where it was", visited))
            came = [
                (*said.visited, own)
                for said in _frames(happened)
                if type(said) is Unicast and said.message == frame.message
            ]
            if visited not in came:
                raise self.broken(process.name, ("ways on", came), ("where it was", visited))


class Bounded(Invariant):
    """Memory has an end."""

    number = 9
    sentence = "Every queue, the number of timers and what routing holds are within their bounds."

    def looked(self, process: Process) -> None:
        """Lanes, timers, what routing holds."""
        longest = max((len(queue) for queue in process.lanes.values()), default=0)
        if longest > MAX_FRAMES:
            raise self.broken(process.name, ("bound", MAX_FRAMES), ("frames in a lane", longest))
        overlay = process.overlay
        # Greetings go to addresses, of which a newcomer knows many before it knows any member.
        greetings = sum(key.startswith("greet ") for key in process.timers)
        if greetings > MAX_MEMBERS:
            raise self.broken(process.name, ("bound", MAX_MEMBERS), ("greetings due", greetings))
        # Some rounds, and for each member a suspicion at each of its last incarnations and a
        # probe; for each message the next attempt.
        members = sum(1 for _ in overlay.members.others())
        bound = 32 + 8 * (members + 1) + overlay.waiting
        if len(process.timers) - greetings > bound:
            timers = sorted(process.timers)
            raise self.broken(process.name, ("timers at most", bound), ("timers", timers))
        held = overlay.routing.sizes()
        bounds = {
            "lists": MAX_MEMBERS + 1,
            "under_way": overlay.waiting,
            "floods": REMEMBERED,
            "distrusted": len(overlay.links),
        }
        if any(held[name] > most for name, most in bounds.items()):
            raise self.broken(process.name, ("routing at most", bounds), ("it holds", held))


class NeverFails(Invariant):
    """Whatever a peer says."""

    number = 10
    sentence = "No input makes an overlay fail."

    def raised(self, process: Process, happened: i.Input, error: Exception) -> None:
        """It did."""
        where = traceback.format_exception(error)[-3:]
        raise self.broken(
            process.name, ("the input", happened), ("the failure", "".join(where))
        ) from error


def _frames(happened: i.Input) -> tuple[Frame, ...]:
    return happened.batch.frames if isinstance(happened, i.Heard | i.Answered) else ()


def _version(record: Record) -> tuple[int, int]:
    return (record.epoch, record.incarnation)


def _order(record: Record) -> tuple[int, int, int]:
    return (record.epoch, record.incarnation, _RANK[record.state])
