"""Delivery: a message gets to its receiver, in order, or its sender hears that it failed.

Theory of operation. The message itself lies in the outbox, on disk, before this layer
hears of it; here are only the fronts of the `lanes`, one a receiver. The head of a lane makes
its attempts. Each is a *call* to the receiver's own address, or a *journey* over the links
(`routing`), as the sender wished:

    direct   a call, and nothing else
    overlay  a journey, and nothing else
    auto     a call; where nobody answers it, a journey at once

A call costs one request, a journey as many as there are links on the way and back, so the
call comes first. There is one exception: a call to a stranger (`strangers`) takes room in a
table of the machine. While such calls are in vain, as it is full, and where this node has used
up its share of it, the journey comes first, over links that are open anyway. (The share is not
asked for where all are on one machine's loopback, which needs no hardware addresses, nor where
several messages wait for the same receiver, as one call takes them all, nor after an attempt that
came to nothing: the links may not lead there at all.) An attempt ends in one of these ways:

    stored       the receiver has it on disk: delivered, the lane moves on
    refused      the receiver will never take it (a 4xx): failed, the lane moves on
    later        it answered, but cannot take it now (a 429 or a 5xx): another attempt
    unreachable  no answer: another attempt

A call takes those along that stand behind the head in front; each of them ends by itself. Where
some of them have to wait, the head is tried again alone, and the others go when it is through.

Attempts are made after 0.5, 1, 2, 4, 8, 8 … seconds, ± a quarter, and up to a minute apart
while the receiver is held for dead; as soon as it is heard to live again, at once. That goes
on until the message's own time runs out: failed. Which of the two ways failed does not matter
to the receiver, nor that both got through: it knows the message's id and does not store it
twice. At-least-once sending and idempotent receiving make exactly-once (Saltzer, Reed, Clark
1984, "End-to-end arguments").

*Time runs out* for messages behind the head as well, and those are on disk alone. So this
layer knows only when the next one is due, and then has the outbox looked through
(`outputs.Expire`); `inputs.Expired` tells what was found. One that is under way just then has
that attempt still: it may be stored already.

What goes in: messages from the outbox, how calls and journeys ended, what ran out, timers.
What comes out: `Post`, `Launch`, `MessageEnded`, `Following`, `Expire`, the events
`message.*` of a sender.
Timers: `post`, one for each lane whose head waits for its next attempt; `expiry`.
"""

from collections.abc import Callable
from math import inf
from random import Random
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import msgspec

from contract.itself import is_loopback
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.config import Config
from node.overlay.frames import Record
from node.overlay.journeys import Ended, Left
from node.overlay.lanes import Lanes, Waiting
from node.overlay.links import Links
from node.overlay.members import Members
from node.overlay.routing import Routing
from node.overlay.views import node_view, view_of


class Progress(NamedTuple):
    """How far a message is that has not come to its end and is in front of its lane."""

    under_way: bool
    attempts: int
    reason: str
    via: str
    """The first hop that it left by; empty where it did not leave over the links."""
    again_at: float | None
    """When the next attempt is made; None while one is, or where others stand before it."""


