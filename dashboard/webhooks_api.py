"""`/webhooks/events`: where nodes post what happens to them (`incoming`, `proof`)."""

from typing import Final

from flask import Blueprint, Response, request

from contract.described import Raw, Shapes, described
from contract.errors import ApiError
from contract.http import answer, read_bytes
from dashboard.incoming import MOST_BODY, Incoming
from dashboard.proof import ForgedError, Proof

shapes = Shapes("dashboard.shapes")

COME_AGAIN: Final = 2
"""Seconds after which a node that was unknown may be known: it is asked at once."""


def blueprint(incoming: Incoming, proof: Proof) -> Blueprint:
    """`/webhooks/events`."""
    calls = Blueprint("webhooks", __name__)

    def poster() -> str:
        """The address of who posts; raises 401 where he may not."""
        remote = request.remote_addr or "nobody"
        if not proof.may_ask(remote):
            raise ApiError(
                401,
                "events are taken from this very machine only, unless they are signed: "
                "start the dashboard with DASHBOARD_WEBHOOK_SECRET",
            )
        return remote

    @calls.route("/webhooks/events", methods=["OPTIONS"], provide_automatic_options=False)
    @described("Whether events may be posted here (CNCF's web hooks, section 4)", errors=(401,))
    def agree() -> Response:
        """CNCF's "HTTP 1.1 Web Hooks for Event Delivery", section 4.2."""
        poster()
        headers = {"Allow": "GET, OPTIONS, POST"}
        if "WebHook-Request-Origin" in request.headers:
            headers["WebHook-Allowed-Origin"] = "*"
            headers["WebHook-Allowed-Rate"] = "*"
        return Response(status=200, headers=headers)

    @calls.post("/webhooks/events", provide_automatic_options=False)
    @described(
        "Events of a node, as CloudEvents\n\n"
        "One, or a batch of them; signed as Standard Webhooks says where the dashboard has a "
        "secret. Where every event was refused, the status says why: 410 where the node has a "
        "stream of its own, 429 where it is not known yet.",
        body=Raw("application/cloudevents-batch+json"),
        answer=shapes.TakenIn,
        errors=(401, 410, 429),
    )
    def post() -> Response:
        remote = poster()
        body = read_bytes(MOST_BODY)
        try:
            new = proof.check(request.headers.get, body)
        except ForgedError as error:
            incoming.forged(error.kind, body, error.message)
            raise
        if not new:
            return answer({"accepted": 0, "why": "this delivery was taken before"})
        try:
            taken = incoming.take(body, remote)
        except ApiError:
            proof.give_back(request.headers.get)
            raise
        said = {**taken.counts, "why": taken.why}
        if taken.status == 200:
            return answer(said)
        proof.give_back(request.headers.get)
        more = {"Retry-After": str(COME_AGAIN)} if taken.status == 429 else {}
        return answer({"error": taken.why[0]["error"], **said}, taken.status, more)

    @calls.get("/webhooks/events", provide_automatic_options=False)
    @described("What has come so far", answer=shapes.Deliveries)
    def counted() -> Response:
        return answer({"signed": proof.signed, "counts": dict(incoming.totals)})

    return calls
