"""A node's HTTP: one blueprint a subject.

assignment   the calls that every node in the course has: /, /peers, /register, /message
messages     /messages, /send, /broadcast: inbox and outbox
watching     /status, /events, /healthz: looking into the node
overlay      /overlay: frames between nodes
metrics      /metrics: the node in numbers, for Prometheus
faults       /faults: breaking this node on purpose (operator: who may)
webhooks     /webhooks: its events, posted to a program of one's own
"""

import sqlite3

from flask import Flask, Response, request

from contract import documents, server
from contract.errors import ApiError
from contract.http import answer
from contract.http import create_app as create_json_app
from node.api import assignment, faults, messages, metrics, overlay, watching, webhooks
from node.peer import Peer
from node.unanswered import UnansweredError

_ABOUT = """One node of a peer-to-peer network: it knows the other members, takes messages and \
broadcasts, sends its own, and tells what happens. Answers carry the header P2P-Node with its id.

HEAD is answered as GET, without the body; 405 is what another method gets. Besides these calls \
there is Socket.IO at /socket.io/, namespace /events, which docs/api.md tells about."""


def create_app(peer: Peer) -> Flask:
    """The node's Flask app. It takes all it needs from the peer."""
    app = create_json_app("node", hosts=peer.settings.allowed_hosts)

    def sign(response: Response) -> Response:
        response.headers["P2P-Node"] = peer.own.id  # how others tell us from a plain node
        return response

    def say_nothing(_: UnansweredError) -> Response:
        server.hang_up(request.environ)
        return Response(status=503)  # goes nowhere

    def unreadable(error: sqlite3.DatabaseError) -> Response:
        said = ApiError(503, f"this node cannot read its file: {error}")
        return answer(said.body(), said.status)

    app.after_request(sign)
    app.register_error_handler(sqlite3.DatabaseError, unreadable)
    app.register_error_handler(UnansweredError, say_nothing)
    for subject in (assignment, messages, watching, metrics, overlay, faults, webhooks):
        app.register_blueprint(subject.blueprint(peer))
    app.register_blueprint(documents.blueprint("A node", _ABOUT))
    return app
