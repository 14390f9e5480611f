"""The inbox, the outbox, sending to one and to all."""

from typing import Any

from flask import Blueprint, Response, request

from contract.errors import ApiError
from contract.http import answer, read_object, whole_number
from contract.limits import MAX_SENDER
from contract.text import checked
from node.peer import Peer
from node.store import Sent


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
                        "broadcast": message.broadcast,
                    }
                    for message in page
                ],
                "next": page[-1].n if len(page) == limit else None,
            }
        )

    @routes.post("/send")
    def send() -> Response:
        return answer(peer.accept(read_object()), 202)

    @routes.post("/broadcast")
    def broadcast() -> Response:
        return answer({"id": peer.broadcast(read_object()), "status": "sent"}, 202)

    @routes.get("/send/<message>")
    def sent(message: str) -> Response:
        found = peer.store.sent(message)
        if found is None:
            raise ApiError(404, "this node has sent no message with this id")
        return answer(_view(found))

    @routes.get("/send")
    def outbox() -> Response:
        limit = whole_number("limit", 50, 1, 1_000)
        return answer({"messages": [_view(message) for message in peer.store.outbox(limit)]})

    def _view(message: Sent) -> dict[str, Any]:
        return {
            "id": message.id,
            "to": message.receiver,
            "to_name": peer.member_name(message.receiver),
            "msg": message.text,
            "route": message.route,
            "status": message.status,
            "attempts": message.attempts,
            "reason": message.reason,
            "at": message.at,
            "done_at": message.done_at,
        }

    return routes
