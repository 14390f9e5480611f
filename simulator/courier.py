"""Messages to their receivers, as `node.courier` carries them: `POST /message`."""

from typing import TYPE_CHECKING, Literal

from node.overlay.inputs import PostEnded
from node.overlay.outputs import Post
from simulator.machine import Machine, Process
from simulator.network import Call, Refusal

if TYPE_CHECKING:
    from simulator.disk import Accepted
    from simulator.world import World

Outcome = Literal["stored", "refused", "later", "unreachable"]

WORKERS = 8
"""Receivers that are written to at the same time, as in `node.courier`."""

_LATER = frozenset({408, 425, 429})
"""Refusals that say "not now", as there."""
_MISDIRECTED = 421


def carry(world: "World", process: Process, post: Post) -> None:
    """Queue an attempt."""
    process.posts.append(post)
    _next(world, process)


def _next(world: "World", process: Process) -> None:
    while process.posts and process.posting < WORKERS:
        post = process.posts.popleft()
        messages = []
        for one, attempt in post.all:
            message = process.machine.disk.outbox.get(one)
            if message is None:
                gone = PostEnded(one, "refused", "it is no longer in the outbox")
                world.step(process, gone)
            else:
                message.attempts = attempt
                messages.append(message)
        if messages:
            process.posting += 1
            world.network.request(PostCall(world, process, post, messages))


class PostCall(Call):
    """`POST /message`, or `POST /messages` where several go together."""

    __slots__ = ("_messages", "_origin", "_post", "_world")

    path = "/message"

    def __init__(
        self, world: "World", process: Process, post: Post, messages: list["Accepted"]
    ) -> None:
        super().__init__(process, post.url)
        self._world = world
        self._post = post
        self._messages = messages
        self._origin = process.overlay.own.id

    def arrives(self, machine: Machine, *, garbled: bool) -> str | Refusal:  # noqa: ARG002 - only overlay batches get garbled
        """At the receiver: stored before it is answered, and once however often it comes."""
        process = machine.process
        if process is None:
            machine.inbox += [message.text for message in self._messages]
            return "received"
        if not self._post.plain and self._post.to != process.overlay.own.id:
            return Refusal(421)
        for message in self._messages:
            self._world.receive(process, message.id, self._origin, message.text, message.number)
        return "received"

    def answered(self, answer: str | Refusal, *, garbled: bool) -> None:  # noqa: ARG002 - as above
        """Back at the sender."""
        if not isinstance(answer, Refusal):
            self._end("stored")
        elif answer.status == _MISDIRECTED:
            self._end("unreachable", "another node lives at its address")
        elif answer.status >= 500 or answer.status in _LATER:
            self._end("later", f"the receiver answered {answer.status}")
        else:
            self._end("refused", f"refused with {answer.status}")

    def failed(self, reason: str) -> None:
        """Silence."""
        self._end("unreachable", reason)

    def _end(self, outcome: Outcome, reason: str = "") -> None:
        self.sender.posting -= 1
        for message in self._messages:
            self._world.step(self.sender, PostEnded(message.id, outcome, reason))
        _next(self._world, self.sender)
