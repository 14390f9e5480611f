"""The dashboard's REST calls: see "The dashboard" in docs/api.md."""

from typing import Final

from flask import Blueprint, Response, request

from contract.described import Number, Shapes, Words, described, message_id
from contract.errors import ApiError, malformed
from contract.http import answer, read_object, required
from contract.limits import MAX_ID, MAX_SENDER, MAX_TEXT, MAX_URL
from contract.shapes import Healthy
from contract.text import checked
from dashboard.control import Control
from dashboard.messages import KEPT
from dashboard.observer import Observer

shapes = Shapes("dashboard.shapes")
ASKED: Final = (404, 409, 429, 502, 503, 504)
"""What may become of a question to a node, besides what is wrong with the question itself."""
NODE: Final = Words("node", MAX_SENDER, "A node's name or id.")
LIMIT: Final = Number("limit", 50, 1, 200, "How many at most.")
BEFORE: Final = Number("before", None, 1, 2**62, "Only those before this `n`: the next page.")
_NEWEST: Final = Number("limit", 200, 1, KEPT, "How many at most.")


def blueprint(observer: Observer, control: Control) -> Blueprint:
    """`/healthz` and everything under `/api`."""
    calls = Blueprint("api", __name__)

    @calls.get("/healthz")
    @described("Whether the dashboard lives", answer=Healthy)
    def healthz() -> Response:
        return answer({"status": "ok"})

    @calls.get("/api/status")
    @described("The network in one sentence and some numbers", answer=shapes.Summary)
    def status() -> Response:
        return answer(observer.summary())

    @calls.get("/api/messages")
    @described("The newest messages", query=(_NEWEST,), answer=shapes.Messages)
    def messages() -> Response:
        return answer({"messages": observer.messages(_NEWEST.read())})

    @calls.get("/api/messages/<shown>")
    @described(
        "One message, with its whole path",
        path=(message_id("shown"),),
        answer=shapes.MessageView,
        errors=(404,),
    )
    def message(shown: str) -> Response:
        found = observer.message(shown)
        if found is None:
            raise ApiError(404, "there is no such message here, or not any more", field="id")
        return answer(found)

    @calls.post("/api/send")
    @described(
        "Have a node send a message",
        body=shapes.Sending,
        answer=shapes.Sent,
        status=202,
        errors=ASKED,
        example={"from": "node1", "to": "node7", "msg": "Hello!"},
    )
    def send() -> Response:
        body = read_object()
        origin = checked(required(body, "from"), "from", MAX_SENDER)
        to = checked(required(body, "to"), "to", MAX_URL)
        text = checked(required(body, "msg"), "msg", MAX_TEXT)
        return answer(control.send(origin, to, text), 202)

    @calls.post("/api/broadcast")
    @described(
        "Have a node send a message to everybody",
        body=shapes.Broadcasting,
        answer=shapes.BroadcastSent,
        status=202,
        errors=ASKED,
        example={"from": "node1", "msg": "Hello all!"},
    )
    def broadcast() -> Response:
        body = read_object()
        origin = checked(required(body, "from"), "from", MAX_SENDER)
        text = checked(required(body, "msg"), "msg", MAX_TEXT)
        return answer(control.broadcast(origin, text), 202)

    _nodes(calls, control)
    return calls


def _nodes(calls: Blueprint, control: Control) -> None:
    """What single nodes say of themselves."""

    @calls.get("/api/nodes/<node>")
    @described("A node's own status", path=(NODE,), answer=shapes.Passed, errors=(400, 422, *ASKED))
    def node_status(node: str) -> Response:
        return answer(control.status(node_name(node)))

    @calls.get("/api/nodes/<node>/messages")
    @described(
        "A node's inbox",
        path=(NODE,),
        query=(LIMIT, BEFORE),
        answer=shapes.Page,
        errors=ASKED,
    )
    def inbox(node: str) -> Response:
        limit = LIMIT.read()
        before = BEFORE.read() if "before" in request.args else None
        return answer(control.inbox(node_name(node), limit, before))

    @calls.get("/api/nodes/<node>/broadcasts/<message>")
    @described(
        "Who has a broadcast of a node's, as it knows",
        path=(NODE, message_id("message")),
        answer=shapes.Passed,
        errors=(400, 422, *ASKED),
    )
    def coverage(node: str, message: str) -> Response:
        return answer(control.coverage(node_name(node), _message(message)))


def _message(message: str) -> str:
    try:
        return checked(message, "message", MAX_ID)
    except ApiError as error:
        raise malformed(error.message, "message") from None


def node_name(node: str) -> str:
    """A node's name or id in a path, checked. Raises 400."""
    try:
        return checked(node, "node", MAX_SENDER)
    except ApiError as error:
        raise malformed(error.message, "node") from None
