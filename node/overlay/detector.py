"""Failure detection: who does not answer, and when that means death.

Theory of operation (after SWIM, section 4). No clock can tell a dead node from a slow one,
so a node is never declared dead at the first silence:

1. Any answer is a sign of life and clears all doubt.
2. A member that leaves two requests unanswered is *suspected*. Everybody hears of it, the
   suspect itself first.
3. A living suspect refutes: it raises its incarnation, and its new record beats the
   suspicion wherever it arrives (`members`).
4. A suspect that does not refute within 4 · log10(N) seconds is *dead*. Every node that
   heard of the suspicion runs this clock by itself, so all come to the same end.

What goes in: answers and silences, records that turn to suspicion, timers.
What comes out: timers to set, and the verdicts `suspect` and `dead`.
"""

import math
from typing import Literal

from node.overlay.config import Config

Verdict = Literal["probe", "suspect"]


class Detector:
    """Counts silences; knows which suspicions run."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._silences: dict[str, int] = {}
        self._suspected: dict[str, tuple[int, int]] = {}

    def alive(self, member: str) -> None:
        """An answer, or a record that refutes."""
        self._silences.pop(member, None)
        self._suspected.pop(member, None)

    def answered(self, member: str) -> None:
        """A sign of life; a running suspicion stays until the member itself refutes it."""
        self._silences.pop(member, None)

    def silent(self, member: str) -> Verdict:
        """One more request without an answer: ask again, or suspect."""
        count = self._silences.get(member, 0) + 1
        self._silences[member] = count
        return "suspect" if count >= self._config.failures_to_suspect else "probe"

    def suspect(self, member: str, version: tuple[int, int], members: int) -> float:
        """Start the clock of a suspicion at (epoch, incarnation); returns its seconds."""
        self._suspected[member] = version
        patience = self._config.suspicion_factor * math.log10(max(members, 2))
        return max(patience, self._config.suspicion_least)

    def convicted(self, member: str, version: tuple[int, int]) -> bool:
        """Whether a clock that ran out still means anything: nothing was refuted since."""
        return self._suspected.get(member) == version

    def forget(self, member: str) -> None:
        """Drop all that is known of a member that is gone."""
        self.alive(member)
