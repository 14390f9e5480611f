"""The page without a network behind it: what it is told is written here, so it is always the same.

The page's real files are served by the dashboard's own routes, with its real
Content-Security-Policy. One file is another: in the place of Socket.IO stands a stream that tells
the packets of this module, and whatever a test adds (`tell`). Twelve nodes and a plain one, of
which one is suspect, one dead and one has left; messages in every state. All of it happened at
14:03 on a day of its own, in UTC.
"""

import json
import threading
from typing import Any, Final, Self

from flask import Flask, Response, request
from playwright.sync_api import Page
from werkzeug.serving import WSGIRequestHandler, make_server

from dashboard import pages

AT: Final = 1_768_485_787_000
"""2026-01-15, 14:03:07 UTC, in milliseconds: the dashboard's now."""
STREAM: Final = """
export function io() {
  const heard = {};
  let packet = null;
  let gone = false;
  let begun = 0;
  globalThis.p2pAlone = {
    /** The dashboard's time now, as the page reckons it. */
    now: () => packet.at + performance.now() - begun,
    tell(name, data) {
      gone = name === "disconnect";
      heard[name]?.(data);
    },
  };
  return {
    on(name, run) { heard[name] = run; return this; },
    async connect() {
      if (gone) return heard.connect_error?.(new Error("websocket error"));
      packet ??= await (await fetch("/alone/packet")).json();
      begun = performance.now();
      heard.connect?.();
      heard.snapshot?.(packet);
    },
    emit() {},
  };
}
"""
_STATES: Final = {"node9": "suspect", "node11": "dead", "node12": "left"}
_LINKS: Final = (
    *((k, (k + 1) % 9) for k in range(9)),
    *((k, (k + 3) % 9) for k in range(9)),
    *((9, k) for k in (0, 2, 4, 6)),
)


def node(key: int, name: str, **more: Any) -> dict[str, Any]:
    """A NODE_VIEW."""
    state = _STATES.get(name, "alive")
    gone = state in {"dead", "left"}
    return {
        "key": key,
        "id": f"00000000-0000-4000-8000-{key:012d}",
        "name": name,
        "url": f"http://{name}:5000",
        "public_url": f"http://localhost:{5001 + key}",
        "kind": "peer",
        "state": state,
        "watched": not gone,
        "epoch": 1,
        "since": AT - 10_950_000,
        "knows": 0 if gone else 11,
        "links": sum(key in link for link in _LINKS),
        "inbox": 3 + key,
        "sent": 2 * key,
        "waiting": 2 if name == "node3" else 0,
        "least": 2 if name == "node3" else 0,
        "failed": 1 if name == "node3" else 0,
        "note": None,
        **more,
    }


def message(number: int, state: str, text: str, **more: Any) -> dict[str, Any]:
    """A MESSAGE_VIEW; the larger the number the older."""
    sent = AT - 60_000 - 10_000 * number
    done = state in {"delivered", "failed"}
    return {
        "id": f"m{number}",
        "kind": "message",
        "from": 2,
        "to": 6,
        "sender": "node3",
        "text": text,
        "state": state,
        "attempt": 1,
        "reason": None,
        "queued_at": sent - 1,
        "next_at": None,
        "sent_at": sent,
        "received_at": sent + 5 if state == "delivered" else None,
        "done_at": sent + 9 if done else None,
        "hops": 1,
        "path": [],
        "path_at": 0,
        "reached": None,
        "of": None,
        **more,
    }


def packet(nodes: int = 13) -> dict[str, Any]:
    """A snapshot of the live stream."""
    views = [node(key, f"node{key + 1}") for key in range(12)]
    views.append(
        node(12, "homework", kind="plain", note="It answers /peers and /message.", links=0)
    )
    views = views[:nodes]
    keys = {view["key"] for view in views}
    links = [link for a, b in _LINKS if {a, b} <= keys for link in ((a, b), (b, a))]
    at = AT - 300_000
    hops = [[2, 5, at], [5, 8, at + 3], [8, 6, at + 5]]
    tree = [[0, 1, at], [0, 3, at], [1, 2, at + 2], [3, 4, at + 2], [4, 7, at + 4]]
    messages = [
        message(9, "delivered", "Hello!"),
        message(8, "delivered", "Hop, hop", path=hops, hops=3),
        message(7, "failed", "Is anybody there?", to=10, reason="no answer for a day"),
        message(
            6,
            "delivered",
            "Hello, all!",
            **{"kind": "broadcast", "from": 0, "to": None, "sender": "node1"},
            path=tree,
            reached=9,
            of=9,
            hops=3,
        ),
        message(
            5,
            "waiting",
            "You get this when you are back.",
            to=10,
            attempt=3,
            reason="no connection to it",
            next_at=AT + 9_000,
        ),
        message(4, "waiting", "And this one after it.", to=10, sent_at=None),
        message(3, "received", "From outside", **{"from": None}, sender="curl", to=1),
        message(2, "delivered", "A text that is too long for one line of the list. " * 6),
    ]
    alive = sum(view["state"] == "alive" for view in views)
    return {
        "number": 1,
        "at": AT,
        "run": "alone",
        "expected": nodes,
        "summary": {
            "state": "connected" if views else "empty",
            "line": f"{alive} nodes, all in one network" if views else "No nodes yet",
            "expected": nodes,
            "nodes": len(views),
            "alive": alive,
            "suspect": sum(view["state"] == "suspect" for view in views),
            "dead": sum(view["state"] == "dead" for view in views),
            "left": sum(view["state"] == "left" for view in views),
            "plain": sum(view["kind"] == "plain" for view in views),
            "watched": alive,
            "components": 1 if views else 0,
            "links": len(_LINKS),
            "coverage": 1,
            "messages": len(messages) if views else 0,
            "events_per_second": 12.0,
        },
        "nodes": views,
        "links": links,
        "knows": {str(a): sorted(keys - {a}) for a in keys},
        "messages": messages if views else [],
    }


