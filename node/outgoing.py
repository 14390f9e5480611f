"""Messages of our own, between whoever sends them, the outbox and the overlay.

The outbox on disk has all of them, the overlay the first few for each receiver (`lanes`). Here
is what lies between: a call of `POST /send` becomes a row and an input; the overlay asks what
comes next and what has run out; people ask how far a message is, try a failed one again, or
drop it. All under the peer's lock, so that a message gets into the outbox and into its lane in
one step.

*Idempotent.* Who calls with an id of his own and hears no answer, as this node was killed say,
calls again with the same words: he gets the same answer, and the message leaves once. The
words are compared before the receiver is looked for, as a node that has just started knows
nobody yet.
"""

import json
import time
from collections.abc import Callable
from math import inf
from threading import RLock
from typing import Any
from uuid import uuid4

from contract.errors import ApiError, malformed, out_of_range
from contract.limits import DEFAULT_TTL, MAX_ID, MAX_SENDER, MAX_TEXT, MAX_TTL, MIN_TTL
from contract.text import checked
from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.core import Overlay
from node.overlay.frames import Record
from node.overlay.views import node_view, view_of
from node.store import Ending, Sent, Store

LOOK_AGAIN = "outbox "
"""A timer of this module; the receiver's id follows."""
DISK_AGAIN = 5.0
"""Seconds until a disk that took nothing is tried again [guess]."""
EXPIRE_AT_ONCE = 200
"""Messages that are given up in one go: some 20 ms [guess]; the others follow."""
EXPIRE_AGAIN = 0.1
"""Seconds until those others."""


