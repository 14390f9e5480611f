"""One message, told by all nodes on its way: joined into one view, whatever order the news has.

Theory of operation. The sender reports `sent` (once an attempt), `retried`, and at the end
`delivered` or `failed`, and where a message stands behind others `queued` before all that; the
receiver reports `received`. Their streams are independent,
and after a reconnection parts of them come twice. So a view only ever grows: each report
fills in what it knows, and the state moves one way,

    sent -> failed -> received -> delivered

where *failed* is the sender's belief, which the receiver can prove wrong, and which ends where
a person has the sender try again: the message is `queued` anew then, at a higher place in the
outbox. Doing the same report twice changes nothing.

A message that was sent *waits* while no attempt is under way: before the first one, and from
a `retried` until the `sent` of the next attempt. Readers are told so, with when the next
attempt is due.

Where a message travels over the overlay, who hands it on reports `forwarded`; `ways` joins
these into the path that it took. Broadcasts have a view of their own (`broadcasts`) and
stand in the same list.

A node can report only for itself: what it sent, handed on, and received. The key of a view
is the message's id *and* its receiver (of a broadcast: its origin), so that nobody can
confuse somebody else's message by reporting one of the same id.

The newest few thousand are kept.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final, Literal

import msgspec

from dashboard.broadcasts import Broadcast
from dashboard.reports import Counter, OfBroadcast, OfMessage, Seconds
from dashboard.ways import MOST_LEGS, SLACK, Leg, arrived, told_before, under_way

KEPT: Final = 2_000
"""Messages kept [guess: ten times what the page shows at the start; with the longest texts
that is 20 to 80 MB, usually less than one]."""

LATE: Final = 10.0
"""Seconds after which news of a message that had to go makes a new one of it. Thousands a second go
within the second, before all have told of them: those who are late must not count them again. A
message that waits for its receiver for minutes is another matter [guess]."""
MOST_FORGOTTEN: Final = 100_000
"""Messages that are known to have been, some 10 MB: 10 s at 10,000 a second."""

LEGS_KEPT: Final = 100_000
"""Legs of all broadcasts that are kept: a thousand broadcasts among a hundred nodes, some 20 MB
[guess]. Where they are longer, fewer messages are kept."""

MOST_ATTEMPTS: Final = 32
"""Attempts whose times are kept, the last ones: a message may wait for a day, and is tried once a
minute [node]."""

MessageState = Literal["sent", "failed", "received", "delivered"]
ShownState = Literal["waiting", "sent", "failed", "received", "delivered"]
_ORDER: Final[dict[MessageState, int]] = {"sent": 0, "failed": 1, "received": 2, "delivered": 3}

Key = tuple[str, str, Literal["message", "broadcast"]]
"""A message's id, and its receiver's or, of a broadcast, its origin's."""


class Message(msgspec.Struct, array_like=True):
    """What is known of one message. Nodes are given by their ids, times in our seconds."""

    id: str
    """As readers see it: unique, and the message's own id unless that was taken."""
    number: Counter
    """Counts messages in the order in which we first heard of them."""
    receiver: str
    origin: str | None = None
    """The sender's id; None where the message came from outside, or nobody said yet."""
    told_by_origin: bool = False
    sender: str = ""
    text: str = ""
    state: MessageState = "sent"
    attempt: Counter = 1
    reason: str | None = None
    attempts: dict[Counter, Seconds] = msgspec.field(default_factory=dict)
    """When each attempt left."""
    before: Counter = 0
    """Attempts of its sender's former lives: a node that starts again counts anew."""
    queued_at: Seconds | None = None
    """When its sender took it, or queued it anew; None where that was before we watched."""
    place: Counter = 0
    """The highest place in its sender's outbox that was told of."""
    rested: int = -1
    """The attempt after which it rests, or last did: 0 before the first; -1: it never did."""
    kept: bool = True
    """Whether it may still be in its sender's outbox."""
    again_at: Seconds | None = None
    """When the attempt after that is due; None: when its turn comes."""
    legs: list[Leg] = msgspec.field(default_factory=list)
    """What those on its way told: the first leg of each attempt too, unless that went
    straight to the receiver."""
    hop: Counter = 1
    """At which hop the receiver got it."""
    received_at: Seconds | None = None
    done_at: Seconds | None = None

    @property
    def shown_state(self) -> ShownState:
        """The state for readers: what was sent waits while no attempt is under way."""
        waits = self.state == "sent" and self.rested >= max(self.attempts, default=0)
        return "waiting" if waits else self.state

    @property
    def sent_at(self) -> float | None:
        """When the attempt left that arrived; before anything arrives, the last one."""
        times = sorted(self.attempts.values())
        if self.received_at is not None:
            arrived = [time for time in times if time <= self.received_at]
            return max(arrived) if arrived else min(times, default=None)
        return times[-1] if times else None

    @property
    def path(self) -> list[Leg]:
        """The way that it took, or how far it has come. Empty where it went straight."""
        if self.received_at is not None:
            if self.hop == 1:
                return []
            return arrived(self.legs, self.origin, self.receiver, self.hop, self.received_at)
        way = under_way(self._of_last_try())
        if self.state == "delivered" and way and way[-1].end != self.receiver:
            way.append(Leg(way[-1].end, self.receiver, len(way) + 1, None))
        return way

    @property
    def hops(self) -> int:
        """How many hops it took, or is at."""
        return self.hop if self.received_at is not None else max(1, len(self.path))

    def _of_last_try(self) -> list[Leg]:
        """The legs without the beginnings of earlier tries; the last one may be a direct one."""
        left = max(self.attempts.values(), default=0.0)
        return [leg for leg in self.legs if leg.hop > 1 or leg.at == left]


