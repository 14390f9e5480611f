"""The door: what a request meets first.

Flask serves everything that people and their programs ask for. But a hundred nodes that
start on two cores spend most of that time on imports, half of it on Flask's, and what
arrives then are batches of frames from other nodes. So the door takes those batches
itself, hands `/socket.io/` to the subscriptions, and fetches Flask when somebody asks for
more, or else a while after the start, when the machine has time. It takes nothing but a
batch as our own nodes send it; whatever else comes to `/overlay` is Flask's to judge.
"""

import json
import random
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from contract.errors import ApiError
from contract.limits import MAX_BATCH
from node.overlay.frames import encode, parse
from node.peer import Peer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WARM_AFTER = (20.0, 60.0)
"""Seconds after the start, from and to, at which a node fetches Flask unasked. A hundred
nodes at once would take both cores for ten seconds; spread out nobody notices [guess]."""


class Door:
    """The WSGI application of a node."""

    def __init__(
        self,
        peer: Peer,
        events: "WSGIApplication",
        flask_app: Callable[[], "WSGIApplication"],
        host_allowed: Callable[[str], bool],
    ) -> None:
        self._peer = peer
        self._events = events
        self._flask_app = flask_app
        self._host_allowed = host_allowed
        self._lock = threading.Lock()
        self._app: WSGIApplication | None = None

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        path = environ.get("PATH_INFO", "")
        if path == "/overlay" and self._is_batch(environ):
            return self._frames(environ, start)
        if path.startswith("/socket.io/"):
            return self._events(environ, start)
        return self.app()(environ, start)

    def app(self) -> "WSGIApplication":
        """The Flask application, made when it is first needed."""
        with self._lock:
            if self._app is None:
                self._app = self._flask_app()
            return self._app

    def warm(self) -> None:
        """Have Flask ready before somebody asks. Runs in a thread of its own."""
        time.sleep(random.uniform(*WARM_AFTER))  # noqa: S311 - spreads the load, no secret
        self.app()

    def _is_batch(self, environ: "WSGIEnvironment") -> bool:
        """Whether this is a batch as our nodes send it, with nothing to look into further."""
        length = environ.get("CONTENT_LENGTH", "")
        return (
            environ["REQUEST_METHOD"] == "POST"
            and environ.get("CONTENT_TYPE") == "application/json"
            and len(length) <= 9
            and length.isdecimal()
            and int(length) <= MAX_BATCH
            and "HTTP_TRANSFER_ENCODING" not in environ
            and "HTTP_ORIGIN" not in environ
            and self._host_allowed(environ.get("HTTP_HOST", ""))
        )

    def _frames(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        try:
            status, answer = 200, encode(self._peer.heard(parse(body)))
        except ApiError as error:
            status, answer = error.status, json.dumps(error.body()).encode()
        headers = [
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(answer))),
            ("P2P-Node", self._peer.own.id),
        ]
        start(f"{status} {HTTPStatus(status).phrase}", headers)
        return [answer]
