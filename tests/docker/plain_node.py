"""A node as a student writes it for the assignment, with nothing but the standard library.

It knows `/`, `/peers`, `/register` and `/message`, registers itself with the bootstrap under
its own name, and greets the first node of the list. Run as `python -c <this text> <name>`.
"""

import json
import sys
import time
import uuid
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

NAME = sys.argv[1]
node_id = str(uuid.uuid4())
peers: set[str] = set()


class Node(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/":
            self.answer({"message": f"Node {node_id} is running!"})
        elif self.path == "/peers":
            self.answer({"peers": sorted(peers)})
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/register":
            peers.add(said["peer"])
            self.answer({"status": "registered"})
        elif self.path == "/message":
            print(f"Received message from {said['sender']}: {said['msg']}", flush=True)
            self.answer({"status": "received"})
        else:
            self.send_error(404)

    def answer(self, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def ask(host: str, path: str, body: object | None = None) -> dict[str, list[str]]:
    connection = HTTPConnection(host, 5000, timeout=5)
    method, content = ("GET", None) if body is None else ("POST", json.dumps(body))
    connection.request(method, path, content, {"Content-Type": "application/json"})
    said: dict[str, list[str]] = json.load(connection.getresponse())
    connection.close()
    return said


def join() -> None:
    own = f"http://{NAME}:5000"
    while True:
        try:
            ask("bootstrap", "/register", {"peer": own})
            break
        except OSError:
            time.sleep(0.5)  # the bootstrap may start later than this node
    peers.update(url for url in ask("bootstrap", "/peers")["peers"] if url != own)
    ask("node1", "/message", {"sender": NAME, "msg": f"Hello from {NAME}!"})


Thread(target=join, daemon=True).start()
ThreadingHTTPServer(("", 5000), Node).serve_forever()
