"""Frames between nodes: many in one body, and frames for the sender in the answer."""

from flask import Blueprint, Response

from contract.http import read_bytes
from contract.limits import MAX_BATCH
from node.overlay.frames import encode, parse
from node.peer import Peer


def blueprint(peer: Peer) -> Blueprint:
    """`/overlay`."""
    routes = Blueprint("overlay", __name__)

    @routes.post("/overlay")
    def overlay() -> Response:
        return Response(
            encode(peer.heard(parse(read_bytes(MAX_BATCH)))), mimetype="application/json"
        )

    return routes
