"""The calls about one node's outbox: what waits, what failed, try it again, drop it.

The outbox is the node's, and these are its own calls, passed on (see "The dashboard" in
docs/api.md). Nothing is kept here: what the page shows of an outbox is what the node says.
"""

from typing import Final

from flask import Blueprint, Response, request

from contract.described import Choice, Shapes, described, message_id
from contract.errors import ApiError, malformed
from contract.http import answer
from contract.limits import MAX_ID
from contract.text import checked
from dashboard.api import ASKED, BEFORE, LIMIT, NODE, node_name
from dashboard.control import Control

shapes = Shapes("dashboard.shapes")
STATUS: Final = Choice("status", ("queued", "delivered", "failed"), "Only these.")
"""What can have become of a message of an outbox [docs/api.md]."""
_MESSAGE: Final = message_id("shown")


def blueprint(control: Control) -> Blueprint:
    """`/api/nodes/<node>/outbox` and what is below it."""
    calls = Blueprint("outbox", __name__)

    @calls.get("/api/nodes/<node>/outbox")
    @described(
        "A node's outbox",
        path=(NODE,),
        query=(LIMIT, BEFORE, STATUS),
        answer=shapes.Page,
        errors=ASKED,
    )
    def outbox(node: str) -> Response:
        limit = LIMIT.read()
        before = BEFORE.read() if "before" in request.args else None
        return answer(control.outbox(node_name(node), limit, before, STATUS.read()))

    @calls.get("/api/nodes/<node>/outbox/<shown>")
    @described(
        "How far a message of a node is",
        path=(NODE, _MESSAGE),
        answer=shapes.Passed,
        errors=(400, 422, *ASKED),
    )
    def sent(node: str, shown: str) -> Response:
        return answer(control.sent(node_name(node), _id(shown)))

    @calls.post("/api/nodes/<node>/outbox/<shown>/retry")
    @described(
        "Have a node try a message again",
        path=(NODE, _MESSAGE),
        answer=shapes.Passed,
        status=202,
        errors=(400, 422, *ASKED),
    )
    def retry(node: str, shown: str) -> Response:
        return answer(control.retry(node_name(node), _id(shown)), 202)

    @calls.delete("/api/nodes/<node>/outbox/<shown>")
    @described(
        "Have a node drop a message",
        path=(NODE, _MESSAGE),
        answer=shapes.Discarded,
        errors=(400, 422, *ASKED),
    )
    def discard(node: str, shown: str) -> Response:
        return answer(control.discard(node_name(node), _id(shown)))

    return calls


def _id(shown: str) -> str:
    try:
        return checked(shown, "id", MAX_ID)
    except ApiError as error:
        raise malformed(error.message, "id") from None
