"""Frames between nodes: many in one body, and frames for the sender in the answer."""

from flask import Blueprint, Response, request

from contract.http import read_bytes
from contract.limits import MAX_BATCH
from node.peer import Peer


def blueprint(peer: Peer) -> Blueprint:
    """`/overlay`."""
    routes = Blueprint("overlay", __name__)

    @routes.post("/overlay")
    def overlay() -> Response:
        said, headers = peer.overlay_request(read_bytes(MAX_BATCH), request.headers.get)
        return Response(said, headers=headers, mimetype="application/json")

    return routes
