"""What people do: each node's user sends numbered messages to others, and now and then to all.

One thread a node, and one message after the other, so that "in order" means something. A call
that gets no answer, or "not now" (429, 503) or "I know nobody of that name" from a node that
has just started, is made again with the same id until it is taken or refused for good.
"""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from lab.verification.asking import NoAnswerError, Node
from lab.verification.history import EVERYBODY, Sent

BROADCASTS: Final = 0.02
"""Share of messages that go to everybody."""
SHORT_LIVED: Final = 0.05
"""Share of messages whose time is short, so that some fail."""
SHORT_TTL: Final = (2, 15)
"""Seconds of that."""
LONG: Final = 0.01
"""Share of messages with a long text."""
LONG_TEXT: Final = 8_000
AGAIN: Final = 0.2
"""Seconds until a call is made again that got no answer [guess: a node starts within one]."""
NOT_NOW: Final = frozenset({404, 429, 503})
STRANGE: Final = (
    "\u00e9\u00df\u4e16\U0001f642 <b>bold</b>",
    "line\nbreak\ttab",
    "'; DROP TABLE inbox;--",
)
"""Ends of texts: what software of all kinds breaks on."""


@dataclass(frozen=True)
class Habits:
    """How somebody sends."""

    broadcasts: float = BROADCASTS
    short_lived: float = SHORT_LIVED
    long: float = LONG
    routes: tuple[str, ...] = ("auto", "auto", "direct", "overlay")


class User(threading.Thread):
    """Who sits at one node and sends."""

    def __init__(
        self,
        node: Node,
        others: Sequence[str],
        seed: int,
        rate: float,
        habits: Habits | None = None,
    ) -> None:
        super().__init__(name=f"user of {node.name}", daemon=True)
        self._node = node
        self._others = others
        self._rng = Random(f"user {seed} {node.name}")
        self._rate = rate
        self._habits = habits or Habits()
        self._run = f"{seed:x}"
        self._numbers: dict[str, int] = {}
        self._halt = threading.Event()
        self._give_up = threading.Event()
        self.sent: list[Sent] = []
        """All that was asked for, with its answer; complete when the thread has ended."""
        self.failure: BaseException | None = None
        """What ended the thread, if not we."""

    def stop(self) -> None:
        """Begin no more messages, and finish the one that waits for an answer."""
        self._halt.set()

    def give_up(self) -> None:
        """Let it be unknown."""
        self._halt.set()
        self._give_up.set()

    def run(self) -> None:
        """Until stopped."""
        try:
            while not self._halt.wait(self._rng.expovariate(self._rate)):
                self._one()
        except BaseException as error:  # noqa: BLE001 - reported by whoever waits for us
            self.failure = error
        finally:
            self._node.close()

    def _one(self) -> None:
        rng = self._rng
        to = EVERYBODY if rng.random() < self._habits.broadcasts else rng.choice(self._others)
        number = self._numbers[to] = self._numbers.get(to, 0) + 1
        message = f"{self._run}-{self._node.name}-{len(self.sent) + 1}"
        text = f"{message} to {to}: {rng.choice(STRANGE)}"
        if rng.random() < self._habits.long:
            text += " long" * (LONG_TEXT // 5)
        body: dict[str, Any] = {"id": message, "msg": text}
        if to != EVERYBODY:
            body |= {"to": self.address(to), "route": rng.choice(self._habits.routes)}
            if rng.random() < self._habits.short_lived:
                body["ttl_seconds"] = rng.randint(*SHORT_TTL)
        asked = time.time()
        accepted, refused = self._until_known("/broadcast" if to == EVERYBODY else "/send", body)
        self.sent.append(Sent(message, self._node.name, to, text, number, asked, accepted, refused))

    def address(self, name: str) -> str:
        """How a receiver is called at this node."""
        return name

    def _until_known(self, path: str, body: dict[str, Any]) -> tuple[float | None, str | None]:
        """When it was accepted, or why it was refused; neither where it stays unknown."""
        while True:
            pause = AGAIN
            try:
                answer = self._node.post(path, body)
            except NoAnswerError:
                pass
            else:
                if answer.status == 202:
                    return time.time(), None
                if answer.status not in NOT_NOW:
                    return None, answer.error
                pause = max(AGAIN, min(answer.retry_after or 0.0, 2.0))
            if self._give_up.wait(pause):
                return None, None
