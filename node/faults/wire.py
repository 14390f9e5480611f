"""What happens to requests and answers on their way between two nodes.

Theory of operation. An exchange has two *legs*: a request, and its answer. Which way each goes
depends on who asks:

                    leg "out" of this node      leg "in" to this node
    we ask B        our request                 B's answer
    B asks us       our answer                  B's request

A fault has a direction, and acts on each leg that goes that way, by itself. So `drop` `out` to B
loses our requests, which never leave, and our answers, after we did what B asked for: who asked
cannot tell one from the other, and asks again. That is why whoever delivers at least once must
recognise what he has already.

*Lost is silent.* Our own request that is lost, or whose answer is, ends when our patience does,
as if nobody were there. Somebody else's is held, and its connection is closed without a word
after its sender has given up. The same goes for a peer that ends: the packet that says so may
be lost, too.

*Late is not lost.* What comes after its sender has given up still comes, and is acted upon.

*What TCP hides.* It hands bytes over once and in order. So what is doubled here is the whole
request, and what is held back is overtaken by what goes over other connections.

*Frozen* is what SIGSTOP looks like to others: no request is taken, no answer leaves, none that
came is looked at, no timer runs. What came meanwhile is handled afterwards, as a kernel would
have kept it.

All that waits is bounded. Where more requests than that are held, the one that came first is
given up: its sender has hung up long ago.
"""

import contextlib
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, Protocol, TypeVar

import msgspec

from contract.errors import ApiError
from node.connections import ANSWER_TIMEOUT, CONNECT_TIMEOUT, NoAnswerError, Reply
from node.faults.kinds import Fault
from node.unanswered import UnansweredError

T = TypeVar("T")
Leg = Literal["out", "in"]

HELD: Final = 2.5 * ANSWER_TIMEOUT
"""Seconds for which a lost request of somebody else is held: who waits as long as our own
nodes do has given up by then [guess: and a person with a `curl` soon after]."""
MOST_HELD: Final = 256
"""Requests of others that wait at the same time [guess: a node with eight links gets some ten
in the four seconds that their senders wait; a quarter of the connections that it serves]."""
MOST_LATE: Final = 64
"""Requests of ours that are on their way after we gave up, or a second time [guess]."""
HEADERS: Final = 200
"""Bytes of a request or an answer besides its body [measured: 160 to 230]."""


class Fate(msgspec.Struct):
    """What becomes of one leg."""

    lost: bool = False
    delay: float = 0.0
    twice: bool = False


class Effect(Protocol):
    """What one fault does to a leg."""

    def touch(self, fate: Fate, leg: Leg, size: int) -> None:
        """Make it worse."""


class Drop:
    """Loses legs, each with the same probability."""

    def __init__(self, values: Mapping[str, Any], chance: random.Random) -> None:
        self._probability: float = values["probability"]
        self._chance = chance

    def touch(self, fate: Fate, _leg: Leg, _size: int) -> None:
        """Lose it, or not."""
        if self._chance.random() < self._probability:
            fate.lost = True


class Delay:
    """Makes legs late."""

    TRIES: Final = 16

    def __init__(self, values: Mapping[str, Any], chance: random.Random) -> None:
        self._mean: float = values["mean_ms"] / 1_000
        self._jitter: float = values["jitter_ms"] / 1_000
        self._normal = values["distribution"] == "normal"
        self._chance = chance

    def touch(self, fate: Fate, _leg: Leg, _size: int) -> None:
        """Add a delay."""
        fate.delay += self.seconds()

    def seconds(self) -> float:
        """Around the mean: evenly within the jitter, or normal with it as standard deviation.

        A delay cannot be negative. Cut off at nought alone, the mean would grow; so a normal one
        is drawn again until it lies between nought and twice the mean.
        """
        if not self._jitter:
            return self._mean
        if not self._normal:
            return self._mean + self._jitter * (2 * self._chance.random() - 1)
        for _ in range(self.TRIES):
            drawn = self._chance.gauss(self._mean, self._jitter)
            if 0 <= drawn <= 2 * self._mean:
                return drawn
        return self._mean


class Duplicate:
    """Has requests arrive twice."""

    def __init__(self, values: Mapping[str, Any], chance: random.Random) -> None:
        self._probability: float = values["probability"]
        self._chance = chance

    def touch(self, fate: Fate, _leg: Leg, _size: int) -> None:
        """Double it, or not."""
        if self._chance.random() < self._probability:
            fate.twice = True


