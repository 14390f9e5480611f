"""`/webhooks`: have events posted to a program of one's own (`node.webhooks`)."""

from flask import Blueprint, Response, request

from contract.described import Shapes, Words, described
from contract.errors import ApiError
from contract.http import answer, read_object
from node import operator
from node.peer import Peer

shapes = Shapes("node.api.shapes")


def blueprint(peer: Peer) -> Blueprint:
    """`/webhooks`."""
    routes = Blueprint("webhooks", __name__)

    def asker() -> str:
        """The address of who asks; raises 401."""
        remote = request.remote_addr or "nobody"
        given = request.headers.get("Authorization")
        operator.check_operator(peer.settings, given, remote, "webhooks")
        return remote

    @routes.get("/webhooks")
    @described("The webhooks, the oldest first", answer=shapes.Hooks, errors=(401,))
    def listed() -> Response:
        asker()  # their URLs may hold what is nobody's business
        return answer({"webhooks": peer.webhooks_now()})

    @routes.post("/webhooks")
    @described(
        "Have events posted to a program of your own\n\n"
        "It is asked first whether it agrees (`OPTIONS`). 200 where a webhook with this URL is "
        "renewed.",
        body=shapes.Hooking,
        answer=shapes.Hook,
        status=201,
        errors=(401, 409, 429),
        example={"url": "http://127.0.0.1:9000/events", "types": ["p2p.message.*"]},
    )
    def add() -> Response:
        who = asker()  # before the body is so much as looked at
        view, new = peer.webhooks.add(read_object(), who)
        return answer(view, 201 if new else 200)

    @routes.delete("/webhooks/<hook>")
    @described(
        "End a webhook",
        path=(Words("hook", None, "Its id, as `GET /webhooks` lists it."),),
        answer=shapes.Hook,
        errors=(401, 404),
    )
    def remove(hook: str) -> Response:
        who = asker()
        if not peer.webhooks_now():
            raise ApiError(404, "this node has no webhooks")
        return answer(peer.webhooks.remove(hook, who))

    return routes
