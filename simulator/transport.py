"""Frames to peers, as `node.transport` sends them, without threads.

A lane a peer, at most one batch in flight on each, and what queues up meanwhile leaves
with the next. At most `WORKERS` lanes are busy at a time, so some peers that never answer
hold the others up here as they do in a node. Where the way to a peer is long, broadcasts
leave in batches of their own meanwhile (`node.overlay.window`).

Every batch is really encoded and parsed on its way, so that what cannot travel does not
travel here either. `encoding=False` hands the values over as they are: for speed.
"""

from collections import deque
from typing import TYPE_CHECKING

from contract.errors import ApiError
from contract.limits import MAX_BATCH, MAX_FRAMES
from node.overlay import window
from node.overlay.frames import Batch, BroadcastFrame, Frame, Graft, Prune, Push, encode, parse
from node.overlay.inputs import Answered, Heard, Input, NotOurs, Overflowed, Silent
from node.overlay.outputs import Send
from simulator.machine import Lane, Machine, Process
from simulator.network import REFUSED, Call, Refusal

if TYPE_CHECKING:
    from simulator.world import World

WORKERS = 8
"""Batches in flight of one node, as in `node.transport`."""

_NO_OVERLAY = 404


def send(process: Process, output: Send) -> None:
    """Queue a frame; `flush` lets it go."""
    lane = (output.url, output.to)
    queue = process.lanes.get(lane)
    if queue is None:
        process.lanes[lane] = deque((output.frame,))
        process.ready.append(lane)
        return
    if len(queue) >= MAX_FRAMES:
        queue.popleft()
    queue.append(output.frame)
    if isinstance(output.frame, Push | Graft | Prune):
        process.pushing[lane] = None


def flush(world: "World", process: Process) -> None:
    """Let batches leave while there are workers."""
    ready = process.ready
    while ready and process.busy < WORKERS:
        process.busy += 1
        lane = ready.popleft()
        queue = process.lanes[lane]
        frames = tuple(queue)
        queue.clear()
        process.flying.add(lane)
        world.network.request(BatchCall(world, process, lane, frames))
    for lane in list(process.pushing):
        _push_aside(world, process, lane)
    process.pushing.clear()


def _push_aside(world: "World", process: Process, lane: Lane) -> None:
    """While a batch is under way to a peer that is far away, broadcasts need not wait for it."""
    aside = process.aside.get(lane, 0)
    room = 1 + aside < process.windows.of(lane[0]) and process.aside.total() < window.ASIDE
    if lane not in process.flying or not room:
        return
    queue = process.lanes[lane]
    frames = tuple(frame for frame in queue if isinstance(frame, BroadcastFrame))
    if frames:
        left = [frame for frame in queue if not isinstance(frame, BroadcastFrame)]
        queue.clear()
        queue.extend(left)
        process.aside[lane] += 1
        world.network.request(AsideCall(world, process, lane, frames))


class BatchCall(Call):
    """`POST /overlay`."""

    __slots__ = ("_batch", "_body", "_lane", "_world")

    path = "/overlay"

    def __init__(
        self, world: "World", process: Process, lane: Lane, frames: tuple[Frame, ...]
    ) -> None:
        super().__init__(process, lane[0])
        self._world = world
        self._lane = lane
        self._batch = Batch(process.overlay.own, frames, lane[1])
        self._body = world.wrap(self._batch)

    def arrives(self, machine: Machine, *, garbled: bool) -> bytes | Batch | Refusal:
        """At a peer: its overlay hears the batch, and what it says to the sender goes back."""
        world, process = self._world, machine.process
        if process is None:
            return Refusal(_NO_OVERLAY)  # a plain node
        batch = _unwrap(self._batch, self._body, garbled=garbled)
        if isinstance(batch, Refusal):
            return batch
        own = process.overlay.own
        if batch.to is not None and batch.to != own.id:
            return Refusal(421)
        world.count_frames(batch)
        frames = world.step(process, Heard(batch), batch.sender.id)
        answer = Batch(process.overlay.own, tuple(frames), batch.sender.id)
        world.answers += bool(frames)
        return world.wrap(answer) or answer

    def answered(self, answer: bytes | Batch | Refusal, *, garbled: bool) -> None:
        """Back at the sender."""
        self._end(self._meaning(answer, garbled=garbled))

    def failed(self, reason: str) -> None:
        """Silence."""
        refused = reason == REFUSED
        self._end(Silent(self.url, self._lane[1], reason, refused))

    def _meaning(self, answer: bytes | Batch | Refusal, *, garbled: bool) -> Input:
        to = self._lane[1]
        if isinstance(answer, Refusal):
            if answer.status == _NO_OVERLAY:
                return NotOurs(self.url)
            return Silent(self.url, to, f"answers {answer.status}")
        body = answer if isinstance(answer, bytes) else None
        batch = _unwrap(answer if isinstance(answer, Batch) else None, body, garbled=garbled)
        if isinstance(batch, Refusal):
            return Silent(self.url, to, "answers nonsense")
        self._world.count_frames(batch)
        return Answered(self.url, batch)

    def _end(self, happened: Input) -> None:
        process, lane = self.sender, self._lane
        self._measure(happened)
        process.flying.discard(lane)
        self._world.step(process, happened)
        process.busy -= 1
        if process.lanes[lane]:
            process.ready.append(lane)
        else:
            del process.lanes[lane]
        flush(self._world, process)

    def _measure(self, happened: Input) -> None:
        windows = self.sender.windows
        if isinstance(happened, Answered):
            windows.answered(self.url, self._world.agenda.now - self.began)
        else:
            windows.silent(self.url)


class AsideCall(BatchCall):
    """One of pushes, beside the one that is under way. Its loss is no sign of anything else."""

    __slots__ = ()

    def _end(self, happened: Input) -> None:
        process, lane = self.sender, self._lane
        self._measure(happened)
        process.aside[lane] -= 1
        if not process.aside[lane]:
            del process.aside[lane]
        if not isinstance(happened, Answered) and lane[1] is not None:
            happened = Overflowed(lane[1])
        process.pushing[lane] = None
        self._world.step(process, happened)
        flush(self._world, process)


def _unwrap(batch: Batch | None, body: bytes | None, *, garbled: bool) -> Batch | Refusal:
    """What was sent, as it is understood; a Refusal where it is not."""
    if garbled:
        whole = body if body is not None else encode(_given(batch))
        body = whole[: len(whole) // 2]  # half an object is no object, whatever was in it
    if body is None:
        return _given(batch)
    if len(body) > MAX_BATCH:
        return Refusal(413)
    try:
        return parse(body)
    except ApiError as error:
        return Refusal(error.status)


def _given(batch: Batch | None) -> Batch:
    if batch is None:
        raise TypeError("a batch travels as a value or as bytes")
    return batch
