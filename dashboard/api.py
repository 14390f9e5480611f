"""The dashboard's REST calls: see "The dashboard" in docs/api.md."""

from flask import Blueprint, Response, request

from contract.errors import ApiError, malformed
from contract.http import answer, read_object, required, whole_number
from contract.limits import MAX_ID, MAX_SENDER, MAX_TEXT, MAX_URL
from contract.text import checked
from dashboard.control import Control
from dashboard.messages import KEPT
from dashboard.observer import Observer


def blueprint(observer: Observer, control: Control) -> Blueprint:
    """`/healthz` and everything under `/api`."""
    calls = Blueprint("api", __name__)

    @calls.get("/healthz")
    def healthz() -> Response:
        return answer({"status": "ok"})

    @calls.get("/api/status")
    def status() -> Response:
        return answer(observer.summary())

    @calls.get("/api/messages")
    def messages() -> Response:
        return answer({"messages": observer.messages(whole_number("limit", 200, 1, KEPT))})

    @calls.get("/api/messages/<shown>")
    def message(shown: str) -> Response:
        found = observer.message(shown)
        if found is None:
            raise ApiError(404, "there is no such message here, or not any more", field="id")
        return answer(found)

    @calls.post("/api/send")
    def send() -> Response:
        body = read_object()
        origin = checked(required(body, "from"), "from", MAX_SENDER)
        to = checked(required(body, "to"), "to", MAX_URL)
        text = checked(required(body, "msg"), "msg", MAX_TEXT)
        return answer(control.send(origin, to, text), 202)

    @calls.post("/api/broadcast")
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
    def node_status(node: str) -> Response:
        return answer(control.status(node_name(node)))

    @calls.get("/api/nodes/<node>/messages")
    def inbox(node: str) -> Response:
        limit = whole_number("limit", 50, 1, 200)
        before = whole_number("before", 2**62, 1, 2**62) if "before" in request.args else None
        return answer(control.inbox(node_name(node), limit, before))

    @calls.get("/api/nodes/<node>/broadcasts/<message>")
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
