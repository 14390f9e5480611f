"""`/faults`: break this node on purpose, see what is broken, heal it."""

from flask import Blueprint, Response, request

from contract.http import answer, read_object
from node.api import operator
from node.api.operator import UnauthorisedError
from node.peer import Peer


def blueprint(peer: Peer) -> Blueprint:
    """`/faults`."""
    routes = Blueprint("faults", __name__)

    def asker() -> str:
        """The address of who asks; raises 401 and 403."""
        remote = request.remote_addr or "nobody"
        operator.check(peer.settings, request.headers.get("Authorization"), remote)
        return remote

    def unauthorised(error: UnauthorisedError) -> Response:
        return answer(error.body(), error.status, {"WWW-Authenticate": "Bearer"})

    routes.register_error_handler(UnauthorisedError, unauthorised)

    @routes.get("/faults")
    def listed() -> Response:
        return answer({"faults": peer.faults_now()})

    @routes.post("/faults")
    def set_one() -> Response:
        who = asker()  # before the body is so much as looked at
        return answer({"fault": peer.faults.set(read_object(), who)}, 201)

    @routes.delete("/faults")
    def clear() -> Response:
        return answer({"cleared": peer.faults.clear(asker())})

    @routes.delete("/faults/<fault>")
    def clear_one(fault: str) -> Response:
        return answer({"fault": peer.faults.clear_one(fault, asker())})

    return routes
