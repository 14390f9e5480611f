"""The calls about random traffic: start it, look at it, stop it."""

from flask import Blueprint, Response, request

from contract.described import Shapes, described
from contract.http import answer, read_object
from dashboard.traffic import Traffic

shapes = Shapes("dashboard.shapes")


def blueprint(traffic: Traffic) -> Blueprint:
    """`/api/traffic`."""
    calls = Blueprint("traffic", __name__)

    @calls.get("/api/traffic")
    @described("The random traffic that runs, or ran last", answer=shapes.TrafficTold)
    def look() -> Response:
        return answer({"traffic": traffic.view()})

    @calls.post("/api/traffic")
    @described(
        "Let nodes send each other messages at random\n\n"
        "One run at a time. It ends by itself, and where `browser` names a page's connection to "
        "the live stream, with that. Messages for which nobody is free in their moment are "
        "skipped.",
        body=shapes.TrafficWanted,
        answer=shapes.TrafficTold,
        status=201,
        errors=(409,),
        example={"rate": 10, "kinds": ["messages"], "for_seconds": 60},
    )
    def start() -> Response:
        return answer({"traffic": traffic.start(read_object(), request.remote_addr or "")}, 201)

    @calls.delete("/api/traffic")
    @described("Stop it", answer=shapes.TrafficTold, errors=(404,))
    def stop() -> Response:
        return answer({"traffic": traffic.stop()})

    return calls
