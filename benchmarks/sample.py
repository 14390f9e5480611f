"""The node as the assignment draws it: Flask's own server, and everybody asks everybody.

The yardstick of the other benchmarks. A threaded `app.run`, a list of peers, a loop that
announces itself to each peer once and asks every known peer for its peers every ten seconds.
"""

import os
import threading
import time
import uuid
from typing import Any

import requests
from flask import Flask, jsonify, request

POLL = 10.0
"""Seconds between two rounds of asking all peers."""

app = Flask(__name__)
node_id = str(uuid.uuid4())
peers: set[str] = set()


@app.get("/")
def home() -> Any:
    """Say that it runs."""
    return jsonify({"message": f"Node {node_id} is running!"})


@app.get("/peers")
def list_peers() -> Any:
    """Everybody it knows."""
    return jsonify({"peers": sorted(peers)})


@app.post("/register")
def register() -> Any:
    """Take a peer in."""
    peers.add(request.json["peer"])  # type: ignore[index]
    return jsonify({"status": "registered", "peers": sorted(peers)})


@app.post("/message")
def message() -> Any:
    """Print a message; that is all the assignment asks for."""
    body: Any = request.json
    print(f"Received message from {body['sender']}: {body['msg']}", flush=True)
    return jsonify({"status": "received"})


def _poll(own: str) -> None:
    told: set[str] = set()
    while True:
        for peer in sorted(peers - {own}):
            try:
                if peer not in told:  # else nobody would ever ask whoever came first
                    requests.post(f"{peer}/register", json={"peer": own}, timeout=5)
                    told.add(peer)
                peers.update(requests.get(f"{peer}/peers", timeout=5).json()["peers"])
            except (requests.RequestException, ValueError, KeyError):
                continue
        time.sleep(POLL)


def main() -> None:
    """Join through BOOTSTRAP_URL and serve on NODE_PORT."""
    port = int(os.environ["NODE_PORT"])
    own = f"http://127.0.0.1:{port}"
    bootstrap = os.environ.get("BOOTSTRAP_URL")
    if bootstrap:
        requests.post(f"{bootstrap}/register", json={"peer": own}, timeout=30)
        peers.update(requests.get(f"{bootstrap}/peers", timeout=30).json()["peers"])
    threading.Thread(target=_poll, args=(own,), daemon=True).start()
    app.run(host="127.0.0.1", port=port, threaded=True)


if __name__ == "__main__":
    main()