class Reorder:
    """Holds some legs back, so that others overtake them."""

    def __init__(self, values: Mapping[str, Any], chance: random.Random) -> None:
        self._probability: float = values["probability"]
        self._mean: float = values["mean_ms"] / 1_000
        self._chance = chance

    def touch(self, fate: Fate, _leg: Leg, _size: int) -> None:
        """Hold it back for half to one and a half of the mean, or not."""
        if self._chance.random() < self._probability:
            fate.delay += self._mean * (0.5 + self._chance.random())


class Throttle:
    """Lets so many bytes a second through, each way; what comes too fast waits in line.

    The line is as long as somebody would wait for an answer; what comes then is lost, as in a
    router whose buffer is full.
    """

    def __init__(
        self, values: Mapping[str, Any], _chance: random.Random, clock: Callable[[], float]
    ) -> None:
        self._rate: float = values["bytes_per_second"]
        self._clock = clock
        self._free = {"out": 0.0, "in": 0.0}

    def touch(self, fate: Fate, leg: Leg, size: int) -> None:
        """Have it wait for its turn, and for its bytes."""
        if fate.lost:
            return  # it takes no room behind
        now = self._clock()
        begins = max(now, self._free[leg])
        if begins - now > ANSWER_TIMEOUT:
            fate.lost = True
            return
        self._free[leg] = begins + (size + HEADERS) / self._rate
        fate.delay += self._free[leg] - now


class Rule(msgspec.Struct):
    """One fault at work: whom and which legs it touches, and how."""

    members: frozenset[str] | None
    urls: frozenset[str]
    """Where they lived when it was set: whoever comes there instead is meant, too."""
    legs: tuple[Leg, ...]
    effect: Effect


def rule(
    fault: Fault, chance: random.Random, clock: Callable[[], float] = time.monotonic
) -> Rule | None:
    """A fault as a rule of the wire; None for those that are done to the node."""
    effect: Effect
    match fault.kind:
        case "drop":
            effect = Drop(fault.values, chance)
        case "delay":
            effect = Delay(fault.values, chance)
        case "duplicate":
            effect = Duplicate(fault.values, chance)
        case "reorder":
            effect = Reorder(fault.values, chance)
        case "throttle":
            effect = Throttle(fault.values, chance, clock)
        case _:
            return None
    peers = fault.peers
    return Rule(
        None if peers is None else frozenset(peer.id for peer in peers),
        frozenset(peer.url for peer in peers or ()),
        ("out", "in") if fault.direction == "both" else (fault.direction,),
        effect,
    )


class _Place:
    """Where a request of somebody else waits."""

    __slots__ = ("frozen", "given_up", "woken")

    def __init__(self, *, frozen: bool) -> None:
        self.woken = threading.Event()
        self.frozen = frozen
        self.given_up = False


