"""Broadcasts as they are measured: who got each one, when, at which hop, and at what price.

Plumtree's three figures (its paper, section 4) for each message. *Reliability*: the share
of those who were there all the time, from its sending to the end of the run, and have it.
*Relative message redundancy*: payloads that were received for each node that got it, less
one; a tree has 0, a flood over links of degree six has 4. *Last delivery hop*: how many
steps the longest way had.

There are two kinds of speakers. `Talk` lets somebody else speak each time, all through the
faults; what it says shows what a crash costs at which moment. `Root` is one node that speaks
again and again when all is well, and its tree is looked at when it has grown.
"""

from array import array
from collections import Counter
from random import Random

import msgspec

from node.overlay import inputs as i
from node.overlay import outputs as o
from node.overlay.frames import Push
from simulator.machine import Process
from simulator.workload import can_send
from simulator.world import World

GROWN = 10
"""Broadcasts of a root after which its tree is measured [brief]."""


class Spoken:
    """One broadcast and what has come of it so far."""

    __slots__ = ("at", "calm", "hops", "message", "payloads", "times")

    def __init__(self, message: str, at: float, *, calm: bool) -> None:
        self.message = message
        self.at = at
        self.calm = calm
        """Said by the root, after everything was well again."""
        self.hops: Counter[int] = Counter()
        self.times = array("f")
        """Seconds until each node that got it had it."""
        self.payloads = 0
        """Times that it was received whole, by whomever."""


class Message(msgspec.Struct, frozen=True):
    """What came of one broadcast, at the end of a run."""

    at: float
    """When it was sent."""
    calm: bool
    """Whether by the root, after the settling."""
    survivors: int
    """Nodes that ran from its sending to the end, its origin left out."""
    share: float
    """... and the share of them that has it."""
    redundancy: float
    last_hop: int
    last: float
    """Seconds until the last one had it."""


class Broadcasts:
    """Sees each delivery of each broadcast that is sent through it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.spoken: dict[str, Spoken] = {}
        world.watchers.append(self)

    def say(self, process: Process, *, calm: bool = False) -> Spoken:
        """Let a node speak to everybody."""
        message = f"b{len(self._world.sent) + 1}"
        spoken = self.spoken[message] = Spoken(message, self._world.now, calm=calm)
        self._world.broadcast(process.name, message=message)
        return spoken

    def survivors(self, spoken: Spoken) -> list[Process]:
        """Who should have it: whoever has run since it was sent, without a break."""
        origin = self._world.sent[spoken.message].origin
        return [
            process
            for process in self._world.running()
            if process.since <= spoken.at and process.machine.disk.id != origin
        ]

    def has_everybody(self, spoken: Spoken) -> bool:
        """Whether all of them have it."""
        message = spoken.message
        return all(message in p.machine.disk.inbox for p in self.survivors(spoken))

    def messages(self) -> list[Message]:
        """What came of each, in the order in which they were sent."""
        return [self.message(spoken) for spoken in self.spoken.values()]

    def message(self, spoken: Spoken) -> Message:
        """What came of one, as things are now."""
        there = self.survivors(spoken)
        have = sum(spoken.message in process.machine.disk.inbox for process in there)
        got = len(spoken.times)
        return Message(
            at=round(spoken.at, 3),
            calm=spoken.calm,
            survivors=len(there),
            share=have / len(there) if there else 1.0,
            redundancy=spoken.payloads / got - 1 if got else 0.0,
            last_hop=max(spoken.hops, default=0),
            last=round(max(spoken.times, default=0.0), 3),
        )

    # --- what a world's watcher is told ------------------------------------------------------

    def stepped(self, process: Process, happened: i.Input, outputs: list[o.Output]) -> None:  # noqa: ARG002 - whoever it was
        """Payloads that came in, and hops of what was delivered."""
        if isinstance(happened, i.Heard | i.Answered):
            for frame in happened.batch.frames:
                if type(frame) is Push and (spoken := self.spoken.get(frame.message)):
                    spoken.payloads += 1
            for output in outputs:
                if type(output) is o.Deliver and (spoken := self.spoken.get(output.message)):
                    spoken.hops[output.hop] += 1

    def delivered(self, process: Process, message: str, origin: str, text: str) -> None:  # noqa: ARG002 - only when
        """It is in an inbox for the first time."""
        spoken = self.spoken.get(message)
        if spoken is not None:
            spoken.times.append(self._world.now - spoken.at)

    def ended(self, process: Process, end: o.MessageEnded) -> None:
        """Broadcasts have no end."""

    def raised(self, process: Process, happened: i.Input, error: Exception) -> None:
        """Not our business."""


class Talk:
    """Somebody says something to everybody, at an even pace, until it is stopped."""

    def __init__(self, world: World, broadcasts: Broadcasts, rate: float, seed: int) -> None:
        self._world = world
        self._broadcasts = broadcasts
        self._rng = Random(f"talk {seed}")
        self._pause = 1 / rate if rate > 0 else 0.0
        self._stopped = rate <= 0
        if not self._stopped:
            world.agenda.after(self._pause, self._speak)

    def stop(self) -> None:
        """Silence."""
        self._stopped = True

    def _speak(self) -> None:
        if self._stopped:
            return
        able = [process for process in self._world.running() if can_send(process)]
        if able:
            self._broadcasts.say(able[self._rng.randrange(len(able))])
        self._world.agenda.after(self._pause, self._speak)
