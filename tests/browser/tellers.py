"""Nodes that only tell: they stream events as real ones do, of what a test makes up.

For the page it makes no difference. Here stands the little of a node that the dashboard asks:
the stream of events, with a snapshot first.
"""

import threading
import time
from typing import Any, Self

import socketio
from werkzeug.serving import WSGIRequestHandler, make_server

from contract.events import NAMESPACE, rfc3339


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


APART = 0.03
"""Seconds between two events, at least: by so much the dashboard may be wrong about the clocks of
two nodes on a busy machine, and what follows is still seen to follow."""
_latest = float("-inf")


class Teller:
    """One node; it is linked with those whose names it is given."""

    def __init__(self, name: str, links: list[str]) -> None:
        self.name = name
        self._links = links
        self._others: list[Teller] = []
        self._seq = 0
        self._server = socketio.Server(
            async_mode="threading", serializer="msgpack", namespaces=[NAMESPACE]
        )
        self._server.on("subscribe", self._subscribe, namespace=NAMESPACE)
        self._http = make_server(
            "127.0.0.1", 0, socketio.WSGIApp(self._server), threaded=True, request_handler=_Quiet
        )
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    @property
    def node(self) -> dict[str, str]:
        """NODE of `contract.events`."""
        return {"id": self.name, "name": self.name, "url": self.url}

    def knows(self, others: list["Teller"]) -> None:
        """Whom it has in its map."""
        self._others = [other for other in others if other is not self]

    def tells(self, type_: str, **data: Any) -> None:
        """An event that happens now, a little later than what any of them told before."""
        global _latest  # noqa: PLW0603 - of all of them
        time.sleep(max(0.0, _latest + APART - time.monotonic()))  # the pace of what is told
        _latest = time.monotonic()
        self.tells_all([(type_, data)])

    def tells_all(self, events: list[tuple[str, dict[str, Any]]], at: float | None = None) -> None:
        """Events that happen together, at most a few thousand."""
        told = []
        for type_, data in events:
            self._seq += 1
            told.append(
                {
                    "specversion": "1.0",
                    "id": f"{self.name}/1/{self._seq}",
                    "source": self.url,
                    "type": f"p2p.{type_}",
                    "time": rfc3339(time.time() if at is None else at),
                    "data": data,
                }
            )
        self._server.emit("events", {"at": time.time(), "events": told}, namespace=NAMESPACE)

    def sends(self, message: str, text: str, to: "Teller", via: "Teller", attempt: int = 1) -> None:
        """It hands a message of its own to the first node on the way."""
        self.tells(
            "message.sent",
            **self._of(message, text, to),
            hop=1,
            attempt=attempt,
            route="overlay",
            via=via.node,
        )

    def forwards(self, message: str, to: "Teller", via: "Teller", hop: int) -> None:
        """It hands somebody's message to the next."""
        self.tells(
            "message.forwarded",
            **{"message": message, "from": self.node, "via": via.node, "to": to.node, "hop": hop},
        )

    def receives(self, message: str, text: str, origin: "Teller", hop: int) -> None:
        """A message for it has come."""
        self.tells("message.received", **origin._of(message, text, self), hop=hop)

    def hears_back(self, message: str, text: str, to: "Teller", hop: int) -> None:
        """The receiver has said that it has it."""
        self.tells("message.delivered", **self._of(message, text, to), hop=hop)

    def gives_up(self, message: str, to: "Teller", reason: str) -> None:
        """Nobody has said so."""
        self.tells("message.failed", **self._of(message, "", to), reason=reason)

    def _of(self, message: str, text: str, to: "Teller") -> dict[str, Any]:
        ends = {"from": self.node, "to": to.node}
        return {"message": message, "sender": self.name, "text": text, **ends}

    def _subscribe(self, sid: str, _wish: Any = None) -> dict[str, float]:
        member = {"kind": "peer", "state": "alive", "epoch": 1, "incarnation": 1}
        said = {
            "node": {**self.node, "epoch": 1, "started": time.time(), "public_url": None},
            "seq": self._seq,
            "at": time.time(),
            "members": [{**other.node, **member} for other in self._others],
            "links": self._links,
        }
        self._server.emit("snapshot", said, to=sid, namespace=NAMESPACE)
        return {"at": time.time()}
