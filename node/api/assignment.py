"""The assignment's calls, letter for letter: what every node of the course understands."""

from flask import Blueprint, Response, request

from contract.errors import out_of_range
from contract.http import answer, read_object
from contract.registration import registration
from node.overlay.views import member_view
from node.peer import Peer

_VIEWS = ("known", "active", "passive", "all")


def blueprint(peer: Peer) -> Blueprint:
    """`/`, `/peers`, `/register` and `/message`."""
    routes = Blueprint("assignment", __name__)

    @routes.get("/")
    def running() -> Response:
        return answer({"message": f"Node {peer.own.id} is running!"})

    @routes.get("/peers")
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
    def register() -> Response:
        peer.register(registration(read_object()), request.host, request.remote_addr or "")
        return answer({"status": "registered", "peers": peer.peers()})

    @routes.post("/message")
    def message() -> Response:
        peer.receive(read_object())
        return answer({"status": "received"})

    return routes
