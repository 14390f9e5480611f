"""One message, told by two nodes: joined into one view, in whatever order the news comes.

Theory of operation. The sender reports `sent` (once an attempt), `retried`, and at the end
`delivered` or `failed`; the receiver reports `received`. Their streams are independent,
and after a reconnection parts of them come twice. So a view only ever grows: each report
fills in what it knows, and the state moves one way,

    sent -> failed -> received -> delivered

where *failed* is the sender's belief, which the receiver can prove wrong. Doing the same
report twice changes nothing.

A node can report only for itself: what it sent, and what it received. The key of a view
is the message's id *and* its receiver, so that nobody can confuse somebody else's message
by reporting one of the same id.

The newest few thousand are kept.
"""

from collections import OrderedDict
from itertools import islice
from typing import Final, Literal

import msgspec

from dashboard.reports import OfMessage

KEPT: Final = 2_000
"""Messages kept [guess: ten times what the page shows at the start; with the longest texts
that is 20 to 80 MB, usually less than one]."""

MOST_ATTEMPTS: Final = 32
"""Attempts whose times are kept; a node gives up after a dozen [node: a minute]."""

MessageState = Literal["sent", "failed", "received", "delivered"]
_ORDER: Final[dict[MessageState, int]] = {"sent": 0, "failed": 1, "received": 2, "delivered": 3}

Key = tuple[str, str]
"""A message's id and its receiver's id."""


class Message(msgspec.Struct):
    """What is known of one message. Nodes are given by their ids, times in our seconds."""

    id: str
    """As readers see it: unique, and the message's own id unless that was taken."""
    number: int
    """Counts messages in the order in which we first heard of them."""
    receiver: str
    origin: str | None = None
    """The sender's id; None where the message came from outside, or nobody said yet."""
    told_by_origin: bool = False
    sender: str = ""
    text: str = ""
    state: MessageState = "sent"
    attempt: int = 1
    reason: str | None = None
    attempts: dict[int, float] = msgspec.field(default_factory=dict)
    """When each attempt left."""
    received_at: float | None = None
    done_at: float | None = None

    @property
    def sent_at(self) -> float | None:
        """When the attempt left that arrived; before anything arrives, the last one."""
        times = sorted(self.attempts.values())
        if self.received_at is not None:
            arrived = [time for time in times if time <= self.received_at]
            return max(arrived) if arrived else min(times, default=None)
        return times[-1] if times else None


class Messages:
    """The newest messages, and which of them have changed."""

    def __init__(self, keep: int = KEPT) -> None:
        self._keep = keep
        self._views: OrderedDict[Key, Message] = OrderedDict()
        self._ids: dict[str, Key] = {}
        self._changed: dict[Key, Message] = {}
        self.total = 0
        """Messages ever seen."""

    def newest(self, most: int) -> list[Message]:
        """The newest, oldest first."""
        found = list(islice(reversed(self._views.values()), most))
        found.reverse()
        return found

    @property
    def changed(self) -> bool:
        """Whether there is anything to take."""
        return bool(self._changed)

    def take_changed(self) -> list[Message]:
        """New or changed since the last time, in the order in which they were first seen."""
        taken, self._changed = self._changed, {}
        return sorted(taken.values(), key=lambda message: message.number)

    def report(self, reporter: str, type_: str, said: OfMessage, at: float) -> None:
        """A node reports about a message; `at` is when that happened, by our clock."""
        if type_ == "message.received":
            self._received(reporter, said, at)
            return
        view = self._of_sender(reporter, said)
        if view is None:
            return
        before = _seen(view)
        if type_ == "message.sent":
            self._sent(view, said, at)
        elif type_ == "message.retried":
            view.attempt = max(view.attempt, said.attempt)
            if view.done_at is None:
                view.reason = said.reason or view.reason
        elif type_ == "message.delivered":
            self._ended(view, "delivered", None, at)
        elif type_ == "message.failed":
            self._ended(view, "failed", said.reason or None, at)
        self._compare(view, before)

    def _received(self, receiver: str, said: OfMessage, at: float) -> None:
        view = self._view(said.message, receiver)
        before = _seen(view)
        if view.received_at is None:
            view.received_at = at
            view.sender = view.sender or said.sender
            view.text = view.text or said.text
        if not view.told_by_origin and said.origin is not None:
            view.origin = said.origin.id
        self._advance(view, "received")
        self._compare(view, before)

    def _of_sender(self, reporter: str, said: OfMessage) -> Message | None:
        """The view that a sender may speak about; None where it is another's."""
        view = self._view(said.message, said.to.id)
        if view.origin is not None and view.origin != reporter:
            return None
        view.origin = reporter
        view.told_by_origin = True
        return view

    @staticmethod
    def _sent(view: Message, said: OfMessage, at: float) -> None:
        view.sender = said.sender or view.sender
        view.text = said.text or view.text
        if len(view.attempts) < MOST_ATTEMPTS:
            view.attempts.setdefault(said.attempt, at)
        view.attempt = max(view.attempt, said.attempt)

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

    def _view(self, message: str, receiver: str) -> Message:
        key = (message, receiver)
        view = self._views.get(key)
        if view is None:
            self.total += 1
            shown = message if message not in self._ids else f"{message}~{self.total}"
            view = Message(shown, self.total, receiver)
            self._views[key] = view
            self._ids[shown] = key
            self._changed[key] = view
            if len(self._views) > self._keep:
                old, dropped = self._views.popitem(last=False)
                del self._ids[dropped.id]
                self._changed.pop(old, None)
        return view

    def _compare(self, view: Message, before: tuple[object, ...]) -> None:
        """A report that repeats what is known is no news."""
        if _seen(view) != before:
            self._changed[self._ids[view.id]] = view


def _seen(view: Message) -> tuple[object, ...]:
    """All that readers see, to compare with later."""
    return (*msgspec.structs.astuple(view), view.sent_at)
