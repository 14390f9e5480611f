"""`/webhooks`: have events posted to a program of one's own (`node.webhooks`)."""

from flask import Blueprint, Response, request

from contract.errors import ApiError
from contract.http import answer, read_object
from node.api import operator
from node.api.operator import UnauthorisedError
from node.peer import Peer


def blueprint(peer: Peer) -> Blueprint:
    """`/webhooks`."""
    routes = Blueprint("webhooks", __name__)

    def asker() -> str:
        """The address of who asks; raises 401."""
        remote = request.remote_addr or "nobody"
        given = request.headers.get("Authorization")
        operator.check_operator(peer.settings, given, remote, "webhooks")
        return remote

    def unauthorised(error: UnauthorisedError) -> Response:
        return answer(error.body(), error.status, {"WWW-Authenticate": "Bearer"})

    routes.register_error_handler(UnauthorisedError, unauthorised)

    @routes.get("/webhooks")
    def listed() -> Response:
        asker()  # their URLs may hold what is nobody's business
        return answer({"webhooks": peer.webhooks_now()})

    @routes.post("/webhooks")
    def add() -> Response:
        who = asker()  # before the body is so much as looked at
        view, new = peer.webhooks.add(read_object(), who)
        return answer(view, 201 if new else 200)

    @routes.delete("/webhooks/<hook>")
    def remove(hook: str) -> Response:
        who = asker()
        if not peer.webhooks_now():
            raise ApiError(404, "this node has no webhooks")
        return answer(peer.webhooks.remove(hook, who))

    return routes
