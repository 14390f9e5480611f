"""Programs that pretend to be nodes. Each runs in a thread, at an address of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

import socketio
from werkzeug.serving import WSGIRequestHandler, make_server

from contract.events import NAMESPACE


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


class Liar:
    """Speaks Socket.IO as a node does, and says what it is told to say.

    `says(emit, url, wish)` is called with every `subscribe`; what it returns is the
    acknowledgement.
    """

    def __init__(self, says: Callable[[Callable[..., None], str, Any], Any]) -> None:
        self.subscribed = 0
        self.wishes: list[Any] = []
        """What was asked for, in order."""
        server = socketio.Server(
            async_mode="threading", serializer="msgpack", namespaces=[NAMESPACE]
        )
        self._server = server
        self._engine_sid = ""

        def subscribe(sid: str, wish: Any = None) -> Any:
            self._engine_sid = server.manager.eio_sid_from_sid(sid, NAMESPACE)
            self.subscribed += 1
            self.wishes.append(wish)

            def emit(name: str, data: Any) -> None:
                server.emit(name, data, to=sid, namespace=NAMESPACE)

            return says(emit, self.url, wish)

        server.on("subscribe", subscribe, namespace=NAMESPACE)
        self._http = make_server(
            "127.0.0.1", 0, socketio.WSGIApp(server), threaded=True, request_handler=Quiet
        )
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def drop(self) -> None:
        """End the connection of the last subscriber.

        Not by the library's `disconnect`: that waits until the connection's writer has taken
        all that was to be said, for ever where the writer has ended already (seen).
        """
        connection = self._server.eio.sockets.get(self._engine_sid)
        if connection is not None:
            connection.close(wait=False)

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class Raw:
    """Answers every connection with the same bytes, then keeps quiet."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self.connections = 0
        self._kept: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):  # it was stopped
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._kept.append(connection)
                with contextlib.suppress(OSError):  # the caller does not want it all
                    connection.sendall(self._answer)

    def stop(self) -> None:
        self._listener.close()
        for connection in self._kept:
            connection.close()


def snapshot(url: str, **changed: Any) -> dict[str, Any]:
    """A snapshot as a node sends it, with some fields changed."""
    node = {"id": "liar", "name": "liar", "url": url, "epoch": 1, "started": 1.0}
    said: dict[str, Any] = {"seq": 0, "at": 1.0, "members": [], "links": []}
    said["node"] = node | changed.pop("node", {})
    return {**said, **changed}


def member(name: str, **changed: Any) -> dict[str, Any]:
    url = f"http://{name}.invalid:5000"
    return {"id": name, "name": name, "url": url, "state": "alive", **changed}


def event(type_: str, data: Any, *, seq: int = 1, node: str = "liar", epoch: int = 1) -> Any:
    """A CloudEvent as a node sends it."""
    return {
        "specversion": "1.0",
        "id": f"{node}/{epoch}/{seq}",
        "source": "http://liar:5000",
        "type": f"p2p.{type_}",
        "time": "2026-01-01T00:00:00+00:00",
        "data": data,
    }
