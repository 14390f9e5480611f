"""Journeys: our own messages under way over the links, until they are acknowledged.

Theory of operation. The origin alone remembers a message on its way, and it alone repairs:
end to end, since whoever is in between may die, forget or lie (Saltzer, Reed, Clark 1984).
A journey is made of *legs*, each the message leaving once:

1. over the link that is nearest to the receiver (`nexthop`). No acknowledgement within two
   seconds, or more where they take long (`patience`), or somebody who says that he is stuck,
   ends the leg;
2. over another first hop, and another one: three that the map of links names;
3. then a flood asks the links for ways (`floods`), and the message takes those it found;
4. after that the journey has failed, and `delivery` keeps the message and comes again later.

*An answer is believed only where it carries the journey's token*, a number that is drawn for
each journey and travels with the message. So nobody reports a message delivered who never had
it in hands, not even where anybody can speak in anybody's name; the message's id would not
do, as ids are told to whoever watches.

*Overtaken.* The receiver takes nothing that stands before a later message of ours, since it
may be an old copy that was held up somewhere, of a message that we gave up meanwhile. Should
somebody have used too high a number in our name, this message is no old copy: we know that,
as it is the oldest on its lane, and insist, once a journey.

What goes in: messages to send, acknowledgements, ways found, lost links, one timer.
What comes out: `Left` and `Ended`, to `delivery`.
Timers: `route`, one for all, at the earliest deadline.
"""

from collections.abc import Callable
from math import inf
from random import Random
from typing import Final, Literal

import msgspec

from contract.limits import MAX_AVOIDED
from node.overlay.config import Config
from node.overlay.floods import ANSWERS, Floods
from node.overlay.frames import Acknowledged, Found, Record
from node.overlay.linkstate import LinkState
from node.overlay.members import Members
from node.overlay.nexthop import NextHop
from node.overlay.outputs import Launch
from node.overlay.patience import Patience

_TOKENS: Final = 2**53
"""JSON's whole numbers are exact below this (RFC 8259, section 6)."""


class Left(msgspec.Struct, frozen=True):
    """A message of our own leaves on a leg; `launch` lacks the attempt's number."""

    launch: Launch
    why: str
    """What became of the attempt before this one; empty on the first."""

    @property
    def message(self) -> str:
        """Its id."""
        return self.launch.message


class Ended(msgspec.Struct, frozen=True):
    """A message of our own has its answer, or there is no way any more."""

    message: str
    outcome: Literal["stored", "refused", "later", "unreachable"]
    reason: str
    hop: int = 1
    path: tuple[str, ...] = ()
    """Where it came by, both ends too, as the receiver says; empty: it does not."""


Tell = Callable[[Left | Ended], None]


class Journey(msgspec.Struct):
    """A message of our own under way."""

    message: str
    to: str
    token: int
    why: str
    """What became of the last attempt, a call perhaps; empty: there was none."""
    until: float = 0.0
    """When patience with this leg, or with the flood, is over."""
    tried: list[str] = msgspec.field(default_factory=list)
    """First hops that the map named."""
    via: str = ""
    """The first hop of the leg under way; empty while a flood looks for one."""
    left: dict[str, float] = msgspec.field(default_factory=dict)
    """When it left, by first hop."""
    way: tuple[str, ...] = ()
    insist: bool = False
    flood: int = 0
    """Its number; 0: none yet."""
    ways: list[tuple[str, ...]] = msgspec.field(default_factory=list)
    """Found by the flood, from the first hop to the receiver; not yet taken."""
    starts: set[str] = msgspec.field(default_factory=set)
    """First hops of all that it found."""


