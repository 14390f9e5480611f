"""The state of the network in one sentence that a person understands."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

from dashboard.reducer import Record
from dashboard.topology import Shape

State = Literal["empty", "forming", "connected", "split"]

COMPLETE = 0.999
"""Coverage from which everybody counts as knowing everybody: no one missing in 1,000."""
NAMED = 4
"""Parts whose sizes are told; more would not be read [guess]."""


def summary(
    records: Iterable[Record],
    shape: Shape,
    *,
    expected: int | None,
    messages: int,
    events_per_second: float,
) -> dict[str, Any]:
    """SUMMARY of docs/api.md."""
    shown = list(records)
    states = Counter(record.state for record in shown)
    here = states["alive"] + states["suspect"]
    state = _state(here, shape, expected)
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
        "messages": messages,
        "events_per_second": round(events_per_second, 1),
    }


def _state(here: int, shape: Shape, expected: int | None) -> State:
    if not here:
        return "empty"
    if expected is not None and here < expected and len(shape.parts) <= 1:
        return "forming"
    if len(shape.parts) > 1:
        return "split"
    return "connected" if here == 1 or shape.coverage >= COMPLETE else "forming"


def _line(state: State, shape: Shape, here: int, dead: int, expected: int | None) -> str:
    nodes = _nodes(here)
    match state:
        case "empty":
            return (
                f"Nobody is left: {_nodes(dead)} dead"
                if dead
                else "No node yet. Start some: make up"
            )
        case "split":
            return f"Split into {len(shape.parts)} parts: {_sizes(shape.parts)}"
        case "forming" if expected is not None and here < expected:
            return f"{here} of {expected} nodes are here"
        case "forming":
            return f"{nodes}, one network; each knows {shape.coverage:.0%} of the others"
        case "connected" if here == 1:
            return "1 node, alone"
        case _:
            who = "everybody" if shape.coverage == 1 else "nearly everybody"
            return f"{nodes}, one network, {who} knows everybody"


def _sizes(parts: tuple[int, ...]) -> str:
    told = [str(size) for size in parts[:NAMED]]
    if len(parts) > NAMED:
        return f"{', '.join(told)} nodes and {len(parts) - NAMED} smaller ones"
    return f"{', '.join(told[:-1])} and {told[-1]} nodes"


def _nodes(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"
