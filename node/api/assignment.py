"""The assignment's calls, letter for letter: what every node of the course understands."""

from flask import Blueprint, Response, request

from contract.described import Choice, Shapes, Words, described
from contract.errors import out_of_range
from contract.http import answer, read_object
from contract.registration import registration
from contract.shapes import REGISTERING, REGISTERING_EXAMPLE
from node.overlay.views import member_view
from node.peer import Peer

shapes = Shapes("node.api.shapes")
_VIEWS = ("known", "active", "passive", "all")


def blueprint(peer: Peer) -> Blueprint:
    """`/`, `/peers`, `/register` and `/message`."""
    routes = Blueprint("assignment", __name__)

    @routes.get("/")
    @described("Who answers here", answer=shapes.Running)
    def running() -> Response:
        return answer({"message": f"Node {peer.own.id} is running!"})

    @routes.get("/peers")
    @described(
        "The members that this node knows alive, without itself",
        query=(
            Choice("view", _VIEWS, "Which: the links, the others, or the dead too.", "known"),
            Words("detail", None, "`1`: all that is known of them instead of URLs."),
        ),
        answer=shapes.Peers,
    )
    def peers() -> Response:
        view = request.args.get("view", "known")
        if view not in _VIEWS:
            raise out_of_range("'view' must be 'active', 'passive' or 'all'", "view")
        detail = request.args.get("detail", "0") not in {"", "0", "false"}
        if view == "known" and not detail:
            return answer({"peers": peer.peers()})
        records = peer.views(view)
        if view == "known":
            records = [record for record in records if record.state in {"alive", "suspect"}]
        records.sort(key=lambda record: record.url)
        if detail:
            return answer({"peers": [member_view(record) for record in records]})
        return answer({"peers": [record.url for record in records]})

    @routes.post("/register")
    @described(
        "Announce a peer, oneself most likely",
        body=REGISTERING,
        answer=shapes.Registered,
        example=REGISTERING_EXAMPLE,
    )
    def register() -> Response:
        peer.register(registration(read_object()), request.host, request.remote_addr or "")
        return answer({"status": "registered", "peers": peer.peers()})

    @routes.post("/message")
    @described(
        "A message for this node\n\nIt is answered once the message is on disk.",
        body=shapes.Arrival,
        answer=shapes.Received,
        errors=(409, 421, 503),
        example={"sender": "Node1", "msg": "Hello Node2!"},
    )
    def message() -> Response:
        peer.receive(read_object())
        return answer({"status": "received"})

    return routes
