"""Somebody's script that gets webhooks: a small HTTP server that does as it is told."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from contract.signing import key_of, verified


class Delivery(NamedTuple):
    """What was posted, and when."""

    at: float
    headers: dict[str, str]
    body: bytes

    @property
    def events(self) -> list[Any]:
        found = json.loads(self.body)
        assert isinstance(found, list)
        return found

    def signed_with(self, secret: str) -> bool:
        stamp = int(self.headers["webhook-timestamp"])
        given = self.headers["webhook-signature"]
        return verified(key_of(secret), self.headers["webhook-id"], stamp, self.body, given)


class Receiver:
    """Answers the handshake with `allows`, and deliveries with the next of `answers`, then 204."""

    def __init__(self, allows: str | None = "*", rate: str | None = None) -> None:
        self.allows, self.rate = allows, rate
        self.handshake = 200
        self.asked: list[dict[str, str]] = []
        """Headers of the handshakes."""
        self.answers: list[tuple[int, dict[str, str]]] = []
        self.tries: list[Delivery] = []
        """Everything posted."""
        self.taken: list[Delivery] = []
        """What was answered with a 2xx."""
        self.deaf = threading.Event()
        """Set: what is posted is read, and not answered until the end."""
        self._ended = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_OPTIONS(self) -> None:
                receiver.asked.append({k.lower(): v for k, v in self.headers.items()})
                more = (
                    {} if receiver.allows is None else {"WebHook-Allowed-Origin": receiver.allows}
                )
                if receiver.rate is not None:
                    more["WebHook-Allowed-Rate"] = receiver.rate
                self._answer(receiver.handshake, more)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                headers = {k.lower(): v for k, v in self.headers.items()}
                delivery = Delivery(time.monotonic(), headers, body)
                receiver.tries.append(delivery)
                if receiver.deaf.is_set():
                    receiver._ended.wait(60)
                    self.close_connection = True
                    return
                status, more = receiver.answers.pop(0) if receiver.answers else (204, {})
                if 200 <= status < 300:
                    receiver.taken.append(delivery)
                self._answer(status, more)

            def _answer(self, status: int, more: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook?token=x"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def events(self) -> list[Any]:
        """All events that were taken, in order."""
        return [event for delivery in self.taken for event in delivery.events]

    def texts(self) -> list[str]:
        """The texts of the messages among them."""
        return [e["data"]["text"] for e in self.events if e["type"] == "p2p.message.received"]

    def stop(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
