"""What nodes are asked for, act by act of a schedule: `POST /faults`, in words that they know.

One place for it: `verify` asks the nodes itself, `nemesis` asks the dashboard or the nodes.
"""

from typing import Any, Final

from lab.verification.schedule import Act, Kind

ASKED: Final[tuple[Kind, ...]] = ("down", "freeze", "cut", "halves", "slow", "loss", "disk-full")
"""Kinds that a node does to itself when it is asked; the others are done from outside."""


def wish(act: Act) -> dict[str, Any]:
    """What each of an act's nodes is asked for. Of `halves` that is one half of it."""
    own: dict[str, Any]
    match act.kind:
        case "down":
            own = {"kind": "crash", "down_seconds": act.lasts}
        case "freeze":
            own = {"kind": "freeze"}
        case "cut":
            own = {"kind": "drop", "direction": "out", "peers": list(act.others)}
        case "halves":
            own = {"kind": "drop", "peers": list(act.others)}
        case "slow":
            own = {"kind": "delay", "mean_ms": act.amount, "jitter_ms": act.amount / 4}
        case "loss":
            own = {"kind": "drop", "probability": act.amount}
        case "disk-full":
            own = {"kind": "disk-full"}
        case _:
            raise ValueError(f"no node does {act.kind} to itself")
    return {**own, "for_seconds": act.lasts}