class Outgoing:
    """The outbox at work."""

    def __init__(
        self,
        store: Store,
        overlay: Overlay,
        lock: RLock,
        find: Callable[[str], Record],
        happened: Callable[[i.Input], None],
        set_timer: Callable[[str, float], None],
        emit: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._store = store
        self._overlay = overlay
        self._lock = lock
        self._find = find
        self._happened = happened
        self._set_timer = set_timer
        self._emit = emit
        self.unwritten = False
        """Whether the disk did not take how a message ended."""

    def start(self) -> None:
        """Go on where the last life stopped."""
        with self._lock:
            for message in self._store.heads():
                self._happened(self._submit(message))
            self._expire()

    # --- what people ask -------------------------------------------------------------------

    def send(self, body: dict[str, Any]) -> str:
        """A message of ours for somebody else. Returns its id once it is stored."""
        for field in ("to", "msg"):
            if field not in body:
                raise malformed(f"'{field}' is missing", field)
        to = checked(body["to"], "to", MAX_SENDER)
        text = checked(body["msg"], "msg", MAX_TEXT)
        route = _route(body.get("route", "auto"))
        ttl = _ttl(body.get("ttl_seconds", DEFAULT_TTL))
        given = body.get("id")
        message = str(uuid4()) if given is None else checked(given, "id", MAX_ID)
        with self._lock:  # in the outbox and in its lane in the same order
            there = None if given is None else self._store.sent(message)
            if there is None:
                receiver = self._find(to).id
            elif self._same(there, to, (text, route, ttl)):
                receiver = there.receiver
            else:
                raise ApiError(409, "this id was used for another message", field="id")
            new = self._store.accept(
                message, receiver, text, route=route, ttl=ttl, wanted=to, together=True
            )
            if new:
                self._happened(i.Submit(message, receiver, ttl, route=route))
                self.told_to_wait(message)
        self._store.settled()  # not under the lock, so that others get in
        return message

    def _same(self, there: Sent, to: str, said: tuple[str, str, float]) -> bool:
        """Whether a call has the same words as the one that this message is from."""
        if said != (there.text, there.route, there.ttl):
            return False
        if to in {there.wanted, there.receiver}:
            return True
        try:
            return self._find(to).id == there.receiver
        except ApiError:
            return False

    def retry(self, message: str) -> dict[str, Any]:
        """Send a failed message again, behind all others, or try a waiting one at once."""
        with self._lock:
            there = self._idle(message)
            if there.status == "delivered":
                raise ApiError(409, "it was delivered: there is nothing to try again")
            if self._store.revive(message):
                again = self._there(message)
                self._tell_queued(again)
                self._happened(self._submit(again))
            else:
                self._happened(i.Again(there.receiver))
            return self.view(self._there(message))

    def discard(self, message: str) -> None:
        """Drop a message that has ended, or has not left."""
        with self._lock:
            there = self._idle(message)
            self._store.discard(message)
            if there.status == "queued":
                self._happened(i.Discard(message, there.receiver))
            else:
                self._emit("message.discarded", self._ends_of(there))

    def told_to_wait(self, message: str) -> None:
        """Tell of a message that was just submitted and stands behind others.

        One that stands before them leaves, which is told then. Whoever watches would not know
        of this one for as long as those before it wait.
        """
        if self._overlay.progress(message) is None:
            self._tell_queued(self._there(message))

    def _tell_queued(self, message: Sent) -> None:
        data = {
            **self._ends_of(message),
            "sender": message.sender or self._overlay.own.name,
            "text": message.text,
            "number": message.n,
            "attempt": message.attempts,
        }
        self._emit("message.queued", data)

    def _ends_of(self, message: Sent) -> dict[str, Any]:
        return {
            "message": message.id,
            "from": node_view(self._overlay.own),
            "to": view_of(message.receiver, self._overlay.members),
        }

    def _idle(self, message: str) -> Sent:
        """A message that is not under way. 404 and 409."""
        there = self._there(message)
        progress = self._overlay.progress(message)
        if progress is not None and progress.under_way:
            raise ApiError(409, "it is on its way just now; ask again when it has got somewhere")
        return there

    def _there(self, message: str) -> Sent:
        found = self._store.sent(message)
        if found is None:
            raise ApiError(404, "this node has sent no message with this id")
        return found

    def look(self, message: str) -> dict[str, Any]:
        """How far a message is. 404 for what is not in the outbox."""
        return self.view(self._there(message))

    def view(self, message: Sent) -> dict[str, Any]:
        """A message of the outbox, for people."""
        queued = message.status == "queued"
        progress = self._overlay.progress(message.id) if queued else None
        under_way = progress is not None and progress.under_way
        attempts, reason, hops = message.attempts, message.reason, message.hops
        again_at = None if progress is None else progress.again_at
        path: list[str] = json.loads(message.path) if message.path else []
        if progress is not None:
            attempts, reason = progress.attempts, progress.reason or None
        if progress is not None and under_way:
            path = [self._overlay.own.id, *([progress.via] if progress.via else [])]
            hops = len(path) - 1
        return {
            "id": message.id,
            "n": message.n,
            "to": message.receiver,
            "to_name": self._name(message.receiver),
            "msg": message.text,
            "route": message.route,
            "ttl_seconds": message.ttl,
            "status": message.status,
            "under_way": under_way,
            "attempts": attempts,
            "reason": reason,
            "next_in": None if again_at is None else _left(again_at - time.monotonic()),
            "promise": self._promise(message.receiver),
            "at": message.at,
            "done_at": message.done_at,
            "expires_in": _left(message.expires - self._store.now()) if queued else None,
            "hops": hops,
            "path": self.named(path),
        }

    def named(self, path: list[str]) -> list[dict[str, str]]:
        """A path for people: each id with the name that we know it by, or the id again."""
        return [{"id": member, "name": self._name(member)} for member in path]

    def _name(self, member: str) -> str:
        own = self._overlay.own
        record = own if member == own.id else self._overlay.members.get(member)
        return record.name if record else member

    def _promise(self, receiver: str) -> str | None:
        """How often a receiver gets what we send it. None where we do not know its kind now.

        One of our nodes is told the message's id and stores it once. A plain node is told none,
        and where its answer was lost it gets the message again.
        """
        record = self._overlay.members.get(receiver)
        if record is None:
            return None
        return "at-least-once" if record.kind == "plain" else "exactly-once"

    # --- what the overlay asks ---------------------------------------------------------------

    def wanted(self, output: o.MessageEnded | o.Following | o.Expire) -> None:
        """Do it."""
        match output:
            case o.MessageEnded():
                self.ended(output)
            case o.Following(to):
                self.following(to)
            case o.Expire():
                self._expire()

    def ended(self, *ends: o.MessageEnded) -> None:
        """Write down how messages ended.

        Where the disk is full they stay queued, and leave again later: their receiver knows
        their ids, and stores them once.
        """
        try:
            self._store.ended(
                *(
                    Ending(e.message, e.status, e.attempts, e.reason or None, e.hops, e.path)
                    for e in ends
                )
            )
        except ApiError as error:
            self.unwritten = True
            print(f"How a message ended could not be written: {error.message}", flush=True)

    def following(self, to: str) -> None:
        """Say which messages come next for a receiver."""
        with self._lock:
            if self.unwritten:  # it would be the same one, at once and for ever
                self.unwritten = False
                self._set_timer(LOOK_AGAIN + to, DISK_AGAIN)
                return
            found = map(self._submit, self._store.following(to))
            self._happened(i.Followed(to, tuple(found)))

    def _expire(self) -> None:
        """Say what has run out, and when to look again."""
        now = self._store.now()  # one moment: what runs out in between would be in neither
        found = self._store.expired(EXPIRE_AT_ONCE, now)
        left = EXPIRE_AGAIN
        if len(found) < EXPIRE_AT_ONCE:
            following = self._store.next_expiry(now)
            left = inf if following is None else following
        if found or left < inf:
            self._happened(i.Expired(tuple((m.id, m.receiver) for m in found), left))
        if self.unwritten:
            self._happened(i.Expired((), DISK_AGAIN))

    def _submit(self, message: Sent) -> i.Submit:
        left = message.expires - self._store.now()
        return i.Submit(message.id, message.receiver, left, message.attempts, message.route)


def _left(seconds: float) -> float:
    """Seconds until then, for people."""
    return max(0.0, round(seconds, 1))


def _route(value: object) -> i.Route:
    """How a message is to go. 400 for what is no text, 422 for what is no route."""
    wanted = checked(value, "route", MAX_ID, blank=True)
    for route in i.ROUTES:
        if route == wanted:
            return route
    raise out_of_range("'route' must be 'auto', 'direct' or 'overlay'", "route")


def _ttl(value: object) -> float:
    """For how many seconds a message may wait. 400 for what is no number, 422 out of range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise malformed("'ttl_seconds' must be a number of seconds", "ttl_seconds")
    if not MIN_TTL <= value <= MAX_TTL:
        raise out_of_range(
            f"'ttl_seconds' must be from {MIN_TTL} to {MAX_TTL:,}, a week", "ttl_seconds"
        )
    return float(value)
