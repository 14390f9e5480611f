"""The calls about faults: one act at several nodes, one node's own list, heal everything."""

import hmac

from flask import Blueprint, Response, request

from contract.errors import ApiError
from contract.http import answer, read_object
from dashboard.acts import Acts
from dashboard.api import node_name
from dashboard.control import Control


def blueprint(acts: Acts, control: Control, token: str | None) -> Blueprint:
    """`/api/faults` and `/api/nodes/<node>/faults`. With a token they need it, as the nodes do."""
    calls = Blueprint("faults", __name__)

    def asker() -> str:
        """The address of who asks. Raises 401."""
        shown = request.headers.get("Authorization", "")
        if token is not None and not hmac.compare_digest(
            shown.encode(), f"Bearer {token}".encode()
        ):
            raise ApiError(401, "faults need the operator's token: Authorization: Bearer …")
        return request.remote_addr or "nobody"

    @calls.get("/api/faults")
    def listed() -> Response:
        return answer({"acts": acts.views()})

    @calls.post("/api/faults")
    def set_act() -> Response:
        who = asker()
        return answer({"act": acts.set(read_object(), who)}, 201)

    @calls.delete("/api/faults")
    def heal() -> Response:
        asker()
        return answer(acts.heal())

    @calls.delete("/api/faults/<act>")
    def undo(act: str) -> Response:
        asker()
        return answer(acts.undo(act))

    @calls.get("/api/nodes/<node>/faults")
    def of_node(node: str) -> Response:
        return answer(control.faults(node_name(node)))

    @calls.delete("/api/nodes/<node>/faults/<fault>")
    def heal_one(node: str, fault: str) -> Response:
        asker()
        return answer(control.heal_one(node_name(node), fault))

    return calls
