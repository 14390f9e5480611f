"""The calls about one node's outbox: what waits, what failed, try it again, drop it.

The outbox is the node's, and these are its own calls, passed on (see "The dashboard" in
docs/api.md). Nothing is kept here: what the page shows of an outbox is what the node says.
"""

from typing import Final

from flask import Blueprint, Response, request

from contract.errors import ApiError, malformed, out_of_range
from contract.http import answer, whole_number
from contract.limits import MAX_ID
from contract.text import checked
from dashboard.api import node_name
from dashboard.control import Control

STATUSES: Final = frozenset({"queued", "delivered", "failed"})
"""What can have become of a message of an outbox [docs/api.md]."""


def blueprint(control: Control) -> Blueprint:
    """`/api/nodes/<node>/outbox` and what is below it."""
    calls = Blueprint("outbox", __name__)

    @calls.get("/api/nodes/<node>/outbox")
    def outbox(node: str) -> Response:
        limit = whole_number("limit", 50, 1, 200)
        before = whole_number("before", 2**62, 1, 2**62) if "before" in request.args else None
        return answer(control.outbox(node_name(node), limit, before, _status()))

    @calls.get("/api/nodes/<node>/outbox/<shown>")
    def sent(node: str, shown: str) -> Response:
        return answer(control.sent(node_name(node), _id(shown)))

    @calls.post("/api/nodes/<node>/outbox/<shown>/retry")
    def retry(node: str, shown: str) -> Response:
        return answer(control.retry(node_name(node), _id(shown)), 202)

    @calls.delete("/api/nodes/<node>/outbox/<shown>")
    def discard(node: str, shown: str) -> Response:
        return answer(control.discard(node_name(node), _id(shown)))

    return calls


def _status() -> str | None:
    """Which messages of an outbox are asked for; None: all. Raises 422."""
    wanted = request.args.get("status")
    if wanted is None or wanted in STATUSES:
        return wanted
    raise out_of_range("'status' must be 'queued', 'delivered' or 'failed'", "status")


def _id(shown: str) -> str:
    try:
        return checked(shown, "id", MAX_ID)
    except ApiError as error:
        raise malformed(error.message, "id") from None