def _letters() -> list[dict[str, Any]]:
    at = AT / 1000 - 500
    return [
        {
            "id": f"l{k}",
            "from": f"00000000-0000-4000-8000-{k:012d}",
            "sender": f"node{k + 1}",
            "to": f"00000000-0000-4000-8000-{k:012d}",
            "to_name": f"node{k + 1}",
            "msg": "Hello, node3! " * (k + 1),
            "at": at - 10 * k,
            "sent_at": at - 10 * k - 0.004,
            "status": "delivered",
            "attempts": 1,
            "done_at": at - 10 * k + 0.004,
            "hops": 1,
            "promise": "exactly-once",
        }
        for k in range(7)
    ]


def _unsent(status: str) -> list[dict[str, Any]]:
    """What has not arrived: of two messages that wait, and one that failed."""
    letter = {
        "to": "00000000-0000-4000-8000-000000000010",
        "to_name": "node11",
        "at": AT / 1000 - 110,
        "attempts": 2,
        "reason": "no connection to it",
        "under_way": False,
        "next_in": 9.0,
        "promise": "exactly-once",
    }
    if status == "failed":
        return [{**letter, "id": "m7", "msg": "Is anybody there?", "status": "failed"}]
    texts = ("You get this when you are back.", "And this one after it.")
    ids = ("m5", "m4")
    return [
        {**letter, "id": of, "msg": text, "status": "queued"}
        for of, text in zip(ids, texts, strict=True)
    ]


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


class Alone:
    """Serves the page; ended with its `with` block. `nodes` is how many of the 13 are told of."""

    def __init__(self) -> None:
        self.nodes = 13
        app = Flask("alone", static_folder=str(pages.STATIC))
        pages.protect(app)
        app.register_blueprint(pages.blueprint())

        @app.before_request
        def stream() -> Response | None:
            if request.path == "/static/vendor/socket.io.js":
                return Response(STREAM, mimetype="text/javascript")
            return None

        @app.get("/alone/packet")
        def whole() -> Response:
            return Response(json.dumps(packet(self.nodes)), mimetype="application/json")

        @app.route("/api/<path:path>", methods=["GET", "POST", "DELETE"])
        def api(path: str) -> Response:
            return _answer(path.split("/"), request.method)

        served = app.wsgi_app

        def read_and_closed(environ: dict[str, Any], start: Any) -> list[bytes]:
            # Werkzeug leaves a file open when the browser drops the connection.
            parts = served(environ, start)
            try:
                return [b"".join(parts)]
            finally:
                close = getattr(parts, "close", lambda: None)
                close()

        self._server = make_server(
            "127.0.0.1", 0, read_and_closed, threaded=True, request_handler=_Quiet
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _answer(path: list[str], method: str) -> Response:
    """What a node would say; 404 for what this module knows nothing of."""
    said: dict[str, Any] | None = None
    match path:
        case ["nodes", _]:
            states = ("alive", "alive", "suspect", "dead")
            members = [{"name": f"node{k + 1}", "state": states[k % 4]} for k in range(12)]
            said = {"members": members}
        case ["nodes", _, "messages"]:
            said = {"messages": _letters(), "next": None}
        case ["nodes", _, "outbox"]:
            status = request.args.get("status")
            said = {"messages": _letters() if status is None else _unsent(status), "next": None}
        case ["nodes", _, "faults"]:
            fault = {"id": "f1", "kind": "delay", "mean_ms": 300, "left_seconds": 3600}
            said = {"faults": [fault]}
        case ["send" | "broadcast"] if method == "POST":
            said = {"id": "m9", "status": "queued"}
        case _:
            pass
    status = 404 if said is None else 200
    body = {"error": "there is no network behind this page"} if said is None else said
    return Response(json.dumps(body), status=status, mimetype="application/json")


def tell(page: Page, name: str, data: Any) -> None:
    """The stream tells something: `delta`, `disconnect` …"""
    page.evaluate("([name, data]) => p2pAlone.tell(name, data)", [name, data])


def lose(page: Page) -> None:
    """The dashboard is gone, and does not come back."""
    tell(page, "disconnect", "transport close")
