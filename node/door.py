"""The door: what a request meets first.

Flask serves everything that people and their programs ask for. But a hundred nodes that
start on two cores spend most of that time on imports, half of it on Flask's. So the door
takes itself what nodes say to each other and what must be quick from the first moment on:
batches of frames, a message that comes, a message that is to be sent, a fault that is set or
healed (a partition of a hundred young nodes took three to nine seconds: each fetched Flask for it).
It hands `/socket.io/` to the subscriptions, and fetches Flask when somebody asks for more, or
else a while after the start, when the machine has time. It takes nothing but requests as our own
programs make them; whatever is unusual about one is Flask's to judge, and the answers are the
same. Of these the server hands over the plainest as they are (`contract.straight`), without an
environment.
"""

import importlib
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from contract import bodies, server, straight
from contract.errors import ApiError
from contract.limits import MAX_BATCH, MAX_BODY
from node.peer import Peer
from node.seal import MAC, TIME, Header
from node.unanswered import UnansweredError

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

WARM_AFTER = (20.0, 60.0)
"""Seconds after the start, from and to, at which a node fetches Flask unasked. A hundred
nodes at once would take both cores for ten seconds; spread out nobody notices [guess]."""
PIECES = ("ssl", "http.server", "werkzeug", "jinja2", "click", "flask")
"""What Flask is made of, in the order in which each needs those before it. Nothing else runs
in this program while a module is loaded: who had just opened a node's panel, for which Flask is
fetched, waited up to 180 ms for his message to leave, and at most 80 with these [measured]."""
BETWEEN = 0.005
"""Seconds that the others have between two pieces: enough to accept a message [guess]."""


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
        self._taken: dict[str, tuple[int, _Take]] = {
            "/overlay": (MAX_BATCH, self._overlay),
            "/message": (MAX_BODY, self._message),
            "/messages": (MAX_BATCH, self._messages),
            "/send": (MAX_BODY, self._send),
        }

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        path = environ.get("PATH_INFO", "")
        limit, take = self._take(environ, path)
        if take is not None and self._is_usual(environ, limit):
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            sealed = {TIME: environ.get("HTTP_P2P_TIME"), MAC: environ.get("HTTP_P2P_MAC")}
            reply = self._answer(take, body, sealed.get)
            if reply is None:
                server.hang_up(environ)
                reply = straight.Reply(503, (), b"")  # goes nowhere
            length = ("Content-Length", str(len(reply.body)))
            start(f"{reply.status} {HTTPStatus(reply.status).phrase}", [*reply.headers, length])
            return [reply.body]
        if path.startswith("/socket.io/"):
            return self._events(environ, start)  # as long as a subscriber is there
        under_way, this = self._peer.under_way, object()
        under_way.add(this)
        try:
            return self.app()(environ, start)
        finally:
            under_way.discard(this)

    def app(self) -> "WSGIApplication":
        """The Flask application, made when it is first needed."""
        with self._lock:
            if self._app is None:
                for name in PIECES:
                    importlib.import_module(name)
                    time.sleep(BETWEEN)
                self._app = self._flask_app()
            return self._app

    def warm(self) -> None:
        """Have Flask ready before somebody asks. Runs in a thread of its own."""
        time.sleep(random.uniform(*WARM_AFTER))  # noqa: S311 - spreads the load, no secret
        self.app()

    def takes(self, request: straight.Request) -> bool:
        """Whether a plain request is one of those that are taken here."""
        limit, _ = self._taken.get(request.path, (-1, None))
        return request.length <= limit and self._host_allowed(request.headers["Host"])

    def reply(self, request: straight.Request, body: bytes) -> straight.Reply | None:
        """Answer a plain request (`contract.straight`)."""
        return self._answer(self._taken[request.path][1], body, request.headers.get)

    def _take(self, environ: "WSGIEnvironment", path: str) -> tuple[int, "_Take | None"]:
        """Who takes it here, None: nobody; and how long its body may be, 0: it has none."""
        method = environ["REQUEST_METHOD"]
        if method == "POST" and path in self._taken:
            return self._taken[path]
        if method == "POST" and path == "/faults":
            return MAX_BODY, lambda body, _: self._set_fault(body, environ)
        if method == "DELETE" and path == "/faults":
            return 0, lambda *_: self._heal(environ)
        _, _, fault = path.partition("/faults/")
        if method == "DELETE" and fault and path == f"/faults/{fault}" and "/" not in fault:
            return 0, lambda *_: self._heal_one(fault, environ)
        return 0, None

    def _is_usual(self, environ: "WSGIEnvironment", limit: int) -> bool:
        """Whether this is JSON as our programs send it, with nothing to look into further."""
        length = environ.get("CONTENT_LENGTH") or ("" if limit else "0")
        return (
            (environ.get("CONTENT_TYPE") == "application/json" or not limit)
            and len(length) <= 9
            and length.isdecimal()
            and int(length) <= limit
            and "HTTP_TRANSFER_ENCODING" not in environ
            and "HTTP_ORIGIN" not in environ
            and self._host_allowed(environ.get("HTTP_HOST", ""))
        )

    def _answer(self, take: "_Take", body: bytes, header: Header) -> straight.Reply | None:
        """The answer; None where nothing is to be said, not even a refusal."""
        more: Mapping[str, str] = {}
        under_way, this = self._peer.under_way, object()
        under_way.add(this)
        try:
            status, said, more = take(body, header)
        except ApiError as error:
            status, more = error.status, error.headers()
            said = bodies.encode(error.body()).encode()
        except UnansweredError:
            return None
        finally:
            under_way.discard(this)
        headers = {"Content-Type": "application/json", "P2P-Node": self._peer.own.id, **more}
        return straight.Reply(status, headers.items(), said)

    def _overlay(self, body: bytes, header: Header) -> "_Answer":
        return 200, *self._peer.overlay_request(body, header)

    def _message(self, body: bytes, _: Header) -> "_Answer":
        self._peer.receive(bodies.decode_object(body))
        return 200, _RECEIVED, {}

    def _messages(self, body: bytes, _: Header) -> "_Answer":
        became = self._peer.receive_all(bodies.decode_object(body))
        return 200, bodies.encode({"messages": became}).encode(), {}

    def _send(self, body: bytes, _: Header) -> "_Answer":
        return 202, bodies.encode(self._peer.accept(bodies.decode_object(body))).encode(), {}

    # --- faults: as `node.api.faults` answers ----------------------------------------------------

    def _set_fault(self, body: bytes, environ: "WSGIEnvironment") -> "_Answer":
        who = self._operator(environ)  # before the body is so much as looked at
        fault = self._peer.faults.set(bodies.decode_object(body), who)
        return 201, bodies.encode({"fault": fault}).encode(), {}

    def _heal(self, environ: "WSGIEnvironment") -> "_Answer":
        cleared = self._peer.faults.clear(self._operator(environ))
        return 200, bodies.encode({"cleared": cleared}).encode(), {}

    def _heal_one(self, fault: str, environ: "WSGIEnvironment") -> "_Answer":
        view = self._peer.faults.clear_one(fault, self._operator(environ))
        return 200, bodies.encode({"fault": view}).encode(), {}

    def _operator(self, environ: "WSGIEnvironment") -> str:
        """The address of who asks; raises 401 and 403."""
        from node import operator  # late, as all that has to do with faults

        remote = environ.get("REMOTE_ADDR") or "nobody"
        operator.check(self._peer.settings, environ.get("HTTP_AUTHORIZATION"), remote)
        return remote


_Answer = tuple[int, bytes, Mapping[str, str]]
"""Status, body, and headers besides the usual ones."""
_Take = Callable[[bytes, Header], _Answer]
_RECEIVED = bodies.encode({"status": "received"}).encode()
