"""Failure detection: who does not answer, and when that means death.

Theory of operation (SWIM, Das et al. 2002; Lifeguard, Dadgar et al. 2017). No clock can
tell a dead node from a slow one, so there are two speeds. That *a link is down* is a
matter between two nodes: it is found out within seconds and costs nothing but another
link. That *a member is dead* concerns everybody, so it takes longer and can be disputed.

1. Any batch from a member is a sign of life. A link from which nothing came for a while is
   pinged: a round of comparing notes (`gossip`) is a ping.
2. No answer in half a second: three others are asked to try, first of all the member's
   own links, as it told us. They talk to it already, and must know of its death as well.
3. Nobody got an answer: the link is replaced, and the member is *suspected*. Everybody
   hears of it, the suspect itself first, its other links next, who ping it at once.
4. A living suspect refutes: it raises its incarnation, and its new record beats the
   suspicion wherever it arrives (`members`).
5. A suspect that does not refute within 4 · log10(N) seconds is *dead*. Every node that
   heard of the suspicion runs this clock by itself, so all come to the same end; hearsay
   that somebody is dead starts the clock and does not replace it.

*Who accuses may be at fault itself.* A node that was paused, or that gets no time on a busy
machine, finds all its questions unanswered. It knows it by its own timers: they are late.
So each node keeps a mark of its own health from 0 to 7. It gets worse when a timer is late,
when a helper does not answer, when others reached whom we did not, and when we have to
refute; each answer in time makes it better. Where not even the helpers took our question,
nobody is accused: it is our own wire that is cut. All patience is multiplied by 1 + mark, and
what was missed while we slept does not count at all.

*Strangers.* Who is no link of ours is asked now and then all the same, by chance. Where such a
member stays silent and the links lead to it, it is left to its own: they ping it every few
seconds and will notice its death, whereas we may only be a pair that cannot talk. On a machine
whose table of neighbours is full (`strangers`) there always is such a pair, and to accuse each
other was what kept the table full.

*Flapping.* Where a member refutes what we accused it of, the way between us is at fault. We
leave it to others for ten seconds, then twenty, forty, … (memberlist leaves this to chance;
consul#916 shows what comes of it).

What goes in: answers and silences, records that turn to suspicion, timers.
What comes out: the seconds of timers to set, and verdicts.
"""

import math
from typing import Final, Literal

import msgspec

from node.overlay.config import Config

Verdict = Literal["probe", "suspect"]

MOST_ASKERS: Final = 16
"""Members that wait for our word on one other [guess: it has eight links]."""
MOST_PROBED: Final = 64
"""Members that we try for others at the same time [guess]."""
MOST_ACQUITTED: Final = 64
"""Members whose refutations of our accusations are remembered [guess]."""
FORGIVEN: Final = 300.0
"""Seconds after which an old refutation is forgotten [guess]."""


class Ping(msgspec.Struct):
    """A question that a link has not answered yet."""

    since: float
    helpers: tuple[str, ...] = ()
    """Who was asked to try; empty where nobody was yet."""
    waited: bool = False
    """Somebody else asked us about it, has helpers, and will tell what came of it."""
    helped: bool = False
    """Whether any of them so much as took our question."""


class Acquittal(msgspec.Struct):
    """A member that refuted what we said of it."""

    times: int
    at: float
    until: float


