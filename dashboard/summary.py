"""The state of the network in one sentence that a person understands."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from dashboard.records import Record
from dashboard.topology import Part, Shape

State = Literal["empty", "forming", "connected", "split"]

COMPLETE = 0.999
"""Coverage from which everybody counts as knowing everybody: no one missing in 1,000."""
ARRIVING = 15.0
"""Seconds after its start in which a node that nobody knows is new, and not cut off: where a
hundred start on two cores it takes one some seconds to find the others [guess]."""
NAMED = 4
"""Parts whose sizes are told; more would not be read [guess]."""


def summary(
    records: Iterable[Record],
    shape: Shape,
    *,
    expected: int | None,
    messages: int,
    events_per_second: float,
    conflicts: int = 0,
    now: float,
) -> dict[str, Any]:
    """SUMMARY of docs/api.md."""
    shown = list(records)
    states = Counter(record.state for record in shown)
    here = states["alive"] + states["suspect"]
    state = _state(here, shape, expected, now)
    return {
        "state": state,
        "line": _line(state, shape, here, states["dead"], expected),
        "expected": expected,
        "nodes": len(shown),
        "alive": states["alive"],
        "suspect": states["suspect"],
        "dead": states["dead"],
        "left": states["left"],
        "plain": sum(record.kind == "plain" for record in shown),
        "watched": sum(r.watched and r.contact == "open" for r in shown),
        "components": len(shape.parts),
        "links": shape.links,
        "coverage": round(shape.coverage, 4),
        "conflicts": conflicts,
        "messages": messages,
        "events_per_second": round(events_per_second, 1),
        "busy": None,
    }


def _state(here: int, shape: Shape, expected: int | None, now: float) -> State:
    if not here:
        return "empty"
    if sum(part.since < now - ARRIVING for part in shape.parts) > 1:
        return "split"
    if len(shape.parts) > 1 or (expected is not None and here < expected):
        return "forming"
    return "connected" if here == 1 or shape.coverage >= COMPLETE else "forming"


def _line(state: State, shape: Shape, here: int, dead: int, expected: int | None) -> str:
    match state:
        case "empty" if dead:
            return f"Nobody is left: {_nodes(dead)} dead"
        case "empty":
            return "No node yet. Start some: make up"
        case "split":
            return f"Split into {len(shape.parts)} parts: {_sizes(shape.parts)}"
        case "forming":
            return _coming(shape, here, expected)
        case "connected" if here == 1:
            return "1 node, alone"
        case "connected":
            who = "everybody" if shape.coverage == 1 else "nearly everybody"
            return f"{_nodes(here)}, one network, {who} knows everybody"


def _coming(shape: Shape, here: int, expected: int | None) -> str:
    """How far a network is that is on its way."""
    if expected is not None and here < expected:
        return f"{here} of {expected} nodes are here"
    if len(shape.parts) > 1:
        return f"{_nodes(here)} are finding each other"
    return f"{_nodes(here)}, one network; each knows {shape.coverage:.0%} of the others"


def _sizes(parts: tuple[Part, ...]) -> str:
    told = [str(part.size) for part in parts[:NAMED]]
    if len(parts) > NAMED:
        return f"{', '.join(told)} nodes and {len(parts) - NAMED} smaller ones"
    return f"{', '.join(told[:-1])} and {told[-1]} nodes"


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"
