"""Frames between nodes: many in one body, and frames for the sender in the answer."""

from typing import Any

from flask import Blueprint, Response, request

from contract.described import described
from contract.http import read_bytes
from contract.limits import MAX_BATCH
from node.peer import Peer

_EXAMPLE = {"id": "me", "name": "me", "url": "http://me:5000"}


def blueprint(peer: Peer) -> Blueprint:
    """`/overlay`."""
    routes = Blueprint("overlay", __name__)

    @routes.post("/overlay")
    @described(
        "A batch of frames between nodes\n\n"
        "What is in it is told by docs/protocol.md; frames for the sender come back. In a "
        "network with a secret it is sealed by the headers `P2P-Time` and `P2P-Mac`.",
        body=dict[str, Any],
        answer=dict[str, Any],
        errors=(421,),
        example={
            "v": 1,
            "sender": {"id": "me", "name": "me", "url": "http://me:5000"},
            "frames": [],
        },
    )
    def overlay() -> Response:
        said, headers = peer.overlay_request(read_bytes(MAX_BATCH), request.headers.get)
        return Response(said, headers=headers, mimetype="application/json")

    return routes