class Detector:
    """Counts silences, knows which suspicions run, and how far to trust itself."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._silences: dict[str, int] = {}
        self._suspected: dict[str, tuple[int, int]] = {}
        self._since: dict[str, tuple[float, float]] = {}
        self._pings: dict[str, Ping] = {}
        self._askers: dict[str, set[str]] = {}
        self._accused: dict[str, float] = {}
        self._acquitted: dict[str, Acquittal] = {}
        self.health = 0
        """Our own: 0 is well, 7 is as bad as it gets."""
        self._woke = float("-inf")

    # --- how far to trust ourselves ------------------------------------------------------

    def worse(self, by: int = 1) -> None:
        """Something speaks against us."""
        self.health = min(self._config.health_most, self.health + by)

    def better(self) -> None:
        """An answer in time."""
        self.health = max(0, self.health - 1)

    def was_late(self, by: float, now: float) -> None:
        """A timer ran out so many seconds late: we slept, or starved."""
        self.worse(1 + int(by / self._config.late))
        self._woke = now

    def just_woke(self, now: float) -> bool:
        """Whether what we miss now was missed in our sleep."""
        return now - self._woke < self.ping_timeout()

    def ping_timeout(self) -> float:
        """Seconds until an answer is missed."""
        return self._config.ping_timeout * (1 + self.health)

    # --- pings ---------------------------------------------------------------------------

    def pinged(self, member: str, now: float) -> float | None:
        """A question to a link. Returns the seconds of a timer, None where one runs."""
        if member in self._pings:
            return None
        self._pings[member] = Ping(now)
        return self.ping_timeout()

    def unanswered(self, member: str) -> Ping | None:
        """The question that a member has not answered yet."""
        return self._pings.get(member)

    def heard(self, member: str) -> None:
        """A sign of life; a running suspicion stays until the member itself refutes it.

        A ping stays open: what we heard does not prove that it can hear us.
        """
        self._silences.pop(member, None)

    def answered(self, member: str) -> bool:
        """An answer: both ways work. Returns whether a timer ran for it."""
        self.heard(member)
        for ping in self._pings.values():
            ping.helped |= member in ping.helpers
        if self._pings.pop(member, None) is None:
            return False
        self.better()
        return True

    def given_up(self, member: str) -> None:
        """No answer came, nor will we wait for one."""
        self._pings.pop(member, None)

    def helper_silent(self, helper: str) -> None:
        """Whoever should try for us does not answer either: that speaks against ourselves."""
        if any(helper in ping.helpers for ping in self._pings.values()):
            self.worse()

    def silent(self, member: str) -> Verdict:
        """A request to one who is no link went unanswered: ask again, or suspect."""
        count = self._silences.get(member, 0) + 1
        self._silences[member] = count
        return "suspect" if count >= self._config.failures_to_suspect else "probe"

    def left_to_others(self, member: str) -> None:
        """A silent one that is no link of ours, but of others: count its silences anew."""
        self._silences.pop(member, None)

    # --- trying for others -----------------------------------------------------------------

    def tries_for(self, asker: str, member: str) -> bool:
        """Somebody wants to know whether a member answers us. False where it is too much."""
        askers = self._askers.get(member)
        if askers is None:
            if len(self._askers) >= MOST_PROBED:
                return False
            askers = self._askers[member] = set()
        if len(askers) >= MOST_ASKERS:
            return False
        askers.add(asker)
        return True

    def is_asked_about(self, member: str) -> bool:
        """Whether somebody waits for our word on a member."""
        return member in self._askers

    def askers(self, member: str) -> list[str]:
        """It answered, or never will: who wanted to know."""
        return sorted(self._askers.pop(member, ()))

    # --- suspicion -----------------------------------------------------------------------

    def may_accuse(self, member: str, now: float) -> bool:
        """Whether our word counts: not when we just woke, nor soon after a refutation."""
        acquittal = self._acquitted.get(member)
        return not self.just_woke(now) and (acquittal is None or now >= acquittal.until)

    def accused(self, member: str, now: float) -> None:
        """We ourselves suspect a member."""
        self._accused[member] = now

    def refuted(self, member: str, now: float) -> None:
        """A member is alive again. Where it was we who accused it, we hold back longer."""
        if self._accused.pop(member, None) is None:
            return
        self.worse()
        before = self._acquitted.pop(member, None)
        times = 1 if before is None or now - before.at > FORGIVEN else before.times + 1
        pause = min(self._config.acquittal * 2 ** min(times - 1, 10), FORGIVEN)
        self._acquitted[member] = Acquittal(times, now, now + pause)
        while len(self._acquitted) > MOST_ACQUITTED:
            del self._acquitted[next(iter(self._acquitted))]

    def suspect(self, member: str, version: tuple[int, int], members: int, now: float) -> float:
        """Start the clock of a suspicion at (epoch, incarnation); returns its seconds."""
        self._suspected[member] = version
        patience = self._config.suspicion_factor * math.log10(max(members, 2))
        patience = max(patience, self._config.suspicion_least)
        self._since[member] = (now, patience)
        return patience * (1 + self.health)

    def convicted(self, member: str, version: tuple[int, int]) -> bool:
        """Whether a clock that ran out still means anything: nothing was refuted since."""
        return self._suspected.get(member) == version

    def had_its_chance(self, member: str, version: tuple[int, int], now: float) -> bool:
        """Whether others' verdict may be taken over: half the time to refute is over.

        Our own health does not count here. It says how far to trust what *we* missed; did it
        make us doubt the others as well, the last of a hundred would hear of a death 23 s
        after it [simulated, at 5 % loss; 11 with this].
        """
        since, patience = self._since.get(member, (now, 1.0))
        return self._suspected.get(member) == version and now - since >= patience / 2

    def no_doubt(self, member: str) -> None:
        """It refuted, or started again, or is gone."""
        self._silences.pop(member, None)
        self._suspected.pop(member, None)
        self._since.pop(member, None)

    def gone(self, member: str) -> None:
        """It is dead, or left."""
        self.no_doubt(member)
        self._pings.pop(member, None)
        self._askers.pop(member, None)
        self._accused.pop(member, None)
