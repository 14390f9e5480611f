"""A node's HTTP: one blueprint a subject.

assignment   the calls that every node in the course has: /, /peers, /register, /message
messages     /messages, /send, /broadcast: inbox and outbox
watching     /status, /events, /healthz: looking into the node
overlay      /overlay: frames between nodes
"""

from flask import Flask, Response

from contract.http import create_app as create_json_app
from node.api import assignment, messages, overlay, watching
from node.peer import Peer


def create_app(peer: Peer) -> Flask:
    """The node's Flask app. It takes all it needs from the peer."""
    app = create_json_app("node", hosts=peer.settings.allowed_hosts)

    def sign(response: Response) -> Response:
        response.headers["P2P-Node"] = peer.own.id  # how others tell us from a plain node
        return response

    app.after_request(sign)
    for subject in (assignment, messages, watching, overlay):
        app.register_blueprint(subject.blueprint(peer))
    return app
