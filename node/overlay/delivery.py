"""Delivery: a message gets to its receiver, in order, or its sender hears that it failed.

Theory of operation. The message itself lies in the outbox, on disk, before this layer
hears of it; here are only ids, in `lanes`, one a receiver. The head of a lane makes its
attempts. Each is a *call* to the receiver's own address, or a *journey* over the links
(`routing`), as the sender wished:

    direct   a call, and nothing else
    overlay  a journey, and nothing else
    auto     a call; where nobody answers it, a journey at once

A call costs one request, a journey as many as there are links on the way and back, so the
call comes first. There is one exception: while calls to strangers are in vain (`strangers`),
one more would be in vain too, and would take room in a table that is full; then the journey
comes first, over links that are open anyway. An attempt ends in one of these ways:

    stored       the receiver has it on disk: delivered, the lane moves on
    refused      the receiver will never take it (a 4xx): failed, the lane moves on
    later        it answered, but cannot take it now (a 429 or a 5xx): another attempt
    unreachable  no answer: another attempt

Attempts are made after 0.5, 1, 2, 4, 8, 8 … seconds, ± a quarter, until the message is a
minute old: failed. Which of the two ways failed does not matter to the receiver, nor that
both got through: it knows the message's id and does not store it twice. At-least-once
sending and idempotent receiving make exactly-once (Saltzer, Reed, Clark 1984, "End-to-end
arguments").

What goes in: messages from the outbox, how calls and journeys ended, timers.
What comes out: `Post`, `Launch`, `MessageEnded`, the events `message.*` of a sender.
Timers: `post`, one for each lane whose head waits for its next attempt.
"""

from collections.abc import Callable
from random import Random
from typing import Any, Literal

import msgspec

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

    def __len__(self) -> int:
        return len(self._lanes)

    # --- what happens ----------------------------------------------------------------------

    def submit(self, happened: i.Submit, now: float) -> None:
        """A message is in the outbox."""
        waiting = Waiting(happened.message, happened.to, now - happened.age)
        waiting.attempts = waiting.failures = happened.attempts
        waiting.route = happened.route
        if self._lanes.submit(waiting):
            self._attempt(waiting, now)

    def post_ended(self, happened: i.PostEnded, now: float) -> None:
        """A call has its outcome, or there is nothing in the outbox to send."""
        waiting = self._lanes.head(happened.message)
        if waiting is None:
            return
        self._routing.journeys.forget(waiting.message)
        following: Waiting | None
        if happened.outcome == "unreachable" and waiting.route == "auto":
            following = self._over_links(waiting, happened.reason, now)
        else:
            following = self._outcome(waiting, happened.outcome, happened.reason, 1, now)
        self._attempt(following, now)

    def journey(self, told: Left | Ended, now: float) -> None:
        """A journey begins a leg, or has come to its end."""
        waiting = self._lanes.head(told.message)
        if waiting is None:
            return
        if isinstance(told, Ended):
            reason = told.reason
            if waiting.unanswered:
                reason = f"{waiting.unanswered}; over the links: {reason}"
            following = self._outcome(waiting, told.outcome, reason, told.hop, now)
            self._attempt(following, now)
            return
        if told.why:
            self._retried(waiting, told.why, 0.0)
        waiting.attempts += 1
        self._put(msgspec.structs.replace(told.launch, attempt=waiting.attempts))

    def again(self, message: str, now: float) -> None:
        """Time for the next attempt."""
        waiting = self._lanes.head(message)
        if waiting is not None:
            self._attempt(waiting, now)

    # --- attempts --------------------------------------------------------------------------

    def _attempt(self, waiting: Waiting | None, now: float) -> None:
        """Let the head of a lane leave. A loop, as thousands behind it may have to be given up."""
        while waiting is not None:
            record = self._members.get(waiting.to)
            if record is None:
                # After a restart the map is empty, and fills within a moment.
                waiting.attempts += 1
                waiting = self._later(waiting, "the receiver is not known", now)
            elif record.kind == "plain" or waiting.route == "direct":
                self._call(waiting, record)
                return
            elif waiting.route == "overlay":
                waiting = self._over_links(waiting, "", now)
            elif self._links.may_call(record.id, now) or self._sets_out(waiting, record, "", now):
                self._call(waiting, record)
                return
            else:
                return

    def _call(self, waiting: Waiting, to: Record) -> None:
        waiting.attempts += 1
        plain = to.kind == "plain"
        self._put(o.Post(waiting.message, to.id, to.url, plain, waiting.attempts))

    def _over_links(self, waiting: Waiting, why: str, now: float) -> Waiting | None:
        """Let a message leave over the links; `why` a call did not get through before."""
        record = self._members.get(waiting.to)
        if record is None or record.kind == "plain":
            return self._later(waiting, why, now)
        hindrance = self._sets_out(waiting, record, why, now)
        return self._later(waiting, why or hindrance, now) if hindrance else None

    def _sets_out(self, waiting: Waiting, to: Record, why: str, now: float) -> str:
        """Begin a journey. Returns what hinders it; empty where it is under way."""
        waiting.unanswered = why
        return self._routing.journeys.begin(waiting.message, to, why, now)

    # --- ends ------------------------------------------------------------------------------

    def _outcome(
        self, waiting: Waiting, outcome: str, reason: str, hop: int, now: float
    ) -> Waiting | None:
        if outcome == "stored":
            return self._end(waiting, "delivered", "", hop)
        if outcome == "refused":
            return self._end(waiting, "failed", reason)
        return self._later(waiting, reason, now)

    def _later(self, waiting: Waiting, reason: str, now: float) -> Waiting | None:
        """An attempt came to nothing: another after a while, or the end, and the next in line."""
        waiting.failures += 1
        again = self._lanes.again_in(waiting, now)
        if again is None:
            return self._end(waiting, "failed", f"gave up: {reason}")
        self._retried(waiting, reason, again)
        self._set_timer(f"post {waiting.message}", again)
        return None

    def _retried(self, waiting: Waiting, reason: str, again: float) -> None:
        data = {
            **self._ends_of(waiting),
            "attempt": waiting.attempts,
            "reason": reason,
            "again_in": round(again, 3),
        }
        self._put(o.Emit("message.retried", data))

    def _end(
        self, waiting: Waiting, status: Literal["delivered", "failed"], reason: str, hop: int = 1
    ) -> Waiting | None:
        """Tell what became of a message; returns the next in its lane."""
        self._put(o.MessageEnded(waiting.message, status, waiting.attempts, reason))
        more: dict[str, Any] = {"hop": hop} if status == "delivered" else {"reason": reason}
        self._put(o.Emit(f"message.{status}", {**self._ends_of(waiting), **more}))
        return self._lanes.ended(waiting.message)

    def _ends_of(self, waiting: Waiting) -> dict[str, Any]:
        ends = {
            "from": node_view(self._members.own),
            "to": view_of(waiting.to, self._members),
        }
        return {"message": waiting.message, **ends}
