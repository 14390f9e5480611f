"""What a person can do to a node or a link with one press: one table, which the page asks for.

The page knows no fault by name. It shows what stands here, in the node's panel, in the menu of a
node or a link, in the bar of several chosen nodes and in its command palette, and posts the wish
to `/api/faults`: with the nodes in `nodes`, and of a link with one end there and the other in
`peers`. What a node cannot do yet gets its place in the page by a line here.

Those that act on what is said between nodes last a minute, those that take a node away some
seconds: long enough to see that it is missed.
"""

from typing import Any, Final, NamedTuple


class Action(NamedTuple):
    """One of them."""

    id: str
    name: str
    title: str
    """What it does, in a sentence; for how long the wish says."""
    wish: dict[str, Any]
    on: str = "node"
    most_seconds: int = 3_600
    """For how long it can be asked for at most [node.faults.kinds]."""
    destroys: bool = False
    """Whether a person should be asked first: what is in the node's memory is gone."""


ACTIONS: Final = (
    Action(
        "crash",
        "Kill",
        "The process dies without clean-up, and comes back by itself",
        {"kind": "crash", "down_seconds": 10},
        destroys=True,
        most_seconds=600,
    ),
    Action(
        "freeze",
        "Freeze",
        "It answers nothing and does nothing",
        {"kind": "freeze", "for_seconds": 20},
    ),
    Action(
        "isolate",
        "Isolate",
        "Nothing gets to it or from it",
        {"kind": "drop", "for_seconds": 30},
    ),
    Action(
        "slow",
        "Slow",
        "Everything it hears and says is 300 ms late",
        {"kind": "delay", "mean_ms": 300, "jitter_ms": 50, "for_seconds": 60},
    ),
    Action(
        "lossy",
        "Lossy",
        "Three in ten requests and answers are lost",
        {"kind": "drop", "probability": 0.3, "for_seconds": 60},
    ),
    Action(
        "disk-full",
        "Disk full",
        "It can store nothing",
        {"kind": "disk-full", "for_seconds": 30},
    ),
    Action(
        "cut",
        "Cut",
        "Neither hears the other",
        {"kind": "drop", "for_seconds": 60},
        on="link",
    ),
    Action(
        "cut-there",
        "Cut one way, there",
        "The second hears nothing of the first, and the first hears the second",
        {"kind": "drop", "direction": "out", "for_seconds": 60},
        on="link",
    ),
    Action(
        "cut-back",
        "Cut one way, back",
        "The first hears nothing of the second, and the second hears the first",
        {"kind": "drop", "direction": "in", "for_seconds": 60},
        on="link",
    ),
    Action(
        "slow-link",
        "Slow",
        "What they say to each other is 300 ms late",
        {"kind": "delay", "mean_ms": 300, "jitter_ms": 50, "for_seconds": 60},
        on="link",
    ),
    Action(
        "lossy-link",
        "Lossy",
        "Three in ten requests between them are lost",
        {"kind": "drop", "probability": 0.3, "for_seconds": 60},
        on="link",
    ),
)


def views() -> list[dict[str, Any]]:
    """The table, for readers."""
    return [action._asdict() for action in ACTIONS]