class Messages:
    """The newest messages and broadcasts, and which of them have changed.

    `audience` says how many members a broadcast of a node has to reach now.
    """

    def __init__(self, keep: int = KEPT, audience: Callable[[str], int] = lambda _: 0) -> None:
        self._keep = keep
        self._most_legs = LEGS_KEPT
        self._audience = audience
        self._views: OrderedDict[Key, Message | Broadcast] = OrderedDict()
        self._ids: dict[str, Key] = {}
        self._changed: dict[Key, Message | Broadcast] = {}
        self._legs = 0
        self._forgotten: OrderedDict[int, float] = OrderedDict()
        """Keys, as their hashes, of messages that had to go, and when; for some seconds."""
        self.untold = 0
        """Messages that had to go before readers were told their last news."""
        self.total = 0
        """Messages ever seen."""
        self.quiet = False
        """Nobody will ask what has changed: a replay, which need not look for it."""

    def all(self) -> list[tuple[str, Message | Broadcast]]:
        """All that are kept, oldest first, each with its own id."""
        return [(key[0], view) for key, view in self._views.items()]

    def restore(self, views: Iterable[tuple[str, Message | Broadcast]], total: int) -> None:
        """Begin with what another one had, in its order."""
        for message, view in views:
            key: Key
            if isinstance(view, Broadcast):
                key = (message, view.origin, "broadcast")
                self._legs += len(view.legs)
            else:
                key = (message, view.receiver, "message")
            self._views[key] = view
            self._ids[view.id] = key
        self.total = total

    def newest(self, most: int) -> list[Message | Broadcast]:
        """The newest, oldest first."""
        found = list(islice(reversed(self._views.values()), most))
        found.reverse()
        return found

    def get(self, shown: str) -> Message | Broadcast | None:
        """The one that readers know by this id."""
        key = self._ids.get(shown)
        return None if key is None else self._views[key]

    def of(self, message: str, receiver: str) -> Message | Broadcast | None:
        """The message of that id to that receiver."""
        return self._views.get((message, receiver, "message"))

    def last(self) -> Message | Broadcast | None:
        """The one that was heard of last."""
        return next(reversed(self._views.values()), None)

    def keep_all(self) -> None:
        """Forget nothing from now on: for a bounded time that is taken in again."""
        self._keep, self._most_legs = sys.maxsize, sys.maxsize

    @property
    def changed(self) -> bool:
        """Whether there is anything to take."""
        return bool(self._changed)

    def take_changed(self, most: int | None = None) -> list[Message | Broadcast]:
        """New or changed since the last time, in the order in which they were first seen.

        Where there are more than `most`, the newest of them stay for the next time.
        """
        changed, self._changed = self._changed, {}
        taken = sorted(changed.values(), key=lambda view: view.number)
        if most is not None and len(taken) > most:
            self._changed = {self._ids[view.id]: view for view in taken[most:]}
            del taken[most:]
        for view in taken:
            if isinstance(view, Broadcast):
                view.since, view.taken = view.taken, len(view.legs)
        return taken

    def report(self, reporter: str, type_: str, said: OfMessage, at: float) -> None:
        """A node reports about a message; `at` is when that happened, by our clock."""
        if type_ == "message.received":
            self._received(reporter, said, at)
            return
        if type_ == "message.forwarded":
            self._forwarded(reporter, said, at)
            return
        view = self._of_sender(reporter, said, at)
        if view is None:
            return
        before = self._seen(view)
        if type_ == "message.queued":
            self._queued(view, said, at)
        elif type_ == "message.sent":
            self._sent(view, said, at)
        elif type_ == "message.retried":
            self._retried(view, said, at)
        elif type_ == "message.delivered":
            self._ended(view, "delivered", None, at)
        elif type_ == "message.failed":
            self._ended(view, "failed", said.reason or None, at)
        elif type_ == "message.discarded" and view.state == "failed":
            view.reason = f"{view.reason or 'given up'}; discarded" if view.kept else view.reason
            view.kept = False
        self._compare(view, before)

    def restarted(self, node: str) -> None:
        """A node lives anew: what was on its way from it waits, and is counted from one again."""
        for key, view in self._views.items():
            if isinstance(view, Message) and view.origin == node and view.state == "sent":
                view.before = max((view.rested, view.attempt, *view.attempts))
                view.rested, view.again_at = view.before, None
                self._changed[key] = view

    def report_broadcast(self, reporter: str, type_: str, said: OfBroadcast, at: float) -> None:
        """A node reports about a broadcast: that it sent it, or that it came."""
        origin = said.origin.id
        if type_ == "broadcast.sent":
            if reporter != origin:
                return
            view = self._broadcast(said.message, origin, at)
            news = view is not None and view.sent(said, said.sender or said.origin.name, at)
        else:
            view = self._broadcast(said.message, origin, at)
            news = view is not None and view.received(reporter, said, at)
            self._legs += news
        if view is None:
            return
        if news:
            self._changed[self._ids[view.id]] = view
        self._bound(at)

    def _received(self, receiver: str, said: OfMessage, at: float) -> None:
        view = self._view(said.message, receiver, at)
        if view is None:
            return
        before = self._seen(view)
        if view.received_at is None:
            view.received_at = at
            view.hop = max(1, said.hop)
            view.sender = view.sender or said.sender
            view.text = view.text or said.text
        if not view.told_by_origin and said.origin is not None:
            view.origin = said.origin.id
        self._advance(view, "received")
        self._compare(view, before)

    def _forwarded(self, forwarder: str, said: OfMessage, at: float) -> None:
        view = self._view(said.message, said.to.id, at)
        if view is None:
            return
        before = self._seen(view)
        end = said.to.id if said.via is None else said.via.id
        self._add_leg(view, Leg(forwarder, end, said.hop, at))
        self._compare(view, before)

    @staticmethod
    def _add_leg(view: Message, leg: Leg) -> None:
        """Keep a leg. Where there is no room, those of the last two attempts stay.

        So only the sender's word makes room, and nobody else talks away what was told.
        """
        if len(view.legs) >= MOST_LEGS and len(view.attempts) > 2:
            kept_from = sorted(view.attempts.values())[-2] - SLACK
            view.legs[:] = [one for one in view.legs if (one.at or 0.0) >= kept_from]
        if len(view.legs) < MOST_LEGS and not told_before(view.legs, leg):
            view.legs.append(leg)

    def _of_sender(self, reporter: str, said: OfMessage, at: float) -> Message | None:
        """The view that a sender may speak about; None where it is another's, or gone."""
        view = self._view(said.message, said.to.id, at)
        if view is None:
            return None
        if view.origin is not None and view.origin != reporter:
            return None
        view.origin = reporter
        view.told_by_origin = True
        return view

    @staticmethod
    def _queued(view: Message, said: OfMessage, at: float) -> None:
        """It stands behind others, or a person wants it tried again."""
        view.sender = said.sender or view.sender
        view.text = said.text or view.text
        if said.number <= view.place:
            return
        view.place = said.number
        if view.state == "failed":
            view.state, view.done_at, view.reason, view.queued_at = "sent", None, None, at
        view.queued_at = at if view.queued_at is None else view.queued_at
        attempt = view.before + said.attempt
        if view.state == "sent" and attempt >= max(view.attempts, default=0):
            view.rested, view.again_at = attempt, None

    @staticmethod
    def _retried(view: Message, said: OfMessage, at: float) -> None:
        """An attempt came to nothing. Where the next one follows at once it does not rest."""
        attempt = view.before + said.attempt
        view.attempt = max(view.attempt, attempt)
        if view.done_at is not None:
            return
        view.reason = said.reason or view.reason
        if said.again_in > 0 and attempt > view.rested:
            view.rested, view.again_at = attempt, at + said.again_in

    def _sent(self, view: Message, said: OfMessage, at: float) -> None:
        view.sender = said.sender or view.sender
        view.text = said.text or view.text
        attempt = view.before + said.attempt
        if attempt == 1 and view.queued_at is None:
            view.queued_at = at
        full = len(view.attempts) >= MOST_ATTEMPTS
        new = attempt not in view.attempts
        if new and not (full and attempt < min(view.attempts)):
            if full:
                del view.attempts[min(view.attempts)]
            view.attempts[attempt] = at
            if said.via is not None and said.via.id != view.receiver:
                self._add_leg(view, Leg(view.origin or "", said.via.id, 1, at))
        view.attempt = max(view.attempt, attempt)

    def _ended(self, view: Message, state: MessageState, reason: str | None, at: float) -> None:
        if view.done_at is None:
            view.done_at = at
        if state == "delivered" or view.state == "sent":
            view.reason = reason
        self._advance(view, state)

    @staticmethod
    def _advance(view: Message, state: MessageState) -> None:
        if _ORDER[state] > _ORDER[view.state]:
            view.state = state

    def _view(self, message: str, receiver: str, at: float) -> Message | None:
        """The view of a message, a new one where there is none; None: it had to go just now."""
        key: Key = (message, receiver, "message")
        view = self._views.get(key)
        if isinstance(view, Message):
            return view
        if self._went(key, at):
            return None
        made = Message(self._name(message), self.total, receiver)
        self._add(key, made)
        self._bound(at)
        return made

    def _went(self, key: Key, at: float) -> bool:
        return at - self._forgotten.get(hash(key), float("-inf")) < LATE

    def _broadcast(self, message: str, origin: str, at: float) -> Broadcast | None:
        key: Key = (message, origin, "broadcast")
        view = self._views.get(key)
        if isinstance(view, Broadcast):
            return view
        if self._went(key, at):
            return None
        made = Broadcast(self._name(message), self.total, origin, self._audience(origin))
        self._add(key, made)
        return made

    def _name(self, message: str) -> str:
        """Count a new message, and what readers shall call it."""
        self.total += 1
        return message if message not in self._ids else f"{message}~{self.total}"

    def _add(self, key: Key, view: Message | Broadcast) -> None:
        self._views[key] = view
        self._ids[view.id] = key
        self._changed[key] = view

    def _bound(self, at: float) -> None:
        """Forget the oldest where there are too many, or too many legs of broadcasts."""
        while len(self._views) > self._keep or (
            self._legs > self._most_legs and len(self._views) > 1
        ):
            old, dropped = self._views.popitem(last=False)
            del self._ids[dropped.id]
            self.untold += self._changed.pop(old, None) is not None
            if isinstance(dropped, Broadcast):
                self._legs -= len(dropped.legs)
            self._forgotten[hash(old)] = at
            while len(self._forgotten) > MOST_FORGOTTEN or (
                at - next(iter(self._forgotten.values())) > LATE
            ):
                self._forgotten.popitem(last=False)

    def _compare(self, view: Message, before: tuple[object, ...]) -> None:
        """A report that repeats what is known is no news."""
        if not self.quiet and self._seen(view) != before:
            self._changed[self._ids[view.id]] = view

    def _seen(self, view: Message) -> tuple[object, ...]:
        """All that readers see, to compare with later.

        Of attempts the first and the last are enough: each new one is one of them.
        """
        if self.quiet:
            return ()
        attempts = view.attempts
        ends = (min(attempts), max(attempts)) if attempts else ()
        return (*msgspec.structs.astuple(view), len(attempts), ends, len(view.legs))
