"""Looking into a node: its state, its events, whether it lives."""

from flask import Blueprint, Response

from contract.described import Number, Shapes, described
from contract.events import cloud_event
from contract.http import answer
from contract.shapes import Healthy
from node.peer import Peer

shapes = Shapes("node.api.shapes")
_AFTER = Number("after", 0, 0, 2**62, "Only those after this `seq`.")
_LIMIT = Number("limit", 1_000, 1, 5_000, "How many at most.")


def blueprint(peer: Peer) -> Blueprint:
    """`/status`, `/events` and `/healthz`."""
    routes = Blueprint("watching", __name__)

    @routes.get("/status")
    @described("The whole node", answer=shapes.NodeStatus, errors=(503,))
    def status() -> Response:
        snapshot = peer.snapshot()
        node = snapshot.pop("node")
        overlay = peer.overlay
        return answer(
            {
                **node,
                **snapshot,
                "durability": peer.store.durability,
                "unknown_frames": overlay.unknown_frames,
                "unsealed_batches": peer.seal.refused,
                "refused_batches": peer.refused_batches,
                "strange_frames": overlay.strange_frames,
                "broadcast": {**overlay.broadcast.sizes(), **overlay.broadcast.counts()},
                "routing": overlay.routing.sizes(),
            }
        )

    @routes.get("/events")
    @described(
        "What happened, in order\n\nSocket.IO's namespace `/events` streams the same.",
        query=(_AFTER, _LIMIT),
        answer=shapes.Events,
    )
    def events() -> Response:
        after = _AFTER.read()
        limit = _LIMIT.read()
        found, lost = peer.events.after(after, limit)
        own = peer.own
        return answer(
            {
                "events": [cloud_event(event, own.url, own.id, own.epoch) for event in found],
                "lost": lost,
                "next": found[-1].seq if found else min(after, peer.events.seq),
            }
        )

    @routes.get("/healthz")
    @described("Whether the node lives", answer=Healthy)
    def healthz() -> Response:
        return answer({"status": "ok"})

    return routes
