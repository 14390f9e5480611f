"""What survives a crash: id, epoch, inbox, outbox, known peers.

The simulated twin of `node.store`: the same promises, kept in memory. A message counts as
accepted once it is in the outbox, and an id is taken into the inbox once, however often it
comes. Whoever starts again with its disk is the same member, one epoch later; whoever
starts without it is somebody new at an old address.
"""

from itertools import islice
from math import inf
from typing import Literal

from contract.limits import DEFAULT_TTL, MAX_TOGETHER
from node.overlay.frames import Push
from node.overlay.inputs import Restored, Route, Submit
from node.overlay.lanes import together

Status = Literal["queued", "delivered", "failed"]

REMEMBERED = 50
"""Peers that are written down for the next start: as many as `node.peer` writes."""


class Accepted:
    """A message in an outbox."""

    __slots__ = ("at", "attempts", "expires", "id", "number", "route", "status", "text", "to")

    def __init__(
        self,
        message: str,
        number: int,
        to: str,
        text: str,
        at: float,
        route: Route = "auto",
        ttl: float = DEFAULT_TTL,
    ) -> None:
        self.id = message
        self.number = number
        self.to = to
        self.text = text
        self.at = at
        self.expires = at + ttl
        self.route = route
        self.status: Status = "queued"
        self.attempts = 0


class Received:
    """A message in an inbox; `origin` is the id of the node that sent it."""

    __slots__ = ("at", "id", "key", "origin", "text")

    def __init__(
        self, message: str, origin: str, text: str, at: float, key: tuple[int, int] | None
    ) -> None:
        self.id = message
        self.origin = origin
        self.text = text
        self.at = at
        self.key = key
        """A broadcast's epoch and number."""


class Disk:
    """One node's file."""

    def __init__(self, member: str) -> None:
        self.id = member
        self.epoch = 0
        self.inbox: dict[str, Received] = {}
        self.outbox: dict[str, Accepted] = {}
        self._lanes: dict[str, dict[str, Accepted]] = {}
        """Receiver → what is queued for it, in order."""
        self.peers: tuple[str, ...] = ()
        self.judged: dict[tuple[str, int], int] = {}
        """How far each origin's broadcasts were judged, of each epoch."""
        self._latest: dict[str, int] = {}
        """Origin → the highest number of its messages in the inbox."""

    def receive(
        self,
        message: str,
        origin: str,
        text: str,
        at: float,
        number: int | None = None,
        key: tuple[int, int] | None = None,
    ) -> bool:
        """Store a message; False where its id is there already."""
        if message in self.inbox:
            return False
        self.inbox[message] = Received(message, origin, text, at, key)
        if number is not None:
            self._latest[origin] = max(number, self._latest.get(origin, 0))
        return True

    def broadcasts(self, now: float, within: float, names: dict[str, str]) -> Restored:
        """What a node that starts again must know of those in the inbox."""
        had: list[tuple[str, int, int, int]] = []
        young: list[tuple[Push, float]] = []
        there = [(m.origin, *m.key, m) for m in self.inbox.values() if m.key is not None]
        for origin, epoch, turn, _ in sorted(there, key=lambda one: one[:3]):
            if had and had[-1][:2] == (origin, epoch) and had[-1][3] == turn - 1:
                had[-1] = (*had[-1][:3], turn)
            else:
                had.append((origin, epoch, turn, turn))
        last = max((message.at for message in self.inbox.values()), default=now)
        for origin, epoch, turn, message in there:
            left = message.at - (now - within)
            if left > 0 or (origin == self.id and message.at > last - within):
                sender = names.get(origin, origin)
                push = Push(origin, epoch, turn, 1, message.id, sender, message.text)
                young.append((push, now - message.at if left > 0 else 0.0))
        judged = tuple((*key, number) for key, number in self.judged.items())
        return Restored(tuple(had), tuple(young), judged)

    def overtaken(self, message: str, origin: str, number: int) -> bool:
        """Whether a later message of this origin is here, and this one is not."""
        return message not in self.inbox and number < self._latest.get(origin, 0)

    def accept(self, message: Accepted) -> None:
        """Take a message to be sent."""
        self.outbox[message.id] = message
        self._lanes.setdefault(message.to, {})[message.id] = message

    def ended(self, message: str, status: Status, attempts: int) -> None:
        """Write down how it ended."""
        accepted = self.outbox.get(message)
        if accepted is not None:
            accepted.status, accepted.attempts = status, attempts
            lane = self._lanes[accepted.to]
            lane.pop(message, None)
            if not lane:
                del self._lanes[accepted.to]

    def following(self, to: str, now: float) -> tuple[Submit, ...]:
        """The next messages to a receiver that may go together; none whose time has run out."""
        lane = (m for m in self._lanes.get(to, {}).values() if m.expires > now)
        rows = list(islice(lane, MAX_TOGETHER))
        count = together((m.route, len(m.text)) for m in rows)
        return tuple(_submit(m, now) for m in rows[:count])

    def heads(self, now: float) -> list[Submit]:
        """The next message to each receiver, for a new start."""
        return [submit for to in self._lanes for submit in self.following(to, now)[:1]]

    def expired(self, now: float) -> tuple[tuple[tuple[str, str], ...], float]:
        """Messages whose time has run out, and the seconds until the next one's does."""
        queued = [m for lane in self._lanes.values() for m in lane.values()]
        left = min((m.expires - now for m in queued if m.expires > now), default=inf)
        return tuple((m.id, m.to) for m in queued if m.expires <= now), left


def _submit(message: Accepted, now: float) -> Submit:
    return Submit(message.id, message.to, message.expires - now, message.attempts, message.route)