class Delivery:
    """The messages of our own that have not come to their end."""

    def __init__(
        self,
        config: Config,
        rng: Random,
        members: Members,
        links: Links,
        routing: Routing,
        put: Callable[[o.Output], None],
        set_timer: Callable[[str, float], None],
    ) -> None:
        self._members = members
        self._links = links
        self._routing = routing
        self._put = put
        self._set_timer = set_timer
        self._lanes = Lanes(config, rng)
        self._due = inf  # when the next message's time runs out
        self._loopback = is_loopback(urlsplit(members.own.url).hostname or "")

    def __len__(self) -> int:
        return len(self._lanes)

    def progress(self, message: str) -> Progress | None:
        """How far it is; None where it waits behind others, or has ended."""
        waiting = self._lanes.get(message)
        if waiting is None:
            return None
        via = "" if waiting.resting else waiting.via
        again_at = waiting.again_at if waiting.resting and self._is_head(waiting) else None
        return Progress(not waiting.resting, waiting.attempts, waiting.reason, via, again_at)

    # --- what happens ----------------------------------------------------------------------

    def submit(self, happened: i.Submit, now: float) -> None:
        """A message is in the outbox."""
        self._look_at(now + happened.left, now)
        waiting = _waiting(happened, now)
        if self._lanes.submit(waiting):
            self._attempt(waiting, now)

    def followed(self, happened: i.Followed, now: float) -> None:
        """The outbox has said what comes next on a lane."""
        waiting = [_waiting(message, now) for message in happened.messages]
        if self._lanes.follow(happened.to, waiting):
            self._attempt(waiting[0], now)

    def post_ended(self, happened: i.PostEnded, now: float) -> None:
        """A call has its outcome, or there is nothing in the outbox to send."""
        waiting = self._lanes.get(happened.message)
        if waiting is None:
            return
        self._routing.journeys.forget(waiting.message)
        lost = happened.outcome == "unreachable"
        record = self._members.get(waiting.to)
        if not lost and record is not None and record.kind == "peer":
            self._links.answered_call(record.id, now)
        if lost and waiting.route == "auto" and self._is_head(waiting):
            self._over_links(waiting, happened.reason, now)
        else:
            path = (self._members.own.id, waiting.to)
            self._outcome(waiting, happened.outcome, happened.reason, path, now)

    def journey(self, told: Left | Ended, now: float) -> None:
        """A journey begins a leg, or has come to its end."""
        waiting = self._lanes.get(told.message)
        if waiting is None:
            return
        if isinstance(told, Ended):
            reason = told.reason
            if waiting.unanswered:
                reason = f"{waiting.unanswered}; over the links: {reason}"
            self._outcome(waiting, told.outcome, reason, told.path, now, told.hop)
            return
        if told.why:
            self._retried(waiting, told.why, 0.0)
        waiting.attempts += 1
        waiting.via = told.launch.via
        self._put(msgspec.structs.replace(told.launch, attempt=waiting.attempts))

    def again(self, to: str, now: float) -> None:
        """Time for the next attempt of a lane's head."""
        waiting = self._lanes.first(to)
        if waiting is not None and waiting.resting:
            self._attempt(waiting, now)

    def lives(self, member: str, now: float) -> None:
        """A receiver is heard of again, or has started anew: what waits for it may leave."""
        waiting = self._lanes.first(member)
        if waiting is not None:
            waiting.failures = 0
            self.again(member, now)

    def discard(self, happened: i.Discard, now: float) -> None:
        """Its sender wants it no more, and it is off the outbox already."""
        self._drop(happened.message, happened.to, "discarded", now, written=True)

    # --- time runs out ---------------------------------------------------------------------

    def _look_at(self, then: float, now: float) -> None:
        """Have the outbox looked through by then."""
        if then < self._due:
            self._due = then
            self._set_timer("expiry", max(0.0, then - now))

    def run_out(self) -> None:
        """The time of some message has run out, most likely."""
        self._due = inf
        self._put(o.Expire())

    def expired(self, happened: i.Expired, now: float) -> None:
        """So much was found, and so long it is until the next."""
        for message, to in happened.messages:
            waiting = self._lanes.get(message)
            if waiting is not None and not waiting.resting:
                waiting.until = now  # its attempt is its last
            else:
                self._drop(message, to, _in_vain(waiting.reason if waiting else ""), now)
        self._look_at(now + happened.left, now)

    def _drop(
        self, message: str, to: str, reason: str, now: float, *, written: bool = False
    ) -> None:
        """End a message that is not under way, wherever in its lane it stands."""
        waiting = self._lanes.get(message)
        if waiting is not None:
            self._end(waiting, "failed", reason, now, written=written)
            return
        if not written:
            self._put(o.MessageEnded(message, "failed", 0, reason))
        self._put(o.Emit("message.failed", {**self._ends_of(message, to), "reason": reason}))

    # --- attempts --------------------------------------------------------------------------

    def _attempt(self, waiting: Waiting, now: float) -> None:
        """Let the head of a lane leave."""
        waiting.resting = False
        waiting.via = ""
        record = self._members.get(waiting.to)
        if record is None:
            # After a restart the map is empty, and fills within a moment.
            waiting.attempts += 1
            self._later(waiting, "the receiver is not known", now)
        elif record.kind == "plain" or waiting.route == "direct":
            self._call(waiting, record)
        elif waiting.route == "overlay":
            self._over_links(waiting, "", now)
        elif self._may_call(waiting, now) or self._sets_out(waiting, record, "", now):
            self._call(waiting, record)

    def _may_call(self, waiting: Waiting, now: float) -> bool:
        """Whether the call comes first."""
        to = waiting.to
        if self._loopback or waiting.failures or self._lanes.resting(to):
            return self._links.may_call(to, now)
        return self._links.may_write(to, self._members.alive + 1, now)

    def _call(self, waiting: Waiting, to: Record) -> None:
        """Call the receiver; those in front go along, unless it is a plain node, or in trouble."""
        waiting.attempts += 1
        plain = to.kind == "plain"
        also = [] if plain or waiting.failures else self._lanes.resting(to.id)
        for one in also:
            one.attempts += 1
            one.resting = False
        behind = tuple((one.message, one.attempts) for one in also)
        self._put(o.Post(waiting.message, to.id, to.url, plain, waiting.attempts, behind))

    def _is_head(self, waiting: Waiting) -> bool:
        return self._lanes.first(waiting.to) is waiting

    def _over_links(self, waiting: Waiting, why: str, now: float) -> None:
        """Let a message leave over the links; `why` a call did not get through before."""
        record = self._members.get(waiting.to)
        if record is None or record.kind == "plain":
            self._later(waiting, why, now)
            return
        hindrance = self._sets_out(waiting, record, why, now)
        if hindrance:
            self._later(waiting, why or hindrance, now)

    def _sets_out(self, waiting: Waiting, to: Record, why: str, now: float) -> str:
        """Begin a journey. Returns what hinders it; empty where it is under way."""
        waiting.unanswered = why
        return self._routing.journeys.begin(waiting.message, to, why, now)

    # --- ends ------------------------------------------------------------------------------

    def _outcome(
        self,
        waiting: Waiting,
        outcome: str,
        reason: str,
        path: tuple[str, ...],
        now: float,
        hop: int = 1,
    ) -> None:
        if outcome == "stored":
            self._end(waiting, "delivered", "", now, hop, path)
        elif outcome == "refused":
            self._end(waiting, "failed", reason, now)
        else:
            self._later(waiting, reason, now)

    def _later(self, waiting: Waiting, reason: str, now: float) -> None:
        """An attempt came to nothing: another after a while, or the end."""
        waiting.reason = reason
        if now >= waiting.until:
            self._end(waiting, "failed", _in_vain(reason), now)
            return
        head = self._lanes.first(waiting.to)
        if head is not None and head is not waiting:  # it went along, and waits for its turn now
            waiting.resting = True
            self._retried(waiting, reason, max(0.0, head.again_at - now) if head.resting else 0.0)
            return
        waiting.failures += 1
        record = self._members.get(waiting.to)
        lives = record is not None and record.state in {"alive", "suspect"}
        again = self._lanes.again_in(waiting, lives=lives)
        waiting.resting, waiting.again_at = True, now + again
        self._retried(waiting, reason, again)
        self._set_timer(f"post {waiting.to}", again)

    def _retried(self, waiting: Waiting, reason: str, again: float) -> None:
        data = {
            **self._ends_of(waiting.message, waiting.to),
            "attempt": waiting.attempts,
            "reason": reason,
            "again_in": round(again, 3),
        }
        self._put(o.Emit("message.retried", data))

    def _end(
        self,
        waiting: Waiting,
        status: Literal["delivered", "failed"],
        reason: str,
        now: float,
        hop: int = 1,
        path: tuple[str, ...] = (),
        *,
        written: bool = False,
    ) -> None:
        """Tell what became of a message in front; where it was the head, let the next leave."""
        message = waiting.message
        if not written:
            hops = hop if status == "delivered" else 0
            self._put(o.MessageEnded(message, status, waiting.attempts, reason, hops, path))
        more: dict[str, Any] = {"hop": hop} if status == "delivered" else {"reason": reason}
        self._put(o.Emit(f"message.{status}", {**self._ends_of(message, waiting.to), **more}))
        was_head = self._is_head(waiting)
        self._lanes.ended(waiting)
        if not was_head or self._lanes.under_way(waiting.to):
            return
        head = self._lanes.first(waiting.to)
        if head is None:
            self._put(o.Following(waiting.to))
        else:
            if status == "failed" and waiting.failures:
                head.failures = max(1, head.failures)  # the receiver is in trouble: it goes alone
            self._attempt(head, now)

    def _ends_of(self, message: str, to: str) -> dict[str, Any]:
        return {
            "message": message,
            "from": node_view(self._members.own),
            "to": view_of(to, self._members),
        }


def _waiting(submitted: i.Submit, now: float) -> Waiting:
    return Waiting(
        submitted.message,
        submitted.to,
        now + submitted.left,
        submitted.attempts,
        submitted.route,
    )


def _in_vain(reason: str) -> str:
    return "its time ran out" + (f": {reason}" if reason else " before its turn came")
