# ruff: noqa: ANN201, INP001, S104 - as a student writes it, and a container listens everywhere
"""A node as the assignment draws it, to be replaced by yours.

It has four calls, and tells the bootstrap that it is there.

    python3 p2p.py up --local --nodes 12 --mix 3 --command "python3 docs/scenarios/mynode.py"

It has no overlay, no retries and no memory. Try what a scenario says about that.
"""

import os
import socket
import threading
import time
import uuid

import requests
from flask import Flask, jsonify, request

PORT = int(os.environ.get("PORT", "5000"))
URL = os.environ.get("NODE_URL", f"http://{socket.gethostname()}:{PORT}")
BOOTSTRAP = os.environ.get("BOOTSTRAP_URL", "http://bootstrap:5000")
PATIENCE = 5
"""Seconds for an answer."""

app = Flask(__name__)
node_id = str(uuid.uuid4())
peers = set()


@app.get("/")
def home():
    """Say who it is."""
    return jsonify({"message": f"Node {node_id} is running!"})


@app.get("/peers")
def known():
    """Everybody it has heard of."""
    return jsonify({"peers": sorted(peers)})


@app.post("/register")
def register():
    """Take down who says that it is there."""
    body = request.get_json(silent=True) or {}
    peer = body.get("url") or body.get("peer") or body.get("address")
    if not isinstance(peer, str):
        return jsonify({"error": "say your 'url'"}), 400
    peers.add(peer)
    return jsonify({"status": "registered", "peers": sorted(peers)})


@app.post("/message")
def message():
    """Print it: a log is all the memory that this node has."""
    body = request.get_json(silent=True) or {}
    if "sender" not in body or "msg" not in body:
        return jsonify({"error": "say 'sender' and 'msg'"}), 400
    print(f"Received message from {body['sender']}: {body['msg']}", flush=True)
    return jsonify({"status": "received"})


def join():
    """Tell the bootstrap, again and again until it hears, and take its list."""
    while True:
        try:
            requests.post(f"{BOOTSTRAP}/register", json={"peer": URL}, timeout=PATIENCE)
            answer = requests.get(f"{BOOTSTRAP}/peers", timeout=PATIENCE).json()
        except (requests.RequestException, ValueError):
            time.sleep(1)  # it may start later than we do
            continue
        peers.update(peer for peer in answer["peers"] if peer != URL)
        return


if __name__ == "__main__":
    threading.Thread(target=join, daemon=True).start()
    app.run(host=os.environ.get("NODE_HOST", "0.0.0.0"), port=PORT, threaded=True)
