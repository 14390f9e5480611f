"""Payloads: the broadcasts of the last two minutes, for whoever missed one.

Theory of operation. A node that announces a message must be able to hand it over, so it
keeps what it forwarded: long enough for a link to break, be replaced and catch up, and long
enough for who was away. *How long* follows from what is promised: who was away for a minute
misses nothing. It is the first message of that minute that matters: it must still be here when
the one who was away has a link again and has asked. That took 1.3 s after a restart or a
pause, 2.3 s for halves of a network, and for a node that had been cut off 3.5 s in the median
and 11.3 s at worst, since those who hold it for dead try it only some three times in ten
seconds [simulated: 60 seeds, 20 nodes]. So 72 s would do there; on a busy machine everything
takes longer. Twice the minute leaves four times the worst.

*Why not from the disk?* Each inbox has these messages as well, and for longer. But they are
mostly wanted in memory (two minutes of a lively network are some thousand), reading them back
would put the disk into the way of those who catch up, and what is older than the time that is
promised would have to be asked for by numbers which nobody announces. The disk is asked once,
at the start: what is younger than two minutes comes back to memory (`broadcast`), so a restart
takes nothing from others. Who was away for longer knows that it was: see `gaps`.

With each payload stand the few things that are asked of it: who gave it to us
and at which hop, which links have it already (they need no copy and no announcement), and
how often a link has fetched it (nobody may make us send it again and again).

Three bounds: seconds, messages and characters. Whatever is reached first, the oldest goes. An
origin whose own cache is so full that a message of its own would push out a younger one than
promised takes none (429): all caches hold about the same, so that is said where somebody can
wait.
"""

from collections import OrderedDict
from collections.abc import Iterator

import msgspec

from node.overlay.config import Config
from node.overlay.frames import Push

MessageId = tuple[str, int, int]
"""Origin, its epoch, its number: `Push.key`."""


class Payload(msgspec.Struct):
    """One broadcast as we hold it."""

    push: Push
    """As it came to us: with our own hop."""
    since: float
    via: str | None
    """The link that gave it to us first, or a shorter way since; None: it is our own."""
    hop: int
    holders: set[str] = msgspec.field(default_factory=set)
    """Links that have it, as far as we know."""
    hops: dict[str, int] = msgspec.field(default_factory=dict)
    """At which hop links have it that told us so."""
    fetched: dict[str, int] = msgspec.field(default_factory=dict)
    """How often which link grafted it."""
    children: set[str] = msgspec.field(default_factory=set)
    """Links that we handed it to: they are no nearer to the origin."""
    answers: bool = False
    """Nobody had it from us, and it came in a request: its answer can carry our receipt."""
    have: int = 0
    """Who is known to have it (`receipts.Roll`) ..."""
    said: dict[str, int] = msgspec.field(default_factory=dict)
    """... and what of that was said to which link, ..."""
    said_at: float = 0.0
    """... and when last."""


class Payloads:
    """The cache, oldest first."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._held: OrderedDict[MessageId, Payload] = OrderedDict()
        self.characters = 0

    def __len__(self) -> int:
        return len(self._held)

    def __iter__(self) -> Iterator[MessageId]:
        return iter(self._held)

    def get(self, message: MessageId) -> Payload | None:
        """A payload, where it is still here."""
        return self._held.get(message)

    def all(self) -> Iterator[tuple[MessageId, Payload]]:
        """Everything that is here, oldest first."""
        return iter(self._held.items())

    @property
    def full(self) -> bool:
        """Whether one more would push out one that is younger than it should be."""
        return (
            len(self._held) >= self._config.payloads_most
            or self.characters >= self._config.payload_characters
        )

    def add(self, message: MessageId, payload: Payload) -> None:
        """Keep one; the oldest makes room."""
        self._held[message] = payload
        self.characters += len(payload.push.text)
        while (
            len(self._held) > self._config.payloads_most
            or self.characters > self._config.payload_characters
        ):
            self._drop_oldest()

    def expire(self, now: float) -> float | None:
        """Drop what is too old; returns the seconds until the next one is, None when empty."""
        while self._held:
            oldest = next(iter(self._held.values()))
            left = oldest.since + self._config.payload_kept - now
            if left > 0:
                return left
            self._drop_oldest()
        return None

    def forget_link(self, link: str) -> None:
        """A link is gone, or what was sent to it was lost: it may have nothing of this."""
        for payload in self._held.values():
            payload.holders.discard(link)
            payload.hops.pop(link, None)
            payload.fetched.pop(link, None)

    def _drop_oldest(self) -> None:
        _, payload = self._held.popitem(last=False)
        self.characters -= len(payload.push.text)
