"""One connection that is never at a loss for a request does not keep the others waiting."""

import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
MANY = 2_000
"""Requests that are sent at once: some 200 ms of work."""
SERVER = """
from contract import server
server.patch()
answered = 0

def app(environ, start_response):
    global answered
    answered += 1
    body = str(answered).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]

listener = server.listen("127.0.0.1", 0)
print(listener.getsockname()[1], flush=True)
server.serve(app, listener)
"""
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def test_who_asks_without_a_pause_does_not_keep_others_waiting() -> None:
    serving = subprocess.Popen([sys.executable, "-c", SERVER], cwd=ROOT, stdout=subprocess.PIPE)
    try:
        assert serving.stdout is not None
        address = ("127.0.0.1", int(serving.stdout.readline()))
        with socket.create_connection(address) as busy, socket.create_connection(address) as other:
            busy.settimeout(20)
            other.settimeout(20)
            busy.sendall(REQUEST)
            assert busy.recv(4096).endswith(b"1")
            busy.sendall(MANY * REQUEST)
            assert busy.recv(16)  # it is at it
            other.sendall(REQUEST)
            before = int(other.recv(4096).rpartition(b"\r\n")[2]) - 1
            assert before < MANY, "all of the one's came first"
    finally:
        serving.kill()
        serving.communicate()
