"""The inbox, the outbox, sending to one and to all."""

import json
from typing import Any, Final

from flask import Blueprint, Response, request

from contract.errors import malformed, out_of_range
from contract.http import answer, read_object, whole_number
from contract.limits import MAX_BATCH, MAX_SENDER
from contract.text import checked
from node.peer import Peer
from node.store import STATUSES, Received, Status

MOST_WAIT: Final = 30
"""Seconds that a caller can wait until all have its broadcast [guess]."""


def blueprint(peer: Peer) -> Blueprint:
    """`/messages`, `/send` and `/broadcast`."""
    routes = Blueprint("messages", __name__)

    @routes.get("/messages")
    def inbox() -> Response:
        limit = whole_number("limit", 50, 1, 1_000)
        before = whole_number("before", 2**62, 1, 2**62)
        sender = request.args.get("sender")
        if sender is not None:
            checked(sender, "sender", MAX_SENDER)
        page = peer.store.inbox(limit, before, sender)
        return answer(
            {
                "messages": [
                    {
                        "n": message.n,
                        "id": message.id,
                        "sender": message.sender,
                        "from": message.origin,
                        "msg": message.text,
                        "at": message.at,
                        "sent_at": message.sent_at,
                        "hops": message.hops,
                        "path": peer.outgoing.named(_path(message, peer.own.id)),
                        "broadcast": message.broadcast,
                    }
                    for message in page
                ],
                "next": page[-1].n if len(page) == limit else None,
            }
        )

    @routes.post("/messages")
    def several() -> Response:
        return answer({"messages": peer.receive_all(read_object(MAX_BATCH))})

    @routes.post("/send")
    def send() -> Response:
        return answer(peer.accept(read_object()), 202)

    @routes.post("/broadcast")
    def broadcast() -> Response:
        body = read_object()
        seconds = _seconds_to_wait(body.get("wait_seconds"))
        message = peer.broadcast(body)
        said: dict[str, Any] = {"id": message, "status": "sent"}
        if seconds is not None:
            said["coverage"] = peer.wait_for_all(message, seconds)
        return answer(said, 202)

    @routes.get("/broadcast/<message>")
    def covered(message: str) -> Response:
        return answer(peer.coverage(message))

    @routes.get("/send/<message>")
    def sent(message: str) -> Response:
        return answer(peer.outgoing.look(message))

    @routes.post("/send/<message>/retry")
    def retry(message: str) -> Response:
        return answer(peer.outgoing.retry(message), 202)

    @routes.delete("/send/<message>")
    def discard(message: str) -> Response:
        peer.outgoing.discard(message)
        return answer({"id": message, "status": "discarded"})

    @routes.get("/send")
    def outbox() -> Response:
        limit = whole_number("limit", 50, 1, 1_000)
        before = whole_number("before", 2**62, 1, 2**62)
        page = peer.store.outbox(limit, before, _status(request.args.get("status")))
        return answer(
            {
                "messages": [peer.outgoing.view(message) for message in page],
                "next": page[-1].n if len(page) == limit else None,
            }
        )

    return routes


def _seconds_to_wait(wanted: Any) -> float | None:
    """For how long a caller waits until all have it; None: not at all. Raises 400, 422."""
    if wanted is None:
        return None
    if type(wanted) not in {int, float}:
        raise malformed("'wait_seconds' must be a number", "wait_seconds")
    if not 0 <= wanted <= MOST_WAIT:
        raise out_of_range(f"'wait_seconds' must be from 0 to {MOST_WAIT}", "wait_seconds")
    return float(wanted)


def _path(message: Received, own: str) -> list[str]:
    """The ids that a message came by, both ends too; empty where we were not told."""
    if message.path is not None:
        return [*json.loads(message.path), own]
    if message.hops == 1 and message.origin is not None:
        return [message.origin, own]
    return []


def _status(wanted: str | None) -> Status | None:
    """Which messages are asked for; None: all. Raises 422."""
    if wanted is None:
        return None
    for status in STATUSES:
        if status == wanted:
            return status
    raise out_of_range("'status' must be 'queued', 'delivered' or 'failed'", "status")