class Journeys:
    """All of them: at most one for each receiver, as `lanes` have it."""

    def __init__(
        self,
        config: Config,
        rng: Random,
        members: Members,
        map_: LinkState,
        hops: NextHop,
        floods: Floods,
        set_timer: Callable[[str, float], None],
        tell: Tell,
    ) -> None:
        self._config = config
        self._rng = rng
        self._members = members
        self._map = map_
        self._hops = hops
        self._floods = floods
        self._set_timer = set_timer
        self._tell = tell
        self._patience = Patience(config.route_within, config.route_within_most)
        self._journeys: dict[str, Journey] = {}
        self._due = inf  # when the timer runs out
        self.unasked = 0
        """Answers that nobody waits for: late ones, or of what was never sent."""
        self.forged = 0
        """Answers without the token of the message that they are of."""

    def __len__(self) -> int:
        return len(self._journeys)

    # --- begin and end ---------------------------------------------------------------------

    def begin(self, message: str, to: Record, why: str, now: float) -> str:
        """Let a stored message leave. Returns what hinders it, or nothing: its end will be told.

        `why`: what became of a call before it.
        """
        if not self._map.used:
            return "so large a network keeps no map to route by"
        if to.state not in {"alive", "suspect"}:
            return f"the receiver is {to.state}"
        token = self._rng.randrange(1, _TOKENS)
        journey = self._journeys[message] = Journey(message, to.id, token, why)
        if self._onward(journey, now):
            return ""
        del self._journeys[message]
        return "no link leads to the receiver"

    def forget(self, message: str) -> None:
        """It came to its end otherwise."""
        self._journeys.pop(message, None)

    def _again(self, journey: Journey, why: str, now: float) -> None:
        """Try the next way, or give up for now."""
        journey.why = why
        if not self._onward(journey, now):
            del self._journeys[journey.message]
            self._tell(Ended(journey.message, "unreachable", why))

    # --- legs ------------------------------------------------------------------------------

    def _onward(self, journey: Journey, now: float) -> bool:
        """Let it leave on the next way that there is. False where there is none."""
        journey.via = ""
        if len(journey.tried) < self._config.route_tries:
            via = self._hops.nearest(journey.to, journey.tried, now)
            if via is not None:
                journey.tried.append(via.id)
                self._leaves(journey, via, (), now)
                return True
        journey.ways.sort(key=lambda way: self._hops.lost_one(way[0], now))
        while journey.ways:
            first, *rest = journey.ways.pop(0)
            via = self._hops.link(first)
            if via is not None:
                self._leaves(journey, via, tuple(rest), now)
                return True
        return self._seek(journey, now)

    def _leaves(self, journey: Journey, via: Record, way: tuple[str, ...], now: float) -> None:
        journey.via, journey.way = via.id, way
        journey.left[via.id] = now
        self._wait(journey, self._patience.seconds, now)
        avoid = dict.fromkeys((*journey.tried, *self._hops.losers(now)))
        avoid.pop(via.id, None)
        launch = Launch(
            message=journey.message,
            to=journey.to,
            url=via.url,
            via=via.id,
            token=journey.token,
            way=way,
            avoid=tuple(avoid)[:MAX_AVOIDED],
            insist=journey.insist,
        )
        self._tell(Left(launch, journey.why))

    def _seek(self, journey: Journey, now: float) -> bool:
        """Let a flood look for ways, once a journey. False where that cannot be."""
        number = 0 if journey.flood else self._floods.begin(journey.to, now)
        if not number:
            return False
        journey.flood = number
        self._wait(journey, self._config.discover_within, now)
        return True

    # --- what happens ----------------------------------------------------------------------

    def acknowledged(self, link: Record, frame: Acknowledged, now: float) -> None:
        """What became of a message of ours, it is said."""
        journey = self._journeys.get(frame.message)
        if journey is None:
            self.unasked += 1  # it has its answer already, or was never sent
            return
        if frame.token != journey.token:
            self.forged += 1
            return
        if frame.outcome == "stuck":
            if link.id == journey.via:  # else it is of a leg that we have given up
                self._again(journey, "somebody on the way knew no way on", now)
        elif frame.outcome == "overtaken":
            if not journey.insist:
                journey.insist = True
                self._insist(journey, now)
        else:
            self._hops.trust(journey.via)
            del self._journeys[frame.message]
            reason = "" if frame.outcome == "stored" else f"the receiver answered {frame.outcome}"
            ours = frame.path[:1] == (self._members.own.id,)
            if ours:
                first, *_ = *frame.path[1:], journey.to
                self._patience.answered(now - journey.left.get(first, now))
            path = (*frame.path, journey.to) if ours else ()
            self._tell(Ended(frame.message, frame.outcome, reason, frame.hop, path))

    def _insist(self, journey: Journey, now: float) -> None:
        journey.why = "the receiver took it for an old copy"
        via = self._hops.link(journey.via)
        if via is not None:
            self._leaves(journey, via, journey.way, now)
        else:
            self._again(journey, journey.why, now)

    def found(self, frame: Found, now: float) -> None:
        """The flood has met the one that it looked for, it is said."""
        journey = next((j for j in self._journeys.values() if j.flood == frame.number), None)
        if journey is None or not self._is_way(frame.way, journey):
            self.unasked += 1
            return
        journey.starts.add(frame.way[1])
        journey.ways.append(frame.way[1:])
        if not journey.via:
            self._again(journey, journey.why, now)

    def _is_way(self, way: tuple[str, ...], journey: Journey) -> bool:
        """Whether this can be a way there, over one of our links, and is not one too many.

        One for each first hop, and few: a liar may answer again and again.
        """
        return (
            len(journey.starts) < ANSWERS
            and way[1] not in journey.starts
            and way[0] == self._members.own.id
            and way[-1] == journey.to
            and len(set(way)) == len(way)
            and self._hops.link(way[1]) is not None
        )

    def link_down(self, link: str, now: float) -> None:
        """A link is gone: what went over it may be lost."""
        for journey in [j for j in self._journeys.values() if j.via == link]:
            self._again(journey, "the link to the first hop is gone", now)

    # --- patience --------------------------------------------------------------------------

    def _wait(self, journey: Journey, patience: float, now: float) -> None:
        journey.until = now + patience
        self._look_at(journey.until, now)

    def _look_at(self, then: float, now: float) -> None:
        """Have the timer run out by then."""
        if then < self._due:
            self._due = then
            self._set_timer("route", max(0.0, then - now))

    def ran_out(self, now: float) -> None:
        """Somebody's patience may be over."""
        self._due = inf
        for journey in [j for j in self._journeys.values() if j.until <= now]:
            if journey.via:
                self._hops.distrust(journey.via, now)
                self._again(journey, "no acknowledgement in time", now)
            else:
                self._again(journey, "nobody found a way", now)
        self._look_at(min((j.until for j in self._journeys.values()), default=inf), now)
