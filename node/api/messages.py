"""The inbox, the outbox, sending to one and to all."""

import json
from typing import Any, Final

from flask import Blueprint, Response, request

from contract.described import Choice, Number, Shapes, Words, described, message_id
from contract.errors import malformed, out_of_range
from contract.http import answer, read_object
from contract.limits import MAX_BATCH, MAX_SENDER
from contract.text import checked
from node.peer import Peer
from node.store import STATUSES, Received, Status

shapes = Shapes("node.api.shapes")
MOST_WAIT: Final = 30
"""Seconds that a caller can wait until all have its broadcast [guess]."""

LIMIT: Final = Number("limit", 50, 1, 1_000, "How many at most.")
BEFORE: Final = Number("before", None, 1, 2**62, "Only those before this `n`: the next page.")
_MESSAGE: Final = message_id("message")


def blueprint(peer: Peer) -> Blueprint:
    """`/messages`, `/send` and `/broadcast`."""
    routes = Blueprint("messages", __name__)

    @routes.get("/messages")
    @described(
        "The inbox, newest first",
        query=(LIMIT, BEFORE, Words("sender", MAX_SENDER, "Only what this one claims to say.")),
        answer=shapes.Inbox,
        errors=(503,),
    )
    def inbox() -> Response:
        limit = LIMIT.read()
        before = BEFORE.read()
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
    @described(
        "Several messages of one node\n\n"
        "What our nodes send each other where several wait: stored in this order and in one "
        "commit, or none where one is malformed. At most 1 MiB.",
        body=shapes.Together,
        answer=shapes.ReceivedTogether,
        errors=(421, 503),
        example={
            "from": "a-node",
            "to": "this-node",
            "messages": [{"id": "m1", "sender": "node1", "msg": "Hello!"}],
        },
    )
    def several() -> Response:
        return answer({"messages": peer.receive_all(read_object(MAX_BATCH))})

    @routes.post("/send")
    @described(
        "Send a message to a member\n\n"
        "It is answered once the message is on disk; `GET /send/{message}` tells the rest.",
        body=shapes.Sending,
        answer=shapes.Accepted,
        status=202,
        errors=(404, 409, 429, 503),
        example={"to": "node7", "msg": "Hello!"},
    )
    def send() -> Response:
        return answer(peer.accept(read_object()), 202)

    @routes.post("/broadcast")
    @described(
        "Send a message to every member",
        body=shapes.Broadcasting,
        answer=shapes.BroadcastSent,
        status=202,
        errors=(409, 429, 503),
        example={"msg": "Hello all!", "wait_seconds": 5},
    )
    def broadcast() -> Response:
        body = read_object()
        seconds = _seconds_to_wait(body.get("wait_seconds"))
        message = peer.broadcast(body)
        said: dict[str, Any] = {"id": message, "status": "sent"}
        if seconds is not None:
            said["coverage"] = peer.wait_for_all(message, seconds)
        return answer(said, 202)

    @routes.get("/broadcast/<message>")
    @described(
        "Who is known to have a broadcast of this node",
        path=(_MESSAGE,),
        answer=shapes.Coverage,
        errors=(404, 503),
    )
    def covered(message: str) -> Response:
        return answer(peer.coverage(message))

    @routes.get("/send/<message>")
    @described(
        "How far a message is",
        path=(_MESSAGE,),
        answer=shapes.OutboxMessage,
        errors=(404, 503),
    )
    def sent(message: str) -> Response:
        return answer(peer.outgoing.look(message))

    @routes.post("/send/<message>/retry")
    @described(
        "Try a failed message anew, or a waiting one at once",
        path=(_MESSAGE,),
        answer=shapes.OutboxMessage,
        status=202,
        errors=(404, 409, 429, 503),
    )
    def retry(message: str) -> Response:
        return answer(peer.outgoing.retry(message), 202)

    @routes.delete("/send/<message>")
    @described(
        "Drop a message that has ended, or has not left",
        path=(_MESSAGE,),
        answer=shapes.Discarded,
        errors=(404, 409, 503),
    )
    def discard(message: str) -> Response:
        peer.outgoing.discard(message)
        return answer({"id": message, "status": "discarded"})

    @routes.get("/send")
    @described(
        "The outbox, newest first",
        query=(LIMIT, BEFORE, Choice("status", STATUSES, "Only these.")),
        answer=shapes.Outbox,
        errors=(503,),
    )
    def outbox() -> Response:
        limit = LIMIT.read()
        before = BEFORE.read()
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
