"""Carries messages to their receivers: `POST /message`, the call that every node has.

The overlay says which messages may leave now; here they are read from the outbox, handed over,
and the outcomes reported back. One of our nodes is told a message's id, so that it can
recognise a repetition, whom we mean, so that another node at the same address refuses it,
its place in our outbox, so that an old copy that comes over the links is told from it
(`node.overlay.routing`), and when we took it, which its inbox shows. A plain node gets just
what the assignment has: `sender` and `msg`.

Several go in one `POST /messages`, which our nodes have: it is answered for each of them. Where
a node does not know that call, or refuses it whole, each goes by itself, in order, until one
of them has to wait.
"""

import json
import threading
from collections.abc import Callable
from queue import SimpleQueue

import msgspec

from node.connections import MISDIRECTED, Connections, NoAnswerError, Reply
from node.overlay.frames import Record
from node.overlay.inputs import PostEnded
from node.overlay.outputs import Post
from node.store import Sent, Store

WORKERS = 8
"""Receivers that are written to at the same time [guess]."""

_LATER = frozenset({408, 425, 429})
"""Refusals that say "not now" and not "never" (RFC 9110; RFC 8470 for 425)."""


class Courier:
    """A few workers that hand messages over."""

    def __init__(
        self,
        connections: Connections,
        store: Store,
        own: Callable[[], Record],
        leaving: Callable[[Sent, int], None],
        happened: Callable[[list[PostEnded]], None],
    ) -> None:
        self._connections = connections
        self._store = store
        self._own = own
        self._leaving = leaving
        self._happened = happened
        self._queue: SimpleQueue[Post] = SimpleQueue()

    def start(self) -> None:
        """Begin to carry."""
        for number in range(WORKERS):
            threading.Thread(target=self._work, name=f"courier-{number}", daemon=True).start()

    def carry(self, post: Post) -> None:
        """Queue an attempt; the overlay keeps one a receiver under way."""
        self._queue.put(post)

    def _work(self) -> None:
        while True:
            self._happened(self._hand_over(self._queue.get()))

    def _hand_over(self, post: Post) -> list[PostEnded]:
        """Hand over all that go together. What became of each, in order."""
        there = self._store.sent_all([message for message, _ in post.all])
        leaving = [(there[message], n) for message, n in post.all if message in there]
        gone = [
            PostEnded(message, "refused", "it is no longer in the outbox")
            for message, _ in post.all
            if message not in there
        ]
        if len(leaving) > 1:
            return [*gone, *self._together(post, leaving)]
        return [*gone, *(self._alone(post, *one) for one in leaving)]

    def _alone(self, post: Post, message: Sent, attempt: int) -> PostEnded:
        self._leaving(message, attempt)
        try:
            reply = self._connections.request(
                "POST", post.url, "/message", self._body(post, message)
            )
        except NoAnswerError as error:
            return PostEnded(message.id, "unreachable", str(error))
        return _ended(message.id, reply)

    def _together(self, post: Post, messages: list[tuple[Sent, int]]) -> list[PostEnded]:
        own = self._own()
        body = {
            "from": own.id,
            "to": post.to,
            "messages": [
                {
                    "id": m.id,
                    "sender": m.sender or own.name,
                    "msg": m.text,
                    "number": m.n,
                    "sent_at": m.at,
                }
                for m, _ in messages
            ],
        }
        for message, attempt in messages:
            self._leaving(message, attempt)
        try:
            said = msgspec.json.encode(body)
            reply = self._connections.request("POST", post.url, "/messages", said)
        except NoAnswerError as error:
            return [PostEnded(message.id, "unreachable", str(error)) for message, _ in messages]
        ends = [_ended(message.id, reply) for message, _ in messages]
        if ends[0].outcome == "stored":
            return _outcomes(ends, reply)
        if ends[0].outcome == "refused":  # the call, and not the messages
            return self._one_by_one(post, messages)
        return ends

    def _one_by_one(self, post: Post, messages: list[tuple[Sent, int]]) -> list[PostEnded]:
        """The order is kept: nothing goes behind one that has to wait."""
        ends: list[PostEnded] = []
        for message, attempt in messages:
            if ends and ends[-1].outcome in {"later", "unreachable"}:
                ends.append(PostEnded(message.id, ends[-1].outcome, ends[-1].reason))
            else:
                ends.append(self._alone(post, message, attempt))
        return ends

    def _body(self, post: Post, message: Sent) -> bytes:
        own = self._own()
        sender = message.sender or own.name
        body: dict[str, str | int | float] = {"sender": sender, "msg": message.text}
        if not post.plain:
            body |= {"id": message.id, "from": own.id, "to": post.to, "number": message.n}
            body["sent_at"] = message.at
        return json.dumps(body).encode()


def _ended(message: str, reply: Reply) -> PostEnded:
    """What an answer means for a message."""
    if 200 <= reply.status < 300:
        return PostEnded(message, "stored")
    if reply.status == MISDIRECTED:  # the one that is meant may come back, somewhere
        return PostEnded(message, "unreachable", "another node lives at its address")
    if reply.status >= 500 or reply.status in _LATER:
        return PostEnded(message, "later", f"the receiver answered {reply.status}")
    answer = reply.json()
    why = answer.get("error") if isinstance(answer, dict) else None
    reason = f"refused with {reply.status}" + (f": {str(why)[:200]}" if why else "")
    return PostEnded(message, "refused", reason)


def _outcomes(ends: list[PostEnded], reply: Reply) -> list[PostEnded]:
    """What became of each message. Of whom nothing is said, nothing is known: another attempt."""
    answer = reply.json()
    told = answer.get("messages") if isinstance(answer, dict) else None
    if not isinstance(told, list) or len(told) != len(ends):
        return [PostEnded(end.message, "later", "its answer names other messages") for end in ends]
    return [_outcome(end.message, one) for end, one in zip(ends, told, strict=True)]


def _outcome(message: str, told: object) -> PostEnded:
    status, why = (told.get("status"), told.get("error")) if isinstance(told, dict) else (None, "")
    if status == "received":
        return PostEnded(message, "stored")
    if status == "refused":
        return PostEnded(message, "refused", f"refused: {str(why)[:200]}")
    return PostEnded(message, "later", "its answer says nothing of it")
