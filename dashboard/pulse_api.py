"""The call about the network's pulse: see "The past" in docs/api.md."""

from typing import TYPE_CHECKING, Final

from flask import Blueprint, Response

from contract.described import Number, Shapes, described
from contract.http import answer
from dashboard.pulse import EVERY, Beat

if TYPE_CHECKING:
    from dashboard.pulse import Pulse

shapes = Shapes("dashboard.shapes")
_AFTER: Final = Number("after", 0, 0, 2**43, "Only what is later: milliseconds since 1970.")


def blueprint(pulse: "Pulse") -> Blueprint:
    """What was felt."""
    calls = Blueprint("pulse", __name__)

    @calls.get("/api/pulse")
    @described(
        "Who lives, what travels and how quickly, over the last two hours\n\n"
        "A list for each number, all as long as `at`.",
        query=(_AFTER,),
        answer=shapes.Beats,
    )
    def beats() -> Response:
        found = pulse.after(_AFTER.read())
        columns = zip(*found, strict=True) if found else ((),) * len(Beat._fields)
        said = {name: list(column) for name, column in zip(Beat._fields, columns, strict=True)}
        return answer({"every": round(EVERY * 1000), **said})

    return calls
