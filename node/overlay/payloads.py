"""Payloads: the broadcasts of the last minute, for whoever missed one.

Theory of operation. A node that announces a message must be able to hand it over, so it
keeps what it forwarded for a minute: long enough for a link to break, be replaced and
catch up. With each payload stand the few things that are asked of it: who gave it to us
and at which hop, which links have it already (they need no copy and no announcement), and
how often a link has fetched it (nobody may make us send it again and again).

Three bounds: seconds, messages and characters. Whatever is reached first, the oldest goes.
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
