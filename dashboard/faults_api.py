"""The calls about faults: one act at several nodes, one node's own list, heal everything."""

from flask import Blueprint, Response, request

from contract.described import Shapes, Words, described
from contract.errors import ApiError
from contract.http import answer, read_object
from dashboard.acting import Acting
from dashboard.acts import Acts
from dashboard.api import ASKED, NODE, node_name
from dashboard.control import Control
from dashboard.fault_actions import views

shapes = Shapes("dashboard.shapes")


def blueprint(
    acts: Acts, control: Control, acting: Acting, no_faults: ApiError | None = None
) -> Blueprint:
    """`/api/faults` and `/api/nodes/<node>/faults`.

    Where there is an operator's token they need that one, as the nodes do. `no_faults` says why
    there are none here; None: there are.
    """
    calls = Blueprint("faults", __name__)

    def asker() -> str:
        """The address of who asks. Raises 403 where there are no faults here, 401."""
        if no_faults is not None:
            raise ApiError(no_faults.status, no_faults.message)
        if acting.has_operator and not acting.is_operator():
            raise ApiError(401, "faults need the operator's token: Authorization: Bearer …")
        return request.remote_addr or "nobody"

    @calls.get("/api/faults")
    @described(
        "What was done to several nodes and lasts\n\n"
        "`refused` says why nothing can be broken from here; null: it can.",
        answer=shapes.ActsDone,
    )
    def listed() -> Response:
        return answer({"acts": acts.views(), "refused": no_faults and no_faults.message})

    @calls.post("/api/faults")
    @described(
        "Break several nodes as one act\n\n"
        "With the kind `partition` and `groups` nobody hears those of another group; with a "
        "`shape` the groups are made: `halves`, `bridge`, `ring`. Where one node refuses, "
        "nothing is set.",
        body=shapes.Acting,
        answer=shapes.ActDone,
        status=201,
        errors=(401, 403, *ASKED),
        example={"kind": "freeze", "nodes": ["node1", "node2"], "for_seconds": 30},
    )
    def set_act() -> Response:
        who = asker()
        return answer({"act": acts.set(read_object(), who)}, 201)

    @calls.get("/api/faults/actions")
    @described("What can be done to a node or a link with one press", answer=shapes.FaultActions)
    def actions() -> Response:
        return answer({"actions": views()})

    @calls.delete("/api/faults")
    @described("Heal everything everywhere", answer=shapes.Healed, errors=(401, 403, 409))
    def heal() -> Response:
        asker()
        return answer(acts.heal())

    @calls.delete("/api/faults/<act>")
    @described(
        "Undo an act",
        path=(Words("act", None, "Its id, as `GET /api/faults` lists it."),),
        answer=shapes.Undone,
        errors=(401, 403, 404, 409),
    )
    def undo(act: str) -> Response:
        asker()
        return answer(acts.undo(act))

    @calls.get("/api/nodes/<node>/faults")
    @described("A node's own faults", path=(NODE,), answer=shapes.Passed, errors=(400, 422, *ASKED))
    def of_node(node: str) -> Response:
        return answer(control.faults(node_name(node)))

    @calls.delete("/api/nodes/<node>/faults/<fault>")
    @described(
        "Heal a fault of a node",
        path=(NODE, Words("fault", None, "Its id, as the node lists it.")),
        answer=shapes.Passed,
        errors=(400, 401, 403, 422, *ASKED),
    )
    def heal_one(node: str, fault: str) -> Response:
        asker()
        return answer(control.heal_one(node_name(node), fault))

    return calls
