"""Which fault strikes whom and when: all of it from one seed, before anything runs.

Faults come independently, on average one every `PAUSE` seconds, of all kinds alike, and last
some seconds; so several overlap. What takes a node away (killed, frozen, starting, cut off on
all sides) strikes at most a third of the nodes at a time, as nobody promises anything of a
network that is not there; halves are the exception, and both of them are there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

Kind = Literal[
    "kill", "down", "freeze", "restart", "disconnect", "cut", "halves", "slow", "loss", "disk-full"
]
PROCESSES: Final[tuple[Kind, ...]] = (
    "kill", "down", "freeze", "restart", "cut", "halves", "slow", "loss", "disk-full",
)  # fmt: skip
"""What can be done to processes of this machine."""
CONTAINERS: Final[tuple[Kind, ...]] = (
    "kill", "down", "freeze", "restart", "disconnect", "cut", "halves", "slow", "loss", "disk-full",
)  # fmt: skip
"""... and to containers: these can be taken off their network as well."""
AWAY: Final = frozenset({"kill", "down", "freeze", "restart", "disconnect"})
"""Faults that take a node away."""
PAUSE: Final = 4.0
"""Seconds between two faults, on average [as in `simulator.nemesis`; guess]."""
SHORTEST, LONGEST = 2.0, 20.0
"""Seconds that a fault lasts: from less than a link's patience to more than it takes until a
member is dead for all (some 10 s), so that some are taken for dead and must come back."""
MOST_AWAY: Final = 1 / 3
DELAYS: Final = (50, 1_500)
"""Milliseconds that a slow link takes: up to more than a link's patience of 500."""
LOSSES: Final = (0.1, 0.5)
"""Share of requests and answers that a bad link loses."""


@dataclass(frozen=True)
class Act:
    """One fault."""

    at: float
    """Seconds after the beginning."""
    lasts: float
    kind: Kind
    nodes: tuple[str, ...]
    """Whom it strikes."""
    others: tuple[str, ...] = ()
    """Towards whom; empty: everybody."""
    amount: float = 0.0
    """Milliseconds of `slow`, the share of `loss`."""

    @property
    def words(self) -> str:
        """For people; the first word is the kind."""
        whom = _listed(self.nodes)
        detail = {
            "cut": f"{whom} to {_listed(self.others) or 'everybody'}, one way",
            "halves": f"of {len(self.nodes)} and {len(self.others)}",
            "slow": f"{whom} by {self.amount:.0f} ms",
            "loss": f"{self.amount:.0%} at {whom}",
        }.get(self.kind, whom)
        return f"{self.kind} {detail}, {self.lasts:.0f} s"


def at_random(
    seed: int,
    seconds: float,
    nodes: Sequence[str],
    kinds: Sequence[Kind],
    pause: float = PAUSE,
    longest: float = LONGEST,
    *,
    most_away: float = MOST_AWAY,
) -> list[Act]:
    """A schedule. The same numbers, the same schedule; all is over at `seconds`.

    `most_away` is the share of nodes that may be away at once.
    """
    rng = Random(f"nemesis {seed}")
    acts: list[Act] = []
    at = 0.0
    while True:
        at += rng.expovariate(1 / pause)
        lasts = rng.uniform(SHORTEST, longest)
        if at + SHORTEST > seconds:
            return acts
        span = (round(at, 2), round(min(lasts, seconds - at), 2))
        act = _one(rng, span, nodes, acts, kinds, most_away)
        if act is not None:
            acts.append(act)


def _one(
    rng: Random,
    span: tuple[float, float],
    nodes: Sequence[str],
    before: Sequence[Act],
    kinds: Sequence[Kind],
    most_away: float,
) -> Act | None:
    at, lasts = span
    kind = rng.choice(kinds)
    if kind == "halves":
        some = rng.sample(nodes, len(nodes))
        middle = rng.randint(max(1, len(nodes) // 4), max(1, len(nodes) // 2))
        if any(act.kind == "halves" and act.at + act.lasts > at for act in before):
            return None  # one border at a time, so that each part is in itself whole
        return Act(at, lasts, kind, tuple(some[:middle]), tuple(some[middle:]))
    free = list(nodes)
    if kind in AWAY:
        away = {
            name
            for act in before
            if act.kind in AWAY and act.at + act.lasts > at
            for name in act.nodes
        }
        free = [name for name in nodes if name not in away]
        room = int(len(nodes) * most_away) - len(away)
        if room < 1 or not free:
            return None
        count = rng.randint(1, max(1, min(room, len(nodes) // 8)))
    else:
        count = rng.randint(1, max(1, len(nodes) // 6))
    struck = tuple(rng.sample(free, min(count, len(free))))
    if kind == "cut":
        others = [name for name in nodes if name not in struck]
        towards = rng.sample(others, rng.randint(1, len(others))) if others else []
        return Act(at, lasts, kind, struck, tuple(towards))
    amount = {
        "slow": float(rng.randint(*DELAYS)),
        "loss": round(rng.uniform(*LOSSES), 2),
    }.get(kind, 0.0)
    return Act(at, lasts, kind, struck, amount=amount)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
