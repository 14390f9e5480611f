"""Carries messages to their receivers: `POST /message`, the call that every node has.

The overlay says which message may leave now; here it is read from the outbox, handed over,
and the outcome reported back. One of our nodes is told the message's id, so that it can
recognise a repetition, whom we mean, so that another node at the same address refuses it,
its place in our outbox, so that an old copy that comes over the links is told from it
(`node.overlay.routing`), and when we took it, which its inbox shows. A plain node gets just
what the assignment has: `sender` and `msg`.
"""

import json
import threading
from collections.abc import Callable
from queue import SimpleQueue

from node.connections import MISDIRECTED, Connections, NoAnswerError
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
        leaving: Callable[[Post, Sent], None],
        happened: Callable[[PostEnded], None],
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
        """Queue an attempt; the overlay keeps one message a receiver under way."""
        self._queue.put(post)

    def _work(self) -> None:
        while True:
            self._happened(self._hand_over(self._queue.get()))

    def _hand_over(self, post: Post) -> PostEnded:
        message = self._store.sent(post.message)
        if message is None:
            return PostEnded(post.message, "refused", "it is no longer in the outbox")
        self._leaving(post, message)
        try:
            reply = self._connections.request(
                "POST", post.url, "/message", self._body(post, message)
            )
        except NoAnswerError as error:
            return PostEnded(post.message, "unreachable", str(error))
        if 200 <= reply.status < 300:
            return PostEnded(post.message, "stored")
        if reply.status == MISDIRECTED:  # the one that is meant may come back, somewhere
            return PostEnded(post.message, "unreachable", "another node lives at its address")
        if reply.status >= 500 or reply.status in _LATER:
            return PostEnded(post.message, "later", f"the receiver answered {reply.status}")
        answer = reply.json()
        why = answer.get("error") if isinstance(answer, dict) else None
        reason = f"refused with {reply.status}" + (f": {str(why)[:200]}" if why else "")
        return PostEnded(post.message, "refused", reason)

    def _body(self, post: Post, message: Sent) -> bytes:
        own = self._own()
        sender = message.sender or own.name
        body: dict[str, str | int | float] = {"sender": sender, "msg": message.text}
        if not post.plain:
            body |= {"id": message.id, "from": own.id, "to": post.to, "number": message.n}
            body["sent_at"] = message.at
        return json.dumps(body).encode()
