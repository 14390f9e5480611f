"""`python -m simulator.history`: runs under random faults, told as what was sent and found.

For a judge who knows nothing of the protocol (`lab.verification`): one line of JSON a seed,
with every message that was accepted, every entry that came into an inbox, in its order, and
what each sender knows in the end. The invariants watch as well; a run that one of them
stopped is told as far as it came, with `broken` in words.
"""

import argparse
import gc
import sys
from typing import Any

import msgspec

from node.overlay import inputs as i
from node.overlay import outputs as o
from simulator.faults import AnyFault
from simulator.invariant import BrokenInvariantError
from simulator.machine import Process
from simulator.plan import Plan
from simulator.report import broken_words
from simulator.run import run
from simulator.world import EVERYBODY, World

RATE = 5.0
"""Messages a second in the whole network: more than people who play, so that queues build up
while nodes are away [guess]."""


class Recorder:
    """Watches a world and writes down what people would see of it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._inboxes: dict[str, list[dict[str, Any]]] = {}
        self._members: dict[str, float] = {}
        world.watchers.append(self)

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:  # noqa: ARG002 - only who
        """Who is there for the first time."""
        if type(happened) is i.Start:
            self._members.setdefault(process.machine.disk.id, self._world.now)

    def delivered(self, process: Process, message: str, origin: str, text: str) -> None:
        """An entry of an inbox."""
        self._enter(process.machine.disk.id, message, origin, text, self._world.now)

    def ended(self, process: Process, end: o.MessageEnded) -> None:
        """It is on disk."""

    def raised(self, process: Process, happened: i.Input, error: Exception) -> None:
        """The invariants' business."""

    def _enter(self, member: str, message: str, origin: str, text: str, at: float) -> None:
        entry = {"id": message, "sender": _name(origin), "text": text, "at": at}
        self._inboxes.setdefault(member, []).append(entry)

    def told(self, plan: Plan, faults: list[AnyFault]) -> dict[str, Any]:
        """The history as `lab.verification.history` reads it."""
        world = self._world
        disks = {process.machine.disk.id: process.machine.disk for process in world.running()}
        members = list(self._members)
        for member in members:  # its own words to everybody are in its inbox, too
            disk = disks.get(member)
            for found in disk.inbox.values() if disk is not None else ():
                if found.origin == member:
                    self._enter(member, found.id, found.origin, found.text, found.at)
        return {
            "where": f"simulator, {plan.nodes} nodes",
            "seed": plan.seed,
            "seconds": plan.seconds,
            "nodes": [_name(member) for member in members],
            "sent": [
                {
                    "id": message,
                    "sender": _name(sent.origin),
                    "to": EVERYBODY if sent.to == EVERYBODY else _name(sent.to),
                    "text": sent.text,
                    "number": sent.number,
                    "asked_at": world.accepted.get(message, 0.0),
                    "accepted_at": world.accepted.get(message),
                    "refused": None,
                }
                for message, sent in world.sent.items()
            ],
            "inboxes": {_name(m): self._inboxes.get(m, []) for m in members if m in disks},
            "outboxes": {
                _name(member): {
                    message.id: {"status": message.status, "reason": ""}
                    for message in disks[member].outbox.values()
                }
                for member in members
                if member in disks
            },
            "faults": [
                {
                    "at": fault.at,
                    "until": fault.at + (fault.lasts or 0.0),
                    "words": type(fault).__name__.lower(),
                    "nodes": [],
                    "done": True,
                }
                for fault in faults
            ],
            "gone": [_name(member) for member in members if member not in disks],
            "joined": {_name(member): at for member, at in self._members.items()},
        }


def plan(seed: int, nodes: int, seconds: float) -> Plan:
    """The run of a seed: from quiet to wild, messages by all ways, few that all must have."""
    return Plan(
        nodes=nodes,
        seconds=seconds,
        seed=seed,
        chaos=0.5 + seed % 8 / 2,
        rate=RATE,
        route="mixed",
        bootstrap=seed % 7 != 0,
        encoding=seed % 5 == 0,
        broadcasts=2,
    )


def history(one: Plan) -> dict[str, Any]:
    """Make a run; its history, and what stopped it."""
    recorders: list[Recorder] = []
    broken = ""
    try:
        run(one, watch=lambda world: recorders.append(Recorder(world)))
    except BrokenInvariantError as error:
        broken = broken_words(error, one)
    return {"broken": broken, "history": recorders[0].told(one, list(one.schedule()))}


def main(arguments: list[str]) -> int:
    """A line a seed."""
    parser = argparse.ArgumentParser(prog="python -m simulator.history", description=__doc__)
    parser.add_argument("--first", type=int, default=1, metavar="N", help="the first seed (1)")
    parser.add_argument("--seeds", type=int, default=1, metavar="N", help="how many (1)")
    parser.add_argument("--nodes", type=int, default=30, metavar="N", help="(30)")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="(60)")
    chosen = parser.parse_args(arguments)
    gc.disable()
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        line = msgspec.json.encode(history(plan(seed, chosen.nodes, chosen.seconds)))
        sys.stdout.buffer.write(line + b"\n")
        sys.stdout.buffer.flush()
        gc.collect()
    return 0


def _name(member: str) -> str:
    return member.removeprefix("id-")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
