"""`/faults`: break this node on purpose, see what is broken, heal it."""

from flask import Blueprint, Response, request

from contract.described import Late, Shapes, Words, described
from contract.http import answer, read_object
from node import operator
from node.peer import Peer

shapes = Shapes("node.api.shapes")
_WISH = Late(shapes.fault_wish)


def blueprint(peer: Peer) -> Blueprint:
    """`/faults`."""
    routes = Blueprint("faults", __name__)

    def asker() -> str:
        """The address of who asks; raises 401 and 403."""
        remote = request.remote_addr or "nobody"
        operator.check(peer.settings, request.headers.get("Authorization"), remote)
        return remote

    @routes.get("/faults")
    @described("The faults that are set, the oldest first", answer=shapes.FaultsSet)
    def listed() -> Response:
        return answer({"faults": peer.faults_now()})

    @routes.post("/faults")
    @described(
        "Break this node on purpose, for a while",
        body=_WISH,
        answer=shapes.FaultSet,
        status=201,
        errors=(401, 409, 429),
        example={"kind": "drop", "probability": 0.5, "for_seconds": 30},
    )
    def set_one() -> Response:
        who = asker()  # before the body is so much as looked at
        return answer({"fault": peer.faults.set(read_object(), who)}, 201)

    @routes.delete("/faults")
    @described("Heal all faults", answer=shapes.Cleared, errors=(401,))
    def clear() -> Response:
        return answer({"cleared": peer.faults.clear(asker())})

    @routes.delete("/faults/<fault>")
    @described(
        "Heal a fault",
        path=(Words("fault", None, "Its id, as `GET /faults` lists it."),),
        answer=shapes.FaultSet,
        errors=(401, 404),
    )
    def clear_one(fault: str) -> Response:
        return answer({"fault": peer.faults.clear_one(fault, asker())})

    return routes