class Wire:
    """All rules of now, and all that waits because of them.

    `url_of` tells where a member lives; None where it is not known.
    """

    def __init__(self, url_of: Callable[[str], str | None]) -> None:
        self.rules: tuple[Rule, ...] = ()
        self._url_of = url_of
        self._lock = threading.Lock()
        self._places: deque[_Place] = deque()
        self._thawed = threading.Event()
        self._thawed.set()
        self._late = 0

    # --- frozen --------------------------------------------------------------------------

    @property
    def frozen(self) -> bool:
        """Whether nothing moves."""
        return not self._thawed.is_set()

    def freeze(self) -> None:
        """Let nothing move."""
        with self._lock:
            self._thawed.clear()

    def thaw(self) -> None:
        """Go on with all that waits."""
        with self._lock:
            self._thawed.set()
            for place in self._places:
                if place.frozen:
                    place.woken.set()

    def wait_thawed(self) -> bool:
        """Wait here while nothing moves; whether that was so. For what is our own."""
        if self._thawed.is_set():
            return False
        self._thawed.wait()
        return True

    # --- what we ask ---------------------------------------------------------------------

    def ask(
        self,
        url: str,
        size: int,
        patience: float,
        *,
        connected: bool,
        send: Callable[[float], Reply],
    ) -> Reply:
        """Send a request of ours, as far as it gets. Raises NoAnswerError.

        `send` does it and waits for the answer for some seconds; `connected` says whether a
        connection is open already.
        """
        self.wait_thawed()
        began = time.monotonic()
        going = self._fate("out", None, url, size)
        if going.lost or going.delay >= patience:
            if not going.lost:
                self._send_later(going.delay, send)
            if connected or not going.lost:
                raise self._silence(began, patience)
            raise self._silence(began, CONNECT_TIMEOUT, "no connection in time")
        if going.delay:
            time.sleep(going.delay)
        try:
            reply = send(patience - going.delay)
        except NoAnswerError as error:
            # "Nothing listens" and "it broke" are packets, too. A silence stays one.
            self._may_hear(url, began, patience, error)
            raise
        if going.twice:
            self._send_later(0.0, send)
        coming = self._fate("in", None, url, len(reply.body))
        late = self.wait_thawed() and time.monotonic() - began > patience
        if coming.lost or late or time.monotonic() - began + coming.delay > patience:
            raise self._silence(began, patience)
        if coming.delay:
            time.sleep(coming.delay)
        return reply

    def hears_end(self, url: str) -> bool:
        """Whether it gets to us that a peer closed a connection. Waits while nothing moves."""
        self.wait_thawed()
        return not self._fate("in", None, url, 0).lost

    def _may_hear(self, url: str, began: float, patience: float, error: NoAnswerError) -> None:
        """Turn a bad answer that is lost into a silence."""
        self.wait_thawed()
        if self._fate("in", None, url, 0).lost:
            if error.refused:
                raise self._silence(began, CONNECT_TIMEOUT, "no connection in time") from error
            raise self._silence(began, patience) from error

    def _silence(
        self, began: float, patience: float, why: str = "no answer in time"
    ) -> NoAnswerError:
        """Wait until nobody would wait any longer."""
        time.sleep(max(0.0, began + patience - time.monotonic()))
        self.wait_thawed()
        return NoAnswerError(why)

    def _send_later(self, seconds: float, send: Callable[[float], Reply]) -> None:
        """Send what nobody waits for any more."""
        with self._lock:
            if self._late >= MOST_LATE:
                return  # lost on the way, as more than a network holds is
            self._late += 1
        threading.Thread(target=self._late_one, args=(seconds, send), daemon=True).start()

    def _late_one(self, seconds: float, send: Callable[[float], Reply]) -> None:
        try:
            time.sleep(seconds)
            self.wait_thawed()
            with contextlib.suppress(NoAnswerError):  # nobody waits for it
                send(ANSWER_TIMEOUT)
        finally:
            with self._lock:
                self._late -= 1

    # --- what we are asked ------------------------------------------------------------------

    def serve(
        self,
        member: str | None,
        url: str | None,
        size: int,
        act: Callable[[], T],
        weigh: Callable[[T], int] = lambda _: 0,
    ) -> T:
        """Do what somebody asks for, and let the answer leave, as far as that gets.

        `member` and `url` are who asks, as far as that is known. Raises UnansweredError where
        nothing is to be answered, and what `act` raises.
        """
        self.wait_taken()
        coming = self._fate("in", member, url, size)
        if coming.lost:
            self._lose()
        self._delay(coming.delay)
        outcome = _acted(act)
        if coming.twice:
            _acted(act)  # its answer is lost: who asked had one
        self.wait_taken()
        size = 0 if isinstance(outcome, ApiError) else weigh(outcome)
        going = self._fate("out", member, url, size)
        if going.lost:
            self._lose()
        self._delay(going.delay)
        if isinstance(outcome, ApiError):
            raise outcome
        return outcome

    def wait_taken(self) -> None:
        """Wait here while nothing moves. For requests of others, of which there may be many."""
        while not self._thawed.is_set():
            self._wait(None, frozen=True)

    def _lose(self) -> None:
        self._wait(HELD)
        raise UnansweredError

    def _delay(self, seconds: float) -> None:
        if seconds:
            self._wait(seconds)

    def _wait(self, seconds: float | None, *, frozen: bool = False) -> None:
        """Take a place, and wait there. Raises UnansweredError where others need it."""
        place = _Place(frozen=frozen)
        with self._lock:
            if frozen and self._thawed.is_set():
                return
            while len(self._places) >= MOST_HELD:
                first = self._places.popleft()
                first.given_up = True
                first.woken.set()
            self._places.append(place)
        place.woken.wait(seconds)
        with self._lock, contextlib.suppress(ValueError):  # where it was given up it is gone
            self._places.remove(place)
        if place.given_up:
            raise UnansweredError

    # --- the rules ---------------------------------------------------------------------------

    def _fate(self, leg: Leg, member: str | None, url: str | None, size: int) -> Fate:
        fate = Fate()
        for one in self.rules:
            if leg in one.legs and self._is_meant(one, member, url):
                one.effect.touch(fate, leg, size)
        return fate

    def _is_meant(self, one: Rule, member: str | None, url: str | None) -> bool:
        if one.members is None or member in one.members:
            return True
        if url is None and member is not None:
            url = self._url_of(member)
        if url is None:
            return False  # who does not say who he is is nobody in particular
        return url in one.urls or any(self._url_of(meant) == url for meant in one.members)


def _acted(act: Callable[[], T]) -> T | ApiError:
    """What came of it: a refusal is an answer, too."""
    try:
        return act()
    except ApiError as error:
        return error
