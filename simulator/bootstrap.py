"""The bootstrap: a list of addresses, which may die, and the way to it.

Its list is on disk, so a bootstrap that returns forgets nothing. It checks its entries
slowly and in turn, as `bootstrap.checker` does. A node tries until it was answered once
(`node.joining`), and afterwards only when its overlay says so.
"""

from typing import TYPE_CHECKING

from node.overlay.inputs import Contacts
from simulator.machine import Machine, Process
from simulator.network import Call, Refusal

if TYPE_CHECKING:
    from random import Random

    from simulator.world import World

NAME = "bootstrap"
SAMPLE = 8
"""Addresses that a newcomer is given, as in `node.joining`."""
ALL = 1_000
"""... and one that looks again."""
PAUSES = (0.5, 1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between two tries, the last repeated, as there."""
ROUND = 120.0
"""Seconds in which all entries are checked once, as in `bootstrap.checker`."""
FAILURES = 3
"""Silences in a row after which an entry is dropped, as in `bootstrap.registry`."""


class Bootstrap:
    """The registry."""

    def __init__(self, rng: "Random") -> None:
        self._rng = rng
        self.entries: dict[str, int] = {}
        """Address → silences in a row."""

    def register(self, url: str, limit: int) -> tuple[str, ...]:
        """Take an address in; returns some of the others."""
        entries = list(self.entries)
        self.entries[url] = 0
        if len(entries) > limit + 1:  # not all: one more than wanted, as its own may be there
            entries = self._rng.sample(entries, limit + 1)
        others = [entry for entry in entries if entry != url]
        if len(others) > limit:
            others = self._rng.sample(others, limit)
        return tuple(sorted(others))

    def next_check(self, number: int) -> str | None:
        """The address to look at now, all in turn."""
        entries = list(self.entries)
        return entries[number % len(entries)] if entries else None

    def checked(self, url: str, *, alive: bool) -> None:
        """What the look said."""
        if alive:
            self.entries[url] = 0
            return
        self.entries[url] += 1
        if self.entries[url] >= FAILURES:
            del self.entries[url]


class JoinCall(Call):
    """`POST /register` and `GET /peers` in one."""

    __slots__ = ("_limit", "_tries", "_world")

    path = "/register"

    def __init__(self, world: "World", process: Process, url: str, tries: int | None) -> None:
        super().__init__(process, url)
        self._world = world
        self._tries = tries
        """So many came before; None where the overlay asked for one look."""
        self._limit = ALL if process.joined else SAMPLE

    def arrives(self, machine: Machine, *, garbled: bool) -> tuple[str, ...] | Refusal:  # noqa: ARG002 - only overlay batches get garbled
        """At the bootstrap."""
        registry = self._world.registry
        if registry is None or machine.name != NAME:
            return Refusal(404)
        return registry.register(self.sender.machine.url, self._limit)

    def answered(self, answer: tuple[str, ...] | Refusal, *, garbled: bool) -> None:  # noqa: ARG002 - as above
        """Back at the node."""
        if isinstance(answer, Refusal):
            self.failed(f"answers {answer.status}")
            return
        self.sender.joined = True
        self._world.step(self.sender, Contacts(answer))

    def failed(self, reason: str) -> None:  # noqa: ARG002 - it is not told to anybody
        """Try again, ever more rarely."""
        if self._tries is not None:
            pause = PAUSES[min(self._tries, len(PAUSES) - 1)]
            self._world.join_later(self.sender, pause, self._tries + 1)
