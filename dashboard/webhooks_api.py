"""`/webhooks/events`: where nodes post what happens to them (`incoming`, `proof`)."""

from typing import Final

from flask import Blueprint, Response, request

from contract.errors import ApiError
from contract.http import answer, read_bytes
from dashboard.incoming import MOST_BODY, Incoming
from dashboard.proof import ForgedError, Proof

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
    def agree() -> Response:
        """CNCF's "HTTP 1.1 Web Hooks for Event Delivery", section 4.2."""
        poster()
        headers = {"Allow": "GET, OPTIONS, POST"}
        if "WebHook-Request-Origin" in request.headers:
            headers["WebHook-Allowed-Origin"] = "*"
            headers["WebHook-Allowed-Rate"] = "*"
        return Response(status=200, headers=headers)

    @calls.post("/webhooks/events", provide_automatic_options=False)
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
    def counted() -> Response:
        return answer({"signed": proof.signed, "counts": dict(incoming.totals)})

    return calls
